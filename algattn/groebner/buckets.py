"""The monomials of one degree in graded coordinates, in buckets by their weight."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement
from math import comb

from algattn.maps.kernels import Kernel

Monomial = tuple[int, ...]  # sorted indices of coordinates, repeated

#: Up to this degree monomials are counted exactly.
COUNTED = 100_000


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


class GradedMonomials:
    """The monomials in coordinates with degrees and weights.

    Parameters
    ----------
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

    def __init__(self, degrees: Sequence[int], rows: Sequence[Sequence[int]]) -> None:
        self.degrees = tuple(degrees)
        self.rows = rows
        self.alive = list(range(len(self.degrees)))
        self._packed: dict[int, list[int]] = {}

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

        >>> GradedMonomials((1, 1, 2), ()).counts(2, range(3))
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

        >>> GradedMonomials((1, 1, 2), ()).many(2), GradedMonomials((2,), ()).many(10**9)
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
