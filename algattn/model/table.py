"""The table of questions: how to ask them, what answers claim, and what may prove it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from algattn.model.catalogue import known
from algattn.model.questions import in_order
from algattn.questions import Question
from algattn.results import Evidence

__all__ = ["markdown", "table"]

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
        report, ``theorem`` (its name, source and hypotheses), and ``results``: for each kind its
        claims, each with the kinds of evidence that may stand under it.
    """
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
            "theorem": _theorem(q),
            "results": {kind: claims(kind) for kind in q.kinds},
        }
        for q in in_order()
    ]


def _theorem(question: Question) -> dict[str, Any] | None:
    if question.theorem is None:
        return None
    found = question.theorem()
    needs = [h.name for h in found.hypotheses]
    return {"name": found.name, "source": found.source, "hypotheses": needs}


def markdown(rows: list[dict[str, Any]]) -> str:
    """The table for a page: what is asked, how, and what the answer claims."""
    lines = ["| question | Python | command line | claims |", "|---|---|---|---|"]
    for row in rows:
        claims = dict.fromkeys(c for kind in row["results"].values() for c in kind if c != "*")
        command = f"`{row['command']}`" if row["command"] else ""
        asked = row["question"].replace("|", r"\|")
        lines.append(f"| {asked} | `{row['call']}` | {command} | {', '.join(claims)} |")
    return "\n".join(lines)
