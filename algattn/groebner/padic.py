"""Kernel vectors over QQ with long coefficients, at once: one p-adic solution of a square system.

Chinese remainders need a matrix for every word of the coefficients; Dixon's method needs one
matrix of integers, the values at small integer points.  What comes out is proved by substitution.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import lcm
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpz_mat

from algattn.exact.fields import RationalField
from algattn.groebner.buckets import Monomial
from algattn.groebner.interpolation import Interpolation
from algattn.maps.kernels import Array

#: Systems with more unknowns would take long without looking at the time.
MAX_UNKNOWNS = 1500
#: Points to choose among, for each that is taken.
CHOICE = 1000


def exact_vectors(
    work: Interpolation, monomials: Sequence[Monomial], free: Sequence[int]
) -> list[dict[int, int]] | None:
    """Integer vectors with these free columns that are probably in the kernel over QQ, or None.

    >>> from algattn.maps import PolynomialMap
    >>> work = Interpolation(PolynomialMap(["1/3*s^2", "s*t", "t^2"]), (1, 1, 1), (), 10007)
    >>> exact_vectors(work, [(1, 1), (0, 2)], [1])
    [{0: -1, 1: 3}]
    """
    pivots = [j for j in range(len(monomials)) if j not in set(free)]
    n = len(pivots)
    if not isinstance(work.phi.field, RationalField) or not 0 < n <= MAX_UNKNOWNS:
        return None
    values = _integers(work, n)
    columns = _products(values, monomials)
    left = fmpz_mat(n, n, np.array([columns[j] for j in pivots]).T.ravel().tolist())
    right = fmpz_mat(n, len(free), np.array([columns[j] for j in free]).T.ravel().tolist())
    try:
        solution = fmpq_mat(left).solve(fmpq_mat(right), algorithm="dixon")  # type: ignore[call-arg]
    except ZeroDivisionError:  # the points are special
        return None
    found = []
    for k, j in enumerate(free):
        column = [solution[i, k] for i in range(n)]
        common = lcm(*(int(x.q) for x in column))
        vector = {p: -int((x * common).p) for p, x in zip(pivots, column, strict=True) if x != 0}
        found.append(dict(sorted((vector | {j: common}).items())))
    return found


def _integers(work: Interpolation, count: int) -> Array:
    """The coordinates (rows) at small integer points, scaled to integers by their degrees."""
    phi, k = work.phi, len(work.phi.parameters)
    rng = random.Random(f"algattn integers {work.seed}")
    size = 3
    while (2 * size) ** k < CHOICE * count:
        size *= 2
    seen: set[tuple[int, ...]] = set()
    rows: list[list[int]] = []
    while len(rows) < count:
        point = tuple(rng.choice((-1, 1)) * rng.randint(1, size) for _ in range(k))
        if 2 * len(seen) > (2 * size) ** k:  # so many poles
            size *= 2
        if point in seen:
            continue
        seen.add(point)
        bottom = [q.flint(*point) for q in phi.denominators] if phi.rational else []
        if not all(bottom):  # a pole
            continue
        top = [fmpq(p.flint(*point)) for p in phi.numerators]
        found = [p / q for p, q in zip(top, bottom, strict=True)] if bottom else top
        scale = lcm(*(int(x.q) for x in found))
        rows.append([int((x * scale**d).p) for x, d in zip(found, work.degrees, strict=True)])
    return np.array(rows, dtype=object).T


def _products(values: Array, monomials: Sequence[Monomial]) -> list[Any]:
    known: dict[Monomial, Any] = {(): np.ones(values.shape[1], dtype=object)}

    def product(m: Monomial) -> Any:
        if m not in known:
            known[m] = product(m[:-1]) * values[m[-1]]
        return known[m]

    return [product(m) for m in monomials]
