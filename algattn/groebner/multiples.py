"""Multiples of polynomials by monomials, weight by weight, and exact ranks of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flint import fmpz_mat

from algattn.exact import QQ, Field, Matrix, NumberField, Polynomial
from algattn.groebner.buckets import GradedMonomials

Exponents = tuple[int, ...]


class Multiples:
    """Polynomials grouped by degree and weight, and their multiples by monomials, as sparse rows.

    The monomials do not contain the coordinates `gone`.  Over a number field the last variable of
    the polynomials is its generator, and coefficients are its elements.

    Attributes
    ----------
    groups : dict
        ``{(degree, *weight): [terms of each polynomial]}``
    homogeneous : bool
        Whether every polynomial has one degree and weight.
    """

    def __init__(
        self,
        polys: Sequence[Polynomial],
        degrees: Sequence[int],
        grading: Sequence[Sequence[int]],
        gone: Collection[int] = (),
        field: Field | None = None,
    ) -> None:
        self._rows = (tuple(degrees), *(tuple(r) for r in grading))
        self._lister = GradedMonomials(degrees, grading)
        self._lister.alive = [j for j in self._lister.alive if j not in gone]
        self._tables: dict[int, dict[Exponents, list[Exponents]]] = {}
        self.groups: dict[Exponents, list[Mapping[Exponents, Any]]] = {}
        self.homogeneous = True
        for poly in polys:
            terms = dict(poly.terms())
            if isinstance(field, NumberField):
                terms = _over(field, terms)
            weights = {self.weight(e) for e in terms}
            self.homogeneous = self.homogeneous and len(weights) == 1
            self.groups.setdefault(min(weights), []).append(terms)

    def weight(self, exponents: Exponents) -> Exponents:
        return tuple(sum(a * b for a, b in zip(row, exponents, strict=True)) for row in self._rows)

    def shifts(self, weight: Exponents) -> list[Exponents]:
        """The monomials of a degree and weight."""
        degree = weight[0]
        if degree not in self._tables:
            table: dict[Exponents, list[Exponents]] = {}
            for m in self._lister.monomials(degree):
                e = tuple(m.count(j) for j in range(len(self._rows[0])))
                table.setdefault(self.weight(e), []).append(e)
            self._tables[degree] = table
        return self._tables[degree].get(weight, [])

    def rows(self, weight: Exponents, *, proper: bool = False) -> list[dict[Exponents, Any]]:
        """All multiples of this degree and weight; `proper` leaves out the polynomials as such."""
        out = []
        for low, group in self.groups.items():
            if low[0] < weight[0] or (low[0] == weight[0] and not proper):
                for shift in self.shifts(tuple(a - b for a, b in zip(weight, low, strict=True))):
                    for terms in group:
                        out.append(
                            {
                                tuple(a + b for a, b in zip(e, shift, strict=True)): c
                                for e, c in terms.items()
                            }
                        )
        return out


def _over(field: NumberField, terms: Mapping[Exponents, Any]) -> dict[Exponents, Any]:
    """Terms with coefficients in a number field; the last exponents are those of its generator."""
    found: dict[Exponents, Any] = {}
    for e, c in terms.items():
        found[e[:-1]] = found.get(e[:-1], field(0)) + field.theta ** e[-1] * c
    return {e: c for e, c in found.items() if c}


def rank_of_rows(rows: Sequence[Mapping[Any, Any]], field: Field) -> int:
    """The rank of sparse rows over a field."""
    if not rows:
        return 0
    if isinstance(field, NumberField):  # the rows times powers of theta, as rows over QQ
        spread = [
            {(e, k): x for e, c in row.items() for k, x in enumerate((c * power).poly.coeffs())}
            for row in rows
            for power in (field.theta**k for k in range(field.degree))
        ]
        return rank_of_rows(spread, QQ) // field.degree
    columns = {e: i for i, e in enumerate({e for row in rows for e in row})}
    if field.characteristic:
        dense = [[row.get(e, field.zero) for e in columns] for row in rows]
        return Matrix(field, dense).rank()
    integral = []
    for row in rows:
        numbers = {e: field.to_python(c) for e, c in row.items()}
        common = 1
        for x in numbers.values():
            common *= x.denominator
        integral.append([int(numbers.get(e, 0) * common) for e in columns])
    return int(fmpz_mat(integral).rank())
