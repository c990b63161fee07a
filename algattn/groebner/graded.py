"""The ideal of one layer, degree by degree, by graded linear algebra on highest-weight vectors.

Everything splits by the type ``(mu|lam|nu)``.  In each type there are m highest-weight vectors;
evaluation at random layers has rank r, so m - r of their combinations are equations; contraction
with the generators of lower degrees has rank j, the number of equations that those generate; the
n equations that are orthogonal to these are new.  All ranks modulo a prime are lower bounds for the
ranks over QQ, and the n lifted vectors are proved one by one, so ``r + j + n = m`` proves all
three numbers (``algattn/docs/equations.md``, lemma *count*).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import permutations
from math import lcm
from typing import Any

import numpy as np
from flint import fmpq_mat, nmod_mat

from algattn.errors import InputError, UndecidedError
from algattn.exact.modular import crt, rational_reconstruction, word_prime
from algattn.groebner.highest_weight import (
    Array,
    Basis,
    Kind,
    Table,
    basis,
    evaluate,
    residues,
)
from algattn.groebner.modules import ambient, partitions
from algattn.groebner.vectors import (
    Vector,
    contraction,
    fits,
    independent,
    is_highest,
    nondegenerate,
    orthogonal,
    primitive,
    read_kind,
    vanishes,
)
from algattn.words import quoted

MAX_PRIMES = 40


@dataclass(frozen=True)
class Family:
    """Which layers: several tokens or one, the bound on the rank of A, and the sizes.

    ``rank`` 0 means no bound; ``d_out`` and ``d`` 0 mean all sizes at once.
    """

    tokens: int
    rank: int
    d_out: int = 0
    d: int = 0

    @property
    def q(self) -> int:
        """The number of left indices of a coordinate."""
        return 3 if self.tokens == 1 else 2

    def types(self, degree: int) -> Iterator[tuple[Kind, int]]:
        """The types of one degree with their multiplicities in the polynomial ring."""
        rows = min(degree, self.d or degree)
        for mu in partitions(degree, min(degree, self.d_out or degree)):
            rights = ((degree,),) if self.tokens == 1 else partitions(degree, rows)
            for nu in rights:
                for lam, m in ambient(mu, nu, self.q, rows).items():
                    yield Kind(mu, lam, nu, self.q), m

    def rank_for(self, kind: Kind) -> int:
        """The bound on the rank of A, for matrices of the size that the type needs."""
        return self.rank or max(len(kind.lam), len(kind.nu))


@dataclass(frozen=True)
class Task:
    """One type of one degree: a unit of work that can be sent to another process."""

    family: Family
    kind: Kind
    size: int
    lower: tuple[Vector, ...]
    prime: int
    seed: int
    field: int = 0
    certify: bool = False


@dataclass(frozen=True)
class Row:
    """What was found in one type; ``ambient = ring + generated + new``."""

    kind: Kind
    ambient: int
    ring: int
    generated: int
    new: int

    @property
    def equations(self) -> int:
        """The multiplicity in the ideal."""
        return self.generated + self.new

    def to_data(self) -> list[Any]:
        """``[mu, lam, nu, ambient, ring, generated, new]``."""
        kind = self.kind
        shapes = [list(kind.mu), list(kind.lam), list(kind.nu)]
        return [*shapes, self.ambient, self.ring, self.generated, self.new]

    @staticmethod
    def from_data(data: Any) -> Row:
        """The inverse of :meth:`to_data`."""
        asked, hint = "read a row of a table", "use the file as written"
        if not isinstance(data, list | tuple) or len(data) != 7:
            raise InputError(asked, f"{quoted(data)} is not one", hint)
        if any(type(x) is not int or x < 0 for x in data[3:]):
            raise InputError(asked, f"{quoted(data)} has other numbers", hint)
        return Row(read_kind(*data[:3]), *data[3:])


def model_points(table: Table, rank: int, count: int, prime: int, seed: int) -> Array:
    """The coordinates of `count` random layers (rows) modulo `prime`."""
    number: Any = object if prime >= 2**31 else np.int64
    salt = (seed, table.rows, table.size, table.width, table.q, count)

    def draw(block: int, *shape: int) -> Array:
        return residues((*salt, block), min(prime, 2**62), *shape).astype(number)

    n = table.size
    V = draw(0, count, table.rows, n)
    if table.q == 2:
        A = draw(1, count, n, table.width)
    elif 2 * rank >= n:
        A = draw(1, count, n, n)
        A = (A + A.transpose(0, 2, 1)) % prime
    else:
        P = draw(1, count, 2 * rank, n)
        A = np.zeros((count, n, n), dtype=number)
        for x in range(2 * rank):
            A = (A + P[:, x, :, None] * P[:, x, None, :]) % prime
    out = np.zeros((count, len(table.labels)), dtype=number)
    for m, (r, *rest) in enumerate(table.labels):
        if table.q == 3:
            orders = set(permutations(rest))
        else:
            i, j, k = rest
            orders = {(i, j, k), (j, i, k)}
        for i, j, k in orders:
            out[:, m] = (out[:, m] + V[:, r, i] * A[:, j, k]) % prime
    return out


def _matrix(rows: Any, width: int, prime: int) -> nmod_mat:
    flat = [[int(x) for x in row] for row in rows]
    return nmod_mat(flat, prime) if flat else nmod_mat(0, width, [], prime)


def _shorten(rows: Array, keep: int, prime: int, seed: int) -> Array:
    """Random combinations of rows: their rank is no larger, and almost surely the same."""
    if len(rows) <= 2 * keep + 8:
        return rows
    out = np.zeros((keep + 4, rows.shape[1]), dtype=rows.dtype)
    weights = residues((seed, 5), min(prime, 2**31), keep + 4, len(rows))
    for n in range(rows.shape[1]):
        for i in range(keep + 4):
            out[i, n] = (weights[i].astype(rows.dtype) * rows[:, n] % prime).sum() % prime
    return out


@dataclass(frozen=True)
class _System:
    """The conditions on combinations of a basis: vanish on layers, be orthogonal to lower ones."""

    values: nmod_mat
    contractions: nmod_mat
    prime: int
    size: int

    def both(self) -> nmod_mat:
        return _matrix([*self.values.tolist(), *self.contractions.tolist()], self.size, self.prime)


def _system(task: Task, found: Basis, prime: int, extra: int = 0) -> _System:
    kind, size = task.kind, found.size
    monomials = found.monomials()
    rank = task.family.rank_for(kind)
    if kind.q == 2 and len(kind.nu) > rank:
        values = _matrix([], size, prime)  # lemma "rows": everything is an equation
    else:
        points = model_points(kind.table, rank, size + 4 + extra, prime, task.seed)
        values = _matrix(evaluate(monomials, found.columns, points, prime), size, prime)
    rows: list[list[int]] = []
    for vector in task.lower:
        if fits(vector.kind, kind):
            part = contraction(vector, kind, monomials, found.columns, prime)
            rows += [[int(x) for x in r] for r in _shorten(part, size, prime, task.seed)]
    return _System(values, _matrix(rows, size, prime), prime, size)


def null_rows(matrix: nmod_mat, size: int, prime: int) -> list[list[int]]:
    """A basis of the right kernel, in reduced echelon form read from the right.

    >>> null_rows(nmod_mat([[1, 2, 3]], 7), 3, 7)
    [[5, 1, 0], [4, 0, 1]]
    """
    if matrix.nrows() == 0:
        return [[int(i == j) for j in range(size)] for i in range(size)]
    reduced, rank = matrix.rref()
    table = reduced.tolist()
    pivots = [next(j for j in range(size) if int(table[i][j])) for i in range(rank)]
    out = []
    for free in range(size):
        if free not in pivots:
            row = [0] * size
            row[free] = 1
            for i, j in enumerate(pivots):
                row[j] = -int(table[i][free]) % prime
            out.append(row)
    return out


def work(task: Task) -> tuple[Row, tuple[Vector, ...]]:
    """Find what one type contributes: the ranks, and the new generators, lifted and proved.

    Types with more rows in `nu` than the bound on the rank of A need no computation (lemma
    *minors*).
    """
    kind, rank = task.kind, task.family.rank_for(task.kind)
    if kind.q == 2 and len(kind.nu) > rank and kind.degree > rank + 1:
        return Row(kind, task.size, 0, task.size, 0), ()  # minors of degree rank + 1 generate it
    prime = task.field or task.prime
    found = basis(task.kind, task.size, prime, task.seed)
    for attempt in range(4):
        system = _system(task, found, prime, extra=attempt * 4 * found.size)
        ring, generated = system.values.rank(), system.contractions.rank()
        new = found.size - ring - generated
        row = Row(task.kind, found.size, ring, generated, new)
        if new == 0 or task.certify:
            return row, ()
        if new > 0 and system.both().rank() == ring + generated:
            vectors = _lift(task, found, system, new)
            if vectors is not None:
                return row, vectors
    raise UndecidedError(
        f"find the equations of type {task.kind.name}",
        f"ranks {ring} and {generated} of {found.size} leave {new}, which could not be lifted",
        "use another seed",
    )


def _lift(task: Task, found: Basis, system: _System, new: int) -> tuple[Vector, ...] | None:
    """The new generators over QQ (or GF(p)); None when no lift can be proved."""
    first = null_rows(system.both(), found.size, system.prime)
    if task.field:
        columns = _combine(found, first, task.field)
        vectors = _vectors(task, found, columns)
        good = all(_proved(task, v) for v in vectors) and nondegenerate(vectors, task.field)
        return vectors if good else None
    residues, moduli, skip = [first], [system.prime], 0
    shape = [[bool(x) for x in row].index(True) for row in first]
    while len(moduli) <= MAX_PRIMES:
        rational = _reconstruct(residues, moduli)
        if rational is not None:
            vectors = _vectors(task, found, _combine_rational(found, rational))
            if all(_proved(task, v) for v in vectors) and independent(vectors, task.prime):
                return vectors
            if len(moduli) > 3:
                return None
        while True:
            skip += 1
            prime = word_prime(31, skip)
            if prime not in moduli:
                break
        again = null_rows(_system(task, found, prime).both(), found.size, prime)
        if len(again) != new or [[bool(x) for x in r].index(True) for r in again] != shape:
            continue
        residues.append(again)
        moduli.append(prime)
    return None


def _reconstruct(
    residues: Sequence[Sequence[Sequence[int]]], moduli: Sequence[int]
) -> list[list[Fraction]] | None:
    out = []
    for i, row in enumerate(residues[0]):
        line = []
        for j in range(len(row)):
            x, m = crt([r[i][j] for r in residues], moduli)
            value = rational_reconstruction(x, m)
            if value is None:
                return None
            line.append(value)
        out.append(line)
    return out


def _combine(found: Basis, rows: Sequence[Sequence[int]], prime: int) -> list[list[int]]:
    matrix = nmod_mat([list(r) for r in rows], prime) * nmod_mat(
        [[int(x) for x in column] for column in found.columns.T], prime
    )
    reduced, rank = matrix.rref()
    return [[int(x) for x in row] for row in reduced.tolist()[:rank]]


def _combine_rational(found: Basis, rows: Sequence[Sequence[Fraction]]) -> list[list[int]]:
    """Integer polynomials: reduced echelon form over the monomials, then primitive."""
    lines = []
    for row in rows:
        scale = lcm(*(x.denominator for x in row))
        numbers = [int(x * scale) for x in row]
        column = found.columns.astype(object) @ np.array(numbers, dtype=object)
        lines.append([int(x) for x in column])
    if len(lines) > 1:
        reduced, rank = fmpq_mat(len(lines), len(lines[0]), [x for r in lines for x in r]).rref()
        lines = []
        for line in reduced.tolist()[:rank]:
            scale = lcm(*(int(x.q) for x in line))
            lines.append([int(x * scale) for x in line])
    return [primitive(line) for line in lines]


def _vectors(task: Task, found: Basis, lines: Iterable[Sequence[int]]) -> tuple[Vector, ...]:
    monomials = found.monomials()
    return tuple(Vector.from_column(task.kind, monomials, line) for line in lines)


def _proved(task: Task, vector: Vector) -> bool:
    """Substitution, and orthogonality to what lower degrees generate, exactly."""
    rank, prime = task.family.rank_for(task.kind), task.field
    return all(orthogonal(g, vector, prime) for g in task.lower) and vanishes(vector, rank, prime)


def degree_part(
    family: Family,
    degree: int,
    lower: Sequence[Vector],
    *,
    prime: int,
    seed: int,
    field: int = 0,
    executor: Executor | None = None,
    certify: bool = False,
) -> Iterator[tuple[Row, tuple[Vector, ...]]]:
    """All types of one degree, with the new generators; parallel when there is an executor."""
    tasks = [
        Task(family, kind, m, tuple(lower), prime, seed, field, certify)
        for kind, m in family.types(degree)
    ]
    if executor is None:
        yield from map(work, tasks)
    else:
        yield from executor.map(work, tasks, chunksize=max(1, len(tasks) // 32))


@lru_cache(maxsize=256)
def check_vector(family: Family, vector: Vector, field: int = 0) -> bool:
    """Whether a vector is a highest-weight vector and an equation, exactly."""
    rank = family.rank_for(vector.kind)
    return is_highest(vector, field) and vanishes(vector, rank, field)
