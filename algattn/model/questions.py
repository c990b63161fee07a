"""All questions together: the sections of a report, and the table of questions."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from algattn.attention import questions as attention
from algattn.dimension import questions as dimension
from algattn.fibers import questions as fibers
from algattn.groebner import questions as groebner
from algattn.questions import QUESTIONS, Question
from algattn.results import Evidence
from algattn.singularities import questions as singularities
from algattn.symbolic import questions as symbolic

__all__ = ["in_order", "markdown", "section_of", "sections", "table"]

#: The declarations, in the order in which people meet them.
DECLARED = (attention, symbolic, dimension, fibers, singularities, groebner)


def in_order() -> list[Question]:
    """The questions, room by room; those declared elsewhere last."""
    rooms = [module.__name__ for module in DECLARED]
    return sorted(
        QUESTIONS.values(), key=lambda q: [*rooms, q.ask.__module__].index(q.ask.__module__)
    )


def section_of(kind: str) -> str:
    """The name of the section of a report that holds results of this kind.

    >>> section_of("deep.fiber"), section_of("point.degree")
    ('fiber', '')
    """
    return next((q.section for q in QUESTIONS.values() if kind in q.kinds), "")


def sections(network: Any, **given: Any) -> Iterator[tuple[Question, dict[str, Any]]]:
    """The questions that a report answers, with their arguments; first about the network alone.

    Parameters
    ----------
    network : Lightning or Softmax
    **given
        ``weights`` and ``function``, or None.
    """
    order = ("", "weights", "function")
    wanted = [q for q in in_order() if q.section and q.applies(network)]
    for part in order:
        for found in wanted:
            needed = {
                n: found.given(n) for n, p in found.parameters.items() if p.default is p.empty
            }
            if max(needed.values(), key=order.index, default="") == part and all(
                given.get(name) is not None for name in needed.values()
            ):
                yield found, {name: given[kind] for name, kind in needed.items()}


#: Where functions that are no methods of networks are declared.
ELSEWHERE = (
    *("dimension", "groebner.width_uniform", "groebner.implicitize", "singularities.critical"),
    *("bias.svm", "bias.selections", "bias.training", "bias.diagnosis", "paths.critical"),
    *("paths.one_head", "tropical.counts", "tropical.regions", "tropical.stability"),
)


def table() -> list[dict[str, Any]]:
    """What all questions are, as JSON data.

    Returns
    -------
    list of dict
        With ``name``, ``question``, ``call``, ``answer`` (its type), ``command``, ``section`` of a
        report, and ``results``: for each kind its claims, each with the kinds of evidence that
        may stand under it.
    """
    from algattn.model.catalogue import known

    registry = known()
    for module in ELSEWHERE:
        import_module(f"algattn.{module}")
    reasons = [c for c in registry.loaded().values() if issubclass(c, Evidence)]

    def claims(kind: str) -> dict[str, list[str]]:
        return {
            claim: sorted(e.kind for e in reasons if e.may_support(kind, claim))
            for claim in registry.result(kind).claim_names
        }

    return [
        {
            "name": q.name,
            "question": q.summary,
            "call": q.call,
            "answer": q.answer,
            "command": f"algattn {q.command.partition('=')[0]}" if q.command else None,
            "section": q.section or None,
            "results": {kind: claims(kind) for kind in q.kinds},
        }
        for q in in_order()
    ]


def markdown(rows: list[dict[str, Any]]) -> str:
    """The table for a page: what is asked, how, and what the answer claims."""
    lines = ["| question | Python | command line | claims |", "|---|---|---|---|"]
    for row in rows:
        claims = dict.fromkeys(c for kind in row["results"].values() for c in kind if c != "*")
        command = f"`{row['command']}`" if row["command"] else ""
        asked = row["question"].replace("|", r"\|")
        lines.append(f"| {asked} | `{row['call']}` | {command} | {', '.join(claims)} |")
    return "\n".join(lines)
