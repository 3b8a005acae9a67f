/* SPDX-License-Identifier: MIT */
/* What a command does, piece by piece. */
#include <immintrin.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "core/kernel.h"
#include "device/cpu/cpu.h"

/* Copies and fills are cut into pieces of this size. */
#define PIECE_BYTES	    (256u << 10)
/* Bytes that a thread copies in a tick, roughly. */
#define COPY_BYTES_PER_TICK 4
/* What it costs to wake a worker, with a margin. */
#define SHORT_TICKS	    (5 * CW_CPU_TICKS_US)
/* Room on a kernel's stack for our own frames and for what a signal pushes. */
#define STACK_RESERVE	    (32u << 10)
/*
 * Mapped room on both sides of local memory.  A vector access that belongs in part to
 * inactive lanes may reach over the edge; at a page that is not there it is no fault, but the
 * processor takes hundreds of cycles to find that out.
 */
#define LOCAL_MARGIN	    ((size_t)CWC_ARENA_ALIGN)
/* Rounding to nearest, denormals kept, no exceptions: what kernels are compiled for. */
#define KERNEL_MXCSR	    0x1f80u

/*
 * struct run - units of one command on their way through the guard.
 * @x_begin, @x_end, @y, @z: the work-groups that run now, for messages.
 */
struct run {
	struct cw_command *command;
	struct cw_cpu_lane *lane;
	uint64_t first;
	uint64_t end;
	uint64_t x_begin;
	uint64_t x_end;
	uint64_t y;
	uint64_t z;
};

static void run_groups(void *argument)
{
	struct run *run = argument;
	const struct cw_ndrange *range = &run->command->ndrange;
	const struct cwc_launch *launch = &range->launch;
	struct cwc_scratch scratch = {
		.frames = run->lane->frames.base,
		.frames_bytes = run->lane->frames.bytes,
	};
	const struct cw_cpu_arena *local = &run->lane->local;
	uint64_t left = run->end - run->first;
	uint64_t row = run->first / launch->num_groups[0];

	if (local->base) {
		scratch.local = local->base + LOCAL_MARGIN;
		scratch.local_bytes = local->bytes - 2 * LOCAL_MARGIN;
	}
	run->x_begin = run->first % launch->num_groups[0];
	for (; left; row++, run->x_begin = 0) {
		uint64_t count = launch->num_groups[0] - run->x_begin;

		if (count > left)
			count = left;
		run->x_end = run->x_begin + count;
		run->y = row % launch->num_groups[1];
		run->z = row / launch->num_groups[1];
		range->code->image->entry(launch, &scratch, run->x_begin, run->x_end, run->y,
					  run->z);
		left -= count;
	}
}

static size_t piece_end(uint64_t end, size_t bytes)
{
	return end * PIECE_BYTES < bytes ? end * PIECE_BYTES : bytes;
}

static void run_copy(void *argument)
{
	const struct run *run = argument;
	const struct cw_copy *copy = &run->command->copy;
	size_t begin = run->first * PIECE_BYTES;

	memmove((char *)copy->target + begin, (const char *)copy->source + begin,
		piece_end(run->end, copy->bytes) - begin);
}

static void run_rect(void *argument)
{
	const struct run *run = argument;
	const struct cw_rect *rect = &run->command->rect;

	for (uint64_t i = run->first; i < run->end; i++) {
		uint64_t row = i % rect->region[1];
		uint64_t slice = i / rect->region[1];

		memmove(rect->target + row * rect->target_row + slice * rect->target_slice,
			rect->source + row * rect->source_row + slice * rect->source_slice,
			rect->region[0]);
	}
}

/* Pieces are multiples of the pattern.  Doubling: each copy repeats all that is there. */
static void run_fill(void *argument)
{
	const struct run *run = argument;
	const struct cw_fill *fill = &run->command->fill;
	const unsigned char *pattern = run->command->block;
	size_t begin = run->first * PIECE_BYTES;
	size_t bytes = piece_end(run->end, fill->bytes) - begin;
	unsigned char *target = (unsigned char *)fill->target + begin;
	size_t done = fill->pattern_bytes;

	if (done == 1) {
		memset(target, pattern[0], bytes);
		return;
	}
	memcpy(target, pattern, done);
	while (done < bytes) {
		size_t more = bytes - done < done ? bytes - done : done;

		if (more > 16 << 10)
			more = 16 << 10;
		memcpy(target + done, target, more);
		done += more;
	}
}

static void (*const bodies[])(void *run) = {
	[CW_COMMAND_NDRANGE] = run_groups,
	[CW_COMMAND_COPY] = run_copy,
	[CW_COMMAND_RECT] = run_rect,
	[CW_COMMAND_FILL] = run_fill,
};

uint64_t cw_cpu_units(const struct cw_command *command)
{
	const uint64_t *groups = command->ndrange.launch.num_groups;

	switch (command->kind) {
	case CW_COMMAND_NDRANGE:
		return groups[0] * groups[1] * groups[2];
	case CW_COMMAND_COPY:
		return (command->copy.bytes + PIECE_BYTES - 1) / PIECE_BYTES;
	case CW_COMMAND_FILL:
		return (command->fill.bytes + PIECE_BYTES - 1) / PIECE_BYTES;
	case CW_COMMAND_RECT:
		return command->rect.region[1] * command->rect.region[2];
	default:
		return 1;
	}
}

/* Work-items of a group, or of the whole range where that is less. */
static double items_in(const struct cw_command *command, uint64_t groups)
{
	const struct cwc_launch *launch = &command->ndrange.launch;
	double group = (double)launch->local_size[0] * (double)launch->local_size[1] *
		       (double)launch->local_size[2];

	return group * (double)groups;
}

