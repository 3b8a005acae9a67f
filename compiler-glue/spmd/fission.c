/* SPDX-License-Identifier: MIT */
/*
 * Kernels with barriers: each segment of the chunk's code (segment.h) becomes a loop over
 * the chunks of the group.
 *
 * DOC: which segment comes next
 *
 * All chunks of a group arrive at the same barrier, so the last chunk's way
 * says where the group goes on.  Where that is not provable, since the branches
 * that decide are not known to be the same in the group, each chunk keeps the number of
 * its next segment in its frame and runs only then: so a chunk may also return early, or
 * wait at another barrier, as if it had its own thread.
 */
#include "fission.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define STATE_DONE  0xffffffffu
#define STATE_BYTES 64

/* Parameters of the chunk function; kernel arguments follow. */
enum chunk_param {
	CHUNK_LAUNCH,
	CHUNK_SCRATCH,
	CHUNK_FRAME,
	CHUNK_LOCAL,
	CHUNK_NUMBER,
	CHUNK_LOCAL_ID,
	CHUNK_GLOBAL_ID = CHUNK_LOCAL_ID + 3,
	CHUNK_GROUP_ID = CHUNK_GLOBAL_ID + 3,
	CHUNK_LOCAL_SIZE = CHUNK_GROUP_ID + 3,
	CHUNK_ARGUMENTS = CHUNK_LOCAL_SIZE + 3,
};

static val_t declare_chunk(struct cwc_body *body)
{
	struct cwc_unit *unit = body->unit;
	unsigned count = LLVMCountParams(body->source);
	type_t *types = cwc_alloc(CHUNK_ARGUMENTS + count, sizeof(*types));
	val_t chunk;

	for (unsigned i = 0; i < CHUNK_ARGUMENTS; i++)
		types[i] = i < CHUNK_NUMBER ? unit->ptr : unit->i64;
	for (unsigned i = 0; i < count; i++)
		types[CHUNK_ARGUMENTS + i] = LLVMTypeOf(body->params[i]);
	chunk = LLVMAddFunction(
		unit->module, "chunk",
		LLVMFunctionType(unit->void_type, types, CHUNK_ARGUMENTS + count, 0));
	free(types);
	return chunk;
}

/* The chunk's code as a function of its own, to be cut up; gone in the end. */
static val_t emit_chunk_function(struct cwc_body *body, bool masked)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_ids ids = body->ids;
	val_t chunk = declare_chunk(body), entry = body->target, *params = body->params;
	LLVMBasicBlockRef allocas = body->allocas, start, exit;
	unsigned count = LLVMCountParams(body->source);

	body->target = chunk;
	body->params = cwc_alloc(count, sizeof(*body->params));
	for (unsigned i = 0; i < count; i++)
		body->params[i] = LLVMGetParam(chunk, CHUNK_ARGUMENTS + i);
	body->ids.launch = LLVMGetParam(chunk, CHUNK_LAUNCH);
	body->ids.scratch = LLVMGetParam(chunk, CHUNK_SCRATCH);
	body->ids.frame = LLVMGetParam(chunk, CHUNK_FRAME);
	body->ids.local = LLVMGetParam(chunk, CHUNK_LOCAL);
	body->ids.chunk = LLVMGetParam(chunk, CHUNK_NUMBER);
	for (unsigned d = 0; d < 3; d++) {
		body->ids.local_id[d] = LLVMGetParam(chunk, CHUNK_LOCAL_ID + d);
		body->ids.global_id[d] = LLVMGetParam(chunk, CHUNK_GLOBAL_ID + d);
		body->ids.group_id[d] = LLVMGetParam(chunk, CHUNK_GROUP_ID + d);
		body->ids.local_size[d] = LLVMGetParam(chunk, CHUNK_LOCAL_SIZE + d);
	}
	body->allocas = cwc_new_block(body, "allocas");
	start = cwc_new_block(body, "start");
	exit = cwc_new_block(body, "exit");
	LLVMPositionBuilderAtEnd(unit->builder, body->allocas);
	LLVMBuildBr(unit->builder, start);
	LLVMPositionBuilderAtEnd(unit->builder, start);
	body->ids.mask = NULL;
	if (masked)
		body->ids.mask =
			cwc_first_lanes(unit, LLVMBuildSub(unit->builder, body->ids.local_size[0],
							   body->ids.local_id[0], ""));
	cwc_body_emit(body, start, exit);
	LLVMBuildRetVoid(unit->builder);
	free(body->params);
	body->params = params;
	body->target = entry;
	body->allocas = allocas;
	body->ids = ids;
	return chunk;
}

