"""The dimension of the image of any polynomial map: a rank from below, symmetries from above."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from flint import nmod_mat

from algattn.arguments import checked
from algattn.errors import DisagreementError, FieldError, InputError, LimitError
from algattn.exact import QQ, Matrix
from algattn.maps import PolynomialMap
from algattn.maps.evaluators import Row
from algattn.progress import Monitor
from algattn.results import (
    BOTH_SIDES,
    Claim,
    Evidence,
    NumberLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)

__all__ = ["MapDimension", "dimension"]

#: Entries of a Jacobian that are still put into one matrix.
MAX_ENTRIES = 25_000_000
#: Random points at which ranks are taken when the bounds differ.
TRIES = 3


def _rank(rows: Sequence[Row], columns: int, prime: int) -> int:
    if len(rows) * columns > MAX_ENTRIES:
        wrong = f"the Jacobian has {len(rows)} x {columns} entries"
        raise LimitError("find the rank of a map", wrong, "a slice, by restrict")
    dense = [[int(row.get(j, 0)) for j in range(columns)] for row in rows]
    return int(nmod_mat(dense, prime).rank()) if dense else 0


def jacobian_rank(phi: PolynomialMap, seed: int, prime: int) -> int:
    """The rank of the Jacobian at a random point modulo a prime: at most the dimension.

    >>> jacobian_rank(PolynomialMap(["s^2", "s*t", "t^2"]), 0, 10007)
    2
    """
    _, _, rows = phi.rows(phi.random_point(seed, prime))
    return _rank(rows, len(phi.parameters), prime)


def symmetry_bound(phi: PolynomialMap, seed: int, prime: int) -> int:
    """Parameters minus the rank of the symmetries: at least the dimension.

    The symmetries are the torus that leaves all monomials as they are and, in characteristic zero,
    the declared ones, which are checked.  In characteristic p a vector field proves nothing.

    Raises
    ------
    DisagreementError
        When a declared symmetry is none.
    LimitError
        When the map is too large to expand.

    Examples
    --------
    >>> symmetry_bound(PolynomialMap(["a*b", "b*c"]), 0, 10007)
    2
    """
    k, torus = len(phi.parameters), phi.fiber_torus
    if phi.field.characteristic:
        return k - (Matrix(QQ, torus).rank() if torus else 0)
    if phi.check() is not Status.PROVED:
        raise LimitError("bound a dimension", "the map is too large to expand", "a slice")
    point = phi.random_point(seed, prime)
    rows = [{j: point[j] * w for j, w in enumerate(weights)} for weights in torus]
    rows += [s.at(point, phi.parameters, phi.field) for s in phi.declared]
    return k - _rank(rows, k, prime)


@register
@dataclass(frozen=True, repr=False, eq=False)
class MapDimension(NumberLike, Result):
    """The dimension of the closure of the image.

    Attributes
    ----------
    value : int or None
        The dimension when PROVED; else the rank found, or None over a prime field, where a rank
        says nothing from above.
    lower, upper : int
        Proved bounds.
    parameters, expected : int
        How many parameters there are; the smaller of that and the number of coordinates.
    defect : int or None
        ``expected - value``.
    """

    problem: PolynomialMap
    value: int | None
    lower: int
    upper: int

    kind: ClassVar[str] = "map.dimension"
    title: ClassVar[str] = "What is the dimension of the image?"
    claim_names: ClassVar[tuple[str, ...]] = ("lower", "upper", "dimension")
    shown: ClassVar[tuple[str, ...]] = ("parameters", "expected", "defect")

    def outline(self) -> tuple[Outline, ...]:
        value, lower, upper = self.value, self.lower, self.upper
        exact = Outline("dimension", f"the image has dimension {value}", value)
        if lower == upper == value:
            return (exact,)
        if lower >= upper:  # then the dimension is known, and nothing else can be said
            return ()
        apart = (
            Outline("lower", f"the image has at least dimension {lower}", lower, ("lower",)),
            Outline("upper", f"the image has at most dimension {upper}", upper, ("upper",)),
        )
        if value is None:
            return apart
        return (*apart, exact) if lower <= value <= upper else ()

    @property
    def parameters(self) -> int:
        return len(self.problem.parameters)

    @property
    def expected(self) -> int:
        return min(self.parameters, len(self.problem.coordinates))

    @property
    def defect(self) -> int | None:
        return None if self.value is None else self.expected - self.value

    def sentence(self) -> str:
        k, n = self.parameters, len(self.problem.coordinates)
        counted = f"({k} parameter{'s' * (k != 1)}, {n} coordinate{'s' * (n != 1)})"
        if self.lower == self.upper:
            return f"The image has dimension {self.value} {counted}"
        guess = "" if self.value is None else f", very likely {self.value}"
        return f"The dimension lies between {self.lower} and {self.upper}{guess} {counted}"

    def formula(self) -> str:
        if self.lower == self.upper:
            return rf"\dim \overline{{\varphi(\mathbb{{A}}^{{{self.parameters}}})}} = {self.value}"
        return rf"{self.lower} \le \dim \overline{{\operatorname{{im}} \varphi}} \le {self.upper}"


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


@declare(
    "map.rank",
    about("map.dimension", "dimension, lower"),
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


@checked
def dimension(
    phi: PolynomialMap,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> MapDimension:
    """The dimension of the closure of the image of a map.

    Parameters
    ----------
    phi : PolynomialMap
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds; looked at between ranks.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapDimension
        PROVED when the rank of the Jacobian modulo a prime meets the number of coordinates, or the
        number of parameters less the rank of the symmetries (the torus that keeps all monomials,
        and the declared ones); else PROBABLE with proved bounds.  Over a prime field the bounds
        alone, where they differ.

    Raises
    ------
    DisagreementError
        When a declared symmetry is none.
    LimitError
        For Jacobians with more than 25 million entries, and when time is over.

    Complexity
    ----------
    A dense rank; the symmetries are checked on the expanded polynomials.

    References
    ----------
    Lemma "maps" of ``algattn/docs/dimension.md``.

    Examples
    --------
    >>> dimension(PolynomialMap(["s^2", "s*t", "t^2"]))
    <The image has dimension 2 (2 parameters, 3 coordinates) [PROVED]>
    >>> found = dimension(PolynomialMap(["a*b", "a*b+1", "a^2*b^2"]))
    >>> found.value, found.defect, found.status.name
    (1, 1, 'PROVED')
    """
    primes = phi.primes()
    k, n = len(phi.parameters), len(phi.coordinates)
    lower, upper = -1, min(k, n)
    below: RankBelow | None = None
    best: Evidence = Counted()
    with Monitor("find the dimension of a map", progress=progress, time_limit=time_limit) as watch:
        for attempt in range(TRIES):
            prime = next(primes, phi.field.characteristic)
            rank = jacobian_rank(phi, seed + attempt, prime)
            if rank > lower:
                lower, below = rank, RankBelow(seed + attempt, prime)
            watch.step()
            if lower < upper and attempt == 0:
                bound = upper
                with suppress(LimitError):  # too large to expand: the bound by counting stays
                    bound = symmetry_bound(phi, seed, prime)
                if bound < upper:
                    upper, best = bound, SymmetriesAbove(seed, prime)
                watch.step()
            if lower == upper:
                break
    assert below is not None
    evidence: dict[str, list[Evidence]] = {"lower": [below], "upper": [best]}
    value: int | None = lower
    if lower == upper:
        evidence = {"dimension": [below, best]}
    elif phi.field.characteristic:
        value = None
    else:
        evidence["dimension"] = [RankGeneric(below.seed, below.prime)]
    return MapDimension.assemble(phi, value, evidence, lower=lower, upper=upper)
