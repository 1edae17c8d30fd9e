# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What a piece of machine code computes, as a graph of 32-bit words.

A Word is an operation on earlier words, and beside it the value that it has
in the run at hand. Equal operations are one Word. The operations:

  const v        input name
  add x y c      (x + y + c) mod 2^32       carry x y c    the bit above it
  mul_lo x y a   (x y + a) mod 2^32         mul_hi x y a   the word above it
  mul_lo x y a b and mul_hi x y a b   the same of x y + a + b < 2^64
  not x   and x y   or x y   xor x y   shl x k   shr x k   sar x k

c is a word that is 0 or 1; k is a plain number from 0 to 31.
"""
import hashlib

MASK = 0xFFFFFFFF


class Word:
    __slots__ = ("op", "args", "value", "index")

    def __init__(self, op, args, value, index):
        self.op, self.args, self.value, self.index = op, args, value, index

    def constant(self):
        return self.op == "const"

    def operands(self):
        return [a for a in self.args if isinstance(a, Word)]


def signed(x):
    return x - (1 << 32) if x >> 31 else x


MEANING = {
    "add": lambda x, y, c: x + y + c,
    "carry": lambda x, y, c: (x + y + c) >> 32,
    "mul_lo": lambda x, y, *a: x * y + sum(a),
    "mul_hi": lambda x, y, *a: (x * y + sum(a)) >> 32,
    "not": lambda x: ~x,
    "and": lambda x, y: x & y,
    "or": lambda x, y: x | y,
    "xor": lambda x, y: x ^ y,
    "shl": lambda x, k: x << k,
    "shr": lambda x, k: x >> k,
    "sar": lambda x, k: signed(x) >> k,
}


class Graph:
    def __init__(self):
        self.words = []
        self.known = {}

    def _word(self, op, args, value):
        key = (op, *(a.index if isinstance(a, Word) else ("k", a)
                     for a in args))
        if key not in self.known:
            word = Word(op, args, value & MASK, len(self.words))
            self.words.append(word)
            self.known[key] = word
        return self.known[key]

    def const(self, value):
        return self._word("const", (value & MASK,), value)

    def input(self, name, value):
        return self._word("input", (name,), value)

    def make(self, op, *args):
        values = [a.value if isinstance(a, Word) else a for a in args]
        value = MEANING[op](*values) & MASK
        if all(a.constant() for a in args if isinstance(a, Word)):
            return self.const(value)
        if op in ("shl", "shr", "sar") and args[1] == 0:
            return args[0]
        if op in ("add", "carry") and args[1].op == "not" and \
                args[1].args[0] is args[0]:
            # x - x with borrow, which compilers use to make a mask: no x in it.
            return self.make(op, self.const(MASK), self.const(0), args[2])
        if op in ("and", "xor"):
            for x, y in (args, args[::-1]):
                if op == "xor" and x is y:
                    return self.const(0)
                if y.constant() and y.value == MASK * (op == "and"):
                    return x
                if y.constant() and y.value == 0:
                    return self.const(0)
                if y.constant() and y.value == MASK:
                    return self.make("not", x)
        return self._word(op, args, value)


def cone(words, stop=()):
    """All words that the given ones depend on, up to stop, oldest first."""
    stop = set(stop)
    seen, todo = {}, list(words)
    while todo:
        word = todo.pop()
        if word.index not in seen:
            seen[word.index] = word
            if word not in stop:
                todo.extend(word.operands())
    return [seen[i] for i in sorted(seen)]


def fingerprint(words):
    """Equal for graphs that differ in nothing but the values of the run."""
    number, lines = {}, []
    for n, word in enumerate(cone(words)):
        number[word.index] = n
        args = [number[a.index] if isinstance(a, Word) else repr(a)
                for a in word.args]
        lines.append(f"{word.op} {args}")
    lines.append(str([number[w.index] for w in words]))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
