"""Named data: fixtures of the theory, a counterexample, and random data that fit its hypotheses."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

from algattn.bias.data import TokenData


def two_sequences() -> TokenData:
    """Two sequences of three tokens in the plane, with ``|W_mm|^2 = 50/9``."""
    X1, X2 = [[1, 0], [0, 1], [1, 1]], [[1, 1], [2, 0], [0, -1]]
    return TokenData.of([X1, X2], [1, -1], [1, 2])


def middle_token() -> TokenData:
    """Three tokens on a line of which the middle one is selected: no W can do it."""
    return TokenData.of([[[1, 0], ["3/2", 0], [2, 0]]], [1], [1, 0], selection=[1])


def counterexample(*, escapes: bool = False) -> TokenData:
    """One sequence on which normalised gradient descent has two limits.

    Tokens: the query (0, 1, 0) with score 0, (1, 0, 1/2) with score 1/2 and (-3, 0, 1) with the
    best score 1.  From far along the hard margin direction of the second token, training stays
    there; from zero it finds the third.  With ``escapes`` the best token is (-1, 0, 1) instead;
    then it is a support vector of the second one's problem, and the same start leaves.

    Examples
    --------
    >>> counterexample().best()
    (2,)
    """
    best = [-1, 0, 1] if escapes else [-3, 0, 1]
    return TokenData.of([[[0, 1, 0], [1, 0, "1/2"], best]], [1], [0, 0, 1])


def orthonormal(n: int, T: int) -> TokenData:
    """n sequences of T orthonormal tokens in ``QQ^(n+T)`` with orthonormal queries.

    Token t of every sequence is the basis vector ``e_t``, the query of sequence i is ``e_{T+i}``,
    and the first token is the best, so ``|W_mm|^2 = n(T-1)/T`` and all multipliers are ``1/T``.
    """
    d = n + T

    def unit(j: int) -> list[int]:
        return [int(j == k) for k in range(d)]

    tokens = [unit(t) for t in range(T)]
    return TokenData.of([tokens] * n, [1] * n, unit(0), [unit(T + i) for i in range(n)])


def random_data(
    n: int, T: int, d: int, *, seed: int = 0, equal: bool = True, denominator: int = 64
) -> TokenData:
    """Gaussian tokens of length about one, rounded to multiples of ``1/denominator``.

    Parameters
    ----------
    n, T, d : int
        Sequences, tokens in each, entries of a token (d >= 2).
    seed : int
    equal : bool
        Give all non-optimal tokens of a sequence the same score, which the lemma on stationary
        points needs; otherwise scores are random and distinct.

    Returns
    -------
    TokenData
        The decoder is the last basis vector, so the last entry of a token carries its score.
    """
    rng = random.Random(seed)

    def gaussian() -> Fraction:
        return Fraction(round(rng.gauss(0, d**-0.5) * denominator), denominator)

    sequences: list[Any] = []
    labels = []
    for _ in range(n):
        y = rng.choice([1, -1])
        best = rng.randrange(T)
        low, gap = gaussian(), Fraction(rng.randint(denominator // 2, 2 * denominator), denominator)
        tokens = []
        for t in range(T):
            drop = Fraction(0)
            if t != best:
                drop = gap if equal else gap * Fraction(rng.randint(8, 24), 16)
            tokens.append([gaussian() for _ in range(d - 1)] + [y * (low + gap - drop)])
        sequences.append(tokens)
        labels.append(y)
    return TokenData.of(sequences, labels, [0] * (d - 1) + [1])


def gaussian_task(n: int, T: int, d: int, *, seed: int = 0, denominator: int = 64) -> TokenData:
    """Gaussian tokens with ``2 y mu`` added to one of each sequence: data for joint training.

    The tokens with the signal are the selection; mu is the first basis vector, and the decoder.
    Without the signal a token has length about one.
    """
    rng = random.Random(seed)
    sequences: list[Any] = []
    labels, selection = [], []
    for _ in range(n):
        y, best = rng.choice([1, -1]), rng.randrange(T)
        tokens = [
            [Fraction(round(rng.gauss(0, d**-0.5) * denominator), denominator) for _ in range(d)]
            for _ in range(T)
        ]
        tokens[best][0] += 2 * y
        sequences.append(tokens)
        labels.append(y)
        selection.append(best)
    mu = [1] + [0] * (d - 1)
    return TokenData.of(sequences, labels, mu, selection=selection)
