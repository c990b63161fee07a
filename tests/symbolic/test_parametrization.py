"""The polynomials of a network: three routes to them, their gradings, and the result with proof."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest
from resealing import holds

from algattn import Lightning, load, verify
from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.coordinates import label_name, natural_count, natural_labels
from algattn.attention.expansion import Packing
from algattn.errors import CertificateError, InputError, LimitError, ShapeError
from algattn.exact import GF, QQ, Matrix, NumberField, PolynomialRing
from algattn.symbolic.expansion import column_size, cubic_columns
from algattn.symbolic.parameters import parameter_latex
from algattn.symbolic.parametrization import parametrize
from algattn.symbolic.results import (
    Recomputed,
    SampledIdentity,
    derive,
    network_column,
    recompute,
)

PARAMS = ("AV", "QKV", "virtual")
ONE_LAYER = [
    ((1, 1), 1, 1),
    ((1, 1), 1, 2),
    ((1, 2), 2, 3),
    ((2, 1), 1, 1),
    ((2, 2), 2, 2),
    ((2, 3), 1, 3),
    ((3, 1), 2, 1),
    ((3, 2), 3, 2),
    ((3, 1), 1, 3),
    ((4, 1), 2, 2),
]
DEEP = [
    ((1, 1, 1), 1, 1),
    ((1, 1, 1), 1, 3),
    ((1, 2, 1), 1, 2),
    ((2, 1, 2), 1, 2),
    ((2, 1, 2), 2, 1),
    ((2, 2, 1), 1, 2),
    ((2, 3, 1), (1, 2), 1),
    ((1, 2, 3), (2, 1), 2),
    ((1, 1, 1, 1), 1, 1),
    ((1, 1, 2, 1), 1, 2),
]


def network(case: tuple) -> Lightning:
    widths, ranks, tokens = case
    return Lightning(widths=widths, ranks=ranks, tokens=tokens)


def random_for(net: Lightning, params: str, seed: int) -> Weights:
    return net.random_weights(seed, form="QKV" if params == "QKV" else "AV")


@pytest.mark.parametrize("params", PARAMS)
@pytest.mark.parametrize("case", ONE_LAYER + DEEP, ids=str)
def test_polynomials_are_those_of_the_matrix_product(case: tuple, params: str) -> None:
    net = network(case)
    if column_size(net, params) > 600_000:
        pytest.skip("the plain expansion takes too long here")
    phi = parametrize(net, params)
    outputs = dict(phi.output_coefficients())
    product = dict(recompute(net, params))
    assert {key: p for key, p in outputs.items() if key[1] == 0} == product
    for label, p in phi.polynomials():
        assert product[phi.coordinates.at(label)] == p


@pytest.mark.parametrize("case", ONE_LAYER + DEEP[:8], ids=str)
def test_all_columns_against_the_matrix_product(case: tuple) -> None:
    """Column c of phi(X) is column 1 of phi(X P), P exchanging the tokens 1 and c."""
    net = network(case)
    if column_size(net, "AV") > 600_000:
        pytest.skip("the plain expansion takes too long here")
    outputs = dict(parametrize(net, "AV").output_coefficients())
    count = Counter(c for _, c, _ in outputs)
    assert set(count) == set(range(net.tokens))
    assert len(set(count.values())) == 1
    for (r, _, monomial), p in recompute(net, "AV"):
        for c in range(net.tokens):
            swap = {0: c, c: 0}
            moved = tuple(sorted((i, swap.get(j, j), e) for i, j, e in monomial))
            assert outputs[r, c, moved] == p


@pytest.mark.parametrize("params", PARAMS)
@pytest.mark.parametrize("case", ONE_LAYER + DEEP, ids=str)
def test_evaluate_is_the_function(case: tuple, params: str) -> None:
    net = network(case)
    phi = parametrize(net, params)
    W = random_for(net, params, 3)
    assert phi.evaluate(W) == net.function(W)


@pytest.mark.parametrize("params", PARAMS)
@pytest.mark.parametrize("case", ONE_LAYER + DEEP[:8], ids=str)
def test_outputs_at_a_point_are_those_of_the_forward_pass(case: tuple, params: str) -> None:
    net = network(case)
    phi = parametrize(net, params)
    W = random_for(net, params, 5)
    rng = random.Random(5)
    X = [[rng.randint(-3, 3) for _ in range(net.tokens)] for _ in range(net.d_in)]
    point, field = phi.point(W)
    out = [[QQ(0)] * net.tokens for _ in range(net.d_out)]
    for (r, c, monomial), p in phi.output_coefficients():
        term = p(*point)
        for i, j, e in monomial:
            term = term * X[i][j] ** e
        out[r][c] += term
    assert field == QQ
    assert out == net(X, W)
    assert network_column(net, params, point, X) == [row[0] for row in out]


def test_evaluate_over_other_fields() -> None:
    F = GF(101)
    W = Weights(A=[[[1, 2], [3, "1/2"]]], V=[[[5, 7]]], field=F)
    net = Lightning(widths=(2, 1), ranks=2)
    assert parametrize(net).evaluate(W) == net.function(W)
    K = NumberField((-2, 0, 1), 1)
    root = K.theta
    W = Weights(A=[[[root, 2], [3, 1]]], V=[[[5, root]]], field=K)
    assert parametrize(net).evaluate(W) == net.function(W)


def test_names_and_labels() -> None:
    two = Lightning(widths=(2, 1), ranks=1)
    assert parametrize(two, "AV").parameters == (
        "a_1_1",
        "a_1_2",
        "a_2_1",
        "a_2_2",
        "v_1_1",
        "v_1_2",
    )
    assert parametrize(two, "QKV").parameters == (
        "k_1_1", "k_1_2", "q_1_1", "q_1_2", "v_1_1", "v_1_2",
    )  # fmt: skip
    assert parametrize(two, "virtual").parameters[:2] == ("b_1_1", "b_1_2")
    deep = Lightning(widths=(2, 1, 3), ranks=1)
    assert parametrize(deep, "AV").parameters == (
        "a1_1_1", "a1_1_2", "a1_2_1", "a1_2_2", "v1_1_1", "v1_1_2",
        "a2_1_1", "v2_1_1", "v2_2_1", "v2_3_1",
    )  # fmt: skip
    virtual = parametrize(deep, "virtual").parameters
    assert virtual[0] == "b1_1_1"
    assert virtual[4] == "b2_1_1"
    assert virtual[-6:] == tuple(f"v_{r}_{i}" for r in (1, 2, 3) for i in (1, 2))
    for d, e, t in ((1, 1, 1), (3, 2, 1), (3, 2, 4)):
        phi = parametrize(Lightning(widths=(d, e), ranks=d, tokens=t))
        assert phi.labels() == list(natural_labels(d, e, t)) == [k for k, _ in phi.polynomials()]
        assert len(phi) == natural_count(d, e, t)


def test_the_default_is_the_map_of_the_network() -> None:
    bound, free = Lightning(widths=(2, 1, 1), ranks=(1, 1)), Lightning(widths=(2, 1), ranks=2)
    assert (bound.parametrization().params, free.parametrization().params) == ("QKV", "AV")
    assert "free" not in repr(bound.parametrization()) + repr(free.parametrization())
    assert "free of the bound 1 on the rank of A_1" in repr(bound.parametrization("AV"))
    assert "rank of B_1" in repr(bound.parametrization("virtual"))
    assert derive(bound).params == "QKV"
    assert "free of the bound 1 on the rank of A_1" in derive(bound, "AV").sentence()


def test_getitem() -> None:
    phi = parametrize(Lightning(widths=(2, 2), ranks=2))
    assert phi["c_2_1_2_1"] is phi[1, 0, 1, 0]
    assert str(phi["c_2_1_2_1"]) == "a_2_1*v_2_1 + a_1_1*v_2_2"
    for wrong in ("c_3_1_1_1", (0, 1, 0, 0), (0, 0)):
        with pytest.raises(ShapeError):
            phi[wrong]
    with pytest.raises(InputError):
        phi["a_1_1"]
    deep = parametrize(Lightning(widths=(2, 1, 1), ranks=1, tokens=2), "virtual")
    assert deep[0, ((0, 1, 9),)] == 0  # column 1 needs a factor from token 1
    assert deep[0, ((0, 0, 9),)] == deep["y_1*x_1_1^9"]
    assert deep[0, ((1, 1, 2), (0, 0, 7))] == deep[0, ((0, 0, 7), (1, 1, 2))] != 0
    assert str(deep["y_1*x_1_1^9"]) == "b1_1_1^3*b2_1_1*v_1_1"


def test_virtual_weights_are_accepted_where_they_fit() -> None:
    net = Lightning(widths=(2, 3, 1), ranks=1, tokens=1)
    W = net.random_weights(2)
    phi = parametrize(net, "virtual")
    assert phi.evaluate(net.virtual(W)) == net.function(W)
    with pytest.raises(InputError, match="virtual"):
        parametrize(net).evaluate(net.virtual(W))
    with pytest.raises(InputError, match="A and V"):
        parametrize(net, "QKV").evaluate(W.to_AV())
    with pytest.raises(ShapeError):
        phi.evaluate(Lightning(widths=(2, 2, 1), ranks=1, tokens=1).virtual(
            Lightning(widths=(3, 2, 1), ranks=1, tokens=1).random_weights(1)))  # fmt: skip


@pytest.mark.parametrize("params", PARAMS)
@pytest.mark.parametrize("case", ONE_LAYER + DEEP[:8], ids=str)
def test_jacobian_is_the_matrix_of_derivatives(case: tuple, params: str) -> None:
    net = network(case)
    phi = parametrize(net, params)
    W = random_for(net, params, 11)
    point, _ = phi.point(W)
    J = phi.jacobian(W)
    assert J.shape == (len(phi), len(phi.parameters))
    rng = random.Random(0)
    rows = list(enumerate(p for _, p in phi.polynomials()))
    for n, p in rng.sample(rows, min(12, len(rows))):
        assert J.row(n) == [p.derivative(name)(*point) for name in phi.parameters]


def test_jacobian_along_a_line() -> None:
    """phi(w + s u) modulo s^2, by algattn's own ring arithmetic at one-variable weights."""
    net = Lightning(widths=(2, 2, 1), ranks=2, tokens=1)
    phi = parametrize(net)
    W = net.random_weights(4, form="AV")
    point, _ = phi.point(W)
    rng = random.Random(1)
    direction = [rng.randint(-3, 3) for _ in point]
    ring = PolynomialRing(QQ, ("s", "x_1", "x_2"))
    s, x, y = ring.gens()
    moved = [s * u + ring(c) for c, u in zip(point, direction, strict=True)]
    (value,) = network_column(net, "AV", moved, [[x], [y]])
    slope = {e[1:]: c for e, c in value.terms() if e[0] == 1}
    change = phi.jacobian(W) @ Matrix(QQ, [[u] for u in direction])
    for (_, monomial), (derivative,) in zip(phi.labels(), change.rows, strict=True):
        exponents = {i: e for i, _, e in monomial}
        assert slope.get((exponents.get(0, 0), exponents.get(1, 0)), 0) == derivative


