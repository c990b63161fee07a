"""Newton polytopes and the regular subdivisions dual to tropical hypersurfaces."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq

from algattn.arguments import checked
from algattn.errors import HypothesisError, ShapeError
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
        trivial = (0,) * self.n + (1,)
        return [f for f in facets if f != trivial], equations

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

    def volume(self) -> Fraction:
        """The exact volume; 0 when the polytope is not full-dimensional."""
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
