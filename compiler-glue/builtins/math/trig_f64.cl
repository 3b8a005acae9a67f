/* SPDX-License-Identifier: MIT */
/* double sin, cos, tan, sinpi, cospi, tanpi. */
#include "../cl/lib.h"
#include "double.h"

/* struct cw_angle - x = n (pi / 2) + r, |r| <= pi / 4; n modulo 4 in its low bits. */
struct cw_angle {
	double r;
	int n;
};

/* 2 / pi in binary, 64 bits a word; the first word's weight is 2^64. */
static __constant ulong cw_two_over_pi[] = {
	0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041,
	0xfe5163abdebbc561, 0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e,
	0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4, 0x9c845f8bbdf9283b,
	0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
	0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
	0xf0cfbc209af4361d,
};

/* The high half of a * b. */
CW_HELPER ulong cw_mul_high(ulong a, ulong b)
{
	ulong low = 0xffffffff, a0 = a & low, a1 = a >> 32, b0 = b & low, b1 = b >> 32;
	ulong t = a1 * b0 + (a0 * b0 >> 32), u = a0 * b1 + (t & low);

	return a1 * b1 + (t >> 32) + (u >> 32);
}

/* |x| >= 2^20: multiply the significand by the bits of 2 / pi that matter. */
CW_HELPER struct cw_angle cw_reduce_large(double x)
{
	ulong bits = CW_AS(ulong, x);
	ulong m = (bits & 0xfffffffffffff) | 0x10000000000000;
	/* x = m 2^e; from this bit on, m times the table counts modulo 4: 30 to 1033 */
	int first = cw_min((int)(bits >> 52 & 0x7ff) - 1075 + 62, 1033);
	int word = first >> 6, shift = first & 63;
	ulong w0 = cw_two_over_pi[word], w1 = cw_two_over_pi[word + 1];
	ulong w2 = cw_two_over_pi[word + 2], w3 = cw_two_over_pi[word + 3];
	/* shift up by shift bits, without a shift by 64 */
	ulong g0 = w0 << shift | w1 >> 1 >> (63 - shift);
	ulong g1 = w1 << shift | w2 >> 1 >> (63 - shift);
	ulong g2 = w2 << shift | w3 >> 1 >> (63 - shift);
	/* m * (g0 . g1 g2) modulo 2^64, the point 62 bits up */
	ulong middle = m * g1, carry = cw_mul_high(m, g2), sum = middle + carry;
	ulong high = m * g0 + cw_mul_high(m, g1) + (sum < middle);
	long whole = (long)(high << 2 | sum >> 62);
	double rest = cw_mad((double)(sum << 2), 0x1p-64, (double)whole);
	struct cw_angle a;

	a.n = (int)((high >> 62) + (high >> 61 & 1));
	a.r = cw_negate_if((long)bits < 0, rest * 0x1.921fb54442d18p-64);
	a.n = cw_select((long)bits < 0, -a.n, a.n);
	return a;
}

/* Three steps, the products of the first two exact for |n| < 2^20. */
CW_HELPER struct cw_angle cw_reduce(double x)
{
	double t = cw_mad(x, 0x1.45f306dc9c883p-1, CW_ROUND_F64), k = t - CW_ROUND_F64;
	double r1 = cw_mad(k, -0x1.921fb544p0, x), w = k * 0x1.0b4611a6p-34, r2 = r1 - w;
	struct cw_angle a;

	a.r = r2 + cw_mad(k, -0x1.3198a2e037073p-69, (r1 - r2) - w);
	a.n = cw_whole_f64(t);
	if (!(cw_fabs(x) < 0x1p20))
		a = cw_reduce_large(x);
	a.r = cw_select(cw_fabs(x) < (double)INFINITY, a.r, (double)NAN);
	a.r = cw_select(x == 0, x, a.r);
	return a;
}

