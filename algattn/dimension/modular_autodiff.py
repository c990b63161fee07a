"""Forward, reverse and tangent passes of a deep attention network modulo a prime.

Tokens are rows here: an input is ``(t, d)``, a batch of samples ``(S, t, d)``.  With
``U = X K^T``, ``W = X Q^T`` and scores ``s = U W^T`` (key index first), a layer is ``Y = P^T X
V^T`` where ``P = s`` for lightning and ``P_ji = E_ji / sum_k E_ki`` for softmax.  Every
exponential ``E_ji`` is an independent residue, fresh for each sample and layer, with ``dE = E
ds``; hence ``dP_ji = P_ji (ds_ji - sum_k P_ki ds_ki)``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from algattn.dimension.modular import (
    Floats,
    Ints,
    Residues,
    inverse_mod,
    matmul_mod,
    reduce_mod,
)
from algattn.dimension.reduction import Kind

__all__ = [
    "Cotangents",
    "Record",
    "Weights",
    "attention_residues",
    "forward",
    "random_weights",
    "reverse",
    "tangent",
]


@dataclass(frozen=True, eq=False)
class Weights:
    """Residues of the weights of an l-layer network.

    Attributes
    ----------
    key, query : tuple of ndarray of int64
        ``K_i`` and ``Q_i``, shape ``(a_i, d_{i-1})``.
    value : tuple of ndarray of int64
        ``V_i``, shape ``(d_i, d_{i-1})``.
    """

    key: tuple[Ints, ...]
    query: tuple[Ints, ...]
    value: tuple[Ints, ...]

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.value)

    @property
    def widths(self) -> tuple[int, ...]:
        """``d_0..d_l``."""
        return (self.value[0].shape[1], *(v.shape[0] for v in self.value))

    @property
    def attention(self) -> tuple[int, ...]:
        """``a_1..a_l``."""
        return tuple(k.shape[0] for k in self.key)

    @property
    def parameters(self) -> int:
        """Number of entries of all weights."""
        return sum(w.size for ws in (self.key, self.query, self.value) for w in ws)

    def centred(self, prime: int) -> _Floating:
        """The same weights as centred float64 residues."""
        key, query, value = (
            tuple(reduce_mod((w % prime).astype(np.float64), prime) for w in ws)
            for ws in (self.key, self.query, self.value)
        )
        return _Floating(key, query, value)


@dataclass(frozen=True, eq=False)
class _Floating:
    key: tuple[Floats, ...]
    query: tuple[Floats, ...]
    value: tuple[Floats, ...]


@dataclass(frozen=True, eq=False)
class Record:
    """What a layer remembers of its forward pass (S samples).

    Attributes
    ----------
    x : ndarray, shape (S, t, d)
        Input.
    u, w : ndarray, shape (S, t, a)
        Keys and queries.
    p : ndarray, shape (S, t, t)
        Attention, key index first.
    z : ndarray, shape (S, t, d)
        ``P^T X``.
    """

    x: Floats
    u: Floats
    w: Floats
    p: Floats
    z: Floats


@dataclass(frozen=True, eq=False)
class Cotangents:
    """Gradient of one functional per sample with respect to a layer, in factored form.

    The gradient with respect to K is ``sum_t u[s, t, :] x[s, t, :]^T``; likewise for Q with ``w``
    and ``x``, and for V with ``y`` and ``z``.
    """

    layer: int
    u: Floats
    w: Floats
    x: Floats
    y: Floats
    z: Floats


def random_weights(widths: Sequence[int], attention: Sequence[int], residues: Residues) -> Weights:
    """Uniformly random weights of the given shape (``d_0..d_l`` and ``a_1..a_l``)."""
    key, query, value = [], [], []
    for i, a in enumerate(attention):
        key.append(residues.draw(a, widths[i]))
        query.append(residues.draw(a, widths[i]))
        value.append(residues.draw(widths[i + 1], widths[i]))
    return Weights(tuple(key), tuple(query), tuple(value))


def attention_residues(
    samples: int, tokens: int, symmetric: Sequence[bool], residues: Residues
) -> list[Floats]:
    """Softmax matrices of independent exponentials, one array ``(S, t, t)`` per layer.

    Parameters
    ----------
    symmetric : sequence of bool
        Layers whose scores are symmetric in the two tokens: there ``E_jk = E_kj``.

    Notes
    -----
    Samples with a vanishing denominator are drawn again.
    """
    prime = residues.prime
    result = []
    for tie in symmetric:
        e = residues.floats(samples, tokens, tokens)
        while True:
            if tie:
                e = np.triu(e) + np.swapaxes(np.triu(e, 1), 1, 2)
            total = reduce_mod(e.sum(axis=1), prime)
            bad = np.flatnonzero((total == 0).any(axis=1))
            if not bad.size:
                break
            e[bad] = residues.floats(bad.size, tokens, tokens)
        result.append(reduce_mod(e * inverse_mod(total, prime)[:, None, :], prime))
    return result


def _apply(x: Floats, weight: Floats, prime: int) -> Floats:
    """``x @ weight`` for a batch of rows, as one matrix product."""
    count = int(np.prod(x.shape[:-1], dtype=np.int64))
    flat = matmul_mod(x.reshape(count, x.shape[-1]), weight, prime)
    return flat.reshape(*x.shape[:-1], weight.shape[1])


def _swap(x: Floats) -> Floats:
    return np.swapaxes(x, -1, -2)


def forward(
    weights: Weights, x: Floats, attention: Sequence[Floats] | None, prime: int
) -> tuple[list[Record], Floats]:
    """Forward pass.

    Parameters
    ----------
    weights : Weights
    x : ndarray, shape (S, t, d_0)
        Centred residues.
    attention : sequence of ndarray of shape (S, t, t), or None
        Softmax matrices of every layer; None for lightning.

    Returns
    -------
    list of Record, ndarray of shape (S, t, d_l)
    """
    net = weights.centred(prime)
    records = []
    for i in range(weights.depth):
        u = _apply(x, net.key[i].T, prime)
        w = _apply(x, net.query[i].T, prime)
        p = matmul_mod(u, _swap(w), prime) if attention is None else attention[i]
        z = matmul_mod(_swap(p), x, prime)
        records.append(Record(x, u, w, p, z))
        x = _apply(z, net.value[i].T, prime)
    return records, x


def _softmax_adjoint(p: Floats, g: Floats, prime: int) -> Floats:
    """``P_ji (g_ji - sum_k P_ki g_ki)``; the differential of softmax is self-adjoint."""
    mean = reduce_mod(reduce_mod(p * g, prime).sum(axis=-2, keepdims=True), prime)
    return reduce_mod(p * reduce_mod(g - mean, prime), prime)


def reverse(
    weights: Weights, records: Sequence[Record], functional: Floats, kind: Kind, prime: int
) -> Iterator[Cotangents]:
    """Reverse pass of one linear functional of the output per sample, last layer first.

    Parameters
    ----------
    functional : ndarray, shape (S, t, d_l)
        Coefficients of the functional on the output.
    """
    net = weights.centred(prime)
    y = functional
    for i in reversed(range(weights.depth)):
        r = records[i]
        z = _apply(y, net.value[i], prime)
        g = matmul_mod(r.x, _swap(z), prime)
        if kind is Kind.SOFTMAX:
            g = _softmax_adjoint(r.p, g, prime)
        u = matmul_mod(g, r.w, prime)
        w = matmul_mod(_swap(g), r.u, prime)
        yield Cotangents(i, u, w, r.x, y, r.z)
        if i:
            y = matmul_mod(r.p, z, prime)
            y = y + _apply(u, net.key[i], prime) + _apply(w, net.query[i], prime)
            y = reduce_mod(y, prime)


def tangent(
    weights: Weights, directions: Ints, records: Sequence[Record], kind: Kind, prime: int
) -> Floats:
    """Directional derivatives of the output.

    Parameters
    ----------
    directions : ndarray of int64, shape (D, parameters)
        Directions in the order K_1, Q_1, V_1, K_2, ... (each row-major).

    Returns
    -------
    ndarray, shape (D, S, t, d_l)
    """
    net = weights.centred(prime)
    many = directions.shape[0]
    floats = reduce_mod((directions % prime).astype(np.float64), prime)
    offset = 0

    def take(shape: tuple[int, ...]) -> Floats:
        nonlocal offset
        block = floats[:, offset : offset + shape[0] * shape[1]]
        offset += shape[0] * shape[1]
        return block.reshape(many, 1, *shape)

    dx = np.zeros((many, *records[0].x.shape))
    for i, r in enumerate(records):
        dk, dq = take(net.key[i].shape), take(net.query[i].shape)
        dv = take(net.value[i].shape)
        du = _apply(dx, net.key[i].T, prime) + matmul_mod(r.x, _swap(dk), prime)
        dw = _apply(dx, net.query[i].T, prime) + matmul_mod(r.x, _swap(dq), prime)
        du, dw = reduce_mod(du, prime), reduce_mod(dw, prime)
        dp = matmul_mod(du, _swap(r.w), prime) + matmul_mod(r.u, _swap(dw), prime)
        dp = reduce_mod(dp, prime)
        if kind is Kind.SOFTMAX:
            dp = _softmax_adjoint(r.p, dp, prime)
        dz = matmul_mod(_swap(dp), r.x, prime) + matmul_mod(_swap(r.p), dx, prime)
        dz = reduce_mod(dz, prime)
        dx = _apply(dz, net.value[i].T, prime) + matmul_mod(r.z, _swap(dv), prime)
        dx = reduce_mod(dx, prime)
    return dx
