"""Infinitesimal gauge directions of a deep attention network at a point.

The directions are tangent to families ``g.W`` with ``phi(g.W) = phi(W)``, so for every point w

    dimension <= parameters - rank G <= parameters - rank_p G(w).

The list, complete on effective shapes (there ``parameters - rank G`` is the expected dimension):

* ``GL(d_i)`` between layers: ``V_i -> g V_i`` and ``(K, Q, V)_{i+1} -> (K, Q, V)_{i+1} g^{-1}``;
* ``GL(a_i)``: ``K_i -> g^{-T} K_i``, ``Q_i -> g Q_i``;
* lightning: ``K_i -> c K_i``, ``V_i -> V_i / c``;
* a collapsed layer only sees ``K^T Q + Q^T K = M^T H M`` with ``M = (K; Q)`` and H the hyperbolic
  form, so all of ``O(a_i, a_i)`` acts; beyond ``gl(a_i)`` its Lie algebra has ``dK = B Q`` and
  ``dQ = C K`` with B, C skew.  By Witt's theorem its orbits are whole fibers wherever ``M^T H M``
  is nondegenerate on M's rows.

References: Henry, Marchetti, Kohn, "Geometry of Lightning Self-Attention", arXiv 2408.17221
(generic fibers of one layer and of normalised deep networks).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from algattn.dimension.modular import Ints
from algattn.dimension.modular_autodiff import Point

__all__ = ["gauge_matrix"]


def gauge_matrix(weights: Point, *, collapsed: Sequence[bool], scalings: bool, prime: int) -> Ints:
    """Spanning gauge directions at ``weights``.

    Parameters
    ----------
    weights : Point
        Residues of the weights.
    collapsed : sequence of bool
        For each layer, whether it only sees the symmetric part of its form.
    scalings : bool
        True for lightning.
    prime : int

    Returns
    -------
    ndarray of int64, shape (directions, parameters)
        Parameters in the order K_1, Q_1, V_1, K_2, ... (each row-major).
    """
    size = sum(w.size for layer in weights for w in layer.values())
    rows: list[Ints] = [np.zeros((0, size), dtype=np.int64)]

    def embed(parts: dict[tuple[str, int], Ints], count: int) -> None:
        pieces = []
        for i, layer in enumerate(weights):
            for (name, _), w in layer.items():
                part = parts.get((name, i))
                zero = np.zeros((count, w.size), dtype=np.int64)
                pieces.append(zero if part is None else part.reshape(count, w.size) % prime)
        rows.append(np.concatenate(pieces, axis=1))

    for i, layer in enumerate(weights):
        k, q, v = layer.values()
        a = k.shape[0]
        if a:
            units = _units(a)
            embed(
                {("K", i): np.matmul(-units.transpose(0, 2, 1), k), ("Q", i): np.matmul(units, q)},
                a * a,
            )
        if collapsed[i] and a > 1:
            skew = _skew(a)
            embed({("K", i): np.matmul(skew, q)}, skew.shape[0])
            embed({("Q", i): np.matmul(skew, k)}, skew.shape[0])
        if scalings:
            embed({("K", i): k[None], ("V", i): -v[None]}, 1)
        if i + 1 < len(weights):
            n = v.shape[0]
            units = _units(n)
            after = {(name, i + 1): -np.matmul(w, units) for (name, _), w in weights[i + 1].items()}
            embed({("V", i): np.matmul(units, v)} | after, n * n)
    return np.concatenate(rows)


def _units(n: int) -> Ints:
    """Matrix units, shape (n*n, n, n)."""
    return np.eye(n * n, dtype=np.int64).reshape(n * n, n, n)


def _skew(n: int) -> Ints:
    """Basis of the skew matrices, shape (n(n-1)/2, n, n)."""
    units = _units(n).reshape(n, n, n, n)
    first, second = np.triu_indices(n, 1)
    result: Ints = units[first, second] - units[second, first]
    return result
