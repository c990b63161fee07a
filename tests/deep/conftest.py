"""Random networks with small weights, so that every stratum and many coincidences are met."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest

from algattn import Lightning, Weights


def matrix(rng: random.Random, m: int, n: int) -> list[list[int]]:
    return [[rng.choice([-1, 0, 1]) for _ in range(n)] for _ in range(m)]


def special(rng: random.Random, d: int) -> list[list[int]]:
    """A square matrix: any, of rank one, or skew."""
    kind = rng.random()
    if kind < 0.3:
        k, q = matrix(rng, 1, d)[0], matrix(rng, 1, d)[0]
        return [[x * y for y in q] for x in k]
    M = matrix(rng, d, d)
    if kind < 0.55:
        return [[M[i][j] - M[j][i] for j in range(d)] for i in range(d)]
    return M


def draw_any(rng: random.Random, layers: int, widest: int = 3) -> tuple[Lightning, Weights]:
    """Any shape, weights (K, Q, V)."""
    w = [rng.randint(1, widest) for _ in range(layers + 1)]
    a = [rng.randint(1, widest) for _ in range(layers)]
    return Lightning(widths=w, ranks=a, tokens=rng.randint(1, 3)), draw_QKV(rng, w, a)


def draw_QKV(rng: random.Random, w: list[int], a: list[int]) -> Weights:
    n = range(len(a))
    return Weights(
        K=[matrix(rng, a[i], w[i]) for i in n],
        Q=[matrix(rng, a[i], w[i]) for i in n],
        V=[matrix(rng, w[i + 1], w[i]) for i in n],
    )


def draw_virtual(rng: random.Random, d: int, layers: int, d_out: int) -> Weights:
    """Constant width, identity values but the last: B_i = A_i, V = V_l; zero functions are rare."""
    unit = [[int(i == j) for j in range(d)] for i in range(d)]
    while True:
        V = matrix(rng, d_out, d)
        if any(map(any, V)):
            break
    A = []
    while len(A) < layers:
        M = special(rng, d)
        if any(map(any, M)):
            A.append(M)
    return Weights(A=A, V=[unit] * (layers - 1) + [V])


@pytest.fixture
def draw() -> SimpleNamespace:
    """The functions of this file."""
    return SimpleNamespace(any=draw_any, QKV=draw_QKV, virtual=draw_virtual, special=special)
