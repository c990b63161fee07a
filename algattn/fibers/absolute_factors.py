"""How many factors a polynomial in two variables has over an algebraic closure.

Gao's linear differential equation: ``d/dy (r/g) = d/dx (s/g)`` has exactly as many independent
solutions as g has absolutely irreducible factors (lemma "absolute factors" of
``algattn/docs/maps.md``).
"""

from __future__ import annotations

import random
from math import lcm

from flint import fmpz_mat, nmod_mat

from algattn.arguments import checked
from algattn.errors import HypothesisError, InputError, LimitError
from algattn.exact import Polynomial
from algattn.exact.fields import PrimeField

#: Unknowns of the linear differential equation.
MAX_UNKNOWNS = 4000

Terms = dict[tuple[int, int], int]


@checked
def absolute_factor_count(poly: Polynomial, *, seed: int = 0) -> int:
    """The number of different irreducible factors over an algebraic closure.

    Parameters
    ----------
    poly : Polynomial
        In two variables over QQ or GF(p), not zero.
    seed : int
        For a change of coordinates, which changes no answer.

    Returns
    -------
    int
        Exact: the factors over the field are FLINT's, each is counted by the rank of a matrix.

    Raises
    ------
    InputError
        For other input.
    HypothesisError
        Over GF(p) unless ``p > 2 d^2`` for the degrees d of the factors.
    LimitError
        For factors of degree above 62.

    Complexity
    ----------
    ``d^6`` for each factor of degree d.

    References
    ----------
    S. Gao, Factoring multivariate polynomials via partial differential equations, Math. Comp. 72
    (2003), Theorem 2.3.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> absolute_factor_count(x**2 - 2 * y**2), absolute_factor_count((x * y - 1) ** 2 * x)
    (2, 2)
    """
    asked = "count absolute factors"
    if len(poly.ring.names) != 2 or not poly:
        raise InputError(asked, f"{len(poly)} terms, {len(poly.ring.names)} variables", "two")
    _, factors = poly.factor()
    return sum(_of_irreducible(f, seed) for f, _ in factors)


def _of_irreducible(poly: Polynomial, seed: int) -> int:
    """The same for a polynomial that is irreducible over its field."""
    asked, field = "count absolute factors", poly.ring.field
    d = poly.degree()
    p = field.characteristic
    if d == 1:
        return 1
    if p and p <= 2 * d * d:
        raise HypothesisError(asked, f"the degree is {d} and the characteristic {p}", "p > 2 d^2")
    if d * (d + 1) > MAX_UNKNOWNS:
        raise LimitError(asked, f"a factor has degree {d}", "degrees up to 62")
    terms = _general(poly, d, seed)
    rows = equation(terms, d)
    # irreducible and p > d: g and g_x have no common factor, since g_x is not zero
    rank = nmod_mat(rows, p).rank() if isinstance(field, PrimeField) else fmpz_mat(rows).rank()
    return d * (d + 1) - int(rank)


def _general(poly: Polynomial, d: int, seed: int) -> Terms:
    """Integer coefficients after a linear change that gives both variables the full degree."""
    p = poly.ring.field.characteristic
    x, y = poly.ring.gens()
    rng, size = random.Random(f"algattn factors {seed}"), 1
    moved = poly
    while True:
        terms = {(e[0], e[1]): c for e, c in moved.terms()}
        if (d, 0) in terms and (0, d) in terms:
            break
        size += 1
        a, b = (rng.randrange(1, min(size, p or size) + 1) for _ in range(2))
        if (1 - a * b) % p if p else 1 - a * b:
            moved = poly.compose(x + y * a, y + x * b)
    if p:
        return {e: int(c) for e, c in terms.items()}
    common = lcm(*(int(c.q) for c in terms.values()))
    return {e: int(c * common) for e, c in terms.items()}


def equation(g: Terms, d: int) -> list[list[int]]:
    """The matrix of ``(r, s) -> g r_y - r g_y - g s_x + s g_x``, r and s of degree below d.

    Its columns are the monomials of the image, its rows those of r and s.
    """
    small = [(i, j) for i in range(d) for j in range(d - i)]
    place = {e: n for n, e in enumerate((i, j) for i in range(2 * d - 1) for j in range(2 * d - i))}
    rows = []
    for of_r in (True, False):
        for i, j in small:
            row = [0] * len(place)
            for (a, b), c in g.items():
                if of_r and j != b:
                    row[place[a + i, b + j - 1]] += c * (j - b)
                if not of_r and i != a:
                    row[place[a + i - 1, b + j]] -= c * (i - a)
            rows.append(row)
    return rows
