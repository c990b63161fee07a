"""The report: everything known about a network at given weights, as one verified result."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.problem import Problem
from algattn.errors import HypothesisError, LimitError, UndecidedError
from algattn.model.questions import section_of, sections
from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    about,
    card,
    face,
    register,
    thaw,
)


@register
@dataclass(frozen=True)
class Section(Evidence):
    """A result of its own, with its own evidence."""

    kind: ClassVar[str] = "report.section"
    supports = about("report.network", "*")

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

    @face
    def text(self) -> str:
        """The report for a terminal."""
        p = self.problem
        lines = [f"{p.network!r}", f"parameters (K, Q, V): {p.network.parameters}"]
        if p.given_weights is not None:
            lines.append(f"weights: {_short(repr(p.weights))}")
        for result in self.sections.values():
            lines += ["", f"{result.title}  [{result.status}]", f"  {result.sentence()}."]
            more = result.lines()
            lines += [f"    {_short(line, 200)}" for line in more[:MAX_LINES]]
            if len(more) > MAX_LINES:
                lines.append(f"    ... and {len(more) - MAX_LINES} more")
        wanted = sections(p.network, weights=p.given_weights, function=p.given_function)
        missing = [q.section for q, _ in wanted if q.section not in self.value]
        lines += [f"\n{name}  left out (it can be too large, or not decided)" for name in missing]
        lines += ["", f"weakest status: {self.status.name} ({self.status.meaning})"]
        return "\n".join(lines)

    @face
    def latex(self) -> str:
        """The report as a LaTeX fragment (needs amsmath)."""
        p = self.problem
        out = [r"\section*{Report}", r"\noindent " + _tex(repr(p.network)) + r"\\"]
        if p.given_weights is not None and p.network.parameters <= 100:
            out.append(r"\[" + p.weights._repr_latex_().strip("$") + r"\]")
        for result in self.sections.values():
            out.append(rf"\paragraph{{{result.title} ({result.status})}}")
            out.append(_tex(result.sentence()) + ".")
            if formula := result.formula():
                out.append(r"\[" + formula + r"\]")
        return "\n".join(out)

    @face
    def html(self) -> str:
        """The report as one HTML page without scripts."""
        p = self.problem
        cards = "".join(result._repr_html_() for result in self.sections.values())
        head = html.escape(repr(p.network))
        return (
            "<!doctype html><html lang='en'><meta charset='utf-8'><title>algattn report</title>"
            "<body style='font-family:sans-serif;max-width:60em;margin:2em auto'>"
            f"<h1>{head}</h1><p>{p.network.parameters} parameters in (K, Q, V)</p>{cards}"
            "</body></html>"
        )

    @face
    def _repr_html_(self) -> str:
        cards = "".join(result._repr_html_() for result in self.sections.values())
        return card(self.title, self.sentence(), self.status, cards)


MAX_LINES = 8


def _short(text: str, limit: int = 300) -> str:
    return text if len(text) <= limit else text[:limit] + " ..."


def _tex(text: str) -> str:
    for old, new in (
        ("\\", r"\textbackslash "),
        ("_", r"\_"),
        ("{", r"\{"),
        ("}", r"\}"),
        ("^", r"\^{}"),
        ("&", r"\&"),
        ("%", r"\%"),
        ("#", r"\#"),
    ):
        text = text.replace(old, new)
    return text


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
