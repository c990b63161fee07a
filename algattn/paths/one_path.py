"""One head per layer: the stationary points of the action as algebraic numbers.

With one path the order parameters are positive numbers ``u = U_1, .., U_L, u_a``.  By the balance
law ``N_l (U_l / (s_l U_{l+1}) - 1)`` is the same number for every l, namely

    b(u) = u (Y^T G^{-1} C G^{-1} Y - tr(G^{-1} C)),   G = u C + T I,

so that ``U_l = s_l U_{l+1} (1 + b / N_l)`` and the stationary points are exactly the ``u > 0`` with

    u = prod_l s_l (1 + b(u) / N_l)   and   1 + b(u) / N_l > 0 for every l.

Over QQ, ``b`` is a rational function: ``det(uC + T)`` and ``det(uC + T + Y Y^T)`` are
characteristic polynomials, and no eigenvalue is needed.  At T = 0 it is ``R / u - P`` with ``R =
Y^T C^{-1} Y``, and for L = 1 and equal widths N the equation is the cubic ``N^2 u^3 = s_1 s_a (R +
(N - P) u)^2``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from flint import arb, arb_mat, ctx, fmpq, fmpq_mat, fmpq_poly

from algattn.errors import LimitError
from algattn.exact.number_fields import NumberField, NumberFieldElement
from algattn.paths.exact_numbers import exact_variance, singular_kernel
from algattn.paths.shape import PathShape
from algattn.progress import tick

#: Degree of the polynomial in u above which roots are not looked for.
MAX_DEGREE = 64


def shifted_determinant(C: fmpq_mat, B: fmpq_mat) -> fmpq_poly:
    """``det(u C + B)`` as a polynomial in u, for invertible B.

    >>> shifted_determinant(fmpq_mat([[2, 0], [0, 3]]), fmpq_mat([[1, 0], [0, 1]]))
    6*x^2 + 5*x + 1
    """
    P = C.nrows()
    chi = B.solve(C).charpoly()  # det(x - B^-1 C)
    signed = [chi[P - k] * (-1) ** k for k in range(P + 1)]  # det(1 + u B^-1 C)
    return fmpq_poly(signed) * B.det()


def balance_function(C: fmpq_mat, Y: fmpq_mat, T: fmpq) -> tuple[fmpq_poly, fmpq_poly]:
    """``b(u)`` in lowest terms as numerator and denominator, the latter positive for u > 0."""
    P = C.nrows()
    u = fmpq_poly([0, 1])
    if T == 0:
        try:
            R = (Y.transpose() * C.solve(Y))[0, 0]
        except ZeroDivisionError:
            raise singular_kernel(P, C.rank()) from None
        return fmpq_poly([R, -P]), u
    shift = fmpq_mat(P, P, [T * (i == j) for i in range(P) for j in range(P)])
    D = shifted_determinant(C, shift)
    tick()
    E = shifted_determinant(C, shift + Y * Y.transpose()) - D  # D Y^T G^-1 Y
    top = u * (E * D.derivative() - E.derivative() * D - D.derivative() * D)
    bottom = D * D
    common = top.gcd(bottom)
    top, bottom = top // common, bottom // common
    sign = 1 if bottom(fmpq(1)) > 0 else -1
    return top * sign, bottom * sign


def stationarity_polynomial(
    shape: PathShape, top: fmpq_poly, bottom: fmpq_poly
) -> tuple[fmpq_poly, list[fmpq_poly]]:
    """The polynomial whose positive roots are wanted, and those that must be positive there."""
    left, right = fmpq_poly([0, 1]), fmpq_poly([1])
    factors = []
    for level, n in enumerate(shape.widths):
        factor = bottom * n + top
        factors.append(factor)
        left = left * bottom * n
        right = right * factor * exact_variance(shape, level + 1)
    return left - right, factors


def positive_roots(poly: fmpq_poly) -> list[NumberFieldElement]:
    """The positive roots as elements of number fields, in increasing order.

    Raises
    ------
    LimitError
        When the degree is above 64.
    """
    if poly.degree() > MAX_DEGREE:
        raise LimitError(
            "find stationary points exactly",
            f"the polynomial has degree {poly.degree()} > {MAX_DEGREE}",
            "use fewer examples, or solve() in floating point",
        )
    found = []
    for factor, _ in poly.factor()[1]:
        for root in range(factor.degree()):
            tick()
            field = NumberField(factor.coeffs(), root)
            if not field.is_real:
                break  # real roots come first
            if field.sign(field.theta) > 0:
                found.append(field.theta)
    return sorted(found, key=lambda theta: float(theta.field.ball(128).real.mid()))


def sturm_count(poly: fmpq_poly) -> int:
    """How many different positive roots a polynomial has, by Sturm's theorem.

    >>> sturm_count(fmpq_poly([2, -3, 1])), sturm_count(fmpq_poly([1, 0, 1]))
    (2, 0)
    """
    return sign_sum(poly, fmpq_poly([1]))


def sign_sum(poly: fmpq_poly, other: fmpq_poly) -> int:
    """The sum of the signs of another polynomial at the different positive roots of one.

    This is Tarski's query: variations of sign of the remainders that start with the polynomial and
    the product of its derivative and the other one, at zero less those at infinity.

    >>> sign_sum(fmpq_poly([2, -3, 1]), fmpq_poly([-3, 2]))
    0
    """
    while poly[0] == 0:
        poly = poly // fmpq_poly([0, 1])
    poly = poly // poly.gcd(poly.derivative())
    chain = [_primitive(poly), _primitive(poly.derivative() * other % poly)]
    while chain[-1].degree() > 0:
        tick()
        # Positive factors change no sign; without them the coefficients grow exponentially.
        chain.append(-_primitive(chain[-2] % chain[-1]))

    def changes(signs: list[fmpq]) -> int:
        kept = [s > 0 for s in signs if s != 0]
        return sum(a != b for a, b in pairwise(kept))

    return changes([p[0] for p in chain]) - changes(
        [p[p.degree()] for p in chain if p.degree() >= 0]
    )


def count_where_positive(poly: fmpq_poly, other: fmpq_poly) -> int:
    """At how many different positive roots of a polynomial another one is positive.

    >>> count_where_positive(fmpq_poly([2, -3, 1]), fmpq_poly([-3, 2]))
    1
    """
    rest = poly // poly.gcd(other)
    return (sign_sum(rest, other) + sturm_count(rest)) // 2


def _primitive(poly: fmpq_poly) -> fmpq_poly:
    """A positive multiple with coprime integer coefficients."""
    numerator = poly.numer()
    content = numerator.content()
    return fmpq_poly(numerator) / content if content != 0 else poly


@dataclass(frozen=True)
class Stationary:
    """What the exact computation finds for one problem."""

    polynomial: fmpq_poly
    roots: list[NumberFieldElement]
    points: list[NumberFieldElement]


def find_points(shape: PathShape, C: fmpq_mat, Y: fmpq_mat, T: fmpq) -> Stationary:
    """Polynomial, its positive roots, and those that are stationary points."""
    top, bottom = balance_function(C, Y, T)
    poly, factors = stationarity_polynomial(shape, top, bottom)
    roots = positive_roots(poly)
    points = []
    for theta in roots:
        tick()
        values = [value_at(factor, theta) for factor in factors]
        if all(theta.field.sign(v) > 0 for v in values):
            points.append(theta)
    return Stationary(poly, roots, points)


def value_at(poly: fmpq_poly, theta: NumberFieldElement) -> NumberFieldElement:
    """The value of a polynomial at theta, in the number field."""
    return NumberFieldElement(theta.field, poly % theta.field.poly)


def action_at(
    shape: PathShape, C: fmpq_mat, Y: fmpq_mat, T: fmpq, theta: NumberFieldElement, precision: int
) -> arb:
    """The action at a stationary point, as a ball.

    There ``U_l / (s_l U_{l+1}) = 1 + b / N_l`` for all l, so that
    ``S = sum_l N_l (1 + b/N_l - ln(1 + b/N_l) - ln s_l) + ln det G + Y^T G^{-1} Y``.
    """
    with ctx.workprec(precision):
        P, u = C.nrows(), theta.field.ball(precision).real
        C_, Y_ = arb_mat(C), arb_mat(Y)
        noise = arb_mat(fmpq_mat(P, P, [T * (i == j) for i in range(P) for j in range(P)]))
        G = C_ * u + noise
        inverse = G.inv()
        r = inverse * Y_
        product = inverse * C_
        trace = sum((product[i, i] for i in range(P)), arb(0))
        b = u * ((r.transpose() * C_ * r)[0, 0] - trace)
        total = G.det().log() + (Y_.transpose() * r)[0, 0]
        for level, n in enumerate(shape.widths):
            ratio = 1 + b / n
            total += n * (ratio - ratio.log() - arb(exact_variance(shape, level + 1)).log())
        return total


def written_action(
    shape: PathShape, C: fmpq_mat, Y: fmpq_mat, T: fmpq, theta: NumberFieldElement, precision: int
) -> arb:
    """The action at a stationary point by another route: term by term, along the chain.

    The levels follow from ``b``, which is taken from its numerator and denominator, and
    ``Y^T G^{-1} Y = det(G + Y Y^T) / det G - 1``.
    """
    top, bottom = balance_function(C, Y, T)
    with ctx.workprec(precision):
        P, u = C.nrows(), theta.field.ball(precision).real
        b = _horner(top, u) / _horner(bottom, u)
        noise = arb_mat(fmpq_mat(P, P, [T * (i == j) for i in range(P) for j in range(P)]))
        G = arb_mat(C) * u + noise
        det = G.det()
        total = det.log() + (G + arb_mat(Y * Y.transpose())).det() / det - 1
        for level, n in enumerate(shape.widths):
            s = arb(exact_variance(shape, level + 1))
            above = u / (s * (1 + b / n))
            total += n * (u / (s * above) - u.log() + above.log())
            u = above
        return total


def _horner(poly: fmpq_poly, x: arb) -> arb:
    total = arb(0)
    for c in reversed(poly.coeffs()):
        total = total * x + arb(c)
    return total


def lowest_point(
    shape: PathShape,
    C: fmpq_mat,
    Y: fmpq_mat,
    T: fmpq,
    points: list[NumberFieldElement],
    action: Callable[..., arb] = action_at,
) -> int | None:
    """The number of the stationary point of smallest action; None when balls do not tell.

    By lemma *one head* of algattn/docs/paths.md the action has a minimum when it has a stationary
    point, so this is the place of its minimum.
    """
    if len(points) < 2:
        return 0 if points else None
    for precision in (128, 256, 512, 1024):
        tick()
        try:
            values = [action(shape, C, Y, T, theta, precision) for theta in points]
        except ZeroDivisionError:
            continue
        for k, value in enumerate(values):
            if all(value < other for j, other in enumerate(values) if j != k):
                return k
    return None
