"""Which choices of tokens can training converge to?  All of them, one by one, exactly.

A selection names a token in each sequence and has a hard margin problem of its own.  Lemmas
*stable* and *unstable* of algattn/docs/bias.md decide whether the direction of its solution
attracts; what neither decides is reported as None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, ClassVar

from flint import fmpq

from algattn.arguments import check_whole, checked
from algattn.bias.certificates import Multiplied
from algattn.bias.constraints import Constraints, Rows
from algattn.bias.data import TokenData, Vector, fraction
from algattn.bias.minnorm import min_norm_point
from algattn.bias.supports import TokenProblem
from algattn.errors import InputError, LimitError
from algattn.exact import QQ, Matrix
from algattn.exact.numerals import rounded
from algattn.progress import Monitor
from algattn.questions import question
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    ListLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    decode,
    register,
)
from algattn.results.codec import field_types, fields_to_data

LIMIT = 2000


def stability(
    constraints: Constraints, margins: Sequence[fmpq], weights: Sequence[fmpq]
) -> bool | None:
    """Whether the direction of a hard margin solution attracts gradient flow.

    Parameters
    ----------
    constraints : Constraints
    margins, weights : N rationals
        Exact margins ``<W, D>`` and multipliers of the solution.

    Returns
    -------
    bool or None
        True when every token on the margin has a smaller score than the selected one (lemma
        *stable*); False when some token of larger score has a positive multiplier and the
        features on the margin are independent (lemma *unstable*); None when neither holds, or
        when there are no constraints and so no direction.
    """
    if not margins:
        return None
    tight = [k for k, m in enumerate(margins) if m == 1]
    gaps = constraints.gaps
    if all(gaps[k] > 0 for k in tight):
        return True
    if any(gaps[k] < 0 and weights[k] > 0 for k in tight):
        gram = constraints.gram()
        block = Matrix(QQ, [[gram[a][b] for b in tight] for a in tight])
        if block.rank() == len(tight):
            return False
    return None


#: The parts of a candidate in JSON data, and the fields that hold them.
_PARTS = {
    "selection": "selection",
    "feasible": "feasible",
    "stable": "stable",
    "norm_squared": "square",
    "W": "rows",
}


@dataclass(frozen=True)
class Candidate:
    """One selection: its solution, or nothing when no W makes it."""

    selection: tuple[int, ...]
    feasible: bool
    stable: bool | None = None
    square: fmpq | None = None
    rows: tuple[Vector, ...] | None = None

    @classmethod
    def of(cls, constraints: Constraints, W: Rows, weights: Sequence[fmpq]) -> Candidate:
        """A selection whose solution W has these multipliers."""
        return cls(
            constraints.selection,
            True,
            stability(constraints, constraints.margins(W), weights),
            sum(weights, fmpq(0)),
            tuple(map(tuple, W)),
        )

    @property
    def name(self) -> str:
        """The tokens, 1-based: the name of the claim about them."""
        return ",".join(str(t + 1) for t in self.selection)

    @property
    def norm_squared(self) -> Fraction | None:
        """``|W|^2``."""
        return None if self.square is None else fraction(self.square)

    @property
    def W(self) -> list[list[Fraction]] | None:
        """The solution as nested lists of fractions."""
        return None if self.rows is None else [[fraction(x) for x in row] for row in self.rows]

    def to_data(self) -> dict[str, Any]:
        """The candidate as a JSON object."""
        found = fields_to_data(self)
        return {part: found[name] for part, name in _PARTS.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        """FLINT numbers cannot be pickled; their spelling can."""
        return type(self).from_data, (self.to_data(),)

    @classmethod
    def from_data(cls, data: Any) -> Candidate:
        """The inverse of :meth:`to_data`."""
        if not isinstance(data, Mapping) or set(data) != set(_PARTS):
            raise InputError("read a candidate", "its parts are not those of one", "recompute it")
        types = field_types(cls)
        return cls(**{name: decode(types[name], data[part]) for part, name in _PARTS.items()})


@declare("bias.selected", about("bias.selections", "*"), Status.PROVED)
@dataclass(frozen=True)
class Selected(Multiplied):
    """The multipliers of one selection, and the exact test of stability."""

    def check(self, problem: TokenProblem, claim: Claim) -> None:
        chosen = problem.data.select(list(claim.value["selection"]))
        constraints = Constraints.of(chosen)
        if claim.value["feasible"]:
            W = self.optimum(constraints)
            found = Candidate.of(constraints, W, self.multipliers)
        else:
            self.contradiction(constraints)
            found = Candidate(constraints.selection, False)
        self.expect(claim.value, found, "the multipliers say the contrary")
        self.expect(claim.name, found.name, "it is another selection")

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Version 0.1 wrote the selection twice, here and in the claim."""
        return {name: x for name, x in data.items() if name != "selection"}


