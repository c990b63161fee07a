"""The degree of the function space of one layer, with its factors and their proofs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb
from typing import Any, ClassVar

from algattn.errors import DisagreementError, HypothesisError, LimitError
from algattn.formulas.degree import determinantal_degree, layer_degree, symmetric_degree
from algattn.formulas.one_layer import determinantal_dimension, symmetric_dimension
from algattn.networks import Architecture
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Status, about, register
from algattn.results.legacy import LegacyResult

#: Python writes and reads integers of at most 4300 digits.
MAX_DIGITS = 4000


@register
@dataclass(frozen=True, repr=False)
class DegreeResult(LegacyResult):
    """The degree of the Zariski closure of the function space, as an affine cone.

    ``detail`` holds its factors: ``binomial * forms / delta``, where ``forms`` is the degree of the
    variety of attention forms and ``delta`` the number of pairs (A, V) of a general function.
    """

    kind: ClassVar[str] = "point.degree"
    title: ClassVar[str] = "Degree"
    claim_names: ClassVar[tuple[str, ...]] = (
        "degree",
        "factors",
        "forms",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        return (
            Outline("degree", f"the degree of the function space is {value}", value),
            Outline(
                "forms",
                f"the variety of attention forms has degree {detail['forms']}",
                detail["forms"],
            ),
            Outline(
                "factors",
                f"{value} = {detail['binomial']} * {detail['forms']} / {detail['delta']}",
                detail,
            ),
        )

    def sentence(self) -> str:
        d = self.detail
        return (
            f"The function space has degree {self.value} = "
            f"{d['binomial']} * {d['forms']} / {d['delta']}"
        )

    def formula(self) -> str:
        d = self.detail
        return (
            rf"\deg \mathcal M = {d['binomial']} \cdot {d['forms']} / {d['delta']} = {self.value}"
        )


@register
@dataclass(frozen=True)
class DegreeLemma(Evidence):
    """Lemma "degree": intersection numbers of a Segre product, and the fiber lemmas."""

    kind: ClassVar[str] = "point.degree-lemma"
    supports = about("point.degree", "degree, factors, forms")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network = Problem.of(problem).network
        value, detail, elementary = degree_factors(network)
        if claim.name == "forms" and not elementary:
            raise self.fail("the degree of these forms is not among those proved in the lemma")
        self.expect(
            claim.value,
            {"degree": value, "forms": detail["forms"], "factors": detail}[claim.name],
            "the factors say otherwise",
        )


@register
@dataclass(frozen=True)
class FormsTheorem(Evidence):
    """Degrees of determinantal varieties (Harris, Example 19.10; Harris and Tu for symmetric)."""

    kind: ClassVar[str] = "point.forms-theorem"
    supports = about("point.degree", "forms")
    strength: ClassVar[Status] = Status.THEOREM

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        _, detail, _ = degree_factors(Problem.of(problem).network)
        self.expect((claim.name, claim.value), ("forms", detail["forms"]), "the formula differs")


def degree_factors(network: Architecture) -> tuple[int, dict[str, int], bool]:
    """Degree, its factors, and whether the degree of the forms has an elementary proof.

    Elementary are: no condition on the rank, corank one (a determinant), rank one (a Segre or
    Veronese variety) and, for symmetric forms, rank two (products of two lines).

    >>> from algattn import Lightning
    >>> degree_factors(Lightning(widths=(3, 1), ranks=1))
    (45, {'binomial': 15, 'forms': 6, 'delta': 2}, True)
    """
    if network.layers != 1:
        raise HypothesisError(
            f"find the degree of {network!r}",
            f"the closed formula is for one layer, and it has {network.layers} layers",
            "use a network of one layer",
        )
    d, d_out, a = network.d_in, network.d_out, network.ranks[0]
    n = d * d_out - 1
    if network.tokens == 1:
        rank = min(2 * a, d)
        m, forms = symmetric_dimension(d, rank) - 1, symmetric_degree(d, rank)
        delta = 3 if d_out == 1 and rank == 2 else 1
        elementary = rank in {1, 2, d - 1, d}
    else:
        rank = min(a, d)
        m, forms = determinantal_dimension(d, rank) - 1, determinantal_degree(d, rank)
        delta = 2 if d_out == rank == 1 and d >= 2 else 1
        elementary = rank in {1, d - 1, d}
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
    return value, {"binomial": binomial, "forms": forms, "delta": delta}, elementary


def degree(network: Architecture) -> DegreeResult:
    """The degree of the function space of one layer; see ``Lightning.degree``."""
    value, detail, elementary = degree_factors(network)
    if value >= 10**MAX_DIGITS:
        raise LimitError(
            f"find the degree of {network!r}",
            f"it has more than {MAX_DIGITS} digits, too many for a file",
            "use smaller widths, or `.partial`, the number",
            value,
        )
    lemma: list[Evidence] = [DegreeLemma()]
    forms: list[Evidence] = lemma if elementary else [FormsTheorem()]
    return DegreeResult.assemble(
        Problem.data(network), value, {"degree": lemma, "forms": forms, "factors": lemma}, detail
    )
