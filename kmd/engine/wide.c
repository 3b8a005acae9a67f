/* SPDX-License-Identifier: MIT */
/* Copies and fills with the widest vectors that the processor and the kernel have. */
#include "engine.h"
#include <cpuid.h>

/* No loop here is to become a call of memcpy(). */
#ifndef __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

#define BLOCK_BYTES 128

typedef void copy_fn(unsigned char *dst, const unsigned char *src, uint64_t bytes);
typedef void fill_fn(unsigned char *dst, const unsigned char *block, uint64_t blocks);

typedef uint64_t any64 __attribute__((may_alias, aligned(1)));
typedef uint32_t any32 __attribute__((may_alias, aligned(1)));
typedef uint16_t any16 __attribute__((may_alias, aligned(1)));

/* Fewer than 16 bytes: the first and the last ones, which may be the same. */
static void copy_few(unsigned char *dst, const unsigned char *src, uint64_t bytes)
{
	if (bytes >= 8) {
		uint64_t last = *(const any64 *)(src + bytes - 8);

		*(any64 *)dst = *(const any64 *)src;
		*(any64 *)(dst + bytes - 8) = last;
	} else if (bytes >= 4) {
		uint32_t last = *(const any32 *)(src + bytes - 4);

		*(any32 *)dst = *(const any32 *)src;
		*(any32 *)(dst + bytes - 4) = last;
	} else if (bytes >= 2) {
		uint16_t last = *(const any16 *)(src + bytes - 2);

		*(any16 *)dst = *(const any16 *)src;
		*(any16 *)(dst + bytes - 2) = last;
	} else if (bytes) {
		*dst = *src;
	}
}

/*
 * One copy and one fill for vectors of WIDTH bytes.  Rows shorter than one
 * vector go to NARROWER.
 */
#define DEFINE_WIDE(NAME, WIDTH, TARGET, NARROWER)                                                 \
	typedef unsigned char NAME##_vector                                                        \
		__attribute__((vector_size(WIDTH), may_alias, aligned(1)));                        \
                                                                                                   \
	__attribute__((target(TARGET))) static void copy_##NAME(                                   \
		unsigned char *dst, const unsigned char *src, uint64_t bytes)                      \
	{                                                                                          \
		uint64_t i = 0;                                                                    \
                                                                                                   \
		if (bytes < (WIDTH)) {                                                             \
			NARROWER(dst, src, bytes);                                                 \
			return;                                                                    \
		}                                                                                  \
		for (; bytes - i >= 4 * (WIDTH); i += 4 * (WIDTH)) {                               \
			NAME##_vector a = *(const NAME##_vector *)(src + i);                       \
			NAME##_vector b = *(const NAME##_vector *)(src + i + (WIDTH));             \
			NAME##_vector c = *(const NAME##_vector *)(src + i + 2 * (WIDTH));         \
			NAME##_vector d = *(const NAME##_vector *)(src + i + 3 * (WIDTH));         \
                                                                                                   \
			*(NAME##_vector *)(dst + i) = a;                                           \
			*(NAME##_vector *)(dst + i + (WIDTH)) = b;                                 \
			*(NAME##_vector *)(dst + i + 2 * (WIDTH)) = c;                             \
			*(NAME##_vector *)(dst + i + 3 * (WIDTH)) = d;                             \
		}                                                                                  \
		for (; bytes - i >= (WIDTH); i += (WIDTH))                                         \
			*(NAME##_vector *)(dst + i) = *(const NAME##_vector *)(src + i);           \
		if (i < bytes)                                                                     \
			*(NAME##_vector *)(dst + bytes - (WIDTH)) =                                \
				*(const NAME##_vector *)(src + bytes - (WIDTH));                   \
	}                                                                                          \
                                                                                                   \
	__attribute__((target(TARGET))) static void fill_##NAME(                                   \
		unsigned char *dst, const unsigned char *block, uint64_t blocks)                   \
	{                                                                                          \
		NAME##_vector values[BLOCK_BYTES / (WIDTH)];                                       \
                                                                                                   \
		for (unsigned int i = 0; i < BLOCK_BYTES / (WIDTH); i++)                           \
			values[i] = *(const NAME##_vector *)(block + i * (WIDTH));                 \
		for (; blocks; blocks--, dst += BLOCK_BYTES) {                                     \
			for (unsigned int i = 0; i < BLOCK_BYTES / (WIDTH); i++)                   \
				*(NAME##_vector *)(dst + i * (WIDTH)) = values[i];                 \
		}                                                                                  \
	}

DEFINE_WIDE(sse2, 16ull, "sse2", copy_few)
DEFINE_WIDE(avx, 32ull, "avx", copy_sse2)
DEFINE_WIDE(avx512, 64ull, "avx512f", copy_avx)

static copy_fn *copy = copy_sse2;
static fill_fn *fill = fill_sse2;
static bool has_avx;

/* Which registers the kernel saves. */
static uint64_t xcr0(void)
{
	uint32_t low, high;

	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

void wide_init(void)
{
	const uint64_t avx_state = 0x6, avx512_state = 0xe6;
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !(c & bit_AVX) ||
	    (xcr0() & avx_state) != avx_state)
		return;
	has_avx = true;
	copy = copy_avx;
	fill = fill_avx;
	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX512F) ||
	    (xcr0() & avx512_state) != avx512_state)
		return;
	copy = copy_avx512;
	fill = fill_avx512;
}

bool wide_has_avx(void)
{
	return has_avx;
}

void wide_copy(void *dst, const void *src, uint64_t bytes)
{
	copy(dst, src, bytes);
}

void wide_fill(void *dst, const unsigned char *block, uint64_t bytes)
{
	unsigned char *tail = (unsigned char *)dst + bytes / BLOCK_BYTES * BLOCK_BYTES;

	fill(dst, block, bytes / BLOCK_BYTES);
	copy(tail, block, bytes % BLOCK_BYTES);
}
