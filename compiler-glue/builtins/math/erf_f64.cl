/* SPDX-License-Identifier: MIT */
/* double erf and erfc. */
#include "../cl/lib.h"
#include "double.h"

/* erf(x) / x for x^2 = z <= 1: 2^-55. */
CW_HELPER double cw_erf_small(double z)
{
	double s = z * z, q = s * s;
	double a = cw_cubic(z, s, 0x1.20dd750429b6dp0, -0x1.812746b0379e6p-2, 0x1.ce2f21a042b3p-4,
			    -0x1.b82ce31284ep-6);
	double b = cw_cubic(z, s, 0x1.565bcd0dbaa38p-8, -0x1.c02db3dac435fp-11,
			    0x1.f9a321d5b8e1ep-14, -0x1.f4d1e3183f7aep-17);
	double c = cw_cubic(z, s, 0x1.b9df224ca4b97p-20, -0x1.5f1ecb6f0764cp-23,
			    0x1.f7b4bf3b13964p-27, -0x1.389d4f2641625p-30);
	double d = cw_cubic(z, s, 0x1.05ffd737fb32ep-34, 0.0, 0.0, 0.0);

	return cw_mad(q, cw_mad(q, cw_mad(q, d, c), b), a);
}

/*
 * erfc(a) for a in [0.9, 27.5]: e^(-a^2) / (1 + 2 a) times a polynomial in
 * (a - 5/2) / (a + 5/2): 2^-54.
 */
CW_HELPER double cw_erfc_large(double a)
{
	double square = a * a, lost = cw_product_error(a, a, square);
	double t = (a - 2.5) / (a + 2.5), s = t * t, q = s * s;
	double c0 = cw_cubic(t, s, 0x1.43cc6f6c9672cp0, -0x1.f52c5d7e22304p-4,
			     -0x1.959ac16f8570fp-4, 0x1.42d379989b7a4p-3);
	double c4 = cw_cubic(t, s, -0x1.a5c0c8a404d85p-4, 0x1.0c6092a580175p-5,
			     0x1.e894897daa4dep-11, -0x1.1f2f130606b3cp-8);
	double c8 = cw_cubic(t, s, 0x1.01e1194f79495p-11, 0x1.4b6a3c1824935p-11,
			     -0x1.731a2c8cf23b1p-14, -0x1.dc22b590be887p-14);
	double c12 = cw_cubic(t, s, 0x1.a3946de97816fp-18, 0x1.7cc0642f382afp-16,
			      0x1.67165e3dcb335p-19, -0x1.1d55c25fed102p-18);
	double c16 = cw_cubic(t, s, -0x1.d3f9701bd5eaap-20, 0x1.829d53742ed7bp-21,
			      0x1.5855b8c17c956p-21, -0x1.1df3c813fbca2p-22);
	double sum = cw_mad(square, -CW_LOG2E_F64, CW_ROUND_F64), k = sum - CW_ROUND_F64;
	double r = cw_mad(k, -CW_LN2_LOW_F64, cw_mad(k, -CW_LN2_HIGH_F64, -square)) - lost;
	double e = cw_mad(r * r, cw_exp_rest(r), r) + 1.0;
	double p = cw_mad(q, cw_mad(q, cw_mad(q, cw_mad(q, c16, c12), c8), c4), c0);

	return cw_scale(e * p / (1.0 + 2.0 * a), cw_whole_f64(sum));
}

CW_HEAVY double erf(double x)
{
	double a = cw_limit(cw_fabs(x), 0.0, 6.5);
	double large = cw_copysign(1.0 - cw_erfc_large(cw_select(a < 0.9, 0.9, a)), x);

	large = cw_select(x != x, x, large);
	return cw_select(a < 0.9, x * cw_erf_small(x * x), large);
}

CW_HEAVY double erfc(double x)
{
	double a = cw_limit(cw_fabs(x), 0.0, 27.5);
	double large = cw_erfc_large(cw_select(a < 0.9, 0.9, a));

	large = cw_select(x < 0, 2.0 - large, large);
	large = cw_select(x != x, x, large);
	return cw_select(a < 0.9, 1.0 - x * cw_erf_small(x * x), large);
}
