#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Make a key and a signed package, verify it, damage it in five ways, and see
# each damage refused for its own reason. usage: demo.sh ASSAY FOLDER
set -eu

assay=$1
folder=$2
examples=$(dirname "$0")

rm -rf "$folder"
mkdir -p "$folder"

say() {
    printf '\n== %s\n' "$*"
}

say "A signing key"
"$assay" keys generate "$folder/release.pem"
"$assay" keys display --key pk --format pem --out_file "$folder/release.pub.pem" \
    "$folder/release.pem"

say "A signed package of examples/blink/blink.hex"
"$assay" pkg generate --hw-version 52 --sd-req 0x00 \
    --application "$examples/blink/blink.hex" --application-version 4 \
    --key-file "$folder/release.pem" "$folder/blink.zip"

say "Is it genuine, and would this device take it?"
"$assay" verify "$folder/blink.zip" --key "$folder/release.pub.pem" \
    --device "$examples/device.txt"

# refuse STATUS WAY TEXT: damage the package and expect that refusal.
refuse() {
    say "Damaged: $3"
    python3 "$examples/damage.py" "$2" "$folder/blink.zip" "$folder/$2.zip"
    if "$assay" verify "$folder/$2.zip" --key "$folder/release.pub.pem" \
        >"$folder/$2.txt"; then
        echo "demo: $2 was not refused" >&2
        exit 1
    fi
    cat "$folder/$2.txt"
    grep -q " $1]" "$folder/$2.txt" || {
        echo "demo: $2 was not refused with $1" >&2
        exit 1
    }
}

refuse IMAGE_DIGEST firmware "one bit of the firmware flipped"
refuse SIGNATURE_INVALID version "the version in the signed packet raised"
refuse SIGNATURE_MISSING unsigned "the signature taken off"
refuse BOTH_COMMANDS both "an unsigned command put beside the signed one"
refuse ZIP_TRAILING appended "four bytes appended to the archive"

say "Five damages, five refusals; everything is in $folder"
