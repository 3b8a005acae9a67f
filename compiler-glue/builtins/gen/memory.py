# SPDX-License-Identifier: MIT
"""Vector data load and store (OpenCL C 6.15.7), shuffles, async copies, prefetch."""
from types_ import *

STORE_SPACES = ("__private", "__local", "__global", "__generic")
LOAD_SPACES = STORE_SPACES + ("__constant",)
ROUNDINGS = ("", "_rte", "_rtz", "_rtp", "_rtn")


def stride(n):
    """Elements from one vector to the next of vloada_half and vstorea_half."""
    return 4 if n == 3 else n


def unaligned(t, n):
    return f"cw_unaligned_{vec(t, n)}"


def vload(t, n, space):
    head = f"CW_INLINE {vec(t, n)} vload{n}(size_t i, const {space} {t} *p)\n{{\n"
    if n == 3:
        return head + f"\tp += 3 * i;\n\treturn ({t}3)(p[0], p[1], p[2]);\n}}"
    return head + f"\treturn *(const {space} {unaligned(t, n)} *)(p + {n} * i);\n}}"


def vstore(t, n, space):
    head = f"CW_INLINE void vstore{n}({vec(t, n)} v, size_t i, {space} {t} *p)\n{{\n"
    if n == 3:
        return head + "\tp += 3 * i;\n\tp[0] = v.s0;\n\tp[1] = v.s1;\n\tp[2] = v.s2;\n}"
    return head + f"\t*({space} {unaligned(t, n)} *)(p + {n} * i) = v;\n}}"


def load_half(n, space):
    size = "" if n == 1 else n
    for a, step in (("", n), ("a", stride(n))):
        if n == 1:
            body = "(float)p[i]"
            if a:
                body = "(float)p[i]"
        elif n == 3:
            body = "(float3)(" + ", ".join(f"(float)p[{step} * i + {k}]" for k in range(3)) + ")"
        else:
            body = f"CW_VEC(float{n}, *(const {space} {unaligned('half', n)} *)(p + {step} * i))"
        yield (f"CW_INLINE {vec('float', n)} vload{a}_half{size}(size_t i, const {space} half *p)\n"
               f"{{\n\treturn {body};\n}}")


def store_half(f, n, space, rounding):
    size = "" if n == 1 else n
    how = f"cw_half{rounding or '_rte'}"
    for a, step in (("", n), ("a", stride(n))):
        if n == 1:
            body = f"\tp[i] = {how}(v);\n"
        elif n == 3:
            body = "".join(f"\tp[{step} * i + {k}] = {how}(v.s{k});\n" for k in range(3))
        else:
            values = parts(n, lambda s: f"{how}(v{s})")
            body = f"\t*({space} {unaligned('half', n)} *)(p + {step} * i) =\n\t\t(half{n})({values});\n"
        yield (f"CW_INLINE void vstore{a}_half{size}{rounding}({vec(f, n)} v, size_t i, {space} half *p)\n"
               f"{{\n{body}}}")


def shuffles(t, n, m):
    """Pick m elements out of one or two vectors of n."""
    mask = vec(unsigned(t), m)
    one = parts(m, lambda s: f"x[m{s} & {n - 1}]")
    yield (f"CW_INLINE {vec(t, m)} shuffle({vec(t, n)} x, {mask} m)\n"
           f"{{\n\treturn ({vec(t, m)})({one});\n}}")
    wide = vec(t, 2 * n)
    if n == 16:
        pick = parts(m, lambda s: f"(m{s} & 16 ? y : x)[m{s} & 15]")
        body = f"\treturn ({vec(t, m)})({pick});\n"
    else:
        pick = parts(m, lambda s: f"both[m{s} & {2 * n - 1}]")
        body = f"\t{wide} both = ({wide})(x, y);\n\n\treturn ({vec(t, m)})({pick});\n"
    yield (f"CW_INLINE {vec(t, m)} shuffle2({vec(t, n)} x, {vec(t, n)} y, {mask} m)\n{{\n{body}}}")


# Every work-item of the group copies its share; the wait is a barrier.
ASYNC = """
CW_INLINE event_t async_work_group_copy({d} {T} *dst, const {s} {T} *src, size_t count, event_t event)
{{
	size_t step = cw_group_items();

	for (size_t i = cw_group_item(); i < count; i += step)
		dst[i] = src[i];
	return event;
}}
CW_INLINE event_t async_work_group_strided_copy({d} {T} *dst, const {s} {T} *src, size_t count,
						size_t stride, event_t event)
{{
	size_t step = cw_group_items();

	for (size_t i = cw_group_item(); i < count; i += step)
		dst[{di}] = src[{si}];
	return event;
}}
"""

GROUP_ITEM = """
CW_EFFECT size_t cw_group_items(void)
{
	return cw_local_size(0) * cw_local_size(1) * cw_local_size(2);
}
CW_EFFECT size_t cw_group_item(void)
{
	return (cw_local_id(2) * cw_local_size(1) + cw_local_id(1)) * cw_local_size(0) + cw_local_id(0);
}
#define CW_DEFINE_WAIT(AS)                                                      \\
	CW_INLINE void wait_group_events(int count, AS event_t *events)         \\
	{                                                                       \\
		cw_barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);         \\
	}
CW_DEFINE_WAIT(__private)
CW_DEFINE_WAIT(__local)
CW_DEFINE_WAIT(__global)
CW_DEFINE_WAIT(__generic)
"""


def copies(t, n):
    tt = vec(t, n)
    for d, s, di, si in (("__local", "__global", "i", "i * stride"),
                         ("__global", "__local", "i * stride", "i")):
        yield ASYNC.format(T=tt, d=d, s=s, di=di, si=si)
    yield f"CW_INLINE void prefetch(const __global {tt} *p, size_t count) {{ }}"


def lines():
    yield '#include "narrow.h"'
    yield GROUP_ITEM
    for t in list(BITS) + ["half"]:
        size = BITS.get(t, 16) // 8
        for n in VECTORS:
            yield (f"typedef {t} {unaligned(t, n)} "
                   f"__attribute__((ext_vector_type({n}), aligned({size})));")
    for t in BITS:
        for n in VECTORS:
            for space in LOAD_SPACES:
                yield vload(t, n, space)
            for space in STORE_SPACES:
                yield vstore(t, n, space)
        for n in (2, 4, 8, 16):
            for m in (2, 4, 8, 16):
                yield from shuffles(t, n, m)
        for n in SIZES:
            yield from copies(t, n)
    for n in SIZES:
        for space in LOAD_SPACES:
            yield from load_half(n, space)
        for space in STORE_SPACES:
            for f in FLOATS:
                for r in ROUNDINGS:
                    yield from store_half(f, n, space, r)
