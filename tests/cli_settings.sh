#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# assay settings generate and display, as a whole program. What is expected
# comes from nrfutil 6.1.7: hex files it made, and values noted when it ran.
set -eu

# shellcheck source=tests/lib.sh
. "$(dirname "$0")/lib.sh"

generate()
{
    "$ASSAY" settings generate "$@"
}

display()
{
    "$ASSAY" settings display "$@"
}

# shows LABEL VALUE: the last output has that line.
shows()
{
    grep -Fqx "$(printf '* %-25s %s' "$1:" "$2")" out
}

# page_is CRC COMMAND...: it makes a page with that CRC.
page_is()
{
    crc=$1
    shift
    exits 0 generate "$@" page.hex && shows CRC "$crc" &&
        exits 0 display page.hex && shows CRC "$crc" &&
        shows 'CRC Check' right
}

says()
{
    grep -Fq -- "$1" err
}

usage_error()
{
    exits 2 generate "$@" none.hex && [ ! -e none.hex ] &&
        says 'Usage: assay settings generate [OPTIONS] HEX_FILE' &&
        says "Try 'assay settings generate --help' for help."
}

# --- Pages without an image: values noted from nrfutil ------------------------

v2='--bl-settings-version 2 --bootloader-version 1'
v1='--bl-settings-version 1 --bootloader-version 1'
# The lists below are meant to be split.
# shellcheck disable=SC2086
{
    check 'no application, version 2' \
        page_is 0x48EF506A --family NRF52 $v2
    check 'boot validation CRC of an empty page' \
        shows 'Boot Validation CRC' 0xACDA1BA2
    check 'no application, version 1' page_is 0xEAA3288E --family NRF52 $v1 \
        --application-version 1
    check 'no application, bootloader 3' page_is 0x88EFB86B --family NRF52840 \
        --bl-settings-version 1 --bootloader-version 3
    check 'hexadecimal numbers are the same' page_is 0x88EFB86B \
        --family=NRF52840 --bl-settings-version=0x1 --bootloader-version=0x3

    # Every family, where nrfutil and the chip have the page.
    for pair in NRF51:0x0003FC00 NRF52:0x0007F000 NRF52QFAB:0x0003F000 \
        NRF52810:0x0002F000 NRF52840:0x000FF000 NRF52820:0x0003F000 \
        NRF52833:0x0007F000; do
        check "family $pair" exits 0 generate --family "${pair%:*}" $v2 f.hex
        check "address $pair" shows 'Start Address' "${pair#*:}"
    done

    # --- Addresses ------------------------------------------------------------

    check 'own address' exits 0 generate --family NRF52840 $v2 \
        --start-address 0x10000 own.hex
    check 'own address: warning of nrfutil' says \
        'WARNING: Using default offset in order to calculate bootloader'
    check 'own address shown' shows 'Start Address' 0x00010000
    check 'backup a page below' shows 'Backup Page' \
        '0x0000F000 (same as the settings page)'
    check 'backup note' exits 0 generate --family NRF52840 $v2 x.hex
    check 'backup note of nrfutil' says \
        'If you want to skip backup page generation, use --no-backup option.'
    check 'no backup' exits 0 generate --family NRF52840 $v2 --no-backup \
        only.hex
    check 'no backup shown' shows 'Backup Page' none
    check 'no backup, no note' [ ! -s err ]
    check 'own backup address' exits 0 generate --family NRF52840 $v2 \
        --backup-address 0x90000 backup.hex
    check 'own backup address shown' shows 'Backup Page' \
        '0x00090000 (same as the settings page)'
    check 'own backup address found again' exits 0 display backup.hex
    check 'own backup address read' shows 'Backup Page' \
        '0x00090000 (same as the settings page)'
    check 'both backup options' usage_error --family NRF52 $v2 --no-backup \
        --backup-address 0x1000
    check 'both backup options: text' says \
        'settings backup page cannot be specified if backup is disabled.'
    check 'odd address' usage_error --family NRF52 $v2 --start-address 0x7F002
    check 'no room for a backup' usage_error --family NRF52 $v2 \
        --start-address 0
    check 'pages overlap' exits 3 generate --family NRF52 $v2 \
        --start-address 0x7F000 --backup-address 0x7F004 none.hex
    check 'pages overlap: nothing written' [ ! -e none.hex ]
    check 'address none' page_is 0x48EF506A --family NRF52 $v2 \
        --start-address none --backup-address none

    # --- Usage errors -----------------------------------------------------------

    check 'validation without application' usage_error --family NRF52 $v2 \
        --app-boot-validation VALIDATE_GENERATED_SHA256
    check 'validation without application: text' says \
        '--application hex file must be set when using --app_boot_validation'
    check 'validation without SoftDevice' usage_error --family NRF52 $v2 \
        --sd-boot-validation VALIDATE_GENERATED_SHA256
    check 'validation without SoftDevice: text' says \
        '--softdevice hex file must be set when using --sd_boot_validation'
    check 'validation in version 1' usage_error --family NRF52 $v1 \
        --sd-boot-validation NO_VALIDATION
    check 'validation in version 1: text' says \
        'Bootloader settings version 1 does not support boot validation.'
    check 'ECDSA without key' usage_error --family NRF52 $v2 \
        --app-boot-validation VALIDATE_ECDSA_P256_SHA256
    check 'ECDSA without key: text' says 'Key file must be given when'
    check 'application without version' usage_error --family NRF52 $v2 \
        --application app.hex
    check 'application without version: text' says \
        'required with application image.'
    check 'settings version 3' usage_error --family NRF52 \
        --bootloader-version 1 --bl-settings-version 3
    check 'settings version none' usage_error --family NRF52 \
        --bootloader-version 1 --bl-settings-version none
    check 'bootloader version none' usage_error --family NRF52 \
        --bootloader-version none --bl-settings-version 2
    check 'family missing' usage_error $v2
    check 'family unknown' usage_error --family NRF54 $v2
    check 'octal' usage_error --family NRF52 --bl-settings-version 2 \
        --bootloader-version 052
    check 'octal: both readings' says '052 = 42'
    for bad in 1 1.2 1.2.3.4 a.b.c 1.100.0 1.0.100 1..2 .1.2 1.2. \
        429497.0.0 ' 1.2.3' -1.0.0; do
        check "version string '$bad'" usage_error --family NRF52 $v2 \
            --application-version-string "$bad"
    done
    check 'version string, largest' exits 0 generate --family NRF52 $v2 \
        --application-version-string 429496.72.95 x.hex
    check 'version string, largest: value' shows 'App Version' \
        '0xFFFFFFFF (4294967295)'
    check 'both versions' exits 0 generate --family NRF52 $v2 \
        --application-version 3 --application-version-string 2.7.31 x.hex
    check 'both versions: the string counts' shows 'App Version' \
        '0x000050FB (20731)'
    check 'both versions: warning of nrfutil' says 'only the string will be used'

    # --- Files ------------------------------------------------------------------

    check 'application missing' exits 3 generate --family NRF52 $v2 \
        --application nofile.hex --application-version 1 none.hex
    check 'application missing: status' says FILE_UNREADABLE
    check 'folder missing' exits 3 generate --family NRF52 $v2 no/where.hex
    check 'display: no file' exits 3 display nofile.hex
    echo ':00000001FF' >empty.hex
    check 'display: no data' exits 3 display empty.hex
    echo 'hello' >text.hex
    check 'display: no hex' exits 3 display text.hex
    check 'display: no hex: status' says HEX_SYNTAX
    check 'hex to standard output' exits 0 generate --family NRF52 $v2 -
    mv out stdout.hex
    check 'standard output alone has the hex' exits 0 display stdout.hex
    check 'the same bytes as a file' exits 0 generate --family NRF52 $v2 x.hex
    check 'the same bytes as a file: compared' cmp -s x.hex stdout.hex
    check 'display from standard input' sh -c \
        "'$ASSAY' settings display - <x.hex >out"
    check 'quiet' exits 0 generate -q --family NRF52 $v2 x.hex
    check 'quiet: says nothing' [ ! -s out ]
    check 'quiet: warns of nothing' [ ! -s err ]
    check 'not written' exits 3 generate --family NRF52 $v2 /dev/full
    cp x.hex app.hex
    check 'bug: the page replaces the application' exits 2 generate \
        --family NRF52 $v2 --application app.hex --application-version 1 \
        ./app.hex
    check 'the application stands' cmp -s x.hex app.hex
    "$ASSAY" keys generate -q other.pem
    cp other.pem kept.pem
    check 'bug: the page replaces a private key' exits 2 generate \
        --family NRF52 $v2 other.pem
    check 'the key stands' cmp -s other.pem kept.pem

    # --- JSON -------------------------------------------------------------------

    check 'json' exits 0 display --json x.hex
    check 'json: one line' [ "$(wc -l <out)" -eq 1 ]
    check 'json: address' grep -q '"address":520192,' out
    check 'json: crc' grep -q '"crc":1223643242,' out
    check 'json: schema' grep -q '^{"schema":"assay/1","tool":"assay ' out
    check 'json and hex on one stream' usage_error --family NRF52 $v2 --json -
    sed 's/^:10F0100000/:10F0100001/' x.hex >sum.hex
    check 'damaged record' exits 3 display --json sum.hex
    check 'damaged record: status' grep -q '"status":"HEX_CHECKSUM"' out
}

