"""The direction that a run is compared with, and the constants predicted for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from algattn.bias.arrays import Floats, TokenArrays, float_multipliers
from algattn.bias.constraints import Constraints
from algattn.bias.data import TokenData
from algattn.bias.descent import Options
from algattn.bias.logdomain import Loss
from algattn.bias.minnorm import min_norm_point
from algattn.bias.rates import Comparison, Prediction, predict

Wish = Literal["auto", "exact", "float", "none"]
TARGETS = get_args(Wish)
#: Data up to this many constraints, with short numbers, get the exact target.
EXACT_UP_TO = 90


@dataclass(frozen=True)
class Target:
    """The direction to compare with: ``W_mm`` and its multipliers, in floats."""

    W: Floats
    multipliers: Floats
    exact: bool

    @classmethod
    def of(cls, data: TokenData, arrays: TokenArrays, wish: str) -> Target | None:
        """The hard margin solution, None when infeasible, not wanted or not defined."""
        if wish == "none" or arrays.best is None:
            return None
        constraints = Constraints.of(data)
        if not constraints.index:
            return None
        if wish == "exact" or (wish == "auto" and _short(constraints)):
            found = min_norm_point(constraints.gram())
            if found.norm_squared == 0:
                return None
            multipliers = [w / found.norm_squared for w in found.weights]
            W = [[float(x) for x in row] for row in constraints.combine(multipliers)]
            return cls(np.array(W), np.array([float(x) for x in multipliers]), True)
        weights = float_multipliers(arrays.gram())
        return None if weights is None else cls(arrays.combine(weights), weights, False)


def _short(constraints: Constraints) -> bool:
    if len(constraints.index) > EXACT_UP_TO:
        return False
    numbers = [x for row in constraints.differences for x in row]
    numbers += [x for row in constraints.data.queries for x in row]
    return all(max(int(x.p).bit_length(), int(x.q).bit_length()) <= 20 for x in numbers)


def log_weights(arrays: TokenArrays, loss: str) -> Floats:
    """``ln c`` for each constraint: ``c = -loss'(gamma_o) (gamma_o - gamma_t)/n``."""
    gamma = arrays.scores()
    i, t = np.nonzero(arrays.others)
    assert arrays.best is not None
    top = gamma[i, arrays.best[i]]
    with np.errstate(divide="ignore", invalid="ignore"):
        out: Floats = Loss(loss).log_weight(top) + np.log(top - gamma[i, t]) - np.log(arrays.n)
    return out


def predict_run(arrays: TokenArrays, options: Options, target: Target) -> Prediction | None:
    """The predicted constants of a run, from its data and options."""
    G = arrays.gram()
    perpendicular = 0.0
    if options.start is not None:
        W0 = np.array(options.start, dtype=float)
        a = np.asarray(np.linalg.lstsq(G, arrays.margins(W0), rcond=None)[0], dtype=np.float64)
        perpendicular = float(np.linalg.norm(W0 - arrays.combine(a)))
    return predict(G, target.multipliers, log_weights(arrays, options.loss), perpendicular)


def single_limit(arrays: TokenArrays) -> Floats | None:
    """Where normalised steps on single sequences go: ``W_t / (rate t)`` tends to this V.

    A step on sequence i has length ``rate`` whatever its margin.  When features of different
    sequences are orthogonal, each sequence runs by itself on its share of the steps, so
    ``V = (1/n) sum_i W_i/|W_i|`` with ``W_i`` the hard margin solution of sequence i alone.  With
    two tokens in each sequence the same holds without orthogonality, since every step has the
    direction of the only feature.

    Returns
    -------
    array (d, d), or None
        None in other settings, and when a token is not worse than the selected one.
    """
    sequence = np.nonzero(arrays.others)[0]
    if not len(sequence) or not np.isfinite(log_weights(arrays, "exponential")).all():
        return None
    G = arrays.gram()
    same = sequence[:, None] == sequence[None, :]
    lengths = np.sqrt(np.diag(G))
    apart = bool((np.abs(G[~same]) <= 1e-12 * np.outer(lengths, lengths)[~same]).all())
    if not apart and len(set(sequence.tolist())) < len(sequence):
        return None
    weights = np.zeros(len(G))
    for i in set(sequence.tolist()):
        own = np.nonzero(sequence == i)[0]
        multipliers = float_multipliers(G[np.ix_(own, own)])
        if multipliers is None:
            return None
        weights[own] = multipliers / np.sqrt(multipliers.sum()) / arrays.n
    return arrays.combine(weights)


def compare_single(
    curves: dict[str, Any], arrays: TokenArrays, target: Target, rate: float
) -> list[Comparison]:
    """The end of a run of normalised steps on single sequences beside :func:`single_limit`."""
    V = single_limit(arrays)
    if V is None or not (size := float(np.linalg.norm(V))):
        return []
    off = float(np.linalg.norm(V / size - target.W / np.linalg.norm(target.W)))
    t, norm, error = curves["t"][-1], curves["norm"][-1], curves["direction_error"][-1]
    return [
        Comparison("|W|/t", rate * size, norm / t),
        Comparison("direction error", off, error),
    ]
