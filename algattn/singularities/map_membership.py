"""Whether a point lies in the image of a map, or in its closure, with a proof either way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.engines import GroebnerBasis, solve
from algattn.engines.division import Division
from algattn.engines.ideal_tasks import Cofactors
from algattn.errors import EngineError, LimitError, UndecidedError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.substitution import substituted
from algattn.maps import PolynomialMap
from algattn.maps.texts import read_all, spell
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    TruthLike,
    about,
    declare,
    register,
)
from algattn.singularities.map_equations import check_whole, known_equations
from algattn.singularities.map_points import ImagePoint
from algattn.singularities.map_preimages import (
    PARAMETER,
    find_preimage,
    generic_slice,
    residues,
)

__all__ = ["MapMembership", "contains"]

#: Operations with terms to check a Groebner basis.
MAX_WORK = 20_000_000
ASKED = "decide whether a point lies in an image"
INSIDE = about("map.contains", "contains")


@register
@dataclass(frozen=True, repr=False)
class MapMembership(TruthLike, Result):
    """Whether a point lies in the image of a map, over an algebraic closure of its field.

    Attributes
    ----------
    value : bool
    closure : bool
        Whether the Zariski closure of the image is meant.
    preimage : tuple or None
        Parameters over the field with this value, where such are found.
    violated : Polynomial or None
        An equation of the image that does not hold at the point, where that is the reason.
    """

    problem: ImagePoint
    value: bool
    closure: bool

    kind: ClassVar[str] = "map.contains"
    title: ClassVar[str] = "Does the point lie in the image?"
    claim_names: ClassVar[tuple[str, ...]] = ("contains",)

    def outline(self) -> tuple[Outline, ...]:
        said = {"closure": self.closure, "contains": self.value}
        return (Outline("contains", f"{self._said} (over an algebraic closure)", said),)

    @property
    def _said(self) -> str:
        where = "the Zariski closure of the image" if self.closure else "the image"
        return f"the point {self.problem} {'lies' if self.value else 'does not lie'} in {where}"

    @property
    def preimage(self) -> tuple[Any, ...] | None:
        for item in self.evidence:
            if isinstance(item, Preimage):
                return item.over_field(self.problem.map)
        return None

    @property
    def violated(self) -> Polynomial | None:
        for item in self.evidence:
            if isinstance(item, Violated):
                return read_all((item.equation,), self.problem.map.target)[0]
        return None

    def sentence(self) -> str:
        words = [e.reason(self.problem) for e in self.evidence if isinstance(e, _Membership)]
        return f"{self._said[0].upper()}{self._said[1:]}{''.join(f': {x}' for x in words[:1])}"

    def card_rows(self) -> Iterator[CardRow]:
        point = self.preimage
        if point is not None:
            pairs = zip(self.problem.map.parameters, point, strict=True)
            yield CardRow("parameters:", ", ".join(f"{x} = {value}" for x, value in pairs))


class _Membership(Evidence, ABC):
    """Shared by the reasons: each proves one answer."""

    inside: ClassVar[bool]
    #: Whether it is about the image, or about its closure, or about both.
    also: ClassVar[tuple[bool, ...]] = (False, True)

    def check(self, problem: ImagePoint, claim: Claim) -> None:
        said = claim.value
        if said["contains"] is not self.inside or said["closure"] not in self.also:
            raise self.fail("it is a reason for another answer")
        self.prove(problem, said["closure"])

    @abstractmethod
    def prove(self, problem: ImagePoint, closure: bool) -> None:
        """Fail unless it proves the answer."""

    @abstractmethod
    def reason(self, problem: ImagePoint) -> str:
        """In words."""


@declare(
    "map.preimage", INSIDE | about("map.local-dimension map.tangent-cone", "member"), Status.PROVED
)
@dataclass(frozen=True)
class Preimage(_Membership):
    """Parameters with this value, polynomials in a root of one polynomial.

    Over a number field the root is its generator.
    """

    modulus: str
    coordinates: tuple[str, ...]

    inside: ClassVar[bool] = True

    @classmethod
    def of(cls, phi: PolynomialMap, point: Sequence[Any]) -> Preimage:
        """Of parameters over the field of the map."""
        ring = PolynomialRing(phi.ring.field, (PARAMETER,))
        if isinstance(phi.field, NumberField):
            polys = [
                ring.from_terms(((k,), c) for k, c in enumerate(x.poly.coeffs())) for x in point
            ]
            return cls(spell([residues(phi.field, ring)])[0], spell(polys))
        return cls(PARAMETER, spell(map(ring, point)))

    def prove(self, problem: ImagePoint, closure: bool) -> None:
        phi = problem.map
        ring = PolynomialRing(phi.ring.field, (PARAMETER,))
        modulus, *point = read_all((self.modulus, *self.coordinates), ring)
        if modulus.degree() < 1 or len(point) != len(phi.parameters):
            raise self.fail("it is no point")
        extended = isinstance(phi.field, NumberField)
        if extended and modulus != residues(phi.field, ring):
            raise self.fail("its root does not generate the field")
        images = [*point, *(ring.gens() if extended else ())]
        targets = problem.numbers(ring)
        for p, q, y in zip(phi.numerators, phi.denominators, targets, strict=True):
            below = q.compose(*images)
            if below.gcd(modulus).degree() != 0:
                raise self.fail("it may be a pole")
            if (p.compose(*images) - below * y).divide(modulus) is None:
                raise self.fail("it has another value")

        if not closure and any(
            f.compose(*images).gcd(modulus).degree() != 0 for f in phi.assume_nonzero
        ):
            raise self.fail("what is assumed not to vanish may vanish there")

    def over_field(self, phi: PolynomialMap) -> tuple[Any, ...] | None:
        """The parameters in the field of the map; None where they lie in a larger one."""
        ring = PolynomialRing(phi.ring.field, (PARAMETER,))
        modulus, *point = read_all((self.modulus, *self.coordinates), ring)
        if isinstance(phi.field, NumberField):
            return tuple(phi.field(_coefficients(x)) for x in point)
        if modulus.degree() != 1:
            return None
        constant, leading = modulus(0), modulus(1) - modulus(0)
        return tuple(x(-constant / leading) for x in point)

    def reason(self, problem: ImagePoint) -> str:
        shown = ", ".join(self.coordinates)
        listed = f"({shown})" if len(shown) < 80 else f"({shown[:76]} ..)"
        listed += " has this value"
        if self.modulus == PARAMETER:
            return listed
        if isinstance(problem.map.field, NumberField):
            return f"{listed}, where {PARAMETER} is the generator of the field"
        return f"{listed}, where {PARAMETER} is a root of {self.modulus}"


def _coefficients(poly: Polynomial) -> list[Any]:
    found = [poly.ring.field(0)] * (max(poly.degree(), 0) + 1)
    for (e,), c in poly.terms():
        found[e] = c
    return found


@declare(
    "map.fiber-points",
    INSIDE | about("map.local-dimension map.tangent-cone", "member"),
    Status.PROVED,
)
@dataclass(frozen=True)
class FiberHasPoints(_Membership):
    """A Groebner basis of an ideal without 1, whose zeros lie in the fiber."""

    basis: tuple[str, ...]

    inside: ClassVar[bool] = True

    def prove(self, problem: ImagePoint, closure: bool) -> None:
        basis = read_all(self.basis, problem.ring)
        if any(not g or g.flint.is_constant() for g in basis):
            raise self.fail("a member is constant")
        if not basis:
            if problem.system:
                raise self.fail("the fiber has equations")
            return
        division = Division(basis, "degrevlex", (1,) * len(problem.ring.names), MAX_WORK)
        if not all(map(division.to_zero, problem.system)):
            raise self.fail("an equation of the fiber does not reduce to zero")
        if division.open_pair():
            raise self.fail("it is no Groebner basis")

    def reason(self, problem: ImagePoint) -> str:
        return "the equations of its fiber do not generate 1"


@declare("map.no-preimage", INSIDE, Status.PROVED)
@dataclass(frozen=True)
class NoPreimage(_Membership):
    """The number 1 as a combination of the equations of the fiber."""

    cofactors: tuple[str, ...]

    inside: ClassVar[bool] = False
    also: ClassVar[tuple[bool, ...]] = (False,)

    def prove(self, problem: ImagePoint, closure: bool) -> None:
        cofactors, system = read_all(self.cofactors, problem.ring), problem.system
        if len(cofactors) != len(system):
            raise self.fail(f"there are {len(cofactors)} cofactors for {len(system)} equations")
        total = sum((c * g for c, g in zip(cofactors, system, strict=True)), problem.ring(0))
        if total != 1:
            raise self.fail("the combination is not 1")

    def reason(self, problem: ImagePoint) -> str:
        return "1 is a combination of the equations of its fiber"


@declare("map.violated", INSIDE, Status.PROVED)
@dataclass(frozen=True)
class Violated(_Membership):
    """An equation that holds on the image and does not hold at the point."""

    equation: str

    inside: ClassVar[bool] = False

    def prove(self, problem: ImagePoint, closure: bool) -> None:
        (g,) = read_all((self.equation,), problem.map.target)
        if substituted(g, problem.map):
            raise self.fail("the equation does not hold on the image")
        if problem.value(g) == 0:
            raise self.fail("the equation holds at the point")

    def reason(self, problem: ImagePoint) -> str:
        text = self.equation if len(self.equation) < 80 else f"{self.equation[:76]} .."
        return f"{text} vanishes on the image and not here"


@declare(
    "map.all-equations",
    INSIDE | about("map.local-dimension map.tangent-cone", "member"),
    Status.PROVED,
)
@dataclass(frozen=True)
class AllEquations(_Membership):
    """Equations that are proved to be all hold at the point."""

    result: ImplicitIdeal

    inside: ClassVar[bool] = True
    also: ClassVar[tuple[bool, ...]] = (True,)

    def prove(self, problem: ImagePoint, closure: bool) -> None:
        check_whole(self, self.result, problem.map)
        if any(problem.value(g) != 0 for g in read_all(self.result.texts, problem.map.target)):
            raise self.fail("an equation does not hold at the point")

    def reason(self, problem: ImagePoint) -> str:
        return "all equations hold there"


@checked
def contains(
    phi: PolynomialMap,
    point: Any,
    closure: bool = False,
    *,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    seed: int = 0,
    progress: bool = False,
) -> MapMembership:
    """Whether a point lies in the image or its closure; see :meth:`algattn.PolynomialMap.contains`.

    Examples
    --------
    >>> hyperbola = PolynomialMap(["x", "x*y"])
    >>> bool(contains(hyperbola, [0, 1])), bool(contains(hyperbola, [0, 1], closure=True))
    (False, True)
    """
    problem = ImagePoint.of(phi, point)
    with Monitor(ASKED, progress=progress, time_limit=time_limit) as monitor:
        reason = _reason(problem, closure, engine, seed, monitor)
    if reason is None:
        what = "no equation is violated there, and the equations found are not proved to be all"
        if not closure:
            what = "no Groebner basis of the fiber is proved"
        raise UndecidedError(ASKED, what, "a larger time_limit, or another engine")
    return MapMembership.assemble(problem, reason.inside, {"contains": [reason]}, closure=closure)


def _reason(
    problem: ImagePoint, closure: bool, engine: str | None, seed: int, monitor: Monitor
) -> _Membership | None:
    """Evidence for one answer."""
    phi = problem.map
    if closure:
        ideal = known_equations(phi, engine, _share(monitor), seed)
        if ideal is not None:
            for text, g in zip(ideal.texts, read_all(ideal.texts, phi.target), strict=True):
                if problem.value(g) != 0:
                    return Violated(text)
            if ideal.complete:
                return AllEquations(ideal)
        monitor.step()
    fiber = _fiber(problem, engine, monitor)
    return None if fiber is None or (closure and not fiber.inside) else fiber


def _share(monitor: Monitor) -> float | None:
    """Half of what is left."""
    return None if monitor.remaining is None else monitor.remaining / 2


def _fiber(problem: ImagePoint, engine: str | None, monitor: Monitor) -> _Membership | None:
    """Evidence from the fiber: a point, a basis without 1, or 1 as a combination."""
    with suppress(EngineError, LimitError):
        found = _in_slice(problem, engine, monitor)
        if found is not None:
            return found
    system = problem.system or (problem.ring(0),)
    basis = solve(GroebnerBasis(system), engine, time_limit=monitor.remaining)
    monitor.step()
    if any(g.flint.is_constant() for g in basis):
        task = Cofactors(system, (problem.ring(1),))
        (row,) = solve(task, engine, time_limit=monitor.remaining)
        return None if row is None else NoPreimage(spell(row))
    return _inside(problem, basis, engine, monitor)


def _in_slice(problem: ImagePoint, engine: str | None, monitor: Monitor) -> _Membership | None:
    """Evidence from a slice of the fiber that is finite for most points; None if it is empty."""
    if not (fixed := generic_slice(problem)):
        return None
    basis = solve(GroebnerBasis((*problem.system, *fixed)), engine, time_limit=_share(monitor))
    monitor.step()
    if any(g.flint.is_constant() for g in basis):
        return None
    return _inside(problem, basis, engine, monitor)


def _inside(
    problem: ImagePoint, basis: Sequence[Polynomial], engine: str | None, monitor: Monitor
) -> _Membership | None:
    """Evidence from a Groebner basis without 1: a point, or the basis."""
    with suppress(EngineError, LimitError):
        found = find_preimage(problem, basis, engine, _share(monitor))
        if found is not None:
            reason = Preimage(*found)
            point = reason.over_field(problem.map)
            return reason if point is None else Preimage.of(problem.map, point)
    listed = FiberHasPoints(spell(problem.ring.from_terms(g.terms()) for g in basis))
    with suppress(LimitError):
        listed.prove(problem, False)
        return listed
    return None