/* sin(r) for |r| <= pi / 4: 2^-57. */
CW_HELPER double cw_sin_reduced(double r)
{
	double z = r * r, w = z * z;
	double p = cw_mad(z, 0x1.111111110f75p-7, -0x1.5555555555548p-3);
	double q = cw_mad(z, 0x1.71de355c2fcc8p-19, -0x1.a01a019bef8abp-13);

	q = cw_mad(w, cw_mad(z, 0x1.5d8d61a1848b4p-33, -0x1.ae5e51e0b2966p-26), q);
	return cw_copysign(cw_mad(z * r, cw_mad(w, q, p), r), r); /* -0 stays */
}

/* cos(r) for |r| <= pi / 4: 2^-63. */
CW_HELPER double cw_cos_reduced(double r)
{
	double z = r * r, w = z * z, h = 0.5 * z, one = 1.0 - h;
	double p = cw_mad(z, -0x1.6c16c16c1500cp-10, 0x1.555555555554bp-5);
	double q = cw_mad(z, -0x1.27e4f7f004fc5p-22, 0x1.a01a019c8d928p-16);

	q = cw_mad(w, cw_mad(z, -0x1.8fa5beaf66ccep-37, 0x1.1ee9da8524d53p-29), q);
	return one + (((1.0 - one) - h) + w * cw_mad(w, q, p));
}

/* sin of n quarter turns and r more. */
CW_HELPER double cw_sin_quarters(struct cw_angle a)
{
	double y = cw_select(a.n & 1, cw_cos_reduced(a.r), cw_sin_reduced(a.r));

	return cw_negate_if(a.n & 2, y);
}

CW_HELPER double cw_tan_quarters(struct cw_angle a)
{
	double s = cw_sin_reduced(a.r), c = cw_cos_reduced(a.r);
	bool odd = a.n & 1;

	return cw_select(odd, -c, s) / cw_select(odd, s, c);
}

CW_HEAVY double sin(double x)
{
	return cw_sin_quarters(cw_reduce(x));
}

CW_HEAVY double cos(double x)
{
	struct cw_angle a = cw_reduce(x);

	a.n++;
	return cw_sin_quarters(a);
}

CW_HEAVY double tan(double x)
{
	return cw_tan_quarters(cw_reduce(x));
}

/* The same for half turns: x = n / 2 + f, and r = pi f. */
CW_HELPER struct cw_angle cw_reduce_pi(double x)
{
	/* Beyond 2^53 every number is even; below, the quarters fit 2^51 after this. */
	double y = cw_select(cw_fabs(x) < 0x1p53, x, x * 0.0);
	double k, f;
	struct cw_angle a;

	y -= 4.0 * __builtin_elementwise_trunc(0.25 * y);
	k = __builtin_elementwise_rint(y + y);
	f = cw_mad(k, -0.5, y);
	a.n = (int)k;
	/* pi in two parts: f keeps all its bits */
	a.r = cw_mad(f, 0x1.921fb54442d18p1, f * 0x1.1a62633145c07p-53);
	return a;
}

CW_HEAVY double sinpi(double x)
{
	double y = cw_sin_quarters(cw_reduce_pi(x));

	return cw_select(y == 0, cw_copysign(0.0, x), y);
}

CW_HEAVY double cospi(double x)
{
	struct cw_angle a = cw_reduce_pi(x);

	a.n++;
	return cw_sin_quarters(a) + 0.0;
}

CW_HEAVY double tanpi(double x)
{
	struct cw_angle a = cw_reduce_pi(x);
	double y = cw_tan_quarters(a);
	/* at whole numbers: x's sign at even ones, the other at odd ones */
	double zero = cw_copysign(0.0, cw_select(a.n & 2, -x, x));
	/* between them: +inf at 2 n + 1/2, -inf at 2 n + 3/2 */
	double pole = cw_select(a.n & 2, -(double)INFINITY, (double)INFINITY);

	y = cw_select((a.n & 1) & (a.r == 0), pole, y);
	return cw_select(y == 0, zero, y);
}
