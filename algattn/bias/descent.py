"""The iterations: gradient descent, normalised or with Polyak steps, on all data or batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from algattn.bias.arrays import LARGEST, Floats, TokenArrays
from algattn.bias.logdomain import Loss, State
from algattn.errors import InputError
from algattn.progress import Monitor
from algattn.words import one_of, quoted

#: Steps, records, and so on: a run of more does not end.
MOST_STEPS = 10**9

Method = Literal["gd", "ngd", "polyak"]
METHODS = get_args(Method)
LossName = Literal["exponential", "logistic"]
#: Logarithm of the longest step that is followed: products of a few such numbers are floats.
LONGEST = 230.0
#: Why a run may end early.
Reason = Literal[
    "the gradient is zero",
    "the Polyak step is longer than exp(230)",
    "the step is longer than exp(230)",
    "the step is longer than exp(115)",
]


@dataclass(frozen=True)
class Options:
    """Everything that decides a run, apart from the data.

    Attributes
    ----------
    method : {"gd", "ngd", "polyak"}
        ``W += rate g``, ``W += rate g/|g|``, or ``W += (L - L*)/(polyak_factor |g|^2) g``, where
        g is minus the gradient.
    loss : {"exponential", "logistic"}
    steps, rate : int, float
    batch : int or None
        Sequences for each step, drawn without replacement epoch by epoch; None uses all.
    polyak_factor : float
    joint : bool
        Train the decoder too, from u = 0: ``u += decoder_rate g_u`` for gd, else
        ``u += decoder_rate (t+1)^(-decoder_power) g_u/|g_u|``.
    rank : int or None
        Train K and Q of size rank x d with ``W = K^T Q`` instead of W.
    start : nested list or None
        The first W (zero by default); with `rank`, None starts K and Q at
        ``start_scale`` times Gaussian numbers from `seed`.
    seed, records, snapshots : int
        Numbers of times at which curves and attention maps are kept.
    """

    method: Method = "ngd"
    loss: LossName = "exponential"
    steps: int = 10_000
    rate: int | float = 0.1
    batch: int | None = None
    polyak_factor: int | float = 2.0
    joint: bool = False
    decoder_rate: int | float = 0.3
    decoder_power: int | float = 2 / 3
    rank: int | None = None
    start: tuple[tuple[float, ...], ...] | None = None
    start_scale: int | float = 0.01
    seed: int = 0
    records: int = 160
    snapshots: int = 6

    def __post_init__(self) -> None:
        asked = "train attention"
        one_of(self.method, METHODS, asked, "method")
        one_of(self.loss, tuple(Loss), asked, "loss")
        for name in ("steps", "batch", "rank", "records", "snapshots"):
            value = getattr(self, name)
            optional = name in {"batch", "rank"}
            if not (value is None and optional) and (type(value) is not int or value < 1):
                raise InputError(
                    asked, f"{name} is {quoted(value)}", "give a positive whole number"
                )
            if value is not None and value > MOST_STEPS:
                raise InputError(asked, f"{name} is {quoted(value)}", f"at most {MOST_STEPS}")
        for name in ("rate", "polyak_factor", "decoder_rate", "decoder_power", "start_scale"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and 0 < value < LARGEST):
                raise InputError(
                    asked, f"{name} is {quoted(value)}", f"give a positive number below {LARGEST:g}"
                )
            # numbers of numpy count as floats, but are not written as such
            object.__setattr__(self, name, int(value) if isinstance(value, int) else float(value))
        object.__setattr__(self, "joint", bool(self.joint))
        if type(self.seed) is not int or self.seed < 0:
            raise InputError(asked, f"seed is {quoted(self.seed)}", "give a natural number")
        if self.method == "polyak" and self.joint:
            raise InputError(
                asked, "Polyak steps need L*, which moves with the decoder", "use ngd with joint"
            )
        if self.start is not None and self.rank is not None:
            raise InputError(asked, "both start and rank are given", "use start_scale with rank")
        if self.start is not None:
            rows = read_start(self.start).tolist()
            object.__setattr__(self, "start", tuple(map(tuple, rows)))


@dataclass(eq=False)
class Parameters:
    """The point of the iteration: W, or its factors K and Q, and the decoder."""

    W: Floats
    u: Floats
    K: Floats | None = None
    Q: Floats | None = None

    @classmethod
    def first(cls, arrays: TokenArrays, options: Options) -> Parameters:
        """Where a run starts."""
        d = arrays.d
        u = np.zeros(d) if options.joint else arrays.u.copy()
        if options.rank is not None:
            rng = np.random.default_rng(options.seed)
            K, Q = options.start_scale * rng.standard_normal((2, options.rank, d))
            return cls(K.T @ Q, u, K, Q)
        if options.start is None:
            return cls(np.zeros((d, d)), u)
        W = read_start(options.start)
        if W.shape != (d, d):
            raise InputError(
                "train attention", f"start has shape {W.shape}", f"give {d} rows of {d} numbers"
            )
        return cls(W, u)

    def direction(self, g: Floats) -> tuple[Floats, ...]:
        """Minus the gradient in the trained parameters, from minus the gradient in W."""
        if self.K is None or self.Q is None:
            return (g,)
        return (self.Q @ g.T, self.K @ g)

    def move(self, steps: tuple[Floats, ...], factor: float) -> None:
        if self.K is None or self.Q is None:
            self.W = self.W + factor * steps[0]
        else:
            self.K, self.Q = self.K + factor * steps[0], self.Q + factor * steps[1]
            self.W = self.K.T @ self.Q


def read_start(start: Any) -> Floats:
    """The first W as floats: numbers or fractions, none beyond 1e60."""
    try:
        W = np.array([[float(x) for x in row] for row in start])
    except (TypeError, ValueError, OverflowError):
        W = np.zeros(0)
    if W.ndim != 2 or not (np.abs(W) < LARGEST).all():
        raise InputError(
            "train attention",
            "start is not a matrix of numbers" if W.ndim != 2 else "start has too large entries",
            f"give d rows of d numbers below {LARGEST:g}",
        )
    return W


@dataclass
class Run:
    """How a run ended: the parameters, the steps taken, and why it stopped early, if it did."""

    parameters: Parameters
    taken: int = 0
    stopped: Reason | None = None


def _batches(n: int, options: Options) -> Iterator[Any]:
    if options.batch is None or options.batch >= n:
        while True:
            yield None
    rng = np.random.default_rng([options.seed, 1])
    while True:
        order = rng.permutation(n)
        for k in range(0, n, options.batch):
            yield order[k : k + options.batch]


def _length(parts: tuple[Floats, ...]) -> float:
    """The norm of all entries together, whose squares may be no floats."""
    top = max(float(np.abs(s).max(initial=0.0)) for s in parts)
    if top == 0 or not np.isfinite(top):
        return top
    return top * float(np.sqrt(sum(float(np.square(s / top).sum()) for s in parts)))


def _factor(options: Options, state: State, norm: float, M: float, longest: float) -> float | None:
    """What multiplies the direction g (with minus gradient ``exp(M) g``); None stops."""
    if options.method == "ngd":
        return options.rate / norm
    if options.method == "gd":
        log_step = M + float(np.log(options.rate))
    else:
        log_step = state.log_gap - M - float(np.log(options.polyak_factor) + 2 * np.log(norm))
    return None if log_step + np.log(norm) > longest else float(np.exp(log_step))


def descend(
    arrays: TokenArrays,
    options: Options,
    watch: Callable[[int, Parameters, State], None],
    times: set[int],
    *,
    monitor: Monitor | None = None,
) -> Run:
    """Iterate; `watch` sees the point after t steps for every t in `times`.

    Complexity
    ----------
    ``O(n T d + n d^2)`` floating point operations for each step.
    """
    loss = Loss(options.loss)
    point = Parameters.first(arrays, options)
    run = Run(point)
    batches = _batches(arrays.n, options)
    scores = arrays.scores()
    # K and Q are multiplied with each other, so each of them may only have half of the exponent.
    longest = LONGEST if options.rank is None else LONGEST / 2
    for t in range(options.steps + 1):
        rows = next(batches)
        gamma = arrays.scores(point.u) if options.joint else scores
        state = None
        if rows is None:
            part, part_gamma = arrays, gamma
        else:
            part, part_gamma = arrays.batch(rows), gamma[rows]
        if t in times:
            state = State.of(arrays, point.W, loss, gamma)
            watch(t, point, state)
        if t == options.steps:
            break
        if state is None or rows is not None:
            state = State.of(part, point.W, loss, part_gamma)
        g, M = state.ascent()
        steps = point.direction(g)
        norm = _length(steps)
        if norm > 0 and np.isfinite(M):
            factor = _factor(options, state, norm, M, longest)
            if factor is None:
                run.stopped = _too_long(options)
                break
        elif rows is None and not options.joint:
            run.stopped = "the gradient is zero"
            break
        else:
            factor = None
        if options.joint:
            step = _decoder_step(state, options, t, longest)
            if step is None:
                run.stopped = _too_long(options)
                break
            point.u = point.u + step
        if factor is not None:
            point.move(steps, factor)
        run.taken = t + 1
        if monitor is not None and run.taken % 64 == 0:
            monitor.step(64)
    if run.stopped is not None and run.taken not in times:
        gamma = arrays.scores(point.u) if options.joint else scores
        watch(run.taken, point, State.of(arrays, point.W, loss, gamma))
    return run


def _too_long(options: Options) -> Reason:
    if options.rank is not None:
        return "the step is longer than exp(115)"
    if options.method == "polyak":
        return "the Polyak step is longer than exp(230)"
    return "the step is longer than exp(230)"


def _decoder_step(state: State, options: Options, t: int, longest: float) -> Floats | None:
    """The step of u; None when it is too long to be followed."""
    g, M = state.decoder_ascent()
    norm = _length((g,))
    if norm == 0:
        return np.zeros_like(g)
    if options.method == "gd":
        log_factor = M + float(np.log(options.decoder_rate))
        return None if log_factor + np.log(norm) > longest else float(np.exp(log_factor)) * g
    out: Floats = options.decoder_rate * (t + 1) ** (-options.decoder_power) / norm * g
    return out
