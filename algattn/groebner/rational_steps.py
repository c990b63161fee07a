"""Coordinates that are rational in others on an image, and the rank that says how many others.

Part of the proof in :mod:`algattn.groebner.chart`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from flint import nmod_mat

from algattn.exact import Polynomial
from algattn.exact.irreducible import irreducible
from algattn.groebner.homogenization import GradedMap
from algattn.maps import PolynomialMap


def cone_rows(model: GradedMap, seed: int, prime: int) -> list[list[int]]:
    """Derivatives of the coordinates of the cone over the image, at a random point modulo a prime.

    Their rank is at most the dimension of the cone.  In characteristic p the coordinates that are
    p-th powers count by their roots, which changes no dimension.

    >>> cone_rows(GradedMap(PolynomialMap(["t^2", "t^3"]), (1, 1)), 0, 10007)[0]
    [1, 0]
    >>> from algattn.exact import GF
    >>> conic = PolynomialMap(["s^2", "s*t", "t^2"], field=GF(2))
    >>> [len(row) for row in cone_rows(GradedMap(conic, (1, 1, 1)), 0, 2)]
    [2, 2, 2]
    """
    phi, degrees = model.problem, model.given
    if (p := phi.field.characteristic) and not phi.rational:
        phi = PolynomialMap([_root(g, p) for g in phi.polynomials], parameters=phi.parameters)
        degrees = (0,) * len(degrees)  # the cone over these roots is another one, of that dimension
    point = phi.random_point(seed, prime)
    values, rows = phi.jet(point, prime)
    if model.homogeneous:
        return rows
    scaled = zip(values, degrees, rows, strict=True)
    return [[1, *(0 for _ in point)], *([x * d % prime, *row] for x, d, row in scaled)]


def _root(poly: Polynomial, p: int) -> Polynomial:
    """The polynomial of which another one over GF(p) is a power with exponent p, p^2, .."""
    while poly.degree() > 0 and not any(x % p for e, _ in poly.terms() for x in e):
        poly = poly.ring.from_terms((tuple(x // p for x in e), c) for e, c in poly.terms())
    return poly


def cone_rank(model: GradedMap, seed: int, prime: int) -> int:
    """The rank of :func:`cone_rows`."""
    return int(nmod_mat(cone_rows(model, seed, prime), prime).rank())


@dataclass(frozen=True)
class Tower:
    """Steps that express all coordinates outside a set: each with its coordinate."""

    free: tuple[int, ...]
    steps: tuple[Polynomial, ...]
    denominators: tuple[Polynomial, ...]

    @classmethod
    def read(
        cls, model: GradedMap, free: Sequence[int], steps: Sequence[Polynomial]
    ) -> Tower | None:
        """The tower of these steps for all coordinates, or None where they are none."""
        n = len(model.degrees)
        known, above = {*free, *range(n, len(model.ring.names))}, False
        below: list[Polynomial] = []
        for g in steps:
            new = variables_of(g) - known
            if len(new) != 1:
                return None
            j = new.pop()
            head = linear_coefficient(g, j)
            if head is not None and not variables_of(head) & set(range(n)):
                if not model.map._normal(head):
                    return None
            elif (
                not above
                and variables_of(g) & set(range(n)) <= {*free, j}
                and irreducible(g, model.problem.field)
            ):
                above = True  # which is no less than a step with a denominator
            elif head is not None:
                below.append(head)
            else:
                return None
            known.add(j)
        whole = len(known) == len(model.ring.names)
        return cls(tuple(free), tuple(steps), tuple(below)) if whole else None

    @property
    def product(self) -> Polynomial | None:
        """A polynomial divisible by exactly the irreducible factors of the denominators."""
        factors: list[Polynomial] = []
        for h in dict.fromkeys(self.denominators):
            factors += [f for f, _ in h.factor()[1] if f not in factors]
        return reduce(lambda a, b: a * b, factors) if factors else None


def variables_of(poly: Polynomial) -> set[int]:
    return {j for j, d in enumerate(poly.flint.degrees()) if d}


def linear_coefficient(poly: Polynomial, j: int) -> Polynomial | None:
    """The coefficient of the j-th variable, where the polynomial is linear in it."""
    terms = [((*e[:j], 0, *e[j + 1 :]), c) for e, c in poly.terms() if e[j]]
    linear = int(poly.flint.degrees()[j]) == 1
    return poly.ring.from_terms(terms) if linear else None
