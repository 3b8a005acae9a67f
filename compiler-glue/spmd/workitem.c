/* SPDX-License-Identifier: MIT */
/* Work-item functions (OpenCL C 3.0, 6.15.1 and 6.15.19 for sub-groups). */
#include "internal.h"

#include <stddef.h>
#include <string.h>

/* What a query returns. */
enum query {
	QUERY_WORK_DIM,
	QUERY_GLOBAL_SIZE,
	QUERY_GLOBAL_ID,
	QUERY_LOCAL_SIZE,
	QUERY_ENQUEUED_LOCAL_SIZE,
	QUERY_LOCAL_ID,
	QUERY_NUM_GROUPS,
	QUERY_GROUP_ID,
	QUERY_GLOBAL_OFFSET,
	QUERY_SUB_GROUP_SIZE,
	QUERY_MAX_SUB_GROUP_SIZE,
	QUERY_NUM_SUB_GROUPS,
	QUERY_ENQUEUED_NUM_SUB_GROUPS,
	QUERY_SUB_GROUP_ID,
	QUERY_SUB_GROUP_LOCAL_ID,
};

static const char *const names[] = {
	[QUERY_WORK_DIM] = "_Z12get_work_dimv",
	[QUERY_GLOBAL_SIZE] = "_Z15get_global_sizej",
	[QUERY_GLOBAL_ID] = "_Z13get_global_idj",
	[QUERY_LOCAL_SIZE] = "_Z14get_local_sizej",
	[QUERY_ENQUEUED_LOCAL_SIZE] = "_Z23get_enqueued_local_sizej",
	[QUERY_LOCAL_ID] = "_Z12get_local_idj",
	[QUERY_NUM_GROUPS] = "_Z14get_num_groupsj",
	[QUERY_GROUP_ID] = "_Z12get_group_idj",
	[QUERY_GLOBAL_OFFSET] = "_Z17get_global_offsetj",
	[QUERY_SUB_GROUP_SIZE] = "_Z18get_sub_group_sizev",
	[QUERY_MAX_SUB_GROUP_SIZE] = "_Z22get_max_sub_group_sizev",
	[QUERY_NUM_SUB_GROUPS] = "_Z18get_num_sub_groupsv",
	[QUERY_ENQUEUED_NUM_SUB_GROUPS] = "_Z27get_enqueued_num_sub_groupsv",
	[QUERY_SUB_GROUP_ID] = "_Z16get_sub_group_idv",
	[QUERY_SUB_GROUP_LOCAL_ID] = "_Z22get_sub_group_local_idv",
};

