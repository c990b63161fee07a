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

from algattn.errors import InputError
from algattn.exact import GF, Polynomial
from algattn.exact.fields import PrimeField

Monomial = tuple[int, ...]  # sorted indices of coordinates, repeated
Array = np.ndarray[Any, Any]

SPARE = 6
#: Up to this degree monomials are counted exactly.
COUNTED = 100_000
POINTWISE = range(2**20, 2**31)


@dataclass
class Kernel:
    """A reduced basis of a kernel: for each free column a vector that is 1 there, 0 in the others.

    ``block[i, n]`` is the entry of the n-th vector in the column ``pivots[i]``.
    """

    pivots: list[int]
    free: list[int]
    block: Array

    def __len__(self) -> int:
        return len(self.free)

    def vector(self, n: int) -> dict[int, int]:
        """The n-th vector, without zeros."""
        column = self.block[:, n]
        found = {self.pivots[i]: int(column[i]) for i in np.flatnonzero(column)}
        return found | {self.free[n]: 1}

    def without(self, gone: Iterable[int]) -> Kernel:
        """Without the vectors of some free columns."""
        left = set(gone)
        kept = [n for n, j in enumerate(self.free) if j not in left]
        return Kernel(self.pivots, [self.free[n] for n in kept], self.block[:, kept])


