"""Equations of images of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from algattn.groebner.hilbert import HilbertFunction
    from algattn.groebner.image_degree import ImageDegree
    from algattn.groebner.implicit_result import ImplicitIdeal
    from algattn.groebner.map_fibers import MapFiberIdeal
    from algattn.groebner.map_primary import PrimaryFiber
    from algattn.maps import PolynomialMap


@question("implicit.ideal", command="map equations")
def equations(
    self: PolynomialMap,
    max_degree: int,
    degree: Sequence[int] | str = "ordinary",
    *,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> ImplicitIdeal:
    """All polynomial equations of the image up to a degree, by minimal generators.

    The map may be inhomogeneous or rational, over QQ, GF(p) or a number field; nothing is
    eliminated.

    Parameters
    ----------
    max_degree : int
        At least 1.
    degree : {"ordinary", "weighted"} or sequence of int
        What is meant by degree: every coordinate has degree 1; it has a weight for which the map is
        homogeneous; or the positive weights given, for which it need not be.
    time_limit : float, optional
        Seconds.
    seed : int
        For the random points; the result does not depend on it.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    ImplicitIdeal
        PROVED.  Equations have coefficients in the field of the map: over QQ(theta) they are those
        of the image for this theta, and ``theta`` is the last variable of their ring; those over
        QQ, which hold for all conjugates, are their intersection with QQ[y].

    Raises
    ------
    HypothesisError
        When no positive weights make the map homogeneous, with ``degree="weighted"``.
    LimitError
        When the time is over, or in advance where there are too many monomials; ``.partial`` is
        the result up to the last finished degree.
    UndecidedError
        When no prime splits the minimal polynomial of a number field, or all points are poles.

    Complexity
    ----------
    One kernel modulo a prime for each weight, of as many columns as there are monomials of that
    weight; further primes for the columns of new generators only.

    References
    ----------
    Lemmas "degrees", "kernels" and "quotients" of ``algattn/docs/equations.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> from algattn.exact import NumberField
    >>> circle = PolynomialMap(["1-t^2", "2*t"], ["1+t^2", "1+t^2"])
    >>> circle.equations(2).generators
    (y_1^2 + y_2^2 - 1,)
    >>> root = NumberField([-2, 0, 1], 1)
    >>> PolynomialMap(["t^2+theta*t", "t"], field=root).equations(2).generators
    (y_2^2 + y_2*theta - y_1,)
    >>> PolynomialMap(["t^2", "t^3"]).equations(6, degree="weighted").counts
    {6: 1}
    """
    from algattn.groebner.implicitize import implicitize as find

    return find(
        self,
        max_degree=max_degree,
        degree=degree,
        time_limit=time_limit,
        seed=seed,
        progress=progress,
    )


@question("implicit.ideal", command="map implicitize")
def implicitize(
    self: PolynomialMap,
    max_degree: int | None = None,
    *,
    method: str | None = None,
    degree: Sequence[int] | str = "ordinary",
    engine: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> ImplicitIdeal:
    """The polynomial equations of the image: :meth:`equations`, or an elimination.

    See :func:`algattn.implicitize`.

    Parameters
    ----------
    max_degree : int, optional
        All equations up to this degree.
    method : {"graded", "elimination"}, optional
        Graded needs `max_degree`.
    degree : {"ordinary", "weighted"} or sequence of int
        What is meant by degree.
    engine : str, optional
        For the elimination.
    time_limit : float, optional
        Seconds.
    seed : int
        For the random points.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    ImplicitIdeal

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["s^2", "s*t", "t^2"]).implicitize(2).generators
    (y_2^2 - y_1*y_3,)
    """
    from algattn.groebner.implicitize import implicitize as find

    return find(
        self,
        method=method,
        max_degree=max_degree,
        degree=degree,
        engine=engine,
        time_limit=time_limit,
        seed=seed,
        progress=progress,
    )


# --- the whole ideal and its numbers -------------------------------------------------------------


@question("implicit.ideal", command="map ideal")
def ideal(
    self: PolynomialMap,
    max_degree: int | None = None,
    *,
    degree: Sequence[int] | str = "ordinary",
    engine: str | None = None,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> ImplicitIdeal:
    """All equations of the image, with a proof that there are no others where one is found.

    Equations are found degree by degree.  As soon as they express the coordinates rationally by
    some of them, or by one irreducible equation, and the denominators are no zero divisors, they
    are all; so a hypersurface, a linear space, and most varieties with a rational chart in
    their coordinates are proved whole.

    Parameters
    ----------
    max_degree : int, optional
        Look no further; without a proof until there, the answer is all equations up to this
        degree.  Unless given, an elimination follows where the kernels become large.
    degree : {"ordinary", "weighted"} or sequence of int
        What is meant by degree.
    engine : str, optional
        For the elimination.
    time_limit : float, optional
        Seconds, 60 unless given.
    seed : int
        For the random points; the result does not depend on it.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    ImplicitIdeal
        ``.complete`` says whether it is PROVED whole: by a chart, or by a Groebner basis of the
        graph.  Else the word of an engine (PROBABLE), or all equations up to ``.max_degree``
        (PROVED), of which more is not known.  ``.degree()``, ``.dimension()`` and
        ``.hilbert_polynomial()`` of a whole ideal.

    Raises
    ------
    HypothesisError
        As :meth:`equations`.
    LimitError
        When the time is over in the first degree, or before `max_degree`.
    EngineError
        When nothing is known and no engine eliminates.

    Complexity
    ----------
    Kernels as for :meth:`equations`, and Groebner bases of the equations.

    References
    ----------
    Lemmas "chart" and "graph" of ``algattn/docs/equations.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["s^3", "s^2*t", "s*t^2", "t^3"]).ideal()
    <The ideal is generated by 3 quadrics [PROVED]>
    >>> I = PolynomialMap(["t^2-1", "t^3-t"]).ideal()
    >>> I.generators, I.complete, I.degree()
    ((y_1^3 + y_1^2 - y_2^2,), True, 3)
    """
    from algattn.groebner.whole_ideal import whole_ideal

    return whole_ideal(
        self,
        max_degree,
        degree=degree,
        engine=engine,
        time_limit=time_limit,
        seed=seed,
        progress=progress,
    )


@question("implicit.hilbert", command="map hilbert")
def hilbert(
    self: PolynomialMap,
    max_degree: int,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> HilbertFunction:
    """The Hilbert function of the image: independent functions of each degree on it.

    Parameters
    ----------
    max_degree : int
    time_limit : float, optional
        Seconds; half of them for the equations.
    seed : int
        For the random points.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    HilbertFunction
        In degrees 0 to `max_degree`: of exactly that degree where all coordinates can be scaled
        together (a projective variety), else of at most that degree.  PROVED: at least the rank of
        the monomials at random points, at most their number less the independent multiples of
        proved equations; ``.exact`` where both agree.

    Raises
    ------
    LimitError
        For too many monomials, or when the time is over.

    Complexity
    ----------
    As :meth:`equations`.

    References
    ----------
    Lemmas "degrees" and "kernels" of ``algattn/docs/equations.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["s^2", "s*t", "t^2"]).hilbert(4)
    <The Hilbert function of the image in degrees 0 to 4 is 1, 3, 5, 7, 9 [PROVED]>
    >>> PolynomialMap(["t^2", "t^3"]).hilbert(3).value
    (1, 3, 6, 9)
    """
    from algattn.groebner.hilbert import hilbert as find

    return find(self, max_degree, time_limit=time_limit, seed=seed, progress=progress)


@question("implicit.degree", command="map image-degree")
def image_degree(
    self: PolynomialMap,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> ImageDegree:
    """The degree of the closure of the image: its points on a general linear space.

    Parameters
    ----------
    time_limit : float, optional
        Seconds, 60 unless given; half of them for the whole ideal.
    seed : int
        For the random points and slices.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    ImageDegree
        With ``.dimension``.  PROVED from leading monomials where :meth:`ideal` proves the whole
        ideal, and then with ``.numerator`` of the Hilbert series and ``.hilbert_polynomial()``.
        Else PROBABLE: the same number of points on two random linear spaces modulo two primes,
        each point of the image counted once.

    Raises
    ------
    DisagreementError
        When two slices differ.
    UndecidedError
        Over small fields, where there are too few slices.
    LimitError, EngineError
        When neither way ends.

    Complexity
    ----------
    That of :meth:`ideal`, then two zero-dimensional eliminations modulo primes.

    References
    ----------
    Lemmas "chart" and "degrees" of ``algattn/docs/equations.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> found = PolynomialMap(["s^3", "s^2*t", "s*t^2", "t^3"]).image_degree()
    >>> found, found.hilbert_polynomial()
    (<The image has degree 3 and dimension 2 [PROVED]>, (Fraction(1, 1), Fraction(3, 1)))
    """
    from algattn.groebner.sliced_degree import image_degree as find

    return find(self, time_limit=time_limit, seed=seed, progress=progress)


@question("map.primary", command="map fiber")
def fiber(
    self: PolynomialMap,
    point: Any,
    absolute: bool = False,
    *,
    primes_only: bool = False,
    engine: str | None = None,
    time_limit: float | None = 60.0,
    progress: bool = False,
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
    progress : bool
        Show a bar on standard error.

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
        progress=progress,
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
