"""Reasons for a dimension: ranks from below, gauge directions from above, independent scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain
from algattn.dimension.balls import MAX_BITS, START_BITS, ball_rank
from algattn.dimension.dense import Bounds, dense_bounds
from algattn.dimension.layerwise import LAYERS, layer_bound
from algattn.dimension.scores import score_layers
from algattn.dimension.subject import needs_scores, reduction_of, subject
from algattn.dimension.symmetric import symmetric_bounds
from algattn.errors import LimitError
from algattn.results import BOTH_SIDES, Claim, Evidence, Status, about, declare

__all__ = [
    "SYMMETRY",
    "BallRank",
    "CountedAbove",
    "Counting",
    "GenericRank",
    "LayerBound",
    "OrbitBound",
    "RankAtLeast",
    "ScoresIndependent",
    "bounds",
    "network_scores",
]

SYMMETRY = Theorem("symmetry", "algattn/docs/dimension.md", *plain)
METHODS = ("dense", "symmetric")
#: Effective parameters up to which a dense rank is taken at all (about 2 GB).
DENSE_MOST = 10_000
#: Tokens up to which it is taken, where no fewer tokens say enough (masks that are lists of pairs).
MOST_TOKENS = 128
SCORES = "scores"
"""The side of a softmax dimension that a formal rank needs besides: see `ScoresIndependent`."""


@lru_cache(maxsize=8)
def bounds(network: Architecture, method: str, seed: int, prime: int) -> Bounds:
    """Recompute the bounds of a certificate from its few numbers.

    ``method`` is ``"dense"`` (a random point) or ``"symmetric"`` (points with orthogonal symmetry).
    Both bounds of one certificate share the work; a result forgets it before it verifies.
    """
    if method == "symmetric":
        return Bounds(*symmetric_bounds(reduction_of(network), seed, prime))
    asked = subject(network)
    if too_large := _too_large(network):
        raise LimitError("take a dense rank", too_large, 'method="symmetric"')
    return dense_bounds(asked.layers, asked.directions, seed=seed, prime=prime)


def _too_large(network: Architecture) -> str:
    """Why no dense rank of a network is taken, or nothing."""
    layers = subject(network).layers
    if layers.parameters > DENSE_MOST:
        return f"{layers.parameters} effective parameters, above {DENSE_MOST}"
    return f"{layers.tokens} tokens, above {MOST_TOKENS}" if layers.tokens > MOST_TOKENS else ""


def network_scores(network: Architecture, seed: int, prime: int) -> tuple[bool, ...]:
    """For each layer of a softmax network, whether a rank proves its scores independent.

    For a plain network the scores are those of the smallest network that decides (padded with zeros
    it is a special case of the shape) on two tokens (other pairs of tokens are alike).
    """
    layers = subject(network).decisive
    return (False,) * network.layers if layers is None else score_layers(layers, seed, prime)


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
        network = problem.network
        if self.method == "symmetric" and not SYMMETRY.covers(network):
            raise self.fail(f"the theorem {SYMMETRY.name!r} does not cover the network")
        if self.method == "dense" and _too_large(network):
            raise self.fail("the network is too large for a dense rank")
        return bounds(network, self.method, self.seed, self.prime)

    def summary(self) -> str:
        point = "random" if self.method == "dense" else "symmetric"
        return f"{super().summary()} (at a {point} point, seed {self.seed}, modulo {self.prime})"


def _check_seed(evidence: Evidence, seed: int) -> None:
    if not 0 <= seed < 2**63:
        raise evidence.fail("the seed is not a natural number below 2**63")


@declare(
    "dimension.rank-at-least",
    about("dimension.network dimension.report", "dimension, lower"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class RankAtLeast(_RankEvidence):
    """Rank of the Jacobian modulo a prime.

    For softmax it is the rank with the exponentials as indeterminates.
    """

    def check(self, problem: Problem, claim: Claim) -> None:
        lower = self._bounds(problem).lower
        if lower < self.number(claim):
            raise self.fail(f"the rank is {lower}, below {claim.value}")


@declare(
    "dimension.orbit-bound",
    about("dimension.network dimension.report", "dimension, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class OrbitBound(_RankEvidence):
    """Parameters minus rank of the gauge directions."""

    def check(self, problem: Problem, claim: Claim) -> None:
        upper = self._bounds(problem).upper
        if upper > self.number(claim):
            raise self.fail(f"parameters minus gauge directions is {upper}, above {claim.value}")


@declare(
    "dimension.counted-above",
    about("dimension.network dimension.report", "dimension"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class CountedAbove(Evidence):
    """No more parameters, or coefficients of the function."""

    def check(self, problem: Problem, claim: Claim) -> None:
        most = subject(problem.network).counted
        if most > self.number(claim):
            raise self.fail(f"there are {most} coefficients, more than {claim.value}")


@declare(
    "dimension.layer-bound",
    about("dimension.network dimension.report", "dimension, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class LayerBound(Evidence):
    """Coefficients and parameters of the layers, minus what symmetries do to them.

    Lemma "layers" of ``algattn/docs/dimension.md``; without exponentials.
    """

    seed: int
    prime: int

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.network
        _check_seed(self, self.seed)
        if wrong := LAYERS.why_not(network):
            raise self.fail(f"the theorem {LAYERS.name!r} does not cover the network: {wrong}")
        if _too_large(network):
            raise self.fail("the network is too large for a dense rank")
        upper = layer_bound(network, self.seed, self.prime)
        if upper > self.number(claim):
            raise self.fail(f"the layers have {upper} degrees of freedom, above {claim.value}")

    def summary(self) -> str:
        return f"{super().summary()} (seed {self.seed}, modulo {self.prime})"


@declare(
    "dimension.generic-rank",
    about("dimension.network dimension.report", "dimension"),
    Status.PROBABLE,
    sides=BOTH_SIDES,
)
@dataclass(frozen=True)
class GenericRank(_RankEvidence):
    """Rank of the Jacobian at a random point, very likely the generic rank."""

    def check(self, problem: Problem, claim: Claim) -> None:
        lower = self._bounds(problem).lower
        if lower != claim.value:
            raise self.fail(f"the rank is {lower}, not {claim.value}")


@declare(
    "dimension.scores-independent",
    about("dimension.network dimension.report", "dimension, lower")
    | about("dimension.multiplicities", "family"),
    sides=frozenset({SCORES}),
)
@dataclass(frozen=True)
class ScoresIndependent(Evidence):
    """The exponentials are algebraically independent: the scores of every layer are independent.

    ``layers`` tells for each layer whether the rank was full.  Full ranks are a proof by the lemma
    "scores" of the documentation; a short rank proves nothing, and the evidence is PROBABLE then.
    """

    seed: int
    prime: int
    layers: tuple[bool, ...]

    @property
    def level(self) -> Status:
        return Status.PROVED if self.layers and all(self.layers) else Status.PROBABLE

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.network
        if not needs_scores(network):
            raise self.fail("this network has no exponentials")
        _check_seed(self, self.seed)
        found = network_scores(network, self.seed, self.prime)
        if found != self.layers:
            raise self.fail(f"the ranks are full in layers {found}, not {self.layers}")

    def summary(self) -> str:
        done = sum(self.layers)
        return (
            f"Independent scores in {done} of {len(self.layers)} layers "
            f"(seed {self.seed}, modulo {self.prime})"
        )


@declare(
    "dimension.ball-rank",
    about("dimension.network dimension.report", "dimension, lower"),
    Status.PROVED,
    sides=frozenset({"lower", SCORES}),
)
@dataclass(frozen=True)
class BallRank(Evidence):
    """A minor of the true Jacobian, enclosed away from zero in ball arithmetic.

    It needs no independence of exponentials.
    """

    seed: int
    bits: int

    def check(self, problem: Problem, claim: Claim) -> None:
        _check_seed(self, self.seed)
        if not START_BITS <= self.bits <= MAX_BITS:
            raise self.fail(f"the precision is not between {START_BITS} and {MAX_BITS} bits")
        network = problem.network
        if not needs_scores(network):
            raise self.fail("this network has no exponentials")
        about_it = subject(network)
        rank, _ = ball_rank(about_it.layers, about_it.directions, self.seed, self.bits)
        if rank < self.number(claim):
            raise self.fail(f"the certified minor has size {rank}, below {claim.value}")

    def summary(self) -> str:
        return f"Nonzero minor in ball arithmetic (seed {self.seed}, {self.bits} bits)"


@declare(
    "dimension.counting",
    about("dimension.network dimension.report", "lower, upper"),
    Status.PROVED,
    sides=BOTH_SIDES | {SCORES},
)
@dataclass(frozen=True)
class Counting(Evidence):
    """At least nothing, and at most the parameters (A, V) of the effective shape.

    Outside the theorem "reduction" these are all parameters, or the coefficients of the function.
    """

    def check(self, problem: Problem, claim: Claim) -> None:
        value, most = self.number(claim), subject(problem.network).counted
        if claim.name == "lower" and value <= 0:
            return
        if claim.name == "upper" and value >= most:
            return
        raise self.fail(f"counting does not show the claim {claim.name!r} with {value}")
