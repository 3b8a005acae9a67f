/* SPDX-License-Identifier: MIT */
/* What compilers call by themselves, also without libc. */
#include <stddef.h>

/* These loops are not to become calls of the functions that they are. */
#ifndef __clang__
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

void *memcpy(void *restrict dst, const void *restrict src, size_t bytes);
void *memset(void *dst, int value, size_t bytes);

void *memcpy(void *restrict dst, const void *restrict src, size_t bytes)
{
	unsigned char *to = dst;
	const unsigned char *from = src;

	for (size_t i = 0; i < bytes; i++)
		to[i] = from[i];
	return dst;
}

void *memset(void *dst, int value, size_t bytes)
{
	unsigned char *to = dst;

	for (size_t i = 0; i < bytes; i++)
		to[i] = (unsigned char)value;
	return dst;
}
