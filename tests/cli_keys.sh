#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# assay keys, and what all commands have in common: help, completions, usage
# errors, output that cannot be written. Expected values come from OpenSSL and
# from what nrfutil 6.1.7 printed.
set -eu

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

keys()
{
    "$ASSAY" keys "$@"
}

says()
{
    grep -Fq -- "$1" err
}

prints()
{
    grep -Fq -- "$1" out
}

mode()
{
    stat -c %a "$1"
}

# The fingerprint by its definition, from any key OpenSSL reads.
fingerprint()
{
    openssl pkey -in "$1" -pubout -outform DER | sha256sum | cut -d' ' -f1
}

# The public key as Nordic's bootloaders want it: X and Y, each reversed.
nordic_hex()
{
    openssl pkey -in "$1" -pubout -outform DER | tail -c 64 |
        od -An -v -tx1 | tr -s ' ' '\n' | sed '/^$/d' |
        awk '{ b[NR] = $1 } END {
            for (i = 32; i >= 1; i--) printf "%s", b[i]
            for (i = 64; i >= 33; i--) printf "%s", b[i]; print "" }'
}

# --- generate -------------------------------------------------------------------

check 'generate' exits 0 keys generate a.pem
check 'generate: the sentence of nrfutil' grep -qx \
    'Generated private key and stored it in: a.pem' out
check 'generate: readable by its owner alone' [ "$(mode a.pem)" = 600 ]
check 'generate: OpenSSL reads it' sh -c \
    'openssl pkey -in a.pem -noout -text | grep -q prime256v1'
check 'generate: the form of nrfutil' grep -qx \
    -e '-----BEGIN EC PRIVATE KEY-----' a.pem
check 'generate: fingerprint' grep -qx "Fingerprint: $(fingerprint a.pem)" out
cp a.pem a.copy
check 'existing file refused' exits 3 keys generate a.pem
check 'existing file refused: status' says '[FI-05 FILE_EXISTS]'
check 'existing file kept' cmp -s a.pem a.copy
check 'existing file, force' exits 0 keys generate --force a.pem
check 'existing file replaced' sh -c '! cmp -s a.pem a.copy'
check 'existing file replaced: mode' [ "$(mode a.pem)" = 600 ]
ln -s nowhere dangling
check 'a link that leads nowhere is refused' exits 3 keys generate dangling
check 'a link that leads nowhere: nothing made' [ ! -e nowhere ]
check 'folder missing' exits 3 keys generate no/where.pem
check 'generate ed25519' exits 0 keys generate --algorithm ed25519 e.pem
check 'generate ed25519: OpenSSL reads it' sh -c \
    'openssl pkey -in e.pem -noout -text | grep -q ED25519'
check 'generate ed25519: fingerprint' grep -qx \
    "Fingerprint: $(fingerprint e.pem)" out
check 'generate to standard output' exits 0 keys generate -
check 'generate to standard output: nothing but the key' [ \
    "$(head -n 1 out)$(tail -n 1 out)" = \
    '-----BEGIN EC PRIVATE KEY----------END EC PRIVATE KEY-----' ]
check 'key and json on one stream' exits 2 keys generate --json -
check 'generate json' exits 0 keys generate --json j.pem
check 'generate json: fingerprint' prints "\"$(fingerprint j.pem)\""
check 'generate json: no secret' sh -c '! grep -q PRIVATE out'
check 'generate quiet' exits 0 keys generate -q q.pem
check 'generate quiet: nothing said' [ ! -s out ]
check 'unknown algorithm' exits 2 keys generate --algorithm rsa r.pem

# --- Passphrases ----------------------------------------------------------------

printf 'correct horse\r\nsecond line\n' >pass
printf 'wrong\n' >badpass
: >nopass
check 'encrypted key' exits 0 keys generate --passphrase-file pass p.pem
check 'encrypted key: form' grep -qx \
    -e '-----BEGIN ENCRYPTED PRIVATE KEY-----' p.pem
check 'encrypted key: OpenSSL opens it' openssl pkey -in p.pem \
    -passin 'pass:correct horse' -pubout -out p.pub.pem
check 'encrypted key: passphrase' exits 0 keys fingerprint p.pem \
    --passphrase-file pass
check 'encrypted key: fingerprint' grep -q "^$(openssl pkey -pubin \
    -in p.pub.pem -outform DER | sha256sum | cut -d' ' -f1)  p.pem\$" out
