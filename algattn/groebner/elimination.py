"""Implicit equations by elimination in a computer algebra system, checked when they come back."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from math import lcm
from typing import Any

from algattn.errors import DisagreementError, EngineError, EngineNotFoundError, UndecidedError
from algattn.exact import QQ, Matrix, Polynomial, PolynomialRing
from algattn.exact.fields import PrimeField
from algattn.groebner.grading import Grading
from algattn.groebner.graph import generate, graph_equations, graph_ring, prove_by_graph
from algattn.groebner.implicit_evidence import Reported, Vanishes
from algattn.groebner.implicit_result import ImplicitIdeal, count_degrees
from algattn.groebner.interpolation import Bucket, Interpolation, by_bucket
from algattn.groebner.lifting import assemble, numbers, usable_primes
from algattn.groebner.polynomial_map import PolynomialMap, spell
from algattn.results import Evidence

PROOF_SECONDS = 10.0


def eliminated(
    polys: list[Polynomial],
    target: PolynomialRing,
    grades: Grading,
    grading: Sequence[int] | str | None,
    hints: Sequence[Sequence[int]],
    max_degree: int | None,
    engine: str | None,
    seed: int,
    time_limit: float | None,
) -> ImplicitIdeal:
    from algattn.engines import Elimination, choose, solve

    degrees = grades.degrees(grading) if grading is not None else grades.positive(hints)
    if degrees is None and max_degree is not None:
        grades.degrees(None, hints)  # raises, with the reason
    k = len(polys[0].ring.names)
    equations, graph = graph_equations(polys), graph_ring(polys)
    image_degrees = tuple(max(p.degree(), 1) for p in polys)
    weights = (1,) * k + image_degrees
    bound = None
    if (
        max_degree is not None
        and degrees is not None
        and all(len({sum(e) for e, _ in p.terms()}) <= 1 for p in polys)
    ):
        # an equation of degree at most D has at most this weighted degree
        bound = max(-(-max_degree // d) * w for d, w in zip(degrees, image_degrees, strict=True))
    task = Elimination(equations, graph.names[:k], weights, bound)
    try:
        chosen = choose(task, engine)
    except EngineNotFoundError:
        raise
    except EngineError:  # without degree bounds or weights more engines can do it
        task = Elimination(equations, graph.names[:k])
        chosen = choose(task, engine)
    answer = solve(task, chosen.name, time_limit=60.0 if time_limit is None else time_limit)
    found = [_cleared(target, g) for g in answer]
    for g in found:
        if g.compose(*polys):
            raise DisagreementError(
                f"check the elimination by {chosen.name}",
                f"{str(g)[:80]} does not vanish on the image",
                "report this, and take another engine",
                [str(g) for g in found],
            )
    if max_degree is not None and degrees is not None:
        return _checked_degrees(polys, target, grades, degrees, found, max_degree, seed)
    problem, said = PolynomialMap(target.names, tuple(polys)), f"{chosen.name} {chosen.version()}"
    proof = prove_by_graph(polys, found, degrees, said, PROOF_SECONDS)
    if proof is None:
        compare_dimension(problem, found, chosen.name)
    complete: Evidence = proof or Reported(chosen.name, chosen.version())
    return ImplicitIdeal.assemble(
        problem,
        count_degrees(found, degrees),
        {"vanish": [Vanishes()], "complete": [complete]},
        texts=spell(found),
        max_degree=None,
        degrees=degrees,
        numbers=None,
        engine=said,
    )


def _cleared(target: PolynomialRing, poly: Polynomial) -> Polynomial:
    moved = target.from_terms(poly.terms())
    if target.field.characteristic:
        return moved
    return moved * lcm(*(c.denominator for c in numbers(moved)))


def _checked_degrees(
    polys: list[Polynomial],
    target: PolynomialRing,
    grades: Grading,
    degrees: tuple[int, ...],
    found: list[Polynomial],
    max_degree: int,
    seed: int,
) -> ImplicitIdeal:
    """Minimal generators among those that an engine found, proved to give all up to a degree."""
    field = polys[0].ring.field
    prime = field.p if isinstance(field, PrimeField) else next(usable_primes([*polys, *found]))
    work = Interpolation(polys, degrees, grades.rows, prime, seed)
    lower: dict[int, dict[int, Bucket]] = {0: {}}
    kept: list[Polynomial] = []
    for degree in range(1, max_degree + 1):
        buckets = work.buckets(degree, max_degree)
        rows = by_bucket(found, work, buckets, degree)
        for w, bucket in buckets.items():
            given = rows.get(w, [])
            known = work.multiples(bucket, lower, max_degree)
            new = work.independent(known, [r for _, r in given], len(bucket.monomials))
            kept += [given[i][0] for i in new]
            bucket.kernel = work.row_basis(
                [*known, *(given[i][1] for i in new)], len(bucket.monomials)
            )
            if len(bucket.kernel) != len(work.kernel(bucket.monomials)):
                raise UndecidedError(
                    "compare an elimination with the kernels",
                    f"there may be equations of degree {degree} that the engine did not find",
                    'another seed, or method="graded"',
                )
        lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
    return assemble(polys, target, degrees, kept, max_degree, lower, work)


def compare_dimension(problem: PolynomialMap, found: Sequence[Polynomial], engine: str) -> None:
    """The zero set of the equations must have the dimension of the image."""
    from algattn.engines import GroebnerBasis, solve
    from algattn.engines.leading import leading_term, monomial_dimension, order_key

    polys, target = problem.polynomials, problem.target
    # Any order of the remaining variables will do for a Groebner basis: ask for one again.
    basis = solve(GroebnerBasis(tuple(found) or (target(0),)))
    key = order_key("degrevlex", (1,) * len(target.names))
    heads = [leading_term(g, key)[0] for g in basis]
    by_ideal = monomial_dimension(heads, len(target.names))
    by_rank = differential_rank(polys)
    inseparable = polys[0].ring.field.characteristic and by_ideal > by_rank
    if by_ideal != by_rank and not inseparable:
        raise DisagreementError(
            f"check the elimination by {engine}",
            f"its ideal has dimension {by_ideal}, the differential has rank {by_rank}",
            "report this, and take another engine",
            [str(g) for g in found],
        )


def generate_elimination(problem: PolynomialMap, listed: Sequence[Polynomial]) -> bool:
    """Whether polynomials generate what an engine eliminates from the graph."""
    from algattn.engines import Elimination, GroebnerBasis, solve

    polys, target = list(problem.polynomials), problem.target
    names = graph_ring(polys).names[: len(polys[0].ring.names)]
    found = solve(Elimination(graph_equations(polys), names), time_limit=60.0)
    basis = solve(GroebnerBasis(tuple(listed) or (target(0),)), time_limit=60.0)
    basis = [g for g in (_cleared(target, g) for g in basis) if g]
    return generate(basis, [_cleared(target, g) for g in found], None)


def differential_rank(polys: Sequence[Polynomial], seed: int = 0) -> int:
    """The rank of the differential at a random point modulo a prime: at most the dimension.

    >>> from algattn.exact import QQ
    >>> s, t = PolynomialRing(QQ, ("s", "t")).gens()
    >>> differential_rank([s**2, s * t, t**2])
    2
    """
    field = polys[0].ring.field
    small: Callable[[Any], Any] = field if field.characteristic else QQ
    rng = random.Random(f"algattn differential {seed}")
    top = field.characteristic or 10**6
    names = polys[0].ring.names
    point = [small(rng.randrange(1, top)) for _ in names]
    rows = [[p.derivative(x)(*point) for x in names] for p in polys]
    return Matrix(field, rows).rank()
