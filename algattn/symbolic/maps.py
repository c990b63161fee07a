"""Networks as polynomial maps from their parameters to the coefficients of their functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

from algattn.attention import Architecture
from algattn.attention.coordinates import NATURAL, label_name
from algattn.attention.forward import multiply
from algattn.attention.generator import Chart
from algattn.attention.reach import Point
from algattn.attention.symmetries import generators
from algattn.exact import QQ, Polynomial
from algattn.maps import Evaluator, PolynomialMap, VectorField
from algattn.maps.evaluators import Expanded, Jet, Row
from algattn.symbolic.parametrization import Parametrization, parametrize

__all__ = ["map_of", "map_of_parametrization"]


class _Coefficients(Evaluator):
    """The coordinates of a parametrization: in closed form where there is one, else expanded."""

    def __init__(self, phi: Parametrization) -> None:
        self._phi = phi

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        if NATURAL.covers(self._phi.network):
            return list(self._phi.natural(values).values())
        return self._expanded(values)

    @cached_property
    def _expanded(self) -> Expanded:
        return Expanded([p for _, p in self._phi.polynomials()], self._phi.ring.field)

    def jet(self, values: Sequence[Any]) -> tuple[list[Any], list[Row]]:
        if NATURAL.covers(self._phi.network):
            return super().jet(values)
        return self._expanded.jet(values)

    def polynomials(self, variables: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        return self._expanded.given


class _Dual:
    """A matrix of jets: over it the action of a group near its unit gives a vector field."""

    def __init__(self, rows: Iterable[Iterable[Jet]]) -> None:
        self.rows = [list(row) for row in rows]

    @property
    def T(self) -> _Dual:
        return _Dual(zip(*self.rows, strict=True))

    def __getitem__(self, place: tuple[int, int]) -> Jet:
        return self.rows[place[0]][place[1]]

    def __add__(self, other: _Dual) -> _Dual:
        pairs = zip(self.rows, other.rows, strict=True)
        return _Dual([x + y for x, y in zip(r, s, strict=True)] for r, s in pairs)

    def __sub__(self, other: _Dual) -> _Dual:
        return self + other * -1

    def __mul__(self, scalar: Any) -> _Dual:
        return _Dual([x * scalar for x in row] for row in self.rows)

    def __matmul__(self, other: _Dual) -> _Dual:
        return _Dual(multiply(self.rows, other.rows))

    def inverse(self) -> _Dual:
        """``1 - x`` for the inverse of ``1 + x``, where the value is the identity."""
        n = len(self.rows)
        return _Dual([[2 * (i == j) - self[i, j] for j in range(n)] for i in range(n)])


@dataclass(frozen=True)
class _Velocity:
    """The vector field of a generator along one coordinate of its group."""

    network: Architecture
    chart: Chart
    place: tuple[int, int]

    def __call__(self, values: Sequence[Any]) -> Row:
        entries, one = iter(values), values[0] ** 0
        weights, start, count = {}, {}, 0
        for p in (p for shape in self.network.shapes for p in shape.parameters):
            m, n = p.shape
            weights[p] = _Dual([[Jet(next(entries), {}) for _ in range(n)] for _ in range(m)])
            start[p], count = count, count + p.size
        m, n = self.chart.shape
        x = _Dual(
            [Jet(one * int(self.chart.group and i == j), {}) for j in range(n)] for i in range(m)
        )
        x[self.place].tangent[0] = one
        constants = (
            _Dual([Jet(one * QQ.to_python(c), {}) for c in row] for row in matrix.rows)
            for matrix in self.chart.constants
        )
        moved = self.chart.move(weights, x, *constants)
        return {
            start[p] + i * p.shape[1] + j: jet.tangent[0]
            for p, matrix in moved.items()
            for i, row in enumerate(matrix.rows)
            for j, jet in enumerate(row)
            if 0 in jet.tangent
        }


def symmetries(network: Architecture) -> Iterator[VectorField]:
    """The vector fields of all generators whose action is one formula for all weights.

    >>> from algattn import Lightning
    >>> [x.name for x in symmetries(Lightning((2, 1), 1))]
    ['key 1.1 (1, 1)', 'head mixing 1.1 (1, 1)']
    """
    nowhere = Point(network, QQ, {})
    for g in generators(network):
        try:
            chart = g.chart(nowhere)
        except KeyError:  # kernels and images depend on the weights
            continue
        for i, j in product(*map(range, chart.shape)):
            name = f"{g.kind} {g.layer}.{g.index + 1} ({i + 1}, {j + 1})"
            yield VectorField(name, _Velocity(network, chart, (i, j)))


def map_of_parametrization(phi: Parametrization) -> PolynomialMap:
    """A parametrization as a map; nothing is expanded before it is asked for.

    In (K, Q, V) it has the symmetries of the network.

    >>> from algattn import Lightning
    >>> phi = Lightning(widths=(1, 1), ranks=1).parametrization()
    >>> map_of_parametrization(phi)([2, 3]), map_of_parametrization(phi).coordinates
    ([6], ('c_1_1_1_1',))
    """
    blocks = {b.title: b.shape[:1] if len(b.name) > 1 else b.shape for b in phi.blocks.values()}
    return PolynomialMap(
        _Coefficients(phi),
        parameters=blocks,
        coordinates=lambda: [label_name(label) for label in phi.labels()],
        symmetries=tuple(symmetries(phi.network)) if phi.params == "QKV" else (),
    )


def map_of(network: Architecture, params: str | None = None) -> PolynomialMap:
    """The map of a lightning network, in the parameters of :func:`parametrize`."""
    return map_of_parametrization(parametrize(network, params))
