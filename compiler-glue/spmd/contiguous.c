/* SPDX-License-Identifier: MIT */
/*
 * Addresses that are not provably neighbours but are so in most chunks: a[i % n], or the
 * index bits that a transform shuffles.  A test at run time chooses between one vector access
 * and a gather or scatter, which cost ten times as much.
 */
#include "internal.h"

#define MAX_DEPTH 12

/* Could @value grow by one from lane to lane, in most chunks? */
static bool may_step(struct cwc_body *body, val_t value, unsigned depth)
{
	int64_t stride;
	enum cwc_shape shape = cwc_shape_of(body, value, &stride);

	if (shape != CWC_SHAPE_VARYING)
		return shape == CWC_SHAPE_LINEAR && stride == 1;
	if (!LLVMIsAInstruction(value) || !depth--)
		return false;
	switch (LLVMGetInstructionOpcode(value)) {
	case LLVMAdd:
	case LLVMAnd:
	case LLVMOr:
	case LLVMXor:
		return may_step(body, LLVMGetOperand(value, 0), depth) ||
		       may_step(body, LLVMGetOperand(value, 1), depth);
	case LLVMSub:
	case LLVMURem:
	case LLVMSRem:
	case LLVMTrunc:
	case LLVMZExt:
	case LLVMSExt:
	case LLVMFreeze:
		return may_step(body, LLVMGetOperand(value, 0), depth);
	case LLVMSelect:
		return may_step(body, LLVMGetOperand(value, 1), depth) ||
		       may_step(body, LLVMGetOperand(value, 2), depth);
	default:
		return false;
	}
}

/* Is it worth a test whether the lanes of @inst, which is under @mask, lie side by side? */
bool cwc_may_be_contiguous(struct cwc_body *body, val_t inst, val_t mask)
{
	bool store = LLVMIsAStoreInst(inst) != NULL;
	val_t pointer = LLVMGetOperand(inst, store ? 1 : 0);
	type_t type = store ? LLVMTypeOf(LLVMGetOperand(inst, 0)) : LLVMTypeOf(inst);
	unsigned count = cwc_components(type);
	uint64_t bytes = cwc_bytes(body->unit, cwc_component_type(type, 0)) * count;

	if (count != 1 && (mask || (count != 2 && count != 4)))
		return false;
	for (unsigned depth = 0; depth < MAX_DEPTH; depth++) {
		val_t index;

		if (!LLVMIsAInstruction(pointer) || cwc_value(body, pointer)->interleaved)
			return false;
		if (LLVMGetInstructionOpcode(pointer) == LLVMAddrSpaceCast) {
			pointer = LLVMGetOperand(pointer, 0);
			continue;
		}
		if (LLVMGetInstructionOpcode(pointer) != LLVMGetElementPtr ||
		    LLVMGetNumOperands(pointer) != 2)
			return false;
		index = LLVMGetOperand(pointer, 1);
		if (cwc_value(body, pointer)->shape == CWC_SHAPE_VARYING &&
		    cwc_bytes(body->unit, LLVMGetGEPSourceElementType(pointer)) == bytes &&
		    may_step(body, index, MAX_DEPTH))
			return true;
		pointer = LLVMGetOperand(pointer, 0);
	}
	return false;
}

/* The test that each active lane's pointer is @base + lane * @bytes. */
val_t cwc_contiguous_test(struct cwc_body *body, val_t pointers, val_t base, uint64_t bytes,
			  val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t expected = cwc_offset(unit, base, cwc_lanes(unit, unit->i64, (int64_t)bytes));
	val_t differs = LLVMBuildICmp(unit->builder, LLVMIntNE, pointers, expected, "");

	return LLVMBuildNot(unit->builder, cwc_any(unit, cwc_mask_and(unit, mask, differs)), "");
}
