"""Functions, polynomials and derivatives of any lightning network against the layer in numbers."""

from __future__ import annotations

import json
import random

import pytest

from algattn import GF, QQ, FunctionMap, Lightning, Softmax, Weights, Window, load
from algattn.attention.coordinates import (
    Coordinates,
    cubic_monomial,
    label_latex,
    label_name,
    parse_label,
)
from algattn.attention.expansion import Jet, Lazy, NestedInputs, Ring
from algattn.attention.functions import expand
from algattn.attention.layer import attention_layer
from algattn.errors import HypothesisError, InputError, LimitError, ShapeError
from algattn.exact import Matrix, NumberField
from algattn.symbolic.differential import jacobian, jacobian_QKV
from algattn.symbolic.expansion import column_size, evaluator, expand_outputs
from algattn.symbolic.parameters import parameter_latex
from algattn.symbolic.parametrization import parametrize
from algattn.symbolic.results import derive, recompute

VARIANTS = {
    "two heads": Lightning((2, 2), 1, heads=2),
    "three heads, one token": Lightning((2, 1), 2, 1, heads=3),
    "groups": Lightning((2, 3), 1, heads=2, kv_heads=1, value_ranks=1),
    "value rank": Lightning((2, 1), 2, 3, value_ranks=1),
    "causal": Lightning((2, 1), 1, mask="causal"),
    "window of one": Lightning((1, 2), 1, 3, mask=Window(1)),
    "nothing seen": Lightning((2, 1), 1, 2, mask=[]),
    "one pair": Lightning((1, 1), 1, 2, mask=[(0, 1)]),
    "residual": Lightning((2, 2), 1, residual=True),
    "residual, wide": Lightning((1, 1), 2, 3, heads=2, residual=True),
    "all biases": Lightning((1, 2), 1, biases="qkvo"),
    "bias of values": Lightning((2, 1), 1, 2, value_ranks=2, biases="v"),
    "bias of full values": Lightning((2, 1), 1, 2, heads=2, mask="causal", biases="v"),
    "shared biases": Lightning((1, 1), 2, 2, heads=2, kv_heads=1, value_ranks=1, biases="qk"),
    "two layers, heads": Lightning((1, 1, 2), (2, 1), 1, heads=(2, 1)),
    "two layers, residual": Lightning((1, 1, 1), 1, 2, residual=True),
    "two layers, causal": Lightning((1, 2, 1), 1, 2, mask=("causal", None)),
    "two layers, biases": Lightning((1, 1, 1), 1, 2, biases="ko"),
    "plain": Lightning((2, 2), 1),
    "plain, one token": Lightning((2, 2), 1, 1),
    "plain, two layers": Lightning((1, 2, 1), 1, 2),
}
every_variant = pytest.mark.parametrize("net", VARIANTS.values(), ids=VARIANTS)


def over(net: Lightning, W: Weights, field: object) -> Weights:
    """The same numbers in another field."""
    if W.form == "AV":
        return Weights.from_data(W.to_data() | {"field": field.to_data()})
    return Weights.of(
        {p: Matrix(field, W.block(p).rows) for shape in net.shapes for p in shape.parameters}
    )


def value(net: Lightning, W: Weights, X: list) -> list:
    """The layer formula on exact matrices."""
    M, one = Matrix(W.field, X), Matrix(W.field, [[1] * net.tokens])

    def attend(scores: Matrix, shape: object, head: int) -> Matrix:
        pairs = zip(scores.rows, shape.seen.rows(), strict=True)
        return Matrix(W.field, [[x * s for x, s in zip(*pair, strict=True)] for pair in pairs])

    for i, shape in enumerate(net.shapes):
        M = attention_layer(shape, W.layer(i), M, attend, one)
    return M.tolist()


@every_variant
@pytest.mark.parametrize("field", [QQ, GF(2), GF(101)], ids=str)
def test_the_function_has_the_values_of_the_layer(net: Lightning, field: object) -> None:
    W = over(net, net.random_weights(3), field)
    f = net.function(W)
    rng = random.Random(1)
    for _ in range(3):
        X = [[rng.randint(-4, 4) for _ in range(net.tokens)] for _ in range(net.d_in)]
        assert f(X) == value(net, W, X)
    assert FunctionMap.from_data(json.loads(json.dumps(f.to_data()))) == f
    beyond = {"mask", "residual", "biases"} & set(net.options())
    assert ("labels" in f.to_data()) == bool(beyond)


