"""What is refused in advance, with numbers: too many monomials, kernels beyond the time limit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from algattn.errors import LimitError
from algattn.groebner.interpolation import Interpolation
from algattn.progress import Monitor

ASKED = "find the equations of a parametrization"
#: Monomials of all degrees together.
MAX_MONOMIALS = 2_000_000
#: Factors of all these monomials.
MAX_FACTORS = 50_000_000
#: Monomials of one degree and weight: a dense matrix of that size takes 2 GB.
MAX_COLUMNS = 6000


def check_size(work: Interpolation, degree: int, partial: Callable[[], Any]) -> None:
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


def kernel_seconds(columns: int) -> float:
    """About how long a kernel takes (measured: 1 s for 1000 columns, 8 s for 2000).

    >>> kernel_seconds(100) < 0.1, kernel_seconds(6000) > 60
    (True, True)
    """
    return 5e-7 * columns**2 + 5e-10 * columns**3


def check_kernel(columns: int, degree: int, monitor: Monitor, partial: Callable[[], Any]) -> None:
    """Refuse a kernel with too many columns, or that takes more than the time that is left."""
    left, wanted = monitor.remaining, kernel_seconds(columns)
    if columns > MAX_COLUMNS:
        wrong = f"above the limit {MAX_COLUMNS}"
    elif left is not None and wanted > left + 1:
        wrong = f"whose kernel takes about {wanted:.0f} s, and {max(left, 0):.0f} s are left"
    else:
        return
    raise LimitError(
        ASKED,
        f"{columns} monomials of degree {degree} have one weight, {wrong}",
        "a smaller max_degree, or a larger time_limit",
        partial(),
    )
