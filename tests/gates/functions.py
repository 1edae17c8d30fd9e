#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""House limits on product code: 60 lines and 5 parameters a function, 80
columns, 3 levels of nesting. Relies on the layout that clang-format gives.

usage: functions.py FILE...
"""
import re
import sys

MAX_LINES, MAX_PARAMETERS, MAX_NESTING, MAX_COLUMNS = 60, 5, 3, 80
PRODUCT = ("base/", "crypto/", "initpkt/", "verifier/", "engine/",
           "host/", "cli/")


def functions(lines):
    """(name, parameters, first line, last line) of each definition."""
    for i, line in enumerate(lines):
        if line != "{":
            continue
        start = i
        while start > 0 and re.match(r"[A-Za-z_ ]", lines[start - 1]):
            start -= 1
        head = " ".join(lines[start:i])
        match = re.search(r"(\w+)\((.*)\)$", head)
        if not match:
            continue
        end = next(k for k in range(i, len(lines)) if lines[k] == "}")
        parameters = re.sub(r"\([^()]*\)", "", match.group(2))
        n = 0 if parameters in ("", "void") else parameters.count(",") + 1
        yield match.group(1), n, i, end


def faults(path, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_COLUMNS:
            yield number, f"{len(line)} columns"
    if not path.startswith(PRODUCT):
        return
    for name, n, first, last in functions(lines):
        if last - first - 1 > MAX_LINES:
            yield first, f"{name} has {last - first - 1} lines"
        if n > MAX_PARAMETERS:
            yield first, f"{name} has {n} parameters"
        depth = 0
        for number in range(first + 1, last):
            indent = re.match(r"( *)(if|for|while|switch|do)\b", lines[number])
            if indent and "} while" not in lines[number]:
                depth = max(depth, len(indent.group(1)) // 4)
        if depth > MAX_NESTING:
            yield first, f"{name} nests {depth} deep"


def main():
    bad = 0
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as f:
            lines = f.read().split("\n")
        for number, fault in faults(path, lines):
            print(f"{path}:{number}: {fault}", file=sys.stderr)
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
