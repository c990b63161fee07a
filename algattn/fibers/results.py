"""The result of asking for a fiber, and the evidence behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, cast, get_args

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.coordinates import natural_count
from algattn.attention.problem import Problem
from algattn.exact import QQ
from algattn.fibers.components import FiberComponent
from algattn.fibers.general_points import is_general
from algattn.fibers.layer_invariants import LayerFacts
from algattn.fibers.one_layer import fiber_value
from algattn.fibers.witnesses import as_form
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    ListLike,
    Outline,
    Result,
    Status,
    about,
    canonical_json,
    declare,
    register,
    thaw,
)
from algattn.symbolic.differential import fiber_tangent_dimension
from algattn.words import one_of

Params = Literal["AV", "QKV"]


@register
@dataclass(frozen=True, repr=False)
class FiberResult(ListLike, Result):
    """All weights that give the same function as the given ones.

    Attributes
    ----------
    params : {"AV", "QKV"}
        The unknowns.
    case : str
        The stratum.
    components : tuple of FiberComponent
        Irreducible components over the complex numbers.
    dimension : int
        Of the complex fiber; ``real_dimension`` is that of its real points.
    connected_components : int
        Of the real points.
    reduced : bool or None
        Whether the scheme fiber is generically reduced: at a general point of every component.
    """

    kind: ClassVar[str] = "fiber.one-layer"
    title: ClassVar[str] = "Which weights give this function?"
    lists: ClassVar[str] = "components"
    claim_names: ClassVar[tuple[str, ...]] = ("members", "complete")
    shown: ClassVar[tuple[str, ...]] = (
        "real_dimension",
        "complex_components",
        "real_components",
        "reduced",
    )

    problem: Problem
    value: int | None
    params: Params
    case: str
    connected_components: int | None
    components: tuple[FiberComponent, ...]

    def outline(self) -> tuple[Outline, ...]:
        sizes = [c.dimension for c in self.components if c.dimension is not None]
        if not self.problem.asks("weights") or self.value != max(sizes, default=None):
            return ()
        witnesses = [c.witness for c in self.components if c.witness is not None]
        whole = {"dimension": self.value, "detail": self._detail()}
        return (
            Outline("members", "each listed witness gives the same function", witnesses),
            Outline("complete", self._complete(), whole),
        )

    def _complete(self) -> str:
        return (
            f"the fiber in {self.unknowns} has dimension {self.value}; "
            "its components are those listed"
        )

    @property
    def unknowns(self) -> str:
        """The unknowns as they are written."""
        return "(A, V)" if self.params == "AV" else "(K, Q, V)"

    @property
    def dimension(self) -> int:
        return cast("int", self.value)

    @property
    def real_dimension(self) -> int | None:
        sizes = (c.real_dimension for c in self.components)
        return max((n for n in sizes if n is not None), default=None)

    @property
    def complex_components(self) -> int | None:
        return len(self.components)

    @property
    def real_components(self) -> int | None:
        """How many of the components have real points."""
        return sum(c.is_real for c in self.components)

    @property
    def reduced(self) -> bool | None:
        flags = {c.reduced for c in self.components}
        return False if False in flags else None if None in flags else True

    def sentence(self) -> str:
        n, c = self.complex_components, self.connected_components
        return (
            f"The fiber in {self.unknowns} has dimension {self.value}, "
            f"{n} component{'s' * (n != 1)} over C, {c} connected piece{'s' * (c != 1)} over R; "
            f"case: {self.case}; {self._scheme}"
        )

    @property
    def _scheme(self) -> str:
        """Reducedness in words: what holds at special points too, and what need not."""
        if self.reduced and (self.case == "zero" or self.problem.network.tokens == 1):
            return "generically reduced"
        return {True: "reduced", False: "not reduced", None: "reducedness not decided"}[
            self.reduced
        ]

    def card_rows(self) -> Iterator[CardRow]:
        for i, c in enumerate(self.components):
            real = "" if c.is_real else ", no real points"
            said = f"{c.name}, dimension {c.dimension}{real}: {c.family}"
            yield CardRow(f"component {i + 1}:", said)
            yield from c.example()


def unknowns(params: str | None, weights: Weights) -> Params:
    """The form of the unknowns: as asked, or that of the weights."""
    chosen = weights.form if params is None else params
    forms: tuple[Params, ...] = get_args(Params)
    return one_of(chosen, forms, "describe a fiber", "params")


@declare(
    "fiber.same-function", about("fiber.one-layer membership.one-layer", "members"), Status.PROVED
)
@dataclass(frozen=True)
class SameFunction(Evidence):
    """The weights of the claim give the same function, coefficient by coefficient."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network, wanted = problem.network, problem.function()
        for data in claim.value:
            weights = Weights.from_data(thaw(data))
            found = FunctionMap.of(network, weights)
            if set(found.coefficients) != set(wanted.coefficients) or any(
                found[label] != weights.field(c) for label, c in wanted.coefficients.items()
            ):
                raise self.fail("a witness gives another function")


