"""Which statements about training apply to these data, and which hypothesis fails where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import fmpq

from algattn.arguments import checked
from algattn.bias.certificates import Multiplied, squared_norm
from algattn.bias.data import TokenData
from algattn.bias.hypotheses import DIRECT, HYPOTHESES, Fact, fact, only_limit
from algattn.bias.minnorm import min_norm_point
from algattn.bias.supports import TokenProblem
from algattn.errors import InputError
from algattn.exact import QQ
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
    register,
    thaw,
)
from algattn.words import one_of, quoted

#: Selections that are examined unless asked otherwise.
EXAMINE = 300


@dataclass(frozen=True)
class Statement:
    """A statement about training: the hypotheses it needs, and what it says then."""

    needs: tuple[str, ...]
    fails_if: tuple[str, ...]
    says: str
    source: str


STATEMENTS = {
    "no_bad_stationary_point": Statement(
        ("two_tokens", "unique_optimum", "equal_scores", "feasible"),
        (),
        "at every W the direction W_mm decreases the loss, so there is no stationary point",
        "lemma *no bad point* (proved in algattn/docs/bias.md); the published theorems on global "
        "convergence (VDT) treat settings of this kind, read their exact hypotheses there",
    ),
    "closed_form": Statement(
        ("unique_optimum", "orthonormal_tokens", "orthonormal_queries"),
        (),
        "all multipliers are 1/T_i and |W_mm|^2 is the sum of (T_i - 1)/T_i",
        "lemma *orthonormal* (proved in algattn/docs/bias.md)",
    ),
    "best_tokens_attract": Statement(
        ("two_tokens", "unique_optimum", "feasible"),
        (),
        "gradient flow from a cone around W_mm, far out, converges to its direction",
        "lemma *stable* (proved in algattn/docs/bias.md); for gradient descent see TLTO",
    ),
    "not_global": Statement(
        ("two_tokens", "unique_optimum", "feasible"),
        ("only_limit",),
        "another selection attracts gradient flow too, so the limit depends on the start",
        "lemma *stable* (proved in algattn/docs/bias.md)",
    ),
}


@dataclass(frozen=True)
class DiagnosisProblem(TokenProblem):
    """Token data, and up to how many selections are tested for other limits."""

    examine: int

    def __post_init__(self) -> None:
        if type(self.examine) is not int or self.examine < 0:
            raise InputError(
                "diagnose", f"examine is {quoted(self.examine)}", "give a whole number"
            )


@declare(
    "bias.checked",
    about("bias.diagnosis", ", ".join(name for name in HYPOTHESES if name != "feasible")),
    Status.PROVED,
    recomputed=True,
)
@dataclass(frozen=True)
class Checked(Evidence):
    """The hypothesis checked on the data, exactly."""

    def check(self, problem: DiagnosisProblem, claim: Claim) -> None:
        if claim.name == "only_limit":
            found = only_limit(problem.data, problem.examine)
        else:
            found = DIRECT[claim.name](problem.data)
        self.expect(claim.value, found, "the data say the contrary")


@declare("bias.separated", about("bias.diagnosis", "feasible"), Status.PROVED)
@dataclass(frozen=True)
class Separated(Multiplied):
    """Multipliers that prove that some W separates the best tokens, or that none does."""

    def check(self, problem: DiagnosisProblem, claim: Claim) -> None:
        data = problem.data
        if claim.value["holds"] is None:
            self.expect(claim.value, Fact(None), "it says more")
            self.expect(self.multipliers, [], "multipliers of a question without answer")
            if not data.ties:
                raise self.fail("the best tokens are unique, so the question has an answer")
        elif claim.value["holds"]:
            W = self.optimum(problem.constraints)
            self.expect(claim.value, _separable(squared_norm(W)), "the norm is another one")
        else:
            self.contradiction(problem.constraints)
            self.expect(claim.value, Fact(False), "it says more")


def _separable(square: fmpq) -> Fact:
    return fact(True, {"norm_squared": QQ.format(square)})


@register
@dataclass(frozen=True, repr=False)
class DiagnosisResult(ListLike, Result):
    """Hypotheses, each true, false with a witness, or not decided, and what follows.

    Attributes
    ----------
    value : tuple of str
        The statements that apply; keys of ``STATEMENTS``.
    hypotheses : mapping from str to Fact
        What was found for each key of ``HYPOTHESES``.
    """

    kind: ClassVar[str] = "bias.diagnosis"
    title: ClassVar[str] = "Which statements about training apply?"
    lists: ClassVar[str] = "value"
    claim_names: ClassVar[tuple[str, ...]] = tuple(HYPOTHESES)

    problem: DiagnosisProblem
    value: tuple[str, ...]
    hypotheses: Mapping[str, Fact]

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """Version 0.1 took the constants of a heuristic for a statement that applies."""
        said = parts["value"]
        return parts | {
            "value": [name for name in said if name != "asymptotic_constants"]
        }, evidence

    def outline(self) -> tuple[Outline, ...]:
        facts = self.hypotheses
        if self.problem.data.selection is not None:  # all is about the best tokens
            return ()
        if set(facts) != set(HYPOTHESES) or self.value != _applying(facts):
            return ()
        words = {True: "true", False: "false", None: "not decided"}
        return tuple(
            Outline(name, f"{says}: {words[facts[name].holds]}", facts[name])
            for name, says in HYPOTHESES.items()
        )

    def holds(self, name: str) -> bool | None:
        """Whether a hypothesis holds; None when it was not decided or makes no sense."""
        return self._fact(name).holds

    def witness(self, name: str) -> Any:
        """Where a hypothesis fails (0-based), or the numbers behind it."""
        return thaw(self._fact(name).witness)

    def _fact(self, name: str) -> Fact:
        return self.hypotheses[one_of(name, HYPOTHESES, "read a diagnosis", "name")]

    def applies(self, statement: str) -> bool:
        """Whether all hypotheses of a statement were found to hold."""
        return one_of(statement, STATEMENTS, "read a diagnosis", "statement") in self.value

    def failing(self, statement: str) -> tuple[str, ...]:
        """The hypotheses of a statement that were not found to hold."""
        self.applies(statement)
        return _failing(STATEMENTS[statement], self.hypotheses)

    def sentence(self) -> str:
        names = ", ".join(name.replace("_", " ") for name in self.value)
        return f"{len(self.value)} of {len(STATEMENTS)} statements apply" + (
            f": {names}" if names else ""
        )

    def card_rows(self) -> Iterator[CardRow]:
        for name, says in HYPOTHESES.items():
            found = self._fact(name)
            word = {True: "yes ", False: "NO  ", None: "?   "}[found.holds]
            shown = None if found.holds else thaw(found.witness)
            yield CardRow(word, says + (f"  {_one_based(shown)}" if shown else ""))
        for name, statement in STATEMENTS.items():
            if self.applies(name):
                yield CardRow("=>", f"{statement.says} [{statement.source}]")
            else:
                yield CardRow("", f"   {name} does not apply: {', '.join(self.failing(name))}")


def _one_based(witness: Mapping[str, Any]) -> str:
    parts = []
    for key, value in witness.items():
        if key in {"sequence", "tokens", "queries", "selection"}:
            value = [x + 1 for x in value] if isinstance(value, list) else value + 1
        parts.append(f"{key} {value}")
    return "(" + ", ".join(parts) + ")"


def _failing(statement: Statement, facts: Mapping[str, Fact]) -> tuple[str, ...]:
    out = [name for name in statement.needs if facts[name].holds is not True]
    return (*out, *(name for name in statement.fails_if if facts[name].holds is not False))


def _applying(facts: Mapping[str, Fact]) -> tuple[str, ...]:
    return tuple(name for name, s in STATEMENTS.items() if not _failing(s, facts))


@question("bias.diagnosis", command="bias diagnose")
@checked
def diagnose(
    data: Any,
    labels: Any = None,
    decoder: Any = None,
    query: Any = None,
    *,
    examine: int = EXAMINE,
    time_limit: float | None = None,
    progress: bool = False,
) -> DiagnosisResult:
    """Check the hypotheses of the theory on data, exactly, and tell which statements apply.

    Parameters
    ----------
    data : TokenData, its JSON object, an AttentionSVM, or the sequences
    labels, decoder, query
        As for :class:`~algattn.bias.AttentionSVM`, when `data` are the sequences.
    examine : int
        Up to how many selections of tokens to test for other limits.
    progress, time_limit
        A bar, and seconds after which a LimitError stops the work.

    Returns
    -------
    DiagnosisResult
        PROVED hypothesis by hypothesis; a selection that the data carry is ignored, since the
        statements are about the tokens of best score.  Ties are an answer, not an error.

    Raises
    ------
    ShapeError, FieldError, InputError
        For data that cannot be read.
    LimitError
        When `time_limit` seconds are over; lower `examine` then.

    Complexity
    ----------
    Up to `examine` exact hard margin problems, and two eliminations of order N = sum (T_i - 1).

    Examples
    --------
    >>> from algattn.bias.instances import counterexample
    >>> found = diagnose(counterexample())
    >>> found.applies("not_global"), found.failing("no_bad_stationary_point")
    (True, ('equal_scores',))
    >>> found.witness("equal_scores")
    {'sequence': 0, 'tokens': [0, 1], 'scores': [0, '1/2']}
    """
    tokens = TokenData.of(data, labels, decoder, query).select(None)
    problem = DiagnosisProblem(tokens, examine)
    with Monitor("check the hypotheses", time_limit=time_limit, progress=progress) as monitor:
        return _diagnose(tokens, problem, monitor)


def _diagnose(tokens: TokenData, problem: DiagnosisProblem, monitor: Monitor) -> DiagnosisResult:
    facts = {}
    for name, check in DIRECT.items():
        facts[name] = check(tokens)
        monitor.step()
    facts["only_limit"] = only_limit(tokens, problem.examine, monitor)
    multipliers: list[fmpq] = []
    if tokens.ties:
        facts["feasible"] = Fact(None)
    else:
        gram = problem.constraints.gram()
        square = fmpq(0)
        if gram:
            found = min_norm_point(gram)
            feasible = found.norm_squared != 0
            square = 1 / found.norm_squared if feasible else square
            multipliers = [w * square if feasible else w for w in found.weights]
            facts["feasible"] = _separable(square) if feasible else Fact(False)
        else:
            facts["feasible"] = _separable(square)
    evidence: dict[str, list[Evidence]] = {name: [Checked()] for name in HYPOTHESES}
    evidence["feasible"] = [Separated(tuple(multipliers))]
    ordered = {name: facts[name] for name in HYPOTHESES}
    return DiagnosisResult.assemble(problem, _applying(ordered), evidence, hypotheses=ordered)
