"""One head per layer: all stationary points of the action as results, with the lowest one.

The mathematics is in :mod:`algattn.paths.one_path`; here problems are read and checked, and claims
are made and verified.
"""

from __future__ import annotations

import copyreg
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar

from flint import fmpq, fmpq_mat, fmpq_poly

from algattn.arguments import checked
from algattn.exact import Matrix
from algattn.exact.fields import QQ, parse_rational
from algattn.exact.number_fields import NumberField, NumberFieldElement
from algattn.paths.arrays import exact_rows
from algattn.paths.inputs import exact_labels
from algattn.paths.one_path import (
    Stationary,
    balance_function,
    count_where_positive,
    find_points,
    lowest_point,
    stationarity_polynomial,
    value_at,
    written_action,
)
from algattn.paths.problems import OneHeadProblem, gram_matrix
from algattn.paths.shape import PathShape
from algattn.questions import question
from algattn.results import (
    ADAPTERS,
    Claim,
    Evidence,
    ListLike,
    Outline,
    Result,
    Status,
    about,
    canonical_json,
    declare,
    decode,
    parse_json,
    register,
)
from algattn.results.record import Record


def _coefficients(poly: fmpq_poly) -> list[Any]:
    return [QQ.format(c) for c in poly.coeffs()]


def _read_polynomial(data: Any) -> fmpq_poly:
    return fmpq_poly(list(decode(tuple[fmpq, ...], data)))


# A polynomial is written as its coefficients, constant term first.
ADAPTERS[fmpq_poly] = (_coefficients, _read_polynomial)
# FLINT polynomials cannot be pickled; their coefficients can.
copyreg.pickle(fmpq_poly, lambda poly: (fmpq_poly, (poly.coeffs(),)))


@dataclass(frozen=True)
class StationaryPoint(Record):
    """A root: minimal polynomial, number of the root, 30 digits."""

    modulus: tuple[fmpq, ...]
    root: int
    approx: str

    @staticmethod
    def of(theta: NumberFieldElement) -> StationaryPoint:
        digits = theta.field.ball(160).real.str(30, radius=False)
        return StationaryPoint(tuple(theta.field.poly.coeffs()), theta.field.root, digits)

    @property
    def u(self) -> NumberFieldElement:
        """The number itself."""
        return NumberField(self.modulus, self.root).theta


def _before(a: NumberFieldElement, b: NumberFieldElement) -> bool:
    """Whether balls tell that the first root is less than the second."""
    return any(a.field.ball(p).real < b.field.ball(p).real for p in (160, 1024))


@lru_cache(maxsize=4)
def _found_again(problem: str) -> Stationary:
    """The points of a stored problem, computed once for all the checks of one verification."""
    return find_points(*decode(OneHeadProblem, parse_json(problem)).unpacked())


@declare("path_one_head.evaluated", about("path_one_head.points", "polynomial"), Status.PROVED)
@dataclass(frozen=True)
class Evaluated(Evidence):
    """The polynomial against the stationarity equation itself, at more points than its degree."""

    def check(self, problem: OneHeadProblem, claim: Claim) -> None:
        shape, C, Y, T = problem.unpacked()
        poly: fmpq_poly = decode(fmpq_poly, claim.value)
        top, bottom = balance_function(C, Y, T)
        if stationarity_polynomial(shape, top, bottom)[0] != poly:
            raise self.fail("the polynomial comes out differently")
        P = C.nrows()
        # bottom * (b D^2) and top * D^2 agree as polynomials in u when they do at this many points
        points = 2 * P + 2 + max(top.degree(), bottom.degree())
        for k in range(1, points + 1):
            u = fmpq(k)
            shift = [T * (i == j) for i in range(P) for j in range(P)]
            inverse = (C * u + fmpq_mat(P, P, shift)).inv()
            r = inverse * Y
            product = inverse * C
            trace = sum((product[i, i] for i in range(P)), fmpq(0))
            b = u * ((r.transpose() * C * r)[0, 0] - trace)
            if bottom(u) * b != top(u):
                raise self.fail(f"the stationarity equation differs at u = {k}")


