/* SPDX-License-Identifier: MIT */
/* Arithmetic, comparisons, casts, selects and vector or structure elements. */
#include "internal.h"

#include <stdlib.h>

/*
 * Carry over what the source says of an operation.  A linear value's lane 0 may be inactive,
 * so its base must not promise anything about overflow.
 */
void cwc_copy_flags(val_t to, val_t from, bool wrap_flags)
{
	if (!LLVMIsAInstruction(to) ||
	    LLVMGetInstructionOpcode(to) != LLVMGetInstructionOpcode(from))
		return;
	if (LLVMCanValueUseFastMathFlags(to) && LLVMCanValueUseFastMathFlags(from))
		LLVMSetFastMathFlags(to, LLVMGetFastMathFlags(from));
	if (!wrap_flags)
		return;
	switch (LLVMGetInstructionOpcode(from)) {
	case LLVMAdd:
	case LLVMSub:
	case LLVMMul:
	case LLVMShl:
		LLVMSetNSW(to, LLVMGetNSW(from));
		LLVMSetNUW(to, LLVMGetNUW(from));
		break;
	case LLVMLShr:
	case LLVMAShr:
		LLVMSetExact(to, LLVMGetExact(from));
		break;
	default:
		break;
	}
}

static val_t build_cast(struct cwc_body *body, val_t inst, val_t operand, type_t type)
{
	struct cwc_unit *unit = body->unit;
	LLVMOpcode opcode = LLVMGetInstructionOpcode(inst);

	if (opcode == LLVMAddrSpaceCast || LLVMTypeOf(operand) == type)
		return operand;
	return LLVMBuildCast(unit->builder, opcode, operand, type, "");
}

/* The operation of @inst on emitted @operands; @type is the emitted result type. */
static val_t build_operation(struct cwc_body *body, val_t inst, val_t *operands, type_t type)
{
	LLVMBuilderRef builder = body->unit->builder;
	LLVMOpcode opcode = LLVMGetInstructionOpcode(inst);

	switch (opcode) {
	case LLVMICmp:
		return LLVMBuildICmp(builder, LLVMGetICmpPredicate(inst), operands[0], operands[1],
				     "");
	case LLVMFCmp:
		return LLVMBuildFCmp(builder, LLVMGetFCmpPredicate(inst), operands[0], operands[1],
				     "");
	case LLVMSelect:
		return LLVMBuildSelect(builder, operands[0], operands[1], operands[2], "");
	case LLVMFNeg:
		return LLVMBuildFNeg(builder, operands[0], "");
	case LLVMFreeze:
		return LLVMBuildFreeze(builder, operands[0], "");
	case LLVMTrunc:
	case LLVMZExt:
	case LLVMSExt:
	case LLVMFPTrunc:
	case LLVMFPExt:
	case LLVMUIToFP:
	case LLVMSIToFP:
	case LLVMFPToUI:
	case LLVMFPToSI:
	case LLVMPtrToInt:
	case LLVMIntToPtr:
	case LLVMBitCast:
	case LLVMAddrSpaceCast:
		return build_cast(body, inst, operands[0], type);
	default:
		return LLVMBuildBinOp(builder, opcode, operands[0], operands[1], "");
	}
}

/*
 * Lane 0's value of a linear one.  Zero extension of what is never negative extends the sign,
 * so that an inactive lane 0 just below zero stays below its neighbours; a disjoint "or" is
 * the sum, which an inactive lane 0 that has common bits counts from too.
 */
static val_t linear_scalar(struct cwc_body *body, val_t inst, val_t *operands)
{
	struct cwc_unit *unit = body->unit;
	type_t type = cwc_target_type(unit, LLVMTypeOf(inst));

	if (LLVMGetInstructionOpcode(inst) == LLVMZExt && LLVMGetNNeg(inst))
		return LLVMBuildSExt(unit->builder, operands[0], type, "");
	if (LLVMGetInstructionOpcode(inst) == LLVMOr)
		return LLVMBuildAdd(unit->builder, operands[0], operands[1], "");
	return build_operation(body, inst, operands, type);
}

