"""Simple number fields QQ(theta): theta is a root, singled out by a ball, of a minimal polynomial.

They appear where weights of a rational function are irrational: ``x^2 - 2y^2`` is a product of
two linear forms only over QQ(sqrt 2).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from flint import acb, arb, ctx, fmpq, fmpq_poly, nmod_poly

from algattn.errors import FieldError, InputError
from algattn.exact.fields import GF, QQ, Field, parse_rational
from algattn.words import quoted

_MAX_DEGREE = 64


def _power_sums(coeffs: Sequence[fmpq]) -> str:
    terms = []
    for k, c in enumerate(coeffs):
        if c != 0:
            theta = "" if k == 0 else "θ" if k == 1 else f"θ^{k}"
            sign = {"1": "", "-1": "-"}.get(str(c), f"{c}*")
            terms.append(f"{sign}{theta}" if theta else str(c))
    return " + ".join(terms).replace("+ -", "- ") or "0"


@dataclass(frozen=True)
class NumberField(Field):
    """QQ(theta).

    Parameters
    ----------
    modulus : sequence of rationals
        The minimal polynomial of theta, constant term first; made monic; must be irreducible.
    root : int
        Which root theta is, in the order: real roots from left to right, then the others by real
        part, then by imaginary part.

    Examples
    --------
    >>> K = NumberField([-2, 0, 1], root=1)
    >>> K.theta ** 2
    2
    >>> K.sign(K.theta - 1)
    1
    """

    modulus: tuple[Fraction | int, ...]
    root: int

    def __init__(self, modulus: Sequence[Any], root: int = 0) -> None:
        coeffs = [parse_rational(c) for c in modulus]
        asked = "make a number field"
        if not 2 <= len(coeffs) <= _MAX_DEGREE + 1 or coeffs[-1] == 0:
            raise FieldError(
                asked, f"the minimal polynomial {modulus} is unfit", "give one of degree >= 1"
            )
        poly = fmpq_poly([c / coeffs[-1] for c in coeffs])
        factors = poly.factor()[1]
        if len(factors) != 1 or factors[0][1] != 1:
            raise FieldError(asked, f"{poly} is reducible", "give one of its factors")
        object.__setattr__(self, "modulus", tuple(QQ.to_python(c) for c in poly.coeffs()))
        if not 0 <= root < poly.degree():
            raise FieldError(asked, f"there is no root number {root}", f"0..{poly.degree() - 1}")
        object.__setattr__(self, "root", root)

    def __reduce__(self) -> Any:
        return NumberField, (self.modulus, self.root)  # what is cached does not pickle

    @property
    def characteristic(self) -> int:  # type: ignore[override]
        """Always 0."""
        return 0

    @property
    def degree(self) -> int:
        """The degree over QQ."""
        return len(self.modulus) - 1

    @cached_property
    def poly(self) -> fmpq_poly:
        """The minimal polynomial of theta as FLINT's polynomial."""
        return fmpq_poly([parse_rational(c) for c in self.modulus])

    @property
    def theta(self) -> NumberFieldElement:
        """The root that generates the field."""
        return NumberFieldElement(self, fmpq_poly([0, 1]) % self.poly)

    def ball(self, precision: int = 64) -> acb:
        """A complex ball that contains theta and no other root."""
        return _ordered_roots(self.modulus, precision)[self.root]

    @property
    def is_real(self) -> bool:
        """Whether theta is a real number."""
        return bool(self.ball().imag == 0)

    def __call__(self, value: Any) -> NumberFieldElement:
        if isinstance(value, NumberFieldElement):
            if value.field != self:
                raise FieldError(f"read a number of {self}", f"it lies in {value.field}", "convert")
            return value
        if isinstance(value, list | tuple):
            coeffs = [parse_rational(c) for c in value]
            return NumberFieldElement(self, fmpq_poly(coeffs) % self.poly)
        return NumberFieldElement(self, fmpq_poly([parse_rational(value)]))

    def roots_modulo(self, prime: int) -> list[tuple[int, int]]:
        """The roots of the minimal polynomial modulo a prime, with multiplicities, in order.

        >>> NumberField([-2, 0, 1]).roots_modulo(7), NumberField([-2, 0, 1]).roots_modulo(5)
        ([(3, 1), (4, 1)], [])
        """
        field = GF(prime)
        found = nmod_poly([int(field(c)) for c in self.modulus], prime).roots()
        return sorted((int(r), int(times)) for r, times in found)

    def embed(self, element: Any, precision: int = 64) -> acb:
        """The element as a complex ball."""
        theta, total = self.ball(precision), acb(0)
        with ctx.workprec(precision):
            for c in reversed(self(element).poly.coeffs()):
                total = total * theta + acb(arb(c))
        return total

    def sign(self, element: Any) -> int:
        """The sign of a real element: -1, 0 or 1, decided exactly."""
        x = self(element)
        if x == 0:
            return 0
        if not self.is_real:
            raise FieldError(f"find a sign in {self}", "the field is not real", "use a real root")
        precision = 64
        while True:
            value = self.embed(x, precision).real
            if value > 0:
                return 1
            if value < 0:
                return -1
            precision *= 2

    def to_python(self, element: Any) -> Any:
        x = self(element)
        if x.poly.degree() <= 0:
            return QQ.to_python(x.poly[0])
        return x

    def format(self, element: Any) -> Any:
        return [QQ.format(c) for c in self(element).poly.coeffs()]

    def to_data(self) -> dict[str, Any]:
        return {"modulus": [QQ.format(c) for c in self.modulus], "root": self.root}

    @staticmethod
    def from_data(data: Any) -> NumberField:
        """The field from JSON data; the inverse of :meth:`to_data`."""
        given = data if isinstance(data, Mapping) else {}
        modulus, root = given.get("modulus"), given.get("root")
        if (
            set(given) != {"modulus", "root"}
            or not isinstance(modulus, list | tuple)
            or type(root) is not int
        ):
            raise InputError(
                "read a number field",
                f"{quoted(data)} is not one",
                'write {"modulus": [-2, 0, 1], "root": 1}',
            )
        return NumberField(modulus, root)

    def __repr__(self) -> str:
        ball = self.ball()
        real, imaginary = float(ball.real.mid()), float(ball.imag.mid())
        theta = f"{real:.5g}" if self.is_real else f"{complex(real, imaginary):.5g}"
        equation = _power_sums([parse_rational(c) for c in self.modulus])
        return f"QQ(θ) with {equation} = 0, θ ≈ {theta}"


