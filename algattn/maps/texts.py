"""Polynomials from what people have (polynomials, texts, sympy), and texts of one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from algattn.engines.text import read_polynomial
from algattn.errors import InputError, LimitError, RingMismatchError
from algattn.exact import GF, QQ, Field, Polynomial, PolynomialRing
from algattn.words import quoted

#: The largest exponent of a parameter.
MAX_EXPONENT = 100_000


def spell(polys: Iterable[Polynomial]) -> tuple[str, ...]:
    """The texts that :func:`read_all` takes.

    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> spell([x**2 - y, x * 2])
    ('x^2-y', '2*x')
    """
    return tuple(str(p).replace(" ", "") for p in polys)


@lru_cache(maxsize=8)
def read_all(texts: tuple[str, ...], ring: PolynomialRing) -> tuple[Polynomial, ...]:
    """The inverse of :func:`spell`; the last few answers are kept for several pieces of evidence.

    Raises
    ------
    InputError
        When a text is no polynomial of the ring, or is spelled in another way.
    """
    if not all(isinstance(text, str) for text in texts):
        raise InputError("read polynomials", "they are not texts", "use the file as written")
    polys = tuple(read_polynomial(text, ring, ring.names) for text in texts)
    for text, found in zip(texts, spell(polys), strict=True):
        if text != found:
            raise InputError(
                "read polynomials", f"{text[:40]!r} is spelled in another way", f"{found[:40]!r}"
            )
    return polys


def read_polynomials(
    given: Any, names: Sequence[str] | None = None, field: Field = QQ
) -> list[Polynomial]:
    """Polynomials of one ring.

    Parameters
    ----------
    given : sequence of Polynomial, str, number or sympy expression
    names : sequence of str, optional
        The variables; those that occur, in the order of the alphabet, unless given.
    field : QQ or GF(p)
        Of texts and numbers.

    Raises
    ------
    InputError, RingMismatchError, FieldError
        For anything else.
    LimitError
        For an exponent above :data:`MAX_EXPONENT`.

    Examples
    --------
    >>> read_polynomials(["t^2", "2/3*t^3"])
    [t^2, 2/3*t^3]
    """
    asked = "read a parametrization"
    if isinstance(given, str | Polynomial) or not isinstance(given, Iterable):
        raise InputError(asked, f"{quoted(given)} is not a list", "give a list of polynomials")
    items = list(given)
    if not items:
        raise InputError(asked, "there are no polynomials", "give at least one")
    if all(isinstance(p, str | int | Fraction) and not isinstance(p, bool) for p in items):
        items = read_texts([str(p) for p in items], field, names)
    elif not all(isinstance(p, Polynomial) for p in items):
        from algattn.exact.sympy_bridge import polynomials_from_sympy

        items = polynomials_from_sympy(items, names, field)
    ring = items[0].ring
    for p in items:
        if p.ring != ring:
            raise RingMismatchError(asked, f"{p.ring} is not {ring}", "rebuild all in one ring")
        largest = max(map(int, p.flint.degrees()), default=0)
        if largest > MAX_EXPONENT:
            raise LimitError(
                asked,
                f"the exponent {largest} is above the limit {MAX_EXPONENT}",
                "smaller exponents, perhaps a power of a parameter as a new parameter",
            )
    return items


def read_texts(
    texts: Sequence[str], field: Field | int = QQ, names: Sequence[str] | None = None
) -> list[Polynomial]:
    """Polynomials of one ring, whose variables are those that occur, in the order of the alphabet.

    Each text is a sum of terms such as ``2/3*s^2*t``; nothing is evaluated.

    Parameters
    ----------
    texts : sequence of str
    field : QQ, GF(p) or int
        A prime, or 0 for QQ.
    names : sequence of str, optional
        Other variables.

    Raises
    ------
    InputError
        For any other text.

    Examples
    --------
    >>> read_texts(["s^2-1", "2*t**3"])
    [s^2 - 1, 2*t^3]
    """
    plain = [re.sub(r"\*\*(?=\s*[0-9])", "^", text) for text in texts]
    if names is None:
        names = sorted({name for text in plain for name in re.findall(r"[A-Za-z]\w*", text)})
    if isinstance(field, int):
        field = GF(field) if field else QQ
    ring = PolynomialRing(field, tuple(names) or ("s",))
    return [read_polynomial(text, ring, ring.names) for text in plain]
