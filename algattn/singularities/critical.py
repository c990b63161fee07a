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

from algattn.engines.leading import leading_term, monomial_dimension, order_key
from algattn.errors import EngineError, HypothesisError, LimitError
from algattn.exact import QQ, Matrix, NumberField, Polynomial, PolynomialRing
from algattn.networks import Architecture, Weights
from algattn.networks.coordinates import natural_labels
from algattn.networks.functions import natural_coefficients
from algattn.networks.problem import Problem
from algattn.progress import Monitor
from algattn.results import Claim, Evidence, Outline, Result, Status, thaw
from algattn.singularities.least_squares import (
    Chart,
    Loss,
    charts,
    coefficients,
    evaluate,
    has_keys,
    matrices,
    names_of,
    system,
)
from algattn.singularities.points import isolated_points
from algattn.singularities.tangents import (
    PRECISION,
    ball_signature,
    further_directions,
    stratum_of,
)

MAX_UNKNOWNS = 6


@dataclass(frozen=True)
class CriticalPoint:
    """An isolated real critical point on its chart.

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
    """

    weights: Weights
    loss: float
    kind: str
    stratum: str
    genuine: bool

    @property
    def role(self) -> str:
        """``genuine ..`` or ``spurious`` with the kind, or ``edge minimum``.

        At an edge minimum all weights of the function are one orbit, so it is a local minimum on
        the function space too, but only because that ends there: the gradient does not vanish.
        """
        if self.genuine:
            return f"genuine {self.kind}"
        if self.kind == "minimum" and self.stratum in {"k, v parallel", "triple line"}:
            return "edge minimum"
        return f"spurious {self.kind}"


