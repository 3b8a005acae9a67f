/* SPDX-License-Identifier: MIT */
/*
 * What the builtin library leaves undefined: the names that the SPMD compiler
 * implements.  Plain C and preprocessor only, so that the compiler, the
 * library's own sources and the tests all read this one list.
 *
 * DOC: three kinds of function in builtins.bc
 *
 * inline  - the default.  Linked into the program, inlined before
 *	     vectorisation.  May contain anything, also barriers and the names
 *	     below.
 * heavy   - carries the LLVM attribute noinline.  Takes and returns integers,
 *	     float or double by value: no pointer, no vector, no aggregate, no
 *	     memory but constant tables (internal, address space 2), no name of
 *	     this file but __cw_has_fma, no atomic; may call other heavy functions.  Vectorised
 *	     ahead of time.
 * absent  - the names below, printf, and the LLVM intrinsics.
 *
 * DOC: words
 *
 * A lane is one work-item of a chunk.  Active lanes are those that execute the
 * call; every operation here sees and combines active lanes only.  A sub-group
 * is one chunk.  "Uniform" results are the same in all active lanes: shape
 * analysis may treat them so.  Lane numbers are get_sub_group_local_id().
 * All of them are convergent.
 *
 * DOC: order of work-items, which work-group functions rely on
 *
 * A work-group runs on one thread; between two barriers its chunks run to
 * completion one after the other, in ascending order of get_sub_group_id(),
 * and lanes are ordered, so that (sub-group id, lane) ascends with
 * get_local_linear_id().  Work-group functions accumulate through
 * __cw_group_scratch() in that order.
 *
 * DOC: optimising
 *
 * Fences are LLVM fences (acq_rel or seq_cst) and atomics are LLVM atomics with
 * clang's syncscopes; on address space 3 and with the sub-group or work-group
 * scope they may be made plain, because a work-group is one thread.
 * Conversions use the saturating intrinsics llvm.fpto{s,u}i.sat.
 */
#ifndef CWC_BUILTINS_INTRINSICS_H
#define CWC_BUILTINS_INTRINSICS_H

/*
 * CWC_WORK_ITEM_NAMES - OpenCL C work-item functions, under clang's spirv64
 * mangling.  A dimension at or above get_work_dim() gives what the
 * specification says.  Linear ids, work_group_barrier() and sub_group_barrier()
 * are defined in the library with these.
 *
 * X(mangled name, result type, argument type or empty)
 */
#define CWC_WORK_ITEM_NAMES(X)                                                                     \
	X(_Z12get_work_dimv, uint, )                                                               \
	X(_Z15get_global_sizej, ulong, uint)                                                       \
	X(_Z13get_global_idj, ulong, uint)                                                         \
	X(_Z14get_local_sizej, ulong, uint)                                                        \
	X(_Z23get_enqueued_local_sizej, ulong, uint)                                               \
	X(_Z12get_local_idj, ulong, uint)                                                          \
	X(_Z14get_num_groupsj, ulong, uint)                                                        \
	X(_Z12get_group_idj, ulong, uint)                                                          \
	X(_Z17get_global_offsetj, ulong, uint)                                                     \
	X(_Z18get_sub_group_sizev, uint, )                                                         \
	X(_Z22get_max_sub_group_sizev, uint, )                                                     \
	X(_Z18get_num_sub_groupsv, uint, )                                                         \
	X(_Z27get_enqueued_num_sub_groupsv, uint, )                                                \
	X(_Z16get_sub_group_idv, uint, )                                                           \
	X(_Z22get_sub_group_local_idv, uint, )                                                     \
	X(_Z7barrierj, void, uint)

/*
 * CWC_LANE_NAMES - operations between the lanes of a chunk.
 *
 * X(name, result type, argument types, 1 if the result is uniform)
 *
 * __cw_any, __cw_all: is @1 non-zero in any / all active lanes, 0 or 1.
 * __cw_ballot: bit i is set where lane i is active and its @1 is non-zero.
 * __cw_broadcast_*: @1 of lane @2; @2 is the same in all active lanes and
 *	names an active lane.
 * __cw_shuffle_*: @1 of lane @2, where each lane brings its own @2.  An
 *	inactive or too high lane number gives any value, but no fault.
 * __cw_address_space: 3 if @1 points into the group's local memory, 0 if into
 *	private memory of the executing thread, else 1.  A constant where the
 *	pointer's origin is known.
 * __cw_group_scratch: 128 bytes of local memory, aligned to 16, that belong to
 *	the work-group functions.
 */
