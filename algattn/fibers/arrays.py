"""All coefficients of one layer in one integer array, for widths where a dictionary is too slow."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.coordinates import natural_labels
from algattn.errors import InputError, ShapeError
from algattn.exact import QQ, Matrix

_SAFE = 2**62


class CoefficientArray:
    """The natural coordinates of one lightning layer (t >= 2) as integers.

    Parameters
    ----------
    values : integer array of shape (d', d(d+1)/2, d)
        ``values[r, n, k]`` is ``c_{r,ij,k}``, where (i, j) is pair number n of (1,1), (1,2), ..,
        (1,d), (2,2), ..; entries of dtype object may be integers of any size.
    tokens : int
        At least 2.

    Examples
    --------
    >>> from algattn import Lightning
    >>> net = Lightning(widths=(2, 2), ranks=2)
    >>> f = CoefficientArray.of(net, net.random_weights(1))
    >>> f.to_function() == net.function(net.random_weights(1))
    True
    """

    field = QQ

    def __init__(self, values: Any, tokens: int = 2) -> None:
        array = np.asarray(values)
        asked = "read an array of coefficients"
        if array.ndim != 3 or array.shape[1] * 2 != array.shape[2] * (array.shape[2] + 1):
            raise ShapeError(asked, f"its shape is {array.shape}", "give (d', d(d+1)/2, d)")
        if tokens < 2:
            raise ShapeError(asked, f"t = {tokens}", "use a FunctionMap for one token")
        if array.dtype != object and not np.issubdtype(array.dtype, np.integer):
            raise InputError(asked, f"its entries are {array.dtype}", "give integers")
        self.values, self.tokens = array, tokens
        self.d_out, _, self.d_in = array.shape

    @staticmethod
    def of(network: Architecture, weights: Weights) -> CoefficientArray:
        """The coefficients of one layer with integer weights."""
        weights.matches(network)
        A, V = _integers(weights.A[0], 1), _integers(weights.V[0], 1)
        return CoefficientArray(_coefficients(A, V), network.tokens)

    def number(self, i: int, j: int) -> int:
        """The number of the pair i <= j."""
        return i * int(self.d_in) - i * (i - 1) // 2 + j - i

    def slice(self, i: int, j: int) -> Matrix:
        """The d' x d matrix of the coefficients of ``x_i x_j``."""
        return Matrix(QQ, self.values[:, self.number(i, j), :].tolist())

    @staticmethod
    def from_function(function: FunctionMap) -> CoefficientArray | None:
        """The array of a function of one layer over QQ; None unless it is integral."""
        d, found = function.d_in, function.coefficients
        if function.field != QQ or function.degree != 3 or function.tokens == 1:
            return None
        pairs = [[n * d - n * (n - 1) // 2 - n + m for m in range(d)] for n in range(d)]
        flat = [0] * (function.d_out * d * d * (d + 1) // 2)
        size = d * d * (d + 1) // 2
        for (r, i, j, k), c in found.items():
            if c.q != 1:
                return None
            flat[r * size + pairs[i][j] * d + k] = int(c.p)
        largest = max(map(abs, flat), default=0)
        array = np.array(flat, dtype=np.int64 if largest < _SAFE else object)
        return CoefficientArray(array.reshape(function.d_out, -1, d), function.tokens)

    @property
    def is_zero(self) -> bool:
        return not bool(self.values.any())

    def solved_by(self, A: Matrix, V: Matrix) -> bool:
        """Whether the layer (A, V) has exactly these coefficients."""
        if A.field != QQ:
            return False
        a, v = _denominator(A), _denominator(V)
        found = _coefficients(_integers(A, a), _integers(V, v))
        largest = max(abs(int(self.values.max())), abs(int(self.values.min())))
        values = self.values
        if largest * a * v >= _SAFE:
            values = values.astype(object)
        return bool(np.array_equal(found, values * (a * v)))

    def to_function(self) -> FunctionMap:
        """The same coefficients in a dictionary."""
        labels = natural_labels(self.d_in, self.d_out, self.tokens)
        flat = self.values.reshape(-1).tolist()
        return FunctionMap(self.d_in, self.d_out, self.tokens, dict(zip(labels, flat, strict=True)))


def _denominator(M: Matrix) -> int:
    from math import lcm

    return lcm(*(int(x.q) for row in M.rows for x in row))


def _integers(M: Matrix, scale: int) -> Any:
    """``scale * M`` as an array of Python integers, int64 where that is safe."""
    rows = []
    for row in M.rows:
        line = [x * scale for x in row]
        if any(x.q != 1 for x in line):
            raise InputError("list coefficients", "the weights are not integers", "scale them")
        rows.append([int(x.p) for x in line])
    largest = max(abs(x) for row in rows for x in row)
    return np.array(rows, dtype=np.int64 if largest < 2**62 else object)


def _coefficients(A: Any, V: Any) -> Any:
    largest = 2 * int(abs(A).max()) * int(abs(V).max())
    kind = np.int64 if largest < _SAFE else object
    A, V = A.astype(kind), V.astype(kind)
    i, j = np.triu_indices(A.shape[0])
    out = V[:, i, None] * A[None, j, :]
    out[:, i < j, :] += V[:, j[i < j], None] * A[None, i[i < j], :]
    return out


def generic_pair(function: CoefficientArray) -> tuple[Matrix, Matrix] | None:
    """(A, V) when all squares ``V_n A_n^T`` are nonzero and fix each other; verified exactly.

    With ``M_nn = p q^T / c`` (a column, a row and their common entry), ``V_n = s p`` and
    ``A_n = q / (s c)``; two entries of the mixed slice with the first row give s.  None means that
    another route has to decide.
    """
    d, values = function.d_in, function.values
    squares = [values[:, function.number(n, n), :] for n in range(d)]
    parts = []
    for M in squares:
        cells = M.reshape(-1).nonzero()[0]
        if not len(cells):
            return None
        r, k = divmod(int(cells[0]), d)
        parts.append((M[:, k].tolist(), M[r].tolist(), int(M[r, k])))
    u, w, c0 = parts[0]
    columns, rows = [[Fraction(x) for x in u]], [[Fraction(x, c0) for x in w]]
    for n in range(1, d):
        p, q, c = parts[n]
        s = _ratio(u, w, c0, p, q, c, values[:, n, :])
        if s is None or s == 0:
            return None
        columns.append([s * x for x in p])
        rows.append([x / (s * c) for x in q])
    A, V = Matrix(QQ, rows), Matrix(QQ, list(zip(*columns, strict=True)))
    return (A, V) if function.solved_by(A, V) else None


def _ratio(
    u: list[int], w: list[int], c0: int, p: list[int], q: list[int], c: int, mixed: Any
) -> Fraction | None:
    """s with ``u q^T / (s c) + s p w^T / c0 = mixed``, from two entries that separate s and 1/s."""
    size = len(w)
    first: tuple[int, int, int] | None = None
    for cell in range(len(u) * size):
        r, k = divmod(cell, size)
        a, b, m = u[r] * q[k] * c0, p[r] * w[k] * c, int(mixed[r, k]) * c * c0
        if first is None:
            if a or b:
                first = (a, b, m)
            continue
        det = first[0] * b - a * first[1]
        if det:
            return Fraction(first[0] * m - a * first[2], det)
    return None
