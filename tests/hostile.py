#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Hostile packages, files and circumstances for the whole program.

The packages, their keys and their signatures are made here, with nothing but
the standard library, from the published formats: nothing expected comes from
the program under test.

usage: hostile.py ASSAY BLINK.HEX SHARED FOLDER
"""
import hashlib
import base64
import json
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zlib

sys.dont_write_bytecode = True

# --- P-256, RFC 6979 (test signatures only: not constant time) ----------------

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5


def double(p):
    x, y, z = p
    s = 4 * x * y * y % P
    m = 3 * (x - z * z) * (x + z * z) % P
    u = (m * m - 2 * s) % P
    return u, (m * (s - u) - 8 * pow(y, 4, P)) % P, 2 * y * z % P


def add(p, q):
    if p[2] == 0:
        return q
    if q[2] == 0:
        return p
    z1, z2 = p[2] * p[2] % P, q[2] * q[2] % P
    u1, u2 = p[0] * z2 % P, q[0] * z1 % P
    s1, s2 = p[1] * z2 * q[2] % P, q[1] * z1 * p[2] % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if h == 0:
        return double(p) if r == 0 else (1, 1, 0)
    hh = h * h % P
    hhh = hh * h % P
    v = u1 * hh % P
    x = (r * r - hhh - 2 * v) % P
    return x, (r * (v - x) - s1 * hhh) % P, p[2] * q[2] * h % P


def times_g(k):
    out = (1, 1, 0)
    for bit in bin(k)[2:]:
        out = double(out)
        if bit == "1":
            out = add(out, (GX, GY, 1))
    inverse = pow(out[2], P - 2, P)
    return (out[0] * inverse * inverse % P,
            out[1] * pow(inverse, 3, P) % P)


class Key:
    """A private P-256 key made from a name."""

    def __init__(self, name):
        self.d = int.from_bytes(hashlib.sha256(name).digest(), "big") % N
        self.x, self.y = times_g(self.d)

    def sign(self, message):
        """r and s over the SHA-256 of message."""
        digest = hashlib.sha256(message).digest()
        e = int.from_bytes(digest, "big")
        k = int.from_bytes(hashlib.sha256(
            b"nonce" + self.d.to_bytes(32, "big") + digest).digest(), "big")
        k = k % (N - 1) + 1
        r = times_g(k)[0] % N
        return r, pow(k, N - 2, N) * (e + r * self.d) % N

    def wire(self, message):
        """The signature as a packet carries it: each half reversed."""
        r, s = self.sign(message)
        return r.to_bytes(32, "little") + s.to_bytes(32, "little")

    def public_der(self):
        return bytes.fromhex(
            "3059301306072a8648ce3d020106082a8648ce3d030107034200") + (
                b"\x04" + self.x.to_bytes(32, "big")
                + self.y.to_bytes(32, "big"))

    def private_der(self):
        return (bytes.fromhex("30770201010420") + self.d.to_bytes(32, "big")
                + bytes.fromhex("a00a06082a8648ce3d030107a14403420004")
                + self.x.to_bytes(32, "big") + self.y.to_bytes(32, "big"))


def pem(label, der):
    text = base64.b64encode(der).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines,
                      f"-----END {label}-----", ""]).encode()


def ed25519_pem(seed):
    return pem("PRIVATE KEY", bytes.fromhex("302e020100300506032b657004220420")
               + seed)


# --- Protocol Buffers ---------------------------------------------------------


def varint(number, extra=0):
    """The encoding of number, `extra` bytes longer than needed."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    for _ in range(extra):
        out[-1] |= 0x80
        out.append(0)
    return bytes(out)


def number_field(number, value, tag_extra=0, extra=0):
    return varint(number << 3, tag_extra) + varint(value, extra)


def bytes_field(number, content, tag_extra=0, extra=0):
    return (varint(number << 3 | 2, tag_extra) + varint(len(content), extra)
            + content)


def sd_list(ids):
    return bytes_field(3, b"".join(varint(i) for i in ids))


def init_fields(image, **changed):
    """The fields of an InitCommand for an application, by name."""
    digest = hashlib.sha256(image).digest()[::-1]
    fields = {
        "fw_version": number_field(1, 4),
        "hw_version": number_field(2, 52),
        "sd_req": sd_list([0]),
        "type": number_field(4, 0),
        "sd_size": number_field(5, 0),
        "bl_size": number_field(6, 0),
        "app_size": number_field(7, len(image)),
        "hash": bytes_field(8, number_field(1, 3) + bytes_field(2, digest)),
        "is_debug": number_field(9, 0),
        "validation": bytes_field(10, number_field(1, 1) + bytes_field(2, b"")),
    }
    fields.update(changed)
    return fields


def init_command(image, **changed):
    return b"".join(init_fields(image, **changed).values())


def command(init):
    return number_field(1, 1) + bytes_field(2, init)


def signed_packet(init, key, cmd=None, kind=0, signature=None):
    """A packet whose signature over init is good."""
    signature = key.wire(init) if signature is None else signature
    return bytes_field(2, bytes_field(1, command(init) if cmd is None else cmd)
                       + number_field(2, kind) + bytes_field(3, signature))


# --- Zip ----------------------------------------------------------------------


class Member:
    """One member; every number of its headers can be told otherwise."""

    def __init__(self, name, data, deflate=False, **lies):
        self.name = name if isinstance(name, bytes) else name.encode()
        self.data = data
        self.packed = data
        self.method = 0
        if deflate:
            squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
            self.packed = squeeze.compress(data) + squeeze.flush()
            self.method = 8
        self.__dict__.update({
            "crc": zlib.crc32(data), "len": len(data),
            "packed_len": None, "flags": 0, "version": 20, "creator": 0x0314,
            "attributes": 0o100644 << 16, "extra": b"", "local_extra": b"",
            "comment": b"", "local": {}, "descriptor": None, "disk": 0,
            "behind": b""})
        self.__dict__.update(lies)
        if self.packed_len is None:
            self.packed_len = len(self.packed)

    def fields(self, changed):
        v = dict(self.__dict__)
        v.update(changed)
        return struct.pack("<HHHHHIII", v["version"], v["flags"], v["method"],
                           0, 0x21, v["crc"] & 0xFFFFFFFF,
                           v["packed_len"], v["len"])

    def local_record(self):
        name = self.local.get("name", self.name)
        return (b"PK\x03\x04" + self.fields(self.local)
                + struct.pack("<HH", len(name), len(self.local_extra)) + name
                + self.local_extra + self.packed + (self.descriptor or b"")
                + self.behind)

    def entry(self, off):
        return (b"PK\x01\x02" + struct.pack("<H", self.creator)
                + self.fields({})
                + struct.pack("<HHHHHII", len(self.name), len(self.extra),
                              len(self.comment), self.disk, 0, self.attributes,
                              off) + self.name + self.extra + self.comment)


def zip_of(members, prefix=b"", gap=b"", end_gap=b"", suffix=b"", **lies):
    out = bytearray(prefix)
    directory = bytearray()
    for m in members:
        directory += m.entry(lies.get("offsets", {}).get(m.name, len(out)))
        out += m.local_record()
    out += gap
    v = {"disk": 0, "dir_disk": 0, "n": len(members), "comment_len": 0,
         "dir_off": len(out), "dir_len": len(directory)}
    v["n_disk"] = lies.get("n", v["n"])
    v.update({k: x for k, x in lies.items() if k in v})
    out += directory + end_gap
    out += b"PK\x05\x06" + struct.pack(
        "<HHHHIIH", v["disk"], v["dir_disk"], v["n_disk"], v["n"],
        v["dir_len"], v["dir_off"], v["comment_len"])
    return bytes(out) + suffix


def manifest(slot="application", name="a", **more):
    return json.dumps({"manifest": {slot: {
        "bin_file": name + ".bin", "dat_file": name + ".dat", **more}}},
        indent=4).encode()


def package_members(dat, image, json_text=None):
    return [Member("manifest.json", json_text or manifest()),
            Member("a.dat", dat), Member("a.bin", image)]


def package(dat, image, json_text=None):
    return zip_of(package_members(dat, image, json_text))


# --- Running ------------------------------------------------------------------

# In a small process of its own: what a child uses is not mixed with what this
# one uses, and the child starts from a small program.
LAUNCHER = """
import posix, sys
pid = posix.posix_spawn(sys.argv[2], sys.argv[2:], posix.environ)
_, status, use = posix.wait4(pid, 0)
fd = posix.open(sys.argv[1], posix.O_WRONLY | posix.O_CREAT | posix.O_TRUNC)
posix.write(fd, b"%d" % use.ru_maxrss)
posix.close(fd)
sys.exit(posix.waitstatus_to_exitcode(status) & 255)
"""

RSS_LIMIT_KB = 16384


class Run:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def text(self):
        return (self.out + self.err).decode("utf-8", "surrogateescape")


