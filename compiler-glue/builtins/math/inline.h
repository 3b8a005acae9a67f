/* SPDX-License-Identifier: MIT */
/*
 * Math functions that are thin enough to inline, without branches, once for each
 * floating-point type (OpenCL C 6.15.2; edge cases as in C's annex F).
 */
#ifndef CWC_BUILTINS_INLINE_H
#define CWC_BUILTINS_INLINE_H

#include "bits.h"

#define CW_DEFINE_EXPONENT_NAMES(F, I, N)                                                          \
	CW_INLINE F ldexp(F x, int n)                                                              \
	{                                                                                          \
		return cw_ldexp(x, n);                                                             \
	}                                                                                          \
	CW_INLINE F logb(F x)                                                                      \
	{                                                                                          \
		F zero_or = cw_select(x == 0, -(F)INFINITY, x * x);                                \
                                                                                                   \
		return cw_select(cw_is_special_##N(x), zero_or, (F)cw_exponent_##N(x));            \
	}                                                                                          \
	CW_INLINE int ilogb(F x)                                                                   \
	{                                                                                          \
		int special = cw_select(x == 0, FP_ILOGB0, INT_MAX);                               \
                                                                                                   \
		special = cw_select(x != x, FP_ILOGBNAN, special);                                 \
		return cw_select(cw_is_special_##N(x), special, cw_exponent_##N(x));               \
	}                                                                                          \
	CW_EFFECT F cw_frexp(F x, __private int *e)                                                \
	{                                                                                          \
		bool special = cw_is_special_##N(x);                                               \
                                                                                                   \
		*e = cw_select(special, 0, cw_exponent_##N(x) + 1);                                \
		return cw_select(special, x + x, (F)0.5 * cw_significand_##N(x));                  \
	}                                                                                          \
	CW_INLINE F nextafter(F x, F y)                                                            \
	{                                                                                          \
		I bits = CW_AS(I, x);                                                              \
		I step = cw_select((x < y) == (x > 0), (I)1, (I) - 1);                             \
		F next = CW_AS(F, bits + step);                                                    \
                                                                                                   \
		next = cw_select(x == 0, __builtin_elementwise_copysign(CW_AS(F, (I)1), y), next); \
		next = cw_select(x == y, y, next);                                                 \
		return cw_select((x != x) | (y != y), x + y, next);                                \
	}

CW_DEFINE_EXPONENT_NAMES(float, int, f32)
CW_DEFINE_EXPONENT_NAMES(double, long, f64)

#define CW_DEFINE_INLINE(F, I, U, QUIET, BELOW_ONE)                                                \
	CW_INLINE F fdim(F x, F y)                                                                 \
	{                                                                                          \
		return cw_select(x <= y, (F)0, x - y);                                             \
	}                                                                                          \
	CW_INLINE F maxmag(F x, F y)                                                               \
	{                                                                                          \
		F ax = __builtin_elementwise_abs(x), ay = __builtin_elementwise_abs(y);            \
		F r = __builtin_elementwise_maxnum(x, y);                                          \
                                                                                                   \
		r = cw_select(ax > ay, x, r);                                                      \
		return cw_select(ay > ax, y, r);                                                   \
	}                                                                                          \
	CW_INLINE F minmag(F x, F y)                                                               \
	{                                                                                          \
		F ax = __builtin_elementwise_abs(x), ay = __builtin_elementwise_abs(y);            \
		F r = __builtin_elementwise_minnum(x, y);                                          \
                                                                                                   \
		r = cw_select(ax < ay, x, r);                                                      \
		return cw_select(ay < ax, y, r);                                                   \
	}                                                                                          \
	CW_INLINE F nan(U code)                                                                    \
	{                                                                                          \
		return CW_AS(F, code | QUIET);                                                     \
	}                                                                                          \
	CW_EFFECT F cw_modf(F x, __private F *whole)                                               \
	{                                                                                          \
		F t = __builtin_elementwise_trunc(x);                                              \
		bool is_infinite = __builtin_elementwise_abs(x) == (F)INFINITY;                    \
                                                                                                   \
		*whole = t;                                                                        \
		return __builtin_elementwise_copysign(cw_select(is_infinite, (F)0, x - t), x);     \
	}                                                                                          \
	CW_EFFECT F cw_fract(F x, __private F *floor)                                              \
	{                                                                                          \
		F t = __builtin_elementwise_floor(x);                                              \
		F r = x - t;                                                                       \
		bool is_infinite = __builtin_elementwise_abs(x) == (F)INFINITY;                    \
                                                                                                   \
		*floor = t;                                                                        \
		r = cw_select(r > BELOW_ONE, BELOW_ONE, r);                                        \
		return cw_select(is_infinite, __builtin_elementwise_copysign((F)0, x), r);         \
	}                                                                                          \
	CW_EFFECT F cw_lgamma_r(F x, __private int *sign)                                          \
	{                                                                                          \
		F below = __builtin_elementwise_floor(x);                                          \
		F pair = (F)2 * __builtin_elementwise_floor((F)0.5 * below);                       \
		bool is_negative = (x < 0) & (below != x) & (below != pair);                       \
                                                                                                   \
		is_negative |= CW_AS(I, x) == CW_AS(I, -(F)0);                                     \
		*sign = cw_select(is_negative, -1, 1);                                             \
		return lgamma(x);                                                                  \
	}

CW_DEFINE_INLINE(float, int, uint, 0x7fc00000u, 0x1.fffffep-1f)
CW_DEFINE_INLINE(double, long, ulong, 0x7ff8000000000000ul, 0x1.fffffffffffffp-1)

/* The sine's bits above the cosine's. */
CW_PURE ulong cw_sincos_bits(float x);

CW_EFFECT float cw_sincos(float x, __private float *c)
{
	ulong bits = cw_sincos_bits(x);

	*c = CW_AS(float, (uint)bits);
	return CW_AS(float, (uint)(bits >> 32));
}

CW_EFFECT double cw_sincos(double x, __private double *c)
{
	*c = cos(x);
	return sin(x);
}

/* remquo's heavy part returns the remainder's bits above the quotient's seven. */
CW_PURE ulong cw_remquo_bits(float x, float y);
CW_PURE double cw_remquo_rest(double x, double y);
CW_PURE int cw_remquo_quotient(double x, double y);

CW_EFFECT float cw_remquo(float x, float y, __private int *quotient)
{
	ulong bits = cw_remquo_bits(x, y);

	*quotient = (int)(uint)bits;
	return CW_AS(float, (uint)(bits >> 32));
}

CW_EFFECT double cw_remquo(double x, double y, __private int *quotient)
{
	*quotient = cw_remquo_quotient(x, y);
	return cw_remquo_rest(x, y);
}

#endif
