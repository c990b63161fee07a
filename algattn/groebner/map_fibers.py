"""The fiber of a map through a point as an ideal, decomposed by a computer algebra system."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import permutations
from math import prod
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.engines import (
    Component,
    GroebnerBasis,
    MinimalPrimes,
    PrimaryDecomposition,
    choose,
    explain,
    solve,
)
from algattn.engines.leading import (
    normal_form,
    order_key,
)
from algattn.errors import InputError, LimitError
from algattn.exact import Field, NumberField, Polynomial, PolynomialRing
from algattn.groebner.certificates import Basis
from algattn.groebner.ideal_questions import IdealSizes
from algattn.groebner.ideals import Ideal, IdealMethods
from algattn.groebner.naming import names_engine
from algattn.groebner.systems import System, minimal_polynomial, plain
from algattn.maps import PolynomialMap
from algattn.maps.texts import read_all, spell
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    ListLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    decode,
    register,
)


@dataclass(frozen=True)
class MapPoint:
    """A map with a point of its parameters: the problem of a fiber."""

    map: PolynomialMap
    point: tuple[Any, ...]

    def to_data(self) -> dict[str, Any]:
        """Map and point as JSON data."""
        return {"map": self.map.to_data(), "point": list(map(self.map.field.format, self.point))}

    @classmethod
    def from_data(cls, data: Any) -> MapPoint:
        """The inverse of :meth:`to_data`."""
        if not isinstance(data, Mapping) or set(data) != {"map", "point"}:
            raise InputError("read a point of a map", "its parts are others", "map and point")
        phi = PolynomialMap.from_data(data["map"])
        return cls(phi, tuple(phi.values([phi.field(x) for x in data["point"]])))

    def equations(self) -> tuple[PolynomialRing, list[Polynomial]]:
        """The ring of the parameters, and the equations of the fiber of a polynomial map."""
        here = zip(self.map.polynomials, self.map(self.point), strict=True)
        return self.map.ring, list(dict.fromkeys(g for p, c in here if (g := p - c)))

    def system(self) -> System:
        """The equations ``p - c q`` of the fiber; poles, and other excluded points, are away."""
        phi, field = self.map, self.map.field
        theta = phi.ring.gens()[-1]
        found: list[Polynomial] = []
        for p, q, value in zip(phi.numerators, phi.denominators, phi(self.point), strict=True):
            c = phi.ring(0)
            if isinstance(field, NumberField):
                for k, x in enumerate(field(value).poly.coeffs()):
                    c = c + theta**k * x
            else:
                c = phi.ring(value)
            found.append(phi._normal(p - c * q))
        excluded = dict.fromkeys([*phi.base_locus(), *phi.assume_nonzero])
        away = prod(excluded, start=phi.ring(1)) if excluded else None
        over = field if isinstance(field, NumberField) else None
        equations = [*dict.fromkeys(g for g in found if g), *minimal_polynomial(phi.ring, over)]
        return System(
            plain(phi.ring), tuple(_plainly(equations)), away and _plainly([away])[0], over
        )


def _plainly(polys: Sequence[Polynomial]) -> list[Polynomial]:
    return [plain(g.ring).from_terms(g.terms()) for g in polys]


@checked
@dataclass(frozen=True)
class MapFiberIdeal(IdealMethods, IdealSizes):
    """The ideal of all parameters at which a map has the same value as at a point.

    Attributes
    ----------
    problem : MapPoint
    ring : PolynomialRing
        In the parameters.
    generators : tuple of Polynomial
        What says that the coordinates are equal.

    Examples
    --------
    >>> fiber(PolynomialMap(["a*b", "b*c"]), [1, 2, 3])
    <ideal of a fiber: 2 generators in 3 variables>
    """

    problem: Any
    ring: PolynomialRing
    generators: tuple[Polynomial, ...]

    def __repr__(self) -> str:
        n = len(self.generators)
        return (
            f"<ideal of a fiber{self._where}: {n} generator{'s' * (n != 1)} in "
            f"{len(self.ring.names)} variables>"
        )

    @property
    def _where(self) -> str:
        return ""

    @property
    def _over(self) -> Field | None:
        field = self.problem.map.field if isinstance(self.problem, MapPoint) else None
        return field if isinstance(field, NumberField) else None

    def _generators(self) -> tuple[Polynomial, ...]:
        return self.generators or (self.ring(0),)

    def primary(
        self, *, engine: str | None = None, time_limit: float | None = 60.0
    ) -> tuple[Component, ...]:
        """The primary decomposition, embedded components included, as the engine gives it."""
        task = PrimaryDecomposition(self._generators())
        found: tuple[Component, ...] = solve(task, engine, time_limit=time_limit)
        return found

    def decompose(
        self,
        *,
        absolute: bool | None = None,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> MapFiber:
        """The irreducible components of the fiber over QQ.

        Parameters
        ----------
        absolute : bool, optional
            Count complex components too (Singular only); unless given, where it is possible.

        Returns
        -------
        MapFiber, or FiberDecomposition for a network
            PROBABLE: that every component lies in the fiber is proved by division, that there are
            no more is the word of the engine.  :meth:`minimal_primes` proves more.

        Raises
        ------
        HypothesisError
            For rational maps and over number fields.
        """
        if isinstance(self.problem, MapPoint):
            _ = self.problem.map.polynomials  # an error for rational maps and number fields
        task = MinimalPrimes(self._generators(), absolute=absolute is not False)
        if absolute is None:
            able = explain(task)
            if able.chosen is None or (engine is not None and engine.lower() != able.chosen):
                task = MinimalPrimes(self._generators())
        chosen = choose(task, engine)
        parts: tuple[Component, ...] = solve(task, chosen.name, time_limit=time_limit)
        components = tuple(
            FiberComponent(c.dimension, c.degree, c.conjugates, spell(c.prime)) for c in parts
        )
        return self._result(components, chosen.name, chosen.version())

    def _result(self, components: tuple[FiberComponent, ...], name: str, version: str) -> MapFiber:
        return MapFiber.assemble(
            self.problem,
            max((c.dimension for c in components), default=-1),
            {"inside": [InsideFiber()], "complete": [ReportedFiber(name, version)]},
            components=components,
            engine=f"{name} {version}",
        )


def fiber(phi: PolynomialMap, point: Any) -> MapFiberIdeal:
    """The ideal of the fiber of a map through a point.

    Parameters
    ----------
    phi : PolynomialMap
        A rational one is asked for points outside of its base locus, by a saturation.
    point : sequence, or mapping from blocks to values
        In the parameters, over the field of the map.

    Raises
    ------
    HypothesisError
        At a pole.
    """
    problem = map_point(phi, point)
    system = problem.system()
    if system.away is None and system.field is None:
        ring, equations = problem.equations()
        return MapFiberIdeal(problem, ring, tuple(equations))
    ideal = Ideal(system.equations, ring=system.ring, field=system.field)
    if system.away is not None:
        ideal = ideal.saturation(system.away)
    return MapFiberIdeal(problem, system.ring, ideal.generators)


def map_point(phi: PolynomialMap, point: Any) -> MapPoint:
    """A map with a point, its numbers in the field of the map."""
    values = tuple(map(phi.field, phi.values(point)))
    phi(values)  # an error at a pole
    return MapPoint(phi, values)


@dataclass(frozen=True)
class FiberComponent:
    """A component over QQ: its prime in texts, and how many components it has over C, if known."""

    dimension: int
    degree: int
    conjugates: int | None
    prime: tuple[str, ...]


@register
@dataclass(frozen=True, repr=False)
class MapFiber(ListLike, Result):
    """The components of a fiber, found by a computer algebra system.

    Attributes
    ----------
    value : int
        The dimension of the fiber (-1: it has no points).
    components : tuple of FiberComponent
    engine : str
    component_dimensions : list of int
        Sorted; each component counts as often as it has conjugates over C, where that is known.
    """

    problem: MapPoint
    value: int
    components: tuple[FiberComponent, ...]
    engine: str

    kind: ClassVar[str] = "map.fiber"
    title: ClassVar[str] = "Which parameters have this value, by Groebner basis?"
    lists: ClassVar[str] = "components"
    claim_names: ClassVar[tuple[str, ...]] = ("inside", "complete")

    def outline(self) -> tuple[Outline, ...]:
        parts, said = self.components, self._said
        if self.value != max((c.dimension for c in parts), default=-1):
            return ()
        if not names_engine(self.engine):
            return ()
        return (
            Outline(
                "inside",
                "every component lies in the fiber",
                said | {"primes": [c.prime for c in parts]},
            ),
            Outline(
                "complete",
                f"the fiber has {len(parts)} irreducible components over {self._field}, of "
                f"dimension {self.value}",
                said | {"components": parts, "engine": self.engine},
            ),
        )

    @property
    def _said(self) -> dict[str, Any]:
        """What the claims say besides."""
        return {}

    @property
    def component_dimensions(self) -> list[int]:
        return sorted(c.dimension for c in self.components for _ in range(c.conjugates or 1))

    @property
    def _where(self) -> str:
        return ""

    @property
    def _field(self) -> str:
        return str(self.problem.map.field)

    def sentence(self) -> str:
        n = len(self.components)
        return (
            f"The fiber{self._where} has dimension {self.value} and {n} "
            f"component{'s' * (n != 1)} over {self._field} (decomposed by {self.engine})"
        )

    def card_rows(self) -> Iterator[CardRow]:
        for n, c in enumerate(self.components, 1):
            more = f", {c.conjugates} over C" if c.conjugates else ""
            yield CardRow(f"component {n}:", f"dimension {c.dimension}, degree {c.degree}{more}")


@declare("map.fiber-inside", about("map.fiber", "inside"), Status.PROVED)
@dataclass(frozen=True)
class InsideFiber(Evidence):
    """Every equation of the fiber is divided by each prime without remainder."""

    def equations(self, problem: Any, claim: Claim) -> tuple[PolynomialRing, list[Polynomial]]:
        """The ring and the equations of the fiber."""
        found: tuple[PolynomialRing, list[Polynomial]] = problem.equations()
        return found

    def check(self, problem: Any, claim: Claim) -> None:
        ring, equations = self.equations(problem, claim)
        key = order_key("degrevlex", (1,) * len(ring.names))
        for texts in claim.value["primes"]:
            prime = read_all(texts, ring)
            if any(normal_form(g, prime, key) for g in equations):
                raise self.fail("an equation does not vanish on a component")


@declare("map.fiber-reported", about("map.fiber", "complete"), Status.PROBABLE, recomputed=True)
@dataclass(frozen=True)
class ReportedFiber(InsideFiber):
    """Another system decomposed the ideal, asked again.

    That the components have the dimensions and degrees that it says, and that none contains
    another, is checked besides.
    """

    engine: str
    version: str

    def summary(self) -> str:
        return f"decomposed by {self.engine} {self.version}"

    def check(self, problem: Any, claim: Claim) -> None:
        said = f"{self.engine} {self.version}"
        self.expect(claim.value["engine"], said, "another engine is named in the claim")
        ring, equations = self.equations(problem, claim)
        parts = [decode(FiberComponent, c) for c in claim.value["components"]]
        if not parts:
            raise self.fail("the point itself lies in the fiber")
        primes = [read_all(c.prime, ring) for c in parts]
        for c, prime in zip(parts, primes, strict=True):
            if c.conjugates is not None and (c.conjugates < 1 or c.degree % c.conjugates):
                raise self.fail("conjugate components have equal degrees")
            if (found := _size(prime)) not in (None, (c.dimension, c.degree)):
                raise self.fail(f"dimension and degree of a component are {found}")
        if any(_contains(p, q) for p, q in permutations(primes, 2)):
            raise self.fail("a component lies in another")
        self.compare(problem, claim, parts, equations or [ring(0)])

    def compare(
        self,
        problem: Any,
        claim: Claim,
        parts: Sequence[FiberComponent],
        equations: Sequence[Polynomial],
    ) -> None:
        """A second decomposition has the same components."""
        absolute = any(c.conjugates is not None for c in parts)
        found = solve(MinimalPrimes(tuple(equations), absolute=absolute), time_limit=60.0)
        again = [FiberComponent(c.dimension, c.degree, c.conjugates, spell(c.prime)) for c in found]
        ring = equations[0].ring
        if sorted(map(_facts, again)) != sorted(map(_facts, parts)) or any(
            not any(_equal(read_all(c.prime, ring), read_all(other.prime, ring)) for other in again)
            for c in parts
        ):
            raise self.fail("it has other components")


def _facts(c: FiberComponent) -> tuple[int, int, int]:
    return c.dimension, c.degree, c.conjugates or 0


def _equal(left: Sequence[Polynomial], right: Sequence[Polynomial]) -> bool:
    """Whether two lists generate one ideal, by their reduced Groebner bases."""
    first, second = (
        {str(g * (1 / next(c for _, c in g.terms()))) for g in solve(GroebnerBasis(tuple(polys)))}
        for polys in (left, right)
    )
    return first == second


def _closed(polys: Sequence[Polynomial]) -> Basis | None:
    """A Groebner basis; None for another list, or where that takes too long to tell."""
    with suppress(LimitError):
        basis = Basis(polys[0].ring, tuple(polys)) if polys else None
        return basis if basis and basis.closed else None
    return None


def _size(prime: Sequence[Polynomial]) -> tuple[int, int] | None:
    """Dimension and degree of a zero set, where the polynomials are seen to be a Groebner basis."""
    basis = _closed(prime)
    return None if basis is None else basis.size


def _contains(prime: Sequence[Polynomial], other: Sequence[Polynomial]) -> bool:
    """Whether the zero set of one prime is seen to contain that of another."""
    with suppress(LimitError):
        basis = _closed(other)
        return basis is not None and basis.reduces(prime)
    return False
