"""Points of the space in which a map has its values, and the equations of the fiber over one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from algattn.engines.reduction import extended
from algattn.errors import InputError, ShapeError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.maps import PolynomialMap
from algattn.maps.evaluators import Expanded, in_one_ring
from algattn.words import counted, quoted

#: Coordinates in one line.
SHOWN = 16
ASKED = "ask about a point of an image"


@dataclass(frozen=True)
class ImagePoint:
    """A map with a point of the space of its coordinates, exact numbers of the field of the map.

    Examples
    --------
    >>> ImagePoint.of(PolynomialMap(["1"], ["t"]), [3]).system
    (z*t - 1, -3*t + 1)
    """

    map: PolynomialMap
    point: tuple[Any, ...]

    @classmethod
    def of(cls, phi: PolynomialMap, point: Any) -> ImagePoint:
        """From a list of numbers, or from a mapping from labels of coordinates to numbers."""
        if isinstance(point, Mapping):
            if set(point) != set(phi.coordinates):
                raise InputError(
                    ASKED, f"{quoted(list(point))} are not the coordinates", "their labels"
                )
            point = [point[x] for x in phi.coordinates]
        if isinstance(point, str) or not hasattr(point, "__iter__"):
            raise InputError(ASKED, f"{quoted(point)} is no point", "a list of numbers")
        given = list(point)
        if len(given) != len(phi.coordinates):
            wrong = (
                f"{counted(len(phi.coordinates), 'coordinate')} and {counted(len(given), 'number')}"
            )
            raise ShapeError(ASKED, wrong, "give one number for each coordinate")
        return cls(phi, tuple(phi.field(x) for x in in_one_ring(given, phi.field)))

    def to_data(self) -> dict[str, Any]:
        """Map and point as JSON data."""
        return {"map": self.map.to_data(), "value": list(map(self.map.field.format, self.point))}

    @classmethod
    def from_data(cls, data: Any) -> ImagePoint:
        """The inverse of :meth:`to_data`."""
        if not isinstance(data, Mapping) or set(data) != {"map", "value"}:
            raise InputError("read a point of an image", "its parts are others", "map and value")
        phi = PolynomialMap.from_data(data["map"])
        return cls.of(phi, tuple(phi.field(x) for x in data["value"]))

    def __str__(self) -> str:
        shown = list(map(str, self.point))
        if len(shown) > SHOWN:
            shown = [*shown[: SHOWN - 2], "..", shown[-1]]
        return f"({', '.join(shown)})"

    # --- equations ---------------------------------------------------------------------------

    def numbers(self, ring: PolynomialRing) -> list[Polynomial]:
        """The coordinates of the point in a ring, whose last variable is that of a number field."""
        if not isinstance(self.map.field, NumberField):
            return [ring(x) for x in self.point]
        theta = ring.gens()[-1]
        found = []
        for x in self.point:
            coefficients = enumerate(x.poly.coeffs())
            found.append(sum((theta**k * c for k, c in coefficients), ring(0)))
        return found

    @cached_property
    def system(self) -> tuple[Polynomial, ...]:
        """Polynomials whose common zeros are the parameters with this value, over any field.

        ``p_i - y_i q_i``; z is the inverse of the product of denominators and of what is assumed
        not to vanish; for a number field its minimal polynomial.
        """
        phi = self.map
        pairs = zip(phi.numerators, phi.denominators, self.numbers(phi.ring), strict=True)
        found = [phi._normal(p - q * y) for p, q, y in pairs]
        if isinstance(phi.field, NumberField):
            theta, numbers = phi.ring.gens()[-1], enumerate(phi.field.modulus)
            found.append(sum((theta**k * c for k, c in numbers), phi.ring(0)))
        if self.inverse:
            ring, lifted = extended(phi.ring)
            below = prod(dict.fromkeys(self.units), start=phi.ring(1))
            found = [ring.gens()[0] * lifted(below) - 1, *map(lifted, found)]
        return tuple(dict.fromkeys(g for g in found if g))

    @property
    def ring(self) -> PolynomialRing:
        """That of the system."""
        return extended(self.map.ring)[0] if self.inverse else self.map.ring

    @property
    def units(self) -> tuple[Polynomial, ...]:
        """What does not vanish where the map is looked at."""
        return (*(self.map.denominators if self.map.rational else ()), *self.map.assume_nonzero)

    @property
    def inverse(self) -> bool:
        """Whether the ring has a variable in front for the inverse of their product."""
        return bool(self.units)

    def value(self, equation: Polynomial) -> Any:
        """The value of a polynomial in the coordinates at the point."""
        if not self.point:
            return equation
        return Expanded([equation], self.map.field)(self.point)[0]
