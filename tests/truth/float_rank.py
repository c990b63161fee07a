"""Ranks of attention networks in floating point: naive, and apart from the library.

The layer is written out once more, token by token and head by head, in complex numpy arrays.
Derivatives are complex steps, ranks are singular values above a gap.
"""

from __future__ import annotations

import numpy as np

STEP = 1e-30


def sees(network, layer, key, query):
    """Whether a query sees a key, from the words that describe the mask."""
    mask = network.mask[layer]
    if mask is None:
        return True
    if mask == "causal":
        return key <= query
    if hasattr(mask, "n"):
        return query - mask.n < key <= query
    return (key, query) in mask.pairs


def blocks(network):
    """(layer, name, index, rows, columns) of all weights, in the order of parameters."""
    for i in range(network.layers):
        d, e, a = network.widths[i], network.widths[i + 1], network.ranks[i]
        h, g = network.heads[i], network.kv_heads[i]
        v = None if network.value_ranks is None else network.value_ranks[i]
        b = network.biases
        sizes = [("K", g, a, d), ("Q", h, a, d)]
        sizes += [("V", h, e, d)] if v is None else [("W", g, v, d), ("O", h, e, v)]
        sizes += [("bq", h, a, 1)] * ("q" in b) + [("bk", g, a, 1)] * ("k" in b)
        sizes += [("bv", h if v is None else g, e if v is None else v, 1)] * ("v" in b)
        sizes += [("bo", 1, e, 1)] * ("o" in b)
        for name, count, rows, columns in sizes:
            for n in range(count):
                yield i, name, n, rows, columns


def output(network, weights, X):
    """The outputs (samples, e, t) at inputs (samples, d, t)."""
    t = network.tokens
    for i in range(network.layers):
        heads, groups = network.heads[i], network.kv_heads[i]
        y = X.copy() if network.residual else np.zeros((len(X), network.widths[i + 1], t), complex)
        for h in range(heads):
            g = h // (heads // groups)

            def get(name, n, i=i):
                return weights.get((i, name, n), 0)

            keys = get("K", g) @ X + get("bk", g)
            queries = get("Q", h) @ X + get("bq", h)
            if network.value_ranks is None:
                values = get("V", h) @ X + get("bv", h)
            else:
                values = get("O", h) @ (get("W", g) @ X + get("bv", g))
            for q in range(t):
                seen = [j for j in range(t) if sees(network, i, j, q)]
                if not seen:
                    continue
                s = np.einsum("saj,sa->sj", keys[:, :, seen], queries[:, :, q])
                if network.kind == "softmax":
                    s = np.exp(s)
                    s = s / s.sum(axis=1, keepdims=True)
                y[:, :, q] = y[:, :, q] + np.einsum("sej,sj->se", values[:, :, seen], s)
        if "o" in network.biases:
            y = y + weights[i, "bo", 0]
        X = y
    return X


def float_jacobian(network, seed, weights=None, scale=1.0):
    """The Jacobian at random inputs, and at random weights unless they are given."""
    rng = np.random.default_rng(seed)
    places = list(blocks(network))
    size = sum(r * c for *_, r, c in places)
    samples = size + 4  # an input may show one new number only
    if weights is None:
        weights = {(i, n, k): rng.standard_normal((r, c)) * scale for i, n, k, r, c in places}
    point = {key: np.asarray(w, complex) for key, w in weights.items()}
    X = rng.standard_normal((samples, network.widths[0], network.tokens)).astype(complex)
    columns = []
    for i, name, n, rows, width in places:
        for at in np.ndindex(rows, width):
            moved = dict(point)
            moved[i, name, n] = point[i, name, n].copy()
            moved[i, name, n][at] += 1j * STEP
            columns.append(output(network, moved, X).imag.ravel() / STEP)
    return np.array(columns).T


def float_rank(network, seed, weights=None, scale=1.0):
    """The rank, and the gap of singular values behind it (small is safe)."""
    J = float_jacobian(network, seed, weights, scale)
    norms = np.linalg.norm(J, axis=1, keepdims=True)
    J = J / np.where(norms > 0, norms, 1)  # inputs weigh alike
    if not np.isfinite(J).all():
        return 0, 1.0
    s = np.linalg.svd(J, compute_uv=False)
    if not s.size or s[0] == 0:
        return 0, 0.0
    s = s / s[0]
    rank = int((s > 1e-10).sum())
    return rank, (s[rank] if rank < len(s) else 0.0) / s[rank - 1]


def best_float_rank(network, seed):
    """The largest rank with a clear gap among a few random points."""
    tries = (float_rank(network, seed + 1000 * n, scale=x) for n, x in enumerate((1, 0.7, 0.5, 1)))
    return max((rank for rank, gap in tries if gap < 1e-3), default=None)
