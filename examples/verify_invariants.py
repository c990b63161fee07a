"""Statement: for one lightning layer with one output row (d' = 1, t >= 2), the families of
invariants in print generate all equations up to degree 4 for d = 2 and d = 3; for d = 4 and a >= 3
they lack, in degree 3, the 200-dimensional module (3|33|111), spanned by the 3-minors of the
quadratic forms on lines; with these, all 400 cubics are there.

Checked without the graded machinery of algattn: the cubics (and quartics) are counted by the rank
of one dense matrix of values at random points modulo a prime, an upper bound for the number of
equations, and the families are proved to vanish by sympy at symbolic weights.
"""

from __future__ import annotations

import random
import sys
from itertools import combinations_with_replacement

import sympy
from flint import nmod_mat

from algattn.groebner.group_span import group_span
from algattn.groebner.invariant_comparison import compare_families
from algattn.groebner.invariants import (
    PUBLISHED,
    cross_column,
    family,
    line_determinants,
    parametrization,
)

P = 2**31 - 1


def equations_by_values(d: int, a: int, degree: int, rng: random.Random) -> int:
    """At least the number of equations of a degree: all monomials at random functions mod P."""

    def draw(m: int, n: int) -> list[list[int]]:
        return [[rng.randrange(P) for _ in range(n)] for _ in range(m)]

    pairs = list(combinations_with_replacement(range(d), 2))
    n = len(pairs) * d
    monomials = list(combinations_with_replacement(range(n), degree))
    rows = []
    for _ in range(len(monomials) + 5):
        K, Q, v = draw(a, d), draw(a, d), draw(1, d)[0]
        A = [[sum(K[s][i] * Q[s][j] for s in range(a)) % P for j in range(d)] for i in range(d)]
        c = [
            (v[i] * A[j][k] + (v[j] * A[i][k] if i != j else 0)) % P
            for i, j in pairs
            for k in range(d)
        ]
        row = []
        for m in monomials:
            x = 1
            for i in m:
                x = x * c[i] % P
            row.append(x)
        rows.append(row)
    flat = [x for row in rows for x in row]
    return len(monomials) - int(nmod_mat(len(rows), len(monomials), flat, P).rank())


def vanish_by_sympy(d: int, a: int) -> bool:
    """A few polynomials of each family, expanded by sympy at symbolic weights."""
    K = sympy.Matrix(a, d, sympy.symbols(f"k0:{a * d}"))
    Q = sympy.Matrix(a, d, sympy.symbols(f"q0:{a * d}"))
    v = sympy.symbols(f"v0:{d}")
    A = K.T * Q
    values = {}
    for i, j in combinations_with_replacement(range(d), 2):
        for k in range(d):
            total = v[i] * A[j, k] + (v[j] * A[i, k] if i != j else 0)
            values[f"c_1_{i + 1}_{j + 1}_{k + 1}"] = total
    for name in PUBLISHED:
        for poly in family(name, d, a, 4)[:2]:
            total = sympy.Integer(0)
            for e, c in poly.terms():
                term = sympy.Rational(int(c.p), int(c.q))
                for variable, power in zip(poly.ring.names, e, strict=True):
                    term *= values[variable] ** power
                total += term
            if sympy.expand(total) != 0:
                return False
    return True


def main() -> int:
    rng, good = random.Random(1), True
    for d, a, degree in ((2, 1, 4), (2, 2, 4), (3, 1, 3), (3, 2, 3), (3, 3, 3)):
        result = compare_families(d, a, max(degree, 4))
        upper = equations_by_values(d, a, degree, rng)
        holds = (
            result.value is None
            and result.verify()
            and result.table[degree][1] == upper
            and vanish_by_sympy(d, a)
        )
        print("holds" if holds else "FAILS", f"- d = {d}, a = {a}:", result, result.table)
        good = good and holds
    result = compare_families(4, 4, 3)
    spans = [group_span(make(4), 4) for make in (cross_column, line_determinants)]
    images = parametrization(4, 4)
    holds = (
        result.value == 3
        and result.table[3] == (400, 200)
        and list(result.missing) == ["(3|33|111)"]
        and [len(s) for s in spans] == [200, 200]
        and not any(p.compose(*images) for span in spans for p in span)
    )
    print("holds" if holds else "FAILS", "- d = 4, a = 4:", result)
    return 0 if good and holds else 1


if __name__ == "__main__":
    sys.exit(main())
