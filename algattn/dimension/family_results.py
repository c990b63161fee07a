"""Dimensions of infinite families of shapes, as results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from flint import fmpq

from algattn.dimension.evidence import (
    SCORES,
    ScoresIndependent,
    needs_scores,
    reduction_of,
    score_layers,
)
from algattn.dimension.families import Chart, SolvedCell, charts, cover, covers, fit
from algattn.dimension.isotypic import Components
from algattn.dimension.modular import DEFAULT_PRIME, check_prime, check_seed
from algattn.dimension.printing import component_sum, linear, polynomial, print_terms, terms_of
from algattn.dimension.reduction import Kind, reduce_shape
from algattn.dimension.symmetric import SymmetricCertificate, symmetric_certificate
from algattn.errors import HypothesisError, InputError, UndecidedError
from algattn.networks import Architecture
from algattn.networks.problem import Problem
from algattn.results import BOTH_SIDES, Claim, Evidence, Outline, Status, about, register
from algattn.results.legacy import LegacyResult

__all__ = ["EqualWidths", "Multiplicities", "family"]

MAX_DEPTH = 200


@lru_cache(maxsize=4)
def _cover(
    kind: str, depth: int, tokens: int, seed: int, prime: int
) -> tuple[tuple[Chart, tuple[SolvedCell, ...]], ...]:
    """The charts of a family with the cells that cover them."""
    found = charts(Kind(kind), tokens)
    what = Kind(kind)
    cells = (cover(c, depth, kind=what, tokens=tokens, seed=seed, prime=prime) for c in found)
    return tuple(zip(found, map(tuple, cells), strict=True))


@register
@dataclass(frozen=True)
class CellCover(Evidence):
    """Symmetric points whose cells cover all shapes, with equal bounds on each.

    The bounds are polynomials on every cell by Schur's lemma, compared at enough shapes.
    """

    kind: ClassVar[str] = "dimension.cell-cover"
    supports = about("dimension.equal-widths", "d >= a")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = BOTH_SIDES

    seed: int
    prime: int

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        kind, depth, tokens = _read(problem)
        wanted = polynomial(claim.value)
        for chart, cells in _cover(kind, depth, tokens, self.seed, self.prime):
            if chart.name != claim.name:
                continue
            if not covers([c.cell for c in cells], chart.least):
                raise self.fail("the cells do not cover all shapes")
            for c in cells:
                if not c.agrees(wanted, chart):
                    d, a = chart.shape(*c.cell.corner)
                    raise self.fail(f"the polynomial is wrong on the cell of d = {d}, a = {a}")
            return
        raise self.fail(f"there is no part {claim.name!r}")

    def summary(self) -> str:
        return f"{super().summary()} (seed {self.seed}, modulo {self.prime})"


@register
@dataclass(frozen=True)
class FamilyScores(Evidence):
    """The exponentials are independent for d = 1 and for all d >= 2 of this depth."""

    kind: ClassVar[str] = "dimension.family-scores"
    supports = about("dimension.equal-widths", "d >= a")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({SCORES})

    seed: int
    prime: int

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        _, depth, tokens = _read(problem)
        for d in (1, 2):
            shape = reduce_shape((d,) * (depth + 1), (1,) * depth, tokens=tokens, kind=Kind.SOFTMAX)
            if not all(score_layers(shape, self.seed, self.prime)):
                raise self.fail(f"the scores were not seen to be independent for d = {d}")


def _read(problem: Mapping[str, Any]) -> tuple[str, int, int]:
    data = problem.get("family")
    if set(problem) != {"family"} or not isinstance(data, Mapping):
        raise InputError("read a family", "the problem is not a family", "use the file as written")
    if set(data) != {"kind", "depth", "tokens"}:
        raise InputError("read a family", f"it has the keys {sorted(data)}", "kind, depth, tokens")
    kind, depth, tokens = data["kind"], data["depth"], data["tokens"]
    if kind not in {k.value for k in Kind}:
        raise InputError("read a family", f"the kind is {kind!r}", "lightning or softmax")
    for name, value, most in (("depth", depth, MAX_DEPTH), ("tokens", tokens, 10**6)):
        if type(value) is not int or not 1 <= value <= most:
            raise InputError(
                "read a family", f"{name} is {value!r}", f"a whole number from 1 to {most}"
            )
    return kind, depth, tokens


@register
@dataclass(frozen=True, repr=False)
class EqualWidths(LegacyResult):
    """The dimension of all networks with equal widths d and ranks a, ``1 <= a <= d``.

    ``value`` maps conditions on (d, a) to polynomials; :meth:`at` evaluates.
    """

    kind: ClassVar[str] = "dimension.equal-widths"
    title: ClassVar[str] = "Dimension of a family"
    claim_names: ClassVar[tuple[str, ...]] = ("d >= a",)

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        kind, _, tokens = _read(problem)
        names = [c.name for c in charts(Kind(kind), tokens)]
        terms = detail.get("terms", {})
        if list(terms) != names or set(detail) != {"terms"}:
            return ()
        if value != {name: print_terms(terms[name]) for name in names}:
            return ()
        needs = ("lower", "upper")
        if kind == "softmax" and tokens > 1:
            needs = ("lower", SCORES, "upper")  # type: ignore[assignment]
        return tuple(
            Outline(name, f"the dimension is {value[name]} for all {name}", terms[name], needs)
            for name in names
        )

    def check(self) -> None:
        _cover.cache_clear()
        super().check()

    @property
    def polynomials(self) -> dict[str, dict[tuple[int, int], fmpq]]:
        """Coefficients of ``d^i a^j``, by condition."""
        return {name: polynomial(terms) for name, terms in self.detail["terms"].items()}

    def at(self, d: int, a: int) -> int:
        """The dimension for width d and rank a (ranks above d count as d)."""
        if d < 1 or a < 1:
            raise HypothesisError(
                "evaluate a family", f"d = {d} and a = {a} are not both positive", "d, a >= 1"
            )
        a = min(a, d)
        kind, _, tokens = _read(self.problem)
        split = kind == "lightning" and tokens == 1 and d < 2 * a
        name = [c.name for c in charts(Kind(kind), tokens)][int(split)]
        found = sum((c * d**i * a**j for (i, j), c in self.polynomials[name].items()), fmpq(0))
        assert found.q == 1
        return int(found.p)

    def sentence(self) -> str:
        kind, depth, tokens = _read(self.problem)
        parts = "; ".join(f"dim = {text} for all {name}" for name, text in self.value.items())
        many = "2 or more tokens" if tokens > 1 else "1 token"
        return f"At depth {depth} on {many}, {kind}: {parts}"

    def lines(self) -> list[str]:
        return [e.summary() for c in self.claims for e in c.evidence]

    def formula(self) -> str:
        parts = [
            text.replace("*", " ")
            + r" & \text{for } "
            + name.replace(">=", r"\ge ").replace("<=", r"\le ")
            for name, text in self.value.items()
        ]
        return r"\dim \mathcal M = \begin{cases} " + r" \\ ".join(parts) + r" \end{cases}"


@lru_cache(maxsize=4)
def _certificate(network: Architecture, seed: int, prime: int) -> SymmetricCertificate:
    return symmetric_certificate(reduction_of(network), seed=seed, prime=prime)


@register
@dataclass(frozen=True)
class SchurFamily(Evidence):
    """Equal bounds on every isotypic component at one symmetric point.

    By Schur's lemma the component ranks are the same for all factor sizes from 2 on.
    """

    kind: ClassVar[str] = "dimension.schur-family"
    supports = about("dimension.multiplicities", "family")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = BOTH_SIDES

    seed: int
    prime: int

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        found = _certificate(Problem.of(problem).any_network, self.seed, self.prime)
        parts = found.ranks
        for name, n in parts.parameters.ranks:
            if parts.jacobian.rank(name) + parts.gauge.rank(name) != n:
                raise self.fail(f"the bounds differ on the component {name}")
        if _family_data(found) != claim.value:
            raise self.fail("the components are not those of this network")

    def summary(self) -> str:
        return f"{super().summary()} (seed {self.seed}, modulo {self.prime})"


def _family_data(found: SymmetricCertificate) -> dict[str, Any]:
    symmetry = found.symmetry
    spaces = {"widths": symmetry.hidden, "ranks": symmetry.attention}
    return {
        "sizes": symmetry.sizes,
        "components": tuple((*name, r) for name, r in found.ranks.jacobian.ranks),
        **{k: tuple((s.fixed, *s.multiplicities) for s in v) for k, v in spaces.items()},
    }


@register
@dataclass(frozen=True, repr=False)
class Multiplicities(LegacyResult):
    """The dimension of all shapes that share the orthogonal symmetry of one network.

    ``value`` is the polynomial in the factor sizes ``m_1, m_2, ..`` (all at least 2, those written
    as numbers are 1); :attr:`widths` and :attr:`ranks` tell the shapes, :meth:`at` evaluates.
    """

    kind: ClassVar[str] = "dimension.multiplicities"
    title: ClassVar[str] = "Dimension of a family"
    claim_names: ClassVar[tuple[str, ...]] = ("family",)

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        network = Problem.of(problem).any_network
        if set(detail) != {"sizes", "components", "widths", "ranks"}:
            return ()
        if value != component_sum(detail):
            return ()
        needs = ("lower", SCORES, "upper") if needs_scores(network) else ("lower", "upper")
        return (
            Outline("family", f"the dimension is {value} for all m_j >= 2", dict(detail), needs),
        )

    def check(self) -> None:
        _certificate.cache_clear()
        super().check()

    @property
    def sizes(self) -> tuple[int, ...]:
        """The factor sizes of the network itself; those equal to 1 stay 1."""
        return tuple(self.detail["sizes"])

    @property
    def free(self) -> int:
        """How many sizes ``m_j`` may vary."""
        return sum(m >= 2 for m in self.sizes)

    @property
    def widths(self) -> tuple[str, ...]:
        """The widths (effective ones) in terms of the sizes."""
        return tuple(linear(self.sizes, row) for row in self.detail["widths"])

    @property
    def ranks(self) -> tuple[str, ...]:
        """The ranks (effective ones) in terms of the sizes."""
        return tuple(linear(self.sizes, row) for row in self.detail["ranks"])

    def _sizes(self, m: Sequence[int]) -> tuple[int, ...]:
        if len(m) != self.free or any(type(x) is not int or x < 2 for x in m):
            raise HypothesisError(
                "evaluate a family", f"the sizes are {tuple(m)}", f"{self.free} numbers from 2 on"
            )
        numbers = iter(m)
        return tuple(next(numbers) if own >= 2 else 1 for own in self.sizes)

    def at(self, *m: int) -> int:
        """The dimension for the sizes ``m_1, m_2, ..``."""
        ranks = tuple(((k, i, j), r) for k, i, j, r in self.detail["components"])
        return Components(self.sizes, ranks).total(self._sizes(m))

    def shape(self, *m: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The widths and ranks for the sizes ``m_1, m_2, ..``."""
        sizes = (1, *self._sizes(m))
        widths, ranks = (
            tuple(sum(x * y for x, y in zip(row, sizes, strict=True)) for row in self.detail[key])
            for key in ("widths", "ranks")
        )
        return widths, ranks

    def sentence(self) -> str:
        return (
            f"Widths {', '.join(self.widths)} with ranks {', '.join(self.ranks)}: "
            f"dim = {self.value} for all m_j >= 2"
        )

    def lines(self) -> list[str]:
        return [e.summary() for c in self.claims for e in c.evidence]

    def formula(self) -> str:
        text = self.value.replace("*", " ")
        for n in range(self.free, 0, -1):
            text = text.replace(f"m{n}", f"m_{{{n}}}")
        return rf"\dim \mathcal M = {text}"


