"""Minors of a Jacobian on a slice: bounds on their degrees and sizes, and a grid that decides.

Polynomials whose exponents lie in a finite set closed under going down vanish when they vanish at
the points of this set; a whole number that is smaller than a product of primes vanishes when it
vanishes modulo all of them (lemma "slice" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, inf, isfinite, lcm, prod
from typing import Any

import numpy as np
from flint import fmpq, nmod_mat
from numpy.typing import NDArray

from algattn.errors import LimitError
from algattn.exact import QQ, NumberField, PolynomialRing
from algattn.exact.fields import parse_rational
from algattn.exact.modular import matrix_of, primes_below
from algattn.maps import PolynomialMap
from algattn.progress import tick

__all__ = ["Degrees", "Grid", "LowerSet", "named_blocks"]

#: Points that are evaluated together.
CHUNK = 512

Ints = NDArray[np.int64]


def named_blocks(phi: PolynomialMap) -> Iterator[range]:
    """The places of the parameters in blocks of their names."""
    at = 0
    for shape in phi.shapes.values():
        yield range(at, at + prod(shape))
        at += prod(shape)


class Degrees:
    """The exponents of all entries of a Jacobian, for bounds on the degrees of its minors."""

    def __init__(self, phi: PolynomialMap) -> None:
        self.phi, k = phi, len(phi.parameters)
        _, _, rows = phi._known.rows(phi.ring.gens()[:k])
        places = [
            (i, j, e[:k])
            for i, row in enumerate(rows)
            for j, p in row.items()
            for e, _ in p.terms()
        ]
        self.rows: Ints = np.array([i for i, _, _ in places], np.int64)
        self.columns: Ints = np.array([j for _, j, _ in places], np.int64)
        self.exponents: Ints = np.array([e for _, _, e in places], np.int64).reshape(-1, k)
        self.shape = len(rows), k
        names = list(phi.parameters)
        groups = [[names.index(x) for x in block] for block in phi.blocks()]
        groups += [list(block) for block in named_blocks(phi)]
        self.groups = [tuple(g) for g in groups if len(g) > 1]

    def most(self, group: Sequence[int], size: int, fixed: int) -> int:
        """A bound on the degree, in a group of parameters, of all minors of a size.

        So many of their columns are constant.
        """
        degrees = self.exponents[:, list(group)].sum(axis=1)
        bounds = []
        for places, many, chosen in zip(
            (self.rows, self.columns), self.shape, (size, size - fixed), strict=True
        ):
            largest = np.zeros(many, np.int64)
            np.maximum.at(largest, places, degrees)
            bounds.append(int(np.sort(largest)[::-1][:chosen].sum()))
        return min(bounds)

    def lower_set(
        self, base: Sequence[Any], directions: Sequence[int], size: int, prime: int
    ) -> LowerSet:
        """Exponents that contain those of enough minors, in the parameters of a slice.

        The columns that are constant on the slice have a rank of their own, at least that at the
        base point modulo the prime.  The minors that contain a fixed one of this size in these
        columns are enough (Sylvester).
        """
        _, _, rows = self.phi.rows(base)
        moving = self.exponents[:, list(directions)].any(axis=1)
        constant = sorted(set(range(self.shape[1])) - set(self.columns[moving].tolist()))
        fixed = min(int(matrix_of(rows, constant, prime).rank()), size)
        found = {}
        for group in (tuple(directions), *self.groups, *((j,) for j in directions)):
            inside = tuple(n for n, j in enumerate(directions) if j in group)
            if inside and inside not in found:
                found[inside] = self.most([directions[n] for n in inside], size, fixed)
        return LowerSet(len(directions), tuple(found.items()))


@dataclass(frozen=True)
class LowerSet:
    """Vectors of natural numbers whose sums over some groups of places are bounded.

    >>> sorted(LowerSet(2, (((0, 1), 2), ((1,), 1))))
    [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0)]
    """

    length: int
    bounds: tuple[tuple[tuple[int, ...], int], ...]

    def at_most(self) -> int:
        """A bound on the size, by three families of groups."""
        n, bounds = self.length, dict(self.bounds)
        by_size = sorted(self.bounds, key=lambda pair: -len(pair[0]))
        best = prod(min(b for g, b in self.bounds if j in g) + 1 for j in range(n))
        if n and tuple(range(n)) in bounds:
            best = min(best, comb(bounds[tuple(range(n))] + n, n))
        seen: set[int] = set()
        total = 1
        for group, b in by_size[1:]:
            if not seen.intersection(group):
                seen.update(group)
                total *= comb(b + len(group), len(group))
        return min(best, total) if len(seen) == n else best

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        meets = [
            [g for g, (places, _) in enumerate(self.bounds) if j in places]
            for j in range(self.length)
        ]
        room = [b for _, b in self.bounds]
        point = [0] * self.length

        def below(j: int) -> Iterator[tuple[int, ...]]:
            if j == self.length:
                yield tuple(point)
                return
            most = min(room[g] for g in meets[j])
            for x in range(most + 1):
                point[j] = x
                for g in meets[j]:
                    room[g] -= x
                yield from below(j + 1)
                for g in meets[j]:
                    room[g] += x
            point[j] = 0

        return below(0)


class Grid:
    """The Jacobian on a slice ``base + span of some directions``, at the points of a grid.

    Its entries there are polynomials with whole coefficients: every row is multiplied by a number.
    """

    def __init__(self, phi: PolynomialMap, base: Sequence[int], directions: Sequence[int]) -> None:
        self.phi, self.directions = phi, tuple(directions)
        names = [phi.parameters[j] for j in directions] or [phi.parameters[0]]
        self.size = len(names)
        #: The minimal polynomial of the generator of a number field, with whole coefficients.
        self.modulus: list[int] = []
        if isinstance(phi.field, NumberField):
            names.append(phi.ring.names[-1])
            exact = [fmpq(parse_rational(c)) for c in phi.field.modulus]
            clear = lcm(*(int(c.q) for c in exact))
            self.modulus = [int(c * clear) for c in exact]
        ring = PolynomialRing(QQ, tuple(names))
        images = [ring(x) for x in base]
        for n, j in enumerate(directions):
            images[j] = images[j] + ring.gens()[n]
        _, _, rows = phi._known.rows(images)
        #: The monomials of the directions, and the power of the generator.
        self.monomials: dict[tuple[int, ...], int] = {}
        #: (row, column, monomial, coefficient)
        self.terms: list[tuple[int, int, int, int]] = []
        self.height = 0
        for row in rows:
            found = [(j, e, c) for j, p in row.items() for e, c in p.terms()]
            if not found:
                continue
            clear = lcm(*(int(c.q) for _, _, c in found))
            for j, e, c in found:
                place = self.monomials.setdefault(e, len(self.monomials))
                self.terms.append((self.height, j, place, int(c.p) * (clear // int(c.q))))
            self.height += 1
        fixed = [not any(e[: self.size]) for e in self.monomials]
        moving = {j for _, j, m, _ in self.terms if not fixed[m]}
        self.moving = sorted(moving)
        self.constant = sorted({j for _, j, _, _ in self.terms} - moving)

    @property
    def entries(self) -> int:
        """Entries of the matrix whose rank is taken at each point, about."""
        return max(self.height - len(self.constant), 1) * max(len(self.moving), 1)

    def bits(self, size: int, points: Ints) -> float:
        """A bound on the bits of all minors of a size at some points (Hadamard); of their norms.

        Over a number field with the minimal polynomial m (leading coefficient c, degree d) a minor
        is g(theta) for a polynomial g, and the resultant of m and g is at most ``c^deg(g)`` times
        the product of ``|g|`` at all d roots, which are at most ``1 + max |m_i| / c`` (Cauchy).
        """
        if not self.modulus:
            return self._hadamard(size, points, 1)
        lead, d = abs(self.modulus[-1]), len(self.modulus) - 1
        radius = 2 + max(map(abs, self.modulus)) // lead
        degree = size * max(e[-1] for e in self.monomials)
        return d * self._hadamard(size, points, radius) + degree * lead.bit_length()

    def _hadamard(self, size: int, points: Ints, generator: int) -> float:
        try:
            powers = self.powers(points, generator).astype(np.float64)
            heights = [float(abs(c)) for _, _, _, c in self.terms]
        except OverflowError:
            powers, heights = np.full((len(self.monomials), 1), inf), [inf] * len(self.terms)
        rows: dict[int, Any] = {}
        columns: dict[int, Any] = {}
        cells: dict[tuple[int, int], Any] = {}
        for (i, j, m, _), c in zip(self.terms, heights, strict=True):
            cells[i, j] = cells.get((i, j), 0.0) + c * powers[m]
        for (i, j), x in cells.items():
            rows[i] = rows.get(i, 0.0) + x * x
            columns[j] = columns.get(j, 0.0) + x * x
        bounds = []
        for norms in (rows, columns):
            if len(norms) < size:
                return 0.0
            logs = np.log2(np.maximum(np.array(list(norms.values())), 1.0)) / 2
            bounds.append(np.sort(logs, axis=0)[::-1][:size].sum(axis=0))
        found = float(np.minimum(*bounds).max())
        if not isfinite(found):
            raise LimitError("bound minors", "the coefficients are too large", "smaller ones")
        return found * (1 + 1e-6) + 1  # more than the rounding of the floats can take away

    def rank_at_most(self, rank: int, points: LowerSet) -> bool:
        """Whether the rank is at most `rank` at every point of the grid, over the rationals."""
        if min(self.height, len(self.moving) + len(self.constant)) <= rank:
            return True
        chunks = [np.array(c, np.int64).reshape(len(c), points.length) for c in _chunks(points)]
        bits = 0.0
        for chunk in chunks:
            tick()
            bits = max(bits, self.bits(rank + 1, chunk))
        have = 0.0
        for prime in primes_below(2**62):
            if have > bits:
                return True
            generator = self._generator(prime)
            if generator is None:
                continue
            have += 61.9  # each is above 2**61.9
            reduced = _Reduced(self, prime, generator)
            for chunk in chunks:
                tick()
                if any(r > rank for r in reduced.ranks(self.powers(chunk, generator))):
                    return False
        raise AssertionError

    def _generator(self, prime: int) -> int | None:
        """Where the generator of the field goes modulo a prime; nothing where it cannot go."""
        if not self.modulus:
            return 1
        if self.modulus[-1] % prime == 0:
            return None
        assert isinstance(self.phi.field, NumberField)
        return min((r for r, _ in self.phi.field.roots_modulo(prime)), default=None)

    def powers(self, points: Ints, generator: int) -> Any:
        """Values of all monomials (rows) at points (columns); whole numbers, however large."""
        exponents = np.array(list(self.monomials), np.int64).reshape(len(self.monomials), -1)
        out = np.ones((len(exponents), len(points)), object)
        bases: list[Any] = [points[:, n].astype(object) for n in range(points.shape[1])]
        if self.modulus:
            bases += [1] * (self.size - len(bases)) + [generator]
        for n, base in enumerate(bases):
            for e in set(exponents[:, n].tolist()) - {0}:
                out[exponents[:, n] == e] *= base**e
        return out


def _chunks(points: LowerSet) -> Iterator[list[tuple[int, ...]]]:
    held: list[tuple[int, ...]] = []
    for x in points:
        held.append(x)
        if len(held) == CHUNK:
            yield held
            held = []
    if held:
        yield held


class _Reduced:
    """The Jacobian on a slice modulo a prime, without its constant columns.

    The rank is that of the constant columns plus that of the others, times a basis of what
    vanishes on the constant ones; rows that are combinations of others at every point are left out.
    """

    def __init__(self, grid: Grid, prime: int, generator: int) -> None:
        self.prime, m = prime, grid.height
        last = -1 if grid.modulus else 0
        powers = [pow(generator, e[last], prime) if last else 1 for e in grid.monomials]
        place = {j: n for n, j in enumerate(grid.constant)}
        left = [[0] * len(place) for _ in range(m)]
        self.width, count = len(grid.moving), len(grid.monomials)
        moving = {j: n for n, j in enumerate(grid.moving)}
        wide = [[0] * (self.width * count) for _ in range(m)]
        for i, j, e, c in grid.terms:
            if j in place:
                left[i][place[j]] = (left[i][place[j]] + c * powers[e]) % prime
            else:
                wide[i][moving[j] * count + e] = c % prime
        self.rank = 0
        flat = nmod_mat(wide, prime) if self.width else nmod_mat(m, 0, prime)
        if place:
            across, nullity = nmod_mat(left, prime).transpose().nullspace()
            self.rank = m - nullity
            basis = [[int(across[i, n]) for i in range(m)] for n in range(nullity)]
            flat = nmod_mat(basis, prime) * flat if nullity else nmod_mat(0, flat.ncols(), prime)
        if flat.nrows() and self.width:
            flat, self.height = flat.rref()
        else:
            self.height = 0
        # one row for each entry, one column for each monomial
        rows = flat.tolist()[: self.height]
        split = [
            [int(x) for x in row[j * count : (j + 1) * count]]
            for row in rows
            for j in range(self.width)
        ]
        self.entries = nmod_mat(split, prime) if split else None

    def ranks(self, powers: Any) -> Iterator[int]:
        """The rank at each of some points."""
        many = powers.shape[1]
        if self.entries is None:
            yield from (self.rank,) * many
            return
        values = self.entries * nmod_mat((powers % self.prime).tolist(), self.prime)
        for column in values.transpose().tolist():
            yield self.rank + int(nmod_mat(self.height, self.width, column, self.prime).rank())