/* The test that the extension of linear lane 0 value @base stays linear in all lanes. */
static val_t extension_test(struct cwc_body *body, val_t inst, val_t base, val_t result)
{
	struct cwc_unit *unit = body->unit;
	bool sign = LLVMGetInstructionOpcode(inst) == LLVMSExt;
	unsigned bits = LLVMGetIntTypeWidth(LLVMTypeOf(base));
	int64_t span = cwc_value(body, inst)->stride * (int64_t)(unit->width - 1);
	uint64_t low = sign ? 1ull << (bits - 1) : 0;
	uint64_t high = low - 1;

	if (cwc_is_word_mask(inst)) {
		base = result;
		low = 0;
		high = UINT32_MAX;
	}
	/* unsigned arithmetic modulo 2^bits serves both orders */
	if (span > 0)
		return LLVMBuildICmp(unit->builder, sign ? LLVMIntSLE : LLVMIntULE, base,
				     cwc_int(LLVMTypeOf(base), (int64_t)(high - (uint64_t)span)),
				     "");
	return LLVMBuildICmp(unit->builder, sign ? LLVMIntSGE : LLVMIntUGE, base,
			     cwc_int(LLVMTypeOf(base), (int64_t)(low - (uint64_t)span)), "");
}

/* Each lane's own value of a linear one, for when lanes have wrapped. */
val_t cwc_exact_vector(struct cwc_body *body, val_t inst)
{
	val_t operands[3] = {NULL};

	if (LLVMGetInstructionOpcode(inst) == LLVMGetElementPtr)
		return cwc_gep_vector(body, inst);
	for (int i = 0; i < LLVMGetNumOperands(inst) && i < 3; i++)
		operands[i] = cwc_vector(body, LLVMGetOperand(inst, (unsigned)i), 0);
	return build_operation(
		body, inst, operands,
		cwc_vector_type(body->unit, cwc_target_type(body->unit, LLVMTypeOf(inst))));
}

static void emit_scalar_operation(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	bool linear = cwc_value(body, inst)->shape == CWC_SHAPE_LINEAR;
	type_t type = cwc_target_type(unit, LLVMTypeOf(inst));
	val_t operands[3] = {NULL}, result;

	for (int i = 0; i < LLVMGetNumOperands(inst) && i < 3; i++)
		operands[i] = cwc_scalar(body, LLVMGetOperand(inst, (unsigned)i));
	result = linear ? linear_scalar(body, inst, operands)
			: build_operation(body, inst, operands, type);
	cwc_copy_flags(result, inst, !linear || !mask);
	cwc_set_scalar(body, inst, result);
	if (linear && cwc_value(body, inst)->wraps) {
		LLVMOpcode opcode = LLVMGetInstructionOpcode(inst);
		bool own = (opcode == LLVMZExt || opcode == LLVMSExt || cwc_is_word_mask(inst)) &&
			   cwc_wraps(body, inst);

		cwc_set_unwrapped(body, inst,
				  own ? extension_test(body, inst, operands[0], result) : NULL);
	}
}

static void emit_vector_operation(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	unsigned count = cwc_components(LLVMTypeOf(inst));
	type_t element = cwc_target_type(unit, cwc_component_type(LLVMTypeOf(inst), 0));
	type_t type = cwc_vector_type(unit, element);
	bool select = LLVMGetInstructionOpcode(inst) == LLVMSelect;

	for (unsigned c = 0; c < count; c++) {
		val_t operands[3] = {NULL}, result;

		for (int i = 0; i < LLVMGetNumOperands(inst) && i < 3; i++) {
			val_t operand = LLVMGetOperand(inst, (unsigned)i);
			bool one = select && !i && !cwc_is_vector(LLVMTypeOf(operand));

			/* a uniform condition selects whole vectors */
			if (one && cwc_is_uniform(body, operand))
				operands[i] = cwc_scalar(body, operand);
			else
				operands[i] = cwc_vector(body, operand, one ? 0 : c);
		}
		result = build_operation(body, inst, operands, type);
		cwc_copy_flags(result, inst, true);
		cwc_set_vector(body, inst, c, result);
	}
}

/* Concatenate the components of @value so that lane l's bytes are adjacent. */
static val_t interleave(struct cwc_body *body, val_t value, unsigned count)
{
	struct cwc_unit *unit = body->unit;
	unsigned width = unit->width;
	type_t type = LLVMTypeOf(cwc_vector(body, value, 0));
	val_t whole = LLVMGetPoison(LLVMVectorType(LLVMGetElementType(type), width * count));
	int lanes[16 * CWC_MOST_LANES];

	if (count == 1)
		return cwc_vector(body, value, 0);
	for (unsigned c = 0; c < count; c++) {
		val_t wide;

		for (unsigned i = 0; i < width * count; i++)
			lanes[i] = i % count == c ? (int)(i / count) : -1;
		wide = cwc_shuffle(unit, cwc_vector(body, value, c), NULL, lanes, width * count);
		for (unsigned i = 0; i < width * count; i++)
			lanes[i] = i % count == c ? (int)(width * count + i) : (int)i;
		whole = cwc_shuffle(unit, whole, wide, lanes, width * count);
	}
	return whole;
}

