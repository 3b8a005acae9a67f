/* SPDX-License-Identifier: MIT */
/* The table from source values to their shape and their emitted form. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static size_t slot_of(const struct cwc_body *body, val_t key)
{
	size_t hash = (size_t)(((uintptr_t)key >> 4) * 0x9E3779B97F4A7C15ull >> 20);
	size_t slot = hash & (body->value_slots - 1);

	while (body->values[slot].key && body->values[slot].key != key)
		slot = (slot + 1) & (body->value_slots - 1);
	return slot;
}

/*
 * The table is made large enough for all instructions of the source up front (body.c),
 * so that records never move.
 */
struct cwc_value *cwc_value(struct cwc_body *body, val_t key)
{
	struct cwc_value *value = &body->values[slot_of(body, key)];

	if (!value->key) {
		value->key = key;
		value->bound = UINT64_MAX;
		body->value_count++;
	}
	return value;
}

/* Forget what was emitted, keep the shapes. */
void cwc_values_reset(struct cwc_body *body)
{
	for (size_t i = 0; i < body->value_slots; i++) {
		free(body->values[i].vector);
		body->values[i].vector = NULL;
		body->values[i].scalar = NULL;
		body->values[i].unwrapped = NULL;
	}
}

bool cwc_is_undef(val_t value)
{
	return LLVMIsUndef(value) || LLVMIsPoison(value);
}

enum cwc_shape cwc_shape_of(struct cwc_body *body, val_t value, int64_t *stride)
{
	struct cwc_value *known;

	*stride = 0;
	if (LLVMIsAConstant(value))
		return CWC_SHAPE_GROUP;
	if (LLVMIsAArgument(value))
		return body->library && body->unit->width > 1 ? CWC_SHAPE_VARYING : CWC_SHAPE_GROUP;
	known = cwc_value(body, value);
	*stride = known->stride;
	return known->shape;
}

bool cwc_is_uniform(struct cwc_body *body, val_t value)
{
	int64_t stride;

	return cwc_shape_of(body, value, &stride) <= CWC_SHAPE_UNIFORM;
}

static unsigned argument_index(struct cwc_body *body, val_t argument)
{
	unsigned count = LLVMCountParams(body->source);

	for (unsigned i = 0; i < count; i++)
		if (LLVMGetParam(body->source, i) == argument)
			return i;
	return 0;
}

/* The emitted value of a uniform one, or lane 0's of a linear one. */
val_t cwc_scalar(struct cwc_body *body, val_t value)
{
	struct cwc_value *known;

	if (LLVMIsAArgument(value))
		return body->params[argument_index(body, value)];
	if (LLVMIsAConstant(value))
		return cwc_constant(body, value);
	known = cwc_value(body, value);
	if (!known->scalar) {
		char *text = LLVMPrintValueToString(value);

		cwc_fail(body->unit, "internal: no scalar for%s", text);
		LLVMDisposeMessage(text);
		known->scalar = LLVMGetPoison(cwc_target_type(body->unit, LLVMTypeOf(value)));
	}
	return known->scalar;
}

/* lane 0's value + <0, stride, ...> */
static val_t linear_vector(struct cwc_body *body, val_t base, int64_t stride)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(base);

	if (cwc_is_pointer(type))
		return cwc_offset(unit, base, cwc_lanes(unit, unit->i64, stride));
	return LLVMBuildAdd(unit->builder, cwc_splat(unit, base), cwc_lanes(unit, type, stride),
			    "");
}

static val_t uniform_component(struct cwc_body *body, val_t scalar, unsigned component)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(scalar);

	if (cwc_is_vector(type))
		return LLVMBuildExtractElement(unit->builder, scalar, cwc_i64(unit, component), "");
	if (LLVMGetTypeKind(type) == LLVMStructTypeKind ||
	    LLVMGetTypeKind(type) == LLVMArrayTypeKind)
		return LLVMBuildExtractValue(unit->builder, scalar, component, "");
	return scalar;
}

/* The emitted vector of component @component of @value. */
val_t cwc_vector(struct cwc_body *body, val_t value, unsigned component)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_value *known;

	if (cwc_is_undef(value))
		return LLVMGetPoison(cwc_vector_type(
			unit,
			cwc_target_type(unit, cwc_component_type(LLVMTypeOf(value), component))));
	if (LLVMIsAArgument(value) && body->library)
		return body->params[argument_index(body, value)];
	if (LLVMIsAConstant(value) || LLVMIsAArgument(value))
		return cwc_splat(unit, uniform_component(body, cwc_scalar(body, value), component));
	known = cwc_value(body, value);
	if (known->shape <= CWC_SHAPE_UNIFORM)
		return cwc_splat(unit, uniform_component(body, cwc_scalar(body, value), component));
	if (known->shape == CWC_SHAPE_LINEAR)
		return known->unwrapped
			       ? cwc_exact_vector(body, value)
			       : linear_vector(body, cwc_scalar(body, value), known->stride);
	if (!known->vector || !known->vector[component]) {
		char *text = LLVMPrintValueToString(value);

		cwc_fail(unit, "internal: no vector for%s", text);
		LLVMDisposeMessage(text);
		return LLVMGetPoison(cwc_vector_type(
			unit,
			cwc_target_type(unit, cwc_component_type(LLVMTypeOf(value), component))));
	}
	return known->vector[component];
}

void cwc_set_scalar(struct cwc_body *body, val_t key, val_t value)
{
	cwc_value(body, key)->scalar = value;
}

void cwc_set_vector(struct cwc_body *body, val_t key, unsigned component, val_t value)
{
	struct cwc_value *known = cwc_value(body, key);

	if (!known->vector)
		known->vector = cwc_alloc(cwc_components(LLVMTypeOf(key)), sizeof(val_t));
	known->vector[component] = value;
}

/* The emitted test that no lane of linear @value has wrapped; NULL if none can. */
val_t cwc_unwrapped(struct cwc_body *body, val_t value)
{
	return LLVMIsAInstruction(value) ? cwc_value(body, value)->unwrapped : NULL;
}

/* Linear @inst has wrapped if one of its operands has, or if not @own. */
void cwc_set_unwrapped(struct cwc_body *body, val_t inst, val_t own)
{
	for (int i = 0; i < LLVMGetNumOperands(inst); i++)
		own = cwc_mask_and(body->unit, own,
				   cwc_unwrapped(body, LLVMGetOperand(inst, (unsigned)i)));
	cwc_value(body, inst)->unwrapped = own;
}
