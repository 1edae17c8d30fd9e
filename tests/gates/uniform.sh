#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# No branch and no address in crypto/ depends on key, digest, message or
# signature: memcheck with poisoned inputs, for each compiler and level.
# A planted branch must be found, or the gate itself is broken.
#
# usage: uniform.sh FOLDER SOURCE...
set -eu

out=$1
shift
mkdir -p "$out"
n=0

# poisoned CC LEVEL NAME SOURCE...: build and run; the output in NAME.log
poisoned() {
    cc=$1
    level=$2
    name=$out/$3
    shift 3
    "$cc" -std=c11 -I. -gdwarf-4 "$level" -ffreestanding -o "$name" tests/uniform.c "$@"
    valgrind --quiet --error-exitcode=9 "$name" >"$name.log" 2>&1
}

for cc in gcc clang-14; do
    for level in -O1 -Os -O2 -O3; do
        poisoned "$cc" "$level" "$cc$level" "$@" || {
            cat "$out/$cc$level.log" >&2
            echo "uniform: $cc $level has data-dependent execution" >&2
            exit 1
        }
        grep -q '^uniform:' "$out/$cc$level.log" && {
            cat "$out/$cc$level.log" >&2
            exit 1
        }
        n=$((n + 1))
    done
done

# The same with a branch on a byte of the signature in P-256.
mkdir -p "$out/planted/crypto"
cp -R base crypto initpkt tests "$out/planted/"
sed '/^enum assay_status assay_p256_verify(/,/^{/s/^{/{ if (sig[0] == 3) { return ASSAY_FAILED; }/' \
    crypto/p256.c >"$out/planted/crypto/p256.c"
cmp -s crypto/p256.c "$out/planted/crypto/p256.c" && {
    echo "uniform: the planted branch was not planted" >&2
    exit 1
}
here=$PWD
cd "$out/planted"
out=.
if poisoned gcc -O2 planted-program "$@"; then
    echo "uniform: a planted branch was not found" >&2
    exit 1
fi
cd "$here"
echo "uniform: no data-dependent branch or address, 2 compilers x 4 levels;" \
    "a planted one is found"
