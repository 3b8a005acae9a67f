/* SPDX-License-Identifier: MIT */
/* Constants of the source in the target's one address space. */
#include "internal.h"

#include <stddef.h>

#include <stdlib.h>

static val_t variable_address(struct cwc_body *body, val_t variable)
{
	struct cwc_unit *unit = body->unit;
	uint64_t offset;

	if (cwc_local_offset(unit, variable, &offset))
		return cwc_offset(unit, body->ids.local, cwc_i64(unit, offset));
	if (cwc_global_offset(unit->globals, variable, &offset)) {
		val_t base = cwc_field(unit, body->ids.launch, offsetof(struct cwc_launch, globals),
				       unit->ptr);

		unit->flags |= CWC_KERNEL_GLOBALS;
		return cwc_offset(unit, base, cwc_i64(unit, offset));
	}
	if (LLVMIsDeclaration(variable))
		cwc_fail(unit, "undefined variable '%s'", cwc_name(variable));
	return LLVMConstAddrSpaceCast(variable, unit->ptr);
}

static val_t expression_gep(struct cwc_body *body, val_t constant)
{
	int count = LLVMGetNumOperands(constant);
	val_t *index = cwc_alloc((size_t)count, sizeof(*index)), result;

	for (int i = 0; i < count; i++)
		index[i] = cwc_constant(body, LLVMGetOperand(constant, (unsigned)i));
	result = LLVMBuildGEP2(body->unit->builder, LLVMGetGEPSourceElementType(constant), index[0],
			       index + 1, (unsigned)count - 1, "");
	free(index);
	return result;
}

static val_t expression(struct cwc_body *body, val_t constant)
{
	struct cwc_unit *unit = body->unit;
	LLVMOpcode opcode = LLVMGetConstOpcode(constant);
	val_t first = NULL;

	if (opcode == LLVMGetElementPtr)
		return expression_gep(body, constant);
	first = cwc_constant(body, LLVMGetOperand(constant, 0));
	switch (opcode) {
	case LLVMAddrSpaceCast:
		return first;
	case LLVMPtrToInt:
	case LLVMIntToPtr:
	case LLVMBitCast:
	case LLVMTrunc:
		return LLVMBuildCast(unit->builder, opcode, first,
				     cwc_target_type(unit, LLVMTypeOf(constant)), "");
	case LLVMAdd:
	case LLVMSub:
	case LLVMXor:
		return LLVMBuildBinOp(unit->builder, opcode, first,
				      cwc_constant(body, LLVMGetOperand(constant, 1)), "");
	default:
		cwc_fail(unit, "unsupported constant expression");
		return LLVMGetPoison(cwc_target_type(unit, LLVMTypeOf(constant)));
	}
}

static val_t pointer_vector(struct cwc_body *body, val_t constant)
{
	struct cwc_unit *unit = body->unit;
	type_t type = cwc_target_type(unit, LLVMTypeOf(constant));
	val_t vector = LLVMGetPoison(type);

	for (unsigned i = 0; i < LLVMGetVectorSize(type); i++)
		vector = LLVMBuildInsertElement(
			unit->builder, vector,
			cwc_constant(body, LLVMGetAggregateElement(constant, i)), cwc_i64(unit, i),
			"");
	return vector;
}

val_t cwc_constant(struct cwc_body *body, val_t constant)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(constant), target = cwc_target_type(unit, type);

	if (cwc_is_undef(constant))
		return LLVMGetPoison(target);
	if (LLVMIsAGlobalVariable(constant))
		return variable_address(body, constant);
	if (LLVMIsAFunction(constant)) {
		cwc_fail(unit,
			 "the address of function '%s' is taken: function pointers are not "
			 "supported",
			 cwc_name(constant));
		return LLVMGetPoison(target);
	}
	if (LLVMIsAConstantExpr(constant))
		return expression(body, constant);
	if (LLVMIsNull(constant))
		return LLVMConstNull(target);
	if (cwc_is_vector(type) && cwc_is_pointer(LLVMGetElementType(type)))
		return pointer_vector(body, constant);
	return constant;
}