/* A bit cast that changes the number of components. */
static void emit_reshape(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	val_t operand = LLVMGetOperand(inst, 0), whole;
	unsigned from = cwc_components(LLVMTypeOf(operand));
	unsigned to = cwc_components(LLVMTypeOf(inst));
	type_t element = cwc_component_type(LLVMTypeOf(inst), 0);
	int lanes[CWC_MOST_LANES];

	whole = interleave(body, operand, from);
	whole = LLVMBuildBitCast(unit->builder, whole, LLVMVectorType(element, to * unit->width),
				 "");
	for (unsigned c = 0; c < to; c++) {
		for (unsigned i = 0; i < unit->width; i++)
			lanes[i] = (int)(i * to + c);
		cwc_set_vector(body, inst, c,
			       to == 1 ? whole
				       : cwc_shuffle(unit, whole, NULL, lanes, unit->width));
	}
}

static void emit_extract_element(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	val_t vector = LLVMGetOperand(inst, 0), index = LLVMGetOperand(inst, 1), result, wanted;
	unsigned count = cwc_components(LLVMTypeOf(vector));

	if (LLVMIsAConstantInt(index)) {
		uint64_t number = LLVMConstIntGetZExtValue(index);

		cwc_set_vector(body, inst, 0,
			       cwc_vector(body, vector, number < count ? (unsigned)number : 0));
		return;
	}
	result = cwc_vector(body, vector, 0);
	wanted = cwc_vector(body, index, 0);
	for (unsigned c = 1; c < count; c++) {
		val_t number = cwc_splat(unit, cwc_int(LLVMTypeOf(index), c));
		val_t hit = LLVMBuildICmp(unit->builder, LLVMIntEQ, wanted, number, "");

		result = LLVMBuildSelect(unit->builder, hit, cwc_vector(body, vector, c), result,
					 "");
	}
	cwc_set_vector(body, inst, 0, result);
}

static void emit_insert_element(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	val_t vector = LLVMGetOperand(inst, 0), index = LLVMGetOperand(inst, 2);
	val_t element = cwc_vector(body, LLVMGetOperand(inst, 1), 0);
	unsigned count = cwc_components(LLVMTypeOf(vector));

	for (unsigned c = 0; c < count; c++) {
		val_t number = cwc_int(LLVMTypeOf(index), c), hit, old;

		if (LLVMIsAConstantInt(index)) {
			cwc_set_vector(body, inst, c,
				       LLVMConstIntGetZExtValue(index) == c
					       ? element
					       : cwc_vector(body, vector, c));
			continue;
		}
		old = cwc_vector(body, vector, c);
		hit = LLVMBuildICmp(unit->builder, LLVMIntEQ, cwc_vector(body, index, 0),
				    cwc_splat(unit, number), "");
		cwc_set_vector(body, inst, c,
			       LLVMBuildSelect(unit->builder, hit, element, old, ""));
	}
}

static void emit_shuffle(struct cwc_body *body, val_t inst)
{
	unsigned count = LLVMGetNumMaskElements(inst);
	unsigned left = cwc_components(LLVMTypeOf(LLVMGetOperand(inst, 0)));

	for (unsigned c = 0; c < count; c++) {
		int lane = LLVMGetMaskValue(inst, c);
		val_t result;

		if (lane == LLVMGetUndefMaskElem())
			result = LLVMGetPoison(cwc_vector_type(
				body->unit,
				cwc_target_type(body->unit,
						cwc_component_type(LLVMTypeOf(inst), c))));
		else if ((unsigned)lane < left)
			result = cwc_vector(body, LLVMGetOperand(inst, 0), (unsigned)lane);
		else
			result = cwc_vector(body, LLVMGetOperand(inst, 1), (unsigned)lane - left);
		cwc_set_vector(body, inst, c, result);
	}
}

