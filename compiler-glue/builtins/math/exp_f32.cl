/* SPDX-License-Identifier: MIT */
/*
 * float exp, exp2, exp10, expm1, sinh, cosh, tanh.  The first three are inline: they are
 * hardly longer than a call, which would spill every vector register of the caller.
 */
#include "../cl/lib.h"
#include "float.h"

CW_INLINE float exp(float x)
{
	return cw_exp_shifted(cw_limit(x, -104.5f, 89.5f), 0);
}

CW_INLINE float exp2(float x)
{
	float c = cw_limit(x, -151.0f, 129.0f);
	float t = c + CW_ROUND_F32;
	float r = c - (t - CW_ROUND_F32);
	float s = r * r;
	/* 2^r - 1 for |r| <= 1/2: 2^-28 */
	float low = cw_mad(r, 0x1.c6af72p-5f, 0x1.ebfbd8p-3f);
	float high = cw_mad(r, 0x1.5f0e1p-10f, 0x1.3b309p-7f);

	high = cw_mad(s, 0x1.3fb5e6p-13f, high);
	low = cw_mad(s, high, low);
	return cw_scale(cw_mad(r, cw_mad(r, low, 0x1.62e43p-1f), 1.0f), cw_whole_f32(t));
}

CW_INLINE float exp10(float x)
{
	float c = cw_limit(x, -45.5f, 39.0f);
	float t = cw_mad(c, 0x1.a934fp1f, CW_ROUND_F32);
	float k = t - CW_ROUND_F32;
	float r = cw_mad(k, -0x1.3509f8p-18f, cw_mad(k, -0x1.344p-2f, c));
	float s = r * r;
	/* 10^r - 1 for |r| <= log10(2) / 2: 2^-28 */
	float low = cw_mad(r, 0x1.046f96p1f, 0x1.535248p1f);
	float high = cw_mad(r, 0x1.156f8p-1f, 0x1.2bdbc8p0f);

	high = cw_mad(s, 0x1.a4bab6p-3f, high);
	low = cw_mad(s, high, low);
	return cw_scale(cw_mad(r, cw_mad(r, low, 0x1.26bb1cp1f), 1.0f), cw_whole_f32(t));
}

/* e^x - 1 for x in [-25, 90], times 2^-1 if halved. */
CW_HELPER float cw_expm1(float x, bool halved)
{
	float t = cw_mad(x, CW_LOG2E_F32, CW_ROUND_F32);
	float k = t - CW_ROUND_F32;
	float r = cw_mad(k, -CW_LN2_LOW_F32, cw_mad(k, -CW_LN2_HIGH_F32, x));
	float s = r * r;
	int n = cw_whole_f32(t);
	/* (e^r - 1 - r) / r^2: 2^-26 */
	float low = cw_mad(r, 0x1.5554aep-3f, 0x1.fffffep-2f);
	float high = cw_mad(r, 0x1.122934p-7f, 0x1.555712p-5f);

	high = cw_mad(s, 0x1.6b79c8p-10f, high);
	/* 2^n (e^r - 1 + 1 - 2^-n): the second difference is exact where it counts */
	r = cw_mad(s, cw_mad(s, high, low), r);
	r += 1.0f - cw_pow2_f32(cw_max(-n, -126));
	return halved ? r * cw_pow2_f32(n - 1) : r * cw_pow2_f32(n - 1) * 2.0f;
}

CW_HEAVY float expm1(float x)
{
	return cw_copysign(cw_expm1(cw_limit(x, -25.0f, 89.5f), false), x);
}

CW_HEAVY float sinh(float x)
{
	float a = cw_limit(cw_fabs(x), 0.0f, 90.5f), z = x * x;
	/* e^a / 2, which does not overflow before sinh does */
	float e = cw_exp_shifted(a, -1);
	float large = e - 0.25f / e;
	/* sinh(x) / x for x <= 1: 2^-31 */
	float p = cw_mad(z, cw_mad(z, 0x1.76b588p-19f, 0x1.a01ab4p-13f), 0x1.1110ecp-7f);
	float small = cw_mad(x * z, cw_mad(z, p, 0x1.555556p-3f), x);

	return cw_copysign(cw_select(cw_fabs(x) < 1.0f, small, large), x);
}

CW_HEAVY float cosh(float x)
{
	float e = cw_exp_shifted(cw_limit(cw_fabs(x), 0.0f, 90.5f), -1);

	return e + 0.25f / e;
}

CW_HEAVY float tanh(float x)
{
	float a = cw_limit(cw_fabs(x), 0.0f, 12.0f);
	float e = cw_expm1(a + a, false);

	return cw_copysign(e / (e + 2.0f), x);
}
