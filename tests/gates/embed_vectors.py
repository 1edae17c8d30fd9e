#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Every known answer of vectors/ against the single file of the verifier, run
on an emulated Cortex-M4.

usage: embed_vectors.py HEADER CALLS.elf VECTORS...

CALLS.elf is tests/gates/embed_calls.c. Vectors of a file that no function of
it answers are counted and named, never passed.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
# pylint: disable=wrong-import-position
import m4


def records(path):
    with open(path, encoding="ascii") as f:
        blocks = f.read().split("\n\n")
    for block in blocks[1:]:
        yield dict(re.split(r" = ?", line, maxsplit=1)
                   for line in block.splitlines() if not line.startswith("#"))


def verify(machine, status, record):
    place = {k: machine.place(bytes.fromhex(record[k]))
             for k in ("pub", "digest", "sig", "msg") if k in record}
    if "digest" in record:
        got = machine.call("call_p256", place["pub"], place["digest"],
                           place["sig"])
    else:
        got = machine.call("call_ed25519", place["pub"], place["msg"],
                           len(record["msg"]) // 2, place["sig"])
    return got == status[record["want"]]


def digest(machine, name, record):
    msg = bytes.fromhex(record["msg"])
    want = bytes.fromhex(record["want"])
    out = machine.place(bytes(len(want)))
    machine.call(name, machine.place(msg), len(msg),
                 int(record.get("repeat", "1")), out)
    return machine.read(out, len(want)) == want


def main():
    header, elf = sys.argv[1:3]
    with open(header, encoding="utf-8") as f:
        text = f.read().replace("\\\n", "")
    status = {m[1]: int(m[2], 0)
              for m in re.finditer(r"X\((\w+), (0x[0-9A-Fa-f]+),", text)}
    machine = m4.Machine(m4.Program(elf))
    n_passed, left_out = 0, []
    for path in sys.argv[3:]:
        name = os.path.splitext(os.path.basename(path))[0]
        if name not in ("p256", "ed25519", "sha256", "sha512"):
            left_out.append(f"{path} ({sum(1 for _ in records(path))})")
            continue
        for record in records(path):
            machine.free = m4.RAM
            good = (digest(machine, "call_" + name, record)
                    if name.startswith("sha")
                    else verify(machine, status, record))
            if not good:
                raise SystemExit(f"embed: {path}: {record['id']}: not "
                                 f"{record['want']}")
            n_passed += 1
    print(f"{n_passed} vectors agree on an emulated Cortex-M4"
          + "".join(f", left out {x}" for x in left_out))


if __name__ == "__main__":
    main()
