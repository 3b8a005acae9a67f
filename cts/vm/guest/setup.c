/* SPDX-License-Identifier: MIT */
/* What a test expects of a machine: file systems, a user, swap, groups, huge pages. */
#include "guest.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#define SWAP_BYTES "512M"
#define HUGE_PAGES "32"

/* Every folder of a path. */
static void make_folders(const char *path, mode_t mode)
{
	char part[4096];

	for (size_t i = 1; path[i - 1] && i < sizeof(part); i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = 0;
		mkdir(part, mode);
	}
}

static void mount_at(const char *source, const char *folder, const char *type, const char *options)
{
	make_folders(folder, 0755);
	if (mount(source, folder, type, 0, options))
		log_line("mount %s on %s: %m", type, folder);
}

static void bind(const char *from, const char *to)
{
	make_folders(to, 0755);
	if (mount(from, to, NULL, MS_BIND, NULL))
		log_line("bind %s to %s: %m", from, to);
}

static void mount_kernel(void)
{
	mount_at("proc", "/proc", "proc", NULL);
	mount_at("sys", "/sys", "sysfs", NULL);
	mount_at("dev", "/dev", "devtmpfs", NULL);
	mount_at("pts", "/dev/pts", "devpts", NULL);
	mount_at("shm", "/dev/shm", "tmpfs", "mode=1777");
	mount_at("tmp", "/tmp", "tmpfs", "mode=1777");
	mount_at("debug", "/sys/kernel/debug", "debugfs", "mode=0755");
	mount_at("trace", "/sys/kernel/tracing", "tracefs", NULL);
	if (symlink("/proc/self/fd", "/dev/fd"))
		log_line("/dev/fd: %m");
}

static void load_kernel_modules(void)
{
	char path[512];

	for (size_t i = 0; i < job.module_count; i++) {
		int error;

		snprintf(path, sizeof(path), "/modules/%s", job.modules[i]);
		error = module_load(path, "");
		if (error && error != -EEXIST)
			log_line("%s: %s", path, strerror(-error));
	}
}

/* A program of busybox, silently; for what has no system call. */
static void program(const char *name, const char *first, const char *second, const char *third)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		close(1);
		close(2);
		execlp(name, name, first, second, third, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		log_line("%s failed: %#x", name, status);
}

static void mount_disks(void)
{
	char kmd[4096];

	/* vda is empty, for files that tests map; vdb holds the build and the libraries it needs.
	 */
	mount_at("/dev/vda", "/scratch", "ext4", NULL);
	if (chmod("/scratch", 01777))
		log_line("/scratch: %m");
	bind("/scratch", "/var/tmp");
	if (job.disk) {
		mount_at("/dev/vdb", "/disk", "ext4", NULL);
		bind("/disk/usr", "/usr");
		bind("/disk/lib64", "/lib64");
		bind("/disk/lib", "/lib");
		bind("/disk/build", job.build);
	}
	snprintf(kmd, sizeof(kmd), "%s/kmd", job.build);
	bind("/kmd", kmd);
}

/* Persistent memory, if the command line reserved some: files that are mapped by DAX. */
static void mount_dax(void)
{
	if (access("/dev/pmem0", F_OK))
		return;
	program("mke2fs", "-b", "4096", "/dev/pmem0");
	mount_at("/dev/pmem0", "/dax", "ext4", "dax");
	if (chmod("/dax", 01777))
		log_line("/dax: %m");
}

static void set_up_memory(void)
{
	file_write("/proc/sys/vm/nr_hugepages", HUGE_PAGES);
	file_write("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	if (!file_write("/sys/block/zram0/disksize", SWAP_BYTES))
		return;
	program("mkswap", "/dev/zram0", NULL, NULL);
	if (swapon("/dev/zram0", 0))
		log_line("swapon: %m");
}

/* Fences that user space signals: only tests use them, and they are ordinary users. */
static void open_sw_sync(void)
{
	if (!access("/sys/kernel/debug/sync/sw_sync", F_OK) &&
	    (chmod("/sys/kernel/debug/sync", 0755) ||
	     chmod("/sys/kernel/debug/sync/sw_sync", 0666)))
		log_line("sw_sync: %m");
}

static void give(const char *path)
{
	if (chown(path, USER_ID, USER_ID))
		log_line("chown %s: %m", path);
}

/*
 * The user owns the group "user" and may make groups below it; tests start in
 * "user/test".  That is how a desktop delegates a part of the hierarchy.
 */
static void set_up_groups(void)
{
	static const char *const owned[] = {"", "/cgroup.procs", "/cgroup.subtree_control",
					    "/cgroup.threads"};
	static const char *const groups[] = {"/sys/fs/cgroup/user", "/sys/fs/cgroup/user/test"};
	static const char controllers[] = "+memory +cpuset +pids +cpu";
	char path[256];

	mount_at("cgroup", "/sys/fs/cgroup", "cgroup2", NULL);
	file_write("/sys/fs/cgroup/cgroup.subtree_control", controllers);
	for (size_t i = 0; i < 2; i++) {
		mkdir(groups[i], 0755);
		for (size_t j = 0; j < sizeof(owned) / sizeof(*owned); j++) {
			snprintf(path, sizeof(path), "%s%s", groups[i], owned[j]);
			give(path);
		}
	}
	file_write("/sys/fs/cgroup/user/cgroup.subtree_control", controllers);
}

void set_up_guest(void)
{
	mount_kernel();
	talk_open("/dev/ttyS1");
	load_kernel_modules();
	mount_disks();
	mount_dax();
	set_up_memory();
	set_up_groups();
	open_sw_sync();
	if (sethostname("guest", strlen("guest")))
		log_line("sethostname: %m");
	file_write("/proc/sys/kernel/printk", strcmp(job.mode, "shell") ? "8" : "5");
	file_write("/proc/sys/kernel/sysrq", "1");
	file_write("/proc/sys/kernel/core_pattern", "");
	file_write("/proc/sys/kernel/perf_event_paranoid", "-1");
	file_write("/proc/sys/vm/unprivileged_userfaultfd", "1");
}
