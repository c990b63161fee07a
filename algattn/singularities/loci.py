"""The singular locus and the boundary of the function space of one layer, part by part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.networks import Architecture, Weights
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult
from algattn.singularities.components import LocusComponent
from algattn.singularities.strata import Stratum, in_closure, strata

#: What a general function of a stratum looks like; x is the quadratic argument, y the linear one.
_FORMS = {
    "k, v independent": "h (v.x) (k.x) (q.y), any h, v, k, q",
    "k, v parallel": "h (k.x)^2 (q.y), any h, k, q",
    "three real lines": "h (k.x) (q.x) (v.x), any h, k, q, v",
    "a line and a conjugate pair": "h ((k.x)^2 + (u.x)^2) (v.x), any h, k, u, v",
    "double line": "h (k.x)^2 (v.x), any h, k, v",
    "triple line": "h (k.x)^3, any h, k",
    "zero": "0",
}


@register
@dataclass(frozen=True, repr=False)
class LocusResult(LegacyResult):
    """The singular locus (over the complex numbers) or the boundary (over the reals).

    ``value`` is its dimension, None when it is empty.
    """

    kind: ClassVar[str] = "point.locus"
    title: ClassVar[str] = "Locus"
    claim_names: ClassVar[tuple[str, ...]] = (
        "components",
        "dimension",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        name = _NAMES[detail["which"]]
        size = "is empty" if value is None else f"has dimension {value}"
        return (
            Outline(
                "dimension", f"the {name} {size}", {"which": detail["which"], "dimension": value}
            ),
            Outline("components", "its components are the closures of those listed", detail),
        )

    @property
    def components(self) -> tuple[LocusComponent, ...]:
        """Its components, each with ``polynomials()`` (a parametrization) and ``equations()``."""
        network = Problem.of(self.problem).network
        return tuple(
            LocusComponent(
                c["name"],
                c["dimension"],
                c["form"],
                c["representative"] and Weights.from_data(thaw(c["representative"])),
                network,
            )
            for c in self.detail["components"]
        )

    @property
    def empty(self) -> bool:
        return self.value is None

    @property
    def dimension(self) -> int | None:
        found: int | None = self.value
        return found

    def sentence(self) -> str:
        name = _NAMES[self.detail["which"]]
        if self.value is None:
            return f"The {name} is empty"
        n = len(self.components)
        return f"The {name} has dimension {self.value} and {n} component{'s' * (n != 1)}"

    def lines(self) -> list[str]:
        return [f"{c.name}, dimension {c.dimension}: {c.form}" for c in self.components]


_NAMES = {"singular": "singular locus", "boundary": "boundary"}


@register
@dataclass(frozen=True)
class LocusLemma(Evidence):
    """Lemmas "singular" and "boundary", stratum by stratum."""

    kind: ClassVar[str] = "point.locus-lemma"
    supports = about("point.locus", "components, dimension")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        which = claim.value.get("which")
        if which not in _NAMES:
            raise self.fail("it is neither the singular locus nor the boundary")
        value, detail = locus_value(Problem.of(problem).network, which)
        expected = {"which": which, "dimension": value} if claim.name == "dimension" else detail
        self.expect(claim.value, expected, "the strata say otherwise")


def locus_value(network: Architecture, which: str) -> tuple[int | None, dict[str, Any]]:
    """Dimension and components of the locus, as JSON data."""
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
    parts = [
        {
            "name": s.name,
            "dimension": s.dimension,
            "form": _form(s, network.tokens),
            "representative": None if s.representative is None else s.representative.to_data(),
        }
        for s in top
    ]
    value = max((s.dimension for s in top), default=None)
    return value, {"which": which, "components": parts}


def _form(s: Stratum, tokens: int) -> str:
    if s.name in _FORMS:
        return _FORMS[s.name]
    if s.name == "nonzero":
        return "all functions but zero"
    if tokens == 1:
        return f"S(x) V x, rank S = {s.rank_A}, rank V = {s.rank_V}"
    return f"(V x) (x^T A y), rank A = {s.rank_A}, rank V = {s.rank_V}"


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


def locus(network: Architecture, which: str) -> LocusResult:
    """The singular locus or the boundary; see ``Lightning.singular_locus`` and ``boundary``."""
    value, detail = locus_value(network, which)
    evidence: list[Evidence] = [LocusLemma()]
    return LocusResult.assemble(
        Problem.data(network), value, {"dimension": evidence, "components": evidence}, detail=detail
    )
