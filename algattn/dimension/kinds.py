"""All results and evidence about dimensions, so that stored ones can be read."""

from __future__ import annotations

from algattn.dimension.family_results import EqualWidths, Multiplicities
from algattn.dimension.local import LocalDimensionResult
from algattn.dimension.redundancy import DimensionReport
from algattn.dimension.results import DimensionResult

__all__ = [
    "DimensionReport",
    "DimensionResult",
    "EqualWidths",
    "LocalDimensionResult",
    "Multiplicities",
]
