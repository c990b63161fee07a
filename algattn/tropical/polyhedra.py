"""Polyhedra over QQ: vertices, rays, lines and exact volume, by one of two backends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import factorial
from operator import mul

from flint import fmpq, fmpq_mat, fmpz_mat

from algattn.errors import EngineNotFoundError, HypothesisError
from algattn.progress import tick
from algattn.tropical.double import dual_cone
from algattn.tropical.numbers import Row, Vector, primitive
from algattn.words import one_of

BACKENDS = ("ppl", "embedded")
#: So many inequalities are handed to the library at a time.
PORTION = 32
INSTALL = "pip install pplpy (GPL-3), or backend='embedded'"

DualCone = Callable[[int, Sequence[Row]], tuple[list[Row], list[Row]]]


def _dual_ppl(n: int, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The double description method of the Parma Polyhedra Library."""
    from ppl import C_Polyhedron, Constraint_System, Linear_Expression

    cone = C_Polyhedron(n, "universe")
    for start in range(0, len(rows), PORTION):
        system = Constraint_System()
        for row in rows[start : start + PORTION]:
            system.insert(Linear_Expression(row, 0) >= 0)
        cone.add_constraints(system)
        tick()
        cone.minimized_generators()  # now, so that limits are looked at in between
    rays: list[Row] = []
    lines: list[Row] = []
    for generator in cone.minimized_generators():
        if generator.is_point():
            continue  # the apex
        vector = primitive([int(x) for x in generator.coefficients()])
        vector += (0,) * (n - len(vector))
        (lines if generator.is_line() else rays).append(vector)
    return rays, lines


@lru_cache(maxsize=1)
def _have_ppl() -> bool:
    from importlib.util import find_spec

    return find_spec("ppl") is not None


def backend_name(name: str = "auto") -> str:
    """The backend that would run: ``"ppl"`` when pplpy is installed, else ``"embedded"``.

    Raises
    ------
    EngineNotFoundError
        When ``"ppl"`` is asked for and pplpy is not installed; the hint holds the install line.
    InputError
        For a name that is not a backend.
    """
    if name == "auto":
        return "ppl" if _have_ppl() else "embedded"
    one_of(name, ("auto", *BACKENDS), "choose a polyhedral backend", "backend")
    if name == "ppl" and not _have_ppl():
        raise EngineNotFoundError("use backend='ppl'", "pplpy is not installed", INSTALL)
    return name


def dual(n: int, rows: Sequence[Row], backend: str = "auto") -> tuple[list[Row], list[Row]]:
    """Rays and lines of the cone ``{x in Q^n : row . x >= 0}`` by the chosen backend.

    >>> dual(1, [(2,)], backend="embedded")
    ([(1,)], [])
    """
    chosen: DualCone = _dual_ppl if backend_name(backend) == "ppl" else dual_cone
    return chosen(n, rows)


def rank(rows: Sequence[Row], columns: int) -> int:
    """The rank of integer rows."""
    if not rows or not columns:
        return 0
    return int(fmpz_mat(len(rows), columns, [x for row in rows for x in row]).rank())


@dataclass(frozen=True)
class Polyhedron:
    """``{q in Q^n : a . q + c >= 0 for all rows (a, c)}``, full-dimensional or not.

    Parameters
    ----------
    n : int
        The dimension of the space.
    rows : tuple of tuples of int
        Integer inequalities, `n` coefficients and the constant.

    Examples
    --------
    >>> square = Polyhedron(2, ((1, 0, 0), (0, 1, 0), (-1, 0, 1), (0, -1, 2)))
    >>> len(square.vertices), square.volume()
    (4, 2)
    """

    n: int
    rows: tuple[Row, ...]
    backend: str = "auto"

    @cached_property
    def _generators(self) -> tuple[list[Row], list[Row]]:
        last = (0,) * self.n + (1,)
        return dual(self.n + 1, [*self.rows, last], self.backend)

    @cached_property
    def vertices(self) -> tuple[Vector, ...]:
        """One point for each minimal face; the vertices when there are no lines."""
        return tuple(
            tuple(fmpq(x, ray[-1]) for x in ray[:-1]) for ray in self._generators[0] if ray[-1] > 0
        )

    @cached_property
    def rays(self) -> tuple[Row, ...]:
        return tuple(ray[:-1] for ray in self._generators[0] if ray[-1] == 0)

    @cached_property
    def lines(self) -> tuple[Row, ...]:
        return tuple(line[:-1] for line in self._generators[1])

    @property
    def is_empty(self) -> bool:
        return not self.vertices

    @property
    def is_bounded(self) -> bool:
        return not self.rays and not self.lines

    @property
    def dimension(self) -> int:
        """The affine dimension; -1 for the empty polyhedron."""
        if self.is_empty:
            return -1
        rays, lines = self._generators
        return rank([*rays, *lines], self.n + 1) - 1

    def volume(self) -> fmpq:
        """The exact volume of a bounded polyhedron, by pulling a triangulation from its vertices.

        Raises
        ------
        HypothesisError
            For an unbounded polyhedron.
        """
        if not self.is_bounded:
            raise HypothesisError(
                "compute a volume", "the polyhedron is unbounded", "intersect it with a box"
            )
        if self.dimension < self.n:
            return fmpq(0)
        if self.n == 0:
            return fmpq(1)
        points = [ray for ray in self._generators[0] if ray[-1] > 0]
        faces = {
            frozenset(i for i, p in enumerate(points) if sum(map(mul, row, p)) == 0)
            for row in self.rows
        }
        total = fmpq(0)
        for simplex in _pull(frozenset(range(len(points))), faces, points, self.n):
            origin = self.vertices[simplex[0]]
            edges = [
                [x - o for x, o in zip(self.vertices[i], origin, strict=True)] for i in simplex[1:]
            ]
            total += abs(fmpq_mat(self.n, self.n, [x for edge in edges for x in edge]).det())
        return total / factorial(self.n)


def _pull(
    members: frozenset[int], faces: set[frozenset[int]], points: Sequence[Row], dimension: int
) -> list[tuple[int, ...]]:
    """Simplices of the pulling triangulation of one face, as tuples of vertex numbers."""
    if dimension == 0:
        return [(min(members),)]
    apex = min(members)
    found: set[frozenset[int]] = set()
    for face in faces:
        tick()
        part = members & face
        if apex in part or part == members or len(part) < dimension:
            continue
        if rank([points[i] for i in part], len(points[0])) == dimension:
            found.add(part)
    return [
        (apex, *simplex)
        for part in sorted(found, key=sorted)
        for simplex in _pull(part, faces, points, dimension - 1)
    ]
