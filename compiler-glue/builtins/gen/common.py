# SPDX-License-Identifier: MIT
"""Common functions (OpenCL C 6.15.4) and geometric functions (6.15.5)."""
from mathfn import mad_declaration
from types_ import *

COMMON = """
CW_INLINE {F} degrees({F} x) {{ return ({F}){deg} * x; }}
CW_INLINE {F} radians({F} x) {{ return ({F}){rad} * x; }}
CW_INLINE {F} max({F} x, {F} y) {{ return x < y ? y : x; }}
CW_INLINE {F} min({F} x, {F} y) {{ return y < x ? y : x; }}
CW_INLINE {F} clamp({F} x, {F} lo, {F} hi) {{ return min(max(x, lo), hi); }}
CW_INLINE {F} mix({F} x, {F} y, {F} a) {{ return {mad}(y - x, a, x); }}
CW_INLINE {F} step({F} edge, {F} x) {{ return x < edge ? ({F})0 : ({F})1; }}
CW_INLINE {F} smoothstep({F} e0, {F} e1, {F} x)
{{
	{F} t = clamp((x - e0) / (e1 - e0), ({F})0, ({F})1);

	return t * t * (({F})3 - ({F})2 * t);
}}
CW_INLINE {F} sign({F} x)
{{
	/* Zeros keep their sign; NaN gives 0. */
	{F} one = __builtin_elementwise_copysign(({F})1, x);
	{F} zero = __builtin_elementwise_copysign(({F})0, x);
	{F} r = x != ({F})0 ? one : zero;

	return x == x ? r : ({F})0;
}}
"""

SCALAR_ARGS = """
CW_INLINE {F} max({F} x, {f} y) {{ return max(x, ({F})y); }}
CW_INLINE {F} min({F} x, {f} y) {{ return min(x, ({F})y); }}
CW_INLINE {F} clamp({F} x, {f} lo, {f} hi) {{ return clamp(x, ({F})lo, ({F})hi); }}
CW_INLINE {F} mix({F} x, {F} y, {f} a) {{ return mix(x, y, ({F})a); }}
CW_INLINE {F} step({f} edge, {F} x) {{ return step(({F})edge, x); }}
CW_INLINE {F} smoothstep({f} e0, {f} e1, {F} x)
{{
	return smoothstep(({F})e0, ({F})e1, x);
}}
"""

CROSS = """
CW_INLINE {f}3 cross({f}3 x, {f}3 y)
{{
	return x.yzx * y.zxy - x.zxy * y.yzx;
}}
CW_INLINE {f}4 cross({f}4 x, {f}4 y)
{{
	return ({f}4)(cross(x.xyz, y.xyz), ({f})0);
}}
"""

# Lengths scale by a power of two first, so that squares neither overflow nor vanish.
GEOMETRIC = """
CW_INLINE {f} dot({F} x, {F} y)
{{
	{F} p = x * y;

	return {sum};
}}
CW_INLINE {f} length({F} x)
{{
	{f} most = {most};
	{f} scale = cw_length_scale(most);
	{F} y = x * scale;

	return __builtin_elementwise_sqrt(dot(y, y)) * cw_length_unscale(most);
}}
CW_INLINE {f} distance({F} x, {F} y) {{ return length(x - y); }}
CW_INLINE {F} normalize({F} x)
{{
	{f} most = {most};
	{F} z = most == ({f})INFINITY ? {infinite} : x;
	{f} scale = most == ({f})INFINITY ? ({f})1 : cw_length_scale(most);
	{F} y = z * scale;
	{f} square = dot(y, y);

	/* Scale up before and down after dividing: small elements keep their bits. */
	z = (scale < ({f})1 ? z : y) / __builtin_elementwise_sqrt(square);
	z = z * (scale < ({f})1 ? scale : ({f})1);
	return square == ({f})0 ? x : z;
}}
"""

FAST = """
CW_INLINE float fast_length({F} x) {{ return __builtin_elementwise_sqrt(dot(x, x)); }}
CW_INLINE float fast_distance({F} x, {F} y) {{ return fast_length(x - y); }}
CW_INLINE {F} fast_normalize({F} x)
{{
	float square = dot(x, x);

	return square == 0.0f ? x : x * (1.0f / __builtin_elementwise_sqrt(square));
}}
"""

SCALES = """
CW_HELPER float cw_length_scale(float most)
{
	float small = cw_select(most < 0x1p-40f, 0x1p86f, 1.0f);

	return cw_select(most > 0x1p60f, 0x1p-66f, small);
}
CW_HELPER float cw_length_unscale(float most)
{
	float small = cw_select(most < 0x1p-40f, 0x1p-86f, 1.0f);

	return cw_select(most > 0x1p60f, 0x1p66f, small);
}
CW_HELPER double cw_length_unscale(double most)
{
	double small = cw_select(most < 0x1p-450, 0x1p-600, 1.0);

	return cw_select(most > 0x1p500, 0x1p524, small);
}
CW_HELPER double cw_length_scale(double most)
{
	double small = cw_select(most < 0x1p-450, 0x1p600, 1.0);

	return cw_select(most > 0x1p500, 0x1p-524, small);
}
"""


def geometric(f, n):
    comps = ["" if n == 1 else ".s" + ELEMENTS[i] for i in range(n)]
    total = " + ".join("p" + c for c in comps)
    most = f"__builtin_elementwise_abs(x{comps[0]})"
    for c in comps[1:]:
        most = f"cw_max_magnitude({most}, x{c})"
    ft = vec(f, n)
    infinite = (f"__builtin_elementwise_copysign(__builtin_elementwise_abs(x) == ({ft})INFINITY ? "
                f"({ft})1 : x - x, x)")
    infinite = infinite.replace("x - x", f"x * ({ft})0")
    return GEOMETRIC.format(F=ft, f=f, sum=total, most=most, infinite=infinite)


def lines():
    yield SCALES
    for f, c in (("float", "f"), ("double", "")):
        yield (f"CW_HELPER {f} cw_max_magnitude({f} a, {f} x)\n"
               f"{{\n\treturn __builtin_elementwise_maxnum(a, __builtin_elementwise_abs(x));\n}}")
        for n in SIZES:
            yield mad_declaration(f, n)
            yield COMMON.format(F=vec(f, n), mad=f"cw_mad_{vec(f, n)}",
                                deg=f"0x1.ca5dc1a63c1f8p+5{c}", rad=f"0x1.1df46a2529d39p-6{c}")
            if n > 1:
                yield SCALAR_ARGS.format(F=vec(f, n), f=f)
        for n in (1, 2, 3, 4):
            yield geometric(f, n)
        yield CROSS.format(f=f)
    for n in (1, 2, 3, 4):
        yield FAST.format(F=vec("float", n))
