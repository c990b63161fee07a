"""What is refused in advance, with numbers: too many monomials, kernels beyond the time limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from algattn.errors import LimitError
from algattn.groebner.buckets import GradedMonomials
from algattn.progress import Monitor

ASKED = "find the equations of a parametrization"
#: Monomials of all degrees together.
MAX_MONOMIALS = 2_000_000
#: Factors of all these monomials.
MAX_FACTORS = 50_000_000
#: Monomials of one degree and weight: a dense matrix of that size takes 2 GB.
MAX_COLUMNS = 6000


def check_size(work: GradedMonomials, degree: int, partial: Callable[[], Any]) -> None:
    """Refuse more than :data:`MAX_MONOMIALS`, or than :data:`MAX_FACTORS` factors in them."""
    alive = [work.degrees[j] for j in work.alive]
    many, longest = work.many(degree), degree // min(alive, default=1)
    if many > MAX_MONOMIALS or many * longest > MAX_FACTORS:
        raise LimitError(
            ASKED,
            f"there are {many} monomials of degree at most {degree} in {len(alive)} coordinates, "
            f"with up to {longest} factors; the limits are {MAX_MONOMIALS} monomials and "
            f"{MAX_FACTORS} factors",
            "a smaller max_degree",
            partial(),
        )
    if work.one_weight(degree):
        check_columns(work.counts(degree, work.alive)[degree], degree, partial)


def check_columns(columns: int, degree: int, partial: Callable[[], Any]) -> None:
    """Refuse a kernel with more than :data:`MAX_COLUMNS`."""
    if columns > MAX_COLUMNS:
        raise LimitError(
            ASKED,
            f"{columns} monomials of degree {degree} have one weight, above the limit "
            f"{MAX_COLUMNS}",
            "a smaller max_degree",
            partial(),
        )


def kernel_seconds(columns: int) -> float:
    """About how long a kernel takes (measured: 1 s for 1000 columns, 8 s for 2000).

    >>> kernel_seconds(100) < 0.1, kernel_seconds(6000) > 60
    (True, True)
    """
    return 5e-7 * columns**2 + 5e-10 * columns**3


def check_kernel(columns: int, degree: int, monitor: Monitor, partial: Callable[[], Any]) -> None:
    """Refuse a kernel with too many columns, or that takes more than the time that is left."""
    check_columns(columns, degree, partial)
    left, wanted = monitor.remaining, kernel_seconds(columns)
    if left is not None and wanted > left + 1:
        raise LimitError(
            ASKED,
            f"{columns} monomials of degree {degree} have one weight, and their kernel takes "
            f"about {wanted:.0f} s, with {max(left, 0):.0f} s left",
            "a smaller max_degree, or a larger time_limit",
            partial(),
        )
