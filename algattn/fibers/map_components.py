"""The fiber through almost all points of a map: its dimension and its components."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.dimension.maps import dimension as dimension_of
from algattn.engines import Dimension, solve
from algattn.errors import CertificateError, FieldError, InputError, LimitError, UndecidedError
from algattn.fibers.finite_symmetries import (
    characters,
    is_monomial,
    symmetry_order,
    torsion,
    torus_rank,
)
from algattn.fibers.point_counts import Count, count
from algattn.fibers.random_fibers import RandomFiber
from algattn.fibers.torus_gauge import torus_gauge
from algattn.fibers.towers import Tower, bounded_by, find_tower
from algattn.maps import PolynomialMap
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    NumberLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)

__all__ = ["MapFiberComponents", "fiber_components"]

#: Random fibers in which components are counted before two counts must have agreed.
TRIES = 4
KINDS = "map.components"


@register
@dataclass(frozen=True, repr=False, eq=False)
class MapFiberComponents(NumberLike, Result):
    """The fiber through almost all points of a map.

    Attributes
    ----------
    value : int
        How many irreducible components it has over an algebraic closure.
    dimension : int
        Of each of them.
    lower, upper : int or None
        Proved bounds; None where none from above is known.
    """

    problem: PolynomialMap
    value: int
    dimension: int
    lower: int
    upper: int | None

    kind: ClassVar[str] = KINDS
    title: ClassVar[str] = "How many components has the fiber through almost any point?"
    claim_names: ClassVar[tuple[str, ...]] = ("dimension", "components", "at-least", "at-most")

    def outline(self) -> tuple[Outline, ...]:
        t, f, low, high = self.value, self.dimension, self.lower, self.upper
        if not 1 <= low <= t or (high is not None and t > high) or f < 0:
            return ()

        def said(name: str, words: str, n: int, *needs: str) -> Outline:
            value = {"components": n, "dimension": f}
            statement = f"almost all fibers, of dimension {f}, have {words}{_many(n)}"
            return Outline(name, statement, value, needs or ("lower", "upper"))

        found = [
            Outline("dimension", f"almost all fibers have dimension {f}", f),
            said("components", "", t),
        ]
        if low == high:
            return tuple(found)
        if low > 1:
            found.append(said("at-least", "at least ", low, "lower"))
        if high is not None:
            found.append(said("at-most", "at most ", high, "upper"))
        return tuple(found)

    @property
    def bounds(self) -> tuple[Any, Any]:
        return self.lower, float("inf") if self.upper is None else self.upper

    def sentence(self) -> str:
        return (
            f"The fiber through almost any point has dimension {self.dimension} and "
            f"{_many(self.value)} over an algebraic closure"
        )

    def card_rows(self) -> Iterator[CardRow]:
        if self.lower != self.upper:
            high = "" if self.upper is None else f", at most {self.upper}"
            yield CardRow("proved:", f"at least {_many(self.lower)}{high}")


def _many(n: int) -> str:
    return f"{n} component{'s' * (n != 1)}"


def _parts(item: Evidence, claim: Claim) -> tuple[int, int]:
    """Components and dimension that a claim is about."""
    t, f = claim.value["components"], claim.value["dimension"]
    if type(t) is not int or type(f) is not int:
        raise item.fail("the claim is not about numbers")
    return t, f


@declare("map.fiber-dimension", about(KINDS, "dimension"))
@dataclass(frozen=True)
class FromMapDimension(Evidence):
    """Parameters minus the dimension of the image, which has its own evidence."""

    result: Result

    @property
    def level(self) -> Status:
        return self.result.status

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        found = self.result
        self.expect(found.kind, "map.dimension", "it is no dimension of an image")
        if found.problem != problem or found.value is None:
            raise self.fail("the dimension is that of another map, or not known")
        found.check()
        self.expect(claim.value, len(problem.parameters) - found.value, "they do not add up")


@declare("map.fiber-dimension-at", about(KINDS, "dimension"), Status.PROBABLE, recomputed=True)
@dataclass(frozen=True)
class DimensionAtRandom(Evidence):
    """The dimension of the fiber through a random point over a finite field, by Groebner basis."""

    seed: int
    prime: int

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        self.expect(claim.value, _dimension_at(problem, self.seed, self.prime), "it is another")


def _dimension_at(phi: PolynomialMap, seed: int, prime: int) -> int:
    fiber = RandomFiber(phi, seed, prime)
    found: int = solve(Dimension(tuple(fiber.equations), ring=fiber.ring))
    return found


@declare("map.counted", about(KINDS, "components"), Status.PROBABLE, recomputed=True)
@dataclass(frozen=True)
class CountedFibers(Evidence):
    """Components counted in fibers through random points modulo primes.

    Attributes
    ----------
    draws : tuple of (seed, prime)
    """

    draws: tuple[tuple[int, int], ...]

    def summary(self) -> str:
        at = ", ".join(f"seed {s} modulo {p}" for s, p in self.draws)
        return f"{super().summary()} ({at})"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        t, f = _parts(self, claim)
        if len(set(self.draws)) < 2:
            raise self.fail("it is one fiber only")
        for seed, prime in self.draws:
            try:
                found = counted(problem, f, seed, prime)
            except (FieldError, InputError, UndecidedError) as error:
                raise self.fail(error.wrong) from error
            if found.components != t:
                raise self.fail(f"a fiber has {found.components} components")


@declare(
    "map.monomial", about(KINDS, "components, at-least, at-most"), Status.PROVED, recomputed=True
)
@dataclass(frozen=True)
class Monomial(Evidence):
    """Fibers of monomial maps are cosets of a diagonal group, whose components are counted."""

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        t, f = _parts(self, claim)
        if not is_monomial(problem):
            raise self.fail("a coordinate has several terms")
        self.expect(f, torus_rank(problem), "the fibers have another dimension")
        order = torsion(characters(problem), problem.field.characteristic)
        self.expect(t, order, f"the group has {order} components")


@declare(
    "map.finite-symmetries",
    about(KINDS, "components, at-least"),
    Status.PROVED,
    sides=frozenset({"lower"}),
    recomputed=True,
)
@dataclass(frozen=True)
class FiniteSymmetries(Evidence):
    """A finite group of symmetries, and a torus with open orbits in the fibers."""

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        t, f = _parts(self, claim)
        self.expect(f, torus_rank(problem), "the torus has no open orbits")
        if (order := symmetry_order(problem)) < t:
            raise self.fail(f"the group has order {order}")


@declare(
    "map.not-empty",
    about(KINDS, "components, at-least"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class NotEmpty(Evidence):
    """There is a component at least."""

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if _parts(self, claim)[0] > 1:
            raise self.fail("more than one component is claimed")


@declare(
    "map.tower",
    about(KINDS, "components, at-most"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class FoundByTower(Evidence):
    """All parameters are found from free ones and the values, by roots and linear systems."""

    tower: Tower
    prime: int
    seed: int

    def summary(self) -> str:
        return f"{super().summary()} ({len(self.tower.free)} free, degree {self.tower.degree})"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        t, f = _parts(self, claim)
        self.expect(len(self.tower.free), f, "the free parameters are not as many as dimensions")
        if self.tower.degree > t:
            raise self.fail(f"the degree is {self.tower.degree}")
        try:
            holds = bounded_by(problem, self.tower, self.prime, self.seed)
        except (FieldError, InputError) as error:
            raise self.fail(error.wrong) from error
        if not holds:
            raise self.fail("a step does not find its parameters")


def counted(
    phi: PolynomialMap,
    dimension: int,
    seed: int,
    prime: int,
    *,
    engine: str | None = None,
    watch: Monitor | None = None,
) -> Count:
    """What is counted in the fiber through a random point, of this dimension."""
    gauge = torus_gauge(phi, whole=True)
    if len(gauge.fixed) < dimension:
        gauge = torus_gauge(phi)
    return count(RandomFiber(phi, seed, prime, gauge), dimension, engine=engine, watch=watch)


def _agreed(
    phi: PolynomialMap, f: int, seed: int, engine: str | None, watch: Monitor
) -> tuple[Count, CountedFibers]:
    """The same count in two random fibers, modulo different primes if there are."""
    primes = phi.primes(2**15 if engine == "macaulay2" else 2**31)
    found: dict[Count, list[tuple[int, int]]] = {}
    why = "the counts differ"
    for attempt in range(TRIES):
        prime = next(primes, phi.field.characteristic)
        try:
            here = counted(phi, f, seed + attempt, prime, engine=engine, watch=watch)
        except (UndecidedError, InputError) as error:
            why = error.wrong
            continue
        draws = found.setdefault(here, [])
        draws.append((seed + attempt, prime))
        if len(draws) == 2:
            return here, CountedFibers(tuple(draws))
    raise UndecidedError("count the components of almost all fibers", why, "another seed")


@checked
def fiber_components(
    phi: PolynomialMap,
    *,
    engine: str | None = None,
    seed: int = 0,
    time_limit: float | None = 60.0,
    progress: bool = False,
) -> MapFiberComponents:
    """See ``PolynomialMap.fiber_components``."""
    asked = "count the components of almost all fibers"
    with Monitor(asked, progress=progress, time_limit=time_limit) as watch:
        dimension, f = _dimension(phi, seed, watch)
        at: dict[str, list[Evidence]] = {"dimension": [dimension]}
        if is_monomial(phi) and f == torus_rank(phi):
            t = torsion(characters(phi), phi.field.characteristic)
            at["components"] = [Monomial()]
            return MapFiberComponents.assemble(phi, t, at, dimension=f, lower=t, upper=t)
        below, above = _bounds(phi, f, seed)
        low = 1
        if isinstance(below, FiniteSymmetries):
            low = symmetry_order(phi)
        high = above.tower.degree if above is not None else None
        if low == high:
            assert above is not None
            at["components"] = [below, above]
            return MapFiberComponents.assemble(phi, low, at, dimension=f, lower=low, upper=high)
        found, evidence = _agreed(phi, f, seed, engine, watch)
    t = found.components
    if t < low or (high is not None and t > high):
        raise UndecidedError(asked, f"{t} components, but {low} to {high} are proved", "a seed")
    at |= {"components": [evidence], "at-least": [below], "at-most": [above] if above else []}
    if t == low:
        at["components"].append(below)
    if t == high and above is not None:
        at["components"].append(above)
    return MapFiberComponents.assemble(phi, t, at, dimension=f, lower=low, upper=high)


def _dimension(phi: PolynomialMap, seed: int, watch: Monitor) -> tuple[Evidence, int]:
    """The dimension of almost all fibers, with evidence."""
    found = dimension_of(phi, seed=seed, time_limit=watch.remaining)
    k = len(phi.parameters)
    if found.value is not None:
        return FromMapDimension(found), k - found.value
    prime = phi.field.characteristic
    f = min((_dimension_at(phi, seed + n, prime), n) for n in range(2))
    return DimensionAtRandom(seed + f[1], prime), f[0]


def _bounds(phi: PolynomialMap, f: int, seed: int) -> tuple[Evidence, FoundByTower | None]:
    """Proved bounds, from below and from above, where they are found quickly."""
    below: Evidence = NotEmpty()
    least, above = 1, None
    with suppress(LimitError):
        if f == torus_rank(phi) and (least := symmetry_order(phi)) > 1:
            below = FiniteSymmetries()
    prime = next(phi.primes())
    with suppress(LimitError, CertificateError):
        tower = find_tower(phi, f, prime, seed, enough=least)
        if tower is not None:
            above = FoundByTower(tower, prime, seed)
    return below, above
