/* SPDX-License-Identifier: MIT */
/*
 * Integer division.  It must not trap: OpenCL C leaves the result of a division by
 * zero or an overflowing one open, but without an exception, and inactive
 * lanes hold anything (OpenCL C 3.0, 6.5.1).
 */
#include "internal.h"

static bool is_signed(LLVMOpcode opcode)
{
	return opcode == LLVMSDiv || opcode == LLVMSRem;
}

/* A constant divisor other than 0 and -1 needs no care. */
static bool is_safe_divisor(val_t divisor)
{
	if (!LLVMIsAConstantInt(divisor))
		return false;
	return !LLVMIsNull(divisor) && LLVMConstIntGetSExtValue(divisor) != -1;
}

/* Bits of a float type that holds every value of the integer type exactly, or 0. */
static type_t exact_float(struct cwc_unit *unit, unsigned bits)
{
	if (bits <= 16)
		return unit->f32;
	return bits <= 32 ? unit->f64 : NULL;
}

/*
 * Narrow integers divide as floats: the quotient of two integers of at most n bits,
 * rounded to at least 2n bits, truncates to the right integer.
 */
static val_t divide_as_float(struct cwc_unit *unit, val_t a, val_t b, type_t real, bool sign)
{
	LLVMBuilderRef builder = unit->builder;
	type_t vector = cwc_vector_type(unit, real), integer = LLVMTypeOf(a);
	type_t types[2];
	val_t quotient;

	a = sign ? LLVMBuildSIToFP(builder, a, vector, "")
		 : LLVMBuildUIToFP(builder, a, vector, "");
	b = sign ? LLVMBuildSIToFP(builder, b, vector, "")
		 : LLVMBuildUIToFP(builder, b, vector, "");
	quotient = LLVMBuildFDiv(builder, a, b, "");
	types[0] = integer;
	types[1] = vector;
	return cwc_intrinsic(unit, sign ? "llvm.fptosi.sat" : "llvm.fptoui.sat", types, 2,
			     &quotient, 1);
}

/* A divisor that cannot trap; for overflow, x / -1 is turned into x / 1 and negated after. */
static val_t guard(struct cwc_unit *unit, val_t divisor, bool sign, val_t *negated)
{
	LLVMBuilderRef builder = unit->builder;
	type_t type = LLVMTypeOf(divisor);
	type_t element = cwc_is_vector(type) ? LLVMGetElementType(type) : type;
	val_t one = cwc_int(element, 1), zero;

	if (cwc_is_vector(type))
		one = cwc_splat(unit, one);
	zero = LLVMBuildICmp(builder, LLVMIntEQ, divisor, LLVMConstNull(type), "");
	divisor = LLVMBuildSelect(builder, zero, one, divisor, "");
	*negated = NULL;
	if (sign) {
		*negated = LLVMBuildICmp(builder, LLVMIntEQ, divisor, LLVMConstAllOnes(type), "");
		divisor = LLVMBuildSelect(builder, *negated, one, divisor, "");
	}
	return divisor;
}

static val_t divide_guarded(struct cwc_unit *unit, LLVMOpcode opcode, val_t a, val_t b)
{
	LLVMBuilderRef builder = unit->builder;
	val_t negated, divisor = guard(unit, b, is_signed(opcode), &negated), result;

	result = LLVMBuildBinOp(builder, opcode, a, divisor, "");
	if (negated && opcode == LLVMSDiv)
		result = LLVMBuildSelect(builder, negated, LLVMBuildNeg(builder, result, ""),
					 result, "");
	return result;
}

static val_t divide_vector(struct cwc_unit *unit, LLVMOpcode opcode, val_t a, val_t b)
{
	LLVMBuilderRef builder = unit->builder;
	unsigned bits = LLVMGetIntTypeWidth(LLVMGetElementType(LLVMTypeOf(a)));
	type_t real = exact_float(unit, bits);
	val_t quotient, freeze;

	if (!real)
		return divide_guarded(unit, opcode, a, b);
	/* used twice for a remainder: the same poison both times */
	freeze = LLVMBuildFreeze(builder, a, "");
	b = LLVMBuildFreeze(builder, b, "");
	quotient = divide_as_float(unit, freeze, b, real, is_signed(opcode));
	if (opcode == LLVMUDiv || opcode == LLVMSDiv)
		return quotient;
	return LLVMBuildSub(builder, freeze, LLVMBuildMul(builder, quotient, b, ""), "");
}

/* A uniform short vector goes element by element. */
static val_t divide_elements(struct cwc_unit *unit, LLVMOpcode opcode, val_t a, val_t b)
{
	LLVMBuilderRef builder = unit->builder;
	unsigned count = LLVMGetVectorSize(LLVMTypeOf(b));
	val_t result = LLVMGetPoison(LLVMTypeOf(b));

	for (unsigned i = 0; i < count; i++) {
		val_t index = cwc_i64(unit, i);
		val_t quotient =
			divide_guarded(unit, opcode, LLVMBuildExtractElement(builder, a, index, ""),
				       LLVMBuildExtractElement(builder, b, index, ""));

		result = LLVMBuildInsertElement(builder, result, quotient, index, "");
	}
	return result;
}

static void emit_uniform(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	LLVMOpcode opcode = LLVMGetInstructionOpcode(inst);
	val_t a = cwc_scalar(body, LLVMGetOperand(inst, 0));
	val_t b = cwc_scalar(body, LLVMGetOperand(inst, 1)), result;

	if (is_safe_divisor(LLVMGetOperand(inst, 1)))
		result = LLVMBuildBinOp(unit->builder, opcode, a, b, "");
	else if (cwc_is_vector(LLVMTypeOf(b)))
		result = divide_elements(unit, opcode, a, b);
	else
		result = divide_guarded(unit, opcode, a, b);
	cwc_set_scalar(body, inst, result);
}

void cwc_emit_divide(struct cwc_body *body, val_t inst, val_t mask)
{
	LLVMOpcode opcode = LLVMGetInstructionOpcode(inst);
	val_t divisor = LLVMGetOperand(inst, 1);

	(void)mask;
	if (cwc_value(body, inst)->shape <= CWC_SHAPE_UNIFORM) {
		emit_uniform(body, inst);
		return;
	}
	for (unsigned c = 0; c < cwc_components(LLVMTypeOf(inst)); c++) {
		val_t a = cwc_vector(body, LLVMGetOperand(inst, 0), c);
		val_t b = cwc_vector(body, divisor, c), result;

		if (is_safe_divisor(divisor))
			result = LLVMBuildBinOp(body->unit->builder, opcode, a, b, "");
		else
			result = divide_vector(body->unit, opcode, a, b);
		cwc_set_vector(body, inst, c, result);
	}
}
