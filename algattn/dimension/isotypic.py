"""Isotypic components of the parameter space and of the gauge algebra.

``Hom(R^e, R^e')`` with ``R^e = (+)_j R^{m_j} (x) R^{b_j} + R^c`` splits under ``prod_j O(m_j)``
into copies of five kinds of irreducible representation, each represented by one vector per copy:

* trivial: ``I (x) E_uv`` on a factor, and maps ``R^c -> R^c``;
* standard of factor j: between copy 1 of factor j and ``R^c``;
* skew: ``(E_12 - E_21) (x) E_uv``;
* traceless: ``(E_12 + E_21) (x) E_uv``;
* mixed (j, k): copy 1 of factor j to copy 1 of factor k, and back.

By Schur's lemma an equivariant linear map has on each kind the rank of one small matrix, times the
dimension of the irreducible representation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algattn.dimension.modular import Ints
from algattn.dimension.symmetry import Space
from algattn.errors import HypothesisError

__all__ = ["Component", "Components", "component_dimension", "unit_directions"]

Component = tuple[str, int, int]
"""Kind ("trivial", "standard", "skew", "traceless", "mixed") and factors (0 where unused)."""


def component_dimension(component: Component, sizes: tuple[int, ...]) -> int:
    """Dimension of the irreducible representation for factor sizes ``m_j``."""
    kind, j, k = component
    if kind == "trivial":
        return 1
    m = sizes[j]
    if kind == "standard":
        return m
    if kind == "skew":
        return m * (m - 1) // 2
    if kind == "traceless":
        return m * (m + 1) // 2 - 1
    return m * sizes[k]


@dataclass(frozen=True)
class Components:
    """Ranks of an equivariant linear map on the isotypic components.

    Attributes
    ----------
    sizes : tuple of int
        The factor sizes ``m_j`` they were computed for.
    ranks : tuple of (Component, int)
        The nonzero component ranks.
    """

    sizes: tuple[int, ...]
    ranks: tuple[tuple[Component, int], ...]

    def rank(self, component: Component) -> int:
        """The rank on one component (0 if absent)."""
        return dict(self.ranks).get(component, 0)

    @property
    def trivial(self) -> int:
        """``r_triv``."""
        return self.rank(("trivial", 0, 0))

    @property
    def standard(self) -> tuple[int, ...]:
        """``r_std`` of every factor."""
        return tuple(self.rank(("standard", j, 0)) for j in range(len(self.sizes)))

    @property
    def skew(self) -> tuple[int, ...]:
        """``r_L`` of every factor."""
        return tuple(self.rank(("skew", j, 0)) for j in range(len(self.sizes)))

    @property
    def traceless(self) -> tuple[int, ...]:
        """``r_S`` of every factor."""
        return tuple(self.rank(("traceless", j, 0)) for j in range(len(self.sizes)))

    @property
    def mixed(self) -> dict[tuple[int, int], int]:
        """``r_jk`` for j < k."""
        return {(j, k): r for (kind, j, k), r in self.ranks if kind == "mixed"}

    def total(self, sizes: tuple[int, ...] | None = None) -> int:
        """The rank of the whole map.

        Parameters
        ----------
        sizes : tuple of int, optional
            Other factor sizes.  A factor computed with ``m_j >= 2`` may take any size ``>= 2``; one
            computed with ``m_j = 1`` must keep it.

        Raises
        ------
        HypothesisError
            If a factor leaves its family.
        """
        chosen = self.sizes if sizes is None else sizes
        if len(chosen) != len(self.sizes) or any(
            (m < 2) if own >= 2 else (m != 1) for m, own in zip(chosen, self.sizes, strict=True)
        ):
            raise HypothesisError(
                f"use component ranks for factor sizes {chosen}",
                f"those computed for {self.sizes} say nothing about them",
                "sizes from 2 on where the computed one is, and 1 where it is 1",
            )
        return sum(r * component_dimension(name, chosen) for name, r in self.ranks)


def _grid(
    rows: Ints,
    columns: Ints,
    rows2: Ints | None = None,
    columns2: Ints | None = None,
    sign: int = 0,
) -> Ints:
    p, q = (x.ravel() for x in np.meshgrid(rows, columns, indexing="ij"))
    if rows2 is None or columns2 is None:
        return np.stack([p, q, p, q, np.zeros_like(p)], axis=1)
    p2, q2 = (x.ravel() for x in np.meshgrid(rows2, columns2, indexing="ij"))
    return np.stack([p, q, p2, q2, np.full_like(p, sign)], axis=1)


def unit_directions(source: Space, target: Space, copies: tuple[int, ...]) -> dict[Component, Ints]:
    """Representing vectors of ``Hom(source, target)``, sorted by component.

    Parameters
    ----------
    source, target : Space
    copies : tuple of int
        1 or 2 copies of each factor.

    Returns
    -------
    dict
        For each component an array of shape (n, 5): a row ``(p, q, p', q', s)`` stands for the
        matrix with entry 1 at (p, q) and s at (p', q'); s = 0 where one entry is enough.
    """
    found: dict[Component, list[Ints]] = {}
    rows, last_rows = target.layout(copies)
    columns, last_columns = source.layout(copies)

    def add(component: Component, block: Ints) -> None:
        if block.size:
            found.setdefault(component, []).append(block)

    out = [j for j, b in enumerate(target.multiplicities) if b]
    into = [j for j, b in enumerate(source.multiplicities) if b]
    for j in out:
        r = rows[j]
        if last_columns.size:
            add(("standard", j, 0), _grid(r[0], last_columns))
        for k in into:
            c = columns[k]
            if j != k:
                add(("mixed", min(j, k), max(j, k)), _grid(r[0], c[0]))
            elif copies[j] == 1:
                add(("trivial", 0, 0), _grid(r[0], c[0]))
            else:
                add(("trivial", 0, 0), _grid(r[0], c[0], r[1], c[1], 1))
                add(("skew", j, 0), _grid(r[0], c[1], r[1], c[0], -1))
                add(("traceless", j, 0), _grid(r[0], c[1], r[1], c[0], 1))
    if last_rows.size:
        for k in into:
            add(("standard", k, 0), _grid(last_rows, columns[k][0]))
        add(("trivial", 0, 0), _grid(last_rows, last_columns))
    return {name: np.concatenate(blocks) for name, blocks in found.items()}
