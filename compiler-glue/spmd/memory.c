/* SPDX-License-Identifier: MIT */
/*
 * Loads, stores and private memory.
 *
 * A uniform address is one scalar access; neighbouring addresses are one vector access;
 * a small constant distance is vector accesses and shuffles (strided.c); the rest is a
 * gather or scatter.  Inactive lanes touch nothing.
 */
#include "internal.h"

#include <string.h>

#define STACK_PRIVATE_BYTES 16384
#define PRIVATE_ALIGN	    64

/* The most specific address space that @pointer is known to point to. */
enum cwc_space cwc_space_of(val_t pointer)
{
	for (int depth = 0; depth < 32; depth++) {
		unsigned space = LLVMGetPointerAddressSpace(LLVMTypeOf(pointer));
		LLVMOpcode opcode;

		if (space >= CWC_SPACE_GLOBAL && space <= CWC_SPACE_LOCAL)
			return (enum cwc_space)space;
		if (LLVMIsAAllocaInst(pointer))
			return CWC_SPACE_PRIVATE;
		if (LLVMIsAArgument(pointer))
			return space ? CWC_SPACE_GENERIC : CWC_SPACE_CONSTANT;
		if (LLVMIsAConstantExpr(pointer))
			opcode = LLVMGetConstOpcode(pointer);
		else if (LLVMIsAInstruction(pointer))
			opcode = LLVMGetInstructionOpcode(pointer);
		else
			return CWC_SPACE_GENERIC;
		if (opcode != LLVMGetElementPtr && opcode != LLVMAddrSpaceCast &&
		    opcode != LLVMBitCast && opcode != LLVMFreeze)
			return CWC_SPACE_GENERIC;
		pointer = LLVMGetOperand(pointer, 0);
	}
	return CWC_SPACE_GENERIC;
}

static val_t as_value(struct cwc_unit *unit, LLVMMetadataRef *nodes, unsigned count)
{
	return LLVMMetadataAsValue(unit->context,
				   LLVMMDNodeInContext2(unit->context, nodes, count));
}

/* One alias scope for each address space but the generic one. */
static void make_scopes(struct cwc_unit *unit)
{
	static const char *const names[] = {"private", "global", "constant", "local"};
	LLVMMetadataRef domain = LLVMMDStringInContext2(unit->context, "spaces", 6), scopes[4];

	domain = LLVMMDNodeInContext2(unit->context, &domain, 1);
	for (unsigned i = 0; i < 4; i++) {
		LLVMMetadataRef pair[2] = {
			LLVMMDStringInContext2(unit->context, names[i], strlen(names[i])), domain};

		scopes[i] = LLVMMDNodeInContext2(unit->context, pair, 2);
		unit->scopes[i] = as_value(unit, &scopes[i], 1);
	}
	for (unsigned i = 0; i < 4; i++) {
		LLVMMetadataRef others[3];
		unsigned count = 0;

		for (unsigned other = 0; other < 4; other++)
			if (other != i)
				others[count++] = scopes[other];
		unit->noalias[i] = as_value(unit, others, count);
	}
}

/* @access is to @space only. */
void cwc_mark_space(struct cwc_unit *unit, val_t access, enum cwc_space space)
{
	if (space >= CWC_SPACE_GENERIC || !LLVMIsAInstruction(access))
		return;
	if (!unit->scopes[0])
		make_scopes(unit);
	LLVMSetMetadata(access, LLVMGetMDKindIDInContext(unit->context, "alias.scope", 11),
			unit->scopes[space]);
	LLVMSetMetadata(access, LLVMGetMDKindIDInContext(unit->context, "noalias", 7),
			unit->noalias[space]);
}

static void align_operand(struct cwc_unit *unit, val_t call, unsigned index, unsigned alignment)
{
	unsigned kind = LLVMGetEnumAttributeKindForName("align", 5);

	LLVMAddCallSiteAttribute(call, index + 1,
				 LLVMCreateEnumAttribute(unit->context, kind, alignment));
}

