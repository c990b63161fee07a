"""The equations of a map, weight by weight, by exact linear algebra modulo a prime.

The monomials of one degree fall into buckets by their weight for the finest grading.  In a bucket
the equations are the kernel of the matrix of values at random points: for any points and any prime
that kernel is at least as large as the space of equations over the field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import tee

import numpy as np
from flint import nmod_mat

from algattn.errors import InputError
from algattn.exact import Polynomial
from algattn.exact.modular import echelon
from algattn.groebner.buckets import Bucket, GradedMonomials
from algattn.maps import PolynomialMap
from algattn.maps.kernels import (
    Array,
    Kernel,
    kind,
    modular,
)
from algattn.maps.monomial_kernels import MonomialKernels
from algattn.maps.residues import reduced, usable_primes


class Interpolation(GradedMonomials, MonomialKernels):
    """Buckets and kernels of a map modulo one prime.

    Parameters
    ----------
    phi : PolynomialMap
        Over QQ, a number field, or GF(prime); polynomials or quotients.
    degrees, rows
        As for :class:`~algattn.groebner.buckets.GradedMonomials`; gradings of the map.
    prime : int
        That divides no denominator; modulo which the minimal polynomial of a number field has a
        root.
    root : int, optional
        The value of the generator of a number field; the least root unless given.
    """

    def __init__(
        self,
        phi: PolynomialMap,
        degrees: Sequence[int],
        rows: Sequence[Sequence[int]],
        prime: int,
        seed: int = 0,
        root: int | None = None,
    ) -> None:
        GradedMonomials.__init__(self, degrees, rows)
        MonomialKernels.__init__(self, phi, prime, seed, root, self.degrees)
        self._elsewhere: dict[tuple[int, int | None], Interpolation] = {}
        self._primes: Iterator[int] = (p for p in usable_primes(phi) if p != prime)

    def at(self, prime: int, root: int | None = None) -> Interpolation:
        """The same map modulo another prime, or at another root; its values are kept."""
        found = self._elsewhere.get((prime, root))
        if found is None:
            found = Interpolation(self.phi, self.degrees, self.rows, prime, self.seed, root)
            self._elsewhere[prime, root] = found
        return found

    def further(self) -> Iterator[int]:
        """The other usable primes, each time from the first one on."""
        self._primes, found = tee(self._primes)
        return found

    def reduced(self, poly: Polynomial) -> dict[tuple[int, ...], int]:
        """The terms of a polynomial in the coordinates modulo the prime."""
        return reduced(poly, self.phi, self.prime, self.root)

    # --- kernels -------------------------------------------------------------------------------

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
        places = bucket.place
        covered: set[int] = set()
        found: list[tuple[int, Bucket]] = []
        for j in self.alive:
            below = lower.get(bucket.degree - self.degrees[j], {}).get(bucket.weight - weight[j])
            if below is None or not below.kernel:
                continue
            found.append((j, below))
            # A vector ends in its free column.  So does its multiple, because monomials are in an
            # order that multiplication keeps, except single coordinates.  Rows with different ends
            # are independent.
            ends = [m for i in below.kernel.free if len(m := below.monomials[i]) > 1]
            covered.update(column[[places[tuple(sorted((*m, j)))] for m in ends]].tolist())
            if len(covered - {-1}) == len(kernel):
                return None
        for j, below in found:
            assert below.kernel is not None
            at = [places.get(tuple(sorted((*m, j))), -1) for m in below.monomials]
            blocks.append(below.kernel.shifted(column[at], len(kernel)))
        if not blocks:
            return nmod_mat(0, len(kernel), self.prime), []
        rows = np.concatenate(blocks)[:, ::-1]
        reduced_rows, pivots = echelon(modular(rows, self.prime))
        return (reduced_rows, pivots) if len(pivots) < len(kernel) else None

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
        reduced_rows, at = found
        last = len(kernel) - 1
        known = [last - j for j in reversed(at)]
        others = [n for n in range(last + 1) if n not in set(known)]
        rows = [
            [int(reduced_rows[i, last - n]) for n in range(last + 1)]
            for i in reversed(range(len(at)))
        ]
        if not rows:
            return kernel.without(kernel.free)
        # combinations of the vectors: entries in the old pivots, then in the columns given up
        m = len(kernel.block)
        moved = modular(kernel.block, self.prime) * nmod_mat(rows, self.prime).transpose()
        upper = [[int(moved[i, j]) for j in range(len(at))] for i in range(m)]
        lower_part = [[row[n] for row in rows] for n in others]
        block = np.array([*upper, *lower_part], dtype=kernel.block.dtype)
        return Kernel(
            [*kernel.pivots, *(kernel.free[n] for n in others)],
            [kernel.free[n] for n in known],
            block.reshape(m + len(others), len(at)),
        )


def superfluous(generators: Sequence[Polynomial], size: int | None = None) -> dict[int, Polynomial]:
    """Coordinates that one generator expresses by others, and that no other generator contains.

    `size` is the number of coordinates, where the last variable is the generator of a number field.

    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y, z = PolynomialRing(QQ, ("x", "y", "z")).gens()
    >>> superfluous([x - 2 * y, y * y - z * z])
    {0: x - 2*y}
    """
    found: dict[int, Polynomial] = {}
    seen: dict[int, int] = {}
    supports = [{e[:size] for e, _ in g.terms()} for g in generators]
    for support in supports:
        for e in support:
            for j, x in enumerate(e):
                if x:
                    seen[j] = seen.get(j, 0) + 1
    for g, support in zip(generators, supports, strict=True):
        once = [j for e in support if sum(e) == 1 and seen[j := e.index(1)] == 1]
        if once:
            found[max(once)] = g
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
    size = len(work.degrees)
    places = {m: (w, i) for w, b in buckets.items() for i, m in enumerate(b.monomials)}
    out: dict[int, list[tuple[Polynomial, Array]]] = {}
    for g in generators:
        support = {
            e[:size]: tuple(j for j, n in enumerate(e[:size]) for _ in range(n))
            for e, _ in g.terms()
        }
        if sum(work.degrees[j] for j in next(iter(support.values()))) != degree:
            continue
        found = {places[m][0] if m in places else None for m in support.values()}
        if len(found) != 1 or None in found:
            raise InputError("sort equations by weight", f"{g} is not homogeneous", "split it")
        w = next(x for x in found if x is not None)
        row = np.zeros(len(buckets[w].monomials), dtype=kind(work.prime))
        for e, c in work.reduced(g).items():
            row[places[support[e]][1]] = c
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
