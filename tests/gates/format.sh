#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Layout, SPDX lines, line length, and the limits on functions.
set -eu

failed=0
sources=$(git ls-files '*.c' '*.h')
# shellcheck disable=SC2086 # the list is meant to be split
clang-format-14 --dry-run -Werror $sources || failed=1
for file in $(git ls-files '*.c' '*.h' '*.sh' '*.py' '*.proto' Makefile); do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0 OR MIT' || {
        echo "format: $file has no SPDX line" >&2
        failed=1
    }
done
# shellcheck disable=SC2086
python3 tests/gates/functions.py $sources || failed=1
shellcheck $(git ls-files '*.sh' .ci/run) || failed=1
[ "$failed" -eq 0 ] &&
    echo "format: $(echo "$sources" | wc -l) C files in the house layout"
