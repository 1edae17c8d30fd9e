# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Records for whole verifications on a device (vectors/policy.txt)."""

import itertools

import model
from gen_packet import table, table_lines
from model import Device, status_of
from records import RULE_OF, Suite
from wire import SUITE, init, packet

HEAD = {'kind': 'policy', 'source': 'constructed'}
TITLE = 'Genuine packets on devices: would the device take them.'
MAX = 2**32 - 1
TABLE = table(SUITE)
TABLE_LINES = table_lines(TABLE)

HW = 52
OWN, OTHER, ANY = 0x100, 0xCA, 0xFFFE
APP_VERSION, BOOTLOADER_VERSION = 7, 9


def device(**changes):
    """A device that has a SoftDevice and takes external applications."""
    values = {'hw_version': HW, 'softdevice': OWN,
              'app_version': APP_VERSION,
              'bootloader_version': BOOTLOADER_VERSION,
              'switches': model.EXTERNAL_ON}
    values.update(changes)
    return Device(**values)


def device_lines(d):
    """A device as the lines of a record."""
    lines = dict(vars(d))
    if d.softdevice is None:
        lines['softdevice'] = 'none'
    return lines


def update(**fields):
    """A packet, newer than what is installed, with changes."""
    values = {'fw_version': 10, 'hw_version': HW, 'sd_req': [OWN],
              'sd_size': 60, 'bl_size': 50, 'app_size': 100}
    values.update(fields)
    return packet(init(**values))


class Policies(Suite):
    """Records of kind policy."""

    def __init__(self):
        super().__init__('policy')

    def case(self, name, why, flags, want, data, d, **more):
        """One packet on a device. want None: what the model says."""
        command = model.check_packet(data, TABLE)
        status, _ = status_of(model.check_policy, command, d)
        if want not in (status, None):
            raise ValueError(f'{name}: the model says {status}')
        if status != 'OK':
            more['rule'] = RULE_OF[status]
        more.setdefault('rule', 'none')
        self.add(name, why, flags, status, **TABLE_LINES, packet=data,
                 **device_lines(d), **more)


# --- SoftDevices -------------------------------------------------------------

LISTS = {'empty': None, 'zero': [0], 'own': [OWN], 'other': [OTHER],
         'any': [ANY], 'zero_own': [0, OWN], 'zero_other': [0, OTHER],
         'own_zero': [OWN, 0], 'other_own': [OTHER, OWN],
         'other_any': [OTHER, ANY], 'zero_any': [0, ANY],
         'zero_zero': [0, 0], 'zero_other_own': [0, OTHER, OWN]}
SWITCHES = {'': 0, '_downgrade': model.DOWNGRADE,
            '_needs': model.NEEDS_SOFTDEVICE,
            '_needs_downgrade': model.NEEDS_SOFTDEVICE | model.DOWNGRADE}


def softdevices(out):
    """Every row of the table of requirements, and around it."""
    for ids, kind, (tag, bits) in itertools.product(
            LISTS, range(5), SWITCHES.items()):
        if bits & model.NEEDS_SOFTDEVICE and kind in (2, 3, 4):
            continue
        if tag and ids in ('zero_any', 'zero_zero') and kind != 0:
            continue
        out.case(f'sd_req_{ids}_type_{kind}{tag}',
                 f'SoftDevice {OWN}, list {LISTS[ids] or "empty"}, '
                 f'switches {bits}', 'SoftDevice', None,
                 update(type=kind, sd_req=LISTS[ids]),
                 device(switches=bits | model.EXTERNAL_ON), rule='PO-06')
    for ids, kind in itertools.product(LISTS, range(5)):
        out.case(f'no_sd_{ids}_type_{kind}', 'no SoftDevice, list '
                 f'{LISTS[ids] or "empty"}', 'SoftDevice', None,
                 update(type=kind, sd_req=LISTS[ids]),
                 device(softdevice=None), rule='PO-06')
    for ids, kind, (tag, bits) in itertools.product(
            ('empty', 'zero', 'zero_own', 'any'), range(5),
            SWITCHES.items()):
        out.case(f'no_sd_no_version_{ids}_type_{kind}{tag}',
                 'no SoftDevice and no fw_version, list '
                 f'{LISTS[ids] or "empty"}, switches {bits}', 'SoftDevice',
                 None, update(type=kind, sd_req=LISTS[ids], fw_version=None),
                 device(softdevice=None, switches=bits | model.EXTERNAL_ON),
                 rule='PO-06')
    for name, own, ids in (
            ('id_0', 0, [0]), ('id_0_second', 0, [5, 0]),
            ('id_0_other', 0, [5]), ('id_any', ANY, [ANY]),
            ('id_any_other', ANY, [5]), ('id_max', MAX - 1, [MAX - 1]),
            ('id_32_bits', OWN, [OWN + 2**16]), ('id_top', OWN, [MAX]),
            ('id_last', OWN, [1] * 15 + [OWN]),
            ('id_none', None, [MAX])):
        for kind in 0, 4:
            out.case(f'{name}_type_{kind}', 'unusual firmware IDs',
                     'SoftDevice', None, update(type=kind, sd_req=ids),
                     device(softdevice=own), rule='PO-06')


