"""Stationarity of the action in the order parameters themselves, and the balance law.

At a stationary point of the action, with ``G = K(U_1) + T I`` and ``r = G^{-1} Y``,

    N_1 [(I (x) U_2^{-1}) / s_1 - U_1^{-1}] + M - m = 0,
    N_l [(I (x) U_{l+1}^{-1}) / s_l - U_l^{-1}]
      + N_{l-1} [H_{l-1} U_l^{-1} - U_l^{-1} (tr_h U_{l-1}) U_l^{-1} / s_{l-1}] = 0,

and then the numbers ``N_l (tr(U_{l+1}^{-1} tr_h U_l) / s_l - dim U_l)``, one for each level, are
all equal to ``Y^T G^{-1} K G^{-1} Y - tr(G^{-1} K)``: the balance law.  (Take the trace of each
equation times its ``U_l``.)  These are computed here without the coordinates in which the saddle
is searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np

from algattn.paths.arrays import Floats
from algattn.paths.shape import PathShape


def partial_trace(U: Floats, fan: int) -> Floats:
    """``tr_h``: the trace over the slowest of the head indices of ``U_l``.

    >>> partial_trace(np.diag([1.0, 2.0, 3.0, 4.0]), 2).tolist()
    [[4.0, 0.0], [0.0, 6.0]]
    """
    m = len(U) // fan
    return np.asarray(np.trace(U.reshape(fan, m, fan, m), axis1=0, axis2=2))


def readout_scale(shape: PathShape, trace: float) -> float:
    """``u_a`` at a stationary point from ``tr U_L``: the positive root of its quadratic.

    ``u_a = (-b + sqrt(b^2 + 4 c)) / 2`` with ``b = s_a (H_L N_L / N_a - 1)`` and
    ``c = tr(U_L) N_L s_a / (N_a s_L)``.

    >>> readout_scale(PathShape((2,), (5, 5)), 2.0)
    1.0
    """
    s_a, s_L = float(shape.variances[-1]), float(shape.variances[-2])
    ratio = shape.widths[-2] / shape.widths[-1]
    b = s_a * (shape.heads[-1] * ratio - 1)
    c = trace * ratio * s_a / s_L
    # written without cancellation for b > 0
    root = sqrt(b * b + 4 * c)
    return (root - b) / 2 if b <= 0 else 2 * c / (root + b)


def action_value(
    shape: PathShape, U: Sequence[Floats], K: Floats, Y: Floats, temperature: float
) -> float:
    """The action S, term by term as it is written for the order parameters."""
    G = K + temperature * np.eye(len(K))
    total = float(np.linalg.slogdet(G)[1] + Y @ np.linalg.solve(G, Y))
    above = np.eye(1)
    for level in reversed(range(len(U))):
        s, n, fan = float(shape.chain_variances[level]), shape.widths[level], shape.fan[level]
        mean = np.linalg.inv(above)
        total += n * (
            float(np.trace(mean @ partial_trace(U[level], fan))) / s
            - float(np.linalg.slogdet(U[level])[1])
            + fan * float(np.linalg.slogdet(above)[1])
        )
        above = U[level]
    return total


def stationarity(shape: PathShape, U: Sequence[Floats], slope: Floats) -> list[Floats]:
    """The derivative of the action in each ``U_l`` (symmetric matrices), bottom first.

    Parameters
    ----------
    U : ``(U_1, .., U_L, u_a)`` as square arrays
    slope : paths x paths
        ``M - m``, the derivative of the data term.
    """
    out = []
    for level, u in enumerate(U):
        s, n, fan = float(shape.chain_variances[level]), shape.widths[level], shape.fan[level]
        inverse = np.linalg.inv(u)
        above = np.eye(1) if level + 1 == len(U) else U[level + 1]
        g = n * (np.kron(np.eye(fan), np.linalg.inv(above)) / s - inverse)
        if level == 0:
            g = g + slope
        else:
            s_below, n_below = float(shape.chain_variances[level - 1]), shape.widths[level - 1]
            h = shape.fan[level - 1]
            traced = partial_trace(U[level - 1], h)
            g = g + n_below * (h * inverse - inverse @ traced @ inverse / s_below)
        out.append((g + g.T) / 2)
    return out


def balance_terms(
    shape: PathShape, U: Sequence[Floats], K: Floats, Y: Floats, temperature: float
) -> tuple[float, ...]:
    """The sides of the balance law: one for each level, bottom first, and the side of the data."""
    terms = []
    for level, u in enumerate(U):
        s, n, fan = float(shape.chain_variances[level]), shape.widths[level], shape.fan[level]
        above = np.eye(1) if level + 1 == len(U) else U[level + 1]
        inner = float(np.trace(np.linalg.solve(above, partial_trace(u, fan))))
        terms.append(n * (inner / s - len(u)))
    G = K + temperature * np.eye(len(K))
    r = np.linalg.solve(G, Y)
    terms.append(float(r @ K @ r) - float(np.trace(np.linalg.solve(G, K))))
    return tuple(terms)


def relative_spread(terms: Sequence[float]) -> float:
    """How far numbers that should be equal are apart, relative to the largest (at least one)."""
    return (max(terms) - min(terms)) / max(1.0, *(abs(t) for t in terms))
