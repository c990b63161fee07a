"""What the tropical room claims: all its kinds of results and evidence in one place."""

from __future__ import annotations

from algattn.tropical.bounds_result import BoundsResult, ConstructionLemma, CountLemma
from algattn.tropical.regions_result import (
    CellsAgain,
    InsideCells,
    MergedAgain,
    RegionsResult,
    RoutingCell,
)
from algattn.tropical.stability_result import (
    ExponentialBound,
    LayerWinner,
    StabilityResult,
    Winner,
)

__all__ = [
    "BoundsResult",
    "CellsAgain",
    "ConstructionLemma",
    "CountLemma",
    "ExponentialBound",
    "InsideCells",
    "LayerWinner",
    "MergedAgain",
    "RegionsResult",
    "RoutingCell",
    "StabilityResult",
    "Winner",
]
