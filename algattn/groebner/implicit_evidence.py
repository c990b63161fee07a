"""What proves equations of a parametrization: substitution, kernels modulo a prime, exact ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.exact import Polynomial, is_prime
from algattn.exact.fields import PrimeField
from algattn.groebner.interpolation import Bucket, Interpolation, by_bucket, superfluous
from algattn.groebner.multiples import Multiples, rank_of_rows
from algattn.groebner.polynomial_map import PolynomialMap, graded, read_all
from algattn.results import Claim, Evidence, Status, about, register

MAX_ROWS = 20_000


@register
@dataclass(frozen=True)
class Vanishes(Evidence):
    """The parametrization, substituted into each polynomial, gives zero."""

    kind: ClassVar[str] = "implicit.vanishes"
    supports = about("implicit.ideal", "vanish")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        for text, g in zip(claim.value, read_all(claim.value, problem.target), strict=True):
            if not g or g.compose(*problem.polynomials):
                raise self.fail(f"{text[:80]} is zero or does not vanish")


def _up_to_degree(
    evidence: Evidence, problem: PolynomialMap, value: Any
) -> tuple[tuple[int, ...], tuple[Polynomial, ...]]:
    """Degrees of the coordinates, and generators of at most the degree in a claim."""
    degrees, D = tuple(value["degrees"]), value["max_degree"]
    if type(D) is not int or D < 1:
        raise evidence.fail("the degree is not a positive integer")
    check_degrees(evidence, problem, degrees)
    generators = read_all(value["generators"], problem.target)
    if any(g.degree() > D for g in graded(generators, degrees)):
        raise evidence.fail("an equation has a larger degree")
    return degrees, generators


def check_degrees(evidence: Evidence, problem: PolynomialMap, degrees: Any) -> None:
    """Fail unless the parametrization is homogeneous for the degrees; None: for none we find."""
    if degrees is None:
        if problem.grading.positive(problem.hints) is not None:
            raise evidence.fail("the parametrization is homogeneous for some degrees")
        return
    if any(type(e) is not int or e < 1 for e in degrees):
        raise evidence.fail("the degrees are not positive integers")
    if len(degrees) != len(problem.coordinates) or not problem.grading.contains(degrees):
        raise evidence.fail("the parametrization is not homogeneous for these degrees")


@register
@dataclass(frozen=True)
class KernelBound(Evidence):
    """In each weight, as many independent multiples of the equations as the kernel allows.

    The kernel modulo the prime, at any points, is at least as large as the space of equations; the
    multiples of the equations, independent modulo the prime, are independent.  Coordinates that an
    equation expresses by the others are left out (``algattn/docs/equations.md``, lemma *kernels*).
    """

    kind: ClassVar[str] = "implicit.kernel-bound"
    supports = about("implicit.ideal", "all")
    strength: ClassVar[Status] = Status.PROVED

    prime: int
    seed: int

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if not is_prime(self.prime) or self.seed < 0:
            raise self.fail(f"{self.prime} is not a prime, or {self.seed} no seed")
        field = problem.target.field
        if isinstance(field, PrimeField) and field.p != self.prime:
            raise self.fail(f"the field is {field}")
        degrees, generators = _up_to_degree(self, problem, claim.value)
        found = self._dimensions(problem, degrees, list(generators), claim.value["max_degree"])
        self.expect(
            claim.value["dimensions"], found, "the numbers of independent equations are others"
        )

    def _dimensions(
        self,
        problem: PolynomialMap,
        degrees: tuple[int, ...],
        generators: list[Polynomial],
        D: int,
    ) -> list[list[int]]:
        """``[degree, independent equations]``, if the generators give all that a kernel allows."""
        work = Interpolation(
            problem.polynomials, degrees, problem.grading.rows, self.prime, self.seed
        )
        gone = superfluous(generators)
        work.alive = [j for j in work.alive if j not in gone]
        generators = [g for g in generators if g not in gone.values()]
        lower: dict[int, dict[int, Bucket]] = {0: {}}
        found = []
        for degree in range(1, D + 1):
            buckets = work.buckets(degree, D)
            rows = by_bucket(generators, work, buckets, degree)
            total = work.count(degree, range(len(degrees))) - work.count(degree, work.alive)
            for w, bucket in buckets.items():
                m = len(bucket.monomials)
                allowed = len(work.kernel(bucket.monomials))
                known = work.multiples(bucket, lower, D) if allowed else []
                given = [row for _, row in rows.get(w, [])]
                bucket.kernel = work.row_basis([*known, *given], m)
                if len(bucket.kernel) != allowed:
                    raise self.fail(
                        f"in degree {degree} the equations span {len(bucket.kernel)} dimensions "
                        f"of a weight where {allowed} are allowed"
                    )
                total += allowed
            lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
            found.append([degree, total])
        return found


@register
@dataclass(frozen=True)
class ExactRank(Evidence):
    """Exact ranks over the field: no equation is a combination of multiples of the others.

    Coordinates that an equation expresses by the others are left out, with that equation.
    """

    kind: ClassVar[str] = "implicit.exact-rank"
    supports = about("implicit.ideal", "minimal")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        degrees, generators = _up_to_degree(self, problem, claim.value)
        grading, gone = problem.grading.rows, superfluous(generators)
        if not Multiples(generators, degrees, grading).homogeneous:
            raise self.fail("an equation is not homogeneous")
        rest = [g for g in generators if g not in gone.values()]
        multiples = Multiples(rest, degrees, grading, gone)
        for weight, own in multiples.groups.items():
            rows = multiples.rows(weight, proper=True)
            if len(rows) > MAX_ROWS:
                raise self.fail(f"{len(rows)} multiples are too many to compare")
            ring = problem.target
            if rank_of_rows([*rows, *own], ring) != rank_of_rows(rows, ring) + len(own):
                raise self.fail("an equation follows from the others")


@register
@dataclass(frozen=True)
class Reported(Evidence):
    """Another system says so, asked again; its ideal has the dimension of the image."""

    kind: ClassVar[str] = "implicit.reported"
    supports = about("implicit.ideal", "complete")
    strength: ClassVar[Status] = Status.PROBABLE
    recomputed: ClassVar[bool] = True

    engine: str
    version: str

    def summary(self) -> str:
        return f"elimination by {self.engine} {self.version}; the dimension agrees"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        from algattn.groebner.elimination import compare_dimension, generate_elimination

        said = f"{self.engine} {self.version}"
        self.expect(claim.value["engine"], said, "another engine is named in the claim")
        check_degrees(self, problem, claim.value["degrees"])
        found = read_all(claim.value["generators"], problem.target)
        compare_dimension(problem, found, self.engine)
        if not generate_elimination(problem, found):
            raise self.fail("an elimination finds equations that they do not generate")