/* Does a vector access of this element exist? */
static bool is_plain_element(type_t type)
{
	switch (LLVMGetTypeKind(type)) {
	case LLVMHalfTypeKind:
	case LLVMFloatTypeKind:
	case LLVMDoubleTypeKind:
	case LLVMPointerTypeKind:
		return true;
	case LLVMIntegerTypeKind: {
		unsigned bits = LLVMGetIntTypeWidth(type);

		return bits == 8 || bits == 16 || bits == 32 || bits == 64;
	}
	default:
		return false;
	}
}

static bool needs_lanes(val_t inst, type_t type)
{
	return LLVMGetVolatile(inst) || LLVMGetOrdering(inst) != LLVMAtomicOrderingNotAtomic ||
	       !is_plain_element(cwc_component_type(type, 0)) ||
	       LLVMGetTypeKind(type) == LLVMStructTypeKind ||
	       LLVMGetTypeKind(type) == LLVMArrayTypeKind;
}

/*
 * Should @inst, with a mask, go lane by lane?  Where the instruction set has no gather or
 * scatter, LLVM would make a branch for each lane: a loop is smaller and no slower.
 */
static bool is_better_by_lanes(struct cwc_body *body, val_t inst, bool linear, int64_t stride)
{
	struct cwc_unit *unit = body->unit;
	bool store = LLVMIsAStoreInst(inst) != NULL;
	val_t pointer = LLVMGetOperand(inst, store ? 1 : 0);
	type_t type = store ? LLVMTypeOf(LLVMGetOperand(inst, 0)) : LLVMTypeOf(inst);
	uint64_t bytes = cwc_bytes(unit, cwc_component_type(type, 0));
	unsigned count = cwc_components(type);
	bool interleaved = LLVMIsAInstruction(pointer) && cwc_value(body, pointer)->interleaved;

	if ((interleaved && count > 1) || (linear && stride == (int64_t)bytes))
		return false;
	/* short vectors go in pieces (pieces.c) */
	if (count > 1 && bytes * count % 4 == 0)
		bytes = 4;
	if (bytes < 4)
		return true;
	return unit->options.isa < (store ? CWC_ISA_AVX512 : CWC_ISA_AVX2);
}

static void emit_scalar_load(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	val_t pointer = LLVMGetOperand(inst, 0);
	val_t load = LLVMBuildLoad2(unit->builder, cwc_target_type(unit, LLVMTypeOf(inst)),
				    cwc_scalar(body, pointer), "");

	LLVMSetAlignment(load, LLVMGetAlignment(inst));
	LLVMSetVolatile(load, LLVMGetVolatile(inst));
	LLVMSetOrdering(load, LLVMGetOrdering(inst));
	cwc_mark_space(unit, load, cwc_space_of(pointer));
	cwc_set_scalar(body, inst, load);
}

/*
 * Where the masked access of one piece of memory goes: to @pointer, unless no lane is active,
 * when it could be a page that is not there.  That is no fault, but takes as long as one.
 */
static val_t masked_place(struct cwc_body *body, val_t pointer, val_t mask)
{
	struct cwc_unit *unit = body->unit;

	if (!body->may_idle)
		return pointer;
	if (!body->idle_place)
		body->idle_place =
			cwc_temporary(body, LLVMArrayType2(unit->i64, CWC_MOST_LANES), "idle");
	return LLVMBuildSelect(unit->builder, cwc_any(unit, mask), pointer, body->idle_place, "");
}

static val_t contiguous_load(struct cwc_body *body, val_t inst, type_t element, val_t pointer,
			     val_t mask)
{
	struct cwc_unit *unit = body->unit;
	type_t type = cwc_vector_type(unit, element), types[2] = {type, unit->ptr};
	val_t args[3] = {pointer, mask, LLVMGetPoison(type)}, load;

	if (!mask) {
		load = LLVMBuildLoad2(unit->builder, type, pointer, "");
		LLVMSetAlignment(load, LLVMGetAlignment(inst));
	} else {
		args[0] = masked_place(body, pointer, mask);
		load = cwc_intrinsic(unit, "llvm.masked.load", types, 2, args, 3);
		align_operand(unit, load, 0, LLVMGetAlignment(inst));
	}
	cwc_mark_space(unit, load, cwc_space_of(LLVMGetOperand(inst, 0)));
	return load;
}

