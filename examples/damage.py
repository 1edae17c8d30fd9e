#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Damage a package in one of several ways, keeping everything else intact.

usage: damage.py WAY PACKAGE OUT
"""
import sys
import zipfile


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    """A protobuf field of wire type 2."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def command_of(packet):
    """The Command inside of the SignedCommand of a signed packet."""
    _, at = read_varint(packet, 1)
    length, at = read_varint(packet, at + 1)
    return packet[at:at + length]


def firmware(members):
    """One bit of the firmware is flipped; checksums are made to fit."""
    name = next(n for n in members if n.endswith(".bin"))
    data = bytearray(members[name])
    data[len(data) // 2] ^= 0x01
    members[name] = bytes(data)


def version(members):
    """The firmware version in the signed packet is raised."""
    name = next(n for n in members if n.endswith(".dat"))
    packet = bytearray(members[name])
    at = packet.index(b"\x08\x01\x12") + 3
    _, at = read_varint(packet, at)
    packet[at + 1] += 1
    members[name] = bytes(packet)


def unsigned(members):
    """The signature is taken off."""
    name = next(n for n in members if n.endswith(".dat"))
    members[name] = field(1, command_of(members[name]))


def both(members):
    """An unsigned command is put in front of the signed one."""
    name = next(n for n in members if n.endswith(".dat"))
    members[name] = field(1, command_of(members[name])) + members[name]


WAYS = {f.__name__: f for f in (firmware, version, unsigned, both)}


def main():
    way, package, out = sys.argv[1:]
    if way == "appended":
        with open(package, "rb") as f:
            data = f.read()
        with open(out, "wb") as f:
            f.write(data + b"more")
        return
    with zipfile.ZipFile(package) as z:
        members = {i.filename: z.read(i) for i in z.infolist()}
    WAYS[way](members)
    with zipfile.ZipFile(out, "w") as z:
        for name, data in members.items():
            z.writestr(zipfile.ZipInfo(name), data)


if __name__ == "__main__":
    main()
