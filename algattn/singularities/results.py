"""The kind of a point of the function space, with certificates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from algattn.exact import Matrix, field_from_data
from algattn.fibers.facts import LayerFacts
from algattn.formulas.one_layer import layer_dimension
from algattn.networks import Architecture, FunctionMap, Weights
from algattn.networks.coordinates import natural_count
from algattn.networks.problem import Problem
from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Status,
    about,
    canonical_json,
    register,
    thaw,
)
from algattn.results.legacy import LegacyResult
from algattn.singularities.arcs import Arc, base_of, find_arcs, leading
from algattn.singularities.differentials import find_differentials, is_small
from algattn.singularities.multiplicities import germ_numbers, is_elementary
from algattn.singularities.nearby import near_outside
from algattn.singularities.strata import stratum_name
from algattn.singularities.theorem import BOUNDARY, REASONS, Verdict, verdict
from algattn.symbolic.differential import local_rank

if TYPE_CHECKING:
    from algattn.singularities.branches import Branch, Germ

#: Entries of a Jacobian up to which certificates also carry arcs and a rank at the point.
MAX_DENSE = 1_000_000

#: Coordinates of a function up to which certificates of boundary points write them all down.
MAX_COORDINATES = 100_000


@register
@dataclass(frozen=True, repr=False)
class PointResult(LegacyResult):
    """Whether a function is a singular point, and whether it lies on the boundary.

    Attributes
    ----------
    singular : bool
        In the Zariski closure of the function space, as a complex variety.
    boundary : bool
        Whether real points of that closure without real weights come arbitrarily near.
    reason : str
        Why, for both.
    """

    kind: ClassVar[str] = "point.one-layer"
    title: ClassVar[str] = "Kind of point"
    claim_names: ClassVar[tuple[str, ...]] = (
        "boundary",
        "germ",
        "reason",
        "singular",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        boundary = detail["boundary"]
        kind = f"is a {value} point" if value != "outside" else "is outside the Zariski closure"
        return (
            Outline("singular", f"the function {kind}", value),
            Outline("boundary", f"it is {'a' if boundary else 'no'} boundary point", boundary),
            Outline(
                "reason",
                f"{REASONS[detail['singular_reason']]}; {BOUNDARY[detail['boundary_reason']]}",
                detail,
            ),
            *_germ_outline(detail),
        )

    @property
    def singular(self) -> bool:
        return bool(self.value == "singular")

    @property
    def smooth(self) -> bool:
        return bool(self.value == "smooth")

    @property
    def position(self) -> str:
        """``reached`` by real weights, only in the ``closure``, or ``outside``."""
        return str(self.detail["position"])

    @property
    def stratum(self) -> str | None:
        """The name of its stratum, a node of ``net.strata()``."""
        found: str | None = self.detail["stratum"]
        return found

    @cached_property
    def _germ(self) -> Germ:
        from algattn.singularities.branches import germ

        problem = Problem.of(self.problem)
        return germ(problem.network, problem.function())

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The analytic branches of the complex variety at the function; see :class:`Branch`."""
        return self._germ.branches

    @property
    def multiplicity(self) -> int | None:
        """The multiplicity of the complex variety at the function (None outside of it)."""
        found: int | None = self.detail["multiplicity"]
        return found

    @property
    def tangent_cone(self) -> str:
        """The tangent cone of the complex variety at the function, in words."""
        return self._germ.tangent_cone

    @property
    def boundary(self) -> bool:
        return bool(self.detail["boundary"])

    @property
    def reason(self) -> str:
        return "; ".join(
            (REASONS[self.detail["singular_reason"]], BOUNDARY[self.detail["boundary_reason"]])
        )

    def sentence(self) -> str:
        if self.value == "outside":
            return f"The function is outside: {REASONS['outside']}"
        where = "on the boundary" if self.boundary else "not on the boundary"
        return f"The function is a {self.value} point of the variety and {where}: {self.reason}"


def _germ_outline(detail: Mapping[str, Any]) -> tuple[Outline, ...]:
    n, m = detail["branches"], detail["multiplicity"]
    if n is None:
        return ()
    text = f"{n} branch{'es' * (n != 1)} of the complex variety of multiplicity {m} in all"
    return (Outline("germ", text, {"branches": n, "multiplicity": m}),)


@register
@dataclass(frozen=True)
class PointLemma(Evidence):
    """Lemmas "singular" and "boundary" of the documentation, their hypotheses decided exactly."""

    kind: ClassVar[str] = "point.lemma"
    supports = about("point.one-layer", "boundary, germ, reason, singular")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        network, weights = p.network, p.weights
        facts, expected = _known(canonical_json(problem))
        if claim.name == "germ" and not is_elementary(facts):
            raise self.fail("the degrees it needs are not among those proved in the lemma")
        answer = expected[claim.name]
        self.expect(claim.value, answer, f"the theorem says {answer}")
        reason = expected["reason"]["singular_reason"]
        if (
            claim.name == "singular"
            and not facts.single_token
            and reason in {"one preimage", "two conjugate preimages"}
            and _affordable(network)
            and local_rank(network, weights) != _dimension(network)
        ):
            raise self.fail("the differential is not injective modulo scaling")


