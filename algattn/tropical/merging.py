"""Cells with one affine map, merged: across walls, and wherever their closures touch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from itertools import combinations
from typing import Any

from algattn.progress import Monitor
from algattn.tropical.layers import Piece
from algattn.tropical.polyhedra import Polyhedron


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
    >>> from algattn.tropical import Layer, Stack, TropicalAttention
    >>> head = TropicalAttention(keys=[[0], [1], [2]], values=[1, 1, 5], biases=[0, 0, -1])
    >>> merge(Stack([Layer(head, skip=None)]).cells(), 1)
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
