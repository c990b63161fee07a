"""The kind of a point of the function space, with certificates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from algattn.attention import Architecture, FunctionMap, Weights
from algattn.attention.coordinates import natural_count
from algattn.attention.problem import Problem
from algattn.exact import QQ, Matrix
from algattn.fibers.layer_invariants import LayerFacts
from algattn.formulas.one_layer import layer_dimension
from algattn.results import Claim, Evidence, Outline, Result, Status, about, declare, register
from algattn.singularities.answers import Answer, Kind, Position
from algattn.singularities.arcs import Arc, StoredArc, base_of, find_arcs, leading
from algattn.singularities.differentials import find_differentials, is_small
from algattn.singularities.multiplicities import MULTIPLICITY, germ_numbers
from algattn.singularities.nearby import near_outside
from algattn.singularities.stored import StoredField, given_field, stored_field
from algattn.singularities.strata import stratum_name
from algattn.singularities.theorem import (
    BOUNDARY_POINT,
    REASONS,
    SINGULAR,
    BoundaryReason,
    SingularReason,
    verdict,
)
from algattn.symbolic.differential import local_rank

if TYPE_CHECKING:
    from algattn.singularities.branches import Branch, Germ

#: Entries of a Jacobian up to which certificates also carry arcs and a rank at the point.
MAX_DENSE = 1_000_000

#: Coordinates of a function up to which certificates of boundary points write them all down.
MAX_COORDINATES = 100_000


@register
@dataclass(frozen=True, repr=False)
class PointResult(Result):
    """Whether a function is a singular point, and whether it lies on the boundary.

    Attributes
    ----------
    value : str
        ``smooth``, ``singular`` or ``outside``: in the Zariski closure of the function space, as a
        complex variety.
    boundary : bool
        Whether real points of that closure without real weights come arbitrarily near.
    position : str
        ``reached`` by real weights, only in the ``closure``, or ``outside``.
    stratum : str or None
        The name of its stratum, a node of ``net.strata()`` (None outside).
    singular_reason, boundary_reason : str
        Why, for both, as coded words; ``.reason`` says it in words.
    branch_count, multiplicity : int or None
        How many ``.branches`` the complex variety has at the function, and their multiplicity.
    """

    kind: ClassVar[str] = "point.one-layer"
    title: ClassVar[str] = "What kind of point is the function?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "boundary",
        "germ",
        "reason",
        "singular",
    )

    problem: Problem
    value: Kind
    boundary: bool
    position: Position
    stratum: str | None
    singular_reason: SingularReason
    boundary_reason: BoundaryReason
    branch_count: int | None
    multiplicity: int | None

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """`branches` of version 0.1 was their number."""
        detail = dict(parts["detail"])
        detail["branch_count"] = detail.pop("branches", None)
        return parts | {"detail": detail}, evidence

    @property
    def answer(self) -> Answer:
        """Everything but the problem."""
        return Answer(**{f.name: getattr(self, f.name) for f in fields(Answer)})

    def outline(self) -> tuple[Outline, ...]:
        answer, problem = self.answer, self.problem
        if not answer.fits or not (problem.asks("weights") or problem.asks("function")):
            return ()
        n, outside = self.branch_count, self.value == "outside"
        kind = "is outside the Zariski closure" if outside else f"is a {self.value} point"
        said = {
            "singular": f"the function {kind}",
            "boundary": f"it is {'a' if self.boundary else 'no'} boundary point",
            "reason": self.reason,
            "germ": f"{n} branch{'es' * (n != 1)} of the complex variety of multiplicity "
            f"{self.multiplicity} in all",
        }
        return tuple(Outline(name, said[name], value) for name, value in answer.claims().items())

    @property
    def singular(self) -> bool:
        return bool(self.value == "singular")

    @property
    def smooth(self) -> bool:
        return bool(self.value == "smooth")

    @cached_property
    def _germ(self) -> Germ:
        from algattn.singularities.branches import germ

        return germ(self.problem.network, self.problem.function())

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The analytic branches of the complex variety at the function; see :class:`Branch`."""
        return self._germ.branches

    @property
    def tangent_cone(self) -> str:
        """The tangent cone of the complex variety at the function, in words."""
        return self._germ.tangent_cone

    @property
    def reason(self) -> str:
        """Why it is singular or smooth, and why on the boundary or not."""
        return self.answer.reason

    def sentence(self) -> str:
        if self.value == "outside":
            return f"The function is outside: {REASONS['outside']}"
        where = "on the boundary" if self.boundary else "not on the boundary"
        return f"The function is a {self.value} point of the variety and {where}: {self.reason}"


