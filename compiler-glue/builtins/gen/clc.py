#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Takes the heavy functions that we have no own version of out of libclc's library.

clc.py IN.bc OUT.ll OPT OWN.cl... : OPT is LLVM's opt, OWN.cl our own sources, whose
heavy functions are left out.  libclc's code is for another target, so the module gets our target,
constant data moves from that target's address space 4 to OpenCL's 2, and conversions
to integers saturate: libclc counts on that, LLVM leaves it undefined.
"""
import re
import subprocess
import sys

import mathfn

LAYOUT = ("e-i64:64-v16:16-v24:32-v32:32-v48:64-v96:128-v192:256-v256:256-v512:512-v1024:1024"
          "-n8:16:32:64-G1")
# What our own sources call under another name: libclc's name, ours.
RENAMED = {"_Z3erfd": "_Z11cw_base_erfd"}
SHORT = {"float": "f32", "double": "f64"}
CONVERSION = re.compile(r"(%\S+) = (fptosi|fptoui) (<\d+ x \w+>|\w+) (\S+) to (<\d+ x \w+>|\w+)")


def suffix(ty):
    m = re.match(r"<(\d+) x (\w+)>", ty)
    if m:
        return f"v{m.group(1)}{SHORT.get(m.group(2), m.group(2))}"
    return SHORT.get(ty, ty)


def saturate(text):
    declared = set()

    def replace(m):
        result, op, src, value, dst = m.groups()
        name = f"@llvm.{op}.sat.{suffix(dst)}.{suffix(src)}"
        declared.add(f"declare {dst} {name}({src})")
        return f"{result} = call {dst} {name}({src} {value})"

    text = CONVERSION.sub(replace, text)
    return text + "\n".join(sorted(declared)) + "\n"


def retarget(text):
    text = re.sub(r'^target datalayout = .*$', f'target datalayout = "{LAYOUT}"', text, flags=re.M)
    text = re.sub(r'^target triple = .*$', 'target triple = "spirv64"', text, flags=re.M)
    text = re.sub(r"^!.*$", "", text, flags=re.M)
    text = re.sub(r", ![a-z.]+ ![0-9]+", "", text)
    text = re.sub(r"^attributes (#\d+) = \{.*\}$", r"attributes \1 = { nounwind }", text, flags=re.M)
    text = re.sub(r"^.*call void @llvm\.assume\(.*$", "", text, flags=re.M)
    return text.replace("addrspace(4)", "addrspace(2)").replace("dso_local ", "")


def make_heavy(text, names):
    """noinline and spir_func on the wanted functions, internal on all others."""
    def replace(m):
        head, name, rest = m.groups()
        if name in names:
            return f"define spir_func {head}@{name}({rest.replace('#', 'noinline #', 1)}"
        return f"define internal {head}@{name}({rest}"

    text = re.sub(r"^define (?:internal |linkonce_odr |weak |hidden |protected )*(.*?)@([\w.]+)\((.*)$",
                  replace, text, flags=re.M)
    for name in names:
        text = re.sub(rf"\bcall ([^@\n]*)@{name}\(", rf"call spir_func \1@{name}(", text)
    return text


def heavy_names():
    """{mangled name: (name, types)} of all heavy functions of one or two scalars."""
    for code, f in (("f", "float"), ("d", "double")):
        for name in mathfn.HEAVY_UNARY:
            yield f"_Z{len(name)}{name}{code}", (name, f)
        for name in mathfn.HEAVY_BINARY:
            yield f"_Z{len(name)}{name}{code}{code}", (name, f)
        for name in mathfn.HEAVY_INT:
            yield f"_Z{len(name)}{name}{code}i", (name, f)


def own_names(sources):
    """The (name, type) pairs that our sources define; a macro with F defines both types."""
    own = set()
    for source in sources:
        with open(source, encoding="ascii") as f:
            for t, name in re.findall(r"^\s*CW_HEAVY (\w+) (\w+)\(", f.read(), flags=re.M):
                own |= {(name, "float"), (name, "double")} if t == "F" else {(name, t)}
    return own


def main():
    src, out, opt = sys.argv[1:4]
    own = own_names(sys.argv[4:])
    names = [m for m, key in heavy_names() if key not in own or m in RENAMED]
    text = subprocess.run([opt, "-S", "-passes=internalize,globaldce", src, "-o", "-",
                           f"-internalize-public-api-list={','.join(names)}"],
                          check=True, capture_output=True, text=True).stdout
    text = make_heavy(saturate(retarget(text)), set(names))
    text = re.sub(r"\blocal_unnamed_addr ", "", text)
    for theirs, ours in RENAMED.items():
        text = text.replace(f"@{theirs}(", f"@{ours}(")
    subprocess.run([opt, "-S", "-passes=default<O2>", "-vectorize-loops=false",
                    "-vectorize-slp=false", "-unroll-threshold=0", "-", "-o", out],
                   check=True, input=text, text=True)


if __name__ == "__main__":
    main()
