"""What a run of training leaves behind: curves, attention maps, and the path of its direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from algattn.bias.arrays import Floats, TokenArrays, float_multipliers
from algattn.bias.descent import Options, Parameters, Reason
from algattn.bias.logdomain import State
from algattn.bias.rates import Comparison, Prediction
from algattn.bias.target import Target
from algattn.results import freeze

CURVES = (
    "t",
    "norm",
    "nuclear_norm",
    "margin",
    "direction_error",
    "log_loss",
    "log_gap",
    "log_leak",
    "decoder_error",
)


@dataclass(frozen=True)
class Snapshot:
    """Attention (n, T) after t steps."""

    t: int
    attention: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Record:
    """What a run has left behind, in tuples: all that :class:`TrainingResult` shows.

    ``curves`` has the keys of :data:`CURVES`, all of one length, with None where nothing is
    defined; ``path`` are the directions minus the target in their two principal directions;
    ``target`` says how the target was found.
    """

    curves: Mapping[str, tuple[float | None, ...]]
    W: tuple[tuple[float, ...], ...]
    u: tuple[float, ...]
    maps: tuple[Snapshot, ...]
    path: tuple[tuple[float, ...], ...]
    taken: int
    stopped: Reason | None
    target: Literal["exact", "float"] | None
    prediction: Prediction | None
    comparisons: tuple[Comparison, ...]

    @property
    def last_error(self) -> float | None:
        """The last direction error."""
        errors = self.curves["direction_error"]
        return errors[-1] if errors else None


class Recorder:
    """Keeps curves, attention maps and directions while a run goes on."""

    def __init__(self, arrays: TokenArrays, target: Target | None, options: Options) -> None:
        self.arrays, self.options = arrays, options
        self.aim = None if target is None else target.W / np.linalg.norm(target.W)
        self.curves: dict[str, list[float | None]] = {name: [] for name in CURVES}
        self.directions: list[Floats] = []
        self.maps: list[Snapshot] = []
        self.decoder_aim = self._decoder_aim() if options.joint else None
        times = np.unique(np.geomspace(1, options.steps, options.records).round().astype(int))
        self.times = {0, *times.tolist()}
        shown = np.unique(np.geomspace(1, options.steps, max(1, options.snapshots - 1)).round())
        self.shown = {0} | {min(self.times, key=lambda s: abs(s - t)) for t in shown.tolist()}

    def _decoder_aim(self) -> Floats | None:
        """The hard margin direction of ``y_i x_{i,o}``, where the decoder should go."""
        a = self.arrays
        if a.best is None:
            return None
        points = a.y[:, None] * a.X[np.arange(a.n), a.best]
        weights = float_multipliers(points @ points.T)
        if weights is None:
            return None
        u = weights @ points
        out: Floats = u / np.linalg.norm(u)
        return out

    def __call__(self, t: int, point: Parameters, state: State) -> None:
        W, c = point.W, self.curves
        norm = float(np.linalg.norm(W))
        moved = norm > 0
        c["t"].append(float(t))
        c["norm"].append(norm)
        nuclear = self.options.rank is not None or self.arrays.d <= 12
        c["nuclear_norm"].append(
            float(np.linalg.svd(W, compute_uv=False).sum()) if nuclear else None
        )
        defined = self.arrays.best is not None and bool(self.arrays.others.any())
        c["margin"].append(float(self.arrays.margins(W).min()) if defined else None)
        error = None
        if self.aim is not None and moved:
            error = float(np.linalg.norm(W / norm - self.aim))
            self.directions.append(W / norm - self.aim)
        c["direction_error"].append(error)
        c["log_loss"].append(_finite(state.log_loss))
        c["log_gap"].append(None if self.options.joint else _finite(state.log_gap))
        c["log_leak"].append(_finite(state.log_leak))
        size = float(np.linalg.norm(point.u))
        c["decoder_error"].append(
            float(np.linalg.norm(point.u / size - self.decoder_aim))
            if self.decoder_aim is not None and size > 0
            else None
        )
        if t in self.shown:
            self.maps.append(Snapshot(t, freeze(state.attention.tolist())))

    def path(self) -> list[list[float]]:
        """Directions minus the target, in their two principal directions."""
        if not self.directions:
            return []
        stack = np.array([D.ravel() for D in self.directions])
        gram = stack @ stack.T
        values, vectors = np.linalg.eigh(gram)
        plane = vectors[:, -2:][:, ::-1] * np.sqrt(np.maximum(values[-2:][::-1], 0.0))
        # The signs of eigenvectors are arbitrary: let every path begin in the positive quadrant.
        plane = plane * np.where(plane[0] < 0, -1.0, 1.0)
        out: list[list[float]] = plane.tolist()
        return out


def _finite(x: float) -> float | None:
    return x if np.isfinite(x) else None
