"""Stability without cells: scores at the corners of a box, and the bound written out.

Inside a cell every layer is affine, so the least lead over a box is attained at one of its corners.
When the same keys win at all corners with positive leads they win everywhere in the box: first in
the first layer, whose scores are affine functions of the input, then in the second, and so on.
This shares only the arithmetic with :mod:`.propagation`, which pulls keys back to the input.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from flint import arb, ctx, fmpq

from algattn.errors import CertificateError, LimitError
from algattn.tropical.head import Head
from algattn.tropical.layers import Layer, Layers
from algattn.tropical.numbers import Vector, dot
from algattn.tropical.problems import Sides

MAX_CORNERS = 64


@dataclass(frozen=True)
class Lead:
    """One score behind the winner: its least lead, and ``(m_i / m) |v_i - v|``, ``|k_i - k|``."""

    lead: fmpq
    squared_weight: fmpq
    squared_slope: fmpq


@dataclass(frozen=True)
class Won:
    """The keys that win in a head at all corners, and the scores behind them."""

    layer: int
    keys: tuple[int, ...]
    others: tuple[Lead, ...]

    @property
    def lead(self) -> fmpq | None:
        return min((other.lead for other in self.others), default=None)


def at_corners(stack: Layers, box: Sides) -> list[Won]:
    """The winners of all heads in a box, layer by layer.

    Raises
    ------
    CertificateError
        When different keys win at two corners, or keys that are not equal tie.
    LimitError
        For more than 64 corners.
    """
    if 2 ** len(box) > MAX_CORNERS:
        raise LimitError(
            "check stability at corners", f"a box has {2 ** len(box)} corners", "recompute"
        )
    matrix, offset = stack.start()
    points = [
        tuple(fmpq(dot(row, corner)) + c for row, c in zip(matrix, offset, strict=True))
        for corner in product(*box)
    ]
    out = []
    for level, layer in enumerate(stack.layers):
        won = [_winner(level, head, points) for head in layer.joint.heads]
        points = [_behind(layer, won, point) for point in points]
        out += won
    return out


def _winner(level: int, head: Head, points: Sequence[Vector]) -> Won:
    scores = [
        tuple(fmpq(dot(key, p)) + bias for p in points)
        for key, bias in zip(head.keys, head.biases, strict=True)
    ]
    # In the first layer the input is exact, so keys that tie at all corners tie everywhere.
    names = scores if level == 0 else list(zip(head.keys, head.biases, strict=True))
    groups: dict[object, list[int]] = {}
    for j, name in enumerate(names):
        groups.setdefault(name, []).append(j)
    best = max(range(head.size), key=lambda j: scores[j][0])
    winner = groups.pop(names[best])
    value, key = head.mean(winner), head.keys[best]
    others = []
    for group in groups.values():
        j = group[0]
        lead = min(a - b for a, b in zip(scores[best], scores[j], strict=True))
        if lead <= 0:
            raise CertificateError(
                "check stability at corners",
                f"key {best} of layer {level} leads key {j} by {lead} only",
                "recompute the result",
            )
        ratio = fmpq(len(group), len(winner))
        weight = _squared(head.mean(group), value) * ratio * ratio
        others.append(Lead(lead, weight, _squared(head.keys[j], key)))
    return Won(level, tuple(winner), tuple(others))


def _behind(layer: Layer, won: Sequence[Won], point: Vector) -> Vector:
    """The output of a layer in which these keys win."""
    means = [head.mean(one.keys) for head, one in zip(layer.joint.heads, won, strict=True)]
    out = [sum(column, fmpq(0)) for column in zip(*means, strict=True)]
    if layer.skip is not None:
        out = [x + dot(row, point) for x, row in zip(out, layer.skip, strict=True)]
    return tuple(out)


def _squared(a: Vector, b: Vector) -> fmpq:
    return sum(((x - y) ** 2 for x, y in zip(a, b, strict=True)), fmpq(0))


def error_below(stack: Layers, won: Sequence[Won], temperature: fmpq | None, error: fmpq) -> bool:
    """Whether balls prove that the bound of docs/tropical.md stays below `error`.

    None stands for every temperature.
    """
    with ctx.workprec(128):
        total = arb(0)
        for level, layer in enumerate(stack.layers):
            before, total = total, _norm(layer) * total
            for other in (o for one in won if one.layer == level for o in one.others):
                left = arb(other.lead) - arb(other.squared_slope).sqrt() * before
                if not left > 0:
                    return False
                decay = arb(1) if temperature is None else (-left / arb(temperature)).exp()
                total += arb(other.squared_weight).sqrt() * decay
        return bool(total < arb(error))


def _norm(layer: Layer) -> arb:
    """A bound for the norm of the linear map: the root of row sums times column sums."""
    rows = layer.skip or ()
    columns = tuple(zip(*rows, strict=True))
    across, down = (
        max((sum(map(abs, v), fmpq(0)) for v in vectors), default=fmpq(0))
        for vectors in (rows, columns)
    )
    return arb(across * down).sqrt()
