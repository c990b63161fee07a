"""Scalings of the parameters that keep every coordinate of a map, as a lattice of exponents.

The group of all diagonal changes of the parameters under which no monomial of the map changes is
dual to ``Z^k / L``, where L is spanned by the exponents that must be kept.  A function whose
exponents span E takes ``[L + E : L]`` values on an orbit of that group, or infinitely many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod

from flint import fmpz_mat

from algattn.exact import NumberField, Polynomial
from algattn.maps import PolynomialMap

Exponents = tuple[int, ...]


def _differences(top: Polynomial, bottom: Polynomial, k: int) -> Iterator[Exponents]:
    """Exponents that are 1 where the quotient is kept; the quotient is in lowest terms."""
    above = [e[:k] for e, _ in top.terms()]
    below = [e[:k] for e, _ in bottom.terms()]
    first = below[0]
    for e in (*above, *below) if above else ():
        if any(difference := tuple(a - b for a, b in zip(e, first, strict=True))):
            yield difference


def _lattice(rows: Iterable[Exponents], k: int) -> list[list[int]]:
    """A basis of the lattice that is spanned."""
    basis: list[list[int]] = []
    waiting: list[list[int]] = []

    def reduce() -> list[list[int]]:
        if not basis and not waiting:
            return []
        form = fmpz_mat([*basis, *waiting]).hnf()
        found = [[int(form[i, j]) for j in range(k)] for i in range(form.nrows())]
        return [row for row in found if any(row)]

    for row in dict.fromkeys(rows):
        waiting.append(list(row))
        if len(waiting) > 4 * k:
            basis, waiting = reduce(), []
    return reduce()


def _covolume(basis: Sequence[Sequence[int]]) -> int:
    """The index of a lattice in its saturation."""
    if not basis:
        return 1
    form = fmpz_mat(basis).snf()
    return prod(abs(int(form[i, i])) for i in range(len(basis)))


def kept_lattice(phi: PolynomialMap) -> list[list[int]]:
    """A basis of the exponents that the scalings of the fibers keep.

    >>> kept_lattice(PolynomialMap(["x^2", "x*y^3"]))
    [[1, 3], [0, 6]]
    """
    k = len(phi.parameters)
    pairs = zip(phi.numerators, phi.denominators, strict=True)
    return _lattice((e for p, q in pairs for e in _differences(p, q, k)), k)


def values_by_scaling(
    phi: PolynomialMap, top: Polynomial, bottom: Polynomial, kept: Sequence[Sequence[int]]
) -> int | None:
    """How many values a function takes on the orbits of those scalings; None: infinitely many.

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
        return 1  # not in lowest terms, perhaps: nothing is said
    k, p = len(phi.parameters), phi.field.characteristic
    larger = _lattice([*map(tuple, kept), *_differences(top, bottom, k)], k)
    if len(larger) > len(kept):
        return None
    index = _covolume(kept) // _covolume(larger)
    while p and index % p == 0:
        index //= p
    return index
