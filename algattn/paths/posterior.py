"""The exact posterior at finite width, by sampling the few order parameters.

Integrating out all weights but the lengths and overlaps of the effective weights leaves a density
for ``(u_a, U_L, .., U_1)``: given ``U_{l+1}``, ``U_l`` is a Wishart matrix with ``N_l`` degrees of
freedom and mean ``s_l I (x) U_{l+1}``, and the data weigh it by ``det(G)^{-1/2} exp(-Y^T G^{-1} Y
/ 2)``.  This needs ``N_l >= dim U_l``.  Sampling is Hamiltonian Monte Carlo in the Bartlett
coordinates of :mod:`algattn.paths.chain`, all chains at once in numpy, with a dense metric learned
in the warm-up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from algattn.arguments import checked
from algattn.errors import HypothesisError, InputError
from algattn.paths.arrays import Floats
from algattn.paths.chain import Action, Chain, DataTerm
from algattn.paths.diagnostics import effective_size, split_r_hat, standard_error
from algattn.paths.inputs import PathInputs
from algattn.paths.kernels import TrainingKernels, cross_kernel, diagonal_kernel
from algattn.paths.predictor import Prediction, attended, check_temperature
from algattn.paths.shape import PathShape
from algattn.paths.threads import floating, one_thread
from algattn.progress import Monitor, tick
from algattn.results import Status

#: A step whose energy grows by more than this is counted as a divergence.
_DIVERGENCE = 50.0


@checked
@dataclass(frozen=True, eq=False)
class Posterior:
    """Samples of the order parameters, with diagnostics; status NUMERIC.

    Attributes
    ----------
    samples : array, chains x draws x paths x paths
        Samples of ``U_1``.
    scales : array, chains x draws
        Samples of ``u_a``.
    acceptance : float
    divergences : int
    bfmi : float
        Energy Bayesian fraction of missing information, the smallest over the chains; above 0.3 is
        safe.
    """

    shape: PathShape
    temperature: float
    samples: Floats = field(repr=False)
    scales: Floats = field(repr=False)
    acceptance: float
    divergences: int
    bfmi: float
    seed: int
    train: PathInputs = field(repr=False)
    Y: Floats = field(repr=False)
    attend: Callable[[Any], PathInputs] | None = field(default=None, repr=False, compare=False)

    @property
    def status(self) -> Status:
        return Status.NUMERIC

    def quantities(self) -> Floats:
        """u_a and the upper triangle of U, as chains x draws x numbers."""
        i, j = np.triu_indices(self.shape.count)
        return np.concatenate([self.scales[:, :, None], self.samples[:, :, i, j]], axis=2)

    @property
    def U(self) -> Floats:
        """The posterior mean of U."""
        return np.asarray(self.samples.mean(axis=(0, 1)))

    @property
    def u_a(self) -> float:
        """The posterior mean of u_a."""
        return float(self.scales.mean())

    @property
    def U_error(self) -> Floats:
        """Monte Carlo standard errors of the entries of U."""
        i, j = np.triu_indices(self.shape.count)
        errors = standard_error(self.quantities())[1:]
        out = np.empty((self.shape.count,) * 2)
        out[i, j] = out[j, i] = errors
        return out

    @property
    def r_hat(self) -> float:
        """The largest split R-hat."""
        return float(split_r_hat(self.quantities()).max())

    @property
    def effective(self) -> float:
        """The smallest effective sample size."""
        return float(effective_size(self.quantities()).min())

    @property
    def converged(self) -> bool:
        """R-hat below 1.02, at least 100 effective draws, BFMI above 0.3, few divergences."""
        draws = self.scales.size
        return (
            self.r_hat < 1.02
            and self.effective > 100
            and self.bfmi > 0.3
            and self.divergences <= draws // 100
        )

    def output_samples(self, inputs: Any, draws: int = 400) -> tuple[Floats, Floats]:
        """Means and variances of the output for thinned samples, each ``draws x P``.

        Raises
        ------
        InputError
            For bare inputs, when the posterior was not made by a PathNetwork.
        """
        inputs = attended(inputs, self.attend)
        flat = self.samples.reshape(-1, self.shape.count, self.shape.count)
        chosen = np.unique(np.linspace(0, len(flat) - 1, min(draws, len(flat))).astype(int))
        means = np.empty((len(chosen), inputs.size))
        variances = np.empty_like(means)
        for row, k in enumerate(chosen):
            tick()
            U = flat[k]
            G = cross_kernel(self.train, self.train, U)
            G[np.diag_indices_from(G)] += self.temperature
            cross = cross_kernel(inputs, self.train, U)
            with floating("predict from samples"):
                solved = np.linalg.solve(G, np.column_stack([self.Y, cross.T]))
            means[row] = cross @ solved[:, 0]
            variances[row] = diagonal_kernel(inputs, U) - (cross * solved[:, 1:].T).sum(axis=1)
        return means, np.maximum(variances, 0.0)

    def predict(self, inputs: Any, *, draws: int = 400) -> Prediction:
        """Posterior mean and variance of the output, averaged over thinned samples of U.

        Parameters
        ----------
        inputs : ``P x N0 x T`` numbers, or PathInputs
        draws : int
            How many of the samples to use.
        """
        means, variances = self.output_samples(inputs, draws)
        return Prediction(means.mean(axis=0), variances.mean(axis=0) + means.var(axis=0))

    def to_data(self) -> dict[str, Any]:
        """Means, errors and diagnostics as JSON data."""
        return {
            "kind": "exact posterior",
            "status": self.status.name,
            "shape": self.shape.to_data(),
            "temperature": self.temperature,
            "U": self.U.tolist(),
            "U_error": self.U_error.tolist(),
            "u_a": self.u_a,
            "r_hat": self.r_hat,
            "effective": self.effective,
            "acceptance": self.acceptance,
            "divergences": self.divergences,
            "bfmi": self.bfmi,
            "draws": int(self.scales.size),
            "seed": self.seed,
        }

    def __repr__(self) -> str:
        chains, draws = self.scales.shape
        return (
            f"<exact posterior: {chains} chains x {draws} draws, R-hat {self.r_hat:.3f}, "
            f"{self.effective:.0f} effective, seed {self.seed} [{self.status.name}]>"
        )


class _Sampler:
    """Hamiltonian Monte Carlo for a batch of chains with one dense metric."""

    def __init__(self, action: Action, precision: Floats, rng: np.random.Generator) -> None:
        self.action, self.rng = action, rng
        self.root: Floats = np.diag(1.0 / np.sqrt(precision))  # covariance = root root^T
        self.step = 0.3
        self.acceptance: list[float] = []
        self.divergences = 0
        self._restart()

    def _restart(self) -> None:
        self._mu, self._h, self._log_bar, self._count = np.log(5 * self.step), 0.0, 0.0, 0

    def energy(self, x: Floats) -> tuple[Floats, Floats]:
        value, gradient = self.action(x)
        return value / 2, gradient / 2

    def learn_metric(self, draws: Floats) -> None:
        """Take the covariance of earlier draws, shrunk towards its diagonal."""
        flat = draws.reshape(-1, draws.shape[-1])
        covariance = np.cov(flat, rowvar=False).reshape(flat.shape[1], -1)
        weight = len(flat) / (len(flat) + 5.0 * flat.shape[1])
        covariance = weight * covariance + (1 - weight) * np.diag(np.diag(covariance))
        covariance = covariance + 1e-10 * np.eye(len(covariance))
        self.root = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
        self._restart()

    def adapt(self, rate: float) -> None:
        """Dual averaging towards an acceptance of 0.8."""
        self._count += 1
        k = self._count
        self._h += (0.8 - rate - self._h) / (k + 10)
        log_step = self._mu - np.sqrt(k) / 0.05 * self._h
        weight = k**-0.75
        self._log_bar = weight * log_step + (1 - weight) * self._log_bar
        self.step = float(np.exp(log_step))

    def settle(self) -> None:
        """Use the averaged step size from now on."""
        self.step = float(np.exp(self._log_bar))

    def move(self, x: Floats, state: tuple[Floats, Floats]) -> tuple[Floats, Any, Floats, float]:
        """One transition of every chain; new points, their state, energies, acceptance rate."""
        value, gradient = state
        momentum = self.rng.normal(size=x.shape)
        start = value + (momentum**2).sum(axis=1) / 2
        step = self.step * self.rng.uniform(0.8, 1.2)
        count = int(self.rng.integers(1, max(2, round(2.4 / self.step)) + 1))
        y, p, g, v = x, momentum, gradient, value
        p = p - step / 2 * (g @ self.root)
        for k in range(count):
            tick()
            y = y + step * (p @ self.root.T)
            v, g = self.energy(y)
            p = p - (step if k + 1 < count else step / 2) * (g @ self.root)
        end = v + (p**2).sum(axis=1) / 2
        change = np.where(np.isfinite(end), end - start, np.inf)
        self.divergences += int((change > _DIVERGENCE).sum())
        rate = np.exp(np.minimum(0.0, -change))
        take = self.rng.random(len(x)) < rate
        x = np.where(take[:, None], y, x)
        state = (np.where(take, v, value), np.where(take[:, None], g, gradient))
        return x, state, start, float(rate.mean())


def check_degrees(shape: PathShape) -> None:
    """Raise unless every ``N_l`` is at least the size of ``U_l``."""
    for level, (n, d) in enumerate(zip(shape.widths, shape.dims, strict=True)):
        if n < d:
            raise HypothesisError(
                "sample the exact posterior",
                f"U_{level + 1} is {d} x {d} and has N_{level + 1} = {n} < {d} degrees of "
                "freedom, so it has no density",
                "widen that layer, use fewer heads, or use solve(), which needs no density",
            )


def sample(
    inputs: PathInputs,
    Y: Floats,
    temperature: float,
    *,
    chains: int = 16,
    draws: int = 400,
    warmup: int = 400,
    seed: int = 0,
    progress: bool = False,
    time_limit: float | None = None,
) -> Posterior:
    """Sample the exact posterior of the order parameters.

    Parameters
    ----------
    inputs : PathInputs
    Y : array of P floats
    temperature : float
        Positive.
    chains, draws, warmup : int
        Kept draws are ``chains x draws``.

    Returns
    -------
    Posterior
        NUMERIC; look at ``converged``.

    Raises
    ------
    HypothesisError
        When some ``N_l`` is smaller than the size of ``U_l``, or the temperature is zero.
    LimitError
        When the time is over.
    """
    shape = inputs.shape
    check_degrees(shape)
    T = check_temperature(temperature)
    if T == 0:
        raise HypothesisError(
            "sample the exact posterior",
            "at zero temperature it is a density only on the interpolating weights",
            "use a small positive temperature, or solve()",
        )
    if chains < 2 or draws < 8 or warmup < 40:
        raise InputError(
            "sample the exact posterior",
            f"chains={chains}, draws={draws}, warmup={warmup} are too few for diagnostics",
            "at least 2 chains, 8 draws and 40 steps of warm-up",
        )
    asked = "sample the exact posterior"
    with (
        floating(asked),
        one_thread(inputs.size),
        Monitor(asked, total=warmup + draws, progress=progress, time_limit=time_limit) as monitor,
    ):
        return _sample(inputs, Y, T, monitor, chains=chains, draws=draws, warmup=warmup, seed=seed)


def _sample(
    inputs: PathInputs,
    Y: Floats,
    T: float,
    monitor: Monitor,
    *,
    chains: int,
    draws: int,
    warmup: int,
    seed: int,
) -> Posterior:
    shape, rng = inputs.shape, np.random.default_rng(seed)
    chain = Chain(shape)
    action = Action(chain, DataTerm(TrainingKernels(inputs), Y, T), exact=True)
    precision = chain.prior_precision()
    sampler = _Sampler(action, precision, rng)
    x = rng.normal(size=(chains, chain.size)) / np.sqrt(precision)
    state = sampler.energy(x)
    kept = np.empty((draws, chains, chain.size))
    energies = np.empty((draws, chains))
    rates = []
    first, second = warmup // 3, 2 * warmup // 3
    history: list[Floats] = []
    for n in range(warmup + draws):
        if n in (first, second):
            sampler.learn_metric(np.stack(history[len(history) // 3 :]))
            history = []
        if n == warmup:
            sampler.settle()
            sampler.divergences = 0
        x, state, energy, rate = sampler.move(x, state)
        if n < warmup:
            sampler.adapt(rate)
            history.append(x)
        else:
            kept[n - warmup], energies[n - warmup] = x, energy
            rates.append(rate)
        monitor.step()
    samples = np.empty((chains, draws, shape.count, shape.count))
    scales = np.empty((chains, draws))
    for c in range(chains):
        levels = chain.levels(kept[:, c])
        samples[c], scales[c] = levels.U[0], levels.U[-1][:, 0, 0]
    moves = np.square(np.diff(energies, axis=0)).sum(axis=0)
    bfmi = moves / np.square(energies - energies.mean(axis=0)).sum(axis=0)
    return Posterior(
        shape=shape,
        temperature=T,
        samples=samples,
        scales=scales,
        acceptance=float(np.mean(rates)),
        divergences=sampler.divergences,
        bfmi=float(bfmi.min()),
        seed=seed,
        train=inputs,
        Y=Y,
    )
