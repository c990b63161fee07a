"""What proves that two weight tuples have the same function, or that they do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import FieldError
from algattn.exact import QQ, Field, Matrix
from algattn.fibers.carry import carries, swapped
from algattn.fibers.normal_form import anatomies, normal_form
from algattn.fibers.points import Point, compare_at, separated, softmax_balls
from algattn.fibers.rearrange import same_function
from algattn.fibers.softmax import identifiable, softmax_same
from algattn.networks import Architecture, GaugeElement, Weights
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Status, about, canonical_json, register, thaw


def read_pair(problem: Mapping[str, Any]) -> tuple[Architecture, Weights, Weights]:
    """The network and both weight tuples of a problem, strictly."""
    rest = {k: v for k, v in problem.items() if k != "other"}
    first = Problem.of(rest)
    second = Problem.of({"network": rest.get("network"), "weights": problem.get("other")})
    if "function" in rest:
        raise FieldError("read a pair", "it has a function too", "use the file as written")
    return first.any_network, first.weights, second.weights


@register
@dataclass(frozen=True)
class Carries(Evidence):
    """A gauge element carries the first weights to the second, checked entry by entry."""

    kind: ClassVar[str] = "equivalence.carries"
    supports = about("equivalence.pair", "same")
    strength: ClassVar[Status] = Status.PROVED

    swap: bool
    data: Any

    def element(self, field: Field) -> GaugeElement:
        data = thaw(self.data)
        between, heads = (tuple(Matrix(field, m) for m in data[k]) for k in ("between", "heads"))
        scalings = tuple(field(c) for c in data["scalings"])
        return GaugeElement(scalings, between, heads, field)

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, first, second = read_pair(problem)
        if claim.value is not True or network.kind != "lightning":
            raise self.fail("it can only prove that lightning networks agree")
        if type(self.swap) is not bool:
            raise self.fail("swap is spelled in another way")
        element = self.element(first.field)
        if canonical_json(element.to_data()) != canonical_json(self.data):
            raise self.fail("the element is spelled in another way")
        if first.form != second.form:
            first, second = first.to_AV(), second.to_AV()
        start = swapped(first) if self.swap else first
        if start is None or not carries(element, start, second):
            raise self.fail("the element does not carry the first weights to the second")


@register
@dataclass(frozen=True)
class NormalForms(Evidence):
    """Both weight tuples have the same normal form (lemma "deep fiber")."""

    kind: ClassVar[str] = "equivalence.normal-forms"
    supports = about("equivalence.pair", "same")
    strength: ClassVar[Status] = Status.PROVED

    form: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, first, second = read_pair(problem)
        if claim.value is not True or network.kind != "lightning":
            raise self.fail("it can only prove that lightning networks agree")
        one, two = anatomies(network, first, second)
        if canonical_json(normal_form(one)) != canonical_json(self.form):
            raise self.fail("the normal form is another one")
        if same_function(one, two) is not True:
            raise self.fail("the normal forms do not agree")


@register
@dataclass(frozen=True)
class Differs(Evidence):
    """An integer input at which the two outputs differ, evaluated exactly."""

    kind: ClassVar[str] = "equivalence.differs"
    supports = about("equivalence.pair", "same")
    strength: ClassVar[Status] = Status.PROVED

    X: Any
    entry: Any
    left: Any
    right: Any
    modulus: int

    def point(self) -> Point:
        i, j = self.entry
        rows = tuple(tuple(row) for row in self.X)
        return Point(rows, (i, j), thaw(self.left), thaw(self.right), self.modulus)

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, first, second = read_pair(problem)
        if claim.value is not False or network.kind != "lightning":
            raise self.fail("it can only prove that lightning networks differ")
        _check_input(self, network)
        if type(self.modulus) is not int or (self.modulus and first.field != QQ):
            raise self.fail("residues are for rational weights")
        i, j = self.entry
        left, right = (m[i, j] for m in compare_at(first, second, self.X, self.modulus))
        if left == right:
            raise self.fail("the outputs agree there")
        field = compare_at(first, second, self.X, self.modulus)[0].field
        found = [field.format(left), field.format(right)]
        if canonical_json(found) != canonical_json([self.left, self.right]):
            raise self.fail("the outputs are others")


def _check_input(evidence: Differs | BallsDiffer, network: Architecture) -> None:
    """X is an integer d x t matrix and `entry` is a place in the d' x t output."""
    X, entry = evidence.X, evidence.entry
    if (len(X), {len(row) for row in X}) != (network.d_in, {network.tokens}):
        raise evidence.fail("X has another shape")
    if any(type(x) is not int for row in X for x in row):
        raise evidence.fail("X is not integral")
    sizes = (network.d_out, network.tokens)
    if len(entry) != 2 or any(type(n) is not int for n in entry):
        raise evidence.fail("the entry is no pair of indices")
    if any(not 0 <= n < size for n, size in zip(entry, sizes, strict=True)):
        raise evidence.fail("the entry is outside the output")


@register
@dataclass(frozen=True)
class SameVirtual(Evidence):
    """Both have the same virtual weights, on which a softmax network depends alone."""

    kind: ClassVar[str] = "equivalence.same-virtual"
    supports = about("equivalence.pair", "same")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, first, second = read_pair(problem)
        if claim.value is not True or not softmax_same(network, first, second):
            raise self.fail("the virtual weights differ")


@register
@dataclass(frozen=True)
class BallsDiffer(Evidence):
    """An integer input at which ball arithmetic separates the two outputs."""

    kind: ClassVar[str] = "equivalence.balls-differ"
    supports = about("equivalence.pair", "same")
    strength: ClassVar[Status] = Status.PROVED

    X: Any
    entry: Any
    left: str
    right: str

    def point(self) -> Point:
        i, j = self.entry
        return Point(tuple(tuple(row) for row in self.X), (i, j), self.left, self.right)

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, first, second = read_pair(problem)
        if claim.value is not False or network.kind != "softmax":
            raise self.fail("it can only prove that softmax networks differ")
        _check_input(self, network)
        if separated(first, second, self.X) != tuple(self.entry):
            raise self.fail("the balls are not separated there")
        i, j = self.entry
        for weights, text in ((first, self.left), (second, self.right)):
            ball = softmax_balls(weights, self.X, 256)[i][j]
            if ball.mid().str(20, radius=False) != text:
                raise self.fail("the outputs are others")


@register
@dataclass(frozen=True)
class Identifiable(Evidence):
    """Deep softmax networks with V and all sym(B_i) nonzero have one (V, B) (Konda, Theorem 1)."""

    kind: ClassVar[str] = "equivalence.identifiable"
    supports = about("equivalence.pair", "same")
    strength: ClassVar[Status] = Status.THEOREM

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network, first, second = read_pair(problem)
        if claim.value is not False or network.kind != "softmax":
            raise self.fail("it can only prove that softmax networks differ")
        if softmax_same(network, first, second):
            raise self.fail("the virtual weights agree")
        if not identifiable(network, first) and not identifiable(network, second):
            raise self.fail("the hypotheses of the theorem do not hold")
