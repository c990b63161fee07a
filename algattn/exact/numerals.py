"""Exact numbers as text and as floats: the one place for each of the two conversions."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import inf
from typing import Any

from flint import fmpq, fmpz

from algattn.results.card import Grid

#: Python prints and reads integers of at most this many digits; FLINT has no such limit.
_PYTHON_DIGITS = 4300


def digits(n: int) -> str:
    """An integer of any length in decimal.

    Examples
    --------
    >>> digits(-12), len(digits(10**5000))
    ('-12', 5001)
    """
    return str(n) if abs(n) < 1 << 14000 else str(fmpz(n))


def integer(text: str) -> int:
    """The integer that :func:`digits` wrote; ValueError for other text.

    Examples
    --------
    >>> integer("-12"), integer("1" + 5000 * "0") == 10**5000
    (-12, True)
    """
    return int(text) if len(text) < _PYTHON_DIGITS else int(fmpz(text.strip().removeprefix("+")))


def listed(value: Any) -> str:
    """Nested lists of rational numbers as text, whatever the length of the numbers.

    Examples
    --------
    >>> from fractions import Fraction
    >>> listed([[1, Fraction(1, 2)], []]), len(listed([10**5000]))
    ('[[1, 1/2], []]', 5003)
    """
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(listed, value)) + "]"
    if type(value) is int:
        return digits(value)
    if isinstance(value, Fraction):
        return str(fmpq(value.numerator, value.denominator))
    return str(value)


def grid(rows: Iterable[Iterable[Any]]) -> Grid:
    """A matrix for a card, whatever the length of its numbers."""
    return Grid([[listed(x) for x in row] for row in rows])


def rounded(x: Any) -> str:
    """A rational number for people: exact while it is short, else six digits of it.

    >>> rounded(3), rounded(10**50)
    ('= 3', '~ 1e+50')
    """
    text = listed(x)
    return f"= {text}" if len(text) < 40 else f"~ {nearest_float(x):.6g}"


def nearest_float(x: Any) -> float:
    """A rational number (int, Fraction, fmpz, fmpq) as a float, infinite beyond the range.

    Examples
    --------
    >>> from fractions import Fraction
    >>> nearest_float(Fraction(1, 3)), nearest_float(-(10**400))
    (0.3333333333333333, -inf)
    """
    if isinstance(x, fmpz):
        x = int(x)
    elif isinstance(x, fmpq):
        x = Fraction(int(x.p), int(x.q))
    try:
        return float(x)
    except OverflowError:
        return inf if x > 0 else -inf
