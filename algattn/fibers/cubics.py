"""Linear factors of a rational cubic form over the complex numbers, exactly.

Over QQ the form is factored by FLINT.  A rational factor of degree two splits further only when
its rank is two (over a quadratic field); an irreducible cubic only when it is a norm form, the
product of three conjugate lines over a cubic field.  On a line that meets ``f = 0`` in three
different points every linear factor vanishes at one of them and is proportional to the gradient
there: so one root field and one division decide.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from flint import fmpq_poly

from algattn.errors import UndecidedError
from algattn.exact import QQ, Field, Matrix, NumberField, Polynomial, PolynomialRing
from algattn.fibers.layer_invariants import Vector, split_quadratic, symmetric_product


@dataclass(frozen=True)
class LinearFactor:
    """``f(x) = (form.x) * quotient(x)`` over ``field``; the quotient is a symmetric matrix."""

    field: Field
    form: Vector
    quotient: Matrix


def cubic_ring(d: int) -> PolynomialRing:
    """QQ[x_1..x_d]."""
    return PolynomialRing(QQ, tuple(f"x_{i + 1}" for i in range(d)))


def linear_vector(form: Polynomial) -> list[Any]:
    """The coefficients of a linear form."""
    n = len(form.ring.names)
    out = [QQ(0)] * n
    for exponents, c in form.terms():
        out[exponents.index(1)] = c
    return out


def quadratic_matrix(form: Polynomial) -> Matrix:
    """The symmetric matrix of a quadratic form."""
    n = len(form.ring.names)
    rows = [[QQ(0)] * n for _ in range(n)]
    for exponents, c in form.terms():
        i, j = [m for m, e in enumerate(exponents) for _ in range(e)]
        rows[i][j] += c / 2
        rows[j][i] += c / 2
    return Matrix(QQ, rows)


def linear_factors(cubic: Polynomial) -> list[LinearFactor]:
    """The linear factors of a nonzero rational cubic form, each once, conjugates apart.

    >>> x, y = cubic_ring(2).gens()
    >>> for f in linear_factors(x**3 - 2 * y**3):
    ...     print(f.field)
    QQ(θ) with -2 + θ^3 = 0, θ ≈ 1.2599
    QQ(θ) with -2 + θ^3 = 0, θ ≈ -0.62996-1.0911j
    QQ(θ) with -2 + θ^3 = 0, θ ≈ -0.62996+1.0911j
    """
    constant, factors = cubic.factor()
    scale = QQ(constant)
    out: list[LinearFactor] = []
    lines = [(f, m) for f, m in factors if f.degree() == 1]
    for line, _ in lines:
        quotient = cubic.divide(line)
        assert quotient is not None
        out.append(LinearFactor(QQ, linear_vector(line), quadratic_matrix(quotient)))
    for f, _ in factors:
        if f.degree() == 2 and (form := quadratic_matrix(f)).rank() == 2:
            K, x, y = split_quadratic(form)
            assert isinstance(K, NumberField)  # rational splittings were found by factoring
            v = [scale * c for c in linear_vector(lines[0][0])]
            for root in (0, 1):
                L = NumberField(K.modulus, root)
                left, right = _move(L, x), _move(L, y)
                rest = symmetric_product(right, [L(c) for c in v], L)
                out.append(LinearFactor(L, left, rest))
        elif f.degree() == 3:
            out.extend(_norm_form(cubic))
    return out


def _move(L: NumberField, vector: Sequence[Any]) -> Vector:
    """The same expressions in theta, for another root."""
    return [L(c.poly.coeffs()) for c in vector]


def section_line(cubic: Polynomial, seed: int = 0) -> tuple[list[int], list[int], fmpq_poly]:
    """``(p, w, g)`` with ``g(s) = cubic(p + s w)`` squarefree of degree three.

    Exists exactly when the cubic has no multiple factor.
    """
    n = len(cubic.ring.names)
    for p, w in _lines(n, seed):
        g = restrict(cubic, p, w)
        if g.degree() == 3 and g.gcd(g.derivative()).degree() == 0:
            return p, w, g
    raise AssertionError("unreachable: there are infinitely many lines")


def _lines(n: int, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    """Coordinate lines first (they give the simplest numbers), then random ones."""
    if seed == 0:
        units = [[int(i == j) for j in range(n)] for i in range(n)]
        yield from ((units[j], units[i]) for i in range(n) for j in range(n) if i != j)
    rng = random.Random(f"algattn line {seed}")
    for size in count(2):
        p, w = ([rng.randint(-size, size) for _ in range(n)] for _ in range(2))
        yield p, w


def restrict(form: Polynomial, p: Sequence[int], w: Sequence[int]) -> fmpq_poly:
    """``form(p + s w)`` as a polynomial in s."""
    lines = [fmpq_poly([a, b]) for a, b in zip(p, w, strict=True)]
    total = fmpq_poly([])
    for exponents, c in form.terms():
        term = fmpq_poly([c])
        for line, e in zip(lines, exponents, strict=True):
            term *= line**e
        total += term
    return total


def gradient_at(cubic: Polynomial, point: Sequence[Any], field: Field) -> Vector:
    """The gradient of the cubic at a point over a field."""
    return [evaluate(cubic.derivative(name), point, field) for name in cubic.ring.names]


def evaluate(form: Polynomial, point: Sequence[Any], field: Field) -> Any:
    total = field.zero
    for exponents, c in form.terms():
        term = field(c)
        for x, e in zip(point, exponents, strict=True):
            if e:
                term = term * x**e
        total = total + term
    return total


def divide_by_line(cubic: Polynomial, form: Vector, field: Field) -> Matrix | None:
    """The symmetric matrix of ``cubic / form``, or None when the line is no factor.

    Solved coefficient by coefficient from a variable that occurs in the line.
    """
    n = len(cubic.ring.names)
    p = next(i for i, x in enumerate(form) if x != 0)
    inverse = field.one / form[p]
    rest: dict[tuple[int, ...], Any] = {e: field(c) for e, c in cubic.terms()}
    quotient: dict[tuple[int, ...], Any] = {}
    # Highest powers of x_p first: each step removes the terms with the largest one.
    for power in (3, 2, 1):
        for e in [e for e in rest if e[p] == power]:
            c = rest.pop(e)
            if c == 0:
                continue
            low = tuple(x - (i == p) for i, x in enumerate(e))
            q = c * inverse
            quotient[low] = quotient.get(low, field.zero) + q
            for i in range(n):
                if i != p and form[i] != 0:
                    key = tuple(x + (m == i) for m, x in enumerate(low))
                    rest[key] = rest.get(key, field.zero) - q * form[i]
    if any(c != 0 for c in rest.values()):
        return None
    rows = [[field.zero] * n for _ in range(n)]
    half = field.one / 2
    for e, c in quotient.items():
        i, j = [m for m, x in enumerate(e) for _ in range(x)]
        rows[i][j] = rows[i][j] + c * half
        rows[j][i] = rows[j][i] + c * half
    return Matrix(field, rows)


def _norm_form(cubic: Polynomial) -> list[LinearFactor]:
    """The three conjugate lines of a rational irreducible cubic, when it has them."""
    for seed in range(1000):
        p, w, g = section_line(cubic, seed)
        if len(g.factor()[1]) == 1:  # almost every line, by Hilbert's irreducibility theorem
            break
    else:
        raise UndecidedError(
            f"factor {cubic}", "every line tried meets it in a rational point", "report this"
        )
    coeffs = [QQ.to_python(c) for c in g.coeffs()]
    out = []
    for root in range(3):
        K = NumberField(coeffs, root)
        point = [K(a) + K.theta * b for a, b in zip(p, w, strict=True)]
        form = gradient_at(cubic, point, K)
        quotient = divide_by_line(cubic, form, K)
        if quotient is None:
            return []
        out.append(LinearFactor(K, form, quotient))
    return out


def has_no_linear_factor(cubic: Polynomial, p: Sequence[int], w: Sequence[int]) -> bool:
    """Whether the line ``p + s w`` proves that the cubic has no linear factor over C.

    It does when it meets the cubic in three different points and at none of them the gradient,
    the only candidate for a linear factor through that point, divides the cubic.
    """
    g = restrict(cubic, p, w)
    if g.degree() != 3 or g.gcd(g.derivative()).degree() != 0:
        return False
    for factor, _ in g.factor()[1]:
        K = NumberField([QQ.to_python(c) for c in factor.coeffs()], 0)
        point = [K(a) + K.theta * b for a, b in zip(p, w, strict=True)]
        form = gradient_at(cubic, point, K)
        if all(x == 0 for x in form) or divide_by_line(cubic, form, K) is not None:
            return False
    return True
