"""Train one attention layer and watch where it goes, beside what the theory predicts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from algattn.arguments import checked
from algattn.bias.arrays import Floats, TokenArrays
from algattn.bias.data import TokenData
from algattn.bias.descent import LossName, Method, Options, descend
from algattn.bias.rates import Comparison, Fit, Prediction, compare, fit_rate
from algattn.bias.recorder import CURVES, Record, Recorder
from algattn.bias.supports import TokenProblem
from algattn.bias.target import TARGETS, Target, Wish, compare_single, predict_run
from algattn.progress import Monitor
from algattn.questions import question
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    about,
    canonical_json,
    declare,
    decode,
    freeze,
    register,
    thaw,
)
from algattn.words import one_of

#: How near, relatively, numbers of the same run have to be on another machine.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class TrainingProblem(TokenProblem):
    """Token data, the options of a run, and how its target is found."""

    options: Options
    target: Wish


@register
@dataclass(frozen=True, repr=False)
class TrainingResult(Result):
    """A run of training: NUMERIC, repeatable from its seed.

    Attributes
    ----------
    value : float or None
        The last direction error ``|W/|W| - W_mm/|W_mm||``; None without a target.
    record : Record
        Everything kept of the run, in tuples; the properties show it as arrays.
    """

    kind: ClassVar[str] = "bias.training"
    title: ClassVar[str] = "Where did training go?"
    claim_names: ClassVar[tuple[str, ...]] = ("run",)

    problem: TrainingProblem
    value: float | None
    record: Record

    def outline(self) -> tuple[Outline, ...]:
        if set(self.record.curves) != set(CURVES) or self.record.last_error != self.value:
            return ()
        return (Outline("run", "training goes as recorded", self.record),)

    # The record is the whole detail: its parts have the names of the arrays that users read.

    def _detail(self) -> dict[str, Any]:
        found: dict[str, Any] = super()._detail()["record"]
        return found

    @classmethod
    def _read_detail(cls, detail: Mapping[str, Any], known: Any) -> dict[str, Any]:
        return {"record": decode(Record, detail, known)}

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        return parts | {"detail": {"record": parts["detail"]}}, evidence

    @property
    def options(self) -> Options:
        return self.problem.options

    @property
    def curves(self) -> dict[str, Floats]:
        """Arrays over the recorded times; not-a-number where nothing is defined.

        Keys: t, norm (``|W|_F``), nuclear_norm, margin (least ``<W, D>``), direction_error,
        log_loss, log_gap (``ln(L - L*)``), log_leak (``ln max(1 - phi_o)``), decoder_error.
        """
        return {
            name: np.array([np.nan if v is None else v for v in values], dtype=float)
            for name, values in self.record.curves.items()
        }

    @property
    def W(self) -> Floats:
        """The last W (d, d)."""
        return np.array(self.record.W, dtype=float)

    @property
    def decoder(self) -> Floats:
        """The last decoder (d,)."""
        return np.array(self.record.u, dtype=float)

    @property
    def attention_maps(self) -> list[tuple[int, Floats]]:
        """Pairs (t, phi) with phi of shape (n, T)."""
        return [(m.t, np.array(m.attention)) for m in self.record.maps]

    @property
    def path(self) -> Floats:
        """Directions minus the target in their two principal directions (records, 2)."""
        return np.array(self.record.path, dtype=float).reshape(-1, 2)

    @property
    def prediction(self) -> Prediction | None:
        """What a continuous-time heuristic expects of this run, where it speaks about it."""
        return self.record.prediction

    @property
    def comparisons(self) -> list[Comparison]:
        """Measured constants beside those of a continuous-time heuristic, which is no theorem."""
        return list(self.record.comparisons)

    @property
    def stopped(self) -> str | None:
        """Why the run ended early, or None."""
        return self.record.stopped

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
        o, taken = self.options, self.record.taken
        nothing = "no target to compare with" if self.record.target is None else "W is zero"
        where = nothing if self.value is None else f"at {self.value:.3g}"
        early = f" (stopped: {self.stopped})" if self.stopped else ""
        return (
            f"{o.method} with {o.loss} loss, {taken} steps, seed {o.seed}{early}: "
            f"distance of the direction to the hard margin {where}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        return (CardRow("", str(c)) for c in self.comparisons)


@declare("bias.repeated", about("bias.training", "run"), Status.NUMERIC, recomputed=True)
@dataclass(frozen=True)
class Repeated(Evidence):
    """The same run again, in floating point, from the same seed."""

    def check(self, problem: TrainingProblem, claim: Claim) -> None:
        again = _run(problem.data, problem.options, problem.target)
        if not _near(thaw(claim.value), thaw(again), TOLERANCE):
            raise self.fail("the run gives other numbers")

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Version 0.1 let the file say how near is near."""
        return {name: x for name, x in data.items() if name != "tolerance"}


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
) -> Record:
    with Monitor(
        "train attention", total=options.steps, progress=progress, time_limit=time_limit
    ) as monitor:
        arrays = TokenArrays.of(data)
        target = Target.of(data, arrays, wish)
        recorder = Recorder(arrays, target, options)
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
    return Record(
        curves=freeze(recorder.curves),
        W=freeze(run.parameters.W.tolist()),
        u=freeze(run.parameters.u.tolist()),
        maps=tuple(recorder.maps),
        path=freeze(recorder.path()),
        taken=run.taken,
        stopped=run.stopped,
        target=None if target is None else ("exact" if target.exact else "float"),
        prediction=prediction,
        comparisons=tuple(comparisons),
    )


