/* SPDX-License-Identifier: MIT */
/*
 * native_ functions (accuracy is ours to choose) and half_ functions (8192 ulp):
 * scalars, float only.
 */
#ifndef CWC_BUILTINS_FAST_H
#define CWC_BUILTINS_FAST_H

#define CW_DEFINE_FAST_UNARY(NAME)                                                                 \
	CW_INLINE float native_##NAME(float x)                                                     \
	{                                                                                          \
		return NAME(x);                                                                    \
	}                                                                                          \
	CW_INLINE float half_##NAME(float x)                                                       \
	{                                                                                          \
		return NAME(x);                                                                    \
	}

CW_DEFINE_FAST_UNARY(cos)
CW_DEFINE_FAST_UNARY(exp)
CW_DEFINE_FAST_UNARY(exp2)
CW_DEFINE_FAST_UNARY(exp10)
CW_DEFINE_FAST_UNARY(log)
CW_DEFINE_FAST_UNARY(log2)
CW_DEFINE_FAST_UNARY(log10)
CW_DEFINE_FAST_UNARY(sin)
CW_DEFINE_FAST_UNARY(tan)

#define CW_DEFINE_FAST_ARITHMETIC(PREFIX)                                                          \
	CW_INLINE float PREFIX##_divide(float x, float y)                                          \
	{                                                                                          \
		return x / y;                                                                      \
	}                                                                                          \
	CW_INLINE float PREFIX##_recip(float x)                                                    \
	{                                                                                          \
		return 1.0f / x;                                                                   \
	}                                                                                          \
	CW_INLINE float PREFIX##_rsqrt(float x)                                                    \
	{                                                                                          \
		return 1.0f / __builtin_elementwise_sqrt(x);                                       \
	}                                                                                          \
	CW_INLINE float PREFIX##_sqrt(float x)                                                     \
	{                                                                                          \
		return __builtin_elementwise_sqrt(x);                                              \
	}                                                                                          \
	CW_INLINE float PREFIX##_powr(float x, float y)                                            \
	{                                                                                          \
		return powr(x, y);                                                                 \
	}

CW_DEFINE_FAST_ARITHMETIC(native)
CW_DEFINE_FAST_ARITHMETIC(half)

#endif
