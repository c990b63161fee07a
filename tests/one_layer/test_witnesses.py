"""Witnesses are general points: nullities of Jacobians there, by dual numbers modulo a prime.

The Jacobian is taken at random inputs, one direction of the weights after the other; theta of a
number field is replaced by a root modulo the prime.  Nothing of this is shared with algattn.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from flint import fmpz_mod_ctx, fmpz_mod_poly_ctx, nmod_mat

from algattn import QQ, Lightning, Weights
from algattn.exact import Matrix, NumberField, word_prime

Rows = list[list[int]]
START = word_prime(31)


def residue(field: Any) -> tuple[int, Any]:
    """A prime, and the map from a field to its residues."""
    prime = START
    while isinstance(field, NumberField):
        ring = fmpz_mod_poly_ctx(fmpz_mod_ctx(prime))
        poly = ring([int(QQ(c).p) * pow(int(QQ(c).q), -1, prime) for c in field.modulus])
        roots = [int(-g[0] / g[1]) for g, _ in poly.factor()[1] if g.degree() == 1]
        if roots:
            break
        prime = word_prime(30) if prime == START else next_prime(prime)

    def of(x: Any) -> int:
        coeffs = [x] if field == QQ else field(x).poly.coeffs()
        theta = 0 if field == QQ else roots[0]
        return sum(
            int(QQ(c).p) * pow(int(QQ(c).q), -1, prime) * pow(theta, n, prime)
            for n, c in enumerate(coeffs)
        )

    return prime, of


def next_prime(p: int) -> int:
    p -= 2
    while any(p % q == 0 for q in range(3, int(p**0.5) + 1, 2)):
        p -= 2
    return p


def reduced(matrix: Matrix, of: Any, prime: int) -> nmod_mat:
    return nmod_mat(*matrix.shape, [of(x) for row in matrix.rows for x in row], prime)


def outputs(net: Lightning, forms: Any, values: Any, X: nmod_mat) -> nmod_mat:
    for A, V in zip(forms, values, strict=True):
        X = V * X * (X.transpose() * A * X)
    return X


def unit(m: int, n: int, i: int, j: int, prime: int) -> nmod_mat:
    return nmod_mat(m, n, [int((r, c) == (i, j)) for r in range(m) for c in range(n)], prime)


def directions(parts: list[tuple[nmod_mat, nmod_mat, nmod_mat]], prime: int) -> Any:
    """(layer, dA, dV) for every entry of K, Q and V."""
    for i, (K, Q, V) in enumerate(parts):
        (a, d), e = (K.nrows(), K.ncols()), V.nrows()
        no_A, no_V = nmod_mat(d, d, [0] * d * d, prime), nmod_mat(e, d, [0] * d * e, prime)
        for r in range(a):
            for c in range(d):
                yield i, unit(a, d, r, c, prime).transpose() * Q, no_V
                yield i, K.transpose() * unit(a, d, r, c, prime), no_V
        for r in range(e):
            for c in range(d):
                yield i, no_A, unit(e, d, r, c, prime)


def nullity(net: Lightning, witness: Weights) -> int:
    """Corank of the Jacobian in the form of the witness; A of full rank a < d is factored."""
    prime, of = residue(witness.field)
    parts, free = [], 0
    for i, V in enumerate(witness.V):
        if witness.K is not None and witness.Q is not None:
            K, Q = witness.K[i], witness.Q[i]
        else:
            A, a = witness.A[i], net.ranks[i]
            rows, pivots = A.rref()
            if len(pivots) == a < A.shape[0]:
                K = Matrix(A.field, [A.column(p) for p in pivots], (a, A.shape[0]))
                Q = Matrix(A.field, rows.rows[:a], K.shape)
            else:
                K, Q = Matrix.identity(A.field, A.shape[0]), A
            free += K.shape[0] ** 2  # the group that fixes A
        parts.append(tuple(reduced(m, of, prime) for m in (K, Q, V)))
    forms, values = [K.transpose() * Q for K, Q, _ in parts], [V for *_, V in parts]
    moves = list(directions(parts, prime))
    rng, rows = random.Random(1), [list[int]() for _ in moves]
    for _ in range(len(moves) // net.tokens + 3):
        shape = (net.d_in, net.tokens)
        X = nmod_mat(*shape, [rng.randrange(prime) for _ in range(net.d_in * net.tokens)], prime)
        for row, (layer, dA, dV) in zip(rows, moves, strict=True):
            Y, dY = X, X - X
            for i, (A, V) in enumerate(zip(forms, values, strict=True)):
                G, Z = Y.transpose() * A * Y, Y
                dG = dY.transpose() * A * Y + Y.transpose() * A * dY
                dZ = V * dY
                if i == layer:
                    dG, dZ = dG + Y.transpose() * dA * Y, dZ + dV * Y
                Y, dY = V * Z * G, dZ * G + V * Z * dG
            row.extend(int(x) for x in dY.entries())
    flat = [x for row in rows for x in row]
    rank = nmod_mat(len(rows), len(rows[0]), flat, prime).rank()
    return int(len(rows) - rank - free)


def same(net: Lightning, W: Weights, witness: Weights) -> bool:
    prime, of = residue(witness.field)
    rng = random.Random(2)
    size = net.d_in * net.tokens
    X = nmod_mat(net.d_in, net.tokens, [rng.randrange(prime) for _ in range(size)], prime)
    one, two = (
        outputs(net, *([reduced(m, of, prime) for m in many] for many in (w.A, w.V)), X)
        for w in (W, witness)
    )
    return bool(one == two)


def drawn(rng: random.Random, net: Lightning) -> Weights:
    """Weights of low rank, aligned, isotropic or zero in some layer."""

    def rows(m: int, n: int) -> Rows:
        return [[rng.randint(-2, 2) for _ in range(n)] for _ in range(m)]

    def thin(left: Rows, right: list[int]) -> Rows:
        return [[x * y for y in right] for (x,) in left]

    K, Q, V = [], [], []
    for d, e, a in zip(net.widths, net.widths[1:], net.ranks, strict=False):
        k, q, v = rows(a, d), rows(a, d), rows(e, d)
        style = rng.choice(("general", "square", "thin", "isotropic", "zero"))
        if style == "square":
            q = k
        if style == "thin":
            k, q = thin(rows(a, 1), k[0]), thin(rows(a, 1), q[0])
        if style == "isotropic":
            k, q = [k[0], *[[0] * d] * (a - 1)], [[0] * d, *k[1:]]
        if style == "zero":
            q = [[0] * d for _ in q]
        if rng.random() < 0.5:
            v = thin(rows(e, 1), rng.choice((k[0], q[0], v[0])))
        K.append(k)
        Q.append(q)
        V.append(v)
    return Weights(K=K, Q=Q, V=V)


def judge(net: Lightning, W: Weights, params: str) -> Counter[Any]:
    met: Counter[Any] = Counter()
    for part in net.fiber(W, params=params).components:
        witness = part.witness
        if witness is None or part.dimension is None:
            continue
        assert same(net, W, witness), (net, W, part)
        shown = witness.to_AV() if params == "AV" and witness.form == "QKV" else witness
        excess = nullity(net, shown) - part.dimension
        assert excess >= 0, (net, W, part)
        assert part.reduced is None or part.reduced == (excess == 0), (net, W, part)
        met[part.reduced] += 1
    return met


def test_a_witness_that_was_on_two_families() -> None:
    net = Lightning(widths=(3, 1), ranks=2, tokens=1)
    W = Weights(K=[[[-1, 2, -1], [0, 0, 0]]], Q=[[[0, 1, 0], [1, 2, 1]]], V=[[["1/3", 0, 1]]])
    assert sum(judge(net, W, "QKV").values()) == 6


@pytest.mark.parametrize("params", ["AV", "QKV"])
@pytest.mark.parametrize("tokens", [1, 2])
@pytest.mark.parametrize(
    "widths", [(2, 1), (3, 1), (3, 2), (4, 1), (2, 2, 2), (3, 2, 1), (2, 3, 1)]
)
def test_witnesses_are_general(widths: tuple[int, ...], tokens: int, params: str) -> None:
    rng, met = random.Random(f"{widths} {tokens} {params}"), Counter[Any]()
    for n in range(10 if len(widths) == 2 else 5):
        ranks = tuple(1 + (n + i) % min(d, 2) for i, d in enumerate(widths[:-1]))
        net = Lightning(widths, ranks, tokens)
        met += judge(net, drawn(rng, net), params)
    assert met
