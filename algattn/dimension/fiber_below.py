"""A dimension from below by the dimension of one fiber, in every characteristic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb

from flint import nmod_mat

from algattn.engines.leading import monomial_dimension, order_key
from algattn.errors import LimitError
from algattn.exact.modular import echelon
from algattn.maps import PolynomialMap
from algattn.progress import tick
from algattn.results import Claim, Evidence, Status, about, declare

__all__ = ["FiberBelow", "fiber_bound"]

#: Monomials, and multiples of equations, in the largest matrix.
MAX_SIDE = 1200


def fiber_bound(phi: PolynomialMap, seed: int, degree: int) -> int:
    """Parameters minus a bound on the dimension of the fiber through a random point.

    The fiber lies in the zeros of the multiples, up to a degree, of its equations; their leading
    monomials bound its dimension.  Of a map over a prime field, without denominators.

    Raises
    ------
    LimitError
        When there are too many multiples.

    Examples
    --------
    >>> from algattn.exact import GF
    >>> fiber_bound(PolynomialMap(["x^5", "x^5*y+y^5"], field=GF(5)), 0, 10)
    2
    """
    prime, k = phi.field.characteristic, len(phi.parameters)
    point = phi.random_point(seed, prime)
    here = zip(phi.polynomials, phi(point), strict=True)
    equations = [g for p, c in here if (g := p - c)]
    if comb(k + degree, k) > MAX_SIDE:
        wrong = f"there are {comb(k + degree, k)} monomials of degree {degree}"
        raise LimitError("bound the dimension of a fiber", wrong, "a smaller degree")
    key = order_key("degrevlex", (1,) * k)
    monomials = sorted(_monomials(k, degree), key=key, reverse=True)
    place = {e: n for n, e in enumerate(monomials)}
    rows = []
    for g in equations:
        terms = list(g.terms())
        for shift in _monomials(k, degree - g.degree()):
            row = [0] * len(monomials)
            for e, c in terms:
                row[place[tuple(a + b for a, b in zip(e, shift, strict=True))]] = int(c)
            rows.append(row)
    if not rows:
        return 0
    if len(rows) > 4 * MAX_SIDE:
        raise LimitError("bound the dimension of a fiber", f"{len(rows)} rows", "a smaller degree")
    _, pivots = echelon(nmod_mat(rows, prime))
    return k - monomial_dimension([monomials[j] for j in pivots], k)


def _monomials(k: int, degree: int) -> Iterator[tuple[int, ...]]:
    """Exponents of degree at most `degree`, none below zero."""
    for d in range(degree + 1):
        for chosen in combinations_with_replacement(range(k), d):
            yield tuple(chosen.count(j) for j in range(k))


def search(phi: PolynomialMap, seed: int, lower: int, upper: int) -> tuple[int, FiberBelow | None]:
    """The best bound between `lower` and `upper`, and its evidence when it is above `lower`."""
    best: FiberBelow | None = None
    if phi.rational:
        return lower, None
    degrees = sorted(d for p in phi.polynomials if (d := p.degree()) > 0)
    # k forms with only the zero in common generate all forms of this degree (Macaulay)
    most = sum(d - 1 for d in degrees[-len(phi.parameters) :]) + 1
    for degree in range(degrees[0] if degrees else 1, most + 1):
        if lower >= upper:
            break
        tick()
        try:
            found = fiber_bound(phi, seed, degree)
        except LimitError:
            break
        if found > lower:
            lower, best = found, FiberBelow(seed, degree)
    return lower, best


@declare(
    "map.fiber-below",
    about("map.dimension", "dimension, lower"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class FiberBelow(Evidence):
    """Parameters minus the dimension of a fiber, by leading monomials of its equations."""

    seed: int
    degree: int

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if not problem.field.characteristic or problem.rational:
            raise self.fail("the map is not a polynomial one over a prime field")
        if self.degree < 0:
            raise self.fail(f"the degree is {self.degree}")
        found = fiber_bound(problem, self.seed, self.degree)
        if found < self.number(claim):
            raise self.fail(f"parameters minus a fiber is {found}, below {claim.value}")
