/* SPDX-License-Identifier: MIT */
/* Loops over groups and chunks. */
#ifndef CWC_SPMD_GROUP_H
#define CWC_SPMD_GROUP_H

#include "internal.h"

/*
 * struct cwc_loop - an open counting loop.
 * @index: i64, from the start up to but not including @to.
 */
struct cwc_loop {
	val_t index, to;
	LLVMBasicBlockRef head, done;
};

void cwc_loop_begin(struct cwc_body *body, struct cwc_loop *loop, val_t from, val_t to);
void cwc_loop_end(struct cwc_body *body, struct cwc_loop *loop, uint64_t step);
val_t cwc_minimum(struct cwc_unit *unit, val_t a, val_t b);
val_t cwc_first_lanes(struct cwc_unit *unit, val_t count);
void cwc_group_place(struct cwc_body *body, unsigned dim, val_t group);

#endif
