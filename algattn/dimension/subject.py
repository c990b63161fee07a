"""What the dimension of a network is computed from: its layers, symmetries, and a first bound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from algattn.attention.architecture import Architecture
from algattn.attention.coordinates import Coordinates
from algattn.attention.masks import Mask, Window
from algattn.attention.reach import social
from algattn.attention.spaces import LayerShape
from algattn.attention.symmetries import directions, generators
from algattn.attention.theorems import Theorem, lightning, plain, softmax
from algattn.dimension.dense import Directions
from algattn.dimension.layers import Kind, Layers, copies
from algattn.dimension.modular import Ints
from algattn.dimension.modular_autodiff import Point
from algattn.dimension.reduction import Reduction, reduce_shape
from algattn.dimension.scores import decisive, scores_witness, ties_of

__all__ = [
    "REDUCTION",
    "Subject",
    "by_address",
    "needs_scores",
    "network_directions",
    "plain_directions",
    "reduction_of",
    "sampled",
    "subject",
]

REDUCTION = Theorem("reduction", "algattn/docs/dimension.md", *plain)
#: The kinds of generators of the lemma "orbit".
ORBIT = ("hidden", "key", "head mixing", "symmetric scores")
#: Distinct tokens of the inputs at which ranks of networks outside the theorem are taken.
_TOKENS = 4
#: Layers up to which the coefficients of a function are counted.
_COUNTED = 3


@dataclass(frozen=True)
class Subject:
    """A network as ranks see it.

    Attributes
    ----------
    layers : Layers
        Its layers, or smaller ones with the same functions, on as many tokens as are looked at.
    directions : callable
        The tangent vectors of its symmetries.
    counted : int
        A number of parameters, or coefficients, that is enough to describe the functions.
    decisive : Layers or None
        Layers whose scores decide whether exponentials are independent.
    """

    layers: Layers
    directions: Directions
    counted: int
    decisive: Layers | None


def reduction_of(network: Architecture) -> Reduction:
    """The effective shape of a network.

    Raises
    ------
    HypothesisError
        For networks outside the lemma.
    """
    REDUCTION.require(network, f"reduce {network!r} to its effective widths and ranks")
    return reduce_shape(
        network.widths, network.ranks, tokens=network.tokens, kind=Kind(network.kind)
    )


def needs_scores(network: Architecture) -> bool:
    """Whether ranks of this network treat exponentials as indeterminates."""
    return softmax.holds(network) and any(map(social, network.shapes))


@lru_cache(maxsize=64)
def subject(network: Architecture) -> Subject:
    """The subject of all questions about the dimension of a network."""
    if REDUCTION.covers(network):
        reduction = reduction_of(network)
        return Subject(
            reduction.layers,
            partial(plain_directions, reduction),
            reduction.parameters_form,
            scores_witness(reduction),
        )
    layers = sampled(network)
    return Subject(
        layers,
        partial(network_directions, network),
        min(network.parameters, _coefficients(network)),
        decisive(layers) if needs_scores(network) else None,
    )


def _coefficients(network: Architecture) -> int:
    """A number of coefficients that tells the functions apart, where it may be small."""
    if needs_scores(network) or network.layers > _COUNTED:
        return network.parameters
    if lightning.holds(network):
        return Coordinates.of(network).count
    # Every query sees one key, so the network is affine in X; alone, in one column of it.
    alone = all(j == i for shape in network.shapes for j, i in _seen(shape))
    t, constant = 1 if alone else network.tokens, bool(set("vo") & set(network.biases))
    return t * network.d_out * (t * network.d_in + constant)


def _seen(shape: LayerShape) -> Iterable[tuple[int, int]]:
    """The pairs of an explicit mask; other masks without social queries hold own pairs only."""
    return shape.mask.pairs if isinstance(shape.mask, Mask) else ()


def sampled(network: Architecture) -> Layers:
    """The layers of a network on a few tokens, with restrictions of its functions.

    Under causal masks and windows the first tokens only see each other.  Without masks there are
    inputs with few distinct tokens.
    """
    few, masks = min(network.tokens, _TOKENS), network.mask
    if all(mask is None for mask in masks):
        return layers_on(network, few, copies(network.tokens, few))
    closed = all(mask == "causal" or isinstance(mask, Window) for mask in masks)
    return layers_on(network, few if closed else network.tokens)


def layers_on(network: Architecture, tokens: int, counts: tuple[int, ...] = ()) -> Layers:
    """The layers of a network on that many tokens, each of them once unless it is said."""
    shapes = tuple(replace(shape, tokens=tokens) for shape in network.shapes)
    return Layers(Kind(network.kind), shapes, ties_of(shapes), counts or (1,) * tokens)


def plain_directions(
    reduction: Reduction, point: Point, prime: int, *, gauge_only: bool = False
) -> Ints:
    """Directions at weights of a plain network, of the effective shape or another.

    Parameters
    ----------
    reduction : Reduction
    point : tuple of dict
        Their shapes are those of the network; without rows of K and Q (softmax with one token)
        directions are those of V.
    gauge_only : bool
        Only those of the lemma "orbit".
    """
    d = point[0]["V", 0].shape[1]
    widths = (d, *(layer["V", 0].shape[0] for layer in point))
    ranks = tuple(layer["K", 0].shape[0] for layer in point)
    network = _plain(reduction.kind, widths, tuple(max(a, 1) for a in ranks), reduction.tokens)
    every = generators(network)
    if gauge_only:
        every = tuple(g for g in every if g.kind in ORBIT)
    if all(ranks):
        return directions(network, by_address(point), prime, every)
    found, widest = [], dict[tuple[int, str, int], Ints]()
    for p in (p for shape in network.shapes for p in shape.parameters):
        value = point[p.layer - 1][p.name, p.index]
        widest[p.layer, p.name, p.index] = value if p.name == "V" else np.zeros(p.shape, np.int64)
        found += [p.name == "V"] * p.size
    return directions(network, widest, prime, every)[:, found]


@lru_cache(maxsize=64)
def _plain(
    kind: Kind, widths: tuple[int, ...], ranks: tuple[int, ...], tokens: int
) -> Architecture:
    return Architecture.kinds[kind.value](widths, ranks, tokens)


def network_directions(network: Architecture, point: Point, prime: int) -> Ints:
    """Tangent vectors of the symmetries of a network at residues of its weights."""
    return directions(network, by_address(point), prime)


def by_address(point: Point) -> dict[tuple[int, str, int], Ints]:
    """Weights by layer (from 1), name, and group or head."""
    return {(i, *key): w for i, layer in enumerate(point, 1) for key, w in layer.items()}
