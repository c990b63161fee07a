"""The Hilbert polynomial of one layer: what geometry predicts, where it is proved."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import comb
from typing import ClassVar

from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain_layer, unless
from algattn.errors import DisagreementError, UndecidedError
from algattn.formulas.degree import layer_degree
from algattn.formulas.one_layer import layer_dimension
from algattn.groebner.evidence import family_of
from algattn.groebner.graded import Family
from algattn.groebner.regularity import bound_of, meets, ring_value
from algattn.groebner.results import IdealResult, ideal
from algattn.results import (
    Claim,
    Evidence,
    ListLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)

#: The Hilbert function is the predicted one in all large degrees.
LARGE_DEGREES = Theorem(
    "Hilbert polynomial of one layer",
    "algattn/docs/equations.md",
    *plain_layer,
    unless("several tokens", "it has one token", lambda n: n.tokens > 1),
)


@register
@dataclass(frozen=True, repr=False)
class LayerHilbert(ListLike, Result):
    """The Hilbert polynomial of the closure of the function space of one layer.

    Attributes
    ----------
    value : tuple of int
        Integers ``c_0, c_1, ..`` with ``P(n) = sum c_i C(n + i, i)``; the last one is the degree.
    """

    problem: Problem
    value: tuple[int, ...]

    kind: ClassVar[str] = "hilbert.one-layer"
    title: ClassVar[str] = "How many functions of large degree are there on the function space?"
    lists: ClassVar[str] = "value"
    claim_names: ClassVar[tuple[str, ...]] = ("polynomial",)

    def outline(self) -> tuple[Outline, ...]:
        if not self.problem.asks() or not self.value or self.value[-1] < 1:
            return ()
        statement = f"the Hilbert polynomial is {self._spelled()}"
        return (Outline("polynomial", statement, self.value),)

    def __call__(self, n: int) -> int:
        """The value at a degree: the Hilbert function there, if it is large."""
        return sum(c * comb(n + i, i) for i, c in enumerate(self.value))

    def coefficients(self) -> tuple[Fraction, ...]:
        """The coefficients of 1, n, n^2, ..

        >>> from algattn import Lightning
        >>> Lightning(widths=(2, 1), ranks=1).hilbert_polynomial().coefficients()[-1]
        Fraction(1, 2)
        """
        total = [Fraction(0)] * len(self.value)
        part = [Fraction(1)]
        for i, c in enumerate(self.value):
            if i:  # C(n + i, i) from C(n + i - 1, i - 1)
                shifted, same = [Fraction(0), *part], [*part, Fraction(0)]
                part = [(a + b * i) / i for a, b in zip(shifted, same, strict=True)]
            for k, x in enumerate(part):
                total[k] += c * x
        return tuple(total)

    def degree(self) -> int:
        """The degree of the function space."""
        return self.value[-1]

    def _spelled(self) -> str:
        terms = [(c, f"C(n+{i},{i})" if i else "1") for i, c in enumerate(self.value) if c]
        return " + ".join(f"{c}*{x}" for c, x in reversed(terms)).replace("+ -", "- ")

    def sentence(self) -> str:
        return f"The Hilbert polynomial is {self._spelled()}"

    def formula(self) -> str:
        terms = [rf"{c} \binom{{n+{i}}}{{{i}}}" for i, c in enumerate(self.value) if c]
        return "P(n) = " + " + ".join(reversed(terms)).replace("+ -", "- ")


def predicted(family: Family) -> tuple[int, ...]:
    """The integers of the polynomial that the predicted Hilbert function is from some degree on.

    Its parts are polynomials as soon as the hooks of the pinch are partitions.

    >>> predicted(Family(2, 1, d_out=1, d=2))
    (0, 0, -2, 3)
    """
    top = layer_dimension(family.d, family.d_out, family.rank, family.tokens) - 1
    start = family.d + family.d_out
    values = [ring_value(family, start + i) for i in range(top + 1)]
    out: list[int] = []
    for i in reversed(range(top + 1)):  # the i-th difference of C(n + i, i) is 1
        differences = values
        for _ in range(i):
            differences = [b - a for a, b in pairwise(differences)]
        c = differences[0]
        out.append(c)
        values = [v - c * comb(start + k + i, i) for k, v in enumerate(values)]
    return tuple(reversed(out))


@declare("hilbert.large", about("hilbert.one-layer", "polynomial"), Status.PROVED, recomputed=True)
@dataclass(frozen=True)
class LargeDegrees(Evidence):
    """Lemma "complete", part 3: gluing and pinching give the Hilbert function in large degrees."""

    def check(self, problem: Problem, claim: Claim) -> None:
        family = family_of(problem.under(LARGE_DEGREES))
        self.expect(claim.value, predicted(family), "the formula gives other numbers")


@declare("hilbert.compared", about("hilbert.one-layer", "polynomial"), Status.PROVED)
@dataclass(frozen=True)
class ComparedDegrees(Evidence):
    """Lemma "complete", part 2: the Hilbert function is as predicted in one degree."""

    ideal: Result

    @property
    def level(self) -> Status:
        return self.ideal.status

    def check(self, problem: Problem, claim: Claim) -> None:
        table, family = self.ideal, family_of(problem.network)
        if not isinstance(table, IdealResult) or table.problem != Problem(problem.network):
            raise self.fail("it holds no equations of this layer")
        if table.characteristic or table.max_degree < bound_of(family):
            raise self.fail("the equations are known up to a smaller degree, or modulo a prime")
        table.check()
        if not meets(family, table.rows):
            raise self.fail("the Hilbert function is not as predicted")
        self.expect(claim.value, predicted(family), "the formula gives other numbers")


def hilbert_polynomial(network: Architecture, *, time_limit: float | None = 60.0) -> LayerHilbert:
    """See ``Lightning.hilbert_polynomial``."""
    family, asked = family_of(network), f"find the Hilbert polynomial of {network!r}"
    proof: Evidence
    if LARGE_DEGREES.covers(network):
        proof = LargeDegrees()
    else:
        table = ideal(network, max(bound_of(family), 1), time_limit=time_limit)
        if not meets(family, table.rows):
            raise UndecidedError(
                asked,
                f"the Hilbert function in degree {bound_of(family)} is not as predicted",
                "net.map().hilbert(degree), its values",
                table,
            )
        proof = ComparedDegrees(table)
    value = predicted(family)
    known = layer_degree(family.d, family.d_out, family.rank, network.tokens)
    if value[-1] != known:
        raise DisagreementError(
            asked, f"its degree is {value[-1]}, by the formula {known}", "report this", value
        )
    return LayerHilbert.assemble(Problem(network), value, {"polynomial": [proof]})
