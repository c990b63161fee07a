"""Counting regions: routing cells, linear regions of the output, connected components.

Four numbers that are easily confused:

* *routing cells*: tuples of winning keys that occur on an open set; every cell is convex;
* *linear regions*: cells with the same affine map, merged across common walls (dimension n - 1);
* *connected components*: cells with the same affine map, merged wherever their closures touch;
* *distinct maps*: the affine maps that occur.

Each number is at most the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from algattn.arguments import checked
from algattn.progress import Monitor
from algattn.questions import question
from algattn.results import Evidence
from algattn.tropical.head import Head
from algattn.tropical.joint_heads import Heads
from algattn.tropical.layers import Layer, Layers, read_box
from algattn.tropical.merging import merge
from algattn.tropical.numbers import rationals
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


def as_stack(system: Head | Heads | Layers) -> Layers:
    """A head or several heads as a stack of one layer without residual connection."""
    return system if isinstance(system, Layers) else Layers([Layer(system, skip=None)])


@question("tropical.regions", command="tropical regions")
@checked
def regions(
    system: Head | Heads | Layers,
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
    >>> from algattn.tropical import TropicalAttention
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
