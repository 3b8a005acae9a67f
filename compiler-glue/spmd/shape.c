/* SPDX-License-Identifier: MIT */
/*
 * Shape analysis: which values are the same in all lanes, which grow by a constant
 * from lane to lane, which branches part the lanes, and where they meet again.
 *
 * An optimistic fixpoint: shapes start unknown and only rise.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool raise_shape(struct cwc_body *body, val_t inst, enum cwc_shape shape, int64_t stride)
{
	struct cwc_value *value = cwc_value(body, inst);

	if (shape == CWC_SHAPE_LINEAR && !stride)
		shape = CWC_SHAPE_UNIFORM;
	if (body->unit->width == 1 && shape > CWC_SHAPE_UNIFORM)
		shape = CWC_SHAPE_UNIFORM;
	if (shape != CWC_SHAPE_LINEAR)
		stride = 0;
	if (shape < value->shape || (shape == value->shape && stride == value->stride))
		return false;
	if (value->shape == CWC_SHAPE_LINEAR && shape == CWC_SHAPE_LINEAR)
		shape = CWC_SHAPE_VARYING, stride = 0;
	value->shape = shape;
	value->stride = stride;
	return true;
}

static unsigned guard_of(struct cwc_body *body, val_t value)
{
	return LLVMIsAInstruction(value) ? cwc_value(body, value)->wraps : 0;
}

/*
 * As cwc_shape_of(), for a user that does not hand on the test whether lanes have
 * wrapped.
 */
static enum cwc_shape unguarded_shape(struct cwc_body *body, val_t value, int64_t *stride)
{
	enum cwc_shape shape = cwc_shape_of(body, value, stride);

	return shape == CWC_SHAPE_LINEAR && guard_of(body, value) ? CWC_SHAPE_VARYING : shape;
}

/*
 * A linear result wraps if it, or what it is computed from, may wrap between lanes.
 * @bits: of the integer that @inst extends and that may wrap, or 0.
 */
static bool raise_linear(struct cwc_body *body, val_t inst, int64_t stride, unsigned bits)
{
	struct cwc_value *value = cwc_value(body, inst);
	bool changed = raise_shape(body, inst, CWC_SHAPE_LINEAR, stride);
	type_t type = LLVMTypeOf(inst);

	for (int i = 0; i < LLVMGetNumOperands(inst); i++) {
		unsigned guard = guard_of(body, LLVMGetOperand(inst, (unsigned)i));

		if (guard && (!bits || guard < bits))
			bits = guard;
	}
	/* modulo 2^bits it is linear all the same */
	if (value->shape != CWC_SHAPE_LINEAR ||
	    (LLVMGetTypeKind(type) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(type) <= bits))
		bits = 0;
	changed |= bits != value->wraps;
	value->wraps = bits;
	return changed;
}

/* Joins of shapes as a phi or a uniform select sees them. */
static void join(enum cwc_shape *shape, int64_t *stride, enum cwc_shape other, int64_t other_stride)
{
	if (other == CWC_SHAPE_NONE)
		return;
	if (*shape == CWC_SHAPE_NONE) {
		*shape = other;
		*stride = other_stride;
	} else if (*shape == CWC_SHAPE_LINEAR || other == CWC_SHAPE_LINEAR) {
		if (*shape != other || *stride != other_stride)
			*shape = CWC_SHAPE_VARYING;
	} else if (other > *shape) {
		*shape = other;
	}
}

/* How much a value defined in a loop varies after lanes have left it at different times. */
static enum cwc_shape left_loop_shape(struct cwc_body *body, val_t value, int block)
{
	enum cwc_shape shape = CWC_SHAPE_GROUP;
	int loop;

	if (!LLVMIsAInstruction(value))
		return shape;
	loop = body->blocks[cwc_block_index(body, LLVMGetInstructionParent(value))].loop;
	for (; loop >= 0; loop = body->blocks[loop].outer)
		if (!cwc_in_loop(body, block, loop) && body->blocks[loop].leaves > shape)
			shape = body->blocks[loop].leaves;
	return shape;
}

