#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Write tests/m4/aimed.h: python3 tests/m4/aimed.py [FILE]

Forgeries that are valid if one certain thing goes wrong, for the campaign that
skips instructions (tests/m4/faults.c). They are made of public values alone,
for the packet and the keys of tests/m4/scenarios.h. Each is tried in a model:
the wrong computation accepts it, the right one refuses it.

P-256. The verifier accepts when R = a G + b Q has x = r, with a = e/s, b = r/s.
A fault changes a and b. A forger without the secret key can solve it when
  - a or b is known before r: choose the other, which gives R, r, and then s;
  - a/b is known before r: choose b, and R is b (a/b G + Q);
  - a or b takes few values: as before, with as many attempts;
  - R, or what it is compared with, is the same for all r and s.
Not solved, because a : b stays e : r or another function of r that has to hit x
(one line each, all for one fault):
  - s, or its inverse, is anything else; the division stops before its end;
  - a and b change places: ECDSA again, with G as key and e for r;
  - a = e s, b = r s, no inversion: s is 1/s;
  - the sum is doubled once too often or too seldom: s is 2 s or s / 2;
  - u1 = r as it lies there, b = r/s; or b = r, a = e/s; or a = e, b = r;
  - a or b has other digits (not recoded, negated, without a word): still one
    to one, and the other one depends on r;
  - e is another known number but 0: shortened, of another message, the key's x;
  - r is compared with Y, or x times a number: one more hash of the sum;
  - half of the digits of both are lost at the end: 2^128 attempts; less than
    64 of u2: 2^64.
Ed25519. The verifier accepts when R is S B - k A, k = H(R, A, M). A forger can
solve it when k does not depend on R, or takes few values; when k A is left out
or A is known as a multiple of B; when the sum is the same for all R. Not when
  - S is 0 or another number: R = -k A, where k depends on R;
  - M or A is not hashed: k still depends on R; the same for each part of k;
  - the sign of A or of the sum is lost: another key, as unknown as A.
