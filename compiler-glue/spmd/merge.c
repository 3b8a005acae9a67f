/* SPDX-License-Identifier: MIT */
/*
 * Loads and stores of neighbouring elements, where lanes are further apart than one element,
 * become accesses of short vectors: a row of a small matrix, a pixel, a structure.
 * strided.c and memory.c then move whole pieces and transpose, in place of one gather
 * or scatter an element.
 */
#include "internal.h"

#include <stdlib.h>

#define MAX_GROUP    64
#define MAX_ELEMENTS 8

/* A candidate: element @offset bytes behind what @base and @index say. */
struct access {
	val_t inst, base, index;
	type_t element;
	int64_t offset;
};

struct group {
	struct access accesses[MAX_GROUP];
	unsigned count;
};

static val_t pointer_of(val_t inst)
{
	return LLVMGetOperand(inst, LLVMIsAStoreInst(inst) ? 1 : 0);
}

/* Split a constant addend off @index; where none is, *constant stays. */
static val_t split_index(val_t index, int64_t *constant)
{
	val_t inner = index, right;

	/* sext(x + c) is sext(x) + c when the sum cannot overflow */
	if (LLVMIsASExtInst(index))
		inner = LLVMGetOperand(index, 0);
	if (!LLVMIsAInstruction(inner) || LLVMGetNumOperands(inner) != 2)
		return inner;
	right = LLVMGetOperand(inner, 1);
	if (!LLVMIsAConstantInt(right))
		return inner;
	switch (LLVMGetInstructionOpcode(inner)) {
	case LLVMAdd:
		if (inner != index && !LLVMGetNSW(inner))
			return inner;
		break;
	case LLVMOr:
		if (!LLVMGetIsDisjoint(inner))
			return inner;
		break;
	default:
		return inner;
	}
	*constant = LLVMConstIntGetSExtValue(right);
	return LLVMGetOperand(inner, 0);
}

/* Follow constant steps, then one variable index, back from the pointer. */
static void split_pointer(struct cwc_body *body, struct access *access)
{
	struct cwc_unit *unit = body->unit;
	val_t pointer = pointer_of(access->inst);
	int64_t constant = 0;

	access->offset = 0;
	access->index = NULL;
	while (LLVMIsAInstruction(pointer)) {
		int64_t bytes;
		val_t index;

		if (LLVMGetInstructionOpcode(pointer) == LLVMAddrSpaceCast) {
			pointer = LLVMGetOperand(pointer, 0);
			continue;
		}
		if (LLVMGetInstructionOpcode(pointer) != LLVMGetElementPtr ||
		    LLVMGetNumOperands(pointer) != 2)
			break;
		index = LLVMGetOperand(pointer, 1);
		bytes = (int64_t)cwc_bytes(unit, LLVMGetGEPSourceElementType(pointer));
		if (LLVMIsAConstantInt(index)) {
			access->offset += bytes * LLVMConstIntGetSExtValue(index);
		} else if (!access->index) {
			access->index = split_index(index, &constant);
			access->offset += bytes * constant;
		} else {
			break;
		}
		pointer = LLVMGetOperand(pointer, 0);
	}
	access->base = pointer;
}

/* An element of 4 or 8 bytes whose lanes are not neighbours. */
static bool is_candidate(struct cwc_body *body, val_t inst)
{
	type_t type =
		LLVMIsAStoreInst(inst) ? LLVMTypeOf(LLVMGetOperand(inst, 0)) : LLVMTypeOf(inst);
	val_t pointer = pointer_of(inst);
	uint64_t bytes = cwc_bytes(body->unit, type);
	LLVMTypeKind kind = LLVMGetTypeKind(type);
	int64_t stride;
	enum cwc_shape shape = cwc_shape_of(body, pointer, &stride);

	if (kind != LLVMIntegerTypeKind && kind != LLVMFloatTypeKind && kind != LLVMDoubleTypeKind)
		return false;
	if ((bytes != 4 && bytes != 8) || LLVMGetVolatile(inst) ||
	    LLVMGetOrdering(inst) != LLVMAtomicOrderingNotAtomic ||
	    (LLVMIsAInstruction(pointer) && cwc_value(body, pointer)->interleaved))
		return false;
	return shape == CWC_SHAPE_VARYING ||
	       (shape == CWC_SHAPE_LINEAR && (stride > (int64_t)bytes || stride < 0));
}

static int compare_accesses(const void *left, const void *right)
{
	const struct access *a = left, *b = right;

	return (a->offset > b->offset) - (a->offset < b->offset);
}

static val_t step_pointer(struct cwc_unit *unit, const struct access *from, int64_t offset)
{
	val_t by = cwc_i64(unit, (uint64_t)(offset - from->offset));

	return LLVMBuildGEP2(unit->builder, unit->i8, pointer_of(from->inst), &by, 1, "");
}

/* The access that comes first (or last) in the block. */
static const struct access *outermost(const struct access *run, unsigned count, bool last)
{
	LLVMBasicBlockRef block = LLVMGetInstructionParent(run[0].inst);
	const struct access *found = NULL;

	for (val_t inst = LLVMGetFirstInstruction(block); inst; inst = LLVMGetNextInstruction(inst))
		for (unsigned i = 0; i < count; i++)
			if (run[i].inst == inst) {
				found = &run[i];
				if (!last)
					return found;
			}
	return found;
}

static void copy_alignment(struct cwc_unit *unit, val_t access, const struct access *lowest)
{
	uint64_t bytes = cwc_bytes(unit, lowest->element);
	unsigned align = LLVMGetAlignment(lowest->inst);

	LLVMSetAlignment(access, align < bytes ? align : (unsigned)bytes);
}

