#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Making packages with the whole program: every combination, every way to
sign, and what happens when something is wrong.

usage: pkg.py ASSAY BLINK.HEX SHARED FOLDER
"""
import hashlib
import json
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import threading
import zipfile
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile  # noqa: E402
from hostile import (Suite, Key, bytes_field, number_field, sd_list,  # noqa: E402
                     command, pem, ed25519_pem)

APP_OPTIONS = ("--hw-version", "52", "--sd-req", "0", "--application-version",
               "4", "--application")


def hex_image(path):
    """The bytes of a hex file from 0x1000 on, in whole words."""
    memory = {}
    base = 0
    with open(path, encoding="ascii") as f:
        for line in f:
            record = bytes.fromhex(line.strip()[1:])
            n, off, kind = record[0], record[1] << 8 | record[2], record[3]
            data = record[4:4 + n]
            if kind == 4:
                base = int.from_bytes(data, "big") << 16
            elif kind == 2:
                base = int.from_bytes(data, "big") << 4
            elif kind == 0:
                for i, b in enumerate(data):
                    memory[base + off + i] = b
    places = [a for a in memory if 0x1000 <= a < 0x10000000]
    low, high = min(places), max(places) + 1
    out = bytes(memory.get(a, 0xFF) for a in range(low, high))
    return out + b"\xff" * (-len(out) % 4)


def softdevice(length=0x3000, fwid=0x100, family=140, version=7002000):
    """Bytes with the information structure of a SoftDevice."""
    out = bytearray((i * 5) & 0xFF for i in range(length))
    out[0x2004:0x2018] = struct.pack(
        "<IIHHII", 0x51B1E5DB, (length + 0x1000 + 0xFFF) & ~0xFFF, fwid, 0,
        family, version)
    return bytes(out)


def init_of(image, version, kind, sizes, ids, validations, debug=0, hw=52):
    """An InitCommand by the format: every field written."""
    return (number_field(1, version) + number_field(2, hw) + sd_list(ids)
            + number_field(4, kind) + number_field(5, sizes[0])
            + number_field(6, sizes[1]) + number_field(7, sizes[2])
            + bytes_field(8, number_field(1, 3) + bytes_field(
                2, hashlib.sha256(image).digest()[::-1]))
            + number_field(9, debug)
            + b"".join(bytes_field(10, number_field(1, v) + bytes_field(2, s))
                       for v, s in validations))


def members(path):
    with zipfile.ZipFile(path) as z:
        return {i.filename: z.read(i) for i in z.infolist()}


def dat_parts(dat):
    """The signed bytes and the signature of a packet."""
    def take(data, at):
        value = shift = 0
        while True:
            b = data[at]
            value |= (b & 0x7F) << shift
            at, shift = at + 1, shift + 7
            if b < 0x80:
                return value, at
    _, at = take(dat, 1)
    signature = b""
    if dat[0] == 0x12:
        n, at = take(dat, at + 1)
        signature = dat[-64:]
    n, at = take(dat, at + 3)
    return dat[at:at + n], signature


class Pkg(Suite):
    def generate(self, *args, **more):
        return self.run("pkg", "generate", *args, **more)

    def app(self, out, *more, **options):
        return self.generate(*APP_OPTIONS, self.blink, *more, out, **options)

    def verify(self, path, *options):
        reports, _ = self.reports([path], *options)
        return reports[0]

    def made(self, name, done, path, *options):
        """The package was made and verifies."""
        if done.code != 0:
            self.ok(name, f"exit {done.code}: {done.text()[:300]}")
            return None
        r = self.verify(path, *options)
        self.expect(name, r["status"] == "OK" and
                    all(i["genuine"]["status"] == "OK" for i in r["images"]),
                    f"{r['status']}: {r['detail']}")
        return r

    def refuses(self, name, done, code, words, *paths):
        """Refused for that reason, and nothing written."""
        words = words.encode()
        fault = None
        if done.code != code:
            fault = f"exit {done.code}: {done.text()[:300]}"
        elif words not in b" ".join(done.err.split()):
            fault = f"does not say {words}: {done.err[:300]!r}"
        elif done.out:
            fault = f"standard output: {done.out[:100]!r}"
        for path in paths:
            if fault is None and os.path.lexists(path):
                fault = f"{os.path.basename(path)} was written"
        for folder in (self.path(""), self.cwd):
            left = [x for x in os.listdir(folder) if ".assay-" in x]
            if fault is None and left:
                fault = f"left behind: {left}"
        self.ok(name, fault)

    def new(self, suffix=".zip"):
        self.n_files += 1
        return self.path(f"new{self.n_files:04d}{suffix}")


def prepare(suite):
    suite.key = Key(b"release")
    suite.private = suite.write("k.pem", pem("EC PRIVATE KEY",
                                             suite.key.private_der()))
    suite.public = suite.write("k.pub.pem", pem("PUBLIC KEY",
                                                suite.key.public_der()))
    other = Key(b"other")
    suite.other = suite.write("o.pub.pem", pem("PUBLIC KEY",
                                               other.public_der()))
    suite.other_key = other
    suite.ed25519 = suite.write("e.pem", ed25519_pem(bytes(range(7, 39))))
    suite.image = hex_image(suite.blink)
    suite.sd_image = softdevice()
    suite.sd = suite.write("sd.bin", suite.sd_image)
    suite.bl_image = bytes(range(256)) * 3 + b"end"
    suite.bl = suite.write("bl.bin", suite.bl_image)
    suite.bl_image += b"\xff" * (-len(suite.bl_image) % 4)


def check_content(suite):
    """What is in a package, against the format."""
    path = suite.new()
    done = suite.app(path, "--key-file", suite.private)
    suite.made("an application", done, path, "--key", suite.public)
    suite.expect("the sentence of nrfutil",
                 done.out == b"Zip created at " + path.encode() + b"\n"
                 and done.err == b"", done.text())
    m = members(path)
    wanted = init_of(suite.image, 4, 0, (0, 0, len(suite.image)), [0],
                     [(1, b"")])
    init, signature = dat_parts(m["blink.dat"])
    suite.expect("three members", list(m) == [
        "manifest.json", "blink.dat", "blink.bin"], list(m))
    suite.expect("the image of the hex file", m["blink.bin"] == suite.image,
                 f"{len(m['blink.bin'])} bytes")
    suite.expect("the signed bytes of the format", init == wanted,
                 f"{init.hex()}, expected {wanted.hex()}")
    suite.expect("the packet round them", m["blink.dat"] == bytes_field(
        2, bytes_field(1, command(wanted)) + number_field(2, 0)
        + bytes_field(3, signature)), m["blink.dat"].hex())
    suite.expect("the manifest of nrfutil", m["manifest.json"] == json.dumps(
        {"manifest": {"application": {"bin_file": "blink.bin",
                                      "dat_file": "blink.dat"}}},
        indent=4, sort_keys=True).encode(), m["manifest.json"])
    with zipfile.ZipFile(path) as z:
        infos = z.infolist()
        suite.expect("stored, of 1980, sound", z.testzip() is None and all(
            i.compress_type == 0 and i.date_time == (1980, 1, 1, 0, 0, 0)
            for i in infos), str(infos))

    def again(*more, env=None):
        out = suite.new()
        if suite.app(out, *more, env=env).code != 0:
            return None
        with open(out, "rb") as f:
            return f.read()
    with open(path, "rb") as f:
        first = f.read()
    suite.expect("the same bytes twice",
                 again("--key-file", suite.private) == first, "differs")
    suite.expect("the same bytes with another time zone and language", again(
        "--key-file", suite.private, env={"TZ": "Asia/Tokyo", "LC_ALL":
                                          "de_DE.UTF-8"}) == first, "differs")
    for key in (suite.private, suite.ed25519):
        env = {"SOURCE_DATE_EPOCH": "1700000000"}
        one, two = (again("--key-file", key, env=env) for _ in range(2))
        dated = suite.write("dated.zip", one)
        with zipfile.ZipFile(dated) as z:
            dates = {i.date_time for i in z.infolist()}
        suite.expect(f"SOURCE_DATE_EPOCH, {os.path.basename(key)}",
                     one == two and one != first
                     and dates == {(2023, 11, 14, 22, 13, 20)}, dates)
    for epoch in ("", "-1", "x", "1e9", " 1700000000", "0x10",
                  "99999999999999999999999999"):
        done = suite.app(suite.new(), "--key-file", suite.private,
                         env={"SOURCE_DATE_EPOCH": epoch})
        suite.expect(f"SOURCE_DATE_EPOCH {epoch!r} is decided",
                     done.code in (0, 2), f"{done.code}: {done.text()}")
    done = suite.app("-", "--key-file", suite.private)
    suite.expect("a package on standard output is the same",
                 done.code == 0 and done.out == first, len(done.out))
    with open(suite.blink, "rb") as f:
        text = f.read()
    out = suite.new()
    done = suite.generate(*APP_OPTIONS, "-", "--key-file", suite.private, out,
                          stdin=text)
    suite.expect("an image from standard input is decided",
                 done.code in (0, 2, 3), done.text())
    done = suite.app(out, "--key-file", suite.private, "--quiet")
    suite.expect("--quiet", done.code == 0 and not done.out and not done.err,
                 done.text())


IMAGES = (
    # options, kinds in printed order
    (("A",), ("APPLICATION",)),
    (("B",), ("BOOTLOADER",)),
    (("S",), ("SOFTDEVICE",)),
    (("S", "B"), ("SOFTDEVICE_BOOTLOADER",)),
    (("S", "B", "A"), ("SOFTDEVICE_BOOTLOADER", "APPLICATION")),
    (("S", "A"), ("SOFTDEVICE", "APPLICATION")),
)


def options_for(suite, letters):
    out = ["--hw-version", "52", "--sd-req", "0xCA,0xB6"]
    if "A" in letters:
        out += ["--application", suite.blink, "--application-version", "4"]
    if "B" in letters:
        out += ["--bootloader", suite.bl, "--bootloader-version", "2"]
    if "S" in letters:
        out += ["--softdevice", suite.sd]
    if "S" in letters and "A" in letters:
        out += ["--sd-id", "0x100"]
    return out


def check_combinations(suite):
    device = suite.write("device.txt", b"hw_version = 52\nsoftdevice = 0xCA\n"
                         b"app_version = 3\nbootloader_version = 1\n")
    for letters, kinds in IMAGES:
        name = "+".join(letters)
        for key, label in ((suite.private, "P-256"),
                           (suite.ed25519, "Ed25519")):
            path = suite.new()
            done = suite.generate(*options_for(suite, letters), "--key-file",
                                  key, path)
            r = suite.made(f"{name}, {label}", done, path, "--key", key)
            if r is not None:
                got = tuple(i["init_command"]["type"] for i in r["images"])
                names = {"APPLICATION": 0, "SOFTDEVICE": 1, "BOOTLOADER": 2,
                         "SOFTDEVICE_BOOTLOADER": 3}
                suite.expect(f"{name}, {label}: types", got in (
                    kinds, tuple(names[k] for k in kinds)), got)
        path = suite.new()
        done = suite.generate(*options_for(suite, letters), "--unsigned", path)
        r = suite.verify(path, "--key", suite.public) if not done.code else {}
        suite.expect(f"{name}, --unsigned: a warning, SIGNATURE_MISSING",
                     done.code == 0 and b"not signed" in done.err
                     and r["status"] == "SIGNATURE_MISSING" and r["exit"] == 1,
                     f"{done.text()} {r}")
        path = suite.new()
        suite.generate(*options_for(suite, letters), "--key-file",
                       suite.private, path)
        r = suite.verify(path, "--key", suite.public, "--device", device)
        suite.expect(f"{name}: a device with that SoftDevice takes it",
                     r["status"] == "OK", f"{r['status']}: {r['detail']}")
    path = suite.new()
    done = suite.generate(*options_for(suite, ("S", "B", "A")), "--key-file",
                          suite.private, path)
    m = members(path)
    wanted = init_of(
        suite.sd_image + suite.bl_image, 2, 3,
        (len(suite.sd_image), len(suite.bl_image), 0), [0xCA, 0xB6, 0x100],
        [(1, b""), (1, b"")])
    suite.expect("S+B: signed bytes", dat_parts(m["sd_bl.dat"])[0] == wanted,
                 dat_parts(m["sd_bl.dat"])[0].hex())
    suite.expect("S+B: image", m["sd_bl.bin"] == suite.sd_image
                 + suite.bl_image, len(m["sd_bl.bin"]))
    wanted = init_of(suite.image, 4, 0, (0, 0, len(suite.image)), [0x100],
                     [(1, b"")])
    suite.expect("S+B+A: the application requires --sd-id",
                 dat_parts(m["blink.dat"])[0] == wanted,
                 dat_parts(m["blink.dat"])[0].hex())
    info = json.loads(m["manifest.json"])["manifest"]["softdevice_bootloader"]
    suite.expect("S+B: sizes in the manifest",
                 info["info_read_only_metadata"] == {
                     "bl_size": len(suite.bl_image),
                     "sd_size": len(suite.sd_image)}, info)
    path = suite.new()
    done = suite.generate("--hw-version", "52", "--application", suite.blink,
                          "--application-version", "4", "--external-app",
                          "--key-file", suite.private, path)
    suite.made("an external application", done, path, "--key", suite.public)
    wanted = init_of(suite.image, 4, 4, (0, 0, len(suite.image)), [0xFFFE],
                     [(1, b"")])
    suite.expect("external: any SoftDevice",
                 dat_parts(members(path)["blink.dat"])[0] == wanted, "differs")
    path = suite.new()
    done = suite.generate("--debug-mode", "--application", suite.blink,
                          "--key-file", suite.private, path)
    suite.made("debug mode", done, path, "--key", suite.public)
    wanted = init_of(suite.image, 0xFFFFFFFF, 0, (0, 0, len(suite.image)),
                     [0xFFFE], [(1, b"")], debug=1, hw=0xFFFFFFFF)
    suite.expect("debug mode: any version, and a warning",
                 dat_parts(members(path)["blink.dat"])[0] == wanted
                 and b"debug" in done.err, done.text())


def check_order(suite):
    for given, wanted in (("0xCA,0xB6", [0xCA, 0xB6]),
                          ("0xB6,0xCA", [0xB6, 0xCA]),
                          ("0,0x100", [0, 0x100]), ("0x100,0", [0x100, 0]),
                          ("0xCA,0xB6,0xCA", [0xCA, 0xB6]),
                          ("16,15,14,13,12,11,10,9,8,7,6,5,4,3,2,1",
                           list(range(16, 0, -1))),
                          ("0xFFFFFFFF", [0xFFFFFFFF])):
        path = suite.new()
        done = suite.generate("--hw-version", "52", "--sd-req", given,
                              "--bootloader", suite.bl, "--bootloader-version",
                              "1", "--key-file", suite.private, path)
        r = suite.verify(path, "--key", suite.public) if not done.code else {}
        got = r["images"][0]["init_command"]["sd_req"] if r else done.text()
        suite.expect(f"--sd-req {given[:20]} keeps its order", got == wanted,
                     got)
        suite.expect(f"--sd-req {given[:20]}: zero among others warns",
                     (b"warning" in done.err) == (0 in wanted and
                                                  len(wanted) > 1), done.err)
    done = suite.generate("--hw-version", "52", "--sd-req", "0x100,0",
                          "--application", suite.blink,
                          "--application-version", "4", "--key-file",
                          suite.private, suite.new())
    suite.expect("bug_application_zero_does_not_warn",
                 b"0x00 stands among" in done.err, done.text())


def check_refusals(suite):
    """nrfutil's sentences, exit 2, nothing written."""
    a = ("--application", suite.blink)
    av = ("--application-version", "4")
    b = ("--bootloader", suite.bl)
    bv = ("--bootloader-version", "1")
    s = ("--softdevice", suite.sd)
    hw = ("--hw-version", "52")
    sd = ("--sd-req", "0")
    key = ("--key-file", suite.private)
    for args, words in (
            (hw + sd + a + av, "GN-01 GENERATE_UNSIGNED"),
            (hw + sd + a + av + b + bv + key,
             "Invalid combination: use two .zip packages instead."),
            (hw + sd + av + key, "Application version with no image."),
            (hw + sd + bv + key, "Bootloader version with no image."),
            (sd + a + av + key, "--hw-version required."),
            (hw + a + av + key, "--sd-req required."),
            (hw + sd + a + key, "--application-version or "
             "--application-version-string required with application image."),
            (hw + sd + b + key,
             "--bootloader-version required with bootloader image."),
            (hw + sd + s + a + av + key,
             "--sd-id required with softdevice and application images."),
            (hw + sd + b + bv + key + ("--external-app",),
             "--external-app requires an application."),
            (hw + sd + s + a + av + key + ("--external-app", "--sd-id", "1"),
             "--external-app is only possible for application only DFU"),
            (hw + sd + key, "at least one of --application"),
            (hw + sd + a + av + key + ("--unsigned",), "only one of"),
            (hw + sd + a + av + key + ("--to-be-signed", "t"), "only one of"),
            (hw + sd + a + av + ("--signature", "t"),
             "--signature needs --public-key"),
            (hw + sd + a + av + key + ("--zigbee", "true"),
             "--zigbee-ota-hw-version is required."),
            (hw + sd + a + av + key + ("--sd-req", "1"),
             "Please specify SoftDevice requirements as a comma-separated "
             "list: --sd-req 0xXXXX,0xYYYY,..."),
            (hw + sd + a + av + key + ("--hw-version", "1"), "twice"),
            (("--hw-version", "052") + sd + a + av + key,
             "takes it for octal (052 = 42); write 52, or 42"),
            (("--hw-version", "08") + sd + a + av + key, "write 8"),
            (hw + ("--sd-req", "0100") + a + av + key, "octal"),
            (hw + sd + a + ("--application-version", "010") + key, "octal"),
            (hw + ("--sd-req", "CA") + a + av + key, "0x"),
            (hw + ("--sd-req", "1,,2") + a + av + key, "item 2 is empty"),
            (hw + ("--sd-req", ",".join(map(str, range(17)))) + a + av + key,
             "more than 16"),
            (("--hw-version", "4294967296") + sd + a + av + key,
             "more than 4294967295"),
            (("--hw-version", "-1") + sd + a + av + key, "less than 0"),
            (("--hw-version", "") + sd + a + av + key, "not a valid integer"),
            (hw + sd + a + ("--application-version-string", "1.2") + key,
             "Must be on the format x.y.z"),
            (hw + sd + a + ("--application-version-string", "1.2.3.4") + key,
             "Must be on the format x.y.z"),
            (hw + sd + a + av + key + ("--app-boot-validation", "CRC"),
             "is not one of"),
            (hw + sd + a + av + ("--unsigned", "--app-boot-validation",
                                 "VALIDATE_ECDSA_P256_SHA256"),
             "needs a P-256 --key-file"),
            (hw + sd + a + av + ("--key-file", suite.ed25519,
                                 "--app-boot-validation",
                                 "VALIDATE_ECDSA_P256_SHA256"),
             "needs a P-256 --key-file"),
            (hw + sd + a + av + ("--to-be-signed", suite.path("t"),
                                 "--app-boot-validation",
                                 "VALIDATE_ECDSA_P256_SHA256"),
             "needs --key-file"),
            (hw + sd + a + av + ("--key-file", suite.public),
             "KF-04 KEYFILE_PUBLIC")):
        path = suite.new()
        done = suite.generate(*args, path)
        suite.refuses(f"refused: {words[:60]}", done, 2, words, path,
                      suite.path("t"))
    for args, code, words in (
            (a + ("--key-file", suite.path("nothing")), 3, "FILE_UNREADABLE"),
            (a + ("--key-file", suite.blink), 3, "KEYFILE_FORMAT"),
            (("--application", suite.path("nothing.hex")) + key, 3,
             "FILE_UNREADABLE"),
            (("--application", suite.write("empty.hex", b"")) + key, 3,
             "FILE_EMPTY"),
            (("--application", suite.write("bad.hex", b"hello\n")) + key, 3,
             "HEX_SYNTAX"),
            (("--application", suite.folder) + key, 3, "FILE_DIRECTORY"),
            (("--application", suite.write("x\x01.bin", b"abcd")) + key, 3,
             "GENERATE_IMAGE"),
            (("--application", suite.write("x:y.bin", b"abcd")) + key, 3,
             "GENERATE_IMAGE"),
            (("--application", suite.write("z" * 251 + ".bin", b"abcd")) + key,
             0, ""),
            (("--application", "/dev/zero") + key, 3, "FILE_TOO_LARGE")):
        path = suite.new()
        done = suite.generate(*hw, *sd, *av, *args, path)
        if code == 0:
            suite.made("a name of 251 letters", done, path, "--key",
                       suite.public)
            continue
        suite.refuses(f"refused: {words}: {os.path.basename(args[1])[:12]!r}",
                      done, code, words, path)