val_t cwc_gather(struct cwc_body *body, val_t inst, type_t element, val_t pointers, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	type_t type = cwc_vector_type(unit, element);
	type_t types[2] = {type, LLVMTypeOf(pointers)};
	val_t args[3] = {pointers, mask ? mask : cwc_all_lanes(unit), LLVMGetPoison(type)};
	val_t load = cwc_intrinsic(unit, "llvm.masked.gather", types, 2, args, 3);

	align_operand(unit, load, 0,
		      cwc_components(LLVMTypeOf(inst)) == 1 ? LLVMGetAlignment(inst) : 1);
	cwc_mark_space(unit, load, cwc_space_of(LLVMGetOperand(inst, 0)));
	return load;
}

/* How far apart the components of one lane's vector are. */
static uint64_t component_bytes(struct cwc_body *body, val_t pointer, uint64_t bytes)
{
	bool interleaved = LLVMIsAInstruction(pointer) && cwc_value(body, pointer)->interleaved;

	return interleaved ? bytes * body->unit->width : bytes;
}

/* Lane l at @base + l * @stride. */
static void emit_linear_load(struct cwc_body *body, val_t inst, val_t mask, val_t base,
			     int64_t stride)
{
	struct cwc_unit *unit = body->unit;
	val_t pointer = LLVMGetOperand(inst, 0);
	type_t element = cwc_target_type(unit, cwc_component_type(LLVMTypeOf(inst), 0));
	uint64_t bytes = cwc_bytes(unit, element), step = component_bytes(body, pointer, bytes);

	if (stride != (int64_t)bytes && step == bytes && !mask &&
	    cwc_strided_load(body, inst, base, stride))
		return;
	if (stride != (int64_t)bytes && step == bytes &&
	    cwc_gather_pieces(body, inst,
			      cwc_offset(unit, base, cwc_lanes(unit, unit->i64, stride)), mask))
		return;
	for (unsigned c = 0; c < cwc_components(LLVMTypeOf(inst)); c++) {
		val_t offset = cwc_i64(unit, c * step), vector;

		if (stride == (int64_t)bytes) {
			vector = contiguous_load(body, inst, element,
						 cwc_offset(unit, base, offset), mask);
		} else {
			vector = cwc_offset(unit, base, cwc_lanes(unit, unit->i64, stride));
			vector = cwc_gather(body, inst, element, cwc_offset(unit, vector, offset),
					    mask);
		}
		cwc_set_vector(body, inst, c, vector);
	}
}

/* Every lane through its own address. */
static void emit_gather(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t pointer = LLVMGetOperand(inst, 0), pointers = cwc_vector(body, pointer, 0);
	type_t element = cwc_target_type(unit, cwc_component_type(LLVMTypeOf(inst), 0));
	uint64_t bytes = cwc_bytes(unit, element), step = component_bytes(body, pointer, bytes);

	if (step == bytes && cwc_gather_pieces(body, inst, pointers, mask))
		return;
	for (unsigned c = 0; c < cwc_components(LLVMTypeOf(inst)); c++)
		cwc_set_vector(body, inst, c,
			       cwc_gather(body, inst, element,
					  cwc_offset(unit, pointers, cwc_i64(unit, c * step)),
					  mask));
}

/* The two ways to go with a pointer that is linear if a test says so. */
struct ways {
	LLVMBasicBlockRef linear, other, join;
};

static void begin_ways(struct cwc_body *body, struct ways *ways, val_t test)
{
	LLVMBuilderRef builder = body->unit->builder;

	ways->linear = cwc_new_block(body, "linear");
	ways->other = cwc_new_block(body, "other");
	ways->join = cwc_new_block(body, "");
	LLVMBuildCondBr(builder, test, ways->linear, ways->other);
	LLVMPositionBuilderAtEnd(builder, ways->linear);
}

static void next_way(struct cwc_body *body, struct ways *ways)
{
	LLVMBuilderRef builder = body->unit->builder;

	ways->linear = LLVMGetInsertBlock(builder);
	LLVMBuildBr(builder, ways->join);
	LLVMPositionBuilderAtEnd(builder, ways->other);
}

