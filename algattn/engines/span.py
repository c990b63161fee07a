"""Linear algebra that shows that polynomials lie in an ideal: ranks of multiples, modulo a prime.

Let G be a Groebner basis whose ideal (G) contains the generators, and V the span of the multiples
of the generators up to degree D.  Then V lies in the part of (G) up to degree D, whose dimension
the leading monomials of G tell (in an order by degree, or for homogeneous generators).  A rank
modulo a prime is at most the rank over QQ; if it reaches this dimension, V is all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from math import lcm
from typing import Any

from flint import nmod_mat

from algattn.engines.leading import Exponents, divides
from algattn.exact import Polynomial

#: Monomials, entries of a matrix, and entries times rank: about a twentieth of a second.
MAX_MONOMIALS = 10_000
MAX_ENTRIES = 300_000
MAX_WORK = 50_000_000
#: The prime for polynomials over QQ.
PRIME = 2**31 - 1


def monomials(weights: Sequence[int], degree: int) -> Iterator[Exponents]:
    """All exponents of a weighted degree.

    >>> list(monomials((1, 2), 2))
    [(0, 1), (2, 0)]
    """
    if not weights:
        if degree == 0:
            yield ()
        return
    if len(weights) == 1:
        if degree % weights[0] == 0:
            yield (degree // weights[0],)
        return
    for e in range(degree // weights[0] + 1):
        for rest in monomials(weights[1:], degree - e * weights[0]):
            yield (e, *rest)


def generates(
    generators: Sequence[Polynomial],
    basis: Sequence[Polynomial],
    heads: Sequence[Exponents],
    weights: Sequence[int],
    by_degree: bool,
) -> bool | None:
    """Whether the generators are seen to generate a Groebner basis whose ideal contains them.

    Parameters
    ----------
    generators, basis : sequence of Polynomial
        The basis is one in some order and the generators reduce to zero by it.
    heads : sequence of Exponents
        The leading monomials of the basis.
    weights : sequence of int
        Positive degrees of the variables.
    by_degree : bool
        Whether the order compares (weighted) degrees first.

    Returns
    -------
    bool or None
        True is a proof; False is one where it is returned (homogeneous generators over a prime
        field); None when it is too much work, or when nothing follows.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> generates([x - y, x - 8 * y - 1], [x - y, y + "1/7"], [(1, 0), (0, 1)], (1, 1), True)
    True
    >>> generates([x**2, x * y], [x], [(1, 0)], (1, 1), True)  # too large, but no proof of it
    """
    sparse = [_integral(g) for g in generators if g]
    degrees = [{_degree(e, weights) for e in g} for g in sparse]
    top = max((_degree(e, weights) for g in basis for e in g.flint.monoms()), default=0)
    homogeneous = all(len(d) == 1 for d in degrees)
    if not (homogeneous or by_degree):
        return None
    prime = generators[0].ring.field.characteristic or PRIME
    if homogeneous:
        wanted = {_degree(h, weights) for h in heads}
        for degree in sorted(wanted):
            missing = _missing(sparse, degrees, heads, weights, [degree], prime)
            if missing != 0:
                return None
        return True
    low = max(top, *(max(d) for d in degrees))
    for degree in range(low, low + 4):
        missing = _missing(sparse, degrees, heads, weights, range(degree + 1), prime)
        if not missing:
            return None if missing is None else True
    return None


def _missing(
    sparse: Sequence[dict[Exponents, int]],
    degrees: Sequence[set[int]],
    heads: Sequence[Exponents],
    weights: Sequence[int],
    layers: Sequence[int],
    prime: int,
) -> int | None:
    """How much larger the ideal of the basis is in these degrees; None when it is too large."""
    columns: dict[Exponents, int] = {}
    shifts: dict[int, list[Exponents]] = {}
    total = 0
    for degree in range(max(layers) + 1):
        shifts[degree] = list(islice(monomials(weights, degree), MAX_MONOMIALS))
        total += len(shifts[degree]) + 1
        if total > MAX_MONOMIALS:
            return None
        if degree in layers:
            columns |= {m: len(columns) + n for n, m in enumerate(shifts[degree])}
    rows: list[list[int]] = []
    allowed = MAX_ENTRIES // max(len(columns), 1)
    for g, found in zip(sparse, degrees, strict=True):
        room = max(layers) - max(found)
        for d in range(room if len(layers) == 1 else 0, room + 1):
            for m in shifts[d] if d >= 0 else ():
                if len(rows) >= allowed:
                    return None
                row = [0] * len(columns)
                for e, c in g.items():
                    row[columns[tuple(x + y for x, y in zip(e, m, strict=True))]] = c % prime
                rows.append(row)
    inside = sum(1 for m in columns if any(divides(h, m) for h in heads))
    if len(rows) < inside:
        return inside - len(rows)
    if len(rows) * len(columns) * min(len(rows), len(columns)) > MAX_WORK:
        return None
    flat = [x for row in rows for x in row]
    rank = nmod_mat(len(rows), len(columns), flat, prime).rank() if rows else 0
    return inside - int(rank)


def _degree(e: Sequence[Any], weights: Sequence[int]) -> int:
    return sum(w * int(x) for w, x in zip(weights, e, strict=True))


def _integral(poly: Polynomial) -> dict[Exponents, int]:
    """The terms with coprime integer coefficients, or the residues of a prime field."""
    terms = [(e, poly.ring.field.to_python(c)) for e, c in poly.terms()]
    common = lcm(*(c.denominator for _, c in terms))
    return {e: int(c * common) for e, c in terms}