class Suite:
    """Counts checks and prints a line for each."""

    def __init__(self, assay, folder):
        self.assay = os.path.abspath(assay)
        self.folder = folder
        self.failed = 0
        self.n_files = 0
        self.meanings = {}
        os.makedirs(os.path.join(folder, "in"), exist_ok=True)
        os.makedirs(os.path.join(folder, "cwd"), exist_ok=True)
        self.cwd = os.path.join(folder, "cwd")
        self.env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C",
                    "HOME": folder}

    def ok(self, name, reason=None):
        """reason None: the check passed."""
        self.failed += reason is not None
        print(f"ok {name}" if reason is None else f"not ok {name}: {reason}",
              flush=True)

    def expect(self, name, condition, reason):
        self.ok(name, None if condition else reason)

    def left_out(self, unit, n, what):
        print(f"left out: {unit}: {n} checks need {what}, which is not here")

    def path(self, name):
        return os.path.join(self.folder, "in", name)

    def write(self, name, data):
        path = self.path(name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def file(self, data, suffix=".zip"):
        self.n_files += 1
        return self.write(f"{self.n_files:05d}{suffix}", data)

    def run(self, *args, stdin=b"", timeout=20, env=None, **more):
        """A run that must end by itself. Code -1: it did not in time."""
        command_line = [self.assay, *args]
        try:
            done = subprocess.run(command_line, input=stdin, cwd=self.cwd,
                                  capture_output=True, timeout=timeout,
                                  check=False, env={**self.env, **(env or {})},
                                  **more)
        except subprocess.TimeoutExpired:
            return Run(-1, b"", b"no end")
        return Run(done.returncode, done.stdout, done.stderr)

    def rss(self, *args):
        """The run, and its peak resident memory in kB."""
        note = os.path.join(self.folder, "rss")
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", LAUNCHER, note, self.assay,
             *args], capture_output=True, cwd=self.cwd, check=False,
            env=self.env, timeout=60, stdin=subprocess.DEVNULL)
        with open(note, encoding="ascii") as f:
            return Run(done.returncode, done.stdout, done.stderr), int(f.read())

    def reports(self, paths, *options):
        """The JSON objects of one process, and the run."""
        out = []
        worst = Run(0, b"", b"")
        for i in range(0, len(paths), 2000):
            done = self.run("verify", "--json", *options, *paths[i:i + 2000],
                            timeout=60)
            out += [json.loads(x) for x in done.out.splitlines()]
            worst = Run(max(worst.code, done.code) if done.code >= 0
                        else done.code, done.out, worst.err + done.err)
        return out, worst


EXITS = {"REFUSED": 1, "MALFORMED": 3, "UNREADABLE": 3, "UNSUPPORTED": 4,
         "VERIFIED": 0}


def shape_fault(report, path):
    """What every report has, whatever its verdict."""
    for name in ("schema", "tool", "file", "verdict", "status", "rule",
                 "meaning", "detail", "advice", "exit", "images"):
        if name not in report:
            return f"no {name}"
    if report["schema"] != "assay/1" or report["file"] != path:
        return f"schema {report['schema']}, file {report['file']}"
    if report["exit"] != EXITS.get(report["verdict"]):
        return f"{report['verdict']} with exit {report['exit']}"
    if (report["verdict"] == "VERIFIED") != (report["status"] == "OK"):
        return f"{report['verdict']} with {report['status']}"
    if not report["detail"]:
        return "nothing found is told"
    return None


def statuses(header):
    """Name -> (rule, meaning), from the one list of results."""
    import re
    with open(header, encoding="ascii") as f:
        text = f.read().replace("\\\n", " ")
    out = {}
    for name, rule, strings in re.findall(
            r'X\((\w+), 0x\w+,\s*\w+,\s*"([\w-]+)",\s*"([^"]*)"', text):
        out[name] = (rule, strings)
    return out


# --- The cases ----------------------------------------------------------------


class Material:
    """Keys and one good package."""

    def __init__(self, suite):
        self.key = Key(b"assay test key")
        self.other = Key(b"another test key")
        self.public = suite.write(
            "pub.pem", pem("PUBLIC KEY", self.key.public_der()))
        self.private = suite.write(
            "key.pem", pem("EC PRIVATE KEY", self.key.private_der()))
        self.stranger = suite.write(
            "other.pem", pem("PUBLIC KEY", self.other.public_der()))
        self.ed25519 = suite.write("ed25519.pem", ed25519_pem(bytes(range(32))))
        self.image = bytes((i * 7 + (i >> 8)) & 0xFF for i in range(500))
        self.init = init_command(self.image)
        self.dat = signed_packet(self.init, self.key)

    def signed(self, **changed):
        return signed_packet(init_command(self.image, **changed), self.key)

    def raw(self, init):
        return signed_packet(init, self.key)


def one_by_one(suite, name, cases, *options):
    """cases: (title, data or path, wanted status, wanted exit)."""
    paths = [c[1] if isinstance(c[1], str) else suite.file(c[1]) for c in cases]
    reports, done = suite.reports(paths, *options)
    if len(reports) != len(cases):
        suite.ok(name, f"{len(reports)} reports for {len(cases)} files, exit "
                       f"{done.code}: {done.err[-200:]!r}")
        return
    for (title, _, status, code), path, r in zip(cases, paths, reports):
        fault = shape_fault(r, path)
        known = suite.list.get(status)
        if fault is None and r["status"] != status:
            fault = f"{r['status']} ({r['detail']}), expected {status}"
        if fault is None and r["exit"] != code:
            fault = f"exit {r['exit']}, expected {code}"
        if fault is None and (r["rule"], r["meaning"]) != known:
            fault = f"{r['rule']} \"{r['meaning']}\", expected {known}"
        if fault is None and code != 0 and any(
                i["genuine"]["status"] == "OK" for i in r["images"]
                if len(r["images"]) == 1):
            fault = "an image is called genuine"
        suite.ok(f"{name}: {title} -> {status}", fault)
        suite.meanings.setdefault(r["status"], r["meaning"])
    worst = max(c[3] for c in cases)
    suite.expect(f"{name}: exit code of all", done.code == worst,
                 f"{done.code}, expected {worst}")
    suite.expect(f"{name}: nothing on standard error", done.err == b"",
                 repr(done.err[:200]))


def many(suite, name, files, judge, *options):
    """One line for thousands of inputs; judge(i, report) -> fault or None."""
    paths = [suite.file(data) for data in files]
    reports, done = suite.reports(paths, *options)
    fault = None
    if len(reports) != len(paths):
        fault = f"{len(reports)} reports for {len(paths)} files: {done.code}"
    for i, (path, r) in enumerate(zip(paths, reports)):
        if fault is None:
            fault = shape_fault(r, path) or judge(i, r)
            fault = fault and f"{os.path.basename(path)} (number {i}): {fault}"
    if fault is None and done.err:
        fault = f"on standard error: {done.err[:100]!r}"
    suite.ok(f"{name} ({len(paths)} inputs)", fault)
    return paths


def refused(wanted, code):
    def judge(_, r):
        if r["status"] in wanted and r["exit"] == code:
            return None
        return f"{r['status']} exit {r['exit']}: {r['detail']}"
    return judge


