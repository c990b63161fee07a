"""The hidden Markov sequence task: two classes of sequences that differ in how often a state stays.

Each sequence has T tokens and a begin token in front.  A hidden state, + or -, is uniform at first
and then stays with a probability that depends on the class.  A token is the feature vector of its
state plus noise, inside and outside of the plane of the two features, and a one-hot position.
The heads that can solve the task compare a token with the one before it and average the answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import NamedTuple

import numpy as np

from algattn.arguments import checked
from algattn.errors import InputError, LimitError
from algattn.paths.arrays import Floats
from algattn.paths.attention import QueryKeyHead
from algattn.paths.network import PathNetwork

#: Floats that a task may take, 1.6 GB.
MOST_NUMBERS = 200_000_000


class Sequences(NamedTuple):
    """Inputs ``P x N0 x (T + 1)`` and labels -1, +1."""

    X: Floats
    Y: Floats


@checked
@dataclass(frozen=True)
class HMMTask:
    """The task and its network.

    Parameters
    ----------
    tokens : int
        T, without the begin token.
    features : int
        Even; the first half of the features belongs to one state, the second to the other.
    stay : (float, float)
        The probability to stay in the state, for classes +1 and -1.
    noise : float
        Standard deviation per coordinate in the plane of the two feature vectors.
    noise_perp : float
        The same outside of the plane.
    beta : float
        Factor of all attention weights; the larger, the sharper the softmax.
    two_paths : bool
        Leave the network only the good and the denoising path: the random head of the first layer
        becomes uniform, that of the second layer is left out.
    seed : int
        Of the random heads.

    Examples
    --------
    >>> task = HMMTask(tokens=4, features=4)
    >>> task.sample(6, seed=1).X.shape, task.network(10).paths()
    ((6, 9, 5), <4 paths: (1,1), (1,2), (2,1), (2,2)>)

    References
    ----------
    Tiberi, Mignacco, Irie, Sompolinsky, arXiv:2405.15926.
    """

    tokens: int = 30
    features: int = 200
    stay: tuple[float, float] = (0.7, 0.3)
    noise: float = 1.0
    noise_perp: float = 1.0
    beta: float = 10.0
    two_paths: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        asked = "make the hidden Markov task"
        if self.features < 2 or self.features % 2 or self.tokens < 2:
            raise InputError(
                asked,
                f"{self.features} features and {self.tokens} tokens",
                "an even number of features and at least 2 tokens",
            )
        noises = (self.noise, self.noise_perp, self.beta)
        if not all(0 <= p <= 1 for p in self.stay) or not all(0 <= x < inf for x in noises):
            raise InputError(asked, "a probability or a noise is out of range", "mend it")

        if self.seed < 0:
            raise InputError(asked, f"the seed is {self.seed}", "a whole number from 0")

    def check(self, count: int, seed: int = 0, *, kernels: bool = True) -> None:
        """Raise, before anything is drawn, when :meth:`sample` would refuse, or take too much.

        With the kernels of four paths on the sequences, or without.

        Raises
        ------
        InputError, LimitError
        """
        asked, size = "sample sequences", self.features + self.tokens + 1
        if count < 2 or count % 2:
            raise InputError(asked, f"{count} is odd or small", "an even number")
        if seed < 0:
            raise InputError(asked, f"the seed is {seed}", "a whole number from 0")
        numbers = count * size * (self.tokens + 1) + 4 * size**2  # inputs and heads
        if kernels:
            numbers += 16 * count**2
        if numbers > MOST_NUMBERS:
            raise LimitError(
                asked,
                f"{count} sequences of {self.tokens} tokens with {self.features} features "
                f"{'and their kernels ' if kernels else ''}take {numbers} numbers, above "
                f"{MOST_NUMBERS}",
                "fewer of them",
            )

    @property
    def states(self) -> tuple[Floats, Floats]:
        """The feature vectors of the two states, each of squared length `features`."""
        half = self.features // 2
        plus, minus = np.zeros(self.features), np.zeros(self.features)
        plus[:half] = minus[half:] = np.sqrt(2.0)
        return plus, minus

    def sample(self, count: int, *, seed: int = 0) -> Sequences:
        """Sequences, first the class +1 and then the class -1, half of each.

        Parameters
        ----------
        count : int
            Even.
        """
        self.check(count, seed, kernels=False)
        rng = np.random.default_rng(seed)
        Y = np.repeat([1.0, -1.0], count // 2)
        keep = np.where(Y > 0, self.stay[0], self.stay[1])
        state = np.empty((count, self.tokens), dtype=bool)
        state[:, 0] = rng.random(count) < 0.5
        for t in range(1, self.tokens):
            stays = rng.random(count) < keep
            state[:, t] = np.where(stays, state[:, t - 1], ~state[:, t - 1])
        plus, minus = self.states
        clean = np.where(state[:, :, None], plus, minus)
        raw = rng.normal(size=clean.shape)
        plane = np.stack([plus + minus, plus - minus])
        plane /= np.linalg.norm(plane, axis=1, keepdims=True)
        inside = (raw @ plane.T) @ plane
        words = clean + self.noise * inside + self.noise_perp * (raw - inside)
        X = np.zeros((count, self.features + self.tokens + 1, self.tokens + 1))
        X[:, : self.features, 1:] = np.swapaxes(words, 1, 2)
        X[:, self.features :, :] = np.eye(self.tokens + 1)
        return Sequences(X, Y)

    def head_weights(self) -> dict[str, Floats]:
        """Query-key weights by name: ``same`` (state as before), ``uniform``, ``random 1, 2``."""
        F, S = self.features, self.tokens + 1
        rng = np.random.default_rng(self.seed + 7919)
        plus, minus = self.states
        q = (plus - minus) / ((plus - minus) @ (plus - minus) / 2)
        same = np.zeros((F + S, F + S))
        same[:F, :F] = np.outer(q, q)
        for t in range(2, S):
            same[F + t - 1, F + t] = 1.0
        same[F, F + 1 :] = 1.5
        uniform = np.zeros((F + S, F + S))
        uniform[F:, F:] = 1.0

        def noise() -> Floats:
            W = np.empty((F + S, F + S))
            W[:F, :F] = rng.normal(size=(F, F)) / F
            W[F:, F:] = rng.normal(size=(S, S))
            W[:F, F:] = rng.normal(size=(F, S)) / np.sqrt(F)
            W[F:, :F] = rng.normal(size=(S, F)) / np.sqrt(F)
            return W

        return {
            "same": self.beta * same,
            "uniform": self.beta * uniform,
            "random 1": self.beta * noise(),
            "random 2": self.beta * noise(),
        }

    def network(self, width: int, *, temperature: float = 0.01) -> PathNetwork:
        """The two-layer network of one width; path (1,1) is good, path (2,1) removes noise."""
        W = self.head_weights()
        first = [QueryKeyHead(W["same"]), QueryKeyHead(W["random 1"])]
        second = [QueryKeyHead(W["uniform"]), QueryKeyHead(W["random 2"])]
        if self.two_paths:
            first[1], second = QueryKeyHead(0 * W["random 1"]), second[:1]
        return PathNetwork(
            heads=(len(first), len(second)),
            widths=(width,) * 3,
            variances=1,
            attention=[first, second],
            temperature=temperature,
            task="classification",
        )
