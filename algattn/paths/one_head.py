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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, ClassVar

from flint import fmpq, fmpq_mat, fmpq_poly

from algattn.errors import FieldError, HypothesisError, LimitError
from algattn.exact import Matrix
from algattn.exact.fields import QQ, parse_rational
from algattn.exact.number_fields import NumberField, NumberFieldElement
from algattn.paths.arrays import exact_rows, rational_data
from algattn.paths.inputs import exact_labels
from algattn.paths.rational import exact_variance, singular_kernel
from algattn.paths.shape import PathShape
from algattn.results import Claim, Evidence, Outline, Result, Status

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
    while poly[0] == 0:
        poly = poly // fmpq_poly([0, 1])
    poly = poly // poly.gcd(poly.derivative())
    chain = [poly, poly.derivative()]
    while chain[-1].degree() > 0:
        chain.append(-(chain[-2] % chain[-1]))

    def changes(signs: list[fmpq]) -> int:
        kept = [s > 0 for s in signs if s != 0]
        return sum(a != b for a, b in pairwise(kept))

    return changes([p[0] for p in chain]) - changes(
        [p[p.degree()] for p in chain if p.degree() >= 0]
    )


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
        values = [_at(factor, theta) for factor in factors]
        if all(theta.field.sign(v) > 0 for v in values):
            points.append(theta)
    return Stationary(poly, roots, points)


def _at(poly: fmpq_poly, theta: NumberFieldElement) -> NumberFieldElement:
    return NumberFieldElement(theta.field, poly % theta.field.poly)


def read_problem(problem: Mapping[str, Any]) -> tuple[PathShape, fmpq_mat, fmpq_mat, fmpq]:
    """Shape, kernel, labels and temperature from the JSON of a problem."""
    shape = PathShape.from_data(problem["shape"])
    C = fmpq_mat([[QQ(v) for v in row] for row in problem["kernel"]])
    Y = exact_labels(list(problem["labels"]), C.nrows())
    return shape, C, Y, QQ(problem["temperature"])


def describe(theta: NumberFieldElement) -> dict[str, Any]:
    """A root as JSON data: minimal polynomial, number of the root, 30 digits."""
    data: dict[str, Any] = theta.field.to_data()
    return data | {"approx": theta.field.ball(160).real.str(30, radius=False)}


@dataclass(frozen=True)
class Evaluated(Evidence):
    """The polynomial against the stationarity equation itself, at more points than its degree."""

    kind: ClassVar[str] = "path_one_head.evaluated"
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        shape, C, Y, T = read_problem(problem)
        poly = fmpq_poly([QQ(v) for v in claim.value])
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


@dataclass(frozen=True)
class Isolated(Evidence):
    """The positive roots counted by Sturm's theorem, and the signs at each decided exactly."""

    kind: ClassVar[str] = "path_one_head.isolated"
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        found = find_points(*read_problem(problem))
        if sturm_count(found.polynomial) != len(found.roots):
            raise self.fail("the number of positive roots is not Sturm's")
        described = [describe(theta) for theta in found.points]
        if [dict(point) for point in claim.value] != [_tuples(d) for d in described]:
            raise self.fail("the stationary points come out differently")


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}


@dataclass(frozen=True, repr=False)
class OneHeadResult(Result):
    """All stationary points of the action of a network with one head per layer.

    Attributes
    ----------
    value : tuple of mappings
        One for each point, increasing: minimal polynomial (``modulus``), number of the root,
        ``approx``.
    """

    kind: ClassVar[str] = "path_one_head.points"
    title: ClassVar[str] = "Stationary points"

    @classmethod
    def outline(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(detail) != {"polynomial"}:
            return ()
        return (
            Outline(
                "polynomial",
                "every stationary u is a root of this polynomial",
                detail["polynomial"],
            ),
            Outline("points", f"there are exactly {len(value)} stationary points u > 0", value),
        )

    @property
    def points(self) -> list[NumberFieldElement]:
        """The values of u as algebraic numbers."""
        fields = [NumberField.from_data({k: p[k] for k in ("modulus", "root")}) for p in self.value]
        return [field.theta for field in fields]

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
        return f"The action has {count} {name}: u = {where} (polynomial of degree {degree})"

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
        PROVED.

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
    """
    asked = "find stationary points exactly"
    rows = C.rows if isinstance(C, Matrix) else exact_rows(C, asked)
    if len(rows) != len(rows[0]) or any(
        rows[i][j] != rows[j][i] for i in range(len(rows)) for j in range(i)
    ):
        raise HypothesisError(asked, "the kernel is not symmetric", "give a Gram matrix")
    mat = fmpq_mat(rows)
    P = mat.nrows()
    chi = mat.charpoly()
    if any(chi[P - k] * (-1) ** k < 0 for k in range(P + 1)):
        raise HypothesisError(
            asked, "the kernel is not positive semidefinite", "give a Gram matrix"
        )
    try:
        T = parse_rational(temperature, asked)
    except FieldError as error:
        raise FieldError(asked, error.wrong, error.hint) from None
    if T < 0:
        raise HypothesisError(asked, f"the temperature {T} is negative", "give T >= 0")
    labels = exact_labels(Y, P)
    shape = PathShape((1,) * (len(widths) - 1), widths, variances)
    found = find_points(shape, mat, labels, T)
    polynomial = [QQ.format(c) for c in found.polynomial.coeffs()]
    return OneHeadResult.assemble(
        {
            "shape": shape.to_data(),
            "kernel": rational_data(rows),
            "labels": [QQ.format(labels[i, 0]) for i in range(P)],
            "temperature": QQ.format(T),
        },
        [describe(theta) for theta in found.points],
        {"polynomial": [Evaluated()], "points": [Isolated()]},
        detail={"polynomial": polynomial},
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
