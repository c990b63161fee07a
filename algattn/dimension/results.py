"""The dimension of a function space, as a result with its two-sided certificate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.dimension.balls import ball_rank
from algattn.dimension.evidence import (
    METHODS,
    SCORES,
    SYMMETRY,
    BallRank,
    CountedAbove,
    Counting,
    GenericRank,
    LayerBound,
    OrbitBound,
    RankAtLeast,
    ScoresIndependent,
    bounds,
    network_scores,
)
from algattn.dimension.layerwise import LAYERS, layer_bound
from algattn.dimension.limits import watched
from algattn.dimension.modular import DEFAULT_PRIME, check_prime, next_prime
from algattn.dimension.reduction import Reduction
from algattn.dimension.subject import REDUCTION, Subject, needs_scores, reduction_of, subject
from algattn.errors import HypothesisError, LimitError, UndecidedError
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Evidence,
    NumberLike,
    Outline,
    Result,
    register,
)
from algattn.words import one_of

__all__ = ["DimensionResult", "dimension"]

#: Parameters of the effective shape up to which a dense rank at a random point comes first.
DENSE_FIRST = 400
#: And up to which it is the fallback when no symmetric point attains the rank.
DENSE_LIMIT = 6000
#: And up to which softmax gets a second lower bound by ball arithmetic unasked.
BALLS_UNASKED = 48
#: And up to which it gets one unasked where the scores are not known to be independent.
BALLS_INSTEAD = 100
#: And up to which it gets one when asked.
BALLS_LIMIT = 1000


@register
@dataclass(frozen=True, repr=False, eq=False)
class DimensionResult(NumberLike, Result):
    """The dimension of the function space (of the set of functions, over the reals).

    Attributes
    ----------
    value : int or None
        The dimension when PROVED; else the rank found, which bounds it from below; None when
        time was over before a rank was found.
    lower, upper : int
        Proved bounds (for softmax ``lower`` is as strong as its claim says).
    expected : int or None
        The closed formula, for comparison; :attr:`agrees` says whether it is the value.  None where
        there is none: with several heads, masks, residual layers or biases.
    parameters : int
        Number of entries of all weights.
    effective_widths, effective_ranks : tuple of int
        The smaller network with the same functions, where that is known.
    collapsed : tuple of bool
        Layers that only see the symmetric part of their form, where that is known.
    """

    problem: Problem
    value: int | None
    lower: int
    upper: int

    kind: ClassVar[str] = "dimension.network"
    title: ClassVar[str] = "What is the dimension of the function space?"
    explained: ClassVar[bool] = True
    claim_names: ClassVar[tuple[str, ...]] = ("lower", "upper", "dimension")
    shown: ClassVar[tuple[str, ...]] = (
        "expected",
        "parameters",
        "effective_parameters",
        "effective_widths",
        "effective_ranks",
        "collapsed",
    )

    def outline(self) -> tuple[Outline, ...]:
        network, value, lower, upper = self.network, self.value, self.lower, self.upper
        name = f"the function space of {network!r}"
        below = ("lower", SCORES) if needs_scores(network) else ("lower",)
        if lower == upper == value:
            return (
                Outline("dimension", f"{name} has dimension {value}", value, (*below, "upper")),
            )
        apart = (
            Outline("lower", f"{name} has at least dimension {lower}", lower, below),
            Outline("upper", f"{name} has at most dimension {upper}", upper, ("upper",)),
        )
        if lower >= upper:  # then the dimension is known, and nothing else can be said
            return ()
        if value is None:
            return apart
        if not lower <= value <= upper:
            return ()
        guess = Outline("dimension", f"{name} has dimension {value}", value, (*below, "upper"))
        return (*apart, guess)

    def check(self) -> None:
        bounds.cache_clear()
        super().check()

    @property
    def network(self) -> Architecture:
        return self.problem.network

    @cached_property
    def _reduction(self) -> Reduction | None:
        return reduction_of(self.network) if REDUCTION.covers(self.network) else None

    @property
    def parameters(self) -> int:
        return self.network.parameters

    @property
    def expected(self) -> int | None:
        return self._reduction.expected if self._reduction else None

    @property
    def agrees(self) -> bool:
        """Whether the closed formula gives the value."""
        return self.value is not None and self.expected == self.value

    @property
    def effective_parameters(self) -> int:
        """Number of entries of all weights of the effective shape."""
        return subject(self.network).layers.parameters

    @property
    def effective_widths(self) -> tuple[int, ...]:
        return self._reduction.effective if self._reduction else self.network.widths

    @property
    def effective_ranks(self) -> tuple[int, ...]:
        return self._reduction.ranks if self._reduction else self.network.ranks

    @property
    def collapsed(self) -> tuple[bool, ...]:
        return self._reduction.collapsed if self._reduction else (False,) * self.network.layers

    def sentence(self) -> str:
        counted, known = f"({self.parameters} parameters)", self.expected is not None
        if self.value is None:
            formula = f", and the formula says {self.expected}" if known else ""
            return (
                f"The dimension lies between {self.lower} and {self.upper} {counted}; time was "
                f"over before it was decided{formula}"
            )
        found = f"The function space has dimension {self.value}"
        if self.lower != self.upper:
            found = (
                f"The dimension lies between {self.lower} and {self.upper}, "
                f"very likely {self.value}"
            )
        formula = "as the formula says" if self.agrees else f"but the formula says {self.expected}"
        return f"{found} {counted}, {formula}" if known else f"{found} {counted}"

    def card_rows(self) -> Iterator[CardRow]:
        network = self.network
        if self.effective_widths != network.widths or self.effective_ranks != network.ranks:
            ranks = f"effective ranks {_row(self.effective_ranks)}"
            yield CardRow("", f"effective widths {_row(self.effective_widths)}, {ranks}")
        if any(self.collapsed):
            layers = [i + 1 for i, flag in enumerate(self.collapsed) if flag]
            yield CardRow(
                "", f"only the symmetric part of the form counts in layers {_row(layers)}"
            )

    def formula(self) -> str:
        if self.value is None or self.lower != self.upper:
            return rf"{self.lower} \le \dim \mathcal M \le {self.upper}"
        return rf"\dim \mathcal M = {self.value}"


def _row(numbers: Any) -> str:
    """Numbers for people, with runs shortened: ``4096 (x97)``."""
    parts: list[list[int]] = []
    for n in numbers:
        if parts and parts[-1][0] == n:
            parts[-1][1] += 1
        else:
            parts.append([n, 1])
    return ", ".join(str(n) if k == 1 else f"{n} (x{k})" for n, k in parts)


def _tries(
    network: Architecture, method: str, seed: int, prime: int
) -> Iterator[tuple[str, int, int]]:
    """Method, seed and prime of the ranks to compute, the most promising first."""
    size, other = subject(network).layers.parameters, next_prime(prime)
    symmetric = SYMMETRY.covers(network)
    first = DENSE_FIRST if symmetric else DENSE_LIMIT
    if method == "balls" or (method == "auto" and size <= first):
        yield "dense", seed, prime
    if method != "dense" and symmetric:
        yield "symmetric", seed, prime
        yield "symmetric", seed + 1, other
    if method == "dense" or (method in {"auto", "balls"} and size <= DENSE_LIMIT):
        yield "dense", seed + 1, prime
        yield "dense", seed + 2, other


@dataclass
class _Search:
    """The best bounds found so far, with the evidence for each."""

    network: Architecture
    subject: Subject
    lower: int = 0
    upper: int = 0
    below: list[Evidence] = field(default_factory=lambda: [Counting()])
    above: Evidence = field(default_factory=Counting)
    guess: tuple[str, int, int] | None = None
    counted: bool = False

    def __post_init__(self) -> None:
        self.upper = self.subject.counted

    def learn(self, lower: int, upper: int, how: tuple[str, int, int], *, whole: bool) -> None:
        """Keep what is better; `whole` says that the rank computation came to its end."""
        if lower > self.lower:
            self.lower, self.below = lower, [RankAtLeast(*how)]
        if upper < self.upper or (upper == self.upper and isinstance(self.above, Counting)):
            self.upper, self.above = upper, OrbitBound(*how)
        if whole and lower == self.lower:
            self.guess = how

    def count_layers(self, seed: int, prime: int) -> None:
        """The upper bound from the layers, once, where the bounds differ and it may be better."""
        done = self.lower == self.upper or self.counted
        if done or REDUCTION.covers(self.network) or not LAYERS.covers(self.network):
            return
        self.counted = True
        if self.network.parameters <= DENSE_LIMIT:
            upper = layer_bound(self.network, seed, prime)
            if upper < self.upper:
                self.upper, self.above = upper, LayerBound(seed, prime)

    def add_scores(self, seed: int, prime: int) -> None:
        """The independence of the exponentials; other seeds where a rank is short."""
        if not needs_scores(self.network) or [type(e) for e in self.below] != [RankAtLeast]:
            return
        best: ScoresIndependent | None = None
        for n, p in ((seed, prime), (seed + 1, prime), (seed + 2, next_prime(prime))):
            found = ScoresIndependent(n, p, network_scores(self.network, n, p))
            if best is None or sum(found.layers) > sum(best.layers):
                best = found
            if all(best.layers):
                break
        assert best is not None
        self.below.append(best)

    @property
    def scores_known(self) -> bool:
        """Whether the exponentials are proved independent."""
        return all(all(e.layers) for e in self.below if isinstance(e, ScoresIndependent))

    def add_balls(self, seed: int, *, only: bool) -> None:
        """The second lower bound; `only` drops the modular one."""
        for n in (seed, seed + 1, seed + 2):
            asked = self.subject
            rank, bits = ball_rank(asked.layers, asked.directions, n)
            if rank == self.lower and rank:
                self.below = [*([] if only else self.below), BallRank(n, bits)]
                return
        if only:
            raise UndecidedError(
                f"bound the dimension of {self.network!r} by ball arithmetic",
                f"no minor of size {self.lower} could be separated from zero",
                "another seed, or method='auto'",
            )

    def result(self) -> DimensionResult:
        found = self.lower == self.upper
        value = self.lower if found or self.guess is not None else None
        evidence: dict[str, list[Evidence]]
        if found:
            counted = isinstance(self.above, Counting)
            evidence = {"dimension": [*self.below, CountedAbove() if counted else self.above]}
        else:
            evidence = {"lower": self.below, "upper": [self.above]}
            if self.guess is not None:
                scores = [e for e in self.below if isinstance(e, ScoresIndependent | BallRank)]
                evidence["dimension"] = [GenericRank(*self.guess), *scores]
        return DimensionResult.assemble(
            Problem(self.network), value, evidence, lower=self.lower, upper=self.upper
        )


@checked
def dimension(
    network: Architecture,
    *,
    method: str = "auto",
    seed: int = 0,
    prime: int | None = None,
    time_limit: float | None = None,
    progress: bool = False,
) -> DimensionResult:
    """See ``Lightning.dimension``."""
    asked = f"find the dimension of {network!r}"
    prime = check_prime(DEFAULT_PRIME if prime is None else prime)
    one_of(method, ("auto", *METHODS, "balls"), asked, "method")
    if method == "symmetric":
        SYMMETRY.require(network, asked)
    search = _Search(network, subject(network))
    try:
        with Monitor(asked, progress=progress, time_limit=time_limit) as monitor, watched(monitor):
            _run(search, method, seed, prime)
    except LimitError as error:
        search.add_scores(seed, prime)
        raise LimitError(error.asked, error.wrong, error.hint, search.result()) from None
    return search.result()


def _run(search: _Search, method: str, seed: int, prime: int) -> None:
    network, size = search.network, search.subject.layers.parameters
    balls = method == "balls"
    if balls:
        _check_balls(search)
    undecided: UndecidedError | None = None
    for how in _tries(network, method, seed, prime):
        try:
            found = bounds(network, *how)
        except UndecidedError as error:
            undecided = error
            continue
        except LimitError as error:
            lower, upper = error.partial or (0, search.upper)
            search.learn(lower, upper, how, whole=False)
            raise
        search.learn(found.lower, found.upper, how, whole=True)
        search.count_layers(seed, prime)
        if search.lower == search.upper:
            break
    if search.guess is None:
        if undecided is None:
            asked, wrong = (
                f"find the dimension of {network!r}",
                "no point of high symmetry is known",
            )
        else:
            asked, wrong = undecided.asked, undecided.wrong
        formula = ""
        if REDUCTION.covers(network):
            expected = reduction_of(network).expected
            formula = f", or compare with the formula, which says {expected}"
        raise UndecidedError(
            asked,
            f"{wrong}, and {size} parameters are too many for a dense rank (limit {DENSE_LIMIT})",
            f"method='dense'{formula}",
            search.result(),
        )
    search.add_scores(seed, prime)
    unasked = BALLS_UNASKED if search.scores_known else BALLS_INSTEAD
    if balls or (method == "auto" and size <= unasked and needs_scores(network)):
        search.add_balls(seed, only=balls)


def _check_balls(search: _Search) -> None:
    """Refuse ball arithmetic where it has nothing to enclose, or too much."""
    network, size = search.network, search.subject.layers.parameters
    if not needs_scores(network):
        raise HypothesisError(
            "bound a dimension by ball arithmetic",
            f"balls enclose exponentials, and {network.kind} on {network.tokens} "
            f"token{'s' * (network.tokens > 1)} has none",
            'method="dense" or method="symmetric"',
        )
    if size > BALLS_LIMIT:
        raise LimitError(
            f"bound the dimension of {network!r} by ball arithmetic",
            f"{size} parameters, above the limit {BALLS_LIMIT}",
            "method='auto', which is a proof as well",
        )
