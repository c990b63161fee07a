"""The degree of the function space of one layer.

``C(m + n, n) deg(D) / delta``: the map (A, V) -> V x (x^T A y) is a projection of the Segre product
of the projectivised forms (dimension m) and values (dimension n), of degree delta onto its image.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, prod

from algattn.formulas.one_layer import determinantal_dimension, symmetric_dimension


def determinantal_degree(d: int, r: int) -> int:
    """The degree of the d x d matrices of rank at most r.

    >>> determinantal_degree(3, 2), determinantal_degree(3, 1), determinantal_degree(3, 3)
    (3, 6, 1)
    """
    r = min(r, d)
    return int(prod((Fraction(comb(d + i, r), comb(r + i, r)) for i in range(d - r)), start=1))


def symmetric_degree(d: int, r: int) -> int:
    """The degree of the symmetric d x d matrices of rank at most r.

    >>> symmetric_degree(3, 2), symmetric_degree(3, 1)
    (3, 4)
    """
    r = min(r, d)
    factors = (Fraction(comb(d + i, d - i - r), comb(2 * i + 1, i)) for i in range(d - r))
    return int(prod(factors, start=Fraction(1)))


def layer_degree(d: int, d_out: int, a: int, tokens: int) -> int:
    """The degree of the Zariski closure of the function space of one lightning layer.

    The general fiber has delta = 2 points (up to scaling) for t >= 2, ``min(a, d) = d' = 1 < d``
    and delta = 3 for t = 1, ``d' = 1``, ``min(2a, d) = 2``; else delta = 1.

    >>> layer_degree(2, 2, 2, 2), layer_degree(3, 1, 1, 1)
    (20, 15)
    """
    n = d * d_out - 1
    if tokens == 1:
        s = min(2 * a, d)
        m, forms = symmetric_dimension(d, s) - 1, symmetric_degree(d, s)
        delta = 3 if d_out == 1 and s == 2 else 1
    else:
        m, forms = determinantal_dimension(d, a) - 1, determinantal_degree(d, a)
        delta = 2 if d_out == 1 and min(a, d) == 1 and d >= 2 else 1
    return comb(m + n, n) * forms // delta
