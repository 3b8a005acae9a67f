/* SPDX-License-Identifier: MIT */
/* float asin, acos, atan, atan2 and their pi forms, rounded from double. */
#include "../cl/lib.h"
#include "arc.h"

CW_HELPER double cw_atan_f32(float x)
{
	return cw_copysign(cw_angle(cw_fabs((double)x), 1.0, true), (double)x);
}

/* The other side of the triangle; NaN beyond 1. */
CW_HELPER double cw_side(double x)
{
	return __builtin_elementwise_sqrt((1.0 - x) * (1.0 + x));
}

CW_HELPER double cw_asin_f32(double x)
{
	double side = cw_side(x);

	return cw_select(side != side, side, cw_full_angle(x, side, true));
}

CW_HELPER double cw_acos_f32(double x)
{
	return cw_full_angle(cw_side(x), x, true);
}

CW_HEAVY float atan(float x)
{
	return (float)cw_select(x != x, (double)x, cw_atan_f32(x));
}

CW_HEAVY float atanpi(float x)
{
	return (float)cw_select(x != x, (double)x, cw_atan_f32(x) * CW_INVERSE_PI);
}

CW_HEAVY float atan2(float y, float x)
{
	return (float)cw_full_angle((double)y, (double)x, true);
}

CW_HEAVY float atan2pi(float y, float x)
{
	return (float)(cw_full_angle((double)y, (double)x, true) * CW_INVERSE_PI);
}

CW_HEAVY float asin(float x)
{
	return (float)cw_asin_f32((double)x);
}

CW_HEAVY float asinpi(float x)
{
	return (float)(cw_asin_f32((double)x) * CW_INVERSE_PI);
}

CW_HEAVY float acos(float x)
{
	return (float)cw_acos_f32((double)x);
}

CW_HEAVY float acospi(float x)
{
	return (float)(cw_acos_f32((double)x) * CW_INVERSE_PI);
}
