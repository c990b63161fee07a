"""Types of what the results of this room store, and small helpers around them."""

from __future__ import annotations

from typing import Any, Literal, cast

from algattn.exact import QQ, Field, Matrix, NumberField
from algattn.results import freeze

#: A number as its field writes it: an integer, "p/q", or the coefficients of powers of theta.
Number = int | str | tuple[int | str, ...]
Vector = tuple[Number, ...]
Rows = tuple[Vector, ...]

#: A field of certificates: real questions are asked over these only.
StoredField = Literal["QQ"] | NumberField


def stored_field(field: Field) -> StoredField:
    """How a field is stored."""
    return field if isinstance(field, NumberField) else "QQ"


def given_field(stored: StoredField) -> Field:
    """The inverse of :func:`stored_field`."""
    return stored if isinstance(stored, NumberField) else QQ


def rows_of(matrix: Matrix) -> Rows:
    """The entries of a matrix as they are stored."""
    return cast("Rows", freeze(matrix.to_data()))


def as_seconds(limit: Any) -> Any:
    """A time limit as it is stored: whole numbers are floats too."""
    return float(limit) if type(limit) is int else limit
