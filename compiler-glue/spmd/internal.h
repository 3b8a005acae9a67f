/* SPDX-License-Identifier: MIT */
/*
 * What the files of the work-group compiler share.
 *
 * DOC: overview
 *
 * cwc_spmd_compile() imports the kernel and what it calls into a fresh module
 * (import in llvm_shim.cpp), inlines everything and brings it to a canonical
 * scalar form (prepare.c), then rebuilds the scalar function as code for a chunk of
 * `width` work-items: cfg.c finds blocks, dominators and loops; shape.c
 * classes each value by how it differs between lanes; body.c walks the blocks
 * and emits branches and masks; inst.c, memory.c, call.c and their friends emit
 * one instruction each.  group.c puts loops over chunks and groups around it;
 * with barriers, fission.c cuts the chunk's code at them and loops over the
 * chunks between two barriers.  object.c optimises and writes the ELF object.
 *
 * DOC: errors
 *
 * cwc_fail() keeps the first message in the unit.  Emission goes on with poison
 * values after a failure, so callers check unit->error at stage borders only.
 */
#ifndef CWC_SPMD_INTERNAL_H
#define CWC_SPMD_INTERNAL_H

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spmd.h"

#define CWC_MAX_WIDTH	 64
/* Lanes of a wide chunk (kernel.c). */
#define CWC_MOST_LANES	 128
#define CWC_BARRIER_NAME "cwc.barrier"

typedef LLVMValueRef val_t;
typedef LLVMTypeRef type_t;

/* Address spaces of the spirv64 target. */
enum cwc_space {
	CWC_SPACE_PRIVATE,
	CWC_SPACE_GLOBAL,
	CWC_SPACE_CONSTANT,
	CWC_SPACE_LOCAL,
	CWC_SPACE_GENERIC,
	CWC_SPACES,
};

/*
 * struct cwc_unit - one compilation: a module and what is known of its target.
 * @spmd: the context it belongs to.
 * @options: the caller's.
 * @context, @module, @builder, @machine, @layout: LLVM's; context and machine are @spmd's.
 * @width: lanes.
 * @error: first failure, malloc'd, or NULL.
 * @scopes: alias scopes by address space (memory.c); NULL until made.
 * @noalias: for each space, the list of scopes it is apart from.
 * @globals: offsets of program-scope variables (globals.c).
 * @flags: enum cwc_kernel_flags found so far.
 * @local_bytes, @frame_bytes, @private_bytes: as in the note.
 * @required: reqd_work_group_size, or zeros.
 * @uniform_groups: no group is smaller than the others.
 * @lap_ms: for the dump stage "time".
 * @group_scratch: offset in local memory of the work-group functions' own, plus 1; or 0.
 */
struct cwc_unit {
	struct cwc_spmd *spmd;
	struct cwc_spmd_options options;
	LLVMContextRef context;
	LLVMModuleRef module;
	LLVMBuilderRef builder;
	LLVMTargetMachineRef machine;
	LLVMTargetDataRef layout;
	unsigned width;
	char *error;
	type_t i1, i8, i16, i32, i64, f32, f64, ptr, void_type;
	val_t scopes[CWC_SPACES];
	val_t noalias[CWC_SPACES];
	struct cwc_global_layout *globals;
	uint32_t flags;
	uint64_t local_bytes;
	uint64_t frame_bytes;
	uint64_t private_bytes;
	uint64_t group_scratch;
	uint64_t required[3];
	bool uniform_groups;
	double lap_ms;
};

/*
 * enum cwc_shape - how a value differs between the lanes that compute it.
 *
 * Ordered: joining two shapes never gives a lower one.
 */
enum cwc_shape {
	CWC_SHAPE_NONE,	   /* not reached yet */
	CWC_SHAPE_GROUP,   /* the same in the whole work-group */
	CWC_SHAPE_UNIFORM, /* the same in the chunk */
	CWC_SHAPE_LINEAR,  /* lane 0's value + lane * stride (bytes for pointers) */
	CWC_SHAPE_VARYING,
};

