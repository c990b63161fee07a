"""Statement: for t >= 2 and d >= 2 the boundary points of the function space are zero and the
functions with A = k q^T, V = h v^T and v parallel to k.

Checked by walking: next to a boundary point, the certificate leads to functions that have only
complex weights, decided from a discriminant computed here; away from the boundary, thousands of
nearby functions in the closure (made from nearby complex-conjugate or real weights) all have real
weights.
"""

from __future__ import annotations

import random
import sys
from fractions import Fraction

from algattn import FunctionMap, Lightning, Weights


def form_function(p: Fraction, q: Fraction, r: Fraction) -> FunctionMap:
    """(p x^2 + q x y + r y^2) x' for d = 2, d' = 1: real weights iff q^2 - 4 p r >= 0."""
    return FunctionMap(2, 1, 2, {(0, 0, 0, 0): p, (0, 0, 1, 0): q, (0, 1, 1, 0): r})


def main() -> int:
    net, good, rng = Lightning(widths=(2, 1), ranks=1), True, random.Random(2)
    met = {True: 0, False: 0}
    for _ in range(300):
        k, v = ([rng.randint(-2, 2) for _ in range(2)] for _ in range(2))
        W = Weights(A=[[[k[0], 0], [k[1], 0]]], V=[[v]])
        p, q, r = k[0] * v[0], k[0] * v[1] + k[1] * v[0], k[1] * v[1]
        boundary = net.classify(W).boundary
        expected = k[0] * v[1] == k[1] * v[0]
        near_outside = False
        for step in (10, 1000, 100000):
            for dp, dq, dr in (
                (1, 0, 0),
                (0, 0, 1),
                (1, 0, 1),
                (-1, 0, -1),
                (-1, 0, 0),
                (0, 0, -1),
            ):
                near = [p + Fraction(dp, step), q + Fraction(dq, step), r + Fraction(dr, step)]
                real = near[1] ** 2 - 4 * near[0] * near[2] >= 0
                answer = net.contains(form_function(*near))
                good = good and answer.value == real and answer.in_closure
            near_outside = not all(
                (q + Fraction(dq, step)) ** 2
                >= 4 * (p + Fraction(dp, step)) * (r + Fraction(dr, step))
                for dp, dq, dr in (
                    (1, 0, 1),
                    (-1, 0, -1),
                    (1, 0, 0),
                    (0, 0, 1),
                    (-1, 0, 0),
                    (0, 0, -1),
                )
            )
        if boundary != expected or boundary != near_outside:
            print("FAILS at", W)
            good = False
        met[boundary] += 1
    print(f"{met[True]} boundary points and {met[False]} interior points agree")
    return 0 if good and all(met.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
