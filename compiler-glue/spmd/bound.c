/* SPDX-License-Identifier: MIT */
/*
 * Upper bounds of integers that hold in every lane, active or not: they prove
 * that a linear value does not wrap between the lanes.
 */
#include "internal.h"

static uint64_t type_max(type_t type)
{
	unsigned bits;

	if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind)
		return UINT64_MAX;
	bits = LLVMGetIntTypeWidth(type);
	return bits >= 64 ? UINT64_MAX : (1ull << bits) - 1;
}

static uint64_t bound_of(struct cwc_body *body, val_t value)
{
	if (LLVMIsAConstantInt(value))
		return type_max(LLVMTypeOf(value)) == UINT64_MAX &&
				       LLVMGetIntTypeWidth(LLVMTypeOf(value)) > 64
			       ? UINT64_MAX
			       : LLVMConstIntGetZExtValue(value);
	if (!LLVMIsAInstruction(value))
		return type_max(LLVMTypeOf(value));
	return cwc_value(body, value)->bound;
}

static uint64_t binary_bound(LLVMOpcode opcode, uint64_t a, uint64_t b, val_t right)
{
	bool constant = LLVMIsAConstantInt(right) != NULL;
	uint64_t result;

	switch (opcode) {
	case LLVMAdd:
		return __builtin_add_overflow(a, b, &result) ? UINT64_MAX : result;
	case LLVMMul:
		return __builtin_mul_overflow(a, b, &result) ? UINT64_MAX : result;
	case LLVMShl:
		if (!constant || b > 63 || a >> (63 - b))
			return UINT64_MAX;
		return a << b;
	case LLVMLShr:
		return constant && b < 64 ? a >> b : a;
	case LLVMAnd:
		return a < b ? a : b;
	case LLVMOr:
	case LLVMXor:
		if ((a | b) >> 62)
			return UINT64_MAX;
		result = 1;
		while (result <= (a | b))
			result <<= 1;
		return result - 1;
	case LLVMUDiv:
		return constant && b ? a / b : a;
	case LLVMURem:
		return constant && b ? b - 1 : a;
	default:
		return UINT64_MAX;
	}
}

static uint64_t instruction_bound(struct cwc_body *body, val_t inst)
{
	LLVMOpcode opcode = LLVMGetInstructionOpcode(inst);
	uint64_t a, b;
	int64_t stride;

	switch (opcode) {
	case LLVMCall:
		a = UINT64_MAX;
		if (cwc_work_item_query(cwc_callee(inst)) >= 0)
			cwc_work_item_shape(body, inst, &stride, &a);
		return a;
	case LLVMZExt:
	case LLVMTrunc:
	case LLVMFreeze:
		return bound_of(body, LLVMGetOperand(inst, 0));
	case LLVMSExt:
		a = bound_of(body, LLVMGetOperand(inst, 0));
		return a <= type_max(LLVMTypeOf(LLVMGetOperand(inst, 0))) / 2 ? a : UINT64_MAX;
	case LLVMSelect:
		a = bound_of(body, LLVMGetOperand(inst, 1));
		b = bound_of(body, LLVMGetOperand(inst, 2));
		return a > b ? a : b;
	case LLVMAdd:
	case LLVMMul:
	case LLVMShl:
	case LLVMLShr:
	case LLVMAnd:
	case LLVMOr:
	case LLVMXor:
	case LLVMUDiv:
	case LLVMURem:
		return binary_bound(opcode, bound_of(body, LLVMGetOperand(inst, 0)),
				    bound_of(body, LLVMGetOperand(inst, 1)),
				    LLVMGetOperand(inst, 1));
	default:
		return UINT64_MAX;
	}
}

/* Loops give up: a phi has the bound of its type. */
void cwc_bounds(struct cwc_body *body)
{
	for (int b = 0; b < body->block_count; b++)
		for (val_t inst = LLVMGetFirstInstruction(body->blocks[b].block); inst;
		     inst = LLVMGetNextInstruction(inst)) {
			type_t type = LLVMTypeOf(inst);
			uint64_t bound, max = type_max(type);

			if (LLVMGetTypeKind(type) != LLVMIntegerTypeKind)
				continue;
			bound = instruction_bound(body, inst);
			cwc_value(body, inst)->bound = bound < max ? bound : max;
		}
}

/* May the zero (@sign false) or sign extension of linear @value wrap between lanes? */
bool cwc_extension_wraps(struct cwc_body *body, val_t value, bool sign)
{
	uint64_t max = type_max(LLVMTypeOf(value)), bound = bound_of(body, value);
	LLVMOpcode opcode;

	if (bound < (sign ? max / 2 : max))
		return false;
	if (!sign || !LLVMIsAInstruction(value))
		return true;
	opcode = LLVMGetInstructionOpcode(value);
	if (opcode == LLVMAdd || opcode == LLVMSub || opcode == LLVMMul || opcode == LLVMShl)
		return !LLVMGetNSW(value);
	return opcode != LLVMPHI;
}

/* Bits of the 64-bit @value that are zero for sure. */
static uint64_t low_zeros(val_t value)
{
	LLVMOpcode opcode = LLVMIsAInstruction(value) ? LLVMGetInstructionOpcode(value) : LLVMRet;
	uint64_t by;

	if ((opcode != LLVMShl && opcode != LLVMMul) ||
	    !LLVMIsAConstantInt(LLVMGetOperand(value, 1)))
		return 0;
	by = LLVMConstIntGetZExtValue(LLVMGetOperand(value, 1));
	if (opcode == LLVMMul)
		return by ? (by & -by) - 1 : UINT64_MAX;
	return by < 64 ? (1ull << by) - 1 : UINT64_MAX;
}

/* x & 0xffffffff, or the same less bits that are zero in x, as instcombine likes it. */
bool cwc_is_word_mask(val_t inst)
{
	val_t right;
	uint64_t mask;

	if (LLVMGetInstructionOpcode(inst) != LLVMAnd)
		return false;
	right = LLVMGetOperand(inst, 1);
	if (!LLVMIsAConstantInt(right) || LLVMGetIntTypeWidth(LLVMTypeOf(right)) != 64)
		return false;
	mask = LLVMConstIntGetZExtValue(right);
	return mask && mask <= UINT32_MAX &&
	       (mask | low_zeros(LLVMGetOperand(inst, 0))) == UINT32_MAX;
}

/*
 * May the extension @inst of a linear value differ from lane 0's plus lane * stride?
 * If so, the bits of what it extends, else 0.
 */
unsigned cwc_wraps(struct cwc_body *body, val_t inst)
{
	val_t operand = LLVMGetOperand(inst, 0);
	bool sign = LLVMGetInstructionOpcode(inst) == LLVMSExt;

	if (cwc_is_word_mask(inst))
		return bound_of(body, operand) >= UINT32_MAX ? 32 : 0;
	/* what is never negative in an active lane is extended as signed (inst.c) */
	if (!sign && LLVMGetNNeg(inst))
		return 0;
	return cwc_extension_wraps(body, operand, sign) ? LLVMGetIntTypeWidth(LLVMTypeOf(operand))
							: 0;
}
