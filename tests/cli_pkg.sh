#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Making packages with the whole program, and reading them again.
#
# usage: cli_pkg.sh ASSAY
set -eu

ASSAY=${1:-build/native/assay}
HERE=$(cd "$(dirname "$0")" && pwd)
SHARED=${ASSAY_SHARED:-$HERE/../../shared}

T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

python3 "$HERE/pkg.py" "$ASSAY" "$HERE/../examples/blink/blink.hex" \
    "$SHARED" "$T"
