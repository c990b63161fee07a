"""Results that version 0.1 wrote, judged by today's rules.

Evidence that is not of a kind known today, or that may not support the claim it stands under, is
dropped; so are parts that no claim pinned.  What was dropped is said in ``notes``.  The claims are
those of today, so a result whose evidence does not carry them any more does not verify.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from algattn.errors import AlgattnError, InputError
from algattn.results.claims import Evidence, decode_at
from algattn.results.codec import Misfit, decode, field_types
from algattn.results.data import NONSENSE

__all__ = ["read_old"]


def read_old(cls: Any, data: Mapping[str, Any], known: Any) -> Any:
    """A result of the class from a file of version 0.1."""
    notes: list[str] = []
    evidence: dict[str, list[Evidence]] = {}
    for claim in data["claims"]:
        if not isinstance(claim, Mapping) or not isinstance(claim.get("evidence"), list | tuple):
            raise InputError("read a result", "a claim is not an object", "check the file")
        kept = evidence.setdefault(str(claim.get("name")), [])
        for item in claim["evidence"]:
            found = _evidence(item, known, notes)
            if found is not None and not found.may_support(cls.kind, str(claim.get("name"))):
                named = _short(claim.get("name"))
                notes.append(f"dropped: {found.kind} is no evidence for {named}")
            elif found is not None:
                kept.append(found)
    parts = {"problem": data["problem"], "value": data.get("value"), "detail": data["detail"]}
    try:
        parts, evidence = cls.upgrade(parts, evidence)
    except AlgattnError:
        raise
    except NONSENSE as error:
        raise Misfit("its parts are not those that version 0.1 wrote") from error
    types, detail = cls.detail_types(), dict(parts["detail"])
    for name in sorted(set(detail) - {*types, *cls.shown}):
        notes.append(f"dropped: the part {_short(name)}, which is not stored any more")
    if missing := sorted(set(types) - set(detail)):
        raise Misfit(f"the parts {missing} of a {cls.kind} result are missing")
    kinds = field_types(cls)
    problem = decode_at("problem", kinds["problem"], parts["problem"], known)
    value = decode_at("value", kinds["value"], parts["value"], known)
    fields = {name: decode_at(name, t, detail[name], known) for name, t in types.items()}
    try:
        found = cls.assemble(problem, value, evidence, **fields, _recorded=dict(data))
    except AlgattnError:
        raise
    except NONSENSE as error:
        raise Misfit(f"its parts do not fit together ({str(error)[:80]})") from error
    for name in sorted(set(evidence) - {c.name for c in found.claims}):
        notes.append(f"dropped: the claim {_short(name)}, which is not made any more")
    object.__setattr__(found, "notes", tuple(notes))
    return found


def _evidence(data: Any, known: Any, notes: list[str]) -> Evidence | None:
    kind = data.get("kind") if isinstance(data, Mapping) else None
    try:
        cls = known.evidence(kind)
        given = dict(data) | ({"recomputed": True} if cls.recomputed else {})
        found: Evidence = decode(Evidence, cls.upgrade(given), known)
    except InputError:
        notes.append(f"dropped: evidence {_short(kind)} is not understood")
        return None
    return found


def _short(name: Any) -> str:
    """A name of a file that is not ours: quoted, and too short to say anything."""
    text = repr(name)
    return text if len(text) <= 40 else text[:37] + "..."
