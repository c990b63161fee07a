"""Euclidean distance degrees: how many critical points the distance to the variety has.

The nearest function of the network to given data is a critical point of the squared distance on
the variety; their number over C for general data is the ED degree.  It is counted by a Groebner
basis over several prime fields: a general chart of the pairs (A, V) without gauge, the equations
``J^T M (phi - u) = 0`` for random u, and saturation by the zero function and the ramification.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.attention import Architecture, Weights
from algattn.attention.problem import Problem
from algattn.attention.theorems import (
    Theorem,
    plain_layer,
    two_tokens,
    unless,
)
from algattn.attention.weights import as_weights
from algattn.errors import FieldError, InputError, UndecidedError
from algattn.exact import QQ, word_prime
from algattn.progress import Monitor
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
from algattn.singularities.ed_systems import (
    DECISION_BOUNDARY,
    METRICS,
    VARIETY,
    Metric,
    Of,
    Question,
    boundary_system,
    random_readout,
    read_boundary,
    variety_system,
)
from algattn.singularities.stored import Number, Rows, as_seconds
from algattn.singularities.theorem import LINEAR, SINGULARITIES
from algattn.words import one_of, quoted

#: The closure is the cone over P^2 x P^1, s(x) times q.y with s a binary form.
SEGRE_CONE = Theorem(
    "Segre cone",
    SINGULARITIES,
    *plain_layer,
    two_tokens,
    unless(
        "d = 2 and alpha = d' = 1",
        "its widths or ranks are others",
        lambda n: (n.d_in, n.d_out, min(n.ranks[0], n.d_in)) == (2, 1, 1),
    ),
)

#: Singular is fastest with primes below 2^15; a random coincidence is then still rare.
BITS = 15


@register
@dataclass(frozen=True, repr=False, eq=False)
class EDDegreeResult(NumberLike, Result):
    """The number of complex critical points of the distance from a general point.

    ``metric`` tells the quadratic form: ``unit`` is the sum of squares of the natural coordinates,
    ``generic`` a random one.  ``of`` is ``variety`` or ``boundary``, the decision boundary
    ``tr(W^T V X X^T A X) + b = 0`` of given weights in the space of inputs; only then there are
    ``W`` and ``b``, and ``drawn``, the seed of W where it was drawn at random.
    """

    kind: ClassVar[str] = "point.ed-degree"
    title: ClassVar[str] = "What is the Euclidean distance degree?"
    claim_names: ClassVar[tuple[str, ...]] = ("count",)

    problem: Problem
    value: int
    of: Of
    metric: Metric
    W: Rows | None = None
    b: Number | None = None
    drawn: int | None = None

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """Version 0.1 left out W and b of the variety, and drew no readout."""
        missing = {"W": None, "b": None, "drawn": None}
        return parts | {"detail": missing | dict(parts["detail"])}, evidence

    @property
    def question(self) -> Question:
        """What is counted."""
        p = self.problem
        return Question(
            p.network, self.of, self.metric, p.given_weights, self.W, self.b, self.drawn
        )

    def outline(self) -> tuple[Outline, ...]:
        parts = ("weights",) if self.of == "boundary" else ()
        if not self.problem.asks(*parts) or not self.question.fits:
            return ()
        what = _WHAT[self.of] + self.question.readout
        statement = f"the {self.metric} ED degree of the {what} is {self.value}"
        said = {"value": self.value, "detail": self.question.said()}
        return (Outline("count", statement, said),)

    def sentence(self) -> str:
        found = next((e for c in self.claims for e in c.evidence if isinstance(e, Counted)), None)
        how = (
            ""
            if found is None
            else f" (seed {found.seed}, primes {', '.join(map(str, found.primes))})"
        )
        what = _WHAT[self.of] + self.question.readout
        return f"The {what} has {self.metric} ED degree {self.value}{how}"


_WHAT: dict[Of, str] = {"variety": "function space", "boundary": "decision boundary"}


@declare("point.ed-linear", about("point.ed-degree", "count"), Status.PROVED)
@dataclass(frozen=True)
class LinearDistance(Evidence):
    """A linear space has one nearest point."""

    def check(self, problem: Problem, claim: Claim) -> None:
        problem.under(LINEAR)
        question = Question.read(problem, claim.value["detail"])
        if question.of != "variety":
            raise self.fail("it is about the function space")
        said = {"value": 1, "detail": question.said()}
        self.expect(claim.value, said, "a linear space has ED degree 1")


@declare("point.ed-segre", about("point.ed-degree", "count"), Status.THEOREM)
@dataclass(frozen=True)
class SegreDistance(Evidence):
    """For d = 2, alpha = d' = 1 the closure is the cone of 3 x 2 matrices of rank one.

    Unit distance: Eckart and Young, 2 singular vector pairs.  Generic distance: the sum of the
    polar classes of P^2 x P^1, 10.
    """

    def check(self, problem: Problem, claim: Claim) -> None:
        problem.under(SEGRE_CONE)
        question = Question.read(problem, claim.value["detail"])
        if question.of != "variety":
            raise self.fail("it is about the function space")
        said = {"value": SEGRE[question.metric], "detail": question.said()}
        self.expect(claim.value, said, "the closed value differs")


#: Chern classes of P^2 x P^1 have degrees 3, 8, 9, 6; generic: 15*3 - 7*8 + 3*9 - 6.
SEGRE: dict[Metric, int] = {"unit": 2, "generic": 10}


@declare("point.ed-counted", about("point.ed-degree", "count"), Status.PROBABLE, recomputed=True)
@dataclass(frozen=True)
class Counted(Evidence):
    """Groebner bases over several prime fields, from random data; the counts agree."""

    seed: int
    primes: tuple[int, ...]
    engine: str
    seconds: float | None

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Version 0.1 wrote whole numbers of seconds as they were given."""
        return data | {"seconds": as_seconds(data.get("seconds"))}

    def check(self, problem: Problem, claim: Claim) -> None:
        primes = [word_prime(BITS, n) for n in range(len(self.primes))]
        if not primes or list(self.primes) != primes:
            raise self.fail(f"the primes are not the {len(primes)} largest of {BITS} bits")
        question = Question.read(problem, claim.value["detail"])
        with Monitor("verify an ED degree", time_limit=self.seconds) as monitor:
            for prime in self.primes:
                found = count(question, prime, self.seed, self.engine or None, monitor)
                said = {"value": found, "detail": question.said()}
                self.expect(claim.value, said, f"over GF({prime}) there are {found}")


