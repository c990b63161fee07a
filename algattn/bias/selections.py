"""Which choices of tokens can training converge to?  All of them, one by one, exactly.

A selection names a token in each sequence and has a hard margin problem of its own.  Lemmas
*stable* and *unstable* of algattn/docs/bias.md decide whether the direction of its solution
attracts; what neither decides is reported as None.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, ClassVar

from algattn.bias.certificates import (
    Multiplied,
    problem_data,
    spell,
    spell_rows,
    squared_norm,
)
from algattn.bias.constraints import Constraints
from algattn.bias.data import TokenData, fraction
from algattn.bias.minnorm import min_norm_point
from algattn.errors import LimitError
from algattn.exact import QQ, Matrix
from algattn.progress import Monitor
from algattn.results import Claim, Evidence, Outline, Status, about, register
from algattn.results.legacy import LegacyResult

LIMIT = 2000


def stability(constraints: Constraints, margins: list[Any], weights: list[Any]) -> bool | None:
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


@dataclass(frozen=True)
class Candidate:
    """One selection: its solution, or None when no W makes it."""

    selection: tuple[int, ...]
    feasible: bool
    stable: bool | None
    norm_squared: Fraction | None
    W: list[list[Fraction]] | None

    @property
    def name(self) -> str:
        """The tokens, 1-based."""
        return ",".join(str(t + 1) for t in self.selection)


@register
@dataclass(frozen=True)
class Selected(Multiplied):
    """The multipliers of one selection, and the exact test of stability."""

    kind: ClassVar[str] = "bias.selected"
    supports = about("bias.selections", "*")
    strength: ClassVar[Status] = Status.PROVED

    selection: Any
    multipliers: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        constraints = Constraints.of(problem_data(problem).select(list(self.selection)))
        self.expect(claim.value["selection"], self.selection, "it is another selection")
        if not claim.value["feasible"]:
            self.contradiction(constraints)
            found = {"selection": self.selection, "feasible": False} | _NOTHING
        else:
            W = self.optimum(constraints)
            weights = [QQ(x) for x in self.multipliers]
            found = {
                "selection": self.selection,
                "feasible": True,
                "stable": stability(constraints, constraints.margins(W), weights),
                "norm_squared": QQ.format(squared_norm(W)),
                "W": spell_rows(W),
            }
        self.expect(claim.value, found, "the multipliers say the contrary")


_NOTHING: dict[str, Any] = {"stable": None, "norm_squared": None, "W": None}


@register
@dataclass(frozen=True, repr=False)
class SelectionsResult(LegacyResult):
    """All selections of tokens with their hard margins and their stability.

    Attributes
    ----------
    value : int
        How many selections are proved stable.
    """

    kind: ClassVar[str] = "bias.selections"
    title: ClassVar[str] = "Limits of training"
    claim_names: ClassVar[tuple[str, ...]] = ("*",)

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        data = problem_data(problem)
        entries = detail["candidates"]
        if set(problem) != {"data"} or set(detail) != {"candidates"}:
            return ()
        if data.selection is not None:  # the sentence speaks about the best tokens
            return ()
        if [e["selection"] for e in entries] != list(all_selections(data)):
            return ()
        if type(value) is not int or value != sum(e["stable"] is True for e in entries):
            return ()
        words = {
            True: "attracts gradient flow",
            False: "is no limit of training",
            None: "is not decided",
        }
        out = []
        for e in entries:
            name = ",".join(str(t + 1) for t in e["selection"])
            says = f"has a direction that {words[e['stable']]}"
            says = says if e["feasible"] else "is not made by any W"
            out.append(Outline(name, f"the selection {name} {says}", e))
        return tuple(out)

    @property
    def candidates(self) -> list[Candidate]:
        """Every selection, in lexicographic order."""
        return [
            Candidate(
                tuple(e["selection"]),
                e["feasible"],
                e["stable"],
                None if e["norm_squared"] is None else fraction(QQ(e["norm_squared"])),
                None if e["W"] is None else [[fraction(QQ(x)) for x in row] for row in e["W"]],
            )
            for e in self.detail["candidates"]
        ]

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
        best = problem_data(self.problem)
        name = (
            ""
            if best.ties
            else f"; the best tokens are {','.join(str(t + 1) for t in best.best())}"
        )
        return (
            f"{self.value} of {len(many)} selections attract training, {len(self.undecided)} are "
            f"not decided, {sum(not c.feasible for c in many)} are infeasible{name}"
        )

    def lines(self) -> list[str]:
        return [f"attracts: {c.name}, |W|^2 {short(c.norm_squared)}" for c in self.stable[:20]]


def short(x: Fraction | None) -> str:
    """A number for a line of text: exact when it is short."""
    return f"= {x}" if x is None or len(str(x)) < 40 else f"~ {float(x):.6g}"


def all_selections(data: TokenData) -> Iterator[tuple[int, ...]]:
    return product(*(range(length) for length in data.lengths))


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
    if many > limit:
        raise LimitError(
            "list all selections of tokens",
            f"there are {many} of them and the limit is {limit}",
            "raise limit, use fewer tokens, or test one with AttentionSVM(.., selection=[..])",
        )
    entries: list[dict[str, Any]] = []
    evidence: dict[str, list[Evidence]] = {}
    with Monitor(
        "list selections", total=many, progress=progress, time_limit=time_limit
    ) as monitor:
        for selection in all_selections(data):
            entry, multipliers = candidate(data, selection)
            entries.append(entry)
            name = ",".join(str(t + 1) for t in selection)
            evidence[name] = [Selected(selection, multipliers)]
            monitor.step(partial=lambda: entries)
    value = sum(e["stable"] is True for e in entries)
    return SelectionsResult.assemble(
        {"data": data.to_data()}, value, evidence, {"candidates": entries}
    )


def candidate(data: TokenData, selection: tuple[int, ...]) -> tuple[dict[str, Any], list[Any]]:
    """One selection as JSON data, with its multipliers."""
    constraints = Constraints.of(data.select(list(selection)))
    entry: dict[str, Any] = {"selection": list(selection)}
    weights: list[Any] = []
    if constraints.index:
        # These problems are many and small: starting cold is faster than asking a float solver.
        found = min_norm_point(constraints.gram(), guess=None)
        if found.norm_squared == 0:
            return entry | {"feasible": False} | _NOTHING, spell(found.weights)
        weights = [w / found.norm_squared for w in found.weights]
    W = constraints.combine(weights)
    entry |= {
        "feasible": True,
        "stable": stability(constraints, constraints.margins(W), weights),
        "norm_squared": QQ.format(sum(weights, QQ.zero)),
        "W": spell_rows(W),
    }
    return entry, spell(weights)
