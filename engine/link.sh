#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The verifier's machine code for Cortex-M4: FOLDER/verifier_m4.elf, .bin and
# .sym (address, length, type and name of every symbol). Without an ARM
# compiler it makes an empty .bin, and the engine m4 is left out.
#
# usage: link.sh PREFIX FOLDER FLAGS SOURCE...
set -eu

prefix=$1
out=$2
flags=$3
shift 3
mkdir -p "$out"

command -v "${prefix}gcc" >/dev/null || {
    echo "engine: no ${prefix}gcc, so no --engine m4" >&2
    : >"$out/verifier_m4.bin"
    exit 0
}

objects=
for source in "$@" engine/entry.c engine/layout.c; do
    object=$out/$(echo "$source" | tr / _ | sed 's/[cS]$/o/')
    # shellcheck disable=SC2086 # flags are several words
    "${prefix}gcc" $flags -Os -mcpu=cortex-m4 -mthumb -ffunction-sections \
        -fdata-sections -c -o "$object" "$source"
    objects="$objects $object"
done
# shellcheck disable=SC2086
"${prefix}gcc" -mcpu=cortex-m4 -mthumb -nostdlib -static -Wl,--gc-sections \
    -Wl,--build-id=none -Wl,-T,engine/m4.ld -o "$out/verifier_m4.elf" $objects
"${prefix}objcopy" -O binary -j .verifier "$out/verifier_m4.elf" \
    "$out/verifier_m4.bin"
"${prefix}nm" -S -n "$out/verifier_m4.elf" >"$out/verifier_m4.sym"
