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
from algattn.exact.modular import echelon, matrix_of
from algattn.maps.texts import spell
from algattn.progress import Monitor
from algattn.singularities.map_points import ImagePoint

#: The variable of the polynomials that describe algebraic parameters.
PARAMETER = "t"
#: Slices of the fiber that are tried.
TRIES = 6
#: From so many parameters on, a finite slice of the fiber is tried before the whole.
MANY = 8
#: The largest degree of a field that is adjoined.
MAX_DEGREE = 12

Found = tuple[str, tuple[str, ...]]
Terms = list[tuple[tuple[int, ...], Any]]


def residues(field: Field, ring: PolynomialRing) -> Polynomial:
    """The minimal polynomial of a number field in a ring with one variable."""
    assert isinstance(field, NumberField)
    (t,) = ring.gens()
    return sum((t**k * c for k, c in enumerate(field.modulus)), ring(0))


def generic_slice(problem: ImagePoint) -> list[Polynomial]:
    """Equations that fix so many parameters as a generic fiber has dimensions; [] for few.

    The columns of the Jacobian of the others are independent at a random point.
    """
    phi = problem.map
    if len(phi.parameters) < MANY:
        return []
    prime = next(phi.primes())
    _, _, rows = phi.rows(phi.random_point(0, prime))
    pivots = echelon(matrix_of(rows, range(len(phi.parameters)), prime))[1]
    rng, gens = random.Random("algattn slice"), problem.ring.gens()[int(problem.inverse) :]
    fixed = (j for j in range(len(phi.parameters)) if j not in pivots)
    return [gens[j] - rng.choice((1, -1, 2, -2)) for j in fixed]


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
    start = int(problem.inverse)
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
    old, field = problem.ring, problem.map.field
    extended = isinstance(field, NumberField)
    names = [f"v{i}" for i in range(len(old.names))]
    parameters = names[int(problem.inverse) : len(names) - extended]

    def basis(polys: Sequence[Terms], last: str) -> tuple[Polynomial, ...]:
        """A lexicographic basis, that variable the last one."""
        order = [*(x for x in (*names, PARAMETER) if x != last), last]
        ring = PolynomialRing(old.field, tuple(order), "lex")
        places = [[*names, PARAMETER].index(x) for x in order]
        here = tuple(ring.from_terms((tuple(e[i] for i in places), c) for e, c in g) for g in polys)
        task = GroebnerBasis(here, order="lex", ring=ring)
        found: tuple[Polynomial, ...] = solve(task, engine, time_limit=monitor.remaining)
        return found

    separating = PolynomialRing(old.field, (*names, PARAMETER))
    form = separating.gen(PARAMETER) - (separating.gen(names[-1]) if extended else 0)
    for n, x in enumerate(parameters):
        form = form - separating.gen(x) * (1 + n * n)
    system = [[((*e, 0), c) for e, c in g.terms()] for g in given if g]
    system.append(list(form.terms()))
    bottom = [g for g in basis(system, PARAMETER) if _alone(g)]
    if not bottom or bottom[0].degree() < 1:
        return None
    factors = sorted((f for f, _ in bottom[0].factor()[1]), key=Polynomial.degree)
    for factor in factors:
        wanted = field.degree if isinstance(field, NumberField) else factor.degree()
        if factor.degree() > MAX_DEGREE or factor.degree() != wanted:
            continue
        # over a number field the parameters are polynomials in its generator
        last = names[-1] if extended else PARAMETER
        part = basis([*system, [((*(0,) * len(names), e[-1]), c) for e, c in factor.terms()]], last)
        if (shown := _shape(part, parameters)) is None:
            part = solve(Radical(part), engine, time_limit=monitor.remaining)
            ring = PolynomialRing(old.field, part[0].ring.names, "lex")
            plain = tuple(ring.from_terms(g.terms()) for g in part)
            task = GroebnerBasis(plain, order="lex", ring=ring)
            shown = _shape(solve(task, engine, time_limit=monitor.remaining), parameters)
        if shown is not None:
            small = PolynomialRing(old.field, (PARAMETER,))
            modulus = small.from_terms((e[-1:], c) for e, c in factor.terms())
            if extended:
                modulus = residues(field, small)
            return (1 if extended else modulus.degree()), (spell([modulus])[0], spell(shown))
    return None


def _alone(poly: Polynomial) -> bool:
    """Whether only the last variable occurs."""
    return not any(any(e[:-1]) for e, _ in poly.terms())


def _shape(basis: Sequence[Polynomial], names: Sequence[str]) -> list[Polynomial] | None:
    """Variables as polynomials in the last one, where a lex basis says so."""
    ring = basis[0].ring
    small, found = PolynomialRing(ring.field, (PARAMETER,)), []
    for name in names:
        own = next(iter(ring.gen(name).terms()))[0]
        for g in basis:
            rest = ring.gen(name) - g
            if own in (e for e, _ in g.terms()) and _alone(rest):
                found.append(small.from_terms((e[-1:], c) for e, c in rest.terms()))
                break
        else:
            return None
    return found
