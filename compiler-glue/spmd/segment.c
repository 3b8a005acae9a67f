/* SPDX-License-Identifier: MIT */
/* Takes the chunk function apart: barriers, liveness, and how values get over barriers. */
#include "segment.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 12

static bool is_barrier(val_t inst)
{
	return LLVMGetInstructionOpcode(inst) == LLVMCall &&
	       !strcmp(cwc_callee(inst), CWC_BARRIER_NAME);
}

/* Emission ends a block right behind each barrier (call.c). */
static bool ends_in_barrier(LLVMBasicBlockRef block)
{
	val_t last = LLVMGetLastInstruction(block);
	val_t before = last ? LLVMGetPreviousInstruction(last) : NULL;

	return before && is_barrier(before);
}

static bool has_result(val_t inst)
{
	return LLVMGetTypeKind(LLVMTypeOf(inst)) != LLVMVoidTypeKind;
}

static void number_everything(struct cwc_cut *cut)
{
	int blocks = (int)LLVMCountBasicBlocks(cut->chunk), values = 0;

	cut->blocks = cwc_alloc((size_t)blocks, sizeof(*cut->blocks));
	cut->barrier = cwc_alloc((size_t)blocks, sizeof(int));
	cut->starts = cwc_alloc((size_t)blocks + 1, sizeof(int));
	cut->segment_count = 1;
	for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(cut->chunk); block;
	     block = LLVMGetNextBasicBlock(block)) {
		cwc_map_set_number(&cut->block_map, block, cut->block_count);
		cut->blocks[cut->block_count++] = block;
		for (val_t inst = LLVMGetFirstInstruction(block); inst;
		     inst = LLVMGetNextInstruction(inst))
			values += has_result(inst);
	}
	cut->values = cwc_alloc((size_t)values, sizeof(*cut->values));
	for (int b = 0; b < blocks; b++) {
		for (val_t inst = LLVMGetFirstInstruction(cut->blocks[b]); inst;
		     inst = LLVMGetNextInstruction(inst)) {
			if (!has_result(inst))
				continue;
			cwc_map_set_number(&cut->value_map, inst, cut->value_count);
			cut->values[cut->value_count++] =
				(struct cwc_carried){.inst = inst, .block = b};
		}
		if (ends_in_barrier(cut->blocks[b]))
			cut->barrier[b] = cut->segment_count++;
	}
	for (int b = 0; b < blocks; b++)
		if (cut->barrier[b])
			cut->starts[cut->barrier[b]] = cwc_map_number(
				&cut->block_map,
				LLVMGetSuccessor(LLVMGetBasicBlockTerminator(cut->blocks[b]), 0));
	cut->words = ((size_t)cut->value_count + 63) / 64;
}

/* Arithmetic that is cheaper than a trip through memory and can run anywhere. */
static bool is_cheap(val_t inst)
{
	switch (LLVMGetInstructionOpcode(inst)) {
	case LLVMAdd:
	case LLVMSub:
	case LLVMMul:
	case LLVMShl:
	case LLVMLShr:
	case LLVMAShr:
	case LLVMAnd:
	case LLVMOr:
	case LLVMXor:
	case LLVMICmp:
	case LLVMTrunc:
	case LLVMZExt:
	case LLVMSExt:
	case LLVMPtrToInt:
	case LLVMIntToPtr:
	case LLVMGetElementPtr:
	case LLVMInsertElement:
	case LLVMShuffleVector:
	case LLVMSIToFP:
	case LLVMSelect:
		return true;
	case LLVMLoad:
		/* emission's own: arguments and the launch */
		return LLVMGetMetadata(
			       inst, LLVMGetMDKindIDInContext(LLVMGetTypeContext(LLVMTypeOf(inst)),
							      "invariant.load", 14)) != NULL;
	default:
		return false;
	}
}

/* Does @value follow from parameters by cheap arithmetic?  Returns its depth, -1 if not. */
static int recompute_depth(const struct cwc_cut *cut, val_t value, int *depths)
{
	int index, depth = 0;

	if (!LLVMIsAInstruction(value))
		return 0;
	index = cwc_map_number(&cut->value_map, value);
	if (depths[index])
		return depths[index] - 2;
	depths[index] = 1;
	if (!is_cheap(value))
		return -1;
	for (int i = 0; i < LLVMGetNumOperands(value); i++) {
		int below = recompute_depth(cut, LLVMGetOperand(value, (unsigned)i), depths);

		if (below < 0)
			return -1;
		depth = below > depth ? below : depth;
	}
	if (depth + 1 > MAX_DEPTH)
		return -1;
	depths[index] = depth + 3;
	return depth + 1;
}

static void find_recomputable(struct cwc_cut *cut)
{
	int *depths = cwc_alloc((size_t)cut->value_count, sizeof(int));

	for (int v = 0; v < cut->value_count; v++)
		if (recompute_depth(cut, cut->values[v].inst, depths) > 0)
			cut->values[v].carry = CWC_CARRY_RECOMPUTE;
	free(depths);
}

/* Values that liveness follows. */
static int tracked(const struct cwc_cut *cut, val_t value)
{
	int index;

	if (!LLVMIsAInstruction(value) || LLVMIsAAllocaInst(value))
		return -1;
	index = cwc_map_number(&cut->value_map, value);
	return cut->values[index].carry == CWC_CARRY_RECOMPUTE ? -1 : index;
}

