"""The finest grading for which a parametrization is homogeneous, by integer linear algebra."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd

from flint import fmpz_mat

from algattn.arguments import checked
from algattn.errors import HypothesisError, InputError, ShapeError
from algattn.exact import QQ, Matrix, Polynomial, PolynomialRing
from algattn.maps.torus import torus_symmetries
from algattn.words import one_of, quoted

#: Packed weights and counts of monomials stay small integers up to here.
MAX_WEIGHT = 10**6


@checked
@dataclass(frozen=True)
class Grading:
    """Integer weights of the coordinates, one vector for each independent grading.

    Attributes
    ----------
    rows : tuple of tuple of int
        Each row gives a weight to every coordinate; the ideal is homogeneous for all of them.
    """

    rows: tuple[tuple[int, ...], ...]
    size: int

    def contains(self, degrees: Sequence[int]) -> bool:
        """Whether these degrees are a combination of the rows.

        >>> Grading(((1, 1, 0), (0, 1, 1)), 3).contains((1, 2, 1))
        True
        """
        if not self.rows:
            return not any(degrees)
        right = Matrix(QQ, [[x] for x in degrees])
        return Matrix(QQ, self.rows).T.solve(right) is not None

    def positive(self, hints: Sequence[Sequence[int]] = ()) -> tuple[int, ...] | None:
        """Positive degrees among the combinations: all 1 if possible, else the first found.

        >>> Grading(((1, 0, -1), (0, 1, 2)), 3).positive()
        (1, 1, 1)
        >>> Grading(((1, 2, 3),), 3).positive()
        (1, 2, 3)
        """
        ones = (1,) * self.size
        for candidate in (ones, *hints):
            if min(candidate, default=0) > 0 and self.contains(candidate):
                return _primitive(candidate)
        span = 3 if len(self.rows) <= 4 else 1
        if len(self.rows) > 8:
            return None
        for factors in sorted(
            product(range(-span, span + 1), repeat=len(self.rows)),
            key=lambda c: sum(map(abs, c)),
        ):
            found = [
                sum(c * row[j] for c, row in zip(factors, self.rows, strict=True))
                for j in range(self.size)
            ]
            if min(found, default=0) > 0:
                return _primitive(found)
        return None

    def degrees(
        self, asked_for: Sequence[int] | str, hints: Sequence[Sequence[int]] = ()
    ) -> tuple[int, ...]:
        """The degrees of the coordinates that a word or a row of numbers stands for.

        Raises
        ------
        HypothesisError
            For ``"weighted"``, when no positive weights make the parametrization homogeneous.

        Examples
        --------
        >>> cusp = Grading(((2, 3),), 2)
        >>> cusp.degrees("ordinary"), cusp.degrees("weighted"), cusp.degrees((1, 2))
        ((1, 1), (2, 3), (1, 2))
        """
        asked = "grade the ideal of a parametrization"
        if isinstance(asked_for, int):
            hint = "'max_degree' for the bound; 'ordinary', 'weighted' or a row of weights here"
            raise InputError(asked, f"degree={quoted(asked_for)} is no grading", hint)
        if isinstance(asked_for, str) or not isinstance(asked_for, Iterable):
            if one_of(asked_for, ("ordinary", "weighted"), asked, "degree") == "ordinary":
                return (1,) * self.size
            found = self.positive(hints)
            if found is None:
                raise HypothesisError(
                    asked,
                    "the parametrization is not homogeneous for any positive weights that were "
                    f"found ({len(self.rows)} independent gradings)",
                    'degree="ordinary", or your own row of weights',
                )
            return found
        degrees = tuple(asked_for)
        if len(degrees) != self.size:
            raise ShapeError(
                asked, f"{len(degrees)} degrees for {self.size} coordinates", "give one for each"
            )
        if any(type(x) is not int or not 0 < x <= MAX_WEIGHT for x in degrees):
            raise InputError(
                asked, f"the weights are {quoted(degrees)}", f"whole numbers from 1 to {MAX_WEIGHT}"
            )
        return degrees


def _primitive(vector: Sequence[int]) -> tuple[int, ...]:
    common = gcd(*vector) or 1
    return tuple(int(x) // common for x in vector)


def degree_in(poly: Polynomial, degrees: Sequence[int]) -> int:
    """The largest degree of a term for these degrees of the variables; -1 for zero.

    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> degree_in(x**3 - y**2, (1, 1)), degree_in(x**3 - y**2, (2, 3))
    (3, 6)
    """
    if {*degrees} == {1} and len(degrees) == len(poly.ring.names):
        return int(poly.flint.total_degree())
    return max(
        (sum(a * b for a, b in zip(e, degrees, strict=True)) for e, _ in poly.terms()), default=-1
    )


def graded(polys: Sequence[Polynomial], degrees: Sequence[int]) -> tuple[Polynomial, ...]:
    """The same polynomials, in the ring whose variables have these degrees."""
    if not polys:
        return ()
    old = polys[0].ring
    ring = PolynomialRing(old.field, old.names, old.order, tuple(degrees))
    return tuple(Polynomial(ring, p.flint) for p in polys)


@checked
def finest_grading(
    polynomials: Sequence[Polynomial],
    denominators: Sequence[Polynomial] = (),
    parameters: int | None = None,
) -> Grading:
    """All gradings of the coordinates for which the parametrization is homogeneous.

    A grading of the parameters makes a polynomial homogeneous when it is orthogonal to all
    differences of its exponents, so the gradings are an integer kernel; those of the coordinates
    are its image.  A coordinate that is zero has a grading of its own.

    Parameters
    ----------
    polynomials, denominators : sequence of Polynomial
        Of one ring; no denominators unless the coordinates are quotients.
    parameters : int, optional
        So many of the first variables have degrees; all unless given.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> s, t = PolynomialRing(QQ, ("s", "t")).gens()
    >>> finest_grading([s**2, s * t, t**2]).positive()
    (1, 1, 1)
    >>> len(finest_grading([s + 1, t]).rows)
    1
    >>> finest_grading([s**2, s**2], [t, s]).rows
    ((1, 0), (0, 1))
    """
    n = len(polynomials)
    found = torus_symmetries(polynomials, denominators, parameters).rows
    rows = [_primitive(row[-n:]) for row in found]
    rows = [row for row in rows if any(row)]
    if not rows:
        return Grading((), n)
    reduced = _independent(rows).lll()
    out = [tuple(int(reduced[i, j]) for j in range(n)) for i in range(reduced.nrows())]
    signed = [r if next(x for x in r if x) > 0 else tuple(-x for x in r) for r in out if any(r)]
    return Grading(tuple(sorted(signed, reverse=True)), n)


def _independent(rows: Sequence[Sequence[int]]) -> fmpz_mat:
    """Independent integer rows with the same span over the rationals."""
    reduced, pivots = Matrix(QQ, rows).rref()
    out = []
    for row in reduced.rows[: len(pivots)]:
        common = 1
        for x in row:
            common = common * int(x.q) // gcd(common, int(x.q))
        out.append([int(x * common) for x in row])
    return fmpz_mat(out)
