"""Multiplicities, tangent cones and equations of components, against Singular and exact ranks."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from algattn import Lightning, Weights, critical_points
from algattn.attention.coordinates import natural_labels
from algattn.attention.functions import natural_coefficients
from algattn.errors import AlgattnError, LimitError
from algattn.exact import QQ, Matrix
from algattn.singularities.branches import image_of_differential
from algattn.singularities.multiplicities import cusp
from algattn.singularities.strata import strata
from algattn.singularities.tangents import further_directions, stratum_of

ORACLES = Path(__file__).parents[1] / "oracles"
MULTIPLICITIES = json.loads((ORACLES / "multiplicity" / "multiplicity.json").read_text())["entries"]
JACOBIANS = json.loads((ORACLES / "one_layer" / "jacobians.json").read_text())["shapes"]


def needs_singular() -> None:
    from algattn.engines import get

    try:
        get("singular").version()
    except AlgattnError:
        pytest.skip("Singular is not installed")


def representative(net: Lightning, kind: str) -> Weights:
    """Weights of the oracle's kind of point."""
    found = {s.name: s for s in strata(net)}
    if kind.startswith("rank"):
        r, m = (int(part.split()[-1]) for part in kind.replace("V = ", "").split(","))
        chosen = [
            s for s in found.values() if (s.rank_A, s.rank_V, s.family) == (r, m, "ranks")
        ]  # for t = 1 signatures do not matter over C: take one that real weights reach
        stratum = next(s for s in chosen if s.reached)
    else:
        stratum = found["three real lines" if kind == "three lines" else kind]
    assert stratum.representative is not None
    return stratum.representative


@pytest.mark.parametrize(
    "entry", MULTIPLICITIES, ids=lambda e: f"{e['d']}{e['dp']}{e['a']}{e['t']}"
)
def test_multiplicities_are_those_of_singular(entry: dict) -> None:
    net = Lightning(widths=(entry["d"], entry["dp"]), ranks=entry["a"], tokens=entry["t"])
    result = net.classify(representative(net, entry["kind"]))
    assert result.multiplicity == entry["multiplicity"]
    assert result.smooth == (entry["multiplicity"] == 1)
    assert len(result.branches) == result.branch_count
    assert result.tangent_cone


def test_oracle_meets_every_kind_of_germ() -> None:
    kinds = Counter(e["kind"] for e in MULTIPLICITIES)
    assert kinds["k, v parallel"] >= 7
    assert kinds["triple line"] >= 3
    assert kinds["double line"] >= 3
    assert max(e["multiplicity"] for e in MULTIPLICITIES) >= 8


def test_cusps_by_an_integral() -> None:
    """s = 2: twice the volume under a Newton polygon, in closed form by another derivation."""
    from math import comb

    for d in range(2, 12):
        r = d - 1
        assert cusp(d, 2) == 3 * sum(3**j * comb(2 * r - 2 - j, r - 1) for j in range(r))
        assert cusp(d, d) == 3**r


def function(net: Lightning, A: Matrix, V: Matrix) -> list:
    values = dict(natural_coefficients(A.rows, V.rows, net.tokens))
    return [values[label] for label in natural_labels(net.d_in, net.d_out, net.tokens)]


@pytest.mark.parametrize("shape", JACOBIANS, ids=lambda s: f"{s['d']}{s['dp']}{s['a']}{s['t']}")
def test_spans_of_tangent_cones(shape: dict) -> None:
    """Between the dimension and the corank of the Jacobian of all equations; smooth: both."""
    net = Lightning(widths=(shape["d"], shape["dp"]), ranks=shape["a"], tokens=shape["t"])
    larger = 0
    for point in shape["points"][::2]:
        K, Q, V = (Matrix(QQ, point[x]) for x in "KQV")
        A = K.T @ Q
        result = net.classify(Weights(A=[A], V=[V]))
        assert stratum_of(net, A, V) == result.stratum
        if not A or not V or result.stratum == "zero":
            continue
        form = (A + A.T) * QQ("1/2") if net.tokens == 1 else A
        rows = list(image_of_differential(net, form, V).rows)
        rows += [function(net, B, U) for B, U in further_directions(net, A, V)]
        span, corank = Matrix(QQ, rows).rank(), shape["N"] - point["rank"]
        assert shape["dim"] <= span <= corank
        if not point["singular"]:
            assert span == corank
        larger += span > shape["dim"]
        weights = net.classify(Weights(A=[A], V=[V])).branches
        if all(b.tangent.field == QQ for b in weights):  # every real branch lies in the span
            inner = [row for b in weights for row in b.tangent.rows]
            assert Matrix(QQ, rows + inner).rank() == span
    assert (
        larger
        or shape["d"] == 1
        or not any(p["singular"] for p in shape["points"])
        or (shape["d"] == 2 and shape["dp"] == 1)
    )


