"""Kernels of matrices modulo a prime, in reduced form: numpy arrays, reduced by FLINT."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import fmpz_mat, nmod_mat

from algattn.exact.modular import echelon

Array = np.ndarray[Any, Any]


@dataclass
class Kernel:
    """A reduced basis of a kernel: for each free column a vector that is 1 there, 0 in the others.

    ``block[i, n]`` is the entry of the n-th vector in the column ``pivots[i]``.
    """

    pivots: list[int]
    free: list[int]
    block: Array

    def __len__(self) -> int:
        return len(self.free)

    def vector(self, n: int) -> dict[int, int]:
        """The n-th vector, without zeros."""
        column = self.block[:, n]
        found = {self.pivots[i]: int(column[i]) for i in np.flatnonzero(column)}
        return found | {self.free[n]: 1}

    def without(self, gone: Iterable[int]) -> Kernel:
        """Without the vectors of some free columns."""
        left = set(gone)
        kept = [n for n, j in enumerate(self.free) if j not in left]
        return Kernel(self.pivots, [self.free[n] for n in kept], self.block[:, kept])

    def dense(self) -> Array:
        """The vectors as rows."""
        size = len(self.pivots) + len(self.free)
        return self.shifted(np.arange(size), size)

    def shifted(self, columns: Array, size: int) -> Array:
        """The vectors as rows, entry i moved into the given column (-1: left out)."""
        rows = np.zeros((len(self), size), dtype=self.block.dtype)
        pivots, free = columns[self.pivots], columns[self.free]
        rows[:, pivots[pivots >= 0]] = self.block[pivots >= 0].T
        inside = np.flatnonzero(free >= 0)
        rows[inside, free[inside]] = 1
        return rows


def kind(prime: int) -> Any:
    """The type of entries modulo a prime in arrays.

    >>> kind(7).__name__, kind(2**64 - 59).__name__
    ('int64', 'object')
    """
    return np.int64 if prime < 2**63 else object


def modular(rows: Array, prime: int) -> nmod_mat:
    """FLINT's matrix of an array; by way of integers, because that is quicker (measured)."""
    m, n = rows.shape
    return nmod_mat(fmpz_mat(m, n, rows.ravel().tolist()), prime)


def kernel_of(rows: Array, prime: int) -> Kernel:
    """The kernel of a matrix.

    >>> found = kernel_of(np.array([[1, 2, 3]]), 7)
    >>> found.free, [found.vector(n) for n in range(2)]
    ([1, 2], [{0: 5, 1: 1}, {0: 4, 2: 1}])
    """
    reduced, pivots = echelon(modular(rows, prime))
    free = sorted(set(range(rows.shape[1])) - set(pivots))
    if not free:
        return Kernel(pivots, free, np.zeros((len(pivots), 0), dtype=kind(prime)))
    block = [-int(reduced[i, j]) % prime for i in range(len(pivots)) for j in free]
    shape = len(pivots), len(free)
    return Kernel(pivots, free, np.array(block, dtype=kind(prime)).reshape(shape))