/* Emitted values that are the same in the whole group. */
static void collect_group_values(struct cwc_body *body, struct cwc_map *map)
{
	for (size_t i = 0; i < body->value_slots; i++) {
		struct cwc_value *value = &body->values[i];

		if (value->key && value->shape == CWC_SHAPE_GROUP && value->scalar &&
		    LLVMIsAInstruction(value->scalar))
			cwc_map_set(map, value->scalar, value);
	}
}

/* The arguments of the chunk function for the chunk that runs now. */
static val_t chunk_argument(const struct cwc_fission *fission, unsigned index)
{
	const struct cwc_body *body = fission->body;
	const struct cwc_ids *ids = &body->ids;

	if (index >= CHUNK_ARGUMENTS)
		return body->params[index - CHUNK_ARGUMENTS];
	if (index >= CHUNK_LOCAL_SIZE)
		return ids->local_size[index - CHUNK_LOCAL_SIZE];
	if (index >= CHUNK_GROUP_ID)
		return ids->group_id[index - CHUNK_GROUP_ID];
	if (index >= CHUNK_GLOBAL_ID)
		return ids->global_id[index - CHUNK_GLOBAL_ID];
	if (index >= CHUNK_LOCAL_ID)
		return ids->local_id[index - CHUNK_LOCAL_ID];
	switch (index) {
	case CHUNK_LAUNCH:
		return ids->launch;
	case CHUNK_SCRATCH:
		return ids->scratch;
	case CHUNK_FRAME:
		return fission->frame;
	case CHUNK_LOCAL:
		return ids->local;
	default:
		return ids->chunk;
	}
}

static void gather_arguments(struct cwc_fission *fission)
{
	unsigned count = LLVMCountParams(fission->cut.chunk);

	cwc_map_clear(&fission->fixed);
	for (unsigned i = 0; i < count; i++)
		cwc_map_set(&fission->fixed, LLVMGetParam(fission->cut.chunk, i),
			    chunk_argument(fission, i));
}

static val_t load_frame_bytes(const struct cwc_fission *fission)
{
	struct cwc_unit *unit = fission->body->unit;

	return LLVMBuildLoad2(unit->builder, unit->i64, fission->frame_bytes, "");
}

static val_t state_address(const struct cwc_fission *fission)
{
	return fission->frame;
}

/* Run only the chunks that wait for this segment. */
static void skip_others(struct cwc_fission *fission, int segment, LLVMBasicBlockRef skip)
{
	struct cwc_unit *unit = fission->body->unit;
	LLVMBasicBlockRef run = cwc_new_block(fission->body, "mine");
	val_t state = LLVMBuildLoad2(unit->builder, unit->i32, state_address(fission), "");
	val_t mine =
		LLVMBuildICmp(unit->builder, LLVMIntEQ, state, cwc_int(unit->i32, segment), "");

	LLVMBuildCondBr(unit->builder, mine, run, skip);
	LLVMPositionBuilderAtEnd(unit->builder, run);
}

/* Note where this chunk goes on, and go to the next chunk. */
void cwc_fission_leave(struct cwc_fission *fission, int next)
{
	struct cwc_unit *unit = fission->body->unit;
	uint32_t state = next < 0 ? STATE_DONE : (uint32_t)next;
	val_t number = LLVMConstInt(unit->i32, state, 0);

	if (fission->own_states)
		LLVMBuildStore(unit->builder, number, state_address(fission));
	else
		LLVMBuildStore(unit->builder, number, fission->next);
	if (next < 0)
		fission->returns = true;
	else
		fission->reached[next] = true;
	LLVMBuildBr(unit->builder, fission->chunk_done);
}

