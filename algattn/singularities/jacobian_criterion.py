"""The Jacobian criterion: equations of an image together with the minors of their differentials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

from algattn.arguments import checked
from algattn.dimension.maps import dimension
from algattn.errors import DisagreementError, HypothesisError, InputError, LimitError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.groebner.ideal_questions import IdealSizes
from algattn.groebner.ideals import IdealMethods
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.minors import MAX_MINORS, minors
from algattn.groebner.substitution import substituted
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
        Over QQ or GF(p).
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
        For other equations, and over number fields.
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
    if isinstance(phi.field, NumberField):
        raise HypothesisError(asked, f"the map is over {phi.field}", "a map over QQ or GF(p)")
    whole = False
    if isinstance(equations, ImplicitIdeal):
        if not same_map(equations.problem, phi):
            raise InputError(asked, "the equations are those of another map", "phi.implicitize()")
        whole = any(c.name == "complete" and c.status is Status.PROVED for c in equations.claims)
        equations = [str(g) for g in equations.generators]
    given = read_polynomials(equations, ring.names, ring.field) if equations else []
    polys = [ring.from_terms(g.terms()) for g in given]
    for g in polys:
        if substituted(g, phi):
            wrong = f"{str(g)[:80]} does not vanish on the image"
            raise DisagreementError(asked, wrong, "equations of the image")
    found = dimension(phi, seed=seed)
    size = len(ring.names) - found.lower  # where larger minors vanish, all points are kept
    complete = whole and found.lower == found.upper
    generators = with_minors(polys, ring, size)
    return SingularIdeal(ring, generators, size, complete, Status.PROVED)


def with_minors(
    polys: Sequence[Polynomial], ring: PolynomialRing, size: int
) -> tuple[Polynomial, ...]:
    """Equations together with the minors of that size of their differentials.

    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> with_minors([x**3 - y**2], x.ring, 1)
    (x^3 - y^2, 3*x^2, -2*y)
    """
    asked, n = "apply the Jacobian criterion", len(ring.names)
    if (many := comb(n, size) * comb(len(polys), size)) > MAX_MINORS:
        wrong = f"there are {many} minors of size {size}, above the limit {MAX_MINORS}"
        raise LimitError(asked, wrong, "fewer equations")
    extra = [ring(1)] if size == 0 else []
    if 0 < size <= len(polys):
        extra = minors([[g.derivative(x) for x in ring.names] for g in polys], size)
    return tuple(dict.fromkeys([*polys, *extra]))


def same_map(left: PolynomialMap, right: PolynomialMap) -> bool:
    """Whether two maps are the same functions with the same names of coordinates."""
    return (left.numerators, left.denominators, left.field, left.target.names) == (
        right.numerators,
        right.denominators,
        right.field,
        right.target.names,
    )