static void end_ways(struct cwc_body *body, struct ways *ways)
{
	LLVMBuilderRef builder = body->unit->builder;

	ways->other = LLVMGetInsertBlock(builder);
	LLVMBuildBr(builder, ways->join);
	LLVMPositionBuilderAtEnd(builder, ways->join);
}

/* Linear from @base on if @test holds. */
static void emit_guarded_load(struct cwc_body *body, val_t inst, val_t mask, val_t base,
			      int64_t stride, val_t test)
{
	struct cwc_unit *unit = body->unit;
	unsigned count = cwc_components(LLVMTypeOf(inst));
	val_t linear[16];
	struct ways ways;

	begin_ways(body, &ways, test);
	emit_linear_load(body, inst, mask, base, stride);
	for (unsigned c = 0; c < count; c++)
		linear[c] = cwc_vector(body, inst, c);
	next_way(body, &ways);
	emit_gather(body, inst, mask);
	end_ways(body, &ways);
	for (unsigned c = 0; c < count; c++) {
		val_t other = cwc_vector(body, inst, c);
		val_t phi = LLVMBuildPhi(unit->builder, LLVMTypeOf(other), "");

		LLVMAddIncoming(phi, &linear[c], &ways.linear, 1);
		LLVMAddIncoming(phi, &other, &ways.other, 1);
		cwc_set_vector(body, inst, c, phi);
	}
}

/* The bytes of one lane's vector, without padding. */
static uint64_t packed_bytes(struct cwc_unit *unit, type_t type)
{
	return cwc_components(type) * cwc_bytes(unit, cwc_component_type(type, 0));
}

/* The test whether the lanes lie side by side, from *base_out on. */
static val_t test_pointers(struct cwc_body *body, val_t pointer, uint64_t bytes, val_t mask,
			   val_t *base_out)
{
	struct cwc_unit *unit = body->unit;
	val_t pointers = cwc_vector(body, pointer, 0);

	*base_out = LLVMBuildExtractElement(unit->builder, pointers, cwc_i64(unit, 0), "");
	return cwc_contiguous_test(body, pointers, *base_out, bytes, mask);
}

static void emit_varying_load(struct cwc_body *body, val_t inst, val_t mask)
{
	uint64_t bytes = packed_bytes(body->unit, LLVMTypeOf(inst));
	val_t base, test;

	if (!cwc_may_be_contiguous(body, inst, mask)) {
		emit_gather(body, inst, mask);
		return;
	}
	test = test_pointers(body, LLVMGetOperand(inst, 0), bytes, mask, &base);
	emit_guarded_load(body, inst, mask, base, (int64_t)bytes, test);
}

void cwc_emit_load(struct cwc_body *body, val_t inst, val_t mask)
{
	val_t pointer = LLVMGetOperand(inst, 0), unwrapped;
	int64_t stride;
	enum cwc_shape shape = cwc_shape_of(body, pointer, &stride);

	if (shape <= CWC_SHAPE_UNIFORM) {
		emit_scalar_load(body, inst);
		return;
	}
	if (needs_lanes(inst, LLVMTypeOf(inst)) ||
	    (mask && is_better_by_lanes(body, inst, shape == CWC_SHAPE_LINEAR, stride))) {
		cwc_emit_lane_memory(body, inst, mask);
		return;
	}
	if (shape == CWC_SHAPE_VARYING) {
		emit_varying_load(body, inst, mask);
		return;
	}
	unwrapped = cwc_unwrapped(body, pointer);
	if (unwrapped)
		emit_guarded_load(body, inst, mask, cwc_scalar(body, pointer), stride, unwrapped);
	else
		emit_linear_load(body, inst, mask, cwc_scalar(body, pointer), stride);
}

/* The value of the last active lane, which is the one that a uniform address keeps. */
static val_t last_lane(struct cwc_body *body, val_t vector, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t index = cwc_i64(unit, unit->width - 1), args[2];

	if (mask) {
		args[0] = cwc_mask_bits(unit, mask);
		args[1] = LLVMConstInt(unit->i1, 0, 0);
		index = LLVMBuildSub(unit->builder, cwc_i64(unit, 63),
				     cwc_intrinsic(unit, "llvm.ctlz", &unit->i64, 1, args, 2), "");
		index = LLVMBuildAnd(unit->builder, index, cwc_i64(unit, unit->width - 1), "");
	}
	return LLVMBuildExtractElement(unit->builder, vector, index, "");
}

