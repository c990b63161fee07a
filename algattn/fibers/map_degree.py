"""The degree of a map onto its image, where almost all fibers are finite, or orbits of a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from algattn.arguments import checked
from algattn.dimension.map_bounds import symmetry_bound
from algattn.errors import (
    DisagreementError,
    FieldError,
    HypothesisError,
    InputError,
    LimitError,
    UndecidedError,
)
from algattn.fibers.component_evidence import counted
from algattn.fibers.finite_symmetries import torus_rank
from algattn.fibers.map_components import fiber_components
from algattn.maps import PolynomialMap
from algattn.progress import Monitor
from algattn.results import (
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
from algattn.words import one_of

__all__ = ["MapDegree", "degree"]

ASKED = "find the degree of a map"
MODULO = ("torus", "symmetries")


@register
@dataclass(frozen=True, repr=False, eq=False)
class MapDegree(NumberLike, Result):
    """The degree of a map onto its image.

    Attributes
    ----------
    value : int
        The degree of the extension of function fields; with `modulo`, of the invariant functions.
    separable : int
        How many points (orbits) almost all fibers have; less than the degree in characteristic p
        only.
    dimension : int
        Of almost all fibers.
    modulo : str or None
        The connected group that is divided out.
    """

    problem: PolynomialMap
    value: int
    separable: int
    dimension: int
    modulo: str | None

    kind: ClassVar[str] = "map.degree"
    title: ClassVar[str] = "What is the degree of the map?"
    claim_names: ClassVar[tuple[str, ...]] = ("orbits", "separable", "degree")

    def outline(self) -> tuple[Outline, ...]:
        t, s, f, group = self.value, self.separable, self.dimension, self.modulo
        if not 1 <= s <= t or t % s or f < 0 or (group is None and f > 0):
            return ()
        if group is not None and group not in MODULO:
            return ()
        if s != t and not self.problem.field.characteristic:
            return ()
        said = f"the {group} have open orbits in" if group else "there are finitely many points in"
        found = [
            Outline("orbits", f"{said} almost all fibers", {"dimension": f, "group": group}),
            Outline("separable", f"the separable degree is {s}", {"components": s, "dimension": f}),
        ]
        if self.problem.field.characteristic:
            value = {"degree": t, "dimension": f}
            found.append(Outline("degree", f"the degree is {t}", value))
        return tuple(found)

    def sentence(self) -> str:
        apart = "" if self.separable == self.value else f" (separable degree {self.separable})"
        group = f" modulo the {self.modulo}" if self.modulo else ""
        return f"The map has degree {self.value}{apart} onto its image{group}"


@declare("map.separable-degree", about("map.degree", "separable"))
@dataclass(frozen=True)
class FromComponents(Evidence):
    """The components of almost all fibers, which have their own evidence."""

    result: Result

    @property
    def level(self) -> Status:
        return self.result.status

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        found = self.result
        self.expect(found.kind, "map.components", "it is no number of components")
        if found.problem != problem:
            raise self.fail("the components are those of another map")
        found.check()
        value = {"components": found.value, "dimension": found.claim("dimension").value}
        self.expect(claim.value, value, "the numbers are others")


@declare("map.open-orbits", about("map.degree", "orbits"), Status.PROVED)
@dataclass(frozen=True)
class OpenOrbits(Evidence):
    """The group of symmetries has the dimension of almost all fibers.

    With no group: that dimension is zero, which belongs to the claim "separable".
    """

    seed: int
    prime: int

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        f, group = claim.value["dimension"], claim.value["group"]
        try:
            found = _group_dimension(problem, group, self.seed, self.prime)
        except (FieldError, InputError, DisagreementError, LimitError) as error:
            raise self.fail(error.wrong) from error
        if found != f:
            raise self.fail(f"the group has orbits of dimension {found}, the fibers {f}")


def _group_dimension(phi: PolynomialMap, group: str | None, seed: int, prime: int) -> int:
    """The dimension of almost all orbits (a lower bound, exact where the fibers have it)."""
    if group is None:
        return 0
    if group == "torus":
        return torus_rank(phi)
    return len(phi.parameters) - symmetry_bound(phi, seed, prime)


@declare("map.counted-degree", about("map.degree", "degree"), Status.PROBABLE, recomputed=True)
@dataclass(frozen=True)
class CountedDegree(Evidence):
    """Points of a random fiber, with multiplicities."""

    seed: int
    prime: int

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        try:
            found = counted(problem, claim.value["dimension"], self.seed, self.prime)
        except (FieldError, InputError, UndecidedError) as error:
            raise self.fail(error.wrong) from error
        self.expect(claim.value["degree"], found.components * found.multiplicity, "it is another")


@checked
def degree(
    phi: PolynomialMap,
    modulo: str | None = None,
    *,
    engine: str | None = None,
    seed: int = 0,
    time_limit: float | None = 60.0,
    progress: bool = False,
) -> MapDegree:
    """See ``PolynomialMap.degree``."""
    group = None if modulo is None else one_of(modulo, MODULO, ASKED, "modulo")
    with Monitor(ASKED, progress=progress, time_limit=time_limit) as watch:
        found = fiber_components(
            phi, engine=engine, seed=seed, time_limit=watch.remaining, progress=progress
        )
        f, prime = found.dimension, next(phi.primes())
        orbits = _group_dimension(phi, group, seed, prime)
        if orbits != f:
            wrong = f"almost all fibers have dimension {f}"
            if group is not None:
                wrong += f", the orbits of the {group} {orbits}"
            hint = "fiber_components() counts components, degree('torus') orbits of the torus"
            raise HypothesisError(ASKED, wrong, hint)
        evidence: dict[str, list[Evidence]] = {
            "orbits": [OpenOrbits(seed, prime)],
            "separable": [FromComponents(found)],
        }
        value = found.value
        if phi.field.characteristic:
            here = counted(phi, f, seed, prime, engine=engine, watch=watch)
            value = here.components * here.multiplicity
            evidence["degree"] = [CountedDegree(seed, prime)]
    parts = {"separable": found.value, "dimension": f, "modulo": group}
    return MapDegree.assemble(phi, value, evidence, **parts)
