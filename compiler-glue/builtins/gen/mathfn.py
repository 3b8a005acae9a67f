# SPDX-License-Identifier: MIT
"""Math functions (OpenCL C 6.15.2): vector overloads, thin functions, native_ and half_.

HEAVY names have a scalar function in math/, which vectors call for each element; most
are of the heavy kind of intrinsics.h.  THIN ones are an expression on vectors.
"""
from types_ import *

HEAVY_UNARY = """acos acosh acospi asin asinh asinpi atan atanh atanpi cbrt cos cosh cospi erfc
erf exp exp2 exp10 expm1 lgamma log log2 log10 log1p sin sinh sinpi tan tanh tanpi tgamma""".split()
HEAVY_BINARY = "atan2 atan2pi fmod hypot pow powr remainder".split()
HEAVY_INT = "pown rootn".split()

# Expressions on gentype x, y, z; {F} gentype, {I} its integers, {f} the element type.
THIN = {
    "ceil": "__builtin_elementwise_ceil(x)",
    "copysign": "__builtin_elementwise_copysign(x, y)",
    "fabs": "__builtin_elementwise_abs(x)",
    "floor": "__builtin_elementwise_floor(x)",
    "fma": "__builtin_elementwise_fma(x, y, z)",
    "fmax": "__builtin_elementwise_maxnum(x, y)",
    "fmin": "__builtin_elementwise_minnum(x, y)",
    "mad": "cw_mad(x, y, z)",
    "rint": "__builtin_elementwise_rint(x)",
    "round": "__builtin_elementwise_round(x)",
    "rsqrt": "({F})1 / __builtin_elementwise_sqrt(x)",
    "sqrt": "__builtin_elementwise_sqrt(x)",
    "trunc": "__builtin_elementwise_trunc(x)",
}
ARITY = {"copysign": 2, "fma": 3, "fmax": 2, "fmin": 2, "mad": 3}

# Inline scalars of math/inline.h that vectors call for each element: result and arguments,
# F the type itself, I int, U the unsigned integers as wide, = stays scalar.
ELEMENTWISE = {
    "fdim": ("F", "FF"), "ilogb": ("I", "F"), "ldexp": ("F", "FI"), "logb": ("F", "F"),
    "maxmag": ("F", "FF"), "minmag": ("F", "FF"), "nan": ("F", "U"), "nextafter": ("F", "FF"),
}
# Functions with a second result behind a pointer: its type, and the scalar helper's arguments.
POINTER = {"fract": ("F", "F"), "frexp": ("I", "F"), "lgamma_r": ("I", "F"), "modf": ("F", "F"),
           "remquo": ("I", "FF"), "sincos": ("F", "F")}
SPACES = ("__private", "__local", "__global", "__generic")

NATIVE_UNARY = "cos exp exp2 exp10 log log2 log10 recip rsqrt sin sqrt tan".split()
NATIVE_BINARY = "divide powr".split()


def element(code, f):
    return {"F": f, "I": "int", "U": unsigned(f)}[code]


def heavy(f):
    table = [(n, [f]) for n in HEAVY_UNARY] + [(n, [f, f]) for n in HEAVY_BINARY]
    table += [(n, [f, "int"]) for n in HEAVY_INT]
    for name, args in table:
        yield f"CW_PURE {f} {name}({', '.join(args)});"
        for n in VECTORS:
            yield wrap(f, name, args, n)


def mad_declaration(f, n):
    ft = vec(f, n)
    v = "" if n == 1 else f"v{n}"
    return (f"__attribute__((const)) {ft} cw_mad_{ft}({ft}, {ft}, {ft}) "
            f"__asm__(\"llvm.fmuladd.{v}{LLVM[f]}\");")


def thin(f, n):
    ft = vec(f, n)
    mad = f"cw_mad_{ft}"
    for name, expr in THIN.items():
        params = ", ".join(f"{ft} {a}" for a in "xyz"[:ARITY.get(name, 1)])
        expr = expr.format(F=ft).replace("cw_mad(", mad + "(")
        yield f"CW_INLINE {ft} {name}({params}) {{ return {expr}; }}"
    if n > 1:
        yield f"CW_INLINE {ft} fmax({ft} x, {f} y) {{ return fmax(x, ({ft})y); }}"
        yield f"CW_INLINE {ft} fmin({ft} x, {f} y) {{ return fmin(x, ({ft})y); }}"
        yield wrap(f, "ldexp", [f, "=int"], n)


def elementwise(f, n):
    for name, (ret, args) in ELEMENTWISE.items():
        yield wrap(element(ret, f), name, [element(a, f) for a in args], n)


def with_pointer(f, n, name):
    second, args = POINTER[name]
    st = element(second, f)
    ft, svt = vec(f, n), vec(st, n)
    params = [f"{ft} {v}" for v, _ in zip("xy", args)]
    calls, stores = [], []
    for i in range(n):
        s = "" if n == 1 else ".s" + ELEMENTS[i]
        actual = ", ".join(v + s for v, _ in zip("xy", args))
        calls.append(f"\tr{s} = cw_{name}({actual}, &t);\n\ts{s} = t;\n")
    body = f"\t{st} t;\n\t{ft} r;\n\t{svt} s;\n\n" + "".join(calls) + "\t*p = s;\n\treturn r;\n"
    for space in SPACES:
        yield (f"CW_INLINE {ft} {name}({', '.join(params)}, {space} {svt} *p)\n{{\n{body}}}")


def fast(prefix, n):
    """native_ and half_ functions, float only."""
    for name in NATIVE_UNARY:
        if n > 1:
            yield wrap("float", f"{prefix}_{name}", ["float"], n)
    for name in NATIVE_BINARY:
        if n > 1:
            yield wrap("float", f"{prefix}_{name}", ["float", "float"], n)


def lines():
    for f in FLOATS:
        yield from heavy(f)
    for n in SIZES:
        for f in FLOATS:
            yield mad_declaration(f, n)
    yield '#include "../math/inline.h"'
    yield '#include "../math/fast.h"'
    for n in SIZES:
        for f in FLOATS:
            yield from thin(f, n)
            if n > 1:
                yield from elementwise(f, n)
            for name in POINTER:
                yield from with_pointer(f, n, name)
        yield from fast("native", n)
        yield from fast("half", n)
