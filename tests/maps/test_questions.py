"""Questions asked of maps, against sympy, Singular, the literature and the networks themselves."""

from __future__ import annotations

import json
from itertools import product
from math import comb
from typing import Any

import pytest
import sympy
from map_families import ENNEPER, gram, need_singular, segre, veronese
from resealing import holds, resealed

from algattn import GF, Lightning, PolynomialMap, implicitize, load
from algattn.dimension.maps import MapDimension, RankBelow, SymmetriesAbove
from algattn.errors import AlgattnError, DisagreementError, HypothesisError, LimitError
from algattn.exact import NumberField
from algattn.maps import VectorField
from algattn.singularities.jacobian_criterion import singular_ideal

#: Map, dimension of the image (references: Alexander, Hirschowitz 1995; Landsberg, Tensors, 5.5).
KNOWN: dict[str, tuple[PolynomialMap, int, bool]] = {
    "Veronese surface": (veronese(3, 2), 3, True),
    "rational normal curve": (PolynomialMap(["s^4", "s^3*t", "s^2*t^2", "s*t^3", "t^4"]), 2, True),
    "Segre 2x3": (segre((2, 3)), 4, True),
    "Segre 2x2x2": (segre((2, 2, 2)), 4, True),
    "secant of Segre 3x3": (segre((3, 3), 2), 8, True),
    "secant of the Veronese surface": (veronese(3, 2, 2), 5, True),
    "five fourth powers in three variables": (veronese(3, 4, 5), 14, True),
    "three cubes in three variables": (veronese(3, 3, 3), 9, True),
    "cusp": (PolynomialMap(["t^2", "t^3"]), 1, True),
    "Enneper": (PolynomialMap(ENNEPER), 2, True),
    "Whitney umbrella": (PolynomialMap(["u*v", "v", "u^2"]), 2, True),
    "circle": (PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"]), 1, True),
    "Cremona": (PolynomialMap(["1", "1", "1"], ["x", "y", "x*y"]), 2, True),
    "Gram 3, rank 2": (gram(3, 2), 5, True),
    "Gram 4, rank 2": (gram(4, 2), 7, True),
    "Gram 4, rank 3": (gram(4, 3), 9, True),
    "three times a number": (PolynomialMap(["x+y", "3*x+3*y", "x^2+2*x*y+y^2"]), 1, True),
}


@pytest.mark.parametrize("name", KNOWN)
def test_dimensions(name: str) -> None:
    phi, wanted, proved = KNOWN[name]
    found = phi.dimension()
    assert (found.value, found.status.name) == (wanted, "PROVED" if proved else "PROBABLE")
    assert found.lower == wanted <= found.upper
    assert found.defect == min(len(phi.parameters), len(phi.coordinates)) - wanted
    assert load(found.to_json()).verify()
    assert load(found.to_json()) == found


def test_dimensions_against_sympy() -> None:
    for name in ("Segre 2x3", "Enneper", "Whitney umbrella", "three times a number"):
        phi, wanted, _ = KNOWN[name]
        xs = sympy.symbols(phi.parameters)
        matrix = sympy.Matrix([p.to_sympy() for p in phi.polynomials]).jacobian(xs)
        assert matrix.subs(dict(zip(xs, (2, 3, 5, 7, 11), strict=False))).rank() == wanted


def test_dimensions_of_other_fields() -> None:
    root = NumberField([-2, 0, 1], 1)
    quartic = PolynomialMap(["s^4+theta*s^2*t^2", "s^3*t", "t^4-theta*s*t^3"], field=root)
    assert (quartic.dimension().value, quartic.dimension().status.name) == (2, "PROVED")
    frobenius = PolynomialMap(["x^5", "y"], field=GF(5)).dimension()
    assert (frobenius.value, frobenius.jacobian_rank, frobenius.separable) == (2, 1, False)
    turn = VectorField("d/dx", {"x": "1"})  # kills x^5 modulo 5, and yet the image is a line
    inseparable = PolynomialMap(["x^5"], field=GF(5), symmetries=[turn])
    assert inseparable.check().name == "PROVED"
    assert inseparable.dimension().upper == 1
    torus = PolynomialMap(["x*y", "x^2*y^2", "x^3*y^3"], field=GF(7)).dimension()
    assert (torus.value, torus.status.name) == (1, "PROVED")


@pytest.mark.parametrize(
    ("shape", "options", "wanted"),
    [
        (((2, 2), 1), {}, None),
        (((3, 2), 2), {}, None),
        (((2, 2, 1), 1), {}, None),
        # rank of the Jacobian by automatic differentiation at random points, an own program
        (((3, 2), 1), {"heads": 2}, 20),
        (((3, 1), 2), {"heads": 2}, 17),
        (((2, 2), 1), {"heads": 2, "kv_heads": 1, "value_ranks": 1}, 6),
    ],
)
def test_dimensions_of_networks(shape: Any, options: Any, wanted: int | None) -> None:
    net = Lightning(*shape, **options)
    found = net.map("QKV").dimension()
    assert found.value == (net.dimension().value if wanted is None else wanted)
    assert wanted == 17 or found.status.name == "PROVED"
    assert found.value == rank_at_inputs(net)


def rank_at_inputs(net: Lightning) -> int:
    """The rank of the differential of weights -> outputs at many inputs, by finite sums mod p."""
    import random

    from flint import nmod_mat

    p, rng = 2**31 - 1, random.Random(5)
    field = GF(p)
    parameters = [q for shape in net.shapes for q in shape.parameters]
    at = {
        q: [[field(rng.randrange(p)) for _ in range(q.shape[1])] for _ in range(q.shape[0])]
        for q in parameters
    }
    columns = []
    inputs = [
        [[field(rng.randrange(p)) for _ in range(net.tokens)] for _ in range(net.d_in)]
        for _ in range(12)
    ]

    def times(a: Any, b: Any) -> Any:
        return [
            [
                sum((x * y for x, y in zip(r, c, strict=True)), field(0))
                for c in zip(*b, strict=True)
            ]
            for r in a
        ]

    def output(weights: Any, X: Any) -> list[Any]:
        for shape in net.shapes:
            total = None
            for head in shape.maps:
                K, Q, V = (weights[m] for m in (head.key, head.query, head.value))
                V = V if head.output is None else times(weights[head.output], V)
                scores = times(list(zip(*times(K, X), strict=True)), times(Q, X))
                here = times(times(V, X), scores)
                total = (
                    here
                    if total is None
                    else [
                        [x + y for x, y in zip(r, s, strict=True)]
                        for r, s in zip(total, here, strict=True)
                    ]
                )
            X = total
        return [x for row in X for x in row]

    # a polynomial of degree n in one weight: its derivative from n + 1 values
    degree = 3 ** (net.layers - 1)
    for q in parameters:
        for i, j in product(range(q.shape[0]), range(q.shape[1])):
            values = []
            for step in range(degree + 1):
                moved = [list(row) for row in at[q]]
                moved[i][j] = moved[i][j] + step
                values.append([x for X in inputs for x in output(at | {q: moved}, X)])
            # f'(0) = sum_{k >= 1} (-1)^(k-1)/k * (k-th difference)
            total = [field(0)] * len(values[0])
            for k in range(1, degree + 1):
                for m in range(k + 1):
                    c = field(comb(k, m) * (-1) ** (k - m) * (-1) ** (k - 1)) / k
                    total = [a + c * b for a, b in zip(total, values[m], strict=True)]
            columns.append([int(x) for x in total])
    return int(nmod_mat(columns, p).rank())


@pytest.mark.parametrize("t", [1, 2])
@pytest.mark.parametrize("params", ["AV", "QKV"])
def test_a_layer_and_its_fast_path(params: str, t: int) -> None:
    net = Lightning((2, 1), 2, tokens=t)
    phi = net.map(params)
    found, fast = phi.implicitize(4), net.ideal(4)
    assert found.counts == fast.counts
    assert all(not g.compose(*phi.polynomials) for g in fast.generators)
    assert phi.dimension().value == net.dimension().value
    assert (
        found.to_data()["problem"]
        == implicitize(net.parametrization(params), max_degree=4).to_data()["problem"]
    )


def test_equations_of_maps() -> None:
    counts = {
        "Veronese surface": {2: 6},
        "Segre 2x3": {2: 3},
        "cusp": {3: 1},
        "Whitney umbrella": {3: 1},
    }
    for name, wanted in counts.items():
        ideal = KNOWN[name][0].implicitize(3)
        assert (ideal.counts, ideal.status.name) == (wanted, "PROVED")
    assert KNOWN["circle"][0].implicitize(2).counts == {2: 1}
    assert KNOWN["Cremona"][0].implicitize(2).counts == {2: 1}
    line = PolynomialMap(["theta*s"], field=NumberField([-2, 0, 1]))
    assert line.implicitize(2).counts == {}
    for phi, wrong in ((KNOWN["circle"][0], "is rational"), (line, "is over QQ")):
        with pytest.raises(HypothesisError, match=wrong):
            phi.implicitize()
    assert PolynomialMap(["a^2", "a*b", "b^2"], field=GF(7)).implicitize(2).counts == {2: 1}


def test_fibers_against_singular() -> None:
    need_singular()
    for phi, point, dimensions in (
        (KNOWN["Whitney umbrella"][0], [3, 0], [0, 0]),
        (KNOWN["Whitney umbrella"][0], [3, 1], [0]),
        (KNOWN["Segre 2x3"][0], [0, 0, 0, 0, 0], [2, 3]),
        (gram(2, 2), [1, 0, 0, 1], [1, 1]),
    ):
        fiber = phi.fiber_ideal(point)
        assert all(g(*point) == 0 for g in fiber.generators)
        found = fiber.decompose()
        assert found.component_dimensions == dimensions
        assert fiber.dimension() == found.value == max(dimensions)
        assert found.status.name == "PROBABLE"
        assert load(found.to_json()).verify()


def test_the_fiber_of_a_network_is_an_instance() -> None:
    net = Lightning((2, 2), 2)
    weights = net.random_weights(1)
    point = {"k": weights.K[0].rows, "q": weights.Q[0].rows, "v": weights.V[0].rows}
    ours, old = net.map("QKV").fiber_ideal(point), net.fiber_ideal(weights, "QKV")
    assert set(ours.generators) == set(old.generators)
    assert isinstance(old, type(ours))


def test_the_jacobian_criterion() -> None:
    cusp = KNOWN["cusp"][0]
    found = singular_ideal(cusp, ["y_1^3-y_2^2"])
    assert (found.dimension(engine="builtin"), found.complete, found.codimension) == (0, False, 1)
    assert cusp.singular_ideal(cusp.implicitize(engine="builtin")).complete
    conic = PolynomialMap(["s^2", "s*t", "t^2"])
    assert conic.singular_ideal(["y_2^2-y_1*y_3"]).dimension(engine="builtin") == 0
    affine = PolynomialMap(["t", "t^2"])
    assert affine.singular_ideal(["y_2-y_1^2"]).dimension(engine="builtin") == -1
    umbrella = KNOWN["Whitney umbrella"][0]
    assert umbrella.singular_ideal(umbrella.implicitize(3)).dimension(engine="builtin") == 1
    assert conic.singular_ideal([]).generators == ()
    with pytest.raises(DisagreementError):
        cusp.singular_ideal(["y_1-y_2"])
    with pytest.raises(AlgattnError):
        cusp.singular_ideal(conic.implicitize(2))
    with pytest.raises(LimitError):
        segre((3, 3, 3)).singular_ideal(segre((3, 3, 3)).implicitize(2))


def test_forged_dimensions() -> None:
    honest = KNOWN["Gram 3, rank 2"][0].dimension()
    data = json.loads(honest.to_json())
    for value in (4, 6):
        forged = json.loads(json.dumps(data))
        forged["value"] = forged["detail"]["lower"] = forged["detail"]["upper"] = value
        assert not any(map(_safe, (forged, resealed(forged))))
    torn = json.loads(json.dumps(data))
    torn["problem"]["parametrization"]["symmetries"][0][1][0][1] = "7*a_1_1"
    assert not any(map(_safe, (torn, resealed(torn))))
    plain = PolynomialMap(["x", "y", "x*y"])
    shift = VectorField("shift", {"x": "1"})
    wrong = MapDimension.assemble(
        PolynomialMap(["x", "y", "x*y"], symmetries=[shift]),
        1,
        {"dimension": [RankBelow(0, 10007), SymmetriesAbove(0, 10007)]},
        lower=1,
        upper=1,
    )
    assert not wrong.verify()
    good = {"dimension": [RankBelow(0, 10007), SymmetriesAbove(0, 10007)]}
    assert MapDimension.assemble(plain, 2, good, lower=2, upper=2).verify()
    for seed, prime in ((-1, 10007), (0, 10), (0, -7)):
        bad = {"dimension": [RankBelow(seed, prime), SymmetriesAbove(0, 10007)]}
        assert not MapDimension.assemble(plain, 2, bad, lower=2, upper=2).verify()


def _safe(data: Any) -> bool:
    try:
        return holds(data)
    except AlgattnError:
        return False
