"""The ladder of bounds on a dimension: a rank from below, and from above the first that meets it.

Each rung gives one kind of evidence; the cheap ones come first, and nothing is tried after a rung
has met the rank.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from algattn.arguments import check_seed
from algattn.dimension.fiber_below import search as search_fiber
from algattn.dimension.map_bounds import draw_prime, error_bits, jacobian_rank, symmetry_bound
from algattn.dimension.map_evidence import (
    Counted,
    Declared,
    FieldsAbove,
    RankBelow,
    RankDrawn,
    RankGeneric,
    SymmetriesAbove,
    with_fields,
)
from algattn.errors import DisagreementError, HypothesisError, InputError, LimitError
from algattn.exact import QQ
from algattn.maps import PolynomialMap, VectorField
from algattn.progress import Monitor
from algattn.results import Evidence
from algattn.words import quoted

if TYPE_CHECKING:  # the higher rungs are imported when they are climbed, the last with numpy
    from algattn.dimension.minor_grid import Grid, LowerSet
    from algattn.dimension.slice_grid import Slice

__all__ = ["METHODS", "Ladder"]

#: Points, times the entries of the matrices there: about ten seconds, and the most of all.
WORK, MOST_WORK = 6_000_000, 600_000_000
METHODS = ("auto", "symmetries", "fields", "equations", "slice")
#: Random points at which ranks are taken when the bounds differ.
TRIES = 3
#: Random points at which equations are tried: fields may be small, and points special.
POINTS = 4
ASKED = "find the dimension of a map"


def read_declared(given: Any) -> tuple[int, str]:
    """A dimension and its source.

    >>> read_declared("14: Alexander, Hirschowitz")
    (14, 'Alexander, Hirschowitz')
    """
    found = re.fullmatch(r"\s*(\d{1,9})\s*:\s*(\S.*)", given) if isinstance(given, str) else None
    pair = (int(found[1]), found[2]) if found else given
    if (
        not isinstance(pair, tuple | list)
        or [type(x) for x in pair] != [int, str]
        or not pair[1].strip()
    ):
        wrong = f"declared={quoted(given)} is no dimension with its source"
        raise InputError(ASKED, wrong, 'declared=(14, "Alexander, Hirschowitz 1995")')
    return pair[0], pair[1]


class Ladder:
    """Bounds on a dimension with their evidence, and what was too large to be tried.

    Attributes
    ----------
    lower, upper, rank : int
        Proved bounds, and the largest rank found.
    needed : list of str
        What a proof would have needed.
    """

    def __init__(self, phi: PolynomialMap, seed: int) -> None:
        self.phi, self.seed = phi, check_seed(seed, ASKED)
        self.prime = 0
        self.lower = self.rank = -1
        self.upper = min(len(phi.parameters), len(phi.coordinates))
        self.below: Evidence | None = None
        self.ranked: RankBelow | None = None
        self.above: Evidence = Counted()
        self.guess: Evidence | None = None
        self.needed: list[str] = []

    @property
    def met(self) -> bool:
        return self.lower >= self.upper

    def climb(self, method: str, equations: Any, declared: Any, watch: Monitor) -> None:
        """Take the rank, then rung after rung."""
        primes = self.phi.primes()
        self._take_rank(self.seed, next(primes))
        watch.step()
        tables: Any = None
        if equations is not None:
            from algattn.dimension.rank_equations import read_equations

            tables = read_equations(self.phi, equations)
        declared = None if declared is None else read_declared(declared)
        work = WORK if method == "auto" else MOST_WORK
        if watch.time_limit is not None:
            work = max(WORK, min(MOST_WORK, int(WORK / 10 * watch.time_limit)))
        rungs: dict[str, Callable[[], None]] = {
            "symmetries": self._symmetries,
            "equations": lambda: self._equations(tables),
            "flattenings": self._flattenings,
            "fields": self._fields,
            "slice": lambda: self._grid(work),
        }
        if tables and self.met:  # counting is enough, but what is wrong is told
            self._equations(tables)
        for name in self._order() if method == "auto" else ("equations", "flattenings", method):
            if self.met or watch.remaining == 0:
                break
            left = watch.remaining  # part of it is kept for the other rungs
            try:
                with Monitor(f"try {name}", time_limit=None if left is None else 0.6 * left):
                    rungs[name]()
            except LimitError as error:
                self.needed.append(f"{error.asked}: {error.wrong}")
            watch.done += 1
            if name == "symmetries" and not self.met and not self.phi.field.characteristic:
                for attempt in range(1, TRIES):
                    self._take_rank(self.seed + attempt, next(primes))
        self._end(declared)

    def _order(self) -> Iterator[str]:
        """The rungs by their cost, which for the last two depends on the blocks."""
        yield "symmetries"
        yield "equations"
        with suppress(LimitError):  # too large to expand: the bound by counting stays
            several = len(self.phi.blocks()) > 1
            yield "flattenings"
            yield from ("slice", "fields") if several else ("fields", "slice")

    def _end(self, declared: Any) -> None:
        """What remains when the ladder is climbed."""
        if not self.met:
            with suppress(LimitError):
                self._fiber()
        if declared is not None:
            self._compare(declared)
        if self.met:
            self.needed.clear()
        elif not self.phi.field.characteristic:
            self._guess(declared)

    def evidence(self) -> tuple[int | None, dict[str, list[Evidence]]]:
        """The value, and the evidence by claim."""
        assert self.below is not None
        assert self.ranked is not None
        found: dict[str, list[Evidence]] = {"rank": [self.ranked]}
        if self.met:
            return self.lower, found | {"dimension": [self.below, self.above]}
        found |= {"lower": [self.below], "upper": [self.above]}
        if self.phi.field.characteristic:
            return None, found
        guess = self.guess or RankGeneric(self.ranked.seed, self.ranked.prime)
        return self.rank, found | {"dimension": [guess]}

    def _take_rank(self, seed: int, prime: int) -> None:
        self.prime = self.prime or prime
        rank = jacobian_rank(self.phi, seed, prime)
        if rank > self.rank:
            self.rank = self.lower = rank
            self.below = self.ranked = RankBelow(seed, prime)

    def _meet(self, upper: int, evidence: Evidence) -> None:
        if upper < self.upper:
            self.upper, self.above = upper, evidence

    # --- the rungs -----------------------------------------------------------------------------

    def _symmetries(self) -> None:
        bound = symmetry_bound(self.phi, self.seed, self.prime)
        self._meet(bound, SymmetriesAbove(self.seed, self.prime))

    def _fields(self) -> None:
        if self.phi.field.characteristic:
            return
        from algattn.maps.equivariance import Equivariances

        found = Equivariances(self.phi).find(fiber=True, joined=True)
        fields = [f.field(self.phi, f"field {n}") for n, f in enumerate(found)]
        bound, kept = len(self.phi.parameters), list[VectorField]()
        for field in fields:  # those that matter
            more = symmetry_bound(with_fields(self.phi, [*kept, field]), self.seed, self.prime)
            if more < bound:
                bound = more
                kept.append(field)
            if bound <= self.lower:
                break
        self._meet(bound, FieldsAbove.of(kept, self.seed, self.prime))

    def _equations(self, tables: Any) -> None:
        if not tables:
            return
        from algattn.dimension.rank_equations import RankEquations

        for attempt in range(POINTS):
            upper, found = RankEquations.found(
                self.phi, tables, self.lower, self.seed + attempt, self.prime
            )
            if found is not None:
                self._meet(upper, found)
            if self.met:
                break

    def _flattenings(self) -> None:
        from algattn.dimension.rank_equations import flattenings

        with suppress(HypothesisError):  # for polynomials over QQ and GF(p)
            self._equations(list(flattenings(self.phi)))

    def _grid(self, work: int) -> None:
        from algattn.dimension.slice_grid import Gauge, SliceGrid, find_gauge
        from algattn.maps.equivariance import Equivariances

        phi = self.phi
        if phi.field.characteristic:
            return
        plans = []
        for gauged in (True, False) if phi.declared else (False, True):
            gauge = Gauge((), (), ())
            if gauged:
                gauge = find_gauge(phi, Equivariances(phi).find(fiber=True), self.seed)
                if not 0 < len(gauge.fixed) < len(phi.parameters):
                    continue
            with suppress(LimitError):
                plans.append((*self._plan(gauge.restrict(phi)), gauge))
                if plans[-1][0] <= work / 50:
                    break
        if not plans:
            raise LimitError("prove a rank on a slice", "the map is too large", 'method="fields"')
        cost, grid, found, points, gauge = min(plans, key=lambda plan: plan[0])
        if cost > work:
            s = len(found.directions)
            wrong = f"a slice of dimension {s} has about {points.at_most():.3g} points to look at"
            raise LimitError("prove a rank on a slice", wrong, "time_limit=600")
        if grid.rank_at_most(self.rank, points):
            self._meet(self.rank, SliceGrid(gauge, found))
        else:  # the rank found at random is not the largest one
            self.needed.append("a point where the rank is larger: another seed")

    def _plan(self, phi: PolynomialMap) -> tuple[int, Grid, Slice, LowerSet]:
        """A slice of a map with its grid, and the cost of that."""
        from algattn.dimension.minor_grid import Grid
        from algattn.dimension.slice_grid import find_slice
        from algattn.maps.equivariance import Equivariances

        rules = Equivariances(phi)
        fields = rules.find()
        found, points = find_slice(phi, self.rank, fields, self.seed)
        if found.directions and len(rules.blocks) > 1:
            with suppress(LimitError):  # more of them, at more cost
                fields = (*fields, *rules.find(joined=True))
                found, points = find_slice(phi, self.rank, fields, self.seed)
        grid = Grid(phi, found.base, found.directions)
        return points.at_most() * (grid.entries + 20), grid, found, points

    def _fiber(self) -> None:
        if not self.phi.field.characteristic:
            return
        found, evidence = search_fiber(self.phi, self.seed, self.lower, self.upper)
        if evidence is not None:
            self.lower, self.below = found, evidence

    # --- what is not proved --------------------------------------------------------------------

    def _guess(self, declared: Any) -> None:
        """The rank at a random point modulo a random prime, or the dimension from elsewhere."""
        if declared is not None:
            assert self.ranked is not None
            self.guess = Declared(self.ranked.seed, self.ranked.prime, declared[1])
            return
        if self.phi.field != QQ:
            return
        with suppress(LimitError):
            prime = draw_prime(self.phi, self.seed)
            bits = error_bits(self.phi)
            rank = jacobian_rank(self.phi, self.seed, prime)
            if rank > self.rank:
                self.rank = self.lower = rank
                self.below = self.ranked = RankBelow(self.seed, prime)
            if rank == self.rank:
                self.guess = RankDrawn(self.seed, prime, bits)

    def _compare(self, declared: Any) -> None:
        value, _ = declared
        known = self.met or not self.phi.field.characteristic
        if self.lower != value if known else not self.lower <= value <= self.upper:
            wrong = f"it is {self.lower}, and {value} was declared"
            if not known:
                wrong = f"it is from {self.lower} to {self.upper}, and {value} was declared"
            raise DisagreementError(ASKED, wrong, "the map, or the declaration")
