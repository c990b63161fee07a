"""One generator of the symmetry of a network: a group that acts, and its vector field.

The action is written once, as a formula over any ring of matrices (:class:`Chart`): over a field it
is the group, over dual numbers at the unit it is the vector field, so every vector field is tangent
to finite symmetries by construction.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from algattn.attention.architecture import Architecture
from algattn.attention.jets import Ints, Jet
from algattn.attention.spaces import Head, LayerShape, Parameter
from algattn.attention.theorems import Hypothesis, Theorem
from algattn.exact import GF, Field, Matrix

__all__ = ["Address", "Blocks", "Chart", "Generator", "Kind", "groups", "present", "symmetry"]

#: Layer (from 1), name, and group or head (from 0).
Address = tuple[int, str, int]
#: Weights by their parameters: exact matrices, or jets.
Blocks = Mapping[Parameter, Any]


@dataclass(frozen=True)
class Chart:
    """How a group acts at given weights.

    Attributes
    ----------
    shape : (int, int)
        Of the coordinates x: a matrix, all entries free.
    move : callable
        ``move(w, x, *constants)`` gives the blocks that change; over any ring of matrices.
    group : bool
        Whether x is an element of GL (the unit is 1); else it is a vector (the unit is 0).
    constants : tuple of Matrix
        Matrices that depend on the weights at which the chart is made, such as kernels.
    dimension : int, optional
        Of the group, where it is not the number of entries of x.
    """

    shape: tuple[int, int]
    move: Callable[..., dict[Parameter, Any]]
    group: bool = False
    constants: tuple[Matrix, ...] = ()
    dimension: int | None = None

    @property
    def size(self) -> int:
        """The dimension of the group at these weights."""
        return self.shape[0] * self.shape[1] if self.dimension is None else self.dimension


@dataclass(frozen=True)
class Generator:
    """One kind of symmetry at one place of a network.

    Attributes
    ----------
    kind : str
        Such as "key" or "hidden".
    layer, index : int
        Layer from 1, group or head from 0.
    group : str
        Such as "GL(2)" or "R^3".
    dimension : int
        Of its Lie algebra, at almost all weights.
    theorem : Theorem
        With the hypotheses under which it acts.
    chart : callable
        From exact weights to the :class:`Chart` there.

    Examples
    --------
    >>> from algattn import Lightning
    >>> from algattn.attention.symmetries import generators
    >>> for g in generators(Lightning((3, 2, 1), 1)):
    ...     print(g.kind, g.layer, g.group)
    key 1 GL(1)
    key 2 GL(1)
    head mixing 1 GL(1)
    head mixing 2 GL(1)
    hidden 1 GL(2)
    """

    kind: str
    layer: int
    index: int
    group: str
    dimension: int
    theorem: Theorem
    chart: Callable[[Blocks], Chart | None]

    def directions(
        self, network: Architecture, weights: Mapping[Address, Ints], prime: int
    ) -> Ints:
        """Tangent vectors of its orbit, one row for each basis vector of the Lie algebra.

        Parameters
        ----------
        weights : mapping
            From (layer, name, index) to residues.

        Returns
        -------
        ndarray of int64, shape (rows, parameters)
            Parameters in the order of ``network.shapes[i].parameters``, each row-major.  No rows
            where the group has another dimension than at almost all weights: what happens there
            says nothing about other weights.
        """
        point = _Point(network, weights, prime)
        chart = self.chart(point.exact)
        if chart is None or chart.size != self.dimension:
            return np.zeros((0, network.parameters), dtype=np.int64)
        m, n = chart.shape
        units = np.eye(m * n, dtype=np.int64).reshape(m * n, m, n)
        unit = np.eye(m, dtype=np.int64) if chart.group else np.zeros((m, n), dtype=np.int64)
        changed = chart.move(
            point.jets, Jet(unit, units, prime), *(_jet(c, prime) for c in chart.constants)
        )
        out = np.zeros((m * n, network.parameters), dtype=np.int64)
        start = 0
        for shape in network.shapes:
            for p in shape.parameters:
                if p in changed and changed[p].derivative is not None:
                    out[:, start : start + p.size] = changed[p].derivative.reshape(m * n, p.size)
                start += p.size
        return out

    def act(self, weights: Mapping[Parameter, Matrix], x: Matrix) -> dict[Parameter, Matrix]:
        """The weights moved by the group element with coordinates x in the chart there."""
        chart = self.chart(weights)
        if chart is None:
            return dict(weights)
        return dict(weights) | chart.move(weights, x, *chart.constants)

    def random(
        self, weights: Mapping[Parameter, Matrix], rng: random.Random, size: int = 3
    ) -> Matrix | None:
        """Coordinates of a random element of the group, with small integer entries."""
        chart = self.chart(weights)
        if chart is None or not chart.size:
            return None
        field = next(iter(weights.values())).field
        m, n = chart.shape
        while True:
            rows = [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]
            x = Matrix(field, rows)
            if not chart.group or x.rank() == m:
                return x


Build = Callable[[Architecture, Theorem], Iterable[Generator]]


@dataclass(frozen=True)
class Kind:
    """What builds the generators of one kind, and the theorem that they share."""

    theorem: Theorem
    build: Build

    def of(self, network: Architecture) -> Iterator[Generator]:
        """The generators of this kind that the network has."""
        if self.theorem.covers(network):
            yield from (g for g in self.build(network, self.theorem) if g.dimension)


def symmetry(name: str, *hypotheses: Hypothesis) -> Callable[[Build], Kind]:
    """Make a kind of what builds its generators."""
    theorem = Theorem(f"symmetry {name}", "algattn/docs/symmetries.md", *hypotheses)
    return lambda build: Kind(theorem, build)


class _Point:
    """Residues as jets without derivative, and as exact matrices where these are asked for."""

    def __init__(self, network: Architecture, weights: Mapping[Address, Ints], prime: int) -> None:
        self.jets, self.exact = {}, _Exact(prime)
        for shape in network.shapes:
            for p in shape.parameters:
                self.jets[p] = Jet(weights[p.layer, p.name, p.index], None, prime)
        self.exact.jets = self.jets


class _Exact(dict[Parameter, Matrix]):
    """Exact matrices, made when they are asked for: most charts need none."""

    jets: dict[Parameter, Jet]

    def __init__(self, prime: int) -> None:
        super().__init__()
        self.field: Field = GF(prime)

    def __missing__(self, p: Parameter) -> Matrix:
        self[p] = Matrix(self.field, self.jets[p].value.tolist(), p.shape)
        return self[p]


def _jet(matrix: Matrix, prime: int) -> Jet:
    entries = [int(x) for row in matrix.rows for x in row]
    return Jet(np.array(entries, dtype=np.int64).reshape(matrix.shape), None, prime)


# --- helpers of the kinds --------------------------------------------------------------------


def groups(shape: LayerShape) -> list[list[Head]]:
    """The heads of a layer, group by group."""
    found: list[list[Head]] = [[] for _ in range(shape.groups)]
    for head in shape.maps:
        found[head.group].append(head)
    return found


def present(*parameters: Parameter | None) -> list[Parameter]:
    """Those that exist."""
    return [p for p in parameters if p is not None]
