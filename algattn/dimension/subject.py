"""What the dimension of a network is computed from: its layers, symmetries, and a first bound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from algattn.attention.architecture import Architecture
from algattn.attention.coordinates import Coordinates
from algattn.attention.masks import Mask, Window
from algattn.attention.spaces import LayerShape
from algattn.attention.symmetries import directions
from algattn.attention.theorems import Theorem, lightning, plain, softmax
from algattn.dimension.dense import Directions
from algattn.dimension.gauge import gauge_matrix
from algattn.dimension.layers import Kind, Layers, copies
from algattn.dimension.modular import Ints
from algattn.dimension.modular_autodiff import Point
from algattn.dimension.reduction import Reduction, reduce_shape
from algattn.dimension.scores import decisive, scores_witness, ties_of

__all__ = ["REDUCTION", "Subject", "needs_scores", "reduction_of", "sampled", "subject"]

REDUCTION = Theorem("reduction", "algattn/docs/dimension.md", *plain)
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
    return softmax.holds(network) and any(map(_is_social, network.shapes))


def _is_social(shape: LayerShape) -> bool:
    """Whether some query sees several keys."""
    if isinstance(shape.mask, Mask):
        return bool(shape.mask.social)
    return shape.tokens > 1 and shape.mask != Window(1)


@lru_cache(maxsize=64)
def subject(network: Architecture) -> Subject:
    """The subject of all questions about the dimension of a network."""
    if REDUCTION.covers(network):
        reduction = reduction_of(network)
        return Subject(
            reduction.layers,
            partial(_plain_directions, reduction),
            reduction.parameters_form,
            scores_witness(reduction),
        )
    layers = sampled(network)
    return Subject(
        layers,
        partial(_directions, network),
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


def _plain_directions(reduction: Reduction, point: Point, prime: int) -> Ints:
    return gauge_matrix(
        point,
        collapsed=reduction.collapsed,
        scalings=reduction.kind is Kind.LIGHTNING,
        prime=prime,
    )


def _directions(network: Architecture, point: Point, prime: int) -> Ints:
    weights = {(i, *key): w for i, layer in enumerate(point, 1) for key, w in layer.items()}
    return directions(network, weights, prime)
