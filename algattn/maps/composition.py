"""Polynomials after quotients of polynomials, over common denominators."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from algattn.exact import Polynomial

Family = Sequence[Polynomial]


def after_quotients(
    numerators: Family, denominators: Family, k: int
) -> Callable[[Family, Family], tuple[list[Polynomial], list[Polynomial]]]:
    """Substitution of k quotients into numerators and denominators.

    The variables after the first k stand for the last ones of the ring of the quotients.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> (t,) = PolynomialRing(QQ, ("t",)).gens()
    >>> (x,) = PolynomialRing(QQ, ("x",)).gens()
    >>> after_quotients([t.ring(1)], [t], 1)([x**2 + x], [x])
    ([t^2 + t], [t^2])
    """
    ring = numerators[0].ring
    common = prod(dict.fromkeys(denominators), start=ring(1))
    scaled = [p * _others(denominators, q) for p, q in zip(numerators, denominators, strict=True)]

    def spread(poly: Polynomial) -> tuple[Polynomial, int]:
        """A numerator, and the exponent of the common denominator."""
        most = max((sum(e[:k]) for e, _ in poly.terms()), default=0)
        total = ring(0)
        for e, c in poly.terms():
            last = ring.gens()[len(ring.names) - len(e) + k :]
            powers = [x**n for x, n in zip((*scaled, *last), e, strict=True)]
            total = total + prod(powers, start=common ** (most - sum(e[:k])) * c)
        return total, most

    def found(tops: Family, bottoms: Family) -> tuple[list[Polynomial], list[Polynomial]]:
        pairs = [(spread(p), spread(q)) for p, q in zip(tops, bottoms, strict=True)]
        return (
            [a * common**n for (a, _), (_, n) in pairs],
            [b * common**m for (_, m), (b, _) in pairs],
        )

    return found


def _others(denominators: Family, own: Polynomial) -> Polynomial:
    """The product of the different denominators except one."""
    different = dict.fromkeys(denominators)
    return prod((q for q in different if q != own), start=own.ring(1))
