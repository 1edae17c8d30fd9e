#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Builds every fuzz target, with its seed corpus and dictionary beside it. The
# one build script: the Makefile, OSS-Fuzz and ClusterFuzzLite all come here.
#
# usage: build.sh [OUT]
#        build.sh --list      the targets
#
# Heeds CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE, SRC, OUT, WORK,
# SANITIZER and FUZZING_ENGINE as OSS-Fuzz sets them. With LIB_FUZZING_ENGINE
# no flag is added that selects a sanitizer, and libraries are linked
# statically, because targets run elsewhere. Without it, FUZZING_ENGINE says
# what is built, with AddressSanitizer and UndefinedBehaviorSanitizer:
#   libfuzzer   with clang-14, the default
#   afl         with afl-clang-lto, persistent
#   cmplog      the same for afl-fuzz -c
#   none        replayers that run the files they are given; any compiler
# FUZZ_TARGETS: some targets only. FUZZ_REUSE=1: objects in WORK that are newer
# than their source are kept. FUZZ_M4_CODE, ASSAY_M4: the machine code of the
# verifier and the program that runs it; without these, and for other machines,
# there is no diff_engine. FUZZ_CRYPTO: the sources of crypto/, by default the
# portable ones.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
if [ ! -s "${FUZZ_M4_CODE:-/dev/null}" ] || [ ! -x "${ASSAY_M4:-/dev/null}" ] ||
    [ -n "${LIB_FUZZING_ENGINE:-}" ]; then
    FUZZ_M4_CODE=
fi
if [ -z "${FUZZ_TARGETS:-}" ]; then
    FUZZ_TARGETS=$(for source in "$root"/fuzz/fuzz_*.c "$root"/fuzz/diff_*.c; do
        name=$(basename "$source" .c)
        [ "$name" = diff_engine ] && [ -z "${FUZZ_M4_CODE:-}" ] || echo "$name"
    done)
fi
if [ "${1:-}" = --list ]; then
    echo "$FUZZ_TARGETS"
    exit 0
fi
code=$(realpath "${FUZZ_M4_CODE:-/dev/null}")
out=${1:-${OUT:-}}
[ -n "$out" ] || {
    echo "usage: build.sh OUT" >&2
    exit 2
}
mkdir -p "$out"
out=$(cd "$out" && pwd)
engine=${FUZZING_ENGINE:-libfuzzer}
work=${WORK:-$out/work}
mkdir -p "$work/gen"
work=$(cd "$work" && pwd)
cd "$root"

# --- Flags -------------------------------------------------------------------

sanitize="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined
    -fno-sanitize-recover=all"
main=
if [ -n "${LIB_FUZZING_ENGINE:-}" ]; then
    : "${CC:?}" "${CXX:?}"
    libraries=static
else
    libraries=shared
    LIB_FUZZING_ENGINE=
    case $engine in
    libfuzzer)
        CC=${CC:-clang-14}
        CFLAGS="${CFLAGS:-$sanitize} -fsanitize=fuzzer-no-link"
        LIB_FUZZING_ENGINE=-fsanitize=fuzzer
        ;;
    afl | cmplog)
        CC=${CC:-afl-clang-lto}
        # Without a sanitizer: the replay of what is found has them.
        CFLAGS=${CFLAGS:--O2 -g}
        [ "$engine" = afl ] || export AFL_LLVM_CMPLOG=1
        export AFL_QUIET=1
        main=afl
        ;;
    none)
        CC=${CC:-cc}
        CFLAGS=${CFLAGS:-$sanitize}
        main=standalone
        ;;
    *)
        echo "build.sh: no engine $engine" >&2
        exit 2
        ;;
    esac
    # Linked by the C compiler: no C++ comes in here.
    CXX=$CC
    CXXFLAGS=$CFLAGS
fi
flags="-std=c11 -I. -I$work/gen -D_XOPEN_SOURCE=700
    $(pkg-config --cflags openssl libsodium libprotobuf-c jansson zlib)"
