"""Rational numbers of the theory: variances, order parameters, means."""

from __future__ import annotations

from typing import Any

from flint import fmpq, fmpq_mat

from algattn.errors import FieldError, HypothesisError, ShapeError
from algattn.exact import Matrix
from algattn.exact.fields import parse_rational
from algattn.paths.arrays import exact_rows
from algattn.paths.shape import PathShape


def exact_variance(shape: PathShape, which: int) -> fmpq:
    """One of the prior variances as a rational number."""
    value = shape.variances[which]
    if isinstance(value, float):
        raise FieldError(
            "use a prior variance exactly",
            f"it is the float {value!r}",
            f'write "{parse_rational_hint(value)}"',
        )
    return parse_rational(value)


def parse_rational_hint(value: float) -> str:
    """The nearby fraction that was probably meant.

    >>> parse_rational_hint(0.1)
    '1/10'
    """
    from fractions import Fraction

    return str(Fraction(value).limit_denominator(10**6))


def exact_order_parameter(U: Any, count: int) -> list[list[fmpq]]:
    """A symmetric rational matrix over the paths."""
    asked = "read the order parameter U exactly"
    if isinstance(U, Matrix):
        U = U.tolist()
    rows = exact_rows(U, asked)
    if len(rows) != count or len(rows[0]) != count:
        raise ShapeError(
            asked,
            f"it is {len(rows)}x{len(rows[0])} and there are {count} paths",
            "give one row for each path",
        )
    if any(rows[i][j] != rows[j][i] for i in range(count) for j in range(i)):
        raise ShapeError(asked, "it is not symmetric", "use (U + U^T) / 2")
    return rows


def exact_mean(train: fmpq_mat, cross: fmpq_mat, Y: fmpq_mat, temperature: fmpq) -> fmpq_mat:
    """``k (K + T I)^{-1} Y`` over QQ.

    Raises
    ------
    HypothesisError
        When ``K + T I`` is singular.
    """
    P = train.nrows()
    shifted = train + fmpq_mat(P, P, [temperature * (i == j) for i in range(P) for j in range(P)])
    try:
        return cross * shifted.solve(Y)
    except ZeroDivisionError:
        raise singular_kernel(P, None) from None


def singular_kernel(size: int, rank: int | None) -> HypothesisError:
    """The error for a kernel without inverse at temperature zero."""
    known = "" if rank is None else f" (rank at most {rank})"
    return HypothesisError(
        "solve at zero temperature",
        f"the {size} x {size} kernel is singular{known}, so the data cannot be interpolated",
        "give a positive temperature, fewer examples, or more features or paths",
    )