@declare(
    "point.lemma",
    about("point.one-layer", "boundary, germ, reason, singular"),
    Status.PROVED,
    recomputed=True,
)
@dataclass(frozen=True)
class PointLemma(Evidence):
    """Lemmas "singular" and "boundary" of the documentation, their hypotheses decided exactly."""

    def check(self, problem: Problem, claim: Claim) -> None:
        network, weights = problem.network, problem.weights
        facts, answer = _known(problem)
        if claim.name == "germ" and not MULTIPLICITY.holds_at(facts):
            raise self.fail("the degrees it needs are not among those proved in the lemma")
        expected = answer.claims()[claim.name]
        self.expect(claim.value, expected, f"the theorem says {expected}")
        if (
            claim.name == "singular"
            and not facts.single_token
            and answer.singular_reason in {"one preimage", "two conjugate preimages"}
            and _affordable(network)
            and local_rank(network, weights) != _dimension(network)
        ):
            raise self.fail("the differential is not injective modulo scaling")


@declare("point.germ-theorem", about("point.one-layer", "germ"), Status.THEOREM, recomputed=True)
@dataclass(frozen=True)
class GermTheorem(Evidence):
    """Lemma "multiplicity" with classical degrees of determinantal varieties (Harris and Tu)."""

    def check(self, problem: Problem, claim: Claim) -> None:
        if claim.name != "germ":
            raise self.fail("it only speaks of branches and multiplicities")
        _, answer = _known(problem)
        self.expect(claim.value, answer.claims()["germ"], "the formula says otherwise")


@lru_cache(maxsize=1)
def _known(problem: Problem) -> tuple[LayerFacts, Answer]:
    """Facts and answers, once for all claims about the same weights."""
    network = problem.under(SINGULAR, BOUNDARY_POINT)
    facts = LayerFacts.of(network, problem.weights, "check a point", real_fields=True)
    return facts, _answer(facts)


def _answer(facts: LayerFacts) -> Answer:
    return Answer.of(verdict(facts), "reached", stratum_name(facts), germ_numbers(facts))


def _affordable(network: Architecture) -> bool:
    """Whether dense linear algebra on all coordinates is cheap; the lemmas do not need it."""
    rows = natural_count(network.d_in, network.d_out, network.tokens)
    columns = network.d_in * (network.d_in + network.d_out)
    return rows * columns <= MAX_DENSE


def _dimension(network: Architecture) -> int:
    return layer_dimension(network.d_in, network.d_out, network.ranks[0], network.tokens)


