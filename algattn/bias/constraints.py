"""The margin constraints ``<W, (x_{i,o} - x_{i,t}) z_i^T> >= 1`` of a selection of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import lcm

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat

from algattn.bias.data import TokenData, Vector
from algattn.progress import tick

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
    def left(self) -> tuple[fmpz_mat, fmpz]:
        """The differences (N x d) as integers over one denominator."""
        return self._integral(self.differences)

    @cached_property
    def right(self) -> tuple[fmpz_mat, fmpz]:
        """The queries (n x d) as integers over one denominator."""
        return self._integral(self.data.queries)

    def _integral(self, rows: Sequence[Vector]) -> tuple[fmpz_mat, fmpz]:
        flat = [x for row in rows for x in row]
        numerators, denominator = fmpq_mat(len(rows), self.data.d, flat).numer_denom()
        return numerators, denominator

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
        every = range(len(self.index))
        common = self.scale
        return [[fmpq(x, common) for x in row] for row in self.block(every, every)]

    @property
    def scale(self) -> fmpz:
        """The common denominator of all inner products."""
        return (self.left[1] * self.right[1]) ** 2

    def block(self, rows: Sequence[int], columns: Sequence[int]) -> list[list[fmpz]]:
        """Inner products of some features with others, times :attr:`scale`."""
        left, right = self.left[0].tolist(), self.right[0]
        if not rows or not columns:
            return [[] for _ in rows]
        one, other = (fmpz_mat([left[k] for k in part]) for part in (rows, columns))
        zz = (right * right.transpose()).tolist()
        of = [self.index[k][0] for k in columns]
        out = []
        for k, row in zip(rows, (one * other.transpose()).tolist(), strict=True):
            tick()
            out.append([x * zz[self.index[k][0]][j] for x, j in zip(row, of, strict=True)])
        return out

    def mixed(self, multipliers: Sequence[fmpq]) -> tuple[fmpz_mat, fmpz]:
        """Row i is ``sum_t lambda_{i,t} (x_{i,o} - x_{i,t})``: n x d integers, one denominator.

        With the queries as rows of Z it is the other factor of ``sum lambda D``.
        """
        common = lcm(*(int(x.q) for x in multipliers))
        left, left_scale = self.left
        table = left.tolist()
        own: list[list[int]] = [[] for _ in range(self.data.n)]
        for k, (i, _) in enumerate(self.index):
            if multipliers[k] != 0:
                own[i].append(k)
        rows = [[fmpz(0)] * self.data.d] * self.data.n
        for i, places in enumerate(own):
            if places:
                factors = [multipliers[k].p * (common // multipliers[k].q) for k in places]
                rows[i] = (fmpz_mat([factors]) * fmpz_mat([table[k] for k in places])).entries()
        return fmpz_mat(rows), common * left_scale

    def combine(self, multipliers: Sequence[fmpq]) -> Rows:
        """The matrix ``sum lambda_{i,t} D_{i,t}``."""
        d = self.data.d
        if not self.index:
            return [[fmpq(0)] * d for _ in range(d)]
        factor, scale = self.mixed(multipliers)
        right, right_scale = self.right
        return (fmpq_mat(factor.transpose() * right) * fmpq(1, scale * right_scale)).tolist()

    def margins(self, W: Rows) -> list[fmpq]:
        """``<W, D_{i,t}>`` for each constraint."""
        if not self.index:
            return []
        middle, scale = fmpq_mat(W).numer_denom()
        left, left_scale = self.left
        right, right_scale = self.right
        images = left * (middle * right.transpose())  # N x n; only one entry of a row is wanted
        common = scale * left_scale * right_scale
        return [fmpq(images[k, i], common) for k, (i, _) in enumerate(self.index)]