def count(question: Question, prime: int, seed: int, engine: str | None, monitor: Monitor) -> int:
    """The number of critical points over the algebraic closure of GF(prime)."""
    from algattn.engines import Degree, Dimension, GroebnerBasis, solve

    def answer(task: Any) -> Any:
        monitor.step(0)  # ends here when the time is over
        return solve(task, engine, time_limit=monitor.remaining)

    rng = random.Random(f"algattn ed {seed} {prime}")
    build = variety_system if question.of == "variety" else boundary_system
    equations, delta = build(question, prime, rng)
    basis = answer(GroebnerBasis(tuple(equations)))
    if any(g.degree() == 0 for g in basis):
        return 0
    dimension = answer(Dimension(tuple(basis)))
    if dimension != 0:
        raise UndecidedError(
            "count critical points",
            f"over GF({prime}) they form a set of dimension {dimension}",
            "try another seed",
        )
    found = int(answer(Degree(tuple(basis))))
    monitor.step()
    if found % delta:
        raise UndecidedError(
            "count critical points", f"{found} is no multiple of {delta}", "try another seed"
        )
    return found // delta


def ed_degree(
    network: Architecture,
    weights: Weights | None = None,
    *,
    metric: Metric = "unit",
    W: Any = None,
    b: Any = 1,
    seed: int = 0,
    primes: int = 2,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    progress: bool = False,
) -> EDDegreeResult:
    """The ED degree of the variety, or of a decision boundary; see ``Lightning.ed_degree``."""
    asked = "find an ED degree"
    metric = one_of(metric, METRICS, asked, "metric")
    if type(primes) is not int or primes < 1:
        raise InputError(asked, f"primes is {quoted(primes)}", "ask for one or more primes")
    lemma = VARIETY if weights is None else DECISION_BOUNDARY
    lemma.require(network, "find the ED degree")
    question = Question(network, "variety", metric)
    if weights is not None:
        weights = as_weights(network, weights)
        if weights.field != QQ:
            raise FieldError(
                "find the ED degree of a decision boundary",
                f"the weights live in {weights.field}",
                "use rational weights",
            )
        drawn = seed if W is None else None
        readout = read_boundary(network, random_readout(network, seed) if W is None else W, b)
        question = Question(network, "boundary", metric, weights, *readout, drawn)
    evidence: list[Evidence] = []
    value: int | None = None
    if weights is None and LINEAR.covers(network):
        value, evidence, engine = 1, [LinearDistance()], None
    elif weights is None and SEGRE_CONE.covers(network):
        value, evidence = SEGRE[metric], [SegreDistance()]
    if value is None or engine is not None:
        used = [word_prime(BITS, n) for n in range(primes)]
        with Monitor(asked, total=primes, progress=progress, time_limit=time_limit) as monitor:
            counts = [count(question, p, seed, engine, monitor) for p in used]
        if len(set(counts)) > 1 or (value is not None and counts[0] != value):
            raise UndecidedError(
                f"find the ED degree of {network!r}",
                f"the primes {used} give {counts}, the closed value is {value}",
                "use more primes or another seed",
                counts,
            )
        value = counts[0]
        evidence.append(Counted(seed, tuple(used), engine or "", as_seconds(time_limit)))
    return EDDegreeResult.assemble(
        Problem(network, weights),
        value,
        {"count": evidence},
        of=question.of,
        metric=question.metric,
        W=question.W,
        b=question.b,
        drawn=question.drawn,
    )
