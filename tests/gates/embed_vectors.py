#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Every known answer of vectors/ against the single file of the verifier:
compiled for this machine, and run on an emulated Cortex-M4.

usage: embed_vectors.py HEADER CALLS.so CALLS.elf VECTORS...

CALLS are tests/gates/embed_calls.c for both. The kind of a file stands in its
head, or is its name. A file of an unknown kind is an error.
"""
import ctypes
import os
import re
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import cortex_m4 as m4

# The layout of embed_calls.c.
N_WORDS, AT_KEYS, AT_PACKET, AT_IMAGE, AT_INSTALLED = 256, 2, 18, 20, 22
AT_DEVICE, AT_ANSWER, AT_N_CALLS, AT_CALLS = 23, 32, 40, 41
DEVICE = ("hw_version", "softdevice", "app_version", "bootloader_version",
          "image_room", "bootloader_room", "switches")
NUMBERS = ("fw_version", "hw_version", "type", "sd_size", "bl_size",
           "app_size", "is_debug", "hash_type")
ALGORITHMS = {"p256": 1, "ed25519": 2}


class Emulated:
    """Calls on a Cortex-M4."""

    def __init__(self, path):
        self.machine = m4.Machine(m4.Program(path))
        self.word = 4

    def clear(self):
        self.machine.free = m4.RAM

    def place(self, data):
        return self.machine.place(data or b"\0")

    def read(self, address, length):
        return self.machine.read(address, length)

    def call(self, name, address):
        return self.machine.call(name, address)


class Native:
    """Calls on this machine."""

    def __init__(self, path):
        self.library = ctypes.CDLL(os.path.abspath(path))
        self.word = ctypes.sizeof(ctypes.c_void_p)
        self.kept = []

    def clear(self):
        self.kept = []

    def place(self, data):
        self.kept.append(ctypes.create_string_buffer(data, len(data) or 1))
        return ctypes.addressof(self.kept[-1])

    def read(self, address, length):
        return ctypes.string_at(address, length)

    def call(self, name, address):
        function = getattr(self.library, name)
        function.restype = ctypes.c_size_t
        return function(ctypes.c_void_p(address))


class Caller:
    """One array of words, and calls on it."""

    def __init__(self, target, status):
        self.target, self.status = target, status
        self.words = [0] * N_WORDS

    def begin(self):
        self.target.clear()
        self.words = [0] * N_WORDS

    def bytes_at(self, index, data):
        self.words[index:index + 2] = [self.target.place(data), len(data)]

    def call(self, name):
        form = f"<{N_WORDS}{'I' if self.target.word == 4 else 'Q'}"
        top = (1 << 8 * self.target.word) - 1
        address = self.target.place(
            struct.pack(form, *[w & top for w in self.words]))
        result = self.target.call(name, address)
        self.words = list(struct.unpack(form, self.target.read(
            address, struct.calcsize(form))))
        return result

    def slice_at(self, index):
        return self.target.read(self.words[index], self.words[index + 1])

    def table(self, record):
        self.words[0] = int(record["table_flags"])
        keys = [record[f"key_{i}"].split() for i in range(4)
                if f"key_{i}" in record]
        self.words[1] = len(keys)
        for i, key in enumerate(keys):
            at = AT_KEYS + 4 * i
            self.words[at] = self.target.place(
                bytes.fromhex("".join(key[3:])))
            self.words[at + 1] = ALGORITHMS.get(key[0]) or int(key[0])
            self.words[at + 2:at + 4] = [int(k) for k in key[1:3]]

    # --- One function for each kind: is it the wanted answer? ----------------

    def is_p256(self, record):
        self.words[:3] = [self.target.place(bytes.fromhex(record[k]))
                          for k in ("pub", "digest", "sig")]
        return self.call("call_p256") == self.status[record["want"]]

    def is_ed25519(self, record):
        self.words[0] = self.target.place(bytes.fromhex(record["pub"]))
        self.bytes_at(1, bytes.fromhex(record["msg"]))
        self.words[3] = self.target.place(bytes.fromhex(record["sig"]))
        return self.call("call_ed25519") == self.status[record["want"]]

    def is_digest(self, name, record):
        want = bytes.fromhex(record["want"])
        self.bytes_at(0, bytes.fromhex(record["msg"]))
        self.words[2] = int(record.get("repeat", "1"))
        self.words[3] = self.target.place(bytes(len(want)))
        self.call(name)
        return self.target.read(self.words[3], len(want)) == want

    def is_sha256(self, record):
        return self.is_digest("call_sha256", record)

    def is_sha512(self, record):
        return self.is_digest("call_sha512", record)

    def is_keys(self, record):
        self.table(record)
        return self.call("call_keys") == self.status[record["want"]]

    def is_packet(self, record):
        self.table(record)
        self.bytes_at(AT_PACKET, bytes.fromhex(record["packet"]))
        got = self.call("call_packet")
        return got == self.status[record["want"]] and (
            "key_index" not in record
            or self.words[AT_ANSWER] == int(record["key_index"]))

    def is_policy(self, record):
        """Genuine they are; that is not asked on the emulated processor."""
        self.table(record)
        self.bytes_at(AT_PACKET, bytes.fromhex(record["packet"]))
        if self.target.word != 4:
            if self.call("call_packet") != self.status["OK"]:
                return False
        for i, key in enumerate(DEVICE):
            self.words[AT_DEVICE + i] = (0xFFFFFFFF if record[key] == "none"
                                         else int(record[key]))
        return self.call("call_policy") == self.status[record["want"]]

    def is_image(self, record):
        self.bytes_at(AT_PACKET, bytes.fromhex(record["packet"]))
        self.bytes_at(AT_IMAGE, bytes.fromhex(record["image"]))
        calls = [{"start": -1, "finish": -2}.get(c) or int(c)
                 for c in record["calls"].split()]
        self.words[AT_N_CALLS] = len(calls)
        self.words[AT_CALLS:AT_CALLS + len(calls)] = calls
        got = self.call("call_image")
        answers = [self.status[a] for a in record["answers"].split()]
        return (got == self.status[record["want"]] and
                self.words[AT_CALLS:AT_CALLS + len(calls)] == answers)

    def is_boot(self, record):
        self.table(record)
        self.bytes_at(AT_PACKET, bytes.fromhex(record["packet"]))
        self.bytes_at(AT_IMAGE, bytes.fromhex(record["image"]))
        self.words[AT_INSTALLED] = int(record["installed"])
        return self.call("call_boot") == self.status[record["want"]]

    def is_initpkt(self, record):
        packet = bytes.fromhex(record["packet"])
        self.bytes_at(AT_PACKET, packet)
        start = self.words[AT_PACKET]
        if self.call("call_initpkt") != self.status[record["want"]]:
            return False
        answer = self.words[AT_ANSWER:]
        if record["want"] != "OK":
            return answer[0] == int(record["step"])
        for key, at in (("signed", 1), ("signature", 3)):
            if key in record:
                off, length = map(int, record[key].split())
                if length != answer[at + 1] or (
                        length and off != answer[at] - start):
                    return False
        if int(record.get("signature_type", answer[5])) != answer[5]:
            return False
        return self.is_command(record, AT_ANSWER + 6)

    def is_command(self, record, at):
        for i, key in enumerate(NUMBERS):
            if int(record.get(key, "0")) != self.words[at + 1 + i]:
                return False
        if bytes.fromhex(record.get("hash", "")) != self.slice_at(at + 9):
            return False
        n_sd_req, n_validations = self.words[at + 11], self.words[at + 14]
        found = [f"{self.words[at + 15 + 3 * i]}:"
                 + self.slice_at(at + 16 + 3 * i).hex()
                 for i in range(n_validations)]
        if found != record.get("validations", "").split():
            return False
        self.words[:2] = self.words[at + 12:at + 14]
        found = [self.call("call_next_sd_req") for _ in range(n_sd_req)]
        return found == [int(i) for i in record.get("sd_req", "").split()]


def read(path):
    """The kind and the records of a file."""
    with open(path, encoding="ascii") as f:
        blocks = f.read().split("\n\n")
    head, *records = [
        dict(re.split(r" = ?", line, maxsplit=1)
             for line in block.splitlines() if not line.startswith("#"))
        for block in blocks]
    if len(records) != int(head["count"]):
        raise SystemExit(f"embed: {path}: {len(records)} records, "
                         f"{head['count']} announced")
    name = os.path.splitext(os.path.basename(path))[0]
    return head.get("kind", name), records


def main():
    header, library, elf = sys.argv[1:4]
    with open(header, encoding="utf-8") as f:
        text = f.read().replace("\\\n", "")
    status = {m[1]: int(m[2], 0)
              for m in re.finditer(r"X\((\w+), (0x[0-9A-Fa-f]+),", text)}
    callers = Caller(Native(library), status), Caller(Emulated(elf), status)
    n_passed = 0
    for path in sys.argv[4:]:
        kind, records = read(path)
        for record in records:
            for caller in callers:
                caller.begin()
                if not getattr(caller, "is_" + kind)(record):
                    raise SystemExit(
                        f"embed: {path}: {record['id']}: not "
                        f"{record['want']} "
                        f"({type(caller.target).__name__.lower()})")
            n_passed += 1
    print(f"{n_passed} vectors agree, natively and on an emulated Cortex-M4")


if __name__ == "__main__":
    main()
