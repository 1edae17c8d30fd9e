#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Write budgets.md: flash, stack, instructions and modelled cycles of the
verifier on Cortex-M4, for each group of functions; and embedding.md, with the
figures that it quotes.

usage: budgets.py ARM FOLDER DOCS EMBED FAST... -- SMALL... -- PORTABLE...

ARM is the prefix of the compiler (arm-none-eabi-), FOLDER is for what is
built, DOCS for the two documents (the text of embedding.md comes from docs/),
EMBED has the verifier as a single file, FAST, SMALL and PORTABLE are all
sources of the verifier in its three profiles: everything is measured in the
first, and in the others what differs. Run in the root of the project. The
arguments of every call are in tests/budgets.c; the same compiler gives the
same documents.
"""
import hashlib
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import cortex_m4 as m4

FLAGS = ["-std=c11", "-I.", "-ffreestanding", "-Os", "-mcpu=cortex-m4",
         "-mthumb", "-ffunction-sections", "-fdata-sections"]
IMAGE = bytes((7 * i + 1) % 256 for i in range(4096))

# A call: function, arguments (names of tests/budgets.c, or numbers), what it
# must return: a status, None for nothing, or a number.
SHA256 = [("assay_sha256_init", ["sha256"], None),
          ("assay_sha256_update", ["sha256", "image_bytes", 4096], None),
          ("assay_sha256_final", ["sha256", "digest"], None)]
SHA512 = [("assay_sha512_init", ["sha512"], None),
          ("assay_sha512_update", ["sha512", "image_bytes", 4096], None),
          ("assay_sha512_final", ["sha512", "digest"], None)]
P256 = [("assay_p256_verify",
         ["p256_key", "p256_digest", "p256_signature"], "OK")]
ED25519 = [("assay_ed25519_verify",
            ["ed25519_key", "ed25519_message", 1, "ed25519_signature"], "OK")]
KEYS = [("assay_verifier_keys", ["keys"], "OK")]
INITPKT = [("assay_initpkt_open", ["p256_packet", 142, "envelope"], "OK"),
           ("assay_initpkt_read", ["*envelope", "*envelope+4", "command"],
            "OK")]
PACKET_P256 = [("assay_verifier_packet",
                ["p256_packet", 142, "keys", "verdict"], "OK")]
PACKET_ED25519 = [("assay_verifier_packet",
                   ["ed25519_packet", 142, "keys", "verdict"], "OK")]
POLICY = [("assay_verifier_policy", ["verdict", "device"], "OK")]
IMAGE_CALLS = [
    ("assay_verifier_image_start", ["image", "verdict"], "OK"),
    ("assay_verifier_image_update", ["image", "image_bytes", 4096], "OK"),
    ("assay_verifier_image_finish", ["image"], "OK")]
BOOT_P256 = [("assay_verifier_boot", ["p256_installed", "keys"], "OK")]
BOOT_ED25519 = [("assay_verifier_boot", ["ed25519_installed", "keys"], "OK")]
NORDIC = [("assay_verifier_nordic", [0x302], 0x0B04)]

# Name, what is run, calls; the roots of the link are the functions called.
GROUPS = [
    ("SHA-256", "4 KiB", SHA256),
    ("SHA-512", "4 KiB", SHA512),
    ("P-256 verify", "RFC 6979 A.2.5, \"sample\"", P256),
    ("Ed25519 verify", "RFC 8032 7.1, TEST 2", ED25519),
    ("key table", "one key of each algorithm", KEYS),
    ("init packet: open, read", "142 bytes", INITPKT),
    ("packet, signed P-256", "142 bytes, two keys", PACKET_P256),
    ("packet, signed Ed25519", "142 bytes, two keys", PACKET_ED25519),
    ("policy", "an application, two SoftDevices", POLICY),
    ("image", "4 KiB in one piece", IMAGE_CALLS),
    ("boot check, P-256", "142 bytes, 4 KiB", BOOT_P256),
    ("boot check, Ed25519", "142 bytes, 4 KiB", BOOT_ED25519),
    ("Nordic's answer", "a refused type", NORDIC),
]
# The groups that the other profiles change, by what docs call them there.
SMALL = {"P-256 verify": "P-256 verify, small",
         "key table": "key table, small",
         "boot check, P-256": "boot check, P-256, small"}
PORTABLE = {"SHA-256": "SHA-256, portable C",
            "SHA-512": "SHA-512, portable C",
            "P-256 verify": "P-256 verify, portable C",
            "Ed25519 verify": "Ed25519 verify, portable C",
            "boot check, P-256": "boot check, P-256, portable C",
            "boot check, Ed25519": "boot check, Ed25519, portable C"}
EVERYTHING = "everything public"
# The single file, compiled as a whole: every group of public functions.
SINGLE = {name: name + ", single file" for name, _, calls in GROUPS
          if all(c[0].startswith("assay_verifier_") for c in calls)}
SINGLE[EVERYTHING] = EVERYTHING + ", single file"


def run(*command):
    return subprocess.run(command, check=True, capture_output=True,
                          text=True).stdout


def build(arm, folder, sources, defines=()):
    objects = []
    for source in sources + ["tests/budgets.c"]:
        name = os.path.join(folder, source.replace("/", "_") + ".o")
        run(arm + "gcc", *FLAGS, *defines, "-c", "-o", name, source)
        objects.append(name)
    return objects


def link(arm, output, objects, roots):
    run(arm + "gcc", "-mcpu=cortex-m4", "-mthumb", "-nostdlib",
        "-Wl,--gc-sections", "-Wl,-e,0", "-Wl,-Ttext=0x100",
        "-Wl,--section-start=.bss=0x20000000",
        *[f"-Wl,-u,{root}" for root in roots], "-o", output, *objects)


def flash_of(arm, folder, objects, roots):
    path = os.path.join(folder, "size.elf")
    link(arm, path, objects, roots)
    text, data = run(arm + "size", path).splitlines()[1].split()[:2]
    return int(text) + int(data)


def statuses():
    with open("base/status.h", encoding="utf-8") as f:
        text = f.read()
    return {"OK": int(text.split("X(OK, ")[1].split(",")[0], 0)}


def argument(machine, text):
    """A number; the address of a symbol; *a+n: the word at that address."""
    if isinstance(text, int):
        return text
    if not text.startswith("*"):
        return machine.program.symbols[text]
    name, _, off = text[1:].partition("+")
    at = machine.program.symbols[name] + int(off or "0")
    return int.from_bytes(machine.read(at, 4), "little")


def measure(machine, calls, known):
    """(stack of the worst call, instructions, cycles) of these calls."""
    stack = instructions = cycles = 0
    for function, arguments, want in calls:
        got = machine.call(function, *[argument(machine, a)
                                       for a in arguments])
        if want is not None and got != known.get(want, want):
            raise SystemExit(f"budgets: {function} gave 0x{got:x}, "
                             f"expected {want}")
        stack = max(stack, machine.stack())
        instructions += machine.instructions
        cycles += machine.cycles
    return stack, instructions, cycles


def check_digest(machine, name):
    if not name.startswith("SHA-"):
        return
    want = hashlib.new("sha" + name[4:], IMAGE).digest()
    if machine.read(machine.program.symbols["digest"], len(want)) != want:
        raise SystemExit(f"budgets: {name} is wrong")


def table(arm, folder, sources, names=None, defines=()):
    """The rows of one profile; names: which groups, and what to call them."""
    os.makedirs(folder, exist_ok=True)
    objects = build(arm, folder, sources, defines)
    groups = [g for g in GROUPS if names is None or g[0] in names]
    roots = [list(dict.fromkeys(c[0] for c in calls))
             for _, _, calls in groups]
    every = list(dict.fromkeys(r for group in roots for r in group))
    constants = ["keys", "device", "p256_installed", "ed25519_installed",
                 "p256_digest", "p256_signature", "ed25519_message",
                 "ed25519_signature", "envelope", "command", "verdict",
                 "image", "sha256", "sha512", "digest"]
    path = os.path.join(folder, "run.elf")
    link(arm, path, objects, every + constants)
    machine = m4.Machine(m4.Program(path, arm))
    machine.place(IMAGE, machine.program.symbols["image_bytes"])
    machine.count()
    known = statuses()
    for (name, what, calls), called in zip(groups, roots):
        flash = flash_of(arm, folder, objects, called)
        stack, instructions, cycles = measure(machine, calls, known)
        check_digest(machine, name)
        yield (names[name] if names else name, what, flash, stack,
               instructions, cycles)
    title = EVERYTHING if names is None else names.get(EVERYTHING)
    if title:
        public = [r for r in every if r.startswith("assay_verifier_")]
        yield title, "", flash_of(arm, folder, objects, public), "", "", ""


HEAD = """# Budgets

