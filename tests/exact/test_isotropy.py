"""Zeros of quadratic forms against brute force, local counts and theorems with known answers."""

from __future__ import annotations

import random
from itertools import product

import pytest

from algattn.errors import UndecidedError
from algattn.exact import GF, QQ, Matrix, NumberField
from algattn.exact.isotropy import Anisotropic, isotropic_subspace, isotropic_vector
from algattn.exact.quadratic_forms import (
    hilbert_symbol,
    is_isotropic_at,
    is_local_square,
    prime_divisors,
)

LARGE = (10**31 + 33, 10**31 + 57)


def diagonal(values: list[int]) -> Matrix:
    return Matrix(
        QQ, [[x if i == j else 0 for j in range(len(values))] for i, x in enumerate(values)]
    )


def has_zero(S: Matrix) -> bool:
    try:
        x = Matrix(S.field, [isotropic_vector(S)])
    except Anisotropic:
        return False
    assert x
    assert not x @ S @ x.T
    return True


def has_primitive_zero(values: list[int], p: int, k: int) -> bool:
    """Whether there is a zero modulo p^k with an entry prime to p, by looking at all."""
    q = p**k
    squares = [[(a * x * x) % q for x in range(q)] for a in values]
    units = [x for x in range(q) if x % p]
    for place in range(len(values)):
        rest = [s for i, s in enumerate(squares) if i != place]
        sums = {0}
        for s in rest:
            sums = {(a + b) % q for a in sums for b in s}
        if any(-squares[place][x] % q in sums for x in units):
            return True
    return False


@pytest.mark.parametrize(("p", "k"), [(2, 5), (3, 3), (5, 3)])
def test_local_zeros_against_all_residues(p: int, k: int) -> None:
    """Entries have valuation at most one: zeros modulo these powers lift (Hensel)."""
    rng = random.Random(f"local {p}")
    for _ in range(60):
        n = rng.randint(2, 4)
        values = [rng.choice([1, p]) * rng.choice([-7, -3, -1, 1, 2, 3, 5, 11]) for _ in range(n)]
        values = [v if v % p**2 else v // p for v in values]
        assert is_isotropic_at(values, p) == has_primitive_zero(values, p, k), (values, p)


def test_legendre() -> None:
    """a x^2 + b y^2 = c z^2, squarefree, coprime: Legendre's theorem by residues."""
    rng = random.Random(3)
    squarefree = [1, 2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17, 19, 21, 22, 23]
    tried = 0
    while tried < 80:
        a, b, c = (rng.choice(squarefree) for _ in range(3))
        if any(x % p == y % p == 0 for p in (2, 3, 5, 7, 11) for x, y in ((a, b), (b, c), (a, c))):
            continue
        tried += 1
        right = all(
            any((x * x - r) % m == 0 for x in range(m))
            for r, m in ((b * c, a), (a * c, b), (-a * b, c))
        )
        assert has_zero(diagonal([a, b, -c])) == right, (a, b, c)


def test_hilbert_symbols_have_product_one() -> None:
    rng = random.Random(5)
    for _ in range(200):
        a, b = (rng.choice([-1, 1]) * rng.randint(1, 500) for _ in range(2))
        places = [0, 2, *(p for p in prime_divisors(a * b) if p > 2)]
        total = 1
        for p in places:
            total *= hilbert_symbol(a, b, p)
        assert total == 1


def test_forms_with_a_planted_subspace() -> None:
    rng = random.Random(11)
    for field, sizes in ((QQ, (2, 3, 4, 6)), (GF(7), (2, 3, 6)), (GF(11), (4, 5))):
        for n in sizes:
            for w in range(1, n // 2 + 1):
                rows = [[field.zero] * n for _ in range(n)]
                for i in range(n):
                    for j in range(max(i, w), n):  # zero on the first w coordinates
                        rows[i][j] = rows[j][i] = field(rng.randint(-9, 9))
                T = Matrix(
                    field, [[rng.randint(-2, 2) + 5 * (i == j) for j in range(n)] for i in range(n)]
                )
                S = T.T @ Matrix(field, rows) @ T
                if S.rank() < n or T.rank() < n:
                    continue
                found, reason = isotropic_subspace(S, w)
                U = Matrix(field, found)
                assert reason is None
                assert U.rank() == w
                assert not U @ S @ U.T


def test_denials_say_where() -> None:
    for values, place in (([1, 1, -3], "2-adic"), ([1, 1, 1], "definite"), ([1, -2], "no square")):
        with pytest.raises(Anisotropic, match=place):
            isotropic_vector(diagonal(values))
    assert isotropic_subspace(diagonal([1, 1, -3, 1, -1]), 2)[1] is not None
    for x, y, z in product(range(-12, 13), repeat=3):  # and indeed there is none in a box
        assert (x, y, z) == (0, 0, 0) or x * x + y * y != 3 * z * z


def test_what_is_undecided() -> None:
    with pytest.raises(UndecidedError, match="could not factor the 63-digit number"):
        isotropic_vector(diagonal([1, 1, -LARGE[0] * LARGE[1]]))
    assert has_zero(diagonal([1, 2, 3, -5, LARGE[0] * LARGE[1]]))  # five: no number is factored
    K = NumberField([-2, 0, 1], 1)
    S = Matrix(K, [[1, 0, 0], [0, 1, 0], [0, 0, -3]])
    with pytest.raises(UndecidedError):
        isotropic_vector(S)
    assert has_zero(Matrix(K, [[1, 0], [0, -2]]))
    assert not has_zero(Matrix(K, [[1, 0], [0, -3]]))


def test_squares_of_the_p_adic_numbers() -> None:
    assert [p for p in (0, 2, 3, 5, 7) if is_local_square(17, p)] == [0, 2]
    assert is_local_square(-7, 2)
    assert not is_local_square(18, 3)
    assert is_local_square("9/4", 5)
