#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The whole program against hostile packages, files and circumstances.
#
# usage: cli_hostile.sh ASSAY
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/lib.sh"

python3 "$here/hostile.py" "$ASSAY" "$here/../examples/blink/blink.hex" \
    "$SHARED" "$T"
