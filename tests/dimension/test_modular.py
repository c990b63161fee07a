"""Exact ranks modulo a word prime, against FLINT."""

from __future__ import annotations

import numpy as np
import pytest
from flint import nmod_mat

from algattn.dimension.modular import (
    DEFAULT_PRIME,
    MAX_PRIME,
    Residues,
    check_prime,
    inverse_mod,
    matmul_mod,
    profile_mod,
    rank_mod,
    reduce_mod,
)


def low_rank(residues, rows, columns, rank):
    left, right = residues.draw(rows, rank) % 1000, residues.draw(rank, columns) % 1000
    return left @ right


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (40, 70, 13), (130, 90, 90), (200, 150, 61), (90, 90, 0)]
)
def test_rank_agrees_with_flint(shape):
    matrix = low_rank(Residues(3), *shape)
    reference = nmod_mat((matrix % DEFAULT_PRIME).tolist(), DEFAULT_PRIME).rank()
    assert rank_mod(matrix) == rank_mod(-matrix) == profile_mod(matrix).rank == reference


def test_profile_is_an_invertible_minor_and_lexicographically_first():
    matrix = low_rank(Residues(5), 90, 50, 20)
    matrix[3] = matrix[1] + matrix[2]
    matrix[0] = 0
    found = profile_mod(matrix)
    assert 0 not in found.rows
    assert 3 not in found.rows
    assert found.rows == (1, 2, *range(4, 22))
    minor = matrix[np.ix_(found.rows, found.columns)] % DEFAULT_PRIME
    assert nmod_mat(minor.tolist(), DEFAULT_PRIME).rank() == 20


def test_long_products_are_exact():
    residues = Residues(7)
    a, b = residues.floats(3, 1000), residues.floats(1000, 2)
    whole = [x.astype(np.int64).astype(object) for x in (a, b)]
    exact = (whole[0] @ whole[1]) % DEFAULT_PRIME
    assert (matmul_mod(a, b, DEFAULT_PRIME).astype(np.int64) % DEFAULT_PRIME == exact).all()


def test_inverse():
    x = Residues(9).floats(50)
    assert (reduce_mod(x * inverse_mod(x, DEFAULT_PRIME), DEFAULT_PRIME) == (x != 0)).all()


def test_residues_are_reproducible():
    assert Residues(1).draw(3).tolist() == Residues(1).draw(3).tolist()
    assert Residues(1).draw(2, 3).shape == (2, 3)


@pytest.mark.parametrize("prime", [DEFAULT_PRIME - 2, 101, MAX_PRIME + 9, 2**22 - 1])
def test_bad_primes(prime):
    with pytest.raises(ValueError, match="prime"):
        check_prime(prime)


def test_floats_and_vectors_are_refused():
    with pytest.raises(ValueError, match="matrix"):
        rank_mod(np.ones(3, dtype=np.int64))
    with pytest.raises(ValueError, match="integer"):
        rank_mod(np.ones((3, 3), dtype=np.float32))
