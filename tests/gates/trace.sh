#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The machine code of the verifier has one trace for all inputs of one form.
# A planted branch and a planted address must be found, or the gate itself is
# broken.
#
# usage: trace.sh PROGRAM CODE PREFIX FOLDER FLAGS SOURCE...
set -eu

program=$1
code=$2
prefix=$3
out=$4
flags=$5
shift 5

p256=
for source in "$@"; do
    grep -q '^enum assay_status assay_p256_verify(' "$source" && p256=$source
done

# planted NAME STATEMENT...: the same code with a statement at the start of
# assay_p256_verify; the program must report it.
planted() {
    name=$1
    statement=$2
    shift 2
    folder=$out/$name
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -R base crypto initpkt verifier engine "$folder/"
    sed "/^enum assay_status assay_p256_verify(/,/^{/s/^{/{ $statement/" \
        "$p256" >"$folder/$p256"
    if cmp -s "$p256" "$folder/$p256"; then
        echo "trace: nothing was planted" >&2
        exit 1
    fi
    (cd "$folder" && engine/link.sh "$prefix" . "$flags" "$@")
    if "$program" "$folder/verifier_m4.bin" --only p256_verify \
        >"$folder/log" 2>&1; then
        echo "trace: the planted $name was not found" >&2
        exit 1
    fi
    grep -q 'has another trace' "$folder/log" || {
        cat "$folder/log" >&2
        exit 1
    }
}

mkdir -p "$out"
pids=
for part in 0 1; do
    "$program" "$code" --part "$part" 2 >"$out/part$part" 2>&1 &
    pids="$pids $!"
done
failed=0
for pid in $pids; do
    wait "$pid" || failed=1
done
if [ "$failed" -ne 0 ]; then
    cat "$out"/part? >&2
    exit 1
fi
planted branch 'if (sig[0] == 0) { return ASSAY_FAILED; }' "$@"
planted address \
    '(void)*(const volatile uint8_t *)(pub + sig[0] % 32);' "$@"
cat "$out"/part? | awk '
    {groups += $1; inputs += $3; instructions += $5}
    END {
        printf "trace: machine code, %d functions and forms, %d inputs, " \
            "%d M instructions: one code trace and one address trace each; " \
            "a planted branch and a planted address are found\n",
            groups, inputs, instructions
    }'
