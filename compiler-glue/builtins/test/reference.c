/* SPDX-License-Identifier: MIT */
/*
 * Correct results of OpenCL C's math functions in quadruple precision, where
 * they are not simply those of C's library.
 */
#include "reference.h"

#define PI 3.14159265358979323846264338327950288419716939937510582097494459Q

/* x modulo 2, in (-2, 2), exactly. */
static quad turn(quad x)
{
	return fmodf128(x, 2);
}

quad ref_sinpi(quad x)
{
	quad r = turn(x);

	if (r == truncf128(r))
		return copysignf128(0, x);
	return sinf128(r * PI);
}

quad ref_cospi(quad x)
{
	quad r = fabsf128(turn(x));

	if (r == 0.5Q || r == 1.5Q)
		return 0;
	return r == 1 ? -1 : cosf128(r * PI);
}

quad ref_tanpi(quad x)
{
	quad r = turn(x);

	if (r == truncf128(r)) /* +0 at even, -0 at odd positive numbers */
		return copysignf128(0, r == 0 ? x : -x);
	if (fabsf128(r) == 0.5Q)
		return r > 0 ? (quad)INFINITY : -(quad)INFINITY;
	if (fabsf128(r) == 1.5Q)
		return r > 0 ? -(quad)INFINITY : (quad)INFINITY;
	return tanf128(r * PI);
}

quad ref_acospi(quad x)
{
	return acosf128(x) / PI;
}

quad ref_asinpi(quad x)
{
	return asinf128(x) / PI;
}

quad ref_atanpi(quad x)
{
	return atanf128(x) / PI;
}

quad ref_atan2pi(quad y, quad x)
{
	return atan2f128(y, x) / PI;
}

quad ref_recip(quad x)
{
	return 1 / x;
}

quad ref_rsqrt(quad x)
{
	return 1 / sqrtf128(x);
}

quad ref_log1p(quad x)
{
	return x == 0 ? x : log1pf128(x);
}

quad ref_tgamma(quad x)
{
	return tgammaf128(x);
}

quad ref_lgamma(quad x)
{
	return lgammaf128(x);
}

quad ref_powr(quad x, quad y)
{
	if (!(x >= 0) || __builtin_isnan(y))
		return (quad)NAN;
	if (x == 0 && y == 0)
		return (quad)NAN;
	if (x == (quad)INFINITY && y == 0)
		return (quad)NAN;
	if (x == 1 && fabsf128(y) == (quad)INFINITY)
		return (quad)NAN;
	return powf128(fabsf128(x), y);
}

quad ref_pown(quad x, int n)
{
	return powf128(x, n);
}

quad ref_rootn(quad x, int n)
{
	if (n == 0 || (x < 0 && !(n & 1)))
		return (quad)NAN;
	if (x == 0) {
		quad r = n > 0 ? (quad)0 : (quad)INFINITY;

		return n & 1 ? copysignf128(r, x) : r;
	}
	return copysignf128(powf128(fabsf128(x), (quad)1 / n), x);
}
