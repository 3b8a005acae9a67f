/* SPDX-License-Identifier: MIT */
/* fork, exec, exit, kill -9 at any instant, and devices that go away: nothing is left, and who can
 * goes on. */
#include "kt.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 64
#define BYTES (PAGES * KT_PAGE)

/*
 * struct life - a client with memory, on the device where it can be
 */
struct life {
	struct kt_vm vm;
	struct kt_queue queue;
	char *p;
};

static void life_open(struct life *l)
{
	kt_vm_open(&l->vm);
	kt_queue_open(&l->queue, &l->vm);
	l->p = kt_anon(BYTES);
	kt_fill(l->p, PAGES, KT_PAGE, 1);
	if (kt_can_migrate(&l->vm))
		KT_EQ(kt_migrate(&l->vm, l->p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, NULL), 0);
}

static struct kt_job start_hammer(struct life *l, uint32_t *stop)
{
	struct kt_op op = {
		.fn = kt_dev_hammer,
		.args = {.p = (uintptr_t)l->p, .stride = KT_PAGE, .b = PAGES, .q = (uintptr_t)stop},
		.width = 2,
		.items = 2,
		.part = 1};

	return kt_start(&l->queue, &op);
}

/* ---- fork and exec -------------------------------------------------- */

/* The child has the files, and nothing that it does with them reaches the parent's memory. */
static void child_uses_files(void *arg)
{
	struct life *l = arg;

	KT_EQ(kt_wrong(l->p, PAGES, KT_PAGE, 1), 0);
	kt_fill(l->p, PAGES, KT_PAGE, 777);
	if (kt_can_migrate(&l->vm)) {
		int err = kt_migrate(&l->vm, l->p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, NULL);

		KT_CHECK(err <= 0);
	}
	KT_EQ(kt_wrong(l->p, PAGES, KT_PAGE, 777), 0);
}

static void fork_files(const void *param)
{
	struct life l;

	(void)param;
	life_open(&l);
	kt_join(kt_fork(child_uses_files, &l));
	KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 1), 0);
	kt_inc(&l.queue, l.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&l.vm);
}

static void read_all(void *arg)
{
	struct life *l = arg;

	KT_EQ(kt_wrong(l->p, PAGES, KT_PAGE, 1), 0);
}

/* Several generations read what lies on the device, at the same time. */
static void fork_many(const void *param)
{
	pid_t children[8];
	struct life l;

	(void)param;
	life_open(&l);
	for (size_t i = 0; i < KT_COUNT(children); i++)
		children[i] = kt_fork(read_all, &l);
	KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 1), 0);
	for (size_t i = 0; i < KT_COUNT(children); i++)
		kt_join(children[i]);
	kt_inc(&l.queue, l.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&l.vm);
}

static void touch_missing(void *arg)
{
	struct life *l = arg;
	unsigned char there;

	KT_CHECK(mincore(l->p, KT_PAGE, &there) == -1 && errno == ENOMEM);
}

static void fork_dontfork(const void *param)
{
	struct life l;

	(void)param;
	life_open(&l);
	KT_SYS(madvise(l.p, BYTES, MADV_DONTFORK));
	kt_join(kt_fork(touch_missing, &l));
	kt_inc(&l.queue, l.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&l.vm);
}

/* fork() while the device writes: the child's copy is one moment's, and stays. */
static void fork_running(const void *param)
{
	struct kt_job job;
	uint32_t *stop;
	struct life l;

	(void)param;
	life_open(&l);
	stop = kt_data(64);
	job = start_hammer(&l, stop);
	for (int i = 0; i < 20; i++) {
		pid_t child = fork();

		KT_CHECK(child >= 0);
		if (child == 0) {
			static uint32_t seen[PAGES];

			for (size_t page = 0; page < PAGES; page++)
				seen[page] = *(volatile uint32_t *)(l.p + page * KT_PAGE);
			kt_sleep_ms(5);
			for (size_t page = 0; page < PAGES; page++)
				KT_EQ(*(volatile uint32_t *)(l.p + page * KT_PAGE), seen[page]);
			_exit(0);
		}
		kt_join(child);
	}
	*stop = 1;
	KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_DONE);
	kt_vm_close(&l.vm);
}