static void set_bit(uint64_t *bits, int index)
{
	bits[index / 64] |= 1ull << (index % 64);
}

static void clear_bit(uint64_t *bits, int index)
{
	bits[index / 64] &= ~(1ull << (index % 64));
}

/* Uses of phis of @succ on the edge from @block. */
static void add_phi_uses(const struct cwc_cut *cut, LLVMBasicBlockRef block, LLVMBasicBlockRef succ,
			 uint64_t *bits)
{
	for (val_t phi = LLVMGetFirstInstruction(succ); phi && LLVMIsAPHINode(phi);
	     phi = LLVMGetNextInstruction(phi))
		for (unsigned i = 0; i < LLVMCountIncoming(phi); i++) {
			int index = tracked(cut, LLVMGetIncomingValue(phi, i));

			if (LLVMGetIncomingBlock(phi, i) == block && index >= 0)
				set_bit(bits, index);
		}
}

/* The bits of block @b. */
static uint64_t *live_of(const struct cwc_cut *cut, int b)
{
	return cut->live + (size_t)b * cut->words;
}

/* Values live at the start of block @b into @bits. */
static void live_at_start(const struct cwc_cut *cut, int b, uint64_t *bits)
{
	LLVMBasicBlockRef block = cut->blocks[b];
	val_t terminator = LLVMGetBasicBlockTerminator(block);

	memset(bits, 0, cut->words * sizeof(*bits));
	for (unsigned s = 0; s < LLVMGetNumSuccessors(terminator); s++) {
		LLVMBasicBlockRef succ = LLVMGetSuccessor(terminator, s);
		const uint64_t *from = live_of(cut, cwc_map_number(&cut->block_map, succ));

		for (size_t w = 0; w < cut->words; w++)
			bits[w] |= from[w];
		add_phi_uses(cut, block, succ, bits);
	}
	for (val_t inst = terminator; inst; inst = LLVMGetPreviousInstruction(inst)) {
		if (has_result(inst))
			clear_bit(bits, cwc_map_number(&cut->value_map, inst));
		if (LLVMIsAPHINode(inst))
			continue;
		for (int i = 0; i < LLVMGetNumOperands(inst); i++) {
			val_t operand = LLVMGetOperand(inst, (unsigned)i);
			int index = LLVMIsAInstruction(operand) ? tracked(cut, operand) : -1;

			if (index >= 0)
				set_bit(bits, index);
		}
	}
}

static void find_live(struct cwc_cut *cut)
{
	uint64_t *bits = cwc_alloc(cut->words, sizeof(*bits));
	size_t bytes = cut->words * sizeof(*bits);
	bool changed = true;

	cut->live = cwc_alloc((size_t)cut->block_count * cut->words, sizeof(*cut->live));
	while (changed) {
		changed = false;
		for (int b = cut->block_count - 1; b >= 0; b--) {
			uint64_t *live = live_of(cut, b);

			live_at_start(cut, b, bits);
			if (memcmp(live, bits, bytes) != 0) {
				memcpy(live, bits, bytes);
				changed = true;
			}
		}
	}
	free(bits);
}

bool cwc_cut_is_live(const struct cwc_cut *cut, int block, int value)
{
	return live_of(cut, block)[value / 64] >> (value % 64) & 1;
}

static void choose_carriers(struct cwc_cut *cut, const struct cwc_map *group_values)
{
	for (int s = 1; s < cut->segment_count; s++)
		for (int v = 0; v < cut->value_count; v++) {
			struct cwc_carried *value = &cut->values[v];

			if (!cwc_cut_is_live(cut, cut->starts[s], v))
				continue;
			value->carry = group_values && cwc_map_get(group_values, value->inst)
					       ? CWC_CARRY_GROUP
					       : CWC_CARRY_FRAME;
		}
}

void cwc_cut_init(struct cwc_cut *cut, struct cwc_unit *unit, val_t chunk,
		  const struct cwc_map *group_values)
{
	*cut = (struct cwc_cut){.unit = unit, .chunk = chunk};
	number_everything(cut);
	find_recomputable(cut);
	find_live(cut);
	choose_carriers(cut, group_values);
}

void cwc_cut_finish(struct cwc_cut *cut)
{
	cwc_map_finish(&cut->block_map);
	cwc_map_finish(&cut->value_map);
	free(cut->blocks);
	free(cut->values);
	free(cut->live);
	free(cut->barrier);
	free(cut->starts);
}

static bool is_mask(const struct cwc_unit *unit, type_t type)
{
	return type == unit->i1 || (cwc_is_vector(type) && LLVMGetElementType(type) == unit->i1);
}

uint64_t cwc_cut_place(struct cwc_cut *cut, uint64_t offset)
{
	for (int v = 0; v < cut->value_count; v++) {
		struct cwc_carried *value = &cut->values[v];
		type_t type = LLVMTypeOf(value->inst);
		uint64_t bytes = is_mask(cut->unit, type) ? cwc_components(type)
							  : cwc_bytes(cut->unit, type);
		uint64_t align = bytes >= 64 ? 64 : bytes > 8 ? 16 : 8;

		if (value->carry != CWC_CARRY_FRAME)
			continue;
		value->offset = (offset + align - 1) / align * align;
		offset = value->offset + bytes;
	}
	return offset;
}
