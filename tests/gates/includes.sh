#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The direction of dependency, on every #include of the product:
#   base <- crypto, initpkt <- verifier <- host <- cli
# crypto and initpkt do not know each other; SHARED includes no system header
# but the three that freestanding C provides.
set -eu

failed=0
n=0
list=$(mktemp)

# headers OPEN CLOSE FILE: what the file includes between these marks.
headers() {
    sed -n "s/^#include $1\([^$2]*\)$2.*/\1/p" "$3"
}

# allow FOLDER PATTERN: what files of FOLDER may include from the project.
allow() {
    for file in "$1"/*.[ch]; do
        headers '"' '"' "$file" >"$list"
        while read -r header; do
            n=$((n + 1))
            echo "$header" | grep -qE "^($2)" || {
                echo "includes: $file may not include \"$header\"" >&2
                failed=1
            }
        done <"$list"
    done
}

# freestanding FOLDER: no header of a C library.
freestanding() {
    for file in "$1"/*.[ch]; do
        headers '<' '>' "$file" >"$list"
        while read -r header; do
            n=$((n + 1))
            case "$header" in
            stddef.h | stdint.h) ;;
            cpuid.h | immintrin.h)
                # What a file for x86 hosts needs of the compiler.
                [ "${file%_x86.c}" != "$file" ] || {
                    echo "includes: $file may not include <$header>" >&2
                    failed=1
                }
                ;;
            *)
                echo "includes: $file may not include <$header>" >&2
                failed=1
                ;;
            esac
        done <"$list"
    done
}

allow base 'base/'
allow crypto 'base/|crypto/'
allow initpkt 'base/|initpkt/'
allow verifier 'base/|crypto/|initpkt/|verifier/'
allow engine 'base/|crypto/|initpkt/|verifier/|engine/'
allow host 'base/|crypto/|initpkt/|verifier/|engine/|host/|dfu_cc\.pb-c\.h$|verifier_m4\.h$'
allow cli 'base/|verifier/|host/|cli/|digest\.h$'
for folder in base crypto initpkt verifier; do
    freestanding "$folder"
done
rm -f "$list"
[ "$failed" -eq 0 ] && [ "$n" -gt 100 ] &&
    echo "includes: $n includes point in the allowed direction"
