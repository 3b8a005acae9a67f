/* SPDX-License-Identifier: MIT */
/*
 * Loops over groups, rows and chunks around the code of a chunk, for kernels without
 * barriers.
 *
 * A kernel that cannot see group boundaries runs all its groups of a row as one long
 * row: there is no cliff for small or prime local sizes.  If it has loops, rows are the inner
 * loop, so that what a column of chunks reads again in each row stays in the cache.
 */
#include "group.h"

#include <stddef.h>
#include <string.h>

#include "llvm_shim.h"

/* Opens for (i = @from; i != @to; i += @step) at the builder's place. */
void cwc_loop_begin(struct cwc_body *body, struct cwc_loop *loop, val_t from, val_t to)
{
	struct cwc_unit *unit = body->unit;
	LLVMBasicBlockRef before = LLVMGetInsertBlock(unit->builder);
	LLVMBasicBlockRef inside = cwc_new_block(body, "loop.body");
	val_t more;

	loop->head = cwc_new_block(body, "loop");
	loop->done = cwc_new_block(body, "loop.done");
	loop->to = to;
	LLVMBuildBr(unit->builder, loop->head);
	LLVMPositionBuilderAtEnd(unit->builder, loop->head);
	loop->index = LLVMBuildPhi(unit->builder, unit->i64, "");
	LLVMAddIncoming(loop->index, &from, &before, 1);
	more = LLVMBuildICmp(unit->builder, LLVMIntULT, loop->index, to, "");
	LLVMBuildCondBr(unit->builder, more, inside, loop->done);
	LLVMPositionBuilderAtEnd(unit->builder, inside);
}

void cwc_loop_end(struct cwc_body *body, struct cwc_loop *loop, uint64_t step)
{
	struct cwc_unit *unit = body->unit;
	LLVMBasicBlockRef last = LLVMGetInsertBlock(unit->builder);
	val_t next = LLVMBuildNUWAdd(unit->builder, loop->index, cwc_i64(unit, step), "");

	LLVMAddIncoming(loop->index, &next, &last, 1);
	cwc_llvm_keep_rolled(LLVMBuildBr(unit->builder, loop->head));
	LLVMPositionBuilderAtEnd(unit->builder, loop->done);
}

val_t cwc_minimum(struct cwc_unit *unit, val_t a, val_t b)
{
	val_t args[2] = {a, b};

	return cwc_intrinsic(unit, "llvm.umin", &unit->i64, 1, args, 2);
}

/* The mask of the first @count lanes. */
val_t cwc_first_lanes(struct cwc_unit *unit, val_t count)
{
	return LLVMBuildICmp(unit->builder, LLVMIntULT, cwc_lanes(unit, unit->i64, 1),
			     cwc_splat(unit, count), "");
}

/* One chunk at x = @x of the row, with @mask. */
static void emit_chunk(struct cwc_body *body, val_t base, val_t x, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	LLVMBasicBlockRef exit = cwc_new_block(body, "chunk.done");

	body->ids.local_id[0] = x;
	body->ids.global_id[0] = LLVMBuildAdd(unit->builder, base, x, "");
	body->ids.mask = mask;
	cwc_body_emit(body, LLVMGetInsertBlock(unit->builder), exit);
}

static void begin_row(struct cwc_body *body, struct cwc_loop *loop, unsigned dim)
{
	struct cwc_unit *unit = body->unit;

	cwc_loop_begin(body, loop, cwc_i64(unit, 0), body->ids.local_size[dim]);
	body->ids.local_id[dim] = loop->index;
	body->ids.global_id[dim] =
		LLVMBuildAdd(unit->builder, body->group_base[dim], loop->index, "");
}

/* The chunk at x = @x of this row, or of all rows. */
static void emit_place(struct cwc_body *body, val_t base, val_t x, val_t mask, val_t counter)
{
	struct cwc_unit *unit = body->unit;
	bool columns = body->columns;
	struct cwc_loop rows;

	if (columns)
		begin_row(body, &rows, 1);
	body->ids.chunk = LLVMBuildLoad2(unit->builder, unit->i64, counter, "");
	emit_chunk(body, base, x, mask);
	LLVMBuildStore(unit->builder,
		       LLVMBuildAdd(unit->builder, body->ids.chunk, cwc_i64(unit, 1), ""), counter);
	if (columns)
		cwc_loop_end(body, &rows, 1);
}

/* Full chunks of the row up to @end, from *@from on. */
static void emit_full_chunks(struct cwc_body *body, val_t base, val_t *from, val_t count,
			     val_t counter)
{
	struct cwc_unit *unit = body->unit;
	uint64_t width = unit->width;
	val_t end = LLVMBuildAnd(unit->builder, count, cwc_i64(unit, ~(width - 1)), "");
	struct cwc_loop loop;

	cwc_loop_begin(body, &loop, *from, end);
	emit_place(body, base, loop.index, NULL, counter);
	cwc_loop_end(body, &loop, width);
	*from = end;
}

