"""Matrices whose rank is bounded on the image: equations of the image without their expansion.

The minors of a matrix of polynomials in the coordinates vanish on the image where the matrix has
small rank there.  For sums over blocks of parameters the rank is at most the sum of the ranks; one
polynomial that vanishes is a matrix of rank 0.  See the lemma "rank equations" of
``algattn/docs/maps.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from flint import nmod_mat

from algattn.errors import DisagreementError, HypothesisError, InputError, LimitError, ShapeError
from algattn.exact import NumberField, Polynomial
from algattn.maps import PolynomialMap
from algattn.maps.evaluators import Expanded
from algattn.maps.texts import read_all, read_polynomials, spell
from algattn.progress import tick
from algattn.results import Claim, Evidence, Status, about, declare
from algattn.words import quoted

__all__ = ["RankEquations", "equations_bound", "flattenings", "read_equations"]

Table = tuple[tuple[Polynomial, ...], ...]
Texts = tuple[tuple[str, ...], ...]

#: Terms of the polynomials in an elimination.
MAX_TERMS = 200_000
#: Divisors of a monomial that are tried as the first factor of a flattening.
MAX_DIVISORS = 64
ASKED = "bound a dimension by equations"


def read_equations(phi: PolynomialMap, given: Any) -> list[Table]:
    """Polynomials in the coordinates, and matrices of such, as matrices.

    Raises
    ------
    InputError, ShapeError
        For anything else.
    """
    ring = phi.target
    if isinstance(given, str | Polynomial):
        given = [given]
    if not hasattr(given, "__iter__"):
        raise InputError(ASKED, f"{quoted(given)} is no list", 'equations=["y_1*y_3-y_2^2"]')
    found = []
    for item in given:
        if not isinstance(item, str | Polynomial) and any(isinstance(row, str) for row in item):
            wrong = f"the row {quoted(next(r for r in item if isinstance(r, str)))} is a text"
            raise InputError(ASKED, wrong, 'equations=[[["y_1", "y_2"], ["y_2", "y_3"]]]')
        rows = [[item]] if isinstance(item, str | Polynomial) else [list(row) for row in item]
        if not rows or not rows[0] or len({len(row) for row in rows}) > 1:
            raise ShapeError(ASKED, "the rows of a matrix have different lengths", "mend it")
        width, flat = len(rows[0]), [x for row in rows for x in row]
        if all(isinstance(x, Polynomial) for x in flat):
            flat = [str(x) for x in flat]
        polys = [ring.from_terms(p.terms()) for p in read_polynomials(flat, ring.names, ring.field)]
        found.append(tuple(tuple(polys[i : i + width]) for i in range(0, len(polys), width)))
    return found


def _pulled_back(phi: PolynomialMap, table: Table) -> tuple[list[list[Polynomial]], bool]:
    """The matrix on the parameters, times a denominator, and whether it is linear below."""
    if isinstance(phi.field, NumberField):
        raise HypothesisError(ASKED, f"the map is over {phi.field}", "a map over QQ or GF(p)")
    degree = max((p.degree() for row in table for p in row), default=0)
    ring = phi.ring
    if not phi.rational:
        values = list(phi.polynomials)
        if degree <= 1:  # sums of few coordinates
            return [[_linear(p, values, ring(1)) for p in row] for row in table], True
        return [[p.compose(*values) for p in row] for row in table], False
    common = ring(1)
    for q in dict.fromkeys(phi.denominators):
        common = common * (q.divide(common.gcd(q)) or ring(1))
    pairs = zip(phi.numerators, phi.denominators, strict=True)
    values = [p * (common.divide(q) or ring(1)) for p, q in pairs]

    def cleared(poly: Polynomial) -> Polynomial:
        total = ring(0)
        for e, c in poly.terms():
            term = ring(1) * ring.field(c) if c else ring(0)
            for x, n in zip(values, e, strict=True):
                term = term * x**n
            total = total + term * common ** (degree - sum(e))
        return total

    return [[cleared(p) for p in row] for row in table], False


def _linear(poly: Polynomial, values: Sequence[Polynomial], one: Polynomial) -> Polynomial:
    total = one * 0
    for e, c in poly.terms():
        place = next((i for i, x in enumerate(e) if x), None)
        total = total + (one if place is None else values[place]) * c
    return total


def _by_blocks(phi: PolynomialMap, matrix: list[list[Polynomial]]) -> list[list[list[Polynomial]]]:
    """The summands of a matrix in the blocks of parameters, and its constant."""
    names = list(phi.parameters)
    home = {names.index(x): h for h, block in enumerate(phi.blocks()) for x in block}
    count = len(phi.blocks()) + 1
    ring = phi.ring
    parts = [[[ring(0)] * len(row) for row in matrix] for _ in range(count)]
    for i, row in enumerate(matrix):
        for j, poly in enumerate(row):
            terms: list[list[Any]] = [[] for _ in range(count)]
            for e, c in poly.terms():
                first = next((v for v, x in enumerate(e) if x), None)
                terms[-1 if first is None else home[first]].append((e, c))
            for h, found in enumerate(terms):
                if found:
                    parts[h][i][j] = ring.from_terms(found)
    return parts


def rank_of_polynomials(matrix: Sequence[Sequence[Polynomial]]) -> int:
    """The rank over the field of rational functions, by elimination without fractions (Bareiss).

    Raises
    ------
    LimitError
        When the polynomials become too large.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> rank_of_polynomials([[x**2, x * y], [x * y, y**2]])
    1
    """
    rows = [list(row) for row in matrix]
    rank, last = 0, None
    while True:
        tick()
        places = [(len(p), i, j) for i, row in enumerate(rows) for j, p in enumerate(row) if p]
        if not places:
            return rank
        if sum(n for n, _, _ in places) > MAX_TERMS:
            raise LimitError(
                "find the rank of a matrix of polynomials", "it grows", "a smaller one"
            )
        _, i, j = min(places)
        pivot, chosen = rows[i][j], rows.pop(i)
        rest = []
        for row in rows:
            new = []
            for n, x in enumerate(row):
                if n == j:
                    continue
                y = x * pivot - row[j] * chosen[n]
                new.append(y if last is None or not y else _exactly(y, last))
            rest.append(new)
        rows, last, rank = rest, pivot, rank + 1


def _exactly(top: Polynomial, bottom: Polynomial) -> Polynomial:
    found = top.divide(bottom)
    assert found is not None
    return found


def rank_on_image(phi: PolynomialMap, table: Table) -> int:
    """A bound on the rank of the matrix on the image: the sum of the ranks in the blocks."""
    matrix, linear = _pulled_back(phi, table)
    if not linear or len(phi.blocks()) == 1:
        return rank_of_polynomials(matrix)
    return sum(rank_of_polynomials(part) for part in _by_blocks(phi, matrix))


def _differentials(
    phi: PolynomialMap, table: Table, bound: int, seed: int, prime: int
) -> list[list[int]]:
    """Differentials of the minors at an image point modulo a prime; none at a special point."""
    field = phi._prime(prime)
    point = phi(phi.random_point(seed, prime))
    n, b = len(point), len(table[0])
    values, rows = Expanded([p for row in table for p in row], phi.field).jet(
        [field(x) for x in point]
    )
    dense = [[int(x) for x in values[i : i + b]] for i in range(0, len(values), b)]
    right, nullity = nmod_mat(dense, prime).nullspace()
    if b - nullity != bound:
        return []
    left, other = nmod_mat(dense, prime).transpose().nullspace()
    us = [[int(left[i, c]) for i in range(len(table))] for c in range(other)]
    ws = [[int(right[j, c]) for j in range(b)] for c in range(nullity)]
    found = []
    for u, w in product(us, ws):
        total = [0] * n
        for i, x in enumerate(u):
            if x:
                for j, y in enumerate(w):
                    if y:
                        for place, z in rows[i * b + j].items():
                            total[place] = (total[place] + x * y * int(z)) % prime
        found.append(total)
    return found


def equations_bound(
    phi: PolynomialMap, tables: Sequence[tuple[Table, int]], seed: int, prime: int
) -> int:
    """Coordinates minus the rank of the differentials, for matrices with bounds on their ranks."""
    rows = [r for table, bound in tables for r in _differentials(phi, table, bound, seed, prime)]
    n = len(phi.coordinates)
    return n - (int(nmod_mat(rows, prime).rank()) if rows else 0)


def flattenings(phi: PolynomialMap, least: int = 0) -> Iterator[Table]:
    """Matrices of coordinates whose summand in each block has rank one.

    For maps that have one monomial in each block: its exponents are written as sums in all ways
    that follow from a factor of one of them.  These are the catalecticants of sums of powers and
    the flattenings of tensors.

    Parameters
    ----------
    phi : PolynomialMap
    least : int
        Leave out matrices with at most so many rows or columns: they have full rank.
    """
    blocks = phi.blocks()
    first = {phi.parameters.index(x) for x in blocks[0]}
    ring, where = phi.target, {}
    for n, poly in enumerate(phi.polynomials):
        terms = [(e, c) for e, c in poly.terms() if any(e[j] for j in first)]
        if len(terms) > 1 or (terms and terms[0][0] in where):
            return
        if terms:
            where[terms[0][0]] = ring.gens()[n] * (1 / ring.field(terms[0][1]))
    if not where:
        return
    seen: set[frozenset[Any]] = set()
    for corner in (max(where), min(where), sorted(where)[len(where) // 2]):
        divisors = [d for d in _divisors(corner) if 0 < sum(d) < sum(corner)]
        for factor in divisors[:MAX_DIVISORS]:
            rest = _minus(corner, factor)
            left = [_minus(e, rest) for e in where if min(map(int, _minus(e, rest))) >= 0]
            right = [r for r in (_minus(e, left[0]) for e in where) if min(r) >= 0]
            right = [r for r in right if all(_plus(a, r) in where for a in left)]
            key = frozenset((frozenset(left), frozenset(right)))
            if min(len(left), len(right)) <= max(least, len(blocks)) or key in seen:
                continue
            seen.add(key)
            yield tuple(tuple(where[_plus(a, r)] for r in right) for a in left)


def _divisors(e: Sequence[int]) -> list[tuple[int, ...]]:
    size = 1
    for x in e:
        size *= x + 1
        if size > MAX_DIVISORS * 4:
            return []
    return list(product(*(range(x + 1) for x in e)))


def _minus(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    return tuple(x - y for x, y in zip(a, b, strict=True))


def _plus(a: Sequence[int], b: Sequence[int]) -> tuple[int, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))


@declare(
    "map.rank-equations",
    about("map.dimension", "dimension, upper"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class RankEquations(Evidence):
    """Coordinates minus rank of the differentials of equations.

    Each matrix has the rank at a point of the image that it has at most on the whole image.
    """

    matrices: tuple[Texts, ...]
    seed: int
    prime: int

    def summary(self) -> str:
        n = len(self.matrices)
        what = "equations" if n > 1 else "an equation"
        if any(len(m) > 1 for m in self.matrices):
            sizes = ", ".join(dict.fromkeys(f"{len(m)} x {len(m[0])}" for m in self.matrices))
            what = f"minors of matrices {sizes}"
        return f"Coordinates minus rank of the differentials of {what}"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        tables = []
        for texts in self.matrices:
            if not texts or len({len(row) for row in texts}) != 1 or not texts[0]:
                raise self.fail("the rows of a matrix have different lengths")
            table = tuple(read_all(row, problem.target) for row in texts)
            tables.append((table, rank_on_image(problem, table)))
        try:
            upper = equations_bound(problem, tables, self.seed, self.prime)
        except (InputError, HypothesisError) as error:
            raise self.fail(error.wrong) from error
        if upper > self.number(claim):
            raise self.fail(f"the equations leave {upper} dimensions, above {claim.value}")

    @classmethod
    def found(
        cls, phi: PolynomialMap, tables: Sequence[Table], lower: int, seed: int, prime: int
    ) -> tuple[int, RankEquations | None]:
        """The best bound by some matrices, not below `lower`, with those that are needed.

        Raises
        ------
        DisagreementError
            When a matrix of one entry, an equation, does not vanish on the image.
        """
        best = len(phi.coordinates)
        kept: list[tuple[Table, int]] = []
        for table in tables:
            tick()
            bound = rank_on_image(phi, table)
            if len(table) == len(table[0]) == 1 and bound:
                wrong = f"{str(table[0][0])[:80]} does not vanish on the image"
                raise DisagreementError(ASKED, wrong, "equations of the image")
            upper = equations_bound(phi, [*kept, (table, bound)], seed, prime)
            if upper < best:
                best = upper
                kept.append((table, bound))
            if best <= lower:
                break
        texts = tuple(tuple(spell(row) for row in table) for table, _ in kept)
        return best, cls(texts, seed, prime) if kept else None
