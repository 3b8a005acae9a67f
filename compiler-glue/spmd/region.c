/* SPDX-License-Identifier: MIT */
/* What lies between a branch and where its paths meet again. */
#include "internal.h"

#include <stdlib.h>

static bool block_has_barrier(const struct cwc_block *block)
{
	for (val_t inst = LLVMGetFirstInstruction(block->block); inst;
	     inst = LLVMGetNextInstruction(inst))
		if (LLVMGetInstructionOpcode(inst) == LLVMCall &&
		    cwc_call_is_barrier(cwc_callee(inst)))
			return true;
	return false;
}

/* Does the branch of block @branch decide whether or how often a barrier is met? */
bool cwc_region_has_barrier(struct cwc_body *body, int branch)
{
	int *stack = cwc_alloc((size_t)body->block_count, sizeof(int));
	bool *seen = cwc_alloc((size_t)body->block_count, sizeof(bool));
	int depth = 1;
	bool found = false;

	stack[0] = branch;
	while (depth && !found) {
		const struct cwc_block *block = &body->blocks[stack[--depth]];

		for (int s = 0; s < block->succ_count; s++) {
			int succ = block->succs[s];

			if (seen[succ] || succ == body->blocks[branch].ipdom)
				continue;
			seen[succ] = true;
			found |= block_has_barrier(&body->blocks[succ]);
			stack[depth++] = succ;
		}
	}
	free(stack);
	free(seen);
	return found;
}
