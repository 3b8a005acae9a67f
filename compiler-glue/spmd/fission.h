/* SPDX-License-Identifier: MIT */
/* Loops over the chunks of a group between barriers. */
#ifndef CWC_SPMD_FISSION_H
#define CWC_SPMD_FISSION_H

#include "group.h"
#include "segment.h"

/*
 * struct cwc_fission - one version of a group's code while it is built.
 * @cut: the chunk function.
 * @own_states: each chunk keeps the number of its next segment.
 * @frame: of the chunk that runs now.
 * @frame_bytes: alloca, i64: size of one frame.
 * @number: alloca, i64: number of the chunk that runs now.
 * @next: alloca, i32: the segment that the last chunk goes on with.
 * @segments: first block of each segment's loops.
 * @group_done, @chunk_done, @pick: where to go at the end of a group, of a chunk, of
 *	a segment with @own_states.
 * @reached, @returns: what the segment under way may lead to.
 * @fixed: from parameters and recomputed values of the chunk function to values of
 *	the chunk that runs now.
 * @copies: from instructions of the chunk function to the segment's.
 */
struct cwc_fission {
	struct cwc_body *body;
	struct cwc_cut cut;
	bool own_states;
	val_t frame, frame_bytes, number, next;
	LLVMBasicBlockRef *segments, group_done, chunk_done, pick;
	bool *reached, returns;
	struct cwc_map fixed, copies;
};

/* fission.c */
void cwc_fission_leave(struct cwc_fission *fission, int next);

/* copy.c */
void cwc_segment_slots(struct cwc_fission *fission);
void cwc_segment_load_group(struct cwc_fission *fission, int segment);
void cwc_segment_store_group(struct cwc_fission *fission, int segment);
void cwc_segment_emit(struct cwc_fission *fission, int segment);

#endif
