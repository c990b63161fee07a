"""Linear regression on the features D: the convex problem whose asymptotics attention shares.

``L(W) = sum c_k l(<W, D_k>)`` with ``l(q) = exp(-q)`` or ``log(1 + exp(-q))``.  With the weights
``c_k = -loss'(gamma_o)(gamma_o - gamma_t)/n`` the exponential one has the same gradient as the
attention layer to first order once attention is nearly saturated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from algattn.arguments import checked
from algattn.bias.arrays import Floats, TokenArrays
from algattn.bias.data import TokenData
from algattn.bias.descent import LONGEST, LossName, Method, Options
from algattn.bias.logdomain import Loss, log_log1p_exp, log_sum
from algattn.bias.rates import Comparison, Fit, Prediction, compare, fit_rate, predict
from algattn.bias.target import Target, log_weights
from algattn.errors import HypothesisError, LimitError
from algattn.progress import Monitor
from algattn.results import Status


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Regression:
    """Curves of a run of regression on the features; NUMERIC.

    Attributes
    ----------
    curves : dict of arrays
        t, norm, direction_error, log_loss, margin.
    prediction : Prediction or None
    comparisons : list of Comparison
    W : (d, d) floats
    """

    loss: str
    method: str
    curves: dict[str, Floats]
    prediction: Prediction | None
    W: Floats
    comparisons: list[Comparison] = field(default_factory=list)
    status: Status = Status.NUMERIC

    def rate(self, curve: str = "direction_error", *, tail: float = 30.0) -> Fit | None:
        """The slope of ``log curve`` over ``log t`` on the last part of the run."""
        return fit_rate(self.curves, curve, tail)

    def __repr__(self) -> str:
        steps, error = self.curves["t"][-1], self.curves["direction_error"][-1]
        return (
            f"<regression with {self.loss} loss, {self.method}, {steps:.0f} steps: distance of "
            f"the direction to the hard margin {error:.3g} [{self.status.name}]>"
        )


@checked
def regress(
    data: Any,
    labels: Any = None,
    decoder: Any = None,
    *,
    query: Any = None,
    loss: LossName = "exponential",
    method: Method = "ngd",
    steps: int = 10_000,
    rate: float = 0.1,
    polyak_factor: float = 2.0,
    records: int = 160,
    time_limit: float | None = None,
    progress: bool = False,
) -> Regression:
    """Exponential or logistic regression on the features of the hard margin problem, from zero.

    Parameters
    ----------
    data, labels, decoder, query
        As for :func:`~algattn.bias.train`.
    loss : {"exponential", "logistic"}
        Of the regression; the weights c are those of attention with exponential loss.
    method, steps, rate, polyak_factor, records
        As for :func:`~algattn.bias.train`; Polyak steps use that the infimum is zero.
    progress, time_limit
        A bar, and seconds after which a LimitError stops the run.

    Returns
    -------
    Regression
        NUMERIC.

    Raises
    ------
    InputError
        For options that make no sense.
    HypothesisError
        When the hard margin problem is infeasible or empty.
    LimitError
        When `time_limit` seconds are over, or a step is longer than exp(230).

    Complexity
    ----------
    ``O(N^2)`` for each step: W is kept as ``sum a_k D_k`` and only the Gram matrix is used.

    Examples
    --------
    >>> run = regress([[[1, 0], [0, 1]]], [1], [1, 0], steps=100)
    >>> float(run.curves["direction_error"][-1]) < 1e-12
    True
    """
    given: dict[str, Any] = {"method": method, "loss": loss, "steps": steps, "rate": rate}
    Options(**given, polyak_factor=polyak_factor, records=records)  # checks
    with Monitor(
        "run a regression on the features",
        total=steps + 1,
        time_limit=time_limit,
        progress=progress,
    ) as monitor:
        return _regress(
            TokenData.of(data, labels, decoder, query, floats=True),
            loss=loss,
            method=method,
            steps=steps,
            rate=rate,
            polyak_factor=polyak_factor,
            records=records,
            monitor=monitor,
        )


def _regress(
    tokens: TokenData,
    *,
    loss: str,
    method: str,
    steps: int,
    rate: float,
    polyak_factor: float,
    records: int,
    monitor: Monitor,
) -> Regression:
    kind = Loss(loss)
    tokens.best()
    arrays = TokenArrays.of(tokens)
    target = Target.of(tokens, arrays, "auto")
    if target is None:
        raise HypothesisError(
            "run a regression on the features",
            "there is no W with margins at least one, or there are no constraints",
            "look at AttentionSVM(..).solve()",
        )
    G = arrays.gram()
    logs = log_weights(arrays, "exponential")
    aim = target.multipliers / np.sqrt(target.multipliers @ G @ target.multipliers)
    times = {0, *np.unique(np.geomspace(1, steps, records).round().astype(int)).tolist()}
    a = np.zeros(len(G))
    rows: list[tuple[float, ...]] = []
    for t in range(steps + 1):
        monitor.step()
        q = G @ a
        log_c: Floats = logs + kind.log_weight(q)
        log_loss = float(log_sum(logs + (-q if kind is Loss.EXPONENTIAL else log_log1p_exp(-q))))
        if t in times:
            norm = float(np.sqrt(max(float(a @ q), 0.0)))
            off = a / norm - aim if norm > 0 else np.full(len(a), np.nan)
            error = float(np.sqrt(max(float(off @ G @ off), 0.0)))
            rows.append((float(t), norm, error, log_loss, float(q.min())))
        if t == steps:
            break
        M = float(log_c.max())
        w: Floats = np.exp(log_c - M)
        size = float(np.sqrt(w @ G @ w))
        if method == "ngd":
            factor = rate / size
        elif method == "gd":
            if M + np.log(rate) + np.log(size) > LONGEST:
                raise LimitError(
                    "run a regression on the features",
                    f"step {t + 1} is longer than exp({LONGEST:g})",
                    "a smaller rate, smaller data, or method='ngd'",
                )
            factor = float(np.exp(M + np.log(rate)))
        else:
            factor = float(np.exp(log_loss - M)) / (polyak_factor * size * size)
        a = a + factor * w
    names = ("t", "norm", "direction_error", "log_loss", "margin")
    curves = dict(zip(names, np.array(rows).T, strict=True))
    prediction = predict(G, target.multipliers, logs)
    comparisons = []
    if prediction is not None:
        comparisons = compare(
            curves | {"log_leak": -curves["margin"]},
            prediction,
            method=method,
            rate=rate,
            polyak_factor=polyak_factor,
        )
    return Regression(loss, method, curves, prediction, arrays.combine(a), comparisons)
