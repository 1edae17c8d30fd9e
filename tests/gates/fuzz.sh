#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Every harness builds and replays its whole corpus under AddressSanitizer and
# UndefinedBehaviorSanitizer, and 16 steps of the custom mutator from each
# input of the structured formats. The build script does what OSS-Fuzz and
# ClusterFuzzLite expect of it, with the variables that they set. And the
# harnesses notice: bugs planted in a copy are found.
#
# With FUZZ_M4_CODE and ASSAY_M4 (see fuzz/build.sh) diff_engine is among them.
#
# usage: fuzz.sh FOLDER      (in the project root; CC as for make)
set -eu

folder=$1
root=$PWD
rm -rf "$folder"
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
FUZZ_JOBS=${FUZZ_JOBS:-$(nproc)}
export FUZZ_JOBS
# The targets are built with the flags of the build script, not of a user.
unset CFLAGS CXXFLAGS LIB_FUZZING_ENGINE FUZZING_ENGINE SANITIZER OUT WORK \
    SRC FUZZ_TARGETS FUZZ_REUSE || :

fail() {
    echo "fuzz: $*" >&2
    exit 1
}

# --- Seeds and corpora -------------------------------------------------------

python3 fuzz/seeds.py --header >"$folder/keyring_data.h"
grep -v '^ *$' "$folder/keyring_data.h" | tr -d ' \n' >"$folder/made"
grep -v '^ *$' fuzz/keyring_data.h | tr -d ' \n' >"$folder/committed"
cmp "$folder/made" "$folder/committed" >&2 ||
    fail "fuzz/keyring_data.h is not what fuzz/seeds.py writes"
targets=$(fuzz/build.sh --list)
n_targets=0
for target in $targets; do
    n_targets=$((n_targets + 1))
done
for target in $targets; do
    [ -d "fuzz/corpus/$target" ] || fail "$target has no corpus"
    for input in fuzz/corpus/"$target"/*; do
        sum=$(sha1sum <"$input")
        [ "${sum%% *}" = "${input##*/}" ] || fail "$input is not named by sha1"
    done
done
size=$(find fuzz/corpus -type f -printf '%s\n' | awk '{n += $1} END {print n}')
[ "$size" -le 1000000 ] || fail "the corpora have $size bytes"

# --- Replay ------------------------------------------------------------------

export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
FUZZING_ENGINE=none fuzz/build.sh "$folder/replay" >"$folder/log" 2>&1 || {
    tail -n 20 "$folder/log" >&2
    fail "the replayers do not build"
}

# replay FOLDER TARGET STEPS: ret: whether nothing was found.
replay() {
    timeout 300 "$1/$2" -mutate="$3" "fuzz/corpus/$2" >"$folder/$2.out" \
        2>"$folder/$2.err"
}

n_files=0
n_runs=0
for target in $targets; do
    steps=0
    case $target in
    *_initpkt | *_package | *_verify | *_device | *_hex) steps=16 ;;
    esac
    replay "$folder/replay" "$target" "$steps" || {
        tail -n 20 "$folder/$target.err" >&2
        fail "$target does not survive its corpus"
    }
    read -r files _ runs _ <"$folder/$target.out"
    n_files=$((n_files + files))
    n_runs=$((n_runs + runs))
done

# --- The environment of OSS-Fuzz ---------------------------------------------

# The engine is an archive there, and targets are linked by the C++ compiler.
oss=$folder/oss-fuzz
mkdir -p "$oss/src" "$oss/out" "$oss/work" "$oss/engine"
ln -s "$root" "$oss/src/assay"
clang=$(command -v clang-14 || command -v clang) || fail "no clang"
clangxx=$(command -v clang++-14 || command -v clang++) || fail "no clang++"
"$clang" -std=c11 -I. -D_XOPEN_SOURCE=700 -O1 -fsanitize=address -c \
    -o "$oss/engine/standalone.o" fuzz/standalone.c
ar rcs "$oss/engine/libFuzzingEngine.a" "$oss/engine/standalone.o"
for script in .clusterfuzzlite/build.sh fuzz/oss-fuzz/build.sh; do
    cmp "$script" fuzz/oss-fuzz/build.sh >&2 || fail "$script differs"
done
env -u FUZZ_JOBS -u FUZZ_M4_CODE -u FUZZ_CRYPTO \
    SRC="$oss/src" OUT="$oss/out" WORK="$oss/work" \
    CC="$clang" CXX="$clangxx" SANITIZER=address FUZZING_ENGINE=afl \
    ARCHITECTURE=x86_64 LIB_FUZZING_ENGINE="$oss/engine/libFuzzingEngine.a" \
    CFLAGS="-O1 -fno-omit-frame-pointer -gline-tables-only \
        -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION -fsanitize=address" \
    CXXFLAGS="-O1 -fsanitize=address" \
    sh "$oss/src/assay/fuzz/oss-fuzz/build.sh" >"$folder/log" 2>&1 || {
    tail -n 20 "$folder/log" >&2
    fail "the build script fails in the environment of OSS-Fuzz"
}
for target in $(env -u FUZZ_M4_CODE fuzz/build.sh --list); do
    [ -x "$oss/out/$target" ] || fail "OSS-Fuzz gets no $target"
    python3 -m zipfile -t "$oss/out/${target}_seed_corpus.zip" \
        >"$folder/log" 2>&1 || fail "$target has no seed corpus"
    case $target in
    *_p256 | *_ed25519) ;;
    *) [ -s "$oss/out/$target.dict" ] || fail "$target has no dictionary" ;;
    esac
    # What is taken to another machine needs no library but the C library's.
    ! ldd "$oss/out/$target" | grep -E 'sodium|protobuf|jansson|crypto|libz\.' \
        >&2 || fail "$target needs libraries that the runner has not"
    "$oss/out/$target" "fuzz/corpus/$target" >"$folder/log" 2>&1 || {
        tail -n 20 "$folder/log" >&2
        fail "$target of OSS-Fuzz does not survive its corpus"
    }
