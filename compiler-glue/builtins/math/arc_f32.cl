/* SPDX-License-Identifier: MIT */
/* float asin, acos, atan, atan2 and their pi forms, rounded from double. */
#include "../cl/lib.h"
#include "arc.h"

/* The other side of the triangle; NaN beyond 1. */
CW_HELPER double cw_side(double x)
{
	return __builtin_elementwise_sqrt((1.0 - x) * (1.0 + x));
}

CW_HELPER double cw_asin_f32(double x, int flags)
{
	double side = cw_side(x);

	return cw_select(side != side, side, cw_full_angle(x, side, CW_SHORT | flags));
}

CW_HEAVY float atan(float x)
{
	return (float)cw_full_angle((double)x, 1.0, CW_SHORT);
}

CW_HEAVY float atanpi(float x)
{
	return (float)cw_full_angle((double)x, 1.0, CW_SHORT | CW_IN_PI);
}

CW_HEAVY float atan2(float y, float x)
{
	return (float)cw_full_angle((double)y, (double)x, CW_SHORT);
}

CW_HEAVY float atan2pi(float y, float x)
{
	return (float)cw_full_angle((double)y, (double)x, CW_SHORT | CW_IN_PI);
}

CW_HEAVY float asin(float x)
{
	return (float)cw_asin_f32((double)x, 0);
}

CW_HEAVY float asinpi(float x)
{
	return (float)cw_asin_f32((double)x, CW_IN_PI);
}

CW_HEAVY float acos(float x)
{
	return (float)cw_full_angle(cw_side((double)x), (double)x, CW_SHORT);
}

CW_HEAVY float acospi(float x)
{
	return (float)cw_full_angle(cw_side((double)x), (double)x, CW_SHORT | CW_IN_PI);
}
