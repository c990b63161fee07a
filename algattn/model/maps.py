"""The maps that people type: polynomial maps with the questions as methods."""

from __future__ import annotations

from algattn import maps
from algattn.arguments import checked
from algattn.dimension import map_questions as dimensions
from algattn.fibers import map_questions as fibers
from algattn.groebner import map_questions as ideals
from algattn.maps import map_questions as motions
from algattn.singularities import map_questions as points

__all__ = ["PolynomialMap"]


@checked
class PolynomialMap(maps.PolynomialMap):
    __doc__ = maps.PolynomialMap.__doc__

    degree = fibers.degree
    dimension = dimensions.dimension
    fiber = fibers.fiber
    fiber_components = fibers.fiber_components
    fiber_ideal = fibers.fiber_ideal
    identifiable = fibers.identifiable
    values_in_fiber = fibers.values_in_fiber
    equations = ideals.equations
    implicitize = ideals.implicitize
    ideal = ideals.ideal
    hilbert = ideals.hilbert
    image_degree = ideals.image_degree
    singular_ideal = points.singular_ideal
    symmetries = motions.symmetries
