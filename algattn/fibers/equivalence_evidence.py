"""What proves that two weight tuples have the same function, or that they do not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from algattn.attention import Architecture, FunctionMap, GaugeElement, Weights
from algattn.attention.problem import Problem
from algattn.attention.theorems import lightning, softmax
from algattn.errors import FieldError
from algattn.exact import QQ, Field, Matrix
from algattn.fibers.gauge_transport import GAUGE, carries, swapped
from algattn.fibers.layer_permutations import same_function
from algattn.fibers.normal_form import normal_form, virtual_normal_forms
from algattn.fibers.points import Point, compare_at, separated, softmax_balls
from algattn.fibers.softmax import softmax_same
from algattn.results import Claim, Evidence, Status, about, declare, freeze, thaw

#: Numbers as the field of the weights writes them, row by row.
Rows = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class ElementData:
    """A gauge element as it is written; the field is that of the weights."""

    scalings: tuple[Any, ...]
    between: tuple[Rows, ...]
    heads: tuple[Rows, ...]

    @staticmethod
    def of(element: GaugeElement) -> ElementData:
        data: dict[str, Any] = freeze(element.to_data())
        return ElementData(**data)

    def element(self, field: Field) -> GaugeElement:
        """The group element over a field."""
        between, heads = (
            tuple(Matrix(field, m) for m in part) for part in (self.between, self.heads)
        )
        return GaugeElement(tuple(field(c) for c in self.scalings), between, heads, field)


@declare("equivalence.carries", about("equivalence.pair", "same"), Status.PROVED)
@dataclass(frozen=True)
class Carries(Evidence):
    """A gauge element carries the first weights to the second, checked entry by entry."""

    swap: bool
    data: ElementData

    def check(self, problem: Problem, claim: Claim) -> None:
        first, second = problem.pair
        network = problem.under(GAUGE)
        if claim.value is not True:
            raise self.fail("it can only prove that networks agree")
        element = self.data.element(first.field)
        self.expect(self.data, element, "the element is spelled in another way")
        if first.form != second.form:
            first, second = first.to_AV(), second.to_AV()
        unit = GaugeElement.identity(network, first.field)
        if len(element.key_query) != len(unit.key_query):
            raise self.fail("the element is one of another network")
        if first.form == "AV" and element.key_query != unit.key_query:
            raise self.fail("nothing moves inside the heads of (A, V)")
        start = swapped(first) if self.swap else first
        if start is None or not carries(element, start, second):
            raise self.fail("the element does not carry the first weights to the second")


@declare("equivalence.normal-forms", about("equivalence.pair", "same"), Status.PROVED)
@dataclass(frozen=True)
class NormalForms(Evidence):
    """Both weight tuples have the same normal form (lemma "deep fiber")."""

    form: Any  # what `normal_form` says, which has another shape in every stratum

    def check(self, problem: Problem, claim: Claim) -> None:
        network, (first, second) = problem.network, problem.pair
        if claim.value is not True:
            raise self.fail("it can only prove that networks agree")
        one, two = virtual_normal_forms(network, first, second)
        self.expect(self.form, normal_form(one), "the normal form is another one")
        if same_function(one, two) is not True:
            raise self.fail("the normal forms do not agree")


@declare("equivalence.differs", about("equivalence.pair", "same"), Status.PROVED)
@dataclass(frozen=True)
class Differs(Evidence):
    """An integer input at which the two outputs differ, evaluated exactly."""

    X: tuple[tuple[int, ...], ...]
    entry: tuple[int, int]
    left: Any  # as the field of the weights writes numbers
    right: Any
    modulus: int

    def point(self) -> Point:
        return Point(self.X, self.entry, thaw(self.left), thaw(self.right), self.modulus)

    def check(self, problem: Problem, claim: Claim) -> None:
        network, (first, second) = problem.network, problem.pair
        if claim.value is not False or not lightning.holds(network):
            raise self.fail("it can only prove that lightning networks differ")
        _check_input(self, network)
        if self.modulus and first.field != QQ:
            raise self.fail("residues are for rational weights")
        i, j = self.entry
        one, two = compare_at(network, first, second, self.X, self.modulus)
        if one[i, j] == two[i, j]:
            raise self.fail("the outputs agree there")
        found = [one.field.format(m[i, j]) for m in (one, two)]
        self.expect([self.left, self.right], found, "the outputs are others")


def _check_input(evidence: Differs | BallsDiffer, network: Architecture) -> None:
    """X is an integer d x t matrix and `entry` is a place in the d' x t output."""
    X, entry = evidence.X, evidence.entry
    if (len(X), {len(row) for row in X}) != (network.d_in, {network.tokens}):
        raise evidence.fail("X has another shape")
    sizes = (network.d_out, network.tokens)
    if any(not 0 <= n < size for n, size in zip(entry, sizes, strict=True)):
        raise evidence.fail("the entry is outside the output")


