"""The exact posterior against Monte Carlo over all weights, and the way to the saddle."""

from __future__ import annotations

import numpy as np
import pytest

from algattn.errors import HypothesisError, InputError
from algattn.paths import PathInputs, PathNetwork, PathShape
from algattn.paths.diagnostics import effective_size, split_r_hat, standard_error
from algattn.paths.posterior import sample
from algattn.paths.predictor import Predictor
from algattn.paths.saddle import solve
from algattn.paths.threads import one_thread

T = 0.1


def token_problem() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Inputs with 3 tokens, attention of two heads, path-attended inputs, labels."""
    rng = np.random.default_rng(11)
    P, N0 = 14, 5
    Y = np.sign(rng.normal(size=P))
    X = rng.normal(size=(P, N0, 3))
    X[:, :, 0] += np.outer(Y, rng.normal(size=N0))
    omega = rng.random((2, P, 3, 3))
    omega /= omega.sum(axis=2, keepdims=True)
    xi = np.stack([np.stack([X[p] @ omega[h, p, :, -1] for p in range(P)]) for h in range(2)])
    return X, omega, xi, Y


class AllWeights:
    """Hamiltonian Monte Carlo over V0, V^1, V^2 and a, by the forward pass through tokens."""

    def __init__(self, N: int, X: np.ndarray, omega: np.ndarray, Y: np.ndarray) -> None:
        self.N, self.Y = N, Y
        self.N0 = X.shape[1]
        # V0 x / sqrt(N0) Omega e: mixing of tokens and the first layer commute
        self.seen = np.einsum("pit,hpt->hpi", X, omega[:, :, :, -1]) / np.sqrt(self.N0)
        self.sizes = [N * self.N0, 2 * N * N, N]

    def split(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        c, (n0, n1, _), N = len(w), self.sizes, self.N
        return (
            w[:, :n0].reshape(c, N, self.N0),
            w[:, n0 : n0 + n1].reshape(c, 2, N, N),
            w[:, n0 + n1 :],
        )

    def energy(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen, Y = self.seen, self.Y
        V0, V, a = self.split(w)
        N, c = self.N, len(w)
        z0 = np.einsum("cni,hpi->chpn", V0, seen, optimize=True)
        z1 = (z0 @ np.swapaxes(V, 2, 3)).sum(axis=1) / np.sqrt(2 * N)
        f = (z1 @ a[:, :, None])[:, :, 0] / np.sqrt(N)
        off = (f - Y) / T
        value = (off**2).sum(axis=1) * T / 2 + (w**2).sum(axis=1) / 2
        ga = (off[:, None, :] @ z1)[:, 0] / np.sqrt(N)
        weighted = off[:, None, :, None] * z0
        gV = a[:, None, :, None] * weighted.sum(axis=2)[:, :, None, :] / (np.sqrt(2) * N)
        back = (a[:, None, None, :] @ V)[:, :, 0] / (np.sqrt(2) * N)
        data = np.einsum("cp,hpi->chi", off, seen, optimize=True)
        gV0 = np.einsum("chn,chi->cni", back, data)
        g = np.concatenate([gV0.reshape(c, -1), gV.reshape(c, -1), ga], axis=1)
        return value, g + w

    def run(self, chains: int, warmup: int, draws: int, seed: int) -> np.ndarray:
        """Samples of (V0, V, a), chains x draws x weights; every second step is kept."""
        rng = np.random.default_rng(seed)
        w = 0.5 * rng.normal(size=(chains, sum(self.sizes)))
        step, kept = 0.01, []
        value, g = self.energy(w)
        for n in range(warmup + 2 * draws):  # trajectories that diverge are rejected
            p = rng.normal(size=w.shape)
            start = value + (p**2).sum(axis=1) / 2
            e = step * rng.uniform(0.8, 1.2)
            y, h = w, g
            p = p - e / 2 * h
            count = rng.integers(8, 20)
            for k in range(count):
                y = y + e * p
                v, h = self.energy(y)
                p = p - (e if k + 1 < count else e / 2) * h
            change = start - v - (p**2).sum(axis=1) / 2
            rate = np.exp(np.minimum(0, np.where(np.isfinite(change), change, -np.inf)))
            take = rng.random(chains) < rate
            w = np.where(take[:, None], y, w)
            g, value = np.where(take[:, None], h, g), np.where(take, v, value)
            if n < warmup:
                step *= np.exp(0.3 * (rate.mean() - 0.85))
            elif n % 2:
                kept.append(w)
        return np.stack(kept, axis=1)

    def overlaps(self, w: np.ndarray) -> np.ndarray:
        """U_11, U_12, U_22 from weights, chains x draws x 3."""
        c, d, k = w.shape
        _, V, a = self.split(w.reshape(-1, k))
        e = np.einsum("chmn,cm->chn", V, a) / np.sqrt(self.N)
        U = e @ np.swapaxes(e, 1, 2) / self.N
        return np.stack([U[:, 0, 0], U[:, 0, 1], U[:, 1, 1]], axis=1).reshape(c, d, 3)


@pytest.mark.parametrize("N", [4, 8])
@pytest.mark.slow
def test_exact_posterior_against_all_weights(N: int) -> None:
    X, omega, xi, Y = token_problem()
    data = PathInputs(PathShape((2,), (N, N)), xi)
    exact = sample(data, Y, T, chains=24, draws=500, warmup=300, seed=1)
    assert exact.converged
    model = AllWeights(N, X, omega, Y)
    with np.errstate(all="ignore"), one_thread():
        weights = model.run(40, 200, 200, seed=2)
    brute = model.overlaps(weights)
    assert split_r_hat(brute).max() < 1.05
    error = np.hypot(standard_error(brute), exact.U_error[[0, 0, 1], [0, 1, 1]])
    difference = brute.mean(axis=(0, 1)) - exact.U[[0, 0, 1], [0, 1, 1]]
    assert np.all(np.abs(difference) < 3 * error)
    # and the test sees what it should: the saddle and the prior are far outside of the error
    saddle = solve(data, Y, T).U[[0, 0, 1], [0, 1, 1]]
    assert np.abs(brute.mean(axis=(0, 1)) - saddle).max() > 5 * error.max()
    # the predictor at a new input, whose path-attended inputs are those of the mean input
    new = PathInputs(data.shape, xi.mean(axis=1, keepdims=True) + xi[:, :1])
    means, _ = exact.output_samples(new, draws=400)
    seen = new.xi / np.sqrt(5)
    flat = weights[:, ::2].reshape(-1, weights.shape[2])
    V0, V, a = model.split(flat)
    z = np.einsum("cni,hpi->chpn", V0, seen)
    f = np.einsum("chpn,chmn,cm->cp", z, V, a, optimize=True) / (np.sqrt(2) * N)
    f = f.reshape(40, -1, 1)
    spread = np.hypot(standard_error(f)[0], means.std() / np.sqrt(200))
    assert abs(f.mean() - means.mean()) < 3 * spread
    # the law of total variance, whose own error is that of 400 draws
    square = (f - f.mean()) ** 2
    variance = exact.predict(new).variance[0]
    spread = np.hypot(standard_error(square)[0], 0.05 * variance)
    assert abs(square.mean() - variance) < 3 * spread
    assert spread < 0.2 * variance


def test_the_prior_chain_has_wishart_moments() -> None:
    """Coordinates drawn from the prior give the moments of products of random matrices."""
    shape = PathShape((2, 2), (5, 7, 11), (1.0, 0.8, 1.5, 0.6))
    data = PathInputs(shape, np.full((4, 1, 1), 1e-6))  # no information
    drawn = sample(data, np.zeros(1), 1.0, chains=32, draws=1500, warmup=300, seed=0)
    rng = np.random.default_rng(1)
    n = 40_000
    a = rng.normal(size=(n, 11)) * np.sqrt(0.6)
    V2 = rng.normal(size=(n, 2, 11, 7)) * np.sqrt(1.5)
    w2 = np.einsum("nhij,ni->nhj", V2, a) / np.sqrt(11)
    w1 = np.empty((n, 4, 5))
    for h in range(2):
        V1 = rng.normal(size=(n, 7, 5)) * np.sqrt(0.8)
        w1[:, 2 * h : 2 * h + 2] = np.einsum("nij,nki->nkj", V1, w2) / np.sqrt(7)
    U = w1 @ np.swapaxes(w1, 1, 2) / 5
    flat = drawn.samples.reshape(-1, 4, 4)
    for got, want in (
        (drawn.samples[:, :, 0, 0], U[:, 0, 0]),
        (drawn.samples[:, :, 0, 0] ** 2, U[:, 0, 0] ** 2),
        (drawn.samples[:, :, 0, 1] ** 2, U[:, 0, 1] ** 2),
        (drawn.samples[:, :, 0, 2] ** 2, U[:, 0, 2] ** 2),
        (drawn.samples[:, :, 0, 0] * drawn.samples[:, :, 1, 1], U[:, 0, 0] * U[:, 1, 1]),
    ):
        error = np.hypot(standard_error(got[:, :, None])[0], want.std() / np.sqrt(n))
        assert abs(got.mean() - want.mean()) < 4 * error
        assert error < 0.1 * want.mean()
    assert flat.shape[0] == drawn.scales.size


@pytest.mark.slow
def test_the_saddle_approaches_the_posterior_at_fixed_load() -> None:
    """P = N0 = 2N: the saddle's predictor converges, and beats that of infinite width."""
    distance, limit = [], []
    for N in (8, 16, 24):
        errors = []
        for seed in range(2):
            rng = np.random.default_rng(seed)
            P = N0 = 2 * N
            Y = np.repeat([1.0, -1.0], P // 2)
            noise = 2 * rng.normal(size=(P, N0))
            signal = np.outer(Y, rng.normal(size=N0))
            xi = np.stack([signal + noise, noise + 0.3 * rng.normal(size=(P, N0))])
            data = PathInputs(PathShape((2,), (N, N)), xi)
            exact = sample(data, Y, T, chains=12, draws=200, warmup=150, seed=seed)
            found = solve(data, Y, T, starts=1)
            mean = exact.predict(data, draws=150).mean
            far = Predictor(data, Y, np.eye(2), T)(data).mean
            size = np.linalg.norm(mean)
            errors.append(
                [
                    np.linalg.norm(found.predict(data).mean - mean) / size,
                    np.linalg.norm(far - mean) / size,
                    np.linalg.norm(found.U - exact.U) / np.linalg.norm(exact.U),
                ]
            )
        saddle, infinite, order = np.mean(errors, axis=0)
        distance.append(order)
        limit.append(saddle / infinite)
    assert distance[0] > distance[1] > distance[2]
    assert max(limit) < 0.3


def test_too_few_degrees_of_freedom_raise_only_here() -> None:
    rng = np.random.default_rng(0)
    data = PathInputs(PathShape((2, 2), (3, 9, 9)), rng.normal(size=(4, 6, 3)))
    Y = np.ones(6)
    with pytest.raises(HypothesisError, match=r"N_1 = 3 < 4 degrees"):
        sample(data, Y, T)
    assert solve(data, Y, T).residual < 1e-6
    enough = PathInputs(PathShape((2, 2), (4, 9, 9)), data.xi)
    with pytest.raises(HypothesisError, match="zero temperature"):
        sample(enough, Y, 0.0)
    with pytest.raises(InputError, match="too few for diagnostics"):
        sample(enough, Y, T, chains=1)
    again = [sample(enough, Y, T, chains=4, draws=20, warmup=60, seed=5).U for _ in range(2)]
    np.testing.assert_array_equal(*again)


def test_the_posterior_predicts_bare_inputs() -> None:
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(6, 3, 4)), np.array([1, -1, 1, 1, -1, -1])
    net = PathNetwork((2,), (5, 5), temperature=0.1)
    drawn = net.posterior(X, Y, draws=20, warmup=60)
    mean = drawn.predict(X[:2]).mean
    np.testing.assert_array_equal(mean, drawn.predict(net.attended(X[:2])).mean)
    with pytest.raises(InputError, match="attention is not known"):
        sample(net.attended(X), Y, 0.1, draws=20, warmup=60).predict(X)


def test_diagnostics_know_good_chains_from_bad() -> None:
    rng = np.random.default_rng(0)
    good = rng.normal(size=(6, 800, 1))
    assert split_r_hat(good)[0] < 1.01
    assert effective_size(good)[0] == pytest.approx(4800, rel=0.2)
    stuck = good + np.arange(6)[:, None, None]
    assert split_r_hat(stuck)[0] > 1.5
    walk = np.empty((6, 4000, 1))
    walk[:, 0] = rng.normal(size=(6, 1))
    for k in range(1, 4000):
        walk[:, k] = 0.9 * walk[:, k - 1] + np.sqrt(0.19) * rng.normal(size=(6, 1))
    assert effective_size(walk)[0] == pytest.approx(24000 / 19, rel=0.25)
