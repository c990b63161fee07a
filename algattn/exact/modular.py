"""Primes, matrices modulo a prime, Chinese remaindering and rational reconstruction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, isqrt
from typing import Any

from flint import fmpz, nmod_mat

from algattn.errors import FieldError


def is_prime(n: int) -> bool:
    """Whether `n` is proved to be prime (FLINT's deterministic test).

    >>> is_prime(2**31 - 1), is_prime(561)
    (True, False)
    """
    return n > 1 and bool(fmpz(n).is_prime())


def word_prime(bits: int = 31, skip: int = 0) -> int:
    """The largest prime below ``2**bits``, or the one that comes `skip` primes before it.

    >>> word_prime()
    2147483647
    """
    for p in primes_below(2**bits):
        if skip == 0:
            return p
        skip -= 1
    raise FieldError(f"find a prime below 2**{bits}", "there are not so many", "raise bits")


def primes_below(bound: int) -> Iterator[int]:
    """The primes below `bound`, largest first."""
    n = bound - 1
    while n >= 2:
        if is_prime(n):
            yield n
        n -= 1


def matrix_of(rows: Sequence[Mapping[int, Any]], columns: Sequence[int], prime: int) -> nmod_mat:
    """Some columns of sparse rows modulo a prime.

    >>> matrix_of([{0: 9, 2: 1}, {}], [2, 0], 7).tolist()
    [[1, 2], [0, 0]]
    """
    entries = [int(row.get(j, 0)) for row in rows for j in columns]
    return nmod_mat(len(rows), len(columns), entries, prime)


def echelon(matrix: nmod_mat) -> tuple[nmod_mat, list[int]]:
    """The reduced echelon form, and the columns of its pivots.

    >>> echelon(nmod_mat([[0, 2, 1], [0, 4, 5]], 7))[1]
    [1, 2]
    """
    reduced, rank = matrix.rref()
    pivots: list[int] = []
    j = 0
    for i in range(int(rank)):
        while not int(reduced[i, j]):
            j += 1
        pivots.append(j)
        j += 1
    return reduced, pivots


def crt(residues: Sequence[int], moduli: Sequence[int]) -> tuple[int, int]:
    """The number that leaves the given residues, with the product of the moduli.

    Returns
    -------
    (int, int)
        ``(x, m)`` with ``0 <= x < m`` and ``x = r`` modulo each (coprime) modulus.

    >>> crt([2, 3], [5, 7])
    (17, 35)
    """
    x, m = 0, 1
    for r, n in zip(residues, moduli, strict=True):
        if gcd(m, n) != 1:
            raise FieldError("combine residues", f"{n} is not coprime to {m}", "use other moduli")
        x += m * (((r - x) * pow(m, -1, n)) % n)
        m *= n
    return x % m, m


def rational_reconstruction(x: int, m: int) -> Fraction | None:
    """The fraction with ``2 max(numerator, denominator)^2 < m`` that is `x` modulo `m`.

    Returns
    -------
    Fraction or None
        None when there is no such fraction; when there is one, it is the only one.

    >>> rational_reconstruction(pow(7, -1, 10007) * 3 % 10007, 10007)
    Fraction(3, 7)
    """
    bound = isqrt((m - 1) // 2)
    r0, r1, s0, s1 = m, x % m, 0, 1
    while r1 > bound:
        q = r0 // r1
        r0, r1, s0, s1 = r1, r0 - q * r1, s1, s0 - q * s1
    if s1 == 0 or abs(s1) > bound or gcd(r1, abs(s1)) != 1:
        return None
    return Fraction(r1, s1)
