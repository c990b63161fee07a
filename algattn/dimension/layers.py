"""What ranks are taken of: layers of attention, and what is known of their scores."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from algattn.attention.spaces import LayerShape

__all__ = ["Kind", "Layers", "Tie", "copies"]


class Kind(Enum):
    """The normalisation of a layer."""

    LIGHTNING = "lightning"
    SOFTMAX = "softmax"


class Tie(Enum):
    """What holds identically between the scores of a head of a softmax network.

    FREE: nothing.  SYMMETRIC: ``s_ji = s_ij``, where the input of the layer moves on a line through
    the origin.  LINE: ``s_ji - s_ij = y_j - y_i`` with a function y of a token, where it moves on
    another line, or keys or queries have a bias.
    """

    FREE = "free"
    SYMMETRIC = "symmetric"
    LINE = "line"


@dataclass(frozen=True)
class Layers:
    """Layers on a given number of tokens.

    Attributes
    ----------
    kind : Kind
    shapes : tuple of LayerShape
        Ranks may be zero here.
    ties : tuple of Tie
        For each layer.
    counts : tuple of int
        How often each token stands in an input; equal tokens have equal outputs, so they are
        carried once.  More than once only where there is no mask.
    """

    kind: Kind
    shapes: tuple[LayerShape, ...]
    ties: tuple[Tie, ...]
    counts: tuple[int, ...]

    @property
    def tokens(self) -> int:
        """Columns of the input."""
        return self.shapes[0].tokens

    @property
    def parameters(self) -> int:
        """Number of entries of all weights."""
        return sum(shape.count for shape in self.shapes)


def copies(tokens: int, distinct: int) -> tuple[int, ...]:
    """How often each of a few distinct tokens stands in an input of `tokens` tokens.

    >>> copies(7, 3), copies(2, 4)
    ((5, 1, 1), (1, 1))
    """
    distinct = min(tokens, distinct)
    return (tokens - distinct + 1, *(1,) * (distinct - 1))
