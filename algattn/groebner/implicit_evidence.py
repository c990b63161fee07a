"""What proves equations of a parametrization: substitution, kernels modulo a prime, exact ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algattn.errors import FieldError, UndecidedError
from algattn.exact import Polynomial, is_prime
from algattn.exact.fields import PrimeField
from algattn.groebner.buckets import Bucket
from algattn.groebner.homogenization import GradedMap, variable_degrees
from algattn.groebner.interpolation import Interpolation, by_bucket, dimensions, superfluous
from algattn.groebner.multiples import Multiples, rank_of_rows
from algattn.groebner.substitution import substituted
from algattn.maps import PolynomialMap
from algattn.maps.gradings import degree_in
from algattn.maps.texts import read_all
from algattn.results import Claim, Evidence, Status, about, declare

MAX_ROWS = 20_000


@declare("implicit.vanishes", about("implicit.ideal implicit.hilbert", "vanish"), Status.PROVED)
@dataclass(frozen=True)
class Vanishes(Evidence):
    """The parametrization, substituted into each polynomial, gives zero.

    Over a number field coefficients are reduced: else terms that are zero would count as terms.
    """

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        for text, g in zip(claim.value, read_all(claim.value, problem.target), strict=True):
            if problem._normal(g) != g:
                raise self.fail(f"{text[:80]} has coefficients that are not reduced")
            if not g or substituted(g, problem):
                raise self.fail(f"{text[:80]} is zero or does not vanish")


def _up_to_degree(
    evidence: Evidence, problem: PolynomialMap, value: Any
) -> tuple[GradedMap, list[Polynomial]]:
    """The map for the degrees in a claim, and generators of at most the degree there."""
    D = value["max_degree"]
    if type(D) is not int or D < 1:
        raise evidence.fail("the degree is not a positive integer")
    model = GradedMap(problem, check_degrees(evidence, problem, value["degrees"]))
    generators = read_all(value["generators"], problem.target)
    weights = variable_degrees(problem, model.given)
    if any(degree_in(g, weights) > D for g in generators):
        raise evidence.fail("an equation has a larger degree")
    return model, [model.lift(g) for g in generators]


def check_degrees(evidence: Evidence, problem: PolynomialMap, degrees: Any) -> tuple[int, ...]:
    """The degrees of the coordinates that a claim is about; fail unless they are positive."""
    if any(type(e) is not int or e < 1 for e in degrees):
        raise evidence.fail("the degrees are not positive integers")
    if len(degrees) != len(problem.coordinates):
        raise evidence.fail("there is not a degree for each coordinate")
    return tuple(degrees)


@declare("implicit.kernel-bound", about("implicit.ideal", "all"), Status.PROVED)
@dataclass(frozen=True)
class KernelBound(Evidence):
    """In each weight, as many independent multiples of the equations as the kernel allows.

    The kernel modulo the prime, at any points, is at least as large as the space of equations; the
    multiples of the equations, independent modulo the prime, are independent.  Coordinates that an
    equation expresses by the others are left out (``algattn/docs/equations.md``, lemma *kernels*).
    Over a number field the generator goes to the least root of its minimal polynomial.
    """

    prime: int
    seed: int

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if not is_prime(self.prime) or self.seed < 0:
            raise self.fail(f"{self.prime} is not a prime, or {self.seed} no seed")
        field = problem.target.field
        if isinstance(field, PrimeField) and field.p != self.prime:
            raise self.fail(f"the field is {field}")
        model, generators = _up_to_degree(self, problem, claim.value)
        try:
            found = self._dimensions(model, generators, claim.value["max_degree"])
        except (FieldError, UndecidedError) as error:  # the prime does not fit
            raise self.fail(error.wrong) from error
        self.expect(
            claim.value["dimensions"], found, "the numbers of independent equations are others"
        )

    def _dimensions(
        self, model: GradedMap, generators: list[Polynomial], D: int
    ) -> list[list[int]]:
        """``[degree, independent equations]``, if the generators give all that a kernel allows."""
        work = Interpolation(model.map, model.degrees, model.rows, self.prime, self.seed)
        gone = superfluous(generators, len(model.degrees))
        work.alive = [j for j in work.alive if j not in gone]
        generators = [g for g in generators if g not in gone.values()]
        lower: dict[int, dict[int, Bucket]] = {0: {}}
        for degree in range(1, D + 1):
            buckets = work.buckets(degree, D)
            rows = by_bucket(generators, work, buckets, degree)
            for w, bucket in buckets.items():
                bucket.kernel = work.kernel(bucket.monomials)
                given = [row for _, row in rows.get(w, [])]
                if missing := len(work.new(bucket, lower, D, given)):
                    raise self.fail(
                        f"in degree {degree} the equations span {missing} dimensions less than "
                        "are allowed"
                    )
            lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
        return [list(pair) for pair in dimensions(work, lower, D)]


@declare("implicit.exact-rank", about("implicit.ideal", "minimal"), Status.PROVED)
@dataclass(frozen=True)
class ExactRank(Evidence):
    """Exact ranks over the field: no equation is a combination of multiples of the others.

    Coordinates that an equation expresses by the others are left out, with that equation.
    """

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        model, generators = _up_to_degree(self, problem, claim.value)
        gone, field = superfluous(generators, len(model.degrees)), problem.field
        if not Multiples(generators, model.degrees, model.rows, field=field).homogeneous:
            raise self.fail("an equation is not homogeneous")
        rest = [g for g in generators if g not in gone.values()]
        multiples = Multiples(rest, model.degrees, model.rows, gone, field)
        for weight, own in multiples.groups.items():
            rows = multiples.rows(weight, proper=True)
            if len(rows) > MAX_ROWS:
                raise self.fail(f"{len(rows)} multiples are too many to compare")
            if rank_of_rows([*rows, *own], field) != rank_of_rows(rows, field) + len(own):
                raise self.fail("an equation follows from the others")
