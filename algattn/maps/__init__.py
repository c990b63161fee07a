"""Maps given by polynomials: evaluation, derivatives, gradings, symmetries.

This room knows no question and no network; :class:`algattn.PolynomialMap` is the same class with
the questions as methods.
"""

from algattn.maps.evaluators import Evaluator
from algattn.maps.gradings import Grading, finest_grading
from algattn.maps.polynomial_map import PolynomialMap
from algattn.maps.symmetries import VectorField

__all__ = ["Evaluator", "Grading", "PolynomialMap", "VectorField", "finest_grading"]
