"""Fibers of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.fibers.identifiability import IdentifiabilityResult, ValuesInFiber
    from algattn.fibers.map_components import MapFiberComponents
    from algattn.fibers.map_degree import MapDegree
    from algattn.maps import PolynomialMap


@question("map.components map.degree", command="map fiber-components")
def fiber_components(
    self: PolynomialMap,
    modulo: str | None = None,
    *,
    engine: str | None = None,
    seed: int = 0,
    time_limit: float | None = 60.0,
    progress: bool = False,
) -> MapFiberComponents | MapDegree:
    """Dimension, and components over an algebraic closure, of the fiber through almost any point.

    Parameters
    ----------
    modulo : {"torus", "symmetries"}, optional
        Count the orbits of a connected group that is open in almost all fibers: see
        :meth:`degree`, which answers.
    engine : str, optional
        For Groebner bases modulo a prime; see :func:`algattn.engines.available`.
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapFiberComponents
        PROBABLE by counting in the fibers through two random points modulo two primes; PROVED for
        monomial maps, and where proved bounds meet: a finite group of symmetries, or one, below;
        parameters that are found one after the other above.

    Raises
    ------
    HypothesisError
        In characteristic below 30000, when fibers are larger than the orbits of the torus of
        symmetries: the projection of curves needs more numbers.
    LimitError
        When the time is over, and for curves of degree above 60.
    UndecidedError
        When the counts in several random fibers differ.
    EngineNotFoundError, EngineCrashError, EngineOutputError
        From the engine.

    Complexity
    ----------
    That of zero-dimensional Groebner bases modulo a prime, as many as the degree of the fiber when
    it is not finite modulo the torus; then ``d^6`` for a curve of degree d.

    References
    ----------
    Lemmas "counting", "absolute factors" (S. Gao, Math. Comp. 72 (2003), Theorem 2.3), "torus
    gauge", "towers" and "finite symmetries" of ``algattn/docs/maps.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["x^2*y^2"]).fiber_components().value
    2
    >>> found = PolynomialMap(["a+b+c", "a*b+b*c+a*c", "a*b*c"]).fiber_components()
    >>> found.value, found.dimension, found.status.name
    (6, 0, 'PROVED')
    """
    if modulo is not None:
        from algattn.fibers.map_degree import degree as count

        return count(
            self, modulo, engine=engine, seed=seed, time_limit=time_limit, progress=progress
        )
    from algattn.fibers.map_components import fiber_components as find

    return find(self, engine=engine, seed=seed, time_limit=time_limit, progress=progress)


@question("map.degree", command="map degree")
def degree(
    self: PolynomialMap,
    modulo: str | None = None,
    *,
    engine: str | None = None,
    seed: int = 0,
    time_limit: float | None = 60.0,
    progress: bool = False,
) -> MapDegree:
    """The degree of the map onto its image, where almost all fibers are finite.

    Parameters
    ----------
    modulo : {"torus", "symmetries"}, optional
        Count orbits of a connected group that is open in almost all fibers: the torus of diagonal
        symmetries, or that with the declared symmetries.
    engine : str, optional
        For Groebner bases modulo a prime.
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapDegree
        With the status of :meth:`fiber_components`; in characteristic p with the separable degree
        (the number of points), and PROBABLE.

    Raises
    ------
    HypothesisError
        When almost all fibers are infinite (modulo the group).
    LimitError, UndecidedError, EngineNotFoundError, EngineCrashError, EngineOutputError
        As for :meth:`fiber_components`.

    Complexity
    ----------
    A zero-dimensional Groebner basis modulo a prime, twice.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["x^2", "x*y", "y^2"]).degree()
    <The map has degree 2 onto its image [PROVED]>
    >>> PolynomialMap(["x^2*y^2"]).degree("torus").value
    2
    """
    from algattn.fibers.map_degree import degree as find

    return find(self, modulo, engine=engine, seed=seed, time_limit=time_limit, progress=progress)


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
        Functions of the parameters such as ``"a/(b+c)"``; every parameter unless given.
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
    Exact kernels modulo primes, with up to 1000 monomials of one weight.

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
