/* SPDX-License-Identifier: MIT */
/*
 * First include of every OpenCL C source of the builtin library: types,
 * attributes and the names of intrinsics.h, without clang's own declarations of
 * the builtins, which would clash with the definitions here.
 */
#ifndef CWC_BUILTINS_LIB_H
#define CWC_BUILTINS_LIB_H

#include "opencl-c-base.h"
#pragma OPENCL EXTENSION cl_khr_fp16 : enable

#include "../intrinsics.h"

/* A builtin of the inline kind. */
#define CW_INLINE __attribute__((overloadable, always_inline))
/* A builtin of the heavy kind (see intrinsics.h). */
#define CW_HEAVY  __attribute__((overloadable, noinline, const))
/* The declaration of a heavy function, or of an inline one, for its callers. */
#define CW_PURE	  __attribute__((overloadable, const))
/* A helper that leaves no trace. */
#define CW_HELPER static inline __attribute__((overloadable, always_inline, const))

/* A helper with effects, or that asks for ids. */
#define CW_EFFECT static inline __attribute__((overloadable, always_inline))

#define CW_AS(T, x)  __builtin_astype(x, T)
#define CW_VEC(T, x) __builtin_convertvector(x, T)

#define cw_min(a, b) __builtin_elementwise_min(a, b)
#define cw_max(a, b) __builtin_elementwise_max(a, b)

/*
 * cw_select(c, a, b): c ? a : b, with a and b evaluated first, so that it is one
 * select instruction and never a branch, which would cost a vectorised caller.
 */
#define CW_DEFINE_SELECT(T)                                                                        \
	CW_HELPER T cw_select(bool c, T a, T b)                                                    \
	{                                                                                          \
		return c ? a : b;                                                                  \
	}
CW_DEFINE_SELECT(int)
CW_DEFINE_SELECT(uint)
CW_DEFINE_SELECT(long)
CW_DEFINE_SELECT(ulong)
CW_DEFINE_SELECT(half)
CW_DEFINE_SELECT(float)
CW_DEFINE_SELECT(double)

/*
 * The sources are compiled with -fno-convergent-functions, which would hinder the
 * optimiser: only what is declared here is convergent.
 */
/* The work-item functions that the SPMD compiler supplies. */
#define CW_DECLARE(name, ret, arg) __attribute__((convergent)) ret name(arg);
CWC_WORK_ITEM_NAMES(CW_DECLARE)
#undef CW_DECLARE

/* The lane operations. */
#define CW_DECLARE(name, ret, args, uniform) __attribute__((convergent)) ret name args;
CWC_LANE_NAMES(CW_DECLARE)
#undef CW_DECLARE
#define CW_DECLARE(name, ret) __attribute__((const)) ret name(void);
CWC_CONSTANT_NAMES(CW_DECLARE)
#undef CW_DECLARE
#define CW_DECLARE(fold, op, n, T) __attribute__((convergent)) T __cw_##fold##_##op##_##n(T);
CWC_FOLD_NAMES(CW_DECLARE)
#undef CW_DECLARE

#define cw_local_id(d)	  _Z12get_local_idj(d)
#define cw_local_size(d)  _Z14get_local_sizej(d)
#define cw_barrier(flags) _Z7barrierj(flags)

#endif
