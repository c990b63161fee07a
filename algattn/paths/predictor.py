"""The Gaussian predictor of a kernel: mean and variance, in floating point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from algattn.errors import InputError
from algattn.paths.arrays import Floats
from algattn.paths.exact_numbers import singular_kernel
from algattn.paths.inputs import PathInputs
from algattn.paths.kernels import cross_kernel, diagonal_kernel
from algattn.paths.threads import floating
from algattn.words import quoted


class Prediction(NamedTuple):
    """Mean and variance of the output, one number for each input; labels are ``sign(mean)``."""

    mean: Floats
    variance: Floats

    @property
    def labels(self) -> Floats:
        """-1 or +1, the sign of the mean (+1 at zero)."""
        return np.where(self.mean >= 0, 1.0, -1.0)


def check_temperature(value: float) -> float:
    """A finite temperature of at least zero."""
    try:
        T = float(value)
    except (TypeError, ValueError):
        T = float("nan")
    if not np.isfinite(T) or T < 0:
        raise InputError(
            "read the temperature", f"{quoted(value)} is not a number of at least 0", "0.01, say"
        )
    return T


def attended(inputs: Any, attend: Callable[[Any], PathInputs] | None) -> PathInputs:
    """Path-attended inputs of anything, by the attention that an answer remembers.

    Raises
    ------
    InputError
        For bare inputs, when no attention is known.
    """
    if isinstance(inputs, PathInputs):
        return inputs
    if attend is None:
        raise InputError("predict", "the attention is not known here", "give PathInputs")
    return attend(inputs)


class Predictor:
    """``k^T (K + T I)^{-1} Y`` and ``K(x, x) - k^T (K + T I)^{-1} k`` for one order parameter.

    Raises
    ------
    HypothesisError
        When ``K + T I`` is singular: the message names the rank that the features allow.
    """

    def __init__(self, train: PathInputs, Y: Floats, U: Floats, temperature: float) -> None:
        self.train, self.U, self.temperature = train, U, temperature
        K = cross_kernel(train, train, U)
        P = len(K)
        bound = train.shape.count * train.features
        if temperature == 0 and bound < P:
            raise singular_kernel(P, bound)
        G = (K + K.T) / 2 + temperature * np.eye(P)
        with floating("invert a kernel"):
            values, vectors = np.linalg.eigh(G)
        if values[0] <= 4 * P * np.finfo(float).eps * max(values[-1], 1e-300):
            rank = int((values > 4 * P * np.finfo(float).eps * max(values[-1], 1e-300)).sum())
            raise singular_kernel(P, rank)
        self._root = vectors / np.sqrt(values)
        self.K = K
        self.alpha = self._root @ (self._root.T @ Y)

    def __repr__(self) -> str:
        return f"<Gaussian predictor of {len(self.alpha)} examples, T = {self.temperature:g}>"

    def __call__(self, inputs: PathInputs) -> Prediction:
        """Predict, in blocks of inputs."""
        means, variances = [], []
        step = max(1, 2**22 // max(1, len(self.alpha)))
        for start in range(0, inputs.size, step):
            part = inputs[start : start + step]
            k = cross_kernel(part, self.train, self.U)
            means.append(k @ self.alpha)
            used = ((k @ self._root) ** 2).sum(axis=1)
            variances.append(np.maximum(diagonal_kernel(part, self.U) - used, 0.0))
        return Prediction(np.concatenate(means), np.concatenate(variances))
