/* SPDX-License-Identifier: MIT */
/*
 * Calls of heavy library functions: `name` becomes `name.w<width>`, which takes vectors
 * and the mask, or the scalar `name.w1` where the arguments are uniform.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

bool cwc_library_has_width(enum cwc_isa isa, unsigned width)
{
	switch (width) {
	case 1:
	case 4:
	case 8:
		return true;
	case 16:
		return isa != CWC_ISA_SSE4;
	default:
		return false;
	}
}

/* Declare `name.w<width>` with what a call of it may be assumed to do. */
static val_t declare(struct cwc_unit *unit, const char *name, unsigned width, type_t type)
{
	static const char *const properties[] = {"nounwind", "willreturn", "nosync", "nofree",
						 "speculatable"};
	char full[256];
	val_t function;

	snprintf(full, sizeof(full), "%s.w%u", name, width);
	function = LLVMGetNamedFunction(unit->module, full);
	if (function)
		return function;
	function = LLVMAddFunction(unit->module, full, type);
	for (unsigned i = 0; i < 4; i++)
		cwc_attribute(unit, function, properties[i]);
	LLVMAddAttributeAtIndex(
		function, LLVMAttributeFunctionIndex,
		LLVMCreateEnumAttribute(unit->context, LLVMGetEnumAttributeKindForName("memory", 6),
					0));
	return function;
}

/* Lanes [first, first + count) of @vector. */
static val_t part(struct cwc_unit *unit, val_t vector, unsigned first, unsigned count)
{
	int lanes[CWC_MOST_LANES];

	for (unsigned i = 0; i < count; i++)
		lanes[i] = (int)(first + i);
	return cwc_shuffle(unit, vector, NULL, lanes, count);
}

static val_t call_width(struct cwc_unit *unit, const char *name, type_t result, val_t *args,
			unsigned count, unsigned width)
{
	type_t types[8], type;

	for (unsigned i = 0; i <= count; i++)
		types[i] = LLVMTypeOf(args[i]);
	type = LLVMFunctionType(LLVMVectorType(result, width), types, count + 1, 0);
	return LLVMBuildCall2(unit->builder, type, declare(unit, name, width, type), args,
			      count + 1, "");
}

/* A width that the library lacks goes in halves. */
static val_t call_parts(struct cwc_unit *unit, const char *name, type_t result, val_t *args,
			unsigned count, unsigned width)
{
	val_t halves[2], operands[8];
	int lanes[CWC_MOST_LANES];

	if (cwc_library_has_width(unit->options.isa, width))
		return call_width(unit, name, result, args, count, width);
	for (unsigned h = 0; h < 2; h++) {
		for (unsigned i = 0; i <= count; i++)
			operands[i] = part(unit, args[i], h * width / 2, width / 2);
		halves[h] = call_parts(unit, name, result, operands, count, width / 2);
	}
	for (unsigned i = 0; i < width; i++)
		lanes[i] = (int)i;
	return cwc_shuffle(unit, halves[0], halves[1], lanes, width);
}

static void call_scalar(struct cwc_body *body, val_t call, const char *name, unsigned count)
{
	struct cwc_unit *unit = body->unit;
	type_t types[8], type;
	val_t args[8];

	for (unsigned i = 0; i < count; i++) {
		args[i] = cwc_scalar(body, LLVMGetOperand(call, i));
		types[i] = LLVMTypeOf(args[i]);
	}
	type = LLVMFunctionType(LLVMTypeOf(call), types, count, 0);
	cwc_set_scalar(
		body, call,
		LLVMBuildCall2(unit->builder, type, declare(unit, name, 1, type), args, count, ""));
}

static bool is_number(type_t type)
{
	LLVMTypeKind kind = LLVMGetTypeKind(type);

	return kind == LLVMIntegerTypeKind || kind == LLVMFloatTypeKind ||
	       kind == LLVMDoubleTypeKind || kind == LLVMHalfTypeKind;
}

/* False if the called function is not one of the library's. */
bool cwc_emit_heavy(struct cwc_body *body, val_t call, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	const char *name = cwc_callee(call);
	unsigned count = LLVMGetNumArgOperands(call);
	val_t args[8];

	if (!cwc_is_heavy(LLVMGetCalledValue(call)) || count > 7)
		return false;
	if (!is_number(LLVMTypeOf(call)))
		return false;
	for (unsigned i = 0; i < count; i++)
		if (!is_number(LLVMTypeOf(LLVMGetOperand(call, i))))
			return false;
	if (cwc_value(body, call)->shape <= CWC_SHAPE_UNIFORM) {
		call_scalar(body, call, name, count);
		return true;
	}
	for (unsigned i = 0; i < count; i++)
		args[i] = cwc_vector(body, LLVMGetOperand(call, i), 0);
	args[count] = mask ? mask : cwc_all_lanes(unit);
	cwc_set_vector(body, call, 0,
		       call_parts(unit, name, LLVMTypeOf(call), args, count, unit->width));
	return true;
}
