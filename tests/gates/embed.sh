#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The two files of the verifier: generated the same twice, with the digest of
# the sources; compiled alone without a warning; no symbol missing and no
# writable data on the device; the unit tests and the vectors pass against
# them; the example built from them starts what it should and nothing else.
#
# usage: embed.sh ARM NATIVE FOLDER WARNINGS TEST_FLAGS TEST_LIBS FILE... \
#        -- SOURCE...
# NATIVE has the program and libassay-host.a; FILE and SOURCE are those of
# embed/generate.py.
set -eu

arm=$1
native=$2
out=$3
warnings=$4
test_flags=$5
test_libs=$6
shift 6
m4="-mcpu=cortex-m4 -mthumb -ffreestanding -nostdlib"
example=examples/embed
mkdir -p "$out/again" "$out/example"

fail() {
    echo "embed: $*" >&2
    exit 1
}

python3 embed/generate.py "$out" verifier/verifier.h "$@"
python3 embed/generate.py "$out/again" verifier/verifier.h "$@"
every="$*"
# shellcheck disable=SC2086 # names of files have no spaces
digest=$(printf '%s\n' ${every#* -- } ${every% -- *} | LC_ALL=C sort -u |
    grep -E '\.h$|^(initpkt|verifier)/|^crypto/.*[.][cS]$' |
    xargs sha256sum | sha256sum | cut -d ' ' -f 1)
for file in assay_verifier.c assay_verifier.h assay_verifier_m4.S; do
    cmp -s "$out/$file" "$out/again/$file" ||
        fail "$file differs when it is generated again"
    grep -q "$digest" "$out/$file" ||
        fail "$file does not bear the digest of the sources, $digest"
done

# --- Alone, with every warning an error ---------------------------------------

alone="-std=c11 -Werror $warnings -I$out"
source=$out/assay_verifier.c
n=0
for cc in gcc clang-14; do
    for level in -O0 -Os -O2 -O3; do
        # shellcheck disable=SC2086 # flags are several words
        $cc $alone $level -ffreestanding -c -o "$out/alone.o" "$source"
        n=$((n + 1))
    done
done
# device NAME COMPILER...: compile for a device; nothing missing, no data.
device() {
    object=$out/$1.o
    shift
    # shellcheck disable=SC2086
    "$@" $alone -ffreestanding -c -o "$object" "$source"
    missing=$("${arm}nm" -u "$object")
    [ -z "$missing" ] || fail "with $*, these symbols are missing: $missing"
    "${arm}size" "$object" | awk 'NR == 2 && $2 + $3 != 0 {exit 1}' ||
        fail "with $*, writable data"
    n=$((n + 1))
}
for level in -Os -O2 -O3; do
    device "m4$level" "${arm}gcc" -mcpu=cortex-m4 -mthumb $level
done
# With the assembly: what the C leaves out is what that brings.
assembly=$out/assay_verifier_m4.S
for level in -O3 -Os; do
    # shellcheck disable=SC2086
    "${arm}gcc" $alone $m4 $level -DASSAY_VERIFIER_M4 -r \
        -o "$out/both.o" "$source" "$assembly"
    missing=$("${arm}nm" -u "$out/both.o")
    [ -z "$missing" ] || fail "with the assembly, $missing are missing"
    n=$((n + 1))
done
with_assembly=$("${arm}size" "$out/both.o" | awk 'NR == 2 {print $1}')
clang-14 --target=thumbv7em-none-eabi -mcpu=cortex-m4 -c -o "$out/alone.o" \
    "$assembly"
# Clang does not align code by itself.
odd=$("${arm}objdump" -h "$out/alone.o" |
    awk '$2 ~ /^\.text./ && $7 == "2**0" {print $2}')
[ -z "$odd" ] || fail "code may stand at an odd address: $odd"
device m33 "${arm}gcc" -mcpu=cortex-m33 -mthumb -Os
device m4-clang clang-14 --target=thumbv7em-none-eabi -mcpu=cortex-m4 -Os
# shellcheck disable=SC2086 # flags are several words
clang-14 --target=thumbv7em-none-eabi -mcpu=cortex-m4 $alone -Os \
    -ffreestanding -DASSAY_VERIFIER_M4 -c -o "$out/alone.o" "$source"
n=$((n + 1))
public=$("${arm}nm" -g --defined-only "$out/m4-Os.o" | awk '{print $3}')
for name in $public; do
    grep -q "\b$name(" verifier/verifier.h || fail "$name is not static"
done
size=$("${arm}size" "$out/m4-Os.o" | awk 'NR == 2 {print $1}')

# --- The unit tests and the vectors -------------------------------------------

# The tests call internal functions, too: these keep their own shape here, and
# their names are made visible in the assembly.
# shellcheck disable=SC2086 # flags are several words
gcc $alone -O2 -fkeep-static-functions -fno-ipa-sra -fno-ipa-cp -S \
    -o "$out/visible.s" "$source"
sed -n 's/^\(assay_[a-z0-9_]*\):.*/.globl \1/p' "$out/visible.s" >"$out/names.s"
cat "$out/names.s" >>"$out/visible.s"
gcc -c -o "$out/visible.o" "$out/visible.s"
n_passed=0
for test in verifier initpkt p256 p256_field ed25519 sha256 sha512; do
    program=$out/test_$test
    # shellcheck disable=SC2086 # flags and libraries are several words
    gcc $test_flags -O1 -w -o "$program" "tests/test_$test.c" \
        "$out/visible.o" "$native/libassay-host.a" $test_libs
    "$program" --jobs 2 --color=never >"$program.log" 2>&1 || {
        cat "$program.log" >&2
        fail "tests/test_$test.c fails against the single file"
    }
    passed=$(sed -n 's/.*Synthesis: .*Passing: \([0-9]*\).*/\1/p' \
        "$program.log" | tail -n 1)
    [ "${passed:-0}" -gt 0 ] || fail "tests/test_$test.c ran nothing"
    n_passed=$((n_passed + passed))
done

# shellcheck disable=SC2086
"${arm}gcc" $alone $m4 -Os -DASSAY_VERIFIER_M4 -Wl,-Ttext=0x100 -Wl,-e,0 \
    -o "$out/calls.elf" tests/gates/embed_calls.c "$assembly"
# shellcheck disable=SC2086
gcc $alone -O2 -shared -fPIC -o "$out/calls.so" tests/gates/embed_calls.c
vectors=$(/usr/bin/python3 tests/gates/embed_vectors.py \
    "$out/assay_verifier.h" "$out/calls.so" "$out/calls.elf" vectors/*.txt)

# --- The example, as its README builds it -------------------------------------

here=$out/example
python3 - "$here/app.bin" <<'END'
import struct
import sys
# A stack pointer, the address behind these words, a branch to itself.
head = struct.pack("<IIH", 0x20010000, 0x9000 + 8 + 1, 0xE7FE)
body = bytes((7 * i + 1) % 256 for i in range(4096 - len(head)))
with open(sys.argv[1], "wb") as f:
    f.write(head + body)
END
"$native/assay" keys generate --force "$here/release.pem" >/dev/null
openssl pkey -in "$here/release.pem" -pubout -outform DER | tail -c 64 |
    od -An -v -tu1 | sed 's/  */, /g; s/^, //; s/$/,/' >"$here/release_key.inc"
"$native/assay" pkg generate --hw-version 52 --sd-req 0x00 \
    --application "$here/app.bin" --application-version 4 \
    --key-file "$here/release.pem" "$here/app.zip" >/dev/null
unzip -o -q "$here/app.zip" -d "$here"

for cc in clang-14 gcc; do
    # shellcheck disable=SC2086
    $cc $alone "-I$here" -O2 -o "$here/host" $example/host.c "$source"
done
"$here/host" "$here/app.dat" "$here/app.bin" "$here/record.bin" >/dev/null ||
    fail "the example's host program refuses a good update"
if "$here/host" "$here/app.dat" "$here/app.dat" "$here/none.bin" >/dev/null
then
    fail "the example's host program accepts a bad update"
fi
# shellcheck disable=SC2086
"${arm}gcc" $alone $m4 "-I$here" -Os -ffunction-sections -fdata-sections \
    -DASSAY_VERIFIER_M4 -Wl,--gc-sections -T $example/embed.ld \
    -o "$here/boot.elf" $example/main.c $example/start.c "$source" "$assembly"
flash=$("${arm}size" "$here/boot.elf" | awk 'NR == 2 {print $1 + $2}')
ran=$(/usr/bin/python3 tests/gates/embed_run.py "$out/assay_verifier.h" \
    "$here/boot.elf" "$here/app.bin" "$here/record.bin")

echo "embed: two files, $n builds without a warning, $size bytes on" \
    "Cortex-M4 -Os, $with_assembly with the assembly; $n_passed unit tests pass; $vectors; example of" \
    "$flash bytes: $ran"
