/* SPDX-License-Identifier: MIT */
/*
 * Atomics, and whatever else must be done by one lane after the other.
 *
 * A work-group runs on one thread, so atomics on local memory are plain accesses.
 */
#include "internal.h"

#include <stddef.h>
#include <string.h>

static val_t build_operation(struct cwc_unit *unit, LLVMAtomicRMWBinOp op, val_t old, val_t operand)
{
	LLVMBuilderRef builder = unit->builder;
	LLVMIntPredicate predicate;

	switch (op) {
	case LLVMAtomicRMWBinOpXchg:
		return operand;
	case LLVMAtomicRMWBinOpAdd:
		return LLVMBuildAdd(builder, old, operand, "");
	case LLVMAtomicRMWBinOpSub:
		return LLVMBuildSub(builder, old, operand, "");
	case LLVMAtomicRMWBinOpAnd:
		return LLVMBuildAnd(builder, old, operand, "");
	case LLVMAtomicRMWBinOpNand:
		return LLVMBuildNot(builder, LLVMBuildAnd(builder, old, operand, ""), "");
	case LLVMAtomicRMWBinOpOr:
		return LLVMBuildOr(builder, old, operand, "");
	case LLVMAtomicRMWBinOpXor:
		return LLVMBuildXor(builder, old, operand, "");
	case LLVMAtomicRMWBinOpMax:
		predicate = LLVMIntSGT;
		break;
	case LLVMAtomicRMWBinOpMin:
		predicate = LLVMIntSLT;
		break;
	case LLVMAtomicRMWBinOpUMax:
		predicate = LLVMIntUGT;
		break;
	case LLVMAtomicRMWBinOpUMin:
		predicate = LLVMIntULT;
		break;
	case LLVMAtomicRMWBinOpFAdd:
		return LLVMBuildFAdd(builder, old, operand, "");
	case LLVMAtomicRMWBinOpFSub:
		return LLVMBuildFSub(builder, old, operand, "");
	default:
		return NULL;
	}
	return LLVMBuildSelect(builder, LLVMBuildICmp(builder, predicate, old, operand, ""), old,
			       operand, "");
}

static bool can_be_plain(LLVMAtomicRMWBinOp op)
{
	return op <= LLVMAtomicRMWBinOpFSub;
}

/* One lane's operation. */
static val_t emit_one(struct cwc_body *body, val_t inst, val_t pointer, val_t operand)
{
	struct cwc_unit *unit = body->unit;
	LLVMAtomicRMWBinOp op = LLVMGetAtomicRMWBinOp(inst);
	enum cwc_space space = cwc_space_of(LLVMGetOperand(inst, 0));
	val_t old;

	if (space == CWC_SPACE_LOCAL && can_be_plain(op)) {
		val_t store;

		old = LLVMBuildLoad2(unit->builder, LLVMTypeOf(operand), pointer, "");
		cwc_mark_space(unit, old, space);
		store = LLVMBuildStore(unit->builder, build_operation(unit, op, old, operand),
				       pointer);
		cwc_mark_space(unit, store, space);
		return old;
	}
	old = LLVMBuildAtomicRMW(unit->builder, op, pointer, operand, LLVMGetOrdering(inst), 0);
	cwc_mark_space(unit, old, space);
	return old;
}

/* The intrinsic that joins the lanes' operands, or NULL, and the operand that changes nothing. */
static const char *reduction(LLVMAtomicRMWBinOp op, type_t type, val_t *identity)
{
	*identity = LLVMConstNull(type);
	switch (op) {
	case LLVMAtomicRMWBinOpAdd:
	case LLVMAtomicRMWBinOpSub:
		return "llvm.vector.reduce.add";
	case LLVMAtomicRMWBinOpOr:
		return "llvm.vector.reduce.or";
	case LLVMAtomicRMWBinOpXor:
		return "llvm.vector.reduce.xor";
	case LLVMAtomicRMWBinOpUMax:
		return "llvm.vector.reduce.umax";
	case LLVMAtomicRMWBinOpAnd:
		*identity = LLVMConstAllOnes(type);
		return "llvm.vector.reduce.and";
	case LLVMAtomicRMWBinOpUMin:
		*identity = LLVMConstAllOnes(type);
		return "llvm.vector.reduce.umin";
	case LLVMAtomicRMWBinOpMax:
		*identity = LLVMConstInt(type, 1ull << (LLVMGetIntTypeWidth(type) - 1), 0);
		return "llvm.vector.reduce.smax";
	case LLVMAtomicRMWBinOpMin:
		*identity = LLVMConstInt(type, (1ull << (LLVMGetIntTypeWidth(type) - 1)) - 1, 0);
		return "llvm.vector.reduce.smin";
	default:
		return NULL;
	}
}

