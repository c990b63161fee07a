"""What geometry says about the Hilbert function of one layer and its regularity.

The coordinate ring C of the closure lies in the ring C^ of the functions of pairs (A, V) that agree
where two (or three) pairs have the same layer.  C^ is the kernel of a surjection N -> Q of
Cohen-Macaulay modules whose regularity is known, and for t >= 2 what the sheaf of C lacks in that
of C^ has a filtration by bundles on a flag variety (``algattn/docs/equations.md``, lemma
*complete*).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


def glued_invariant(family: Family) -> int:
    """The a-invariant of the module Q of the conditions of gluing.

    >>> glued_invariant(Family(2, 3, d_out=1, d=3)), glued_invariant(Family(2, 4, d_out=1, d=4))
    (-4, -4)
    """
    odd = family.tokens == 1 or family.d % 2 == 1  # the lowest power is a line: nothing to swap
    return -max(family.d_out, family.d + odd)


def pairs_regularity(family: Family) -> int:
    """The regularity of the ring N of functions of pairs (A, V)."""
    d, e, a = family.d, family.d_out, family.rank
    top = max(d * e, -forms_invariant(d, a, family.tokens))
    return layer_dimension(d, e, a, family.tokens) - top


def glued_regularity(family: Family) -> int:
    """The regularity of Q."""
    return family.d_out + 3 * family.d - 3 + glued_invariant(family)


def whole_regularity(family: Family) -> int:
    """A bound for the regularity of C^.

    >>> whole_regularity(Family(2, 2, d_out=1, d=2)), whole_regularity(Family(2, 3, d_out=1, d=3))
    (3, 4)
    """
    return max(pairs_regularity(family), glued_regularity(family) + 1)


Weights = tuple[tuple[int, tuple[int, ...]], ...]


def hooks(family: Family) -> Iterator[tuple[int, int]]:
    """The pairs (r', r'') of the hooks along which the closure is pinched.

    >>> list(hooks(Family(2, 4, d_out=1, d=4)))
    [(0, 1), (0, 2)]
    """
    if family.tokens > 1:
        for outputs in range(family.d_out):
            for rights in range(min(family.rank, family.d)):
                if 1 <= outputs + rights <= family.d - 2:
                    yield outputs, rights


def hook_weights(family: Family, outputs: int, rights: int, n: int) -> Weights:
    """The weights of ``(n-r', 1^r' | 2n-r-1, 1^(r+1) | n-r'', 1^r'')`` with r = r' + r''."""

    def hook(size: int, boxes: int, leg: int) -> tuple[int, tuple[int, ...]]:
        return size, (boxes - leg, *(1,) * leg, *(0,) * (size - 1 - leg))

    d, e, r = family.d, family.d_out, outputs + rights
    return hook(e, n, outputs), hook(d, 2 * n, r + 1), hook(d, n, rights)


def pinched(family: Family, n: int) -> list[Weights]:
    """The types, with the dimensions of their spaces, that C^ has and C lacks (t >= 2).

    Along the layers with ``A = k q^T`` and ``V = h k^T`` the closure is pinched.

    >>> pinched(Family(2, 3, d_out=1, d=3), 2)
    [((1, (2,)), (3, (2, 1, 1)), (3, (1, 1, 0)))]
    """
    return [hook_weights(family, *legs, n) for legs in hooks(family) if n > max(legs)]


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


def sections_regularity(family: Family) -> int | None:
    """The regularity of the modules of sections that the types of :func:`pinched` form.

    >>> sections_regularity(Family(2, 3, d_out=1, d=3))
    4
    """
    found = []
    for legs in hooks(family):
        for n in range(family.d + family.d_out, -4 * family.d - 4 * family.d_out, -1):
            places = [bott(w) for _, w in hook_weights(family, *legs, n)]
            if None not in places:
                i = sum(x for x in places if x is not None)
                if i:
                    found.append(n + i + 1)
    return max(found, default=None)


def ring_value(family: Family, n: int) -> int:
    """The predicted Hilbert function of the closure in degree n: an upper bound, sharp for large n.

    >>> ring_value(Family(2, 4, d_out=1, d=4), 2)
    820
    """
    whole = hilbert_value(family.d, family.d_out, family.rank, family.tokens, n)
    return whole - sum(_size(weights) for weights in pinched(family, n))


def two_to_one(family: Family) -> bool:
    """Whether layers are products of a form of rank at most two with a vector (alpha = d' = 1)."""
    return family.tokens > 1 and family.d_out == 1 and min(family.rank, family.d) == 1


def bound_of(family: Family) -> int:
    """A bound for the regularity of the coordinate ring, if :func:`meets` holds.

    >>> bound_of(Family(2, 2, d_out=2, d=2)), bound_of(Family(2, 3, d_out=1, d=3))
    (4, 5)
    """
    if family.d == 1:
        return 0
    rho, gamma = whole_regularity(family), sections_regularity(family)
    return rho if gamma is None else max(rho, gamma + 1)


def exact_from(family: Family) -> int:
    """From this degree on the Hilbert function is the predicted one, if :func:`meets` holds."""
    return 0 if two_to_one(family) else bound_of(family)


def compared_degrees(family: Family) -> tuple[int, ...]:
    """Where the Hilbert function has to be compared with the prediction."""
    if family.d == 1 or two_to_one(family):
        return ()
    return (bound_of(family),)


def meets(family: Family, rows: Sequence[Row]) -> bool:
    """Whether the Hilbert function is the predicted one in the degrees that matter."""
    for n in compared_degrees(family):
        parts = [row for row in rows if row.kind.degree == n]
        found = sum(row.ring * row.kind.dimension(family.d_out, family.d) for row in parts)
        if found != ring_value(family, n):
            return False
    return True


def search_to(family: Family) -> int:
    """The ideal is generated in degrees up to this one, if :func:`meets` holds.

    >>> search_to(Family(2, 1, d_out=1, d=9)), search_to(Family(2, 3, d_out=1, d=3))
    (3, 6)
    """
    if two_to_one(family):
        return min(family.d, 3)
    return bound_of(family) + 1
