"""Weights on each component of a deep fiber, and the tangent space of the fiber there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from algattn.attention import Architecture, Weights
from algattn.dimension.virtual import expanded_rank, expansion_size
from algattn.exact import QQ, Matrix
from algattn.fibers.general_points import Pair, general_pair, of_full_rank
from algattn.fibers.witnesses import factor_attention
from algattn.formulas.one_layer import Piece, Section

#: Coefficients up to which the derivatives at the witnesses are expanded.
MOST_COEFFICIENTS = 20_000


@dataclass(frozen=True)
class Sheet:
    """One component of the set of A (or of K and Q) of a layer over fixed virtual weights.

    ``piece`` are the ranks of K and Q where A is fixed; with ``symmetric`` only sym(A) is, and
    ``reflected`` is the second of two components.
    """

    section: Section
    piece: Piece | None = None
    symmetric: bool = False
    reflected: bool = False


def on_component(base: Weights, sheets: Sequence[Sheet], params: str) -> Weights:
    """General weights on the component with these sheets, from any over the same class."""
    assert base.K is not None
    assert base.Q is not None
    field, pairs = base.field, list[Pair]()
    for K, Q, sheet in zip(base.K, base.Q, sheets, strict=True):
        pair = tuple(Matrix(field, m.rows, m.shape) for m in (K, Q))
        if sheet.piece is not None:
            pair = factor_attention(pair[0].T @ pair[1], K.shape[0], sheet.piece)
        elif sheet.symmetric:
            pair = _over_form((pair[0], pair[1]), sheet, params)
        field = pair[0].field
        pairs.append((pair[0], pair[1]))
    K_all, Q_all = ([Matrix(field, p[i].rows, p[i].shape) for p in pairs] for i in (0, 1))
    V = [Matrix(field, m.rows, m.shape) for m in base.V]
    return Weights(K=K_all, Q=Q_all, V=V, field=field)


def _over_form(pair: Pair, sheet: Sheet, params: str) -> Pair:
    K, Q = general_pair(*pair)
    if sheet.reflected:  # exchanging a row of K with that of Q is a reflection
        left, right = [list(r) for r in K.rows], [list(r) for r in Q.rows]
        left[0], right[0] = right[0], left[0]
        K, Q = Matrix(K.field, left, K.shape), Matrix(K.field, right, K.shape)
    return of_full_rank(K, Q) if params == "AV" and K.shape[0] < K.shape[1] else (K, Q)


def affordable(network: Architecture, witnesses: Sequence[Weights]) -> bool:
    """Whether tangent spaces at the witnesses can be computed; there is one at least."""
    rational = all(w.field == QQ for w in witnesses)
    return bool(witnesses) and rational and expansion_size(network) <= MOST_COEFFICIENTS


def tangent_dimension(network: Architecture, weights: Weights, params: str) -> int:
    """Dimension of the tangent space at the weights of the fiber through them.

    In (A, V) it is taken through keys and queries that A determines up to GL(a): as many rows as
    the rank of A where that is the bound, else A itself as queries of d rows.
    """
    if params == "QKV":
        return int(network.parameters - expanded_rank(network, weights))
    K, Q, sizes = list[Matrix](), list[Matrix](), list[int]()
    for A, a in zip(weights.A, network.ranks, strict=True):
        reduced, pivots = A.rref()
        d = A.shape[0]
        if len(pivots) == a < d:
            K.append(Matrix(QQ, [A.column(p) for p in pivots], (a, d)))
            Q.append(Matrix(QQ, reduced.rows[:a], (a, d)))
        else:
            K.append(Matrix.identity(QQ, d))
            Q.append(A)
        sizes.append(K[-1].shape[0])
    wide = type(network)(network.widths, tuple(sizes), network.tokens)
    rank = expanded_rank(wide, Weights(K=K, Q=Q, V=weights.V))
    return int(wide.parameters - rank - sum(n * n for n in sizes))
