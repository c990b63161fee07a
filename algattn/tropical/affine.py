"""Affine maps through layers: what a head sees of the input, and what a layer makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flint import fmpq

from algattn.tropical.attention import TropicalAttention
from algattn.tropical.numbers import Vector, dot

if TYPE_CHECKING:
    from algattn.tropical.stack import Layer

#: The rows of a matrix.
Table = tuple[Vector, ...]


def identity(n: int) -> Table:
    """The identity matrix."""
    return tuple(tuple(fmpq(int(i == j)) for j in range(n)) for i in range(n))


def pull_back(
    head: TropicalAttention, matrix: Table, offset: Vector, n: int
) -> tuple[list[Vector], list[fmpq]]:
    """Keys and biases of a head that sees ``matrix @ x + offset``, as functions of `x` in QQ^n."""
    columns = [tuple(row[i] for row in matrix) for i in range(n)]
    keys = [tuple(fmpq(dot(k, c)) for c in columns) for k in head.keys]
    return keys, [fmpq(dot(k, offset)) + b for k, b in zip(head.keys, head.biases, strict=True)]


def push(
    layer: Layer, groups: Sequence[Sequence[int]], matrix: Table, offset: Vector
) -> tuple[Table, Vector]:
    """The affine map behind a layer in which the given keys win.

    Before it, the layer's input is ``matrix @ x + offset``.
    """
    means = [h.mean(g) for h, g in zip(layer.joint.heads, groups, strict=True)]
    added = [sum(column, fmpq(0)) for column in zip(*means, strict=True)]
    width = len(matrix[0]) if matrix else 0
    if layer.skip is None:
        return tuple((fmpq(0),) * width for _ in added), tuple(added)
    columns = list(zip(*matrix, strict=True))
    new = tuple(tuple(fmpq(dot(row, c)) for c in columns) for row in layer.skip)
    moved = (fmpq(dot(row, offset)) + a for row, a in zip(layer.skip, added, strict=True))
    return new, tuple(moved)
