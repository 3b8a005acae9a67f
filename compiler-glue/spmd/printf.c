/* SPDX-License-Identifier: MIT */
/*
 * printf: each active lane appends a record (abi.h, struct cwc_printf_record) to the
 * launch's buffer.
 */
#include "internal.h"

#include <stddef.h>
#include <stdlib.h>

/* One argument as it is stored. */
struct argument {
	val_t value;
	val_t slots[16];
	type_t type;
	unsigned elements;
	uint64_t element_bytes;
};

static uint64_t stored_bytes(const struct argument *argument)
{
	return sizeof(struct cwc_printf_arg) +
	       (argument->elements * argument->element_bytes + 7) / 8 * 8;
}

static void prepare_argument(struct cwc_body *body, struct argument *argument, val_t value)
{
	struct cwc_unit *unit = body->unit;
	type_t type = LLVMTypeOf(value);

	*argument = (struct argument){.value = value, .elements = cwc_components(type)};
	argument->type = cwc_target_type(unit, cwc_component_type(type, 0));
	argument->element_bytes = cwc_bytes(unit, argument->type);
	if (argument->elements > 16 || LLVMGetTypeKind(type) == LLVMStructTypeKind)
		cwc_fail(unit, "printf cannot take an argument of this type");
	else if (!cwc_is_uniform(body, value))
		for (unsigned c = 0; c < argument->elements; c++)
			argument->slots[c] = cwc_spill(body, cwc_vector(body, value, c));
}

static void store_at(struct cwc_unit *unit, val_t value, val_t record, uint64_t offset)
{
	val_t store = LLVMBuildStore(unit->builder, value,
				     cwc_offset(unit, record, cwc_i64(unit, offset)));

	LLVMSetAlignment(store, 1);
}

static val_t element(struct cwc_body *body, const struct argument *argument, unsigned index,
		     val_t lane)
{
	struct cwc_unit *unit = body->unit;
	val_t scalar;

	if (argument->slots[index])
		return cwc_spilled_lane(body, argument->slots[index], argument->type, lane);
	scalar = cwc_scalar(body, argument->value);
	if (!cwc_is_vector(LLVMTypeOf(scalar)))
		return scalar;
	return LLVMBuildExtractElement(unit->builder, scalar, cwc_i64(unit, index), "");
}

static void store_record(struct cwc_body *body, val_t record, uint64_t bytes, val_t format,
			 struct argument *arguments, unsigned count, val_t lane)
{
	struct cwc_unit *unit = body->unit;
	uint64_t at = sizeof(struct cwc_printf_record);

	store_at(unit, cwc_int(unit->i32, (int64_t)bytes), record,
		 offsetof(struct cwc_printf_record, bytes));
	store_at(unit, cwc_int(unit->i32, count), record, offsetof(struct cwc_printf_record, args));
	store_at(unit, format, record, offsetof(struct cwc_printf_record, format));
	for (unsigned i = 0; i < count; i++) {
		struct argument *argument = &arguments[i];
		uint64_t payload = argument->elements * argument->element_bytes;

		store_at(unit, cwc_int(unit->i16, (int64_t)argument->element_bytes), record,
			 at + offsetof(struct cwc_printf_arg, element_bytes));
		store_at(unit, cwc_int(unit->i16, argument->elements), record,
			 at + offsetof(struct cwc_printf_arg, elements));
		store_at(unit, cwc_int(unit->i32, (int64_t)payload), record,
			 at + offsetof(struct cwc_printf_arg, bytes));
		for (unsigned e = 0; e < argument->elements; e++)
			store_at(unit, element(body, argument, e, lane), record,
				 at + sizeof(struct cwc_printf_arg) + e * argument->element_bytes);
		at += stored_bytes(argument);
	}
}

/* Claim room, write the record if it fits; the result is 0 or -1. */
static val_t append(struct cwc_body *body, uint64_t bytes, val_t format, struct argument *arguments,
		    unsigned count, val_t lane)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	LLVMBasicBlockRef fits = cwc_new_block(body, "printf.fits");
	LLVMBasicBlockRef done = cwc_new_block(body, "printf.done"), from;
	val_t buffer, size, at, end, enough, record, result, values[2];

	buffer = cwc_field(unit, body->ids.launch, offsetof(struct cwc_launch, printf), unit->ptr);
	size = cwc_field(unit, buffer, offsetof(struct cwc_printf_buffer, bytes), unit->i64);
	at = LLVMBuildAtomicRMW(
		builder, LLVMAtomicRMWBinOpAdd,
		cwc_offset(unit, buffer, cwc_i64(unit, offsetof(struct cwc_printf_buffer, used))),
		cwc_i64(unit, bytes), LLVMAtomicOrderingMonotonic, 0);
	end = LLVMBuildAdd(builder, at, cwc_i64(unit, bytes), "");
	enough = LLVMBuildICmp(builder, LLVMIntULE, end, size, "");
	from = LLVMGetInsertBlock(builder);
	LLVMBuildCondBr(builder, enough, fits, done);
	LLVMPositionBuilderAtEnd(builder, fits);
	record = cwc_offset(unit, buffer, cwc_i64(unit, offsetof(struct cwc_printf_buffer, data)));
	record = cwc_offset(unit, record, at);
	store_record(body, record, bytes, format, arguments, count, lane);
	fits = LLVMGetInsertBlock(builder);
	LLVMBuildBr(builder, done);
	LLVMPositionBuilderAtEnd(builder, done);
	result = LLVMBuildPhi(builder, unit->i32, "");
	values[0] = cwc_int(unit->i32, -1);
	values[1] = cwc_int(unit->i32, 0);
	LLVMAddIncoming(result, &values[0], &from, 1);
	LLVMAddIncoming(result, &values[1], &fits, 1);
	return result;
}

void cwc_emit_printf(struct cwc_body *body, val_t call, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	unsigned count = LLVMGetNumArgOperands(call) - 1;
	struct argument *arguments = cwc_alloc(count, sizeof(*arguments));
	val_t format = LLVMGetOperand(call, 0), formats, results, result;
	uint64_t bytes = sizeof(struct cwc_printf_record);
	struct cwc_lane_loop loop;

	unit->flags |= CWC_KERNEL_PRINTF;
	for (unsigned i = 0; i < count; i++) {
		prepare_argument(body, &arguments[i], LLVMGetOperand(call, i + 1));
		bytes += stored_bytes(&arguments[i]);
	}
	if (unit->error)
		goto out;
	if (unit->width == 1) {
		cwc_set_scalar(body, call,
			       append(body, bytes, cwc_scalar(body, format), arguments, count,
				      cwc_i64(unit, 0)));
		goto out;
	}
	formats = cwc_lane_prepare(body, format);
	results = cwc_spill_slot(body, unit->i32);
	cwc_lane_loop_begin(body, &loop, mask);
	result = append(body, bytes, cwc_lane_value(body, format, formats, loop.lane), arguments,
			count, loop.lane);
	cwc_set_spilled_lane(body, results, loop.lane, result);
	cwc_lane_loop_end(body, &loop);
	cwc_set_vector(body, call, 0, cwc_unspill(body, results, unit->i32));
out:
	free(arguments);
}
