"""The maps that people type: polynomial maps with the questions as methods."""

from __future__ import annotations

from algattn import maps
from algattn.arguments import checked
from algattn.dimension import map_questions as dimensions
from algattn.fibers import map_questions as fibers
from algattn.groebner import map_questions as equations
from algattn.singularities import map_questions as points

__all__ = ["PolynomialMap"]


@checked
class PolynomialMap(maps.PolynomialMap):
    __doc__ = maps.PolynomialMap.__doc__

    dimension = dimensions.dimension
    fiber = fibers.fiber
    fiber_ideal = fibers.fiber_ideal
    identifiable = fibers.identifiable
    values_in_fiber = fibers.values_in_fiber
    implicitize = equations.implicitize
    singular_ideal = points.singular_ideal
