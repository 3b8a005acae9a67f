/* SPDX-License-Identifier: MIT */
/*
 * Walks the scalar function and emits it for a chunk.
 *
 * DOC: control flow
 *
 * Uniform branches stay branches.  A function with a varying branch has been
 * structurised (prepare.c): each varying branch either skips one region whose end
 * is the join of both paths, or is the only exit of a loop at its latch.  So a
 * region runs under the branch's mask, if any lane wants it, and at the join a
 * phi is a select; a loop runs until no lane stays, and what leaves it is kept in
 * an accumulator from the moment that a lane leaves.
 *
 * Code of a masked region is entered only with a lane active, so uniform loads in it
 * are what some lane asked for.
 */
#include "body.h"

#include <stdlib.h>

/* A phi whose operands are added when all blocks are there. */
struct cwc_pending {
	val_t phi;
	int block;
	struct cwc_pending *next;
};

static size_t count_values(val_t function)
{
	size_t count = 0;

	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(function); block;
	     block = LLVMGetNextBasicBlock(block)) {
		count++;
		for (val_t inst = LLVMGetFirstInstruction(block); inst;
		     inst = LLVMGetNextInstruction(inst))
			count++;
	}
	return count;
}

void cwc_body_init(struct cwc_body *body, struct cwc_unit *unit, val_t source)
{
	size_t count = 2 * count_values(source) + 64;

	*body = (struct cwc_body){.unit = unit, .source = source, .value_slots = 64};
	while (body->value_slots < count)
		body->value_slots *= 2;
	body->values = cwc_alloc(body->value_slots, sizeof(*body->values));
	cwc_cfg_build(body);
}

void cwc_body_finish(struct cwc_body *body)
{
	if (!body->blocks)
		return;
	/* left over from a failure */
	while (body->pending) {
		struct cwc_pending *next = body->pending->next;

		free(body->pending);
		body->pending = next;
	}
	cwc_values_reset(body);
	cwc_cfg_free(body);
	free(body->values);
	free(body->params);
}

/* The outermost loop that the edge @from -> @to leaves, or -1. */
static int loop_left(const struct cwc_body *body, int from, int to)
{
	int left = -1;

	for (int loop = body->blocks[from].loop; loop >= 0; loop = body->blocks[loop].outer)
		if (!cwc_in_loop(body, to, loop))
			left = loop;
	return left;
}

static int preheader(const struct cwc_body *body, int header)
{
	const struct cwc_block *block = &body->blocks[header];

	return block->preds[0] == block->latch ? block->preds[block->pred_count - 1]
					       : block->preds[0];
}

static bool loop_diverges(const struct cwc_body *body, int header)
{
	return body->blocks[header].leaves == CWC_SHAPE_VARYING;
}

static void begin_loop_mask(struct cwc_body *body, int index)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_block *header = &body->blocks[index];
	struct cwc_block *before = &body->blocks[preheader(body, index)];
	val_t entering = before->mask;

	header->mask = entering;
	if (!loop_diverges(body, index))
		return;
	if (!entering)
		entering = cwc_all_lanes(unit);
	header->loop_mask = LLVMBuildPhi(unit->builder, cwc_vector_type(unit, unit->i1), "active");
	LLVMAddIncoming(header->loop_mask, &entering, &before->end, 1);
	header->mask = header->loop_mask;
}

static void set_mask(struct cwc_body *body, int index)
{
	struct cwc_block *block = &body->blocks[index], *pred;
	int left;

	if (!index) {
		block->mask = body->ids.mask;
		return;
	}
	if (block->latch >= 0) {
		begin_loop_mask(body, index);
		return;
	}
	if (block->pred_count != 1) {
		block->mask = body->blocks[block->idom].mask;
		return;
	}
	pred = &body->blocks[block->preds[0]];
	left = loop_left(body, block->preds[0], index);
	if (left >= 0)
		block->mask = body->blocks[preheader(body, left)].mask;
	else if (pred->branch == CWC_SHAPE_VARYING)
		block->mask = block->edge_mask;
	else
		block->mask = pred->mask;
}

