# SPDX-License-Identifier: MIT
"""Integer functions (OpenCL C 6.15.3) and integer min, max, clamp."""
from types_ import *

WIDER = {8: 16, 16: 32, 32: 64}

ONE_LINE = """
CW_INLINE {U} abs_diff({T} x, {T} y)
{{
	return ({U})(CW_AS({U}, cw_max(x, y)) - CW_AS({U}, cw_min(x, y)));
}}
CW_INLINE {T} add_sat({T} x, {T} y) {{ return __builtin_elementwise_add_sat(x, y); }}
CW_INLINE {T} sub_sat({T} x, {T} y) {{ return __builtin_elementwise_sub_sat(x, y); }}
CW_INLINE {T} hadd({T} x, {T} y) {{ return ({T})((x & y) + ((x ^ y) >> ({T})1)); }}
CW_INLINE {T} rhadd({T} x, {T} y) {{ return ({T})((x | y) - ((x ^ y) >> ({T})1)); }}
CW_INLINE {T} clz({T} x)
{{
	return CW_AS({T}, __builtin_elementwise_clzg(CW_AS({U}, x), ({U}){bits}));
}}
CW_INLINE {T} ctz({T} x)
{{
	return CW_AS({T}, __builtin_elementwise_ctzg(CW_AS({U}, x), ({U}){bits}));
}}
CW_INLINE {T} popcount({T} x) {{ return __builtin_elementwise_popcount(x); }}
CW_INLINE {T} rotate({T} x, {T} y)
{{
	return CW_AS({T}, __builtin_elementwise_fshl(CW_AS({U}, x), CW_AS({U}, x), CW_AS({U}, y)));
}}
CW_INLINE {T} min({T} x, {T} y) {{ return cw_min(x, y); }}
CW_INLINE {T} max({T} x, {T} y) {{ return cw_max(x, y); }}
CW_INLINE {T} clamp({T} x, {T} lo, {T} hi) {{ return cw_min(cw_max(x, lo), hi); }}
CW_INLINE {T} mad_hi({T} x, {T} y, {T} z) {{ return ({T})(mul_hi(x, y) + z); }}
"""

SCALAR_LIMITS = """
CW_INLINE {T} min({T} x, {t} y) {{ return cw_min(x, ({T})y); }}
CW_INLINE {T} max({T} x, {t} y) {{ return cw_max(x, ({T})y); }}
CW_INLINE {T} clamp({T} x, {t} lo, {t} hi) {{ return cw_min(cw_max(x, ({T})lo), ({T})hi); }}
"""

# The high half of a 64-bit product from 32-bit pieces, which vectorise.
MUL_HI_64 = """
CW_INLINE {U} mul_hi({U} x, {U} y)
{{
	{U} low = ({U})0xfffffffful;
	{U} x0 = x & low, x1 = x >> ({U})32, y0 = y & low, y1 = y >> ({U})32;
	{U} t = x1 * y0 + ((x0 * y0) >> ({U})32);
	{U} u = x0 * y1 + (t & low);

	return x1 * y1 + (t >> ({U})32) + (u >> ({U})32);
}}
CW_INLINE {S} mul_hi({S} x, {S} y)
{{
	{S} high = CW_AS({S}, mul_hi(CW_AS({U}, x), CW_AS({U}, y)));

	return high - ((x >> ({S})63) & y) - ((y >> ({S})63) & x);
}}
"""

MAD_SAT_64 = """
CW_INLINE ulong mad_sat(ulong x, ulong y, ulong z)
{
	return mul_hi(x, y) ? ~0ul : __builtin_elementwise_add_sat(x * y, z);
}
CW_INLINE long mad_sat(long x, long y, long z)
{
	ulong low = (ulong)x * (ulong)y;
	ulong sum = low + (ulong)z;
	long high = mul_hi(x, y) + (z >> 63) + (sum < low ? 1 : 0);

	if (high == (long)sum >> 63)
		return (long)sum;
	return high < 0 ? LONG_MIN : LONG_MAX;
}
"""


def narrow(t, n):
    """mul_hi and mad_sat of 8, 16 and 32 bits, through the next wider type."""
    bits = BITS[t]
    wide = (SIGNED if is_signed(t) else UNSIGNED)[WIDER[bits]]
    wt, wx, wy, wz = vec(wide, n), *(convert(wide, n, v) for v in "xyz")
    lo, hi = (splat(wide, n, v) for v in limits(t))
    high = convert(t, n, f"({wx} * {wy}) >> ({wt}){bits}")
    clamped = convert(t, n, f"cw_min(cw_max(({wt})({wx} * {wy} + {wz}), {lo}), {hi})")
    tt = vec(t, n)
    yield f"CW_INLINE {tt} mul_hi({tt} x, {tt} y) {{ return {high}; }}"
    yield f"CW_INLINE {tt} mad_sat({tt} x, {tt} y, {tt} z) {{ return {clamped}; }}"


def upsample(t, n):
    bits = BITS[t]
    wide = (SIGNED if is_signed(t) else UNSIGNED)[WIDER[bits]]
    uwide = UNSIGNED[WIDER[bits]]
    w, uw = vec(wide, n), vec(uwide, n)
    high = convert(wide, n, "hi")
    low = convert(uwide, n, "lo")
    return (f"CW_INLINE {w} upsample({vec(t, n)} hi, {vec(unsigned(t), n)} lo)\n"
            f"{{\n\treturn CW_AS({w}, ({uw})((CW_AS({uw}, {high}) << ({uw}){bits}) | {low}));\n}}")


def of_type(t, n):
    tt, u = vec(t, n), vec(unsigned(t), n)
    value = f"CW_AS({u}, __builtin_elementwise_abs(x))" if is_signed(t) else "x"
    yield f"CW_INLINE {u} abs({tt} x) {{ return {value}; }}"
    if BITS[t] < 64:
        yield from narrow(t, n)
        yield upsample(t, n)
    elif n > 1:
        yield wrap(t, "mad_sat", [t, t, t], n)
    yield ONE_LINE.format(T=tt, U=u, bits=BITS[t])
    if n > 1:
        yield SCALAR_LIMITS.format(T=tt, t=t)
    if t in ("int", "uint"):
        yield f"CW_INLINE {tt} mul24({tt} x, {tt} y) {{ return x * y; }}"
        yield f"CW_INLINE {tt} mad24({tt} x, {tt} y, {tt} z) {{ return x * y + z; }}"


def lines():
    for n in SIZES:
        yield MUL_HI_64.format(U=vec("ulong", n), S=vec("long", n))
    yield MAD_SAT_64
    for t in INTS:
        for n in SIZES:
            yield from of_type(t, n)
