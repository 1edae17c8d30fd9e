#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# docs/formats.md and base/status.h name the same rules and statuses, and every
# status is reached by some test.
set -eu

failed=0
n=0

# The list once the preprocessor's continuation lines are joined.
pairs=$(sed 's/\\$//' base/status.h | tr '\n' ' ' |
    grep -oE 'X\([A-Z0-9_]+, 0x[0-9A-Fa-f]+, 0x?[0-9A-Fa-f]*, +"[A-Z]{2}-[0-9]{2}"' |
    sed 's/^X(\([A-Z0-9_]*\),.*"\(.*\)"/\1:\2/')

for pair in $pairs; do
    status=${pair%%:*}
    rule=${pair##*:}
    n=$((n + 1))
    grep -q "$rule.*$status\|$status.*$rule" docs/formats.md || {
        echo "rules: docs/formats.md does not cite $status for $rule" >&2
        failed=1
    }
    [ "$status" = OK ] || [ "$status" = FAILED ] || [ "$status" = MEMORY ] ||
        [ "$status" = INTERNAL ] ||
        grep -rqwE "(ASSAY_)?$status" tests/*.c tests/*.py tests/*.sh || {
        echo "rules: no test names $status" >&2
        failed=1
    }
done

documented=$(grep -oE \
    '\b(ST|IP|SG|KY|PO|IM|ZP|MF|FT|FI|DV|HX|SP|KF|GN|EN)-[0-9]{2}\b' \
    docs/formats.md | sort -u)
for rule in $documented; do
    echo "$pairs" | grep -q ":$rule$" || {
        echo "rules: docs/formats.md has $rule, base/status.h has not" >&2
        failed=1
    }
done
[ "$failed" -eq 0 ] && [ "$n" -gt 50 ] &&
    echo "rules: $n statuses, each with its rule in docs/formats.md and a test"
