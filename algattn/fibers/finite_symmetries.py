"""Finite groups of symmetries of a map: roots of unity and exchanges of equal blocks.

They bound the number of components of almost all fibers from below where a torus has open orbits
in them (lemma "finite symmetries" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import factorial, prod

from flint import fmpz_mat

from algattn.exact import QQ, Matrix, Polynomial
from algattn.maps import PolynomialMap

#: Terms of a map up to which equal blocks are looked for.
MAX_TERMS = 20_000


def characters(phi: PolynomialMap) -> list[list[int]]:
    """Generators of the lattice of monomials that are one on all diagonal symmetries of the map.

    A row for each: differences of exponents in a numerator, in a denominator, and between the two.
    """
    k = len(phi.parameters)
    below = phi.denominators if phi.rational else (None,) * len(phi.numerators)
    found: dict[tuple[int, ...], None] = {}

    def differences(poly: Polynomial) -> tuple[int, ...]:
        exponents = [e[:k] for e, _ in poly.terms()]
        for e in exponents[1:]:
            found[tuple(a - b for a, b in zip(e, exponents[0], strict=True))] = None
        return exponents[0]

    for top, bottom in zip(phi.numerators, below, strict=True):
        low = differences(bottom) if bottom is not None else (0,) * k
        if top:
            high = differences(top)
            found[tuple(a - b for a, b in zip(high, low, strict=True))] = None
    rows: list[list[int]] = []
    fresh = [list(v) for v in found if any(v)]
    for start in range(0, len(fresh), k):
        reduced = fmpz_mat([*rows, *fresh[start : start + k]]).hnf()
        table = [[int(x) for x in row] for row in reduced.tolist()]
        rows = [row for row in table if any(row)]
    return rows


def torsion(rows: list[list[int]], characteristic: int = 0) -> int:
    """The order of the group of components of the diagonal symmetries: torsion of ``Z^k / rows``.

    In characteristic p without its part of order a power of p, which has no points.

    >>> torsion([[2, 0], [0, 2]]), torsion([[2, 2]]), torsion([[2, 3]]), torsion([[6]], 3)
    (4, 2, 1, 2)
    """
    if not rows:
        return 1
    form = fmpz_mat(rows).snf()
    diagonal = [int(form[i, i]) for i in range(min(len(rows), len(rows[0])))]
    found = prod(x for x in diagonal if x)
    while characteristic and found % characteristic == 0:
        found //= characteristic
    return abs(found)


def exchanges(phi: PolynomialMap, rows: list[list[int]]) -> int:
    """The order of the group that exchanges equal blocks of parameters and moves torus orbits.

    Blocks are what monomials join, or else single parameters; two are equal when the map stays as
    it is after they change places, parameter by parameter.
    """
    if sum(map(len, phi.numerators)) > MAX_TERMS:
        return 1
    place = {x: i for i, x in enumerate(phi.parameters)}
    joined = [tuple(place[x] for x in block) for block in phi.blocks()]
    alone: list[tuple[int, ...]] = [(i,) for i in place.values()]
    return max(_exchanges(phi, joined, rows), _exchanges(phi, alone, rows))


def _exchanges(phi: PolynomialMap, blocks: list[tuple[int, ...]], rows: list[list[int]]) -> int:
    """The order of the group that exchanges these blocks, when it moves torus orbits; else one."""
    classes: list[list[tuple[int, ...]]] = []
    for block in blocks:
        if not _occurs(phi, block[0]):
            continue
        for other in classes:
            if _exchangeable(phi, other[0], block):
                other.append(block)
                break
        else:
            classes.append([block])
    pairs = (pair for c in classes for pair in combinations(c, 2))
    if not all(_moves(a, b, rows, len(phi.parameters)) for a, b in pairs):
        return 1
    orders: list[int] = [factorial(len(c)) for c in classes]
    return prod(orders)


def _occurs(phi: PolynomialMap, place: int) -> bool:
    return any(e[place] for p in _all(phi) for e, _ in p.terms())


def _all(phi: PolynomialMap) -> Iterator[Polynomial]:
    yield from phi.numerators
    if phi.rational:
        yield from phi.denominators


def _exchangeable(phi: PolynomialMap, a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    if len(a) != len(b):
        return False
    gens = list(phi.ring.gens())
    for i, j in zip(a, b, strict=True):
        gens[i], gens[j] = gens[j], gens[i]
    return all(p.compose(*gens) == p for p in _all(phi))


def _moves(a: tuple[int, ...], b: tuple[int, ...], rows: list[list[int]], size: int) -> bool:
    """Whether not all monomials that are one on the torus have equal exponents in two blocks."""
    differ = [[int(n == i) - int(n == j) for n in range(size)] for i, j in zip(a, b, strict=True)]
    return any(sum(x * y for x, y in zip(row, d, strict=True)) for row in rows for d in differ)


def symmetry_order(phi: PolynomialMap) -> int:
    """The order of a finite group of symmetries that acts freely on almost all torus orbits.

    Examples
    --------
    >>> symmetry_order(PolynomialMap(["x^2", "y^2"])), symmetry_order(PolynomialMap(["x^2*y^2"]))
    (4, 2)
    >>> symmetry_order(PolynomialMap(["a + b", "a*b"])), symmetry_order(PolynomialMap(["a+b"]))
    (2, 2)
    """
    rows = characters(phi)
    return torsion(rows, phi.field.characteristic) * exchanges(phi, rows)


def torus_rank(phi: PolynomialMap) -> int:
    """The dimension of the torus of diagonal symmetries."""
    rows = characters(phi)
    return len(phi.parameters) - (Matrix(QQ, rows).rank() if rows else 0)


def is_monomial(phi: PolynomialMap) -> bool:
    """Whether all coordinates (with denominators) have one term at most.

    >>> is_monomial(PolynomialMap(["x*y", "2"])), is_monomial(PolynomialMap(["x+y"]))
    (True, False)
    """
    return all(len(p) <= 1 for p in _all(phi))
