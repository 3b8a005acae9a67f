/* SPDX-License-Identifier: MIT */
/* support.c, its symbols prefixed with s_, against the C library and the compiler. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 u128;
typedef __int128 i128;

double s_fma(double x, double y, double z);
float s_fmaf(float x, float y, float z);
float s___extendhfsf2(_Float16 h);
_Float16 s___truncsfhf2(float x);
_Float16 s___truncdfhf2(double x);
void *s_memcpy(void *dst, const void *src, size_t n);
void *s_memmove(void *dst, const void *src, size_t n);
void *s_memset(void *dst, int value, size_t n);
int s_memcmp(const void *a, const void *b, size_t n);
i128 s___multi3(i128 a, i128 b);
u128 s___udivti3(u128 a, u128 b);
u128 s___umodti3(u128 a, u128 b);
i128 s___divti3(i128 a, i128 b);
i128 s___modti3(i128 a, i128 b);

static int failures;

static void expect(int ok, const char *what, double a, double b, double c)
{
	if (ok)
		return;
	if (failures++ < 20)
		printf("FAIL %s %a %a %a\n", what, a, b, c);
}

static uint64_t random_bits(void)
{
	static uint64_t s = 0x9e3779b97f4a7c15ull;

	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return s * 0x2545f4914f6cdd1dull;
}

static double random_double(void)
{
	static const double edges[] = {
		0.0,	   -0.0,   1.0,	     -1.0,     0x1p-1074,
		0x1p-1022, 0x1p53, 0x1p1023, INFINITY, 0x1.fffffffffffffp1023,
		NAN,	   3.0};
	uint64_t b = random_bits(), pick = random_bits() >> 60;
	double d;

	if (pick == 0)
		return edges[b % 12];
	if (pick < 8) /* near one another, so that sums cancel */
		b = (b & 0x800fffffffffffffull) | (1000 + (b >> 52) % 50) << 52;
	if (pick & 1)
		b &= ~0ull << (random_bits() % 53);
	memcpy(&d, &b, 8);
	return d;
}

static int same(double a, double b)
{
	uint64_t x, y;

	memcpy(&x, &a, 8);
	memcpy(&y, &b, 8);
	return x == y || (isnan(a) && isnan(b));
}

static void check_fma(void)
{
	for (int i = 0; i < 2000000; i++) {
		double x = random_double(), y = random_double(), z = random_double();
		float fx = (float)x, fy = (float)y, fz = (float)z;

		if (i % 4 == 0) {
			z = -x * y;
			fz = -fx * fy;
		}
		expect(same(s_fma(x, y, z), fma(x, y, z)), "fma", x, y, z);
		expect(same(s_fmaf(fx, fy, fz), fmaf(fx, fy, fz)), "fmaf", fx, fy, fz);
	}
}

static void check_half(void)
{
	for (uint32_t i = 0; i < 0x10000; i++) {
		uint16_t u = (uint16_t)i, back;
		_Float16 h;

		memcpy(&h, &u, 2);
		expect(same(s___extendhfsf2(h), (float)h), "extend", i, 0, 0);
		h = s___truncsfhf2((float)h);
		memcpy(&back, &h, 2);
		expect(back == u || ((u & 0x7fff) > 0x7c00 && (back & 0x7fff) > 0x7c00),
		       "round trip", i, 0, 0);
	}
	for (int i = 0; i < 1000000; i++) {
		double d = random_double() * ((i & 1) ? 1 : 0x1p-20);
		float f = (float)d;
		_Float16 a = s___truncsfhf2(f), b = (_Float16)f;

		expect(same((double)a, (double)b), "float to half", f, (double)a, (double)b);
		a = s___truncdfhf2(d);
		b = (_Float16)d;
		expect(same((double)a, (double)b), "double to half", d, (double)a, (double)b);
	}
}

static void check_memory(void)
{
	static unsigned char a[2048], b[2048];

	for (int i = 0; i < 20000; i++) {
		size_t n = random_bits() % 700, from = random_bits() % 600,
		       to = random_bits() % 600;

		for (size_t k = 0; k < sizeof(a); k++)
			a[k] = b[k] = (unsigned char)random_bits();
		memmove(a + to, a + from, n);
		expect(s_memmove(b + to, b + from, n) == b + to && !memcmp(a, b, sizeof(a)),
		       "memmove", (double)n, (double)from, (double)to);
		memset(a + to, 7, n);
		s_memset(b + to, 7, n);
		expect(s_memcmp(a, b, sizeof(a)) == 0, "memset", (double)n, 0, 0);
		memcpy(a + 1300, a + from, n);
		s_memcpy(b + 1300, b + from, n);
		expect(!memcmp(a, b, sizeof(a)), "memcpy", (double)n, 0, 0);
	}
}

static void check_wide(void)
{
	for (int i = 0; i < 300000; i++) {
		u128 a = (u128)random_bits() << 64 | random_bits();
		u128 b = (u128)random_bits() << 64 | random_bits();

		a >>= random_bits() % 128;
		b >>= random_bits() % 128;
		expect(s___multi3((i128)a, (i128)b) == (i128)(a * b), "multi3", i, 0, 0);
		if (b == 0)
			continue;
		expect(s___udivti3(a, b) == a / b, "udivti3", i, 0, 0);
		expect(s___umodti3(a, b) == a % b, "umodti3", i, 0, 0);
		expect(s___divti3((i128)a, -(i128)b) == (i128)a / -(i128)b, "divti3", i, 0, 0);
		expect(s___modti3(-(i128)a, (i128)b) == -(i128)a % (i128)b, "modti3", i, 0, 0);
	}
}

int main(void)
{
	check_fma();
	check_half();
	check_memory();
	check_wide();
	printf("%d failures\n", failures);
	return failures ? 1 : 0;
}
