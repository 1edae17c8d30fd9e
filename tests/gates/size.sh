#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Flash that a firmware pays, on Cortex-M4 -Os, for what it calls: a link with
# one root and everything unused left out, against the most it may be.
#
# usage: size.sh CC SIZE FOLDER FLAGS SOURCE...
set -eu

cc=$1
size=$2
out=$3
flags=$4
shift 4
mkdir -p "$out"
failed=0

# part NAME MOST ROOT...: link and compare.
part() {
    name=$1
    most=$2
    roots=
    shift 2
    while [ "$1" != -- ]; do
        roots="$roots -Wl,-u,$1"
        shift
    done
    shift
    # shellcheck disable=SC2086 # flags and roots are several words
    "$cc" $flags -Os -mcpu=cortex-m4 -mthumb -ffunction-sections \
        -fdata-sections -nostdlib -Wl,--gc-sections -Wl,-e,0 $roots \
        -o "$out/$name.elf" "$@"
    bytes=$("$size" "$out/$name.elf" | awk 'NR == 2 {print $1 + $2}')
    [ "$bytes" -le "$most" ] || {
        echo "size: $name is $bytes bytes, at most $most" >&2
        failed=1
    }
    list="${list:-} $name $bytes/$most"
}

part sha256 1700 assay_sha256_init assay_sha256_update assay_sha256_final -- "$@"
part p256 4200 assay_p256_verify -- "$@"
part ed25519 5500 assay_ed25519_verify -- "$@"
part init-packet 1300 assay_initpkt_open assay_initpkt_read -- "$@"
part verifier 15000 assay_verifier_packet assay_verifier_policy \
    assay_verifier_boot assay_verifier_nordic -- "$@"
[ "$failed" -eq 0 ] && echo "size: bytes on Cortex-M4 -Os, is/most:$list"
