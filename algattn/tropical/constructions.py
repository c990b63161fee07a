"""Heads and stacks with as many cells as there can be."""

from __future__ import annotations

import random
from fractions import Fraction
from math import factorial

from algattn.arguments import checked
from algattn.errors import InputError
from algattn.tropical.attention import TropicalAttention
from algattn.tropical.counts import digit_bases
from algattn.tropical.multihead import MultiHead
from algattn.tropical.stack import Layer, Stack
from algattn.words import quoted


def _check(asked: str, least: dict[str, int], **given: int) -> None:
    """Refuse sizes that are not integers, or too small."""
    for name, value in given.items():
        if type(value) is not int or value < least.get(name, 1):
            raise InputError(
                asked, f"{name} is {quoted(value)}", f"use an integer >= {least.get(name, 1)}"
            )


def _slabs(heads: int, keys: int, dimension: int, seed: int) -> list[tuple[list[int], Fraction]]:
    """Directions on the moment curve and generic offsets, one of each for each head."""
    rng = random.Random(seed)
    out = []
    for h in range(1, heads + 1):
        parameter = h // 2 if h % 2 else -(h // 2)  # 0, -1, 1, -2, 2, ..
        offset = Fraction(rng.randrange(1, 1 << 16), 1 << 16)
        out.append(([parameter**axis for axis in range(dimension)], offset))
    return out


@checked
def slab_heads(*, heads: int, keys: int, dimension: int, seed: int = 0) -> MultiHead:
    """Heads whose walls are parallel hyperplanes, in general position: the sharp bound is attained.

    Head `h` has the keys ``j g_h`` and biases ``-j^2 + j o_h`` for ``j = 0 .. N-1``, so its walls
    are ``<g_h, q> = 2j + 1 - o_h``; the ``g_h`` are points of the moment curve and the offsets
    ``o_h`` are drawn from `seed`.

    Raises
    ------
    InputError
        For sizes that are not integers, or too small.

    Examples
    --------
    >>> len(slab_heads(heads=3, keys=3, dimension=2).cells())      # 1 + 3 * 2 + 3 * 4
    19
    """
    _check("construct slab heads", {"dimension": 0}, heads=heads, keys=keys, dimension=dimension)
    return MultiHead(
        [
            TropicalAttention(
                keys=[[j * x for x in direction] for j in range(keys)],
                biases=[j * offset - j * j for j in range(keys)],
            )
            for direction, offset in _slabs(heads, keys, dimension, seed)
        ]
    )


@checked
def depth_stack(
    *, keys: int, dimension: int, depth: int, heads: int | None = None, seed: int = 0
) -> Stack:
    """Layers that attain the lower bound of :func:`~algattn.tropical.bounds` on the unit box.

    Each layer but the last one removes a digit of every coordinate.  With at most as many heads as
    dimensions, head `h` of layer `l` looks at coordinate `h` only: keys ``j e_h``, biases
    ``-j (j + 1) / (2 N^l)``, values ``-(j / N^l) e_h``, with the residual connection; and the last
    layer does the same.  With more heads, `m` of them share one coordinate and remove a digit in
    base ``1 + m (N - 1)``, and the last layer has slab heads, squeezed into the box that is left.
    All affine maps are different.

    Parameters
    ----------
    keys, dimension, depth : int
    heads : int, optional
        Heads in each layer; `dimension` by default.
    seed : int
        For the offsets of the slab heads.

    Raises
    ------
    InputError
        For sizes that are not integers, or too small.

    Examples
    --------
    >>> stack = depth_stack(keys=3, dimension=1, depth=2)
    >>> len(stack.cells(box=[(0, 1)])), stack(["1/2"])
    (9, (Fraction(1, 18),))
    >>> len(depth_stack(keys=2, dimension=1, depth=2, heads=3).cells(box=[(0, 1)]))
    16
    """
    count = dimension if heads is None else heads
    _check("construct a deep stack", {}, keys=keys, dimension=dimension, depth=depth, heads=count)
    bases = digit_bases(count, keys, dimension)
    layers, width = [], [Fraction(1)] * dimension
    for level in range(1, depth + 1):
        if level == depth and count > dimension:
            layers.append(_squeezed_slabs(count, keys, width, seed))
            break
        width = [w / base for w, base in zip(width, bases, strict=True)]
        layers.append(_digit_layer(count, keys, width))
    return Stack(layers)


def _digit_layer(heads: int, keys: int, width: list[Fraction]) -> Layer:
    """``x_i -> x_i - t w_i`` for ``t w_i < x_i < (t + 1) w_i``: head by head a few of the steps."""
    dimension, joint = len(width), []
    for h in range(heads):
        axis, first = h % dimension, (h // dimension) * (keys - 1)
        unit = width[axis]
        walls = [unit * (first + j) for j in range(1, keys)]
        joint.append(
            TropicalAttention(
                keys=[_along(axis, dimension, Fraction(j)) for j in range(keys)],
                values=[_along(axis, dimension, -j * unit) for j in range(keys)],
                biases=[-sum(walls[:j], Fraction(0)) for j in range(keys)],
            )
        )
    return Layer(joint)


def _along(axis: int, dimension: int, size: Fraction) -> list[Fraction]:
    return [size if i == axis else Fraction(0) for i in range(dimension)]


def _squeezed_slabs(heads: int, keys: int, width: list[Fraction], seed: int) -> Layer:
    """Slab heads whose vertices are all inside ``0 < x_i < w_i``, with different translations.

    By Cramer's rule the vertices have coordinates below ``d! G^(d-1) 2N`` where `G` bounds the
    entries of the directions.
    """
    dimension = len(width)
    slabs = _slabs(heads, keys, dimension, seed)
    largest = max(abs(x) for direction, _ in slabs for x in direction)
    reach = factorial(dimension) * largest ** (dimension - 1) * 2 * keys
    joint = []
    for h, (direction, offset) in enumerate(slabs):
        # q_i = reach (2 x_i / w_i - 1) runs through the whole picture when x runs through the box.
        key = [2 * reach * g / w for g, w in zip(direction, width, strict=True)]
        back = reach * sum(direction)
        joint.append(
            TropicalAttention(
                keys=[[j * x for x in key] for j in range(keys)],
                values=[_along(0, dimension, Fraction(j * keys**h)) for j in range(keys)],
                biases=[j * (offset - back) - j * j for j in range(keys)],
            )
        )
    return Layer(joint)
