"""The forward pass of a network over anything with + and *: rings, floats, symbols, numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.attention.weights import Weights
from algattn.errors import ShapeError
from algattn.exact import QQ

Rows = list[list[Any]]


def multiply(left: Rows, right: Rows) -> Rows:
    """Product of nested lists, skipping zeros of the left factor where it can see them."""
    out = []
    for row in left:
        line = []
        for j in range(len(right[0])):
            total: Any = 0
            for a, other in zip(row, right, strict=True):
                if not (type(a) is int and a == 0):
                    total = total + a * other[j]
            line.append(total)
        out.append(line)
    return out


def transpose(rows: Rows) -> Rows:
    return [list(column) for column in zip(*rows, strict=True)]


def lightning_layer(A: Rows, V: Rows, X: Rows) -> Rows:
    """``V X X^T A X``, with the small products first."""
    return multiply(multiply(V, X), multiply(multiply(transpose(X), A), X))


def lightning(network: Architecture, weights: Weights, X: Any) -> Any:
    """The value of a lightning network at X.

    Parameters
    ----------
    X : nested sequence, d_0 x t
        Entries with ``+`` and ``*`` that combine with ints and Fractions; text such as ``"1/2"``
        is read as a Fraction.  A numpy array gives a numpy array (weights become floats unless
        the array holds objects).

    Returns
    -------
    nested list or numpy array, d_l x t
    """
    weights.matches(network)
    array = hasattr(X, "__array__") and hasattr(X, "dtype")
    if array and X.dtype != object:
        return _lightning_float(network, weights, X)
    if any(not hasattr(part, "__iter__") for part in (X if hasattr(X, "__iter__") else [X])):
        raise ShapeError(
            f"evaluate {network!r}",
            "X is not a list of rows",
            f"give {network.d_in} rows of {network.tokens} numbers",
        )
    rows = [[QQ.to_python(QQ(x)) if isinstance(x, str) else x for x in row] for row in X]
    check_input(network, len(rows), {len(r) for r in rows})
    for A, V in zip(weights.A, weights.V, strict=True):
        rows = lightning_layer(A.tolist(), V.tolist(), rows)
    if array:
        import numpy

        return numpy.array(rows, dtype=object)
    return rows


def _lightning_float(network: Architecture, weights: Weights, X: Any) -> Any:
    import numpy

    check_array(network, X)
    for A, V in zip(weights.A, weights.V, strict=True):
        a, v = (numpy.array(m.tolist(), dtype=float) for m in (A, V))
        X = (v @ X) @ (X.T @ a @ X)
    return X


def softmax(network: Architecture, weights: Weights, X: Any) -> Any:
    """The value of a softmax network at X, in floating point.

    Column i of a layer is ``sum_j p_ji V x_j`` with ``p_ji = exp(x_j^T A x_i) / sum_m exp(..)``.
    """
    import numpy

    weights.matches(network)
    array = numpy.asarray(X, dtype=float)
    check_array(network, array)
    for A, V in zip(weights.A, weights.V, strict=True):
        a, v = (numpy.array(m.tolist(), dtype=float) for m in (A, V))
        scores = array.T @ a @ array
        p = numpy.exp(scores - scores.max(axis=0))
        array = v @ array @ (p / p.sum(axis=0))
    return array


def check_array(network: Architecture, array: Any) -> None:
    """Raise unless a numpy array is an input of the network."""
    rows, *columns = array.shape or (0,)
    check_input(network, rows, {columns[0]} if len(columns) == 1 else {-1})


def check_input(network: Architecture, rows: int, columns: set[int] | Sequence[int]) -> None:
    """Raise unless an input with these many rows and columns fits the network."""
    if rows != network.d_in or set(columns) != {network.tokens}:
        found = f"{rows} x {'/'.join(str(c) for c in sorted(columns))}"
        raise ShapeError(
            f"evaluate {network!r}",
            f"X is {found} instead of {network.d_in} x {network.tokens}",
            "give one row for each feature and one column for each token",
        )
