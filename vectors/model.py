# SPDX-License-Identifier: Apache-2.0 OR MIT
"""An independent model of the verifier, written from docs/formats.md alone.

Each function answers a status symbol of that document ("OK", "TRUNCATED"), by
returning it or by raising Refused with it. Plain Python, the standard library
alone; P-256 and Ed25519 are the formulas of their standards, in affine
coordinates. Nothing here is shared with the C code, and nothing is fast or
safe for secrets.

The order of the statements is the order of checks.
"""

import functools
import hashlib
import hmac
import re
from dataclasses import dataclass, field


class Refused(Exception):
    """A check that refuses; status is its symbol."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


def refuse_if(condition, status):
    """Raise Refused when the condition of a refusal holds."""
    if condition:
        raise Refused(status)


def status_of(step, *arguments):
    """The status of a step that raises Refused, and its result or None."""
    try:
        return 'OK', step(*arguments)
    except Refused as refused:
        return refused.status, None


# --- Encoding ----------------------------------------------------------------

PACKET_MAX = 512
SD_REQ_MAX = 16
VALIDATIONS_MAX = 3
UINT32_MAX = 0xFFFFFFFF

INT, BYTES = 0, 2


def read_int(data, pos):
    """The integer at pos and the position behind it."""
    value = 0
    for n in range(5):
        refuse_if(pos == len(data), 'TRUNCATED')
        byte = data[pos]
        pos += 1
        refuse_if(n == 4 and byte > 15, 'VARINT_RANGE')
        refuse_if(n > 0 and byte == 0, 'VARINT_OVERLONG')
        value |= (byte & 0x7F) << (7 * n)
        if byte < 0x80:
            return value, pos
    raise AssertionError('the fifth byte is below 16')


def read_fields(data, numbers, repeated=()):
    """Each field of a message, as it is met: number, value, offset of it.

    numbers maps the known field numbers to their wire types. The caller
    judges a value before it asks for the next field. The offset is that of
    the first byte of a value of wire type 2.
    """
    pos = 0
    last = 0
    while pos < len(data):
        tag, pos = read_int(data, pos)
        number, wire = tag >> 3, tag & 7
        refuse_if(number not in numbers, 'FIELD_UNKNOWN')
        refuse_if(number < last, 'FIELD_ORDER')
        refuse_if(number == last and number not in repeated,
                  'FIELD_DUPLICATE')
        refuse_if(wire != numbers[number], 'FIELD_WIRE_TYPE')
        last = number
        value, pos = read_int(data, pos)
        at = pos
        if wire == BYTES:
            refuse_if(value > len(data) - pos, 'TRUNCATED')
            value, pos = data[pos:pos + value], pos + value
        yield number, value, at


# --- Step one: the envelope --------------------------------------------------

@dataclass
class Envelope:
    """What step one finds; offsets count from the start of the packet."""
    signed_bytes: bytes = None
    signed_off: int = None
    signature_type: int = None
    signature: bytes = None  # None: Packet.command, not signed
    signature_off: int = None


def read_command(data, base):
    """Command: the content of init and its offset."""
    found = {}
    for number, value, at in read_fields(data, {1: INT, 2: BYTES}):
        refuse_if(number == 1 and value != 1, 'OP_CODE')
        found[number] = value, base + at
    refuse_if(found.keys() != {1, 2}, 'FIELD_MISSING')
    return found[2]


def read_signed_command(data, base):
    """SignedCommand: an envelope."""
    envelope = Envelope()
    found = set()
    for number, value, at in read_fields(data, {1: BYTES, 2: INT, 3: BYTES}):
        found.add(number)
        if number == 1:
            envelope.signed_bytes, envelope.signed_off = read_command(
                value, base + at)
        elif number == 2:
            refuse_if(value > 1, 'SIGNATURE_TYPE_UNKNOWN')
            envelope.signature_type = value
        else:
            refuse_if(len(value) != 64, 'SIGNATURE_LENGTH')
            envelope.signature, envelope.signature_off = value, base + at
    refuse_if(found != {1, 2, 3}, 'FIELD_MISSING')
    return envelope


def open_packet(packet):
    """Packet: an envelope, signed or not."""
    refuse_if(len(packet) == 0, 'PACKET_EMPTY')
    refuse_if(len(packet) > PACKET_MAX, 'PACKET_TOO_LONG')
    envelope = None
    for number, value, at in read_fields(packet, {1: BYTES, 2: BYTES}):
        refuse_if(envelope is not None, 'BOTH_COMMANDS')
        if number == 1:
            signed, off = read_command(value, at)
            envelope = Envelope(signed_bytes=signed, signed_off=off)
        else:
            envelope = read_signed_command(value, at)
    return envelope


# --- Step two: the signed fields ---------------------------------------------

APPLICATION, SOFTDEVICE, BOOTLOADER, SOFTDEVICE_BOOTLOADER, EXTERNAL = range(5)
SHA256 = 3
ECDSA_VALIDATION = 3


@dataclass
class InitCommand:
    """The fields; None is absent, 0 and empty where presence says nothing."""
    present: set = field(default_factory=set)  # field numbers
    fw_version: int = None
    hw_version: int = None
    sd_req: list = field(default_factory=list)
    type: int = None
    sd_size: int = 0
    bl_size: int = 0
    app_size: int = 0
    hash_type: int = 0
    hash: bytes = b''
    is_debug: int = 0
    validations: list = field(default_factory=list)

    def image_len(self):
        """The length of the image, of any number of bits."""
        return {APPLICATION: self.app_size, EXTERNAL: self.app_size,
                SOFTDEVICE: self.sd_size, BOOTLOADER: self.bl_size,
                SOFTDEVICE_BOOTLOADER: self.sd_size + self.bl_size}[self.type]


def read_sd_req(data):
    """The packed list."""
    refuse_if(len(data) == 0, 'LIST_EMPTY')
    ids = []
    pos = 0
    while pos < len(data):
        value, pos = read_int(data, pos)
        refuse_if(len(ids) == SD_REQ_MAX, 'SD_REQ_COUNT')
        ids.append(value)
    return ids


def read_typed_bytes(data, type_max, unknown):
    """Hash and BootValidation: a type, then bytes; both required."""
    found = {}
    for number, value, _ in read_fields(data, {1: INT, 2: BYTES}):
        refuse_if(number == 1 and value > type_max, unknown)
        found[number] = value
    refuse_if(found.keys() != {1, 2}, 'FIELD_MISSING')
    return found[1], found[2]


def read_hash(data):
    """Hash: type and bytes."""
    kind, value = read_typed_bytes(data, 4, 'HASH_TYPE_UNKNOWN')
    refuse_if(len(value) > 32 or (kind == SHA256 and len(value) != 32),
              'HASH_LENGTH')
    return kind, value


def read_validation(data):
    """BootValidation: type and bytes."""
    kind, value = read_typed_bytes(data, 3, 'VALIDATION_TYPE_UNKNOWN')
    refuse_if(len(value) != (64 if kind == ECDSA_VALIDATION else 0),
              'VALIDATION_LENGTH')
    return kind, value


INIT_FIELDS = {1: INT, 2: INT, 3: BYTES, 4: INT, 5: INT, 6: INT, 7: INT,
               8: BYTES, 9: INT, 10: BYTES}
INIT_INTEGERS = {1: 'fw_version', 2: 'hw_version', 4: 'type', 5: 'sd_size',
                 6: 'bl_size', 7: 'app_size', 9: 'is_debug'}


def read_init_command(signed_bytes):
    """InitCommand: its fields."""
    command = InitCommand()
    for number, value, _ in read_fields(signed_bytes, INIT_FIELDS, {10}):
        command.present.add(number)
        if number == 3:
            command.sd_req = read_sd_req(value)
        elif number == 8:
            command.hash_type, command.hash = read_hash(value)
        elif number == 10:
            refuse_if(len(command.validations) == VALIDATIONS_MAX,
                      'VALIDATION_COUNT')
            command.validations.append(read_validation(value))
        else:
            refuse_if(number == 4 and value > 4, 'FW_TYPE_UNKNOWN')
            refuse_if(number == 9 and value > 1, 'BOOL_RANGE')
            setattr(command, INIT_INTEGERS[number], value)
    return command


# --- Groups ------------------------------------------------------------------

def multiply(scalar, point, add, neutral):
    """scalar times point: the sum of its doublings where a bit is set."""
    total = neutral
    for i, power in enumerate(doublings(point, add)):
        if scalar >> i & 1:
            total = add(total, power)
    return total


@functools.lru_cache(maxsize=32)
def doublings(point, add):
    """point times 1, 2, 4 ... 2^255."""
    powers = [point]
    for _ in range(255):
        powers.append(add(powers[-1], powers[-1]))
    return powers


# --- ECDSA P-256 (FIPS 186-5, SP 800-186) ------------------------------------

P256_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
P256_N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
P256_G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
          0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def p256_add(a, b):
    """The sum of affine points; None is the point at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P256_P == 0:
            return None
        slope = 3 * (a[0] * a[0] - 1) * pow(2 * a[1], -1, P256_P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P256_P)
    x = (slope * slope - a[0] - b[0]) % P256_P
    return x, (slope * (a[0] - x) - a[1]) % P256_P


