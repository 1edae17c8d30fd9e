#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The whole program against hostile packages, files and circumstances.
#
# usage: cli_hostile.sh ASSAY
set -eu

ASSAY=${1:-build/native/assay}
HERE=$(cd "$(dirname "$0")" && pwd)
SHARED=${ASSAY_SHARED:-$HERE/../../shared}

T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

python3 "$HERE/hostile.py" "$ASSAY" "$HERE/../examples/blink/blink.hex" \
    "$SHARED" "$T"