@declare("point.arcs", about("point.one-layer", "singular"), Status.PROVED)
@dataclass(frozen=True)
class Arcs(Evidence):
    """Arcs through the point whose leading coefficients span more than the dimension."""

    field: StoredField
    s: int
    arcs: tuple[StoredArc, ...]

    def summary(self) -> str:
        return f"{len(self.arcs)} arcs with independent leading coefficients"

    def check(self, problem: Problem, claim: Claim) -> None:
        network, function = problem.under(SINGULAR), problem.function()
        field = given_field(self.field)
        if (claim.name, claim.value) != ("singular", "singular"):
            raise self.fail("arcs can only prove that a point is singular")
        d, d_out, t = network.d_in, network.d_out, network.tokens
        a, base, vectors = network.ranks[0], None, []
        for stored in self.arcs:
            arc = stored.over(field)
            self.expect(stored, arc.stored(), "an arc is spelled in another way")
            if {m.shape[1] for family in (arc.K, arc.Q) for m in family.values()} != {d} or {
                m.shape for m in arc.V.values()
            } != {(d_out, d)}:
                raise self.fail("an arc does not have the shape of the network")
            rows = next(iter(arc.Q.values())).shape[0]
            if not _allowed_rows(arc, rows, a, d, t):
                raise self.fail("an arc leaves the variety: its rank is too large")
            values = arc.functions(d, d_out, t)
            found = base_of(values)
            if base is None:
                base = found
            if found != base:
                raise self.fail("the arcs do not pass through the same points")
            vectors.append(leading(values, self.s))
        wanted = [field(x) for x in function.vector()]
        zero = [field.zero] * len(wanted)
        if base is None or base.get(0, zero) != wanted:
            raise self.fail("the arcs do not end at the function")
        span = Matrix(field, [v for v in vectors if v is not None]).rank()
        if span <= _dimension(network) or span != len(self.arcs):
            raise self.fail(f"they span {span}, not more than the dimension, or are dependent")


def _allowed_rows(arc: Arc, rows: int, a: int, d: int, tokens: int) -> bool:
    """Whether every member of the arc lies in the variety.

    K^T Q has rank at most the number of rows; for t = 1 a symmetric K^T Q may have rank 2a.
    """
    if rows <= a or a >= d:
        return True
    if tokens > 1 or rows > 2 * a:
        return False
    total: dict[tuple[int, int], Matrix] = {}
    for e, k in arc.K.items():
        for f, q in arc.Q.items():
            key, term = (e[0] + f[0], e[1] + f[1]), k.T @ q
            total[key] = total[key] + term if key in total else term
    return all(m == m.T for m in total.values())


def classify(network: Architecture, weights: Weights) -> PointResult:
    """The kind of point that the weights map to; see ``Lightning.classify``."""
    SINGULAR.require(network, "classify the point")
    facts = LayerFacts.of(network, weights, "classify the point", real_fields=True)
    answer = _answer(facts)
    singular: list[Evidence] = [PointLemma()]
    boundary: list[Evidence] = [PointLemma()]
    if answer.value == "singular":
        singular += singular_arcs(network, weights)
    else:
        singular += smooth_differentials(network, weights)
    count = natural_count(network.d_in, network.d_out, network.tokens)
    if answer.boundary and count <= MAX_COORDINATES:
        boundary += near_outside(facts, FunctionMap.of(network, weights))
    evidence: dict[str, list[Evidence]] = {
        "singular": singular,
        "boundary": boundary,
        "reason": [PointLemma()],
        "germ": [PointLemma() if MULTIPLICITY.holds_at(facts) else GermTheorem()],
    }
    return point_result(Problem(network, weights), answer, evidence)


def point_result(
    problem: Problem, answer: Answer, evidence: Mapping[str, Iterable[Evidence]]
) -> PointResult:
    """The result that says the answer."""
    said = {f.name: getattr(answer, f.name) for f in fields(answer)}
    return PointResult.assemble(problem, said.pop("value"), evidence, **said)


def smooth_differentials(network: Architecture, weights: Weights) -> list[Evidence]:
    """Equations that prove a smooth point, for small layers."""
    if not is_small(network) or weights.field != QQ:
        return []
    found = find_differentials(network, FunctionMap.of(network, weights))
    return [] if found is None else [found]


def singular_arcs(network: Architecture, weights: Weights) -> list[Evidence]:
    """Arcs that prove a singular point, where linear algebra on all coordinates is cheap."""
    if not _affordable(network):
        return []
    found = arcs_at(LayerFacts.of(network, weights, "find arcs", real_fields=True))
    return [] if found is None else [found]


def arcs_at(facts: LayerFacts) -> Arcs | None:
    """Arcs that prove a singular point, None when none are found."""
    arcs = find_arcs(facts, _dimension(facts.network))
    if arcs is None:
        return None
    field, s0, items = arcs
    return Arcs(stored_field(field), s0, tuple(arc.stored() for arc in items))
