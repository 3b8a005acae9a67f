# SPDX-License-Identifier: MIT
"""Relational functions (OpenCL C 6.15.6): scalars give 1, vectors -1, for true."""
from types_ import *

COMPARE = {
    "isequal": "x == y", "isnotequal": "x != y", "isgreater": "x > y",
    "isgreaterequal": "x >= y", "isless": "x < y", "islessequal": "x <= y",
    "islessgreater": "(x < y) | (x > y)", "isordered": "(x == x) & (y == y)",
    "isunordered": "(x != x) | (y != y)",
}
CLASSIFY = {
    "isfinite": "__builtin_elementwise_abs(x) < ({F})INFINITY",
    "isinf": "__builtin_elementwise_abs(x) == ({F})INFINITY",
    "isnan": "x != x",
    "isnormal": "(__builtin_elementwise_abs(x) < ({F})INFINITY) & "
                "(__builtin_elementwise_abs(x) >= ({F}){least})",
    "signbit": "CW_AS({I}, x) < ({I})0",
}
LEAST = {"float": "0x1p-126f", "double": "0x1p-1022"}


def of_float(f, n):
    ft, it = vec(f, n), vec(signed(f), n)
    ret = "int" if n == 1 else it
    for name, expr in COMPARE.items():
        yield f"CW_INLINE {ret} {name}({ft} x, {ft} y) {{ return {expr}; }}"
    for name, expr in CLASSIFY.items():
        expr = expr.format(F=ft, I=it, least=LEAST[f])
        yield f"CW_INLINE {ret} {name}({ft} x) {{ return {expr}; }}"


def any_all(t, n):
    tt = vec(t, n)
    if n == 1:
        return (f"CW_INLINE int any({t} x) {{ return x < 0; }}\n"
                f"CW_INLINE int all({t} x) {{ return x < 0; }}")
    return (f"CW_INLINE int any({tt} x) {{ return __builtin_reduce_or(x) < 0; }}\n"
            f"CW_INLINE int all({tt} x) {{ return __builtin_reduce_and(x) < 0; }}")


def selects(t, n):
    tt, it = vec(t, n), vec(signed(t), n)
    for c in (signed(t), unsigned(t)):
        cond = "c" if n == 1 else f"CW_AS({it}, c)"
        yield (f"CW_INLINE {tt} select({tt} a, {tt} b, {vec(c, n)} c)\n"
               f"{{\n\treturn {cond} ? b : a;\n}}")
    yield (f"CW_INLINE {tt} bitselect({tt} a, {tt} b, {tt} c)\n{{\n"
           f"\t{it} m = CW_AS({it}, c);\n\n"
           f"\treturn CW_AS({tt}, ({it})((CW_AS({it}, a) & ~m) | (CW_AS({it}, b) & m)));\n}}")


def lines():
    for n in SIZES:
        for f in FLOATS:
            yield from of_float(f, n)
        for t in SIGNED.values():
            yield any_all(t, n)
        for t in BITS:
            yield from selects(t, n)
