"""Inputs at which two networks differ, found at random and checked exactly."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flint import arb_mat, ctx

from algattn.attention import Architecture, Weights
from algattn.attention.forward import exact, softmax
from algattn.exact import QQ, Field, Matrix, word_prime
from algattn.exact.fields import GF

EXACT_LAYERS = 5  # deeper values have more than 3^5 times the digits: compare residues instead


@dataclass(frozen=True)
class Point:
    """An integer input X, an output entry (row, column; 0-based) and the two values there.

    ``modulus`` is 0 for exact values, a prime for residues (which differ only if the values do).
    For softmax networks the values are the midpoints of disjoint balls.
    """

    X: tuple[tuple[int, ...], ...]
    entry: tuple[int, int]
    left: Any
    right: Any
    modulus: int = 0


def evaluate(
    network: Architecture, weights: Weights, X: Sequence[Sequence[int]], field: Field
) -> Matrix:
    """The exact output of a lightning network at X, over the field of the weights or a residue."""
    return exact(field, network.tokens)(network, weights, Matrix(field, X))


def compare_at(
    network: Architecture,
    first: Weights,
    second: Weights,
    X: Sequence[Sequence[int]],
    modulus: int,
) -> tuple[Matrix, Matrix]:
    """Both outputs at X."""
    field = GF(modulus) if modulus else first.field
    return evaluate(network, first, X, field), evaluate(network, second, X, field)


def inputs(network: Architecture, seed: int, tries: int) -> Any:
    """Random small integer matrices, slowly growing."""
    rng = random.Random(f"algattn point {seed}")
    for n in range(tries):
        size = 1 + n // 8
        yield [
            [rng.randint(-size, size) for _ in range(network.tokens)] for _ in range(network.d_in)
        ]


def find_difference(
    network: Architecture, first: Weights, second: Weights, *, seed: int = 0, tries: int = 200
) -> Point | None:
    """An input at which two lightning networks differ, or None when none was met."""
    deep = network.layers > EXACT_LAYERS and first.field == QQ
    modulus = word_prime(61) if deep else 0
    for X in inputs(network, seed, tries):
        left, right = compare_at(network, first, second, X, modulus)
        for i, (a, b) in enumerate(zip(left.rows, right.rows, strict=True)):
            for j, (x, y) in enumerate(zip(a, b, strict=True)):
                if x != y:
                    field = left.field
                    rows = tuple(tuple(row) for row in X)
                    return Point(rows, (i, j), field.format(x), field.format(y), modulus)
    return None


# --- softmax -----------------------------------------------------------------------------------


def softmax_balls(
    network: Architecture, weights: Weights, X: Sequence[Sequence[int]], precision: int
) -> list[list[Any]]:
    """The output of a softmax network at X, as balls that contain the true numbers."""
    with ctx.workprec(precision):
        balls: list[list[Any]] = softmax(network, weights, arb_mat(X)).tolist()
        return balls


def find_softmax_difference(
    network: Architecture, first: Weights, second: Weights, *, seed: int = 0, tries: int = 30
) -> Point | None:
    """An input at which two softmax networks have disjoint balls, or None."""
    for X in inputs(network, seed, tries):
        entry = separated(network, first, second, X)
        if entry is not None:
            i, j = entry
            balls = (softmax_balls(network, w, X, 256)[i][j] for w in (first, second))
            left, right = (str(ball.mid().str(20, radius=False)) for ball in balls)
            return Point(tuple(tuple(row) for row in X), entry, left, right)
    return None


def separated(
    network: Architecture, first: Weights, second: Weights, X: Sequence[Sequence[int]]
) -> tuple[int, int] | None:
    """An output entry at which the two values at X are certainly different."""
    for precision in (128, 512):
        left, right = (softmax_balls(network, w, X, precision) for w in (first, second))
        for i, (a, b) in enumerate(zip(left, right, strict=True)):
            for j, (x, y) in enumerate(zip(a, b, strict=True)):
                if not x.overlaps(y):
                    return i, j
    return None
