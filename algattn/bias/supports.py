"""Sets of constraints as certificates: what a hard margin, or its absence, can be told by.

Write ``G_SS`` for the inner products of the features in a set S of constraints.  Everything here
is computed from S, exactly, and proved by the lemma *support* of algattn/docs/bias.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from flint import fmpq, fmpq_mat, fmpz, fmpz_mat, nmod_mat

from algattn.bias.constraints import Constraints, Rows
from algattn.bias.data import TokenData
from algattn.errors import CertificateError
from algattn.exact import QQ, Matrix
from algattn.exact.modular import word_prime


@dataclass(frozen=True)
class Support:
    """Some constraints, by their places in order, and the matrices that they single out."""

    constraints: Constraints
    places: tuple[int, ...]

    def __post_init__(self) -> None:
        many = len(self.constraints.index)
        inside = all(type(k) is int and 0 <= k < many for k in self.places)
        if not inside or list(self.places) != sorted(set(self.places)):
            raise self._fail(f"{str(self.places)[:60]} are no places among {many}, in order")

    @staticmethod
    def _fail(why: str) -> CertificateError:
        return CertificateError("read a support", why, "recompute the result")

    def _spread(self, weights: Sequence[fmpq]) -> tuple[fmpq, ...]:
        full = [fmpq(0)] * len(self.constraints.index)
        for k, x in zip(self.places, weights, strict=True):
            full[k] = x
        return tuple(full)

    @cached_property
    def _solved(self) -> tuple[fmpz_mat, fmpz, bool]:
        """A solution of ``G_SS x = 1`` for the integral ``G``: a column, its denominator, and
        whether it is the only one.
        """
        ones: list[list[int | fmpz]] = [[1]] * len(self.places)
        if not ones:
            return fmpz_mat(0, 1), fmpz(1), True
        entries = self.constraints.block(self.places, self.places)
        try:
            solution: Any = fmpz_mat(entries).solve(fmpz_mat(ones))  # rational
            return *solution.numer_denom(), True
        except ZeroDivisionError:
            found = Matrix(QQ, entries).solve(Matrix(QQ, ones))
        if found is None:
            raise self._fail("no matrix has the margin one at all of its constraints")
        return *fmpq_mat(found.rows).numer_denom(), False

    @cached_property
    def multipliers(self) -> tuple[fmpq, ...]:
        """One for each constraint: ``sum l D`` has the margin one at all places of the support.

        That matrix W is the only one in the span of these features, whether or not the
        multipliers are unique.
        """
        column, denominator, _ = self._solved
        scale = self.constraints.scale
        return self._spread([fmpq(x * scale, denominator) for x in column.entries()])

    def determines(self, multipliers: Sequence[fmpq]) -> bool:
        """Whether these multipliers are the only ones on the support."""
        return self._solved[2] and self.multipliers == tuple(multipliers)

    @cached_property
    def W(self) -> Rows:
        """The matrix in the span of the features that has the margin one at all of them."""
        return self.constraints.combine(self.multipliers)

    @cached_property
    def norm_squared(self) -> fmpq:
        """``|W|^2``, which is the sum of the multipliers."""
        column, denominator, _ = self._solved
        return fmpq(sum(column.entries(), fmpz(0)) * self.constraints.scale, denominator)

    @cached_property
    def margins(self) -> tuple[fmpq, ...]:
        """``<W, D>`` for each constraint."""
        column, denominator, _ = self._solved
        every = range(len(self.constraints.index))
        if not self.places:
            return (fmpq(0),) * len(every)
        products = fmpz_mat(self.constraints.block(every, self.places)) * column
        return tuple(fmpq(x, denominator) for x in products.entries())

    @cached_property
    def rank(self) -> int:
        """The rank of W, from its factors.

        A rank modulo a prime is a lower bound and the ranks of both factors are upper ones;
        only when they differ is W itself eliminated.
        """
        if not self.places:
            return 0
        left, right = self.constraints.mixed(self.multipliers)[0], self.constraints.right[0]
        p = word_prime()
        low = int((nmod_mat(left.transpose(), p) * nmod_mat(right, p)).rank())
        if low in {left.nrows(), left.ncols()} or low == right.rank() or low == left.rank():
            return low
        return int((left.transpose() * right).rank())

    def prove_shortest(self) -> None:
        """Fail unless W is the only shortest matrix with margins at least one."""
        if not self._solved[2]:
            raise self._fail("its features are dependent, so that it proves nothing by itself")
        if any(self.multipliers[k] <= 0 for k in self.places):
            raise self._fail("a multiplier is not positive")
        for (i, t), margin in zip(self.constraints.index, self.margins, strict=True):
            if margin < 1:
                raise self._fail(f"sequence {i + 1}, token {t + 1}: the margin {margin} is below 1")

    @cached_property
    def convex_zero(self) -> tuple[fmpq, ...] | None:
        """The weights of the only combination of the features that is zero and adds up to one.

        None when there is none, or when the features are affinely dependent.
        """
        m = len(self.places)
        entries = self.constraints.block(self.places, self.places)
        rows = [[fmpz(0)] + [fmpz(1)] * m, *([fmpz(1), *row] for row in entries)]
        try:
            solution = fmpz_mat(rows).solve(fmpz_mat(m + 1, 1, [1] + [0] * m)).entries()
        except ZeroDivisionError:
            return None
        # The point of least norm in the affine hull; its squared norm is minus the first unknown.
        return None if solution[0] != 0 else self._spread(solution[1:])

    def prove_contradiction(self) -> None:
        """Fail unless zero is a convex combination of the features, with positive weights."""
        found = self.convex_zero
        if found is None or any(found[k] <= 0 for k in self.places):
            raise self._fail("its features have no unique convex combination that is zero")


@dataclass(frozen=True)
class TokenProblem:
    """Token data as the problem of a result; the constraints are those of its selection."""

    data: TokenData

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled without what it has computed, which holds FLINT matrices."""
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    @cached_property
    def constraints(self) -> Constraints:
        """The constraints of the selected tokens."""
        return Constraints.of(self.data)

    @cached_property
    def _supports(self) -> dict[tuple[int, ...], Support]:
        return {}

    def support(self, places: Sequence[int]) -> Support:
        """The support with these places; asked again, the same one, with all it has computed."""
        key = tuple(places)
        if any(type(k) is not int for k in key):  # True == 1 would find another one
            return Support(self.constraints, key)
        if key not in self._supports:
            self._supports[key] = Support(self.constraints, key)
        return self._supports[key]


def positive(weights: Sequence[fmpq]) -> tuple[int, ...]:
    """The places of the weights that are not zero."""
    return tuple(k for k, x in enumerate(weights) if x != 0)
