/* SPDX-License-Identifier: MIT */
/*
 * float pow, powr, pown, rootn, cbrt, hypot.  Powers are 2^(y log2 |x|), with the
 * logarithm, the product and the power in double, which leaves their errors far
 * below float's precision and needs no care at the ends of its range.
 */
#include "../cl/lib.h"
#include "float.h"

/* log2(|x|); -inf at 0, inf at inf, NaN at NaN. */
CW_HELPER double cw_log2_magnitude(float x)
{
	float a = cw_fabs(x);
	long bits = CW_AS(long, (double)a) - 0x3fe5555555555555;
	double f = CW_AS(double, (bits & 0xfffffffffffff) + 0x3fe5555555555555) - 1.0;
	/* the exponent, without an integer conversion */
	double e = CW_AS(double, (bits >> 52) + CW_AS(long, 0x1.8p52)) - 0x1.8p52;
	double s = f * f, q = s * s;
	/* log2(1 + f) / f for |f| <= 1/3: 2^-35 */
	double c0 = cw_mad(f, -0x1.7154764b219eep-1, 0x1.71547652bbedfp0);
	double c2 = cw_mad(f, -0x1.715485184195fp-2, 0x1.ec709d8f9455ep-2);
	double c4 = cw_mad(f, -0x1.ec686e56f7687p-3, 0x1.2776e262377cdp-2);
	double c6 = cw_mad(f, -0x1.724ba68282e08p-3, 0x1.a60b14e658c12p-3);
	double c8 = cw_mad(f, -0x1.197935808d424p-3, 0x1.4982dce674c9ep-3);
	double c10 = cw_mad(f, -0x1.545a2878a783dp-3, 0x1.fa020852946dap-4);
	double r;

	c8 = cw_mad(s, c10, c8);
	c8 = cw_mad(q, 0x1.42d19a327e0afp-3, c8);
	r = cw_mad(q, c8, cw_mad(s, c6, c4));
	r = cw_mad(f, cw_mad(q, r, cw_mad(s, c2, c0)), e);
	r = cw_select(a < INFINITY, r, (double)a);
	return cw_select(a == 0, -(double)INFINITY, r);
}

/* 2^t rounded to float. */
CW_HELPER float cw_exp2_rounded(double t)
{
	double c = cw_select(t < -200.0, -200.0, t), sum, r, s, low, high;

	c = cw_select(c > 200.0, 200.0, c);
	sum = c + 0x1.8p52;
	r = c - (sum - 0x1.8p52);
	s = r * r;
	/* 2^r - 1 for |r| <= 1/2: 2^-28 */
	low = cw_mad(r, 0x1.c6aee55262e4cp-5, 0x1.ebfbdc30ee987p-3);
	high = cw_mad(r, 0x1.5f40040b86a98p-10, 0x1.3b2d5229c11bbp-7);
	low = cw_mad(s, cw_mad(s, 0x1.41faa566d2a68p-13, high), low);
	r = cw_mad(r, cw_mad(r, low, 0x1.62e430b15619dp-1), 1.0);
	/* NaN stays NaN: the sum's low bits only change its payload */
	return (float)CW_AS(double, CW_AS(long, r) + (CW_AS(long, sum) << 52));
}

CW_HELPER float cw_negate_if(bool c, float x)
{
	return CW_AS(float, CW_AS(uint, x) ^ (uint)c << 31);
}

CW_HEAVY float pow(float x, float y)
{
	double t = cw_log2_magnitude(x) * (double)y;
	float half_y = y * 0.5f;
	bool is_whole = __builtin_elementwise_trunc(y) == y;
	bool is_odd = is_whole & (__builtin_elementwise_trunc(half_y) != half_y);
	float r = cw_exp2_rounded(t);

	/* (-1)^inf = 1: the product above is NaN */
	r = cw_select((x == -1.0f) & (cw_fabs(y) == INFINITY), 1.0f, r);
	r = cw_select((x < 0) & (cw_fabs(x) < INFINITY) & !is_whole, (float)NAN, r);
	r = cw_negate_if(is_odd & (CW_AS(int, x) < 0), r);
	r = cw_select((x != x) | (y != y), (float)NAN, r);
	return cw_select((x == 1.0f) | (y == 0), 1.0f, r);
}

/* The products 0 * inf of the excluded cases are NaN by themselves. */
CW_HEAVY float powr(float x, float y)
{
	float r = cw_exp2_rounded(cw_log2_magnitude(x) * (double)y);

	return cw_select((x < 0) | (x != x) | (y != y), (float)NAN, r);
}

CW_HEAVY float pown(float x, int n)
{
	float r = cw_exp2_rounded(cw_log2_magnitude(x) * (double)n);

	r = cw_negate_if((n & 1) & (CW_AS(int, x) < 0), r);
	r = cw_select(x != x, (float)NAN, r);
	return cw_select(n == 0, 1.0f, r);
}

CW_HEAVY float rootn(float x, int n)
{
	float r = cw_exp2_rounded(cw_log2_magnitude(x) / (double)n);

	r = cw_negate_if((n & 1) & (CW_AS(int, x) < 0), r);
	return cw_select((n == 0) | ((x < 0) & !(n & 1)) | (x != x), (float)NAN, r);
}

/* Two steps of Halley's iteration in double from a third of the exponent. */
CW_HEAVY float cbrt(float x)
{
	bool special = cw_is_special_f32(x), small = cw_fabs(x) < 0x1p-126f;
	float a = cw_fabs(cw_select(small, x * 0x1p24f, x));
	uint start = CW_AS(uint, a) / 3 + cw_select(small, 642849266u, 709958130u);
	double d = cw_select(small, (double)a * 0x1p-24, (double)a);
	double t = (double)CW_AS(float, start), r = t * t * t;

	t = t * (d + d + r) / (d + r + r);
	r = t * t * t;
	t = t * (d + d + r) / (d + r + r);
	return cw_select(special, x + x, cw_copysign((float)t, x));
}

CW_HEAVY float hypot(float x, float y)
{
	double a = x, b = y;
	float r = (float)__builtin_elementwise_sqrt(a * a + b * b);
	bool is_infinite = (cw_fabs(x) == INFINITY) | (cw_fabs(y) == INFINITY);

	return cw_select(is_infinite, INFINITY, r);
}
