"""Both directions of the only door to sympy."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sympy

from algattn.errors import FieldError, RingMismatchError
from algattn.exact import GF, QQ, Field, Matrix, NumberField, PolynomialRing
from algattn.exact.sympy_bridge import (
    matrix_from_sympy,
    matrix_to_sympy,
    number_to_sympy,
    polynomial_from_sympy,
    polynomial_to_sympy,
)

x, y = sympy.symbols("x y")


@pytest.mark.parametrize("field", [QQ, GF(2), GF(101)], ids=str)
def test_polynomials_there_and_back(field: Field) -> None:
    rng = random.Random(1)
    ring = PolynomialRing(field, ("x", "y"))
    for _ in range(20):
        terms = [((rng.randint(0, 3), rng.randint(0, 3)), rng.randint(-50, 50)) for _ in range(5)]
        p = ring.from_terms(terms)
        assert polynomial_from_sympy(ring, polynomial_to_sympy(p)) == p
    assert polynomial_from_sympy(ring, polynomial_to_sympy(ring(0))) == 0
    assert polynomial_from_sympy(ring, sympy.Integer(3)) == 3
    assert polynomial_from_sympy(ring, (x + y) ** 2) == (ring.gens()[0] + ring.gens()[1]) ** 2
    assert polynomial_from_sympy(ring, sympy.Poly(x * y, y, x)) == ring.gens()[0] * ring.gens()[1]


def test_the_expression_is_the_same_polynomial() -> None:
    ring = PolynomialRing(QQ, ("x", "y"))
    a, b = ring.gens()
    p = (a - b * QQ("2/3")) ** 3 - 1
    assert sympy.expand(polynomial_to_sympy(p) - ((x - y * sympy.Rational(2, 3)) ** 3 - 1)) == 0


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        (sympy.sin(x), RingMismatchError),
        (1 / x, RingMismatchError),
        (x ** sympy.Rational(1, 2), RingMismatchError),
        (x + sympy.Symbol("z"), FieldError),
        (x * sympy.sqrt(2), FieldError),
        (x * 0.5, FieldError),
        (sympy.I * x, FieldError),
    ],
    ids=str,
)
def test_what_is_no_polynomial_over_the_field(expression: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"Try: "):
        polynomial_from_sympy(PolynomialRing(QQ, ("x", "y")), expression)


def test_matrices_there_and_back() -> None:
    M = Matrix(QQ, [[1, "1/2", 0], [-3, 4, "7/5"]])
    assert matrix_from_sympy(QQ, matrix_to_sympy(M)) == M
    assert matrix_to_sympy(M) == sympy.Matrix(
        [[1, sympy.Rational(1, 2), 0], [-3, 4, sympy.Rational(7, 5)]]
    )
    assert matrix_from_sympy(GF(7), sympy.Matrix([[8]])) == Matrix(GF(7), [[1]])
    with pytest.raises(FieldError):
        matrix_from_sympy(QQ, sympy.Matrix([[x]]))
    with pytest.raises(FieldError):
        matrix_from_sympy(QQ, sympy.Matrix([[sympy.Float(0.5)]]))


@pytest.mark.parametrize(
    ("modulus", "root"),
    [
        ([-2, 0, 1], 0),
        ([-2, 0, 1], 1),
        ([1, 1, 1], 0),
        ([1, 1, 1], 1),
        ([-2, 0, 0, 1], 2),
        ([1, -3, 0, 1], 1),
    ],
)
def test_algebraic_numbers(modulus: list[int], root: int) -> None:
    K = NumberField(modulus, root)
    a, b = K.theta * 3 - QQ("1/2"), K.theta**2 + 5
    for number in (K.theta, a, b, a * b, a / b):
        theirs = complex(sympy.N(number_to_sympy(K, number), 20))
        ball = K.embed(number)
        assert abs(theirs - complex(float(ball.real.mid()), float(ball.imag.mid()))) < 1e-12
    assert number_to_sympy(K, K.zero) == 0
    assert number_to_sympy(QQ, "-3/7") == sympy.Rational(-3, 7)
    assert number_to_sympy(GF(7), 10) == 3
