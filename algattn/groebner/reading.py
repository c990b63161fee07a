"""Polynomial maps from what people have: polynomials, texts, sympy, parametrizations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from algattn.engines.text import read_polynomial
from algattn.errors import InputError, LimitError, RingMismatchError
from algattn.exact import GF, QQ, Polynomial, PolynomialRing
from algattn.words import quoted

#: The largest exponent of a parameter.
MAX_EXPONENT = 100_000


def read_polynomials(given: Any) -> tuple[list[Polynomial], tuple[str, ...]]:
    """Polynomials of one ring, and names for the coordinates.

    Raises
    ------
    InputError, RingMismatchError, FieldError
        For anything else.
    LimitError
        For an exponent above :data:`MAX_EXPONENT`.

    Examples
    --------
    >>> read_polynomials(["t^2", "2/3*t^3"])
    ([t^2, 2/3*t^3], ('y_1', 'y_2'))
    """
    asked = "read a parametrization"
    names: tuple[str, ...] | None = None
    if hasattr(given, "polynomials") and hasattr(given, "labels"):
        from algattn.attention.coordinates import is_natural, label_name

        pairs = list(given.polynomials())
        if all(is_natural(label) for label, _ in pairs):
            names = tuple(label_name(label) for label, _ in pairs)
        given = [p for _, p in pairs]
    if isinstance(given, str | Polynomial) or not isinstance(given, Iterable):
        raise InputError(asked, f"{quoted(given)} is not a list", "give a list of polynomials")
    items = list(given)
    if not items:
        raise InputError(asked, "there are no polynomials", "give at least one")
    if all(isinstance(p, str | int | Fraction) and not isinstance(p, bool) for p in items):
        items = read_texts([str(p) for p in items])
    elif not all(isinstance(p, Polynomial) for p in items):
        from algattn.exact.sympy_bridge import polynomials_from_sympy

        items = polynomials_from_sympy(items)
    ring = items[0].ring
    for p in items:
        if p.ring != ring:
            raise RingMismatchError(asked, f"{p.ring} is not {ring}", "rebuild all in one ring")
        largest = max((max(e, default=0) for e, _ in p.terms()), default=0)
        if largest > MAX_EXPONENT:
            raise LimitError(
                asked,
                f"the exponent {largest} is above the limit {MAX_EXPONENT}",
                "smaller exponents, perhaps a power of a parameter as a new parameter",
            )
    return items, names or tuple(f"y_{i + 1}" for i in range(len(items)))


def read_texts(texts: Sequence[str], prime: int = 0) -> list[Polynomial]:
    """Polynomials of one ring, whose variables are those that occur, in the order of the alphabet.

    Each text is a sum of terms such as ``2/3*s^2*t``; nothing is evaluated.

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
    names = sorted({name for text in plain for name in re.findall(r"[A-Za-z]\w*", text)})
    ring = PolynomialRing(GF(prime) if prime else QQ, tuple(names) or ("s",))
    return [read_polynomial(text, ring, ring.names) for text in plain]
