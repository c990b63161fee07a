"""Paths, attention, path-attended inputs and kernels: exact identities and independent routes."""

from __future__ import annotations

import json
import random
import warnings
from fractions import Fraction
from itertools import product

import networkx as nx
import numpy as np
import pytest

from algattn import load
from algattn.errors import FieldError, LimitError
from algattn.exact import Matrix
from algattn.paths import (
    AttentionWarning,
    ExactPathKernels,
    FixedHead,
    PathInputs,
    PathKernels,
    PathNetwork,
    PathShape,
    PathWeights,
    QueryKeyHead,
)
from algattn.paths.kernels import TrainingKernels, cross_kernel, diagonal_kernel, naive_kernel
from algattn.results import Status

SHAPES = [
    ((), (3,)),
    ((1,), (2, 3)),
    ((3,), (2, 4)),
    ((2, 3), (3, 2, 4)),
    ((2, 1, 2), (2, 3, 2, 3)),
]


def columns(rng: random.Random, T: int) -> list[list[Fraction]]:
    """A random rational column-stochastic matrix."""
    raw = [[rng.randint(0, 5) + (i == j) for j in range(T)] for i in range(T)]
    return [[Fraction(raw[i][j], sum(r[j] for r in raw)) for j in range(T)] for i in range(T)]


def inputs(rng: random.Random, P: int, N0: int, T: int) -> list[list[list[int]]]:
    return [[[rng.randint(-4, 4) for _ in range(T)] for _ in range(N0)] for _ in range(P)]


def network(heads: tuple[int, ...], widths: tuple[int, ...], T: int, seed: int) -> PathNetwork:
    rng = random.Random(seed)
    attention: list[list[object]] = [[columns(rng, T) for _ in range(h)] for h in heads]
    if heads:
        attention[0][0] = "uniform"
        attention[-1][-1] = QueryKeyHead(
            [[rng.randint(-2, 2) for _ in range(3)] for _ in range(3)], kind="hardmax"
        )
    variances = ["1/2", *range(1, len(heads) + 2)]
    return PathNetwork(heads, widths, variances, attention=attention, readout="average")


@pytest.mark.parametrize(("heads", "widths"), SHAPES)
def test_kernel_of_paths_is_the_kernel_of_the_multiplied_out_network(
    heads: tuple[int, ...], widths: tuple[int, ...]
) -> None:
    net = network(heads, widths, 3, seed=len(heads))
    X = inputs(random.Random(5), 4, 3, 3)
    weights = PathWeights.random(net.shape, seed=7)
    direct = weights.collapsed_kernel(net.head_list(3), X, net.readout)
    assert any(x != 0 for row in direct.rows for x in row)
    assert net.kernel(X, weights.order_parameter()) == direct
    other = PathWeights.random(net.shape, seed=8)
    assert net.kernel(X, other.order_parameter()) != direct


def test_float_kernels_agree_with_exact_ones_and_with_plain_loops() -> None:
    net = network((2, 3), (3, 2, 4), 3, seed=1)
    X = inputs(random.Random(6), 5, 3, 3)
    exact = net.path_kernels(X)
    fast = net.path_kernels(X, exact=False)
    assert isinstance(exact, ExactPathKernels)
    assert isinstance(fast, PathKernels)
    tensor = fast.tensor()
    for i, j in product(range(6), repeat=2):
        block = np.array([[float(v) for v in row] for row in exact.block(i, j).tolist()])
        np.testing.assert_allclose(fast.block(i, j), block, atol=1e-12)
        np.testing.assert_allclose(tensor[i, j], block, atol=1e-12)
        np.testing.assert_allclose(fast.block(j, i).T, block, atol=1e-12)
    U = np.random.default_rng(0).normal(size=(6, 6))
    U = U @ U.T
    K = fast.kernel(U)
    np.testing.assert_allclose(K, np.einsum("ab,abpq->pq", U, tensor) / 6, atol=1e-12)
    np.testing.assert_allclose(K, naive_kernel(fast.left.xi, U, fast.left.scale), atol=1e-12)
    np.testing.assert_allclose(diagonal_kernel(fast.left, U), K.diagonal(), atol=1e-12)
    half = net.kernel(X[:2], U.tolist(), X)
    np.testing.assert_allclose(half, K[:2], atol=1e-12)