done

# --- The engines themselves --------------------------------------------------

# The same script with libFuzzer and with the driver of AFL++, as OSS-Fuzz links
# them: they run the corpus, and what they see of the target is more than
# nothing, so that it is instrumented.
engines=$folder/engines
# with ENGINE CC CXX LINK FLAGS: fuzz_initpkt as ENGINE wants it.
with() {
    env -u FUZZ_JOBS -u FUZZ_M4_CODE -u FUZZ_CRYPTO AFL_QUIET=1 \
        SRC="$oss/src" OUT="$engines/$1" WORK="$engines/$1/work" \
        FUZZ_TARGETS=fuzz_initpkt CC="$2" CXX="$3" SANITIZER=address \
        FUZZING_ENGINE="$1" LIB_FUZZING_ENGINE="$4" \
        CFLAGS="-O1 -fsanitize=address $5" CXXFLAGS="-fsanitize=address $5" \
        sh "$oss/src/assay/fuzz/oss-fuzz/build.sh" >"$folder/log" 2>&1 || {
        tail -n 20 "$folder/log" >&2
        fail "the build script fails with $1"
    }
}
driver=$(dirname "$(command -v afl-fuzz)")/../lib/afl/libAFLDriver.a
with libfuzzer "$clang" "$clangxx" -fsanitize=fuzzer -fsanitize=fuzzer-no-link
with afl afl-clang-fast afl-clang-fast++ "$driver" ""
mkdir "$engines/found" # where libFuzzer keeps what is new
"$engines/libfuzzer/fuzz_initpkt" -runs=1000 -seed=1 "$engines/found" \
    fuzz/corpus/fuzz_initpkt >"$folder/log" 2>&1 || fail "libFuzzer stops"
edges=$(sed -n 's/^#.*DONE *cov: \([0-9]*\) .*/\1/p' "$folder/log")
[ "${edges:-0}" -gt 100 ] || fail "libFuzzer sees ${edges:-no} edges"
afl-showmap -q -C -i fuzz/corpus/fuzz_initpkt -o "$folder/map" -- \
    "$engines/afl/fuzz_initpkt" >"$folder/log" 2>&1 || fail "AFL++ stops"
edges_afl=$(wc -l <"$folder/map")
[ "$edges_afl" -gt 100 ] || fail "AFL++ sees $edges_afl edges"

# --- Planted bugs ------------------------------------------------------------

n_planted=0
# plant TARGET FILE FROM TO WHY: a bug that TARGET has to find.
plant() {
    copy=$folder/planted
    rm -rf "$copy"
    mkdir -p "$copy"
    for part in base crypto initpkt verifier engine host cli fuzz; do
        cp -r "$part" "$copy/"
    done
    python3 - "$copy/$2" "$3" "$4" <<'PYTHON' || fail "cannot plant: $5"
import sys
path, old, new = sys.argv[1:]
with open(path, encoding="utf-8") as f:
    text = f.read()
if text.count(old) != 1:
    sys.exit(f"{path} has {text.count(old)} times: {old}")
with open(path, "w", encoding="utf-8") as f:
    f.write(text.replace(old, new))
PYTHON
    cp -r "$folder/replay/work" "$copy/work"
    # Compiled again: the one file that is newer than its object.
    find "$copy/work" -name '*.o' -exec touch {} +
    touch -d '+1 minute' "$copy/$2"
    FUZZ_REUSE=1 FUZZ_TARGETS=$1 FUZZING_ENGINE=none WORK="$copy/work" \
        "$copy/fuzz/build.sh" "$copy/out" >"$folder/log" 2>&1 || {
        tail -n 20 "$folder/log" >&2
        fail "the copy with \"$5\" does not build"
    }
    ! replay "$copy/out" "$1" 64 || fail "$1 does not find: $5"
    grep -qE 'does not hold|ERROR: AddressSanitizer|runtime error' \
        "$folder/$1.err" || fail "$1 fails without a reason: $5"
    n_planted=$((n_planted + 1))
}

plant fuzz_initpkt initpkt/initpkt.c \
    'if (f->value > r->rest.len) {' 'if (f->value > r->rest.len + 64) {' \
    "a length test that lets 64 bytes too many through"
plant diff_initpkt initpkt/initpkt.c \
    'if (b == 0 && shift != 0) {' 'if (b == 0 && shift > 7) {' \
    "an integer with a needless zero byte is accepted"
plant fuzz_verify host/verify.c \
    'if (p->status != ASSAY_OK) {' 'if (p->status == ASSAY_IMAGE_SHORT) {' \
    "an image with another digest is accepted"
rm -rf "$folder/planted"

echo "fuzz: $n_targets targets, $n_files corpus files replayed in $n_runs" \
    "runs with both sanitizers; OSS-Fuzz build complete; libFuzzer sees $edges," \
    "AFL++ $edges_afl edges of fuzz_initpkt; $n_planted planted bugs found"
