# SPDX-License-Identifier: Apache-2.0 OR MIT
"""What the vectors cover: rules, statuses, and the order of checks.

usage: vectors.py      (in the project root)
"""

import glob
import itertools
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, 'vectors')
import records  # noqa: E402

FILES = ('initpkt', 'keys', 'packet', 'policy', 'image', 'boot', 'p256',
         'ed25519', 'nist_p256', 'sha256', 'sha512')

# Rules that the host tool alone has; no record can meet them.
HOST_RULES = {'IM-05', 'IM-06'}
UNREACHED = {
    'FAILED': 'no function answers it',
    'IMAGE_SOFTDEVICE': 'of the host tool alone',
    'IMAGE_VALIDATION': 'of the host tool alone',
}

# "Order of checks" of docs/formats.md. Of two checks in one row, a record
# breaks both, if they can be broken together.
STEP_1 = {'IP-01', 'IP-02', 'IP-11', 'IP-12', 'IP-17', 'IP-23'}
ORDER = {
    'keys': ['KY-05', 'KY-01', 'KY-02'],
    'packet': ['step 1', 'SG-02', 'SG-03', 'SG-01', 'KY-03', 'KY-02',
               'step 2', 'PO-01', 'KY-04', 'PO-03'],
    'policy': ['PO-02', 'PO-04', 'PO-05', 'PO-06', 'PO-08', 'PO-07', 'PO-11',
               'PO-10', 'PO-09', 'PO-12'],
    'image': ['PO-03', 'PO-10', 'PO-09'],
    'image ': ['IM-04', 'IM-01'],
    'image  ': ['IM-04', 'IM-02', 'IM-03'],
    'boot': ['step 1', 'SG-02', 'SG-03', 'SG-01', 'KY-03', 'KY-02', 'step 2',
             'PO-01', 'KY-04', 'PO-03', 'PO-02', 'PO-10', 'PO-09', 'IM-01',
             'IM-02', 'IM-03'],
}
# Pairs that no input can break together, and why.
EXCLUSIVE = {
    ('SG-02', 'SG-01'): 'there is no signature',
    ('SG-03', 'KY-02'): 'no key has signed',
    ('PO-02', 'PO-11'): 'type 4 has no bootloader',
    ('PO-02', 'PO-10'): 'type 4 has one size',
    ('PO-04', 'PO-05'): 'absent, or another',
    ('PO-08', 'PO-07'): 'present, or absent',
    ('PO-11', 'PO-09'): 'an image of 0 bytes has no bootloader',
    ('PO-10', 'PO-09'): 'too large, or 0',
    ('PO-09', 'PO-12'): '0 is not above any room',
    ('PO-10', 'IM-01'): 'no image has 2^32 bytes',
    ('PO-09', 'IM-02'): 'no image has less than 0 bytes',
    ('IM-01', 'IM-02'): 'too long, or too short',
}
# "Reading order": neighbours among the checks of a field and of its end.
READING = [
    ('IP-04', 'IP-06'), ('IP-05', 'IP-06'), ('IP-06', 'IP-09'),
    ('IP-09', 'IP-07'), ('IP-08', 'IP-07'), ('IP-06', 'IP-07'),
    ('IP-07', 'IP-03'), ('IP-07', 'IP-04'), ('IP-07', 'IP-05'),
    ('IP-04', 'IP-03'), ('IP-05', 'IP-03'), ('IP-03', 'IP-14'),
    ('IP-03', 'IP-15'), ('IP-03', 'IP-16'), ('IP-03', 'IP-17'),
    ('IP-03', 'IP-18'), ('IP-03', 'IP-19'), ('IP-04', 'IP-12'),
    ('IP-04', 'IP-13'), ('IP-05', 'IP-20'), ('IP-05', 'IP-23'),
    ('IP-04', 'IP-15'), ('IP-05', 'IP-15'), ('IP-15', 'IP-04'),
    ('IP-10', 'IP-16'), ('IP-10', 'IP-19'), ('IP-21', 'IP-16'),
    ('IP-22', 'IP-19'), ('IP-23', 'IP-17'), ('IP-18', 'IP-22'),
    ('IP-11', 'IP-03'), ('IP-03', 'IP-11'), ('IP-12', 'IP-11'),
    ('IP-12', 'IP-10'), ('IP-02', 'IP-03'), ('IP-12', 'IP-23'),
    ('IP-17', 'IP-20'), ('IP-23', 'IP-13'),
]

problems = []


def problem(text):
    """Note a gap."""
    problems.append(text)