def p256_multiply(scalar, point):
    """scalar, of 0 to 256 bits, times point."""
    return multiply(scalar, point, p256_add, None)


def p256_on_curve(x, y):
    """Whether the coordinates are reduced and those of a point."""
    return (x < P256_P and y < P256_P
            and (y * y - (x * x * x - 3 * x + P256_B)) % P256_P == 0)


def p256_point(key):
    """The two numbers of a key."""
    return int.from_bytes(key[:32], 'big'), int.from_bytes(key[32:], 'big')


def p256_key_ok(key):
    """Whether a key is a point of the curve."""
    return p256_on_curve(*p256_point(key))


@functools.lru_cache(maxsize=None)
def p256_verify_digest(key, digest, r, s):
    """FIPS 186-5, 6.4.2, for a key of the curve."""
    if not (1 <= r < P256_N and 1 <= s < P256_N):
        return False
    e = int.from_bytes(digest, 'big')
    w = pow(s, -1, P256_N)
    point = p256_add(p256_multiply(e * w % P256_N, P256_G),
                     p256_multiply(r * w % P256_N, p256_point(key)))
    return point is not None and point[0] % P256_N == r


def p256_verify(key, message, signature):
    """signature as in a packet: r, then s, little-endian."""
    return p256_verify_digest(key, hashlib.sha256(message).digest(),
                              int.from_bytes(signature[:32], 'little'),
                              int.from_bytes(signature[32:], 'little'))


