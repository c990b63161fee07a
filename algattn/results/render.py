"""The faces of a result: one line, text, LaTeX, a card."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from algattn.errors import AlgattnError
from algattn.results.card import Card, CardRow, Reason
from algattn.results.data import NONSENSE
from algattn.results.status import Status

if TYPE_CHECKING:
    from algattn.results.claims import Claim

__all__ = ["Rendered"]

_UNFIT = "The parts of this result do not fit together: it proves nothing"


class Rendered:
    """What every result can show: renderings of one :class:`~algattn.results.card.Card`.

    Subclasses define :meth:`sentence`, and where there is more :meth:`card_rows` and
    :meth:`formula`.  A file is not checked when it is read, so what it says may be impossible to
    write down; every face shows it as what it is.
    """

    #: The question that the result answers, so that no heading says what the answer denies.
    title: ClassVar[str]
    #: Whether the text lists the evidence as well.
    explained: ClassVar[bool] = False

    if TYPE_CHECKING:
        value: object
        claims: tuple[Claim, ...]
        notes: tuple[str, ...]

        @property
        def status(self) -> Status: ...

    def sentence(self) -> str:
        """The answer in one sentence."""
        return f"{self.value}"

    def card_rows(self) -> Iterable[CardRow]:
        """The rest of the answer."""
        return ()

    def formula(self) -> str:
        """The answer as a LaTeX formula, or nothing."""
        return ""

    def card(self) -> Card:
        """Question, answer, status, the rest of the answer, and how it is known."""
        try:
            rows = (*self.card_rows(), *(CardRow("", note) for note in self.notes))
            reasons = tuple(
                Reason(c.statement, c.status, tuple(e.summary() for e in c.evidence))
                for c in self.claims
            )
            return Card(
                self.title, self.sentence(), self.status, rows, reasons, explained=self.explained
            )
        except (AlgattnError, *NONSENSE):
            return Card(self.title, _UNFIT, Status.NUMERIC)

    def __repr__(self) -> str:
        try:
            return f"<{self.sentence()} [{self.status}]>"
        except (AlgattnError, *NONSENSE):
            return self.card().text()

    def lines(self) -> list[str]:
        """The rest of the answer for a terminal, line by line."""
        return self.card().lines()

    def text(self) -> str:
        """The answer for a terminal."""
        return self.card().text()

    def latex(self) -> str:
        """The answer as LaTeX (needs amsmath): the formula, else the card."""
        return self.equation() or self.card().latex()

    def equation(self) -> str:
        """The formula; nothing where there is none, or none that makes sense."""
        with suppress(AlgattnError, *NONSENSE):
            return self.formula()
        return ""

    def html(self) -> str:
        """The answer as a short HTML card."""
        return self.card().html()

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"

    def _repr_html_(self) -> str:
        return self.card().html()
