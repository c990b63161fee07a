"""Newton steps and Krawczyk's operator in ball arithmetic: lemma *box* of docs/paths.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, arb_mat, ctx, fmpq

from algattn.paths.balls import BallEquations, positive_definite
from algattn.progress import tick

PRECISION = 256
#: Midpoints are rational numbers with this many binary digits after the point.
DIGITS = 160
#: Half the side of the box.
RADIUS = Fraction(1, 2**60)


def _ball(x: Fraction, radius: Fraction | None = None) -> arb:
    middle = arb(fmpq(x.numerator, x.denominator))
    if radius is None:
        return middle
    return middle + arb(0, arb(fmpq(radius.numerator, radius.denominator)))


def newton(equations: BallEquations, start: Sequence[float], steps: int = 12) -> list[Fraction]:
    """Refine a floating-point zero to about 150 binary digits; the answer is not yet proved."""
    x = [Fraction(v) for v in start]
    for _ in range(steps):
        tick()
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


def failed(why: str) -> KrawczykCheck:
    """Nothing is shown, and why."""
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
            return failed("a matrix is singular somewhere in the box")
        us = equations.levels(box)
        if not all(positive_definite(u) for u in us):
            return failed("the box leaves the cone of positive matrices")
        if not positive_definite(equations.gram(us[0])):
            return failed("K + T is not positive definite on the box, so there is no action")
        eye = arb_mat([[arb(int(i == j)) for j in range(n)] for i in range(n)])
        spread = arb_mat([[b - c] for b, c in zip(box, m, strict=True)])
        image = -(A * arb_mat([[v] for v in values])) + (eye - A * over) * spread
        r = arb(fmpq(radius.numerator, radius.denominator))
        if not all(abs(image[i, 0]) < r for i in range(n)):
            return failed("the operator does not map the box into itself")
        weights = equations.weights()
        hessian = arb_mat([[over[i, j] * weights[i] for j in range(n)] for i in range(n)])
        return KrawczykCheck(
            True,
            positive_definite(hessian),
            positive_definite(slack),
            "a pivot that should be positive is not",
        )
