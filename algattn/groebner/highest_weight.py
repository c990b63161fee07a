"""Highest-weight vectors of ``Sym(R x S^q U x W)``, written down by fillings of Young diagrams.

The coordinate ``c_{r,ij,k}`` of one layer spans ``R x S^2 U x W`` (``c_{r,ijk}`` of one token
``R x S^3 U``, with W a line).  For a filling of the diagrams of ``(mu, lam, nu)`` by the labels
1..D, each used once in mu and nu and q times in lam, put the row numbers of the boxes with label m
into the m-th coordinate of a product, and antisymmetrise over the columns: the sum is a
highest-weight vector, and these vectors span all of them (``algattn/docs/equations.md``).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations_with_replacement, permutations
from math import factorial, prod
from typing import Any

import numpy as np
from flint import nmod_mat
from numpy.random import PCG64
from numpy.typing import NDArray

from algattn.errors import LimitError, UndecidedError
from algattn.groebner.modules import Partition, conjugate, dimension, spelled

Array = NDArray[Any]
MAX_EXPANSION = 100_000_000
MAX_ORDERS = 4_000_000
_CHUNK = 2_000_000


@dataclass(frozen=True)
class Table:
    """The coordinates with ``r < rows``, left indices ``< size`` and ``k < width``, numbered.

    Their labels are those of :mod:`algattn.attention.coordinates`; one token (q = 3) has no k.
    """

    rows: int
    size: int
    width: int
    q: int

    def __hash__(self) -> int:
        return hash((self.rows, self.size, self.width, self.q))

    @property
    def labels(self) -> tuple[tuple[int, ...], ...]:
        return _labels(self)

    @property
    def index(self) -> dict[tuple[int, ...], int]:
        return _index(self)

    @property
    def bits(self) -> int:
        return max(1, (len(self.labels) - 1).bit_length())

    def factorials(self) -> Array:
        """``alpha!`` for the exponent alpha of the left indices of every coordinate."""
        return _factorials(self)

    def encode(self, monomials: Array) -> Array:
        """One integer for each row of sorted coordinate numbers."""
        keys = monomials[:, 0].astype(np.int64)
        for m in range(1, monomials.shape[1]):
            keys = (keys << self.bits) | monomials[:, m]
        return keys

    def decode(self, keys: Array, degree: int) -> Array:
        """The inverse of :meth:`encode`."""
        mask, bits = (1 << self.bits) - 1, self.bits
        columns = [(keys >> (bits * (degree - 1 - m))) & mask for m in range(degree)]
        return np.stack(columns, axis=1)


@lru_cache(maxsize=512)
def _labels(table: Table) -> tuple[tuple[int, ...], ...]:
    left = list(combinations_with_replacement(range(table.size), table.q))
    if table.q == 3:
        return tuple((r, *u) for r in range(table.rows) for u in left)
    return tuple((r, *u, k) for r in range(table.rows) for u in left for k in range(table.width))


@lru_cache(maxsize=512)
def _index(table: Table) -> dict[tuple[int, ...], int]:
    return {label: n for n, label in enumerate(table.labels)}


def left_factorial(label: tuple[int, ...], q: int) -> int:
    """``alpha!`` for the exponent of the left indices of one coordinate.

    >>> left_factorial((0, 1, 1, 0), 2), left_factorial((0, 1, 1, 1), 3)
    (2, 6)
    """
    left = label[1 : q + 1]
    return prod(factorial(left.count(i)) for i in set(left))


@lru_cache(maxsize=512)
def _factorials(table: Table) -> Array:
    return np.array([left_factorial(label, table.q) for label in table.labels], dtype=np.int64)


@lru_cache(maxsize=256)
def _column_sums(shape: Partition) -> tuple[Array, Array, tuple[tuple[int, int], ...]]:
    """Row numbers put into the boxes by all column permutations, the signs, and the boxes."""
    boxes = [(i, j) for j, height in enumerate(conjugate(shape)) for i in range(height)]
    rows = np.zeros((1, 0), dtype=np.int8)
    signs = np.ones(1, dtype=np.int64)
    for height in conjugate(shape):
        block = np.array(list(permutations(range(height))), dtype=np.int8).reshape(-1, height)
        inversions = [
            sum(p[a] > p[b] for a in range(height) for b in range(a + 1, height)) for p in block
        ]
        sign = 1 - 2 * (np.array(inversions, dtype=np.int64) % 2)
        n, m = len(rows), len(block)
        rows = np.concatenate([np.repeat(rows, m, axis=0), np.tile(block, (n, 1))], axis=1)
        signs = np.repeat(signs, m) * np.tile(sign, n)
    return rows, signs, tuple(boxes)


@lru_cache(maxsize=256)
def tableaux(shape: Partition, degree: int, q: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Semistandard fillings of `shape` with each label below `degree` used `q` times.

    A filling is given, for each label, by the numbers of its boxes in column order.

    >>> len(tableaux((2, 1), 3, 1)), len(tableaux((2, 2), 2, 2))
    (2, 1)
    """
    _, _, boxes = _column_sums(shape)
    number = {box: n for n, box in enumerate(boxes)}
    found: list[tuple[tuple[int, ...], ...]] = []

    def strips(inner: list[int], left: int, row: int) -> Iterator[list[int]]:
        if row == len(shape):
            if left == 0:
                yield inner
            return
        above = inner[row - 1] if row else shape[0]
        limit = min(shape[row], above, inner[row] + left)
        for end in range(limit, inner[row] - 1, -1):
            for outer in strips(inner, left - (end - inner[row]), row + 1):
                yield [*outer[:row], end, *outer[row + 1 :]]

    def walk(inner: list[int], label: int, filled: list[tuple[int, ...]]) -> None:
        if label == degree:
            found.append(tuple(filled))
            return
        for outer in strips(inner, q, 0):
            added = [number[i, j] for i in range(len(shape)) for j in range(inner[i], outer[i])]
            walk(outer, label + 1, [*filled, tuple(added)])

    walk([0] * len(shape), 0, [])
    return tuple(found)