#define CWC_LANE_NAMES(X)                                                                          \
	X(__cw_any, uint, (uint), 1)                                                               \
	X(__cw_all, uint, (uint), 1)                                                               \
	X(__cw_ballot, ulong, (uint), 1)                                                           \
	X(__cw_broadcast_i32, uint, (uint, uint), 1)                                               \
	X(__cw_broadcast_i64, ulong, (ulong, uint), 1)                                             \
	X(__cw_shuffle_i32, uint, (uint, uint), 0)                                                 \
	X(__cw_shuffle_i64, ulong, (ulong, uint), 0)                                               \
	X(__cw_address_space, uint, (generic void *), 0)                                           \
	X(__cw_group_scratch, local void *, (void), 1)

/*
 * CWC_CONSTANT_NAMES - what is known of the target; not convergent.
 *
 * X(name, result type)
 *
 * __cw_has_fma: 1 if llvm.fma is an instruction of the target (CWC_ISA_AVX2 and
 *	above); the one name that heavy functions may use.
 */
#define CWC_CONSTANT_NAMES(X) X(__cw_has_fma, uint)

/*
 * CWC_FOLD_NAMES - __cw_<fold>_<op>_<type>, each (T) -> T over active lanes.
 *
 * fold: reduce (uniform result), scan_incl (lanes up to this one), scan_excl
 * (lanes before this one; the first active lane gets the identity).
 * Identities: add 0, mul 1, and ~0, or 0, xor 0, umin ~0, umax 0, smin/smax the
 * largest/smallest integer, min/max of floats +inf/-inf.  Float add and mul may
 * be reassociated within a chunk; float min and max ignore NaN.
 *
 * X(fold, op, type name, OpenCL C type)
 */
#define CWC_FOLD_TYPES(X, F)                                                                       \
	CWC_FOLD_INT_OPS(X, F, i32, int, uint)                                                     \
	CWC_FOLD_INT_OPS(X, F, i64, long, ulong)                                                   \
	CWC_FOLD_FLOAT_OPS(X, F, f32, float)                                                       \
	CWC_FOLD_FLOAT_OPS(X, F, f64, double)
#define CWC_FOLD_INT_OPS(X, F, N, S, U)                                                            \
	X(F, add, N, U)                                                                            \
	X(F, mul, N, U)                                                                            \
	X(F, and, N, U)                                                                            \
	X(F, or, N, U)                                                                             \
	X(F, xor, N, U)                                                                            \
	X(F, umin, N, U)                                                                           \
	X(F, umax, N, U)                                                                           \
	X(F, smin, N, S)                                                                           \
	X(F, smax, N, S)
#define CWC_FOLD_FLOAT_OPS(X, F, N, T)                                                             \
	X(F, add, N, T)                                                                            \
	X(F, mul, N, T)                                                                            \
	X(F, min, N, T)                                                                            \
	X(F, max, N, T)
#define CWC_FOLD_NAMES(X)                                                                          \
	CWC_FOLD_TYPES(X, reduce)                                                                  \
	CWC_FOLD_TYPES(X, scan_incl)                                                               \
	CWC_FOLD_TYPES(X, scan_excl)

/*
 * CWC_SUPPORT_NAMES - x86-64 functions of support.bc (baseline x86-64-v2, System
 * V calling convention, no undefined symbols) that instruction selection may
 * call by name.  Link them into the finished x86 module before emission and
 * keep them (llvm.compiler.used or hidden), then drop the unused ones.
 *
 * fma, fmaf: exactly rounded in round-to-nearest; what llvm.fma becomes on
 * CWC_ISA_SSE4.  The half conversions are called on CWC_ISA_SSE4, and
 * __truncdfhf2 everywhere.
 *
 * X(name)
 */
#define CWC_SUPPORT_NAMES(X)                                                                       \
	X(memcpy)                                                                                  \
	X(memmove)                                                                                 \
	X(memset)                                                                                  \
	X(memcmp)                                                                                  \
	X(bcmp)                                                                                    \
	X(fma)                                                                                     \
	X(fmaf)                                                                                    \
	X(__extendhfsf2)                                                                           \
	X(__truncsfhf2)                                                                            \
	X(__truncdfhf2)                                                                            \
	X(__multi3)                                                                                \
	X(__udivti3)                                                                               \
	X(__umodti3)                                                                               \
	X(__divti3)                                                                                \
	X(__modti3)

#endif
