#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""Throughput, start-up time and memory of the program, beside their bars.

usage: bench.py ASSAY SHARED FOLDER PEAK_MEMORY

Timings depend on the machine; they are printed, never tested.
"""
import glob
import json
import os
import resource
import statistics
import subprocess
import sys
import time

ROUNDS = 20


def cpu_seconds(command):
    """CPU seconds of one run, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime
            - before.ru_utime - before.ru_stime)


def bench_corpus(assay, shared):
    corpus = os.path.join(shared, "corpus")
    try:
        with open(os.path.join(corpus, "expected.json"),
                  encoding="utf-8") as f:
            expected = json.load(f)
    except OSError:
        print("packages verified per second: left out, no corpus here")
        return
    signed = {}
    for name, report in expected.items():
        signers = {i.get("signer") for i in report.get("images", [])}
        if name.startswith("sdfu/") and len(signers) == 1:
            signed.setdefault(signers.pop(), []).append(
                os.path.join(corpus, name))
    total = seconds = size = 0
    for signer, files in signed.items():
        if signer is None:
            continue
        key = os.path.join(corpus, "keys", f"{signer}.pem")
        seconds += cpu_seconds([assay, "verify", "--key", key,
                                "--allow-published-keys"] + files * ROUNDS)
        total += len(files) * ROUNDS
        size += sum(os.path.getsize(f) for f in files) * ROUNDS
    print(f"packages verified per second of one core: {total / seconds:.0f} "
          f"(bar: at least 500; {total} packages, "
          f"{size / total / 1024:.0f} KiB on average)")
    keys = glob.glob(os.path.join(corpus, "keys", "*.pem"))
    files = sorted(glob.glob(os.path.join(corpus, "sdfu", "*.zip")))
    command = [assay, "verify", "--allow-published-keys"]
    for key in keys:
        command += ["--key", key]
    seconds = cpu_seconds(command + files * ROUNDS)
    print(f"the same with all {len(keys)} keys in every question: "
          f"{len(files) * ROUNDS / seconds:.0f}")


def bench_start(assay):
    times = []
    for _ in range(50):
        start = time.perf_counter()
        subprocess.run([assay, "version"], stdout=subprocess.DEVNULL,
                       check=True)
        times.append(time.perf_counter() - start)
    print(f"start-up of `assay version`: {statistics.median(times) * 1e3:.1f} "
          "ms, median of 50 (bar: 10 ms)")


def bench_memory(assay, folder, peak_memory):
    os.makedirs(folder, exist_ok=True)
    image, key, package = (os.path.join(folder, n)
                           for n in ("image.bin", "key.pem", "image.zip"))
    with open(image, "wb") as f:
        f.write(os.urandom(1 << 20))
    subprocess.run([assay, "keys", "generate", "--force", key],
                   stdout=subprocess.DEVNULL, check=True)
    subprocess.run([assay, "pkg", "generate", "--hw-version", "52", "--sd-req",
                    "0x00", "--application", image, "--application-version",
                    "1", "--key-file", key, package],
                   stdout=subprocess.DEVNULL, check=True)
    run = subprocess.run([peak_memory, assay, "verify", package, "--key", key],
                         capture_output=True, text=True, check=True)
    print(f"peak memory of verifying a 1 MiB package: "
          f"{int(run.stderr) / 1024:.1f} MiB (bar: 16 MiB)")


def main():
    assay, shared, folder, peak_memory = sys.argv[1:]
    bench_corpus(assay, shared)
    bench_start(assay)
    bench_memory(assay, folder, peak_memory)


if __name__ == "__main__":
    main()
