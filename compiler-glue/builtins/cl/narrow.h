/* SPDX-License-Identifier: MIT */
/*
 * Directed narrowing of one floating-point value: round to nearest, then step by
 * one unit in the last place where that passed the value in the wrong direction.
 * Infinities, zeros and NaN come out right, because stepping from infinity gives
 * the largest finite value and comparisons with NaN are false.
 */
#ifndef CWC_BUILTINS_NARROW_H
#define CWC_BUILTINS_NARROW_H

#define CW_DEFINE_NARROW(NAME, F, I, W)                                                            \
	CW_HELPER F cw_##NAME##_rtz(W x)                                                           \
	{                                                                                          \
		F f = (F)x;                                                                        \
		bool passed = __builtin_elementwise_abs((W)f) > __builtin_elementwise_abs(x);      \
                                                                                                   \
		return cw_select(passed, CW_AS(F, (I)(CW_AS(I, f) - 1)), f);                       \
	}                                                                                          \
	CW_HELPER F cw_##NAME##_rtp(W x)                                                           \
	{                                                                                          \
		F f = (F)x;                                                                        \
		I bits = CW_AS(I, f);                                                              \
		I up = (I)(bits + 1 + 2 * (bits >> (8 * sizeof(I) - 1)));                          \
                                                                                                   \
		return cw_select((W)f < x, CW_AS(F, up), f);                                       \
	}                                                                                          \
	CW_HELPER F cw_##NAME##_rtn(W x)                                                           \
	{                                                                                          \
		return -cw_##NAME##_rtp(-x);                                                       \
	}

CW_DEFINE_NARROW(narrow, float, int, double)
CW_DEFINE_NARROW(half, half, short, float)

/*
 * double to half: first to float, to odd, which keeps what a second rounding
 * needs to know.
 */
CW_HELPER float cw_narrow_to_odd(double x)
{
	float f = cw_narrow_rtz(x);

	return CW_AS(float, CW_AS(int, f) | ((double)f != x & x == x));
}

CW_HELPER half cw_half_rte(float x)
{
	return (half)x;
}

#define CW_DEFINE_HALF_OF_DOUBLE(R)                                                                \
	CW_HELPER half cw_half##R(double x)                                                        \
	{                                                                                          \
		return cw_half##R(cw_narrow_to_odd(x));                                            \
	}
CW_DEFINE_HALF_OF_DOUBLE(_rte)
CW_DEFINE_HALF_OF_DOUBLE(_rtz)
CW_DEFINE_HALF_OF_DOUBLE(_rtp)
CW_DEFINE_HALF_OF_DOUBLE(_rtn)

#endif
