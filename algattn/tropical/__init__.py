"""Tropical attention: power diagrams, Newton polytopes, region counts, temperature.

The names below load on first use, so that ``import algattn.tropical`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "BoundsResult": "results",
    "Cell": "cells",
    "Layer": "stack",
    "Limit": "cells",
    "MultiHead": "multihead",
    "NewtonPolytope": "newton",
    "PowerDiagram": "diagram",
    "RegionsResult": "results",
    "StabilityResult": "results",
    "Stack": "stack",
    "TropicalAttention": "attention",
    "Tube": "tubes",
    "TropicalPolynomial": "polynomials",
    "TropicalRational": "polynomials",
    "Warm": "temperature",
    "WarmStack": "warm_stack",
    "bounds": "counts",
    "depth_stack": "constructions",
    "random_statistics": "statistics",
    "read_tropical_file": "files",
    "slab_heads": "constructions",
    "tube_volume": "tubes",
}

__all__ = [
    "BoundsResult",
    "Cell",
    "Layer",
    "Limit",
    "MultiHead",
    "NewtonPolytope",
    "PowerDiagram",
    "RegionsResult",
    "StabilityResult",
    "Stack",
    "TropicalAttention",
    "TropicalPolynomial",
    "TropicalRational",
    "Tube",
    "Warm",
    "WarmStack",
    "bounds",
    "depth_stack",
    "random_statistics",
    "read_tropical_file",
    "slab_heads",
    "tube_volume",
]

if TYPE_CHECKING:
    from algattn.tropical.attention import TropicalAttention
    from algattn.tropical.cells import Cell, Limit
    from algattn.tropical.constructions import depth_stack, slab_heads
    from algattn.tropical.counts import bounds
    from algattn.tropical.diagram import PowerDiagram
    from algattn.tropical.files import read_tropical_file
    from algattn.tropical.multihead import MultiHead
    from algattn.tropical.newton import NewtonPolytope
    from algattn.tropical.polynomials import TropicalPolynomial, TropicalRational
    from algattn.tropical.results import BoundsResult, RegionsResult, StabilityResult
    from algattn.tropical.stack import Layer, Stack
    from algattn.tropical.statistics import random_statistics
    from algattn.tropical.temperature import Warm
    from algattn.tropical.tubes import Tube, tube_volume
    from algattn.tropical.warm_stack import WarmStack


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is not None:
        value = getattr(import_module(f"algattn.tropical.{home}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'algattn.tropical' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
