#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes an x86-64 object of the scalar math functions in builtins.bc, for tests.

scalar.py BUILTINS.bc OUT.o OPT CLANG MARCH: function sin(float) becomes cwt_sin_f.
"""
import re
import subprocess
import sys

NAMES = """acos acosh acospi asin asinh asinpi atan atanh atanpi cbrt ceil cos cosh cospi erf erfc
exp exp10 exp2 expm1 fabs floor lgamma log log10 log1p log2 logb rint round rsqrt sin sinh sinpi
sqrt tan tanh tanpi tgamma trunc native_sin native_cos native_tan native_exp native_exp2
native_exp10 native_log native_log2 native_log10 native_rsqrt native_recip
atan2 atan2pi fdim fmax fmin fmod hypot pow powr remainder nextafter maxmag minmag native_powr
ldexp pown rootn""".split()
TYPES = ("f", "d", "ff", "dd", "fi", "di")


def main():
    library, out, opt, clang, march = sys.argv[1:]
    names = {f"_Z{len(n)}{n}{t}": f"cwt_{n}_{t}" for n in NAMES for t in TYPES}
    text = subprocess.run([opt, "-S", "-passes=internalize,globaldce", library, "-o", "-",
                           f"-internalize-public-api-list={','.join(names)}"],
                          check=True, capture_output=True, text=True).stdout
    text = re.sub(r"^target .*$", "", text, flags=re.M)
    text = re.sub(r"@(_Z\w+)", lambda m: "@" + names.get(m.group(1), m.group(1)), text)
    text = text.replace("addrspace(2)", "").replace("spir_func ", "")
    fma = int(march != "x86-64-v2")
    text = re.sub(r"^declare ([^\n]*)@__cw_has_fma\(\)[^\n]*$",
                  f"define internal i32 @__cw_has_fma() alwaysinline {{\n ret i32 {fma}\n}}", text, flags=re.M)
    subprocess.run([clang, "-x", "ir", "-", "--target=x86_64-linux-gnu", f"-march={march}", "-O2",
                    "-fno-vectorize", "-Wno-override-module", "-c", "-o", out], check=True, input=text,
                   text=True)


if __name__ == "__main__":
    main()
