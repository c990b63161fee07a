"""Exact dense Jacobian ranks of attention networks modulo a prime.

Each row of the Jacobian is the gradient of a random linear functional of the output at a random
input, so r + few rows show a rank r; the rank at any point is a lower bound of the generic rank
over the rationals.  The Jacobian vanishes on the directions of symmetries, so it has its rank
already on the columns that are not pivots of their matrix.

For softmax every exponential is an independent residue.  That this is the Jacobian of the true
network follows from Ax's theorem (functional Lindemann-Weierstrass: J. Ax, "On Schanuel's
conjectures", Ann. of Math. 93, 1971) once the scores are linearly independent modulo constants,
which :mod:`algattn.dimension.scores` certifies layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from algattn.attention.layer import Key
from algattn.dimension.layers import Layers
from algattn.dimension.modular import DEFAULT_PRIME, Ints, Residues, profile_mod, rank_mod
from algattn.dimension.modular_autodiff import Point, random_weights, sampled_gradients
from algattn.errors import DisagreementError, LimitError

__all__ = [
    "Bounds",
    "Directions",
    "check_symmetries",
    "dense_bounds",
    "free_columns",
    "jacobian_rank",
    "jacobian_rows",
]

_SLACK = 8
_CHECKED_ROWS = 2
#: Numbers that one batch of samples keeps, where tokens are many.
_BATCH = 2 * 10**7

Directions = Callable[[Point, int], Ints]
"""Tangent vectors of the symmetries at weights modulo a prime, one a row, in parameter order."""


@dataclass(frozen=True)
class Bounds:
    """What one certificate says: lower <= dimension <= upper."""

    lower: int
    upper: int


def jacobian_rows(layers: Layers, point: Point, rows: int, residues: Residues) -> Ints:
    """Random rows of the Jacobian with respect to all weights.

    Parameters
    ----------
    layers : Layers
    point : Point
        The weights.
    rows : int
        Number of rows, each from its own input and functional (and exponentials).
    residues : Residues
        Source of randomness; it also fixes the prime.

    Returns
    -------
    ndarray of int64, shape (rows, parameters)
        Parameters layer by layer in their order (K, Q, V, ..), each row-major.
    """
    parts = []
    while rows:
        batch = min(rows, _batch(layers))
        rows -= batch
        parts.append(_batch_rows(layers, point, batch, residues))
    return np.concatenate(parts) if parts else np.zeros((0, layers.parameters), dtype=np.int64)


def _batch(layers: Layers) -> int:
    """Samples at a time: all, unless tokens are many."""
    t = layers.tokens
    each = sum(t * (s.heads * (t + 2 * s.rank + 2 * s.e) + s.d) for s in layers.shapes)
    return max(1, _BATCH // each) if t > 4 else 10**9


def _batch_rows(layers: Layers, point: Point, rows: int, residues: Residues) -> Ints:
    found: dict[tuple[int, Key], Ints] = {}
    for g in sampled_gradients(layers, point, rows, residues):
        entries = np.matmul(g.left, g.right.swapaxes(1, 2)).astype(np.int64) % residues.prime
        at, entries = (g.layer, g.key), entries.reshape(rows, -1)
        found[at] = (found[at] + entries) % residues.prime if at in found else entries
    return np.concatenate(
        [
            found[i, key] if (i, key) in found else np.zeros((rows, w.size), dtype=np.int64)
            for i, layer in enumerate(point)
            for key, w in layer.items()
        ],
        axis=1,
    )


def jacobian_rank(
    layers: Layers,
    point: Point,
    *,
    bound: int | None = None,
    columns: Ints | None = None,
    kernel: Ints | None = None,
    seed: int = 0,
    prime: int = DEFAULT_PRIME,
) -> int:
    """Rank of the Jacobian at a point, with rows added until it is stable.

    Parameters
    ----------
    layers : Layers
    point : Point
        The weights.
    bound : int, optional
        A known upper bound; reaching it stops the computation.
    columns : ndarray of int64, optional
        Only these parameters; the rank can only become smaller.
    kernel : ndarray of int64, optional
        Directions of symmetries, which are checked.
    seed, prime : int

    Notes
    -----
    Complexity ``rows * parameters`` to fill and ``rank * rows * parameters`` to eliminate.
    """
    residues = Residues(seed, prime)
    chosen = np.arange(layers.parameters) if columns is None else columns
    ceiling = len(chosen) if bound is None else min(bound, len(chosen))
    rows = jacobian_rows(layers, point, ceiling + _SLACK, residues)
    if kernel is not None:
        check_symmetries(rows, kernel, prime)
    matrix = rows[:, chosen]
    rank = rank_mod(matrix, prime)
    stable = 0
    while rank < ceiling and stable < 2:
        # rank + slack rows span the row space already unless chance was against us twice over
        more = jacobian_rows(layers, point, max(rank // 2, _SLACK), residues)[:, chosen]
        matrix = np.concatenate([matrix, more])
        new = rank_mod(matrix, prime)
        stable = stable + 1 if new == rank else 0
        rank = new
    return rank


def free_columns(directions: Ints, prime: int = DEFAULT_PRIME) -> Ints:
    """Parameters that are not pivots of the directions of symmetries modulo a prime (from 0).

    Their number is parameters minus rank, the upper bound.
    """
    pivots = np.array(profile_mod(directions, prime).columns, dtype=np.int64)
    return np.setdiff1d(np.arange(directions.shape[1]), pivots)


def check_symmetries(rows: Ints, directions: Ints, prime: int = DEFAULT_PRIME) -> None:
    """Raise unless the directions are in the kernel of the first rows of a Jacobian.

    A rank that is taken off their columns would not show a wrong symmetry.

    Raises
    ------
    DisagreementError
        When some direction changes the function.
    """
    if (rows[:_CHECKED_ROWS] % prime @ (directions % prime).T % prime).any():
        raise DisagreementError(
            "find a dimension", "a symmetry does not keep the function", "report this"
        )


def dense_bounds(layers: Layers, directions: Directions, *, seed: int = 0, prime: int) -> Bounds:
    """Bound the dimension from both sides at a random point.

    Parameters
    ----------
    layers : Layers
    directions : callable
        Of symmetries that hold at all weights, so that parameters minus their rank at any point
        bounds the dimension.
    seed, prime : int

    Raises
    ------
    LimitError
        When time is over; ``.partial`` holds the bounds found so far.
    """
    point = random_weights(layers.shapes, Residues(seed, prime))
    known = directions(point, prime)
    columns = free_columns(known, prime)
    try:
        rank = jacobian_rank(
            layers, point, columns=columns, kernel=known, seed=seed + 1, prime=prime
        )
    except LimitError as error:
        error.partial = (0, len(columns))
        raise
    return Bounds(rank, len(columns))
