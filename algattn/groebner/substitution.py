"""Substitution of a map into polynomials of its coordinates, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from algattn.exact import Polynomial, PolynomialRing
from algattn.maps import PolynomialMap


class Products:
    """The images of monomials, each made once: for equations that have many in common.

    Parameters
    ----------
    phi : PolynomialMap
        Of polynomials, not over a number field.
    monomials : sequence of tuples of int
        Indices of coordinates.

    Examples
    --------
    >>> found = Products(PolynomialMap(["t^2", "t^3", "t^4"]), [(0, 0), (2,), (1, 1)])
    >>> found.vanish({0: 2, 1: -2}), found.vanish({0: 1, 2: -1})
    (True, False)
    """

    def __init__(self, phi: PolynomialMap, monomials: Sequence[tuple[int, ...]]) -> None:
        self._phi, self._monomials = phi, monomials
        self._images: dict[int, Any] = {}

    def vanish(self, row: Mapping[int, int]) -> bool:
        """Whether a combination of the monomials, by their places, vanishes on the image."""
        total = self._phi.ring(0).flint
        for i, c in row.items():
            if i not in self._images:
                image = self._phi.ring(1).flint
                for j in self._monomials[i]:
                    image = image * self._phi.numerators[j].flint
                self._images[i] = image
            total = total + self._images[i] * c
        return bool(total == 0)


def substituted(poly: Polynomial, phi: PolynomialMap) -> Polynomial:
    """The numerator of the value: zero if and only if the polynomial vanishes on the image.

    The denominator is a product of powers of those of the map.  Over a number field the result is
    reduced modulo the minimal polynomial of the generator, the last variable.

    Examples
    --------
    >>> circle = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"], coordinates=("x", "y"))
    >>> x, y = circle.target.gens()
    >>> substituted(x**2 + y**2 - 1, circle), substituted(x, circle)
    (0, -t^2 + 1)
    """
    n = len(phi.coordinates)
    generator = phi.ring.gens()[len(phi.parameters) :]  # that of a number field
    if not phi.rational:
        return phi._normal(poly.compose(*phi.numerators, *generator))
    below = {q: i for i, q in enumerate(dict.fromkeys(phi.denominators))}
    group = [below[q] for q in phi.denominators]
    ring = PolynomialRing(
        poly.ring.field,
        (
            *(f"y_{j + 1}" for j in range(n)),
            *(f"q_{i + 1}" for i in range(len(below))),
            *("theta" for _ in generator),
        ),
    )
    listed = []
    for e, c in poly.terms():
        used = [0] * len(below)
        for i, x in zip(group, e[:n], strict=True):
            used[i] += x
        listed.append((e, used, c))
    most = [max(column) for column in zip(*(used for _, used, _ in listed), strict=True)]
    cleared = ring.from_terms(
        ((*e[:n], *(m - u for m, u in zip(most, used, strict=True)), *e[n:]), c)
        for e, used, c in listed
    )
    return phi._normal(cleared.compose(*phi.numerators, *below, *generator))