@dataclass(frozen=True, repr=False)
class CriticalResult(Result):
    """The real critical points of least squares, modulo gauge.

    ``value`` is the number of isolated real ones with a function that is not zero; ``points`` lists
    all, ``components`` the sets of positive dimension as (chart, dimension, equations).
    """

    kind: ClassVar[str] = "point.critical"
    title: ClassVar[str] = "Critical points"

    @classmethod
    def outline(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        listed = {"data": detail["data"], "points": detail["points"]}
        return (
            Outline("points", "the listed points are critical, of the kinds given", listed),
            Outline(
                "complete",
                f"there are no others: {value} isolated real ones with a nonzero function",
                {"value": value, "detail": detail},
            ),
        )

    @property
    def points(self) -> tuple[CriticalPoint, ...]:
        return tuple(
            CriticalPoint(Weights.from_data(thaw(p["weights"])), float(p["loss"]), *p["labels"])
            for p in self.detail["points"]
        )

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
        spurious = sum(not p.genuine for p in self.points)
        return (
            f"The loss has {n} isolated real critical point{'s' * (n != 1)} with a nonzero "
            f"function modulo gauge, {spurious} of all {len(self.points)} spurious, and {more} "
            f"component{'s' * (more != 1)} of positive dimension"
        )

    def lines(self) -> list[str]:
        return [
            f"loss {p.loss:.6g}: {p.role}, {p.stratum}"
            for p in sorted(self.points, key=lambda p: p.loss)
        ]


def _data(raw: Any) -> list[tuple[Any, Any]]:
    return [(thaw(X), thaw(Y)) for X, Y in raw]


@dataclass(frozen=True)
class Substituted(Evidence):
    """Exact substitution into the gradient and the second derivative, over the number fields."""

    kind: ClassVar[str] = "point.critical-substituted"
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, said = Problem.of(problem).network, thaw(claim.value)
        loss = Loss.of(network, _data(said["data"]))
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


@dataclass(frozen=True)
class Decomposed(Evidence):
    """Groebner bases over QQ of all charts, computed by a computer algebra system."""

    kind: ClassVar[str] = "point.critical-decomposed"
    strength: ClassVar[Status] = Status.PROBABLE

    engine: str
    seconds: float

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, said = Problem.of(problem).network, thaw(claim.value)
        found, given = _Found([], []), _data(said["detail"]["data"])
        with Monitor("verify critical points", time_limit=self.seconds) as monitor:
            _find(network, given, self.engine or None, found, monitor)
        value, detail = found.finished(given)
        self.expect(said, {"value": value, "detail": detail}, "the decomposition differs")


def describe(
    network: Architecture,
    loss: Loss,
    chart: Chart,
    values: Sequence[Any],
) -> dict[str, Any] | None:
    """A critical point as JSON data, its labels decided exactly; None when it is not critical."""
    field: Any = getattr(values[0], "field", QQ)
    zero = field.zero
    w = chart.fill([field(x) for x in values], field.one)
    ring = PolynomialRing(QQ, names_of(network))
    natural = coefficients(network, ring.gens())
    c = [evaluate(p, w, zero) for p in natural]
    half = loss.gradient(c)
    J = [[evaluate(p.derivative(n), w, zero) for n in ring.names] for p in natural]
    if any(
        sum((row[i] * h for row, h in zip(J, half, strict=True)), zero) != 0 for i in range(len(w))
    ):
        return None
    A, V = (Matrix(field, m) for m in matrices(network, w))
    free = [i for i in range(len(w)) if i not in {*chart.ones, *chart.zeros}]
    HJ = [
        [sum((row[i] * x for row, x in zip(J, line, strict=True)), zero) for i in free]
        for line in loss.H.rows
    ]

    def second(i: int, j: int, place: int) -> Any:
        total = sum((row[i] * line[place] for row, line in zip(J, HJ, strict=True)), zero)
        for p, h in zip(natural, half, strict=True):
            bend = p.derivative(ring.names[i]).derivative(ring.names[j])
            total = total + evaluate(bend, w, zero) * h
        return total

    table = Matrix(field, [[second(i, j, n) for n, j in enumerate(free)] for i in free])
    p, n = ball_signature(table)
    if p + n < len(free):
        kind = "degenerate" if n == 0 else "saddle"
    else:
        kind = "minimum" if n == 0 else "maximum" if p == 0 else "saddle"
    stratum, value = stratum_of(network, A, V), loss.value(c)
    if isinstance(field, NumberField):
        number = float(field.embed(value, PRECISION).real.mid())
    else:
        number = float(QQ.to_python(value))
    return {
        "chart": [list(chart.ones), list(chart.zeros)],
        "values": [field.format(x) for x in values],
        "weights": Weights(A=[A], V=[V], field=field).to_data(),
        "loss": f"{number:.12g}",
        "labels": [kind, stratum, _genuine(network, half, c, A, V)],
    }


def _genuine(
    network: Architecture, half: Sequence[Any], c: Sequence[Any], A: Matrix, V: Matrix
) -> bool:
    """Whether the gradient is normal to all real tangent cones of the function space."""
    if all(x == 0 for x in c):
        return all(x == 0 for x in half)  # a cone spans its tangent cone at the vertex
    gradient = dict(
        zip(natural_labels(network.d_in, network.d_out, network.tokens), half, strict=True)
    )
    return all(
        sum(
            (
                x * gradient[label]
                for label, x in natural_coefficients(B.rows, W.rows, network.tokens)
            ),
            A.field.zero,
        )
        == 0
        for B, W in further_directions(network, A, V)
    )


def _engine_for_bases(engine: str | None) -> str | None:
    """msolve where it is installed: multi-modular, so long rational numbers do not slow it down."""
    from algattn.engines import get

    try:
        return engine or (get("msolve").version() and "msolve")
    except EngineError:
        return None


@dataclass
class _Found:
    """What is known so far."""

    points: list[dict[str, Any]]
    components: list[dict[str, Any]]

    def finished(self, data: list[tuple[Any, Any]]) -> tuple[int, dict[str, Any]]:
        points = sorted(self.points, key=lambda p: (float(p["loss"]), str(p["values"])))
        nonzero = sum(p["labels"][1] != "zero" for p in points)
        given = [[[[QQ.format(QQ(x)) for x in row] for row in M] for M in pair] for pair in data]
        return nonzero, {"data": given, "points": points, "components": self.components}


def _find(
    network: Architecture,
    data: list[tuple[Any, Any]],
    engine: str | None,
    found: _Found,
    monitor: Monitor,
) -> None:
    """Decompose chart by chart; `found` grows."""
    loss = Loss.of(network, data)
    equations = system(network, loss)
    residuals = loss.gradient(coefficients(network, PolynomialRing(QQ, names_of(network)).gens()))
    for chart in charts(network):
        monitor.step()
        if not chart.ring.names:
            continue
        parts = _Parts(chart, engine, monitor)
        generators = [p for p in map(chart.restrict, equations) if p]
        if parts.dimension_of(generators) > 0:
            parts.split(generators, [p for p in map(chart.restrict, residuals) if p])
        found.components += parts.components
        for ideal in parts.isolated:
            for values in isolated_points(ideal):
                monitor.step(0)
                point = describe(network, loss, chart, values[: len(chart.ring.names)])
                assert point is not None, "a solution of the system is critical"
                found.points.append(point)


class _Parts:
    """The zeros of the equations on one chart: ideals of isolated points, and components."""

    def __init__(self, chart: Chart, engine: str | None, monitor: Monitor) -> None:
        self.chart, self.engine, self.monitor = chart, engine, monitor
        self.isolated: list[tuple[Polynomial, ...]] = []
        self.components: list[dict[str, Any]] = []

    def _basis(self, generators: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        from algattn.engines import GroebnerBasis, solve

        engine = _engine_for_bases(self.engine)
        task = GroebnerBasis(tuple(generators))
        answer: tuple[Polynomial, ...] = solve(task, engine, time_limit=self._remaining())
        return answer

    def _remaining(self) -> float | None:
        self.monitor.step(0)  # ends here when the time is over
        left = self.monitor.remaining
        return None if left is None else max(left, 0.01)

    def dimension_of(self, generators: Sequence[Polynomial]) -> int:
        """Of the zeros (-1: none); isolated ones are kept."""
        if not generators:
            return len(self.chart.ring.names)
        basis = self._basis(generators)
        if any(g.degree() == 0 for g in basis):
            return -1
        n = len(basis[0].ring.names)
        key = order_key("degrevlex", (1,) * n)
        size = monomial_dimension([leading_term(g, key)[0] for g in basis], n)
        if size == 0:
            self.isolated.append(basis)
        return size

    def component(self, dimension: int, equations: Sequence[Polynomial]) -> None:
        self.components.append(
            {
                "chart": self.chart.name,
                "dimension": dimension,
                "equations": [str(p) for p in equations],
            }
        )

    def split(self, generators: list[Polynomial], residuals: list[Polynomial]) -> None:
        """Part the functions that fit the data as well as any function from all other zeros."""
        from algattn.engines import MinimalPrimes, solve

        best = self.dimension_of(residuals)
        if best > 0:
            self.component(best, residuals)
        if best >= 0:
            ring = PolynomialRing(QQ, (*self.chart.ring.names, "z"))
            f = ring(0)
            for n, p in enumerate(residuals):
                f = f + ring.from_terms(([*e, 0], c) for e, c in p.terms()) * (n * n + 3 * n + 7)
            lifted = [ring.from_terms(([*e, 0], c) for e, c in p.terms()) for p in generators]
            generators = [*lifted, f * ring.gens()[-1] - 1]
            if self.dimension_of(generators) <= 0:
                return
        primes = MinimalPrimes(tuple(generators))
        for part in solve(primes, self.engine, time_limit=self._remaining()):
            if part.dimension == 0:
                self.isolated.append(part.prime)
            else:
                self.component(part.dimension, part.prime)


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
        word of a computer algebra system).  Weights with V = 0 or k = 0 have the zero function:
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
    """
    d = network.d_in
    fits = network.layers == 1 and (network.ranks[0] == 1 or network.ranks[0] >= d)
    unknowns = len(names_of(network)) - (2 if has_keys(network) else 1)
    if not fits or unknowns > MAX_UNKNOWNS:
        raise HypothesisError(
            f"find the critical points of {network!r}",
            f"it has {network.layers} layers and {unknowns} unknowns modulo gauge",
            f"use one layer with a = 1 or a >= d and at most {MAX_UNKNOWNS} unknowns",
        )
    pairs, found = list(data), _Found([], [])

    def result(*complete: Evidence) -> CriticalResult:
        value, detail = found.finished(pairs)
        evidence = {"points": [Substituted()], "complete": complete}
        return CriticalResult.assemble(Problem.data(network), value, evidence, detail)

    total = sum(1 for _ in charts(network))
    asked = "find critical points"
    with Monitor(asked, total=total, progress=progress, time_limit=time_limit) as monitor:
        try:
            _find(network, pairs, engine, found, monitor)
        except LimitError as error:
            raise LimitError(
                f"find the critical points of {network!r}",
                f"the time limit of {time_limit:g} s is over in chart {monitor.done} of {total}",
                "raise time_limit, or use `.partial`, the points found so far",
                result(),
            ) from error
    return result(Decomposed(engine or "", time_limit))
