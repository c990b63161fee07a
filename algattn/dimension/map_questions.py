"""Dimensions of maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.dimension.maps import MapDimension
    from algattn.maps import PolynomialMap


@question("map.dimension", command="map dimension")
def dimension(
    self: PolynomialMap,
    declared: tuple[int, str] | str | None = None,
    *,
    equations: Sequence[Any] | None = None,
    method: str = "auto",
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> MapDimension:
    """The dimension of the closure of the image.

    Below it is the rank of the Jacobian modulo a prime; above it is the first that meets this
    rank: the number of parameters or coordinates; the symmetries (the torus that keeps all
    monomials, and the declared ones); equations; matrices of coordinates with small rank, which
    are found for sums of monomials in separate blocks of parameters; linear vector fields along
    which the map is constant, which are found; a rank that is the same on a grid of points of a
    slice, which the equivariances of the map move around.

    Parameters
    ----------
    declared : (int, str) or str, optional
        A dimension and its source, as ``"14: Alexander, Hirschowitz"``; it has to agree with the
        rank, and is the answer where nothing is proved.
    equations : sequence of Polynomial or str, or of matrices of these, optional
        In the coordinates.  A polynomial has to vanish on the image.  The rank of a matrix on the
        image is found, and its minors of the next size are equations.
    method : {"auto", "symmetries", "fields", "equations", "slice"}
        One way to a bound from above, besides counting and equations, instead of all.
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds; with a limit, the slice may take as long as that.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    MapDimension
        PROVED when the bounds meet; the card tells by what.  Else PROBABLE with proved bounds, the
        probability of an error, and what a proof would have needed (``notes``); THEOREM for a
        declared dimension.  Over a prime field, where the rank may be smaller than the dimension
        (``jacobian_rank``, ``separable``), the bounds alone unless they meet; symmetries other
        than the torus prove nothing there, and a fiber bounds the dimension from below.

    Raises
    ------
    HypothesisError
        For equations over a number field.
    DisagreementError
        When a declared symmetry is none, an equation does not vanish on the image, or another
        dimension is declared.
    LimitError
        For Jacobians with more than 25 million entries; when time is over before the first rank,
        or before all is told (with the bounds in ``.partial``).  Time that is over in between ends
        the search for proofs.

    Complexity
    ----------
    A dense rank; the rest only when more parameters and coordinates are left.  Vector fields are
    kernels of small matrices; a slice of dimension s takes ranks at up to ``C(D+s, s)`` points,
    for minors of degree D.

    References
    ----------
    ``algattn/docs/maps.md``, section "Dimension".

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["s^2", "s*t", "t^2"]).dimension()
    <The image has dimension 2 (2 parameters, 3 coordinates) [PROVED]>
    >>> found = PolynomialMap(["a*b", "a*b+1", "a^2*b^2"]).dimension()
    >>> found.value, found.defect, found.status.name
    (1, 1, 'PROVED')

    Sums of two squares of linear forms in three variables, as 3 x 3 matrices of rank two:

    >>> text = "a^2+u^2 a*b+u*v a*c+u*w b^2+v^2 b*c+v*w c^2+w^2"
    >>> print(PolynomialMap(text.split()).dimension().text())
    What is the dimension of the image?  [PROVED]
      The image has dimension 5 (6 parameters, 6 coordinates).
        defect: 1 (6 were expected)
        proved from below by: Rank of the Jacobian modulo a prime (at a random point, seed 0, \
modulo 2147483647)
        proved from above by: Coordinates minus rank of the differentials of minors of matrices \
3 x 3
    """
    from algattn.dimension.maps import dimension as find

    return find(
        self,
        equations=equations,
        declared=declared,
        method=method,
        seed=seed,
        time_limit=time_limit,
        progress=progress,
    )


@question(command="map fiber-dimension")
def fiber_dimension(
    self: PolynomialMap,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> int:
    """The dimension of the fiber through almost any point: parameters less :meth:`dimension`.

    Parameters
    ----------
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    int
        Proved; it may be larger at special points.

    Raises
    ------
    UndecidedError
        When only bounds are proved; ``.partial`` is the result of :meth:`dimension`.
    LimitError
        As :meth:`dimension`.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["a*b", "b*c"]).fiber_dimension()
    1
    """
    found = self.dimension(seed=seed, time_limit=time_limit, progress=progress)  # type: ignore[attr-defined]
    return len(self.parameters) - int(found)


@question(command="map defect")
def defect(
    self: PolynomialMap,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> int:
    """By how much the image is smaller than parameters and coordinates allow.

    Parameters
    ----------
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    int
        Proved: the smaller number of parameters and coordinates, less :meth:`dimension`.

    Raises
    ------
    UndecidedError
        When only bounds are proved; ``.partial`` is the result of :meth:`dimension`.
    LimitError
        As :meth:`dimension`.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap("a^2+u^2 a*b+u*v a*c+u*w b^2+v^2 b*c+v*w c^2+w^2".split()).defect()
    1
    """
    found = self.dimension(seed=seed, time_limit=time_limit, progress=progress)  # type: ignore[attr-defined]
    return int(found.expected) - int(found)
