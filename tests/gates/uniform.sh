#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# No branch and no address in crypto/ depends on key, digest, message or
# signature: memcheck with poisoned inputs, for each compiler and level.
# A planted branch must be found, or the gate itself is broken.
#
# usage: uniform.sh FOLDER SOURCE... [-- SOURCE...]
# Each list of sources is all of crypto/ in one profile; the branch is planted
# in the first.
set -eu

out=$1
shift
mkdir -p "$out"
n=0
n_lists=0

# poisoned CC LEVEL NAME SOURCE...: build and run; the output in NAME.log
poisoned() {
    cc=$1
    level=$2
    name=$out/$3
    shift 3
    "$cc" -std=c11 -I. -gdwarf-4 "$level" -ffreestanding -o "$name" \
        tests/uniform.c "$@"
    valgrind --quiet --error-exitcode=9 "$name" >"$name.log" 2>&1
}

# uniform SOURCE...: every compiler, every level
uniform() {
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
    n_lists=$((n_lists + 1))
}

first=
list=
for argument in "$@" --; do
    if [ "$argument" = -- ]; then
        # shellcheck disable=SC2086 # names of sources have no spaces
        uniform $list
        first=${first:-$list}
        list=
    else
        list="$list $argument"
    fi
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
cd "$out/planted"
out=.
# shellcheck disable=SC2086
if poisoned gcc -O2 planted-program $first; then
    echo "uniform: a planted branch was not found" >&2
    exit 1
fi
echo "uniform: no data-dependent branch or address, $n_lists sets of sources," \
    "2 compilers x 4 levels, $n programs; a planted one is found"
