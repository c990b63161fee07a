"""Matrices over every field: rank, kernel, solve, determinant, inverse against other routes."""

from __future__ import annotations

import pickle
import random
from itertools import combinations, permutations, product
from math import prod
from typing import Any

import pytest
import sympy

from algattn.errors import FieldError, RingMismatchError, ShapeError
from algattn.exact import GF, QQ, Field, Matrix


def leibniz(m: Matrix) -> Any:
    """The determinant by its definition."""
    total = m.field.zero
    n = m.shape[0]
    for p in permutations(range(n)):
        term = m.field.one
        for i in range(n):
            term = term * m[i, p[i]]
        odd = sum(p[i] > p[j] for i, j in combinations(range(n), 2)) % 2
        total = total - term if odd else total + term
    return total


def rank_by_minors(m: Matrix) -> int:
    rows, columns = m.shape
    for size in range(min(rows, columns), 0, -1):
        for r in combinations(range(rows), size):
            for c in combinations(range(columns), size):
                if leibniz(Matrix(m.field, [[m[i, j] for j in c] for i in r])) != 0:
                    return size
    return 0


SHAPES = [(1, 1), (2, 2), (3, 3), (2, 4), (4, 2), (3, 2), (1, 4), (4, 1)]


@pytest.mark.parametrize("shape", SHAPES)
def test_rank_kernel_rref(field: Field, draw: Any, shape: tuple[int, int]) -> None:
    m, n = shape
    for low in (False, True, False):
        A = Matrix(field, draw.rows(m, n))
        if low:
            A = Matrix(field, draw.rows(m, 1)) @ Matrix(field, draw.rows(1, n))
        r = A.rank()
        assert r == rank_by_minors(A) == A.T.rank() == (A @ Matrix.identity(field, n)).rank()
        kernel = A.kernel()
        assert kernel.shape == (n, n - r)
        assert kernel.rank() == n - r
        assert not (A @ kernel)
        reduced, pivots = A.rref()
        assert len(pivots) == r
        for i, row in enumerate(reduced.rows):
            if i >= r:
                assert not any(x != 0 for x in row)
                continue
            assert row[pivots[i]] == 1
            assert not any(x != 0 for x in row[: pivots[i]])
            assert [reduced[k, pivots[i]] == 0 for k in range(m)].count(False) == 1
        assert reduced.rank() == r
        assert not (reduced @ kernel)


@pytest.mark.parametrize("shape", SHAPES)
def test_solve(field: Field, draw: Any, shape: tuple[int, int]) -> None:
    m, n = shape
    A = Matrix(field, draw.rows(m, n))
    x = Matrix(field, draw.rows(n, 2))
    found = A.solve(A @ x)
    assert found is not None
    assert A @ found == A @ x
    b = Matrix(field, draw.rows(m, 1))
    joined = Matrix(field, [[*r, *s] for r, s in zip(A.rows, b.rows, strict=True)])
    assert (A.solve(b) is None) == (joined.rank() > A.rank())


@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_determinant_and_inverse(field: Field, draw: Any, n: int) -> None:
    singular = 0
    for _ in range(6):
        A, B = (Matrix(field, draw.rows(n, n), (n, n)) for _ in range(2))
        assert A.det() == leibniz(A)
        assert (A @ B).det() == A.det() * B.det()
        assert A.T.det() == A.det()
        if A.det() != 0:
            assert A @ A.inverse() == Matrix.identity(field, n) == A.inverse() @ A
        else:
            singular += 1
            assert A.rank() < n
            with pytest.raises(FieldError, match="singular"):
                A.inverse()
    Z = Matrix.zeros(field, 2, 2)
    with pytest.raises(FieldError, match="singular"):
        Z.inverse()


def test_ring_laws(field: Field, draw: Any) -> None:
    for _ in range(5):
        A, B = (Matrix(field, draw.rows(2, 3)) for _ in range(2))
        C = Matrix(field, draw.rows(3, 2))
        c = draw.element()
        assert (A + B) @ C == A @ C + B @ C
        assert Matrix.zeros(field, 2, 3) == A - A
        assert not (A - A)
        assert (A @ C).T == C.T @ A.T
        assert c * A == A * c
        assert (c * A) @ C == c * (A @ C)
        assert A.T.T == A
        expected = [
            [sum((A[i, k] * C[k, j] for k in range(3)), field.zero) for j in range(2)]
            for i in range(2)
        ]
        assert (A @ C).rows == expected


