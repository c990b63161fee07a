"""What shows how many components almost all fibers of a map have."""

from __future__ import annotations

from dataclasses import dataclass

from algattn.engines import Dimension, solve
from algattn.errors import FieldError, HypothesisError, InputError, UndecidedError
from algattn.fibers.etale_points import EtalePoints, count_points
from algattn.fibers.finite_symmetries import (
    component_group,
    is_monomial,
    symmetry_order,
    torus_rank,
)
from algattn.fibers.inverse import check_inverse
from algattn.fibers.point_counts import Count, count
from algattn.fibers.random_fibers import RandomFiber
from algattn.fibers.torus_gauge import torus_gauge
from algattn.fibers.towers import Tower, bounded_by
from algattn.maps import PolynomialMap
from algattn.progress import Monitor
from algattn.results import Claim, Evidence, Result, Status, about, declare

KINDS = "map.components"
#: Fibers modulo smaller primes say nothing about those in characteristic zero (x^2 modulo 2).
SMALL = 2**14


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


def parts_of(item: Evidence, claim: Claim) -> tuple[int, int]:
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
        if not problem.field.characteristic:
            raise self.fail("in characteristic zero a rank says more")
        if problem.field.characteristic not in (0, self.prime):
            raise self.fail(f"the field is {problem.field}")
        self.expect(claim.value, dimension_at(problem, self.seed, self.prime), "it is another")


def dimension_at(phi: PolynomialMap, seed: int, prime: int) -> int:
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
        t, f = parts_of(self, claim)
        if len(set(self.draws)) < 2:
            raise self.fail("it is one fiber only")
        primes = {p for _, p in self.draws}
        if not problem.field.characteristic and (len(primes) < 2 or min(primes) < SMALL):
            raise self.fail("the primes are too small, or one only: it may be a special one")
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
        t, f = parts_of(self, claim)
        if not is_monomial(problem):
            raise self.fail("a coordinate has several terms")
        self.expect(f, torus_rank(problem), "the fibers have another dimension")
        order = component_group(problem)
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
        t, f = parts_of(self, claim)
        self.expect(f, torus_rank(problem), "the torus has no open orbits")
        if (order := symmetry_order(problem)) < t:
            raise self.fail(f"the group has order {order}")


@declare(
    "map.etale-points",
    about(KINDS, "components, at-least"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class CountedEtalePoints(Evidence):
    """Distinct points of one exact fiber, each etale, over a smooth point of the image."""

    points: EtalePoints

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        t, f = parts_of(self, claim)
        gauge = torus_gauge(problem, whole=True)
        self.expect(f, len(gauge.fixed), "the torus has no open orbits")
        try:
            found = count_points(problem, gauge, self.points)
        except (FieldError, InputError, HypothesisError) as error:
            raise self.fail(error.wrong) from error
        if found < t * gauge.index - gauge.index + 1:
            raise self.fail(f"{found} points were shown")


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
        if parts_of(self, claim)[0] > 1:
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
        t, f = parts_of(self, claim)
        self.expect(len(self.tower.free), f, "the free parameters are not as many as dimensions")
        if self.tower.degree > t:
            raise self.fail(f"the degree is {self.tower.degree}")
        try:
            holds = bounded_by(problem, self.tower, self.prime, self.seed)
        except (FieldError, InputError) as error:
            raise self.fail(error.wrong) from error
        if not holds:
            raise self.fail("a step does not find its parameters")


@declare(
    "map.inverse-formulas",
    about(KINDS, "components, at-most"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class InverseFormulas(Evidence):
    """Every parameter is a quotient of polynomials in the coordinates, by substitution."""

    formulas: tuple[str, ...]

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        _, f = parts_of(self, claim)
        self.expect(f, 0, "almost all fibers are infinite")
        if not check_inverse(problem, (), self.formulas):
            raise self.fail("a formula does not hold")
