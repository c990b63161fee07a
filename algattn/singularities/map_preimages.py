"""Exact parameters with a given value: rational ones where simple slices of the fiber have such."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

from algattn.engines import GroebnerBasis, solve
from algattn.engines.ideal_tasks import Radical
from algattn.engines.leading import leading_term, order_key
from algattn.errors import EngineError, LimitError
from algattn.exact import Field, NumberField, Polynomial, PolynomialRing
from algattn.maps.texts import spell
from algattn.progress import Monitor
from algattn.singularities.map_points import ImagePoint

#: The variable of the polynomials that describe algebraic parameters.
PARAMETER = "t"
#: Slices of the fiber that are tried.
TRIES = 6
#: The largest degree of a field that is adjoined.
MAX_DEGREE = 12

Found = tuple[str, tuple[str, ...]]


def residues(field: Field, ring: PolynomialRing) -> Polynomial:
    """The minimal polynomial of a number field in a ring with one variable."""
    assert isinstance(field, NumberField)
    (t,) = ring.gens()
    return sum((t**k * c for k, c in enumerate(field.modulus)), ring(0))


def find_preimage(
    problem: ImagePoint,
    basis: Sequence[Polynomial],
    engine: str | None,
    time_limit: float | None,
) -> Found | None:
    """A polynomial, and the parameters as polynomials in its roots; None when none is found.

    The fiber, whose degrevlex basis is given, is cut down to points by fixing independent
    parameters at small numbers; the points are separated by a linear form.
    """
    best: Found | None = None
    with Monitor("find a preimage", time_limit=time_limit) as monitor:
        for fixed in _slices(problem, basis):
            try:
                found = _points(problem, [*basis, *fixed], engine, monitor)
            except (EngineError, LimitError):
                return best
            if found is not None and found[0] <= 1:
                return found[1]
            if found is not None and best is None:
                best = found[1]
    return best


def _slices(problem: ImagePoint, basis: Sequence[Polynomial]) -> Iterator[list[Polynomial]]:
    """Equations that fix independent parameters."""
    ring = problem.ring
    ones = order_key("degrevlex", (1,) * len(ring.names))
    heads = [leading_term(g, ones)[0] for g in basis]
    start = int(problem.map.rational)
    free: list[int] = []
    for j in range(start, start + len(problem.map.parameters)):
        if all(any(e for i, e in enumerate(h) if i not in (*free, j)) for h in heads):
            free.append(j)
    rng, gens = random.Random(f"algattn preimage {len(free)}"), ring.gens()
    for n in range(TRIES if free else 1):
        bound = 1 if n < 2 else n
        values = [0 if n == 0 else rng.randrange(-bound, bound + 1) for _ in free]
        yield [gens[j] - x for j, x in zip(free, values, strict=True)]


def _points(
    problem: ImagePoint, given: Sequence[Polynomial], engine: str | None, monitor: Monitor
) -> tuple[int, Found] | None:
    """Degree and description of points of a slice; None when none are found."""
    old = problem.ring
    extended = isinstance(problem.map.field, NumberField)
    names = [f"v{i}" for i in range(len(old.names))]
    ring = PolynomialRing(old.field, (*names, PARAMETER), "lex")
    gens = ring.gens()
    parameters = range(int(problem.map.rational), len(old.names) - extended)
    if extended:  # the root is the generator, so that all parameters lie in the field
        form = gens[len(old.names) - 1]
    else:
        form = sum((gens[j] * (1 + n * n) for n, j in enumerate(parameters)), ring(0))
    system = [ring.from_terms(((*e, 0), c) for e, c in g.terms()) for g in given if g]
    system.append(gens[-1] - form)

    def basis(polys: Sequence[Polynomial]) -> Any:
        task = GroebnerBasis(tuple(polys), order="lex", ring=ring)
        return solve(task, engine, time_limit=monitor.remaining)

    found = basis(system)
    bottom = [g for g in found if not any(any(e[:-1]) for e, _ in g.terms())]
    if not bottom or bottom[0].degree() < 1:
        return None
    for factor, _ in sorted(bottom[0].factor()[1], key=lambda f: f[0].degree()):
        if factor.degree() > MAX_DEGREE:
            break
        for again in (False, True):
            part = basis([*system, factor])
            if again:
                reduced = solve(Radical(tuple(part)), engine, time_limit=monitor.remaining)
                part = basis([ring.from_terms(g.terms()) for g in reduced])
            shown = _shape(part, ring, parameters)
            if shown is not None:
                small = PolynomialRing(old.field, (PARAMETER,))
                moved = [small.from_terms((e[-1:], c) for e, c in g.terms()) for g in shown]
                modulus = small.from_terms((e[-1:], c) for e, c in factor.terms())
                return modulus.degree(), (spell([modulus])[0], spell(moved))
    return None


def _shape(
    basis: Sequence[Polynomial], ring: PolynomialRing, parameters: Sequence[int]
) -> list[Polynomial] | None:
    """The parameters as polynomials in the last variable, where a lex basis says so."""
    found = []
    for j in parameters:
        own = tuple(int(i == j) for i in range(len(ring.names)))
        for g in basis:
            exponents = [e for e, _ in g.terms()]
            if own in exponents and all(e == own or not any(e[:-1]) for e in exponents):
                found.append(ring.gens()[j] - g)
                break
        else:
            return None
    return found
