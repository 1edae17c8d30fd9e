#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Run the field arithmetic of a Cortex-M4 program in an emulator and compare
it with the integers of Python.

usage: field.py PROGRAM.elf [N]

Every function of crypto/p256_field.h and crypto/fe25519.h that PROGRAM.elf has
is run N times (20000 if not given), on random and on extreme operands, with its
results apart from its operands and in their places. Beside the results, nothing
near the operands may change, nor a register that a function has to preserve.
"""
import dataclasses
import itertools
import os
import random
import re
import sys
from typing import Callable

from unicorn import arm_const

sys.dont_write_bytecode = True
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tests"))
# pylint: disable=wrong-import-position
import cortex_m4 as m4

HEADERS = ["crypto/p256_field.h", "crypto/fe25519.h"]
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P25519 = 2**255 - 19
R = 2**256
R_INVERSE = pow(R, -1, P256)
WORDS = [0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff]
PRESERVED = [getattr(arm_const, f"UC_ARM_REG_R{i}") for i in range(4, 12)]
PRESERVED.append(arm_const.UC_ARM_REG_SP)


@dataclasses.dataclass
class Function:
    """meaning: from the operands and the number behind them, what the results
    are mod prime. numbers: the values of that number; none if it has none.
    exact: a result is the smallest of its class. wide: the limit of the operand
    that may be the largest; the others are below limit."""
    prime: int
    operands: int
    meaning: Callable
    exact: bool
    limit: int
    wide: int
    results: int = 1
    numbers: tuple = ()


def p256(operands, meaning, wide=P256):
    return Function(P256, operands, meaning, True, P256, wide)


def p25519(operands, meaning, exact=False, **more):
    return Function(P25519, operands, meaning, exact, R, R, **more)


FUNCTIONS = {
    "assay_p256_fe_mul": p256(2, lambda a, b: [a * b * R_INVERSE], R),
    "assay_p256_fe_sqr": p256(1, lambda a: [a * a * R_INVERSE]),
    "assay_p256_fe_add": p256(2, lambda a, b: [a + b]),
    "assay_p256_fe_sub": p256(2, lambda a, b: [a - b]),
    "assay_p256_fe_half": p256(1, lambda a: [a * (P256 + 1) // 2]),
    "assay_fe25519_add": p25519(2, lambda a, b: [a + b]),
    "assay_fe25519_sub": p25519(2, lambda a, b: [a - b]),
    "assay_fe25519_add_sub": p25519(2, lambda a, b: [a + b, a - b], results=2),
    "assay_fe25519_mul": p25519(2, lambda a, b: [a * b]),
    "assay_fe25519_sqr": p25519(1, lambda a: [a * a]),
    "assay_fe25519_sqr_times": p25519(
        1, lambda a, n: [pow(a, 2**n, P25519)], numbers=(1, 2, 3, 5)),
    "assay_fe25519_canonical": p25519(1, lambda a: [a], exact=True),
}


def declared():
    """The functions of the headers."""
    for header in HEADERS:
        with open(os.path.join(ROOT, header), encoding="utf-8") as f:
            yield from re.findall(r"^void (assay_\w+)\(", f.read(), re.M)


# --- operands -----------------------------------------------------------------

def extreme(prime):
    """Numbers at the ends of ranges, and around powers of 2^32."""
    near = [0, prime, 2 * prime, 2**255, R] + [2**(32 * k) for k in range(8)]
    near += [prime // 2, prime - 2**224, prime - 2**96, R - 2**224, R - 2**128]
    return sorted({x + d for x in near for d in range(-3, 4)
                   if 0 <= x + d < R})


def operand(source, extremes, prime, limit):
    """A number below limit: one from anywhere, an extreme one, or one whose
    words are extreme, as they are or taken from prime - 1 or 2^256 - 1."""
    while True:
        kind = source.randrange(6)
        if kind == 0:
            return source.randrange(limit)
        if kind == 1:
            x = source.choice(extremes)
        else:
            words = WORDS if kind < 4 else [0, 0, 0, 0xffffffff, 1]
            x = sum(source.choice(words) << 32 * i for i in range(8))
            x = {2: x, 3: prime - 1 - x, 4: x, 5: R - 1 - x}[kind]
        if 0 <= x < limit:
            return x


def placements(function):
    """Where results and operands are: all apart, then in the places of each
    other, as far as no two results are in one place."""
    found = []
    for operands in {tuple(range(function.operands)), (0,) * function.operands}:
        places = sorted(set(operands)) + list(
            range(function.operands, function.operands + function.results))
        found += [(results, operands) for results in
                  itertools.permutations(places, function.results)]
    return sorted(found)


# --- one function -------------------------------------------------------------

class Runner:
    """A machine with five numbers, 32 bytes of rubbish around each."""

    NUMBERS = 5

    def __init__(self, program):
        self.machine = m4.Machine(program)
        self.base = self.machine.place(bytes(64 * self.NUMBERS + 32))
        self.source = random.Random(1)

    def address(self, place):
        return self.base + 64 * place + 32

    def run(self, name, results, operands, values, number):
        """What is wrong with one call, or None."""
        function, uc = FUNCTIONS[name], self.machine.uc
        before = bytearray(self.source.randbytes(64 * self.NUMBERS + 32))
        for place, value in zip(operands, values):
            before[64 * place + 32:64 * place + 64] = value.to_bytes(32,
                                                                     "little")
        uc.mem_write(self.base, bytes(before))
        kept = [self.source.getrandbits(32) for _ in PRESERVED[:-1]]
        for register, value in zip(PRESERVED, kept):
            uc.reg_write(register, value)
        self.machine.call(name, *map(self.address, results + operands), *number)
        after = bytearray(uc.mem_read(self.base, len(before)))
        kept.append(m4.STACK_TOP)
        if [uc.reg_read(register) for register in PRESERVED] != kept:
            return "a register was not preserved"
        for place, want in zip(results, function.meaning(*values, *number)):
            there = slice(64 * place + 32, 64 * place + 64)
            got = int.from_bytes(after[there], "little")
            if (got if function.exact else got % function.prime) != \
                    want % function.prime:
                return f"result {got:#x}, expected {want % function.prime:#x}"
            after[there] = before[there]
        return None if after == before else "memory beside the result changed"


def operands_of(source, function, extremes):
    """One operand for each; which of them may be the largest is random."""
    widest = source.randrange(function.operands)
    return [operand(source, extremes, function.prime,
                    function.wide if i == widest else function.limit)
            for i in range(function.operands)]


def check(runner, name, n):
    """The first fault that n calls of a function show, or None."""
    function = FUNCTIONS[name]
    source = random.Random(name)
    extremes = extreme(function.prime)
    cases = itertools.cycle(itertools.product(
        placements(function), [(x,) for x in function.numbers] or [()]))
    for _ in range(n):
        (results, operands), number = next(cases)
        values = operands_of(source, function, extremes)
        if len(set(operands)) < len(operands):
            values = [min(values)] * len(values)
        fault = runner.run(name, results, operands, values, number)
        if fault:
            given = ", ".join([hex(v) for v in values] + [
                str(x) for x in number])
            return (f"{name}({given}), results in {results}, operands in "
                    f"{operands}: {fault}")
    return None


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    n = int(sys.argv[2]) if len(sys.argv) == 3 else 20000
    names = list(declared())
    unknown = sorted(set(names) - set(FUNCTIONS))
    if unknown:
        sys.exit(f"field: nothing is known here of {', '.join(unknown)}")
    program = m4.Program(sys.argv[1])
    names = [name for name in names if name in program.symbols]
    if not names:
        sys.exit(f"field: {sys.argv[1]} has no function of the fields")
    runner = Runner(program)
    for name in names:
        fault = check(runner, name, n)
        if fault:
            sys.exit(f"field: {fault}")
    print(f"field: {len(names)} functions, {n * len(names)} inputs, the "
          "program and Python agree")


if __name__ == "__main__":
    main()
