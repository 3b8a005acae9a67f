/* SPDX-License-Identifier: MIT */
/* Prototypes of support.c: CWC_SUPPORT_NAMES of intrinsics.h, as the ABI has them. */
#ifndef CWC_BUILTINS_SUPPORT_H
#define CWC_BUILTINS_SUPPORT_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int bcmp(const void *a, const void *b, size_t n);

float fmaf(float x, float y, float z);
double fma(double x, double y, double z);

float __extendhfsf2(_Float16 h);
_Float16 __truncsfhf2(float x);
_Float16 __truncdfhf2(double x);

__int128 __multi3(__int128 a, __int128 b);
unsigned __int128 __udivti3(unsigned __int128 a, unsigned __int128 b);
unsigned __int128 __umodti3(unsigned __int128 a, unsigned __int128 b);
__int128 __divti3(__int128 a, __int128 b);
__int128 __modti3(__int128 a, __int128 b);

#endif
