/* SPDX-License-Identifier: MIT */
/* double pow, powr, pown, rootn, cbrt. */
#include "../cl/lib.h"
#include "power.h"

/* |x|^y for y finite or not; 0 * inf gives NaN, and so do NaN. */
CW_HELPER double cw_power(double x, double y)
{
	double a = cw_fabs(x), c = cw_limit(y, -0x1p70, 0x1p70), r;
	struct cw_pair l = cw_log2_pair(a), t;
	int n;

	t.high = c * l.high;
	t.low = cw_mad(c, l.low, cw_product_error(c, l.high, t.high));
	r = cw_exp2_pair(t, &n);
	r = cw_scale(r, n);
	/* The ends of the range: 2^(y log2 a) with an infinite logarithm. */
	l.high = cw_select(a == 0, -(double)INFINITY, a);
	t.high = l.high * y;
	t.high = cw_select(t.high > 0, (double)INFINITY, cw_select(t.high < 0, 0.0, (double)NAN));
	r = cw_select((a == 0) | !(a < (double)INFINITY), t.high, r);
	r = cw_select((a == 1.0) & (cw_fabs(y) == (double)INFINITY), (double)NAN, r);
	return cw_select(y != y, (double)NAN, r);
}

CW_HEAVY double pow(double x, double y)
{
	double half_y = y * 0.5, r = cw_power(x, y);
	bool is_whole = __builtin_elementwise_trunc(y) == y;
	bool is_odd = is_whole & (__builtin_elementwise_trunc(half_y) != half_y);

	r = cw_select((x == -1.0) & (cw_fabs(y) == (double)INFINITY), 1.0, r);
	r = cw_select((x < 0) & (cw_fabs(x) < (double)INFINITY) & !is_whole, (double)NAN, r);
	r = cw_negate_if(is_odd & (CW_AS(long, x) < 0), r);
	return cw_select((x == 1.0) | (y == 0), 1.0, r);
}

CW_HEAVY double powr(double x, double y)
{
	return cw_select(x < 0, (double)NAN, cw_power(x, y));
}

CW_HEAVY double pown(double x, int n)
{
	double r = cw_negate_if((n & 1) & (CW_AS(long, x) < 0), cw_power(x, (double)n));

	return cw_select(n == 0, 1.0, r);
}

CW_HEAVY double rootn(double x, int n)
{
	double a = cw_fabs(x), m = (double)n, inverse = 1.0 / m, r;
	struct cw_pair l = cw_log2_pair(a), t;
	int e;

	/* log2(a) / n, the quotient corrected once */
	t.high = l.high * inverse;
	r = t.high * m;
	t.low = (((l.high - r) - cw_product_error(t.high, m, r)) + l.low) * inverse;
	r = cw_exp2_pair(t, &e);
	r = cw_scale(r, e);
	r = cw_select(a == 0, cw_select(n < 0, (double)INFINITY, 0.0), r);
	r = cw_select(a == (double)INFINITY, cw_select(n < 0, 0.0, a), r);
	r = cw_negate_if((n & 1) & (CW_AS(long, x) < 0), r);
	return cw_select((n == 0) | ((x < 0) & !(n & 1)) | (x != x), (double)NAN, r);
}

/* Halley's iteration from a third of the exponent, then one step of Newton's. */
CW_HEAVY double cbrt(double x)
{
	bool special = cw_is_special_f64(x);
	bool small = cw_fabs(x) < 0x1p-960, large = cw_fabs(x) > 0x1p960;
	double up = cw_select(small, 0x1p120, cw_select(large, 0x1p-120, 1.0));
	double down = cw_select(small, 0x1p-40, cw_select(large, 0x1p40, 1.0));
	double a = cw_fabs(x) * up, t, r;
	uint high = (uint)(CW_AS(ulong, a) >> 32);

	t = CW_AS(double, (ulong)(high / 3 + 715094163u) << 32);
	r = t * t * t;
	t *= (a + a + r) / (a + r + r);
	r = t * t * t;
	t *= (a + a + r) / (a + r + r);
	t = t + (a / (t * t) - t) * 0x1.5555555555555p-2;
	return cw_select(special, x + x, cw_copysign(t * down, x));
}
