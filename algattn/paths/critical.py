"""Critical points of the action as algebraic numbers, certified by Krawczyk's operator.

When attention, inputs, labels, temperature and variances are rational, the stationarity equations
are rational functions of the order parameters over QQ, so isolated critical points are algebraic
numbers.  A floating-point saddle is refined by Newton steps in ball arithmetic.  With ``F`` the
equations, ``J`` their Jacobian, ``A`` an approximate inverse of ``J`` at the midpoint ``m`` and
``X`` a box around it, the Krawczyk operator is ``K(X) = m - A F(m) + (I - A J(X)) (X - m)``.  If
it lies in the interior of ``X``, there is exactly one zero of ``F`` in ``X``.  Positive pivots of
all ``U_l`` and of the Hessian, in balls over ``X``, then say that it is a strict local minimum in
the cone; positive pivots of ``N_1 U_1^{-1} - M``, that no other ``U_1`` does better (lemma *lowest*
of algattn/docs/paths.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from algattn.errors import FieldError, HypothesisError, InputError, LimitError, UndecidedError
from algattn.exact.fields import QQ, parse_rational
from algattn.paths.arrays import check_spelling, rational_data
from algattn.paths.balls import BallEquations, positive_definite
from algattn.paths.inputs import exact_labels
from algattn.paths.rational import ExactPathKernels
from algattn.paths.shape import PathShape
from algattn.results import Claim, Evidence, Outline, Status, about, register
from algattn.results.legacy import LegacyResult

PRECISION = 256
#: Midpoints are rational numbers with this many binary digits after the point.
DIGITS = 160
#: Half the side of the box.
RADIUS = Fraction(1, 2**60)
MAX_UNKNOWNS = 80
MAX_EXAMPLES = 60


def equations_of(problem: Mapping[str, Any]) -> BallEquations:
    """The equations from the JSON of a problem."""
    asked = "read the problem of a critical point"
    temperature = QQ(problem["temperature"])
    if temperature < 0:
        raise HypothesisError(asked, f"the temperature {temperature} is negative", "give T >= 0")
    shape = PathShape.from_data(problem["shape"])
    seen = [fmpq_mat([[QQ(v) for v in row] for row in rows]) for rows in problem["attended"]]
    kernels = ExactPathKernels(shape, seen)  # so K(U) is positive semidefinite for U that is
    Y = exact_labels(list(problem["labels"]), seen[0].nrows())
    check_spelling(problem, spell_problem(shape, seen, Y, temperature))
    n = shape.count
    blocks = {(i, j): kernels.block(i, j).flint for i in range(n) for j in range(i, n)}
    with ctx.workprec(PRECISION):
        return BallEquations(shape, blocks, Y, temperature)


def spell_problem(
    shape: PathShape, attended: Sequence[fmpq_mat], Y: fmpq_mat, temperature: fmpq
) -> dict[str, Any]:
    """The JSON of a problem; :func:`equations_of` reads it back."""
    return {
        "shape": shape.to_data(),
        "attended": [rational_data(xi.tolist()) for xi in attended],
        "labels": [QQ.format(Y[i, 0]) for i in range(Y.nrows())],
        "temperature": QQ.format(temperature),
    }


def _ball(x: Fraction, radius: Fraction | None = None) -> arb:
    middle = arb(fmpq(x.numerator, x.denominator))
    if radius is None:
        return middle
    return middle + arb(0, arb(fmpq(radius.numerator, radius.denominator)))


def newton(equations: BallEquations, start: Sequence[float], steps: int = 12) -> list[Fraction]:
    """Refine a floating-point zero to about 150 binary digits; the answer is not yet proved."""
    x = [Fraction(v) for v in start]
    for _ in range(steps):
        values, jacobian = equations.evaluate([_ball(v) for v in x])
        middle = arb_mat([[v.mid()] for v in values])
        step = _middle(jacobian).solve(middle)
        moves = [_dyadic(step[i, 0]) for i in range(len(x))]
        x = [_round(v - m) for v, m in zip(x, moves, strict=True)]
        if max(abs(m) for m in moves) < Fraction(1, 2 ** (DIGITS - 20)):
            break
    return x


def _dyadic(value: arb) -> Fraction:
    mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _round(value: Fraction) -> Fraction:
    return Fraction(round(value * 2**DIGITS), 2**DIGITS)


def _middle(mat: arb_mat) -> arb_mat:
    return arb_mat([[v.mid() for v in row] for row in mat.tolist()])


@dataclass(frozen=True)
class KrawczykCheck:
    """What the operator says on one box."""

    unique: bool
    minimum: bool
    lowest: bool
    why: str


def _failed(why: str) -> KrawczykCheck:
    return KrawczykCheck(False, False, False, why)


def krawczyk(
    equations: BallEquations, midpoint: Sequence[Fraction], radius: Fraction
) -> KrawczykCheck:
    """Apply the Krawczyk operator to the box of this radius around the midpoint."""
    with ctx.workprec(PRECISION):
        n = len(midpoint)
        m = [_ball(v) for v in midpoint]
        box = [_ball(v, radius) for v in midpoint]
        try:
            values, at = equations.evaluate(m)
            _, over = equations.evaluate(box)
            A = _middle(_middle(at).inv())
            slack = equations.slack(box)
        except ZeroDivisionError:
            return _failed("a matrix is singular somewhere in the box")
        us = equations.levels(box)
        if not all(positive_definite(u) for u in us):
            return _failed("the box leaves the cone of positive matrices")
        if not positive_definite(equations.gram(us[0])):
            return _failed("K + T is not positive definite on the box, so there is no action")
        eye = arb_mat([[arb(int(i == j)) for j in range(n)] for i in range(n)])
        spread = arb_mat([[b - c] for b, c in zip(box, m, strict=True)])
        image = -(A * arb_mat([[v] for v in values])) + (eye - A * over) * spread
        r = arb(fmpq(radius.numerator, radius.denominator))
        if not all(abs(image[i, 0]) < r for i in range(n)):
            return _failed("the operator does not map the box into itself")
        weights = equations.weights()
        hessian = arb_mat([[over[i, j] * weights[i] for j in range(n)] for i in range(n)])
        return KrawczykCheck(
            True,
            positive_definite(hessian),
            positive_definite(slack),
            "a pivot that should be positive is not",
        )


def _box(claim: Claim) -> tuple[list[Fraction], Fraction]:
    value = claim.value
    if set(value) != {"midpoint", "radius"}:
        raise InputError("read a box", f"its parts are {sorted(value)}", "recompute the result")
    middle = [Fraction(str(QQ(v))) for v in value["midpoint"]]
    radius = Fraction(str(QQ(value["radius"])))
    if radius <= 0:
        raise FieldError("read a box", f"its radius is {radius}", "recompute the result")
    return middle, radius


@register
@dataclass(frozen=True)
class UniqueZero(Evidence):
    """Krawczyk's operator maps the box into its interior."""

    kind: ClassVar[str] = "path_critical.unique-zero"
    supports = about("path_critical.point", "unique")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        equations = equations_of(problem)
        middle, radius = _box(claim)
        if len(middle) != equations.unknowns:
            raise self.fail(f"the box has {len(middle)} sides, not {equations.unknowns}")
        found = krawczyk(equations, middle, radius)
        if not found.unique:
            raise self.fail(found.why)


