"""Recovery of weights from coefficients, arrays and black boxes."""

from __future__ import annotations

import random
from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from algattn import FunctionMap, Lightning, Weights, load
from algattn.errors import FieldError, InputError, ShapeError, UndecidedError
from algattn.exact import GF, QQ, NumberField
from algattn.fibers.arrays import CoefficientArray
from algattn.fibers.gauge_transport import carry
from algattn.fibers.normal_form import virtual_normal_forms
from algattn.fibers.points import evaluate


@pytest.mark.parametrize("seed", range(3))
def test_recovery_from_coefficients_contains_the_class(draw: SimpleNamespace, seed: int) -> None:
    rng = random.Random(seed)
    met = Counter()
    for n in range(150):
        if n % 2:
            net, W = draw.any(rng, 2, widest=2)
        else:
            d_out, tokens = rng.randint(1, 2), rng.randint(1, 2)
            net = Lightning(widths=(2, 2, d_out), ranks=2, tokens=tokens)
            W = draw.virtual(rng, 2, 2, d_out)
        (virtual,) = virtual_normal_forms(net, W)
        if net.tokens > 2 or (virtual.zero and rng.random() < 0.8):
            continue
        f = net.function(W)
        found = net.recover(f)
        rational = [w for w in found if w.field == QQ]
        assert rational
        for w in rational:
            assert net.function(w) == f
            assert net.equivalent(W, w).value
        met[virtual.stratum, len(found)] += 1
    wanted = {("one token", 3), ("collapse after layer 1", 2), ("generic", 1)}
    assert wanted | {("generic, 1 skew", 2)} <= set(met)


@pytest.mark.parametrize(
    ("layers", "d", "tokens", "count"), [(2, 2, 2, 40), (2, 3, 2, 12), (2, 3, 3, 3)]
)
def test_skew_layers_are_recovered(
    draw: SimpleNamespace, layers: int, d: int, tokens: int, count: int
) -> None:
    """As many weights as the fiber has rational classes, and each has all the coefficients."""
    rng = random.Random(d)
    met = Counter()
    while sum(met.values()) < count:
        d_out = rng.randint(1, 2)
        net = Lightning(widths=(d,) * layers + (d_out,), ranks=d, tokens=tokens)
        W = draw.virtual(rng, d, layers, d_out)
        (virtual,) = virtual_normal_forms(net, W)
        if virtual.zero or not virtual.skew:
            continue
        f = net.function(W)
        found = net.recover(f)
        assert all(net.function(w) == f for w in found)
        rational = [c for c in net.fiber(W).components if "irrational" not in c.name]
        assert len(found) == len(rational)
        met[len(found)] += 1
    assert len(met) > 1 or tokens == 3


def test_skew_layers_from_three_layers_and_from_a_black_box() -> None:
    unit, K = [[1, 0], [0, 1]], [[0, 1], [-1, 0]]
    net = Lightning(widths=(2, 2, 2, 2), ranks=2)
    W = Weights(A=[[[1, 2], [0, 1]], K, [[1, 0], [1, 3]]], V=[unit, unit, [[1, 2], [3, 4]]])
    found = net.recover(net.function(W))
    assert len(found) == 3
    assert all(net.equivalent(W, w).value for w in found)
    net = Lightning(widths=(2, 2, 2), ranks=2)
    W = Weights(A=[[[1, 2], [0, 1]], K], V=[unit, [[1, 2], [3, 4]]])
    found = net.recover(lambda X: net(X, W))
    assert len(found) == 2
    assert all(net.equivalent(W, w).value for w in found)
    (zero,) = net.recover(lambda X: [[0, 0], [0, 0]])
    assert net.function(zero).is_zero


def test_a_layer_given_as_a_black_box_is_recovered_like_its_coefficients() -> None:
    """Square roots and semidefinite forms included, for one and for two tokens."""
    rng = random.Random(5)
    for n in range(60):
        d, e, a = rng.randint(1, 4), rng.randint(1, 2), rng.randint(1, 3)
        net = Lightning(widths=(d, e), ranks=a, tokens=rng.randint(1, 3))
        W = net.random_weights(n, size=2)
        f = net.function(W)
        assert net.recover(f) == net.recover(lambda X, f=f: f(X))
    net = Lightning(widths=(2, 1), ranks=1)
    root = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1, (0, 1, 1, 0): -2})
    assert [w.field.degree for w in net.recover(root.__call__)] == [2, 2]
    definite = FunctionMap(2, 1, 2, {(0, 0, 0, 0): 1, (0, 1, 1, 0): 2})
    with pytest.raises(FieldError, match="definite"):
        net.recover(definite.__call__)
    with pytest.raises(FieldError, match="no function"):
        net.recover(lambda X: [[X[0][0] ** 2, X[0][1] ** 2]])


def test_probes_where_the_function_vanishes_do_not_count() -> None:
    """A product of five linear forms is often zero at small inputs."""
    net = Lightning(widths=(3, 2, 3), ranks=1, tokens=3)
    W = Weights(
        K=[[[1, 0, 1]], [[1, 1]]],
        Q=[[[1, 1, 0]], [[0, -1]]],
        V=[[[1, 0, 0], [0, 1, 1]], [[1, 0], [0, 0], [-1, 0]]],
    )
    for seed in range(6):
        found = net.recover(lambda X: net(X, W), seed=seed)
        assert len(found) == 3
        assert all(net.equivalent(W, w).value for w in found)


