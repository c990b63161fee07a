"""Weights in every stratum: the inputs of the sections about networks.

Everything is made of lists of integers, without algattn, so that a change of the library cannot
change the questions.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Rows = list[list[Any]]
Parts = tuple[Rows, Rows, Rows]
Builder = Callable[[random.Random, "Shape"], Parts]


@dataclass(frozen=True)
class Shape:
    """One layer: widths d and e, attention rank a, t tokens."""

    d: int
    e: int
    a: int
    t: int

    def __str__(self) -> str:
        return f"d={self.d},d'={self.e},a={self.a},t={self.t}"


def shapes(largest: int = 4, tokens: tuple[int, ...] = (1, 2, 3)) -> Iterator[Shape]:
    """All shapes up to a width, but a only up to d + 1: larger a say nothing new."""
    widths = range(1, largest + 1)
    for d in widths:
        for a in range(1, min(largest, d + 1) + 1):
            yield from (Shape(d, e, a, t) for e in widths for t in tokens)


def vector(rng: random.Random, n: int) -> list[int]:
    """Not zero, small entries."""
    while True:
        found = [rng.randint(-3, 3) for _ in range(n)]
        if any(found):
            return found


def table(rng: random.Random, m: int, n: int) -> Rows:
    """A matrix without zero rows."""
    return [vector(rng, n) for _ in range(m)]


def zeros(m: int, n: int) -> Rows:
    return [[0] * n for _ in range(m)]


def outer(h: list[int], v: list[int]) -> Rows:
    return [[x * y for y in v] for x in h]


def first(rows: Rows, count: int) -> Rows:
    """Only the first rows; the others become zero."""
    return [row if i < count else [0] * len(row) for i, row in enumerate(rows)]


def product(left: Rows, right: Rows) -> Rows:
    """``left^T right``."""
    places = range(len(right[0]))
    return [
        [sum(x[i] * y[j] for x, y in zip(left, right, strict=True)) for j in places]
        for i in range(len(left[0]))
    ]


def _generic(rng: random.Random, s: Shape) -> Parts:
    return table(rng, s.a, s.d), table(rng, s.a, s.d), table(rng, s.e, s.d)


def _zero(part: int) -> Builder:
    def build(rng: random.Random, s: Shape) -> Parts:
        parts = list(_generic(rng, s))
        parts[part] = zeros(len(parts[part]), s.d)
        return parts[0], parts[1], parts[2]

    return build


def _low(rank_A: int, rank_V: int) -> Builder:
    """Ranks at most these; 0 for no bound."""

    def build(rng: random.Random, s: Shape) -> Parts:
        K, Q, V = _generic(rng, s)
        if rank_A:
            K = first(K, rank_A)
        if rank_V:
            V = product(table(rng, rank_V, s.e), table(rng, rank_V, s.d))
        return K, Q, V

    return build


def _lines(aligned: str) -> Builder:
    """``V = h v^T`` and ``A = k q^T`` where the vectors named in `aligned` are parallel."""

    def build(rng: random.Random, s: Shape) -> Parts:
        found = {name: vector(rng, s.d) for name in "kqv"}
        for name in aligned[1:]:
            scale = rng.choice((-2, -1, 2))
            found[name] = [scale * x for x in found[aligned[0]]]
        K, Q = first([found["k"]] * s.a, 1), first([found["q"]] * s.a, 1)
        return K, Q, outer(vector(rng, s.e), found["v"])

    return build


def _form(signs: tuple[int, ...], rank_V: int = 0, aligned: bool = False) -> Builder:
    """A symmetric with these signs, perhaps V of low rank or with its kernel at the first row."""

    def build(rng: random.Random, s: Shape) -> Parts:
        K, _, V = _low(0, rank_V)(rng, s)
        Q = [[signs[i % len(signs)] * x for x in row] for i, row in enumerate(K)]
        if aligned:
            V = outer(vector(rng, s.e), K[0])
        return K, Q, V

    return build


def _skew(rank_V: int = 0, plus: bool = False) -> Builder:
    """A skew of rank two, perhaps plus a square of rank one."""

    def build(rng: random.Random, s: Shape) -> Parts:
        _, _, V = _low(0, rank_V)(rng, s)
        x, y, z = (vector(rng, s.d) for _ in range(3))
        K, Q = zeros(s.a, s.d), zeros(s.a, s.d)
        if s.a > 1:
            K[:2], Q[:2] = [x, y], [y, [-i for i in x]]
        if plus:
            K[-1], Q[-1] = z, z
        return K, Q, V

    return build


def _unit(rng: random.Random, s: Shape) -> Parts:
    """Ones on the diagonals."""

    def eye(m: int) -> Rows:
        return [[int(i == j) for j in range(s.d)] for i in range(m)]

    return eye(s.a), eye(s.a), eye(s.e)


STRATA: dict[str, Builder] = {
    "generic": _generic,
    "zero-V": _zero(2),
    "zero-A": _zero(0),
    "zero-Q": _zero(1),
    "rank-one-V": _low(0, 1),
    "rank-one-A": _low(1, 0),
    "rank-two-V": _low(0, 2),
    "rank-two-A": _low(2, 0),
    "rank-two-both": _low(2, 2),
    "three-lines": _lines(""),
    "v~k": _lines("kv"),
    "v~q": _lines("qv"),
    "k~q": _lines("kq"),
    "v~k~q": _lines("kqv"),
    "definite": _form((1,)),
    "negative": _form((-1,)),
    "indefinite": _form((1, -1)),
    "definite,rank-one-V": _form((1,), 1),
    "indefinite,rank-one-V": _form((1, -1), 1),
    "indefinite,v-in-A": _form((1, -1, -1), 1, aligned=True),
    "definite,v-in-A": _form((1,), 1, aligned=True),
    "skew": _skew(),
    "skew,rank-one-V": _skew(1),
    "skew+square": _skew(0, plus=True),
    "skew+square,rank-one-V": _skew(1, plus=True),
    "unit": _unit,
}


def parts(shape: Shape, stratum: str, seed: int) -> Parts:
    """K, Q and V in a stratum, the same for the same seed."""
    return STRATA[stratum](random.Random(f"{shape} {stratum} {seed}"), shape)


def halves(rows: Rows) -> Rows:
    """The matrix with every entry over 2 or 3, as strings."""
    return [[f"{x}/{2 + (i + j) % 2}" for j, x in enumerate(row)] for i, row in enumerate(rows)]


def thin(problems: Iterable[tuple[str, Any]], kept: Mapping[str, int]) -> Iterator[tuple[str, Any]]:
    """Some of the problems, chosen by their ids: so many of a hundred for each question."""
    for problem, thunk in problems:
        share = kept.get(problem.split("/")[1], 100)
        if zlib.crc32(problem.encode()) % 100 < share:
            yield problem, thunk
