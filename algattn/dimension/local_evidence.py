"""Reasons for the rank of a Jacobian at given weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import ctx

from algattn.attention import Architecture, Weights
from algattn.attention.coordinates import Coordinates
from algattn.attention.problem import Problem
from algattn.attention.theorems import lightning, softmax
from algattn.attention.weights import VIRTUAL_WEIGHTS
from algattn.dimension.balls import as_balls, ball_rows, certified_rank
from algattn.dimension.dense import jacobian_rank
from algattn.dimension.modular import DEFAULT_PRIME, Residues, check_prime, next_prime, rank_mod
from algattn.dimension.modular_autodiff import Point
from algattn.dimension.subject import network_directions, sampled
from algattn.dimension.virtual import expanded_rank, expansion_size, virtual_bound
from algattn.errors import FieldError, HypothesisError
from algattn.exact import QQ, Matrix
from algattn.results import BOTH_SIDES, Claim, Evidence, Status, about, declare
from algattn.symbolic.differential import jacobian

__all__ = [
    "ExpandedRank",
    "LocalBallRank",
    "LocalGuess",
    "LocalOrbitBound",
    "LocalRankAtLeast",
    "SoftmaxRank",
    "VirtualBound",
    "expandable",
    "factored",
    "lower_evidence",
    "prime_for",
    "rank_by_expansion",
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
    parts = [
        [
            _split(f"find the local dimension of {network!r}", A, shape.rank, shape.number)
            for A in weights.blocks("A", shape.number - 1)
        ]
        for shape in network.shapes
    ]
    rest = {name: getattr(weights, name) for name in weights.names if name != "A"}
    K, Q = ([[pair[n] for pair in layer] for layer in parts] for n in (0, 1))
    return Weights(K=K, Q=Q, **rest)


def _split(asked: str, A: Matrix, rank: int, layer: int) -> tuple[Matrix, Matrix]:
    """``A = K^T Q`` with as many rows as the rank allows."""
    d = A.shape[0]
    if rank >= d:
        left, right = Matrix.identity(QQ, d), A
    else:
        reduced, pivots = A.rref()
        if len(pivots) < rank:
            raise HypothesisError(
                asked,
                f"A of layer {layer} has rank {len(pivots)} below {rank}, where the matrices of "
                "bounded rank are singular and have no Jacobian",
                "weights K, Q and V",
            )
        left = Matrix(QQ, [A.column(n) for n in pivots])
        right = Matrix(QQ, [reduced.rows[n] for n in range(rank)])
    fill = [[QQ.zero] * d for _ in range(rank - left.shape[0])]
    return Matrix(QQ, [*left.rows, *fill]), Matrix(QQ, [*right.rows, *fill])


def _residues(network: Architecture, weights: Weights, prime: int) -> Point:
    """The weights modulo a prime that divides no denominator."""
    check_prime(prime)

    def reduce(m: Matrix) -> Any:
        rows = [[int(x.p) % prime * pow(int(x.q), -1, prime) % prime for x in r] for r in m.rows]
        return np.array(rows, dtype=np.int64).reshape(m.shape)

    return tuple(
        {(p.name, p.index): reduce(weights.block(p)) for p in shape.parameters}
        for shape in network.shapes
    )


@dataclass(frozen=True)
class _Local(Evidence):
    @staticmethod
    def network_and_weights(problem: Problem) -> tuple[Architecture, Weights]:
        return problem.network, factored(problem.network, problem.weights)


@declare(
    "dimension.local-rank-at-least",
    about("dimension.local", "lower, rank"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class LocalRankAtLeast(_Local):
    """Rank of the Jacobian at the weights modulo a prime."""

    seed: int
    prime: int

    def rank(self, network: Architecture, weights: Weights, bound: int) -> int:
        """The rank found, at most `bound`."""
        if not lightning.holds(network):
            raise self.fail("a modular rank at given weights says nothing about exponentials")
        point, layers = _residues(network, weights, self.prime), sampled(network)
        return jacobian_rank(layers, point, bound=bound, seed=self.seed, prime=self.prime)

    def check(self, problem: Problem, claim: Claim) -> None:
        rank = self.rank(*self.network_and_weights(problem), claim.value)
        if rank < claim.value:
            raise self.fail(f"the rank is {rank}, below {claim.value}")

    def summary(self) -> str:
        return f"{super().summary()} (seed {self.seed}, modulo {self.prime})"


@declare(
    "dimension.local-ball-rank",
    about("dimension.local", "lower, rank"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class LocalBallRank(_Local):
    """Rank of the true Jacobian at the weights, certified in ball arithmetic."""

    seed: int

    def rank(self, network: Architecture, weights: Weights, bound: int) -> int:
        """The rank certified, at most `bound`."""
        if not softmax.holds(network):
            raise self.fail("balls enclose exponentials, and this network has none")
        before, layers = ctx.prec, sampled(network)
        try:
            ctx.prec = _BITS
            point = [
                {(p.name, p.index): as_balls(weights.block(p).rows) for p in shape.parameters}
                for shape in network.shapes
            ]
            return certified_rank(ball_rows(layers, point, bound + 4, Residues(self.seed)))
        finally:
            ctx.prec = before

    def check(self, problem: Problem, claim: Claim) -> None:
        rank = self.rank(*self.network_and_weights(problem), claim.value)
        if rank < claim.value:
            raise self.fail(f"the certified rank is {rank}, below {claim.value}")


@declare(
    "dimension.virtual-bound",
    about("dimension.local", "rank"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class VirtualBound(_Local):
    """Exact rank over QQ of the motions of the virtual weights."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network, weights = self.network_and_weights(problem)
        if not VIRTUAL_WEIGHTS.covers(network):
            raise self.fail(f"the theorem {VIRTUAL_WEIGHTS.name!r} does not cover the network")
        upper = virtual_bound(network, weights)
        if upper > claim.value:
            raise self.fail(f"the virtual weights move in {upper} dimensions, not {claim.value}")


