"""A map whose ideal is homogeneous: the given one, or the one with a coordinate 1 in front.

Whatever degrees the coordinates have, ``g -> h^(D - deg g) g`` identifies the equations of degree
at most D with the forms of degree D, in one more coordinate h of degree 1, that vanish on
``(1, p_1, .., p_n)`` (``algattn/docs/equations.md``, lemma *degrees*).  So one kind of linear
algebra serves homogeneous and other maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from algattn.exact import Polynomial, PolynomialRing
from algattn.maps import PolynomialMap
from algattn.maps.gradings import degree_in


class GradedMap:
    """Coordinates, their degrees and further gradings, for which the ideal is homogeneous.

    Attributes
    ----------
    homogeneous : bool
        Whether the given map is for the given degrees; else there is one more coordinate.
    polynomials, degrees, rows : tuple
        The map, positive degrees, and all gradings of the map that was given.
    ring : PolynomialRing
        Of the coordinates.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> (s,) = PolynomialRing(QQ, ("s",)).gens()
    >>> cusp = GradedMap(PolynomialMap([s**2, s**3], coordinates=("x", "y")), (1, 1))
    >>> cusp.polynomials, cusp.degrees, cusp.rows
    ((1, s^2, s^3), (1, 1, 1), ((0, 2, 3),))
    >>> x, y = cusp.problem.target.gens()
    >>> cusp.lift(x**3 - y**2)
    x^3 - h*y^2
    """

    def __init__(self, problem: PolynomialMap, degrees: Sequence[int]) -> None:
        self.problem = problem
        self.given = tuple(degrees)
        self.homogeneous = problem.grading.contains(self.given)
        extra = () if self.homogeneous else (problem.ring(1),)
        self.polynomials = (*extra, *problem.polynomials)
        self.degrees = (*(1 for _ in extra), *self.given)
        self.rows = tuple((*(0 for _ in extra), *row) for row in problem.grading.rows)

    @cached_property
    def ring(self) -> PolynomialRing:
        target = self.problem.target
        if self.homogeneous:
            return target
        first = "h"
        while first in target.names:
            first += "_"
        return PolynomialRing(target.field, (first, *target.names))

    def lift(self, poly: Polynomial) -> Polynomial:
        """The polynomial, homogenized by the coordinate in front if there is one."""
        if self.homogeneous:
            return poly
        top = degree_in(poly, self.given)
        return self.ring.from_terms(
            ((top - sum(a * b for a, b in zip(e, self.given, strict=True)), *e), c)
            for e, c in poly.terms()
        )

    def lower(self, poly: Polynomial) -> Polynomial:
        """The inverse of :meth:`lift`."""
        if self.homogeneous:
            return poly
        return self.problem.target.from_terms((e[1:], c) for e, c in poly.terms())