static void emit_scalar_store(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t value = LLVMGetOperand(inst, 0), pointer = LLVMGetOperand(inst, 1), stored, store;
	type_t type = cwc_target_type(unit, LLVMTypeOf(value));

	if (LLVMIsAConstant(value) || cwc_is_uniform(body, value)) {
		stored = cwc_scalar(body, value);
	} else if (cwc_is_vector(type)) {
		stored = LLVMGetPoison(type);
		for (unsigned c = 0; c < cwc_components(type); c++)
			stored = LLVMBuildInsertElement(
				unit->builder, stored,
				last_lane(body, cwc_vector(body, value, c), mask), cwc_i64(unit, c),
				"");
	} else {
		stored = last_lane(body, cwc_vector(body, value, 0), mask);
	}
	store = LLVMBuildStore(unit->builder, stored, cwc_scalar(body, pointer));
	LLVMSetAlignment(store, LLVMGetAlignment(inst));
	LLVMSetVolatile(store, LLVMGetVolatile(inst));
	LLVMSetOrdering(store, LLVMGetOrdering(inst));
	cwc_mark_space(unit, store, cwc_space_of(pointer));
}

static void contiguous_store(struct cwc_body *body, val_t inst, val_t value, val_t pointer,
			     val_t mask)
{
	struct cwc_unit *unit = body->unit;
	type_t types[2] = {LLVMTypeOf(value), unit->ptr};
	val_t args[3] = {value, pointer, mask}, store;

	if (!mask) {
		store = LLVMBuildStore(unit->builder, value, pointer);
		LLVMSetAlignment(store, LLVMGetAlignment(inst));
	} else {
		args[1] = masked_place(body, pointer, mask);
		store = cwc_intrinsic(unit, "llvm.masked.store", types, 2, args, 3);
		align_operand(unit, store, 1, LLVMGetAlignment(inst));
	}
	cwc_mark_space(unit, store, cwc_space_of(LLVMGetOperand(inst, 1)));
}

void cwc_scatter(struct cwc_body *body, val_t inst, val_t value, val_t pointers, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	type_t types[2] = {LLVMTypeOf(value), LLVMTypeOf(pointers)};
	val_t args[3] = {value, pointers, mask ? mask : cwc_all_lanes(unit)};
	val_t store = cwc_intrinsic(unit, "llvm.masked.scatter", types, 2, args, 3);

	align_operand(unit, store, 1,
		      cwc_components(LLVMTypeOf(LLVMGetOperand(inst, 0))) == 1
			      ? LLVMGetAlignment(inst)
			      : 1);
	cwc_mark_space(unit, store, cwc_space_of(LLVMGetOperand(inst, 1)));
}

static void emit_linear_store(struct cwc_body *body, val_t inst, val_t mask, val_t base,
			      int64_t stride)
{
	struct cwc_unit *unit = body->unit;
	val_t value = LLVMGetOperand(inst, 0), pointer = LLVMGetOperand(inst, 1);
	type_t element = cwc_target_type(unit, cwc_component_type(LLVMTypeOf(value), 0));
	uint64_t bytes = cwc_bytes(unit, element), step = component_bytes(body, pointer, bytes);

	if (stride != (int64_t)bytes && step == bytes && !mask &&
	    cwc_strided_store(body, inst, base, stride))
		return;
	if (stride != (int64_t)bytes && step == bytes &&
	    cwc_scatter_pieces(body, inst,
			       cwc_offset(unit, base, cwc_lanes(unit, unit->i64, stride)), mask))
		return;
	for (unsigned c = 0; c < cwc_components(LLVMTypeOf(value)); c++) {
		val_t offset = cwc_i64(unit, c * step), stored = cwc_vector(body, value, c), vector;

		if (stride == (int64_t)bytes) {
			contiguous_store(body, inst, stored, cwc_offset(unit, base, offset), mask);
		} else {
			vector = cwc_offset(unit, base, cwc_lanes(unit, unit->i64, stride));
			cwc_scatter(body, inst, stored, cwc_offset(unit, vector, offset), mask);
		}
	}
}