/* After execve() the VM is of an address space that is gone: jobs fail, and all can be closed. */
static void exec_away(const void *param)
{
	struct life l;

	(void)param;
	life_open(&l);
	start_hammer(&l, kt_data(64));
	execl("/bin/true", "true", NULL);
	execl("/bin/busybox", "true", NULL);
	execl("/proc/self/exe", "t_lifecycle", "-l", "nothing", NULL);
	kt_fail("exec: %m");
}

/* The node is handed to somebody else; the owner ends. */
static void owner_ends(const void *param)
{
	struct drm_causeway_vm_destroy destroy;
	int ends[2];
	struct life l;
	uint32_t id;
	pid_t child;

	(void)param;
	KT_SYS(pipe(ends));
	l.vm.fd = -1;
	/* The child is the owner; it passes its file by fork() to a grandchild, which stays. */
	child = fork();
	KT_CHECK(child >= 0);
	if (child == 0) {
		life_open(&l);
		start_hammer(&l, kt_data(64));
		kt_sleep_ms(10);
		if (fork() == 0) {
			struct kt_op op = {.fn = kt_dev_nothing};
			uint32_t status = 0;
			int err;

			while (getppid() == child)
				kt_sleep_ms(1);
			kt_sleep_ms(50);
			err = kt_submit(&l.queue, (void *[]){kt_slot_get(&op)}, 1, &op);
			KT_CHECK(err < 0 || kt_wait(&l.queue, l.queue.last, -1, &status) == 0);
			destroy = (struct drm_causeway_vm_destroy){.vm_id = l.vm.id};
			KT_EQ(kt_ioctl(l.vm.fd, DRM_IOCTL_CAUSEWAY_VM_DESTROY, &destroy), 0);
			id = 1;
			KT_EQ(write(ends[1], &id, sizeof(id)), sizeof(id));
			_exit(0);
		}
		_exit(0);
	}
	kt_join(child);
	KT_EQ(read(ends[0], &id, sizeof(id)), sizeof(id));
}

/* ---- kill ----------------------------------------------------------- */

static void engine_killed(const void *param)
{
	struct kt_job job;
	uint32_t *stop;
	struct life l;
	int status;

	(void)param;
	life_open(&l);
	stop = kt_data(64);
	job = start_hammer(&l, stop);
	kt_sleep_ms(10);
	KT_SYS(kill(l.vm.engine, SIGKILL));
	KT_EQ(waitpid(l.vm.engine, &status, 0), l.vm.engine);
	l.vm.engine = 0;
	KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_LOST);
	/* The process has all its memory, and can see that the engine has gone. */
	for (size_t i = 0; i < PAGES; i++)
		(void)*(volatile uint32_t *)(l.p + i * KT_PAGE);
	KT_EQ(kt_submit(&l.queue, (void *[]){kt_slot_get(&(struct kt_op){.fn = kt_dev_nothing})}, 1,
			&(struct kt_op){.fn = kt_dev_nothing}),
	      -EIO);
	kt_vm_close(&l.vm);
}

/* A victim works in all ways that there are until it is killed. */
static void __attribute__((noreturn)) victim(uint64_t random)
{
	uint32_t round = 0;
	struct life l;

	life_open(&l);
	for (;; round++) {
		struct kt_op op = {.fn = kt_dev_inc,
				   .args = {.p = (uintptr_t)l.p, .stride = KT_PAGE, .a = 1},
				   .items = PAGES};

		switch (kt_random(&random) % 8) {
		case 0:
			kt_run(&l.queue, &op, NULL);
			break;
		case 1:
			kt_migrate(&l.vm, l.p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, NULL);
			break;
		case 2:
			kt_fill(l.p, PAGES, KT_PAGE, round);
			break;
		case 3:
			KT_SYS(mprotect(l.p, BYTES, PROT_READ));
			KT_SYS(mprotect(l.p, BYTES, PROT_READ | PROT_WRITE));
			break;
		case 4:
			kt_unmap(l.p, BYTES);
			l.p = kt_anon(BYTES);
			break;
		case 5:
			kt_advise(&l.vm, l.p, BYTES, DRM_CAUSEWAY_ATTR_LOCATION, round % 3);
			break;
		case 6:
			kt_queue_close(&l.queue);
			kt_queue_open(&l.queue, &l.vm);
			break;
		default:
			kt_slot_put(kt_start(&l.queue, &op).slot);
			break;
		}
	}
}

