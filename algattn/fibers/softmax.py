"""What a softmax network depends on: its function determines that, and nothing else.

Lemma *softmax* of ``algattn/docs/deep.md``.
"""

from __future__ import annotations

from algattn.attention import Architecture, VirtualWeights, Weights
from algattn.attention.theorems import Theorem, plain, softmax
from algattn.dimension.virtual import softmax_sees

SOFTMAX = Theorem("softmax", "algattn/docs/deep.md", softmax, *plain)


def softmax_same(network: Architecture, first: Weights, second: Weights) -> bool:
    """Whether two softmax networks have the same function: V and all forms that are seen agree."""
    SOFTMAX.require(network, "compare two weight tuples")
    one, two = VirtualWeights.of(first), VirtualWeights.of(second)
    seen = softmax_sees(network, one)
    return one.V == two.V and seen == softmax_sees(network, two) and one.B[:seen] == two.B[:seen]


def behind_equal_tokens(network: Architecture, first: Weights, second: Weights) -> str:
    """Which forms of equal networks are not seen, where they differ; empty when none does."""
    one, two = VirtualWeights.of(first), VirtualWeights.of(second)
    seen = softmax_sees(network, one)
    if one.B == two.B:
        return ""
    if not seen:
        return " as far as they are seen: V alone"
    return f" up to layer {seen}, behind which all tokens are equal"
