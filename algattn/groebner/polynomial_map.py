"""Polynomials in texts of one spelling, and a parametrization as the problem of a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from algattn.engines.text import read_polynomial
from algattn.errors import InputError
from algattn.exact import Polynomial, PolynomialRing, field_from_data
from algattn.groebner.grading import Grading, finest_grading
from algattn.results import decode


def spell(polys: Iterable[Polynomial]) -> tuple[str, ...]:
    """The texts that :func:`read_all` takes.

    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> spell([x**2 - y, x * 2])
    ('x^2-y', '2*x')
    """
    return tuple(str(p).replace(" ", "") for p in polys)


@lru_cache(maxsize=8)
def read_all(texts: tuple[str, ...], ring: PolynomialRing) -> tuple[Polynomial, ...]:
    """The inverse of :func:`spell`; the last few answers are kept for several pieces of evidence.

    Raises
    ------
    InputError
        When a text is no polynomial of the ring, or is spelled in another way.
    """
    if not all(isinstance(text, str) for text in texts):
        raise InputError("read polynomials", "they are not texts", "use the file as written")
    polys = tuple(read_polynomial(text, ring, ring.names) for text in texts)
    for text, found in zip(texts, spell(polys), strict=True):
        if text != found:
            raise InputError(
                "read polynomials", f"{text[:40]!r} is spelled in another way", f"{found[:40]!r}"
            )
    return polys


_RING: dict[str, Any] = {"names": tuple[str, ...], "order": str, "weights": tuple[int, ...]}


@dataclass(frozen=True)
class PolynomialMap:
    """Polynomials of one ring, and the names of the coordinates that they stand for."""

    coordinates: tuple[str, ...]
    polynomials: tuple[Polynomial, ...]

    def __post_init__(self) -> None:
        if len(self.polynomials) != len(self.coordinates) or not self.polynomials:
            raise InputError(
                "read a parametrization", "names and polynomials differ", "use the file as written"
            )

    @property
    def ring(self) -> PolynomialRing:
        """The ring of the parameters."""
        return self.polynomials[0].ring

    @cached_property
    def target(self) -> PolynomialRing:
        """The ring of the coordinates, without degrees."""
        return PolynomialRing(self.ring.field, self.coordinates)

    @cached_property
    def grading(self) -> Grading:
        """All gradings for which the polynomials are homogeneous."""
        return finest_grading(self.polynomials)

    @property
    def hints(self) -> list[list[int]]:
        """Degrees of the coordinates to try first."""
        return [[max(p.degree(), 0) for p in self.polynomials]]

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        return spell(self.polynomials)

    def to_data(self) -> dict[str, Any]:
        return {
            "parametrization": {
                "ring": self.ring.to_data(),
                "coordinates": list(self.coordinates),
                "polynomials": list(self._texts),
            }
        }

    @staticmethod
    def from_data(data: Any) -> PolynomialMap:
        """The inverse of :meth:`to_data`."""
        asked, hint = "read a parametrization", "use the file as written"
        parts = data.get("parametrization") if isinstance(data, Mapping) else None
        keys = {"ring", "coordinates", "polynomials"}
        if not isinstance(parts, Mapping) or len(data) != 1 or set(parts) != keys:
            raise InputError(asked, "its parts are others", hint)
        if not isinstance(parts["ring"], Mapping) or set(parts["ring"]) != {"field", *_RING}:
            raise InputError(asked, "its ring has other parts", hint)
        field = field_from_data(parts["ring"]["field"])
        names, order, weights = (decode(kind, parts["ring"][key]) for key, kind in _RING.items())
        ring = PolynomialRing(field, names, order, weights)
        coordinates = decode(tuple[str, ...], parts["coordinates"])
        texts = decode(tuple[str, ...], parts["polynomials"])
        found = PolynomialMap(coordinates, read_all(texts, ring))
        PolynomialRing(field, coordinates)  # checks the names
        return found


def degree_in(poly: Polynomial, degrees: Sequence[int]) -> int:
    """The largest degree of a term for these degrees of the variables; -1 for zero.

    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> degree_in(x**3 - y**2, (1, 1)), degree_in(x**3 - y**2, (2, 3))
    (3, 6)
    """
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
