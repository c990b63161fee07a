"""Values of a function on the orbits of the scalings of the parameters that keep a map.

The scalings that leave every coordinate as it is are dual to ``Z^k / E``, E the lattice of
exponents that must be kept (``algattn/docs/maps.md``, lemma *gradings*).  A function whose
exponents span F takes ``[E + F : E]`` values on an orbit, or infinitely many.
"""

from __future__ import annotations

from math import prod

from flint import fmpz_mat

from algattn.exact import NumberField, Polynomial
from algattn.maps import PolynomialMap
from algattn.maps.torus import Lattice, exponents_of, invariant_factors


def kept_lattice(phi: PolynomialMap) -> Lattice:
    """The exponents that the scalings of the fibers keep.

    >>> kept_lattice(PolynomialMap(["x^2", "x*y^3"])).rows
    [[1, 3], [0, 6]]
    """
    lattice = Lattice(len(phi.parameters))
    for inner, across in exponents_of(*phi._families):
        lattice.add([*inner, *(e for e in across if e is not None)])
    return lattice


def values_by_scaling(
    phi: PolynomialMap, top: Polynomial, bottom: Polynomial, kept: Lattice
) -> int | None:
    """How many values a quotient takes on the orbits of those scalings; None: infinitely many.

    Over number fields, where quotients are perhaps not in lowest terms, nothing (1) is said of
    them.  In characteristic p roots of unity of order p are left out.

    Examples
    --------
    >>> phi = PolynomialMap(["x^2", "x*y^3"])
    >>> x, y = phi.ring.gens()
    >>> values_by_scaling(phi, x, phi.ring(1), kept_lattice(phi))
    2
    >>> phi = PolynomialMap(["x*y"])
    >>> x, y = phi.ring.gens()
    >>> values_by_scaling(phi, x + y, phi.ring(1), kept_lattice(phi)) is None
    True
    """
    if isinstance(phi.field, NumberField) and bottom != 1:
        return 1
    k, p = len(phi.parameters), phi.field.characteristic
    larger = Lattice(k)
    larger.rows = list(kept.rows)
    for inner, across in exponents_of([top], [bottom], k):
        larger.add([*inner, *(e for e in across if e is not None)])
    if len(larger.rows) > len(kept.rows):
        return None
    index = _covolume(kept) // _covolume(larger)
    while p and index % p == 0:
        index //= p
    return index


def _covolume(lattice: Lattice) -> int:
    """The index of a lattice in its saturation."""
    return prod(invariant_factors(fmpz_mat(lattice.rows))) if lattice.rows else 1
