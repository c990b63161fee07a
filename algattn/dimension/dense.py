"""Exact dense Jacobian ranks of deep attention networks modulo a prime.

Each row of the Jacobian is the gradient of a random linear functional of the output at a random
input, so r + few rows show a rank r; the rank at any point is a lower bound of the generic rank
over the rationals.  The Jacobian vanishes on the gauge directions, so it has its rank already on
the columns that are not pivots of the gauge matrix.

For softmax every exponential is an independent residue.  That this is the Jacobian of the true
network follows from Ax's theorem (functional Lindemann-Weierstrass: J. Ax, "On Schanuel's
conjectures", Ann. of Math. 93, 1971) once the scores are linearly independent modulo constants,
which `scores_independent` certifies layer by layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from algattn.dimension.gauge import gauge_matrix
from algattn.dimension.limits import checkpoint
from algattn.dimension.modular import DEFAULT_PRIME, Ints, Residues, profile_mod, rank_mod
from algattn.dimension.modular_autodiff import (
    Weights,
    attention_residues,
    forward,
    random_weights,
    reverse,
    tangent,
)
from algattn.dimension.reduction import Kind, Reduction
from algattn.errors import LimitError

__all__ = [
    "DenseCertificate",
    "DenseRank",
    "dense_certificate",
    "free_columns",
    "gauge_rank",
    "jacobian_rank",
    "jacobian_rows",
    "kills",
    "scores_independent",
    "scores_witness",
]

_SLACK = 8


@dataclass(frozen=True)
class DenseRank:
    """Rank of a Jacobian at one point modulo a prime.

    Attributes
    ----------
    rank : int
        A lower bound of the generic rank.
    rows : int
        Random rows used; when ``rank == rows`` more rows could show more.
    parameters : int
        Number of columns.
    """

    rank: int
    rows: int
    parameters: int


@dataclass(frozen=True)
class DenseCertificate:
    """Two-sided bound of the dimension by dense ranks at one random point of the effective shape.

    Attributes
    ----------
    lower : int
        Jacobian rank.
    upper : int
        Parameters minus the rank of the gauge directions.
    expected : int
        The closed formula.
    seed, prime : int
    """

    lower: int
    upper: int
    expected: int
    seed: int
    prime: int

    @property
    def exact(self) -> bool:
        """Whether both bounds agree, so that the dimension is proved."""
        return self.lower == self.upper


def jacobian_rows(
    weights: Weights,
    kind: Kind,
    tokens: int,
    rows: int,
    residues: Residues,
    *,
    symmetric_scores: Sequence[bool] | None = None,
) -> Ints:
    """Random rows of the Jacobian with respect to all entries of K, Q and V.

    Parameters
    ----------
    weights : Weights
        The point.
    kind : Kind
    tokens : int
        Tokens per input.
    rows : int
        Number of rows, each from its own input and functional (and exponentials).
    residues : Residues
        Source of randomness; it also fixes the prime.
    symmetric_scores : sequence of bool, optional
        Softmax layers with ``E_jk = E_kj`` forced; by default those behind a width of one.

    Returns
    -------
    ndarray of int64, shape (rows, parameters)
        Parameters in the order K_1, Q_1, V_1, K_2, ... (each row-major).
    """
    prime = residues.prime
    widths = weights.widths
    x = residues.floats(rows, tokens, widths[0])
    attention = None
    if kind is Kind.SOFTMAX:
        ties = symmetric_scores or [min(widths[: i + 1]) == 1 for i in range(weights.depth)]
        attention = attention_residues(rows, tokens, ties, residues)
    records, _ = forward(weights, x, attention, prime)
    functional = residues.floats(rows, tokens, widths[-1])
    blocks: list[Ints] = []
    for g in reverse(weights, records, functional, kind, prime):
        checkpoint()
        outer = ((g.y, g.z), (g.w, g.x), (g.u, g.x))
        for left, right in outer:
            entry = np.matmul(np.swapaxes(left, 1, 2), right).astype(np.int64) % prime
            blocks.append(entry.reshape(rows, -1))
    return np.concatenate(blocks[::-1], axis=1)


def jacobian_rank(
    weights: Weights,
    kind: Kind,
    tokens: int,
    *,
    bound: int | None = None,
    columns: Ints | None = None,
    seed: int = 0,
    prime: int = DEFAULT_PRIME,
) -> DenseRank:
    """Rank of the Jacobian at ``weights``, with rows added until it is stable.

    Parameters
    ----------
    weights : Weights
        The point.
    kind : Kind
    tokens : int
        Tokens per input.
    bound : int, optional
        A known upper bound; reaching it stops the computation.
    columns : ndarray of int64, optional
        Only these parameters; the rank can only become smaller.
    seed, prime : int

    Notes
    -----
    Complexity ``rows * parameters`` to fill and ``rank * rows * parameters`` to eliminate.
    """
    residues = Residues(seed, prime)
    chosen = np.arange(weights.parameters) if columns is None else columns
    ceiling = len(chosen) if bound is None else min(bound, len(chosen))
    rows = ceiling + _SLACK
    matrix = jacobian_rows(weights, kind, tokens, rows, residues)[:, chosen]
    rank = rank_mod(matrix, prime)
    stable = 0
    while rank < ceiling and stable < 2:
        # rank + slack rows span the row space already unless chance was against us twice over
        more = jacobian_rows(weights, kind, tokens, max(rank // 2, _SLACK), residues)[:, chosen]
        matrix = np.concatenate([matrix, more])
        new = rank_mod(matrix, prime)
        stable = stable + 1 if new == rank else 0
        rank = new
    return DenseRank(rank, matrix.shape[0], weights.parameters)


def gauge_rank(weights: Weights, reduction: Reduction, prime: int = DEFAULT_PRIME) -> int:
    """Rank modulo ``prime`` of the gauge directions at a point of the effective shape."""
    matrix = gauge_matrix(
        weights,
        collapsed=reduction.collapsed,
        scalings=reduction.kind is Kind.LIGHTNING,
        prime=prime,
    )
    return rank_mod(matrix, prime)


def free_columns(weights: Weights, reduction: Reduction, prime: int = DEFAULT_PRIME) -> Ints:
    """Parameters that are not pivots of the gauge directions modulo ``prime`` (0-based).

    Their number is ``parameters - gauge_rank``, the upper bound.
    """
    matrix = gauge_matrix(
        weights,
        collapsed=reduction.collapsed,
        scalings=reduction.kind is Kind.LIGHTNING,
        prime=prime,
    )
    pivots = np.array(profile_mod(matrix, prime).columns, dtype=np.int64)
    return np.setdiff1d(np.arange(weights.parameters), pivots)


def kills(
    weights: Weights,
    directions: Ints,
    kind: Kind,
    tokens: int,
    *,
    samples: int = 4,
    seed: int = 0,
    prime: int = DEFAULT_PRIME,
) -> bool:
    """Whether the derivative of the network along all ``directions`` vanishes at random inputs.

    Parameters
    ----------
    directions : ndarray of int64, shape (D, parameters)
    """
    residues = Residues(seed, prime)
    x = residues.floats(samples, tokens, weights.widths[0])
    attention = None
    if kind is Kind.SOFTMAX:
        ties = [min(weights.widths[: i + 1]) == 1 for i in range(weights.depth)]
        attention = attention_residues(samples, tokens, ties, residues)
    records, _ = forward(weights, x, attention, prime)
    return not tangent(weights, directions, records, kind, prime).any()


def scores_independent(
    weights: Weights,
    tokens: int,
    *,
    seed: int = 0,
    prime: int = DEFAULT_PRIME,
) -> tuple[bool, ...]:
    """Certify, layer by layer, that the softmax scores are independent modulo constants.

    For layer i the functions ``1, s_jk(X, E_1..E_{i-1})`` (for ``j <= k`` only where the scores are
    symmetric because of a width one) are evaluated at random residues; full rank proves that no
    rational combination of them is constant.  Scores of different samples involve different
    variables, so independence for one sample is independence for all; scores of different layers
    are separated because those of layer i are linear in ``A_i``, which earlier layers do not
    contain.

    Parameters
    ----------
    weights : Weights
    tokens : int

    Returns
    -------
    tuple of bool
        True is a proof for that layer; False is inconclusive.
    """
    residues = Residues(seed, prime)
    widths = weights.widths
    ties = [min(widths[: i + 1]) == 1 for i in range(weights.depth)]
    samples = tokens * tokens + 1 + _SLACK
    x = residues.floats(samples, tokens, widths[0])
    attention = attention_residues(samples, tokens, ties, residues)
    records, _ = forward(weights, x, attention, prime)
    result = []
    for record, tie in zip(records, ties, strict=True):
        scores = np.matmul(record.u, np.swapaxes(record.w, 1, 2)).astype(np.int64) % prime
        first, second = np.triu_indices(tokens) if tie else np.indices((tokens, tokens))
        columns = scores[:, first.ravel(), second.ravel()]
        ones = np.ones((samples, 1), dtype=np.int64)
        full = columns.shape[1] + 1
        result.append(rank_mod(np.concatenate([ones, columns], axis=1), prime) == full)
    return tuple(result)


def scores_witness(reduction: Reduction) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A smallest network whose independent scores prove independence for the given shape.

    Padded with zeros it is a special case of the larger network, with the same scores and the same
    layers behind a width of one.

    Returns
    -------
    widths, attention : tuple of int
        Widths ``min(r_i, 2)`` and attention ranks 1.
    """
    return tuple(min(r, 2) for r in reduction.bottlenecks), (1,) * reduction.depth


def dense_certificate(
    reduction: Reduction, *, seed: int = 0, prime: int = DEFAULT_PRIME
) -> DenseCertificate:
    """Bound the dimension from both sides at a random point of the effective shape.

    Parameters
    ----------
    reduction : Reduction
        From `algattn.dimension.reduction.reduce_shape`.
    """
    weights = random_weights(reduction.effective, reduction.ranks, Residues(seed, prime))
    columns = free_columns(weights, reduction, prime)
    try:
        found = jacobian_rank(
            weights,
            reduction.kind,
            reduction.sample_tokens,
            columns=columns,
            seed=seed + 1,
            prime=prime,
        )
    except LimitError as error:
        error.partial = (0, len(columns))
        raise
    return DenseCertificate(found.rank, len(columns), reduction.expected, seed, prime)
