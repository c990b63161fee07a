"""Attention matrices of small rank with a given symmetric part: all that one token sees of them.

By lemma *isotropic* of ``algattn/docs/one_layer.md`` there is one of rank at most a over a field k
exactly when the form has a totally isotropic subspace of dimension d - a over k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from algattn.errors import UndecidedError
from algattn.exact import QQ, Field, Matrix
from algattn.exact.isotropy import isotropic_subspace
from algattn.exact.quadratic_forms import diagonalise, outer
from algattn.fibers.layer_invariants import squarefree_part
from algattn.fibers.square_roots import MAX_ROOTS, real_square_roots


@dataclass(frozen=True)
class LowRank:
    """``S = sym(known) + sum p (m^2 - D f^2 n^2)`` over the pairs, and the rank that this needs.

    A pair (p, m, n, D, f) is a product of two linear forms over ``k(sqrt D)``; with no pairs
    `known` is the matrix.  ``reason`` says why the field of S does not suffice.
    """

    known: Matrix
    pairs: tuple[tuple[Any, list[Any], list[Any], int, Any], ...] = ()
    reason: str | None = None

    def over(self, field: Field, roots: dict[int, Any]) -> Matrix:
        """The matrix in a field that contains the square roots."""
        A = Matrix(field, self.known.rows, self.known.shape)
        for p, m, n, D, f in self.pairs:
            w = roots[D] * f
            x = [field(a) - w * b for a, b in zip(m, n, strict=True)]
            y = [field(a) + w * b for a, b in zip(m, n, strict=True)]
            A = A + outer(x, y, field) * p
        return A


def low_rank(S: Matrix, a: int) -> LowRank | None:
    """A description of a matrix A of rank at most `a` with ``(A + A^T)/2 = S``.

    Returns
    -------
    LowRank or None
        Without pairs when there is such an A over the field of S.  Else, over QQ, with square roots
        of positive numbers (at most two pairs: an indefinite rational form without rational zeros
        has at most four variables); None when there is none over the real numbers, or none over
        another field.

    Raises
    ------
    UndecidedError
        When that could not be decided; see :func:`~algattn.exact.isotropy.isotropic_vector`.

    Examples
    --------
    >>> low_rank(Matrix(QQ, [[1, 0, 0], [0, 1, 0], [0, 0, -2]]), 2).known.rank()
    2
    >>> low_rank(Matrix(QQ, [[1, 0, 0], [0, 1, 0], [0, 0, -3]]), 2).reason
    'it has no zero over the 2-adic numbers (Hasse-Minkowski)'
    """
    field, d = S.field, S.shape[0]
    reduced, pivots = S.rref()
    r = len(pivots)
    if r <= a:
        return LowRank(S)
    if r > 2 * a:
        return None
    rows = Matrix(field, reduced.rows[:r], (r, d))  # S = rows^T core rows
    core = Matrix(field, [[S[i, j] for j in pivots] for i in pivots])
    vectors, reason = isotropic_subspace(core, r - a)
    known, rest = Matrix.zeros(field, r, r), core
    for u in vectors:
        p, q = _plane(rest, u)
        known = known + outer(p, q, field) * 2
        rest = rest - outer(p, q, field) - outer(q, p, field)
    if reason is None:
        return LowRank(rows.T @ (known + rest) @ rows)
    return _with_roots(known, rest, rows, r - a - len(vectors), reason) if field == QQ else None


def _plane(S: Matrix, u: list[Any]) -> tuple[list[Any], list[Any]]:
    """p and q such that ``S - p q^T - q p^T`` has u in its kernel and a rank less by two."""
    field = S.field
    p = (S @ Matrix(field, [[x] for x in u])).column(0)
    j = next(j for j, x in enumerate(p) if x != 0)  # w = e_j / p_j has u^T S w = 1
    half = S[j, j] / (p[j] * p[j] * 2)
    return p, [S[i, j] / p[j] - half * x for i, x in enumerate(p)]


def _with_roots(
    known: Matrix, rest: Matrix, rows: Matrix, count: int, reason: str
) -> LowRank | None:
    """Pair `count` positive squares with negative ones, preferring small square roots."""
    values, forms = diagonalise(rest)
    options = []
    for i, p in enumerate(values):
        for j, n in enumerate(values):
            if p > 0 > n:
                options.append((*squarefree_part(-n / p), i, j))
    chosen: list[tuple[int, Any, int, int]] = []
    used = set[int]()
    for D, f, i, j in sorted(options, key=lambda o: o[0]):
        if len(chosen) < count and not {i, j} & used:
            chosen.append((D, f, i, j))
            used |= {i, j}
    if len(chosen) < count:
        return None
    for i, value in enumerate(values):
        if i not in used:
            known = known + outer(forms.row(i), forms.row(i), QQ) * value
    forms = forms @ rows
    pairs = tuple((values[i], forms.row(i), forms.row(j), D, f) for D, f, i, j in chosen)
    return LowRank(rows.T @ known @ rows, pairs, reason)


def in_one_field(parts: Sequence[LowRank]) -> list[Matrix]:
    """The matrices of all parts over one field, QQ(theta) when there are pairs.

    Raises
    ------
    UndecidedError
        When more than three independent square roots are needed.
    """
    numbers = sorted({D for part in parts for *_, D, _ in part.pairs})
    if not numbers:
        return [part.known for part in parts]
    found = real_square_roots(numbers)
    if found is None:
        raise UndecidedError(
            "write down real weights",
            f"they need the square roots of {len(numbers)} numbers (limit: {MAX_ROOTS} at once)",
            "raise the rank bounds",
        )
    return [part.over(*found) for part in parts]


def attention_over(S: Matrix, a: int) -> tuple[Matrix, str | None]:
    """The matrix that :func:`low_rank` describes, and why it is not over the field of S.

    Raises
    ------
    UndecidedError
        When none was found.
    """
    part = low_rank(S, a)
    if part is None:
        raise UndecidedError(
            "write down real weights",
            f"over {S.field} there are none, and square roots over it are not adjoined",
            "a larger rank bound",
        )
    return in_one_field([part])[0], part.reason


def written_attention(S: Matrix, a: int) -> Matrix | None:
    """The same matrix; None where none was found."""
    try:
        return attention_over(S, a)[0]
    except UndecidedError:
        return None
