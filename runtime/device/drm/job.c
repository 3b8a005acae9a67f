/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/kernel.h"
#include "core/process.h"
#include "core/queue.h"
#include "device/drm/drm.h"

/* Parts for each engine thread: fine enough to balance, few enough to count. */
#define PARTS_PER_THREAD 16
#define PAGE_BYTES	 4096u
/* Bytes of a copy that one thread takes at a time. */
#define PART_BYTES	 (256u << 10)
/* A thread more should have this much to do. */
#define THREAD_NS	 20000.0

static uint64_t round_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) / to * to;
}

static uint64_t divide_up(uint64_t value, uint64_t by)
{
	return (value + by - 1) / by;
}

/*
 * struct place - a kernel's code in CODE.
 * @vm: the VM it is part of; of our parent's after fork().
 */
struct place {
	struct cw_code_place base;
	struct cw_drm_vm *vm;
	unsigned char *code;
	uint64_t bytes;
};

static void place_release(struct cw_code_place *base)
{
	struct place *place = (struct place *)base;

	if (place->vm->generation == cw_process_generation())
		cw_drm_region_free(&place->vm->arena.code, place->code, place->bytes);
	free(place);
}

/* Code objects refer to nothing but themselves, relatively: a copy runs wherever it lies. */
static struct place *place_make(struct cw_drm_vm *vm, const struct cwc_image *image)
{
	struct place *place = malloc(sizeof(*place));

	if (!place)
		return NULL;
	place->base.release = place_release;
	place->vm = vm;
	place->bytes = round_up(image->bytes, PAGE_BYTES);
	place->code = cw_drm_region_alloc(&vm->arena.code, place->bytes);
	if (!place->code) {
		free(place);
		return NULL;
	}
	memcpy(place->code, image->base, image->bytes);
	return place;
}

/* Where @code lies for the engine; made on first use, again after fork().  NULL without memory. */
static unsigned char *place_code(struct cw_drm_vm *vm, struct cw_kernel_code *code)
{
	struct cw_code_place *known = atomic_load_explicit(&code->place, memory_order_acquire);
	struct place *made;

	if (known && ((struct place *)known)->vm == vm)
		return ((struct place *)known)->code;
	made = place_make(vm, code->image);
	if (!made)
		return NULL;
	if (atomic_compare_exchange_strong(&code->place, &known, &made->base)) {
		if (known)
			known->release(known);
		return made->code;
	}
	place_release(&made->base);
	return ((struct place *)known)->code;
}

static uint64_t block_bytes(const struct cw_command *command)
{
	return round_up(command->ndrange.code->image->note.arg_bytes, CWC_ARENA_ALIGN);
}

/* How many threads are worth their wake-up. */
static uint32_t width_of(const struct cw_drm_vm *vm, uint64_t parts, double expected_ns)
{
	uint64_t width = parts < vm->threads ? parts : vm->threads;

	if (expected_ns >= 0 && expected_ns / THREAD_NS + 1 < (double)width)
		width = (uint64_t)(expected_ns / THREAD_NS) + 1;
	return width ? (uint32_t)width : 1;
}

static double items_of(const struct cwc_launch *launch)
{
	return (double)launch->global_size[0] * (double)launch->global_size[1] *
	       (double)launch->global_size[2];
}

/* -1: not known yet. */
static double expected_ns(const struct cw_command *command)
{
	const struct cw_ndrange *range = &command->ndrange;
	uint32_t cost = atomic_load_explicit(&range->code->cost, memory_order_relaxed);

	return cost ? items_of(&range->launch) * cost / CW_KERNEL_COST_UNIT : -1;
}

/* Moves slowly towards what it sees. */
static void learn(struct cw_command *command, uint64_t ns)
{
	atomic_uint *cost = &command->ndrange.code->cost;
	double items = items_of(&command->ndrange.launch);
	double seen = (double)ns * cw_drm_job(command)->width * CW_KERNEL_COST_UNIT / (items + 1);
	double known = atomic_load_explicit(cost, memory_order_relaxed);

	if (known > 0)
		seen = known + (seen - known) / 4;
	if (seen > UINT32_MAX / 2)
		seen = UINT32_MAX / 2;
	atomic_store_explicit(cost, (uint32_t)seen + 1, memory_order_relaxed);
}

static int add_printf(struct cw_drm_vm *vm, struct cw_command *command)
{
	const struct cwc_printf_buffer *host = command->ndrange.launch.printf;
	struct cw_drm_job *job = cw_drm_job(command);

	if (!host)
		return 0;
	job->printf = cw_drm_region_alloc(&vm->arena.data, sizeof(*host) + host->bytes);
	if (!job->printf)
		return -ENOMEM;
	job->printf->bytes = host->bytes;
	job->printf->used = 0;
	return 0;
}

