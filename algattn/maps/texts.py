"""Polynomials from what people have (polynomials, texts, sympy), and texts of one spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

from algattn.engines.text import read_polynomial
from algattn.errors import InputError, LimitError, RingMismatchError
from algattn.exact import GF, QQ, Field, NumberField, Polynomial, PolynomialRing
from algattn.maps.expressions import MAX_EXPONENT, Reader
from algattn.words import quoted

#: The variable that stands for the generator of a number field in texts.
GENERATOR = "theta"
ASKED = "read a parametrization"
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)
#: Two names or numbers without an operator, which the reader of terms would join.
_SPACED = re.compile(r"\w\s+\w")


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
    """Polynomials of one ring, as :func:`read_quotients` reads them.

    Raises
    ------
    InputError
        Also for quotients that are none.

    Examples
    --------
    >>> read_polynomials(["t^2", "2/3*(t+1)*t"])
    [t^2, 2/3*t^2 + 2/3*t]
    """
    found = []
    for n, (top, bottom) in enumerate(read_quotients(given, names, field)):
        whole = top if bottom is None else top.divide(bottom)
        if whole is None:
            wrong = f"number {n + 1} is a quotient of polynomials"
            raise InputError(ASKED, wrong, "a polynomial, or PolynomialMap for a rational map")
        found.append(whole)
    return found


def read_quotients(
    given: Any, names: Sequence[str] | None = None, field: Field = QQ
) -> list[tuple[Polynomial, Polynomial | None]]:
    """Numerators and denominators (None for 1) in one ring.

    Parameters
    ----------
    given : sequence of Polynomial, str, number or sympy expression
        Texts with ``+ - * / ^ **`` and brackets; see :mod:`algattn.maps.expressions`.
    names : sequence of str, optional
        The variables; those that occur, in the order of the alphabet, unless given.
    field : QQ, GF(p) or NumberField
        Of texts and numbers.  Over a number field the ring is over QQ, and its last variable,
        ``theta``, stands for the generator.

    Raises
    ------
    InputError, RingMismatchError, FieldError
        For anything else.
    LimitError
        For an exponent above :data:`MAX_EXPONENT`, and for texts whose expansion is too large.

    Examples
    --------
    >>> read_quotients(["t^2", "(s+t)/(1+s^2)"])
    [(t^2, None), (s + t, s^2 + 1)]
    """
    if isinstance(given, str | Polynomial) or not isinstance(given, Iterable):
        raise InputError(ASKED, f"{quoted(given)} is not a list", "give a list of polynomials")
    items = list(given)
    if not items:
        raise InputError(ASKED, "there are no polynomials", "give at least one")
    plain = [isinstance(p, str | int | Fraction) and not isinstance(p, bool) for p in items]
    ring = next((p.ring for p in items if isinstance(p, Polynomial)), None)
    pairs: list[tuple[Polynomial, Polynomial | None]]
    if all(plain):
        pairs = _read([str(p) for p in items], field, names)
    elif ring is not None and all(
        text or isinstance(p, Polynomial) for p, text in zip(items, plain, strict=True)
    ):
        read = _reader(ring, field if isinstance(field, NumberField) else None)
        pairs = [(p, None) if isinstance(p, Polynomial) else read(str(p)) for p in items]
    else:
        from algattn.exact.sympy_bridge import quotients_from_sympy

        pairs = quotients_from_sympy(items, names, field, GENERATOR)
    ring = pairs[0][0].ring
    for p in (p for pair in pairs for p in pair if p is not None):
        if p.ring != ring:
            raise RingMismatchError(ASKED, f"{p.ring} is not {ring}", "rebuild all in one ring")
        largest = max(map(int, p.flint.degrees()), default=0)
        if largest > MAX_EXPONENT:
            raise LimitError(
                ASKED,
                f"the exponent {largest} is above the limit {MAX_EXPONENT}",
                "smaller exponents, perhaps a power of a parameter as a new parameter",
            )
    return pairs


def read_texts(
    texts: Sequence[str], field: Field | int = QQ, names: Sequence[str] | None = None
) -> list[Polynomial]:
    """Polynomials of one ring from texts such as ``2/3*s^2*(t+1)``; nothing is evaluated.

    Parameters
    ----------
    texts : sequence of str
    field : QQ, GF(p) or int
        A prime, or 0 for QQ.
    names : sequence of str, optional
        The variables; those that occur, in the order of the alphabet, unless given.

    Raises
    ------
    InputError
        For any other text.

    Examples
    --------
    >>> read_texts(["s^2-1", "2*t**3"])
    [s^2 - 1, 2*t^3]
    """
    if isinstance(field, int):
        field = GF(field) if field else QQ
    return read_polynomials(list(texts), names, field)


def _read(
    texts: list[str], field: Field, names: Sequence[str] | None
) -> list[tuple[Polynomial, Polynomial | None]]:
    extension = field if isinstance(field, NumberField) else None
    if names is None:
        found = {name for text in texts for name in _NAME.findall(text)}
        names = sorted(found - {GENERATOR} if extension else found) or ["s"]
    if extension:
        names = [*(x for x in names if x != GENERATOR), GENERATOR]
    ring = PolynomialRing(QQ if extension else field, tuple(names) or ("s",))
    read, pairs = _reader(ring, extension), []
    for n, text in enumerate(texts):
        try:
            pairs.append(read(text))
        except (InputError, LimitError) as error:
            if len(texts) == 1:
                raise
            asked = f"{error.asked} (number {n + 1} of {len(texts)})"
            raise type(error)(asked, error.wrong, error.hint) from None
    return pairs


def _reader(
    ring: PolynomialRing, extension: NumberField | None
) -> Callable[[str], tuple[Polynomial, Polynomial | None]]:
    """How to read a text: a sum of terms quickly, any other expression by the parser."""
    expressions = Reader(ring, extension)

    def read(text: str) -> tuple[Polynomial, Polynomial | None]:
        plain = re.sub(r"\*\*(?=\s*[0-9])", "^", text)
        if not _SPACED.search(text):
            try:
                return read_polynomial(plain, ring, ring.names), None
            except InputError:
                pass
        top, bottom = expressions.read(text)
        return top, None if bottom == 1 else bottom

    return read
