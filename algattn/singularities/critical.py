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

from flint import ctx

from algattn.errors import HypothesisError
from algattn.exact import QQ, Matrix, NumberField, PolynomialRing
from algattn.fibers.facts import parallel, signature
from algattn.networks import Architecture, Weights
from algattn.networks.coordinates import natural_labels
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Result, Status, thaw
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

MAX_UNKNOWNS = 6
PRECISION = 2048  # bits of the balls that decide most signs


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
        gradient is normal to it.  False: spurious, an artefact of the parametrization.  At
        singular points of the function space that are ramified this is only said of tangent
        vectors of weights, where it is always true.
    """

    weights: Weights
    loss: float
    kind: str
    stratum: str
    genuine: bool


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
            f"loss {p.loss:.6g}: {p.kind}, {p.stratum}" + ("" if p.genuine else ", spurious")
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
            values = [weights.field(x) for x in p["values"]]
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
        found = _find(network, _data(said["detail"]["data"]), self.engine or None, self.seconds)
        self.expect(said, {"value": found[0], "detail": found[1]}, "the decomposition differs")


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
    p, n = _signature(table)
    if p + n < len(free):
        kind = "degenerate" if n == 0 else "saddle"
    else:
        kind = "minimum" if n == 0 else "maximum" if p == 0 else "saddle"
    stratum, value = _stratum(network, A, V), loss.value(c)
    if isinstance(field, NumberField):
        number = float(field.embed(value, PRECISION).real.mid())
    else:
        number = float(QQ.to_python(value))
    return {
        "chart": [list(chart.ones), list(chart.zeros)],
        "values": [field.format(x) for x in values],
        "weights": Weights(A=[A], V=[V], field=field).to_data(),
        "loss": f"{number:.12g}",
        "labels": [kind, stratum, _genuine(network, half, c, A, stratum)],
    }


def _signature(table: Matrix) -> tuple[int, int]:
    """The signature, by balls where they decide and exactly where they do not."""
    field, n = table.field, table.shape[0]
    if not isinstance(field, NumberField):
        return signature(table)
    with ctx.workprec(PRECISION):
        rest = [[field.embed(x, PRECISION).real for x in row] for row in table.rows]
        signs = []
        for k in range(n):
            pivot = rest[k][k]
            if not (pivot > 0 or pivot < 0):
                return signature(table)
            signs.append(1 if pivot > 0 else -1)
            for i in range(k + 1, n):
                factor = rest[i][k] / pivot
                rest[i] = [x - factor * y for x, y in zip(rest[i], rest[k], strict=True)]
    return signs.count(1), signs.count(-1)


def _rank(table: Matrix) -> int:
    """The rank, by 2-minors where they settle it: no division of long numbers."""
    rows = [r for r in table.rows if any(x != 0 for x in r)]
    if not rows:
        return 0
    if all(parallel(rows[0], r) for r in rows):
        return 1
    return 2 if min(table.shape) == 2 else table.rank()


def _nonzero(rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
    return next(r for r in rows if any(x != 0 for x in r))


def _stratum(network: Architecture, A: Matrix, V: Matrix) -> str:
    if not A or not V:
        return "zero"
    r, m = _rank(A), _rank(V)
    if network.d_in == 1:
        return "triple line" if network.tokens == 1 else "nonzero"
    if r == m == 1:
        together = parallel(_nonzero(A.T.rows), _nonzero(V.rows))
        return "k, v parallel" if together else "k, v independent"
    return f"rank A = {r}, rank V = {m}"


def _genuine(
    network: Architecture, half: Sequence[Any], c: Sequence[Any], A: Matrix, stratum: str
) -> bool:
    """Whether the gradient is normal to the Zariski tangent space of the function space.

    Away from zero only the points v ~ k of a function space of products s(x) (q.y), d = 2, are
    smooth points with a differential that is not onto the tangent space.
    """
    if all(x == 0 for x in c):
        return all(x == 0 for x in half)  # the tangent space of a cone at its vertex is everything
    d = network.d_in
    products = d == 2 and network.d_out == min(network.ranks[0], d) == 1
    if not products or stratum != "k, v parallel":
        return True
    q = _nonzero(A.rows)
    labels = list(natural_labels(d, 1, network.tokens))
    for i, j in ((0, 0), (0, 1), (1, 1)):  # directions x_i x_j (q.y)
        pairs = zip(labels, half, strict=True)
        if sum((g * q[k] for (_, m, n, k), g in pairs if (m, n) == (i, j)), A.field.zero) != 0:
            return False
    return True


def _find(
    network: Architecture, data: list[tuple[Any, Any]], engine: str | None, seconds: float | None
) -> tuple[int, dict[str, Any]]:
    from algattn.engines import Dimension, GroebnerBasis, MinimalPrimes, solve

    loss = Loss.of(network, data)
    equations = system(network, loss)
    points: list[dict[str, Any]] = []
    components: list[dict[str, Any]] = []
    for chart in charts(network):
        generators = [p for p in map(chart.restrict, equations) if p]
        name = ", ".join(f"{chart.names[i]} = 1" for i in chart.ones)
        name += "".join(f", {chart.names[i]} = 0" for i in chart.zeros)
        if not chart.ring.names:
            continue
        if not generators:
            components.append({"chart": name, "dimension": len(chart.ring.names), "equations": []})
            continue
        basis = solve(GroebnerBasis(tuple(generators)), engine, time_limit=seconds)
        if any(g.degree() == 0 for g in basis):
            continue
        isolated = [basis]
        if solve(Dimension(basis), engine, time_limit=seconds) > 0:
            isolated = []
            for part in solve(MinimalPrimes(basis), engine, time_limit=seconds):
                if part.dimension == 0:
                    isolated.append(part.prime)
                    continue
                equals = [str(p) for p in part.prime]
                components.append({"chart": name, "dimension": part.dimension, "equations": equals})
        for ideal in isolated:
            for values in isolated_points(ideal):
                found = describe(network, loss, chart, values)
                assert found is not None, "a solution of the system is critical"
                points.append(found)
    points.sort(key=lambda p: (float(p["loss"]), str(p["values"])))
    nonzero = sum(p["labels"][1] != "zero" for p in points)
    given = [[[[QQ.format(QQ(x)) for x in row] for row in M] for M in pair] for pair in data]
    return nonzero, {"data": given, "points": points, "components": components}


def critical_points(
    network: Architecture,
    data: Sequence[tuple[Any, Any]],
    *,
    engine: str | None = None,
    time_limit: float = 60.0,
) -> CriticalResult:
    """All real critical points of ``sum |f(X) - Y|^2`` over the weights of one very small layer.

    Parameters
    ----------
    network : Lightning
        One layer with ``a = 1`` or ``a >= d``, at most six unknowns modulo gauge.
    data : sequence of (X, Y)
        Matrices d x t and d' x t with rational entries.
    engine, time_limit
        For the decomposition of each chart.

    Returns
    -------
    CriticalResult
        The listed points are PROVED to be critical; that there are no others is PROBABLE (the
        word of a computer algebra system).  Weights with V = 0 or k = 0 have the zero function:
        they are critical whenever A and V (k, q and V) vanish together, and are not listed.

    Raises
    ------
    HypothesisError
        For larger networks, and for t = 1 < d, where strata are those of cubics.
    """
    d = network.d_in
    fits = network.layers == 1 and (network.ranks[0] == 1 or network.ranks[0] >= d)
    unknowns = len(names_of(network)) - (2 if network.ranks[0] == 1 and d > 1 else 1)
    if not fits or unknowns > MAX_UNKNOWNS or (network.tokens == 1 and d > 1):
        raise HypothesisError(
            f"find the critical points of {network!r}",
            f"it has {network.layers} layers and {unknowns} unknowns modulo gauge",
            f"use one layer with a = 1 or a >= d, t >= 2 and at most {MAX_UNKNOWNS} unknowns",
        )
    value, detail = _find(network, list(data), engine, time_limit)
    return CriticalResult.assemble(
        Problem.data(network),
        value,
        {"points": [Substituted()], "complete": [Decomposed(engine or "", time_limit)]},
        detail,
    )