static uint64_t step_of(const struct cwc_body *body, unsigned dim)
{
	return dim ? 1 : body->unit->width;
}

/* Is dimension @dim of the group known to be one step long? */
static bool is_single(const struct cwc_body *body, unsigned dim)
{
	val_t size = body->ids.local_size[dim];

	return LLVMIsAConstantInt(size) && LLVMConstIntGetZExtValue(size) == step_of(body, dim);
}

static void begin_dimension(struct cwc_body *body, struct cwc_loop *loop, unsigned dim)
{
	struct cwc_unit *unit = body->unit;
	val_t index = cwc_i64(unit, 0);

	if (!is_single(body, dim)) {
		cwc_loop_begin(body, loop, index, body->ids.local_size[dim]);
		index = loop->index;
	}
	body->ids.local_id[dim] = index;
	body->ids.global_id[dim] = LLVMBuildAdd(unit->builder, body->group_base[dim], index, "");
}

/* Chunk loops of one segment around its code. */
static void emit_segment(struct cwc_fission *fission, int segment)
{
	struct cwc_body *body = fission->body;
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	val_t bytes;
	struct cwc_loop loops[3];

	LLVMPositionBuilderAtEnd(builder, fission->segments[segment]);
	cwc_segment_load_group(fission, segment);
	LLVMBuildStore(builder, cwc_i64(unit, 0), fission->number);
	for (unsigned d = 3; d-- > 0;)
		begin_dimension(body, &loops[d], d);
	body->ids.chunk = LLVMBuildLoad2(builder, unit->i64, fission->number, "");
	bytes = LLVMBuildNUWMul(builder, body->ids.chunk, load_frame_bytes(fission), "");
	fission->frame = cwc_offset(unit, body->ids.frame, bytes);
	gather_arguments(fission);
	fission->chunk_done = cwc_new_block(body, "chunk.done");
	if (fission->own_states && segment)
		skip_others(fission, segment, fission->chunk_done);
	cwc_segment_emit(fission, segment);
	LLVMPositionBuilderAtEnd(builder, fission->chunk_done);
	LLVMBuildStore(builder, LLVMBuildAdd(builder, body->ids.chunk, cwc_i64(unit, 1), ""),
		       fission->number);
	for (unsigned d = 0; d < 3; d++)
		if (!is_single(body, d))
			cwc_loop_end(body, &loops[d], step_of(body, d));
	cwc_segment_store_group(fission, segment);
}

/* To the segment that the group has reached. */
static void emit_next(struct cwc_fission *fission, val_t state)
{
	struct cwc_unit *unit = fission->body->unit;
	int count = 0, only = -1;
	val_t choice;

	for (int s = 1; s < fission->cut.segment_count; s++)
		if (fission->reached[s]) {
			count++;
			only = s;
		}
	if (!count) {
		LLVMBuildBr(unit->builder, fission->group_done);
		return;
	}
	if (count == 1 && !fission->returns) {
		LLVMBuildBr(unit->builder, fission->segments[only]);
		return;
	}
	choice = LLVMBuildSwitch(unit->builder, state, fission->group_done, (unsigned)count);
	for (int s = 1; s < fission->cut.segment_count; s++)
		if (fission->reached[s])
			LLVMAddCase(choice, cwc_int(unit->i32, s), fission->segments[s]);
}