@pytest.mark.parametrize("params", PARAMS)
@pytest.mark.parametrize("case", ONE_LAYER + DEEP[:8], ids=str)
def test_torus_weights(case: tuple, params: str) -> None:
    """Scaling X and the output by diagonal matrices scales every coordinate by its weight.

    On the parameters the same torus acts by the weights of `parameter_weights`; a polynomial is
    homogeneous when every term has the weight of its coordinate.
    """
    net = network(case)
    phi = parametrize(net, params)
    given = [phi.parameter_weights()[name] for name in phi.parameters]
    weights = phi.torus_weights()
    assert list(weights) == phi.labels()
    d, e = net.d_in, net.d_out
    assert {len(w) for w in weights.values()} == {e + d + d * (net.layers == 1 and net.tokens > 1)}
    for label, p in phi.polynomials():
        assert sum(weights[label]) == 1 + net.map_degree
        for exponents, _ in p.terms():
            total = [0] * len(weights[label])
            for n, w in zip(exponents, given, strict=True):
                if n:
                    total = [x + n * y for x, y in zip(total, w, strict=True)]
            assert tuple(total) == weights[label]


@pytest.mark.parametrize("case", [((2, 2), 2, 1), ((2, 2), 2, 2), ((2, 1, 2), 1, 1)], ids=str)
def test_torus_weights_by_substitution(case: tuple) -> None:
    """The function of ``D' phi(D X)`` has the coordinates multiplied by D'_r times D^weight."""
    net = network(case)
    W = net.random_weights(6, form="AV")
    D, out = [QQ(2), QQ(3)], [QQ(5), QQ(7)]
    diagonal = Matrix(QQ, [[D[0], 0], [0, D[1]]])
    A, V = list(W.A), list(W.V)
    A[0], V[0] = diagonal @ A[0] @ diagonal, V[0] @ diagonal
    V[-1] = Matrix(QQ, [[out[r] * x for x in V[-1].row(r)] for r in range(net.d_out)])
    before, after = net.function(W), net.function(Weights(A=A, V=V))
    scales = [*out, *D, *D]
    for label, weight in parametrize(net).torus_weights().items():
        factor = QQ(1)
        for n, x in zip(weight, scales, strict=False):
            factor *= x**n
        assert after[label] == factor * before[label]


