#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Fuzzes every target and shows one line for each: executions, executions per
# second, coverage (edges), inputs kept, and what was found.
#
# usage: run.sh FOLDER [TARGET...]     in the project root; FOLDER has room
#                                      for targets, corpora and findings
# environment: FUZZ_SECS    processor seconds for each target, 60 by default
#              FUZZ_JOBS    targets at once, by default one per core
#              FUZZ_ENGINE  libfuzzer (the default) or afl
#
# The committed corpora are read and not written: new inputs are collected
# under FOLDER/corpus and outlive the run. Ends with 1 when an input crashes,
# hangs, or breaks what a harness asserts.
set -eu

folder=$1
shift
secs=${FUZZ_SECS:-60}
jobs=${FUZZ_JOBS:-$(nproc)}
engine=${FUZZ_ENGINE:-libfuzzer}
bin=$folder/$engine
logs=$folder/log
found=$folder/found
mkdir -p "$bin" "$logs" "$found" "$folder/corpus"
bin=$(cd "$bin" && pwd)

targets=$*
[ -n "$targets" ] || targets=$(fuzz/build.sh --list)
FUZZ_TARGETS=$targets FUZZING_ENGINE=$engine fuzz/build.sh "$bin"
if [ "$engine" = afl ]; then
    FUZZ_TARGETS=$targets FUZZING_ENGINE=cmplog fuzz/build.sh "$bin-cmplog"
fi

# --- One target --------------------------------------------------------------

# Allocations and inputs are limited: an input that needs more is a finding.
run_libfuzzer() {
    dict=
    [ ! -e "$bin/$1.dict" ] || dict=-dict=$bin/$1.dict
    # shellcheck disable=SC2086 # an empty dictionary is no argument
    "$bin/$1" -max_total_time="$2" -timeout=25 -rss_limit_mb=2048 \
        -max_len=8192 -print_final_stats=1 $dict \
        -artifact_prefix="$found/$1-" \
        "$folder/corpus/$1" "fuzz/corpus/$1" >>"$logs/$1.log" 2>&1
}

run_afl() {
    dict=
    [ ! -e "$bin/$1.dict" ] || dict="-x $bin/$1.dict"
    # shellcheck disable=SC2086
    AFL_AUTORESUME=1 AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_NO_AFFINITY=1 \
        AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_FAST_CAL=1 \
        AFL_CUSTOM_MUTATOR_LIBRARY="$bin/mutate.so" \
        afl-fuzz -V "$2" -t 20000 -m none -c "$bin-cmplog/$1" $dict \
        -i "fuzz/corpus/$1" -o "$folder/afl-out/$1" -- "$bin/$1" \
        >>"$logs/$1.log" 2>&1 || return 1
    # afl-fuzz leaves a target behind at times, which heeds no other signal.
    for process in /proc/[0-9]*; do
        case $(readlink "$process/exe") in
        "$bin/$1" | "$bin-cmplog/$1") kill -KILL "${process#/proc/}" ;;
        esac
    done
    for input in "$folder/afl-out/$1"/default/crashes/id* \
        "$folder/afl-out/$1"/default/hangs/id*; do
        [ ! -e "$input" ] || cp "$input" "$found/$1-$(basename "$input" |
            tr ':,' '__')"
    done
}

# used = the processor seconds that the ended children of this worker took.
# No subshell: it would count its own.
count_used() {
    times >"$logs/$1.times"
    used=$(sed -n '2s/[ms]/ /gp' "$logs/$1.times" |
        awk '{ printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }')
}

# Engines count time as it passes; on a machine with other work a target runs
# again until it has had its share of the processor. A target that mostly waits
# for another process, with a tenth of the time for itself, runs once.
run_target() {
    count_used "$1"
    before=$used
    spent=0
    while [ "$spent" -lt "$secs" ]; do
        left=$((secs - spent))
        "run_$engine" "$1" "$left" || return 1
        count_used "$1"
        spent=$((used - before))
        echo "$spent" >"$logs/$1.cpu"
        [ $((secs - spent)) -lt $((left - left / 10)) ] || break
    done
}