def _placed(shape: Partition, filling: tuple[tuple[int, ...], ...]) -> tuple[Array, Array]:
    """For every column permutation, the row number of every label (shape terms x D x q)."""
    rows, signs, _ = _column_sums(shape)
    return rows[:, np.array(filling)], signs


@lru_cache(maxsize=64)
def left_numbers(size: int, q: int) -> Array:
    """The number of the multiset of left indices, by its indices in any order."""
    table = np.zeros((size,) * q, dtype=np.int64)
    for n, left in enumerate(combinations_with_replacement(range(size), q)):
        for order in permutations(left):
            table[order] = n
    return table


def _left_words(
    lam: Partition, filling: tuple[tuple[int, ...], ...], q: int
) -> tuple[Array, Array]:
    placed, signs = _placed(lam, filling)
    numbers = left_numbers(len(lam), q)[tuple(placed[:, :, n] for n in range(q))]
    return _collect_rows(numbers, signs)


def _collect_rows(rows: Array, signs: Array) -> tuple[Array, Array]:
    """Equal rows added up."""
    base = int(rows.max(initial=0)) + 1
    key = np.zeros(len(rows), dtype=np.int64)
    for m in range(rows.shape[1]):
        key = key * base + rows[:, m]
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    total = np.add.reduceat(signs[order], first)
    keep = total != 0
    return rows[order[first[keep]]], total[keep]