/* Keep @value of the lanes that are in the loop at its last round for each. */
static val_t accumulate(struct cwc_body *body, int loop, int exiting, val_t value,
			unsigned component)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_block *header = &body->blocks[loop], *last = &body->blocks[exiting];
	LLVMBasicBlockRef here = LLVMGetInsertBlock(unit->builder);
	val_t vector, kept, poison, merged;

	LLVMPositionBuilderBefore(unit->builder, LLVMGetBasicBlockTerminator(last->end));
	vector = cwc_vector(body, value, component);
	LLVMPositionBuilderBefore(unit->builder, LLVMGetFirstInstruction(header->begin));
	kept = LLVMBuildPhi(unit->builder, LLVMTypeOf(vector), "kept");
	LLVMPositionBuilderBefore(unit->builder, LLVMGetBasicBlockTerminator(last->end));
	merged = LLVMBuildSelect(unit->builder, header->loop_mask, vector, kept, "");
	poison = LLVMGetPoison(LLVMTypeOf(vector));
	LLVMAddIncoming(kept, &poison, &body->blocks[preheader(body, loop)].end, 1);
	LLVMAddIncoming(kept, &merged, &last->end, 1);
	LLVMPositionBuilderAtEnd(unit->builder, here);
	return merged;
}

static bool defined_in_loop(struct cwc_body *body, val_t value, int loop)
{
	return LLVMIsAInstruction(value) &&
	       cwc_in_loop(body, cwc_block_index(body, LLVMGetInstructionParent(value)), loop);
}

/* A phi with one operand: an alias, or what leaves a loop. */
static void emit_single_phi(struct cwc_body *body, val_t phi, int index)
{
	struct cwc_block *block = &body->blocks[index];
	val_t value = LLVMGetIncomingValue(phi, 0);
	unsigned count = cwc_components(LLVMTypeOf(phi));
	int pred = block->preds[0];
	int left = loop_left(body, pred, index);
	bool kept;

	if (cwc_value(body, phi)->shape <= CWC_SHAPE_LINEAR) {
		cwc_set_scalar(body, phi,
			       cwc_is_undef(value)
				       ? LLVMGetPoison(cwc_target_type(body->unit, LLVMTypeOf(phi)))
				       : cwc_scalar(body, value));
		return;
	}
	kept = left >= 0 && loop_diverges(body, left) && defined_in_loop(body, value, left);
	if (kept && (body->blocks[left].latch != pred || body->blocks[pred].loop != left))
		cwc_fail(body->unit, "internal: a divergent loop is left inside");
	for (unsigned c = 0; c < count; c++)
		cwc_set_vector(body, phi, c,
			       kept ? accumulate(body, left, pred, value, c)
				    : cwc_vector(body, value, c));
}

static void emit_phi(struct cwc_body *body, val_t phi, int index)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(phi);
	struct cwc_pending *pending;

	if (body->blocks[index].pred_count == 1 && LLVMCountIncoming(phi) == 1) {
		emit_single_phi(body, phi, index);
		return;
	}
	pending = cwc_alloc(1, sizeof(*pending));
	*pending = (struct cwc_pending){phi, index, body->pending};
	body->pending = pending;
	if (cwc_value(body, phi)->shape <= CWC_SHAPE_LINEAR) {
		cwc_set_scalar(body, phi,
			       LLVMBuildPhi(unit->builder, cwc_target_type(unit, type), ""));
		return;
	}
	for (unsigned c = 0; c < cwc_components(type); c++)
		cwc_set_vector(
			body, phi, c,
			LLVMBuildPhi(unit->builder,
				     cwc_vector_type(unit, cwc_target_type(unit, cwc_component_type(
											 type, c))),
				     ""));
}

