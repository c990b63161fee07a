"""Symmetries of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.maps.polynomial_map import PolynomialMap
    from algattn.maps.vector_fields import VectorFields


@question(command="map symmetries")
def symmetries(
    self: PolynomialMap,
    kind: str = "fiber",
    degree: int = 1,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> VectorFields:
    """Vector fields on the parameters along which the map does not change, found and proved.

    Parameters
    ----------
    kind : {"fiber", "affine", "projective", "equivariant"}
        Components that are forms of the degree; polynomials of at most the degree; those of at most
        the degree along which the map is multiplied by a polynomial, so that its value stays on a
        line through the origin; or those of degree 1 along which the image is moved by a linear
        map and a translation (and its summands in separate blocks of parameters by multiples).
    degree : int
        0: translations, 1: linear fields such as those of a matrix group, larger: syzygies of the
        columns of the Jacobian.
    seed : int
        For the random points.
    time_limit : float, optional
        Seconds.
    progress : bool
        Show a bar on standard error.

    Returns
    -------
    VectorFields
        A basis of all of them; PROVED as identities of polynomials, and that there are no more by
        a kernel modulo a prime.  PROBABLE where the map is too large to expand.  In characteristic
        p they say nothing about the dimension of fibers.

    Raises
    ------
    LimitError
        For more than 200000 unknown coefficients, or 4000 of one weight; when time is over.
    HypothesisError
        For equivariances in characteristic p or of another degree than 1.
    UndecidedError
        When the kernels modulo many primes come from no fields.

    Complexity
    ----------
    For each weight of the torus one dense kernel modulo few primes, of the size of the number of
    unknown coefficients with that weight.

    References
    ----------
    Lemma "fields" of ``algattn/docs/maps.md``.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> PolynomialMap(["a*b", "b*c"]).symmetries()
    <1 field of degree 1 along which the map does not change [PROVED]: a ∂a - b ∂b + c ∂c>
    >>> PolynomialMap(["x+y^2"]).symmetries("affine")
    <1 field of at most degree 1 along which the map does not change [PROVED]: y ∂x - 1/2 ∂y>
    """
    from algattn.maps.fiber_fields import symmetries as find

    return find(self, kind, degree, seed=seed, time_limit=time_limit, progress=progress)
