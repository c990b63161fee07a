"""Stacks and several heads at positive temperature, in ball arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from flint import arb, fmpq

from algattn.arguments import checked
from algattn.tropical.head import Head
from algattn.tropical.numbers import Vector, dot
from algattn.tropical.temperature import _arb, _norm, _precision, _weighted, check_temperature

if TYPE_CHECKING:
    from algattn.tropical.layers import Layers


@checked
class WarmStack:
    """A stack at one input and a positive temperature; made by ``Stack.at`` or ``MultiHead.at``.

    The precision is lost from layer to layer as the scores are divided by the temperature; raise
    `bits` when the balls become wide.

    Examples
    --------
    >>> from algattn.tropical import depth_stack
    >>> stack = depth_stack(keys=2, dimension=1, depth=2)
    >>> warm = stack.at(["1/8"], "1/50")
    >>> stack(["1/8"]), abs(float(warm.output[0].mid()) - 0.124518) < 1e-6
    ((Fraction(1, 8),), True)
    """

    def __init__(self, stack: Layers, query: Vector, temperature: fmpq, bits: int = 128) -> None:
        check_temperature(temperature, bits)
        self.stack = stack
        self.query = query
        self.temperature = temperature
        self.bits = bits

    @cached_property
    def output(self) -> tuple[arb, ...]:
        """The output, as balls."""
        matrix, offset = self.stack.start()
        point = [fmpq(dot(row, self.query)) + c for row, c in zip(matrix, offset, strict=True)]
        with _precision(self.bits):
            state = [_arb(x) for x in point]
            for layer in self.stack.layers:
                parts = [self._head(head, state) for head in layer.joint.heads]
                if layer.skip is not None:
                    parts.append([_weighted([_arb(x) for x in row], state) for row in layer.skip])
                state = [sum(column, arb(0)) for column in zip(*parts, strict=True)]
            return tuple(state)

    def _head(self, head: Head, state: Sequence[arb]) -> list[arb]:
        """One head at an input in balls; the largest midpoint is taken off all scores."""
        scores = [
            _weighted([_arb(x) for x in key], state) + _arb(bias)
            for key, bias in zip(head.keys, head.biases, strict=True)
        ]
        top = max((s.mid() for s in scores), key=lambda m: m.fmpq())
        weights = [((s - top) / _arb(self.temperature)).exp() for s in scores]
        total = sum(weights, arb(0))
        shares = [w / total for w in weights]
        columns = list(zip(*head.require_values(), strict=True))
        return [_weighted(shares, [_arb(x) for x in column]) for column in columns]

    @cached_property
    def error(self) -> arb:
        """The distance of the output from the limit at this input."""
        limit = self.stack(self.query)
        with _precision(self.bits):
            return _norm(
                [
                    x - arb(y.numerator) / arb(y.denominator)
                    for x, y in zip(self.output, limit, strict=True)
                ]
            )
