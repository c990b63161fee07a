"""Implicit equations by elimination in a computer algebra system, checked when they come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

from algattn.dimension.maps import jacobian_rank
from algattn.engines import Elimination, GroebnerBasis, choose, solve
from algattn.errors import (
    DisagreementError,
    EngineError,
    EngineNotFoundError,
    HypothesisError,
    UndecidedError,
)
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.groebner.buckets import Bucket
from algattn.groebner.graph import generate, graph_equations, graph_ring, prove_by_graph
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.implicit_evidence import Vanishes, check_degrees
from algattn.groebner.implicit_result import ImplicitIdeal, count_degrees
from algattn.groebner.interpolation import Interpolation, by_bucket
from algattn.groebner.lifting import assemble
from algattn.groebner.limits import check_kernel, check_size
from algattn.maps import PolynomialMap
from algattn.maps.kernels import Array
from algattn.maps.residues import usable_primes
from algattn.maps.texts import read_all, spell
from algattn.progress import Monitor
from algattn.results import Claim, Evidence, Status, about, declare

PROOF_SECONDS = 10.0
DEFAULT_SECONDS = 60.0


def eliminated(
    model: GradedMap,
    max_degree: int | None,
    engine: str | None,
    seed: int,
    time_limit: float | None,
    progress: bool,
) -> ImplicitIdeal:
    """All equations that a computer algebra system finds, or minimal ones up to a degree."""
    asked, problem = "eliminate the parameters", model.problem
    if problem.rational or isinstance(problem.field, NumberField):
        what = "is rational" if problem.rational else f"is over {problem.field}"
        raise HypothesisError(asked, f"the map {what}", "max_degree=, for equations by degree")
    limit = DEFAULT_SECONDS if time_limit is None else time_limit
    with Monitor(asked, progress=progress, time_limit=limit) as monitor:
        return _eliminated(model, max_degree, engine, seed, monitor)


def _eliminated(
    model: GradedMap, max_degree: int | None, engine: str | None, seed: int, monitor: Monitor
) -> ImplicitIdeal:
    problem, degrees = model.problem, model.given
    polys, target = problem.polynomials, problem.target
    task, plain = _tasks(problem, degrees, max_degree)
    try:
        chosen = choose(task, engine)
    except EngineNotFoundError:
        raise
    except EngineError:  # without degree bounds or weights more engines can do it
        task, chosen = plain, choose(plain, engine)
    answer = solve(task, chosen.name, time_limit=_left(monitor))
    monitor.step()
    found = [_cleared(target, g) for g in answer]
    for g in found:
        if g.compose(*polys):
            raise DisagreementError(
                f"check the elimination by {chosen.name}",
                f"{str(g)[:80]} does not vanish on the image",
                "report this, and take another engine",
                [str(g) for g in found],
            )
        monitor.step()
    if max_degree is not None:
        if found:  # a basis for an order by degree has enough multiples in each degree
            basis = solve(
                GroebnerBasis(tuple(found), "degrevlex", degrees), time_limit=_left(monitor)
            )
            found = [_cleared(target, g) for g in basis]
        return _checked_degrees(model, found, max_degree, seed, monitor)
    said = f"{chosen.name} {chosen.version()}"
    proof = prove_by_graph(problem, found, degrees, said, min(PROOF_SECONDS, _left(monitor)))
    if proof is None:
        compare_dimension(problem, found, chosen.name, _left(monitor))
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


def _left(monitor: Monitor) -> float:
    """The seconds that are left; raises when there are none."""
    monitor.step()
    return max(monitor.remaining or 0.0, 0.0)


def _tasks(
    problem: PolynomialMap, degrees: Sequence[int], max_degree: int | None
) -> tuple[Elimination, Elimination]:
    """The elimination, with a bound on its degrees where one is right, and without all help."""
    polys, k = problem.polynomials, len(problem.ring.names)
    equations, gone = graph_equations(polys), graph_ring(polys).names[:k]
    image_degrees = tuple(max(p.degree(), 1) for p in polys)
    bound = None
    if max_degree is not None and all(
        {sum(e) for e, _ in p.terms()} <= {w} for p, w in zip(polys, image_degrees, strict=True)
    ):
        # an equation of degree at most D has at most this weighted degree
        bound = max(-(-max_degree * w // d) for d, w in zip(degrees, image_degrees, strict=True))
    weights = (1,) * k + image_degrees
    return Elimination(equations, gone, weights, bound), Elimination(equations, gone)


def _cleared(target: PolynomialRing, poly: Polynomial) -> Polynomial:
    moved = target.from_terms(poly.terms())
    if target.field.characteristic:
        return moved
    return moved * lcm(*(int(c.q) for _, c in moved.terms()))


def _checked_degrees(
    model: GradedMap, found: list[Polynomial], max_degree: int, seed: int, monitor: Monitor
) -> ImplicitIdeal:
    """Minimal generators among those that an engine found, proved to give all up to a degree."""
    listed = [model.lift(g) for g in found]
    prime = next(usable_primes(model.map, listed))
    work = Interpolation(model.map, model.degrees, model.rows, prime, seed)
    lower: dict[int, dict[int, Bucket]] = {0: {}}
    kept: list[Polynomial] = []

    def result() -> ImplicitIdeal | None:
        done = max(lower)
        return assemble(model, kept, done, lower, work) if done else None

    check_size(work, max_degree, result)
    for degree in range(1, max_degree + 1):
        buckets = work.buckets(degree, max_degree)
        rows = by_bucket(listed, work, buckets, degree)
        here: list[Polynomial] = []
        for w, bucket in buckets.items():
            check_kernel(len(bucket.monomials), degree, monitor, result)
            bucket.kernel = work.kernel(bucket.monomials)
            given: list[Array] = []
            missing = len(work.new(bucket, lower, max_degree))
            for g, row in rows.get(w, []):
                if missing and len(work.new(bucket, lower, max_degree, [*given, row])) < missing:
                    given.append(row)
                    here.append(g)
                    missing -= 1
            if missing:
                raise UndecidedError(
                    "compare an elimination with the kernels",
                    f"there may be equations of degree {degree} that the engine did not find",
                    'another seed, or method="graded"',
                )
            monitor.step(partial=result)
        lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
        kept += here
    ideal = result()
    assert ideal is not None
    return ideal


def compare_dimension(
    problem: PolynomialMap,
    found: Sequence[Polynomial],
    engine: str,
    time_limit: float | None = DEFAULT_SECONDS,
) -> None:
    """The zero set of the equations must have the dimension of the image."""
    from algattn.engines.leading import leading_term, monomial_dimension, order_key

    target = problem.target
    # Any order of the remaining variables will do for a Groebner basis: ask for one again.
    basis = solve(GroebnerBasis(tuple(found) or (target(0),)), time_limit=time_limit)
    key = order_key("degrevlex", (1,) * len(target.names))
    heads = [leading_term(g, key)[0] for g in basis]
    by_ideal = monomial_dimension(heads, len(target.names))
    by_rank = jacobian_rank(problem, 0, next(problem.primes()))
    inseparable = problem.field.characteristic and by_ideal > by_rank
    if by_ideal != by_rank and not inseparable:
        raise DisagreementError(
            f"check the elimination by {engine}",
            f"its ideal has dimension {by_ideal}, the differential has rank {by_rank}",
            "report this, and take another engine",
            [str(g) for g in found],
        )


def generate_elimination(problem: PolynomialMap, listed: Sequence[Polynomial]) -> bool:
    """Whether polynomials generate what an engine eliminates from the graph."""
    polys, target = list(problem.polynomials), problem.target
    names = graph_ring(polys).names[: len(polys[0].ring.names)]
    found = solve(Elimination(graph_equations(polys), names), time_limit=60.0)
    basis = solve(GroebnerBasis(tuple(listed) or (target(0),)), time_limit=60.0)
    basis = [g for g in (_cleared(target, g) for g in basis) if g]
    return generate(basis, [_cleared(target, g) for g in found], (1,) * len(target.names))


@declare("implicit.reported", about("implicit.ideal", "complete"), Status.PROBABLE, recomputed=True)
@dataclass(frozen=True)
class Reported(Evidence):
    """Another system says so, asked again; its ideal has the dimension of the image."""

    engine: str
    version: str

    def summary(self) -> str:
        return f"elimination by {self.engine} {self.version}; the dimension agrees"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        said = f"{self.engine} {self.version}"
        self.expect(claim.value["engine"], said, "another engine is named in the claim")
        check_degrees(self, problem, claim.value["degrees"])
        found = read_all(claim.value["generators"], problem.target)
        compare_dimension(problem, found, self.engine)
        if not generate_elimination(problem, found):
            raise self.fail("an elimination finds equations that they do not generate")
