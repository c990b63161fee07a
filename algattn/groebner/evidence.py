"""What proves a table of equations: each vector by substitution, the multiplicities by ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import HypothesisError, InputError
from algattn.exact.modular import is_prime, word_prime
from algattn.groebner.graded import Family, Row, check_vector, degree_part
from algattn.groebner.highest_weight import Kind
from algattn.groebner.modules import layer_bound
from algattn.groebner.vectors import Vector, independent, nondegenerate, orthogonal
from algattn.networks import Architecture
from algattn.results import Claim, Evidence, Status, about, register, thaw

DEFAULT_PRIME = word_prime()


def row_data(row: Row) -> list[Any]:
    """``[mu, lam, nu, ambient, ring, generated, new]`` as JSON data."""
    kind = row.kind
    shapes = [list(kind.mu), list(kind.lam), list(kind.nu)]
    return [*shapes, row.ambient, row.ring, row.generated, row.new]


def row_from_data(data: Any, q: int) -> Row:
    """The inverse of :func:`row_data`."""
    if len(data) != 7 or any(type(x) is not int or x < 0 for x in data[3:]):
        raise InputError("read a row of a table", f"{data!r} is not one", "use the file as written")
    mu, lam, nu = (tuple(shape) for shape in data[:3])
    return Row(Kind(mu, lam, nu, q), *data[3:])


@dataclass(frozen=True)
class Subject:
    """What a table of equations is about: a family of layers, a degree, a field."""

    family: Family
    max_degree: int
    field: int

    @staticmethod
    def of(problem: Mapping[str, Any], detail: Mapping[str, Any]) -> Subject:
        """Read it from a problem (with a network, or with tokens and rank) and a detail."""
        degree, field = detail["max_degree"], detail["field"]
        if type(degree) is not int or degree < 1 or type(field) is not int:
            raise InputError("read a table", "its degree or field is wrong", "use the file")
        q = 3 if tokens_of(problem) == 1 else 2
        if field and (field <= q * degree or not is_prime(field)):
            raise InputError("read a table", f"there is no theory over GF({field})", "recompute it")
        if "network" in problem:
            network = Architecture.from_data(thaw(problem["network"]))
            return Subject(family_of(network), degree, field)
        tokens, rank = problem["tokens"], problem["rank"]
        if tokens not in (1, 2) or (rank is not None and (type(rank) is not int or rank < 1)):
            raise InputError("read a table", "tokens or rank is wrong", "use the file as written")
        return Subject(Family(tokens, rank or 0), degree, field)


def tokens_of(problem: Mapping[str, Any]) -> int:
    """The number of tokens that a problem speaks of."""
    if "network" in problem:
        return Architecture.from_data(thaw(problem["network"])).tokens
    return int(problem["tokens"])


def family_of(network: Architecture) -> Family:
    """The family of one lightning layer; no other network has these equations."""
    if network.kind != "lightning" or network.layers != 1:
        raise HypothesisError(
            f"find the equations of {network!r}",
            "graded linear algebra is for one lightning layer",
            "use algattn.implicitize",
        )
    tokens = 1 if network.tokens == 1 else 2
    return Family(tokens, network.ranks[0], network.d_out, network.d_in)


def read_vectors(data: Any, q: int) -> tuple[Vector, ...]:
    """Vectors from JSON data, degrees rising."""
    vectors = tuple(Vector.from_data(thaw(item), q) for item in data)
    degrees = [v.degree for v in vectors]
    if degrees != sorted(degrees):
        raise InputError("read generators", "the degrees do not rise", "use the file as written")
    return vectors


#: Kinds of results that hold a table of equations.
TABLES = "completeness.one-layer ideal.one-layer refuted.one-layer stable.module"


@register
@dataclass(frozen=True)
class Substituted(Evidence):
    """Each is a highest-weight vector, and zero after substituting the parametrization."""

    kind: ClassVar[str] = "ideal.substituted"
    supports = about(TABLES, "equations")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "equations":
            raise self.fail("it can only prove that equations vanish")
        subject = Subject.of(problem, claim.value)
        vectors = read_vectors(claim.value["generators"], subject.family.q)
        if (found := not_equations(subject, vectors)) is not None:
            raise self.fail(found)


def not_equations(subject: Subject, vectors: Sequence[Vector]) -> str | None:
    """The reason why vectors are not highest-weight equations, or None."""
    for vector in vectors:
        if not check_vector(subject.family, vector, subject.field):
            return f"a vector of type {vector.kind.name} is not an equation"
    return None


@register
@dataclass(frozen=True)
class Counted(Evidence):
    """Ranks modulo a prime of evaluation and of contraction add up with the proved vectors."""

    kind: ClassVar[str] = "ideal.counted"
    supports = about(TABLES, "complete to degree")
    strength: ClassVar[Status] = Status.PROVED

    prime: int
    seed: int

    def summary(self) -> str:
        return f"ranks modulo {self.prime} (seed {self.seed}) add up with the proved equations"

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        if claim.name != "complete to degree":
            raise self.fail("it can only prove a table of multiplicities")
        numbers = (self.prime, self.seed)
        if any(type(x) is not int for x in numbers) or self.seed < 0:
            raise self.fail("prime and seed are not whole numbers")
        if not 2**20 < self.prime < 2**31 or not is_prime(self.prime):
            raise self.fail(f"{self.prime} is not a prime of the size used here")
        subject = Subject.of(problem, claim.value)
        family, top = subject.family, subject.max_degree
        vectors = read_vectors(claim.value["generators"], family.q)
        rows = [row_from_data(r, family.q) for r in claim.value["table"]]
        if vectors and vectors[-1].degree > top:
            raise self.fail("a generator has too large a degree")
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
    seen = set()
    for degree in range(1, subject.max_degree + 1):
        lower = [g for g in vectors if g.degree < degree]
        parts = degree_part(
            family, degree, lower, prime=prime, seed=seed, field=field, certify=True
        )
        for row, _ in parts:
            seen.add(row.kind)
            if listed.get(row.kind) != row:
                return f"the row of type {row.kind.name} is another one: {row}"
            if row.new != len(by_kind.get(row.kind, [])):
                return f"{row.new} generators of type {row.kind.name} are needed"
            rank = family.rank or None
            if row.ring > layer_bound(row.kind.mu, row.kind.lam, row.kind.nu, family.tokens, rank):
                return f"type {row.kind.name} exceeds the bound of Littlewood and Richardson"
    if seen != set(listed):
        return "the table lists other types"
    return None