def family(
    network: Architecture | None,
    *,
    depth: int | None,
    kind: str,
    tokens: int,
    seed: int,
    prime: int | None,
) -> EqualWidths | Multiplicities:
    """See :func:`algattn.dimension.family`."""
    prime = check_prime(DEFAULT_PRIME if prime is None else prime)
    check_seed(seed)
    if (network is None) == (depth is None):
        raise InputError("prove a family", "it needs a network or a depth, not both", "one of them")
    if network is not None:
        return _multiplicities(network, seed, prime)
    problem = {"family": {"kind": kind, "depth": depth, "tokens": tokens}}
    _read(problem)
    terms, values = {}, {}
    assert depth is not None
    for chart, cells in _cover(kind, depth, tokens, seed, prime):
        terms[chart.name] = terms_of(fit(cells[0], chart))
        values[chart.name] = print_terms(terms[chart.name])
    reasons: list[Evidence] = [CellCover(seed, prime)]
    if kind == "softmax" and tokens > 1:
        reasons.append(FamilyScores(seed, prime))
    found = EqualWidths.assemble(
        problem, values, dict.fromkeys(terms, reasons), detail={"terms": terms}
    )
    for claim in found.claims:
        for reason in claim.evidence:
            reason.check(found.problem, claim)
    return found


def _multiplicities(network: Architecture, seed: int, prime: int) -> Multiplicities:
    found = _certificate(network, seed, prime)
    if not found.exact:
        raise UndecidedError(
            f"prove a family around {network!r}",
            f"its symmetric points only show {found.lower} <= dimension <= {found.upper}",
            "another seed",
        )
    detail = _family_data(found)
    reasons: list[Evidence] = [SchurFamily(seed, prime)]
    if needs_scores(network):
        layers = score_layers(reduction_of(network), seed, prime)
        reasons.append(ScoresIndependent(seed, prime, layers))
    return Multiplicities.assemble(
        Problem.data(network), component_sum(detail), {"family": reasons}, detail=detail
    )
