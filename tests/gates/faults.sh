#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The long fault campaign: every instruction that a verification executes is
# left out once, crypto included, and what follows is executed as it stands; no
# forgery may be accepted. First some weaknesses that are planted must be found
# out, or the campaign itself is broken.
#
# Five things are done with the machine code: forgeries, with skips in
# everything; forgeries that are aimed at one certain fault, likewise; pairs of
# signatures that show for which skips anyone could make a forgery, likewise;
# what one check alone refuses, likewise, which is reported and no failure; and
# all scenarios, with skips in the decision code. The same with the verifier as
# a single file, which is compiled as a whole; there skips in everything are
# for the end of a run, where the crypto decides.
#
# What is done stays in FOLDER, under the digest of the code: an interrupted
# campaign goes on where it was. The result is a table, FOLDER/faults.md.
# JOBS: processes at once (2). KINDS: kinds of scenario, as PROGRAM lists them
# (crypto aimed blind single decision; "again" repeats the crypto of others).
#
# ONLY: a pattern, as awk knows them, for subject and name of a scenario.
# PRELOAD: tests/m4/stores.c as a shared library.
#
# usage: faults.sh PROGRAM CODE SYMBOLS PREFIX FOLDER FLAGS EMBED SOURCE...
# EMBED: the folder of the single file, or - for none. The objects of CODE are
# beside it.
set -eu

program=$1
code=$2
symbols=$3
prefix=$4
out=$5
flags=$6
embed=$7
shift 7
kinds=${KINDS:-crypto aimed blind single decision}
chunk=50000 # instructions of one process
tail=20000  # instructions at the end of a run

# copy NAME: what link.sh needs, to be changed.
copy() {
    folder=$out/$1
    rm -rf "$folder"
    mkdir -p "$folder"
    cp -R base crypto initpkt verifier engine "$folder/"
}

mkdir -p "$out"
PYTHONDONTWRITEBYTECODE=1 python3 tests/m4/aimed.py "$out/aimed.h"
cmp "$out/aimed.h" tests/m4/aimed.h || {
    echo "faults: tests/m4/aimed.h is stale; run make aimed" >&2
    exit 1
}

# --- A weakness must be found -------------------------------------------------

# plant FILE SED: the code with one place changed.
plant() {
    copy planted
    sed -i "$2" "$folder/$1"
    # shellcheck disable=SC2086 # sources are several words
    (cd "$folder" && engine/link.sh "$prefix" . "$flags -w" $sources)
    "$program" "$folder/verifier_m4.bin" "$folder/verifier_m4.sym" list \
        >"$folder/list"
}

# found NAME WHAT: skips of one scenario must find the weakness. WHAT: a number
# of instructions at the end, or a function.
found() {
    # shellcheck disable=SC2046 # number and length
    set -- "$1" "$2" $(awk -v name="packet, $1" '
        {line = $0; sub(/^[^ ]* [^ ]* [^ ]* [^ ]* /, "", line)}
        line == name {print $2, $4; exit}' "$folder/list")
    case $2 in
    [0-9]*) what="run $3 $(($4 - $2)) $4" ;;
    *) what="within $3 $2" ;;
    esac
    # shellcheck disable=SC2086 # a command and its arguments
    "$program" "$folder/verifier_m4.bin" "$folder/verifier_m4.sym" $what \
        >"$folder/log"
    grep -q BYPASS "$folder/log" || {
        echo "faults: a planted weakness was not found: $1" >&2
        exit 1
    }
}

sources=$*
case $sources in
*p256_small*)
    plant crypto/p256_small.c \
        's/ct_barrier(match) & half/ct_barrier(match) \& (i ? 0 : whole)/'
    found 'bad signature' $tail
    plant crypto/p256_small.c '/match &= .*TRACE_WORD/d'
    found 'the first 1 bits' assay_p256_verify
    ;;
*)
    plant crypto/p256.c 's/(valid2 & rest)/(valid1 \& rest)/'
    found 'bad signature' $tail
    plant crypto/p256.c 's/u256_load(er, pub);/assay_p256_fe_sub(er, er, er);/'
    found 'u1 = 0, u2 = r/s' assay_p256_verify
    plant crypto/p256.c '/valid &= point_on_curve(/d'
    found 'no sum' 6000
    ;;
esac
plant crypto/ed25519.c '/sound &= scalar_mask_equal(/d'
found 'Ed25519, k of A, M' challenge

# --- The single file ----------------------------------------------------------

