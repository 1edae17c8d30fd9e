#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# The manual says what the program says: it is what man/generate.py makes of
# the sources, mandoc has no warning, every verb, option, help text, status
# and key of a device file is in the rendered pages, and the signing recipes
# with OpenSSL work as they are printed.
#
# usage: man.sh ASSAY
set -eu

assay=$1
case $assay in /*) ;; *) assay=$PWD/$assay ;; esac
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

fail()
{
    echo "man: $*" >&2
    exit 1
}

python3 man/generate.py "$assay" "$T/assay.1"
diff -u man/assay.1 "$T/assay.1" >"$T/diff" || {
    head -n 20 "$T/diff" >&2
    fail "man/assay.1 is stale; run man/generate.py $1"
}

for page in man/assay.1 man/assay-device.5; do
    mandoc -T lint -W warning "$page" >&2 || fail "$page has warnings"
done

# Text as a reader sees it: no overstriking.
back=$(printf '\b')
render()
{
    mandoc -T ascii "$1" | sed "s/.$back//g"
}
render man/assay.1 >"$T/page"
render man/assay-device.5 >"$T/device"
tr -d '[:space:]' <"$T/page" >"$T/squeezed"

# --- Verbs, options and help texts -------------------------------------------

section()
{
    awk -v title="   $1" '
        /^[A-Z]/ || /^   [^ ]/ {inside = $0 == title}
        inside' "$T/page"
}

# Summary, help of each option and notes, one per line, without blanks.
texts()
{
    awk '
        function flush() {
            gsub(/[ \t]/, "", text)
            if (text != "") print text
            text = ""
        }
        /^$/ {flush(); block++; next}
        /^Examples:/ {part = "examples"; next}
        /^Options:/ {part = "options"; first = block; next}
        block == 0 || (part == "examples") {next}
        part == "options" && block == first && /^  [^ ]/ {
            flush()
            if (substr($0, 27, 2) == "  ") text = substr($0, 29)
            next
        }
        {text = text " " $0}
        END {flush()}'
}

tab=$(printf '\t')
"$assay" help --options >"$T/options"
n_options=0
while IFS=$tab read -r verb option value; do
    {
        section "assay $verb"
        section "Options of every command"
    } | grep -qE -e "^ +(-., )?(.*, )?$option( |,|\$)" ||
        fail "$option $value is not under assay $verb"
    n_options=$((n_options + 1))
done <"$T/options"

n_verbs=0
n_texts=0
cut -f 1 "$T/options" | sort -u >"$T/verbs"
while IFS= read -r verb; do
    [ -n "$(section "assay $verb")" ] || fail "no section assay $verb"
    # shellcheck disable=SC2086 # a verb may be two words
    "$assay" $verb --help </dev/null | texts >"$T/texts"
    [ "$(wc -l <"$T/texts")" -gt 4 ] || fail "no texts in $verb --help"
    while IFS= read -r text; do
        grep -qF -e "$text" "$T/squeezed" ||
            fail "this text of assay $verb --help is missing: $text"
        n_texts=$((n_texts + 1))
    done <"$T/texts"
    n_verbs=$((n_verbs + 1))
done <"$T/verbs"

# --- Statuses and device files -----------------------------------------------

n_statuses=0
tr -d '\\\n' <base/status.h |
    grep -oE '\bX\([A-Z0-9_]+, *0x[0-9A-F]+, *(0x[0-9A-F]+|0), *"[A-Z]+-[0-9]+"' |
    sed -E 's/X\((\w+),.*"(.*)"/\1 (\2)/' >"$T/statuses"
[ "$(wc -l <"$T/statuses")" -eq "$(grep -cE '^ *X\([A-Z]' base/status.h)" ] ||
    fail "base/status.h is not understood"
while IFS= read -r status; do
    grep -qxF -e "     $status" "$T/page" || fail "$status is missing"
    n_statuses=$((n_statuses + 1))
done <"$T/statuses"

# in_device NAMES: each begins an entry of assay-device(5); sets n.
in_device()
{
    n=0
    while IFS= read -r name; do
        grep -qE "^     (sdk17.0, )?$name( |,|\$)" "$T/device" ||
            fail "no $name in assay-device(5)"
        n=$((n + 1))
    done <"$1"
}
sed -nE 's/.*\{"([a-z_]+)", SETTING_.*/\1/p' host/device.c >"$T/keys"
sed -n '/GENERATIONS\[\]/,/;/p' host/device.c | grep -o '"[^"]*"' |
    tr -d '"' >"$T/generations"
in_device "$T/generations"
[ "$n" -gt 6 ] || fail "the generations in host/device.c are not understood"
in_device "$T/keys"
n_keys=$n
[ "$n_keys" -gt 10 ] || fail "the keys in host/device.c are not understood"

# --- Recipes -----------------------------------------------------------------

# display PAGE SECTION I: the I-th display of a section, as it is typed.
display()
{
    awk -v title="$2" -v wanted="$3" '
        /^\.S[hs]/ {inside = substr($0, 5) == title}
        inside && /^\.Bd/ {n++; shown = n == wanted; next}
        /^\.Ed/ {shown = 0}
        shown' "$1" | sed 's/\\-/-/g; s/\\e/\\/g'
}

recipe()
{
    display man/assay.1 "$@"
}

mkdir "$T/bin" "$T/sign"
ln -s "$assay" "$T/bin/assay"
cp examples/blink/blink.hex "$T/sign/app.hex"
cp examples/blink/blink.hex "$T/sign/sd.hex"
export PATH="$T/bin:$PATH"

# run TEXT: the commands of a recipe, in their folder.
run()
{
    [ -n "$1" ] || fail "a recipe is missing"
    (cd "$T/sign" && sh -eu -c "$1") >"$T/log" 2>&1 || {
        cat "$T/log" >&2
        fail "a recipe fails: $1"
    }
}

for i in 1 2 3 4; do
    run "$(recipe 'With OpenSSL' "$i")"
done
grep -q VERIFIED "$T/log" || fail "the recipe with OpenSSL does not verify"
display man/assay-device.5 EXAMPLES 1 >"$T/sign/board.txt"
run "assay verify update.zip --key release.pub.pem --device board.txt"
grep -q "takes it" "$T/log" || fail "the first device does not take a package"
display man/assay-device.5 EXAMPLES 2 >"$T/sign/board.txt"
run "assay verify update.zip --key release.pub.pem --device board.txt >out ||
     [ \$? -eq 1 ]; grep sdk15.3 out"
run "$(recipe 'Two images' 1)"
run "assay verify update.zip --key release.pub.pem"
run "openssl genpkey -algorithm ed25519 -out release.pem
     openssl pkey -in release.pem -pubout -out release.pub.pem"
for i in 2 5 4; do
    run "$(recipe 'With OpenSSL' "$i")"
done
grep -q VERIFIED "$T/log" || fail "the recipe with Ed25519 does not verify"

echo "man: $n_verbs verbs, $n_options options, $n_texts help texts," \
    "$n_statuses statuses and $n_keys keys of device files are in the" \
    "manual; 3 signing recipes verify"
