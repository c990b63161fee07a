"""Fibers of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.groebner.map_fibers import MapFiber, MapFiberIdeal
    from algattn.maps import PolynomialMap


@question("map.fiber", command="map fiber")
def fiber(
    self: PolynomialMap,
    point: Any,
    *,
    absolute: bool | None = None,
    engine: str | None = None,
    time_limit: float | None = 60.0,
) -> MapFiber:
    """All parameters with the same value as a point: the components of its fiber.

    Parameters
    ----------
    point : sequence, or mapping from blocks to values
        In the parameters, over the field of the map.
    absolute : bool, optional
        Count complex components too (Singular only); unless given, where it is possible.
    engine : str, optional
        See :func:`algattn.engines.available`.
    time_limit : float, optional
        Seconds.

    Returns
    -------
    MapFiber
        With ``.components``, each with its prime, dimension and degree.

    Raises
    ------
    HypothesisError
        For rational maps and over number fields.
    EngineNotFoundError, EngineCrashError, EngineOutputError
        From the engine.

    Complexity
    ----------
    That of the engine.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> phi = PolynomialMap(["a*b", "b*c"])
    >>> phi.fiber([1, 0, 3]).component_dimensions  # doctest: +SKIP
    [2, 1]
    """
    from algattn.groebner.map_fibers import fiber as write

    return write(self, point).decompose(absolute=absolute, engine=engine, time_limit=time_limit)


@question()
def fiber_ideal(self: PolynomialMap, point: Any) -> MapFiberIdeal:
    """The fiber through a point as an ideal, for a computer algebra system.

    Parameters
    ----------
    point : sequence, or mapping from blocks to values

    Returns
    -------
    MapFiberIdeal
        ``.generators``, ``.dimension()``, ``.decompose()``, ``.export(system)``.

    Raises
    ------
    HypothesisError
        For rational maps and over number fields.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["a*b", "b*c"]).fiber_ideal([1, 2, 3]).generators
    (a*b - 2, b*c - 6)
    """
    from algattn.groebner.map_fibers import fiber as write

    return write(self, point)
