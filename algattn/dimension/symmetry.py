"""Networks with an orthogonal symmetry.

``G = prod_j O(m_j)`` acts on every space of a network by

    R^{e_i} = (+)_j R^{m_j} (x) R^{b_ij} + R^{c_i},
    R^{alpha_i} = (+)_j R^{m_j} (x) R^{r_ij} + R^{s_i},

and all weights commute with it: an equivariant map is one small matrix for each factor.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algattn.dimension.modular import Ints, Residues
from algattn.dimension.modular_autodiff import Point

__all__ = ["Blocks", "EquivariantWeights", "Space", "Symmetry", "random_equivariant"]


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

    def expand(self, copies: tuple[int, ...]) -> Point:
        """Dense weights with ``copies[j]`` coordinates for factor j."""
        hidden, attention = self.symmetry.hidden, self.symmetry.attention
        return tuple(
            {
                ("K", 0): self.key[i].expand(hidden[i], reads, copies),
                ("Q", 0): self.query[i].expand(hidden[i], reads, copies),
                ("V", 0): self.value[i].expand(hidden[i], hidden[i + 1], copies),
            }
            for i, reads in enumerate(attention)
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
