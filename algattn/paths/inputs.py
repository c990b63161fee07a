"""Path-attended inputs: what each path sees of an input.

For a path ``pi = (h_1, .., h_L)`` it is
``xi^pi(x) = x Omega^(1)h_1(x) .. Omega^(L)h_L(x) e``, a vector in ``R^N0``, with ``e`` the readout
(a token, or the average).  It is computed from the right, so that no product of two attention
matrices is formed: ``e`` is carried through the layers from the last to the first, and every
partial path is visited once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from algattn.arguments import checked
from algattn.errors import FieldError, InputError, LimitError, ShapeError
from algattn.exact.fields import parse_rational
from algattn.paths.arrays import Floats, exact_rows, float_array, is_exact, nested
from algattn.paths.attention import Head, check_columns
from algattn.paths.shape import PathShape
from algattn.paths.threads import one_thread
from algattn.progress import tick
from algattn.words import one_of, quoted

#: Inputs are attended in blocks whose attention matrices stay below this many bytes.
BLOCK_BYTES = 64 * 2**20
#: Exact work is refused above this many rational numbers in the path-attended inputs.
MAX_EXACT = 200_000

_READOUTS = {
    "last": "last",
    "last_token": "last",
    "first": "first",
    "first_token": "first",
    "average": "average",
    "average_pooling": "average",
}


def readout_weights(readout: Any, tokens: int) -> list[fmpq]:
    """The readout as a vector over tokens, exactly.

    >>> readout_weights("average", 2), readout_weights(0, 3)
    ([1/2, 1/2], [1, 0, 0])
    """
    asked = "choose the readout"
    if isinstance(readout, str):
        readout = _READOUTS[one_of(readout, _READOUTS, asked, "readout")]
        if readout == "average":
            return [fmpq(1, tokens)] * tokens
        readout = 0 if readout == "first" else tokens - 1
    index = getattr(readout, "__index__", None)
    if index is None or isinstance(readout, bool):
        raise InputError(asked, f"{quoted(readout)} is no token", "a 0-based token or 'last'")
    place = int(index())
    if not -tokens <= place < tokens:
        raise ShapeError(asked, f"there is no token {place} among {tokens}", "count from 0")
    return [fmpq(int(t == place % tokens)) for t in range(tokens)]


@checked
@dataclass(frozen=True, eq=False)
class PathInputs:
    """Path-attended inputs in floating point.

    Attributes
    ----------
    shape : PathShape
    xi : array, paths x P x N0
    """

    shape: PathShape
    xi: Floats = field(repr=False)

    def __post_init__(self) -> None:
        if self.xi.ndim != 3 or self.xi.shape[0] != self.shape.count:
            raise ShapeError(
                "hold path-attended inputs",
                f"the array is {self.xi.shape} for {self.shape.count} paths",
                "give an array paths x P x N0",
            )

    @property
    def size(self) -> int:
        """How many inputs there are."""
        return int(self.xi.shape[1])

    @property
    def features(self) -> int:
        return int(self.xi.shape[2])

    @property
    def scale(self) -> float:
        """``s_0 / N0``, the factor of every path-path kernel."""
        return float(self.shape.input_variance) / self.features

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, rows: Any) -> PathInputs:
        """Some of the inputs, by slice or list of indices."""
        return PathInputs(self.shape, self.xi[:, rows, :])

    def bound_to(self, shape: PathShape) -> PathInputs:
        """The same inputs for a network with the same heads, whatever its widths and variances.

        Raises
        ------
        ShapeError
            When the heads differ.
        """
        if shape.heads != self.shape.heads:
            raise ShapeError(
                "use path-attended inputs",
                f"they are for heads {self.shape.heads}, the network has {shape.heads}",
                "attend the inputs with this network",
            )
        return PathInputs(shape, self.xi)


def attend(
    shape: PathShape, heads: Sequence[Sequence[Head | Floats]], X: Any, readout: Any
) -> PathInputs:
    """Path-attended inputs of ``X`` (``P x N0 x T``; ``P x N0`` when there are no layers).

    A head may also be an array ``P x T x T`` of attention matrices, one for each input.

    Complexity
    ----------
    ``O(P T^2 (N0 H + |Pi|))`` for query-key heads, in blocks of inputs.

    Raises
    ------
    ShapeError, InputError
        For wrong shapes, NaN or infinity.
    """
    X = input_array(X, shape.depth)
    P, N0, T = X.shape
    e = np.array([float(int(w.p) / int(w.q)) for w in readout_weights(readout, T)])
    token = int(e.argmax()) if e.max() == 1.0 else None
    xi = np.empty((shape.count, P, N0))
    layers_bytes = 8 * T * max(T * sum(shape.heads, 1), shape.count, N0)
    step = max(1, BLOCK_BYTES // layers_bytes)
    with one_thread(T):
        for start in range(0, P, step):
            block = X[start : start + step]
            carried = np.broadcast_to(e[:, None], (len(block), T, 1))
            tick()
            for layer in reversed(range(shape.depth)):
                single = token if layer + 1 == shape.depth else None
                parts = [_mix(h, block, start, P, carried, single) for h in heads[layer]]
                carried = np.concatenate(parts, axis=2)
            xi[:, start : start + step, :] = np.moveaxis(block @ carried, 2, 0)
    return PathInputs(shape, xi)


def _mix(
    head: Head | Floats, block: Floats, start: int, total: int, carried: Floats, token: int | None
) -> Floats:
    """Attention times the carried vectors; one column is enough where a single token is read."""
    if token is not None and isinstance(head, Head) and head.kind != "":
        return head.column(block, token)[:, :, None]
    return _matrices(head, block, start, total) @ carried


def _matrices(head: Head | Floats, block: Floats, start: int, total: int) -> Floats:
    """The attention of a block of inputs; columns of anything from outside are checked."""
    T = block.shape[2]
    if isinstance(head, np.ndarray):
        if head.shape != (total, T, T):
            raise ShapeError(
                "apply given attention matrices",
                f"the array is {head.shape} for {total} inputs of {T} tokens",
                f"give one of shape {(total, T, T)}",
            )
        check_columns(head[start : start + len(block)], "given attention")
        return head[start : start + len(block)]
    omega = head.matrices(block)
    if omega.shape != (len(block), T, T):
        raise ShapeError(
            f"apply {head!r}",
            f"it gave an array {omega.shape} instead of {(len(block), T, T)}",
            "return one T x T matrix for each input",
        )
    if head.kind == "":  # a class from outside
        check_columns(omega, repr(head))
    return omega


def input_array(X: Any, depth: int) -> Floats:
    """Inputs as a float array ``P x N0 x T``."""
    asked = "read inputs"
    if depth == 0 and _ndim(X) == 2:
        return float_array(X, 2, asked, "P x N0")[:, :, None]
    return float_array(X, 3, asked, "P x N0 x T (examples x features x tokens)")


def _ndim(X: Any) -> int:
    if isinstance(X, np.ndarray):
        return X.ndim
    depth = 0
    while isinstance(X, list | tuple) and X:
        X, depth = X[0], depth + 1
    return depth


def exact_input(X: Any, depth: int) -> list[fmpq_mat]:
    """Inputs as rational matrices ``N0 x T``, one for each example.

    Raises
    ------
    FieldError
        For floats; the message shows the exact spelling.
    """
    asked = "read exact inputs"
    examples = nested(X)
    if not isinstance(examples, list | tuple) or not examples:
        raise ShapeError(asked, "there are no examples", "give them as P x N0 x T")
    if depth == 0 and _ndim(examples) == 2:
        examples = [[[v] for v in row] for row in examples]
    mats = [fmpq_mat(exact_rows(x, asked)) for x in examples]
    if len({(m.nrows(), m.ncols()) for m in mats}) != 1:
        raise ShapeError(asked, "examples have different shapes", "give all as N0 x T")
    return mats


def attend_exactly(
    shape: PathShape, heads: Sequence[Sequence[Head]], X: Any, readout: Any
) -> list[fmpq_mat]:
    """Exact path-attended inputs: for each path a rational matrix ``P x N0``.

    Raises
    ------
    FieldError
        When inputs or attention are not rational.
    LimitError
        When there are too many numbers for exact arithmetic.
    """
    mats = exact_input(X, shape.depth)
    N0, T = mats[0].nrows(), mats[0].ncols()
    if len(mats) * N0 * shape.count > MAX_EXACT:
        raise LimitError(
            "compute path-attended inputs exactly",
            f"{len(mats)} inputs x {N0} features x {shape.count} paths is more than {MAX_EXACT}",
            "use fewer examples, or exact=False for floating point",
        )
    e = fmpq_mat(T, 1, readout_weights(readout, T))
    columns: list[list[list[Any]]] = [[] for _ in range(shape.count)]
    for x in mats:
        tick()
        carried = [e]
        for layer in reversed(range(shape.depth)):
            omegas = [head.matrix(x) for head in heads[layer]]
            carried = [omega * vector for omega in omegas for vector in carried]
        for path, vector in enumerate(carried):
            columns[path].append([row[0] for row in (x * vector).tolist()])
    return [fmpq_mat(rows) for rows in columns]


def exact_labels(Y: Any, size: int) -> fmpq_mat:
    """Labels as a rational column.

    Raises
    ------
    ShapeError, FieldError
        For a wrong number of labels, and for floats.
    """
    asked = "read exact labels"
    values = nested(Y)
    if not isinstance(values, list | tuple) or len(values) != size:
        raise ShapeError(asked, f"there are not {size} of them", "give one label per example")
    if not is_exact(values):
        raise FieldError(asked, "some are floats", "write integers or fractions")
    return fmpq_mat(size, 1, [parse_rational(v, asked) for v in values])
