"""Reasons for a dimension: ranks from below, gauge directions from above, independent scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.dimension.balls import MAX_BITS, START_BITS, ball_rank
from algattn.dimension.dense import dense_certificate, scores_independent, scores_witness
from algattn.dimension.modular import Residues
from algattn.dimension.modular_autodiff import random_weights
from algattn.dimension.reduction import Kind, Reduction, reduce_shape
from algattn.dimension.symmetric import symmetric_bounds
from algattn.errors import LimitError
from algattn.results import BOTH_SIDES, Claim, Evidence, Status, about, register

__all__ = [
    "BallRank",
    "Bounds",
    "Counting",
    "GenericRank",
    "OrbitBound",
    "RankAtLeast",
    "ScoresIndependent",
    "bounds",
    "needs_scores",
    "reduction_of",
    "score_layers",
]

METHODS = ("dense", "symmetric")
#: Effective parameters up to which a dense rank is taken at all (about 2 GB).
DENSE_MOST = 10_000
SCORES = "scores"
"""The side of a softmax dimension that a formal rank needs besides: see `ScoresIndependent`."""


def reduction_of(network: Architecture) -> Reduction:
    """The effective shape of a network."""
    return reduce_shape(
        network.widths, network.ranks, tokens=network.tokens, kind=Kind(network.kind)
    )


def needs_scores(network: Architecture) -> bool:
    """Whether ranks of this network treat exponentials as indeterminates."""
    return network.kind == Kind.SOFTMAX.value and network.tokens > 1


@dataclass(frozen=True)
class Bounds:
    """What one certificate says: lower <= dimension <= upper."""

    lower: int
    upper: int


@lru_cache(maxsize=8)
def bounds(reduction: Reduction, method: str, seed: int, prime: int) -> Bounds:
    """Recompute the bounds of a certificate from its few numbers.

    ``method`` is ``"dense"`` (a random point) or ``"symmetric"`` (points with orthogonal symmetry).
    Both bounds of one certificate share the work; a result forgets it before it verifies.
    """
    if method == "dense":
        if reduction.parameters_factored > DENSE_MOST:
            raise LimitError(
                "take a dense rank",
                f"{reduction.parameters_factored} effective parameters, above {DENSE_MOST}",
                'method="symmetric"',
            )
        found = dense_certificate(reduction, seed=seed, prime=prime)
        return Bounds(found.lower, found.upper)
    return Bounds(*symmetric_bounds(reduction, seed, prime))


def score_layers(reduction: Reduction, seed: int, prime: int) -> tuple[bool, ...]:
    """For each layer of a softmax shape, whether a rank proves its scores independent.

    The scores are evaluated for the smallest network that decides (padded with zeros it is a
    special case of the shape) on two tokens (other pairs of tokens are alike).
    """
    widths, attention = scores_witness(reduction)
    point = random_weights(widths, attention, Residues(seed, prime))
    return scores_independent(point, reduction.sample_tokens, seed=seed + 1, prime=prime)


@dataclass(frozen=True)
class _RankEvidence(Evidence):
    """Shared by both bounds: where the ranks are computed."""

    method: str
    seed: int
    prime: int

    def _bounds(self, problem: Problem) -> Bounds:
        if self.method not in METHODS:
            raise self.fail(f"there is no method {self.method!r}")
        _check_seed(self, self.seed)
        reduction = reduction_of(problem.any_network)
        if self.method == "dense" and reduction.parameters_factored > DENSE_MOST:
            raise self.fail("the network is too large for a dense rank")
        return bounds(reduction, self.method, self.seed, self.prime)

    def summary(self) -> str:
        point = "random" if self.method == "dense" else "symmetric"
        return f"{super().summary()} (at a {point} point, seed {self.seed}, modulo {self.prime})"


def _check_seed(evidence: Evidence, seed: int) -> None:
    if not 0 <= seed < 2**63:
        raise evidence.fail("the seed is not a natural number below 2**63")


def _number(evidence: Evidence, claim: Claim) -> int:
    if type(claim.value) is not int:
        raise evidence.fail(f"the claim is about {claim.value!r}, not a number")
    return claim.value


@register
@dataclass(frozen=True)
class RankAtLeast(_RankEvidence):
    """Rank of the Jacobian modulo a prime.

    For softmax it is the rank with the exponentials as indeterminates.
    """

    kind: ClassVar[str] = "dimension.rank-at-least"
    supports = about("dimension.network dimension.report", "dimension, lower")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"lower"})

    def check(self, problem: Problem, claim: Claim) -> None:
        lower = self._bounds(problem).lower
        if lower < _number(self, claim):
            raise self.fail(f"the rank is {lower}, below {claim.value}")


@register
@dataclass(frozen=True)
class OrbitBound(_RankEvidence):
    """Parameters minus rank of the gauge directions."""

    kind: ClassVar[str] = "dimension.orbit-bound"
    supports = about("dimension.network dimension.report", "dimension, upper")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"upper"})

    def check(self, problem: Problem, claim: Claim) -> None:
        upper = self._bounds(problem).upper
        if upper > _number(self, claim):
            raise self.fail(f"parameters minus gauge directions is {upper}, above {claim.value}")


@register
@dataclass(frozen=True)
class GenericRank(_RankEvidence):
    """Rank of the Jacobian at a random point, very likely the generic rank."""

    kind: ClassVar[str] = "dimension.generic-rank"
    supports = about("dimension.network dimension.report", "dimension")
    strength: ClassVar[Status] = Status.PROBABLE
    sides: ClassVar[frozenset[str]] = BOTH_SIDES

    def check(self, problem: Problem, claim: Claim) -> None:
        lower = self._bounds(problem).lower
        if lower != claim.value:
            raise self.fail(f"the rank is {lower}, not {claim.value}")


@register
@dataclass(frozen=True)
class ScoresIndependent(Evidence):
    """The exponentials are algebraically independent: the scores of every layer are independent.

    ``layers`` tells for each layer whether the rank was full.  Full ranks are a proof by the lemma
    "scores" of the documentation; a short rank proves nothing, and the evidence is PROBABLE then.
    """

    kind: ClassVar[str] = "dimension.scores-independent"
    supports = about("dimension.network dimension.report", "dimension, lower") | about(
        "dimension.multiplicities", "family"
    )
    sides: ClassVar[frozenset[str]] = frozenset({SCORES})

    seed: int
    prime: int
    layers: tuple[bool, ...]

    @property
    def level(self) -> Status:
        return Status.PROVED if self.layers and all(self.layers) else Status.PROBABLE

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.any_network
        if not needs_scores(network):
            raise self.fail("this network has no exponentials")
        _check_seed(self, self.seed)
        found = score_layers(reduction_of(network), self.seed, self.prime)
        if found != self.layers:
            raise self.fail(f"the ranks are full in layers {found}, not {self.layers}")

    def summary(self) -> str:
        done = sum(self.layers)
        return (
            f"Independent scores in {done} of {len(self.layers)} layers "
            f"(seed {self.seed}, modulo {self.prime})"
        )


@register
@dataclass(frozen=True)
class BallRank(Evidence):
    """A minor of the true Jacobian, enclosed away from zero in ball arithmetic.

    It needs no independence of exponentials.
    """

    kind: ClassVar[str] = "dimension.ball-rank"
    supports = about("dimension.network dimension.report", "dimension, lower")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"lower", SCORES})

    seed: int
    bits: int

    def check(self, problem: Problem, claim: Claim) -> None:
        _check_seed(self, self.seed)
        if not START_BITS <= self.bits <= MAX_BITS:
            raise self.fail(f"the precision is not between {START_BITS} and {MAX_BITS} bits")
        rank, _ = ball_rank(reduction_of(problem.any_network), self.seed, self.bits)
        if rank < _number(self, claim):
            raise self.fail(f"the certified minor has size {rank}, below {claim.value}")

    def summary(self) -> str:
        return f"Nonzero minor in ball arithmetic (seed {self.seed}, {self.bits} bits)"


@register
@dataclass(frozen=True)
class Counting(Evidence):
    """At least nothing, and at most the parameters (A, V) of the effective shape."""

    kind: ClassVar[str] = "dimension.counting"
    supports = about("dimension.network dimension.report", "lower, upper")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = BOTH_SIDES | {SCORES}

    def check(self, problem: Problem, claim: Claim) -> None:
        value, most = _number(self, claim), reduction_of(problem.any_network)
        if claim.name == "lower" and value <= 0:
            return
        if claim.name == "upper" and value >= most.parameters_form:
            return
        raise self.fail(f"counting does not show the claim {claim.name!r} with {value}")
