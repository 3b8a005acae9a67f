/* SPDX-License-Identifier: MIT */
/*
 * A rough model of what a kernel costs, to choose how wide it runs.
 *
 * Costs are tenths of a cycle for the lanes of one chunk.  Most kernels gain from the whole
 * width; one that does little between gathers is faster one work-item at a time.
 */
#include "cost.h"

#define LOOP_WEIGHT 8
#define MAX_DEPTH   3
/* A floating-point value that is carried around a loop: latency that one lane can't hide. */
#define CHAIN_COST  40

static unsigned loop_depth(const struct cwc_body *body, int block)
{
	unsigned depth = 0;

	for (int loop = body->blocks[block].loop; loop >= 0; loop = body->blocks[loop].outer)
		depth++;
	return depth < MAX_DEPTH ? depth : MAX_DEPTH;
}

/* Vector registers that a result takes. */
static unsigned registers(struct cwc_body *body, type_t type)
{
	struct cwc_unit *unit = body->unit;
	unsigned bytes = unit->options.isa == CWC_ISA_AVX512 ? 64
			 : unit->options.isa == CWC_ISA_AVX2 ? 32
							     : 16;
	uint64_t total;

	if (LLVMGetTypeKind(type) == LLVMVoidTypeKind)
		return 1;
	total = cwc_bytes(unit, type) * unit->width;
	return total <= bytes ? 1 : (unsigned)(total / bytes);
}

/* @scalar: of one lane alone, @vector: of all together. */
static void memory_cost(struct cwc_body *body, val_t inst, unsigned *scalar, unsigned *vector)
{
	bool store = LLVMIsAStoreInst(inst) != NULL;
	val_t pointer = LLVMGetOperand(inst, store ? 1 : 0);
	type_t type = store ? LLVMTypeOf(LLVMGetOperand(inst, 0)) : LLVMTypeOf(inst);
	unsigned count = cwc_components(type);
	int64_t stride;
	enum cwc_shape shape = cwc_shape_of(body, pointer, &stride);

	*scalar = store ? 10 : 5;
	*vector = *scalar;
	if (shape == CWC_SHAPE_VARYING)
		*vector = (store ? 40 : 30) * body->unit->width * (count > 1 ? count / 2 : 1);
	else if (shape == CWC_SHAPE_LINEAR)
		*vector = (stride == (int64_t)cwc_bytes(body->unit, type) ? 10 : 60) *
			  registers(body, type);
}

static void instruction_cost(struct cwc_body *body, val_t inst, unsigned *scalar, unsigned *vector)
{
	unsigned width = body->unit->width;
	bool varying = cwc_value(body, inst)->shape == CWC_SHAPE_VARYING;

	*scalar = 3;
	*vector = varying ? 10 * registers(body, LLVMTypeOf(inst)) : 3;
	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMLoad:
	case LLVMStore:
		memory_cost(body, inst, scalar, vector);
		break;
	case LLVMUDiv:
	case LLVMSDiv:
	case LLVMURem:
	case LLVMSRem:
		*scalar = 60;
		*vector = varying ? 15 * width : 60;
		break;
	case LLVMFDiv:
		*scalar = 40;
		*vector = varying ? 100 * registers(body, LLVMTypeOf(inst)) : 40;
		break;
	case LLVMCall:
		*scalar = cwc_is_heavy(LLVMGetCalledValue(inst)) ? 200 : 5;
		*vector = cwc_is_heavy(LLVMGetCalledValue(inst)) ? 300 : 10;
		break;
	case LLVMAtomicRMW:
	case LLVMAtomicCmpXchg:
		*scalar = 50;
		*vector = 50 * width;
		break;
	case LLVMBr:
		*scalar = LLVMGetNumSuccessors(inst) > 1 ? 10 : 0;
		*vector = LLVMGetNumSuccessors(inst) > 1 ? 25 : 0;
		break;
	case LLVMPHI:
	case LLVMExtractElement:
	case LLVMInsertElement:
	case LLVMShuffleVector:
		*scalar = *vector = 0;
		break;
	default:
		break;
	}
}

static bool is_float_chain(const struct cwc_block *block, val_t inst)
{
	LLVMTypeKind kind = LLVMGetTypeKind(LLVMTypeOf(inst));

	return block->latch >= 0 && LLVMIsAPHINode(inst) &&
	       (kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind);
}

/* An access with an address of its own for each lane. */
static bool is_gather(struct cwc_body *body, val_t inst)
{
	int64_t stride;

	if (!LLVMIsALoadInst(inst) && !LLVMIsAStoreInst(inst))
		return false;
	return cwc_shape_of(body, LLVMGetOperand(inst, LLVMIsAStoreInst(inst) ? 1 : 0), &stride) ==
	       CWC_SHAPE_VARYING;
}

void cwc_cost(struct cwc_body *body, struct cwc_cost *cost)
{
	*cost = (struct cwc_cost){0};
	for (int b = 0; b < body->block_count; b++) {
		unsigned depth = loop_depth(body, b), block_scalar = 0, scalar, vector;
		uint64_t weight = 1;
		bool chain = false;

		for (unsigned d = 0; d < depth; d++)
			weight *= LOOP_WEIGHT;
		for (val_t inst = LLVMGetFirstInstruction(body->blocks[b].block); inst;
		     inst = LLVMGetNextInstruction(inst)) {
			instruction_cost(body, inst, &scalar, &vector);
			block_scalar += scalar;
			cost->vector += weight * vector;
			chain |= is_float_chain(&body->blocks[b], inst);
			if (depth && cwc_value(body, inst)->shape == CWC_SHAPE_VARYING &&
			    !LLVMIsAPHINode(inst))
				cost->loop_work += registers(body, LLVMTypeOf(inst));
			cost->loop_gathers |= depth && is_gather(body, inst);
			cost->private_memory |= LLVMIsAAllocaInst(inst) != NULL;
		}
		cost->loops |= depth > 0;
		if (chain && block_scalar < CHAIN_COST)
			block_scalar = CHAIN_COST;
		cost->scalar += weight * block_scalar * body->unit->width;
	}
}
