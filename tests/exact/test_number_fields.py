"""Number fields: arithmetic against sympy, roots in order, signs, square roots."""

from __future__ import annotations

import math
import pickle
import random
from typing import Any

import pytest
import sympy

from algattn.errors import FieldError, InputError
from algattn.exact import GF, QQ, NumberField, field_from_data
from algattn.exact.roots import square_root
from algattn.exact.sympy_bridge import number_to_sympy
from algattn.fibers.layer_invariants import sign, squarefree_part

MODULI = [[-2, 0, 1], [1, 1, 1], [-2, 0, 0, 1], [1, -3, 0, 1], [-1, -1, 0, 0, 0, 1], ["-1/2", 0, 3]]
REAL_ROOTS = {0: 2, 1: 0, 2: 1, 3: 3, 4: 1, 5: 2}


@pytest.mark.parametrize("n", range(len(MODULI)))
def test_roots_are_the_roots_in_order(n: int) -> None:
    degree = len(MODULI[n]) - 1
    fields = [NumberField(MODULI[n], root) for root in range(degree)]
    values = [complex(float(K.ball().real.mid()), float(K.ball().imag.mid())) for K in fields]
    x = sympy.Symbol("x")
    poly = sympy.Poly(sum(sympy.Rational(str(c)) * x**k for k, c in enumerate(MODULI[n])), x)
    theirs = [complex(r) for r in poly.nroots(20)]
    for ours in values:
        assert min(abs(ours - r) for r in theirs) < 1e-9
    assert len({(round(v.real, 6), round(v.imag, 6)) for v in values}) == degree
    real = [K.is_real for K in fields]
    assert real == [True] * REAL_ROOTS[n] + [False] * (degree - REAL_ROOTS[n])
    assert values[: REAL_ROOTS[n]] == sorted(values[: REAL_ROOTS[n]], key=lambda v: v.real)
    for K in fields:
        total: Any = K.zero
        for k, c in enumerate(MODULI[n]):
            total = total + K.theta**k * QQ(c)
        assert total == 0
        assert K.degree == degree
        assert K.modulus[-1] == 1


@pytest.mark.parametrize("n", range(len(MODULI)))
def test_arithmetic_against_embeddings(n: int) -> None:
    rng = random.Random(n)
    for root in range(len(MODULI[n]) - 1):
        K = NumberField(MODULI[n], root)
        for _ in range(8):
            a, b = (K([rng.randint(-5, 5) for _ in range(K.degree)]) for _ in range(2))
            for ours, theirs in (
                (a + b, K.embed(a) + K.embed(b)),
                (a * b, K.embed(a) * K.embed(b)),
                (a - 3, K.embed(a) - 3),
                (2 - a, 2 - K.embed(a)),
            ):
                assert K.embed(ours).overlaps(theirs)
            if b != 0:
                assert (a / b) * b == a
                assert (1 / b) * b == 1
                assert b**-3 * b**3 == 1


def test_sign_is_the_sign_of_the_embedding() -> None:
    rng = random.Random(5)
    for modulus, roots in (([-2, 0, 1], 2), ([1, -3, 0, 1], 3)):
        for root in range(roots):
            K = NumberField(modulus, root)
            for _ in range(30):
                x = K([rng.randint(-9, 9) for _ in range(K.degree)])
                value = float(K.embed(x).real.mid())
                if abs(value) > 1e-9:
                    assert K.sign(x) == sign(K, x) == math.copysign(1, value)
                    assert K.sign(-x) == -K.sign(x)
            assert K.sign(0) == 0


