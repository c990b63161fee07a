"""Values of a network: readings of the one layer formula over whatever ring the input lies in.

A reading brings three things: how an exact block of weights becomes a matrix over the ring, how
scores become weights of values, and a row of ones for the biases.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from flint import arb, arb_mat, ctx

from algattn.attention.architecture import Architecture
from algattn.attention.layer import Attend, Key, MatrixLike, attention_layer
from algattn.attention.masks import seen_array
from algattn.attention.spaces import LayerShape
from algattn.attention.weights import Weights
from algattn.errors import FieldError, ShapeError
from algattn.exact import QQ, Field, Matrix
from algattn.exact.number_fields import NumberField

Rows = list[list[Any]]
M = TypeVar("M", bound=MatrixLike)


@dataclass(frozen=True)
class Reading(Generic[M]):
    """What the layer formula needs to know of a ring.

    Attributes
    ----------
    lift : callable
        From an exact block of weights to a matrix over the ring; biases are columns.
    attend : callable
        From scores to weights, as :func:`~algattn.attention.layer.attention_layer` takes it.
    one : matrix 1 x t
        A row of ones.
    """

    lift: Callable[[Matrix], M]
    attend: Attend[M]
    one: M

    def __call__(self, network: Architecture, weights: Weights, X: M) -> M:
        """The value of the network at X; nothing is checked."""
        for i, shape in enumerate(network.shapes):
            blocks = {key: self.lift(m) for key, m in _blocks(weights, i).items()}
            X = attention_layer(shape, blocks, X, self.attend, self.one)
        return X


def _blocks(weights: Weights, i: int) -> dict[Key, Matrix]:
    """The blocks of a layer; with one head ``K^T Q`` is multiplied out once for all inputs."""
    blocks = weights.layer(i)
    if len({index for _, index in blocks}) > 1 or ("bq", 0) in blocks or ("bk", 0) in blocks:
        return blocks
    return {("A", 0): weights.A[i]} | {k: m for k, m in blocks.items() if k[0] not in "AKQ"}


# --- anything with + and * ------------------------------------------------------------------------


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


class Table:
    """A matrix of anything with ``+`` and ``*``, as nested lists."""

    __slots__ = ("rows",)

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    @property
    def T(self) -> Table:
        """The transpose."""
        return Table(transpose(self.rows))

    def __matmul__(self, other: Table) -> Table:
        return Table(multiply(self.rows, other.rows))

    def __add__(self, other: Table) -> Table:
        pairs = zip(self.rows, other.rows, strict=True)
        return Table([[a + b for a, b in zip(r, s, strict=True)] for r, s in pairs])


def _seen(rows: Rows, shape: LayerShape, zero: Any = 0) -> Rows:
    """Scores, with zeros where the mask hides a key."""
    pairs = shape.seen.pairs
    return [
        [s if (j, i) in pairs else zero for i, s in enumerate(row)] for j, row in enumerate(rows)
    ]


def _in_table(scores: Table, shape: LayerShape, head: int) -> Table:
    return scores if shape.mask is None else Table(_seen(scores.rows, shape))


def _in_matrix(scores: Matrix, shape: LayerShape, head: int) -> Matrix:
    return scores if shape.mask is None else Matrix(scores.field, _seen(scores.rows, shape))


def lightning(network: Architecture, weights: Weights, X: Any) -> Any:
    """The value of a lightning network at X.

    Parameters
    ----------
    X : nested sequence, numpy array, Matrix or arb_mat, d_0 x t
        Entries with ``+`` and ``*`` that combine with ints and Fractions; text such as ``"1/2"``
        is read as a Fraction.  A numpy array gives a numpy array (weights become floats unless
        the array holds objects), a :class:`~algattn.exact.Matrix` one over its field, and an
        ``arb_mat`` of python-flint one of balls, at the precision that FLINT has.

    Returns
    -------
    nested list, numpy array, Matrix or arb_mat, d_l x t
    """
    weights.matches(network)
    t = network.tokens
    if isinstance(X, Matrix):
        check_input(network, X.shape[0], {X.shape[1]})
        field = X.field if weights.field == QQ else weights.field
        return exact(field, t)(network, weights, _over(field, X))
    if isinstance(X, arb_mat):
        return _in_balls(network, weights, X, _in_table)
    array = hasattr(X, "__array__") and hasattr(X, "dtype")
    if array and X.dtype != object:
        check_array(network, X)
        return _in_floats(t, softmax=False)(network, weights, X)
    if any(not hasattr(part, "__iter__") for part in (X if hasattr(X, "__iter__") else [X])):
        raise ShapeError(
            f"evaluate {network!r}",
            "X is not a list of rows",
            f"give {network.d_in} rows of {network.tokens} numbers",
        )
    rows = [[QQ.to_python(QQ(x)) if isinstance(x, str) else x for x in row] for row in X]
    check_input(network, len(rows), {len(r) for r in rows})
    reading = Reading(lambda m: Table(m.tolist()), _in_table, Table([[1] * t]))
    rows = reading(network, weights, Table(rows)).rows
    if array:
        import numpy

        return numpy.array(rows, dtype=object)
    return rows


def exact(field: Field, tokens: int) -> Reading[Matrix]:
    """The lightning reading over a field, which the weights are mapped into."""
    return Reading(partial(_over, field), _in_matrix, Matrix(field, [[1] * tokens]))


def _over(field: Field, matrix: Matrix) -> Matrix:
    return matrix if matrix.field == field else Matrix(field, matrix.rows, matrix.shape)


# --- real numbers: floats and balls ---------------------------------------------------------------


def softmax(network: Architecture, weights: Weights, X: Any) -> Any:
    """The value of a softmax network at X, in floating point or in balls.

    Column i of a head is ``sum_j p_ji V x_j`` with ``p_ji = exp(s_ji) / sum_m exp(s_mi)`` over the
    keys that query i sees, where ``s_ji = x_j^T A x_i`` or what it is with biases.

    Parameters
    ----------
    X : d_0 x t array or nested list of floats, or arb_mat
        An ``arb_mat`` of python-flint gives one of balls that contain the true value, at the
        precision that FLINT has (``flint.ctx.prec``).
    """
    import numpy

    weights.matches(network)
    if isinstance(X, arb_mat):
        return _in_balls(network, weights, X, _softmax_of_balls)
    try:
        array = numpy.asarray(X, dtype=float)
    except (TypeError, ValueError):
        raise ShapeError(
            f"evaluate {network!r}",
            "X is not a matrix of floats",
            f"give {network.d_in} rows of {network.tokens} numbers, or an arb_mat of balls",
        ) from None
    check_array(network, array)
    return _in_floats(network.tokens, softmax=True)(network, weights, array)


def _in_floats(tokens: int, *, softmax: bool) -> Reading[Any]:
    import numpy

    masks: dict[int, Any] = {}

    def attend(scores: Any, shape: LayerShape, head: int) -> Any:
        if shape.mask is not None:
            if shape.number not in masks:
                masks[shape.number] = seen_array(shape.mask, tokens)
            scores = numpy.where(masks[shape.number], scores, -numpy.inf if softmax else 0.0)
        if not softmax:
            return scores
        p = numpy.exp(scores - scores.max(axis=0))
        return p / p.sum(axis=0)

    def lift(m: Matrix) -> Any:
        real = [[float(x) for x in row] for row in _real(m)] if _irrational(m) else m.tolist()
        return numpy.array(real, dtype=float)

    return Reading(lift, attend, numpy.ones((1, tokens)))


def _in_balls(network: Architecture, weights: Weights, X: arb_mat, attend: Attend[Table]) -> Any:
    check_input(network, X.nrows(), {X.ncols()})
    reading = Reading(lambda m: Table(_real(m)), attend, Table([[arb(1)] * network.tokens]))
    return arb_mat(reading(network, weights, Table(X.tolist())).rows)


def _softmax_of_balls(scores: Table, shape: LayerShape, head: int) -> Table:
    powers = [[s.exp() for s in row] for row in scores.rows]
    if shape.mask is not None:
        powers = _seen(powers, shape, arb(0))
    total = [sum(column, arb(0)) for column in zip(*powers, strict=True)]
    return Table([[p / n for p, n in zip(row, total, strict=True)] for row in powers])


def _irrational(matrix: Matrix) -> bool:
    return isinstance(matrix.field, NumberField)


def _real(matrix: Matrix) -> Rows:
    """The entries as balls."""
    field = matrix.field
    if isinstance(field, NumberField) and field.is_real:
        return [[field.embed(x, ctx.prec).real for x in row] for row in matrix.rows]
    if field != QQ:
        raise FieldError(
            "evaluate a network", f"weights over {field} are no real numbers", "use real weights"
        )
    return [[arb(x) for x in row] for row in matrix.rows]


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
