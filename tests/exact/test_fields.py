"""One property suite over every field: axioms, conversions, refusals, text, pickles."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from flint import fmpq, fmpz, nmod
from hypothesis import given
from hypothesis import strategies as st

from algattn.errors import FieldError, InputError
from algattn.exact import GF, QQ, Field, NumberField, field_from_data
from algattn.exact.fields import parse_rational


def test_axioms(field: Field, draw: Any) -> None:
    zero, one = field.zero, field.one
    assert zero != one
    for _ in range(60):
        a, b, c = draw.element(), draw.element(), draw.unit()
        assert a + b == b + a
        assert a * b == b * a
        assert (a + b) + c == a + (b + c)
        assert (a * b) * c == a * (b * c)
        assert a * (b + c) == a * b + a * c
        assert a + zero == a
        assert a * one == a
        assert a * zero == zero
        assert a + (-a) == zero
        assert a - b == a + (-b)
        assert c * (one / c) == one
        assert (a / c) * c == a
        assert c**3 == c * c * c
        assert c**0 == one
        assert c**-2 == one / (c * c)


def test_characteristic(field: Field) -> None:
    p = field.characteristic
    assert p in {0, 2, 101, 2**31 - 1}
    if p:
        assert field(p) == field.zero
        assert field(p + 1) == field.one
        assert field.one * (p - 1) == -field.one
    else:
        assert all(field(n) != 0 for n in (2, 101, 2**31 - 1))


def test_division_by_zero(field: Field) -> None:
    with pytest.raises(ZeroDivisionError):
        field.one / field.zero


def test_whole_numbers_arrive_as_a_ring_map(field: Field) -> None:
    for m in (-7, 0, 1, 12, 2**70):
        for n in (-3, 5, 2**65 + 1):
            assert field(m) + field(n) == field(m + n)
            assert field(m) * field(n) == field(m * n)


@pytest.mark.parametrize(
    "spelling",
    [
        "9/35",
        " 9/35 ",
        "+9/35",
        "18/70",
        Fraction(9, 35),
        fmpq(9, 35),
        sympy.Rational(9, 35),
    ],
    ids=repr,
)
def test_all_spellings_of_a_fraction_agree(field: Field, spelling: Any) -> None:
    assert field(spelling) == field(9) / field(35)


@pytest.mark.parametrize(
    "spelling",
    [5, "5", "+5", fmpz(5), fmpq(5), np.int64(5), np.uint8(5), sympy.Integer(5), Fraction(5)],
    ids=lambda x: type(x).__name__ + repr(x),
)
def test_all_spellings_of_five_agree(field: Field, spelling: Any) -> None:
    assert field(spelling) == field(2) + field(3)


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        1.0,
        float("nan"),
        float("inf"),
        float("-inf"),
        np.float64(0.5),
        np.float32(2.0),
        True,
        False,
        np.True_,
        None,
        1j,
        "",
        "0.5",
        "1e3",
        "1/0",
        "1/-2",
        "--1",
        "1/2/3",
        "nan",
        "x",
        "1_000",
        "\u0661",
        "0x10",
        "1 / 2",
        b"1",
        [[1]],
        {"a": 1},
        object(),
        sympy.Symbol("x"),
        sympy.sqrt(2),
        sympy.Float(0.5),
    ],
    ids=lambda x: type(x).__name__ + repr(x)[:20],
)
def test_what_is_not_exact_is_refused(field: Field, value: Any) -> None:
    with pytest.raises(FieldError, match=r": .*Try: "):
        field(value)


def test_a_refused_float_shows_its_exact_spelling() -> None:
    with pytest.raises(FieldError, match=r'"1/3"'):
        QQ(1 / 3)
    with pytest.raises(FieldError, match=r"1/10.*Fraction\(0.1\)"):
        QQ(0.1)


def test_numbers_of_another_field_are_refused(field: Field) -> None:
    others: list[Any] = [nmod(1, 7), NumberField([-3, 0, 1], 1).theta]
    for other in others:
        with pytest.raises(FieldError):
            field(other)


def test_format_and_parse(field: Field, draw: Any) -> None:
    for _ in range(60):
        x = draw.element()
        data = json.loads(json.dumps(field.format(x)))
        assert field(data) == x
        assert field.format(field(data)) == field.format(x)
        y = field.to_python(x)
        assert field(y) == x
        if not isinstance(field, NumberField):
            assert type(y) in {int, Fraction}


def test_large_numbers_survive_text() -> None:
    x = QQ(3) ** 12000 / QQ(2) ** 9000
    assert QQ(QQ.format(x)) == x
    assert QQ(QQ.format(QQ(2**53))) == 2**53
    assert isinstance(QQ.format(QQ(2**53)), str)
    assert QQ.format(QQ(2**53 - 1)) == 2**53 - 1


def test_field_data(field: Field) -> None:
    data = json.loads(json.dumps(field.to_data()))
    assert field_from_data(data) == field
    assert hash(field_from_data(data)) == hash(field)


def test_pickle(field: Field, draw: Any) -> None:
    again = pickle.loads(pickle.dumps(field))
    assert again == field
    if isinstance(field, NumberField):
        x = draw.unit() + field.theta
        assert pickle.loads(pickle.dumps(x)) == x


def test_equal_elements_have_equal_hashes(field: Field, draw: Any) -> None:
    if isinstance(field, NumberField):
        for n in (0, 1, -3, Fraction(1, 2)):
            assert hash(field(n)) == hash(n)
            assert field(n) == QQ(n)
        x, y = draw.unit(), draw.unit()
        assert hash(x * y / y) == hash(x)


@pytest.mark.parametrize("n", [-7, 0, 1, 4, 561, 1373653, 2**31, 2**62, (2**31 - 1) * 101])
def test_no_field_with_a_composite_number_of_elements(n: int) -> None:
    with pytest.raises(FieldError, match="not a prime"):
        GF(n)


@pytest.mark.parametrize("p", [2**63 + 29, True, 7.0, "7", None])
def test_unfit_moduli(p: Any) -> None:
    with pytest.raises(FieldError):
        GF(p)


@pytest.mark.parametrize(
    "data", ["GF(4)", "GF(0)", "GF(-7)", "GF( 7)", "QQ ", "RR", 7, None, [], {}, {"modulus": [1]}]
)
def test_unfit_field_data(data: Any) -> None:
    with pytest.raises((FieldError, InputError), match=r"Try: "):
        field_from_data(data)


def test_no_residue_of_a_fraction_with_bad_denominator() -> None:
    with pytest.raises(FieldError, match="divides by 101"):
        GF(101)("1/202")


@given(st.fractions())
def test_rationals_are_those_of_python(x: Fraction) -> None:
    y = parse_rational(str(x))
    assert (int(y.p), int(y.q)) == (x.numerator, x.denominator)
    assert QQ.to_python(y) == x
    assert QQ(QQ.format(y)) == y


@given(st.text(max_size=12))
def test_text_is_a_number_or_a_clear_error(text: str) -> None:
    try:
        value = parse_rational(text)
    except FieldError:
        return
    assert Fraction(text.strip()) == Fraction(int(value.p), int(value.q))
