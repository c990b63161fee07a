"""The same data as floats, in arrays that one training step can use at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algattn.bias.data import TokenData
from algattn.errors import InputError

Floats = NDArray[np.float64]

#: Numbers of runs in floats stay below this, so that no product of a few of them overflows.
LARGEST = 1e60


@dataclass(frozen=True, eq=False)
class TokenArrays:
    """Padded arrays: ``X`` (n, T, d), ``mask`` (n, T), ``y`` (n,), ``u`` (d,), ``Z`` (n, d).

    ``best`` (n,) are the selected tokens, or None when the best score is not unique.
    """

    X: Floats
    mask: NDArray[np.bool_]
    y: Floats
    u: Floats
    Z: Floats
    best: NDArray[np.intp] | None

    @classmethod
    def of(cls, data: TokenData) -> TokenArrays:
        """Round exact data (below 1e60) to floats; the selection is still decided exactly."""
        _check_size(data)
        n, T, d = data.shape
        X, mask = np.zeros((n, T, d)), np.zeros((n, T), dtype=bool)
        for i, tokens in enumerate(data.sequences):
            X[i, : len(tokens)] = [[float(x) for x in token] for token in tokens]
            mask[i, : len(tokens)] = True
        ties = data.selection is None and data.ties
        return cls(
            X,
            mask,
            np.array(data.labels, dtype=float),
            np.array([float(x) for x in data.decoder]),
            np.array([[float(x) for x in z] for z in data.queries]),
            None if ties else np.array(data.best(), dtype=np.intp),
        )

    @property
    def n(self) -> int:
        """The number of sequences."""
        return len(self.y)

    @property
    def d(self) -> int:
        return int(self.X.shape[2])

    def scores(self, u: Floats | None = None) -> Floats:
        """``gamma`` (n, T); padding has score 0 and is masked everywhere."""
        out: Floats = self.y[:, None] * (self.X @ (self.u if u is None else u))
        return out

    def batch(self, rows: Any) -> TokenArrays:
        """The sequences of some indices."""
        best = None if self.best is None else self.best[rows]
        return TokenArrays(self.X[rows], self.mask[rows], self.y[rows], self.u, self.Z[rows], best)

    def logits(self, W: Floats) -> Floats:
        """``x_{i,t}^T W z_i`` (n, T), minus infinity on padding."""
        out: Floats = np.matmul(self.X, (self.Z @ W.T)[:, :, None])[:, :, 0]
        out[~self.mask] = -np.inf
        return out

    @cached_property
    def others(self) -> NDArray[np.bool_]:
        """The constraints: real tokens that are not selected."""
        if self.best is None:
            raise ValueError("the best tokens are not unique")
        out = self.mask.copy()
        out[np.arange(self.n), self.best] = False
        return out

    @cached_property
    def factors(self) -> tuple[Floats, Floats]:
        """``x_o - x_t`` (N, d) and ``z`` (N, d) for the N constraints, in their order."""
        i, t = np.nonzero(self.others)
        assert self.best is not None
        return self.X[i, self.best[i]] - self.X[i, t], self.Z[i]

    def gram(self) -> Floats:
        """Inner products of the features ``D``, without building them."""
        left, right = self.factors
        out: Floats = (left @ left.T) * (right @ right.T)
        return out

    def combine(self, weights: Floats) -> Floats:
        """``sum weights D`` (d, d)."""
        left, right = self.factors
        out: Floats = (left * weights[:, None]).T @ right
        return out

    def margins(self, W: Floats) -> Floats:
        """``<W, D>`` (N,)."""
        left, right = self.factors
        out: Floats = ((left @ W) * right).sum(1)
        return out


def _check_size(data: TokenData) -> None:
    """Refuse numbers whose products leave the range of floats."""
    numbers = [x for tokens in data.sequences for token in tokens for x in token]
    numbers += [x for z in data.queries for x in z] + list(data.decoder)
    top = max(abs(x) for x in numbers)
    if top > int(LARGEST):
        raise InputError(
            "round data to floats",
            f"the largest number has {len(str(top.p // top.q))} digits",
            f"scale the data below {LARGEST:g}",
        )


def float_multipliers(G: Floats) -> Floats | None:
    """Multipliers ``lambda`` of ``min |sum lambda D|`` with margins at least one, from a Gram.

    Returns
    -------
    array (N,), or None
        NUMERIC, polished on the support; None when the point of least norm is zero to working
        precision (infeasible).
    """
    from algattn.bias.guess import guess_weights

    if not len(G):
        return np.zeros(0)
    w = np.array(guess_weights(G))
    square = float(w @ G @ w)
    if square <= 1e-10 * float(np.diag(G).max()):
        return None
    support = np.nonzero(w > 1e-6 * w.max())[0]
    polished = np.zeros_like(w)
    polished[support] = np.linalg.lstsq(
        G[np.ix_(support, support)], np.ones(len(support)), rcond=None
    )[0]
    good = (polished >= 0).all() and (G @ polished >= 1 - 1e-9).all()
    return polished if good else w / square