/*
 * struct cwc_value - what is known and what was emitted for one source value.
 * @key: the source value.
 * @shape, @stride: from shape analysis.
 * @bound: unsigned upper bound of every lane's integer, active or not; all ones
 *	where unknown.
 * @wraps: for a linear one that holds the extension of a narrower integer which may wrap
 *	between lanes: the bits of that integer, modulo which it is linear in any
 *	case; a user tests @unwrapped, or takes the exact vector.  Else 0.
 * @interleaved: a private pointer into memory whose lanes alternate element by element.
 * @scalar: emitted value of a uniform, lane 0's of a linear one.
 * @unwrapped: i1, true when no lane wraps; NULL if it cannot.
 * @vector: emitted vectors, one for each component; cwc_components() of them.
 */
struct cwc_value {
	val_t key;
	enum cwc_shape shape;
	int64_t stride;
	uint64_t bound;
	unsigned wraps;
	bool interleaved;
	val_t scalar;
	val_t unwrapped;
	val_t *vector;
};

/*
 * struct cwc_block - a basic block of the source, in reverse post order.
 * @block: the source block.
 * @preds, @succs: indices; pred_count, succ_count of them.
 * @idom, @ipdom: immediate dominator and postdominator; ipdom -1 is the exit.
 * @loop: index of the innermost loop's header, or -1.
 * @latch: for a header, its only latch; else -1.
 * @outer: for a header, the header of the enclosing loop or -1.
 * @branch: shape of the terminator's condition.
 * @leaves: for a header, the highest shape of its exiting branches.
 * @joins: highest shape of a branch whose paths meet here.
 * @mask: emitted mask of active lanes, NULL for all.
 * @loop_mask: for a divergent header, the phi of its mask.
 * @edge_mask: mask on the only incoming edge when that is divergent.
 * @flattened: its varying branch became straight code: no edge to the join.
 * @begin, @end: emitted first and last block.
 */
struct cwc_block {
	LLVMBasicBlockRef block;
	int *preds, *succs;
	int pred_count, succ_count;
	int idom, ipdom, loop, latch, outer;
	enum cwc_shape branch, leaves, joins;
	val_t mask, loop_mask, edge_mask;
	bool flattened;
	LLVMBasicBlockRef begin, end;
};

/*
 * struct cwc_ids - emitted values that place a chunk; all i64 unless said.
 * @launch, @scratch, @frame, @local: pointers.
 * @local_id: of lane 0.
 * @global_id: of lane 0, offset included.
 * @group_id, @local_size: local_size is this group's own.
 * @chunk: number of the chunk in its group.
 * @mask: active lanes, NULL for all.
 */
struct cwc_ids {
	val_t launch, scratch, frame, local;
	val_t local_id[3], global_id[3], group_id[3], local_size[3];
	val_t chunk, mask;
};

/*
 * struct cwc_body - a scalar function being rebuilt for chunks.
 * @source: the scalar function.
 * @target: the function that receives the code.
 * @blocks: block_count of them, reverse post order.
 * @values: hash table, value_slots of them (a power of two).
 * @params: emitted kernel arguments, or vectors in library mode.
 * @library: compiling a library function: parameters and result are vectors.
 * @allocas: block of @target that receives static allocas.
 * @divergent: some branch is varying.
 * @private_frames: private arrays live in the frame.
 * @barriers: how many barrier calls the source has.
 * @group_base: global id of the first work-item of the group, offset included.
 * @result: what a library function returns.
 * @wide: the same source for a wider chunk, which takes most of a row; or NULL.
 * @wide_factor: how much wider.
 * @columns: rows are the inner loop, chunks of a row the outer one.
 * @private_bytes: of one work-item's arrays.
 * @may_idle: the code under way may run with no lane active.
 * @idle_place: memory for the accesses of such code, or NULL.
 * @frame_used: bytes of the frame handed out so far; @frame_start at first.
 */
