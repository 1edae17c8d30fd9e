# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Records for the reader of init packets (vectors/initpkt.txt)."""

import itertools

import model
from records import RULE_OF, Suite
from wire import (SUITE, Dice, Field, changed, encode, envelope_fields, init,
                  init_fields, packet, paths, typed, unsigned, varint)

HEAD = {'kind': 'initpkt', 'source': 'constructed'}
TITLE = 'Init packets: what the reader accepts, and what it finds first.'
UINT32 = 2**32 - 1


def decimal(value):
    """A list of numbers."""
    return ' '.join(map(str, value))


def answers(data):
    """What both steps of the reader find: status and answers of a record."""
    status, envelope = model.status_of(model.open_packet, data)
    if status != 'OK':
        return status, {'step': 1}
    status, command = model.status_of(model.read_init_command,
                                      envelope.signed_bytes)
    if status != 'OK':
        return status, {'step': 2}
    out = {'signed': decimal((envelope.signed_off,
                              len(envelope.signed_bytes)))}
    if envelope.signature is not None:
        out['signature'] = decimal((envelope.signature_off, 64))
        out['signature_type'] = envelope.signature_type
    for at, name in model.INIT_INTEGERS.items():
        if at in command.present:
            out[name] = getattr(command, name)
    if 3 in command.present:
        out['sd_req'] = decimal(command.sd_req)
    if 8 in command.present:
        out['hash_type'], out['hash'] = command.hash_type, command.hash
    if 10 in command.present:
        out['validations'] = ' '.join(f'{kind}:{value.hex()}'
                                      for kind, value in command.validations)
    return 'OK', out


class Records(Suite):
    """Records of this kind; want None: what the model says."""

    def __init__(self):
        super().__init__('initpkt')
        self.packets = set()

    def case(self, name, why, flags, want, data, **more):
        """One packet. With want OK, rule is the rule that it just meets."""
        status, found = answers(data)
        if want not in (status, None):
            raise ValueError(f'{name}: the model says {status}')
        if status == 'OK':
            more.setdefault('rule', 'none')
        elif more.get('rule') not in (None, RULE_OF[status]):
            raise ValueError(f'{name}: {status} is another rule')
        self.packets.add(data)
        self.add(name, why, flags, status, packet=data, **found, **more)


# --- Every fault in every place ----------------------------------------------

INIT_NAMES = {1: 'fw_version', 2: 'hw_version', 3: 'sd_req', 4: 'type',
              5: 'sd_size', 6: 'bl_size', 7: 'app_size', 8: 'hash',
              9: 'is_debug', 10: 'validation'}


def with_wire(wire):
    """A change: the tag has another wire type."""
    def change(row, i):
        row[i].wire = wire
    return change


def with_tag(tag):
    """A change: the bytes of the tag are those of a function of the tag."""
    def change(row, i):
        row[i].tag = tag(row[i].number << 3 | row[i].own_wire())
    return change


def with_head(head):
    """A change: the same for the integer or the length."""
    def change(row, i):
        value = row[i].value
        row[i].head = head(value if isinstance(value, int)
                           else len(encode(value)))
    return change


def with_number(number):
    """A change: another field number."""
    def change(row, i):
        row[i].number = number
    return change


def insert(offset, part):
    """A change: a field, or a copy (None), beside this one."""
    def change(row, i):
        row.insert(i + offset, part or row[i])
    return change


def drop(row, i):
    """A change: the field is left out."""
    del row[i]


def swap(row, i):
    """A change: the field goes behind the next one."""
    row[i:i + 2] = row[i + 1:i + 2] + row[i:i + 1]


def to_front(row, i):
    """A change: the field goes to the front."""
    row.insert(0, row.pop(i))


def again(row, i):
    """A change: the field stands at the end once more."""
    row.append(row[i])


def cut_after(size):
    """A change: the message ends so many bytes into this field."""
    def change(row, i):
        row[i:] = [row[i].encode()[:size]]
    return change


def behind(data):
    """A change: bytes behind the value of the field, inside of its length."""
    def change(row, i):
        value = row[i].value
        if isinstance(value, list):
            value.append(data)
        else:
            row[i].value = value + data
    return change