/* Find a chunk that has not returned; its segment is next. */
static void emit_pick(struct cwc_fission *fission)
{
	struct cwc_body *body = fission->body;
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	LLVMBasicBlockRef found = cwc_new_block(body, "found");
	LLVMBasicBlockRef again = cwc_new_block(body, "again");
	val_t count, address, state, waits;
	struct cwc_loop loop;

	LLVMPositionBuilderAtEnd(builder, fission->pick);
	count = LLVMBuildLoad2(builder, unit->i64, fission->number, "");
	cwc_loop_begin(body, &loop, cwc_i64(unit, 0), count);
	address = cwc_offset(unit, body->ids.frame,
			     LLVMBuildNUWMul(builder, loop.index, load_frame_bytes(fission), ""));
	state = LLVMBuildLoad2(builder, unit->i32, address, "");
	waits = LLVMBuildICmp(builder, LLVMIntNE, state, LLVMConstInt(unit->i32, STATE_DONE, 0),
			      "");
	LLVMBuildCondBr(builder, waits, found, again);
	LLVMPositionBuilderAtEnd(builder, again);
	cwc_loop_end(body, &loop, 1);
	LLVMBuildBr(builder, fission->group_done);
	LLVMPositionBuilderAtEnd(builder, found);
	fission->returns = true;
	for (int s = 1; s < fission->cut.segment_count; s++)
		fission->reached[s] = true;
	emit_next(fission, state);
}

static void emit_segments(struct cwc_fission *fission)
{
	struct cwc_unit *unit = fission->body->unit;
	int count = fission->cut.segment_count;

	for (int s = 0; s < count; s++) {
		fission->returns = false;
		for (int other = 0; other < count; other++)
			fission->reached[other] = false;
		emit_segment(fission, s);
		if (fission->own_states)
			LLVMBuildBr(unit->builder, fission->pick);
		else
			emit_next(fission,
				  LLVMBuildLoad2(unit->builder, unit->i32, fission->next, ""));
	}
	if (fission->own_states)
		emit_pick(fission);
}

/* One group, entered at the builder's place, in the full or the masked version. */
static void emit_group(struct cwc_body *body, bool masked, bool own_states, val_t frame_bytes,
		       LLVMBasicBlockRef group_done)
{
	struct cwc_unit *unit = body->unit;
	struct cwc_fission fission = {.body = body, .own_states = own_states};
	LLVMBasicBlockRef here = LLVMGetInsertBlock(unit->builder);
	struct cwc_map group_values = {0};
	val_t chunk = emit_chunk_function(body, masked);

	if (unit->error)
		return;
	collect_group_values(body, &group_values);
	cwc_cut_init(&fission.cut, unit, chunk, own_states ? NULL : &group_values);
	body->frame_used = cwc_cut_place(&fission.cut, body->frame_used);
	if (body->frame_used > unit->frame_bytes)
		unit->frame_bytes = body->frame_used;
	fission.group_done = group_done;
	fission.next = cwc_temporary(body, unit->i32, "next");
	fission.number = cwc_temporary(body, unit->i64, "number");
	fission.frame_bytes = frame_bytes;
	fission.segments = cwc_alloc((size_t)fission.cut.segment_count, sizeof(*fission.segments));
	fission.reached = cwc_alloc((size_t)fission.cut.segment_count, sizeof(bool));
	for (int s = 0; s < fission.cut.segment_count; s++)
		fission.segments[s] = cwc_new_block(body, "segment");
	fission.pick = own_states ? cwc_new_block(body, "pick") : NULL;
	cwc_segment_slots(&fission);
	LLVMPositionBuilderAtEnd(unit->builder, here);
	LLVMBuildBr(unit->builder, fission.segments[0]);
	emit_segments(&fission);
	cwc_cut_finish(&fission.cut);
	cwc_map_finish(&fission.fixed);
	cwc_map_finish(&fission.copies);
	cwc_map_finish(&group_values);
	free(fission.segments);
	free(fission.reached);
	LLVMDeleteFunction(chunk);
}

/* Could chunks part at a branch that decides about a barrier? */
static bool barriers_may_diverge(struct cwc_body *body)
{
	for (int b = 0; b < body->block_count; b++) {
		const struct cwc_block *block = &body->blocks[b];

		if (block->branch > CWC_SHAPE_GROUP && cwc_region_has_barrier(body, b))
			return true;
	}
	return false;
}

/* Is the size of full groups known, and are their rows whole chunks? */
static bool knows_size(const struct cwc_unit *unit)
{
	return unit->width > 1 && unit->required[0] && unit->required[0] % unit->width == 0;
}

