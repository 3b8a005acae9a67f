/* SPDX-License-Identifier: MIT */
/*
 * asinh, acosh and atanh by log1p, whose argument is formed without cancelling.
 * F is the type, LN2 log(2), BIG where x + 1 and x are the same and squares are
 * still finite.
 */
#ifndef CWC_BUILTINS_AREA_H
#define CWC_BUILTINS_AREA_H

#define CW_DEFINE_AREA(F, LN2, BIG)                                                                \
	CW_PURE F log(F x);                                                                        \
	CW_PURE F log1p(F x);                                                                      \
                                                                                                   \
	CW_HEAVY F asinh(F x)                                                                      \
	{                                                                                          \
		F a = cw_fabs(x), c = cw_select(a > BIG, BIG, a), s = c * c;                       \
		bool big = a > BIG;                                                                \
		F t = c + s / ((F)1 + __builtin_elementwise_sqrt((F)1 + s));                       \
		F r = log1p(cw_select(big, a - (F)1, t));                                          \
                                                                                                   \
		return cw_copysign(cw_select(big, r + LN2, r), x);                                 \
	}                                                                                          \
	CW_HEAVY F acosh(F x)                                                                      \
	{                                                                                          \
		F t = x - (F)1;                                                                    \
		bool big = t > BIG;                                                                \
		F c = cw_select(big, BIG, t);                                                      \
		F s = c + __builtin_elementwise_sqrt(cw_mad(c, c, c + c));                         \
		F r = log1p(cw_select(big, t, s));                                                 \
                                                                                                   \
		return cw_select(x < (F)1, (F)NAN, cw_select(big, r + LN2, r));                    \
	}                                                                                          \
	CW_HEAVY F atanh(F x)                                                                      \
	{                                                                                          \
		F a = cw_fabs(x);                                                                  \
                                                                                                   \
		return cw_copysign((F)0.5 * log1p((a + a) / ((F)1 - a)), x);                       \
	}

#endif