@declare("path_one_head.isolated", about("path_one_head.points", "points"), Status.PROVED)
@dataclass(frozen=True)
class Isolated(Evidence):
    """Each point is a root with the right signs, and Tarski's query counts no other."""

    def check(self, problem: OneHeadProblem, claim: Claim) -> None:
        shape, C, Y, T = problem.unpacked()
        top, bottom = balance_function(C, Y, T)
        poly, factors = stationarity_polynomial(shape, top, bottom)
        points: tuple[StationaryPoint, ...] = decode(tuple[StationaryPoint, ...], claim.value)
        roots = [point.u for point in points]
        for point, theta in zip(points, roots, strict=True):
            if StationaryPoint.of(theta) != point:
                raise self.fail(f"the digits {point.approx} are not those of the point")
            if (poly % theta.field.poly).degree() >= 0 or theta.field.sign(theta) <= 0:
                raise self.fail(f"{point.approx} is no positive root of the polynomial")
            if any(theta.field.sign(value_at(f, theta)) <= 0 for f in factors):
                raise self.fail(f"a level of the chain is not positive at {point.approx}")
        if not all(_before(a, b) for a, b in pairwise(roots)):
            raise self.fail("the points are not in increasing order")
        # the denominator is positive, so the least width has the least factor
        least = factors[shape.widths.index(min(shape.widths))]
        count = count_where_positive(poly, least)
        if count != len(points):
            raise self.fail(f"there are {count} stationary points, not {len(points)}")


@declare("path_one_head.lowest", about("path_one_head.points", "minimum"), Status.PROVED)
@dataclass(frozen=True)
class Lowest(Evidence):
    """The actions at all stationary points, by another route; the action has a minimum."""

    def check(self, problem: OneHeadProblem, claim: Claim) -> None:
        points = _found_again(canonical_json(problem)).points
        lowest = lowest_point(*problem.unpacked(), points, written_action)
        self.expect(claim.value, lowest, "another point is lowest")


@register
@dataclass(frozen=True, repr=False)
class OneHeadResult(ListLike, Result):
    """All stationary points of the action of a network with one head per layer.

    Attributes
    ----------
    problem : OneHeadProblem
    value : tuple of StationaryPoint
        One for each point, increasing: minimal polynomial (``modulus``), number of the root,
        ``approx``.
    polynomial : fmpq_poly
        Every stationary u is one of its roots.
    lowest : int or None
        The number of the point at which the action is smallest; None without points, or for a tie.
    """

    kind: ClassVar[str] = "path_one_head.points"
    title: ClassVar[str] = "Where is the action stationary?"
    lists: ClassVar[str] = "value"
    claim_names: ClassVar[tuple[str, ...]] = (
        "polynomial",
        "points",
        "minimum",
    )

    problem: OneHeadProblem
    value: tuple[StationaryPoint, ...]
    polynomial: fmpq_poly = field(hash=False)  # flint gives it no hash
    lowest: int | None

    def outline(self) -> tuple[Outline, ...]:
        count = len(self.value)
        out = [
            Outline(
                "polynomial", "every stationary u is a root of this polynomial", self.polynomial
            ),
            Outline("points", f"there are exactly {count} stationary points u > 0", self.value),
        ]
        if count < 2 and self.lowest != (0 if count else None):
            return ()  # nothing has to be compared
        if self.lowest is not None:
            if not 0 <= self.lowest < count:
                return ()
            says = (
                f"the action has its minimum at stationary point {self.lowest + 1} and nowhere else"
            )
            out.append(Outline("minimum", says, self.lowest))
        return tuple(out)

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        detail = {("lowest" if k == "minimum" else k): v for k, v in parts["detail"].items()}
        return parts | {"detail": detail}, evidence

    @property
    def points(self) -> list[NumberFieldElement]:
        """The values of u as algebraic numbers."""
        return [point.u for point in self.value]

    @property
    def minimum(self) -> NumberFieldElement | None:
        """The u at which the action is smallest; None without points, or for a tie."""
        return None if self.lowest is None else self.value[self.lowest].u

    @property
    def approx(self) -> list[float]:
        """The values of u as floats."""
        return [float(point.approx) for point in self.value]

    def sentence(self) -> str:
        count = len(self.value)
        name = "stationary point" if count == 1 else "stationary points"
        where = ", ".join(point.approx[:14] for point in self.value[:4])
        shown = f": u = {where}" if count else ""
        best = ""
        if self.lowest is not None and 0 <= self.lowest < count:
            best = f", the minimum at {self.value[self.lowest].approx[:14]}"
        degree = self.polynomial.degree()
        return f"The action has {count} {name}{shown} (polynomial of degree {degree}){best}"

    def formula(self) -> str:
        return ",\\ ".join(f"u \\approx {point.approx[:14]}" for point in self.value)


