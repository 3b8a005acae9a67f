/* SPDX-License-Identifier: MIT */
/*
 * Functions that instruction selection may call by name: CWC_SUPPORT_NAMES of
 * intrinsics.h.  Compiled for x86-64-v2 without libc; nothing here calls out.
 */
#include <stddef.h>
#include <stdint.h>

#include "support.h"

union bits32 {
	float f;
	uint32_t u;
};

union bits64 {
	double f;
	uint64_t u;
};

typedef unsigned __int128 u128;
typedef __int128 i128;

typedef uint64_t block __attribute__((vector_size(16), aligned(1), may_alias));

/* From here on the string instructions are the faster way. */
#define STRING_BYTES 512

/*
 * Inline asm keeps the compiler from turning these loops into calls of
 * themselves.
 */
void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if (n >= STRING_BYTES) {
		__asm__ volatile("rep movsb" : "+D"(d), "+S"(s), "+c"(n) : : "memory");
		return dst;
	}
	for (; n >= sizeof(block); n -= sizeof(block), d += sizeof(block), s += sizeof(block)) {
		*(block *)d = *(const block *)s;
		__asm__ volatile("" : : : "memory");
	}
	while (n--) {
		*d++ = *s++;
		__asm__ volatile("" : : : "memory");
	}
	return dst;
}