PLACES = (
    ('missing', 'left out', 'MissingField', drop),
    ('twice', 'twice in a row', 'DuplicateField', insert(0, None)),
    ('again', 'once more at the end', 'DuplicateField', again),
    ('swapped', 'behind the next field', 'FieldOrder', swap),
    ('first', 'in front of all others', 'FieldOrder', to_front),
    ('wire_1', 'with wire type 1', 'WireType', with_wire(1)),
    ('wire_3', 'with wire type 3', 'WireType', with_wire(3)),
    ('wire_5', 'with wire type 5', 'WireType', with_wire(5)),
    ('wire_7', 'with wire type 7', 'WireType', with_wire(7)),
    ('number_0', 'with number 0', 'UnknownField', with_number(0)),
    ('number_11', 'with number 11', 'UnknownField', with_number(11)),
    ('number_max', 'with number 2^29 - 1', 'UnknownField',
     with_number(2**29 - 1)),
    ('after_unknown', 'behind an unknown field', 'UnknownField',
     insert(0, Field(15, 0))),
    ('tag_overlong', 'with an overlong tag', 'OverlongVarint',
     with_tag(lambda tag: varint(tag, 2))),
    ('tag_5', 'with a tag of 5 bytes', 'OverlongVarint',
     with_tag(lambda tag: varint(tag, 5))),
    ('tag_range', 'with a tag plus 2^32', 'VarintRange',
     with_tag(lambda tag: varint(tag + 2**32))),
    ('head_overlong', 'one byte more for integer or length',
     'OverlongVarint', with_head(lambda n: varint(n, len(varint(n)) + 1))),
    ('head_5', '5 bytes for integer or length', 'OverlongVarint',
     with_head(lambda n: varint(n, 5))),
    ('head_6', '6 bytes for integer or length', 'VarintRange',
     with_head(lambda n: varint(n, 6))),
    ('head_range', 'integer or length plus 2^32', 'VarintRange',
     with_head(lambda n: varint(n + 2**32))),
    ('cut_0', 'the message ends in front', 'Truncated', cut_after(0)),
    ('cut_1', 'the message ends behind the tag', 'Truncated', cut_after(1)),
)
PLACES_OF_INTEGERS = (
    ('wire_other', 'with wire type 2', 'WireType', with_wire(2)),
)
PLACES_OF_BYTES = (
    ('wire_other', 'with wire type 0', 'WireType', with_wire(0)),
    ('length_plus_1', 'with a length one too large', 'LengthOverflow',
     with_head(lambda n: varint(n + 1))),
    ('length_minus_1', 'with a length one too small', 'TrailingBytes',
     with_head(lambda n: varint(max(n - 1, 0)))),
    ('length_0', 'with a length of 0', 'TrailingBytes',
     with_head(lambda n: varint(0))),
    ('length_512', 'with a length of 512', 'LengthOverflow',
     with_head(lambda n: varint(512))),
    ('length_2_31', 'with a length of 2^31', 'LengthOverflow',
     with_head(lambda n: varint(2**31))),
    ('length_max', 'with a length of 2^32 - 1', 'LengthOverflow',
     with_head(lambda n: varint(UINT32))),
    ('length_negative', 'with the length minus 256, in 32 bits',
     'LengthOverflow', with_head(lambda n: varint((n - 256) % 2**32))),
    ('cut_2', 'the message ends behind the length', 'Truncated',
     cut_after(2)),
    ('behind_00', 'with a zero byte behind the value', 'TrailingBytes',
     behind(b'\0')),
    ('behind_18', 'with a field 3 behind the value', 'TrailingBytes',
     behind(b'\x18\0')),
)


def name_of(fields, path, names):
    """A name for a place: the fields down to it."""
    words = []
    row = fields
    for depth, i in enumerate(path):
        number = row[i].number
        words.append(names[depth].get(number, str(number)))
        row = row[i].value
    return '_'.join(words)


def faults_everywhere(out, tree, prefix, names, finish):
    """Each of PLACES at each field; finish makes a packet of a tree."""
    plain = finish(tree)
    for path in paths(tree):
        name = prefix + name_of(tree, path, names)
        field = tree
        for i in path[:-1]:
            field = field[i].value
        field = field[path[-1]]
        more = (PLACES_OF_INTEGERS if isinstance(field.value, int)
                else PLACES_OF_BYTES)
        for suffix, why, flags, change in PLACES + more:
            data = finish(changed(tree, path, change))
            if data == plain or data in out.packets:
                continue
            status, _ = answers(data)
            out.case(f'{name}_{suffix}', f'{name}: {why}',
                     'Valid' if status == 'OK' else flags, None, data)


TYPED = {1: 'type', 2: 'bytes'}


