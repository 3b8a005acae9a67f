/* SPDX-License-Identifier: MIT */
/* Address arithmetic. */
#include "internal.h"

#include <stdlib.h>

static val_t emitted_index(struct cwc_body *body, val_t index, bool vector)
{
	if (LLVMIsAConstantInt(index))
		return index;
	return vector && !cwc_is_uniform(body, index) ? cwc_vector(body, index, 0)
						      : cwc_scalar(body, index);
}

static val_t emit_plain_gep(struct cwc_body *body, val_t gep, bool vector)
{
	struct cwc_unit *unit = body->unit;
	val_t base = LLVMGetOperand(gep, 0), result, *index;
	unsigned count = (unsigned)LLVMGetNumOperands(gep) - 1;
	bool spread = vector;

	index = cwc_alloc(count, sizeof(*index));
	for (unsigned i = 0; i < count; i++) {
		index[i] = emitted_index(body, LLVMGetOperand(gep, i + 1), vector);
		spread &= !cwc_is_vector(LLVMTypeOf(index[i]));
	}
	/* with a vector index, a uniform base stays scalar: one base register for gathers */
	if (vector && (spread || !cwc_is_uniform(body, base)))
		base = cwc_vector(body, base, 0);
	else
		base = cwc_scalar(body, base);
	result = LLVMBuildGEP2(unit->builder, LLVMGetGEPSourceElementType(gep), base, index, count,
			       "");
	free(index);
	return result;
}

/* Widen or narrow an index to an i64 or a vector of them. */
static val_t index64(struct cwc_body *body, val_t index, bool vector)
{
	struct cwc_unit *unit = body->unit;
	val_t value = vector ? cwc_vector(body, index, 0) : cwc_scalar(body, index);
	type_t type = vector ? cwc_vector_type(unit, unit->i64) : unit->i64;

	return LLVMBuildIntCast2(unit->builder, value, type, 1, "");
}

/* The offset in bytes that the indices of @gep add, for one lane's own copy. */
static val_t byte_offset(struct cwc_body *body, val_t gep, bool vector)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMGetGEPSourceElementType(gep);
	val_t sum = NULL;
	int64_t constant = 0;

	for (int i = 1; i < LLVMGetNumOperands(gep); i++) {
		val_t index = LLVMGetOperand(gep, (unsigned)i), scale;

		if (i > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
			unsigned field = (unsigned)LLVMConstIntGetZExtValue(index);

			constant += (int64_t)LLVMOffsetOfElement(unit->layout, type, field);
			type = LLVMStructGetTypeAtIndex(type, field);
			continue;
		}
		if (i > 1)
			type = LLVMGetElementType(type);
		if (LLVMIsAConstantInt(index)) {
			constant +=
				LLVMConstIntGetSExtValue(index) * (int64_t)cwc_bytes(unit, type);
			continue;
		}
		scale = cwc_i64(unit, cwc_bytes(unit, type));
		scale = LLVMBuildMul(unit->builder, index64(body, index, vector),
				     vector ? cwc_splat(unit, scale) : scale, "");
		sum = sum ? LLVMBuildAdd(unit->builder, sum, scale, "") : scale;
	}
	if (!sum)
		return vector ? cwc_splat(unit, cwc_i64(unit, (uint64_t)constant))
			      : cwc_i64(unit, (uint64_t)constant);
	if (!constant)
		return sum;
	return LLVMBuildAdd(unit->builder, sum,
			    vector ? cwc_splat(unit, cwc_i64(unit, (uint64_t)constant))
				   : cwc_i64(unit, (uint64_t)constant),
			    "");
}

/* In interleaved private memory, whole elements are width elements apart. */
static val_t emit_interleaved_gep(struct cwc_body *body, val_t gep, bool vector)
{
	struct cwc_unit *unit = body->unit;
	val_t width = cwc_i64(unit, unit->width), base = LLVMGetOperand(gep, 0), offset;

	offset = LLVMBuildMul(unit->builder, byte_offset(body, gep, vector),
			      vector ? cwc_splat(unit, width) : width, "");
	base = vector ? cwc_vector(body, base, 0) : cwc_scalar(body, base);
	return cwc_offset(unit, base, offset);
}

/* Each lane's own address. */
val_t cwc_gep_vector(struct cwc_body *body, val_t inst)
{
	if (cwc_value(body, inst)->interleaved)
		return emit_interleaved_gep(body, inst, true);
	return emit_plain_gep(body, inst, true);
}

void cwc_emit_gep(struct cwc_body *body, val_t inst)
{
	struct cwc_value *value = cwc_value(body, inst);

	if (cwc_is_vector(LLVMTypeOf(inst))) {
		cwc_fail(body->unit, "vectors of pointers are not supported");
		return;
	}
	if (value->wraps && value->shape == CWC_SHAPE_LINEAR)
		cwc_set_unwrapped(body, inst, NULL);
	if (value->shape > CWC_SHAPE_LINEAR)
		cwc_set_vector(body, inst, 0, cwc_gep_vector(body, inst));
	else if (value->interleaved)
		cwc_set_scalar(body, inst, emit_interleaved_gep(body, inst, false));
	else
		cwc_set_scalar(body, inst, emit_plain_gep(body, inst, false));
}
