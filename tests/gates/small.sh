#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The small profile stands what the fast one stands: unit tests and vectors
# natively, the vectors in its machine code and both engines in agreement, one
# trace, no skip that accepts.
#
# usage: small.sh SMALL NATIVE CODE PREFIX FLAGS SOURCE...
# SMALL has the program and the unit test of this profile, NATIVE the programs
# that run machine code.
set -eu

small=$1
native=$2
code=$3
prefix=$4
flags=$5
shift 5

"$small/tests/test_p256" --jobs 2 --color=never >"$small/test_p256.txt" 2>&1 ||
    { cat "$small/test_p256.txt" >&2; exit 1; }
echo "small: unit tests of P-256: $(sed -n 's/.*Synthesis: //p' \
    "$small/test_p256.txt" | tail -n 1)"
ASSAY_M4=$native/assay-m4 "$small/assay" vectors run vectors/*.txt \
    --engine both >"$small/both.txt" || { cat "$small/both.txt" >&2; exit 1; }
sed -n '$s/^/small: both engines: /p' "$small/both.txt"
# step NAME COMMAND...: its output behind "small: ", or everything it said.
step() {
    log=$small/$1.txt
    shift
    "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        exit 1
    }
    sed 's/^/small: /' "$log"
}
step vectors "$native/m4/vectors" "$code"
step trace tests/gates/trace.sh "$native/m4/trace" "$code" "$prefix" \
    "$small/trace" "$flags" "$@"
step skip tests/gates/skip.sh "$native/m4/skip" "$code" "${code%.bin}.sym" \
    "$prefix" "$small/skip" "$flags" "$@"
