"""The upper envelope of affine functions: the tropical polynomial's graph as a polyhedron.

The epigraph ``{(q, s) : s >= k_j . q + b_j}`` is dual to the upper hull of the lifted points
``(k_j, b_j)``: its facets are the essential functions (vertices of the hull), its vertices are the
vertices of the diagram (upper facets of the hull).  One double description gives both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from operator import sub

import numpy as np
from flint import fmpq

from algattn.errors import DisagreementError
from algattn.progress import tick
from algattn.tropical.numbers import Row, Vector
from algattn.tropical.polyhedra import dual, rank
from algattn.tropical.simplex import Program, simplify


@dataclass(frozen=True)
class Envelope:
    """The maximum of distinct affine functions on QQ^n, given as integer rows ``(k, b)``.

    Examples
    --------
    >>> envelope = Envelope(1, ((0, 0), (1, 0), (2, -1), (1, -5)))
    >>> envelope.essential, sorted(envelope.vertices), envelope.adjacency
    ((0, 1, 2), [(0,), (1,)], ((0, 1), (1, 2)))
    """

    n: int
    rows: tuple[Row, ...]
    backend: str = "auto"

    @cached_property
    def _generators(self) -> tuple[list[Row], list[Row]]:
        """Rays and lines of the cone over the epigraph, in coordinates (q, x0, s)."""
        n = self.n
        wall = (0,) * n + (1, 0)
        system = [(*(-x for x in row), 1) for row in self.rows]
        rays, lines = dual(n + 2, [wall, *system], self.backend)
        up = (0,) * (n + 1) + (1,)
        return [ray for ray in rays if ray != up] + [up], lines

    @cached_property
    def _tight(self) -> list[int]:
        """For each function the bit set of the rays on its facet."""
        rays, _ = self._generators
        table = _product([(*(-x for x in row), 1) for row in self.rows], rays)
        return [sum(1 << i for i in np.flatnonzero(line == 0).tolist()) for line in table]

    def _members(self, bits: int) -> list[Row]:
        rays, _ = self._generators
        return [rays[i] for i in range(len(rays)) if bits >> i & 1]

    def _rank(self, bits: int) -> int:
        return rank([*self._members(bits), *self._generators[1]], self.n + 2)

    @cached_property
    def essential(self) -> tuple[int, ...]:
        """The functions that are the only maximum on some open set."""
        least = self.n + 1 - len(self._generators[1])
        out = []
        for j, bits in enumerate(self._tight):
            tick()
            if bits.bit_count() >= least and self._rank(bits) == self.n + 1:
                out.append(j)
        return tuple(out)

    @cached_property
    def adjacency(self) -> tuple[tuple[int, int], ...]:
        """Pairs of essential functions whose cells share a wall of dimension n - 1."""
        least = self.n - len(self._generators[1])
        out = []
        for i, j in combinations(self.essential, 2):
            tick()
            common = self._tight[i] & self._tight[j]
            if common.bit_count() >= least and self._rank(common) == self.n:
                out.append((i, j))
        return tuple(out)

    @cached_property
    def _bounded(self) -> list[int]:
        return [i for i, ray in enumerate(self._generators[0]) if ray[self.n] > 0]

    @cached_property
    def vertices(self) -> tuple[Vector, ...]:
        """Vertices of the diagram (one point of each minimal face, when there are lines)."""
        rays = self._generators[0]
        points = (rays[i] for i in self._bounded)
        return tuple(tuple(fmpq(x, p[self.n]) for x in p[: self.n]) for p in points)

    @cached_property
    def rays(self) -> tuple[Row, ...]:
        """Directions in which walls and cells are unbounded."""
        return tuple(
            ray[: self.n] for ray in self._generators[0] if ray[self.n] == 0 and any(ray[: self.n])
        )

    @cached_property
    def lines(self) -> tuple[Row, ...]:
        """A basis of the directions that no score can tell apart."""
        return tuple(line[: self.n] for line in self._generators[1])

    @cached_property
    def winners(self) -> tuple[frozenset[int], ...]:
        """For each vertex the set of functions that are largest there."""
        return tuple(
            frozenset(j for j, bits in enumerate(self._tight) if bits >> i & 1)
            for i in self._bounded
        )

    def common_vertices(self, functions: Sequence[int]) -> list[int]:
        """Numbers of the vertices at which all the given functions are largest."""
        wanted = set(functions)
        return [v for v, winners in enumerate(self.winners) if wanted <= winners]

    def common_rays(self, functions: Sequence[int]) -> list[Row]:
        """Rays along which all the given functions stay largest."""
        bits = -1
        for j in functions:
            bits &= self._tight[j]
        rays = self._generators[0]
        return [
            ray[: self.n]
            for i, ray in enumerate(rays)
            if bits >> i & 1 and ray[self.n] == 0 and any(ray[: self.n])
        ]

    def program(self, j: int) -> Program:
        """The strict inequalities of the cell of an essential function `j`."""
        row = self.rows[j]
        others = [self.rows[i] for i in self.essential if i != j]
        return Program(self.n, [tuple(map(sub, row, other)) for other in others])

    def interior_point(self, j: int) -> Vector:
        """A point where function `j` is the only maximum: the mean of its vertices plus its rays.

        The result is rounded while exact arithmetic confirms that it is inside.
        """
        numbers = self.common_vertices([j])
        rays = self.common_rays([j])
        program = self.program(j)
        hint = self._float_center(numbers, rays)
        if hint is not None and not program.rows:
            return hint
        if hint is not None and program.holds(hint):
            return simplify(program, hint)
        total = [fmpq(0)] * self.n
        for v in numbers:
            total = [a + b for a, b in zip(total, self.vertices[v], strict=True)]
        center = [a / len(numbers) for a in total]
        for ray in rays:
            size = max(abs(x) for x in ray)
            center = [a + fmpq(b, size) for a, b in zip(center, ray, strict=True)]
        point = tuple(center)
        if not program.holds(point):
            raise DisagreementError(
                "certify an interior point",
                f"another function is as large as function {j} at {point}",
                "use another backend, and report this",
                (j, point),
            )
        return simplify(program, point)

    def _float_center(self, numbers: Sequence[int], rays: Sequence[Row]) -> Vector | None:
        try:
            points = self._float_vertices[list(numbers)]
            center = points.mean(axis=0)
            for ray in rays:
                size = max(abs(x) for x in ray)
                center = center + np.array([x / size for x in ray])
            return tuple(fmpq(round(x * 1024), 1024) for x in center.tolist())
        except (OverflowError, ValueError):  # too large for floats: infinite, or not a number
            return None

    @cached_property
    def _float_vertices(self) -> np.ndarray:
        table = [[int(x.p) / int(x.q) for x in v] for v in self.vertices]
        return np.array(table, dtype=float).reshape(len(table), self.n)


def _product(rows: Sequence[Row], rays: Sequence[Row]) -> np.ndarray:
    """All inner products, exactly: in machine words when they fit, else with Python's integers."""
    largest = max(abs(x) for row in rows for x in row) * max(abs(x) for ray in rays for x in ray)
    fits = largest * len(rays[0]) < 2**62 and largest < 2**62
    kind: type = np.int64 if fits else object
    return np.asarray(np.array(rows, dtype=kind) @ np.array(rays, dtype=kind).T)