def have_openssl(suite):
    if shutil.which("openssl") is None:
        return False
    return subprocess.run(["openssl", "version"], capture_output=True,
                          check=False).returncode == 0


def check_two_steps(suite):
    tbs = suite.path("app.tbs")
    path = suite.new()
    done = suite.app(path, "--to-be-signed", tbs)
    suite.expect("to be signed: no package yet", done.code == 0 and
                 not os.path.exists(path) and os.path.exists(tbs),
                 done.text())
    with open(tbs, "rb") as f:
        data = f.read()
    suite.expect("to be signed: the bytes of the format", data == init_of(
        suite.image, 4, 0, (0, 0, len(suite.image)), [0], [(1, b"")]),
        data.hex())
    done = suite.app(suite.new(), "--to-be-signed", "-")
    suite.expect("bug_to_be_signed_on_standard_output",
                 done.code == 0 and done.out == data, done.out)

    r, s = suite.key.sign(data)
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    der = hostile.der_signature((r, s))
    wrong = suite.other_key.sign(data)
    wrong_raw = wrong[0].to_bytes(32, "big") + wrong[1].to_bytes(32, "big")
    sig = suite.path("app.sig")
    for name, content in (("raw", raw), ("hex", raw.hex().encode()),
                          ("hex in capitals, line end",
                           raw.hex().upper().encode() + b"\r\n"),
                          ("DER", der)):
        suite.write("app.sig", content)
        path = suite.new()
        done = suite.app(path, "--signature", sig, "--public-key",
                         suite.public)
        suite.made(f"attached: {name}", done, path, "--key", suite.public)
    cases = [("by another key", wrong_raw, "SIGNATURE_INVALID", 1),
             ("by another key, DER", hostile.der_signature(wrong),
              "SIGNATURE_INVALID", 1),
             ("one bit off", raw[:5] + bytes([raw[5] ^ 1]) + raw[6:],
              "SIGNATURE_INVALID", 1),
             ("in the order of the packet", raw[31::-1] + raw[:31:-1],
              "SIGNATURE_INVALID", 1),
             ("all zero", bytes(64), "SIGNATURE_INVALID", 1),
             ("63 bytes", raw[:63], "KEYFILE_FORMAT", 3),
             ("65 bytes", raw + b"\0", "KEYFILE_FORMAT", 3),
             ("127 digits", raw.hex().encode()[:-1], "KEYFILE_FORMAT", 3),
             ("no digits", b"x" * 128, "KEYFILE_FORMAT", 3),
             ("zero digits", bytes(128), "KEYFILE_FORMAT", 3),
             ("DER with a byte behind", der + b"\0", "KEYFILE_FORMAT", 3),
             ("DER cut short", der[:-1], "KEYFILE_FORMAT", 3),
             ("DER with r below zero", b"\x30\x06\x02\x01\xff\x02\x01\x01",
              "KEYFILE_FORMAT", 3),
             ("DER of large numbers", hostile.der_signature(
                 (1 << 300, 1 << 300)), "KEYFILE_FORMAT", 3),
             ("empty", b"", "FILE_EMPTY", 3),
             ("2,000 bytes", bytes(2000), "FILE_TOO_LARGE", 3)]
    for name, content, words, code in cases:
        suite.write("app.sig", content)
        path = suite.new()
        done = suite.app(path, "--signature", sig, "--public-key",
                         suite.public)
        suite.refuses(f"attached: {name}: {words}", done, code, words, path)
    suite.write("app.sig", raw)
    path = suite.new()
    done = suite.generate("--hw-version", "52", "--sd-req", "0",
                          "--application", suite.blink,
                          "--application-version", "5", "--signature", sig,
                          "--public-key", suite.public, path)
    suite.refuses("attached to other options", done, 1, "SIGNATURE_INVALID",
                  path)
    done = suite.app(path, "--signature", sig, "--public-key", suite.ed25519)
    suite.refuses("attached: another algorithm", done, 1, "SIGNATURE_INVALID",
                  path)

    two = options_for(suite, ("S", "A"))
    done = suite.generate(*two, "--to-be-signed", suite.path("two.tbs"),
                          suite.new())
    parts = [suite.path("two.tbs.softdevice"),
             suite.path("two.tbs.application")]
    suite.expect("two images: two files to be signed", done.code == 0 and all(
        os.path.exists(x) for x in parts) and
        done.out.find(b".softdevice") < done.out.find(b".application"),
        done.text())
    sigs = []
    for i, part in enumerate(parts):
        with open(part, "rb") as f:
            r, s = suite.key.sign(f.read())
        sigs.append(suite.write(f"two{i}.sig", r.to_bytes(32, "big")
                                + s.to_bytes(32, "big")))
    give = [x for p in sigs for x in ("--signature", p)]
    public = ("--public-key", suite.public)
    path = suite.new()
    done = suite.generate(*two, *give, *public, path)
    suite.made("two images: two signatures", done, path, "--key",
               suite.public)
    path = suite.new()
    done = suite.generate(*two, *give[:2], *public, path)
    suite.refuses("two images: one signature", done, 2, "2 images", path)
    done = suite.generate(*two, *give, *give[:2], *public, path)
    suite.refuses("two images: three signatures", done, 2, "2 images", path)
    done = suite.generate(*two, *give[2:], *give[:2], *public, path)
    suite.refuses("two images: signatures exchanged", done, 1,
                  "SIGNATURE_INVALID", path)
    if not have_openssl(suite):
        suite.left_out("pkg", 10, "the openssl program")
        return
    sign_with_openssl(suite, tbs, sig)