check 'encrypted key: passphrase missing' exits 2 keys fingerprint p.pem
check 'encrypted key: status' says '[KF-03 KEYFILE_PASSPHRASE]'
check 'encrypted key: passphrase wrong' exits 2 keys fingerprint p.pem \
    --passphrase-file badpass
check 'encrypted key: passphrase file empty' exits 3 keys fingerprint p.pem \
    --passphrase-file nopass
check 'encrypted key: passphrase file missing' exits 3 keys fingerprint p.pem \
    --passphrase-file nofile
check 'encrypted key: passphrase from standard input' sh -c \
    "'$ASSAY' keys fingerprint --passphrase-file - p.pem <pass >out"
openssl pkcs8 -topk8 -in a.pem -out o.pem -passout 'pass:correct horse'
check "OpenSSL's encrypted key" exits 0 keys display --key sk --format hex \
    --passphrase-file pass o.pem

# --- display ----------------------------------------------------------------------

check 'display pk hex' exits 0 keys display --key pk --format hex a.pem
check 'display pk hex: value' [ "$(sed -n 2p out)" = "$(nordic_hex a.pem)" ]
check 'display pk hex: two lines' [ "$(wc -l <out)" -eq 2 ]
cp out hex.txt
check 'display pk pem' exits 0 keys display --key pk --format pem a.pem
check 'display pk pem: OpenSSL reads it' openssl pkey -pubin -in out -noout
cp out pub.pem
check 'display of a public key' exits 0 keys display --key pk --format hex \
    pub.pem
check 'display of a public key: same' cmp -s out hex.txt
check 'display of hex' exits 0 keys display --key pk --format pem hex.txt
check 'display of hex: same' cmp -s out pub.pem
check 'display to a file' exits 0 keys display --key pk --format hex \
    --out_file hex.out a.pem
check 'display to a file: no last line end' [ \
    "$(wc -c <hex.out)" -eq "$(($(wc -c <hex.txt) - 1))" ]
check 'display to a file: nothing on standard output' [ ! -s out ]
check 'display sk to a file' exits 0 keys display --key sk --format pem \
    --out-file sk.out a.pem
check 'display sk to a file: mode' [ "$(mode sk.out)" = 600 ]
check 'display sk to a file again' exits 0 keys display --key sk --format pem \
    --out_file sk.out a.pem
cp a.pem a.copy
check 'public key over a private key' exits 3 keys display --key pk \
    --format pem --out_file a.pem a.pem
check 'other private key over a private key' exits 3 keys display --key sk \
    --format pem --out_file a.pem q.pem
check 'public key over an encrypted key' exits 3 keys display --key pk \
    --format pem --out_file p.pem a.pem
check 'private key kept' cmp -s a.pem a.copy
check 'display code at a stated time' exits 0 env SOURCE_DATE_EPOCH=86399 \
    "$ASSAY" keys display --key pk --format code a.pem
check 'display code: time' prints 'on 1970-01-01 (YY-MM-DD) at 23:59:59 */'
check 'display sk as code' exits 2 keys display --key sk --format code a.pem
check 'display sk as code: text of nrfutil' says \
    'Error: Displaying the private key as code is not available.'
check 'display sk as json' exits 2 keys display --key sk --format hex --json \
    a.pem
check 'display of a public key as private' exits 2 keys display --key sk \
    --format hex pub.pem
check 'display: no file' exits 3 keys display --key pk --format hex nofile
check 'display: no key' exits 3 keys display --key pk --format hex pass
check 'display: format missing' exits 2 keys display --key pk a.pem
check 'display: text of click' says "Error: Missing option '--format'."

# The samples hold the time of their making; that line is left out.
sample()
{
    awk -v head="### nrfutil keys display --key $1 --format $2 test.pem" '
        $0 == head { on = 1; next } /^### / { on = 0 } on' \
        "$MADE/cli_output_samples.txt" | grep -v 'generated by nrfutil on'
}