static bool analyse_phi(struct cwc_body *body, val_t phi, int index)
{
	enum cwc_shape shape = CWC_SHAPE_NONE, limit = CWC_SHAPE_GROUP;
	unsigned count = LLVMCountIncoming(phi), undefined = 0;
	int64_t stride = 0, other_stride;

	for (unsigned i = 0; i < count; i++) {
		val_t value = LLVMGetIncomingValue(phi, i);
		enum cwc_shape other, left;

		if (cwc_is_undef(value)) {
			undefined++;
			continue;
		}
		other = unguarded_shape(body, value, &other_stride);
		join(&shape, &stride, other, other_stride);
		left = left_loop_shape(body, value, index);
		limit = left > limit ? left : limit;
	}
	if (undefined == count)
		shape = CWC_SHAPE_GROUP;
	if (shape == CWC_SHAPE_NONE)
		return false;
	if (body->blocks[index].joins > limit)
		limit = body->blocks[index].joins;
	if (limit > shape || (limit > CWC_SHAPE_UNIFORM && shape == CWC_SHAPE_LINEAR))
		shape = limit;
	return raise_shape(body, phi, shape, stride);
}

static bool analyse_gep(struct cwc_body *body, val_t gep)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMGetGEPSourceElementType(gep);
	int64_t sum, stride, unit_stride;
	enum cwc_shape highest = cwc_shape_of(body, LLVMGetOperand(gep, 0), &sum), shape;
	int count = LLVMGetNumOperands(gep);
	bool wraps = false;

	if (cwc_is_vector(LLVMTypeOf(gep)))
		return raise_shape(body, gep, CWC_SHAPE_VARYING, 0);
	for (int i = 1; i < count; i++) {
		val_t index = LLVMGetOperand(gep, (unsigned)i);

		if (i > 1 && LLVMGetTypeKind(type) == LLVMStructTypeKind) {
			type = LLVMStructGetTypeAtIndex(type,
							(unsigned)LLVMConstIntGetZExtValue(index));
			continue;
		}
		if (i > 1)
			type = LLVMGetElementType(type);
		shape = cwc_shape_of(body, index, &stride);
		if (shape == CWC_SHAPE_NONE)
			return false;
		wraps |= shape == CWC_SHAPE_LINEAR && LLVMGetIntTypeWidth(LLVMTypeOf(index)) < 64 &&
			 cwc_extension_wraps(body, index, true);
		highest = shape > highest ? shape : highest;
		unit_stride = stride * (int64_t)cwc_bytes(unit, type);
		sum += cwc_value(body, gep)->interleaved ? unit_stride * unit->width : unit_stride;
	}
	/* a narrow index would need a test of its own */
	if (wraps)
		highest = CWC_SHAPE_VARYING;
	if (highest == CWC_SHAPE_LINEAR)
		return raise_linear(body, gep, sum, 0);
	return raise_shape(body, gep, highest, sum);
}

static bool analyse_extension(struct cwc_body *body, val_t inst, int64_t stride)
{
	return raise_linear(body, inst, stride, cwc_wraps(body, inst));
}

/* An operation with at least one linear operand and none varying. */
static bool analyse_linear(struct cwc_body *body, val_t inst, int64_t a, int64_t b)
{
	val_t right = LLVMGetNumOperands(inst) > 1 ? LLVMGetOperand(inst, 1) : NULL;

	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMAdd:
		return raise_linear(body, inst, a + b, 0);
	case LLVMSub:
		return raise_linear(body, inst, a - b, 0);
	case LLVMOr:
		if (LLVMGetIsDisjoint(inst))
			return raise_linear(body, inst, a + b, 0);
		break;
	case LLVMMul:
		if (LLVMIsAConstantInt(right))
			return raise_linear(body, inst, a * LLVMConstIntGetSExtValue(right), 0);
		break;
	case LLVMShl:
		if (LLVMIsAConstantInt(right) && LLVMConstIntGetZExtValue(right) < 32)
			return raise_shape(
				body, inst, CWC_SHAPE_LINEAR,
				(int64_t)((uint64_t)a << LLVMConstIntGetZExtValue(right)));
		break;
	case LLVMAnd:
		/* the zero extension of a truncation, as instcombine writes it */
		if (cwc_is_word_mask(inst))
			return raise_linear(body, inst, a, cwc_wraps(body, inst));
		break;
	case LLVMTrunc:
		if (LLVMGetIntTypeWidth(LLVMTypeOf(inst)) >= 8)
			return raise_linear(body, inst, a, 0);
		break;
	case LLVMZExt:
	case LLVMSExt:
		return analyse_extension(body, inst, a);
	case LLVMAddrSpaceCast:
	case LLVMFreeze:
		return raise_linear(body, inst, a, 0);
	case LLVMPtrToInt:
	case LLVMIntToPtr:
		if (LLVMABISizeOfType(body->unit->layout, LLVMTypeOf(inst)) == 8 &&
		    LLVMABISizeOfType(body->unit->layout, LLVMTypeOf(LLVMGetOperand(inst, 0))) == 8)
			return raise_linear(body, inst, a, 0);
		break;
	default:
		break;
	}
	return raise_shape(body, inst, CWC_SHAPE_VARYING, 0);
}