@every_variant
def test_closed_form_and_expansion_agree(net: Lightning) -> None:
    """The accelerators against the one formula."""
    W = net.random_weights(5)
    f = net.function(W)
    if f.coordinates.kind != "natural":
        assert expand(net, W) == f.coefficients
        return
    outputs = {(r, c, m): v for (r, c, m), v in f.output_coefficients()}
    found = {f.coordinates.at(k): v for k, v in f.coefficients.items()}
    assert found.items() <= outputs.items()
    assert {(r, m): v for (r, c, m), v in outputs.items() if c == 0} == expand(net, W)


@every_variant
def test_number_fields(net: Lightning) -> None:
    root = NumberField((-2, 0, 1), 1)
    W = over(net, net.random_weights(7), root)
    assert {k: root(v) for k, v in net.function(net.random_weights(7)).coefficients.items()} == (
        net.function(W).coefficients
    )


@every_variant
@pytest.mark.parametrize("params", ["AV", "QKV"])
def test_polynomials(net: Lightning, params: str) -> None:
    if params == "AV" and ("k" in net.biases or net.heads != net.kv_heads):
        with pytest.raises(HypothesisError, match="A as parameters"):
            parametrize(net, params)
        return
    phi = parametrize(net, params)
    for field in (QQ, GF(5)):
        W = over(net, net.random_weights(11, form=params), field)
        assert phi.evaluate(W) == net.function(W)
    assert sum(map(len, phi.values())) <= column_size(net, params)
    outputs = dict(phi.output_coefficients())
    product = dict(recompute(net, params))
    assert all(outputs[key] == p for key, p in product.items())
    assert {k for k in outputs if k[1] < phi.coordinates.columns} == set(product)
    gens, one = phi.ring.context.gens(), phi.ring.context.constant(1)
    general = expand_outputs(net, params, gens, one)
    assert {k if len(k) == 3 else (k[0], 0, k[1]): p for k, p in general.items()} == {
        k: p.flint for k, p in product.items()
    }


@every_variant
@pytest.mark.parametrize("field", [QQ, GF(7)], ids=str)
def test_derivatives(net: Lightning, field: object) -> None:
    W = over(net, net.random_weights(13), field)
    phi, J = parametrize(net, "QKV"), net.jacobian(W)
    point, _ = phi.point(W)
    at = evaluator(point, field)
    assert J.shape == (Coordinates.of(net).count, net.parameters)
    assert J.parameters == phi.parameters
    rows = dict(zip(J.coordinates, J.rows, strict=True))
    assert phi.jacobian(W) == Matrix(field, [rows[name] for name in phi], (len(phi), len(point)))
    for name, row in rows.items():
        p = phi[name].flint
        assert row == [at(p.derivative(n)) for n in range(len(point))]


def test_derivatives_by_sympy() -> None:
    sympy = pytest.importorskip("sympy")
    net = VARIANTS["shared biases"]
    W = net.random_weights(1)
    phi, J = parametrize(net), net.jacobian(W)
    point, _ = phi.point(W)
    symbols = sympy.symbols(phi.parameters)
    values = {s: sympy.Rational(str(x)) for s, x in zip(symbols, point, strict=True)}
    texts = phi.to_sympy()
    for name, row in zip(J.coordinates, J.tolist(), strict=True):
        p = texts.get(name, sympy.Integer(0))
        assert row == [p.diff(s).subs(values) for s in symbols]


@every_variant
def test_torus_and_derivation(net: Lightning) -> None:
    result = derive(net)
    assert result.verify()
    assert result.status.name == "PROVED"
    assert load(result.to_json()) == result
    phi = result.parametrization()
    if net.residual:
        with pytest.raises(HypothesisError, match="residual"):
            phi.torus_weights()
        return
    given, weights = phi.parameter_weights(), phi.torus_weights()
    for label, p in phi.polynomials():
        for exponents, _ in p.terms():
            total = [0] * len(weights[label])
            for name, n in zip(phi.parameters, exponents, strict=True):
                total = [x + n * y for x, y in zip(total, given[name], strict=True)]
            assert tuple(total) == weights[label]