def everywhere(out):
    """Both trees: the envelope around plain signed bytes, and those."""
    faults_everywhere(
        out, envelope_fields(init()), '',
        ({2: 'signed_command'},
         {1: 'command', 2: 'signature_type', 3: 'signature'},
         {1: 'op_code', 2: 'init'}), encode)
    faults_everywhere(out, init_fields(), 'init_', (INIT_NAMES, TYPED),
                      lambda tree: packet(encode(tree)))
    faults_everywhere(
        out, [Field(1, [Field(1, 1), Field(2, init())])], 'unsigned_',
        ({1: 'command'}, {1: 'op_code', 2: 'init'}), encode)


# --- Every length ------------------------------------------------------------

def every_length(out):
    """Prefixes of a packet, and of the signed bytes."""
    whole = packet(init())
    for size in range(len(whole)):
        if size > 66 and size % 4:
            continue
        out.case(f'prefix_{size}', f'the first {size} bytes of a packet',
                 'Truncated', 'TRUNCATED' if size else 'PACKET_EMPTY',
                 whole[:size])
    signed = init()
    for size in range(len(signed)):
        data = packet(signed[:size])
        status, _ = answers(data)
        out.case(f'init_prefix_{size}',
                 f'the first {size} signed bytes, well wrapped',
                 'Valid' if status == 'OK' else 'Truncated', None, data)
    for size, flags, want in ((511, 'Boundary', 'TRUNCATED'),
                              (512, 'Boundary', 'TRUNCATED'),
                              (513, 'Boundary', 'PACKET_TOO_LONG'),
                              (1024, 'LengthOverflow', 'PACKET_TOO_LONG'),
                              (4096, 'LengthOverflow', 'PACKET_TOO_LONG')):
        out.case(f'size_{size}', f'{size} bytes, a length that goes beyond',
                 flags, want, b'\x12' + varint(size) + bytes(size - 3),
                 also='IP-03' if size > 512 else None)
    for tail in b'\0', b'\x0a\0', b'\x12\0', b'\x1a\0', b'\xff', bytes(16):
        out.case(f'behind_packet_{tail.hex()}', 'bytes behind the packet',
                 'TrailingBytes', None, whole + tail)
    for front in b'\0', b'\x0a\0', b'\x12\0', b'\xef\xbb\xbf':
        out.case(f'before_packet_{front.hex()}', 'bytes before the packet',
                 'TrailingBytes', None, front + whole)
    largest = init(fw_version=UINT32, hw_version=UINT32, sd_req=[UINT32] * 16,
                   sd_size=UINT32, bl_size=UINT32, app_size=UINT32,
                   validations=[(3, bytes(64))] * 3)
    out.case('largest', 'the longest packet that there is: no accepted '
             'packet comes near to 512 bytes', 'Boundary', 'OK',
             packet(largest), rule='IP-02')
    out.case('smallest', 'the shortest signed packet', 'Boundary', 'OK',
             packet(b''), rule='IP-01')
    out.case('smallest_unsigned', 'the shortest packet of all', 'Boundary',
             'OK', unsigned(b''), rule='IP-01')


# --- Boundary values ---------------------------------------------------------

EDGES = (0, 1, 127, 128, 16383, 16384, 2**21 - 1, 2**21, 2**28 - 1, 2**28,
         2**31 - 1, 2**31, UINT32)


def integers(out):
    """Every length of an encoding, in every field of 32 bits."""
    for name in 'fw_version', 'hw_version', 'sd_size', 'bl_size', 'app_size':
        for value in EDGES:
            out.case(f'{name}_{value}', f'{name} has '
                     f'{len(varint(value))} bytes', 'Boundary', 'OK',
                     packet(init(**{name: value})),
                     rule='IP-05' if value == UINT32 else 'IP-04')
        for value in 2**32, 2**33 - 1, 2**35, 2**64 - 1:
            out.case(f'{name}_{value}', f'{name} does not have 32 bits',
                     'VarintRange', 'VARINT_RANGE',
                     packet(init(**{name: value})))
        for size in 2, 3, 4, 5:
            for value in 0, 5, 2**(7 * (size - 1)) - 1:
                fields = init_fields(**{name: value})
                at = [f.number for f in fields].index(
                    {v: k for k, v in INIT_NAMES.items()}[name])
                fields[at].head = varint(value, size)
                out.case(f'{name}_{value}_in_{size}', f'{name} in {size} '
                         'bytes, one too many or more', 'OverlongVarint',
                         'VARINT_OVERLONG', packet(encode(fields)))
    for value in EDGES:
        out.case(f'sd_req_value_{value}', 'an ID of '
                 f'{len(varint(value))} bytes', 'Boundary', 'OK',
                 packet(init(sd_req=[value, 1])), rule='IP-04')


