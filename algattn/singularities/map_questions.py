"""Points of images of maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from algattn.questions import question

if TYPE_CHECKING:
    from algattn.maps import PolynomialMap
    from algattn.singularities.jacobian_criterion import SingularIdeal


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