if [ -d "$MADE" ]; then
    for what in 'pk hex' 'pk code' 'pk pem' 'pk dbgcode' 'sk hex' 'sk pem'; do
        key=${what% *}
        format=${what#* }
        sample "$key" "$format" >want
        check "nrfutil: $what" exits 0 keys display --key "$key" \
            --format "$format" "$MADE/test.pem"
        grep -v 'generated by nrfutil on' out >got || :
        # What follows a sample in that file is not known to end with a line.
        printf '%s\n' "$(cat want)" >want.trimmed
        printf '%s\n' "$(cat got)" >got.trimmed
        check "nrfutil: $what: the same text" cmp -s want.trimmed got.trimmed
        check "nrfutil: $what: there is a sample" [ -s want ]
    done
    check 'published key' exits 0 keys fingerprint "$MADE/default.pem"
    check 'published key: warning' says 'a published key: pc-nrfutil default'
    check 'published key: still with --quiet' exits 0 keys fingerprint -q \
        "$MADE/default.pem"
    check 'published key: warning with --quiet' says 'published key'
    cp "$MADE/default.pem" known.pem
else
    echo "left out: keys: 22 checks need corpus/nrfutil-made" >&2
fi

# --- fingerprint --------------------------------------------------------------------

check 'fingerprint of both halves' exits 0 keys fingerprint a.pem pub.pem
check 'fingerprint of both halves: values' [ "$(cat out)" = \
    "$(fingerprint a.pem)  a.pem
$(fingerprint a.pem)  pub.pem" ]
check 'fingerprint from standard input' sh -c \
    "'$ASSAY' keys fingerprint - <a.pem >out"
check 'fingerprint: one bad file among good ones' exits 3 keys fingerprint \
    pass a.pem
check 'fingerprint: the good one is printed' prints "$(fingerprint a.pem)"
check 'fingerprint: without a file' exits 2 keys fingerprint
check 'fingerprint: text of click' says "Error: Missing argument 'KEY_FILE'."

# --- find -----------------------------------------------------------------------------

openssl pkey -in a.pem -pubout -outform DER | tail -c 64 >big.bin
nordic_hex a.pem | sed 's/\(..\)/\1\n/g' | sed '/^$/d' | while read -r byte; do
    # shellcheck disable=SC2059
    printf "\\$(printf '%03o' "0x$byte")"
done >little.bin
check 'the test can reverse' [ "$(wc -c <little.bin)" -eq 64 ]
{
    head -c 96 /dev/zero
    cat little.bin
    head -c 33 /dev/zero
    cat big.bin
    head -c 11 /dev/zero
} >dump.bin
print=$(fingerprint a.pem)
check 'find words' exits 0 keys find dump.bin
check 'find words: one key' [ "$(wc -l <out)" -eq 1 ]
check 'find words: line' grep -qx \
    "dump.bin: offset 0x00000060  little-endian  $print  not a published key" \
    out
check 'find every offset' exits 0 keys find --every-offset dump.bin
check 'find every offset: two keys' [ "$(wc -l <out)" -eq 2 ]
check 'find every offset: big-endian' grep -q \
    "offset 0x000000C1  big-endian     $print" out
check 'find json' exits 0 keys find --json --every-offset dump.bin
check 'find json: place' prints '{"offset":193,"order":"big-endian",'
check 'find: none' exits 3 keys find pass
check 'find: none: status' says '[KF-05 KEYFILE_NONE_FOUND]'
check 'find: key cut short' sh -c \
    "head -c 159 dump.bin >cut.bin; ! '$ASSAY' keys find cut.bin 2>err"

# A hex file of the same bytes: addresses count, from a start that is no
# multiple of 4.
{
    printf ':020000040001F9\n'
    at=2
    { head -c 2 /dev/zero; cat little.bin; } | od -An -v -tx1 -w22 |
        while read -r row; do
            row=$(echo "$row" | tr -d ' ')
            sum=$((${#row} / 2 + at / 256 + at % 256))
            rest=$row
            while [ -n "$rest" ]; do
                byte=${rest%"${rest#??}"}
                sum=$((sum + 0x$byte))
                rest=${rest#??}
            done
            printf ':%02X%04X00%s%02X\n' "$((${#row} / 2))" "$at" "$row" \
                "$(((256 - sum % 256) % 256))"
            at=$((at + ${#row} / 2))
        done
    printf ':00000001FF\n'
} >boot.hex
check 'find in hex' exits 0 keys find boot.hex
check 'find in hex: address' grep -q \
    "^boot.hex: address 0x00010004  little-endian  $print" out
# A zip of two members, deflated, made elsewhere.
if command -v python3 >/dev/null; then
    python3 -c '
import zipfile
with zipfile.ZipFile("pack.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.write("pass")
    z.write("dump.bin")
    z.write("boot.hex")'
    check 'find in zip' exits 0 keys find pack.zip
    check 'find in zip: two keys' [ "$(wc -l <out)" -eq 2 ]
    check 'find in zip: member' grep -q \
        "^pack.zip: dump.bin: offset 0x00000060  little-endian  $print" out
    check 'find in zip: hex member' grep -q \
        "^pack.zip: boot.hex: address 0x00010004  little-endian  $print" out
    check 'find in zip: json' exits 0 keys find --json pack.zip
    check 'find in zip: json member' prints \
        '"keys":[{"member":"dump.bin","offset":96,'
    head -c 300 pack.zip >cut.zip
    check 'find in a damaged zip' exits 3 keys find cut.zip
    check 'find in a damaged zip: status' says '[ZP-'
fi
if [ -e known.pem ]; then
    openssl pkey -in known.pem -pubout -outform DER | tail -c 64 >known.bin
    check 'find published' exits 0 keys find known.bin
    check 'find published: name' prints \
        '  published key: pc-nrfutil default key'
    check 'find published: colour' exits 0 keys find --color=always known.bin
    check 'find published: word inside colour' prints \
        "$(printf '\033[1;31mpublished key\033[0m')"
fi

# --- Names from outside ---------------------------------------------------------------

bad=$(printf 'k\377\033[2J\nx')
cp a.pem "$bad"
check 'hostile name' exits 0 keys fingerprint "$bad"
check 'hostile name: escaped' grep -Fqx "$print  k\\xFF\\x1B[2J\\x0Ax" out
check 'hostile name: json' exits 0 keys fingerprint --json "$bad"
check 'hostile name: json on one line' [ "$(wc -l <out)" -eq 1 ]
check 'hostile name: exact bytes' prints '"file_hex":"6bff1b5b324a0a78"'
check 'hostile name: failure' exits 3 keys fingerprint "$bad.none"
check 'hostile name: failure escaped' says 'assay: k\xFF\x1B[2J\x0Ax.none: '
check 'name that is UTF-8' sh -c "cp a.pem 'Schlüssel.pem'
    '$ASSAY' keys fingerprint 'Schlüssel.pem' | grep -q '  Schlüssel.pem\$'"
if command -v python3 >/dev/null; then
    "$ASSAY" keys fingerprint --json "$bad" >json
    check 'hostile name: json is valid' sh -c \
        'python3 -m json.tool <json >json.out'
fi

# --- What all commands have -------------------------------------------------------------

check 'alone' exits 0 "$ASSAY"
check 'alone: help' prints 'Usage: assay [OPTIONS] COMMAND [ARGS]...'
for words in --help -h 'help' 'keys' 'keys --help' 'help keys' \
    'help keys find' '-v' 'version --help' 'help help'; do
    # shellcheck disable=SC2086
    check "help: $words" exits 0 "$ASSAY" $words
    check "help: $words: usage first" [ "$(head -c 13 out)" = 'Usage: assay ' ]
    # Commands of examples are lines of their own.
    check "help: $words: examples" prints '
Examples:'
done
"$ASSAY" help --options >options
cut -f1 options | sort -u >commands
while read -r words; do
    # shellcheck disable=SC2086
    "$ASSAY" help $words >"help.$words"
done <commands
check 'no line of help is wider than 80 columns' \
    awk 'length > 80 { print; wide = 1 } END { exit wide }' help.*

# Every option of the table is in the help of its command and in the
# completions of all shells.
for shell in bash zsh fish; do
    check "completion $shell" exits 0 "$ASSAY" completion "$shell"
    cp out "completion.$shell"
    if command -v "$shell" >/dev/null; then
        check "completion $shell: its syntax" "$shell" -n "completion.$shell"
    fi
done
missing=0
while IFS='	' read -r words option _; do
    grep -q -- "$option" "help.$words" || missing=$((missing + 1))
    grep -q -- "$option" completion.bash || missing=$((missing + 1))
    grep -q -- "$option" completion.zsh || missing=$((missing + 1))
    grep -q -- "-l ${option#--} \|-l ${option#--}\$" completion.fish ||
        missing=$((missing + 1))
done <options
check 'every option in help and completions' [ "$missing" -eq 0 ]
check 'there are options' [ "$(wc -l <options)" -gt 50 ]

# offers WORDS...: what bash offers for the last one.
offers()
{
    bash -c '. ./completion.bash
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _assay
        echo "${COMPREPLY[*]}"' bash "$@" 2>/dev/null
}
if command -v bash >/dev/null; then
    check 'bash: group' [ "$(offers assay se)" = settings ]
    check 'bash: verb' [ "$(offers assay keys 'fi')" = 'fingerprint find' ]
    check 'bash: option' [ "$(offers assay keys display --fo)" = --format ]
    check 'bash: choice' [ "$(offers assay keys display --key '')" = \
        'pk sk' ]
    check 'bash: choice behind =' [ \
        "$(offers assay keys display --key = s)" = sk ]
    check 'bash: file' [ "$(offers assay keys find boot)" = boot.hex ]
    check 'bash: option before the command' [ \
        "$(offers assay -v keys dis)" = display ]
fi
if command -v fish >/dev/null; then
    offered=$(HOME=$T fish -c 'source completion.fish
        complete -C "assay keys display --key "' | cut -f1 | tr '\n' ' ')
    check 'fish: choice' [ "$offered" = 'pk sk ' ]
fi

check 'version' exits 0 "$ASSAY" version
check 'version: first line' grep -q '^assay version [0-9]' out
check 'version: digest' grep -Eq '[0-9a-f]{64}$' out
cp out version
check '--version' exits 0 "$ASSAY" --version
check '--version: the same' cmp -s out version
check 'version json' exits 0 "$ASSAY" version --json
check 'version json: schema' grep -q '^{"schema":"assay/1"' out

for words in nosuch 'keys nosuch' --nosuch 'keys --nosuch' \
    'keys find --nosuch a' 'version extra' 'completion tcsh' \
    'keys generate' '--color keys' 'keys find --json=1 a' 'help nosuch'; do
    # shellcheck disable=SC2086
    check "usage error: $words" exits 2 "$ASSAY" $words
    check "usage error: $words: nothing on standard output" [ ! -s out ]
    check "usage error: $words: usage" [ "$(head -c 13 err)" = \
        'Usage: assay ' ]
    check "usage error: $words: error" grep -q '^Error: ' err
done
check 'mistyped group' exits 2 "$ASSAY" setings
check 'mistyped group: answer' says "Did you mean 'settings'?"
check 'mistyped verb' exits 2 "$ASSAY" keys genrate
check 'mistyped verb: answer' says "Did you mean 'generate'?"
check 'mistyped option' exits 2 "$ASSAY" keys find --every-ofset a
check 'mistyped option: answer' says 'Did you mean --every-offset?'
check 'option before the command' exits 0 "$ASSAY" --color never -v keys \
    fingerprint a.pem
check 'no colour when not asked' exits 3 env -u NO_COLOR TERM=xterm "$ASSAY" \
    keys fingerprint nofile
check 'no colour in a file' [ "$(tr -cd '\033' <err | wc -c)" -eq 0 ]
check 'colour when asked' exits 3 "$ASSAY" keys fingerprint nofile \
    --color always
check 'colour in a file' [ "$(tr -cd '\033' <err | wc -c)" -gt 0 ]

# --- Output that nobody takes -------------------------------------------------------------

if [ -c /dev/full ]; then
    for words in version 'help --options' 'completion bash' \
        'keys fingerprint a.pem' 'keys fingerprint --json a.pem' \
        'keys display --key pk --format pem a.pem'; do
        got=0
        # shellcheck disable=SC2086
        "$ASSAY" $words >/dev/full 2>err || got=$?
        check "full disk: $words" [ "$got" -eq 3 ]
        check "full disk: $words: says so" says \
            'assay: standard output: the file cannot be written [FI-06'
    done
fi
got=0
"$ASSAY" version >&- 2>err || got=$?
check 'standard output closed' [ "$got" -eq 3 ]
got=0
"$ASSAY" keys generate c.pem >&- 2>err || got=$?
check 'standard output closed: no message inside the key' sh -c \
    '! grep -q Generated c.pem && openssl pkey -in c.pem -noout'
# The first file would become standard input, and the second be read from it.
got=0
"$ASSAY" keys fingerprint a.pem - <&- >out 2>err || got=$?
check 'standard input closed' [ "$got" -eq 3 ]
check 'standard input closed: says so' says '[FI-01 FILE_UNREADABLE]'
got=0
"$ASSAY" keys fingerprint nofile 2>&- || got=$?
check 'standard error closed' [ "$got" -eq 3 ]

# A pipe whose reader is gone: quiet, and the code of the work is kept.
mkfifo pipe
for words in 'version' 'help --options' 'completion zsh' \
    'keys fingerprint a.pem'; do
    sh -c 'exec 3<pipe; exec 3<&-' &
    # shellcheck disable=SC2086
    (
        exec 4>pipe
        sleep 0.2
        got=0
        "$ASSAY" $words >&4 2>err || got=$?
        echo "$got" >code
    )
    check "closed pipe: $words" [ "$(cat code)" -eq 0 ]
    check "closed pipe: $words: quiet" [ ! -s err ]
    wait
done

[ "$n_failed" -eq 0 ]