@lru_cache(maxsize=256)
def _ordered_roots(modulus: tuple[Any, ...], precision: int) -> list[acb]:
    with ctx.workprec(precision):
        found: Any = fmpq_poly([parse_rational(c) for c in modulus]).numer().complex_roots()
    roots = [r for r, _ in found]
    real = sorted((r for r in roots if r.imag == 0), key=lambda r: float(r.real.mid()))
    other = sorted(
        (r for r in roots if r.imag != 0),
        key=lambda r: (float(r.real.mid()), float(r.imag.mid())),
    )
    return real + other


class NumberFieldElement:
    """An element of a :class:`NumberField`: a polynomial in theta of lower degree."""

    __slots__ = ("field", "poly")

    def __init__(self, field: NumberField, poly: fmpq_poly) -> None:
        self.field = field
        self.poly = poly

    def _other(self, value: Any) -> fmpq_poly | None:
        if isinstance(value, NumberFieldElement):
            if value.field is not self.field and value.field != self.field:
                raise FieldError("combine numbers", f"{self.field} is not {value.field}", "convert")
            return value.poly
        try:
            return fmpq_poly([parse_rational(value)])
        except FieldError:
            return None

    def _make(self, poly: fmpq_poly) -> NumberFieldElement:
        return NumberFieldElement(self.field, poly)

    def __add__(self, value: Any) -> NumberFieldElement:
        other = self._other(value)
        return NotImplemented if other is None else self._make(self.poly + other)

    __radd__ = __add__

    def __sub__(self, value: Any) -> NumberFieldElement:
        other = self._other(value)
        return NotImplemented if other is None else self._make(self.poly - other)

    def __rsub__(self, value: Any) -> NumberFieldElement:
        other = self._other(value)
        return NotImplemented if other is None else self._make(other - self.poly)

    def __mul__(self, value: Any) -> NumberFieldElement:
        other = self._other(value)
        if other is None:
            return NotImplemented
        return self._make((self.poly * other) % self.field.poly)

    __rmul__ = __mul__

    def __neg__(self) -> NumberFieldElement:
        return self._make(-self.poly)

    def inverse(self) -> NumberFieldElement:
        """One divided by the element."""
        if not self:
            raise ZeroDivisionError("division by zero in a number field")
        gcd, s, _ = self.poly.xgcd(self.field.poly)
        return self._make((s / gcd[0]) % self.field.poly)

    def __truediv__(self, value: Any) -> NumberFieldElement:
        other = self._other(value)
        return NotImplemented if other is None else self * self._make(other).inverse()

    def __rtruediv__(self, value: Any) -> NumberFieldElement:
        other = self._other(value)
        return NotImplemented if other is None else self._make(other) * self.inverse()

    def __pow__(self, n: int) -> NumberFieldElement:
        base, out = (self.inverse(), self.field.one) if n < 0 else (self, self.field.one)
        for bit in bin(abs(n))[2:]:
            out = out * out
            if bit == "1":
                out = out * base
        return out  # type: ignore[no-any-return]

    def __eq__(self, value: object) -> bool:
        if isinstance(value, NumberFieldElement) and value.field != self.field:
            return False
        other = self._other(value)
        return other is not None and bool(self.poly == other)

    def __hash__(self) -> int:
        coeffs = self.poly.coeffs()
        if len(coeffs) <= 1:  # rational elements hash like the rationals they equal
            return hash(QQ.to_python(coeffs[0]) if coeffs else 0)
        return hash((self.field, tuple(str(c) for c in coeffs)))

    def __bool__(self) -> bool:
        return self.poly.degree() >= 0

    def __repr__(self) -> str:
        return _power_sums(self.poly.coeffs())

    def __reduce__(self) -> Any:
        return NumberField.__call__, (self.field, tuple(self.field.format(self)))