@dataclass
class Bucket:
    """The monomials of one degree and weight, and the equations among them modulo the prime."""

    degree: int
    weight: int
    monomials: list[Monomial]
    kernel: Kernel | None = None

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
        self._values: Array = np.zeros((0, len(self.polynomials)), dtype=np.int64)
        self._rng = random.Random(f"algattn interpolation {seed} {prime}")
        self._images: dict[Monomial, Polynomial] = {}
        self._packed: dict[int, list[int]] = {}

    @cached_property
    def _field(self) -> PrimeField:
        return GF(self.prime)

    @cached_property
    def _symbolic(self) -> bool:
        """Small fields have too few points, large ones overflow: expand the images instead."""
        return self.prime not in POINTWISE

    def packed(self, degree: int) -> list[int]:
        """The weight of every coordinate as one integer, additive up to this degree."""
        if degree not in self._packed:
            largest = max((abs(x) for row in self.rows for x in row), default=1)
            base = 2 * largest * (degree + 1) + 1
            powers = [base**i for i in range(len(self.rows))]
            self._packed[degree] = [
                sum(row[j] * q for row, q in zip(self.rows, powers, strict=True))
                for j in range(len(self.degrees))
            ]
        return self._packed[degree]

    def monomials(self, degree: int) -> Iterator[Monomial]:
        """All monomials of a degree in the coordinates alive, as sorted tuples of indices."""
        alive, weights = self.alive, [self.degrees[j] for j in self.alive]
        if set(weights) == {1}:
            yield from combinations_with_replacement(alive, degree)
            return

        def walk(left: int, start: int, done: Monomial) -> Iterator[Monomial]:
            if left == 0:
                yield done
                return
            for n in range(start, len(alive)):
                if weights[n] <= left:
                    yield from walk(left - weights[n], n, (*done, alive[n]))

        yield from walk(degree, 0, ())

    def buckets(self, degree: int, packing: int) -> dict[int, Bucket]:
        """The monomials of a degree by weight, single coordinates last.

        Weights are packed for degrees up to `packing`.
        """
        weight = self.packed(packing)
        out: dict[int, Bucket] = {}
        for m in self.monomials(degree):
            w = sum(weight[j] for j in m)
            found = out.get(w)
            if found is None:
                out[w] = Bucket(degree, w, [m])
            else:
                found.monomials.append(m)
        for bucket in out.values():
            bucket.monomials.sort(key=lambda m: len(m) == 1)
        return out

    def counts(self, degree: int, coordinates: Iterable[int]) -> list[int]:
        """The numbers of monomials of degree 0, 1, .. in some of the coordinates.

        >>> Interpolation([], (1, 1, 2), (), 2).counts(2, range(3))
        [1, 2, 4]
        """
        ways = [1] + [0] * degree
        for j in coordinates:
            for e in range(self.degrees[j], degree + 1):
                ways[e] += ways[e - self.degrees[j]]
        return ways

    def many(self, degree: int) -> int:
        """The number of monomials of degrees up to this one in the coordinates alive.

        Above degree :data:`COUNTED` it is at least this.

        >>> Interpolation([], (1, 1, 2), (), 2).many(2), Interpolation([], (2,), (), 2).many(10**9)
        (7, 500000001)
        """
        weights = [self.degrees[j] for j in self.alive]
        if degree <= COUNTED:
            return sum(self.counts(degree, self.alive))
        return comb(degree // max(weights, default=1) + len(weights), len(weights))

    def one_weight(self, degree: int) -> bool:
        """Whether all monomials of a degree are in one bucket."""
        weight, alive = self.packed(degree), self.alive
        pairs = [(weight[j], self.degrees[j]) for j in alive]
        return all(w * pairs[0][1] == pairs[0][0] * d for w, d in pairs)

    def drop(self, bucket: Bucket) -> None:
        """Take the equations ``y_j - q`` from a kernel, and y_j from the coordinates."""
        assert bucket.kernel is not None
        single = [i for i in bucket.kernel.free if len(bucket.monomials[i]) == 1]
        for i in single:
            self.alive.remove(bucket.monomials[i][0])
        if single:
            bucket.kernel = bucket.kernel.without(single)

    # --- values --------------------------------------------------------------------------------

    def _points(self, count: int) -> Array:
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

    def _evaluate(self, poly: Polynomial, points: Array) -> Array:
        p = self.prime
        total = np.zeros(len(points), dtype=np.int64)
        for exponents, c in poly.terms():
            number = int(self._field(poly.ring.field.to_python(c)))
            term = np.full(len(points), number, dtype=np.int64)
            for i, e in enumerate(exponents):
                if e:
                    term = term * _power(points[:, i], e, p) % p
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

    def kernel(self, monomials: Sequence[Monomial]) -> Kernel:
        """Candidates for the equations among these monomials: a reduced basis modulo the prime."""
        reduced, rank = self._matrix(monomials).rref()
        pivots = _pivots(reduced, int(rank))
        free = sorted(set(range(len(monomials))) - set(pivots))
        p, kind = self.prime, np.int64 if self.prime < 2**63 else object
        block = [-int(reduced[i, j]) % p for i in range(len(pivots)) for j in free]
        return Kernel(pivots, free, np.array(block, dtype=kind).reshape(len(pivots), len(free)))

    def _known(
        self,
        bucket: Bucket,
        lower: Mapping[int, Mapping[int, Bucket]],
        packing: int,
        given: Sequence[Array],
    ) -> tuple[nmod_mat, list[int]] | None:
        """What is known in the kernel of a bucket, in reduced form; None: it is all.

        Known are coordinates times what is known in lower degrees, and the equations `given` (dense
        rows).  They lie in the kernel, so their entries in its free columns tell which combinations
        of its vectors they are.  The columns are reversed: pivots are the last entries of rows.
        """
        kernel, weight = bucket.kernel, self.packed(packing)
        assert kernel is not None
        column = np.full(len(bucket.monomials), -1)
        column[kernel.free] = np.arange(len(kernel))
        blocks: list[Array] = [np.array([row[kernel.free] for row in given])] if len(given) else []
        covered: set[int] = set()
        for j in self.alive:
            below = lower.get(bucket.degree - self.degrees[j], {}).get(bucket.weight - weight[j])
            if below is None or not below.kernel:
                continue
            get = bucket.place.get
            at = [get(tuple(sorted((*m, j))), -1) for m in below.monomials]
            blocks.append(_shifted(below.kernel, column[at], len(kernel)))
            # rows with different last columns are independent
            covered.update(_last_columns(blocks[-1]))
            if len(covered) == len(kernel):
                return None
        if not blocks:
            return nmod_mat(0, len(kernel), self.prime), []
        rows = np.concatenate(blocks)[:, ::-1]
        m, n = rows.shape
        reduced, rank = nmod_mat(m, n, rows.ravel().tolist(), self.prime).rref()
        return (reduced, _pivots(reduced, int(rank))) if int(rank) < n else None

    def new(
        self,
        bucket: Bucket,
        lower: Mapping[int, Mapping[int, Bucket]],
        packing: int,
        given: Sequence[Array] = (),
    ) -> list[int]:
        """Which vectors of the kernel of a bucket complete what is known to a basis of it.

        Known are coordinates times the kernels of lower degrees, and the equations `given`.
        """
        if not bucket.kernel:
            return []
        found = self._known(bucket, lower, packing, given)
        last = len(bucket.kernel) - 1
        known = set(range(last + 1)) if found is None else {last - j for j in found[1]}
        return [n for n in range(last + 1) if n not in known]

    def spanned(
        self,
        bucket: Bucket,
        lower: Mapping[int, Mapping[int, Bucket]],
        packing: int,
        given: Sequence[Array] = (),
    ) -> Kernel:
        """What is known in the kernel of a bucket, as :meth:`new` has it."""
        kernel = bucket.kernel
        assert kernel is not None
        found = self._known(bucket, lower, packing, given) if kernel else None
        if found is None:
            return kernel
        reduced, at = found
        last, kind = len(kernel) - 1, kernel.block.dtype
        known = [last - j for j in reversed(at)]
        others = [n for n in range(last + 1) if n not in set(known)]
        rows = [
            [int(reduced[i, last - n]) for n in range(last + 1)] for i in reversed(range(len(at)))
        ]
        if not rows:
            return kernel.without(kernel.free)
        # combinations of the vectors: entries in the old pivots, then in the columns given up
        m, n = kernel.block.shape
        block = nmod_mat(m, n, kernel.block.ravel().tolist(), self.prime)
        moved = block * nmod_mat(rows, self.prime).transpose()
        upper = [[int(moved[i, j]) for j in range(len(at))] for i in range(m)]
        lower_part = [[row[n] for row in rows] for n in others]
        return Kernel(
            [*kernel.pivots, *(kernel.free[n] for n in others)],
            [kernel.free[n] for n in known],
            np.array([*upper, *lower_part], dtype=kind).reshape(m + len(others), len(at)),
        )


def _power(base: Array, e: int, p: int) -> Array:
    out = np.ones_like(base)
    while e:
        if e & 1:
            out = out * base % p
        e >>= 1
        if e:
            base = base * base % p
    return out


def _pivots(reduced: nmod_mat, rank: int) -> list[int]:
    """The pivot columns of a matrix in reduced echelon form."""
    out: list[int] = []
    j = 0
    for i in range(rank):
        while not int(reduced[i, j]):
            j += 1
        out.append(j)
        j += 1
    return out


def _shifted(kernel: Kernel, columns: Array, size: int) -> Array:
    """The vectors of a kernel as rows, entry i moved into the given column (-1: left out)."""
    rows = np.zeros((len(kernel), size), dtype=kernel.block.dtype)
    pivots, free = columns[kernel.pivots], columns[kernel.free]
    rows[:, pivots[pivots >= 0]] = kernel.block[pivots >= 0].T
    inside = np.flatnonzero(free >= 0)
    rows[inside, free[inside]] = 1
    return rows


def _last_columns(rows: Array) -> set[int]:
    """The columns in which some row has its last entry."""
    some = rows != 0
    last = rows.shape[1] - 1 - np.argmax(some[:, ::-1], axis=1)
    return set(last[some.any(axis=1)].tolist())


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
) -> dict[int, list[tuple[Polynomial, Array]]]:
    """The generators of a degree as rows modulo the prime, by weight.

    Raises
    ------
    InputError
        When one of them has terms of several weights.
    """
    field = GF(work.prime)
    places = {m: (w, i) for w, b in buckets.items() for i, m in enumerate(b.monomials)}
    out: dict[int, list[tuple[Polynomial, Array]]] = {}
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
        kind = np.int64 if work.prime < 2**63 else object
        row = np.zeros(len(buckets[w].monomials), dtype=kind)
        for m, c in sparse.items():
            row[places[m][1]] = int(field(g.ring.field.to_python(c)))
        out.setdefault(w, []).append((g, row))
    return out


def dimensions(
    work: Interpolation, lower: Mapping[int, Mapping[int, Bucket]], max_degree: int
) -> tuple[tuple[int, int], ...]:
    """How many independent equations there are in each degree, superfluous coordinates included."""
    every = work.counts(max_degree, range(len(work.degrees)))
    alive = work.counts(max_degree, work.alive)
    return tuple(
        (e, every[e] - alive[e] + sum(len(b.kernel) for b in lower[e].values() if b.kernel))
        for e in range(1, max_degree + 1)
    )
