#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# One wrong instruction in each assembly file: the known answers must find it.
# (The proofs have more of them, for the fields: proofs/mutants.py.)
#
# usage: mutants.sh PROGRAM FOLDER PREFIX FLAGS FAST... -- SMALL...
# PROGRAM: tests/m4/vectors.c. FAST, SMALL: the sources of the two profiles.
set -eu

program=$(realpath "$1")
out=$2
prefix=$3
flags=$4
shift 4
fast="$* "
small=${fast#* -- }
fast=${fast% -- *}
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)

# mutant FILE FROM TO: in the first line that has FROM.
n=0
mutant() {
    folder=$out/$(basename "$1" .S)
    mkdir -p "$folder"
    cp -R base crypto initpkt verifier engine "$folder/"
    sed -i "0,/$2/s/$2/$3/" "$folder/$1"
    if cmp -s "$1" "$folder/$1"; then
        echo "mutants: $1 has no place for \"$2\"" >&2
        exit 1
    fi
    case " $fast " in
    *" $1 "*) sources=$fast ;;
    *) sources=$small ;;
    esac
    # shellcheck disable=SC2086 # names of sources have no spaces
    (cd "$folder" && engine/link.sh "$prefix" . "$flags" $sources)
    if "$program" "$folder/verifier_m4.bin" >"$folder/log" 2>&1; then
        echo "mutants: no known answer finds \"$3\" in $1" >&2
        exit 1
    fi
    grep -qE 'the machine code answers|another digest' "$folder/log" || {
        cat "$folder/log" >&2
        echo "mutants: $1 fails without a reason" >&2
        exit 1
    }
    files="${files:-} $1"
    n=$((n + 1))
}

mutant crypto/ed25519_sum_m4.S '#0x80008000' '#0x40004000'
mutant crypto/fe25519_m4.S '#38' '#37'
mutant crypto/inverse_m4.S 'N_BATCHES, 20' 'N_BATCHES, 16'
mutant crypto/p256_field_m4.S 'mov     r12, #-1' 'mov     r12, #-2'
mutant crypto/p256_small_field_m4.S 'umaal' 'umlal'
mutant crypto/p256_sum_m4.S 'mul, T, T, Y' 'mul, T, T, X'
mutant crypto/sha256_block_m4.S 'ror #5' 'ror #6'
mutant crypto/sha512_block_m4.S '1 << 18' '1 << 17'

for file in $fast $small; do
    case "$file" in
    *_m4.S) ;;
    *) continue ;;
    esac
    case "$files " in
    *" $file "*) ;;
    *)
        echo "mutants: none for $file" >&2
        exit 1
        ;;
    esac
done
echo "mutants: one in each of $n assembly files, found by the known answers"
