#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Making packages with the whole program, and reading them again.
#
# usage: cli_pkg.sh ASSAY
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/lib.sh
. "$here/lib.sh"

python3 "$here/pkg.py" "$ASSAY" "$here/../examples/blink/blink.hex" \
    "$SHARED" "$T"
