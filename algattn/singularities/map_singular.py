"""The singular points of the closure of an image, by the Jacobian criterion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.dimension.maps import MapDimension, dimension
from algattn.engines import Dimension, solve
from algattn.engines.leading import monomial_dimension
from algattn.errors import HypothesisError, UndecidedError
from algattn.exact import NumberField
from algattn.groebner.certificates import Basis
from algattn.groebner.decomposition_evidence import inside_ideal
from algattn.groebner.implicit_result import ImplicitIdeal
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
    about,
    declare,
    register,
)
from algattn.singularities.jacobian_criterion import SingularIdeal, same_map, with_minors
from algattn.singularities.map_equations import check_bounds, known_equations

__all__ = ["MapSingularLocus", "singular_locus"]


@register
@dataclass(frozen=True, repr=False)
class MapSingularLocus(Result):
    """Where the closure of an image is singular.

    Attributes
    ----------
    value : int
        The dimension of the zeros of the generators over an algebraic closure, -1 when there are
        none: that of the singular locus when `complete`, else an upper bound.
    texts : tuple of str
        Equations of the image, and the minors of their differentials of the size of the
        codimension.
    codimension : int
    complete : bool
        Whether their zeros are exactly the singular points: then the equations are proved to be
        all, and the dimension of the image is proved.  Else all other points are smooth.
    ideal : SingularIdeal
        With ``.minimal_primes()``, ``.radical()`` and so on.
    """

    problem: PolynomialMap
    value: int
    texts: tuple[str, ...]
    codimension: int
    complete: bool

    kind: ClassVar[str] = "map.singular-locus"
    title: ClassVar[str] = "Where is the closure of the image singular?"
    claim_names: ClassVar[tuple[str, ...]] = ("criterion", "dimension")
    shown: ClassVar[tuple[str, ...]] = ("smooth",)

    def outline(self) -> tuple[Outline, ...]:
        said = {"generators": self.texts, "codimension": self.codimension}
        words = "the zeros of the generators are the singular points of the closure"
        if not self.complete:
            words = "every singular point of the closure is a zero of the generators"
        size = {"generators": self.texts, "dimension": self.value}
        return (
            Outline("criterion", words, said | {"complete": self.complete}),
            Outline("dimension", f"the zeros have dimension {self.value}", size),
        )

    @property
    def smooth(self) -> bool | None:
        """Whether the closure is smooth; None where singular points are possible."""
        if self.value < 0:
            return True
        return False if self.complete else None

    @cached_property
    def ideal(self) -> SingularIdeal:
        """The ideal of the generators, for further questions."""
        ring = self.problem.target
        polys = read_all(self.texts, ring)
        status = self.claim("criterion").status
        return SingularIdeal(ring, polys, self.codimension, self.complete, status)

    def sentence(self) -> str:
        if self.smooth:
            return "The closure of the image is smooth"
        if self.complete:
            return f"The singular points of the closure of the image have dimension {self.value}"
        return (
            f"The closure of the image is smooth outside of the zeros of {len(self.texts)} "
            f"polynomials, of dimension {self.value}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        yield from (CardRow("", text) for text in self.texts[:8])
        if (more := len(self.texts) - 8) > 0:
            yield CardRow("", f"and {more} more")


@declare("map.jacobian-criterion", about("map.singular-locus", "criterion"), Status.PROVED)
@dataclass(frozen=True)
class JacobianCriterion(Evidence):
    """Equations of the image, and the minors of the size of the codimension (recomputed)."""

    result: ImplicitIdeal
    dimension: MapDimension

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if isinstance(problem.field, NumberField):
            raise self.fail("the map is over a number field")
        if not same_map(self.result.problem, problem):
            raise self.fail("it is about another map")
        self.result.check()
        check_bounds(self, self.dimension, problem)
        if self.result.claim("vanish").status is not Status.PROVED:
            raise self.fail("the equations are not proved")
        self.expect(claim.value, said(self.result, self.dimension), "the generators are others")


def said(ideal: ImplicitIdeal, size: MapDimension) -> dict[str, Any]:
    """What the criterion gives for equations and proved bounds of the dimension.

    Minors are taken for the lower bound: where larger minors vanish, points are kept.
    """
    ring = ideal.problem.target
    codimension = len(ring.names) - size.lower
    polys = read_all(ideal.texts, ring)
    return {
        "generators": list(spell(with_minors(polys, ring, codimension))),
        "codimension": codimension,
        "complete": ideal.complete and size.lower == size.upper,
    }


@declare("map.zeros", about("map.singular-locus", "dimension"), Status.PROVED)
@dataclass(frozen=True)
class ZerosDimension(Evidence):
    """Leading monomials of a Groebner basis of the generators.

    Its members are combinations of the generators, by ranks or by cofactors.
    """

    basis: tuple[str, ...]
    cofactors: tuple[tuple[str, ...], ...]

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        ring = problem.target
        generators = read_all(claim.value["generators"], ring)
        basis = Basis(ring, read_all(self.basis, ring))
        if not basis.reduces(generators) or not basis.closed:
            raise self.fail("it is no Groebner basis, or a generator is missing")
        if not inside_ideal(generators, basis, self.cofactors):
            raise self.fail("a member is no combination of the generators")
        found = monomial_dimension(basis.heads, len(ring.names))
        self.expect(claim.value["dimension"], found, f"the dimension is {found}")


@declare(
    "map.zeros-reported",
    about("map.singular-locus", "dimension"),
    Status.PROBABLE,
    recomputed=True,
)
@dataclass(frozen=True)
class ZerosReported(Evidence):
    """The dimension as another system gives it, asked again."""

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        generators = read_all(claim.value["generators"], problem.target)
        found = solve(Dimension(generators or (problem.target(0),)))
        self.expect(claim.value["dimension"], found, f"the dimension is {found}")


@checked
def singular_locus(
    phi: PolynomialMap,
    *,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    seed: int = 0,
    progress: bool = False,
) -> MapSingularLocus:
    """Where the closure of the image is singular; see the question.

    Examples
    --------
    >>> singular_locus(PolynomialMap(["t^2", "t^3"]), engine="builtin")
    <The singular points of the closure of the image have dimension 0 [PROVED]>
    """
    asked = "find the singular points of an image"
    if isinstance(phi.field, NumberField):
        raise HypothesisError(asked, f"the map is over {phi.field}", "a map over QQ or GF(p)")
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        half = None if monitor.remaining is None else monitor.remaining / 2
        equations = known_equations(phi, engine, half, seed)
        if equations is None:
            raise UndecidedError(asked, "no equations are found in time", "a larger time_limit")
        size = dimension(phi, seed=seed, time_limit=monitor.remaining)
        found = said(equations, size)
        codimension, complete = found["codimension"], found["complete"]
        texts, ring = tuple(found["generators"]), phi.target
        ideal = SingularIdeal(ring, read_all(texts, ring), codimension, complete, Status.PROVED)
        basis, checked_basis, cofactors = ideal._verified(engine, monitor.remaining)
    reason: Evidence = ZerosReported()
    if checked_basis.check.complete:
        reason = ZerosDimension(spell(basis.polys), cofactors)
    return MapSingularLocus.assemble(
        phi,
        monomial_dimension(basis.heads, len(ring.names)),
        {"criterion": [JacobianCriterion(equations, size)], "dimension": [reason]},
        texts=texts,
        codimension=codimension,
        complete=complete,
    )
