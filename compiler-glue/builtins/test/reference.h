/* SPDX-License-Identifier: MIT */
#ifndef CWC_TEST_REFERENCE_H
#define CWC_TEST_REFERENCE_H

#include <math.h>

typedef _Float128 quad;

quad ref_sinpi(quad x);
quad ref_cospi(quad x);
quad ref_tanpi(quad x);
quad ref_acospi(quad x);
quad ref_asinpi(quad x);
quad ref_atanpi(quad x);
quad ref_atan2pi(quad y, quad x);
quad ref_rsqrt(quad x);
quad ref_log1p(quad x);
quad ref_tgamma(quad x);
quad ref_lgamma(quad x);
quad ref_powr(quad x, quad y);
quad ref_pown(quad x, int n);
quad ref_rootn(quad x, int n);

#endif
