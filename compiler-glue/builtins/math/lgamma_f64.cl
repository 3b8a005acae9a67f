/* SPDX-License-Identifier: MIT */
/*
 * double lgamma: a polynomial with its zeros at 1 and 2 taken out, Stirling's series
 * from 8 on, steps by 1 to get there, and reflection for negative arguments.
 */
#include "../cl/lib.h"
#include "stirling.h"

CW_PURE double log(double x);
CW_PURE double sinpi(double x);

#define CW_PI 0x1.921fb54442d18p1

/* log(gamma(2 + t)) for t in [-1/2, 1]: 2^-52. */
CW_HELPER double cw_lgamma_middle(double t)
{
	double s = t * t, q = s * s;
	double a = cw_cubic(t, s, 0x1.b0ee6072093cep-2, 0x1.4a34cc4a60facp-2, -0x1.13e001a557882p-4,
			    0x1.51322ac7d5ae8p-6);
	double b = cw_cubic(t, s, -0x1.e404fc20e24fp-8, 0x1.7add6eafb070cp-9,
			    -0x1.38ac5c750656ap-10, 0x1.0b36af808d182p-11);
	double c = cw_cubic(t, s, -0x1.d3fd2e8dd0c4cp-13, 0x1.a127799b6d7e3p-14,
			    -0x1.78e1758734d18p-15, 0x1.5818e789ecc6cp-16);
	double d = cw_cubic(t, s, -0x1.3c994b9729bb9p-17, 0x1.24b063b8cf42fp-18,
			    -0x1.1179c8ceb50d5p-19, 0x1.081efbca45e5fp-20);
	double e = cw_cubic(t, s, -0x1.029ad3ad52bf3p-21, 0x1.bb8eff592b534p-23,
			    -0x1.05cad20f5b508p-24, 0x1.267670489bb29p-27);

	e = cw_mad(q, cw_mad(q, e, d), c);
	return t * cw_mad(q, cw_mad(q, e, b), a);
}

/* For a >= 0. */
CW_HELPER double cw_lgamma_positive(double a)
{
	bool far = a >= 8.0;
	/* y in [2, 3] and gamma(a) = gamma(y) up, or y in [1.5, 2.5] and gamma(y) / down */
	double y = a, up = 1.0, down = 1.0, l, r;

	for (int i = 0; i < 5; i++) {
		bool step = y >= 3.0;

		y = cw_select(step, y - 1.0, y);
		up = cw_select(step, up * y, up);
	}
	down = cw_select(a < 0.5, a * (a + 1.0), cw_select(a < 1.5, a, 1.0));
	y = cw_select(a < 0.5, a, cw_select(a < 1.5, a - 1.0, y - 2.0));
	l = log(cw_select(far, a, cw_select(a < 1.5, down, up)));
	r = cw_lgamma_middle(cw_select(far, 0.0, y)) + cw_select(a < 1.5, -l, l);
	y = cw_mad(a - 0.5, l - 1.0, cw_stirling_rest(a) + 0x1.acfe390c97d69p-2);
	r = cw_select(a >= 8.0, y, r);
	return cw_select(a < (double)INFINITY, r, a);
}

CW_HEAVY double lgamma(double x)
{
	double a = cw_fabs(x), r = cw_lgamma_positive(a);
	bool pole = (x <= 0) & (__builtin_elementwise_floor(x) == x);

	if (x < 0)
		r = log(CW_PI / (a * __builtin_elementwise_abs(sinpi(a)))) - r;
	r = cw_select((x < 0) & (a < 0x1p-60), -log(a), r);
	return cw_select(pole, (double)INFINITY, r);
}