# --- Versions ----------------------------------------------------------------

def versions(out):
    """Each type around the version of the device."""
    for kind in range(5):
        old = BOOTLOADER_VERSION if kind in (2, 3) else APP_VERSION
        more = model.EXTERNAL_ANY if kind == 4 else model.NEEDS_SOFTDEVICE
        sets = [0, model.SAME_VERSION, model.DOWNGRADE,
                model.SAME_VERSION | model.DOWNGRADE, more,
                more | model.DOWNGRADE]
        for bits, (name, version) in itertools.product(sets, (
                ('absent', None), ('zero', 0), ('older', old - 1),
                ('same', old), ('newer', old + 1), ('max', MAX))):
            flags = ('Downgrade' if name in ('zero', 'older') else 'Version')
            out.case(f'version_{name}_type_{kind}_switches_{bits}',
                     f'fw_version {name}, installed {old}', flags, None,
                     update(type=kind, fw_version=version),
                     device(switches=bits | model.EXTERNAL_ON),
                     rule='PO-07' if version is None or kind != 1
                     and name == 'newer' and bits == 0 else 'PO-08')
    for kind, (old, new) in itertools.product(range(5), (
            (0, 0), (0, 1), (MAX, MAX), (MAX - 1, MAX), (MAX, 0),
            (2**31, 2**31 - 1), (2**31 - 1, 2**31), (2**31, 1),
            (1, 2**31), (255, 256), (256, 255))):
        out.case(f'version_{old}_to_{new}_type_{kind}', 'versions are '
                 'unsigned numbers of 32 bits', 'Downgrade' if new < old
                 else 'Version', None, update(type=kind, fw_version=new),
                 device(app_version=old, bootloader_version=old),
                 rule='PO-08')
    for kind in range(5):
        for name, app, bootloader in (('app', 100, 0),
                                      ('bootloader', 0, 100)):
            out.case(f'version_of_{name}_type_{kind}', 'which of the two '
                     'versions counts', 'Version', None,
                     update(type=kind, fw_version=50),
                     device(app_version=app, bootloader_version=bootloader),
                     rule='PO-08')
    for name, version in (('absent', None), ('zero', 0), ('less', HW - 1),
                          ('same', HW), ('more', HW + 1), ('max', MAX),
                          ('byte', HW + 256)):
        for kind in range(5):
            out.case(f'hw_version_{name}_type_{kind}', f'hw_version {name}',
                     'Version', None, update(type=kind, hw_version=version),
                     device(), rule='PO-05' if kind else 'PO-04')
    out.case('hw_version_0', 'hw_version 0 is present', 'Boundary', 'OK',
             update(hw_version=0), device(hw_version=0), rule='PO-04')
    out.case('hw_version_max', 'hw_version 2^32 - 1', 'Boundary', 'OK',
             update(hw_version=MAX), device(hw_version=MAX), rule='PO-05')
    for bits in 0, model.EXTERNAL_ON, model.EXTERNAL_ANY, 27, 31:
        for kind in range(5):
            out.case(f'external_{bits}_type_{kind}', f'switches {bits}',
                     'ValueRange', None, update(type=kind),
                     device(switches=bits), rule='PO-02')
    for kind in range(5):
        out.case(f'is_debug_type_{kind}', 'is_debug does not spare versions',
                 'Downgrade', 'FW_VERSION',
                 update(type=kind, fw_version=1, is_debug=1), device())


# --- Sizes -------------------------------------------------------------------

