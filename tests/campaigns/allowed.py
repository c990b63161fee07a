"""What the campaigns may find accepted, each with the reason why that is right."""

from __future__ import annotations

from typing import Any

from algattn.results import BOTH_SIDES, Result, canonical_json

#: (a) Evidence that proves the true claims of other results too, because its check starts from the
#: problem of the result under which it stands.
TRANSPLANTS: dict[str, str] = {}

#: (b) Places where a file may be changed, problem, value and fields staying the same, because what
#: stands there then proves the same claims.
EDITS: dict[str, str] = {
    r"versions(/.*)?": "tells who wrote the file; no claim rests on it",
    r"claims/[0-9]+/evidence": "one of several proofs was left out, or given twice",
    r"report.section/result/versions(/.*)?": "tells who wrote the file; no claim rests on it",
    r"report.section/result/claims/[0-9]+/evidence": "one of several proofs was left out",
    r"(report.section|generic.from-dimension)/result/claims/[0-9]/evidence/[0-9]/(seed|bits)": (
        "another random point, equal rank"
    ),
    r"dimension\..*/(seed|prime|bits)": "another random point or precision, equal rank",
    r"parametrization.sampled/(seed|trials)": "other random points",
    r"report.section/result/claims/[0-9]/evidence/[0-9]/equations": "the same equations in another order",
    r"dimension\..*/method": "random instead of symmetric points, equal rank",
}


def same_question(data: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two files are about one problem, so that only one of them can be true."""
    return canonical_json(data["problem"]) == canonical_json(other["problem"])


def weaker(result: Result, wrong: Result) -> str | None:
    """Why another result is true as well: no other equalities, perhaps weaker bounds beside them."""
    own = {(c.name, canonical_json(c.value)) for c in result.claims}
    for claim in wrong.claims:
        bound = not set(claim.needs) >= BOTH_SIDES
        if not bound and (claim.name, canonical_json(claim.value)) not in own:
            return None
    return f"{result.kind}: fewer of its statements, or weaker bounds"