def sign_with_openssl(suite, tbs, sig):
    subprocess.run(["openssl", "dgst", "-sha256", "-sign", suite.private,
                    "-out", sig, tbs], check=True, capture_output=True)
    path = suite.new()
    done = suite.app(path, "--signature", sig, "--public-key", suite.public)
    suite.made("signed by openssl, P-256", done, path, "--key", suite.public)
    subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey",
                    suite.ed25519, "-in", tbs, "-out", sig], check=True,
                   capture_output=True)
    subprocess.run(["openssl", "pkey", "-in", suite.ed25519, "-pubout", "-out",
                    suite.path("e.pub.pem")], check=True, capture_output=True)
    path = suite.new()
    done = suite.app(path, "--signature", sig, "--public-key",
                     suite.path("e.pub.pem"))
    suite.made("signed by openssl, Ed25519", done, path, "--key",
               suite.path("e.pub.pem"))
    direct = suite.new()
    suite.app(direct, "--key-file", suite.ed25519)
    with open(direct, "rb") as f, open(path, "rb") as g:
        suite.expect("Ed25519: openssl and assay sign alike",
                     f.read() == g.read(), "differs")
    suite.write("der.sig", own_der(suite))
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-verify", suite.public, "-signature",
         suite.path("der.sig"), tbs], check=False, capture_output=True)
    suite.expect("openssl accepts the signature of assay",
                 done.returncode == 0, done.stdout + done.stderr)
    encrypted = suite.path("locked.pem")
    subprocess.run(["openssl", "pkcs8", "-topk8", "-in", suite.private, "-out",
                    encrypted, "-passout", "pass:correct horse", "-v2",
                    "aes-256-cbc", "-iter", "1000"],
                   check=True, capture_output=True)
    for name, content, code in (("with its line end", b"correct horse\n", 0),
                                ("without", b"correct horse", 0),
                                ("more lines", b"correct horse\nx\n", 0),
                                ("a wrong one", b"wrong\n", 2),
                                ("an empty line", b"\n", 2)):
        path = suite.new()
        done = suite.app(path, "--key-file", encrypted, "--passphrase-file",
                         suite.write("pass", content))
        if code == 0:
            suite.made(f"passphrase: {name}", done, path, "--key",
                       suite.public)
        else:
            suite.refuses(f"passphrase: {name}", done, code,
                          "KEYFILE_PASSPHRASE", path)
    path = suite.new()
    done = suite.app(path, "--key-file", encrypted)
    suite.refuses("passphrase: none, and no terminal", done, 2,
                  "KEYFILE_PASSPHRASE", path)


