/* SPDX-License-Identifier: MIT */
/* double erf: libclc's loses the sign of zero. */
#include "../cl/lib.h"

CW_PURE double cw_base_erf(double x);

CW_HEAVY double erf(double x)
{
	return __builtin_elementwise_copysign(cw_base_erf(x), x);
}