What the verifier costs on a Cortex-M4. Written by `make budgets`; `make check`
measures again and fails when a figure differs, so that every growth is a
change that somebody committed.

- compiler: {compiler}
- flags: {flags}

Flash: text, constants and initialised data of a link whose only roots are the
group's functions, everything unused left out. Groups share code: they do not
add up. Stack: measured on an emulated processor, the deepest of the group's
calls, without interrupts. Instructions: exact, executed on an emulated
processor, all calls of the group together. Cycles: a model of the same run
without wait states: one for an instruction, two for a load (one behind another
load or store), one and one for each register of multiple and double transfers,
twelve for a division, two more for a branch taken. Milliseconds: these cycles
at 64 MHz. The arguments of every call are in tests/budgets.c.

Three profiles, with the same verdicts: fast, the default, with the field
arithmetic and the hashes in assembly; small (`CRYPTO=small`), with another
P-256; portable C, what another processor runs. The single file is that of
`make embed`, compiled with `-DASSAY_VERIFIER_M4` and its assembly; a compiler
sees all of it at once.

| group | run with | flash | stack | instructions | cycles | ms at 64 MHz |
|---|---|--:|--:|--:|--:|--:|
"""


# What docs/embedding.md calls each group.
QUOTED = [
    ("key table", "`assay_verifier_keys`, one key of each algorithm"),
    ("packet, signed P-256", "`assay_verifier_packet`, P-256"),
    ("packet, signed Ed25519", "`assay_verifier_packet`, Ed25519"),
    ("policy", "`assay_verifier_policy`"),
    ("image", "`assay_verifier_image_...`, together, 4 KiB"),
    ("boot check, P-256", "`assay_verifier_boot`, P-256, 4 KiB"),
    ("boot check, Ed25519", "`assay_verifier_boot`, Ed25519, 4 KiB"),
]
BEGIN, END = "<!-- measured by make budgets -->\n", "<!-- end -->\n"


# The promise of stack that covers a group: header, function, and which of the
# figures of its line "mem:".
PROMISES = {
    "P-256 verify": ("crypto/p256.h", "assay_p256_verify", 0),
    "Ed25519 verify": ("crypto/ed25519.h", "assay_ed25519_verify", 0),
    "key table": ("verifier/verifier.h", "assay_verifier_keys", 0),
    "packet, signed Ed25519": ("verifier/verifier.h", "assay_verifier_packet",
                               0),
    "packet, signed P-256": ("verifier/verifier.h", "assay_verifier_packet",
                             1),
    "boot check, Ed25519": ("verifier/verifier.h", "assay_verifier_boot", 0),
    "boot check, P-256": ("verifier/verifier.h", "assay_verifier_boot", 1),
}
WASTE = 1.1  # what is promised, over the most that was measured


def promised(header, function, which):
    """Bytes of stack, as the comment in front of a prototype says."""
    with open(header, encoding="utf-8") as f:
        comment = f.read().split(f" {function}(")[0].rsplit("/*", 1)[1]
    line = comment.split("* mem: ")[1].split("\n * ")[0]
    number, unit = re.findall(r"([\d.,]+) (bytes|kB)", line)[which]
    return round(float(number.replace(",", "")) * {"bytes": 1,
                                                   "kB": 1000}[unit])


def check_promises(rows):
    for group, (header, function, which) in PROMISES.items():
        most = max(stack for name, _, _, stack, _, _ in rows
                   if name == group or name.startswith(group + ", "))
        says = promised(header, function, which)
        if not most <= says <= WASTE * most:
            raise SystemExit(f"budgets: {header} promises {says} bytes of "
                             f"stack for {function} ({group}), measured: "
                             f"{most}")


FAULTS = "## Skipped instructions"


def campaigns():
    """What `make faults` found, as it stands in the document: it is too long
    to be measured again here."""
    with open("docs/budgets.md", encoding="utf-8") as f:
        text = f.read()
    return FAULTS + text.split(FAULTS)[1]


def milliseconds(cycles):
    return f"{cycles / 64000:.2f}" if cycles else ""


def budgets_text(compiler, rows):
    text = HEAD.format(compiler=compiler, flags=" ".join(FLAGS))
    for name, what, flash, stack, n, cycles in rows:
        text += f"| {name} | {what} | {flash} | {stack} | {n} | {cycles} | " \
                f"{milliseconds(cycles)} |\n"
    return text + """