@question("bias.training", command="bias train")
@checked
def train(
    data: Any,
    labels: Any = None,
    decoder: Any = None,
    *,
    query: Any = None,
    selection: Any = None,
    target: Wish = "auto",
    method: Method = "ngd",
    loss: LossName = "exponential",
    steps: int = 10_000,
    rate: float = 0.1,
    batch: int | None = None,
    polyak_factor: float = 2.0,
    joint: bool = False,
    decoder_rate: float = 0.3,
    decoder_power: float = 2 / 3,
    rank: int | None = None,
    start: Any = None,
    start_scale: float = 0.01,
    seed: int = 0,
    records: int = 160,
    snapshots: int = 6,
    progress: bool = False,
    time_limit: float | None = None,
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
    method : {"gd", "ngd", "polyak"}
        Of descent: plain, normalised, or with Polyak steps.
    loss : {"exponential", "logistic"}
    steps, rate, batch, polyak_factor, joint, decoder_rate, decoder_power
    rank, start, start_scale, seed, records, snapshots
        See :class:`~algattn.bias.descent.Options`.
    progress, time_limit
        A bar, and seconds after which a LimitError stops the run.

    Returns
    -------
    TrainingResult
        NUMERIC, with curves, attention maps, fitted rates, and the constants that a
        continuous-time heuristic expects.  When the gradient is exactly zero (for example all
        tokens equal) or a step is longer than exp(230) the run stops and says so.

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
    Vasudeva, Deora, Thrampoulidis 2025 (``algattn cite VDT``); the heuristic is in
    algattn/docs/bias.md.

    Examples
    --------
    >>> run = train([[[1, 0], [0, 1]]], [1], [1, 0], method="ngd", steps=500, rate=0.1)
    >>> run.status.name, run.value < 1e-3
    ('NUMERIC', True)
    """
    chosen = Options(
        method=method,
        loss=loss,
        steps=steps,
        rate=rate,
        batch=batch,
        polyak_factor=polyak_factor,
        joint=joint,
        decoder_rate=decoder_rate,
        decoder_power=decoder_power,
        rank=rank,
        start=start,
        start_scale=start_scale,
        seed=seed,
        records=records,
        snapshots=snapshots,
    )
    one_of(target, TARGETS, "train attention", "target")
    given = TokenData.of(data, labels, decoder, query, floats=True)
    given = given if selection is None else given.select(selection)
    record = _run(given, chosen, target, progress=progress, time_limit=time_limit)
    problem = TrainingProblem(given, chosen, target)
    return TrainingResult.assemble(problem, record.last_error, {"run": [Repeated()]}, record=record)
