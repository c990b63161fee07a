"""Points of one fiber of a map modulo a prime, at which a function has different values.

Where the image is smooth, the function is integral over the coordinates, so that its minimal
polynomial reduces to one of the same degree that vanishes at all its values on the fiber.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flint import nmod_poly

from algattn.engines import GroebnerBasis, solve
from algattn.errors import EngineError, FieldError, HypothesisError, InputError
from algattn.exact import GF, NumberField, Polynomial, PolynomialRing
from algattn.exact.modular import echelon, matrix_of
from algattn.fibers.identifiability_evidence import (
    BOTH,
    LOWER,
    _Said,
    check_relation,
    check_tower,
    read_relation,
    value_said,
)
from algattn.fibers.map_functions import MapFunctions, coefficients
from algattn.fibers.minimal_relations import MinimalRelations
from algattn.fibers.relations import Relation
from algattn.maps import PolynomialMap
from algattn.maps.evaluators import Expanded
from algattn.maps.texts import spell
from algattn.results import Claim, Status, declare

TRIES = 40
SECONDS = 10.0


@declare("identifiable.points", BOTH, Status.PROVED, sides=LOWER)
@dataclass(frozen=True)
class FiberPoints(_Said):
    """Points of one fiber modulo a prime with different values, over a smooth point of the image.

    ``chosen`` and ``tower`` are as for an irreducible relation; the relations of the tower are
    equations of the image with independent differentials at the common value.  ``relation`` is
    one of the function, whose leading coefficient does not vanish there.
    """

    chosen: tuple[int, ...]
    tower: tuple[tuple[int, str], ...]
    relation: str
    points: tuple[tuple[int, ...], ...]
    seed: int
    prime: int

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        i = self.position(problem, claim, "at least", "exactly")
        phi, joint = problem.map, problem.joint(i)
        if isinstance(phi.field, NumberField) or phi.field.characteristic:
            raise self.fail("it is for maps over QQ")
        polys = check_tower(self, phi, self.chosen, self.tower, self.seed, self.prime)
        _, relation, place = read_relation(phi, self.relation)
        check_relation(self, joint, relation, place)
        try:
            field = GF(self.prime)
            values = [joint([field(x) for x in point]) for point in self.points]
            images = {tuple(map(int, v[:place])) for v in values}
            if len(images) != 1:
                raise self.fail("the points are not in one fiber")
            at = next(iter(images))
            if not smooth(at, polys, field) or not leading(at, relation, place, field):
                raise self.fail("the point of the image is not good enough")
        except (FieldError, HypothesisError, InputError) as error:
            raise self.fail(error.wrong) from error
        if len({int(v[place]) for v in values}) < value_said(self, claim):
            raise self.fail("there are fewer values")


def smooth(at: tuple[int, ...], tower: list[tuple[int, Polynomial, int]], field: Any) -> bool:
    """Whether the equations of a tower have independent differentials at a point."""
    for j, poly, place in tower:
        here, slope = (*at, at[j]), poly.derivative(poly.ring.names[place])
        # the value says that the whole relation can be reduced
        if _value(poly, here, field) != 0 or _value(slope, here, field) == 0:
            return False
    return True


def leading(at: tuple[int, ...], relation: Polynomial, place: int, field: Any) -> bool:
    """Whether a relation keeps its degree in the function at a point."""
    parts = coefficients(relation, place)
    _ = _value(relation, (*at, 0), field)  # all coefficients can be reduced
    return bool(_value(parts[max(parts)], (*at, 0), field) != 0)


def _value(poly: Polynomial, at: tuple[int, ...], field: Any) -> Any:
    return Expanded([poly], poly.ring.field)([field(x) for x in at])[0]


def find_points(
    problem: MapFunctions,
    i: int,
    relation: Relation,
    minimal: MinimalRelations,
    wanted: int,
    step: Callable[[], None],
) -> tuple[int, FiberPoints] | None:
    """Points with as many values as possible, up to `wanted`; None where fewer than two."""
    phi, tower = problem.map, minimal.tower
    if isinstance(phi.field, NumberField) or phi.field.characteristic or tower is None:
        return None
    joint, place = problem.joint(i), relation.place
    prime = next(joint.primes())
    field = GF(prime)
    equations = [(j, r.poly, r.place) for j, r in tower]
    best: tuple[int, list[list[int]]] | None = None
    for seed in range(TRIES):
        step()
        start = joint.random_point(minimal.seed + seed, prime)
        try:
            values = joint(start)
        except HypothesisError:
            continue
        at = tuple(map(int, values[:place]))
        if not smooth(at, equations, field) or not leading(at, relation.poly, place, field):
            continue
        roots = _roots(relation.poly, at, place, prime)
        if len(roots) <= (best[0] if best else 1):
            continue
        points = [[int(x) for x in start]]
        for root in roots:
            if root != int(values[place]):
                step()
                found = _preimage(joint, start, (*at, root), prime)
                if found is not None:
                    points.append(found)
        if len(points) > (best[0] if best else 1):
            best = len(points), points
        if best and best[0] >= wanted:
            break
    if best is None:
        return None
    texts = tuple((j, spell([r.poly])[0]) for j, r in tower)
    (text,) = spell([relation.poly])
    points_found = tuple(map(tuple, best[1]))
    return best[0], FiberPoints(minimal.chosen, texts, text, points_found, minimal.seed, prime)


def _roots(poly: Polynomial, at: tuple[int, ...], place: int, prime: int) -> list[int]:
    """The roots of a relation at a point modulo a prime."""
    field, parts = GF(prime), coefficients(poly, place)
    dense = [0] * (max(parts) + 1)
    for n, part in parts.items():
        dense[n] = int(_value(part, (*at, 0), field))
    return sorted(int(r) for r, _ in nmod_poly(dense, prime).roots())


def _preimage(
    joint: PolynomialMap, start: list[Any], at: tuple[int, ...], prime: int
) -> list[int] | None:
    """A point with these values, that shares some parameters with another one."""
    field = GF(prime)
    _, _, rows = joint.rows(start)
    k = len(start)
    _, free = echelon(matrix_of(rows, range(k), prime))
    names = ("z", *(f"t{j}" for j in free)) if joint.rational else tuple(f"t{j}" for j in free)
    if not free:
        return None
    ring = PolynomialRing(field, names, "lex")
    gens = dict(zip(names, ring.gens(), strict=True))
    images = [gens[f"t{j}"] if j in free else ring(start[j]) for j in range(k)]
    tops, bottoms = joint._top(images), joint._bottom(images) if joint._bottom else None
    below = [ring(1)] * len(at) if bottoms is None else list(map(ring, bottoms))
    system = [ring(p) - q * y for p, q, y in zip(tops, below, at, strict=True)]
    if joint.rational:
        product = ring(1)
        for q in dict.fromkeys(below):
            product = product * q
        system.append(gens["z"] * product - 1)
    try:
        basis = solve(GroebnerBasis(tuple(g for g in system if g), "lex"), time_limit=SECONDS)
    except EngineError:
        return None
    for solution in _solutions(list(basis), len(names), prime):
        found = [int(x) for x in start]
        for j, x in zip(free, solution[-len(free) :], strict=True):
            found[j] = x
        return found
    return None


def _solutions(
    basis: list[Polynomial], n: int, prime: int, known: tuple[int, ...] = ()
) -> Iterator[tuple[int, ...]]:
    """Points over the prime field of a zero-dimensional ideal with a lexicographic basis."""
    if len(known) == n:
        yield known
        return
    place = n - 1 - len(known)
    total = nmod_poly([0], prime)
    for g in basis:
        if any(e[j] for e, _ in g.terms() for j in range(place)):
            continue
        dense: dict[int, int] = {}
        for e, c in g.terms():
            value = int(c)
            for x, m in zip(known, e[place + 1 :], strict=True):
                value = value * pow(x, m, prime) % prime
            dense[e[place]] = (dense.get(e[place], 0) + value) % prime
        here = nmod_poly([dense.get(m, 0) for m in range(max(dense, default=0) + 1)], prime)
        total = total.gcd(here)
    if total.degree() < 1:
        return
    for root, _ in total.roots():
        yield from _solutions(basis, n, prime, (int(root), *known))
