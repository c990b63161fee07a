"""A lower bound for softmax networks by ball arithmetic, independent of the modular one.

At rational weights and rational inputs the true Jacobian, with true exponentials, is enclosed in
balls of python-flint's ``arb``.  A square minor whose determinant is enclosed away from zero has
full rank at that point, and so has the generic Jacobian: no transcendence is needed.

Reference: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
IEEE Trans. Comput. 66, 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx, fmpq

from algattn.dimension.dense import free_columns, jacobian_rows
from algattn.dimension.limits import checkpoint
from algattn.dimension.modular import DEFAULT_PRIME, Ints, Residues, profile_mod
from algattn.dimension.modular_autodiff import Weights, random_weights
from algattn.dimension.reduction import Kind, Reduction
from algattn.errors import HypothesisError

__all__ = ["BallPoint", "ball_rank", "ball_rows", "certified_rank", "copies", "minor_is_nonzero"]

START_BITS = 128
MAX_BITS = 2048
_GRID = 64  # weights and inputs are k/64 with k odd, |k| < 64


@dataclass(frozen=True, eq=False)
class BallPoint:
    """Weights of a softmax network as ball matrices (exact rationals at the working precision)."""

    key: tuple[arb_mat, ...]
    query: tuple[arb_mat, ...]
    value: tuple[arb_mat, ...]

    @staticmethod
    def of(key: Any, query: Any, value: Any) -> BallPoint:
        """From nested lists of rationals, one matrix for each layer."""
        parts = [tuple(_balls(rows) for rows in many) for many in (key, query, value)]
        return BallPoint(*parts)

    @property
    def d_in(self) -> int:
        return int(self.value[0].ncols())

    @property
    def d_out(self) -> int:
        return int(self.value[-1].nrows())


def _balls(rows: Any) -> arb_mat:
    return arb_mat([[arb(fmpq(x)) for x in row] for row in rows])


def _rationals(residues: Residues, *shape: int) -> list[list[fmpq]]:
    numbers = 2 * (residues.draw(*shape) % _GRID) - _GRID + 1
    return [[fmpq(int(x), _GRID) for x in row] for row in numbers]


def copies(tokens: int, distinct: int) -> tuple[int, ...]:
    """How often each of a few distinct tokens stands in an input of `tokens` tokens.

    >>> copies(7, 3), copies(2, 4)
    ((5, 1, 1), (1, 1))
    """
    distinct = min(tokens, distinct)
    return (tokens - distinct + 1, *(1,) * (distinct - 1))


def _attention(scores: arb_mat, counts: tuple[int, ...]) -> arb_mat:
    """``exp`` entrywise, times the number of copies of the row's token, columns divided by sums."""
    t = int(scores.nrows())
    e = [[counts[j] * scores[j, i].exp() for i in range(t)] for j in range(t)]
    total = [sum((e[j][i] for j in range(t)), arb(0)) for i in range(t)]
    return arb_mat([[e[j][i] / total[i] for i in range(t)] for j in range(t)])


def _adjoint(p: arb_mat, g: arb_mat) -> arb_mat:
    t = int(p.nrows())
    mean = [sum((p[j, i] * g[j, i] for j in range(t)), arb(0)) for i in range(t)]
    return arb_mat([[p[j, i] * (g[j, i] - mean[i]) for i in range(t)] for j in range(t)])


def _gradient(
    point: BallPoint, x: arb_mat, functional: arb_mat, counts: tuple[int, ...]
) -> list[Any]:
    """Gradient of a functional of the output at x by all K, Q, V in order (tokens are rows).

    The input consists of `counts` copies of the rows of x.  Copies have equal outputs, so the rows
    are carried once, and attention counts them as often as they stand there.
    """
    records = []
    for k, q, v in zip(point.key, point.query, point.value, strict=True):
        u, w = x * k.transpose(), x * q.transpose()
        p = _attention(u * w.transpose(), counts)
        z = p.transpose() * x
        records.append((x, u, w, p, z))
        x = z * v.transpose()
    y, blocks = functional, []
    for i in reversed(range(len(records))):
        x, u, w, p, z = records[i]
        back = y * point.value[i]
        g = _adjoint(p, x * back.transpose())
        du, dw = g * w, g.transpose() * u
        blocks.append(
            [
                *(du.transpose() * x).entries(),
                *(dw.transpose() * x).entries(),
                *(y.transpose() * z).entries(),
            ]
        )
        y = p * back + du * point.key[i] + dw * point.query[i]
    return [entry for block in reversed(blocks) for entry in block]


