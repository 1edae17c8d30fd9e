#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Write the vectors that are made: python3 vectors/generate.py [FOLDER]

Without FOLDER they go beside this file. The same sources give the same bytes.
Files that are not made here (NIST, SHA-256, SHA-512) are data.
"""

import os
import sys

import gen_ed25519
import gen_image
import gen_initpkt
import gen_p256
import gen_packet
import gen_policy
from records import FOLDER, LICENCE, text_of

FILES = (
    ('initpkt.txt', gen_initpkt.TITLE, gen_initpkt.HEAD, gen_initpkt.make),
    ('keys.txt', gen_packet.KEYS_TITLE, gen_packet.KEYS_HEAD,
     gen_packet.make_keys),
    ('packet.txt', gen_packet.PACKET_TITLE, gen_packet.PACKET_HEAD,
     gen_packet.make_packets),
    ('policy.txt', gen_policy.TITLE, gen_policy.HEAD, gen_policy.make),
    ('image.txt', gen_image.IMAGE_TITLE, gen_image.IMAGE_HEAD,
     gen_image.make_images),
    ('boot.txt', gen_image.BOOT_TITLE, gen_image.BOOT_HEAD,
     gen_image.make_boots),
    ('p256.txt', gen_p256.TITLE, gen_p256.HEAD, gen_p256.make),
    ('ed25519.txt', gen_ed25519.TITLE, gen_ed25519.HEAD, gen_ed25519.make),
)


def main():
    """Write every file."""
    folder = sys.argv[1] if len(sys.argv) > 1 else FOLDER
    for name, title, head, make in FILES:
        head = {'licence': LICENCE, 'generator': 'vectors/generate.py',
                **head}
        with open(os.path.join(folder, name), 'w', encoding='ascii',
                  newline='\n') as f:
            f.write(text_of(title, head, make()))


if __name__ == '__main__':
    main()
