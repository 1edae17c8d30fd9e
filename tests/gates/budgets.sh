#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Flash, stack, instructions and modelled cycles of the verifier are those of
# docs/budgets.md and docs/embedding.md: a growth, or any other difference, must
# be committed (`make budgets`). Another compiler gives other figures: then
# nothing is compared, and the gate says so.
#
# usage: budgets.sh ARM FOLDER EMBED SOURCE...    as for tests/budgets.py
set -eu

arm=$1
out=$2
shift 2
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
echo "budgets: $(grep -c '^| [^g]' docs/budgets.md) groups cost what" \
    "docs/budgets.md and docs/embedding.md say (flash, stack, instructions," \
    "cycles)"
