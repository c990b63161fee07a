"""Choosing an orthogonal symmetry for a network shape.

``G = prod_j O(m_j)`` acts on every space of the network by

    R^{e_i} = (+)_j R^{m_j} (x) R^{b_ij} + R^{c_i},   R^{alpha_i} = (+)_j R^{m_j} (x) R^{r_ij} + R^{s_i}.

The recipe lays all widths on one line: ``R^{e_i}`` is the first ``e_i`` coordinates, layer i reads the
window of the last ``alpha_i`` of them, and some stretches of the line are identified with their shift by
``alpha_i``, so that K and Q can read different places.  The line is cut at all end points; the classes of
intervals are the factors, their lengths the ``m_j``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from algattn.dimension.modular import Ints, Residues
from algattn.dimension.passes import Weights
from algattn.dimension.reduction import Kind, Reduction

__all__ = ["Blocks", "EquivariantWeights", "Space", "Symmetry", "random_equivariant", "recipes"]

MAX_INTERVALS = 400


@dataclass(frozen=True)
class Space:
    """A representation ``(+)_j R^{m_j} (x) R^{b_j} + R^c``.

    Attributes
    ----------
    multiplicities : tuple of int
        ``b_j`` for every factor.
    fixed : int
        The number c of invariant coordinates.
    """

    multiplicities: tuple[int, ...]
    fixed: int

    def dimension(self, copies: tuple[int, ...]) -> int:
        """Dimension when factor j has ``copies[j]`` coordinates."""
        return self.fixed + sum(m * b for m, b in zip(copies, self.multiplicities, strict=True))

    def layout(self, copies: tuple[int, ...]) -> tuple[list[Ints], Ints]:
        """Coordinates of the factors, each of shape (copies_j, b_j), and of the invariants."""
        blocks, offset = [], 0
        for m, b in zip(copies, self.multiplicities, strict=True):
            blocks.append(offset + np.arange(m * b, dtype=np.int64).reshape(m, b))
            offset += m * b
        return blocks, offset + np.arange(self.fixed, dtype=np.int64)


@dataclass(frozen=True)
class Symmetry:
    """A group ``prod_j O(m_j)`` acting on all spaces of a network.

    Attributes
    ----------
    sizes : tuple of int
        ``m_j``.
    hidden : tuple of Space
        ``R^{e_0}..R^{e_l}``.
    attention : tuple of Space
        ``R^{alpha_1}..R^{alpha_l}``.
    """

    sizes: tuple[int, ...]
    hidden: tuple[Space, ...]
    attention: tuple[Space, ...]

    @property
    def copies(self) -> tuple[int, ...]:
        """``min(m_j, 2)``: the copies of each factor that decide every component rank."""
        return tuple(min(m, 2) for m in self.sizes)

    def shape(self, sizes: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Widths and attention ranks of the network with factor sizes ``sizes``."""
        return (
            tuple(space.dimension(sizes) for space in self.hidden),
            tuple(space.dimension(sizes) for space in self.attention),
        )


@dataclass(frozen=True, eq=False)
class Blocks:
    """An equivariant map: a matrix ``(b'_j, b_j)`` for each factor and one ``(c', c)``."""

    factors: tuple[Ints, ...]
    fixed: Ints

    def expand(self, source: Space, target: Space, copies: tuple[int, ...]) -> Ints:
        """The matrix on spaces with ``copies[j]`` coordinates per factor."""
        matrix = np.zeros((target.dimension(copies), source.dimension(copies)), dtype=np.int64)
        rows, last_rows = target.layout(copies)
        columns, last_columns = source.layout(copies)
        for block, r, c in zip(self.factors, rows, columns, strict=True):
            if block.size:
                matrix[r[:, :, None], c[:, None, :]] = block
        matrix[np.ix_(last_rows, last_columns)] = self.fixed
        return matrix


@dataclass(frozen=True, eq=False)
class EquivariantWeights:
    """Equivariant K, Q and V of every layer.

    Attributes
    ----------
    symmetry : Symmetry
    key, query, value : tuple of Blocks
    """

    symmetry: Symmetry
    key: tuple[Blocks, ...]
    query: tuple[Blocks, ...]
    value: tuple[Blocks, ...]

    def expand(self, copies: tuple[int, ...]) -> Weights:
        """Dense weights with ``copies[j]`` coordinates for factor j."""
        hidden, attention = self.symmetry.hidden, self.symmetry.attention
        return Weights(
            tuple(
                k.expand(hidden[i], attention[i], copies) for i, k in enumerate(self.key)
            ),
            tuple(
                q.expand(hidden[i], attention[i], copies) for i, q in enumerate(self.query)
            ),
            tuple(
                v.expand(hidden[i], hidden[i + 1], copies) for i, v in enumerate(self.value)
            ),
        )