def test_monomials_are_shared_and_sorted() -> None:
    for d, t in ((1, 1), (2, 3), (4, 2)):
        net = Lightning(widths=(d, 1), ranks=1, tokens=t)
        wanted = {c: set() for c in range(t)}
        ones = FunctionMap(d, 1, t, dict.fromkeys(natural_labels(d, 1, t), 1))
        for (_, c, monomial), _ in ones.output_coefficients():
            wanted[c].add(monomial)
        for c, column in enumerate(cubic_columns(d, t, t)):
            assert len(set(column)) == len(column)
            assert set(column) == wanted[c]
        assert len(dict(parametrize(net).output_coefficients())) == sum(map(len, wanted.values()))


def test_packing() -> None:
    pack = Packing(3, 27)
    packed = 27 * pack.place(4, 2)
    assert pack.unpack(packed) == ((4, 2, 27),)
    assert pack.unpack(0) == ()


def test_column_size_bounds_the_terms() -> None:
    for case in DEEP[:8]:
        net = network(case)
        for params in PARAMS:
            bound = column_size(net, params)
            assert sum(len(p) for _, p in parametrize(net, params).polynomials()) <= bound


def test_too_large() -> None:
    for widths, tokens in (((400, 400), 2), ((5, 5, 5), 2), ((2,) * 9, 2), ((2,) * 5000, 2)):
        with pytest.raises(LimitError, match="terms in"):
            parametrize(Lightning(widths=widths, ranks=2, tokens=tokens))


