"""The closure of an image near one of its points: its dimension, and its tangent cone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.dimension.maps import MapDimension, dimension
from algattn.engines import GroebnerBasis, solve
from algattn.engines.division import Division
from algattn.engines.leading import leading_term, minimal_monomials, order_key, sizes
from algattn.errors import HypothesisError, InputError, UndecidedError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.exact.polynomials import new_name
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.substitution import substituted
from algattn.maps import PolynomialMap
from algattn.maps.texts import read_all, spell
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    ListLike,
    NumberLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)
from algattn.singularities.map_equations import check_bounds, check_whole, known_equations
from algattn.singularities.map_membership import MAX_WORK, AllEquations, Preimage, contains
from algattn.singularities.map_points import ImagePoint

NEAR = "look at an image near a point"

__all__ = ["MapLocalDimension", "MapTangentCone", "local_dimension", "tangent_cone"]


# --- dimension ---------------------------------------------------------------------------------


@register
@dataclass(frozen=True, repr=False, eq=False)
class MapLocalDimension(NumberLike, Result):
    """The dimension of the Zariski closure of an image at one of its points.

    The closure is irreducible, so that this is its dimension at every point.

    Attributes
    ----------
    value : int or None
        None where only bounds are proved.
    lower, upper : int
    """

    problem: ImagePoint
    value: int | None
    lower: int
    upper: int

    kind: ClassVar[str] = "map.local-dimension"
    title: ClassVar[str] = "What is the dimension of the closure of the image there?"
    claim_names: ClassVar[tuple[str, ...]] = ("member", "dimension")

    def outline(self) -> tuple[Outline, ...]:
        if self.value != (self.lower if self.lower == self.upper else None):
            return ()
        member = {"closure": True, "contains": True}
        said = f"the closure of the image is irreducible, {self._between}"
        return (
            Outline("member", f"the point {self.problem} lies in the closure", member),
            Outline("dimension", said, [self.lower, self.upper]),
        )

    @property
    def _between(self) -> str:
        if self.lower == self.upper:
            return f"of dimension {self.value}"
        return f"of a dimension from {self.lower} to {self.upper}"

    def sentence(self) -> str:
        return f"At {self.problem} the closure of the image is {self._between}"


@declare("map.global-dimension", about("map.local-dimension", "dimension"), Status.PROVED)
@dataclass(frozen=True)
class GlobalDimension(Evidence):
    """The dimension of the whole closure, which is irreducible."""

    result: MapDimension

    def check(self, problem: ImagePoint, claim: Claim) -> None:
        found = self.result
        check_bounds(self, found, problem.map)
        self.expect(claim.value, [found.lower, found.upper], "it gives other bounds")


@checked
def local_dimension(
    phi: PolynomialMap,
    point: Any = None,
    *,
    at: Any = None,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    seed: int = 0,
    progress: bool = False,
) -> MapLocalDimension:
    """The dimension of the closure of the image at a point; see the question.

    Examples
    --------
    >>> local_dimension(PolynomialMap(["t^2", "t^3"]), at=[0])
    <At (0, 0) the closure of the image is of dimension 1 [PROVED]>
    """
    with Monitor(NEAR, progress=progress, time_limit=time_limit) as monitor:
        problem, member = located(phi, point, at, engine, monitor.remaining, seed)
        monitor.step()
        found = dimension(phi, seed=seed, time_limit=monitor.remaining)
    same = found.lower == found.upper
    return MapLocalDimension.assemble(
        problem,
        found.lower if same else None,
        {"member": [member], "dimension": [GlobalDimension(found)]},
        lower=found.lower,
        upper=found.upper,
    )


def located(
    phi: PolynomialMap,
    point: Any,
    at: Any,
    engine: str | None,
    time_limit: float | None,
    seed: int,
) -> tuple[ImagePoint, Evidence]:
    """A point of the closure, and why it lies there.

    Raises
    ------
    HypothesisError
        Where it lies outside.
    """
    if (point is None) == (at is None):
        raise InputError(NEAR, "there must be one point", "a value, or at= parameters")
    if at is not None:
        values = [phi.field(x) for x in phi.values(at)]
        problem = ImagePoint.of(phi, phi(values))
        return problem, Preimage.of(phi, values)
    found = contains(phi, point, True, engine=engine, time_limit=time_limit, seed=seed)
    if not found:
        raise HypothesisError(NEAR, found.sentence(), "a point of the closure of the image")
    return found.problem, found.evidence[0]


# --- tangent cone ------------------------------------------------------------------------------


@register
@dataclass(frozen=True, repr=False)
class MapTangentCone(ListLike, Result):
    """The tangent cone of the closure of an image at a point: the lowest forms of its equations.

    Attributes
    ----------
    value : int
        The multiplicity of the point: the degree of the cone with its scheme structure.
    dimension : int
        Of the cone, and of the closure.
    texts : tuple of str
        Forms that generate the ideal of the cone, in the coordinates minus those of the point: a
        Groebner basis in deglex order.
    forms : tuple of Polynomial
    is_smooth : bool
        Whether the cone is a linear space of the right dimension, and the point therefore smooth.
    """

    problem: ImagePoint
    value: int
    dimension: int
    texts: tuple[str, ...]

    kind: ClassVar[str] = "map.tangent-cone"
    title: ClassVar[str] = "What is the tangent cone there?"
    lists: ClassVar[str] = "forms"
    claim_names: ClassVar[tuple[str, ...]] = ("member", "cone")
    shown: ClassVar[tuple[str, ...]] = ("is_smooth",)

    def outline(self) -> tuple[Outline, ...]:
        member = {"closure": True, "contains": True}
        cone = {"forms": self.texts, "dimension": self.dimension, "multiplicity": self.value}
        return (
            Outline("member", f"the point {self.problem} lies in the closure", member),
            Outline("cone", "the forms generate the ideal of the tangent cone", cone),
        )

    @property
    def forms(self) -> tuple[Polynomial, ...]:
        return read_all(self.texts, self.problem.map.target)

    @property
    def is_smooth(self) -> bool:
        return all(sum(e) == 1 for g in self.forms for e, _ in g.terms())

    def sentence(self) -> str:
        what = "smooth" if self.is_smooth else f"singular of multiplicity {self.value}"
        n = len(self.texts)
        return (
            f"The point {self.problem} is {what}; its tangent cone is given by "
            f"{n or 'no'} form{'s' * (n != 1)} and has dimension {self.dimension}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        yield from (CardRow("", str(g)) for g in self.forms[:12])

    def formula(self) -> str:
        return rf"\langle {', '.join(g.latex() for g in self.forms[:8])} \rangle"


@declare("map.standard-basis", about("map.tangent-cone", "cone"), Status.PROVED)
@dataclass(frozen=True)
class StandardBasis(Evidence):
    """A Groebner basis of homogenized equations that compares the new variable first.

    Its members without that variable vanish on the image; the equations, moved to the point and
    homogenized, reduce to zero; so its lowest forms generate all lowest forms.
    """

    result: ImplicitIdeal
    basis: tuple[str, ...]

    def check(self, problem: ImagePoint, claim: Claim) -> None:
        phi = problem.map
        if isinstance(phi.field, NumberField):
            raise self.fail("the map is over a number field")
        check_whole(self, self.result, phi)
        frame = Frame(problem)
        basis = read_all(self.basis, frame.ring)
        if any(len({sum(e) for e, _ in g.terms()}) != 1 for g in basis):
            raise self.fail("a member is zero or not homogeneous")
        for g in basis:
            if substituted(frame.back(g), phi):
                raise self.fail("a member does not vanish on the image")
        given = frame.equations(read_all(self.result.texts, phi.target))
        if basis:
            division = Division(basis, "deglex", (1,) * len(frame.ring.names), MAX_WORK)
            if not all(map(division.to_zero, given)):
                raise self.fail("an equation does not reduce to zero")
            if division.open_pair():
                raise self.fail("it is no Groebner basis")
        elif given:
            raise self.fail("there are equations")
        self.expect(claim.value, frame.cone(basis), "the tangent cone is another one")


class Frame:
    """Polynomials moved to a point and homogenized by a first variable, and back."""

    def __init__(self, problem: ImagePoint) -> None:
        self.target, self.point = problem.map.target, problem.point
        first = new_name("h", self.target.names)
        self.ring = PolynomialRing(self.target.field, (first, *self.target.names), "deglex")

    def equations(self, polys: Sequence[Polynomial]) -> list[Polynomial]:
        """Equations as homogeneous polynomials in the coordinates minus those of the point."""
        moved = [x + y for x, y in zip(self.target.gens(), self.point, strict=True)]
        found = []
        for g in (g.compose(*moved) for g in polys):
            terms = list(g.terms())
            degree = max(sum(e) for e, _ in terms)
            found.append(self.ring.from_terms(((degree - sum(e), *e), c) for e, c in terms))
        return found

    def back(self, poly: Polynomial) -> Polynomial:
        """A member of the basis as a polynomial in the coordinates."""
        plain = self.target.from_terms((e[1:], c) for e, c in poly.terms())
        return plain.compose(*(x - y for x, y in zip(self.target.gens(), self.point, strict=True)))

    def cone(self, basis: Sequence[Polynomial]) -> dict[str, Any]:
        """What a basis says about the tangent cone."""
        key = order_key("deglex", (1,) * len(self.ring.names))
        forms: dict[tuple[int, ...], Polynomial] = {}
        for g in basis:
            head = leading_term(g, key)[0]
            lowest = [(e[1:], c) for e, c in g.terms() if e[0] == head[0]]
            forms.setdefault(head[1:], self.target.from_terms(lowest))
        heads = minimal_monomials(forms)
        n = len(self.target.names)
        size, degree = sizes(heads, n)
        kept = sorted(heads, key=lambda e: (sum(e), e))
        texts = spell(forms[e] for e in kept)
        return {"forms": list(texts), "dimension": size, "multiplicity": degree}


@checked
def tangent_cone(
    phi: PolynomialMap,
    point: Any = None,
    *,
    at: Any = None,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    seed: int = 0,
    progress: bool = False,
) -> MapTangentCone:
    """The tangent cone of the closure of the image at a point; see the question.

    Examples
    --------
    >>> tangent_cone(PolynomialMap(["t^2", "t^3"]), at=[0], engine="builtin").forms
    (y_2^2,)
    """
    asked = "find a tangent cone"
    if isinstance(phi.field, NumberField):
        raise HypothesisError(asked, f"the map is over {phi.field}", "a map over QQ or GF(p)")
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        problem, member = located(phi, point, at, engine, monitor.remaining, seed)
        ideal = (
            member.result
            if isinstance(member, AllEquations)
            else known_equations(phi, engine, monitor.remaining, seed)
        )
        if ideal is None or not ideal.complete:
            wrong = "the equations found are not proved to be all"
            raise UndecidedError(asked, wrong, "a larger time_limit, or another engine", ideal)
        frame = Frame(problem)
        given = frame.equations(read_all(ideal.texts, phi.target))
        basis: tuple[str, ...] = ()
        if given:
            task = GroebnerBasis(tuple(given), order="deglex", ring=frame.ring)
            basis = spell(
                frame.ring.from_terms(g.terms())
                for g in solve(task, engine, time_limit=monitor.remaining)
            )
    said = frame.cone(read_all(basis, frame.ring))
    return MapTangentCone.assemble(
        problem,
        said["multiplicity"],
        {"member": [member], "cone": [StandardBasis(ideal, basis)]},
        dimension=said["dimension"],
        texts=tuple(said["forms"]),
    )