/* All lanes on one address and nobody asks for the old value: one operation. */
static bool emit_reduced(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t pointer = LLVMGetOperand(inst, 0), value = LLVMGetOperand(inst, 1);
	val_t operands, identity, joined;
	type_t type = LLVMTypeOf(value), vector;
	const char *name;

	if (LLVMGetFirstUse(inst) || !cwc_is_uniform(body, pointer) || LLVMGetVolatile(inst) ||
	    LLVMGetTypeKind(type) != LLVMIntegerTypeKind)
		return false;
	name = reduction(LLVMGetAtomicRMWBinOp(inst), type, &identity);
	if (!name)
		return false;
	operands = cwc_vector(body, value, 0);
	vector = LLVMTypeOf(operands);
	if (mask)
		operands = LLVMBuildSelect(unit->builder, mask, operands, cwc_splat(unit, identity),
					   "");
	joined = cwc_intrinsic(unit, name, &vector, 1, &operands, 1);
	emit_one(body, inst, cwc_scalar(body, pointer), joined);
	cwc_set_vector(body, inst, 0, LLVMGetPoison(vector));
	return true;
}

/* All lanes active: straight code. */
static void emit_unrolled(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	val_t pointers = cwc_vector(body, LLVMGetOperand(inst, 0), 0);
	val_t operands = cwc_vector(body, LLVMGetOperand(inst, 1), 0);
	val_t result = LLVMGetPoison(LLVMTypeOf(operands));

	for (unsigned i = 0; i < unit->width; i++) {
		val_t lane = cwc_i64(unit, i);
		val_t old = emit_one(body, inst,
				     LLVMBuildExtractElement(unit->builder, pointers, lane, ""),
				     LLVMBuildExtractElement(unit->builder, operands, lane, ""));

		result = LLVMBuildInsertElement(unit->builder, result, old, lane, "");
	}
	cwc_set_vector(body, inst, 0, result);
}

/* From active lane to active lane. */
static void emit_looped(struct cwc_body *body, val_t inst, val_t mask)
{
	val_t pointer = LLVMGetOperand(inst, 0), value = LLVMGetOperand(inst, 1), old;
	val_t pointers = cwc_lane_prepare(body, pointer), values = cwc_lane_prepare(body, value);
	val_t result = cwc_spill_slot(body, LLVMTypeOf(inst));
	struct cwc_lane_loop loop;

	cwc_lane_loop_begin(body, &loop, mask);
	old = emit_one(body, inst, cwc_lane_value(body, pointer, pointers, loop.lane),
		       cwc_lane_value(body, value, values, loop.lane));
	cwc_set_spilled_lane(body, result, loop.lane, old);
	cwc_lane_loop_end(body, &loop);
	cwc_set_vector(body, inst, 0, cwc_unspill(body, result, LLVMTypeOf(inst)));
}

/*
 * Plain operations on local memory are so cheap that the loop over lanes would cost more:
 * straight code where all lanes turn out to be active.
 */
static void emit_plain_unused(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	LLVMBasicBlockRef all = cwc_new_block(body, "all"), some = cwc_new_block(body, "some");
	LLVMBasicBlockRef join = cwc_new_block(body, "");
	val_t full = LLVMBuildICmp(unit->builder, LLVMIntEQ, cwc_mask_bits(unit, mask),
				   cwc_mask_bits(unit, NULL), "");

	LLVMBuildCondBr(unit->builder, full, all, some);
	LLVMPositionBuilderAtEnd(unit->builder, all);
	emit_unrolled(body, inst);
	LLVMBuildBr(unit->builder, join);
	LLVMPositionBuilderAtEnd(unit->builder, some);
	emit_looped(body, inst, mask);
	LLVMBuildBr(unit->builder, join);
	LLVMPositionBuilderAtEnd(unit->builder, join);
	cwc_set_vector(body, inst, 0, LLVMGetPoison(cwc_vector_type(unit, LLVMTypeOf(inst))));
}

