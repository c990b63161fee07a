"""What the tropical room claims: all its kinds of results and evidence in one place."""

from __future__ import annotations

from algattn.tropical.bounds_result import BoundsResult, ConstructionLemma, CountLemma
from algattn.tropical.regions_result import (
    CellsAgain,
    FilledBox,
    InsideCells,
    MergedAgain,
    MinkowskiCells,
    RegionsResult,
    RoutingCell,
)
from algattn.tropical.stability import ExponentialBound
from algattn.tropical.stability_result import (
    CornerLeads,
    LayerWinner,
    StabilityResult,
    Winner,
)

__all__ = [
    "BoundsResult",
    "CellsAgain",
    "ConstructionLemma",
    "CornerLeads",
    "CountLemma",
    "ExponentialBound",
    "FilledBox",
    "InsideCells",
    "LayerWinner",
    "MergedAgain",
    "MinkowskiCells",
    "RegionsResult",
    "RoutingCell",
    "StabilityResult",
    "Winner",
]
