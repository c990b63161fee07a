"""Reading exact vectors, and writing them as integers over a common denominator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import gcd, isfinite, lcm
from typing import Any, Self

from flint import fmpq

from algattn.errors import InputError, ShapeError
from algattn.exact.fields import QQ, parse_rational
from algattn.words import quoted

Vector = tuple[fmpq, ...]
Row = tuple[int, ...]


class Plain:
    """Data with a subclass that has the questions; where that is imported, it is the one made.

    So readers and workers build what people type, and need not know who answers.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if (data := cls.__base__) and Plain in data.__bases__ and "_asked" not in vars(data):
            data._asked = cls  # type: ignore[attr-defined]

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        made: type[Self] = vars(cls).get("_asked", cls)
        return super().__new__(made)


class ByParts(ABC):
    """Equal, and with the same hash, when the parts are."""

    @abstractmethod
    def _parts(self) -> tuple[Any, ...]:
        """What decides about equality."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())


def read_number(value: Any, what: str, *, floats: bool = False) -> fmpq:
    """A rational number; floats are read as the dyadic numbers they are, on request only.

    Raises
    ------
    FieldError
        For a float without `floats`, for NaN and infinities, for anything that is not a number.

    Examples
    --------
    >>> read_number("-3/7", "read a key"), read_number(0.25, "read a key", floats=True)
    (-3/7, 1/4)
    """
    if not isinstance(value, float) and hasattr(value, "item") and hasattr(value, "dtype"):
        value = value.item()  # a numpy scalar
    if floats and isinstance(value, float) and isfinite(value):
        exact = Fraction(value)
        return fmpq(exact.numerator, exact.denominator)
    return parse_rational(value, what)


def read_vector(
    value: Any, what: str, *, floats: bool = False, dimension: int | None = None
) -> Vector:
    """A vector over QQ, of the given dimension when there is one."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InputError(what, f"{quoted(value)} is not a list of numbers", "write [1, '1/2', 0]")
    vector = tuple(read_number(x, what, floats=floats) for x in value)
    if dimension is not None and len(vector) != dimension:
        raise ShapeError(
            what,
            f"a vector has {len(vector)} entries where {dimension} are needed",
            "give every vector the same number of entries",
        )
    return vector


def read_vectors(
    value: Any, what: str, *, floats: bool = False, dimension: int | None = None
) -> tuple[Vector, ...]:
    """Vectors of one dimension; plain numbers count as vectors with one entry."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise InputError(
            what, f"{quoted(value)} is not a list of vectors", "write [[1, 0], [0, 1]]"
        )
    out: list[Vector] = []
    for entry in value:
        scalar = isinstance(entry, str) or not isinstance(entry, Iterable)
        if hasattr(entry, "shape") and entry.shape == ():
            scalar = True
        out.append(
            read_vector(
                [entry] if scalar else entry,
                what,
                floats=floats,
                dimension=len(out[0]) if out else dimension,
            )
        )
    return tuple(out)


def as_list(value: Any, what: str) -> list[Any]:
    """Things in a row (heads, layers, entries of a file) as a list."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise InputError(what, f"{quoted(value)} is not a list", "write [first, second, ..]")
    return list(value)


def dot(a: Sequence[Any], b: Sequence[Any]) -> Any:
    """The inner product; 0 for empty vectors."""
    return sum((x * y for x, y in zip(a, b, strict=True)), 0)


def clear(vectors: Sequence[Sequence[fmpq]]) -> tuple[list[Row], int]:
    """Integer vectors and the positive common denominator by which they were multiplied.

    >>> clear([(fmpq(1, 2), fmpq(1, 3)), (fmpq(1), fmpq(0))])
    ([(3, 2), (6, 0)], 6)
    """
    scale = lcm(*(int(x.q) for v in vectors for x in v))
    return [tuple(int(x.p) * (scale // int(x.q)) for x in v) for v in vectors], scale


def primitive(row: Sequence[int]) -> Row:
    """The row divided by the greatest common divisor of its entries."""
    factor = gcd(*row)
    return tuple(row) if factor in (0, 1) else tuple(x // factor for x in row)


def fraction(x: fmpq) -> Fraction:
    """A rational as Python's own exact number."""
    return Fraction(int(x.p), int(x.q))


def fractions(vector: Iterable[fmpq]) -> tuple[Fraction, ...]:
    """A vector of Python's own exact numbers."""
    return tuple(Fraction(int(x.p), int(x.q)) for x in vector)


def rationals(vector: Iterable[Fraction]) -> Vector:
    """A vector of FLINT's exact numbers; the inverse of :func:`fractions`."""
    return tuple(fmpq(x.numerator, x.denominator) for x in vector)


def number_data(x: Any) -> int | str:
    """A rational as JSON data."""
    return QQ.format(x)


def vector_data(vector: Iterable[Any]) -> list[int | str]:
    """A vector as JSON data."""
    return [QQ.format(x) for x in vector]


def to_float(x: fmpq) -> float:
    """The nearest float."""
    return float(fraction(x))


def show(vector: Iterable[Any]) -> str:
    """A vector for people.

    >>> show((fmpq(1, 2), fmpq(3)))
    '(1/2, 3)'
    """
    return "(" + ", ".join(str(x) for x in vector) + ")"


def plain(data: Any) -> str:
    """Numbers and tuples of them for people.

    >>> plain((1, (fmpq(1, 2),)))
    '(1, (1/2))'
    """
    if isinstance(data, list | tuple):
        return "(" + ", ".join(plain(x) for x in data) + ")"
    return str(data)
