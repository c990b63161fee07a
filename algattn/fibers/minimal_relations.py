"""Proofs that a relation of a function is the least one, by irreducibility over the coordinates.

Over algebraically independent coordinates y_S a relation is a polynomial, and an irreducible one
is the minimal polynomial (Gauss).  The other coordinates are a tower over them; the degree of the
function over all coordinates is at least that of a function with both, by that of the tower.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from algattn.fibers.identifiability_evidence import (
    IrreducibleRelation,
    coordinate_joint,
    shifted_joint,
)
from algattn.fibers.map_functions import MapFunctions, distinct
from algattn.fibers.relations import (
    MAX_POWER,
    Relation,
    Relations,
    independent_coordinates,
    irreducible_factor,
)
from algattn.fibers.relevant_coordinates import relevant
from algattn.maps.texts import spell

#: Columns of the largest kernels, for a coordinate and for the function.
TOWER_COLUMNS, COLUMNS = 240, 800
MOST_IN_TOWER = 40
#: So many coordinates in a tower are quickly found.
FEW = 8


class MinimalRelations:
    """The tower of coordinates of a map, made once for all functions.

    Parameters
    ----------
    problem : MapFunctions
    seed, prime : int
        For the point at which coordinates are seen to be independent.
    step : callable
        Called between long steps; it may raise.
    """

    def __init__(
        self, problem: MapFunctions, seed: int, prime: int, step: Callable[[], None]
    ) -> None:
        self.problem, self.seed, self.prime, self.step = problem, seed, prime, step

    @cached_property
    def chosen(self) -> tuple[int, ...]:
        return independent_coordinates(self.problem.map, self.seed, self.prime)

    @property
    def cheap(self) -> bool:
        """Whether the tower has few coordinates."""
        return len(self.problem.map.coordinates) - len(self.chosen) <= FEW

    @property
    def rational(self) -> bool:
        """Whether the other coordinates are seen to be rational functions of the chosen ones."""
        return self.tower is not None and all(r.degree == 1 for _, r in self.tower)

    @cached_property
    def tower(self) -> tuple[tuple[int, Relation], ...] | None:
        """Relations of the other coordinates over those before them; None where one is missing."""
        phi, known = self.problem.map, list(self.chosen)
        found: list[tuple[int, Relation]] = []
        rest = [j for j in range(len(phi.coordinates)) if j not in known]
        if len(rest) > MOST_IN_TOWER:
            return None
        for j in rest:
            relation = self._of_coordinate(j, known)
            if relation is None:
                return None
            found.append((j, relation))
            known.append(j)
        return tuple(found)

    def _of_coordinate(self, j: int, known: list[int]) -> Relation | None:
        """One of small degree over known coordinates."""
        joint, best = coordinate_joint(self.problem.map, j), None
        for base, independent in relevant(joint, self.seed, self.prime, sorted(known)):
            search = Relations(
                joint,
                self.problem.map,
                base,
                independent=independent,
                seed=self.seed,
                step=self.step,
            )
            below = best.degree if best else MAX_POWER + 1
            for relation in search.search(below, TOWER_COLUMNS):
                best = irreducible_factor(relation, joint) if independent else relation
            if best is not None and best.degree == 1:
                break
        return best

    def _over_chosen(self, relation: Relation) -> bool:
        """Whether no other coordinates occur."""
        return not any(
            n and j not in self.chosen
            for e, _ in relation.poly.terms()
            for j, n in enumerate(e[: relation.place])
        )

    def least(self, i: int, relation: Relation | None) -> tuple[int, IrreducibleRelation] | None:
        """A lower bound for the values of a function, with its proof.

        `relation` is a known one; it is used where it is over the chosen coordinates alone.
        """
        phi = self.problem.map
        tower = self.tower
        if tower is None:
            return None
        product = 1
        for _, r in tower:
            product *= distinct(r.poly, r.place)
        texts = tuple((j, spell([r.poly])[0]) for j, r in tower)
        # a multiple of each coordinate that is not rational over the chosen ones
        factors = tuple(0 if r.degree == 1 else n + 1 for n, (_, r) in enumerate(tower))
        if any(factors) or relation is None or not self._over_chosen(relation):
            joint = shifted_joint(self.problem, i, factors, texts)
            ((base, independent), *_) = relevant(joint, self.seed, self.prime, self.chosen)
            if not independent:
                return None
            relation = None
            search = Relations(joint, phi, base, independent=True, seed=self.seed, step=self.step)
            for found in search.search(columns=COLUMNS):
                relation = irreducible_factor(found, joint)
                if relation.irreducible_over(phi.field):
                    break
        if relation is None or not relation.irreducible_over(phi.field):
            return None
        bound = -(-distinct(relation.poly, relation.place) // product)
        (text,) = spell([relation.poly])
        proof = IrreducibleRelation(self.chosen, texts, factors, text, self.seed, self.prime)
        return bound, proof