/* Where a varying branch goes straight to the join, the value on that path; else NULL. */
static val_t skipped_value(struct cwc_body *body, val_t phi, int index)
{
	int idom = body->blocks[index].idom;

	if (body->blocks[index].latch >= 0 || body->blocks[idom].branch != CWC_SHAPE_VARYING)
		return NULL;
	for (unsigned i = 0; i < LLVMCountIncoming(phi); i++)
		if (cwc_block_index(body, LLVMGetIncomingBlock(phi, i)) == idom)
			return LLVMGetIncomingValue(phi, i);
	cwc_fail(body->unit, "internal: a join has no direct edge");
	return NULL;
}

static void add_operand(struct cwc_body *body, val_t phi, unsigned i, val_t skipped,
			LLVMBasicBlockRef from)
{
	struct cwc_unit *unit = body->unit;
	val_t value = LLVMGetIncomingValue(phi, i);
	struct cwc_value *known = cwc_value(body, phi);
	struct cwc_block *pred = &body->blocks[cwc_block_index(body, LLVMGetIncomingBlock(phi, i))];
	val_t operand;

	/* the branch that would come straight here has become straight code */
	if (skipped && pred->flattened && pred->block == from)
		return;
	LLVMPositionBuilderBefore(unit->builder, LLVMGetBasicBlockTerminator(pred->end));
	if (known->shape <= CWC_SHAPE_LINEAR) {
		operand = cwc_is_undef(value) ? LLVMGetPoison(LLVMTypeOf(known->scalar))
					      : cwc_scalar(body, value);
		LLVMAddIncoming(known->scalar, &operand, &pred->end, 1);
		return;
	}
	for (unsigned c = 0; c < cwc_components(LLVMTypeOf(phi)); c++) {
		operand = cwc_vector(body, value, c);
		if (skipped && value != skipped && pred->mask && !cwc_is_undef(skipped))
			operand = LLVMBuildSelect(unit->builder, pred->mask, operand,
						  cwc_vector(body, skipped, c), "");
		LLVMAddIncoming(known->vector[c], &operand, &pred->end, 1);
	}
}

static void finish_phis(struct cwc_body *body)
{
	while (body->pending) {
		struct cwc_pending *pending = body->pending;
		val_t skipped = NULL;

		if (cwc_value(body, pending->phi)->shape == CWC_SHAPE_VARYING)
			skipped = skipped_value(body, pending->phi, pending->block);
		for (unsigned i = 0; i < LLVMCountIncoming(pending->phi); i++)
			add_operand(body, pending->phi, i, skipped,
				    body->blocks[body->blocks[pending->block].idom].block);
		body->pending = pending->next;
		free(pending);
	}
}

/* The latch of a divergent loop: go on while any lane stays. */
static void emit_latch(struct cwc_body *body, int index, int back)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_block *block = &body->blocks[index];
	struct cwc_block *header = &body->blocks[block->succs[back]];
	val_t terminator = LLVMGetBasicBlockTerminator(block->block);
	val_t stay = cwc_vector(body, LLVMGetOperand(terminator, 0), 0);

	if (back)
		stay = LLVMBuildNot(unit->builder, stay, "");
	stay = cwc_mask_and(unit, block->mask, stay);
	LLVMAddIncoming(header->loop_mask, &stay, &block->end, 1);
	LLVMBuildCondBr(unit->builder, cwc_any(unit, stay), header->begin,
			body->blocks[block->succs[!back]].begin);
}

static void emit_varying_branch(struct cwc_body *body, int index)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_block *block = &body->blocks[index];
	int then = block->succs[0], join = block->succs[1];
	val_t condition, mask;

	for (int s = 0; s < 2; s++)
		if (block->succs[s] <= index) {
			emit_latch(body, index, s);
			return;
		}
	condition =
		cwc_vector(body, LLVMGetOperand(LLVMGetBasicBlockTerminator(block->block), 0), 0);
	if (then > join) {
		then = block->succs[1];
		join = block->succs[0];
		condition = LLVMBuildNot(unit->builder, condition, "");
	}
	if (body->blocks[then].pred_count != 1 || body->blocks[join].idom != index)
		cwc_fail(unit, "internal: a varying branch is not structured");
	mask = cwc_mask_and(unit, block->mask, condition);
	body->blocks[then].edge_mask = mask;
	block->flattened = cwc_worth_flattening(body, then, join);
	if (block->flattened)
		LLVMBuildBr(unit->builder, body->blocks[then].begin);
	else
		LLVMBuildCondBr(unit->builder, cwc_any(unit, mask), body->blocks[then].begin,
				body->blocks[join].begin);
}

