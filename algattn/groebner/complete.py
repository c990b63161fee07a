"""Are these all equations?  Decided by a bound on the Castelnuovo-Mumford regularity.

The ideal is generated in degrees up to a bound that :mod:`algattn.groebner.regularity` knows, if
the Hilbert function has the predicted value in one degree; up to there the ideal is known by finite
exact computation (``algattn/docs/equations.md``, lemmas *complete* and *two to one*).
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from algattn.errors import UndecidedError
from algattn.groebner.evidence import (
    DEFAULT_PRIME,
    Counted,
    Substituted,
    family_of,
    read_vectors,
    row_data,
    row_from_data,
)
from algattn.groebner.graded import check_vector, degree_part
from algattn.groebner.regularity import compared_degrees, meets, search_to
from algattn.groebner.table import table_outline
from algattn.groebner.vectors import Vector, orthogonal
from algattn.networks.problem import Problem
from algattn.progress import Monitor
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult

if TYPE_CHECKING:
    from algattn.groebner.results import IdealResult


@register
@dataclass(frozen=True, repr=False)
class CompletenessResult(LegacyResult):
    """Whether the generators of an ideal up to a degree generate it in all degrees.

    Attributes
    ----------
    value : bool
    missing : Vector or None
        The highest-weight vector of an equation that they do not generate.
    checked : int
        The degree up to which the ideal was computed.
    """

    kind: ClassVar[str] = "completeness.one-layer"
    title: ClassVar[str] = "Completeness"
    claim_names: ClassVar[tuple[str, ...]] = (
        "equations",
        "complete to degree",
        "regularity",
        "missing",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        network = Problem.of(problem).network
        keys = {"asked", "max_degree", "field", "generators", "table", "missing"}
        if set(detail) != keys or detail["field"] != 0:
            return ()
        family, asked = family_of(network), detail["asked"]
        degrees = [sum(g["mu"]) for g in detail["generators"]]
        if any(n > asked for n in degrees):
            return ()
        if value is True and detail["missing"] is None:
            top = search_to(family)
            if detail["max_degree"] != max(top, asked):
                return ()
            statement = f"the ideal of every layer {network!r} is generated in degrees <= {top}"
            whole = {"generated": top, "table": detail["table"]}
            return (
                *table_outline(detail, f"every layer {network!r}", ""),
                Outline("regularity", statement, whole),
            )
        if value is False and detail["missing"] is not None and detail["max_degree"] == asked:
            parts = {key: detail[key] for key in ("asked", "generators", "missing")}
            return (
                *table_outline(detail, f"every layer {network!r}", ""),
                Outline("missing", "an equation that the listed ones do not generate", parts),
            )
        return ()

    def __bool__(self) -> bool:
        return bool(self.value)

    @property
    def checked(self) -> int:
        return int(self.detail["max_degree"])

    @property
    def missing(self) -> Vector | None:
        if self.detail["missing"] is None:
            return None
        family = family_of(Problem.of(self.problem).network)
        return Vector.from_data(thaw(self.detail["missing"]), family.q)

    def sentence(self) -> str:
        if self.missing is not None:
            return (
                f"The equations of degree <= {self.detail['asked']} do not generate the ideal: "
                f"{self.missing.kind.name} of degree {self.missing.degree} is missing"
            )
        return f"The equations of degree <= {self.detail['asked']} generate the whole ideal"


@register
@dataclass(frozen=True)
class Regularity(Evidence):
    """Lemmas "complete" and "two to one": the Hilbert function is as predicted where needed."""

    kind: ClassVar[str] = "completeness.regularity"
    supports = about("completeness.one-layer", "regularity")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        network = Problem.of(problem).network
        family = family_of(network)
        if claim.name != "regularity" or claim.value["generated"] != search_to(family):
            raise self.fail("the bound is another one")
        rows = [row_from_data(r, family.q) for r in claim.value["table"]]
        if not meets(family, rows):
            raise self.fail("the Hilbert function differs from that of the gluing")


@register
@dataclass(frozen=True)
class Missing(Evidence):
    """An equation that is orthogonal to all that the listed ones generate."""

    kind: ClassVar[str] = "completeness.missing"
    supports = about("completeness.one-layer", "missing")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        family = family_of(Problem.of(problem).network)
        if claim.name != "missing":
            raise self.fail("it can only prove that an equation is missing")
        vector = Vector.from_data(thaw(claim.value["missing"]), family.q)
        listed = read_vectors(claim.value["generators"], family.q)
        if not vector.kind.dimension(family.d_out, family.d):
            raise self.fail("there is no such module for these widths")
        if not check_vector(family, vector):
            raise self.fail("it is not an equation")
        if type(claim.value["asked"]) is not int or vector.degree <= claim.value["asked"]:
            raise self.fail("its degree is not above those that were asked for")
        if not all(orthogonal(g, vector) for g in listed):
            raise self.fail("it may be generated by the others")


def completeness(
    ideal: IdealResult, *, time_limit: float | None = None, executor: Executor | None = None
) -> CompletenessResult:
    """Decide whether equations generate the whole ideal; see :meth:`IdealResult.completeness`."""
    from algattn.groebner.results import assemble

    family, asked = ideal.subject.family, f"decide completeness for {ideal.network!r}"
    if ideal.subject.field:
        raise UndecidedError(
            asked, f"the field is {ideal.field}", "ask over QQ, where the theory applies", ideal
        )
    last = search_to(family)
    rows, vectors = list(ideal.rows), list(ideal.vectors)
    problem = Problem.data(ideal.network)
    detail: dict[str, Any] = {
        "asked": ideal.max_degree,
        "max_degree": max(last, ideal.max_degree),
        "field": 0,
        "generators": thaw(ideal.detail["generators"]),
        "missing": None,
    }
    evidence: dict[str, list[Evidence]] = {
        "equations": [Substituted()],
        "complete to degree": [Counted(DEFAULT_PRIME, 0)],
    }
    with Monitor(asked, time_limit=time_limit) as monitor:
        for degree in range(ideal.max_degree + 1, last + 1):
            done = partial(assemble, ideal.network, degree - 1, 0, list(rows), vectors, 0)
            parts = degree_part(
                family, degree, vectors, prime=DEFAULT_PRIME, seed=0, executor=executor
            )
            for row, found in parts:
                rows.append(row)
                if found:
                    detail["missing"] = found[0].to_data()
                    detail["table"] = [row_data(row) for row in ideal.rows]
                    detail["max_degree"] = ideal.max_degree
                    evidence["missing"] = [Missing()]
                    return CompletenessResult.assemble(problem, False, evidence, detail=detail)
                monitor.step(partial=done)
    if not meets(family, rows):
        raise UndecidedError(
            asked,
            f"the Hilbert function in degrees {compared_degrees(family)} is not as predicted",
            "nothing is known beyond the degrees computed",
            ideal,
        )
    evidence["regularity"] = [Regularity()]
    table = [row_data(row) for row in rows]
    return CompletenessResult.assemble(problem, True, evidence, detail=detail | {"table": table})
