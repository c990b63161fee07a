"""A map given by polynomials, or quotients of polynomials, in named parameters.

It may be given by an evaluator alone, so that large maps are never expanded.  What is asked of a
map (dimension, equations, fibers) stands in later rooms; here is what they work with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Self

from algattn.arguments import checked
from algattn.errors import (
    DisagreementError,
    FieldError,
    InputError,
    LimitError,
    ShapeError,
)
from algattn.exact import Polynomial
from algattn.maps.blocks import names_of
from algattn.maps.composition import after_quotients
from algattn.maps.evaluation import MapValues
from algattn.maps.evaluators import After, Expanded, Row
from algattn.maps.gradings import Grading, finest_grading
from algattn.maps.symmetries import VectorField
from algattn.maps.torus import TorusSymmetries, torus_symmetries
from algattn.results import Status
from algattn.words import counted, quoted

__all__ = ["PolynomialMap"]


@checked
class PolynomialMap(MapValues):
    """Coordinates as polynomials in parameters, or as quotients of polynomials.

    Parameters
    ----------
    numerators : sequence or mapping of Polynomial, str or sympy; Evaluator; or PolynomialMap
        One for each coordinate, perhaps by its label; texts such as ``"2/3*s^2*(t+1)"``, also
        quotients, with ``+ - * / ^ **`` and brackets.
    denominators : sequence or Evaluator, optional
        As many; for a rational map.
    parameters : sequence of str, or mapping, optional
        Names, or the shapes of blocks by name: ``{"v": (2, 3)}`` stands for ``v_1_1, v_1_2, ..``
        row by row and ``{"s": ()}`` for ``s``.  Unless given, the variables in their order.
    coordinates : sequence of str, optional
        Labels; ``y_1, y_2, ..`` unless given.
    field : QQ, GF(p) or NumberField, optional
        That of the polynomials unless given.  Over a number field the polynomials are over QQ, and
        their last variable (in texts, ``theta``) stands for the generator.
    symmetries : sequence of VectorField
        Directions in which the map does not change; :meth:`check` proves it.
    assume_nonzero : sequence of Polynomial or str
        Polynomials in the parameters that do not vanish where the map is looked at.

    Raises
    ------
    InputError, RingMismatchError, FieldError, ShapeError
        For other input.
    LimitError
        For exponents above 100000, and for texts whose expansion would be too large.

    Complexity
    ----------
    Linear in the input; a map given by an Evaluator is expanded when its polynomials are asked for.

    Examples
    --------
    >>> from algattn.maps import PolynomialMap
    >>> cusp = PolynomialMap(["t^2", "t^3"])
    >>> cusp([2]), cusp([0.5]), cusp.jacobian([2])
    ([4, 8], [0.25, 0.125], Matrix(QQ, [[4], [12]]))
    >>> circle = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"], coordinates=("x", "y"))
    >>> circle(["1/2"]), circle.base_locus()
    ([3/5, 4/5], (t^2 + 1,))
    >>> PolynomialMap(["(a+b)/(1+a^2)", "a*b"]).at({"a": 1, "b": 3})
    [2, 3]
    >>> cusp.compose(PolynomialMap(["a+b"])).polynomials[0]
    a^2 + 2*a*b + b^2
    """

    # --- structure ---------------------------------------------------------------------------

    @cached_property
    def grading(self) -> Grading:
        """All gradings of the coordinates for which the map is homogeneous."""
        return finest_grading(*self._families)

    @cached_property
    def _torus(self) -> TorusSymmetries:
        return torus_symmetries(*self._families)

    def gradings(self) -> TorusSymmetries:
        """All gradings of parameters and coordinates, and the torus that fixes the map; exact.

        See :class:`~algattn.maps.torus.TorusSymmetries`.

        Raises
        ------
        LimitError
            When the map is too large to expand.

        Examples
        --------
        >>> PolynomialMap(["t^2", "t^3"]).gradings().rows
        ((1, 2, 3),)
        """
        return self._torus

    @property
    def fiber_torus(self) -> tuple[tuple[int, ...], ...]:
        """Independent integer weights of the parameters that leave every coordinate as it is."""
        return self._torus.fiber_rows

    @property
    def _families(self) -> tuple[Sequence[Polynomial], Sequence[Polynomial], int]:
        below = self.denominators if self.rational else ()
        return self.numerators, below, len(self.parameters)

    @property
    def hints(self) -> list[list[int]]:
        """Degrees of the coordinates to try first."""
        return [[max(p.degree(), 0) for p in self.numerators]]

    def blocks(self) -> tuple[tuple[str, ...], ...]:
        """The parameters in groups that no monomial joins.

        >>> PolynomialMap(["a*b + c", "a + c^2"]).blocks()
        (('a', 'b'), ('c',))
        """
        k = len(self.parameters)
        group = list(range(k))
        for poly in (*self.numerators, *(self.denominators if self.rational else ())):
            for e, _ in poly.terms():
                met = {group[j] for j in range(k) if e[j]}
                group = [min(met) if g in met else g for g in group]
        pairs = list(zip(group, self.parameters, strict=True))
        return tuple(tuple(x for g, x in pairs if g == h) for h in sorted(set(group)))

    def base_locus(self) -> tuple[Polynomial, ...]:
        """Polynomials whose zeros are the poles of the coordinates; none for a polynomial map."""
        found = dict.fromkeys(self.denominators) if self.rational else {}
        return tuple(q for q in found if q.degree() > 0)

    @property
    def avoided(self) -> tuple[Polynomial, ...]:
        """Where the map is not looked at: the poles, and what is assumed not to vanish."""
        return tuple(dict.fromkeys((*self.base_locus(), *self.assume_nonzero)))

    # --- data --------------------------------------------------------------------------------

    def check(self, *, seed: int = 0) -> Status:
        """Check the symmetries: along each of them no coordinate changes.

        Returns
        -------
        Status
            PROVED when they are identities of polynomials; PROBABLE when the map is too large to
            expand, and they hold at random points modulo a prime.

        Raises
        ------
        DisagreementError
            With the first symmetry that is none.

        Examples
        --------
        >>> from algattn.maps import VectorField
        >>> fields = [VectorField("scaling", {"a": "a", "b": "-b"})]
        >>> PolynomialMap(["a*b", "c"], symmetries=fields).check().name
        'PROVED'
        """
        return self.check_fields(self.declared, seed=seed)

    def check_fields(
        self, fields: Sequence[VectorField], factors: Sequence[Polynomial] = (), *, seed: int = 0
    ) -> Status:
        """Check that no coordinate changes along some fields, or each by its factor times itself.

        As :meth:`check`, for given fields.
        """
        points: list[Sequence[Any]]
        try:
            _ = self.numerators, self.denominators
            points, status = [self.ring.gens()[: self._size]], Status.PROVED
        except LimitError:
            prime = next(self.primes())
            points = [self.random_point(seed + n, prime) for n in range(3)]
            status = Status.PROBABLE
        for point in points:
            top, bottom, rows = self._generic if status is Status.PROVED else self.rows(point)
            for n, symmetry in enumerate(fields):
                field = symmetry.at(point, self.parameters, self.field)
                factor = Expanded([factors[n]], self.field)(point)[0] if factors else 0
                for label, p, q, row in zip(self.coordinates, top, bottom, rows, strict=True):
                    moved = sum((row[j] * x for j, x in field.items() if j in row), point[0] * 0)
                    if factor:
                        moved = moved - p * q * factor
                    if (self._normal(moved) if isinstance(moved, Polynomial) else moved) != 0:
                        raise DisagreementError(
                            f"check the symmetry {quoted(symmetry.name)}",
                            f"the coordinate {quoted(label)} changes along it",
                            "leave it out",
                        )
        return status

    @cached_property
    def _generic(self) -> tuple[list[Any], list[Any], list[Row]]:
        """Numerators, denominators and cleared rows as polynomials."""
        return self._known.rows(self.ring.gens()[: self._size])

    @cached_property
    def _known(self) -> PolynomialMap:
        """The same map, given by its polynomials."""
        if isinstance(self._top, Expanded):
            return self
        known = PolynomialMap(self)
        known._top = Expanded(self.numerators, self.field)
        known._bottom = Expanded(self.denominators, self.field) if self.rational else None
        return known

    def compose(self, inner: PolynomialMap) -> Self:
        """This map after another one, whose coordinates are the parameters here, in order.

        Symmetries are not carried over.

        Raises
        ------
        ShapeError, FieldError
            When the maps do not fit.
        """
        asked = "compose two maps"
        if not isinstance(inner, PolynomialMap):
            raise InputError(asked, f"{quoted(inner)} is no map", "a PolynomialMap")
        if len(inner.coordinates) != len(self.parameters):
            wrong = f"{counted(len(inner.coordinates), 'coordinate')} and "
            wrong += counted(len(self.parameters), "parameter")
            raise ShapeError(asked, wrong, "one coordinate for each parameter")
        if inner.field != self.field:
            raise FieldError(asked, f"{inner.field} is not {self.field}", "one field")
        top, bottom = self._top, self._bottom
        made: tuple[Any, Any]
        if inner.rational:
            k = len(self.parameters)
            found = after_quotients(inner.numerators, inner.denominators, k)
            made = found(self.numerators, self.denominators)
        else:
            made = After(top, inner._top), bottom and After(bottom, inner._top)
            if isinstance(top, Expanded) and isinstance(inner._top, Expanded):
                gens = inner.ring.gens()[: inner._size]
                made = made[0](gens), made[1] and made[1](gens)
        labels = self._labels if callable(self._labels) else self.coordinates
        return type(self)(
            *made,
            parameters=inner.shapes,
            coordinates=labels,
            field=self.field,
            assume_nonzero=[*self._pulled_back(inner), *inner.assume_nonzero],
        )

    def _pulled_back(self, inner: PolynomialMap) -> list[Polynomial]:
        """What is assumed not to vanish, in the parameters of an inner map."""
        given = self.assume_nonzero
        if not given:
            return []
        substitute = after_quotients(inner.numerators, inner.denominators, len(self.parameters))
        return substitute(given, [self.ring(1)] * len(given))[0]

    def restrict(self, values: Mapping[str, Any]) -> Self:
        """The map on the slice where some parameters have given values.

        Parameters
        ----------
        values : mapping
            From parameters to numbers, or to texts that are polynomials in the other parameters.

        Examples
        --------
        >>> PolynomialMap(["a*b", "a+c"]).restrict({"a": 2, "c": "b"}).polynomials
        (2*b, b + 2)
        """
        asked = "restrict a map"
        if not isinstance(values, Mapping) or not set(values) <= set(self.parameters):
            raise InputError(asked, f"{quoted(values)} are no parameters", "{'a': 2}")
        rest = [x for x in self.parameters if x not in values]
        if not rest:
            raise InputError(asked, "no parameter is left", "the value of the map at a point")
        blocks: dict[str, tuple[int, ...]] = {}
        for b, shape in self.shapes.items():
            names = names_of({b: shape})
            kept = [x for x in names if x not in values]
            blocks |= {b: shape} if len(kept) == len(names) else dict.fromkeys(kept, ())
        texts = [str(values.get(x, x)) for x in self.parameters]
        return self.compose(PolynomialMap(texts, parameters=blocks, field=self.field))
