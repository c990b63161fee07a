"""From the coefficients of a function back to weights, for one layer; and why there are none.

t >= 2: ``F(x, y) = (V x)(x^T A y)`` gives for each x the matrix ``M(x) = (V x)(A^T x)^T`` of rank
one.  Polarised at one x with M(x) != 0 it fixes V and A up to one unknown number per direction,
which the squares settle.  t = 1: the rows of ``(x^T S x) V x`` have S as common factor; when they
are proportional, S and V come from the linear factors of one cubic.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

from algattn.attention import Architecture, FunctionMap
from algattn.attention.functions import natural_coefficients
from algattn.attention.problem import check_function
from algattn.attention.theorems import Theorem, plain_layer
from algattn.exact import QQ, Field, Matrix, NumberField, Polynomial
from algattn.exact.quadratic_forms import outer
from algattn.fibers.arrays import CoefficientArray
from algattn.fibers.cubics import cubic_ring, linear_factors, linear_vector, quadratic_matrix
from algattn.fibers.layer_invariants import (
    ONE_LAYER,
    SymmetricClass,
    check_real,
    linear_splits,
    parallel,
    rank_one_factors,
    signature,
    split_quadratic,
)

MEMBERSHIP = Theorem("membership", ONE_LAYER, *plain_layer)


@dataclass(frozen=True)
class Solution:
    """A pair (A, V) over a field with the given function; ``real`` tells if its field is."""

    field: Field
    A: Matrix
    V: Matrix

    @property
    def real(self) -> bool:
        return not isinstance(self.field, NumberField) or self.field.is_real


class Pencil:
    """``M_ij`` (d' x d) with ``M(x) = sum_{i <= j} x_i x_j M_ij``, for t >= 2, made when asked."""

    def __init__(self, function: FunctionMap | CoefficientArray) -> None:
        self.function = function
        self.made: dict[tuple[int, int], Matrix] = {}

    def __getitem__(self, pair: tuple[int, int]) -> Matrix:
        i, j = min(pair), max(pair)
        if (i, j) not in self.made:
            f = self.function
            if isinstance(f, FunctionMap):
                zero, d = f.field.zero, f.d_in
                rows = [
                    [f.coefficients.get((r, i, j, k), zero) for k in range(d)]
                    for r in range(f.d_out)
                ]
                self.made[i, j] = Matrix(f.field, rows, (f.d_out, d))
            else:
                self.made[i, j] = f.slice(i, j)
        return self.made[i, j]


def pencil(function: FunctionMap) -> list[list[Matrix]]:
    """All matrices of the :class:`Pencil`."""
    lazy, n = Pencil(function), range(function.d_in)
    return [[lazy[i, j] for j in n] for i in n]


def pair_function(A: Matrix, V: Matrix, tokens: int) -> dict[Any, Any]:
    """The nonzero natural coordinates of the layer (A, V)."""
    return {k: c for k, c in natural_coefficients(A.rows, V.rows, tokens) if c != 0}


def solves(function: FunctionMap | CoefficientArray, A: Matrix, V: Matrix) -> bool:
    """Whether the layer (A, V) has exactly this function."""
    if not isinstance(function, FunctionMap):
        return function.solved_by(A, V)
    found = pair_function(A, V, function.tokens)
    field = A.field
    return found.keys() == function.coefficients.keys() and all(
        found[label] == field(c) for label, c in function.coefficients.items()
    )


def factor_pairs(function: FunctionMap | CoefficientArray) -> list[Solution]:
    """t >= 2: all (A, V) up to scaling over the complex numbers, each over its smallest field.

    Empty when there is none; the rank of A is not bounded here.  The zero function is not meant.
    """
    M = Pencil(function)
    d, field = function.d_in, function.field
    squares = [(i, i) for i in range(d) if M[i, i]]
    mixed_terms = ((i, j) for i, j in combinations_with_replacement(range(d), 2) if M[i, j])
    i, j = squares[0] if squares else next(mixed_terms)
    # x0 = e_i, or e_i + e_j where all squares vanish: then M(x0) = M_ij.
    at = M[i, j]
    if at.rank() != 1:
        return []
    u, w = rank_one_factors(at)  # V x0 = u, A^T x0 = w up to scale
    if i == j:
        mixed = [M[i, n] if n != i else M[i, i] * 2 for n in range(d)]
    else:
        mixed = [
            (M[i, n] if n != i else M[i, i] * 2) + (M[j, n] if n != j else M[j, j] * 2)
            for n in range(d)
        ]
    # mixed_n = u a_n^T + v_n w^T with v_n = V e_n, a_n = A^T e_n, up to (v_n - c u, a_n + c w).
    p = next(m for m, x in enumerate(u) if x != 0)
    base: list[tuple[list[Any], list[Any]]] = []
    for n in range(d):
        a = [x / u[p] for x in mixed[n].row(p)]  # the choice v_n[p] = 0
        rest = mixed[n] - outer(u, a, field)
        q = next(m for m, x in enumerate(w) if x != 0)
        v = [x / w[q] for x in rest.column(q)]
        if rest != outer(v, w, field):
            return []
        base.append((v, a))
    return _settle(function, M, u, w, base)


def _settle(
    function: FunctionMap | CoefficientArray, M: Pencil, u: Any, w: Any, base: Any
) -> list[Solution]:
    """Find the c_n with ``(v_n - c_n u)(a_n + c_n w)^T = M_nn`` and consistent mixed terms."""
    field, d = function.field, function.d_in
    known: dict[int, Any] = {}
    for n, (v, a) in enumerate(base):
        rest = M[n, n] - outer(v, a, field)  # = c v w^T - c u a^T - c^2 u w^T
        linear = outer(v, w, field) - outer(u, a, field)
        c = _linear_root(rest, linear, outer(u, w, field))
        if c is not None:
            known[n] = c
    if not known:
        return _rank_one(function)
    n0 = min(known)
    for n in range(d):
        if n in known:
            continue
        # mixed term of n0 and n: v_n0 a_n^T + v_n a_n0^T, linear in the unknown c_n
        c0 = known[n0]
        v0 = [x - c0 * y for x, y in zip(base[n0][0], u, strict=True)]
        a0 = [x + c0 * y for x, y in zip(base[n0][1], w, strict=True)]
        v, a = base[n]
        rest = M[n0, n] - outer(v0, a, field) - outer(v, a0, field)
        linear = outer(v0, w, field) - outer(u, a0, field)
        cell = next(((r, k) for r in range(len(u)) for k in range(d) if linear[r, k] != 0), None)
        if cell is None:
            return []
        known[n] = rest[cell] / linear[cell]
    V = Matrix(
        field,
        [[x - known[n] * y for x, y in zip(base[n][0], u, strict=True)] for n in range(d)],
    ).T
    A = Matrix(
        field,
        [[x + known[n] * y for x, y in zip(base[n][1], w, strict=True)] for n in range(d)],
    )
    return [Solution(field, A, V)] if solves(function, A, V) else []


def _linear_root(rest: Matrix, linear: Matrix, square: Matrix) -> Any | None:
    """The c with ``rest = c linear - c^2 square`` when `linear` is no multiple of `square`."""
    m, n = rest.shape
    cells = [(i, j) for i in range(m) for j in range(n)]
    pivot = next(cell for cell in cells if square[cell] != 0)
    ratio = linear[pivot] / square[pivot]
    for cell in cells:
        # subtracting the right multiple of the pivot's equation removes c^2
        slope = linear[cell] - ratio * square[cell]
        if slope != 0:
            factor = square[cell] / square[pivot]
            return (rest[cell] - factor * rest[pivot]) / slope
    return None


def _rank_one(function: FunctionMap | CoefficientArray) -> list[Solution]:
    """Functions ``h (x) s (x) q`` with s a quadratic form: all ways to split s."""
    parts = split_tensor(function)
    if parts is None:
        return []
    h, s, q = parts
    if s.rank() > 2:
        return []
    if isinstance(s.field, NumberField):
        return [
            Solution(
                at.field,
                outer(x, at.images(q), at.field),
                outer(at.images(h), y, at.field),
            )
            for at, x, y in linear_splits(s)
        ]
    K, x, y = split_quadratic(s)
    out = []
    for left, right in [(x, y)] if K == QQ and parallel(x, y) else [(x, y), (y, x)]:
        A = outer(left, [K(c) for c in q], K)
        V = outer([K(c) for c in h], right, K)
        out.append(Solution(K, A, V))
    return out


def split_tensor(
    function: FunctionMap | CoefficientArray,
) -> tuple[list[Any], Matrix, list[Any]] | None:
    """``(h, s, q)`` with ``F(x, y) = h s(x) (q.y)``, s a symmetric matrix; or None."""
    M, d, field = Pencil(function), function.d_in, function.field
    cells = [(i, j) for i in range(d) for j in range(d)]
    pivot = next((i, j) for i, j in cells if M[i, j])
    if M[pivot].rank() != 1:
        return None
    h, q = rank_one_factors(M[pivot])
    frame = outer(h, q, field)
    r, k = next((r, k) for r in range(len(h)) for k in range(d) if frame[r, k] != 0)
    half = field.one / 2
    s = [
        [M[i, j][r, k] / frame[r, k] * (field.one if i == j else half) for j in range(d)]
        for i in range(d)
    ]
    for i, j in cells:
        if M[i, j] != frame * (s[i][j] * (1 if i == j else 2)):
            return None
    return h, Matrix(field, s), q


# --- t = 1 -----------------------------------------------------------------------------------


def cubic_rows(function: FunctionMap) -> list[Polynomial]:
    """t = 1: the rows of the function as cubic forms in x."""
    ring = cubic_ring(function.d_in)
    rows: list[list[Any]] = [[] for _ in range(function.d_out)]
    for (r, i, j, k), c in function.coefficients.items():
        exponents = [0] * function.d_in
        for m in (i, j, k):
            exponents[m] += 1
        rows[r].append((exponents, c))
    return [ring.from_terms(terms) for terms in rows]


def symmetric_classes(function: FunctionMap) -> list[SymmetricClass]:
    """t = 1, nonzero function: all ``(S, V)`` up to scaling over the complex numbers."""
    if isinstance(function.field, NumberField):
        from algattn.fibers.number_field_cubics import classes_over

        return classes_over(function)
    rows = cubic_rows(function)
    first = next(i for i, row in enumerate(rows) if row)
    pivot = next(iter(rows[first].terms()))
    leading = dict(rows[first].terms())[pivot[0]]
    ratios = []
    for row in rows:
        ratio = dict(row.terms()).get(pivot[0], QQ(0)) / leading
        ratios.append(ratio)
    if all(row == rows[first] * ratio for row, ratio in zip(rows, ratios, strict=True)):
        return _cubic_classes(rows[first], ratios)
    common = rows[first]
    for row in rows:
        if row:
            common = common.gcd(row)
    if common.degree() != 2:
        return []
    zero = [QQ(0)] * function.d_in
    forms = []
    for row in rows:
        quotient = row.divide(common) if row else None
        forms.append(zero if quotient is None else linear_vector(quotient))
    S = quadratic_matrix(common)
    return [SymmetricClass(QQ, S, Matrix(QQ, forms), S.rank(), signature(S))]


def _cubic_classes(cubic: Polynomial, h: list[Any]) -> list[SymmetricClass]:
    out = []
    for factor in linear_factors(cubic):
        K, S = factor.field, factor.quotient
        real = not isinstance(K, NumberField) or K.is_real
        V = outer([K(x) for x in h], factor.form, K)
        out.append(SymmetricClass(K, S, V, S.rank(), signature(S) if real else None))
    return out


def flattening(function: FunctionMap) -> Matrix:
    """t >= 2: the matrix with rows (r, ij) and columns k; its rank is that of A (if V != 0)."""
    d, zero = function.d_in, function.field.zero
    rows = [
        [function.coefficients.get((r, i, j, k), zero) for k in range(d)]
        for r in range(function.d_out)
        for i, j in combinations_with_replacement(range(d), 2)
    ]
    return Matrix(function.field, rows, (len(rows), d))


def nonzero_minor(matrix: Matrix, size: int) -> tuple[list[int], list[int]]:
    """Rows and columns of a nonzero minor of the given size (at most the rank)."""
    _, columns = matrix.rref()
    columns = columns[:size]
    chosen = Matrix(matrix.field, [[row[c] for c in columns] for row in matrix.rows])
    _, rows = chosen.T.rref()
    return rows[:size], columns


def check_candidate(
    network: Architecture, function: FunctionMap, *, real_fields: bool = False
) -> None:
    """Raise unless the question makes sense: one layer, equal shapes, real coefficients."""
    MEMBERSHIP.require(network, "decide membership")
    asked = f"look for this function in {network!r}"
    check_function(function, network, asked)
    check_real(function.field, asked, "coefficients", real_fields=real_fields)
