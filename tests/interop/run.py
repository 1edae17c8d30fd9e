#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Compare assay with the real nrfutil 6.1.7, command by command.

usage: run.py ASSAY NRFUTIL FOLDER BLINK_HEX

Runs with the Python of nrfutil's virtual environment: nrfutil's own parser
and its ECDSA library judge what assay has made.
"""
import hashlib
import itertools
import os
import struct
import subprocess
import sys
import zipfile

import ecdsa
from intelhex import IntelHex
from nordicsemi.dfu.init_packet_pb import InitPacketPB

CHECKS = {"passed": 0, "failed": 0}


def check(name, good, detail=""):
    CHECKS["passed" if good else "failed"] += 1
    if not good:
        print(f"not ok {name}: {detail}")


class Tool:
    """A program to be run in the working folder."""

    def __init__(self, path):
        self.path = os.path.abspath(path)

    def run(self, *args):
        done = subprocess.run([self.path, *args], capture_output=True,
                              text=True, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr


def make_images(blink):
    """An application, a bootloader and a SoftDevice, as hex files."""
    IntelHex(blink).write_hex_file("app.hex")
    boot = IntelHex()
    boot.puts(0xF8000, bytes(range(256)) * 9 + b"odd")
    boot.puts(0x10001014, struct.pack("<I", 0xF8000))
    boot.write_hex_file("boot.hex")
    sd = IntelHex()
    sd.puts(0, b"\x00\x04\x00\x20" * 64)
    body = bytearray(hashlib.sha512(b"sd").digest() * 300)
    struct.pack_into("<B3xIIHxxII", body, 0x2000, 24, 0x51B1E5DB, 0x6000,
                     0x0100, 140, 7002000)
    sd.puts(0x1000, bytes(body))
    sd.write_hex_file("sd.hex")
    with open("raw.bin", "wb") as f:
        f.write(bytes(range(101)))


APP = ["--application", "app.hex", "--application-version", "4"]
BOOT = ["--bootloader", "boot.hex", "--bootloader-version", "7"]
SD = ["--softdevice", "sd.hex"]
HW = ["--hw-version", "52"]
REQ = ["--sd-req", "0xB6"]
ID = ["--sd-id", "0x0100"]

COMBINATIONS = {
    "application": HW + REQ + APP,
    "application without SoftDevice": HW + ["--sd-req", "0x00"] + APP,
    "application, raw": HW + REQ + ["--application", "raw.bin",
                                    "--application-version", "0x10"],
    "application, version string": HW + REQ + [
        "--application", "app.hex", "--application-version-string", "2.7.31"],
    "bootloader": HW + REQ + BOOT,
    "SoftDevice": HW + REQ + SD,
    "SoftDevice and bootloader": HW + REQ + SD + BOOT,
    "SoftDevice and application": HW + REQ + ID + SD + APP,
    "all three": HW + REQ + ID + SD + BOOT + APP,
    "external application": HW + ["--external-app"] + APP,
    "external application, required": HW + REQ + ["--external-app"] + APP,
    "debug": ["--debug-mode", "--application", "app.hex"],
    "debug, given": ["--debug-mode"] + HW + REQ + APP,
}
VALIDATIONS = ["NO_VALIDATION", "VALIDATE_GENERATED_CRC",
               "VALIDATE_GENERATED_SHA256", "VALIDATE_ECDSA_P256_SHA256"]
for one in VALIDATIONS:
    COMBINATIONS[f"application, {one}"] = (
        HW + REQ + APP + ["--app-boot-validation", one])
    COMBINATIONS[f"SoftDevice and bootloader, {one}"] = (
        HW + REQ + SD + BOOT + ["--sd-boot-validation", one])

# Each rule of nrfutil about options that do not go together.
WRONG = {
    "BL and APP": HW + REQ + APP + BOOT,
    "application version alone": HW + REQ + ["--application-version", "4"],
    "bootloader version alone": HW + REQ + APP + ["--bootloader-version", "1"],
    "no hw version": REQ + APP,
    "hw version none": ["--hw-version", "none"] + REQ + APP,
    "no sd req": HW + APP,
    "sd req none": HW + ["--sd-req", "none"] + APP,
    "no application version": HW + REQ + ["--application", "app.hex"],
    "no bootloader version": HW + REQ + ["--bootloader", "boot.hex"],
    "SD and APP without id": HW + REQ + SD + APP,
    "external without application": HW + REQ + ["--external-app"] + SD,
    "external with SoftDevice": HW + REQ + ID + ["--external-app"] + APP + SD,
    "external with all": HW + REQ + ID + ["--external-app"] + APP + SD + BOOT,
    "zigbee without version": HW + REQ + APP + ["--zigbee", "1"],
    "sd req twice": HW + REQ + ["--sd-req", "0x01"] + APP,
}


def error_of(text):
    """The sentence behind `Error: `, without the name of the parameter."""
    line = [x for x in text.splitlines() if x.startswith("Error: ")]
    if not line:
        return None
    sentence = line[-1][len("Error: "):]
    return sentence.split("Invalid value for sd_req: ")[-1]


def commands_of(path):
    """(member, init packet as nrfutil reads it) of every image."""
    with zipfile.ZipFile(path) as z:
        for name in z.namelist():
            if name.endswith(".dat"):
                yield name, z.read(name)


def members_differ(ours, theirs):
    """None when both packages have the same members, sd_req order aside."""
    with zipfile.ZipFile(ours) as a, zipfile.ZipFile(theirs) as b:
        if sorted(a.namelist()) != sorted(b.namelist()):
            return f"{a.namelist()} {b.namelist()}"
        for name in a.namelist():
            mine, other = a.read(name), b.read(name)
            if mine != other and name.endswith(".dat"):
                mine, other = InitPacketPB(mine), InitPacketPB(other)
                mine.init_command.sd_req.sort()
                other.init_command.sd_req.sort()
                if mine.init_command == other.init_command:
                    continue
            if mine != other:
                return name
    return None


def accepted_by_ecdsa(path, key):
    """Every signature verifies with python-ecdsa over nrfutil's own bytes."""
    for _, packet in commands_of(path):
        parsed = InitPacketPB(packet)
        raw = parsed.packet.signed_command.signature
        signature = raw[31::-1] + raw[63:31:-1]
        key.verify(signature, parsed.get_init_command_bytes(),
                   hashfunc=hashlib.sha256)
    return True


