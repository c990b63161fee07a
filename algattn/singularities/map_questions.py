"""Points of images of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.maps import PolynomialMap
    from algattn.singularities.jacobian_criterion import SingularIdeal
    from algattn.singularities.map_local import MapLocalDimension, MapTangentCone
    from algattn.singularities.map_membership import MapMembership
    from algattn.singularities.map_singular import MapSingularLocus


@question()
def singular_ideal(self: PolynomialMap, equations: Any, *, seed: int = 0) -> SingularIdeal:
    """The Jacobian criterion; see :mod:`algattn.singularities.jacobian_criterion`.

    Parameters
    ----------
    equations : ImplicitIdeal, or sequence of Polynomial or str
        In the coordinates; they have to vanish on the image.
    seed : int
        For the point at which the rank is taken.

    Returns
    -------
    SingularIdeal

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["t^2", "t^3"]).singular_ideal(["y_1^3-y_2^2"])
    <ideal that singular points obey: 3 generators in 2 variables>
    """
    from algattn.singularities.jacobian_criterion import singular_ideal as write

    return write(self, equations, seed=seed)


@question("map.contains", command="map contains", decides=True)
def contains(
    self: PolynomialMap,
    point: Any,
    closure: bool = False,
    *,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    seed: int = 0,
    progress: bool = False,
) -> MapMembership:
    """Whether a point lies in the image, or in its Zariski closure.

    Over an algebraic closure of the field: a complex point of parameters is enough.

    Parameters
    ----------
    point : sequence, or mapping from labels of coordinates to numbers
        In the space of the coordinates, over the field of the map.
    closure : bool
        Ask about the closure of the image.
    engine : str, optional
        See :func:`algattn.engines.available`.
    time_limit : float, optional
        Seconds.
    seed : int
        For random points.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapMembership
        PROVED: by exact parameters (``.preimage`` where they lie in the field), or a Groebner
        basis of the fiber without 1; by the number 1 as a combination of the equations of the
        fiber; in the closure, by all equations, or by one that does not hold (``.violated``).

    Raises
    ------
    UndecidedError
        When nothing is proved: for the closure, when the equations found are not proved to be all.
    EngineNotFoundError, EngineCrashError, EngineOutputError, LimitError
        From the engine.

    Complexity
    ----------
    A Groebner basis of the fiber; for the closure, the ideal of the image.

    References
    ----------
    Lemma "membership" of ``algattn/docs/maps.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> hyperbola = PolynomialMap(["x", "x*y"])
    >>> hyperbola.contains([2, 6]).preimage
    (2, 3)
    >>> bool(hyperbola.contains([0, 1])), bool(hyperbola.contains([0, 1], closure=True))
    (False, True)
    """
    from algattn.singularities.map_membership import contains as find

    return find(
        self,
        point,
        closure,
        engine=engine,
        time_limit=time_limit,
        seed=seed,
        progress=progress,
    )


@question("map.local-dimension", command="map local-dimension")
def local_dimension(
    self: PolynomialMap,
    point: Any = None,
    *,
    at: Any = None,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    seed: int = 0,
    progress: bool = False,
) -> MapLocalDimension:
    """The dimension of the closure of the image at one of its points.

    The closure is irreducible, so that this is the dimension of the image.

    Parameters
    ----------
    point : sequence, or mapping from labels of coordinates to numbers, optional
        In the space of the coordinates, over the field of the map.
    at : sequence, or mapping from blocks to values, optional
        Parameters instead, whose value is meant.
    engine : str, optional
        See :func:`algattn.engines.available`.
    time_limit : float, optional
        Seconds.
    seed : int
        For random points.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapLocalDimension
        A number, or proved bounds; PROVED together with the membership of the point.

    Raises
    ------
    HypothesisError
        When the point is proved to lie outside of the closure.
    UndecidedError
        When that is not decided.

    References
    ----------
    Lemma "membership" of ``algattn/docs/maps.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["t^2", "t^3"]).local_dimension(at=[0]) == 1
    True
    """
    from algattn.singularities.map_local import local_dimension as find

    return find(
        self, point, at=at, engine=engine, time_limit=time_limit, seed=seed, progress=progress
    )


@question("map.tangent-cone", command="map tangent-cone")
def tangent_cone(
    self: PolynomialMap,
    point: Any = None,
    *,
    at: Any = None,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    seed: int = 0,
    progress: bool = False,
) -> MapTangentCone:
    """The tangent cone of the closure of the image at one of its points, and the multiplicity.

    Parameters
    ----------
    point : sequence, or mapping from labels of coordinates to numbers, optional
        In the space of the coordinates, over the field of the map.
    at : sequence, or mapping from blocks to values, optional
        Parameters instead, whose value is meant.
    engine : str, optional
        See :func:`algattn.engines.available`.
    time_limit : float, optional
        Seconds.
    seed : int
        For random points.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapTangentCone
        Forms in the coordinates minus those of the point; PROVED.

    Raises
    ------
    HypothesisError
        When the point is proved to lie outside of the closure, and over number fields.
    UndecidedError
        When that is not decided, or the equations are not proved to be all.

    Complexity
    ----------
    The ideal of the image, and one Groebner basis of as many homogeneous equations.

    References
    ----------
    Lemma "tangent cones" of ``algattn/docs/maps.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> node = PolynomialMap(["t^2-1", "t^3-t"], coordinates=("x", "y"))
    >>> found = node.tangent_cone([0, 0], engine="builtin")
    >>> found.forms, found.value, found.is_smooth
    ((x^2 - y^2,), 2, False)
    """
    from algattn.singularities.map_local import tangent_cone as find

    return find(
        self, point, at=at, engine=engine, time_limit=time_limit, seed=seed, progress=progress
    )


@question("map.singular-locus", command="map singular-locus")
def singular_locus(
    self: PolynomialMap,
    *,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    seed: int = 0,
    progress: bool = False,
) -> MapSingularLocus:
    """The singular points of the closure of the image, by the Jacobian criterion.

    Parameters
    ----------
    engine : str, optional
        See :func:`algattn.engines.available`.
    time_limit : float, optional
        Seconds.
    seed : int
        For random points.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapSingularLocus
        With its dimension, PROVED to be exactly the singular points when ``.complete``; else all
        other points are smooth.  ``.ideal.minimal_primes()`` gives its components.

    Raises
    ------
    HypothesisError
        Over number fields.
    LimitError
        For more than 20000 minors.
    UndecidedError
        When no equations are found in time.

    References
    ----------
    Lemma "Jacobian criterion" of ``algattn/docs/maps.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> umbrella = PolynomialMap(["u*v", "u", "v^2"], coordinates=("x", "y", "z"))
    >>> found = umbrella.singular_locus(engine="builtin")
    >>> found.value, found.complete, found.texts
    (1, True, ('y^2*z-x^2', '-2*x', '2*y*z', 'y^2'))
    """
    from algattn.singularities.map_singular import singular_locus as find

    return find(self, engine=engine, time_limit=time_limit, seed=seed, progress=progress)
