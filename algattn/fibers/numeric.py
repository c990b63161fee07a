"""Weights from floating-point evaluations: a least-squares fit, with its residual."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.errors import FieldError
from algattn.fibers.deep_recovery import RECOVERY
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Grid,
    Outline,
    Result,
    Status,
    about,
    declare,
    freeze,
    register,
    thaw,
)

#: Matrices of floating-point numbers.
Stack = tuple[tuple[tuple[float, ...], ...], ...]


@register
@dataclass(frozen=True, repr=False)
class NumericRecovery(Result):
    """Floating-point weights that fit a function at random inputs.

    Attributes
    ----------
    value : float
        The residual: largest error at the samples relative to the largest output.
    A, V : tuple of arrays
        The weights of each layer.
    seed : int
        From which the samples were drawn.
    """

    kind: ClassVar[str] = "recovery.numeric"
    title: ClassVar[str] = "Which weights come close to the function?"
    claim_names: ClassVar[tuple[str, ...]] = ("fit",)
    shown: ClassVar[tuple[str, ...]] = ("A", "V", "seed")

    problem: Problem
    value: float

    def outline(self) -> tuple[Outline, ...]:
        if not self.problem.asks() or not RECOVERY.covers(self.problem.network):
            return ()
        statement = f"the weights fit the samples with relative residual {self.value:.3g}"
        return (Outline("fit", statement, self.value),)

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        seed = parts["detail"].get("seed")
        found = {
            name: [replace(e, seed=seed) if isinstance(e, Residual) else e for e in items]
            for name, items in evidence.items()
        }
        return parts, found

    @property
    def residual(self) -> float:
        return self.value

    @property
    def _fit(self) -> Residual:
        """The samples and the weights, which are the evidence."""
        (found,) = self.evidence
        assert isinstance(found, Residual)
        return found

    @property
    def A(self) -> tuple[Any, ...]:
        return tuple(np.array(m) for m in self._fit.A)

    @property
    def V(self) -> tuple[Any, ...]:
        return tuple(np.array(m) for m in self._fit.V)

    @property
    def seed(self) -> int:
        return self._fit.seed

    def _detail(self) -> dict[str, Any]:
        return {name: thaw(getattr(self._fit, name)) for name in self.shown}

    def sentence(self) -> str:
        return f"Weights with relative residual {self.value:.3g} (seed {self.seed})"

    def card_rows(self) -> Iterator[CardRow]:
        for name in ("A", "V"):
            for i, matrix in enumerate(getattr(self._fit, name), 1):
                yield CardRow(f"{name}_{i} =", Grid([[f"{x:.6g}" for x in r] for r in matrix]))


@declare("recovery.residual", about("recovery.numeric", "fit"), Status.NUMERIC)
@dataclass(frozen=True)
class Residual(Evidence):
    """The residual at the stored samples, in floating point."""

    X: Stack
    Y: Stack
    A: Stack
    V: Stack
    seed: int

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        return data | {"seed": 0}  # the result has it, and hands it over

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.under(RECOVERY)
        A, V = ([np.array(m) for m in part] for part in (self.A, self.V))
        X, Y = np.array(self.X), np.array(self.Y)
        widths = network.widths
        shapes = [(d, d) for d in widths[:-1]], list(zip(widths[1:], widths, strict=False))
        if ([m.shape for m in A], [m.shape for m in V]) != shapes:
            raise self.fail("the weights are those of another network")
        if any(
            np.linalg.matrix_rank(m, tol=1e-8 * np.abs(m).max()) > a
            for m, a in zip(A, network.ranks, strict=True)
        ):
            raise self.fail("a matrix A has a rank above that of the network")
        drawn = samples(network, np.random.default_rng(self.seed))
        if X.shape != drawn.shape or not np.allclose(X, drawn, rtol=1e-12, atol=0):
            raise self.fail("the samples are not those of the seed")
        if Y.shape != (len(X), network.d_out, network.tokens):
            raise self.fail("the outputs have another shape")
        found = _relative(_forward(A, V, X), Y)
        if not abs(found - claim.value) <= 1e-12 + 1e-3 * claim.value:
            raise self.fail(f"the residual is {found:.3g}")


def samples(network: Architecture, rng: Any) -> Any:
    """Random inputs, somewhat more than twice as many equations as unknowns."""
    count = -(-2 * network.parameters // (network.d_out * network.tokens)) + 4
    return rng.standard_normal((count, network.d_in, network.tokens))


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
    X = samples(network, rng)
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
    value = _relative(_forward(A, V, X), Y)
    parts = zip("XYAV", (X, Y, A, V), strict=True)
    stacks = {name: freeze([m.tolist() for m in part]) for name, part in parts}
    fit = Residual(seed=seed, **stacks)
    return NumericRecovery.assemble(Problem(network), value, {"fit": [fit]})


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
