"""What a softmax network depends on, and when that is determined by its function."""

from __future__ import annotations

from algattn.fibers.facts import symmetric_part
from algattn.networks import Architecture, VirtualWeights, Weights


def softmax_same(network: Architecture, first: Weights, second: Weights) -> bool:
    """Whether everything that a softmax network depends on agrees."""
    one, two = VirtualWeights.of(first), VirtualWeights.of(second)
    if one.V != two.V:
        return False
    return network.tokens == 1 or not one.V or one.B == two.B


def identifiable(network: Architecture, weights: Weights) -> bool:
    """The hypotheses of the identifiability theorem: V and all sym(B_i) (i < l) are not zero.

    For one layer, V != 0 is enough; for one token the function is X -> V X.
    """
    virtual = VirtualWeights.of(weights)
    if network.tokens == 1:
        return True
    return bool(virtual.V) and all(bool(symmetric_part(B)) for B in virtual.B[:-1])
