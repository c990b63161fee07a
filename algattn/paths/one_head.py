"""One head per layer: all stationary points of the action as results, with the lowest one.

The mathematics is in :mod:`algattn.paths.one_path`; here problems are read and checked, and claims
are made and verified.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

from flint import fmpq, fmpq_mat, fmpq_poly

from algattn.errors import HypothesisError
from algattn.exact import Matrix
from algattn.exact.fields import QQ, parse_rational
from algattn.exact.number_fields import NumberField, NumberFieldElement
from algattn.paths.arrays import check_spelling, exact_rows, rational_data
from algattn.paths.inputs import exact_labels
from algattn.paths.one_path import (
    Stationary,
    balance_function,
    find_points,
    lowest_point,
    stationarity_polynomial,
    sturm_count,
)
from algattn.paths.shape import PathShape
from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Status,
    about,
    canonical_json,
    register,
)
from algattn.results.legacy import LegacyResult


def read_problem(problem: Mapping[str, Any]) -> tuple[PathShape, fmpq_mat, fmpq_mat, fmpq]:
    """Shape, kernel, labels and temperature from the JSON of a problem, with all hypotheses.

    Raises
    ------
    HypothesisError
        For more than one path, a negative temperature, a kernel that is not a Gram matrix.
    """
    asked = "find stationary points exactly"
    shape = PathShape.from_data(problem["shape"])
    if shape.count != 1:
        raise HypothesisError(asked, f"there are {shape.count} paths", "use one head per layer")
    T = QQ(problem["temperature"])
    if T < 0:
        raise HypothesisError(asked, f"the temperature {T} is negative", "give T >= 0")
    C = gram_matrix([[QQ(v) for v in row] for row in problem["kernel"]])
    Y = exact_labels(list(problem["labels"]), C.nrows())
    check_spelling(problem, spell_problem(shape, C, Y, T))
    return shape, C, Y, T


def spell_problem(shape: PathShape, C: fmpq_mat, Y: fmpq_mat, T: fmpq) -> dict[str, Any]:
    """The inverse of :func:`read_problem`."""
    return {
        "shape": shape.to_data(),
        "kernel": rational_data(C.tolist()),
        "labels": [QQ.format(Y[i, 0]) for i in range(Y.nrows())],
        "temperature": QQ.format(T),
    }


def gram_matrix(rows: list[list[fmpq]]) -> fmpq_mat:
    """The matrix, if it is symmetric and positive semidefinite.

    A symmetric matrix is so exactly when the signs of its characteristic polynomial alternate.

    Raises
    ------
    HypothesisError
        Otherwise.
    """
    asked, hint = "find stationary points exactly", "give a Gram matrix"
    P = len(rows)
    if any(len(row) != P for row in rows) or any(
        rows[i][j] != rows[j][i] for i in range(P) for j in range(i)
    ):
        raise HypothesisError(asked, "the kernel is not symmetric", hint)
    mat = fmpq_mat(rows)
    chi = mat.charpoly()
    if any(chi[P - k] * (-1) ** k < 0 for k in range(P + 1)):
        raise HypothesisError(asked, "the kernel is not positive semidefinite", hint)
    return mat


def describe(theta: NumberFieldElement) -> dict[str, Any]:
    """A root as JSON data: minimal polynomial, number of the root, 30 digits."""
    data: dict[str, Any] = theta.field.to_data()
    return data | {"approx": theta.field.ball(160).real.str(30, radius=False)}


@lru_cache(maxsize=4)
def _found_again(problem: str) -> Stationary:
    """The points of a stored problem, computed once for all the checks of one verification."""
    return find_points(*read_problem(json.loads(problem)))


@register
@dataclass(frozen=True)
class Evaluated(Evidence):
    """The polynomial against the stationarity equation itself, at more points than its degree."""

    kind: ClassVar[str] = "path_one_head.evaluated"
    supports = about("path_one_head.points", "polynomial")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        shape, C, Y, T = read_problem(problem)
        poly = fmpq_poly([QQ(v) for v in claim.value])
        top, bottom = balance_function(C, Y, T)
        if stationarity_polynomial(shape, top, bottom)[0] != poly:
            raise self.fail("the polynomial comes out differently")
        spelled = [QQ.format(c) for c in poly.coeffs()]
        self.expect(claim.value, spelled, "the polynomial is spelled in another way")
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


@register
@dataclass(frozen=True)
class Isolated(Evidence):
    """The positive roots counted by Sturm's theorem, and the signs at each decided exactly."""

    kind: ClassVar[str] = "path_one_head.isolated"
    supports = about("path_one_head.points", "points")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        found = _found_again(canonical_json(problem))
        if sturm_count(found.polynomial) != len(found.roots):
            raise self.fail("the number of positive roots is not Sturm's")
        described = [describe(theta) for theta in found.points]
        self.expect(claim.value, described, "the stationary points come out differently")


