"""Tables of dimensions over many shapes, kept in a file that can be continued."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from algattn.arguments import checked
from algattn.attention import Architecture
from algattn.dimension.results import dimension
from algattn.dimension.subject import REDUCTION
from algattn.errors import InputError, LimitError, UndecidedError
from algattn.results import Status, parse_json
from algattn.words import quoted

__all__ = ["FORMATS", "UNCHECKED", "Row", "doubted", "pending", "read_rows", "sweep", "write_rows"]

FORMATS = ("csv", "json", "latex")


@dataclass(frozen=True)
class Row:
    """One line of a table; numbers that were not found are None."""

    kind: str
    widths: str
    ranks: str
    tokens: int
    parameters: int
    dimension: int | None
    lower: int | None
    upper: int | None
    expected: int | None
    status: str

    @property
    def network(self) -> Architecture:
        """The network of the row.

        Raises
        ------
        InputError, ShapeError
            When there is no such network.
        """
        data = {"kind": self.kind, "tokens": self.tokens}
        for name in ("widths", "ranks"):
            words = getattr(self, name).split(" ")
            if not all(re.fullmatch(r"[0-9]{1,9}", word) for word in words):
                raise InputError(_ASKED, f"{name} are {quoted(getattr(self, name))}", _OTHER)
            data[name] = [int(word) for word in words]
        return Architecture.from_data(data)

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What tells rows apart."""
        return self.kind, self.widths, self.ranks, self.tokens


#: The status of a row that was read from a file; anybody can write there that it is PROVED.
UNCHECKED = "UNCHECKED"
_ASKED, _OTHER = "continue a table", "another output file"
_NAMES = tuple(f.name for f in fields(Row))
_TEXTS = ("kind", "widths", "ranks", "status")


MOST_TEXT = 100_000


def doubted(rows: Iterable[Row]) -> list[Row]:
    """The rows with the status :data:`UNCHECKED`: :func:`sweep` computes them again."""
    return [replace(row, status=UNCHECKED) for row in rows]


def _key(network: Architecture) -> tuple[str, str, str, int]:
    widths, ranks = (" ".join(map(str, x)) for x in (network.widths, network.ranks))
    return network.kind, widths, ranks, network.tokens


def pending(networks: Iterable[Architecture], done: Iterable[Row] = ()) -> list[Architecture]:
    """The networks without a proved row, each once.

    >>> from algattn import Lightning
    >>> len(pending([Lightning((2, 2), 1), Lightning((2, 2), 1), Lightning((2, 2), 2)]))
    2
    """
    seen = {row.key for row in done if row.status == Status.PROVED.name}
    out = []
    for network in networks:
        if (key := _key(network)) not in seen:
            seen.add(key)
            out.append(network)
    return out


@checked
def sweep(
    networks: Iterable[Architecture],
    done: Iterable[Row] = (),
    *,
    seed: int = 0,
    time_limit: float | None = None,
) -> Iterator[Row]:
    """The rows of the networks that are not done yet, one by one.

    Parameters
    ----------
    networks : iterable of Lightning or Softmax
    done : iterable of Row
        Rows that this process has computed; those that are not PROVED are tried again.  Rows of a
        file go through :func:`doubted`, as nothing in a table proves what it says.
    seed : int
    time_limit : float, optional
        Seconds for each network; a row that runs over it holds the bounds found so far.

    Examples
    --------
    >>> from algattn import Lightning
    >>> [row.dimension for row in sweep(Lightning((d, d), 1) for d in (1, 2, 3))]
    [1, 6, 13]
    """
    for network in pending(networks, done):
        REDUCTION.require(network, "list a dimension in a table")  # its columns hold no more
        key = _key(network)
        try:
            found = dimension(network, seed=seed, time_limit=time_limit)
        except LimitError as error:
            found = error.partial
        except UndecidedError as error:
            found = error.evidence
        status = found.status.name if found.value is not None else "BOUNDS"
        numbers = (found.value, found.lower, found.upper, found.expected)
        yield Row(*key, network.parameters, *numbers, status)


def write_rows(rows: Iterable[Row], style: str) -> str:
    """The table as text, in one of :data:`FORMATS`."""
    many = list(rows)
    if style == "json":
        return json.dumps([asdict(row) for row in many], indent=1)
    if style == "latex":
        head = r"kind & widths & ranks & $t$ & parameters & dimension & formula & status \\"
        lines = [r"\begin{tabular}{lllrrrrl}", r"\hline", head, r"\hline"]
        for row in many:
            found = row.dimension if row.lower == row.upper else f"{row.lower}--{row.upper}"
            cells = [row.kind, row.widths, row.ranks, row.tokens, row.parameters, found,
                     row.expected, row.status]  # fmt: skip
            body = " & ".join("" if c is None else str(c) for c in cells)
            lines.append(rf"{body} \\ % {json.dumps(asdict(row))}")
        return "\n".join([*lines, r"\hline", r"\end{tabular}"])
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_NAMES)
    writer.writerows(["" if x is None else x for x in asdict(row).values()] for row in many)
    return stream.getvalue().rstrip("\n")


def read_rows(text: str, style: str) -> list[Row]:
    """The rows of a table that :func:`write_rows` made.

    They say what the text says; :func:`doubted` makes them rows that are computed again.

    Raises
    ------
    InputError
        When the text is not such a table.
    """
    if style == "json":
        if not text.lstrip().startswith("["):
            raise InputError(_ASKED, "it is not a JSON list", "--format as it was")
        data = parse_json(text)
        return [_row(item) for item in data]
    if style == "latex":
        marked = [line.split("% ", 1)[1] for line in text.splitlines() if "% {" in line]
        if text.strip() and not text.startswith(r"\begin{tabular}"):
            raise InputError(_ASKED, "it is not a LaTeX table", "--format as it was")
        return [_row(parse_json(line)) for line in marked]
    try:
        lines = list(csv.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise InputError(_ASKED, f"it is not a csv table ({error})", _OTHER) from None
    if lines and tuple(lines[0]) != _NAMES:
        raise InputError(
            _ASKED,
            f"its first line is {quoted(text.splitlines()[0])}",
            f"--format as it was; the header of a csv table is {','.join(_NAMES)}",
        )
    whole = (line if len(line) == len(_NAMES) else () for line in lines[1:])
    return [_row(dict(zip(_NAMES, line, strict=False))) for line in whole]


def _row(item: Any) -> Row:
    if not isinstance(item, dict) or set(item) != set(_NAMES):
        raise InputError(_ASKED, "a row is not complete", _OTHER)
    values = {}
    for name in _NAMES:
        value = item[name]
        if name not in _TEXTS and value is not None:
            if not re.fullmatch(r"(-?[0-9]{1,18})?", str(value)):
                raise InputError(_ASKED, f"{name} is {quoted(value)}", _OTHER)
            value = None if value == "" else int(value)
        elif name in _TEXTS and not (isinstance(value, str) and len(value) < MOST_TEXT):
            raise InputError(_ASKED, f"{name} is {quoted(value)}", _OTHER)
        values[name] = value
    return Row(**values)
