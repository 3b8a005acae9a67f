/* SPDX-License-Identifier: MIT */
/*
 * The math functions of builtins.bc, compiled for this machine as scalars,
 * against quadruple precision: edge values and samples, to the limits of the
 * OpenCL specification's full profile.
 *
 * t_builtins_math [samples [function]]: -v as a third argument prints all.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

/* X(name, reference, limit in ulp of float, of double) */
#define UNARY(X)                                                                                   \
	X(acos, acosf128, 4, 4)                                                                    \
	X(acosh, acoshf128, 4, 4)                                                                  \
	X(acospi, ref_acospi, 5, 5)                                                                \
	X(asin, asinf128, 4, 4)                                                                    \
	X(asinh, asinhf128, 4, 4)                                                                  \
	X(asinpi, ref_asinpi, 5, 5)                                                                \
	X(atan, atanf128, 5, 5)                                                                    \
	X(atanh, atanhf128, 5, 5)                                                                  \
	X(atanpi, ref_atanpi, 5, 5)                                                                \
	X(cbrt, cbrtf128, 2, 2)                                                                    \
	X(ceil, ceilf128, 0, 0)                                                                    \
	X(cos, cosf128, 4, 4)                                                                      \
	X(cosh, coshf128, 4, 4)                                                                    \
	X(cospi, ref_cospi, 4, 4)                                                                  \
	X(erf, erff128, 16, 16)                                                                    \
	X(erfc, erfcf128, 16, 16)                                                                  \
	X(exp, expf128, 3, 3)                                                                      \
	X(exp10, exp10f128, 3, 3)                                                                  \
	X(exp2, exp2f128, 3, 3)                                                                    \
	X(expm1, expm1f128, 3, 3)                                                                  \
	X(fabs, fabsf128, 0, 0)                                                                    \
	X(floor, floorf128, 0, 0)                                                                  \
	X(lgamma, ref_lgamma, 1e6, 1e9)                                                            \
	X(log, logf128, 3, 3)                                                                      \
	X(log10, log10f128, 3, 3)                                                                  \
	X(log1p, ref_log1p, 2, 2)                                                                  \
	X(log2, log2f128, 3, 3)                                                                    \
	X(logb, logbf128, 0, 0)                                                                    \
	X(rint, rintf128, 0, 0)                                                                    \
	X(round, roundf128, 0, 0)                                                                  \
	X(rsqrt, ref_rsqrt, 2, 2)                                                                  \
	X(sin, sinf128, 4, 4)                                                                      \
	X(sinh, sinhf128, 4, 4)                                                                    \
	X(sinpi, ref_sinpi, 4, 4)                                                                  \
	X(sqrt, sqrtf128, 0.5, 0.5)                                                                \
	X(tan, tanf128, 5, 5)                                                                      \
	X(tanh, tanhf128, 5, 5)                                                                    \
	X(tanpi, ref_tanpi, 6, 6)                                                                  \
	X(tgamma, ref_tgamma, 16, 16)                                                              \
	X(trunc, truncf128, 0, 0)

#define BINARY(X)                                                                                  \
	X(atan2, atan2f128, 6, 6)                                                                  \
	X(atan2pi, ref_atan2pi, 6, 6)                                                              \
	X(fdim, fdimf128, 0.5, 0.5)                                                                \
	X(fmax, fmaxf128, 0, 0)                                                                    \
	X(fmin, fminf128, 0, 0)                                                                    \
	X(fmod, fmodf128, 0, 0)                                                                    \
	X(hypot, hypotf128, 4, 4)                                                                  \
	X(pow, powf128, 16, 16)                                                                    \
	X(powr, ref_powr, 16, 16)                                                                  \
	X(remainder, remainderf128, 0, 0)

#define WITH_INT(X)                                                                                \
	X(ldexp, scalbnf128, 0.5, 0.5)                                                             \
	X(pown, ref_pown, 16, 16)                                                                  \
	X(rootn, ref_rootn, 16, 16)

#define LABEL(name, args) "cwt_" #name args
#define DECLARE_1(name, ref, f, d)                                                                 \
	float cl_##name##_f(float) __asm__(LABEL(name, "_f"));                                     \
	double cl_##name##_d(double) __asm__(LABEL(name, "_d"));
