# SPDX-License-Identifier: MIT
"""convert_ and as_ conversions (OpenCL C 6.4): every type, rounding and _sat.

Without a suffix, conversions to integers round toward zero and all others to
nearest even.  A conversion to an integer without _sat is a plain one: its
result out of range is implementation-defined, and costs nothing.
"""
from types_ import *

ROUNDINGS = ("", "_rte", "_rtz", "_rtp", "_rtn")
TO_INTEGRAL = {"_rte": "rint", "_rtp": "ceil", "_rtn": "floor"}


def sat_intrinsic(dst, src, n):
    sign = "s" if is_signed(dst) else "u"
    v = "" if n == 1 else f"v{n}"
    return f"llvm.fpto{sign}i.sat.{v}i{BITS[dst]}.{v}{LLVM[src]}"


def sat_name(dst, src, n):
    return f"cw_sat_{vec(dst, n)}_{src}"


def int_to_int_sat(dst, src, n):
    """Clamp to what both types hold, then convert."""
    lo_d, hi_d = int_range(dst)
    lo_s, hi_s = int_range(src)
    value = "x"
    if lo_d > lo_s:
        value = f"cw_max({value}, {splat(src, n, limits(dst)[0])})"
    if hi_d < hi_s:
        value = f"cw_min({value}, {splat(src, n, limits(dst)[1])})"
    return convert(dst, n, value)


def int_range(t):
    bits = BITS[t]
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if is_signed(t) else (0, (1 << bits) - 1)


def float_to_int(dst, src, n, rounding, sat):
    value = "x"
    if rounding in TO_INTEGRAL:
        value = f"__builtin_elementwise_{TO_INTEGRAL[rounding]}(x)"
    return f"{sat_name(dst, src, n)}({value})" if sat else convert(dst, n, value)


def is_exact(dst, src):
    mantissa = 24 if dst == "float" else 53
    return is_float(src) and BITS[src] <= BITS[dst] or not is_float(src) and BITS[src] <= mantissa


def to_float(dst, src, n, rounding):
    if is_exact(dst, src) or rounding in ("", "_rte"):
        return convert(dst, n, "x")
    if src == "double":
        return f"cw_narrow{rounding}(x)"
    if BITS[src] == 32:
        return f"cw_narrow{rounding}({convert('double', n, 'x')})"
    return f"cw_to_{dst}{rounding}(x)"


def one(dst, src, n, rounding, sat):
    if is_float(dst):
        body = to_float(dst, src, n, rounding)
    elif is_float(src):
        body = float_to_int(dst, src, n, rounding, sat)
    else:
        body = int_to_int_sat(dst, src, n) if sat else convert(dst, n, "x")
    name = f"convert_{vec(dst, n)}{'_sat' if sat else ''}{rounding}"
    return f"CW_INLINE {vec(dst, n)} {name}({vec(src, n)} x) {{ return {body}; }}"


# 64-bit integers: cut the magnitude to the mantissa, so that the rest is exact.
WIDE = """
CW_HELPER {F} cw_magnitude_to_{f}_down({U} m)
{{
	{U} zeros = __builtin_elementwise_clzg(m | ({U})1, ({U})64);
	{U} drop = cw_max(({U})(64 - {mantissa}), zeros) - zeros;

	return {to_f};
}}
CW_HELPER {F} cw_magnitude_to_{f}_up({U} m)
{{
	{U} zeros = __builtin_elementwise_clzg(m | ({U})1, ({U})64);
	{U} drop = cw_max(({U})(64 - {mantissa}), zeros) - zeros;
	{U} mask = (({U})1 << drop) - ({U})1;
	{U} sum = m + mask;

	/* Rounding up past 2^64 - 1 gives 2^64. */
	return cw_select(sum < m, ({F})0x1p64{suffix}, {to_f_up});
}}
CW_HELPER {F} cw_to_{f}_rtz({U} x) {{ return cw_magnitude_to_{f}_down(x); }}
CW_HELPER {F} cw_to_{f}_rtn({U} x) {{ return cw_magnitude_to_{f}_down(x); }}
CW_HELPER {F} cw_to_{f}_rtp({U} x) {{ return cw_magnitude_to_{f}_up(x); }}
CW_HELPER {F} cw_to_{f}_rtz({S} x)
{{
	{F} f = cw_magnitude_to_{f}_down(CW_AS({U}, __builtin_elementwise_abs(x)));

	return cw_select(x < 0, -f, f);
}}
CW_HELPER {F} cw_to_{f}_rtp({S} x)
{{
	{U} m = CW_AS({U}, __builtin_elementwise_abs(x));

	return cw_select(x < 0, -cw_magnitude_to_{f}_down(m), cw_magnitude_to_{f}_up(m));
}}
CW_HELPER {F} cw_to_{f}_rtn({S} x)
{{
	{U} m = CW_AS({U}, __builtin_elementwise_abs(x));

	return cw_select(x < 0, -cw_magnitude_to_{f}_up(m), cw_magnitude_to_{f}_down(m));
}}
"""


def wide_helpers():
    for f, mantissa, suffix in (("float", 24, "f"), ("double", 53, "")):
        yield WIDE.format(f=f, F=f, U="ulong", S="long", mantissa=mantissa, suffix=suffix,
                          to_f=f"({f})((m >> drop) << drop)",
                          to_f_up=f"({f})((sum >> drop) << drop)")
        for n in VECTORS:
            for r in ROUNDINGS[2:]:
                for t in ("long", "ulong"):
                    yield wrap(f, f"cw_to_{f}{r}", [t], n).replace("CW_INLINE", "CW_HELPER")


def lines():
    yield '#include "narrow.h"'
    for n in SIZES:
        for dst in INTS:
            for src in FLOATS:
                yield (f"{vec(dst, n)} {sat_name(dst, src, n)}({vec(src, n)}) "
                       f"__asm__(\"{sat_intrinsic(dst, src, n)}\");")
    for n in VECTORS:
        for r in ROUNDINGS[2:]:
            yield wrap("float", f"cw_narrow{r}", ["double"], n).replace("CW_INLINE", "CW_HELPER")
    yield from wide_helpers()
    for dst in BITS:
        for src in BITS:
            for n in SIZES:
                for rounding in ROUNDINGS:
                    yield one(dst, src, n, rounding, False)
                    if not is_float(dst):
                        yield one(dst, src, n, rounding, True)