def own_der(suite):
    path = suite.new()
    suite.app(path, "--key-file", suite.private)
    _, wire = dat_parts(members(path)["blink.dat"])
    return hostile.der_signature((int.from_bytes(wire[:32], "little"),
                                  int.from_bytes(wire[32:], "little")))


def check_validations(suite):
    kinds = ("NO_VALIDATION", "VALIDATE_GENERATED_CRC",
             "VALIDATE_GENERATED_SHA256", "VALIDATE_ECDSA_P256_SHA256")
    for number, kind in enumerate(kinds):
        path = suite.new()
        done = suite.app(path, "--key-file", suite.private,
                         "--app-boot-validation", kind)
        suite.made(f"--app-boot-validation {kind}", done, path, "--key",
                   suite.public)
        init, _ = dat_parts(members(path)["blink.dat"])
        tail = bytes_field(10, number_field(1, number) + bytes_field(2, b""))
        suite.expect(f"--app-boot-validation {kind}: the field",
                     (number == 3) != init.endswith(tail), init.hex())
        path = suite.new()
        done = suite.generate(*options_for(suite, ("S", "B")), "--key-file",
                              suite.private, "--sd-boot-validation", kind,
                              path)
        suite.made(f"--sd-boot-validation {kind}", done, path, "--key",
                   suite.public)


