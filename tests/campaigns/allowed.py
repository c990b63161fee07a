"""What the campaigns may find accepted, each with the reason why that is right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from algattn.results import BOTH_SIDES, Result, canonical_json

SEED = "it holds a random point only; ranks and values there are computed for the problem"

#: (a) Evidence that proves the true claims of other results too, because its check starts from the
#: problem of the result under which it stands.
TRANSPLANTS: dict[str, str] = {
    "dimension.ball-rank": SEED,
    "dimension.cell-cover": SEED,
    "dimension.counted-above": "coefficients are counted for the problem, whatever it is",
    "dimension.family-scores": SEED,
    "dimension.generic-rank": SEED,
    "dimension.layer-bound": SEED,
    "dimension.local-ball-rank": SEED,
    "dimension.local-guess": SEED,
    "dimension.local-orbit-bound": SEED,
    "dimension.local-rank-at-least": SEED,
    "dimension.orbit-bound": SEED,
    "dimension.rank-at-least": SEED,
    "dimension.schur-family": SEED,
    "dimension.scores-independent": SEED,
    "bias.farkas": "the same multipliers prove another infeasible problem too",
    "identifiable.full-rank": SEED,
    "identifiable.generic-rank": SEED,
    "identifiable.relation": "a relation of a function shows less about the same function",
    "ideals.reported": "it names the engine only, which is asked again",
    "implicit.graph-basis": "the basis is that of the same graph, whatever is claimed of it",
    "hilbert.large": "the formula is evaluated for the problem, whatever it is",
    "implicit.hilbert-bounds": SEED,
    "implicit.kernel-bound": SEED,
    "implicit.sliced": SEED,
    "implicit.reported": "it names the engine only, which is asked again",
    "map.all-equations": "all equations, proved to be all, hold at other points too",
    "map.counted": SEED,
    "map.declared": SEED,
    "map.fiber-below": SEED,
    "map.fiber-dimension-at": SEED,
    "map.fields": "the fields are checked for the problem, whatever it is",
    "map.generic-rank": SEED,
    "map.open-orbits": SEED,
    "map.random-rank": SEED,
    "map.rank-equations": "the rank of the matrices is found for the problem, whatever it is",
    "map.slice-grid": "fields and ranks are checked for the problem, whatever it is",
    "map.rank": SEED,
    "map.symmetries": SEED,
    "point.ed-counted": SEED,
    "parametrization.recomputed": "it holds the name of the route only",
    "parametrization.sampled": SEED,
}

#: (b) Places where a file may be changed, problem, value and fields staying the same, because what
#: stands there then proves the same claims.
EDITS: dict[str, str] = {
    r"versions(/.*)?": "tells who wrote the file; no claim rests on it",
    r"claims/[0-9]+/evidence": "one of several proofs was left out, or given twice",
    r"(report.section|generic.from-dimension)/result/versions(/.*)?": "tells who wrote the file",
    r"(report.section|generic.from-dimension)/result/claims/[0-9]+/evidence": (
        "one of several proofs was left out, or given twice"
    ),
    r"(report.section|generic.from-dimension)/result/claims/[0-9]/evidence/[0-9]/(seed|bits)": (
        "another random point, equal rank"
    ),
    r"identifiable\.[a-z-]+/(seed|prime)": "another random point, equal rank",
    r"identifiable\.(field/components|irreducible/chosen|points/(points|tower))": (
        "the same in another order, or given twice"
    ),
    r"identifiable\.exchanges/pairs(/.*)?": "other exchanges with the same orbit",
    r"identifiable\.(joint-dimension|rank)/result/versions(/.*)?": "tells who wrote the file",
    r"identifiable\.(joint-dimension|rank)/result/problem/parametrization/symmetries(/.*)?": (
        "symmetries are reasons, no part of the question"
    ),
    r"identifiable\.(joint-dimension|rank)/result/claims/[0-9]/evidence(/[0-9]/(seed|fields.*))?": (
        "one of several proofs, or the same in another order"
    ),
    r"dimension\..*/(seed|prime|bits)": "another random point or precision, equal rank",
    r"map\.(declared|fields|generic-rank|rank|rank-equations|symmetries)/(seed|prime)": (
        "another random point, equal rank"
    ),
    r"map.declared/reference": "the words of whoever declares it",
    r"map.fiber-below/(seed|degree)": "another fiber, or more multiples of its equations",
    r"map.fields/fields(/.*)?": "other fields along which the map is constant, equal rank",
    r"map.rank-equations/matrices(/.*)?": "other equations, equal rank of their differentials",
    r"map.slice-grid/(gauge|slice)(/.*)?": "another slice, equal rank",
    r"parametrization.sampled/(seed|trials)": "other random points",
    r"(report.section/result/claims/[0-9]/evidence/[0-9]|point.differentials)/equations": (
        "the same equations in another order"
    ),
    r"map.(global-dimension|jacobian-criterion)/(result|dimension)/claims/0/evidence(/0/seed)?": (
        "one of several proofs twice, or another random point of equal rank"
    ),
    r"map.(jacobian-criterion|standard-basis)/result/problem/parametrization/coordinates/[0-9]+": (
        "a label that is no name: y_1, .. stand for such"
    ),
    r"map.(jacobian-criterion|standard-basis)/result/claims/[01]/evidence": "a proof twice",
    r"map.(jacobian-criterion|standard-basis)/result/claims/1/evidence/0/(seed|free|basis)": (
        "another random point, or the same lists in another order"
    ),
    r"map.standard-basis/basis": "the same basis, a member twice",
    r"membership.no-linear-factor/.*": "another line that shows it",
    r"membership.violated/.*": "another equation with an equal value",
    r"point.arcs/(arcs(/.*)?|s|field/root)": "other arcs through the same point",
    r"point.near-square/[kqu](/[0-9]+)?": "another way to leave the function space",
    r"point.near-signature/(squares|push|V|sign)(/.*)?": "another way to leave the function space",
    r"point.ed-counted/(seed|primes|engine|seconds)(/.*)?": "counted at another random point",
    r"point.critical-decomposed/(engine|seconds)": "decomposed by another engine",
    r"(implicit.kernel-bound|ideal.counted|refuted.sampled|invariants.compared)/(seed|prime)": (
        "other random points"
    ),
    r"generic.lemma-at-point/seed": "another random point",
    r"implicit.(chart|unmixed)/(seed|free|basis|cut)(/.*)?": (
        "another random point, another order, or other variables that are independent"
    ),
    r"implicit.leading/basis": "the same basis, a member twice",
    r"(implicit.leading|hilbert.compared)/ideal/claims/[01]/evidence(/0/(seed|free|basis).*)?": (
        "one of several proofs twice, or the same shown otherwise"
    ),
    r"implicit.hilbert-bounds/seed": "another random point, equal rank",
    r"(implicit.sliced/slices|map.counted/draws)(/.*)?": "other random points",
    r"map.separable-degree/result/claims/[0-9]/evidence"
    r"(/[0-9]+(/result/claims/[0-9]/evidence(/[0-9]+)?)?(/(seed|prime))?)?": (
        "one of several proofs twice, or another seed"
    ),
    r"map.fiber-dimension/result/claims/0/evidence(/[0-9]/seed)?": (
        "one of several proofs twice, or another random point of equal rank"
    ),
    r"map.tower/(seed|tower/steps/[0-9]+/(parameters|coordinates))": (
        "another random point, or the same lists in another order, or twice"
    ),
    r"map.fiber-dimension-at/seed": "another random point, equal dimension",
    r"map.open-orbits/(seed|prime)": "another random point, or none, which a torus does not need",
    r"map.etale-points/points/basis": "another order of the same basis",
    r"implicit.graph-basis/(basis|weights)(/.*)?": "another order of the same basis",
    r"ideals.complete/(basis|power|meets/[0-9]+/polys)": "another list, or power, that shows it",
    r"ideals\.(prime|absolute)/.*/(polys|free)": "another order of the same basis, or variables",
    r"refuted.violates/(rows|left|right)(/.*)?": "another translate of the equation",
    r"bias.separated/multipliers(/.*)?": "another convex combination that is zero",
    r"dimension\..*/method": "random instead of symmetric points, equal rank",
}


#: (a), (b) Parts of an answer for which there is a choice, so that another one is true as well.
CHOICES: dict[str, str] = {
    r"tropical.regions/detail/cells/[0-9]+/point(/[0-9]+)?": "another point of the same cell",
    r"tropical.stability/value": "a smaller temperature",
    r"membership.one-layer/detail/weights(/.*)?": "other weights with the same function, or fewer",
    r"fiber.one-layer/detail/.*/witness/.*": "another point of the component",
    r"implicit.(ideal/detail/generators|hilbert/detail/equations)": (
        "the same equations in another order, or twice"
    ),
    r"implicit.ideal/detail/engine": "the engine stays unnamed; the basis proves the same",
    r"(fiberideal.decomposition|map.fiber)/detail/components": (
        "the same components in another order"
    ),
    r"(fiberideal.decomposition|map.fiber)/detail/components/[0-9]+/prime(/[0-9]+)?": (
        "the same prime"
    ),
    r"(ideals.decomposition|map.primary)/detail/components/[0-9]+/(prime|primary)(/[0-9]+)?": (
        "another basis of the same ideal"
    ),
    r"fiberideal.decomposition/detail/components/[0-9]+/conjugates": "the engine does not say",
    r"map.contains/detail/closure": "a point of the image lies in its closure, too",
    r"bias.training/detail/.*": "within the tolerance of a NUMERIC claim",
    r"recovery.numeric/value": "within the tolerance of a NUMERIC claim",
    # Parts of the question that stand among the answers.
    r"point.ed-degree/detail/(W(/.*)?|b)": "the true answer for another readout",
    r"point.critical/detail/data(/.*)?": "the true answer for other data",
    r"implicit.ideal/detail/degrees(/.*)?": "the true answer for other degrees",
    r"completeness.one-layer/detail/asked": "the true answer up to another degree",
}


def choice(where: str) -> str | None:
    """Why an answer that differs at this place (kind, then path) is true as well."""
    return next((why for pattern, why in CHOICES.items() if re.fullmatch(pattern, where)), None)


def same_question(data: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two files are about one problem, so that only one of them can be true."""
    return canonical_json(data["problem"]) == canonical_json(other["problem"])


