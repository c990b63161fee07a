"""The report: everything known about a network at given weights, as one verified result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.problem import Problem
from algattn.errors import HypothesisError, LimitError, UndecidedError
from algattn.model.questions import section_of, sections
from algattn.results import (
    Card,
    CardRow,
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
    thaw,
)
from algattn.results.card import tex


@declare("report.section", about("report.network", "*"))
@dataclass(frozen=True)
class Section(Evidence):
    """A result of its own, with its own evidence."""

    result: Result

    @property
    def level(self) -> Status:
        return self.result.status

    def summary(self) -> str:
        return f"{self.result.title} {self.level}"

    def check(self, problem: Problem, claim: Claim) -> None:
        result = self.result
        result.check()
        if section_of(result.kind) != claim.name:
            raise self.fail(f"a result of the kind {result.kind} has no section {claim.name!r}")
        self.expect(claim.value, result.value, "the section has another value")
        given = problem.to_data()
        for key, part in thaw(result.problem).items():
            self.expect(part, given.get(key), f"the section is about another {key}")


@register
@dataclass(frozen=True, repr=False)
class ReportResult(Result):
    """One result for each question that has a section.

    ``value`` maps the name of each section to its value; :attr:`sections` holds the results.
    """

    problem: Problem
    value: Mapping[str, Any]  # the values of results of several kinds

    kind: ClassVar[str] = "report.network"
    title: ClassVar[str] = "What is known about this network?"
    claim_names: ClassVar[tuple[str, ...]] = ("*",)  # the names of sections
    shown: ClassVar[tuple[str, ...]] = ("sentences",)

    def outline(self) -> tuple[Outline, ...]:
        return tuple(
            Outline(name, f"the result about the {name} holds", self.value[name])
            for name in self.value
        )

    @property
    def sections(self) -> dict[str, Result]:
        """The results by name."""
        return {
            claim.name: section.result
            for claim in self.claims
            for section in claim.evidence
            if isinstance(section, Section)
        }

    @property
    def sentences(self) -> dict[str, str]:
        """The answers in a sentence each, by name."""
        return {name: result.sentence() for name, result in self.sections.items()}

    def sentence(self) -> str:
        network = self.problem.network
        many = "1 result" if len(self.claims) == 1 else f"{len(self.claims)} results"
        return f"Report on {network!r}: {many}"

    def card_rows(self) -> Iterator[CardRow]:
        p = self.problem
        yield CardRow("parameters (K, Q, V):", f"{p.network.parameters}")
        if p.given_weights is not None:
            yield CardRow("weights:", p.weights.content())
        yield from (CardRow("", result.card()) for result in self.sections.values())

    def text(self) -> str:
        """The report for a terminal."""
        p = self.problem
        lines = [f"{p.network!r}"]
        for row in self.card().rows:
            part = row.content
            lines += ["", part.text(MAX_LINES)] if isinstance(part, Card) else [_short(row.text())]
        wanted = sections(p.network, weights=p.given_weights, function=p.given_function)
        missing = [q.section for q, _ in wanted if q.section not in self.value]
        lines += [f"\n{name}  left out (it can be too large, or not decided)" for name in missing]
        lines += ["", f"weakest status: {self.status} ({self.status.meaning})"]
        return "\n".join(lines)

    def latex(self) -> str:
        """The report as a LaTeX fragment (needs amsmath)."""
        p = self.problem
        out = [r"\section*{Report}", r"\noindent " + tex(repr(p.network)) + r"\\"]
        if p.given_weights is not None and p.network.parameters <= 100:
            out.append(rf"\[{p.weights.content().latex()}\]")
        for result in self.sections.values():
            card = result.card()
            out.append(rf"\paragraph{{{card.question} ({card.status})}}")
            out.append(tex(card.answer) + ".")
            if formula := result.equation() or card.body():
                out.append(rf"\[{formula}\]")
        return "\n".join(out)

    def html(self) -> str:
        """The report as one HTML page without scripts."""
        return (
            "<!doctype html><html lang='en'><meta charset='utf-8'><title>algattn report</title>"
            "<body style='font-family:sans-serif;max-width:60em;margin:2em auto'>"
            f"{self.card().html()}</body></html>"
        )


MAX_LINES = 8


def _short(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else text[:limit] + " ..."


def _answers(
    network: Architecture, weights: Weights | None, function: FunctionMap | None
) -> Iterator[tuple[str, Result]]:
    """The sections that can be answered; when there are none, the first reason."""
    reasons, found = [], False
    for question, arguments in sections(network, weights=weights, function=function):
        options = question.brief(network) if question.brief else {}
        if options is None:
            continue
        try:
            answer = getattr(network, question.name)(**arguments, **options)
        except (LimitError, UndecidedError, HypothesisError) as reason:
            reasons.append(reason)
        else:
            found = True
            yield question.section, answer
    if reasons and not found:
        raise reasons[0]


def report(
    network: Architecture, weights: Weights | None = None, function: FunctionMap | None = None
) -> ReportResult:
    """Everything that can be said; see ``Lightning.report``."""
    problem = Problem(network, weights, function)
    found = dict(_answers(network, weights, function))
    return ReportResult.assemble(
        problem,
        {name: thaw(result.value) for name, result in found.items()},
        {name: [Section(result)] for name, result in found.items()},
    )
