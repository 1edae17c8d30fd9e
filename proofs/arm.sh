#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Link the verifier for Cortex-M4: the portable one at three levels of
# optimisation, others as they are shipped, at -Os. Prove the field arithmetic
# of each, then require that no mutant of it is proved.
#
# usage: arm.sh FOLDER CC FLAGS SOURCE... [-- SOURCE...]...
set -eu

out=$1
cc=$2
flags=$3
shift 3
mkdir -p "$out"
python=${PYTHON:-/usr/bin/python3}
programs=

# build NAME LEVEL SOURCE...
build() {
    name=$1
    level=$2
    shift 2
    # shellcheck disable=SC2086 # flags are several words
    "$cc" $flags "-$level" -mcpu=cortex-m4 -mthumb -nostdlib -Wl,-e,0 \
        -o "$out/$name.elf" "$@"
    programs="$programs $out/$name.elf"
}

n=0
sources=
for argument in "$@" --; do
    if [ "$argument" != -- ]; then
        sources="$sources $argument"
        continue
    fi
    # shellcheck disable=SC2086 # names of sources have no spaces
    if [ "$n" -eq 0 ]; then
        for level in Os O2 O3; do
            build "$level" "$level" $sources
        done
    else
        build "special$n" Os $sources
    fi
    n=$((n + 1))
    sources=
done
# shellcheck disable=SC2086 # names of programs have no spaces
"$python" -B proofs/field.py $programs
"$python" -B proofs/mutants.py "$out" "$cc" "$flags"
