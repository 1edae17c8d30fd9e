#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Flash that a firmware pays, on Cortex-M4 -Os, for what it calls: a link with
# one root and everything unused left out, against the most it may be.
#
# usage: size.sh CC SIZE FOLDER FLAGS FAST... -- SMALL...
set -eu

cc=$1
size=$2
out=$3
flags=$4
shift 4
mkdir -p "$out"
failed=0

fast="$* "
small=${fast#* -- }
fast=${fast% -- *}

# part SOURCES NAME MOST ROOT...: link and compare.
part() {
    sources=$1
    name=$2
    most=$3
    roots=
    shift 3
    for root in "$@"; do
        roots="$roots -Wl,-u,$root"
    done
    # shellcheck disable=SC2086 # flags, roots and sources are several words
    "$cc" $flags -Os -mcpu=cortex-m4 -mthumb -ffunction-sections \
        -fdata-sections -nostdlib -Wl,--gc-sections -Wl,-e,0 $roots \
        -o "$out/$name.elf" $sources
    bytes=$("$size" "$out/$name.elf" | awk 'NR == 2 {print $1 + $2}')
    [ "$bytes" -le "$most" ] || {
        echo "size: $name is $bytes bytes, at most $most" >&2
        failed=1
    }
    list="${list:-} $name $bytes/$most"
}

part "$fast" sha256 2500 assay_sha256_init assay_sha256_update assay_sha256_final
part "$fast" sha512 2600 assay_sha512_init assay_sha512_update assay_sha512_final
part "$fast" p256 5000 assay_p256_verify
part "$small" p256-small 2400 assay_p256_verify
part "$fast" ed25519 6000 assay_ed25519_verify
part "$fast" init-packet 1300 assay_initpkt_open assay_initpkt_read
part "$fast" init-packet-and-policy 2000 assay_initpkt_open \
    assay_initpkt_read assay_verifier_policy
part "$fast" verifier 17000 assay_verifier_packet assay_verifier_policy \
    assay_verifier_boot assay_verifier_nordic
[ "$failed" -eq 0 ] && echo "size: bytes on Cortex-M4 -Os, is/most:$list"