def test_path_attended_inputs_are_the_written_out_products() -> None:
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(2, 4, 4))
    net = PathNetwork(
        (1, 2),
        (3, 3, 3),
        attention=[["uniform"], [QueryKeyHead(w) for w in weights]],
        readout="first",
    )
    X = rng.normal(size=(6, 4, 5))
    got = net.attended(X)
    for mu, x in enumerate(X):
        for h, W in enumerate(weights):
            scores = np.exp(x.T @ W @ x)
            omega = scores / scores.sum(axis=0)
            xi = x @ np.full((5, 5), 0.2) @ omega[:, 0]
            np.testing.assert_allclose(got.xi[h, mu], xi, atol=1e-12)


def test_given_attention_of_each_input() -> None:
    rng = np.random.default_rng(4)
    omega = rng.random((2, 6, 5, 5))
    omega /= omega.sum(axis=2, keepdims=True)
    X = rng.normal(size=(6, 3, 5))
    got = PathNetwork((2,), (3, 3)).attended(X, attention=[[omega[0], omega[1]]])
    for h, mu in product(range(2), range(6)):
        np.testing.assert_allclose(got.xi[h, mu], X[mu] @ omega[h, mu][:, -1], atol=1e-12)


def test_query_key_weights_and_hardmax() -> None:
    rng = np.random.default_rng(5)
    Q, K = rng.integers(-3, 4, (2, 2, 3))
    x = rng.integers(-3, 4, (1, 3, 4)).astype(float)
    soft = QueryKeyHead.from_query_key(Q.astype(float), K.astype(float)).matrices(x)[0]
    scores = (K @ x[0]).T @ (Q @ x[0]) / np.sqrt(2)
    np.testing.assert_allclose(soft, np.exp(scores) / np.exp(scores).sum(axis=0), atol=1e-12)
    hard = QueryKeyHead.from_query_key(Q, K, kind="hardmax")
    assert hard.exact
    np.testing.assert_array_equal(hard.matrices(x)[0].argmax(axis=0), scores.argmax(axis=0))
    np.testing.assert_array_equal(hard.matrices(x)[0].sum(axis=0), 1)


def test_packed_and_streaming_contractions_agree() -> None:
    rng = np.random.default_rng(6)
    data = PathInputs(PathShape((2, 2), (5, 5, 5)), rng.normal(size=(4, 9, 3)))
    U = rng.normal(size=(2, 4, 4))
    U = U @ np.swapaxes(U, 1, 2)
    W = rng.normal(size=(2, 9, 9))
    W = W + np.swapaxes(W, 1, 2)
    packed, streaming = TrainingKernels(data, packed=True), TrainingKernels(data, packed=False)
    np.testing.assert_allclose(packed.kernels(U), streaming.kernels(U), atol=1e-12)
    np.testing.assert_allclose(packed.traces(W), streaming.traces(W), atol=1e-12)
    C = PathKernels(data).tensor()
    wanted = np.einsum("bpq,xypq->bxy", W, (C + C.transpose(1, 0, 2, 3)) / 2) / 4
    np.testing.assert_allclose(packed.traces(W), wanted, atol=1e-12)


def test_rotations_of_the_path_attended_inputs_change_nothing() -> None:
    rng = np.random.default_rng(7)
    shape = PathShape((3,), (5, 5))
    xi = rng.normal(size=(3, 6, 4))
    turn = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    left, right = PathInputs(shape, xi), PathInputs(shape, xi @ turn)
    np.testing.assert_allclose(PathKernels(left).tensor(), PathKernels(right).tensor(), atol=1e-12)


def test_the_graph_has_exactly_the_paths() -> None:
    paths = PathNetwork((2, 1, 3), (4, 4, 4, 4)).paths()
    graph = paths.graph
    assert nx.is_directed_acyclic_graph(graph)
    found = {
        tuple(node[1] for node in path[1:-1])
        for path in nx.all_simple_paths(graph, "input", "readout")
    }
    assert found == set(paths)
    assert len(paths) == 6
    assert [paths.shape.index(p) for p in paths] == list(range(6))
    assert paths.through(2, 1) == [1, 4]
    assert paths.with_data(weight=range(6)).of(4) == {"path": (1, 0, 1), "weight": 4}


