#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Run the embedding example on an emulated Cortex-M4: what it starts, what it
refuses and why, and that no single instruction of its own, left out, starts
what it must refuse.

usage: embed_run.py HEADER BOOT.elf IMAGE RECORD
"""
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
from unicorn import UC_HOOK_CODE
from unicorn.arm_const import (UC_ARM_REG_PC, UC_ARM_REG_R0, UC_ARM_REG_SP)
import cortex_m4 as m4

RECORD_AT, IMAGE_AT, VTOR = 0x8000, 0x9000, 0xE000ED08
LIMIT = 20_000_000
OWN = ("main", "halt", "start_application")


def flipped(data, offset):
    return data[:offset] + bytes([data[offset] ^ 1]) + data[offset + 1:]


def with_lengths(record, packet_len, image_len):
    return struct.pack("<2I", packet_len, image_len) + record[8:]


class Example:
    def __init__(self, header, elf, image, record):
        with open(header, encoding="utf-8") as f:
            text = f.read().replace("\\\n", "")
        self.status = {m[1]: int(m[2], 0) for m in re.finditer(
            r"X\((\w+), (0x[0-9A-Fa-f]+),", text)}
        self.program = m4.Program(elf)
        self.image, self.record = image, record
        self.entry = struct.unpack_from("<I", image, 4)[0] & ~1
        self.halt = self.program.symbols["halt"]
        self.fault = self.program.symbols["fault"]
        self.stops = self.entry, self.halt, self.fault

    def machine(self, image, record):
        machine = m4.Machine(self.program)
        machine.place(image, IMAGE_AT)
        machine.place(record, RECORD_AT)
        return machine

    def expect(self, why, want, image=None, record=None):
        """want: the status of the refusal, or OK: the application runs."""
        image = self.image if image is None else image
        record = self.record if record is None else record
        machine = self.machine(image, record)
        where = machine.reset(self.stops, LIMIT)
        if want == "OK":
            good = (where == self.entry
                    and machine.register(UC_ARM_REG_SP)
                    == struct.unpack_from("<I", image)[0]
                    and struct.unpack("<I", machine.read(VTOR, 4))[0]
                    == IMAGE_AT)
        else:
            good = (where == self.halt and machine.register(UC_ARM_REG_R0)
                    == self.status[want])
        if not good:
            raise SystemExit(
                f"embed: {why}: stopped at {where}, r0 "
                f"0x{machine.register(UC_ARM_REG_R0):x}; expected {want}")

    def own_instructions(self):
        """Addresses of the program's own instructions, each executed once."""
        addresses = sorted(self.program.starts)
        bounds = sorted(set(self.program.symbols.values()))
        for name in OWN:
            first = self.program.symbols[name] & ~1
            end = min(b for b in bounds if b > first)
            yield from (a for a in addresses if first <= a < end)

    def skip(self, address, record):
        """Leave this instruction out when it is reached first."""
        addresses = sorted(self.program.starts)
        following = addresses[addresses.index(address) + 1]
        machine = self.machine(self.image, record)
        done = []

        def leave_out(uc, _address, _size, _data):
            if not done:
                done.append(address)
                uc.reg_write(UC_ARM_REG_PC, following | 1)
        machine.uc.hook_add(UC_HOOK_CODE, leave_out, None, address, address)
        stops = [s for s in self.stops if s != address]
        where = machine.reset(stops, LIMIT)
        if where == self.entry:
            raise SystemExit(f"embed: without the instruction at 0x{address:x}"
                             " the application starts unverified")
        return len(done)


def main():
    header, elf, image_path, record_path = sys.argv[1:]
    with open(image_path, "rb") as f:
        image = f.read()
    with open(record_path, "rb") as f:
        record = f.read()
    example = Example(header, elf, image, record)
    packet_len, image_len = struct.unpack_from("<2I", record)
    signature = flipped(record, 8 + packet_len - 1)
    example.expect("a good image", "OK")
    cases = [
        ("a changed image", "IMAGE_DIGEST", flipped(image, 4000), None),
        ("a changed first word", "IMAGE_DIGEST", flipped(image, 0), None),
        ("a changed signature", "SIGNATURE_INVALID", None, signature),
        ("a changed version", "SIGNATURE_INVALID", None,
         flipped(record, 8 + record[8:].index(b"\x08\x04\x10\x34") + 1)),
        ("no record", "PACKET_TOO_LONG", None, b"\xff" * len(record)),
        ("no packet", "PACKET_EMPTY", None, with_lengths(record, 0,
                                                         image_len)),
        ("half a packet", "TRUNCATED", None,
         with_lengths(record, packet_len // 2, image_len)),
        ("an image cut short", "IMAGE_SHORT", None,
         with_lengths(record, packet_len, image_len - 1)),
        ("an image with more", "IMAGE_LONG", None,
         with_lengths(record, packet_len, image_len + 1)),
        ("an image without end", "IMAGE_ROOM", None,
         with_lengths(record, packet_len, 0xFFFFFFFF)),
    ]
    for why, want, changed_image, changed_record in cases:
        example.expect(why, want, changed_image, changed_record)
    skipped = sum(example.skip(a, signature)
                  for a in example.own_instructions())
    print(f"1 good image starts, {len(cases)} bad ones halt with their reason,"
          f" {skipped} single skips in its own code start nothing")


if __name__ == "__main__":
    main()
