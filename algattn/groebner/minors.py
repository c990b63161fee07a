"""Minors of matrices of polynomials."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from algattn.exact import Polynomial

MAX_MINORS = 20_000


def minors(matrix: Sequence[Sequence[Polynomial]], size: int) -> list[Polynomial]:
    """All minors of a size that are not zero.

    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> minors([[x, y], [y, x]], 2)
    [x^2 - y^2]
    """
    known: dict[tuple[tuple[int, ...], tuple[int, ...]], Polynomial] = {}

    def minor(rows: tuple[int, ...], columns: tuple[int, ...]) -> Polynomial:
        if len(rows) == 1:
            return matrix[rows[0]][columns[0]]
        key = (rows, columns)
        if key not in known:
            total = matrix[0][0].ring(0)
            for n, j in enumerate(columns):
                rest = minor(rows[1:], columns[:n] + columns[n + 1 :])
                term = matrix[rows[0]][j] * rest
                total = total - term if n % 2 else total + term
            known[key] = total
        return known[key]

    m, n = len(matrix), len(matrix[0])
    pairs = ((r, c) for r in combinations(range(m), size) for c in combinations(range(n), size))
    return [p for r, c in pairs if (p := minor(r, c))]
