/* SPDX-License-Identifier: MIT */
/* Copies one segment of the chunk function into the loop over chunks. */
#include "fission.h"

#include <stdlib.h>
#include <string.h>

/* A segment that is being copied. */
struct copy {
	struct cwc_fission *fission;
	int segment;
	int *order, order_count;
	bool *inside;
	LLVMBasicBlockRef *blocks;
	val_t prologue_end;
};

static bool is_carried(const struct cwc_carried *value)
{
	return value->carry == CWC_CARRY_GROUP || value->carry == CWC_CARRY_FRAME;
}

/* Make the places of carried values, once for all segments. */
void cwc_segment_slots(struct cwc_fission *fission)
{
	for (int v = 0; v < fission->cut.value_count; v++) {
		struct cwc_carried *value = &fission->cut.values[v];
		type_t type = LLVMTypeOf(value->inst);

		if (LLVMIsAAllocaInst(value->inst)) {
			value->slot =
				cwc_temporary(fission->body, LLVMGetAllocatedType(value->inst), "");
			LLVMSetAlignment(value->slot, LLVMGetAlignment(value->inst));
		} else if (is_carried(value)) {
			value->slot = cwc_temporary(fission->body, type, "");
		}
		if (value->carry == CWC_CARRY_GROUP) {
			value->group_in = cwc_temporary(fission->body, type, "");
			value->group_out = cwc_temporary(fission->body, type, "");
		}
	}
}

static bool is_mask(struct cwc_unit *unit, type_t type)
{
	return cwc_is_vector(type) && LLVMGetElementType(type) == unit->i1;
}

static val_t frame_address(const struct cwc_fission *fission, const struct cwc_carried *value)
{
	struct cwc_unit *unit = fission->body->unit;

	return cwc_offset(unit, fission->frame, cwc_i64(unit, value->offset));
}

/* Masks are bytes in memory. */
static type_t frame_type(struct cwc_unit *unit, type_t type)
{
	return is_mask(unit, type) ? LLVMVectorType(unit->i8, LLVMGetVectorSize(type)) : type;
}

static val_t load_from_frame(const struct cwc_fission *fission, const struct cwc_carried *value)
{
	struct cwc_unit *unit = fission->body->unit;
	type_t type = LLVMTypeOf(value->inst);
	val_t load = LLVMBuildLoad2(unit->builder, frame_type(unit, type),
				    frame_address(fission, value), "");

	LLVMSetAlignment(load, 8);
	cwc_mark_space(unit, load, CWC_SPACE_PRIVATE);
	return is_mask(unit, type) ? LLVMBuildTrunc(unit->builder, load, type, "") : load;
}

static void store_to_frame(const struct cwc_fission *fission, const struct cwc_carried *value,
			   val_t stored)
{
	struct cwc_unit *unit = fission->body->unit;
	type_t type = LLVMTypeOf(stored);
	val_t store;

	if (is_mask(unit, type))
		stored = LLVMBuildZExt(unit->builder, stored, frame_type(unit, type), "");
	store = LLVMBuildStore(unit->builder, stored, frame_address(fission, value));
	LLVMSetAlignment(store, 8);
	cwc_mark_space(unit, store, CWC_SPACE_PRIVATE);
}

/* Before the chunk loop: read the group's values that the segment needs. */
void cwc_segment_load_group(struct cwc_fission *fission, int segment)
{
	struct cwc_unit *unit = fission->body->unit;
	struct cwc_cut *cut = &fission->cut;

	for (int v = 0; v < cut->value_count; v++) {
		struct cwc_carried *value = &cut->values[v];

		value->written = false;
		if (value->carry == CWC_CARRY_GROUP &&
		    cwc_cut_is_live(cut, cut->starts[segment], v))
			value->current = LLVMBuildLoad2(unit->builder, LLVMTypeOf(value->inst),
							value->group_in, "");
	}
}

/* Behind the chunk loop: what the chunks found holds for the next segment. */
void cwc_segment_store_group(struct cwc_fission *fission, int segment)
{
	struct cwc_unit *unit = fission->body->unit;

	(void)segment;
	for (int v = 0; v < fission->cut.value_count; v++) {
		struct cwc_carried *value = &fission->cut.values[v];

		if (value->written)
			LLVMBuildStore(unit->builder,
				       LLVMBuildLoad2(unit->builder, LLVMTypeOf(value->inst),
						      value->group_out, ""),
				       value->group_in);
	}
}

static void load_live_values(struct copy *copy)
{
	struct cwc_fission *fission = copy->fission;
	struct cwc_cut *cut = &fission->cut;

	for (int v = 0; v < cut->value_count; v++) {
		struct cwc_carried *value = &cut->values[v];
		val_t loaded;

		if (!is_carried(value) || !cwc_cut_is_live(cut, cut->starts[copy->segment], v))
			continue;
		loaded = value->carry == CWC_CARRY_GROUP ? value->current
							 : load_from_frame(fission, value);
		LLVMBuildStore(fission->body->unit->builder, loaded, value->slot);
	}
}

