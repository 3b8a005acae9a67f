/* SPDX-License-Identifier: MIT */
/* The engine: the process whose page tables and threads are the device's. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "client/process.h"
#include "device/drm/drm.h"

#define ENGINE_PROGRAM "causeway-engine"
/* A process that starts and maps takes milliseconds; an emulated machine may take a second. */
#define HELLO_MS       10000

static const char *step_name(uint32_t step)
{
	static const char *const names[] = {
		[CAUSEWAY_ENGINE_STEP_ARGUMENTS] = "reading its arguments",
		[CAUSEWAY_ENGINE_STEP_ARENA] = "mapping the arena",
		[CAUSEWAY_ENGINE_STEP_UNMAP] = "dropping its first mappings",
		[CAUSEWAY_ENGINE_STEP_MIRROR] = "mapping the VM",
		[CAUSEWAY_ENGINE_STEP_ATTACH] = "attaching to the VM",
		[CAUSEWAY_ENGINE_STEP_CONFINE] = "confining itself",
		[CAUSEWAY_ENGINE_STEP_THREADS] = "starting its threads",
	};

	if (step >= sizeof(names) / sizeof(*names) || !names[step])
		return "starting";
	return names[step];
}

/* Wait for its word at the reading end of the pipe. */
static int read_hello(int pipe_end, const char *path)
{
	struct pollfd end = {.fd = pipe_end, .events = POLLIN};
	struct causeway_engine_hello hello;
	ssize_t bytes;
	int ready;

	do {
		ready = poll(&end, 1, HELLO_MS);
	} while (ready < 0 && errno == EINTR);
	/* Who needs the lock waits for this engine. NOLINTNEXTLINE(*BlockInCriticalSection) */
	bytes = ready > 0 ? read(pipe_end, &hello, sizeof(hello)) : -1;
	if (bytes != sizeof(hello)) {
		cw_log(WARN, "%s %s", path,
		       ready ? "ended before it was ready" : "did not get ready in time");
		return -ETIMEDOUT;
	}
	if (hello.version != CAUSEWAY_ENGINE_VERSION) {
		cw_log(WARN, "%s is of another version than the library", path);
		return -EPROTO;
	}
	if (hello.error) {
		cw_log(WARN, "%s failed %s: %s", path, step_name(hello.step),
		       strerror((int)hello.error));
		return -(int)hello.error;
	}
	return 0;
}

static int spawn(struct cw_drm_vm *vm, const char *path, int hello_end)
{
	const int files[] = {vm->engine_fd, vm->arena.memfd, hello_end};
	char threads[16];
	char *argv[] = {(char *)path, threads, NULL};

	_Static_assert(CAUSEWAY_ENGINE_FD_VM == 3 && CAUSEWAY_ENGINE_FD_ARENA == 4 &&
			       CAUSEWAY_ENGINE_FD_HELLO == 5,
		       "the files are given in this order");
	snprintf(threads, sizeof(threads), "%u", vm->threads);
	return cwc_process_spawn(path, argv, files, 3);
}

int cw_drm_engine_start(struct cw_drm_vm *vm)
{
	char path[PATH_MAX];
	int ends[2];
	int error = cwc_process_find(cw_config()->engine, ENGINE_PROGRAM, path, sizeof(path));

	if (error) {
		cw_log(WARN, "there is no %s; CAUSEWAY_ENGINE names another place", path);
		return error;
	}
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	error = spawn(vm, path, ends[1]);
	close(ends[1]);
	if (!error)
		error = read_hello(ends[0], path);
	else
		cw_log(WARN, "%s can't be started: %s", path, strerror(-error));
	close(ends[0]);
	if (!error)
		cw_log(DEVICE, "%s runs with %u threads", path, vm->threads);
	return error;
}

int cw_drm_engine_restart(struct cw_drm_vm *vm, unsigned generation)
{
	int error = 0;

	cw_mutex_lock(&vm->lock);
	if (vm->engine_generation == generation) {
		cw_log(WARN, "the device's engine is gone; starting another");
		error = cw_drm_engine_start(vm);
		if (!error)
			vm->engine_generation++;
	}
	cw_mutex_unlock(&vm->lock);
	return error;
}