/* The number of the query @name, or -1. */
int cwc_work_item_query(const char *name)
{
	if (name[0] != '_' || name[1] != 'Z')
		return -1;
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

/* Could the kernel tell work-group boundaries by it? */
bool cwc_work_item_observes_group(const char *name)
{
	switch (cwc_work_item_query(name)) {
	case -1:
	case QUERY_WORK_DIM:
	case QUERY_GLOBAL_SIZE:
	case QUERY_GLOBAL_ID:
	case QUERY_GLOBAL_OFFSET:
	case QUERY_ENQUEUED_LOCAL_SIZE:
	case QUERY_NUM_GROUPS:
	case QUERY_MAX_SUB_GROUP_SIZE:
		return false;
	default:
		return true;
	}
}

static bool is_id(int query)
{
	return query == QUERY_GLOBAL_ID || query == QUERY_LOCAL_ID;
}

/* The dimension asked for, or -1 when it is not constant. */
static int dimension(val_t call)
{
	val_t argument = LLVMGetOperand(call, 0);

	if (!LLVMIsAConstantInt(argument))
		return -1;
	return LLVMConstIntGetZExtValue(argument) > 2 ? 3 : (int)LLVMConstIntGetZExtValue(argument);
}

/*
 * An upper bound for all lanes of a chunk, those behind the last work-item too.  @dim is as
 * dimension() says.
 */
static uint64_t query_bound(const struct cwc_unit *unit, int query, int dim)
{
	if ((query == QUERY_LOCAL_ID || query == QUERY_LOCAL_SIZE) && dim >= 0 && dim < 3 &&
	    unit->required[dim])
		return unit->required[dim] + CWC_MOST_LANES;
	if (query == QUERY_GLOBAL_ID || query == QUERY_GLOBAL_SIZE ||
	    query == QUERY_GLOBAL_OFFSET || query == QUERY_NUM_GROUPS || query == QUERY_GROUP_ID)
		if (unit->options.wide_ids)
			return UINT64_MAX;
	return (1ull << 31) - 1 + CWC_MOST_LANES;
}

enum cwc_shape cwc_work_item_shape(struct cwc_body *body, val_t call, int64_t *stride,
				   uint64_t *bound)
{
	bool asks = LLVMGetNumArgOperands(call) > 0;
	int query = cwc_work_item_query(cwc_callee(call)), dim = asks ? dimension(call) : 3;
	enum cwc_shape shape = CWC_SHAPE_GROUP;

	*stride = 0;
	*bound = query_bound(body->unit, query, dim);
	if (query == QUERY_SUB_GROUP_LOCAL_ID) {
		*stride = 1;
		return CWC_SHAPE_LINEAR;
	}
	if (query == QUERY_SUB_GROUP_ID || query == QUERY_SUB_GROUP_SIZE)
		return CWC_SHAPE_UNIFORM;
	if (!asks)
		return CWC_SHAPE_GROUP;
	if (dim < 0)
		shape = cwc_shape_of(body, LLVMGetOperand(call, 0), stride);
	*stride = 0;
	if (dim < 0 && (shape > CWC_SHAPE_UNIFORM || is_id(query)))
		return shape == CWC_SHAPE_NONE ? shape : CWC_SHAPE_VARYING;
	if (is_id(query) && dim == 0) {
		*stride = 1;
		return CWC_SHAPE_LINEAR;
	}
	if (is_id(query) && dim < 3)
		return CWC_SHAPE_UNIFORM;
	return shape;
}

/* What a query returns for dimensions above the third. */
static uint64_t beyond(int query)
{
	switch (query) {
	case QUERY_GLOBAL_SIZE:
	case QUERY_LOCAL_SIZE:
	case QUERY_ENQUEUED_LOCAL_SIZE:
	case QUERY_NUM_GROUPS:
		return 1;
	default:
		return 0;
	}
}

/* Lane 0's value of @query in dimension @dim, 0 to 2. */
static val_t query_value(struct cwc_body *body, int query, unsigned dim)
{
	switch (query) {
	case QUERY_GLOBAL_SIZE:
		return cwc_launch_field(body, offsetof(struct cwc_launch, global_size), dim);
	case QUERY_GLOBAL_OFFSET:
		return cwc_launch_field(body, offsetof(struct cwc_launch, global_offset), dim);
	case QUERY_ENQUEUED_LOCAL_SIZE:
		return cwc_launch_field(body, offsetof(struct cwc_launch, local_size), dim);
	case QUERY_NUM_GROUPS:
		return cwc_launch_field(body, offsetof(struct cwc_launch, num_groups), dim);
	case QUERY_GLOBAL_ID:
		return body->ids.global_id[dim];
	case QUERY_LOCAL_ID:
		return body->ids.local_id[dim];
	case QUERY_LOCAL_SIZE:
		return body->ids.local_size[dim];
	default:
		return body->ids.group_id[dim];
	}
}

/* Chunks of a group whose sizes are @size. */
static val_t chunk_count(struct cwc_body *body, val_t *size)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	val_t row = LLVMBuildAdd(builder, size[0], cwc_i64(unit, unit->width - 1), "");

	row = LLVMBuildUDiv(builder, row, cwc_i64(unit, unit->width), "");
	return LLVMBuildMul(builder, row, LLVMBuildMul(builder, size[1], size[2], ""), "");
}

static val_t sub_group_size(struct cwc_body *body)
{
	struct cwc_unit *unit = body->unit;
	val_t left =
		LLVMBuildSub(unit->builder, body->ids.local_size[0], body->ids.local_id[0], "");
	val_t args[2] = {left, cwc_i64(unit, unit->width)};

	return cwc_intrinsic(unit, "llvm.umin", &unit->i64, 1, args, 2);
}