@question("path_one_head.points", command="paths points")
@checked
def one_head_points(
    C: Any, Y: Any, *, widths: Sequence[int], variances: Any = 1, temperature: Any = 0
) -> OneHeadResult:
    """All stationary points of the action for one path, as algebraic numbers.

    Parameters
    ----------
    C : rational P x P
        The path kernel, positive semidefinite; ``s_0`` and ``1/N0`` are already in it.
    Y : P rationals
    widths, variances
        ``(N_1, .., N_L, N_a)`` and ``(s_0, s_1, .., s_L, s_a)`` (or one number).
    temperature : rational
        At zero C has to be invertible.

    Returns
    -------
    OneHeadResult
        PROVED, with the point where the action is smallest (the only one, or the lowest of several
        by ball arithmetic).

    Raises
    ------
    HypothesisError
        When C is not symmetric positive semidefinite, or singular at zero temperature.
    LimitError
        When the polynomial has a degree above 64.

    Examples
    --------
    >>> found = one_head_points([[1]], [3], widths=(4, 4))
    >>> found.polynomial
    16*x^3 + (-9)*x^2 + (-54)*x + (-81)
    >>> round(found.approx[0], 6), found.status.name
    (2.604567, 'PROVED')
    >>> found.minimum == found.points[0]
    True
    """
    asked = "find stationary points exactly"
    rows = C.rows if isinstance(C, Matrix) else exact_rows(C, asked)
    given = gram_matrix(rows)
    problem = OneHeadProblem.of(
        PathShape((1,) * (len(widths) - 1), widths, variances),
        given,
        exact_labels(Y, given.nrows()),
        parse_rational(temperature, asked),
    )
    shape, C, labels, T = problem.unpacked()
    found = find_points(shape, C, labels, T)
    return OneHeadResult.assemble(
        problem,
        tuple(StationaryPoint.of(theta) for theta in found.points),
        {"polynomial": [Evaluated()], "points": [Isolated()], "minimum": [Lowest()]},
        polynomial=found.polynomial,
        lowest=lowest_point(shape, C, labels, T, found.points),
    )


def cubic_root(N: int, P: int, R: Fraction | float, scale: float = 1.0) -> float:
    """``u = v^2`` for the positive root of ``N v^3/sqrt(scale) - (N - P) v^2 - R = 0``, in floats.

    The case of one head and one layer at zero temperature, ``scale = s_1 s_a``.  By Descartes' rule
    there is one positive root for every P and N when R > 0.

    >>> round(cubic_root(10, 4, 7.3), 10)
    1.3248317578
    """
    import numpy as np

    roots = np.roots([N / np.sqrt(scale), -(N - P), 0.0, -float(R)])
    real = [r.real for r in roots if abs(r.imag) < 1e-9 * max(1.0, abs(r)) and r.real > 0]
    return float(max(real)) ** 2
