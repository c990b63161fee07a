"""Loss, gradient and attention of one layer in the log domain, right far beyond underflow.

Along training ``1 - phi_o`` falls like ``exp(-|W|/|W_mm|)``: after some hundred steps of size one
it is below 1e-16, later below 1e-308.  Here every small factor is kept as its logarithm, the
gradient carries one common exponent, and differences of tokens are taken from the token that is
selected now, so that nothing cancels.

With ``v_t = m - gamma_t`` and ``m = sum phi_t gamma_t`` one has ``sum phi_t v_t = 0``, so

    -grad = (1/n) sum_i w(m_i) sum_{t != s} phi_t v_t (x_s - x_t) z_i^T,   w = -loss'(m),

for any token s of sequence i.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from algattn.bias.arrays import Floats, TokenArrays


class Loss(StrEnum):
    """``exp(-m)`` or ``log(1 + exp(-m))`` of the margin m of a prediction."""

    EXPONENTIAL = "exponential"
    LOGISTIC = "logistic"

    def log_weight(self, m: Floats) -> Floats:
        """``log(-loss'(m))``."""
        return -m if self is Loss.EXPONENTIAL else -np.logaddexp(0.0, m)

    def log_value(self, m: Floats) -> Floats:
        """``log loss(m)``."""
        if self is Loss.EXPONENTIAL:
            return -m
        return log_log1p_exp(-m)

    def log_excess(self, best: Floats, log_x: Floats) -> Floats:
        """``log(loss(best - x) - loss(best))`` from ``log x``."""
        grown = self.log_weight(best) + log_expm1_exp(log_x)
        return grown if self is Loss.EXPONENTIAL else log_log1p_exp(grown)


def log_expm1_exp(a: Floats) -> Floats:
    """``log(exp(x) - 1)`` for ``x = exp(a)``."""
    x = np.exp(np.minimum(a, 700.0))
    with np.errstate(divide="ignore"):
        out: Floats = np.where(a < -20, a + x / 2, x + np.log(-np.expm1(-x)))
    return out


def log_log1p_exp(a: Floats) -> Floats:
    """``log(log(1 + exp(a)))``."""
    soft = np.logaddexp(0.0, np.maximum(a, -30.0))
    out: Floats = np.where(a < -30, a - np.exp(np.minimum(a, 0.0)) / 2, np.log(soft))
    return out


def log_sum(a: Floats, axis: int | None = None) -> Any:
    """``log(sum(exp(a)))``, also for sums of nothing."""
    top = np.max(a, axis=axis, keepdims=True, initial=-np.inf)
    shift = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        out = np.log(np.exp(a - shift).sum(axis=axis, keepdims=True)) + shift
    return float(out.item()) if axis is None else np.squeeze(out, axis)


@dataclass(frozen=True, eq=False)
class State:
    """One look at the data: log attention, predictions, and the common pieces of all gradients."""

    arrays: TokenArrays
    loss: Loss
    gamma: Floats
    selected: Any
    log_phi: Floats
    shift: Floats
    margin: Floats

    @classmethod
    def of(
        cls, arrays: TokenArrays, W: Floats, loss: Loss, gamma: Floats, logits: Floats | None = None
    ) -> State:
        """Evaluate at W (d, d) with scores gamma (n, T)."""
        a = arrays.logits(W) if logits is None else logits
        rows = np.arange(arrays.n)
        s = a.argmax(1)
        log_phi = a - a[rows, s][:, None]
        tail = np.exp(log_phi)
        tail[rows, s] = 0.0
        lead = np.log1p(tail.sum(1))
        log_phi = log_phi - lead[:, None]
        tail *= np.exp(-lead)[:, None]
        top = gamma[rows, s]
        shift = (tail * (top[:, None] - gamma)).sum(1)
        return cls(arrays, loss, gamma, s, log_phi, shift, top - shift)

    def ascent(self) -> tuple[Floats, float]:
        """``(g, M)`` with ``-grad = exp(M) g`` (d, d); M is -inf where the gradient is zero."""
        rows = np.arange(self.arrays.n)
        top = self.gamma[rows, self.selected]
        v = (top[:, None] - self.gamma) - self.shift[:, None]
        with np.errstate(divide="ignore"):
            log_c = self.log_phi + np.log(np.abs(v)) + self.loss.log_weight(self.margin)[:, None]
        log_c[rows, self.selected] = -np.inf
        M = float(log_c.max())
        if not np.isfinite(M):
            return np.zeros((self.arrays.d, self.arrays.d)), M
        c = np.copysign(np.exp(log_c - M), v)
        c[rows, self.selected] = 0.0
        c[rows, self.selected] = -c.sum(1)
        images = np.matmul(c[:, None, :], self.arrays.X)[:, 0, :]
        return -(images.T @ self.arrays.Z), M - float(np.log(self.arrays.n))

    def decoder_ascent(self) -> tuple[Floats, float]:
        """``(g, M)`` with minus the gradient in u equal to ``exp(M) g`` (d,)."""
        log_w = self.loss.log_weight(self.margin)
        M = float(log_w.max())
        weights = np.exp(log_w - M) * self.arrays.y
        outputs = np.matmul(np.exp(self.log_phi)[:, None, :], self.arrays.X)[:, 0, :]
        return weights @ outputs, M - float(np.log(self.arrays.n))

    @property
    def log_loss(self) -> float:
        """``log L``."""
        return float(log_sum(self.loss.log_value(self.margin)) - np.log(self.arrays.n))

    @property
    def log_gap(self) -> float:
        """``log(L - L*)``; L* is the infimum over W at this decoder."""
        masked = np.where(self.arrays.mask, self.gamma, -np.inf)
        best = masked.max(1)
        behind = np.where(self.arrays.mask, best[:, None] - self.gamma, 0.0)
        with np.errstate(divide="ignore"):
            log_x = log_sum(self.log_phi + np.log(behind), 1)
        return float(log_sum(self.loss.log_excess(best, log_x)) - np.log(self.arrays.n))

    @property
    def log_leak(self) -> float:
        """``log max_i (1 - phi_{i,o})``: attention that is not on the selected token."""
        if self.arrays.best is None:
            return float("nan")
        off = np.where(self.arrays.others, self.log_phi, -np.inf)
        return float(log_sum(off, 1).max())

    @property
    def attention(self) -> Floats:
        """The attention map phi (n, T)."""
        out: Floats = np.exp(self.log_phi)
        return out