def flips(data):
    for i in range(8 * len(data)):
        changed = bytearray(data)
        changed[i // 8] ^= 1 << i % 8
        yield bytes(changed)


def packet_flips(suite, m, dat, name, key):
    """No flipped bit of an init packet leaves a package that verifies."""
    start = dat.index(m.init)
    signed = range(start, start + len(m.init))
    signature = range(len(dat) - 64, len(dat))

    def judge(i, r):
        at = i // 8
        if r["exit"] not in (1, 3):
            return f"{r['status']} exit {r['exit']}"
        if r["images"] and r["images"][0]["key"] is not None:
            return "a signer is named"
        if (at in signed or at in signature) and \
                r["status"] != "SIGNATURE_INVALID":
            return f"byte {at} is signed or signature, yet {r['status']}"
        return None
    many(suite, f"every flipped bit of a .dat, {name}",
         [package(d, m.image) for d in flips(dat)], judge, "--key", key)
    many(suite, f"every fifth flipped bit of a .dat, {name}, for a device",
         [package(d, m.image) for d in list(flips(dat))[::5]],
         lambda i, r: "the device takes it" if r["images"] and
         r["images"][0]["device"]["accepts"] else None,
         "--key", key, "--device", suite.device)


def check_packets(suite, m):
    """Init packets that are damaged or were never in canonical form."""
    trusted = ("--key", m.public)
    one_by_one(suite, "good", [("a package", package(m.dat, m.image), "OK", 0)],
               *trusted)
    many(suite, "every length of a .dat",
         [package(m.dat[:n], m.image) for n in range(len(m.dat))],
         lambda i, r: refused(["TRUNCATED" if i else "PACKET_EMPTY"], 3)(i, r),
         *trusted)
    many(suite, "a .dat with each byte behind it",
         [package(m.dat + bytes([b]), m.image) for b in range(256)],
         lambda i, r: None if r["exit"] == 3 and r["status"] in (
             "TRUNCATED", "FIELD_UNKNOWN", "FIELD_ORDER", "FIELD_DUPLICATE",
             "FIELD_WIRE_TYPE") else f"{r['status']}", *trusted)
    packet_flips(suite, m, m.dat, "P-256", m.public)
    # What stands behind the digest is optional.
    ends, whole = 0, set()
    for name, field in init_fields(m.image).items():
        ends += len(field)
        if name in ("hash", "is_debug"):
            whole.add(ends)
    many(suite, "every length of the signed bytes, signed again",
         [package(m.raw(m.init[:n]), m.image) for n in range(len(m.init))],
         lambda i, r: None if (r["status"] == "OK") == (i in whole)
         else r["status"], *trusted)
    many(suite, "a flipped bit in each byte of the image",
         [package(m.dat, m.image[:n] + bytes([m.image[n] ^ 1 << n % 8])
                  + m.image[n + 1:]) for n in range(len(m.image))],
         refused(["IMAGE_DIGEST"], 1), *trusted)

    ed25519 = suite.file(b"")
    made = suite.run("pkg", "generate", "--hw-version", "52", "--sd-req", "0",
                     "--application", suite.write("a.bin", m.image),
                     "--application-version", "4", "--key-file", m.ed25519,
                     ed25519)
    suite.expect("an Ed25519 package is made", made.code == 0, made.text())
    dat = read_member(ed25519, "a.dat")
    suite.expect("its signed bytes are those of the format",
                 m.init in dat, dat.hex())
    packet_flips(suite, m, dat, "Ed25519", m.ed25519)

    unsigned = bytes_field(1, command(m.init))
    again = m.key.wire(m.init)
    swapped = again[32:] + again[:32]
    whole = again[31::-1] + again[:31:-1]
    zero, order = bytes(64), N.to_bytes(32, "little")
    one_by_one(suite, "signature", [
        ("wrong key", package(signed_packet(m.init, m.other), m.image),
         "SIGNATURE_INVALID", 1),
        ("unsigned", package(unsigned, m.image), "SIGNATURE_MISSING", 1),
        ("both commands", package(unsigned + m.dat, m.image),
         "BOTH_COMMANDS", 3),
        ("both commands, signed first", package(m.dat + unsigned, m.image),
         "FIELD_ORDER", 3),
        ("signed twice", package(m.dat + m.dat, m.image),
         "FIELD_DUPLICATE", 3),
        ("r and s exchanged", package(signed_packet(
            m.init, m.key, signature=swapped), m.image),
         "SIGNATURE_INVALID", 1),
        ("big-endian r and s", package(signed_packet(
            m.init, m.key, signature=whole), m.image), "SIGNATURE_INVALID", 1),
        ("all zero", package(signed_packet(m.init, m.key, signature=zero),
                             m.image), "SIGNATURE_INVALID", 1),
        ("all ones", package(signed_packet(
            m.init, m.key, signature=b"\xff" * 64), m.image),
         "SIGNATURE_INVALID", 1),
        ("r and s the group order", package(signed_packet(
            m.init, m.key, signature=order + order), m.image),
         "SIGNATURE_INVALID", 1),
        ("s increased by the order where it fits", package(signed_packet(
            m.init, m.key, signature=again[:32] + (
                (int.from_bytes(again[32:], "little") + N) % 2**256
            ).to_bytes(32, "little")), m.image), "SIGNATURE_INVALID", 1),
        ("63 bytes", package(signed_packet(
            m.init, m.key, signature=again[:63]), m.image),
         "SIGNATURE_LENGTH", 3),
        ("65 bytes", package(signed_packet(
            m.init, m.key, signature=again + b"\0"), m.image),
         "SIGNATURE_LENGTH", 3),
        ("0 bytes", package(signed_packet(m.init, m.key, signature=b""),
                            m.image), "SIGNATURE_LENGTH", 3),
        ("DER", package(signed_packet(
            m.init, m.key, signature=der_signature(m.key.sign(m.init))),
            m.image), "SIGNATURE_LENGTH", 3),
        ("type 2", package(signed_packet(m.init, m.key, kind=2), m.image),
         "SIGNATURE_TYPE_UNKNOWN", 3),
        ("over the whole command", package(signed_packet(
            m.init, m.key, signature=m.key.wire(command(m.init))), m.image),
         "SIGNATURE_INVALID", 1),
    ], *trusted)
    # The verifier says so; the host must not call it a wrong key.
    one_by_one(suite, "bug_signature_type_lost", [
        ("another algorithm", ed25519, "SIGNATURE_TYPE", 1)], *trusted)
    high = (m.key.sign(m.init)[0].to_bytes(32, "little")
            + (N - m.key.sign(m.init)[1]).to_bytes(32, "little"))
    one_by_one(suite, "signature", [
        ("s replaced by the order minus s is as good", package(signed_packet(
            m.init, m.key, signature=high), m.image), "OK", 0)], *trusted)


def der_signature(pair):
    def integer(n):
        body = n.to_bytes(n.bit_length() // 8 + 1, "big")
        return b"\x02" + bytes([len(body)]) + body
    body = b"".join(integer(n) for n in pair)
    return b"\x30" + bytes([len(body)]) + body


def read_member(path, name):
    import zipfile
    with zipfile.ZipFile(path) as z:
        return z.read(name)


def check_fields(suite, m):
    """Faults behind a good signature: the maker himself sent them."""
    trusted = ("--key", m.public)
    names = list(init_fields(m.image))
    base = init_fields(m.image)
    cases = []

    def case(title, init, status, code=3):
        cases.append((title, package(m.raw(init), m.image), status, code))

    def joined(fields):
        return b"".join(fields)

    for i, name in enumerate(names):
        twice = [base[n] for n in names[:i + 1]] + [base[name]] + [
            base[n] for n in names[i + 1:]]
        # Two boot validations are in order; their number has a limit.
        case(f"{name} twice", joined(twice),
             "FIELD_DUPLICATE" if name != "validation" else "OK",
             3 if name != "validation" else 0)
        if i + 1 < len(names):
            order = names[:i] + [names[i + 1], name] + names[i + 2:]
            case(f"{name} behind {names[i + 1]}",
                 joined(base[n] for n in order), "FIELD_ORDER")
    case("first field again at the end", m.init + base["fw_version"],
         "FIELD_ORDER")
    for number in (0, 11, 12, 15, 16, 100, 0x1FFFFFFF):
        case(f"field {number}", m.init + number_field(number, 0),
             "FIELD_UNKNOWN")
    for name, number in zip(names, range(1, 11)):
        tag = base[name][0]
        for wire in (0, 1, 2, 3, 4, 5, 6, 7):
            if wire != tag & 7:
                changed = dict(base)
                changed[name] = bytes([tag & 0xF8 | wire]) + base[name][1:]
                case(f"{name} with wire type {wire}",
                     joined(changed.values()), "FIELD_WIRE_TYPE")
        changed = dict(base)
        changed[name] = varint(tag, 1) + base[name][1:]
        case(f"{name} with a long tag", joined(changed.values()),
             "VARINT_OVERLONG")
        body = base[name][1:]
        end = next(i for i, b in enumerate(body) if b < 0x80) + 1
        changed[name] = (bytes([tag]) + body[:end - 1]
                         + bytes([body[end - 1] | 0x80, 0]) + body[end:])
        case(f"{name} with a long value or length",
             joined(changed.values()), "VARINT_OVERLONG")
    for name in ("fw_version", "hw_version", "app_size", "type"):
        changed = dict(base)
        changed[name] = base[name][:1] + b"\x80\x80\x80\x80\x10"
        case(f"{name} of 33 bits", joined(changed.values()), "VARINT_RANGE")
        changed[name] = base[name][:1] + b"\xff" * 9 + b"\x01"
        case(f"{name} of 64 bits", joined(changed.values()), "VARINT_RANGE")
    case("17 sd_req", init_command(m.image, sd_req=sd_list(range(17))),
         "SD_REQ_COUNT")
    case("16 sd_req", init_command(m.image, sd_req=sd_list(range(16))),
         "OK", 0)
    case("an empty sd_req", init_command(m.image, sd_req=sd_list([])),
         "LIST_EMPTY")
    case("sd_req not packed", init_command(
        m.image, sd_req=number_field(3, 0)), "FIELD_WIRE_TYPE")
    case("an overlong sd_req", init_command(
        m.image, sd_req=bytes_field(3, b"\x80\x00")), "VARINT_OVERLONG")
    case("a sd_req cut short", init_command(
        m.image, sd_req=bytes_field(3, b"\x80")), "TRUNCATED")
    case("is_debug 2", init_command(m.image, is_debug=number_field(9, 2)),
         "BOOL_RANGE")
    digest = hashlib.sha256(m.image).digest()[::-1]
    for n, status in ((0, "HASH_LENGTH"), (31, "HASH_LENGTH"),
                      (33, "HASH_LENGTH"), (64, "HASH_LENGTH")):
        case(f"hash of {n} bytes", init_command(m.image, hash=bytes_field(
            8, number_field(1, 3) + bytes_field(2, (digest * 2)[:n]))), status)
    for kind, status, code in ((0, "HASH_TYPE", 1), (1, "HASH_TYPE", 1),
                               (2, "HASH_TYPE", 1), (4, "HASH_TYPE", 1),
                               (5, "HASH_TYPE_UNKNOWN", 3)):
        case(f"hash type {kind}", init_command(m.image, hash=bytes_field(
            8, number_field(1, kind) + bytes_field(2, digest))), status, code)
    case("no hash", init_command(m.image, hash=b""), "HASH_TYPE", 1)
    case("hash without its type", init_command(
        m.image, hash=bytes_field(8, bytes_field(2, digest))), "FIELD_MISSING")
    case("hash without its bytes", init_command(
        m.image, hash=bytes_field(8, number_field(1, 3))), "FIELD_MISSING")
    case("hash with a third field", init_command(
        m.image, hash=bytes_field(8, number_field(1, 3) + bytes_field(
            2, digest) + number_field(3, 0))), "FIELD_UNKNOWN")
    case("firmware type 5", init_command(m.image, type=number_field(4, 5)),
         "FW_TYPE_UNKNOWN")
    case("no type", init_command(m.image, type=b""), "TYPE_MISSING", 1)
    case("another type than the manifest", init_command(
        m.image, type=number_field(4, 2), app_size=number_field(7, 0),
        bl_size=number_field(6, len(m.image))), "MANIFEST_TYPE", 1)
    one = bytes_field(10, number_field(1, 1) + bytes_field(2, b""))
    case("3 boot validations", init_command(m.image, validation=one * 3),
         "OK", 0)
    case("4 boot validations", init_command(m.image, validation=one * 4),
         "VALIDATION_COUNT")
    case("boot validation type 4", init_command(
        m.image, validation=bytes_field(10, number_field(1, 4)
                                        + bytes_field(2, b""))),
         "VALIDATION_TYPE_UNKNOWN")
    for kind, n in ((0, 1), (1, 4), (2, 32), (3, 0), (3, 63), (3, 65)):
        case(f"boot validation {kind} with {n} bytes", init_command(
            m.image, validation=bytes_field(10, number_field(1, kind)
                                            + bytes_field(2, bytes(n)))),
             "VALIDATION_LENGTH")
    case("boot validation signed by another", init_command(
        m.image, validation=bytes_field(10, number_field(1, 3) + bytes_field(
            2, m.other.wire(m.image)))), "IMAGE_VALIDATION", 1)
    case("boot validation signed by the signer", init_command(
        m.image, validation=bytes_field(10, number_field(1, 3) + bytes_field(
            2, m.key.wire(m.image)))), "OK", 0)
    for name, status in (("app_size", "IMAGE_LONG"),):
        case(f"{name} one less", init_command(
            m.image, app_size=number_field(7, len(m.image) - 1)), status, 1)
        case(f"{name} one more", init_command(
            m.image, app_size=number_field(7, len(m.image) + 1)),
            "IMAGE_SHORT", 1)
        case(f"{name} 0", init_command(m.image, app_size=number_field(7, 0)),
             "SIZE_ZERO", 1)
        case(f"{name} 4 GiB - 1", init_command(
            m.image, app_size=number_field(7, 0xFFFFFFFF)), "IMAGE_SHORT", 1)
    case("the digest not reversed", init_command(m.image, hash=bytes_field(
        8, number_field(1, 3) + bytes_field(2, digest[::-1]))),
        "IMAGE_DIGEST", 1)
    case("an empty command", b"", "TYPE_MISSING", 1)
    one_by_one(suite, "signed field", cases, *trusted)

    good = command(m.init)
    envelope = [
        ("no op_code", bytes_field(2, m.init), "FIELD_MISSING"),
        ("op_code 0", number_field(1, 0) + bytes_field(2, m.init), "OP_CODE"),
        ("op_code 2", number_field(1, 2) + bytes_field(2, m.init), "OP_CODE"),
        ("no init", number_field(1, 1), "FIELD_MISSING"),
        ("init in front of op_code", bytes_field(2, m.init)
         + number_field(1, 1), "FIELD_ORDER"),
        ("two inits", good + bytes_field(2, m.init), "FIELD_DUPLICATE"),
        ("a reset command behind", good + bytes_field(3, number_field(1, 1)),
         "FIELD_UNKNOWN"),
        ("a byte behind", good + b"\0", "FIELD_UNKNOWN"),
        ("a long length of init", number_field(1, 1)
         + bytes_field(2, m.init, extra=1), "VARINT_OVERLONG"),
        ("a long op_code", number_field(1, 1, extra=1)
         + bytes_field(2, m.init), "VARINT_OVERLONG"),
    ]
    one_by_one(suite, "command", [
        (title, package(signed_packet(m.init, m.key, cmd=cmd), m.image),
         status, 3) for title, cmd, status in envelope], *trusted)
    parts = [bytes_field(1, good), number_field(2, 0),
             bytes_field(3, m.key.wire(m.init))]
    outer = [
        ("without its command", parts[1] + parts[2], "FIELD_MISSING"),
        ("without its type", parts[0] + parts[2], "FIELD_MISSING"),
        ("without its signature", parts[0] + parts[1], "FIELD_MISSING"),
        ("with two signatures", b"".join(parts) + parts[2], "FIELD_DUPLICATE"),
        ("with the type last", parts[0] + parts[2] + parts[1], "FIELD_ORDER"),
        ("with a field 4", b"".join(parts) + number_field(4, 0),
         "FIELD_UNKNOWN"),
        ("with a long type", parts[0] + number_field(2, 0, extra=1) + parts[2],
         "VARINT_OVERLONG"),
        ("empty", b"", "FIELD_MISSING"),
    ]
    one_by_one(suite, "signed command", [
        (title, package(bytes_field(2, body), m.image), status, 3)
        for title, body, status in outer] + [
            ("in a field 3", package(bytes_field(3, b"".join(parts)), m.image),
             "FIELD_UNKNOWN", 3),
            ("with a long length", package(bytes_field(
                2, b"".join(parts), extra=1), m.image), "VARINT_OVERLONG", 3),
            ("of 513 bytes", package(bytes_field(2, bytes(510)), m.image),
             "PACKET_TOO_LONG", 3),
            ("of 64 KiB", package(m.dat + bytes(65000), m.image),
             "PACKET_TOO_LONG", 3),
            ("of 70,000 bytes", package(m.dat + bytes(70000), m.image),
             "ZIP_BOMB", 3)], *trusted)


def check_zips(suite, m):
    """Archives that can be read in two ways, or in none."""
    trusted = ("--key", m.public)
    good = package(m.dat, m.image)
    text = manifest()

    def members(**changed):
        made = package_members(m.dat, m.image)
        for name, lies in changed.items():
            i = {"manifest": 0, "dat": 1, "bin": 2}[name]
            old = made[i]
            made[i] = Member(old.name, old.data, **lies)
        return made

    cases = [("cut to nothing but its end", zip_of([]), "MANIFEST_MISSING", 3)]

    def case(title, data, status, code=3):
        cases.append((title, data, status, code))

    packed = Member("a.bin", m.image, deflate=True)
    tail = struct.pack("<III", zlib.crc32(m.image), len(packed.packed),
                       len(m.image))
    later = {"deflate": True, "flags": 8,
             "local": {"crc": 0, "packed_len": 0, "len": 0}}
    case("deflated", zip_of(members(bin={"deflate": True},
                                    dat={"deflate": True},
                                    manifest={"deflate": True})), "OK", 0)
    case("data descriptor", zip_of(members(
        bin={**later, "descriptor": b"PK\x07\x08" + tail})), "OK", 0)
    case("data descriptor without signature", zip_of(members(
        bin={**later, "descriptor": tail})), "OK", 0)
    case("UTF-8 flag, times and owners", zip_of(members(bin={
        "flags": 0x800, "extra": b"UT\x05\0\x03abcd",
        "local_extra": b"UT\x09\0\x03abcdefgh"})), "OK", 0)
    case("a folder beside it", zip_of(members() + [Member(
        "more/", b"", attributes=0o40755 << 16)]), "OK", 0)
    case("members of macOS beside it", zip_of(members() + [
        Member("__MACOSX/._a.bin", b"x")]), "OK", 0)
    case("a wrong descriptor", zip_of(members(
        bin={**later, "descriptor": b"PK\x07\x08" + tail[:-1] + b"\1"})),
        "ZIP_INCONSISTENT")
    case("no descriptor", zip_of(members(bin=later)), "ZIP_INCONSISTENT")
    case("stored with a descriptor", zip_of(members(bin={
        "flags": 8, "local": {"crc": 0, "packed_len": 0, "len": 0},
        "descriptor": b"PK\x07\x08" + struct.pack(
            "<III", zlib.crc32(m.image), len(m.image), len(m.image))})),
        "ZIP_UNSUPPORTED")

    case("1 byte behind", good + b"\0", "ZIP_TRAILING")
    case("4 bytes behind", good + b"more", "ZIP_TRAILING")
    case("another archive behind", good + package(m.dat, m.image),
         "ZIP_TRAILING")
    case("1 byte before", b"\0" + good, "ZIP_TRAILING")
    case("a script before", zip_of(members(), prefix=b"#!/bin/sh\n"),
         "ZIP_TRAILING")
    case("bytes between members", zip_of(members(dat={"behind": b"gap"})),
         "ZIP_TRAILING")
    case("bytes before the directory", zip_of(members(), gap=b"gap"),
         "ZIP_TRAILING")
    case("bytes before the end record", zip_of(members(), end_gap=b"gap"),
         "ZIP_TRAILING")
    case("a comment", zip_of(members(), comment_len=3, suffix=b"hey"),
         "ZIP_TRAILING")
    case("a comment that is missing", zip_of(members(), comment_len=3),
         "ZIP_TRUNCATED")
    case("a comment that is an end record", zip_of(
        members(), comment_len=22, suffix=good[-22:]), "ZIP_TRAILING")

    evil = Member("a.bin", bytes(len(m.image)))
    case("a.bin twice", zip_of(members() + [evil]), "ZIP_DUPLICATE")
    case("A.BIN beside a.bin", zip_of(members() + [Member("A.BIN", b"x")]),
         "ZIP_DUPLICATE")
    case("a.bin also a folder", zip_of(members() + [Member("a.bin/x", b"x")]),
         "ZIP_DUPLICATE")
    case("two manifests", zip_of(members() + [Member("manifest.json", text)]),
         "ZIP_DUPLICATE")
    case("a member the directory leaves out", zip_of(
        members(dat={"behind": evil.local_record()})), "ZIP_TRAILING")
    case("another name in the header", zip_of(members(
        bin={"local": {"name": b"b.bin"}})), "ZIP_INCONSISTENT")
    for field, value in (("crc", 1), ("len", 5), ("packed_len", 5),
                         ("method", 8), ("flags", 2)):
        case(f"another {field} in the header", zip_of(members(
            bin={"local": {field: value}})), "ZIP_INCONSISTENT")
    case("members in another order than the directory", reordered(members()),
         "ZIP_INCONSISTENT")
    case("two entries for one member", zip_of(
        members() + [Member("b.bin", m.image)],
        offsets={b"b.bin": len(b"".join(x.local_record()
                                        for x in members()[:2]))}),
        "ZIP_INCONSISTENT")

    for name in ("/a", "../a", "a/../b", "a/./b", "a//b", "", "a\0b", "a\x1bb",
                 "C:a", "a\\b", "..", ".", "a\nb", "a?", "a*", "x ", "x.",
                 "a|b", "<a", "\x7f", "a" * 256, "/", "../../../etc/passwd"):
        case(f"a member called {name[:24]!r}",
             zip_of(members() + [Member(name, b"x")]), "ZIP_NAME")
    case("a name in an unknown alphabet", zip_of(
        members() + [Member(b"\xe9.txt", b"x")]), "ZIP_NAME")
    case("a name that is not UTF-8", zip_of(
        members() + [Member(b"\xe9.txt", b"x", flags=0x800)]), "ZIP_NAME")
    case("a name with a control beyond ASCII", zip_of(
        members() + [Member("a\u009bb", b"x", flags=0x800)]), "ZIP_NAME")
    case("a UTF-8 name", zip_of(
        members() + [Member("grün.txt", b"x", flags=0x800)]), "OK", 0)

    case("encrypted", zip_of(members(bin={"flags": 1})), "ZIP_UNSUPPORTED")
    case("strongly encrypted", zip_of(members(bin={"flags": 0x41})),
         "ZIP_UNSUPPORTED")
    case("patched data", zip_of(members(bin={"flags": 0x20})),
         "ZIP_UNSUPPORTED")
    for method in (1, 6, 9, 12, 14, 93, 95, 99):
        case(f"method {method}", zip_of(members(bin={"method": method})),
             "ZIP_UNSUPPORTED")
    case("needs version 4.5", zip_of(members(bin={"version": 45})),
         "ZIP_UNSUPPORTED")
    case("a symbolic link", zip_of(members(
        bin={"attributes": 0o120777 << 16})), "ZIP_LINK")
    case("a device", zip_of(members(bin={"attributes": 0o20666 << 16})),
         "ZIP_LINK")
    case("a file that says directory", zip_of(members(
        bin={"attributes": 0x10})), "ZIP_INCONSISTENT")
    case("a second name in an extra field", zip_of(members(bin={
        "extra": b"up\x0a\0\x01abcdx.bin"})), "ZIP_UNSUPPORTED")
    case("ZIP64 lengths", zip_of(members(bin={
        "extra": b"\x01\0\x10\0" + bytes(16), "len": 0xFFFFFFFF,
        "packed_len": 0xFFFFFFFF})), "ZIP_UNSUPPORTED")
    case("an extra field that is cut", zip_of(members(bin={
        "extra": b"UT\x09\0\x03"})), "ZIP_INCONSISTENT")
    case("a member comment", zip_of(members(bin={"comment": b"hi"})),
         "ZIP_UNSUPPORTED")
    case("disk 1", zip_of(members(), disk=1), "ZIP_UNSUPPORTED")
    case("a member on disk 1", zip_of(members(bin={"disk": 1})),
         "ZIP_UNSUPPORTED")
    case("ZIP64 end", zip_of(members(), n=0xFFFF), "ZIP_UNSUPPORTED")
    case("counts differ", zip_of(members(), n_disk=2), "ZIP_INCONSISTENT")
    case("one member less in the end record", zip_of(members(), n=2),
         "ZIP_TRAILING")
    case("one member more in the end record", zip_of(members(), n=4),
         "ZIP_INCONSISTENT")
    case("directory beyond the file", zip_of(members(), dir_off=0x7FFFFFFF),
         "ZIP_TRUNCATED")
    case("directory of 2 GiB", zip_of(members(), dir_len=0x7FFFFFFF),
         "ZIP_TRUNCATED")
    case("member beyond the file", zip_of(
        members(), offsets={b"a.bin": 0x7FFFFFFF}), "ZIP_TRAILING")
    case("65 members", zip_of(members() + [
        Member(f"m{i}", b"") for i in range(62)]), "ZIP_COUNT")
    case("64 members", zip_of(members() + [
        Member(f"m{i}", b"") for i in range(61)]), "OK", 0)
    case("1,000 members", zip_of([Member(f"m{i}", b"") for i in range(1000)]),
         "ZIP_COUNT")
    case("a wrong checksum", zip_of(members(bin={"crc": 1})), "ZIP_DATA")
    case("a wrong checksum of the packet", zip_of(members(dat={"crc": 1})),
         "ZIP_DATA")
    case("a stored length that lies", zip_of(members(
        bin={"len": 10})), "ZIP_INCONSISTENT")
    case("a deflated length one less", zip_of(members(
        bin={"deflate": True, "len": len(m.image) - 1})), "ZIP_BOMB")
    case("a deflated length one more", zip_of(members(
        bin={"deflate": True, "len": len(m.image) + 1})), "ZIP_DATA")
    case("deflated data damaged", zip_of(members(bin={
        "method": 8, "packed": b"\x07" + packed.packed[1:],
        "packed_len": len(packed.packed)})), "ZIP_DATA")
    case("deflated data cut short", zip_of(members(bin={
        "method": 8, "packed": packed.packed[:-3]})), "ZIP_DATA")
    case("bytes behind the deflated data", zip_of(members(bin={
        "method": 8, "packed": packed.packed + b"x"})), "ZIP_TRAILING")

    folder = [Member("blink/", b"", attributes=0o40755 << 16)] + [
        Member(b"blink/" + x.name, x.data) for x in members()] + [
        Member("__MACOSX/blink/._manifest.json", b"x")]
    case("zipped again in a folder, by macOS", zip_of(folder),
         "PACKAGE_NESTED")
    case("a package inside", zip_of([Member("update.zip", good)]),
         "PACKAGE_NESTED")
    case("a package inside, deflated", zip_of(
        [Member("update.zip", good, deflate=True)]), "PACKAGE_NESTED")
    noise = random.Random(5).randbytes(1 << 20)
    case("a package of 1 MiB inside, deflated", zip_of([Member(
        "update.zip", package(m.dat, noise), deflate=True)]),
        "PACKAGE_NESTED")
    case("an inner archive that is none", zip_of(
        [Member("update.zip", b"PK\x03\x04no")]), "MANIFEST_MISSING")
    case("two packages in folders", zip_of([
        Member("a/manifest.json", text), Member("b/manifest.json", text)]),
        "MANIFEST_MISSING")
    case("manifest in capitals", zip_of([Member("MANIFEST.JSON", text)]),
         "MANIFEST_MISSING")
    one_by_one(suite, "zip", cases, *trusted)

    small = package(m.dat, m.image[:0] + m.image)
    many(suite, "every length of an archive",
         [small[:n] for n in range(1, len(small))],
         lambda i, r: None if r["exit"] in (3, 4) and not r["images"]
         else f"{r['status']} exit {r['exit']}", *trusted)
    contents = dict((x.name.decode(), x.data) for x in members())
    flipped = list(flips(small))

    def judge(i, r):
        """A bit that means nothing (a time, an owner) may be flipped."""
        if r["status"] != "OK":
            return None
        path = os.path.join(suite.folder, "flip.zip")
        with open(path, "wb") as f:
            f.write(flipped[i])
        try:
            same = all(read_member(path, k) == v for k, v in contents.items())
        except Exception as e:
            # Python is stricter than packages are about the version made by.
            return f"verified, yet Python says {e}"
        return None if same else "verified, with other contents"
    many(suite, "every flipped bit of an archive", flipped, judge, *trusted)


def reordered(members):
    records = [x.local_record() for x in members]
    out = records[1] + records[0] + records[2]
    offs = [len(records[1]), 0, len(records[0]) + len(records[1])]
    directory = b"".join(x.entry(o) for x, o in zip(members, offs))
    return out + directory + b"PK\x05\x06" + struct.pack(
        "<HHHHIIH", 0, 0, 3, 3, len(directory), len(out), 0)


def check_manifests(suite, m):
    trusted = ("--key", m.public)
    cases = []

    def case(title, text, status, code=3):
        text = text if isinstance(text, bytes) else text.encode()
        cases.append((title, package(m.dat, m.image, text), status, code))

    text = manifest().decode()
    case("CRLF", text.replace("\n", "\r\n"), "OK", 0)
    case("a byte order mark", b"\xef\xbb\xbf" + text.encode(), "OK", 0)
    case("unknown keys in every object", json.dumps(
        {"x": [1, {"y": None}], "manifest": {"z": 2.5, "application": {
            "bin_file": "a.bin", "dat_file": "a.dat", "note": "hi"}}}),
        "OK", 0)
    case("escapes in a name", text.replace("a.bin", "\\u0061.bin"), "OK", 0)
    case("UTF-16", text.encode("utf-16"), "MANIFEST_JSON")
    case("not JSON", "hello", "MANIFEST_JSON")
    case("JSON cut short", text[:-3], "MANIFEST_JSON")
    case("something behind it", text + "x", "MANIFEST_JSON")
    case("a zero byte behind it", text + "\0", "MANIFEST_JSON")
    case("a comment", "// hi\n" + text, "MANIFEST_JSON")
    case("keys twice", text.replace(
        '"bin_file"', '"bin_file": "b.bin", "bin_file"'), "MANIFEST_JSON")
    case("100,000 brackets", "[" * 60000, "MANIFEST_JSON")
    case("brackets in balance", "[" * 30000 + "]" * 30000, "MANIFEST_JSON")
    case("70,000 spaces", " " * 70000 + text, "MANIFEST_JSON")
    case("a list", "[]", "MANIFEST_SHAPE")
    case("an empty object", "{}", "MANIFEST_SHAPE")
    case("manifest null", '{"manifest": null}', "MANIFEST_SHAPE")
    case("no image", '{"manifest": {}}', "MANIFEST_EMPTY")
    case("an unknown image", '{"manifest": {"modem": {}}}', "MANIFEST_EMPTY")
    case("an image that is a list", '{"manifest": {"application": []}}',
         "MANIFEST_SHAPE")
    case("a name that is a number", text.replace('"a.bin"', "7"),
         "MANIFEST_SHAPE")
    case("no dat_file", '{"manifest": {"application": {"bin_file": "a.bin"}}}',
         "MANIFEST_SHAPE")
    for name in ("", "/etc/passwd", "../a.bin", "a\\u0000.bin", "\\u001b[31m",
                 "a\\nb", "a.bin/", "a\\u009b", "\\ud800"):
        case(f"a name {name!r}", text.replace("a.bin", name),
             "MANIFEST_JSON" if name in ("\\ud800", "a\\u0000.bin")
             else "MANIFEST_SHAPE")
    case("a name that is not there", text.replace("a.bin", "b.bin"),
         "ZIP_MEMBER")
    case("a name in other case", text.replace("a.bin", "A.bin"), "ZIP_MEMBER")
    case("packet and image exchanged", text.replace(
        "a.bin", "x").replace("a.dat", "a.bin").replace('"x"', '"a.dat"'),
        "FIELD_UNKNOWN" if m.image[0] not in (0x0A, 0x12) else "TRUNCATED")
    case("both kinds of manifest", text[:-1] + ', "files": []}',
         "MANIFEST_SHAPE")
    case("the nRF Connect SDK", json.dumps({"files": [{"file": "a.bin"}]}),
         "FORMAT_UNVERIFIABLE", 4)
    case("as a bootloader", manifest("bootloader"), "MANIFEST_TYPE", 1)
    case("as a SoftDevice", manifest("softdevice"), "MANIFEST_TYPE", 1)
    case("as both", manifest("softdevice_bootloader"), "MANIFEST_TYPE", 1)
    case("the same image in two places", json.dumps({"manifest": {
        s: {"bin_file": "a.bin", "dat_file": "a.dat"}
        for s in ("application", "bootloader")}}), "MANIFEST_TYPE", 1)
    case("sizes below zero", manifest(
        "softdevice_bootloader", info_read_only_metadata={
            "bl_size": -1, "sd_size": 1}), "MANIFEST_SHAPE")
    case("sizes beyond 64 bits", text.replace(
        '"application"', '"dfu_version": 99999999999999999999999, '
                         '"application"'), "MANIFEST_JSON")
    case("a legacy manifest round a signed packet", text.replace(
        '"application"', '"dfu_version": 0.5, "application"'), "OK", 0)
    one_by_one(suite, "manifest", cases, *trusted)

    # Two images of which the second is not genuine.
    second = package_members(m.dat, m.image, json.dumps({"manifest": {
        "application": {"bin_file": "a.bin", "dat_file": "a.dat"},
        "bootloader": {"bin_file": "b.bin", "dat_file": "b.dat"}}}).encode())
    boot = init_command(m.image, type=number_field(4, 2),
                        app_size=number_field(7, 0),
                        bl_size=number_field(6, len(m.image)))
    with_boot = [Member("b.dat", signed_packet(boot, m.key)),
                 Member("b.bin", m.image)]
    bad_boot = [Member("b.dat", signed_packet(boot, m.other)),
                Member("b.bin", m.image)]
    missing = bytes_field(1, command(boot))
    one_by_one(suite, "two images", [
        ("both good", zip_of(second + with_boot), "OK", 0),
        ("the first by another", zip_of(second + bad_boot),
         "SIGNATURE_INVALID", 1),
        ("the first not signed", zip_of(second + [
            Member("b.dat", missing), with_boot[1]]), "SIGNATURE_MISSING", 1),
    ], *trusted)
    swapped = second[:1] + [Member("a.dat", signed_packet(m.init, m.other)),
                            second[2]] + with_boot
    reports, done = suite.reports([suite.file(zip_of(swapped))], *trusted)
    suite.expect("two images: the second by another",
                 done.code == 1 and reports[0]["verdict"] == "REFUSED"
                 and reports[0]["status"] == "SIGNATURE_INVALID",
                 str(reports)[:300])


def check_keys(suite, m):
    """Which keys count, and for what."""
    good = suite.file(package(m.dat, m.image))
    boot = suite.file(zip_of([
        Member("manifest.json", manifest("bootloader")),
        Member("a.dat", m.signed(type=number_field(4, 2),
                                 app_size=number_field(7, 0),
                                 bl_size=number_field(6, len(m.image)))),
        Member("a.bin", m.image)]))
    for name, path, options, status, code in (
            ("application key, application", good,
             ("--application-key", m.public), "OK", 0),
            ("application key, bootloader", boot,
             ("--application-key", m.public), "KEY_ROLE", 1),
            ("revoked key", good, ("--revoked-key", m.public),
             "KEY_REVOKED", 1),
            ("revoked key beside another", good,
             ("--key", m.stranger, "--revoked-key", m.public),
             "KEY_REVOKED", 1),
            ("bug_key_trusted_and_revoked", good,
             ("--key", m.public, "--revoked-key", m.public),
             "KEY_REVOKED", 1),
            ("bug_key_revoked_and_for_applications", good,
             ("--revoked-key", m.public, "--application-key", m.public),
             "KEY_REVOKED", 1),
            ("the second of two keys", good,
             ("--key", m.stranger, "--key", m.public), "OK", 0)):
        reports, done = suite.reports([path], *options)
        got = reports[0]["status"] if reports else done.text()
        suite.expect(f"keys: {name} -> {status}",
                     got == status and done.code == code,
                     f"{got}, exit {done.code}")
    for name, options, code in (
            ("none", (), 2),
            ("only a revoked one that is missing",
             ("--revoked-key", suite.path("nothing")), 3),
            ("a file that is none", ("--key", good), 3),
            ("a folder", ("--key", suite.folder), 3),
            ("70 others", many_keys(suite), None)):
        done = suite.run("verify", good, *options)
        suite.expect(f"keys: {name}: nothing is verified", done.code in
                     ((code,) if code is not None else (1, 3))
                     and b"VERIFIED" not in done.out and done.text(),
                     f"exit {done.code}: {done.text()[:200]}")


def many_keys(suite):
    out = []
    for i in range(70):
        out += ["--key", suite.write(f"many{i}.pem", pem(
            "PUBLIC KEY", Key(b"many%d" % i).public_der()))]
    return out


def write_files(suite):
    """Paths that are not ordinary files."""
    os.mkdir(suite.path("folder"))
    os.symlink("nowhere", suite.path("dangling"))
    os.symlink("loop", suite.path("loop"))
    os.mkfifo(suite.path("fifo"))
    with open(suite.path("sparse"), "wb") as f:
        f.truncate(4 << 30)
    with open(suite.path("sparse33"), "wb") as f:
        f.truncate((32 << 20) + 1)
    sock = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(suite.path(""))
    sock.bind("socket")
    os.chdir(here)
    sock.close()


def check_files(suite, m):
    write_files(suite)
    trusted = ("--key", m.public)
    ordinary = suite.file(package(m.dat, m.image))
    cases = [
        ("empty", b"", "FILE_EMPTY", 3),
        ("a folder", suite.path("folder"), "FILE_DIRECTORY", 3),
        ("not there", suite.path("nothing"), "FILE_UNREADABLE", 3),
        ("a path through a file", ordinary + "/x", "FILE_UNREADABLE", 3),
        ("a slash behind a file", ordinary + "/", "FILE_UNREADABLE", 3),
        ("a dangling link", suite.path("dangling"), "FILE_UNREADABLE", 3),
        ("a link to itself", suite.path("loop"), "FILE_UNREADABLE", 3),
        ("a name of 300 bytes", suite.path("x" * 300), "FILE_UNREADABLE", 3),
        ("a path of 5,000 bytes", "/".join(["y" * 99] * 50),
         "FILE_UNREADABLE", 3),
        ("a socket", suite.path("socket"), "FILE_UNREADABLE", 3),
        ("a FIFO that nobody writes", suite.path("fifo"), "FILE_EMPTY", 3),
        ("4 GiB, sparse", suite.path("sparse"), "FILE_TOO_LARGE", 3),
        ("32 MiB and 1 byte", suite.path("sparse33"), "FILE_TOO_LARGE", 3),
        ("/dev/null", "/dev/null", "FILE_EMPTY", 3),
        ("one byte", b"x", "FORMAT_UNKNOWN", 3),
        ("zero bytes", bytes(1000), "FORMAT_UNKNOWN", 3),
        ("text", b"hello world\n" * 100, "FORMAT_UNKNOWN", 3),
        ("two letters of an archive", b"PK", "ZIP_TRUNCATED", 3),
        ("an init packet", m.dat, "FORMAT_UNVERIFIABLE", 4),
        ("a hex file", suite.blink, "FORMAT_UNVERIFIABLE", 4),
    ]
    if os.path.exists("/proc/self/mem"):
        cases.append(("/proc/self/mem", "/proc/self/mem",
                      "FILE_UNREADABLE", 3))
    if os.geteuid() != 0:
        os.chmod(suite.write("locked", b"x"), 0)
        cases.append(("mode 000", suite.path("locked"), "FILE_UNREADABLE", 3))
    one_by_one(suite, "file", cases, *trusted)
    start = time.monotonic()
    done = suite.run("verify", suite.path("sparse"), *trusted)
    suite.expect("file: the sparse one is refused at once",
                 done.code == 3 and time.monotonic() - start < 2, "slow")

    for name, args, stdin in (("verify", trusted, None),
                              ("inspect", (), None),
                              ("pkg display", (), None)):
        words = name.split()
        done = suite.run(*words, "/dev/zero", *args)
        suite.expect(f"endless: {name} /dev/zero ends",
                     done.code == 3 and b"FILE_TOO_LARGE" in
                     done.out + done.err, f"{done.code}: {done.text()[:200]}")
        with open("/dev/zero", "rb") as zero:
            done = subprocess.run([suite.assay, *words, "-", *args],
                                  stdin=zero, capture_output=True,
                                  check=False, cwd=suite.cwd, timeout=20)
        suite.expect(f"endless: {name} of endless input ends",
                     done.returncode == 3, done.returncode)
    with open(ordinary, "rb") as f:
        data = f.read()
    done = suite.run("verify", "-", *trusted, stdin=data)
    suite.expect("stdin: a package", done.code == 0 and
                 done.out.startswith(b"-: VERIFIED"), done.text())
    done = suite.run("verify", "-", "-", *trusted, stdin=data)
    suite.expect("stdin: twice: the second is empty", done.code == 3 and
                 done.out.count(b"-: VERIFIED") == 1 and
                 b"FILE_EMPTY" in done.out, done.text())
    done = suite.run("verify", "-", "--key", "-", stdin=data)
    suite.expect("stdin: package and key from one input", done.code == 3,
                 f"{done.code} {done.text()}")
    slow_pipe(suite, "bug_slow_fifo", m, data, suite.path("slow"))
    slow_descriptor(suite, "bug_slow_pipe", m, data)


def slow_pipe(suite, name, m, data, path):
    """A FIFO whose writer comes, waits and then writes."""
    os.mkfifo(path)

    def writer():
        try:
            with open(path, "wb") as f:
                time.sleep(0.3)
                f.write(data)
        except BrokenPipeError:
            pass
    thread = threading.Thread(target=writer, daemon=True)
    thread.start()
    time.sleep(0.1)
    # Opened for both, so that the writer never blocks.
    keep = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    done = suite.run("verify", path, "--key", m.public)
    os.close(keep)
    thread.join(5)
    suite.expect(name, done.code == 0, done.text()[:200])


def slow_descriptor(suite, name, m, data):
    """As the shells do it: verify <(fetch)."""
    r, w = os.pipe()
    child = subprocess.Popen(
        [suite.assay, "verify", f"/dev/fd/{r}", "--key", m.public],
        pass_fds=(r,), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        cwd=suite.cwd)
    time.sleep(0.3)
    try:
        os.write(w, data)
    except BrokenPipeError:
        pass
    os.close(w)
    os.close(r)
    out, err = child.communicate(timeout=10)
    suite.expect(name, child.returncode == 0, (out + err)[:200].decode())


def check_bombs(suite, m):
    """Small files that want to be large."""
    trusted = ("--key", m.public)
    mib = 1 << 20
    zeros = bytes(16 * mib)
    squeezed = Member("a.bin", zeros, deflate=True)

    def with_bin(member):
        return zip_of(package_members(m.dat, m.image)[:2] + [member])

    def lying(length):
        return Member("a.bin", b"", method=8, packed=squeezed.packed,
                      crc=squeezed.crc, len=length)

    kernel = squeezed.packed
    overlap = overlapping(60, kernel, len(zeros))
    cases = [
        ("16 MiB of zeros as the image", with_bin(squeezed), "IMAGE_LONG", 1),
        ("that says it holds 500 bytes", with_bin(lying(500)), "ZIP_BOMB", 3),
        ("that says it holds 2 GiB", with_bin(lying(2 << 30)), "ZIP_BOMB", 3),
        ("more than deflate can yield", with_bin(
            Member("a.bin", b"", method=8, packed=b"\x03\x00", crc=0,
                   len=10000)), "ZIP_BOMB", 3),
        ("17 MiB", with_bin(Member("a.bin", bytes(17 * mib), deflate=True)),
         "ZIP_BOMB", 3),
        ("three of 15 MiB", zip_of(package_members(m.dat, m.image) + [
            Member(f"x{i}", bytes(15 * mib), deflate=True)
            for i in range(3)]), "ZIP_BOMB", 3),
        ("as the init packet", zip_of([
            Member("manifest.json", manifest()),
            Member("a.dat", bytes(mib), deflate=True),
            Member("a.bin", m.image)]), "ZIP_BOMB", 3),
        ("as the manifest", zip_of([
            Member("manifest.json", b" " * mib, deflate=True)]),
         "MANIFEST_JSON", 3),
        ("60 members that share their data", overlap, "ZIP_BOMB", 3),
        ("60 small members that share their data",
         overlapping(60, zlib.compress(bytes(9000), 9, -15)
                     if sys.version_info >= (3, 11) else raw(bytes(9000)),
                     9000), "ZIP_INCONSISTENT", 3),
        ("an archive of archives", zip_of([Member(
            "inner.zip", zip_of([Member("inner.zip", zip_of([Member(
                "x", zeros, deflate=True)]), deflate=True)]), deflate=True)]),
         "MANIFEST_MISSING", 3),
        ("an inner archive of 16 MiB", zip_of([Member(
            "inner.zip", zeros, deflate=True)]), "MANIFEST_MISSING", 3),
        ("an inner archive that holds 15 MiB", zip_of([Member(
            "inner.zip", zip_of([Member("manifest.json", bytes(15 * mib))]),
            deflate=True)]), "MANIFEST_MISSING", 3),
    ]
    one_by_one(suite, "bomb", cases, *trusted)
    with open(suite.assay, "rb") as f:
        sanitized = b"__asan_init" in f.read()
    if sanitized:
        suite.left_out("hostile", 3 * len(cases) + 5, "a build without sanitizers")
        return
    for title, data, _, _ in cases:
        done, kb = suite.rss("verify", suite.file(data), *trusted)
        name = f"memory: bomb: {title}"
        if title.startswith("an inner archive"):
            name = f"bug_memory_nested: {title}"
        suite.expect(name, kb < RSS_LIMIT_KB and done.code in (1, 3),
                     f"{kb} kB, exit {done.code}")
        for words in (("inspect",), ("pkg", "display")):
            done, kb = suite.rss(*words, suite.file(data))
            name = f"memory: {' '.join(words)}: bomb: {title}"
            if words == ("inspect",):
                name = f"bug_memory_inspect: {title}"
            suite.expect(name,
                         kb < RSS_LIMIT_KB and done.code in (0, 1, 3, 4),
                         f"{kb} kB, exit {done.code}")
    noise = random.Random(7).randbytes(mib)
    large = signed_packet(init_command(noise), m.key)
    for title, data in (
            ("a package of 1 MiB", package(large, noise)),
            ("the same, deflated", zip_of([
                Member("manifest.json", manifest(), deflate=True),
                Member("a.dat", large, deflate=True),
                Member("a.bin", noise, deflate=True)]))):
        done, kb = suite.rss("verify", suite.file(data), *trusted)
        suite.expect(f"memory: {title}", kb < RSS_LIMIT_KB and done.code == 0,
                     f"{kb} kB, exit {done.code}")
    for title, args in (
            ("the sparse file", ("verify", suite.path("sparse"), *trusted)),
            ("inspect of the sparse file",
             ("inspect", suite.path("sparse"))),
            ("pkg display of the sparse file",
             ("pkg", "display", suite.path("sparse")))):
        done, kb = suite.rss(*args)
        suite.expect(f"memory: {title}", kb < RSS_LIMIT_KB and done.code == 3,
                     f"{kb} kB, exit {done.code}")


def raw(data):
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeeze.compress(data) + squeeze.flush()


def overlapping(n, kernel, length):
    """Every entry of the directory points at one and the same member."""
    first = Member("f0", b"", method=8, packed=kernel, crc=0, len=length)
    members = [first] + [Member(f"f{i}", b"", method=8, packed=b"", crc=0,
                                len=length, packed_len=len(kernel))
                         for i in range(1, n)]
    directory = b"".join(x.entry(0) for x in members)
    body = first.local_record()
    return body + directory + b"PK\x05\x06" + struct.pack(
        "<HHHHIIH", 0, 0, n, n, len(directory), len(body), 0)


def steers(data):
    """The first character that would move a terminal, if any."""
    for i, c in enumerate(data.decode("utf-8", "surrogateescape")):
        n = ord(c)
        if (n < 0x20 and c not in "\n\t") or 0x7F <= n < 0xA0 or \
                0xDC80 <= n < 0xDD00 or 0x202A <= n <= 0x202E or \
                0x2066 <= n <= 0x2069 or n == 0x200F:
            return f"U+{n:04X} at {i}"
    return None


def check_terminal(suite, m):
    """Names and contents from outside never reach a terminal as they are."""
    names = [b"esc\x1b[31mred", b"bell\x07", b"cr\rVERIFIED", b"c1\xc2\x9b31m",
             b"raw\x9b31m", b"bidi\xe2\x80\xae", b"\xff\xfe", b"tab\tname",
             b"del\x7f", b"overlong\xc0\x9b", b"surrogate\xed\xa0\x80"]
    good = package(m.dat, m.image)
    faults = {}
    n = 0
    for name in names:
        path = os.path.join(suite.path("").encode(), name)
        for content in (good, b"", b"junk", package(m.dat[:-1], m.image)):
            with open(path, "wb") as f:
                f.write(content)
            for args in (("verify", path, "--key", m.public),
                         ("verify", path, "--json", "--key", m.public),
                         ("inspect", path), ("inspect", path, "--json"),
                         ("pkg", "display", path),
                         ("pkg", "display", path, "--json"),
                         ("keys", "display", path, "--key", "pk",
                          "--format", "hex"), ("keys", "find", path),
                         ("keys", "fingerprint", path),
                         ("settings", "display", path),
                         ("verify", path, "--key", path)):
                done = suite.run(*args)
                n += 1
                moved = steers(done.out + done.err)
                verb = " ".join(a for a in args[:3] if isinstance(a, str))
                faults.setdefault(verb, None)
                if faults[verb] is None and moved:
                    faults[verb] = f"{args} writes {moved}"
                if faults[verb] is None and done.code not in (0, 1, 3, 4):
                    faults[verb] = f"{args} exits with {done.code}"
        os.unlink(path)
    for verb, fault in faults.items():
        suite.ok(f"bug_name_steers_the_terminal: {verb} "
                 f"({n // len(faults)} runs)", fault)

    lines = os.path.join(suite.path("").encode(),
                         b"x\ngood.zip: VERIFIED")
    fault = None
    for content in (b"", b"junk", good, package(m.dat[:-1], m.image)):
        with open(lines, "wb") as f:
            f.write(content)
        for args in (("verify", lines, "--key", m.public),
                     ("inspect", lines), ("pkg", "display", lines),
                     ("verify", lines, "--key", lines),
                     ("verify", os.path.join(lines, b"x"), "--key",
                      m.public)):
            done = suite.run(*args)
            if b"\ngood.zip: VERIFIED" in done.out + done.err:
                fault = fault or f"{args[0]}: {done.text()[:160]!r}"
    suite.ok("bug_file_name_forges_a_line", fault)
    words = [("verify", b"\x1b[31m"), ("\x1b[31m",), ("verify", "--\x1b[31m"),
             ("pkg", "\x1b[31m"), ("help", "\x1b]0;x\x07"),
             ("pkg", "generate", "--hw-version", "\x1b[31m", "x"),
             ("pkg", "generate", "--sd-req", "\x1b[31m", "x"),
             ("pkg", "generate", "--application-version-string", "\x1b[1m.2",
              "x"), ("keys", "display", "--format", "\x1b[31m", "x"),
             ("completion", "\x1b[31m")]
    fault = None
    for args in words:
        done = suite.run(*args)
        moved = steers(done.out + done.err)
        fault = fault or (moved and f"{args} writes {moved}")
        fault = fault or (done.code not in (2, 3) and f"{args}: {done.code}")
    suite.ok(f"terminal: words of the command line ({len(words)} runs)",
             fault or None)


def check_everything(suite, m):
    """Every file made so far, through every reader."""
    paths = sorted(os.path.join(suite.path(""), x)
                   for x in os.listdir(suite.path("")) if x.endswith(".zip"))
    chosen = random.Random(1).sample(paths, min(500, len(paths)))
    for words in (("inspect",), ("inspect", "--json"),
                  ("verify", "--key", m.public)):
        done = suite.run(*words, *chosen, timeout=60)
        moved = steers(done.out + done.err)
        suite.expect(f"{' '.join(words[:2])} of every kind of file "
                     f"({len(chosen)} inputs)",
                     done.code in (3, 4) and not moved,
                     f"exit {done.code}, {moved}")
    bad = None
    for path in chosen[:100]:
        done = suite.run("pkg", "display", path)
        if done.code not in (0, 1, 3, 4) or steers(done.out + done.err) or \
                (done.code != 0 and done.out and not done.err):
            bad = bad or f"{path}: exit {done.code}"
    suite.ok("pkg display of every kind of file (100 inputs)", bad)


def check_usage(suite, m):
    good = suite.file(package(m.dat, m.image))
    for args in (("verify",), ("verify", good), ("verify", "--key"),
                 ("verify", good, "--kee", m.public), ("verfy", good),
                 ("pkg",  "verfy"), ("--nothing",), ("pkg", "generate"),
                 ("verify", "", "--key", m.public),
                 ("verify", good, "--key", ""),
                 ("verify", good, "--key=" + m.public, "--json=yes"),
                 ("verify", good, "--key", m.public, "--device"),
                 ("verify", good, "--key", m.public, "--color", "pink"),
                 ("pkg", "display"), ("pkg", "display", good, good),
                 ("help", "nothing"), ("x" * 10000,), ("--" + "x" * 10000,),
                 ("verify", good, "--key", m.public, "--" + "y" * 5000)):
        done = suite.run(*args)
        shown = " ".join(os.path.basename(a)[:20] for a in args)
        suite.expect(f"usage: {shown} -> 2", done.code == 2 and done.err
                     and not done.out, f"{done.code}: {done.text()[:150]}")
    for args in ((), ("pkg",), ("pkg", "--help"), ("verify", "-h"),
                 ("help",)):
        done = suite.run(*args)
        suite.expect(f"usage: assay {' '.join(args)} explains itself",
                     done.code == 0 and done.out.startswith(b"Usage: assay")
                     and not done.err, f"{done.code}: {done.text()[:150]}")


def check_streams(suite, m):
    """Output that cannot be written, streams that are closed."""
    good = suite.file(package(m.dat, m.image))
    bad = suite.file(package(m.dat[:-1], m.image))
    shell = ('"$0" verify "$1" --key "$2" ', good, m.public)
    full = os.path.exists("/dev/full")
    for name, tail, path, codes in (
            ("output full", ">/dev/full", good, (3,)),
            ("output full, package refused", ">/dev/full", bad, (3,)),
            ("output closed", ">&-", good, (3,)),
            ("input closed", "<&-", good, (0,)),
            ("errors closed", "2>&-", good, (0,)),
            ("all closed", "<&- >&- 2>&-", good, (3,)),
            ("all closed, package refused", "<&- >&- 2>&-", bad, (3,))):
        if "full" in tail and not full:
            continue
        done = subprocess.run(["sh", "-c", shell[0] + tail, suite.assay, path,
                               m.public], capture_output=True, check=False,
                              cwd=suite.cwd, timeout=20)
        suite.expect(f"streams: {name}", done.returncode in codes,
                     f"exit {done.returncode}: {done.stderr[:200]!r}")
    done = subprocess.run(
        ["sh", "-c", '"$0" inspect "$1" "$1" "$1" | true', suite.assay, good],
        capture_output=True, check=False, cwd=suite.cwd, timeout=20)
    suite.expect("streams: a reader that has seen enough",
                 done.stderr == b"", done.stderr[:200])
    done = subprocess.run(
        [suite.assay, "verify", good, "--key", m.public], check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=suite.cwd,
        preexec_fn=lambda: (signal.signal(signal.SIGPIPE, signal.SIG_DFL),
                            resource.setrlimit(resource.RLIMIT_STACK,
                                               (1 << 20, 1 << 20))))
    suite.expect("streams: 1 MiB of stack is enough", done.returncode == 0,
                 f"exit {done.returncode}")


def check_device(suite, m):
    """What a device is said to do must follow from what is known of it."""
    good = suite.file(package(m.dat, m.image))
    wrong_slot = suite.file(package(m.dat, m.image, manifest("bootloader")))

    def ask(path, text, *options):
        device = suite.write("device.txt", text)
        reports, done = suite.reports([path], *options, "--device", device)
        if not reports or not reports[0]["images"]:
            return None, done
        return reports[0]["images"][0]["device"], done

    lines = b"bootloader = sdk17.1\nhw_version = 52\n"
    device, _ = ask(good, lines, "--key", m.public)
    suite.expect("device: takes a good package", device and device["accepts"],
                 str(device))
    ed25519 = suite.path("ed25519.zip")
    suite.run("pkg", "generate", "--hw-version", "52", "--sd-req", "0",
              "--application", suite.write("a.bin", m.image),
              "--application-version", "4", "--key-file", m.ed25519, ed25519)
    device, _ = ask(ed25519, lines, "--key", m.ed25519)
    suite.expect("bug_nordic_device_takes_ed25519",
                 device and not device["accepts"]
                 and device["wire_code"] == 0x0B0B, str(device))
    device, _ = ask(ed25519, lines.replace(b"sdk17.1", b"assay"),
                    "--key", m.ed25519)
    suite.expect("device: Assay's takes Ed25519", device and device["accepts"],
                 str(device))
    device, _ = ask(suite.file(package(signed_packet(m.init, m.other),
                                       m.image)),
                    lines + b"unsigned = accept\n", "--key", m.public)
    suite.expect("bug_open_device_ignores_the_signature",
                 device and device["accepts"], str(device))
    done = suite.run("verify", wrong_slot, "--key", m.public, "--device",
                     suite.write("device.txt", lines))
    suite.expect("bug_refuses_answering_nothing",
                 b"refuses it, answering nothing" not in done.out,
                 done.text())
    done = suite.run("verify", suite.file(package(m.dat[:-1], m.image)),
                     "--key", m.public, "--device",
                     suite.write("device.txt", lines))
    suite.expect("device: a damaged packet is refused", done.code == 3 and
                 b"takes it" not in done.out, done.text())
    for title, text in (("a byte that is no text", b"hw_version = \xff\n"),
                        ("an empty value", b"hw_version =\n"),
                        ("no number", b"hw_version = many\n"),
                        ("twice", b"hw_version = 1\nhw_version = 1\n"),
                        ("nothing", b"# nothing\n"),
                        ("an unknown key", b"hw_version = 1\nx = 1\n"),
                        ("a zero byte", b"hw_version = 52\0\n"),
                        ("a whole package", package(m.dat, m.image))):
        done = suite.run("verify", good, "--key", m.public, "--device",
                         suite.write("device.txt", text))
        suite.expect(f"device: {title}: DEVICE_FILE, exit 3",
                     done.code == 3 and b"DV-01 DEVICE_FILE" in done.err and
                     not done.out, f"{done.code}: {done.text()[:200]}")
    suite.device = suite.write("device17.txt", lines)


def check_shared(suite, shared):
    keys = os.path.join(shared, "corpus", "keys")
    folder = os.path.join(shared, "corpus", "sdfu")
    if not os.path.isdir(folder):
        suite.left_out("hostile", 3, "the corpus")
        return
    options = []
    for name in sorted(os.listdir(keys)):
        options += ["--key", os.path.join(keys, name)]
    chosen = [os.path.join(folder, x) for x in sorted(os.listdir(folder))
              if x.endswith(".zip")]
    reports, done = suite.reports(chosen, *options, "--allow-published-keys")
    verified = [p for p, r in zip(chosen, reports) if r["status"] == "OK"]
    suite.expect("corpus: many packages verify", len(verified) > 20,
                 f"{len(verified)}, exit {done.code}")
    rng = random.Random(3)
    files = []
    whole = {}
    for path in verified[:20]:
        with open(path, "rb") as f:
            data = f.read()
        for _ in range(10):
            n = rng.randrange(len(data))
            files.append(data[:n] + bytes([data[n] ^ 1 << rng.randrange(8)])
                         + data[n + 1:])
            whole[len(files) - 1] = data
    many(suite, "corpus: a flipped bit", files, lambda i, r: None if
         r["status"] != "OK" or same_contents(suite, files[i], whole[i])
         else "verified with other contents", *options,
         "--allow-published-keys")
    reports, _ = suite.reports(verified, *options)
    without = [r["status"] for r in reports if r["status"] == "OK"]
    done = suite.run("verify", verified[0], *options)
    suite.expect("corpus: published keys are refused without the option",
                 not without and done.code == 1 and
                 b"KEY_PUBLISHED" in done.err, f"{without} {done.text()[:99]}")


def same_contents(suite, one, other):
    import zipfile
    import io
    del suite
    try:
        with zipfile.ZipFile(io.BytesIO(one)) as a, \
                zipfile.ZipFile(io.BytesIO(other)) as b:
            return a.namelist() == b.namelist() and all(
                a.read(x) == b.read(x) for x in a.namelist())
    except Exception:
        return False


def check_texts(suite):
    """Each refusal has words of its own."""
    by_text = {}
    for status, meaning in suite.meanings.items():
        by_text.setdefault(meaning, []).append(status)
    doubled = [x for x in by_text.values() if len(x) > 1]
    suite.expect(f"each of {len(suite.meanings)} refusals has its own message",
                 not doubled, str(doubled))
    found = os.listdir(suite.cwd)
    suite.expect("nothing is written to the current folder", not found,
                 str(found))


def main():
    assay, blink, shared, folder = sys.argv[1:]
    suite = Suite(assay, folder)
    suite.blink = os.path.abspath(blink)
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    suite.list = statuses(os.path.join(root, "base", "status.h"))
    suite.device = suite.write("device17.txt", b"hw_version = 52\n")
    m = Material(suite)
    for check in (check_packets, check_fields, check_zips, check_manifests,
                  check_keys, check_files, check_bombs, check_terminal,
                  check_usage, check_streams, check_device):
        start = time.monotonic()
        check(suite, m)
        if os.environ.get("HOSTILE_TIMES"):
            print(f"# {check.__name__} {time.monotonic() - start:.1f} s")
    check_shared(suite, shared)
    check_everything(suite, m)
    check_texts(suite)
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
