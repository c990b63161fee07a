"""The singular locus and the boundary of the function space of one layer, part by part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

from algattn.attention import Architecture, FunctionMap
from algattn.attention.coordinates import natural_count
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain_layer
from algattn.errors import InputError
from algattn.fibers.layer_invariants import LayerFacts
from algattn.progress import Monitor
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
    register,
)
from algattn.singularities.components import LocusComponent
from algattn.singularities.nearby import near_outside, network_of_full_rank
from algattn.singularities.results import arcs_at
from algattn.singularities.strata import Stratum, in_closure, strata, strata_count
from algattn.singularities.tangents_of_strata import rank_at
from algattn.singularities.theorem import SINGULARITIES

LOCUS = Theorem("locus", SINGULARITIES, *plain_layer)

Which = Literal["singular", "boundary"]

#: Coordinates up to which a representative of each component is examined.
MAX_COUNT = 100

_NAMES: dict[Which, str] = {"singular": "singular locus", "boundary": "boundary"}


@register
@dataclass(frozen=True, repr=False)
class LocusResult(ListLike, Result):
    """The singular locus (over the complex numbers) or the boundary (over the reals).

    ``value`` is its dimension, None when it is empty; ``strata`` names the nodes of
    ``net.strata()`` whose closures are its ``components``.
    """

    kind: ClassVar[str] = "point.locus"
    title: ClassVar[str] = "What is the locus?"
    lists: ClassVar[str] = "components"
    claim_names: ClassVar[tuple[str, ...]] = (
        "components",
        "dimension",
    )

    shown: ClassVar[tuple[str, ...]] = ("components",)

    problem: Problem
    value: int | None
    which: Which
    strata: tuple[str, ...]

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """Version 0.1 stored what follows from the names of the strata as well."""
        detail = dict(parts["detail"])
        listed = detail.get("components")
        if isinstance(listed, list) and all(isinstance(c, dict) for c in listed):
            detail["strata"] = [c.get("name") for c in listed]
        return parts | {"detail": detail}, evidence

    def outline(self) -> tuple[Outline, ...]:
        name = _NAMES[self.which]
        size = "is empty" if self.value is None else f"has dimension {self.value}"
        try:
            said = locus_claims(self.which, self.components)
        except InputError:
            return ()
        if not self.problem.asks() or said["dimension"]["dimension"] != self.value:
            return ()
        return (
            Outline("dimension", f"the {name} {size}", said["dimension"]),
            Outline(
                "components",
                "its components are the closures of those listed",
                said["components"],
            ),
        )

    @cached_property
    def components(self) -> tuple[LocusComponent, ...]:
        """Its components, each with ``polynomials()`` (a parametrization) and ``equations()``."""
        return components_of(self.problem.network, self.which, self.strata)

    @property
    def empty(self) -> bool:
        return self.value is None

    @property
    def dimension(self) -> int | None:
        return self.value

    def sentence(self) -> str:
        name = _NAMES[self.which]
        if self.value is None:
            return f"The {name} is empty"
        n = len(self.strata)
        return f"The {name} has dimension {self.value} and {n} component{'s' * (n != 1)}"

    def card_rows(self) -> Iterator[CardRow]:
        return (CardRow(f"{c.name}, dimension {c.dimension}:", c.form) for c in self.components)


def components_of(
    network: Architecture, which: Which, names: tuple[str, ...]
) -> tuple[LocusComponent, ...]:
    """The closures of the strata with these names."""
    known = {s.name: s for s in strata(network)}
    if not set(names) <= set(known):
        raise InputError(
            "read a locus", f"{names} are not all strata of {network!r}", "use the file as written"
        )
    real = which == "boundary"
    return tuple(LocusComponent.of(known[name], network, real=real) for name in names)


def locus_claims(which: Which, components: tuple[LocusComponent, ...]) -> dict[str, Any]:
    """The values of the claims, by name."""
    dimension = max((c.dimension for c in components), default=None)
    listed = [c.to_data() for c in components]
    return {
        "dimension": {"which": which, "dimension": dimension},
        "components": {"which": which, "components": listed},
    }


@declare(
    "point.locus-lemma",
    about("point.locus", "components, dimension"),
    Status.PROVED,
    recomputed=True,
)
@dataclass(frozen=True)
class LocusLemma(Evidence):
    """Lemmas "singular" and "boundary", stratum by stratum."""

    def check(self, problem: Problem, claim: Claim) -> None:
        which = which_of(claim)
        if which is None:
            raise self.fail("it is neither the singular locus nor the boundary")
        network = problem.under(LOCUS)
        found = components_of(network, which, locus_strata(network, which))
        self.expect(claim.value, locus_claims(which, found)[claim.name], "the strata say otherwise")


@declare(
    "point.locus-points",
    about("point.locus", "components, dimension"),
    Status.PROBABLE,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class LocusPoints(Evidence):
    """One function of each component: exact ranks around it, and proofs that it is in the locus.

    The rank of the parametrization bounds the dimension of the component from below.  Arcs prove
    that the function is singular, functions nearby that it is a boundary point; that it stands for
    the others of its stratum is taken for granted.
    """

    def check(self, problem: Problem, claim: Claim) -> None:
        which, network = which_of(claim), problem.under(LOCUS)
        if which is None:
            raise self.fail("it is neither the singular locus nor the boundary")
        names = locus_strata(network, which)
        for s in strata(network):
            if s.name in names:
                self._check_stratum(network, which, s)
        said = locus_claims(which, components_of(network, which, names))[claim.name]
        self.expect(claim.value, said, "the components are others")

    def _check_stratum(self, network: Architecture, which: Which, s: Stratum) -> None:
        if s.representative is None:
            raise self.fail(f"the stratum {s.name!r} has no representative")
        A, V = s.representative.A[0], s.representative.V[0]
        found = rank_at(s, A, V, network.tokens)
        if found != s.dimension:
            raise self.fail(f"the stratum {s.name!r} has dimension {found}")
        # the form of a component over C may exceed the rank that real weights can have
        function = FunctionMap.of(network_of_full_rank(network), s.representative)
        facts, at = LayerFacts(network, A, V), Problem(network, given_function=function)
        if which == "boundary":
            (near,) = near_outside(facts, function)
            near.check(at, Claim("boundary", "", True, ()))
            return
        arcs = arcs_at(facts)
        if arcs is None:
            raise self.fail(f"no arcs show that {s.name!r} is singular")
        arcs.check(at, Claim("singular", "", "singular", ()))


def which_of(claim: Claim) -> Which | None:
    """Which locus a claim is about."""
    said = claim.value.get("which")
    return said if said in _NAMES else None


def locus_strata(network: Architecture, which: Which) -> tuple[str, ...]:
    """The strata whose closures are the components of the locus."""
    found = [s for s in strata(network) if (s.singular if which == "singular" else s.boundary)]
    below = _complex_below if which == "singular" else in_closure
    if which == "singular":
        # over C a conjugate pair of lines is a pair of lines: keep the name of the real one
        found = [s for s in found if s.representative is not None]
        found.sort(key=lambda s: (-s.dimension, s.name == "a line and a conjugate pair"))
    top: list[Stratum] = []
    for s in found:  # largest dimension first
        if not any(below(s, other) for other in top):
            top.append(s)
    return tuple(s.name for s in top)


def _complex_below(low: Stratum, high: Stratum) -> bool:
    """Whether the complex closure of one stratum contains the other: signatures do not count."""
    if low.family == "zero" or low.name == high.name:
        return True
    if high.family == "zero":
        return False
    if high.signature is None:
        return in_closure(low, high)
    if high.family == "lines":
        order = ["triple line", "double line", "three real lines", "a line and a conjugate pair"]
        rank = {name: min(i, 2) for i, name in enumerate(order)}
        return low.family == "lines" and rank[low.name] <= rank[high.name]
    if low.family == "lines" and low.name not in {"double line", "triple line"}:
        return high.rank_A >= 2
    return low.rank_A <= high.rank_A and low.rank_V <= high.rank_V


def locus(
    network: Architecture, which: Which, *, time_limit: float | None = 60.0, progress: bool = False
) -> LocusResult:
    """The singular locus or the boundary; see ``Lightning.singular_locus`` and ``boundary``."""
    LOCUS.require(network, f"find the {_NAMES[which]}")
    total = strata_count(network)
    asked = f"find the {_NAMES[which]} of {network!r}"
    with Monitor(asked, total=total, progress=progress, time_limit=time_limit) as monitor:
        strata(network, monitor)
    names = locus_strata(network, which)
    value = max((c.dimension for c in components_of(network, which, names)), default=None)
    evidence: list[Evidence] = [LocusLemma()]
    if natural_count(network.d_in, network.d_out, network.tokens) <= MAX_COUNT:
        evidence.append(LocusPoints())
    return LocusResult.assemble(
        Problem(network),
        value,
        {"dimension": evidence, "components": evidence},
        which=which,
        strata=names,
    )
