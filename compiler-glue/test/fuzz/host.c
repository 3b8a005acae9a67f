/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <err.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#define STACK_BYTES (128ul << 10)
#define EXPORTED    __attribute__((visibility("default")))

struct fiber {
	ucontext_t context;
	uint64_t local_id[3];
	bool done, waiting;
};

/* The group that runs. */
static struct {
	struct fiber fibers[HOST_MAX_LOCAL];
	unsigned char *stacks;
	ucontext_t scheduler;
	struct fiber *current;
	unsigned items;
	uint64_t group[3], size[3];
	const struct shape *shape;
	host_kernel_fn *kernel;
	const struct kernel_args *args;
	uint64_t values[HOST_MAX_LOCAL];
} host;

static void enter(void)
{
	struct fiber *fiber = host.current;

	host.kernel(host.args);
	fiber->done = true;
	swapcontext(&fiber->context, &host.scheduler);
}

static void start(struct fiber *fiber, unsigned index)
{
	fiber->done = fiber->waiting = false;
	fiber->local_id[0] = index % host.size[0];
	fiber->local_id[1] = index / host.size[0] % host.size[1];
	fiber->local_id[2] = index / host.size[0] / host.size[1];
	getcontext(&fiber->context);
	fiber->context.uc_stack.ss_sp = host.stacks + index * STACK_BYTES;
	fiber->context.uc_stack.ss_size = STACK_BYTES;
	fiber->context.uc_link = NULL;
	makecontext(&fiber->context, enter, 0);
}

/* All work-items up to their next barrier: how many wait there. */
static unsigned run_phase(bool first)
{
	unsigned waiting = 0;

	for (unsigned i = 0; i < host.items; i++) {
		host.current = &host.fibers[i];
		if (first)
			start(host.current, i);
		if (host.current->done)
			continue;
		host.current->waiting = false;
		swapcontext(&host.scheduler, &host.current->context);
		waiting += host.current->waiting;
	}
	return waiting;
}

static int run_group(uint64_t x, uint64_t y, uint64_t z)
{
	const uint64_t group[3] = {x, y, z};
	unsigned waiting;

	host.items = 1;
	for (unsigned i = 0; i < 3; i++) {
		uint64_t left = host.shape->global[i] - group[i] * host.shape->local[i];

		host.group[i] = group[i];
		host.size[i] = left < host.shape->local[i] ? left : host.shape->local[i];
		host.items *= (unsigned)host.size[i];
	}
	if (host.items > HOST_MAX_LOCAL)
		errx(1, "work-group of %u", host.items);
	for (waiting = run_phase(true); waiting == host.items; waiting = run_phase(false))
		;
	return waiting ? -1 : 0;
}

int host_run(host_kernel_fn *kernel, const struct kernel_args *args, const struct shape *shape)
{
	int status = 0;

	if (!host.stacks) {
		host.stacks = mmap(NULL, STACK_BYTES * HOST_MAX_LOCAL, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (host.stacks == MAP_FAILED)
			err(1, "mmap");
	}
	host.kernel = kernel;
	host.args = args;
	host.shape = shape;
	for (uint64_t z = 0; z < shape_groups(shape, 2); z++)
		for (uint64_t y = 0; y < shape_groups(shape, 1); y++)
			for (uint64_t x = 0; x < shape_groups(shape, 0); x++)
				status |= run_group(x, y, z);
	return status;
}

/* OpenCL C's functions, under the names that clang gives them. */
#define QUERY(name, value, other)                                                                  \
	EXPORTED uint64_t name(unsigned dim);                                                      \
	uint64_t name(unsigned dim)                                                                \
	{                                                                                          \
		return dim < 3 ? (value) : (other);                                                \
	}

QUERY(_Z13get_global_idj,
      host.shape->offset[dim] + host.group[dim] * host.shape->local[dim] +
	      host.current->local_id[dim],
      0)
QUERY(_Z12get_local_idj, host.current->local_id[dim], 0)
QUERY(_Z12get_group_idj, host.group[dim], 0)
QUERY(_Z15get_global_sizej, host.shape->global[dim], 1)
QUERY(_Z14get_local_sizej, host.size[dim], 1)
QUERY(_Z23get_enqueued_local_sizej, host.shape->local[dim], 1)
QUERY(_Z14get_num_groupsj, shape_groups(host.shape, dim), 1)
QUERY(_Z17get_global_offsetj, host.shape->offset[dim], 0)

EXPORTED unsigned _Z12get_work_dimv(void);
EXPORTED void _Z7barrierj(unsigned fence);
EXPORTED uint64_t host_exchange(uint64_t value, unsigned *index_out, unsigned *count_out,
				const uint64_t **values_out);

unsigned _Z12get_work_dimv(void)
{
	return host.shape->dims;
}

void _Z7barrierj(unsigned fence)
{
	struct fiber *fiber = host.current;

	(void)fence;
	fiber->waiting = true;
	swapcontext(&fiber->context, &host.scheduler);
}

/* For the work-group functions: every work-item's value, in order of linear local id. */
uint64_t host_exchange(uint64_t value, unsigned *index_out, unsigned *count_out,
		       const uint64_t **values_out)
{
	static uint64_t values[2][HOST_MAX_LOCAL];
	unsigned index = (unsigned)(host.current - host.fibers);

	host.values[index] = value;
	_Z7barrierj(0);
	values[0][index] = host.values[index];
	_Z7barrierj(0);
	*index_out = index;
	*count_out = host.items;
	*values_out = values[0];
	return value;
}
