/* SPDX-License-Identifier: MIT */
/*
 * Error-free sums and products, which give more than the type's own precision.
 * The compiler must not contract or reorder what is here.
 */
#ifndef CWC_BUILTINS_EXACT_H
#define CWC_BUILTINS_EXACT_H

/* x * y + z: fused where that is an instruction, else rounded twice. */
__attribute__((const)) float cw_mad_f32(float x, float y, float z) __asm__("llvm.fmuladd.f32");
__attribute__((const)) double cw_mad_f64(double x, double y, double z) __asm__("llvm.fmuladd.f64");
CW_HELPER float cw_mad(float x, float y, float z)
{
	return cw_mad_f32(x, y, z);
}
CW_HELPER double cw_mad(double x, double y, double z)
{
	return cw_mad_f64(x, y, z);
}

#define CW_DEFINE_EXACT(F, SPLITTER)                                                               \
	/* The error of p = x * y, exactly; |x| and |y| far from the limits. */                    \
	CW_HELPER F cw_product_error(F x, F y, F p)                                                \
	{                                                                                          \
		F cx, hx, lx, cy, hy, ly;                                                          \
                                                                                                   \
		if (__cw_has_fma())                                                                \
			return __builtin_elementwise_fma(x, y, -p);                                \
		cx = x * (F)SPLITTER;                                                              \
		cy = y * (F)SPLITTER;                                                              \
		hx = cx - (cx - x);                                                                \
		hy = cy - (cy - y);                                                                \
		lx = x - hx;                                                                       \
		ly = y - hy;                                                                       \
		return ((hx * hy - p) + hx * ly + lx * hy) + lx * ly;                              \
	}                                                                                          \
	/* The error of s = a + b, exactly. */                                                     \
	CW_HELPER F cw_sum_error(F a, F b, F s)                                                    \
	{                                                                                          \
		F bb = s - a;                                                                      \
                                                                                                   \
		return (a - (s - bb)) + (b - bb);                                                  \
	}                                                                                          \
	/* The same where |a| >= |b| or a is 0. */                                                 \
	CW_HELPER F cw_fast_sum_error(F a, F b, F s)                                               \
	{                                                                                          \
		return b - (s - a);                                                                \
	}

CW_DEFINE_EXACT(float, 4097)
CW_DEFINE_EXACT(double, 134217729)

#endif
