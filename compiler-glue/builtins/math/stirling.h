/* SPDX-License-Identifier: MIT */
/* Stirling's series. */
#ifndef CWC_BUILTINS_STIRLING_H
#define CWC_BUILTINS_STIRLING_H

#include "double.h"

/* log(gamma(z)) - ((z - 1/2) log z - z + log(2 pi) / 2) for z >= 8: 2^-63 */
CW_HELPER double cw_stirling_rest(double z)
{
	double w = 1.0 / z, s = w * w, q = s * s;
	double a = cw_cubic(s, q, 0x1.5555555555555p-4, -0x1.6c16c16c149f4p-9,
			    0x1.a01a017dcf9e1p-11, -0x1.38134d4f8896fp-11);
	double b = cw_cubic(s, q, 0x1.b92c33f9445e5p-11, -0x1.ef8d748aeb0f2p-10,
			    0x1.4bffc9d8b455bp-8, 0.0);

	return w * cw_mad(q * q, b, a);
}

#endif
