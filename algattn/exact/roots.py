"""Square roots in the fields of this package: rationals, prime fields and simple number fields."""

from __future__ import annotations

from typing import Any

from flint import fmpq, fmpz

from algattn.errors import FieldError
from algattn.exact.fields import QQ, Field, PrimeField
from algattn.exact.number_fields import NumberField, NumberFieldElement
from algattn.exact.polynomials import Polynomial, PolynomialRing


def square_root(field: Field, x: Any) -> Any | None:
    """A square root of x in its field, or None when there is none there.

    In degree two, ``(u + w theta)^2 = x_0 + x_1 theta`` is solved by two rational square roots;
    in higher degree by factoring the norm of ``s^2 - x``, over QQ.
    """
    if isinstance(field, PrimeField):
        if field.p == 2:
            raise FieldError("take a square root", "the characteristic is 2", "use an odd prime")
        root = root_modulo(int(x), field.p)
        return None if root is None else field(root)
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


def root_modulo(x: int, p: int) -> int | None:
    """A square root of x modulo an odd prime p of any size, or None.

    >>> root_modulo(2, 7), root_modulo(3, 7)
    (3, None)
    """
    residue = fmpz(x % p)
    return None if residue.jacobi(p) == -1 else int(residue.sqrtmod(p))


def _rational_root(y: fmpq) -> fmpq | None:
    """The rational square root, or None."""
    if y < 0 or not (y.p.is_square() and y.q.is_square()):
        return None
    return fmpq(y.p.isqrt(), y.q.isqrt())


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
