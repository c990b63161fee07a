"""Constants that a continuous-time heuristic expects, and rates fitted to curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from algattn.bias.arrays import Floats
from algattn.words import one_of

#: Two-sided 95% quantiles of Student's t for a few degrees of freedom.
_STUDENT = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365}
BLOCKS = 8


@dataclass(frozen=True)
class Fit:
    """A fitted slope with a 95% interval, from the last part of a curve."""

    slope: float
    low: float
    high: float
    points: int

    def __str__(self) -> str:
        return f"{self.slope:.5g} [{self.low:.5g}, {self.high:.5g}]"

    def to_data(self) -> dict[str, Any]:
        return asdict(self)


def fit_slope(x: Any, y: Any) -> Fit | None:
    """The slope of y over x by least squares.

    The interval is a delete-one-block jackknife over 8 consecutive blocks: neighbouring points of
    a deterministic run are not independent, so the textbook interval would be far too small.

    >>> fit = fit_slope(range(40), [3 * x + 1 for x in range(40)])
    >>> round(fit.slope, 9), fit.points
    (3.0, 40)
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    good = np.isfinite(a) & np.isfinite(b)
    a, b = a[good], b[good]
    if len(a) < BLOCKS or float(np.ptp(a)) == 0:
        return None
    slope = _slope(a, b)
    blocks = np.array_split(np.arange(len(a)), BLOCKS)
    parts = np.array([_slope(np.delete(a, k), np.delete(b, k)) for k in blocks])
    error = float(np.sqrt((BLOCKS - 1) / BLOCKS * ((parts - parts.mean()) ** 2).sum()))
    half = _STUDENT[BLOCKS - 1] * error
    return Fit(slope, slope - half, slope + half, len(a))


def fit_rate(curves: Mapping[str, Floats], name: str, tail: float) -> Fit | None:
    """The slope of ``log curve`` over ``log t`` from ``t/tail`` on; see ``TrainingResult.rate``."""
    one_of(name, sorted(curves), "fit a rate", "curve")
    t, y = curves["t"], curves[name]
    last = (t > 0) & (t >= t[-1] / tail)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = y[last] if name.startswith("log_") else np.log(y[last])
    return fit_slope(np.log(t[last]), values)


def _slope(a: Floats, b: Floats) -> float:
    da = a - a.mean()
    return float((da * (b - b.mean())).sum() / (da * da).sum())


@dataclass(frozen=True)
class Prediction:
    """What a continuous-time heuristic, regression on the features, says about a run.

    It is no theorem about discrete steps: with steps that are not small against ``|W_mm|`` norms
    and constants differ by factors.

    Attributes
    ----------
    norm : float
        ``|W_mm|``; the leak ``1 - phi_o`` behaves like ``exp(-|W|/norm)``.
    rho : float
        ``|rho|``, where ``W_t = r W_mm/|W_mm| + rho + o(1)``.
    complete : bool
        Whether all constraints are support vectors and independent; only then is `rho` the whole
        limit.  Otherwise directions outside the support add to it, and `rho` is a lower bound.
    """

    norm: float
    rho: float
    complete: bool


