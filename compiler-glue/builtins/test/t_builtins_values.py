#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scalar conversions, half stores and integer functions against exact arithmetic.

t_builtins_values.py BUILTINS.bc OPT CLANG: compiles those functions for this machine
into a library and calls them.  Exit 0 if all agree.
"""
import ctypes
import math
import re
import struct
import subprocess
import sys
import tempfile
from fractions import Fraction

TYPES = {  # name: (mangling, ctypes type, bits, signed)
    "char": ("c", ctypes.c_int8, 8, True), "uchar": ("h", ctypes.c_uint8, 8, False),
    "short": ("s", ctypes.c_int16, 16, True), "ushort": ("t", ctypes.c_uint16, 16, False),
    "int": ("i", ctypes.c_int32, 32, True), "uint": ("j", ctypes.c_uint32, 32, False),
    "long": ("l", ctypes.c_int64, 64, True), "ulong": ("m", ctypes.c_uint64, 64, False),
    "float": ("f", ctypes.c_float, 24, True), "double": ("d", ctypes.c_double, 53, True),
}
INTS = [t for t in TYPES if t not in ("float", "double")]
# Precision, least and greatest exponent of the last place.
FORMATS = {"half": (11, -24, 5), "float": (24, -149, 104), "double": (53, -1074, 971)}
ROUNDINGS = ("", "_rte", "_rtz", "_rtp", "_rtn")

failures = 0


def expect(ok, *what):
    global failures
    if not ok:
        failures += 1
        if failures <= 20:
            print("FAIL", *what)


def span(t):
    bits, signed = TYPES[t][2:]
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def round_whole(x, rounding):
    """The Fraction x as an integer."""
    if rounding == "_rte":
        return round(x)
    if rounding == "_rtp":
        return math.ceil(x)
    if rounding == "_rtn":
        return math.floor(x)
    return math.trunc(x)


def round_float(x, form, rounding):
    """The Fraction x in a format, as a float; infinities for overflow."""
    bits, least, most = FORMATS[form]
    if x == 0:
        return 0.0
    leading = abs(x.numerator).bit_length() - x.denominator.bit_length()
    if abs(x) < Fraction(2) ** leading:
        leading -= 1
    e = max(leading - bits + 1, least)
    unit = Fraction(2) ** e
    n = round_whole(x / unit, rounding or "_rte")
    if abs(n) == 1 << bits:
        n, e, unit = n // 2, e + 1, unit * 2
    if e > most:
        away = rounding in ("", "_rte") or rounding == ("_rtp" if x > 0 else "_rtn")
        largest = Fraction((1 << bits) - 1) * Fraction(2) ** most
        value = math.inf if away else float(largest)
        return value if x > 0 else -value
    return float(n * unit)


def sources(t):
    if t in INTS:
        lo, hi = span(t)
        base = {0, 1, 2, 3, 5, 100, 127, 128, 255, 256, 32767, 32768, 65535, 65536}
        for k in (23, 24, 25, 31, 32, 52, 53, 54, 62, 63, 64):
            base |= {(1 << k) - 1, 1 << k, (1 << k) + 1, (1 << k) + (1 << max(k - 24, 0)),
                     (3 << k) // 2 + 1}
        return [v for b in base for v in (b, -b, hi - b, lo + b) if lo <= v <= hi]
    values = [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 3.5, 126.5, 127.5, 128.0, 254.5, 255.5, 256.0,
              32767.5, 65535.5, 2.0**31 - 0.5, 2.0**31, 2.0**32, 2.0**32 - 0.5, 2.0**53 + 2, 2.0**63,
              2.0**64, 1e30, 3.4028234663852886e38, 3.4028235677973366e38, 1e300, 2.0**-149,
              2.0**-150, 1.5 * 2.0**-149, 2.0**-126, 1e-320, 1 + 2.0**-24, 1 + 2.0**-23 + 2.0**-24,
              math.inf, 65504.0, 65520.0, 2.0**-24, 2.0**-25, 0.1, 1 / 3]
    values += [-v for v in values]
    if t == "float":
        values = [struct.unpack("f", struct.pack("f", v))[0] for v in values
                  if abs(v) <= 3.4028234663852886e38 or math.isinf(v)]
    return values + [math.nan]


def function(library, name, params, result):
    f = getattr(library, f"_Z{len(name)}{name}" + "".join(TYPES[p][0] for p in params))
    f.argtypes = [TYPES[p][1] for p in params]
    f.restype = TYPES[result][1]
    return f


def check_conversion(library, dst, src, rounding, sat):
    name = f"convert_{dst}{'_sat' if sat else ''}{rounding}"
    f = function(library, name, [src], dst)
    for x in sources(src):
        got = f(x)
        if isinstance(x, float) and not math.isfinite(x):
            if dst in INTS:
                if sat:
                    want = 0 if x != x else span(dst)[x > 0]
                    expect(got == want, name, src, x, got, want)
            else:
                expect(got == x or (got != got and x != x), name, src, x, got)
            continue
        exact = Fraction(x)
        if dst not in INTS:
            want = round_float(exact, dst, rounding)
            expect(got == want, name, src, x, got, want)
            continue
        want = round_whole(exact, rounding)
        lo, hi = span(dst)
        if sat:
            want = min(max(want, lo), hi)
        elif not lo <= want <= hi:
            if src not in INTS:
                continue
            want = (want - lo) % (hi - lo + 1) + lo
        expect(got == want, name, src, x, got, want)


def check_conversions(library):
    for dst in TYPES:
        for src in TYPES:
            for rounding in ROUNDINGS:
                check_conversion(library, dst, src, rounding, False)
                if dst in INTS:
                    check_conversion(library, dst, src, rounding, True)


def check_half(library):
    values = [h for v in range(0, 0x7c00, 67) for h in struct.unpack("e", struct.pack("H", v))]
    values = [v * k for v in values for k in (1, -1, 1 + 2.0**-11, 1 + 2.0**-12, -1 - 2.0**-22)]
    for t in ("float", "double"):
        for rounding in ROUNDINGS:
            name = f"vstore_half{rounding}"
            f = getattr(library, f"_Z{len(name)}{name}{TYPES[t][0]}mPDh")
            f.argtypes = [TYPES[t][1], ctypes.c_size_t, ctypes.c_void_p]
            f.restype = None
            for v in values + sources(t):
                out = ctypes.c_uint16()
                f(v, 0, ctypes.byref(out))
                got, = struct.unpack("e", struct.pack("H", out.value))
                if math.isfinite(v):
                    x = Fraction(struct.unpack("f", struct.pack("f", v))[0]) if t == "float" \
                        else Fraction(v)
                    want = round_float(x, "half", rounding)
                else:
                    want = v
                expect(got == want or (got != got and want != want), name, t, v, got, want)


def wrap(v, t):
    lo, hi = span(t)
    return (v - lo) % (hi - lo + 1) + lo


def clamp(v, t):
    lo, hi = span(t)
    return min(max(v, lo), hi)


def zeros(v, bits, from_top):
    text = format(v % (1 << bits), f"0{bits}b")
    return len(text) - len(text.lstrip("0")) if from_top else len(text) - len(text.rstrip("0"))


def integer_table(bits):
    mask = (1 << bits) - 1
    return {  # name: (arguments, result in plain integers)
        "add_sat": (2, lambda t, x, y: clamp(x + y, t)),
        "sub_sat": (2, lambda t, x, y: clamp(x - y, t)),
        "hadd": (2, lambda t, x, y: (x + y) >> 1),
        "rhadd": (2, lambda t, x, y: (x + y + 1) >> 1),
        "mul_hi": (2, lambda t, x, y: x * y >> bits),
        "min": (2, lambda t, x, y: min(x, y)),
        "max": (2, lambda t, x, y: max(x, y)),
        "rotate": (2, lambda t, x, y: wrap((x & mask) << (y % bits) | (x & mask) >> (-y % bits)
                                           if y % bits else x, t)),
        "mad_hi": (3, lambda t, x, y, z: wrap((x * y >> bits) + z, t)),
        "mad_sat": (3, lambda t, x, y, z: clamp(x * y + z, t)),
        "clz": (1, lambda t, x: zeros(x, bits, True)),
        "ctz": (1, lambda t, x: zeros(x, bits, False)),
        "popcount": (1, lambda t, x: bin(x & mask).count("1")),
    }


def check_integers(library):
    unsigned = {t: t if t[0] == "u" else "u" + t for t in INTS}
    for t in INTS:
        bits = TYPES[t][2]
        lo, hi = span(t)
        values = sorted({v for v in (0, 1, 2, 3, 7, 100, lo, lo + 1, hi, hi - 1, hi // 3, -1, -2, -77,
                                     lo // 2) if lo <= v <= hi})
        pairs = [(x, y) for x in values for y in values]
        triples = [(x, y, z) for x, y in pairs for z in values]
        for name, (count, want) in integer_table(bits).items():
            f = function(library, name, [t] * count, t)
            for args in [[(v,) for v in values], pairs, triples][count - 1]:
                expect(f(*args) == want(t, *args), name, t, args, f(*args), want(t, *args))
        f = function(library, "abs", [t], unsigned[t])
        g = function(library, "abs_diff", [t, t], unsigned[t])
        for x, y in pairs:
            expect(f(x) == abs(x) and g(x, y) == abs(x - y), "abs_diff", t, x, y)


def build(library, opt, clang, out):
    codes = {t: TYPES[t][0] for t in TYPES}
    names = [f"convert_{d}{s}{r}" for d in TYPES for s in ("", "_sat") for r in ROUNDINGS]
    public = [f"_Z{len(n)}{n}{c}" for n in names for c in codes.values()]
    public += [f"_Z{len(n)}{n}{c}mPDh" for n in (f"vstore_half{r}" for r in ROUNDINGS) for c in "fd"]
    for n, (count, _) in integer_table(8).items():
        public += [f"_Z{len(n)}{n}{codes[t] * count}" for t in INTS]
    public += [f"_Z{len(n)}{n}{codes[t] * k}" for n, k in (("abs", 1), ("abs_diff", 2)) for t in INTS]
    text = subprocess.run([opt, "-S", "-passes=internalize,globaldce", library, "-o", "-",
                           f"-internalize-public-api-list={','.join(public)}"],
                          check=True, capture_output=True, text=True).stdout
    text = re.sub(r"^target .*$", "", text, flags=re.M).replace("spir_func ", "")
    subprocess.run([clang, "-x", "ir", "-", "--target=x86_64-linux-gnu", "-march=x86-64-v2", "-O1",
                    "-fPIC", "-shared", "-Wno-override-module", "-o", out],
                   check=True, input=text, text=True)


def main():
    library, opt, clang = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        build(library, opt, clang, folder + "/values.so")
        loaded = ctypes.CDLL(folder + "/values.so")
        check_conversions(loaded)
        check_half(loaded)
        check_integers(loaded)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
