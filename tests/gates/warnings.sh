#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# No warning from gcc or clang, at the levels where each finds most.
#
# usage: warnings.sh FOLDER HOST-FLAGS SHARED-FLAGS SHARED-SOURCE... -- SOURCE...
set -eu

out=$1
host_flags=$2
flags=$3
shift 3
mkdir -p "$out"
n=0
for source in "$@"; do
    if [ "$source" = -- ]; then
        flags=$host_flags
        continue
    fi
    for cc in gcc clang-14; do
        # shellcheck disable=SC2086 # flags are several words
        "$cc" $flags -O2 -Werror -c -o "$out/object.o" "$source"
        n=$((n + 1))
    done
done
echo "warnings: none in $n compilations with gcc and clang"