struct cwc_body {
	struct cwc_unit *unit;
	val_t source, target;
	struct cwc_block *blocks;
	int block_count;
	struct cwc_value *values;
	size_t value_slots, value_count;
	struct cwc_ids ids;
	val_t *params;
	bool library;
	bool divergent;
	bool private_frames;
	unsigned barriers;
	uint64_t frame_used, frame_start, private_bytes;
	LLVMBasicBlockRef allocas;
	val_t group_base[3];
	val_t result;
	struct cwc_pending *pending;
	struct cwc_body *wide;
	unsigned wide_factor;
	bool columns;
	bool may_idle;
	val_t idle_place;
};

/* unit.c */
void cwc_fail(struct cwc_unit *unit, const char *format, ...) __attribute__((format(printf, 2, 3)));
int cwc_unit_init(struct cwc_unit *unit, struct cwc_spmd *spmd,
		  const struct cwc_spmd_options *options);
void cwc_unit_finish(struct cwc_unit *unit);
int cwc_run_passes(struct cwc_unit *unit, const char *passes);
void cwc_lap(struct cwc_unit *unit, const char *what);
void *cwc_alloc(size_t count, size_t size);
bool cwc_dumps(const struct cwc_unit *unit, const char *stage);

/* ir.c: IR building */
type_t cwc_vector_type(struct cwc_unit *unit, type_t element);
type_t cwc_target_type(struct cwc_unit *unit, type_t type);
unsigned cwc_components(type_t type);
type_t cwc_component_type(type_t type, unsigned index);
bool cwc_is_vector(type_t type);
bool cwc_is_pointer(type_t type);
uint64_t cwc_bytes(struct cwc_unit *unit, type_t type);
val_t cwc_int(type_t type, int64_t number);
val_t cwc_i64(struct cwc_unit *unit, uint64_t number);
val_t cwc_lanes(struct cwc_unit *unit, type_t type, int64_t stride);
val_t cwc_splat(struct cwc_unit *unit, val_t scalar);
val_t cwc_all_lanes(struct cwc_unit *unit);
val_t cwc_intrinsic(struct cwc_unit *unit, const char *name, type_t *types, unsigned type_count,
		    val_t *args, unsigned arg_count);
val_t cwc_any(struct cwc_unit *unit, val_t mask);
val_t cwc_mask_and(struct cwc_unit *unit, val_t a, val_t b);
val_t cwc_mask_bits(struct cwc_unit *unit, val_t mask);
val_t cwc_shuffle(struct cwc_unit *unit, val_t a, val_t b, const int *lanes, unsigned count);
val_t cwc_offset(struct cwc_unit *unit, val_t pointer, val_t bytes);
val_t cwc_field(struct cwc_unit *unit, val_t pointer, uint64_t bytes, type_t type);
void cwc_attribute(struct cwc_unit *unit, val_t function, const char *name);
void cwc_string_attribute(struct cwc_unit *unit, val_t function, const char *name,
			  const char *value);
bool cwc_has_attribute(val_t function, const char *name);
void cwc_remove_attribute(val_t function, const char *name);
LLVMBasicBlockRef cwc_new_block(struct cwc_body *body, const char *name);
val_t cwc_temporary(struct cwc_body *body, type_t type, const char *name);
const char *cwc_name(val_t value);
const char *cwc_callee(val_t call);

/* values.c: the value table */
struct cwc_value *cwc_value(struct cwc_body *body, val_t key);
void cwc_values_reset(struct cwc_body *body);
enum cwc_shape cwc_shape_of(struct cwc_body *body, val_t value, int64_t *stride);
bool cwc_is_uniform(struct cwc_body *body, val_t value);
bool cwc_is_undef(val_t value);
val_t cwc_scalar(struct cwc_body *body, val_t value);
val_t cwc_vector(struct cwc_body *body, val_t value, unsigned component);
void cwc_set_scalar(struct cwc_body *body, val_t key, val_t value);
void cwc_set_vector(struct cwc_body *body, val_t key, unsigned component, val_t value);

val_t cwc_unwrapped(struct cwc_body *body, val_t value);
void cwc_set_unwrapped(struct cwc_body *body, val_t inst, val_t own);

