#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Is every builtin that OpenCL C can call defined?

t_builtins_complete.py BUILTINS.bc CLANG NM EXT RESOURCES INTRINSICS.h

Reads the declarations out of clang's own header in OpenCL C 1.2 and 3.0, compiles one
call of each against clang's built-in table, and looks the mangled names up in
builtins.bc and the intrinsics list.  Exit 0 if none is missing.
"""
import re
import subprocess
import sys
import tempfile

# Not part of the library: images, and what has no body.
OUTSIDE = re.compile(r"image|sampler|pipe|queue|clk_event|ndrange|enqueue|printf")
ATTRIBUTE = re.compile(r"__attribute__\(\((?:[^()]|\([^()]*\))*\)\)")
FLOOR = 9000  # names; fewer means that the header was not understood


def flags(clang, std, ext, resources):
    return [clang, "-cc1", "-triple", "spirv64", "-x", "cl", f"-cl-std={std}", f"-cl-ext={ext}",
            "-finclude-default-header", "-resource-dir", resources,
            "-internal-isystem", f"{resources}/include"]


def declarations(command):
    text = subprocess.run(command + ["-E", "-P", "-"], input="", check=True,
                          capture_output=True, text=True).stdout
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    for d in re.findall(r"[^;{}]*overloadable[^;]*;", text):
        d = " ".join(ATTRIBUTE.sub("", d).rstrip(";").split())
        m = re.match(r"(.*?)\b(\w+)\s?\((.*)\)$", d)
        if m and not OUTSIDE.search(d) and "..." not in d:
            yield m.groups()


def call(number, ret, name, params):
    """A function that does nothing but call name."""
    types = [] if params in ("", "void") else [p.strip() for p in params.split(",")]
    typed = [re.sub(r"(\*\s*|[a-z0-9_] )(ptr|predicate|local_id\w*|x|y|z|flags|event_list|p|sub_group_local_id)$",
                    r"\1", t) for t in types]
    args = ", ".join(f"{t} a{i}" for i, t in enumerate(typed))
    values = ", ".join(f"a{i}" for i in range(len(typed)))
    result = "" if ret.split()[-1] == "void" else "return "
    return f"{ret} w{number}({args or 'void'}) {{ {result}{name}({values}); }}"


def needed(command):
    lines = [call(i, *d) for i, d in enumerate(declarations(command))]
    with tempfile.NamedTemporaryFile("w", suffix=".cl") as f:
        for _ in range(3):
            f.seek(0)
            f.truncate()
            f.write("\n".join(lines))
            f.flush()
            run = subprocess.run(command + ["-fdeclare-opencl-builtins", "-w", "-ferror-limit", "0",
                                            "-disable-llvm-passes", "-emit-llvm", f.name, "-o", "-"],
                                 capture_output=True, text=True)
            bad = {int(n) for n in re.findall(r"\.cl:(\d+):\d+: error:", run.stderr)}
            if not bad:
                break
            # The header declares a few that the built-in table does not have.
            for n in sorted(bad)[:8]:
                print("not callable:", lines[n - 1])
            lines = [x for i, x in enumerate(lines, 1) if i not in bad]
    return set(re.findall(r"^declare[^@]*@([\w.]+)\(", run.stdout, flags=re.M))


def defined(nm, library):
    text = subprocess.run([nm, "--defined-only", "--format=just-symbols", library], check=True,
                          capture_output=True, text=True).stdout
    return set(text.split())


def undefined(nm, library):
    text = subprocess.run([nm, "--undefined-only", "--format=just-symbols", library], check=True,
                          capture_output=True, text=True).stdout
    return set(text.split())


def intrinsics(header):
    with open(header, encoding="ascii") as f:
        text = f.read()
    names = set(re.findall(r"X\((_Z\w+|__cw_\w+),", text))
    folds = re.findall(r"X\(F, (\w+), N, (?:U|S|T)\)", text)
    for fold in ("reduce", "scan_incl", "scan_excl"):
        for op in folds:
            names |= {f"__cw_{fold}_{op}_{t}" for t in ("i32", "i64", "f32", "f64")}
    return names


def main():
    library, clang, nm, ext, resources, header = sys.argv[1:]
    names = set()
    for std in ("CL1.2", "CL2.0", "CL3.0"):
        found = needed(flags(clang, std, ext, resources))
        print(f"{std}: {len(found)} names")
        names |= found
    known = intrinsics(header)
    missing = sorted(n for n in names - defined(nm, library) - known if not n.startswith("llvm."))
    stray = sorted(n for n in undefined(nm, library) - known if not n.startswith("llvm."))
    print(f"{len(names)} names, {len(missing)} missing, {len(stray)} undefined in the library")
    for n in missing[:40]:
        print("missing:", n)
    for n in stray[:40]:
        print("undefined:", n)
    return 1 if missing or stray or len(names) < FLOOR else 0


if __name__ == "__main__":
    sys.exit(main())
