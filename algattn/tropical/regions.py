"""Counting regions: routing cells, linear regions of the output, connected components.

Four numbers that are easily confused:

* *routing cells*: tuples of winning keys that occur on an open set; every cell is convex;
* *linear regions*: cells with the same affine map, merged across common walls (dimension n - 1);
* *connected components*: cells with the same affine map, merged wherever their closures touch;
* *distinct maps*: the affine maps that occur.

Each number is at most the one before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import Any

from algattn.arguments import checked
from algattn.progress import Monitor
from algattn.questions import question
from algattn.results import Evidence
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.multihead import MultiHead
from algattn.tropical.numbers import rationals
from algattn.tropical.polyhedra import Polyhedron
from algattn.tropical.problems import RegionsProblem
from algattn.tropical.regions_result import (
    FEW_CELLS,
    MAX_DIMENSION,
    CellsAgain,
    FilledBox,
    InsideCells,
    MergedAgain,
    MinkowskiCells,
    RegionsResult,
    RoutingCell,
)
from algattn.tropical.stack import Layer, Piece, Stack, read_box


def as_stack(system: TropicalAttention | MultiHead | Stack) -> Stack:
    """A head or several heads as a stack of one layer without residual connection."""
    return system if isinstance(system, Stack) else Stack([Layer(system, skip=None)])


def merge(
    pieces: Sequence[Piece], n: int, *, backend: str = "auto", time_limit: float | None = None
) -> dict[str, int]:
    """Numbers of linear regions, connected components and distinct maps.

    Complexity
    ----------
    One double description for each pair of cells with the same map that is not merged yet.

    Raises
    ------
    LimitError
        When the time is over.

    Examples
    --------
    >>> head = TropicalAttention(keys=[[0], [1], [2]], values=[1, 1, 5], biases=[0, 0, -1])
    >>> merge(as_stack(head).cells(), 1)
    {'linear_regions': 2, 'connected_components': 2, 'distinct_maps': 2}
    """
    with Monitor("merge cells", time_limit=time_limit, partial=lambda: tuple(pieces)) as monitor:
        return _merge(pieces, n, backend, monitor)


def _merge(pieces: Sequence[Piece], n: int, backend: str, monitor: Monitor) -> dict[str, int]:
    same: dict[Any, list[Piece]] = defaultdict(list)
    for piece in pieces:
        same[piece.map].append(piece)
    walls, touching = 0, 0
    for group in same.values():
        across, touch = list(range(len(group))), list(range(len(group)))
        for i, j in sorted(combinations(range(len(group)), 2), key=partial(_unlike, group)):
            if _root(across, i) == _root(across, j):
                continue
            monitor.step()
            first, second = group[i].region, group[j].region
            if first is None or second is None:
                continue
            common = Polyhedron(n, (*first.program.rows, *second.program.rows), backend)
            dimension = common.dimension
            if dimension >= 0:
                touch[_root(touch, i)] = _root(touch, j)
            if dimension == n - 1:
                across[_root(across, i)] = _root(across, j)
        walls += len({_root(across, i) for i in range(len(group))})
        touching += len({_root(touch, i) for i in range(len(group))})
    return {
        "linear_regions": walls,
        "connected_components": touching,
        "distinct_maps": len(same),
    }


def _unlike(group: Sequence[Piece], pair: tuple[int, int]) -> int:
    """In how many heads two cells differ: neighbours first, then most pairs need no test."""
    first, second = (sum(group[i].index, ()) for i in pair)
    return sum(a != b for a, b in zip(first, second, strict=True))


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@checked
@question("tropical.regions", command="tropical regions")
def regions(
    system: TropicalAttention | MultiHead | Stack,
    *,
    box: Any = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> RegionsResult:
    """Count the regions of a head, of several heads, or of a stack.

    Parameters
    ----------
    system : TropicalAttention, MultiHead or Stack
        Without values only the routing cells are counted.
    box : sequence of (low, high), optional
        Count only what meets the interior of the box.
    time_limit, progress
        As in :meth:`Stack.cells`; the limit covers both the search and the merging.

    Returns
    -------
    RegionsResult
        PROVED: an exact point inside every cell, and a search that finds no other.

    Raises
    ------
    LimitError
        When the time is over; ``.partial`` holds the cells so far.

    Examples
    --------
    >>> head = TropicalAttention(keys=[[0], [1], [2]], values=[1, 1, 5], biases=[0, 0, -1])
    >>> result = regions(head)
    >>> result.value, result.linear_regions, result.status.name
    (3, 2, 'PROVED')
    """
    stack = as_stack(system)
    clock = Monitor("count regions", time_limit=time_limit)
    pieces = stack.cells(box=box, time_limit=time_limit, progress=progress)
    bounds = read_box(box, stack.dimension)
    counts: dict[str, int] = {}
    if stack.layers[-1].output_dimension is not None:
        counts = merge(pieces, stack.dimension, time_limit=clock.remaining)
    problem = RegionsProblem(stack, None if bounds is None else tuple(bounds))
    return RegionsResult.assemble(
        problem,
        len(pieces),
        {
            "cells": [InsideCells(), CellsAgain(), *_elsewhere(problem, len(pieces))],
            "linear_regions": [MergedAgain()],
            "connected_components": [MergedAgain()],
            "distinct_maps": [MergedAgain()],
        },
        cells=tuple(RoutingCell(piece.index, rationals(piece.interior_point)) for piece in pieces),
        **counts,
    )


def _elsewhere(problem: RegionsProblem, count: int) -> Iterator[Evidence]:
    """Another algorithm for the cells, where there is one and it is quick."""
    if count <= FEW_CELLS and problem.stack.dimension <= MAX_DIMENSION:
        if problem.is_one_layer:
            yield MinkowskiCells()
        elif problem.box:
            yield FilledBox()
