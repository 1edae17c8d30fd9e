#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Write the vectors as JSON: python3 vectors/export.py FOLDER

One file for each text file, with the conventions of Wycheproof: algorithm,
schema, numberOfTests, header, notes, testGroups; in a group the tests, each
with tcId, comment, flags and result. Beside them the schema of each kind.
Records of one key table, or of one public key, are one group.
"""

import glob
import json
import os
import sys

from records import COMMON, FLAGS, FOLDER, KEYS, KINDS, read

NUMBERS = {'step', 'signature_type', 'fw_version', 'hw_version', 'type',
           'sd_size', 'bl_size', 'app_size', 'hash_type', 'is_debug',
           'key_index', 'app_version', 'bootloader_version', 'image_room',
           'bootloader_room', 'switches', 'installed', 'repeat'}
LISTS = {'sd_req', 'signed', 'signature'}
TYPES = {'initpkt': 'InitPacketRead', 'keys': 'KeyTableCheck',
         'packet': 'InitPacketVerify', 'policy': 'DevicePolicy',
         'image': 'ImageStream', 'boot': 'ImageBoot',
         'p256': 'EcdsaP1363DigestVerify', 'ed25519': 'EddsaVerify',
         'sha256': 'Digest', 'sha512': 'Digest'}
ALGORITHMS = {'p256': 'ECDSA', 'ed25519': 'EDDSA', 'sha256': 'SHA-256',
              'sha512': 'SHA-512'}


def table_of(record):
    """The keys of a table."""
    keys = []
    for name in KEYS[1:]:
        if name in record:
            algorithm, roles, revoked, value = record[name].split(' ')
            keys.append({'algorithm': algorithm, 'roles': int(roles),
                         'revoked': revoked == '1', 'key': value})
    return {'allowPublished': record['table_flags'] == '1', 'keys': keys}


def group_of(kind, record):
    """What the tests of a group share."""
    group = {'type': TYPES[kind],
             'source': {'name': 'assay', 'version': '1'}}
    if 'table_flags' in record:
        group['keyTable'] = table_of(record)
    elif kind == 'p256':
        pub = record['pub']
        group['publicKey'] = {
            'type': 'EcPublicKey', 'curve': 'secp256r1', 'keySize': 256,
            'uncompressed': '04' + pub, 'wx': pub[:64], 'wy': pub[64:]}
        group['sha'] = 'SHA-256'
    elif kind == 'ed25519':
        group['publicKey'] = {'type': 'EDDSAPublicKey',
                              'curve': 'edwards25519', 'keySize': 255,
                              'pk': record['pub']}
    return group


def value_of(key, text):
    """A value with its type."""
    if key in NUMBERS:
        return int(text)
    if key in LISTS:
        return [int(word) for word in text.split()]
    if key in ('calls', 'answers', 'validations'):
        return text.split()
    if key == 'softdevice':
        return None if text == 'none' else int(text)
    return text


def test_of(kind, number, record):
    """One test."""
    want = record['want']
    digest = kind in ('sha256', 'sha512')
    test = {'tcId': number, 'comment': f'{record["id"]}: {record["why"]}',
            'flags': record.get('flags', 'Valid').split()}
    shared = set(COMMON) | set(KEYS) | {'flags', 'also', 'want', 'pub'}
    for key, text in record.items():
        if key not in shared:
            test[key] = value_of(key, text)
    if digest:
        test['digest'] = want
    else:
        test['status'] = want
    if record['rule'] != 'none':
        test['rule'] = record['rule']
    if 'also' in record:
        test['also'] = record['also']
    test['result'] = 'valid' if want == 'OK' or digest else 'invalid'
    return test


def export(path):
    """The JSON of a file, and its kind."""
    head, rows = read(path)
    kind = head['kind']
    groups = {}
    for i, record in enumerate(rows, 1):
        group = group_of(kind, record)
        key = json.dumps(group, sort_keys=True)
        groups.setdefault(key, {**group, 'tests': []})
        groups[key]['tests'].append(test_of(kind, i, record))
    used = {flag for g in groups.values() for t in g['tests']
            for flag in t['flags']}
    return kind, {
        'algorithm': ALGORITHMS.get(kind, 'NordicSecureDfu'),
        'schema': f'assay_{kind}_schema.json',
        'numberOfTests': len(rows),
        'header': [f'{head["source"]}; licence: {head["licence"]}',
                   'status and rule as in docs/formats.md of Assay'],
        'notes': {flag: {'bugType': FLAGS[flag][0],
                         'description': FLAGS[flag][1]}
                  for flag in sorted(used)},
        'testGroups': list(groups.values())}


def type_of(key):
    """The schema of a value."""
    if key in NUMBERS:
        return {'type': 'integer', 'minimum': 0, 'maximum': 2**32 - 1}
    if key in LISTS:
        return {'type': 'array', 'items': {'type': 'integer'}}
    if key in ('calls', 'answers', 'validations'):
        return {'type': 'array', 'items': {'type': 'string'}}
    if key == 'softdevice':
        return {'type': ['integer', 'null']}
    return {'type': 'string', 'pattern': '^([0-9a-f]{2})*$'}


def schema_of(kind):
    """The schema of the files of a kind."""
    inputs, answers = KINDS[kind]
    keys = [k for k in inputs + answers if k not in KEYS and k != 'pub']
    text = {'type': 'string'}
    texts = {'type': 'array', 'items': text}
    answer = 'digest' if kind in ('sha256', 'sha512') else 'status'
    test = {'type': 'object', 'additionalProperties': False,
            'properties': {
                'tcId': {'type': 'integer'}, 'comment': text, 'flags': texts,
                'rule': text, 'also': text, answer: text,
                'result': {'enum': ['valid', 'invalid']},
                **{k: type_of(k) for k in keys}},
            'required': ['tcId', 'comment', 'flags', answer, 'result']}
    group = {'type': 'object',
             'properties': {'type': {'enum': [TYPES[kind]]},
                            'source': {'type': 'object'},
                            'tests': {'type': 'array', 'items': test}},
             'required': ['type', 'source', 'tests']}
    return {'$schema': 'http://json-schema.org/draft-07/schema#',
            'type': 'object', 'additionalProperties': False,
            'properties': {
                'algorithm': text, 'schema': text, 'header': texts,
                'numberOfTests': {'type': 'integer'},
                'notes': {'type': 'object'},
                'testGroups': {'type': 'array', 'items': group}},
            'required': ['algorithm', 'schema', 'numberOfTests', 'header',
                         'notes', 'testGroups']}


def write(folder, name, value):
    """One JSON file."""
    with open(os.path.join(folder, name), 'w', encoding='ascii',
              newline='\n') as f:
        json.dump(value, f, indent=2)
        f.write('\n')


def main():
    """All files and schemas."""
    if len(sys.argv) != 2:
        sys.exit('usage: export.py FOLDER')
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    for path in sorted(glob.glob(os.path.join(FOLDER, '*.txt'))):
        name = os.path.basename(path)[:-len('.txt')]
        kind, value = export(path)
        write(folder, f'{name}_test.json', value)
        write(folder, f'assay_{kind}_schema.json', schema_of(kind))


if __name__ == '__main__':
    main()
