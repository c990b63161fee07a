"""What decides everything about one layer: ranks, rank-one factors, signatures, factorisations.

For t >= 2 these are the ranks of A and V and, when both are one, the vectors of ``A = k q^T`` and
``V = h v^T``.  For t = 1 only ``S = (A + A^T)/2`` counts, and when V has rank one the linear
factors of the cubic ``(v.x) S(x)``, which may live in a quadratic number field.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from typing import Any

from flint import fmpq, fmpz

from algattn.attention import Architecture, Weights
from algattn.attention.theorems import (
    Theorem,
    covering,
    lightning,
    one_layer,
    one_token,
    plain,
    two_tokens,
)
from algattn.errors import FieldError, HypothesisError
from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.exact.extensions import Root, roots
from algattn.exact.quadratic_forms import diagonalise, outer

Vector = list[Any]
_FACTOR_LIMIT = 10**40
ONE_LAYER = "algattn/docs/one_layer.md"

FIBER = Theorem("fiber (t >= 2)", ONE_LAYER, lightning, *plain, one_layer, two_tokens)
FIBER_ONE_TOKEN = Theorem("fiber (t = 1)", ONE_LAYER, lightning, *plain, one_layer, one_token)


def rank_one_factors(matrix: Matrix) -> tuple[Vector, Vector]:
    """``(x, y)`` with ``matrix = x y^T`` for a matrix of rank one; y is its first nonzero row."""
    i0 = next(i for i, row in enumerate(matrix.rows) if any(x != 0 for x in row))
    y = matrix.row(i0)
    j0 = next(j for j, x in enumerate(y) if x != 0)
    return [row[j0] / y[j0] for row in matrix.rows], y


def parallel(x: Sequence[Any], y: Sequence[Any]) -> bool:
    """Whether two nonzero vectors span the same line."""
    i = next(i for i, a in enumerate(x) if a != 0)
    return y[i] != 0 and all(a * y[i] == b * x[i] for a, b in zip(x, y, strict=True))


def symmetric_part(A: Matrix) -> Matrix:
    """``(A + A^T)/2``."""
    half: Matrix = (A + A.T) * (A.field.one / 2)
    return half


def symmetric_product(x: Sequence[Any], y: Sequence[Any], field: Field) -> Matrix:
    """The symmetric matrix of the quadratic form ``(x.u)(y.u)``."""
    return symmetric_part(outer(x, y, field))


def sign(field: Field, x: Any) -> int:
    """The sign of a number of QQ or of a real number field."""
    if isinstance(field, NumberField):
        return field.sign(x)
    if field.characteristic:
        raise FieldError("find a sign", f"{field} is not an ordered field", "work over QQ")
    return int(x > 0) - int(x < 0)


def signature(S: Matrix) -> tuple[int, int]:
    """Numbers (p, n) of positive and negative squares of a real symmetric matrix.

    >>> signature(Matrix(QQ, [[0, 1], [1, 0]]))
    (1, 1)
    """
    signs = [sign(S.field, x) for x in diagonalise(S)[0]]
    return signs.count(1), signs.count(-1)


def squarefree_part(x: fmpq) -> tuple[int, fmpq]:
    """``(D, f)`` with ``x = D f^2`` and D an integer, squarefree unless x is very large.

    >>> squarefree_part(QQ("8/9"))
    (2, 2/3)
    """
    n = int(x.p) * int(x.q)  # x = n / q^2
    root = isqrt(abs(n))
    if root * root == abs(n):
        return (1 if n > 0 else -1), fmpq(root, int(x.q))
    if abs(n) > _FACTOR_LIMIT:
        return n, fmpq(1, int(x.q))
    D, f = (1 if n > 0 else -1), 1
    for prime, power in fmpz(abs(n)).factor():
        D *= int(prime) ** (int(power) % 2)
        f *= int(prime) ** (int(power) // 2)
    return D, fmpq(f, int(x.q))


def split_quadratic(S: Matrix) -> tuple[Field, Vector, Vector]:
    """``(K, x, y)`` with ``S(u) = (x.u)(y.u)`` for a rational form of rank one or two.

    K is QQ where that is possible, else QQ(sqrt D); theta is then the root of smallest index.
    """
    values, forms = diagonalise(S)
    if len(values) == 1:
        return QQ, [values[0] * c for c in forms.row(0)], forms.row(0)
    if len(values) != 2:
        raise HypothesisError("split a quadratic form", f"its rank is {len(values)}", "rank <= 2")
    # a s^2 + b m^2 = a (s - w m)(s + w m) with w^2 = -b/a
    a, s, m = values[0], forms.row(0), forms.row(1)
    D, f = squarefree_part(-values[1] / a)
    if D == 1:
        K: Field = QQ
        w: Any = f
    else:
        K = NumberField([-D, 0, 1], 0)
        w = K.theta * f
    return (
        K,
        [K(a) * (K(p) - w * q) for p, q in zip(s, m, strict=True)],
        [K(p) + w * q for p, q in zip(s, m, strict=True)],
    )


def linear_splits(S: Matrix) -> Iterator[tuple[Root, Vector, Vector]]:
    """``(root, x, y)`` with ``S(u) = (x.u)(y.u)`` over the field of the root, each order once.

    For a form of rank one or two over QQ or a number field; a square has one order.
    """
    values, forms = diagonalise(S)
    if len(values) == 1:
        form = forms.row(0)
        yield Root(S.field, None), [values[0] * c for c in form], form
        return
    for at in roots(S.field, [values[1] / values[0], 0, 1]):
        a, w = at.image(values[0]), at.value
        pairs = list(zip(at.images(forms.row(0)), at.images(forms.row(1)), strict=True))
        yield at, [a * (p - w * q) for p, q in pairs], [p + w * q for p, q in pairs]


def cofactor(S: Matrix, v: Sequence[Any]) -> Vector | None:
    """A multiple of m where ``S(x) = (v.x)(m.x)``; None when v does not divide S."""
    i = next(i for i, x in enumerate(v) if x != 0)
    m = [S[i, j] * v[i] * 2 - S[i, i] * x for j, x in enumerate(v)]
    square = v[i] * v[i]
    back = outer(v, m, S.field) + outer(m, v, S.field)
    return m if back == S * (square + square) else None


@dataclass(frozen=True)
class SymmetricClass:
    """One way to write a cubic map as ``S(x) V x``, up to ``(cS, V/c)``.

    ``field`` may be a quadratic number field; then ``root`` conjugates are classes of their own.
    ``signature`` is None for a class that is not real.
    """

    field: Field
    S: Matrix
    V: Matrix
    rank: int
    signature: tuple[int, int] | None

    @property
    def is_real(self) -> bool:
        return self.signature is not None

    def reachable(self, a: int) -> bool:
        """Whether real K, Q with a rows give this S (some sign of it)."""
        return self.signature is not None and max(self.signature) <= a


def check_real(field: Field, asked: str, what: str, *, real_fields: bool) -> None:
    """Raise unless the field is QQ, or a real number field where those will do."""
    if field == QQ or (real_fields and isinstance(field, NumberField) and field.is_real):
        return
    raise FieldError(
        asked,
        f"the {what} live in {field} and reality is asked",
        "use rational numbers, or a number field with a real root" * real_fields
        or "use rational weights",
    )


class LayerShape:
    """The numbers of one layer that everything depends on, in the letters of the documentation."""

    network: Architecture

    @property
    def d(self) -> int:
        return self.network.d_in

    @property
    def d_out(self) -> int:
        return self.network.d_out

    @property
    def a(self) -> int:
        return self.network.ranks[0]

    @property
    def alpha(self) -> int:
        """Largest possible rank of A."""
        return min(self.a, self.d)

    @property
    def s(self) -> int:
        """Largest possible complex rank of sym(A)."""
        return min(2 * self.a, self.d)

    @property
    def single_token(self) -> bool:
        return self.network.tokens == 1


@dataclass(frozen=True)
class LayerFacts(LayerShape):
    """Exact facts about the weights of one layer; everything is computed on demand."""

    network: Architecture
    A: Matrix
    V: Matrix

    @staticmethod
    def of(
        network: Architecture, weights: Weights, asked: str, *, real_fields: bool = False
    ) -> LayerFacts:
        """The facts about weights over QQ, or also over real number fields."""
        weights.matches(network)
        covering(network, asked, FIBER, FIBER_ONE_TOKEN)
        check_real(weights.field, f"{asked} for {network!r}", "weights", real_fields=real_fields)
        return LayerFacts(network, weights.A[0], weights.V[0])

    @cached_property
    def rank_A(self) -> int:
        return self.A.rank()

    @cached_property
    def rank_V(self) -> int:
        return self.V.rank()

    @cached_property
    def S(self) -> Matrix:
        return symmetric_part(self.A)

    @cached_property
    def rank_S(self) -> int:
        return self.S.rank()

    @cached_property
    def signature_S(self) -> tuple[int, int]:
        return signature(self.S)

    @property
    def zero(self) -> bool:
        """Whether the function is zero."""
        return self.rank_V == 0 or (self.rank_S if self.single_token else self.rank_A) == 0

    @property
    def rank_one_pair(self) -> bool:
        """t >= 2: whether ``A = k q^T`` and ``V = h v^T``."""
        return self.rank_A == 1 and self.rank_V == 1

    @cached_property
    def factors(self) -> tuple[Vector, Vector, Vector, Vector]:
        """``(k, q, h, v)`` of a rank-one pair."""
        k, q = rank_one_factors(self.A)
        h, v = rank_one_factors(self.V)
        return k, q, h, v

    @cached_property
    def aligned(self) -> bool:
        """Whether k and v of a rank-one pair are parallel."""
        k, _, _, v = self.factors
        return parallel(k, v)

    @cached_property
    def classes(self) -> tuple[SymmetricClass, ...]:
        """t = 1, nonzero function: all its factorisations over the complex numbers."""
        first = SymmetricClass(self.S.field, self.S, self.V, self.rank_S, self.signature_S)
        if self.rank_V != 1 or self.rank_S > 2:
            return (first,)
        h, v = rank_one_factors(self.V)
        if self.S.field != QQ:
            more = [first]
            for at, x, y in linear_splits(self.S):
                if not parallel(x, at.images(v)):
                    more.append(_class(at.field, x, y, at.images(h), at.images(v)))
            return tuple(more)
        K, x, y = split_quadratic(self.S)
        out = [first]
        if isinstance(K, NumberField):
            for root in (0, 1):
                L = NumberField(K.modulus, root)
                # The formulas for x and y have the same coefficients in theta for either root.
                out.append(
                    _class(
                        L, [L(c.poly.coeffs()) for c in x], [L(c.poly.coeffs()) for c in y], h, v
                    )
                )
        else:
            if not parallel(x, v):
                out.append(_class(QQ, x, y, h, v))
            if not parallel(y, v) and not parallel(y, x):
                out.append(_class(QQ, y, x, h, v))
        return tuple(out)


def _class(K: Field, x: Vector, y: Vector, h: Vector, v: Vector) -> SymmetricClass:
    """The class with linear form x, where the cubic is ``x y v``."""
    S = symmetric_product([K(c) for c in v], y, K)
    real = not isinstance(K, NumberField) or K.is_real
    return SymmetricClass(
        K, S, outer([K(c) for c in h], x, K), S.rank(), signature(S) if real else None
    )
