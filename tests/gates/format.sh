#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Layout, SPDX lines, line length, and the limits on functions.
set -eu

failed=0
list=$(mktemp)
sources=$(git ls-files '*.c' '*.h')
# shellcheck disable=SC2086 # the list is meant to be split
clang-format-14 --dry-run -Werror $sources || failed=1
git ls-files '*.c' '*.h' '*.S' '*.sh' '*.py' '*.proto' Makefile .ci/run >"$list"
while read -r file; do
    head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0 OR MIT' || {
        echo "format: $file has no SPDX line" >&2
        failed=1
    }
done <"$list"
# shellcheck disable=SC2086
python3 tests/gates/functions.py $sources || failed=1
git ls-files -z '*.sh' .ci/run | xargs -0 shellcheck -x || failed=1
rm -f "$list"
[ "$failed" -eq 0 ] &&
    echo "format: $(echo "$sources" | wc -l) C files in the house layout"
