"""General points over a symmetric matrix: K and Q with ``sym(K^T Q) = S`` of the largest rank.

The columns of ``P = (K; Q)`` lie in the split quadratic space of dimension 2a; those of the
radical of S go to isotropic vectors, which at a general point span as much as they can (lemma
*section* of ``algattn/docs/one_layer.md``).  Where they do not, isotropic vectors are added.
"""

from __future__ import annotations

from itertools import combinations, product
from math import isqrt
from typing import Any

from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.exact.quadratic_forms import diagonalise
from algattn.exact.roots import square_root
from algattn.fibers.layer_invariants import squarefree_part, symmetric_part

Vector = list[Any]
Pair = tuple[Matrix, Matrix]
#: Coordinates that are tried for a rational isotropic vector.
_SMALL = 6


def is_general(K: Matrix, Q: Matrix) -> bool:
    """Whether (K; Q) has the rank of a general point over ``sym(K^T Q)``."""
    return _stacked(K, Q).rank() == _largest_rank(symmetric_part(K.T @ Q), K.shape[0])


def _largest_rank(S: Matrix, a: int) -> int:
    rank = S.rank()
    return int(rank + min(S.shape[0] - rank, (2 * a - rank) // 2))


def _stacked(K: Matrix, Q: Matrix) -> Matrix:
    a, d = K.shape
    return Matrix(K.field, [*K.rows, *Q.rows], (2 * a, d))


def general_pair(K: Matrix, Q: Matrix) -> Pair:
    """A general pair over the same symmetric matrix, or the given one when none was found.

    It is over the field of K and Q where the isotropic vectors are found there, else over a
    quadratic extension of QQ, which is real if the vectors can be.
    """
    found = _general_pair(K, Q)
    return (K, Q) if found is None else found


def _general_pair(K: Matrix, Q: Matrix) -> Pair | None:
    a, d = K.shape
    S = symmetric_part(K.T @ Q)
    goal = _largest_rank(S, a) - S.rank()  # the dimension of the isotropic subspace
    if _stacked(K, Q).rank() == goal + S.rank():
        return K, Q
    field = K.field
    pivots = S.rref()[1]
    unit = Matrix.identity(field, d)
    base = Matrix(field, [unit.row(p) for p in pivots], (len(pivots), d)).T
    radical = S.kernel()
    P = _stacked(K, Q)
    fixed, moved = P @ base, P @ radical
    chosen = _independent(moved.T.rows, 2 * a, field)
    while len(chosen) < goal:
        vector = _next_isotropic(fixed, chosen, a, field)
        if vector is None:
            return None
        if isinstance(vector, Field):
            return _general_pair(*(Matrix(vector, m.rows, m.shape) for m in (K, Q)))
        chosen.append(vector)
    zero = [field.zero] * (2 * a)
    columns = [*fixed.T.rows, *chosen, *([zero] * (radical.shape[1] - goal))]
    basis = Matrix(field, [*base.T.rows, *radical.T.rows], (d, d)).T
    P = Matrix(field, columns, (d, 2 * a)).T @ basis.inverse()
    return Matrix(field, P.rows[:a], (a, d)), Matrix(field, P.rows[a:], (a, d))


def _independent(rows: list[Vector], n: int, field: Field) -> list[Vector]:
    kept = Matrix(field, rows, (len(rows), n)).T.rref()[1]
    return [rows[i] for i in kept]


def _next_isotropic(
    fixed: Matrix, chosen: list[Vector], a: int, field: Field
) -> Vector | Field | None:
    """An isotropic vector orthogonal to what is there and outside it, or a field that has one."""
    known = [*fixed.T.rows, *chosen]
    flipped = [row[a:] + row[:a] for row in known]
    space = Matrix(field, flipped, (len(known), 2 * a)).kernel().T.rows
    rows = _independent([*chosen, *space], 2 * a, field)[len(chosen) :]
    W = Matrix(field, rows, (len(rows), 2 * a))
    gram = W @ Matrix(field, [row[a:] + row[:a] for row in rows], W.shape).T
    found = _isotropic(gram)
    if found is None or isinstance(found, Field):
        return found
    vector: Vector = (Matrix(field, [found], (1, len(rows))) @ W).row(0)
    return vector


def _isotropic(gram: Matrix) -> Vector | Field | None:
    """A vector x != 0 with ``x^T G x = 0`` for a nondegenerate G, or a field that has one."""
    field = gram.field
    values, forms = diagonalise(gram)
    n = len(values)

    def vector(entries: dict[int, Any]) -> Vector:
        y = Matrix(field, [[entries.get(i, field.zero)] for i in range(n)], (n, 1))
        x: Vector = (forms.inverse() @ y).column(0)
        return x

    pairs = list(combinations(range(n), 2))
    for i, j in pairs:
        root = square_root(field, -values[j] / values[i])
        if root is not None:
            return vector({i: root, j: field.one})
    if field != QQ:
        return None
    for triple in combinations(range(n), 3):
        for y in product(range(1, _SMALL + 1), repeat=3):
            if sum((values[i] * c * c for i, c in zip(triple, y, strict=True)), QQ(0)) == 0:
                return vector({i: QQ(c) for i, c in zip(triple, y, strict=True)})
    options = [squarefree_part(-values[j] / values[i])[0] for i, j in pairs]
    D = min(options, key=lambda D: (D < 0, abs(D)), default=None)
    return None if D is None else NumberField([-D, 0, 1], 1)


def of_full_rank(K: Matrix, Q: Matrix) -> Pair:
    """A pair with the same symmetric part and ``K^T Q`` of the largest rank, if one is met.

    ``K + N Q`` and ``Q + M K`` with skew N and M change only the skew part, and move within one
    component.
    """
    a, d = K.shape
    goal, best = min(a, d), (K, Q)
    for n in range(1, 9):
        if (best[0].T @ best[1]).rank() == goal:
            break
        left = K + _skew(K.field, a, n) @ Q
        right = Q + _skew(K.field, a, n + 3) @ left
        if (left.T @ right).rank() > (best[0].T @ best[1]).rank():
            best = left, right
    return best


def _skew(field: Field, a: int, seed: int) -> Matrix:
    """Small entries without pattern."""

    def entry(i: int, j: int) -> int:
        return (isqrt(7 * (seed + 3) * (i + 2) ** 3 + 11 * (j + 1) ** 5) % 5) - 2

    rows = [
        [entry(i, j) if i < j else -entry(j, i) if j < i else 0 for j in range(a)] for i in range(a)
    ]
    return Matrix(field, rows, (a, a))
