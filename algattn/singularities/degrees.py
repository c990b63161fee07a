"""The degree of the function space of one layer, with its factors and their proofs."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb, lgamma, log
from typing import Any, ClassVar

from algattn.attention import Architecture, FunctionMap
from algattn.attention.coordinates import natural_count
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain_layer, unless
from algattn.attention.weights import random_weights
from algattn.errors import DisagreementError, LimitError
from algattn.exact import QQ, Matrix
from algattn.fibers.factorisation import factor_pairs, symmetric_classes
from algattn.formulas.degree import determinantal_degree, layer_degree, symmetric_degree
from algattn.formulas.one_layer import determinantal_dimension, symmetric_dimension
from algattn.results import (
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
from algattn.singularities.theorem import SINGULARITIES
from algattn.symbolic.differential import local_rank

DEGREE = Theorem("degree", SINGULARITIES, *plain_layer)


def _elementary(network: Architecture) -> bool:
    """No condition on the rank, a determinant, a Segre or Veronese variety, products of lines."""
    one, d = network.tokens == 1, network.d_in
    rank = min(network.ranks[0] * (2 if one else 1), d)
    return rank in ({1, 2, d - 1, d} if one else {1, d - 1, d})


#: Where the degree of the attention forms is proved too; elsewhere it is cited.
ELEMENTARY = Theorem(
    "Elementary degrees",
    SINGULARITIES,
    *plain_layer,
    unless(
        "forms of rank 1, d - 1 or d (2 for one token)",
        "its forms are none of those",
        _elementary,
    ),
)

#: Python writes and reads integers of at most 4300 digits.
MAX_DIGITS = 4000

#: Longer degrees are not computed at all.
MORE_DIGITS = 20_000

#: Entries of a Jacobian up to which a random function is examined.
MAX_TABLE = 20_000


@register
@dataclass(frozen=True, repr=False, eq=False)
class DegreeResult(NumberLike, Result):
    """The degree of the Zariski closure of the function space, as an affine cone.

    It is ``binomial * forms / delta``, where ``forms`` is the degree of the variety of attention
    forms and ``delta`` the number of pairs (A, V) of a general function.
    """

    kind: ClassVar[str] = "point.degree"
    title: ClassVar[str] = "What is the degree of the function space?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "degree",
        "factors",
        "forms",
    )

    problem: Problem
    value: int
    binomial: int
    forms: int
    delta: int

    def outline(self) -> tuple[Outline, ...]:
        product = self.binomial * self.forms
        if not self.problem.asks() or self.value * self.delta != product:
            return ()
        said = degree_claims(self.value, self.binomial, self.forms, self.delta)
        statements = (
            f"the degree of the function space is {self.value}",
            f"the variety of attention forms has degree {self.forms}",
            f"{self.value} = {self.binomial} * {self.forms} / {self.delta}",
        )
        return tuple(
            Outline(name, text, value)
            for text, (name, value) in zip(statements, said.items(), strict=True)
        )

    def sentence(self) -> str:
        return (
            f"The function space has degree {self.value} = "
            f"{self.binomial} * {self.forms} / {self.delta}"
        )

    def formula(self) -> str:
        return (
            rf"\deg \mathcal M = {self.binomial} \cdot {self.forms} / {self.delta} = {self.value}"
        )


def degree_claims(value: int, binomial: int, forms: int, delta: int) -> dict[str, Any]:
    """The values of the claims, by name."""
    return {
        "degree": value,
        "forms": forms,
        "factors": {"binomial": binomial, "forms": forms, "delta": delta},
    }


@declare(
    "point.degree-lemma",
    about("point.degree", "degree, factors, forms"),
    Status.PROVED,
    recomputed=True,
)
@dataclass(frozen=True)
class DegreeLemma(Evidence):
    """Lemma "degree": intersection numbers of a Segre product, and the fiber lemmas."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.under(ELEMENTARY if claim.name == "forms" else DEGREE)
        value, factors = degree_factors(network)
        expected = degree_claims(value, **factors)[claim.name]
        self.expect(claim.value, expected, "the factors say otherwise")


@declare("point.forms-theorem", about("point.degree", "forms"), Status.THEOREM, recomputed=True)
@dataclass(frozen=True)
class FormsTheorem(Evidence):
    """Degrees of determinantal varieties (Harris, Example 19.10; Harris and Tu for symmetric)."""

    def check(self, problem: Problem, claim: Claim) -> None:
        _, factors = degree_factors(problem.network)
        self.expect((claim.name, claim.value), ("forms", factors["forms"]), "the formula differs")


@declare("point.degree-count", about("point.degree", "degree, factors, forms"), Status.PROBABLE)
@dataclass(frozen=True)
class DegreeCount(Evidence):
    """Porteous determinants for the forms; rank and preimages of one random function counted.

    None of the closed formulas of the lemma is used: the dimension is the rank of the derivative,
    delta the number of complex pairs (A, V) up to scaling.
    """

    def check(self, problem: Problem, claim: Claim) -> None:
        network = problem.under(DEGREE)
        if not _is_small(network):
            raise self.fail("the network is too large")
        said = degree_claims(*_counted(network))[claim.name]
        self.expect(claim.value, said, "the counts say otherwise")


