"""The power diagram of a head: sites, weights, cells by inequalities and vertices, walls, graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from algattn.arguments import checked
from algattn.errors import ShapeError
from algattn.progress import Monitor, tick
from algattn.tropical.cells import Cell
from algattn.tropical.envelope import Envelope
from algattn.tropical.head import Head
from algattn.tropical.numbers import fractions
from algattn.tropical.polyhedra import backend_name

if TYPE_CHECKING:
    import networkx

Point = tuple[Fraction, ...]


@dataclass(frozen=True)
class Wall:
    """The common boundary of two cells.

    Attributes
    ----------
    cells : pair of indices
    normal : tuple of Fraction
        Second key minus first key; it points from the first cell into the second.
    vertices, rays : tuples
        The wall is the convex hull of the vertices plus the cone of the rays (plus the diagram's
        lines).
    """

    cells: tuple[Any, Any]
    normal: Point
    vertices: tuple[Point, ...]
    rays: tuple[Point, ...]


@dataclass(frozen=True)
class DiagramCell(Cell):
    """A cell with its polyhedral description.

    Attributes
    ----------
    inequalities : tuple of (normal, constant)
        The cell is where ``normal . q + constant >= 0`` for all of them; none can be left out.
    neighbours : tuple of indices
        The cell on the other side of each inequality, in the same order.
    vertices, rays : tuples of vectors
        The cell is the convex hull of the vertices plus the cone of the rays (plus lines).
    """

    inequalities: tuple[tuple[Point, Fraction], ...] = ()
    neighbours: tuple[Any, ...] = ()
    vertices: tuple[Point, ...] = ()
    rays: tuple[Point, ...] = ()


@checked
class PowerDiagram:
    """The cells of a head as a power diagram.

    ``|q - k_j|^2 - w_j = |q|^2 - 2 s_j(q)`` with ``w_j = |k_j|^2 + 2 b_j``, so the nearest weighted
    site is the key with the largest score.

    Parameters
    ----------
    attention : TropicalAttention
    backend : {"auto", "ppl", "embedded"}
        Who converts inequalities to vertices.
    names : tuple, optional
        Other names for the keys (tuples of keys, for several heads).

    Examples
    --------
    >>> from algattn.tropical import TropicalAttention
    >>> head = TropicalAttention(keys=[[0, 0], [2, 0], [0, 2]])
    >>> diagram = head.diagram()
    >>> diagram.vertices, sorted(diagram.graph().edges)
    (((Fraction(0, 1), Fraction(0, 1)),), [(0, 1), (0, 2), (1, 2)])
    """

    def __init__(
        self,
        attention: Head,
        *,
        backend: str = "auto",
        names: Sequence[Any] | None = None,
    ) -> None:
        self.attention = attention
        backend_name(backend)  # refuses an unknown one, before it is needed
        self.envelope = Envelope(attention.dimension, attention.functions.rows, backend)
        self.names = tuple(range(attention.size)) if names is None else tuple(names)
        if len(self.names) != attention.size:
            raise ShapeError(
                "name the keys of a diagram",
                f"{len(self.names)} names for {attention.size} keys",
                "give one for each",
            )

    def within(self, *, time_limit: float | None, progress: bool = False) -> PowerDiagram:
        """The diagram itself, with all its parts computed within so many seconds.

        Raises
        ------
        LimitError
            When the time is over.
        """
        if time_limit is not None or progress:
            with Monitor(
                "compute a power diagram", total=4, time_limit=time_limit, progress=progress
            ) as monitor:
                for part in ("vertices", "winners", "walls", "cells"):
                    getattr(self, part)
                    monitor.step()
        return self

    def _name(self, row: int) -> Any:
        return self.names[self.attention.functions.groups[row][0]]

    @property
    def sites(self) -> tuple[Point, ...]:
        """The sites, one for each key."""
        return self.attention.sites

    @property
    def weights(self) -> tuple[Fraction, ...]:
        """The weights, one for each key."""
        return self.attention.weights

    @property
    def vertices(self) -> tuple[Point, ...]:
        """Points where walls meet (one of each minimal face, when there are lines)."""
        return tuple(fractions(v) for v in self.envelope.vertices)

    @property
    def lines(self) -> tuple[Point, ...]:
        """Directions in which nothing changes; there are some when the keys span too little."""
        return tuple(tuple(Fraction(x) for x in line) for line in self.envelope.lines)

    @cached_property
    def winners(self) -> tuple[frozenset[Any], ...]:
        """For each vertex the keys that are nearest there."""
        groups = self.attention.functions.groups
        return tuple(
            frozenset(self.names[j] for i in found for j in groups[i])
            for found in self.envelope.winners
        )

    @cached_property
    def walls(self) -> tuple[Wall, ...]:
        """The walls of codimension one."""
        out = []
        scale = self.attention.functions.scale
        vertices = self.vertices
        for i, j in self.envelope.adjacency:
            tick()
            a, b = self.envelope.rows[i], self.envelope.rows[j]
            normal = tuple(Fraction(y - x, scale) for x, y in zip(a[:-1], b[:-1], strict=True))
            corners = tuple(vertices[v] for v in self.envelope.common_vertices([i, j]))
            rays = tuple(tuple(map(Fraction, r)) for r in self.envelope.common_rays([i, j]))
            out.append(Wall((self._name(i), self._name(j)), normal, corners, rays))
        return tuple(out)

    @cached_property
    def cells(self) -> tuple[DiagramCell, ...]:
        """The full-dimensional cells, in the order of the keys."""
        envelope, scale = self.envelope, self.attention.functions.scale
        beside: dict[int, list[int]] = {j: [] for j in envelope.essential}
        for i, j in envelope.adjacency:
            beside[i].append(j)
            beside[j].append(i)
        vertices = self.vertices
        out = []
        for j in envelope.essential:
            tick()
            row = envelope.rows[j]
            inequalities = []
            for i in beside[j]:
                gap = [Fraction(x - y, scale) for x, y in zip(row, envelope.rows[i], strict=True)]
                inequalities.append((tuple(gap[:-1]), gap[-1]))
            group = self.attention.functions.groups[j]
            out.append(
                DiagramCell(
                    index=self._name(j),
                    interior_point=fractions(envelope.interior_point(j)),
                    ties=tuple(self.names[i] for i in group),
                    inequalities=tuple(inequalities),
                    neighbours=tuple(self._name(i) for i in beside[j]),
                    vertices=tuple(vertices[v] for v in envelope.common_vertices([j])),
                    rays=tuple(tuple(map(Fraction, r)) for r in envelope.common_rays([j])),
                )
            )
        return tuple(out)

    def nearest(self, q: Any) -> frozenset[Any]:
        """The set of weighted sites nearest to `q`, by their power distance."""
        distances = self.attention.power_distances(q)
        least = min(distances)
        return frozenset(name for name, x in zip(self.names, distances, strict=True) if x == least)

    def graph(self) -> networkx.Graph[Any]:
        """The adjacency of the cells as a networkx graph.

        Nodes are the indices of cells, with ``site``, ``weight`` and ``interior_point``; edges are
        walls, with ``normal``, ``vertices`` and ``rays``.  Dually: the edges of the upper hull.
        """
        import networkx

        graph: networkx.Graph[Any] = networkx.Graph()
        place = {name: i for i, name in enumerate(self.names)}
        for cell in self.cells:
            i = place[cell.index]
            graph.add_node(
                cell.index,
                site=self.sites[i],
                weight=self.weights[i],
                interior_point=cell.interior_point,
            )
        for wall in self.walls:
            graph.add_edge(*wall.cells, normal=wall.normal, vertices=wall.vertices, rays=wall.rays)
        return graph

    def __repr__(self) -> str:
        return (
            f"<power diagram in QQ^{self.attention.dimension}: {self.attention.size} sites, "
            f"{len(self.envelope.essential)} cells, {len(self.envelope.vertices)} vertices>"
        )
