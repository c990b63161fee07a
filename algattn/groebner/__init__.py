"""Implicit equations: graded linear algebra, modules, completeness, elimination."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_NAMES = {
    "IdealResult": "algattn.groebner.results",
    "StableModule": "algattn.groebner.width_uniform",
    "ideal": "algattn.groebner.results",
    "stable_module": "algattn.groebner.width_uniform",
}

__all__ = ["IdealResult", "StableModule", "ideal", "stable_module"]

if TYPE_CHECKING:
    from algattn.groebner.results import IdealResult, ideal
    from algattn.groebner.width_uniform import StableModule, stable_module


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        return getattr(import_module(_NAMES[name]), name)
    raise AttributeError(f"module 'algattn.groebner' has no attribute {name!r}")
