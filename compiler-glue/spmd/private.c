/* SPDX-License-Identifier: MIT */
/*
 * Private memory of a chunk: each lane has its copy of every alloca.
 *
 * Where all accesses are of one size, lanes alternate element by element, so
 * that accesses with a uniform index are contiguous; byte offset o of lane l
 * lies at o * width + l * size then.  Elsewhere the copies follow each other.
 */
#include "internal.h"

#include <string.h>

/* What the uses of an alloca have in common. */
struct uses {
	struct cwc_body *body;
	uint64_t bytes;
	bool mark;
};

static bool access_fits(struct uses *uses, type_t type)
{
	uint64_t bytes = cwc_bytes(uses->body->unit, cwc_component_type(type, 0));

	if (LLVMGetTypeKind(type) == LLVMStructTypeKind ||
	    LLVMGetTypeKind(type) == LLVMArrayTypeKind || bytes > 8 || type == uses->body->unit->i1)
		return false;
	if (!uses->bytes)
		uses->bytes = bytes;
	return uses->bytes == bytes;
}

/* Offsets must be whole elements. */
static bool gep_fits(struct uses *uses, val_t gep)
{
	struct cwc_unit *unit = uses->body->unit;
	type_t type = LLVMGetGEPSourceElementType(gep);
	int count = LLVMGetNumOperands(gep);

	for (int i = 1; i < count; i++) {
		val_t index = LLVMGetOperand(gep, (unsigned)i);
		uint64_t bytes;

		if (i > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
			unsigned field = (unsigned)LLVMConstIntGetZExtValue(index);

			if (LLVMOffsetOfElement(unit->layout, type, field) % uses->bytes)
				return false;
			type = LLVMStructGetTypeAtIndex(type, field);
			continue;
		}
		if (i > 1)
			type = LLVMGetElementType(type);
		bytes = cwc_bytes(unit, type);
		if (LLVMIsAConstantInt(index))
			bytes *= (uint64_t)LLVMConstIntGetSExtValue(index);
		if (bytes % uses->bytes)
			return false;
	}
	return true;
}

static bool uses_fit(struct uses *uses, val_t pointer, unsigned depth)
{
	if (depth > 32)
		return false;
	for (LLVMUseRef use = LLVMGetFirstUse(pointer); use; use = LLVMGetNextUse(use)) {
		val_t user = LLVMGetUser(use);

		switch (LLVMIsAInstruction(user) ? LLVMGetInstructionOpcode(user) : LLVMRet) {
		case LLVMLoad:
			if (!access_fits(uses, LLVMTypeOf(user)) || LLVMGetVolatile(user))
				return false;
			break;
		case LLVMStore:
			if (LLVMGetOperand(user, 0) == pointer || LLVMGetVolatile(user) ||
			    !access_fits(uses, LLVMTypeOf(LLVMGetOperand(user, 0))))
				return false;
			break;
		case LLVMCall:
			if (strncmp(cwc_callee(user), "llvm.lifetime", 13) != 0)
				return false;
			break;
		case LLVMGetElementPtr:
			if (LLVMGetOperand(user, 0) != pointer ||
			    (uses->mark && !gep_fits(uses, user)) ||
			    !uses_fit(uses, user, depth + 1))
				return false;
			break;
		default:
			return false;
		}
	}
	return true;
}

static void mark_uses(struct cwc_body *body, val_t pointer)
{
	cwc_value(body, pointer)->interleaved = true;
	for (LLVMUseRef use = LLVMGetFirstUse(pointer); use; use = LLVMGetNextUse(use))
		if (LLVMGetInstructionOpcode(LLVMGetUser(use)) == LLVMGetElementPtr)
			mark_uses(body, LLVMGetUser(use));
}

/* The first walk finds the size of accesses, the second checks offsets against it. */
static void classify(struct cwc_body *body, val_t alloca)
{
	struct uses uses = {.body = body};
	uint64_t bytes = cwc_bytes(body->unit, LLVMGetAllocatedType(alloca));

	cwc_value(body, alloca)->stride = (int64_t)bytes;
	if (!uses_fit(&uses, alloca, 0) || !uses.bytes)
		return;
	uses.mark = true;
	if (!uses_fit(&uses, alloca, 0))
		return;
	cwc_value(body, alloca)->stride = (int64_t)uses.bytes;
	mark_uses(body, alloca);
}

void cwc_private_classify(struct cwc_body *body)
{
	for (int b = 0; b < body->block_count; b++)
		for (val_t inst = LLVMGetFirstInstruction(body->blocks[b].block); inst;
		     inst = LLVMGetNextInstruction(inst))
			if (LLVMGetInstructionOpcode(inst) == LLVMAlloca)
				classify(body, inst);
}
