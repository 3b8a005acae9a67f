/* SPDX-License-Identifier: MIT */
/* double exp, exp2, exp10, expm1. */
#include "../cl/lib.h"
#include "double.h"

CW_HEAVY double exp(double x)
{
	double c = cw_limit(x, -746.0, 710.0);
	double t = cw_mad(c, CW_LOG2E_F64, CW_ROUND_F64), k = t - CW_ROUND_F64;
	double r = cw_mad(k, -CW_LN2_LOW_F64, cw_mad(k, -CW_LN2_HIGH_F64, c));

	return cw_scale(cw_mad(r * r, cw_exp_rest(r), r) + 1.0, cw_whole_f64(t));
}

CW_HEAVY double exp2(double x)
{
	double c = cw_limit(x, -1076.0, 1025.0);
	double t = c + CW_ROUND_F64, r = c - (t - CW_ROUND_F64);

	return cw_scale(cw_exp2_rest(r) + 1.0, cw_whole_f64(t));
}

CW_HEAVY double exp10(double x)
{
	double c = cw_limit(x, -325.0, 309.0);
	double t = cw_mad(c, 0x1.a934f0979a371p1, CW_ROUND_F64), k = t - CW_ROUND_F64;
	double r = cw_mad(k, -0x1.3fde623e2566bp-43, cw_mad(k, -0x1.34413509f7p-2, c));
	double s = r * r, q = s * s;
	/* 10^r - 1 for |r| <= log10(2) / 2: 2^-57 */
	double p = cw_cubic(r, s, 0x1.26bb1bbb55516p1, 0x1.53524c73cea78p1, 0x1.0470591de2c0fp1,
			    0x1.2bd7609fd4c78p0);
	double u = cw_cubic(r, s, 0x1.1429ffd1f8f2ap-1, 0x1.a7ed70a2ccc63p-3, 0x1.16e4df557bd79p-4,
			    0x1.41165c9fb0ebep-6);
	double v = cw_cubic(r, s, 0x1.4898d62aef62dp-8, 0x1.2f76ae4a1ab4fp-10,
			    0x1.f95da9f7f864ep-13, 0.0);

	r = cw_mad(r, cw_mad(q, cw_mad(q, v, u), p), 1.0);
	return cw_scale(r, cw_whole_f64(t));
}

CW_HEAVY double expm1(double x)
{
	double c = cw_limit(x, -50.0, 710.0);
	double t = cw_mad(c, CW_LOG2E_F64, CW_ROUND_F64), k = t - CW_ROUND_F64;
	double r = cw_mad(k, -CW_LN2_LOW_F64, cw_mad(k, -CW_LN2_HIGH_F64, c));
	int n = cw_whole_f64(t);
	/* 2^n (e^r - 1 + 1 - 2^-n): the second difference is exact where it counts */
	double y = cw_mad(r * r, cw_exp_rest(r), r) + (1.0 - cw_pow2_f64(cw_max(-n, -1022)));

	return cw_copysign(y * cw_pow2_f64(n - 1) * 2.0, x);
}
