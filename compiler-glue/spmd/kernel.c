/* SPDX-License-Identifier: MIT */
/* The entry of a kernel: width, arguments, and which kind of loops go around it. */
#include "cost.h"

#include <stdlib.h>
#include <string.h>

/* Vector registers written around a loop, up to which wider chunks pay. */
#define MOST_WIDE_WORK 3
#define VERY_WIDE_WORK 6
#define WIDE_WORK      24

#define UNIFORM_GROUPS "uniform-work-group-size"

static uint64_t round_up(uint64_t value, uint64_t unit)
{
	return (value + unit - 1) / unit * unit;
}

/* Attributes of parameter @index that carry a type. */
static type_t byval_type(val_t function, unsigned index)
{
	unsigned kind = LLVMGetEnumAttributeKindForName("byval", 5);
	LLVMAttributeRef attribute = LLVMGetEnumAttributeAtIndex(function, index + 1, kind);

	return attribute ? LLVMGetTypeAttributeValue(attribute) : NULL;
}

static uint64_t parameter_align(val_t function, unsigned index)
{
	unsigned kind = LLVMGetEnumAttributeKindForName("align", 5);
	LLVMAttributeRef attribute = LLVMGetEnumAttributeAtIndex(function, index + 1, kind);

	return attribute ? LLVMGetEnumAttributeValue(attribute) : 1;
}

/* The rule is spmd.h's, and must not depend on anything but the function's type. */
uint64_t cwc_arg_place(LLVMValueRef function, unsigned index, uint64_t *offset)
{
	LLVMModuleRef module = LLVMGetGlobalParent(function);
	LLVMTargetDataRef layout = LLVMGetModuleDataLayout(module);
	type_t type = LLVMTypeOf(LLVMGetParam(function, index)), struct_type;
	uint64_t bytes = 8, align = 8;

	struct_type = byval_type(function, index);
	if (struct_type) {
		bytes = LLVMABISizeOfType(layout, struct_type);
		align = parameter_align(function, index);
	} else if (!cwc_is_pointer(type)) {
		bytes = LLVMABISizeOfType(layout, type);
		align = bytes;
	}
	*offset = round_up(*offset, align < 8 ? 8 : align);
	return bytes;
}

/* Bytes of the argument block of @function. */
static uint64_t argument_bytes(val_t function)
{
	uint64_t offset = 0;

	for (unsigned i = 0; i < LLVMCountParams(function); i++)
		offset += cwc_arg_place(function, i, &offset);
	return round_up(offset, 8);
}

val_t cwc_launch_field(struct cwc_body *body, size_t offset, unsigned dim)
{
	return cwc_field(body->unit, body->ids.launch, offset + sizeof(uint64_t) * dim,
			 body->unit->i64);
}

/* Load all arguments once; unused ones are dropped by the optimiser. */
void cwc_load_arguments(struct cwc_body *body)
{
	struct cwc_unit *unit = body->unit;
	unsigned count = LLVMCountParams(body->source);
	val_t block =
		cwc_field(unit, body->ids.launch, offsetof(struct cwc_launch, args), unit->ptr);
	uint64_t offset = 0;

	body->params = cwc_alloc(count, sizeof(*body->params));
	for (unsigned i = 0; i < count; i++) {
		type_t type = LLVMTypeOf(LLVMGetParam(body->source, i));
		uint64_t bytes = cwc_arg_place(body->source, i, &offset);

		if (byval_type(body->source, i))
			body->params[i] = cwc_offset(unit, block, cwc_i64(unit, offset));
		else if (LLVMGetTypeKind(type) == LLVMPointerTypeKind &&
			 LLVMGetPointerAddressSpace(type) == CWC_SPACE_LOCAL)
			body->params[i] = cwc_offset(unit, body->ids.local,
						     cwc_field(unit, block, offset, unit->i64));
		else
			body->params[i] =
				cwc_field(unit, block, offset, cwc_target_type(unit, type));
		offset += bytes;
	}
}

