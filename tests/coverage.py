#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Coverage of the verifier's sources by the vectors and the fuzz corpora.

usage: coverage.py FOLDER EXPLAINED SOURCE...

FOLDER holds the objects and counts of a build with --coverage. Lines that are
not covered must stand in EXPLAINED, as `file: text of the line`, each with a
reason behind `#`; a line there that is covered, or gone, is an error as well.
"""
import glob
import gzip
import json
import os
import subprocess
import sys

MIN_LINES, MIN_BRANCHES = 99.0, 95.0


def read_counts(folder, sources):
    """{source: {line: [count, branches, branches taken]}}"""
    counts = {}
    for data in glob.glob(os.path.join(folder, "**", "*.gcda"),
                          recursive=True):
        run = subprocess.run(
            ["gcov", "--json-format", "--branch-probabilities", "--stdout",
             data], capture_output=True, check=True)
        text = run.stdout
        if text[:2] == b"\x1f\x8b":
            text = gzip.decompress(text)
        for part in text.decode().splitlines():
            for file in json.loads(part)["files"]:
                name = os.path.normpath(file["file"])
                if name in sources:
                    add_file(counts.setdefault(name, {}), file["lines"])
    return counts


def add_file(lines, found):
    for line in found:
        entry = lines.setdefault(line["line_number"], [0, {}])
        entry[0] += line["count"]
        for i, branch in enumerate(line["branches"]):
            entry[1][i] = entry[1].get(i, 0) + branch["count"]


def read_explained(path):
    explained = set()
    with open(path, encoding="utf-8") as f:
        for line in f:
            entry = line.split("  #")[0].strip()
            if entry and not entry.startswith("#"):
                explained.add(entry)
    return explained


def uncovered_lines(name, lines):
    with open(name, encoding="utf-8") as f:
        text = f.read().split("\n")
    for number, (count, _) in sorted(lines.items()):
        if count == 0:
            yield number, f"{name}: {text[number - 1].strip()}"


def main():
    folder, explained_path, sources = sys.argv[1], sys.argv[2], sys.argv[3:]
    counts = read_counts(folder, set(sources))
    explained = read_explained(explained_path)
    faults = 0
    for name in sources:
        if name not in counts:
            print(f"coverage: no counts for {name}", file=sys.stderr)
            faults += 1
    met = set()
    for name, lines in sorted(counts.items()):
        for number, entry in uncovered_lines(name, lines):
            met.add(entry)
            if entry not in explained:
                print(f"coverage: {name}:{number} is not covered: "
                      f"{entry.split(': ', 1)[1]}", file=sys.stderr)
                faults += 1
    for entry in sorted(explained - met):
        print(f"coverage: explained, but covered or gone: {entry}",
              file=sys.stderr)
        faults += 1
    all_lines = [e for f in counts.values() for e in f.values()]
    branches = [n for e in all_lines for n in e[1].values()]
    lines = 100 * sum(e[0] > 0 for e in all_lines) / max(1, len(all_lines))
    taken = 100 * sum(n > 0 for n in branches) / max(1, len(branches))
    if lines < MIN_LINES or taken < MIN_BRANCHES:
        faults += 1
    print(f"coverage: {lines:.2f} % of {len(all_lines)} lines (at least "
          f"{MIN_LINES:.0f}), {taken:.2f} % of {len(branches)} branches (at "
          f"least {MIN_BRANCHES:.0f}); {len(met)} uncovered lines explained")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
