"""The action, its gradient, the saddle, and the laws that hold there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from algattn.errors import HypothesisError, UndecidedError
from algattn.paths import PathInputs, PathNetwork, PathShape, permute_heads
from algattn.paths.chain import Action, Chain, DataTerm
from algattn.paths.kernels import TrainingKernels
from algattn.paths.saddle import SaddleProblem, infinite_width, solve
from algattn.paths.scores import path_permutation
from algattn.paths.solution import Solution
from algattn.paths.stationary import action_value, partial_trace, readout_scale

DEEP = PathShape((2, 3), (5, 7, 11), (0.7, 1.3, 0.6, 1.9))
CASES = [
    PathShape((), (4,), (1.0, 2.0)),
    PathShape((1,), (6, 3)),
    PathShape((3,), (5, 9), (1, 2, "1/2")),
    DEEP,
    PathShape((2, 2, 2), (9, 7, 5, 3), 1.2),
]


def problem(
    shape: PathShape, P: int = 9, N0: int = 5, seed: int = 0
) -> tuple[PathInputs, np.ndarray]:
    rng = np.random.default_rng(seed)
    return PathInputs(shape, rng.normal(size=(shape.count, P, N0))), rng.normal(size=P)


@pytest.mark.parametrize("shape", CASES, ids=str)
@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("packed", [False, True])
def test_the_gradient_is_the_difference_quotient(
    shape: PathShape, exact: bool, packed: bool
) -> None:
    data, Y = problem(shape)
    chain = Chain(shape)
    action = Action(chain, DataTerm(TrainingKernels(data, packed=packed), Y, 0.1), exact=exact)
    theta = 0.3 * np.random.default_rng(1).normal(size=(2, chain.size))
    _, gradient = action(theta)
    step = 1e-6
    for i in range(chain.size):
        shift = step * np.eye(chain.size)[i]
        quotient = (action(theta + shift)[0] - action(theta - shift)[0]) / (2 * step)
        np.testing.assert_allclose(gradient[:, i], quotient, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("shape", CASES, ids=str)
def test_the_action_is_the_written_one_and_coordinates_go_back(shape: PathShape) -> None:
    data, Y = problem(shape)
    chain, kernels = Chain(shape), TrainingKernels(data)
    theta = 0.4 * np.random.default_rng(2).normal(size=(1, chain.size))
    U = [u[0] for u in chain.levels(theta).U]
    value = Action(chain, DataTerm(kernels, Y, 0.2))(theta)[0][0]
    assert value == pytest.approx(action_value(shape, U, kernels.kernels(U[0][None])[0], Y, 0.2))
    np.testing.assert_allclose(chain.coordinates(U), theta[0], atol=1e-10)


@pytest.mark.parametrize("shape", CASES, ids=str)
def test_saddle_is_stationary_balanced_and_a_minimum(shape: PathShape) -> None:
    data, Y = problem(shape)
    found = solve(data, Y, 0.1, starts=3)
    assert found.residual < 1e-6
    assert found.balance < 1e-5
    assert len(found.balance_terms) == shape.depth + 2
    assert found.is_minimum
    assert found.unique
    assert np.linalg.eigvalsh(found.U)[0] > 0
    # the same laws do not hold elsewhere
    limit = infinite_width(data, Y, 0.1)
    assert limit.residual > 1e-3
    assert limit.balance > 1e-3


def test_the_readout_scale_in_closed_form() -> None:
    data, Y = problem(DEEP)
    found = solve(data, Y, 0.1)
    assert readout_scale(DEEP, float(np.trace(found.levels[1]))) == pytest.approx(
        found.u_a, rel=1e-9
    )
    N_a, N_L, s_a, s_L, H = 11, 7, 1.9, 0.6, 3
    u = found.u_a
    trace = np.trace(found.levels[1])
    assert N_a * u**2 / s_a + (H * N_L - N_a) * u - N_L * trace / s_L == pytest.approx(0, abs=1e-6)


def test_the_hessian_is_that_of_the_action() -> None:
    data, Y = problem(DEEP)
    search = SaddleProblem(data, Y, 0.1)
    theta = 0.1 * np.random.default_rng(0).normal(size=search.chain.size)
    H = search.hessian(theta)
    v = np.random.default_rng(3).normal(size=len(theta))
    e = 1e-3
    s = [float(search.action((theta + k * e * v)[None])[0][0]) for k in (-1, 0, 1)]
    assert (s[0] - 2 * s[1] + s[2]) / e**2 == pytest.approx(v @ H @ v, rel=1e-4)


def test_towards_infinite_width_the_distance_falls_like_one_over_n() -> None:
    widths = np.array([200, 400, 800, 1600, 3200])
    distance = []
    for n in widths:
        shape = PathShape((2, 2), (n, n, n), (1, 2, 1, "3/2"))
        data, Y = problem(shape, P=12)
        U = solve(data, Y, 0.1, starts=1, test=False).U
        distance.append(np.linalg.norm(U - 3 * np.eye(4)))
    slope = np.polyfit(np.log(widths), np.log(distance), 1)[0]
    assert slope == pytest.approx(-1, abs=0.05)


def test_permuting_heads_permutes_the_solution() -> None:
    data, Y = problem(DEEP)
    found = solve(data, Y, 0.1)
    order = [2, 0, 1]
    rows = path_permutation(DEEP, 1, order)
    moved = solve(PathInputs(DEEP, data.xi[rows]), Y, 0.1)
    np.testing.assert_allclose(moved.U, permute_heads(found.U, DEEP, 1, order), atol=1e-8)
    np.testing.assert_allclose(moved.levels[1], found.levels[1][np.ix_(order, order)], atol=1e-8)
    assert np.abs(moved.U - found.U).max() > 1e-3


def test_narrow_layers_have_a_saddle_too() -> None:
    shape = PathShape((2, 3), (3, 3, 3))
    data, Y = problem(shape, P=15)
    found = solve(data, Y, 0.1, starts=6)
    assert found.unique
    assert found.residual < 1e-6


def test_equal_heads_keep_u_positive_and_share_alike() -> None:
    shape = PathShape((2,), (6, 6))
    xi = np.random.default_rng(0).normal(size=(1, 10, 4))
    Y = np.sign(xi[0, :, 0])
    found = solve(PathInputs(shape, np.concatenate([xi, xi])), Y, 0.1)
    assert np.linalg.eigvalsh(found.U)[0] > 1e-3
    assert found.U[0, 0] == pytest.approx(found.U[1, 1], rel=1e-6)
    assert found.is_minimum


def test_zero_temperature_with_enough_and_too_few_features() -> None:
    shape = PathShape((2,), (30, 30))
    data, Y = problem(shape, P=8, N0=5)
    found = solve(data, Y, 0)
    assert found.residual < 1e-6
    np.testing.assert_allclose(found.predict(data).mean, Y, atol=1e-8)
    np.testing.assert_allclose(found.predict(data).variance, 0, atol=1e-8)
    data, Y = problem(shape, P=11, N0=5)
    with pytest.raises(HypothesisError, match="rank at most 10"):
        solve(data, Y, 0)


def test_prediction_from_scratch() -> None:
    data, Y = problem(DEEP)
    new, _ = problem(DEEP, P=4, seed=5)
    found = solve(data, Y, 0.2)
    mean, variance = found.predict(new)
    both = np.concatenate([data.xi, new.xi], axis=1)
    K = np.einsum("ab,api,bqi->pq", found.U, both, both) * data.scale / 6
    G = np.linalg.inv(K[:9, :9] + 0.2 * np.eye(9))
    np.testing.assert_allclose(mean, K[9:, :9] @ G @ Y, rtol=1e-8)
    np.testing.assert_allclose(variance, np.diag(K[9:, 9:] - K[9:, :9] @ G @ K[:9, 9:]), rtol=1e-8)


def test_start_and_seed_and_parameters() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(12, 4, 3)), np.repeat([1, -1], 6)
    net = PathNetwork((2,), (5, 5), temperature=0.1, seed=3)
    assert net.fit(X, Y) is net
    found = net.solution_
    assert isinstance(found, Solution)
    assert net.predict(X).shape == (12,)
    assert net.predict(X, return_variance=True).variance.min() >= 0
    assert 0.5 <= net.score(X, Y) <= 1
    again = net.solve(X, Y, temperature=0.1, start=found.levels, starts=1)
    np.testing.assert_allclose(again.U, found.U, atol=1e-8)
    np.testing.assert_allclose(found.predict(X).mean, net.predict(X))
    copy = PathNetwork(**net.get_params())
    assert copy.get_params() == net.get_params()
    assert copy.set_params(widths=(50, 50)).shape.widths == (50, 50)
    assert copy.solution_ is None
    other = PathNetwork(**(net.get_params() | {"seed": 4})).fit(X, Y)
    assert np.abs(other.predict(X) - net.predict(X)).max() > 1e-3  # other random heads


def test_scikit_learn_can_drive_it() -> None:
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.model_selection import cross_val_score

    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 3, 4))
    Y = np.sign(X[:, 0, -1])
    net = PathNetwork((2,), (8, 8), attention="uniform")
    assert clone(net).get_params() == net.get_params()
    net.set_params(readout="last", attention=[[np.eye(4), "uniform"]])
    assert cross_val_score(net, X, Y, cv=3).mean() > 0.8
    line = net.set_params(task="regression", temperature=1e-4).fit(X, X[:, 0, -1])
    assert line.score(X, X[:, 0, -1]) > 0.99
    assert line.score(X, -X[:, 0, -1]) < -2


def test_strong_labels_at_small_variances_are_fitted() -> None:
    """Very large labels: found from the valley of the scan, or a typed error, no broken factor."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(8, 3, 4)), np.sign(rng.normal(size=8))
    net = PathNetwork((2, 2), (5, 6, 7), task="regression")
    found = net.solve(X, 1e4 * y, temperature=10.0)
    assert found.balance < 1e-6
    assert found.is_minimum
    assert found.actions[-1] == pytest.approx(found.action)
    with pytest.raises(UndecidedError, match="scale labels"):
        net.solve(X, 1e6 * y, temperature=0.1)


def test_four_paths_take_few_iterations(work: Any) -> None:
    shape = PathShape((2, 2), (10, 10, 10))
    data, Y = problem(shape, P=100, N0=50)
    _, calls = work(lambda: solve(data, Y, 0.1))
    assert calls < 4000


def test_partial_trace_by_loops() -> None:
    U = np.arange(36.0).reshape(6, 6)
    wanted = [[U[i, j] + U[i + 3, j + 3] for j in range(3)] for i in range(3)]
    np.testing.assert_array_equal(partial_trace(U, 2), wanted)