@register
@dataclass(frozen=True)
class Lowest(Evidence):
    """The actions at all stationary points compared in balls; the action has a minimum."""

    kind: ClassVar[str] = "path_one_head.lowest"
    supports = about("path_one_head.points", "minimum")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        points = _found_again(canonical_json(problem)).points
        lowest = lowest_point(*read_problem(problem), points)
        self.expect(claim.value, lowest, "another point is lowest")


@register
@dataclass(frozen=True, repr=False)
class OneHeadResult(LegacyResult):
    """All stationary points of the action of a network with one head per layer.

    Attributes
    ----------
    value : tuple of mappings
        One for each point, increasing: minimal polynomial (``modulus``), number of the root,
        ``approx``.
    """

    kind: ClassVar[str] = "path_one_head.points"
    title: ClassVar[str] = "Stationary points"
    claim_names: ClassVar[tuple[str, ...]] = (
        "polynomial",
        "points",
        "minimum",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(detail) != {"polynomial", "minimum"}:
            return ()
        out = [
            Outline(
                "polynomial",
                "every stationary u is a root of this polynomial",
                detail["polynomial"],
            ),
            Outline("points", f"there are exactly {len(value)} stationary points u > 0", value),
        ]
        if (lowest := detail["minimum"]) is not None:
            says = f"the action has its minimum at stationary point {lowest + 1} and nowhere else"
            out.append(Outline("minimum", says, lowest))
        return tuple(out)

    @property
    def points(self) -> list[NumberFieldElement]:
        """The values of u as algebraic numbers."""
        fields = [NumberField.from_data({k: p[k] for k in ("modulus", "root")}) for p in self.value]
        return [field.theta for field in fields]

    @property
    def minimum(self) -> NumberFieldElement | None:
        """The u at which the action is smallest; None without points, or for a tie."""
        lowest = self.detail["minimum"]
        return None if lowest is None else self.points[lowest]

    @property
    def approx(self) -> list[float]:
        """The values of u as floats."""
        return [float(p["approx"]) for p in self.value]

    @property
    def polynomial(self) -> fmpq_poly:
        return fmpq_poly([QQ(v) for v in self.detail["polynomial"]])

    def sentence(self) -> str:
        count = len(self.value)
        name = "stationary point" if count == 1 else "stationary points"
        where = ", ".join(p["approx"][:14] for p in self.value[:4])
        degree = len(self.detail["polynomial"]) - 1
        shown = f": u = {where}" if count else ""
        lowest = self.detail["minimum"]
        best = f", the minimum at {self.value[lowest]['approx'][:14]}" if lowest is not None else ""
        return f"The action has {count} {name}{shown} (polynomial of degree {degree}){best}"

    def formula(self) -> str:
        return ",\\ ".join(f"u \\approx {p['approx'][:14]}" for p in self.value)


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
    problem = spell_problem(
        PathShape((1,) * (len(widths) - 1), widths, variances),
        given,
        exact_labels(Y, given.nrows()),
        parse_rational(temperature, asked),
    )
    shape, C, labels, T = read_problem(problem)
    found = find_points(shape, C, labels, T)
    polynomial = [QQ.format(c) for c in found.polynomial.coeffs()]
    lowest = lowest_point(shape, C, labels, T, found.points)
    return OneHeadResult.assemble(
        problem,
        [describe(theta) for theta in found.points],
        {"polynomial": [Evaluated()], "points": [Isolated()], "minimum": [Lowest()]},
        detail={"polynomial": polynomial, "minimum": lowest},
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