static bool analyse_select(struct cwc_body *body, val_t inst)
{
	enum cwc_shape shape, other;
	int64_t stride, other_stride;
	enum cwc_shape condition = cwc_shape_of(body, LLVMGetOperand(inst, 0), &stride);

	shape = unguarded_shape(body, LLVMGetOperand(inst, 1), &stride);
	other = unguarded_shape(body, LLVMGetOperand(inst, 2), &other_stride);
	if (condition == CWC_SHAPE_NONE || shape == CWC_SHAPE_NONE || other == CWC_SHAPE_NONE)
		return false;
	if (condition > CWC_SHAPE_UNIFORM)
		return raise_shape(body, inst, CWC_SHAPE_VARYING, 0);
	join(&shape, &stride, other, other_stride);
	if (condition > shape)
		shape = condition;
	return raise_shape(body, inst, shape, stride);
}

static bool analyse_operands(struct cwc_body *body, val_t inst)
{
	enum cwc_shape highest = CWC_SHAPE_GROUP;
	int64_t strides[2] = {0, 0}, stride;
	int count = LLVMGetNumOperands(inst);

	for (int i = 0; i < count; i++) {
		enum cwc_shape shape =
			cwc_shape_of(body, LLVMGetOperand(inst, (unsigned)i), &stride);

		if (shape == CWC_SHAPE_NONE)
			return false;
		highest = shape > highest ? shape : highest;
		if (i < 2)
			strides[i] = stride;
	}
	if (highest == CWC_SHAPE_LINEAR)
		return analyse_linear(body, inst, strides[0], strides[1]);
	return raise_shape(body, inst, highest, 0);
}

static bool analyse_call(struct cwc_body *body, val_t call)
{
	const char *name = cwc_callee(call);
	enum cwc_shape highest = CWC_SHAPE_GROUP, shape;
	unsigned count = LLVMGetNumArgOperands(call);
	int64_t stride = 0;
	uint64_t bound;
	int cross;

	if (LLVMGetTypeKind(LLVMTypeOf(call)) == LLVMVoidTypeKind)
		return false;
	if (cwc_work_item_query(name) >= 0) {
		shape = cwc_work_item_shape(body, call, &stride, &bound);
		return shape != CWC_SHAPE_NONE && raise_shape(body, call, shape, stride);
	}
	cross = cwc_cross_lane_shape(name);
	if (cross >= 0)
		return raise_shape(body, call, (enum cwc_shape)cross, 0);
	for (unsigned i = 0; i < count; i++) {
		shape = cwc_shape_of(body, LLVMGetOperand(call, i), &stride);
		if (shape == CWC_SHAPE_NONE)
			return false;
		highest = shape > highest ? shape : highest;
	}
	if (highest > CWC_SHAPE_UNIFORM || !strcmp(name, "printf"))
		highest = CWC_SHAPE_VARYING;
	return raise_shape(body, call, highest, 0);
}

static bool analyse_load(struct cwc_body *body, val_t load)
{
	int64_t stride;
	enum cwc_shape shape = cwc_shape_of(body, LLVMGetOperand(load, 0), &stride);

	if (shape == CWC_SHAPE_NONE)
		return false;
	if (shape > CWC_SHAPE_UNIFORM)
		shape = CWC_SHAPE_VARYING;
	else if (LLVMGetVolatile(load) || LLVMGetOrdering(load) != LLVMAtomicOrderingNotAtomic)
		shape = CWC_SHAPE_UNIFORM;
	return raise_shape(body, load, shape, 0);
}

static bool analyse_instruction(struct cwc_body *body, val_t inst, int block)
{
	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMPHI:
		return analyse_phi(body, inst, block);
	case LLVMAlloca:
		return raise_shape(body, inst, CWC_SHAPE_LINEAR, cwc_value(body, inst)->stride);
	case LLVMLoad:
		return analyse_load(body, inst);
	case LLVMStore:
	case LLVMBr:
	case LLVMRet:
	case LLVMFence:
	case LLVMUnreachable:
		return false;
	case LLVMAtomicRMW:
	case LLVMAtomicCmpXchg:
		return raise_shape(body, inst, CWC_SHAPE_VARYING, 0);
	case LLVMCall:
		return analyse_call(body, inst);
	case LLVMGetElementPtr:
		return analyse_gep(body, inst);
	case LLVMSelect:
		return analyse_select(body, inst);
	default:
		return analyse_operands(body, inst);
	}
}