static val_t returned_value(struct cwc_body *body, val_t value)
{
	return body->unit->width == 1 ? cwc_scalar(body, value) : cwc_vector(body, value, 0);
}

static void emit_terminator(struct cwc_body *body, int index, LLVMBasicBlockRef exit)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_block *block = &body->blocks[index];
	val_t terminator = LLVMGetBasicBlockTerminator(block->block);

	block->end = LLVMGetInsertBlock(unit->builder);
	if (!block->succ_count) {
		if (body->library && LLVMGetNumOperands(terminator))
			body->result = returned_value(body, LLVMGetOperand(terminator, 0));
		LLVMBuildBr(unit->builder, exit);
	} else if (block->succ_count == 1) {
		LLVMBuildBr(unit->builder, body->blocks[block->succs[0]].begin);
	} else if (block->succ_count > 2 || LLVMGetInstructionOpcode(terminator) != LLVMBr) {
		cwc_fail(unit, "internal: unexpected terminator");
		LLVMBuildBr(unit->builder, exit);
	} else if (block->branch == CWC_SHAPE_VARYING) {
		emit_varying_branch(body, index);
	} else {
		LLVMBuildCondBr(unit->builder, cwc_scalar(body, LLVMGetOperand(terminator, 0)),
				body->blocks[block->succs[0]].begin,
				body->blocks[block->succs[1]].begin);
	}
}

static void emit_block(struct cwc_body *body, int index, LLVMBasicBlockRef exit)
{
	struct cwc_block *block = &body->blocks[index];
	val_t inst = LLVMGetFirstInstruction(block->block);

	LLVMPositionBuilderAtEnd(body->unit->builder, block->begin);
	set_mask(body, index);
	body->may_idle = index && body->blocks[block->idom].flattened && block->edge_mask;
	for (; inst && LLVMGetInstructionOpcode(inst) == LLVMPHI;
	     inst = LLVMGetNextInstruction(inst))
		emit_phi(body, inst, index);
	for (; inst && !LLVMIsATerminatorInst(inst); inst = LLVMGetNextInstruction(inst))
		cwc_emit_instruction(body, inst, block->mask);
	emit_terminator(body, index, exit);
}

/* Emit the whole body: control comes in at the end of @entry and leaves to @exit. */
void cwc_body_emit(struct cwc_body *body, LLVMBasicBlockRef entry, LLVMBasicBlockRef exit)
{
	LLVMBuilderRef builder = body->unit->builder;

	cwc_values_reset(body);
	body->frame_used = body->frame_start;
	body->private_bytes = 0;
	body->idle_place = NULL;
	for (int b = 0; b < body->block_count; b++) {
		body->blocks[b].mask = body->blocks[b].edge_mask = NULL;
		body->blocks[b].loop_mask = NULL;
		body->blocks[b].flattened = false;
		body->blocks[b].begin = cwc_new_block(body, "");
	}
	LLVMPositionBuilderAtEnd(builder, entry);
	LLVMBuildBr(builder, body->blocks[0].begin);
	for (int b = 0; b < body->block_count && !body->unit->error; b++)
		emit_block(body, b, exit);
	if (!body->unit->error)
		finish_phis(body);
	if (body->frame_used > body->unit->frame_bytes)
		body->unit->frame_bytes = body->frame_used;
	if (body->private_bytes > body->unit->private_bytes)
		body->unit->private_bytes = body->private_bytes;
	LLVMPositionBuilderAtEnd(builder, exit);
}
