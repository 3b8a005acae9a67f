/* SPDX-License-Identifier: MIT */
/*
 * The angle of a point, from which all inverse trigonometric functions follow: one
 * division and a polynomial on |t| <= tan(pi / 8), in double.
 */
#ifndef CWC_BUILTINS_ARC_H
#define CWC_BUILTINS_ARC_H

#include "double.h"

/* atan(t) / t - 1 over t^2, for |t| <= tan(pi / 8): 2^-40 of atan. */
CW_HELPER double cw_atan_rest_short(double z)
{
	double w = z * z;
	double a = cw_cubic(z, w, -0x1.5555554ed798fp-2, 0x1.999991f46ba53p-3,
			    -0x1.2490c1c1d8af2p-3, 0x1.c6d1bb4aff3b9p-4);
	double b = cw_cubic(z, w, -0x1.7080e9091fe33p-4, 0x1.1e53d86a4fa69p-4,
			    -0x1.368ea20ebad1ap-5, 0.0);

	return cw_mad(w * w, b, a);
}

/* The same: 2^-63. */
CW_HELPER double cw_atan_rest_long(double z)
{
	double w = z * z, q = w * w;
	double a = cw_cubic(z, w, -0x1.5555555555554p-2, 0x1.99999999995bdp-3,
			    -0x1.2492492472044p-3, 0x1.c71c71b5eb51dp-4);
	double b = cw_cubic(z, w, -0x1.745d148f72f4p-4, 0x1.3b136ae8d7212p-4, -0x1.110c47c5d0ac8p-4,
			    0x1.e16f063e150dap-5);
	double c = cw_cubic(z, w, -0x1.ab6bfe7f07858p-5, 0x1.70aba0c3da599p-5,
			    -0x1.11a9ba0ce3961p-5, 0x1.efcd409fea457p-7);

	return cw_mad(q, cw_mad(q, c, b), a);
}

/*
 * enum-like flags of the functions below: a polynomial for float, and results in
 * units of pi.
 */
#define CW_SHORT 1
#define CW_IN_PI 2

/* The base of the polynomial: a right angle, half of it, or none, in some unit. */
CW_HELPER double cw_quarters(bool two, bool one, double unit)
{
	return cw_select(two, unit, cw_select(one, 0.5 * unit, 0.0));
}

/* The angle of (x, y) in [0, pi / 2] for x, y >= 0 and finite, one of them not 0. */
CW_HELPER double cw_angle(double y, double x, int flags)
{
	bool steep = y > 0x1.3504f333f9de6p1 * x, middle = y > 0x1.a827999fcef32p-2 * x;
	double n = cw_select(steep, -x, cw_select(middle, y - x, y));
	double d = cw_select(steep, y, cw_select(middle, y + x, x));
	double t = n / d, z = t * t;
	double rest = flags & CW_SHORT ? cw_atan_rest_short(z) : cw_atan_rest_long(z);

	if (flags & CW_IN_PI)
		return cw_mad(cw_mad(t * z, rest, t), 0x1.45f306dc9c883p-2,
			      cw_quarters(steep, middle, 0.5));
	return cw_quarters(steep, middle, 0x1.921fb54442d18p0) +
	       cw_mad(t * z, rest, cw_quarters(steep, middle, 0x1.1a62633145c07p-54) + t);
}

/* The angle of (x, y), signed as y; NaN if one is. */
CW_HELPER double cw_full_angle(double y, double x, int flags)
{
	double a = cw_fabs(y), b = cw_fabs(x), r, turned;
	bool none = (a == 0) & (b == 0);
	bool both = (a == (double)INFINITY) & (b == (double)INFINITY);

	a = cw_select(both, 1.0, a);
	r = cw_angle(a, cw_select(none | both, 1.0, b), flags);
	turned = 0x1.921fb54442d18p1 - (r - 0x1.1a62633145c07p-53);
	if (flags & CW_IN_PI)
		turned = 1.0 - r;
	r = cw_select(CW_AS(long, x) < 0, turned, r);
	r = cw_select((x != x) | (y != y), (double)NAN, r);
	return cw_copysign(r, y);
}

#endif
