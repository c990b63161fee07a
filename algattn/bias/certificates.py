"""What proves a hard margin: a support, or multipliers, checked without the solver.

Evidence ``ShortestOnSupport``: the features of the support S are independent, ``G_SS l = 1`` has
a solution ``l > 0``, and all margins of ``W = sum l D`` are at least one.  Evidence ``KKT``:
multipliers ``lambda >= 0`` with all margins of ``W = sum lambda D`` at least one, and exactly one
wherever ``lambda > 0``.  In both cases, for every V with margins at least one
``<V, W> = sum lambda <V, D> >= sum lambda = <W, W>``, so ``|V| >= |W|`` with equality only for
``V = W``.  Evidence ``ZeroOnSupport`` and ``Farkas``: ``mu >= 0``, ``sum mu = 1``,
``sum mu D = 0``; no V can have positive inner product with every D.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq, fmpq_mat, fmpz

from algattn.bias.constraints import Constraints, Rows
from algattn.bias.data import spell
from algattn.bias.supports import TokenProblem, positive
from algattn.exact import QQ
from algattn.results import Claim, Evidence, Status, about, declare


def spell_rows(rows: Rows) -> list[list[int | str]]:
    return [spell(row) for row in rows]


def squared_norm(W: Rows) -> fmpq:
    """The sum of the squares of all entries, over one common denominator."""
    numerators, denominator = fmpq_mat(W).numer_denom()
    return fmpq(sum((x * x for x in numerators.entries()), fmpz(0)), denominator**2)


def shortest(support: Sequence[int], norm_squared: int | str) -> dict[str, Any]:
    """What the claim *optimal* says.

    With the problem, the support alone singles W out: it is the only matrix in the span of these
    features that has the margin one at all of them.
    """
    return {"support": support, "norm_squared": norm_squared}


def separated(support: Sequence[int]) -> dict[str, Any]:
    """What the claim that there is no W says: which features have zero in their convex hull."""
    return {"feasible": False, "support": support}


def _multiplied(cls: type[Multiplied], spelled: Sequence[int | str]) -> Multiplied:
    return cls(tuple(map(QQ, spelled)))


@dataclass(frozen=True)
class Multiplied(Evidence):
    """Shared by evidence that stores multipliers, one for each constraint."""

    multipliers: tuple[fmpq, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """FLINT numbers cannot be pickled; their spelling can."""
        return _multiplied, (type(self), spell(self.multipliers))

    def _read(self, constraints: Constraints) -> tuple[fmpq, ...]:
        found = self.multipliers
        if len(found) != len(constraints.index):
            raise self.fail(f"{len(found)} multipliers for {len(constraints.index)} constraints")
        if any(x < 0 for x in found):
            raise self.fail("a multiplier is negative")
        return found

    def optimum(self, constraints: Constraints) -> Rows:
        """The W that the multipliers prove to be the shortest."""
        weights = self._read(constraints)
        W = constraints.combine(weights)
        for (i, t), weight, margin in zip(
            constraints.index, weights, constraints.margins(W), strict=True
        ):
            if margin < 1:
                raise self.fail(f"sequence {i + 1}, token {t + 1}: the margin {margin} is below 1")
            if weight != 0 and margin != 1:
                raise self.fail(
                    f"sequence {i + 1}, token {t + 1}: multiplier {weight} and margin {margin}"
                )
        return W

    def contradiction(self, constraints: Constraints) -> None:
        """Fail unless the multipliers prove that there is no W at all."""
        weights = self._read(constraints)
        if sum(weights, fmpq(0)) != 1:
            raise self.fail("the multipliers do not add up to one")
        if any(x != 0 for row in constraints.combine(weights) for x in row):
            raise self.fail("the combination of the features is not zero")


@declare("bias.support", about("bias.svm", "optimal"), Status.PROVED)
@dataclass(frozen=True)
class ShortestOnSupport(Evidence):
    """The multipliers that the support determines, and all margins, exactly."""

    def check(self, problem: TokenProblem, claim: Claim) -> None:
        support = problem.support(claim.value["support"])
        support.prove_shortest()
        said = shortest(support.places, QQ.format(support.norm_squared))
        self.expect(claim.value, said, "the support gives another norm")


@declare("bias.kkt", about("bias.svm", "optimal"), Status.PROVED)
@dataclass(frozen=True)
class KKT(Multiplied):
    """Multipliers, margins and complementarity, exactly."""

    def check(self, problem: TokenProblem, claim: Claim) -> None:
        W = self.optimum(problem.constraints)
        said = shortest(positive(self.multipliers), QQ.format(squared_norm(W)))
        self.expect(claim.value, said, "the multipliers give another W")


@declare("bias.circuit", about("bias.svm", "feasible"), Status.PROVED)
@dataclass(frozen=True)
class ZeroOnSupport(Evidence):
    """The only convex combination of the features of the support that is zero, exactly."""

    def check(self, problem: TokenProblem, claim: Claim) -> None:
        support = problem.support(claim.value["support"])
        support.prove_contradiction()
        self.expect(claim.value, separated(support.places), "it says more")


@declare("bias.farkas", about("bias.svm", "feasible"), Status.PROVED)
@dataclass(frozen=True)
class Farkas(Multiplied):
    """A convex combination of the features that is zero, exactly."""

    def check(self, problem: TokenProblem, claim: Claim) -> None:
        self.contradiction(problem.constraints)
        said = separated(positive(self.multipliers))
        self.expect(claim.value, said, "it can only prove that there is no W")


@declare("bias.stratum", about("bias.svm", "stratum"), Status.PROVED)
@dataclass(frozen=True)
class Stratum(Evidence):
    """The rank of the W of the support, by bounds that meet or by elimination over QQ."""

    def check(self, problem: TokenProblem, claim: Claim) -> None:
        support = problem.support(claim.value["support"])
        place = Place.of(problem.data.d, support.rank)
        self.expect(claim.value, place.says(support.places), "the rank is another one")


@dataclass(frozen=True)
class Place:
    """Where a d x d matrix lies in the determinantal variety of key-query matrices.

    Matrices ``K^T Q`` with K, Q of size a x d are those of rank at most a, a variety of dimension
    ``a(2d - a)`` for a <= d, whose singular points are those of rank below a (for a < d).  So W is
    representable exactly for ``a >= rank``, and for ``a < d`` a smooth point only for ``a = rank``.
    """

    rank: int
    dimension: int
    codimension: int
    least_a: int

    @classmethod
    def of(cls, d: int, rank: int) -> Place:
        """The place of a matrix of this rank.

        >>> Place.of(3, 2)
        Place(rank=2, dimension=8, codimension=1, least_a=2)
        """
        return cls(rank, rank * (2 * d - rank), (d - rank) ** 2, rank)

    def says(self, support: Sequence[int]) -> dict[str, Any]:
        """What the claim *stratum* says of the W of a support."""
        return {
            "support": support,
            "rank": self.rank,
            "dimension": self.dimension,
            "codimension": self.codimension,
            "least_a": self.least_a,
        }
