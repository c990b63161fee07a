"""A card: one content for a terminal, for HTML and for LaTeX.

HTML is plain, with inline styles alone: notebooks strip style sheets, scripts and MathML from what
they do not trust, and a matrix without its brackets is a wrong number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from algattn.results.status import Status

__all__ = ["Card", "CardRow", "Grid", "Matrices", "Reason"]

#: Mark and colour of each status; the word on it is white.
BADGES = {
    Status.PROVED: ("✓", "#1a7f37"),
    Status.THEOREM: ("§", "#0969da"),
    Status.PROBABLE: ("≈", "#9a6700"),
    Status.NUMERIC: ("~", "#57606a"),
}
_LINE = "#888888"
#: A page without a document type does not hand its colour and size down to tables.
_TABLE = "border-collapse:collapse;color:inherit;font-size:inherit"
_CELL = "padding:1px 6px;text-align:center;border:0;white-space:nowrap"
_LEFT = "text-align:left;vertical-align:middle;padding:2px 12px 2px 0;overflow-wrap:anywhere"
_SPECIAL = str.maketrans(
    {"\\": r"\textbackslash{}", "^": r"\^{}"} | {c: f"\\{c}" for c in "_{}&%#$"}
)
#: A letter with an index below and one above, before a sign: ``K_2^(1) =``.
_NAMED = re.compile(r"([A-Za-z])(?:_\{?([A-Z\d,]+)\}?)?(?:\^\((\d+)\))? ([=~])")


def tex(text: str) -> str:
    """Text as LaTeX prints it.

    >>> print(tex("c_{1,12} ^ 2"))
    c\\_\\{1,12\\} \\^{} 2
    """
    return text.translate(_SPECIAL)


def _label(label: str, below: str, above: str, plain: Callable[[str], str]) -> str:
    """A label with its indices written as given, or else as `plain` text."""
    name = _NAMED.fullmatch(label.strip())
    if name is None:
        return plain(label.strip())
    index = (below.format(name[2]) if name[2] else "") + (above.format(name[3]) if name[3] else "")
    return f"{name[1]}{index} {name[4]}"


def _tex_label(label: str) -> str:
    return _label(label, "_{{{}}}", "^{{({})}}", lambda text: rf"\text{{{tex(text)}}}")


def _html_label(label: str) -> str:
    return _label(label, "<sub>{}</sub>", "<sup>({})</sup>", escape)


def _tex_number(x: Any) -> str:
    text = str(x)
    if fraction := re.fullmatch(r"(-?)(\d+)/(\d+)", text):
        return rf"{fraction[1]}\tfrac{{{fraction[2]}}}{{{fraction[3]}}}"
    return text.replace("θ", r"\theta").replace("*", "")


@dataclass(frozen=True)
class Grid:
    """A matrix: rows of numbers, or of their texts; ``stacked`` for a terminal row by row.

    >>> print(Grid([[1, "1/2"]]).text(), Grid([[1, "1/2"]]).latex())
    [[1, 1/2]] \\begin{pmatrix} 1 & \\tfrac{1}{2} \\end{pmatrix}
    """

    rows: Sequence[Sequence[Any]]
    stacked: bool = False

    def text(self) -> str:
        if self.stacked:
            return "\n".join("  ".join(map(str, row)) for row in self.rows)
        return "[" + ", ".join("[" + ", ".join(map(str, row)) + "]" for row in self.rows) + "]"

    def html(self, limit: int = 16) -> str:
        """A table whose outer cells are the brackets, cut after `limit` rows and columns."""
        shown = [[str(x) for x in row[:limit]] + ["⋯"] * (len(row) > limit) for row in self.rows]
        shown = shown[:limit] + [["⋮"]] * (len(shown) > limit)
        bracket = f"border:2px solid {_LINE};padding:0;width:4px;min-width:4px"
        out = []
        for i, row in enumerate(shown):
            cells = "".join(f"<td style='{_CELL}'>{escape(x)}</td>" for x in row)
            if i == 0:
                ends = [
                    f"<td rowspan='{len(shown)}' style='{bracket};border-{side}:0'></td>"
                    for side in ("right", "left")
                ]
                cells = ends[0] + cells + ends[1]
            out.append(f"<tr style='background-color:transparent'>{cells}</tr>")
        return (
            f"<table style='{_TABLE};display:inline-table;vertical-align:middle;margin:2px 4px;"
            f"border:0'>{''.join(out)}</table>"
        )

    def latex(self, limit: int = 8) -> str:
        """A ``pmatrix``, cut after `limit` rows and columns."""
        rows = [
            " & ".join([*map(_tex_number, row[:limit]), *[r"\cdots"] * (len(row) > limit)])
            for row in self.rows[:limit]
        ] + [r"\vdots"] * (len(self.rows) > limit)
        return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"


@dataclass(frozen=True)
class Matrices:
    """Matrices with their names, K_1 or V, how all of them are written in a line of text, and
    over which field, where that has to be said."""

    parts: tuple[tuple[str, Grid], ...]
    written: str
    over: str = ""

    def text(self) -> str:
        return self.written

    def html(self) -> str:
        parts = (
            f"<span style='white-space:nowrap'>{_html_label(name + ' =')} {grid.html()}</span>"
            for name, grid in self.parts
        )
        return " ".join(parts) + escape(self.over and f" over {self.over}")

    def latex(self) -> str:
        parts = (f"{_tex_label(name + ' =')} {grid.latex()}" for name, grid in self.parts)
        return r",\quad ".join(parts) + (self.over and rf"\text{{ over {tex(self.over)}}}")


@dataclass(frozen=True)
class CardRow:
    """A line of a card: a label with its punctuation (``"X ="``), and the content."""

    label: str
    content: str | Grid | Matrices | Card

    def text(self) -> str:
        body = self.content if isinstance(self.content, str) else self.content.text()
        return f"{self.label} {body}" if self.label else body

    def html(self) -> str:
        body = escape(self.content) if isinstance(self.content, str) else self.content.html()
        if not self.label.strip():
            return f"<tr><td colspan='2' style='{_LEFT}'>{body}</td></tr>"
        label = f"<td style='{_LEFT};white-space:nowrap'>{_html_label(self.label)}</td>"
        return f"<tr>{label}<td style='{_LEFT}'>{body}</td></tr>"

    def latex(self) -> str:
        if isinstance(self.content, str):
            return rf"\text{{{tex(self.text().strip())}}}"
        return rf"{_tex_label(self.label)}\ {self.content.latex()}"


@dataclass(frozen=True)
class Reason:
    """A claim in words, its status, and the evidence in a few words each."""

    statement: str
    status: Status
    evidence: tuple[str, ...]

    def html(self) -> str:
        how = "; ".join(self.evidence) or "no evidence"
        said = self.statement[:1].upper() + self.statement[1:]
        return f"<div>{escape(said)}. <b>{self.status}</b>: {escape(how)}.</div>"


@dataclass(frozen=True)
class Card:
    """What people see of a result.

    Attributes
    ----------
    question, answer : str
    status : Status
    rows : tuple of CardRow
        The rest of the answer: components, weights, an input with both values.
    reasons : tuple of Reason
        One for each claim.
    call : str
        The call that checks everything again.
    explained : bool
        Whether the text lists the evidence too; HTML always does.
    """

    question: str
    answer: str
    status: Status
    rows: tuple[CardRow, ...] = ()
    reasons: tuple[Reason, ...] = ()
    call: str = "result.verify()"
    explained: bool = False

    def lines(self) -> list[str]:
        """What stands below the answer in the text."""
        out = [line for row in self.rows for line in row.text().splitlines()]
        return out + [how for reason in self.reasons for how in reason.evidence if self.explained]

    def text(self, most: int | None = None) -> str:
        """For a terminal; with `most`, no more lines below the answer, and shortened ones."""
        lines = self.lines()
        if most is not None:
            more = [f"... and {len(lines) - most} more"] * (len(lines) > most)
            lines = [x if len(x) <= 200 else x[:200] + " ..." for x in lines[:most]] + more
        head = [f"{self.question}  [{self.status}]", f"  {self.answer}."]
        return "\n".join(head + [f"    {line}" for line in lines])

    def html(self) -> str:
        """Question, answer with the status, rows, and the reasons, which unfold."""
        mark, colour = BADGES[self.status]
        badge = (
            f"<span title='{escape(self.status.meaning)}' style='background-color:{colour};"
            "color:#ffffff;border-radius:4px;padding:1px 6px;font-size:12px;white-space:nowrap'>"
            f"{mark} {self.status}</span>"
        )
        rows = "".join(row.html() for row in self.rows)
        table = f"<table style='{_TABLE};margin:2px 0'>{rows}</table>"
        why = "".join(reason.html() for reason in self.reasons)
        return (
            f"<div style='border-left:4px solid {colour};padding:4px 12px;margin:6px 0;"
            f"text-align:left'><div style='font-size:13px'>{escape(self.question)}</div>"
            f"<div style='font-size:18px;margin:2px 0'>{escape(self.answer)} {badge}</div>"
            f"{table if rows else ''}<details><summary>How do we know?</summary>{why}"
            f"<div>To check again: <code>{escape(self.call)}</code></div></details></div>"
        )

    def body(self) -> str:
        """The rows as a LaTeX formula, or nothing."""
        return below(row.latex() for row in self.rows)

    def latex(self) -> str:
        """One formula, with answer and rows below each other (needs amsmath)."""
        return below([rf"\text{{{tex(self.answer)}}}", *(row.latex() for row in self.rows)])


def below(formulas: Iterable[str]) -> str:
    """Formulas below each other."""
    lines = [*formulas]
    if len(lines) < 2:
        return "".join(lines)
    return r"\begin{array}{l} " + r" \\ ".join(lines) + r" \end{array}"
