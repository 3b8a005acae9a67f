# SPDX-License-Identifier: MIT
"""Atomic functions (OpenCL C 6.15.12) and the 32- and 64-bit ones of OpenCL 1.x.

On x86-64 every read-modify-write instruction is sequentially consistent, so two
orders are told apart: relaxed, and all others.  The memory scope makes no
difference to the code.
"""
from types_ import *

SPACES = ("__global", "__local", "__generic")
PLAIN_SPACES = ("__global", "__local", "__private")
OLD_TYPES = {"atomic": ("int", "uint"), "atom": ("int", "uint", "long", "ulong")}
NUMBERS = ("int", "uint", "long", "ulong", "float", "double")
# What pointers may be added to or combined with: the types that clang declares.
OPERANDS = {"int": ("int",), "uint": ("uint",), "long": ("long", "ulong"),
            "ulong": ("ulong", "long")}
FETCH = ("add", "sub", "or", "xor", "and", "min", "max")
OLD_FETCH = {"add": "add", "sub": "sub", "and": "and", "or": "or", "xor": "xor",
             "min": "min", "max": "max"}

HELPERS = """
#define CW_ALL_SCOPES memory_scope_all_svm_devices
#define cw_rmw(op, p, v, order)                                                          \\
	((order) == memory_order_relaxed ?                                               \\
		 __opencl_atomic_##op(p, v, memory_order_relaxed, CW_ALL_SCOPES) :       \\
		 __opencl_atomic_##op(p, v, memory_order_seq_cst, CW_ALL_SCOPES))
#define cw_cas(p, expected, v, order)                                                    \\
	((order) == memory_order_relaxed ?                                               \\
		 __opencl_atomic_compare_exchange_strong(                                \\
			 p, expected, v, memory_order_relaxed, memory_order_relaxed,     \\
			 CW_ALL_SCOPES) :                                                \\
		 __opencl_atomic_compare_exchange_strong(                                \\
			 p, expected, v, memory_order_seq_cst, memory_order_seq_cst,     \\
			 CW_ALL_SCOPES))
#define cw_load(p, order)                                                                \\
	((order) == memory_order_relaxed ?                                               \\
		 __opencl_atomic_load(p, memory_order_relaxed, CW_ALL_SCOPES) :          \\
	 (order) == memory_order_seq_cst ?                                               \\
		 __opencl_atomic_load(p, memory_order_seq_cst, CW_ALL_SCOPES) :          \\
		 __opencl_atomic_load(p, memory_order_acquire, CW_ALL_SCOPES))
#define cw_store(p, v, order)                                                            \\
	((order) == memory_order_relaxed ?                                               \\
		 __opencl_atomic_store(p, v, memory_order_relaxed, CW_ALL_SCOPES) :      \\
	 (order) == memory_order_seq_cst ?                                               \\
		 __opencl_atomic_store(p, v, memory_order_seq_cst, CW_ALL_SCOPES) :      \\
		 __opencl_atomic_store(p, v, memory_order_release, CW_ALL_SCOPES))
"""

EXPLICIT = ("", "memory_order order", "memory_order order, memory_scope scope")


def with_orders(ret, name, params, body):
    """The plain, the _explicit with order and the _explicit with order and scope form."""
    for extra in EXPLICIT:
        full = params + ([extra] if extra else [])
        suffix = "_explicit" if extra else ""
        order = "order" if extra else "memory_order_seq_cst"
        yield (f"CW_INLINE {ret} {name}{suffix}({', '.join(full)})\n"
               f"{{\n{body.format(order=order)}}}")


def load_store(t, space):
    p = f"volatile {space} atomic_{t} *p"
    q = f"({space} atomic_{t} *)p"
    yield f"CW_INLINE void atomic_init({p}, {t} v) {{ *({space} {t} *)p = v; }}"
    yield from with_orders("void", "atomic_store", [p, f"{t} v"], f"\tcw_store({q}, v, {{order}});\n")
    yield from with_orders(t, "atomic_load", [p], f"\treturn cw_load({q}, {{order}});\n")
    yield from with_orders(t, "atomic_exchange", [p, f"{t} v"],
                           f"\treturn cw_rmw(exchange, {q}, v, {{order}});\n")


def compare_exchange(t, space, expected_space):
    params = [f"volatile {space} atomic_{t} *p", f"{expected_space} {t} *expected", f"{t} v"]
    q = f"({space} atomic_{t} *)p"
    for kind in ("strong", "weak"):
        name = f"atomic_compare_exchange_{kind}"
        yield (f"CW_INLINE bool {name}({', '.join(params)})\n"
               f"{{\n\treturn cw_cas({q}, expected, v, memory_order_seq_cst);\n}}")
        for extra in ("", ", memory_scope scope"):
            yield (f"CW_INLINE bool {name}_explicit({', '.join(params)}, memory_order order, "
                   f"memory_order failure{extra})\n"
                   f"{{\n\treturn cw_cas({q}, expected, v, order);\n}}")


def fetch(t, space):
    p = f"volatile {space} atomic_{t} *p"
    q = f"({space} atomic_{t} *)p"
    ops = ("add", "sub", "min", "max") if is_float(t) else FETCH
    for op in ops:
        for v in OPERANDS.get(t, (t,)):
            yield from with_orders(t, f"atomic_fetch_{op}", [p, f"{v} v"],
                                   f"\treturn cw_rmw(fetch_{op}, {q}, ({t})v, {{order}});\n")


def flag(space):
    p = f"volatile {space} atomic_flag *p"
    q = f"({space} atomic_flag *)p"
    yield from with_orders("bool", "atomic_flag_test_and_set", [p],
                           f"\treturn cw_rmw(exchange, {q}, 1, {{order}}) != 0;\n")
    yield from with_orders("void", "atomic_flag_clear", [p], f"\tcw_store({q}, 0, {{order}});\n")


def old(prefix, t, space):
    """The functions of OpenCL 1.x, relaxed."""
    p = f"volatile {space} {t} *p"
    q = f"({space} atomic_{t} *)p"
    relaxed = "memory_order_relaxed"
    for op in FETCH:
        yield (f"CW_INLINE {t} {prefix}_{op}({p}, {t} v)\n"
               f"{{\n\treturn cw_rmw(fetch_{op}, {q}, v, {relaxed});\n}}")
    for name, op in (("inc", "add"), ("dec", "sub")):
        yield (f"CW_INLINE {t} {prefix}_{name}({p})\n"
               f"{{\n\treturn cw_rmw(fetch_{op}, {q}, 1, {relaxed});\n}}")
    yield xchg(prefix, t, space)
    yield (f"CW_INLINE {t} {prefix}_cmpxchg({p}, {t} expected, {t} v)\n"
           f"{{\n\tcw_cas({q}, &expected, v, {relaxed});\n\treturn expected;\n}}")


def xchg(prefix, t, space):
    return (f"CW_INLINE {t} {prefix}_xchg(volatile {space} {t} *p, {t} v)\n"
            f"{{\n\treturn cw_rmw(exchange, ({space} atomic_{t} *)p, v, memory_order_relaxed);\n}}")


def lines():
    yield HELPERS
    for space in SPACES:
        yield from flag(space)
        for t in NUMBERS:
            yield from load_store(t, space)
            yield from fetch(t, space)
            for e in PLAIN_SPACES if space != "__generic" else ("__generic",):
                yield from compare_exchange(t, space, e)
        for prefix, types in OLD_TYPES.items():
            for t in types:
                yield from old(prefix, t, space)
        yield xchg("atomic", "float", space)
