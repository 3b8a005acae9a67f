/* SPDX-License-Identifier: MIT */
/*
 * Mapped regions of memory objects: OpenCL 3.0, 5.5.
 *
 * A buffer lies in host memory, so mapping moves nothing; what is kept here
 * answers CL_MEM_MAP_COUNT and finds wrong maps and unmaps.  A region counts
 * from the call of the enqueue on, not from when the command runs.
 */
#ifndef CW_MAP_H
#define CW_MAP_H

#include "core/mem.h"

/* Note a region of @mem as mapped at @pointer. CL_INVALID_OPERATION: overlaps in writing. */
cl_int cw_map_add(struct cw_mem *mem, void *pointer, size_t bytes, cl_map_flags flags);

/* Forget one region of @mem mapped at @pointer; false: there is none. */
bool cw_map_remove(struct cw_mem *mem, const void *pointer);

/* @mem ends. */
void cw_map_finish(struct cw_mem *mem);

#endif
