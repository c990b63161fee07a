"""Explicit weights on each component of a fiber, so that a claim about it can be checked."""

from __future__ import annotations

import random

from algattn.attention import Weights
from algattn.errors import HypothesisError
from algattn.exact import QQ, Field, Matrix
from algattn.formulas.one_layer import Piece, key_query_components


def _random_rows(rng: random.Random, field: Field, m: int, n: int) -> Matrix:
    while True:
        rows = Matrix(field, [[rng.randint(-3, 3) for _ in range(n)] for _ in range(m)], (m, n))
        if rows.rank() == min(m, n):
            return rows


def _stack(field: Field, parts: list[Matrix], width: int) -> Matrix:
    rows = [row for part in parts for row in part.rows]
    return Matrix(field, rows, (len(rows), width))


def factor_attention(A: Matrix, a: int, piece: Piece, seed: int = 0) -> tuple[Matrix, Matrix]:
    """Matrices K, Q (a x d) with ``K^T Q = A`` and the ranks that `piece` asks for.

    With ``A = L R`` of rank r, K is L^T over random rows X and zeros, Q is R over zeros and random
    rows Y, the two blocks sharing no row.
    """
    field, d = A.field, A.shape[0]
    reduced, pivots = A.rref()
    r = len(pivots)
    if r > a:
        raise HypothesisError("factor an attention matrix", f"rank {r} > a = {a}", "raise a")
    R = Matrix(field, reduced.rows[:r], (r, d))
    L = Matrix(field, [[row[p] for p in pivots] for row in A.rows], (d, r))
    rng = random.Random(f"algattn witness {seed}")
    in_K, in_Q = piece.rank_K - r, piece.rank_Q - r
    for _ in range(100):
        X, Y = _random_rows(rng, field, in_K, d), _random_rows(rng, field, in_Q, d)
        zeros_K = Matrix.zeros(field, a - piece.rank_K, d)
        zeros_Q = Matrix.zeros(field, a - r - in_Q, d)
        K = _stack(field, [L.T, X, zeros_K] if r or in_K else [zeros_K], d)
        Q = _stack(field, [R, zeros_Q, Y] if r or in_Q else [zeros_Q], d)
        if K.rank() == piece.rank_K and Q.rank() == piece.rank_Q:
            return K, Q
    raise HypothesisError("find K and Q", f"the ranks {piece} do not occur", "report this")


def as_QKV(A: Matrix, V: Matrix, a: int, piece: Piece) -> Weights:
    """Weights in the form (K, Q, V) over the field of A."""
    K, Q = factor_attention(A, a, piece)
    V = Matrix(A.field, [[A.field(x) for x in row] for row in V.rows], V.shape)
    return Weights(K=[K], Q=[Q], V=[V], field=A.field)


def as_form(A: Matrix, V: Matrix, a: int) -> Weights:
    """The pair (A, V) as weights (K, Q, V), with any factorisation of A."""
    return as_QKV(A, V, a, key_query_components(A.shape[0], a, A.rank())[0])


def random_matrix(m: int, n: int, seed: int) -> Matrix:
    """A random integer matrix of full rank."""
    return _random_rows(random.Random(f"algattn matrix {seed}"), QQ, m, n)