def check_zigbee(suite):
    path = suite.new()
    zigbee = ("--zigbee", "true", "--zigbee-ota-hw-version", "1",
              "--zigbee-manufacturer-id", "0x7B", "--zigbee-image-type",
              "0x141", "--zigbee-comment", "good_image",
              "--zigbee-ota-fw-version", "9")
    done = suite.app(path, "--key-file", suite.private, *zigbee)
    name = "007B-0141-00000004-good_image.zigbee"
    made = os.path.join(suite.cwd, name)
    suite.made("zigbee: the package", done, path, "--key", suite.public)
    suite.expect("zigbee: the file, named in what is said",
                 os.path.exists(made) and name.encode() in done.out,
                 done.text())
    with open(made, "rb") as f:
        data = f.read()
    os.unlink(made)
    magic, version, n_head, control, maker, kind, file_version, stack, n = \
        struct.unpack_from("<IHHHHHIHB", data)
    suite.expect("zigbee: the header", (
        magic, version, n_head, control, maker, kind, file_version, stack, n,
        data[21:52].rstrip(b"\0"), struct.unpack_from("<I", data, 52)[0]) == (
            0x0BEEF11E, 0x100, 56, 0, 0x7B, 0x141, 4, 2, 10, b"good_image",
            len(data)), data[:60].hex())
    at, parts = 56, []
    while at < len(data):
        tag, length = struct.unpack_from("<HI", data, at)
        parts.append((tag, data[at + 6:at + 6 + length]))
        at += 6 + length
    suite.expect("zigbee: three elements", [p[0] for p in parts] == [
        0xCDEF, 0, 0] and at == len(data), [p[0] for p in parts])
    packet, image = parts[1][1], parts[2][1]
    suite.expect("zigbee: the trigger", parts[0][1] == struct.pack(
        ">BIIII", 0x10, len(packet), zlib.crc32(packet), len(image),
        zlib.crc32(image)), parts[0][1].hex())
    init, wire = dat_parts(packet)
    suite.expect("zigbee: image and packet inside", image == suite.image and
                 init == init_of(suite.image, 4, 0, (0, 0, len(suite.image)),
                                 [0], [(1, b"")]), init.hex())
    plain = suite.new()
    suite.app(plain, "--key-file", suite.private)
    suite.expect("zigbee: the packet inside is that of a plain package",
                 members(plain)["blink.dat"] == packet, wire.hex())
    outer = next(v for k, v in members(path).items() if k.endswith(".bin"))
    suite.expect("zigbee: the package carries the file", outer ==
                 data + b"\xff" * (-len(data) % 4), len(outer))
    done = suite.app("-", "--key-file", suite.private, *zigbee)
    with open(path, "rb") as f:
        suite.expect("bug_zigbee_package_on_standard_output",
                     done.out == f.read(), done.out[-80:])
    if os.path.exists(made):
        os.unlink(made)
    for name, more, code in (
            ("two images", ("--softdevice", suite.sd, "--sd-id", "1"), 2),
            ("a type of 17 bits", ("--zigbee-image-type", "0x10000"), 2),
            ("a colon in the comment", ("--zigbee-comment", "a:b"), None),
            ("no boolean", ("--zigbee", "perhaps"), 2)):
        args = [x for x in zigbee]
        if more[0] in args:
            args[args.index(more[0]) + 1] = more[1]
            more = ()
        out = suite.new()
        done = suite.app(out, "--key-file", suite.private, *args, *more)
        left = os.listdir(suite.cwd)
        suite.expect(f"zigbee: {name}: refused, nothing written",
                     done.code == code or (code is None and done.code in
                                           (0, 2, 3)), done.text())
        if done.code != 0:
            suite.expect(f"zigbee: {name}: no file is left", not left and
                         not os.path.exists(out), left)
        for x in left:
            os.unlink(os.path.join(suite.cwd, x))
    done = suite.app(os.path.join(suite.path("nothing"), "x.zip"),
                     "--key-file", suite.private, *zigbee)
    left = os.listdir(suite.cwd)
    suite.expect("bug_zigbee_file_without_its_package",
                 done.code == 3 and not left, f"{done.code} {left}")
    for x in left:
        os.unlink(os.path.join(suite.cwd, x))


