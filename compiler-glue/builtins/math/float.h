/* SPDX-License-Identifier: MIT */
/*
 * What the float functions share.  No branches: a vectorised caller runs every
 * lane through the same instructions.  Constants are minimax polynomials; the
 * comment beside each gives its relative error.
 */
#ifndef CWC_BUILTINS_FLOAT_H
#define CWC_BUILTINS_FLOAT_H

#include "bits.h"
#include "exact.h"

/* Adding it rounds a small float to a whole number, which then stands in the low bits. */
#define CW_ROUND_F32	0x1.8p23f
#define CW_LN2_HIGH_F32 0x1.62e4p-1f
#define CW_LN2_LOW_F32	0x1.7f7d1cp-20f
#define CW_LOG2E_F32	0x1.715476p0f

/* x, or the limit it passes; NaN stays. */
CW_HELPER float cw_limit(float x, float lo, float hi)
{
	x = cw_select(x < lo, lo, x);
	return cw_select(x > hi, hi, x);
}

/* The whole number in the low bits of a sum with CW_ROUND_F32. */
CW_HELPER int cw_whole_f32(float sum)
{
	return CW_AS(int, sum) - CW_AS(int, CW_ROUND_F32);
}

/* x * 2^n for |n| <= 252, rounded once. */
CW_HELPER float cw_scale(float x, int n)
{
	int half_way = n >> 1;

	return x * cw_pow2_f32(half_way) * cw_pow2_f32(n - half_way);
}

CW_HELPER float cw_copysign(float x, float y)
{
	return __builtin_elementwise_copysign(x, y);
}

CW_HELPER float cw_fabs(float x)
{
	return __builtin_elementwise_abs(x);
}

/* e^r for |r| <= ln(2) / 2: 2^-28. */
CW_HELPER float cw_exp_reduced(float r)
{
	float s = r * r;
	float low = cw_mad(r, 0x1.55549p-3f, 0x1.fffffap-2f);
	float high = cw_mad(r, 0x1.123b08p-7f, 0x1.555a22p-5f);

	high = cw_mad(s, 0x1.695428p-10f, high);
	return cw_mad(s, cw_mad(s, high, low), r) + 1.0f;
}

/* e^x * 2^shift for x in [-104.5, 90]. */
CW_HELPER float cw_exp_shifted(float x, int shift)
{
	float t = cw_mad(x, CW_LOG2E_F32, CW_ROUND_F32);
	float k = t - CW_ROUND_F32;
	float r = cw_mad(k, -CW_LN2_HIGH_F32, x);

	r = cw_mad(k, -CW_LN2_LOW_F32, r);
	return cw_scale(cw_exp_reduced(r), cw_whole_f32(t) + shift);
}

#endif
