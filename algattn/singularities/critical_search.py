"""The search for all critical points: a Groebner basis for each chart, parts, exact labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from algattn.engines.leading import leading_term, monomial_dimension, order_key
from algattn.errors import EngineError
from algattn.exact import QQ, Matrix, NumberField, Polynomial, PolynomialRing
from algattn.networks import Architecture, Weights
from algattn.networks.coordinates import natural_labels
from algattn.networks.functions import natural_coefficients
from algattn.progress import Monitor
from algattn.singularities.least_squares import (
    Chart,
    Loss,
    charts,
    coefficients,
    evaluate,
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
    free = [i for i in range(len(w)) if i not in chart.ones]  # the entries 0 may move too
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


def _for_bases(engine: str | None) -> str | None:
    """msolve where it is installed: multi-modular, so long rational numbers do not slow it down."""
    from algattn.engines import get

    try:
        return engine or (get("msolve").version() and "msolve")
    except EngineError:
        return None


@dataclass
class Found:
    """What is known so far."""

    points: list[tuple[dict[str, Any], bool]]  # with: certainly isolated
    components: list[dict[str, Any]]

    def finished(self, data: list[tuple[Any, Any]]) -> tuple[int, dict[str, Any]]:
        """The number of isolated points with a nonzero function, and everything as JSON data."""
        pairs = sorted(self.points, key=lambda p: (float(p[0]["loss"]), str(p[0]["values"])))
        nonzero = sum(isolated and p["labels"][1] != "zero" for p, isolated in pairs)
        given = [[[[QQ.format(QQ(x)) for x in row] for row in M] for M in pair] for pair in data]
        return nonzero, {
            "data": given,
            "points": [p for p, _ in pairs],
            "isolated": [isolated for _, isolated in pairs],
            "components": self.components,
        }


def search(
    network: Architecture,
    data: list[tuple[Any, Any]],
    engine: str | None,
    found: Found,
    monitor: Monitor,
) -> None:
    """Decompose chart by chart; `found` grows."""
    loss = Loss.of(network, data)
    equations = system(network, loss)
    residuals = loss.gradient(coefficients(network, PolynomialRing(QQ, names_of(network)).gens()))
    whole: dict[tuple[int, ...], int] = {}  # dimension of all solutions with these entries 1

    def dimension_around(ones: tuple[int, ...]) -> int:
        if ones not in whole:
            chart = Chart(network, ones, ())
            generators = [p for p in map(chart.restrict, equations) if p]
            whole[ones] = _Parts(chart, engine, monitor).dimension_of(generators)
        return whole[ones]

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
                isolated = point["labels"][0] != "degenerate" or dimension_around(chart.ones) == 0
                found.points.append((point, isolated))


class _Parts:
    """The zeros of the equations on one chart: ideals of isolated points, and components."""

    def __init__(self, chart: Chart, engine: str | None, monitor: Monitor) -> None:
        self.chart, self.engine, self.monitor = chart, engine, monitor
        self.isolated: list[tuple[Polynomial, ...]] = []
        self.components: list[dict[str, Any]] = []

    def _basis(self, generators: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        from algattn.engines import GroebnerBasis, solve

        engine = _for_bases(self.engine)
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
        from algattn.engines import Elimination, MinimalPrimes, solve

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
                continue
            equations = part.prime
            if len(equations[0].ring.names) > len(self.chart.ring.names):
                task = Elimination(equations, ("z",))
                equations = solve(task, self.engine, time_limit=self._remaining())
            self.component(part.dimension, equations)
