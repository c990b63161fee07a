"""Diagnostics of Markov chains: split R-hat, effective sample size, standard errors."""

from __future__ import annotations

import numpy as np

from algattn.paths.arrays import Floats


def _split(draws: Floats) -> Floats:
    """Chains (``chains x draws x ...``) cut in two halves each."""
    half = draws.shape[1] // 2
    return np.concatenate([draws[:, :half], draws[:, -half:]], axis=0)


def split_r_hat(draws: Floats) -> Floats:
    """Split R-hat of each quantity; draws are ``chains x draws x quantities``.

    Near 1 when halves of chains agree with each other.

    >>> draws = np.random.default_rng(0).normal(size=(4, 500, 1))
    >>> bool(abs(split_r_hat(draws)[0] - 1) < 0.01)
    True
    """
    parts = _split(draws)
    n = parts.shape[1]
    within = parts.var(axis=1, ddof=1).mean(axis=0)
    between = parts.mean(axis=1).var(axis=0, ddof=1)
    safe = np.where(within > 0, within, 1.0)
    ratio = (n - 1) / n + between / safe
    return np.sqrt(np.where(within > 0, ratio, 1.0))


def effective_size(draws: Floats) -> Floats:
    """Effective sample size of each quantity, by Geyer's initial monotone sequence over all chains.

    >>> draws = np.random.default_rng(0).normal(size=(4, 500, 1))
    >>> bool(1500 < effective_size(draws)[0] < 2600)
    True
    """
    parts = _split(draws)
    m, n, k = parts.shape
    centred = parts - parts.mean(axis=1, keepdims=True)
    size = 2 ** int(np.ceil(np.log2(2 * n)))
    spectrum = np.fft.rfft(centred, n=size, axis=1)
    covariance = np.fft.irfft(np.abs(spectrum) ** 2, n=size, axis=1)[:, :n] / n
    within = covariance[:, 0].mean(axis=0) * n / (n - 1)
    total = within * (n - 1) / n + parts.mean(axis=1).var(axis=0, ddof=1)
    out = np.empty(k)
    for q in range(k):
        if total[q] <= 0:
            out[q] = m * n
            continue
        rho = 1 - (within[q] - covariance[:, :, q].mean(axis=0) * n / (n - 1)) / total[q]
        pairs = rho[: n - n % 2].reshape(-1, 2).sum(axis=1)
        stop = int(np.argmax(pairs <= 0)) if np.any(pairs <= 0) else len(pairs)
        pairs = np.minimum.accumulate(pairs[: max(stop, 1)])
        time = max(-1.0 + 2.0 * float(pairs.sum()), 1.0 / np.log10(max(m * n, 10)))
        out[q] = m * n / time
    return out


def standard_error(draws: Floats) -> Floats:
    """The Monte Carlo standard error of the mean of each quantity."""
    return np.asarray(draws.std(axis=(0, 1), ddof=1) / np.sqrt(effective_size(draws)))
