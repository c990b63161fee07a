"""From sympy to algattn, and whole matrices; :mod:`algattn.exact.to_sympy` is the other way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flint import fmpq

from algattn.errors import FieldError, RingMismatchError
from algattn.exact.fields import QQ, Field
from algattn.exact.matrices import Matrix
from algattn.exact.number_fields import NumberField
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
        raise RingMismatchError(asked, str(error).rstrip("."), "expand it first") from None
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


def quotients_from_sympy(
    items: Sequence[Any],
    names: Sequence[str] | None = None,
    field: Field = QQ,
    generator: str = "theta",
) -> list[tuple[Polynomial, Polynomial | None]]:
    """Sympy expressions as numerators and denominators (None for 1).

    Parameters
    ----------
    items : sequence of sympy.Expr or int
    names : sequence of str, optional
        The variables; all symbols by name unless given.
    field : QQ, GF(p) or NumberField
        Over a number field the ring is over QQ, and numbers such as ``sqrt(2)`` are polynomials in
        its last variable, the generator.
    generator : str
        The name of that variable.

    Raises
    ------
    RingMismatchError, FieldError
        For expressions that are no quotients of polynomials over the field.

    Examples
    --------
    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> quotients_from_sympy([x * y, 1 / (y + 1)])
    [(x*y, None), (1, y + 1)]
    >>> quotients_from_sympy([sympy.sqrt(2) * x], field=NumberField([-2, 0, 1], 1))
    [(x*theta, None)]
    """
    import sympy

    asked = "read sympy expressions"
    expressions = []
    for item in items:
        if not isinstance(item, sympy.Expr | int):
            hint = (
                "write the fraction as a text" if isinstance(item, float) else "texts such as 'a*b'"
            )
            wrong = f"{quoted(item)} is a {type(item).__name__}"
            raise RingMismatchError(asked, wrong, f"{hint}, or sympy expressions")
        expressions.append(sympy.Integer(item) if isinstance(item, int) else item)
    extended = isinstance(field, NumberField)
    if names is None:
        names = sorted({x.name for e in expressions for x in e.free_symbols} - {generator})
    names = [x for x in names if x != generator] if extended else names
    if not names:
        raise RingMismatchError(asked, "there is no symbol in them", "give polynomials")
    if extended:
        ring = PolynomialRing(QQ, (*names, generator))
    else:
        ring = PolynomialRing(field, tuple(names))

    def read(expression: Any) -> Polynomial:
        if extended:
            return _with_algebraic_numbers(ring, expression, field)
        return polynomial_from_sympy(ring, expression)

    gens = sympy.symbols(list(ring.names))
    pairs: list[tuple[Polynomial, Polynomial | None]] = []
    for e in expressions:
        if e.is_polynomial(*gens):
            pairs.append((read(e), None))
        else:
            top, bottom = sympy.fraction(sympy.together(e))
            pairs.append((read(top), read(bottom)))
    return pairs


def _with_algebraic_numbers(ring: PolynomialRing, expression: Any, field: Any) -> Polynomial:
    """A polynomial whose coefficients lie in a number field; its generator is the last variable."""
    import sympy

    asked = f"read a sympy expression over {field}"
    if floats := expression.atoms(sympy.Float):
        raise FieldError(asked, f"the coefficient {min(floats)} is a float", "rational numbers")
    root = number_to_sympy(field, field.theta)
    gens = sympy.symbols(list(ring.names))
    try:
        poly = sympy.Poly(sympy.expand(expression), *gens, extension=root)
    except (sympy.PolynomialError, sympy.polys.polyerrors.CoercionFailed, NotImplementedError):
        raise RingMismatchError(
            asked, f"{quoted(expression)} is no polynomial over it", "another field"
        ) from None
    if poly.domain not in (sympy.ZZ, sympy.QQ, sympy.QQ.algebraic_field(root)):
        raise FieldError(asked, f"a coefficient is in {poly.domain}", "a larger number field")
    terms = []
    for exponents, c in poly.rep.to_dict().items():
        listed = c.to_list()[::-1] if hasattr(c, "to_list") else [c]
        for k, x in enumerate(listed):
            *rest, e = map(int, exponents)
            terms.append(((*rest, e + k), QQ(fmpq(int(x.numerator), int(x.denominator)))))
    return ring.from_terms(terms)


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