/* reqd_work_group_size into unit->required, or zeros. */
static void read_required_size(struct cwc_unit *unit, val_t kernel)
{
	unsigned kind = LLVMGetMDKindIDInContext(unit->context, "reqd_work_group_size", 20);
	LLVMAttributeRef uniform = LLVMGetStringAttributeAtIndex(
		kernel, LLVMAttributeFunctionIndex, UNIFORM_GROUPS, strlen(UNIFORM_GROUPS));
	val_t node = LLVMGetMetadata(kernel, kind), operands[3];
	unsigned length;

	unit->uniform_groups =
		uniform && !strcmp(LLVMGetStringAttributeValue(uniform, &length), "true");
	if (!node || LLVMGetMDNodeNumOperands(node) != 3)
		return;
	LLVMGetMDNodeOperands(node, operands);
	for (unsigned d = 0; d < 3; d++)
		if (LLVMIsAConstantInt(operands[d]))
			unit->required[d] = LLVMConstIntGetZExtValue(operands[d]);
}

/* As wide as the registers, but no wider than a row that is known to be short. */
static unsigned choose_width(struct cwc_unit *unit)
{
	unsigned width = unit->options.isa == CWC_ISA_AVX512 ? 16
			 : unit->options.isa == CWC_ISA_AVX2 ? 8
							     : 4;
	uint64_t row = unit->required[0];

	if (unit->options.width)
		return unit->options.width;
	while (row && row < width && width > 4)
		width /= 2;
	return row && row < 3 ? 1 : width;
}

/* Does the kernel see work-group boundaries?  Count its barriers on the way. */
static void scan_calls(struct cwc_body *body)
{
	struct cwc_unit *unit = body->unit;

	for (int b = 0; b < body->block_count; b++)
		for (val_t inst = LLVMGetFirstInstruction(body->blocks[b].block); inst;
		     inst = LLVMGetNextInstruction(inst)) {
			const char *name;

			if (LLVMGetInstructionOpcode(inst) != LLVMCall)
				continue;
			name = cwc_callee(inst);
			if (cwc_call_is_barrier(name))
				body->barriers++;
			if (cwc_work_item_observes_group(name) || cwc_call_is_barrier(name) ||
			    cwc_cross_lane_shape(name) >= 0)
				unit->flags |= CWC_KERNEL_LOCAL_ID;
		}
	for (unsigned i = 0; i < LLVMCountParams(body->source); i++) {
		type_t type = LLVMTypeOf(LLVMGetParam(body->source, i));

		if (LLVMGetTypeKind(type) == LLVMPointerTypeKind &&
		    LLVMGetPointerAddressSpace(type) == CWC_SPACE_LOCAL)
			unit->flags |= CWC_KERNEL_LOCAL_ID;
	}
	if (unit->local_bytes)
		unit->flags |= CWC_KERNEL_LOCAL_ID;
	if (body->barriers)
		unit->flags |= CWC_KERNEL_BARRIER;
}

static void analyse_anew(struct cwc_unit *unit, struct cwc_body *body, val_t kernel)
{
	cwc_body_finish(body);
	cwc_body_init(body, unit, kernel);
	if (!unit->error)
		cwc_shape_analyse(body);
}

/* Does the kernel know what a chunk is? */
static bool knows_chunks(struct cwc_body *body)
{
	for (int b = 0; b < body->block_count; b++)
		for (val_t inst = LLVMGetFirstInstruction(body->blocks[b].block); inst;
		     inst = LLVMGetNextInstruction(inst))
			if (LLVMGetInstructionOpcode(inst) == LLVMCall &&
			    (cwc_cross_lane_shape(cwc_callee(inst)) >= 0 ||
			     strstr(cwc_callee(inst), "sub_group")))
				return true;
	return false;
}

/*
 * Analyse, and choose the width for good.  Where lanes part, structurise and analyse
 * again.
 */
static int analyse(struct cwc_unit *unit, struct cwc_body *body, val_t kernel)
{
	struct cwc_cost cost;

	cwc_body_init(body, unit, kernel);
	if (unit->error)
		return -1;
	cwc_shape_analyse(body);
	cwc_cost(body, &cost);
	if (!unit->options.width && 5 * cost.scalar < 4 * cost.vector && !knows_chunks(body)) {
		unit->width = 1;
		analyse_anew(unit, body, kernel);
	}
	if (body->divergent) {
		if (cwc_structurize(unit))
			return -1;
		analyse_anew(unit, body, kernel);
	}
	if (!unit->error && unit->width > 1 && cwc_merge_accesses(body))
		analyse_anew(unit, body, kernel);
	return unit->error ? -1 : 0;
}

