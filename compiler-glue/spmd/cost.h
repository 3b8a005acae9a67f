/* SPDX-License-Identifier: MIT */
#ifndef CWC_SPMD_COST_H
#define CWC_SPMD_COST_H

#include "internal.h"

/*
 * struct cwc_cost - estimate for one chunk.
 * @scalar: if its lanes ran one after the other.
 * @vector: as analysed.
 * @loop_work: vector registers written in loops, once around.
 * @loops: there are any.
 * @loop_gathers: there are gathers or scatters in them.
 * @private_memory: there are private arrays.
 */
struct cwc_cost {
	uint64_t scalar, vector;
	unsigned loop_work;
	bool loops, loop_gathers, private_memory;
};

/* Estimate an analysed body. */
void cwc_cost(struct cwc_body *body, struct cwc_cost *cost);

#endif
