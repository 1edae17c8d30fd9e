#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Plant known bugs, one at a time, in a copy of the project, and require that
the gate which is there for such a bug refuses the copy and names the cause.

usage: planted.py FOLDER [BUG...]

A gate that passes on a planted bug, or fails without naming the cause, fails
this script. So does a bug whose place in the source is gone: then it has to be
planted anew.
"""
import os
import re
import shutil
import subprocess
import sys

# name: (file, text, replacement, make target, what its output must say)
BUGS = {
    "a branch on a signature byte": (
        "crypto/p256.c",
        "    u256_load(r, sig);\n",
        "    u256_load(r, sig);\n"
        "    if (sig[0] == 3) {\n        return ASSAY_FAILED;\n    }\n",
        "check-uniform",
        r"uniform: gcc -O1 has data-dependent execution"),
    "a dropped carry in the P-256 product": (
        "crypto/p256_field.c",
        "        c = (uint64_t)t5 + m + (uint32_t)(c >> 32);\n",
        "        c = (uint64_t)t5 + m;\n",
        "check-field",
        r"assay_p256_fe_mul"),
    "an accepted non-minimal varint": (
        "initpkt/initpkt.c",
        "        if (b == 0 && shift != 0) {\n"
        "            return ASSAY_VARINT_OVERLONG;\n        }\n",
        "",
        "check-answers",
        r"one too many or more\s+want: VARINT_OVERLONG.*\n\s+got:\s+OK"),
    "a removed range check of r and s": (
        "crypto/p256.c",
        "    uint32_t valid = scalar_in_range(r) & scalar_in_range(s);\n",
        "    uint32_t valid = ct_barrier(0xFFFFFFFF);\n"
        "    (void)scalar_in_range(r);\n",
        "check-answers",
        r"s \+ n is not s\s+want: SIGNATURE_INVALID\s+got:\s+OK"),
    "an OK code set early": (
        "verifier/image.c",
        "    start.image = ASSAY_FAILED;\n",
        "    start.image = ASSAY_OK;\n",
        "check-skip",
        r"bypass"),
    "a changed order of checks": (
        "verifier/policy.c",
        "    if (c->hw_version != d->hw_version) {\n"
        "        return ASSAY_HW_VERSION;\n    }\n"
        "    if (!accepts_sd_req(c, d)) {\n        return ASSAY_SD_REQ;\n"
        "    }\n",
        "    if (!accepts_sd_req(c, d)) {\n        return ASSAY_SD_REQ;\n"
        "    }\n"
        "    if (c->hw_version != d->hw_version) {\n"
        "        return ASSAY_HW_VERSION;\n    }\n",
        "check-answers",
        r"order_po05_po06.*\s+want: HW_VERSION\s+got:\s+SD_REQ"),
    "an off-by-one in a length": (
        "initpkt/initpkt.c",
        "    if (f->value > r->rest.len) {\n",
        "    if (f->value > r->rest.len + 1) {\n",
        "check-answers",
        r"init_prefix_\d+.*\n\s+want: TRUNCATED"),
}


def copy_tree(folder):
    """The files of the project, tracked or new, without what is built."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True).stdout.splitlines()
    for name in names:
        if os.path.isfile(name):
            os.makedirs(os.path.join(folder, os.path.dirname(name)),
                        exist_ok=True)
            shutil.copy2(name, os.path.join(folder, name))


def plant(folder, path, text, replacement):
    """Change the source; returns the original, or None when it is not so."""
    full = os.path.join(folder, path)
    with open(full, encoding="utf-8") as f:
        original = f.read()
    if original.count(text) != 1:
        return None
    with open(full, "w", encoding="utf-8") as f:
        f.write(original.replace(text, replacement))
    return original


def gate_says(folder, target):
    """(whether the gate refused, everything it printed)"""
    run = subprocess.run(["make", "-C", folder, target], capture_output=True,
                         text=True, check=False)
    return run.returncode != 0, run.stdout + run.stderr


def try_bug(folder, name):
    """None when the bug is caught by name, else what went wrong."""
    path, text, replacement, target, cause = BUGS[name]
    original = plant(folder, path, text, replacement)
    if original is None:
        return f"its place in {path} is gone"
    refused, said = gate_says(folder, target)
    with open(os.path.join(folder, path), "w", encoding="utf-8") as f:
        f.write(original)
    if not refused:
        return f"make {target} passed"
    if not re.search(cause, said):
        return f"make {target} did not name the cause:\n{said[-2000:]}"
    return None


def main():
    folder = sys.argv[1]
    names = sys.argv[2:] or list(BUGS)
    shutil.rmtree(folder, ignore_errors=True)
    copy_tree(folder)
    failed = 0
    for name in names:
        fault = try_bug(folder, name)
        failed += fault is not None
        verdict = fault or f"caught by make {BUGS[name][3]}"
        print(f"{'NOT' if fault else 'ok '} {name}: {verdict}", flush=True)
    print(f"planted: {len(names) - failed} of {len(names)} bugs caught by the "
          "gate that names the cause")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