def test_a_parametrization_is_a_mapping() -> None:
    phi = parametrize(VARIANTS["residual"])
    table = dict(phi)
    assert len(phi) == len(table) == len(phi.items()) == len(list(phi))
    assert table["y_1*x_1_1"] == 1
    assert list(phi.keys()) == [label_name(k) for k in phi.labels()]
    assert all(phi[name] == phi[label] for name, label in zip(phi, phi.labels(), strict=True))
    assert "y_1*x_1_1^3" in phi
    assert "y_{1}[x_{11}^{3}]" in phi
    assert (0, ((0, 0, 3),)) in phi
    assert "nonsense" not in phi
    assert 5 not in phi
    assert phi == parametrize(VARIANTS["residual"])
    assert phi != parametrize(VARIANTS["plain"])
    assert len({phi, parametrize(VARIANTS["residual"])}) == 1


def test_names_of_parameters() -> None:
    names = {b.title for b in parametrize(VARIANTS["shared biases"]).blocks.values()}
    assert names == {"k1", "q1h1", "q1h2", "w1", "o1h1", "o1h2", "bq1h1", "bq1h2", "bk1"}
    assert parametrize(VARIANTS["all biases"]).parameters == (
        "k_1_1", "q_1_1", "v_1_1", "v_2_1", "bq_1", "bk_1", "bv_1", "bv_2", "bo_1", "bo_2",
    )  # fmt: skip
    two = parametrize(VARIANTS["two layers, heads"]).parameters
    assert two[:2] == ("a1h1_1_1", "a1h2_1_1")
    assert two[-1] == "v2_2_1"
    assert parameter_latex("q1h2_3_4") == "q^{(1,2)}_{34}"
    assert parameter_latex("bv2_3") == "(b_v)^{(2)}_{3}"
    assert "q^{(1,2)}_{11}" in parametrize(VARIANTS["groups"]).latex()


@pytest.mark.parametrize(
    ("name", "kind", "degrees"),
    [
        ("two heads", "natural", (3,)),
        ("three heads, one token", "natural", (3,)),
        ("groups", "natural", (3,)),
        ("window of one", "column", (3,)),
        ("nothing seen", "column", (3,)),
        ("causal", "entries", (3,)),
        ("residual", "column", (1, 3)),
        ("all biases", "column", (0, 1, 2, 3)),
        ("bias of values", "column", (2, 3)),
        ("two layers, residual", "column", (1, 3, 5, 7, 9)),
        ("two layers, causal", "entries", (9,)),
        ("two layers, biases", "column", (0, 2, 3, 4, 5, 6, 7, 8, 9)),
        ("plain, two layers", "column", (9,)),
    ],
)
def test_labels_come_from_the_network(name: str, kind: str, degrees: tuple) -> None:
    here = Coordinates.of(VARIANTS[name])
    assert (here.kind, here.degrees) == (kind, degrees)
    labels = list(here.labels())
    assert len(labels) == len(set(labels)) == here.count
    for label in labels:
        r, c, monomial = here.at(label)
        assert here.read(r, c, monomial) == here.checked(label) == label
        assert (r, c, monomial) in set(here.occurrences(label))
        for text in (label_name(label), label_latex(label, here.tokens)):
            assert parse_label(text) == here.checked(text) == label


def test_both_spellings_are_read() -> None:
    wide = {"c_1_1_12_2": (0, 0, 11, 1), "c_12_1_2_12": (11, 0, 1, 11)}
    assert [label_latex(x) for x in wide.values()] == ["c_{1,(1,12),2}", "c_{12,12,12}"]
    assert label_latex((0, 0, 11, 11), 1) == "c_{1,(1,12,12)}"
    for name, label in wide.items():
        assert parse_label(name) == parse_label(label_latex(label)) == label
    assert parse_label("c_{1, 1.12, 2}") == (0, 0, 11, 1)
    assert parse_label("c_{1,122}") == parse_label("c_1_1_2_2")
    assert parse_label("c_1*x_1_1^3") == parse_label("y_1*x_1_1^3") == (0, ((0, 0, 3),))
    f = FunctionMap(2, 1, 2, {"c_{1,12,2}": 3})
    assert f["c_1_1_2_2"] == f["c_{1,12,2}"] == 3
    assert "c_{1,12,2} = 3" in f._repr_latex_()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("c_{1,12,5}", "c_{1,12,5}"),
        ("c_1_1_2_5", "c_1_1_2_5"),
        ((0, 0, 1, 4), "c_1_1_2_5"),
        ((0, ((0, 0, 9),)), r"y_1\*x_1_1\^9"),
    ],
)
def test_errors_use_the_spelling_that_was_typed(typed: object, shown: str) -> None:
    f = FunctionMap(2, 1, 2, {})
    with pytest.raises(ShapeError, match=f"no coefficient {shown}"):
        f[typed]
    with pytest.raises(InputError, match=r"c_1_1_2_2 or c_\{1,12,2\}"):
        f["c_1_2"]


