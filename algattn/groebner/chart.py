"""A proof that equations are all equations: a chart in which coordinates are rational in others.

Let homogeneous equations B hold on the image, and let some of them, the *steps*, express every
coordinate outside a set S rationally by those before it; one step may be an irreducible equation
for its coordinate over S instead.  If the image has at least the dimension |S| and the
denominators of the steps are no zero divisors modulo B, then B generates all equations
(``algattn/docs/equations.md``, lemma *chart*).  A linear space, a hypersurface and the zero ideal
are cases without denominators.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from algattn.engines.division import Division
from algattn.errors import FieldError, InputError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.exact.polynomials import new_name
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.implicit_evidence import check_degrees
from algattn.groebner.rational_steps import (
    Tower,
    cone_rank,
    variables_of,
)
from algattn.groebner.substitution import substituted
from algattn.maps import PolynomialMap
from algattn.maps.gradings import degree_in
from algattn.maps.texts import read_all
from algattn.results import Claim, Evidence, Status, about, declare

#: Operations with terms, and polynomials in a basis, up to which a proof is tried.
PROOF_WORK = 4_000_000
VERIFY_WORK = 10 * PROOF_WORK
MAX_BASIS = 600
#: The name of the denominators' product where that is no coordinate.
PRODUCT = "u"


@declare("implicit.chart", about("implicit.ideal", "complete"), Status.PROVED)
@dataclass(frozen=True)
class Chart(Evidence):
    """A chart where the equations express coordinates by others, without zero divisors outside.

    The steps and the basis are in the coordinates (with h in front where the map is not
    homogeneous); the basis also in a last variable that stands for the product of denominators,
    unless that is a coordinate, which is then the last one of the order.
    """

    prime: int
    seed: int
    free: tuple[str, ...]
    steps: tuple[str, ...]
    basis: tuple[str, ...]

    def summary(self) -> str:
        n = len(self.steps)
        rational = f"{n} coordinate{'s' * (n != 1)} expressed by {len(self.free)} others"
        return rational + (f", {len(self.basis)} S-pairs" if self.basis else "")

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        value = claim.value
        self.expect(value["engine"], None, "another system is named in the claim")
        model = GradedMap(problem, check_degrees(self, problem, value["degrees"]))
        listed = [model.lift(g) for g in read_all(value["generators"], problem.target)]
        if not set(self.free) <= set(model.ring.names) or len(set(self.free)) != len(self.free):
            raise self.fail("these are no coordinates")
        free = [model.ring.names.index(x) for x in self.free]
        tower = Tower.read(model, free, read_all(self.steps, model.ring))
        if tower is None:
            raise self.fail("the steps do not express each coordinate once")
        try:
            rank = cone_rank(model, self.seed, self.prime)
        except (FieldError, InputError) as error:
            raise self.fail(error.wrong) from error
        if rank < len(free):
            raise self.fail(f"the rank is {rank}, below the {len(free)} free coordinates")
        if tower.product is None:
            if self.basis or not set(tower.steps) <= set(listed):
                raise self.fail("a step is none of the equations, or there is a basis in vain")
            return
        if isinstance(problem.field, NumberField):
            raise self.fail("there are denominators over a number field")
        if not all(substituted(h, model.map) for h in tower.denominators):
            raise self.fail("a denominator vanishes on the image")
        room, basis = self.room(problem, model.given)
        if (found := room.wrong(basis, listed, tower.steps, VERIFY_WORK)) is not None:
            raise self.fail(found)
        if not generated(basis, room.equations(listed), room.weights, VERIFY_WORK):
            raise self.fail("the equations are not seen to generate the basis")

    def room(
        self, problem: PolynomialMap, degrees: Sequence[int]
    ) -> tuple[Room, tuple[Polynomial, ...]]:
        """The ring of the basis, and the basis."""
        model = GradedMap(problem, degrees)
        free = [model.ring.names.index(x) for x in self.free]
        tower = Tower.read(model, free, read_all(self.steps, model.ring))
        if tower is None or tower.product is None:
            raise self.fail("there are no denominators")
        room = Room(model, tower.product)
        return room, read_all(self.basis, room.ring)


class Room:
    """The ring of the basis: the coordinates, and what stands for the product of denominators."""

    def __init__(self, model: GradedMap, product: Polynomial) -> None:
        names, degrees = model.ring.names, model.degrees
        self.model = model
        support = variables_of(product)
        extra = () if len(support) == 1 else (new_name(PRODUCT, names),)
        last = -1 if extra else support.pop()
        places = [j for j in range(len(names)) if j != last] + ([last] if not extra else [])
        self._places = places
        self.product = product
        self.ring = PolynomialRing(model.ring.field, (*(names[j] for j in places), *extra))
        weights = {_weight(e, degrees) for e, _ in product.terms()}
        self.homogeneous, top = len(weights) == 1, max(weights)
        self.weights = (*(degrees[j] for j in places), *(top for _ in extra))
        self._extra = len(extra)

    def enter(self, poly: Polynomial) -> Polynomial:
        """A polynomial in the coordinates as one of this ring."""
        more = (0,) * self._extra
        return self.ring.from_terms(
            ((*(e[j] for j in self._places), *more), c) for e, c in poly.terms()
        )

    def leave(self, poly: Polynomial) -> Polynomial:
        """The polynomial in the coordinates, the product put in for its variable."""
        images = [self.model.ring.gens()[j] for j in self._places]
        return poly.compose(*images, *([self.product] * self._extra))

    def equations(self, listed: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        """The equations, with what the last variable stands for."""
        new = [self.ring.gens()[-1] - self.enter(self.product)] * self._extra
        return (*map(self.enter, listed), *new)

    def heads(self, basis: Sequence[Polynomial]) -> list[tuple[int, ...]]:
        """The leading monomials."""
        division = Division(basis, "degrevlex", self.weights, 0)
        return [division.exponents(h) for h in division.heads]

    def wrong(
        self,
        basis: Sequence[Polynomial],
        listed: Sequence[Polynomial],
        steps: Sequence[Polynomial],
        work: int,
    ) -> str | None:
        """The reason why a basis does not show what the lemma needs, or None."""
        if not self.homogeneous:
            return "the denominators are not homogeneous"
        if (
            not basis
            or not all(basis)
            or any(substituted(self.leave(g), self.model.map) for g in basis)
        ):
            return "a polynomial of the basis is zero or does not vanish on the image"
        weights = self.weights
        if any(len({_weight(e, weights) for e, _ in g.terms()}) > 1 for g in basis):
            return "a polynomial of the basis is not homogeneous"
        division = Division(basis, "degrevlex", weights, work)
        if any(division.exponents(h)[-1] for h in division.heads):
            return "a denominator may be a zero divisor"
        if not all(map(division.to_zero, self.equations([*listed, *steps]))):
            return "an equation does not reduce to zero"
        return "an S-pair does not reduce to zero" if division.open_pair() else None


def _weight(exponents: Sequence[int], weights: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(exponents, weights, strict=True))


def _monic(poly: Polynomial) -> Polynomial:
    lead: Any = next(c for _, c in poly.terms())
    monic: Polynomial = poly * (1 / lead)
    return monic


def generated(
    basis: Sequence[Polynomial], listed: Sequence[Polynomial], weights: Sequence[int], work: int
) -> bool:
    """Whether homogeneous polynomials are seen to generate a Groebner basis, degree by degree.

    The members of one degree that are not listed have to be combinations of remainders of S-pairs
    of that degree, modulo the members of lower degree and those listed.

    >>> from algattn.exact import QQ
    >>> x, y, z = PolynomialRing(QQ, ("x", "y", "z")).gens()
    >>> listed = [x * x - y * z, x * y - z * z]
    >>> new = y * y * z - x * z * z
    >>> generated([*listed, new], listed, (1, 1, 1), 1000), generated([x], [x * x], (1,) * 3, 10)
    (True, False)
    """
    known = {_monic(g) for g in listed if g}
    order: Any = ("degrevlex", tuple(weights), work)
    old = [(degree_in(g, weights), g) for g in basis if _monic(g) in known]
    new = [(degree_in(g, weights), g) for g in basis if _monic(g) not in known]
    for degree in sorted({d for d, _ in new}):
        wanted = Division([g for d, g in new if d == degree], *order).heads
        rows = [g for d, g in old if d <= degree] + [g for d, g in new if d < degree]
        division = Division(rows, *order)
        given: Iterator[Any] = (g for g in listed if degree_in(g, weights) == degree)
        found = map(division.remainder, chain(given, _pairs(division, degree, weights)))
        if not _full_rank(found, wanted):
            return False
    return True


def _pairs(division: Division, degree: int, weights: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The pairs with an S-pair of this degree, without those that reduce to zero anyhow."""
    heads = [division.exponents(h) for h in division.heads]
    for j, b in enumerate(heads):
        for i, a in enumerate(heads[:j]):
            coprime = not any(x and y for x, y in zip(a, b, strict=True))
            if not coprime and _weight(tuple(map(max, a, b)), weights) == degree:
                yield i, j


def _full_rank(rows: Iterable[Mapping[int, Any]], columns: Sequence[int]) -> bool:
    """Whether sparse rows have rank in some columns; no more rows are made than needed."""
    echelon: dict[int, dict[int, Any]] = {}
    for found in rows:
        row = {m: found[m] for m in columns if m in found}
        for pivot, other in echelon.items():
            if c := row.get(pivot):
                for m, x in other.items():
                    row[m] = row.get(m, 0) - c * x
        row = {m: x for m, x in row.items() if x != 0}
        if row:
            pivot, lead = next(iter(row.items()))
            echelon[pivot] = {m: x / lead for m, x in row.items()}
            if len(echelon) == len(columns):
                return True
    return False
