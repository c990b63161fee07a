"""Is a function refuted by the equations?  With the violated one, or with all of them tested."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from algattn.errors import InputError, ShapeError
from algattn.exact import QQ
from algattn.groebner.evidence import Subject, read_vectors
from algattn.groebner.orbit import orbit
from algattn.groebner.table import check_seed, table_outline
from algattn.groebner.vectors import Monomial, Vector
from algattn.networks import Architecture, FunctionMap
from algattn.networks.problem import Problem
from algattn.results import Claim, Evidence, Outline, Status, about, register, thaw
from algattn.results.legacy import LegacyResult

if TYPE_CHECKING:
    from algattn.groebner.results import IdealResult

MAX_EXPANDED = 4000
TRIES = 12
Group = Sequence[Sequence[int]]


def value_at(terms: Mapping[Monomial, int], function: FunctionMap) -> Any:
    """The value of a polynomial at the coefficients of a function."""
    zero = function.field.zero
    known = function.coefficients
    total = zero
    for monomial, c in terms.items():
        value = function.field(c)
        for label in monomial:
            factor = known.get(label)
            if factor is None:
                break
            value = value * factor
        else:
            total = total + value
    return total


def moved(function: FunctionMap, rows: Group, left: Group, right: Group) -> FunctionMap:
    """``g_R F(g_U x, g_W y)``; for one token ``g_R F(g_U x)`` (`right` is not used)."""
    field, zero = function.field, function.field.zero
    out: dict[Any, Any] = {}
    single = function.tokens == 1

    def add(label: Any, value: Any) -> None:
        out[label] = out.get(label, zero) + value

    for (r, *rest), c in function.coefficients.items():
        factors = (
            [left[i] for i in rest] if single else [*(left[i] for i in rest[:2]), right[rest[2]]]
        )
        terms: dict[tuple[int, ...], int] = {(): 1}
        for factor in factors:
            terms = {
                (*index, n): x * y for index, x in terms.items() for n, y in enumerate(factor) if y
            }
        for index, x in terms.items():
            key = tuple(sorted(index)) if single else (*sorted(index[:2]), index[2])
            for s, line in enumerate(rows):
                if line[r]:
                    add((s, *key), c * field(x * line[r]))
    return FunctionMap(function.d_in, function.d_out, function.tokens, out, field=function.field)


@register
@dataclass(frozen=True, repr=False)
class EquationsResult(LegacyResult):
    """Whether a function satisfies the equations of a layer up to a degree.

    Attributes
    ----------
    value : bool
        False: the function violates :attr:`violated`, so it is not in the closure.
    violated : str or None
        The module of the violated equation, such as ``(4|44|22)``.
    """

    kind: ClassVar[str] = "refuted.one-layer"
    title: ClassVar[str] = "Test by equations"
    claim_names: ClassVar[tuple[str, ...]] = (
        "refuted",
        "equations",
        "complete to degree",
        "satisfied",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(detail) != {"max_degree", "field", "generators", "table", "violated"}:
            return ()
        data = {key: detail[key] for key in ("max_degree", "field", "generators")}
        if value is True and detail["violated"] is None:
            statement = f"the function satisfies {len(detail['generators'])} modules of equations"
            name = f"every layer {Problem.of(problem).network!r}"
            return (*table_outline(detail, name, ""), Outline("satisfied", statement, data))
        if value is False and detail["violated"] is not None and not detail["table"]:
            statement = f"the function violates the equation {detail['violated']}"
            return (Outline("refuted", statement, data | {"violated": detail["violated"]}),)
        return ()

    @property
    def violated(self) -> str | None:
        found = self.detail["violated"]
        return None if found is None else str(found)

    def __bool__(self) -> bool:
        return bool(self.value)

    def sentence(self) -> str:
        if self.value:
            degree = self.detail["max_degree"]
            return f"The function satisfies all equations of degree at most {degree}"
        return f"The function violates an equation of the module {self.violated}"


@register
@dataclass(frozen=True)
class Violates(Evidence):
    """A translate of the function at which a proved highest-weight equation is not zero."""

    kind: ClassVar[str] = "refuted.violates"
    supports = about("refuted.one-layer", "refuted")
    strength: ClassVar[Status] = Status.PROVED

    index: int
    rows: Any
    left: Any
    right: Any

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        function = _function(problem)
        subject = Subject.of(problem, claim.value)
        vectors = read_vectors(claim.value["generators"], subject.family.q)
        if claim.name != "refuted" or type(self.index) is not int or subject.field:
            raise self.fail("it can only prove that an equation over QQ is violated")
        if not 0 <= self.index < len(vectors):
            raise self.fail("there is no such vector")
        from algattn.groebner.graded import check_vector

        vector = vectors[self.index]
        sizes = (function.d_out, function.d_in, function.d_in)
        groups = (self.rows, self.left, self.right)
        for size, matrix in zip(sizes, groups, strict=True):
            entries = [x for line in matrix for x in line]
            if [len(line) for line in matrix] != [size] * size:
                raise self.fail("a matrix has the wrong size")
            if any(type(x) is not int for x in entries):
                raise self.fail("a matrix is not of whole numbers")
        if not check_vector(subject.family, vector):
            raise self.fail("the vector is not an equation")
        if claim.value["violated"] != vector.kind.name:
            raise self.fail("the module has another name")
        if value_at(vector.terms(), moved(function, *groups)) == 0:
            raise self.fail("the equation holds")


@register
@dataclass(frozen=True)
class Satisfies(Evidence):
    """Every equation of the modules, expanded from its highest-weight vector, is zero."""

    kind: ClassVar[str] = "refuted.satisfies"
    supports = about("refuted.one-layer", "satisfied")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        function = _function(problem)
        if claim.name != "satisfied":
            raise self.fail("it can only prove that equations hold")
        for vector in _vectors(problem, claim):
            for terms in orbit(vector, function.d_out, function.d_in):
                if value_at(terms, function) != 0:
                    raise self.fail(f"an equation of {vector.kind.name} is violated")


@register
@dataclass(frozen=True)
class Sampled(Evidence):
    """The highest-weight equations are zero at random translates of the function."""

    kind: ClassVar[str] = "refuted.sampled"
    supports = about("refuted.one-layer", "satisfied")
    strength: ClassVar[Status] = Status.PROBABLE

    seed: int

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        function = _function(problem)
        if claim.name != "satisfied":
            raise self.fail("it can only say that equations hold")
        if _search(_vectors(problem, claim), function, self.seed) is not None:
            raise self.fail("an equation is violated")


def _function(problem: Mapping[str, Any]) -> FunctionMap:
    """The function of a problem, which must have the shape of its network."""
    found = Problem.of(problem)
    function = found.function()
    check_shape(function, found.network)
    return function


def check_shape(function: FunctionMap, net: Architecture) -> None:
    """Raise unless a function has the shape of those of a layer."""
    found_shape = (function.d_out, function.d_in, function.tokens, function.degree)
    if found_shape != (net.d_out, net.d_in, net.tokens, 3):
        raise ShapeError(
            "test a function by equations",
            f"(d', d, t, degree) is {found_shape}",
            f"give a function of the shape of {net!r}",
        )


def _vectors(problem: Mapping[str, Any], claim: Claim) -> tuple[Vector, ...]:
    subject = Subject.of(problem, claim.value)
    if subject.field:
        raise ValueError("the equations are not over QQ")
    return read_vectors(claim.value["generators"], subject.family.q)


def _search(
    vectors: Sequence[Vector], function: FunctionMap, seed: int
) -> tuple[int, tuple[Group, Group, Group]] | None:
    rng = random.Random(f"algattn translates {seed}")
    sizes = (function.d_out, function.d_in, function.d_in)
    tables = [v.terms() for v in vectors]
    for attempt in range(TRIES):
        bound = 1 + attempt

        def draw(n: int, bound: int = bound, first: bool = attempt == 0) -> Group:
            if first:
                return [[int(i == j) for j in range(n)] for i in range(n)]
            return [[rng.randint(-bound, bound) for _ in range(n)] for _ in range(n)]

        groups = (draw(sizes[0]), draw(sizes[1]), draw(sizes[2]))
        there = moved(function, *groups)
        for index, terms in enumerate(tables):
            if value_at(terms, there) != 0:
                return index, groups
    return None


def satisfies(ideal: IdealResult, function: FunctionMap, seed: int = 0) -> EquationsResult:
    """Test a function against the equations of a layer; see :meth:`IdealResult.contains`."""
    net = ideal.network
    if not isinstance(function, FunctionMap):
        raise InputError(
            "test a function by equations",
            f"{type(function).__name__} is no function",
            "give net.function(weights), or a FunctionMap",
        )
    check_seed(seed, "test a function by equations")
    check_shape(function, net)
    if ideal.field != QQ:
        raise ShapeError(
            "test a function by equations", f"they are over {ideal.field}", "ask over QQ"
        )
    detail = {
        "max_degree": ideal.max_degree,
        "field": 0,
        "generators": thaw(ideal.detail["generators"]),
        "table": thaw(ideal.detail["table"]),
        "violated": None,
    }
    problem = Problem.data(net, function=function)
    hit = _search(ideal.vectors, function, seed)
    if hit is not None:
        index, groups = hit
        name = ideal.vectors[index].kind.name
        reason = Violates(index, *groups)
        return EquationsResult.assemble(
            problem, False, {"refuted": [reason]}, detail=detail | {"violated": name, "table": []}
        )
    evidence: list[Evidence] = [Sampled(seed)]
    if sum(ideal.counts.values()) <= MAX_EXPANDED:
        for vector in ideal.vectors:
            for terms in orbit(vector, net.d_out, net.d_in):
                if value_at(terms, function) != 0:
                    return satisfies(ideal, function, seed + 1)
        evidence.append(Satisfies())
    reasons: dict[str, Iterable[Evidence]] = {c.name: c.evidence for c in ideal.claims}
    return EquationsResult.assemble(problem, True, reasons | {"satisfied": evidence}, detail=detail)
