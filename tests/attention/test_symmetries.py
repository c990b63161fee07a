"""The list of generators against the function itself: derivatives, finite elements, ranks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from algattn import Lightning, Softmax
from algattn.attention import Architecture, GaugeElement, GaugeWord, Weights, Window
from algattn.attention.generator import Kind, Residues
from algattn.attention.jets import Jet
from algattn.attention.layer import attention_layer
from algattn.attention.reach import Point, reach_sizes, read_sizes
from algattn.attention.symmetries import (
    check,
    directions,
    generators,
    kills,
    random_residues,
)
from algattn.attention.symmetry_kernels import unread
from algattn.attention.symmetry_kinds import head_mixing, hidden, one_key, symmetric_scores
from algattn.attention.symmetry_shifts import key_bias, shift_system, value_bias
from algattn.attention.theorems import THEOREMS
from algattn.dimension.modular import rank_mod
from algattn.dimension.reduction import Kind as Normalisation
from algattn.dimension.reduction import reduce_shape
from algattn.errors import AlgattnError
from algattn.exact import GF, QQ, Matrix

P, OTHER = 8388593, 8388587


def variant(seed: int, most: int = 90, kind: Any = None) -> Architecture:
    """A random small network, with edges of every sort."""
    rng = random.Random(f"variant {seed}")
    while True:
        layers, residual = rng.choice([1, 1, 2, 2, 3]), rng.random() < 0.35
        widths = [rng.randint(1, 4) for _ in range(layers + 1)]
        heads = rng.choice([1, 1, 2, 2, 3, 4])
        groups = rng.choice([g for g in range(1, heads + 1) if heads % g == 0])
        value_ranks = rng.choice([None, 1, 1, 2, 2, 3, 4])
        t = rng.choice([1, 2, 2, 3])
        masks = [None, None, "causal", Window(1), Window(2)]
        if t > 1:
            masks.append([(1, 0)] + [(0, i) for i in range(1, t)])
        net: Architecture = (kind or rng.choice([Lightning, Softmax]))(
            [widths[0]] * (layers + 1) if residual else widths,
            rng.choice([1, 1, 2, 3, 4]),
            t,
            heads=heads,
            kv_heads=heads if value_ranks is None else groups,
            value_ranks=value_ranks,
            mask=rng.choice(masks),
            residual=residual,
            biases="".join(c for c in "qkvo" if rng.random() < 0.4),
        )
        if net.parameters <= most:
            return net


def exact_attend(kind: str) -> Any:
    """Softmax with another positive function of the differences of scores in place of exp."""

    def attend(scores: Matrix, shape: Any, head: int) -> Matrix:
        field, t = scores.field, shape.tokens
        out = [[field.zero] * t for _ in range(t)]
        for i in range(t):
            seen = shape.seen.keys(i)
            if kind == "lightning":
                for j in seen:
                    out[j][i] = scores[j, i]
                continue
            differences = [scores[j, i] - scores[seen[0], i] for j in seen]
            mean = sum(differences, field.zero) / field(len(seen))
            values = [
                field(1) + (x - mean) * (x - mean) * field(j + 1) for j, x in enumerate(differences)
            ]
            total = sum(values, field.zero)
            for j, x in zip(seen, values, strict=True):
                out[j][i] = x / total
        return Matrix(field, out)

    return attend


def exact_output(point: Point, X: Matrix) -> Matrix:
    net = point.network
    ones = Matrix(X.field, [[1] * net.tokens])
    for shape in net.shapes:
        layer = {(p.name, p.index): point[p] for p in shape.parameters}
        X = attention_layer(shape, layer, X, exact_attend(net.kind), ones)
    return X


def exact_point(net: Architecture, rng: random.Random) -> Point:
    def draw(m: int, n: int) -> Matrix:
        return Matrix(QQ, [[rng.randint(-3, 3) for _ in range(n)] for _ in range(m)], (m, n))

    return Point(net, QQ, {p: draw(*p.shape) for s in net.shapes for p in s.parameters})


def exact_input(net: Architecture, rng: random.Random) -> Matrix:
    rows = [[rng.randint(-3, 3) for _ in range(net.tokens)] for _ in range(net.d_in)]
    return Matrix(QQ, rows)


# --- derivatives and finite elements ---------------------------------------------------------


@pytest.mark.parametrize("prime", [P, OTHER])
def test_every_generator_annihilates_the_jacobian(prime: int) -> None:
    kinds: Counter[str] = Counter()
    for seed in range(250):
        net = variant(seed)
        assert check(net, seed=seed, prime=prime) == (), net
        kinds.update({g.kind for g in generators(net)})
    assert len(kinds) == 17  # each kind occurs
    assert min(kinds.values()) >= 3, kinds


def test_every_group_element_acts_exactly() -> None:
    """The function is the same after a finite step, at weights with small entries too."""
    moved: Counter[str] = Counter()
    for seed in range(120):
        rng = random.Random(seed)
        net = variant(1000 + seed, 60)
        point, X = exact_point(net, rng), exact_input(net, rng)
        before = exact_output(point, X)
        for g in generators(net):
            try:
                x = g.random(point, rng)
                after = g.act(point, x)
            except ZeroDivisionError:  # outside the chart of a shift
                continue
            assert exact_output(after, X) == before, (net, g.kind, g.layer)
            moved[g.kind] += after != point
    assert len(moved) == 17, moved
    assert all(moved.values()), moved


def test_directions_are_the_derivatives_of_the_action() -> None:
    """Charts at ``1 + eps E`` against difference quotients of the action."""
    net = Lightning((2, 3, 2), 2, heads=2, value_ranks=2, biases="qkvo")
    rng = random.Random(3)
    point = exact_point(net, rng)
    places = [p for s in net.shapes for p in s.parameters]
    residues = Residues(
        net,
        {
            (p.layer, p.name, p.index): np.array([[int(x) % P for x in r] for r in point[p].rows])
            for p in places
        },
        P,
    )
    step = QQ(1) / 10**6
    for g in generators(net):
        chart = g.chart(point)
        assert chart.size == g.dimension
        rows = g.directions(residues)
        m, n = chart.shape
        for k in range(min(m * n, 4)):
            unit = [
                [step * int(i * n + j == k) + int(chart.group and i == j) for j in range(n)]
                for i in range(m)
            ]
            after = g.act(point, Matrix(QQ, unit))
            quotient = [
                (float(y) - float(x)) / 1e-6
                for p in places
                for a, b in zip(point[p].rows, after[p].rows, strict=True)
                for x, y in zip(a, b, strict=True)
            ]
            if g.kind == "shift":  # its rows are rational, read modulo the prime
                continue
            signed = [int(x) - P if x > P // 2 else int(x) for x in rows[k]]
            assert np.allclose(quotient, signed, atol=1e-3), g.kind


# --- sharpness -------------------------------------------------------------------------------

TWO = {"heads": 2, "value_ranks": 2}


@pytest.mark.parametrize(
    ("kind", "net"),
    [
        (hidden, Lightning((2, 2, 2), 1, residual=True)),
        (hidden, Softmax((2, 2, 2), 1, residual=True)),
        (head_mixing, Softmax((2, 2), 1)),
        (head_mixing, Softmax((2, 2), 1, heads=2, kv_heads=1, value_ranks=2)),
        (key_bias, Lightning((2, 2), 1, biases="k")),
        (value_bias, Lightning((2, 2), 1, biases="vo")),
        (unread, Lightning((2, 4, 4), 1, residual=False)),
    ],
    ids=lambda x: x.theorem.name if isinstance(x, Kind) else repr(x),
)
def test_hypotheses_are_sharp(kind: Kind, net: Architecture) -> None:
    """What a theorem refuses is no symmetry (the last case is one that it allows)."""
    built = [g for g in kind.build(net, kind.theorem) if g.dimension]
    weights = random_residues(net, 1, P)
    kept = [kills(net, g.directions(Residues(net, weights, P)), weights, P) for g in built]
    assert all(kept) == kind.theorem.covers(net)
    assert kind.theorem.covers(net) or not any(kept)
    assert kind.theorem.name in THEOREMS
    assert list(kind.of(net)) == (built if kind.theorem.covers(net) else [])


def test_other_directions_do_move_the_function() -> None:
    """Mixing across groups, permuted heads of one value space, a key bias of lightning."""
    net = Lightning((3, 3), 2, **TWO)
    weights = random_residues(net, 1, P)
    rows = np.random.default_rng(1).integers(0, P, (1, net.parameters))
    assert not kills(net, rows, weights, P)
    same = directions(net, weights, P)
    assert kills(net, same, weights, P)
    assert not kills(net, (same + rows) % P, weights, P)


def test_layers_that_see_more_have_no_more_of_these() -> None:
    assert any(g.kind == "one key" for g in generators(Softmax((2, 2), 1, 1, **TWO)))
    assert not list(one_key.of(Softmax((2, 2), 1, 2, **TWO)))
    assert any(g.kind == "symmetric scores" for g in generators(Lightning((2, 2), 2, 1)))
    assert not list(symmetric_scores.of(Lightning((2, 2), 2, 2)))
    # behind one head of rank one the input has rank one as a matrix; a bias or a mask ends that
    assert list(symmetric_scores.of(Lightning((3, 3, 3), (1, 2))))
    assert not list(symmetric_scores.of(Lightning((3, 3, 3), (1, 2), mask="causal")))
    assert not list(symmetric_scores.of(Lightning((3, 3, 3), (1, 2), biases="o")))


# --- ranks -----------------------------------------------------------------------------------


def float_rank(net: Architecture, seed: int) -> int:
    """The rank of a Jacobian by its own formula in floating point, and its singular values."""
    rng = np.random.default_rng(seed)
    w = [
        {(p.name, p.index): rng.normal(size=p.shape) for p in shape.parameters}
        for shape in net.shapes
    ]
    rows: list[Any] = []
    for _ in range(2 * net.parameters // net.d_out + 6):
        X = 1.5 * rng.normal(size=(net.d_in, net.tokens))
        rows.append(
            np.stack(
                [
                    derivative(net, w, X, i, key, entry)
                    for i, shape in enumerate(net.shapes)
                    for p in shape.parameters
                    for key in [(p.name, p.index)]
                    for entry in np.ndindex(p.shape)
                ],
                axis=1,
            )
        )
    J = np.concatenate(rows)
    J /= np.maximum(np.abs(J).max(axis=1, keepdims=True), 1e-300)
    norms = np.linalg.norm(J, axis=0, keepdims=True)
    J /= np.where(norms > 1e-9 * norms.max(), norms, np.inf)
    values = np.linalg.svd(J, compute_uv=False)
    return int((values > values[0] * 1e-11).sum())


def derivative(net: Any, w: Any, X: Any, layer: int, key: Any, entry: Any) -> Any:
    """One partial derivative of the output by a complex step, which has no rounding error."""
    h = 1e-30
    for i, shape in enumerate(net.shapes):
        blocks = w[i]
        if i == layer:
            changed = blocks[key].astype(complex)
            changed[entry] += 1j * h
            blocks = {**blocks, key: changed}
        X = naive_layer(net.kind, shape, blocks, X)
    return X.imag.ravel() / h


def naive_layer(kind: str, shape: Any, w: Any, X: Any) -> Any:
    """Token by token, written down again."""
    size = shape.heads // shape.groups
    columns = []
    for i in range(shape.tokens):
        seen = [j for j, q in shape.seen.pairs if q == i]
        out: Any = np.zeros(shape.e)
        for h in range(shape.heads):
            g = h // size
            query = w["Q", h] @ X[:, i] + (w["bq", h][:, 0] if ("bq", h) in w else 0)
            keys = [w["K", g] @ X[:, j] + (w["bk", g][:, 0] if ("bk", g) in w else 0) for j in seen]
            name = "W" if ("W", g) in w else "V"
            values = [
                w[name, g] @ X[:, j] + (w["bv", g][:, 0] if ("bv", g) in w else 0) for j in seen
            ]
            scores = np.array([k @ query for k in keys])
            if kind == "softmax":
                scores = np.exp(scores - (scores.real.max() if seen else 0))
                scores = scores / scores.sum()
            total = sum((s * v for s, v in zip(scores, values, strict=True)), np.zeros(()))
            if seen:
                out = out + (w["O", h] @ total if name == "W" else total)
        out = out + (w["bo", 0][:, 0] if ("bo", 0) in w else 0)
        columns.append(out + X[:, i] if shape.residual else out)
    return np.stack(columns, axis=1)


def bound(net: Architecture, seed: int = 0) -> int:
    """Parameters minus rank of the generators."""
    return net.parameters - rank_mod(directions(net, random_residues(net, seed, P), P), P)


@pytest.mark.parametrize(
    "net",
    [
        Softmax((3, 3), 2, **TWO, biases="qkvo"),
        Softmax((3, 2, 3), 1, heads=2, kv_heads=1, value_ranks=1, mask="causal", biases="vo"),
        Softmax((2, 2, 2), 3, residual=True, biases="qo"),
        Softmax((2, 2), 1, 1, **TWO, biases="v"),
        Softmax((3, 3), 4, 2, heads=2, kv_heads=1, value_ranks=2),
        Softmax((2, 3), 1, 2, heads=2, value_ranks=4, biases="v"),
        Softmax((4, 4, 4), 1, 2, value_ranks=1, biases="kvo"),
        Lightning((3, 3), 1, heads=2, kv_heads=1, value_ranks=2, mask="causal"),
        Lightning((3, 3), 2, 1, biases="kq"),
        Lightning((3, 2, 3), 1, 3, biases="qkvo"),
        Lightning((3, 3, 3), (1, 2)),
        Lightning((2, 2, 2), 1, residual=True, biases="qkvo"),
    ],
    ids=repr,
)
def test_the_bound_is_the_rank(net: Architecture) -> None:
    assert bound(net) == float_rank(net, 1)


def test_how_often_the_bound_is_the_rank() -> None:
    """Never below; for softmax equal but for residual layers with one visible key."""
    gaps: Counter[tuple[str, bool]] = Counter()
    every: Counter[tuple[str, bool]] = Counter()
    for seed in range(24):
        net = variant(5000 + seed, 36)
        gap = bound(net, seed) - float_rank(net, seed)
        assert gap >= 0, net
        alone = net.residual and net.layers > 1 and not any(s.seen.social for s in net.shapes)
        assert net.kind == "lightning" or alone or gap == 0, (net, gap)
        every[net.kind, alone] += 1
        gaps[net.kind, alone] += gap > 0
    assert gaps["lightning", False] < every["lightning", False] / 2


def test_plain_networks_reach_their_formula() -> None:
    rng = random.Random(8)
    for n in range(60):
        layers = rng.choice([1, 2, 2, 3])
        widths, ranks = (
            [rng.randint(1, 5) for _ in range(layers + 1)],
            [rng.randint(1, 4) for _ in range(layers)],
        )
        kind, t = rng.choice([Lightning, Softmax]), rng.choice([1, 2, 3])
        net = kind(widths, ranks, t)
        expected = reduce_shape(widths, ranks, tokens=t, kind=Normalisation(net.kind)).expected
        assert bound(net, n) == expected, net


# --- special weights -------------------------------------------------------------------------


def special(weights: Any, rng: random.Random) -> Any:
    """Weights with zero blocks, rows and columns, repeated rows and heads."""
    out = {k: w.copy() for k, w in weights.items()}
    for (layer, name, _), w in out.items():
        chance = rng.random()
        if chance < 0.15:
            w[:] = 0
        elif chance < 0.3:
            w[rng.randrange(w.shape[0])] = 0
        elif chance < 0.45:
            w[:, rng.randrange(w.shape[1])] = 0
        elif chance < 0.55:
            w[:] = w[:1]
        elif chance < 0.65:
            w[:] = out[layer, name, 0]
    return out


def test_the_bound_holds_at_every_point() -> None:
    """Kernels are larger at special weights, and the bound must not profit from that."""
    for seed in range(150):
        rng, net = random.Random(seed), variant(7000 + seed, 60)
        weights = random_residues(net, seed, P)
        best = rank_mod(directions(net, weights, P), P)
        for _ in range(2):
            point = special(weights, rng)
            rows = directions(net, point, P)
            assert kills(net, rows, point, P, seed=seed)
            assert rank_mod(rows, P) <= best, net


def test_sizes_of_almost_all_weights() -> None:
    for seed in range(200):
        net = variant(9000 + seed, 120)
        point = Residues(net, random_residues(net, seed, P), P)
        assert [r.size for r in point.reach] == list(reach_sizes(net)), net
        assert point.regular_reads(0), net
        assert point.regular_reach(net.layers - 1), net
        assert len(read_sizes(net)) == net.layers
        system = shift_system(net)
        found = next(iter(system.solutions(point).values())).shape[1] if system.unknowns else 0
        assert found >= system.size, net


def test_a_missing_bias_restricts_the_shift() -> None:
    def size(biases: str, kind: Any = Softmax, **rest: Any) -> int:
        net = kind((3, 3, 3), 2, value_ranks=3, residual=True, biases=biases, **rest)
        return shift_system(net).size

    assert size("qo") == 3  # bo takes what W c adds to the output
    assert size("qvo") == 3 + 2 * 3  # also the exchange of bv and bo in both layers
    assert size("vo") == 1 + 2 * 3  # Q c = 0
    assert size("qkvo", Lightning) == 3
    assert size("qvo", Lightning) == 1
    assert size("") == 0


# --- gauge elements --------------------------------------------------------------------------


def words() -> Iterator[tuple[Architecture, Weights]]:
    for seed in range(40):
        net = variant(400 + seed, 60)
        yield net, net.random_weights(seed, size=2)  # type: ignore[attr-defined]


def test_gauge_words() -> None:
    for net, W in words():
        g, h = net.random_gauge(1), net.random_gauge(2)  # type: ignore[attr-defined]
        one = type(g).identity(net)
        assert one.act(W) == W
        assert (g * h).act(W) == g.act(h.act(W))
        assert (g.inverse() * g).act(W) == W == (g * g.inverse()).act(W)
        assert net.random_gauge(1).to_data() == g.to_data()  # type: ignore[attr-defined]
        X = exact_input(net, random.Random(5))
        points = [
            Point(net, QQ, {p: w.block(p) for s in net.shapes for p in s.parameters})
            for w in (W, g.act(W))
        ]
        assert exact_output(points[0], X) == exact_output(points[1], X)


def test_gauge_of_plain_softmax() -> None:
    net = Softmax((2, 3, 2), 2)
    g, W = net.random_gauge(4), net.random_weights(1)
    assert isinstance(g, GaugeElement)
    assert set(g.scalings) == {1}
    points = [
        Point(net, QQ, {p: w.block(p) for s in net.shapes for p in s.parameters})
        for w in (W, g.act(W))
    ]
    X = exact_input(net, random.Random(1))
    assert exact_output(points[0], X) == exact_output(points[1], X)


def test_gauge_words_refuse_what_does_not_fit() -> None:
    net, other = Softmax((2, 2), 1, heads=2), Softmax((2, 2), 1, heads=3)
    g = net.random_gauge(1)
    assert isinstance(g, GaugeWord)
    with pytest.raises(AlgattnError):
        g.act(other.random_weights(1))
    with pytest.raises(AlgattnError, match="of one network"):
        g * other.random_gauge(1)
    with pytest.raises(AlgattnError, match="they have no K"):
        g.act(net.random_weights(1, form="AV"))
    small = Weights.from_data(net.random_weights(1).to_data() | {"field": "GF(101)"})
    assert g.inverse().act(g.act(small)) == small


# --- jets ------------------------------------------------------------------------------------


def test_jets_are_dual_numbers() -> None:
    p = 10007
    rng = np.random.default_rng(1)
    draw = lambda *shape: rng.integers(0, p, shape)  # noqa: E731
    a = Jet(draw(3, 3), draw(5, 3, 3), p)
    one = a @ a.inverse()
    assert (one.value == np.eye(3)).all()
    assert one.derivative is not None
    assert not one.derivative.any()
    x, y = Jet(draw(4, 2, 3), None, p), Jet(draw(3, 2), draw(5, 3, 2), p)
    product = x @ y  # four samples, five directions
    assert product.derivative is not None
    assert product.derivative.shape == (5, 4, 2, 2)
    assert (product.derivative[2, 1] == x.value[1] @ y.derivative[2] % p).all()
    both = (a + a - a).T
    assert (both.value == a.value.T).all()
    assert GF(p)(int(a[1, 2].value[0, 0])) == GF(p)(int(a.value[1, 2]))
