"""The maps that people type: polynomial maps with the questions as methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from algattn import maps
from algattn.arguments import checked

if TYPE_CHECKING:
    from algattn.dimension.maps import MapDimension
    from algattn.groebner.implicit_result import ImplicitIdeal
    from algattn.groebner.map_fibers import MapFiberIdeal
    from algattn.singularities.jacobian_criterion import SingularIdeal

__all__ = ["PolynomialMap"]


@checked
class PolynomialMap(maps.PolynomialMap):
    __doc__ = maps.PolynomialMap.__doc__

    def dimension(
        self, *, seed: int = 0, time_limit: float | None = None, progress: bool = False
    ) -> MapDimension:
        """The dimension of the closure of the image; see :mod:`algattn.dimension.maps`.

        Examples
        --------
        >>> from algattn import PolynomialMap
        >>> PolynomialMap(["s^2", "s*t", "t^2"]).dimension().value
        2
        """
        from algattn.dimension.maps import dimension

        return dimension(self, seed=seed, time_limit=time_limit, progress=progress)

    def implicitize(
        self,
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

        Examples
        --------
        >>> from algattn import PolynomialMap
        >>> PolynomialMap(["s^2", "s*t", "t^2"]).implicitize(2).generators
        (y_2^2 - y_1*y_3,)
        """
        from algattn.groebner.implicitize import implicitize

        return implicitize(
            self,
            method=method,
            max_degree=max_degree,
            degree=degree,
            engine=engine,
            time_limit=time_limit,
            seed=seed,
            progress=progress,
        )

    def fiber(self, point: Any) -> MapFiberIdeal:
        """The ideal of all parameters with the same value as a point.

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
        >>> PolynomialMap(["a*b", "b*c"]).fiber([1, 2, 3]).generators
        (a*b - 2, b*c - 6)
        """
        from algattn.groebner.map_fibers import fiber

        return fiber(self, point)

    def singular_ideal(self, equations: Any, *, seed: int = 0) -> SingularIdeal:
        """The Jacobian criterion; see :mod:`algattn.singularities.jacobian_criterion`.

        Parameters
        ----------
        equations : ImplicitIdeal, or sequence of Polynomial or str
            In the coordinates; they have to vanish on the image.
        seed : int

        Examples
        --------
        >>> from algattn import PolynomialMap
        >>> PolynomialMap(["t^2", "t^3"]).singular_ideal(["y_1^3-y_2^2"])
        <ideal that singular points obey: 3 generators in 2 variables>
        """
        from algattn.singularities.jacobian_criterion import singular_ideal

        return singular_ideal(self, equations, seed=seed)