def test_packages(assay, nrfutil, key):
    for name, options in COMBINATIONS.items():
        needs_key = "ECDSA" in " ".join(options)
        sign = ["--key-file", "key.pem"]
        got = assay.run("pkg", "generate", *options, *sign, "ours.zip")
        check(f"generate {name}", got[0] == 0, got[2])
        nrfutil.run("pkg", "generate", *options, *sign, "theirs.zip")
        theirs = nrfutil.run("pkg", "display", "ours.zip")
        ours = assay.run("pkg", "display", "ours.zip")
        check(f"nrfutil reads {name}", theirs[0] == 0, theirs[2])
        check(f"same display of {name}", ours[1] == theirs[1], ours[1])
        check(f"ecdsa accepts {name}", accepted_by_ecdsa("ours.zip", key))
        for path in ("ours.zip", "theirs.zip"):
            got = assay.run("verify", path, "--key", "key.pem")
            check(f"assay accepts {path} of {name}", got[0] == 0, got[1])
        again = assay.run("pkg", "generate", *options, *sign, "again.zip")
        with open("ours.zip", "rb") as a, open("again.zip", "rb") as b:
            check(f"deterministic {name}",
                  again[0] == 0 and a.read() == b.read())
        if not needs_key:
            assay.run("pkg", "generate", *options, "--unsigned", "ours.zip")
            nrfutil.run("pkg", "generate", *options, "theirs.zip")
            differ = members_differ("ours.zip", "theirs.zip")
            check(f"same bytes of {name}", differ is None, differ)


def test_sd_req_order(assay, nrfutil):
    """A single requirement and a sorted pair come out byte for byte."""
    for req in ("0xB6", "0x00", "0xCA,0xB6"):
        options = HW + ["--sd-req", req] + APP
        assay.run("pkg", "generate", *options, "--unsigned", "ours.zip")
        nrfutil.run("pkg", "generate", *options, "theirs.zip")
        check(f"same bytes with --sd-req {req}",
              dict(commands_of("ours.zip")) == dict(commands_of("theirs.zip")))


def test_refusals(assay, nrfutil):
    for name, options in WRONG.items():
        ours = assay.run("pkg", "generate", *options, "no.zip")
        theirs = nrfutil.run("pkg", "generate", *options, "theirs.zip")
        check(f"exit code, {name}", ours[0] == theirs[0] == 2,
              f"{ours[0]} {theirs[0]}")
        check(f"sentence, {name}", error_of(ours[2]) is not None and
              error_of(ours[2]) == error_of(theirs[2]),
              f"{error_of(ours[2])} / {error_of(theirs[2])}")
        check(f"nothing written, {name}", not os.path.exists("no.zip"))


