/* SPDX-License-Identifier: MIT */
/* The memory that a thread needs to run kernels. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/cpu/pool.h"

/* Enough for the handler and for the largest frame that a signal pushes (AMX state). */
#define SIGNAL_STACK_BYTES ((size_t)64 << 10)
/* Of x86-64. */
#define PAGE_BYTES	   ((size_t)4096)

static cw_tls struct cw_cpu_lane *my_lane;
static pthread_key_t lane_key;
static pthread_once_t lane_key_once = PTHREAD_ONCE_INIT;

void cw_cpu_arena_finish(struct cw_cpu_arena *arena)
{
	if (arena->base)
		munmap(arena->base - PAGE_BYTES, arena->bytes + 2 * PAGE_BYTES);
	arena->base = NULL;
	arena->bytes = 0;
}

int cw_cpu_arena_reserve(struct cw_cpu_arena *arena, size_t bytes)
{
	unsigned char *base;

	if (bytes <= arena->bytes)
		return 0;
	if (bytes > SIZE_MAX - 3 * PAGE_BYTES)
		return -ENOMEM;
	bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
	base = mmap(NULL, bytes + 2 * PAGE_BYTES, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (base == MAP_FAILED)
		return -ENOMEM;
	if (mprotect(base + PAGE_BYTES, bytes, PROT_READ | PROT_WRITE)) {
		munmap(base, bytes + 2 * PAGE_BYTES);
		return -ENOMEM;
	}
	cw_cpu_arena_finish(arena);
	arena->base = base + PAGE_BYTES;
	arena->bytes = bytes;
	return 0;
}

/* A stack for the fault handler, unless the thread has one. */
static void bring_signal_stack(struct cw_cpu_lane *lane)
{
	stack_t stack;

	if (sigaltstack(NULL, &stack) || !(stack.ss_flags & SS_DISABLE))
		return;
	if (cw_cpu_arena_reserve(&lane->signal_stack, SIGNAL_STACK_BYTES))
		return;
	stack = (stack_t){.ss_sp = lane->signal_stack.base, .ss_size = lane->signal_stack.bytes};
	sigaltstack(&stack, NULL);
}

static void remove_signal_stack(struct cw_cpu_lane *lane)
{
	stack_t stack;

	if (!lane->signal_stack.base || sigaltstack(NULL, &stack) ||
	    stack.ss_sp != lane->signal_stack.base)
		return;
	stack = (stack_t){.ss_flags = SS_DISABLE};
	sigaltstack(&stack, NULL);
}

/* A thread of the application ends. */
static void lane_destroy(void *pointer)
{
	struct cw_cpu_lane *lane = pointer;

	my_lane = NULL;
	remove_signal_stack(lane);
	cw_cpu_arena_finish(&lane->local);
	cw_cpu_arena_finish(&lane->frames);
	cw_cpu_arena_finish(&lane->stack);
	cw_cpu_arena_finish(&lane->signal_stack);
	free(lane);
}

static void make_key(void)
{
	pthread_key_create(&lane_key, lane_destroy);
}

struct cw_cpu_lane *cw_cpu_lane_for_worker(unsigned worker)
{
	struct cw_cpu_lane *lane = calloc(1, sizeof(*lane));

	if (!lane)
		return NULL;
	lane->worker = (int)worker;
	lane->home = worker;
	bring_signal_stack(lane);
	my_lane = lane;
	return lane;
}

struct cw_cpu_lane *cw_cpu_lane(void)
{
	struct cw_cpu_lane *lane = my_lane;

	if (lane)
		return lane;
	pthread_once(&lane_key_once, make_key);
	lane = cw_cpu_lane_for_worker(0);
	if (!lane)
		return NULL;
	lane->worker = -1;
	pthread_setspecific(lane_key, lane);
	return lane;
}

bool cw_cpu_lane_serves(const struct cw_cpu_source *source, const struct cw_command *command)
{
	const struct cw_cpu_lane *lane = my_lane;

	if (!lane || !lane->is_serving || !cw_cpu_may_run(command, lane))
		return false;
	return !lane->helps || lane->helps == source;
}
