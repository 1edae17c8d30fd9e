#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0 OR MIT
"""How many division steps reach g = 0: the bound that crypto/inverse.c needs.

usage: divsteps.py SOURCE...

SOURCE: crypto/inverse.c and its assembly, each of which must do as many steps.

For each delta that is possible after k steps there is a convex polygon that
contains every (f, g) possible with it; at first the one triangle
0 <= g <= f <= 2^256 with delta = 1/2. A step is one of three linear maps. Which
one depends on delta and on the parity of g; here a polygon takes all that its
delta allows, whatever the parity, so that nothing is left out. Where |g| < 1
all over a polygon, its whole numbers have g = 0, which every later step keeps:
it is dropped. When no polygon is left, k steps are enough for every pair.

The polygons are exact: vertices are (f, g) times 2^k, in integers. The same
program, run for few bits, must not give less than the worst of all pairs, each
tried by itself.

Bound and method: Bernstein and Yang, Fast constant-time gcd computation and
modular inversion, TCHES 2019(3); P. Wuille, safegcd-bounds, 2021.
"""
import re
import sys

BITS = 256
TRIED_BITS = 7
MODEL_DELTA = 1  # twice delta, at first


def left_turns(points):
    """The lower half of the hull of points in order."""
    hull = []
    for x, y in points:
        while len(hull) > 1:
            (ax, ay), (bx, by) = hull[-2], hull[-1]
            if (bx - ax) * (y - ay) > (by - ay) * (x - ax):
                break
            hull.pop()
        hull.append((x, y))
    return hull


def convex_hull(points):
    points = sorted(set(points))
    if len(points) < 3:
        return points
    lower = left_turns(points)
    upper = left_turns(points[::-1])
    return lower[:-1] + upper[:-1]


def step(polygons):
    """The polygons one step later, by twice their delta."""
    after = {}
    for delta, polygon in polygons.items():
        halved = after.setdefault(delta + 2, [])
        halved += [(2 * f, g) for f, g in polygon]
        if delta > 0:
            after.setdefault(2 - delta, []).extend(
                (2 * g, g - f) for f, g in polygon)
        else:
            halved += [(2 * f, g + f) for f, g in polygon]
    return after


def enough_steps(bits):
    polygons = {MODEL_DELTA: [(0, 0), (1 << bits, 0), (1 << bits, 1 << bits)]}
    k = 0
    while polygons:
        k += 1
        polygons = {
            delta: convex_hull(points)
            for delta, points in step(polygons).items()
            if any(abs(g) >> k for _, g in points)}
    return k


def steps_of(f, g):
    """The steps that this pair takes, as crypto/inverse.h defines a step."""
    delta, n = MODEL_DELTA, 0
    while g != 0:
        if delta > 0 and g & 1:
            delta, f, g = 2 - delta, g, (g - f) // 2
        else:
            delta, g = delta + 2, (g + (g & 1) * f) // 2
        n += 1
    return n


def steps_in(source):
    """The steps that a source does: its batches times the steps of one."""
    with open(source, encoding="utf-8") as f:
        text = f.read()
    found = [re.search(rf"\b(?:ASSAY_)?N_{name}\s*[=,]\s*(\d+)", text)
             for name in ("BATCHES", "STEPS")]
    if None in found:
        raise SystemExit(f"proofs: {source} does not say how many steps it does")
    return int(found[0][1]) * int(found[1][1])


def main():
    worst = max(steps_of(f, g) for f in range(1, 1 << TRIED_BITS, 2)
                for g in range(f + 1))
    if not worst <= enough_steps(TRIED_BITS) <= 2 * worst:
        raise SystemExit("proofs: divsteps: polygons and trials do not agree")
    enough = enough_steps(BITS)
    for source in sys.argv[1:]:
        if steps_in(source) < enough:
            raise SystemExit(f"proofs: divsteps: {source} does "
                             f"{steps_in(source)} steps, {enough} are needed")
    print(f"proofs: divsteps: {enough} steps reach g = 0 for all "
          f"0 <= g <= f <= 2^{BITS}, f odd; "
          f"{' and '.join(sys.argv[1:])} do more")


if __name__ == "__main__":
    main()
