"""Polynomials as the text that every computer algebra system reads and writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from algattn.engines.tasks import Elimination, Task
from algattn.errors import InputError
from algattn.exact import Polynomial, PolynomialRing
from algattn.exact.numerals import digits

#: So many terms of a basis are printed where a part of it would do, so that it can be checked.
WHOLE = 20_000

_TERM = re.compile(r"[+-]?[^+-]+")
_NUMBER = re.compile(r"[0-9]+(/[0-9]+)?|\([0-9]+/[0-9]+\)", re.ASCII)  # Macaulay2: (2/3)*x
_POWER = re.compile(r"([A-Za-z][A-Za-z0-9_]*)(?:\^([0-9]{1,9}))?", re.ASCII)


def plain_names(ring: PolynomialRing) -> tuple[str, ...]:
    """Names that no system reserves: x1, x2, ..

    >>> from algattn.exact import QQ
    >>> plain_names(PolynomialRing(QQ, ("I", "std")))
    ('x1', 'x2')
    """
    return tuple(f"x{i + 1}" for i in range(len(ring.names)))


def sorted_names(task: Task) -> tuple[str, ...]:
    """The plain names of the variables, those to eliminate first.

    >>> from algattn.engines.tasks import Elimination
    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> sorted_names(Elimination((x - y,), ("y",)))
    ('x2', 'x1')
    """
    gone = task.eliminate if isinstance(task, Elimination) else ()
    pairs = zip(task.ring.names, plain_names(task.ring), strict=True)
    return tuple(x for _, x in sorted(pairs, key=lambda pair: pair[0] not in gone))


def _written(number: int | Fraction) -> str:
    """A number of any length, as ``p`` or ``p/q``."""
    top, bottom = number.numerator, number.denominator
    return digits(top) if bottom == 1 else f"{digits(top)}/{digits(bottom)}"


def write_polynomial(poly: Polynomial, names: Sequence[str] | None = None) -> str:
    """The polynomial on one line, with ``*`` and ``^``.

    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> write_polynomial(x**2 - y * "2/3" + 1, ("a", "b"))
    'a^2-2/3*b+1'
    """
    names = poly.ring.names if names is None else names
    to_python = poly.ring.field.to_python
    pieces = []
    for exponents, c in poly.terms():
        number = to_python(c)  # an int or a Fraction, both with numerator and denominator
        factors = [n if e == 1 else f"{n}^{e}" for n, e in zip(names, exponents, strict=True) if e]
        if abs(number) != 1 or not factors:
            factors.insert(0, _written(abs(number)))
        pieces.append(("-" if number < 0 else "+") + "*".join(factors))
    return "".join(pieces).removeprefix("+") or "0"


def read_polynomial(text: str, ring: PolynomialRing, names: Sequence[str]) -> Polynomial:
    """The polynomial that a system wrote in the variables `names`, expanded.

    Raises
    ------
    InputError
        For anything else; nothing is evaluated.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> R = PolynomialRing(QQ, ("u", "v"))
    >>> read_polynomial("-3/2*x1^2*x2+x2-7", R, ("x1", "x2"))
    -3/2*u^2*v + v - 7
    >>> read_polynomial("(2/3)*x1", R, ("x1", "x2"))
    2/3*u
    """
    place = {name: i for i, name in enumerate(names)}
    compact = "".join(text.split())
    terms: list[tuple[tuple[int, ...], Any]] = []
    end = 0
    for found in _TERM.finditer(compact):
        if found.start() != end:
            break
        end = found.end()
        term = found[0]
        sign = -1 if term[0] == "-" else 1
        coefficient: Any = ring.field(sign)
        exponents = [0] * len(names)
        for factor in term.lstrip("+-").split("*"):
            if _NUMBER.fullmatch(factor):
                coefficient = coefficient * ring.field(factor.strip("()"))
                continue
            power = _POWER.fullmatch(factor)
            if power is None or power[1] not in place:
                what = f"{factor[:40]!r} is no factor" if factor else f"{term[:40]!r} is no term"
                raise InputError("read a polynomial", what, "write terms such as 2/3*s^2*t")
            exponents[place[power[1]]] += int(power[2] or 1)
        terms.append((tuple(exponents), coefficient))
    if not compact or end != len(compact):
        what = f"{compact[:40]!r} is no sum of terms"
        raise InputError("read a polynomial", what, "write terms such as 2/3*s^2*t")
    return ring.from_terms(terms)
