"""The dimension of a function space, as a result with its two-sided certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from algattn.dimension.dense import dense_certificate
from algattn.dimension.modular import DEFAULT_PRIME
from algattn.dimension.reduction import Kind, Reduction, reduce_shape
from algattn.dimension.symmetric import symmetric_certificate
from algattn.errors import UndecidedError
from algattn.networks import Architecture
from algattn.networks.problem import Problem
from algattn.results import BOTH_SIDES, Claim, Evidence, Outline, Result, Status

#: Parameters of the effective shape up to which a dense rank at a random point comes first.
DENSE_FIRST = 400
#: And up to which it is the fallback when no symmetric point attains the rank.
DENSE_LIMIT = 6000


def reduction_of(network: Architecture) -> Reduction:
    """The effective shape of a network."""
    return reduce_shape(
        network.widths, network.ranks, tokens=network.tokens, kind=Kind(network.kind)
    )


@dataclass(frozen=True)
class Bounds:
    """What one certificate says: lower <= dimension <= upper."""

    lower: int
    upper: int


@lru_cache(maxsize=64)
def bounds(reduction: Reduction, method: str, seed: int, prime: int) -> Bounds:
    """Recompute the bounds of a certificate from its few numbers.

    ``method`` is ``"dense"`` (a random point) or ``"symmetric"`` (points with orthogonal symmetry).
    """
    certify = {"dense": dense_certificate, "symmetric": symmetric_certificate}[method]
    found = certify(reduction, seed=seed, prime=prime)
    return Bounds(found.lower, found.upper)


@dataclass(frozen=True)
class _RankEvidence(Evidence):
    """Shared by both bounds: where the ranks are computed."""

    method: str
    seed: int
    prime: int

    def _bounds(self, problem: Mapping[str, Any]) -> Bounds:
        if self.method not in {"dense", "symmetric"}:
            raise self.fail(f"there is no method {self.method!r}")
        if type(self.seed) is not int or self.seed < 0:
            raise self.fail("the seed is not a natural number")
        return bounds(
            reduction_of(Problem.of(problem).network), self.method, self.seed, self.prime
        )

    def summary(self) -> str:
        point = "random" if self.method == "dense" else "symmetric"
        return f"{super().summary()} (at a {point} point, seed {self.seed}, modulo {self.prime})"


@dataclass(frozen=True)
class RankAtLeast(_RankEvidence):
    """Rank of the Jacobian modulo a prime."""

    kind: ClassVar[str] = "dimension.rank-at-least"
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"lower"})

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        lower = self._bounds(problem).lower
        if type(claim.value) is not int or lower < claim.value:
            raise self.fail(f"the rank is {lower}, below {claim.value}")


@dataclass(frozen=True)
class OrbitBound(_RankEvidence):
    """Parameters minus rank of the gauge directions."""

    kind: ClassVar[str] = "dimension.orbit-bound"
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"upper"})

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        upper = self._bounds(problem).upper
        if type(claim.value) is not int or upper > claim.value:
            raise self.fail(f"parameters minus gauge directions is {upper}, above {claim.value}")


@dataclass(frozen=True)
class GenericRank(_RankEvidence):
    """Rank of the Jacobian at a random point, very likely the generic rank."""

    kind: ClassVar[str] = "dimension.generic-rank"
    strength: ClassVar[Status] = Status.PROBABLE
    sides: ClassVar[frozenset[str]] = BOTH_SIDES

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        lower = self._bounds(problem).lower
        if lower != claim.value:
            raise self.fail(f"the rank is {lower}, not {claim.value}")


@dataclass(frozen=True, repr=False)
class DimensionResult(Result):
    """The dimension of the function space (of the set of functions, over the reals).

    Attributes
    ----------
    value : int
        The dimension when PROVED; else the rank found, which bounds it from below.
    lower, upper : int
        Proved bounds.
    expected : int
        The closed formula, for comparison; :attr:`agrees` says whether it is the value.
    parameters : int
        Number of entries of all K, Q and V.
    effective_widths, effective_ranks : tuple of int
        The smaller network with the same functions.
    collapsed : tuple of bool
        Layers that only see the symmetric part of their form.
    """

    kind: ClassVar[str] = "dimension.network"
    title: ClassVar[str] = "Dimension"

    @classmethod
    def outline(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        network = Problem.of(problem).network
        reduction = reduction_of(network)
        wanted = _shape_detail(network, reduction)
        if any(detail.get(k) != v for k, v in wanted.items()) or set(detail) != {
            *wanted,
            "lower",
            "upper",
        }:
            return ()
        lower, upper = detail["lower"], detail["upper"]
        name = f"the function space of {network!r}"
        if lower == upper == value:
            return (Outline("dimension", f"{name} has dimension {value}", value),)
        return (
            Outline("lower", f"{name} has at least dimension {lower}", lower, ("lower",)),
            Outline("upper", f"{name} has at most dimension {upper}", upper, ("upper",)),
            Outline("dimension", f"{name} has dimension {value}", value),
        )

    @property
    def lower(self) -> int:
        return int(self.detail["lower"])

    @property
    def upper(self) -> int:
        return int(self.detail["upper"])

    @property
    def expected(self) -> int:
        return int(self.detail["expected"])

    @property
    def agrees(self) -> bool:
        """Whether the closed formula gives the value."""
        return bool(self.expected == self.value)

    @property
    def parameters(self) -> int:
        return int(self.detail["parameters"])

    @property
    def effective_widths(self) -> tuple[int, ...]:
        return tuple(self.detail["effective_widths"])

    @property
    def effective_ranks(self) -> tuple[int, ...]:
        return tuple(self.detail["effective_ranks"])

    @property
    def collapsed(self) -> tuple[bool, ...]:
        return tuple(self.detail["collapsed"])

    def sentence(self) -> str:
        found = f"The function space has dimension {self.value}"
        if self.lower != self.upper:
            found = (
                f"The dimension lies between {self.lower} and {self.upper}, "
                f"very likely {self.value}"
            )
        formula = "as the formula says" if self.agrees else f"but the formula says {self.expected}"
        return f"{found} ({self.parameters} parameters), {formula}"

    def lines(self) -> list[str]:
        network = Problem.of(self.problem).network
        out = []
        if self.effective_widths != network.widths or self.effective_ranks != network.ranks:
            out.append(
                f"effective widths {self.effective_widths}, effective ranks {self.effective_ranks}"
            )
        if any(self.collapsed):
            layers = [i + 1 for i, flag in enumerate(self.collapsed) if flag]
            out.append(f"only the symmetric part of the form counts in layers {layers}")
        out += [e.summary() for c in self.claims for e in c.evidence]
        return out

    def formula(self) -> str:
        return rf"\dim \mathcal M = {self.value}"


def _shape_detail(network: Architecture, reduction: Reduction) -> dict[str, Any]:
    return {
        "expected": reduction.expected,
        "parameters": network.parameters,
        "effective_parameters": reduction.parameters_factored,
        "effective_widths": reduction.effective,
        "effective_ranks": reduction.ranks,
        "collapsed": reduction.collapsed,
    }


def dimension(
    network: Architecture, *, seed: int = 0, prime: int = DEFAULT_PRIME
) -> DimensionResult:
    """The dimension of the function space of a network; see ``Lightning.dimension``."""
    reduction = reduction_of(network)
    small = reduction.parameters_factored <= DENSE_FIRST
    tries = [("dense", seed)] if small else [("symmetric", seed), ("symmetric", seed + 1)]
    if reduction.parameters_factored <= DENSE_LIMIT:
        tries += [("dense", seed + 1), ("dense", seed + 2)]
    best: tuple[int, str, int] | None = None
    upper: tuple[int, str, int] | None = None
    for method, s in tries:
        try:
            found = bounds(reduction, method, s, prime)
        except ValueError:
            if method == "dense":
                raise
            continue  # no symmetric layout for this shape
        if best is None or found.lower > best[0]:
            best = (found.lower, method, s)
        if upper is None or found.upper < upper[0]:
            upper = (found.upper, method, s)
        if best[0] == upper[0]:
            break
    if best is None or upper is None:
        raise UndecidedError(
            f"find the dimension for {network!r}",
            f"no symmetric layout fits and {reduction.parameters_factored} parameters are too many "
            f"for a dense rank (limit {DENSE_LIMIT})",
            f"compare with the formula, which says {reduction.expected}",
        )
    lower_evidence = RankAtLeast(best[1], best[2], prime)
    upper_evidence = OrbitBound(upper[1], upper[2], prime)
    evidence: dict[str, list[Evidence]] = {
        "dimension": [lower_evidence, upper_evidence],
    }
    if best[0] != upper[0]:
        evidence = {
            "lower": [lower_evidence],
            "upper": [upper_evidence],
            "dimension": [GenericRank(best[1], best[2], prime)],
        }
    detail = _shape_detail(network, reduction) | {"lower": best[0], "upper": upper[0]}
    return DimensionResult.assemble(Problem.data(network), best[0], evidence, detail=detail)