uint64_t cw_cpu_expected_ticks(const struct cw_command *command)
{
	uint32_t cost;
	double ticks;

	switch (command->kind) {
	case CW_COMMAND_NDRANGE:
		cost = atomic_load_explicit(&command->ndrange.code->cost, memory_order_relaxed);
		if (!cost)
			return UINT64_MAX;
		ticks = items_in(command, cw_cpu_units(command)) * cost / CW_KERNEL_COST_UNIT;
		return ticks < 1e18 ? (uint64_t)ticks : 1000000000000000000u;
	case CW_COMMAND_COPY:
		return command->copy.bytes / COPY_BYTES_PER_TICK;
	case CW_COMMAND_FILL:
		return command->fill.bytes / COPY_BYTES_PER_TICK;
	case CW_COMMAND_RECT:
		return cw_cpu_units(command) * (command->rect.region[0] / COPY_BYTES_PER_TICK + 20);
	default:
		return UINT64_MAX;
	}
}

bool cw_cpu_is_known_short(const struct cw_command *command)
{
	return cw_cpu_expected_ticks(command) < SHORT_TICKS;
}

/* Moves slowly towards what it sees; an outlier (the thread was preempted) counts little. */
void cw_cpu_learn(struct cw_command *command, uint64_t units, uint64_t ticks)
{
	atomic_uint *cost;
	double seen;
	double known;

	if (command->kind != CW_COMMAND_NDRANGE || !units)
		return;
	cost = &command->ndrange.code->cost;
	known = atomic_load_explicit(cost, memory_order_relaxed);
	seen = (double)ticks / items_in(command, units) * CW_KERNEL_COST_UNIT + 1;
	if (known && seen > 4 * known)
		seen = 4 * known;
	if (known)
		seen = known + (seen - known) / 4;
	if (seen > UINT32_MAX / 2)
		seen = UINT32_MAX / 2;
	atomic_store_explicit(cost, (uint32_t)seen + 1, memory_order_relaxed);
}

static cl_int prepare(struct cw_cpu_lane *lane, const struct cw_command *command)
{
	size_t stack = 64 << 10;

	if (command->kind == CW_COMMAND_NDRANGE) {
		const struct cw_ndrange *range = &command->ndrange;
		size_t local = range->local_bytes ? range->local_bytes + 2 * LOCAL_MARGIN : 0;

		if (cw_cpu_arena_reserve(&lane->local, local) ||
		    cw_cpu_arena_reserve(&lane->frames, range->frames_bytes))
			return CL_OUT_OF_RESOURCES;
		stack = range->code->image->note.stack_bytes + STACK_RESERVE;
	}
	if (stack > lane->stack.bytes && stack < cw_config()->cpu_stack)
		stack = cw_config()->cpu_stack;
	return cw_cpu_arena_reserve(&lane->stack, stack) ? CL_OUT_OF_RESOURCES : CL_COMPLETE;
}

/* Global ids of the groups [@begin, @end) of one dimension: "[0, 64)". */
static int put_ids(char *text, size_t bytes, const struct cwc_launch *launch, unsigned dimension,
		   uint64_t begin, uint64_t end)
{
	uint64_t first = begin * launch->local_size[dimension];
	uint64_t last = end * launch->local_size[dimension];

	if (last > launch->global_size[dimension])
		last = launch->global_size[dimension];
	return snprintf(text, bytes, "%s[%" PRIu64 ", %" PRIu64 ")", dimension ? " x " : "",
			first + launch->global_offset[dimension],
			last + launch->global_offset[dimension]);
}

static void describe_items(const struct run *run, char *text, size_t bytes)
{
	const struct cwc_launch *launch = &run->command->ndrange.launch;
	const uint64_t begin[3] = {run->x_begin, run->y, run->z};
	const uint64_t end[3] = {run->x_end, run->y + 1, run->z + 1};
	size_t used = 0;

	for (unsigned i = 0; i < launch->work_dim && used < bytes; i++)
		used += (size_t)put_ids(text + used, bytes - used, launch, i, begin[i], end[i]);
}

static void report(const struct run *run)
{
	const char *name = cw_command_type_name(run->command->event.type);
	char fault[128];
	char items[160];
	char text[512];

	cw_cpu_fault_text(run->lane, fault, sizeof(fault));
	if (run->command->kind == CW_COMMAND_NDRANGE) {
		describe_items(run, items, sizeof(items));
		snprintf(text, sizeof(text), "kernel '%s' faulted in work-items %s: %s",
			 run->command->ndrange.code->kernel_name, items, fault);
	} else {
		snprintf(text, sizeof(text), "%s faulted: %s", name, fault);
	}
	cw_command_report_fault(run->command, text);
	/* What the abandoned frames left behind should not meet the next kernel. */
	cw_cpu_arena_finish(&run->lane->stack);
}

cl_int cw_cpu_run(struct cw_cpu_lane *lane, struct cw_command *command, uint64_t first,
		  uint64_t end)
{
	struct run run = {.command = command, .lane = lane, .first = first, .end = end};
	unsigned mxcsr = _mm_getcsr();
	cl_int status;

	if (command->kind == CW_COMMAND_CALL) {
		command->call.run(command);
		return CL_COMPLETE;
	}
	if (first == end)
		return CL_COMPLETE;
	status = prepare(lane, command);
	if (status != CL_COMPLETE)
		return status;
	if (mxcsr != KERNEL_MXCSR)
		_mm_setcsr(KERNEL_MXCSR);
	if (!cw_cpu_call_guarded(lane, bodies[command->kind], &run)) {
		report(&run);
		status = CL_OUT_OF_RESOURCES;
	}
	if (mxcsr != KERNEL_MXCSR)
		_mm_setcsr(mxcsr);
	return status;
}
