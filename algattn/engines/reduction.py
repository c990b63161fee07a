"""Every question as one about a Groebner basis, and what is known without any engine."""

from __future__ import annotations

from typing import Any

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

#: The tasks that leading monomials answer.
COUNTS = (Dimension, Degree, HilbertSeries)


def as_basis(task: Task) -> GroebnerBasis | Elimination | MinimalPrimes | PrimaryDecomposition:
    """The task that an engine is given: the counting and all decisions are done here.

    Dimension, degree, Hilbert series and membership are read off a degrevlex basis; a saturation
    is the elimination of z from ``I + (1 - z f)``.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> as_basis(Saturation((x * y,), x)).generators
    (x*y, -z*x + 1)
    """
    if isinstance(task, Saturation):
        z = "z"
        while z in task.ring.names:
            z += "_"
        ring = PolynomialRing(task.ring.field, (z, *task.ring.names))

        def lifted(poly: Polynomial) -> Polynomial:
            return ring.from_terms(((0, *e), c) for e, c in poly.terms())

        inverse = 1 - ring.gens()[0] * lifted(task.by)
        return Elimination((*map(lifted, task.generators), inverse), (z,))
    if isinstance(task, HilbertSeries):
        return GroebnerBasis(task.generators, weights=task.weights, ring=task.ring)
    if isinstance(task, (Dimension, Degree, Membership)):
        return GroebnerBasis(task.generators, ring=task.ring)
    assert isinstance(task, (GroebnerBasis, Elimination, MinimalPrimes, PrimaryDecomposition)), (
        "there is no other task"
    )
    return task


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
    if isinstance(task, Saturation) and not (task.by and (unit or not nonzero)):
        return None if task.by else ((task.target(1),),)
    if nonzero and not unit:
        return None
    if isinstance(task, (GroebnerBasis, Elimination, Saturation)):
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
