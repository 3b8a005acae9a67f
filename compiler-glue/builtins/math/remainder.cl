/* SPDX-License-Identifier: MIT */
/*
 * fmod, remainder and remquo: exact results by long division, some quotient
 * bits a turn.  The significands, scaled to [1, 2), stay in double; turns shift
 * the partial remainder up.
 */
#include "../cl/lib.h"

#include "bits.h"
#include "exact.h"

/* Quotient bits a turn: products of the quotient and the divisor stay exact. */
#define CW_TURN_F32 28
#define CW_TURN_F64 50

/*
 * struct cw_division - |x| = q |y| + r, with r in units of y's leading bit.
 * @rest: the remainder, 0 <= rest < @divisor.
 * @divisor: y's significand.
 * @quotient: the low bits of q.
 */
struct cw_division {
	double rest;
	double divisor;
	uint quotient;
};

CW_HELPER double cw_subtract_product(double r, double t, double d, bool wide)
{
	double p = t * d;

	return wide ? (r - p) - cw_product_error(t, d, p) : r - p;
}

/* The whole number t < 2^52, modulo 2^32. */
CW_HELPER uint cw_low_bits(double t)
{
	return (uint)CW_AS(ulong, t + 0x1p52);
}

/* Divide mx by my, both in [1, 2), n being the difference of their exponents. */
CW_HELPER struct cw_division cw_divide(double mx, double my, int n, bool wide)
{
	int turn = wide ? CW_TURN_F64 : CW_TURN_F32;
	struct cw_division a = {mx, my, 0};
	int shift = 0;

	/* |x| < |y|: nothing to divide, but one bit below counts for rounding. */
	if (n < 0) {
		a.rest = n < -1 ? 0.0 : mx * 0.5;
		return a;
	}
	for (;;) {
		double r = a.rest * cw_pow2_f64(shift);
		double t = __builtin_elementwise_floor(r / my);

		r = cw_subtract_product(r, t, my, wide);
		a.quotient = shift > 31 ? 0 : a.quotient << shift;
		a.quotient += cw_low_bits(t) - (r < 0);
		a.rest = cw_select(r < 0, r + my, r);
		if (n == 0)
			return a;
		shift = cw_min(n, turn);
		n -= shift;
	}
}

/* Round the quotient to nearest even instead of toward zero. */
CW_HELPER struct cw_division cw_nearest(struct cw_division a)
{
	double twice = a.rest * 2;
	bool up = twice > a.divisor || (twice == a.divisor && (a.quotient & 1));

	a.rest = cw_select(up, a.rest - a.divisor, a.rest);
	a.quotient += up;
	return a;
}

CW_HELPER uint cw_signed_quotient(uint quotient, bool is_negative)
{
	quotient &= 0x7f;
	return is_negative ? 0 - quotient : quotient;
}

/*
 * F, its name in helpers, and whether it needs the wide division.  SPECIAL says
 * that x or y leaves nothing to divide.
 */
#define CW_DEFINE_REMAINDERS(F, I, N, WIDE)                                                        \
	CW_HELPER bool cw_undefined_##N(F x, F y)                                                  \
	{                                                                                          \
		return (y == 0) | (x != x) | (y != y) |                                            \
		       (__builtin_elementwise_abs(x) == (F)INFINITY);                              \
	}                                                                                          \
	CW_HELPER bool cw_is_whole_##N(F x, F y)                                                   \
	{                                                                                          \
		return (x == 0) | (__builtin_elementwise_abs(y) == (F)INFINITY);                   \
	}                                                                                          \
	CW_HELPER struct cw_division cw_divide_##N(F x, F y) {                                     \
		F ax = __builtin_elementwise_abs(x), ay = __builtin_elementwise_abs(y);            \
		bool skip = cw_undefined_##N(x, y) | cw_is_whole_##N(x, y);                        \
		F dx = cw_select(skip, (F)1, ax), dy = cw_select(skip, (F)1, ay);                  \
                                                                                                   \
		return cw_divide((double)cw_significand_##N(dx), (double)cw_significand_##N(dy),   \
				 cw_exponent_##N(dx) - cw_exponent_##N(dy), WIDE);                 \
	} CW_HELPER F cw_finish_##N(F x, F y, F r)                                                 \
	{                                                                                          \
		F sign_of_x = CW_AS(F, CW_AS(I, x) & CW_AS(I, -(F)0));                             \
                                                                                                   \
		r = CW_AS(F, CW_AS(I, r) ^ CW_AS(I, sign_of_x));                                   \
		r = cw_select(cw_is_whole_##N(x, y), x, r);                                        \
		return cw_select(cw_undefined_##N(x, y), (F)NAN, r);                               \
	}                                                                                          \
	CW_HELPER F cw_scaled_rest_##N(struct cw_division a, F y)                                  \
	{                                                                                          \
		return cw_ldexp((F)a.rest, cw_exponent_##N(y));                                    \
	}                                                                                          \
	CW_HEAVY F fmod(F x, F y)                                                                  \
	{                                                                                          \
		struct cw_division a = cw_divide_##N(x, y);                                        \
		F ax = __builtin_elementwise_abs(x);                                               \
		F r = cw_select(ax < __builtin_elementwise_abs(y), ax, cw_scaled_rest_##N(a, y));  \
                                                                                                   \
		return cw_finish_##N(x, y, r);                                                     \
	}                                                                                          \
	CW_HELPER F cw_remainder_##N(struct cw_division a, F x, F y)                               \
	{                                                                                          \
		F ax = __builtin_elementwise_abs(x), ay = __builtin_elementwise_abs(y);            \
		F r = cw_select(ax < (F)0.5 * ay, ax, cw_scaled_rest_##N(a, y));                   \
                                                                                                   \
		return cw_finish_##N(x, y, r);                                                     \
	}                                                                                          \
	CW_HEAVY F remainder(F x, F y)                                                             \
	{                                                                                          \
		return cw_remainder_##N(cw_nearest(cw_divide_##N(x, y)), x, y);                    \
	}                                                                                          \
	CW_HELPER uint cw_quotient_##N(struct cw_division a, F x, F y)                             \
	{                                                                                          \
		bool none = cw_undefined_##N(x, y) | cw_is_whole_##N(x, y);                        \
		bool is_negative = (CW_AS(I, x) ^ CW_AS(I, y)) < 0;                                \
                                                                                                   \
		return none ? 0 : cw_signed_quotient(a.quotient, is_negative);                     \
	}

CW_DEFINE_REMAINDERS(float, int, f32, false)
CW_DEFINE_REMAINDERS(double, long, f64, true)

CW_HEAVY ulong cw_remquo_bits(float x, float y)
{
	struct cw_division a = cw_nearest(cw_divide_f32(x, y));
	float r = cw_remainder_f32(a, x, y);

	return (ulong)CW_AS(uint, r) << 32 | cw_quotient_f32(a, x, y);
}

CW_HEAVY double cw_remquo_rest(double x, double y)
{
	return remainder(x, y);
}

CW_HEAVY int cw_remquo_quotient(double x, double y)
{
	return (int)cw_quotient_f64(cw_nearest(cw_divide_f64(x, y)), x, y);
}
