"""Parameters that a torus of symmetries sets to one, and how many ways are left to do so."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from algattn.maps import PolynomialMap


@dataclass(frozen=True)
class Gauge:
    """Parameters set to one by a torus that moves points within their fibers.

    Attributes
    ----------
    fixed : tuple of str
    index : int
        So many elements of the torus keep them at one: ``|det W_S|``.
    """

    fixed: tuple[str, ...]
    index: int = 1


NO_GAUGE = Gauge(())


def torus_gauge(phi: PolynomialMap, *, whole: bool = False) -> Gauge:
    """The gauge of the torus that leaves all coordinates as they are.

    Only what can be fixed with index one is, so that fibers keep their number of components;
    with `whole` the entire torus is used.

    Examples
    --------
    >>> torus_gauge(PolynomialMap(["a*b", "b*c"]))
    Gauge(fixed=('a',), index=1)
    >>> phi = PolynomialMap(["x^2*y^3"])
    >>> torus_gauge(phi), torus_gauge(phi, whole=True).index in (2, 3)
    (Gauge(fixed=(), index=1), True)
    """
    names = phi.parameters
    rows = [list(row) for row in phi.gradings().fiber_rows]  # a saturated lattice stays one below
    fixed: list[int] = []
    index = 1
    while rows:
        common = {j: gcd(*(row[j] for row in rows)) for j in range(len(names))}
        able = [j for j, g in common.items() if g and (whole or g == 1)]
        if not able:
            break
        place = min(able, key=lambda j: (common[j], sum(bool(row[j]) for row in rows), j))
        rows = _without(rows, place)
        fixed.append(place)
        index *= common[place]
    return Gauge(tuple(names[j] for j in sorted(fixed)), index)


def _without(rows: list[list[int]], place: int) -> list[list[int]]:
    """Euclid's algorithm in a column; the rows that end with zero there."""
    rows = [list(row) for row in rows]
    while sum(bool(row[place]) for row in rows) > 1:
        pivot = min((row for row in rows if row[place]), key=lambda row: abs(row[place]))
        for row in rows:
            if row is not pivot and row[place]:
                factor = row[place] // pivot[place]
                row[:] = [x - factor * y for x, y in zip(row, pivot, strict=True)]
    return [row for row in rows if not row[place]]
