# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Records for images on their way and in place (image.txt, boot.txt)."""

import model
from gen_packet import BAD_INIT, table, table_lines
from model import status_of
from records import RULE_OF, Suite
from wire import (ED_SUITE, IMAGE, ONE, SECOND, STRANGER, SUITE, Dice,
                  digest_of, init, packet, unsigned)

IMAGE_HEAD = {'kind': 'image', 'source': 'constructed'}
IMAGE_TITLE = 'Images on their way: start, pieces and end.'
BOOT_HEAD = {'kind': 'boot', 'source': 'constructed'}
BOOT_TITLE = 'Images in place: may they run.'
MAX = 2**32 - 1


def sized(kind, image, **fields):
    """An InitCommand for an image of a type."""
    n = len(image)
    values = {0: {'app_size': n}, 4: {'app_size': n}, 1: {'sd_size': n},
              2: {'bl_size': n}, 3: {'sd_size': n - n // 3,
                                     'bl_size': n // 3}}[kind]
    return init(**{'type': kind, 'sd_size': 7, 'bl_size': 8, 'app_size': 9,
                   'hash': (3, digest_of(image)), **values, **fields})


# --- On its way --------------------------------------------------------------

def play(data, image, calls):
    """The status of each call; a number takes as many bytes of the image."""
    command = model.read_init_command(model.open_packet(data).signed_bytes)
    running = model.Image()
    pos = 0
    out = []
    for call in calls:
        if call == 'start':
            out.append(status_of(running.start, command)[0])
        elif call == 'finish':
            out.append(status_of(running.finish)[0])
        else:
            out.append(status_of(running.update, image[pos:pos + call])[0])
            pos += call
    if pos > len(image):
        raise ValueError('the calls take more than the image')
    return out


class Images(Suite):
    """Records of kind image."""

    def __init__(self):
        super().__init__('image')

    def case(self, name, why, flags, want, signed, image, calls, **more):
        """A row of calls; want is the status of the last."""
        data = packet(signed)
        found = play(data, image, calls)
        if want not in (found[-1], None):
            raise ValueError(f'{name}: the model says {found}')
        if found[-1] != 'OK':
            more['rule'] = RULE_OF[found[-1]]
        self.add(name, why, flags, found[-1], packet=data, image=image,
                 calls=' '.join(map(str, calls)), answers=' '.join(found),
                 **more)


def splits(out):
    """One image in pieces of every kind."""
    for kind in range(5):
        out.case(f'type_{kind}', f'an image of type {kind}', 'Valid', 'OK',
                 sized(kind, IMAGE), IMAGE, ['start', 64, 'finish'],
                 rule='IM-03')
        out.case(f'type_{kind}_long', 'one byte too many', 'Image',
                 'IMAGE_LONG', sized(kind, IMAGE), IMAGE + b'@',
                 ['start', 65])
        out.case(f'type_{kind}_short', 'one byte too few', 'Image',
                 'IMAGE_SHORT', sized(kind, IMAGE), IMAGE,
                 ['start', 63, 'finish'])
    signed = sized(0, IMAGE)
    for at in 0, 1, 31, 32, 33, 55, 56, 63, 64:
        out.case(f'split_{at}', f'two pieces, parted at {at}', 'Boundary',
                 'OK', signed, IMAGE, ['start', at, 64 - at, 'finish'],
                 rule='IM-01')
    out.case('bytes', '64 pieces of one byte', 'Boundary', 'OK', signed,
             IMAGE, ['start'] + [1] * 64 + ['finish'], rule='IM-02')
    out.case('empty_pieces', 'pieces without bytes', 'Boundary', 'OK',
             signed, IMAGE, ['start', 0, 0, 30, 0, 34, 0, 'finish'],
             rule='IM-01')
    for size in 1, 2, 55, 56, 63, 65, 119, 120, 127, 128, 129, 1000:
        image = bytes((7 * i) & 255 for i in range(size))
        out.case(f'size_{size}', f'an image of {size} bytes', 'Boundary',
                 'OK', sized(0, image), image, ['start', size, 'finish'],
                 rule='IM-02')
        out.case(f'size_{size}_short', 'the last byte is missing', 'Image',
                 'IMAGE_SHORT', sized(0, image), image,
                 ['start', size - 1, 'finish'], also='IM-03')
        out.case(f'size_{size}_long', 'one byte behind the end', 'Image',
                 'IMAGE_LONG', sized(0, image), image + b'\0',
                 ['start', size, 1])


def digests(out):
    """IM-03."""
    signed = sized(0, IMAGE)
    for at in 0, 1, 31, 32, 62, 63:
        bad = bytearray(IMAGE)
        bad[at] ^= 1
        out.case(f'changed_{at}', f'byte {at} changed', 'Image',
                 'IMAGE_DIGEST', signed, bytes(bad), ['start', 64, 'finish'])
    right = digest_of(IMAGE)
    for name, why, digest in (
            ('natural', 'the digest in its natural order', right[::-1]),
            ('zero', 'a digest of zeros', bytes(32)),
            ('first', 'the first byte of the digest', bytes(
                [right[0] ^ 1]) + right[1:]),
            ('last', 'the last byte of the digest', right[:31] + bytes(
                [right[31] ^ 128])),
            ('of_nothing', 'the digest of no bytes', digest_of(b'')),
            ('of_digest', 'the digest of the digest', digest_of(right))):
        out.case(f'digest_{name}', why, 'Image', 'IMAGE_DIGEST',
                 sized(0, IMAGE, hash=(3, digest)), IMAGE,
                 ['start', 64, 'finish'])
    out.case('swapped', 'two halves in the other order', 'Image',
             'IMAGE_DIGEST', signed, IMAGE[32:] + IMAGE[:32],
             ['start', 64, 'finish'])
    out.case('zeros', 'an image of zeros', 'Image', 'IMAGE_DIGEST', signed,
             bytes(64), ['start', 64, 'finish'])


def states(out):
    """IM-04: every step where it does not belong."""
    signed = sized(0, IMAGE)
    for name, calls, want in (
            ('update_first', [1], 'IMAGE_STATE'),
            ('empty_first', [0], 'IMAGE_STATE'),
            ('finish_first', ['finish'], 'IMAGE_STATE'),
            ('finish_twice', ['start', 64, 'finish', 'finish'],
             'IMAGE_STATE'),
            ('update_after', ['start', 64, 'finish', 0], 'IMAGE_STATE'),
            ('after_short', ['start', 63, 'finish', 1], 'IMAGE_STATE'),
            ('finish_after_short', ['start', 63, 'finish', 'finish'],
             'IMAGE_STATE'),
            ('after_long', ['start', 65, 0], 'IMAGE_STATE'),
            ('finish_after_long', ['start', 64, 1, 'finish'],
             'IMAGE_STATE'),
            ('again', ['start', 64, 'finish', 'start'], 'OK'),
            ('again_short', ['start', 64, 'finish', 'start', 'finish'],
             'IMAGE_SHORT'),
            ('restart', ['start', 30, 'start', 35], 'OK'),
            ('restart_short', ['start', 1, 'start', 64, 'finish'],
             'IMAGE_DIGEST'),
            ('started', ['start', 0], 'OK'),
            ('long_at_once', ['start', 66], 'IMAGE_LONG'),
            ('nothing', ['start', 'finish'], 'IMAGE_SHORT'),
            ('nothing_but_empty', ['start', 0, 'finish'], 'IMAGE_SHORT')):
        out.case(f'state_{name}', 'the calls in this order', 'State', want,
                 signed, IMAGE + b'@@', calls, rule='IM-04')
    for name, fields in (('zero', {'app_size': 0}), ('no_hash',
                                                     {'hash': None})):
        for more in ([0], [1], ['finish']):
            out.case(f'refused_{name}_{more[0]}', 'a start was refused',
                     'State', 'IMAGE_STATE', sized(0, IMAGE, **fields),
                     IMAGE, ['start'] + more)
            out.case(f'refused_{name}_{more[0]}_again', 'a refused start '
                     'ends the image in front of it', 'State', 'IMAGE_STATE',
                     sized(0, IMAGE, **fields), IMAGE,
                     ['start', 'start'] + more)
    out.case('order_im04_im01', 'not started, and far too long', 'State',
             'IMAGE_STATE', signed, IMAGE * 3, [192], also='IM-01')
    out.case('order_im04_im02', 'failed, and too short', 'State',
             'IMAGE_STATE', signed, IMAGE + b'@', ['start', 65, 'finish'],
             also='IM-02')
    out.case('order_im04_im03', 'ended, and the digest is wrong', 'State',
             'IMAGE_STATE', sized(0, IMAGE, hash=(3, bytes(32))), IMAGE,
             ['start', 64, 'finish', 'finish'], also='IM-03')
    out.case('order_im02_im03', 'too short, and the digest is wrong',
             'Image', 'IMAGE_SHORT', signed, IMAGE, ['start', 10, 'finish'],
             also='IM-03')


def starts(out):
    """What the start refuses."""
    for kind in range(5):
        for name, fields in (
                ('no_hash', {'hash': None}), ('hash_0', {'hash': (0, b'')}),
                ('hash_2', {'hash': (2, bytes(16))}),
                ('hash_4', {'hash': (4, bytes(32))})):
            out.case(f'start_{name}_type_{kind}', 'not SHA-256',
                     'MissingField', 'HASH_TYPE', sized(kind, IMAGE,
                                                        **fields),
                     IMAGE, ['start'])
        for name, sd, bl, app in (
                ('zero', 0, 0, 0), ('absent', None, None, None),
                ('one', 1, 1, 1), ('max', MAX, MAX, MAX),
                ('sd_only', 9, 0, 0), ('bl_only', 0, 9, 0),
                ('app_only', 0, 0, 9), ('sd_max', MAX, 1, 1),
                ('sum_max', MAX - 1, 1, 1), ('sum_more', MAX - 1, 2, 1)):
            rule = 'PO-10' if name == 'sum_max' else 'PO-09'
            out.case(f'start_{name}_type_{kind}', f'type {kind}, sizes {sd}, '
                     f'{bl}, {app}', 'Size', None,
                     init(type=kind, sd_size=sd, bl_size=bl, app_size=app),
                     IMAGE, ['start'], rule=rule)
    out.case('start_hash_3', 'SHA-256', 'Boundary', 'OK', sized(0, IMAGE),
             IMAGE, ['start'], rule='PO-03')
    out.case('order_po03_po10', 'no digest, and sizes overflow', 'Size',
             'HASH_TYPE', init(type=3, sd_size=MAX, bl_size=1, hash=None),
             IMAGE, ['start'], also='PO-10')
    out.case('order_po03_po09', 'no digest, and no size', 'Size',
             'HASH_TYPE', init(app_size=0, hash=None), IMAGE, ['start'],
             also='PO-09')


def by_chance(out):
    """Rows of calls by chance."""
    dice = Dice('assay image calls')
    for i in range(60):
        image = dice.bytes(40)
        bound = image[:33] if dice.below(3) else image
        calls, used = ['start'] if dice.below(8) else [], 0
        for _ in range(1 + dice.below(6)):
            what = dice.below(10)
            n = dice.below(1 + min(24, 40 - used))
            if what == 0:
                calls.append('finish')
            elif what == 1:
                calls.append('start')
            elif used + n <= 40:
                calls.append(n)
                used += n
        calls.append('finish')
        out.case(f'chance_{i}', 'calls by chance', 'Mutation', None,
                 sized(0, bound), image, calls, rule='IM-03')


def make_images():
    """All records of image.txt."""
    out = Images()
    for group in (splits, digests, states, starts, by_chance):
        group(out)
    return out.records


# --- In place ----------------------------------------------------------------

class Boots(Suite):
    """Records of kind boot."""

    def __init__(self):
        super().__init__('boot')

    def case(self, name, why, flags, want, data, **more):
        """One start: image, installed (its type) and t have defaults."""
        image = more.pop('image', IMAGE)
        kind = more.pop('installed', 0)
        t = more.pop('t', table(SUITE))
        status, _ = status_of(model.check_boot, data, image, kind, t)
        if want not in (status, None):
            raise ValueError(f'{name}: the model says {status}')
        if status != 'OK':
            more['rule'] = RULE_OF[status]
        self.add(name, why, flags, status, **table_lines(t), packet=data,
                 image=image, installed=kind, **more)


def boot_types(out):
    """Every type as every other, under both algorithms."""
    for signer in SUITE, ED_SUITE:
        for kind in range(5):
            for installed in range(5):
                out.case(f'type_{kind}_as_{installed}_{signer.algorithm}',
                         f'a packet of type {kind} for an installed image '
                         f'of type {installed}', 'Image', None,
                         packet(sized(kind, IMAGE), signer),
                         installed=installed, t=table(signer), rule='PO-02')


def boot_images(out):
    """The bytes in place."""
    good = packet(sized(0, IMAGE))
    for name, why, image, want in (
            ('long', 'one byte too many', IMAGE + b'@', 'IMAGE_LONG'),
            ('long_ff', 'erased flash behind it', IMAGE + b'\xff' * 64,
             'IMAGE_LONG'),
            ('short', 'one byte too few', IMAGE[:63], 'IMAGE_SHORT'),
            ('nothing', 'no bytes', b'', 'IMAGE_SHORT'),
            ('zeros', 'zeros', bytes(64), 'IMAGE_DIGEST'),
            ('erased', 'erased flash', b'\xff' * 64, 'IMAGE_DIGEST')):
        out.case(f'image_{name}', why, 'Image', want, good, image=image)
    for at in 0, 1, 32, 62, 63:
        for bit in 1, 128:
            bad = bytearray(IMAGE)
            bad[at] ^= bit
            out.case(f'image_byte_{at}_{bit}', f'byte {at} changed', 'Image',
                     'IMAGE_DIGEST', good, image=bytes(bad))
    for size in 1, 55, 56, 64, 100, 512:
        image = bytes((11 * i) & 255 for i in range(size))
        for kind in 0, 3:
            if kind == 0 or size > 2:
                out.case(f'size_{size}_type_{kind}', f'{size} bytes',
                         'Boundary', 'OK', packet(sized(kind, image)),
                         image=image, installed=kind, rule='IM-01')
                out.case(f'size_{size}_type_{kind}_short', 'one byte less',
                         'Image', 'IMAGE_SHORT', packet(sized(kind, image)),
                         image=image[:-1], installed=kind, also='IM-03')
                out.case(f'size_{size}_type_{kind}_long', 'one byte more',
                         'Image', 'IMAGE_LONG', packet(sized(kind, image)),
                         image=image + b'\0', installed=kind, also='IM-03')
    for name, fields in (('old', {'fw_version': 0}), ('no_version',
                         {'fw_version': None}), ('no_hw', {
                             'hw_version': None}), ('no_sd',
                                                    {'sd_req': None})):
        out.case(f'policy_{name}', 'policy is not asked', 'Version', 'OK',
                 packet(sized(0, IMAGE, **fields)), rule='IM-03')


def boot_packets(out):
    """Every refusal of the stored packet."""
    good = sized(0, IMAGE)
    for name, data, t in (
            ('empty', b'', table(SUITE)),
            ('erased', b'\xff' * 512, table(SUITE)),
            ('zeros', bytes(512), table(SUITE)),
            ('too_long', packet(good) + b'\xff' * 400, table(SUITE)),
            ('behind', packet(good) + b'\xff', table(SUITE)),
            ('behind_zero', packet(good) + b'\0', table(SUITE)),
            ('unsigned', unsigned(good), table(SUITE)),
            ('stranger', packet(good, STRANGER), table(SUITE)),
            ('wrong_algorithm', packet(good), table(ED_SUITE)),
            ('revoked', packet(good), table(SUITE.key(15, True))),
            ('other_revoked', packet(good), table(SECOND.key(15, True),
                                                  SUITE)),
            ('published', packet(good, ONE), table(ONE)),
            ('published_allowed', packet(good, ONE),
             table(ONE, allow=True)),
            ('no_role', packet(good), table(SUITE.key(14))),
            ('role', packet(good), table(SUITE.key(1))),
            ('no_type', packet(sized(0, IMAGE, type=None)), table(SUITE)),
            ('no_hash', packet(sized(0, IMAGE, hash=None)), table(SUITE)),
            ('no_size', packet(sized(0, IMAGE, app_size=None)),
             table(SUITE))):
        out.case(f'packet_{name}', 'the stored packet', 'BadSignature', None,
                 data, t=t, rule='IM-03')
    for rule, signed in BAD_INIT:
        out.case(f'packet_{rule.lower().replace("-", "")}', 'a fault that '
                 'was signed', 'ValueRange', None, packet(signed))
    for name, flip in (('signature', -1), ('signed', 20)):
        bad = bytearray(packet(good))
        bad[flip] ^= 1
        out.case(f'packet_{name}_changed', 'one bit of the stored packet',
                 'BadSignature', 'SIGNATURE_INVALID', bytes(bad))


def boot_order(out):
    """Two faults."""
    wrong = sized(0, IMAGE)
    both = sized(3, IMAGE, sd_size=MAX, bl_size=1)
    for first, second, data, kind, image, t in (
            ('IP-12', 'PO-02', packet(wrong, op_code=2), 1, IMAGE, None),
            ('SG-02', 'PO-02', unsigned(wrong), 1, IMAGE, None),
            ('SG-03', 'PO-02', packet(wrong), 1, IMAGE, table(ED_SUITE)),
            ('SG-01', 'PO-02', packet(wrong, STRANGER), 1, IMAGE, None),
            ('SG-01', 'IM-03', packet(wrong, STRANGER), 0, b'', None),
            ('KY-03', 'PO-02', packet(wrong), 1, IMAGE,
             table(SUITE.key(15, True))),
            ('KY-02', 'PO-02', packet(wrong, ONE), 1, IMAGE, table(ONE)),
            ('IP-13', 'PO-02', packet(sized(0, IMAGE, is_debug=2)), 1, IMAGE,
             None),
            ('PO-01', 'PO-02', packet(sized(0, IMAGE, type=None)), 1, IMAGE,
             None),
            ('KY-04', 'PO-02', packet(wrong), 1, IMAGE,
             table(SUITE.key(14))),
            ('KY-04', 'IM-03', packet(wrong), 0, bytes(64),
             table(SUITE.key(14))),
            ('PO-03', 'PO-02', packet(sized(0, IMAGE, hash=None)), 1, IMAGE,
             None),
            ('PO-03', 'IM-01', packet(sized(0, IMAGE, hash=None)), 0,
             IMAGE * 2, None),
            ('PO-02', 'PO-10', packet(both), 0, IMAGE, None),
            ('PO-02', 'PO-09', packet(sized(0, IMAGE, app_size=0)), 1, IMAGE,
             None),
            ('PO-02', 'IM-01', packet(wrong), 4, IMAGE * 2, None),
            ('PO-02', 'IM-02', packet(wrong), 4, b'', None),
            ('PO-02', 'IM-03', packet(wrong), 4, bytes(64), None),
            ('PO-10', 'IM-02', packet(both), 3, IMAGE, None),
            ('PO-10', 'IM-03', packet(both), 3, bytes(64), None),
            ('PO-09', 'IM-01', packet(sized(0, IMAGE, app_size=0)), 0, IMAGE,
             None),
            ('PO-09', 'IM-03', packet(sized(0, IMAGE, app_size=0)), 0, b'',
             None),
            ('IM-01', 'IM-03', packet(wrong), 0, bytes(65), None),
            ('IM-02', 'IM-03', packet(wrong), 0, bytes(63), None)):
        name = f'order_{first}_{second}'.lower().replace('-', '')
        out.case(name, f'{first} and {second} both refuse', 'Image', None,
                 data, installed=kind, image=image, t=t or table(SUITE),
                 also=second)
        if out.records[-1]['rule'] != first:
            raise ValueError(name)


def make_boots():
    """All records of boot.txt."""
    out = Boots()
    for group in (boot_types, boot_images, boot_packets, boot_order):
        group(out)
    return out.records
