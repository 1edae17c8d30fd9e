# SPDX-License-Identifier: Apache-2.0 OR MIT
"""The text format of the vectors: kinds, rules, flags; reading and writing.

README.md describes the format. A record is a dict in the order of its lines.
"""

import os
import re

FOLDER = os.path.dirname(os.path.abspath(__file__))
PUBLISHED_H = os.path.join(FOLDER, '..', 'verifier', 'published.h')
LICENCE = 'Apache-2.0 OR MIT'

# The rule that each status reports, as docs/formats.md has it.
RULE_OF = dict(
    PACKET_EMPTY='IP-01', PACKET_TOO_LONG='IP-02', TRUNCATED='IP-03',
    VARINT_OVERLONG='IP-04', VARINT_RANGE='IP-05', FIELD_UNKNOWN='IP-06',
    FIELD_WIRE_TYPE='IP-07', FIELD_DUPLICATE='IP-08', FIELD_ORDER='IP-09',
    FIELD_MISSING='IP-10', BOTH_COMMANDS='IP-11', OP_CODE='IP-12',
    BOOL_RANGE='IP-13', LIST_EMPTY='IP-14', SD_REQ_COUNT='IP-15',
    HASH_LENGTH='IP-16', SIGNATURE_LENGTH='IP-17', VALIDATION_COUNT='IP-18',
    VALIDATION_LENGTH='IP-19', FW_TYPE_UNKNOWN='IP-20',
    HASH_TYPE_UNKNOWN='IP-21', VALIDATION_TYPE_UNKNOWN='IP-22',
    SIGNATURE_TYPE_UNKNOWN='IP-23', SIGNATURE_INVALID='SG-01',
    SIGNATURE_MISSING='SG-02', SIGNATURE_TYPE='SG-03', KEY_INVALID='KY-01',
    KEY_PUBLISHED='KY-02', KEY_REVOKED='KY-03', KEY_ROLE='KY-04',
    KEY_TABLE='KY-05', TYPE_MISSING='PO-01', TYPE_REFUSED='PO-02',
    HASH_TYPE='PO-03', HW_VERSION_MISSING='PO-04', HW_VERSION='PO-05',
    SD_REQ='PO-06', FW_VERSION_MISSING='PO-07', FW_VERSION='PO-08',
    SIZE_ZERO='PO-09', SIZE_OVERFLOW='PO-10', BOOTLOADER_ROOM='PO-11',
    IMAGE_ROOM='PO-12', IMAGE_LONG='IM-01', IMAGE_SHORT='IM-02',
    IMAGE_DIGEST='IM-03', IMAGE_STATE='IM-04')
STATUS_OF = {rule: status for status, rule in RULE_OF.items()}

# What a record is about: its bug type, as Wycheproof sorts them, and a
# description.
FLAGS = {
    'Valid': ('BASIC', 'An ordinary case that must be accepted.'),
    'Boundary': ('EDGE_CASE', 'The value stands at the edge of a rule, just '
                 'inside or just outside.'),
    'Truncated': ('MODIFIED_PARAMETER', 'The bytes end too early.'),
    'LengthOverflow': ('CAN_OF_WORMS', 'A length reaches beyond the message '
                       'that holds it, or wraps around in 32 bits.'),
    'OverlongVarint': ('MALLEABILITY', 'An integer has more bytes than it '
                       'needs: a second encoding of one packet.'),
    'VarintRange': ('CAN_OF_WORMS', 'An integer has more than 32 bits.'),
    'UnknownField': ('CAN_OF_WORMS', 'A field number is not defined.'),
    'WireType': ('CAN_OF_WORMS', 'A field has another wire type.'),
    'DuplicateField': ('AUTH_BYPASS', 'A field stands twice: readers differ '
                       'in which of the two counts.'),
    'FieldOrder': ('MALLEABILITY', 'Fields do not ascend.'),
    'MissingField': ('MISSING_STEP', 'A field is left out.'),
    'TrailingBytes': ('AUTH_BYPASS', 'Bytes stand behind the last field.'),
    'BothCommands': ('AUTH_BYPASS', 'A signed and an unsigned command stand '
                     'side by side.'),
    'SignedRange': ('AUTH_BYPASS', 'The bytes that are used are not the '
                    'bytes that are signed.'),
    'TypeConfusion': ('CAN_OF_WORMS', 'A message stands where another one '
                      'belongs, or the file is of another format.'),
    'ValueRange': ('MISSING_STEP', 'A value is not one of those defined.'),
    'Mutation': ('CAN_OF_WORMS', 'Bytes were changed by chance, from a '
                 'fixed seed.'),
    'TwoFaults': ('DEFINED', 'Two rules refuse, "rule" and "also": the order '
                  'of checks says which of the two is reported.'),
    'BadSignature': ('AUTH_BYPASS', 'The signature is not one of the key.'),
    'SignatureEncoding': ('MALLEABILITY', 'The numbers of a signature are '
                          'written in another way.'),
    'SignatureMissing': ('AUTH_BYPASS', 'No signature at all.'),
    'Malleability': ('SIGNATURE_MALLEABILITY', 'A second signature made from '
                     'the first without the private key.'),
    'RangeCheck': ('MISSING_STEP', 'A number of the signature is not in its '
                   'range.'),
    'Arithmetic': ('EDGE_CASE', 'Numbers that meet the limits of limbs, '
                   'reductions and point additions.'),
    'SmallOrder': ('AUTH_BYPASS', 'A point of small or mixed order.'),
    'NonCanonical': ('MALLEABILITY', 'A point is not in its only encoding.'),
    'KeyEdge': ('EDGE_CASE', 'A key with a coordinate or a private number at '
                'the edge of its range.'),
    'KeyInvalid': ('MISSING_STEP', 'A key is no usable point.'),
    'KeyTable': ('MISSING_STEP', 'A key table that cannot be trusted.'),
    'KeyPublished': ('WEAK_PARAMS', 'The private half of the key is public.'),
    'KeyRevoked': ('AUTH_BYPASS', 'The key is revoked.'),
    'KeyRole': ('AUTH_BYPASS', 'What the key may sign.'),
    'KeyAlgorithm': ('WRONG_PRIMITIVE', 'The packet names one algorithm, the '
                     'key has another.'),
    'Version': ('LEGACY', 'Hardware and firmware versions, and which of them '
                'are updates.'),
    'Downgrade': ('AUTH_BYPASS', 'An older version than the one installed.'),
    'SoftDevice': ('DEFINED', 'Which SoftDevice a packet asks for.'),
    'Size': ('CAN_OF_WORMS', 'Sizes of images and the room for them.'),
    'Image': ('AUTH_BYPASS', 'The bytes are not those that were signed.'),
    'State': ('MISSING_STEP', 'Steps in another order.'),
}

