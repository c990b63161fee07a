"""The faces of a result: one line, text, LaTeX, a card."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

from algattn.errors import AlgattnError
from algattn.results.data import NONSENSE
from algattn.results.status import Status

if TYPE_CHECKING:
    from algattn.results.claims import Claim

__all__ = ["Rendered", "card", "face"]

_UNFIT = "The parts of this result do not fit together: it proves nothing"


def face(show: Callable[[Any], str]) -> Callable[[Any], str]:
    """A way to show a result that also shows, as what it is, a file that makes no sense.

    A file is not checked when it is read, so what it says may be impossible to write down.
    """

    @wraps(show)
    def shown(result: Any) -> str:
        try:
            return show(result)
        except (AlgattnError, *NONSENSE):
            return f"{result.title}  [{Status.NUMERIC}]\n  {_UNFIT}."

    return shown


class Rendered:
    """What every result can show; subclasses define :meth:`sentence`, and more where it helps."""

    #: The question that the result answers, so that no heading says what the answer denies.
    title: ClassVar[str]

    if TYPE_CHECKING:
        value: object
        claims: tuple[Claim, ...]
        notes: tuple[str, ...]

        @property
        def status(self) -> Status: ...

    def sentence(self) -> str:
        """The answer in one sentence."""
        return f"{self.value}"

    @face
    def __repr__(self) -> str:
        return f"<{self.sentence()} [{self.status.name}]>"

    def lines(self) -> list[str]:
        """More of the answer for a terminal, line by line."""
        return []

    def formula(self) -> str:
        """The answer as a LaTeX formula, or nothing."""
        return ""

    @face
    def text(self) -> str:
        """The answer for a terminal."""
        head = [f"{self.title}  [{self.status.name}]", f"  {self.sentence()}."]
        return "\n".join(head + [f"    {line}" for line in (*self.lines(), *self.notes)])

    @face
    def latex(self) -> str:
        """The answer as LaTeX (needs amsmath)."""
        return self.formula() or r"\text{" + self.sentence().replace("_", r"\_") + "}"

    def html(self) -> str:
        """The answer as a short HTML card."""
        return self._repr_html_()

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    @face
    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'>{html.escape(c.statement)}</td>"
            f"<td style='text-align:left'>{c.status.name}</td>"
            f"<td style='text-align:left'>{html.escape(', '.join(e.summary() for e in c.evidence))}"
            "</td></tr>"
            for c in self.claims
        )
        return card(self.title, self.sentence(), self.status, f"<table>{rows}</table>")


_COLOURS = {
    Status.PROVED: "#1a7f37",
    Status.THEOREM: "#0969da",
    Status.PROBABLE: "#9a6700",
    Status.NUMERIC: "#6e7781",
}


def card(title: str, sentence: str, status: Status, body: str) -> str:
    """A short HTML card: title, sentence, coloured status, and a body that unfolds."""
    return (
        "<div style='border-left:4px solid "
        f"{_COLOURS[status]};padding:.3em .8em;margin:.3em 0'>"
        f"<b>{html.escape(title)}</b> "
        f"<span style='color:{_COLOURS[status]}' title='{html.escape(status.meaning)}'>"
        f"{status.name}</span><br>{html.escape(sentence)}"
        f"<details><summary>evidence</summary>{body}</details></div>"
    )
