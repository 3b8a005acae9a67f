/* SPDX-License-Identifier: MIT */
/* Operations between the lanes of a chunk: builtins/intrinsics.h. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_SCRATCH_BYTES 128

/* An operation of CWC_FOLD_NAMES. */
struct fold {
	enum { FOLD_REDUCE, FOLD_INCLUSIVE, FOLD_EXCLUSIVE } kind;
	char op[8];
	bool is_float;
	unsigned bits;
};

static bool parse_fold(const char *name, struct fold *fold)
{
	static const char *const kinds[] = {"__cw_reduce_", "__cw_scan_incl_", "__cw_scan_excl_"};
	char type;
	int type_end = 0;

	for (int k = 0; k < 3; k++) {
		size_t length = strlen(kinds[k]);

		if (strncmp(name, kinds[k], length) != 0)
			continue;
		if (sscanf(name + length, "%7[a-z]_%c%n", fold->op, &type, &type_end) != 2)
			return false;
		fold->bits = (unsigned)strtoul(name + length + type_end, NULL, 10);
		if (!fold->bits)
			return false;
		fold->kind = k;
		fold->is_float = type == 'f';
		return true;
	}
	return false;
}

/* The shape of what @name returns, -1 if it is no operation between lanes. */
int cwc_cross_lane_shape(const char *name)
{
	struct fold fold;

	if (strncmp(name, "__cw_", 5) != 0)
		return -1;
	if (parse_fold(name, &fold))
		return fold.kind == FOLD_REDUCE ? CWC_SHAPE_UNIFORM : CWC_SHAPE_VARYING;
	/* each chunk finds there what the one before left: not the same in the whole group */
	if (!strcmp(name, "__cw_group_scratch"))
		return CWC_SHAPE_UNIFORM;
	if (!strncmp(name, "__cw_shuffle_", 13))
		return CWC_SHAPE_VARYING;
	if (!strcmp(name, "__cw_any") || !strcmp(name, "__cw_all") ||
	    !strcmp(name, "__cw_ballot") || !strncmp(name, "__cw_broadcast_", 15))
		return CWC_SHAPE_UNIFORM;
	return -1;
}

static val_t identity(struct cwc_unit *unit, const struct fold *fold, type_t type)
{
	const char *op = fold->op;

	if (fold->is_float) {
		if (!strcmp(op, "mul"))
			return LLVMConstReal(type, 1.0);
		if (!strcmp(op, "min"))
			return LLVMConstReal(type, __builtin_inf());
		if (!strcmp(op, "max"))
			return LLVMConstReal(type, -__builtin_inf());
		/* x + -0 is x, for -0 too */
		return LLVMConstReal(type, fold->kind == FOLD_EXCLUSIVE ? 0.0 : -0.0);
	}
	(void)unit;
	if (!strcmp(op, "mul"))
		return LLVMConstInt(type, 1, 0);
	if (!strcmp(op, "and") || !strcmp(op, "umin"))
		return LLVMConstAllOnes(type);
	if (!strcmp(op, "smin"))
		return LLVMConstInt(type, (1ull << (fold->bits - 1)) - 1, 0);
	if (!strcmp(op, "smax"))
		return LLVMConstInt(type, 1ull << (fold->bits - 1), 0);
	return LLVMConstNull(type);
}

static val_t combine(struct cwc_unit *unit, const struct fold *fold, val_t a, val_t b)
{
	LLVMBuilderRef builder = unit->builder;
	const char *op = fold->op;
	type_t type = LLVMTypeOf(a);
	val_t args[2] = {a, b};
	char name[32];

	if (!strcmp(op, "add"))
		return fold->is_float ? LLVMBuildFAdd(builder, a, b, "")
				      : LLVMBuildAdd(builder, a, b, "");
	if (!strcmp(op, "mul"))
		return fold->is_float ? LLVMBuildFMul(builder, a, b, "")
				      : LLVMBuildMul(builder, a, b, "");
	if (!strcmp(op, "and"))
		return LLVMBuildAnd(builder, a, b, "");
	if (!strcmp(op, "or"))
		return LLVMBuildOr(builder, a, b, "");
	if (!strcmp(op, "xor"))
		return LLVMBuildXor(builder, a, b, "");
	if (fold->is_float)
		return cwc_intrinsic(unit, !strcmp(op, "min") ? "llvm.minnum" : "llvm.maxnum",
				     &type, 1, args, 2);
	snprintf(name, sizeof(name), "llvm.%s", op);
	return cwc_intrinsic(unit, name, &type, 1, args, 2);
}

