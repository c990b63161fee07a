"""Networks as polynomial maps from their parameters to the coefficients of their functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from algattn.attention import Architecture
from algattn.attention.coordinates import NATURAL, label_name
from algattn.attention.expansion import Lazy, Ring
from algattn.attention.generator import Generator
from algattn.attention.symmetries import generators
from algattn.exact import Polynomial
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


class _Dual(Lazy):
    """A matrix of jets, near the identity where it is inverted."""

    def inverse(self) -> Lazy:
        """``1 - x`` for the inverse of ``1 + x``."""
        n = range(self.shape[0])
        return Lazy.of([[2 * (i == j) - self[i, j] for j in n] for i in n], self.ring)

    def __mul__(self, scalar: Any) -> Lazy:
        return Lazy(self.shape, lambda i, j: self[i, j] * scalar, self.ring)


def _dual(rows: list[list[Jet]]) -> _Dual:
    return _Dual((len(rows), len(rows[0])), lambda i, j: rows[i][j], Ring())


@dataclass(frozen=True)
class _Velocity:
    """The vector field of a generator along one coordinate of its group."""

    network: Architecture
    generator: Generator
    place: tuple[int, int]

    def __call__(self, values: Sequence[Any]) -> Row:
        chart, entries = self.generator.chart({}), iter(values)
        assert chart is not None
        weights, start, count = {}, {}, 0
        for p in (p for shape in self.network.shapes for p in shape.parameters):
            m, n = p.shape
            weights[p] = _dual([[Jet(next(entries), {}) for _ in range(n)] for _ in range(m)])
            start[p], count = count, count + p.size
        one = values[0] ** 0
        m, n = chart.shape
        unit = [[Jet(one * int(chart.group and i == j), {}) for j in range(n)] for i in range(m)]
        i, j = self.place
        unit[i][j].tangent[0] = one
        moved = chart.move(weights, _dual(unit))
        return {
            start[p] + i * p.shape[1] + j: moved[p][i, j].tangent[0]
            for p in moved
            for i in range(p.shape[0])
            for j in range(p.shape[1])
            if 0 in moved[p][i, j].tangent
        }


def symmetries(network: Architecture) -> Iterator[VectorField]:
    """The vector fields of all generators whose action is the same formula at all weights.

    >>> from algattn import Lightning
    >>> [x.name for x in symmetries(Lightning((2, 1), 1))]
    ['key 1.1 (1, 1)', 'head mixing 1.1 (1, 1)']
    """
    for g in generators(network):
        try:
            chart = g.chart({})
        except KeyError:  # it looks at the weights
            continue
        if chart is None or chart.constants:
            continue
        for i in range(chart.shape[0]):
            for j in range(chart.shape[1]):
                name = f"{g.kind} {g.layer}.{g.index + 1} ({i + 1}, {j + 1})"
                yield VectorField(name, _Velocity(network, g, (i, j)))


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