# Bootloader version 1 becomes 3, and the checksum of the record is right for
# that: only the CRC of the page tells. There is no other copy.
check 'page taken apart as expected' grep -q \
    '^:10F000006A50EF48020000000000000001000000' only.hex
awk '/^:10F000006A50EF48/ {
    printf ":10F000006A50EF48020000000000000003000000%02X\n",
        (256 - (16+240+106+80+239+72+2+3) % 256) % 256; next } { print }' \
    only.hex >wrong.hex
check 'wrong page CRC' exits 3 display wrong.hex
check 'wrong page CRC: shown all the same' shows 'Bootloader Version' \
    '0x00000003 (3)'
check 'wrong page CRC: status' says '[SP-02 SETTINGS_CRC]'
check 'wrong page CRC: json' exits 3 display --json wrong.hex
check 'wrong page CRC: json status' grep -q '"status":"SETTINGS_CRC"' out

# --- Against nrfutil's files --------------------------------------------------

# same_as FILE OPTIONS...: our file equals the one nrfutil made.
same_as()
{
    golden=$1
    shift
    exits 0 generate "$@" mine.hex && cmp -s mine.hex "$MADE/$golden"
}

if [ -d "$MADE" ]; then
    app="--application $MADE/bar.hex"
    # shellcheck disable=SC2086
    {
        check 'nrfutil: version 1, no backup' same_as s1.hex \
            --family NRF52840 $app --application-version-string 2.7.31 \
            --bootloader-version 0x10 --bl-settings-version 1 --no-backup
        check 'nrfutil: no validation' same_as g_NO_VALIDATION.hex \
            --family NRF52840 $app --application-version 7 --no-backup \
            --bootloader-version 3 --bl-settings-version 2 \
            --app-boot-validation NO_VALIDATION
        check 'nrfutil: CRC' same_as g_VALIDATE_GENERATED_CRC.hex \
            --family NRF52840 $app --application-version 7 --no-backup \
            --bootloader-version 3 --bl-settings-version 2
        check 'application 7, bootloader 3, SHA-256' page_is 0x13D3F21A \
            --family NRF52840 $app --application-version 7 \
            --bootloader-version 3 --bl-settings-version 2 \
            --app-boot-validation VALIDATE_GENERATED_SHA256
        check 'SHA-256: boot validation CRC' shows 'Boot Validation CRC' \
            0x817B8914
        check 'application 1, bootloader 1' page_is 0x2CE406D3 \
            --family NRF52840 $v2 $app --application-version 1

        # ECDSA: the signature over the image verifies, and is the same again.
        check 'ECDSA' exits 0 generate --family NRF52840 $v2 $app \
            --application-version 1 --key-file "$MADE/test.pem" --json \
            --app-boot-validation VALIDATE_ECDSA_P256_SHA256 ecdsa.hex
        sed 's/.*"application_validation":{[^}]*"bytes":"\([0-9a-f]*\)".*/\1/' \
            out >sig.hex
        # r and s are little-endian on the page; DER wants them the other way.
        half()
        {
            cut -c"$1" sig.hex | sed 's/\(..\)/\1\n/g' | sed '/^$/d' |
                sed -n '1!G;h;$p' | tr -d '\n'
        }
        printf 'asn1=SEQUENCE:sig\n[sig]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' \
            "$(half 1-64)" "$(half 65-128)" >sig.conf
        openssl asn1parse -genconf sig.conf -out sig.der -noout
        openssl pkey -in "$MADE/test.pem" -pubout -out pub.pem 2>/dev/null
        check 'ECDSA: OpenSSL verifies' sh -c \
            "openssl dgst -sha256 -verify pub.pem -signature sig.der \
            '$MADE/bar_wanted.bin' >/dev/null"
        check 'ECDSA again' exits 0 generate --family NRF52840 $v2 $app \
            --application-version 1 --key-file "$MADE/test.pem" -q \
            --app-boot-validation VALIDATE_ECDSA_P256_SHA256 again.hex
        check 'ECDSA: the same bytes' cmp -s ecdsa.hex again.hex
        check 'published key' exits 0 generate --family NRF52840 $v2 $app \
            --application-version 1 --key-file "$MADE/default.pem" \
            --app-boot-validation VALIDATE_ECDSA_P256_SHA256 x.hex
        check 'published key: warning' says 'published key'
        check 'ECDSA, key missing' exits 3 generate --family NRF52840 $v2 $app \
            --application-version 1 --key-file nokey.pem \
            --app-boot-validation VALIDATE_ECDSA_P256_SHA256 none.hex
    }

    # The lines of nrfutil, as it printed them, lead our output. Start Address
    # is another matter: nrfutil shows the lowest address of the file.
    for file in s1 g_sd; do
        awk -v head="### nrfutil settings display out/$file.hex" '
            $0 == head { on = 1; next } /^###/ { on = 0 }
            on && /^\*/ && !/Start Address|File:/' \
            "$MADE/cli_output_samples.txt" >want
        check "display $file" exits 0 display "$MADE/$file.hex"
        grep '^\*' out | grep -v 'Start Address\|File:' |
            head -n "$(wc -l <want)" >got
        check "display $file: lines of nrfutil" cmp -s want got
        check "display $file: lines wanted" [ "$(wc -l <want)" -eq 14 ]
    done
else
    echo "left out: settings: 20 checks need corpus/nrfutil-made" >&2
fi

[ "$n_failed" -eq 0 ]
