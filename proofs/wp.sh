#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Frama-C WP with RTE: the init packet reader, the slice and byte helpers and
# the length arithmetic have no run-time error, no overflow (unsigned
# included), end, and keep their contracts. Fails unless all goals are proved.
#
# usage: wp.sh FOLDER MACHINE [FILE [FUNCTION]]
#   FOLDER   for the logs
#   MACHINE  gcc_x86_32 (word sizes of Cortex-M4) or gcc_x86_64
#   FILE     only this file, and only FUNCTION of it: for mutants
set -eu

out=$1
machine=$2
mkdir -p "$out"
log=$out/wp-$machine.log

# The axioms first, by two solvers.
axioms=$(grep -c '^(check-sat)' proofs/bits.smt2)
for solver in "z3" "cvc5 --incremental"; do
    proved=$($solver proofs/bits.smt2 | grep -c '^unsat$' || true)
    [ "$proved" -eq "$axioms" ] || {
        echo "wp: $solver proves $proved of $axioms axioms" >&2
        exit 1
    }
done

# Why3 keeps the list of provers in a file; ours is made afresh.
WHY3CONFIG=$out/why3.conf
export WHY3CONFIG
rm -f "$WHY3CONFIG"
why3 config detect >"$out/why3.log" 2>&1

set -- "${3:-}" "${4:-}"
# shellcheck disable=SC2086 # the default is two files
frama-c -c11 -machdep "$machine" -cpp-extra-args="-I. -std=c11" \
    -wp -wp-rte -warn-unsigned-overflow -wp-prover z3-nobv,cvc4 \
    -wp-timeout "${WP_TIMEOUT:-60}" -wp-par "${WP_JOBS:-2}" \
    ${2:+-wp-fct "$2"} proofs/bits.h \
    ${1:-initpkt/initpkt.c proofs/lengths.c} >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    exit 2
}
count=$(sed -n 's/.*Proved goals: *\([0-9]*\) *\/ *\([0-9]*\).*/\1 of \2/p' \
    "$log")
functions=$(grep -c '^\[rte:annot\] annotating function' "$log")
if [ -z "$count" ] || [ "${count% of *}" != "${count#* of }" ]; then
    grep '^\[wp\] \[Failed\]' "$log" >&2 || tail -n 20 "$log" >&2
    echo "wp: $machine: ${count:-none} goals proved" >&2
    exit 1
fi
echo "proofs: frama-c WP: $count goals in $functions functions ($machine)," \
    "$axioms axioms on bits by two solvers"