def test_against_sympy() -> None:
    rng = random.Random(3)
    for m, n in product((2, 3, 5), repeat=2):
        rows = [
            [sympy.Rational(rng.randint(-4, 4), rng.randint(1, 5)) for _ in range(n)]
            for _ in range(m)
        ]
        ours, theirs = Matrix(QQ, rows), sympy.Matrix(rows)
        assert ours.rank() == theirs.rank()
        reduced, pivots = theirs.rref()
        assert ours.rref() == (Matrix(QQ, reduced.tolist()), list(pivots))
        if m == n:
            assert ours.det() == QQ(theirs.det())
            if theirs.det() != 0:
                assert ours.inverse() == Matrix(QQ, theirs.inv().tolist())


def test_empty_shapes(field: Field) -> None:
    tall, wide = Matrix(field, [[], []], (2, 0)), Matrix(field, [], (0, 3))
    assert tall.rank() == wide.rank() == 0
    assert tall.T.shape == (0, 2)
    assert wide.T.shape == (3, 0)
    assert (tall @ Matrix(field, [], (0, 3))) == Matrix.zeros(field, 2, 3)
    assert wide.kernel() == Matrix.identity(field, 3)
    assert tall.kernel().shape == (0, 0)
    assert Matrix(field, [], (0, 0)).det() == 1


def test_round_trips(field: Field, draw: Any) -> None:
    A = Matrix(field, draw.rows(3, 2))
    assert Matrix(field, A.to_data()) == A
    assert Matrix(field, A.tolist()) == A
    again = pickle.loads(pickle.dumps(A))
    assert again == A
    assert hash(again) == hash(A)
    product_ = A @ Matrix.identity(field, 2)  # made by FLINT where FLINT has the field
    assert product_ == A
    assert hash(product_) == hash(A)
    assert pickle.loads(pickle.dumps(product_)) == A
    assert A[2, 1] == A.row(2)[1] == A.column(1)[2]


def test_huge_rational_rank() -> None:
    """Entries with denominators that share nothing."""
    rng = random.Random(1)
    rows = [[QQ(rng.randint(1, 10**9)) / rng.randint(1, 10**9) for _ in range(6)] for _ in range(4)]
    low = [*rows, [sum((r[j] for r in rows), QQ(0)) for j in range(6)]]
    assert Matrix(QQ, low).rank() == 4
    assert Matrix(GF(2**31 - 1), low).rank() == 4


def test_misfits(field: Field) -> None:
    A = Matrix.zeros(field, 2, 3)
    other = Matrix.zeros(GF(7), 2, 3)
    with pytest.raises(ShapeError):
        Matrix(field, [[1, 0], [1]])
    with pytest.raises(ShapeError):
        Matrix(field, [[1, 0]], (2, 1))
    with pytest.raises(ShapeError):
        A @ A
    with pytest.raises(ShapeError):
        A + A.T
    with pytest.raises(ShapeError):
        A.det()
    with pytest.raises(ShapeError):
        A.solve(Matrix.zeros(field, 3, 1))
    with pytest.raises(FieldError):
        A.inverse()
    with pytest.raises(FieldError):
        Matrix(field, [[0.5]])
    for combine in (lambda: A + other, lambda: A @ other.T, lambda: A.solve(other)):
        with pytest.raises(RingMismatchError):
            combine()
    assert other != A
    assert prod(A.shape) == 6


@pytest.mark.parametrize("field", [QQ, GF(7)], ids=repr)
def test_solve_of_square_systems_agrees_with_elimination(field: Field) -> None:
    A = Matrix(field, [[2, 1, 0], [1, 1, 1], [0, 3, 1]])
    right = Matrix(field, [[1, 2], [3, 4], [5, 6]])
    tall = Matrix(field, [*A.rows, A.rows[0]])  # the same equations, by elimination
    again = Matrix(field, [*right.rows, right.rows[0]])
    assert A.solve(right) == tall.solve(again)
    assert A @ A.inverse() == Matrix.identity(field, 3)
    low = Matrix(field, [[1, 2, 3], [2, 4, 6], [1, 1, 1]])  # singular, solvable or not
    assert low @ low.solve(low @ right) == low @ right
    assert low.solve(Matrix(field, [[1], [1], [1]])) is None
    with pytest.raises(FieldError):
        low.inverse()