def values(out):
    """Fields that have few values."""
    for kind in 0, 1, 2, 3, 4, 5, 6, 127, 128, 255, 2**31, UINT32:
        good = kind <= 4
        out.case(f'type_{kind}', f'type {kind}', 'Boundary' if kind in (4, 5)
                 else 'ValueRange', 'OK' if good else 'FW_TYPE_UNKNOWN',
                 packet(init(type=kind)), rule='IP-20')
    for value in 0, 1, 2, 3, 128, 255, 256, UINT32:
        out.case(f'is_debug_{value}', f'is_debug is {value}', 'Boundary'
                 if value in (1, 2) else 'ValueRange',
                 'OK' if value < 2 else 'BOOL_RANGE',
                 packet(init(is_debug=value)), rule='IP-13')
    for value in 0, 1, 2, 3, 127, 129, 257, UINT32:
        out.case(f'op_code_{value}', f'op_code is {value}', 'ValueRange',
                 'OK' if value == 1 else 'OP_CODE',
                 packet(init(), op_code=value), rule='IP-12')
        out.case(f'unsigned_op_code_{value}', f'op_code is {value}, no '
                 'signature', 'ValueRange', 'OK' if value == 1 else
                 'OP_CODE', unsigned(init(), op_code=value), rule='IP-12')
    for value in 0, 1, 2, 3, 127, 128, 256, 257, UINT32:
        out.case(f'signature_type_{value}', f'signature_type is {value}',
                 'Boundary' if value in (1, 2) else 'ValueRange',
                 'OK' if value < 2 else 'SIGNATURE_TYPE_UNKNOWN',
                 packet(init(), signature_type=value), rule='IP-23')
    for size in 0, 1, 32, 63, 64, 65, 72, 127, 128, 130, 256:
        out.case(f'signature_length_{size}', f'{size} bytes of signature',
                 'Boundary' if size in (63, 64, 65) else 'ValueRange',
                 'OK' if size == 64 else 'SIGNATURE_LENGTH',
                 packet(init(), signature=bytes(size)), rule='IP-17')


def hashes(out):
    """Types and lengths of digests and of validations."""
    for kind, size in itertools.product(range(6), (0, 1, 4, 16, 20, 31, 32,
                                                   33, 64)):
        want, rule = 'OK', 'IP-16'
        if kind > 4:
            want, rule = 'HASH_TYPE_UNKNOWN', 'IP-21'
        elif size > 32 or (kind == 3 and size != 32):
            want = 'HASH_LENGTH'
        elif kind == 4:
            rule = 'IP-21'
        out.case(f'hash_{kind}_{size}', f'hash type {kind}, {size} bytes',
                 'Boundary' if size in (31, 32, 33) else 'ValueRange', want,
                 packet(init(hash=(kind, bytes(size)))), rule=rule,
                 also='IP-16' if kind > 4 and size > 32 else None)
    for kind, size in itertools.product(range(5), (0, 1, 32, 63, 64, 65)):
        want, rule = 'OK', 'IP-19'
        if kind > 3:
            want, rule = 'VALIDATION_TYPE_UNKNOWN', 'IP-22'
        elif size != (64 if kind == 3 else 0):
            want = 'VALIDATION_LENGTH'
        elif kind == 3:
            rule = 'IP-22'
        out.case(f'validation_{kind}_{size}',
                 f'validation type {kind}, {size} bytes',
                 'Boundary' if size in (63, 64, 65) else 'ValueRange', want,
                 packet(init(validations=[(kind, bytes(size))])), rule=rule,
                 also='IP-19' if kind > 3 and size else None)
    for kind in 6, 128, UINT32:
        out.case(f'hash_type_{kind}', f'hash type {kind}', 'ValueRange',
                 'HASH_TYPE_UNKNOWN', packet(init(hash=(kind, bytes(32)))))
        out.case(f'validation_type_{kind}', f'validation type {kind}',
                 'ValueRange', 'VALIDATION_TYPE_UNKNOWN',
                 packet(init(validations=[(kind, b'')])))


