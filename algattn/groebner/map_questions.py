"""Equations of images of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from algattn.groebner.implicit_result import ImplicitIdeal
    from algattn.maps import PolynomialMap


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
    """The polynomial equations of the image; see :func:`algattn.implicitize`.

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
