"""Train one attention layer and watch where it goes, beside what the theory predicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from algattn.bias.arrays import Floats, TokenArrays, float_multipliers
from algattn.bias.certificates import problem_data
from algattn.bias.data import TokenData
from algattn.bias.descent import Options, Parameters, descend, read_start
from algattn.bias.logdomain import State
from algattn.bias.rates import Comparison, Fit, Prediction, compare, fit_rate
from algattn.bias.target import Target, compare_single, predict_run
from algattn.errors import InputError
from algattn.progress import Monitor
from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Status,
    about,
    canonical_json,
    freeze,
    register,
    thaw,
)
from algattn.results.legacy import LegacyResult

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


class _Recorder:
    """Keeps curves, attention maps and directions while a run goes on."""

    def __init__(self, arrays: TokenArrays, target: Target | None, options: Options) -> None:
        self.arrays, self.options = arrays, options
        self.aim = None if target is None else target.W / np.linalg.norm(target.W)
        self.curves: dict[str, list[float | None]] = {name: [] for name in CURVES}
        self.directions: list[Floats] = []
        self.maps: list[dict[str, Any]] = []
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
            self.maps.append({"t": t, "attention": state.attention.tolist()})

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


@register
@dataclass(frozen=True, repr=False)
class TrainingResult(LegacyResult):
    """A run of training: NUMERIC, repeatable from its seed.

    Attributes
    ----------
    value : float or None
        The last direction error ``|W/|W| - W_mm/|W_mm||``; None without a target.
    """

    kind: ClassVar[str] = "bias.training"
    title: ClassVar[str] = "Training of attention"
    claim_names: ClassVar[tuple[str, ...]] = ("run",)

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        errors = detail["curves"]["direction_error"]
        if (errors[-1] if errors else None) != value:
            return ()
        return (Outline("run", "training goes as recorded", dict(detail)),)

    @property
    def options(self) -> Options:
        return Options.from_data(thaw(self.problem["options"]))

    @property
    def curves(self) -> dict[str, Floats]:
        """Arrays over the recorded times; not-a-number where nothing is defined.

        Keys: t, norm (``|W|_F``), nuclear_norm, margin (least ``<W, D>``), direction_error,
        log_loss, log_gap (``ln(L - L*)``), log_leak (``ln max(1 - phi_o)``), decoder_error.
        """
        return {
            name: np.array([np.nan if v is None else v for v in values], dtype=float)
            for name, values in self.detail["curves"].items()
        }

    @property
    def W(self) -> Floats:
        """The last W (d, d)."""
        return np.array(thaw(self.detail["W"]), dtype=float)

    @property
    def decoder(self) -> Floats:
        """The last decoder (d,)."""
        return np.array(thaw(self.detail["u"]), dtype=float)

    @property
    def attention_maps(self) -> list[tuple[int, Floats]]:
        """Pairs (t, phi) with phi of shape (n, T)."""
        return [(int(m["t"]), np.array(thaw(m["attention"]))) for m in self.detail["maps"]]

    @property
    def path(self) -> Floats:
        """Directions minus the target in their two principal directions (records, 2)."""
        return np.array(thaw(self.detail["path"]), dtype=float).reshape(-1, 2)

    @property
    def prediction(self) -> Prediction | None:
        """The predicted constants, where the theory speaks about this run."""
        found = self.detail["prediction"]
        return None if found is None else Prediction(**found)

    @property
    def comparisons(self) -> list[Comparison]:
        """Predicted and measured constants side by side."""
        return [Comparison(**thaw(c)) for c in self.detail["comparisons"]]

    @property
    def stopped(self) -> str | None:
        """Why the run ended early, or None."""
        found = self.detail["stopped"]
        return None if found is None else str(found)

    def rate(self, curve: str = "direction_error", *, tail: float = 30.0) -> Fit | None:
        """The slope of ``log curve`` over ``log t`` on the last part of the run.

        Parameters
        ----------
        curve : str
            A key of :attr:`curves`; those that start with ``log_`` are logarithms already.
        tail : float
            The part from ``t/tail`` on.
        """
        return fit_rate(self.curves, curve, tail)

    def sentence(self) -> str:
        o, taken = self.options, self.detail["taken"]
        nothing = "no target to compare with" if self.detail["target"] is None else "W is zero"
        where = nothing if self.value is None else f"at {self.value:.3g}"
        early = f" (stopped: {self.stopped})" if self.stopped else ""
        return (
            f"{o.method} with {o.loss} loss, {taken} steps, seed {o.seed}{early}: "
            f"distance of the direction to the hard margin {where}"
        )

    def lines(self) -> list[str]:
        return [str(c) for c in self.comparisons]


@register
@dataclass(frozen=True)
class Repeated(Evidence):
    """The same run again, in floating point, from the same seed."""

    kind: ClassVar[str] = "bias.repeated"
    supports = about("bias.training", "run")
    strength: ClassVar[Status] = Status.NUMERIC

    tolerance: float

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if not isinstance(self.tolerance, float) or not 0 <= self.tolerance <= 1e-5:
            raise self.fail("the tolerance is not a small number")
        if set(problem) != {"data", "options", "target"}:
            raise self.fail("the problem has other parts than data, options and target")
        options = Options.from_data(thaw(problem["options"]))
        again = _run(problem_data(problem), options, str(problem["target"]))
        if not _near(thaw(claim.value), thaw(freeze(again)), self.tolerance):
            raise self.fail("the run gives other numbers")


def _near(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= tolerance * max(1.0, abs(a), abs(b))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(_near(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_near(a[k], b[k], tolerance) for k in a)
    return canonical_json(a) == canonical_json(b)


def _run(
    data: TokenData,
    options: Options,
    wish: str,
    *,
    progress: bool = False,
    time_limit: float | None = None,
) -> dict[str, Any]:
    arrays = TokenArrays.of(data)
    target = Target.of(data, arrays, wish)
    recorder = _Recorder(arrays, target, options)
    with Monitor(
        "train attention", total=options.steps, progress=progress, time_limit=time_limit
    ) as monitor:
        run = descend(arrays, options, recorder, recorder.times, monitor=monitor)
    prediction = None
    if target is not None and not options.joint and options.rank is None:
        prediction = predict_run(arrays, options, target)
    comparisons: list[Comparison] = []
    plain = target is not None and not options.joint and options.rank is None and not run.stopped
    if plain and target is not None and options.batch == 1 and arrays.n > 1:
        if options.method == "ngd":
            comparisons = compare_single(recorder.curves, arrays, target, options.rate)
    elif prediction is not None and not run.stopped and (options.batch or arrays.n) >= arrays.n:
        comparisons = compare(
            recorder.curves,
            prediction,
            method=options.method,
            rate=options.rate,
            polyak_factor=options.polyak_factor,
        )
    return {
        "curves": recorder.curves,
        "W": run.parameters.W.tolist(),
        "u": run.parameters.u.tolist(),
        "maps": recorder.maps,
        "path": recorder.path(),
        "taken": run.taken,
        "stopped": run.stopped,
        "target": None if target is None else ("exact" if target.exact else "float"),
        "prediction": None if prediction is None else prediction.to_data(),
        "comparisons": [c.to_data() for c in comparisons],
    }


def train(
    data: Any,
    labels: Any = None,
    decoder: Any = None,
    *,
    query: Any = None,
    selection: Any = None,
    target: str = "auto",
    progress: bool = False,
    time_limit: float | None = None,
    **options: Any,
) -> TrainingResult:
    """Train ``f(X) = u^T X^T softmax(X W z)`` and compare with the hard margin solution.

    Parameters
    ----------
    data, labels, decoder, query, selection
        As for :class:`~algattn.bias.AttentionSVM`; floats are welcome here.  ``data`` may also be
        a TokenData, an AttentionSVM or the JSON object of token data.
    target : {"auto", "exact", "float", "none"}
        How to find W_mm: exactly (auto: for at most 90 constraints with short numbers), or in
        floats.  An infeasible problem has none.
    progress, time_limit
        A bar, and seconds after which a LimitError stops the run.
    **options
        ``method`` ("gd", "ngd", "polyak"), ``loss`` ("exponential", "logistic"), ``steps``,
        ``rate``, ``batch``, ``polyak_factor``, ``joint``, ``decoder_rate``, ``decoder_power``,
        ``rank``, ``start``, ``start_scale``, ``seed``, ``records``, ``snapshots``: see
        :class:`~algattn.bias.descent.Options`.

    Returns
    -------
    TrainingResult
        NUMERIC, with curves, attention maps, fitted rates and predicted constants.  When the
        gradient is exactly zero (for example all tokens equal) the run stops and says so.

    Raises
    ------
    InputError
        For options that make no sense.
    LimitError
        When the time is over.

    Complexity
    ----------
    ``O(n T d + n d^2)`` for each step, vectorised.

    References
    ----------
    Vasudeva, Deora, Thrampoulidis 2025 (``algattn cite VDT``); the constants are derived in
    algattn/docs/bias.md.

    Examples
    --------
    >>> run = train([[[1, 0], [0, 1]]], [1], [1, 0], method="ngd", steps=500, rate=0.1)
    >>> run.status.name, run.value < 1e-3
    ('NUMERIC', True)
    """
    allowed = set(Options.__dataclass_fields__)
    if extra := set(options) - allowed:
        raise InputError(
            "train attention", f"unknown options {sorted(extra)}", f"use {sorted(allowed)}"
        )
    start = options.get("start")
    if start is not None:
        options["start"] = read_start(start).tolist()
    chosen = Options(**options)
    given = TokenData.of(data, labels, decoder, query, floats=True)
    given = given if selection is None else given.select(selection)
    problem = {"data": given.to_data(), "options": chosen.to_data(), "target": target}
    detail = _run(given, chosen, target, progress=progress, time_limit=time_limit)
    errors = detail["curves"]["direction_error"]
    value = errors[-1] if errors else None
    return TrainingResult.assemble(problem, value, {"run": [Repeated(1e-6)]}, detail)
