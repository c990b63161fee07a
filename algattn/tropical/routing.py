"""Where a point goes: the keys that win in each layer, when it is inside a cell."""

from __future__ import annotations

from operator import sub
from typing import Any

from algattn.errors import InputError
from algattn.tropical.affine import pull_back
from algattn.tropical.cells import Functions
from algattn.tropical.layers import Layers, push
from algattn.tropical.numbers import Row, Vector, clear

Route = tuple[tuple[int, ...], ...]


def route(stack: Layers, point: Vector) -> Route | None:
    """For each layer and head the key that wins around the point, or None on a wall.

    Keys whose pulled back scores are equal win together; the first one names the cell.

    Examples
    --------
    >>> from flint import fmpq
    >>> from algattn.tropical import depth_stack
    >>> stack = depth_stack(keys=2, dimension=1, depth=2)
    >>> route(stack, (fmpq(3, 8),)), route(stack, (fmpq(1, 2),))
    (((0,), (1,)), None)
    """
    (head,), scale = clear([point])
    place = (*head, scale)
    matrix, offset = stack.start()
    out: list[tuple[int, ...]] = []
    for layer in stack.layers:
        groups: list[Any] = []
        for one in layer.joint.heads:
            scores = pull_back(one, matrix, offset, stack.dimension)
            functions = Functions.of(stack.dimension, *scores)
            values = functions.values(place)
            best = max(values)
            if values.count(best) > 1:
                return None
            groups.append(functions.groups[values.index(best)])
        out.append(tuple(group[0] for group in groups))
        if layer.output_dimension is not None:
            matrix, offset = push(layer, groups, matrix, offset)
    return tuple(out)


def inequalities(stack: Layers, index: Route) -> list[Row]:
    """The inequalities ``a . q + c >= 0`` of the cell with this index.

    Examples
    --------
    >>> from algattn.tropical import depth_stack
    >>> inequalities(depth_stack(keys=2, dimension=1, depth=2), ((0,), (1,)))
    [(-2, 1), (4, -1)]

    Raises
    ------
    InputError
        When the index names no key, or not the first of those that win together.
    """
    matrix, offset = stack.start()
    rows: list[Row] = []
    for layer, keys in zip(stack.layers, index, strict=True):
        groups: list[tuple[int, ...]] = []
        for one, key in zip(layer.joint.heads, keys, strict=True):
            scores = pull_back(one, matrix, offset, stack.dimension)
            functions = Functions.of(stack.dimension, *scores)
            won = next((i for i, g in enumerate(functions.groups) if g[0] == key), None)
            if won is None:
                raise InputError("read a cell", f"no cell is named by key {key}", "recompute")
            best = functions.rows[won]
            rows += [tuple(map(sub, best, row)) for i, row in enumerate(functions.rows) if i != won]
            groups.append(functions.groups[won])
        if layer.output_dimension is not None:
            matrix, offset = push(layer, groups, matrix, offset)
    return rows
