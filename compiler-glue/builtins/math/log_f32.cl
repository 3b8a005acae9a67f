/* SPDX-License-Identifier: MIT */
/* float log, log2, log10, log1p; inline but for the last, as exp. */
#include "../cl/lib.h"
#include "float.h"

/* struct cw_log_argument - x = 2^e (1 + f), f in [-1/3, 1/3]. */
struct cw_log_argument {
	float f;
	float e;
};

/* For x > 0 and finite; others give something without faults. */
CW_HELPER struct cw_log_argument cw_log_split(float x)
{
	bool small = x < 0x1p-126f;
	int bits = CW_AS(int, cw_select(small, x * 0x1p24f, x)) - 0x3f2aaaab;
	float m = CW_AS(float, (bits & 0x7fffff) + 0x3f2aaaab);

	return (struct cw_log_argument){m - 1.0f, (float)((bits >> 23) - cw_select(small, 24, 0))};
}

/* The result for x: NaN below 0, -inf at 0, x at inf and NaN, else r. */
CW_HELPER float cw_log_finish(float x, float r)
{
	r = cw_select(x < INFINITY, r, x + x);
	r = cw_select(x < 0, (float)NAN, r);
	return cw_select(x == 0, -INFINITY, r);
}

/* log(1 + f) - f for |f| <= 1/3: 2^-27 of log(1 + f). */
CW_HELPER float cw_log1p_rest(float f)
{
	float s = f * f, q = s * s;
	float a = cw_mad(f, 0x1.5555p-2f, -0x1p-1f);
	float b = cw_mad(f, 0x1.99d292p-3f, -0x1.ffff1p-3f);
	float c = cw_mad(f, 0x1.1eb49ap-3f, -0x1.5598cap-3f);
	float d = cw_mad(f, 0x1.1f00dp-3f, -0x1.f39076p-4f);

	d = cw_mad(s, -0x1.070446p-3f, d);
	return s * cw_mad(q, cw_mad(s, d, c), cw_mad(s, b, a));
}

CW_INLINE float log(float x)
{
	struct cw_log_argument a = cw_log_split(x);
	float r = a.f + cw_mad(a.e, CW_LN2_LOW_F32, cw_log1p_rest(a.f));

	return cw_log_finish(x, cw_mad(a.e, CW_LN2_HIGH_F32, r));
}

CW_INLINE float log2(float x)
{
	struct cw_log_argument a = cw_log_split(x);
	float f = a.f, s = f * f, q = s * s;
	/* (log2(1 + f) - f / ln(2)) / f^2: 2^-27 of log2(1 + f) */
	float c0 = cw_mad(f, 0x1.ec7024p-2f, -0x1.715476p-1f);
	float c2 = cw_mad(f, 0x1.279fap-2f, -0x1.715402p-2f);
	float c4 = cw_mad(f, 0x1.9da794p-3f, -0x1.ecc5ccp-3f);
	float c6 = cw_mad(f, 0x1.9df1fap-3f, -0x1.68dec2p-3f);
	float r;

	c6 = cw_mad(s, -0x1.798f06p-3f, c6);
	r = s * cw_mad(q, cw_mad(s, c6, c4), cw_mad(s, c2, c0));
	r = cw_mad(f, 0x1.715476p0f, cw_mad(f, 0x1.4ae0cp-26f, r));
	return cw_log_finish(x, a.e + r);
}

CW_INLINE float log10(float x)
{
	struct cw_log_argument a = cw_log_split(x);
	float f = a.f, s = f * f, q = s * s;
	/* (log10(1 + f) - f / ln(10)) / f^2: 2^-27 of log10(1 + f) */
	float c0 = cw_mad(f, 0x1.287a2cp-3f, -0x1.bcb7b2p-3f);
	float c2 = cw_mad(f, 0x1.63f7acp-4f, -0x1.bcb66ap-4f);
	float c4 = cw_mad(f, 0x1.f20e02p-5f, -0x1.28c1bp-4f);
	float c6 = cw_mad(f, 0x1.f2977ep-5f, -0x1.b0dbb2p-5f);
	float r;

	c6 = cw_mad(s, -0x1.ccd036p-5f, c6);
	r = s * cw_mad(q, cw_mad(s, c6, c4), cw_mad(s, c2, c0));
	r = cw_mad(f, 0x1.bcb7b2p-2f, cw_mad(f, -0x1.5b235ep-27f, r));
	r = cw_mad(a.e, 0x1.3509f8p-18f, r);
	return cw_log_finish(x, cw_mad(a.e, 0x1.344p-2f, r));
}

CW_HEAVY float log1p(float x)
{
	float u = 1.0f + x;
	/* What rounding u lost, which matters while u is small. */
	float lost = cw_select(x < 1.0f, x - (u - 1.0f), 1.0f - (u - x));
	bool near = cw_fabs(x) < 0x1.55p-2f;
	struct cw_log_argument a = cw_log_split(u);
	float f = cw_select(near, x, a.f), e = cw_select(near, 0.0f, a.e);
	float c = cw_select(near, 0.0f, lost / u);
	float r = f + (cw_mad(e, CW_LN2_LOW_F32, cw_log1p_rest(f)) + c);

	r = cw_mad(e, CW_LN2_HIGH_F32, r);
	r = cw_select(x < INFINITY, r, x + x);
	r = cw_select(x < -1.0f, (float)NAN, r);
	r = cw_select(x == -1.0f, -INFINITY, r);
	return cw_select(x == 0, x, r);
}