static void merge_loads(struct cwc_unit *unit, const struct access *run, unsigned count)
{
	const struct access *first = outermost(run, count, false);
	val_t vector;

	LLVMPositionBuilderBefore(unit->builder, first->inst);
	vector = LLVMBuildLoad2(unit->builder, LLVMVectorType(run[0].element, count),
				step_pointer(unit, first, run[0].offset), "");
	copy_alignment(unit, vector, &run[0]);
	for (unsigned i = 0; i < count; i++)
		LLVMReplaceAllUsesWith(run[i].inst, LLVMBuildExtractElement(unit->builder, vector,
									    cwc_i64(unit, i), ""));
	for (unsigned i = 0; i < count; i++)
		LLVMInstructionEraseFromParent(run[i].inst);
}

static void merge_stores(struct cwc_unit *unit, const struct access *run, unsigned count)
{
	const struct access *last = outermost(run, count, true);
	val_t vector = LLVMGetPoison(LLVMVectorType(run[0].element, count)), store;

	LLVMPositionBuilderBefore(unit->builder, last->inst);
	for (unsigned i = 0; i < count; i++)
		vector = LLVMBuildInsertElement(unit->builder, vector,
						LLVMGetOperand(run[i].inst, 0), cwc_i64(unit, i),
						"");
	store = LLVMBuildStore(unit->builder, vector, step_pointer(unit, last, run[0].offset));
	copy_alignment(unit, store, &run[0]);
	for (unsigned i = 0; i < count; i++)
		LLVMInstructionEraseFromParent(run[i].inst);
}

/* Accesses of one base and index, sorted: merge runs of adjacent elements. */
static bool merge_runs(struct cwc_unit *unit, struct access *accesses, unsigned count)
{
	bool store = LLVMIsAStoreInst(accesses[0].inst) != NULL, merged = false;
	int64_t bytes = (int64_t)cwc_bytes(unit, accesses[0].element);
	unsigned start = 0;

	while (start < count) {
		unsigned run = 1, use;

		while (start + run < count && run < MAX_ELEMENTS &&
		       accesses[start + run].offset == accesses[start].offset + run * bytes)
			run++;
		for (use = 1; 2 * use <= run;)
			use *= 2;
		if (use > 1 && store)
			merge_stores(unit, &accesses[start], use);
		else if (use > 1)
			merge_loads(unit, &accesses[start], use);
		merged |= use > 1;
		start += use;
	}
	return merged;
}

static bool same_row(const struct access *a, const struct access *b)
{
	return a->base == b->base && a->index == b->index && a->element == b->element;
}

/* All candidates between which memory does not change. */
static bool merge_group(struct cwc_body *body, struct group *group)
{
	bool merged = false;
	unsigned count = group->count;

	group->count = 0;
	while (count > 1) {
		struct access row[MAX_GROUP];
		unsigned members = 0, rest = 0;

		for (unsigned i = 0; i < count; i++)
			if (!i || same_row(&group->accesses[i], &row[0]))
				row[members++] = group->accesses[i];
			else
				group->accesses[rest++] = group->accesses[i];
		count = rest;
		qsort(row, members, sizeof(row[0]), compare_accesses);
		for (unsigned i = 1; i < members; i++)
			if (row[i].offset == row[i - 1].offset)
				members = i;
		if (members > 1)
			merged |= merge_runs(body->unit, row, members);
	}
	return merged;
}

static void add_access(struct cwc_body *body, struct group *group, val_t inst)
{
	struct access *access = &group->accesses[group->count];

	if (group->count == MAX_GROUP)
		return;
	access->inst = inst;
	access->element =
		LLVMIsAStoreInst(inst) ? LLVMTypeOf(LLVMGetOperand(inst, 0)) : LLVMTypeOf(inst);
	split_pointer(body, access);
	group->count++;
}

static bool touches_memory(val_t inst)
{
	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMLoad:
	case LLVMStore:
	case LLVMFence:
	case LLVMAtomicRMW:
	case LLVMAtomicCmpXchg:
		return true;
	case LLVMCall:
		return cwc_work_item_query(cwc_callee(inst)) < 0 &&
		       !cwc_call_is_ignored(cwc_callee(inst)) &&
		       !cwc_is_heavy(LLVMGetCalledValue(inst)) && !cwc_is_pure_intrinsic(inst);
	default:
		return false;
	}
}

/* Loads are collected until something writes, stores until something reads or writes. */
static bool merge_block(struct cwc_body *body, LLVMBasicBlockRef block, struct group *loads,
			struct group *stores)
{
	bool merged = false;
	val_t next;

	loads->count = stores->count = 0;
	for (val_t inst = LLVMGetFirstInstruction(block); inst; inst = next) {
		bool load = LLVMIsALoadInst(inst) != NULL, store = LLVMIsAStoreInst(inst) != NULL;
		bool candidate = (load || store) && is_candidate(body, inst);

		next = LLVMGetNextInstruction(inst);
		if (!touches_memory(inst))
			continue;
		if (!load)
			merged |= merge_group(body, loads);
		if (!store || !candidate)
			merged |= merge_group(body, stores);
		if (candidate)
			add_access(body, load ? loads : stores, inst);
	}
	merged |= merge_group(body, loads);
	merged |= merge_group(body, stores);
	return merged;
}

/* True when the source has changed, so that it must be analysed again. */
bool cwc_merge_accesses(struct cwc_body *body)
{
	struct group *groups = cwc_alloc(2, sizeof(*groups));
	bool merged = false;

	for (int b = 0; b < body->block_count; b++)
		merged |= merge_block(body, body->blocks[b].block, &groups[0], &groups[1]);
	free(groups);
	return merged;
}
