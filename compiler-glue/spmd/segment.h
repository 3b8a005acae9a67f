/* SPDX-License-Identifier: MIT */
/*
 * A chunk's code between barriers.
 *
 * DOC: segments
 *
 * The chunk function is cut at its barriers.  Segment 0 starts at the entry, segment k
 * behind barrier k - 1; each holds the blocks that are reached from there without
 * passing a barrier.  What a segment needs from an earlier one is
 *  - recomputed, when it is cheap arithmetic on parameters;
 *  - kept once a group, when it is the same in the whole group; or
 *  - kept in the chunk's frame.
 */
#ifndef CWC_SPMD_SEGMENT_H
#define CWC_SPMD_SEGMENT_H

#include "internal.h"
#include "map.h"

/* How a value gets over barriers. */
enum cwc_carry {
	CWC_CARRY_NONE,	     /* never needed behind a barrier */
	CWC_CARRY_RECOMPUTE, /* from parameters, wherever it is needed */
	CWC_CARRY_GROUP,     /* one place a group */
	CWC_CARRY_FRAME,     /* one place a chunk */
};

/*
 * struct cwc_carried - an instruction of the chunk function that has a result.
 * @inst: the instruction.
 * @block: index of its block.
 * @carry: how it gets over barriers.
 * @offset: in the frame.
 * @slot: alloca that holds it while a segment runs.
 * @group_in, @group_out: allocas of CWC_CARRY_GROUP before and after a segment.
 * @current: CWC_CARRY_GROUP's value before the segment under way.
 * @written: that segment has written @group_out.
 */
struct cwc_carried {
	val_t inst;
	int block;
	enum cwc_carry carry;
	uint64_t offset;
	val_t slot, group_in, group_out, current;
	bool written;
};

/*
 * struct cwc_cut - the chunk function, taken apart.
 * @chunk: the function.
 * @blocks: block_count of them; @block_map gives the index.
 * @values: value_count of them; @value_map gives the index.
 * @live: for each block, a bit set of values live at its start; @words each.
 * @barrier: for each block, the segment that starts behind it if it ends in a barrier, else 0.
 * @starts: first block of each segment, segment_count of them.
 */
struct cwc_cut {
	struct cwc_unit *unit;
	val_t chunk;
	LLVMBasicBlockRef *blocks;
	int block_count;
	struct cwc_map block_map, value_map;
	struct cwc_carried *values;
	int value_count;
	size_t words;
	uint64_t *live;
	int *barrier, *starts;
	int segment_count;
};

void cwc_cut_init(struct cwc_cut *cut, struct cwc_unit *unit, val_t chunk,
		  const struct cwc_map *group_values);
void cwc_cut_finish(struct cwc_cut *cut);
bool cwc_cut_is_live(const struct cwc_cut *cut, int block, int value);
/* Lay frame values out from @offset on; returns the end. */
uint64_t cwc_cut_place(struct cwc_cut *cut, uint64_t offset);

#endif
