"""Finite groups of symmetries of a map: roots of unity and exchanges of equal blocks.

They bound the number of components of almost all fibers from below where a torus has open orbits
in them (lemma "finite symmetries" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import factorial, prod

from algattn.exact import QQ, Matrix, Polynomial
from algattn.maps import PolynomialMap

#: Terms of a map up to which equal blocks are looked for.
MAX_TERMS = 20_000


def component_group(phi: PolynomialMap) -> int:
    """How many components the group of diagonal symmetries has.

    In characteristic p without its part of order a power of p, which has no points.

    >>> [component_group(PolynomialMap([t])) for t in ("x^2*y^2", "x^2*y^3", "x*y")]
    [2, 1, 1]
    """
    found, p = phi.gradings().index, phi.field.characteristic
    while p and found % p == 0:
        found //= p
    return found


def exchanges(phi: PolynomialMap) -> int:
    """The order of the group that exchanges equal blocks of parameters and moves torus orbits.

    Blocks are what monomials join, or else single parameters; two are equal when the map stays as
    it is after they change places, parameter by parameter.
    """
    if sum(map(len, phi.numerators)) > MAX_TERMS:
        return 1
    place = {x: i for i, x in enumerate(phi.parameters)}
    joined = [tuple(place[x] for x in block) for block in phi.blocks()]
    alone: list[tuple[int, ...]] = [(i,) for i in place.values()]
    return max(_exchanges(phi, joined), _exchanges(phi, alone))


def _exchanges(phi: PolynomialMap, blocks: list[tuple[int, ...]]) -> int:
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
    torus = phi.gradings().fiber_rows
    if not all(_moves(a, b, torus, len(phi.parameters)) for a, b in pairs):
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


def _moves(
    a: tuple[int, ...], b: tuple[int, ...], torus: Sequence[tuple[int, ...]], size: int
) -> bool:
    """Whether not all monomials that are one on the torus have equal exponents in two blocks."""
    differ = [[int(n == i) - int(n == j) for n in range(size)] for i, j in zip(a, b, strict=True)]
    return bool(Matrix(QQ, [*torus, *differ]).rank() > len(torus))


def symmetry_order(phi: PolynomialMap) -> int:
    """The order of a finite group of symmetries that acts freely on almost all torus orbits.

    Examples
    --------
    >>> symmetry_order(PolynomialMap(["x^2", "y^2"])), symmetry_order(PolynomialMap(["x^2*y^2"]))
    (4, 2)
    >>> symmetry_order(PolynomialMap(["a + b", "a*b"])), symmetry_order(PolynomialMap(["a+b"]))
    (2, 2)
    """
    return component_group(phi) * exchanges(phi)


def torus_rank(phi: PolynomialMap) -> int:
    """The dimension of the torus of diagonal symmetries."""
    return len(phi.gradings().fiber_rows)


def is_monomial(phi: PolynomialMap) -> bool:
    """Whether all coordinates (with denominators) have one term at most.

    >>> is_monomial(PolynomialMap(["x*y", "2"])), is_monomial(PolynomialMap(["x+y"]))
    (True, False)
    """
    return all(len(p) <= 1 for p in _all(phi))
