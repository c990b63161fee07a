"""A lower bound for softmax networks by ball arithmetic, independent of the modular one.

At rational weights and rational inputs the true Jacobian, with true exponentials, is enclosed in
balls of python-flint's ``arb``.  A square minor whose determinant is enclosed away from zero has
full rank at that point, and so has the generic Jacobian: no transcendence is needed.

Reference: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic",
IEEE Trans. Comput. 66, 2017.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx, fmpq

from algattn.attention.layer import Attend, Key
from algattn.attention.spaces import NAMES, LayerShape
from algattn.dimension.dense import Directions, check_symmetries, free_columns, jacobian_rows
from algattn.dimension.layers import Layers
from algattn.dimension.limits import checkpoint
from algattn.dimension.modular import DEFAULT_PRIME, Ints, Residues, profile_mod
from algattn.dimension.modular_autodiff import random_weights
from algattn.dimension.tape import Traced, gradients

__all__ = [
    "BallPoint",
    "as_balls",
    "ball_rank",
    "ball_rows",
    "certified_rank",
    "minor_is_nonzero",
]

START_BITS = 128
MAX_BITS = 2048
_GRID = 64  # weights and inputs are k/64 with k odd, |k| < 64

BallPoint = Sequence[Mapping[Key, arb_mat]]
"""Weights of each layer as ball matrices (exact rationals at the working precision)."""


class BallMatrices:
    """Matrices of balls, for :mod:`algattn.dimension.tape`."""

    def times(self, a: arb_mat, b: arb_mat, /) -> arb_mat:
        return a * b

    def plus(self, a: arb_mat, b: arb_mat, /) -> arb_mat:
        return a + b

    def turn(self, a: arb_mat, /) -> arb_mat:
        return a.transpose()


def as_balls(rows: Any) -> arb_mat:
    """A matrix of rationals as balls."""
    return arb_mat([[arb(fmpq(x)) for x in row] for row in rows])


def _rationals(residues: Residues, *shape: int) -> list[list[fmpq]]:
    numbers = 2 * (residues.draw(*shape) % _GRID) - _GRID + 1
    return [[fmpq(int(x), _GRID) for x in row] for row in numbers]


def _softmax(counts: tuple[int, ...]) -> Attend[Traced[arb_mat]]:
    """``exp`` entrywise, times the number of copies of the row's token, columns divided by sums."""

    def attend(scores: Traced[arb_mat], shape: LayerShape, head: int) -> Traced[arb_mat]:
        t, s = len(counts), scores.value
        seen = shape.seen.rows() if shape.mask is not None else [[1] * t] * t
        times = [[n * see for see in row] for n, row in zip(counts, seen, strict=True)]
        e = [[times[j][i] * s[j, i].exp() for i in range(t)] for j in range(t)]
        total = [sum((e[j][i] for j in range(t)), arb(0)) for i in range(t)]
        p = arb_mat([[e[j][i] / total[i] for i in range(t)] for j in range(t)])

        def back(g: arb_mat) -> arb_mat:
            mean = [sum((p[j, i] * g[j, i] for j in range(t)), arb(0)) for i in range(t)]
            return arb_mat([[p[j, i] * (g[j, i] - mean[i]) for i in range(t)] for j in range(t)])

        return scores.tape.made(p, (scores, back))

    return attend


def ball_rows(layers: Layers, point: BallPoint, rows: int, residues: Residues) -> list[list[Any]]:
    """Enclosures of random rows of the true Jacobian, each from its own rational input.

    The inputs are inputs of the network itself, with ``layers.counts`` copies of each token, so the
    rank of such rows bounds the rank of its Jacobian from below.
    """
    out, t = [], layers.tokens

    def random(width: int) -> arb_mat:
        return as_balls(_rationals(residues, t, width)).transpose()

    one, algebra, attend = as_balls([[1] * t]), BallMatrices(), _softmax(layers.counts)
    for _ in range(rows):
        checkpoint()
        x, functional = random(layers.shapes[0].d), random(layers.shapes[-1].e)
        found = gradients(algebra, layers.shapes, point, x, one, attend, functional)
        blocks: dict[Any, arb_mat] = {}
        for g in found:
            at, part = (g.layer, g.key), g.left * g.right.transpose()
            blocks[at] = blocks[at] + part if at in blocks else part
        keys = ((i, key) for i, layer in enumerate(point) for key in layer)
        out.append([x for at in keys for x in blocks[at].entries()])
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


def ball_rank(layers: Layers, directions: Directions, seed: int, bits: int = 0) -> tuple[int, int]:
    """A certified lower bound of the dimension of a softmax network, and the bits it took.

    Parameters
    ----------
    layers : Layers
        Of softmax, on the distinct tokens.
    directions : callable
        Symmetries, to choose columns.
    seed : int
        Draws the rational point and inputs.
    bits : int
        Working precision; 0 doubles it from 128 until the minor is certified.

    Returns
    -------
    rank, bits : int
        Rank 0 when the minor was not separated from zero.

    Notes
    -----
    The size and the columns of the minor are taken from a modular rank; that choice is a guess
    that proves nothing, the determinant proves everything.  Complexity: ``rank**3`` ball products.
    """
    residues = Residues(seed)
    columns = _columns(layers, directions, seed)
    named = sorted(
        ((NAMES.index(p.name), p.layer, p.index, p) for s in layers.shapes for p in s.parameters),
        key=lambda item: item[:3],
    )
    matrices = {(p.layer, p.name, p.index): _rationals(residues, *p.shape) for *_, p in named}
    start = ctx.prec
    try:
        for precision in [bits] if bits else _doubling():
            ctx.prec = precision
            point = [
                {
                    (p.name, p.index): as_balls(matrices[p.layer, p.name, p.index])
                    for p in shape.parameters
                }
                for shape in layers.shapes
            ]
            rows = ball_rows(layers, point, len(columns), Residues(seed + 2))
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


def _columns(layers: Layers, directions: Directions, seed: int) -> Ints:
    """Columns of a minor that is nonzero modulo a prime."""
    point = random_weights(layers.shapes, Residues(seed + 1))
    known = directions(point, DEFAULT_PRIME)
    free = free_columns(known)
    rows = jacobian_rows(layers, point, len(free) + 8, Residues(1, DEFAULT_PRIME))
    check_symmetries(rows, known)
    rows = rows[:, free]
    chosen: Ints = free[np.array(profile_mod(rows, DEFAULT_PRIME).columns, dtype=np.int64)]
    return np.sort(chosen)