void cwc_emit_atomic_rmw(struct cwc_body *body, val_t inst, val_t mask)
{
	val_t pointer = LLVMGetOperand(inst, 0), value = LLVMGetOperand(inst, 1), old;

	if (body->unit->width == 1) {
		old = emit_one(body, inst, cwc_scalar(body, pointer), cwc_scalar(body, value));
		cwc_set_scalar(body, inst, old);
		return;
	}
	if (emit_reduced(body, inst, mask))
		return;
	if (!mask)
		emit_unrolled(body, inst);
	else if (!LLVMGetFirstUse(inst) && cwc_space_of(pointer) == CWC_SPACE_LOCAL)
		emit_plain_unused(body, inst, mask);
	else
		emit_looped(body, inst, mask);
}

static val_t emit_one_cmpxchg(struct cwc_body *body, val_t inst, val_t pointer, val_t expected,
			      val_t desired)
{
	struct cwc_unit *unit = body->unit;
	val_t pair = LLVMBuildAtomicCmpXchg(unit->builder, pointer, expected, desired,
					    LLVMGetCmpXchgSuccessOrdering(inst),
					    LLVMGetCmpXchgFailureOrdering(inst), 0);

	cwc_mark_space(unit, pair, cwc_space_of(LLVMGetOperand(inst, 0)));
	return pair;
}

void cwc_emit_cmpxchg(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t operands[3], slots[3], lanes[3], pair, old, success;
	type_t type = cwc_target_type(unit, LLVMTypeOf(LLVMGetOperand(inst, 1)));
	struct cwc_lane_loop loop;

	for (unsigned i = 0; i < 3; i++)
		operands[i] = LLVMGetOperand(inst, i);
	if (unit->width == 1) {
		for (unsigned i = 0; i < 3; i++)
			lanes[i] = cwc_scalar(body, operands[i]);
		cwc_set_scalar(body, inst,
			       emit_one_cmpxchg(body, inst, lanes[0], lanes[1], lanes[2]));
		return;
	}
	for (unsigned i = 0; i < 3; i++)
		slots[i] = cwc_lane_prepare(body, operands[i]);
	old = cwc_spill_slot(body, type);
	success = cwc_spill_slot(body, unit->i1);
	cwc_lane_loop_begin(body, &loop, mask);
	for (unsigned i = 0; i < 3; i++)
		lanes[i] = cwc_lane_value(body, operands[i], slots[i], loop.lane);
	pair = emit_one_cmpxchg(body, inst, lanes[0], lanes[1], lanes[2]);
	cwc_set_spilled_lane(body, old, loop.lane,
			     LLVMBuildExtractValue(unit->builder, pair, 0, ""));
	cwc_set_spilled_lane(body, success, loop.lane,
			     LLVMBuildExtractValue(unit->builder, pair, 1, ""));
	cwc_lane_loop_end(body, &loop);
	cwc_set_vector(body, inst, 0, cwc_unspill(body, old, type));
	cwc_set_vector(body, inst, 1, cwc_unspill(body, success, unit->i1));
}

/* Fences within the work-group order nothing that one thread could tell. */
void cwc_emit_fence(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	unsigned scope = LLVMGetAtomicSyncScopeID(inst);
	static const char *const within[] = {"workgroup", "subgroup", "singlethread"};
	bool single = false;

	for (unsigned i = 0; i < 3; i++)
		single |= scope == LLVMGetSyncScopeID(unit->context, within[i], strlen(within[i]));
	LLVMBuildFence(unit->builder, LLVMGetOrdering(inst), single, "");
}

