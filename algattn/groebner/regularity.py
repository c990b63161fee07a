"""What geometry says about the Hilbert function of one layer and its regularity.

The coordinate ring C of the closure lies in the ring C^ of the functions of pairs (A, V) that agree
where two (or three) pairs have the same layer.  C^ is the kernel of a surjection of Cohen-Macaulay
modules whose regularity is known, and for width 3 what C lacks in C^ is a module of sections on a
flag variety (``algattn/docs/equations.md``, lemma *complete*).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, prod

from algattn.formulas.one_layer import layer_dimension
from algattn.groebner.graded import Family, Row
from algattn.groebner.modules import dimension, partitions


def forms_value(d: int, a: int, tokens: int, n: int) -> int:
    """The Hilbert function of the matrices of rank at most a (one token: symmetric, 2a).

    >>> [forms_value(2, 1, 2, n) for n in range(3)]
    [1, 4, 9]
    """
    if tokens == 1:
        shapes = partitions(n, min(2 * a, d))
        return sum(dimension(tuple(2 * x for x in shape), d) for shape in shapes)
    return sum(dimension(shape, d) ** 2 for shape in partitions(n, min(a, d)))


def hilbert_value(d: int, d_out: int, a: int, tokens: int, n: int) -> int:
    """The dimension of C^ in degree n: pairs (A, V) of forms, minus the conditions of gluing.

    >>> [hilbert_value(2, 1, 2, 2, n) for n in range(5)]
    [1, 6, 21, 56, 125]
    """
    pairs = comb(n + d * d_out - 1, n) * forms_value(d, a, tokens, n)
    h = comb(n + d - 1, n)
    glued = h * (h * h - 1) // 3 if tokens == 1 else h * comb(h, 2)
    return pairs - comb(n + d_out - 1, n) * glued


def forms_invariant(d: int, a: int, tokens: int) -> int:
    """The a-invariant of the coordinate ring of those matrices.

    >>> forms_invariant(3, 2, 2), forms_invariant(3, 1, 1), forms_invariant(3, 2, 1)
    (-6, -3, -6)
    """
    if tokens == 1:
        s = min(2 * a, d)
        return -(s * d // 2 if (d - s) % 2 else s * (d + 1) // 2)
    return -min(a, d) * d


def stable_from(family: Family) -> int:
    """The bound rho: the conditions of gluing are generated as a module in degrees at most rho.

    >>> stable_from(Family(2, 2, d_out=1, d=2)), stable_from(Family(2, 3, d_out=1, d=3))
    (3, 5)
    """
    d, e, a = family.d, family.d_out, family.rank
    if d == 1:
        return 0
    top = max(d * e, -forms_invariant(d, a, family.tokens))
    pairs = layer_dimension(d, e, a, family.tokens) - top
    return max(pairs, e + 3 * d - 2 - max(d, e))


Weights = tuple[tuple[int, tuple[int, ...]], ...]


def pinched(family: Family, n: int) -> list[Weights]:
    """The types, with the dimensions of their spaces, that C^ has and C lacks for width 3.

    Along the layers with ``A = k q^T`` and ``V = h k^T`` the closure is pinched: one function, an
    antisymmetric second derivative, is missing for each side that is not of rank one.

    >>> pinched(Family(2, 3, d_out=1, d=3), 2)
    [((1, (2,)), (3, (2, 1, 1)), (3, (1, 1, 0)))]
    """
    d, e, a = family.d, family.d_out, family.rank
    if d != 3 or family.tokens == 1 or n < 2:
        return []
    return _pinched_at(d, e, a, n)


def _pinched_at(d: int, e: int, a: int, n: int) -> list[Weights]:
    middle = (d, (2 * n - 2, 1, 1))

    def line(size: int) -> tuple[int, tuple[int, ...]]:
        return size, (n, *(0,) * (size - 1))

    def bent(size: int) -> tuple[int, tuple[int, ...]]:
        return size, (n - 1, 1, *(0,) * (size - 2))

    out: list[Weights] = []
    if min(a, d) >= 2:
        out.append((line(e), middle, bent(d)))
    if e >= 2:
        out.append((bent(e), middle, line(d)))
    return out


def _size(weights: Weights) -> int:
    return prod(dimension(tuple(x for x in w if x), n) for n, w in weights)


def bott(weight: tuple[int, ...]) -> int | None:
    """The degree in which the line bundle of a weight has cohomology (Bott), None if in none.

    >>> bott((2, 1, 0)), bott((0, 1, 0)), bott((-1, 1, 0))
    (0, None, 1)
    """
    shifted = [x + len(weight) - 1 - i for i, x in enumerate(weight)]
    if len(set(shifted)) < len(shifted):
        return None
    return sum(x < y for i, x in enumerate(shifted) for y in shifted[i + 1 :])


def sections_regularity(family: Family) -> int:
    """The regularity of the modules of sections that the types of :func:`pinched` form.

    >>> sections_regularity(Family(2, 3, d_out=1, d=3))
    4
    """
    best = 0
    for n in range(2, -4 * family.d - 4 * family.d_out, -1):
        for weights in _pinched_at(family.d, family.d_out, family.rank, n):
            places = [bott(w) for _, w in weights]
            if None not in places:
                i = sum(x for x in places if x is not None)
                if i:
                    best = max(best, n + i + 1)
    return best


def ring_value(family: Family, n: int) -> int:
    """The predicted Hilbert function of the closure in degree n, correct for large n."""
    whole = hilbert_value(family.d, family.d_out, family.rank, family.tokens, n)
    return whole - sum(_size(weights) for weights in pinched(family, n))


def bound_of(family: Family) -> int:
    """A bound for the regularity of the coordinate ring, if :func:`meets` holds.

    >>> bound_of(Family(2, 2, d_out=2, d=2)), bound_of(Family(2, 3, d_out=1, d=3))
    (4, 6)
    """
    rho = stable_from(family)
    if not pinched(family, max(rho, 2)):
        return rho
    return max(rho, sections_regularity(family)) + 1


def compared_degrees(family: Family) -> tuple[int, ...]:
    """Where the Hilbert function has to be compared: rho, and the next two when pinched."""
    rho = stable_from(family)
    if rho == 0:
        return ()
    return (rho, rho + 1, rho + 2) if pinched(family, max(rho, 2)) else (rho,)


def meets(family: Family, rows: Sequence[Row]) -> bool:
    """Whether the Hilbert function is the predicted one in the degrees that matter."""
    for n in compared_degrees(family):
        parts = [row for row in rows if row.kind.degree == n]
        found = sum(row.ring * row.kind.dimension(family.d_out, family.d) for row in parts)
        if found != ring_value(family, n):
            return False
    return True


def search_to(family: Family) -> int:
    """The degree up to which the ideal has to be computed for a proof of completeness."""
    return max(bound_of(family) + 1, *compared_degrees(family), 1)
