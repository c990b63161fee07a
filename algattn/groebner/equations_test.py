"""Is a function refuted by the equations?  With the violated one, or with all of them tested."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from algattn.attention import FunctionMap
from algattn.attention.problem import Problem, check_function
from algattn.errors import InputError, ShapeError
from algattn.exact import GF
from algattn.groebner.evidence import ROWS, Subject
from algattn.groebner.graded import check_vector
from algattn.groebner.orbit import orbit
from algattn.groebner.table import Table
from algattn.groebner.vectors import Monomial, Vector
from algattn.progress import Monitor
from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Status,
    TruthLike,
    about,
    declare,
    decode,
    register,
    thaw,
)

MAX_EXPANDED = 4000
TRIES = 12
Matrix = tuple[tuple[int, ...], ...]


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


def moved(function: FunctionMap, rows: Matrix, left: Matrix, right: Matrix) -> FunctionMap:
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
class EquationsResult(TruthLike, Table):
    """Whether a function satisfies the equations of a layer up to a degree.

    Attributes
    ----------
    value : bool
        False: the function violates :attr:`violated`, so it is not in the closure.
    violated : str or None
        The module of the violated equation, such as ``(4|44|22)``.
    """

    problem: Problem
    value: bool
    violated: str | None

    kind: ClassVar[str] = "refuted.one-layer"
    title: ClassVar[str] = "Does the function satisfy the equations?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "refuted",
        "equations",
        "complete to degree",
        "satisfied",
    )

    def outline(self) -> tuple[Outline, ...]:
        network, found = self.problem.network, self.violated
        bare = replace(self.problem, given_function=None)
        if bare != Problem(network) or self.subject.field:
            return ()
        data = self.equations_data()
        if self.value and found is None:
            statement = f"the function satisfies {len(self.vectors)} modules of equations"
            table = self.table_outline(f"every layer {network!r}", "")
            return (*table, Outline("satisfied", statement, data))
        if self.value or self.rows or len(self.vectors) != 1:
            return ()
        (vector,) = self.vectors
        if found != vector.kind.name or self.max_degree != vector.degree:
            return ()
        statement = f"the function violates the equation {found}"
        return (Outline("refuted", statement, data | {"violated": found}),)

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        """Version 0.1 listed all equations, of which one was violated and proved."""
        parts, evidence = super().upgrade(parts, evidence)
        for n, item in enumerate(evidence.get("refuted", ())):
            if isinstance(item, Violates):
                function = Problem.from_data(thaw(parts["problem"])).function()
                if function.tokens == 1:
                    item = replace(item, right=())
                vectors = decode(tuple[Vector, ...], parts["detail"].get("vectors"))
                try:
                    hit = next(v for v in vectors if item.violated(v, function))
                except (LookupError, StopIteration, ValueError):
                    continue  # the check will say what is wrong
                only = {"vectors": [hit.to_data()], "max_degree": hit.degree}
                parts = parts | {"detail": parts["detail"] | only}
                evidence["refuted"][n] = item
        return parts, evidence

    def sentence(self) -> str:
        if self.value:
            return f"The function satisfies all equations of degree at most {self.max_degree}"
        return f"The function violates an equation of the module {self.violated}"


@declare("refuted.violates", about("refuted.one-layer", "refuted"), Status.PROVED)
@dataclass(frozen=True)
class Violates(Evidence):
    """A translate of the function at which a proved highest-weight equation is not zero."""

    rows: Matrix
    left: Matrix
    right: Matrix

    @classmethod
    def upgrade(cls, data: dict[str, Any]) -> dict[str, Any]:
        return {key: part for key, part in data.items() if key != "index"}

    def violated(self, vector: Vector, function: FunctionMap) -> bool:
        """Whether an equation is not zero at the translate."""
        there = moved(function, self.rows, self.left, self.right)
        return bool(value_at(vector.terms(), there) != 0)

    def check(self, problem: Problem, claim: Claim) -> None:
        function = _function(problem)
        subject = Subject.in_claim(problem, claim.value)
        vectors = subject.read(claim.value["generators"])
        if len(vectors) != 1 or subject.field or subject.max_degree != vectors[0].degree:
            raise self.fail("it can only prove that one equation over QQ is violated")
        (vector,) = vectors
        sizes = {"rows": function.d_out, "left": function.d_in, "right": function.d_in}
        if function.tokens == 1:
            sizes["right"] = 0  # there is no second argument to move
        for name, size in sizes.items():
            if [len(line) for line in getattr(self, name)] != [size] * size:
                raise self.fail("a matrix has the wrong size")
        if not check_vector(subject.family, vector):
            raise self.fail("the vector is not an equation")
        self.expect(claim.value["violated"], vector.kind.name, "the module has another name")
        if not self.violated(vector, function):
            raise self.fail("the equation holds")


@declare("refuted.satisfies", about("refuted.one-layer", "satisfied"), Status.PROVED)
@dataclass(frozen=True)
class Satisfies(Evidence):
    """Every equation of the modules, expanded from its highest-weight vector, is zero."""

    def check(self, problem: Problem, claim: Claim) -> None:
        function = _function(problem)
        for vector in _vectors(problem, claim):
            for terms in orbit(vector, function.d_out, function.d_in):
                if value_at(terms, function) != 0:
                    raise self.fail(f"an equation of {vector.kind.name} is violated")


@declare("refuted.sampled", about("refuted.one-layer", "satisfied"), Status.PROBABLE)
@dataclass(frozen=True)
class Sampled(Evidence):
    """The highest-weight equations are zero at random translates of the function."""

    seed: int

    def check(self, problem: Problem, claim: Claim) -> None:
        function = _function(problem)
        if self.seed < 0:
            raise self.fail("the seed is negative")
        if _search(_vectors(problem, claim), function, self.seed) is not None:
            raise self.fail("an equation is violated")


def _function(problem: Problem) -> FunctionMap:
    """The function of a problem, which must have the shape of its network."""
    problem.under(ROWS)
    return problem.function()


def _vectors(problem: Problem, claim: Claim) -> tuple[Vector, ...]:
    subject = Subject.in_claim(problem, claim.value)
    if subject.field:
        raise InputError("test a function by equations", "they are not over QQ", "ask over QQ")
    return subject.read(claim.value["generators"])


def _search(
    vectors: Sequence[Vector],
    function: FunctionMap,
    seed: int,
    step: Callable[[], None] = lambda: None,
) -> tuple[Vector, Violates] | None:
    """A vector that is not zero at a translate of the function, with that translate."""
    rng = random.Random(f"algattn translates {seed}")
    sizes = (function.d_out, function.d_in, function.d_in)
    tables = [v.terms() for v in vectors]
    for attempt in range(TRIES):
        bound = 1 + attempt

        def draw(n: int, bound: int = bound, first: bool = attempt == 0) -> Matrix:
            if first:
                return tuple(tuple(int(i == j) for j in range(n)) for i in range(n))
            return tuple(tuple(rng.randint(-bound, bound) for _ in range(n)) for _ in range(n))

        rows, left, right = (draw(n) for n in sizes)
        there = moved(function, rows, left, right)
        for vector, terms in zip(vectors, tables, strict=True):
            step()
            if value_at(terms, there) != 0:
                return vector, Violates(rows, left, right if function.tokens > 1 else ())
    return None


def satisfies(
    ideal: Table,
    function: FunctionMap,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> EquationsResult:
    """Test a function against the equations of a layer; see :meth:`IdealResult.contains`."""
    net = ideal.problem.network
    if not isinstance(function, FunctionMap):
        raise InputError(
            "test a function by equations",
            f"{type(function).__name__} is no function",
            "give net.function(weights), or a FunctionMap",
        )
    check_function(function, net, "test a function by equations")
    if ideal.characteristic:
        field = GF(ideal.characteristic)
        raise ShapeError("test a function by equations", f"they are over {field}", "ask over QQ")
    asked = "test a function by equations"
    with Monitor(asked, progress=progress, time_limit=time_limit) as monitor:
        return _satisfies(ideal, function, seed, monitor)


def _satisfies(ideal: Table, function: FunctionMap, seed: int, monitor: Monitor) -> EquationsResult:
    net = ideal.problem.network
    problem = Problem(net, given_function=function)
    hit = _search(ideal.vectors, function, seed, monitor.step)
    if hit is not None:
        vector, reason = hit
        return EquationsResult.assemble(
            problem,
            False,
            {"refuted": [reason]},
            max_degree=vector.degree,
            characteristic=0,
            vectors=(vector,),
            rows=(),
            violated=vector.kind.name,
        )
    evidence: list[Evidence] = [Sampled(seed)]
    if sum(ideal.value.values()) <= MAX_EXPANDED:
        for vector in ideal.vectors:
            for terms in orbit(vector, net.d_out, net.d_in):
                monitor.step()
                if value_at(terms, function) != 0:
                    return _satisfies(ideal, function, seed + 1, monitor)
        evidence.append(Satisfies())
    reasons: dict[str, Iterable[Evidence]] = {c.name: c.evidence for c in ideal.claims}
    return EquationsResult.assemble(
        problem,
        True,
        reasons | {"satisfied": evidence},
        max_degree=ideal.max_degree,
        characteristic=0,
        vectors=ideal.vectors,
        rows=ideal.rows,
        violated=None,
    )
