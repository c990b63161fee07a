"""Networks as polynomial maps from their parameters to the coefficients of their functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from algattn.attention import Architecture
from algattn.attention.coordinates import label_name
from algattn.attention.forward import multiply
from algattn.attention.functions import natural_coefficients
from algattn.attention.theorems import one_layer
from algattn.exact import Polynomial
from algattn.maps import Evaluator, PolynomialMap
from algattn.maps.evaluators import Expanded, Row
from algattn.symbolic.expansion import layers_of
from algattn.symbolic.parametrization import Parametrization, parametrize

__all__ = ["map_of", "map_of_parametrization"]


class _Coefficients(Evaluator):
    """The coordinates of a parametrization: in closed form for one layer, else by polynomials."""

    def __init__(self, phi: Parametrization) -> None:
        self._phi = phi

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        network = self._phi.network
        if not one_layer.holds(network):
            return self._expanded(values)
        (layer,) = layers_of(network, self._phi.params, values)
        assert layer.value is not None
        A = [list(row) for row in layer.mixing[0]]
        if len(layer.mixing) == 2:
            A = multiply([list(row) for row in layer.mixing[1]], A)
        return [x for _, x in natural_coefficients(A, layer.value, network.tokens)]

    @property
    def _expanded(self) -> Expanded:
        polys = [p for _, p in self._phi.polynomials()]
        return Expanded(polys, self._phi.ring.field)

    def jet(self, values: Sequence[Any]) -> tuple[list[Any], list[Row]]:
        if one_layer.holds(self._phi.network):
            return super().jet(values)
        return self._expanded.jet(values)

    def polynomials(self, variables: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        return tuple(p for _, p in self._phi.polynomials())


def map_of_parametrization(phi: Parametrization) -> PolynomialMap:
    """A parametrization as a map; nothing is expanded before it is asked for.

    >>> from algattn import Lightning
    >>> phi = Lightning(widths=(1, 1), ranks=1).parametrization()
    >>> map_of_parametrization(phi)([2, 3]), map_of_parametrization(phi).coordinates
    ([6], ('c_1_1_1_1',))
    """
    return PolynomialMap(
        _Coefficients(phi),
        parameters=phi.blocks,
        coordinates=lambda: [label_name(label) for label in phi.labels()],
    )


def map_of(network: Architecture, params: str | None = None) -> PolynomialMap:
    """The map of a lightning network, in the parameters of :func:`parametrize`."""
    return map_of_parametrization(parametrize(network, params))