def check_writing(suite):
    """All or nothing."""
    path = suite.write("old.zip", b"the old package")
    done = suite.generate("--hw-version", "52", "--sd-req", "0",
                          "--application", suite.path("nothing.hex"),
                          "--application-version", "4", "--key-file",
                          suite.private, path)
    with open(path, "rb") as f:
        suite.expect("a failure keeps the old package", done.code == 3 and
                     f.read() == b"the old package", done.text())
    done = suite.app(path, "--signature", suite.write("bad.sig", bytes(64)),
                     "--public-key", suite.public)
    with open(path, "rb") as f:
        suite.expect("a wrong signature keeps the old package",
                     done.code == 1 and f.read() == b"the old package",
                     done.text())

    def limit(n):
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (n, n))
    for n in (0, 100):
        done = suite.app(path, "--key-file", suite.private,
                         preexec_fn=limit(n))
        left = [x for x in os.listdir(suite.path("")) if "assay-" in x]
        with open(path, "rb") as f:
            kept = f.read() == b"the old package"
        suite.expect(f"bug_file_size_limit_{n}",
                     done.code == 3 and kept and not left and done.err,
                     f"exit {done.code}, left {left}")
        for x in left:
            os.unlink(suite.path(x))
    if os.path.exists("/dev/full"):
        done = suite.app("/dev/full", "--key-file", suite.private)
        suite.refuses("a full device", done, 3, "FILE_WRITE")
        code = subprocess.run(
            ["sh", "-c", '"$@" - >/dev/full', "sh", suite.assay, "pkg",
             "generate", *APP_OPTIONS, suite.blink, "--key-file",
             suite.private], check=False, capture_output=True, cwd=suite.cwd)
        suite.expect("a full standard output", code.returncode == 3,
                     f"exit {code.returncode}")
    os.mkdir(suite.path("folder"))
    for name, out in (("a folder", suite.path("folder")),
                      ("a folder with a slash", suite.path("folder") + "/"),
                      ("a folder that is not there",
                       suite.path("none/x.zip")),
                      ("through a file", suite.private + "/x.zip"),
                      ("a name of 300 bytes", suite.path("x" * 300)),
                      ("a name of 250 bytes and its temporary one",
                       None)):
        if out is None:
            out = suite.path("x" * 250)
            done = suite.app(out, "--key-file", suite.private)
            suite.expect("bug_name_too_long_for_the_temporary",
                         done.code == 0, done.text())
            continue
        done = suite.app(out, "--key-file", suite.private)
        suite.refuses(f"output is {name}", done, 3, "FILE_WRITE")
    out = suite.path("target.zip")
    suite.write("target.zip", b"x")
    link = suite.path("link.zip")
    os.symlink("target.zip", link)
    suite.app(link, "--key-file", suite.private)
    suite.expect("a link stays a link, its target is replaced",
                 os.path.islink(link) and zipfile.is_zipfile(out), "")
    fifo = suite.path("out.fifo")
    os.mkfifo(fifo)
    got = []

    def reader():
        with open(fifo, "rb") as f:
            got.append(f.read())
    thread = threading.Thread(target=reader, daemon=True)
    thread.start()
    done = suite.app(fifo, "--key-file", suite.private)
    thread.join(5)
    suite.expect("a FIFO that is read", done.code == 0 and got and
                 got[0][:2] == b"PK", done.text())
    umask = os.umask(0o027)
    out = suite.new()
    suite.app(out, "--key-file", suite.private)
    os.umask(umask)
    suite.expect("the mode follows umask", os.path.exists(out) and
                 os.stat(out).st_mode & 0o777 == 0o640,
                 oct(os.stat(out).st_mode))
    copy = suite.write("copy.pem", open(suite.private, "rb").read())
    done = suite.app(copy, "--key-file", copy)
    with open(copy, "rb") as f:
        kept = f.read().startswith(b"-----BEGIN")
    suite.expect("bug_package_replaces_its_own_key", kept and done.code != 0,
                 done.text())
    for what, options in (("package", ("--unsigned", copy)),
                          ("packet", ("--to-be-signed", copy, suite.new()))):
        done = suite.generate(*APP_OPTIONS, suite.blink, *options)
        with open(copy, "rb") as f:
            kept = f.read().startswith(b"-----BEGIN")
        suite.expect(f"bug_{what}_replaces_another_key", kept
                     and done.code == 2, done.text())
    for name, data in (("utf8 grün.bin", "grün.bin".encode()),
                       ("two dots", b"a..b.bin"), ("spaces", b"a b.bin")):
        image = os.path.join(suite.path("").encode(), data)
        with open(image, "wb") as f:
            f.write(b"abcd")
        out = suite.new()
        done = suite.generate(*APP_OPTIONS, image, "--key-file",
                              suite.private, out)
        suite.made(f"an image called {name}", done, out, "--key",
                   suite.public)
    image = os.path.join(suite.path("").encode(), b"latin\xe9.bin")
    with open(image, "wb") as f:
        f.write(b"abcd")
    out = suite.new()
    done = suite.generate(*APP_OPTIONS, image, "--key-file", suite.private,
                          out)
    suite.refuses("an image whose name is no UTF-8", done, 3,
                  "GENERATE_IMAGE", out)


