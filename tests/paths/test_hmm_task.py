"""The hidden Markov task: data, the ordering of accuracies, scores, pruning, overlap."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from algattn.errors import InputError, ShapeError
from algattn.paths import HMMTask, PathShape, head_scores, kernel_overlap, permute_heads, prune
from algattn.paths.experiment import Sweep, hmm_experiment

SLOW_SEEDS = [pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2)]


@cache
def experiment(seed: int) -> Sweep:
    task = HMMTask(seed=seed)
    return hmm_experiment(task, widths=(10, 100, 1000), tests=3000, starts=1, seed=seed)


@pytest.fixture(params=[0, *SLOW_SEEDS])
def sweep(request: pytest.FixtureRequest) -> Sweep:
    return experiment(request.param)


def test_ordering_of_accuracies(sweep: Sweep) -> None:
    """Finite width > the two good paths > the good path > all paths, and down with the width."""
    everything, good, both = sweep.baselines.values()
    assert both > good > everything
    for name in ("all paths", "path (1,1)"):
        gain, error = sweep.paired[name]
        assert gain > 5 * error
        assert gain == pytest.approx(sweep.accuracies[0] - sweep.baselines[name])
    assert sweep.accuracies[0] > sweep.accuracies[1] > sweep.accuracies[2] > everything
    assert sweep.accuracies[2] - everything < 0.03


@pytest.mark.slow
def test_narrow_networks_beat_the_two_good_paths() -> None:
    """The gain is half a percent, near the noise of one seed, and clear over three of them."""
    pairs = [experiment(seed).paired["paths (1,1) and (2,1)"] for seed in range(3)]
    assert all(gain > 0 for gain, _ in pairs)
    assert sum(gain for gain, _ in pairs) > 2.5 * sum(error**2 for _, error in pairs) ** 0.5


def test_the_good_and_the_denoising_path_interact_with_negative_sign(sweep: Sweep) -> None:
    small, large = sweep.solutions[0], sweep.solutions[-1]
    assert small.U[0, 2] < -1
    assert -0.2 < large.U[0, 2] < 0
    assert small.U[0, 0] > small.U[2, 2] > 1 > max(small.U[1, 1], small.U[3, 3])
    for solution in sweep.solutions:
        assert solution.residual < 1e-6
        assert solution.balance < 1e-5
        assert solution.is_minimum


def test_pruning_follows_the_scores(sweep: Sweep) -> None:
    """Without either essential head chance is left; without the random ones little is lost."""
    order = [(p.layer, p.head) for p in sweep.pruning]
    assert set(order[:2]) == {(1, 1), (2, 1)}
    assert order[2:] == [(1, 2), (2, 2)]
    by_head = {(p.layer, p.head): p.accuracy for p in sweep.pruning}
    essential = max(by_head[1, 1], by_head[2, 1])
    assert essential < 0.65 < by_head[1, 2] < by_head[2, 2]
    assert by_head[2, 2] > sweep.accuracies[0] - 0.03
    narrow, wide = max(sweep.overlaps["width 10"]), max(sweep.overlaps["infinite width"])
    assert narrow > wide + 0.1


def test_data_follow_the_description() -> None:
    task = HMMTask(tokens=12, features=20, noise=0.5, noise_perp=3.0)
    X, Y = task.sample(4000, seed=1)
    assert X.shape == (4000, 33, 13)
    np.testing.assert_array_equal(Y, np.repeat([1, -1], 2000))
    np.testing.assert_array_equal(X[:, 20:], np.broadcast_to(np.eye(13), (4000, 13, 13)))
    np.testing.assert_array_equal(X[:, :20, 0], 0)
    words = X[:, :20, 1:]
    difference = words[:, :10].sum(axis=1) - words[:, 10:].sum(axis=1)
    state = difference > 0  # far apart compared with the noise
    stays = (state[:, 1:] == state[:, :-1]).mean(axis=1)
    assert stays[Y > 0].mean() == pytest.approx(0.7, abs=0.01)
    assert stays[Y < 0].mean() == pytest.approx(0.3, abs=0.01)
    assert state[:, 0].mean() == pytest.approx(0.5, abs=0.03)
    v = words[:, 0] - words[:, 1]  # outside of the plane
    assert v.std() == pytest.approx(3 * np.sqrt(2), rel=0.02)
    inside = words.sum(axis=1) / np.sqrt(20)
    assert inside.std() == pytest.approx(0.5, rel=0.02)
    np.testing.assert_array_equal(task.sample(6, seed=3).X, task.sample(6, seed=3).X)
    assert np.abs(task.sample(6, seed=3).X - task.sample(6, seed=4).X).max() > 1


def test_the_heads_do_what_they_are_for() -> None:
    task = HMMTask(tokens=10, features=40, noise=0.0, noise_perp=0.0)
    X, _ = task.sample(6, seed=2)
    (same, _), (uniform, _) = task.network(5).head_list(X.shape[1])
    state = X[:, 0, 1:] > 0
    omega = same.matrices(X)
    for mu in range(6):
        for t in range(1, 10):
            place = t if state[mu, t] == state[mu, t - 1] else 0
            assert omega[mu, :, t + 1].argmax() == place
    np.testing.assert_allclose(uniform.matrices(X), 1 / 11, atol=1e-12)


def test_two_paths() -> None:
    found = hmm_experiment(
        HMMTask(two_paths=True, noise_perp=5.0), widths=(10, 1000), tests=400, starts=1
    )
    assert found.solutions[0].U.shape == (2, 2)
    assert found.solutions[0].U[0, 1] < -0.5
    assert found.accuracies[0] > found.accuracies[1] > found.baselines["path (1,1)"]
    assert {(p.layer, p.head) for p in found.pruning} == {(1, 1), (1, 2)}
    assert "infinite width" in found.text()
    assert found.to_data()["accuracies"] == list(found.accuracies)


def test_head_scores_by_hand() -> None:
    shape = PathShape((2, 2), (9, 9, 9))
    U = np.array([[4, 1, -2, 0], [1, 3, 0, 0], [-2, 0, 2, 0], [0, 0, 0, 1.0]])
    total = np.abs(U).sum()
    # without a head there remain the pairs of the two other paths
    raw = [[total - (2 + 1), total - (4 + 1 + 1 + 3)], [total - (3 + 1), total - (4 + 2 + 2 + 2)]]
    top = max(max(r) for r in raw)
    np.testing.assert_allclose(head_scores(U, shape), np.array(raw) / top)
    assert head_scores(np.zeros((4, 4)), shape) == ((0.0, 0.0), (0.0, 0.0))


def test_a_head_of_zeros_scores_nothing_and_pruning_makes_one() -> None:
    shape = PathShape((2, 3), (9, 9, 9))
    U = np.random.default_rng(0).normal(size=(6, 6))
    U = U @ U.T
    cut = prune(U, shape, 1, 2)
    assert head_scores(cut, shape)[1][2] == 0
    assert min(head_scores(cut, shape)[1][:2]) > 0
    rows = [0, 1, 3, 4]
    np.testing.assert_array_equal(cut[np.ix_(rows, rows)], U[np.ix_(rows, rows)])
    scores = head_scores(U, shape)
    order = [1, 2, 0]
    moved = head_scores(permute_heads(U, shape, 1, order), shape)
    np.testing.assert_allclose(moved[1], [scores[1][k] for k in order])
    np.testing.assert_allclose(moved[0], scores[0])
    with pytest.raises(ShapeError, match="head is 3"):
        prune(U, shape, 1, 3)
    with pytest.raises(ShapeError, match="not an order"):
        permute_heads(U, shape, 1, [0, 0, 1])


def test_overlap_by_hand() -> None:
    values, overlaps = kernel_overlap([[3, 0], [0, 5]], [1, -1])
    np.testing.assert_allclose(values, [5, 3])
    np.testing.assert_allclose(overlaps, [1 / np.sqrt(2)] * 2)
    assert (kernel_overlap(np.eye(7), [1, -1, 1, 1, 1, -1, -1]).overlaps ** 2).sum() == (
        pytest.approx(1)
    )
    with pytest.raises(ShapeError, match="3 labels"):
        kernel_overlap(np.eye(2), [1, 1, 1])


@pytest.mark.parametrize(
    "options", [{"features": 5}, {"tokens": 1}, {"stay": (1.2, 0.3)}, {"noise": -1.0}]
)
def test_bad_tasks(options: dict) -> None:
    with pytest.raises(InputError):
        HMMTask(**options)
    with pytest.raises(InputError, match="an even number"):
        HMMTask().sample(5)
