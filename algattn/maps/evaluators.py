"""Values and first derivatives of polynomials over any commutative ring.

An :class:`Evaluator` knows the coordinates of a map at values of any ring; so a network need never
be expanded.  Polynomials that are at hand are one (:class:`Expanded`).  Derivatives come from the
ring of jets (values with derivatives), unless an evaluator has a quicker way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import acb, arb, ctx, fmpq, fmpz, nmod

from algattn.arguments import checked
from algattn.errors import FieldError, HypothesisError, InputError
from algattn.exact import GF, QQ, Field, NumberField, NumberFieldElement, Polynomial, PolynomialRing
from algattn.exact.fields import PrimeField, RationalField, parse_rational
from algattn.maps.compiled import FEWEST, LARGEST, MANY, MOST, Compiled
from algattn.words import quoted

__all__ = ["After", "Evaluator", "Expanded", "Jet", "Row", "divided", "in_one_ring", "residue"]

#: A row of a Jacobian: what is not zero, by the number of the parameter.
Row = dict[int, Any]


class Jet:
    """A value with its derivatives by some parameters.

    >>> x, y = Jet(3, {0: 1}), Jet(5, {1: 1})
    >>> (x * y + 2 * x**2).value, sorted((x * y + 2 * x**2).tangent.items())
    (33, [(0, 17), (1, 3)])
    """

    __slots__ = ("tangent", "value")

    def __init__(self, value: Any, tangent: Row) -> None:
        self.value, self.tangent = value, tangent

    def __add__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value + other, self.tangent)
        tangent = dict(self.tangent)
        for j, t in other.tangent.items():
            tangent[j] = tangent[j] + t if j in tangent else t
        return Jet(self.value + other.value, tangent)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return self * -1

    def __sub__(self, other: Any) -> Jet:
        return self.__add__(other * -1)

    def __rsub__(self, other: Any) -> Jet:
        return (self * -1).__add__(other)

    def __mul__(self, other: Any) -> Jet:
        if not isinstance(other, Jet):
            return Jet(self.value * other, {j: t * other for j, t in self.tangent.items()})
        right = Jet(self.value * other.value, {j: t * self.value for j, t in other.tangent.items()})
        return right + Jet(0, {j: t * other.value for j, t in self.tangent.items()})

    __rmul__ = __mul__

    def __pow__(self, n: int) -> Jet:
        if n == 0:
            return Jet(self.value**0, {})
        slope = self.value ** (n - 1) * n
        return Jet(self.value**n, {j: t * slope for j, t in self.tangent.items()})


def _exact(x: Any) -> bool:
    return (
        isinstance(x, int | Fraction | str | fmpq | fmpz)
        or getattr(x, "is_Rational", False) is True  # sympy, without importing it
        or (hasattr(x, "__index__") and not getattr(x, "ndim", 0))
    )


def _float(x: Any) -> bool:
    return isinstance(x, float | complex) or type(x).__module__ == "numpy"


def _like(number: Any, other: Any) -> Any:
    """A rational number in the ring of another element, or as a Python number."""
    x = parse_rational(number)
    if isinstance(other, Polynomial):
        return other.ring(x)
    if isinstance(other, arb | acb):
        return type(other)(x)
    plain = QQ.to_python(x)
    return float(plain) if _float(other) else plain


def in_one_ring(values: Iterable[Any], field: Field) -> list[Any]:
    """The values as elements of one ring: of the field where all are exact, else of that of others.

    Raises
    ------
    FieldError, InputError, RingMismatchError
        For what is no element of a ring, or of another one than the rest.

    Examples
    --------
    >>> in_one_ring([1, "1/2"], QQ), in_one_ring([1, GF(5)(3)], QQ), in_one_ring([1, 0.5], QQ)
    ([1, 1/2], [1, 3], [1.0, 0.5])
    """
    values = list(values)
    other = next((x for x in values if not _exact(x)), None)
    ring: Any = None
    if other is None:
        ring = field
    elif isinstance(other, nmod):
        ring = GF(int(other.modulus()))
    elif isinstance(other, NumberFieldElement | Polynomial):
        ring = other.field if isinstance(other, NumberFieldElement) else other.ring
    if ring is not None:
        return [ring(x) for x in values]
    try:
        _ = other * other + other  # type: ignore[operator]
        if field.characteristic and not isinstance(other, Jet):
            raise TypeError
        return [_like(x, other) if _exact(x) else x for x in values]
    except TypeError:
        wrong = f"{quoted(other)} is no element of a ring over {field}"
        hint = "numbers, residues, balls or polynomials"
        raise InputError("evaluate a map", wrong, hint) from None


@checked
class Evaluator:
    """The coordinates of a map, at values of any commutative ring.

    Parameters
    ----------
    values : callable
        From as many ring elements as there are parameters to the coordinates; with ``+``, ``-``,
        ``*`` and powers only, and whole numbers as constants.

    Examples
    --------
    >>> swap = Evaluator(lambda v: [v[0] * v[1], v[0] + 1])
    >>> swap([2, 3]), swap.jet([2, 3])[1] == [{0: 3, 1: 2}, {0: 1}]
    ([6, 3], True)
    """

    def __init__(self, values: Callable[[Sequence[Any]], Iterable[Any]]) -> None:
        self._values = values

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """The coordinates."""
        return list(self._values(values))

    def jet(self, values: Sequence[Any]) -> tuple[list[Any], list[Row]]:
        """The coordinates, and the rows of the Jacobian without their zeros."""
        one = values[0] ** 0 if values else 1
        found = self([Jet(x, {j: one}) for j, x in enumerate(values)])
        jets = [x if isinstance(x, Jet) else Jet(x, {}) for x in found]
        return [x.value for x in jets], [{j: t for j, t in x.tangent.items() if t} for x in jets]

    def polynomials(self, variables: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        """The coordinates as polynomials in these variables."""
        return tuple(variables[0].ring(p) for p in self(variables))


class After(Evaluator):
    """One evaluator after another."""

    def __init__(self, outer: Evaluator, inner: Evaluator) -> None:
        self.outer, self.inner = outer, inner

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        return self.outer(self.inner(values))


class Expanded(Evaluator):
    """Polynomials of one ring; over a number field its last variable is the generator.

    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> Expanded([x * y + "1/2"], QQ)([1.5, 2.0])
    [3.5]
    """

    def __init__(self, polynomials: Sequence[Polynomial], field: Field) -> None:
        self.given, self.field = tuple(polynomials), field
        self._reduced: dict[int, Expanded] = {}
        self._asked = 0  # how often for derivatives modulo a prime

    def polynomials(self, variables: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        return self.given

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        if not self.given:
            return []
        ring = self.given[0].ring
        values = list(values)
        if len(values) < len(ring.names):
            values.append(_theta(self.field, values))
        first = values[0] if values else None
        if isinstance(first, fmpq):
            return [QQ(p.flint(*values)) for p in self.given]
        if isinstance(first, nmod):
            field = GF(int(first.modulus()))
            numbers = [int(x) for x in values]
            return [field(int(p.flint(*numbers))) for p in self.modulo(field).given]
        if isinstance(first, Polynomial):
            if first.ring == ring and tuple(values) == ring.gens():
                return list(self.given)
            source: Expanded = self
            if isinstance(first.ring.field, PrimeField) and ring.field == QQ:
                source = self.modulo(first.ring.field)
            return [p.compose(*values) for p in source.given]
        powers: dict[tuple[int, int], Any] = {}
        return [_evaluate(p, values, powers) for p in self.given]

    def modulo(self, field: PrimeField) -> Expanded:
        """The polynomials with coefficients in a prime field."""
        if not self.given or self.given[0].ring.field == field:
            return self
        if field.p not in self._reduced:
            ring, p = PolynomialRing(field, self.given[0].ring.names), field.p
            moved = []
            for poly in self.given:
                terms = {e: int(field(c)) for e, c in poly.flint.to_dict().items()}
                nonzero = {e: c for e, c in terms.items() if c}
                moved.append(Polynomial(ring, ring.context.from_dict(nonzero)))
            self._reduced[p] = Expanded(moved, field)
        return self._reduced[field.p]

    @cached_property
    def _derivatives(self) -> tuple[list[tuple[int, int]], Expanded]:
        places, found = [], []
        for i, p in enumerate(self.given):
            names = p.ring.names[: -1 if isinstance(self.field, NumberField) else None]
            for j, name in enumerate(names):
                if d := p.derivative(name):
                    places.append((i, j))
                    found.append(d)
        return places, Expanded(found, self.field)

    @cached_property
    def _terms(self) -> int:
        return sum(map(len, self.given))

    @cached_property
    def _compiled(self) -> Compiled:
        return Compiled(self.given)

    def _jet_modulo(
        self, values: Sequence[Any], field: PrimeField
    ) -> tuple[list[Any], list[Row]] | None:
        """As :meth:`jet`, by arrays; None where they do not pay, or not yet."""
        self._asked += 1
        terms = self._terms
        few = terms < FEWEST or terms > MOST or (terms > MANY and self._asked < 4)
        if few or field.p >= LARGEST:
            return None
        extended = isinstance(self.field, NumberField)
        point = [*values, _theta(self.field, values)] if extended else values
        found, entries = self._compiled.jet([int(x) for x in point], field)
        rows: list[Row] = [{} for _ in self.given]
        for i, j, x in entries:
            if j < len(values):
                rows[i][j] = field(x)
        return [field(x) for x in found], rows

    def jet(self, values: Sequence[Any]) -> tuple[list[Any], list[Row]]:
        if isinstance(values[0], nmod):
            found = self._jet_modulo(values, GF(int(values[0].modulus())))
            if found is not None:
                return found
        source: Expanded = self
        if isinstance(values[0], nmod) and isinstance(self.field, RationalField):
            source = self.modulo(GF(int(values[0].modulus())))
        places, derivatives = source._derivatives
        rows: list[Row] = [{} for _ in self.given]
        for (i, j), x in zip(places, derivatives(values), strict=True):
            if x != 0:
                rows[i][j] = x
        return self(values), rows


def _evaluate(poly: Polynomial, values: Sequence[Any], powers: dict[tuple[int, int], Any]) -> Any:
    """The value over a ring that FLINT does not know, term by term."""
    total: Any = values[0] * 0 if values else 0
    for exponents, c in poly.terms():
        term: Any = None
        for i, e in enumerate(exponents):
            if e:
                if (i, e) not in powers:
                    powers[i, e] = values[i] ** e
                term = powers[i, e] if term is None else term * powers[i, e]
        like = values[0].value if values and isinstance(values[0], Jet) else values[0]
        number = c if isinstance(c, nmod) else _like(c, like)
        total = total + (number if term is None else term * number)
    return total


def divided(top: Any, bottom: Any) -> Any:
    """The value of a quotient; :class:`HypothesisError` where it has none."""
    asked = "evaluate a rational map"
    if bottom == 0:
        raise HypothesisError(asked, "a denominator is zero there", "another point")
    if isinstance(top, Polynomial):
        found = top.divide(bottom)
        if found is None:
            hint = "numerators and denominators apart"
            raise HypothesisError(asked, "a quotient is no polynomial", hint)
        return found
    return top / bottom


def _theta(field: Field, values: Sequence[Any]) -> Any:
    """The generator of a number field in the ring of some values."""
    assert isinstance(field, NumberField)
    like = values[0] if values else field.theta
    if isinstance(like, nmod):
        return root_modulo(field, GF(int(like.modulus())))
    if isinstance(like, arb | acb) or _float(like):
        ball = field.ball(max(64, ctx.prec))
        if isinstance(like, acb):
            return ball
        if isinstance(like, arb) or not isinstance(like, complex):
            if not field.is_real:
                raise FieldError("evaluate a map", f"{field} is not real", "complex numbers")
            return ball.real if isinstance(like, arb) else float(ball.real.mid())
        return complex(ball)
    if isinstance(like, Polynomial):
        base = like.ring.field
        if isinstance(base, PrimeField):
            return like.ring(root_modulo(field, base))
        return like.ring.gens()[-1]
    return field.theta


def root_modulo(field: NumberField, prime: PrimeField) -> Any:
    """A root of the minimal polynomial in a prime field; :class:`FieldError` when there is none.

    >>> root_modulo(NumberField([-2, 0, 1]), GF(7))
    3
    """
    roots = field.roots_modulo(prime.p)
    if not roots:
        wrong = f"the minimal polynomial of {field} has no root"
        raise FieldError(f"reduce a map modulo {prime.p}", wrong, "another prime")
    return prime(roots[0][0])


def residue(x: Any, prime: PrimeField) -> Any:
    """An exact number in a prime field; the generator of a number field goes to its least root."""
    if not isinstance(x, NumberFieldElement):
        return prime(x)
    root = root_modulo(x.field, prime)
    return sum((prime(c) * root**k for k, c in enumerate(x.poly.coeffs())), prime(0))