/* constant.c */
val_t cwc_constant(struct cwc_body *body, val_t constant);

/* cfg.c */
void cwc_cfg_build(struct cwc_body *body);
void cwc_cfg_free(struct cwc_body *body);
int cwc_block_index(struct cwc_body *body, LLVMBasicBlockRef block);
bool cwc_in_loop(const struct cwc_body *body, int block, int header);
bool cwc_dominates(const struct cwc_body *body, int a, int b);

/* bound.c */
void cwc_bounds(struct cwc_body *body);
bool cwc_is_word_mask(val_t inst);
unsigned cwc_wraps(struct cwc_body *body, val_t inst);
bool cwc_extension_wraps(struct cwc_body *body, val_t value, bool sign);

/* shape.c */
void cwc_shape_analyse(struct cwc_body *body);
void cwc_shape_dump(struct cwc_body *body);

/* body.c */
void cwc_body_init(struct cwc_body *body, struct cwc_unit *unit, val_t source);
void cwc_body_finish(struct cwc_body *body);
void cwc_body_emit(struct cwc_body *body, LLVMBasicBlockRef entry, LLVMBasicBlockRef exit);

/* inst.c */
void cwc_emit_instruction(struct cwc_body *body, val_t inst, val_t mask);
val_t cwc_exact_vector(struct cwc_body *body, val_t inst);
void cwc_copy_flags(val_t to, val_t from, bool wrap_flags);

/* gep.c */
void cwc_emit_gep(struct cwc_body *body, val_t inst);
val_t cwc_gep_vector(struct cwc_body *body, val_t inst);

/* divide.c */
void cwc_emit_divide(struct cwc_body *body, val_t inst, val_t mask);

/* memory.c, strided.c */
void cwc_emit_load(struct cwc_body *body, val_t inst, val_t mask);
void cwc_emit_store(struct cwc_body *body, val_t inst, val_t mask);
void cwc_emit_alloca(struct cwc_body *body, val_t inst);
enum cwc_space cwc_space_of(val_t pointer);
void cwc_mark_space(struct cwc_unit *unit, val_t access, enum cwc_space space);
bool cwc_strided_load(struct cwc_body *body, val_t inst, val_t base, int64_t stride);
bool cwc_strided_store(struct cwc_body *body, val_t inst, val_t base, int64_t stride);

/* contiguous.c */
bool cwc_may_be_contiguous(struct cwc_body *body, val_t inst, val_t mask);
val_t cwc_contiguous_test(struct cwc_body *body, val_t pointers, val_t base, uint64_t bytes,
			  val_t mask);

/* merge.c, pieces.c, private.c */
bool cwc_merge_accesses(struct cwc_body *body);
bool cwc_gather_pieces(struct cwc_body *body, val_t inst, val_t pointers, val_t mask);
bool cwc_scatter_pieces(struct cwc_body *body, val_t inst, val_t pointers, val_t mask);
val_t cwc_gather(struct cwc_body *body, val_t inst, type_t element, val_t pointers, val_t mask);
void cwc_scatter(struct cwc_body *body, val_t inst, val_t value, val_t pointers, val_t mask);
void cwc_private_classify(struct cwc_body *body);

/* region.c */
bool cwc_region_has_barrier(struct cwc_body *body, int branch);

/* lanes.c: code a lane */
struct cwc_lane_loop {
	val_t lane;
	val_t bits;
	LLVMBasicBlockRef head, done, from;
};
void cwc_lane_loop_begin(struct cwc_body *body, struct cwc_lane_loop *loop, val_t mask);
void cwc_lane_loop_end(struct cwc_body *body, struct cwc_lane_loop *loop);
val_t cwc_spill(struct cwc_body *body, val_t vector);
val_t cwc_spill_slot(struct cwc_body *body, type_t type);
val_t cwc_spilled_lane(struct cwc_body *body, val_t slot, type_t type, val_t lane);
void cwc_set_spilled_lane(struct cwc_body *body, val_t slot, val_t lane, val_t value);
val_t cwc_unspill(struct cwc_body *body, val_t slot, type_t type);
val_t cwc_lane_prepare(struct cwc_body *body, val_t value);
val_t cwc_lane_value(struct cwc_body *body, val_t value, val_t slot, val_t lane);

