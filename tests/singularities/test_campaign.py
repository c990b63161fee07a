"""Kinds of points against code that shares nothing with the library: floats, and equations.

Singular and boundary points are decided a second time from numerical ranks, eigenvalues, the roots
of cubics and perturbations; for small layers also from the tangent space that verified equations
leave, by fractions.  ``ROUNDS`` rounds visit each shape and each stratum once per round.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import pytest

from algattn import Lightning, Weights
from algattn.singularities.differentials import _equations

ROUNDS = int(os.environ.get("ALGATTN_ROUNDS", "1"))
EVERY = 1 if ROUNDS > 1 else 4
KINDS = ("generic", "low A", "low V", "crossing", "parallel", "skew", "square", "definite", "zero")


def draw(rng: random.Random, shape: tuple[int, int, int], kind: str) -> tuple[Any, Any]:
    """K^T Q and V as integer arrays, in the given stratum (or a lower one)."""
    d, e, a = shape

    def table(m: int, n: int) -> Any:
        return np.array([[rng.randint(-2, 2) for _ in range(n)] for _ in range(m)], dtype=object)

    K, Q, V = table(a, d), table(a, d), table(e, d)
    k, q, h = table(1, d), table(1, d), table(e, 1)
    if kind == "low A":
        K = table(a, max(1, min(a, d) - 1)) @ table(max(1, min(a, d) - 1), d)
    elif kind == "low V":
        V = h @ k
    elif kind in {"crossing", "parallel"}:
        K, Q = table(a, 1) @ k, table(a, 1) @ q
        V = h @ (k if kind == "parallel" else table(1, d))
    elif kind == "square":
        K, Q = table(a, 1) @ k, table(a, 1) @ k
        V = h @ (k if rng.random() < 0.5 else table(1, d))
    elif kind == "definite":
        Q = K
        V = h @ k if rng.random() < 0.5 else V
    elif kind == "zero":
        V = V * 0
    A = K.T @ Q
    if kind == "skew" and a >= 2:
        u, w = table(1, d), table(1, d)
        A = u.T @ w - w.T @ u
    return A, V


def rank(M: Any) -> int:
    M = np.array(M, dtype=float)
    return int(np.linalg.matrix_rank(M, tol=1e-7)) if M.size and np.abs(M).max() > 0 else 0


def parallel(x: Any, y: Any) -> bool:
    x, y = np.array(x, dtype=complex), np.array(y, dtype=complex)
    x, y = x / np.linalg.norm(x), y / np.linalg.norm(y)
    return float(np.abs(np.outer(x, y) - np.outer(y, x)).max()) < 1e-5


def lines_of(S: Any) -> list[Any]:
    """The linear factors of a real form of rank one or two, over the complex numbers."""
    values, vectors = np.linalg.eigh(np.array(S, dtype=float))
    order = np.argsort(-np.abs(values))[:2]
    (a, b), (u, w) = values[order], vectors.T[order]
    if abs(b) < 1e-7:
        return [u.astype(complex)]
    root = np.sqrt(complex(-b / a))
    return [u - root * w, u + root * w]


def signature(S: Any) -> tuple[int, int]:
    values = np.linalg.eigvalsh(np.array(S, dtype=float))
    return int((values > 1e-7).sum()), int((values < -1e-7).sum())


def distinct_lines(S: Any, v: Any) -> list[Any]:
    out: list[Any] = []
    for line in [np.array(v, dtype=complex), *lines_of(S)]:
        if not any(parallel(line, other) for other in out):
            out.append(line)
    return out


def singular(shape: tuple[int, int, int], t: int, A: Any, V: Any) -> bool:
    """By counting preimages and the smoothness of what covers the variety."""
    d, e, a = shape
    if d == 1 or (t == 1 and d == 2 and e == 1):
        return False
    S = np.array(A + A.T, dtype=float) / 2
    form = S if t == 1 else A
    if rank(form) == 0 or rank(V) == 0:
        return True
    v = np.linalg.svd(np.array(V, dtype=float))[2][0]
    if t == 1:
        bound = min(2 * a, d)
        lines = distinct_lines(S, v) if rank(V) == 1 and rank(S) <= 2 else None
        if e == 1 and bound == 2:
            return lines is None or len(lines) < 3
        return lines is not None or (rank(S) < bound < d)
    bound = min(a, d)
    k = np.linalg.svd(np.array(A, dtype=float))[0][:, 0]
    if bound == e == 1:
        return d > 2 and parallel(k, v)
    return (rank(A) == rank(V) == 1) or rank(A) < bound < d


def boundary(rng: np.random.Generator, shape: tuple[int, int, int], t: int, A: Any, V: Any) -> bool:
    """By looking for nearby real functions of the closure without real weights."""
    d, _, a = shape
    if d == 1:
        return False
    S, V = np.array(A + A.T, dtype=float) / 2, np.array(V, dtype=float)
    if t > 1:
        if rank(A) == 0 or rank(V) == 0:
            return True
        k = np.linalg.svd(np.array(A, dtype=float))[0][:, 0]
        return rank(A) == rank(V) == 1 and parallel(k, np.linalg.svd(V)[2][0])
    bound = min(2 * a, d)
    pairs = [(S, V)]
    if rank(S) == 0 or rank(V) == 0:
        pairs = [(S * 0, V * 0)]
    elif rank(V) == 1 and rank(S) <= 2:
        h, v = np.linalg.svd(V)[0][:, 0], np.linalg.svd(V)[2][0]
        factors = [v.astype(complex), *lines_of(S)]
        factors = factors if len(factors) == 3 else [*factors, factors[1]]
        for i, line in enumerate(factors):
            x, y = (f for j, f in enumerate(factors) if j != i)
            rest = (np.outer(x, y) + np.outer(y, x)) / 2
            real = [M / M.flat[np.abs(M).argmax()] for M in (rest, line)]
            if max(np.abs(M.imag).max() for M in real) < 1e-6:
                pairs.append((real[0].real, np.outer(h, real[1].real)))
    return any(_leaves(rng, near, W, bound, a) for near, W in pairs)


def _leaves(rng: np.random.Generator, S: Any, V: Any, bound: int, a: int) -> bool:
    """Whether forms near S of rank at most the bound need more equal signs than a."""
    d = len(S)
    scale = 1e-3 * (np.abs(S).max() or 1)
    for sign in (1, -1) * 4:  # equal signs go furthest
        near = np.array(S, dtype=float)
        for _ in range(bound - rank(S)):
            u = rng.standard_normal(d)
            near = near + sign * scale * np.outer(u, u)
        W = V + 1e-3 * rng.standard_normal(V.shape)
        values = np.linalg.eigvalsh(near)
        p, n = int((values > 1e-6).sum()), int((values < -1e-6).sum())
        alone = rank(W) > 1 or p + n > 2 or (p + n == 2 and 0 in (p, n))
        if max(p, n) > a and alone:
            return True
    return False


def coefficients(A: Any, V: Any, t: int) -> list[Fraction]:
    """The natural coordinates, in the order of the library, by the definition."""
    d, out = A.shape[0], []
    for row in V:
        if t == 1:
            total = dict.fromkeys(combinations_with_replacement(range(d), 3), Fraction(0))
            for i, j, k in product(range(d), repeat=3):
                total[tuple(sorted((i, j, k)))] += Fraction(row[i] * A[j, k])
            out += list(total.values())
            continue
        for i, j in combinations_with_replacement(range(d), 2):
            for k in range(d):
                c = row[i] * A[j, k] + (row[j] * A[i, k] if i < j else 0)
                out.append(Fraction(c))
    return out


@lru_cache(maxsize=64)
def equations(net: Lightning) -> tuple[Any, ...]:
    return tuple(g for n in (1, 2, 3, 4) for g in _equations(net, n))


def tangent_dimension(net: Lightning, point: list[Fraction]) -> int:
    """Of the zeros of all equations of degree at most 4, by fractions."""
    rows = []
    for g in equations(net):
        row = [Fraction(0)] * len(point)
        for exponents, c in g.terms():
            for i, e in enumerate(exponents):
                if e:
                    term = Fraction(int(c.p), int(c.q)) * e
                    for n, f in enumerate(exponents):
                        term *= point[n] ** (f - (n == i))
                    row[i] += term
        rows.append(row)
    return len(point) - eliminated(rows)


def eliminated(rows: list[list[Fraction]]) -> int:
    found = 0
    rows = [r for r in rows if any(r)]
    while rows:
        pivot = next(i for i, x in enumerate(rows[0]) if x)
        head, *rest = rows
        found += 1
        rows = [
            r
            for r in (
                [x - r[pivot] / head[pivot] * y for x, y in zip(r, head, strict=True)]
                if r[pivot]
                else r
                for r in rest
            )
            if any(r)
        ]
    return found


def has_equations(shape: tuple[int, int, int], tokens: int) -> bool:
    """Small layers whose ideals are generated in degrees at most 4."""
    d, e, a = shape
    return (d == 2 and (e == 1 or tokens == 1)) or ((d, e, a, tokens) == (3, 1, 1, 1))


@pytest.mark.parametrize("tokens", [1, 2])
def test_kinds_of_points_are_those_of_independent_code(tokens: int) -> None:
    rng, floats = random.Random(tokens), np.random.default_rng(tokens)
    met: Counter[Any] = Counter()
    shapes = [*product(range(1, 5), range(1, 4), range(1, 6))]
    for number, (shape, kind) in enumerate(product(shapes * ROUNDS, KINDS)):
        if number % EVERY:
            continue
        (d, e, a), (A, V) = shape, draw(rng, shape, kind)
        net = Lightning((d, e), a, tokens)
        point = net.classify(Weights(A=[A.tolist()], V=[V.tolist()]))
        case = (net, A.tolist(), V.tolist(), point)
        assert point.singular == singular(shape, tokens, A, V), case
        assert point.boundary == boundary(floats, shape, tokens, A, V), case
        if has_equations(shape, tokens):
            size = tangent_dimension(net, coefficients(A, V, tokens))
            dimension = net.dimension().value
            assert (size > dimension) == point.singular, (case, size, dimension)
            met["by equations", point.value] += 1
        met[point.value, point.boundary] += 1
    if ROUNDS > 1:
        print(tokens, dict(met))
    assert min(met["singular", True], met["smooth", False], met["singular", False]) > 5
