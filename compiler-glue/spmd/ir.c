/* SPDX-License-Identifier: MIT */
/* Small helpers over LLVM-C for building vector code. */
#include "internal.h"

#include <string.h>

type_t cwc_vector_type(struct cwc_unit *unit, type_t element)
{
	return LLVMVectorType(element, unit->width);
}

bool cwc_is_vector(type_t type)
{
	return LLVMGetTypeKind(type) == LLVMVectorTypeKind;
}

bool cwc_is_pointer(type_t type)
{
	LLVMTypeKind kind = LLVMGetTypeKind(type);

	return kind == LLVMPointerTypeKind || kind == LLVMTargetExtTypeKind;
}

/* All pointers and opaque objects become plain addresses. */
type_t cwc_target_type(struct cwc_unit *unit, type_t type)
{
	switch (LLVMGetTypeKind(type)) {
	case LLVMPointerTypeKind:
	case LLVMTargetExtTypeKind:
		return unit->ptr;
	case LLVMVectorTypeKind:
		if (cwc_is_pointer(LLVMGetElementType(type)))
			return LLVMVectorType(unit->ptr, LLVMGetVectorSize(type));
		return type;
	default:
		return type;
	}
}

/* Vectors and structures are kept as one emitted vector for each component. */
unsigned cwc_components(type_t type)
{
	switch (LLVMGetTypeKind(type)) {
	case LLVMVectorTypeKind:
		return LLVMGetVectorSize(type);
	case LLVMStructTypeKind:
		return LLVMCountStructElementTypes(type);
	case LLVMArrayTypeKind:
		return (unsigned)LLVMGetArrayLength2(type);
	default:
		return 1;
	}
}

type_t cwc_component_type(type_t type, unsigned index)
{
	switch (LLVMGetTypeKind(type)) {
	case LLVMVectorTypeKind:
	case LLVMArrayTypeKind:
		return LLVMGetElementType(type);
	case LLVMStructTypeKind:
		return LLVMStructGetTypeAtIndex(type, index);
	default:
		return type;
	}
}

uint64_t cwc_bytes(struct cwc_unit *unit, type_t type)
{
	return LLVMABISizeOfType(unit->layout, type);
}

val_t cwc_int(type_t type, int64_t number)
{
	return LLVMConstInt(type, (unsigned long long)number, 1);
}

val_t cwc_i64(struct cwc_unit *unit, uint64_t number)
{
	return LLVMConstInt(unit->i64, number, 0);
}

/* <0, stride, 2 * stride, ...> */
val_t cwc_lanes(struct cwc_unit *unit, type_t type, int64_t stride)
{
	val_t lanes[CWC_MOST_LANES];

	for (unsigned i = 0; i < unit->width; i++)
		lanes[i] = cwc_int(type, (int64_t)i * stride);
	return LLVMConstVector(lanes, unit->width);
}

val_t cwc_splat(struct cwc_unit *unit, val_t scalar)
{
	type_t type = cwc_vector_type(unit, LLVMTypeOf(scalar));
	val_t poison = LLVMGetPoison(type), first;

	if (LLVMIsConstant(scalar) && !LLVMIsAConstantExpr(scalar) && !LLVMIsAGlobalValue(scalar)) {
		val_t lanes[CWC_MOST_LANES];

		for (unsigned i = 0; i < unit->width; i++)
			lanes[i] = scalar;
		return LLVMConstVector(lanes, unit->width);
	}
	first = LLVMBuildInsertElement(unit->builder, poison, scalar, cwc_i64(unit, 0), "");
	return LLVMBuildShuffleVector(unit->builder, first, poison,
				      LLVMConstNull(cwc_vector_type(unit, unit->i32)), "");
}

val_t cwc_all_lanes(struct cwc_unit *unit)
{
	return LLVMConstAllOnes(cwc_vector_type(unit, unit->i1));
}

val_t cwc_intrinsic(struct cwc_unit *unit, const char *name, type_t *types, unsigned type_count,
		    val_t *args, unsigned arg_count)
{
	unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
	val_t function;

	if (!id) {
		cwc_fail(unit, "no intrinsic %s", name);
		return LLVMGetPoison(type_count ? types[0] : unit->i32);
	}
	function = LLVMGetIntrinsicDeclaration(unit->module, id, types, type_count);
	return LLVMBuildCall2(unit->builder, LLVMGlobalGetValueType(function), function, args,
			      arg_count, "");
}

