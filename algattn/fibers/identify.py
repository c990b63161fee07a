"""How many values functions of the parameters take on a general fiber: the search for proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any, Literal

from algattn.arguments import checked
from algattn.dimension.maps import MapDimension, dimension
from algattn.errors import LimitError, UndecidedError
from algattn.fibers.fiber_points import find_points
from algattn.fibers.finite_symmetries import equal_blocks, values_by_exchange
from algattn.fibers.identifiability import (
    Identifiability,
    IdentifiabilityResult,
    ValuesInFiber,
)
from algattn.fibers.identifiability_evidence import (
    Exchanges,
    FieldMoves,
    FullRank,
    GenericRank,
    JointDimension,
    RankGrows,
    RelationHolds,
    Scalings,
    changes,
    formula,
    moved_functions,
)
from algattn.fibers.map_functions import MapFunctions, distinct
from algattn.fibers.minimal_relations import MinimalRelations
from algattn.fibers.relations import (
    MAX_POWER,
    Relation,
    Relations,
    irreducible_factor,
)
from algattn.fibers.relevant_coordinates import relevant
from algattn.maps import PolynomialMap, VectorField
from algattn.maps.fiber_fields import symmetries
from algattn.maps.texts import spell
from algattn.progress import Monitor
from algattn.results import Evidence, Status
from algattn.words import one_of

#: Random points at which ranks are taken.
TRIES = 2
#: Columns of kernels where only finiteness is asked, and where the number of values is.
LOCAL_COLUMNS = 240
COLUMNS = (120, 400, 1000)

Found = tuple[Identifiability, list[Evidence]]


class _Work:
    """The functions of one problem, and what is known of the map."""

    def __init__(self, problem: MapFunctions, seed: int, monitor: Monitor) -> None:
        self.problem, self.seed, self.monitor = problem, seed, monitor
        self.phi = problem.map
        self.found: dict[int, Found] = {}

    def step(self) -> None:
        self.monitor.step(partial=self.partial)

    def partial(self) -> IdentifiabilityResult | None:
        """What is decided so far."""
        done = sorted(self.found)
        if not done:
            return None
        part = MapFunctions(self.phi, tuple(self.problem.functions[i] for i in done))
        return _assemble(part, [self.found[i] for i in done])

    # --- the map -------------------------------------------------------------------------------

    @cached_property
    def at_point(self) -> tuple[int, int, int, list[bool]]:
        """Seed, prime and rank of the best point, and which functions grow the rank there."""
        joint = self.problem.joint(*range(len(self.problem.functions)))
        primes = joint.primes()
        best: tuple[int, int, int, list[bool]] | None = None
        for n in range(TRIES):
            prime = next(primes, self.phi.field.characteristic)
            seed = self.seed + n
            rank, moved = moved_functions(joint, len(self.phi.coordinates), seed, prime)
            if best is None or (rank, sum(moved)) > (best[2], sum(best[3])):
                best = seed, prime, rank, moved
            if rank == len(self.phi.parameters):
                break
        assert best is not None
        return best

    @cached_property
    def size(self) -> MapDimension | None:
        """The dimension of the image, where it is proved."""
        return self._proved(self.phi)

    def _proved(self, phi: PolynomialMap) -> MapDimension | None:
        left = self.monitor.remaining
        with suppress(LimitError):
            found = dimension(phi, seed=self.seed, time_limit=left)
            return found if found.status is Status.PROVED else None
        return None

    @cached_property
    def minimal(self) -> MinimalRelations:
        seed, prime, _, _ = self.at_point
        return MinimalRelations(self.problem, seed, prime, self.step)

    # --- finite or not -------------------------------------------------------------------------

    def _name(self, i: int) -> str:
        return self.problem.names[i]

    def infinite(self, i: int) -> Found | None:
        """A proof that there are infinitely many values."""
        found = Identifiability(self._name(i), False)
        if self.problem.scalings[i] is None:
            return found, [Scalings()]
        seed, prime, rank, moved = self.at_point
        if not moved[i]:
            return None
        if (vector := self._moving(i, self.fields)) is not None:
            return found, [vector]
        if self.size is not None and self.size.value == rank:
            return found, [RankGrows(self.size, seed, prime)]
        if (vector := self._moving(i, self.more_fields)) is not None:
            return found, [vector]
        return None if self.phi.field.characteristic else (found, [GenericRank(seed, prime)])

    def _moving(self, i: int, fields: Iterable[VectorField]) -> FieldMoves | None:
        """The first vector field along which a function changes."""
        for vector in fields:
            if changes(self.problem, i, vector):
                assert not callable(vector.components)
                texts = ((x, spell([p])[0]) for x, p in vector.components.items())
                return FieldMoves(tuple(texts))
        return None

    @cached_property
    def fields(self) -> list[VectorField]:
        """The declared vector fields along which the map does not change, as polynomials."""
        if self.phi.field.characteristic or self.phi.check() is not Status.PROVED:
            return []
        return [VectorField(s.name, self.phi._components(s)) for s in self.phi.declared]

    @cached_property
    def more_fields(self) -> list[VectorField]:
        """Those with components of degree at most one, found."""
        if self.phi.field.characteristic:
            return []
        with suppress(LimitError, UndecidedError):
            found = symmetries(
                self.phi, "affine", 1, seed=self.seed, time_limit=self.monitor.remaining
            )
            return list(found.fields) if found.status is Status.PROVED else []
        return []

    @cached_property
    def together(self) -> tuple[list[int], MapDimension | None]:
        """The functions that look finite, and the dimension of the map with them."""
        rank, moved = self.at_point[2:]
        several = [i for i, m in enumerate(moved) if not m and self.problem.scalings[i] is not None]
        kept = [s for s in self.fields if not any(changes(self.problem, i, s) for i in several)]
        found = self._proved(self.problem.joint(*several, symmetries=kept))
        return several, found if found is not None and found.value == rank else None

    def finite(self, i: int) -> Found | None:
        """A proof that there are finitely many values, by ranks."""
        found = Identifiability(self._name(i), True)
        seed, prime, rank, moved = self.at_point
        if rank == len(self.phi.parameters):
            return found, [FullRank(seed, prime)]
        if moved[i]:
            return None
        several, size = self.together
        if size is None and len(several) > 1:
            kept = [s for s in self.fields if not changes(self.problem, i, s)]
            size = self._proved(self.problem.joint(i, symmetries=kept))
            several = [i]
            if size is not None and size.value != rank:
                size = None
        if size is not None:
            return found, [JointDimension(size, seed, prime, tuple(several))]
        return None

    def local(self, i: int) -> Found:
        """Whether there are finitely many values."""
        self.step()
        found = self.infinite(i) or self.finite(i)
        if found is None:
            relation = next(self.relations(i, LOCAL_COLUMNS), None)
            if relation is not None:
                text = spell([relation.poly])[0]
                return Identifiability(self._name(i), True), [RelationHolds(text)]
            return self._guess(i)
        return found

    def _guess(self, i: int) -> Found:
        seed, prime, _, moved = self.at_point
        if self.phi.field.characteristic:
            return Identifiability(self._name(i)), [Scalings()]
        return Identifiability(self._name(i), not moved[i]), [GenericRank(seed, prime)]

    # --- how many ------------------------------------------------------------------------------

    def relations(self, i: int, columns: int, below: int = MAX_POWER + 1) -> Iterator[Relation]:
        """Relations of smaller and smaller degree."""
        joint = self.problem.joint(i)
        seed, prime, _, _ = self.at_point
        for base, independent in relevant(joint, seed, prime):
            search = Relations(
                joint, self.phi, base, seed=self.seed, step=self.step, independent=independent
            )
            with suppress(UndecidedError):
                for relation in search.search(below, columns):
                    least = irreducible_factor(relation, joint) if independent else relation
                    below = least.degree
                    yield least
                    if independent and least.irreducible_over(self.phi.field):
                        break  # there is no smaller one over these coordinates
            if below == 1:
                return

    def lower_bounds(self, i: int, upper: Relation) -> Iterator[tuple[int, Evidence]]:
        """Lower bounds for the number of values with their proofs, cheap ones first."""
        minimal, most = self.minimal, distinct(upper.poly, upper.place)
        rational = minimal.rational
        if rational and (proof := minimal.least(i, upper)) is not None:
            yield proof
        if (points := find_points(self.problem, i, upper, minimal, most, self.step)) is not None:
            yield points
        if not rational and (proof := minimal.least(i, upper)) is not None:
            yield proof

    @cached_property
    def equal(self) -> tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]:
        """Pairs of blocks of parameters that can be exchanged."""
        return tuple(equal_blocks(self.phi))

    def symmetric(self, i: int) -> tuple[int, list[Evidence]]:
        """A lower bound for the number of values from symmetries of the map."""
        least = self.problem.scalings[i] or 1
        exchanged = values_by_exchange(self.phi, *self.problem.pairs[i], self.equal)
        if exchanged > least:
            return exchanged, [Exchanges(self.equal)]
        return least, [Scalings()] if least > 1 else []

    def count(self, i: int) -> Found:
        """How many values there are."""
        self.step()
        if (found := self.infinite(i)) is not None:
            return found
        least, lower = self.symmetric(i)
        upper: Relation | None = None
        most = MAX_POWER + 1
        for columns in COLUMNS:
            for upper in self.relations(i, columns, most):
                most = distinct(upper.poly, upper.place)
                if most == least:
                    break
            ready = self.minimal.cheap or columns == COLUMNS[-1]
            proofs = self.lower_bounds(i, upper) if upper and most > least and ready else ()
            for bound, proof in proofs:
                if bound > least:
                    least, lower = bound, [proof]
                if least == most:
                    break
            if most == least:
                break
        if upper is None:
            answer, evidence = self.finite(i) or self._guess(i)
            return Identifiability(answer.function, answer.finite, least), [*evidence, *lower]
        (text,) = spell([upper.poly])
        shown = formula(upper.poly, upper.place)
        answer = Identifiability(self._name(i), True, least, most, shown, text)
        return answer, [RelationHolds(text), *lower]


def _evidence(found: Found) -> dict[str, list[Evidence]]:
    """The evidence by claim: each piece where it says something."""
    answer, evidence = found
    out: dict[str, list[Evidence]] = {}
    for o in answer.outlines():
        sides = set(o.needs)
        out[o.name] = [e for e in evidence if e.sides & sides and _fits(e, o.value["says"])]
    return out


def _fits(evidence: Evidence, says: str) -> bool:
    if isinstance(evidence, GenericRank):
        return says in ("finite", "infinite")
    return True


def _assemble(problem: MapFunctions, found: list[Found]) -> IdentifiabilityResult:
    evidence = {name: e for one in found for name, e in _evidence(one).items()}
    return IdentifiabilityResult.assemble(
        problem,
        {a.function: a.verdict for a, _ in found},
        evidence,
        answers=tuple(a for a, _ in found),
    )


@checked
def identifiable(
    phi: PolynomialMap,
    h: Any = None,
    kind: Literal["local", "global"] = "local",
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> IdentifiabilityResult:
    """Which functions of the parameters a map determines; see ``PolynomialMap.identifiable``."""
    asked = "tell what a map determines"
    one_of(kind, ("local", "global"), asked, "kind")
    problem = MapFunctions.of(phi, h)
    total = len(problem.functions)
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        work = _Work(problem, seed, monitor)
        ask: Callable[[int], Found] = work.local if kind == "local" else work.count
        for i in range(total):
            work.found[i] = ask(i)
    return _assemble(problem, [work.found[i] for i in range(total)])


@checked
def values_in_fiber(
    phi: PolynomialMap,
    h: Any,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> ValuesInFiber:
    """How many values a function takes on a fiber; see ``PolynomialMap.values_in_fiber``."""
    problem = MapFunctions.of(phi, [h])
    asked = "count the values of a function on a fiber"
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        found = _Work(problem, seed, monitor).count(0)
    value = found[0].at_least if found[0].at_least == found[0].at_most else None
    return ValuesInFiber.assemble(problem, value, _evidence(found), answer=found[0])
