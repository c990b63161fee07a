"""What proves how many values a function of the parameters takes on a general fiber of a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algattn.dimension.maps import jacobian_rank
from algattn.errors import DisagreementError, FieldError, InputError
from algattn.exact import Polynomial, PolynomialRing
from algattn.exact.irreducible import irreducible
from algattn.exact.modular import matrix_of
from algattn.fibers.finite_symmetries import exchangeable, values_by_exchange
from algattn.fibers.map_functions import (
    MapFunctions,
    coefficients,
    distinct,
    fraction,
    ratio,
    relation_ring,
    substituted,
)
from algattn.fibers.relations import are_independent
from algattn.maps import PolynomialMap, VectorField
from algattn.maps.texts import read_all
from algattn.results import BOTH_SIDES, Claim, Evidence, Result, Status, about, declare
from algattn.results.data import fingerprint

BOTH = about("identifiable.map identifiable.values", "*")
LOWER, UPPER = frozenset({"lower"}), frozenset({"upper"})


@dataclass(frozen=True)
class _Said(Evidence):
    """Shared by all: which function the claim is about, and what it says."""

    def position(self, problem: MapFunctions, claim: Claim, *allowed: str) -> int:
        """The number of the function; fail when the claim says something that is not allowed."""
        if claim.value["says"] not in allowed:
            raise self.fail(f"it is no reason for {claim.value['says']!r}")
        if claim.value["function"] not in problem.names:
            raise self.fail("the function is another one")
        return problem.names.index(claim.value["function"])


def read_relation(phi: PolynomialMap, text: str) -> tuple[PolynomialRing, Polynomial, int]:
    """The ring of relations, the polynomial in it, and the place of the unknown.

    >>> read_relation(PolynomialMap(["x^2"]), "h^2-y_1")[1:]
    (h^2 - y_1, 1)
    """
    ring = relation_ring(phi)
    return ring, read_all((text,), ring)[0], len(phi.coordinates)


def check_relation(evidence: Evidence, joint: PolynomialMap, poly: Polynomial, place: int) -> None:
    """Fail unless the last coordinate is a root, and the leading coefficient does not vanish."""
    parts = coefficients(poly, place)
    if max(parts, default=0) < 1:
        raise evidence.fail("the function does not occur")
    if substituted(joint, poly):
        raise evidence.fail("the relation does not hold")
    if not substituted(joint, parts[max(parts)]):
        raise evidence.fail("the leading coefficient vanishes on the image")


@declare("identifiable.relation", BOTH, Status.PROVED, sides=UPPER)
@dataclass(frozen=True)
class RelationHolds(_Said):
    """An algebraic relation with the coordinates, by substitution."""

    relation: str

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        i = self.position(problem, claim, "finite", "at most", "exactly")
        _, poly, place = read_relation(problem.map, self.relation)
        check_relation(self, problem.joint(i), poly, place)
        if claim.value["says"] == "finite":
            return
        if distinct(poly, place) > value_said(self, claim):
            raise self.fail("the relation has more roots")
        self.expect(claim.value["relation"], self.relation, "the relation is another one")
        self.expect(claim.value["formula"], formula(poly, place), "the formula is another one")


def formula(poly: Polynomial, place: int) -> str | None:
    """The function as a quotient of polynomials in the coordinates, for a relation of degree 1."""
    if max(coefficients(poly, place), default=0) != 1:
        return None
    return ratio(*fraction(poly, place))


@declare("identifiable.full-rank", BOTH, Status.PROVED, sides=UPPER)
@dataclass(frozen=True)
class FullRank(_Said):
    """The Jacobian has as many independent columns as there are parameters."""

    seed: int
    prime: int

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        self.position(problem, claim, "finite")
        if _rank(self, problem.map, self.seed, self.prime) < len(problem.map.parameters):
            raise self.fail("the rank is smaller")


def _rank(evidence: Evidence, phi: PolynomialMap, seed: int, prime: int) -> int:
    try:
        return jacobian_rank(phi, seed, prime)
    except (FieldError, InputError) as error:
        raise evidence.fail(error.wrong) from error


@dataclass(frozen=True)
class _Nested(_Said):
    """Rests on the dimension of a map, a result with its own evidence."""

    result: Result
    seed: int
    prime: int

    @property
    def level(self) -> Status:
        return self.result.status

    def upper(self, problem: MapFunctions, phi: PolynomialMap) -> int:
        """The proved upper bound for the dimension of this map."""
        found: Any = self.result
        self.expect(found.kind, "map.dimension", "it is no dimension of a map")
        mine, theirs = phi.to_data(), found.problem.to_data()
        for data in (mine, theirs):  # symmetries are reasons, no part of the question
            data["parametrization"].pop("symmetries", None)
        self.expect(theirs, mine, "the dimension is that of another map")
        key = fingerprint(found.to_data())
        if key not in problem.checked:
            found.check()
            problem.checked.add(key)
        bound: int = found.upper
        return bound


@declare("identifiable.joint-dimension", BOTH, sides=UPPER)
@dataclass(frozen=True)
class JointDimension(_Nested):
    """Together with the map the functions have an image of no larger dimension."""

    positions: tuple[int, ...]

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        if self.position(problem, claim, "finite") not in self.positions:
            raise self.fail("the dimension is about other functions")
        upper = self.upper(problem, problem.joint(*self.positions))
        if upper > _rank(self, problem.map, self.seed, self.prime):
            raise self.fail("the dimension of the map can be smaller")


@declare("identifiable.rank", BOTH, sides=LOWER)
@dataclass(frozen=True)
class RankGrows(_Nested):
    """The differential of the function is independent of those of the coordinates."""

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        i = self.position(problem, claim, "infinite")
        upper = self.upper(problem, problem.map)
        if _rank(self, problem.joint(i), self.seed, self.prime) <= upper:
            raise self.fail("the rank does not grow")


@declare("identifiable.field", BOTH, Status.PROVED, sides=LOWER)
@dataclass(frozen=True)
class FieldMoves(_Said):
    """A vector field along which the map does not change, and the function does."""

    components: tuple[tuple[str, str], ...]

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        i = self.position(problem, claim, "infinite")
        if problem.map.field.characteristic:
            raise self.fail("in characteristic p a vector field proves nothing")
        names, texts = zip(*self.components, strict=True) if self.components else ((), ())
        moved = VectorField(
            "moves", dict(zip(names, read_all(texts, problem.map.ring), strict=True))
        )
        phi = PolynomialMap(
            list(problem.map.numerators),
            list(problem.map.denominators),
            parameters=problem.map.shapes,
            field=problem.map.field,
            symmetries=[moved],
        )
        try:
            if phi.check() is not Status.PROVED:
                raise self.fail("the map is too large")
        except DisagreementError as error:
            raise self.fail(error.wrong) from error
        if not changes(problem, i, moved):
            raise self.fail("the function does not change")


def changes(problem: MapFunctions, position: int, field: VectorField) -> bool:
    """Whether a function changes along a vector field, as an identity."""
    joint = problem.joint(position, symmetries=[field])
    one = PolynomialMap(
        [joint.numerators[-1]],
        [joint.denominators[-1]],
        parameters=joint.shapes,
        field=joint.field,
        symmetries=list(joint.declared),
    )
    try:
        one.check()
    except DisagreementError:
        return True
    return False


@declare("identifiable.scalings", BOTH, Status.PROVED, sides=LOWER)
@dataclass(frozen=True)
class Scalings(_Said):
    """Scalings of the parameters keep the map, and move the function."""

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        i = self.position(problem, claim, "infinite", "at least", "exactly")
        found = problem.scalings[i]
        if found is None:
            return
        if claim.value["says"] == "infinite" or found < value_said(self, claim):
            raise self.fail(f"they give {found} values")


@declare("identifiable.exchanges", BOTH, Status.PROVED, sides=LOWER)
@dataclass(frozen=True)
class Exchanges(_Said):
    """Exchanges of equal blocks of parameters keep the map, and move the function."""

    pairs: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        i, phi = self.position(problem, claim, "at least", "exactly"), problem.map
        places = range(len(phi.parameters))  # without the generator of a number field
        for a, b in self.pairs:
            if not {*a, *b}.issubset(places):
                raise self.fail("there is no such parameter")
            if len({*a, *b}) != len(a) + len(b) or not exchangeable(phi, a, b):
                raise self.fail("two blocks are not equal")
        found = values_by_exchange(phi, *problem.pairs[i], self.pairs)
        if found < value_said(self, claim):
            raise self.fail(f"they give {found} values")


def value_said(evidence: Evidence, claim: Claim) -> int:
    """The number of values that a claim says."""
    said = claim.value["values"]
    if type(said) is not int:
        raise evidence.fail("the claim names no number")
    return said


@declare("identifiable.irreducible", BOTH, Status.PROVED, sides=LOWER)
@dataclass(frozen=True)
class IrreducibleRelation(_Said):
    """The least relation over independent coordinates, by its irreducibility.

    ``chosen`` are algebraically independent coordinates; each of the others obeys the relation in
    ``tower`` over them and those before it.  The relation is that of the function plus
    ``factors`` times the coordinates of the tower.
    """

    chosen: tuple[int, ...]
    tower: tuple[tuple[int, str], ...]
    factors: tuple[int, ...]
    relation: str
    seed: int
    prime: int

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        i = self.position(problem, claim, "at least", "exactly")
        phi, product = problem.map, 1
        for _, poly, place in check_tower(
            self, phi, self.chosen, self.tower, self.seed, self.prime
        ):
            product *= distinct(poly, place)
        _, poly, place = read_relation(phi, self.relation)
        check_coordinates(self, poly, place, set(self.chosen))
        check_relation(self, shifted_joint(problem, i, self.factors, self.tower), poly, place)
        if not irreducible(poly, phi.field):
            raise self.fail("the relation is not irreducible")
        if distinct(poly, place) <= (value_said(self, claim) - 1) * product:
            raise self.fail("there can be fewer values")


def check_coordinates(evidence: Evidence, poly: Polynomial, place: int, known: set[int]) -> None:
    """Fail when another coordinate occurs in a relation."""
    if not {j for e, _ in poly.terms() for j in range(place) if e[j]} <= known:
        raise evidence.fail("another coordinate occurs")


def check_tower(
    evidence: Evidence,
    phi: PolynomialMap,
    chosen: tuple[int, ...],
    tower: tuple[tuple[int, str], ...],
    seed: int,
    prime: int,
) -> list[tuple[int, Polynomial, int]]:
    """The relations of a tower over independent coordinates; fail unless they are one."""
    try:
        if not are_independent(phi, chosen, seed, prime):
            raise evidence.fail("the coordinates are not seen to be independent")
    except (FieldError, InputError) as error:
        raise evidence.fail(error.wrong) from error
    known, found = set(chosen), []
    for j, text in tower:
        _, poly, place = read_relation(phi, text)
        check_coordinates(evidence, poly, place, known)
        check_relation(evidence, coordinate_joint(phi, j), poly, place)
        found.append((j, poly, place))
        known.add(j)
    if known != set(range(len(phi.coordinates))):
        raise evidence.fail("a coordinate is missing")
    return found


def coordinate_joint(phi: PolynomialMap, j: int) -> PolynomialMap:
    """The map with one of its coordinates a second time, as a function."""
    pair = (phi.numerators[j], phi.denominators[j])
    return MapFunctions.of(phi, pair).joint(0)


def shifted_joint(
    problem: MapFunctions, i: int, factors: tuple[int, ...], tower: tuple[tuple[int, str], ...]
) -> PolynomialMap:
    """The map with a function plus whole multiples of coordinates."""
    joint = problem.joint(i)
    top, bottom = joint.numerators[-1], joint.denominators[-1]
    for c, (j, _) in zip(factors, tower, strict=True):
        p, q = joint.numerators[j], joint.denominators[j]
        top, bottom = top * q + p * bottom * c, bottom * q
    if not any(factors):
        return joint
    return MapFunctions.of(problem.map, (top, bottom)).joint(0)


@declare("identifiable.generic-rank", BOTH, Status.PROBABLE, sides=BOTH_SIDES)
@dataclass(frozen=True)
class GenericRank(_Said):
    """Ranks at a random point modulo a random prime, very likely the largest ones."""

    seed: int
    prime: int

    def check(self, problem: MapFunctions, claim: Claim) -> None:
        i = self.position(problem, claim, "finite", "infinite")
        if problem.map.field.characteristic:
            raise self.fail("in characteristic p it says nothing")
        rank = _rank(self, problem.map, self.seed, self.prime)
        joint = problem.joint(i)
        grows = _rank(self, joint, self.seed, self.prime) > rank
        self.expect(claim.value["says"], "infinite" if grows else "finite", "the ranks deny it")
        other = next(p for p in joint.primes() if p != self.prime)  # this one may be special
        more = _rank(self, problem.map, self.seed, other)
        if more > rank or (not grows and _rank(self, joint, self.seed, other) > rank):
            raise self.fail(f"the ranks are larger modulo {other}")


def moved_functions(joint: PolynomialMap, n: int, seed: int, prime: int) -> tuple[int, list[bool]]:
    """Rank of the first n coordinates at a point, and which of the others grow it.

    >>> moved_functions(PolynomialMap(["a*b", "a", "a^2*b^2"]), 1, 0, 10007)
    (1, [True, False])
    """
    _, _, rows = joint.rows(joint.random_point(seed, prime))
    k = len(joint.parameters)
    kernel, nullity = matrix_of(rows[:n], range(k), prime).nullspace()
    images = matrix_of(rows[n:], range(k), prime) * kernel
    moved = [any(int(images[i, j]) for j in range(int(nullity))) for i in range(len(rows) - n)]
    return k - int(nullity), moved