def predict(
    G: Floats, multipliers: Floats, log_c: Floats, perpendicular: float = 0.0
) -> Prediction | None:
    """``|W_mm|`` and ``|rho|`` from the Gram matrix, the multipliers and the log weights.

    Along the run the coefficient of D_k in minus the gradient is ``c_k exp(-<W, D_k>)`` to first
    order, and it has to be proportional to ``lambda_k``.  So on the support S
    ``<rho, D_k> = ln(c_k/lambda_k) - const``, with the constant that makes rho orthogonal to W_mm.

    Parameters
    ----------
    G : N x N floats
        Gram matrix of the features.
    multipliers : N floats
    log_c : N floats
        ``ln c_k`` with ``c = -loss'(gamma_o) (gamma_o - gamma_t)/n``; not finite where the
        selected token is not better than t.
    perpendicular : float
        The norm of the part of the first W that is orthogonal to all features; it never moves.

    Returns
    -------
    Prediction, or None
        None when the support has a token that is not worse than the selected one, or when the
        features of the support are dependent.
    """
    support = np.nonzero(multipliers > 0)[0]
    if not len(support):
        return None
    lam, logs, H = multipliers[support], log_c[support], G[np.ix_(support, support)]
    if not np.isfinite(logs).all():
        return None
    scale = np.sqrt(np.diag(H))
    spectrum = np.linalg.eigvalsh(H / np.outer(scale, scale))
    if spectrum[0] <= 1e-11 * spectrum[-1]:
        return None
    b = logs - np.log(lam)
    b = b - float(lam @ b) / float(lam.sum())
    rho2 = float(b @ np.linalg.solve(H, b))
    return Prediction(
        float(np.sqrt(lam.sum())),
        float(np.sqrt(max(rho2, 0.0) + perpendicular**2)),
        len(support) == len(multipliers),
    )


@dataclass(frozen=True)
class Comparison:
    """A measured number beside the one that the continuous-time heuristic expects."""

    name: str
    predicted: int | float  # a growth is predicted as the rate that was given
    measured: float
    interval: tuple[float, float] | None = None

    @property
    def relative(self) -> float:
        """``|measured - predicted| / |predicted|``."""
        return abs(self.measured - self.predicted) / max(abs(self.predicted), 1e-300)

    def __str__(self) -> str:
        between = ""
        if self.interval is not None:
            between = f" in [{self.interval[0]:.5g}, {self.interval[1]:.5g}]"
        return (
            f"{self.name}: measured {self.measured:.5g}{between}; "
            f"a continuous-time heuristic expects {self.predicted:.5g}"
        )


def compare(
    curves: dict[str, Any],
    prediction: Prediction,
    *,
    method: str,
    rate: float,
    polyak_factor: float,
    tail: float = 30.0,
) -> list[Comparison]:
    """Set measured limits beside the predicted ones, over the last part of the curves.

    ``ngd``: ``|W| ~ rate t`` and ``rate t err -> |rho|``; ``polyak``: ``|W| ~ t |W_mm|/f`` and
    ``t err -> f |rho|/|W_mm|`` with f the factor; ``gd``: ``|W| ~ |W_mm| ln t``.  For all of
    them ``-ln(1 - phi_o)`` grows like ``|W|/|W_mm|``.  Nothing is compared that is not finite.
    """
    t = np.asarray(curves["t"], dtype=float)
    last = (t >= t[-1] / tail) & (t > 0)
    t = t[last]
    norm, error, leak = (
        np.asarray([np.nan if v is None else v for v in curves[name]], dtype=float)[last]
        for name in ("norm", "direction_error", "log_leak")
    )
    out: list[Comparison] = []

    def slope(name: str, predicted: float, x: Floats, y: Floats) -> None:
        fit = fit_slope(x, y)
        if fit is not None:
            out.append(Comparison(name, predicted, fit.slope, (fit.low, fit.high)))

    if method == "gd":
        slope("growth of |W| with ln t", prediction.norm, np.log(t), norm)
    else:
        speed = rate if method == "ngd" else prediction.norm / polyak_factor
        slope("growth of |W| with t", speed, t, norm)
        with np.errstate(divide="ignore"):
            slope("exponent of the direction error", -1.0, np.log(t), np.log(error))
        if prediction.complete:
            reach = rate if method == "ngd" else 1.0
            target = prediction.rho if method == "ngd" else prediction.rho / speed
            name = "rate t times direction error" if method == "ngd" else "t times direction error"
            measured = float(reach * t[-1] * error[-1])
            if np.isfinite(measured):
                out.append(Comparison(name, target, measured))
    slope("growth of -ln(1 - phi) with |W|", 1 / prediction.norm, norm, -leak)
    return out
