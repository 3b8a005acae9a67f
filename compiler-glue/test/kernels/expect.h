/* SPDX-License-Identifier: MIT */
/* What the hand-written kernels have to leave in memory. */
#ifndef CWC_KERNELS_EXPECT_H
#define CWC_KERNELS_EXPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../abi.h"

#define SLOTS	   4
#define ARGUMENT_N 1 /* the value of parameter n */

/*
 * struct item - a work-item.
 * @g, @lid: linear ids, without offset; @first: @g of its group's first (one dimension).
 * @lsz: work-items of its group; @items: of the ND-range.
 * @width: lanes of the compiled kernel.
 * @in: the input, four elements below 251 for each work-item and 256 more.
 * @launch, @id, @local_id, @group: as the kernel sees them.
 */
struct item {
	uint64_t g, lid, first, lsz, items;
	unsigned width;
	const uint32_t *in;
	const struct cwc_launch *launch;
	uint64_t id[3], local_id[3], group[3], local_size[3];
};

/*
 * struct kernel_test - a kernel NAME of NAME.cl.
 * @expect: set the SLOTS words of one work-item; what it leaves alone is not checked.
 * @expect_all: check everything, instead or as well; NULL or a complaint.
 * @extra: argument bytes after the common ones, @extra_bytes of them.
 * @offset: global offset in the first dimension.
 * @dims: dimensions of its ND-ranges.
 * @local: a local size to try besides the usual ones.
 */
struct kernel_test {
	const char *name;
	void (*expect)(const struct item *item, uint32_t *out);
	const char *(*expect_all)(const struct item *last, const uint32_t *out,
				  const struct cwc_printf_buffer *printed);
	const void *extra;
	size_t extra_bytes;
	uint64_t offset;
	unsigned dims;
	unsigned local;
};

/* Each ends with an entry without name. */
extern const struct kernel_test flow_tests[];
extern const struct kernel_test data_tests[];
extern const struct kernel_test group_tests[];

#endif
