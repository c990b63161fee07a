"""What a map is at a point of any ring: its coordinates and their derivatives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from flint import fmpq, nmod

from algattn.arguments import check_seed, checked
from algattn.errors import (
    AlgattnError,
    FieldError,
    InputError,
    ShapeError,
)
from algattn.exact import GF, QQ, Matrix, Polynomial
from algattn.exact.fields import PrimeField
from algattn.exact.modular import primes_below
from algattn.maps.blocks import flat
from algattn.maps.definition import MapDefinition
from algattn.maps.evaluators import Row, divided, in_one_ring, residue
from algattn.words import counted, quoted


@checked
class MapValues(MapDefinition):
    """The values of :class:`~algattn.maps.PolynomialMap`, and of its derivatives."""

    # --- values ------------------------------------------------------------------------------

    #: How other objects become points: weights, for the map of a network.
    _reads: Callable[[Any], Any] | None = None

    def values(self, point: Any) -> list[Any]:
        """The values of all parameters in one ring, from a list or from blocks by name.

        >>> from algattn.maps import PolynomialMap
        >>> PolynomialMap(["v_1*v_2"], parameters={"v": (2,)}).values({"v": [1, "1/2"]})
        [1, 1/2]
        """
        asked = "evaluate a map"
        if self._reads is not None:
            point = self._reads(point)
        if isinstance(point, Mapping):
            if set(point) == set(self.shapes):
                point = [x for b, shape in self.shapes.items() for x in flat(b, point[b], shape)]
            elif set(point) == set(self.parameters):
                point = [point[x] for x in self.parameters]
            else:
                raise InputError(
                    asked,
                    f"the point has the names {quoted(list(point))}",
                    f"{quoted(list(self.shapes))}",
                )
        if isinstance(point, str | Set) or not hasattr(point, "__iter__"):
            raise InputError(asked, f"{quoted(point)} is no point", "a list of numbers")
        given = list(point)
        if len(given) != len(self.parameters):
            wrong = (
                f"{counted(len(self.parameters), 'parameter')} and {counted(len(given), 'number')}"
            )
            raise ShapeError(asked, wrong, "give one number for each parameter")
        return in_one_ring(given, self.field)

    def __call__(self, point: Any) -> list[Any]:
        """The coordinates at a point.

        Parameters
        ----------
        point : sequence, or mapping from blocks (or parameters) to values
            Numbers, residues, algebraic numbers, floats, balls, polynomials.

        Raises
        ------
        HypothesisError
            At a pole.
        InputError, FieldError, ShapeError
            For what is no point.
        """
        values = self.values(point)
        found: list[Any] = _safely(lambda: self._quotients(values))
        return found

    def at(self, theta: Any) -> list[Any]:
        """The coordinates at a point; the same as a call."""
        return self(theta)

    def _quotients(self, values: list[Any]) -> list[Any]:
        top = self._top(values)
        if self._bottom is None:
            return top
        return [divided(p, q) for p, q in zip(top, self._bottom(values), strict=True)]

    def rows(self, values: Sequence[Any]) -> tuple[list[Any], list[Any], list[Row]]:
        """Numerators and denominators p, q at values of one ring, and the rows ``q dp - p dq``.

        Off the poles the rows have the rank and the kernel of the Jacobian; zeros are left out.
        """
        top, rows = self._top.jet(values)
        if self._bottom is None:
            return top, [1] * len(top), rows
        bottom, other = self._bottom.jet(values)
        cleared: list[Row] = []
        for p, q, dp, dq in zip(top, bottom, rows, other, strict=True):
            row = {j: x * q for j, x in dp.items()}
            for j, x in dq.items():
                row[j] = row[j] - x * p if j in row else x * p * -1
            cleared.append(row)
        return top, bottom, cleared

    def fractions(self, values: Sequence[Any]) -> tuple[list[Any], list[Any]]:
        """Numerators and denominators at values of one ring.

        >>> from algattn.maps import PolynomialMap
        >>> circle = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"])
        >>> circle.fractions([fmpq(2)])
        ([-3, 4], [5, 5])
        """
        top = self._top(values)
        return top, [values[0] ** 0] * len(top) if self._bottom is None else self._bottom(values)

    def _derivatives(self, values: Sequence[Any]) -> tuple[list[Any], list[Row]]:
        top, bottom, rows = self.rows(values)
        if self._bottom is None:
            return top, rows
        pairs = list(zip(bottom, rows, strict=True))
        found = [{j: divided(x, q * q) for j, x in row.items()} for q, row in pairs]
        return [divided(p, q) for p, q in zip(top, bottom, strict=True)], found

    def jacobian(self, point: Any = None) -> Any:
        """The derivatives of the coordinates (rows) by the parameters (columns).

        Parameters
        ----------
        point : as for a call, optional
            The polynomials (or their quotients, where these are polynomials) unless given.

        Returns
        -------
        Matrix or list of lists
            A Matrix over the field of an exact point, else a list of rows.
        """
        values = self.values(self.ring.gens()[: self._size] if point is None else point)
        _, rows = _safely(lambda: self._derivatives(values))
        first, k = values[0], len(values)
        dense = [[row.get(j, first * 0) for j in range(k)] for row in rows]
        field: Any = getattr(first, "field", QQ if isinstance(first, fmpq) else None)
        if isinstance(first, nmod):
            field = GF(int(first.modulus()))
        if field is None or isinstance(first, Polynomial):
            return [[self._normal(x) for x in row] for row in dense] if point is None else dense
        return Matrix(field, dense, (len(dense), k))

    def jet(self, point: Any, prime: int) -> tuple[list[int], list[list[int]]]:
        """Coordinates and Jacobian at a point modulo a prime, as numbers from 0 to prime - 1.

        Over a number field the generator goes to the least root of its minimal polynomial.

        Raises
        ------
        FieldError
            When the map cannot be reduced modulo the prime.

        Examples
        --------
        >>> from algattn.maps import PolynomialMap
        >>> PolynomialMap(["t^2", "t^3"]).jet([4], 7)
        ([2, 1], [[1], [6]])
        """
        field = self._prime(prime)
        values = [residue(x, field) for x in self.values(point)]
        found, rows = _safely(lambda: self._derivatives(values))
        k = len(values)
        return [int(x) for x in found], [[int(row.get(j, 0)) for j in range(k)] for row in rows]

    def _prime(self, prime: int) -> PrimeField:
        field = GF(prime)
        if self.field.characteristic not in (0, prime):
            raise FieldError("reduce a map", f"it is over {self.field}", f"that prime, not {prime}")
        return field

    def primes(self, below: int = 2**31) -> Iterator[int]:
        """Primes modulo which the map can be evaluated, large ones first."""
        if self.field.characteristic:
            yield self.field.characteristic
            return
        for p in primes_below(below):
            try:
                self._top([GF(p)(1) for _ in self.parameters])
                _ = self._bottom and self._bottom([GF(p)(1) for _ in self.parameters])
            except (FieldError, ZeroDivisionError):
                continue
            yield p

    def random_point(self, seed: int, prime: int) -> list[Any]:
        """A point with residues as entries, the same for the same seed."""
        rng = random.Random(f"algattn map {check_seed(seed, 'draw a point')}")
        field = self._prime(prime)
        return [field(rng.randrange(prime)) for _ in self.parameters]


def _safely(work: Callable[[], Any]) -> Any:
    """What a computation in an unknown ring gives; its failures as errors of algattn."""
    try:
        return work()
    except AlgattnError:
        raise
    except (ArithmeticError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError("evaluate a map", str(error)[:200], "another point") from error
