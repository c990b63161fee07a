"""What a decomposition is of: the equations of a problem, what is not zero, and the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algattn.errors import InputError
from algattn.exact import QQ, Field, NumberField, Polynomial, PolynomialRing
from algattn.exact.field_data import field_from_data
from algattn.maps.texts import GENERATOR, read_all, spell
from algattn.results import decode


@dataclass(frozen=True)
class System:
    """Equations over QQ or GF(p), with the points where a polynomial vanishes taken away.

    Over a number field QQ(theta) the equations are over QQ, theta is the last variable, and its
    minimal polynomial is among them; the primes over it are those over the field, because
    ``K[x] = QQ[x, theta] / (m)``, and degrees are ``[K : QQ]`` times as large.
    """

    ring: PolynomialRing
    equations: tuple[Polynomial, ...]
    away: Polynomial | None = None
    field: Field | None = None

    @property
    def extension(self) -> int:
        """The degree of the field over QQ, 1 for GF(p)."""
        return self.field.degree if isinstance(self.field, NumberField) else 1

    @property
    def over(self) -> str:
        """The field in words."""
        return str(self.ring.field if self.field is None else self.field)


def minimal_polynomial(ring: PolynomialRing, field: Field | None) -> tuple[Polynomial, ...]:
    """That of the last variable of a ring, if the field is a number field."""
    if not isinstance(field, NumberField):
        return ()
    theta = ring.gens()[-1]
    return (sum((theta**k * c for k, c in enumerate(field.modulus)), ring(0)),)


def plain(ring: PolynomialRing) -> PolynomialRing:
    """The ring in degrevlex order with all weights 1, in which ideals are computed."""
    return PolynomialRing(ring.field, ring.names)


@dataclass(frozen=True)
class IdealProblem:
    """An ideal as the problem of a result."""

    ring: PolynomialRing
    generators: tuple[Polynomial, ...]
    field: Field | None = None

    def to_data(self) -> dict[str, Any]:
        """The ideal as JSON data."""
        data = {"ring": self.ring.to_data(), "generators": list(spell(self.generators))}
        if isinstance(self.field, NumberField):
            data["field"] = self.field.to_data()
        return {"ideal": data}

    @classmethod
    def from_data(cls, data: Any) -> IdealProblem:
        """The inverse of :meth:`to_data`."""
        parts = data.get("ideal") if isinstance(data, Mapping) and len(data) == 1 else None
        if not isinstance(parts, Mapping) or not (
            {"ring", "generators"} <= set(parts) <= {"ring", "generators", "field"}
        ):
            raise InputError("read an ideal", "its parts are others", "ring and generators")
        ring = PolynomialRing.from_data(parts["ring"])
        field = field_from_data(parts["field"]) if "field" in parts else None
        if field is not None and not (
            isinstance(field, NumberField) and (ring.field, ring.names[-1]) == (QQ, GENERATOR)
        ):
            raise InputError("read an ideal", f"the field is {field}", f"{GENERATOR} comes last")
        return cls(ring, read_all(decode(tuple[str, ...], parts["generators"]), ring), field)

    def system(self) -> System:
        """The generators, and the minimal polynomial of theta."""
        given: Sequence[Polynomial] = [*self.generators, *minimal_polynomial(self.ring, self.field)]
        return System(self.ring, tuple(g for g in given if g), None, self.field)
