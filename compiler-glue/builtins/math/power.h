/* SPDX-License-Identifier: MIT */
/*
 * Logarithms to about 2^-64 and powers of two of such pairs: what pow, rootn and
 * tgamma need to stay within a few units of double's last place.
 */
#ifndef CWC_BUILTINS_POWER_H
#define CWC_BUILTINS_POWER_H

#include "double.h"

/* a * b rounded to about 2^-104. */
CW_HELPER struct cw_pair cw_pair_product(struct cw_pair a, struct cw_pair b)
{
	double p = a.high * b.high, e = cw_product_error(a.high, b.high, p);

	return (struct cw_pair){p, cw_mad(a.low, b.high, cw_mad(a.high, b.low, e))};
}

/* high + low with |high| >= |low|, as a pair that is rounded to nearest. */
CW_HELPER struct cw_pair cw_pair_sum(double high, double low)
{
	double s = high + low;

	return (struct cw_pair){s, cw_fast_sum_error(high, low, s)};
}

/*
 * log2(x) for x > 0: e + log2(m) = e + (2 / ln 2) s (1 + s^2 / 3 + s^4 W(s^2)), with
 * s = (m - 1) / (m + 1).
 */
CW_HELPER struct cw_pair cw_log2_pair(double x)
{
	struct cw_log_argument a = cw_log_split(x);
	double d = a.f + 2.0, d_low = a.f - (d - 2.0), inverse = 1.0 / d;
	double s = a.f * inverse, p = s * d, e = cw_product_error(s, d, p);
	struct cw_pair sp = {s, (((a.f - p) - e) - s * d_low) * inverse}, t, r;
	struct cw_pair z = cw_pair_product(sp, sp);
	double w = z.high * z.high, u, v;

	/* W: 2^-50 */
	u = cw_cubic(z.high, w, 0x1.999999999999fp-3, 0x1.249249248e1bfp-3, 0x1.c71c71d88f14bp-4,
		     0x1.745d098dfb005p-4);
	v = cw_cubic(z.high, w, 0x1.3b18d39b422d8p-4, 0x1.10155565a9bfap-4, 0x1.08a0de436739fp-4,
		     0.0);
	u = z.high * cw_mad(w * w, v, u);
	t = cw_pair_sum(0x1.5555555555555p-2, u);
	t.low += 0x1.5555555555555p-56;
	t = cw_pair_product(z, t);
	r = cw_pair_sum(1.0, t.high);
	r.low += t.low;
	r = cw_pair_product(r, sp);
	r = cw_pair_product(r, (struct cw_pair){0x1.71547652b82fep1, 0x1.777d0ffda0d24p-55});
	t = cw_pair_sum(a.e, r.high);
	/* for e = 0 the sum is r.high itself */
	t.low += r.low;
	return t;
}

/* 2^t without its whole power: a value in [0.7, 1.42] and the exponent left out. */
CW_HELPER double cw_exp2_pair(struct cw_pair t, __private int *n)
{
	double c = cw_limit(t.high, -2000.0, 2000.0);
	double sum = c + CW_ROUND_F64, low = cw_select(c == t.high, t.low, 0.0);

	*n = cw_whole_f64(sum);
	return cw_exp2_rest((c - (sum - CW_ROUND_F64)) + low) + 1.0;
}

#endif
