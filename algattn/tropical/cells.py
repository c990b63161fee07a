"""Cells: where a list of affine functions has one maximum, and how a region is cut by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from operator import mul, sub
from typing import Any

import numpy as np

from algattn.progress import tick
from algattn.tropical.numbers import Row, Vector, clear
from algattn.tropical.simplex import Interior, Program, float_rows, simplify


@dataclass(frozen=True)
class Cell:
    """A full-dimensional cell.

    Attributes
    ----------
    index : int, or tuple
        The key that wins here (for several heads: one key for each head; for a stack: one such
        tuple for each layer).  0-based; of duplicate keys the first one.
    interior_point : tuple of Fraction
        A point in the interior, certified: the winning scores are strictly larger there.
    ties : tuple
        All keys that win together (duplicates), in the shape of `index`.
    """

    index: Any
    interior_point: tuple[Fraction, ...]
    ties: Any = ()


@dataclass(frozen=True)
class Limit:
    """The limit of attention for temperature to 0 at one query.

    ``keys`` is the set of all keys with the largest score; the softmax weights tend to the uniform
    distribution on it, so ``value`` is the mean of their values (None without values).
    """

    keys: frozenset[int]
    value: tuple[Fraction, ...] | None


@dataclass(frozen=True)
class Functions:
    """Distinct affine functions ``k . q + b`` as integer rows ``(k, b)``, and who they belong to.

    ``groups[i]`` lists the keys whose function is row `i`; the rows share one positive factor.
    """

    n: int
    rows: tuple[Row, ...]
    groups: tuple[tuple[int, ...], ...]
    scale: int

    @staticmethod
    def of(n: int, keys: Sequence[Vector], biases: Sequence[Any]) -> Functions:
        """Merge equal functions.

        >>> from flint import fmpq
        >>> two = fmpq(2)
        >>> Functions.of(1, [(two,), (two,), (two / 2,)], [two, two, two]).groups
        ((0, 1), (2,))
        """
        rows, scale = clear([(*k, b) for k, b in zip(keys, biases, strict=True)])
        groups: dict[Row, list[int]] = {}
        for i, row in enumerate(rows):
            groups.setdefault(row, []).append(i)
        return Functions(n, tuple(groups), tuple(map(tuple, groups.values())), scale)

    def values(self, point: Row) -> list[int]:
        """All functions at an integer point ``(numerators, denominator)``, times a factor."""
        return [sum(map(mul, row, point)) for row in self.rows]

    @cached_property
    def differences(self) -> tuple[tuple[list[Row], Any], ...]:
        """For each function the rows "it minus another one", exact and as floats."""
        out = []
        try:
            table = np.array(self.rows, dtype=float)
        except OverflowError:
            table = None
        for j, row in enumerate(self.rows):
            others = [*self.rows[:j], *self.rows[j + 1 :]]
            rows = [tuple(map(sub, row, other)) for other in others]
            if table is None or not rows:
                out.append((rows, float_rows(rows, self.n)))
                continue
            hints = table[j] - np.delete(table, j, axis=0)
            size = np.abs(hints).max(axis=1, keepdims=True)
            size[size == 0] = 1
            out.append((rows, hints / size))
        return tuple(out)

    @cached_property
    def essential(self) -> Functions:
        """Only the functions that win somewhere on an open set; the maximum is the same."""
        if len(self.rows) == 1:
            return self
        keep = [i for i, _ in refine(Region.space(self.n), self)]
        return Functions(
            self.n,
            tuple(self.rows[i] for i in keep),
            tuple(self.groups[i] for i in keep),
            self.scale,
        )


@dataclass(frozen=True)
class Region:
    """An open polyhedron, not empty: its strict inequalities and a point inside."""

    program: Program
    point: Vector

    @staticmethod
    def space(n: int) -> Region:
        """All of the space."""
        return Region.of(n, [])  # type: ignore[return-value]

    @staticmethod
    def of(n: int, rows: Sequence[Row]) -> Region | None:
        """The region of the inequalities, or None when it is empty."""
        program = Program(n, rows)
        found = program.interior()
        return Region(program, found.point) if isinstance(found, Interior) else None

    def simple_point(self) -> Vector:
        """A point inside with small denominators."""
        return simplify(self.program, self.point)


def refine(region: Region, functions: Functions) -> Iterator[tuple[int, Region]]:
    """The functions that win on a full-dimensional part of the region, with that part.

    Parameters
    ----------
    region : Region
        An open polyhedron.
    functions : Functions
        Distinct affine functions on the same space.

    Yields
    ------
    i, part : int, Region
        Row number of the winner, and the part where it wins.

    Complexity
    ----------
    One exact linear program for each function but the winner at the region's point.
    """
    n = functions.n
    if len(functions.rows) == 1:
        yield 0, region
        return
    (head,), scale = clear([region.point])
    values = functions.values((*head, scale))
    best = max(values)
    winners = [i for i, value in enumerate(values) if value == best]
    base = region.program
    for i, (rows, floats) in enumerate(functions.differences):
        program = Program(n, base.rows + rows, np.vstack([base.floats, floats]))
        tick()
        if winners == [i]:
            yield i, Region(program, region.point)
            continue
        found = program.interior()
        if isinstance(found, Interior):
            yield i, Region(program, found.point)


def box_rows(n: int, box: Sequence[tuple[Any, Any]]) -> list[Row]:
    """The inequalities ``lo < q_l < hi`` of a box with rational bounds, as integer rows."""
    rows = []
    for axis, (low, high) in enumerate(box):
        for sign, bound in ((1, -low), (-1, high)):
            row = [0] * (n + 1)
            row[axis] = sign * int(bound.q)
            row[n] = int(bound.p)
            rows.append(tuple(row))
    return rows
