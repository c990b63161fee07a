"""An upper bound of the dimension from the layers one by one: lemma "layers" of the documentation.

A network is composed of the functions of its layers.  One such function has few coefficients (where
heads are many, fewer than parameters), and symmetries of the network that move the functions of
the layers do not move their composition.
"""

from __future__ import annotations

from math import comb

import numpy as np

from algattn.attention.architecture import Architecture
from algattn.attention.spaces import LayerShape
from algattn.attention.theorems import Hypothesis, Theorem, lightning
from algattn.dimension.dense import check_symmetries, free_columns, jacobian_rows
from algattn.dimension.modular import Floats, Residues, matmul_mod, rank_mod, reduce_mod
from algattn.dimension.modular_autodiff import random_weights
from algattn.dimension.subject import needs_scores, sampled, subject

__all__ = ["LAYERS", "layer_bound", "layer_coefficients"]

LAYERS = Theorem(
    "layers",
    "algattn/docs/dimension.md",
    Hypothesis(
        "layers without exponentials",
        lambda n: "its scores go through exponentials" if needs_scores(n) else "",
    ),
)
_SLACK = 6


def layer_coefficients(shape: LayerShape, *, scores: bool) -> int:
    """How many coefficients tell the functions of a layer apart, at most.

    Column i of the output is a sum of ``F(x_j, x_i)`` over the keys j that it sees, where ``F(x, y)
    = (V x + bv) (K x + bk)^T (Q y + bq)`` summed over heads; ``scores`` says whether the weights
    P are the scores.  Otherwise P is constant, every query sees one key, and F is ``V x + bv``.
    """
    d, b = shape.d, shape.biases
    own = not any(j != i for j, i in shape.seen.pairs)

    def powers(*letters: str) -> list[int]:
        """The degrees of a product of linear maps, each with or without bias."""
        least = sum(letter not in b for letter in letters)
        return list(range(least, len(letters) + 1))

    def monomials(degrees: list[int]) -> int:
        return sum(comb(d + n - 1, n) for n in degrees)

    if not scores:
        count = monomials(powers("v"))
    elif own:
        count = monomials(powers("v", "k", "q"))
    else:
        count = monomials(powers("v", "k")) * monomials(powers("q"))
    return shape.e * ((count if shape.seen.pairs else 0) + ("o" in b))


def layer_bound(network: Architecture, seed: int, prime: int) -> int:
    """An upper bound of the dimension of a network without exponentials.

    The functions of layer l have dimension at most ``u_l``: its coefficients, or its parameters
    minus the rank of its own symmetries.  The differential D of all of them has rank at most
    ``sum(u_l)``, and what D makes of the symmetries G of the network is in the kernel of the rest:
    the dimension is at most ``sum(u_l) - rank(D G)``, and ranks at a random point modulo a prime
    are not above the generic one.  Inputs of D are those of the layer with all its tokens: on
    fewer tokens other directions vanish where a bias takes the sum over all keys.
    """
    LAYERS.require(network, f"bound the dimension of {network!r} layer by layer")
    layers, residues = sampled(network), Residues(seed, prime)
    point = random_weights(layers.shapes, residues)
    directions = reduce_mod(subject(network).directions(point, prime).astype(np.float64), prime)
    total, start, moved = 0, 0, []
    for shape, given, part in zip(network.shapes, point, layers.shapes, strict=True):
        one = network.alone(shape)
        about = subject(one)
        own = random_weights(about.layers.shapes, residues)
        known = about.directions(own, prime)
        check_symmetries(jacobian_rows(about.layers, own, 2, Residues(seed, prime)), known, prime)
        free = len(free_columns(known, prime))
        count = layer_coefficients(part, scores=lightning.holds(network))
        most = min(free, about.counted, count)
        total += most
        rows = jacobian_rows(sampled(one), (given,), most + _SLACK, residues)
        stop = start + shape.count
        block: Floats = reduce_mod(rows.astype(np.float64), prime)
        moved.append(matmul_mod(block, directions[:, start:stop].T, prime))
        start = stop
    return total - rank_mod(np.concatenate(moved), prime)
