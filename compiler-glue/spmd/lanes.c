/* SPDX-License-Identifier: MIT */
/* Code that goes from active lane to active lane. */
#include "internal.h"
#include "llvm_shim.h"

/* Opens a loop over the active lanes; emit its body, then cwc_lane_loop_end(). */
void cwc_lane_loop_begin(struct cwc_body *body, struct cwc_lane_loop *loop, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	LLVMBasicBlockRef inside = cwc_new_block(body, "lane");
	val_t bits = cwc_mask_bits(unit, mask), args[2], more;

	loop->from = LLVMGetInsertBlock(builder);
	loop->head = cwc_new_block(body, "lanes");
	loop->done = cwc_new_block(body, "lanes.done");
	LLVMBuildBr(builder, loop->head);
	LLVMPositionBuilderAtEnd(builder, loop->head);
	loop->bits = LLVMBuildPhi(builder, unit->i64, "");
	LLVMAddIncoming(loop->bits, &bits, &loop->from, 1);
	more = LLVMBuildICmp(builder, LLVMIntNE, loop->bits, cwc_i64(unit, 0), "");
	LLVMBuildCondBr(builder, more, inside, loop->done);
	LLVMPositionBuilderAtEnd(builder, inside);
	args[0] = loop->bits;
	args[1] = LLVMConstInt(unit->i1, 1, 0);
	loop->lane = cwc_intrinsic(unit, "llvm.cttz", &unit->i64, 1, args, 2);
}

void cwc_lane_loop_end(struct cwc_body *body, struct cwc_lane_loop *loop)
{
	struct cwc_unit *unit = body->unit;
	LLVMBasicBlockRef last = LLVMGetInsertBlock(unit->builder);
	val_t less = LLVMBuildSub(unit->builder, loop->bits, cwc_i64(unit, 1), "");

	less = LLVMBuildAnd(unit->builder, loop->bits, less, "");
	LLVMAddIncoming(loop->bits, &less, &last, 1);
	cwc_llvm_keep_rolled(LLVMBuildBr(unit->builder, loop->head));
	LLVMPositionBuilderAtEnd(unit->builder, loop->done);
}

/* Booleans have no address of their own in a vector. */
static type_t memory_type(struct cwc_unit *unit, type_t type)
{
	return type == unit->i1 ? unit->i8 : type;
}

val_t cwc_spill_slot(struct cwc_body *body, type_t type)
{
	return cwc_temporary(body, cwc_vector_type(body->unit, memory_type(body->unit, type)),
			     "lanes");
}

/* Put a vector into memory, to take lanes from it by number. */
val_t cwc_spill(struct cwc_body *body, val_t vector)
{
	struct cwc_unit *unit = body->unit;
	type_t element = LLVMGetElementType(LLVMTypeOf(vector));
	val_t slot = cwc_spill_slot(body, element);

	if (element == unit->i1)
		vector = LLVMBuildZExt(unit->builder, vector, cwc_vector_type(unit, unit->i8), "");
	LLVMBuildStore(unit->builder, vector, slot);
	return slot;
}

static val_t lane_address(struct cwc_body *body, val_t slot, type_t type, val_t lane)
{
	return LLVMBuildInBoundsGEP2(body->unit->builder, memory_type(body->unit, type), slot,
				     &lane, 1, "");
}

val_t cwc_spilled_lane(struct cwc_body *body, val_t slot, type_t type, val_t lane)
{
	struct cwc_unit *unit = body->unit;
	val_t value = LLVMBuildLoad2(unit->builder, memory_type(unit, type),
				     lane_address(body, slot, type, lane), "");

	return type == unit->i1 ? LLVMBuildTrunc(unit->builder, value, type, "") : value;
}

void cwc_set_spilled_lane(struct cwc_body *body, val_t slot, val_t lane, val_t value)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(value);

	if (type == unit->i1)
		value = LLVMBuildZExt(unit->builder, value, unit->i8, "");
	LLVMBuildStore(unit->builder, value, lane_address(body, slot, type, lane));
}

/* The whole vector again. */
val_t cwc_unspill(struct cwc_body *body, val_t slot, type_t type)
{
	struct cwc_unit *unit = body->unit;
	val_t vector = LLVMBuildLoad2(unit->builder, cwc_vector_type(unit, memory_type(unit, type)),
				      slot, "");

	if (type == unit->i1)
		vector = LLVMBuildTrunc(unit->builder, vector, cwc_vector_type(unit, type), "");
	return vector;
}

/*
 * Value @value of one lane, inside a lane loop.  @slot is what cwc_lane_prepare() gave
 * before it.
 */
val_t cwc_lane_prepare(struct cwc_body *body, val_t value)
{
	return cwc_is_uniform(body, value) ? NULL : cwc_spill(body, cwc_vector(body, value, 0));
}

val_t cwc_lane_value(struct cwc_body *body, val_t value, val_t slot, val_t lane)
{
	if (!slot)
		return cwc_scalar(body, value);
	return cwc_spilled_lane(body, slot, cwc_target_type(body->unit, LLVMTypeOf(value)), lane);
}
