"""Roots of polynomials over QQ or a number field, each in a number field of its own.

Over QQ(theta) a root x is found from the norm of the polynomial (Trager): u = x + c theta is a root
of a polynomial over QQ, and both theta and x are polynomials in u.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from flint import fmpq_poly

from algattn.exact.fields import QQ, Field
from algattn.exact.number_fields import NumberField, NumberFieldElement
from algattn.exact.polynomials import PolynomialRing


@dataclass(frozen=True)
class Root:
    """A root ``value`` in ``field``, which contains the smaller field by ``theta``, its generator.

    The embeddings into the complex numbers agree; over QQ there is no theta.
    """

    field: Field
    value: Any
    theta: Any = None

    def image(self, x: Any) -> Any:
        """An element of the smaller field, in the larger one."""
        if not isinstance(x, NumberFieldElement) or x.field == self.field:
            return self.field(x)
        return _horner(x.poly.coeffs(), self.theta)

    def images(self, vector: Sequence[Any]) -> list[Any]:
        return [self.image(x) for x in vector]


def roots(field: Field, coefficients: Sequence[Any]) -> list[Root]:
    """All complex roots of a squarefree polynomial, constant term first, each once.

    >>> [str(r.field) for r in roots(QQ, [-2, 0, 1])]
    ['QQ(θ) with -2 + θ^2 = 0, θ ≈ -1.4142', 'QQ(θ) with -2 + θ^2 = 0, θ ≈ 1.4142']
    >>> K = NumberField([-2, 0, 1], 1)
    >>> [r.value for r in roots(K, [-3 + K.theta * 2, 0, 1])]  # 3 - 2 theta = (1 - theta)^2
    [1 - θ, -1 + θ]
    >>> {r.field.degree for r in roots(K, [-3, 0, 1])}
    {4}
    """
    g = [field(c) for c in coefficients]
    if not isinstance(field, NumberField):
        return [r for f, _ in fmpq_poly(g).factor()[1] for r in _rational(f)]
    ring = PolynomialRing(QQ, ("s", "z"))
    s, z = ring.gens()
    modulus = _horner(field.poly.coeffs(), z)
    for c in count(1):
        shifted = _horner([_horner(x.poly.coeffs(), z) + ring(0) for x in g], s - z * c)
        norm = fmpq_poly(_univariate(modulus.flint.resultant((shifted + ring(0)).flint, "z")))
        if norm.gcd(norm.derivative()).degree() == 0:
            return [r for f, _ in norm.factor()[1] for r in _above(field, g, f, c)]
    raise AssertionError("unreachable")


def _rational(factor: fmpq_poly) -> list[Root]:
    if factor.degree() == 1:
        return [Root(QQ, -factor[0] / factor[1])]
    fields = [NumberField(factor.coeffs(), i) for i in range(factor.degree())]
    return [Root(K, K.theta) for K in fields]


def _above(K: NumberField, g: list[Any], factor: fmpq_poly, c: int) -> list[Root]:
    """The roots x of g for which ``x + c theta`` is a root of the factor."""
    if factor.degree() == K.degree:
        there = _horner(factor.coeffs(), [K.theta * c, K.one], K)
        return [Root(K, _common_root(there, g, K), K.theta)]
    first = NumberField(factor.coeffs(), 0)
    u = first.theta
    moved = _horner([[first(x) for x in a.poly.coeffs()] for a in g], [u, -first.one * c], first)
    theta = _common_root([first(x) for x in K.poly.coeffs()], moved, first)
    out = []
    for index in range(factor.degree()):
        L = NumberField(factor.coeffs(), index)
        image = L(theta.poly.coeffs())
        if _is_same(L, image, K):
            out.append(Root(L, L.theta - image * c, image))
    return out


def _is_same(L: NumberField, image: NumberFieldElement, K: NumberField) -> bool:
    """Whether a root of the polynomial of K in L is the root that K means."""
    conjugates = [NumberField(K.modulus, i) for i in range(K.degree)]
    precision = 64
    while True:
        ball = L.embed(image, precision)
        near = [k.root for k in conjugates if ball.overlaps(k.ball(precision))]
        if len(near) == 1:
            return near[0] == K.root
        precision *= 2


def _univariate(poly: Any) -> list[Any]:
    """The coefficients of a FLINT polynomial in which only the first variable occurs."""
    terms = {e[0]: c for e, c in poly.to_dict().items()}
    return [terms.get(n, 0) for n in range(max(terms, default=0) + 1)]


def _horner(coefficients: Sequence[Any], x: Any, field: Any = None) -> Any:
    """The value of a polynomial, constant term first, at x.

    With a field x is a polynomial over it, a list, and so may be the coefficients.
    """
    if field is None:
        total: Any = 0 * x
        for c in reversed(coefficients):
            total = total * x + c
        return total
    value: list[Any] = []
    for c in reversed(coefficients):
        value = [
            sum((value[i] * x[n - i] for i in range(len(value)) if 0 <= n - i < len(x)), field.zero)
            for n in range(len(value) + len(x) - 1 if value else 0)
        ]
        for n, part in enumerate(c if isinstance(c, list) else [field(c)]):
            value += [field.zero] * (n + 1 - len(value))
            value[n] = value[n] + part
    return value


def _common_root(p: Sequence[Any], q: Sequence[Any], field: NumberField) -> NumberFieldElement:
    """The only common root of two polynomials."""
    common = gcd(p, q)
    assert len(common) == 2, "the norm is squarefree"
    return -common[0] / common[1]  # type: ignore[no-any-return]


def gcd(p: Sequence[Any], q: Sequence[Any]) -> list[Any]:
    """A greatest common divisor of two polynomials over any field, constant term first."""
    left, right = _trimmed(p), _trimmed(q)
    while right:
        while len(left) >= len(right):
            factor = left[-1] / right[-1]
            gap = len(left) - len(right)
            left = _trimmed(
                [x - factor * right[i - gap] if i >= gap else x for i, x in enumerate(left)][:-1]
            )
        left, right = right, left
    return left


def _trimmed(p: Sequence[Any]) -> list[Any]:
    out = list(p)
    while out and out[-1] == 0:
        out.pop()
    return out
