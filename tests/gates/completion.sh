#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Completions: each shell that is here accepts its script; in bash, and in
# fish when it is here, partial command lines are completed rightly, and every
# option of every verb is offered.
#
# usage: completion.sh ASSAY
set -eu

assay=$1
case $assay in /*) ;; *) assay=$PWD/$assay ;; esac
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT

fail()
{
    echo "completion: $*" >&2
    exit 1
}

# --- Accepted by the shells --------------------------------------------------

shells=
for shell in bash zsh fish; do
    "$assay" completion "$shell" >"$T/$shell"
    [ -s "$T/$shell" ] || fail "nothing for $shell"
    if command -v "$shell" >"$T/path"; then
        "$shell" -n "$T/$shell" 2>"$T/err" || {
            cat "$T/err" >&2
            fail "$shell does not accept its script"
        }
        shells="$shells $shell"
    fi
done
[ -n "$shells" ] || fail "no shell to try"

# --- What is offered ---------------------------------------------------------

# bash takes '=' for a word of its own, as in COMP_WORDBREAKS.
cat >"$T/complete.bash" <<'BASH'
# usage: complete.bash SCRIPT LINE: the words offered at the end of LINE.
source "$1"
line=${2//=/ = }
read -r -a COMP_WORDS <<<"$line"
[[ $line == *' ' && $line != *'= ' ]] && COMP_WORDS+=('')
[[ $line == *'= ' ]] && COMP_WORDS+=('')
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_LINE=$2
COMP_POINT=${#COMP_LINE}
function=$(complete -p assay)
function=${function#*-F }
"${function%% *}" assay "${COMP_WORDS[COMP_CWORD]}" \
    "${COMP_WORDS[COMP_CWORD - 1]}"
((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
BASH

cat >"$T/complete.fish" <<'FISH'
source $argv[1]
complete -C $argv[2] | string replace -r '\t.*' ''
FISH

# offers SHELL LINE WORD...: exactly these words, in any order.
n_lines=0
offers()
{
    shell=$1
    line=$2
    shift 2
    case " $shells " in *" $shell "*) ;; *) return 0 ;; esac
    "$shell" "$T/complete.$shell" "$T/$shell" "$line" 2>"$T/err" |
        sort -u >"$T/got"
    [ ! -s "$T/err" ] || fail "$shell says: $(cat "$T/err")"
    if [ $# -eq 0 ]; then
        : >"$T/want"
    else
        printf '%s\n' "$@" | sort -u >"$T/want"
    fi
    diff -u "$T/want" "$T/got" >&2 || fail "$shell, \"$line\""
    n_lines=$((n_lines + 1))
}

mkdir "$T/files"
: >"$T/files/release.pem"
: >"$T/files/release.txt"
mkdir "$T/files/real"
tab=$(printf '\t')
"$assay" help --options >"$T/options"
first=$(cut -f 1 "$T/options" | cut -d ' ' -f 1 | sort -u)

# shellcheck disable=SC2086 # the list is meant to be split
offers bash "assay " $first
offers bash "assay ver" verify version
offers bash "assay sett" settings
offers bash "assay nothing-like-this"
offers bash "assay pkg " generate display verify
offers bash "assay pkg gen" generate
offers bash "assay -q pkg d" display
offers bash "assay keys f" fingerprint find
offers bash "assay pkg generate --app" --application --application-version \
    --application-version-string --app-boot-validation
offers bash "assay pkg generate --sd-boot-validation VALIDATE_G" \
    VALIDATE_GENERATED_CRC VALIDATE_GENERATED_SHA256
offers bash "assay keys display --key " pk sk
offers bash "assay keys display --key=" pk sk
offers bash "assay keys display --format=dbg" dbgcode
offers bash "assay keys display --key pk --format hex --out" --out_file
offers bash "assay settings generate --family NRF5281" NRF52810
offers bash "assay settings generate --application-version "
offers bash "assay completion " bash zsh fish
offers bash "assay help keys " generate display fingerprint find
offers bash "assay verify -k $T/files/rel" \
    "$T/files/release.pem" "$T/files/release.txt"
offers bash "assay verify $T/files/release.p" "$T/files/release.pem"
offers bash "assay keys generate --passphrase-file=$T/files/release.t" \
    "$T/files/release.txt"

offers fish "assay ver" verify version
offers fish "assay pkg gen" generate
offers fish "assay keys display --key " pk sk
offers fish "assay settings generate --family NRF5281" NRF52810
offers fish "assay verify --app" --application-key
offers fish "assay verify $T/files/release.p" "$T/files/release.pem"

# Every option is offered behind its verb.
n_options=0
cut -f 1,2 "$T/options" >"$T/pairs"
while IFS=$tab read -r verb option; do
    case " $shells " in
    *" bash "*)
        bash "$T/complete.bash" "$T/bash" "assay $verb $option" |
            grep -qxF -e "$option" || fail "assay $verb: no $option"
        n_options=$((n_options + 1))
        ;;
    esac
done <"$T/pairs"

# zsh takes the script for the completion of assay.
case " $shells " in
*" zsh "*)
    zsh -fc 'autoload -U compinit; compinit -u -D; source $1
             [[ $_comps[assay] == _assay ]]' zsh "$T/zsh" ||
        fail "zsh does not register the script"
    ;;
esac

echo "completion: accepted by$shells; $n_options options are offered," \
    "$n_lines command lines are completed rightly"
