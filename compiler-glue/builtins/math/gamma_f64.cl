/* SPDX-License-Identifier: MIT */
/*
 * double tgamma: Stirling's series for the argument moved up to 8 and more, with
 * the power in a pair of doubles; reflection for negative arguments.
 */
#include "../cl/lib.h"
#include "power.h"
#include "stirling.h"

CW_PURE double sinpi(double x);

#define CW_PI 0x1.921fb54442d18p1

/* a (a + 1) ... (a + 7), in pairs: a (a + 7) + 0, 6, 10, 12. */
CW_HELPER struct cw_pair cw_rising(double a)
{
	struct cw_pair z = {a + 7.0, cw_sum_error(a, 7.0, a + 7.0)}, z6, z10, z12;

	z = cw_pair_product((struct cw_pair){a, 0.0}, z);
	z6.high = z.high + 6.0;
	z6.low = z.low + cw_sum_error(z.high, 6.0, z6.high);
	z10.high = z.high + 10.0;
	z10.low = z.low + cw_sum_error(z.high, 10.0, z10.high);
	z12.high = z.high + 12.0;
	z12.low = z.low + cw_sum_error(z.high, 12.0, z12.high);
	return cw_pair_product(cw_pair_product(z, z6), cw_pair_product(z10, z12));
}

CW_HEAVY double tgamma(double x)
{
	bool low = x < 0.5, pole = (x < 0) & (__builtin_elementwise_floor(x) == x);
	double a = cw_limit(cw_select(low, 1.0 - x, x), 0.0, 200.0);
	bool few = a < 8.0; /* else it is where the series holds */
	double z = a + cw_select(few, 8.0, 0.0), c, g, r;
	/* what rounding z lost, which the derivative makes up for */
	double lost = cw_select(few, a - (z - 8.0), cw_select(low, (1.0 - a) - x, 0.0));
	struct cw_pair rising = cw_rising(a);
	struct cw_pair l = cw_log2_pair(z), t, e = {CW_LOG2E_F64, 0x1.777d0ffda0d24p-56};
	int n;

	/* (z - 1/2) log2(z) - z log2(e) */
	t = cw_pair_product((struct cw_pair){z - 0.5, 0.0}, l);
	e = cw_pair_product((struct cw_pair){-z, 0.0}, e);
	c = t.high + e.high;
	t.low = cw_sum_error(t.high, e.high, c) + (t.low + e.low);
	t.high = c;
	/* the series, its e^ included, is near 1 */
	c = cw_stirling_rest(z) + lost * (l.high * 0x1.62e42fefa39efp-1);
	c -= cw_select(few, rising.low / rising.high, 0.0);
	t.low = cw_mad(c, CW_LOG2E_F64, t.low);
	g = cw_exp2_pair(t, &n) * 0x1.40d931ff62706p1 / cw_select(few, rising.high, 1.0);
	r = cw_select(low, CW_PI / (sinpi(x) * g), g);
	r = cw_scale(r, cw_select(low, -n, n));
	r = cw_select(x > 172.0, (double)INFINITY, r);
	r = cw_select(x < -190.0, cw_copysign(0.0, r), r);
	r = cw_select(cw_fabs(x) < 0x1p-1000, 1.0 / x, r);
	return cw_select(pole | (x != x) | (x == -(double)INFINITY), (double)NAN, r);
}
