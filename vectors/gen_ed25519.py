# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Records for Ed25519 (vectors/ed25519.txt): published and constructed.

Each case is built to meet or to miss one rule, with the result it should have
stated beside it. The model decides every case as well; the program stops when
the two disagree.
"""

import hashlib

import model
from model import ED_B as B
from model import ED_L as L
from model import ED_NEUTRAL as NEUTRAL
from model import ED_P as P
from model import Ed25519Signer as Signer
from model import ed_add as add
from model import ed_encode as encode
from model import ed_multiply as mul
from model import ed_negate as neg
from model import ed_x_of as x_of
from records import Suite

HEAD = {'kind': 'ed25519', 'source': 'RFC 8032, 7.1; else constructed, '
        'decided by vectors/model.py'}
TITLE = 'Ed25519: signatures and whether they are accepted.'

OK, SIG, KEY = 'OK', 'SIGNATURE_INVALID', 'KEY_INVALID'

# RFC 8032, 7.1: name, secret key, message, signature.
RFC8032 = [
    ('rfc8032_test_1',
     '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
     '',
     'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155'
     '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'),
    ('rfc8032_test_2',
     '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
     '72',
     '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da'
     '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'),
    ('rfc8032_test_3',
     'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
     'af82',
     '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac'
     '18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a'),
    ('rfc8032_test_1024',
     'f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5',
     '08b8b2b733424243760fe426a4b54908632110a66c2f6591eabd3345e3e4eb98'
     'fa6e264bf09efe12ee50f8f54e9f77b1e355f6c50544e23fb1433ddf73be84d8'
     '79de7c0046dc4996d9e773f4bc9efe5738829adb26c81b37c93a1b270b20329d'
     '658675fc6ea534e0810a4432826bf58c941efb65d57a338bbd2e26640f89ffbc'
     '1a858efcb8550ee3a5e1998bd177e93a7363c344fe6b199ee5d02e82d522c4fe'
     'ba15452f80288a821a579116ec6dad2b3b310da903401aa62100ab5d1a36553e'
     '06203b33890cc9b832f79ef80560ccb9a39ce767967ed628c6ad573cb116dbef'
     'efd75499da96bd68a8a97b928a8bbc103b6621fcde2beca1231d206be6cd9ec7'
     'aff6f6c94fcd7204ed3455c68c83f4a41da4af2b74ef5c53f1d8ac70bdcb7ed1'
     '85ce81bd84359d44254d95629e9855a94a7c1958d1f8ada5d0532ed8a5aa3fb2'
     'd17ba70eb6248e594e1a2297acbbb39d502f1a8c6eb6f1ce22b3de1a1f40cc24'
     '554119a831a9aad6079cad88425de6bde1a9187ebb6092cf67bf2b13fd65f270'
     '88d78b7e883c8759d2c4f5c65adb7553878ad575f9fad878e80a0c9ba63bcbcc'
     '2732e69485bbc9c90bfbd62481d9089beccf80cfe2df16a2cf65bd92dd597b07'
     '07e0917af48bbb75fed413d238f5555a7a569d80c3414a8d0859dc65a46128ba'
     'b27af87a71314f318c782b23ebfe808b82b0ce26401d2e22f04d83d1255dc51a'
     'ddd3b75a2b1ae0784504df543af8969be3ea7082ff7fc9888c144da2af58429e'
     'c96031dbcad3dad9af0dcbaaaf268cb8fcffead94f3c7ca495e056a9b47acdb7'
     '51fb73e666c6c655ade8297297d07ad1ba5e43f1bca32301651339e22904cc8c'
     '42f58c30c04aafdb038dda0847dd988dcda6f3bfd15c4b4c4525004aa06eeff8'
     'ca61783aacec57fb3d1f92b0fe2fd1a85f6724517b65e614ad6808d6f6ee34df'
     'f7310fdc82aebfd904b01e1dc54b2927094b2db68d6f903b68401adebf5a7e08'
     'd78ff4ef5d63653a65040cf9bfd4aca7984a74d37145986780fc0b16ac451649'
     'de6188a7dbdf191f64b5fc5e2ab47b57f7f7276cd419c17a3ca8e1b939ae49e4'
     '88acba6b965610b5480109c8b17b80e1b7b750dfc7598d5d5011fd2dcc5600a3'
     '2ef5b52a1ecc820e308aa342721aac0943bf6686b64b2579376504ccc493d97e'
     '6aed3fb0f9cd71a43dd497f01f17c0e2cb3797aa2a2f256656168e6c496afc5f'
     'b93246f6b1116398a346f1a641f3b041e989f7914f90cc2c7fff357876e506b5'
     '0d334ba77c225bc307ba537152f3f1610e4eafe595f6d9d90d11faa933a15ef1'
     '369546868a7f3a45a96768d40fd9d03412c091c6315cf4fde7cb68606937380d'
     'b2eaaa707b4c4185c32eddcdd306705e4dc1ffc872eeee475a64dfac86aba41c'
     '0618983f8741c5ef68d3a101e8a3b8cac60c905c15fc910840b94c00a0b9d0',
     '0aab4c900501b3e24d7cdf4663326a3a87df5e4843b2cbdb67cbf6e460fec350'
     'aa5371b1508f9f4528ecea23c436d94b5e8fcd4f681e30a6ac00a9704a188a03'),
    ('rfc8032_test_sha_abc',
     '833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42',
     'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a'
     '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
     'dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589'
     '09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704'),
]


# --- Numbers and points ------------------------------------------------------

def encode_raw(y, sign):
    """The bytes of y and a sign, whatever they are."""
    return (y | sign << 255).to_bytes(32, 'little')


def challenge(r, pub, msg):
    """k of RFC 8032, 5.1.7."""
    return model.ed25519_challenge(r, pub, msg) % L


def verdict(pub, msg, sig):
    """What the model says."""
    if not model.ed25519_key_ok(pub):
        return KEY
    return OK if model.ed25519_verify(pub, msg, sig) else SIG


def torsion_generator():
    """A point of order 8: L times a point that has the factor."""
    y = 2
    while True:
        x = x_of(y)
        t = mul(L, (x, y)) if x is not None else NEUTRAL
        if mul(4, t) != NEUTRAL:
            return t
        y += 1


TORSION = [mul(i, torsion_generator()) for i in range(8)]


def sc(n):
    """The 32 bytes of a number modulo L."""
    return (n % L).to_bytes(32, 'little')


def raw(n):
    """The 32 bytes of a number."""
    return n.to_bytes(32, 'little')


def seed(name):
    """A seed that belongs to the name."""
    return hashlib.sha256(b'assay ed25519 ' + name.encode()).digest()


def messages(name):
    """An endless row of short messages."""
    i = 0
    while True:
        yield f'{name} {i}'.encode()
        i += 1


# --- The cases ---------------------------------------------------------------

class Records(Suite):
    """Records of this kind; flags is that of the group at work."""

    def __init__(self):
        super().__init__('ed25519')
        self.flags = ''

    def case(self, name, why, want, pub, msg, sig, src='constructed'):
        """One signature and what it should be."""
        if verdict(pub, msg, sig) != want:
            raise ValueError(f'{name}: not {want}')
        self.add(name, why, self.flags, want, src=src, msg=msg, pub=pub,
                 sig=sig, rule='KY-01' if want == KEY else 'SG-01')


def published(out):
    """The examples of the standard."""
    for name, secret, msg, sig in RFC8032:
        signer, msg = Signer(bytes.fromhex(secret)), bytes.fromhex(msg)
        if signer.sign(msg).hex() != sig:
            raise ValueError(f'{name}: not what the RFC has')
        out.case(name, 'published example', OK, signer.pub, msg,
                 bytes.fromhex(sig), 'RFC 8032, 7.1')


def lengths(out):
    """R and A fill 64 bytes of the first block; padding needs 17 or more."""
    signer = Signer(seed('lengths'))
    for n in 1, 46, 47, 48, 63, 64, 65, 175, 176, 192:
        msg = bytes(i & 255 for i in range(n))
        out.case(f'length_{n}', f'{n + 64} bytes under SHA-512', OK,
                 signer.pub, msg, signer.sign(msg))


def flips(out):
    """One signature with every kind of change."""
    signer = Signer(seed('flips'))
    msg = b'flip one bit of me'
    good = signer.sign(msg)
    out.case('flip_none', 'what the other flip_ cases start from', OK,
             signer.pub, msg, good)
    for bit in 0, 7, 128, 254, 255, 256, 263, 384, 507, 508, 509, 510, 511:
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        part, at = ('R', bit) if bit < 256 else ('S', bit - 256)
        out.case(f'flip_{part.lower()}_{at}', f'bit {at} of {part} flipped',
                 SIG, signer.pub, msg, bytes(bad))
    for at in 0, len(msg) - 1:
        bad = bytearray(msg)
        bad[at] ^= 1
        out.case(f'flip_msg_{at}', f'byte {at} of the message changed',
                 SIG, signer.pub, bytes(bad), good)
    out.case('msg_cut', 'message one byte shorter', SIG, signer.pub,
             msg[:-1], good)
    out.case('msg_longer', 'message one zero byte longer', SIG,
             signer.pub, msg + b'\0', good)
    out.case('key_negated', 'sign bit of A flipped', SIG,
             raw(int.from_bytes(signer.pub, 'little') ^ 1 << 255), msg, good)
    out.case('key_other', 'signature of another key', SIG,
             Signer(seed('other')).pub, msg, good)
    out.case('halves_swapped', 'S before R', SIG, signer.pub, msg,
             good[32:] + good[:32])
    out.case('all_zero', 'signature of 64 zero bytes', SIG,
             signer.pub, msg, bytes(64))
    out.case('all_ones', 'signature of 64 bytes ff', SIG, signer.pub,
             msg, b'\xff' * 64)


def scalar_range(out):
    """S at and beyond its limits."""
    signer = Signer(seed('scalar'))
    msg = b'S is less than L'
    good = signer.sign(msg)
    r, s = good[:32], int.from_bytes(good[32:], 'little')
    out.case('s_plus_0l', 'what the s_plus_ cases start from', OK,
             signer.pub, msg, good)
    for n in 1, 2, 3, 7, 8, 14, 15:
        out.case(f's_plus_{n}l', f'S + {n} L satisfies the equation', SIG,
                 signer.pub, msg, r + raw(s + n * L))
    for name, n in (('0', 0), ('1', 1), ('l_minus_1', L - 1), ('l', L),
                    ('l_plus_1', L + 1), ('2_252', 2**252),
                    ('2_253', 2**253), ('2_253_minus_1', 2**253 - 1),
                    ('2_255_minus_1', 2**255 - 1),
                    ('2_256_minus_1', 2**256 - 1)):
        out.case(f's_{name}', 'boundary value of S', SIG, signer.pub,
                 msg, r + raw(n))
    out.case('s_negated', 'L - S in place of S', SIG, signer.pub, msg,
             r + sc(-s))
    for msg in messages('small S'):
        sig = signer.sign(msg)
        if sig[63] == 0 and sig[62] < 16:
            break
    out.case('s_short', 'S below 2^244', OK, signer.pub, msg, sig)
    for msg in messages('large S'):
        sig = signer.sign(msg)
        if sig[63] == 15 and sig[62] >= 240:
            break
    out.case('s_long', 'S within 2^244 of 2^252', OK, signer.pub, msg,
             sig)


def small_order_keys(out):
    """A of small order signs anything: without the rule, all would pass."""
    encodings = [(f'{i}', encode(t), t) for i, t in enumerate(TORSION)]
    for name, y, point in (('p', P, None), ('p_plus_1', P + 1, NEUTRAL)):
        for sign in 0, 1:
            t = point or (x_of(0), 0)
            encodings.append((f'y_{name}_sign_{sign}', encode_raw(y, sign), t))
    encodings.append(('minus_zero_y_1', encode_raw(1, 1), NEUTRAL))
    encodings.append(('minus_zero_y_p_minus_1', encode_raw(P - 1, 1),
                      (0, P - 1)))
    for name, pub, point in encodings:
        for msg in messages('small order key'):
            r = int.from_bytes(seed(msg.decode()), 'little') % L
            r_bytes = encode(mul(r, B))
            if mul(challenge(r_bytes, pub, msg), point) == NEUTRAL:
                break
        out.case(f'key_small_order_{name}', 'equation holds, A of small order',
                 KEY, pub, msg, r_bytes + sc(r))
    out.case('key_small_order_forged', 'A, R and S of the neutral element',
             KEY, encode(NEUTRAL), b'any message',
             encode(NEUTRAL) + sc(0))


def bad_keys(out):
    """A at and beyond the limits of y."""
    signer = Signer(seed('bad keys'))
    msg = b'no such key'
    good = signer.sign(msg)
    for y in range(2, 19):
        on_curve = x_of(y) is not None
        for sign in 0, 1:
            if not on_curve and sign:
                continue
            out.case(f'key_y_{y}_sign_{sign}',
                     'canonical y, ' + (
                         "on the curve; the signature is another key's"
                         if on_curve else 'no point of the curve'),
                     SIG if on_curve else KEY,
                     encode_raw(y, sign), msg, good)
            out.case(f'key_y_p_plus_{y}_sign_{sign}', 'y >= p'
                     + (', on the curve' if on_curve else ''), KEY,
                     encode_raw(P + y, sign), msg, good)
    for n in range(2, 8):
        y = P - n
        on_curve = x_of(y) is not None
        out.case(f'key_y_p_minus_{n}', 'canonical y near p, '
                 + ('on the curve' if on_curve else 'no point of the curve'),
                 SIG if on_curve else KEY,
                 encode_raw(y, 0), msg, good)
    out.case('key_all_ones', '32 bytes ff', KEY, b'\xff' * 32, msg,
             good)
    out.case('key_and_s_wrong', 'A is reported before S', KEY,
             encode(NEUTRAL), msg, b'\xff' * 64)


def small_order_r(out):
    """R of small order with the equation true."""
    signer = Signer(seed('small order R'))
    msg = b'R is the neutral element'
    for name, r in (('neutral', encode(NEUTRAL)),
                    ('neutral_y_p_plus_1', encode_raw(P + 1, 0)),
                    ('neutral_minus_zero', encode_raw(1, 1)),
                    ('neutral_both', encode_raw(P + 1, 1))):
        k = challenge(r, signer.pub, msg)
        out.case(f'r_{name}', 'R stands for the neutral element, S = k a',
                 SIG, signer.pub, msg, r + sc(k * signer.a))
    mixed = Signer(seed('small order R'), TORSION[1])
    for i, t in list(enumerate(TORSION))[1:]:
        for msg in messages('small order R'):
            k = challenge(encode(t), mixed.pub, msg)
            if neg(mul(k, TORSION[1])) == t:
                break
        out.case(f'r_small_order_{i}', 'R of small order, A of mixed order',
                 SIG, mixed.pub, msg, encode(t) + sc(k * mixed.a))
    for sign in 0, 1:
        t = TORSION[2] if TORSION[2][0] & 1 == sign else TORSION[6]
        r = encode_raw(P, sign)
        for msg in messages('R with y = p'):
            k = challenge(r, mixed.pub, msg)
            if neg(mul(k, TORSION[1])) == t:
                break
        out.case(f'r_y_p_sign_{sign}', 'R of order 4 written with y = p',
                 SIG, mixed.pub, msg, r + sc(k * mixed.a))


def r_encodings(out):
    """R is compared as bytes."""
    signer = Signer(seed('R'))
    msg = b'R is compared as bytes'
    good = signer.sign(msg)
    r = signer.nonce(msg)
    negated = raw(int.from_bytes(good[:32], 'little') ^ 1 << 255)
    k = challenge(negated, signer.pub, msg)
    out.case('r_negated', 'the equation gives -R: one bit of the bytes',
             SIG, signer.pub, msg, negated + sc(r + k * signer.a))
    for name, y in (('p_plus_2', P + 2), ('2_255_minus_1', 2**255 - 1),
                    ('2', 2), ('p_minus_2', P - 2)):
        for sign in 0, 1:
            out.case(f'r_y_{name}_sign_{sign}', 'R with an extreme y', SIG,
                     signer.pub, msg, encode_raw(y, sign) + good[32:])


def mixed_order(out):
    """The equation is not multiplied by the cofactor."""
    for i in 1, 2, 4:
        t = TORSION[i]
        order = 8 // i
        signer = Signer(seed('mixed'), t)
        for msg in messages('mixed order key'):
            sig = signer.sign(msg)
            if challenge(sig[:32], signer.pub, msg) % order == 0:
                break
        out.case(f'key_order_{order}l_k_cancels', 'k is a multiple of the '
                 'order of the small part of A', OK, signer.pub, msg, sig)
        for msg in messages('mixed order key'):
            sig = signer.sign(msg)
            if challenge(sig[:32], signer.pub, msg) % order:
                break
        out.case(f'key_order_{order}l_cofactored', 'true only when '
                 'multiplied by 8', SIG, signer.pub, msg, sig)
        for msg in messages('mixed order key and R'):
            sig = signer.sign(msg, neg(t))
            if challenge(sig[:32], signer.pub, msg) % order == 1:
                break
        out.case(f'key_and_r_order_{order}l', 'small parts of R and [k]A '
                 'agree', OK, signer.pub, msg, sig)

    signer = Signer(seed('prime order'))
    for i in range(1, 8):
        msg = b'mixed order R'
        out.case(f'r_torsion_{i}', 'R off by a point of small order; true '
                 'when multiplied by 8', SIG, signer.pub, msg,
                 signer.sign(msg, TORSION[i]))

    # 8 does not divide L: k and k mod L differ in their small part.
    signer = Signer(seed('mixed'), TORSION[1])
    for name, want in (('reduced', OK), ('unreduced', SIG)):
        for msg in messages(f'k {name}'):
            sig = signer.sign(msg, neg(TORSION[1]))
            full = model.ed25519_challenge(sig[:32], signer.pub, msg)
            parts = [full % L % 8 == 1, full % 8 == 1]
            if parts == ([True, False] if want == OK else [False, True]):
                break
        out.case(f'k_{name}', f'true only for k {name}', want,
                 signer.pub, msg, sig)


def make():
    """All records."""
    out = Records()
    for flags, group in (
            ('Valid', published), ('Valid', lengths),
            ('BadSignature', flips), ('RangeCheck', scalar_range),
            ('SmallOrder', small_order_keys), ('NonCanonical', bad_keys),
            ('SmallOrder', small_order_r), ('NonCanonical', r_encodings),
            ('SmallOrder', mixed_order)):
        out.flags = flags
        group(out)
    return out.records
