# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Writing init packets, right and wrong: what the generators are made of."""

import copy
import hashlib
from dataclasses import dataclass

import model


# --- Integers and fields -----------------------------------------------------

def varint(value, size=0):
    """An integer; with size, of at least so many bytes."""
    out = b''
    while value > 127 or len(out) + 1 < size:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


@dataclass
class Field:
    """A field of a message; value is an int, bytes, or a list of fields.

    wire, tag and head replace what would be written for the wire type, the
    bytes of the tag, and the bytes of the integer or of the length.
    """
    number: int
    value: object
    wire: int = None
    tag: bytes = None
    head: bytes = None

    def own_wire(self):
        """The wire type that belongs to the value."""
        return 0 if isinstance(self.value, int) else 2

    def encode(self):
        """The bytes of the field."""
        wire = self.own_wire() if self.wire is None else self.wire
        tag = self.tag or varint(self.number << 3 | wire)
        if isinstance(self.value, int):
            return tag + (self.head or varint(self.value))
        body = encode(self.value)
        return tag + (self.head or varint(len(body))) + body


def encode(value):
    """The bytes of a message: bytes, or a list of fields and bytes."""
    if isinstance(value, bytes):
        return value
    return b''.join(part if isinstance(part, bytes) else part.encode()
                    for part in value)


def paths(fields, prefix=()):
    """The place of every field in a tree of fields: rows of indices."""
    for i, part in enumerate(fields):
        yield prefix + (i,)
        if isinstance(part.value, list):
            yield from paths(part.value, prefix + (i,))


def changed(fields, path, change):
    """A copy of the tree, with change(row, index) made at a place."""
    fields = copy.deepcopy(fields)
    row = fields
    for i in path[:-1]:
        row = row[i].value
    change(row, path[-1])
    return fields


# --- Keys of the suite -------------------------------------------------------

class Signer:
    """A key of ours; the private half is a digest of its name."""

    def __init__(self, name, algorithm=model.P256, secret=None):
        self.algorithm = algorithm
        self.signature_type = {model.P256: 0, model.ED25519: 1}[algorithm]
        seed = hashlib.sha512(b'assay vectors ' + name.encode()).digest()
        if algorithm == model.P256:
            self.secret = secret or (
                int.from_bytes(seed, 'big') % (model.P256_N - 1) + 1)
            self.public = model.p256_public(self.secret)
        else:
            self.pair = model.Ed25519Signer(seed[:32])
            self.public = self.pair.pub

    def sign(self, message):
        """The signature, as in a packet."""
        if self.algorithm == model.P256:
            return model.p256_sign(self.secret, message)
        return self.pair.sign(message)

    def key(self, roles=15, is_revoked=False):
        """The entry of a key table."""
        return model.Key(self.algorithm, self.public, roles, is_revoked)


SUITE = Signer('suite')
SECOND = Signer('second')
STRANGER = Signer('stranger')
ED_SUITE = Signer('suite', model.ED25519)
ED_SECOND = Signer('second', model.ED25519)
ONE = Signer('one', secret=1)  # the base point, a published key


# --- Messages ----------------------------------------------------------------

IMAGE = bytes(range(64))


def digest_of(image):
    """Hash.hash of an image."""
    return hashlib.sha256(image).digest()[::-1]


def typed(number, kind, value):
    """Hash and BootValidation."""
    return Field(number, [Field(1, kind), Field(2, value)])


def init_fields(**fields):
    """InitCommand: an application, with changes; None leaves a field out."""
    values = {'fw_version': 300, 'hw_version': 52, 'sd_req': [0x100, 0xFFFE],
              'type': 0, 'sd_size': 0, 'bl_size': 0, 'app_size': len(IMAGE),
              'hash': (3, digest_of(IMAGE)), 'is_debug': 0,
              'validations': [(1, b'')]}
    for name in fields:
        if name not in values:
            raise KeyError(name)
    values.update(fields)
    out = []
    for number, name in enumerate(values, 1):
        value = values[name]
        if value is None:
            continue
        if name == 'sd_req':
            value = b''.join(map(varint, value))
        if name == 'hash':
            out.append(typed(8, *value))
        elif name == 'validations':
            out.extend(typed(10, *v) for v in value)
        else:
            out.append(Field(number, value))
    return out


def init(**fields):
    """The bytes of init_fields."""
    return encode(init_fields(**fields))


def envelope_fields(signed, signer=SUITE, **changes):
    """Packet: a SignedCommand around the content of init.

    changes: op_code, signature_type, signature.
    """
    signature = changes.get('signature')
    if signature is None:
        signature = signer.sign(signed)
    command = [Field(1, changes.get('op_code', 1)), Field(2, signed)]
    kind = changes.get('signature_type', signer.signature_type)
    return [Field(2, [Field(1, command), Field(2, kind),
                      Field(3, signature)])]


def packet(signed, signer=SUITE, **changes):
    """The bytes of envelope_fields."""
    return encode(envelope_fields(signed, signer, **changes))


def unsigned(signed, op_code=1):
    """Packet with a bare Command."""
    return encode([Field(1, [Field(1, op_code), Field(2, signed)])])


class Dice:
    """Numbers from a seed, the same everywhere: SHA-256 of a counter."""

    def __init__(self, seed):
        self.seed = seed.encode()
        self.n = 0

    def below(self, limit):
        """A number from 0 to limit - 1."""
        self.n += 1
        digest = hashlib.sha256(self.seed + b' %d' % self.n).digest()
        return int.from_bytes(digest, 'big') % limit

    def bytes(self, size):
        """So many bytes."""
        return bytes(self.below(256) for _ in range(size))
