# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The words of a graph as exact polynomials over the integers.

A polynomial stands for the value of a word, not for its residue. Where a sum
or product may leave its word, it is split: s = low + 2^k high, with two new
variables, and the equation is kept. That a sum cannot leave its word follows
from the ranges of its terms or, where they are related, from the equations
around it: linear arithmetic over the rationals, decided by z3 with every
product of variables as one unknown. In the end every low part is replaced by
s - 2^k high; in a correct reduction the high parts cancel.

A word that has no such form becomes a variable of which only 0 <= v < 2^32
is known. That is sound and proves nothing. A low part is 0 where s, in which
every low part is replaced like this, has multiples of 2^k as coefficients only.
"""
import z3

from words import MASK, cone

WORD = 32


def plus(a, b, k=1):
    total = dict(a)
    for term, c in b.items():
        c = total.get(term, 0) + k * c
        if c:
            total[term] = c
        else:
            total.pop(term, None)
    return total


def times(a, b):
    product = {}
    for s, c in a.items():
        for t, d in b.items():
            term = tuple(sorted(s + t))
            product[term] = product.get(term, 0) + c * d
    return {t: c for t, c in product.items() if c}


def number(v):
    return {(): v} if v else {}


class Polynomials:
    def __init__(self, outputs):
        self.ranges, self.values, self.equation = [], [], {}
        self.names, self.splits, self.expanded = {}, {}, {}
        self.of, self.unreduced, self.queries = {}, {}, 0
        words = cone(outputs)
        self.carried = {w.args for w in words if w.op == "carry"}
        for word in words:
            polynomial = self._word(word)
            if self.value(polynomial) != word.value:
                raise AssertionError(f"polynomial of {word.op} is wrong")
            self.of[word.index] = polynomial
            self.unreduced.setdefault(word.index, polynomial)

    def variable(self, low, high, value):
        self.ranges.append((low, high))
        self.values.append(value)
        return {(len(self.ranges) - 1,): 1}

    def value(self, polynomial):
        total = 0
        for term, c in polynomial.items():
            for v in term:
                c *= self.values[v]
            total += c
        return total

    # --- from words to polynomials ------------------------------------------

    def _word(self, word):
        p = [self.of[a.index] for a in word.operands()]
        k = word.args[1] if len(word.args) > 1 else None
        if word.op == "const":
            return number(word.value)
        if word.op == "input":
            v = self.variable(0, MASK, word.value)
            self.names[word.args[0]] = v
            return v
        if word.op in ("add", "carry"):
            return self._sum(word, plus(plus(p[0], p[1]), p[2]))
        if word.op in ("mul_lo", "mul_hi"):
            total = times(p[0], p[1])
            for addend in p[2:]:
                total = plus(total, addend)
            return self.split(total, WORD)[word.op == "mul_hi"]
        if word.op == "not":
            return plus(number(MASK), p[0], -1)
        if word.op == "shl":
            return self.split({t: c << k for t, c in p[0].items()}, WORD)[0]
        if word.op == "shr":
            return self.split(p[0], k)[1]
        if word.op == "sar" and k == 31:
            # All ones if the top bit is 1, else 0.
            return times(number(MASK), self.split(p[0], k)[1])
        found = self._bits(word, p) if word.op in ("and", "or") else None
        if found is None:
            return self.variable(0, MASK, word.value)
        return found

    def _bits(self, word, p):
        if word.op == "or":
            for x, y in ((p[0], p[1]), (p[1], p[0])):
                low, high = self.bounds(x)
                if all(c % (1 << high.bit_length()) == 0 for c in y.values()):
                    return plus(x, y)
            return None
        for x, mask in ((p[0], word.args[1]), (p[1], word.args[0])):
            if mask.op == "sar" and mask.args[1] == 31:
                top = self.split(self.of[mask.args[0].index], 31)[1]
                return times(x, top)
            if mask.constant():
                width = mask.value.bit_length()
                if mask.value == (1 << width) - 1:
                    return self.split(x, width)[0]
                low = (~mask.value & MASK).bit_length()
                if mask.value == MASK - ((1 << low) - 1):
                    return plus(x, self.split(x, low)[0], -1)
        return None

    def _sum(self, word, total):
        if word.op == "add" and word.args not in self.carried:
            # The carry is dropped. Over several such sums the carries may
            # depend on each other: look at the sum before any was dropped.
            whole = {}
            for a in word.operands():
                whole = plus(whole, self.unreduced[a.index])
            self.unreduced[word.index] = whole
            for candidate in (total, whole):
                found = self._fits(candidate)
                if found is not None:
                    self.unreduced[word.index] = found
                    return found
        return self.split(total, WORD)[word.op == "carry"]

    def _fits(self, total):
        """total mod 2^32 without a split, where the number of times that
        2^32 has to be taken off is provably always what it is in this run."""
        total = plus(total, number(self.value(total) >> WORD << WORD), -1)
        low, high = self.bounds(total)
        if low >= 0 and high <= MASK:
            return total
        if high > MASK and not self.impossible(total, MASK + 1, 1):
            return None
        if low < 0 and not self.impossible(total, -1, -1):
            return None
        v = self.variable(0, MASK, self.value(total))
        self.equation[next(iter(v))[0]] = (v, total)
        return v

    def bounds(self, polynomial):
        low = high = 0
        for term, c in polynomial.items():
            ends = [c, c]
            for v in term:
                r = self.ranges[v]
                ends = [x * y for x in ends for y in r]
                ends = [min(ends), max(ends)]
            low, high = low + ends[0], high + ends[1]
        return low, high

    def split(self, s, k):
        """(s mod 2^k, s div 2^k)."""
        if k == 0:
            return {}, s
        low, high = self.bounds(s)
        if low >= 0 and high < 1 << k:
            return s, {}
        key = (frozenset(s.items()), k)
        if key not in self.splits:
            self.splits[key] = self._split(s, k)
        return self.splits[key]

    def _split(self, s, k):
        even = min((c & -c).bit_length() - 1 for c in s.values())
        if even >= k:
            return {}, {t: c >> k for t, c in s.items()}
        if even:
            low, high = self.split({t: c >> even for t, c in s.items()},
                                   k - even)
            return {t: c << even for t, c in low.items()}, high
        for bits in range(1, k):
            # s = 2^bits (...) + rest with 0 <= rest < 2^bits
            rest = {t: c for t, c in s.items() if c % (1 << bits)}
            low, high = self.bounds(rest)
            if low >= 0 and high < 1 << bits and len(rest) < len(s):
                low, high = self.split({t: c >> bits for t, c in s.items()
                                        if t not in rest}, k - bits)
                return plus({t: c << bits for t, c in low.items()}, rest), high
        outer = {t: c >> k for t, c in s.items() if c % (1 << k) == 0}
        rest = {t: c for t, c in s.items() if c % (1 << k)}
        if outer:
            low, high = self.split(rest, k)
            if not high:
                return low, outer
        low, high = self.bounds(s)
        value = self.value(s)
        if value % (1 << k) == 0:
            whole = self.expand(s)
            if all(c % (1 << k) == 0 for c in whole.values()):
                above = self.variable(low >> k, high >> k, value >> k)
                v = next(iter(above))[0]
                self.equation[v] = ({(v,): 1 << k}, s)
                self.expanded[v] = {t: c >> k for t, c in whole.items()}
                return {}, above
        above = self.variable(low >> k, high >> k, value >> k)
        below = self.variable(0, (1 << k) - 1, value & ((1 << k) - 1))
        for v in (above, below):
            self.equation[next(iter(v))[0]] = (plus(below, above, 1 << k), s)
        return below, above

    # --- ranges by linear arithmetic ----------------------------------------

    def impossible(self, polynomial, limit, sign):
        """Is it shown that sign * polynomial >= sign * limit never holds?"""
        for depth in (2, 4, 8, 16):
            self.queries += 1
            solver = z3.SolverFor("QF_LRA")
            solver.set("timeout", 5000)
            unknowns, used = {}, set()
            solver.add(sign * self._linear(polynomial, unknowns) >=
                       sign * limit)
            for _ in range(depth):
                terms = [t for t in unknowns if t not in used]
                used.update(terms)
                for v in {v for t in terms for v in t}:
                    if v in self.equation:
                        left, right = self.equation[v]
                        solver.add(self._linear(left, unknowns) ==
                                   self._linear(right, unknowns))
            for term, unknown in unknowns.items():
                low, high = self.bounds({term: 1})
                solver.add(unknown >= low, unknown <= high)
            if solver.check() == z3.unsat:
                return True
        return False

    def _linear(self, polynomial, unknowns):
        total = z3.RealVal(polynomial.get((), 0))
        for term, c in polynomial.items():
            if term:
                if term not in unknowns:
                    unknowns[term] = z3.Real("u" + "_".join(map(str, term)))
                total = total + c * unknowns[term]
        return total

    # --- over the inputs alone, but for the high parts ----------------------

    def expand(self, polynomial):
        total = {}
        for term, c in polynomial.items():
            product = number(c)
            for v in term:
                product = times(product, self._expand_variable(v))
            total = plus(total, product)
        return total

    def _expand_variable(self, v):
        if v not in self.expanded:
            own = {(v,): 1}
            if v in self.equation:
                left, right = self.equation[v]
                if left.get((v,)) == 1:
                    own = plus(right, plus(left, {(v,): 1}, -1), -1)
                    own = self.expand(own)
            self.expanded[v] = own
        return self.expanded[v]

    def total(self, parts):
        """The sum of (word, coefficient), expanded."""
        total = {}
        for word, c in parts:
            total = plus(total, self.expand(self.of[word.index]), c)
        return total

    def low_words(self):
        """The expanded variables that are words."""
        for v, (low, high) in enumerate(self.ranges):
            if (low, high) == (0, MASK) and v in self.equation:
                yield self._expand_variable(v)