def counts(out):
    """How often something stands."""
    for n in range(0, 19):
        want, rule = 'OK', 'IP-15'
        if n == 0:
            want, rule = 'LIST_EMPTY', 'IP-14'
        elif n == 1:
            rule = 'IP-14'
        elif n > 16:
            want = 'SD_REQ_COUNT'
        out.case(f'sd_req_{n}', f'{n} SoftDevice requirements',
                 'Boundary' if n in (0, 1, 16, 17) else 'Valid' if n < 16
                 else 'ValueRange', want,
                 packet(init(sd_req=list(range(n)))), rule=rule)
    for n in range(6):
        out.case(f'validations_{n}', f'{n} validations', 'Boundary'
                 if n in (3, 4) else 'ValueRange' if n > 4 else 'Valid',
                 'OK' if n < 4 else 'VALIDATION_COUNT',
                 packet(init(validations=[(n % 3, b'')] * n)), rule='IP-18')
    out.case('validations_3_of_64', 'three validations of 64 bytes',
             'Boundary', 'OK', packet(init(validations=[(3, bytes(64))] * 3)),
             rule='IP-18')
    names = ('fw_version', 'hw_version', 'sd_req', 'type', 'sd_size',
             'bl_size', 'app_size', 'hash', 'is_debug')
    for name in names:
        out.case(f'only_{name}', f'no field but {name}', 'Valid', 'OK',
                 packet(init(**{n: None for n in names if n != name},
                             validations=())), rule='IP-10')
    out.case('only_validation', 'no field but a validation', 'Valid', 'OK',
             packet(init(**{n: None for n in names})), rule='IP-08')


# --- Attacks on the structure ------------------------------------------------

def attacks(out):
    """Packets made to be read in two ways."""
    good = init()
    whole = packet(good)
    signed_command = whole[3:]
    forged = init(app_size=4096)
    bare = Field(1, [Field(1, 1), Field(2, forged)])
    signed = envelope_fields(good)[0]
    unclean = Field(2, b'\xff\xff')
    for name, why, fields, want, also in (
            ('command_first', 'a forged command in front of the signed one',
             [bare, signed], 'BOTH_COMMANDS', None),
            ('command_behind', 'a forged command behind the signed one',
             [signed, bare], 'FIELD_ORDER', None),
            ('second_signed', 'two signed commands', [signed, signed],
             'FIELD_DUPLICATE', None),
            ('signed_empty', 'a command, and an empty signed command',
             [bare, Field(2, b'')], 'BOTH_COMMANDS', None),
            ('signed_unread', 'the signed command behind a command is not '
             'looked at', [bare, unclean], 'BOTH_COMMANDS', 'IP-03'),
            ('signed_too_long', 'the signed command behind a command does '
             'not end', [bare, Field(2, b'', head=b'\x05')], 'TRUNCATED',
             'IP-11'),
            ('command_bad', 'the command in front has a fault of its own',
             [Field(1, [Field(1, 2), Field(2, forged)]), signed], 'OP_CODE',
             'IP-11')):
        out.case(f'both_{name}', why, 'BothCommands', want, encode(fields),
                 also=also)
    out.case('both_not_command', 'a command alone', 'BothCommands', 'OK',
             encode([bare]), rule='IP-11')
    out.case('both_not_signed', 'a signed command alone', 'BothCommands',
             'OK', encode([signed]), rule='IP-11')

    def signed_parts(*parts):
        return encode([Field(2, list(parts))])

    command = Field(1, [Field(1, 1), Field(2, good)])
    kind, signature = Field(2, 0), Field(3, SUITE.sign(good))
    swapped = Field(1, [Field(1, 1), Field(2, forged)])
    for name, why, data, want in (
            ('second_init', 'a forged init behind the signed one',
             signed_parts(Field(1, [Field(1, 1), Field(2, good),
                                    Field(2, forged)]), kind, signature),
             'FIELD_DUPLICATE'),
            ('first_init', 'a forged init in front of the signed one',
             signed_parts(Field(1, [Field(1, 1), Field(2, forged),
                                    Field(2, good)]), kind, signature),
             'FIELD_DUPLICATE'),
            ('second_command', 'a forged command behind the signed one',
             signed_parts(command, swapped, kind, signature),
             'FIELD_DUPLICATE'),
            ('late_command', 'a forged command behind the signature',
             signed_parts(command, kind, signature, swapped),
             'FIELD_ORDER'),
            ('second_signature', 'a second signature',
             signed_parts(command, kind, signature,
                          Field(3, bytes(64))), 'FIELD_DUPLICATE'),
            ('second_type', 'a second signature type',
             signed_parts(command, kind, Field(2, 1), signature),
             'FIELD_DUPLICATE'),
            ('reset_command', 'a ResetCommand behind init',
             signed_parts(Field(1, [Field(1, 1), Field(2, good),
                                    Field(3, Field(1, 1).encode())]), kind,
                          signature), 'FIELD_UNKNOWN'),
            ('field_behind', 'an unknown field behind the signature',
             signed_parts(command, kind, signature, Field(4, 0)),
             'FIELD_UNKNOWN'),
            ('init_short', 'the last signed field falls out of init',
             signed_parts(Field(1, [Field(1, 1), Field(
                 2, good, head=varint(len(good) - 6))]), kind, signature),
             'FIELD_UNKNOWN'),
            ('init_short_2', 'is_debug falls out of init as well',
             signed_parts(Field(1, [Field(1, 1), Field(
                 2, good, head=varint(len(good) - 8))]), kind, signature),
             'FIELD_UNKNOWN'),
            ('init_long', 'init reaches into the signature type',
             signed_parts(Field(1, [Field(1, 1), Field(
                 2, good, head=varint(len(good) + 2))]), kind, signature),
             'TRUNCATED')):
        out.case(f'range_{name}', why, 'SignedRange', want, data)

    for name, why, data in (
            ('signed_command', 'a SignedCommand without its Packet',
             signed_command),
            ('command', 'a Command without its Packet', command.encode()[2:]),
            ('init', 'an InitCommand without its Packet', good),
            ('init_of_softdevice', 'an InitCommand without version',
             init(fw_version=None)),
            ('packet_in_packet', 'a Packet in place of a SignedCommand',
             encode([Field(2, whole)])),
            ('packet_in_init', 'a Packet in place of an InitCommand',
             packet(whole)),
            ('command_in_init', 'a Command in place of an InitCommand',
             packet(encode([Field(1, 1), Field(2, good)]))),
            ('hash_in_init', 'a Hash in place of an InitCommand',
             packet(typed(8, 3, bytes(32)).encode()[2:])),
            ('init_in_signature', 'an InitCommand in place of a signature',
             packet(good, signature=good)),
            ('hash_is_integer', 'hash as an integer', packet(
                encode(init_fields(hash=None, is_debug=None, validations=())
                       + [Field(8, 3)]))),
            ('sd_req_unpacked', 'sd_req as single integers', packet(encode(
                [Field(1, 1), Field(2, 52), Field(3, 0), Field(3, 256),
                 Field(4, 0)]))),
            ('sd_req_nested', 'sd_req holds a message', packet(encode(
                [Field(1, 1), Field(2, 52), Field(3, [Field(1, 0x100)]),
                 Field(4, 0)]))),
            ('group', 'a field as a group, wire types 3 and 4', packet(
                b'\x0b\x08\x01\x0c')),
            ('legacy', 'an init packet of SDK 11', bytes.fromhex(
                '3412cdab0100000001000100feff6789')),
            ('zip', 'the start of a zip archive', b'PK\3\4' + bytes(26)),
            ('elf', 'the start of an ELF file', b'\x7fELF\1\1\1' + bytes(9)),
            ('json', 'JSON', b'{"manifest": {}}'),
            ('hex_text', 'the packet as text', whole.hex().encode()[:512]),
            ('zeros', '100 zero bytes', bytes(100)),
            ('ones', '100 bytes ff', b'\xff' * 100),
            ('erased_flash', '512 bytes ff', b'\xff' * 512),
            ('vector_table', 'the start of a firmware image', bytes.fromhex(
                '00000420d1030000fb030000fd030000'))):
        out.case(f'confused_{name}', why, 'TypeConfusion', None, data)