def check_json(suite):
    path = suite.new()
    suite.generate(*options_for(suite, ("S", "B", "A")), "--key-file",
                   suite.private, path)
    device = suite.write("d.txt", b"hw_version = 1\n")
    for args, code in (
            (("verify", path, "--key", suite.public), 0),
            (("verify", path, "--key", suite.other), 1),
            (("verify", path, "--key", suite.public, "--device", device), 1),
            (("verify", suite.blink, "--key", suite.public), 4),
            (("pkg", "verify", path, "--key", suite.public), 0),
            (("pkg", "display", path), 0), (("pkg", "display", suite.blink), 3),
            (("inspect", path), 0), (("inspect", suite.blink), 0),
            (("inspect", suite.path("nothing")), 3)):
        done = suite.run(*args, "--json")
        try:
            objects = [json.loads(x) for x in done.out.splitlines()]
            good = len(objects) == 1 and objects[0]["schema"] == "assay/1" \
                and objects[0]["file"] == args[-1 if len(args) == 2 or
                                               args[0] == "pkg" and
                                               args[1] == "display"
                                               else 2 if args[0] == "pkg"
                                               else 1]
        except (ValueError, KeyError, IndexError) as e:
            good, objects = False, repr(e)
        name = " ".join(os.path.basename(a) for a in args)[:60]
        suite.expect(f"json: {name} -> {code}", good and done.code == code,
                     f"exit {done.code}: {objects}"[:300])
    done = suite.run("pkg", "display", path, "--json")
    shown = json.loads(done.out)["images"]
    plain = suite.run("pkg", "display", path).out.decode()
    suite.expect("json: display has both images", len(shown) == 2 and
                 "Image count: 2" in plain, len(shown))


