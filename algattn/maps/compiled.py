"""Polynomials as arrays: values and all first derivatives modulo a prime in a few passes.

FLINT evaluates one polynomial at a time; a Jacobian has as many as it has entries.  Here all terms
of all polynomials stand in one array, one row of factors ``variable^exponent`` for each term, and
the derivatives come from products of the factors before and after each one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from flint import fmpq

from algattn.exact import Polynomial
from algattn.exact.fields import PrimeField

#: Residues below this bound have products that fit into 64 bits.
LARGEST = 1 << 31
#: So many terms are worth the arrays, are not worth them for a few points, and are never worth
#: them: to make the arrays takes some 20 us for a term, and FLINT 5 us for each evaluation.
FEWEST, MANY, MOST = 48, 20_000, 200_000
#: So many terms are worked on at a time.
CHUNK = 1 << 16


class Compiled:
    """The terms of polynomials of one ring.

    >>> from algattn.exact import GF, QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> values, entries = Compiled([x**2 * y, y - "1/2"]).jet([3, 5], GF(7))
    >>> values, entries
    ([3, 1], [(0, 0, 2), (0, 1, 2), (1, 1, 1)])
    """

    def __init__(self, polynomials: Sequence[Polynomial]) -> None:
        import numpy as np

        self.count = len(polynomials)
        self.variables = len(polynomials[0].ring.names)
        coefficients: list[Any] = []
        owners, rows, columns, exponents = [], [], [], []
        start = 0
        for i, poly in enumerate(polynomials):
            size = len(poly)
            if not size:
                continue
            coefficients += poly.flint.coeffs()
            numbers = map(int, chain.from_iterable(poly.flint.monoms()))
            table = np.fromiter(numbers, np.int64, size * self.variables)
            table = table.reshape(size, self.variables)
            row, column = np.nonzero(table)
            rows.append(row + start)
            columns.append(column)
            exponents.append(table[row, column])
            owners.append(np.full(size, i))
            start += size
        whole = [np.concatenate(x) if x else np.zeros(0, np.int64) for x in (rows, columns)]
        row, column = whole
        exponent = np.concatenate(exponents) if exponents else np.zeros(0, np.int64)
        self.size = start
        rational = bool(coefficients) and isinstance(coefficients[0], fmpq)
        self._tops = [int(c.p) for c in coefficients] if rational else list(map(int, coefficients))
        self._bottoms = [int(c.q) for c in coefficients] if rational else [1] * start
        self.owner = np.concatenate(owners) if owners else np.zeros(0, np.int64)
        first = np.searchsorted(row, np.arange(start))
        place = np.arange(len(row)) - first[row]
        width = int(place.max()) + 1 if len(place) else 0
        # the factors of each term, filled up with the zeroth power of the first variable
        self.variable = np.zeros((start, width), np.int32)
        self.exponent = np.zeros((start, width), np.int32)
        self.variable[row, place], self.exponent[row, place] = column, exponent

    @cached_property
    def _powers(self) -> tuple[Any, Any]:
        """Variables and exponents of the different powers that occur, as one number each."""
        import numpy as np

        keys = self.variable.astype(np.int64) * LARGEST + self.exponent
        different, place = np.unique(keys, return_inverse=True)
        return different, place.reshape(keys.shape).astype(np.int32)

    def _residues(self, field: PrimeField) -> Any:
        import numpy as np

        if field.p != getattr(self, "_prime", None):
            p = field.p
            inverse = {q: int(field(fmpq(1, q))) for q in set(self._bottoms)}
            pairs = zip(self._tops, self._bottoms, strict=True)
            self._coefficient = np.array([a % p * inverse[q] % p for a, q in pairs], np.int64)
            self._prime = p
        return self._coefficient

    def jet(
        self, point: Sequence[int], field: PrimeField
    ) -> tuple[list[int], list[tuple[int, int, int]]]:
        """The values, and the derivatives that are not zero as (polynomial, variable, value).

        Raises
        ------
        FieldError
            When a coefficient has no residue.
        """
        import numpy as np

        p, k = field.p, self.variables
        different, places = self._powers
        pairs = [divmod(int(key), LARGEST) for key in different]
        power = np.array([pow(point[j], e, p) for j, e in pairs], np.int64)
        slope = np.array([pow(point[j], e - 1, p) * e % p if e else 0 for j, e in pairs], np.int64)
        coefficient = self._residues(field)
        values = np.zeros(self.count, np.int64)
        slopes = np.zeros(self.count * k, np.int64)
        for begin in range(0, self.size, CHUNK):
            part = slice(begin, begin + CHUNK)
            place, owner = places[part], self.owner[part]
            factor, width = power[place], place.shape[1]
            after = [np.ones(len(owner), np.int64)]  # products of the factors from the last one on
            for f in range(width - 1, -1, -1):
                after.append(after[-1] * factor[:, f] % p)
            before = coefficient[part]
            np.add.at(values, owner, before * after[-1] % p)
            for f in range(width):
                found = before * after[width - 1 - f] % p * slope[place[:, f]] % p
                np.add.at(slopes, owner * k + self.variable[part, f], found)
                before = before * factor[:, f] % p
            values, slopes = values % p, slopes % p
        (there,) = np.nonzero(slopes)
        entries = zip(
            (there // k).tolist(), (there % k).tolist(), slopes[there].tolist(), strict=True
        )
        return values.tolist(), list(entries)
