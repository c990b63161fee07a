"""Derivatives of attention networks modulo a prime: a reading of the one layer formula.

A matrix is a stack ``(S, rows, t)`` of centred residues, one for each sample; weights are single
matrices.  For softmax every exponential ``E_ji`` is an independent residue, fresh for each sample,
layer and head, with ``dE = E ds``; so ``P_ji = E_ji / sum_k E_ki`` and ``dP_ji = P_ji (ds_ji -
sum_k P_ki ds_ki)``.  Where scores are tied (:class:`~algattn.dimension.layers.Tie`), so are the
exponentials.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from algattn.attention.layer import Attend, Key
from algattn.attention.spaces import LayerShape
from algattn.dimension.layers import Kind, Layers, Tie
from algattn.dimension.limits import checkpoint
from algattn.dimension.modular import (
    Floats,
    Ints,
    Residues,
    inverse_mod,
    matmul_mod,
    reduce_mod,
)
from algattn.dimension.tape import Gradient, Traced, gradients

__all__ = [
    "Point",
    "ResidueMatrices",
    "attend",
    "centred",
    "columns",
    "random_weights",
    "sampled_gradients",
    "softmax_residues",
]

Point = tuple[dict[Key, Ints], ...]
"""Residues of the weights of each layer, by name and group or head, in parameter order."""


class ResidueMatrices:
    """Stacks of matrices of centred residues; single matrices stand for all samples.

    Parameters
    ----------
    prime : int
    """

    def __init__(self, prime: int) -> None:
        self.prime = prime

    def times(self, a: Floats, b: Floats, /) -> Floats:
        if a.ndim > 2 or b.ndim == 2:
            return matmul_mod(a, b, self.prime)
        samples, rows, columns = b.shape  # a @ b for all samples is one product, transposed
        flat = self.turn(b).reshape(samples * columns, rows)
        found = matmul_mod(flat, a.T, self.prime).reshape(samples, columns, len(a))
        return self.turn(found)

    def plus(self, a: Floats, b: Floats, /) -> Floats:
        return reduce_mod(a + b, self.prime)

    def turn(self, a: Floats, /) -> Floats:
        return a.swapaxes(-1, -2)

    def softmax_derivative(self, p: Floats, g: Floats) -> Floats:
        """``P_ji (g_ji - sum_k P_ki g_ki)``; this map is self-adjoint."""
        mean = reduce_mod(reduce_mod(p * g, self.prime).sum(axis=-2, keepdims=True), self.prime)
        return reduce_mod(p * reduce_mod(g - mean, self.prime), self.prime)


def random_weights(shapes: Sequence[LayerShape], residues: Residues) -> Point:
    """Uniformly random weights."""
    return tuple(
        {(p.name, p.index): residues.draw(*p.shape) for p in shape.parameters} for shape in shapes
    )


def softmax_residues(
    samples: int, shape: LayerShape, residues: Residues, tie: Tie = Tie.FREE
) -> Floats:
    """Softmax matrices ``(S, t, t)`` of independent exponentials, zero where the mask hides a key.

    Samples with a vanishing denominator are drawn again.
    """
    prime, t = residues.prime, shape.tokens
    seen = None if shape.mask is None else np.array(shape.seen.rows(), dtype=np.float64)

    def draw(count: int) -> Floats:
        e = residues.floats(count, t, t)
        if tie is not Tie.FREE:
            e = np.triu(e) + np.swapaxes(np.triu(e, 1), 1, 2)
        if tie is Tie.LINE:
            e = reduce_mod(e * residues.floats(count, t, 1), prime)
        return e if seen is None else e * seen

    e = draw(samples)
    while True:
        total = reduce_mod(e.sum(axis=1), prime)
        bad = np.flatnonzero((total == 0).any(axis=1))
        if not bad.size:
            return reduce_mod(e * inverse_mod(total, prime)[:, None, :], prime)
        e[bad] = draw(bad.size)


def attend(layers: Layers, samples: int, residues: Residues) -> Attend[Traced[Floats]]:
    """How the layers go from scores to the weights of their values."""

    counts = np.array(layers.counts, dtype=np.float64)[:, None]

    def lightning(scores: Traced[Floats], shape: LayerShape, head: int) -> Traced[Floats]:
        if shape.mask is None and (counts == 1).all():
            return scores
        often = np.array(shape.seen.rows(), dtype=np.float64) * counts

        def times(g: Floats) -> Floats:
            return reduce_mod(g * often, residues.prime)

        return scores.tape.made(times(scores.value), (scores, times))

    def softmax(scores: Traced[Floats], shape: LayerShape, head: int) -> Traced[Floats]:
        p = softmax_residues(samples, shape, residues, layers.ties[shape.number - 1])
        matrices = ResidueMatrices(residues.prime)
        return scores.tape.made(p, (scores, lambda g: matrices.softmax_derivative(p, g)))

    return {Kind.LIGHTNING: lightning, Kind.SOFTMAX: softmax}[layers.kind]


def sampled_gradients(
    layers: Layers, point: Point, rows: int, residues: Residues
) -> Iterator[Gradient[Floats]]:
    """Gradients of random functionals of the output at random inputs, last layer first.

    Parameters
    ----------
    layers : Layers
    point : Point
    rows : int
        Samples, each with its own input, functional and exponentials.
    residues : Residues

    Yields
    ------
    Gradient
        Stacks ``left`` (S, p, t) and ``right`` (S, q, t), for weights of p x q.
    """
    prime, t = residues.prime, layers.tokens
    for found in gradients(
        ResidueMatrices(prime),
        layers.shapes,
        centred(point, prime),
        columns(residues, rows, t, layers.shapes[0].d),
        np.ones((rows, 1, t)),
        attend(layers, rows, residues),
        lambda: columns(residues, rows, t, layers.shapes[-1].e),
    ):
        checkpoint()
        yield found


def centred(point: Point, prime: int) -> list[dict[Key, Floats]]:
    """The weights as centred residues."""
    return [
        {key: reduce_mod((w % prime).astype(np.float64), prime) for key, w in layer.items()}
        for layer in point
    ]


def columns(residues: Residues, samples: int, tokens: int, width: int) -> Floats:
    """Random matrices with tokens as columns; drawn token by token."""
    return residues.floats(samples, tokens, width).swapaxes(1, 2)
