"""Irreducible polynomials over QQ, prime fields and number fields."""

from __future__ import annotations

from algattn.exact.fields import Field
from algattn.exact.number_fields import NumberField
from algattn.exact.polynomials import Polynomial


def irreducible(poly: Polynomial, field: Field | None = None) -> bool:
    """Whether a polynomial is seen to be irreducible over a field, that of its ring unless given.

    Over QQ(theta), with theta the last variable: by its norm, which is a product where the
    polynomial is one.  First one variable is moved by multiples of theta, so that the conjugates
    are different; False may also mean that a few multiples did not do that.

    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y, theta = PolynomialRing(QQ, ("x", "y", "theta")).gens()
    >>> root = NumberField([-2, 0, 1])
    >>> irreducible(x * x - y * y * 2), irreducible(x * x - y * y * 2, root)
    (True, False)
    >>> irreducible(x * x - y * y * theta, root)
    True
    """
    if not isinstance(field, NumberField):
        return sum(m for _, m in poly.factor()[1]) == 1
    *gens, theta = poly.ring.gens()
    degrees = {j: int(d) for j, d in enumerate(poly.flint.degrees()[:-1]) if d}
    if not degrees:
        return False
    modulus = sum((theta**k * c for k, c in enumerate(field.modulus)), poly.ring(0))
    place = min(degrees, key=lambda j: degrees[j])
    for shift in range(3):
        images = [y + theta * shift if j == place else y for j, y in enumerate(gens)]
        moved = poly.compose(*images, theta)
        norm = Polynomial(poly.ring, modulus.flint.resultant(moved.flint, poly.ring.names[-1]))
        if norm and irreducible(norm):
            return True
    return False
