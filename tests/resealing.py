"""What a forger with algattn at hand can do: change a file and let algattn write the rest anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from algattn.errors import (
    FieldError,
    HypothesisError,
    InputError,
    LimitError,
    ShapeError,
    UndecidedError,
)
from algattn.model.catalogue import REGISTRY, load
from algattn.results import Evidence, Result, decode, seal
from algattn.results.codec import field_types


def assembled(data: Mapping[str, Any]) -> Result:
    """The result of problem, value, typed fields and evidence of a file; the rest is made anew.

    Evidence under a claim that is not made any more is lost.
    """
    cls = REGISTRY.result(data["kind"])
    types = field_types(cls)
    detail = {k: v for k, v in data["detail"].items() if k not in cls.shown}
    fields = cls._read_detail(detail | dict.fromkeys(cls.shown), REGISTRY)
    evidence: dict[str, list[Evidence]] = {}
    for claim in data["claims"]:
        items = [decode(Evidence, item, REGISTRY) for item in claim["evidence"]]
        evidence.setdefault(claim["name"], []).extend(items)
    found: Result = cls.assemble(
        decode(types["problem"], data["problem"], REGISTRY),
        decode(types["value"], data["value"], REGISTRY),
        evidence,
        **fields,
    )
    return found


def resealed(data: Mapping[str, Any]) -> dict[str, Any]:
    """The file with claims, sentence, status, derived parts and digest as algattn writes them."""
    return assembled(data).to_data()


def holds(data: Mapping[str, Any] | str) -> bool:
    """Whether a file, sealed as it is, can be read and verifies."""
    text = data if isinstance(data, str) else json.dumps(seal(data))
    try:
        return load(text).verify()
    except (InputError, LimitError, UndecidedError, HypothesisError, FieldError, ShapeError):
        return False