@dataclass(frozen=True)
class Kind:
    """The type ``(mu|lam|nu)`` of a highest-weight vector; one token: q = 3 and nu = (D)."""

    mu: Partition
    lam: Partition
    nu: Partition
    q: int = 2

    @property
    def degree(self) -> int:
        return sum(self.mu)

    @property
    def name(self) -> str:
        """``(mu|lam|nu)``, or ``(mu|lam)`` for one token.

        >>> Kind((2,), (3, 1), (1, 1)).name
        '(2|31|11)'
        """
        shapes = (self.mu, self.lam, self.nu) if self.q == 2 else (self.mu, self.lam)
        return "(" + "|".join(map(spelled, shapes)) + ")"

    def dimension(self, d_out: int, d: int) -> int:
        """The dimension of the module of this type in a layer of the given widths."""
        right = dimension(self.nu, d) if self.q == 2 else 1
        return dimension(self.mu, d_out) * dimension(self.lam, d) * right

    @property
    def table(self) -> Table:
        return Table(len(self.mu), len(self.lam), len(self.nu), self.q)


def expand(
    kind: Kind, left: tuple[tuple[int, ...], ...], right: tuple[tuple[int, ...], ...]
) -> tuple[Array, Array]:
    """Keys and integer coefficients of the highest-weight vector of a pair of fillings."""
    table, degree = kind.table, kind.degree
    if table.bits * degree > 62:
        raise LimitError(
            f"expand highest-weight vectors of degree {degree}",
            f"{len(table.labels)} coordinates do not fit a machine word",
            "use a smaller degree",
        )
    orders = prod(factorial(height) for height in conjugate(kind.lam))
    if orders > MAX_ORDERS:
        raise LimitError(
            f"expand a highest-weight vector of type {kind.name}",
            f"{orders} orders of its columns are too many (limit {MAX_ORDERS})",
            "use a smaller degree",
        )
    words, signs = _left_words(kind.lam, left, kind.q)
    over_r, signs_r = _placed(kind.mu, tableaux(kind.mu, degree, 1)[-1])
    over_w, signs_w = _placed(kind.nu, right)
    size = len(words) * len(over_r) * len(over_w)
    if size > MAX_EXPANSION:
        raise LimitError(
            f"expand a highest-weight vector of type {kind.name}",
            f"{size} terms are too many (limit {MAX_EXPANSION})",
            "use a smaller degree",
        )
    blocks = left_numbers(len(kind.lam), kind.q).max() + 1
    small = np.int16 if len(table.labels) < 2**15 else np.int64  # short rows sort much faster
    heads = (over_r[:, :, 0].astype(np.int64) * (blocks * table.width)).astype(small)
    tails = over_w[:, :, 0].astype(small)
    words = (words * table.width).astype(small)
    wide = max(1, _CHUNK // len(tails))
    keys: Array = np.zeros(0, dtype=np.int64)
    values: Array = np.zeros(0, dtype=np.int64)
    for at in range(0, len(words), wide):
        inner = (words[at : at + wide, None, :] + tails[None, :, :]).reshape(-1, degree)
        inner_signs = (signs[at : at + wide, None] * signs_w[None, :]).reshape(-1)
        step = max(1, _CHUNK // len(inner))
        for start in range(0, len(heads), step):
            head = heads[start : start + step]
            monomials = (head[:, None, :] + inner[None, :, :]).reshape(-1, degree)
            monomials.sort(axis=1)
            sign = (signs_r[start : start + step, None] * inner_signs[None, :]).reshape(-1)
            keys = np.concatenate([keys, table.encode(monomials)])
            values = np.concatenate([values, sign])
            keys, values = merge(keys, values)
    if len(keys):
        values = values * table.factorials()[table.decode(keys, degree)].prod(axis=1)
    return keys, values


def merge(keys: Array, values: Array) -> tuple[Array, Array]:
    """Like terms added, zeros removed, keys rising."""
    if not len(keys):
        return keys, values
    order = np.argsort(keys, kind="stable")
    keys, values = keys[order], values[order]
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    keys, values = keys[first], np.add.reduceat(values, first)
    keep = values != 0
    return keys[keep], values[keep]


@dataclass(frozen=True)
class Basis:
    """Independent highest-weight vectors of one kind, as integer columns over common monomials.

    Attributes
    ----------
    keys : array, shape (n,)
        The monomials, encoded by ``kind.table``.
    columns : array, shape (n, m)
        The coefficients.
    """

    kind: Kind
    keys: Array
    columns: Array

    @property
    def size(self) -> int:
        return int(self.columns.shape[1])

    def monomials(self) -> Array:
        return self.kind.table.decode(self.keys, self.kind.degree)


def candidates(kind: Kind, seed: int) -> Iterator[tuple[Array, Array]]:
    """Highest-weight vectors that together span all of their kind, in a shuffled order."""
    lefts = tableaux(kind.lam, kind.degree, kind.q)
    rights = tableaux(kind.nu, kind.degree, 1)
    for number in shuffled(len(lefts) * len(rights), f"algattn highest weights {seed}"):
        i, j = divmod(number, len(rights))
        yield expand(kind, lefts[i], rights[j])


def shuffled(count: int, seed: str) -> Iterator[int]:
    """The numbers below `count` in a random order, of which usually only the first are taken.

    >>> sorted(shuffled(5, "x")) == list(range(5))
    True
    """
    rng = random.Random(seed)
    moved: dict[int, int] = {}  # the entries of the list that are no longer in their place
    for last in range(count - 1, -1, -1):
        pick = rng.randrange(last + 1)
        yield moved.get(pick, pick)
        moved[pick] = moved.pop(last, last)


def basis(kind: Kind, size: int, prime: int, seed: int = 0) -> Basis:
    """`size` highest-weight vectors of a kind that are independent modulo `prime`.

    Raises
    ------
    UndecidedError
        When there are not so many (never when `size` is the multiplicity and `prime` is large).
    """
    found: list[tuple[Array, Array]] = []
    table: list[list[int]] = []
    point = residues((seed, 17), min(prime, 2**31), size + 2, len(kind.table.labels))
    for keys, values in candidates(kind, seed):
        if not len(keys):
            continue
        at = evaluate(kind.table.decode(keys, kind.degree), values[:, None], point, prime)
        row = [int(x) for x in at[:, 0]]
        if nmod_mat([*table, row], prime).rank() > len(table):
            table.append(row)
            found.append((keys, values))
            if len(found) == size:
                return _common(kind, found)
    raise UndecidedError(
        f"find {size} highest-weight vectors of type {kind.name}",
        f"only {len(found)} were independent modulo {prime}",
        "use another seed or a larger prime",
    )


def _common(kind: Kind, found: list[tuple[Array, Array]]) -> Basis:
    keys = np.sort(np.concatenate([k for k, _ in found]))
    keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    columns = np.zeros((len(keys), len(found)), dtype=np.int64)
    for n, (k, values) in enumerate(found):
        columns[np.searchsorted(keys, k), n] = values
    return Basis(kind, keys, columns)


def residues(seed: tuple[int, ...], bound: int, *shape: int) -> Array:
    """A reproducible array of numbers below `bound`, from the raw stream of PCG64."""
    count = int(np.prod(shape, dtype=np.int64))
    raw = np.asarray(PCG64(list(seed)).random_raw(count), dtype=np.uint64)
    return (raw % np.uint64(bound)).astype(np.int64).reshape(shape)


def evaluate(monomials: Array, columns: Array, points: Array, prime: int) -> Array:
    """Values modulo `prime` of polynomials (columns over monomials) at points (rows)."""
    wide = prime >= 2**31
    points = points.astype(object) if wide else points
    out = np.zeros((len(points), columns.shape[1]), dtype=object if wide else np.int64)
    step = max(1, _CHUNK // max(1, len(points)))
    reduced = (columns.astype(object) if wide else columns) % prime
    for start in range(0, len(monomials), step):
        part = monomials[start : start + step]
        value = points[:, part[:, 0]] % prime
        for m in range(1, part.shape[1]):
            value = value * points[:, part[:, m]] % prime
        for n in range(columns.shape[1]):
            terms = value * reduced[start : start + step, n] % prime
            out[:, n] = (out[:, n] + terms.sum(axis=1)) % prime
    return out
