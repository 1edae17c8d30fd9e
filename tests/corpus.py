#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Verify every published package of the corpus and compare each verdict with
the expected one. Prints a table; exits 0 only if every row agrees.

usage: corpus.py ASSAY [SHARED [OPTION...]]
Options are those of `assay verify`: --engine both.
"""
import glob
import json
import os
import subprocess
import sys


def verify(assay, keys, files):
    """One process for all files; returns the JSON object of each."""
    command = [assay, "verify", "--json", "--allow-published-keys"]
    command += sys.argv[3:]
    for key in keys:
        command += ["--key", key]
    run = subprocess.run(command + files, capture_output=True, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def fields_differ(command, image):
    """The first field of the init command that is not as expected."""
    wanted = {
        "fw_version": image["fw_version"],
        "hw_version": image["hw_version"],
        "sd_req": image["sd_req"],
        "type": image["type"],
        "sd_size": image["sizes"][0],
        "bl_size": image["sizes"][1],
        "app_size": image["sizes"][2],
        "is_debug": None if image["is_debug"] is None
        else bool(image["is_debug"]),
    }
    for name, value in wanted.items():
        if command[name] != value:
            return f"{name} is {command[name]}, expected {value}"
    if len(command["boot_validation"]) != image["n_boot_validation"]:
        return "number of boot validations"
    return None


def wanted_status(image):
    """The status that assay must give for an image of expected.json."""
    if image.get("kind") not in ("secure-signed", "secure-unsigned"):
        return "LEGACY_PACKAGE"
    if image["verify"] == "unsigned":
        return "SIGNATURE_MISSING"
    if image["verify"] == "unknown-key":
        return "SIGNATURE_INVALID"
    if image["hash_ok"] != "LE":
        return "IMAGE_DIGEST"
    return "OK" if image["size_ok"] else "IMAGE_SHORT"


def compare(got, image):
    """None when the report on one image agrees, else what does not."""
    status = got["genuine"]["status"]
    if status != wanted_status(image):
        return f"{status}, expected {wanted_status(image)}"
    if status == "LEGACY_PACKAGE":
        return None if got["key"] is None else "a legacy image has a signer"
    signer = os.path.basename(got["key"]["file"])[:8] if got["key"] else None
    if signer != image.get("signer"):
        return f"signed by {signer}, expected {image.get('signer')}"
    bytes_status = got["image"]["status"]
    if (bytes_status == "OK") != (image["hash_ok"] == "LE"
                                  and image["size_ok"]):
        return f"image bytes: {bytes_status}"
    return fields_differ(got["init_command"], image)


def match(images, slot):
    return next((i for i in images if i["slot"] == slot), None)


def rows(name, report, expected):
    """One row for each image: what was found, and what disagrees."""
    images = expected["images"]
    if len(report["images"]) != len(images):
        yield name, report["status"], f"{len(images)} images expected"
        return
    for got in report["images"]:
        image = match(images, got["slot"])
        fault = compare(got, image) if image else "no such image expected"
        yield f"{name} {got['slot']}", got["genuine"]["status"], fault
    genuine = all(wanted_status(i) == "OK" for i in images)
    if genuine != (report["verdict"] == "VERIFIED"):
        yield name, report["verdict"], "verdict on the whole package"


def main():
    assay = sys.argv[1]
    shared = sys.argv[2] if len(sys.argv) > 2 else "../shared"
    corpus = os.path.join(shared, "corpus")
    if not os.path.isfile(os.path.join(corpus, "expected.json")):
        print("left out: corpus: 107 packages need the corpus, "
              "which is not here")
        print("corpus: 0 passed, 0 failed")
        return 0
    with open(os.path.join(corpus, "expected.json"), encoding="utf-8") as f:
        expected = json.load(f)
    names = sorted(n for n in expected
                   if n.startswith(("sdfu/", "legacy-dfu/")))
    keys = sorted(glob.glob(os.path.join(corpus, "keys", "*.pem")))
    reports = verify(assay, keys, [os.path.join(corpus, n) for n in names])
    passed = failed = 0
    if len(reports) != len(names):
        print(f"{len(reports)} reports for {len(names)} packages")
        failed += 1
    for name, report in zip(names, reports):
        for row, status, fault in rows(name, report, expected[name]):
            passed += fault is None
            failed += fault is not None
            print(f"{'ok ' if fault is None else 'NOT'} {status:18} {row}"
                  + (f": {fault}" if fault else ""))
    print(f"corpus: {passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
