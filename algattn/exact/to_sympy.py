"""Numbers and polynomials as sympy expressions."""

from __future__ import annotations

from typing import Any

from algattn.exact.fields import QQ, Field
from algattn.exact.number_fields import NumberField


def number_to_sympy(field: Field, value: Any) -> Any:
    """An element of a field as a sympy number (an algebraic number becomes a ``CRootOf`` sum)."""
    import sympy

    if isinstance(field, NumberField):
        x = sympy.Symbol("x")
        modulus = sum(number_to_sympy(QQ, c) * x**k for k, c in enumerate(field.modulus))
        poly = sympy.Poly(modulus, x)
        ball = field.ball(128)
        target = complex(float(ball.real.mid()), float(ball.imag.mid()))
        root = min(poly.all_roots(), key=lambda r: abs(complex(r.evalf(30)) - target))
        return sum(
            number_to_sympy(QQ, c) * root**k for k, c in enumerate(field(value).poly.coeffs())
        )
    if field.characteristic:
        return sympy.Integer(field.to_python(value))
    x = QQ(value)
    return sympy.Rational(int(x.p), int(x.q))


def polynomial_to_sympy(poly: Any) -> Any:
    """A :class:`~algattn.exact.Polynomial` as a sympy expression in symbols of the same names.

    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> polynomial_to_sympy(x * y - 1)
    x*y - 1
    """
    import sympy

    gens = sympy.symbols(list(poly.ring.names))
    if poly.ring.field.characteristic:
        domain: Any = sympy.GF(poly.ring.field.characteristic)
        terms = {e: poly.ring.field.to_python(c) for e, c in poly.terms()}
        return sympy.Poly(terms or {(0,) * len(gens): 0}, *gens, domain=domain)
    terms = {e: number_to_sympy(poly.ring.field, c) for e, c in poly.terms()}
    return sympy.Poly(terms or {(0,) * len(gens): 0}, *gens).as_expr()
