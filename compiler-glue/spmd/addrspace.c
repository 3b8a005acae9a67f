/* SPDX-License-Identifier: MIT */
/* Which address space a generic pointer points into (__cw_address_space, intrinsics.h). */
#include "internal.h"

#include <stddef.h>

/* @bytes from @base on hold @address; all i64. */
static val_t holds(struct cwc_unit *unit, val_t base, val_t bytes, val_t address)
{
	val_t offset = LLVMBuildSub(unit->builder, address, base, "");

	return LLVMBuildICmp(unit->builder, LLVMIntULT, offset, bytes, "");
}

static val_t scratch_field(struct cwc_body *body, size_t offset)
{
	return cwc_field(body->unit, body->ids.scratch, offset, body->unit->i64);
}

/* From the stack pointer to the frame of the entry: only its own variables lie there. */
static val_t on_stack(struct cwc_body *body, val_t address)
{
	struct cwc_unit *unit = body->unit;
	val_t zero = cwc_int(unit->i32, 0), low, high;

	low = cwc_intrinsic(unit, "llvm.stacksave", &unit->ptr, 1, NULL, 0);
	high = cwc_intrinsic(unit, "llvm.frameaddress", &unit->ptr, 1, &zero, 1);
	low = LLVMBuildPtrToInt(unit->builder, low, unit->i64, "");
	high = LLVMBuildPtrToInt(unit->builder, high, unit->i64, "");
	return holds(unit, low, LLVMBuildSub(unit->builder, high, low, ""), address);
}

/* 3 for local, 0 for private, 1 for all else, by where @address lies. */
static val_t classify(struct cwc_body *body, val_t address)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	val_t local, private, result = cwc_int(unit->i32, CWC_SPACE_GLOBAL);

	address = LLVMBuildPtrToInt(builder, address, unit->i64, "");
	local = holds(unit, scratch_field(body, offsetof(struct cwc_scratch, local)),
		      scratch_field(body, offsetof(struct cwc_scratch, local_bytes)), address);
      private
	= holds(unit, scratch_field(body, offsetof(struct cwc_scratch, frames)),
		scratch_field(body, offsetof(struct cwc_scratch, frames_bytes)), address);
      private
	= LLVMBuildOr(builder, private, on_stack(body, address), "");
	result = LLVMBuildSelect(builder, private, cwc_int(unit->i32, CWC_SPACE_PRIVATE), result,
				 "");
	return LLVMBuildSelect(builder, local, cwc_int(unit->i32, CWC_SPACE_LOCAL), result, "");
}

/* All lanes' pointers, one after the other: this is rare. */
static val_t classify_lanes(struct cwc_body *body, val_t pointers)
{
	struct cwc_unit *unit = body->unit;
	val_t result = LLVMGetPoison(cwc_vector_type(unit, unit->i32));

	for (unsigned i = 0; i < unit->width; i++) {
		val_t lane = cwc_i64(unit, i);
		val_t pointer = LLVMBuildExtractElement(unit->builder, pointers, lane, "");

		result = LLVMBuildInsertElement(unit->builder, result, classify(body, pointer),
						lane, "");
	}
	return result;
}

void cwc_emit_address_space(struct cwc_body *body, val_t call)
{
	struct cwc_unit *unit = body->unit;
	val_t pointer = LLVMGetOperand(call, 0);
	enum cwc_space space = cwc_space_of(pointer);
	bool uniform = cwc_value(body, call)->shape <= CWC_SHAPE_UNIFORM;
	val_t known = cwc_int(unit->i32, space == CWC_SPACE_CONSTANT ? CWC_SPACE_GLOBAL : space);

	if (space < CWC_SPACE_GENERIC) {
		if (uniform)
			cwc_set_scalar(body, call, known);
		else
			cwc_set_vector(body, call, 0, cwc_splat(unit, known));
	} else if (uniform) {
		cwc_set_scalar(body, call, classify(body, cwc_scalar(body, pointer)));
	} else {
		cwc_set_vector(body, call, 0, classify_lanes(body, cwc_vector(body, pointer, 0)));
	}
}
