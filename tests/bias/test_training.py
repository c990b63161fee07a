"""Training: the log domain, the lemma, predicted and measured constants, limits, joint runs."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import pytest

from algattn import load
from algattn.bias import (
    AttentionSVM,
    TokenData,
    TrainingResult,
    diagnose,
    instances,
    regress,
    train,
)
from algattn.bias.arrays import TokenArrays
from algattn.bias.logdomain import Loss, State
from algattn.bias.rates import fit_slope
from algattn.errors import InputError
from algattn.results import Status, seal

SEEDS = (1, 3, 10)  # all constraints are support vectors, with equal scores and without


@lru_cache(maxsize=64)
def run(seed: int, equal: bool = True, **options) -> TrainingResult:
    return train(instances.random_data(3, 3, 16, seed=seed, equal=equal), **options)


def numbers(result: TrainingResult) -> dict:
    return {c.name: c for c in result.comparisons}


# -- the log domain ------------------------------------------------------------------------------


def by_hand(arrays: TokenArrays, W, loss: str):
    """Gap, leak and minus gradient with 400 digits, from the definitions."""
    mp = mpmath.mp.clone() if hasattr(mpmath.mp, "clone") else mpmath.mp
    mp.dps = 400
    value = {
        "exponential": (lambda m: mp.exp(-m), lambda m: mp.exp(-m)),
        "logistic": (lambda m: mp.log(1 + mp.exp(-m)), lambda m: 1 / (1 + mp.exp(m))),
    }[loss]
    n, d = arrays.n, arrays.d
    gap, leak = mp.mpf(0), mp.mpf(0)
    grad = [[mp.mpf(0)] * d for _ in range(d)]
    exact = lambda rows: [[mp.mpf(float(x)) for x in row] for row in rows]  # noqa: E731
    Wm = exact(W)
    for i in range(n):
        T = int(arrays.mask[i].sum())
        X, z = exact(arrays.X[i, :T]), [mp.mpf(float(x)) for x in arrays.Z[i]]
        Wz = [mp.fdot(row, z) for row in Wm]
        gamma = [arrays.y[i] * mp.fdot(x, [mp.mpf(float(c)) for c in arrays.u]) for x in X]
        powers = [mp.exp(mp.fdot(x, Wz)) for x in X]
        phi = [p / mp.fsum(powers) for p in powers]
        m = mp.fdot(phi, gamma)
        gap += (value[0](m) - value[0](max(gamma))) / n
        leak = max(leak, mp.fsum(p for t, p in enumerate(phi) if t != arrays.best[i]))
        for t in range(T):
            c = value[1](m) * phi[t] * (gamma[t] - m) / n
            for a in range(d):
                for b in range(d):
                    grad[a][b] += c * X[t][a] * z[b]
    top = max(abs(x) for row in grad for x in row)
    scaled = np.array([[float(x / top) for x in row] for row in grad])
    return float(mp.log(gap)), float(mp.log(leak)), float(mp.log(top)), scaled


@pytest.mark.parametrize("loss", ["exponential", "logistic"])
@pytest.mark.parametrize("size", [0.0, 1.0, 30.0, 600.0])
def test_log_domain_against_400_digits(loss: str, size: float) -> None:
    data = instances.random_data(2, 3, 4, seed=0, equal=False, denominator=8)
    arrays = TokenArrays.of(data)
    rng = np.random.default_rng(0)
    aim = AttentionSVM(data).solve().array()
    for W in (size * aim, size * rng.standard_normal((4, 4)) / 20):
        state = State.of(arrays, W, Loss(loss), arrays.scores())
        gap, leak, top, scaled = by_hand(arrays, W, loss)
        g, M = state.ascent()
        assert state.log_gap == pytest.approx(gap, rel=1e-9, abs=1e-9)
        assert state.log_leak == pytest.approx(leak, rel=1e-9, abs=1e-9)
        assert M + np.log(np.abs(g).max()) == pytest.approx(top, rel=1e-9, abs=1e-9)
        assert np.allclose(g / np.abs(g).max(), scaled, atol=1e-9)
    if size == 600:  # plain floats see nothing there
        assert leak < -500 or np.exp(leak) < 1


def test_far_beyond_underflow() -> None:
    """exp(-|W|/|W_mm|) is 10^-2000 here, and the direction still improves like 1/t."""
    result = run(1, steps=3000, rate=2.0)
    c = result.curves
    assert c["log_leak"][-1] < -4000
    assert c["log_gap"][-1] < -4000
    assert c["direction_error"][-1] < c["direction_error"][c["t"] > 1000][0] / 2


@pytest.mark.parametrize("loss", ["exponential", "logistic"])
def test_gradients_are_those_of_the_loss(loss: str) -> None:
    """Finite differences of the loss, in W and in the decoder, with padding."""
    from algattn.bias.data import TokenData

    data = TokenData.of([[[1, 2], [0, 1], [2, -1]], [[1, 1], [3, 0]]], [1, -1], ["1/2", 1])
    arrays = TokenArrays.of(data)
    rng = np.random.default_rng(1)
    W, u = rng.standard_normal((2, 2)) / 3, rng.standard_normal(2)

    def value(W, u) -> float:
        return float(np.exp(State.of(arrays, W, Loss(loss), arrays.scores(u)).log_loss))

    state = State.of(arrays, W, Loss(loss), arrays.scores(u))
    g, M = state.ascent()
    h, N = state.decoder_ascent()
    for _ in range(3):
        dW, du = rng.standard_normal((2, 2)), rng.standard_normal(2)
        e = 1e-5
        slope = (value(W + e * dW, u) - value(W - e * dW, u)) / (2 * e)
        assert -np.exp(M) * (g * dW).sum() == pytest.approx(slope, rel=1e-6)
        slope = (value(W, u + e * du) - value(W, u - e * du)) / (2 * e)
        assert -np.exp(N) * (h * du).sum() == pytest.approx(slope, rel=1e-6)


# -- lemma: no bad point -------------------------------------------------------------------------


@pytest.mark.parametrize("loss", ["exponential", "logistic"])
def test_lemma_no_bad_point(loss: str) -> None:
    """<-grad, V> >= (1/n) sum w delta phi_o (1 - phi_o) for V with margins at least one."""
    checked = 0
    for seed in range(5):
        data = instances.random_data(4, 4, 8, seed=seed)
        assert diagnose(data, examine=0).applies("no_bad_stationary_point")
        arrays = TokenArrays.of(data)
        V = AttentionSVM(data).solve().array()
        gamma = arrays.scores()
        rows = np.arange(arrays.n)
        delta = gamma[rows, arrays.best] - np.where(arrays.others, gamma, -np.inf).max(1)
        rng = np.random.default_rng(seed)
        for _ in range(40):
            W = rng.standard_normal((8, 8)) * rng.choice([0.1, 1, 3])
            state = State.of(arrays, W, Loss(loss), gamma)
            g, M = state.ascent()
            phi = state.attention[rows, arrays.best]
            weight = np.exp(Loss(loss).log_weight(state.margin))
            bound = (weight * delta * phi * (1 - phi)).mean()
            assert np.exp(M) * (g * V).sum() >= bound * (1 - 1e-9) > 0
            checked += 1
    assert checked == 200


# -- rates and constants -------------------------------------------------------------------------


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("seed", SEEDS)
def test_normalised_constants(seed: int, equal: bool) -> None:
    result = run(seed, equal, steps=5000, rate=0.5)
    assert result.prediction.complete
    found = numbers(result)
    assert -1.1 < result.rate().slope < -0.9
    assert found["rate t times direction error"].relative < 1e-3
    assert found["growth of |W| with t"].relative < 1e-3
    assert found["growth of -ln(1 - phi) with |W|"].relative < 0.02
    assert result.status is Status.NUMERIC


@pytest.mark.parametrize("seed", SEEDS)
def test_polyak_constants(seed: int) -> None:
    for factor in (2.0, 3.0) if seed == SEEDS[0] else (2.0,):
        result = run(seed, method="polyak", steps=1500, polyak_factor=factor)
        found = numbers(result)
        assert found["growth of |W| with t"].predicted == pytest.approx(
            result.prediction.norm / factor
        )
        assert found["growth of |W| with t"].relative < 0.01
        assert found["t times direction error"].relative < 0.01
        assert found["growth of -ln(1 - phi) with |W|"].relative < 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_gradient_descent_is_slow(seed: int) -> None:
    result = run(seed, method="gd", steps=5000, rate=1.0)
    found = numbers(result)
    assert -0.35 < result.rate().slope < 0
    assert found["growth of |W| with ln t"].relative < 0.05
    assert result.value > 20 * run(seed, True, steps=5000, rate=0.5).value


@pytest.mark.parametrize("method", ["ngd", "polyak"])
def test_logistic_loss_has_its_own_rho(method: str) -> None:
    result = run(3, method=method, loss="logistic", steps=2500, rate=0.5)
    other = run(3, method=method, steps=2500, rate=0.5)
    assert result.prediction.rho != pytest.approx(other.prediction.rho, rel=0.01)
    name = next(n for n in numbers(result) if "times direction error" in n)
    assert numbers(result)[name].relative < 0.01


def test_far_start_leaves_its_orthogonal_part() -> None:
    """Starts of norm 20: the limit direction is the same, the constant is larger."""
    rng = np.random.default_rng(0)
    W0 = rng.standard_normal((16, 16))
    W0 *= 20 / np.linalg.norm(W0)
    data = instances.random_data(3, 3, 16, seed=3)
    result = train(data, steps=5000, rate=0.5, start=W0)
    assert result.prediction.rho > 19
    assert result.curves["norm"][-1] * result.value == pytest.approx(
        result.prediction.rho, rel=0.01
    )


def test_partial_support_is_a_lower_bound() -> None:
    seeds = [s for s in range(6) if not run(s, steps=1500, rate=1.0).prediction.complete]
    assert seeds
    for seed in seeds:
        result = run(seed, steps=1500, rate=1.0)
        assert "rate t times direction error" not in numbers(result)
        limit = result.curves["t"][-1] * result.value
        assert limit >= result.prediction.rho * (1 - 1e-2)


def test_regression_shares_the_asymptotics() -> None:
    data = instances.random_data(3, 3, 16, seed=3)
    attention = run(3, True, steps=5000, rate=0.5)
    for loss in ("exponential", "logistic"):
        linear = regress(data, steps=5000, rate=0.5, loss=loss)
        assert linear.prediction.rho == pytest.approx(attention.prediction.rho)
        assert linear.curves["direction_error"][-1] == pytest.approx(attention.value, rel=0.01)
        assert -1.1 < linear.rate().slope < -0.9
        aim = AttentionSVM(data).solve().array()
        W = linear.W / np.linalg.norm(linear.W)
        assert np.linalg.norm(W - aim / np.linalg.norm(aim)) < 1e-3
    slow = regress(data, steps=3000, rate=1.0, method="gd")
    assert slow.rate().slope > -0.35
    quick = regress(data, steps=1000, method="polyak")
    assert {c.name: c for c in quick.comparisons}["growth of |W| with t"].relative < 0.01


# -- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("escapes", "stays"), [(False, True), (True, False)])
def test_counterexample_both_ways(escapes: bool, stays: bool) -> None:
    data = instances.counterexample(escapes=escapes)
    aim = AttentionSVM(data, selection=[1]).solve().array()
    start = 10 * aim / np.linalg.norm(aim)
    from_zero = train(data, steps=2500)
    assert from_zero.value < 2e-3
    far = train(data, steps=2500, start=start)
    local = train(data, steps=2500, start=start, selection=[1])
    if stays:
        assert far.value == pytest.approx(1.6134, abs=1e-3)
        assert local.value < 1e-6
    else:
        assert far.value < 2e-3
        assert local.value > 1


def test_joint_training() -> None:
    for seed in range(3):
        result = train(
            instances.gaussian_task(6, 3, 40, seed=seed),
            joint=True,
            steps=5000,
            rate=0.05,
            decoder_rate=0.3,
        )
        c = result.curves
        last = c["t"] > 300
        fit = fit_slope(np.log(c["t"][last]), np.log(-c["log_loss"][last]))
        assert 0.31 < fit.slope < 0.37
        assert c["direction_error"][-1] < 0.02
        assert c["direction_error"][-1] < c["direction_error"][c["t"] > 90][0] / 5
        # The decoder is slow: a factor of ten in time gains less than a factor of two.
        early = c["decoder_error"][np.abs(c["t"] - 1000).argmin()]
        assert 0.5 < c["decoder_error"][-1] / early < 1
        # -ln L = 3 b q t^(1/3), where q is the margin of the decoder's own problem.
        tokens = TokenArrays.of(instances.gaussian_task(6, 3, 40, seed=seed))
        points = tokens.y[:, None] * tokens.X[np.arange(6), tokens.best]
        q = (points @ (result.decoder / np.linalg.norm(result.decoder))).min()
        ratio = -c["log_loss"][-1] / c["t"][-1] ** (1 / 3) / (3 * 0.3 * q)
        assert ratio == pytest.approx(1, abs=0.05)


def test_joint_plain_gradient_runs() -> None:
    result = train(
        instances.gaussian_task(3, 2, 6, seed=1), joint=True, method="gd", steps=200, rate=0.5
    )
    losses = result.curves["log_loss"]
    assert losses[-1] < losses[0]
    assert np.isnan(result.curves["log_gap"]).all()


def test_single_sequences_of_two_tokens_go_where_their_features_point() -> None:
    """Every step has the direction of the only feature, so whole epochs give an exact sum."""
    data = instances.random_data(4, 2, 5, seed=2)
    run = train(data, method="ngd", rate=0.5, batch=1, steps=400)
    arrays = TokenArrays.of(data)
    left, right = arrays.factors
    features = left[:, :, None] * right[:, None, :]
    aim = (features / np.linalg.norm(features, axis=(1, 2))[:, None, None]).sum(0)
    np.testing.assert_allclose(run.W, 0.5 * 100 * aim, rtol=1e-9)
    growth, error = run.comparisons
    assert growth.relative < 1e-9
    assert error.relative < 1e-9
    assert error.predicted > 0.05  # not the hard margin of all together
    assert run.verify()


def test_single_sequences_with_orthogonal_queries_run_by_themselves() -> None:
    """Two and five tokens: the hard margins weigh the sequences 1/2 to 4/5, single steps alike."""
    basis = np.eye(7, dtype=int).tolist()
    data = TokenData.of(
        [basis[:2], basis[:5]], [1, 1], [5, 2, 1, 1, 0, 0, 0], query=[basis[5], basis[6]]
    )
    run = train(data, method="ngd", rate=0.5, batch=1, steps=20_000)
    growth, error = run.comparisons
    assert growth.predicted == pytest.approx(0.5 * 2**-0.5)
    halves = np.array([0.5, 0.8]) ** 0.5 / np.linalg.norm(np.array([0.5, 0.8]) ** 0.5)
    assert error.predicted == pytest.approx(float(np.linalg.norm(halves - 2**-0.5)))
    assert growth.relative < 1e-3
    assert error.relative < 1e-2
    # In other settings nothing is predicted.
    assert train(instances.two_sequences(), batch=1, steps=20).comparisons == []


def test_batches() -> None:
    data = instances.random_data(6, 3, 16, seed=2)
    whole = train(data, steps=2000)
    pairs = train(data, steps=2000, batch=2)
    single = train(data, steps=2000, batch=1)
    assert pairs.value < 0.06
    assert single.value > 0.2  # normalising each sequence by itself has another limit
    assert whole.value < pairs.value
    assert pairs.comparisons == []
    again = train(data, steps=2000, batch=2)
    assert again.value == pairs.value
    assert train(data, steps=2000, batch=2, seed=5).value != pairs.value
    for method in ("gd", "polyak"):
        some = train(data, method=method, steps=500, batch=3, rate=0.5)
        assert some.curves["log_gap"][-1] < some.curves["log_gap"][0]


def test_keys_and_queries_prefer_the_nuclear_norm() -> None:
    pytest.importorskip("clarabel")
    from algattn.bias import nuclear_margin

    data = instances.random_data(3, 3, 6, seed=1)
    best = nuclear_margin(data)
    assert best.gap < 1e-8
    whole = train(data, steps=4000, rate=0.1)
    factored = train(data, steps=4000, rate=0.05, rank=3, start_scale=0.05)

    def share(result) -> float:
        c = result.curves
        return c["margin"][-1] / c["nuclear_norm"][-1] * best.nuclear_norm

    assert share(factored) > 0.99
    assert share(whole) < 0.95
    assert share(whole) < 1
    # The other way round in the Frobenius norm.
    assert factored.value > 0.3
    assert whole.value < 0.01


# -- the result ----------------------------------------------------------------------------------


def test_a_stored_run_can_be_repeated_and_not_bent() -> None:
    result = run(1, steps=300)
    text = result.to_json()
    assert load(text).verify()

    def bent(change) -> bool:
        data = json.loads(text)
        change(data)
        data["digest"] = seal(data)["digest"]
        return load(json.dumps(data)).verify()

    def last(data) -> None:
        for place in (data["detail"], data["claims"][0]["value"]):
            place["curves"]["norm"][-1] *= 1.001

    def value(data) -> None:
        data["value"] *= 2

    def prediction(data) -> None:
        for place in (data["detail"], data["claims"][0]["value"]):
            place["prediction"]["rho"] *= 2

    def tolerance(data) -> None:
        data["claims"][0]["evidence"][0]["tolerance"] = 1e-6

    def word(data) -> None:
        data["problem"]["target"] = "best"

    def curve(data) -> None:
        for place in (data["detail"], data["claims"][0]["value"]):
            place["curves"]["speed"] = place["curves"]["norm"]

    def options(data) -> None:
        data["problem"]["options"]["rate"] = 0.2

    assert bent(lambda data: None)
    for change in (last, value, prediction, options, curve):
        assert not bent(change), change.__name__
    for change in (tolerance, word):
        with pytest.raises(InputError):
            bent(change)


def test_targets_agree() -> None:
    data = instances.random_data(3, 3, 16, seed=1)
    exact = train(data, steps=200, target="exact")
    rounded = train(data, steps=200, target="float")
    assert exact.value == pytest.approx(rounded.value, rel=1e-9)
    assert train(data, steps=200, target="none").value is None


def test_intervals_cover_and_can_miss() -> None:
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 80)
    hits = 0
    for _ in range(100):
        fit = fit_slope(x, 2 * x + 0.1 * rng.standard_normal(80))
        hits += fit.low <= 2 <= fit.high
    assert 85 <= hits <= 100
    assert fit_slope([1, 2], [1, 2]) is None


def test_steps_over_a_hundred_sequences_need_little_work(work: Any) -> None:
    """Two hundred steps more need no loop in Python over the sequences."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((100, 3, 8)) / 3
    y, u = rng.choice([1, -1], 100), rng.standard_normal(8)
    calls = {}
    for steps in (100, 300):
        result, calls[steps] = work(lambda n=steps: train(X, y, u, steps=n, target="none"))
        assert result.record.taken == steps
    assert calls[300] - calls[100] < 200 * 50