/* Wide chunks first. */
static void emit_wide_chunks(struct cwc_body *body, val_t base, val_t *from, val_t count,
			     val_t counter)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_body *wide = body->wide;
	unsigned width = unit->width;

	wide->target = body->target;
	wide->allocas = body->allocas;
	wide->ids = body->ids;
	wide->params = body->params;
	wide->columns = body->columns;
	memcpy(wide->group_base, body->group_base, sizeof(wide->group_base));
	unit->width = width * body->wide_factor;
	emit_full_chunks(wide, base, from, count, counter);
	unit->width = width;
	wide->params = NULL;
}

/*
 * The chunks of one row of @count work-items, whose first has global id @base: full
 * ones, then one with a mask for the rest.
 */
static void emit_row(struct cwc_body *body, val_t base, val_t count, val_t counter)
{
	struct cwc_unit *unit = body->unit;
	val_t whole = cwc_i64(unit, 0), more;
	LLVMBasicBlockRef tail, done;

	if (body->wide)
		emit_wide_chunks(body, base, &whole, count, counter);
	emit_full_chunks(body, base, &whole, count, counter);
	if (unit->width == 1)
		return;
	tail = cwc_new_block(body, "tail");
	done = cwc_new_block(body, "row.done");
	more = LLVMBuildICmp(unit->builder, LLVMIntULT, whole, count, "");
	LLVMBuildCondBr(unit->builder, more, tail, done);
	LLVMPositionBuilderAtEnd(unit->builder, tail);
	emit_place(body, base, whole,
		   cwc_first_lanes(unit, LLVMBuildSub(unit->builder, count, whole, "")), counter);
	LLVMBuildBr(unit->builder, done);
	LLVMPositionBuilderAtEnd(unit->builder, done);
}

/* First work-item and size of group @group of dimension @dim; the last group may be smaller. */
void cwc_group_place(struct cwc_body *body, unsigned dim, val_t group)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	val_t local = cwc_launch_field(body, offsetof(struct cwc_launch, local_size), dim);
	val_t global = cwc_launch_field(body, offsetof(struct cwc_launch, global_size), dim);
	val_t offset = cwc_launch_field(body, offsetof(struct cwc_launch, global_offset), dim);
	val_t first = LLVMBuildNUWMul(builder, group, local, "");

	body->ids.group_id[dim] = group;
	body->ids.local_size[dim] =
		cwc_minimum(unit, local, LLVMBuildSub(builder, global, first, ""));
	body->group_base[dim] = LLVMBuildAdd(builder, first, offset, "");
}

/* All rows of what ids.local_size spans. */
static void emit_rows(struct cwc_body *body)
{
	struct cwc_unit *unit = body->unit;
	val_t counter = cwc_temporary(body, unit->i64, "chunk");
	bool columns = body->columns;
	struct cwc_loop planes, rows;

	LLVMBuildStore(unit->builder, cwc_i64(unit, 0), counter);
	begin_row(body, &planes, 2);
	if (!columns)
		begin_row(body, &rows, 1);
	emit_row(body, body->group_base[0], body->ids.local_size[0], counter);
	if (!columns)
		cwc_loop_end(body, &rows, 1);
	cwc_loop_end(body, &planes, 1);
}

/* The groups [x_begin, x_end) as one. */
static void emit_merged(struct cwc_body *body)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	val_t local = cwc_launch_field(body, offsetof(struct cwc_launch, local_size), 0);
	val_t global = cwc_launch_field(body, offsetof(struct cwc_launch, global_size), 0);
	val_t offset = cwc_launch_field(body, offsetof(struct cwc_launch, global_offset), 0);
	val_t first = LLVMBuildNUWMul(builder, LLVMGetParam(body->target, 2), local, "");
	val_t end = LLVMBuildNUWMul(builder, LLVMGetParam(body->target, 3), local, "");

	end = cwc_minimum(unit, end, global);
	body->ids.group_id[0] = LLVMGetParam(body->target, 2);
	body->ids.local_size[0] = LLVMBuildSub(builder, end, first, "");
	body->group_base[0] = LLVMBuildAdd(builder, first, offset, "");
	emit_rows(body);
}

void cwc_group_loops(struct cwc_body *body, LLVMBasicBlockRef entry, LLVMBasicBlockRef exit)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_loop loop;

	LLVMPositionBuilderAtEnd(unit->builder, entry);
	cwc_group_place(body, 1, LLVMGetParam(body->target, 4));
	cwc_group_place(body, 2, LLVMGetParam(body->target, 5));
	if (unit->flags & CWC_KERNEL_LOCAL_ID) {
		cwc_loop_begin(body, &loop, LLVMGetParam(body->target, 2),
			       LLVMGetParam(body->target, 3));
		cwc_group_place(body, 0, loop.index);
		emit_rows(body);
		cwc_loop_end(body, &loop, 1);
	} else {
		emit_merged(body);
	}
	LLVMBuildBr(unit->builder, exit);
}
