"""What a layer consists of: vector spaces, maps between them that are parameters, heads, a mask.

A layer reads the stream (R^d for each token) and writes the next one (R^e).  A group of heads has
a key space (R^a) and a value space (R^v); a head has a query map into the key space of its group
and an output map from its value space.  Heads of a group share maps by holding the same object.
Everything else is read off: shapes of weights, the number of parameters, symmetries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from algattn.attention.masks import Mask, Window

__all__ = ["BIASES", "NAMES", "Head", "LayerShape", "Parameter", "Space"]

BIASES = "qkvo"
#: The names of weights, in the order in which parameters are counted.
NAMES = ("K", "Q", "V", "W", "O", "bq", "bk", "bv", "bo")


@dataclass(frozen=True)
class Space:
    """A vector space: the stream before or after a layer, keys or values of a group, constants."""

    kind: Literal["stream", "key", "value", "constant"]
    layer: int
    index: int
    size: int


@dataclass(frozen=True)
class Parameter:
    """A matrix of weights as a map between spaces; a bias is a map from the constants.

    ``layer`` counts from 1, ``index`` (group or head) from 0.
    """

    name: str
    layer: int
    index: int
    source: Space
    target: Space

    @property
    def key(self) -> tuple[str, int]:
        """Its name among the weights of the layer."""
        return self.name, self.index

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return (self.target.size, self.source.size)

    @property
    def size(self) -> int:
        """The number of entries."""
        return self.target.size * self.source.size


@dataclass(frozen=True)
class Head:
    """One head: its group and its maps.

    Either ``value`` goes from stream to stream (V) and ``output`` is None, or ``value`` goes into
    the value space (W) and ``output`` (O) out of it.
    """

    group: int
    key: Parameter
    query: Parameter
    value: Parameter
    output: Parameter | None
    key_bias: Parameter | None
    query_bias: Parameter | None
    value_bias: Parameter | None


@dataclass(frozen=True)
class LayerShape:
    """One layer of a network: sizes, groups of heads, mask, residual, biases.

    Attributes
    ----------
    number : int
        From 1.
    d, e : int
        Widths of the stream before and after.
    rank : int
        Rows of K and Q, for each head.
    heads, groups : int
        Heads, and groups that share keys (and, with ``value_rank``, values).
    value_rank : int or None
        Rows of W; None for full matrices V, one for each head.
    tokens : int
    mask : None, "causal", Window or Mask
    residual : bool
    biases : str
        Letters of "qkvo".

    Examples
    --------
    >>> from algattn import Lightning
    >>> layer, = Lightning((2, 3), 1, heads=2, kv_heads=1, value_ranks=1, biases="o").shapes
    >>> [(p.name, p.index, p.shape) for p in layer.parameters]
    [('K', 0, (1, 2)), ('Q', 0, (1, 2)), ('Q', 1, (1, 2)), ('W', 0, (1, 2)), ('O', 0, (3, 1)), \
('O', 1, (3, 1)), ('bo', 0, (3, 1))]
    >>> [head.group for head in layer.maps], layer.maps[0].key is layer.maps[1].key
    ([0, 0], True)
    """

    number: int
    d: int
    e: int
    rank: int
    heads: int
    groups: int
    value_rank: int | None
    tokens: int
    mask: str | Window | Mask | None
    residual: bool
    biases: str

    @property
    def one_head(self) -> bool:
        """Whether there is a single head, with a full value matrix."""
        return self.heads == 1 and self.value_rank is None

    @cached_property
    def seen(self) -> Mask:
        """The mask as a set of pairs."""
        return Mask.of(self.mask, self.tokens)

    def group(self, head: int) -> int:
        """The group of a head, both from 0."""
        return head // (self.heads // self.groups)

    @cached_property
    def maps(self) -> tuple[Head, ...]:
        """The heads with their maps."""
        n, a, v = self.number, self.rank, self.value_rank
        before, after = Space("stream", n - 1, 0, self.d), Space("stream", n, 0, self.e)
        one = Space("constant", n, 0, 1)
        keys = [Space("key", n, g, a) for g in range(self.groups)]
        values = [after if v is None else Space("value", n, g, v) for g in range(self.groups)]

        def bias(letter: str, index: int, target: Space) -> Parameter | None:
            return Parameter(f"b{letter}", n, index, one, target) if letter in self.biases else None

        key = [Parameter("K", n, g, before, s) for g, s in enumerate(keys)]
        value = [
            Parameter("V" if v is None else "W", n, g, before, s) for g, s in enumerate(values)
        ]
        key_bias = [bias("k", g, s) for g, s in enumerate(keys)]
        value_bias = [bias("v", g, s) for g, s in enumerate(values)]
        return tuple(
            Head(
                group=(g := self.group(h)),
                key=key[g],
                query=Parameter("Q", n, h, before, keys[g]),
                value=value[g],
                output=None if v is None else Parameter("O", n, h, values[g], after),
                key_bias=key_bias[g],
                query_bias=bias("q", h, keys[g]),
                value_bias=value_bias[g],
            )
            for h in range(self.heads)
        )

    @cached_property
    def output_bias(self) -> Parameter | None:
        """The bias of the output, one for the layer."""
        if "o" not in self.biases:
            return None
        one, after = Space("constant", self.number, 0, 1), Space("stream", self.number, 0, self.e)
        return Parameter("bo", self.number, 0, one, after)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """All matrices of weights, each once: by name, then by group or head."""
        found = [
            p
            for h in self.maps
            for p in (h.key, h.query, h.value, h.output, h.query_bias, h.key_bias, h.value_bias)
        ]
        every = {p for p in (*found, self.output_bias) if p is not None}
        return tuple(sorted(every, key=lambda p: (NAMES.index(p.name), p.index)))

    @cached_property
    def sizes(self) -> dict[str, list[tuple[int, int]]]:
        """The shapes of the matrices by their names, and of A, which stands for K and Q."""
        found = {"A": [(self.d, self.d)] * self.heads}
        for p in self.parameters:
            found.setdefault(p.name, []).append(p.shape)
        return found

    @property
    def count(self) -> int:
        """The number of parameters."""
        k, h, b = self.groups, self.heads, self.biases
        width = self.e if self.value_rank is None else self.value_rank
        total = self.rank * self.d * (k + h) + width * self.d * k
        total += 0 if self.value_rank is None else self.e * width * h
        each = {"q": self.rank * h, "k": self.rank * k, "v": width * k, "o": self.e}
        return total + sum(each[letter] for letter in b)