#define DECLARE_2(name, ref, f, d)                                                                 \
	float cl_##name##_f(float, float) __asm__(LABEL(name, "_ff"));                             \
	double cl_##name##_d(double, double) __asm__(LABEL(name, "_dd"));
#define DECLARE_I(name, ref, f, d)                                                                 \
	float cl_##name##_f(float, int) __asm__(LABEL(name, "_fi"));                               \
	double cl_##name##_d(double, int) __asm__(LABEL(name, "_di"));
UNARY(DECLARE_1)
BINARY(DECLARE_2)
WITH_INT(DECLARE_I)

enum kind { KIND_1, KIND_2, KIND_I };

/*
 * struct function - one function under test, of float or double.
 * @is_double: which of the pointers and limits counts.
 */
struct function {
	const char *name;
	enum kind kind;
	int is_double;
	double limit;
	union {
		float (*f1)(float);
		double (*d1)(double);
		float (*f2)(float, float);
		double (*d2)(double, double);
		float (*fi)(float, int);
		double (*di)(double, int);
	} code;
	union {
		quad (*r1)(quad);
		quad (*r2)(quad, quad);
		quad (*ri)(quad, int);
	} ref;
};

#define ENTRY_1(name, ref, f, d)                                                                   \
	{#name, KIND_1, 0, f, {.f1 = cl_##name##_f}, {.r1 = ref}},                                 \
		{#name, KIND_1, 1, d, {.d1 = cl_##name##_d}, {.r1 = ref}},
#define ENTRY_2(name, ref, f, d)                                                                   \
	{#name, KIND_2, 0, f, {.f2 = cl_##name##_f}, {.r2 = ref}},                                 \
		{#name, KIND_2, 1, d, {.d2 = cl_##name##_d}, {.r2 = ref}},
#define ENTRY_I(name, ref, f, d)                                                                   \
	{#name, KIND_I, 0, f, {.fi = cl_##name##_f}, {.ri = ref}},                                 \
		{#name, KIND_I, 1, d, {.di = cl_##name##_d}, {.ri = ref}},
static const struct function functions[] = {UNARY(ENTRY_1) BINARY(ENTRY_2) WITH_INT(ENTRY_I)};

static uint64_t random_state = 0x2545f4914f6cdd1dull;

static uint64_t random_bits(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state * 0x9e3779b97f4a7c15ull;
}

/* A random value whose exponent is in the whole range, or near 1, or as a small number. */
static double random_value(int is_double)
{
	uint64_t b = random_bits(), pick = random_bits() >> 60;
	int bias = is_double ? 1023 : 127, mantissa = is_double ? 52 : 23, spread;
	uint64_t exponent, fraction, bits;
	double d;
	float f;
	uint32_t u;

	if (pick < 3) /* small whole and half numbers, and their neighbours */
		return (double)(int)(b % 401 - 200) * 0.5 + ((b >> 20 & 3) ? 0 : 0x1p-20);
	if (pick < 7)
		exponent = (b >> 53) & (2 * (uint64_t)bias + 1);
	else {
		spread = pick < 10 ? 40 : pick < 13 ? 10 : 2;
		exponent =
			(uint64_t)bias - (uint64_t)spread / 2 + (b >> 53) % ((uint64_t)spread + 1);
	}
	fraction = b & ((1ull << mantissa) - 1);
	if ((random_bits() >> 61) == 0)
		for (int i = 0; i < 3; i++)
			fraction &= random_bits();
	bits = exponent << mantissa | fraction;
	if (is_double) {
		bits |= random_bits() & 1ull << 63;
		memcpy(&d, &bits, 8);
		return d;
	}
	u = (uint32_t)(bits | (random_bits() & 1u << 31));
	memcpy(&f, &u, 4);
	return f;
}

static const double edges[] = {
	0.0,
	0x1p-149,
	0x1p-148,
	0x1.fffffcp-127,
	0x1p-126,
	0x1.000002p-126,
	0x1p-1074,
	0x1.ffffffffffffep-1023,
	0x1p-1022,
	0x1.0000000000001p-1022,
	0x1p-64,
	0x1p-30,
	0x1p-12,
	0.25,
	0.5,
	0x1.fffffep-1,
	0x1.fffffffffffffp-1,
	1.0,
	0x1.000002p0,
	0x1.0000000000001p0,
	1.5,
	2.0,
	2.5,
	3.0,
	3.5,
	4.0,
	5.0,
	7.0,
	9.0,
	10.0,
	11.5,
	12.0,
	16.0,
	22.0,
	33.0,
	35.0,
	36.0,
	38.0,
	44.0,
	64.0,
	88.0,
	88.7,
	89.0,
	100.0,
	103.9,
	127.0,
	128.0,
	149.0,
	150.0,
	170.0,
	171.6,
	172.0,
	184.0,
	255.0,
	308.0,
	308.5,
	324.0,
	709.0,
	709.7,
	710.0,
	745.0,
	745.2,
	746.0,
	1023.0,
	1024.0,
	1074.0,
	1075.0,
	1076.0,
	0x1p22,
	0x1.fffffep22,
	0x1p23,
	0x1.000002p23,
	0x1p24,
	0x1p31,
	0x1p32,
	0x1p52,
	0x1.0000000000001p52,
	0x1p53,
	0x1p62,
	0x1p63,
	0x1p64,
	0x1p100,
	0x1.921fb6p0,
	0x1.921fb6p1,
	0x1.921fb54442d18p0,
	0x1.921fb54442d18p1,
	0x1p126,
	0x1p127,
	0x1.fffffep127,
	0x1p500,
	0x1p1000,
	0x1p1023,
	0x1.fffffffffffffp1023,
	0x1.7d36p87,
	INFINITY,
	NAN,
};
#define EDGES (sizeof(edges) / sizeof(edges[0]))

/* The edge values of both signs, then random ones. */
static double value_at(size_t i, int is_double)
{
	double v;

	if (i >= 2 * EDGES)
		v = random_value(is_double);
	else
		v = i & 1 ? -edges[i / 2] : edges[i / 2];
	return is_double ? v : (double)(float)v;
}

static quad round_to(quad r, int is_double)
{
	return is_double ? (quad)(double)r : (quad)(float)r;
}

/* Distance of got from the exact r in units of r's last place; huge for a wrong class. */
static double error_in_ulp(double got, quad r, int is_double)
{
	quad rounded = round_to(r, is_double);
	int least = is_double ? -1074 : -149, bits = is_double ? 52 : 23, e;

	if (__builtin_isnan(rounded))
		return isnan(got) ? 0 : 1e30;
	if (isnan(got))
		return 1e30;
	if ((quad)got == rounded)
		return got == 0 && !signbit(got) != !__builtin_signbit(rounded) && r == 0 ? 1e28
											  : 0;
	if (__builtin_isinf(
		    rounded)) /* the largest number may stand for an overflow within the limit */
		return 1e29;
	if (isinf(got))
		got = is_double ? 0x1p1023 * (got > 0 ? 1 : -1) : 0x1p128 * (got > 0 ? 1 : -1);
	if (isinf((double)got))
		return 1e29;
	e = rounded == 0 ? least : ilogbf128(rounded) - bits;
	if (e < least)
		e = least;
	return (double)ldexpf128(fabsf128((quad)got - r), -e);
}

/* struct worst - the largest error seen and where. */
struct worst {
	double error;
	double x, y, got, want;
};

static int random_int(size_t i)
{
	static const int ints[] = {0,	 1,    -1,    2,	  -2,
				   3,	 -3,   5,     127,	  -126,
				   -149, 1023, -1074, 2147483647, -2147483647 - 1};
	uint64_t b = random_bits();

	if (i % 4 == 0)
		return ints[(i / 4) % (sizeof(ints) / sizeof(ints[0]))];
	return (int)(b >> 33) >> (b % 31) | (int)(b & 1);
}

static void check(const struct function *f, double x, double y, int n, struct worst *w)
{
	double got, error;
	quad r;

	if (f->kind == KIND_1) {
		got = f->is_double ? f->code.d1(x) : (double)f->code.f1((float)x);
		r = f->ref.r1(x);
	} else if (f->kind == KIND_2) {
		got = f->is_double ? f->code.d2(x, y) : (double)f->code.f2((float)x, (float)y);
		r = f->ref.r2(x, y);
	} else {
		got = f->is_double ? f->code.di(x, n) : (double)f->code.fi((float)x, n);
		r = f->ref.ri(x, n);
		y = n;
	}
	error = error_in_ulp(got, r, f->is_double);
	if (error > w->error)
		*w = (struct worst){error, x, y, got, (double)r};
}

/* X(name, reference, least and greatest argument): native_ functions, float only. */
#define NATIVE(X)                                                                                  \
	X(cos, cosf128, -100, 100)                                                                 \
	X(exp, expf128, -80, 80)                                                                   \
	X(exp10, exp10f128, -35, 35)                                                               \
	X(exp2, exp2f128, -120, 120)                                                               \
	X(log, logf128, 0x1p-100, 1e6)                                                             \
	X(log10, log10f128, 0x1p-100, 1e6)                                                         \
	X(log2, log2f128, 0x1p-100, 1e6)                                                           \
	X(recip, ref_recip, 1e-6, 1e6)                                                             \
	X(rsqrt, ref_rsqrt, 1e-6, 1e6)                                                             \
	X(sin, sinf128, -100, 100)                                                                 \
	X(tan, tanf128, -1.5, 1.5)

#define DECLARE_NATIVE(name, ref, low, high)                                                       \
	float cl_native_##name(float) __asm__("cwt_native_" #name "_f");
NATIVE(DECLARE_NATIVE)

struct native {
	const char *name;
	float (*code)(float);
	quad (*ref)(quad);
	double low, high;
};

#define ENTRY_NATIVE(name, ref, low, high) {#name, cl_native_##name, ref, low, high},
static const struct native natives[] = {NATIVE(ENTRY_NATIVE)};

/* Four good digits, relative to the result or to 1. */
static int check_native(const struct native *f)
{
	for (int i = 0; i < 5000; i++) {
		double u = (double)(random_bits() >> 11) * 0x1p-53;
		float x = (float)(f->low + (f->high - f->low) * (i & 1 ? u : u * u * u));
		double want = (double)f->ref((quad)x), got = f->code(x);
		double scale = fabs(want) > 1 ? fabs(want) : 1;

		if (!(fabs(got - want) <= 1e-5 * scale)) {
			printf("FAIL native_%s(%a): %a, not %a\n", f->name, (double)x, got, want);
			return 1;
		}
	}
	return 0;
}

static void check_all(const struct function *f, size_t samples, struct worst *w)
{
	size_t i, j, all = 2 * EDGES + samples;

	for (i = 0; i < all; i++) {
		double x = value_at(i, f->is_double);

		if (f->kind != KIND_2) {
			check(f, x, 0, random_int(i), w);
			if (f->kind == KIND_I)
				check(f, x, 0, random_int(4 * i), w);
			continue;
		}
		for (j = 0; i < 2 * EDGES && j < 2 * EDGES; j++)
			check(f, x, value_at(j, f->is_double), 0, w);
		check(f, x, value_at(2 * EDGES, f->is_double), 0, w);
		check(f, x, value_at(2 * EDGES, f->is_double), 0, w);
	}
}

int main(int argc, char **argv)
{
	size_t samples = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000, i;
	const char *only = argc > 2 && argv[2][0] != '-' ? argv[2] : NULL;
	int all = argc > 2 && strcmp(argv[argc - 1], "-v") == 0, failed = 0;

	for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		const struct function *f = &functions[i];
		struct worst w = {-1, 0, 0, 0, 0};
		int bad;

		if (only && strcmp(only, f->name) != 0)
			continue;
		check_all(f, samples, &w);
		bad = !(w.error <= f->limit);
		failed += bad;
		if (bad || all)
			printf("%s %-9s %-6s %10.4g of %4g ulp at %a, %a: %a, not %a\n",
			       bad ? "FAIL" : "  ok", f->name, f->is_double ? "double" : "float",
			       w.error, f->limit, w.x, w.y, w.got, w.want);
	}
	for (i = 0; i < sizeof(natives) / sizeof(natives[0]); i++)
		if (!only || strcmp(only, natives[i].name) == 0)
			failed += check_native(&natives[i]);
	printf("%d failed\n", failed);
	return failed ? 1 : 0;
}