# Its crypto is put in front of everything else, as that of the other code is.
# What is in base/ belongs to whoever uses it.
embedded() {
    copy embedded
    cp "$embed"/assay_verifier* "$folder/"
    cp tests/m4/embedded.c "$folder/engine/entry.c"
    for object in "$(dirname "$code")"/crypto_*.o; do
        file=$(basename "$object" .o)
        "${prefix}nm" "$object" | awk -v file="${file#crypto_}" '
            $2 ~ /[tT]/ {sub(/\..*/, "", $3); print $3; print file "_" $3}'
    done | sort -u | while read -r name; do
        grep -qw -- "$name" base/*.h || echo "*(.text.$name .text.$name.*)"
    done >"$folder/crypto.list"
    echo '*assay_verifier_m4.o(.text .text.*)' >>"$folder/crypto.list"
    sed -i "/\*crypto_\*(.text/r $folder/crypto.list" "$folder/engine/m4.ld"
    (
        cd "$folder"
        if [ -f assay_verifier_m4.S ]; then
            engine/link.sh "$prefix" . "$flags -DASSAY_VERIFIER_M4" \
                assay_verifier.c assay_verifier_m4.S
        else
            engine/link.sh "$prefix" . "$flags" assay_verifier.c
        fi
    )
}
[ "$embed" = - ] || embedded

# --- The campaign -------------------------------------------------------------

# jobs NAME CODE SYMBOLS FROM_END: lines of a file, and the command whose output
# it is. FROM_END: how many instructions, counted from the end.
jobs() {
    done=$out/$1-$(sha256sum "$2" | cut -c 1-16)
    mkdir -p "$done"
    [ -s "$done/list" ] || "$program" "$2" "$3" list >"$done/list"
    awk -v call="$program $2 $3" -v done="$done" -v name="$1" -v chunk=$chunk \
        -v from_end="$4" -v kinds=" $kinds " -v only="${ONLY:-}" '
        function job(part, command) {
            print done "/" $1 "-" $2 "-" part, call, command
        }
        index(kinds, " " $1 " ") == 0 || $0 !~ only {next}
        $1 == "blind" && name != "linked" {next} # it knows functions by name
        $1 == "decision" {job("all", "decision " $2); next}
        {
            for (from = $4 - $3 < from_end ? $3 : $4 - from_end; from < $4;
                 from += chunk) {
                to = from + chunk < $4 ? from + chunk : $4
                job(from "-" to,
                    ($1 == "blind" ? "blind " : "run ") $2 " " from " " to)
            }
        }' "$done/list"
}

jobs linked "$code" "$symbols" 1000000000 >"$out/jobs"
[ "$embed" = - ] ||
    jobs embedded "$folder/verifier_m4.bin" "$folder/verifier_m4.sym" $tail \
        >>"$out/jobs"
while read -r file command; do
    [ -s "$file" ] || echo "$file $command"
done <"$out/jobs" >"$out/todo"
echo "faults: $(wc -l <"$out/todo") of $(wc -l <"$out/jobs") parts to do"
# shellcheck disable=SC2016 # expanded by the inner shell
xargs -a "$out/todo" -r -P "${JOBS:-2}" -L 1 sh -c '
    file=$1
    shift
    LD_PRELOAD=${PRELOAD:-} "$@" >"$file.part" && mv "$file.part" "$file"' sh

# --- The result ---------------------------------------------------------------

cut -d ' ' -f 1 "$out/jobs" >"$out/files"
# shellcheck disable=SC2016 # the program of awk
xargs -a "$out/files" awk '
    # The name of a file: .../CODE-DIGEST/KIND-NUMBER-PART
    /^range / {
        n = split(FILENAME, path, "/")
        split(path[n - 1], code, "-")
        split(path[n], kind, "-")
        text = $0
        sub(/^[^:]*:[^:]*: /, "", text)
        if (kind[1] == "decision") {
            text = "all, decision code"
        } else if (kind[1] == "single") {
            text = text " (one check)"
        } else if (kind[1] == "aimed") {
            text = text " (aimed)"
        }
        key = code[1] " | " text
        if (!(key in skips)) {
            order[++rows] = key
        }
        instructions[key] = $6 + 0
        if (kind[1] == "decision") {
            instructions[key] = ""
        }
        skips[key] += $7
        accepted[key] += $9
        refused[key] += $11
        crashed[key] += $13
        hung[key] += $15
        rejoined[key] += $17
    }
    END {
        print "| code | scenario | instructions | skips | accepted | refused" \
            " | crashed | hung | rejoined |"
        print "|---|---|--:|--:|--:|--:|--:|--:|--:|"
        for (i = 1; i <= rows; i++) {
            key = order[i]
            print "| " key " | " instructions[key] " | " skips[key] " | " \
                accepted[key] " | " refused[key] " | " crashed[key] " | " \
                hung[key] " | " rejoined[key] " |"
        }
    }' >"$out/faults.md"
cat "$out/faults.md"
if grep -v '/single-' "$out/files" | xargs grep -h '^BYPASS' >&2; then
    echo "faults: a forgery is accepted" >&2
    exit 1
fi