@declare(
    "dimension.softmax-rank",
    about("dimension.local", "rank"),
    Status.PROVED,
    sides=BOTH_SIDES,
    recomputed=True,
)
@dataclass(frozen=True)
class SoftmaxRank(_Local):
    """Exact rank over QQ of the motions of what a softmax network sees (lemma "softmax")."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network, weights = self.network_and_weights(problem)
        if not (softmax.holds(network) and VIRTUAL_WEIGHTS.covers(network)):
            raise self.fail("the lemma is about softmax networks")
        rank = virtual_bound(network, weights)
        if rank != claim.value:
            raise self.fail(f"the rank is {rank}, not {claim.value}")


@declare(
    "dimension.local-orbit-bound",
    about("dimension.local", "rank, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class LocalOrbitBound(_Local):
    """Parameters minus rank of the gauge directions at the weights."""

    prime: int

    def upper(self, network: Architecture, weights: Weights) -> int:
        point = _residues(network, weights, self.prime)
        matrix = network_directions(network, point, self.prime)
        return network.parameters - rank_mod(matrix, self.prime)

    def check(self, problem: Problem, claim: Claim) -> None:
        upper = self.upper(*self.network_and_weights(problem))
        if upper > claim.value:
            raise self.fail(f"parameters minus gauge directions is {upper}, above {claim.value}")


@declare(
    "dimension.expanded-rank", about("dimension.local", "rank"), Status.PROVED, sides=BOTH_SIDES
)
@dataclass(frozen=True)
class ExpandedRank(_Local):
    """Exact rank over QQ of the Jacobian, expanded in polynomials."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network, weights = self.network_and_weights(problem)
        if not expandable(network):
            raise self.fail("this network cannot be expanded")
        rank = rank_by_expansion(network, weights)
        if rank != claim.value:
            raise self.fail(f"the rank is {rank}, not {claim.value}")


@declare("dimension.local-guess", about("dimension.local", "rank"), Status.PROBABLE)
@dataclass(frozen=True)
class LocalGuess(_Local):
    """The rank found at random inputs, very likely the rank at the weights."""

    seed: int
    prime: int

    def check(self, problem: Problem, claim: Claim) -> None:
        network, weights = self.network_and_weights(problem)
        below = lower_evidence(network, self.seed, self.prime)
        if below.rank(network, weights, network.parameters) != claim.value:
            raise self.fail("the rank found is another one")


def expandable(network: Architecture) -> bool:
    """Whether the Jacobian is small enough to be expanded in polynomials."""
    if not lightning.holds(network):
        return False
    if VIRTUAL_WEIGHTS.covers(network):
        return expansion_size(network) <= EXPAND_LIMIT
    return Coordinates.of(network).count * network.parameters <= EXPAND_LIMIT


def rank_by_expansion(network: Architecture, weights: Weights) -> int:
    """The exact rank of the Jacobian of a lightning network."""
    if VIRTUAL_WEIGHTS.covers(network):
        return expanded_rank(network, weights)
    return jacobian(network, weights).rank()


def lower_evidence(
    network: Architecture, seed: int, prime: int
) -> LocalRankAtLeast | LocalBallRank:
    if softmax.holds(network):
        return LocalBallRank(seed)
    return LocalRankAtLeast(seed, prime)


def prime_for(network: Architecture, weights: Weights) -> int:
    """A prime that divides no denominator."""
    matrices = (weights.block(p) for shape in network.shapes for p in shape.parameters)
    bottoms = [int(x.q) for m in matrices for row in m.rows for x in row]
    prime = DEFAULT_PRIME
    while any(q % prime == 0 for q in bottoms):
        prime = next_prime(prime)
    return prime
