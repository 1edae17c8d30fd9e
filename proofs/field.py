# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Prove that the field arithmetic of linked Cortex-M4 programs meets the
contracts of crypto/p256_field.h, crypto/p256_small_field.h and
crypto/fe25519.h.

usage: field.py [--only FUNCTION] PROGRAM.elf...

Every function is run with separate operands and with the result in the place
of each operand. Sums and products are proved by polynomials.py; what compares
or selects is proved over bit vectors, by z3 and by cvc5. Both start from the
same graph of words. A program that lacks a function is left out of its proof
if another program has it.
"""
import argparse
import random
import struct
import subprocess
import sys
import time

import z3

from machine import ARRAYS, STACK_TOP, NotModelled, Program, Run
from polynomials import Polynomials, number, plus, times
from words import MASK, Word, cone, fingerprint

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
N256 = 2**256 - 2**224 + 2**192 - 0x4319055258e8617b0c46353d039cdaaf
P25519 = 2**255 - 19
R = 2**256
BITS = 288
SOLVER_SECONDS = 240
PLACES = [ARRAYS, ARRAYS + 0x100, ARRAYS + 0x200, ARRAYS + 0x300]


class NotProved(Exception):
    pass


class Tally:
    """What was proved, for the line that says so."""

    def __init__(self):
        self.runs = self.instructions = self.variables = self.queries = 0
        self.bit_proofs = self.stack = 0
        self.known = set()

    def new(self, run):
        """Is this another graph than those already proved?"""
        key = fingerprint(run.out)
        new = key not in self.known
        self.known.add(key)
        return new


def limbs(x, n=8):
    return [x >> 32 * i & MASK for i in range(n)]


# --- bit vectors --------------------------------------------------------------

def bit_vectors(outputs, cut):
    """The outputs as z3 terms over the words of cut: {Word: z3 term}."""
    term = {w.index: t for w, t in cut.items()}
    for w in cone(outputs, cut):
        if w.index not in term:
            term[w.index] = bit_vector(w, [term[a.index]
                                           for a in w.operands()])
    return [term[w.index] for w in outputs]


def bit_vector(word, x):
    k = word.args[1] if len(word.args) > 1 else None
    if word.op == "input":
        raise NotProved(f"the result depends on {word.args[0]}")
    if word.op == "const":
        return z3.BitVecVal(word.value, 32)
    if word.op in ("add", "carry"):
        total = sum((z3.ZeroExt(1, y) for y in x[1:]), z3.ZeroExt(1, x[0]))
        if word.op == "add":
            return z3.Extract(31, 0, total)
        return z3.ZeroExt(31, z3.Extract(32, 32, total))
    if word.op in ("mul_lo", "mul_hi"):
        wide = [z3.ZeroExt(32, y) for y in x]
        total = sum(wide[2:], wide[0] * wide[1])
        return z3.Extract(*((31, 0) if word.op == "mul_lo" else (63, 32)),
                          total)
    return {"not": lambda: ~x[0], "and": lambda: x[0] & x[1],
            "or": lambda: x[0] | x[1], "xor": lambda: x[0] ^ x[1],
            "shl": lambda: x[0] << k, "shr": lambda: z3.LShR(x[0], k),
            "sar": lambda: x[0] >> k}[word.op]()


def symbols(name, n):
    return [z3.BitVec(f"{name}{i}", 32) for i in range(n)]


def joined(words):
    all_bits = z3.Concat(*reversed(words)) if len(words) > 1 else words[0]
    return z3.ZeroExt(BITS - all_bits.size(), all_bits)


def whole(v):
    return z3.BitVecVal(v, BITS)


def always(assumption, claim, what):
    """Two solvers, of different origin, find no counterexample."""
    solver = z3.SolverFor("QF_BV")
    solver.set("timeout", 1000 * SOLVER_SECONDS)
    solver.add(assumption, z3.Not(claim))
    answer = str(solver.check())
    if answer != "unsat":
        raise NotProved(f"{what}: z3 says {answer}")
    answer = subprocess.run(
        ["cvc5", "--lang", "smt2", f"--tlimit={1000 * SOLVER_SECONDS}", "-"],
        input="(set-logic QF_BV)\n" + solver.to_smt2(), text=True,
        capture_output=True, check=False).stdout.strip()
    if answer != "unsat":
        raise NotProved(f"{what}: cvc5 says {answer or 'nothing in time'}")


# --- claims about products ----------------------------------------------------

def weighted(words):
    """Words with their coefficients in a number."""
    return [(w, 1 << 32 * i) for i, w in enumerate(words)]


def difference(outputs, shift, target):
    """sum(outputs) 2^shift - target(a, b) as a polynomial, and all of them."""
    return difference_of(weighted(outputs), 0, shift, target)


def difference_of(parts, constant, shift, target):
    """The same for (sum of words with their coefficients + constant)."""
    all_of = Polynomials([w for w, _ in parts])
    a, b = {}, {}
    for i in range(8):
        a = plus(a, all_of.names.get(f"a{i}", {}), 1 << 32 * i)
        name = f"b{i}" if f"b{i}" in all_of.names else f"a{i}"
        b = plus(b, all_of.names.get(name, {}), 1 << 32 * i)
    total = plus(all_of.total(parts), number(constant))
    total = {t: c << shift for t, c in total.items()}
    return plus(total, target(a, b), -1), all_of


def divisible(polynomial, p):
    left = sum(1 for c in polynomial.values() if c % p)
    if left:
        raise NotProved(f"{left} of {len(polynomial)} coefficients are not 0 "
                        "mod p")


def minus(a, b):
    return plus(a, b, -1)


def fe25519(target):
    """out = target(a, b) mod 2^255 - 19 for all words a and b."""
    def check(run, tally):
        if not tally.new(run):
            return
        zero, all_of = difference(run.out, 0, target)
        divisible(zero, P25519)
        tally.variables += len(all_of.equation)
        tally.queries += all_of.queries
    return check


def fe25519_add_sub(run, tally):
    """The first 8 words are a + b, the last 8 are a - b."""
    if not tally.new(run):
        return
    for out, target in ((run.out[:8], plus), (run.out[8:], minus)):
        zero, all_of = difference(out, 0, target)
        divisible(zero, P25519)
        tally.variables += len(all_of.equation)
        tally.queries += all_of.queries


def fe25519_sqr_times(run, tally):
    """out = a^(2^n): one turn is a square, and n turns are the graph of one
    turn n times over, the results of each being the inputs of the next."""
    once = Run(run.program, run.function, run.arguments[:2] + [1], run.arrays,
               run.results)
    fe25519(times)(once, tally)
    words = [run.graph.input(f"a{i}", v) for i, v in enumerate(limbs(run.a))]
    for _ in range(run.arguments[2]):
        words = replayed(run.graph, once.out,
                         {f"a{i}": w for i, w in enumerate(words)})
    if words != run.out:
        raise NotProved("the turns differ")


def replayed(graph, outputs, inputs):
    """The outputs in a graph, with the given words as inputs."""
    made = {}
    for w in cone(outputs):
        if w.op == "input":
            made[w.index] = inputs[w.args[0]]
        elif w.op == "const":
            made[w.index] = graph.const(w.value)
        else:
            made[w.index] = graph.make(w.op, *(
                made[x.index] if isinstance(x, Word) else x for x in w.args))
    return [made[w.index] for w in outputs]


def p256_product(run, tally):
    """t 2^256 = a b + m p with m < 2^256, hence t < 2 p; then r = t mod p."""
    if not tally.new(run):
        return
    parts, constant = before_reduction(run)
    zero, all_of = difference_of(parts, constant, 256, times)
    divisible(zero, P256)
    multiple_fits({k: c // P256 for k, c in zero.items()}, all_of, 8)
    tally.variables += len(all_of.equation)
    tally.queries += all_of.queries
    cut = {w: z3.BitVec(f"t{i}", 32) for i, (w, _) in enumerate(parts)}
    bits = [z3.ULE(cut[w], 1) for w, _ in parts if w.op == "carry"]
    t = sum((joined([cut[w]]) * whole(c) for w, c in parts), whole(constant))
    r = joined(bit_vectors(run.out, cut))
    always(z3.And(*bits, z3.ULT(t, whole(2 * P256))),
           z3.And(below_p256(r), one_of(r, t, P256, 1)), "final reduction")
    tally.bit_proofs += 1


def n256_product(run, tally):
    """(r + c 2^256) 2^320 = a b + m n with m < 2^320, where c >= 0 is the carry
    out of r. Hence r + c 2^256 < 2^192 + n < 2^256 and c = 0."""
    if not tally.new(run):
        return
    zero, all_of = difference(run.out, 320, times)
    zero = {term: c for term, c in zero.items() if c != -1 << 256 + 320 or
            len(term) != 1 or all_of.ranges[term[0]][0] < 0}
    divisible(zero, N256)
    multiple_fits({k: c // N256 for k, c in zero.items()}, all_of, 10)
    tally.variables += len(all_of.equation)
    tally.queries += all_of.queries


def before_reduction(run):
    """t as words with their coefficients, and a constant. A wrong guess is not
    accepted, because t is then used as such."""
    ab = run.a * run.b
    t = ab + (-ab * pow(P256, -1, R)) % R * P256 >> 256
    for parts, constant in at_a_loop_end(run, t), at_the_mask(run):
        if parts and sum(w.value * c for w, c in parts) + constant == t:
            return parts, constant
    raise NotProved("no words are those of a b + m p")


def at_a_loop_end(run, t):
    """The nine words alive at the end of a loop whose values are those of t."""
    for end in reversed(run.loop_ends):
        alive = {x for w in cone(run.out) if w.index >= end
                 for x in w.operands() if x.index < end and not x.constant()}
        words = [[w for w in alive if w.value == v] for v in limbs(t, 9)]
        if all(len(found) == 1 for found in words):
            return weighted([found[0] for found in words]), 0
    return None, 0


def at_the_mask(run):
    """t - p, to which p is added under a mask: eight words, and as the ninth
    the carries that make the mask, less 1."""
    if any(w.op != "add" for w in run.out):
        return None, 0
    carries, todo = set(), [run.out[0].args[1]]
    while todo:
        word = todo.pop()
        if word.op == "carry":
            carries.add(word)
        else:
            todo.extend(word.operands())
    words = [w.args[0] for w in run.out]
    return weighted(words) + [
        (c, R) for c in sorted(carries, key=lambda c: c.index)], P256 - R


def multiple_fits(quotient, all_of, n_words):
    """quotient = sum(m_i 2^(32 i)) of so many words m_i."""
    for _ in range(n_words):
        for word in all_of.low_words():
            rest = plus(quotient, word, -1)
            if all(c % 2**32 == 0 for c in rest.values()):
                quotient = {t: c >> 32 for t, c in rest.items()}
                break
        else:
            break
    if quotient:
        raise NotProved("the multiple of the prime is not shown to be below "
                        f"2^{32 * n_words}")


# --- claims by bit vectors ----------------------------------------------------

def by_bits(claim):
    """A claim on (a, b, out) as whole numbers; it gives (assumption, claim)."""
    def check(run, tally):
        if not tally.new(run):
            return
        cut, names = {}, {}
        for w in run.graph.words:
            if w.op == "input" and w.args[0][0] in "ab" and \
                    w.args[0][1:].isdigit():
                names[w.args[0]] = cut[w] = z3.BitVec(w.args[0], 32)
        out = joined(bit_vectors(run.out, cut))
        a = joined([names[f"a{i}"] for i in range(8)])
        b = joined([names[f"b{i}"] for i in range(8)]) if "b0" in names else a
        always(*claim(a, b, out), claim.__name__)
        tally.bit_proofs += 1
    check.__doc__ = claim.__doc__
    return check


def below_p256(x):
    return z3.ULT(x, whole(P256))


def operands_below(a, b):
    return z3.And(below_p256(a), below_p256(b))


def one_of(x, total, p, most):
    """x is total minus a multiple of p, at most most times p."""
    return z3.Or([x + whole(k * p) == total for k in range(most + 1)])


@by_bits
def p256_add(a, b, out):
    return operands_below(a, b), z3.And(below_p256(out),
                                        one_of(out, a + b, P256, 1))


@by_bits
def p256_sub(a, b, out):
    return operands_below(a, b), z3.And(below_p256(out),
                                        one_of(a, out + b, P256, 1))


@by_bits
def p256_small_add(a, b, out):
    return z3.ULT(a + b, whole(2 * P256)), z3.And(
        below_p256(out), one_of(out, a + b, P256, 1))


@by_bits
def p256_half(a, b, out):
    return operands_below(a, b), z3.And(below_p256(out),
                                        one_of(a, out + out, P256, 1))


@by_bits
def fe25519_canonical(a, b, out):
    return True, z3.And(z3.ULT(out, whole(P25519)),
                        one_of(out, a, P25519, 2))


# --- the functions ------------------------------------------------------------

# function: (operands, prime, claim); its arguments are result, a and b.
FUNCTIONS = {
    "assay_p256_fe_mul": (2, P256, p256_product),
    "assay_p256_fe_sqr": (1, P256, p256_product),
    "assay_p256_fe_add": (2, P256, p256_add),
    "assay_p256_fe_sub": (2, P256, p256_sub),
    "assay_p256_fe_half": (1, P256, p256_half),
    "assay_fe25519_mul": (2, P25519, fe25519(times)),
    "assay_fe25519_sqr": (1, P25519, fe25519(times)),
    "assay_fe25519_add": (2, P25519, fe25519(plus)),
    "assay_fe25519_sub": (2, P25519, fe25519(minus)),
    "assay_fe25519_canonical": (1, P25519, fe25519_canonical),
    "assay_fe25519_add_sub": (2, P25519, fe25519_add_sub),
    "assay_fe25519_sqr_times": (1, P25519, fe25519_sqr_times),
}
# Places of the result and the operands: all apart, then in each other's place.
ALIASES = {1: [(0, 1), (1, 1)],
           2: [(0, 1, 2), (1, 1, 2), (2, 1, 2), (0, 1, 1), (1, 1, 1)]}
# The same for functions of another form: the places of the arguments, those
# before the last operands being results, and what follows the places.
FORMS = {
    "assay_fe25519_add_sub": [((s, d, a, b), ()) for s, d, a, b in (
        (0, 3, 1, 2), (0, 1, 1, 2), (0, 2, 1, 2), (1, 0, 1, 2), (2, 0, 1, 2),
        (1, 2, 1, 2), (2, 1, 1, 2), (0, 3, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1))],
    "assay_fe25519_sqr_times": [(places, (n,)) for n in (1, 2, 3)
                                for places in ALIASES[1]],
}


# The machine of crypto/p256_small_field.h, step by step: its kind, the prime and
# the claim. A program of one step is at STEPS.
SMALL = "assay_p256_small_run"
STEPS, MACHINE, TRACE, TRACE_BEFORE = 0x00800000, ARRAYS, 4 * 159, 0xFEDCBA98
STEP_CLAIMS = {
    SMALL + ".MUL": (0, P256, p256_product),
    SMALL + ".MULN": (1, N256, n256_product),
    SMALL + ".ADD": (2, P256, p256_small_add),
    SMALL + ".SUB": (3, P256, p256_sub),
}
# Registers r, a, b: all apart, then in each other's place; modulo n, r is a.
STEP_PLACES = {P256: [(3, 17, 7), (3, 3, 7), (3, 17, 3), (3, 7, 7), (3, 3, 3),
                      (18, 0, 15)],
               N256: [(3, 3, 7), (3, 3, 3), (15, 15, 0)]}


def operand_values(prime, random_source):
    """Two runs a placing: one random, one at the ends of the range."""
    top = prime - 1 if prime == P256 else R - 1
    yield random_source.randrange(top), random_source.randrange(top)
    yield top, top - 1


def prove_step(program, function, tally):
    """The result of the step, and that it adds itself to the trace."""
    kind, prime, claim = STEP_CLAIMS[function]
    random_source = random.Random(function)
    for r, a, b in STEP_PLACES[prime]:
        program.put(STEPS, struct.pack("<HH", kind << 14 | r << 9 | a << 4 | b,
                                       0))
        constants = {MACHINE + TRACE: TRACE_BEFORE}
        if prime == N256:
            behind = MACHINE + 32 * (r + 1)
            constants.update({behind: 0, behind + 4: 0})
        for va, vb in operand_values(prime, random_source):
            arrays = {"a": (MACHINE + 32 * a, limbs(va))}
            if a != b:
                arrays["b"] = (MACHINE + 32 * b, limbs(vb))
            run = Run(program, SMALL, [MACHINE, STEPS], arrays,
                      [MACHINE + 32 * r], constants)
            run.a, run.b = va, vb if a != b else va
            claim(run, tally)
            trace = run.memory[MACHINE + TRACE]
            if not trace.constant() or trace.value != TRACE_BEFORE + 32 * (
                    r + a - 2 * b) + (32, 40, -32, -32)[kind] & MASK:
                raise NotProved("the trace")
            tally.runs += 1
            tally.instructions += run.instructions
            tally.stack = max(tally.stack, STACK_TOP - run.lowest)


def prove(program, function, tally):
    if function in STEP_CLAIMS:
        prove_step(program, function, tally)
        return
    operands, prime, claim = FUNCTIONS[function]
    random_source = random.Random(function)
    for places, more in FORMS.get(function) or [
            (places, ()) for places in ALIASES[operands]]:
        for a, b in operand_values(prime, random_source):
            addresses = [PLACES[i] for i in places]
            last = addresses[-operands:]
            arrays = {"a": (last[0], limbs(a))}
            if last[-1] != last[0]:
                arrays["b"] = (last[-1], limbs(b))
            results = addresses[:-operands] or addresses
            run = Run(program, function, addresses + list(more), arrays,
                      results)
            run.a, run.b = a, b if "b" in arrays else a
            claim(run, tally)
            tally.runs += 1
            tally.instructions += run.instructions
            tally.stack = max(tally.stack, STACK_TOP - run.lowest)


def report(function, tally, seconds):
    parts = [f"{tally.runs} runs", f"{tally.instructions} instructions"]
    if tally.variables:
        parts.append(f"{tally.variables} split variables, {tally.queries} "
                     "range queries")
    if tally.bit_proofs:
        parts.append(f"{tally.bit_proofs} by z3 and by cvc5")
    print(f"proofs: {function}: proved for {len(tally.known)} different "
          f"graphs ({', '.join(parts)}; {seconds:.1f} s)", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=[*FUNCTIONS, *STEP_CLAIMS])
    parser.add_argument("programs", nargs="+")
    arguments = parser.parse_args()
    programs = [Program(path) for path in arguments.programs]
    failed = 0
    for function in [arguments.only] if arguments.only else [
            *FUNCTIONS, *STEP_CLAIMS]:
        tally, start = Tally(), time.time()
        try:
            have = [p for p in programs
                    if function.split(".")[0] in p.symbols]
            for program in have or programs:
                prove(program, function, tally)
        except (NotProved, NotModelled) as fault:
            print(f"proofs: {function} in {program.path}: NOT PROVED: {fault}",
                  file=sys.stderr)
            failed = 1
        else:
            report(function, tally, time.time() - start)
    return failed


if __name__ == "__main__":
    sys.exit(main())