# --- Two faults --------------------------------------------------------------

def two_faults(out):
    """The order of the checks of one field, and of the ends of messages."""
    overlong = b'\x80\x00'
    beyond = b'\xff\xff\xff\xff\x10'

    def after_version(*parts):
        return packet(encode([Field(1, 7), *parts]))

    for first, second, data in (
            ('IP-04', 'IP-06', after_version(varint(15 << 3, 2)[:1] + b'\0')),
            ('IP-04', 'IP-09', after_version(Field(2, 1),
                                             Field(1, 1, tag=varint(8, 2)))),
            ('IP-04', 'IP-08', after_version(Field(1, 1,
                                                   tag=varint(8, 2)))),
            ('IP-04', 'IP-07', after_version(Field(2, 1,
                                                   tag=varint(21, 2)))),
            ('IP-05', 'IP-06', after_version(beyond + b'\0')),
            ('IP-05', 'IP-08', after_version(Field(
                1, 1, tag=varint(8 + 2**32)))),
            ('IP-05', 'IP-07', after_version(Field(
                2, 1, tag=varint(21 + 2**32)))),
            ('IP-06', 'IP-09', after_version(Field(0, 1))),
            ('IP-06', 'IP-07', after_version(Field(15, 1, wire=7))),
            ('IP-06', 'IP-03', after_version(b'\x78')),
            ('IP-06', 'IP-04', after_version(b'\x78' + overlong)),
            ('IP-09', 'IP-07', after_version(Field(2, 1),
                                             Field(1, 1, wire=5))),
            ('IP-09', 'IP-03', after_version(Field(2, 1), b'\x08')),
            ('IP-08', 'IP-07', after_version(Field(1, 1, wire=5))),
            ('IP-08', 'IP-03', after_version(b'\x08')),
            ('IP-08', 'IP-05', after_version(b'\x08' + beyond)),
            ('IP-07', 'IP-03', after_version(b'\x12')),
            ('IP-07', 'IP-04', after_version(b'\x12' + overlong)),
            ('IP-07', 'IP-05', after_version(b'\x12' + beyond)),
            ('IP-04', 'IP-03', after_version(b'\x1a\xff\x00')),
            ('IP-05', 'IP-03', after_version(b'\x1a' + beyond)),
            ('IP-03', 'IP-14', after_version(b'\x1a')),
            ('IP-03', 'IP-15', after_version(b'\x1a\x12' + bytes(17))),
            ('IP-03', 'IP-16', packet(encode(init_fields(
                hash=None, is_debug=None, validations=()))
                + b'\x42\x40\x08\x03\x12\x21' + bytes(33))),
            ('IP-03', 'IP-18', packet(init(validations=[(1, b'')] * 3)
                                      + b'\x52\x05\x08')),
            ('IP-03', 'IP-19', packet(init(validations=())
                                      + b'\x52\x04\x08\x03\x12\x01')),
            ('IP-03', 'IP-17', encode([Field(2, [
                Field(1, [Field(1, 1), Field(2, init())]), Field(2, 0),
                Field(3, bytes(20), head=b'\x41')])])),
            ('IP-04', 'IP-12', packet(init(), op_code=2).replace(
                b'\x08\x02\x12', b'\x08\x82\x00\x12', 1)),
            ('IP-04', 'IP-13', packet(encode(
                [Field(9, 2, head=varint(2, 2))]))),
            ('IP-05', 'IP-20', packet(encode([Field(4, 2**32 + 5)]))),
            ('IP-05', 'IP-13', packet(encode([Field(9, 2**32 + 2)]))),
            ('IP-05', 'IP-23', packet(init(), signature_type=2**32 + 2)),
            ('IP-12', 'IP-06', encode([Field(1, [Field(1, 0),
                                                 Field(9, 0)])])),
            ('IP-12', 'IP-10', encode([Field(1, [Field(1, 0)])])),
            ('IP-20', 'IP-13', packet(init(type=5, is_debug=2))),
            ('IP-13', 'IP-18', packet(init(is_debug=2,
                                           validations=[(1, b'')] * 4))),
            ('IP-14', 'IP-20', packet(init(sd_req=[], type=5))),
            ('IP-15', 'IP-20', packet(init(sd_req=[1] * 17, type=5))),
            ('IP-04', 'IP-15', after_version(Field(
                3, bytes(16) + overlong))),
            ('IP-05', 'IP-15', after_version(Field(3, bytes(16) + beyond))),
            ('IP-03', 'IP-15', after_version(Field(3, bytes(16) + b'\x80'))),
            ('IP-15', 'IP-04', after_version(Field(
                3, bytes(17) + overlong))),
            ('IP-21', 'IP-10', after_version(Field(8, [Field(1, 5)]))),
            ('IP-21', 'IP-06', after_version(Field(8, [Field(1, 5),
                                                       Field(3, 5)]))),
            ('IP-10', 'IP-16', after_version(Field(8, [
                Field(2, bytes(33))]))),
            ('IP-10', 'IP-19', after_version(Field(10, [Field(1, 3)]))),
            ('IP-06', 'IP-16', after_version(Field(8, [
                Field(1, 3), Field(2, bytes(33)), Field(3, 1)]))),
            ('IP-16', 'IP-13', packet(init(hash=(3, b''), is_debug=2))),
            ('IP-22', 'IP-10', after_version(Field(10, [Field(1, 4)]))),
            ('IP-18', 'IP-22', packet(init(
                validations=[(1, b'')] * 3 + [(4, b'')]))),
            ('IP-18', 'IP-19', packet(init(
                validations=[(1, b'')] * 3 + [(1, b'1')]))),
            ('IP-18', 'IP-06', packet(init(validations=[(1, b'')] * 3)
                                      + b'\x52\x02\x78\x00')),
            ('IP-22', 'IP-18', packet(init(
                validations=[(4, b'')] + [(1, b'')] * 3))),
            ('IP-23', 'IP-17', packet(init(), signature_type=2,
                                      signature=b'1')),
            ('IP-23', 'IP-10', encode([Field(2, [
                Field(1, [Field(1, 1), Field(2, b'')]), Field(2, 2)])])),
            ('IP-17', 'IP-06', encode([Field(2, [
                Field(1, [Field(1, 1), Field(2, b'')]), Field(2, 0),
                Field(3, b''), Field(4, 0)])])),
            ('IP-12', 'IP-23', packet(init(), op_code=2, signature_type=2)),
            ('IP-12', 'IP-17', packet(init(), op_code=2, signature=b'')),
            ('IP-10', 'IP-23', encode([Field(2, [
                Field(1, [Field(2, b'')]), Field(2, 2),
                Field(3, bytes(64))])])),
            ('IP-17', 'IP-20', packet(init(type=5), signature=b'')),
            ('IP-23', 'IP-13', packet(init(is_debug=2),
                                      signature_type=2)),
            ('IP-12', 'IP-16', packet(init(hash=(3, b'')), op_code=2))):
        name = f'order_{first}_{second}'.lower().replace('-', '')
        name += '_2' if name in out.ids else ''
        out.case(name, f'{first} and {second} both refuse',
                 RULE_FLAG[first], None, data, rule=first, also=second)


