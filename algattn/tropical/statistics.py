"""How many cells random heads have."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from algattn.arguments import checked
from algattn.errors import InputError
from algattn.progress import Monitor
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.bounds_result import check_sizes
from algattn.tropical.counts import maximum_cells
from algattn.tropical.multihead import MultiHead
from algattn.words import quoted


@dataclass(frozen=True)
class RandomStatistics:
    """Numbers of joint cells of random instances, and what is possible at most."""

    heads: int
    keys: int
    dimension: int
    seed: int
    counts: tuple[int, ...]

    @property
    def bound(self) -> int:
        """The sharp upper bound."""
        return maximum_cells(self.heads, self.keys, self.dimension)

    @property
    def maximum(self) -> int:
        return max(self.counts)

    @property
    def mean(self) -> Fraction:
        return Fraction(sum(self.counts), len(self.counts))

    def __repr__(self) -> str:
        return (
            f"<{len(self.counts)} random instances (seed {self.seed}) of {self.heads} heads with "
            f"{self.keys} keys in dimension {self.dimension}: mean {float(self.mean):.4g}, "
            f"largest {self.maximum} of at most {self.bound} cells>"
        )


def random_heads(
    rng: random.Random, *, heads: int, keys: int, dimension: int, size: int = 1000
) -> MultiHead:
    """Heads with independent uniform integer keys and biases in ``[-size, size]``."""
    return MultiHead(
        [
            TropicalAttention(
                keys=[[rng.randint(-size, size) for _ in range(dimension)] for _ in range(keys)],
                biases=[rng.randint(-size, size) for _ in range(keys)],
            )
            for _ in range(heads)
        ]
    )


@checked
def random_statistics(
    *,
    heads: int,
    keys: int,
    dimension: int,
    samples: int = 20,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> RandomStatistics:
    """Count the joint cells of random heads (uniform integer keys and biases).

    Raises
    ------
    InputError
        For sizes that are not positive integers.
    LimitError
        When the time is over; ``.partial`` holds the statistics so far.

    Examples
    --------
    >>> random_statistics(heads=2, keys=3, dimension=1, samples=5, seed=1).bound
    5
    """
    if type(samples) is not int or samples < 1:
        raise InputError(
            "count random cells", f"samples is {quoted(samples)}", "use an integer >= 1"
        )
    check_sizes(heads=heads, keys=keys, dimension=dimension, depth=1)
    rng, counts = random.Random(seed), []
    with Monitor(
        "count random cells", total=samples, time_limit=time_limit, progress=progress
    ) as monitor:
        for _ in range(samples):
            joint = random_heads(rng, heads=heads, keys=keys, dimension=dimension)
            counts.append(len(joint.cells()))
            monitor.step(
                partial=lambda: RandomStatistics(heads, keys, dimension, seed, tuple(counts))
            )
    return RandomStatistics(heads, keys, dimension, seed, tuple(counts))
