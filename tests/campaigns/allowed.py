"""What the campaigns may find accepted, each with the reason why that is right."""

from __future__ import annotations

from typing import Any

from algattn.results import Result, canonical_json

#: (a) Evidence that proves the true claims of other results too, because its check starts from the
#: problem of the result under which it stands.
TRANSPLANTS: dict[str, str] = {}

#: (b) Places where a file may be changed, problem, value and fields staying the same, because what
#: stands there then proves the same claims.
EDITS: dict[str, str] = {
    r"versions(/.*)?": "tells who wrote the file; no claim rests on it",
    r"claims/[0-9]+/evidence": "one of several proofs was left out, or given twice",
}


def same_question(data: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two files are about one problem, so that only one of them can be true."""
    return canonical_json(data["problem"]) == canonical_json(other["problem"])


def allowed_edit(where: str, result: Result, wrong: Result) -> str | None:
    """Why a changed result is true as well."""
    return None
