/* SPDX-License-Identifier: MIT */
/* float erf and erfc. */
#include "../cl/lib.h"
#include "float.h"

/* Where erf goes over from a polynomial to 1 - e^p. */
#define CW_ERF_SPLIT 0.92f

/* erf(x) for |x| <= CW_ERF_SPLIT: 2^-24. */
CW_HELPER float cw_erf_small(float x)
{
	float z = x * x;
	float p = cw_mad(z, 0x1.ef03e4p-14f, -0x1.df3304p-11f);

	p = cw_mad(z, cw_mad(z, p, 0x1.5c2cbcp-8f), -0x1.b90d0ep-6f);
	p = cw_mad(z, cw_mad(z, p, 0x1.ce3ebep-4f), -0x1.8127bcp-2f);
	return x * cw_mad(z, p, 0x1.20dd76p0f);
}

CW_HEAVY float erf(float x)
{
	float a = cw_limit(cw_fabs(x), 0.0f, 4.0f), s = a * a;
	/* log(erfc(a)) for a in [0.9, 4]: so that erf has 2^-28 */
	float c0 = cw_mad(a, -0x1.215826p0f, 0x1.502c1cp-12f);
	float c2 = cw_mad(a, -0x1.c34f16p-4f, -0x1.43763ap-1f);
	float c4 = cw_mad(a, -0x1.3b2218p-8f, 0x1.b26004p-6f);
	float c6 = cw_mad(a, -0x1.9e5332p-15f, 0x1.417c32p-11f);
	float c8 = cw_mad(a, -0x1.3aaff4p-26f, 0x1.0e7742p-19f);
	float large;

	c6 = cw_mad(s, c8, c6);
	large = cw_mad(s, cw_mad(s, cw_mad(s, c6, c4), c2), c0);
	large = cw_copysign(1.0f - cw_exp_shifted(large, 0), x);
	return cw_select(a < CW_ERF_SPLIT, cw_erf_small(x), large);
}

CW_HEAVY float erfc(float x)
{
	float a = cw_limit(cw_fabs(x), 0.0f, 10.5f);
	float square = a * a, lost = cw_product_error(a, a, square);
	float u = 1.0f / (1.0f + a);
	/* e^(a^2) erfc(a) for a in [0.85, 10.4]: 2^-26 */
	float p = cw_mad(u, 0x1.fdf44ap-1f, -0x1.fbf906p0f);
	float e = cw_exp_shifted(-square, 24), large;

	p = cw_mad(u, cw_mad(u, p, 0x1.e82f8cp-2f), 0x1.d181cp0f);
	p = cw_mad(u, cw_mad(u, p, -0x1.983f16p0f), -0x1.fb0f22p-5f);
	p = cw_mad(u, cw_mad(u, p, 0x1.fe3d02p-3f), 0x1.226266p-1f);
	p = cw_mad(u, cw_mad(u, p, 0x1.20ca1ap-1f), 0x1.a1bd3ap-19f);
	large = cw_mad(-e, lost, e) * p * 0x1p-24f;
	large = cw_select(x < 0, 2.0f - large, large);
	return cw_select(a < CW_ERF_SPLIT, 1.0f - cw_erf_small(x), large);
}
