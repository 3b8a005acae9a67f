/* SPDX-License-Identifier: MIT */
/* Small regions run under their mask without a branch around them. */
#include "body.h"

#define FLAT_COST 12

/* Cost of an instruction, or above FLAT_COST if it must not run with no lane active. */
static unsigned flat_cost(struct cwc_body *body, val_t inst)
{
	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMPHI:
	case LLVMBitCast:
	case LLVMAddrSpaceCast:
		return 0;
	case LLVMLoad:
		if (cwc_is_uniform(body, LLVMGetOperand(inst, 0)) || LLVMGetVolatile(inst))
			return FLAT_COST + 1;
		return 4;
	case LLVMStore:
		if (cwc_is_uniform(body, LLVMGetOperand(inst, 1)) || LLVMGetVolatile(inst))
			return FLAT_COST + 1;
		return 6;
	case LLVMCall:
	case LLVMFence:
	case LLVMAtomicRMW:
	case LLVMAtomicCmpXchg:
	case LLVMUDiv:
	case LLVMSDiv:
	case LLVMURem:
	case LLVMSRem:
	case LLVMAlloca:
		return FLAT_COST + 1;
	case LLVMFDiv:
		return 4;
	default:
		return cwc_components(LLVMTypeOf(inst));
	}
}

bool cwc_worth_flattening(struct cwc_body *body, int index, int join)
{
	struct cwc_block *block = &body->blocks[index];
	val_t terminator = LLVMGetBasicBlockTerminator(block->block);
	unsigned cost = 0;

	/* this block is the whole region: what it goes on to may as well be a loop in the region */
	if (block->succ_count != 1 || block->succs[0] != join)
		return false;
	for (val_t inst = LLVMGetFirstInstruction(block->block); inst != terminator;
	     inst = LLVMGetNextInstruction(inst)) {
		cost += flat_cost(body, inst);
		if (cost > FLAT_COST)
			return false;
	}
	return true;
}
