"""All results and evidence about points, strata and degrees, so that stored ones can be read."""

from __future__ import annotations

from algattn.singularities.critical import CriticalResult
from algattn.singularities.degrees import DegreeResult
from algattn.singularities.ed_degree import EDDegreeResult
from algattn.singularities.functions import FunctionLemma
from algattn.singularities.loci import LocusResult
from algattn.singularities.results import PointResult

__all__ = [
    "CriticalResult",
    "DegreeResult",
    "EDDegreeResult",
    "FunctionLemma",
    "LocusResult",
    "PointResult",
]
