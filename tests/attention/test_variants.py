"""Heads, groups, value ranks, masks, residuals, biases: weights and values against own loops."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import flint
import jsonschema
import numpy as np
import pytest
import sympy
from flint import arb, arb_mat, fmpq
from hypothesis import given
from hypothesis import strategies as st

from algattn import Lightning, Mask, Softmax, Weights, Window, read_network_file
from algattn.attention import Architecture
from algattn.attention.files import schema
from algattn.attention.problem import Problem
from algattn.attention.spaces import NAMES
from algattn.attention.weights import random_weights
from algattn.errors import AlgattnError, FieldError, InputError, ShapeError
from algattn.exact import GF, QQ, Matrix, NumberField

Raw = dict[str, list[list[Any]]]
PAIRS = [(0, 0), (2, 1), (0, 1), (1, 2)]
HEADS = [(1, 1), (2, 2), (2, 1), (4, 2), (3, 1)]
#: (heads, groups, value rank): all that go together.
SHARING = [(h, g, v) for h, g in HEADS for v in (None, 1, 3) if v is not None or h == g]
MASKS: list[Any] = [None, "causal", Window(2), PAIRS]
BIASES = ["", "q", "k", "v", "o", "qk", "vo", "qkvo"]


# --- an independent formula, entry by entry ------------------------------------------------------


def draw(net: Architecture, seed: Any, numbers: Any = None) -> Raw:
    """Nested lists for every block: layer, then group or head, then rows; biases are vectors."""
    rng = random.Random(f"{seed} {net!r}")
    one = numbers or (lambda: rng.randint(-3, 3))
    raw: Raw = {}
    for i in range(net.layers):
        d, e, a = net.widths[i], net.widths[i + 1], net.ranks[i]
        h, g = net.heads[i], net.kv_heads[i]
        v = net.value_ranks[i] if net.value_ranks else None
        sizes: dict[str, tuple[int, tuple[int, ...]]] = {"K": (g, (a, d)), "Q": (h, (a, d))}
        sizes |= {"V": (h, (e, d))} if v is None else {"W": (g, (v, d)), "O": (h, (e, v))}
        biases = {"q": (h, (a,)), "k": (g, (a,)), "v": (g, (v or e,)), "o": (1, (e,))}
        sizes |= {f"b{letter}": biases[letter] for letter in net.biases}
        for name, (count, size) in sizes.items():
            blocks = [
                [one() for _ in range(size[0])]
                if len(size) == 1
                else [[one() for _ in range(size[1])] for _ in range(size[0])]
                for _ in range(count)
            ]
            raw.setdefault(name, []).append(blocks)
    return raw


def weights_of(net: Architecture, raw: Raw, **options: Any) -> Weights:
    """As people write them: without the level of heads where there is one, and bo once."""
    typed = {
        name: [x[0] if h == 1 or name == "bo" else x for x, h in zip(raw[name], net.heads)]  # noqa: B905
        for name in raw
    }
    W = Weights(**typed, **options)
    W.matches(net)
    return W


def visible(mask: Any, j: int, i: int) -> bool:
    if mask is None:
        return True
    if mask == "causal":
        return j <= i
    if isinstance(mask, Window):
        return i - mask.n < j <= i
    return (j, i) in (mask.pairs if isinstance(mask, Mask) else set(mask))


def quarters(net: Architecture) -> Callable[[], Fraction]:
    """Random multiples of 1/4, which floats hold exactly."""
    rng = random.Random(repr(net))
    return lambda: Fraction(rng.randint(-4, 4), 4)


def naive(net: Architecture, raw: Raw, X: list[list[Any]]) -> list[list[Any]]:
    """Every entry as a sum over heads, keys and features: the definition, with nothing shared."""
    t = len(X[0])
    for n in range(net.layers):
        d, e, a, heads = net.widths[n], net.widths[n + 1], net.ranks[n], net.heads[n]
        v = net.value_ranks[n] if net.value_ranks else None
        per_group = heads // net.kv_heads[n]

        def bias(name: str, index: int, r: int, n: int = n) -> Any:
            return raw[name][n][index][r] if name in raw else 0

        def row(name: str, index: int, r: int, x: list[Any], n: int = n) -> Any:
            return sum(raw[name][n][index][r][c] * x[c] for c in range(len(x)))

        columns = [[X[c][j] for c in range(d)] for j in range(t)]
        out: list[list[Any]] = [[0] * t for _ in range(e)]
        for i, h in product(range(t), range(heads)):
            g = h // per_group
            keys = [j for j in range(t) if visible(net.mask[n], j, i)]
            scores = {
                j: sum(
                    (row("K", g, r, columns[j]) + bias("bk", g, r))
                    * (row("Q", h, r, columns[i]) + bias("bq", h, r))
                    for r in range(a)
                )
                for j in keys
            }
            if net.kind == "softmax":
                total = sum(math.exp(s) for s in scores.values())
                scores = {j: math.exp(s) / total for j, s in scores.items()}
            for r, j in product(range(e), keys):
                if v is None:
                    value = row("V", h, r, columns[j]) + bias("bv", h, r)
                else:
                    value = sum(
                        raw["O"][n][h][r][m] * (row("W", g, m, columns[j]) + bias("bv", g, m))
                        for m in range(v)
                    )
                out[r][i] += value * scores[j]
        for r, i in product(range(e), range(t)):
            out[r][i] += bias("bo", 0, r) + (X[r][i] if net.residual else 0)
        X = out
    return X


def networks(
    kind: type[Architecture], layers: int, every: int = 1, tokens: int = 3
) -> list[Architecture]:
    cases = product(SHARING, MASKS, (False, True), BIASES)
    out = []
    for (h, g, v), mask, residual, biases in list(cases)[layers % every :: every]:
        widths = (2,) * (layers + 1) if residual else (2, 3, 1)[: layers + 1]
        if isinstance(mask, list):
            mask = [pair for pair in mask if max(pair) < tokens]
        out.append(
            kind(
                *(widths, 2, tokens),
                heads=h,
                kv_heads=g,
                value_ranks=v,
                mask=mask,
                residual=residual,
                biases=biases,
            )
        )
    return out


def variants(seed: str = "", count: int = 60) -> list[Architecture]:
    """Networks of several layers that are not alike."""
    rng = random.Random(f"variants {seed}")
    out: list[Architecture] = []
    for _ in range(count):
        layers = rng.randint(1, 3)
        groups = tuple(rng.randint(1, 2) for _ in range(layers))
        full = rng.random() < 0.4
        heads = groups if full else tuple(g * rng.randint(1, 3) for g in groups)
        out.append(
            rng.choice([Lightning, Softmax])(
                tuple(rng.randint(1, 3) for _ in range(layers + 1)),
                tuple(rng.randint(1, 3) for _ in range(layers)),
                rng.randint(1, 3),
                heads=heads,
                kv_heads=groups,
                value_ranks=None if full else tuple(rng.randint(1, 3) for _ in range(layers)),
                biases="".join(x for x in "qkvo" if rng.random() < 0.4),
                mask=rng.choice([None, "causal", Window(2)]),
            )
        )
    return out


def inputs(net: Architecture, seed: int = 0) -> list[list[int]]:
    rng = random.Random(f"inputs {seed} {net!r}")
    return [[rng.randint(-3, 3) for _ in range(net.tokens)] for _ in range(net.d_in)]


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sharing", SHARING, ids=str)
def test_exact_values_are_the_definition(sharing: Any) -> None:
    for mask, residual, biases in product(MASKS, (False, True), BIASES):
        h, g, v = sharing
        options = {"heads": h, "kv_heads": g, "value_ranks": v, "mask": mask, "biases": biases}
        net = Lightning((2, 2) if residual else (2, 3), 2, 3, residual=residual, **options)
        raw, X = draw(net, 1), inputs(net)
        W, expected = weights_of(net, raw), naive(net, raw, inputs(net))
        assert net(X, W) == expected
        assert net(Matrix(QQ, X), W) == Matrix(QQ, expected)


@pytest.mark.parametrize("net", networks(Lightning, 2, 17), ids=repr)
def test_every_ring_reads_the_same_formula(net: Lightning) -> None:
    def fraction() -> Fraction:
        return Fraction(rng.randint(-3, 3), rng.randint(1, 3))

    rng = random.Random(repr(net))
    raw = draw(net, 2, fraction)
    W = weights_of(net, raw)
    X = [[fraction() for _ in range(net.tokens)] for _ in range(net.d_in)]
    expected = naive(net, raw, X)
    assert net(X, W) == expected
    assert net([[str(x) for x in row] for row in X], W) == expected
    assert net(Matrix(QQ, X), W) == Matrix(QQ, expected)
    objects = net(np.array(X, dtype=object), W)
    assert isinstance(objects, np.ndarray)
    assert objects.tolist() == expected
    floats = np.array(expected, dtype=float)
    assert net(np.array(X, dtype=float), W) == pytest.approx(floats, rel=1e-9, abs=1e-9)
    balls = net(arb_mat([[arb(fmpq(x.numerator, x.denominator)) for x in r] for r in X]), W)
    for found, want in zip(balls.entries(), (x for row in expected for x in row), strict=True):
        assert found.contains(fmpq(want.numerator, want.denominator))
        assert found.rad() < 1e-9 * (1 + abs(want))
    p = GF(101)
    mod = Weights.from_data(json.loads(json.dumps(W.to_data())) | {"field": p.to_data()})
    assert net(Matrix(p, X), mod) == net(Matrix(p, X), W) == Matrix(p, expected)
    R = NumberField([-2, 0, 1], 1)
    assert net(Matrix(R, X), W) == Matrix(R, expected)
    real = Weights(**{name: getattr(W, name) for name in W.names}, field=R)
    assert net(Matrix(QQ, X), real) == Matrix(R, expected)
    assert net(np.array(X, dtype=float), real) == pytest.approx(floats, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("net", networks(Lightning, 1, 41, tokens=2), ids=repr)
def test_symbols(net: Lightning) -> None:
    raw = draw(net, 3)
    X = [[sympy.Symbol(f"x{i}{j}") for j in range(net.tokens)] for i in range(net.d_in)]
    found = sympy.Matrix(net(X, weights_of(net, raw))) - sympy.Matrix(naive(net, raw, X))
    assert found.applyfunc(sympy.expand).is_zero_matrix


def einsum(net: Softmax, raw: Raw, X: Any) -> Any:
    """One layer by whole tensors, as a library of machine learning would."""
    h, per_group = net.heads[0], net.heads[0] // net.kv_heads[0]
    block = {name: np.array(raw[name][0], dtype=float) for name in raw}
    group = np.arange(h) // per_group

    def affine(name: str, bias: str, shared: bool) -> Any:
        out = np.einsum("hrc,cj->hrj", block[name][group] if shared else block[name], X)
        if bias in block:
            out += (block[bias][group] if shared else block[bias])[:, :, None]
        return out

    scores = np.einsum("hrj,hri->hji", affine("K", "bk", True), affine("Q", "bq", False))
    allowed = [[visible(net.mask[0], j, i) for i in range(net.tokens)] for j in range(net.tokens)]
    p = np.where(np.array(allowed), np.exp(scores), 0)
    p /= p.sum(axis=1, keepdims=True)
    values = affine("V", "bv", False) if "V" in block else affine("W", "bv", True)
    heads = np.einsum("hrj,hji->hri", values, p)
    out = heads.sum(axis=0) if "V" in block else np.einsum("hrm,hmi->ri", block["O"], heads)
    out = out + (block["bo"][0][:, None] if "bo" in block else 0)
    return out + X if net.residual else out


@pytest.mark.parametrize("every", [5, 7])
def test_softmax_in_floats(every: int) -> None:
    for net in networks(Softmax, 1, every):
        raw = draw(net, 4, quarters(net))
        W = weights_of(net, raw)
        X = np.array(inputs(net), dtype=float) / 4
        found = net(X, W)
        assert found == pytest.approx(np.array(naive(net, raw, X.tolist())), rel=1e-12, abs=1e-12)
        assert found == pytest.approx(einsum(net, raw, X), rel=1e-12, abs=1e-12)
        assert net(X.tolist(), W).tolist() == found.tolist()


@pytest.mark.parametrize("net", networks(Softmax, 2, 17), ids=repr)
def test_balls_contain_softmax(net: Softmax) -> None:
    raw = draw(net, 5, quarters(net))
    W = weights_of(net, raw)
    X = np.array(inputs(net), dtype=float) / 4
    expected = naive(net, raw, X.tolist())
    assert net(X, W) == pytest.approx(np.array(expected), rel=1e-11, abs=1e-11)
    precision = flint.ctx.prec
    try:
        flint.ctx.prec = 256
        balls = net(arb_mat([[arb(fmpq(int(4 * x), 4)) for x in row] for row in X]), W)
    finally:
        flint.ctx.prec = precision
    for ball, value in zip(balls.entries(), (x for row in expected for x in row), strict=True):
        assert ball.rad() < 1e-60
        assert abs(float(ball.mid()) - value) < 1e-11 * (1 + abs(value))


def test_softmax_is_stable() -> None:
    """Scores of a thousand neither overflow nor vanish, and a hidden key has no say."""
    net = Softmax((1, 1), 1, 3, mask="causal")
    W = Weights(A=[[[1000]]], V=[[[1]]])
    assert net([[1, 1, 2]], W).tolist() == [[1, 1, 2]]
    assert net([[-40, 40, 1]], W)[0, 0] == -40
    with pytest.raises(ShapeError, match="not a matrix of floats"):
        net([["a", 1, 2]], W)
    with pytest.raises(ShapeError, match="arb_mat"):
        net(Matrix(QQ, [[1, 1, 2]]), W)


def test_weights_that_are_no_real_numbers_have_no_balls() -> None:
    X = arb_mat([[1, 2]])
    for field in (GF(7), NumberField([1, 0, 1])):
        W = Weights(A=[[[1]]], V=[[[1]]], field=field)
        for net in (Lightning((1, 1), 1), Softmax((1, 1), 1)):
            with pytest.raises(FieldError, match="no real numbers"):
                net(X, W)
    R = NumberField([-2, 0, 1], 1)
    W = Weights(A=[[[0]]], V=[[[R.theta]]], field=R)
    (value, _) = Softmax((1, 1), 1)(arb_mat([[1, 1]]), W).entries()
    assert value.overlaps(arb(2).sqrt())
    assert Softmax((1, 1), 1)([[1, 1]], W)[0, 0] == pytest.approx(math.sqrt(2))


@pytest.mark.parametrize("X", [[[1, 2, 3]], [[1, 2], [3, 4], [5, 6]], [[1], [2]]])
def test_wrong_shapes_in_every_ring(X: Any) -> None:
    for net in (Lightning((2, 2), 1, heads=2), Softmax((2, 2), 1, heads=2)):
        W = net.random_weights(1)
        rings = [
            list,
            np.array,
            arb_mat,
            *([] if net.kind == "softmax" else [lambda x: Matrix(QQ, x)]),
        ]
        for ring in rings:
            with pytest.raises(ShapeError, match="instead of 2 x 2"):
                net(ring(X), W)


# --- the formula in LaTeX ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("net", "parts"),
    [
        (
            Lightning((2, 3), 1),
            [r"X \mapsto V X\,X^\top K^\top Q X,", r"V \in \mathbb{R}^{3 \times 2}"],
        ),
        (
            Softmax((2, 2), 1, 3, mask="causal", biases="ko"),
            [
                r"V X\,\operatorname{softmax}_{M}\bigl(",
                r"\bigl((K X + b_{K} \mathbf{1}^\top)^\top Q X\bigr) +",
                r" + b_{O} \mathbf{1}^\top,\quad X \in \mathbb{R}^{2 \times 3},",
                r"M = \{(j,i) : j \le i\}",
            ],
        ),
        (
            Lightning(
                (2, 2, 2), 1, heads=4, kv_heads=2, value_ranks=3, residual=True, mask=[(0, 1)]
            ),
            [
                r"X_{2} &= X_{1} + \sum_{h=1}^{4} O_{2}^{(h)} W_{2}^{(\lceil h/2 \rceil)} X_{1}\,",
                r"\bigl(M_{2} \odot (K_{2}^{(\lceil h/2 \rceil)} X_{1})^\top",
                r")^\top Q_{2}^{(h)} X_{1}\bigr)",
                r"O_{1} \in \mathbb{R}^{2 \times 3},\ M_{1} = \{(1,2)\}",
            ],
        ),
        (
            Lightning((2,) * 9, 1),
            [r"\;\vdots \\ X_{8} &= V_{8} X_{7}\,X_{7}^\top K_{8}^\top Q_{8} X_{7}"],
        ),
    ],
    ids=repr,
)
def test_the_formula_in_latex(net: Architecture, parts: list[str]) -> None:
    text = net._repr_latex_()
    assert [part for part in parts if part not in text] == []


@pytest.mark.parametrize("net", variants(), ids=repr)
def test_the_formula_names_every_matrix(net: Architecture) -> None:
    text = net._repr_latex_()
    assert text.startswith("$")
    assert text.count("{") == text.count("}")
    for shape in net.shapes:
        for p in shape.parameters:
            name, letter = p.name[0], p.name[1:].upper()
            index = ",".join(filter(None, (letter, str(p.layer) if net.layers > 1 else "")))
            assert name + (f"_{{{index}}}" if index else "") in text


# --- weights -------------------------------------------------------------------------------------


SCHEMA = jsonschema.Draft202012Validator(json.loads(schema()))


@pytest.mark.parametrize("net", variants("files"), ids=repr)
def test_files_of_variants(net: Architecture) -> None:
    W = random_weights(net, 1)
    for field in (QQ, GF(5), NumberField([1, 0, 1])):
        there = Weights(**{name: getattr(W, name) for name in W.names}, field=field)
        data = json.loads(json.dumps({"network": net.to_data(), "weights": there.to_data()}))
        SCHEMA.validate(data)
        given = read_network_file(json.dumps(data))
        assert (given.network, given.weights) == (net, there)
        assert Problem.from_data(Problem(net, there).to_data()).weights == there


def test_the_function_of_a_problem() -> None:
    plain, causal = Lightning((1, 1), 1), Lightning((1, 1), 1, mask="causal")
    for net in (plain, causal, Lightning((1, 1), 1, heads=2, residual=True, biases="qo")):
        W = net.random_weights(1)
        f = net.function(W)
        again = Problem.from_data(json.loads(json.dumps(Problem(net, None, f).to_data())))
        assert again.function() == f == Problem(net, W).function()
    with pytest.raises(ShapeError, match="natural coordinates instead of entries"):
        Problem(causal, None, plain.function(plain.random_weights(1))).function()
    with pytest.raises(ShapeError, match=r"is \(1, 1, 2, 3\) instead of \(1, 1, 3, 3\)"):
        Problem(Lightning((1, 1), 1, 3), None, plain.function(plain.random_weights(1))).function()


@pytest.mark.parametrize(
    "change",
    [
        *({"heads": 0}, {"heads": "2"}, {"kv_heads": [1, 2.5]}, {"value_ranks": []}),
        *({"mask": "full"}, {"mask": {"window": 0}}, {"mask": [[0]]}, {"mask": {"layers": 3}}),
        *({"mask": [[True, False], [False, True]]}, {"residual": 1}, {"biases": "qq"}),
        *({"biases": "z"}, {"mask": [[0, 0.5]]}, {"norm": "rms"}, {"causal": True}),
    ],
    ids=str,
)
def test_files_that_are_refused(change: dict[str, Any]) -> None:
    data = {"network": {"widths": [2, 2], "ranks": 1} | change}
    assert not SCHEMA.is_valid(data)
    with pytest.raises(AlgattnError, match=r" Try: ."):
        read_network_file(json.dumps(data))


@pytest.mark.parametrize("net", variants(), ids=repr)
def test_weights_there_and_back(net: Architecture) -> None:
    W = random_weights(net, 3)
    W.matches(net)
    assert random_weights(net, 3) == W
    assert len({p for s in net.shapes for p in s.parameters}) == sum(
        len(W.blocks(name, i)) for name in W.names for i in range(W.layers)
    )
    assert Weights.of({p: W.block(p) for s in net.shapes for p in s.parameters}) == W
    for i, shape in enumerate(net.shapes):
        layer = W.layer(i)
        assert set(layer) == {(p.name, p.index) for p in shape.parameters}
        for p in shape.parameters:
            assert layer[p.name, p.index] == W.block(p)
            assert W.block(p).shape == p.shape
            assert W.block(p).rank() == min(p.shape)
        for h, head in enumerate(shape.maps):
            A = W.block(head.key).T @ W.block(head.query)
            V = W.block(head.value)
            V = V if head.output is None else W.block(head.output) @ V
            found = (W.A[i], W.value_matrices[i])
            assert found == (A, V) if shape.heads == 1 else (found[0][h], found[1][h]) == (A, V)  # type: ignore[comparison-overlap]
    for field in (QQ, GF(13), NumberField([1, 0, 1])):
        there = Weights(**{name: getattr(W, name) for name in W.names}, field=field)
        again = Weights.from_data(json.loads(json.dumps(there.to_data())))
        assert again == there
        assert hash(again) == hash(there)
    assert eval(repr(W), {"Weights": Weights}) == W
    assert W._repr_latex_().count(r"\begin{pmatrix}") == sum(len(s.parameters) for s in net.shapes)


def test_the_flat_form_of_one_head() -> None:
    """A layer of one head is written without the level of heads; both are read."""
    flat = Weights(K=[[[1, 0]]], Q=[[[0, 1]]], W=[[[1, 1]]], O=[[[2], [3]]], bk=[[4]], bo=[[5, 6]])
    nested = Weights(
        K=[[[[1, 0]]]], Q=[[[[0, 1]]]], W=[[[[1, 1]]]], O=[[[[2], [3]]]], bk=[[[4]]], bo=[[5, 6]]
    )
    assert flat == nested
    assert isinstance(flat.K[0], Matrix)  # type: ignore[index]
    assert flat.bk[0] == Matrix(QQ, [[4]])  # type: ignore[index]
    assert flat.value_matrices[0] == Matrix(QQ, [[2, 2], [3, 3]])
    assert flat.V is None
    mixed = Weights(A=[[[1]], [[[1]], [[2]]]], V=[[[1]], [[[1]], [[2]]]])
    assert (mixed.heads(0), mixed.heads(1), len(mixed.A[1])) == (1, 2, 2)  # type: ignore[arg-type]
    assert mixed.to_data()["A"] == [[[1]], [[[1]], [[2]]]]
    many = Weights(K=[[[1]]], Q=[[[[1]], [[2]]]], W=[[[1]]], O=[[[[1]], [[2]]]])
    assert many.to_data()["K"] == [[[[1]]]]  # two heads share the one K: the level of groups stays
    assert many == Weights(K=[[[[1]]]], Q=[[[[1]], [[2]]]], W=[[[[1]]]], O=[[[[1]], [[2]]]])
    arrays = Weights(
        K=np.ones((1, 2, 1, 3), int), Q=np.ones((1, 2, 1, 3), int), V=np.ones((1, 2, 2, 3), int)
    )
    assert arrays.heads(0) == 2
    arrays.matches(Lightning((3, 2), 1, heads=2))


def test_lists_as_numbers_of_a_number_field() -> None:
    K = NumberField([-2, 0, 1], 1)
    entry = [[[[0, 1], [1]]]]  # one layer of one head: a row of the numbers theta and 1
    one = Weights(K=entry, Q=entry, V=entry, field=K)
    assert one.K[0].shape == (1, 2)  # type: ignore[index]
    two = [[[[[0, 1]]], [[[1]]]]]
    assert Weights(A=two, V=two, field=K).heads(0) == 2
    elements = [[[[K.theta, 0]], [[0, 1]]]]
    assert Weights(K=elements, Q=elements, V=elements, field=K).heads(0) == 2
    b = Weights(A=[[[[1]]]], V=[[[[1]]]], bo=[[[0, 1]]], bv=[[[0, 1]]], field=K).bv
    assert b is not None
    assert b[0][0, 0] == K.theta


def test_attention_matrices_in_place_of_keys_and_queries() -> None:
    net = Lightning((2, 2), 2, 3, heads=3, value_ranks=1, mask="causal", biases="vo")
    W = net.random_weights(2)
    X = inputs(net)
    assert net(X, W) == net(X, W.to_AV())
    assert W.to_AV().names == ("A", "W", "O", "bv", "bo")
    assert W.to_AV().to_AV().form == net.random_weights(1, form="AV").form == "AV"
    narrow = Lightning((3, 2), 1, heads=2)
    narrow.random_weights(1, form="AV").matches(narrow)
    full = Weights(A=[[[[1, 0], [0, 1]], [[1, 0], [0, 0]]]], V=[[[[1, 0]], [[0, 1]]]])
    with pytest.raises(ShapeError, match="A of layer 1, head 1 has rank 2, above the allowed 1"):
        full.matches(Lightning((2, 1), 1, heads=2))
    for other in (
        Lightning((2, 2), 1, heads=2, kv_heads=1, value_ranks=1),
        Lightning((2, 2), 1, biases="q"),
    ):
        with pytest.raises(InputError, match="QKV"):
            other.random_weights(1, form="AV")
    with pytest.raises(AlgattnError, match="Try: "):
        Lightning((2, 2), 1, biases="q").random_weights(1).to_AV()


@pytest.mark.parametrize(
    ("options", "change", "match"),
    [
        ({"biases": "vo"}, {}, r"biases 'vo'\. Try: give bv and bo"),
        ({}, {"bo": [[1, 2]]}, r"no bias of the output\. Try: leave bo out"),
        ({}, {"bk": [[1]], "bv": [[1, 2]]}, "no bias of keys or values"),
        ({"value_ranks": 1}, {}, r"value ranks \(1,\)\. Try: give W and O"),
        ({}, {"V": None, "W": [[[1, 2]]], "O": [[[1], [2]]]}, r"no value ranks\. Try: give V"),
        ({"heads": 2}, {}, r"layer 1 has 1 V instead of 2\. Try: give one V for each head"),
        ({"biases": "q"}, {"bq": [[1, 2]]}, "bq of layer 1 has 2 entries instead of 1"),
        ({"biases": "o"}, {"bo": [[1]]}, "bo of layer 1 has 1 entries instead of 2"),
        (
            {"heads": 2, "biases": "q"},
            {
                **{"K": [[[[1, 2]], [[1, 2]]]], "Q": [[[[1, 2]], [[1, 2]]]]},
                **{"V": [[[[1, 2], [3, 4]]] * 2], "bq": [[[1], [1, 2]]]},
            },
            "bq of layer 1, head 2 has 2 entries instead of 1",
        ),
        (
            {"heads": 2, "kv_heads": 1, "value_ranks": 1},
            {
                "V": None,
                "Q": [[[[1, 2]]] * 2],
                "W": [[[1, 2], [3, 4]]],
                "O": [[[[1, 1], [1, 1]]] * 2],
            },
            "W of layer 1, group 1 is 2x2 instead of 1x2",
        ),
        (
            {"heads": 2, "kv_heads": 1, "value_ranks": 1},
            {"K": None, "Q": None, "A": [[[1, 0], [0, 0]]]},
            r"share keys, so A is not enough\. Try: give K and Q",
        ),
        (
            {"biases": "qo"},
            {"K": None, "Q": None, "A": [[[1, 0], [0, 0]]], "bo": [[1, 2]]},
            r"so A is not enough\. Try: give K, Q, bq",
        ),
    ],
    ids=str,
)
def test_weights_of_another_variant(options: Any, change: Any, match: str) -> None:
    given = {"K": [[[1, 2]]], "Q": [[[3, 4]]], "V": [[[1, 2], [3, 4]]]} | change
    W = Weights(**{name: value for name, value in given.items() if value is not None})
    for net in (Lightning((2, 2), 1, **options), Softmax((2, 2), 1, **options)):
        with pytest.raises(AlgattnError, match=match):
            W.matches(net)
        with pytest.raises(AlgattnError, match=match):
            net([[1, 2], [3, 4]], W)


ONE: dict[str, Any] = {"K": [[[1]]], "Q": [[[1]]], "V": [[[1]]]}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"V": None, "W": [[[1]]]}, "incomplete.+W and O"),
        ({"W": [[[1]]], "O": [[[1]]]}, "incomplete"),
        ({"K": None, "Q": None, "A": [[[1]]], "bq": [[1]]}, "give K and Q instead"),
        ({"Q": [[[[1]], [[1]]]]}, "2 full value|2 heads|has 2"),
        ({"Q": [[[[1]]] * 3], "K": [[[[1]]] * 2]}, "3 full value matrices and 2 groups"),
        ({"Q": [[[[1]]] * 2], "K": [[[[1]]] * 2]}, "1 V, 2 heads and 2 groups"),
        (
            {
                "Q": [[[[1]]] * 3],
                "K": [[[[1]]] * 2],
                "V": None,
                "W": [[[[1]]] * 2],
                "O": [[[[1]]] * 3],
            },
            "does not divide",
        ),
        (
            {"Q": [[[[1]], [[1, 2]]]], "K": [[[[1]]] * 2], "V": [[[[1]]] * 2]},
            "K of group 1 is 1x1 and Q of head 2 is 1x2",
        ),
        ({"bq": [[1], [2]]}, "1 layers of Q and 2 of bq"),
        ({"bq": [[[1], [2]]]}, "layer 1 has 2 bq, 1 heads"),
        ({"bo": [1]}, "entry 1 is not a vector"),
        ({"bo": [[[1]]]}, "read bo of layer 1, entry 1"),
        ({"bo": [[]]}, "not a list of numbers"),
        ({"bo": [Matrix(QQ, [[1, 2]])]}, "2 columns"),
        ({"bv": [[0.5]]}, "read bv of layer 1, entry 1: the float 0.5"),
        ({"bv": "1"}, "'1' is not a list"),
        ({"bv": {"a": 1}}, "is not a list"),
        ({"V": [[[[1]], [["x"]]]]}, "V of layer 1, head 2, row 1, column 1"),
        ({"K": [[[[1]], [[1, 2], [3]]]]}, "read K of layer 1, group 2: row 1 has 2 entries"),
        ({"K": np.array(1)}, "is not a list"),
    ],
    ids=str,
)
def test_weights_that_do_not_fit_each_other(change: Any, match: str) -> None:
    given = {name: value for name, value in (ONE | change).items() if value is not None}
    with pytest.raises(AlgattnError, match=match) as caught:
        Weights(**given)
    assert str(caught.value).count(" Try: ") == 1


def test_blocks_that_are_not_there() -> None:
    W = Weights(A=[[[1]]], V=[[[1]]])
    with pytest.raises(InputError, match="they have no K"):
        W.block(Lightning((1, 1), 1).shapes[0].parameters[0])
    with pytest.raises(InputError, match="they have no bo"):
        W.blocks("bo", 0)


# Anything that a JSON file can hold in the place of weights.
numbers = st.one_of(st.integers(-9, 9), st.sampled_from(["1/2", "x", "", 0.5, True, None, {}]))
nested = st.recursive(numbers, lambda inner: st.lists(inner, max_size=3), max_leaves=12)
fields = st.sampled_from(["QQ", "GF(7)", {"modulus": [-2, 0, 1], "root": 1}, "GF(6)", 5, None])


def outcome(call: Callable[[], Any]) -> Any:
    """What it gives, or nothing after an error of ours in three parts."""
    try:
        return call()
    except AlgattnError as error:
        parts = str(error).partition(" Try: ")
    assert all(parts)
    return None


@given(
    st.dictionaries(st.sampled_from(["A", *NAMES]), nested, min_size=2, max_size=7),
    st.one_of(st.none(), fields),
)
def test_malformed_weights(data: dict[str, Any], field: Any) -> None:
    """Either weights that are written as they were read, or an error of ours."""
    found = outcome(lambda: Weights.from_data(data if field is None else data | {"field": field}))
    if isinstance(found, Weights):
        assert Weights.from_data(json.loads(json.dumps(found.to_data()))) == found


@given(st.data())
def test_broken_weights(data: st.DataObject) -> None:
    """Good weights with one thing changed: read, refused with reason, or of another network."""
    net = data.draw(st.sampled_from(variants("broken", 12)), label="net")
    good = random_weights(net, 1).to_data()
    name = data.draw(st.sampled_from([n for n in good if n != "field"]), label="name")
    place: Any = good[name]
    while isinstance(place[0], list) and data.draw(st.booleans(), label="deeper"):
        place = place[data.draw(st.integers(0, len(place) - 1), label="index")]
    index = data.draw(st.integers(0, len(place) - 1), label="where")
    place[index] = data.draw(nested, label="change")
    outcome(lambda: Weights.from_data(good).matches(net))


def test_no_single_attention_matrices_for_shared_keys() -> None:
    net = Lightning((2, 2), 1, heads=2, kv_heads=1, value_ranks=1)
    with pytest.raises(InputError, match="heads of layer 1 share keys"):
        net.random_weights(1).to_AV()
    with pytest.raises(InputError, match="scores have biases"):
        Lightning((2, 2), 1, biases="q").random_weights(1).to_AV()
