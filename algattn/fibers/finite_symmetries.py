"""Finite groups of symmetries of a map: roots of unity and exchanges of equal blocks.

They bound the number of components of almost all fibers from below where a torus has open orbits
in them (lemma "finite symmetries" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import factorial, prod

from algattn.exact import QQ, Matrix, NumberField, Polynomial
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
    return max(_exchanges(phi, blocks) for blocks in _candidates(phi))


def _candidates(phi: PolynomialMap) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """What monomials join, and single parameters."""
    place = {x: i for i, x in enumerate(phi.parameters)}
    joined = [tuple(place[x] for x in block) for block in phi.blocks()]
    return joined, [(i,) for i in place.values()]


def _exchanges(phi: PolynomialMap, blocks: list[tuple[int, ...]]) -> int:
    """The order of the group that exchanges these blocks, when it moves torus orbits; else one."""
    classes = _classes(phi, blocks)
    pairs = (pair for c in classes for pair in combinations(c, 2))
    torus = phi.gradings().fiber_rows
    if not all(_moves(a, b, torus, len(phi.parameters)) for a, b in pairs):
        return 1
    orders: list[int] = [factorial(len(c)) for c in classes]
    return prod(orders)


def _classes(phi: PolynomialMap, blocks: list[tuple[int, ...]]) -> list[list[tuple[int, ...]]]:
    """The blocks in classes of equal ones, left out what does not occur."""
    classes: list[list[tuple[int, ...]]] = []
    for block in blocks:
        if not _occurs(phi, block[0]):
            continue
        for other in classes:
            if exchangeable(phi, other[0], block):
                other.append(block)
                break
        else:
            classes.append([block])
    return classes


def equal_blocks(phi: PolynomialMap) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Pairs of blocks, or of single parameters, that can be exchanged; they generate a group.

    >>> equal_blocks(PolynomialMap(["a*b + c*d", "e"]))[0]
    ((0, 1), (2, 3))
    """
    if sum(map(len, phi.numerators)) > MAX_TERMS:
        return []
    classes = [c for blocks in _candidates(phi) for c in _classes(phi, blocks)]
    return list(dict.fromkeys((c[0], other) for c in classes for other in c[1:]))


def _occurs(phi: PolynomialMap, place: int) -> bool:
    return any(e[place] for p in _all(phi) for e, _ in p.terms())


def _all(phi: PolynomialMap) -> Iterator[Polynomial]:
    yield from phi.numerators
    if phi.rational:
        yield from phi.denominators


def exchangeable(phi: PolynomialMap, a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether the map stays as it is when two blocks change places."""
    if len(a) != len(b):
        return False
    gens = exchanged(phi, a, b)
    return all(p.compose(*gens) == p for p in _all(phi))


def exchanged(phi: PolynomialMap, a: tuple[int, ...], b: tuple[int, ...]) -> list[Polynomial]:
    """The variables after two blocks have changed places."""
    gens = list(phi.ring.gens())
    for i, j in zip(a, b, strict=True):
        gens[i], gens[j] = gens[j], gens[i]
    return gens


#: Values on an orbit of exchanges that are still counted.
MAX_ORBIT = 1000


def values_by_exchange(
    phi: PolynomialMap,
    top: Polynomial,
    bottom: Polynomial,
    pairs: Sequence[tuple[tuple[int, ...], tuple[int, ...]]],
) -> int:
    """How many values a quotient takes when blocks change places, up to a limit.

    Over number fields, where quotients are perhaps not in lowest terms, nothing (1) is said of
    them.

    >>> phi = PolynomialMap(["x+y+z", "x*y*z"])
    >>> x, y, z = phi.ring.gens()
    >>> values_by_exchange(phi, x - y, phi.ring(1), [((0,), (1,)), ((0,), (2,))])
    6
    """
    if isinstance(phi.field, NumberField) and bottom != 1:
        return 1
    moves = [exchanged(phi, a, b) for a, b in pairs]
    seen, waiting = {(top, bottom)}, [(top, bottom)]
    while waiting and len(seen) < MAX_ORBIT:
        p, q = waiting.pop()
        for gens in moves:
            above, below = p.compose(*gens), q.compose(*gens)
            lead = next(c for _, c in below.terms())
            found = above * (1 / lead), below * (1 / lead)
            if found not in seen:
                seen.add(found)
                waiting.append(found)
    return len(seen)


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