def random_equivariant(symmetry: Symmetry, residues: Residues) -> EquivariantWeights:
    """Uniformly random equivariant weights."""

    def draw(source: Space, target: Space) -> Blocks:
        pairs = zip(target.multiplicities, source.multiplicities, strict=True)
        return Blocks(
            tuple(residues.draw(b_out, b_in) for b_out, b_in in pairs),
            residues.draw(target.fixed, source.fixed),
        )

    key, query, value = [], [], []
    for i, space in enumerate(symmetry.attention):
        key.append(draw(symmetry.hidden[i], space))
        query.append(draw(symmetry.hidden[i], space))
        value.append(draw(symmetry.hidden[i], symmetry.hidden[i + 1]))
    return EquivariantWeights(symmetry, tuple(key), tuple(query), tuple(value))


def recipes(reduction: Reduction) -> Iterator[tuple[str, Symmetry]]:
    """Symmetries to try for an effective shape, the most economical first.

    Yields
    ------
    name : str
    symmetry : Symmetry

    Notes
    -----
    A recipe whose cuts multiply beyond a few hundred intervals is skipped.
    """
    plans = (
        ("windows", False, 0),
        ("shift in every layer", True, 0),
        ("windows, 2 invariants", False, 2),
        ("shift in every layer, 2 invariants", True, 2),
        ("shift in every layer, 4 invariants", True, 4),
    )
    seen: set[Symmetry] = set()
    for name, always, invariants in plans:
        symmetry = _lay_out(reduction, always=always, invariants=invariants)
        if symmetry is not None and symmetry not in seen:
            seen.add(symmetry)
            yield name, symmetry


def _shifts(reduction: Reduction, *, always: bool) -> list[tuple[int, int, int]]:
    """Triples (lo, hi, s): coordinate x in [lo, hi) is identified with x + s."""
    e, alpha = reduction.effective, reduction.ranks
    result = []
    for i in range(reduction.depth):
        wide, a = e[i], alpha[i]
        mixed = reduction.collapsed[i] or (reduction.kind is Kind.LIGHTNING and a == 1)
        if mixed or always:
            lo = max(0, wide - 2 * a)
        else:
            lo = max(e[i + 1], wide - 2 * a)
        if 0 < a and lo < wide - a:
            result.append((lo, wide - a, a))
    return result


def _lay_out(reduction: Reduction, *, always: bool, invariants: int) -> Symmetry | None:
    e, alpha = reduction.effective, reduction.ranks
    line = max(e)
    shifts = _shifts(reduction, always=always)
    fixed = _fixed_points(reduction, invariants)
    cuts = {0, line, *e}
    cuts.update(e[i] - a for i, a in enumerate(alpha))
    for lo, hi, s in shifts:
        cuts.update((lo, hi, lo + s, hi + s))
    for x in fixed:
        cuts.update((x, x + 1))
    if not _close(cuts, shifts):
        return None
    points = sorted(cuts)
    starts = {x: n for n, x in enumerate(points[:-1])}
    parent = list(range(len(starts)))

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    for lo, hi, s in shifts:
        for x in points[:-1]:
            if lo <= x < hi:
                parent[root(starts[x])] = root(starts[x + s])
    still = {root(starts[x]) for x in fixed}
    names: dict[int, int] = {}
    for n in range(len(starts)):
        if root(n) not in still:
            names.setdefault(root(n), len(names))
    sizes = [0] * len(names)
    for n in range(len(starts)):
        if root(n) in names:
            sizes[names[root(n)]] = points[n + 1] - points[n]

    def space(lo: int, hi: int) -> Space:
        count, rest = [0] * len(names), 0
        for x in points[:-1]:
            if lo <= x < hi:
                name = names.get(root(starts[x]))
                if name is None:
                    rest += 1
                else:
                    count[name] += 1
        return Space(tuple(count), rest)

    return Symmetry(
        tuple(sizes),
        tuple(space(0, width) for width in e),
        tuple(space(e[i] - a, e[i]) for i, a in enumerate(alpha)),
    )


def _fixed_points(reduction: Reduction, invariants: int) -> set[int]:
    """Unit intervals made invariant: the first coordinates and the last of every window."""
    e, alpha = reduction.effective, reduction.ranks
    fixed = set(range(min(invariants, max(e))))
    if invariants:
        fixed.update(e[i] - 1 for i, a in enumerate(alpha) if a)
    return fixed


def _close(cuts: set[int], shifts: list[tuple[int, int, int]]) -> bool:
    """Close the cuts under the partial shifts; False if they become too many."""
    queue = list(cuts)
    while queue:
        x = queue.pop()
        for lo, hi, s in shifts:
            images = []
            if lo <= x <= hi:
                images.append(x + s)
            if lo + s <= x <= hi + s:
                images.append(x - s)
            for y in images:
                if y not in cuts:
                    cuts.add(y)
                    queue.append(y)
        if len(cuts) > MAX_INTERVALS:
            return False
    return True
