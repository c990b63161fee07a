"""Fibers of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.fibers.identifiability import IdentifiabilityResult, ValuesInFiber
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


# --- identifiability -----------------------------------------------------------------------------


@question("identifiable.map", command="map identifiable")
def identifiable(
    self: PolynomialMap,
    h: Any = None,
    kind: str = "local",
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> IdentifiabilityResult:
    """Which parameters, or functions of them, the map determines.

    Parameters
    ----------
    h : str, Polynomial, pair of them (above, below), or list of these, optional
        Functions of the parameters; every parameter unless given.
    kind : {"local", "global"}
        Up to finitely many values; or how many values, and a formula where there is one.
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    IdentifiabilityResult
        A mapping from the functions to what is known of them: ``.verdict`` ("globally", "locally",
        "nonidentifiable" as in StructuralIdentifiability.jl, or "undecided"), ``.values`` on a
        general fiber over the algebraic closure, ``.at_least``, ``.at_most``, ``.formula``,
        ``.status``.  Infinitely many values are PROVED by scalings, by a vector field, or by ranks
        with the proved dimension; finitely many by ranks or a relation; at most t values by a
        relation of degree t, one value by a formula; at least t by scalings, or by irreducible
        relations.  Ranks alone are PROBABLE.

    Raises
    ------
    InputError, RingMismatchError
        For what is no function of the parameters.
    LimitError
        When the time is over; ``.partial`` has the functions decided until then.

    Complexity
    ----------
    Exact kernels modulo primes, with up to 1500 monomials in coordinates and function.

    References
    ----------
    "Identifiability" in ``algattn/docs/maps.md``.  Hong, Ovchinnikov, Pogudin, Yap, Global
    identifiability of differential models, Comm. Pure Appl. Math. 73 (2020).

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> phi = PolynomialMap(["a*b", "b*c"])
    >>> found = phi.identifiable(["a", ("a", "c"), "b^2*c^2"], kind="global")
    >>> found.value
    {'a': 'nonidentifiable', '(a)/(c)': 'globally', 'b^2*c^2': 'globally'}
    >>> found["b^2*c^2"].formula, found.status.name
    ('y_2^2', 'PROVED')
    >>> PolynomialMap(["x^3"]).identifiable("x", kind="global")["x"].values
    3
    """
    from algattn.fibers.identify import identifiable as find

    return find(self, h, kind, seed=seed, time_limit=time_limit, progress=progress)  # type: ignore[arg-type]


@question("identifiable.values", command="map values-in-fiber")
def values_in_fiber(
    self: PolynomialMap,
    h: Any,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> ValuesInFiber:
    """How many values a function takes on a general fiber over the algebraic closure.

    Parameters
    ----------
    h : str, Polynomial, or pair of them (above, below)
        A function of the parameters.
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    ValuesInFiber
        Compares like the number; ``.answer`` has bounds, verdict and formula.

    Raises
    ------
    InputError, RingMismatchError
        For what is no function of the parameters.
    LimitError
        When the time is over.

    Complexity
    ----------
    As for ``identifiable``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["x^2", "y^2"]).values_in_fiber("x+y")
    <x+y is locally identifiable: 4 values on a general fiber [PROVED]>
    """
    from algattn.fibers.identify import values_in_fiber as find

    return find(self, h, seed=seed, time_limit=time_limit, progress=progress)
