"""Explicit weights on each component of a fiber, so that a claim about it can be checked."""

from __future__ import annotations

import random
from typing import Any

from algattn.errors import HypothesisError
from algattn.exact import (
    QQ,
    Field,
    Matrix,
    NumberField,
    NumberFieldElement,
    Polynomial,
    PolynomialRing,
)
from algattn.fibers.facts import SymmetricClass, diagonalise, outer, sign, squarefree_part
from algattn.fibers.square_roots import real_square_roots
from algattn.formulas.one_layer import Piece, key_query_components
from algattn.networks import Weights


def _random_rows(rng: random.Random, field: Field, m: int, n: int) -> Matrix:
    while True:
        rows = Matrix(field, [[rng.randint(-3, 3) for _ in range(n)] for _ in range(m)], (m, n))
        if rows.rank() == min(m, n):
            return rows


def _stack(field: Field, parts: list[Matrix], width: int) -> Matrix:
    rows = [row for part in parts for row in part.rows]
    return Matrix(field, rows, (len(rows), width))


def factor_attention(A: Matrix, a: int, piece: Piece, seed: int = 0) -> tuple[Matrix, Matrix]:
    """Matrices K, Q (a x d) with ``K^T Q = A`` and the ranks that `piece` asks for.

    With ``A = L R`` of rank r, K is L^T over random rows X and zeros, Q is R over zeros and random
    rows Y, the two blocks sharing no row.
    """
    field, d = A.field, A.shape[0]
    reduced, pivots = A.rref()
    r = len(pivots)
    if r > a:
        raise HypothesisError("factor an attention matrix", f"rank {r} > a = {a}", "raise a")
    R = Matrix(field, reduced.rows[:r], (r, d))
    L = Matrix(field, [[row[p] for p in pivots] for row in A.rows], (d, r))
    rng = random.Random(f"algattn witness {seed}")
    in_K, in_Q = piece.rank_K - r, piece.rank_Q - r
    for _ in range(100):
        X, Y = _random_rows(rng, field, in_K, d), _random_rows(rng, field, in_Q, d)
        zeros_K = Matrix.zeros(field, a - piece.rank_K, d)
        zeros_Q = Matrix.zeros(field, a - r - in_Q, d)
        K = _stack(field, [L.T, X, zeros_K] if r or in_K else [zeros_K], d)
        Q = _stack(field, [R, zeros_Q, Y] if r or in_Q else [zeros_Q], d)
        if K.rank() == piece.rank_K and Q.rank() == piece.rank_Q:
            return K, Q
    raise HypothesisError("find K and Q", f"the ranks {piece} do not occur", "report this")


def symmetric_attention(S: Matrix, a: int) -> Matrix | None:
    """A matrix A of rank <= a with ``(A + A^T)/2 = S``, real when S is; None if there is none.

    When S has at most a squares, A = S.  Else positive squares are paired with negative ones:
    ``p x^2 - n y^2 = p (x - w y)(x + w y)`` with ``w^2 = n/p``.  That may need square roots: up to
    three independent ones are written in one field; with more, or when S is over a number field,
    no attempt is made (None).
    """
    field = S.field
    values, forms = diagonalise(S)
    if len(values) <= a:
        return S
    real = not isinstance(field, NumberField) or field.is_real
    if not real:
        return None
    plus = [i for i, x in enumerate(values) if sign(field, x) > 0]
    minus = [i for i, x in enumerate(values) if sign(field, x) < 0]
    pairs = len(values) - a
    if max(len(plus), len(minus)) > a or isinstance(field, NumberField):
        return None
    chosen = _cheapest_pairs(values, plus, minus, pairs)
    found = real_square_roots(sorted({D for D, *_ in chosen} - {1}))
    if found is None:
        return None
    K, roots = found
    A = Matrix.zeros(K, *S.shape)
    used = {i for _, _, i, j in chosen} | {j for _, _, i, j in chosen}
    for D, f, i, j in chosen:
        w = K(f) if D == 1 else roots[D] * f
        x = [K(p) - w * q for p, q in zip(forms.row(i), forms.row(j), strict=True)]
        y = [K(p) + w * q for p, q in zip(forms.row(i), forms.row(j), strict=True)]
        A = A + outer(x, y, K) * values[i]
    for i in range(len(values)):
        if i not in used:
            A = A + outer(forms.row(i), forms.row(i), K) * values[i]
    return A


def _cheapest_pairs(
    values: list[Any], plus: list[int], minus: list[int], count: int
) -> list[tuple[int, Any, int, int]]:
    """Pairs (positive, negative square), preferring those whose quotient is a rational square."""
    options = []
    for i in plus:
        for j in minus:
            D, f = squarefree_part(-values[j] / values[i])
            options.append((D, f, i, j))
    options.sort(key=lambda o: (o[0] != 1, o[0]))
    chosen: list[tuple[int, Any, int, int]] = []
    for option in options:
        if len(chosen) == count:
            break
        taken = {i for _, _, i, _ in chosen} | {j for _, _, _, j in chosen}
        if option[2] not in taken and option[3] not in taken:
            chosen.append(option)
    return chosen


