/* SPDX-License-Identifier: MIT */
/*
 * Undo what instcombine does to 32-bit indices: it carries them as 64-bit values with
 * pairs of shifts or truncations around, in which linear values are hard to see.
 */
#include "internal.h"

#include <stdlib.h>

/* (x << n) >> n, signed, is the extension of a truncation. */
static void restore_extension(struct cwc_unit *unit, val_t shift)
{
	type_t type = LLVMTypeOf(shift), narrow;
	val_t left = LLVMGetOperand(shift, 0), by = LLVMGetOperand(shift, 1), result;
	unsigned bits;

	if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind || !LLVMIsAConstantInt(by) ||
	    !LLVMIsAInstruction(left) || LLVMGetInstructionOpcode(left) != LLVMShl ||
	    LLVMGetOperand(left, 1) != by)
		return;
	bits = LLVMGetIntTypeWidth(type) - (unsigned)LLVMConstIntGetZExtValue(by);
	if (bits != 8 && bits != 16 && bits != 32)
		return;
	narrow = LLVMIntTypeInContext(unit->context, bits);
	LLVMPositionBuilderBefore(unit->builder, shift);
	result = LLVMBuildTrunc(unit->builder, LLVMGetOperand(left, 0), narrow, "");
	LLVMReplaceAllUsesWith(shift, LLVMBuildSExt(unit->builder, result, type, ""));
	LLVMInstructionEraseFromParent(shift);
	if (!LLVMGetFirstUse(left))
		LLVMInstructionEraseFromParent(left);
}

/* x & 0xffffffff is one too. */
static void restore_mask(struct cwc_unit *unit, val_t mask)
{
	val_t result;

	if (!cwc_is_word_mask(mask))
		return;
	LLVMPositionBuilderBefore(unit->builder, mask);
	result = LLVMBuildTrunc(unit->builder, LLVMGetOperand(mask, 0), unit->i32, "");
	LLVMReplaceAllUsesWith(mask, LLVMBuildZExt(unit->builder, result, unit->i64, ""));
	LLVMInstructionEraseFromParent(mask);
}

/* The type that all uses of @phi truncate it to, or NULL. */
static type_t truncated_type(val_t phi)
{
	type_t narrow = NULL;

	for (LLVMUseRef use = LLVMGetFirstUse(phi); use; use = LLVMGetNextUse(use)) {
		val_t user = LLVMGetUser(use);

		if (!LLVMIsATruncInst(user) || (narrow && LLVMTypeOf(user) != narrow))
			return NULL;
		narrow = LLVMTypeOf(user);
	}
	return narrow;
}

/* A phi that is only ever truncated becomes a narrow one. */
static bool narrow_phi(struct cwc_unit *unit, val_t phi)
{
	type_t narrow = LLVMGetTypeKind(LLVMTypeOf(phi)) == LLVMIntegerTypeKind
				? truncated_type(phi)
				: NULL;
	val_t result;

	if (!narrow)
		return false;
	LLVMPositionBuilderBefore(unit->builder, phi);
	result = LLVMBuildPhi(unit->builder, narrow, "");
	for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
		LLVMBasicBlockRef from = LLVMGetIncomingBlock(phi, i);
		val_t value;

		LLVMPositionBuilderBefore(unit->builder, LLVMGetBasicBlockTerminator(from));
		value = LLVMBuildTrunc(unit->builder, LLVMGetIncomingValue(phi, i), narrow, "");
		LLVMAddIncoming(result, &value, &from, 1);
	}
	while (LLVMGetFirstUse(phi)) {
		val_t user = LLVMGetUser(LLVMGetFirstUse(phi));

		LLVMReplaceAllUsesWith(user, result);
		LLVMInstructionEraseFromParent(user);
	}
	LLVMInstructionEraseFromParent(phi);
	return true;
}

static void narrow_phis(struct cwc_unit *unit, LLVMBasicBlockRef block)
{
	val_t inst = LLVMGetFirstInstruction(block);

	/* narrowing removes instructions, the next one perhaps: start over */
	while (inst && LLVMIsAPHINode(inst))
		inst = narrow_phi(unit, inst) ? LLVMGetFirstInstruction(block)
					      : LLVMGetNextInstruction(inst);
}

static void restore(struct cwc_unit *unit, LLVMBasicBlockRef block)
{
	val_t next;

	for (val_t inst = LLVMGetFirstInstruction(block); inst; inst = next) {
		next = LLVMGetNextInstruction(inst);
		if (LLVMGetInstructionOpcode(inst) == LLVMAShr)
			restore_extension(unit, inst);
		else if (LLVMGetInstructionOpcode(inst) == LLVMAnd)
			restore_mask(unit, inst);
	}
}

void cwc_narrow(struct cwc_unit *unit, val_t function)
{
	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block))
		restore(unit, block);
	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block))
		narrow_phis(unit, block);
}
