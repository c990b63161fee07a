"""Comparing answers with the stored ones, and the list of changes that are meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from golden_record import canonical

#: Reasons of lines that may match or not: answers to be mended, and such as depend on a package.
OPTIONAL = ("known wrong:", "without an optional package:")


@dataclass(frozen=True)
class Difference:
    """One part of one answer that is not as stored."""

    problem: str
    part: str
    stored: Any
    found: Any

    def __str__(self) -> str:
        return f"{self.problem} | {self.part} | {_brief(self.stored)} -> {_brief(self.found)}"


def _brief(data: Any, limit: int = 90) -> str:
    text = str(data)
    return text if len(text) <= limit else text[:limit] + ".."


def differences(stored: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Difference]:
    """All differences, by id; an id on one side only is a difference of its own."""
    for problem in sorted(stored.keys() | found.keys()):
        if problem not in found:
            yield Difference(problem, "missing", stored[problem], None)
        elif problem not in stored:
            yield Difference(problem, "new", None, found[problem])
        elif not _same(stored[problem], found[problem]):
            for part, old, new in _parts(stored[problem], found[problem]):
                yield Difference(problem, part, old, new)


def _parts(old: list[Any], new: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    refused = {"error", "crash"}
    if old[0] in refused or new[0] in refused:
        yield "error", old, new
    elif old[0] != new[0]:
        yield "kind", old, new
    elif old[0] == "data":
        yield "value", old[1], new[1]
    else:
        yield from _result_parts(old, new)


def _result_parts(old: list[Any], new: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    if old[1] != new[1]:
        yield "kind", old[1], new[1]
    if not _same(old[2], new[2]):
        yield "value", old[2], new[2]
    names = [[claim[0] for claim in side[3]] for side in (old, new)]
    if names[0] != names[1]:
        yield "claims", *names
    after = {claim[0]: claim for claim in new[3]}
    for name, value, status in old[3]:
        if name in after:
            if not _same(value, after[name][1]):
                yield f"claim {name}", value, after[name][1]
            if status != after[name][2]:
                yield "status", [name, status], [name, after[name][2]]


def _same(old: Any, new: Any) -> bool:
    """Equal as JSON, which tells 1 from true and from 1.0."""
    return canonical(old) == canonical(new)


@dataclass(frozen=True)
class Change:
    """A line of CHANGES: which problems, which part, and why the answer may differ."""

    problems: str
    part: str
    reason: str

    @property
    def known_wrong(self) -> bool:
        return self.reason.startswith(OPTIONAL)

    def explains(self, difference: Difference) -> bool:
        return _matches(self.problems, difference.problem) and _matches(self.part, difference.part)

    def __str__(self) -> str:
        return f"{self.problems} | {self.part} | {self.reason}"


def _matches(glob: str, text: str) -> bool:
    """Only ``*`` and ``?`` are special: ids hold brackets."""
    pattern = re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def read_changes(text: str) -> list[Change]:
    """The lines of CHANGES that are not comments."""
    out = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split(" | ", 2)]
        if len(parts) != 3 or not all(parts):
            raise ValueError(f"CHANGES, line {number}: write 'ids | part | reason'")
        out.append(Change(*parts))
    return out


@dataclass(frozen=True)
class Verdict:
    """What a comparison found: how many differences are meant, which are not, stale lines."""

    explained: int
    unexplained: list[Difference]
    stale: list[Change]

    @property
    def good(self) -> bool:
        return not self.unexplained and not self.stale


def judge(
    stored: Mapping[str, Any], found: Mapping[str, Any], changes: list[Change], *, whole: bool
) -> Verdict:
    """Match differences with changes; only a run of everything can tell that a line is stale."""
    explained, unexplained, used = 0, [], set()
    for difference in differences(stored, found):
        reasons = [change for change in changes if change.explains(difference)]
        used.update(reasons)
        if reasons:
            explained += 1
        else:
            unexplained.append(difference)
    stale = [c for c in changes if whole and c not in used and not c.known_wrong]
    return Verdict(explained, unexplained, stale)
