#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What the verifier costs on a Cortex-M4, beside the bars and beside peers.

usage: bench_m4.py ARM FOLDER RATES FAST... -- SMALL... -- PORTABLE...

ARM is the prefix of the compiler (arm-none-eabi-), FOLDER is for what is
built, RATES a program that prints verifications per second on this host. FAST,
SMALL and PORTABLE are the sources of the verifier in its three profiles. Run
in the root of the project. Ends with 1 when a bar is missed; the host's rates,
which depend on the machine, are printed and not tested.

Flash, stack and cycles are those of tests/budgets.py; here every signature
that vectors/ calls ordinary is verified, and the instructions must be the same
for each.
"""
import os
import statistics
import subprocess
import sys

sys.dont_write_bytecode = True
# pylint: disable=wrong-import-position
import budgets
import cortex_m4 as m4

N_SIGNATURES = 16
HASH_LENGTHS = 1024, 3072  # their difference has no padding in it
P256, ED25519 = "assay_p256_verify", "assay_ed25519_verify"
INITPKT = ["assay_initpkt_open", "assay_initpkt_read",
           "assay_verifier_policy"]

# Cycles, flash, stack; for hashes cycles are for a byte. None: no bar.
BARS = {
    "P-256, fast": ((1_000_000, 5000, 1500), "0.90 M cycles"),
    "P-256, small": ((5_000_000, 2400, 800), "3 M cycles"),
    "Ed25519 with SHA-512": ((750_000, 6000, 2000),
                             "0.65 M cycles, 5500 bytes"),
    "SHA-256": ((33, 2500, None), "28 cycles"),
    "SHA-512": ((82, 2600, None), "75 cycles"),
    "init packet and policy": ((None, 2000, None), ""),
}
HOST_BARS = (("P-256", 8000, 20000), ("Ed25519", 20000, 28000))

# Measured with the same compiler and the same model on the same vectors: what
# a verify-only link of each needs. Quoted, not measured again.
PEERS = """
what | peer | flags | flash | stack | cycles | uniform
P-256 | P256-Cortex-M4, assembly, FPU moves | -O3 | 5358 | 2056 | 895000 | no
P-256 | P256-Cortex-M4, assembly | -Os | 5290 | 2072 | 964000 | no
P-256 | wolfSSL sp_cortexm, small | -O3 | 20824 | 5916 | 3656000 | yes
P-256 | sweet-b, assembly | -O3 | 11252 | 944 | 4894000 | yes
P-256 | micro-ecc, UMAAL assembly | -O3 | 8250 | 884 | 6226000 | no
P-256 | TinyCrypt | -Os | 3750 | 836 | 19429000 | no
P-256 | p256-m | -Os | 2360 | 688 | 24523000 | yes
Ed25519 | libsodium ref10 | -O3 | 27926 | 3320 | 1624000 | no
Ed25519 | Monocypher | -Os | 10680 | 1672 | 2253000 | no
Ed25519 | compact25519 | -Os | 4814 | 1248 | 140767000 | yes
SHA-256 | OpenSSL armv4 assembly | -Os | 3264 | 240 | 34.55 | yes
SHA-256 | BearSSL | -O2 | 1578 | 592 | 44.34 | yes
SHA-512 | OpenSSL armv4 assembly, block only | -Os | 1928 | 976 | 83.44 | yes
SHA-512 | BearSSL | -O2 | 4034 | 1256 | 89.30 | yes
"""


def records(path, want):
    """The records of a vectors file with this verdict and the flag Valid."""
    with open(path, encoding="utf-8") as f:
        blocks = f.read().split("\n\n")
    for block in blocks[1:]:
        record = dict(line.split(" =", 1) for line in block.splitlines()
                      if " =" in line)
        record = {k: v.strip() for k, v in record.items()}
        if record.get("want") == want and "Valid" in record.get("flags", ""):
            yield {k: bytes.fromhex(v) for k, v in record.items()
                   if k in ("pub", "digest", "sig", "msg")}


class Profile:
    """The verifier in one profile, linked and ready to run."""

    def __init__(self, arm, folder, sources):
        os.makedirs(folder, exist_ok=True)
        self.arm, self.folder = arm, folder
        self.objects = budgets.build(arm, folder, sources)

    def flash(self, *roots):
        return budgets.flash_of(self.arm, self.folder, self.objects, roots)

    def machine(self, *roots):
        path = os.path.join(self.folder, "bench.elf")
        budgets.link(self.arm, path, self.objects,
                     [*roots, "image_bytes", "digest", "sha256", "sha512"])
        machine = m4.Machine(m4.Program(path, self.arm))
        machine.count()
        return machine


def verify(profile, function, path, names):
    """(cycles, flash, stack) of a signature's verification."""
    machine = profile.machine(function)
    ok = budgets.statuses()["OK"]
    counts, cycles, stack, free = set(), [], 0, machine.free + 0x8000
    for record in list(records(path, "OK"))[:N_SIGNATURES]:
        machine.free = free
        arguments = []
        for name in names:
            arguments.append(machine.place(record[name]))
            if name == "msg":
                arguments.append(len(record[name]))
        if machine.call(function, *arguments) != ok:
            raise SystemExit(f"bench-m4: {function} refused a valid signature")
        counts.add((machine.instructions, len(record.get("msg", b""))))
        cycles.append(machine.cycles)
        stack = max(stack, machine.stack())
    if len(counts) != len({length for _, length in counts}):
        raise SystemExit(f"bench-m4: {function}: instructions vary")
    return statistics.median(cycles), profile.flash(function), stack


