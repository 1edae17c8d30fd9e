#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The vectors are what their generators make, and they cover every rule and
# status of the verifier and the order of its checks.
set -eu

T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

PYTHONDONTWRITEBYTECODE=1 python3 vectors/generate.py "$T"
n=0
for file in "$T"/*.txt; do
    n=$((n + 1))
    cmp "$file" "vectors/${file##*/}" >&2 || {
        echo "vectors: vectors/${file##*/} is stale; run make vectors" >&2
        exit 1
    }
done
[ "$n" -gt 0 ] || {
    echo "vectors: nothing was generated" >&2
    exit 1
}
line=$(python3 tests/gates/vectors.py)
echo "$line; made again without a difference"