link="$(pkg-config --libs openssl libsodium libprotobuf-c jansson zlib)"
if [ "$libraries" = static ]; then
    link="-Wl,-Bstatic -lsodium -lprotobuf-c -ljansson -lz -lcrypto
        -Wl,-Bdynamic -lpthread -ldl -lm"
fi

# --- Objects -----------------------------------------------------------------

protoc-c --proto_path=host --c_out="$work/gen" dfu_cc.proto
cp "$work/gen/dfu_cc.pb-c.c" "$work/dfu_cc.pb-c.c"
# Nothing but this header depends on the machine code.
engine/header.sh "$code" >"$work/gen/verifier_m4.h"

# compile SOURCE OBJECT
compile() {
    if [ "${FUZZ_REUSE:-}" = 1 ] && [ -e "$2" ] &&
        [ -z "$(find "$1" -newer "$2")" ]; then
        return 0
    fi
    # shellcheck disable=SC2086 # flags are several words
    $CC $CFLAGS $flags -c -o "$2" "$1"
}

jobs=${FUZZ_JOBS:-$(nproc)}
running=0
pids=
# start SOURCE OBJECT: compile in the background, at most $jobs at once.
start() {
    compile "$1" "$2" &
    pids="$pids $!"
    running=$((running + 1))
    [ "$running" -lt "$jobs" ] || finish
}
finish() {
    for pid in $pids; do
        wait "$pid"
    done
    pids=
    running=0
}

objects=
# What has no other choice: a whole verifier in portable C, fastest P-256.
portable() {
    for source in crypto/*.c; do
        case $source in
        *_64.c | *_x86.c | *_small.c | *_small_*.c) ;;
        *) echo "$source" ;;
        esac
    done
}
crypto=${FUZZ_CRYPTO:-$(portable)}

for source in $crypto initpkt/*.c verifier/*.c host/*.c cli/options.c \
    fuzz/keyring.c fuzz/mutate.c fuzz/encode.c "$work/dfu_cc.pb-c.c"; do
    object=$work/$(echo "${source#"$work"/}" | tr / _ | sed 's/c$/o/')
    objects="$objects $object"
    start "$source" "$object"
done
targets=$FUZZ_TARGETS
for target in $targets $main; do
    start "fuzz/$target.c" "$work/$target.o"
done
finish
rm -f "$work/fuzz.a"
# shellcheck disable=SC2086
${AR:-ar} rcs "$work/fuzz.a" $objects

# --- Targets -----------------------------------------------------------------

for target in $targets; do
    # libFuzzer looks for the mutator; nothing else asks the linker for it.
    # shellcheck disable=SC2086
    $CXX $CXXFLAGS -o "$out/$target" "$work/$target.o" \
        ${main:+"$work/$main.o"} "$work/fuzz_mutate.o" "$work/fuzz.a" \
        $LIB_FUZZING_ENGINE $link
    dict=fuzz/dict/${target#*_}.dict
    [ ! -e "$dict" ] || cp "$dict" "$out/$target.dict"
    [ ! -e "fuzz/$target.options" ] ||
        cp "fuzz/$target.options" "$out/$target.options"
    if [ -d "fuzz/corpus/$target" ]; then
        rm -f "$out/${target}_seed_corpus.zip"
        python3 -m zipfile -c "$out/${target}_seed_corpus.zip" \
            fuzz/corpus/"$target"/*
    fi
done
if [ "$engine" = afl ] && [ -n "$main" ]; then
    # The custom mutator for afl-fuzz: a library of its own, not instrumented.
    # shellcheck disable=SC2086
    ${HOSTCC:-clang-14} -O2 -fPIC -shared $flags -w -o "$out/mutate.so" \
        fuzz/mutate.c fuzz/encode.c fuzz/keyring.c $crypto initpkt/*.c \
        verifier/*.c host/*.c "$work/dfu_cc.pb-c.c" $link
fi
