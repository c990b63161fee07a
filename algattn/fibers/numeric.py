"""Weights from floating-point evaluations: a least-squares fit, with its residual."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from algattn.errors import FieldError
from algattn.networks import Architecture
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult


@register
@dataclass(frozen=True, repr=False)
class NumericRecovery(LegacyResult):
    """Floating-point weights that fit a function at random inputs.

    Attributes
    ----------
    value : float
        The residual: largest error at the samples relative to the largest output.
    A, V : tuple of arrays
        The weights of each layer.
    """

    kind: ClassVar[str] = "recovery.numeric"
    title: ClassVar[str] = "Numeric recovery"
    claim_names: ClassVar[tuple[str, ...]] = ("fit",)

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        statement = f"the weights fit the samples with relative residual {value:.3g}"
        return (Outline("fit", statement, value),)

    @property
    def residual(self) -> float:
        return float(self.value)

    @property
    def A(self) -> tuple[Any, ...]:
        return tuple(np.array(thaw(m)) for m in self.detail["A"])

    @property
    def V(self) -> tuple[Any, ...]:
        return tuple(np.array(thaw(m)) for m in self.detail["V"])

    def sentence(self) -> str:
        return f"Weights with relative residual {self.value:.3g} (seed {self.detail['seed']})"


@register
@dataclass(frozen=True)
class Residual(Evidence):
    """The residual at the stored samples, in floating point."""

    kind: ClassVar[str] = "recovery.residual"
    supports = about("recovery.numeric", "fit")
    strength: ClassVar[Status] = Status.NUMERIC

    X: Any
    Y: Any
    A: Any
    V: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        A, V = ([np.array(thaw(m)) for m in part] for part in (self.A, self.V))
        X, Y = np.array(thaw(self.X)), np.array(thaw(self.Y))
        found = _relative(_forward(A, V, X), Y)
        if not abs(found - claim.value) <= 1e-9 + 0.5 * claim.value:
            raise self.fail(f"the residual is {found:.3g}")


def _forward(A: list[Any], V: list[Any], X: Any) -> Any:
    for a, v in zip(A, V, strict=True):
        X = (v @ X) @ (np.swapaxes(X, 1, 2) @ a @ X)
    return X


def _relative(found: Any, Y: Any) -> float:
    return float(np.abs(found - Y).max() / max(np.abs(Y).max(), 1e-300))


def recover_numeric(
    network: Architecture, function: Callable[[Any], Any], *, seed: int = 0, starts: int = 40
) -> NumericRecovery:
    """Fit K, Q, V by Levenberg-Marquardt from random starts; keep the best fit.

    Returns
    -------
    NumericRecovery
        Status NUMERIC; look at the residual before using the weights.
    """
    rng = np.random.default_rng(seed)
    n = network.parameters
    count = -(-2 * n // (network.d_out * network.tokens)) + 4
    X = rng.standard_normal((count, network.d_in, network.tokens))
    Y = np.array([np.asarray(function(x), dtype=float) for x in X])
    if not np.isfinite(Y).all():
        raise FieldError(
            f"fit weights of {network!r}",
            "the black box returns nan or infinity at random inputs",
            "a function that is finite everywhere",
        )
    weight = 1.0 / np.maximum(np.abs(Y).max(axis=(1, 2), keepdims=True), 1e-12)
    best: tuple[float, Any] = (np.inf, None)
    for _ in range(starts):
        w = _fit(network, X, Y, weight, rng.standard_normal(n))
        error = _relative(_forward(*_unpack(network, w), X), Y)
        if error < best[0]:
            best = (error, w)
        if error < 1e-9:
            break
    A, V = _unpack(network, best[1])
    matrices = {"A": [m.tolist() for m in A], "V": [m.tolist() for m in V]}
    value = _relative(_forward(A, V, X), Y)
    return NumericRecovery.assemble(
        Problem.data(network),
        value,
        {"fit": [Residual(X.tolist(), Y.tolist(), matrices["A"], matrices["V"])]},
        detail=matrices | {"seed": seed},
    )


def _unpack(network: Architecture, w: Any) -> tuple[list[Any], list[Any]]:
    A, V, n = [], [], 0
    for d, e, a in zip(network.widths, network.widths[1:], network.ranks, strict=False):
        K, Q = (w[n + i * a * d : n + (i + 1) * a * d].reshape(a, d) for i in (0, 1))
        n += 2 * a * d
        A.append(K.T @ Q)
        V.append(w[n : n + e * d].reshape(e, d))
        n += e * d
    return A, V


def _fit(network: Architecture, X: Any, Y: Any, weight: Any, w: Any) -> Any:
    def residual(v: Any) -> Any:
        return ((_forward(*_unpack(network, v), X) - Y) * weight).ravel()

    damping, r = 1e-2, residual(w)
    for _ in range(200):
        step = 1e-6 * (1 + np.abs(w))
        J = np.empty((len(r), len(w)))
        for i in range(len(w)):
            up, down = w.copy(), w.copy()
            up[i] += step[i]
            down[i] -= step[i]
            J[:, i] = (residual(up) - residual(down)) / (2 * step[i])
        gradient, normal = J.T @ r, J.T @ J
        for _ in range(12):
            move = np.linalg.solve(normal + damping * np.eye(len(w)), -gradient)
            new = residual(w + move)
            if np.isfinite(new).all() and new @ new < r @ r:
                break
            damping *= 4
        else:
            break
        gain = r @ r - new @ new
        w, r, damping = w + move, new, max(damping / 9, 1e-14)
        if gain < 1e-16 * (1 + r @ r) or r @ r < 1e-26:
            break
    return w
