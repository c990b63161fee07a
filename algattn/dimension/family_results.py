"""Dimensions of infinite families of shapes, as results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

from flint import fmpq

from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.dimension.evidence import SCORES, ScoresIndependent, network_scores
from algattn.dimension.families import Chart, SolvedCell, charts, cover, covers, fit
from algattn.dimension.isotypic import Components
from algattn.dimension.modular import DEFAULT_PRIME, check_prime
from algattn.dimension.printing import component_sum, linear, polynomial, print_terms, terms_of
from algattn.dimension.reduction import Kind, reduce_shape
from algattn.dimension.scores import score_layers, scores_witness
from algattn.dimension.subject import needs_scores, reduction_of
from algattn.dimension.symmetric import SymmetricCertificate, symmetric_certificate
from algattn.errors import HypothesisError, InputError, UndecidedError
from algattn.results import (
    BOTH_SIDES,
    Claim,
    Evidence,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)
from algattn.words import one_of, quoted

__all__ = ["EqualWidths", "Multiplicities", "family"]

MAX_DEPTH = 200


@dataclass(frozen=True)
class Shapes:
    """All networks of one kind, depth and number of tokens with equal widths and ranks."""

    kind: Literal["lightning", "softmax"]
    depth: int
    tokens: int

    def __post_init__(self) -> None:
        one_of(self.kind, [k.value for k in Kind], "read a family", "kind")
        for name, value, most in (
            ("depth", self.depth, MAX_DEPTH),
            ("tokens", self.tokens, 10**6),
        ):
            if type(value) is not int or not 1 <= value <= most:
                raise InputError(
                    "read a family",
                    f"{name} is {quoted(value)}",
                    f"a whole number from 1 to {most}",
                )


@dataclass(frozen=True)
class FamilyProblem:
    """The problem of :class:`EqualWidths`."""

    family: Shapes


@lru_cache(maxsize=4)
def _cover(
    kind: str, depth: int, tokens: int, seed: int, prime: int
) -> tuple[tuple[Chart, tuple[SolvedCell, ...]], ...]:
    """The charts of a family with the cells that cover them."""
    found = charts(Kind(kind), tokens)
    what = Kind(kind)
    cells = (cover(c, depth, kind=what, tokens=tokens, seed=seed, prime=prime) for c in found)
    return tuple(zip(found, map(tuple, cells), strict=True))


@declare(
    "dimension.cell-cover", about("dimension.equal-widths", "*"), Status.PROVED, sides=BOTH_SIDES
)
@dataclass(frozen=True)
class CellCover(Evidence):
    """Symmetric points whose cells cover all shapes, with equal bounds on each.

    The bounds are polynomials on every cell by Schur's lemma, compared at enough shapes.
    """

    seed: int
    prime: int

    def check(self, problem: FamilyProblem, claim: Claim) -> None:
        family = problem.family
        wanted = polynomial(claim.value)
        self.expect(claim.value, terms_of(wanted), "the polynomial is spelled in another way")
        cover = _cover(family.kind, family.depth, family.tokens, self.seed, self.prime)
        for chart, cells in cover:
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


@declare(
    "dimension.family-scores",
    about("dimension.equal-widths", "*"),
    Status.PROVED,
    sides=frozenset({SCORES}),
)
@dataclass(frozen=True)
class FamilyScores(Evidence):
    """The exponentials are independent for d = 1 and for all d >= 2 of this depth."""

    seed: int
    prime: int

    def check(self, problem: FamilyProblem, claim: Claim) -> None:
        depth, tokens = problem.family.depth, problem.family.tokens
        if problem.family.kind != Kind.SOFTMAX.value:
            raise self.fail("these networks have no exponentials")
        for d in (1, 2):
            shape = reduce_shape((d,) * (depth + 1), (1,) * depth, tokens=tokens, kind=Kind.SOFTMAX)
            if not all(score_layers(scores_witness(shape), self.seed, self.prime)):
                raise self.fail(f"the scores were not seen to be independent for d = {d}")


@register
@dataclass(frozen=True, repr=False)
class EqualWidths(Result):
    """The dimension of all networks with equal widths d and ranks a, ``1 <= a <= d``.

    ``value`` maps conditions on (d, a) to polynomials; :meth:`at` evaluates.
    """

    problem: FamilyProblem
    value: Mapping[str, str]
    #: Rows (i, j, coefficient of d^i a^j), by condition.
    terms: Mapping[str, tuple[tuple[int, int, str], ...]]

    kind: ClassVar[str] = "dimension.equal-widths"
    title: ClassVar[str] = "What is the dimension for all sizes of this family?"
    explained: ClassVar[bool] = True
    claim_names: ClassVar[tuple[str, ...]] = ("*",)  # the conditions on (d, a)

    def outline(self) -> tuple[Outline, ...]:
        family = self.problem.family
        names = [c.name for c in charts(Kind(family.kind), family.tokens)]
        if list(self.terms) != names:
            return ()
        if self.value != {name: print_terms(self.terms[name]) for name in names}:
            return ()
        needs: tuple[str, ...] = ("lower", "upper")
        if family.kind == Kind.SOFTMAX.value and family.tokens > 1:
            needs = ("lower", SCORES, "upper")
        return tuple(
            Outline(
                name,
                f"the dimension is {self.value[name]} for all {name}",
                self.terms[name],
                needs,
            )
            for name in names
        )

    def check(self) -> None:
        _cover.cache_clear()
        super().check()

    @property
    def polynomials(self) -> dict[str, dict[tuple[int, int], fmpq]]:
        """Coefficients of ``d^i a^j``, by condition."""
        return {name: polynomial(terms) for name, terms in self.terms.items()}

    def at(self, d: int, a: int) -> int:
        """The dimension for width d and rank a (ranks above d count as d)."""
        if d < 1 or a < 1:
            raise HypothesisError(
                "evaluate a family", f"d = {d} and a = {a} are not both positive", "d, a >= 1"
            )
        a = min(a, d)
        family = self.problem.family
        split = family.kind == "lightning" and family.tokens == 1 and d < 2 * a
        name = [c.name for c in charts(Kind(family.kind), family.tokens)][int(split)]
        found = sum((c * d**i * a**j for (i, j), c in self.polynomials[name].items()), fmpq(0))
        assert found.q == 1
        return int(found.p)

    def sentence(self) -> str:
        family = self.problem.family
        parts = "; ".join(f"dim = {text} for all {name}" for name, text in self.value.items())
        many = "2 or more tokens" if family.tokens > 1 else "1 token"
        return f"At depth {family.depth} on {many}, {family.kind}: {parts}"

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


@declare(
    "dimension.schur-family",
    about("dimension.multiplicities", "family"),
    Status.PROVED,
    sides=BOTH_SIDES,
)
@dataclass(frozen=True)
class SchurFamily(Evidence):
    """Equal bounds on every isotypic component at one symmetric point.

    By Schur's lemma the component ranks are the same for all factor sizes from 2 on.
    """

    seed: int
    prime: int

    def check(self, problem: Problem, claim: Claim) -> None:
        found = _certificate(problem.network, self.seed, self.prime)
        parts = found.ranks
        for name, n in parts.parameters.ranks:
            if parts.jacobian.rank(name) + parts.gauge.rank(name) != n:
                raise self.fail(f"the bounds differ on the component {name}")
        self.expect(
            claim.value, _family_data(found), "the components are not those of this network"
        )

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
class Multiplicities(Result):
    """The dimension of all shapes that share the orthogonal symmetry of one network.

    ``value`` is the polynomial in the factor sizes ``m_1, m_2, ..`` (all at least 2, those written
    as numbers are 1); :attr:`widths` and :attr:`ranks` tell the shapes, :meth:`at` evaluates.
    """

    problem: Problem
    value: str
    #: The factor sizes of the network itself; those equal to 1 stay 1.
    sizes: tuple[int, ...]
    components: tuple[tuple[str, int, int, int], ...]
    width_rows: tuple[tuple[int, ...], ...]
    rank_rows: tuple[tuple[int, ...], ...]

    kind: ClassVar[str] = "dimension.multiplicities"
    title: ClassVar[str] = "What is the dimension for all sizes of this family?"
    explained: ClassVar[bool] = True
    claim_names: ClassVar[tuple[str, ...]] = ("family",)

    def outline(self) -> tuple[Outline, ...]:
        data = self._data()
        if self.value != component_sum(data):
            return ()
        scores = needs_scores(self.problem.network)
        needs = ("lower", SCORES, "upper") if scores else ("lower", "upper")
        return (Outline("family", f"the dimension is {self.value} for all m_j >= 2", data, needs),)

    def _data(self) -> dict[str, Any]:
        return {
            "sizes": self.sizes,
            "components": self.components,
            "widths": self.width_rows,
            "ranks": self.rank_rows,
        }

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        detail = dict(parts["detail"])
        detail |= {"width_rows": detail.pop("widths"), "rank_rows": detail.pop("ranks")}
        return parts | {"detail": detail}, evidence

    def check(self) -> None:
        _certificate.cache_clear()
        super().check()

    @property
    def free(self) -> int:
        """How many sizes ``m_j`` may vary."""
        return sum(m >= 2 for m in self.sizes)

    @property
    def widths(self) -> tuple[str, ...]:
        """The widths (effective ones) in terms of the sizes."""
        return tuple(linear(self.sizes, row) for row in self.width_rows)

    @property
    def ranks(self) -> tuple[str, ...]:
        """The ranks (effective ones) in terms of the sizes."""
        return tuple(linear(self.sizes, row) for row in self.rank_rows)

    def _sizes(self, m: Sequence[int]) -> tuple[int, ...]:
        if len(m) != self.free or any(type(x) is not int or x < 2 for x in m):
            raise HypothesisError(
                "evaluate a family", f"the sizes are {tuple(m)}", f"{self.free} numbers from 2 on"
            )
        numbers = iter(m)
        return tuple(next(numbers) if own >= 2 else 1 for own in self.sizes)

    def at(self, *m: int) -> int:
        """The dimension for the sizes ``m_1, m_2, ..``."""
        ranks = tuple(((k, i, j), r) for k, i, j, r in self.components)
        return Components(self.sizes, ranks).total(self._sizes(m))

    def shape(self, *m: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The widths and ranks for the sizes ``m_1, m_2, ..``."""
        sizes = (1, *self._sizes(m))
        widths, ranks = (
            tuple(sum(x * y for x, y in zip(row, sizes, strict=True)) for row in rows)
            for rows in (self.width_rows, self.rank_rows)
        )
        return widths, ranks

    def sentence(self) -> str:
        return (
            f"Widths {', '.join(self.widths)} with ranks {', '.join(self.ranks)}: "
            f"dim = {self.value} for all m_j >= 2"
        )

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
    if (network is None) == (depth is None):
        raise InputError("prove a family", "it needs a network or a depth, not both", "one of them")
    if network is not None:
        return _multiplicities(network, seed, prime)
    assert depth is not None
    problem = FamilyProblem(Shapes(kind, depth, tokens))  # type: ignore[arg-type]
    terms, values = {}, {}
    for chart, cells in _cover(kind, depth, tokens, seed, prime):
        terms[chart.name] = terms_of(fit(cells[0], chart))
        values[chart.name] = print_terms(terms[chart.name])
    reasons: list[Evidence] = [CellCover(seed, prime)]
    if kind == "softmax" and tokens > 1:
        reasons.append(FamilyScores(seed, prime))
    found = EqualWidths.assemble(problem, values, dict.fromkeys(terms, reasons), terms=terms)
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
        layers = network_scores(network, seed, prime)
        reasons.append(ScoresIndependent(seed, prime, layers))
    return Multiplicities.assemble(
        Problem(network),
        component_sum(detail),
        {"family": reasons},
        sizes=detail["sizes"],
        components=detail["components"],
        width_rows=detail["widths"],
        rank_rows=detail["ranks"],
    )
