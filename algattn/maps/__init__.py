"""Maps given by polynomials: evaluation, derivatives, gradings, symmetries.

This room knows no question and no network; :class:`algattn.PolynomialMap` is the same class with
the questions as methods.  Names are imported when they are used: the command line reads the
declarations of this room without FLINT.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from algattn.maps.evaluators import Evaluator
    from algattn.maps.gradings import Grading, finest_grading
    from algattn.maps.polynomial_map import PolynomialMap
    from algattn.maps.symmetries import VectorField

__all__ = ["Evaluator", "Grading", "PolynomialMap", "VectorField", "finest_grading"]

_HOMES = {
    "Evaluator": "algattn.maps.evaluators",
    "Grading": "algattn.maps.gradings",
    "PolynomialMap": "algattn.maps.polynomial_map",
    "VectorField": "algattn.maps.symmetries",
    "finest_grading": "algattn.maps.gradings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
