"""The fiber of a map through a point, decomposed and proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.groebner.decompose import decompose
from algattn.groebner.decomposition import Components, PrimaryComponent
from algattn.groebner.map_fibers import MapPoint, map_point
from algattn.maps import PolynomialMap
from algattn.progress import Monitor
from algattn.results import register


@register
@dataclass(frozen=True, repr=False)
class PrimaryFiber(Components):
    """The fiber of a map through a point: components, multiplicities, embedded components.

    Attributes
    ----------
    value : int
        The dimension of the fiber.
    components : tuple of PrimaryComponent
        Isolated ones first.
    reduced : bool
        Whether the equations of the fiber generate a radical ideal.
    engine : str or None
    """

    problem: MapPoint
    value: int
    components: tuple[PrimaryComponent, ...]
    primes_only: bool
    engine: str | None

    kind: ClassVar[str] = "map.primary"
    title: ClassVar[str] = "Which parameters have this value?"
    _ideal: ClassVar[str] = "the ideal of the fiber"
    _subject: ClassVar[str] = "The fiber"


def primary_fiber(
    phi: PolynomialMap, point: Any, *, progress: bool = False, **options: Any
) -> PrimaryFiber:
    """The primary decomposition of the fiber through a point; options of :func:`decompose`."""
    with Monitor("decompose a fiber", progress=progress):
        return decompose(PrimaryFiber, map_point(phi, point), **options)
