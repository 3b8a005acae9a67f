/* SPDX-License-Identifier: MIT */
/*
 * native_ functions: float, as fast as a few good digits allow, for arguments and
 * results that are normal numbers; and half_ functions, which have to hold 8192 ulp
 * everywhere and are the full ones.
 */
#ifndef CWC_BUILTINS_FAST_H
#define CWC_BUILTINS_FAST_H

#define CW_DEFINE_HALF_UNARY(NAME)                                                                 \
	CW_INLINE float half_##NAME(float x)                                                       \
	{                                                                                          \
		return NAME(x);                                                                    \
	}

CW_DEFINE_HALF_UNARY(cos)
CW_DEFINE_HALF_UNARY(exp)
CW_DEFINE_HALF_UNARY(exp2)
CW_DEFINE_HALF_UNARY(exp10)
CW_DEFINE_HALF_UNARY(log)
CW_DEFINE_HALF_UNARY(log2)
CW_DEFINE_HALF_UNARY(log10)
CW_DEFINE_HALF_UNARY(sin)
CW_DEFINE_HALF_UNARY(tan)

CW_INLINE float half_divide(float x, float y)
{
	return x / y;
}

CW_INLINE float half_recip(float x)
{
	return 1.0f / x;
}

CW_INLINE float half_rsqrt(float x)
{
	return 1.0f / __builtin_elementwise_sqrt(x);
}

CW_INLINE float half_sqrt(float x)
{
	return __builtin_elementwise_sqrt(x);
}

CW_INLINE float half_powr(float x, float y)
{
	return powr(x, y);
}

/* Code generation may use an estimate and a step of Newton's. */
CW_INLINE float native_recip(float x)
{
#pragma clang fp reciprocal(on)
	return 1.0f / x;
}

CW_INLINE float native_divide(float x, float y)
{
#pragma clang fp reciprocal(on)
	return x / y;
}

CW_INLINE float native_rsqrt(float x)
{
#pragma clang fp reciprocal(on) reassociate(on)
	return 1.0f / __builtin_elementwise_sqrt(x);
}

CW_INLINE float native_sqrt(float x)
{
	return __builtin_elementwise_sqrt(x);
}

/* 0 below 2^-126, inf from 2^128 on: 2^-23. */
CW_INLINE float native_exp2(float x)
{
	float c = cw_select(x < -126.5f, -126.5f, x), t, r, s, p;

	c = cw_select(c > 128.0f, 128.0f, c);
	t = c + 0x1.8p23f;
	r = c - (t - 0x1.8p23f);
	s = r * r;
	p = cw_mad_float(s, 0x1.5bffa6p-10f, cw_mad_float(r, 0x1.3ceca2p-7f, 0x1.c6b69ap-5f));
	p = cw_mad_float(s, p, cw_mad_float(r, 0x1.ebf9b6p-3f, 0x1.62e42ap-1f));
	p = cw_mad_float(r, p, 1.0f);
	/* a biased exponent of 0 or 255 is the result's class, not a power */
	p = CW_AS(float, CW_AS(int, p) + (CW_AS(int, t) << 23));
	p = cw_select(x > -126.0f, p, 0.0f);
	return cw_select(x < 128.0f, p, INFINITY * x);
}

CW_INLINE float native_exp(float x)
{
	return native_exp2(x * 0x1.715476p0f);
}

CW_INLINE float native_exp10(float x)
{
	return native_exp2(x * 0x1.a934fp1f);
}

/* 2^-19 of log2, for normal numbers; -inf at 0, NaN below. */
CW_INLINE float native_log2(float x)
{
	int bits = CW_AS(int, x) - 0x3f2aaaab;
	float f = CW_AS(float, (bits & 0x7fffff) + 0x3f2aaaab) - 1.0f, s = f * f;
	float a = cw_mad_float(f, -0x1.7158b8p-1f, 0x1.715472p0f);
	float b = cw_mad_float(f, -0x1.6efbfp-2f, 0x1.ec8202p-2f);
	float c = cw_mad_float(f, -0x1.1ec666p-2f, 0x1.2479bep-2f);
	float r;

	c = cw_mad_float(s, 0x1.f90356p-3f, c);
	r = cw_mad_float(f, cw_mad_float(s, cw_mad_float(s, c, b), a), (float)(bits >> 23));
	r = cw_select(x > 0.0f, r, cw_select(x == 0.0f, -INFINITY, (float)NAN));
	return cw_select(x < INFINITY, r, x);
}

CW_INLINE float native_log(float x)
{
	return native_log2(x) * 0x1.62e43p-1f;
}

CW_INLINE float native_log10(float x)
{
	return native_log2(x) * 0x1.344136p-2f;
}

CW_INLINE float native_powr(float x, float y)
{
	return native_exp2(y * native_log2(x));
}

/*
 * struct cw_native_angle - the sine and cosine of what is left of x after @n quarter
 * turns, |x| up to some 10^5.
 */
struct cw_native_angle {
	float sine;
	float cosine;
	int n;
};

CW_HELPER struct cw_native_angle cw_native_reduce(float x)
{
	float t = cw_mad_float(x, 0x1.45f306p-1f, 0x1.8p23f), k = t - 0x1.8p23f, r, s, p, q;

	r = cw_mad_float(k, -0x1.92p0f, x);
	r = cw_mad_float(k, -0x1.fb4p-12f, r);
	r = cw_mad_float(k, -0x1.4442d2p-24f, r);
	s = r * r;
	p = cw_mad_float(s, cw_mad_float(s, -0x1.9952eap-13f, 0x1.110776p-7f), -0x1.555546p-3f);
	q = cw_mad_float(s, cw_mad_float(s, -0x1.6448d6p-10f, 0x1.553e62p-5f), -0x1.ffffb2p-2f);
	return (struct cw_native_angle){cw_mad_float(s * r, p, r), cw_mad_float(s, q, 1.0f),
					CW_AS(int, t)};
}

CW_HELPER float cw_native_quarters(struct cw_native_angle a, int n)
{
	float y = cw_select(n & 1, a.cosine, a.sine);

	return CW_AS(float, CW_AS(uint, y) ^ ((uint)n & 2) << 30);
}

CW_INLINE float native_sin(float x)
{
	struct cw_native_angle a = cw_native_reduce(x);

	return cw_native_quarters(a, a.n);
}

CW_INLINE float native_cos(float x)
{
	struct cw_native_angle a = cw_native_reduce(x);

	return cw_native_quarters(a, a.n + 1);
}

CW_INLINE float native_tan(float x)
{
	struct cw_native_angle a = cw_native_reduce(x);
	bool odd = a.n & 1;
	float n = cw_select(odd, -a.cosine, a.sine), d = cw_select(odd, a.sine, a.cosine);

	return native_divide(n, d);
}

#endif
