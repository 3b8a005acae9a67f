/* SPDX-License-Identifier: MIT */
/* double asin, acos, atan, atan2 and their pi forms. */
#include "../cl/lib.h"
#include "arc.h"

/* The other side of the triangle; NaN beyond 1. */
CW_HELPER double cw_side(double x)
{
	return __builtin_elementwise_sqrt((1.0 - x) * (1.0 + x));
}

CW_HELPER double cw_asin_f64(double x, int flags)
{
	double side = cw_side(x);

	return cw_select(side != side, side, cw_full_angle(x, side, flags));
}

/* Quotients of very large and very small numbers need moving to the middle first. */
CW_HELPER double cw_atan2_f64(double y, double x, int flags)
{
	bool large = (cw_fabs(x) > 0x1p1000) | (cw_fabs(y) > 0x1p1000);
	bool small = (cw_fabs(x) < 0x1p-900) & (cw_fabs(y) < 0x1p-900);
	double scale = cw_select(small, 0x1p120, cw_select(large, 0x1p-120, 1.0));

	return cw_full_angle(y * scale, x * scale, flags);
}

CW_HEAVY double atan(double x)
{
	return cw_full_angle(x, 1.0, 0);
}

CW_HEAVY double atanpi(double x)
{
	return cw_full_angle(x, 1.0, CW_IN_PI);
}

CW_HEAVY double atan2(double y, double x)
{
	return cw_atan2_f64(y, x, 0);
}

CW_HEAVY double atan2pi(double y, double x)
{
	return cw_atan2_f64(y, x, CW_IN_PI);
}

CW_HEAVY double asin(double x)
{
	return cw_asin_f64(x, 0);
}

CW_HEAVY double asinpi(double x)
{
	return cw_asin_f64(x, CW_IN_PI);
}

CW_HEAVY double acos(double x)
{
	return cw_full_angle(cw_side(x), x, 0);
}

CW_HEAVY double acospi(double x)
{
	return cw_full_angle(cw_side(x), x, CW_IN_PI);
}
