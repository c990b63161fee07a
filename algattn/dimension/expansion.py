"""The Jacobian of a lightning network at given weights as polynomials in the input, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

from flint import Ordering, fmpq_mpoly_ctx

from algattn.attention import Architecture, Weights
from algattn.attention.spaces import LayerShape
from algattn.dimension.limits import checkpoint
from algattn.dimension.tape import Traced, gradients
from algattn.exact import QQ, Matrix

__all__ = ["jacobian_expansion_size", "jacobian_rank_exactly"]

Table = tuple[tuple[Any, ...], ...]
#: Variables and degrees from which on there are more monomials than can be handled.
_MOST_VARIABLES, _MOST_LAYERS = 60, 3


class PolynomialMatrices:
    """Matrices of polynomials, for :mod:`algattn.dimension.tape`."""

    def times(self, a: Table, b: Table, /) -> Table:
        columns = self.turn(b)
        return tuple(
            tuple(sum((x * y for x, y in zip(row, c, strict=True)), 0 * row[0]) for c in columns)
            for row in a
        )

    def plus(self, a: Table, b: Table, /) -> Table:
        pairs = (zip(r, s, strict=True) for r, s in zip(a, b, strict=True))
        return tuple(tuple(x + y for x, y in pair) for pair in pairs)

    def turn(self, a: Table, /) -> Table:
        return tuple(zip(*a, strict=True))


def jacobian_expansion_size(network: Architecture) -> int:
    """Coefficients that :func:`jacobian_rank_exactly` handles, or a smaller hopeless number."""
    variables = network.d_in * network.tokens
    if variables > _MOST_VARIABLES or network.layers > _MOST_LAYERS:
        return 10**12
    monomials = comb(variables + network.map_degree, variables)
    return monomials * network.d_out * network.tokens * network.parameters


def jacobian_rank_exactly(network: Architecture, weights: Weights) -> int:
    """The rank over QQ of the Jacobian of a lightning network at the weights.

    Every entry of the output is differentiated by all weights as a polynomial in X.

    Complexity
    ----------
    One reverse pass over polynomials for each entry of the output, and an exact rank.
    """
    d, t = network.d_in, network.tokens
    ring = fmpq_mpoly_ctx.get([f"x{i}_{j}" for i in range(d) for j in range(t)], Ordering.lex)
    x = ring.gens()
    zero, one = ring.constant(0), ring.constant(1)
    point = [
        {
            (p.name, p.index): tuple(
                tuple(ring.constant(e) for e in row) for row in weights.block(p).rows
            )
            for p in shape.parameters
        }
        for shape in network.shapes
    ]

    def attend(scores: Traced[Table], shape: LayerShape, head: int) -> Traced[Table]:
        if shape.mask is None:
            return scores
        seen = shape.seen.rows()

        def hide(g: Table) -> Table:
            pairs = (zip(r, s, strict=True) for r, s in zip(g, seen, strict=True))
            return tuple(tuple(e if flag else zero for e, flag in pair) for pair in pairs)

        return scores.tape.made(hide(scores.value), (scores, hide))

    algebra = PolynomialMatrices()
    inputs = tuple(tuple(x[i * t + j] for j in range(t)) for i in range(d))
    rows: list[list[Any]] = []
    for r in range(network.d_out):
        for i in range(t):
            checkpoint()
            unit = tuple(
                tuple(one if (p, q) == (r, i) else zero for q in range(t))
                for p in range(network.d_out)
            )
            found = gradients(
                algebra, network.shapes, point, inputs, ((one,) * t,), attend, lambda u=unit: u
            )
            moved = {(g.layer, g.key): algebra.times(g.left, algebra.turn(g.right)) for g in found}
            entries = [
                e
                for n, layer in enumerate(point)
                for key in layer
                for row in moved[n, key]
                for e in row
            ]
            rows += _coefficients(entries)
    return Matrix(QQ, rows).rank() if rows else 0


def _coefficients(entries: Sequence[Any]) -> list[list[Any]]:
    """The coefficients of polynomials, one row for each monomial."""
    table: dict[Any, list[Any]] = {}
    for n, entry in enumerate(entries):
        for monomial, c in entry.to_dict().items():
            table.setdefault(monomial, [QQ.zero] * len(entries))[n] = c
    return list(table.values())