# One after the other takes a target from its list until there is none.
run_list() {
    for target in "$@"; do
        mkdir -p "$folder/corpus/$target" "$folder/afl-out"
        echo 0 >"$logs/$target.state"
        if run_target "$target"; then
            echo ended >"$logs/$target.state"
        else
            echo failed >"$logs/$target.state"
        fi
    done
}

# --- The summary -------------------------------------------------------------

# The last number behind a word of a log: value WORD FILE.
value() {
    tr '\r' '\n' <"$2" | sed -n "s/.*$1 *\([0-9][0-9]*\).*/\1/p" | tail -n 1
}

stat_afl() {
    sed -n "s/^$1 *: *\([0-9]*\).*/\1/p" \
        "$folder/afl-out/$2/default/fuzzer_stats" 2>"$logs/stat.err" || :
}

line() {
    state=$(cat "$logs/$1.state" 2>"$logs/state.err" || echo waiting)
    execs=- rate=- edges=- kept=-
    if [ "$engine" = afl ]; then
        execs=$(stat_afl execs_done "$1")
        rate=$(stat_afl execs_per_sec "$1")
        edges=$(stat_afl edges_found "$1")
        kept=$(stat_afl corpus_count "$1")
    elif [ -e "$logs/$1.log" ]; then
        execs=$(awk '/^stat::number_of_executed_units/ { n += $2 }
            END { print n }' "$logs/$1.log")
        rate=$(value 'exec\/s:' "$logs/$1.log")
        edges=$(value 'cov:' "$logs/$1.log")
        kept=$(value 'corp:' "$logs/$1.log")
    fi
    n_found=$(find "$found" -name "$1-*" | wc -l)
    [ "$state" != 0 ] || state=running
    cpu=$(cat "$logs/$1.cpu" 2>"$logs/cpu.err" || echo 0)
    printf '%-14s %5s s %10s execs %7s/s %6s edges %6s inputs  %s found  %s\n' \
        "$1" "$cpu" "${execs:--}" "${rate:--}" "${edges:--}" "${kept:--}" \
        "$n_found" "$state"
}

rm -f "$logs"/*.state "$logs"/*.log "$logs"/*.cpu
rm -rf "$folder/afl-out"
rm -rf "${found:?}"/*
# Deal the targets out to the workers.
worker=0
pids=
while [ "$worker" -lt "$jobs" ]; do
    mine=$(i=0; for target in $targets; do
        [ $((i % jobs)) -ne "$worker" ] || echo "$target"
        i=$((i + 1))
    done)
    # shellcheck disable=SC2086
    run_list $mine &
    pids="$pids $!"
    worker=$((worker + 1))
done
# Nothing of this outlives an interrupted run.
# shellcheck disable=SC2086
trap 'kill $pids; exit 130' INT TERM

n=0
for target in $targets; do
    n=$((n + 1))
done
running() {
    for target in $targets; do
        case $(cat "$logs/$target.state" 2>"$logs/state.err") in
        ended | failed) ;;
        *) return 0 ;;
        esac
    done
    return 1
}
# On a terminal the lines are drawn again and again in place.
while [ -t 1 ] && running; do
    for target in $targets; do
        line "$target"
    done
    sleep 2
    printf '\033[%dA' "$n"
done
# shellcheck disable=SC2086
wait $pids
failed=0
for target in $targets; do
    line "$target"
    [ "$(cat "$logs/$target.state")" = ended ] || failed=$((failed + 1))
done
n_found=$(find "$found" -type f | wc -l)
if [ "$failed" -ne 0 ] || [ "$n_found" -ne 0 ]; then
    echo "fuzz: $failed targets failed, $n_found findings in $found," \
        "logs in $logs" >&2
    exit 1
fi
echo "fuzz: $n targets, $secs processor seconds each with $engine," \
    "nothing found"
