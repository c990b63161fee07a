"""Reading what comes with a network: labels, lists of heads, exact order parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from algattn.errors import InputError, ShapeError
from algattn.exact import Matrix
from algattn.paths.arrays import Floats, float_array, is_exact, nested
from algattn.paths.attention import Head, read_head
from algattn.paths.shape import PathShape
from algattn.words import one_of, quoted

_WORDS = ("softmax", "hardmax", "uniform")


def read_labels(Y: Any, size: int, task: str = "auto") -> Floats:
    """Labels as floats.

    Parameters
    ----------
    task : {"auto", "classification", "regression"}
        Classification takes -1 and +1 only, regression all numbers; ``"auto"`` refuses data whose
        labels are all whole numbers, some of them other than -1 and +1.

    Raises
    ------
    ShapeError, InputError
        For a wrong number of labels, NaN, and labels that are not -1 or +1.

    Examples
    --------
    >>> read_labels([1, -1, -1], 3).tolist()
    [1.0, -1.0, -1.0]
    """
    array = np.asarray(Y, dtype=object)  # ragged lists are told apart below
    if array.ndim == 2 and array.shape[1] == 1:
        Y = array[:, 0]
    elif array.ndim == 2:
        raise ShapeError(
            "read labels", f"there are {array.shape[1]} columns", "fit one output at a time"
        )
    values = float_array(Y, 1, "read labels", "P")
    if len(values) != size:
        raise ShapeError(
            "read labels", f"{len(values)} labels for {size} inputs", "give one for each"
        )
    off = values[np.abs(values) != 1]
    strict = task == "classification"
    if len(off) and task != "regression" and (strict or np.all(values == np.round(values))):
        raise InputError(
            "read labels",
            f"{len(off)} of {size} are not -1 or +1, for example {off[0]:g}",
            "write classes as -1 and +1 (2*y - 1 for 0/1), or pass task='regression'",
        )
    return values


def is_right(mean: Floats, Y: Floats) -> NDArray[np.bool_]:
    """Which outputs have the sign of their label (zero counts as +1)."""
    return np.asarray(np.where(mean >= 0, 1.0, -1.0) == np.sign(Y))


def accuracy(mean: Floats, Y: Floats) -> float:
    """The share of outputs with the right sign.

    >>> accuracy(np.array([0.2, -3.0]), np.array([1.0, 1.0]))
    0.5
    """
    return float(np.mean(is_right(mean, Y)))


def is_exact_parameter(U: Any) -> bool:
    """Whether an order parameter is rational."""
    return isinstance(U, Matrix) or is_exact(U)


def read_attention(attention: Any, shape: PathShape) -> list[list[Head]] | None:
    """Heads from nested lists; None for a word, which stands for heads drawn from a seed."""
    asked = "read the attention of a network"
    if isinstance(attention, str):
        one_of(attention, _WORDS, asked, "attention")
        return None
    layers = nested(attention)
    if not isinstance(layers, list | tuple) or not all(
        isinstance(layer, list | tuple) for layer in map(nested, layers)
    ):
        raise InputError(
            asked, f"{quoted(attention)} is no list of heads for each layer", f"one of {_WORDS}"
        )
    sizes = [len(layer) for layer in layers]
    if sizes != list(shape.heads):
        raise ShapeError(
            asked,
            f"it has {sizes} heads, the network {list(shape.heads)}",
            "give one list per layer",
        )
    return [[read_head(head) for head in layer] for layer in layers]
