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
from algattn.attention.reach import Point
from algattn.attention.spaces import Parameter
from algattn.attention.theorems import Hypothesis, Theorem
from algattn.exact import GF, Matrix

__all__ = ["Address", "Blocks", "Chart", "Generator", "Kind", "Residues", "present", "symmetry"]

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
    regular : bool
        Whether the constants move along with the weights: all that they depend on has here the
        ranks that it has at almost all weights.
    """

    shape: tuple[int, int]
    move: Callable[..., dict[Parameter, Any]]
    group: bool = False
    constants: tuple[Matrix, ...] = ()
    dimension: int | None = None
    regular: bool = True

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
    hidden 1 GL(2)
    key 1 GL(1)
    key 2 GL(1)
    head mixing 1 GL(1)
    head mixing 2 GL(1)
    """

    kind: str
    layer: int
    index: int
    group: str
    dimension: int
    theorem: Theorem
    chart: Callable[[Point], Chart]

    def directions(self, point: Residues) -> Ints:
        """Tangent vectors of its orbit, one row for each entry of the coordinates.

        Returns
        -------
        ndarray of int64, shape (rows, parameters)
            Parameters in the order of ``network.shapes[i].parameters``, each row-major.  No rows
            where the chart is not that of almost all weights: what happens there says nothing
            about other weights.
        """
        network, prime, chart = point.network, point.prime, self.chart(point)
        if not chart.regular or chart.size != self.dimension:
            return np.zeros((0, network.parameters), dtype=np.int64)
        m, n = chart.shape
        units = np.eye(m * n, dtype=np.int64).reshape(m * n, m, n)
        unit = np.eye(m, dtype=np.int64) if chart.group else np.zeros((m, n), dtype=np.int64)
        constants = map(point.jet, chart.constants)
        changed = chart.move(point.jets, Jet(unit, units, prime), *constants)
        out = np.zeros((m * n, network.parameters), dtype=np.int64)
        start = 0
        for shape in network.shapes:
            for p in shape.parameters:
                if p in changed and changed[p].derivative is not None:
                    out[:, start : start + p.size] = changed[p].derivative.reshape(m * n, p.size)
                start += p.size
        return out

    def act(self, point: Point, x: Matrix) -> Point:
        """The weights moved by the group element with coordinates x in the chart there."""
        chart = self.chart(point)
        return Point(point.network, point.field, point | chart.move(point, x, *chart.constants))

    def random(self, point: Point, rng: random.Random, size: int = 3) -> Matrix:
        """Coordinates of a random element of the group, with small integer entries."""
        chart = self.chart(point)
        m, n = chart.shape
        while True:
            rows = [[rng.randint(-size, size) for _ in range(n)] for _ in range(m)]
            x = Matrix(point.field, rows, (m, n))
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


class Residues(Point):
    """Weights modulo a prime, made into exact matrices when they are asked for: few charts do."""

    def __init__(self, network: Architecture, weights: Mapping[Address, Ints], prime: int) -> None:
        super().__init__(network, GF(prime), {})
        self.prime, self.jets = (
            prime,
            {
                p: Jet(weights[p.layer, p.name, p.index], None, prime)
                for shape in network.shapes
                for p in shape.parameters
            },
        )

    def __missing__(self, p: Parameter) -> Matrix:
        self[p] = Matrix(self.field, self.jets[p].value.tolist(), p.shape)
        return self[p]

    def jet(self, matrix: Matrix) -> Jet:
        """An exact matrix as a constant."""
        entries = [int(x) for row in matrix.rows for x in row]
        return Jet(np.array(entries, dtype=np.int64).reshape(matrix.shape), None, self.prime)


def present(*parameters: Parameter | None) -> list[Parameter]:
    """Those that exist."""
    return [p for p in parameters if p is not None]
