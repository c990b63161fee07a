"""Random and degenerate heads for the tests of the tropical room."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction

from algattn.tropical import TropicalAttention


def random_head(rng: random.Random, n: int, d: int, size: int = 9) -> TropicalAttention:
    """Small integers or fractions, so that ties and coincidences happen."""
    bottom = rng.choice([1, 1, 1, 2, 3])

    def number() -> Fraction:
        return Fraction(rng.randint(-size, size), bottom)

    return TropicalAttention(
        keys=[[number() for _ in range(d)] for _ in range(n)],
        biases=[number() for _ in range(n)] if rng.random() < 0.8 else None,
        values=[[rng.randint(0, 3)] for _ in range(n)],
    )


DEGENERATE = {
    "duplicates": TropicalAttention([[1, 2], [1, 2], [0, 1]]),
    "collinear": TropicalAttention([[j, j] for j in range(5)], biases=[-j * j for j in range(5)]),
    "collinear, flat": TropicalAttention([[j, 2 * j] for j in range(5)]),
    "grid": TropicalAttention(
        [[i, j] for i in range(4) for j in range(4)],
        biases=[Fraction(-i * i - j * j, 2) for i in range(4) for j in range(4)],
    ),
    "cospherical": TropicalAttention([[3, 4], [4, 3], [5, 0], [0, 5], [-3, 4], [-5, 0], [0, -5]]),
    "dominated": TropicalAttention([[0, 0], [2, 0], [1, 0], [1, 0]], biases=[0, 0, -1, -3]),
    "one key": TropicalAttention([[7, -1, 2]], biases=[3]),
    "dimension zero": TropicalAttention([[], [], []], biases=[1, 3, 2]),
    "dimension zero, tied": TropicalAttention([[], []], biases=[1, 1]),
    "dimension one": TropicalAttention([[0], [1], [2], [3]], biases=[0, 0, -1, -5]),
    "on a plane in space": TropicalAttention(
        [[i, j, i + j] for i in range(3) for j in range(3)],
        biases=[-i * i - j * j for i in range(3) for j in range(3)],
    ),
    "huge": TropicalAttention([[10**400, 1], [1, 10**400], [-(10**400), "1/7"]]),
    "tiny": TropicalAttention([["1/10000000000", 0], [0, "1/10000000000"], [0, 0]]),
    "all equal": TropicalAttention([[1, 1]] * 4, biases=[2] * 4),
}

#: How many cells the degenerate heads have, with equal keys merged.
COUNTS = {
    "duplicates": 2,
    "collinear": 5,
    "collinear, flat": 2,
    "grid": 16,
    "cospherical": 7,
    "dominated": 2,
    "one key": 1,
    "dimension zero": 1,
    "dimension zero, tied": 1,
    "dimension one": 4,
    "on a plane in space": 9,
    "huge": 3,
    "tiny": 3,
    "all equal": 1,
}


def heads(count: int, seed: int = 0) -> Iterator[TropicalAttention]:
    """Degenerate heads first, then random ones."""
    yield from DEGENERATE.values()
    rng = random.Random(seed)
    for _ in range(count):
        yield random_head(rng, rng.randint(1, 9), rng.randint(0, 4))
