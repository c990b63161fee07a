"""Critical points of least squares on one very small layer, exactly, modulo the gauge.

The loss is a quadratic form in the coefficients of the function.  The weights are cut down to one
representative of each gauge orbit by charts: the first nonzero entry of k (a = 1) and of V is 1.
Every chart gives a polynomial system; its solutions are decomposed over QQ, isolated real ones
become exact algebraic numbers, the rest is reported as components of positive dimension.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import HypothesisError, LimitError
from algattn.exact import NumberField
from algattn.networks import Architecture, Weights
from algattn.networks.problem import Problem
from algattn.progress import Monitor
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult
from algattn.singularities.critical_search import Found, describe, search
from algattn.singularities.least_squares import Chart, Loss, charts, has_keys, names_of, read_data

MAX_UNKNOWNS = 6
LABELS = ("kind", "stratum", "genuine", "edge")


@dataclass(frozen=True)
class CriticalPoint:
    """A real critical point, isolated at least on its chart.

    Attributes
    ----------
    weights : Weights
        (A, V), over QQ or a real number field.
    loss : float
        Its loss (the exact one is an element of the field).
    kind : str
        ``minimum`` or ``maximum`` (definite second derivative), ``saddle``, or ``degenerate``.
    stratum : str
        Where its function lies.
    genuine : bool
        Whether the function is also a critical point of the loss on the function space: the
        gradient is normal to the span of the real tangent cone (lemma "tangents").  False:
        spurious, an artefact of the parametrization.
    edge : bool
        Whether it is not genuine, and yet a minimum on the function space, which ends there: all
        weights with this function are minima.
    isolated : bool
        Certainly isolated modulo gauge: the second derivative is not degenerate, or the equations
        around it have finitely many solutions.  False: perhaps on one of the components.
    """

    weights: Weights
    loss: float
    kind: str
    stratum: str
    genuine: bool
    edge: bool
    isolated: bool

    @property
    def role(self) -> str:
        """``genuine ..`` or ``spurious`` with the kind, or ``edge minimum``."""
        if self.genuine:
            return f"genuine {self.kind}"
        return "edge minimum" if self.edge else f"spurious {self.kind}"


@register
@dataclass(frozen=True, repr=False)
class CriticalResult(LegacyResult):
    """The real critical points of least squares, modulo gauge.

    ``value`` is the number of certainly isolated real ones with a function that is not zero;
    ``components`` are sets of positive dimension as (chart, dimension, equations), ``points`` all
    others.  The charts are cells, so a set that crosses several of them is listed in each.
    """

    kind: ClassVar[str] = "point.critical"
    title: ClassVar[str] = "Critical points"
    claim_names: ClassVar[tuple[str, ...]] = (
        "points",
        "complete",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        listed = {"data": detail["data"], "points": detail["points"]}
        return (
            Outline("points", "the listed points are critical, of the kinds given", listed),
            Outline(
                "complete",
                "all others lie on the components; of those listed with a nonzero function "
                f"{value} {'is' if value == 1 else 'are'} certainly isolated",
                {"value": value, "detail": detail},
            ),
        )

    @property
    def points(self) -> tuple[CriticalPoint, ...]:
        found = []
        for p, isolated in zip(self.detail["points"], self.detail["isolated"], strict=True):
            weights = Weights.from_data(thaw(p["weights"]))
            labels = dict(zip(LABELS, p["labels"], strict=True))
            found.append(CriticalPoint(weights, float(p["loss"]), **labels, isolated=isolated))
        return tuple(found)

    @property
    def components(self) -> tuple[tuple[str, int, tuple[str, ...]], ...]:
        return tuple(
            (c["chart"], c["dimension"], c["equations"]) for c in self.detail["components"]
        )

    @property
    def minimum(self) -> CriticalPoint | None:
        """The isolated critical point of smallest loss."""
        return min(self.points, key=lambda p: p.loss, default=None)

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

    def lines(self) -> list[str]:
        return [
            f"loss {p.loss:.6g}: {p.role}, {p.stratum}"
            + ", may lie on a component" * (not p.isolated)
            for p in sorted(self.points, key=lambda p: p.loss)
        ]


@register
@dataclass(frozen=True)
class Substituted(Evidence):
    """Exact substitution into the gradient and the second derivative, over the number fields."""

    kind: ClassVar[str] = "point.critical-substituted"
    supports = about("point.critical", "points")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, said = Problem.of(problem).network, thaw(claim.value)
        loss = Loss.of(network, said["data"])
        for p in said["points"]:
            weights = Weights.from_data(p["weights"])
            chart = Chart(network, tuple(p["chart"][0]), tuple(p["chart"][1]))
            if chart not in list(charts(network)):
                raise self.fail("the chart is none of the network")
            field = weights.field
            if isinstance(field, NumberField) and not field.is_real:
                raise self.fail("a point is not real")
            values = [field(x) for x in p["values"]]
            self.expect(p, describe(network, loss, chart, values), "a point is not critical so")


@register
@dataclass(frozen=True)
class Decomposed(Evidence):
    """Groebner bases over QQ of all charts, computed by a computer algebra system."""

    kind: ClassVar[str] = "point.critical-decomposed"
    supports = about("point.critical", "complete")
    strength: ClassVar[Status] = Status.PROBABLE

    engine: str
    seconds: float

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, said = Problem.of(problem).network, thaw(claim.value)
        found, given = Found([], []), read_data(network, said["detail"]["data"])
        with Monitor("verify critical points", time_limit=self.seconds) as monitor:
            search(network, given, self.engine or None, found, monitor)
        value, detail = found.finished(given)
        self.expect(said, {"value": value, "detail": detail}, "the decomposition differs")


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
    d = network.d_in
    if network.kind != "lightning":
        raise HypothesisError(
            f"find the critical points of {network!r}",
            f"it is a {network.kind} network, and its loss is no polynomial in the weights",
            "use Lightning",
        )
    fits = network.layers == 1 and (network.ranks[0] == 1 or network.ranks[0] >= d)
    unknowns = len(names_of(network)) - (2 if has_keys(network) else 1)
    if not fits or unknowns > MAX_UNKNOWNS:
        raise HypothesisError(
            f"find the critical points of {network!r}",
            f"it has {network.layers} layers and {unknowns} unknowns modulo gauge",
            f"use one layer with a = 1 or a >= d and at most {MAX_UNKNOWNS} unknowns",
        )
    pairs, found = read_data(network, data), Found([], [])

    def result(*complete: Evidence) -> CriticalResult:
        value, detail = found.finished(pairs)
        evidence = {"points": [Substituted()], "complete": complete}
        return CriticalResult.assemble(Problem.data(network), value, evidence, detail)

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
    return result(Decomposed(engine or "", time_limit))