RULE_FLAG = {'IP-03': 'Truncated', 'IP-04': 'OverlongVarint',
             'IP-05': 'VarintRange', 'IP-06': 'UnknownField',
             'IP-07': 'WireType', 'IP-08': 'DuplicateField',
             'IP-09': 'FieldOrder', 'IP-10': 'MissingField',
             'IP-12': 'ValueRange', 'IP-13': 'ValueRange',
             'IP-14': 'ValueRange', 'IP-15': 'ValueRange',
             'IP-16': 'ValueRange', 'IP-17': 'ValueRange',
             'IP-18': 'ValueRange', 'IP-20': 'ValueRange',
             'IP-21': 'ValueRange', 'IP-22': 'ValueRange',
             'IP-23': 'ValueRange'}


# --- Just inside -------------------------------------------------------------

def just_inside(out):
    """For the rules that have no value: the packet next to a refused one."""
    out.case('inside_order', 'fields with gaps ascend', 'Boundary', 'OK',
             packet(encode([Field(2, 1), Field(4, 0), Field(9, 1)])),
             rule='IP-09')
    out.case('inside_repeated', 'boot_validation may stand twice in a row',
             'Boundary', 'OK', packet(init(validations=[(1, b''), (1, b'')])),
             rule='IP-08')
    out.case('inside_unknown', 'the highest field number, 10', 'Boundary',
             'OK', packet(encode([typed(10, 0, b'')])), rule='IP-06')
    out.case('inside_wire', 'each field with its wire type', 'Boundary',
             'OK', packet(init()), rule='IP-07')
    out.case('inside_end', 'a length that ends with its message',
             'Boundary', 'OK', packet(encode([Field(3, b'\x7f')])),
             rule='IP-03')
    out.case('inside_required', 'no field but the required ones', 'Boundary',
             'OK', packet(encode([typed(8, 0, b''), typed(10, 0, b'')])),
             rule='IP-10')
    for kind in range(5):
        out.case(f'plain_{kind}', f'a usual packet of type {kind}', 'Valid',
                 'OK', packet(init(type=kind, sd_size=60, bl_size=50)))