/* The engine of @owner: its only child. */
static pid_t engine_of(pid_t owner)
{
	char path[64], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", owner, owner);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) <= 0)
		text[0] = '\0';
	close(fd);
	return (pid_t)strtol(text, NULL, 10);
}

/* @param: the engine dies first, then its owner. */
static void kill_storm(const void *param)
{
	unsigned long rounds = kt_options.count ? kt_options.count : 25;
	uint64_t random = kt_options.seed;

	for (unsigned long i = 0; i < rounds; i++) {
		uint64_t seed = kt_random(&random);
		unsigned int us =
			(unsigned int)((double)(kt_random(&random) % 150000) * kt_options.factor);
		pid_t child = fork(), engine;
		int status;

		KT_CHECK(child >= 0);
		if (child == 0)
			victim(seed);
		usleep(us);
		if (param) {
			engine = engine_of(child);
			if (engine > 1)
				kill(engine, SIGKILL);
			usleep(us / 8);
		}
		KT_SYS(kill(child, SIGKILL));
		KT_EQ(waitpid(child, &status, 0), child);
		/* A victim whose engine was taken may have said so before. */
		if (!param)
			KT_CHECK(WIFSIGNALED(status));
	}
}

/* The engine stops answering, but lives. */
static void engine_stopped(const void *param)
{
	struct kt_op op = {.fn = kt_dev_nothing};
	struct kt_job job;
	struct life l;
	int status;

	(void)param;
	life_open(&l);
	KT_SYS(kill(l.vm.engine, SIGSTOP));
	KT_EQ(waitpid(l.vm.engine, &status, WUNTRACED), l.vm.engine);
	KT_CHECK(WIFSTOPPED(status));
	job = kt_start(&l.queue, &op);
	KT_EQ(kt_wait(&l.queue, job.seqno, kt_now_ns() + 50000000, NULL), -ETIME);
	KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 1), 0);
	KT_SYS(mprotect(l.p, BYTES, PROT_READ));
	KT_SYS(kill(l.vm.engine, SIGCONT));
	KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_DONE);
	kt_vm_close(&l.vm);
}

/* ---- order of the end ----------------------------------------------- */

static void close_orders(const void *param)
{
	(void)param;
	for (unsigned int order = 0; order < 6; order++) {
		struct drm_causeway_vm_destroy destroy;
		struct life l;

		life_open(&l);
		kt_slot_put(start_hammer(&l, kt_data(64)).slot);
		if (order & 1)
			munmap((void *)l.queue.fence, KT_PAGE);
		if (order & 2) {
			destroy = (struct drm_causeway_vm_destroy){.vm_id = l.vm.id};
			KT_EQ(kt_ioctl(l.vm.fd, DRM_IOCTL_CAUSEWAY_VM_DESTROY, &destroy), 0);
		}
		if (order & 4)
			kt_unmap(l.p, BYTES);
		close(l.vm.fd);
		if (!(order & 1))
			munmap((void *)l.queue.fence, KT_PAGE);
		KT_EQ(waitpid(l.vm.engine, NULL, 0), l.vm.engine);
	}
}

/* Many lives, one after the other, in one process. */
static void many_lives(const void *param)
{
	unsigned long rounds = kt_options.count ? kt_options.count : 30;

	(void)param;
	for (unsigned long i = 0; i < rounds; i++) {
		struct life l;

		life_open(&l);
		kt_inc(&l.queue, l.p, PAGES, KT_PAGE, 1);
		kt_vm_close(&l.vm);
		KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 2), 0);
		kt_unmap(l.p, BYTES);
	}
}

/* ---- devices that go away ------------------------------------------- */

/* The platform device's folder in sysfs, or the case is skipped. */
static void device_folder(char *path, size_t size)
{
	DIR *folder = opendir("/sys/bus/platform/drivers/causeway");
	struct dirent *entry;

	if (!folder)
		kt_skip("no driver folder in sysfs");
	while ((entry = readdir(folder))) {
		if (strncmp(entry->d_name, "causeway.0", 10) == 0) {
			snprintf(path, size, "%s", entry->d_name);
			closedir(folder);
			return;
		}
	}
	kt_skip("no device in the driver's folder");
}

