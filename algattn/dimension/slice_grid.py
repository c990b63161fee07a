"""A rank that is nowhere larger, from finitely many points of a slice.

Equivariances of the map move a slice of the parameters over a dense set without changing the rank
of the Jacobian; on the slice its minors are polynomials of few variables, which vanish when they
vanish on a grid of integer points (lemma "slice" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb, lcm, prod
from typing import Any

import numpy as np
from flint import nmod_mat
from numpy.typing import NDArray

from algattn.errors import LimitError
from algattn.exact import QQ, PolynomialRing
from algattn.exact.modular import primes_below
from algattn.maps import PolynomialMap
from algattn.maps.equivariance import Equivariance, Equivariances
from algattn.progress import tick
from algattn.results import Claim, Evidence, Status, about, declare

__all__ = ["Grid", "SliceGrid", "find_slice"]

#: Points, times the entries of the matrices there, that are tried unless the user asks for more.
WORK, MOST_WORK = 6_000_000, 600_000_000
#: Base points and orders of the parameters among which the smallest grid is taken.
TRIES = 24
#: Points that are evaluated together.
CHUNK = 512

Ints = NDArray[np.int64]


class Degrees:
    """The exponents of all entries of a Jacobian, for bounds on the degrees of its minors."""

    def __init__(self, phi: PolynomialMap) -> None:
        k = len(phi.parameters)
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
        names, at = list(phi.parameters), 0
        groups = [[names.index(x) for x in block] for block in phi.blocks()]
        for shape in phi.shapes.values():
            size = prod(shape)
            groups.append(list(range(at, at + size)))
            at += size
        self.groups = [tuple(g) for g in groups if len(g) > 1]

    def most(self, group: Sequence[int], size: int) -> int:
        """A bound on the degree, in a group of parameters, of all minors of a size."""
        degrees = self.exponents[:, list(group)].sum(axis=1)
        bounds = []
        for places, many in zip((self.rows, self.columns), self.shape, strict=True):
            largest = np.zeros(many, np.int64)
            np.maximum.at(largest, places, degrees)
            bounds.append(int(np.sort(largest)[::-1][:size].sum()))
        return min(bounds)

    def lower_set(self, directions: Sequence[int], size: int) -> LowerSet:
        """Exponents that contain those of all minors, in the parameters of a slice."""
        found = {}
        for group in (tuple(directions), *self.groups, *((j,) for j in directions)):
            inside = tuple(n for n, j in enumerate(directions) if j in group)
            if inside and inside not in found:
                found[inside] = self.most([directions[n] for n in inside], size)
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
        self.k = len(phi.parameters)
        names = [phi.parameters[j] for j in directions] or [phi.parameters[0]]
        ring = PolynomialRing(QQ, tuple(names))
        images = [ring(x) for x in base]
        for n, j in enumerate(directions):
            images[j] = images[j] + ring.gens()[n]
        _, _, rows = phi._known.rows(images)
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
                e = e if directions else ()
                place = self.monomials.setdefault(e, len(self.monomials))
                self.terms.append((self.height, j, place, int(c.p) * (clear // int(c.q))))
            self.height += 1
        constant = {j for _, j, _, _ in self.terms}
        constant -= {
            j for _, j, m, _ in self.terms if m != self.monomials.get((0,) * len(directions), -1)
        }
        self.constant = sorted(constant)
        moving = {j for _, j, _, _ in self.terms} - constant
        self.moving = sorted(moving)

    @property
    def entries(self) -> int:
        """Entries of the matrix whose rank is taken at each point, about."""
        return max(self.height - len(self.constant), 1) * max(len(self.moving), 1)

    def hadamard(self, size: int, powers: NDArray[np.float64]) -> float:
        """A bound on the bits of all minors of a size at some points, given by their monomials."""
        rows: dict[int, Any] = {}
        columns: dict[int, Any] = {}
        cells: dict[tuple[int, int], Any] = {}
        for i, j, m, c in self.terms:
            cells[i, j] = cells.get((i, j), 0.0) + float(abs(c)) * powers[m]
        for (i, j), x in cells.items():
            rows[i] = rows.get(i, 0.0) + x * x
            columns[j] = columns.get(j, 0.0) + x * x
        bounds = []
        for norms in (rows, columns):
            if len(norms) < size:
                return 0.0
            logs = np.log2(np.maximum(np.array(list(norms.values())), 1.0)) / 2
            bounds.append(np.sort(logs, axis=0)[::-1][:size].sum(axis=0))
        # a bit and a millionth more than the rounding of the floats can take away
        return float(np.minimum(*bounds).max()) * (1 + 1e-6) + 1

    def rank_at_most(self, rank: int, points: LowerSet) -> bool:
        """Whether the rank is at most `rank` at every point of the grid, over the rationals."""
        if min(self.height, len(self.moving) + len(self.constant)) <= rank:
            return True
        chunks = [np.array(c, np.int64).reshape(len(c), points.length) for c in _chunks(points)]
        bits = 0.0
        for chunk in chunks:
            tick()
            bits = max(bits, self.hadamard(rank + 1, self._powers(chunk).astype(np.float64)))
        have = 0.0
        for prime in primes_below(2**62):
            if have > bits:
                return True
            have += 61.9  # each is above 2**61.9
            reduced = _Reduced(self, prime)
            for chunk in chunks:
                tick()
                if any(r > rank for r in reduced.ranks(self._powers(chunk))):
                    return False
        raise AssertionError

    def _powers(self, points: Ints) -> Any:
        """Values of all monomials (rows) at points (columns); whole numbers, however large."""
        exponents = np.array(list(self.monomials), np.int64).reshape(
            len(self.monomials), points.shape[1]
        )
        out = np.ones((len(exponents), len(points)), object)
        for n in range(points.shape[1]):
            base = points[:, n].astype(object)
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

    def __init__(self, grid: Grid, prime: int) -> None:
        self.prime, m = prime, grid.height
        zero = grid.monomials.get((0,) * len(grid.directions), -1)
        place = {j: n for n, j in enumerate(grid.constant)}
        left = [[0] * len(place) for _ in range(m)]
        self.width, count = len(grid.moving), len(grid.monomials)
        moving = {j: n for n, j in enumerate(grid.moving)}
        wide = [[0] * (self.width * count) for _ in range(m)]
        for i, j, e, c in grid.terms:
            if j in place:
                assert e == zero
                left[i][place[j]] = c % prime
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


@dataclass(frozen=True)
class Slice:
    """A base point, directions of parameters, and fields: together they span all parameters."""

    base: tuple[int, ...]
    directions: tuple[int, ...]
    fields: tuple[Equivariance, ...]


def spans(phi: PolynomialMap, found: Slice, prime: int) -> bool:
    """Whether the fields at the base point and the directions span, seen modulo a prime."""
    k, field = len(phi.parameters), phi._prime(prime)
    point = [field(x) for x in found.base]
    rows = [f.at(point) for f in found.fields] + [{j: 1} for j in found.directions]
    dense = [[int(row.get(j, 0)) for j in range(k)] for row in rows]
    return bool(dense) and int(nmod_mat(dense, prime).rank()) == k


def find_slice(
    phi: PolynomialMap, rank: int, fields: Sequence[Equivariance], seed: int
) -> tuple[Slice, LowerSet]:
    """A slice with a small grid for the minors of size `rank` + 1, and the grid."""
    rng = random.Random(f"algattn slice {seed}")
    prime, k = next(phi.primes()), len(phi.parameters)
    degrees, field = Degrees(phi), phi._prime(next(phi.primes()))
    best: tuple[int, Slice, LowerSet] | None = None
    names = list(phi.parameters)
    groups = [[names.index(x) for x in b] for b in phi.blocks()]
    for attempt in range(TRIES):
        tick()
        base = tuple(rng.choice((1, 2, -1, 3, -2)) for _ in range(k))
        point = [field(x) for x in base]
        if phi.rational and any(q == 0 for q in phi.rows(point)[1]):
            continue
        order = list(range(k))
        if attempt == 1:
            order.reverse()
        elif attempt:
            rng.shuffle(groups)
            order = [j for g in groups for j in (g if attempt % 2 else rng.sample(g, len(g)))]
            if attempt % 4 == 0:
                rng.shuffle(order)
        rows = [f.at(point) for f in fields]
        dense = [[int(row.get(j, 0)) for j in order] for row in rows]
        chosen: list[Equivariance] = []
        pivots: list[int] = []
        if dense:
            across, many = nmod_mat(dense, prime).transpose().rref()
            chosen = [fields[_first(across, i)] for i in range(many)]
            echelon, many = nmod_mat(dense, prime).rref()
            pivots = [order[_first(echelon, i)] for i in range(many)]
        directions = tuple(sorted(set(range(k)) - set(pivots)))
        grid = degrees.lower_set(directions, rank + 1)
        if best is None or grid.at_most() < best[0]:
            best = grid.at_most(), Slice(base, directions, tuple(chosen)), grid
        if not directions:
            break
    if best is None:
        raise LimitError("find a slice", "all points tried are poles", "another seed")
    return best[1:]


def _first(matrix: nmod_mat, i: int) -> int:
    return next(j for j in range(matrix.ncols()) if int(matrix[i, j]))


@declare(
    "map.slice-grid",
    about("map.dimension", "dimension, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class SliceGrid(Evidence):
    """Rank of the Jacobian on a slice that the equivariances move around, at a grid of points."""

    base: tuple[int, ...]
    directions: tuple[int, ...]
    fields: tuple[Equivariance, ...]

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        rank, k = self.number(claim), len(problem.parameters)
        if problem.field != QQ:
            raise self.fail(f"the map is over {problem.field}")
        if len(self.base) != k or not set(self.directions) <= set(range(k)) or rank < 0:
            raise self.fail("the slice does not fit the map")
        if problem.rational and any(q == 0 for q in problem.rows([QQ(x) for x in self.base])[1]):
            raise self.fail("the base point is a pole")
        rules = Equivariances(problem)
        if not all(map(rules.holds, self.fields)):
            raise self.fail("a field does not move the image linearly")
        found = Slice(self.base, self.directions, self.fields)
        if not spans(problem, found, next(problem.primes())):
            raise self.fail("fields and directions do not span at the base point")
        points = Degrees(problem).lower_set(self.directions, rank + 1)
        if not Grid(problem, self.base, self.directions).rank_at_most(rank, points):
            raise self.fail(f"the rank is larger than {rank} at a point of the slice")

    def summary(self) -> str:
        s, m = len(self.directions), len(self.fields)
        return f"{super().summary()} ({s} direction{'s' * (s != 1)}, {m} field{'s' * (m != 1)})"