def rfc6979_nonce(secret, digest):
    """The nonce of RFC 6979, 3.2, with SHA-256, for P-256."""
    seed = secret.to_bytes(32, 'big') + (
        int.from_bytes(digest, 'big') % P256_N).to_bytes(32, 'big')
    v, k = b'\1' * 32, bytes(32)
    for mark in b'\0', b'\1':
        k = hmac.digest(k, v + mark + seed, 'sha256')
        v = hmac.digest(k, v, 'sha256')
    while True:
        v = hmac.digest(k, v, 'sha256')
        nonce = int.from_bytes(v, 'big')
        if 1 <= nonce < P256_N:
            return nonce
        k = hmac.digest(k, v + b'\0', 'sha256')
        v = hmac.digest(k, v, 'sha256')


@functools.lru_cache(maxsize=None)
def p256_sign(secret, message):
    """A signature as in a packet, with the nonce of RFC 6979."""
    digest = hashlib.sha256(message).digest()
    nonce = rfc6979_nonce(secret, digest)
    r = p256_multiply(nonce, P256_G)[0] % P256_N
    e = int.from_bytes(digest, 'big')
    s = pow(nonce, -1, P256_N) * (e + r * secret) % P256_N
    return r.to_bytes(32, 'little') + s.to_bytes(32, 'little')


def p256_public(secret):
    """The key of a private number: X, Y."""
    x, y = p256_multiply(secret, P256_G)
    return x.to_bytes(32, 'big') + y.to_bytes(32, 'big')


# --- Ed25519 (RFC 8032) ------------------------------------------------------

