#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
set -eu
exec "$SRC/assay/fuzz/build.sh"