def test_misleading_lines_are_noticed() -> None:
    """x_2 (x_1 - x_3) V x over GF(p): on some lines V x takes the place of a factor that drops."""
    field = GF(10007)
    net = Lightning(widths=(3, 2), ranks=2, tokens=1)
    A = [[0, 0, 0], [1, 0, 0], [0, -1, 0]]
    W = Weights(A=[A], V=[[[1, -1, -1], [-1, 1, 0]]], field=field)
    for seed in range(12):
        (found,) = net.recover(lambda X: evaluate(net, W, X, field).rows, field=field, seed=seed)
        assert net.equivalent(W, found).value


def test_black_boxes_with_zeros_on_the_diagonal() -> None:
    """x_i^2 need not occur in x^T B x: the lines go in random directions."""
    unit = [[int(i == j) for j in range(3)] for i in range(3)]
    B = [[0, 1, 1], [1, 0, 1], [2, 1, 0]]
    net = Lightning(widths=(3, 3, 3), ranks=3)
    W = Weights(A=[B, [[1, 1, 0], [0, 0, 2], [1, 0, 0]]], V=[unit, unit])
    calls = []

    def box(X: list) -> object:
        calls.append(X)
        return net(X, W)

    (found,) = net.recover(box)
    assert net.equivalent(W, found).value
    assert len(calls) < 400  # a grid needs 10^2 for the slice alone, and finds no skew parts


def test_what_is_no_function_is_refused() -> None:
    net = Lightning(widths=(2, 2), ranks=2)
    for wrong in (None, 7, net.random_weights(1)):
        with pytest.raises(InputError, match="neither coefficients nor a black box"):
            net.recover(wrong)
    with pytest.raises(FieldError, match="nan or infinity"):
        net.recover(lambda X: np.full((2, 2), np.nan))
    W = net.random_weights(1)
    (found,) = net.recover(lambda X: np.array(net(X, W), dtype=np.int64))
    assert net.equivalent(W, found).value


def test_recovery_from_black_boxes() -> None:
    for widths, ranks, tokens in (((2, 2, 2, 2), 2, 2), ((4, 3, 4), 3, 3), ((3, 2, 1), (2, 1), 2)):
        net = Lightning(widths=widths, ranks=ranks, tokens=tokens)
        W = net.random_weights(3)
        found = net.recover(lambda X, net=net, W=W: net(X, W))
        assert all(net.equivalent(W, w).value for w in found)
        assert len(found) == (2 if widths[-1] == 1 else 1)
    field = GF(1000003)
    net = Lightning(widths=(2, 2, 2), ranks=2)
    W = Weights.from_data(net.random_weights(1).to_data() | {"field": "GF(1000003)"})
    (found,) = net.recover(lambda X: evaluate(net, W, X, field).rows, field=field)
    assert net.equivalent(W, found).value
    root = NumberField([-2, 0, 1], 1)
    data = net.random_weights(1).to_data() | {"field": root.to_data()}
    data["V"][0][0][0] = [1, 1]
    W = Weights.from_data(data)
    (found,) = net.recover(lambda X: evaluate(net, W, X, root).rows, field=root)
    assert net.equivalent(W, found).value


def test_functions_of_no_network() -> None:
    net = Lightning(widths=(2, 2, 1), ranks=2)
    f = net.function(net.random_weights(2))
    label = next(iter(f.coefficients))
    bent = FunctionMap(2, 1, 2, f.coefficients | {label: f[label] + 1}, degree=9)
    with pytest.raises((FieldError, UndecidedError)):
        net.recover(bent)
    with pytest.raises(ShapeError, match="instead of"):
        Lightning(widths=(2, 2), ranks=2).recover(f)
    narrow = Lightning(widths=(2, 1, 1), ranks=2)
    with pytest.raises(FieldError, match="larger widths"):
        narrow.recover(f)


def test_float_evaluations_give_a_residual() -> None:
    net = Lightning(widths=(2, 2), ranks=2)
    W = net.random_weights(4, size=2)
    r = net.recover(lambda X: net(np.array(X, dtype=float), W))
    assert r.status.name == "NUMERIC"
    assert r.residual < 1e-9
    assert load(r.to_json()).verify()
    X = np.random.default_rng(0).standard_normal((2, 2))
    found = r.V[0] @ X @ X.T @ r.A[0] @ X
    assert np.allclose(found, net(X, W))


def test_arrays_of_coefficients() -> None:
    rng = random.Random(1)
    for n in range(60):
        d, e, a = rng.randint(1, 4), rng.randint(1, 3), rng.randint(1, 4)
        net = Lightning(widths=(d, e), ranks=a)
        W = net.random_weights(n, size=rng.choice([1, 3, 10**30]))
        f, table = net.function(W), CoefficientArray.of(net, W)
        assert table.to_function() == f
        for found in (net.recover(f), net.recover(table)):
            assert any(w.field == QQ and net.equivalent(W, w).value for w in found)
            assert all(net.function(w) == f for w in found if w.field == QQ)
    bent = CoefficientArray.of(net := Lightning(widths=(3, 2), ranks=3), net.random_weights(1))
    bent.values[0, 1, 2] += 1
    with pytest.raises(FieldError):
        net.recover(bent)
    with pytest.raises(ShapeError):
        CoefficientArray(np.zeros((2, 5, 3), dtype=int))


def test_width_64_needs_little_work(work: Any) -> None:
    net = Lightning(widths=(64, 64), ranks=64)
    W = net.random_weights(1)
    given = CoefficientArray.of(net, W)
    (found,), calls = work(lambda: net.recover(given))
    assert calls < 200_000
    assert carry(net, W.to_AV(), found.to_AV()) is not None
