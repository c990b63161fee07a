"""The equations of a parametrization, weight by weight, by exact linear algebra modulo a prime.

The monomials of one degree fall into buckets by their weight for the finest grading.  In a bucket
the equations are the kernel of the matrix of values at random points: for any points and any prime
that kernel is at least as large as the space of equations over QQ.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from math import comb
from typing import Any

import numpy as np
from flint import nmod_mat

from algattn.errors import InputError, LimitError
from algattn.exact import GF, Polynomial
from algattn.exact.fields import PrimeField

Monomial = tuple[int, ...]  # sorted indices of coordinates, repeated
Row = list[int]

MAX_MONOMIALS = 2_000_000
SPARE = 6
POINTWISE = range(2**20, 2**31)


@dataclass
class Bucket:
    """The monomials of one degree and weight, and the kernel found there (dense rows mod p)."""

    degree: int
    weight: int
    monomials: list[Monomial]
    kernel: list[Row]

    @cached_property
    def place(self) -> dict[Monomial, int]:
        return {m: i for i, m in enumerate(self.monomials)}


class Interpolation:
    """Buckets and kernels of a parametrization modulo one prime.

    Parameters
    ----------
    polynomials : sequence of Polynomial
        Of one ring, over QQ or over GF(prime).
    degrees : sequence of int
        Positive degrees of the coordinates.
    rows : sequence of sequences of int
        Further gradings that are respected.

    Attributes
    ----------
    alive : list of int
        The coordinates that monomials are made of: all, until an equation ``y_j - q`` with q in the
        others tells that y_j is superfluous (``algattn/docs/equations.md``, lemma *kernels*).
    """

    def __init__(
        self,
        polynomials: Sequence[Polynomial],
        degrees: Sequence[int],
        rows: Sequence[Sequence[int]],
        prime: int,
        seed: int = 0,
    ) -> None:
        self.polynomials = list(polynomials)
        self.degrees = tuple(degrees)
        self.rows = rows
        self.prime = prime
        self.seed = seed
        self.alive = list(range(len(self.degrees)))
        self._values: np.ndarray[Any, Any] = np.zeros((0, len(self.polynomials)), dtype=np.int64)
        self._rng = random.Random(f"algattn interpolation {seed} {prime}")
        self._images: dict[Monomial, Polynomial] = {}

    @cached_property
    def _field(self) -> PrimeField:
        return GF(self.prime)

    @cached_property
    def _symbolic(self) -> bool:
        """Small fields have too few points, large ones overflow: expand the images instead."""
        return self.prime not in POINTWISE

    def packed(self, degree: int) -> list[int]:
        """The weight of every coordinate as one integer, additive up to this degree."""
        largest = max((abs(x) for row in self.rows for x in row), default=1)
        base = 2 * largest * (degree + 1) + 1
        powers = [base**i for i in range(len(self.rows))]
        return [
            sum(row[j] * q for row, q in zip(self.rows, powers, strict=True))
            for j in range(len(self.degrees))
        ]

    def monomials(self, degree: int) -> Iterator[Monomial]:
        """All monomials of a degree, as sorted tuples of indices."""
        n = len(self.alive)
        if {self.degrees[j] for j in self.alive} == {1}:
            if comb(n + degree - 1, degree) > MAX_MONOMIALS:
                raise LimitError(
                    f"list the monomials of degree {degree} in {n} coordinates",
                    f"there are {comb(n + degree - 1, degree)}",
                    "a smaller max_degree",
                )
            yield from combinations_with_replacement(self.alive, degree)
            return
        yield from self._weighted(degree, 0, ())

    def _weighted(self, left: int, start: int, done: Monomial) -> Iterator[Monomial]:
        if left == 0:
            yield done
            return
        for n in range(start, len(self.alive)):
            j = self.alive[n]
            if self.degrees[j] <= left:
                yield from self._weighted(left - self.degrees[j], n, (*done, j))

    def buckets(self, degree: int, packing: int) -> dict[int, Bucket]:
        """The monomials of a degree by weight, single coordinates last.

        Weights are packed for degrees up to `packing`.
        """
        weight = self.packed(packing)
        out: dict[int, Bucket] = {}
        for count, m in enumerate(self.monomials(degree)):
            if count > MAX_MONOMIALS:
                raise LimitError(
                    f"list the monomials of degree {degree}",
                    f"there are more than {MAX_MONOMIALS}",
                    "a smaller max_degree",
                )
            w = sum(weight[j] for j in m)
            found = out.get(w)
            if found is None:
                out[w] = Bucket(degree, w, [m], [])
            else:
                found.monomials.append(m)
        for bucket in out.values():
            bucket.monomials.sort(key=lambda m: len(m) == 1)
        return out

    def count(self, degree: int, coordinates: Iterable[int]) -> int:
        """The number of monomials of a degree in some of the coordinates.

        >>> Interpolation([], (1, 1, 2), (), 2).count(2, range(3))
        4
        """
        ways = [1] + [0] * degree
        for j in coordinates:
            for e in range(self.degrees[j], degree + 1):
                ways[e] += ways[e - self.degrees[j]]
        return ways[degree]

    def drop(self, bucket: Bucket) -> None:
        """Take the equations ``y_j - q`` from a kernel, and y_j from the coordinates."""
        rest = []
        for row in bucket.kernel:
            last = bucket.monomials[max(i for i, x in enumerate(row) if x)]
            if len(last) == 1:
                self.alive.remove(last[0])
            else:
                rest.append(row)
        bucket.kernel = rest

    # --- values --------------------------------------------------------------------------------

    def _points(self, count: int) -> np.ndarray[Any, Any]:
        """Values of all coordinates at the first `count` random points, modulo the prime."""
        have = len(self._values)
        if have < count:
            more = max(count - have, 32)
            variables = len(self.polynomials[0].ring.names)
            draws = [
                [self._rng.randrange(self.prime) for _ in range(variables)] for _ in range(more)
            ]
            points = np.array(draws, dtype=np.int64).reshape(more, variables)
            columns = [self._evaluate(poly, points) for poly in self.polynomials]
            self._values = np.concatenate([self._values, np.stack(columns, axis=1)])
        return self._values[:count]

    def _evaluate(self, poly: Polynomial, points: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        p = self.prime
        total = np.zeros(len(points), dtype=np.int64)
        for exponents, c in poly.terms():
            number = int(self._field(poly.ring.field.to_python(c)))
            term = np.full(len(points), number, dtype=np.int64)
            for i, e in enumerate(exponents):
                for _ in range(e):
                    term = term * points[:, i] % p
            total = (total + term) % p
        return total

    def _matrix(self, monomials: Sequence[Monomial]) -> nmod_mat:
        if self._symbolic:
            return self._coefficient_matrix(monomials)
        values = self._points(len(monomials) + SPARE)
        matrix = np.ones((len(values), len(monomials)), dtype=np.int64)
        for j, m in enumerate(monomials):
            column = matrix[:, j]
            for i in m:
                column = column * values[:, i] % self.prime
            matrix[:, j] = column
        return nmod_mat(*matrix.shape, matrix.ravel().tolist(), self.prime)

    def _coefficient_matrix(self, monomials: Sequence[Monomial]) -> nmod_mat:
        images = [dict(self._image(m).terms()) for m in monomials]
        keys = sorted({e for image in images for e in image})
        flat = [int(image[e]) if e in image else 0 for e in keys for image in images]
        if not keys:
            return nmod_mat(1, len(monomials), [0] * len(monomials), self.prime)
        return nmod_mat(len(keys), len(monomials), flat, self.prime)

    def _image(self, monomial: Monomial) -> Polynomial:
        if not monomial:
            return self.polynomials[0].ring(1)
        found = self._images.get(monomial)
        if found is None:
            found = self._image(monomial[:-1]) * self.polynomials[monomial[-1]]
            self._images[monomial] = found
        return found

    # --- kernels -------------------------------------------------------------------------------

    def kernel(self, monomials: Sequence[Monomial]) -> list[Row]:
        """Candidates for the equations among these monomials: a reduced basis modulo the prime."""
        m = len(monomials)
        reduced, rank = self._matrix(monomials).rref()
        rank = int(rank)
        if rank == m:
            return []
        pivots, rows = [], [[int(x) for x in row] for row in reduced.tolist()[:rank]]
        for row in rows:
            pivots.append(next(j for j, x in enumerate(row) if x))
        out = []
        for j in sorted(set(range(m)) - set(pivots)):
            vector = [0] * m
            vector[j] = 1
            for i, pivot in enumerate(pivots):
                vector[pivot] = -rows[i][j] % self.prime
            out.append(vector)
        return out

    def multiples(
        self, bucket: Bucket, lower: Mapping[int, Mapping[int, Bucket]], packing: int
    ) -> list[Row]:
        """Coordinates times the kernels of lower degrees, in this bucket: a row basis."""
        weight = self.packed(packing)
        m, place = len(bucket.monomials), bucket.place
        rows: list[Row] = []
        for j in self.alive:
            d = self.degrees[j]
            below = lower.get(bucket.degree - d, {}).get(bucket.weight - weight[j])
            if below is None or not below.kernel:
                continue
            target = [place[tuple(sorted((*x, j)))] for x in below.monomials]
            for vector in below.kernel:
                row = [0] * m
                for at, value in zip(target, vector, strict=True):
                    row[at] = value
                rows.append(row)
        return self.row_basis(rows, m)

    def row_basis(self, rows: list[Row], m: int) -> list[Row]:
        if not rows:
            return []
        flat = [x for row in rows for x in row]
        reduced, rank = nmod_mat(len(rows), m, flat, self.prime).rref()
        return [[int(x) for x in row] for row in reduced.tolist()[: int(rank)]]

    def independent(self, known: list[Row], rows: list[Row], m: int) -> list[int]:
        """Which of the rows are new modulo the known ones (which are independent)."""
        joined = [*known, *rows]
        flat = [joined[i][j] for j in range(m) for i in range(len(joined))]
        reduced, rank = nmod_mat(m, len(joined), flat, self.prime).rref()
        out = []
        for row in reduced.tolist()[: int(rank)]:
            pivot = next(j for j, x in enumerate(row) if int(x))
            if pivot >= len(known):
                out.append(pivot - len(known))
        return out


def superfluous(generators: Sequence[Polynomial]) -> dict[int, Polynomial]:
    """Coordinates that one generator expresses by others, and that no other generator contains.

    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y, z = PolynomialRing(QQ, ("x", "y", "z")).gens()
    >>> superfluous([x - 2 * y, y * y - z * z])
    {0: x - 2*y}
    """
    found: dict[int, Polynomial] = {}
    seen: dict[int, int] = {}
    for g in generators:
        for e, _ in g.terms():
            for j, x in enumerate(e):
                if x:
                    seen[j] = seen.get(j, 0) + 1
    for g in generators:
        single = [e.index(1) for e, _ in g.terms() if sum(e) == 1]
        once = [j for j in single if seen[j] == 1]
        if once:
            found[once[-1]] = g
    return found


def by_bucket(
    generators: Sequence[Polynomial],
    work: Interpolation,
    buckets: Mapping[int, Bucket],
    degree: int,
) -> dict[int, list[tuple[Polynomial, Row]]]:
    """The generators of a degree as rows modulo the prime, by weight.

    Raises
    ------
    InputError
        When one of them has terms of several weights.
    """
    field = GF(work.prime)
    places = {m: (w, i) for w, b in buckets.items() for i, m in enumerate(b.monomials)}
    out: dict[int, list[tuple[Polynomial, Row]]] = {}
    for g in generators:
        sparse = {
            tuple(j for j, e in enumerate(exponents) for _ in range(e)): c
            for exponents, c in g.terms()
        }
        if sum(work.degrees[j] for j in next(iter(sparse))) != degree:
            continue
        found = {places[m][0] if m in places else None for m in sparse}
        if len(found) != 1 or None in found:
            raise InputError("sort equations by weight", f"{g} is not homogeneous", "split it")
        w = next(x for x in found if x is not None)
        row = [0] * len(buckets[w].monomials)
        for m, c in sparse.items():
            row[places[m][1]] = int(field(g.ring.field.to_python(c)))
        out.setdefault(w, []).append((g, row))
    return out
