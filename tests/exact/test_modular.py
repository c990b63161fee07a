"""Primes, Chinese remainders, rational reconstruction."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, isqrt, prod

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from algattn.errors import FieldError
from algattn.exact import crt, is_prime, rational_reconstruction, word_prime
from algattn.exact.modular import primes_below


def test_primes_against_sympy() -> None:
    assert [n for n in range(-5, 2000) if is_prime(n)] == list(sympy.primerange(2000))
    for n in (561, 3215031751, 3825123056546413051, 2**61 - 1, 2**62 - 57, 2**89 - 1):
        assert is_prime(n) == sympy.isprime(n)


def test_word_primes() -> None:
    assert [word_prime(31, k) for k in range(4)] == list(
        sympy.primerange(word_prime(31, 3), 2**31)
    )[::-1]
    assert word_prime(62) < 2**62
    assert list(primes_below(20)) == [19, 17, 13, 11, 7, 5, 3, 2]
    with pytest.raises(FieldError):
        word_prime(3, 4)


@given(st.integers(0, 10**12), st.sets(st.sampled_from([2, 9, 5, 7, 11, 13, 101, 2**31 - 1])))
def test_crt(x: int, moduli: set[int]) -> None:
    mods = sorted(moduli)
    y, m = crt([x % n for n in mods], mods)
    assert m == prod(mods)
    assert y == x % m


def test_crt_refuses_common_factors() -> None:
    with pytest.raises(FieldError, match="coprime"):
        crt([1, 1], [6, 4])
    with pytest.raises(ValueError, match="zip"):
        crt([1], [3, 5])
    assert crt([], []) == (0, 1)
    assert crt([-1], [7]) == (6, 7)


@given(st.integers(-1000, 1000), st.integers(1, 1000))
def test_reconstruction_finds_small_fractions(p: int, q: int) -> None:
    m = 2**31 - 1
    x = Fraction(p, q)
    assert rational_reconstruction(p * pow(q, -1, m) % m, m) == x


@given(st.integers(2, 700), st.integers(0, 10**6))
def test_reconstruction_is_right_or_none(m: int, x: int) -> None:
    found = rational_reconstruction(x, m)
    bound = isqrt((m - 1) // 2)
    fits = {
        Fraction(p, q)
        for q in range(1, bound + 1)
        for p in range(-bound, bound + 1)
        if gcd(q, m) == 1 and (p - x * q) % m == 0
    }
    assert fits == ({found} if found is not None else set())