def _is_small(network: Architecture) -> bool:
    """Whether a random function is examined."""
    rows = natural_count(network.d_in, network.d_out, network.tokens)
    return rows * network.d_in * (network.d_in + network.d_out) <= MAX_TABLE


@lru_cache(maxsize=8)
def _counted(network: Architecture) -> tuple[int, int, int, int]:
    """Degree, binomial, forms and delta without closed formulas."""
    weights = random_weights(network, 0, form="AV", size=10**6)
    function = FunctionMap.of(network, weights)
    pairs = symmetric_classes if network.tokens == 1 else factor_pairs
    dimension, delta = local_rank(network, weights), len(pairs(function))
    d, n = network.d_in, network.d_in * network.d_out - 1
    binomial = comb(dimension - 1, n)
    forms = porteous(d, network.ranks[0], symmetric=network.tokens == 1)
    return binomial * forms // delta, binomial, forms, delta


def porteous(d: int, a: int, *, symmetric: bool) -> int:
    """The degree of the forms ``K^T Q`` (their symmetric parts) with a rows, as a determinant.

    >>> porteous(4, 2, symmetric=False), porteous(4, 1, symmetric=True)
    (20, 10)
    """
    k = max(0, d - (2 * a if symmetric else a))

    def entry(m: int) -> str:
        """The class of degree m of d line bundles, by half a hyperplane each when symmetric."""
        return str(Fraction(comb(d, m), 2**m if symmetric else 1)) if m >= 0 else "0"

    step = 2 if symmetric else 1
    table = [[entry(k - step * i + j) for j in range(k)] for i in range(k)]
    determinant = Fraction(str(Matrix(QQ, table, (k, k)).det()))
    return int(determinant * (2**k if symmetric else 1))


def degree_factors(network: Architecture) -> tuple[int, dict[str, int]]:
    """Degree and its factors.

    >>> from algattn import Lightning
    >>> degree_factors(Lightning(widths=(3, 1), ranks=1))
    (45, {'binomial': 15, 'forms': 6, 'delta': 2})
    """
    DEGREE.require(network, "find the degree")
    d, d_out, a = network.d_in, network.d_out, network.ranks[0]
    n = d * d_out - 1
    if network.tokens == 1:
        rank = min(2 * a, d)
        m, forms = symmetric_dimension(d, rank) - 1, symmetric_degree(d, rank)
        delta = 3 if d_out == 1 and rank == 2 else 1
    else:
        rank = min(a, d)
        m, forms = determinantal_dimension(d, rank) - 1, determinantal_degree(d, rank)
        delta = 2 if d_out == rank == 1 and d >= 2 else 1
    binomial = comb(m + n, n)
    value, rest = divmod(binomial * forms, delta)
    known = layer_degree(d, d_out, a, network.tokens)
    if rest or value != known:
        raise DisagreementError(
            f"find the degree of {network!r}",
            f"the factors give {binomial} * {forms} / {delta}, the formula {known}",
            "report this",
            (value, known),
        )
    return value, {"binomial": binomial, "forms": forms, "delta": delta}


def _digits(network: Architecture) -> int:
    """A lower bound, about, for the digits of the degree: those of its binomial coefficient."""
    d, d_out, a = network.d_in, network.d_out, network.ranks[0]
    one = network.tokens == 1
    m = symmetric_dimension(d, 2 * a) - 1 if one else determinantal_dimension(d, a) - 1
    n = d * d_out - 1
    return int((lgamma(m + n + 1) - lgamma(m + 1) - lgamma(n + 1)) / log(10) * 0.99)


def degree(network: Architecture) -> DegreeResult:
    """The degree of the function space of one layer; see ``Lightning.degree``."""
    DEGREE.require(network, "find the degree")
    if (least := _digits(network)) > MORE_DIGITS:
        raise LimitError(
            f"find the degree of {network!r}",
            f"it has more than {least} digits, and {MAX_DIGITS} fit in a file",
            "use smaller widths",
        )
    value, factors = degree_factors(network)
    if value >= 10**MAX_DIGITS:
        raise LimitError(
            f"find the degree of {network!r}",
            f"it has more than {MAX_DIGITS} digits, too many for a file",
            "use smaller widths, or `.partial`, the number",
            value,
        )
    count: list[Evidence] = [DegreeCount()] if _is_small(network) else []
    lemma: list[Evidence] = [DegreeLemma(), *count]
    forms: list[Evidence] = lemma if ELEMENTARY.covers(network) else [FormsTheorem(), *count]
    evidence = {"degree": lemma, "forms": forms, "factors": lemma}
    return DegreeResult.assemble(Problem(network), value, evidence, **factors)
