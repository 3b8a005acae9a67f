/* SPDX-License-Identifier: MIT */
/* Exponent, significand and scaling, without branches, for each floating-point type. */
#ifndef CWC_BUILTINS_BITS_H
#define CWC_BUILTINS_BITS_H

/*
 * F the type, I and U the integers as wide, N its suffix
 * in names, MANTISSA stored bits, BIAS of the exponent, LEAST normal number, UP
 * and UP_LOG2 a power of two that makes every subnormal normal.
 */
#define CW_DEFINE_EXPONENTS(F, I, U, N, MANTISSA, BIAS, LEAST, UP, UP_LOG2)                        \
	CW_HELPER bool cw_is_special_##N(F x)                                                      \
	{                                                                                          \
		return (x == 0) | !(__builtin_elementwise_abs(x) < (F)INFINITY);                   \
	}                                                                                          \
	CW_HELPER F cw_pow2_##N(int e)                                                             \
	{                                                                                          \
		return CW_AS(F, (I)(e + BIAS) << MANTISSA);                                        \
	}                                                                                          \
	/* The exponent of the leading bit, and x scaled to [1, 2). */                             \
	CW_HELPER F cw_normal_##N(F x)                                                             \
	{                                                                                          \
		return cw_select(__builtin_elementwise_abs(x) < LEAST, x * UP, x);                 \
	}                                                                                          \
	CW_HELPER int cw_exponent_##N(F x)                                                         \
	{                                                                                          \
		bool small = __builtin_elementwise_abs(x) < LEAST;                                 \
		I bits = CW_AS(I, cw_normal_##N(x));                                               \
                                                                                                   \
		return (int)((bits >> MANTISSA) & (2 * BIAS + 1)) - BIAS -                         \
		       cw_select(small, UP_LOG2, 0);                                               \
	}                                                                                          \
	CW_HELPER F cw_significand_##N(F x)                                                        \
	{                                                                                          \
		U mask = ((U)(2 * BIAS + 1)) << MANTISSA;                                          \
		U bits = CW_AS(U, cw_normal_##N(x)) & ~mask;                                       \
                                                                                                   \
		return CW_AS(F, bits | (U)BIAS << MANTISSA);                                       \
	}                                                                                          \
	CW_HELPER F cw_ldexp(F x, int n)                                                           \
	{                                                                                          \
		int limit = 4 * BIAS;                                                              \
		int e = cw_exponent_##N(x) + cw_min(cw_max(n, -limit), limit);                     \
		int far = cw_min(cw_max(e, -2 * BIAS + 2), 2 * BIAS - 2);                          \
		int half_way = far >> 1;                                                           \
		F m = cw_significand_##N(x) * cw_pow2_##N(half_way);                               \
                                                                                                   \
		return cw_select(cw_is_special_##N(x), x + x, m * cw_pow2_##N(far - half_way));    \
	}

CW_DEFINE_EXPONENTS(float, int, uint, f32, 23, 127, 0x1p-126f, 0x1p24f, 24)
CW_DEFINE_EXPONENTS(double, long, ulong, f64, 52, 1023, 0x1p-1022, 0x1p53, 53)

#endif