/* What the segment has computed and a later one needs. */
static void store_live_values(struct copy *copy, int next)
{
	struct cwc_fission *fission = copy->fission;
	struct cwc_cut *cut = &fission->cut;
	LLVMBuilderRef builder = fission->body->unit->builder;

	for (int v = 0; v < cut->value_count; v++) {
		struct cwc_carried *value = &cut->values[v];
		val_t now;

		if (!is_carried(value) || !copy->inside[value->block] ||
		    !cwc_cut_is_live(cut, cut->starts[next], v))
			continue;
		now = LLVMBuildLoad2(builder, LLVMTypeOf(value->inst), value->slot, "");
		if (value->carry == CWC_CARRY_GROUP) {
			LLVMBuildStore(builder, now, value->group_out);
			value->written = true;
		} else {
			store_to_frame(fission, value, now);
		}
	}
}

/* Blocks of the segment in reverse post order. */
static void order_blocks(struct copy *copy)
{
	struct cwc_cut *cut = &copy->fission->cut;
	int *stack = cwc_alloc((size_t)cut->block_count, sizeof(int));
	unsigned *next = cwc_alloc((size_t)cut->block_count, sizeof(*next));
	int depth = 1, count = 0;

	stack[0] = cut->starts[copy->segment];
	copy->inside[stack[0]] = true;
	while (depth) {
		int block = stack[depth - 1], succ;
		val_t terminator = LLVMGetBasicBlockTerminator(cut->blocks[block]);

		if (cut->barrier[block] || next[depth - 1] == LLVMGetNumSuccessors(terminator)) {
			copy->order[count++] = block;
			next[--depth] = 0;
			continue;
		}
		succ = cwc_map_number(&cut->block_map,
				      LLVMGetSuccessor(terminator, next[depth - 1]++));
		if (copy->inside[succ])
			continue;
		copy->inside[succ] = true;
		stack[depth++] = succ;
	}
	for (int i = 0; i < count / 2; i++) {
		int other = copy->order[count - 1 - i];

		copy->order[count - 1 - i] = copy->order[i];
		copy->order[i] = other;
	}
	copy->order_count = count;
	free(stack);
	free(next);
}

static val_t copied_operand(struct copy *copy, val_t operand);

static val_t copy_instruction(struct copy *copy, val_t inst)
{
	val_t clone = LLVMInstructionClone(inst);

	for (int i = 0; i < LLVMGetNumOperands(inst); i++)
		LLVMSetOperand(clone, (unsigned)i,
			       copied_operand(copy, LLVMGetOperand(inst, (unsigned)i)));
	LLVMInsertIntoBuilder(copy->fission->body->unit->builder, clone);
	return clone;
}

/* Arithmetic on parameters goes to the beginning of the chunk, once a segment. */
static val_t recompute(struct copy *copy, val_t inst)
{
	LLVMBuilderRef builder = copy->fission->body->unit->builder;
	val_t known = cwc_map_get(&copy->fission->fixed, inst);
	LLVMBasicBlockRef here;

	if (known)
		return known;
	for (int i = 0; i < LLVMGetNumOperands(inst); i++)
		copied_operand(copy, LLVMGetOperand(inst, (unsigned)i));
	here = LLVMGetInsertBlock(builder);
	LLVMPositionBuilderBefore(builder, copy->prologue_end);
	known = copy_instruction(copy, inst);
	cwc_map_set(&copy->fission->fixed, inst, known);
	if (LLVMGetBasicBlockTerminator(here))
		LLVMPositionBuilderBefore(builder, LLVMGetBasicBlockTerminator(here));
	else
		LLVMPositionBuilderAtEnd(builder, here);
	return known;
}

static val_t copied_operand(struct copy *copy, val_t operand)
{
	struct cwc_fission *fission = copy->fission;
	const struct cwc_carried *value;
	val_t result;

	if (LLVMIsAArgument(operand))
		return cwc_map_get(&fission->fixed, operand);
	if (!LLVMIsAInstruction(operand))
		return operand;
	value = &fission->cut.values[cwc_map_number(&fission->cut.value_map, operand)];
	if (LLVMIsAAllocaInst(operand))
		return value->slot;
	if (value->carry == CWC_CARRY_RECOMPUTE)
		return recompute(copy, operand);
	if (is_carried(value))
		return LLVMBuildLoad2(fission->body->unit->builder, LLVMTypeOf(operand),
				      value->slot, "");
	result = cwc_map_get(&fission->copies, operand);
	if (!result) {
		cwc_fail(fission->body->unit, "internal: a value does not reach its segment");
		result = LLVMGetPoison(LLVMTypeOf(operand));
	}
	return result;
}

static void remember(struct copy *copy, val_t inst, val_t clone)
{
	struct cwc_fission *fission = copy->fission;
	int index = cwc_map_number(&fission->cut.value_map, inst);

	if (index < 0)
		return;
	cwc_map_set(&fission->copies, inst, clone);
	if (is_carried(&fission->cut.values[index]))
		LLVMBuildStore(fission->body->unit->builder, clone,
			       fission->cut.values[index].slot);
}

