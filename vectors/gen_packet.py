# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Records for key tables and signatures (vectors/keys.txt, packet.txt)."""

import hashlib

import model
from model import ED25519, P256, Key, KeyTable, status_of
from records import PUBLISHED_H, RULE_OF, Suite
from wire import (ED_SECOND, ED_SUITE, ONE, SECOND, STRANGER, SUITE, Dice,
                  Field, encode, init, init_fields, packet, unsigned)

PUBLISHED = model.load_published(PUBLISHED_H)
PREFIXES = frozenset((kind, key[:8]) for kind, key in PUBLISHED)
ALGORITHM_NAMES = {P256: 'p256', ED25519: 'ed25519'}

KEYS_HEAD = {'kind': 'keys', 'source': 'constructed'}
KEYS_TITLE = 'Key tables: which of them a verifier may trust.'
PACKET_HEAD = {'kind': 'packet', 'source': 'constructed'}
PACKET_TITLE = 'Init packets under key tables: who signed, and may they.'


def table(*keys, allow=False):
    """A key table; what is no Key is a signer with all roles."""
    rows = [k if isinstance(k, Key) else k.key() for k in keys]
    return KeyTable(rows, PREFIXES, allow)


def table_lines(t):
    """A key table as the lines of a record."""
    lines = {'table_flags': int(t.allow_published)}
    for i, key in enumerate(t.keys):
        name = ALGORITHM_NAMES.get(key.algorithm, str(key.algorithm))
        lines[f'key_{i}'] = (f'{name} {key.roles} {int(key.is_revoked)} '
                             f'{key.bytes.hex()}')
    return lines


def big(*numbers):
    """Numbers of 32 bytes, big-endian."""
    return b''.join(n.to_bytes(32, 'big') for n in numbers)


def little(*numbers):
    """Numbers of 32 bytes, little-endian."""
    return b''.join(n.to_bytes(32, 'little') for n in numbers)


# --- Key tables --------------------------------------------------------------

class Tables(Suite):
    """Records of kind keys."""

    def __init__(self):
        super().__init__('keys')

    def case(self, name, why, flags, want, t, **more):
        """One table. With want OK, rule is the rule that it just meets."""
        status, _ = status_of(model.check_keys, t)
        if want not in (status, None):
            raise ValueError(f'{name}: the model says {status}')
        if status != 'OK':
            more['rule'] = RULE_OF[status]
        more.setdefault('rule', 'KY-01')
        self.add(name, why, flags, status, **table_lines(t), **more)


def table_shapes(out):
    """KY-05."""
    p, e = SUITE.key(), ED_SUITE.key()
    out.case('empty', 'no key', 'KeyTable', 'KEY_TABLE', table())
    out.case('empty_allow', 'no key, published ones allowed', 'KeyTable',
             'KEY_TABLE', table(allow=True))
    for name, keys in (('one', [p]), ('one_ed', [e]), ('two', [p, SECOND]),
                       ('both', [p, e]), ('both_reversed', [e, p]),
                       ('four', [p, SECOND, e, ED_SECOND])):
        out.case(f'good_{name}', 'different keys', 'Boundary', 'OK',
                 table(*keys), rule='KY-05')
    for algorithm in 0, 3, 4, 129, 254, 255:
        out.case(f'algorithm_{algorithm}', 'an algorithm that is neither',
                 'KeyTable', 'KEY_TABLE', table(Key(algorithm, p.bytes)))
        out.case(f'algorithm_{algorithm}_second', 'the same, behind a good '
                 'key', 'KeyTable', 'KEY_TABLE',
                 table(e, Key(algorithm, p.bytes)))
    for name, again in (('same', p), ('roles', SUITE.key(1)),
                        ('revoked', SUITE.key(15, True))):
        out.case(f'twice_{name}', 'a key stands twice', 'KeyTable',
                 'KEY_TABLE', table(p, again))
        out.case(f'twice_{name}_apart', 'a key stands twice, others between',
                 'KeyTable', 'KEY_TABLE', table(p, e, SECOND, again))
    out.case('twice_ed', 'an Ed25519 key stands twice', 'KeyTable',
             'KEY_TABLE', table(e, ED_SUITE.key(2)))
    x, y = model.p256_point(p.bytes)
    out.case('negative', 'a key and its negative are two keys', 'Boundary',
             'OK', table(p, Key(P256, big(x, model.P256_P - y))),
             rule='KY-05')
    flipped = e.bytes[:31] + bytes([e.bytes[31] ^ 128])
    out.case('negative_ed', 'the same with Ed25519', 'Boundary', 'OK',
             table(e, Key(ED25519, flipped)), rule='KY-05')
    for roles in 0, 1, 15, 16, 255:
        out.case(f'roles_{roles}', 'any roles do for a table', 'KeyRole',
                 'OK', table(SUITE.key(roles)), rule='KY-05')
    out.case('all_revoked', 'a revoked key does for a table', 'KeyRevoked',
             'OK', table(SUITE.key(15, True)), rule='KY-05')


