/* SPDX-License-Identifier: MIT */
/* One test: a process group with a time limit, whose output goes to the host. */
#include "guest.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEAVE_MS 2000  /* what a test started may take so long to go by itself */
#define KILL_MS	 30000 /* what doesn't die of SIGKILL for so long is stuck */

/* struct running - a test that runs: its shell, and the pipe of its output */
struct running {
	pid_t pid;
	int pid_fd;
	int output_fd;
};

void become_test(bool root)
{
	struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	for (size_t i = 0; i < job.environment_count; i++)
		putenv((char *)job.environment[i]);
	file_write("/sys/fs/cgroup/user/test/cgroup.procs", "0");
	if (chdir(job.build) && chdir("/tmp"))
		_exit(126);
	if (!root && (setgroups(0, NULL) || setgid(USER_ID) || setuid(USER_ID)))
		_exit(126);
}

static void child(const struct test *test, int output_fd)
{
	int null_fd = open("/dev/null", O_RDWR);

	setsid();
	if (null_fd >= 0)
		dup2(null_fd, 0);
	dup2(output_fd, 1);
	dup2(output_fd, 2);
	syscall(SYS_close_range, 3, ~0u, 0);
	become_test(test->root);
	execl("/bin/sh", "sh", "-c", test->command, NULL);
	_exit(127);
}

static bool start(const struct test *test, struct running *running)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return false;
	running->pid = fork();
	if (running->pid == 0)
		child(test, ends[1]);
	close(ends[1]);
	running->output_fd = ends[0];
	fcntl(running->output_fd, F_SETFL, O_NONBLOCK);
	running->pid_fd = running->pid < 0 ? -1 : (int)syscall(SYS_pidfd_open, running->pid, 0);
	return running->pid_fd >= 0;
}

static void finish(const struct running *running)
{
	close(running->output_fd);
	close(running->pid_fd);
	say_output_end();
}

/* Pass on what there is to read; false: nobody writes any more. */
static bool pass_output(int fd)
{
	char text[16384];
	ssize_t got;

	while ((got = read(fd, text, sizeof(text))) > 0)
		say_output(text, got);
	return got < 0 && errno == EAGAIN;
}

/* Until its first process has ended; false: @limit_ms came first. */
static bool follow(const struct running *running, uint64_t limit_ms)
{
	struct pollfd waits[2] = {{.fd = running->pid_fd, .events = POLLIN},
				  {.fd = running->output_fd, .events = POLLIN}};

	for (;;) {
		uint64_t now = now_ms();

		if (now >= limit_ms)
			return false;
		poll(waits, 2, limit_ms - now < 1000 ? (int)(limit_ms - now) : 1000);
		if (waits[1].revents && !pass_output(running->output_fd))
			waits[1].fd = -1;
		if (waits[0].revents) {
			if (waits[1].fd >= 0)
				pass_output(running->output_fd);
			return true;
		}
	}
}

/*
 * The name of a process, in @stat's text; NULL: it is gone, or is one of the
 * kernel's threads (2 and its children).
 */
static const char *process_name(pid_t pid, char *stat, size_t bytes)
{
	char path[64], *name, *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (pid < 3 || file_read(path, stat, bytes) <= 0)
		return NULL;
	/* "PID (NAME) STATE PARENT ...", where NAME may hold anything. */
	name = strchr(stat, '(');
	end = strrchr(stat, ')');
	if (!name || !end || strlen(end) < 5 || strtol(end + 4, NULL, 10) == 2)
		return NULL;
	*end = 0;
	return name + 1;
}

/* Call @each for every process but this one and the kernel's threads; how many there are. */
static size_t for_processes(void (*each)(pid_t pid, const char *name))
{
	DIR *folder = opendir("/proc");
	struct dirent *entry;
	size_t count = 0;

	while (folder && (entry = readdir(folder))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		char stat[512];
		const char *name = process_name(pid, stat, sizeof(stat));

		if (!name)
			continue;
		count++;
		if (each)
			each(pid, name);
	}
	if (folder)
		closedir(folder);
	return count;
}

static void say_stack(pid_t pid, const char *name)
{
	char path[64];

	say("|--- process %d, %s", pid, name);
	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	file_say(path);
	snprintf(path, sizeof(path), "/proc/%d/stack", pid);
	file_say(path);
}

/* Where everybody is, for who has to find out why a test hangs. */
static void say_hang(const struct test *test)
{
	say("|--- %s has run for %u s; its processes, and where they are in the kernel:",
	    test->name, test->seconds);
	for_processes(say_stack);
	log_line("%s hangs: blocked tasks, then what the processors do", test->name);
	file_write("/proc/sysrq-trigger", "w");
	file_write("/proc/sysrq-trigger", "l");
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

bool end_processes(void)
{
	uint64_t start_ms = now_ms();

	for (;;) {
		uint64_t spent_ms = now_ms() - start_ms;

		reap();
		if (!for_processes(NULL))
			return true;
		if (spent_ms > KILL_MS)
			return false;
		if (spent_ms > LEAVE_MS)
			kill(-1, SIGKILL);
		sleep_ms(10);
	}
}

static void say_end(const struct test *test, const char *how, int value, uint64_t start_ms)
{
	unsigned long long ms = now_ms() - start_ms;

	if (value < 0)
		say("@end %s\t%s\t%llu", test->name, how, ms);
	else
		say("@end %s\t%s %d\t%llu", test->name, how, value, ms);
	log_line("end %s", test->name);
}

/* Follow a test that was started to its end; false: some process of it doesn't die. */
static bool run(const struct test *test, struct running *running)
{
	uint64_t start_ms = now_ms();
	bool ended = follow(running, start_ms + test->seconds * 1000ull);
	int status = 0;

	say_output_end();
	if (ended) {
		waitpid(running->pid, &status, 0);
	} else {
		say_hang(test);
		kill(-1, SIGKILL);
	}
	if (!end_processes()) {
		for_processes(say_stack);
		file_write("/proc/sysrq-trigger", "l");
		say_end(test, "stuck", -1, start_ms);
		return false;
	}
	if (!ended)
		say_end(test, "timeout", -1, start_ms);
	else if (WIFSIGNALED(status))
		say_end(test, "signal", WTERMSIG(status), start_ms);
	else
		say_end(test, "exit", WEXITSTATUS(status), start_ms);
	return true;
}

bool test_run(const struct test *test)
{
	const char *reason;
	struct running running;
	bool gone;

	say("@begin %s", test->name);
	log_line("begin %s", test->name);
	reason = driver_load(test->parameters);
	if (reason || !start(test, &running)) {
		say("@end %s\tload %s\t0", test->name, reason ? reason : "no process");
		return true;
	}
	gone = run(test, &running);
	finish(&running);
	return gone;
}