void *memset(void *dst, int value, size_t n)
{
	unsigned char *d = dst;
	uint64_t pattern = 0x0101010101010101ull * (unsigned char)value;
	block wide = {pattern, pattern};

	if (n >= STRING_BYTES) {
		__asm__ volatile("rep stosb" : "+D"(d), "+c"(n) : "a"(value) : "memory");
		return dst;
	}
	for (; n >= sizeof(block); n -= sizeof(block), d += sizeof(block)) {
		*(block *)d = wide;
		__asm__ volatile("" : : : "memory");
	}
	while (n--) {
		*d++ = (unsigned char)value;
		__asm__ volatile("" : : : "memory");
	}
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	unsigned char *d = dst;
	const unsigned char *s = src;

	if ((uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(dst, src, n);
	d += n;
	s += n;
	for (; n >= 8; n -= 8) {
		uint64_t word;

		d -= 8;
		s -= 8;
		__builtin_memcpy(&word, s, 8);
		__asm__ volatile("" : "+r"(word));
		__builtin_memcpy(d, &word, 8);
	}
	while (n--) {
		*--d = *--s;
		__asm__ volatile("" : : : "memory");
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
		__asm__ volatile("");
	}
	return 0;
}

int bcmp(const void *a, const void *b, size_t n)
{
	return memcmp(a, b, n);
}

/*
 * fmaf - the product is exact in double; the sum is rounded to odd there, so
 * that the last rounding sees which side of a tie it is on.
 */
float fmaf(float x, float y, float z)
{
	double p = (double)x * y, c = z, s = p + c;
	double bb = s - p, error = (p - (s - bb)) + (c - bb);
	union bits64 r = {s};

	if (error != 0 && !(r.u & 1) && s - s == 0)
		r.u += (error > 0) == (s > 0) ? 1 : -1;
	return (float)r.f;
}

/*
 * struct soft - a finite non-zero double: fraction << 2^exponent.
 * @fraction: 53 bits, the leading one set.
 * @exponent: of the fraction's last bit.
 */
struct soft {
	uint64_t fraction;
	int exponent;
	int sign;
};

static struct soft unpack(double x)
{
	union bits64 b = {x};
	struct soft s = {b.u & 0xfffffffffffffull, (int)(b.u >> 52 & 0x7ff), (int)(b.u >> 63)};
	int shift;

	if (s.exponent) {
		s.fraction |= 1ull << 52;
	} else {
		shift = __builtin_clzll(s.fraction) - 11;
		s.fraction <<= shift;
		s.exponent = 1 - shift;
	}
	s.exponent -= 1075;
	return s;
}

/* Shift right, keeping in the last bit whether anything was lost. */
static u128 shift_sticky(u128 v, int n)
{
	if (n <= 0)
		return v;
	if (n > 127)
		return v != 0;
	return v >> n | ((v & (((u128)1 << n) - 1)) != 0);
}

static int leading_zeros(u128 v)
{
	uint64_t high = (uint64_t)(v >> 64), low = (uint64_t)v;

	return high ? __builtin_clzll(high) : 64 + __builtin_clzll(low);
}

/* v * 2^exponent with sign, v non-zero, rounded to nearest even. */
static double pack(u128 v, int exponent, int sign)
{
	union bits64 r;
	int zeros = leading_zeros(v);
	int drop = 128 - 53 - zeros; /* bits to lose for a 53-bit fraction */
	uint64_t kept, lost;

	if (exponent + drop < -1074)
		drop = -1074 - exponent;
	/* Two bits below the fraction decide the rounding. */
	v = drop < 2 ? v << (2 - drop) : shift_sticky(v, drop - 2);
	kept = (uint64_t)(v >> 2);
	lost = (uint64_t)v & 3;
	exponent += drop;
	kept += lost > 2 || (lost == 2 && (kept & 1));
	if (kept >> 53) {
		kept >>= 1;
		exponent++;
	}
	if (exponent > 971) {
		r.u = 0x7ffull << 52;
	} else {
		r.u = kept & 0xfffffffffffffull;
		if (kept >> 52)
			r.u |= (uint64_t)(exponent + 1075) << 52;
	}
	r.u |= (uint64_t)sign << 63;
	return r.f;
}

/* fma of finite non-zero values in integers: 106-bit product, 3 guard bits. */
static double fma_finite(double x, double y, double z)
{
	struct soft a = unpack(x), b = unpack(y), c = unpack(z);
	int sign = a.sign ^ b.sign, exponent = a.exponent + b.exponent;
	u128 product = (u128)a.fraction * b.fraction << 20;
	u128 addend = (u128)c.fraction << 73;
	int apart;

	/* Both have their leading bit at 125 or 126. */
	exponent -= 20;
	c.exponent -= 73;
	apart = exponent - c.exponent;
	if (apart >= 0) {
		addend = shift_sticky(addend, apart);
	} else {
		product = shift_sticky(product, -apart);
		exponent = c.exponent;
	}
	if (sign == c.sign)
		return pack(product + addend, exponent, sign);
	if (product == addend)
		return 0.0;
	if (product > addend)
		return pack(product - addend, exponent, sign);
	return pack(addend - product, exponent, c.sign);
}

double fma(double x, double y, double z)
{
	if (x - x != 0 || y - y != 0 || x == 0 || y == 0)
		return x * y + z;
	if (z - z != 0) /* not x * y + z, which may overflow first */
		return z + z;
	if (z == 0)
		return x * y;
	return fma_finite(x, y, z);
}

float __extendhfsf2(_Float16 h)
{
	union {
		_Float16 h;
		uint16_t u;
	} in = {h};
	uint32_t magnitude = in.u & 0x7fffu;
	union bits32 r = {.u = magnitude << 13};

	r.f *= 0x1p112f;
	if (magnitude >= 0x7c00)
		r.u |= 0xffu << 23;
	r.u |= (uint32_t)(in.u & 0x8000) << 16;
	return r.f;
}

static _Float16 half_from_bits(uint32_t bits)
{
	union {
		uint16_t u;
		_Float16 h;
	} out = {(uint16_t)bits};

	return out.h;
}

_Float16 __truncsfhf2(float x)
{
	union bits32 in = {x};
	uint32_t sign = in.u >> 16 & 0x8000, magnitude = in.u & 0x7fffffff;
	union bits32 r;

	if (magnitude > 0x7f800000)
		return half_from_bits(sign | 0x7e00 | (magnitude >> 13 & 0x1ff));
	if (magnitude >= 0x477ff000)
		return half_from_bits(sign | 0x7c00);
	if (magnitude < 0x38800000) { /* subnormal: let addition round */
		r.u = magnitude;
		r.f += 0.5f;
		return half_from_bits(sign | (r.u - 0x3f000000));
	}
	magnitude += 0xfff + (magnitude >> 13 & 1);
	return half_from_bits(sign | ((magnitude - 0x38000000) >> 13));
}

_Float16 __truncdfhf2(double x)
{
	float f = (float)x;
	union bits32 r = {f};

	/* To odd first, so that rounding twice does no harm. */
	if ((double)f != x && x == x && f - f == 0 && !(r.u & 1))
		r.u += (double)__builtin_fabsf(f) < __builtin_fabs(x) ? 1 : -1;
	return __truncsfhf2(r.f);
}

i128 __multi3(i128 a, i128 b)
{
	uint64_t al = (uint64_t)a, ah = (uint64_t)((u128)a >> 64);
	uint64_t bl = (uint64_t)b, bh = (uint64_t)((u128)b >> 64);
	uint64_t low, high;

	__asm__("mulq %3" : "=a"(low), "=d"(high) : "a"(al), "r"(bl) : "cc");
	high += al * bh + ah * bl;
	return (i128)((u128)high << 64 | low);
}

static u128 divide(u128 n, u128 d, u128 *rest)
{
	u128 q = 0;
	int shift;

	if (d > n) {
		*rest = n;
		return 0;
	}
	shift = d ? leading_zeros(d) - leading_zeros(n) : 0;
	for (d <<= shift; shift >= 0; shift--, d >>= 1) {
		q <<= 1;
		if (n >= d) {
			n -= d;
			q |= 1;
		}
	}
	*rest = n;
	return q;
}

u128 __udivti3(u128 a, u128 b)
{
	u128 rest;

	return divide(a, b, &rest);
}

u128 __umodti3(u128 a, u128 b)
{
	u128 rest;

	divide(a, b, &rest);
	return rest;
}

i128 __divti3(i128 a, i128 b)
{
	u128 q = __udivti3(a < 0 ? -(u128)a : (u128)a, b < 0 ? -(u128)b : (u128)b);

	return (i128)((a < 0) != (b < 0) ? -q : q);
}

i128 __modti3(i128 a, i128 b)
{
	u128 r = __umodti3(a < 0 ? -(u128)a : (u128)a, b < 0 ? -(u128)b : (u128)b);

	return (i128)(a < 0 ? -r : r);
}
