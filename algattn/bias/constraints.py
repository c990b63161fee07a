"""The margin constraints ``<W, (x_{i,o} - x_{i,t}) z_i^T> >= 1`` of a selection of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import lcm

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from algattn.bias.data import TokenData, Vector

Rows = list[list[fmpq]]


@dataclass(frozen=True)
class Constraints:
    """The features ``D_{i,t} = (x_{i,o_i} - x_{i,t}) z_i^T`` for all i and t != o_i.

    They are never written out: a feature has d^2 entries, its two factors have 2d, and inner
    products are ``<D, D'> = <d, d'> <z, z'>``.

    Attributes
    ----------
    index : tuple of (i, t)
        The constraints in order, 0-based.
    """

    data: TokenData
    selection: tuple[int, ...]

    @classmethod
    def of(cls, data: TokenData) -> Constraints:
        return cls(data, data.best())

    @cached_property
    def index(self) -> tuple[tuple[int, int], ...]:
        return tuple(
            (i, t)
            for i, (length, o) in enumerate(zip(self.data.lengths, self.selection, strict=True))
            for t in range(length)
            if t != o
        )

    @cached_property
    def differences(self) -> tuple[Vector, ...]:
        """``x_{i,o} - x_{i,t}`` for each constraint."""
        out = []
        for i, t in self.index:
            tokens = self.data.sequences[i]
            out.append(
                tuple(a - b for a, b in zip(tokens[self.selection[i]], tokens[t], strict=True))
            )
        return tuple(out)

    @cached_property
    def gaps(self) -> tuple[fmpq, ...]:
        """``gamma_{i,o} - gamma_{i,t}`` for each constraint."""
        scores = self.data.scores
        return tuple(scores[i][self.selection[i]] - scores[i][t] for i, t in self.index)

    def gram(self) -> Rows:
        """The inner products of all features.

        Complexity
        ----------
        ``O(N^2 d)`` operations and no ``d^2``.
        """
        if not self.index:
            return []
        n, d = len(self.index), self.data.d
        left = fmpq_mat(n, d, [x for row in self.differences for x in row])
        right = fmpq_mat(self.data.n, d, [x for row in self.data.queries for x in row])
        dd = (left * left.transpose()).tolist()
        zz = (right * right.transpose()).tolist()
        return [
            [dd[a][b] * zz[i][j] for b, (j, _) in enumerate(self.index)]
            for a, (i, _) in enumerate(self.index)
        ]

    def combine(self, multipliers: Sequence[fmpq]) -> Rows:
        """The matrix ``sum lambda_{i,t} D_{i,t}``."""
        n, d = self.data.n, self.data.d
        weights, scale = integral([multipliers])
        left, left_scale = integral(self.differences)
        right, right_scale = integral(self.data.queries)
        sums = [[0] * d for _ in range(n)]
        for (i, _), row, weight in zip(self.index, left, weights[0], strict=True):
            if weight:
                sums[i] = [a + weight * b for a, b in zip(sums[i], row, strict=True)]
        product = fmpz_mat(sums).transpose() * fmpz_mat(right)
        common = scale * left_scale * right_scale
        return [[fmpq(product[r, c], common) for c in range(d)] for r in range(d)]

    def margins(self, W: Rows) -> list[fmpq]:
        """``<W, D_{i,t}>`` for each constraint."""
        middle, scale = integral(W)
        left, left_scale = integral(self.differences)
        right, right_scale = integral(self.data.queries)
        images = fmpz_mat(right) * fmpz_mat(middle).transpose()
        common = scale * left_scale * right_scale
        out = []
        for (i, _), row in zip(self.index, left, strict=True):
            out.append(fmpq(sum((a * images[i, j] for j, a in enumerate(row)), fmpz(0)), common))
        return out


def integral(rows: Sequence[Sequence[fmpq]]) -> tuple[list[list[int]], int]:
    """Rational rows as integers over one common denominator.

    >>> integral([[fmpq(1, 2), fmpq(1, 3)]])
    ([[3, 2]], 6)
    """
    scale = 1
    for row in rows:
        for x in row:
            if scale % int(x.q):
                scale = lcm(scale, int(x.q))
    return [[int(x.p) * (scale // int(x.q)) for x in row] for row in rows], scale