static int make_ndrange(struct cw_drm_vm *vm, struct cw_command *command)
{
	const struct cw_ndrange *range = &command->ndrange;
	const struct cwc_launch *launch = &range->launch;
	const struct cwc_image *image = range->code->image;
	struct cw_drm_job *job = cw_drm_job(command);
	struct causeway_job *memory = job->memory;
	unsigned char *place = place_code(vm, range->code);
	uint64_t rows = launch->num_groups[1] * launch->num_groups[2];
	uint64_t cuts = rows ? divide_up((uint64_t)vm->threads * PARTS_PER_THREAD, rows) : 1;
	uint64_t groups_x = divide_up(launch->num_groups[0], cuts);

	if (image->note.stack_bytes > CAUSEWAY_ENGINE_STACK_BYTES ||
	    range->local_bytes > CAUSEWAY_ENGINE_LOCAL_BYTES ||
	    range->frames_bytes > CAUSEWAY_ENGINE_FRAMES_BYTES)
		return -E2BIG;
	if (!place || add_printf(vm, command))
		return -ENOMEM;
	memory->kind = CAUSEWAY_JOB_NDRANGE;
	memory->ndrange = (struct causeway_job_ndrange){
		.entry = (uintptr_t)place + ((uintptr_t)image->entry - (uintptr_t)image->base),
		.launch = *launch,
		.groups_x = groups_x ? groups_x : 1,
		.local_bytes = range->local_bytes,
		.frames_bytes = range->frames_bytes,
		.stack_bytes = image->note.stack_bytes,
	};
	memory->ndrange.launch.args =
		(unsigned char *)memory + round_up(sizeof(*memory), CWC_ARENA_ALIGN);
	memory->ndrange.launch.printf = job->printf;
	memcpy((void *)memory->ndrange.launch.args, launch->args, image->note.arg_bytes);
	memory->parts = divide_up(launch->num_groups[0], memory->ndrange.groups_x) * rows;
	job->width = width_of(vm, memory->parts, expected_ns(command));
	return 0;
}

static void make_copy(const struct cw_drm_vm *vm, struct cw_command *command)
{
	struct causeway_job *memory = cw_drm_job(command)->memory;
	size_t bytes = command->copy.bytes;

	memory->kind = CAUSEWAY_JOB_COPY;
	memory->copy = (struct causeway_job_copy){
		.dst = (uintptr_t)command->copy.target,
		.src = (uintptr_t)command->copy.source,
		.size = {bytes, 1, 1},
		.rows_part = PART_BYTES,
	};
	memory->parts = divide_up(bytes, PART_BYTES);
	cw_drm_job(command)->width = width_of(vm, memory->parts, -1);
}

static void make_rect(const struct cw_drm_vm *vm, struct cw_command *command)
{
	const struct cw_rect *rect = &command->rect;
	struct causeway_job *memory = cw_drm_job(command)->memory;
	uint64_t rows = rect->region[1] * rect->region[2];
	uint64_t rows_part = divide_up(PART_BYTES, rect->region[0] ? rect->region[0] : 1);

	memory->kind = CAUSEWAY_JOB_COPY;
	memory->copy = (struct causeway_job_copy){
		.dst = (uintptr_t)rect->target,
		.src = (uintptr_t)rect->source,
		.size = {rect->region[0], rect->region[1], rect->region[2]},
		.dst_pitch = {rect->target_row, rect->target_slice},
		.src_pitch = {rect->source_row, rect->source_slice},
		.rows_part = rows == 1 ? PART_BYTES : rows_part,
	};
	memory->parts =
		rows == 1 ? divide_up(rect->region[0], PART_BYTES) : divide_up(rows, rows_part);
	cw_drm_job(command)->width = width_of(vm, memory->parts, -1);
}

static void make_fill(const struct cw_drm_vm *vm, struct cw_command *command)
{
	struct causeway_job *memory = cw_drm_job(command)->memory;

	memory->kind = CAUSEWAY_JOB_FILL;
	memory->fill = (struct causeway_job_fill){
		.dst = (uintptr_t)command->fill.target,
		.bytes = command->fill.bytes,
		.bytes_part = PART_BYTES,
		.pattern_bytes = command->fill.pattern_bytes,
	};
	memcpy(memory->fill.pattern, command->block, command->fill.pattern_bytes);
	memory->parts = divide_up(command->fill.bytes, PART_BYTES);
	cw_drm_job(command)->width = width_of(vm, memory->parts, -1);
}

int cw_drm_job_make(struct cw_drm_vm *vm, struct cw_command *command)
{
	struct cw_drm_job *job = cw_drm_job(command);

	*job = (struct cw_drm_job){0};
	job->bytes = round_up(sizeof(*job->memory), CWC_ARENA_ALIGN);
	if (command->kind == CW_COMMAND_NDRANGE)
		job->bytes += block_bytes(command);
	job->command_id = command->id ? command->id
				      : UINT64_C(1) << 32 | atomic_fetch_add(&vm->last_command, 1);
	job->memory = cw_drm_region_alloc(&vm->arena.data, job->bytes);
	if (!job->memory)
		return -ENOMEM;
	job->memory->next = 0;
	job->memory->pad = 0;
	switch (command->kind) {
	case CW_COMMAND_NDRANGE:
		return make_ndrange(vm, command);
	case CW_COMMAND_COPY:
		make_copy(vm, command);
		return 0;
	case CW_COMMAND_RECT:
		make_rect(vm, command);
		return 0;
	case CW_COMMAND_FILL:
		make_fill(vm, command);
		return 0;
	default:
		return -EINVAL;
	}
}

/* What was printed goes to the buffer that core prints from; its formats lie in CODE. */
static void take_printf(struct cw_command *command)
{
	struct cwc_printf_buffer *host = command->ndrange.launch.printf;
	const struct cwc_printf_buffer *printed = cw_drm_job(command)->printf;
	uint64_t used = printed->used;

	host->used = used;
	memcpy(host->data, printed->data, used < host->bytes ? used : host->bytes);
}

void cw_drm_job_finish(struct cw_drm_vm *vm, struct cw_command *command, uint64_t now_ns)
{
	struct cw_drm_job *job = cw_drm_job(command);

	if (job->printf) {
		take_printf(command);
		cw_drm_region_free(&vm->arena.data, job->printf,
				   sizeof(*job->printf) + command->ndrange.launch.printf->bytes);
	}
	if (command->kind == CW_COMMAND_NDRANGE && !job->error && !job->has_failed)
		learn(command, now_ns - job->submitted_ns);
	cw_drm_region_free(&vm->arena.data, job->memory, job->bytes);
}
