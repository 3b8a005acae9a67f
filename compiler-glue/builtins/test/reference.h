/* SPDX-License-Identifier: MIT */
#ifndef CWC_TEST_REFERENCE_H
#define CWC_TEST_REFERENCE_H

#include <math.h>

typedef __float128 quad;

/* The C library has these, but declares them for gcc only. */
/* It does not come to rest here: */
/* clang-format off */
#define CW_QUAD_UNARY(X) \
	X(acos) X(acosh) X(asin) X(asinh) X(atan) X(atanh) X(cbrt) X(ceil) X(cos) X(cosh) \
	X(erf) X(erfc) X(exp) X(exp10) X(exp2) X(expm1) X(fabs) X(floor) X(lgamma) X(log) \
	X(log10) X(log1p) X(log2) X(logb) X(rint) X(round) X(sin) X(sinh) X(sqrt) X(tan) \
	X(tanh) X(tgamma) X(trunc)
/* clang-format on */
#define CW_QUAD_BINARY(X)                                                                          \
	X(atan2) X(copysign) X(fdim) X(fmax) X(fmin) X(fmod) X(hypot) X(pow) X(remainder)
#define CW_DECLARE(name) quad name##f128(quad x);
CW_QUAD_UNARY(CW_DECLARE)
#undef CW_DECLARE
#define CW_DECLARE(name) quad name##f128(quad x, quad y);
CW_QUAD_BINARY(CW_DECLARE)
#undef CW_DECLARE
quad ldexpf128(quad x, int n);
quad scalbnf128(quad x, int n);
int ilogbf128(quad x);

quad ref_sinpi(quad x);
quad ref_cospi(quad x);
quad ref_tanpi(quad x);
quad ref_acospi(quad x);
quad ref_asinpi(quad x);
quad ref_atanpi(quad x);
quad ref_atan2pi(quad y, quad x);
quad ref_recip(quad x);
quad ref_rsqrt(quad x);
quad ref_log1p(quad x);
quad ref_tgamma(quad x);
quad ref_lgamma(quad x);
quad ref_powr(quad x, quad y);
quad ref_pown(quad x, int n);
quad ref_rootn(quad x, int n);

#endif