/* Offline: memory comes home while the program runs, and moves again when the device is back. */
static void offline(const void *param)
{
	char name[256], path[400];
	struct kt_job job;
	uint32_t *stop;
	struct life l;

	(void)param;
	device_folder(name, sizeof(name));
	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/online", name);
	if (access(path, W_OK) != 0)
		kt_skip("%s: %m", path);
	life_open(&l);
	stop = kt_data(64);
	for (int i = 0; i < 3; i++) {
		*stop = 0;
		job = start_hammer(&l, stop);
		KT_CHECK(kt_write_file(path, "0"));
		KT_EQ(kt_device_pages(&l.vm, l.p, BYTES), 0);
		KT_EQ(kt_counter(&l.vm, DRM_CAUSEWAY_COUNTER_RESIDENT), 0);
		*stop = 1;
		KT_EQ(kt_finish(&job), DRM_CAUSEWAY_JOB_DONE);
		KT_CHECK(kt_write_file(path, "1"));
		if (kt_can_migrate(&l.vm))
			KT_EQ(kt_migrate(&l.vm, l.p, BYTES, DRM_CAUSEWAY_LOCATION_DEVICE, NULL), 0);
	}
	kt_fill(l.p, PAGES, KT_PAGE, 1);
	kt_inc(&l.queue, l.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&l.vm);
}

/* Unbound: the data is home, every call says ENODEV, the process goes on. */
static void unbind(const void *param)
{
	bool running = param != NULL;
	struct kt_op op = {.fn = kt_dev_nothing};
	struct kt_job job = {0};
	char name[256];
	struct life l;
	int err;

	device_folder(name, sizeof(name));
	life_open(&l);
	if (running)
		job = start_hammer(&l, kt_data(64));
	else
		kt_inc(&l.queue, l.p, PAGES, KT_PAGE, 1);
	KT_CHECK(kt_write_file("/sys/bus/platform/drivers/causeway/unbind", name));
	err = kt_submit(&l.queue, (void *[]){kt_slot_get(&op)}, 1, &op);
	if (!running)
		KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 2), 0);
	else
		(void)job;
	/* It is bound again before anything can fail: other cases need it. */
	KT_CHECK(kt_write_file("/sys/bus/platform/drivers/causeway/bind", name));
	KT_EQ(err, -ENODEV);
	for (size_t i = 0; i < PAGES; i++)
		(void)*(volatile uint32_t *)(l.p + i * KT_PAGE);
	close(l.vm.fd);
	for (int i = 0; i < 100 && kt_open_node(0) < 0; i++)
		kt_sleep_ms(20);
	life_open(&l);
	kt_inc(&l.queue, l.p, PAGES, KT_PAGE, 1);
	KT_EQ(kt_wrong(l.p, PAGES, KT_PAGE, 2), 0);
	kt_vm_close(&l.vm);
}

static void list(void)
{
	static const struct kt_case cases[] = {
		{.name = "fork-files", .run = fork_files},
		{.name = "fork-many", .run = fork_many},
		{.name = "fork-dontfork", .run = fork_dontfork},
		{.name = "fork-running", .run = fork_running},
		{.name = "exec-away", .run = exec_away},
		{.name = "owner-ends", .run = owner_ends},
		{.name = "engine-killed", .run = engine_killed},
		{.name = "engine-stopped", .run = engine_stopped},
		{.name = "kill-owner", .run = kill_storm, .seconds = 900},
		{.name = "kill-engine", .run = kill_storm, .param = "", .seconds = 900},
		{.name = "close-orders", .run = close_orders},
		{.name = "many-lives", .run = many_lives, .seconds = 120},
		{.name = "offline", .run = offline, .flags = KT_ROOT},
		{.name = "unbind", .run = unbind, .flags = KT_ROOT},
		{.name = "unbind-running", .run = unbind, .param = "", .flags = KT_ROOT},
	};

	kt_add_all(cases, KT_COUNT(cases));
}

int main(int argc, char **argv)
{
	return kt_main(argc, argv, list);
}