def p256_keys(out):
    """KY-01 for P-256."""
    x, y = model.p256_point(SUITE.public)
    p = model.P256_P
    zero_y = pow(model.P256_B, (p + 1) // 4, p)
    for name, key in (('x_zero', (0, zero_y)), ('x_zero_minus',
                                                (0, p - zero_y)),
                      ('negative', (x, p - y))):
        out.case(f'p256_{name}', 'a point of the curve', 'KeyEdge', 'OK',
                 table(Key(P256, big(*key))))
    for name, key in (('zero', (0, 0)), ('ones', (2**256 - 1,) * 2),
                      ('x_p', (p, zero_y)), ('y_plus_1', (x, y + 1)),
                      ('y_minus_1', (x, y - 1)), ('x_plus_1', (x + 1, y)),
                      ('swapped', (y, x)), ('y_p', (x, p)), ('x_p_only',
                                                             (p, y)),
                      ('y_top_bit', (x, y ^ 2**255)), ('y_zero', (x, 0)),
                      ('one', (1, 1)), ('x_ones', (2**256 - 1, y)),
                      ('y_ones', (x, 2**256 - 1))):
        out.case(f'p256_bad_{name}', 'a coordinate not below p, or no point '
                 'of the curve', 'KeyInvalid', 'KEY_INVALID',
                 table(Key(P256, big(*key))))
    raw = SUITE.public
    out.case('p256_little', 'X and Y in the other byte order', 'KeyInvalid',
             'KEY_INVALID', table(Key(P256, raw[31::-1] + raw[:31:-1])))
    out.case('p256_prefix', 'the 04 of SEC 1 in front, the last byte lost',
             'KeyInvalid', 'KEY_INVALID', table(Key(P256, b'\4' + raw[:63])))
    out.case('p256_second_bad', 'the second key is bad', 'KeyInvalid',
             'KEY_INVALID', table(SECOND, Key(P256, bytes(64))))
    out.case('p256_revoked_bad', 'a revoked key must be a point too',
             'KeyInvalid', 'KEY_INVALID',
             table(Key(P256, bytes(64), 15, True)))
    dice = Dice('assay p256 keys')
    for i in range(8):
        key = dice.bytes(64)
        out.case(f'p256_chance_{i}', '64 bytes by chance', 'KeyInvalid',
                 'KEY_INVALID', table(Key(P256, key)))


def order_8():
    """An Ed25519 point of order 8."""
    y = 2
    while True:
        x = model.ed_x_of(y)
        if x is not None:
            t = model.ed_multiply(model.ED_L, (x, y))
            if model.ed_multiply(4, t) != model.ED_NEUTRAL:
                return t
        y += 1


def ed25519_keys(out):
    """KY-01 for Ed25519."""
    t = order_8()
    point = model.ed_decode(ED_SUITE.public)
    for i in range(8):
        small = model.ed_multiply(i, t)
        out.case(f'ed_small_{i}', 'a point of order 8 or less', 'SmallOrder',
                 'KEY_INVALID', table(Key(ED25519, model.ed_encode(small))))
        if i:
            out.case(f'ed_mixed_{i}', 'a point of order 2 L, 4 L or 8 L',
                     'SmallOrder', 'OK', table(Key(ED25519, model.ed_encode(
                         model.ed_add(point, small)))))
    for y in (0, 1, 2, 3, 4, 18):
        for sign in 0, 1:
            number = model.ED_P + y | sign << 255
            out.case(f'ed_p_plus_{y}_sign_{sign}', 'y is not below p',
                     'NonCanonical', 'KEY_INVALID',
                     table(Key(ED25519, little(number))))
    for name, number in (('one', 1 | 1 << 255),
                         ('minus_one', model.ED_P - 1 | 1 << 255)):
        out.case(f'ed_minus_zero_{name}', 'x is 0, its sign bit is set',
                 'NonCanonical', 'KEY_INVALID',
                 table(Key(ED25519, little(number))))
    for y in list(range(2, 8)) + list(range(model.ED_P - 7, model.ED_P - 1)):
        good = model.ed_x_of(y) is not None
        name = f'{y}' if y < 99 else f'p_minus_{model.ED_P - y}'
        out.case(f'ed_y_{name}', 'a point' if good else 'no point has this '
                 'y', 'KeyEdge' if good else 'KeyInvalid', None,
                 table(Key(ED25519, little(y))))
    out.case('ed_ones', '32 bytes ff', 'KeyInvalid', 'KEY_INVALID',
             table(Key(ED25519, b'\xff' * 32)))
    out.case('ed_second_bad', 'the second key is bad', 'SmallOrder',
             'KEY_INVALID', table(ED_SUITE, Key(ED25519, little(1))))
    out.case('ed_third_bad', 'the third key is bad', 'SmallOrder',
             'KEY_INVALID', table(ED_SUITE, SUITE, Key(ED25519, bytes(32))))


def published_keys(out):
    """KY-02."""
    for i, (kind, key) in enumerate(PUBLISHED):
        name = f'published_{ALGORITHM_NAMES[kind]}_{i}'
        out.case(name, 'a key that everybody has', 'KeyPublished',
                 'KEY_PUBLISHED', table(Key(kind, key)),
                 src='verifier/published.h')
        out.case(f'{name}_allowed', 'the table allows it', 'KeyPublished',
                 'OK', table(Key(kind, key), allow=True), rule='KY-02',
                 src='verifier/published.h')
    kind, key = PUBLISHED[0]
    x, y = model.p256_point(key)
    negative = big(x, model.P256_P - y)
    out.case('published_negative', 'the negative of a published key',
             'KeyPublished', 'KEY_PUBLISHED', table(Key(P256, negative)))
    out.case('published_second', 'behind a good key', 'KeyPublished',
             'KEY_PUBLISHED', table(SUITE, Key(kind, key)))
    out.case('published_revoked', 'a revoked one as well', 'KeyPublished',
             'KEY_PUBLISHED', table(SUITE, Key(kind, key, 15, True)))
    out.case('published_no_role', 'one without roles as well',
             'KeyPublished', 'KEY_PUBLISHED', table(SUITE, Key(kind, key,
                                                               0)))
    ed = next(key for kind, key in PUBLISHED if kind == ED25519)
    out.case('published_ed_negative', 'the negative of an Ed25519 key',
             'KeyPublished', 'KEY_PUBLISHED',
             table(Key(ED25519, ed[:31] + bytes([ed[31] ^ 128]))))
    for size in 7, 6:
        target = int.from_bytes(key_x(size), 'big')
        while True:
            y2 = (target**3 - 3 * target + model.P256_B) % model.P256_P
            root = pow(y2, (model.P256_P + 1) // 4, model.P256_P)
            if root * root % model.P256_P == y2:
                break
            target += 1
        out.case(f'published_first_{size}', f'{size} bytes of a published '
                 'key, not the eighth', 'Boundary', 'OK',
                 table(Key(P256, big(target, root))), rule='KY-02')


def key_x(size):
    """An X that has so many bytes of the first published key."""
    head = PUBLISHED[0][1]
    return head[:size] + bytes([head[size] ^ 1]) + bytes(31 - size)


def table_order(out):
    """Tables with two faults."""
    published = Key(*PUBLISHED[0])
    bad = Key(P256, bytes(64))
    bad_published = Key(P256, published.bytes[:63]
                        + bytes([published.bytes[63] ^ 1]))
    for name, t, want, also in (
            ('twice_and_bad', table(bad, bad), 'KEY_TABLE', 'KY-01'),
            ('algorithm_and_bad', table(bad, Key(3, SUITE.public)),
             'KEY_TABLE', 'KY-01'),
            ('twice_and_published', table(published, published),
             'KEY_TABLE', 'KY-02'),
            ('published_and_algorithm', table(published,
                                              Key(0, SUITE.public)),
             'KEY_TABLE', 'KY-02'),
            ('bad_is_published', table(bad_published), 'KEY_INVALID',
             'KY-02'),
            ('bad_then_published', table(bad, published), 'KEY_INVALID',
             'KY-02'),
            ('published_then_bad', table(published, bad), 'KEY_PUBLISHED',
             'KY-01')):
        out.case(f'order_{name}', 'two faults', 'KeyTable', want, t,
                 also=also)
    out.case('bad_is_published_allowed', 'allowed, but no point',
             'KeyInvalid', 'KEY_INVALID', table(bad_published, allow=True))


def make_keys():
    """All records of keys.txt."""
    out = Tables()
    for group in (table_shapes, p256_keys, ed25519_keys, published_keys,
                  table_order):
        group(out)
    return out.records


# --- Packets under key tables ------------------------------------------------

def answers(data, t):
    """The status of a packet and the key that signed it."""
    status, _ = status_of(model.check_packet, data, t)
    opened, envelope = status_of(model.open_packet, data)
    if opened == 'OK':
        found, index = status_of(model.find_signer, envelope, t)
        if found == 'OK':
            return status, {'key_index': index}
    return status, {}


class Packets(Suite):
    """Records of kind packet."""

    def __init__(self):
        super().__init__('packet')

    def case(self, name, why, flags, want, data, t=None, **more):
        """One packet under a table, by default that of the suite's key."""
        t = t or table(SUITE)
        status, found = answers(data, t)
        if want not in (status, None):
            raise ValueError(f'{name}: the model says {status}')
        if status != 'OK':
            more['rule'] = RULE_OF[status]
        more.setdefault('rule', 'none')
        self.add(name, why, flags, status, **table_lines(t), packet=data,
                 **found, **more)


LEAST = {'fw_version': None, 'hw_version': None, 'sd_size': None,
         'bl_size': None, 'app_size': None, 'is_debug': None,
         'validations': ()}


def good_packets(out):
    """Each type under each algorithm."""
    for signer in SUITE, ED_SUITE:
        name = ALGORITHM_NAMES[signer.algorithm]
        for kind in range(5):
            out.case(f'good_{name}_{kind}', f'type {kind}, {name}', 'Valid',
                     'OK', packet(init(type=kind), signer), table(signer),
                     rule='SG-01')
        out.case(f'least_{name}', 'type and hash alone', 'Boundary', 'OK',
                 packet(init(**LEAST, sd_req=None), signer), table(signer),
                 rule='PO-01')
        out.case(f'largest_{name}', 'the longest packet', 'Boundary', 'OK',
                 packet(init(fw_version=2**32 - 1, hw_version=2**32 - 1,
                             sd_req=[2**32 - 1] * 16, sd_size=2**32 - 1,
                             bl_size=2**32 - 1, app_size=2**32 - 1,
                             is_debug=1,
                             validations=[(3, bytes(64))] * 3), signer),
                 table(signer), rule='SG-01')
        for size in (47, 48, 55, 56, 63, 64, 65, 111, 112, 119, 120, 127,
                     128, 175, 176, 191, 192):
            out.case(f'length_{name}_{size}', f'{size} signed bytes: around '
                     'the blocks of the digest', 'Valid', 'OK',
                     packet(sized(size), signer), table(signer),
                     rule='SG-01')


def sized(size):
    """An InitCommand of so many bytes, 43 or more."""
    n_validations = 0
    room = size - len(encode(init_fields(**LEAST, sd_req=None)))
    while room > 82:
        room -= 70
        n_validations += 1
    room -= 2
    ids = []
    while room > 0:
        ids.append(128 ** (min(room, 5) - 1))
        room -= min(room, 5)
    fields = dict(LEAST, validations=[(3, bytes(64))] * n_validations)
    signed = init(**fields, sd_req=ids)
    if len(signed) != size:
        raise ValueError(f'{len(signed)} bytes, not {size}')
    return signed


def signature_numbers(out):
    """r and s: encodings and ranges."""
    signed = init()
    good = SUITE.sign(signed)
    r = int.from_bytes(good[:32], 'little')
    s = int.from_bytes(good[32:], 'little')
    n = model.P256_N
    out.case('s_negated', 'n - s in place of s', 'Malleability', 'OK',
             packet(signed, signature=little(r, n - s)), rule='SG-01')
    for name, why, signature in (
            ('big_endian', 'r and s big-endian', big(r, s)),
            ('r_big', 'r big-endian', big(r) + little(s)),
            ('s_big', 's big-endian', little(r) + big(s)),
            ('reversed', 'all 64 bytes reversed', good[::-1]),
            ('swapped', 's before r', little(s, r)),
            ('r_negated', 'n - r in place of r', little(n - r, s)),
            ('der', 'DER, cut at 64 bytes', (b'\x30\x44\x02\x20' + big(r)
                                             + b'\x02\x20' + big(s))[:64])):
        out.case(f'p256_{name}', why, 'SignatureEncoding',
                 'SIGNATURE_INVALID', packet(signed, signature=signature))
    for name, pair in (('0_0', (0, 0)), ('0_s', (0, s)), ('r_0', (r, 0)),
                       ('n_s', (n, s)), ('r_n', (r, n)), ('n_n', (n, n)),
                       ('0_n', (0, n)), ('n_0', (n, 0)), ('1_1', (1, 1)),
                       ('top_top', (n - 1, n - 1)), ('r_ones',
                                                     (r, 2**256 - 1)),
                       ('ones_s', (2**256 - 1, s)),
                       ('ones', (2**256 - 1,) * 2)):
        out.case(f'p256_range_{name}', 'a number out of range, or made up',
                 'RangeCheck', 'SIGNATURE_INVALID',
                 packet(signed, signature=little(*pair)))
    for bit in (0, 1, 7, 8, 63, 127, 128, 254, 255, 256, 257, 300, 383, 448,
                504, 510, 511):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        out.case(f'p256_flip_{bit}', f'bit {bit} of the signature flipped',
                 'BadSignature', 'SIGNATURE_INVALID',
                 packet(signed, signature=bytes(bad)))
    good = ED_SUITE.sign(signed)
    s = int.from_bytes(good[32:], 'little')
    t = table(ED_SUITE)
    for name, why, flags, signature in (
            ('s_plus_l', 'S + L', 'Malleability', good[:32]
             + little(s + model.ED_L)),
            ('s_l', 'S = L', 'RangeCheck', good[:32] + little(model.ED_L)),
            ('s_0', 'S = 0', 'RangeCheck', good[:32] + bytes(32)),
            ('s_ones', 'S all ones', 'RangeCheck', good[:32] + b'\xff' * 32),
            ('s_big', 'S big-endian', 'SignatureEncoding', good[:32]
             + good[:31:-1]),
            ('r_big', 'R big-endian', 'SignatureEncoding', good[31::-1]
             + good[32:]),
            ('swapped', 'S before R', 'SignatureEncoding', good[32:]
             + good[:32]),
            ('zero', '64 zero bytes', 'RangeCheck', bytes(64)),
            ('r_neutral', 'R of order 1', 'SmallOrder', little(1)
             + good[32:]),
            ('r_p', 'R with y = p', 'NonCanonical', little(model.ED_P)
             + good[32:])):
        out.case(f'ed_{name}', why, flags, 'SIGNATURE_INVALID',
                 packet(signed, ED_SUITE, signature=signature), t)
    for bit in 0, 7, 127, 255, 256, 300, 383, 507, 508, 511:
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        out.case(f'ed_flip_{bit}', f'bit {bit} of the signature flipped',
                 'BadSignature', 'SIGNATURE_INVALID',
                 packet(signed, ED_SUITE, signature=bytes(bad)), t)


def signed_ranges(out):
    """What the signature was made over."""
    good = init()
    command = encode([Field(1, 1), Field(2, good)])
    whole = packet(good)
    for signer in SUITE, ED_SUITE:
        kind = ALGORITHM_NAMES[signer.algorithm]
        for name, why, message in (
                ('command', 'the Command', command),
                ('tagged', 'init with tag and length',
                 Field(2, good).encode()),
                ('field', 'the Command with tag and length',
                 Field(1, command).encode()),
                ('envelope', 'all in front of the signature', whole[:-66]),
                ('empty', 'nothing', b''),
                ('digest', 'the SHA-256 digest',
                 hashlib.sha256(good).digest()),
                ('sha512', 'the SHA-512 digest',
                 hashlib.sha512(good).digest()),
                ('shorter', 'all but the last byte', good[:-1]),
                ('longer', 'a zero byte more', good + b'\0'),
                ('no_validation', 'all but the validation', good[:-6]),
                ('image', 'the image', bytes(range(64)))):
            out.case(f'over_{kind}_{name}', f'the signature is over: {why}',
                     'SignedRange', 'SIGNATURE_INVALID',
                     packet(good, signer, signature=signer.sign(message)),
                     table(signer))


def tampering(out):
    """Each field changed after signing."""
    old = init()
    for signer in SUITE, ED_SUITE:
        kind = ALGORITHM_NAMES[signer.algorithm]
        signature = signer.sign(old)
        for name, value in (('fw_version', 301), ('hw_version', 53),
                            ('sd_req', [0x101, 0xFFFE]), ('type', 4),
                            ('sd_size', 1), ('bl_size', 1), ('app_size', 65),
                            ('hash', (3, bytes(32))), ('is_debug', 1),
                            ('validations', [(2, b'')])):
            out.case(f'changed_{kind}_{name}', f'{name} changed after '
                     'signing', 'BadSignature', 'SIGNATURE_INVALID',
                     packet(init(**{name: value}), signer,
                            signature=signature), table(signer))
            gone = () if name == 'validations' else None
            out.case(f'removed_{kind}_{name}', f'{name} removed after '
                     'signing', 'BadSignature', 'SIGNATURE_INVALID',
                     packet(init(**{name: gone}), signer,
                            signature=signature), table(signer))
    for at in range(0, len(old), 5):
        bad = bytearray(old)
        bad[at] ^= 1
        out.case(f'changed_byte_{at}', f'signed byte {at} changed: the '
                 'signature is checked before it is read', 'BadSignature',
                 'SIGNATURE_INVALID', packet(bytes(bad),
                                             signature=SUITE.sign(old)))


def key_choice(out):
    """Which key of the table signed."""
    a, b, e, f = SUITE, SECOND, ED_SUITE, ED_SECOND
    signed = init()
    for name, keys in (('ab', (a, b)), ('ba', (b, a)), ('ea', (e, a)),
                       ('ae', (a, e)), ('efab', (e, f, a, b)),
                       ('bfea', (b, f, e, a))):
        for who, signer in (('a', a), ('b', b), ('e', e), ('f', f)):
            if who in name:
                out.case(f'table_{name}_by_{who}', 'one of several keys',
                         'Valid', 'OK', packet(signed, signer), table(*keys),
                         rule='SG-01')
    out.case('stranger', 'a key that is not in the table', 'BadSignature',
             'SIGNATURE_INVALID', packet(signed, STRANGER), table(a, b))
    out.case('stranger_ed', 'the same with Ed25519', 'BadSignature',
             'SIGNATURE_INVALID', packet(signed, f), table(a, e))
    x, y = model.p256_point(a.public)
    out.case('negative_key', 'the table has the negative of the key',
             'BadSignature', 'SIGNATURE_INVALID', packet(signed),
             table(Key(P256, big(x, model.P256_P - y))))
    for name, why, signer, kind, t, want in (
            ('p256_only_ed', 'no key of this algorithm', a, 0, table(e),
             'SIGNATURE_TYPE'),
            ('ed_only_p256', 'no key of this algorithm', e, 1, table(a, b),
             'SIGNATURE_TYPE'),
            ('p256_as_ed', 'an ECDSA signature that is named Ed25519', a, 1,
             table(a, e), 'SIGNATURE_INVALID'),
            ('ed_as_p256', 'an Ed25519 signature that is named ECDSA', e, 0,
             table(a, e), 'SIGNATURE_INVALID'),
            ('p256_as_ed_alone', 'the type of the packet does not change '
             'that of the key', a, 1, table(a), 'SIGNATURE_TYPE'),
            ('ed_as_p256_alone', 'the type of the packet does not change '
             'that of the key', e, 0, table(e), 'SIGNATURE_TYPE')):
        out.case(f'algorithm_{name}', why, 'KeyAlgorithm', want,
                 packet(signed, signer, signature_type=kind), t)
    out.case('algorithm_one_key', 'one key of the algorithm is enough',
             'KeyAlgorithm', 'OK', packet(signed, e), table(a, b, e),
             rule='SG-03')
    out.case('algorithm_one_key_p256', 'one key of the algorithm is enough',
             'KeyAlgorithm', 'OK', packet(signed, a), table(e, f, a),
             rule='SG-03')


def roles(out):
    """Every set of roles under every type, and revocation."""
    for mask in range(16):
        for kind in range(5):
            need = model.ROLES[kind]
            good = need & ~mask == 0
            out.case(f'role_{mask}_type_{kind}', f'a key with roles {mask} '
                     f'signs type {kind}, which needs {need}', 'KeyRole',
                     'OK' if good else 'KEY_ROLE', packet(init(type=kind)),
                     table(SUITE.key(mask)), rule='KY-04')
    for mask in 0x10, 0xF0, 0xFF:
        out.case(f'role_{mask}_type_3', 'roles that are not defined',
                 'KeyRole', None, packet(init(type=3)),
                 table(SUITE.key(mask)), rule='KY-04')
    out.case('role_of_other_key', 'a role of a key that did not sign',
             'KeyRole', 'KEY_ROLE', packet(init(), SECOND),
             table(SUITE, SECOND.key(14)))
    out.case('role_shared', 'two keys have one role each of the two needed',
             'KeyRole', 'KEY_ROLE', packet(init(type=3)),
             table(SUITE.key(2), SECOND.key(4)))
    for signer in SUITE, ED_SUITE:
        name = ALGORITHM_NAMES[signer.algorithm]
        other = SECOND if signer is SUITE else ED_SECOND
        t = table(signer.key(15, True), other)
        out.case(f'revoked_{name}', 'the signing key is revoked',
                 'KeyRevoked', 'KEY_REVOKED', packet(init(), signer), t)
        out.case(f'revoked_{name}_other', 'another key is revoked',
                 'KeyRevoked', 'OK', packet(init(), other), t, rule='KY-03')
        out.case(f'revoked_{name}_alone', 'the only key is revoked',
                 'KeyRevoked', 'KEY_REVOKED', packet(init(), signer),
                 table(signer.key(15, True)))
    for name, t, want in (
            ('refused', table(ONE), 'KEY_PUBLISHED'),
            ('refused_second', table(SUITE, ONE), 'KEY_PUBLISHED'),
            ('allowed', table(ONE, allow=True), 'OK')):
        out.case(f'published_{name}', 'signed with private key 1',
                 'KeyPublished', want, packet(init(), ONE), t, rule='KY-02')
    out.case('published_not_used', 'a published key that did not sign',
             'KeyPublished', 'OK', packet(init()), table(ONE, SUITE),
             rule='KY-02')


def unsigned_packets(out):
    """SG-02."""
    out.case('unsigned', 'a Command instead of a SignedCommand',
             'SignatureMissing', 'SIGNATURE_MISSING', unsigned(init()))
    for kind in range(5):
        out.case(f'unsigned_{kind}', f'type {kind}', 'SignatureMissing',
                 'SIGNATURE_MISSING', unsigned(init(type=kind,
                                                    fw_version=5)))
    out.case('unsigned_debug', 'is_debug does not spare the signature',
             'SignatureMissing', 'SIGNATURE_MISSING',
             unsigned(init(is_debug=1)))
    out.case('unsigned_published', 'published keys are allowed',
             'SignatureMissing', 'SIGNATURE_MISSING', unsigned(init()),
             table(ONE, allow=True))
    out.case('signed_debug', 'is_debug changes nothing', 'Valid', 'OK',
             packet(init(is_debug=1)), rule='SG-02')
    out.case('signed_least', 'signed', 'Boundary', 'OK', packet(init()),
             rule='SG-02')


def required(out):
    """PO-01 and PO-03."""
    out.case('no_type', 'type is missing: it does not count as 0',
             'MissingField', 'TYPE_MISSING', packet(init(type=None)))
    out.case('type_zero', 'type is there and 0', 'Boundary', 'OK',
             packet(init()), rule='PO-01')
    out.case('nothing_signed', 'an empty InitCommand', 'MissingField',
             'TYPE_MISSING', packet(b''))
    out.case('nothing_signed_ed', 'an empty InitCommand', 'MissingField',
             'TYPE_MISSING', packet(b'', ED_SUITE), table(ED_SUITE))
    out.case('no_hash', 'hash is missing', 'MissingField', 'HASH_TYPE',
             packet(init(hash=None)))
    for kind in range(5):
        size = {3: 32, 4: 32}.get(kind, 4 * kind)
        out.case(f'hash_{kind}', f'hash type {kind}', 'Boundary',
                 'OK' if kind == 3 else 'HASH_TYPE',
                 packet(init(hash=(kind, bytes(size)))), rule='PO-03')
        out.case(f'hash_{kind}_32', f'hash type {kind}, 32 bytes',
                 'ValueRange', 'OK' if kind == 3 else 'HASH_TYPE',
                 packet(init(hash=(kind, bytes(32)), type=2)), rule='PO-03')


BAD_ENVELOPE = (
    ('IP-12', {'op_code': 2}, init()),
    ('IP-23', {'signature_type': 2}, init()),
    ('IP-17', {'signature': bytes(63)}, init()))
BAD_INIT = (
    ('IP-03', init() + b'\x52\x80'), ('IP-04', init() + b'\xd2\x00'),
    ('IP-05', b'\x08\xff\xff\xff\xff\x1f'), ('IP-06', init() + b'\x58\0'),
    ('IP-07', b'\x0a\0'), ('IP-08', b'\x08\1\x08\1'),
    ('IP-09', init() + b'\x48\0'), ('IP-10', b'\x42\0'),
    ('IP-13', init(is_debug=2)), ('IP-14', init(sd_req=[])),
    ('IP-15', init(sd_req=[1] * 17)), ('IP-16', init(hash=(3, b''))),
    ('IP-18', init(validations=[(0, b'')] * 4)),
    ('IP-19', init(validations=[(3, b'')])), ('IP-20', init(type=5)),
    ('IP-21', init(hash=(5, b''))), ('IP-22', init(validations=[(4, b'')])))


def packet_order(out):
    """Two faults, of every pair of checks that can meet."""
    def order(first, second, data, t):
        name = f'order_{first}_{second}'.lower().replace('-', '')
        name += '_2' if name in out.ids else ''
        status, _ = answers(data, t)
        if RULE_OF.get(status) != first:
            raise ValueError(f'{name}: the model says {status}')
        out.case(name, f'{first} and {second} both refuse', 'Valid', None,
                 data, t, also=second)
        out.records[-1]['flags'] = 'TwoFaults'

    type_bad = init(type=None, is_debug=2)
    for first, changes, signed in BAD_ENVELOPE:
        for second, t, more in (
                ('SG-03', table(ED_SUITE), signed),
                ('SG-01', table(STRANGER), signed),
                ('KY-03', table(SUITE.key(15, True)), signed),
                ('IP-13', table(SUITE), init(is_debug=2)),
                ('PO-01', table(SUITE), init(type=None)),
                ('KY-04', table(SUITE.key(0)), signed),
                ('PO-03', table(SUITE), init(hash=None))):
            order(first, second, packet(more, **changes), t)
        order(first, 'KY-02', packet(signed, ONE, **changes), table(ONE))
    bare = unsigned(init())
    order('IP-12', 'SG-02', unsigned(init(), op_code=2), table(SUITE))
    order('SG-02', 'SG-03', bare, table(ED_SUITE))
    order('SG-02', 'KY-03', bare, table(SUITE.key(15, True)))
    order('SG-02', 'KY-02', bare, table(ONE))
    order('SG-02', 'IP-13', unsigned(init(is_debug=2)), table(SUITE))
    order('SG-02', 'PO-01', unsigned(init(type=None)), table(SUITE))
    order('SG-02', 'KY-04', bare, table(SUITE.key(0)))
    order('SG-02', 'PO-03', unsigned(init(hash=None)), table(SUITE))
    order('SG-03', 'SG-01', packet(init(), signature=bytes(64)),
          table(ED_SUITE))
    order('SG-03', 'KY-03', packet(init()), table(ED_SUITE.key(15, True)))
    order('SG-03', 'IP-13', packet(init(is_debug=2)), table(ED_SUITE))
    order('SG-03', 'PO-01', packet(init(type=None)), table(ED_SUITE))
    order('SG-03', 'KY-04', packet(init()), table(ED_SUITE.key(0)))
    order('SG-03', 'PO-03', packet(init(hash=None)), table(ED_SUITE))
    order('SG-01', 'KY-03', packet(init(), STRANGER),
          table(SUITE.key(15, True)))
    order('SG-01', 'KY-02', packet(init(), STRANGER), table(ONE))
    for rule, signed in BAD_INIT:
        order('SG-01', rule, packet(signed, STRANGER), table(SUITE))
        order('KY-03', rule, packet(signed), table(SUITE.key(15, True)))
        order('KY-02', rule, packet(signed, ONE), table(ONE))
    order('SG-01', 'PO-01', packet(init(type=None), STRANGER), table(SUITE))
    order('SG-01', 'KY-04', packet(init(), STRANGER), table(SUITE.key(0)))
    order('SG-01', 'PO-03', packet(init(hash=None), STRANGER), table(SUITE))
    revoked = table(ONE.key(15, True))
    order('KY-03', 'KY-02', packet(init(), ONE), revoked)
    order('KY-03', 'PO-01', packet(init(type=None), ONE),
          table(ONE.key(15, True), allow=True))
    order('KY-03', 'KY-04', packet(init()), table(SUITE.key(0, True)))
    order('KY-03', 'PO-03', packet(init(hash=None)),
          table(SUITE.key(15, True)))
    order('KY-02', 'PO-01', packet(init(type=None), ONE), table(ONE))
    order('KY-02', 'KY-04', packet(init(), ONE), table(ONE.key(0)))
    order('KY-02', 'PO-03', packet(init(hash=None), ONE), table(ONE))
    order('IP-13', 'PO-01', packet(type_bad), table(SUITE))
    for rule, signed in BAD_INIT:
        order(rule, 'KY-04', packet(signed), table(SUITE.key(0)))
    order('IP-13', 'PO-03', packet(init(hash=None, is_debug=2)),
          table(SUITE))
    order('PO-01', 'KY-04', packet(init(type=None)), table(SUITE.key(0)))
    order('PO-01', 'PO-03', packet(init(type=None, hash=None)),
          table(SUITE))
    order('KY-04', 'PO-03', packet(init(hash=None)), table(SUITE.key(14)))


def step_two(out):
    """Faults of the signed bytes, well signed."""
    for signer in SUITE, ED_SUITE:
        name = ALGORITHM_NAMES[signer.algorithm]
        for rule, signed in BAD_INIT:
            out.case(f'signed_{name}_{rule.lower().replace("-", "")}',
                     'a fault that was signed', 'ValueRange', None,
                     packet(signed, signer), table(signer))


def make_packets():
    """All records of packet.txt."""
    out = Packets()
    for group in (good_packets, signature_numbers, signed_ranges, tampering,
                  key_choice, roles, unsigned_packets, required, step_two,
                  packet_order):
        group(out)
    return out.records
