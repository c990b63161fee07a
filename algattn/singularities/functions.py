"""The kind of a point given by its coefficients: no weights are needed, and none may exist.

The theorem asks for ranks, for the incidence of v and k, and for the factorisations of a cubic; all
of these follow from the factorisations of the function over the complex numbers, whether or not
some of them are rational or real.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from algattn.attention import Architecture, FunctionMap
from algattn.attention.problem import Problem
from algattn.errors import InputError
from algattn.exact import QQ
from algattn.fibers.factorisation import Solution, factor_pairs, symmetric_classes
from algattn.fibers.layer_invariants import OneLayer, SymmetricClass
from algattn.fibers.membership import Decision, decide
from algattn.results import Claim, Evidence, Status, about, declare
from algattn.singularities.answers import Answer, Position
from algattn.singularities.differentials import find_differentials
from algattn.singularities.multiplicities import MULTIPLICITY, germ_numbers
from algattn.singularities.nearby import near_outside
from algattn.singularities.results import PointResult, point_result, singular_arcs
from algattn.singularities.strata import stratum_name
from algattn.singularities.theorem import SINGULAR, Verdict, verdict


@dataclass(frozen=True)
class FunctionFacts(OneLayer):
    """Exact facts about a function in the Zariski closure; see :class:`LayerFacts`."""

    network: Architecture
    function: FunctionMap

    @property
    def zero(self) -> bool:
        return self.function.is_zero

    @cached_property
    def solutions(self) -> list[Solution]:
        """t >= 2: all pairs (A, V) up to scaling."""
        return factor_pairs(self.function)

    @cached_property
    def classes(self) -> tuple[SymmetricClass, ...]:
        """t = 1: all pairs (S, V) up to scaling."""
        return tuple(symmetric_classes(self.function))

    @cached_property
    def rank_A(self) -> int:
        return self.solutions[0].A.rank()

    @cached_property
    def rank_V(self) -> int:
        return (self.classes if self.single_token else self.solutions)[0].V.rank()

    @cached_property
    def rank_S(self) -> int:
        return max(c.rank for c in self.classes)

    @property
    def rank_one_pair(self) -> bool:
        return self.rank_A == 1 and self.rank_V == 1

    @property
    def aligned(self) -> bool:
        return len(self.solutions) == 1


def position(decision: Decision) -> Position:
    """``reached`` by real weights, only in the ``closure``, or ``outside``."""
    if decision.real:
        return "reached"
    return "closure" if decision.in_closure else "outside"


def function_answer(network: Architecture, function: FunctionMap) -> Answer:
    """What a :class:`PointResult` says of a function."""
    SINGULAR.require(network, "classify a function")
    where = position(decide(network, function))
    if where == "outside":
        return Answer.outside()
    facts = FunctionFacts(network, function)
    found = verdict(facts)
    if where == "closure":
        found = Verdict(found.singular, found.singular_reason, False, "not reached")
    return Answer.of(found, where, stratum_name(facts, where == "reached"), germ_numbers(facts))


def given_function(problem: Problem) -> FunctionMap:
    """The function asked about; where weights are given, other lemmas speak."""
    if problem.given_function is None:
        raise InputError("read a problem", "it has no function", "use the file as written")
    return problem.function()


@declare(
    "point.function-lemma",
    about("point.one-layer", "boundary, germ, reason, singular"),
    Status.PROVED,
    recomputed=True,
)
@dataclass(frozen=True)
class FunctionLemma(Evidence):
    """Lemmas "membership", "singular" and "boundary", from the factorisations of the function."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network, function = problem.network, given_function(problem)
        if claim.name == "germ" and not MULTIPLICITY.holds_at(FunctionFacts(network, function)):
            raise self.fail("the degrees it needs are not among those proved in the lemma")
        expected = function_answer(network, function).claims()[claim.name]
        self.expect(claim.value, expected, f"the factorisations say {expected}")


@declare(
    "point.function-germ-theorem", about("point.one-layer", "germ"), Status.THEOREM, recomputed=True
)
@dataclass(frozen=True)
class FunctionGermTheorem(Evidence):
    """Lemma "multiplicity" with classical degrees of determinantal varieties (Harris and Tu)."""

    def check(self, problem: Problem, claim: Claim) -> None:
        if claim.name != "germ":
            raise self.fail("it only speaks of branches and multiplicities")
        expected = function_answer(problem.network, given_function(problem)).claims()["germ"]
        self.expect(claim.value, expected, "the formula says otherwise")


def classify_function(network: Architecture, function: FunctionMap) -> PointResult:
    """The kind of point that a function is; see ``Lightning.classify_function``."""
    answer = function_answer(network, function)
    evidence: dict[str, list[Evidence]] = {name: [FunctionLemma()] for name in answer.claims()}
    if "germ" in evidence and not MULTIPLICITY.holds_at(FunctionFacts(network, function)):
        evidence["germ"] = [FunctionGermTheorem()]
    if answer.value == "smooth":
        found = find_differentials(network, function) if function.field == QQ else None
        evidence["singular"] += [] if found is None else [found]
    if answer.position == "reached":
        facts = FunctionFacts(network, function)
        simple = [w for w in decide(network, function).weights if w.field == function.field]
        if simple and answer.value == "singular":
            evidence["singular"] += singular_arcs(network, simple[0])
        if answer.boundary:
            evidence["boundary"] += near_outside(facts, function)
    return point_result(Problem(network, given_function=function), answer, evidence)
