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
    defect = dimensions.defect
    dimension = dimensions.dimension
    fiber_dimension = dimensions.fiber_dimension
    fiber_components = fibers.fiber_components
    identifiable = fibers.identifiable
    values_in_fiber = fibers.values_in_fiber
    equations = ideals.equations
    fiber = ideals.fiber
    fiber_ideal = ideals.fiber_ideal
    implicitize = ideals.implicitize
    ideal = ideals.ideal
    hilbert = ideals.hilbert
    image_degree = ideals.image_degree
    contains = points.contains
    local_dimension = points.local_dimension
    singular_ideal = points.singular_ideal
    singular_locus = points.singular_locus
    tangent_cone = points.tangent_cone
    symmetries = motions.symmetries
