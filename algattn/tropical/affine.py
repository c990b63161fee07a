"""Affine maps in front of a head: what it sees of the input."""

from __future__ import annotations

from flint import fmpq

from algattn.tropical.head import Head
from algattn.tropical.numbers import Vector, dot

#: The rows of a matrix.
Table = tuple[Vector, ...]


def identity(n: int) -> Table:
    """The identity matrix."""
    return tuple(tuple(fmpq(int(i == j)) for j in range(n)) for i in range(n))


def pull_back(head: Head, matrix: Table, offset: Vector, n: int) -> tuple[list[Vector], list[fmpq]]:
    """Keys and biases of a head that sees ``matrix @ x + offset``, as functions of `x` in QQ^n."""
    columns = [tuple(row[i] for row in matrix) for i in range(n)]
    keys = [tuple(fmpq(dot(k, c)) for c in columns) for k in head.keys]
    return keys, [fmpq(dot(k, offset)) + b for k, b in zip(head.keys, head.biases, strict=True)]