def ball_rows(
    point: BallPoint, counts: tuple[int, ...], rows: int, residues: Residues
) -> list[list[Any]]:
    """Enclosures of random rows of the true Jacobian, each from its own rational input.

    The inputs have ``sum(counts)`` tokens, ``len(counts)`` of them distinct: they are inputs of
    the network itself, so the rank of such rows bounds the rank of its Jacobian from below.
    """
    out, tokens = [], len(counts)
    for _ in range(rows):
        checkpoint()
        x = _balls(_rationals(residues, tokens, point.d_in))
        functional = _balls(_rationals(residues, tokens, point.d_out))
        out.append(_gradient(point, x, functional, counts))
    return out


def minor_is_nonzero(rows: list[list[Any]], columns: Ints) -> bool:
    """Whether the enclosure of the determinant on these columns excludes zero."""
    if not rows:
        return True
    checkpoint()
    determinant = arb_mat([[row[c] for c in columns] for row in rows]).det()
    return not determinant.contains(0)


def certified_rank(rows: list[list[Any]]) -> int:
    """Pivots that exclude zero in an elimination: a lower bound of the rank of the true matrix."""
    reduced: list[tuple[int, list[Any]]] = []
    for row in rows:
        checkpoint()
        for c, other in reduced:
            if row[c] != 0 or row[c].contains(0):
                factor = row[c] / other[c]
                row = [x - factor * y for x, y in zip(row, other, strict=True)]
        pivot = max(range(len(row)), key=lambda c: row[c].abs_lower(), default=0)
        if row and row[pivot].abs_lower() > 0:
            reduced.append((pivot, row))
            if len(reduced) == len(row):
                break
    return len(reduced)


def ball_rank(reduction: Reduction, seed: int, bits: int = 0) -> tuple[int, int]:
    """A certified lower bound of the dimension of a softmax network, and the bits it took.

    Parameters
    ----------
    reduction : Reduction
        A softmax shape.
    seed : int
        Draws the rational point and inputs.
    bits : int
        Working precision; 0 doubles it from 128 until the minor is certified.

    Returns
    -------
    rank, bits : int
        Rank 0 when the minor was not separated from zero.

    Raises
    ------
    HypothesisError
        For lightning, where exact ranks need no balls, and for one token.

    Notes
    -----
    The size and the columns of the minor are taken from a modular rank; that choice is a guess
    that proves nothing, the determinant proves everything.  Complexity: ``rank**3`` ball products.
    """
    if reduction.kind is not Kind.SOFTMAX or reduction.tokens < 2:
        raise HypothesisError(
            "bound a dimension by ball arithmetic",
            f"balls enclose exponentials, and {reduction.kind.value} on {reduction.tokens} "
            f"token{'s' * (reduction.tokens > 1)} has none",
            'method="dense" or method="symmetric"',
        )
    residues = Residues(seed)
    widths, attention = reduction.effective, reduction.ranks
    shape = random_weights(widths, attention, Residues(seed + 1))
    columns = _columns(reduction, shape)
    matrices = [
        [_rationals(residues, *m.shape) for m in many]
        for many in (shape.key, shape.query, shape.value)
    ]
    start = ctx.prec
    try:
        for precision in [bits] if bits else _doubling():
            ctx.prec = precision
            point = BallPoint.of(*matrices)
            counts = copies(reduction.tokens, reduction.sample_tokens)
            rows = ball_rows(point, counts, len(columns), Residues(seed + 2))
            if minor_is_nonzero(rows, columns):
                return len(columns), precision
    finally:
        ctx.prec = start
    return 0, MAX_BITS


def _doubling() -> list[int]:
    out = [START_BITS]
    while out[-1] < MAX_BITS:
        out.append(2 * out[-1])
    return out


def _columns(reduction: Reduction, weights: Weights) -> Ints:
    """Columns of a minor that is nonzero modulo a prime."""
    free = free_columns(weights, reduction)
    rows = jacobian_rows(
        weights,
        Kind.SOFTMAX,
        reduction.sample_tokens,
        len(free) + 8,
        Residues(1, DEFAULT_PRIME),
        symmetric_scores=reduction.symmetric_scores,
    )[:, free]
    chosen: Ints = free[np.array(profile_mod(rows, DEFAULT_PRIME).columns, dtype=np.int64)]
    return np.sort(chosen)
