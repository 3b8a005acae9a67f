/* SPDX-License-Identifier: MIT */
/*
 * Jobs.  The descriptor lies in memory that the client can write or take away
 * at any time, so it is only touched inside run_guarded(), and each word is
 * read once.
 */
#include "engine.h"
#include <asm/signal.h>

/* Rounding to nearest, denormals kept, no exceptions: what kernels are compiled for. */
#define KERNEL_MXCSR 0x1f80u

/* The next part is this when no thread is to take one: far behind the last. */
#define NO_PARTS (1ull << 62)

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static bool take_part(struct causeway_job *job, uint64_t parts, uint64_t *part_out)
{
	*part_out = __atomic_fetch_add(&job->next, 1, __ATOMIC_RELAXED);
	return *part_out < parts;
}

static void set_float_state(void)
{
	const uint32_t mxcsr = KERNEL_MXCSR;

	__asm__ volatile("fninit\n\tldmxcsr %0" : : "m"(mxcsr));
	if (wide_has_avx())
		__asm__ volatile("vzeroupper" : : : "memory");
}

/* A descriptor that makes no sense ends as if its code had been bad. */
_Noreturn static void refuse(void)
{
	__asm__ volatile("ud2");
	__builtin_unreachable();
}

static bool is_code(uint64_t address)
{
	return address >= CAUSEWAY_WINDOW_CODE &&
	       address < CAUSEWAY_WINDOW_CODE + CAUSEWAY_WINDOW_CODE_BYTES;
}

static void run_ndrange(struct thread *thread, struct causeway_job *job, uint64_t parts)
{
	const struct cwc_launch *launch = &job->ndrange.launch;
	const volatile struct causeway_job_ndrange *range = &job->ndrange;
	cwc_group_fn *entry = (cwc_group_fn *)range->entry;
	struct cwc_scratch scratch = thread->scratch;
	uint64_t groups_x = range->groups_x;
	uint64_t columns = range->launch.num_groups[0];
	uint64_t rows = range->launch.num_groups[1];
	uint64_t row_parts;
	uint64_t part;

	scratch.local_bytes = range->local_bytes;
	scratch.frames_bytes = range->frames_bytes;
	if (!is_code((uint64_t)entry) || !groups_x || !columns || !rows ||
	    scratch.local_bytes > CAUSEWAY_ENGINE_LOCAL_BYTES ||
	    scratch.frames_bytes > CAUSEWAY_ENGINE_FRAMES_BYTES ||
	    range->stack_bytes > CAUSEWAY_ENGINE_STACK_BYTES)
		refuse();
	row_parts = columns / groups_x + (columns % groups_x != 0);
	while (take_part(job, parts, &part)) {
		uint64_t begin = part % row_parts * groups_x;
		uint64_t row = part / row_parts;

		entry(launch, &scratch, begin, begin + least(groups_x, columns - begin), row % rows,
		      row / rows);
	}
}

static void copy_bytes(struct causeway_job *job, const struct causeway_job_copy *copy,
		       uint64_t parts)
{
	uint64_t part;

	while (take_part(job, parts, &part)) {
		uint64_t begin = least(part * copy->rows_part, copy->size[0]);

		wide_copy((void *)(copy->dst + begin), (const void *)(copy->src + begin),
			  least(copy->rows_part, copy->size[0] - begin));
	}
}

static void copy_row(const struct causeway_job_copy *copy, uint64_t row)
{
	uint64_t y = row % copy->size[1];
	uint64_t z = row / copy->size[1];

	wide_copy((void *)(copy->dst + y * copy->dst_pitch[0] + z * copy->dst_pitch[1]),
		  (const void *)(copy->src + y * copy->src_pitch[0] + z * copy->src_pitch[1]),
		  copy->size[0]);
}

static void run_copy(struct causeway_job *job, uint64_t parts)
{
	struct causeway_job_copy copy = *(volatile struct causeway_job_copy *)&job->copy;
	uint64_t rows = copy.size[1] * copy.size[2];
	uint64_t part;

	if (!copy.rows_part || !rows)
		refuse();
	if (rows == 1) {
		copy_bytes(job, &copy, parts);
		return;
	}
	while (take_part(job, parts, &part)) {
		uint64_t row = least(part * copy.rows_part, rows);
		uint64_t end = row + least(copy.rows_part, rows - row);

		for (; row < end; row++)
			copy_row(&copy, row);
	}
}

static void run_fill(struct causeway_job *job, uint64_t parts)
{
	struct causeway_job_fill fill = *(volatile struct causeway_job_fill *)&job->fill;
	unsigned char block[sizeof(fill.pattern)] __attribute__((aligned(64)));
	uint64_t pattern = fill.pattern_bytes;
	uint64_t part;

	if (!pattern || pattern > sizeof(block) || pattern & (pattern - 1) || !fill.bytes_part ||
	    fill.bytes_part % sizeof(block))
		refuse();
	for (uint64_t i = 0; i < sizeof(block); i++)
		block[i] = fill.pattern[i % pattern];
	while (take_part(job, parts, &part)) {
		uint64_t begin = least(part * fill.bytes_part, fill.bytes);

		wide_fill((void *)(fill.dst + begin), block,
			  least(fill.bytes_part, fill.bytes - begin));
	}
}

static void run(void *argument)
{
	struct thread *thread = argument;
	struct causeway_job *job = (struct causeway_job *)thread->next.address;
	uint64_t parts = least(*(volatile uint64_t *)&job->parts, NO_PARTS);

	set_float_state();
	switch (*(volatile uint32_t *)&job->kind) {
	case CAUSEWAY_JOB_NDRANGE:
		run_ndrange(thread, job, parts);
		break;
	case CAUSEWAY_JOB_COPY:
		run_copy(job, parts);
		break;
	case CAUSEWAY_JOB_FILL:
		run_fill(job, parts);
		break;
	default:
		refuse();
	}
}

/* Let no other thread begin another part. */
static void end_parts(void *argument)
{
	struct causeway_job *job = argument;

	__atomic_store_n(&job->next, NO_PARTS, __ATOMIC_RELAXED);
}

static uint32_t status_of(const struct guard *guard)
{
	switch (guard->signal) {
	case STOP_SIGNAL:
		return DRM_CAUSEWAY_JOB_RESET;
	case SIGSEGV:
	case SIGBUS:
		return DRM_CAUSEWAY_JOB_FAULT;
	default:
		return DRM_CAUSEWAY_JOB_EXCEPTION;
	}
}

void job_run(struct thread *thread)
{
	struct causeway_engine_next *next = &thread->next;
	struct guard failed;

	if (run_guarded(thread, run, thread)) {
		next->status = DRM_CAUSEWAY_JOB_DONE;
		next->address = 0;
		next->command_id = 0;
		return;
	}
	failed = thread->guard;
	run_guarded(thread, end_parts, (void *)next->address);
	next->status = status_of(&failed);
	next->signal = failed.signal;
	next->address = failed.address;
	next->ip = failed.ip;
	next->command_id = failed.access;
}
