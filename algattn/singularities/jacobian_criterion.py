"""The Jacobian criterion: equations of an image together with the minors of their differentials."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

from algattn.arguments import checked
from algattn.dimension.maps import dimension
from algattn.errors import DisagreementError, InputError, LimitError
from algattn.exact import Polynomial, PolynomialRing
from algattn.groebner.fiber_ideal import MAX_MINORS, minors
from algattn.groebner.ideal_questions import IdealSizes
from algattn.groebner.ideals import IdealMethods
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.maps import PolynomialMap
from algattn.maps.texts import read_polynomials
from algattn.results import Status

__all__ = ["SingularIdeal", "singular_ideal"]


@checked
@dataclass(frozen=True, repr=False)
class SingularIdeal(IdealMethods, IdealSizes):
    """Equations at whose common zeros all singular points of the closure of an image lie.

    Attributes
    ----------
    ring : PolynomialRing
        In the coordinates.
    generators : tuple of Polynomial
        The equations, and the minors of their differentials of the size of the codimension.
    codimension : int
    complete : bool
        Whether its zeros are exactly the singular points: the equations are proved to generate the
        ideal of the image, and its dimension is proved.
    status : Status
        PROVED: that a point of the closure which is no zero is smooth.
    """

    ring: PolynomialRing
    generators: tuple[Polynomial, ...]
    codimension: int
    complete: bool
    status: Status

    def __repr__(self) -> str:
        what = (
            "ideal of the singular points" if self.complete else "ideal that singular points obey"
        )
        return f"<{what}: {len(self.generators)} generators in {len(self.ring.names)} variables>"


@checked
def singular_ideal(phi: PolynomialMap, equations: Any, *, seed: int = 0) -> SingularIdeal:
    """The Jacobian criterion for the closure of the image of a map.

    Parameters
    ----------
    phi : PolynomialMap
        Polynomial, over QQ or GF(p).
    equations : ImplicitIdeal, or sequence of Polynomial or str
        In the coordinates; they have to vanish on the image.
    seed : int
        For the point at which the rank is taken.

    Returns
    -------
    SingularIdeal

    Raises
    ------
    DisagreementError
        When an equation does not vanish on the image.
    InputError, HypothesisError
        For other equations, rational maps and number fields.
    LimitError
        For more than 20000 minors.

    References
    ----------
    Hartshorne, Algebraic Geometry, I.5.

    Examples
    --------
    >>> from algattn import PolynomialMap
    >>> cusp = PolynomialMap(["t^2", "t^3"], coordinates=("x", "y"))
    >>> found = singular_ideal(cusp, ["x^3-y^2"])
    >>> found.generators, found.dimension(engine="builtin"), found.complete
    ((x^3 - y^2, 3*x^2, -2*y), 0, False)
    >>> singular_ideal(cusp, cusp.implicitize(engine="builtin")).complete
    True
    """
    asked, ring = "apply the Jacobian criterion", phi.target
    whole = False
    if isinstance(equations, ImplicitIdeal):
        if equations.problem.polynomials != phi.polynomials:
            raise InputError(asked, "the equations are those of another map", "phi.implicitize()")
        whole = any(c.name == "complete" and c.status is Status.PROVED for c in equations.claims)
        equations = [str(g) for g in equations.generators]
    given = read_polynomials(equations, ring.names, ring.field) if equations else []
    polys = [ring.from_terms(g.terms()) for g in given]
    for g in polys:
        if g.compose(*phi.polynomials):
            wrong = f"{str(g)[:80]} does not vanish on the image"
            raise DisagreementError(asked, wrong, "equations of the image")
    found = dimension(phi, seed=seed)
    n = len(ring.names)
    size = n - found.lower  # where larger minors vanish, all points are kept
    if (many := comb(n, size) * comb(len(polys), size)) > MAX_MINORS:
        wrong = f"there are {many} minors of size {size}, above the limit {MAX_MINORS}"
        raise LimitError(asked, wrong, "fewer equations")
    extra = [ring(1)] if size == 0 else []
    if 0 < size <= len(polys):
        extra = minors([[g.derivative(x) for x in ring.names] for g in polys], size)
    complete = whole and found.lower == found.upper
    return SingularIdeal(
        ring, tuple(dict.fromkeys([*polys, *extra])), size, complete, Status.PROVED
    )
