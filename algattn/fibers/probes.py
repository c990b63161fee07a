"""What the peeling of layers asks of a function: its values, and its series at ``(x, eps y)``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from algattn.attention import Architecture, FunctionMap
from algattn.attention.coordinates import Monomial
from algattn.exact import Field, Matrix
from algattn.fibers.one_token_restriction import token, univariate
from algattn.fibers.two_token_jets import Series
from algattn.progress import Monitor

#: Monomials in x and y with their coefficients, by the degree in y.
_Terms = dict[int, list[tuple[Monomial, Any]]]
_Line = tuple[tuple[int, ...], tuple[int, ...]]


class Probes:
    """A function given by its coefficients, or as an exact black box.

    Coefficients are read once, and only those of two tokens: the other tokens of a probe are zero.
    """

    def __init__(
        self,
        network: Architecture,
        function: FunctionMap | Callable[[Any], Any],
        field: Field,
        monitor: Monitor | None = None,
    ) -> None:
        self.monitor = Monitor(f"recover weights in {network!r}") if monitor is None else monitor
        self.network, self.function, self.field = network, function, field
        self._known = _two_token_terms(function) if isinstance(function, FunctionMap) else None
        self._met: dict[_Line, Series] = {}

    def __call__(self, X: Sequence[Sequence[Any]]) -> Matrix:
        """The output at X; given coefficients, at an X whose columns from the third on are zero."""
        tokens = self.network.tokens
        shape = (self.network.d_out, tokens)
        if self._known is None:
            return Matrix(self.field, [list(row) for row in self.function(X)], shape)
        x, y = ([row[c] if c < tokens else 0 for row in X] for c in (0, 1))
        zero = [self.field.zero] * (tokens - 2)
        degrees = range(self.network.map_degree + 1)
        rows = []
        for r in range(shape[0]):
            pair = [sum((self.at(x, y, r, c, k) for k in degrees), self.field.zero) for c in (0, 1)]
            rows.append(pair[:tokens] + zero)
        return Matrix(self.field, rows, shape)

    def at(self, x: Sequence[Any], y: Sequence[Any], r: int, c: int, k: int) -> Any:
        """The coefficient of ``eps^k`` in row r and column c (0 or 1) of ``phi(x, eps y)``."""
        if self._known is None:
            return self._series(x, y)[r][c][k]
        self.monitor.step()
        size = self.network.map_degree + 1
        # column 2 is column 1 with the tokens exchanged
        powers = [[[b**e for e in range(size)] for b in z] for z in ((x, y), (y, x))[c]]
        total = self.field.zero
        for monomial, coefficient in self._known[r].get(size - 1 - k if c else k, ()):
            factor = prod(powers[j][i][e] for i, j, e in monomial)
            if factor:
                total = total + coefficient * factor
        return total

    def _series(self, x: Sequence[Any], y: Sequence[Any]) -> Series:
        """``phi(x, eps y)`` as polynomials in eps, by interpolation: columns 1 and 2."""
        network, field, line = self.network, self.field, (tuple(x), tuple(y))
        if line not in self._met:
            nodes = list(range(network.map_degree + 1))
            values = [self(token(x, network.tokens, [s * b for b in y])) for s in nodes]
            self._met[line] = [
                [univariate([v[r, c] for v in values], nodes, field) for c in (0, 1)]
                for r in range(network.d_out)
            ]
        return self._met[line]


def _two_token_terms(function: FunctionMap) -> list[_Terms]:
    """Output column 1, row by row; there may be hundreds of thousands of terms."""
    if function.degree > 3:
        column = ((r, monomial, c) for (r, monomial), c in function.coefficients.items())
    else:
        outputs = function.output_coefficients()
        column = ((r, monomial, value) for (r, c, monomial), value in outputs if c == 0)
    rows: list[_Terms] = [{} for _ in range(function.d_out)]
    for r, monomial, value in column:
        degree = 0
        for _, j, e in monomial:
            if j:
                degree += e
                if j > 1:
                    break
        else:
            rows[r].setdefault(degree, []).append((monomial, value))
    return rows
