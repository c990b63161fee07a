"""Critical points of least squares on one very small layer, exactly, modulo the gauge.

The loss is a quadratic form in the coefficients of the function.  The weights are cut down to one
representative of each gauge orbit by charts: the first nonzero entry of k (a = 1) and of V is 1.
Every chart gives a polynomial system; its solutions are decomposed over QQ, isolated real ones
become exact algebraic numbers, the rest is reported as components of positive dimension.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.attention import Architecture, Weights
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain_layer, unless
from algattn.errors import HypothesisError, LimitError
from algattn.exact import QQ, NumberField
from algattn.progress import Monitor
from algattn.questions import question
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Grid,
    ListLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
    thaw,
)
from algattn.singularities.balls import real_ball, significant
from algattn.singularities.critical_point import CriticalComponent, CriticalPoint
from algattn.singularities.critical_search import Found, by_loss, describe, search
from algattn.singularities.least_squares import Loss, charts, has_keys, names_of, read_data
from algattn.singularities.stored import Rows, as_seconds
from algattn.singularities.theorem import SINGULARITIES

CRITICAL_POINTS = Theorem(
    "Critical points of training",
    SINGULARITIES,
    *plain_layer,
    unless(
        "a = 1 or a >= d",
        "its rank is bounded, and not 1",
        lambda n: n.ranks[0] == 1 or n.ranks[0] >= n.d_in,
    ),
)

MAX_UNKNOWNS = 6

Pairs = tuple[tuple[Rows, Rows], ...]


@register
@dataclass(frozen=True, repr=False)
class CriticalResult(ListLike, Result):
    """The real critical points of least squares, modulo gauge.

    ``value`` is the number of certainly isolated real ones with a function that is not zero;
    ``components`` are sets of positive dimension, (chart, dimension, equations), ``points`` all
    others, by loss.  The charts are cells, so a set that crosses several of them is listed in each.
    """

    kind: ClassVar[str] = "point.critical"
    title: ClassVar[str] = "Where is the loss critical?"
    lists: ClassVar[str] = "points"
    claim_names: ClassVar[tuple[str, ...]] = (
        "points",
        "complete",
    )

    problem: Problem
    value: int
    data: Pairs
    points: tuple[CriticalPoint, ...]
    components: tuple[CriticalComponent, ...]

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """Version 0.1 listed beside the points whether they are isolated."""
        detail = dict(parts["detail"])
        points, isolated = detail.get("points"), detail.pop("isolated", None)
        if isinstance(points, list) and isinstance(isolated, list):
            pairs = zip(points, isolated, strict=False)
            detail["points"] = [{**p, "isolated": x} for p, x in pairs if isinstance(p, dict)]
        return parts | {"detail": detail}, evidence

    def outline(self) -> tuple[Outline, ...]:
        if not self.problem.asks():
            return ()
        said = critical_claims(self.value, self.data, self.points, self.components)
        return (
            Outline("points", "the listed points are critical, of the kinds given", said["points"]),
            Outline(
                "complete",
                "all others lie on the components; of those listed with a nonzero function "
                f"{self.value} {'is' if self.value == 1 else 'are'} certainly isolated",
                said["complete"],
            ),
        )

    @property
    def minimum(self) -> CriticalPoint | None:
        """The isolated critical point of smallest loss."""
        return next(iter(self.points), None)

    def sentence(self) -> str:
        n, more = self.value, len(self.components)
        edges = sum(p.edge for p in self.points)
        spurious = sum(not p.genuine for p in self.points) - edges
        minima = f" and {edges} edge minim{'a' if edges > 1 else 'um'}" if edges else ""
        return (
            f"The loss has {n} isolated real critical point{'s' * (n != 1)} with a nonzero "
            f"function modulo gauge, {spurious} of all {len(self.points)} spurious{minima}, and "
            f"{more} component{'s' * (more != 1)} of positive dimension"
        )

    def card_rows(self) -> Iterator[CardRow]:
        for p in self.points:
            loss = p.digits if isinf(p.loss) else f"{p.loss:.6g}"
            more = ", may lie on a component" * (not p.isolated)
            yield CardRow(f"loss {loss}:", f"{p.role}, {p.stratum}{more}")
            for name, (M,) in (("A", p.weights.A), ("V", p.weights.V)):
                digits = [[significant(real_ball(x), 6) for x in row] for row in M.rows]
                yield CardRow(f"  {name} ~", Grid(digits))


def stored_pairs(pairs: Sequence[tuple[Any, Any]]) -> Pairs:
    """Pairs (X, Y) of rational matrices as they are stored."""

    def rows(M: Any) -> Rows:
        return tuple(tuple(QQ.format(x) for x in row) for row in M)

    return tuple((rows(X), rows(Y)) for X, Y in pairs)


def critical_claims(
    value: int,
    data: Pairs,
    points: Sequence[CriticalPoint],
    components: Sequence[CriticalComponent],
) -> dict[str, Any]:
    """The values of the claims, by name."""
    listed = {"data": data, "points": [p.listed() for p in points]}
    rest = {"isolated": [p.isolated for p in points], "components": list(components)}
    return {"points": listed, "complete": {"value": value, "detail": listed | rest}}


def isolated_count(points: Sequence[CriticalPoint]) -> int:
    """How many are certainly isolated and have a function that is not zero."""
    return sum(p.isolated and p.stratum != "zero" for p in points)


@declare("point.critical-substituted", about("point.critical", "points"), Status.PROVED)
@dataclass(frozen=True)
class Substituted(Evidence):
    """Exact substitution into the gradient and the second derivative, over the number fields."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network, said = problem.under(CRITICAL_POINTS), thaw(claim.value)
        data = read_data(network, said["data"])
        loss = Loss.of(network, data)
        by_place = {(c.ones, c.zeros): c for c in charts(network)}
        found = []
        for p in said["points"]:
            weights = Weights.from_data(p["weights"])
            chart = by_place.get((tuple(p["chart"][0]), tuple(p["chart"][1])))
            if chart is None or len(p["values"]) != len(chart.ring.names):
                raise self.fail("the chart is none of the network, or has other unknowns")
            field = weights.field
            if not (field == QQ or (isinstance(field, NumberField) and field.is_real)):
                raise self.fail("a point is not real")
            ranked = describe(network, loss, chart, [field(x) for x in p["values"]])
            if ranked is None:
                raise self.fail("a point is not critical")
            found.append(ranked)
        expected = critical_claims(0, stored_pairs(data), by_loss(found), ())["points"]
        self.expect(said, expected, "a point is not critical so")