static void emit_structure(struct cwc_body *body, val_t inst)
{
	val_t aggregate = LLVMGetOperand(inst, 0);
	unsigned index = LLVMGetIndices(inst)[0];

	if (LLVMGetNumIndices(inst) != 1) {
		cwc_fail(body->unit, "nested structures as values are not supported");
		return;
	}
	if (LLVMGetInstructionOpcode(inst) == LLVMExtractValue) {
		cwc_set_vector(body, inst, 0, cwc_vector(body, aggregate, index));
		return;
	}
	for (unsigned c = 0; c < cwc_components(LLVMTypeOf(inst)); c++)
		cwc_set_vector(body, inst, c,
			       c == index ? cwc_vector(body, LLVMGetOperand(inst, 1), 0)
					  : cwc_vector(body, aggregate, c));
}

/* A uniform copy keeps all operands as they are, in the one address space. */
static void emit_uniform_copy(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	val_t a = cwc_scalar(body, LLVMGetOperand(inst, 0)), result, b;

	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMExtractElement:
		b = cwc_scalar(body, LLVMGetOperand(inst, 1));
		result = LLVMBuildExtractElement(builder, a, b, "");
		break;
	case LLVMInsertElement:
		b = cwc_scalar(body, LLVMGetOperand(inst, 1));
		result = LLVMBuildInsertElement(builder, a, b,
						cwc_scalar(body, LLVMGetOperand(inst, 2)), "");
		break;
	case LLVMExtractValue:
		result = LLVMBuildExtractValue(builder, a, LLVMGetIndices(inst)[0], "");
		break;
	case LLVMInsertValue:
		b = cwc_scalar(body, LLVMGetOperand(inst, 1));
		result = LLVMBuildInsertValue(builder, a, b, LLVMGetIndices(inst)[0], "");
		break;
	default: {
		unsigned count = LLVMGetNumMaskElements(inst);
		val_t *mask = cwc_alloc(count, sizeof(*mask));

		b = cwc_scalar(body, LLVMGetOperand(inst, 1));
		for (unsigned i = 0; i < count; i++) {
			int lane = LLVMGetMaskValue(inst, i);

			mask[i] = lane == LLVMGetUndefMaskElem() ? LLVMGetPoison(unit->i32)
								 : cwc_int(unit->i32, lane);
		}
		result = LLVMBuildShuffleVector(builder, a, b, LLVMConstVector(mask, count), "");
		free(mask);
	}
	}
	cwc_set_scalar(body, inst, result);
}

static void emit_elements(struct cwc_body *body, val_t inst)
{
	if (cwc_value(body, inst)->shape <= CWC_SHAPE_UNIFORM) {
		emit_uniform_copy(body, inst);
		return;
	}
	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMExtractElement:
		emit_extract_element(body, inst);
		break;
	case LLVMInsertElement:
		emit_insert_element(body, inst);
		break;
	case LLVMShuffleVector:
		emit_shuffle(body, inst);
		break;
	default:
		emit_structure(body, inst);
		break;
	}
}

static void emit_plain(struct cwc_body *body, val_t inst, val_t mask)
{
	if (cwc_value(body, inst)->shape <= CWC_SHAPE_LINEAR)
		emit_scalar_operation(body, inst, mask);
	else if (LLVMGetInstructionOpcode(inst) == LLVMBitCast &&
		 cwc_components(LLVMTypeOf(inst)) !=
			 cwc_components(LLVMTypeOf(LLVMGetOperand(inst, 0))))
		emit_reshape(body, inst);
	else
		emit_vector_operation(body, inst);
}

void cwc_emit_instruction(struct cwc_body *body, val_t inst, val_t mask)
{
	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMCall:
		cwc_emit_call(body, inst, mask);
		break;
	case LLVMAlloca:
		cwc_emit_alloca(body, inst);
		break;
	case LLVMLoad:
		cwc_emit_load(body, inst, mask);
		break;
	case LLVMStore:
		cwc_emit_store(body, inst, mask);
		break;
	case LLVMGetElementPtr:
		cwc_emit_gep(body, inst);
		break;
	case LLVMAtomicRMW:
		cwc_emit_atomic_rmw(body, inst, mask);
		break;
	case LLVMAtomicCmpXchg:
		cwc_emit_cmpxchg(body, inst, mask);
		break;
	case LLVMFence:
		cwc_emit_fence(body, inst);
		break;
	case LLVMUDiv:
	case LLVMSDiv:
	case LLVMURem:
	case LLVMSRem:
		cwc_emit_divide(body, inst, mask);
		break;
	case LLVMExtractElement:
	case LLVMInsertElement:
	case LLVMShuffleVector:
	case LLVMExtractValue:
	case LLVMInsertValue:
		emit_elements(body, inst);
		break;
	default:
		emit_plain(body, inst, mask);
		break;
	}
}