Both algorithms are linked with every group that takes a key table: which keys
a device holds decides what runs, not what is linked.

""" + campaigns()


def sizes(arm, folder):
    """What the structures of a caller need, in bytes."""
    found = {}
    for line in run(arm + "nm", "-S", os.path.join(folder,
                                                   "run.elf")).splitlines():
        fields = line.split()
        if len(fields) == 4:
            found[fields[3]] = int(fields[1], 16)
    return (f"`struct assay_verdict` {found['verdict']} bytes, "
            f"`struct assay_image` {found['image']},\n"
            f"`struct assay_device` {found['device']}, "
            f"a key in a table {found['KEY'] // 2} and its bytes")


def embedding_text(rows, buffers):
    with open("docs/embedding.md", encoding="utf-8") as f:
        before, rest = f.read().split(BEGIN)
    after = rest.split(END)[1]
    found = {row[0]: row for row in rows}
    text = ("\n| call | stack, bytes | cycles | ms at 64 MHz |\n"
            "|---|--:|--:|--:|\n")
    for name, title in QUOTED:
        _, _, _, stack, _, cycles = found[SINGLE[name]]
        text += f"| {title} | {stack} | {cycles} | {milliseconds(cycles)} |\n"
    text += (f"\nFlash with all calls: {found[SINGLE[EVERYTHING]][2]} bytes; "
             "with the boot check alone: "
             f"{found[SINGLE['boot check, P-256']][2]}."
             f"\nBuffers: {buffers}.\n\n")
    return before + BEGIN + text + END + after


def main():
    arm, folder, docs, embed = sys.argv[1:5]
    os.makedirs(folder, exist_ok=True)
    compiler = run(arm + "gcc", "--version").splitlines()[0]
    fast, small, portable = (
        part.split() for part in " ".join(sys.argv[5:]).split(" -- "))
    single = [os.path.join(embed, "assay_verifier" + end)
              for end in (".c", "_m4.S")]
    rows = list(table(arm, folder, fast))
    rows += table(arm, os.path.join(folder, "single"), single, SINGLE,
                  ["-DASSAY_VERIFIER_M4"])
    rows += table(arm, os.path.join(folder, "small"), small, SMALL)
    rows += table(arm, os.path.join(folder, "portable"), portable, PORTABLE)
    check_promises(rows)
    for name, text in (("budgets.md", budgets_text(compiler, rows)),
                       ("embedding.md",
                        embedding_text(rows, sizes(arm, folder)))):
        with open(os.path.join(docs, name), "w", encoding="utf-8",
                  newline="\n") as f:
            f.write(text)


if __name__ == "__main__":
    main()
