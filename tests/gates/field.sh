#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The field arithmetic of every profile, executed on an emulated Cortex-M4,
# agrees with the integers of Python on random and extreme operands. A product
# without one of its carries must be found, or the gate itself is broken.
#
# usage: field.sh PREFIX FOLDER FLAGS NAME SOURCE... [-- NAME SOURCE...]
set -eu

prefix=$1
out=$2
flags=$3
shift 3
mkdir -p "$out"

# build NAME SOURCE...
build() {
    name=$1
    shift
    # shellcheck disable=SC2086 # flags are several words
    "${prefix}gcc" $flags -Os -mcpu=cortex-m4 -mthumb -nostdlib \
        -Wl,-Ttext=0x100 -Wl,-e,0 -o "$out/$name.elf" "$@"
}

arguments=
for argument in "$@" --; do
    if [ "$argument" = -- ]; then
        # shellcheck disable=SC2086 # names of sources have no spaces
        build $arguments
        name=${arguments# }
        name=${name%% *}
        /usr/bin/python3 -B tests/m4/field.py "$out/$name.elf" \
            >"$out/$name.txt" 2>&1 || { cat "$out/$name.txt" >&2; exit 1; }
        sed "s/^field:/field: $name:/" "$out/$name.txt"
        arguments=
    else
        arguments="$arguments $argument"
    fi
done

# The last carry of the reduction left out.
mkdir -p "$out/planted"
sed 's/c = (uint64_t)t5 + m + (uint32_t)(c >> 32);/c = (uint64_t)t5 + m;/' \
    crypto/p256_field.c >"$out/planted/p256_field.c"
! cmp -s crypto/p256_field.c "$out/planted/p256_field.c" || {
    echo "field: nothing was planted" >&2
    exit 1
}
build planted/program "$out/planted/p256_field.c"
if /usr/bin/python3 -B tests/m4/field.py "$out/planted/program.elf" \
    >"$out/planted.txt" 2>&1; then
    echo "field: a dropped carry was not found" >&2
    exit 1
fi
grep -q 'assay_p256_fe_mul' "$out/planted.txt" || {
    cat "$out/planted.txt" >&2
    exit 1
}
echo "field: a dropped carry is found"