def test_sign_of_numbers_next_to_zero() -> None:
    K = NumberField([-2, 0, 1], 1)
    p, q = 1, 1
    for n in range(1, 200):  # convergents of sqrt 2 lie on alternating sides
        assert K.sign(K.theta * q - p) == (1 if n % 2 else -1)
        p, q = p + 2 * q, p + q
    assert q > 10**70
    with pytest.raises(FieldError, match="not real"):
        NumberField([1, 0, 1], 0).sign(NumberField([1, 0, 1], 0).theta)
    with pytest.raises(FieldError, match="not an ordered field"):
        sign(GF(7), GF(7)(3))
    assert [sign(QQ, QQ(x)) for x in ("-1/2", 0, 5)] == [-1, 0, 1]


@pytest.mark.parametrize(
    "modulus", [[-2, 0, 1], [3, 0, 1], [1, 1, 1], [-2, 0, 0, 1], [1, -3, 0, 1], [-1, -1, 0, 0, 1]]
)
def test_square_roots(modulus: list[int]) -> None:
    rng = random.Random(str(modulus))
    K = NumberField(modulus, 0)
    for _ in range(12):
        y = K([rng.randint(-4, 4) for _ in range(K.degree)])
        w = square_root(K, y * y)
        assert w is not None
        assert w * w == y * y
    missing = 0
    for _ in range(12):
        x = K([rng.randint(-4, 4) for _ in range(K.degree)])
        w = square_root(K, x)
        if w is not None:
            assert w * w == x
            continue
        missing += 1
        if K.degree == 2:
            root = sympy.sqrt(modulus[1] ** 2 - 4 * modulus[0])
            minus = -sympy.expand(number_to_sympy(K, x))
            assert sympy.Poly([1, 0, minus], sympy.Symbol("s"), extension=[root]).is_irreducible
    assert missing


def test_rational_square_roots_and_squarefree_parts() -> None:
    assert square_root(QQ, "9/4") == QQ("3/2")
    assert square_root(QQ, 0) == 0
    assert square_root(QQ, 2) is None
    assert square_root(QQ, -4) is None
    rng = random.Random(2)
    for _ in range(200):
        x = QQ(rng.choice([-1, 1]) * rng.randint(1, 500)) / rng.randint(1, 500)
        D, f = squarefree_part(x)
        assert f * f * D == x
        assert f > 0
        assert all(D % (k * k) for k in range(2, 30))


def test_minimal_polynomials_are_checked() -> None:
    for modulus, match in (
        ([-4, 0, 1], "reducible"),
        ([1, 2, 1], "reducible"),
        ([5], "unfit"),
        ([], "unfit"),
        ([1, 0], "unfit"),
        ([1] + [0] * 70 + [1], "unfit"),
    ):
        with pytest.raises(FieldError, match=match):
            NumberField(modulus)
    for root in (-1, 2):
        with pytest.raises(FieldError, match="no root number"):
            NumberField([-2, 0, 1], root)
    with pytest.raises(FieldError, match="float"):
        NumberField([-2.0, 0, 1])


@pytest.mark.parametrize(
    "data",
    [
        {"modulus": [-2, 0, 1]},
        {"modulus": [-2, 0, 1], "root": True},
        {"modulus": [-2, 0, 1], "root": "1"},
        {"modulus": [-2, 0, 1], "root": 1, "x": 1},
        {"modulus": 5, "root": 1},
        {"modulus": [-4, 0, 1], "root": 1},
        {"modulus": [0.5, 0, 1], "root": 1},
    ],
)
def test_bad_data(data: Any) -> None:
    with pytest.raises((FieldError, InputError), match=r"Try: "):
        field_from_data(data)


def test_conjugates_are_different_fields() -> None:
    K, L = NumberField([-2, 0, 1], 0), NumberField([-2, 0, 1], 1)
    assert K != L
    assert K.theta != L.theta
    assert NumberField([-4, 0, 2], 1) == L
    with pytest.raises(FieldError):
        K.theta + L.theta
    with pytest.raises(FieldError):
        K(L.theta)
    assert pickle.loads(pickle.dumps(L.theta / 3)) == L.theta / 3
    assert repr(L.theta - QQ("1/2")) == "-1/2 + θ"
