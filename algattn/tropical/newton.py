"""Newton polytopes and the regular subdivisions dual to tropical hypersurfaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq, fmpz_mat

from algattn.arguments import checked
from algattn.errors import HypothesisError, ShapeError
from algattn.progress import Monitor
from algattn.tropical.envelope import Envelope
from algattn.tropical.numbers import (
    Row,
    Vector,
    as_list,
    clear,
    dot,
    fractions,
    primitive,
    read_vector,
)
from algattn.tropical.polyhedra import Polyhedron, dual

Point = tuple[Fraction, ...]


@checked
@dataclass(frozen=True)
class NewtonPolytope:
    """The convex hull of finitely many rational points.

    Parameters
    ----------
    n : int
        The dimension of the space.
    points : tuple of vectors
    backend : {"auto", "ppl", "embedded"}

    Raises
    ------
    ShapeError, FieldError, InputError
        For points that do not fit, floats, and things that are not numbers.

    Examples
    --------
    >>> square = NewtonPolytope(2, ((0, 0), (1, 0), (0, 1), (1, 1), ("1/2", "1/2")))
    >>> len(square.vertices), len(square.inequalities), square.dimension, square.volume()
    (4, 4, 2, Fraction(1, 1))
    """

    n: int
    points: tuple[Vector, ...]
    backend: str = "auto"

    def __post_init__(self) -> None:
        asked = "make a Newton polytope"
        points = as_list(self.points, asked)
        if not points:
            raise ShapeError(asked, "there are no points", "give at least one")
        read = tuple(read_vector(p, asked, dimension=self.n) for p in points)
        object.__setattr__(self, "points", read)

    @cached_property
    def vertices(self) -> tuple[Point, ...]:
        """The vertices, in the order of the points."""
        distinct = list(dict.fromkeys(self.points))
        rows, _ = clear(distinct)
        hull = Envelope(self.n, tuple((*row, 0) for row in rows), self.backend)
        return tuple(fractions(distinct[i]) for i in hull.essential)

    @cached_property
    def _dual(self) -> tuple[list[Row], list[Row]]:
        rows, scale = clear(self.points)
        facets, equations = dual(self.n + 1, [(*row, scale) for row in rows], self.backend)
        # Facets are unique up to equations, and equations up to a basis: one spelling of both.
        basis, pivots = _reduced(equations, self.n + 1)
        own = dict.fromkeys(_modulo(f, basis, pivots) for f in facets)
        return [f for f in own if any(f[:-1])], basis

    @property
    def inequalities(self) -> tuple[Row, ...]:
        """Facets as rows ``(a, c)`` for ``a . x + c >= 0``."""
        return tuple(self._dual[0])

    @property
    def equations(self) -> tuple[Row, ...]:
        """Rows ``(a, c)`` with ``a . x + c = 0`` on the whole polytope."""
        return tuple(self._dual[1])

    @property
    def dimension(self) -> int:
        return self.n - len(self.equations)

    def contains(self, point: Any) -> bool:
        """Whether a rational point is in the polytope.

        >>> segment = NewtonPolytope(1, ((0,), (2,)))
        >>> segment.contains([1]), segment.contains([3])
        (True, False)
        """
        p = (*read_vector(point, "read a point", dimension=self.n), fmpq(1))
        return all(dot(row, p) >= 0 for row in self.inequalities) and all(
            dot(row, p) == 0 for row in self.equations
        )

    def volume(self, *, time_limit: float | None = None, progress: bool = False) -> Fraction:
        """The exact volume; 0 when the polytope is not full-dimensional.

        Raises
        ------
        LimitError
            When `time_limit` seconds are over.  For the properties of a polytope, which take no
            arguments, ``with algattn.progress.Monitor("hull", time_limit=5):`` is a limit.
        """
        with Monitor("compute a volume", time_limit=time_limit, progress=progress):
            if self.equations:
                return Fraction(0)
            body = Polyhedron(self.n, tuple(primitive(r) for r in self.inequalities), self.backend)
            (value,) = fractions([body.volume()])
            return value

    def __add__(self, other: NewtonPolytope) -> NewtonPolytope:
        """The Minkowski sum.

        >>> x = NewtonPolytope(1, ((0,), (2,)))
        >>> (x + x).vertices
        ((Fraction(0, 1),), (Fraction(4, 1),))
        """
        if self.n != other.n:
            raise HypothesisError(
                "add polytopes", f"dimensions {self.n} and {other.n}", "use one dimension"
            )
        sums = {
            tuple(fmpq(x.numerator, x.denominator) for x in map(sum, zip(p, q, strict=True)))
            for p in self.vertices
            for q in other.vertices
        }
        return NewtonPolytope(self.n, tuple(sorted(sums)), self.backend)


def _reduced(rows: Sequence[Row], columns: int) -> tuple[list[Row], list[int]]:
    """The reduced echelon form, rows primitive with positive pivots, and the places of these."""
    if not rows:
        return [], []
    table, _, rank = fmpz_mat(len(rows), columns, [x for row in rows for x in row]).rref()
    kept = [primitive([int(x) for x in row]) for row in table.tolist()[:rank]]
    out, pivots = [], []
    for row in kept:
        place = next(i for i, x in enumerate(row) if x)
        out.append(row if row[place] > 0 else tuple(-x for x in row))
        pivots.append(place)
    return out, pivots


def _modulo(row: Row, basis: Sequence[Row], pivots: Sequence[int]) -> Row:
    """The positive multiple of a row, modulo the basis, that is primitive and 0 at its pivots."""
    for line, place in zip(basis, pivots, strict=True):
        row = tuple(line[place] * x - row[place] * y for x, y in zip(row, line, strict=True))
    return primitive(row)


@dataclass(frozen=True)
class Subdivision:
    """The regular subdivision of a Newton polytope that is dual to the tropical hypersurface.

    Attributes
    ----------
    points : tuple of points
        All exponents.
    cells : tuple of frozenset of int
        Maximal cells: the exponents that are largest together at a vertex of the hypersurface.
    edges : tuple of pairs of int
        Edges of the subdivision; each is perpendicular to a wall.
    unused : tuple of int
        Exponents that are not vertices of any cell.
    """

    points: tuple[Point, ...]
    cells: tuple[frozenset[int], ...]
    edges: tuple[tuple[int, int], ...]
    unused: tuple[int, ...]


@dataclass(frozen=True)
class Hypersurface:
    """Where the maximum is attained at least twice.

    Attributes
    ----------
    vertices : tuple of points
    walls : tuple of ((i, j), vertices, rays)
        The maximal cells, named by the two terms (numbers) that are largest on them.
    lines : tuple of vectors
        Directions along which the hypersurface does not change.
    """

    vertices: tuple[Point, ...]
    walls: tuple[tuple[tuple[int, int], tuple[Point, ...], tuple[Point, ...]], ...]
    lines: tuple[Point, ...]
