# SPDX-License-Identifier: MIT
"""OpenCL C's element types and vector sizes, as the generators need them."""

SIZES = (1, 2, 3, 4, 8, 16)
VECTORS = SIZES[1:]
BITS = {
    "char": 8, "uchar": 8, "short": 16, "ushort": 16, "int": 32, "uint": 32,
    "long": 64, "ulong": 64, "float": 32, "double": 64,
}
INTS = [t for t in BITS if t not in ("float", "double")]
FLOATS = ["float", "double"]
SIGNED = {8: "char", 16: "short", 32: "int", 64: "long"}
UNSIGNED = {8: "uchar", 16: "ushort", 32: "uint", 64: "ulong"}
ELEMENTS = "0123456789abcdef"
# LLVM's names, for intrinsics that clang has no builtin for.
LLVM = {"float": "f32", "double": "f64", "half": "f16"}


def vec(t, n):
    """The type of n elements of t."""
    return t if n == 1 else f"{t}{n}"


def is_float(t):
    return t in FLOATS


def is_signed(t):
    return t[0] != "u"


def signed(t):
    """The signed integer type as wide as t."""
    return SIGNED[BITS[t]]


def unsigned(t):
    return UNSIGNED[BITS[t]]


def limits(t):
    """The smallest and the largest value of the integer type t, as literals."""
    bits = BITS[t]
    if t[0] == "u":
        return "0", f"0x{(1 << bits) - 1:x}" + ("ul" if bits == 64 else "u" if bits == 32 else "")
    top = (1 << (bits - 1)) - 1
    suffix = "l" if bits == 64 else ""
    return f"(-{top}{suffix} - 1)", f"{top}{suffix}"


def splat(t, n, value):
    return f"(({vec(t, n)})({value}))"


def convert(t, n, value):
    """value (of n elements) converted as C does."""
    if n == 1:
        return f"(({t})({value}))"
    return f"CW_VEC({vec(t, n)}, {value})"


def parts(n, call):
    """call(".s0"), call(".s1"), ... joined for a vector literal."""
    return ", ".join(call("" if n == 1 else ".s" + ELEMENTS[i]) for i in range(n))


def wrap(ret, name, args, n):
    """A vector overload that calls the scalar one for each element.

    args: element types; a type starting with '=' stays scalar.
    """
    params, values = [], []
    for i, a in enumerate(args):
        params.append(f"{a[1:] if a[0] == '=' else vec(a, n)} a{i}")
        values.append((f"a{i}", a[0] != "="))
    call = lambda s: f"{name}(" + ", ".join(v + (s if split else "") for v, split in values) + ")"
    return (f"CW_INLINE {vec(ret, n)} {name}({', '.join(params)})\n"
            f"{{\n\treturn ({vec(ret, n)})({parts(n, call)});\n}}")
