"""What proves bounds on the dimension of the image of a map, each piece from its few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from algattn.dimension.map_bounds import draw_prime, error_bits, jacobian_rank, symmetry_bound
from algattn.errors import DisagreementError, FieldError, InputError
from algattn.exact import QQ
from algattn.maps import PolynomialMap, VectorField
from algattn.maps.texts import read_all, spell
from algattn.results import BOTH_SIDES, Claim, Evidence, Status, about, declare

__all__ = [
    "Counted",
    "Declared",
    "FieldsAbove",
    "RankBelow",
    "RankDrawn",
    "RankGeneric",
    "SymmetriesAbove",
]


@dataclass(frozen=True)
class _AtPoint(Evidence):
    """Shared by what is computed at a random point modulo a prime."""

    seed: int
    prime: int

    def summary(self) -> str:
        return f"{super().summary()} (at a random point, seed {self.seed}, modulo {self.prime})"

    def compute(self, bound: Any, problem: PolynomialMap) -> int:
        """A number at that point; numbers that make no point fail."""
        try:
            found: int = bound(problem, self.seed, self.prime)
        except (FieldError, InputError, DisagreementError) as error:
            raise self.fail(error.wrong) from error
        return found

    def not_above(self, problem: PolynomialMap, rank: int) -> None:
        """Fail when the rank is larger modulo another prime: this one may have been chosen badly.

        ``10007 x`` has rank 0 modulo 10007.
        """
        other = next(p for p in problem.primes() if p != self.prime)
        more = jacobian_rank(problem, self.seed, other)
        if more > rank:
            raise self.fail(f"the rank is {more} modulo {other}")


@declare(
    "map.rank",
    about("map.dimension", "dimension, lower, rank"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class RankBelow(_AtPoint):
    """Rank of the Jacobian modulo a prime."""

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        rank = self.compute(jacobian_rank, problem)
        if rank < self.number(claim):
            raise self.fail(f"the rank is {rank}, below {claim.value}")


@declare(
    "map.symmetries",
    about("map.dimension", "dimension, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class SymmetriesAbove(_AtPoint):
    """Parameters minus rank of the symmetries, which are checked as identities."""

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        upper = self.compute(symmetry_bound, problem)
        if upper > self.number(claim):
            raise self.fail(f"parameters minus symmetries is {upper}, above {claim.value}")


@declare(
    "map.counting",
    about("map.dimension", "dimension, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class Counted(Evidence):
    """At most the number of parameters, and of coordinates."""

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        most = min(len(problem.parameters), len(problem.coordinates))
        if most > self.number(claim):
            raise self.fail(f"there are {most} parameters or coordinates, above {claim.value}")


@declare("map.generic-rank", about("map.dimension", "dimension"), Status.PROBABLE, sides=BOTH_SIDES)
@dataclass(frozen=True)
class RankGeneric(_AtPoint):
    """Rank of the Jacobian at a random point, very likely the largest one."""

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        rank = self.compute(jacobian_rank, problem)
        if problem.field.characteristic or rank != claim.value:
            raise self.fail(f"the rank is {rank}, not {claim.value}, or says nothing")
        self.not_above(problem, rank)


@declare("map.random-rank", about("map.dimension", "dimension"), Status.PROBABLE, sides=BOTH_SIDES)
@dataclass(frozen=True)
class RankDrawn(_AtPoint):
    """Rank of the Jacobian, the largest one up to an error of small probability.

    The prime is drawn at random as well; `bits` is the logarithm of the chance, negated.
    """

    bits: int

    def summary(self) -> str:
        return f"{super().summary()}; the error has probability at most 2^-{self.bits}"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if problem.field != QQ or self.prime != draw_prime(problem, self.seed):
            raise self.fail(f"{self.prime} is not the prime drawn with the seed {self.seed}")
        rank = self.compute(jacobian_rank, problem)
        if rank != claim.value:
            raise self.fail(f"the rank is {rank}, not {claim.value}")
        self.expect(self.bits, error_bits(problem), "the probability of an error is another one")


#: A vector field: the parameters that move, and their velocities.
Field = tuple[tuple[str, str], ...]


@declare(
    "map.fields",
    about("map.dimension", "dimension, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class FieldsAbove(_AtPoint):
    """Parameters minus rank of vector fields along which the map is constant."""

    fields: tuple[Field, ...]

    @classmethod
    def of(cls, fields: Sequence[VectorField], seed: int, prime: int) -> FieldsAbove:
        """The evidence that these fields give."""
        texts = (
            tuple(zip(f.components, spell(f.components.values()), strict=True))
            for f in fields
            if isinstance(f.components, Mapping)
        )
        return cls(seed, prime, tuple(texts))

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if problem.field.characteristic:
            raise self.fail(f"fields prove nothing over {problem.field}")
        fields = [
            VectorField(
                f"field {n}",
                dict(
                    zip(
                        (x for x, _ in f),
                        read_all(tuple(t for _, t in f), problem.ring),
                        strict=True,
                    )
                ),
            )
            for n, f in enumerate(self.fields)
        ]
        upper = self.compute(symmetry_bound, with_fields(problem, fields))
        if upper > self.number(claim):
            raise self.fail(f"parameters minus fields is {upper}, above {claim.value}")


def with_fields(phi: PolynomialMap, fields: Sequence[VectorField]) -> PolynomialMap:
    """The same map with further symmetries."""
    found = PolynomialMap(phi)
    found.declared = (*phi.declared, *(found._bound(f) for f in fields))
    return found


@declare("map.declared", about("map.dimension", "dimension"), Status.THEOREM, sides=BOTH_SIDES)
@dataclass(frozen=True)
class Declared(_AtPoint):
    """A dimension from elsewhere, which is the rank at a random point."""

    reference: str

    def summary(self) -> str:
        return f"{self.reference}; {super().summary()}"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if not self.reference.strip():
            raise self.fail("there is no reference")
        rank = self.compute(jacobian_rank, problem)
        if problem.field.characteristic or rank != claim.value:
            raise self.fail(f"the rank is {rank}, not {claim.value}")
        self.not_above(problem, rank)