# --- By chance ---------------------------------------------------------------

def by_chance(out):
    """One to three bytes changed, put in or taken out."""
    dice = Dice('assay initpkt mutations')
    seen = set()
    while len(seen) < 250:
        signed = bytearray(init(type=dice.below(5), sd_size=dice.below(300)))
        inside = dice.below(2)
        data = signed if inside else bytearray(packet(bytes(signed)))
        limit = len(data) if inside else len(data) - 64
        for _ in range(1 + dice.below(3)):
            at, how = dice.below(limit - 4), dice.below(4)
            if how == 0:
                data[at] ^= 1 << dice.below(8)
            elif how == 1:
                data[at] = (0, 1, 2, 15, 16, 127, 128, 255)[dice.below(8)]
            elif how == 2:
                del data[at]
            else:
                data.insert(at, dice.below(256))
        data = packet(bytes(data)) if inside else bytes(data)
        if data not in seen:
            seen.add(data)
            out.case(f'chance_{len(seen)}', 'signed bytes changed, then '
                     'signed' if inside else 'bytes of a packet changed',
                     'Mutation', None, data)


def make():
    """All records."""
    out = Records()
    for group in (just_inside, every_length, integers, values, hashes,
                  counts, attacks, two_faults, everywhere, by_chance):
        group(out)
    return out.records
