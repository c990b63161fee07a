"""Equations of the image of a map for questions about its points: all of them, if possible."""

from __future__ import annotations

from algattn.dimension.maps import MapDimension
from algattn.errors import EngineError, HypothesisError, LimitError
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.implicitize import implicitize
from algattn.groebner.whole_ideal import whole_ideal
from algattn.maps import PolynomialMap
from algattn.progress import Monitor
from algattn.results import Evidence, Status
from algattn.singularities.jacobian_criterion import same_map

#: Degrees up to which equations are looked for where all are not found.
MAX_DEGREE = 6


def known_equations(
    phi: PolynomialMap, engine: str | None, time_limit: float | None, seed: int
) -> ImplicitIdeal | None:
    """The ideal of the image, or equations up to a degree; None where nothing is found in time."""
    found: ImplicitIdeal | None = None
    try:
        return whole_ideal(phi, time_limit=time_limit, engine=engine, seed=seed)
    except (EngineError, LimitError) as error:
        found = getattr(error, "partial", None)
    except HypothesisError:  # for maps of which only equations up to a degree can be found
        with Monitor("find equations", time_limit=time_limit) as monitor:
            for degree in range(1, MAX_DEGREE + 1):
                try:
                    left = monitor.remaining
                    found = implicitize(phi, max_degree=degree, time_limit=left, seed=seed)
                except LimitError as error:
                    found = error.partial or found
                    break
    return found


def check_whole(evidence: Evidence, ideal: ImplicitIdeal, phi: PolynomialMap) -> None:
    """Fail unless the ideal is proved to be that of the image of the map."""
    if not same_map(ideal.problem, phi):
        raise evidence.fail("the equations are those of another map")
    ideal.check()
    if not ideal.complete:
        raise evidence.fail("the equations are not proved to be all")


def check_bounds(evidence: Evidence, size: MapDimension, phi: PolynomialMap) -> None:
    """Fail unless the bounds of a dimension are proved to be those of the image of the map."""
    if size.problem != phi:
        raise evidence.fail("it is the dimension of another map")
    size.check()
    names = ("lower", "upper") if size.lower != size.upper else ("dimension",)
    if any(size.claim(name).status is not Status.PROVED for name in names):
        raise evidence.fail("the bounds of the dimension are not proved")
