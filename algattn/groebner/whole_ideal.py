"""The ideal of the image of a map with a proof that there are no other equations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import count
from typing import Any

from algattn.engines import get
from algattn.errors import EngineError, HypothesisError, InputError, LimitError
from algattn.groebner.buckets import GradedMonomials
from algattn.groebner.chart_search import find_chart
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.implicit_evidence import Vanishes
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.implicitize import as_map, implicitize
from algattn.groebner.limits import kernel_seconds
from algattn.groebner.unmixed import prove_unmixed
from algattn.maps.residues import usable_primes
from algattn.progress import Monitor
from algattn.results import Evidence, Status
from algattn.words import quoted

#: Seconds unless a time limit is given, those of one kernel when there may be no more equations,
#: and those of one Groebner basis.
DEFAULT_SECONDS = 60.0
KERNEL_SECONDS = 2.0
#: Degrees without new equations, after the first ones, until an elimination is tried.
QUIET = 3
PROOF_SECONDS = 10.0
ASKED = "find the ideal of an image"


def whole_ideal(
    phi: Any,
    max_degree: int | None = None,
    *,
    degree: Sequence[int] | str = "ordinary",
    engine: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> ImplicitIdeal:
    """All equations of an image; see :meth:`algattn.PolynomialMap.ideal`."""
    problem = as_map(phi, None)
    if engine is not None:
        get(engine)  # refuses another name
    if max_degree is not None and (type(max_degree) is not int or max_degree < 1):
        raise InputError(ASKED, f"max_degree is {quoted(max_degree)}", "a positive whole number")
    degrees = problem.grading.degrees(degree, problem.hints)
    model = GradedMap(problem, degrees)
    limit = DEFAULT_SECONDS if time_limit is None else time_limit
    found: ImplicitIdeal | None = None
    quiet = 0
    with Monitor(ASKED, progress=progress, time_limit=limit) as monitor:
        for d in count(1) if max_degree is None else range(1, max_degree + 1):
            if max_degree is None and (quiet >= QUIET or not _worthwhile(model, d)):
                break
            old = found
            try:
                found = implicitize(
                    problem, max_degree=d, degree=degrees, seed=seed, time_limit=_left(monitor)
                )
            except LimitError as error:
                if max_degree is not None:
                    raise
                found = error.partial or found
                break
            if old is None or old.texts != found.texts:
                quiet, proof = 0, _proof(model, found, seed, _left(monitor))
                if proof is not None:
                    return _complete(found, proof)
            if max_degree is None and monitor.remaining == 0:
                break
            quiet += bool(found.value)
            monitor.step(partial=partial(_same, found))
        if max_degree is None:
            found = _eliminated(model, found, engine, seed, monitor)
        assert found is not None
        return found


def _same(found: ImplicitIdeal) -> ImplicitIdeal:
    return found


def _left(monitor: Monitor) -> float:
    return max(monitor.remaining or 0.0, 0.0)


def _worthwhile(model: GradedMap, degree: int) -> bool:
    """Whether the kernels of a degree take no longer than an elimination may."""
    if degree == 1:
        return True
    work = GradedMonomials(model.degrees, model.rows)
    if work.many(degree) > 100_000:
        return False
    largest = max(len(b.monomials) for b in work.buckets(degree, degree).values())
    return kernel_seconds(largest) < KERNEL_SECONDS


def _proof(model: GradedMap, found: ImplicitIdeal, seed: int, left: float) -> Evidence | None:
    listed, prime = [model.lift(g) for g in found._generators], next(usable_primes(model.map))
    limit = min(left, PROOF_SECONDS)
    try:
        chart = find_chart(model, listed, prime, seed, limit)
        return chart or prove_unmixed(model, listed, prime, seed, limit)
    except (HypothesisError, LimitError):  # over a small field all points may be poles; or time
        return None


def _complete(found: ImplicitIdeal, proof: Evidence) -> ImplicitIdeal:
    """The same equations as the whole ideal."""
    return ImplicitIdeal.assemble(
        found.problem,
        found.value,
        {"vanish": [Vanishes()], "complete": [proof]},
        texts=found.texts,
        max_degree=None,
        degrees=found.degrees,
        numbers=None,
        engine=None,
    )


def _eliminated(
    model: GradedMap,
    known: ImplicitIdeal | None,
    engine: str | None,
    seed: int,
    monitor: Monitor,
) -> ImplicitIdeal:
    """The ideal from an elimination; else what is known up to a degree."""
    try:
        found = implicitize(
            model.problem,
            method="elimination",
            degree=model.given,
            engine=engine,
            time_limit=_left(monitor),
            seed=seed,
        )
    except (EngineError, HypothesisError, LimitError):
        if known is None:
            raise
        return known
    if found.status is Status.PROVED:
        return found
    proof = _proof(model, found, seed, _left(monitor))
    return found if proof is None else _complete(found, proof)