def samples(path):
    """The texts that nrfutil printed, by the name of the package."""
    with open(path, encoding="utf-8") as f:
        text = f.read()
    out = {}
    for part in re.split(r"^### nrfutil ", text, flags=re.M)[1:]:
        head, body = part.split("\n", 1)
        if head.startswith("pkg display out/"):
            out[os.path.basename(head.split()[-1])] = body
    return out


def check_shared(suite, shared):
    made = os.path.join(shared, "corpus", "nrfutil-made")
    if not os.path.isdir(made):
        suite.left_out("pkg", 26, "the packages made by nrfutil")
        return
    texts = samples(os.path.join(made, "cli_output_samples.txt"))
    key = os.path.join(made, "test.pem")
    for name in sorted(os.listdir(made)):
        if not name.endswith(".zip"):
            continue
        path = os.path.join(made, name)
        r = suite.verify(path, "--key", key, "--allow-published-keys")
        wanted = "SIGNATURE_MISSING" if "unsigned" in name else "OK"
        suite.expect(f"nrfutil's {name} -> {wanted}", r["status"] == wanted,
                     f"{r['status']}: {r['detail']}")
        if name in texts:
            os.makedirs(os.path.join(suite.folder, "out"), exist_ok=True)
            shutil.copy(path, os.path.join(suite.folder, "out", name))
            done = subprocess.run(
                [suite.assay, "pkg", "display", f"out/{name}"], check=False,
                capture_output=True, cwd=suite.folder)
            suite.expect(f"nrfutil's {name}: displayed alike",
                         done.stdout.decode().strip("\n") ==
                         texts[name].strip("\n"), done.stdout.decode()[-300:])
    bar = os.path.join(made, "bar.hex")
    foo = os.path.join(made, "foo.hex")
    app = ("--hw-version", "52", "--sd-req", "0", "--application", bar,
           "--application-version", "4")
    for name, args in (
            ("app_unsigned.zip", app + ("--unsigned",)),
            ("app_signed.zip", app + ("--key-file", key)),
            ("app_debug.zip", ("--debug-mode", "--application", bar,
                               "--key-file", key)),
            ("app_ecdsa.zip", app + ("--key-file", key,
                                     "--app-boot-validation",
                                     "VALIDATE_ECDSA_P256_SHA256")),
            ("bl_signed.zip", ("--bootloader", bar, "--key-file", key)),
            ("sd_bl_signed.zip", ("--softdevice", foo, "--bootloader", bar,
                                  "--key-file", key))):
        again(suite, made, name, args)


def again(suite, made, name, args):
    """Make it again from what it says itself, and compare what is unsigned."""
    path = os.path.join(made, name)
    want = members(path)
    dat = next(v for k, v in want.items() if k.endswith(".dat"))
    if "--bootloader" in args:
        r = suite.verify(path, "--key", os.path.join(made, "test.pem"),
                         "--allow-published-keys")
        command_of = r["images"][0]["init_command"]
        args += ("--hw-version", str(command_of["hw_version"]),
                 "--bootloader-version", str(command_of["fw_version"]),
                 "--sd-req", ",".join(map(str, command_of["sd_req"])))
    out = suite.new()
    done = suite.generate(*args, out)
    if done.code != 0:
        suite.ok(f"{name} again", done.text()[:300])
        return
    got = members(out)
    same = set(got) == set(want) and all(
        got[k] == want[k] for k in want if not k.endswith(".dat"))
    suite.expect(f"{name} again: the same manifest and images", same,
                 f"{sorted(got)}, expected {sorted(want)}")
    mine = next(v for k, v in got.items() if k.endswith(".dat"))
    if "ecdsa" not in name:
        suite.expect(f"{name} again: the same signed bytes",
                     dat_parts(mine)[0] == dat_parts(dat)[0],
                     f"{mine.hex()}, expected {dat.hex()}")
    if "unsigned" in name:
        suite.expect(f"{name} again: the same packet", mine == dat, mine.hex())


def main():
    assay, blink, shared, folder = sys.argv[1:]
    suite = Pkg(assay, folder)
    suite.blink = os.path.abspath(blink)
    prepare(suite)
    for check in (check_content, check_combinations, check_order,
                  check_refusals, check_two_steps, check_validations,
                  check_zigbee, check_writing, check_json):
        check(suite)
    check_shared(suite, shared)
    left = os.listdir(suite.cwd)
    suite.expect("nothing is left in the current folder", not left, left)
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
