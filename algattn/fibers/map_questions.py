"""Fibers of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.groebner.map_fibers import MapFiberIdeal
    from algattn.groebner.map_primary import PrimaryFiber
    from algattn.maps import PolynomialMap


@question("map.primary", command="map fiber")
def fiber(
    self: PolynomialMap,
    point: Any,
    *,
    absolute: bool = False,
    primes_only: bool = False,
    engine: str | None = None,
    time_limit: float | None = 60.0,
) -> PrimaryFiber:
    """All parameters with the same value as a point: the components of its fiber.

    Parameters
    ----------
    point : sequence, or mapping from blocks to values
        In the parameters, over the field of the map; for the map of a network, also its weights.
    absolute : bool
        Count the components over an algebraic closure, too.
    primes_only : bool
        Only the irreducible components of the fiber as a set: faster than the primary ideals.
    engine : str, optional
        See :func:`algattn.engines.available`.
    time_limit : float, optional
        Seconds.

    Returns
    -------
    PrimaryFiber
        With ``.components`` (their primes and primary ideals, dimension, degree, multiplicity,
        whether embedded) and ``.reduced``.  PROVED where certificates are found for all of it:
        divisions, intersections, irreducible projections; else PROBABLE, the engine's word.

    Raises
    ------
    HypothesisError
        At a pole of a rational map.
    EngineNotFoundError, EngineCrashError, EngineOutputError
        From the engine; none is needed where the equations show their components.

    Complexity
    ----------
    That of the engine.

    References
    ----------
    Gianni, Trager, Zacharias, Groebner bases and primary decomposition of polynomial ideals, 1988.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> phi = PolynomialMap(["a*b", "b*c"])
    >>> found = phi.fiber([0, 0, 3])
    >>> found.component_dimensions, found.reduced, found.status.name
    ([1, 2], True, 'PROVED')
    """
    from algattn.groebner.map_primary import primary_fiber

    return primary_fiber(
        self,
        point,
        absolute=absolute,
        primes_only=primes_only,
        engine=engine,
        time_limit=time_limit,
    )


@question()
def fiber_ideal(self: PolynomialMap, point: Any) -> MapFiberIdeal:
    """The fiber through a point as an ideal, for a computer algebra system.

    Parameters
    ----------
    point : sequence, or mapping from blocks to values

    Returns
    -------
    MapFiberIdeal
        An ideal with all methods of :class:`algattn.Ideal`; for a rational map, saturated by its
        denominators.

    Raises
    ------
    HypothesisError
        At a pole.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["a*b", "b*c"]).fiber_ideal([1, 2, 3]).generators
    (a*b - 2, b*c - 6)
    """
    from algattn.groebner.map_fibers import fiber as write

    return write(self, point)
