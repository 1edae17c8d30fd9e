#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Link the verifier for Cortex-M4 at three levels of optimisation, prove the
# field arithmetic of each, then require that no mutant of it is proved.
#
# usage: arm.sh FOLDER CC FLAGS SOURCE...
set -eu

out=$1
cc=$2
flags=$3
shift 3
mkdir -p "$out"
python=${PYTHON:-/usr/bin/python3}

for level in Os O2 O3; do
    # shellcheck disable=SC2086 # flags are several words
    "$cc" $flags "-$level" -mcpu=cortex-m4 -mthumb -nostdlib -Wl,-e,0 \
        -o "$out/$level.elf" "$@"
done
"$python" -B proofs/field.py "$out/Os.elf" "$out/O2.elf" "$out/O3.elf"
"$python" -B proofs/mutants.py "$out" "$cc" "$flags"
