"""A map with functions of its parameters: the problem of identifiability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb, prod
from typing import Any

from algattn.errors import InputError, LimitError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.exact.polynomials import new_name
from algattn.fibers.scalings import kept_lattice, values_by_scaling
from algattn.groebner import substitution
from algattn.maps import PolynomialMap, VectorField
from algattn.maps.texts import GENERATOR, spell
from algattn.words import quoted

ASKED = "read functions of the parameters"


@dataclass(frozen=True)
class MapFunctions:
    """A map, and functions of its parameters as numerators and denominators in texts.

    Examples
    --------
    >>> problem = MapFunctions.of(PolynomialMap(["a*b", "b"]), ["a", ("b", "a+1")])
    >>> problem.names, problem.joint(1).denominators[-1]
    (('a', '(b)/(a+1)'), a + 1)
    """

    map: PolynomialMap
    functions: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, phi: PolynomialMap, given: Any = None) -> MapFunctions:
        """From a function in any form, a list of them, or None for all parameters.

        Raises
        ------
        InputError
            For what is no function of the parameters, and for two equal ones.
        """
        if given is None:
            given = list(phi.parameters)
        if not isinstance(given, list):
            given = [given]
        if not given:
            raise InputError(ASKED, "there are none", "a function such as 'a/b', or a list")
        found = cls(phi, tuple(_read(phi, h) for h in given))
        if len(set(found.names)) < len(given):
            raise InputError(ASKED, "two of them are equal", "leave one out")
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """One text for each function."""
        return tuple(p if q == "1" else f"({p})/({q})" for p, q in self.functions)

    @cached_property
    def pairs(self) -> tuple[tuple[Polynomial, Polynomial], ...]:
        """Numerators and denominators of the functions."""
        found = (_map(self.map, *pair) for pair in self.functions)
        return tuple((m.numerators[0], m.denominators[0]) for m in found)

    @cached_property
    def scalings(self) -> tuple[int | None, ...]:
        """How many values each function takes on the orbits of scalings; None: infinitely many."""
        kept = kept_lattice(self.map)
        return tuple(values_by_scaling(self.map, *pair, kept) for pair in self.pairs)

    @cached_property
    def checked(self) -> set[Any]:
        """What was checked before, for several pieces of evidence."""
        return set()

    def joint(self, *positions: int, symmetries: Sequence[VectorField] = ()) -> PolynomialMap:
        """The map whose coordinates are those of the map and then some of the functions."""
        phi = self.map
        labels = list(phi.coordinates)
        for i in positions:
            labels.append(new_name(f"h_{i + 1}", labels))
        return PolynomialMap(
            [*phi.numerators, *(self.pairs[i][0] for i in positions)],
            [*phi.denominators, *(self.pairs[i][1] for i in positions)],
            parameters=phi.shapes,
            coordinates=labels,
            field=phi.field,
            symmetries=symmetries,
        )

    def to_data(self) -> dict[str, Any]:
        """Map and functions as JSON data."""
        return {"map": self.map.to_data(), "functions": [list(pair) for pair in self.functions]}

    @classmethod
    def from_data(cls, data: Any) -> MapFunctions:
        """The inverse of :meth:`to_data`."""
        if not isinstance(data, Mapping) or set(data) != {"map", "functions"}:
            raise InputError("read a map with functions", "its parts are others", "map, functions")
        given = data["functions"]
        pairs = isinstance(given, list | tuple) and all(isinstance(h, list | tuple) for h in given)
        if not pairs or any(len(h) != 2 or set(map(type, h)) != {str} for h in given):
            raise InputError("read functions", "they are no pairs of texts", "use the file as is")
        return cls.of(PolynomialMap.from_data(data["map"]), list(map(tuple, given)))


def _map(phi: PolynomialMap, top: Any, bottom: Any = None) -> PolynomialMap:
    """A function as a map with one coordinate."""
    below = None if bottom is None else [bottom]
    return PolynomialMap([top], below, parameters=phi.shapes, field=phi.field)


def _read(phi: PolynomialMap, h: Any) -> tuple[str, str]:
    if isinstance(h, tuple) and len(h) != 2:
        raise InputError(ASKED, f"{quoted(h)} is no function", "a text, or two: above and below")
    found = _map(phi, *h) if isinstance(h, tuple) else _map(phi, h)
    if found.ring != phi.ring:
        raise InputError(ASKED, f"{quoted(h)} is in {found.ring}", f"{phi.ring}")
    ((top,), (bottom,)) = spell(found.numerators), spell(found.denominators)
    return top, bottom


def relation_ring(phi: PolynomialMap) -> PolynomialRing:
    """The ring of relations: coordinates, one unknown ``h``, and the generator of a number field.

    >>> relation_ring(PolynomialMap(["a*b", "b"])).names
    ('y_1', 'y_2', 'h')
    """
    last = (GENERATOR,) if isinstance(phi.field, NumberField) else ()
    labels = phi.target.names[: len(phi.coordinates)]
    return PolynomialRing(phi.ring.field, (*labels, new_name("h", labels), *last))


#: Terms of polynomials that are still expanded.
MAX_TERMS = 3_000_000


def size_after(joint: PolynomialMap, terms: Sequence[tuple[int, ...]]) -> int:
    """At least as many terms as there are after substitution, by degrees or by products.

    >>> size_after(PolynomialMap(["a*b", "a+b"]), [(3, 0), (0, 2)])
    4
    """
    tops, different = joint.numerators, list(dict.fromkeys(joint.denominators))
    used = [j for j in range(len(tops)) if any(e[j] for e in terms)]
    common = prod(len(q) for q in different)
    longer = [len(tops[j]) * common // len(joint.denominators[j]) or 1 for j in used]
    more = sum(q.degree() for q in different)
    degrees = [max(tops[j].degree(), 0) + more for j in used]
    powers = [[e[j] for j in used] for e in terms]
    most = max(map(sum, powers), default=0)
    products = sum(
        prod(comb(n + x - 1, x) for n, x in zip(longer, e, strict=True))
        * comb(common + most - sum(e) - 1, most - sum(e))
        for e in powers
    )
    top = max((sum(d * x for d, x in zip(degrees, e, strict=True)) for e in powers), default=0)
    return min(comb(top + most * more + len(joint.parameters), len(joint.parameters)), products)


def substituted(joint: PolynomialMap, poly: Polynomial) -> Polynomial:
    """The numerator of a relation after the coordinates and one function of a joint map.

    It is zero if and only if the relation holds where all are defined.

    Raises
    ------
    LimitError
        When it may have more than :data:`MAX_TERMS` terms.

    >>> joint = MapFunctions.of(PolynomialMap(["a*b", "b"]), "a").joint(0)
    >>> y1, y2, h = relation_ring(PolynomialMap(["a*b", "b"])).gens()
    >>> substituted(joint, y2 * h - y1), substituted(joint, h)
    (0, a)
    """
    if (size := size_after(joint, [e for e, _ in poly.terms()])) > MAX_TERMS:
        wrong = f"it may have {size:.1e} terms"
        raise LimitError("substitute into a relation", wrong, "a slice of the map, by restrict")
    return substitution.substituted(poly, joint)


def coefficients(poly: Polynomial, place: int) -> dict[int, Polynomial]:
    """The coefficients of a polynomial in one of its variables, by the exponent.

    >>> from algattn.exact import QQ
    >>> y, h = PolynomialRing(QQ, ("y", "h")).gens()
    >>> coefficients(y * h**2 - y + 1, 1)
    {2: y, 0: -y + 1}
    """
    found: dict[int, list[Any]] = {}
    for e, c in poly.terms():
        found.setdefault(e[place], []).append(((*e[:place], 0, *e[place + 1 :]), c))
    return {n: poly.ring.from_terms(found[n]) for n in sorted(found, reverse=True)}


def fraction(poly: Polynomial, place: int) -> tuple[Polynomial, Polynomial]:
    """N and D of the relation ``D h - N``; the leading coefficient of D positive, a constant one.

    >>> from algattn.exact import QQ
    >>> y, h = PolynomialRing(QQ, ("y", "h")).gens()
    >>> fraction(y - 2 * h, 1), fraction(3 - y * h, 1)
    ((1/2*y, 1), (3, y))
    """
    parts = coefficients(poly, place)
    top, bottom = -parts.get(0, poly.ring(0)), parts[1]
    lead = next(c for _, c in bottom.terms())
    if bottom.degree() == 0 or poly.ring.field.characteristic:
        return top * (1 / lead), bottom * (1 / lead)
    return (top, bottom) if lead > 0 else (-top, -bottom)


def ratio(top: Polynomial, bottom: Polynomial) -> str:
    """A quotient as people read it."""
    (p,), (q,) = spell([top]), spell([bottom])

    def bracketed(text: str, poly: Polynomial) -> str:
        return f"({text})" if len(poly) > 1 else text

    if bottom == 1:
        return p
    single = len(bottom) == 1 and q.count("*") == 0
    return f"{bracketed(p, top)}/{q if single else f'({q})'}"


def distinct(poly: Polynomial, place: int) -> int:
    """At most so many distinct roots has a polynomial in one variable: its separable degree.

    >>> from algattn.exact import GF
    >>> y, h = PolynomialRing(GF(3), ("y", "h")).gens()
    >>> distinct(h**6 + y * h**3 + 1, 1)
    2
    """
    exponents = [e[place] for e, _ in poly.terms()]
    p, degree = poly.ring.field.characteristic, max(exponents, default=0)
    while p and degree and not any(e % p for e in exponents):
        exponents, degree = [e // p for e in exponents], degree // p
    return degree
