/* SPDX-License-Identifier: MIT */
/* float sin, cos, tan, sincos, sinpi, cospi, tanpi. */
#include "../cl/lib.h"
#include "float.h"

/* struct cw_angle - x = n (pi / 2) + r, |r| <= pi / 4; n modulo 4 in its low bits. */
struct cw_angle {
	float r;
	int n;
};

#define CW_ROUND_F64 0x1.8p52

/* 2 / pi in binary, 32 bits a word; the first word's weight is 2^32. */
static __constant uint cw_two_over_pi[] = {
	0x00000000, 0xa2f9836e, 0x4e441529, 0xfc2757d1,
	0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab,
};

/* |x| >= 2^20: multiply the significand by the bits of 2 / pi that matter. */
CW_HELPER struct cw_angle cw_reduce_large(float x)
{
	uint bits = CW_AS(uint, x);
	ulong m = (bits & 0x7fffff) | 0x800000;
	/* x = m 2^e; from this bit on, m times the table counts modulo 4: 27 to 134 */
	int first = (int)(bits >> 23 & 0xff) - 120;
	int word = cw_min(first >> 5, 4), shift = first & 31;
	ulong w0 = cw_two_over_pi[word], w1 = cw_two_over_pi[word + 1];
	ulong w2 = cw_two_over_pi[word + 2], w3 = cw_two_over_pi[word + 3];
	ulong high = (w0 << 32 | w1) << shift | (w2 << shift) >> 32;
	ulong low = ((w2 << 32 | w3) << shift) >> 32;
	/* m * (high . low) modulo 2^64, the point 62 bits up */
	ulong p = m * high + ((m * low) >> 32);
	struct cw_angle a;
	long rest;

	a.n = (int)((p >> 62) + ((p >> 61) & 1));
	rest = (long)(p << 2);
	a.r = (float)((double)rest * 0x1.921fb54442d18p-64);
	a.r = CW_AS(float, CW_AS(uint, a.r) ^ (bits & 0x80000000));
	a.n = cw_select((int)bits < 0, -a.n, a.n);
	return a;
}

/* Two steps in double: exact products for |n| < 2^20. */
CW_HELPER struct cw_angle cw_reduce(float x)
{
	double d = x, t = cw_mad(d, 0x1.45f306dc9c883p-1, CW_ROUND_F64);
	double k = t - CW_ROUND_F64;
	struct cw_angle a;

	d = cw_mad(k, -0x1.921fb544p0, d);
	d = cw_mad(k, -0x1.0b4611a626331p-34, d);
	a.r = (float)d;
	a.n = (int)CW_AS(long, t);
	if (!(cw_fabs(x) < 0x1p20f))
		a = cw_reduce_large(x);
	a.r = cw_select(cw_fabs(x) < INFINITY, a.r, (float)NAN);
	return a;
}

/* sin(r) for |r| <= pi / 4: 2^-32. */
CW_HELPER float cw_sin_reduced(float r)
{
	float s = r * r;
	float p = cw_mad(s, 0x1.77dbfep-19f, -0x1.a0485ap-13f);

	p = cw_mad(s, cw_mad(s, p, 0x1.111164p-7f), -0x1.555556p-3f);
	return cw_copysign(cw_mad(r * s, p, r), r); /* -0 stays */
}

/* cos(r) for |r| <= pi / 4: 2^-33. */
CW_HELPER float cw_cos_reduced(float r)
{
	float s = r * r;
	float p = cw_mad(s, 0x1.99e81p-16f, -0x1.6c0c28p-10f);

	p = cw_mad(s, p, 0x1.55554ap-5f);
	return cw_mad(s * s, p, cw_mad(s, -0.5f, 1.0f));
}

/* sin of n quarter turns and r more. */
CW_HELPER float cw_sin_quarters(struct cw_angle a)
{
	float y = cw_select(a.n & 1, cw_cos_reduced(a.r), cw_sin_reduced(a.r));

	return CW_AS(float, CW_AS(uint, y) ^ ((uint)a.n & 2) << 30);
}

CW_HELPER float cw_tan_quarters(struct cw_angle a)
{
	float s = cw_sin_reduced(a.r), c = cw_cos_reduced(a.r);
	bool odd = a.n & 1;

	return cw_select(odd, -c, s) / cw_select(odd, s, c);
}

CW_HEAVY float sin(float x)
{
	return cw_sin_quarters(cw_reduce(x));
}

CW_HEAVY float cos(float x)
{
	struct cw_angle a = cw_reduce(x);

	a.n++;
	return cw_sin_quarters(a);
}

CW_HEAVY float tan(float x)
{
	return cw_tan_quarters(cw_reduce(x));
}

/* Both: the sine above the cosine. */
CW_HEAVY ulong cw_sincos_bits(float x)
{
	struct cw_angle a = cw_reduce(x);
	float s = cw_sin_reduced(a.r), c = cw_cos_reduced(a.r);
	bool odd = a.n & 1;
	uint sine = CW_AS(uint, cw_select(odd, c, s)) ^ ((uint)a.n & 2) << 30;
	uint cosine = CW_AS(uint, cw_select(odd, s, c)) ^ ((uint)(a.n + 1) & 2) << 30;

	return (ulong)sine << 32 | cosine;
}

/* The same for half turns: x = n / 2 + f, and r = pi f. */
CW_HELPER struct cw_angle cw_reduce_pi(float x)
{
	/* Beyond 2^24 every number is even. */
	float y = cw_select(cw_fabs(x) < 0x1p24f, x, x * 0.0f);
	float k = __builtin_elementwise_rint(y + y);
	float f = cw_mad(k, -0.5f, y);
	struct cw_angle a;

	a.n = (int)k;
	/* pi in two parts: f keeps all its bits */
	a.r = cw_mad(f, 0x1.921fb6p1f, f * -0x1.777a5cp-24f);
	return a;
}

CW_HEAVY float sinpi(float x)
{
	float y = cw_sin_quarters(cw_reduce_pi(x));

	return cw_select(y == 0, cw_copysign(0.0f, x), y);
}

CW_HEAVY float cospi(float x)
{
	struct cw_angle a = cw_reduce_pi(x);

	a.n++;
	return cw_sin_quarters(a) + 0.0f;
}

CW_HEAVY float tanpi(float x)
{
	struct cw_angle a = cw_reduce_pi(x);
	float y = cw_tan_quarters(a);
	/* at whole numbers: x's sign at even ones, the other at odd ones */
	float zero = cw_copysign(0.0f, cw_select(a.n & 2, -x, x));
	/* between them: +inf at 2 n + 1/2, -inf at 2 n + 3/2 */
	float pole = cw_select(a.n & 2, -INFINITY, INFINITY);

	y = cw_select((a.n & 1) & (a.r == 0), pole, y);
	return cw_select(y == 0, zero, y);
}
