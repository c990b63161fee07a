"""Ranks of Jacobians modulo a prime, symmetries, and how likely a random rank is too small."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count
from math import floor, lcm, log2
from typing import Any

from flint import fq_default_ctx, nmod_poly

from algattn.arguments import check_seed
from algattn.errors import LimitError
from algattn.exact import QQ, Matrix, PolynomialRing, is_prime
from algattn.exact.fields import PrimeField
from algattn.exact.modular import matrix_of
from algattn.maps import PolynomialMap
from algattn.maps.evaluators import Row
from algattn.results import Status

__all__ = ["draw_prime", "error_bits", "jacobian_rank", "symmetry_bound"]

#: Entries of a Jacobian that are still put into one matrix.
MAX_ENTRIES = 25_000_000
#: Random primes lie between `FROM` and its double, where there are more than `MANY`.
FROM, MANY = 2**30, 50_000_000
#: Points of prime fields with so many elements are random enough; else those of an extension of
#: so many bits are taken.
LARGE, BITS = 2**13, 20


def _rank(rows: Sequence[Row], columns: int, prime: int) -> int:
    if len(rows) * columns > MAX_ENTRIES:
        wrong = f"the Jacobian has {len(rows)} x {columns} entries"
        raise LimitError("find the rank of a map", wrong, "a slice, by restrict")
    return int(matrix_of(rows, range(columns), prime).rank())


def jacobian_rank(phi: PolynomialMap, seed: int, prime: int) -> int:
    """The rank of the Jacobian at a random point modulo a prime: at most the dimension.

    Of a map over a field of few elements, at a point over a larger field.

    >>> jacobian_rank(PolynomialMap(["s^2", "s*t", "t^2"]), 0, 10007)
    2
    """
    if 0 < phi.field.characteristic == prime < LARGE:
        return _extended_rank(phi, seed, prime)
    _, _, rows = phi.rows(phi.random_point(seed, prime))
    return _rank(rows, len(phi.parameters), prime)


def _extended_rank(phi: PolynomialMap, seed: int, prime: int) -> int:
    """The rank at a random point over an extension field, whose elements act as matrices."""
    degree = next(e for e in count(2) if prime**e >= 2**BITS)
    above = fq_default_ctx(prime, degree).modulus()
    modulus = nmod_poly([int(c) for c in above.coeffs()], prime)
    ring = PolynomialRing(PrimeField(prime), ("t",))
    rng = random.Random(f"algattn map {check_seed(seed, 'draw a point')}")
    t = ring.gens()[0]
    point = [
        sum((t**i * rng.randrange(prime) for i in range(degree)), ring(0)) for _ in phi.parameters
    ]
    _, _, rows = phi.rows(point)
    blocks: list[Row] = [{} for _ in range(len(rows) * degree)]
    for i, row in enumerate(rows):
        for j, poly in row.items():
            dense = [0] * (poly.degree() + 1)
            for (e,), c in poly.terms():
                dense[e] = int(c)
            x = nmod_poly(dense, prime)
            for n in range(degree):  # the column of the matrix of x with number n is t^n x
                x = x % modulus
                for m, c in enumerate(x.coeffs()):
                    if int(c):
                        blocks[i * degree + m][j * degree + n] = int(c)
                x = x * nmod_poly([0, 1], prime)
    return _rank(blocks, len(phi.parameters) * degree, prime) // degree


def symmetry_bound(phi: PolynomialMap, seed: int, prime: int) -> int:
    """Parameters minus the rank of the symmetries: at least the dimension.

    The symmetries are the torus that leaves all monomials as they are and, in characteristic zero,
    the declared ones, which are checked.  In characteristic p a vector field proves nothing.

    Raises
    ------
    DisagreementError
        When a declared symmetry is none.
    LimitError
        When the map is too large to expand.

    Examples
    --------
    >>> symmetry_bound(PolynomialMap(["a*b", "b*c"]), 0, 10007)
    2
    """
    k, torus = len(phi.parameters), phi.fiber_torus
    if phi.field.characteristic:
        return k - (Matrix(QQ, torus).rank() if torus else 0)
    if phi.check() is not Status.PROVED:
        raise LimitError("bound a dimension", "the map is too large to expand", "a slice")
    point = phi.random_point(seed, prime)
    rows = [{j: point[j] * w for j, w in enumerate(weights)} for weights in torus]
    rows += [s.at(point, phi.parameters, phi.field) for s in phi.declared]
    return k - _rank(rows, k, prime)


def draw_prime(phi: PolynomialMap, seed: int) -> int:
    """A prime between 2^30 and 2^31, drawn at random among those modulo which the map can be read.

    >>> draw_prime(PolynomialMap(["x"]), 0)
    2105821999
    """
    rng = random.Random(f"algattn prime {check_seed(seed, 'draw a prime')}")
    bad = lcm(*(int(c.q) for p in _polynomials(phi) for _, c in p.terms()))
    while True:
        found = rng.randrange(FROM + 1, 2 * FROM, 2)
        if is_prime(found) and bad % found:
            return found


def _polynomials(phi: PolynomialMap) -> tuple[Any, ...]:
    return (*phi.numerators, *(phi.denominators if phi.rational else ()))


def error_bits(phi: PolynomialMap) -> int:
    """Bits against a rank that is too small, at a random point modulo a random prime.

    The rank is the generic one unless the prime divides a coefficient of a minor that is not zero,
    or the point is a zero of it: with probability at most ``D/b + log_b(H)/M``, for minors of
    degree D with coefficients below H and M primes above b.
    """
    k = len(phi.parameters)
    _, _, rows = phi._known.rows(phi.ring.gens()[:k])
    degrees, sizes = [], []
    for row in rows:
        terms = [(sum(e), c) for p in row.values() for e, c in p.terms()]
        if terms:
            clear = lcm(*(int(c.q) for _, c in terms))
            degrees.append(max(d for d, _ in terms))
            sizes.append(sum(abs(int(c.p)) * (clear // int(c.q)) for _, c in terms).bit_length())
    most = min(k, len(rows))
    degree, height = (sum(sorted(x)[::-1][:most]) for x in (degrees, sizes))
    denominators = lcm(*(int(c.q) for p in _polynomials(phi) for _, c in p.terms())).bit_length()
    chance = degree / FROM + (height + denominators) / (log2(FROM) * MANY)
    return max(floor(-log2(chance)), 0) if chance else 1000
