"""Exact arithmetic: fields, matrices and polynomial rings, all on python-flint."""

from algattn.exact.field_data import field_from_data
from algattn.exact.fields import GF, QQ, Field, PrimeField, RationalField
from algattn.exact.matrices import Matrix
from algattn.exact.modular import crt, is_prime, rational_reconstruction, word_prime
from algattn.exact.number_fields import NumberField, NumberFieldElement
from algattn.exact.polynomials import Polynomial, PolynomialRing

__all__ = [
    "GF",
    "QQ",
    "Field",
    "Matrix",
    "NumberField",
    "NumberFieldElement",
    "Polynomial",
    "PolynomialRing",
    "PrimeField",
    "RationalField",
    "crt",
    "field_from_data",
    "is_prime",
    "rational_reconstruction",
    "word_prime",
]
