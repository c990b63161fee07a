"""Dimensions of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.dimension.maps import MapDimension
    from algattn.maps import PolynomialMap


@question("map.dimension", command="map dimension")
def dimension(
    self: PolynomialMap,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> MapDimension:
    """The dimension of the closure of the image.

    Parameters
    ----------
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds; looked at between ranks.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapDimension
        PROVED when the rank of the Jacobian modulo a prime meets the number of coordinates, or the
        number of parameters less the rank of the symmetries (the torus that keeps all monomials,
        and the declared ones); else PROBABLE with proved bounds.  Over a prime field the bounds
        alone, where they differ.

    Raises
    ------
    DisagreementError
        When a declared symmetry is none.
    LimitError
        For Jacobians with more than 25 million entries, and when time is over.

    Complexity
    ----------
    A dense rank; the symmetries are checked on the expanded polynomials.

    References
    ----------
    Lemma "maps" of ``algattn/docs/dimension.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["s^2", "s*t", "t^2"]).dimension()
    <The image has dimension 2 (2 parameters, 3 coordinates) [PROVED]>
    >>> found = PolynomialMap(["a*b", "a*b+1", "a^2*b^2"]).dimension()
    >>> found.value, found.defect, found.status.name
    (1, 1, 'PROVED')
    """
    from algattn.dimension.maps import dimension as find

    return find(self, seed=seed, time_limit=time_limit, progress=progress)
