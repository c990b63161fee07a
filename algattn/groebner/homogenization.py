"""A map whose ideal is homogeneous: the given one, or the one with a coordinate 1 in front.

Whatever degrees the coordinates have, ``g -> h^(D - deg g) g`` identifies the equations of degree
at most D with the forms of degree D, in one more coordinate h of degree 1, that vanish on
``(1, p_1, .., p_n)`` (``algattn/docs/equations.md``, lemma *degrees*).  So one kind of linear
algebra serves homogeneous and other maps.
"""

from __future__ import annotations

from collections.abc import Sequence

from algattn.exact import Polynomial, PolynomialRing
from algattn.exact.polynomials import new_name
from algattn.maps import PolynomialMap
from algattn.maps.gradings import degree_in


def variable_degrees(problem: PolynomialMap, degrees: Sequence[int]) -> tuple[int, ...]:
    """The degrees of the variables of the target: the generator of a number field has degree 0."""
    return (*degrees, *(0 for _ in problem.target.names[len(degrees) :]))


class GradedMap:
    """Coordinates, their degrees and further gradings, for which the ideal is homogeneous.

    Attributes
    ----------
    homogeneous : bool
        Whether the given map is for the given degrees; else there is one more coordinate.
    map : PolynomialMap
        The given one, or that with one more coordinate.
    degrees, rows : tuple
        Positive degrees of its coordinates, and all gradings of the map that was given.
    ring : PolynomialRing
        Of the coordinates.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> (s,) = PolynomialRing(QQ, ("s",)).gens()
    >>> cusp = GradedMap(PolynomialMap([s**2, s**3], coordinates=("x", "y")), (1, 1))
    >>> cusp.map.polynomials, cusp.degrees, cusp.rows
    ((1, s^2, s^3), (1, 1, 1), ((0, 2, 3),))
    >>> x, y = cusp.problem.target.gens()
    >>> cusp.lift(x**3 - y**2)
    x^3 - h*y^2
    """

    def __init__(self, problem: PolynomialMap, degrees: Sequence[int]) -> None:
        self.problem = problem
        self.given = tuple(degrees)
        self.homogeneous = problem.grading.contains(self.given)
        self.map = problem if self.homogeneous else _with_one(problem)
        front = len(self.map.coordinates) - len(self.given)
        self.degrees = (1,) * front + self.given
        self.rows = tuple((0,) * front + tuple(row) for row in problem.grading.rows)

    @property
    def ring(self) -> PolynomialRing:
        return self.map.target

    def lift(self, poly: Polynomial) -> Polynomial:
        """The polynomial, homogenized by the coordinate in front if there is one."""
        if self.homogeneous:
            return poly
        degrees = variable_degrees(self.problem, self.given)
        top = degree_in(poly, degrees)
        return self.ring.from_terms(
            ((top - sum(a * b for a, b in zip(e, degrees, strict=True)), *e), c)
            for e, c in poly.terms()
        )

    def lower(self, poly: Polynomial) -> Polynomial:
        """The inverse of :meth:`lift`."""
        if self.homogeneous:
            return poly
        return self.problem.target.from_terms((e[1:], c) for e, c in poly.terms())


def _with_one(problem: PolynomialMap) -> PolynomialMap:
    names = problem.target.names[: len(problem.coordinates)]
    one = problem.ring(1)
    return PolynomialMap(
        [one, *problem.numerators],
        [one, *problem.denominators] if problem.rational else None,
        parameters=problem.parameters,
        coordinates=(new_name("h", names), *names),
        field=problem.field,
    )