/* Queries without an argument; they return an uint. */
static val_t plain_value(struct cwc_body *body, int query)
{
	struct cwc_unit *unit = body->unit;
	val_t sizes[3], result;

	switch (query) {
	case QUERY_WORK_DIM:
		return cwc_field(unit, body->ids.launch, offsetof(struct cwc_launch, work_dim),
				 unit->i32);
	case QUERY_SUB_GROUP_LOCAL_ID:
		return cwc_int(unit->i32, 0);
	case QUERY_MAX_SUB_GROUP_SIZE:
		return cwc_int(unit->i32, unit->width);
	case QUERY_SUB_GROUP_SIZE:
		result = sub_group_size(body);
		break;
	case QUERY_SUB_GROUP_ID:
		result = body->ids.chunk;
		break;
	case QUERY_NUM_SUB_GROUPS:
		result = chunk_count(body, body->ids.local_size);
		break;
	default:
		for (unsigned d = 0; d < 3; d++)
			sizes[d] = query_value(body, QUERY_ENQUEUED_LOCAL_SIZE, d);
		result = chunk_count(body, sizes);
		break;
	}
	return LLVMBuildTrunc(unit->builder, result, unit->i32, "");
}

/* The query in a dimension that is known only at run time. */
static val_t chosen_value(struct cwc_body *body, int query, val_t dim, bool vector)
{
	struct cwc_unit *unit = body->unit;
	val_t result = cwc_i64(unit, beyond(query));

	if (vector)
		result = cwc_splat(unit, result);
	for (int d = 2; d >= 0; d--) {
		type_t type = LLVMTypeOf(dim);
		val_t number = cwc_int(vector ? LLVMGetElementType(type) : type, d), value, hit;

		value = query_value(body, query, (unsigned)d);
		if (vector) {
			value = cwc_splat(unit, value);
			if (is_id(query) && !d)
				value = LLVMBuildAdd(unit->builder, value,
						     cwc_lanes(unit, unit->i64, 1), "");
			number = cwc_splat(unit, number);
		}
		hit = LLVMBuildICmp(unit->builder, LLVMIntEQ, dim, number, "");
		result = LLVMBuildSelect(unit->builder, hit, value, result, "");
	}
	return result;
}

void cwc_emit_work_item(struct cwc_body *body, val_t call)
{
	int query = cwc_work_item_query(cwc_callee(call)), dim;
	val_t argument;

	if (!LLVMGetNumArgOperands(call)) {
		cwc_set_scalar(body, call, plain_value(body, query));
		return;
	}
	argument = LLVMGetOperand(call, 0);
	dim = dimension(call);
	if (dim == 3)
		cwc_set_scalar(body, call, cwc_i64(body->unit, beyond(query)));
	else if (dim >= 0)
		cwc_set_scalar(body, call, query_value(body, query, (unsigned)dim));
	else if (cwc_value(body, call)->shape <= CWC_SHAPE_UNIFORM)
		cwc_set_scalar(body, call,
			       chosen_value(body, query, cwc_scalar(body, argument), false));
	else
		cwc_set_vector(body, call, 0,
			       chosen_value(body, query, cwc_vector(body, argument, 0), true));
}

/*
 * Tell LLVM how large ids and sizes get, so that (int)get_global_id(0) is known
 * not to wrap.  Sound below 2^31, which the launcher checks unless wide_ids.
 */
void cwc_limit_work_items(struct cwc_unit *unit)
{
	unsigned kind = LLVMGetEnumAttributeKindForName("range", 5);
	uint64_t low = 0, high = 1ull << 31;
	LLVMAttributeRef range =
		LLVMCreateConstantRangeAttribute(unit->context, kind, 64, &low, &high);

	for (unsigned q = QUERY_GLOBAL_SIZE; q <= QUERY_GLOBAL_OFFSET; q++) {
		val_t function = LLVMGetNamedFunction(unit->module, names[q]);

		if (function && query_bound(unit, (int)q, -1) != UINT64_MAX)
			LLVMAddAttributeAtIndex(function, LLVMAttributeReturnIndex, range);
	}
}
