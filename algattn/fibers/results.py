"""The result of asking for a fiber, and the evidence behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.fibers.facts import LayerFacts
from algattn.fibers.one_layer import fiber_value
from algattn.networks import Architecture, FunctionMap, Weights
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult


@dataclass(frozen=True)
class FiberComponent:
    """An irreducible component (over the complex numbers) of a fiber.

    ``real_dimension`` is None when it has no real points; ``reduced`` tells whether the fiber of
    the parametrization, as a scheme, is reduced at a general point (None: not decided);
    ``witness`` are weights on it, possibly over a quadratic number field (None: not constructed).
    """

    name: str
    family: str
    dimension: int
    real_dimension: int | None
    reduced: bool | None
    witness: Weights | None

    @property
    def is_real(self) -> bool:
        return self.real_dimension is not None


@register
@dataclass(frozen=True, repr=False)
class FiberResult(LegacyResult):
    """All weights that give the same function as the given ones.

    Attributes
    ----------
    components : tuple of FiberComponent
        Irreducible components over the complex numbers.
    dimension : int
        Of the complex fiber; ``real_dimension`` is that of its real points.
    connected_components : int
        Of the real points.
    reduced : bool or None
        Whether the scheme fiber is reduced at a general point of every component.
    """

    kind: ClassVar[str] = "fiber.one-layer"
    title: ClassVar[str] = "Fiber"
    claim_names: ClassVar[tuple[str, ...]] = (
        "members",
        "complete",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        where = "(A, V)" if detail["params"] == "AV" else "(K, Q, V)"
        return (
            Outline("members", "each listed witness gives the same function", _witnesses(detail)),
            Outline(
                "complete",
                f"the fiber in {where} has dimension {value}; its components are those listed",
                {"dimension": value, "detail": detail},
            ),
        )

    @property
    def components(self) -> tuple[FiberComponent, ...]:
        return tuple(
            FiberComponent(
                c["name"],
                c["family"],
                c["dimension"],
                c["real_dimension"],
                c["reduced"],
                None if c["witness"] is None else Weights.from_data(thaw(c["witness"])),
            )
            for c in self.detail["components"]
        )

    @property
    def params(self) -> str:
        return str(self.detail["params"])

    @property
    def case(self) -> str:
        return str(self.detail["case"])

    @property
    def dimension(self) -> int:
        return int(self.value)

    @property
    def real_dimension(self) -> int:
        return int(self.detail["real_dimension"])

    @property
    def complex_components(self) -> int:
        return int(self.detail["complex_components"])

    @property
    def real_components(self) -> int:
        """How many of the components have real points."""
        return int(self.detail["real_components"])

    @property
    def connected_components(self) -> int:
        return int(self.detail["connected_components"])

    @property
    def reduced(self) -> bool | None:
        flag: bool | None = self.detail["reduced"]
        return flag

    def sentence(self) -> str:
        v = self.detail
        where = "(A, V)" if v["params"] == "AV" else "(K, Q, V)"
        n, c = v["complex_components"], v["connected_components"]
        scheme = {True: "reduced", False: "not reduced", None: "reducedness not decided"}
        return (
            f"The fiber in {where} has dimension {self.value}, "
            f"{n} component{'s' * (n != 1)} over C, {c} connected piece{'s' * (c != 1)} over R; "
            f"case: {v['case']}; {scheme[v['reduced']]}"
        )

    def lines(self) -> list[str]:
        out = []
        for i, c in enumerate(self.components):
            real = "" if c.is_real else ", no real points"
            out.append(f"component {i + 1}: {c.name}, dimension {c.dimension}{real}: {c.family}")
            if c.witness is not None:
                out.append(f"  e.g. {c.witness!r}")
        return out


def _witnesses(detail: Mapping[str, Any]) -> list[Any]:
    return [c["witness"] for c in detail["components"] if c["witness"] is not None]


@register
@dataclass(frozen=True)
class SameFunction(Evidence):
    """The weights of the claim give the same function, coefficient by coefficient."""

    kind: ClassVar[str] = "fiber.same-function"
    supports = about("fiber.one-layer membership.one-layer", "members")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        network, wanted = p.network, p.function()
        if claim.name != "members":
            raise self.fail("it can only prove that listed weights have the function")
        for data in claim.value:
            weights = Weights.from_data(thaw(data))
            found = FunctionMap.of(network, weights)
            if set(found.coefficients) != set(wanted.coefficients) or any(
                found[label] != weights.field(c) for label, c in wanted.coefficients.items()
            ):
                raise self.fail("a witness gives another function")


@register
@dataclass(frozen=True)
class FiberLemma(Evidence):
    """Lemma "fiber" of the documentation, its hypotheses decided by exact ranks."""

    kind: ClassVar[str] = "fiber.lemma"
    supports = about("fiber.one-layer", "complete")
    strength: ClassVar[Status] = Status.PROVED

    rank_A: int
    rank_S: int
    rank_V: int

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        facts = LayerFacts.of(p.network, p.weights, "check a fiber")
        ranks = [facts.rank_A, facts.rank_S, facts.rank_V]
        said = [self.rank_A, self.rank_S, self.rank_V]
        self.expect(said, ranks, "the ranks are not those of the weights")
        again = fiber_value(facts, claim.value["detail"]["params"])
        dimension = again.pop("dimension")
        found = {"dimension": dimension, "detail": again}
        self.expect(claim.value, found, "the components are not those of the lemma")


def fiber(network: Architecture, weights: Weights, params: str | None = None) -> FiberResult:
    """The fiber through the given weights; see ``Lightning.fiber``."""
    if network.layers > 1:
        from algattn.fibers.deep import deep_fiber

        return deep_fiber(network, weights, params)
    facts = LayerFacts.of(network, weights, "describe the fiber")
    value = fiber_value(facts, params or weights.form)
    dimension = value.pop("dimension")
    lemma = FiberLemma(facts.rank_A, facts.rank_S, facts.rank_V)
    return FiberResult.assemble(
        Problem.data(network, weights),
        dimension,
        {"members": [SameFunction()], "complete": [lemma]},
        detail=value,
    )
