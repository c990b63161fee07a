"""How a chart is found that proves that equations are all equations."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import cached_property

from flint import nmod_mat

from algattn.engines import GroebnerBasis, solve
from algattn.errors import EngineError, LimitError
from algattn.exact import NumberField, Polynomial
from algattn.exact.irreducible import irreducible
from algattn.exact.modular import echelon
from algattn.groebner.chart import MAX_BASIS, PROOF_WORK, Chart, Room, generated
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.rational_steps import (
    Tower,
    cone_rank,
    cone_rows,
    linear_coefficient,
    variables_of,
)
from algattn.groebner.substitution import substituted
from algattn.maps.texts import spell

#: Sets S that are tried at random.
TRIES = 6
#: Fields with fewer elements have too few points for one to be random.
FEW = 2**10


def find_chart(
    model: GradedMap,
    listed: Sequence[Polynomial],
    prime: int,
    seed: int,
    time_limit: float,
) -> Chart | None:
    """The evidence that homogeneous equations generate all equations, if it is found."""
    if prime < FEW:  # some points are worse than others
        seed = max(range(seed, seed + TRIES), key=lambda n: cone_rank(model, n, prime))
    for tower in _towers(model, listed, prime, seed):
        names = tuple(model.ring.names[j] for j in tower.free)
        chart = Chart(prime, seed, names, spell(tower.steps), ())
        if tower.product is None:
            return chart
        if isinstance(model.problem.field, NumberField):
            return None  # no engine takes their Groebner bases
        if not all(substituted(h, model.map) for h in tower.denominators):
            continue
        found = _basis(Room(model, tower.product), listed, tower.steps, time_limit)
        if found is not None:
            return Chart(prime, seed, names, chart.steps, spell(found))
    return None


def _basis(
    room: Room, listed: Sequence[Polynomial], steps: Sequence[Polynomial], time_limit: float
) -> list[Polynomial] | None:
    """A Groebner basis that shows what the lemma needs: that of an engine, or the list itself."""
    given = room.equations(listed)
    try:
        if room.wrong(given, listed, steps, PROOF_WORK // 10) is None:
            return list(given)
    except LimitError:
        pass
    try:
        task = GroebnerBasis(given, "degrevlex", room.weights)
        found = [room.ring.from_terms(g.terms()) for g in solve(task, time_limit=time_limit)]
        if len(found) > MAX_BASIS or room.wrong(found, listed, steps, PROOF_WORK) is not None:
            return None
        if not generated(found, given, room.weights, PROOF_WORK):
            return None
    except (EngineError, LimitError):
        return None
    return found


def _towers(
    model: GradedMap, listed: Sequence[Polynomial], prime: int, seed: int
) -> Iterator[Tower]:
    """Towers over several sets of coordinates: at once those with one denominator, then others."""
    later: list[Tower] = []
    equations = [_Equation(g, model) for g in listed]
    for free in _free_sets(model, listed, prime, seed):
        tower = _climb(model, equations, free)
        if tower is not None and _difficulty(tower)[0] <= 1:
            yield tower
        elif tower is not None:
            later.append(tower)
    yield from sorted(later, key=_difficulty)


def _difficulty(tower: Tower) -> tuple[int, int, int]:
    product = tower.product
    if product is None:
        return (0, 0, 0)
    return (len(variables_of(product)), product.degree(), len(product))


def _free_sets(
    model: GradedMap, listed: Sequence[Polynomial], prime: int, seed: int
) -> Iterator[tuple[int, ...]]:
    """Sets of coordinates that are independent on the image, as many as its dimension."""
    rows = cone_rows(model, seed, prime)
    n, rank = len(rows), int(nmod_mat(rows, prime).rank())
    seen: set[tuple[int, ...]] = set()
    # where one coordinate is 1 and the others 0, equations may be solved by power series
    pure: dict[int, set[int]] = {}
    for g in listed:
        for e, _ in g.terms():
            support = [j for j, x in enumerate(e[:n]) if x]
            for i in support:
                rest = [j for j in support if j != i]
                if len(rest) == 1 and e[rest[0]] == 1:
                    pure.setdefault(i, set()).add(rest[0])
    for solved in pure.values():
        free = tuple(j for j in range(n) if j not in solved)
        if len(free) == rank and free not in seen:
            seen.add(free)
            if int(nmod_mat([rows[j] for j in free], prime).rank()) == rank:
                yield free
    rng = random.Random(f"algattn chart {seed}")
    orders = [list(range(n)), list(range(n))[::-1]]
    orders += [rng.sample(range(n), n) for _ in range(TRIES)]
    for order in orders:
        free = _independent(rows, order, prime)
        if free not in seen:
            seen.add(free)
            yield free


def _independent(
    rows: Sequence[Sequence[int]], order: Sequence[int], prime: int
) -> tuple[int, ...]:
    """The first rows, in some order, that are independent of those before."""
    _, pivots = echelon(nmod_mat([rows[j] for j in order], prime).transpose())
    return tuple(sorted(order[j] for j in pivots))


class _Equation:
    """A polynomial with its variables and the coefficients of those in which it is linear."""

    def __init__(self, poly: Polynomial, model: GradedMap) -> None:
        self.poly, self.field = poly, model.problem.field
        self.variables = variables_of(poly) & set(range(len(model.degrees)))
        self._heads: dict[int, Polynomial | None] = {}

    def head(self, j: int) -> Polynomial | None:
        if j not in self._heads:
            self._heads[j] = linear_coefficient(self.poly, j)
        return self._heads[j]

    @cached_property
    def irreducible(self) -> bool:
        return irreducible(self.poly, self.field)


def _climb(model: GradedMap, equations: Sequence[_Equation], free: Sequence[int]) -> Tower | None:
    """The steps among equations that express the coordinates outside a set, one after another."""
    n = len(model.degrees)
    known, met, steps, above = set(free), set[int](), list[Polynomial](), False
    waiting = list(equations)
    while len(known) < n:
        waiting = [g for g in waiting if not g.variables <= known]
        best: tuple[tuple[int, int, int], _Equation, int] | None = None
        for g in waiting:
            new = g.variables - known
            if len(new) != 1:
                continue
            j = next(iter(new))
            if (head := g.head(j)) is not None:
                cost = (len(variables_of(head) - met), len(head), head.degree())
            elif not above and g.variables <= {*free, j} and g.irreducible:
                cost = (n, len(g.poly), g.poly.degree())
            else:
                continue
            if best is None or cost < best[0]:
                best = (cost, g, j)
        if best is None:
            return None
        _, g, j = best
        if (head := g.head(j)) is None:
            above = True
        else:
            met |= variables_of(head)
        known.add(j)
        steps.append(g.poly)
    return Tower.read(model, free, steps)
