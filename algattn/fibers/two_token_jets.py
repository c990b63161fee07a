"""A network on the plane of two tokens ``(x, eps y)``, as power series in eps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from algattn.exact import Field, Matrix

Poly = list[Any]
#: For each output row the polynomials of columns 1 and 2.
Series = list[list[Poly]]


def _times(a: Poly, b: Poly, size: int, zero: Any) -> Poly:
    out = [zero] * min(size, len(a) + len(b) - 1 if a and b else 0)
    for i, x in enumerate(a):
        if x != 0:
            for j, y in enumerate(b[: size - i]):
                if y != 0:
                    out[i + j] = out[i + j] + x * y
    return out


def _plus(a: Poly, b: Poly) -> Poly:
    if len(a) < len(b):
        a, b = b, a
    return [x + b[i] if i < len(b) else x for i, x in enumerate(a)]


@dataclass(frozen=True)
class TwoTokenJet:
    """The 2 x 2 Gram matrices of the layers on span(x, y), and V x, V y."""

    grams: tuple[tuple[Any, Any, Any, Any], ...]
    left: list[Any]
    right: list[Any]
    size: int
    field: Field

    @staticmethod
    def of(
        B: Sequence[Matrix], V: Matrix, x: Sequence[int], y: Sequence[int], degree: int
    ) -> TwoTokenJet:
        field = V.field
        u, w = (Matrix(field, [[c] for c in z]) for z in (x, y))
        grams = tuple(
            (
                (u.T @ b @ u)[0, 0],
                (u.T @ b @ w)[0, 0],
                (w.T @ b @ u)[0, 0],
                (w.T @ b @ w)[0, 0],
            )
            for b in B
        )
        return TwoTokenJet(grams, (V @ u).column(0), (V @ w).column(0), degree + 1, field)

    def series(self, shifts: dict[int, int]) -> Series:
        """The output when the skew value of layer n is raised by ``shifts[n]``."""
        zero, one, size = self.field.zero, self.field.one, self.size
        M: list[list[Poly]] = [[[one], []], [[], [one]]]

        def product(P: list[list[Poly]], Q: list[list[Poly]]) -> list[list[Poly]]:
            return [
                [
                    _plus(
                        _times(P[i][0], Q[0][j], size, zero), _times(P[i][1], Q[1][j], size, zero)
                    )
                    for j in (0, 1)
                ]
                for i in (0, 1)
            ]

        for n, (a, b, c, e) in enumerate(self.grams):
            s = shifts.get(n, 0)
            G = [[[a], [zero, b + s]], [[zero, c - s], [zero, zero, e]]]
            T = [[M[0][0], M[1][0]], [M[0][1], M[1][1]]]
            M = product(product(M, T), product(G, M))
        out = []
        for v, w in zip(self.left, self.right, strict=True):
            row = []
            for j in (0, 1):
                poly = _plus([v * c for c in M[0][j]], [zero, *(w * c for c in M[1][j])])
                row.append([*poly[:size], *[zero] * (size - len(poly))])
            out.append(row)
        return out

    def entrance(self, n: int) -> tuple[int, int, int] | None:
        """(row, column, power) where the skew value of layer n first enters, linearly, alone.

        None when it does not enter, or later layers enter there too.
        """
        base, one = self.series({}), self.series({n: 1})
        found = None
        for k in range(self.size):
            for r in range(len(base)):
                for c in (0, 1):
                    if found is None and base[r][c][k] != one[r][c][k]:
                        found = (r, c, k)
            if found:
                break
        if found is None:
            return None
        r, c, k = found
        two = self.series({n: 2})
        if two[r][c][k] - one[r][c][k] != one[r][c][k] - base[r][c][k]:
            return None
        for later in range(n + 1, len(self.grams)):
            for s in (1, 2):
                if self.series({later: s})[r][c][k] != base[r][c][k]:
                    return None
                if self.series({later: s, n: 1})[r][c][k] != one[r][c][k]:
                    return None
        return found

    def solve(self, n: int, place: tuple[int, int, int], target: Any) -> Any:
        """The skew value of layer n that gives the target."""
        r, c, k = place
        base, one = self.series({})[r][c][k], self.series({n: 1})[r][c][k]
        return (target - base) / (one - base)
