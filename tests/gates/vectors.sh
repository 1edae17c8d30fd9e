#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The vectors are what their generators make, they cover every rule and status
# of the verifier and the order of its checks, the program agrees with all of
# them, and a wrong one would be found.
#
# usage: vectors.sh ASSAY
set -eu

assay=$1
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

fail()
{
    echo "vectors: $*" >&2
    exit 1
}

PYTHONDONTWRITEBYTECODE=1 python3 vectors/generate.py "$T"
n=0
for file in "$T"/*.txt; do
    n=$((n + 1))
    cmp "$file" "vectors/${file##*/}" >&2 ||
        fail "vectors/${file##*/} is stale; run make vectors"
done
[ "$n" -ge 8 ] || fail "only $n files were generated"

covered=$(python3 tests/gates/vectors.py)

"$assay" vectors run vectors/*.txt >"$T/out" ||
    { cat "$T/out" >&2; fail "the program does not agree"; }

# A record that wants another answer.
sed 's/^want = KEY_REVOKED$/want = OK/' vectors/packet.txt >"$T/wrong"
got=0
"$assay" vectors run "$T/wrong" >"$T/out" || got=$?
[ "$got" -eq 1 ] || fail "a wrong answer gives exit $got, not 1"
wrong=$(grep -c '  want: OK' "$T/out")
[ "$wrong" -eq "$(grep -c '^want = KEY_REVOKED$' vectors/packet.txt)" ] ||
    fail "not every wrong answer is printed"

PYTHONDONTWRITEBYTECODE=1 python3 vectors/export.py "$T/json"
[ "$(find "$T/json" -name '*_test.json' | wc -l)" -eq \
    "$(find vectors -name '*.txt' | wc -l)" ] || fail "the export lacks files"

echo "$covered; made again without a difference, and the program agrees"
