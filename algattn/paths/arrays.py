"""Reading arrays from outside: which are exact, which are floats, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from algattn.errors import FieldError, InputError, ShapeError
from algattn.exact.fields import QQ, parse_rational

Floats = NDArray[np.float64]

#: Numbers from outside stay below this, so that kernels and actions do not overflow.
LARGEST = 1e60


def is_exact(data: Any) -> bool:
    """Whether nested data holds no floats, so that it can be read over QQ.

    >>> is_exact([[1, "2/3"]]), is_exact([[1, 0.5]]), is_exact(np.eye(2, dtype=int))
    (True, False, True)
    """
    if isinstance(data, np.ndarray):
        if data.dtype == object:
            return all(is_exact(x) for x in data.flat)
        return data.dtype.kind in "iu"
    if isinstance(data, list | tuple):
        return all(is_exact(x) for x in data)
    return not isinstance(data, float | complex | np.floating) and data is not None


def float_array(data: Any, ndim: int, asked: str, shape: str) -> Floats:
    """A finite float64 array with the given number of axes.

    Raises
    ------
    InputError, ShapeError
        For ragged or unreadable data, a wrong number of axes, NaN, infinity, numbers above 1e60.
    """
    try:
        plain = data if isinstance(data, np.ndarray) and data.dtype != object else _floats(data)
        array = np.array(plain, dtype=np.float64)
    except (TypeError, ValueError, OverflowError, FieldError) as error:
        raise InputError(
            asked, f"it is not an array of numbers ({error})", f"give numbers of shape {shape}"
        ) from None
    if array.ndim != ndim:
        raise ShapeError(asked, f"it has the shape {array.shape}", f"give the shape {shape}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        where = ", ".join(str(int(i)) for i in bad[0])
        raise InputError(
            asked,
            f"{len(bad)} entries are NaN or infinite, the first at [{where}]",
            "remove or replace them",
        )
    if array.size and float(np.abs(array).max()) > LARGEST:
        raise InputError(
            asked,
            f"the largest entry is {float(np.abs(array).max()):.1e}",
            f"scale the numbers below {LARGEST:g}",
        )
    if array.size == 0:
        raise ShapeError(asked, f"it is empty, of shape {array.shape}", "give at least one entry")
    return array


def _floats(data: Any) -> Any:
    if isinstance(data, np.ndarray) and data.dtype == object:
        data = data.tolist()
    if isinstance(data, list | tuple):
        return [_floats(x) for x in data]
    if isinstance(data, str):
        data = parse_rational(data)
    if isinstance(data, fmpq):
        return float(QQ.to_python(data))
    return data


def nested(data: Any) -> Any:
    """Arrays as nested lists."""
    return data.tolist() if isinstance(data, np.ndarray) else data


def exact_rows(data: Any, asked: str) -> list[list[fmpq]]:
    """A rational matrix from nested data.

    Raises
    ------
    ShapeError, FieldError
        For ragged rows, and for entries that are not rational.
    """
    rows = nested(data)
    if not isinstance(rows, list | tuple) or not all(isinstance(r, list | tuple) for r in rows):
        raise ShapeError(asked, "it is not a matrix", "give rows of equal length")
    if not rows or not rows[0] or len({len(r) for r in rows}) != 1:
        raise ShapeError(asked, "it has empty or ragged rows", "give rows of equal length")
    return [[parse_rational(x, asked) for x in row] for row in rows]


def rational_data(rows: Sequence[Sequence[fmpq]]) -> list[list[Any]]:
    """Rational rows as JSON data."""
    return [[QQ.format(x) for x in row] for row in rows]
