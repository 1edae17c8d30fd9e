# SPDX-License-Identifier: Apache-2.0 OR MIT
# shellcheck shell=sh
# shellcheck disable=SC2034 # the variables are for the test that reads this
#
# What whole-program tests in sh share: a temporary folder to work in, and
# checks that count. Read it with `.` from the project's root; $1 is the
# program.

ASSAY=${1:-build/native/assay}
SHARED=${ASSAY_SHARED:-../shared}
case $ASSAY in /*) ;; *) ASSAY=$PWD/$ASSAY ;; esac
case $SHARED in /*) ;; *) SHARED=$PWD/$SHARED ;; esac
MADE=$SHARED/corpus/nrfutil-made

T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 1

n_failed=0

# check NAME COMMAND...: the command succeeds.
check()
{
    name=$1
    shift
    if "$@"; then
        echo "ok $name"
    else
        n_failed=$((n_failed + 1))
        echo "not ok $name"
    fi
}

# exits CODE COMMAND...: with that code; what it says is in out and err.
exits()
{
    want=$1
    shift
    got=0
    "$@" >out 2>err </dev/null || got=$?
    [ "$got" -eq "$want" ] || {
        echo "  exit $got, expected $want: $*" >&2
        return 1
    }
}
