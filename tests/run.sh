#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Run unit tests (Criterion programs) and whole-program tests (*.sh, which
# print `ok NAME` or `not ok NAME` for each check), and add them up.
#
# usage: run.sh ASSAY LOG-FOLDER TEST...
set -u

assay=$1
logs=$2
shift 2
mkdir -p "$logs"

passed=0
failed=0
left_out=0
for test in "$@"; do
    name=$(basename "$test")
    log=$logs/$name.log
    case "$test" in
    *.sh)
        sh "$test" "$assay" >"$log" 2>&1
        status=$?
        good=$(grep -c '^ok ' "$log")
        bad=$(grep -c '^not ok ' "$log")
        ;;
    *)
        "$test" --jobs 2 --color=never >"$log" 2>&1
        status=$?
        line=$(sed -n 's/.*Synthesis: //p' "$log" | tail -n 1)
        good=$(echo "$line" | sed -n 's/.*Passing: \([0-9]*\).*/\1/p')
        bad=$(echo "$line" | sed -n \
            's/.*Failing: \([0-9]*\) | Crashing: \([0-9]*\).*/\1+\2/p')
        bad=$((${bad:-1}))
        ;;
    esac
    good=${good:-0}
    # A test that ran nothing, or died behind its last line, has failed.
    if [ "$bad" -eq 0 ] && { [ "$good" -eq 0 ] || [ "$status" -ne 0 ]; }; then
        bad=1
    fi
    [ "$bad" -eq 0 ] && mark=ok || mark=FAILED
    printf '%-6s %-24s %5d passed %3d failed\n' "$mark" "$name" "$good" "$bad"
    [ "$bad" -eq 0 ] || grep -vE '^ok ' "$log" | tail -n 40
    missing=$(sed -n 's/.*left out: .*: \([0-9]*\) checks.*/\1/p' "$log" |
        awk '{n += $1} END {print n + 0}')
    grep 'left out: ' "$log" | sed 's/^/       /'
    left_out=$((left_out + missing))
    passed=$((passed + good))
    failed=$((failed + bad))
done

[ "$left_out" -eq 0 ] ||
    echo "$left_out checks left out: their material is not part of a clone"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
