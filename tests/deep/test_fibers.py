"""Canonical forms, and deep fibers against Singular."""

from __future__ import annotations

import json
import random
from collections import Counter
from itertools import pairwise, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from algattn import Lightning, Weights, load
from algattn.errors import FieldError, UndecidedError
from algattn.exact import GF, QQ, Matrix
from algattn.fibers.deep_witnesses import tangent_dimension
from algattn.fibers.generic import component_count, shape_of
from algattn.fibers.normal_form import virtual_normal_forms
from algattn.fibers.points import evaluate

ORACLE = Path(__file__).parent.parent / "oracles" / "deep" / "fibers.json"
NATIVE = ORACLE.parent / "native.json"


@pytest.mark.parametrize("seed", range(4))
def test_canonical_is_constant_on_fibers_and_idempotent(draw: SimpleNamespace, seed: int) -> None:
    rng = random.Random(seed)
    met = Counter()
    for n in range(120):
        net, W = draw.any(rng, rng.randint(1, 3))
        try:
            c = net.canonical(W)
        except UndecidedError:
            met["undecided"] += 1
            continue
        moved = net.canonical(net.random_gauge(n).act(W))
        assert (moved.fingerprint, moved.form) == (c.fingerprint, c.form)
        assert (moved.virtual, moved.weights, moved.stratum) == (c.virtual, c.weights, c.stratum)
        if n % 6 == 0:
            assert load(c.to_json()).verify()
        met[c.stratum] += 1
        if c.weights is None or c.weights.field != QQ:
            continue
        again = net.canonical(c.weights)
        assert (again.form, again.virtual, again.weights) == (c.form, c.virtual, c.weights)
        assert (again.stratum, again.classes) == (c.stratum, c.classes)
        assert net.equivalent(W, c.weights).value
        for component in net.fiber(W).components:
            if component.witness is not None and component.witness.field == QQ:
                assert net.canonical(component.witness).fingerprint == c.fingerprint
    assert met["undecided"] < 6
    assert {"zero", "generic", "one token", "one feature", "collapse after layer 1"} <= set(met)


def test_fingerprints_tell_functions_apart(draw: SimpleNamespace) -> None:
    rng = random.Random(11)
    net = Lightning(widths=(2, 2, 2), ranks=2)
    prints: dict[str, tuple] = {}
    for _ in range(250):
        W = draw.virtual(rng, 2, 2, 2)
        function = tuple(net.function(W).coefficients.items())
        assert prints.setdefault(net.canonical(W).fingerprint, function) == function
    assert len(set(prints.values())) == len(prints) < 250