def hash_cost(profile, name):
    """(cycles for a byte, flash, stack) of a hash function."""
    names = [f"assay_{name}_{verb}" for verb in ("init", "update", "final")]
    machine = profile.machine(*names)
    symbols = machine.program.symbols
    cycles, stack = [], 0
    for length in HASH_LENGTHS:
        total = 0
        for function, arguments in (
                (names[0], []), (names[1], [symbols["image_bytes"], length]),
                (names[2], [symbols["digest"]])):
            machine.call(function, symbols[name], *arguments)
            total += machine.cycles
            stack = max(stack, machine.stack())
        cycles.append(total)
    per_byte = (cycles[1] - cycles[0]) / (HASH_LENGTHS[1] - HASH_LENGTHS[0])
    return round(per_byte, 2), profile.flash(*names), stack


def p256(profile):
    return verify(profile, P256, "vectors/p256.txt",
                  ["pub", "digest", "sig"])


def ed25519(profile):
    return verify(profile, ED25519, "vectors/ed25519.txt",
                  ["pub", "msg", "sig"])


def figures(value):
    """Cycles, flash and stack as they are printed."""
    return [f"{v:,}".replace(",", " ") if isinstance(v, int)
            else "" if v is None else f"{v:g}" if v < 1000
            else f"{int(v):,}".replace(",", " ") for v in value]


def row(cells, widths):
    print("  ".join(c.ljust(w) if i == 0 else c.rjust(w)
                    for i, (c, w) in enumerate(zip(cells, widths))).rstrip())


def show(measured, portable):
    """The table; how many bars are missed."""
    widths = [23, 10, 7, 6, 11, 6, 6, 11, 6, 9]
    row(["", "cycles", "flash", "stack", "bar: cycles", "flash", "stack",
         "portable C", "flash", ""], widths)
    missed = 0
    for name, value in measured.items():
        bar, stretch = BARS[name]
        met = all(b is None or v <= b for v, b in zip(value, bar))
        missed += not met
        before = portable.get(name, (None, None, None))
        row([name] + figures(value) + figures(bar) + figures(before[:2])
            + ["met" if met else "MISSED"], widths)
        if stretch:
            row([f"  further: {stretch}"], [60])
    return missed


def main():
    arm, folder, rates = sys.argv[1:4]
    lists = " ".join(sys.argv[4:]).split(" -- ")
    fast, small, plain = (
        Profile(arm, os.path.join(folder, name), sources.split())
        for name, sources in zip(("fast", "small", "portable"), lists))
    measured = {
        "P-256, fast": p256(fast),
        "P-256, small": p256(small),
        "Ed25519 with SHA-512": ed25519(fast),
        "SHA-256": hash_cost(fast, "sha256"),
        "SHA-512": hash_cost(fast, "sha512"),
        "init packet and policy": (None, fast.flash(*INITPKT), None),
    }
    portable = {
        "P-256, fast": p256(plain),
        "Ed25519 with SHA-512": ed25519(plain),
        "SHA-256": hash_cost(plain, "sha256"),
        "SHA-512": hash_cost(plain, "sha512"),
    }
    print("Cortex-M4, " + " ".join(budgets.FLAGS))
    print("Cycles: modelled, without wait states, of a verification or for a "
          "byte hashed.\n")
    missed = show(measured, portable)
    print("\nPeers, as measured with the same model; the figures are quoted:")
    for line in PEERS.strip().splitlines():
        row(line.split(" | "), [8, 36, 5, 6, 6, 9, 7])
    found = subprocess.run([rates], check=True, capture_output=True,
                           text=True).stdout.split()
    print("\nThis host, native engine, one core (depends on the machine):")
    for (name, bar, stretch), rate in zip(HOST_BARS, found):
        print(f"  {name}: {rate} verifications a second "
              f"(bar {bar}, further {stretch})")
    if missed:
        raise SystemExit(f"bench-m4: {missed} bars missed")
    print("bench-m4: every bar on Cortex-M4 is met")


if __name__ == "__main__":
    main()