/* Move each lane's value @distance lanes up; the lowest get the identity. */
static val_t shift_up(struct cwc_unit *unit, val_t vector, val_t neutral, unsigned distance)
{
	int lanes[CWC_MOST_LANES];

	for (unsigned i = 0; i < unit->width; i++)
		lanes[i] = i < distance ? (int)(unit->width + i) : (int)(i - distance);
	return cwc_shuffle(unit, vector, cwc_splat(unit, neutral), lanes, unit->width);
}

static val_t reduce(struct cwc_unit *unit, const struct fold *fold, val_t vector)
{
	int lanes[CWC_MOST_LANES];

	for (unsigned half = unit->width / 2; half; half /= 2) {
		for (unsigned i = 0; i < unit->width; i++)
			lanes[i] = i < half ? (int)(i + half) : -1;
		vector = combine(unit, fold, vector,
				 cwc_shuffle(unit, vector, NULL, lanes, unit->width));
	}
	return LLVMBuildExtractElement(unit->builder, vector, cwc_i64(unit, 0), "");
}

static val_t scan(struct cwc_unit *unit, const struct fold *fold, val_t vector, val_t neutral)
{
	if (fold->kind == FOLD_EXCLUSIVE)
		vector = shift_up(unit, vector, neutral, 1);
	for (unsigned distance = 1; distance < unit->width; distance *= 2)
		vector = combine(unit, fold, shift_up(unit, vector, neutral, distance), vector);
	return vector;
}

static void emit_fold(struct cwc_body *body, val_t call, const struct fold *fold, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(call);
	val_t operand = LLVMGetOperand(call, 0), neutral = identity(unit, fold, type), vector;

	if (unit->width == 1) {
		cwc_set_scalar(body, call,
			       fold->kind == FOLD_EXCLUSIVE ? neutral : cwc_scalar(body, operand));
		return;
	}
	vector = cwc_vector(body, operand, 0);
	if (mask)
		vector = LLVMBuildSelect(unit->builder, mask, vector, cwc_splat(unit, neutral), "");
	if (fold->kind == FOLD_REDUCE)
		cwc_set_scalar(body, call, reduce(unit, fold, vector));
	else
		cwc_set_vector(body, call, 0, scan(unit, fold, vector, neutral));
}

/* Lanes that are active and whose operand is not zero. */
static val_t wanting(struct cwc_body *body, val_t operand, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t vector = cwc_vector(body, operand, 0);

	return cwc_mask_and(unit, mask,
			    LLVMBuildICmp(unit->builder, LLVMIntNE, vector,
					  LLVMConstNull(LLVMTypeOf(vector)), ""));
}

static void emit_vote(struct cwc_body *body, val_t call, const char *name, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t operand = LLVMGetOperand(call, 0), bits, result;
	type_t type = LLVMTypeOf(call);

	if (unit->width == 1)
		bits = LLVMBuildZExt(unit->builder,
				     LLVMBuildICmp(unit->builder, LLVMIntNE,
						   cwc_scalar(body, operand),
						   LLVMConstNull(LLVMTypeOf(operand)), ""),
				     unit->i64, "");
	else
		bits = cwc_mask_bits(unit, wanting(body, operand, mask));
	if (!strcmp(name, "__cw_ballot"))
		result = bits;
	else if (!strcmp(name, "__cw_any"))
		result = LLVMBuildICmp(unit->builder, LLVMIntNE, bits, cwc_i64(unit, 0), "");
	else
		result = LLVMBuildICmp(
			unit->builder, LLVMIntEQ, bits,
			unit->width == 1 ? cwc_i64(unit, 1) : cwc_mask_bits(unit, mask), "");
	cwc_set_scalar(body, call, LLVMBuildZExtOrBitCast(unit->builder, result, type, ""));
}

