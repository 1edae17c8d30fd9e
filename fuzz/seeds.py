#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Write the seeds of every fuzz target, and the header with the fixed keys.

    python3 fuzz/seeds.py FOLDER      FOLDER/<target>/<sha1 of the content>
    python3 fuzz/seeds.py --header    fuzz/keyring_data.h, on standard output

Deterministic; the standard library alone. Small seeds, made from the files of
the project (vectors/, examples/) and from the layouts in docs/formats.md.
"""
import base64
import hashlib
import hmac
import io
import json
import os
import re
import struct
import sys
import zipfile
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# --- Keys --------------------------------------------------------------------

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)

Q = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q
BASE_Y = 4 * pow(5, -1, Q) % Q


def p256_add(a, b):
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply(add, k, point, neutral):
    out = neutral
    while k:
        if k & 1:
            out = add(out, point)
        point = add(point, point)
        k >>= 1
    return out


def p256_point(k):
    return multiply(p256_add, k, G, None)


def be32(x):
    return x.to_bytes(32, "big")


def le32(x):
    return x.to_bytes(32, "little")


def rfc6979(secret, digest):
    k, v = bytes(32), b"\x01" * 32
    data = be32(secret) + be32(int.from_bytes(digest, "big") % N)
    for sep in (b"\0", b"\1"):
        k = hmac.new(k, v + sep + data, "sha256").digest()
        v = hmac.new(k, v, "sha256").digest()
    while True:
        v = hmac.new(k, v, "sha256").digest()
        nonce = int.from_bytes(v, "big")
        if 0 < nonce < N:
            return nonce
        k = hmac.new(k, v + b"\0", "sha256").digest()
        v = hmac.new(k, v, "sha256").digest()


def p256_sign(secret, message):
    """r, then s, as numbers."""
    digest = hashlib.sha256(message).digest()
    k = rfc6979(secret, digest)
    r = p256_point(k)[0] % N
    s = pow(k, -1, N) * (int.from_bytes(digest, "big") + r * secret) % N
    return r, s


def ed_add(a, b):
    d = D * a[0] * b[0] * a[1] * b[1] % Q
    return ((a[0] * b[1] + b[0] * a[1]) * pow(1 + d, -1, Q) % Q,
            (a[1] * b[1] + a[0] * b[0]) * pow(1 - d, -1, Q) % Q)


def ed_base():
    x2 = (BASE_Y**2 - 1) * pow(D * BASE_Y**2 + 1, -1, Q) % Q
    x = pow(x2, (Q + 3) // 8, Q)
    if (x * x - x2) % Q:
        x = x * pow(2, (Q - 1) // 4, Q) % Q
    return (Q - x if x & 1 else x), BASE_Y


def ed_encode(point):
    return le32(point[1] | (point[0] & 1) << 255)


def ed_times(k):
    return ed_encode(multiply(ed_add, k, ed_base(), (0, 1)))


def ed_sign(seed, message):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254
    pub = ed_times(a)
    r = int.from_bytes(hashlib.sha512(h[32:] + message).digest(), "little") % L
    big_r = ed_times(r)
    k = hashlib.sha512(big_r + pub + message).digest()
    s = (r + int.from_bytes(k, "little") * a) % L
    return big_r + le32(s)


def ed_public(seed):
    h = hashlib.sha512(seed).digest()
    return ed_times(int.from_bytes(h[:32], "little") & (2**254 - 8) | 2**254)


def secret_of(label):
    return hashlib.sha256(b"assay fuzz " + label).digest()


OPEN = int.from_bytes(secret_of(b"open"), "big")
CLOSED = int.from_bytes(secret_of(b"closed"), "big")
SEED = secret_of(b"ed25519")


def public_bytes(secret):
    x, y = p256_point(secret)
    return be32(x) + be32(y)


# --- Init packets ------------------------------------------------------------

def varint(n):
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    return bytes(out + bytes([n]))


def number(field, n):
    return varint(field << 3) + varint(n)


def row(field, content):
    return varint(field << 3 | 2) + varint(len(content)) + content


def command(image, kind=0, **over):
    """The content of an InitCommand for an image; over replaces fields."""
    sizes = {0: (0, 0, len(image)), 1: (len(image), 0, 0),
             2: (0, len(image), 0), 4: (0, 0, len(image))}
    if kind == 3:
        sd, bl = over.get("split", len(image) // 2), 0
        bl = len(image) - sd
        app = 0
    else:
        sd, bl, app = sizes[kind]
    digest = hashlib.sha256(image).digest()[::-1]
    out = number(1, over.get("fw", 4)) + number(2, over.get("hw", 52))
    ids = over.get("sd_req", [0])
    if ids:
        out += row(3, b"".join(varint(i) for i in ids))
    out += number(4, kind) + number(5, sd) + number(6, bl) + number(7, app)
    out += row(8, number(1, 3) + row(2, digest))
    out += number(9, over.get("debug", 0))
    for kind_of, content in over.get("validation", []):
        out += row(10, number(1, kind_of) + row(2, content))
    return out


def wire_signature(secret, message):
    r, s = p256_sign(secret, message)
    return le32(r) + le32(s)


def packet(init, key="open"):
    inner = number(1, 1) + row(2, init)
    if key == "none":
        return row(1, inner)
    if key == "ed25519":
        kind, signature = 1, ed_sign(SEED, init)
    else:
        secret = CLOSED if key == "closed" else OPEN
        kind, signature = 0, wire_signature(secret, init)
    return row(2, row(1, inner) + number(2, kind) + row(3, signature))


def blink():
    """The image of examples/blink, from its hex file."""
    memory = {}
    base = 0
    with open(os.path.join(ROOT, "examples/blink/blink.hex"),
              encoding="ascii") as f:
        for line in f:
            record = bytes.fromhex(line.strip()[1:])
            at = record[1] << 8 | record[2]
            if record[3] == 0:
                for i, byte in enumerate(record[4:-1]):
                    memory[base + at + i] = byte
            if record[3] == 4:
                base = int.from_bytes(record[4:6], "big") << 16
    low = min(memory)
    size = (max(memory) + 1 - low + 3) // 4 * 4
    return bytes(memory.get(low + i, 0xFF) for i in range(size))


IMAGE = blink()
SMALL = b"assay fuzz image"
ECDSA64 = wire_signature(OPEN, SMALL)

# Everything that the closed key has ever signed.
CLOSED_INITS = [
    command(IMAGE),
    command(SMALL, fw=7, hw=51, sd_req=[0x100, 0x101]),
    command(SMALL, 2, fw=9),
    command(SMALL, 1, sd_req=[0xB6]),
    command(SMALL, 4),
]


def initpkts():
    yield packet(command(IMAGE))
    yield packet(command(SMALL), "ed25519")
    yield packet(command(SMALL), "none")
    yield packet(command(SMALL, 1))
    yield packet(command(SMALL, 2))
    yield packet(command(SMALL, 3, split=8, validation=[(2, b""), (1, b"")]))
    yield packet(command(SMALL, 4, sd_req=[0xFFFE]))
    yield packet(command(SMALL, debug=1, fw=0xFFFFFFFF, hw=0x7FFFFFFF))
    yield packet(command(SMALL, sd_req=list(range(0x90, 0xA0))))
    yield packet(command(SMALL, validation=[(3, ECDSA64)]))
    yield packet(command(SMALL, validation=[(0, b""), (3, ECDSA64), (1, b"")]))
    yield packet(b"")
    for init in CLOSED_INITS:
        yield packet(init, "closed")
    # One fault each.
    good = command(SMALL)
    yield packet(good) + b"\0"
    yield packet(good)[:-1]
    yield packet(good) + packet(good)
    yield row(1, number(1, 1) + row(2, good)) + packet(good)
    yield packet(good + number(11, 1))
    yield packet(number(2, 1) + number(1, 1))
    yield packet(good.replace(number(2, 52), b"\x10\xb4\x00"))
    yield packet(command(SMALL, debug=2))
    yield packet(command(SMALL, sd_req=list(range(17))))
    yield packet(number(1, 1) + row(3, b""))
    yield packet(row(8, number(1, 2) + row(2, bytes(16))))
    yield packet(command(SMALL, validation=[(1, b"")] * 4))
    yield packet(b"\x08\xff\xff\xff\xff\x10")
    yield bytes(513)


# --- Archives ----------------------------------------------------------------

def archive(members, method=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 0
            info.compress_type = method
            z.writestr(info, data)
    return out.getvalue()


class Unseekable(io.RawIOBase):
    """Makes zipfile write data descriptors."""

    def __init__(self):
        super().__init__()
        self.data = bytearray()

    def writable(self):
        return True

    def write(self, b):
        self.data += b
        return len(b)


def streamed(members):
    out = Unseekable()
    with zipfile.ZipFile(out, "w") as z:
        for name, data in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(info, data)
    return bytes(out.data)


SLOTS = {0: "application", 1: "softdevice", 2: "bootloader",
         3: "softdevice_bootloader", 4: "application"}


def manifest(kinds, extra=None, **over):
    images = {}
    for kind in kinds:
        name = SLOTS[kind]
        images[name] = {"bin_file": name + ".bin", "dat_file": name + ".dat"}
        if kind == 3:
            images[name]["info_read_only_metadata"] = {
                "bl_size": over.get("bl", 8), "sd_size": over.get("sd", 8)}
    images.update(extra or {})
    return json.dumps({"manifest": images}, sort_keys=True, indent=4).encode()


def members(images, key="open"):
    out = []
    for kind, image in images:
        init = command(image, kind, split=8) if kind == 3 else \
            command(image, kind, sd_req=[0x100] if kind == 1 else [0])
        out.append((SLOTS[kind] + ".bin", image))
        out.append((SLOTS[kind] + ".dat", packet(init, key)))
    out.append(("manifest.json", manifest([k for k, _ in images])))
    return out


def packages():
    one = members([(0, IMAGE)])
    yield archive(one)
    yield archive(one, zipfile.ZIP_DEFLATED)
    yield streamed(one)
    yield archive(members([(0, SMALL)], "ed25519"))
    yield archive(members([(0, SMALL)], "none"))
    yield archive(members([(1, SMALL)]))
    yield archive(members([(2, SMALL)]))
    yield archive(members([(3, SMALL), (0, SMALL)]))
    yield archive(members([(4, SMALL)]))
    yield archive(one + [("notes/", b""), ("notes/readme.txt", b"hello\n")])
    yield archive([("dfu/" + n, d) for n, d in one])
    yield archive([("inner.zip", archive(one))])
    yield archive([(n, d) for n, d in one if n != "manifest.json"])
    for i, (init, image) in enumerate(zip(CLOSED_INITS,
                                          (IMAGE, SMALL, SMALL, SMALL))):
        name = (SLOTS[0], SLOTS[0], SLOTS[2], SLOTS[1])[i]
        yield archive([(name + ".bin", image),
                       (name + ".dat", packet(init, "closed")),
                       ("manifest.json", manifest([(0, 0, 2, 1)[i]]))])
    checked = command(SMALL, validation=[(3, wire_signature(OPEN, SMALL))])
    yield archive([("application.bin", SMALL),
                   ("application.dat", packet(checked)),
                   ("manifest.json", manifest([0]))])
    legacy = {"manifest": {"application": {
        "bin_file": "app.bin", "dat_file": "app.dat", "init_packet_data": {
            "application_version": 1, "device_revision": 65535,
            "device_type": 65535, "firmware_crc16": 4660,
            "softdevice_req": [65534]}}, "dfu_version": 0.5}}
    dat = struct.pack("<HHIHHH", 65535, 65535, 1, 1, 65534, 4660)
    yield archive([("app.bin", SMALL), ("app.dat", dat),
                   ("manifest.json", json.dumps(legacy).encode())])
    yield one_byte_off(archive(one))
    # Genuine packets, and images that are not theirs.
    good = packet(command(SMALL))
    for image in (SMALL[::-1], SMALL[:-1], SMALL + b"\0", b""):
        yield bare(image, good)
    yield bare(SMALL, packet(command(SMALL, 2)))
    yield bare(SMALL, packet(command(SMALL, validation=[(3, ECDSA64[::-1])])))
    yield bare(b"", packet(command(b"")))
    yield bare(SMALL, packet(command(SMALL, 4), "closed"))
    yield bare(SMALL, wrong_signature(good))


def bare(image, dat):
    return archive([("application.bin", image), ("application.dat", dat),
                    ("manifest.json", manifest([0]))])


def wrong_signature(data):
    return data[:-1] + bytes([data[-1] ^ 1])


def one_byte_off(data):
    return data[:60] + bytes([data[60] ^ 1]) + data[61:]


# --- The other readers -------------------------------------------------------

NCS = {"format-version": 0, "name": "x", "time": 0, "files": [
    {"type": "application", "board": "b", "soc": "s", "load_address": 0,
     "image_index": "0", "slot_index_primary": "1", "size": 16,
     "slot_index_secondary": "2", "file": "app_update.bin",
     "version_MCUBOOT": "1.0.0+0", "modtime": 0}]}


def manifests():
    yield manifest([0])
    yield manifest([3, 0])
    yield manifest([1])
    yield manifest([2])
    yield b"\xef\xbb\xbf" + manifest([0]).replace(b"\n", b"\r\n")
    yield manifest([], {"application": {"bin_file": "\u00e9.bin",
                                        "dat_file": "a/b.dat"}})
    yield json.dumps({"manifest": {"application": {
        "bin_file": "a.bin", "dat_file": "a.dat", "sd_size": 1},
        "softdevice_bootloader": {"bin_file": "b.bin", "dat_file": "b.dat",
                                  "sd_size": 4294967295, "bl_size": 0}},
        "dfu_version": 0.5}).encode()
    yield json.dumps(NCS).encode()
    yield b'{"manifest":{}}'
    yield b'{"manifest":{"application":{"bin_file":"..","dat_file":"d"}}}'
    yield b'{"manifest":1,"manifest":2}'
    yield b"[" * 17 + b"]" * 17


def record(kind, at, data):
    body = bytes([len(data), at >> 8, at & 0xFF, kind]) + data
    return b":" + (body + bytes([-sum(body) & 0xFF])).hex().upper().encode()


END = record(1, 0, b"")


def hexes():
    with open(os.path.join(ROOT, "examples/blink/blink.hex"), "rb") as f:
        yield f.read()
    yield record(0, 0x1000, SMALL) + b"\r\n" + END + b"\r\n"
    yield record(4, 0, b"\0\1") + b"\n" + record(0, 0xFFF0, SMALL) + b"\n" + \
        record(4, 0, b"\0\2") + b"\n" + record(0, 0, b"x") + b"\n" + \
        record(5, 0, bytes(4)) + b"\n" + END + b"\n"
    yield record(2, 0, b"\x10\0") + b"\n" + record(0, 0, SMALL) + b"\n" + \
        record(3, 0, bytes(4)) + b"\n" + END
    yield record(0, 8, b"b") + b"\n" + record(0, 0, b"a") + b"\n" + \
        record(0, 8, b"b") + b"\n" + END + b"\n\n"
    yield record(0, 0, b"a") + b"\n" + record(0, 0, b"b") + b"\n" + END
    yield record(4, 0, b"\xff\xff") + b"\n" + record(0, 0xFFFF, b"z") + \
        b"\n" + END + b"\n"
    yield record(0, 0, b"a")[:-1] + b"0\n" + END


def page(version, **over):
    words = [version, 4, 1, 0, 0, len(SMALL), zlib.crc32(SMALL), 1, 0, 0, 0,
             0, 0, over.get("command", 0), 0, 0, 0, 0, 0, 0, 0, 0]
    body = struct.pack("<22I", *words)
    if version == 1:
        return struct.pack("<I", zlib.crc32(body)) + body
    out = struct.pack("<I", zlib.crc32(body[:0x58])) + body
    init = over.get("init", b"")
    out += init + bytes(512 - len(init))
    checks = bytes([1]) + struct.pack("<I", zlib.crc32(SMALL)) + bytes(60)
    checks += bytes(65) + bytes([2]) + bytes(64)
    return (out + struct.pack("<I", zlib.crc32(checks)) + checks
            ).ljust(804, b"\xff")


def settings():
    def at(address, data):
        return struct.pack("<H", address >> 8) + data
    init = packet(command(SMALL))
    yield at(0xFF000, page(1))
    yield at(0xFF000, page(2))
    yield at(0x7F000, page(2, init=init, command=len(init)))
    yield at(0xFE000, page(2))
    yield at(0x3000, page(2) + bytes(92))
    yield at(0xFF000, page(3))
    yield at(0xFF000, page(2)[:-100])
    yield at(0xFF000, one_byte_off(page(1)))


def der(tag, *parts):
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else \
        bytes([0x81, len(body)])
    return bytes([tag]) + size + body


EC = bytes.fromhex("06072a8648ce3d0201")
P256 = bytes.fromhex("06082a8648ce3d030107")
ED = bytes.fromhex("06032b6570")


def pem(label, data):
    text = base64.encodebytes(data).decode().replace("\n", "")
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return "\n".join(["-----BEGIN %s-----" % label, *lines,
                      "-----END %s-----" % label, ""]).encode()


# PBES2 with a short stretch (PBKDF2, 1 round) and scrypt (N 2): "correct
# horse" opens them. Made once with `openssl pkcs8`, which adds a random salt.
ENCRYPTED = [
    "MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAjP8ll7HEr7VAIBATAMBg"
    "gqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQrnQbM6Jg3kCj4WJK3XbopgSBkIr3eyP7"
    "2AzdkbuI/hJvYgHaOzPNJpD82fL/PkeUmBHWmbDl5qMLU7gSCx5GLZ52RDlOM/jjrB"
    "nPdwhd2GrE0ZFkVy+ymFyBw4YBiiR+026ZfusgERxuumNwVnRAvdSeAsSQ5cdFVkx3"
    "5eBJdOTDdhG/vpYrtcGfSUkq3uSR6rn7ua44th2qDjxzh5gw86jtew==",
    "MIHjME4GCSqGSIb3DQEFDTBBMCAGCSsGAQQB2kcECzATBAgl9EhJOXbPgwIBAgIBAQ"
    "IBATAdBglghkgBZQMEASoEEE5nA1xUiCjJlVAGq2UCYikEgZAbmXWJXWRJbFyHI1RZ"
    "vhpn6ZzYHzzEC937RgxYCQlFuowP6x16E0v+ErK2oVNgNRxL6M8LrfG/JODhLp4Qwr"
    "fokXk9oG5Cs6erO85nF+bc2ujdUsYYbA6qmkmxk5Lgv/L5uVNwPKYQE+yYy6B1eWMM"
    "ZrybimCLXyLL7bA29d8iLU6lvF3K2C1jLu1BRLtp1NI=",
]


def keys():
    pub = public_bytes(OPEN)
    sec1 = der(0x30, b"\x02\x01\x01", der(4, be32(OPEN)), der(0xA0, P256),
               der(0xA1, der(3, b"\0\4" + pub)))
    bare = der(0x30, b"\x02\x01\x01", der(4, be32(OPEN)),
               der(0xA1, der(3, b"\0\4" + pub)))
    pkcs8 = der(0x30, b"\x02\x01\x00", der(0x30, EC, P256), der(4, bare))
    spki = der(0x30, der(0x30, EC, P256), der(3, b"\0\4" + pub))
    ed_spki = der(0x30, der(0x30, ED), der(3, b"\0" + ed_public(SEED)))
    ed_pkcs8 = der(0x30, b"\x02\x01\x00", der(0x30, ED), der(4, der(4, SEED)))
    for label, data in (("EC PRIVATE KEY", sec1), ("PRIVATE KEY", pkcs8),
                        ("PUBLIC KEY", spki), ("PUBLIC KEY", ed_spki),
                        ("PRIVATE KEY", ed_pkcs8)):
        yield pem(label, data)
        yield data
    yield pem("EC PARAMETERS", P256) + pem("EC PRIVATE KEY", sec1)
    for text in ENCRYPTED:
        yield pem("ENCRYPTED PRIVATE KEY", base64.b64decode(text))
    yield pub
    yield b"\4" + pub
    yield ed_public(SEED)
    yield pub.hex().encode() + b"\n"
    little = pub[31::-1] + pub[:31:-1]
    yield little.hex().encode()
    rows = [", ".join("0x%02x" % b for b in little[i:i + 8])
            for i in range(0, 64, 8)]
    yield ("/* comment */\nconst uint8_t pk[64] =\n{\n    " +
           ",\n    ".join(rows) + "\n};\n").encode()
    yield pem("PRIVATE KEY", pkcs8.replace(be32(OPEN), be32(N)))
    yield pem("PUBLIC KEY", spki[:-1] + b"\0")
    yield pem("RSA PRIVATE KEY", der(0x30, b"\x02\x01\x00"))


def mcuboot():
    head = struct.pack("<IIHHIIBBHII", 0x96F3B83D, 0, 32, 0, len(SMALL), 0,
                       1, 2, 3, 4, 0)
    digest = hashlib.sha256(head + SMALL).digest()
    rows = struct.pack("<HH", 0x10, 32) + digest
    rows += struct.pack("<HH", 0x01, 32) + bytes(32)
    return head + SMALL + struct.pack("<HH", 0x6907, 4 + len(rows)) + rows


def gbl():
    rows = struct.pack("<III", 0x03A617EB, 8, 0x03000000) + bytes(4)
    rows += struct.pack("<II", 0xF40A0AF4, 28) + bytes(28)
    rows += struct.pack("<II", 0xFD0505FD, 4 + len(SMALL)) + bytes(4) + SMALL
    rows += struct.pack("<II", 0xFC0404FC, 4)
    return rows + struct.pack("<I", zlib.crc32(rows) ^ 0xFFFFFFFF)


def zigbee():
    body = struct.pack("<HI", 0, len(SMALL)) + SMALL
    head = struct.pack("<IHHHHHIH32sI", 0x0BEEF11E, 0x0100, 56, 0, 0x007B,
                       0x0141, 0x01010101, 2, b"fuzz", 56 + len(body))
    return head + body


def uf2():
    return struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, 0x1000, 256, 0,
                       1, 0xADA52840) + SMALL.ljust(476, b"\0") + \
        struct.pack("<I", 0x0AB16F30)


def files():
    for make in (initpkts, packages, hexes):
        yield from make()
    for text in list(keys())[:4]:
        yield text
    yield from (mcuboot(), gbl(), zigbee(), uf2(), page(1), page(2))
    hex_page = page(2)
    rows = [record(4, 0, b"\0\x0f")]
    rows += [record(0, 0xF000 + i, hex_page[i:i + 16])
             for i in range(0, len(hex_page), 16)]
    yield b"\n".join(rows + [END]) + b"\n"
    yield struct.pack("<HHIHHH", 65535, 65535, 1, 1, 65534, 4660)


def devices():
    with open(os.path.join(ROOT, "examples/device.txt"), "rb") as f:
        example = f.read()
    packets = list(initpkts())
    yield example
    yield example + b"\0" + packets[0]
    for i, name in enumerate(("assay", "sdk15.0", "sdk15.2", "sdk15.3",
                              "sdk16", "sdk17.0", "sdk17.1")):
        text = "bootloader = %s\nhw_version = %d\nneeds_softdevice = %s\n" \
            "softdevice = 0x100\nexternal = any-version\n" \
            "app_version = 3\n" % (name, (52, 51)[i % 2], ("yes", "no")[i % 2])
        yield text.encode() + b"\0" + packets[i]
        yield text.encode() + b"\0" + packets[12 + i % 4]
    yield b"hw_version = 52\nbootloader = sdk16\nunsigned = accept\n" \
        b"debug = yes\nsame_version = refuse\ndowngrade = accept\n" \
        b"external = accept\nimage_room = 16\nbootloader_room = 16\n" \
        b"bootloader_version = 0x1\nsoftdevice = s140_nrf52_7.2.0\n\0" + \
        packets[2]
    yield b"hw_version = 52\nbootloader = assay\nunsigned = accept\n"
    yield b"hw_version = 4294967296\n"
    yield b"hw_version = 1\nhw_version = 1\n"
    yield b" # comment\r\n\thw_version\t=\t0xFFFFFFFF # more\r\n"


def options():
    for words in (["--name", "x", "file"], ["-n", "x"], ["--number=0x10", "a"],
                  ["--list", "1,2,0xff", "a", "b"], ["--list=none", "a"],
                  ["--choice", "second", "--", "--flag"], ["--help"],
                  ["--flag", "--on=no", "--many", "a", "--many", "b", "-"],
                  ["--numbr", "1"], ["--number"], ["--maybe=none", "x"],
                  ["--json", "--passphrase-file", "-", "a"]):
        yield "\0".join(words).encode()


def records(name):
    """The records of a vector file, as dictionaries."""
    with open(os.path.join(ROOT, "vectors", name), encoding="utf-8") as f:
        for block in re.split(r"\n\n+", f.read())[1:]:
            yield dict(re.findall(r"^(\w+) = ?(.*)$", block, re.M))


def every(n, rows):
    rows = [r for r in rows if r.get("pub")]
    return rows[::max(1, len(rows) // n)]


def p256_cases():
    for r in every(40, records("p256.txt")):
        yield b"\0" + b"".join(
            bytes.fromhex(r[k]) for k in ("pub", "digest", "sig"))
    digest = hashlib.sha256(SMALL).digest()
    for mode in range(1, 8):
        yield bytes([mode]) + bytes(64) + digest + bytes(64)


def ed25519_cases():
    for r in every(60, records("ed25519.txt")):
        yield b"\0" + b"".join(
            bytes.fromhex(r[k]) for k in ("pub", "sig", "msg"))
    for mode in range(1, 8):
        for torsion in range(0, 64, 9):
            yield bytes([mode]) + bytes([torsion]) + bytes(95) + SMALL


TARGETS = {
    "fuzz_initpkt": initpkts, "diff_initpkt": initpkts,
    "fuzz_package": packages, "fuzz_verify": packages,
    "fuzz_manifest": manifests, "fuzz_hex": hexes, "fuzz_settings": settings,
    "fuzz_key": keys, "fuzz_inspect": files, "fuzz_device": devices,
    "fuzz_options": options, "diff_p256": p256_cases,
    "diff_ed25519": ed25519_cases, "diff_engine": initpkts,
}


def c_bytes(data):
    rows = [", ".join("0x%02x" % b for b in data[i:i + 12])
            for i in range(0, len(data), 12)]
    return "{" + ",\n     ".join(rows) + "}"


def header():
    print("/* SPDX-License-Identifier: Apache-2.0 OR MIT */")
    print("#ifndef ASSAY_FUZZ_KEYRING_DATA_H")
    print("#define ASSAY_FUZZ_KEYRING_DATA_H\n")
    print("#include <stdint.h>\n")
    print("/*\n * Made by fuzz/seeds.py: the keys of the harnesses, which"
          "\n * anyone can know, and the SHA-256 digests of all that the"
          "\n * closed key has signed.\n */\n")
    for name, data in (("OPEN_SECRET", be32(OPEN)),
                       ("OPEN_PUBLIC", public_bytes(OPEN)),
                       ("ED25519_SEED", SEED),
                       ("ED25519_PUBLIC", ed_public(SEED)),
                       ("CLOSED_PUBLIC", public_bytes(CLOSED))):
        print("static const uint8_t FUZZ_%s[%d] =\n    %s;\n" %
              (name, len(data), c_bytes(data)))
    print("#define FUZZ_N_CLOSED %du" % len(CLOSED_INITS))
    print("static const uint8_t FUZZ_CLOSED_DIGEST[FUZZ_N_CLOSED][32] = {")
    for init in CLOSED_INITS:
        print("    %s," % c_bytes(hashlib.sha256(init).digest()))
    print("};\n\n#endif")


def main():
    if sys.argv[1:] == ["--header"]:
        header()
        return
    for target, make in TARGETS.items():
        folder = os.path.join(sys.argv[1], target)
        os.makedirs(folder, exist_ok=True)
        for data in make():
            name = hashlib.sha1(data).hexdigest()
            with open(os.path.join(folder, name), "wb") as f:
                f.write(data)


if __name__ == "__main__":
    main()
