"""Results: status, claims, evidence, typed results and the one codec that writes and reads them."""

from __future__ import annotations

from algattn.results.card import Card, CardRow, Grid, Matrices, Reason
from algattn.results.claims import Claim, Evidence, Outline, about
from algattn.results.codec import Misfit, decode, encode
from algattn.results.data import (
    ADAPTERS,
    FrozenMap,
    canonical_json,
    fingerprint,
    freeze,
    parse_json,
    thaw,
)
from algattn.results.registry import Registry, declare, register
from algattn.results.result import Result, seal, versions
from algattn.results.sources import text_of
from algattn.results.status import BOTH_SIDES, Status
from algattn.results.values import ListLike, NumberLike, TruthLike

__all__ = [
    "ADAPTERS",
    "BOTH_SIDES",
    "Card",
    "CardRow",
    "Claim",
    "Evidence",
    "FrozenMap",
    "Grid",
    "ListLike",
    "Matrices",
    "Misfit",
    "NumberLike",
    "Outline",
    "Reason",
    "Registry",
    "Result",
    "Status",
    "TruthLike",
    "about",
    "canonical_json",
    "declare",
    "decode",
    "encode",
    "fingerprint",
    "freeze",
    "parse_json",
    "register",
    "seal",
    "text_of",
    "thaw",
    "versions",
]
