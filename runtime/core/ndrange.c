/* SPDX-License-Identifier: MIT */
#include "core/ndrange.h"

#include "core/kernel.h"
#include "core/printf.h"
#include "core/queue.h"

/* Work-items of a group, where we choose: enough to fill vectors, few enough to share out. */
#define GOOD_GROUP_ITEMS 256

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The largest divisor of @size up to @limit, rather a multiple of @width. */
static uint64_t best_divisor(uint64_t size, uint64_t limit, uint64_t width)
{
	uint64_t best = 1;

	limit = min_u64(limit, size);
	for (uint64_t divisor = limit / width * width; divisor; divisor -= width) {
		if (size % divisor == 0)
			return divisor;
	}
	for (uint64_t divisor = limit; divisor && best == 1; divisor--) {
		if (size % divisor == 0)
			best = divisor;
	}
	return best;
}

/* @size work-items in one dimension, at most @limit of them in a group. */
static uint64_t choose_size(const struct cw_kernel *kernel, const struct cw_kernel_code *code,
			    uint64_t size, uint64_t limit, uint64_t width)
{
	bool must_divide =
		kernel->info->uniform_groups && code->image->note.flags & CWC_KERNEL_LOCAL_ID;

	if (must_divide)
		return best_divisor(size, limit, width);
	return size ? min_u64(size, limit) : 1;
}

void cw_ndrange_choose_local(const struct cw_kernel *kernel, const struct cw_kernel_code *code,
			     const struct cw_ndrange_desc *desc, uint64_t local_out[3])
{
	const uint64_t *required = kernel->info->required_local;
	bool rows = code->image->note.flags & CWC_KERNEL_ROWS && desc->work_dim > 1 &&
		    desc->global[1] >= CWC_GOOD_ROWS;
	uint64_t limit = rows ? CWC_GOOD_ROWS * CWC_GOOD_COLUMNS : GOOD_GROUP_ITEMS;

	for (unsigned i = 0; i < 3; i++) {
		uint64_t width = i ? 1 : code->image->note.width;
		uint64_t room = rows && !i ? CWC_GOOD_COLUMNS : limit;

		if (required[0]) {
			local_out[i] = required[i];
			continue;
		}
		local_out[i] = i < desc->work_dim
				       ? choose_size(kernel, code, desc->global[i], room, width)
				       : 1;
		limit /= local_out[i];
		limit = limit ? limit : 1;
	}
}

/* Sizes and counts; false where the groups can't be counted. */
static bool fill_sizes(struct cwc_launch *launch, const struct cw_ndrange_desc *desc)
{
	uint64_t groups = 1;

	launch->work_dim = desc->work_dim;
	launch->pad = 0;
	for (unsigned i = 0; i < 3; i++) {
		launch->global_size[i] = desc->global[i];
		launch->global_offset[i] = desc->offset[i];
		launch->num_groups[i] = desc->global[i] / launch->local_size[i] +
					(desc->global[i] % launch->local_size[i] != 0);
		if (__builtin_mul_overflow(groups, launch->num_groups[i], &groups))
			return false;
	}
	return true;
}

static bool hold_mems(struct cw_command *command, const struct cw_kernel *kernel)
{
	if (!cw_command_reserve_mems(command, kernel->num_mems))
		return false;
	for (unsigned i = 0; i < kernel->num_mems; i++)
		cw_command_hold(command, kernel->mems[i].mem);
	return true;
}

static bool add_printf(struct cw_command *command, const struct cw_kernel_code *code)
{
	struct cwc_launch *launch = &command->ndrange.launch;

	launch->printf = NULL;
	if (!(code->image->note.flags & CWC_KERNEL_PRINTF))
		return true;
	launch->printf = cw_printf_buffer_create(command->event.queue->device->caps.printf_bytes);
	return launch->printf;
}

cl_int cw_ndrange_fill(struct cw_command *command, const struct cw_kernel *kernel,
		       struct cw_kernel_code *code, const struct cw_ndrange_desc *desc)
{
	struct cw_ndrange *range = &command->ndrange;
	struct cwc_launch *launch = &range->launch;

	range->code = cw_kernel_code_get(code);
	launch->printf = NULL;
	for (unsigned i = 0; i < 3 && desc->local; i++)
		launch->local_size[i] = i < desc->work_dim ? desc->local[i] : 1;
	if (!desc->local)
		cw_ndrange_choose_local(kernel, code, desc, launch->local_size);
	if (!fill_sizes(launch, desc))
		return CL_OUT_OF_RESOURCES;
	range->local_bytes = cw_kernel_local_bytes(kernel, code);
	range->frames_bytes = cwc_frames_bytes(&code->image->note, launch->local_size);
	launch->globals = code->globals;
	if (!add_printf(command, code) ||
	    !cw_command_reserve_block(command, kernel->info->arg_bytes) ||
	    !hold_mems(command, kernel))
		return CL_OUT_OF_HOST_MEMORY;
	launch->args = command->block;
	cw_kernel_write_block(kernel, code, command->block);
	return CL_SUCCESS;
}
