"""Tangent vectors of a stratum at weights of it, by moving the factors of A and V.

Their rank is that of the derivative of the parametrization there: a proof that the closure has at
least this dimension, without the formulas of :mod:`algattn.singularities.strata`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from algattn.attention.coordinates import natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.exact import QQ, Matrix
from algattn.exact.quadratic_forms import diagonalise, outer
from algattn.fibers.layer_invariants import rank_one_factors, symmetric_part
from algattn.singularities.strata import Stratum

Move = tuple[Matrix | None, Matrix | None]


def _low_rank(M: Matrix) -> Iterator[Matrix]:
    """Tangent vectors of the matrices of the same rank: of ``L R``, moving entries of L and R."""
    reduced, pivots = M.rref()
    left = [[row[p] for row in M.rows] for p in pivots]
    right = reduced.rows[: len(pivots)]
    for unit in Matrix.identity(QQ, M.shape[0]).rows:
        yield from (outer(unit, r, QQ) for r in right)
    for unit in Matrix.identity(QQ, M.shape[1]).rows:
        yield from (outer(c, unit, QQ) for c in left)


def _low_rank_form(S: Matrix) -> Iterator[Matrix]:
    """The same for symmetric matrices: of sums of squares of rows, moving entries of the rows."""
    for form in diagonalise(S)[1].rows:
        for unit in Matrix.identity(QQ, S.shape[0]).rows:
            yield _twice(form, unit)


def _twice(x: Sequence[Any], y: Sequence[Any]) -> Matrix:
    """``x y^T + y x^T``."""
    return outer(x, y, QQ) + outer(y, x, QQ)


def _moves(s: Stratum, A: Matrix, V: Matrix, single: bool) -> Iterator[Move]:
    """Derivatives of (A, V) along the parameters of the stratum."""
    if s.family == "zero":
        return
    units = Matrix.identity(QQ, A.shape[0]).rows
    if s.name in {"k, v parallel", "nonzero", "triple line"}:
        # A = k q^T (k k^T), V = h k^T: k moves in both
        (k, q), (h, v) = rank_one_factors(A), rank_one_factors(V)
        i = next(i for i, x in enumerate(k) if x != 0)
        ratio = v[i] / k[i]
        scaled = [x * ratio for x in h]
        yield from ((None, outer(w, v, QQ)) for w in Matrix.identity(QQ, len(h)).rows)
        if s.name == "triple line":
            c = q[i] / k[i]
            yield from ((_twice(k, u) * c, outer(scaled, u, QQ)) for u in units)
            return
        yield from ((outer(u, q, QQ), outer(scaled, u, QQ)) for u in units)
        yield from ((outer(k, u, QQ), None) for u in units)
        return
    squares = single and s.name != "three real lines"
    yield from ((dA, None) for dA in (_low_rank_form if squares else _low_rank)(A))
    yield from ((None, dV) for dV in _low_rank(V))


def rank_at(s: Stratum, A: Matrix, V: Matrix, tokens: int) -> int:
    """The exact rank of the derivative of the parametrization of a stratum at (A, V) of it.

    For ``t = 1`` only the symmetric part of A counts.
    """
    labels = list(natural_labels(A.shape[0], V.shape[0], tokens))
    if tokens == 1 and s.name != "three real lines":
        A = symmetric_part(A)

    def image(B: Matrix, W: Matrix) -> list[Any]:
        values = dict(natural_coefficients(B.rows, W.rows, tokens))
        return [values[label] for label in labels]

    rows = []
    for dA, dV in _moves(s, A, V, tokens == 1):
        row = [QQ(0)] * len(labels) if dA is None else image(dA, V)
        if dV is not None:
            row = [x + y for x, y in zip(row, image(A, dV), strict=True)]
        rows.append(row)
    return Matrix(QQ, rows, (len(rows), len(labels))).rank()
