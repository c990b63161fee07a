"""Parameters in named blocks: numbers, vectors, matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from algattn.errors import InputError, LimitError, ShapeError
from algattn.words import quoted

ASKED = "read a parametrization"
MAX_PARAMETERS = 1_000_000


def read_blocks(given: Any) -> dict[str, tuple[int, ...]] | None:
    """Shapes by name, from shapes by name or from names."""
    if given is None:
        return None
    shapes = dict(given) if isinstance(given, Mapping) else None
    if shapes is None:
        names = [given] if isinstance(given, str) else list(given)
        for name in names:
            if not isinstance(name, str):
                raise InputError(ASKED, f"{quoted(name)} is no name", "parameters=['s', 't']")
        if len(set(names)) != len(names):
            raise InputError(ASKED, "two parameters have the same name", "rename one")
        shapes = dict.fromkeys(names, ())
    for name, shape in shapes.items():
        sizes = shape if isinstance(shape, list | tuple) else (None,)
        if not isinstance(name, str) or any(type(n) is not int or n < 1 for n in sizes):
            wrong = f"the block {quoted(name)} has the shape {quoted(shape)}"
            raise InputError(ASKED, wrong, "parameters={'v': (2, 3), 's': ()}")
    count = sum(map(prod, shapes.values()))
    if count > MAX_PARAMETERS:
        wrong = f"there are {count} parameters, above the limit {MAX_PARAMETERS}"
        raise LimitError(ASKED, wrong, "smaller blocks")
    return {name: tuple(shape) for name, shape in shapes.items()}


def names_of(blocks: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """The parameters in blocks, row by row, from 1.

    >>> names_of({"v": (1, 2), "s": ()})
    ('v_1_1', 'v_1_2', 's')
    """
    return tuple(
        "_".join([name, *(str(i + 1) for i in place)])
        for name, shape in blocks.items()
        for place in product(*map(range, shape))
    )


def flat(name: str, value: Any, shape: Sequence[int]) -> list[Any]:
    """The entries of a nested list of that shape."""
    if not shape:
        return [value]
    rows = [] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    if len(rows) != shape[0]:
        wrong = f"the block {name!r} has not the shape {tuple(shape)}"
        raise ShapeError("evaluate a map", wrong, "a nested list of that shape")
    return [x for row in rows for x in flat(name, row, shape[1:])]