/* The lowest active lane, as an i64. */
static val_t first_lane(struct cwc_unit *unit, val_t mask)
{
	val_t args[2] = {cwc_mask_bits(unit, mask), LLVMConstInt(unit->i1, 1, 0)};

	return cwc_intrinsic(unit, "llvm.cttz", &unit->i64, 1, args, 2);
}

static val_t lane_number(struct cwc_body *body, val_t lane, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t number;

	if (cwc_is_uniform(body, lane))
		number = cwc_scalar(body, lane);
	else
		number = LLVMBuildExtractElement(unit->builder, cwc_vector(body, lane, 0),
						 first_lane(unit, mask), "");
	return LLVMBuildAnd(unit->builder, number, cwc_int(LLVMTypeOf(number), unit->width - 1),
			    "");
}

static void emit_broadcast(struct cwc_body *body, val_t call, val_t mask)
{
	val_t value = LLVMGetOperand(call, 0);

	if (cwc_is_uniform(body, value))
		cwc_set_scalar(body, call, cwc_scalar(body, value));
	else
		cwc_set_scalar(body, call,
			       LLVMBuildExtractElement(
				       body->unit->builder, cwc_vector(body, value, 0),
				       lane_number(body, LLVMGetOperand(call, 1), mask), ""));
}

static void emit_shuffle(struct cwc_body *body, val_t call)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(call);
	val_t value = LLVMGetOperand(call, 0), index, slot, lanes, result, args[3];
	type_t types[2] = {cwc_vector_type(unit, type), cwc_vector_type(unit, unit->ptr)};

	if (unit->width == 1) {
		cwc_set_scalar(body, call, cwc_scalar(body, value));
		return;
	}
	slot = cwc_spill(body, cwc_vector(body, value, 0));
	index = cwc_vector(body, LLVMGetOperand(call, 1), 0);
	lanes = LLVMBuildAnd(
		unit->builder, index,
		cwc_splat(unit, cwc_int(LLVMGetElementType(LLVMTypeOf(index)), unit->width - 1)),
		"");
	args[0] = LLVMBuildGEP2(unit->builder, type, slot, &lanes, 1, "");
	args[1] = cwc_all_lanes(unit);
	args[2] = LLVMGetPoison(types[0]);
	result = cwc_intrinsic(unit, "llvm.masked.gather", types, 2, args, 3);
	cwc_set_vector(body, call, 0, result);
}

/* Local memory that the work-group functions share. */
static void emit_group_scratch(struct cwc_body *body, val_t call)
{
	struct cwc_unit *unit = body->unit;

	if (!unit->group_scratch) {
		unit->group_scratch = unit->local_bytes + 1;
		unit->local_bytes += GROUP_SCRATCH_BYTES;
	}
	cwc_set_scalar(body, call,
		       cwc_offset(unit, body->ids.local, cwc_i64(unit, unit->group_scratch - 1)));
}

void cwc_emit_cross_lane(struct cwc_body *body, val_t call, val_t mask)
{
	const char *name = cwc_callee(call);
	struct fold fold;

	if (parse_fold(name, &fold))
		emit_fold(body, call, &fold, mask);
	else if (!strcmp(name, "__cw_group_scratch"))
		emit_group_scratch(body, call);
	else if (!strncmp(name, "__cw_shuffle_", 13))
		emit_shuffle(body, call);
	else if (!strncmp(name, "__cw_broadcast_", 15))
		emit_broadcast(body, call, mask);
	else
		emit_vote(body, call, name, mask);
}