@register
@dataclass(frozen=True)
class PositivePivots(Evidence):
    """The Hessian over the box has positive pivots."""

    kind: ClassVar[str] = "path_critical.positive-pivots"
    supports = about("path_critical.point", "minimum")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        found = krawczyk(equations_of(problem), *_box(claim))
        if not (found.unique and found.minimum):
            raise self.fail(found.why)


@register
@dataclass(frozen=True)
class PositiveSlack(Evidence):
    """``N_1 U_1^{-1} - M`` over the box has positive pivots."""

    kind: ClassVar[str] = "path_critical.positive-slack"
    supports = about("path_critical.point", "lowest")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        found = krawczyk(equations_of(problem), *_box(claim))
        if not (found.unique and found.lowest):
            raise self.fail(found.why)


@register
@dataclass(frozen=True, repr=False)
class CriticalPointResult(LegacyResult):
    """A critical point of the action inside a box, unique there.

    Attributes
    ----------
    value : mapping
        ``midpoint`` (rationals, the upper triangles of ``U_1, .., u_a``) and ``radius``.
    minimum : bool
        Whether it is proved to be a strict local minimum.
    lowest : bool
        Whether it is proved that no other ``U_1`` has so small an action with the same
        ``U_2, .., u_a`` (always so when ``N_1`` is at least the number of examples).
    """

    kind: ClassVar[str] = "path_critical.point"
    title: ClassVar[str] = "Critical point"
    claim_names: ClassVar[tuple[str, ...]] = (
        "unique",
        "minimum",
        "lowest",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(detail) != {"minimum", "lowest"} or any(
            type(v) is not bool for v in detail.values()
        ):
            return ()
        unique = Outline(
            "unique",
            "the action has exactly one critical point in this box; its coordinates are algebraic",
            value,
        )
        out = [unique]
        if detail["minimum"]:
            out.append(Outline("minimum", "it is a strict local minimum of the action", value))
        if detail["lowest"]:
            says = "the action is larger for every other U_1 with the same U_2, .., u_a"
            out.append(Outline("lowest", says, value))
        return tuple(out)

    @property
    def minimum(self) -> bool:
        return bool(self.detail["minimum"])

    @property
    def lowest(self) -> bool:
        return bool(self.detail["lowest"])

    @property
    def levels(self) -> tuple[Any, ...]:
        """The midpoint as float matrices ``(U_1, .., U_L, u_a)``."""
        shape = PathShape.from_data(self.problem["shape"])
        numbers = [float(Fraction(str(QQ(v)))) for v in self.value["midpoint"]]
        out, place = [], 0
        for d in shape.dims:
            u = np.zeros((d, d))
            for i in range(d):
                for j in range(i, d):
                    u[i, j] = u[j, i] = numbers[place]
                    place += 1
            out.append(u)
        return tuple(out)

    @property
    def radius(self) -> float:
        return float(Fraction(str(QQ(self.value["radius"]))))

    def sentence(self) -> str:
        what = "strict local minimum" if self.minimum else "critical point"
        first = float(Fraction(str(QQ(self.value["midpoint"][0]))))
        return (
            f"The action has exactly one {what} in a box of half side {self.radius:.1e}, at "
            f"U_11 ~ {first:.12g} ({len(self.value['midpoint'])} unknowns)"
        )

    def lines(self) -> list[str]:
        out = [f"U_{k + 1} ~ {u.tolist()}" for k, u in enumerate(self.levels)]
        return [*out, *(c.statement for c in self.claims[1:])]


def certify_critical_point(
    kernels: ExactPathKernels,
    Y: Any,
    levels: Sequence[Any],
    *,
    temperature: Any,
    radius: Any = RADIUS,
) -> CriticalPointResult:
    """Prove that there is exactly one critical point next to a floating-point one.

    Parameters
    ----------
    kernels : ExactPathKernels
        Path-path kernels of the training inputs over QQ.
    Y : P rationals
    levels : ``(U_1, .., U_L, u_a)`` in floats
        Such as ``solution.levels``.
    temperature : rational
    radius : rational
        Half the side of the box.

    Returns
    -------
    CriticalPointResult
        PROVED; also that it is a strict local minimum, and that no other ``U_1`` does better with
        the same levels above, where that is so.

    Raises
    ------
    LimitError
        For more than 80 unknowns or 60 examples.
    UndecidedError
        When the operator does not contract: the point is degenerate, or not close to a zero.

    Complexity
    ----------
    ``O(D P^3 + D^2 P^2)`` ball operations for D unknowns, some ten times.
    """
    asked = "certify a critical point"
    shape = kernels._shape
    P = kernels.shape[2]
    if shape.parameters > MAX_UNKNOWNS or P > MAX_EXAMPLES:
        raise LimitError(
            asked,
            f"{shape.parameters} unknowns > {MAX_UNKNOWNS}, or {P} examples > {MAX_EXAMPLES}",
            "use fewer paths or examples",
        )
    problem = spell_problem(
        shape,
        kernels.attended(),
        exact_labels(Y, P),
        parse_rational(temperature, asked),
    )
    equations = equations_of(problem)
    start = [
        float(np.atleast_2d(u)[i, j])
        for u, pairs in zip(levels, equations.pairs, strict=True)
        for i, j in pairs
    ]
    half = Fraction(str(parse_rational(radius, asked)))
    try:
        with ctx.workprec(PRECISION):
            middle = newton(equations, start)
        found = krawczyk(equations, middle, half)
    except ZeroDivisionError:
        found = _failed("a matrix is singular on the way")
    if not found.unique:
        raise UndecidedError(
            asked, found.why, "start from a better saddle, or use another radius", tuple(start)
        )
    value = {
        "midpoint": [QQ.format(fmpq(v.numerator, v.denominator)) for v in middle],
        "radius": QQ.format(fmpq(half.numerator, half.denominator)),
    }
    return CriticalPointResult.assemble(
        problem,
        value,
        {
            "unique": [UniqueZero()],
            "minimum": [PositivePivots()],
            "lowest": [PositiveSlack()],
        },
        detail={"minimum": found.minimum, "lowest": found.lowest},
    )
