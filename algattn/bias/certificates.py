"""What proves a hard margin: multipliers, checked from the features without the solver.

Evidence ``KKT``: multipliers ``lambda >= 0`` with ``W = sum lambda D``, all margins at least one,
and margin exactly one wherever ``lambda > 0``.  Then for every V with margins at least one
``<V, W> = sum lambda <V, D> >= sum lambda = <W, W>``, so ``|V| >= |W|`` with equality only for
``V = W``.  Evidence ``Farkas``: ``mu >= 0``, ``sum mu = 1``, ``sum mu D = 0``; no V can have
positive inner product with every D.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from flint import fmpq, fmpq_mat, fmpz

from algattn.bias.constraints import Constraints, Rows
from algattn.bias.data import TokenData
from algattn.exact import QQ, Matrix
from algattn.results import Claim, Evidence, Status, about, canonical_json, register


@lru_cache(maxsize=16)
def _parsed(text: str) -> TokenData:
    import json

    return TokenData.of_problem({"data": json.loads(text)})


def problem_data(problem: Mapping[str, Any]) -> TokenData:
    """The token data of a problem."""
    return _parsed(canonical_json(problem["data"]))


def spell(values: Sequence[fmpq]) -> list[int | str]:
    """Rational numbers as JSON data, spelled as ``QQ.format`` does but without a detour.

    >>> spell([fmpq(3), fmpq(-1, 2), fmpq(2) ** 60])
    [3, '-1/2', '1152921504606846976']
    """
    return [int(x.p) if x.q == 1 and abs(x.p) < 2**53 else str(x) for x in values]


def spell_rows(rows: Rows) -> list[list[int | str]]:
    return [spell(row) for row in rows]


def squared_norm(W: Rows) -> fmpq:
    """The sum of the squares of all entries, over one common denominator."""
    numerators, denominator = fmpq_mat(W).numer_denom()
    return fmpq(sum((x * x for x in numerators.entries()), fmpz(0)), denominator**2)


class Multiplied(Evidence):
    """Shared by both certificates: reading multipliers."""

    multipliers: Any

    def _read(self, constraints: Constraints) -> list[fmpq]:
        found = [QQ(x) for x in self.multipliers]
        self.expect(self.multipliers, spell(found), "a multiplier is spelled in another way")
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


@register
@dataclass(frozen=True)
class KKT(Multiplied):
    """Multipliers, margins and complementarity, exactly."""

    kind: ClassVar[str] = "bias.kkt"
    supports = about("bias.svm", "optimal")
    strength: ClassVar[Status] = Status.PROVED

    multipliers: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        W = self.optimum(Constraints.of(problem_data(problem)))
        said = {"W": spell_rows(W), "norm_squared": QQ.format(squared_norm(W))}
        self.expect(claim.value, said, "the multipliers give another W")


@register
@dataclass(frozen=True)
class Farkas(Multiplied):
    """A convex combination of the features that is zero, exactly."""

    kind: ClassVar[str] = "bias.farkas"
    supports = about("bias.svm", "feasible")
    strength: ClassVar[Status] = Status.PROVED

    multipliers: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        self.contradiction(Constraints.of(problem_data(problem)))
        self.expect(claim.value, False, "it can only prove that there is no W")


@register
@dataclass(frozen=True)
class Stratum(Evidence):
    """The rank of W by elimination over QQ."""

    kind: ClassVar[str] = "bias.stratum"
    supports = about("bias.svm", "stratum")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        W = Matrix(QQ, claim.value["W"])
        if W.shape[0] != W.shape[1]:
            raise self.fail("W is not square")
        said = {name: x for name, x in claim.value.items() if name != "W"}
        self.expect(said, stratum(W.shape[0], W.rank()), "the rank is another one")


def stratum(d: int, rank: int) -> dict[str, int]:
    """Where a d x d matrix of this rank lies in the determinantal variety of key-query matrices.

    Matrices ``K^T Q`` with K, Q of size a x d are those of rank at most a, a variety of dimension
    ``a(2d - a)`` for a <= d, whose singular points are those of rank below a (for a < d).  So W is
    representable exactly for ``a >= rank``, and for ``a < d`` a smooth point only for ``a = rank``.

    >>> stratum(3, 2)
    {'rank': 2, 'dimension': 8, 'codimension': 1, 'least_a': 2}
    """
    return {
        "rank": rank,
        "dimension": rank * (2 * d - rank),
        "codimension": (d - rank) ** 2,
        "least_a": rank,
    }
