/* SPDX-License-Identifier: MIT */
/*
 * float tgamma: Stirling's series in double, for arguments moved up by 8; reflection
 * for negative ones.  float lgamma is double's: it has zeros to keep clear of.
 */
#include "../cl/lib.h"
#include "float.h"

CW_PURE double exp(double x);
CW_PURE double lgamma(double x);
CW_PURE double log(double x);
CW_PURE double sinpi(double x);

#define CW_PI 0x1.921fb54442d18p1

/* x (x + 1) ... (x + 7) */
CW_HELPER double cw_rising(double x)
{
	double z = x * (x + 7.0); /* pairs: x (x + 7) + 0, 6, 10, 12 */

	return z * (z + 6.0) * ((z + 10.0) * (z + 12.0));
}

/* log(gamma(z)) for z >= 8: 2^-37 */
CW_HELPER double cw_stirling(double z)
{
	double w = 1.0 / z, s = w * w;
	double p = cw_mad(s, -1.0 / 1680, 1.0 / 1260);

	p = cw_mad(s, cw_mad(s, p, -1.0 / 360), 1.0 / 12);
	return cw_mad(z - 0.5, log(z), cw_mad(p, w, 0x1.d67f1c864beb5p-1 - z));
}

CW_HEAVY float tgamma(float x)
{
	bool low = x < 0.5f, pole = (x < 0) & (__builtin_elementwise_floor(x) == x);
	double a = cw_select(low, 1.0 - (double)x, (double)x), g, r;

	a = cw_select(a > 200.0, 200.0, a);
	g = exp(cw_stirling(a + 8.0)) / cw_rising(a);
	r = cw_select(low, CW_PI / (sinpi((double)x) * g), g);
	return (float)cw_select(pole | (x != x), (double)NAN, r);
}

CW_HEAVY float lgamma(float x)
{
	return (float)lgamma((double)x);
}
