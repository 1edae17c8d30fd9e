#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# No instruction of the verifier's machine code can be left out so that a
# packet, an update or a start is accepted that must be refused. Code whose
# results are made of one examination instead of two must be reported, or the
# gate itself is broken.
#
# usage: skip.sh PROGRAM CODE SYMBOLS PREFIX FOLDER FLAGS SOURCE...
set -eu

program=$1
code=$2
symbols=$3
prefix=$4
out=$5
flags=$6
shift 6
mkdir -p "$out"

# Two processes; their last lines added up.
pids=
failed=0
for part in 0 1; do
    "$program" "$code" "$symbols" --part "$part" 2 >"$out/part$part" 2>&1 &
    pids="$pids $!"
done
for pid in $pids; do
    wait "$pid" || failed=1
done
if [ "$failed" -ne 0 ]; then
    cat "$out"/part? >&2
    exit 1
fi
cat "$out"/part? | awk '
    / scenarios, / {scenarios += $1; skips += $3; bypasses += $5}
    END {
        printf "skip: decision code, %d scenarios, %d single-instruction " \
            "skips: %d bypasses", scenarios, skips, bypasses
    }'

folder=$out/planted
rm -rf "$folder"
mkdir -p "$folder"
cp -R base crypto initpkt verifier engine "$folder/"
sed 's/^#define ASSAY_FIRST_HALF .*/#define ASSAY_FIRST_HALF 0u/' \
    verifier/verdict.h >"$folder/verifier/verdict.h"
(cd "$folder" && engine/link.sh "$prefix" . "$flags" "$@")
if "$program" "$folder/verifier_m4.bin" "$folder/verifier_m4.sym" \
    --only "other hardware" >"$folder/log" 2>&1 ||
    ! grep -q 'BYPASS' "$folder/log"; then
    echo "skip: the planted weakness was not found" >&2
    exit 1
fi
echo "; a single examination is found out"
