"""Networks as data: validation, forward pass, functions, gauge group, virtual weights, files."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from algattn import FunctionMap, Lightning, Softmax, Weights, read_network_file
from algattn.attention import Architecture, GaugeElement, VirtualWeights
from algattn.attention.coordinates import label_name, natural_count, natural_labels, parse_label
from algattn.attention.files import schema
from algattn.attention.forward import multiply
from algattn.errors import (
    AlgattnError,
    FieldError,
    InputError,
    LimitError,
    ShapeError,
)
from algattn.exact import GF, QQ, Matrix, NumberField

EXAMPLES = Path(__file__).parents[2] / "examples"
SMALL = [
    Lightning((2, 2), 1, 1),
    Lightning((2, 3), 2, 2),
    Lightning((3, 1), 2, 3),
    Lightning((1, 1), 1, 2),
    Lightning((2, 2, 1), (1, 2), 1),
    Lightning((2, 1, 2), 2, 2),
    Lightning((1, 2, 1), (2, 1), 3),
    Lightning((1, 1, 1, 1), 1, 2),
]


def matrix(rng: random.Random, m: int, n: int, fractions: bool = False) -> list[list[Any]]:
    def draw() -> Any:
        return Fraction(rng.randint(-5, 5), rng.randint(1, 4)) if fractions else rng.randint(-5, 5)

    return [[draw() for _ in range(n)] for _ in range(m)]


# --- architectures ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (((2,), 1), "1 entries"),
        (((), 1), "0 entries"),
        ((5, 1), "widths is 5"),
        (("22", 1), "widths is '22'"),
        (((2, 0), 1), "width 1 is 0"),
        (((-1, 2), 1), "width 0 is -1"),
        (((2, 2.0), 1), "width 1 is 2.0"),
        (((2, "2"), 1), "width 1 is '2'"),
        (((2, True), 1), "width 1 is True"),
        (((2, None), 1), "width 1 is None"),
        (((2, 10**9), 1), "above the limit"),
        (((2, 2), 0), "rank of layer 1 is 0"),
        (((2, 2), -3), "rank of layer 1 is -3"),
        (((2, 2), 10**9), "above the limit"),
        (((2, 2), (1, 1)), "1 layers and 2 ranks"),
        (((2, 2, 2), (1,)), "2 layers and 1 ranks"),
        (((2, 2), "1"), "rank of layer 1 is '1'"),
        (((2, 2), None), "rank of layer 1 is None"),
        (((2, 2), 1.5), "rank of layer 1 is 1.5"),
        (((2, 2), 1, 0), "tokens is 0"),
        (((2, 2), 1, -1), "tokens is -1"),
        (((2, 2), 1, 10**9), "above the limit"),
        (((2, 2), 1, "2"), "tokens is '2'"),
        (((2,) * 10_002, 1), "10001 layers"),
    ],
    ids=lambda x: str(x)[:30],
)
def test_impossible_networks(arguments: Any, match: str) -> None:
    with pytest.raises(ShapeError, match=match) as caught:
        Lightning(*arguments)
    assert str(caught.value).count(" Try: ") == 1


def test_a_network() -> None:
    net = Lightning(widths=(2, 3, 1), ranks=(2, 1), tokens=4)
    assert (net.widths, net.ranks, net.tokens, net.layers) == ((2, 3, 1), (2, 1), 4, 2)
    assert (net.d_in, net.d_out, net.map_degree) == (2, 1, 9)
    assert net.parameters == (2 * 2 * 2 + 2 * 3) + (2 * 1 * 3 + 3 * 1)
    assert net == Lightning([2, 3, 1], [2, 1], np.int64(4))
    assert Lightning((2, 2), 1).tokens == 2
    assert Lightning((2, 2, 2), 3).ranks == (3, 3)
    assert type(net).from_data(json.loads(json.dumps(net.to_data()))) == net
    with pytest.raises(AttributeError):
        net.tokens = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"widths": [2, 2]},
        {"ranks": 1},
        {"widths": [2, 2], "ranks": 1, "n_heads": 2},
        {"widths": [2, 2], "ranks": 1, "kind": "linear"},
        {"widths": [2, 2], "ranks": 1, "kind": 5},
        {"widths": {"a": 1}, "ranks": 1},
        {"widths": [2, 2], "ranks": {"a": 1}},
        {"widths": [2, [2]], "ranks": 1},
    ],
    ids=str,
)
def test_bad_network_data(data: Any) -> None:
    with pytest.raises((InputError, ShapeError), match=r"Try: "):
        Lightning.from_data(data)


# --- weights ---------------------------------------------------------------------------------


def test_forms_of_weights() -> None:
    rng = random.Random(1)
    K, Q, V = matrix(rng, 2, 3, True), matrix(rng, 2, 3, True), matrix(rng, 1, 3, True)
    W = Weights(K=[K], Q=[Q], V=[V])
    assert W.form == "QKV"
    expected = [[sum(K[r][i] * Q[r][j] for r in range(2)) for j in range(3)] for i in range(3)]
    assert W.A[0].tolist() == expected
    AV = W.to_AV()
    assert AV.form == "AV"
    assert AV.to_AV() is AV
    assert Weights(A=[expected], V=[V]) == AV
    assert AV != W
    text = [[str(x) for x in row] for row in V]
    assert Weights(K=[K], Q=[Q], V=[text]) == W
    assert Weights(K=[np.array(K, dtype=object)], Q=[Q], V=[V]) == W
    assert Weights(K=[sympy.Matrix(K).tolist()], Q=[Q], V=[V]) == W
    assert Weights(K=W.K, Q=W.Q, V=W.V) == W
    for weights in (W, AV):
        again = Weights.from_data(json.loads(json.dumps(weights.to_data())))
        assert again == weights
        assert hash(again) == hash(weights)
    assert r"\tfrac" in W._repr_latex_()


def test_weights_over_other_fields() -> None:
    K = NumberField([-2, 0, 1], 1)
    W = Weights(A=[[[K.theta]]], V=[[[K.theta]]], field=K)
    net = Lightning((1, 1), 1, 2)
    assert net.function(W)[(0, 0, 0, 0)] == 2
    assert Weights.from_data(json.loads(json.dumps(W.to_data()))) == W
    P = Weights(A=[[[3]]], V=[[[5]]], field=GF(7))
    assert net.function(P)[(0, 0, 0, 0)] == 1
    assert Weights.from_data(json.loads(json.dumps(P.to_data()))) == P
    deep = Lightning((1, 1, 1), 1, 2)
    P = Weights(A=[[[3]], [[1]]], V=[[[5]], [[2]]], field=GF(7))
    Z = Weights(A=[[[3]], [[1]]], V=[[[5]], [[2]]])
    f, g = deep.function(P), deep.function(Z)
    assert {k: int(GF(7)(c)) for k, c in g.coefficients.items() if GF(7)(c) != 0} == {
        k: int(c) for k, c in f.coefficients.items()
    }


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"A": [[[1]]]},
        {"V": [[[1]]]},
        {"K": [[[1]]], "V": [[[1]]]},
        {"A": [[[1]]], "K": [[[1]]], "Q": [[[1]]], "V": [[[1]]]},
        {"A": [[[1]]], "Q": [[[1]]], "V": [[[1]]]},
        {"A": [[[1]], [[1]]], "V": [[[1]]]},
        {"K": [[[1]]], "Q": [[[1]], [[1]]], "V": [[[1]]]},
        {"K": [[[1, 2]]], "Q": [[[1]]], "V": [[[1]]]},
        {"A": [[1]], "V": [[[1]]]},
        {"A": [1], "V": [[[1]]]},
        {"A": 1, "V": [[[1]]]},
        {"A": "1", "V": [[[1]]]},
        {"A": ["1"], "V": [[[1]]]},
        {"A": [["1"]], "V": [[[1]]]},
        {"A": [[]], "V": [[[1]]]},
        {"A": [[[1, 2], [3]]], "V": [[[1]]]},
        {"A": [[[0.5]]], "V": [[[1]]]},
        {"A": [[[float("nan")]]], "V": [[[1]]]},
        {"A": [[[None]]], "V": [[[1]]]},
        {"A": [[[True]]], "V": [[[1]]]},
        {"A": [[["1/0"]]], "V": [[[1]]]},
        {"A": [[["one"]]], "V": [[[1]]]},
    ],
    ids=str,
)
def test_bad_weights(arguments: Any) -> None:
    with pytest.raises(AlgattnError, match=r": .+\. Try: ."):
        Weights(**arguments)


@pytest.mark.parametrize(
    ("net", "match"),
    [
        (Lightning((2, 2, 2), 1), "1 layers and the network 2"),
        (Lightning((2, 3), 1), "V of layer 1 is 2x2 instead of 3x2"),
        (Lightning((3, 2), 1), "V of layer 1 is 2x2 instead of 2x3"),
        (Lightning((2, 2), 1), "rank 2, above the allowed 1"),
    ],
    ids=repr,
)
def test_weights_of_another_network(net: Lightning, match: str) -> None:
    W = Weights(A=[[[1, 0], [0, 1]]], V=[[[1, 0], [0, 1]]])
    W.matches(Lightning((2, 2), 2))
    W.matches(Lightning((2, 2), 5, 7))
    for question in (W.matches, lambda n: n.function(W), lambda n: n([[1, 2], [3, 4]], W)):
        with pytest.raises(ShapeError, match=match):
            question(net)
    QKV = Weights(K=[[[1, 0]]], Q=[[[1, 0]]], V=[[[1, 0], [0, 1]]])
    with pytest.raises(ShapeError, match="K of layer 1 is 1x2 instead of 2x2"):
        QKV.matches(Lightning((2, 2), 2))


def test_random_weights() -> None:
    for net in SMALL:
        for form in ("AV", "QKV"):
            W = net.random_weights(3, form=form)
            W.matches(net)
            assert net.random_weights(3, form=form) == W
            assert W.form == form or any(a < d for a, d in zip(net.ranks, net.widths, strict=False))
    net = Lightning((4, 4), 4)
    assert net.random_weights(1) != net.random_weights(2)
    sizes = {abs(x) for m in net.random_weights(1, size=2).V for row in m.tolist() for x in row}
    assert sizes <= {0, 1, 2}
    with pytest.raises(InputError, match="form"):
        net.random_weights(1, form="VA")
    with pytest.raises(ShapeError, match="too many"):
        Lightning((10**6, 10**6), 10**6).random_weights()


# --- the forward pass and the function -------------------------------------------------------


def definition(net: Lightning, W: Weights, X: list[list[Any]]) -> list[list[Any]]:
    """V X X^T A X, entry by entry."""
    for A, V in zip(W.A, W.V, strict=True):
        a, v = A.tolist(), V.tolist()
        d, t = len(a), len(X[0])
        X = [
            [
                sum(
                    v[r][i] * X[i][m] * X[j][m] * a[j][k] * X[k][c]
                    for i in range(d)
                    for j in range(d)
                    for k in range(d)
                    for m in range(t)
                )
                for c in range(t)
            ]
            for r in range(len(v))
        ]
    return X


@pytest.mark.parametrize("net", SMALL, ids=repr)
def test_every_way_to_evaluate_agrees(net: Lightning) -> None:
    rng = random.Random(repr(net))
    f = None
    for seed in range(3):
        W = net.random_weights(seed, form=rng.choice(["AV", "QKV"]), size=3)
        X = [[rng.randint(-2, 2) for _ in range(net.tokens)] for _ in range(net.d_in)]
        value = net(X, W)
        assert value == definition(net, W, X)
        f = net.function(W)
        assert f(X) == value
        half = [[Fraction(x, 2) for x in row] for row in X]
        assert net(half, W) == f(half) == definition(net, W, half)
        floats = np.array(X, dtype=float)
        assert np.allclose(net(floats, W), np.array(value, dtype=float))
        assert net(floats.tolist(), W) == pytest.approx(np.array(value, dtype=float))
        objects = net(np.array(X, dtype=object), W)
        assert isinstance(objects, np.ndarray)
        assert objects.tolist() == value
        assert net(np.array(X), W).tolist() == pytest.approx(np.array(value, dtype=float))
    assert f is not None


@pytest.mark.parametrize("net", [n for n in SMALL if n.map_degree <= 9], ids=repr)
def test_symbols_give_the_function(net: Lightning) -> None:
    W = net.random_weights(5, size=2)
    X = sympy.Matrix(net.d_in, net.tokens, lambda i, j: sympy.Symbol(f"x_{i + 1}_{j + 1}"))
    outputs = sympy.Matrix(net(X.tolist(), W)).applyfunc(sympy.expand)
    f = FunctionMap.from_outputs(outputs, X, degree=net.map_degree)
    assert f == net.function(W)
    for (r, c, monomial), value in f.output_coefficients():
        powers = sympy.prod([X[i, j] ** e for i, j, e in monomial])
        poly = sympy.Poly(outputs[r, c], *X)
        assert poly.coeff_monomial(powers) == sympy.Rational(str(value))


@given(st.data())
@pytest.mark.slow
def test_function_equals_forward_pass(data: st.DataObject) -> None:
    d, e, a = (data.draw(st.integers(1, 3), label=n) for n in "dea")
    net = Lightning((d, e), a, data.draw(st.integers(1, 3), label="t"))
    numbers = st.fractions(-5, 5, max_denominator=4)

    def rows(m: int, n: int) -> Any:
        return data.draw(
            st.lists(st.lists(numbers, min_size=n, max_size=n), min_size=m, max_size=m)
        )

    W = Weights(K=[rows(a, d)], Q=[rows(a, d)], V=[rows(e, d)])
    X = rows(d, net.tokens)
    f = net.function(W)
    assert f(X) == net(X, W)
    assert FunctionMap.from_data(json.loads(json.dumps(f.to_data()))) == f
    assert len(f.vector()) == natural_count(d, e, net.tokens)
    permuted = [row[::-1] for row in X]
    assert f(permuted) == [row[::-1] for row in f(X)]


def test_multiply_over_noncommutative_zeros() -> None:
    assert multiply([[0, 2]], [[5], [7]]) == [[14]]


@pytest.mark.parametrize("X", [[[1, 2]], [[1], [2]], [[1, 2], [3]], [[1, 2, 3], [4, 5, 6]], []])
def test_inputs_of_another_shape(X: Any) -> None:
    net = Lightning((2, 2), 1)
    W = net.random_weights(1)
    with pytest.raises(ShapeError, match="X"):
        net(X, W)
    with pytest.raises(ShapeError, match="X"):
        net.function(W)(X)
    with pytest.raises(ShapeError, match="X"):
        net(np.ones((3, 2)), W)
    with pytest.raises(ShapeError, match="X"):
        net(np.ones(2), W)


# --- functions -------------------------------------------------------------------------------


def test_function_maps() -> None:
    f = FunctionMap(2, 1, 2, {"c_1_1_2_1": "1/2", (0, 1, 1, 0): 0})
    assert f == FunctionMap(2, 1, 2, {(0, 0, 1, 0): Fraction(1, 2)})
    assert hash(f) == hash(FunctionMap(2, 1, 2, {(0, 0, 1, 0): Fraction(1, 2)}))
    assert f["c_1_1_2_1"] == QQ("1/2")
    assert f[(0, 1, 1, 0)] == 0
    assert not f.is_zero
    assert FunctionMap(2, 1, 2, {}).is_zero
    others = [
        FunctionMap(2, 1, 2, {"c_1_1_2_1": 1}),
        FunctionMap(2, 1, 3, {"c_1_1_2_1": "1/2"}),
        FunctionMap(3, 1, 2, {"c_1_1_2_1": "1/2"}),
        FunctionMap(2, 2, 2, {"c_1_1_2_1": "1/2"}),
        FunctionMap(2, 1, 2, {"c_1_1_2_1": "1/2"}, field=GF(7)),
    ]
    assert all(f != g for g in others)
    assert f != 1
    assert f.shape == (1, 2)
    assert "c_{1,12,1} = 1/2" in f._repr_latex_()


@pytest.mark.parametrize(
    "coefficients",
    [
        {"c_1_1_1": 1},
        {"c_0_1_1_1": 1},
        {"c_2_1_1_1": 1},
        {"c_1_3_3_1": 1},
        {"c_1_2_1_1": 1},
        {"c_1_1_1_3": 1},
        {"y_1*x_1_1^3": 1},
        {"": 1},
        {"c_1_1_1_1": 0.5},
        {"c_1_1_1_1": None},
        {"c_1_1_1_1": 1, "c_01_1_1_1": 2},
        {"c_1_1_1_1": 0, "c_01_1_1_1": 2},
        {(0, 0, 0): 1},
        {(0, 0, 0, 0.0): 1},
        {(0, 0, 0, True): 1},
        {(): 1},
    ],
    ids=str,
)
def test_bad_coefficients(coefficients: Any) -> None:
    with pytest.raises(AlgattnError, match=r"Try: "):
        FunctionMap(2, 1, 2, coefficients)


@pytest.mark.parametrize(
    "label",
    [
        (0, ((0, 0, 8),)),
        (0, ((0, 0, 10),)),
        (0, ((0, 0, 4), (0, 0, 5))),
        (0, ((0, 2, 9),)),
        (0, ((1, 0, 9),)),
        (1, ((0, 0, 9),)),
        (0, ((0, 0, 9), (0, 1, 0))),
        (0, ()),
        (0, 0, 0, 0),
    ],
    ids=str,
)
def test_bad_deep_labels(label: Any) -> None:
    FunctionMap(1, 1, 2, {(0, ((0, 0, 9),)): 1}, degree=9)
    with pytest.raises(ShapeError, match="there is no coefficient"):
        FunctionMap(1, 1, 2, {label: 1}, degree=9)


def test_labels_there_and_back() -> None:
    for label in natural_labels(3, 2, 2):
        assert parse_label(label_name(label)) == label
    deep = (1, ((0, 0, 2), (0, 1, 1), (10, 3, 6)))
    assert parse_label(label_name(deep)) == deep
    for d, e, t in ((1, 1, 1), (3, 2, 1), (2, 3, 2), (3, 1, 5)):
        labels = list(natural_labels(d, e, t))
        assert len(labels) == len(set(labels)) == natural_count(d, e, t)
        assert labels == sorted(labels)


@pytest.mark.parametrize(
    ("outputs", "match"),
    [
        (["x11**3", "x12**2*x11"], "force"),
        (["x11**2", "x12**2"], "degree is not 3"),
        (["x11**3 + 1", "x12**3 + 1"], "degree is not 3"),
        (["x12**2*x11", "x11**2*x12"], "force"),
    ],
)
def test_outputs_of_no_network(outputs: list[str], match: str) -> None:
    x11, x12 = sympy.symbols("x11 x12")
    table = {
        "x11**3": x11**3,
        "x12**2*x11": x12**2 * x11,
        "x11**2": x11**2,
        "x12**2": x12**2,
        "x11**3 + 1": x11**3 + 1,
        "x12**3 + 1": x12**3 + 1,
        "x11**2*x12": x11**2 * x12,
    }
    with pytest.raises(ShapeError, match=match):
        FunctionMap.from_outputs([[table[o] for o in outputs]], [[x11, x12]])
    good = FunctionMap.from_outputs([[x11**3 + x12**2 * x11, x12**3 + x11**2 * x12]], [[x11, x12]])
    assert good == FunctionMap(1, 1, 2, {"c_1_1_1_1": 1})


def test_too_large_to_expand() -> None:
    for net in (Lightning((500, 500), 1), Lightning((4, 4, 4, 4), 1), Lightning((1,) * 12, 1)):
        W = net.random_weights(1)
        with pytest.raises(LimitError, match=r"Try: "):
            net.function(W)


# --- gauge group and virtual weights ---------------------------------------------------------


@pytest.mark.parametrize("net", SMALL, ids=repr)
def test_gauge_group(net: Lightning) -> None:
    g, h = net.random_gauge(1), net.random_gauge(2)
    one = GaugeElement.identity(net)
    for form in ("QKV", "AV"):
        W = net.random_weights(4, form=form)
        assert one.act(W) == W
        assert g.act(W).form == W.form
        assert (g * h).act(W) == g.act(h.act(W))
        assert (g * one).act(W) == (one * g).act(W) == g.act(W)
        assert g.inverse().act(g.act(W)) == W == g.act(g.inverse().act(W))
        assert (g * g.inverse()).act(W) == W
        assert form == "AV" or g.act(W) != W  # the scalings may all be 1
        assert g.act(W).to_AV() == g.act(W.to_AV())
        assert net.function(g.act(W)) == net.function(W)
    assert net.random_gauge(1).to_data() == g.to_data()
    json.dumps(g.to_data())


def test_gauge_elements_of_another_network() -> None:
    W = Lightning((2, 2), 1).random_weights(1)
    with pytest.raises(ShapeError, match="for 2 layers, the weights have 1"):
        Lightning((2, 2, 2), 1).random_gauge(1).act(W)
    with pytest.raises(FieldError, match="scaling is zero"):
        GaugeElement((QQ(0),), (), (Matrix.identity(QQ, 1),)).act(W)
    with pytest.raises(AlgattnError):
        Lightning((2, 2), 3).random_gauge(1).act(W)


@pytest.mark.parametrize("net", SMALL, ids=repr)
def test_virtual_weights_give_the_function_back(net: Lightning) -> None:
    """V S_{B_l} .. S_{B_1} with S_B(X) = X X^T B X."""
    rng = random.Random(1)
    W = net.random_weights(6, size=2)
    virtual = net.virtual(W)
    assert isinstance(virtual, VirtualWeights)
    X = [[rng.randint(-2, 2) for _ in range(net.tokens)] for _ in range(net.d_in)]
    Y = Matrix(QQ, X)
    for B in virtual.B:
        assert B.shape == (net.d_in, net.d_in)
        Y = Y @ Y.T @ B @ Y
    assert (virtual.V @ Y).tolist() == net(X, W)
    between = GaugeElement(
        tuple(QQ(1) for _ in net.ranks),
        net.random_gauge(8).between,
        tuple(Matrix.identity(QQ, a) for a in net.ranks),
    )
    assert net.virtual(between.act(W)) == virtual


# --- input files -----------------------------------------------------------------------------

GOOD = {"network": {"widths": [1, 1], "ranks": 1}, "weights": {"A": [[[1]]], "V": [[[2]]]}}


def changed(**changes: Any) -> str:
    return json.dumps(GOOD | changes)


BAD_FILES = {
    "empty": "",
    "truncated": json.dumps(GOOD)[:-5],
    "no object": "[]",
    "null": "null",
    "text": '"network"',
    "nan": '{"network": {"widths": [1, 1], "ranks": NaN}}',
    "infinity": '{"network": {"widths": [1, Infinity], "ranks": 1}}',
    "duplicate keys": '{"network": {"widths": [1, 1], "ranks": 1, "ranks": 2}}',
    "duplicate network": '{"network": {"widths": [1, 1], "ranks": 1}, "network": {}}',
    "no network": "{}",
    "unknown key": changed(extra=1),
    "unknown schema": changed(schema="algattn/input/2"),
    "schema no text": changed(schema=["algattn/input/1"]),
    "unknown network key": changed(network={"widths": [1, 1], "ranks": 1, "bias": True}),
    "unknown kind": changed(network={"widths": [1, 1], "ranks": 1, "kind": "relu"}),
    "widths text": changed(network={"widths": "1,1", "ranks": 1}),
    "width float": changed(network={"widths": [1, 1.0], "ranks": 1}),
    "width zero": changed(network={"widths": [1, 0], "ranks": 1}),
    "width huge": changed(network={"widths": [1, 10**9], "ranks": 1}),
    "rank zero": changed(network={"widths": [1, 1], "ranks": 0}),
    "tokens zero": changed(network={"widths": [1, 1], "ranks": 1, "tokens": 0}),
    "tokens huge": changed(network={"widths": [1, 1], "ranks": 1, "tokens": 10**9}),
    "weights list": changed(weights=[1]),
    "weights unknown key": changed(weights={"A": [[[1]]], "V": [[[2]]], "B": 1}),
    "weights incomplete": changed(weights={"A": [[[1]]]}),
    "weights float": changed(weights={"A": [[[0.5]]], "V": [[[2]]]}),
    "weights no number": changed(weights={"A": [[["a"]]], "V": [[[2]]]}),
    "weights division by zero": changed(weights={"A": [[["1/0"]]], "V": [[[2]]]}),
    "weights code": changed(weights={"A": [[["__import__('os')"]]], "V": [[[2]]]}),
    "weights null": changed(weights={"A": [[[None]]], "V": [[[2]]]}),
    "weights true": changed(weights={"A": [[[True]]], "V": [[[2]]]}),
    "weights ragged": changed(weights={"A": [[[1], [1, 2]]], "V": [[[2]]]}),
    "weights of another network": changed(weights={"A": [[[1, 0], [0, 1]]], "V": [[[2, 1]]]}),
    "weights of two layers": changed(weights={"A": [[[1]], [[1]]], "V": [[[2]], [[1]]]}),
    "weights bad field": changed(weights={"A": [[[1]]], "V": [[[2]]], "field": "GF(4)"}),
    "function list": changed(function=[1]),
    "function keys": changed(function={"d_in": 1}),
    "function sizes": changed(function={"d_in": 0, "d_out": 1, "coefficients": {}}),
    "function label": changed(function={"d_in": 1, "d_out": 1, "coefficients": {"c": 1}}),
    "deep nesting": "[" * 100_000,
    "deep weights": changed(weights={"A": "x", "V": 1}).replace('"x"', "[" * 5000 + "]" * 5000),
    "long number": changed(weights={"A": [[[1]]], "V": [[["n"]]]}).replace('"n"', "9" * 5000),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_hostile_files(name: str) -> None:
    with pytest.raises(AlgattnError, match=r"^.+: .+\. Try: .+\.$"):
        read_network_file(BAD_FILES[name])


def test_good_files() -> None:
    given_ = read_network_file(json.dumps(GOOD))
    assert given_.network == Lightning((1, 1), 1)
    assert isinstance(given_.network, Lightning)
    assert given_.weights == Weights(A=[[[1]]], V=[[[2]]])
    assert given_.function is None
    text = changed(weights={"A": [[[0.1]]], "V": [[["-3/7"]]]})
    weights = read_network_file(text, floats=True).weights
    assert weights is not None
    assert weights.A[0].tolist() == [[Fraction(0.1)]]
    f = FunctionMap(1, 1, 2, {"c_1_1_1_1": "1/2"})
    assert read_network_file(changed(function=f.to_data())).function == f


NETWORKS = [path for path in sorted(EXAMPLES.glob("*.json")) if not path.name.startswith("map_")]


@pytest.mark.parametrize("path", NETWORKS, ids=lambda p: p.name)
def test_examples_fit_the_schema(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(json.loads(schema())).validate(json.loads(text))
    read_network_file(text)


def test_there_are_examples() -> None:
    assert len(list(EXAMPLES.glob("*.json"))) >= 3


@pytest.mark.parametrize(
    "name",
    [
        "no object",
        "no network",
        "unknown key",
        "unknown schema",
        "unknown network key",
        "unknown kind",
        "widths text",
        "width zero",
        "rank zero",
        "tokens zero",
        "weights list",
        "weights unknown key",
        "weights float",
        "weights no number",
        "weights null",
        "weights true",
        "function list",
        "function keys",
        "function sizes",
    ],
)
def test_the_schema_rejects_bad_files(name: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schema()))
    validator.validate(GOOD)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(json.loads(BAD_FILES[name]))


@pytest.mark.parametrize("size", [0, -1, "a", 2.5])
def test_random_weights_of_no_size(size):
    # Size 0 once looked for a matrix of full rank among zeros, for ever.
    with pytest.raises(InputError, match="size"):
        Lightning((2, 2), 1).random_weights(1, size=size)


def test_bases_of_networks_are_no_networks():
    assert sorted(Architecture.kinds) == ["lightning", "softmax"]
    with pytest.raises(InputError, match="architecture"):
        Architecture.from_data({"kind": "architecture", "widths": [2, 2], "ranks": 1})


@pytest.mark.parametrize("kind", [Lightning, Softmax])
@pytest.mark.parametrize("X", [3, [1, 2], [[1, 2]], [[1, 2, 3], [1, 2, 3]], [[[1], [2]]]])
def test_inputs_that_are_no_matrix_of_the_right_shape(kind: type, X: object) -> None:
    net = kind((2, 1), 1)
    W = {"K": [[[1, 0]]], "Q": [[[0, 1]]], "V": [[[1, 1]]]}
    with pytest.raises(ShapeError, match="evaluate"):
        net(X, W)


def test_inputs_and_weights_as_text() -> None:
    net = Lightning((1, 1), 1)
    W = {"A": [[["2"]]], "V": [[["1/3"]]]}
    assert net([["1/2", 1]], W) == [[Fraction(5, 12), Fraction(5, 6)]]
    with pytest.raises(FieldError):
        net([["one", 1]], W)