def sizes(out):
    """Room, zero and overflow."""
    for kind in range(5):
        size = {0: 100, 1: 60, 2: 50, 3: 110, 4: 100}[kind]
        for name, room in (('exact', size), ('less', size - 1),
                           ('more', size + 1), ('zero', 0), ('one', 1)):
            out.case(f'room_{name}_type_{kind}', f'an image of {size} bytes, '
                     f'room for {room}', 'Size', None, update(type=kind),
                     device(image_room=room), rule='PO-12')
        for name, room in (('exact', 50), ('less', 49), ('zero', 0)):
            out.case(f'bootloader_room_{name}_type_{kind}', 'a bootloader of '
                     f'50 bytes, room for {room}', 'Size', None,
                     update(type=kind), device(bootloader_room=room),
                     rule='PO-11')
        for part in 'sd_size', 'bl_size', 'app_size':
            for name, value in (('absent', None), ('zero', 0), ('one', 1),
                                ('max', MAX)):
                out.case(f'{part}_{name}_type_{kind}', f'{part} {name}',
                         'Size', None, update(type=kind, **{part: value}),
                         device(), rule='PO-10' if kind == 3
                         and value == 1 else 'PO-09')
    for name, sd, bl in (('max_0', MAX, 0), ('0_max', 0, MAX),
                         ('max_1', MAX, 1), ('1_max', 1, MAX),
                         ('max_max', MAX, MAX), ('half', 2**31, 2**31),
                         ('half_less', 2**31, 2**31 - 1),
                         ('half_more', 2**31 + 1, 2**31), ('0_0', 0, 0),
                         ('absent', None, None), ('0_1', 0, 1),
                         ('1_0', 1, 0)):
        for kind in 1, 2, 3:
            out.case(f'sum_{name}_type_{kind}', 'SoftDevice and bootloader '
                     'together', 'Size', None,
                     update(type=kind, sd_size=sd, bl_size=bl), device(),
                     rule='PO-10')


# --- Two faults --------------------------------------------------------------

# What makes a check refuse: fields of the packet, state of the device.
FAULTS = (
    ('PO-02', {'type': 4}, {'switches': 0}),
    ('PO-04', {'hw_version': None}, {}),
    ('PO-05', {'hw_version': 51}, {}),
    ('PO-06', {'sd_req': [OTHER]}, {}),
    ('PO-08', {'fw_version': 1}, {}),
    ('PO-07', {'fw_version': None}, {}),
    ('PO-11', {'type': 3}, {'bootloader_room': 49}),
    ('PO-10', {'type': 3, 'sd_size': MAX, 'bl_size': 50}, {}),
    ('PO-09', {'sd_size': 0, 'bl_size': 0, 'app_size': 0}, {}),
    ('PO-12', {}, {'image_room': 1}))
ORDER = [fault[0] for fault in FAULTS]


def compatible(one, two):
    """Whether two sets of changes agree where they meet."""
    return all(one[k] == two[k] for k in one.keys() & two.keys())


def two_faults(out):
    """Every pair of checks that can refuse together."""
    for one, two in itertools.combinations(FAULTS, 2):
        (first, fields_1, state_1), (second, fields_2, state_2) = one, two
        if not (compatible(fields_1, fields_2)
                and compatible(state_1, state_2)):
            continue
        fields, state = {**fields_1, **fields_2}, {**state_1, **state_2}
        if not (meets(first, fields, state)
                and meets(second, fields, state)):
            continue
        out.case(f'order_{first}_{second}'.lower().replace('-', ''),
                 f'{first} and {second} both refuse', 'Size'
                 if first in ORDER[6:] else 'Version', None,
                 update(**fields), device(**state), also=second)
        if out.records[-1]['rule'] != first:
            raise ValueError(f'{first} and {second}')


def meets(rule, fields, state):
    """Whether the condition of a rule holds, whatever refuses before it."""
    kind = fields.get('type', 0)
    size = {0: fields.get('app_size', 100), 4: fields.get('app_size', 100),
            3: fields.get('sd_size', 60) + fields.get('bl_size', 50)}[kind]
    return {'PO-11': kind == 3 and fields.get('bl_size', 50)
            > state.get('bootloader_room', MAX),
            'PO-10': size > MAX, 'PO-09': size == 0,
            'PO-12': size > state.get('image_room', MAX)}.get(rule, True)


def plain(out):
    """What a device is for."""
    for kind in range(5):
        out.case(f'plain_type_{kind}', 'an ordinary update', 'Valid', 'OK',
                 update(type=kind), device(), rule='PO-02')
        for name, state in (('same', model.SAME_VERSION),
                            ('all', 31)):
            out.case(f'plain_type_{kind}_{name}', 'the same, more switches',
                     'Valid', None, update(type=kind),
                     device(switches=state | model.EXTERNAL_ON),
                     rule='PO-02')


def make():
    """All records."""
    out = Policies()
    for group in (plain, softdevices, versions, sizes, two_faults):
        group(out)
    return out.records
