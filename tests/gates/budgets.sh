#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Flash, stack, instructions and modelled cycles of the verifier are those of
# docs/budgets.md and docs/embedding.md: a growth, or any other difference, must
# be committed (`make budgets`). Another compiler gives other figures: then
# nothing is compared, and the gate says so.
#
# usage: budgets.sh CODE ARM FOLDER EMBED SOURCE...    as for tests/budgets.py;
# CODE: the machine code, to tell whether `make faults` was run on it.
set -eu

code=$1
arm=$2
out=$3
shift 3
mkdir -p "$out"

recorded=$(sed -n 's/^- compiler: //p' docs/budgets.md)
found=$("${arm}gcc" --version | head -n 1)
if [ "$recorded" != "$found" ]; then
    echo "budgets: nothing compared: recorded with \"$recorded\", this is" \
        "\"$found\""
    exit 0
fi

tests/budgets.py "$arm" "$out" "$out" "$@"
for document in budgets.md embedding.md; do
    diff -u "docs/$document" "$out/$document" >&2 || {
        echo "budgets: docs/$document differs from what was measured (above);" \
            "make budgets writes it" >&2
        exit 1
    }
done
groups=$(sed '/^## /,$d' docs/budgets.md | grep -c '^| [^g]')
echo "budgets: $groups groups cost what" \
    "docs/budgets.md and docs/embedding.md say (flash, stack, instructions," \
    "cycles)"
digest=$(sha256sum "$code" | cut -c 1-16)
grep -q "^.make faults., code $digest:" docs/budgets.md ||
    echo "budgets: make faults was last recorded on other code than $digest"