@register
@dataclass(frozen=True, repr=False)
class SelectionsResult(ListLike, Result):
    """All selections of tokens with their hard margins and their stability.

    Attributes
    ----------
    value : int
        How many selections are proved stable.
    candidates : tuple of Candidate
        Every selection, in lexicographic order.
    """

    kind: ClassVar[str] = "bias.selections"
    title: ClassVar[str] = "What can the limits of training be?"
    lists: ClassVar[str] = "candidates"
    # One claim for each selection, named after its tokens; how many there are depends on the data.
    claim_names: ClassVar[tuple[str, ...]] = ("*",)

    problem: TokenProblem
    value: int
    candidates: tuple[Candidate, ...]

    def outline(self) -> tuple[Outline, ...]:
        data = self.problem.data
        if data.selection is not None:  # the sentence speaks about the best tokens
            return ()
        if [e.selection for e in self.candidates] != list(all_selections(data)):
            return ()
        if self.value != sum(e.stable is True for e in self.candidates):
            return ()
        words = {
            True: "attracts gradient flow",
            False: "is no limit of training",
            None: "is not decided",
        }
        out = []
        for e in self.candidates:
            says = f"has a direction that {words[e.stable]}"
            says = says if e.feasible else "is not made by any W"
            out.append(Outline(e.name, f"the selection {e.name} {says}", e))
        return tuple(out)

    @property
    def stable(self) -> list[Candidate]:
        """Those that attract: the limits that training can have from suitable starts."""
        return [c for c in self.candidates if c.stable]

    @property
    def undecided(self) -> list[Candidate]:
        """Feasible selections that the two lemmas do not decide (a tie of scores, or a token of
        larger score on the margin whose multiplier is zero or not unique).
        """
        return [c for c in self.candidates if c.feasible and c.stable is None]

    def sentence(self) -> str:
        many = self.candidates
        best = self.problem.data
        name = (
            ""
            if best.ties
            else f"; the best tokens are {','.join(str(t + 1) for t in best.best())}"
        )
        return (
            f"{self.value} of {len(many)} selections attract training, {len(self.undecided)} are "
            f"not decided, {sum(not c.feasible for c in many)} are infeasible{name}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        for c in self.stable[:20]:
            yield CardRow("attracts:", f"{c.name}, |W|^2 {short(c.norm_squared)}")


def short(x: Fraction | None) -> str:
    """A number for a line of text: exact when it is short."""
    return "= None" if x is None else rounded(x)


def all_selections(data: TokenData) -> Iterator[tuple[int, ...]]:
    return product(*(range(length) for length in data.lengths))


@question("bias.selections", command="bias solve --all")
@checked
def local_selections(
    sequences: Any,
    labels: Any = None,
    decoder: Any = None,
    query: Any = None,
    *,
    limit: int = LIMIT,
    time_limit: float | None = None,
    progress: bool = False,
) -> SelectionsResult:
    """Solve the hard margin problem of every selection of tokens, and test its stability.

    Parameters
    ----------
    sequences, labels, decoder, query
        As for :class:`~algattn.bias.AttentionSVM`, or one TokenData.
    limit : int
        How many selections (the product of the lengths) are acceptable.

    Returns
    -------
    SelectionsResult
        PROVED: each selection carries its multipliers or its Farkas certificate.

    Raises
    ------
    LimitError
        When there are more selections, or the time is over.

    Complexity
    ----------
    ``prod T_i`` exact hard margin problems.

    Examples
    --------
    >>> from algattn.bias.instances import counterexample
    >>> found = local_selections(counterexample())
    >>> [c.name for c in found.stable]
    ['2', '3']
    """
    data = TokenData.of(sequences, labels, decoder, query)
    data = data.select(None)
    many = prod(data.lengths)
    if many > check_whole(limit, "list selections", "limit", 1):
        raise LimitError(
            "list all selections of tokens",
            f"there are {many} of them and the limit is {limit}",
            "raise limit, use fewer tokens, or test one with AttentionSVM(.., selection=[..])",
        )
    entries: list[Candidate] = []
    evidence: dict[str, list[Evidence]] = {}
    with Monitor(
        "list selections", total=many, progress=progress, time_limit=time_limit
    ) as monitor:
        for selection in all_selections(data):
            entry, multipliers = candidate(data, selection)
            entries.append(entry)
            evidence[entry.name] = [Selected(multipliers)]
            monitor.step(partial=lambda: entries)
    value = sum(e.stable is True for e in entries)
    return SelectionsResult.assemble(TokenProblem(data), value, evidence, candidates=tuple(entries))


def candidate(data: TokenData, selection: tuple[int, ...]) -> tuple[Candidate, tuple[fmpq, ...]]:
    """One selection, with its multipliers."""
    constraints = Constraints.of(data.select(list(selection)))
    weights: tuple[fmpq, ...] = ()
    if constraints.index:
        # These problems are many and small: starting cold is faster than asking a float solver.
        found = min_norm_point(constraints.gram(), guess=None)
        if found.norm_squared == 0:
            return Candidate(selection, False), found.weights
        weights = tuple(w / found.norm_squared for w in found.weights)
    return Candidate.of(constraints, constraints.combine(weights), weights), weights