def test_outputs_of_variants() -> None:
    sympy = pytest.importorskip("sympy")
    net = VARIANTS["causal"]
    W = net.random_weights(2)
    X = sympy.symbols("x:2:2")
    X = [list(X[:2]), list(X[2:])]
    cells = [[0, 0]]
    for (r, c, monomial), v in net.function(W).output_coefficients():
        term = sympy.Rational(str(v))
        for i, j, e in monomial:
            term *= X[i][j] ** e
        cells[r][c] += term
    here = Coordinates.of(net)
    assert FunctionMap.from_outputs(cells, X, coordinates=here) == net.function(W)
    with pytest.raises(ShapeError, match="the other coefficients force"):
        FunctionMap.from_outputs(cells, X)
    with pytest.raises(ShapeError, match="match them"):
        FunctionMap.from_outputs(cells, X, coordinates=Coordinates.of(VARIANTS["residual"]))
    with pytest.raises(ShapeError, match="its degree is not 1 or 3"):
        FunctionMap.from_outputs(
            [[X[0][0] ** 2, 0]] * 2, X, coordinates=Coordinates.of(VARIANTS["residual"])
        )


@pytest.mark.parametrize(
    "change",
    [{"labels": "natural"}, {"labels": 3}, {"degrees": [3, 1]}, {"degrees": [1]}, {"degrees": 3}],
    ids=str,
)
def test_damaged_data(change: dict) -> None:
    data = VARIANTS["residual"].function(VARIANTS["residual"].random_weights(1)).to_data()
    with pytest.raises((InputError, ShapeError)):
        FunctionMap.from_data(data | change)
    data.pop(next(iter(change)))
    with pytest.raises(InputError):
        FunctionMap.from_data(data)


def test_limits_and_refusals() -> None:
    with pytest.raises(HypothesisError, match="softmax"):
        Coordinates.of(Softmax((2, 2), 1))
    with pytest.raises(HypothesisError, match="virtual"):
        parametrize(VARIANTS["two heads"], "virtual")
    long = Lightning((1,) * 12, 1, 1, residual=True)
    with pytest.raises(LimitError, match="degree"):
        Coordinates.of(long)
    big = Lightning((4,) * 4, 2, 4, residual=True)
    for question in (parametrize, lambda net: net.jacobian(net.random_weights(1))):
        with pytest.raises(LimitError):
            question(big)
    with pytest.raises(LimitError):
        big.function(big.random_weights(1))


def test_the_sum_of_closed_derivatives() -> None:
    """Two heads: each has the derivatives of its own plain layer."""
    net, plain = Lightning((2, 2), 1, heads=2), Lightning((2, 2), 1)
    W = net.random_weights(4)
    J = jacobian(net, W)
    for h in range(2):
        alone = Weights(K=[W.K[0][h]], Q=[W.Q[0][h]], V=[W.V[0][h]])
        columns = [n for n, x in enumerate(J.parameters) if f"h{h + 1}_" in x]
        assert jacobian_QKV(plain, alone).rows == [[row[n] for n in columns] for row in J.rows]


def test_lazy_matrices() -> None:
    asked = []

    def entry(i: int, j: int) -> int:
        asked.append((i, j))
        return i + j

    M = Lazy((2, 2), entry, Ring())
    assert (M @ M.T)[0, 0] == 1
    assert sorted(asked) == [(0, 0), (0, 1)]
    assert (M + M).only(frozenset({(1, 1)})).rows == [[0, 0], [0, 4]]
    unit = Lazy.of([[1, 0], [0, 0]], Ring())
    square = Jet(M, {0: unit}) @ Jet(M, {0: unit})
    assert square.by[0].rows == [[0, 1], [1, 0]]
    ring = NestedInputs(1, 2, 3)
    x = Lazy((1, 1), lambda *_: ring.variable(0, 1), ring)
    ((power,),) = (x @ x + x).rows
    assert dict(ring.terms(power)) == {cubic_monomial((0, 1), (0, 1)): 1, ((0, 1, 1),): 1}
