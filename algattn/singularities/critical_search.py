"""The search for all critical points: a Groebner basis for each chart, parts, exact labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key
from typing import Any

from flint import arb

from algattn.attention import Architecture, Weights
from algattn.attention.coordinates import natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.engines.leading import leading_term, monomial_dimension, order_key
from algattn.errors import EngineError
from algattn.exact import QQ, Matrix, Polynomial, PolynomialRing
from algattn.progress import Monitor
from algattn.singularities.balls import ball_signature, real_ball, significant
from algattn.singularities.critical_point import CriticalComponent, CriticalPoint, PointKind
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
    factors,
    further_directions,
    other_pairs,
    stratum_of,
)

#: A critical point after a ball around its loss.
Ranked = tuple[arb, CriticalPoint]


def describe(
    network: Architecture,
    loss: Loss,
    chart: Chart,
    values: Sequence[Any],
    monitor: Monitor | None = None,
) -> Ranked | None:
    """A critical point, its labels decided exactly, with its loss; None when it is not critical.

    Whether it is isolated is not known from the point alone: False until the search tells more.
    """
    field: Any = getattr(values[0], "field", QQ)
    w = chart.fill([field(x) for x in values], field.one)
    at = _Place(network, loss, field, w, monitor or Monitor("describe a critical point"))
    if not at.critical:
        return None
    A, V = (Matrix(field, m) for m in matrices(network, w))
    kind = at.kind({*chart.ones})  # the entries that are 0 on the chart may move too
    stratum, ball = stratum_of(network, A, V), real_ball(loss.value(at.c))
    genuine = _genuine(network, at.half, at.c, A, V)
    edge = kind == "minimum" and not genuine and stratum != "zero" and _edge(at, A, V)
    point = CriticalPoint(
        weights=Weights(A=[A], V=[V], field=field),
        digits=significant(ball, 12),
        kind=kind,
        stratum=stratum,
        genuine=genuine,
        edge=edge,
        isolated=False,
        chart=(chart.ones, chart.zeros),
        values=tuple(field(x) for x in values),
    )
    return ball, point


class _Place:
    """The loss near given weights w: first and second derivatives, exactly."""

    def __init__(
        self, network: Architecture, loss: Loss, field: Any, w: Sequence[Any], monitor: Monitor
    ) -> None:
        self.network, self.loss, self.field, self.w = network, loss, field, w
        self.monitor = monitor
        self.ring = PolynomialRing(QQ, names_of(network))
        self.natural = coefficients(network, self.ring.gens())
        self.c = [self._at(p) for p in self.natural]
        self.half = loss.gradient(self.c)
        self.J = [[self._at(p.derivative(n)) for n in self.ring.names] for p in self.natural]

    def _at(self, p: Polynomial) -> Any:
        self.monitor.step(0)
        return evaluate(p, self.w, self.field.zero)

    def _dot(self, x: Iterable[Any], y: Iterable[Any]) -> Any:
        return sum((a * b for a, b in zip(x, y, strict=True)), self.field.zero)

    @property
    def critical(self) -> bool:
        columns = zip(*self.J, strict=True)
        return all(self._dot(column, self.half) == 0 for column in columns)

    def kind(self, held: set[int]) -> PointKind:
        """By the second derivative along all weights but those held."""
        free = [i for i in range(len(self.w)) if i not in held]
        HJ = [[self._dot((r[i] for r in self.J), row) for i in free] for row in self.loss.H.rows]

        def second(i: int, j: int, place: int) -> Any:
            total = self._dot((r[i] for r in self.J), (row[place] for row in HJ))
            x, y = self.ring.names[i], self.ring.names[j]
            bends = (self._at(p.derivative(x).derivative(y)) for p in self.natural)
            return total + self._dot(bends, self.half)

        table = [[second(i, j, n) for n, j in enumerate(free)] for i in free]
        p, n = ball_signature(Matrix(self.field, table))
        if p + n < len(free):
            return "degenerate" if n == 0 else "saddle"
        return "minimum" if n == 0 else "maximum" if p == 0 else "saddle"


def _edge(at: _Place, A: Matrix, V: Matrix) -> bool:
    """Whether all other weights of the function are minima too, at a minimum (A, V).

    Then the function is a local minimum on the function space, because a neighbourhood of all its
    weights covers a neighbourhood of it.  For t = 1, a >= d the function space has no boundary.
    """
    network, field = at.network, at.field
    d, count = network.d_in, len(at.w)
    if network.tokens == 1 and network.ranks[0] >= d:
        return False
    for B, W in other_pairs(network, A, V):
        head = [x for row in B.rows for x in row]
        if has_keys(network):
            k, q = factors(B)
            i, j = (next(n for n, x in enumerate(v) if x != 0) for v in (k, q))
            head = [*k, *(x * (B[i, j] / (k[i] * q[j])) for x in q)]
        w = [*head, *(x for row in W.rows for x in row)]
        values = range(count - d * network.d_out, count)
        held = {next(n for n in values if w[n] != 0)}
        if has_keys(network):
            held.add(next(n for n in range(d) if w[n] != 0))
        place = _Place(network, at.loss, field, w, at.monitor)
        if not place.critical or place.kind(held) != "minimum":
            return False
    return True


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


def by_loss(points: Iterable[Ranked]) -> tuple[CriticalPoint, ...]:
    """Points in the order of their losses; such as agree to hundreds of digits count as equal."""

    def order(left: Ranked, right: Ranked) -> int:
        (a, p), (b, q) = left, right
        if a < b or a > b:
            return -1 if a < b else 1
        x, y = str(p.stored_values()), str(q.stored_values())
        return (x > y) - (x < y)

    return tuple(p for _, p in sorted(points, key=cmp_to_key(order)))


@dataclass
class Found:
    """What is known so far."""

    points: list[Ranked]
    components: list[CriticalComponent]

    def sorted_points(self) -> tuple[CriticalPoint, ...]:
        """By loss."""
        return by_loss(self.points)


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
            for values in isolated_points(ideal, monitor):
                monitor.step(0)
                ranked = describe(network, loss, chart, values[: len(chart.ring.names)], monitor)
                assert ranked is not None, "a solution of the system is critical"
                ball, point = ranked
                isolated = point.kind != "degenerate" or dimension_around(chart.ones) == 0
                found.points.append((ball, replace(point, isolated=isolated)))


class _Parts:
    """The zeros of the equations on one chart: ideals of isolated points, and components."""

    def __init__(self, chart: Chart, engine: str | None, monitor: Monitor) -> None:
        self.chart, self.engine, self.monitor = chart, engine, monitor
        self.isolated: list[tuple[Polynomial, ...]] = []
        self.components: list[CriticalComponent] = []

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
        texts = tuple(str(p) for p in equations)
        self.components.append(CriticalComponent(self.chart.name, dimension, texts))

    def split(self, generators: list[Polynomial], residuals: list[Polynomial]) -> None:
        """Part the functions that fit the data as well as any function from all other zeros."""
        from algattn.engines import Elimination, MinimalPrimes, solve

        if not generators:  # the loss does not see the unknowns of this chart
            self.component(len(self.chart.ring.names), ())
            return
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