static bool is_recomputed(const struct copy *copy, val_t inst)
{
	const struct cwc_cut *cut = &copy->fission->cut;
	int index = cwc_map_number(&cut->value_map, inst);

	return index >= 0 &&
	       (cut->values[index].carry == CWC_CARRY_RECOMPUTE || LLVMIsAAllocaInst(inst));
}

/* Phis first, without operands; the stores of carried ones behind them all. */
static val_t copy_phis(struct copy *copy, val_t inst)
{
	LLVMBuilderRef builder = copy->fission->body->unit->builder;
	val_t first = inst;

	for (; LLVMIsAPHINode(inst); inst = LLVMGetNextInstruction(inst))
		cwc_map_set(&copy->fission->copies, inst,
			    LLVMBuildPhi(builder, LLVMTypeOf(inst), ""));
	for (val_t phi = first; phi != inst; phi = LLVMGetNextInstruction(phi))
		remember(copy, phi, cwc_map_get(&copy->fission->copies, phi));
	return inst;
}

static LLVMBasicBlockRef copied_block(const struct copy *copy, LLVMBasicBlockRef block)
{
	return copy->blocks[cwc_map_number(&copy->fission->cut.block_map, block)];
}

static void copy_terminator(struct copy *copy, val_t terminator)
{
	LLVMBuilderRef builder = copy->fission->body->unit->builder;

	if (LLVMIsAReturnInst(terminator)) {
		cwc_fission_leave(copy->fission, -1);
	} else if (LLVMGetNumSuccessors(terminator) == 1) {
		LLVMBuildBr(builder, copied_block(copy, LLVMGetSuccessor(terminator, 0)));
	} else {
		LLVMBuildCondBr(builder, copied_operand(copy, LLVMGetCondition(terminator)),
				copied_block(copy, LLVMGetSuccessor(terminator, 0)),
				copied_block(copy, LLVMGetSuccessor(terminator, 1)));
	}
}

static void copy_block(struct copy *copy, int index)
{
	struct cwc_cut *cut = &copy->fission->cut;
	val_t terminator = LLVMGetBasicBlockTerminator(cut->blocks[index]), inst;

	LLVMPositionBuilderAtEnd(copy->fission->body->unit->builder, copy->blocks[index]);
	inst = copy_phis(copy, LLVMGetFirstInstruction(cut->blocks[index]));
	for (; inst != terminator; inst = LLVMGetNextInstruction(inst)) {
		if (cut->barrier[index] && LLVMGetNextInstruction(inst) == terminator) {
			store_live_values(copy, cut->barrier[index]);
			cwc_fission_leave(copy->fission, cut->barrier[index]);
			return;
		}
		if (!is_recomputed(copy, inst))
			remember(copy, inst, copy_instruction(copy, inst));
	}
	copy_terminator(copy, terminator);
}

static void finish_phi(struct copy *copy, val_t phi)
{
	struct cwc_fission *fission = copy->fission;
	val_t clone = cwc_map_get(&fission->copies, phi), operand;

	for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
		LLVMBasicBlockRef from = LLVMGetIncomingBlock(phi, i);
		int index = cwc_map_number(&fission->cut.block_map, from);

		if (!copy->inside[index] || fission->cut.barrier[index])
			continue;
		LLVMPositionBuilderBefore(fission->body->unit->builder,
					  LLVMGetBasicBlockTerminator(copy->blocks[index]));
		operand = copied_operand(copy, LLVMGetIncomingValue(phi, i));
		LLVMAddIncoming(clone, &operand, &copy->blocks[index], 1);
	}
}

static void finish_phis(struct copy *copy)
{
	for (int i = 0; i < copy->order_count; i++)
		for (val_t inst =
			     LLVMGetFirstInstruction(copy->fission->cut.blocks[copy->order[i]]);
		     LLVMIsAPHINode(inst); inst = LLVMGetNextInstruction(inst))
			finish_phi(copy, inst);
}

/* Emit the code of @segment for the chunk that runs now. */
void cwc_segment_emit(struct cwc_fission *fission, int segment)
{
	struct cwc_cut *cut = &fission->cut;
	LLVMBuilderRef builder = fission->body->unit->builder;
	struct copy copy = {.fission = fission, .segment = segment};

	copy.order = cwc_alloc((size_t)cut->block_count, sizeof(int));
	copy.inside = cwc_alloc((size_t)cut->block_count, sizeof(bool));
	copy.blocks = cwc_alloc((size_t)cut->block_count, sizeof(*copy.blocks));
	order_blocks(&copy);
	cwc_map_clear(&fission->copies);
	for (int i = 0; i < copy.order_count; i++)
		copy.blocks[copy.order[i]] = cwc_new_block(fission->body, "");
	load_live_values(&copy);
	copy.prologue_end = LLVMBuildBr(builder, copy.blocks[copy.order[0]]);
	for (int i = 0; i < copy.order_count; i++)
		copy_block(&copy, copy.order[i]);
	finish_phis(&copy);
	free(copy.order);
	free(copy.inside);
	free(copy.blocks);
}
