"""Equations of images of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from algattn.groebner.implicit_result import ImplicitIdeal
    from algattn.maps import PolynomialMap


@question("implicit.ideal", command="map equations")
def equations(
    self: PolynomialMap,
    max_degree: int,
    *,
    degree: Sequence[int] | str = "ordinary",
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