@declare(
    "point.critical-decomposed",
    about("point.critical", "complete"),
    Status.PROBABLE,
    recomputed=True,
)
@dataclass(frozen=True)
class Decomposed(Evidence):
    """Groebner bases over QQ of all charts, computed by a computer algebra system."""

    engine: str
    seconds: float | None

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Version 0.1 wrote whole numbers of seconds as they were given."""
        return data | {"seconds": as_seconds(data.get("seconds"))}

    def check(self, problem: Problem, claim: Claim) -> None:
        network, said = problem.under(CRITICAL_POINTS), thaw(claim.value)
        found, given = Found([], []), read_data(network, said["detail"]["data"])
        with Monitor("verify critical points", time_limit=self.seconds) as monitor:
            search(network, given, self.engine or None, found, monitor)
        points = found.sorted_points()
        expected = critical_claims(
            isolated_count(points), stored_pairs(given), points, found.components
        )
        self.expect(said, expected["complete"], "the decomposition differs")


@question("point.critical")
@checked
def critical_points(
    network: Architecture,
    data: Sequence[tuple[Any, Any]],
    *,
    engine: str | None = None,
    time_limit: float = 120.0,
    progress: bool = False,
) -> CriticalResult:
    """All real critical points of ``sum |f(X) - Y|^2`` over the weights of one very small layer.

    Parameters
    ----------
    network : Lightning
        One layer with ``a = 1`` or ``a >= d``, at most six unknowns modulo gauge.
    data : sequence of (X, Y)
        Matrices d x t and d' x t with rational entries.
    engine : str, optional
        For the decompositions; unless given msolve, where installed, for the Groebner bases.
    time_limit : float
        Seconds, for everything.
    progress : bool
        Show a bar, one step for each chart.

    Returns
    -------
    CriticalResult
        The listed points are PROVED to be critical; that there are no others is PROBABLE (the
        word of a computer algebra system).  For ``a >= d`` the weights are (A, V): the
        factorisation ``A = K^T Q`` has further critical points where A is singular (K = Q = 0 is
        always one).  Weights with V = 0 or k = 0 have the zero function:
        they are critical whenever A and V (k, q and V) vanish together, and are not listed.

    Raises
    ------
    HypothesisError
        For larger networks.
    LimitError
        ``.partial`` is a result with the points found so far, the claim "complete" unproved.

    Complexity
    ----------
    As many complex solutions as the distance degree of the data times the preimages, plus the
    spurious ones: 20 and 10 for ``widths=(2, 1), ranks=1``.

    References
    ----------
    "Critical points of training" of ``algattn/docs/singularities.md``.

    Examples
    --------
    >>> from algattn import Lightning
    >>> data = [([[1, 2]], [[1, 1]])]
    >>> critical_points(Lightning(widths=(1, 1), ranks=1), data, engine="builtin").value
    1
    """
    CRITICAL_POINTS.require(network, "find the critical points")
    unknowns = len(names_of(network)) - (2 if has_keys(network) else 1)
    if unknowns > MAX_UNKNOWNS:
        raise HypothesisError(
            f"find the critical points of {network!r}",
            f"it has {unknowns} unknowns modulo gauge",
            f"use a layer with at most {MAX_UNKNOWNS} unknowns",
        )
    pairs, found = read_data(network, data), Found([], [])

    def result(*complete: Evidence) -> CriticalResult:
        points = found.sorted_points()
        return CriticalResult.assemble(
            Problem(network),
            isolated_count(points),
            {"points": [Substituted()], "complete": complete},
            data=stored_pairs(pairs),
            points=points,
            components=tuple(found.components),
        )

    total = sum(1 for _ in charts(network))
    asked = "find critical points"
    with Monitor(asked, total=total, progress=progress, time_limit=time_limit) as monitor:
        try:
            search(network, pairs, engine, found, monitor)
        except LimitError as error:
            raise LimitError(
                f"find the critical points of {network!r}",
                f"the time limit of {time_limit:g} s is over in chart {monitor.done} of {total}",
                "raise time_limit, or use `.partial`, the points found so far",
                result(),
            ) from error
    return result(Decomposed(engine or "", as_seconds(time_limit)))
