"""The report: everything known about a network at given weights, as one verified result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.problem import Problem
from algattn.attention.theorems import lightning
from algattn.errors import LimitError, UndecidedError
from algattn.results import (
    Card,
    CardRow,
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    about,
    register,
    thaw,
)
from algattn.results.card import tex

#: The name of a section, by the kind of its result; the order is that of a report.
SECTIONS = {
    "parametrization.derivation": "parametrization",
    "dimension.network": "dimension",
    "fiber.one-layer": "fiber",
    "deep.fiber": "fiber",
    "point.one-layer": "kind of point",
    "membership.one-layer": "membership",
}
#: Sections that may be too large, or not decided.
LEFT_OUT = ("fiber", "kind of point")


@register
@dataclass(frozen=True)
class Section(Evidence):
    """A result of its own, with its own evidence."""

    kind: ClassVar[str] = "report.section"
    supports = about("report.network", ", ".join(SECTIONS.values()))

    result: Result

    @property
    def level(self) -> Status:
        return self.result.status

    def summary(self) -> str:
        return f"{self.result.title} {self.level}"

    def check(self, problem: Problem, claim: Claim) -> None:
        result = self.result
        result.check()
        if SECTIONS.get(result.kind) != claim.name:
            raise self.fail(f"a result of the kind {result.kind} has no section {claim.name!r}")
        self.expect(claim.value, result.value, "the section has another value")
        given = problem.to_data()
        for key, part in thaw(result.problem).items():
            self.expect(part, given.get(key), f"the section is about another {key}")


@register
@dataclass(frozen=True, repr=False)
class ReportResult(Result):
    """One result for each question: derivation, dimension, fiber, kind of point.

    ``value`` maps the name of each section to its value; :attr:`sections` holds the results.
    """

    problem: Problem
    value: Mapping[str, Any]  # the values of results of several kinds

    kind: ClassVar[str] = "report.network"
    title: ClassVar[str] = "What is known about this network?"
    claim_names: ClassVar[tuple[str, ...]] = tuple(dict.fromkeys(SECTIONS.values()))
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
        missing = [name for name, _ in questions(p) if name not in self.value]
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


def questions(problem: Problem) -> Iterator[tuple[str, Callable[[], Result | None]]]:
    """What a report asks: the names of its sections, and how they are answered."""
    from algattn.dimension.results import dimension
    from algattn.fibers.deep import NATIVE_FIBERS
    from algattn.fibers.factorisation import MEMBERSHIP
    from algattn.fibers.membership import membership
    from algattn.fibers.results import fiber
    from algattn.singularities.results import classify
    from algattn.singularities.theorem import SINGULAR
    from algattn.symbolic.results import derive, quick_params

    network, weights, function = problem.network, problem.given_weights, problem.given_function

    def parametrization() -> Result | None:
        params = quick_params(network)
        return None if params is None else derive(network, params)

    if lightning.holds(network):
        yield "parametrization", parametrization
    yield "dimension", lambda: dimension(network)
    if weights is not None and NATIVE_FIBERS.covers(network):
        yield "fiber", lambda: fiber(network, weights)
    if weights is not None and SINGULAR.covers(network):
        yield "kind of point", lambda: classify(network, weights)
    if function is not None and MEMBERSHIP.covers(network):
        yield "membership", lambda: membership(network, function)


def report(
    network: Architecture, weights: Weights | None = None, function: FunctionMap | None = None
) -> ReportResult:
    """Everything that can be said about the network and, when given, its weights or a function.

    Parameters
    ----------
    network : Lightning or Softmax
        The network; its dimension is found, and for lightning its parametrization.
    weights : Weights, optional
        With them, for lightning: the fiber and, for one layer, the kind of point.
    function : FunctionMap, optional
        With it, for one lightning layer: whether the network has it, and with which weights.

    Returns
    -------
    ReportResult
        As strong as its weakest section.
    """
    problem, found = Problem(network, weights, function), dict[str, Result]()
    for name, answer in questions(problem):
        # Left out where the function is too large to write down, or the fiber is not decided.
        with suppress(*((LimitError, UndecidedError) if name in LEFT_OUT else ())):
            if (result := answer()) is not None:
                found[name] = result
    return ReportResult.assemble(
        problem,
        {name: thaw(result.value) for name, result in found.items()},
        {name: [Section(result)] for name, result in found.items()},
    )
