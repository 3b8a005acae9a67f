# SPDX-License-Identifier: MIT
"""Work-group and sub-group functions (OpenCL C 6.15.17 and 6.15.19), barriers, fences,
linear ids and address space queries.

A work-group function folds its sub-groups one after the other through the scratch
memory, in the order that intrinsics.h promises.
"""
from types_ import *

TYPES = ("int", "uint", "long", "ulong", "float", "double")
OPS = {"add": "a + b", "min": "cw_min(a, b)", "max": "cw_max(a, b)"}
FLOAT_OPS = {"add": "a + b", "min": "__builtin_elementwise_minnum(a, b)",
             "max": "__builtin_elementwise_maxnum(a, b)"}


def lane_name(t, op):
    """intrinsics.h's name for op on t."""
    if is_float(t):
        return f"{op}_{LLVM[t]}"
    sign = "" if op == "add" else "s" if is_signed(t) else "u"
    return f"{sign}{op}_i{BITS[t]}"


def identity(t, op):
    if op == "add":
        return "0"
    if is_float(t):
        return "INFINITY" if op == "min" else "-INFINITY"
    return limits(t)[1 if op == "min" else 0]


def sub_group(t):
    lane = unsigned(t)
    cast = f"CW_AS({t}, __cw_{{0}}_i{BITS[t]}(CW_AS({lane}, x), lane))"
    yield (f"CW_INLINE {t} sub_group_broadcast({t} x, uint lane)\n"
           f"{{\n\treturn {cast.format('broadcast')};\n}}")
    for op in OPS:
        for name, fold in (("reduce", "reduce"), ("scan_inclusive", "scan_incl"),
                           ("scan_exclusive", "scan_excl")):
            yield (f"CW_INLINE {t} sub_group_{name}_{op}({t} x)\n"
                   f"{{\n\treturn ({t})__cw_{fold}_{lane_name(t, op)}(x);\n}}")


WORK_GROUP = """
CW_HELPER {t} cw_fold_{op}({t} a, {t} b)
{{
	return {expr};
}}
CW_INLINE {t} work_group_reduce_{op}({t} x)
{{
	local {t} *sum = (local {t} *)__cw_group_scratch();
	{t} part = sub_group_reduce_{op}(x), all;

	*sum = cw_first_sub_group() ? part : cw_fold_{op}(*sum, part);
	cw_barrier(CLK_LOCAL_MEM_FENCE);
	all = *sum;
	cw_barrier(CLK_LOCAL_MEM_FENCE);
	return all;
}}
CW_EFFECT {t} cw_before_{op}({t} x)
{{
	/* The fold of all sub-groups before this one; adds this one. */
	local {t} *sum = (local {t} *)__cw_group_scratch();
	{t} part = sub_group_reduce_{op}(x);
	{t} before = cw_first_sub_group() ? ({t}){identity} : *sum;

	*sum = cw_fold_{op}(before, part);
	return before;
}}
CW_INLINE {t} work_group_scan_inclusive_{op}({t} x)
{{
	{t} r = cw_fold_{op}(cw_before_{op}(x), sub_group_scan_inclusive_{op}(x));

	cw_barrier(CLK_LOCAL_MEM_FENCE);
	return r;
}}
CW_INLINE {t} work_group_scan_exclusive_{op}({t} x)
{{
	{t} r = cw_fold_{op}(cw_before_{op}(x), sub_group_scan_exclusive_{op}(x));

	cw_barrier(CLK_LOCAL_MEM_FENCE);
	return r;
}}
"""

BROADCAST = """
CW_INLINE {t} work_group_broadcast({t} x, size_t i, size_t j, size_t k)
{{
	local {t} *slot = (local {t} *)__cw_group_scratch();
	{t} r;

	if (cw_local_id(0) == i && cw_local_id(1) == j && cw_local_id(2) == k)
		*slot = x;
	cw_barrier(CLK_LOCAL_MEM_FENCE);
	r = *slot;
	cw_barrier(CLK_LOCAL_MEM_FENCE);
	return r;
}}
CW_INLINE {t} work_group_broadcast({t} x, size_t i, size_t j)
{{
	return work_group_broadcast(x, i, j, (size_t)0);
}}
CW_INLINE {t} work_group_broadcast({t} x, size_t i)
{{
	return work_group_broadcast(x, i, (size_t)0, (size_t)0);
}}
"""


def work_group(t):
    ops = FLOAT_OPS if is_float(t) else OPS
    for op, expr in ops.items():
        yield WORK_GROUP.format(t=t, op=op, expr=expr, identity=identity(t, op))
    yield BROADCAST.format(t=t)


def lines():
    yield '#include "group.h"'
    for t in TYPES:
        yield from sub_group(t)
        yield from work_group(t)
