"""The fields in which algattn computes: the rationals and the prime fields.

A field turns what people write into its own elements (``field(x)``), and elements into text
(``field.format``) and Python numbers (``field.to_python``).  Elements are FLINT numbers; floats
are refused, because a float is an exact dyadic number that is rarely the one that was meant.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any

from flint import fmpq, fmpz, nmod

from algattn.arguments import CHECKS, checked
from algattn.errors import FieldError, InputError
from algattn.exact.modular import is_prime
from algattn.results import ADAPTERS
from algattn.words import quoted

MAX_DIGITS = 1_000_000
_RATIONAL = re.compile(rf"[+-]?[0-9]{{1,{MAX_DIGITS}}}(/[0-9]{{1,{MAX_DIGITS}}})?", re.ASCII)


def parse_rational(value: Any, what: str = "read a number") -> fmpq:
    """An exact rational from an int, a Fraction, a FLINT number or text such as ``-3/7``.

    Raises
    ------
    FieldError
        For floats (the message shows the exact spelling), NaN, and anything else.

    >>> parse_rational("-3/7")
    -3/7
    """
    if isinstance(value, bool):
        raise FieldError(what, f"{quoted(value)} is a truth value", "write 0 or 1")
    if isinstance(value, int):
        return fmpq(value)
    if isinstance(value, fmpq):
        return value
    if isinstance(value, fmpz):
        return fmpq(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if isinstance(value, str):
        text = value.strip()
        if not _RATIONAL.fullmatch(text):
            raise FieldError(
                what,
                f"{text[:40]!r} is not an integer or a fraction of at most {MAX_DIGITS} digits",
                'write something like 2 or "-3/7"',
            )
        top, _, bottom = text.partition("/")
        if bottom and not bottom.strip("0"):
            raise FieldError(what, f"{text[:40]!r} divides by zero", "mend the denominator")
        return fmpq(fmpz(top.removeprefix("+")), fmpz(bottom or "1"))  # int() stops at 4300 digits
    if isinstance(value, float):
        if not isfinite(value):
            raise FieldError(what, f"{value} is not a number", "write a rational number")
        exact = Fraction(value)
        near = exact.limit_denominator(10**6)
        raise FieldError(
            what,
            f"the float {value!r} stands for {exact}, which may not be what was meant",
            f'write "{near}", or Fraction({value!r}) for the dyadic number itself',
        )
    number = getattr(value, "__index__", None)  # numpy integers and the like
    if number is not None:
        return fmpq(int(number()))
    if hasattr(value, "p") and hasattr(value, "q") and getattr(value, "is_Rational", False):
        return fmpq(int(value.p), int(value.q))  # sympy, without importing it
    raise FieldError(what, f"{type(value).__name__} is not exact", 'write 2 or "-3/7"')


class Field(ABC):
    """A field of exact numbers."""

    characteristic: int

    @abstractmethod
    def __call__(self, value: Any) -> Any:
        """The element of the field that `value` stands for."""

    @abstractmethod
    def to_python(self, element: Any) -> Any:
        """The element as an int or Fraction (or itself, where Python has no such number)."""

    @abstractmethod
    def format(self, element: Any) -> Any:
        """The element as JSON data: text, or an integer."""

    @abstractmethod
    def to_data(self) -> Any:
        """The field as JSON data; :func:`field_from_data` is the inverse."""

    @property
    def zero(self) -> Any:
        """The neutral element of addition."""
        return self(0)

    @property
    def one(self) -> Any:
        """The neutral element of multiplication."""
        return self(1)


def check_field(value: Any, asked: str) -> Field:
    """A field, and not its name."""
    if not isinstance(value, Field):
        hint = "algattn.QQ, algattn.GF(p) or a NumberField"
        raise FieldError(asked, f"field is {quoted(value)}", hint)
    return value


CHECKS["field"] = check_field


@dataclass(frozen=True)
class RationalField(Field):
    """The rational numbers.

    >>> QQ("6/4"), QQ.format(QQ(3) / 7)
    (3/2, '3/7')
    """

    @property
    def characteristic(self) -> int:  # type: ignore[override]
        """Always 0."""
        return 0

    def __call__(self, value: Any) -> fmpq:
        return parse_rational(value)

    def to_python(self, element: Any) -> int | Fraction:
        x = parse_rational(element)
        return int(x.p) if x.q == 1 else Fraction(int(x.p), int(x.q))

    def format(self, element: Any) -> int | str:
        x = parse_rational(element)
        return int(x.p) if x.q == 1 and abs(x.p) < 2**53 else str(x)

    def to_data(self) -> str:
        return "QQ"

    def __repr__(self) -> str:
        return "QQ"


@dataclass(frozen=True)
class PrimeField(Field):
    """The integers modulo a prime below 2**63; make one with :func:`GF`."""

    p: int

    @property
    def characteristic(self) -> int:  # type: ignore[override]
        """The prime."""
        return self.p

    def __call__(self, value: Any) -> nmod:
        if isinstance(value, nmod):
            if int(value.modulus()) != self.p:
                raise FieldError(
                    f"read a number of {self}",
                    f"it is a number modulo {int(value.modulus())}",
                    "convert it to an int first",
                )
            return value
        if type(value) is int:
            return nmod(value % self.p, self.p)
        x = parse_rational(value)
        if int(x.q) % self.p == 0:
            raise FieldError(
                f"read a number of {self}", f"{x} divides by {self.p}", "use another prime"
            )
        return nmod(int(x.p) % self.p, self.p) / nmod(int(x.q) % self.p, self.p)

    def to_python(self, element: Any) -> int:
        return int(self(element))

    def format(self, element: Any) -> int | str:
        x = self.to_python(element)
        return x if x < 2**53 else str(x)

    def to_data(self) -> str:
        return f"GF({self.p})"

    def __repr__(self) -> str:
        return f"GF({self.p})"


QQ = RationalField()


@checked
def GF(p: int) -> PrimeField:
    """The field with `p` elements; `p` is proved prime before FLINT sees it.

    >>> GF(7)("1/3")
    5
    >>> GF(561)
    Traceback (most recent call last):
    algattn.errors.FieldError: make GF(561): 561 is not a prime. Try: the prime 557.
    """
    if isinstance(p, bool) or not isinstance(p, int):
        raise FieldError("make a prime field", f"{quoted(p)} is not an int", "give a prime")
    if p >= 2**63:
        asked = f"make GF({quoted(p)})"
        raise FieldError(asked, "the prime does not fit a word", "use one below 2**63")
    return _prime_field(p)


@lru_cache(maxsize=256)
def _prime_field(p: int) -> PrimeField:
    if not is_prime(p):
        near = next((q for q in range(p - 1, 1, -1) if is_prime(q)), 2)
        name = quoted(p)
        raise FieldError(f"make GF({name})", f"{name} is not a prime", f"the prime {near}")
    return PrimeField(p)


def _read_rational(data: Any) -> fmpq:
    try:
        return parse_rational(data)
    except FieldError as error:
        raise InputError(error.asked, error.wrong, error.hint) from None


# How results write and read rational numbers; another spelling of the same number is refused.
ADAPTERS[fmpq] = (QQ.format, _read_rational)