def test_fibers_against_singular() -> None:
    """Components over QQ and their dimensions, in the unknowns (V, B_1, B_2)."""
    met = Counter()
    for e in json.loads(ORACLE.read_text())["entries"]:
        d = e["d"]
        net = Lightning(widths=(d, d, e["dp"]), ranks=d, tokens=e["t"])
        unit = [[int(i == j) for j in range(d)] for i in range(d)]
        W = Weights(A=[e["B1"], e["B2"]], V=[unit, e["V"]])
        (virtual,) = virtual_normal_forms(net, W)
        if virtual.zero:
            met["zero"] += 1
            assert max(e["dims_Q"]) > 4
            continue
        fiber = net.fiber(W)
        free = 2 - virtual.cut  # a skew part for each layer after the collapse
        irrational = sum("irrational" in c.name for c in fiber.components)
        rational = len(fiber.components) - irrational
        assert irrational in (0, 2)  # a conjugate pair is one component over QQ
        assert e["dims_Q"] == [2 + free] * (rational + irrational // 2)
        met["covered"] += fiber.covered
        if fiber.covered:  # the native fiber has GL(2) between the layers in addition
            assert fiber.dimension == 2 + free + 4
        met[virtual.stratum, irrational] += 1
    assert len(met) >= 9
    assert met["covered"] >= 40


def test_native_dimensions_against_singular() -> None:
    """Zero functions, idle hidden dimensions and collapsed layers, in (A, V) and (K, Q, V)."""
    met = Counter()
    for e in json.loads(NATIVE.read_text())["entries"]:
        net = Lightning(widths=e["widths"], ranks=e["ranks"], tokens=e["tokens"])
        fiber = net.fiber(Weights(**e["weights"]), params=e["params"])
        assert fiber.dimension == e["dimension"]
        met[fiber.case, "uses" in fiber.gap] += 1
    assert len(met) >= 5


def test_fibers_through_random_weights_have_the_generic_dimension() -> None:
    """Parameters minus the dimension of the function space, which is proved by ranks."""
    rng = random.Random(3)
    met = Counter()
    for n in range(150):
        layers = rng.randint(2, 4)
        widths = [rng.randint(1, 5) for _ in range(layers + 1)]
        ranks = [rng.randint(1, 4) for _ in range(layers)]
        net = Lightning(widths=widths, ranks=ranks, tokens=rng.randint(1, 3))
        fiber = net.fiber(net.random_weights(n, size=50), params="QKV")
        if fiber.case != "zero":
            assert fiber.dimension == net.generic_fiber().dimension
        met[fiber.covered] += 1
    assert min(met.values()) > 20


def test_irrational_classes_are_counted_over_C_and_R() -> None:
    """(x^2 + y^2)^3 (x^2 - 2 y^2)(x + 2y): the lines of x^2 - 2 y^2 are real, may be v too."""
    net = Lightning(widths=(2, 2, 1), ranks=2, tokens=1)
    unit, plus, minus = [[1, 0], [0, 1]], [[1, 0], [0, 1]], [[1, 0], [0, -2]]
    fiber = net.fiber(Weights(A=[plus, minus], V=[unit, [[1, 2]]]))
    assert (fiber.complex_classes, fiber.real_classes, fiber.real_components) == (3, 3, 3)
    assert [c.witness is None for c in fiber.components] == [False, True, True]
    # (x^2 + y^2)^3 x^3: the lines of x^2 + y^2 give two classes that are not real
    fiber = net.fiber(Weights(A=[plus, [[1, 0], [0, 0]]], V=[unit, [[1, 0]]]))
    assert (fiber.complex_classes, fiber.real_classes) == (3, 1)
    assert [c.real_dimension is None for c in fiber.components] == [False, True, True]
    assert load(fiber.to_json()).verify()


def test_skew_layers_with_irreducible_factors_are_counted() -> None:
    """d = 3, t = 2: (K, kk^T + K) has two orders; the second factor w_K of det is no other one."""
    unit = [[int(i == j) for j in range(3)] for i in range(3)]
    K, B = [[0, 1, 0], [-1, 0, 0], [0, 0, 0]], [[0, 1, 0], [-1, 0, 0], [0, 0, 1]]
    net = Lightning(widths=(3, 3, 3), ranks=3)
    fiber = net.fiber(Weights(A=[K, B], V=[unit, unit]))
    assert (fiber.complex_classes, fiber.dimension, fiber.complex_components) == (2, 11, 2)
    # B = 1: det(G_B) is a sum of three squares of minors, irreducible, and comes after K only
    fiber = net.fiber(Weights(A=[unit, K], V=[unit, unit]))
    assert (fiber.complex_classes, fiber.dimension) == (1, 11)
    # B on the plane of K: the two layers commute
    fiber = net.fiber(Weights(A=[[[1, 0, 0], [0, 1, 0], [0, 0, 0]], K], V=[unit, unit]))
    assert (fiber.complex_classes, fiber.dimension) == (2, 11)
    # det(G_B) is a sum of two squares of minors, which splits over C: not decided, and said so
    fiber = net.fiber(Weights(A=[[[1, 0, 1], [0, 1, 0], [-1, 0, 0]], K], V=[unit, unit]))
    assert fiber.complex_classes is fiber.value is None
    with pytest.raises(UndecidedError, match="complex factors"):
        assert fiber.dimension


def test_covered_fibers_have_the_dimension_of_the_kernel(draw: SimpleNamespace) -> None:
    """Where the fiber is reduced, the Jacobian of the coefficients has that corank."""
    rng = random.Random(2)
    checked, field = 0, GF(1000003)
    for n in range(8):
        d_out = rng.randint(1, 2)
        net = Lightning(widths=(2, 2, d_out), ranks=(2, rng.randint(1, 2)))
        W = net.random_weights(n, size=3)
        fiber = net.fiber(W)
        if not fiber.covered or not fiber.reduced:
            continue
        point = [m.tolist() for part in (W.K, W.Q, W.V) for m in part]
        rows = []

        def outputs(values: list, net: Lightning = net) -> list[int]:
            K, Q, V = values[:2], values[2:4], values[4:]
            weights = Weights(K=K, Q=Q, V=V, field=field)
            rand = random.Random(5)
            out = []
            for _ in range(24):
                X = [[rand.randint(0, 10**6) for _ in range(2)] for _ in range(2)]
                out += [int(x) for row in evaluate(net, weights, X, field).rows for x in row]
            return out

        # five-point exact derivative: phi is a polynomial of degree <= 4 in each single weight
        for m, matrix in enumerate(point):
            for i, row in enumerate(matrix):
                for j in range(len(row)):
                    values = []
                    for s in (-2, -1, 1, 2):
                        changed = json.loads(json.dumps(point))
                        changed[m][i][j] += s
                        values.append(outputs(changed))
                    rows.append(
                        [
                            (a - 8 * b + 8 * c - e) * pow(12, -1, field.p)
                            for a, b, c, e in zip(*values, strict=True)
                        ]
                    )
        assert net.parameters - Matrix(field, rows).rank() == fiber.dimension
        checked += 1
    assert checked >= 3


def test_witnesses_are_general_points_of_their_components() -> None:
    """The tangent space there, by expanded derivatives, is as large as the component."""
    rng = random.Random(8)
    met = Counter()
    for _ in range(60):
        widths = [rng.randint(1, 2), rng.randint(1, 2), rng.randint(1, 2)]
        widths[1] = min(widths[:2])
        ranks = [rng.randint(1, 3) for _ in range(2)]
        net = Lightning(widths=widths, ranks=ranks, tokens=rng.randint(1, 2))

        def matrix(m: int, n: int) -> list[list[int]]:
            return [[rng.randint(-1, 1) for _ in range(n)] for _ in range(m)]

        W = Weights(
            K=[matrix(a, d) for a, d in zip(ranks, widths, strict=False)],
            Q=[matrix(a, d) for a, d in zip(ranks, widths, strict=False)],
            V=[matrix(e, d) for d, e in pairwise(widths)],
        )
        for params in ("AV", "QKV"):
            fiber = net.fiber(W, params=params)
            for c in fiber.components if fiber.covered else ():
                if c.witness is None or c.witness.field != QQ:
                    continue
                excess = tangent_dimension(net, c.witness, params) - c.dimension
                assert excess >= 0
                assert c.reduced is None or c.reduced == (excess == 0), (net, W, c)
                met[c.reduced, excess > 0] += 1
        assert load(fiber.to_json()).verify()
    assert {(True, False), (None, False)} <= set(met)


def test_a_last_hidden_width_of_one_leaves_only_the_scaling() -> None:
    """k and v are parallel when they have one entry, and the fiber is reduced all the same."""
    net = Lightning(widths=(2, 1, 1), ranks=(2, 1))
    W = Weights(A=[[[1, -1], [-2, 0]], [[1]]], V=[[[1, 2]], [[-1]]])
    fiber = net.fiber(W, params="QKV")
    assert fiber.reduced
    assert net.parameters - net.local_dimension(fiber.components[0].witness).value == 8
    assert fiber.dimension == 8
    # with two entries they are parallel only for special weights, where it is not reduced
    net = Lightning(widths=(2, 2, 1), ranks=(2, 1))
    W = Weights(A=[[[1, -1], [-2, 0]], [[1, 3], [2, 6]]], V=[[[1, 2], [0, 1]], [[1, 2]]])
    assert net.fiber(W).reduced is False
    assert load(net.fiber(W).to_json()).verify()


def test_evidence_of_generic_fibers_is_about_fibers() -> None:
    net = Lightning(widths=(2, 2), ranks=2)
    result = net.generic_fiber()
    assert result.evidence[1].kind == "generic.lemma-at-point"
    foreign = net.dimension().claims[0].evidence
    shape = result.claim("shape").evidence
    for value, evidence in ((7, foreign), (5, foreign), (7, result.claim("dimension").evidence)):
        forged = type(result).assemble(
            result.problem, value, {"dimension": evidence, "shape": shape}
        )
        assert not load(forged.to_json()).verify()


def test_a_fingerprint_is_that_of_its_form() -> None:
    net = Lightning(widths=(2, 2), ranks=1)
    result = net.canonical(net.random_weights(1))
    fields = {name: getattr(result, name) for name in type(result).detail_types()}
    evidence = {c.name: c.evidence for c in result.claims}
    for value in ("deadbeef" + result.value, result.value[:-1], result.value + " "):
        forged = type(result).assemble(result.problem, value, evidence, **fields)
        assert not load(forged.to_json()).verify()
    for change in ({"classes": result.classes + 1}, {"weights": None}):
        forged = type(result).assemble(result.problem, result.value, evidence, **fields | change)
        assert not load(forged.to_json()).verify()


def test_generic_fibers() -> None:
    cases = [  # the last number: components of the fiber at random weights, where it is known
        ((2, 2, 2), 2, 2, 14, 1, 1),
        ((2, 2, 1), (2, 1), 2, 11, 2, 2),
        ((2, 3, 2), 2, 2, 22, 1, None),
        ((5, 4, 1), 1, 2, 21, 6, None),  # three linear forms, in any order
        ((2, 2, 2), 2, 1, 16, 1, 1),
    ]
    for widths, ranks, tokens, dimension, components, there in cases:
        net = Lightning(widths=widths, ranks=ranks, tokens=tokens)
        g = net.generic_fiber()
        assert (g.dimension, g.components) == (dimension, components)
        assert load(g.to_json()).verify()
        fiber = net.fiber(net.random_weights(5))
        assert (fiber.dimension, fiber.complex_components) == (dimension, there)


def test_generic_components_are_those_at_random_weights() -> None:
    compared = set()
    for widths in [*product((1, 2, 3), repeat=2), *product((1, 2, 3), repeat=3)]:
        for ranks in product((1, 2), repeat=len(widths) - 1):
            for tokens in (1, 2):
                net = Lightning(widths, ranks, tokens=tokens)
                shape, count = shape_of(net), component_count(net)
                there = net.fiber(net.random_weights(5, size=50)).complex_components
                assert there in (None, count), net
                assert shape.exceptions or count == 1, net
                if there is not None:
                    compared.add(count)
    assert {1, 2, 3, 4, 6, 12} <= compared


def test_tampered_fibers_and_forms_fail() -> None:
    from algattn.results import seal

    net = Lightning(widths=(2, 2, 1), ranks=(2, 1))
    W = net.random_weights(3)
    for result in (net.fiber(W), net.canonical(W), net.generic_fiber()):
        for key in ("dimension", "fingerprint", "detail"):
            data = json.loads(result.to_json())
            if key == "detail":
                name = next(
                    k
                    for k in ("connected_components", "classes", "components")
                    if k in data["detail"]
                )
                data["detail"][name] = 77
            else:
                data["value"] = 7 if isinstance(data["value"], int) else "0" * 64
            data["digest"] = seal(data)["digest"]
            assert not load(json.dumps(data)).verify()


def test_finite_fields_have_no_canonical_form() -> None:
    net = Lightning(widths=(2, 2, 2), ranks=2)
    W = Weights.from_data(net.random_weights(1).to_data() | {"field": "GF(101)"})
    for ask in (net.canonical, net.fiber):
        with pytest.raises(FieldError, match=r"GF\(101\)"):
            ask(W)


def test_deep_and_wide_fibers(work: Any) -> None:
    """The constant in front of V has thousands of digits; ranks are taken without it."""
    for d, layers in ((16, 6), (4, 10)):
        net = Lightning(widths=(d,) * (layers + 1), ranks=d)
        W = net.random_weights(1)
        fiber, calls = work(lambda net=net, W=W: net.fiber(W))
        assert calls < 1_000_000
        # scalings, GL(d) between the layers, GL(d) on keys and queries
        assert fiber.dimension == layers + (layers - 1) * d * d + layers * d * d