def test_wrong_words() -> None:
    with pytest.raises(InputError, match="params"):
        parametrize(Lightning(widths=(2, 2), ranks=2), "KQV")
    with pytest.raises(InputError, match="lightning"):
        parametrize(Architecture((2, 2), 2, 2))


def test_sympy_and_latex_and_data() -> None:
    sympy = pytest.importorskip("sympy")
    phi = parametrize(Lightning(widths=(2, 1), ranks=2))
    a11, a21, v1, v2 = sympy.symbols("a_1_1 a_2_1 v_1_1 v_1_2")
    assert sympy.expand(phi.to_sympy()["c_1_1_2_1"] - a21 * v1 - a11 * v2) == 0
    assert "c_{1,12,1} &= a_{21} v_{11} + a_{11} v_{12}" in phi.latex()
    assert phi.latex(2).count("&=") == 2
    assert r"\vdots" in phi._repr_latex_() or len(phi) <= 8
    data = json.loads(json.dumps(phi.to_data()))
    assert data["polynomials"][0] == ["c_1_1_1_1", "a_1_1*v_1_1"]
    assert parameter_latex("v2_1_12") == "v^{(2)}_{1,12}"
    deep = parametrize(Lightning(widths=(1, 1, 1), ranks=1, tokens=1))
    assert deep.latex() == (
        r"\begin{aligned} y_{1}[x_{11}^{9}] &= (a^{(1)}_{11})^{3} (v^{(1)}_{11})^{3} "
        r"a^{(2)}_{11} v^{(2)}_{11} \end{aligned}"
    )