def test_exact_kernels_are_proved_and_any_change_is_noticed() -> None:
    net = network((2, 2), (3, 3, 3), 3, seed=2)
    X = inputs(random.Random(8), 3, 3, 3)
    kernels = net.path_kernels(X)
    assert isinstance(kernels, ExactPathKernels)
    for U in (None, [[2, 1, 0, 0], [1, 3, 0, 0], [0, 0, 1, "1/2"], [0, 0, "1/2", 1]]):
        result = kernels.result(U)
        assert result.status is Status.PROVED
        assert load(result.to_json()).verify()
        data = json.loads(result.to_json())
        changes = [
            ("problem", lambda d: d["problem"]["inputs"][0][0].__setitem__(0, 17)),
            ("readout", lambda d: d["problem"].__setitem__("readout", "last")),
            ("digest", lambda d: d["detail"].__setitem__("digest", "0" * 64)),
            ("claim", lambda d: d["claims"][-1].__setitem__("value", "0" * 64)),
        ]
        for _, change in changes:
            changed = json.loads(json.dumps(data))
            change(changed)
            changed.pop("digest")
            assert not _verifies(changed)


def test_stored_kernels_hold_exactly_the_network() -> None:
    """Parts that nobody reads could say anything, so they are refused."""
    net = PathNetwork((2,), (4, 4), attention=[["uniform", [[1, 0], [0, 1]]]])
    found = net.path_kernels([[[1, 2]], [[0, 3]]], exact=True).result()
    for change in (
        lambda p: p.__setitem__("colour", 1),
        lambda p: p["attention"][0].append({"kind": "uniform"}),
        lambda p: p["attention"][0][0].__setitem__("matrix", [[1]]),
    ):
        data = json.loads(found.to_json())
        assert _verifies(data)
        change(data["problem"])
        assert not _verifies(data)


def _verifies(data: dict) -> bool:
    """Whether a result verifies after its digest is computed again, as a forger would."""
    from algattn.results import seal

    try:
        return load(json.dumps(seal(data))).verify()
    except ValueError:
        return False


def test_the_exact_predictor() -> None:
    net = network((2,), (3, 3), 3, seed=3)
    X, new = inputs(random.Random(9), 4, 3, 3), inputs(random.Random(10), 2, 3, 3)
    Y, U = [1, -1, 1, -1], [[2, "1/3"], ["1/3", 1]]
    mean = net.exact_mean(X, Y, new, U, temperature="1/10")
    K, k = net.kernel(X, U), net.kernel(new, U, X)
    assert isinstance(K, Matrix)
    G = np.array([[float(v) for v in r] for r in K.tolist()]) + 0.1 * np.eye(4)
    cross = np.array([[float(v) for v in r] for r in k.tolist()])
    assert all(isinstance(v, int | Fraction) for v in mean)
    np.testing.assert_allclose([float(v) for v in mean], cross @ np.linalg.solve(G, Y), rtol=1e-10)


def test_softmax_and_floats_are_not_exact() -> None:
    net = PathNetwork((2,), (3, 3))
    X = inputs(random.Random(1), 2, 3, 2)
    assert isinstance(net.path_kernels(X), PathKernels)
    with pytest.raises(FieldError, match="softmax is not rational"):
        net.path_kernels(X, exact=True)
    hard = PathNetwork((2,), (3, 3), attention="hardmax")
    assert isinstance(hard.path_kernels(X), ExactPathKernels)
    with pytest.raises(FieldError, match="stands for"):
        hard.path_kernels([[[0.5, 1]]], exact=True)
    big = np.ones((700, 300, 1), dtype=int)
    with pytest.raises(LimitError, match="exact=False"):
        PathNetwork((1,), (3, 3), attention="uniform").path_kernels(big)


def test_linear_attention_is_announced() -> None:
    with pytest.warns(AttentionWarning, match="off one by 0.5"):
        FixedHead([[1, 0.5], [0, 1]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FixedHead([["1/3", 0], ["2/3", 1]])


def test_kernel_blocks_of_two_sets() -> None:
    rng = np.random.default_rng(2)
    shape = PathShape((2,), (3, 3))
    a, b = (PathInputs(shape, rng.normal(size=(2, n, 4))) for n in (3, 5))
    C = PathKernels(a, b)
    assert C[(0,), (1,)].shape == (3, 5)
    np.testing.assert_allclose(C.kernel(np.eye(2)), cross_kernel(a, b, np.eye(2)))
