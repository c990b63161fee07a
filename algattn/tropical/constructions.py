"""Heads and stacks with as many cells as there can be."""

from __future__ import annotations

import random
from fractions import Fraction

from algattn.errors import InputError
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.multihead import MultiHead
from algattn.tropical.stack import Layer, Stack


def slab_heads(*, heads: int, keys: int, dimension: int, seed: int = 0) -> MultiHead:
    """Heads whose walls are parallel hyperplanes, in general position: the sharp bound is attained.

    Head `h` has the keys ``j g_h`` and biases ``-j^2 + j o_h`` for ``j = 0 .. N-1``, so its walls
    are ``<g_h, q> = 2j + 1 - o_h``; the ``g_h`` are points of the moment curve and the offsets
    ``o_h`` are drawn from `seed`.

    Examples
    --------
    >>> len(slab_heads(heads=3, keys=3, dimension=2).cells())      # 1 + 3 * 2 + 3 * 4
    19
    """
    if heads < 1 or keys < 1 or dimension < 0:
        raise InputError(
            "construct slab heads", f"{heads} heads, {keys} keys, dimension {dimension}", "use >= 1"
        )
    rng = random.Random(seed)
    out = []
    for h in range(1, heads + 1):
        parameter = h // 2 if h % 2 else -(h // 2)  # 0, -1, 1, -2, 2, ..
        direction = [parameter**axis for axis in range(dimension)]
        offset = Fraction(rng.randrange(1, 1 << 16), 1 << 16)
        out.append(
            TropicalAttention(
                keys=[[j * x for x in direction] for j in range(keys)],
                biases=[j * offset - j * j for j in range(keys)],
            )
        )
    return MultiHead(out)


def depth_stack(*, keys: int, dimension: int, depth: int, heads: int | None = None) -> Stack:
    """Layers that read off one digit of every coordinate each: ``N^(min(H, d) L)`` affine pieces.

    In layer `l` head `h` looks at coordinate `h` only: keys ``j e_h``, biases
    ``-j (j + 1) / (2 N^l)``, values ``-(j / N^l) e_h``, with the residual connection.  On the unit
    box this subtracts the l-th digit in base `N`, so that after `L` layers every tuple of digits is
    a cell with its own translation.

    Parameters
    ----------
    keys, dimension, depth : int
    heads : int, optional
        At most `dimension` heads are used; `dimension` by default.

    Examples
    --------
    >>> stack = depth_stack(keys=3, dimension=1, depth=2)
    >>> len(stack.cells(box=[(0, 1)])), stack(["1/2"])
    (9, (Fraction(1, 18),))
    """
    count = dimension if heads is None else min(heads, dimension)
    if count < 1 or keys < 1 or depth < 1:
        raise InputError(
            "construct a deep stack",
            f"{count} heads, {keys} keys, depth {depth}",
            "use at least one of each",
        )
    layers = []
    for level in range(1, depth + 1):
        unit = Fraction(1, keys**level)
        joint = []
        for h in range(count):
            axis = [int(h == i) for i in range(dimension)]
            joint.append(
                TropicalAttention(
                    keys=[[j * x for x in axis] for j in range(keys)],
                    values=[[-j * unit * x for x in axis] for j in range(keys)],
                    biases=[-j * (j + 1) * unit / 2 for j in range(keys)],
                )
            )
        layers.append(Layer(joint))
    return Stack(layers)
