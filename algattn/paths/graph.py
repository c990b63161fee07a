"""Paths as a directed acyclic graph of layers and heads: enumeration, per-path data, drawing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, overload

from algattn.arguments import check_whole, checked
from algattn.errors import ShapeError
from algattn.paths.shape import Path, PathShape, path_name
from algattn.words import quoted

if TYPE_CHECKING:
    import networkx as nx


@checked
class Paths(Sequence[Path]):
    """All paths of a network, in the order of the rows of U, and the graph that they run through.

    Parameters
    ----------
    shape : PathShape
        The network's shape.
    data : mapping from names to sequences, optional
        Per-path data: one value for each path.

    Examples
    --------
    >>> paths = Paths(PathShape((2, 2), (5, 5, 5)))
    >>> len(paths), paths[1], paths.name(1)
    (4, (0, 1), '(1,2)')
    >>> sorted(paths.graph.successors((1, 0)))
    [(2, 0), (2, 1)]
    """

    def __init__(self, shape: PathShape, data: Mapping[str, Sequence[Any]] | None = None) -> None:
        self.shape = shape
        self._paths = shape.paths()
        self.data: dict[str, list[Any]] = {}
        for name, values in (data or {}).items():
            self._add(name, values)

    def _add(self, name: str, values: Sequence[Any]) -> None:
        if len(values) != len(self):
            raise ShapeError(
                f"attach {quoted(name)} to paths",
                f"{len(values)} values for {len(self)} paths",
                "give one value for each path",
            )
        self.data[name] = list(values)

    def with_data(self, **values: Sequence[Any]) -> Paths:
        """The same paths with more data, for example ``weight=solution.U.diagonal()``."""
        return Paths(self.shape, self.data | values)

    def __len__(self) -> int:
        return len(self._paths)

    @overload
    def __getitem__(self, index: int) -> Path: ...
    @overload
    def __getitem__(self, index: slice) -> list[Path]: ...
    def __getitem__(self, index: int | slice) -> Path | list[Path]:
        return self._paths[index]

    def __iter__(self) -> Iterator[Path]:
        return iter(self._paths)

    def name(self, index: int) -> str:
        """A path for people, 1-based."""
        return path_name(self._paths[index])

    def of(self, index: int) -> dict[str, Any]:
        """All data of one path."""
        return {"path": self._paths[index]} | {k: v[index] for k, v in self.data.items()}

    def through(self, layer: int, head: int) -> list[int]:
        """The numbers of the paths through a head; layers and heads are 0-based.

        Raises
        ------
        ShapeError
            When there is no such head.
        """
        asked, heads = "list the paths through a head", self.shape.heads
        layer = check_whole(layer, asked, "layer", 0, len(heads) - 1, ShapeError)
        head = check_whole(head, asked, "head", 0, heads[layer] - 1, ShapeError)
        return [k for k, path in enumerate(self._paths) if path[layer] == head]

    @property
    def graph(self) -> nx.DiGraph[Any]:
        """The directed graph: ``"input"``, nodes ``(layer, head)`` (layers from 1), ``"readout"``.

        Every simple path from input to readout is a path of the network.
        """
        import networkx as nx

        graph: nx.DiGraph[Any] = nx.DiGraph()
        layers: list[list[Any]] = [["input"]]
        layers += [[(n + 1, h) for h in range(k)] for n, k in enumerate(self.shape.heads)]
        layers.append(["readout"])
        for n, nodes in enumerate(layers):
            graph.add_nodes_from(nodes, layer=n)
        for left, right in pairwise(layers):
            graph.add_edges_from((u, v) for u in left for v in right)
        return graph

    def draw(self, ax: Any = None, *, weight: Sequence[float] | str | None = None) -> Any:
        """Draw heads as nodes and paths as coloured strands; returns the matplotlib axes.

        Parameters
        ----------
        ax : matplotlib axes, optional
        weight : sequence of float or name of per-path data, optional
            Strands are as wide as their weight (the diagonal of U, say).
        """
        from algattn.paths.strands import draw_strands

        return draw_strands(self.shape, self.data, ax=ax, weight=weight)

    def __repr__(self) -> str:
        shown = ", ".join(path_name(p) for p in self._paths[:6])
        more = ", .." if len(self) > 6 else ""
        return f"<{len(self)} paths: {shown}{more}>"
