"""What proves a table of equations: each vector by substitution, the multiplicities by ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from algattn.attention import Architecture
from algattn.attention.problem import Problem
from algattn.attention.theorems import Theorem, plain_layer
from algattn.errors import InputError
from algattn.exact.modular import is_prime, word_prime
from algattn.groebner.graded import Family, Row, check_vector, degree_part
from algattn.groebner.highest_weight import Kind
from algattn.groebner.modules import layer_bound
from algattn.groebner.vectors import Vector, independent, nondegenerate, orthogonal
from algattn.results import Claim, Evidence, Status, about, declare, thaw

DEFAULT_PRIME = word_prime()

#: The equations are modules that one sees at a few rows, tokens and features.
ROWS = Theorem(
    "rows",
    "algattn/docs/equations.md",
    *plain_layer,
    instead="algattn.implicitize",
)


@dataclass(frozen=True)
class AllWidths:
    """Layers of all widths: one token or several (2), and a bound on the rank of A or None."""

    tokens: Literal[1, 2]
    rank: int | None

    def __post_init__(self) -> None:
        if self.tokens not in (1, 2) or (self.rank is not None and self.rank < 1):
            raise InputError("read a table", "tokens or rank is wrong", "use the file as written")


@dataclass(frozen=True)
class Subject:
    """What a table of equations is about: a family of layers, a degree, a field."""

    family: Family
    max_degree: int
    field: int

    @staticmethod
    def of(problem: Problem | AllWidths, max_degree: Any, field: Any) -> Subject:
        """With a degree and a field (0 or a prime) that are checked."""
        if type(max_degree) is not int or max_degree < 1 or type(field) is not int:
            raise InputError("read a table", "its degree or field is wrong", "use the file")
        if isinstance(problem, AllWidths):
            family = Family(problem.tokens, problem.rank or 0)
        else:
            family = family_of(problem.network)
        if field and (field <= family.q * max_degree or not is_prime(field)):
            raise InputError("read a table", f"there is no theory over GF({field})", "recompute it")
        return Subject(family, max_degree, field)

    @staticmethod
    def in_claim(problem: Problem | AllWidths, value: Any) -> Subject:
        """With the degree and the field in the value of a claim."""
        return Subject.of(problem, value["max_degree"], value["field"])

    def read(self, data: Any) -> tuple[Vector, ...]:
        """Highest-weight vectors from JSON data, degrees rising up to that of the table."""
        vectors = tuple(Vector.from_data(thaw(item)) for item in data)
        self.check(vectors)
        return vectors

    def check(self, vectors: Sequence[Vector]) -> None:
        """Raise unless vectors are of layers like these, degrees rising up to that of the table."""
        degrees = [v.degree for v in vectors]
        if degrees != sorted(degrees) or any(n > self.max_degree for n in degrees):
            raise InputError(
                "read generators", "their degrees are wrong", "use the file as written"
            )
        if any(v.kind.q != self.family.q for v in vectors):
            raise InputError("read generators", "the number of tokens is another", "mend the file")


def family_of(network: Architecture) -> Family:
    """The family of one lightning layer; no other network has these equations."""
    ROWS.require(network, "find the equations")
    tokens = 1 if network.tokens == 1 else 2
    return Family(tokens, network.ranks[0], network.d_out, network.d_in)


#: Kinds of results that hold a table of equations.
TABLES = "completeness.one-layer ideal.one-layer refuted.one-layer stable.module"


@declare("ideal.substituted", about(TABLES, "equations"), Status.PROVED)
@dataclass(frozen=True)
class Substituted(Evidence):
    """Each is a highest-weight vector, and zero after substituting the parametrization."""

    def check(self, problem: Problem | AllWidths, claim: Claim) -> None:
        subject = Subject.in_claim(problem, claim.value)
        vectors = subject.read(claim.value["generators"])
        if (found := not_equations(subject, vectors)) is not None:
            raise self.fail(found)


def not_equations(subject: Subject, vectors: Sequence[Vector]) -> str | None:
    """The reason why vectors are not highest-weight equations, or None."""
    for vector in vectors:
        if not check_vector(subject.family, vector, subject.field):
            return f"a vector of type {vector.kind.name} is not an equation"
    return None


@declare("ideal.counted", about(TABLES, "complete to degree"), Status.PROVED)
@dataclass(frozen=True)
class Counted(Evidence):
    """Ranks modulo a prime of evaluation and of contraction add up with the proved vectors."""

    prime: int
    seed: int

    def summary(self) -> str:
        return f"ranks modulo {self.prime} (seed {self.seed}) add up with the proved equations"

    def check(self, problem: Problem | AllWidths, claim: Claim) -> None:
        if self.seed < 0:
            raise self.fail("the seed is negative")
        if not 2**20 < self.prime < 2**31 or not is_prime(self.prime):
            raise self.fail(f"{self.prime} is not a prime of the size used here")
        subject = Subject.in_claim(problem, claim.value)
        vectors = subject.read(claim.value["generators"])
        rows = [Row.from_data(row) for row in claim.value["table"]]
        found = not_equations(subject, vectors)
        found = found or certify(subject, vectors, rows, self.prime, self.seed)
        if found is not None:
            raise self.fail(found)


def certify(
    subject: Subject,
    vectors: Sequence[Vector],
    rows: Sequence[Row],
    prime: int,
    seed: int,
) -> str | None:
    """Check a table against proved vectors; the reason why it is wrong, or None."""
    family, field = subject.family, subject.field
    by_kind: dict[Kind, list[Vector]] = {}
    for vector in vectors:
        by_kind.setdefault(vector.kind, []).append(vector)
    listed = {row.kind: row for row in rows}
    if len(listed) != len(rows):
        return "a type is listed twice"
    for kind, group in by_kind.items():
        lower = [g for g in vectors if g.degree < kind.degree]
        if not all(orthogonal(g, f, field) for g in lower for f in group):
            return f"a generator of type {kind.name} is not orthogonal to lower degrees"
        same = nondegenerate(group, field) if field else independent(group, prime)
        if not same:
            return f"the generators of type {kind.name} are not independent"
    seen = []
    for degree in range(1, subject.max_degree + 1):
        lower = [g for g in vectors if g.degree < degree]
        parts = degree_part(
            family, degree, lower, prime=prime, seed=seed, field=field, certify=True
        )
        for row, _ in parts:
            seen.append(row.kind)
            if listed.get(row.kind) != row:
                return f"the row of type {row.kind.name} is another one: {row}"
            if row.new != len(by_kind.get(row.kind, [])):
                return f"{row.new} generators of type {row.kind.name} are needed"
            rank = family.rank or None
            if row.ring > layer_bound(row.kind.mu, row.kind.lam, row.kind.nu, family.tokens, rank):
                return f"type {row.kind.name} exceeds the bound of Littlewood and Richardson"
    if seen != list(listed):
        return "the table lists other types, or in another order"
    place = {kind: n for n, kind in enumerate(seen)}
    if [v.kind for v in vectors] != sorted((v.kind for v in vectors), key=place.__getitem__):
        return "the generators are in another order than their types"
    return None
