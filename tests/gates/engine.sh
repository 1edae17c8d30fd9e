#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The verifier's machine code is reproducible: built again in a folder of
# another depth it is the same bytes.
#
# usage: engine.sh CODE PREFIX FOLDER FLAGS SOURCE...
# in:    %PWD% in FLAGS stands for the folder of the build.
set -eu

code=$1
prefix=$2
out=$3
flags=$4
shift 4

folder=$out/another/place
rm -rf "$out"
mkdir -p "$folder"
cp -R base crypto initpkt verifier engine "$folder/"
(
    cd "$folder"
    engine/link.sh "$prefix" . "$(echo "$flags" | sed "s|%PWD%|$PWD|g")" "$@"
)
cmp "$code" "$folder/verifier_m4.bin" || {
    echo "engine: another folder makes other bytes" >&2
    exit 1
}
echo "engine: $(wc -c <"$code") bytes of machine code, the same in another" \
    "folder: SHA-256 $(sha256sum <"$code" | cut -c 1-16)..."