static bool is_header(const struct cwc_body *body, int block)
{
	return body->blocks[block].latch >= 0;
}

/* Is @block reached from @branch through one of its successors only? */
static bool behind_one_arm(const struct cwc_body *body, int branch, int block)
{
	const struct cwc_block *from = &body->blocks[branch];

	for (int s = 0; s < from->succ_count; s++) {
		int succ = from->succs[s];

		if (body->blocks[succ].pred_count == 1 && cwc_dominates(body, succ, block))
			return true;
	}
	return false;
}

static void reach_from_branch(struct cwc_body *body, int branch, int block, enum cwc_shape shape)
{
	struct cwc_block *reached = &body->blocks[block];

	if (reached->pred_count > 1 && !is_header(body, block) && reached->joins < shape &&
	    !behind_one_arm(body, branch, block))
		reached->joins = shape;
	for (int loop = body->blocks[branch].loop; loop >= 0; loop = body->blocks[loop].outer)
		if (!cwc_in_loop(body, block, loop) && body->blocks[loop].leaves < shape)
			body->blocks[loop].leaves = shape;
}

/* Visit all blocks between @branch and its postdominator. */
static void spread_branch(struct cwc_body *body, int branch, enum cwc_shape shape)
{
	int *stack = cwc_alloc((size_t)body->block_count, sizeof(int));
	bool *seen = cwc_alloc((size_t)body->block_count, sizeof(bool));
	int depth = 1;

	stack[0] = branch;
	while (depth) {
		int block = stack[--depth];
		const struct cwc_block *from = &body->blocks[block];

		if (block != branch || seen[block])
			reach_from_branch(body, branch, block, shape);
		if (block == body->blocks[branch].ipdom)
			continue;
		for (int s = 0; s < from->succ_count; s++)
			if (!seen[from->succs[s]]) {
				seen[from->succs[s]] = true;
				stack[depth++] = from->succs[s];
			}
	}
	free(stack);
	free(seen);
}

static bool analyse_branch(struct cwc_body *body, int index)
{
	struct cwc_block *block = &body->blocks[index];
	val_t terminator = LLVMGetBasicBlockTerminator(block->block);
	enum cwc_shape shape;
	int64_t stride;

	if (block->succ_count < 2)
		return false;
	shape = cwc_shape_of(body, LLVMGetOperand(terminator, 0), &stride);
	if (shape == CWC_SHAPE_LINEAR)
		shape = CWC_SHAPE_VARYING;
	if (shape <= block->branch)
		return false;
	block->branch = shape;
	if (shape > CWC_SHAPE_GROUP)
		spread_branch(body, index, shape);
	if (shape == CWC_SHAPE_VARYING)
		body->divergent = true;
	return true;
}

void cwc_shape_analyse(struct cwc_body *body)
{
	bool changed = true;

	cwc_bounds(body);
	if (body->unit->width > 1)
		cwc_private_classify(body);
	while (changed) {
		changed = false;
		for (int b = 0; b < body->block_count; b++) {
			for (val_t inst = LLVMGetFirstInstruction(body->blocks[b].block); inst;
			     inst = LLVMGetNextInstruction(inst))
				changed |= analyse_instruction(body, inst, b);
			changed |= analyse_branch(body, b);
		}
	}
}

void cwc_shape_dump(struct cwc_body *body)
{
	static const char *const names[] = {"?", "group", "uniform", "linear", "varying"};

	for (int b = 0; b < body->block_count; b++) {
		const struct cwc_block *block = &body->blocks[b];

		fprintf(stderr,
			"block %d idom %d ipdom %d loop %d latch %d branch %s joins %s leaves %s\n",
			b, block->idom, block->ipdom, block->loop, block->latch,
			names[block->branch], names[block->joins], names[block->leaves]);
		for (val_t inst = LLVMGetFirstInstruction(block->block); inst;
		     inst = LLVMGetNextInstruction(inst)) {
			struct cwc_value *value = cwc_value(body, inst);
			char *text = LLVMPrintValueToString(inst);

			fprintf(stderr, "%-8s%4lld %s\n", names[value->shape],
				(long long)value->stride, text);
			LLVMDisposeMessage(text);
		}
	}
}
