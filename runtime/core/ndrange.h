/* SPDX-License-Identifier: MIT */
/* ND-ranges: OpenCL 3.0, 5.10. */
#ifndef CW_NDRANGE_H
#define CW_NDRANGE_H

#include "core/command.h"

struct cw_kernel;
struct cw_kernel_code;

/*
 * struct cw_ndrange_desc - what clEnqueueNDRangeKernel was given.
 * Unused dimensions: offset 0, size 1.
 * @local: NULL lets us choose.
 */
struct cw_ndrange_desc {
	unsigned work_dim;
	size_t offset[3];
	size_t global[3];
	const size_t *local;
};

/*
 * A good work-group size for @desc, which names none: what the kernel requires;
 * else a multiple of the vector width that makes groups of a few hundred
 * items.  Where groups must be uniform it divides the global size, unless the
 * kernel cannot tell.
 */
void cw_ndrange_choose_local(const struct cw_kernel *kernel, const struct cw_kernel_code *code,
			     const struct cw_ndrange_desc *desc, uint64_t local_out[3]);

/*
 * Fill in @command, which is of kind NDRANGE, for @kernel with its current
 * arguments; all rules were checked.  CL_OUT_OF_HOST_MEMORY, or
 * CL_OUT_OF_RESOURCES where the groups are more than can be counted; then the
 * caller cancels it.
 */
cl_int cw_ndrange_fill(struct cw_command *command, const struct cw_kernel *kernel,
		       struct cw_kernel_code *code, const struct cw_ndrange_desc *desc);

#endif
