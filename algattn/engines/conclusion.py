"""From what an engine printed to the answer of the task: counting and deciding are done here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from math import inf
from typing import Any

from algattn.engines.division import Division
from algattn.engines.ideal_tasks import (
    Cofactors,
    FreeResolution,
    NormalForm,
    Quotient,
    Resolution,
)
from algattn.engines.leading import (
    hilbert_numerator,
    leading_term,
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
from algattn.exact import Polynomial

#: Operations with terms to decide whether a polynomial lies in an ideal.
MAX_DIVISION = 20_000_000


class WrongAnswerError(Exception):
    """An answer does not pass a check; the text says which."""


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
    if isinstance(task, NormalForm):
        key = order_key("degrevlex", (1,) * n)
        return normal_form(task.polynomial, reading.basis, key), ("it is the remainder",)
    if isinstance(task, Quotient):
        return tuple(_divided(g, task.by) for g in reading.basis), ()
    if isinstance(task, Cofactors):
        return tuple(_cofactors(task, reading)), ()
    if isinstance(task, FreeResolution):
        return _resolution(task, reading, deadline)
    return reading.basis, ()


def _divided(poly: Polynomial, by: Polynomial) -> Polynomial:
    quotient = poly.divide(poly.ring.from_terms(by.terms()))
    if quotient is None:
        raise WrongAnswerError("a polynomial of the intersection is no multiple")
    key = order_key("degrevlex", quotient.ring.weights)
    monic: Polynomial = quotient * (1 / leading_term(quotient, key)[1])
    return monic


def _cofactors(task: Cofactors, reading: Reading) -> Iterator[tuple[Polynomial, ...] | None]:
    """Rows as long as there are generators; expansion is checked."""
    found = iter(reading.matrices)
    for f in task.polynomials:
        matrix = next(found, None)
        if not matrix:
            yield None
            continue
        given = iter(matrix[0])
        row = tuple(next(given, task.ring(0)) if g else g for g in task.generators)
        if sum((c * g for c, g in zip(row, task.generators, strict=True)), -f):
            raise WrongAnswerError("it is not true that cofactors times generators give the member")
        yield row


def _resolution(
    task: FreeResolution, reading: Reading, deadline: float
) -> tuple[Resolution, tuple[str, ...]]:
    """The resolution with what is seen from its matrices alone."""
    try:
        found = Resolution.of(reading.matrices, task.weights)
    except ValueError as error:
        raise WrongAnswerError(str(error)) from None
    for left, right in pairwise(found.matrices):
        columns = list(zip(*right, strict=True))
        for row in left:
            for column in columns:
                if sum((a * b for a, b in zip(row, column, strict=True)), task.ring(0)):
                    raise WrongAnswerError("it is not true that two neighbours have product zero")
                if time.monotonic() > deadline:
                    raise LimitError("check a resolution", "the time is over", "raise time_limit")
    if any(f and f.flint.is_constant() for m in found.matrices for row in m for f in row):
        raise WrongAnswerError("it is not true that the resolution is minimal")
    passed = ("neighbours have product zero", "no entry is a constant, so it is minimal")
    return found, passed


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