static val_t emit_lane_load(struct cwc_body *body, val_t inst, val_t pointer, type_t type,
			    uint64_t offset)
{
	struct cwc_unit *unit = body->unit;
	val_t load = LLVMBuildLoad2(unit->builder, type,
				    cwc_offset(unit, pointer, cwc_i64(unit, offset)), "");

	LLVMSetAlignment(load, offset ? 1 : LLVMGetAlignment(inst));
	LLVMSetVolatile(load, LLVMGetVolatile(inst));
	LLVMSetOrdering(load, LLVMGetOrdering(inst));
	cwc_mark_space(unit, load, cwc_space_of(LLVMGetOperand(inst, 0)));
	return load;
}

static uint64_t component_offset(struct cwc_unit *unit, type_t type, unsigned component)
{
	type_t element = cwc_component_type(type, component);

	if (LLVMGetTypeKind(type) == LLVMStructTypeKind)
		return LLVMOffsetOfElement(unit->layout, type, component);
	return component * (cwc_is_vector(type) ? LLVMSizeOfTypeInBits(unit->layout, element) / 8
						: cwc_bytes(unit, element));
}

static void lane_load(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(inst);
	unsigned count = cwc_components(type);
	val_t pointers = cwc_spill(body, cwc_vector(body, LLVMGetOperand(inst, 0), 0)), pointer;
	val_t slots[16];
	struct cwc_lane_loop loop;

	if (count > 16) {
		cwc_fail(unit, "a load of this type is not supported");
		return;
	}
	for (unsigned c = 0; c < count; c++)
		slots[c] = cwc_spill_slot(body, cwc_target_type(unit, cwc_component_type(type, c)));
	cwc_lane_loop_begin(body, &loop, mask);
	pointer = cwc_spilled_lane(body, pointers, unit->ptr, loop.lane);
	for (unsigned c = 0; c < count; c++)
		cwc_set_spilled_lane(
			body, slots[c], loop.lane,
			emit_lane_load(body, inst, pointer,
				       cwc_target_type(unit, cwc_component_type(type, c)),
				       component_offset(unit, type, c)));
	cwc_lane_loop_end(body, &loop);
	for (unsigned c = 0; c < count; c++)
		cwc_set_vector(body, inst, c,
			       cwc_unspill(body, slots[c],
					   cwc_target_type(unit, cwc_component_type(type, c))));
}

static void lane_store(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t value = LLVMGetOperand(inst, 0);
	type_t type = LLVMTypeOf(value);
	unsigned count = cwc_components(type);
	val_t pointers = cwc_spill(body, cwc_vector(body, LLVMGetOperand(inst, 1), 0)), pointer;
	val_t slots[16];
	struct cwc_lane_loop loop;

	if (count > 16) {
		cwc_fail(unit, "a store of this type is not supported");
		return;
	}
	for (unsigned c = 0; c < count; c++)
		slots[c] = cwc_spill(body, cwc_vector(body, value, c));
	cwc_lane_loop_begin(body, &loop, mask);
	pointer = cwc_spilled_lane(body, pointers, unit->ptr, loop.lane);
	for (unsigned c = 0; c < count; c++) {
		type_t part = cwc_target_type(unit, cwc_component_type(type, c));
		uint64_t offset = component_offset(unit, type, c);
		val_t store = LLVMBuildStore(unit->builder,
					     cwc_spilled_lane(body, slots[c], part, loop.lane),
					     cwc_offset(unit, pointer, cwc_i64(unit, offset)));

		LLVMSetAlignment(store, offset ? 1 : LLVMGetAlignment(inst));
		LLVMSetVolatile(store, LLVMGetVolatile(inst));
		LLVMSetOrdering(store, LLVMGetOrdering(inst));
		cwc_mark_space(unit, store, cwc_space_of(LLVMGetOperand(inst, 1)));
	}
	cwc_lane_loop_end(body, &loop);
}

/* A load or store by one lane after the other: volatile, atomic or of an odd type. */
void cwc_emit_lane_memory(struct cwc_body *body, val_t inst, val_t mask)
{
	if (LLVMGetInstructionOpcode(inst) == LLVMLoad)
		lane_load(body, inst, mask);
	else
		lane_store(body, inst, mask);
}
