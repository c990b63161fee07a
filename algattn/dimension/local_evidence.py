"""Reasons for the rank of a Jacobian at given weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from flint import ctx

from algattn.attention import Architecture, Weights
from algattn.attention.problem import Problem
from algattn.dimension.balls import BallPoint, ball_rows, certified_rank, copies
from algattn.dimension.dense import jacobian_rank
from algattn.dimension.evidence import reduction_of
from algattn.dimension.gauge import gauge_matrix
from algattn.dimension.modular import DEFAULT_PRIME, Residues, check_prime, next_prime, rank_mod
from algattn.dimension.modular_autodiff import Weights as Point
from algattn.dimension.reduction import Kind
from algattn.dimension.virtual import expanded_rank, expansion_size, virtual_bound
from algattn.errors import FieldError, HypothesisError
from algattn.exact import QQ, Matrix
from algattn.results import BOTH_SIDES, Claim, Evidence, Status, about, register

__all__ = [
    "ExpandedRank",
    "LocalBallRank",
    "LocalGuess",
    "LocalOrbitBound",
    "LocalRankAtLeast",
    "SoftmaxRank",
    "VirtualBound",
    "factored",
    "lower_evidence",
    "prime_for",
]

#: Entries of the matrix of virtual motions up to which its exact rank is taken.
EXACT_LIMIT = 400_000
#: Coefficients up to which derivatives are expanded as polynomials.
EXPAND_LIMIT = 3_000_000
#: Parameters up to which softmax ranks are taken in ball arithmetic.
BALL_LIMIT = 160
#: Parameters up to which ranks are taken at all.
DENSE_LIMIT = 6000
_BITS = 1024
#: Distinct tokens of the inputs at which ranks are taken.  Lightning: the others are zero, and add
#: nothing.  Softmax: the first token stands there as often as is needed for the number of tokens.
_TOKENS = 4


def factored(network: Architecture, weights: Weights) -> Weights:
    """Weights (K, Q, V) at which the differential has the same image as in the given form."""
    if weights.field != QQ:
        raise FieldError(
            f"find the local dimension of {network!r}",
            f"the weights are over {weights.field}",
            "rational weights",
        )
    if weights.form == "QKV":
        return weights
    K, Q = [], []
    for i, (A, a) in enumerate(zip(weights.A, network.ranks, strict=True)):
        d = A.shape[0]
        if a >= d:
            left, right = Matrix.identity(QQ, d), A
        else:
            reduced, pivots = A.rref()
            if len(pivots) < a:
                raise HypothesisError(
                    f"find the local dimension of {network!r}",
                    f"A of layer {i + 1} has rank {len(pivots)} below {a}, where the matrices of "
                    "bounded rank are singular and have no Jacobian",
                    "weights K, Q and V",
                )
            left = Matrix(QQ, [A.column(n) for n in pivots])
            right = Matrix(QQ, [reduced.rows[n] for n in range(a)])
        fill = [[QQ.zero] * d for _ in range(a - left.shape[0])]
        K.append(Matrix(QQ, [*left.rows, *fill]))
        Q.append(Matrix(QQ, [*right.rows, *fill]))
    return Weights(K=K, Q=Q, V=weights.V)


def _residues(weights: Weights, prime: int) -> Point:
    """The weights modulo a prime that divides no denominator."""
    check_prime(prime)

    def reduce(many: tuple[Matrix, ...] | None) -> tuple[Any, ...]:
        assert many is not None
        return tuple(
            np.array(
                [
                    [int(x.p) % prime * pow(int(x.q), -1, prime) % prime for x in row]
                    for row in m.rows
                ],
                dtype=np.int64,
            ).reshape(m.shape)
            for m in many
        )

    return Point(reduce(weights.K), reduce(weights.Q), reduce(weights.V))


@dataclass(frozen=True)
class _Local(Evidence):
    @staticmethod
    def network_and_weights(problem: Problem) -> tuple[Architecture, Weights]:
        return problem.any_network, factored(problem.any_network, problem.weights)


@register
@dataclass(frozen=True)
class LocalRankAtLeast(_Local):
    """Rank of the Jacobian at the weights modulo a prime."""

    kind: ClassVar[str] = "dimension.local-rank-at-least"
    supports = about("dimension.local", "lower, rank")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"lower"})

    seed: int
    prime: int

    def rank(self, network: Architecture, weights: Weights, bound: int) -> int:
        """The rank found, at most `bound`."""
        if network.kind != "lightning":
            raise self.fail("a modular rank at given weights says nothing about exponentials")
        point = _residues(weights, self.prime)
        tokens = min(network.tokens, _TOKENS)
        seed, prime = self.seed, self.prime
        found = jacobian_rank(point, Kind.LIGHTNING, tokens, bound=bound, seed=seed, prime=prime)
        return found.rank

    def check(self, problem: Problem, claim: Claim) -> None:
        rank = self.rank(*self.network_and_weights(problem), claim.value)
        if rank < claim.value:
            raise self.fail(f"the rank is {rank}, below {claim.value}")

    def summary(self) -> str:
        return f"{super().summary()} (seed {self.seed}, modulo {self.prime})"


@register
@dataclass(frozen=True)
class LocalBallRank(_Local):
    """Rank of the true Jacobian at the weights, certified in ball arithmetic."""

    kind: ClassVar[str] = "dimension.local-ball-rank"
    supports = about("dimension.local", "lower, rank")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"lower"})

    seed: int

    def rank(self, network: Architecture, weights: Weights, bound: int) -> int:
        """The rank certified, at most `bound`."""
        if network.kind != "softmax":
            raise self.fail("balls enclose exponentials, and this network has none")
        assert weights.K is not None
        assert weights.Q is not None
        before = ctx.prec
        try:
            ctx.prec = _BITS
            point = BallPoint.of(
                *(
                    [[list(row) for row in m.rows] for m in many]
                    for many in (weights.K, weights.Q, weights.V)
                )
            )
            counts = copies(network.tokens, _TOKENS)
            rows = ball_rows(point, counts, bound + 4, Residues(self.seed))
            return certified_rank(rows)
        finally:
            ctx.prec = before

    def check(self, problem: Problem, claim: Claim) -> None:
        rank = self.rank(*self.network_and_weights(problem), claim.value)
        if rank < claim.value:
            raise self.fail(f"the certified rank is {rank}, below {claim.value}")


@register
@dataclass(frozen=True)
class VirtualBound(_Local):
    """Exact rank over QQ of the motions of the virtual weights."""

    kind: ClassVar[str] = "dimension.virtual-bound"
    supports = about("dimension.local", "rank")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"upper"})

    def check(self, problem: Problem, claim: Claim) -> None:
        upper = virtual_bound(*self.network_and_weights(problem))
        if upper > claim.value:
            raise self.fail(f"the virtual weights move in {upper} dimensions, not {claim.value}")


@register
@dataclass(frozen=True)
class SoftmaxRank(_Local):
    """Exact rank over QQ of the motions of what a softmax network sees (lemma "softmax")."""

    kind: ClassVar[str] = "dimension.softmax-rank"
    supports = about("dimension.local", "rank")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = BOTH_SIDES
    recomputed: ClassVar[bool] = True

    def check(self, problem: Problem, claim: Claim) -> None:
        network, weights = self.network_and_weights(problem)
        if network.kind != "softmax":
            raise self.fail("the lemma is about softmax networks")
        rank = virtual_bound(network, weights)
        if rank != claim.value:
            raise self.fail(f"the rank is {rank}, not {claim.value}")


@register
@dataclass(frozen=True)
class LocalOrbitBound(_Local):
    """Parameters minus rank of the gauge directions at the weights."""

    kind: ClassVar[str] = "dimension.local-orbit-bound"
    supports = about("dimension.local", "rank, upper")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"upper"})

    prime: int

    def upper(self, network: Architecture, weights: Weights) -> int:
        matrix = gauge_matrix(
            _residues(weights, self.prime),
            collapsed=reduction_of(network).collapsed,
            scalings=network.kind == "lightning",
            prime=self.prime,
        )
        return network.parameters - rank_mod(matrix, self.prime)

    def check(self, problem: Problem, claim: Claim) -> None:
        upper = self.upper(*self.network_and_weights(problem))
        if upper > claim.value:
            raise self.fail(f"parameters minus gauge directions is {upper}, above {claim.value}")


@register
@dataclass(frozen=True)
class ExpandedRank(_Local):
    """Exact rank over QQ of the Jacobian, expanded in polynomials."""

    kind: ClassVar[str] = "dimension.expanded-rank"
    supports = about("dimension.local", "rank")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = BOTH_SIDES

    def check(self, problem: Problem, claim: Claim) -> None:
        network, weights = self.network_and_weights(problem)
        if network.kind != "lightning" or expansion_size(network) > EXPAND_LIMIT:
            raise self.fail("this network cannot be expanded")
        rank = expanded_rank(network, weights)
        if rank != claim.value:
            raise self.fail(f"the rank is {rank}, not {claim.value}")


@register
@dataclass(frozen=True)
class LocalGuess(_Local):
    """The rank found at random inputs, very likely the rank at the weights."""

    kind: ClassVar[str] = "dimension.local-guess"
    supports = about("dimension.local", "rank")
    strength: ClassVar[Status] = Status.PROBABLE

    seed: int
    prime: int

    def check(self, problem: Problem, claim: Claim) -> None:
        network, weights = self.network_and_weights(problem)
        below = lower_evidence(network, self.seed, self.prime)
        if below.rank(network, weights, network.parameters) != claim.value:
            raise self.fail("the rank found is another one")


def lower_evidence(
    network: Architecture, seed: int, prime: int
) -> LocalRankAtLeast | LocalBallRank:
    if network.kind == "softmax":
        return LocalBallRank(seed)
    return LocalRankAtLeast(seed, prime)


def prime_for(weights: Weights) -> int:
    """A prime that divides no denominator."""
    assert weights.K is not None
    assert weights.Q is not None
    bottoms = [
        int(x.q) for m in (*weights.K, *weights.Q, *weights.V) for row in m.rows for x in row
    ]
    prime = DEFAULT_PRIME
    while any(q % prime == 0 for q in bottoms):
        prime = next_prime(prime)
    return prime
