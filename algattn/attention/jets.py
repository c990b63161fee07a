"""Matrices of residues with first derivatives: the dual numbers of the one layer formula.

A :class:`Jet` has a value and its derivatives in D directions, both modulo a prime.
``attention_layer`` over jets is the tangent of a network; an action of a group on weights over
jets, with the group element ``1 + eps E``, gives its infinitesimal directions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import nmod_mat
from numpy.typing import NDArray

from algattn.attention.layer import Attend
from algattn.attention.spaces import LayerShape

__all__ = ["Ints", "Jet", "attend_jets"]

Ints = NDArray[np.int64]


def _lift(derivative: Ints, ndim: int) -> Ints:
    """Axes for samples, between the directions and the matrix."""
    missing = ndim + 1 - derivative.ndim
    return derivative.reshape(derivative.shape[:1] + (1,) * missing + derivative.shape[1:])


class Jet:
    """A matrix (or stack of matrices) of residues, with its derivatives.

    Parameters
    ----------
    value : ndarray of int64, shape (.., m, n)
    derivative : ndarray of int64, shape (D, .., m, n), optional
        Nothing stands for zero.
    prime : int
        Below 2^23, so that sums of 2^17 products fit into int64.

    Examples
    --------
    >>> x = Jet(np.array([[2]]), np.array([[[1]]]), 101)
    >>> y = x @ x @ x.inverse()
    >>> y.value.tolist(), y.derivative.tolist()
    ([[2]], [[[1]]])
    """

    __slots__ = ("derivative", "prime", "value")

    def __init__(self, value: Ints, derivative: Ints | None, prime: int) -> None:
        self.value, self.prime = value % prime, prime
        self.derivative = None if derivative is None else derivative % prime

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        m, n = self.value.shape[-2:]
        return m, n

    @property
    def T(self) -> Jet:
        d = self.derivative
        return Jet(
            self.value.swapaxes(-1, -2), None if d is None else d.swapaxes(-1, -2), self.prime
        )

    @staticmethod
    def one(prime: int) -> Jet:
        """The number 1."""
        return Jet(np.ones((1, 1), dtype=np.int64), None, prime)

    def _product(self, other: Jet, times: Any) -> Jet:
        value = times(self.value, other.value) % self.prime
        parts = []
        if self.derivative is not None:
            parts.append(times(_lift(self.derivative, value.ndim), other.value) % self.prime)
        if other.derivative is not None:
            parts.append(times(self.value, _lift(other.derivative, value.ndim)) % self.prime)
        return Jet(value, sum(parts[1:], parts[0]) if parts else None, self.prime)

    def __matmul__(self, other: Jet) -> Jet:
        return self._product(other, np.matmul)

    def __mul__(self, other: Jet) -> Jet:
        """Entry by entry; a 1 x 1 matrix is a scalar."""
        return self._product(other, np.multiply)

    def __add__(self, other: Jet) -> Jet:
        value = self.value + other.value
        parts = [_lift(d, value.ndim) for d in (self.derivative, other.derivative) if d is not None]
        return Jet(value, sum(parts[1:], parts[0]) if parts else None, self.prime)

    def __neg__(self) -> Jet:
        return Jet(-self.value, None if self.derivative is None else -self.derivative, self.prime)

    def __sub__(self, other: Jet) -> Jet:
        return self + -other

    def __getitem__(self, index: tuple[int, int]) -> Jet:
        """An entry, as a 1 x 1 matrix."""
        i, j = index
        cut = (..., slice(i, i + 1), slice(j, j + 1))
        d = self.derivative
        return Jet(self.value[cut], None if d is None else d[cut], self.prime)

    def inverse(self) -> Jet:
        """The inverse of one matrix (not of a stack)."""
        n = self.shape[0]
        if np.array_equal(self.value, np.eye(n, dtype=np.int64)):  # the unit of a group
            d = self.derivative
            return Jet(self.value, None if d is None else -d, self.prime)
        flat = nmod_mat(n, n, self.value.ravel().tolist(), self.prime).inv().entries()
        value = np.array([int(x) for x in flat], dtype=np.int64).reshape(n, n)
        if self.derivative is None:
            return Jet(value, None, self.prime)
        d = np.matmul(value, self.derivative) % self.prime
        return Jet(value, -(np.matmul(d, value) % self.prime), self.prime)


def attend_jets(kind: str, rng: np.random.Generator) -> Attend[Jet]:
    """From scores to weights.

    The exponentials of softmax are independent residues, fresh for each call, with ``dE = E ds``;
    hence ``dP_ji = P_ji (ds_ji - sum_k P_ki ds_ki)``.
    """

    def attend(scores: Jet, shape: LayerShape, head: int) -> Jet:
        p, seen = scores.prime, np.array(shape.seen.rows(), dtype=np.int64)
        if kind == "lightning":
            return scores * Jet(seen, None, p)
        E = rng.integers(1, p, scores.value.shape) * seen
        totals = Jet(E.sum(axis=-2, keepdims=True), None, p).value
        inverse = np.array([pow(int(x), -1, p) for x in totals.ravel()], dtype=np.int64)
        P = E * inverse.reshape(totals.shape) % p
        ds = scores.derivative
        if ds is None:
            return Jet(P, None, p)
        mean = (P * ds % p).sum(axis=-2, keepdims=True) % p
        return Jet(P, P * (ds - mean), p)

    return attend