@declare("fiber.lemma", about("fiber.one-layer", "complete"), Status.PROVED, recomputed=True)
@dataclass(frozen=True)
class FiberLemma(Evidence):
    """Lemma "fiber" of the documentation, its hypotheses decided by exact ranks."""

    rank_A: int
    rank_S: int
    rank_V: int

    def check(self, problem: Problem, claim: Claim) -> None:
        facts = LayerFacts.of(problem.network, problem.weights, "check a fiber")
        ranks = [facts.rank_A, facts.rank_S, facts.rank_V]
        said = [self.rank_A, self.rank_S, self.rank_V]
        self.expect(said, ranks, "the ranks are not those of the weights")
        self.components(problem, claim, facts)

    def components(self, problem: Problem, claim: Claim, facts: LayerFacts) -> None:
        """Fail unless the claim is what the lemma says, with one of its lists of witnesses."""
        params = claim.value["detail"]["params"]
        for general in (True, False):
            again = fiber_result(problem, facts, params, general=general)
            (_, complete) = again.outline()
            if canonical_json(claim.value) == canonical_json(complete.value):
                return
        raise self.fail("the components are not those of the lemma")


@declare(
    "fiber.lemma-at-witnesses",
    about("fiber.one-layer", "complete"),
    Status.PROVED,
    recomputed=False,
)
@dataclass(frozen=True)
class FiberLemmaAtWitnesses(FiberLemma):
    """Lemma "fiber", its hypotheses decided by exact ranks, and tangent spaces at the witnesses."""

    def components(self, problem: Problem, claim: Claim, facts: LayerFacts) -> None:
        params = claim.value["detail"]["params"]
        again = fiber_result(problem, facts, params)
        (_, complete) = again.outline()
        self.expect(claim.value, complete.value, "the components are not those of the lemma")
        if not measurable(again):
            raise self.fail("the tangent spaces are too large for this check")
        for component in again.components:
            if not tangent_agrees(problem.network, component):
                raise self.fail(f"another tangent space at the witness of {component.name}")


def measurable(result: FiberResult) -> bool:
    """Whether the tangent spaces at the witnesses are affordable; there is one at least."""
    network = result.problem.network
    witnesses = [c.witness for c in result.components if c.witness is not None]
    size = natural_count(network.d_in, network.d_out, network.tokens) * network.parameters
    limits = (MOST_ENTRIES if w.field == QQ else MOST_ENTRIES // 5 for w in witnesses)
    return size <= min(limits, default=0)


#: Entries of the Jacobian up to which its rank is taken at the witnesses.
MOST_ENTRIES = 40_000


def tangent_agrees(network: Architecture, component: FiberComponent) -> bool:
    """Whether the tangent space of the fiber at the witness is as large as the lemma says.

    At a general point it is as large as the component exactly where the fiber is reduced; at a
    special one it may be larger.
    """
    witness = component.witness
    if witness is None or component.dimension is None:
        return True
    excess = fiber_tangent_dimension(network, witness) - component.dimension
    if component.reduced and not is_general_point(network, witness):
        return excess >= 0
    return excess == 0 if component.reduced else excess > 0


def is_general_point(network: Architecture, weights: Weights) -> bool:
    """Whether weights for one token are general among those with the same symmetric part."""
    a, d = network.ranks[0], network.d_in
    if network.tokens > 1 or (weights.form == "AV" and a >= d):
        return True
    if weights.form == "AV":
        if weights.A[0].rank() < a:
            return False
        weights = as_form(weights.A[0], weights.V[0], a)
    assert weights.K is not None
    assert weights.Q is not None
    return is_general(weights.K[0], weights.Q[0])


def fiber_result(
    problem: Problem,
    facts: LayerFacts,
    params: Params,
    evidence: Mapping[str, Sequence[Evidence]] = MappingProxyType({}),
    *,
    general: bool = True,
) -> FiberResult:
    """What the lemma says, with the evidence given."""
    case, connected, components = fiber_value(facts, params, general=general)
    return FiberResult.assemble(
        problem,
        max(c.dimension for c in components if c.dimension is not None),
        evidence,
        params=params,
        case=case,
        connected_components=connected,
        components=components,
    )