ED_P = 2**255 - 19
ED_L = 2**252 + 27742317777372353535851937790883648493
ED_D = -121665 * pow(121666, -1, ED_P) % ED_P
ED_SQRT_M1 = pow(2, (ED_P - 1) // 4, ED_P)
ED_NEUTRAL = (0, 1)


def ed_x_of(y):
    """A root of (y^2 - 1)/(d y^2 + 1), or None."""
    square = (y * y - 1) * pow(ED_D * y * y + 1, -1, ED_P) % ED_P
    x = pow(square, (ED_P + 3) // 8, ED_P)
    for root in x, x * ED_SQRT_M1 % ED_P:
        if root * root % ED_P == square:
            return root
    return None


def ed_decode(data):
    """The point of its only encoding, or None."""
    number = int.from_bytes(data, 'little')
    y, sign = number % 2**255, number >> 255
    x = ed_x_of(y) if y < ED_P else None
    if x is None or (x == 0 and sign == 1):
        return None
    return (x if x % 2 == sign else ED_P - x), y


def ed_encode(point):
    """The 32 bytes of a point."""
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, 'little')


def ed_add(a, b):
    """The sum of two points, RFC 8032, 5.1 (affine)."""
    t = ED_D * a[0] * b[0] * a[1] * b[1] % ED_P
    inverse = pow(1 - t * t, -1, ED_P)
    return ((a[0] * b[1] + b[0] * a[1]) * (1 - t) * inverse % ED_P,
            (a[1] * b[1] + a[0] * b[0]) * (1 + t) * inverse % ED_P)


def ed_negate(a):
    """The negative of a point."""
    return -a[0] % ED_P, a[1]


def ed_multiply(scalar, point):
    """scalar, of 0 to 256 bits, times point."""
    return multiply(scalar, point, ed_add, ED_NEUTRAL)


ED_B = ed_decode((4 * pow(5, -1, ED_P) % ED_P).to_bytes(32, 'little'))


def ed_is_small(point):
    """Whether the order of a point is 8 or less."""
    for _ in range(3):
        point = ed_add(point, point)
    return point == ED_NEUTRAL


def ed25519_key_ok(key):
    """Whether a key is a point, canonically encoded, not of small order."""
    point = ed_decode(key)
    return point is not None and not ed_is_small(point)


def ed25519_challenge(r, key, message):
    """k of RFC 8032, 5.1.7, before it is reduced."""
    digest = hashlib.sha512(r + key + message).digest()
    return int.from_bytes(digest, 'little')


@functools.lru_cache(maxsize=None)
def ed25519_verify(key, message, signature):
    """For a key that ed25519_key_ok accepts."""
    s = int.from_bytes(signature[32:], 'little')
    r = ed_decode(signature[:32])
    if s >= ED_L or (r is not None and ed_is_small(r)):
        return False
    k = ed25519_challenge(signature[:32], key, message) % ED_L
    a = ed_negate(ed_decode(key))
    point = ed_add(ed_multiply(s, ED_B), ed_multiply(k, a))
    return ed_encode(point) == signature[:32]


class Ed25519Signer:
    """An RFC 8032 key pair; torsion is added to the public point."""

    def __init__(self, seed, torsion=ED_NEUTRAL):
        h = hashlib.sha512(seed).digest()
        n = int.from_bytes(h[:32], 'little')
        self.a = (n & (2**254 - 8)) | 2**254
        self.prefix = h[32:]
        self.pub = ed_encode(ed_add(ed_multiply(self.a, ED_B), torsion))

    def nonce(self, message):
        """r of RFC 8032, 5.1.6."""
        h = hashlib.sha512(self.prefix + message).digest()
        return int.from_bytes(h, 'little') % ED_L

    def sign(self, message, r_torsion=ED_NEUTRAL):
        """A signature whose R is off by a point of small order."""
        r = self.nonce(message)
        r_bytes = ed_encode(ed_add(ed_multiply(r, ED_B), r_torsion))
        k = ed25519_challenge(r_bytes, self.pub, message)
        s = (r + k * self.a) % ED_L
        return r_bytes + s.to_bytes(32, 'little')


# --- Keys --------------------------------------------------------------------

P256, ED25519 = 1, 2
ROLE_APPLICATION, ROLE_SOFTDEVICE, ROLE_BOOTLOADER, ROLE_EXTERNAL = 1, 2, 4, 8
ROLES = {APPLICATION: ROLE_APPLICATION, SOFTDEVICE: ROLE_SOFTDEVICE,
         BOOTLOADER: ROLE_BOOTLOADER,
         SOFTDEVICE_BOOTLOADER: ROLE_SOFTDEVICE | ROLE_BOOTLOADER,
         EXTERNAL: ROLE_EXTERNAL}
ALGORITHM_OF_SIGNATURE = {0: P256, 1: ED25519}
VERIFY = {P256: p256_verify, ED25519: ed25519_verify}
KEY_OK = {P256: p256_key_ok, ED25519: ed25519_key_ok}


@dataclass
class Key:
    """An entry of a key table."""
    algorithm: int
    bytes: bytes
    roles: int = 15
    is_revoked: bool = False


@dataclass
class KeyTable:
    """The keys of a device."""
    keys: list
    published: frozenset  # of (algorithm, first 8 bytes)
    allow_published: bool = False

    def refuses(self, key):
        """Whether KY-02 holds for a key."""
        return (not self.allow_published
                and (key.algorithm, key.bytes[:8]) in self.published)


def load_published(path):
    """All published keys, (algorithm, bytes), of verifier/published.h."""
    with open(path, encoding='ascii') as f:
        p256, ed25519 = f.read().split('#define ASSAY_PUBLISHED_ED25519_KEYS')
    keys = []
    for algorithm, text in ((P256, p256), (ED25519, ed25519)):
        for row in text.split(' X("')[1:]:
            values = re.findall('0x([0-9a-f]{2})', row)
            keys.append((algorithm, bytes(int(v, 16) for v in values)))
    return keys


def check_keys(table):
    """assay_verifier_keys"""
    refuse_if(len(table.keys) == 0, 'KEY_TABLE')
    seen = set()
    for key in table.keys:
        refuse_if(key.algorithm not in KEY_OK, 'KEY_TABLE')
        refuse_if((key.algorithm, key.bytes) in seen, 'KEY_TABLE')
        seen.add((key.algorithm, key.bytes))
    for key in table.keys:
        refuse_if(not KEY_OK[key.algorithm](key.bytes), 'KEY_INVALID')
        refuse_if(table.refuses(key), 'KEY_PUBLISHED')


# --- The steps ---------------------------------------------------------------

def find_signer(envelope, table):
    """The index of the key that made the signature."""
    refuse_if(envelope.signature is None, 'SIGNATURE_MISSING')
    algorithm = ALGORITHM_OF_SIGNATURE[envelope.signature_type]
    able = [i for i, key in enumerate(table.keys)
            if key.algorithm == algorithm]
    refuse_if(not able, 'SIGNATURE_TYPE')
    for i in able:
        if VERIFY[algorithm](table.keys[i].bytes, envelope.signed_bytes,
                             envelope.signature):
            return i
    raise Refused('SIGNATURE_INVALID')


def check_packet(packet, table):
    """assay_verifier_packet; the fields of a genuine packet."""
    envelope = open_packet(packet)
    key = table.keys[find_signer(envelope, table)]
    refuse_if(key.is_revoked, 'KEY_REVOKED')
    refuse_if(table.refuses(key), 'KEY_PUBLISHED')
    command = read_init_command(envelope.signed_bytes)
    refuse_if(command.type is None, 'TYPE_MISSING')
    refuse_if(ROLES[command.type] & ~key.roles != 0, 'KEY_ROLE')
    refuse_if(command.hash_type != SHA256, 'HASH_TYPE')
    return command


SAME_VERSION, DOWNGRADE, EXTERNAL_ON, EXTERNAL_ANY = 1, 2, 4, 8
NEEDS_SOFTDEVICE = 16
NO_ID, ANY_ID = 0, 0xFFFE


@dataclass
class Device:
    """The state of a device that policy asks for."""
    hw_version: int
    softdevice: int = None  # a firmware ID, or None
    app_version: int = 0
    bootloader_version: int = 0
    image_room: int = UINT32_MAX
    bootloader_room: int = UINT32_MAX
    switches: int = 0

    def has(self, switch):
        """Whether a switch is on."""
        return self.switches & switch != 0


def sd_req_accepted(c, d):
    """The table of "SoftDevice requirements"; the first row that fits."""
    prevents = (not d.has(DOWNGRADE)
                or (c.type == SOFTDEVICE and d.has(NEEDS_SOFTDEVICE)))
    takes_any = c.type == EXTERNAL and ANY_ID in c.sd_req
    own = d.softdevice in c.sd_req
    starts_with_zero = c.sd_req[:1] == [NO_ID]
    if d.softdevice is None:
        if not c.sd_req or starts_with_zero:
            return not prevents or c.fw_version is not None
        return takes_any
    if not c.sd_req:
        return False
    if not starts_with_zero:
        return own or takes_any
    if c.type == APPLICATION:
        if prevents and len(c.sd_req) >= 2:
            return not d.has(NEEDS_SOFTDEVICE) and own
        return True
    if c.type == SOFTDEVICE:
        return not prevents
    return c.type in (BOOTLOADER, SOFTDEVICE_BOOTLOADER)


def version_required(c, d):
    """The second column of "Firmware versions"."""
    return {APPLICATION: not d.has(DOWNGRADE), SOFTDEVICE: False,
            BOOTLOADER: True, SOFTDEVICE_BOOTLOADER: True,
            EXTERNAL: not d.has(EXTERNAL_ANY)}[c.type]


def version_accepted(c, d):
    """The third column of "Firmware versions"."""
    if c.type in (APPLICATION, SOFTDEVICE):
        return (c.fw_version > d.app_version or d.has(DOWNGRADE)
                or (c.fw_version == d.app_version and d.has(SAME_VERSION)))
    if c.type in (BOOTLOADER, SOFTDEVICE_BOOTLOADER):
        return c.fw_version > d.bootloader_version
    return c.fw_version >= d.app_version or d.has(EXTERNAL_ANY)


def check_policy(c, d):
    """assay_verifier_policy"""
    refuse_if(c.type == EXTERNAL and not d.has(EXTERNAL_ON), 'TYPE_REFUSED')
    refuse_if(c.hw_version is None, 'HW_VERSION_MISSING')
    refuse_if(c.hw_version != d.hw_version, 'HW_VERSION')
    refuse_if(not sd_req_accepted(c, d), 'SD_REQ')
    if c.fw_version is not None:
        refuse_if(not version_accepted(c, d), 'FW_VERSION')
    else:
        refuse_if(version_required(c, d), 'FW_VERSION_MISSING')
    refuse_if(c.type in (BOOTLOADER, SOFTDEVICE_BOOTLOADER)
              and c.bl_size > d.bootloader_room, 'BOOTLOADER_ROOM')
    refuse_if(c.image_len() > UINT32_MAX, 'SIZE_OVERFLOW')
    refuse_if(c.image_len() == 0, 'SIZE_ZERO')
    refuse_if(c.image_len() > d.image_room, 'IMAGE_ROOM')


class Image:
    """assay_verifier_image_start (start), _update, _finish"""

    def __init__(self):
        self.is_open = False
        self.left = 0
        self.digest = b''
        self.sha = None

    def start(self, c):
        """Begin the image of a command."""
        self.is_open = False
        refuse_if(c.hash_type != SHA256, 'HASH_TYPE')
        refuse_if(c.image_len() > UINT32_MAX, 'SIZE_OVERFLOW')
        refuse_if(c.image_len() == 0, 'SIZE_ZERO')
        self.is_open = True
        self.left = c.image_len()
        self.digest = c.hash
        self.sha = hashlib.sha256()

    def update(self, piece):
        """Take a piece."""
        refuse_if(not self.is_open, 'IMAGE_STATE')
        if len(piece) > self.left:
            self.is_open = False
            raise Refused('IMAGE_LONG')
        self.left -= len(piece)
        self.sha.update(piece)

    def finish(self):
        """End the image."""
        refuse_if(not self.is_open, 'IMAGE_STATE')
        self.is_open = False
        refuse_if(self.left != 0, 'IMAGE_SHORT')
        refuse_if(self.sha.digest()[::-1] != self.digest, 'IMAGE_DIGEST')


def check_boot(packet, image_bytes, kind, table):
    """assay_verifier_boot"""
    command = check_packet(packet, table)
    refuse_if(command.type != kind, 'TYPE_REFUSED')
    image = Image()
    image.start(command)
    image.update(image_bytes)
    image.finish()
