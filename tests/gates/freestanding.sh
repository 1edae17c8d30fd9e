#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The verifier as firmware gets it: compiled for Cortex-M4, it needs no symbol
# that it does not define, has no writable data, and no #if on a target.
#
# usage: freestanding.sh CC NM SIZE FOLDER FLAGS NAME SOURCE... [-- NAME ...]
# Each list of sources is a complete verifier.
set -eu

cc=$1
nm=$2
size=$3
out=$4
flags=$5
shift 5

rm -rf "$out"
mkdir -p "$out"
list=

# whole NAME SOURCE...
whole() {
    name=$1
    shift
    if grep -nE '^ *# *(if|ifdef|ifndef|elif).*(__arm|__thumb|__x86|__ARM|__GNUC)' \
        "$@"; then
        echo "freestanding: a preprocessor switch on the target" >&2
        exit 1
    fi
    objects=
    for source in "$@"; do
        object=$out/$(echo "$source" | tr / _ | sed 's/[cS]$/o/')
        # shellcheck disable=SC2086 # flags are several words
        "$cc" $flags -Os -mcpu=cortex-m4 -mthumb -ffunction-sections \
            -c -o "$object" "$source"
        objects="$objects $object"
    done

    # shellcheck disable=SC2086 # objects are several words
    "$nm" -g --defined-only $objects | awk 'NF == 3 {print $3}' | sort -u \
        >"$out/defined"
    # shellcheck disable=SC2086
    "$nm" -u $objects | awk 'NF == 2 {print $2}' | sort -u >"$out/undefined"
    missing=$(comm -13 "$out/defined" "$out/undefined")
    if [ -n "$missing" ]; then
        echo "freestanding: undefined symbols: $missing" >&2
        exit 1
    fi

    # shellcheck disable=SC2086
    bytes=$("$size" $objects | awk '
        NR > 1 {text += $1; data += $2; bss += $3}
        END {
            if (data + bss != 0) {
                print "freestanding: " data " bytes of data, " bss \
                    " of bss, expected none" > "/dev/stderr"
                exit 1
            }
            print text
        }')
    list="$list $name $bytes"
}

arguments=
for argument in "$@" --; do
    if [ "$argument" = -- ]; then
        # shellcheck disable=SC2086 # names of sources have no spaces
        whole $arguments
        arguments=
    else
        arguments="$arguments $argument"
    fi
done
echo "freestanding: no undefined symbol, no writable data; all of SHARED," \
    "bytes on Cortex-M4 -Os:$list"
