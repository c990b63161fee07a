"""Polynomial rings over QQ and GF(p) against sympy."""

from __future__ import annotations

import pickle
import random
from typing import Any

import pytest
import sympy

from algattn.errors import FieldError, InputError, RingMismatchError, ShapeError
from algattn.exact import GF, QQ, Field, NumberField, Polynomial, PolynomialRing
from algattn.exact.sympy_bridge import polynomial_to_sympy

NAMES = ("x", "y", "z_1_12")
PRIMES = [QQ, GF(2), GF(101), GF(2**31 - 1)]


@pytest.fixture(params=PRIMES, ids=str)
def ring(request: pytest.FixtureRequest) -> PolynomialRing:
    return PolynomialRing(request.param, NAMES)


def draw(ring: PolynomialRing, rng: random.Random, terms: int = 4) -> Polynomial:
    def coefficient() -> Any:
        n = rng.randint(-9, 9)
        return QQ(n) / rng.choice([1, 3, 5]) if ring.field == QQ else n

    return ring.from_terms(
        (tuple(rng.randint(0, 2) for _ in ring.names), coefficient()) for _ in range(terms)
    )


def as_poly(p: Polynomial) -> Any:
    gens = sympy.symbols(list(p.ring.names))
    prime = p.ring.field.characteristic
    domain = sympy.GF(prime, symmetric=False) if prime else sympy.QQ
    terms = {e: sympy.Rational(str(p.ring.field.to_python(c))) for e, c in p.terms()}
    return sympy.Poly(terms or {(0,) * len(gens): 0}, *gens, domain=domain)


def test_arithmetic_against_sympy(ring: PolynomialRing) -> None:
    rng = random.Random(1)
    for _ in range(25):
        p, q = draw(ring, rng), draw(ring, rng)
        assert as_poly(p + q) == as_poly(p) + as_poly(q)
        assert as_poly(p - q) == as_poly(p) - as_poly(q)
        assert as_poly(p * q) == as_poly(p) * as_poly(q)
        assert as_poly(-p) == -as_poly(p)
        assert as_poly(p**3) == as_poly(p) ** 3
        assert as_poly(2 * p + 1 - 3) == 2 * as_poly(p) - 2
        assert as_poly(1 - p) == 1 - as_poly(p)
        for name in ring.names:
            theirs = as_poly(p).diff(sympy.Symbol(name)).as_expr()  # keeps zero terms as a Poly
            assert as_poly(p.derivative(name)).as_expr() == theirs


def test_division_gcd_factor(ring: PolynomialRing) -> None:
    rng = random.Random(2)
    for _ in range(10):
        p, q, r = (draw(ring, rng, 3) + ring.gens()[0] for _ in range(3))
        if not (p and q and r):
            continue
        assert (p * q).divide(q) == p
        assert (p * q + 1).divide(q) is None or q.degree() <= 0
        common = (p * q).gcd(p * r)
        assert common.divide(p) is not None
        assert (p * q).divide(common) is not None
        constant, factors = (p * q * q).factor()
        product = ring(1)
        for f, m in factors:
            product = product * f**m
        scale = constant if ring.field == QQ else int(constant)
        assert product * scale == p * q * q
        assert sum(m * f.degree() for f, m in factors) == (p * q * q).degree()


def test_evaluate_and_compose(ring: PolynomialRing) -> None:
    rng = random.Random(3)
    x, y, z = ring.gens()
    for _ in range(10):
        p, q = draw(ring, rng), draw(ring, rng)
        point = [ring.field(rng.randint(-5, 5)) for _ in ring.names]
        assert p(*point) + q(*point) == (p + q)(*point)
        assert p(*point) * q(*point) == (p * q)(*point)
        substituted = p.compose(x + y, q, z)
        assert substituted(*point) == p(point[0] + point[1], q(*point), point[2])
    assert x(*[ring.field(n) for n in (3, 4, 5)]) == 3


def test_terms_round_trips(ring: PolynomialRing) -> None:
    rng = random.Random(4)
    for _ in range(10):
        p = draw(ring, rng)
        assert ring.from_terms(p.terms()) == p
        assert ring(dict(p.terms())) == p
        again = pickle.loads(pickle.dumps(p))
        assert again == p
        assert hash(again) == hash(p)
        assert PolynomialRing.from_data(ring.to_data()) == ring
        assert len(p) == len(list(p.terms()))
        assert bool(p) == (len(p) > 0)
    assert ring.from_terms([((1, 0, 0), 1), ((1, 0, 0), -1)]) == 0
    assert ring(5) == 5
    assert hash(ring(0)) == hash(0)
    assert hash(ring(1)) == hash(1)
    assert ring.gen("y") == ring.gens()[1]
    assert (ring(3) == ring.gens()[0]) is False


def test_degree_follows_the_weights() -> None:
    R = PolynomialRing(QQ, ("x", "y"), weights=(2, 5))
    x, y = R.gens()
    assert (x**3 + y).degree() == 6
    assert (x + y).degree() == 5
    assert R(0).degree() == -1
    assert R(7).degree() == 0


@pytest.mark.parametrize(
    ("order", "first"), [("lex", "x"), ("deglex", "x*z^2"), ("degrevlex", "y^3")]
)
def test_orders(order: str, first: str) -> None:
    R = PolynomialRing(QQ, ("x", "y", "z"), order=order)
    x, y, z = R.gens()
    p = x + y**3 + x * z**2 if order != "lex" else x + y**3 + z**4
    leading = R.from_terms([next(iter(p.terms()))])
    assert str(leading) == first


def test_latex() -> None:
    R = PolynomialRing(QQ, ("a_1_2", "v_1_12"))
    a, v = R.gens()
    assert (a**2 * v * QQ("1/2") - 1).latex() == (r"\tfrac{1}{2} a_{12}^{2} v_{1,12} - 1")
    assert (-a).latex() == "-a_{12}"
    assert R(0).latex() == "0"
    assert polynomial_to_sympy(a) == sympy.Symbol("a_1_2")


def test_refusals(ring: PolynomialRing) -> None:
    x = ring.gens()[0]
    with pytest.raises(TypeError):
        x + 0.5
    with pytest.raises(FieldError):
        ring(0.5)
    with pytest.raises(ShapeError):
        x(1, 2)
    for exponents in ((1, 2), (1, 2, -1), (1, 2, 3.0), (1, 2, True), (1, 2, 3, 4)):
        with pytest.raises(ShapeError):
            ring.from_terms([(exponents, 1)])
    other = PolynomialRing(GF(7), NAMES).gens()[0]
    for combine in (lambda: x + other, lambda: x * other, lambda: ring(other)):
        with pytest.raises(RingMismatchError):
            combine()
    assert x != other
    with pytest.raises(ZeroDivisionError):
        x.divide(ring(0))


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((QQ, ("x", "x")), InputError),
        ((QQ, ("x y",)), InputError),
        ((QQ, ("1x",)), InputError),
        ((QQ, ("__import__('os')",)), InputError),
        ((QQ, ("x",), "grevlex"), InputError),
        ((QQ, ("x",), "lex", (1, 2)), ShapeError),
        ((NumberField([-2, 0, 1], 1), ("x",)), FieldError),
    ],
    ids=str,
)
def test_bad_rings(arguments: tuple[Field, Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=r"Try: "):
        PolynomialRing(*arguments)
