"""The fiber through almost all weights, and which architectures are exceptional."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain_lightning
from algattn.attention.weights import random_weights
from algattn.dimension.reduction import Reduction, reduce_shape
from algattn.errors import LimitError, UndecidedError
from algattn.fibers.fiber import fiber
from algattn.fibers.normal_form import DEEP
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

GENERIC_FIBER = Theorem("Generic fiber", DEEP, *plain_lightning)


@register
@dataclass(frozen=True, repr=False)
class GenericFiberResult(Result):
    """What holds for the fiber in (K, Q, V) through almost all weights.

    Attributes
    ----------
    value : int
        Its dimension: parameters minus the dimension of the function space.
    components : int or None
        Irreducible components over the complex numbers; None in files of versions that did not
        count them for this architecture.
    exceptions : tuple of str
        Why this architecture is exceptional; empty when the fiber is one orbit of the gauge group.
    """

    kind: ClassVar[str] = "generic.fiber"
    title: ClassVar[str] = "Which weights give the same function as almost any given ones?"
    claim_names: ClassVar[tuple[str, ...]] = ("dimension", "shape")
    shown: ClassVar[tuple[str, ...]] = ("components", "exceptions", "family")

    problem: Problem
    value: int
    #: Whether it was read from a file that does not tell the number of components.
    uncounted: bool = field(default=False, kw_only=True, compare=False)

    @classmethod
    def _read_detail(cls, detail: Mapping[str, Any], known: Any) -> dict[str, Any]:
        found = super()._read_detail(detail, known)
        said = detail["components"] is None and detail["exceptions"] is not None
        return found | {"uncounted": said}

    def outline(self) -> tuple[Outline, ...]:
        if not self.problem.asks():
            return ()
        shape = {name: getattr(self, name) for name in self.shown}
        return (
            Outline("dimension", f"the generic fiber has dimension {self.value}", self.value),
            Outline("shape", f"its components: {self.components}", shape),
        )

    @cached_property
    def _shape(self) -> Shape:
        return shape_of(self.problem.network)

    @property
    def dimension(self) -> int:
        return self.value

    @property
    def components(self) -> int | None:
        return None if self.uncounted else self._shape.components

    @property
    def exceptions(self) -> tuple[str, ...]:
        return self._shape.exceptions

    @property
    def family(self) -> str:
        """The orbit of the gauge group through the weights."""
        return (
            "(h_i K_i g^-1, c_i h_i^-T Q_i g^-1, c_i^-1 g' V_i g^-1), g in GL(d_{i-1}), "
            "g' in GL(d_i), h_i in GL(a_i), c_i != 0 (no g at input and output)"
        )

    def sentence(self) -> str:
        n = self.components
        count = "components not counted" if n is None else f"{n} component{'s' * (n != 1)} over C"
        return f"For almost all weights the fiber in (K, Q, V) has dimension {self.value}, {count}"

    def card_rows(self) -> Iterator[CardRow]:
        return (CardRow("", line) for line in (self.family, *self.exceptions))


@declare("generic.from-dimension", about("generic.fiber", "dimension"))
@dataclass(frozen=True)
class FromDimension(Evidence):
    """Parameters minus the dimension of the function space, which has its own evidence."""

    result: Result

    @property
    def level(self) -> Status:
        return self.result.status

    def check(self, problem: Problem, claim: Claim) -> None:
        network, found = problem.under(GENERIC_FIBER), self.result
        self.expect(found.kind, "dimension.network", "it is no dimension of a function space")
        self.expect(found.problem, Problem(network), "the dimension is that of another network")
        found.check()
        self.expect(claim.value, network.parameters - found.value, "the dimensions do not add up")


@declare("generic.lemma", about("generic.fiber", "shape"), Status.PROVED, recomputed=True)
@dataclass(frozen=True)
class GenericLemma(Evidence):
    """Lemma "generic components" of deep.md, its hypotheses read off the architecture."""

    def check(self, problem: Problem, claim: Claim) -> None:
        problem.under(GENERIC_FIBER)
        uncounted = claim.value["components"] is None
        again = GenericFiberResult(problem, 0, uncounted=uncounted).outline()[1]
        self.expect(claim.value, again.value, "the architecture says something else")


@declare("generic.lemma-at-point", about("generic.fiber", "shape"), Status.PROVED, recomputed=False)
@dataclass(frozen=True)
class GenericLemmaAtPoint(GenericLemma):
    """Lemma "generic components", and the fiber through random weights."""

    seed: int

    def check(self, problem: Problem, claim: Claim) -> None:
        super().check(problem, claim)
        found = _components_at(problem.network, self.seed)
        if found is None:
            raise self.fail("the fiber at that point is not described")
        self.expect(
            claim.value["components"], found, "the fiber at that point has other components"
        )


def _components_at(network: Architecture, seed: int) -> int | None:
    """How many components the fiber through random weights has, where that is known."""
    if network.parameters > MOST_PARAMETERS:
        return None
    try:
        return fiber(network, random_weights(network, seed, size=50)).complex_components
    except (LimitError, UndecidedError):
        return None


#: Parameters up to which the fiber through random weights is asked for too.
MOST_PARAMETERS = 200


def _lemma(network: Architecture) -> GenericLemma:
    """The lemma, with random weights at which it is seen if they are found soon."""
    wanted = shape_of(network).components
    for seed in range(3):
        found = _components_at(network, seed)
        if found == wanted:
            return GenericLemmaAtPoint(seed)
        if found is None:  # a matter of the shape: other weights do not help
            break
    return GenericLemma()


@dataclass(frozen=True)
class Shape:
    """What the sizes of a network say about almost all fibers."""

    components: int
    exceptions: tuple[str, ...]


def shape_of(network: Architecture) -> Shape:
    """Components and exceptions, from the sizes alone."""
    shape = reduce_shape(network.widths, network.ranks, tokens=network.tokens)
    return Shape(component_count(network), tuple(exceptions(network, shape)))


def component_count(network: Architecture) -> int:
    """How many components almost all fibers have, by lemma "generic components" of deep.md.

    >>> from algattn.attention.architecture import LightningArchitecture
    >>> [component_count(LightningArchitecture((2, 1), a, tokens=1)) for a in (1, 2)]
    [6, 3]
    """
    ranks, least = network.ranks, [min(network.widths[: i + 1]) for i in range(network.layers + 1)]
    narrow = next((i for i, r in enumerate(least) if r == 1), None)
    cut = 0  # the first layer of rank one, or before a width one: later ones see sym(B) only
    if network.tokens > 1 and network.d_in > 1:
        thin = (i for i in range(1, network.layers + 1) if 1 in (ranks[i - 1], least[i]))
        cut = next(thin, network.layers)
    count = 1
    for i in range(cut, network.layers):
        count *= 2 if least[i] >= 2 * ranks[i] else 1
    if not narrow:
        return count
    if narrow == cut:
        return count * (2 if ranks[narrow - 1] == 1 else 1)
    if narrow > cut and (ranks[narrow - 1] == 1 or least[narrow - 1] == 2):
        count *= 3
    return count


def swaps(network: Architecture, shape: Reduction) -> bool:
    """Whether almost all weights have rk B_l = rk V = 1, not aligned."""
    one = shape.ranks[-1] == 1 and min(shape.effective) == 1
    return one and not any(shape.collapsed) and network.tokens > 1 and network.d_in > 1


def exceptions(network: Architecture, shape: Reduction) -> list[str]:
    """Why the generic fiber is not one orbit of the gauge group."""
    out = []
    if network.tokens == 1:
        out.append("t = 1: only sym(B_i) is seen")
    elif network.d_in == 1:
        out.append("d_0 = 1: only V prod b_i^(3^(l-i)) is seen")
    else:
        first = next((i for i, collapsed in enumerate(shape.collapsed) if collapsed), None)
        if first is not None and shape.effective[first] == 1:
            out.append(f"hidden width {first} is 1: only one linear form arrives there")
        elif first is not None:
            out.append(f"layer {first} has rank one, so layer {first + 1} is seen by sym(B) only")
    if swaps(network, shape):
        out.append("A_l and V have rank one: k and v can be exchanged, two components")
    for i, (d, e, r) in enumerate(
        zip(network.widths, shape.effective, shape.bottlenecks, strict=True)
    ):
        if 0 < i < network.layers and r < d:
            out.append(f"hidden width {i} is {d}, but only {r} dimensions arrive there")
        elif 0 < i < network.layers and e < d:
            out.append(f"hidden width {i} is {d}, but layer {i + 1} reads only {e} dimensions")
    return out


def generic_fiber(network: Architecture, *, seed: int = 0) -> GenericFiberResult:
    """See ``Lightning.generic_fiber``."""
    from algattn.dimension.results import dimension

    GENERIC_FIBER.require(network, "describe the generic fiber")
    found = dimension(network, seed=seed)
    assert found.value is not None  # only a time limit leaves it open
    return GenericFiberResult.assemble(
        Problem(network),
        network.parameters - found.value,
        {"dimension": [FromDimension(found)], "shape": [_lemma(network)]},
    )
