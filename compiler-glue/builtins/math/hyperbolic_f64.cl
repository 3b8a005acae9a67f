/* SPDX-License-Identifier: MIT */
/* double sinh, cosh, tanh, hypot. */
#include "../cl/lib.h"
#include "double.h"

CW_PURE double exp(double x);
CW_PURE double expm1(double x);

/* From here on e^-x is nothing beside e^x, which is formed in two halves. */
#define CW_LARGE 40.0

CW_HEAVY double sinh(double x)
{
	double a = cw_limit(cw_fabs(x), 0.0, 712.0), e, h;

	e = expm1(cw_select(a > CW_LARGE, 0.5 * a, a));
	h = e + 1.0;
	h = cw_select(a > CW_LARGE, 0.5 * h * h, 0.5 * (e + e / h));
	return cw_copysign(h, x);
}

CW_HEAVY double cosh(double x)
{
	double a = cw_limit(cw_fabs(x), 0.0, 712.0);
	double e = exp(cw_select(a > CW_LARGE, 0.5 * a, a));

	return cw_select(a > CW_LARGE, 0.5 * e * e, 0.5 * e + 0.5 / e);
}

CW_HEAVY double tanh(double x)
{
	double a = cw_limit(cw_fabs(x), 0.0, 22.0), e = expm1(a + a);

	return cw_copysign(e / (e + 2.0), x);
}

CW_HEAVY double hypot(double x, double y)
{
	double a = cw_fabs(x), b = cw_fabs(y), most = cw_select(a > b, a, b);
	bool is_infinite = (a == (double)INFINITY) | (b == (double)INFINITY);
	double up = cw_select(most < 0x1p-450, 0x1p600, cw_select(most > 0x1p500, 0x1p-600, 1.0));
	double down = cw_select(most < 0x1p-450, 0x1p-600, cw_select(most > 0x1p500, 0x1p600, 1.0));

	a *= up;
	b *= up;
	a = __builtin_elementwise_sqrt(cw_mad(a, a, b * b)) * down;
	return cw_select(is_infinite, (double)INFINITY, a);
}
