"""Euclidean distance degrees: how many critical points the distance to the variety has.

The nearest function of the network to given data is a critical point of the squared distance on
the variety; their number over C for general data is the ED degree.  It is counted by a Groebner
basis over several prime fields: a general chart of the pairs (A, V) without gauge, the equations
``J^T M (phi - u) = 0`` for random u, and saturation by the zero function and the ramification.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import FieldError, HypothesisError, InputError, UndecidedError
from algattn.exact import QQ, word_prime
from algattn.networks import Architecture, Weights
from algattn.networks.problem import Problem
from algattn.networks.weights import as_weights
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult
from algattn.singularities.ed_systems import (
    METRICS,
    Question,
    boundary_detail,
    boundary_system,
    variety_system,
)
from algattn.singularities.theorem import is_linear

#: Singular is fastest with primes below 2^15; a random coincidence is then still rare.
BITS = 15


@register
@dataclass(frozen=True, repr=False)
class EDDegreeResult(LegacyResult):
    """The number of complex critical points of the distance from a general point.

    ``detail["metric"]`` tells the quadratic form: ``unit`` is the sum of squares of the natural
    coordinates, ``generic`` a random one.  ``detail["of"]`` is ``variety`` or ``boundary``, the
    decision boundary ``tr(W^T V X X^T A X) + b = 0`` of given weights in the space of inputs.
    """

    kind: ClassVar[str] = "point.ed-degree"
    title: ClassVar[str] = "Euclidean distance degree"
    claim_names: ClassVar[tuple[str, ...]] = ("count",)

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        what = {"variety": "function space", "boundary": "decision boundary"}[detail["of"]]
        return (
            Outline(
                "count",
                f"the {detail['metric']} ED degree of the {what} is {value}",
                {"value": value, "detail": detail},
            ),
        )

    def sentence(self) -> str:
        d = self.detail
        what = {"variety": "function space", "boundary": "decision boundary"}[d["of"]]
        found = next((e for c in self.claims for e in c.evidence if isinstance(e, Counted)), None)
        how = (
            ""
            if found is None
            else f" (seed {found.seed}, primes {', '.join(map(str, found.primes))})"
        )
        return f"The {what} has {d['metric']} ED degree {self.value}{how}"


@register
@dataclass(frozen=True)
class LinearDistance(Evidence):
    """A linear space has one nearest point."""

    kind: ClassVar[str] = "point.ed-linear"
    supports = about("point.ed-degree", "count")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        n, said = Problem.of(problem).network, thaw(claim.value)
        fits = n.layers == 1 and is_linear(n.d_in, n.d_out, n.tokens)
        if not fits or said["detail"]["of"] != "variety":
            raise self.fail("the function space is not a linear space")
        self.expect(said["value"], 1, "a linear space has ED degree 1")


@register
@dataclass(frozen=True)
class SegreDistance(Evidence):
    """For d = 2, alpha = d' = 1 the closure is the cone of 3 x 2 matrices of rank one.

    Unit distance: Eckart and Young, 2 singular vector pairs.  Generic distance: the sum of the
    polar classes of P^2 x P^1, 10.
    """

    kind: ClassVar[str] = "point.ed-segre"
    supports = about("point.ed-degree", "count")
    strength: ClassVar[Status] = Status.THEOREM

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        n, said = Problem.of(problem).network, thaw(claim.value)
        if said["detail"]["of"] != "variety" or not is_segre(n):
            raise self.fail("the function space is not a Segre variety")
        self.expect(said["value"], SEGRE[said["detail"]["metric"]], "the closed value differs")


#: Chern classes of P^2 x P^1 have degrees 3, 8, 9, 6; generic: 15*3 - 7*8 + 3*9 - 6.
SEGRE = {"unit": 2, "generic": 10}


def is_segre(network: Architecture) -> bool:
    """Whether the closure is the cone over P^2 x P^1 (s(x) times q.y with s a binary form)."""
    a = min(network.ranks[0], network.d_in)
    return (
        network.layers == 1 and network.tokens > 1 and (network.d_in, network.d_out, a) == (2, 1, 1)
    )


@register
@dataclass(frozen=True)
class Counted(Evidence):
    """Groebner bases over several prime fields, from random data; the counts agree."""

    kind: ClassVar[str] = "point.ed-counted"
    supports = about("point.ed-degree", "count")
    strength: ClassVar[Status] = Status.PROBABLE

    seed: int
    primes: Any
    engine: str
    seconds: float

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p, said = Problem.of(problem), thaw(claim.value)
        primes = [word_prime(BITS, n) for n in range(len(self.primes))]
        if not primes or list(self.primes) != primes:
            raise self.fail(f"the primes are not the {len(primes)} largest of {BITS} bits")
        question = Question.read(p, said["detail"])
        for prime in self.primes:
            found = count(question, prime, self.seed, self.engine or None, self.seconds)
            self.expect(said["value"], found, f"over GF({prime}) there are {found}")


def count(
    question: Question, prime: int, seed: int, engine: str | None, seconds: float | None
) -> int:
    """The number of critical points over the algebraic closure of GF(prime)."""
    from algattn.engines import Degree, Dimension, GroebnerBasis, solve

    rng = random.Random(f"algattn ed {seed} {prime}")
    build = variety_system if question.of == "variety" else boundary_system
    equations, delta = build(question, prime, rng)
    basis = solve(GroebnerBasis(tuple(equations)), engine, time_limit=seconds)
    if any(g.degree() == 0 for g in basis):
        return 0
    dimension = solve(Dimension(tuple(basis)), engine, time_limit=seconds)
    if dimension != 0:
        raise UndecidedError(
            "count critical points",
            f"over GF({prime}) they form a set of dimension {dimension}",
            "try another seed",
        )
    found = int(solve(Degree(tuple(basis)), engine, time_limit=seconds))
    if found % delta:
        raise UndecidedError(
            "count critical points", f"{found} is no multiple of {delta}", "try another seed"
        )
    return found // delta


def ed_degree(
    network: Architecture,
    weights: Weights | None = None,
    *,
    metric: str = "unit",
    W: Any = None,
    b: Any = 1,
    seed: int = 0,
    primes: int = 2,
    engine: str | None = None,
    time_limit: float = 60.0,
) -> EDDegreeResult:
    """The ED degree of the variety, or of a decision boundary; see ``Lightning.ed_degree``."""
    if metric not in METRICS:
        raise InputError("find an ED degree", f"the metric is {metric!r}", f"one of {METRICS}")
    if type(primes) is not int or primes < 1:
        raise InputError("find an ED degree", f"primes is {primes!r}", "ask for one or more primes")
    if weights is None and network.layers != 1:
        raise HypothesisError(
            f"find the ED degree of {network!r}",
            f"the charts are for one layer, and it has {network.layers} layers",
            "use one layer, or give weights for the ED degree of a decision boundary",
        )
    detail: dict[str, Any] = {"of": "variety", "metric": metric}
    if weights is not None:
        weights = as_weights(network, weights)
        if weights.field != QQ:
            raise FieldError(
                "find the ED degree of a decision boundary",
                f"the weights live in {weights.field}",
                "use rational weights",
            )
        if W is None:
            W = [[1] * network.tokens for _ in range(network.d_out)]
        detail = boundary_detail(network, W, b, metric)
    question = Question.of_data(network, detail, weights)
    evidence: list[Evidence] = []
    value: int | None = None
    if weights is None and is_linear(network.d_in, network.d_out, network.tokens):
        value, evidence, engine = 1, [LinearDistance()], None
    elif weights is None and is_segre(network):
        value, evidence = SEGRE[metric], [SegreDistance()]
    if value is None or engine is not None:
        used = [word_prime(BITS, n) for n in range(primes)]
        counts = [count(question, p, seed, engine, time_limit) for p in used]
        if len(set(counts)) > 1 or (value is not None and counts[0] != value):
            raise UndecidedError(
                f"find the ED degree of {network!r}",
                f"the primes {used} give {counts}, the closed value is {value}",
                "use more primes or another seed",
                counts,
            )
        value = counts[0]
        evidence.append(Counted(seed, used, engine or "", time_limit))
    return EDDegreeResult.assemble(
        Problem.data(network, weights),
        value,
        {"count": evidence},
        detail,
    )