def weaker(result: Result, wrong: Result) -> str | None:
    """Why another result is true as well: no other equalities, perhaps weaker bounds."""
    own = {(c.name, canonical_json(c.value)) for c in result.claims}
    values = {c.name: c.value for c in result.claims}
    for claim in wrong.claims:
        bound = not set(claim.needs) >= BOTH_SIDES or encloses(claim.value, values.get(claim.name))
        if not bound and (claim.name, canonical_json(claim.value)) not in own:
            return None
    return f"{result.kind}: fewer of its statements, or weaker bounds"


def encloses(value: Any, own: Any) -> bool:
    """Whether lists of bounds lie around those that are proved, and all else is equal."""
    sides = ("lower", "upper")
    if not (
        isinstance(value, Mapping) and isinstance(own, Mapping) and {*sides} <= {*value} == {*own}
    ):
        return False
    if any(value[key] != own[key] for key in {*own} - {*sides}):
        return False
    lower, upper = (list(zip(value[side], own[side], strict=True)) for side in sides)
    return all(a <= b for a, b in lower) and all(a >= b for a, b in upper)


def exchange(data: dict[str, Any], what: str) -> str | None:
    """(c) Why a statement is true of another network as well."""
    reasons = [item["kind"] for claim in data["claims"] for item in claim["evidence"]]
    if reasons == ["equivalence.same-weights"] and what.startswith("network exchanged: "):
        return "equal weights have equal functions in every network"
    if data["kind"] == "point.ed-degree" and what.startswith("network exchanged: widths [1, "):
        return "functions of one feature form a linear space for every width"
    return None
