"""Multiples of polynomials by monomials, weight by weight, and exact ranks of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flint import fmpz_mat

from algattn.exact import Matrix, Polynomial, PolynomialRing
from algattn.groebner.interpolation import Interpolation

Exponents = tuple[int, ...]


class Multiples:
    """Polynomials grouped by degree and weight, and their multiples by monomials, as sparse rows.

    The monomials do not contain the coordinates `gone`.

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
    ) -> None:
        self._rows = (tuple(degrees), *(tuple(r) for r in grading))
        self._lister = Interpolation([], degrees, grading, 2)
        self._lister.alive = [j for j in self._lister.alive if j not in gone]
        self._tables: dict[int, dict[Exponents, list[Exponents]]] = {}
        self.groups: dict[Exponents, list[Mapping[Exponents, Any]]] = {}
        self.homogeneous = True
        for poly in polys:
            terms = dict(poly.terms())
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


def rank_of_rows(rows: Sequence[Mapping[Any, Any]], ring: PolynomialRing) -> int:
    """The rank of sparse rows over the field of the ring."""
    if not rows:
        return 0
    columns = {e: i for i, e in enumerate({e for row in rows for e in row})}
    if ring.field.characteristic:
        zero = ring.field.zero
        dense = [[row.get(e, zero) for e in columns] for row in rows]
        return Matrix(ring.field, dense).rank()
    integral = []
    for row in rows:
        numbers = {e: ring.field.to_python(c) for e, c in row.items()}
        common = 1
        for x in numbers.values():
            common *= x.denominator
        integral.append([int(numbers.get(e, 0) * common) for e in columns])
    return int(fmpz_mat(integral).rank())
