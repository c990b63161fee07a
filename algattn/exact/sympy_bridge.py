"""From sympy to algattn, and whole matrices; :mod:`algattn.exact.to_sympy` is the other way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from algattn.errors import FieldError, RingMismatchError
from algattn.exact.fields import QQ, Field
from algattn.exact.matrices import Matrix
from algattn.exact.polynomials import Polynomial, PolynomialRing
from algattn.exact.to_sympy import number_to_sympy, polynomial_to_sympy
from algattn.words import quoted


def polynomial_from_sympy(ring: PolynomialRing, expression: Any) -> Polynomial:
    """A sympy expression (or ``Poly``) as a polynomial of `ring`.

    Raises
    ------
    RingMismatchError
        When it is not a polynomial in the variables of the ring with coefficients in its field.
    """
    import sympy

    gens = sympy.symbols(list(ring.names))
    asked = f"read a sympy expression in {ring}"
    try:
        poly = sympy.Poly(getattr(expression, "as_expr", lambda: expression)(), *gens)
    except sympy.PolynomialError as error:
        raise RingMismatchError(asked, str(error), "expand it first") from None
    terms = []
    for exponents, c in poly.terms():
        if not (c.is_Rational or c.is_Integer):
            raise FieldError(asked, f"the coefficient {c} is not rational", "use rational numbers")
        terms.append((tuple(int(e) for e in exponents), ring.field(QQ(c))))
    return ring.from_terms(terms)


def matrix_to_sympy(matrix: Matrix) -> Any:
    """A matrix as a sympy matrix."""
    import sympy

    return sympy.Matrix([[number_to_sympy(matrix.field, x) for x in row] for row in matrix.rows])


def matrix_from_sympy(field: Field, matrix: Any) -> Matrix:
    """A sympy matrix of rational numbers as an exact matrix."""
    m, n = matrix.shape
    rows: Sequence[Sequence[Any]] = [[matrix[i, j] for j in range(n)] for i in range(m)]
    return Matrix(field, rows, (m, n))


def polynomials_from_sympy(
    items: Sequence[Any], names: Sequence[str] | None = None, field: Field = QQ
) -> list[Polynomial]:
    """Sympy expressions as polynomials in the variables given, or all their symbols by name.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> polynomials_from_sympy([x * y, y + 1])
    [x*y, y + 1]
    """
    import sympy

    asked = "read sympy expressions"
    expressions = []
    for item in items:
        if not isinstance(item, sympy.Expr | int):
            raise RingMismatchError(
                asked, f"{quoted(item)} is {type(item).__name__}", "give sympy expressions"
            )
        expressions.append(sympy.Integer(item) if isinstance(item, int) else item)
    if names is None:
        names = sorted({x.name for e in expressions for x in e.free_symbols})
    if not names:
        raise RingMismatchError(asked, "there is no symbol in them", "give polynomials")
    ring = PolynomialRing(field, tuple(names))
    return [polynomial_from_sympy(ring, e) for e in expressions]


def sympy_groebner(polys: Sequence[Polynomial], ring: PolynomialRing) -> list[Polynomial]:
    """The reduced Groebner basis of nonzero polynomials by sympy, in the order of `ring`.

    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> sympy_groebner([x**2 - y, x * y - 1], x.ring)
    [x^2 - y, x*y - 1, y^2 - x]
    """
    import sympy

    gens = sympy.symbols(list(ring.names))
    p = ring.field.characteristic
    domain: Any = sympy.GF(p) if p else sympy.QQ
    order = {"degrevlex": "grevlex", "deglex": "grlex", "lex": "lex"}[ring.order]
    given = [sympy.Poly(polynomial_to_sympy(f), *gens).as_expr() for f in polys if f]
    if not given:
        return []
    basis = sympy.groebner(given, *gens, order=order, domain=domain)
    return [polynomial_from_sympy(ring, g) for g in basis.polys if not g.is_zero]