@pytest.mark.parametrize("params", PARAMS)
@pytest.mark.parametrize("case", [ONE_LAYER[3], ONE_LAYER[5], DEEP[2], DEEP[4]], ids=str)
def test_derive(case: tuple, params: str) -> None:
    net = network(case)
    result = derive(net, params)
    phi = parametrize(net, params)
    assert result.status.name == "PROVED"
    assert result.value == len(phi)
    assert result.polynomials == tuple((label_name(k), str(p)) for k, p in phi.polynomials())
    assert result.parametrization().parameters == phi.parameters
    assert isinstance(result.claims[0].evidence[0], Recomputed)
    again = load(result.to_json())
    assert again == result
    assert again.verify()
    assert "parameter" in repr(result)


def test_derive_by_sampling() -> None:
    net = Lightning(widths=(2, 2, 2), ranks=2, tokens=3)
    result = derive(net, seed=4)
    assert result.status.name == "PROBABLE"
    assert result.polynomials is None
    assert "seed 4" in repr(result)
    assert isinstance(result.claims[0].evidence[0], SampledIdentity)
    assert verify(result.to_json())


def _changed(data: dict, path: tuple, value: object) -> dict:
    """A copy with one field changed, and a digest that fits again."""
    from algattn.results import seal

    copy = json.loads(json.dumps(data))
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    copy["digest"] = seal(copy)["digest"]
    return copy


CLAIM = ("claims", 0, "value")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("value",), 5),
        (("detail", "polynomials", 0, 1), "2*a_1_1*v_1_1"),
        (("detail", "polynomials"), None),
        (("detail", "digest"), "0" * 64),
        (("detail", "params"), "virtual"),
        (("detail", "params"), "other"),
        (("detail", "variables", 0), "b_1_1"),
        (("detail", "parameters"), 7),
        (("problem", "network", "widths"), [2, 2]),
        (("problem", "network", "widths"), [2000, 2000]),
        (("problem", "network", "tokens"), 1),
        (("claims", 0, "evidence", 0, "route"), "trust me"),
        (("claims", 0, "evidence"), []),
        ((*CLAIM, "digest"), "0" * 64),
        (("sentence",), "fine"),
        (("status",), "THEOREM"),
    ],
)
def test_tampering_fails(path: tuple, value: object) -> None:
    data = derive(Lightning(widths=(2, 1), ranks=2)).to_data()
    assert verify(json.dumps(data))
    assert not holds(json.dumps(_changed(data, path, value)))


def test_a_consistent_lie_fails() -> None:
    """All fields changed so that they fit each other, but not the network."""
    from algattn.symbolic.results import DerivationResult, polynomials_digest

    true = derive(Lightning(widths=(2, 1), ranks=2))
    listed = [list(pair) for pair in true.polynomials]
    listed[0][1] = "2*a_1_1*v_1_1"
    for evidence in (Recomputed(), SampledIdentity(2**31 - 1, 0, 2)):
        lie = DerivationResult.assemble(
            true.problem,
            true.value,
            {"polynomials": [evidence]},
            params=true.params,
            variables=true.variables,
            digest=polynomials_digest(listed),
            polynomials=listed,
        )
        with pytest.raises(CertificateError, match="digest"):
            lie.check()
        assert not lie.verify()


@pytest.mark.parametrize(
    "numbers", [(2**31, 0, 2), (101, 0, 2), (2**31 - 1, 0, 0), (2**31 - 1, 0, 10**6)]
)
def test_sampling_needs_a_large_prime_and_trials(numbers: tuple) -> None:
    result = derive(Lightning(widths=(2, 1), ranks=2))
    with pytest.raises(CertificateError):
        SampledIdentity(*numbers).check(result.problem, result.claims[0])
