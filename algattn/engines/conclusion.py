"""From what an engine printed to the answer of the task: counting and deciding are done here."""

from __future__ import annotations

from math import inf
from typing import Any

from algattn.engines.division import Division
from algattn.engines.leading import (
    hilbert_numerator,
    monomial_dimension,
    normal_form,
    order_key,
    sizes,
)
from algattn.engines.tasks import (
    Component,
    Degree,
    Dimension,
    HilbertSeries,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Task,
)
from algattn.engines.transcript import Part, Reading, heads
from algattn.errors import LimitError

#: Operations with terms to decide whether a polynomial lies in an ideal.
MAX_DIVISION = 20_000_000


def conclude(task: Task, reading: Reading, deadline: float = inf) -> tuple[Any, tuple[str, ...]]:
    """The answer to a task from a reading of its basis, and what was done here for it.

    Raises
    ------
    LimitError
        When `deadline`, a value of ``time.monotonic()``, is over.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> conclude(Degree((x**37, y**37)), Reading((y**37, x**37)))
    (1369, ('it is counted on leading monomials',))
    """
    n = len(task.ring.names)
    counted = ("it is counted on leading monomials",)
    if isinstance(task, HilbertSeries):
        return hilbert_numerator(reading.heads(), task.weights, deadline), counted
    if isinstance(task, Dimension):
        return monomial_dimension(reading.heads(), n, deadline), counted
    if isinstance(task, Degree):
        return sizes(reading.heads(), n, deadline)[1], counted
    if isinstance(task, Membership):
        return _member(task, reading), ("it is decided by division",)
    if isinstance(task, MinimalPrimes | PrimaryDecomposition):
        parts = [_component(task, part, deadline) for part in reading.parts]
        return tuple(sorted(parts, key=lambda c: (-c.dimension, c.degree, str(c.prime)))), counted
    return reading.basis, ()


def _member(task: Membership, reading: Reading) -> bool:
    ring = task.ring
    n = len(ring.names)
    if not task.polynomial:
        return True
    try:
        division = Division(reading.basis, "degrevlex", (1,) * n, MAX_DIVISION)
        return division.to_zero(task.polynomial)
    except LimitError:  # an exponent beyond its packed monomials
        return not normal_form(task.polynomial, reading.basis, order_key("degrevlex", (1,) * n))


def _component(
    task: MinimalPrimes | PrimaryDecomposition, part: Part, deadline: float
) -> Component:
    dimension, degree = sizes(heads(part.prime), len(task.ring.names), deadline)
    absolute = isinstance(task, MinimalPrimes) and task.absolute
    return Component(
        part.prime,
        dimension,
        degree,
        part.primary if isinstance(task, PrimaryDecomposition) else None,
        part.conjugates if absolute else None,
    )