@declare("equivalence.same-virtual", about("equivalence.pair", "same"), Status.PROVED)
@dataclass(frozen=True)
class SameVirtual(Evidence):
    """Both have the same V and the same forms that a softmax network sees (lemma "softmax")."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network, (first, second) = problem.network, problem.pair
        if claim.value is not True:
            raise self.fail("it can only prove that networks agree")
        if not softmax_same(network, first, second):
            raise self.fail("the virtual weights differ")


@declare("equivalence.balls-differ", about("equivalence.pair", "same"), Status.PROVED)
@dataclass(frozen=True)
class BallsDiffer(Evidence):
    """An integer input at which ball arithmetic separates the two outputs."""

    X: tuple[tuple[int, ...], ...]
    entry: tuple[int, int]
    left: str
    right: str

    def point(self) -> Point:
        return Point(self.X, self.entry, self.left, self.right)

    def check(self, problem: Problem, claim: Claim) -> None:
        network, (first, second) = problem.network, problem.pair
        if claim.value is not False or not softmax.holds(network):
            raise self.fail("it can only prove that softmax networks differ")
        _check_input(self, network)
        if separated(network, first, second, self.X) != self.entry:
            raise self.fail("the balls are not separated there")
        i, j = self.entry
        for weights, text in ((first, self.left), (second, self.right)):
            ball = softmax_balls(network, weights, self.X, 256)[i][j]
            if ball.mid().str(20, radius=False) != text:
                raise self.fail("the outputs are others")


@declare("equivalence.identifiable", about("equivalence.pair", "same"), Status.PROVED)
@dataclass(frozen=True)
class Identifiable(Evidence):
    """V or a form that the network sees differs, and the function determines them.

    Lemma "softmax" of the documentation, for all weights on both sides.
    """

    def check(self, problem: Problem, claim: Claim) -> None:
        network, (first, second) = problem.network, problem.pair
        if claim.value is not False:
            raise self.fail("it can only prove that networks differ")
        if softmax_same(network, first, second):
            raise self.fail("the virtual weights that it sees agree")


@declare("equivalence.same-weights", about("equivalence.pair", "same"), Status.PROVED)
@dataclass(frozen=True)
class SameWeights(Evidence):
    """The weights are equal, matrix by matrix."""

    def check(self, problem: Problem, claim: Claim) -> None:
        first, second = problem.pair
        if claim.value is not True or first != second:
            raise self.fail("it can only prove that equal weights have the same function")


@declare("equivalence.coefficients", about("equivalence.pair", "same"), Status.PROVED)
@dataclass(frozen=True)
class Coefficients(Evidence):
    """The coefficients of both functions, expanded: all are equal, or some are not."""

    def check(self, problem: Problem, claim: Claim) -> None:
        found = same_coefficients(problem.network, *problem.pair)
        self.expect(claim.value, found, "the coefficients say the contrary")


def same_coefficients(network: Architecture, first: Weights, second: Weights) -> bool:
    """Whether two lightning functions have the same coefficients (in characteristic 0)."""
    if first.field.characteristic:
        raise FieldError("compare coefficients", f"the field is {first.field}", "rational weights")
    one, two = (FunctionMap.of(network, weights) for weights in (first, second))
    return one == two
