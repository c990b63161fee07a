"""A rank that is nowhere larger, from finitely many points of a slice.

Equivariances of the map move a slice of the parameters over a dense set without changing the rank
of the Jacobian; on the slice its minors are polynomials of few variables, which vanish when they
vanish on a grid of integer points (lemma "slice" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from algattn.dimension.minor_grid import Degrees, Grid, LowerSet, named_blocks
from algattn.errors import LimitError
from algattn.exact.modular import echelon, matrix_of
from algattn.maps import PolynomialMap
from algattn.maps.equivariance import Equivariance, Equivariances
from algattn.progress import tick
from algattn.results import Claim, Evidence, Status, about, declare

__all__ = ["Gauge", "Slice", "SliceGrid", "find_gauge", "find_slice"]

#: Base points and orders of the parameters among which the smallest grid is taken.
TRIES = 24


@dataclass(frozen=True)
class Slice:
    """A base point, directions of parameters, and fields: together they span all parameters."""

    base: tuple[int, ...]
    directions: tuple[int, ...]
    fields: tuple[Equivariance, ...]


@dataclass(frozen=True)
class Gauge:
    """Parameters that may be fixed, because fields of the fibers move every other value there."""

    fixed: tuple[int, ...]
    values: tuple[int, ...]
    fields: tuple[Equivariance, ...]

    def restrict(self, phi: PolynomialMap) -> PolynomialMap:
        """The map of the other parameters."""
        if not self.fixed:
            return phi
        pairs = zip(self.fixed, self.values, strict=True)
        return phi._known.restrict({phi.parameters[j]: str(x) for j, x in pairs})

    def moves(self, phi: PolynomialMap, base: Sequence[int]) -> bool:
        """Whether the fields reach a dense set from the other parameters, seen at a point."""
        prime = next(phi.primes())
        field, rest = phi._prime(prime), iter(base)
        known = dict(zip(self.fixed, self.values, strict=True))
        point = [field(known[j] if j in known else next(rest)) for j in range(len(phi.parameters))]
        rows = [f.at(point) for f in self.fields]
        return bool(matrix_of(rows, self.fixed, prime).rank() == len(self.fixed))


def find_gauge(phi: PolynomialMap, fields: Sequence[Equivariance], seed: int) -> Gauge:
    """Parameters that the fields of the fibers move, fixed: whole blocks of their names.

    Where a part of a block is fixed, fewer equivariances are linear in the rest.
    """
    rng, prime = random.Random(f"algattn gauge {seed}"), next(phi.primes())
    values = [rng.choice((1, 2, -1, 3, -2)) for _ in phi.parameters]
    point = [phi._prime(prime)(x) for x in values]
    if not fields:
        return Gauge((), (), ())
    moved = matrix_of([f.at(point) for f in fields], range(len(point)), prime)
    pivots = set(echelon(moved)[1])
    fixed = tuple(j for block in named_blocks(phi) if pivots.issuperset(block) for j in block)
    chosen = tuple(fields[i] for i in echelon(moved.transpose())[1])
    return Gauge(fixed, tuple(values[j] for j in fixed), chosen)


def spans(phi: PolynomialMap, found: Slice, prime: int) -> bool:
    """Whether the fields at the base point and the directions span, seen modulo a prime."""
    k, field = len(phi.parameters), phi._prime(prime)
    point = [field(x) for x in found.base]
    rows = [f.at(point) for f in found.fields] + [{j: 1} for j in found.directions]
    return bool(rows) and matrix_of(rows, range(k), prime).rank() == k


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
        moved = matrix_of([f.at(point) for f in fields], order, prime)
        chosen = [fields[i] for i in echelon(moved.transpose())[1]]
        directions = tuple(sorted(set(range(k)) - {order[j] for j in echelon(moved)[1]}))
        grid = degrees.lower_set(point, directions, rank + 1, prime)
        if best is None or grid.at_most() < best[0]:
            best = grid.at_most(), Slice(base, directions, tuple(chosen)), grid
        if not directions:
            break
    if best is None:
        raise LimitError("find a slice", "all points tried are poles", "another seed")
    return best[1:]


@declare(
    "map.slice-grid",
    about("map.dimension", "dimension, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class SliceGrid(Evidence):
    """Rank of the Jacobian on a slice that the equivariances move around, at a grid of points."""

    gauge: Gauge
    slice: Slice

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        rank, gauge, found = self.number(claim), self.gauge, self.slice
        if problem.field.characteristic:
            raise self.fail(f"the map is over {problem.field}")
        size, fixed = len(problem.parameters), set(gauge.fixed)
        k = size - len(fixed)
        if not (
            rank >= 0
            and len(gauge.values) == len(gauge.fixed) == len(fixed) < size
            and fixed <= set(range(size))
            and len(found.base) == k
            and set(found.directions) <= set(range(k))
        ):
            raise self.fail("the slice does not fit the map")
        if fixed:
            if not all(map(Equivariances(problem).kills, gauge.fields)):
                raise self.fail("the map changes along a field of the gauge")
            if not gauge.moves(problem, found.base):
                raise self.fail("the fields of the gauge do not move the parameters that are fixed")
            problem = gauge.restrict(problem)
        if not all(map(Equivariances(problem).holds, found.fields)):
            raise self.fail("a field does not move the image linearly")
        prime = next(problem.primes())
        if not spans(problem, found, prime):
            raise self.fail("fields and directions do not span at the base point")
        here = [problem._prime(prime)(x) for x in found.base]
        if any(q == 0 for q in problem.rows(here)[1]):
            raise self.fail("the base point is a pole")
        points = Degrees(problem).lower_set(here, found.directions, rank + 1, prime)
        if not Grid(problem, found.base, found.directions).rank_at_most(rank, points):
            raise self.fail(f"the rank is larger than {rank} at a point of the slice")

    def summary(self) -> str:
        s, m, g = len(self.slice.directions), len(self.slice.fields), len(self.gauge.fixed)
        fixed = f", {g} parameter{'s' * (g != 1)} fixed" if g else ""
        return f"{super().summary()} ({s} direction{'s' * (s != 1)}, {m} fields{fixed})"
