/* SPDX-License-Identifier: MIT */
/* double log, log2, log10, log1p. */
#include "../cl/lib.h"
#include "double.h"

CW_HEAVY double log(double x)
{
	struct cw_log_argument a = cw_log_split(x);
	struct cw_log_parts p = cw_log_parts(a.f);
	double low = p.half_square - cw_mad(a.e, CW_LN2_LOW_F64, p.rest);

	return cw_log_finish(x, cw_mad(a.e, CW_LN2_HIGH_F64, a.f - low));
}

/*
 * log(1 + f) / ln(base) + e times scale: f - f^2 / 2 is cut to its high half, so
 * that its product with the high half of 1 / ln(base) is exact.
 */
CW_HELPER double cw_log_base(double x, double inverse_high, double inverse_low, double scale_high,
			     double scale_low)
{
	struct cw_log_argument a = cw_log_split(x);
	struct cw_log_parts p = cw_log_parts(a.f);
	double high = CW_AS(double, CW_AS(ulong, a.f - p.half_square) & ~0xfffffffful);
	double low = ((a.f - high) - p.half_square) + p.rest;
	double whole = a.e * scale_high, main = high * inverse_high, sum = whole + main;

	low = cw_mad(low + high, inverse_low, low * inverse_high);
	low = cw_mad(a.e, scale_low, low);
	return cw_log_finish(x, sum + (low + ((whole - sum) + main)));
}

CW_HEAVY double log2(double x)
{
	return cw_log_base(x, 0x1.71547652p0, 0x1.705fc2eefa2p-33, 1.0, 0.0);
}

CW_HEAVY double log10(double x)
{
	return cw_log_base(x, 0x1.bcb7b152p-2, 0x1.b9438ca9aadd5p-36, 0x1.34413509f7p-2,
			   0x1.3fde623e2566bp-43);
}

CW_HEAVY double log1p(double x)
{
	double u = 1.0 + x;
	/* What rounding u lost, which matters while u is small. */
	double lost = cw_select(x < 1.0, x - (u - 1.0), 1.0 - (u - x));
	bool near = (x > -0x1.2p-2) & (x < 0x1.a8p-2);
	struct cw_log_argument a = cw_log_split(u);
	double f = cw_select(near, x, a.f), e = cw_select(near, 0.0, a.e);
	double c = cw_select(near, 0.0, lost / u), r;
	struct cw_log_parts p = cw_log_parts(f);

	r = f - (p.half_square - (cw_mad(e, CW_LN2_LOW_F64, p.rest) + c));
	r = cw_mad(e, CW_LN2_HIGH_F64, r);
	r = cw_select(x < (double)INFINITY, r, x + x);
	r = cw_select(x < -1.0, (double)NAN, r);
	r = cw_select(x == -1.0, -(double)INFINITY, r);
	return cw_select(x == 0, x, r);
}
