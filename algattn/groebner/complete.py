"""Are these all equations?  Decided by a bound on the Castelnuovo-Mumford regularity.

The ideal is generated in degrees up to a bound that :mod:`algattn.groebner.regularity` knows, if
the Hilbert function has the predicted value in one degree; up to there the ideal is known by finite
exact computation (``algattn/docs/equations.md``, lemmas *complete* and *two to one*).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from algattn.attention.problem import Problem
from algattn.errors import UndecidedError
from algattn.exact import GF
from algattn.groebner.evidence import (
    DEFAULT_PRIME,
    Counted,
    Subject,
    Substituted,
    family_of,
)
from algattn.groebner.graded import Row, check_vector, degree_part
from algattn.groebner.regularity import compared_degrees, meets, search_to
from algattn.groebner.table import Table
from algattn.groebner.vectors import Vector, orthogonal
from algattn.progress import Monitor
from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Status,
    TruthLike,
    about,
    declare,
    register,
    thaw,
)


@register
@dataclass(frozen=True, repr=False)
class CompletenessResult(TruthLike, Table):
    """Whether the generators of an ideal up to a degree generate it in all degrees.

    Attributes
    ----------
    value : bool
    missing : Vector or None
        The highest-weight vector of an equation that they do not generate.
    checked : int
        The degree up to which the ideal was computed.
    """

    problem: Problem
    value: bool
    asked: int
    missing: Vector | None

    kind: ClassVar[str] = "completeness.one-layer"
    title: ClassVar[str] = "Do the equations up to this degree generate the ideal?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "equations",
        "complete to degree",
        "regularity",
        "missing",
    )

    def outline(self) -> tuple[Outline, ...]:
        network, family, asked = self.problem.network, self.subject.family, self.asked
        if self.problem != Problem(network) or self.characteristic:
            return ()
        if any(v.degree > asked for v in self.vectors):
            return ()
        table = self.table_outline(f"every layer {network!r}", "")
        if self.value and self.missing is None:
            top = search_to(family)
            if asked < 1 or self.max_degree != max(top, asked):
                return ()
            statement = f"the ideal of every layer {network!r} is generated in degrees <= {top}"
            whole = {"asked": asked, "generated": top, "table": self.rows}
            return (*table, Outline("regularity", statement, whole))
        if not self.value and self.missing is not None and self.max_degree == asked:
            parts = {"asked": asked, "generators": self.vectors, "missing": self.missing}
            statement = "an equation that the listed ones do not generate"
            return (*table, Outline("missing", statement, parts))
        return ()

    @property
    def checked(self) -> int:
        return self.max_degree

    def sentence(self) -> str:
        if self.missing is not None:
            return (
                f"The equations of degree <= {self.asked} do not generate the ideal: "
                f"{self.missing.kind.name} of degree {self.missing.degree} is missing"
            )
        return f"The equations of degree <= {self.asked} generate the whole ideal"


@declare("completeness.regularity", about("completeness.one-layer", "regularity"), Status.PROVED)
@dataclass(frozen=True)
class Regularity(Evidence):
    """Lemmas "complete" and "two to one": the Hilbert function is as predicted where needed."""

    def check(self, problem: Problem, claim: Claim) -> None:
        family, asked = family_of(problem.network), claim.value["asked"]
        self.expect(claim.value["generated"], search_to(family), "the bound is another one")
        rows = [Row.from_data(row) for row in claim.value["table"]]
        if type(asked) is not int or any(row.new and row.kind.degree > asked for row in rows):
            raise self.fail("there are generators above the degree that was asked for")
        if not meets(family, rows):
            raise self.fail("the Hilbert function differs from that of the gluing")


@declare("completeness.missing", about("completeness.one-layer", "missing"), Status.PROVED)
@dataclass(frozen=True)
class Missing(Evidence):
    """An equation that is orthogonal to all that the listed ones generate."""

    def check(self, problem: Problem, claim: Claim) -> None:
        family, asked = family_of(problem.network), claim.value["asked"]
        vector = Vector.from_data(thaw(claim.value["missing"]))
        listed = Subject.of(problem, asked, 0).read(claim.value["generators"])
        if vector.kind.q != family.q:
            raise self.fail("its number of tokens is another")
        if not vector.kind.dimension(family.d_out, family.d):
            raise self.fail("there is no such module for these widths")
        if not check_vector(family, vector):
            raise self.fail("it is not an equation")
        if vector.degree <= asked:
            raise self.fail("its degree is not above those that were asked for")
        if not all(orthogonal(g, vector) for g in listed):
            raise self.fail("it may be generated by the others")


def completeness(
    ideal: Table,
    finish: Callable[..., Any],
    *,
    time_limit: float | None = None,
    executor: Executor | None = None,
) -> CompletenessResult:
    """Decide whether equations generate the whole ideal; see :meth:`IdealResult.completeness`.

    ``finish(degree, field, rows, vectors, seed)`` makes the ideal up to a degree.
    """
    network = ideal.problem.network
    family, asked = ideal.subject.family, f"decide completeness for {network!r}"
    if ideal.characteristic:
        raise UndecidedError(
            asked,
            f"the field is {GF(ideal.characteristic)}",
            "ask over QQ, where the theory applies",
            ideal,
        )
    last = search_to(family)
    rows, vectors = list(ideal.rows), list(ideal.vectors)
    evidence: dict[str, list[Evidence]] = {
        "equations": [Substituted()],
        "complete to degree": [Counted(DEFAULT_PRIME, 0)],
    }

    def answer(missing: Vector | None) -> CompletenessResult:
        reason: Evidence = Regularity() if missing is None else Missing()
        name = "regularity" if missing is None else "missing"
        whole = missing is None
        return CompletenessResult.assemble(
            Problem(network),
            whole,
            evidence | {name: [reason]},
            max_degree=max(last, ideal.max_degree) if whole else ideal.max_degree,
            characteristic=0,
            vectors=ideal.vectors,
            rows=tuple(rows) if whole else ideal.rows,
            asked=ideal.max_degree,
            missing=missing,
        )

    with Monitor(asked, time_limit=time_limit) as monitor:
        for degree in range(ideal.max_degree + 1, last + 1):
            done = partial(finish, degree - 1, 0, list(rows), vectors, 0)
            parts = degree_part(
                family, degree, vectors, prime=DEFAULT_PRIME, seed=0, executor=executor
            )
            for row, found in parts:
                rows.append(row)
                if found:
                    return answer(found[0])
                monitor.step(partial=done)
    if not meets(family, rows):
        raise UndecidedError(
            asked,
            f"the Hilbert function in degrees {compared_degrees(family)} is not as predicted",
            "nothing is known beyond the degrees computed",
            ideal,
        )
    return answer(None)