/* The test that all chunks of the group under way are full. */
static val_t is_full(struct cwc_body *body)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	val_t full, rest;

	if (!knows_size(unit)) {
		rest = LLVMBuildAnd(builder, body->ids.local_size[0],
				    cwc_i64(unit, unit->width - 1), "");
		return LLVMBuildICmp(builder, LLVMIntEQ, rest, cwc_i64(unit, 0), "");
	}
	full = LLVMConstInt(unit->i1, 1, 0);
	for (unsigned d = 0; d < 3 && !unit->uniform_groups; d++)
		full = LLVMBuildAnd(builder, full,
				    LLVMBuildICmp(builder, LLVMIntEQ, body->ids.local_size[d],
						  cwc_i64(unit, unit->required[d]), ""),
				    "");
	return full;
}

/* The version for full chunks, which may know the size. */
static void emit_full_group(struct cwc_body *body, bool own_states, val_t frame_bytes,
			    LLVMBasicBlockRef group_done)
{
	struct cwc_unit *unit = body->unit;
	val_t sizes[3];

	memcpy(sizes, body->ids.local_size, sizeof(sizes));
	for (unsigned d = 0; d < 3 && knows_size(unit); d++)
		body->ids.local_size[d] = cwc_i64(unit, unit->required[d]);
	emit_group(body, false, own_states, frame_bytes, group_done);
	memcpy(body->ids.local_size, sizes, sizeof(sizes));
}

/* Both versions of a group; control goes on at @group_done. */
static void emit_versions(struct cwc_body *body, val_t frame_bytes, LLVMBasicBlockRef group_done)
{
	struct cwc_unit *unit = body->unit;
	bool own_states = barriers_may_diverge(body);
	LLVMBasicBlockRef full = cwc_new_block(body, "full"), masked;

	body->frame_start = own_states ? STATE_BYTES : 0;
	if (unit->width == 1 || (knows_size(unit) && unit->uniform_groups)) {
		LLVMBuildBr(unit->builder, full);
		LLVMPositionBuilderAtEnd(unit->builder, full);
		emit_full_group(body, own_states, frame_bytes, group_done);
		return;
	}
	masked = cwc_new_block(body, "masked");
	LLVMBuildCondBr(unit->builder, is_full(body), full, masked);
	LLVMPositionBuilderAtEnd(unit->builder, full);
	emit_full_group(body, own_states, frame_bytes, group_done);
	LLVMPositionBuilderAtEnd(unit->builder, masked);
	if (!unit->error)
		emit_group(body, true, own_states, frame_bytes, group_done);
}

/* Groups [x_begin, x_end) of a kernel with barriers. */
void cwc_fission(struct cwc_body *body, LLVMBasicBlockRef entry, LLVMBasicBlockRef exit)
{
	struct cwc_unit *unit = body->unit;
	LLVMBuilderRef builder = unit->builder;
	LLVMBasicBlockRef group_done = cwc_new_block(body, "group.done");
	struct cwc_loop groups;
	val_t frame_bytes;

	body->private_frames = true;
	LLVMPositionBuilderAtEnd(builder, entry);
	/* the size is known only in the end */
	frame_bytes = cwc_temporary(body, unit->i64, "frame.bytes");
	cwc_group_place(body, 1, LLVMGetParam(body->target, 4));
	cwc_group_place(body, 2, LLVMGetParam(body->target, 5));
	cwc_loop_begin(body, &groups, LLVMGetParam(body->target, 2), LLVMGetParam(body->target, 3));
	cwc_group_place(body, 0, groups.index);
	emit_versions(body, frame_bytes, group_done);
	unit->frame_bytes =
		(unit->frame_bytes + CWC_ARENA_ALIGN - 1) / CWC_ARENA_ALIGN * CWC_ARENA_ALIGN;
	LLVMPositionBuilderAtEnd(builder, body->allocas);
	LLVMBuildStore(builder, cwc_i64(unit, unit->frame_bytes), frame_bytes);
	LLVMPositionBuilderAtEnd(builder, group_done);
	cwc_loop_end(body, &groups, 1);
	LLVMBuildBr(builder, exit);
}