/* Does the kernel ask for its place in dimension 1? */
static bool is_planar(struct cwc_body *body)
{
	for (int b = 0; b < body->block_count; b++)
		for (val_t inst = LLVMGetFirstInstruction(body->blocks[b].block); inst;
		     inst = LLVMGetNextInstruction(inst))
			if (LLVMGetInstructionOpcode(inst) == LLVMCall &&
			    !strcmp(cwc_callee(inst), "_Z13get_global_idj") &&
			    LLVMIsAConstantInt(LLVMGetOperand(inst, 0)) &&
			    LLVMConstIntGetZExtValue(LLVMGetOperand(inst, 0)) == 1)
				return true;
	return false;
}

/* How many chunks at once: what a lane does for others that still stay costs more with each. */
static unsigned widening(const struct cwc_body *body, const struct cwc_cost *cost)
{
	if (cost->loop_work <= MOST_WIDE_WORK && !body->divergent)
		return 8;
	return cost->loop_work <= VERY_WIDE_WORK ? 4 : 2;
}

/*
 * How to run a kernel whose rows can be cut anywhere.  A loop with little work waits for its
 * own results: several chunks at once fill the gaps.
 */
static void plan_rows(struct cwc_body *body, struct cwc_body *wide)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_cost cost;
	unsigned width = unit->width;

	if (unit->flags & CWC_KERNEL_LOCAL_ID)
		return;
	cwc_cost(body, &cost);
	body->columns = cost.loops && is_planar(body);
	if (body->columns)
		unit->flags |= CWC_KERNEL_ROWS;
	if (unit->options.width || width < 4 || !cost.loops || cost.loop_gathers ||
	    cost.private_memory || cost.loop_work > WIDE_WORK)
		return;
	body->wide_factor = widening(body, &cost);
	unit->width = width * body->wide_factor;
	cwc_body_init(wide, unit, body->source);
	cwc_shape_analyse(wide);
	unit->width = width;
	body->wide = wide;
}

static val_t declare_entry(struct cwc_unit *unit)
{
	type_t types[6] = {unit->ptr, unit->ptr, unit->i64, unit->i64, unit->i64, unit->i64};
	val_t entry = LLVMAddFunction(unit->module, CWC_ENTRY_SYMBOL,
				      LLVMFunctionType(unit->void_type, types, 6, 0));

	cwc_attribute(unit, entry, "nounwind");
	cwc_set_target(unit, entry);
	return entry;
}

static void emit_entry(struct cwc_body *body, val_t entry)
{
	struct cwc_unit *unit = body->unit;
	LLVMBasicBlockRef first, start, exit;
	val_t scratch = LLVMGetParam(entry, 1);

	body->target = entry;
	first = cwc_new_block(body, "allocas");
	start = cwc_new_block(body, "start");
	exit = cwc_new_block(body, "exit");
	body->allocas = first;
	LLVMPositionBuilderAtEnd(unit->builder, start);
	body->ids.launch = LLVMGetParam(entry, 0);
	body->ids.scratch = scratch;
	body->ids.local = cwc_field(unit, scratch, offsetof(struct cwc_scratch, local), unit->ptr);
	body->ids.frame = cwc_field(unit, scratch, offsetof(struct cwc_scratch, frames), unit->ptr);
	cwc_load_arguments(body);
	if (body->barriers)
		cwc_fission(body, start, exit);
	else
		cwc_group_loops(body, start, exit);
	LLVMPositionBuilderAtEnd(unit->builder, first);
	LLVMBuildBr(unit->builder, start);
	LLVMPositionBuilderAtEnd(unit->builder, exit);
	LLVMBuildRetVoid(unit->builder);
}

/* Emit CWC_ENTRY_SYMBOL for the prepared @kernel, which is gone then. */
val_t cwc_kernel_emit(struct cwc_unit *unit, val_t kernel)
{
	struct cwc_body body = {0}, wide = {0};
	val_t entry = NULL;
	uint64_t arg_bytes = argument_bytes(kernel);

	read_required_size(unit, kernel);
	unit->width = choose_width(unit);
	cwc_place_locals(unit);
	if (!analyse(unit, &body, kernel)) {
		scan_calls(&body);
		if (cwc_dumps(unit, "shape"))
			cwc_shape_dump(&body);
		plan_rows(&body, &wide);
		entry = declare_entry(unit);
		emit_entry(&body, entry);
	}
	if (body.blocks)
		cwc_body_finish(&body);
	if (wide.blocks)
		cwc_body_finish(&wide);
	if (unit->error)
		return NULL;
	LLVMDeleteFunction(kernel);
	cwc_object_note(unit, arg_bytes);
	return entry;
}