def test_zigbee(assay, nrfutil):
    options = HW + REQ + ["--application", "raw.bin",
                          "--application-version", "0x01010101",
                          "--zigbee", "1", "--zigbee-manufacturer-id", "123",
                          "--zigbee-image-type", "321",
                          "--zigbee-comment", "good_image",
                          "--zigbee-ota-hw-version", "52",
                          "--zigbee-ota-fw-version", "0x01010101"]
    more = ["--zigbee-ota-min-hw-version", "1",
            "--zigbee-ota-max-hw-version", "99"]
    name = "007B-0141-01010101-good_image.zigbee"
    for extra in ([], more):
        with open("raw.bin", "wb") as f:
            f.write(bytes(range(100)))
        assay.run("pkg", "generate", *options, *extra, "--unsigned",
                  "ours.zip")
        with open(name, "rb") as f:
            ours = f.read()
        nrfutil.run("pkg", "generate", *options, *extra, "theirs.zip")
        with open(name, "rb") as f:
            check(f"same Zigbee file {len(extra)}", ours == f.read())
        differ = members_differ("ours.zip", "theirs.zip")
        check(f"same Zigbee package {len(extra)}", differ is None, differ)


def test_settings(assay, nrfutil):
    families = ["NRF51", "NRF52", "NRF52QFAB", "NRF52810", "NRF52840"]
    image = ["--application", "app.hex", "--application-version", "3"]
    kinds = {
        "no application": [],
        "application": image,
        "no backup": image + ["--no-backup"],
        "version string": ["--application", "app.hex",
                           "--application-version-string", "1.2.3"],
        "start address": image + ["--start-address", "0x7f000"],
        "SoftDevice": image + ["--softdevice", "sd.hex",
                               "--sd-boot-validation",
                               "VALIDATE_GENERATED_SHA256"],
    }
    for kind in VALIDATIONS[:3]:
        kinds[kind] = image + ["--app-boot-validation", kind]
    for family, version, (name, extra) in itertools.product(
            families, "12", kinds.items()):
        options = ["--family", family, "--bootloader-version", "2",
                   "--bl-settings-version", version, *extra]
        ours = assay.run("settings", "generate", *options, "ours.hex")
        theirs = nrfutil.run("settings", "generate", *options, "theirs.hex")
        label = f"settings {family} {version} {name}"
        check(f"exit, {label}", ours[0] == theirs[0], ours[2] + theirs[2])
        if theirs[0] == 0 and ours[0] == 0:
            with open("ours.hex", "rb") as a, open("theirs.hex", "rb") as b:
                check(f"same bytes, {label}", a.read() == b.read())


def without_date(text):
    return [x for x in text.splitlines() if "automatically generated" not in x]


def test_keys(assay, nrfutil):
    assay.run("keys", "generate", "--force", "ours.pem")
    nrfutil.run("keys", "generate", "theirs.pem")
    for key, form, path in itertools.product(
            ("pk", "sk"), ("hex", "code", "pem", "dbgcode"),
            ("ours.pem", "theirs.pem", "key.pem")):
        args = ["keys", "display", "--key", key, "--format", form, path]
        ours, theirs = assay.run(*args), nrfutil.run(*args)
        label = f"keys display {key} {form} {path}"
        check(f"exit, {label}", ours[0] == theirs[0],
              f"{ours[0]} {theirs[0]} {ours[2]}")
        check(f"same text, {label}",
              without_date(ours[1]) == without_date(theirs[1]), ours[1])


def main():
    assay, nrfutil = Tool(sys.argv[1]), Tool(sys.argv[2])
    blink = os.path.abspath(sys.argv[4])
    os.makedirs(sys.argv[3], exist_ok=True)
    os.chdir(sys.argv[3])
    make_images(blink)
    assay.run("keys", "generate", "--force", "key.pem")
    with open("key.pem", encoding="ascii") as f:
        key = ecdsa.SigningKey.from_pem(f.read()).get_verifying_key()
    test_packages(assay, nrfutil, key)
    test_sd_req_order(assay, nrfutil)
    test_refusals(assay, nrfutil)
    test_zigbee(assay, nrfutil)
    test_settings(assay, nrfutil)
    test_keys(assay, nrfutil)
    print(f"interop: {CHECKS['passed']} passed, {CHECKS['failed']} failed")
    return 0 if CHECKS["failed"] == 0 and CHECKS["passed"] > 300 else 1


if __name__ == "__main__":
    sys.exit(main())
