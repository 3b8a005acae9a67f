/* SPDX-License-Identifier: MIT */
#include "client/process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/protocol.h"

#define START_STACK_BYTES ((size_t)64 << 10)

/* Where our programs may be, seen from the directory of the library. */
static const char *const places[] = {
	"causeway/",	    /* installed: lib */
	"../causeway/",	    /* installed: lib/x86_64-linux-gnu */
	"lib/causeway/",    /* build tree */
	"../lib/causeway/", /* build tree: a test of a room */
	"../../lib/causeway/", "../../../lib/causeway/",
};

int cwc_process_find(const char *chosen, const char *program, char *path, size_t room)
{
	char library[PATH_MAX];
	char *slash;
	Dl_info info;

	if (chosen && *chosen) {
		snprintf(path, room, "%s", chosen);
		return access(path, X_OK) ? -ENOENT : 0;
	}
	if (!dladdr((void *)cwc_process_find, &info) || !info.dli_fname ||
	    !realpath(info.dli_fname, library))
		snprintf(library, sizeof(library), "/");
	slash = strrchr(library, '/');
	slash[1] = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if (snprintf(path, room, "%s%s%s", library, places[i], program) < (int)room &&
		    !access(path, X_OK))
			return 0;
	}
	snprintf(path, room, "%s%s%s", library, places[0], program);
	return -ENOENT;
}

/*
 * struct start - what the starting processes work with; they share our memory.
 * @files, @num_files: become CWC_WORKER_FD and those that follow.
 * @stack: of each of the two.
 * @error: errno of what went wrong, or 0.
 */
struct start {
	const char *path;
	char *const *argv;
	const int *files;
	int num_files;
	sigset_t signals;
	char *stack[2];
	volatile int error;
};

/* Children share our memory: nothing is copied.  ThreadSanitizer takes any clone() for a fork. */
#if defined(__SANITIZE_THREAD__)
#define SHARED_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SHARED_MEMORY 0
#endif
#endif
#ifndef SHARED_MEMORY
#define SHARED_MEMORY CLONE_VM
#endif

/* Two steps, for a file may stand where another belongs. */
static bool place_files(const struct start *start)
{
	int away[CWC_PROCESS_FILES];

	for (int i = 0; i < start->num_files; i++) {
		away[i] = fcntl(start->files[i], F_DUPFD, CWC_WORKER_FD + CWC_PROCESS_FILES);
		if (away[i] < 0)
			return false;
	}
	for (int i = 0; i < start->num_files; i++) {
		if (dup2(away[i], CWC_WORKER_FD + i) < 0)
			return false;
	}
	return true;
}

/* In the program's process, still in our memory: only system calls from here on. */
static int become_program(void *arg)
{
	struct start *start = arg;
	int nothing;

	setsid();
	for (int signal = 1; signal < NSIG; signal++) {
		struct sigaction action = {.sa_handler = SIG_DFL};

		sigaction(signal, &action, NULL);
	}
	sigprocmask(SIG_SETMASK, &start->signals, NULL);
	nothing = open("/dev/null", O_RDWR);
	if (place_files(start)) {
		dup2(nothing, 0);
		dup2(nothing, 1);
		syscall(SYS_close_range, CWC_WORKER_FD + start->num_files, ~0u, 0);
		execve(start->path, start->argv, environ);
	}
	start->error = errno;
	_exit(127);
}

/* The program's parent: ends at once, so that the program becomes an orphan. */
static int start_orphan(void *arg)
{
	struct start *start = arg;

	if (clone(become_program, start->stack[1] + START_STACK_BYTES,
		  SHARED_MEMORY | CLONE_VFORK | SIGCHLD, start) < 0)
		start->error = errno;
	_exit(0);
}

static int run_start(struct start *start)
{
	sigset_t all;
	pid_t parent;
	char *stacks = mmap(NULL, 2 * START_STACK_BYTES, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stacks == MAP_FAILED)
		return -ENOMEM;
	start->stack[0] = stacks;
	start->stack[1] = stacks + START_STACK_BYTES;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &start->signals);
	/* No signal at its end: the application must not see this child. */
	parent = clone(start_orphan, start->stack[0] + START_STACK_BYTES,
		       SHARED_MEMORY | CLONE_VFORK, start);
	if (parent < 0)
		start->error = errno;
	else
		while (waitpid(parent, NULL, __WALL) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &start->signals, NULL);
	munmap(stacks, 2 * START_STACK_BYTES);
	return -start->error;
}

int cwc_process_spawn(const char *path, char *const argv[], const int *files, int num_files)
{
	struct start start = {.path = path, .argv = argv, .files = files, .num_files = num_files};

	return run_start(&start);
}

int cwc_process_start(const char *path, unsigned long long memory_bytes, int *socket_out)
{
	char memory[32];
	char *argv[] = {(char *)path, "--worker", memory, NULL};
	int ends[2], error;

	*socket_out = -1;
	snprintf(memory, sizeof(memory), "%llu", memory_bytes);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		return -errno;
	error = cwc_process_spawn(path, argv, &ends[1], 1);
	close(ends[1]);
	if (error) {
		close(ends[0]);
		return error;
	}
	*socket_out = ends[0];
	return 0;
}
