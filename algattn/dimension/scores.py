"""Whether the exponentials of a softmax network are algebraically independent.

By Ax's theorem they are once the scores are linearly independent over Q modulo functions of the
weights alone, up to the relations that :class:`~algattn.dimension.layers.Tie` names: lemma
"scores" of ``algattn/docs/dimension.md``.  Ranks modulo a prime certify that, layer by layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from algattn.attention.layer import attention_layer
from algattn.attention.masks import Mask
from algattn.attention.spaces import LayerShape
from algattn.dimension.layers import Layers, Tie
from algattn.dimension.modular import Floats, Ints, Residues, rank_mod
from algattn.dimension.modular_autodiff import (
    Point,
    ResidueMatrices,
    attend,
    centred,
    columns,
    random_weights,
)
from algattn.dimension.reduction import Reduction
from algattn.dimension.tape import Tape, Traced

__all__ = ["decisive", "score_layers", "scores_independent", "scores_witness", "ties_of"]

#: Tokens up to which all scores are looked at together.
_TOKENS = 12
_SLACK = 8
#: Weights at which scores are compared; a relation has to hold at all of them.
_POINTS = 2


def ties_of(shapes: Sequence[LayerShape]) -> tuple[Tie, ...]:
    """What holds between scores because the input of a layer moves on a line.

    The input of the network moves in all of R^d.  A layer without residual maps an affine space of
    dimension w to one of dimension at most w for each head (and no more than its value rank), off
    the origin where it has a bias; in a residual layer the space can only grow.
    """
    out, width, off = [], shapes[0].d, False
    for shape in shapes:
        linear = shape.d == 1 or not off
        tied = width == 1 and _some_both_ways(shape)
        bent = not linear or set("qk") & set(shape.biases)
        out.append((Tie.LINE if bent else Tie.SYMMETRIC) if tied else Tie.FREE)
        each = width if shape.value_rank is None else min(width, shape.value_rank)
        width = min(shape.e, shape.heads * each + (width if shape.residual else 0))
        off = off or bool(set("vo") & set(shape.biases))
    return tuple(out)


def _both_ways(seen: Mask) -> list[tuple[int, int]]:
    """Pairs of tokens that see each other."""
    return [(j, i) for j, i in seen.pairs if j < i and (i, j) in seen.pairs]


def _some_both_ways(shape: LayerShape) -> bool:
    if isinstance(shape.mask, Mask):
        return bool(_both_ways(shape.mask))
    return shape.mask is None and shape.tokens > 1


def _independent_scores(shape: LayerShape, tie: Tie) -> int:
    """How many of the visible scores of a head are independent, when nothing but the tie holds."""
    pairs = _both_ways(shape.seen)
    if tie is Tie.FREE:
        return len(shape.seen.pairs)
    forest = 0
    if tie is Tie.LINE:
        root = list(range(shape.tokens))
        for j, i in pairs:
            a, b = root[j], root[i]
            forest += a != b
            root = [a if r == b else r for r in root]
    return len(shape.seen.pairs) - len(pairs) + forest


def scores_independent(
    layers: Layers, points: Sequence[Point], residues: Residues
) -> tuple[bool, ...]:
    """Certify, layer by layer, that nothing but the ties holds between scores.

    The functions ``s_ji(X, E_1..E_{i-1})`` of the first head are evaluated at random residues, with
    one more column for each of the points, which stands for functions of the weights.  The
    largest rank that the ties allow proves that no other rational combination of them is a
    function of the weights.  Heads are alike; scores of different heads, layers and samples are
    separated by their degrees in the weights of the head and by setting inputs apart.

    Parameters
    ----------
    layers : Layers
    points : sequence of Point
        Weights.
    residues : Residues

    Returns
    -------
    tuple of bool
        True is a proof for that layer; False is inconclusive.
    """
    samples, prime = layers.tokens**2 + 1 + _SLACK, residues.prime
    blocks = [_scores(layers, point, samples, residues) for point in points]
    result = []
    for i, (shape, tie) in enumerate(zip(layers.shapes, layers.ties, strict=True)):
        scores = np.concatenate([block[i] for block in blocks])
        marks = np.kron(np.eye(len(points)), np.ones((samples, 1)))
        rank = rank_mod(np.concatenate([marks, scores], axis=1), prime)
        result.append(rank == len(points) + _independent_scores(shape, tie))
    return tuple(result)


def _scores(layers: Layers, point: Point, samples: int, residues: Residues) -> list[Floats]:
    """The visible scores of the first head of every layer, one row for each sample."""
    tape: Tape[Floats] = Tape(ResidueMatrices(residues.prime))
    weigh, found = attend(layers, samples, residues), []

    def note(scores: Traced[Floats], shape: LayerShape, head: int) -> Traced[Floats]:
        if head == 0:
            where: Ints = np.array(shape.seen.rows(), dtype=bool)
            found.append(scores.value[:, where])
        return weigh(scores, shape, head)

    state = Traced(tape, columns(residues, samples, layers.tokens, layers.shapes[0].d))
    ones = Traced(tape, np.ones((samples, 1, layers.tokens)))
    for shape, weights in zip(layers.shapes, centred(point, residues.prime), strict=True):
        named = {key: Traced(tape, w) for key, w in weights.items()}
        state = attention_layer(shape, named, state, note, ones)
    return found


def scores_witness(reduction: Reduction) -> Layers:
    """A smallest network whose independent scores prove independence for the given shape.

    Padded with zeros it is a special case of the larger network, with the same scores and the same
    layers behind a width of one: widths ``min(r_i, 2)`` and ranks 1.
    """
    return reduction.resized([min(r, 2) for r in reduction.bottlenecks], (1,) * reduction.depth)


def score_layers(layers: Layers, seed: int, prime: int) -> tuple[bool, ...]:
    """For each layer, whether a rank proves its scores independent, at random weights."""
    weights = Residues(seed, prime)
    points = [random_weights(layers.shapes, weights) for _ in range(_POINTS)]
    return scores_independent(layers, points, Residues(seed + 1, prime))


def decisive(layers: Layers) -> Layers | None:
    """Layers whose scores decide for those of a softmax network, or None where nothing is known.

    Up to twelve tokens they are the layers themselves; copies of a token are further tokens here.
    For more tokens, all of which see each other, a relation, restricted to weights without biases,
    to inputs that vanish outside two tokens, and to exponentials with which all others only see
    themselves, is one of the network on two tokens; what a bias does on a line is not seen there.
    """
    tokens = sum(layers.counts)
    if tokens <= _TOKENS:
        shapes = tuple(replace(s, tokens=tokens) for s in layers.shapes)
    elif layers.tokens == tokens or Tie.LINE in layers.ties:
        return None
    else:
        tokens = 2
        shapes = tuple(replace(s, tokens=2, biases="") for s in layers.shapes)
    return Layers(layers.kind, shapes, layers.ties, (1,) * tokens)
