"""Parameter and gauge directions of an equivariant network, sorted by isotypic component.

Everything lives on the network with at most two copies of each factor.  Both endpoints of a gauge
direction carry the same representation, so it is read off at the first entry of every parameter
direction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from algattn.dimension.isotypic import Component, unit_directions
from algattn.dimension.modular import Ints
from algattn.dimension.modular_autodiff import Point
from algattn.dimension.symmetry import Symmetry

__all__ = ["Directions", "gauge_components", "parameter_directions"]

_TRIVIAL: Component = ("trivial", 0, 0)
_TRANSPOSE = np.array([1, 0, 3, 2, 4])


@dataclass(frozen=True, eq=False)
class Directions:
    """Parameter directions of one component.

    Attributes
    ----------
    matrix : ndarray of int64, shape (n,)
        3 i, 3 i + 1, 3 i + 2 for K, Q, V of layer i (0-based), increasing.
    entries : ndarray of int64, shape (n, 5)
        As in `algattn.dimension.isotypic.unit_directions`.
    """

    matrix: Ints
    entries: Ints

    def __len__(self) -> int:
        return len(self.matrix)

    def keep(self, which: Ints) -> Directions:
        """The directions with the given numbers."""
        return Directions(self.matrix[which], self.entries[which])


def parameter_directions(symmetry: Symmetry) -> dict[Component, Directions]:
    """All parameter directions of the network, by component."""
    parts: dict[Component, list[tuple[int, Ints]]] = {}
    for i, space in enumerate(symmetry.attention):
        reading = unit_directions(symmetry.hidden[i], space, symmetry.copies)
        writing = unit_directions(symmetry.hidden[i], symmetry.hidden[i + 1], symmetry.copies)
        for shift, found in enumerate((reading, reading, writing)):
            for name, entries in found.items():
                parts.setdefault(name, []).append((3 * i + shift, entries))
    return {
        name: Directions(
            np.concatenate([np.full(len(e), n, dtype=np.int64) for n, e in found]),
            np.concatenate([e for _, e in found]),
        )
        for name, found in parts.items()
    }


def _act_left(entries: Ints, w: Ints, at: Ints) -> Ints:
    """Entries ``at`` of T W for every T in ``entries``, shape (T, columns)."""
    p, q = at[:, 0], at[:, 1]
    result: Ints = (p == entries[:, :1]) * w[np.ix_(entries[:, 1], q)]
    result += entries[:, 4:] * (p == entries[:, 2:3]) * w[np.ix_(entries[:, 3], q)]
    return result


def _act_right(entries: Ints, w: Ints, at: Ints) -> Ints:
    """Entries ``at`` of W T for every T in ``entries``, shape (T, columns)."""
    p, q = at[:, 0], at[:, 1]
    result: Ints = (q == entries[:, 1:2]) * w[np.ix_(p, entries[:, 0])].T
    result += entries[:, 4:] * (q == entries[:, 3:4]) * w[np.ix_(p, entries[:, 2])].T
    return result


def gauge_components(
    weights: Point,
    symmetry: Symmetry,
    columns: dict[Component, Directions],
    *,
    collapsed: tuple[bool, ...],
    scalings: bool,
    prime: int,
) -> Iterator[tuple[Component, Ints]]:
    """Gauge directions by component; the list is that of `algattn.dimension.gauge`.

    Parameters
    ----------
    weights : Point
        The network on ``symmetry.copies``.
    symmetry : Symmetry
    columns : dict
        From `parameter_directions`.
    collapsed : tuple of bool
        For each layer, whether it only sees the symmetric part of its form.
    scalings : bool
        True for lightning.
    prime : int

    Yields
    ------
    component : Component
    directions : ndarray of int64, shape (gauge directions, parameter directions)
    """
    depth = len(weights)
    matrices = [w for layer in weights for w in layer.values()]
    inner, outer = (
        [unit_directions(space, space, symmetry.copies) for space in spaces]
        for spaces in (symmetry.attention, symmetry.hidden)
    )
    none = np.zeros((0, 5), dtype=np.int64)
    for name, found in columns.items():
        numbers, starts = np.unique(found.matrix, return_index=True)
        stops = [*starts[1:], len(found)]
        where = {
            int(n): slice(int(a), int(b)) for n, a, b in zip(numbers, starts, stops, strict=True)
        }
        rows = [np.zeros((0, len(found)), dtype=np.int64)]
        build = _Builder(matrices, found, where, prime, rows)
        for i in range(depth):
            k, q, v = 3 * i, 3 * i + 1, 3 * i + 2
            t = inner[i].get(name, none)
            back = t[:, _TRANSPOSE]
            build.emit(len(t), [(k, _act_left, back, k, -1), (q, _act_left, t, q, 1)])
            if collapsed[i]:
                build.emit(len(t), [(k, _act_left, t, q, 1), (k, _act_left, back, q, -1)])
                build.emit(len(t), [(q, _act_left, t, k, 1), (q, _act_left, back, k, -1)])
            if i + 1 < depth:
                t = outer[i + 1].get(name, none)
                after = [(v + n, _act_right, t, v + n, -1) for n in (1, 2, 3)]
                build.emit(len(t), [(v, _act_left, t, v, 1), *after])
            if scalings and name == _TRIVIAL:
                build.scale(((k, 1), (v, -1)))
        yield name, np.concatenate(rows)


_Part = tuple[int, Callable[[Ints, Ints, Ints], Ints], Ints, int, int]


@dataclass(frozen=True, eq=False)
class _Builder:
    """Collects the gauge directions of one component, one row each."""

    matrices: list[Ints]
    columns: Directions
    where: dict[int, slice]
    prime: int
    rows: list[Ints]

    def emit(self, count: int, parts: list[_Part]) -> None:
        """Append ``count`` rows; a part is (matrix moved, action, elements, acting on, sign)."""
        if not count:
            return
        block = np.zeros((count, len(self.columns)), dtype=np.int64)
        for number, act, elements, of, sign in parts:
            where = self.where.get(number)
            if where is not None:
                moved = act(elements, self.matrices[of], self.columns.entries[where])
                block[:, where] = (block[:, where] + sign * moved) % self.prime
        self.rows.append(block)

    def scale(self, factors: tuple[tuple[int, int], ...]) -> None:
        """Append one row scaling whole matrices; factors are (matrix, weight)."""
        row = np.zeros((1, len(self.columns)), dtype=np.int64)
        for number, weight in factors:
            where = self.where.get(number)
            if where is not None:
                at = self.columns.entries[where]
                row[0, where] = weight * self.matrices[number][at[:, 0], at[:, 1]] % self.prime
        self.rows.append(row)
