/* SPDX-License-Identifier: MIT */
/* What the double functions share; as float.h, no branches. */
#ifndef CWC_BUILTINS_DOUBLE_H
#define CWC_BUILTINS_DOUBLE_H

#include "bits.h"
#include "exact.h"

/* Adding it rounds a double below 2^51 to a whole number, in the low bits. */
#define CW_ROUND_F64	0x1.8p52
#define CW_LN2_HIGH_F64 0x1.62e42fefa38p-1 /* 42 bits: products with exponents are exact */
#define CW_LN2_LOW_F64	0x1.ef35793c7673p-45
#define CW_LOG2E_F64	0x1.71547652b82fep0

/* struct cw_pair - the unevaluated sum high + low. */
struct cw_pair {
	double high;
	double low;
};

/* x, or the limit it passes; NaN stays. */
CW_HELPER double cw_limit(double x, double lo, double hi)
{
	x = cw_select(x < lo, lo, x);
	return cw_select(x > hi, hi, x);
}

/* The whole number in the low bits of a sum with CW_ROUND_F64. */
CW_HELPER int cw_whole_f64(double sum)
{
	return (int)CW_AS(long, sum);
}

/* x * 2^n for |n| <= 2044, rounded once. */
CW_HELPER double cw_scale(double x, int n)
{
	int half_way = n >> 1;

	return x * cw_pow2_f64(half_way) * cw_pow2_f64(n - half_way);
}

CW_HELPER double cw_copysign(double x, double y)
{
	return __builtin_elementwise_copysign(x, y);
}

CW_HELPER double cw_fabs(double x)
{
	return __builtin_elementwise_abs(x);
}

CW_HELPER double cw_negate_if(bool c, double x)
{
	return CW_AS(double, CW_AS(ulong, x) ^ (ulong)c << 63);
}

/* x^0 to x^3 with coefficients a to d. */
CW_HELPER double cw_cubic(double x, double s, double a, double b, double c, double d)
{
	return cw_mad(s, cw_mad(x, d, c), cw_mad(x, b, a));
}

/* (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2: 2^-57 of e^r. */
CW_HELPER double cw_exp_rest(double r)
{
	double s = r * r, q = s * s;
	double a = cw_cubic(r, s, 0x1.000000000000ap-1, 0x1.55555555554f9p-3, 0x1.5555555550621p-5,
			    0x1.1111111127d07p-7);
	double b = cw_cubic(r, s, 0x1.6c16c184ac98bp-10, 0x1.a01a012aadbb6p-13,
			    0x1.a01998a90ca1cp-16, 0x1.71df22e4fe9fap-19);
	double c = cw_mad(r, 0x1.ad85fc13b7c3bp-26, 0x1.28aebe8762c6p-22);

	return cw_mad(q, cw_mad(q, c, b), a);
}

/* 2^r - 1 for |r| <= 1/2: 2^-57 of 2^r. */
CW_HELPER double cw_exp2_rest(double r)
{
	double s = r * r, q = s * s;
	double a = cw_cubic(r, s, 0x1.62e42fefa39efp-1, 0x1.ebfbdff82c5a5p-3, 0x1.c6b08d7049ff2p-5,
			    0x1.3b2ab6fb9ff4ep-7);
	double b = cw_cubic(r, s, 0x1.5d87fe78cbd61p-10, 0x1.4309130f35157p-13,
			    0x1.ffcbfbb0b0a5ep-17, 0x1.62bfc6b1af0aep-20);
	double c = cw_cubic(r, s, 0x1.b5266df29a59dp-24, 0x1.e61ceed0c5cap-28,
			    0x1.e7b2ca99afe39p-32, 0.0);

	return r * cw_mad(q, cw_mad(q, c, b), a);
}

/*
 * struct cw_log_argument - x = 2^e (1 + f), with 1 + f in [1 / sqrt(2), sqrt(2)).
 * @e: whole.
 */
struct cw_log_argument {
	double f;
	double e;
};

/* For x > 0 and finite; others give something without faults. */
CW_HELPER struct cw_log_argument cw_log_split(double x)
{
	bool small = x < 0x1p-1022;
	long base = 0x3fe6a09e667f3bcd;
	long bits = CW_AS(long, cw_select(small, x * 0x1p53, x)) - base;
	double m = CW_AS(double, (bits & 0xfffffffffffff) + base);
	/* the exponent becomes a double without an integer conversion */
	double e = CW_AS(double, (bits >> 52) + CW_AS(long, CW_ROUND_F64)) - CW_ROUND_F64;

	return (struct cw_log_argument){m - 1.0, e - cw_select(small, 53.0, 0.0)};
}

/*
 * struct cw_log_parts - log(1 + f) = f - @half_square + @rest.
 * @half_square: f^2 / 2.
 * @rest: s (f^2 / 2 + R(s^2)) for s = f / (2 + f): 2^-58 of the whole.
 */
struct cw_log_parts {
	double half_square;
	double rest;
};

CW_HELPER struct cw_log_parts cw_log_parts(double f)
{
	double s = f / (2.0 + f), z = s * s, w = z * z, h = 0.5 * f * f;
	double p = cw_cubic(z, w, 0x1.5555555555595p-1, 0x1.999999997ef07p-2, 0x1.24924942cc2f9p-2,
			    0x1.c71c514dd2aebp-3);
	double q = cw_mad(z, 0x1.399d755ad0672p-3, 0x1.746667594037bp-3);

	q = cw_mad(w, 0x1.2f32570084b48p-3, q);
	return (struct cw_log_parts){h, s * cw_mad(z, cw_mad(w * w, q, p), h)};
}

/* The result for x: NaN below 0, -inf at 0, x at inf and NaN, else r. */
CW_HELPER double cw_log_finish(double x, double r)
{
	r = cw_select(x < (double)INFINITY, r, x + x);
	r = cw_select(x < 0, (double)NAN, r);
	return cw_select(x == 0, -(double)INFINITY, r);
}

#endif