# Keys that stand in every record, then those of each kind: inputs, answers.
COMMON = ('id', 'why', 'rule', 'src')
DEVICE = ('hw_version', 'softdevice', 'app_version', 'bootloader_version',
          'image_room', 'bootloader_room', 'switches')
FIELDS = ('fw_version', 'hw_version', 'sd_req', 'type', 'sd_size', 'bl_size',
          'app_size', 'hash_type', 'hash', 'is_debug', 'validations')
KEYS = ('table_flags', 'key_0', 'key_1', 'key_2', 'key_3')
KINDS = {
    'initpkt': (('packet',), ('step', 'signed', 'signature',
                              'signature_type') + FIELDS),
    'keys': (KEYS, ()),
    'packet': (KEYS + ('packet',), ('key_index',)),
    'policy': (KEYS + ('packet',) + DEVICE, ()),
    'image': (('packet', 'image', 'calls'), ('answers',)),
    'boot': (KEYS + ('packet', 'image', 'installed'), ()),
    'p256': (('msg', 'digest', 'pub', 'sig'), ()),
    'ed25519': (('msg', 'pub', 'sig'), ()),
    'sha256': (('msg', 'repeat'), ()),
    'sha512': (('msg', 'repeat'), ()),
}


class Suite:
    """The records of one file, as a generator makes them."""

    def __init__(self, kind):
        self.kind = kind
        self.records = []
        self.ids = set()

    def add(self, name, why, flags, want, **more):
        """One record: rule, also and src may be given among the inputs."""
        record = {'id': name, 'why': why}
        record['rule'] = more.pop('rule', None) or RULE_OF[want]
        also = more.pop('also', None)
        if also is not None:
            record['also'] = also
            flags += ' TwoFaults'
        record['flags'] = flags
        record['src'] = more.pop('src', 'constructed')
        inputs, answers = KINDS[self.kind]
        for key in inputs:
            if key in more:
                record[key] = more.pop(key)
        record['want'] = want
        for key in answers:
            if key in more:
                record[key] = more.pop(key)
        if more or name in self.ids or not set(flags.split()) <= set(FLAGS):
            raise ValueError(f'{name}: {more}, or twice, or {flags}')
        self.ids.add(name)
        self.records.append(record)


def line(key, value):
    """One line of a file."""
    if isinstance(value, bytes):
        value = value.hex()
    return f'{key} = {value}'.rstrip() + '\n'


def text_of(title, head, records):
    """A whole file."""
    head = {'format': 1, 'kind': head['kind'], 'count': 0, **head}
    head['count'] = len(records)
    parts = [f'# {title}\n'
             '# Made by its generator; edit that instead. See README.md.\n']
    parts.append(''.join(line(*item) for item in head.items()))
    parts += [''.join(line(*item) for item in r.items()) for r in records]
    return '\n'.join(parts).replace('\n\n', '\n', 1)


def read(path):
    """The head and the records of a file, as dicts of texts."""
    with open(path, encoding='ascii', newline='') as f:
        blocks = f.read().rstrip('\n').split('\n\n')
    out = []
    for block in blocks:
        record = {}
        for row in block.split('\n'):
            if row.startswith('#'):
                continue
            match = re.fullmatch(r'([a-z0-9_]+) =(?: (\S.*))?', row)
            if match is None or match[1] in record:
                raise ValueError(f'{path}: {row[:60]}')
            record[match[1]] = match[2] or ''
        out.append(record)
    if len(out) - 1 != int(out[0]['count']):
        raise ValueError(f'{path}: not as many records as the head counts')
    return out[0], out[1:]