/* atomic.c */
void cwc_emit_atomic_rmw(struct cwc_body *body, val_t inst, val_t mask);
void cwc_emit_cmpxchg(struct cwc_body *body, val_t inst, val_t mask);
void cwc_emit_fence(struct cwc_body *body, val_t inst);
void cwc_emit_lane_memory(struct cwc_body *body, val_t inst, val_t mask);

/* call.c, workitem.c, crosslane.c, printf.c, heavy.c */
void cwc_emit_call(struct cwc_body *body, val_t call, val_t mask);
bool cwc_is_pure_intrinsic(val_t call);
bool cwc_call_is_ignored(const char *name);
bool cwc_call_is_barrier(const char *name);
int cwc_work_item_query(const char *name);
enum cwc_shape cwc_work_item_shape(struct cwc_body *body, val_t call, int64_t *stride,
				   uint64_t *bound);
bool cwc_work_item_observes_group(const char *name);
void cwc_limit_work_items(struct cwc_unit *unit);
void cwc_emit_work_item(struct cwc_body *body, val_t call);
int cwc_cross_lane_shape(const char *name);
void cwc_emit_address_space(struct cwc_body *body, val_t call);
void cwc_emit_cross_lane(struct cwc_body *body, val_t call, val_t mask);
void cwc_emit_printf(struct cwc_body *body, val_t call, val_t mask);
bool cwc_library_has_width(enum cwc_isa isa, unsigned width);
bool cwc_is_heavy(val_t function);
bool cwc_emit_heavy(struct cwc_body *body, val_t call, val_t mask);
void cwc_emit_barrier(struct cwc_body *body);

/* prepare.c, narrow.c, check.c */
void cwc_narrow(struct cwc_unit *unit, val_t function);
int cwc_prepare(struct cwc_unit *unit, val_t kernel);
int cwc_scalar_passes(struct cwc_unit *unit);
int cwc_canonicalise_calls(struct cwc_unit *unit, val_t function);
int cwc_canonical_passes(struct cwc_unit *unit);
int cwc_structurize(struct cwc_unit *unit);
int cwc_check_calls(struct cwc_unit *unit, val_t root);

/* globals.c */
struct cwc_global_layout *cwc_globals_layout(struct cwc_unit *unit, LLVMModuleRef program);
void cwc_globals_layout_free(struct cwc_global_layout *layout);
uint64_t cwc_globals_bytes(const struct cwc_global_layout *layout);
void cwc_globals_bind(struct cwc_unit *unit);
void cwc_globals_emit(struct cwc_unit *unit);
bool cwc_global_offset(const struct cwc_global_layout *layout, val_t variable, uint64_t *offset);
void cwc_place_locals(struct cwc_unit *unit);
bool cwc_local_offset(struct cwc_unit *unit, val_t variable, uint64_t *offset);

/* kernel.c, group.c, fission.c */
val_t cwc_kernel_emit(struct cwc_unit *unit, val_t kernel);
void cwc_load_arguments(struct cwc_body *body);
val_t cwc_launch_field(struct cwc_body *body, size_t offset, unsigned dim);
void cwc_group_loops(struct cwc_body *body, LLVMBasicBlockRef entry, LLVMBasicBlockRef exit);
void cwc_fission(struct cwc_body *body, LLVMBasicBlockRef entry, LLVMBasicBlockRef exit);

/* spmd.c */
int cwc_import(struct cwc_unit *unit, LLVMModuleRef from, bool (*keep)(val_t function, void *data),
	       void *data);

/* object.c */
int cwc_object_optimise(struct cwc_unit *unit);
void cwc_object_note(struct cwc_unit *unit, uint64_t arg_bytes);
int cwc_object_emit(struct cwc_unit *unit, void **object_out, size_t *bytes_out);
void cwc_set_target(struct cwc_unit *unit, val_t function);

#endif