@register
@dataclass(frozen=True)
class GermTheorem(Evidence):
    """Lemma "multiplicity" with classical degrees of determinantal varieties (Harris and Tu)."""

    kind: ClassVar[str] = "point.germ-theorem"
    supports = about("point.one-layer", "germ")
    strength: ClassVar[Status] = Status.THEOREM

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "germ":
            raise self.fail("it only speaks of branches and multiplicities")
        _, expected = _known(canonical_json(problem))
        self.expect(claim.value, expected["germ"], "the formula says otherwise")


@lru_cache(maxsize=1)
def _known(problem: str) -> tuple[LayerFacts, dict[str, Any]]:
    """Facts and answers, once for all claims about the same weights."""
    p = Problem.of(json.loads(problem))
    facts = LayerFacts.of(p.network, p.weights, "check a point")
    named = stratum_name(facts)
    return facts, point_answers(verdict(facts), "reached", named, germ_numbers(facts))


def point_answers(
    found: Verdict, position: str, stratum: str, germ: tuple[int, int]
) -> dict[str, Any]:
    """The values of the claims of a :class:`PointResult`, by name."""
    branches, multiplicity = germ
    numbers = {"branches": branches, "multiplicity": multiplicity}
    return {
        "singular": "singular" if found.singular else "smooth",
        "boundary": found.boundary,
        "reason": {
            "boundary": found.boundary,
            "position": position,
            "stratum": stratum,
            "singular_reason": found.singular_reason,
            "boundary_reason": found.boundary_reason,
            **numbers,
        },
        "germ": numbers,
    }


def _affordable(network: Architecture) -> bool:
    """Whether dense linear algebra on all coordinates is cheap; the lemmas do not need it."""
    rows = natural_count(network.d_in, network.d_out, network.tokens)
    columns = network.d_in * (network.d_in + network.d_out)
    return rows * columns <= MAX_DENSE


def _dimension(network: Architecture) -> int:
    return layer_dimension(network.d_in, network.d_out, network.ranks[0], network.tokens)


@register
@dataclass(frozen=True)
class Arcs(Evidence):
    """Arcs through the point whose leading coefficients span more than the dimension."""

    kind: ClassVar[str] = "point.arcs"
    supports = about("point.one-layer", "singular")
    strength: ClassVar[Status] = Status.PROVED

    field: Any
    s: int
    arcs: Any

    def summary(self) -> str:
        return f"{len(self.arcs)} arcs with independent leading coefficients"

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        p = Problem.of(problem)
        network, function = p.network, p.function()
        field = field_from_data(thaw(self.field))
        if (claim.name, claim.value) != ("singular", "singular") or type(self.s) is not int:
            raise self.fail("arcs can only prove that a point is singular")
        d, d_out, t = network.d_in, network.d_out, network.tokens
        a, base, vectors = network.ranks[0], None, []
        self.expect(self.field, field.to_data(), "the field is spelled in another way")
        for data in self.arcs:
            arc = Arc.from_data(field, data)
            self.expect(data, arc.to_data(), "an arc is spelled in another way")
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
    facts = LayerFacts.of(network, weights, "classify the point")
    found = verdict(facts)
    answers = point_answers(found, "reached", stratum_name(facts), germ_numbers(facts))
    singular: list[Evidence] = [PointLemma()]
    boundary: list[Evidence] = [PointLemma()]
    if found.singular:
        singular += singular_arcs(network, weights)
    else:
        singular += smooth_differentials(network, weights)
    count = natural_count(network.d_in, network.d_out, network.tokens)
    if found.boundary and count <= MAX_COORDINATES:
        boundary.append(near_outside(facts, FunctionMap.of(network, weights)))
    return PointResult.assemble(
        Problem.data(network, weights),
        answers["singular"],
        {
            "singular": singular,
            "boundary": boundary,
            "reason": [PointLemma()],
            "germ": [PointLemma() if is_elementary(facts) else GermTheorem()],
        },
        detail=answers["reason"],
    )


def smooth_differentials(network: Architecture, weights: Weights) -> list[Evidence]:
    """Equations that prove a smooth point, for small layers."""
    if not is_small(network):
        return []
    found = find_differentials(network, FunctionMap.of(network, weights))
    return [] if found is None else [found]


def singular_arcs(network: Architecture, weights: Weights) -> list[Evidence]:
    """Arcs that prove a singular point, where linear algebra on all coordinates is cheap."""
    if not _affordable(network):
        return []
    arcs = find_arcs(LayerFacts.of(network, weights, "find arcs"), _dimension(network))
    if arcs is None:
        return []
    field, s0, items = arcs
    return [Arcs(field.to_data(), s0, [arc.to_data() for arc in items])]