class TestCriticalLabels:
    def test_crossing_is_spurious_although_the_differential_is_injective(self) -> None:
        """Two pairs have the function; the gradient vanishes along one branch, not the other."""
        needs_singular()
        net = Lightning(widths=(2, 2), ranks=2, tokens=1)
        data = [
            ([[1], [0]], [[-1], [2]]),
            ([[1], [1]], [[-2], [0]]),
            ([[2], [0]], [[-2], [1]]),
            ([[1], [2]], [[1], [1]]),
        ]
        result = critical_points(net, data)
        crossing = [p for p in result.points if p.stratum == "three real lines"]
        assert crossing
        for p in crossing:
            assert (p.kind, p.genuine) == ("saddle", False)
        assert all(p.genuine for p in result.points if "rank V = 2" in p.stratum)
        (best,) = [p for p in result.points if p.kind == "minimum"]
        assert best == result.minimum

    def test_one_token_finds_all_orders_of_three_lines(self) -> None:
        """Any cubic can be fitted: the best one is a product of three lines, in six orders."""
        needs_singular()
        net = Lightning(widths=(2, 1), ranks=1, tokens=1)
        # values of x y (x - 2y) at points that determine a cubic
        points = [(1, 0), (0, 1), (1, 1), (1, -1), (2, 1)]
        data = [([[x], [y]], [[x * y * (x - 2 * y)]]) for x, y in points]
        result = critical_points(net, data)
        perfect = [p for p in result.points if p.loss == 0]
        assert len(perfect) == 6
        assert all(p.genuine and p.kind == "minimum" for p in perfect)
        for p in perfect:
            f = net.function(p.weights)
            assert f([[3], [5]]) == [[3 * 5 * (3 - 10)]]

    def test_time_limit_keeps_the_points_found(self, ticking: SimpleNamespace) -> None:
        needs_singular()
        net = Lightning(widths=(2, 2), ranks=1)
        data = [([[1, 2], [3, 1]], [[1, 0], [2, 1]]), ([[0, 1], [1, 1]], [[3, 1], [0, 1]])]
        with pytest.raises(LimitError, match=r"time limit of 10 s") as caught:
            critical_points(net, data, time_limit=10)
        partial = caught.value.partial
        assert partial.claim("points").status.name == "PROVED"
        assert not partial.claim("complete").evidence


LOCI = [
    (2, 1, 2, 2),
    (2, 2, 1, 2),
    (3, 1, 1, 2),
    (3, 1, 3, 2),
    (2, 2, 1, 1),
    (3, 1, 1, 1),
    (1, 2, 1, 2),
]


@pytest.mark.parametrize("shape", LOCI, ids=str)
def test_equations_of_components(shape: tuple[int, int, int, int]) -> None:
    """They vanish at the representative, where their differentials cut out the dimension."""
    d, e, a, t = shape
    net = Lightning(widths=(d, e), ranks=a, tokens=t)
    components = [*net.singular_locus().components, *net.boundary().components]
    for c in components:
        ideal = c.equations()
        assert ideal.status.name == "PROVED"
        at = dict(zip(ideal.ring.names, net.function(c.representative).vector(), strict=True))
        rows = []
        for g in ideal.generators:
            assert value(g, at) == 0
            rows.append([value(g.derivative(n), at) for n in ideal.ring.names])
        if c.generated_in_degree is not None:
            assert Matrix(QQ, rows).rank() == len(at) - c.dimension
    assert components or d == 1


def value(g, at: dict) -> object:
    total = QQ(0)
    for exponents, coefficient in g.terms():
        term = coefficient
        for x, n in zip(at.values(), exponents, strict=True):
            term *= x**n
        total += term
    return total


def test_equations_generate_the_ideal_of_the_component() -> None:
    """Lemma "locus", against dimension and degree by Singular: Segre products of cones."""
    needs_singular()
    from algattn.engines import Degree, Dimension, solve

    # cone over P^1 x v_2(P^1) x P^1, over P^2 x (rank <= 2) x P^0 and over v_3(P^2)
    for shape, name, degree in (
        ((2, 2, 2, 2), "k, v parallel", 12),
        ((2, 2, 2, 2), "k, v independent", 12),
        ((3, 1, 3, 2), "k, v independent", 45),
        ((3, 1, 1, 1), "triple line", 9),
    ):
        d, e, a, t = shape
        net = Lightning(widths=(d, e), ranks=a, tokens=t)
        from algattn.singularities.components import LocusComponent

        s = next(s for s in strata(net) if s.name == name)
        part = LocusComponent(s.name, s.dimension, "", s.representative, net)
        ideal = tuple(part.equations().generators)
        assert solve(Dimension(ideal)) == s.dimension
        assert solve(Degree(ideal)) == degree


class TestUnderdetermined:
    """Fewer equations than coefficients: curves and surfaces of perfect fits."""

    def test_points_of_small_charts_are_not_called_isolated(self) -> None:
        """On a chart with entries 0 a surface of solutions may meet it in one point."""
        needs_singular()
        result = critical_points(Lightning(widths=(2, 1), ranks=1), [([[1, 2], [0, 1]], [[1, 0]])])
        assert max(dimension for _, dimension, _ in result.components) == 2
        assert result.value == 0
        assert all(not p.isolated for p in result.points if p.loss == 0)

    def test_everything_is_critical_for_zero_inputs(self) -> None:
        result = critical_points(Lightning(widths=(2, 1), ranks=1), [([[0, 0], [0, 0]], [[1, 2]])])
        assert (result.value, len(result.points)) == (0, 0)
        assert [d for _, d, _ in result.components] == [4, 3, 3, 2]
