"""Equations of networks that no theorem covers: those of their maps."""

from __future__ import annotations

from algattn.attention import Architecture
from algattn.errors import FieldError
from algattn.exact import QQ, Field
from algattn.exact.fields import PrimeField
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.implicitize import implicitize
from algattn.maps import PolynomialMap
from algattn.maps.texts import spell
from algattn.symbolic.maps import map_of


def equations_of(
    network: Architecture,
    max_degree: int,
    field: Field = QQ,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> ImplicitIdeal:
    """All equations of a network up to a degree, as the image of its parametrization.

    >>> from algattn import Lightning
    >>> equations_of(Lightning((1, 1, 1), 1), 2).counts  # five coefficients, one function
    {1: 4}
    """
    phi = map_of(network, None)
    if field != QQ:
        if not isinstance(field, PrimeField):
            asked = f"find the equations of {network!r}"
            raise FieldError(asked, f"the field is {field}", "QQ or GF(p)")
        phi = PolynomialMap(
            list(spell(phi.numerators)),
            parameters=phi.parameters,
            coordinates=phi.coordinates,
            field=field,
        )
    return implicitize(
        phi, max_degree=max_degree, seed=seed, time_limit=time_limit, progress=progress
    )