"""

import hashlib
import os
import random
import sys

# --- P-256 -------------------------------------------------------------------

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
G = (0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
     0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5)
Q = (0x0217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed,
     0x194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794)


def add(u, v):
    """u + v on P-256; None is infinity."""
    if u is None or v is None:
        return u or v
    if u[0] == v[0] and (u[1] + v[1]) % P == 0:
        return None
    if u == v:
        slope = 3 * (u[0]**2 - 1) * pow(2 * u[1], -1, P)
    else:
        slope = (v[1] - u[1]) * pow(v[0] - u[0], -1, P)
    x = (slope**2 - u[0] - v[0]) % P
    return x, (slope * (u[0] - x) - u[1]) % P


def mul(k, u):
    """k u on P-256."""
    result = None
    for bit in bin(k % N)[2:]:
        result = add(result, result)
        if bit == '1':
            result = add(result, u)
    return result


def both(a, b):
    """a G + b Q."""
    return add(mul(a, G), mul(b, Q))


def over(a, s):
    """a / s mod n; 0 for s = 0, as the verifier divides."""
    return a * pow(s, -1, N) % N if s % N else 0


def digits(k):
    """The bits of k in the digits 1 and -1, as the verifier recodes it."""
    return (k + 2**256 - 1) // 2 if k % 2 else \
        (N - k + 2**256 - 1) // 2 ^ (2**256 - 1)


def signed(bits, n_bits):
    """The number that n_bits bits stand for in the digits 1 and -1."""
    return 2 * (bits % 2**n_bits) - (2**n_bits - 1)


def column(d, i):
    """What column i of u1 counts, with the digits d."""
    return sum((2 * (d >> i + 64 * j & 1) - 1) * 2**(64 * j) for j in range(4))


class Ecdsa:
    """Forgeries for one digest and Q; seeded, so that they stay."""

    def __init__(self, message):
        self.e = int.from_bytes(hashlib.sha256(message).digest(), 'big')
        self.random = random.Random('aimed forgeries of P-256')
        self.list = []

    def number(self):
        """A number from 1 to n - 1."""
        return self.random.randrange(1, N)

    def accepts(self, wrong, r, s):
        """Whether a verifier accepts that makes a, b or R by wrong."""
        point = wrong(r, s)
        if isinstance(point[0], tuple):     # a, b; and no more
            point = both(*point[0])
        return point is not None and point[0] % N == r

    def right(self, r, s):
        """What the verifier makes."""
        return ((over(self.e, s), over(r, s)),)

    def put(self, name, wrong, r, s):
        """One forgery, when its model holds."""
        assert self.accepts(wrong, r, s), name
        self.plain(name, r, s)

    def plain(self, name, r, s):
        """One forgery that has no model; the right way must refuse it."""
        in_range = 0 < r < N and 0 < s < N
        assert not (in_range and self.accepts(self.right, r, s)), name
        self.list.append((name, r.to_bytes(32, 'little') +
                          s.to_bytes(32, 'little')))

    def factors(self):
        """a and b are one of few numbers, or equal, or known."""
        e = self.e
        for of, top in (('e', lambda r: e), ('r', lambda r: r)):
            k = self.number()
            r = mul(k, G)[0] % N
            self.put(f'u2 = 0, u1 = {of}/s', lambda r, s, top=top:
                     ((over(top(r), s), 0),), r, over(top(r), k))
            k = self.number()
            r = mul(k, Q)[0] % N
            self.put(f'u1 = 0, u2 = {of}/s', lambda r, s, top=top:
                     ((0, over(top(r), s)),), r, over(top(r), k))
            k = self.number()
            r = both(k, k)[0] % N
            self.put(f'u1 = u2 = {of}/s', lambda r, s, top=top:
                     ((over(top(r), s),) * 2,), r, over(top(r), k))
            k = self.number()
            r = both(k, -k)[0] % N
            self.put(f'u1 = -u2 = {of}/s', lambda r, s, top=top:
                     ((over(top(r), s), -over(top(r), s)),), r,
                     over(top(r), k))
        for name, a in (('e', e), ('1', 1), ('-1', N - 1)):
            k = self.number()
            r = both(a, k)[0] % N
            self.put(f'u1 = {name}', lambda r, s, a=a: ((a, over(r, s)),), r,
                     over(r, k))
        for name, b in (('1', 1), ('-1', N - 1)):
            k = self.number()
            r = both(k, b)[0] % N
            self.put(f'u2 = {name}', lambda r, s, b=b: ((over(e, s), b),), r,
                     over(e, k))

    def top_of(self, low):
        """u2 with random digits, whose bits from low on give b: b and u2."""
        while True:
            d = self.random.randrange(2**255, 2**256)
            u2 = signed(d, 256)
            if u2 < N:
                return signed(d >> low, 256 - low), u2

    def first_digits(self):
        """The loop of the sum is left early."""
        for n_digits in (1, 2, 3, 16, 47):
            low = 256 - 4 * n_digits
            b, u2 = self.top_of(low)
            r = mul(b, Q)[0] % N
            self.put(f'the first {n_digits} digits of u2',
                     lambda r, s, low=low, n=n_digits: ((0, signed(
                         digits(over(r, s)) >> low, 4 * n)),), r, over(r, u2))
        for i in (64, 63):
            def wrong(r, s, i=i):
                a = 0
                for j in range(63, i - 1, -1):
                    a = 2 * a + column(digits(over(self.e, s)), j)
                return ((a, signed(digits(over(r, s)) >> i, 256 - i)),)
            self.put(f'all but the last {i} bits', wrong, *self.found(wrong, i))

    def found(self, wrong, i):
        """By trial: r and s for wrong, which has the bits from i on."""
        while True:
            b, u2 = self.top_of(i)
            a = 0
            for _ in range(63, i - 1, -1):
                a = 2 * a + column(self.random.getrandbits(256), 0)
            r = both(a, b)[0] % N
            s = over(r, u2)
            if wrong(r, s)[0][0] == a:
                return r, s

    def last_digits(self):
        """The sum begins anew near its end, or keeps one point."""
        def column_of(s):
            return column(digits(over(self.e, s)), 0)

        def digit_of(r, s):
            return signed(digits(over(r, s)), 4)

        def negative(r, s):
            return (-mul(digit_of(r, s), Q)[0] % P, 0)

        for name, wrong in (
                ('the last digit of u2', lambda r, s: ((0, digit_of(r, s)),)),
                ('the last column of u1', lambda r, s: ((column_of(s), 0),)),
                ('the last column and digit', lambda r, s:
                 ((column_of(s), digit_of(r, s)),)),
                ('minus the x of the last digit', negative)):
            r = s = 1
            while not self.accepts(wrong, r, s):
                s = self.number()
                point = wrong(r, s)
                if isinstance(point[0], tuple):
                    point = both(*point[0])
                r = point[0] % N
            self.put(name, wrong, r, s)

    def leftover(self):
        """The sum is not stored: the ratios of the table are in its place."""
        x, y = Q
        m = 3 * (x * x - 1) * pow(2, -1, P) % P
        u = (m * m - 2 * x * y * y) % P
        v = (m * (x * y * y - u) - y**4) % P
        p = (x * y * y % P, y**4 % P)
        z, ratio = 1, []
        for _ in range(3):
            h = (u * z * z - p[0]) % P
            t = (v * z**3 - p[1]) % P
            w = p[0] * h * h % P
            nx = (t * t - h**3 - 2 * w) % P
            p = (nx, (t * (w - nx) - p[1] * h**3) % P)
            z = z * h % P
            ratio.append(h)
        r = ratio[0] * pow(ratio[2], -2, P) % P % N
        self.put('no sum', lambda _r, _s: (r, 0), r, self.number())

    def rounds(self):
        """What the small profile could lose: it adds digit by digit."""
        def recoded(k):
            return k + (0 if k % 2 else N)

        def first(k, j):
            return recoded(k) >> 256 - j | 1

        for j in (1, 6):
            def wrong(r, s, j=j):
                return ((first(over(self.e, s), j), first(over(r, s), j)),)
            a, r, s = 0, 1, 1
            while wrong(r, s)[0][0] != a:
                a, u2 = first(self.number(), j), self.number()
                r = both(a, first(u2, j))[0] % N
                s = over(r, u2)
            self.put(f'the first {j} bits', wrong, r, s)

        def last(r, s):
            return ((recoded(over(self.e, s)) % 4 - 2,
                     recoded(over(r, s)) % 4 - 2),)
        r = both(1, 1)[0] % N
        s = self.number()
        while not self.accepts(last, r, s):
            s = self.number()
        self.put('the last bit', last, r, s)

        # Half of the points to be added are lost.
        for name, sign in (('G + Q', -1), ('G - Q', 1)):
            def lost(r, s, sign=sign):
                a = over(self.e + sign * r, 2 * s)
                return ((a, sign * a),)
            k = self.number()
            r = both(k, sign * k)[0] % N
            self.put(f'{name} is infinity', lost, r,
                     over(self.e + sign * r, 2 * k))

    def out_of_range(self):
        """0 and n: where ranges or infinity are not looked at."""
        for name, r, s in (('r = s = 0', 0, 0), ('r = 0', 0, 5),
                           ('s = 0', 5, 0), ('r = s = n', N, N),
                           ('r = n', N, 5), ('s = n', 5, N)):
            self.plain(name, r, s)

    def make(self):
        """All of them."""
        self.factors()
        self.first_digits()
        self.last_digits()
        self.leftover()
        self.rounds()
        self.out_of_range()
        return self.list


# --- Ed25519 -----------------------------------------------------------------

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, FIELD) % FIELD


def plus(u, v):
    """u + v on edwards25519; the neutral element is (0, 1)."""
    t = D * u[0] * v[0] * u[1] * v[1]
    return ((u[0] * v[1] + v[0] * u[1]) * pow(1 + t, -1, FIELD) % FIELD,
            (u[1] * v[1] + u[0] * v[0]) * pow(1 - t, -1, FIELD) % FIELD)


def times(k, u):
    """k u on edwards25519."""
    result = (0, 1)
    for bit in bin(k % (8 * ORDER))[2:]:
        result = plus(result, result)
        if bit == '1':
            result = plus(result, u)
    return result


def minus(u):
    """-u."""
    return -u[0] % FIELD, u[1]


def encoded(u):
    """RFC 8032, 5.1.2."""
    return (u[1] | (u[0] & 1) << 255).to_bytes(32, 'little')


def decoded(b):
    """RFC 8032, 5.1.3."""
    y = int.from_bytes(b, 'little') % 2**255
    sign = b[31] >> 7
    xx = (y * y - 1) * pow(D * y * y + 1, -1, FIELD) % FIELD
    x = pow(xx, (FIELD + 3) // 8, FIELD)
    if x * x % FIELD != xx:
        x = x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    assert x * x % FIELD == xx
    return (x if x & 1 == sign else -x % FIELD), y


B = decoded(bytes.fromhex('58' + 31 * '66'))
KEY = bytes.fromhex('d75a980182b10ab7d54bfed3c964073a'
                    '0ee172f3daa62325af021a68f707511a')


def root(n, power, n_bits):
    """The first n_bits bits of the fraction of the root of n."""
    low, high = 0, 1 << n_bits + 8
    while high - low > 1:
        mid = (low + high) // 2
        if mid**power <= n << n_bits * power:
            low = mid
        else:
            high = mid
    return low % 2**n_bits


PRIMES = [n for n in range(2, 410) if all(n % i for i in range(2, n))]
STATE = [root(n, 2, 64) for n in PRIMES[:8]]
ROUND = [root(n, 3, 64) for n in PRIMES]


def compress(state, block):
    """One block of SHA-512, FIPS 180-4, 6.4.2."""
    def turned(x, *by):
        return [(x >> n | x << 64 - n) % 2**64 for n in by]

    w = [int.from_bytes(block[i:i + 8], 'big') for i in range(0, 128, 8)]
    for t in range(16, 80):
        a, b = turned(w[t - 15], 1, 8)
        c, d = turned(w[t - 2], 19, 61)
        w.append((w[t - 16] + w[t - 7] + (a ^ b ^ w[t - 15] >> 7) +
                  (c ^ d ^ w[t - 2] >> 6)) % 2**64)
    v = list(state)
    for t in range(80):
        x, y, z = turned(v[4], 14, 18, 41)
        t1 = v[7] + (x ^ y ^ z) + (v[4] & v[5] ^ ~v[4] & v[6]) + \
            ROUND[t] + w[t]
        x, y, z = turned(v[0], 28, 34, 39)
        t2 = (x ^ y ^ z) + (v[0] & v[1] ^ v[0] & v[2] ^ v[1] & v[2])
        v = [(t1 + t2) % 2**64, v[0], v[1], v[2], (v[3] + t1) % 2**64,
             v[4], v[5], v[6]]
    return [(x + y) % 2**64 for x, y in zip(state, v)]


def padded(message):
    """The blocks of SHA-512."""
    message += b'\x80' + bytes(-(len(message) + 17) % 128) + \
        (8 * len(message)).to_bytes(16, 'big')
    return [message[i:i + 128] for i in range(0, len(message), 128)]


def hash_of(state, blocks):
    """The digest, as the number that Ed25519 takes it for."""
    for block in blocks:
        state = compress(state, block)
    return int.from_bytes(b''.join(x.to_bytes(8, 'big') for x in state),
                          'little')


class Eddsa:
    """Forgeries for one message and A; seeded."""

    def __init__(self, message):
        self.message = message
        self.key = decoded(KEY)
        self.random = random.Random('aimed forgeries of Ed25519')
        self.list = []
        full = hashlib.sha512(KEY + message).digest()
        assert hash_of(STATE, padded(KEY + message)) == \
            int.from_bytes(full, 'little')

    def k(self, r):
        """The challenge."""
        return int.from_bytes(
            hashlib.sha512(r + KEY + self.message).digest(), 'little') % ORDER

    def put(self, name, wrong, r, s):
        """One forgery: wrong(r, s) is r, and the right sum is not."""
        assert wrong(r, s) == r, name
        sum_ = plus(times(s, B), times(-self.k(r), self.key))
        assert encoded(sum_) != r, name
        self.list.append((name, r + s.to_bytes(32, 'little')))

    def challenges(self):
        """k does not depend on R."""
        message = self.message
        s = self.random.randrange(ORDER)
        first = bytes(32) + KEY + message
        for name, k in (
                ('k = 0', 0), ('k = 1', 1),
                ('k of A, M', hash_of(STATE, padded(KEY + message))),
                ('k of A, A, M',
                 hash_of(STATE, padded(KEY + KEY + message))),
                ('k of S, A, M', hash_of(STATE, padded(
                    s.to_bytes(32, 'little') + KEY + message))),
                ('k of 0, A, M', hash_of(STATE, padded(first))),
                ('k of M', hash_of(STATE, padded(message))),
                ('k without the first block',
                 hash_of(STATE, padded(first)[1:])),
                ('k of no block', hash_of(STATE, [])),
                ('all digits of k are -8', -8 * (16**64 - 1) // 15)):
            k %= ORDER
            self.put(name, lambda r, s, k=k: encoded(
                plus(times(s, B), times(-k, self.key))),
                encoded(plus(times(s, B), times(-k, self.key))), s)
        for name, cut in (('the first digit of k', lambda k: (
                k + 8 * (16**64 - 1) // 15 >> 252) - 8),
                          ('the last digit of k', lambda k: (
                              (k + 8) % 16 - 8))):
            def wrong(r, s, cut=cut):
                return encoded(plus(times(s, B),
                                    times(-cut(self.k(r)), self.key)))
            r = None
            while r is None or wrong(r, s) != r:
                s = self.random.randrange(ORDER)
                r = wrong(r or bytes(32), s)
            self.put(name, wrong, r, s)

    def sums(self):
        """The sum is known, or A is."""
        s = self.random.randrange(ORDER)
        for name, point in (('the sum is A', self.key),
                            ('the sum is -A', minus(self.key)),
                            ('the sum is B', B), ('the sum is -B', minus(B)),
                            ('the sum is 2B', times(2, B)),
                            ('the sum is -2A', times(-2, self.key))):
            self.put(name, lambda r, s, point=point: encoded(point),
                     encoded(point), s)
        for name, r in (('y = 0', bytes(32)),
                        ('y = 0, minus', bytes(31) + b'\x80'),
                        ('y = 1', b'\1' + bytes(31)),
                        ('y = 1, minus', b'\1' + bytes(30) + b'\x80'),
                        ('y = -1', encoded((0, FIELD - 1)))):
            self.put(name, lambda r, s, y=r: y, r, s)
        self.put('the sum is neutral, S = 0', lambda r, s: encoded((0, 1)),
                 encoded((0, 1)), 0)
        r = encoded(times(s, B))
        self.put('A is B', lambda r, s: encoded(times(s - self.k(r), B)), r,
                 (s + self.k(r)) % ORDER)
        self.put('A is -B', lambda r, s: encoded(times(s + self.k(r), B)), r,
                 (s - self.k(r)) % ORDER)

    def windows(self):
        """Only the first or the last windows count: few values of the sum."""
        def first(r, _s):
            k = (self.k(r) + 8 * (16**64 - 1) // 15 >> 252) - 8
            return encoded(plus(B, times(-k, self.key)))

        def last(r, s):
            k = (self.k(r) + 8) % 16 - 8
            d = ((s if s & 1 else s - ORDER) + 16**64 - 1) // 2 % 16
            return encoded(plus(times(2 * d - 15, B), times(-k, self.key)))

        for name, wrong in (('the first windows', first),
                            ('the last windows', last)):
            r = s = None
            while r is None or wrong(r, s) != r:
                s = self.random.randrange(ORDER)
                d = self.random.randrange(-15, 16, 2) if wrong is last else 1
                k = self.random.randrange(-8, 8)
                r = encoded(plus(times(d, B), times(k, self.key)))
            self.put(name, wrong, r, s)

    def make(self):
        """All of them."""
        self.challenges()
        self.sums()
        self.windows()
        return self.list


# --- The packet --------------------------------------------------------------

def varint(n):
    """An integer of Protocol Buffers."""
    out = b''
    while n >= 128:
        out += bytes([n % 128 + 128])
        n //= 128
    return out + bytes([n])


def field(number, value):
    """A field: an integer, or bytes."""
    if isinstance(value, int):
        return varint(8 * number) + varint(value)
    return varint(8 * number + 2) + varint(len(value)) + value


def body():
    """What is signed: the init command of good_world in scenarios.h."""
    image = bytes((7 * i + 1) % 256 for i in range(100))
    digest = hashlib.sha256(image).digest()[::-1]
    return b''.join(field(number, value) for number, value in (
        (1, 10), (2, 52), (3, varint(0x100)), (4, 0), (5, 0), (6, 0), (7, 100),
        (8, field(1, 3) + field(2, digest)), (9, 0)))


def header(message):
    """The text of aimed.h."""
    lines = [
        '/* SPDX-License-Identifier: Apache-2.0 OR MIT */',
        '/* Made by tests/m4/aimed.py; do not edit. */',
        '#ifndef ASSAY_TESTS_M4_AIMED_H',
        '#define ASSAY_TESTS_M4_AIMED_H',
        '',
        '/* Forgeries for one certain fault each, of what has this SHA-256. */',
        'static const char *const AIMED_AT =',
        f'    "{hashlib.sha256(message).hexdigest()}";',
        '',
        '/* What the fault would make; whether Ed25519; the signature. */',
        'static const struct aimed {',
        '    const char *name;',
        '    int is_ed25519;',
        '    const char *hex;',
        '} AIMED[] = {',
    ]
    for is_ed25519, made in ((0, Ecdsa(message).make()),
                             (1, Eddsa(message).make())):
        for name, signature in made:
            name = ('Ed25519, ' if is_ed25519 else '') + name
            digits_ = signature.hex()
            lines += [f'    {{"{name}", {is_ed25519},',
                      f'     "{digits_[:64]}"', f'     "{digits_[64:]}"}},']
    return '\n'.join(lines + [
        '};', '', 'enum { N_AIMED = sizeof AIMED / sizeof *AIMED };', '',
        '#endif', ''])


def main():
    """Write the file."""
    name = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), 'aimed.h')
    with open(name, 'w', encoding='ascii', newline='\n') as f:
        f.write(header(body()))


if __name__ == '__main__':
    main()