val_t cwc_any(struct cwc_unit *unit, val_t mask)
{
	type_t type = LLVMTypeOf(mask);

	return cwc_intrinsic(unit, "llvm.vector.reduce.or", &type, 1, &mask, 1);
}

/* NULL stands for all lanes. */
val_t cwc_mask_and(struct cwc_unit *unit, val_t a, val_t b)
{
	if (!a || !b)
		return a ? a : b;
	return LLVMBuildAnd(unit->builder, a, b, "");
}

/* The mask as an i64, bit i for lane i. */
val_t cwc_mask_bits(struct cwc_unit *unit, val_t mask)
{
	type_t type = LLVMIntTypeInContext(unit->context, unit->width);

	if (!mask)
		return cwc_i64(unit, unit->width < 64 ? (1ull << unit->width) - 1 : UINT64_MAX);
	return LLVMBuildZExt(unit->builder, LLVMBuildBitCast(unit->builder, mask, type, ""),
			     unit->i64, "");
}

/* A lane of -1 is anything. */
val_t cwc_shuffle(struct cwc_unit *unit, val_t a, val_t b, const int *lanes, unsigned count)
{
	val_t mask[16 * CWC_MOST_LANES];

	for (unsigned i = 0; i < count; i++)
		mask[i] = lanes[i] < 0 ? LLVMGetUndef(unit->i32) : cwc_int(unit->i32, lanes[i]);
	if (!b)
		b = LLVMGetPoison(LLVMTypeOf(a));
	return LLVMBuildShuffleVector(unit->builder, a, b, LLVMConstVector(mask, count), "");
}

val_t cwc_offset(struct cwc_unit *unit, val_t pointer, val_t bytes)
{
	return LLVMBuildGEP2(unit->builder, unit->i8, pointer, &bytes, 1, "");
}

/* Load a field of a structure that does not change while the kernel runs. */
val_t cwc_field(struct cwc_unit *unit, val_t pointer, uint64_t bytes, type_t type)
{
	val_t load = LLVMBuildLoad2(unit->builder, type,
				    cwc_offset(unit, pointer, cwc_i64(unit, bytes)), "");
	LLVMMetadataRef empty = LLVMMDNodeInContext2(unit->context, NULL, 0);
	const char *name = "invariant.load";

	LLVMSetMetadata(load, LLVMGetMDKindIDInContext(unit->context, name, (unsigned)strlen(name)),
			LLVMMetadataAsValue(unit->context, empty));
	return load;
}

void cwc_attribute(struct cwc_unit *unit, val_t function, const char *name)
{
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));

	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateEnumAttribute(unit->context, kind, 0));
}

void cwc_string_attribute(struct cwc_unit *unit, val_t function, const char *name,
			  const char *value)
{
	LLVMAddAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				LLVMCreateStringAttribute(unit->context, name,
							  (unsigned)strlen(name), value,
							  (unsigned)strlen(value)));
}

bool cwc_has_attribute(val_t function, const char *name)
{
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));

	return LLVMGetEnumAttributeAtIndex(function, LLVMAttributeFunctionIndex, kind) != NULL;
}

void cwc_remove_attribute(val_t function, const char *name)
{
	LLVMRemoveEnumAttributeAtIndex(function, LLVMAttributeFunctionIndex,
				       LLVMGetEnumAttributeKindForName(name, strlen(name)));
}

LLVMBasicBlockRef cwc_new_block(struct cwc_body *body, const char *name)
{
	return LLVMAppendBasicBlockInContext(body->unit->context, body->target, name);
}

/* A static alloca of the target function, for emission's own use within a chunk. */
val_t cwc_temporary(struct cwc_body *body, type_t type, const char *name)
{
	LLVMBuilderRef builder = body->unit->builder;
	LLVMBasicBlockRef here = LLVMGetInsertBlock(builder);
	val_t first = LLVMGetFirstInstruction(body->allocas), slot;

	if (first)
		LLVMPositionBuilderBefore(builder, first);
	else
		LLVMPositionBuilderAtEnd(builder, body->allocas);
	slot = LLVMBuildAlloca(builder, type, name);
	LLVMPositionBuilderAtEnd(builder, here);
	return slot;
}

const char *cwc_name(val_t value)
{
	size_t length;

	return LLVMGetValueName2(value, &length);
}

/* The name of the called function; "" for an indirect call. */
const char *cwc_callee(val_t call)
{
	val_t function = LLVMGetCalledValue(call);

	return function && LLVMIsAFunction(function) ? cwc_name(function) : "";
}
