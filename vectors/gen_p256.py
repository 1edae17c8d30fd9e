# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Records for ECDSA P-256 (vectors/p256.txt): constructed edge cases.

Each case states its result, and the model decides it as well; the program
stops when the two disagree. Published signatures are in nist_p256.txt.
"""

import hashlib

import model
from model import P256_B as b
from model import P256_G as G
from model import P256_N as n
from model import P256_P as p
from model import p256_add as add
from records import Suite

HEAD = {'kind': 'p256', 'source': 'constructed, decided by vectors/model.py'}
TITLE = 'ECDSA P-256: digests, signatures and whether they are accepted.'

OK, SIG, KEY = 'OK', 'SIGNATURE_INVALID', 'KEY_INVALID'
ONES = 2**256 - 1


# --- Numbers and points ------------------------------------------------------

def mul(k, point):
    """k times a point."""
    return model.p256_multiply(k % n, point)


def neg(point):
    """The negative of a point."""
    return point[0], -point[1] % p


def inv(a):
    """The inverse modulo n."""
    return pow(a, -1, n)


def lift(x):
    """A point with this x, or None."""
    square = (x**3 - 3 * x + b) % p
    y = pow(square, (p + 1) // 4, p)
    return (x, y) if y * y % p == square else None


def lift_from(x):
    """The point with the least x from here on."""
    while lift(x) is None:
        x += 1
    return lift(x)


def some(label):
    """A number from 1 to n - 1 that belongs to the label."""
    digest = hashlib.sha512(b'assay p256 ' + label.encode()).digest()
    return int.from_bytes(digest, 'big') % (n - 1) + 1


def bytes_of(*numbers):
    """32 bytes for each, big-endian."""
    return b''.join(i.to_bytes(32, 'big') for i in numbers)


D = some('key')
Q = mul(D, G)
E0 = some('digest')


def signed(e, k, d=D):
    """The signature of digest e with nonce k."""
    r = mul(k, G)[0] % n
    return r, inv(k) * (e + r * d) % n


R0, S0 = signed(E0, some('nonce'))


def for_u(key, u1, u2):
    """A digest and a signature from which exactly u1 and u2 come out."""
    r = add(mul(u1, G), mul(u2, key))[0] % n
    s = r * inv(u2) % n
    return u1 * s % n, r, s


def recovered(point, r, s, e):
    """The key for which (r, s) leads to a point."""
    return mul(inv(r), add(mul(s, point), neg(mul(e, G))))


class Records(Suite):
    """Records of this kind; flags is that of the group at work."""

    def __init__(self):
        super().__init__('p256')
        self.flags = ''

    def case(self, name, why, key, e, pair, want):
        """Key, digest as a number, (r, s), and what it should be."""
        pub, digest = bytes_of(*key), bytes_of(e)
        found = OK
        if not model.p256_on_curve(*key):
            found = KEY
        elif not model.p256_verify_digest(pub, digest, *pair):
            found = SIG
        if found != want:
            raise ValueError(f'{name}: the model says {found}')
        self.add(name, why, self.flags, want, digest=digest, pub=pub,
                 sig=bytes_of(*pair), rule='KY-01' if want == KEY else
                 'SG-01')


# --- Signatures --------------------------------------------------------------

def ordinary(out):
    """What the others start from."""
    out.case('valid', 'an ordinary signature', Q, E0, (R0, S0), OK)
    out.case('valid-other-s', 'n - s is as good as s', Q, E0, (R0, n - S0),
             OK)


def ranges(out):
    """r and s at the ends of their ranges, and made up."""
    for name, r, s in (
            ('r0-s0', 0, 0), ('r0', 0, S0), ('s0', R0, 0), ('rn', n, S0),
            ('sn', R0, n), ('rn-sn', n, n), ('r0-sn', 0, n), ('rn-s0', n, 0),
            ('r-above-n', n + 1, S0), ('s-above-n', R0, n + 1),
            ('r-p', p, S0), ('s-p', R0, p), ('r-all-ones', ONES, S0),
            ('s-all-ones', R0, ONES), ('all-ones', ONES, ONES)):
        out.case(f'range-{name}', 'r or s is not in 1 .. n-1', Q, E0, (r, s),
                 SIG)
    for name, r, s in (
            ('r1-s1', 1, 1), ('r1', 1, S0), ('s1', R0, 1),
            ('r-top', n - 1, S0), ('s-top', R0, n - 1),
            ('r-top-s-top', n - 1, n - 1), ('swapped', S0, R0),
            ('r-negated', n - R0, S0), ('r-plus-1', R0 + 1, S0),
            ('s-plus-1', R0, S0 + 1)):
        out.case(f'wrong-{name}', 'in range, but not the signature', Q, E0,
                 (r, s), SIG)
    out.case('wrong-digest', 'another digest', Q, E0 ^ 1, (R0, S0), SIG)
    out.case('wrong-key', 'another key', mul(D + 1, G), E0, (R0, S0), SIG)
    out.case('wrong-key-negated', 'the negative of the key', neg(Q), E0,
             (R0, S0), SIG)


def digests(out):
    """The digest is an ordinary number, whatever it is modulo n."""
    for name, e in (('zero', 0), ('n', n), ('one', 1), ('n-minus-1', n - 1),
                    ('n-plus-1', n + 1), ('all-ones', ONES), ('p', p)):
        r, s = signed(e, some(f'nonce {name}'))
        why = 'the digest is an ordinary number, whatever it is mod n'
        out.case(f'digest-{name}', why, Q, e, (r, s), OK)
        out.case(f'digest-{name}-wrong', why, Q, e, (r, s ^ 1), SIG)


def edges_of_s(out):
    """s at the edge of its range, and s + n."""
    for name, s in (('1', 1), ('2', 2), ('n-minus-1', n - 1),
                    ('half', (n + 1) // 2), ('2-128', 2**128),
                    ('2-32', 2**32)):
        point = mul(some(f's {name}'), G)
        r = point[0] % n
        key = recovered(point, r, s, E0)
        out.case(f's-is-{name}', 's at the edge of its range', key, E0,
                 (r, s), OK)
        if s + n <= ONES:
            out.case(f's-is-{name}-plus-n', 's + n is not s', key, E0,
                     (r, s + n), SIG)


def wrapped_x(out):
    """x(R) from n to p - 1, where r is x(R) - n, and around it."""
    x = n
    for i in 1, 2:
        point = lift_from(x + 1)
        x = point[0]
        key = recovered(point, x - n, S0, E0)
        out.case(f'x-above-n-{i}', 'x(R) is r + n, which is below p', key,
                 E0, (x - n, S0), OK)
        out.case(f'x-above-n-{i}-raw', 'r is x(R) itself, not below n', key,
                 E0, (x, S0), SIG)
    x = p - 1
    while lift(x) is None:
        x -= 1
    out.case('x-largest', 'the largest x(R), r + n just below p',
             recovered(lift(x), x - n, S0, E0), E0, (x - n, S0), OK)
    x = -1
    for i in 1, 2, 3:
        point = lift_from(x + 1)
        x = point[0]
        r = x + p - n
        out.case(f'x-wrapped-{i}', 'x(R) is r + n - p: r + n is not below p '
                 'and must not wrap', recovered(point, r, S0, E0), E0,
                 (r, S0), SIG)
        if x > 0:
            out.case(f'x-small-{i}', 'x(R) is a small number',
                     recovered(point, x, S0, E0), E0, (x, S0), OK)


# --- Additions that are exceptions -------------------------------------------

MULTIPLES = (('g', 1), ('minus-g', n - 1), ('2g', 2), ('minus-2g', n - 2),
             ('3g', 3), ('15g', 15), ('16g', 16), ('17g', 17),
             ('minus-16g', n - 16), ('half-g', inv(2)), ('third-g', inv(3)),
             ('2-128-g', 2**128))


def exceptions(out):
    """u1 G and u2 Q that meet or cancel, keys that are multiples of G."""
    for i in 0, 1:
        u2 = some(f'u2 {i}')
        e, r, s = for_u(Q, u2 * D % n, u2)
        out.case(f'sum-double-{i}', 'u1 G = u2 Q: the last addition is a '
                 'doubling', Q, e, (r, s), OK)
        r, s = some(f'r {i}'), some(f's {i}')
        out.case(f'sum-infinity-{i}', 'u1 G = - u2 Q: R is infinity', Q,
                 -r * D % n, (r, s), SIG)
    for name, k in MULTIPLES:
        key = mul(k, G)
        out.case(f'key-{name}', 'the key is a small multiple of G', key, E0,
                 signed(E0, some(f'key {name}'), k), OK)
        u = some(f'u {name}') | 1
        for tag, u1 in (('same', u), ('plus-2', (u + 2) % n),
                        ('plus-16', (u + 16) % n),
                        ('minus-2-128', (u - 2**128) % n)):
            if (u1 + u * k) % n == 0:
                out.case(f'key-{name}-u-{tag}', 'u1 G + u2 Q is infinity',
                         key, -7 * k % n, (7, 9), SIG)
                continue
            e, r, s = for_u(key, u1, u)
            out.case(f'key-{name}-u-{tag}', 'partial sums of u1 G and u2 Q '
                     'meet or cancel on the way', key, e, (r, s), OK)


def bit_by_bit(u1, u2):
    """Steps of a verifier that takes one bit of both scalars at a time: when
    c G + d Q is added, the sum is a G + b Q; as (a, b, c, d)."""
    for i in range(254, -1, -1):
        yield (u1 >> i + 1) * 2, (u2 >> i + 1) * 2, u1 >> i & 1, u2 >> i & 1


def signs(k):
    """k or k - n, which is odd, in 256 digits 1 and -1, the lowest first."""
    odd = k if k & 1 else n - k
    minus = 1 if k & 1 else -1
    return [minus * (2 * ((odd + 2**256 - 1) // 2 >> j & 1) - 1)
            for j in range(256)]


def windows_and_comb(u1, u2):
    """The same of one that takes four digits of u2 at a time, and of u1 four
    that are 64 apart, with the last 64 doublings."""
    s1, s2 = signs(u1), signs(u2)
    a, b, i = 0, sum(s2[252 + t] << t for t in range(4)), 252
    while i > 0:
        step = 4 if i > 64 else 1
        i -= step
        a, b = a << step, b << step
        if i < 64:
            c = sum(s1[i + 64 * t] << 64 * t for t in range(4))
            yield a, b, c, 0
            a += c
        if i % 4 == 0:
            d = sum(s2[i + t] << t for t in range(4))
            yield a, b, 0, d
            b += d


def meetings(out):
    """Keys for which the sum of the way meets what is added, or its negative,
    in the middle of the way of two kinds of verifiers."""
    for name, method in (('bits', bit_by_bit), ('comb', windows_and_comb)):
        for i in range(32):
            label = f'{name} {i}'
            u1, u2 = some('u1 ' + label), some('u2 ' + label)
            steps = [s for s in method(u1, u2) if s[2] and s[0] and s[1]]
            last = len(steps) - 1
            at = (0, 1, last - 1, last)[i] if i < 4 else \
                some('step ' + label) % len(steps)
            a, b, c, d = steps[at]
            sign = 1 if i % 2 else -1
            if (b - sign * d) % n == 0:
                raise ValueError(f'{label}: take another step')
            k = (sign * c - a) * inv((b - sign * d) % n) % n
            key = mul(k, G)
            e, r, s = for_u(key, u1, u2)
            what = 'what is added' if sign == 1 else 'its negative'
            out.case(f'meet-{name}-{i}', f'in the middle of the way the sum '
                     f'is {what}', key, e, (r, s), OK)


PATTERNS = (('low-ones', 2**32 - 1), ('high-ones', n - 2**32),
            ('alternate', int('00000000ffffffff' * 4, 16)),
            ('other', int('00000001' * 8, 16)),
            ('tops', int('7fffffff' + '80000000' * 7, 16)),
            ('low-zeros', 2**224), ('middle-ones', 2**192 - 2**64),
            ('aa', int('aa' * 32, 16)), ('55', int('55' * 32, 16)),
            ('below-n', n - 2), ('half', n // 2))


def limbs(out):
    """Scalars and coordinates with limbs of zeros and ones."""
    for name, u1, u2 in (
            ('0-1', 0, 1), ('0-2', 0, 2), ('0-top', 0, n - 1), ('1-1', 1, 1),
            ('1-2', 1, 2), ('2-1', 2, 1), ('top-top', n - 1, n - 1),
            ('top-1', n - 1, 1), ('2-128-1', 2**128, 1),
            ('2-255-2-255', 2**255, 2**255), ('0-15', 0, 15),
            ('16-16', 16, 16)):
        e, r, s = for_u(Q, u1, u2)
        out.case(f'scalars-{name}', 'u1 and u2 at the edges of the window '
                 'method', Q, e, (r, s), OK)
    for name, value in PATTERNS:
        other = some(f'pattern {name}')
        for tag, u1, u2 in (('u1', value, other), ('u2', other, value),
                            ('both', value, value)):
            e, r, s = for_u(Q, u1, u2)
            out.case(f'limbs-{name}-{tag}', 'a scalar with limbs of zeros '
                     'and ones', Q, e, (r, s), OK)
        point = lift_from(value)
        r = point[0] % n
        key = recovered(point, r, S0, E0)
        out.case(f'limbs-{name}-r', 'r with limbs of zeros and ones', key,
                 E0, (r, S0), OK)
        out.case(f'limbs-{name}-r-wrong', 'the same r, with a bit more', key,
                 E0, (r ^ 2**64, S0), SIG)
        e, r, s = for_u(point, other, some(f'key {name}'))
        out.case(f'limbs-{name}-x', 'a key whose X has limbs of zeros and '
                 'ones', point, e, (r, s), OK)


# --- Keys --------------------------------------------------------------------

def times_modulo(f, g, c):
    """The product of polynomials of degree 2 modulo X^3 - 3 X + c."""
    h = [0] * 5
    for i, u in enumerate(f):
        for j, v in enumerate(g):
            h[i + j] += u * v
    for k in 4, 3:
        h[k - 2] += 3 * h[k]
        h[k - 3] -= c * h[k]
    return [v % p for v in h[:3]]


def trimmed(f):
    """A polynomial without its leading zeros."""
    while f and f[-1] == 0:
        f = f[:-1]
    return f


def remainder(f, g):
    """f modulo g."""
    while len(f) >= len(g):
        q = f[-1] * pow(g[-1], -1, p)
        shift = len(f) - len(g)
        f = trimmed([(v - q * g[i - shift]) % p if i >= shift else v
                     for i, v in enumerate(f[:-1])])
    return f


def x_for(y):
    """The only x with x^3 - 3 x + b = y^2, by gcd with X^p - X, or None."""
    c = (b - y * y) % p
    power = [1, 0, 0]
    for bit in bin(p)[2:]:
        power = times_modulo(power, power, c)
        if bit == '1':
            power = times_modulo(power, [0, 1, 0], c)
    f = [c, p - 3, 0, 1]
    g = trimmed([power[0], (power[1] - 1) % p, power[2]])
    while g:
        f, g = g, remainder(f, g)
    return -f[0] * pow(f[1], -1, p) % p if len(f) == 2 else None


def keys(out):
    """Coordinates at the edge of their range."""
    y = 1
    while x_for(y) is None:
        y += 1
    low_y = x_for(y), y
    for name, key in (('x-zero', lift(0)), ('x-small', lift_from(1)),
                      ('y-small', low_y), ('y-near-p', neg(low_y))):
        why = 'a key with a coordinate at the edge of its range'
        e, r, s = for_u(key, some(f'e {name}'), some(f'u {name}'))
        out.case(f'key-{name}', why, key, e, (r, s), OK)
        out.case(f'key-{name}-wrong', why, key, e ^ 1, (r, s), SIG)
        if key[0] + p <= ONES:
            out.case(f'key-{name}-plus-p', 'X + p is not below p',
                     (key[0] + p, key[1]), e, (r, s), KEY)
        if key[1] + p <= ONES:
            out.case(f'key-{name}-y-plus-p', 'Y + p is not below p',
                     (key[0], key[1] + p), e, (r, s), KEY)


def bad_keys(out):
    """No points of the curve."""
    for name, key in (
            ('zero', (0, 0)), ('x-is-p', (p, lift(0)[1])),
            ('all-ones', (ONES, ONES)), ('y-plus-1', (Q[0], Q[1] + 1)),
            ('x-plus-1', (Q[0] + 1, Q[1])),
            ('y-flipped', (Q[0], Q[1] ^ 1 << 255)), ('swapped', Q[::-1]),
            ('y-zero', (Q[0], 0)), ('1-1', (1, 1)),
            ('g-x-only', (G[0], G[0])), ('y-is-p', (Q[0], p)),
            ('x-minus-p', (p - Q[0], Q[1]))):
        out.case(f'key-bad-{name}', 'X or Y is not below p, or the point is '
                 'not on the curve', key, E0, (R0, S0), KEY)
    out.case('key-bad-sig-bad', 'the key is judged before the signature',
             (Q[0], Q[1] ^ 1), E0, (0, 0), KEY)
    out.case('all-zero', 'all input bytes are zero', (0, 0), 0, (0, 0), KEY)


def make():
    """All records."""
    out = Records()
    for flags, group in (
            ('Valid', ordinary), ('RangeCheck', ranges),
            ('Arithmetic', digests), ('Arithmetic', edges_of_s),
            ('Arithmetic', wrapped_x), ('Arithmetic', exceptions),
            ('Arithmetic', meetings), ('Arithmetic', limbs),
            ('KeyEdge', keys),
            ('KeyInvalid', bad_keys)):
        out.flags = flags
        group(out)
    return out.records
