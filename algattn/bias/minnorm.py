"""The point of least norm in the convex hull of vectors that are known by their Gram matrix only.

This one problem holds everything about hard margins.  Let ``p`` be that point.  When ``p != 0``
the vectors lie in an open half space and ``p/|p|^2`` is the shortest W with margins at least one;
when ``p = 0`` its weights are a Farkas certificate that no W has positive margins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

from flint import fmpq, fmpq_mat, fmpz_mat

from algattn.bias.guess import guess_support, guess_weights
from algattn.errors import HypothesisError
from algattn.progress import Monitor, tick

Gram = list[list[fmpq]]


@dataclass(frozen=True)
class MinNorm:
    """Weights ``w >= 0``, ``sum w = 1`` of the point of least norm, and its squared norm.

    ``exchanges`` counts the vectors that the exact iteration added after the float guess.
    """

    weights: tuple[fmpq, ...]
    norm_squared: fmpq
    exchanges: int


def _affine_minimiser(gram: list[list[int]], support: Sequence[int]) -> list[fmpq] | None:
    """Weights of the point of least norm in the affine hull; None when it is not a simplex."""
    m = len(support)
    rows = [[0] + [1] * m] + [[1] + [gram[i][j] for j in support] for i in support]
    right = fmpz_mat(m + 1, 1, [1] + [0] * m)
    try:
        solution = fmpz_mat(rows).solve(right)
    except ZeroDivisionError:
        return None
    return [solution[k + 1, 0] for k in range(m)]


def _independent(gram: list[list[int]], support: Sequence[int]) -> list[int]:
    """An affinely independent part of `support`, first come first served."""
    rows = [[1] * len(support)] + [[gram[i][j] for j in support] for i in support]
    reduced, _, rank = fmpz_mat(rows).rref()
    pivots, j = [], 0
    for i in range(rank):
        while reduced[i, j] == 0:
            j += 1
        pivots.append(support[j])
    return pivots


def _start(gram: list[list[int]], guess: Sequence[float] | None) -> tuple[list[int], list[fmpq]]:
    """A simplex that holds its own affine minimiser inside, near the guess."""
    support: list[int] = []
    if guess is not None and len(guess):
        support = sorted(guess_support(guess), key=lambda j: -guess[j])
    while support:
        weights = _affine_minimiser(gram, support)
        if weights is None:
            support = _independent(gram, support)
            continue
        if all(x > 0 for x in weights):
            return support, weights
        support = [j for j, x in zip(support, weights, strict=True) if x > 0]
    best = min(range(len(gram)), key=lambda j: gram[j][j])
    return [best], [fmpq(1)]


def min_norm_point(
    gram: Gram,
    *,
    guess: Sequence[float] | bool | None = True,
    time_limit: float | None = None,
    progress: bool = False,
) -> MinNorm:
    """The point of least norm in the convex hull, exactly, by Wolfe's finite algorithm.

    Parameters
    ----------
    gram : N x N rationals
        Inner products of the N >= 1 vectors (symmetric, positive semidefinite).
    guess : weights, True or None
        A float solution to start from; True asks the best float solver at hand, None starts from
        the shortest vector.  The answer does not depend on it, the time does.

    Returns
    -------
    MinNorm
        Exact; at the weights' point p every vector has inner product at least ``|p|^2``.

    Raises
    ------
    HypothesisError
        When there are no vectors.
    LimitError
        When `time_limit` seconds are over.

    Complexity
    ----------
    One rational solve of the support's size for each exchange; usually a good guess needs none.

    Notes
    -----
    The support stays affinely independent, so degenerate Gram matrices need no special care, and
    the norm falls with every exchange, so the iteration ends.

    References
    ----------
    Wolfe 1976 (``algattn cite Wolfe``).

    Examples
    --------
    >>> found = min_norm_point([[fmpq(1), fmpq(0)], [fmpq(0), fmpq(3)]])
    >>> found.weights, found.norm_squared
    ((3/4, 1/4), 3/4)
    """
    if not gram:
        raise HypothesisError(
            "find the point of least norm",
            "there are no constraints, so there are no vectors",
            "give some sequence a second token; solve() says W = 0",
        )
    table, scale = fmpq_mat(gram).numer_denom()
    whole = [[int(x) for x in row] for row in table.tolist()]
    n = len(gram)
    if guess is True:
        guess = guess_weights(whole)
    support, weights = _start(whole, guess or None)
    exchanges = 0
    with Monitor("find the hard margin exactly", time_limit=time_limit, progress=progress) as m:
        while True:
            m.step()
            full = [fmpq(0)] * n
            for j, x in zip(support, weights, strict=True):
                full[j] = x
            products = _products(table, support, weights)
            square = sum((full[j] * products[j] for j in support), fmpq(0))
            worst = min(range(n), key=products.__getitem__)
            if products[worst] >= square:
                return MinNorm(tuple(full), square / scale, exchanges)
            exchanges += 1
            tick()
            support, weights = _descend(whole, [*support, worst], [*weights, fmpq(0)])


def _products(table: fmpz_mat, support: list[int], weights: list[fmpq]) -> list[fmpq]:
    common = 1
    for x in weights:
        common = lcm(common, int(x.q))
    column = [0] * table.ncols()
    for j, x in zip(support, weights, strict=True):
        column[j] = int(x.p) * (common // int(x.q))
    product = table * fmpz_mat(table.ncols(), 1, column)
    return [fmpq(product[i, 0], common) for i in range(table.nrows())]


def _descend(
    gram: list[list[int]], support: list[int], weights: list[fmpq]
) -> tuple[list[int], list[fmpq]]:
    """Walk towards the affine minimiser, leaving vectors whose weight vanishes on the way."""
    while True:
        target = _affine_minimiser(gram, support)
        assert target is not None, "the support of Wolfe's algorithm is affinely independent"
        tick()
        if all(x > 0 for x in target):
            return support, target
        step = min(w / (w - x) for w, x in zip(weights, target, strict=True) if x <= 0 and w != x)
        moved = [w + step * (x - w) for w, x in zip(weights, target, strict=True)]
        kept = [(j, w) for j, w in zip(support, moved, strict=True) if w > 0]
        support, weights = [j for j, _ in kept], [w for _, w in kept]