def check_record(name, kind, record):
    """What every record must be."""
    place = f'{name}.txt: {record["id"]}'
    if kind in ('sha256', 'sha512'):
        return
    want = record['want']
    if want != 'OK' and records.RULE_OF.get(want) != record['rule']:
        problem(f'{place}: {want} is not of rule {record["rule"]}')
    if record['rule'] not in records.STATUS_OF and record['rule'] != 'none':
        problem(f'{place}: no such rule')
    if want == 'OK' and 'also' in record:
        problem(f'{place}: an accepting record has no second fault')
    flags = set(record['flags'].split())
    if not flags or not flags <= set(records.FLAGS):
        problem(f'{place}: flags {record["flags"]}')
    if ('TwoFaults' in flags) != ('also' in record):
        problem(f'{place}: TwoFaults goes with `also`')


def check_file(name):
    """Read one file and check each record; ret: kind and records."""
    head, rows = records.read(f'vectors/{name}.txt')
    ids = [r['id'] for r in rows]
    if len(set(ids)) != len(ids):
        problem(f'{name}.txt: an id stands twice')
    for record in rows:
        check_record(name, head['kind'], record)
    return rows


def check_rules(all_rows):
    """Each rule has records on both sides."""
    with open('docs/formats.md', encoding='utf-8') as f:
        documented = set(re.findall(r'\b(?:IP|SG|KY|PO|IM)-\d\d\b', f.read()))
    for rule in sorted(documented | set(records.STATUS_OF)):
        if rule in HOST_RULES:
            continue
        status = records.STATUS_OF.get(rule)
        if status is None or rule not in documented:
            problem(f'{rule}: not in both records.py and docs/formats.md')
            continue
        mine = [r for r in all_rows if r['rule'] == rule]
        for want in 'OK', status:
            if not any(r['want'] == want for r in mine):
                problem(f'{rule}: no record wants {want}')
    return len(documented - HOST_RULES)


def check_statuses(all_rows):
    """Each status of the verifier is reached."""
    with open('base/status.h', encoding='ascii') as f:
        shared = f.read().split('#define ASSAY_STATUS_LIST_HOST')[0]
    text = re.sub(r'\\\n', ' ', shared)
    pairs = re.findall(r'X\((\w+), 0x[0-9A-Fa-f]+, 0x\w+,\s*"(..-\d\d)"',
                       text)
    reached = {r['want'] for r in all_rows}
    for status, rule in pairs:
        if (status in reached) == (status in UNREACHED):
            problem(f'{status}: reached, or listed as unreached: one of both')
        if status in records.RULE_OF and records.RULE_OF[status] != rule:
            problem(f'{status}: {rule} in base/status.h')
    if len(pairs) < 50:
        problem('base/status.h: not the list that was expected')
    return len(pairs) - len(UNREACHED)


def group_of(rule):
    """The check of a packet that a reading rule belongs to."""
    if not rule.startswith('IP'):
        return rule
    return 'step 1' if rule in STEP_1 else 'step 2'


def settled_by_packet(pair):
    """Whether packet.txt asks; a packet has one place in front of PO-02."""
    return pair[0] in ORDER['packet'] and pair[1] != 'PO-02'


def check_order(rows_of):
    """Each question of order is settled by a record with two faults."""
    n = 0
    for name, row in ORDER.items():
        found = {(group_of(r['rule']), group_of(r['also']))
                 for r in rows_of[name.strip()] if 'also' in r}
        for pair in itertools.combinations(row, 2):
            if pair in EXCLUSIVE:
                continue
            if name == 'boot' and settled_by_packet(pair):
                continue
            n += 1
            if pair not in found:
                problem(f'{name.strip()}.txt: no record breaks {pair[0]} '
                        f'and {pair[1]}')
    found = {(r['rule'], r['also']) for r in rows_of['initpkt']
             if 'also' in r}
    for pair in READING:
        n += 1
        if pair not in found:
            problem(f'initpkt.txt: no record breaks {pair[0]} and {pair[1]}')
    return n


def main():
    """All checks."""
    if set(glob.glob('vectors/*.txt')) != {f'vectors/{n}.txt' for n in FILES}:
        problem('vectors/*.txt: not the files that are listed here')
    rows_of = {name: check_file(name) for name in FILES}
    all_rows = [r for rows in rows_of.values() for r in rows]
    n_rules = check_rules(all_rows)
    n_statuses = check_statuses(all_rows)
    n_pairs = check_order(rows_of)
    n_whole = sum(len(rows_of[name]) for name in FILES[:6])
    if n_whole < 1500:
        problem(f'only {n_whole} records of packets and verifications')
    for text in problems:
        print(f'vectors: {text}', file=sys.stderr)
    if problems:
        sys.exit(1)
    print(f'vectors: {len(all_rows)} records, {n_whole} of them of packets '
          f'and whole verifications; {n_rules} rules from both sides, '
          f'{n_statuses} statuses, {n_pairs} pairs of checks broken together')


main()