def as_QKV(A: Matrix, V: Matrix, a: int, piece: Piece) -> Weights:
    """Weights in the form (K, Q, V) over the field of A."""
    K, Q = factor_attention(A, a, piece)
    V = Matrix(A.field, [[A.field(x) for x in row] for row in V.rows], V.shape)
    return Weights(K=[K], Q=[Q], V=[V], field=A.field)


def as_form(A: Matrix, V: Matrix, a: int) -> Weights:
    """The pair (A, V) as weights (K, Q, V), with any factorisation of A."""
    return as_QKV(A, V, a, key_query_components(A.shape[0], a, A.rank())[0])


def attention_of_class(c: SymmetricClass, a: int) -> Matrix | None:
    """A matrix A of rank <= a for one factorisation of a cubic map at t = 1, or None.

    Over the field of the class when that suffices, else over QQ with square roots.
    """
    if c.rank == 2 and a == 1:
        if (A := _split(c.S)) is not None:
            return A
        if isinstance(c.field, NumberField):
            return None
    return symmetric_attention(c.S, a)


def _split(S: Matrix) -> Matrix | None:
    """``x y^T`` for a form ``(x.u)(y.u)`` whose linear factors lie in the field of S."""
    values, forms = diagonalise(S)
    field = S.field
    w = square_root(field, -values[1] / values[0])
    if w is None:
        return None
    x = [p - w * q for p, q in zip(forms.row(0), forms.row(1), strict=True)]
    y = [p + w * q for p, q in zip(forms.row(0), forms.row(1), strict=True)]
    product: Matrix = outer(x, y, field) * values[0]
    return product


def square_root(field: Field, x: Any) -> Any | None:
    """A square root of x inside QQ or a simple number field, or None when there is none there.

    In degree two, ``(u + w theta)^2 = x_0 + x_1 theta`` is solved by two rational square roots;
    in higher degree by factoring the norm of ``s^2 - x``, over QQ.
    """
    if not isinstance(field, NumberField):
        return _rational_root(QQ(x))
    element = field(x)
    x0, x1 = [*element.poly.coeffs(), QQ(0), QQ(0)][:2]
    if field.degree == 2 and field.modulus[1] == 0:
        D = -QQ(field.modulus[0])
        if x1 == 0:
            if (u := _rational_root(x0)) is not None:
                return field(u)
            w = _rational_root(x0 / D)
            return None if w is None else field.theta * w
        norm = _rational_root(x0 * x0 - D * x1 * x1)
        if norm is None:
            return None
        for square in ((x0 + norm) / 2, (x0 - norm) / 2):
            u = _rational_root(square)
            if u is not None and u != 0:
                return field.theta * (x1 / (2 * u)) + u
        return None
    return _root_by_norm(field, element)


def _rational_root(y: Any) -> Any | None:
    """The rational square root, or None."""
    if y == 0:
        return QQ(0)
    D, f = squarefree_part(y)
    return f if D == 1 else None


def _root_by_norm(field: NumberField, x: NumberFieldElement) -> NumberFieldElement | None:
    """Square root in a number field: factor ``N((s - c theta)^2 - x)`` and take a gcd."""
    if x == 0:
        return field.zero  # type: ignore[no-any-return]
    ring = PolynomialRing(QQ, ("s", "z"))
    s, z = ring.gens()
    modulus, element = ring(0), ring(0)
    for k, c in enumerate(field.modulus):
        modulus += z**k * c
    for k, x_k in enumerate(x.poly.coeffs()):
        element += z**k * x_k
    for shift in range(1, 50):
        target = (s - z * shift) ** 2 - element
        norm = Polynomial(ring, modulus.flint.resultant(target.flint, "z"))
        _, factors = norm.factor()
        if any(m > 1 for _, m in factors):
            continue  # the norm must be squarefree
        for factor, _ in factors:
            if factor.degree() == field.degree:
                return _common_root(field, x, factor, shift)
        return None
    return None


def _common_root(
    field: NumberField, x: NumberFieldElement, factor: Polynomial, shift: int
) -> NumberFieldElement:
    """The root of ``s^2 - x`` shared with ``factor(s + shift theta)``, by reducing the latter."""
    constant, linear = field.zero, field.zero  # factor(s + c theta) = constant + linear s
    even, odd = field.one, field.zero  # power of (s + c theta) modulo s^2 - x
    coeffs = {e[0]: c for e, c in factor.terms()}
    move = field.theta * shift
    for n in range(max(coeffs) + 1):
        if n in coeffs:
            constant, linear = constant + even * coeffs[n], linear + odd * coeffs[n]
        even, odd = even * move + odd * x, even + odd * move
    return -constant / linear  # type: ignore[no-any-return]


def random_matrix(m: int, n: int, seed: int) -> Matrix:
    """A random integer matrix of full rank."""
    return _random_rows(random.Random(f"algattn matrix {seed}"), QQ, m, n)
