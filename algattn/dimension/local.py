"""The rank of the Jacobian at given weights: functional dimension at a point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from algattn.arguments import checked
from algattn.attention import Architecture, Weights
from algattn.attention.problem import Problem
from algattn.attention.theorems import softmax
from algattn.attention.weights import VIRTUAL_WEIGHTS
from algattn.dimension.local_evidence import (
    BALL_LIMIT,
    DENSE_LIMIT,
    EXACT_LIMIT,
    ExpandedRank,
    LocalGuess,
    LocalOrbitBound,
    SoftmaxRank,
    VirtualBound,
    expandable,
    factored,
    lower_evidence,
    prime_for,
    rank_by_expansion,
)
from algattn.dimension.virtual import virtual_bound
from algattn.errors import DisagreementError, LimitError
from algattn.results import (
    CardRow,
    Evidence,
    NumberLike,
    Outline,
    Result,
    register,
)

__all__ = ["LocalDimensionResult", "local_dimension"]


@register
@dataclass(frozen=True, repr=False, eq=False)
class LocalDimensionResult(NumberLike, Result):
    """The rank of the Jacobian at given weights.

    The rank is the functional dimension at the weights: the dimension of the image of the
    differential.  Its kernel is the Zariski tangent space of the fiber through the weights, whose
    local dimension is at most ``fiber``; the two are equal where the fiber is smooth, in
    particular at general weights.

    Attributes
    ----------
    value, rank : int
        The rank.
    lower, upper : int
        Proved bounds of the rank; equal when PROVED.
    parameters : int
        Number of entries of all K, Q and V.
    fiber : int
        ``parameters - rank``.
    """

    problem: Problem
    value: int
    lower: int
    upper: int

    kind: ClassVar[str] = "dimension.local"
    title: ClassVar[str] = "What is the dimension at these weights?"
    explained: ClassVar[bool] = True
    claim_names: ClassVar[tuple[str, ...]] = ("lower", "upper", "rank")
    shown: ClassVar[tuple[str, ...]] = ("parameters",)

    def outline(self) -> tuple[Outline, ...]:
        name = f"the rank of the Jacobian of {self.problem.network!r} at the weights"
        value, lower, upper = self.value, self.lower, self.upper
        if lower == upper == value:
            return (Outline("rank", f"{name} is {value}", value),)
        if lower >= upper or not lower <= value <= upper:
            return ()
        return (
            Outline("lower", f"{name} is at least {lower}", lower, ("lower",)),
            Outline("upper", f"{name} is at most {upper}", upper, ("upper",)),
            Outline("rank", f"{name} is {value}", value),
        )

    @property
    def parameters(self) -> int:
        return self.problem.network.parameters

    @property
    def rank(self) -> int:
        return self.value

    @property
    def fiber(self) -> int:
        return self.parameters - self.rank

    def sentence(self) -> str:
        return (
            f"The Jacobian has rank {self.rank} at these weights; the fiber through them has "
            f"tangent dimension {self.fiber} (of {self.parameters} parameters)"
        )

    def card_rows(self) -> Iterator[CardRow]:
        if self.lower != self.upper:
            yield CardRow("proved:", f"{self.lower} <= rank <= {self.upper}")

    def formula(self) -> str:
        return rf"\operatorname{{rank}} d\varphi_W = {self.value}"


@checked
def local_dimension(
    network: Architecture, weights: Weights, *, seed: int = 0
) -> LocalDimensionResult:
    """See ``Lightning.local_dimension``."""
    given, weights = weights, factored(network, weights)
    soft, size, d = softmax.holds(network), network.parameters, network.d_in
    moving = size * (network.layers * d * d + network.d_out * d)
    exact = VIRTUAL_WEIGHTS.covers(network) and moving <= EXACT_LIMIT
    limit = BALL_LIMIT if soft and not exact else DENSE_LIMIT
    if size > limit:
        raise LimitError(
            f"find the local dimension of {network!r}",
            f"{size} parameters, above the limit {limit}",
            "a smaller network",
        )

    def answer(lower: int, upper: int, evidence: dict[str, list[Evidence]]) -> LocalDimensionResult:
        return LocalDimensionResult.assemble(
            Problem(network, given), lower, evidence, lower=lower, upper=upper
        )

    def known(rank: int, *evidence: Evidence) -> LocalDimensionResult:
        return answer(rank, rank, {"rank": list(evidence)})

    if soft and size > BALL_LIMIT:
        return known(virtual_bound(network, weights), SoftmaxRank())
    prime = prime_for(network, weights)
    below = lower_evidence(network, seed, prime)
    orbit = LocalOrbitBound(prime)
    above: Evidence = orbit
    upper = orbit.upper(network, weights)
    lower = below.rank(network, weights, upper)
    if lower > upper:
        raise DisagreementError(
            f"find the local dimension of {network!r}",
            f"the rank is at least {lower}, and its symmetries leave {upper} parameters",
            "report this",
            (lower, upper),
        )
    if lower < upper and exact:
        found = virtual_bound(network, weights)
        if found < upper:
            upper, above = found, VirtualBound()
    if lower == upper:
        return known(lower, below, above)
    if soft and exact:
        return known(virtual_bound(network, weights), SoftmaxRank())
    if expandable(network):
        return known(rank_by_expansion(network, weights), ExpandedRank())
    guess = LocalGuess(seed, prime)
    return answer(lower, upper, {"lower": [below], "upper": [above], "rank": [guess]})