static void emit_scatter(struct cwc_body *body, val_t inst, val_t mask)
{
	struct cwc_unit *unit = body->unit;
	val_t value = LLVMGetOperand(inst, 0), pointer = LLVMGetOperand(inst, 1);
	val_t pointers = cwc_vector(body, pointer, 0);
	type_t element = cwc_target_type(unit, cwc_component_type(LLVMTypeOf(value), 0));
	uint64_t bytes = cwc_bytes(unit, element), step = component_bytes(body, pointer, bytes);

	if (step == bytes && cwc_scatter_pieces(body, inst, pointers, mask))
		return;
	for (unsigned c = 0; c < cwc_components(LLVMTypeOf(value)); c++)
		cwc_scatter(body, inst, cwc_vector(body, value, c),
			    cwc_offset(unit, pointers, cwc_i64(unit, c * step)), mask);
}

/* Linear from @base on if @test holds. */
static void emit_guarded_store(struct cwc_body *body, val_t inst, val_t mask, val_t base,
			       int64_t stride, val_t test)
{
	struct ways ways;

	begin_ways(body, &ways, test);
	emit_linear_store(body, inst, mask, base, stride);
	next_way(body, &ways);
	emit_scatter(body, inst, mask);
	end_ways(body, &ways);
}

static void emit_varying_store(struct cwc_body *body, val_t inst, val_t mask)
{
	uint64_t bytes = packed_bytes(body->unit, LLVMTypeOf(LLVMGetOperand(inst, 0)));
	val_t base, test;

	if (!cwc_may_be_contiguous(body, inst, mask)) {
		emit_scatter(body, inst, mask);
		return;
	}
	test = test_pointers(body, LLVMGetOperand(inst, 1), bytes, mask, &base);
	emit_guarded_store(body, inst, mask, base, (int64_t)bytes, test);
}

void cwc_emit_store(struct cwc_body *body, val_t inst, val_t mask)
{
	val_t pointer = LLVMGetOperand(inst, 1), unwrapped;
	int64_t stride;
	enum cwc_shape shape = cwc_shape_of(body, pointer, &stride);

	if (shape <= CWC_SHAPE_UNIFORM) {
		emit_scalar_store(body, inst, mask);
		return;
	}
	if (needs_lanes(inst, LLVMTypeOf(LLVMGetOperand(inst, 0))) ||
	    (mask && is_better_by_lanes(body, inst, shape == CWC_SHAPE_LINEAR, stride))) {
		cwc_emit_lane_memory(body, inst, mask);
		return;
	}
	if (shape == CWC_SHAPE_VARYING) {
		emit_varying_store(body, inst, mask);
		return;
	}
	unwrapped = cwc_unwrapped(body, pointer);
	if (unwrapped)
		emit_guarded_store(body, inst, mask, cwc_scalar(body, pointer), stride, unwrapped);
	else
		emit_linear_store(body, inst, mask, cwc_scalar(body, pointer), stride);
}

/* Private memory of all lanes, on the stack or, when large or to outlive a barrier, in the frame.
 */
void cwc_emit_alloca(struct cwc_body *body, val_t inst)
{
	struct cwc_unit *unit = body->unit;
	type_t type = cwc_target_type(unit, LLVMGetAllocatedType(inst));
	uint64_t bytes = cwc_bytes(unit, type) * unit->width;
	val_t memory;

	if (!LLVMIsAConstantInt(LLVMGetOperand(inst, 0)))
		cwc_fail(unit, "arrays of variable size are not supported");
	bytes *= LLVMConstIntGetZExtValue(LLVMGetOperand(inst, 0));
	body->private_bytes += bytes / unit->width;
	if (body->private_frames || bytes > STACK_PRIVATE_BYTES) {
		memory = cwc_offset(unit, body->ids.frame, cwc_i64(unit, body->frame_used));
		body->frame_used += (bytes + PRIVATE_ALIGN - 1) / PRIVATE_ALIGN * PRIVATE_ALIGN;
	} else {
		memory = cwc_temporary(body, LLVMArrayType2(unit->i8, bytes), "private");
		LLVMSetAlignment(memory, PRIVATE_ALIGN);
	}
	cwc_set_scalar(body, inst, memory);
}
