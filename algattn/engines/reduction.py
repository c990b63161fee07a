"""Every question as one about a Groebner basis, and what is known without any engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from algattn.engines.ideal_tasks import (
    Cofactors,
    FreeResolution,
    Intersection,
    NormalForm,
    Quotient,
    Radical,
    Resolution,
)
from algattn.engines.tasks import (
    Component,
    Degree,
    Dimension,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Saturation,
    Task,
)
from algattn.exact import Polynomial, PolynomialRing
from algattn.exact.polynomials import new_name

#: The tasks that leading monomials answer.
COUNTS = (Dimension, Degree, HilbertSeries)
#: The tasks that are more than a basis for an engine.
Native = (
    GroebnerBasis
    | Elimination
    | MinimalPrimes
    | PrimaryDecomposition
    | Cofactors
    | Radical
    | FreeResolution
)


def as_basis(task: Task) -> Native:
    """The task that an engine is given: the counting and all decisions are done here.

    Dimension, degree, Hilbert series, membership and normal forms are read off a degrevlex basis;
    a saturation is the elimination of z from ``I + (1 - z f)``, an intersection that of z from
    ``z I + (1 - z) J``, and a quotient by f the intersection with (f), divided by f.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> as_basis(Saturation((x * y,), x)).generators
    (x*y, -z*x + 1)
    """
    if isinstance(task, Saturation | Intersection | Quotient):
        ring, lifted = extended(task.ring)
        z, given = ring.gens()[0], [lifted(g) for g in task.generators]
        if isinstance(task, Saturation):
            return Elimination((*given, 1 - z * lifted(task.by)), ring.names[:1])
        other = task.other if isinstance(task, Intersection) else (task.by,)
        mixed = [*(z * g for g in given), *((1 - z) * lifted(g) for g in other)]
        return Elimination(tuple(mixed), ring.names[:1])
    if isinstance(task, HilbertSeries):
        return GroebnerBasis(task.generators, weights=task.weights, ring=task.ring)
    if isinstance(task, (Dimension, Degree, Membership, NormalForm)):
        return GroebnerBasis(task.generators, ring=task.ring)
    assert isinstance(task, Native), "there is no other task"
    return task


def extended(ring: PolynomialRing) -> tuple[PolynomialRing, Callable[[Polynomial], Polynomial]]:
    """The ring with one more variable z in front, and how polynomials get there."""
    larger = PolynomialRing(ring.field, (new_name("z", ring.names), *ring.names))

    def lifted(poly: Polynomial) -> Polynomial:
        return larger.from_terms(((0, *e), c) for e, c in poly.terms())

    return larger, lifted


def known(task: Task) -> tuple[Any] | None:
    """The answer in a tuple, where the generators show the zero ideal or the whole ring.

    This is the one place that says what the answers are in these two cases.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> R = PolynomialRing(QQ, ("x", "y"))
    >>> known(Dimension((), ring=R)), known(Degree((R(3),))), known(Degree((R.gens()[0],)))
    ((2,), (0,), None)
    """
    nonzero = [g for g in task.generators if g]
    unit = any(g.flint.is_constant() for g in nonzero)
    n = len(task.ring.names)
    if isinstance(task, Saturation | Quotient) and not (task.by and (unit or not nonzero)):
        return None if task.by else ((task.target(1),),)
    if isinstance(task, Intersection) and not (nonzero and any(task.other)):
        return ((),)
    if isinstance(task, Cofactors) and (not nonzero or not any(task.polynomials)):
        zeros = (task.ring(0),) * len(task.generators)
        return (tuple(None if f else zeros for f in task.polynomials),)
    if (nonzero and not unit) or isinstance(task, Intersection | Cofactors):
        return None
    if isinstance(task, FreeResolution):
        return (Resolution((), () if unit else ((0,),)),)
    if isinstance(task, NormalForm):
        return (task.ring(0) if unit else task.polynomial,)
    if isinstance(task, (GroebnerBasis, Elimination, Saturation, Quotient, Radical)):
        return ((task.target(1),) if unit else (),)
    if isinstance(task, Membership):
        return (unit or not task.polynomial,)
    if isinstance(task, HilbertSeries):
        return (() if unit else (1,),)
    if isinstance(task, Dimension):
        return (-1 if unit else n,)
    if isinstance(task, Degree):
        return (0 if unit else 1,)
    if unit:
        return ((),)
    primary = () if isinstance(task, PrimaryDecomposition) else None
    conjugates = 1 if isinstance(task, MinimalPrimes) and task.absolute else None
    return ((Component((), n, 1, primary, conjugates),),)
