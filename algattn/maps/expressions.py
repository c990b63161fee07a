"""Expressions in texts: ``+ - * / ^ **``, signs, brackets, whole numbers, names.

Nothing is evaluated by Python, nothing recurses, and what an expansion may cost is bounded before
it is done.  The value of an expression is a quotient of polynomials.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, prod
from typing import Any, NoReturn

from flint import fmpq, fmpz

from algattn.errors import InputError, LimitError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.words import quoted

#: The largest exponent of a parameter, and of a bracket.
MAX_EXPONENT = 100_000
#: How long an expression with brackets may be, and how many products of terms and how many bits
#: its expansion may cost in all.
MAX_LENGTH, MAX_PRODUCTS, MAX_BITS = 2_000_000, 1 << 25, 1 << 28
ASKED = "read an expression"

_TOKEN = re.compile(r"\s*(?:([0-9]+)|([A-Za-z][A-Za-z0-9_]*)|(\*\*|[-+*/^()]))", re.ASCII)
_DECIMAL = re.compile(r"[0-9]*\.[0-9]*", re.ASCII)
_BLANKS = re.compile(r"\s*", re.ASCII)


@dataclass(frozen=True)
class Quotient:
    """A numerator and a denominator (None stands for 1), as polynomials of FLINT."""

    top: Any
    bottom: Any = None


@dataclass
class _Frame:
    """What was read inside a bracket: a sum, and the product that is being read."""

    opened: int
    terms: list[Quotient] = field(default_factory=list)
    product: Quotient | None = None
    divide: bool = False
    minus: bool = False


class Reader:
    """Reads expressions over a ring; over a number field its last variable is the generator.

    >>> from algattn.exact import QQ
    >>> Reader(PolynomialRing(QQ, ("a", "b"))).read("(a+b)^2/(1-a) - b/2")
    (a^2 + 5/2*a*b + b^2 - 1/2*b, -a + 1)
    """

    def __init__(self, ring: PolynomialRing, extension: NumberField | None = None) -> None:
        self.ring, self.extension = ring, extension
        self._gens = dict(zip(ring.names, ring.context.gens(), strict=True))
        self._one = ring.context.constant(1)
        self._products = self._bits = 0
        self._monomial = 64 + 8 * len(ring.names)  # the bits of a term without its coefficient
        self._modulus: Any = None
        if extension is not None:
            theta = self._gens[ring.names[-1]]
            coefficients = map(self.ring.field, extension.modulus)
            self._modulus = sum(theta**k * c for k, c in enumerate(coefficients))

    def read(self, text: str) -> tuple[Polynomial, Polynomial]:
        """Numerator and denominator, which need not be in lowest terms.

        Raises
        ------
        InputError
            With the column, for what is no expression in the variables, and for division by zero.
        LimitError
            When the text is too long, or its expansion would be too large.
        """
        if len(text) > MAX_LENGTH:
            wrong = f"it has {len(text)} characters, above the limit {MAX_LENGTH}"
            raise LimitError(ASKED, wrong, "polynomials of algattn, or an Evaluator")
        self._text, self._at, self._start = text, 0, 0
        found = self._expression()
        bottom = self._one if found.bottom is None else found.bottom
        return Polynomial(self.ring, found.top), Polynomial(self.ring, bottom)

    # --- syntax ------------------------------------------------------------------------------

    def _expression(self) -> Quotient:
        frames = [_Frame(0)]
        value: Quotient | None = None  # the operand that ends here, if one does
        while True:
            frame = frames[-1]
            number, name, sign = self._next()
            if value is None:
                if sign in ("+", "-"):
                    frame.minus ^= sign == "-"
                elif sign == "(":
                    frames.append(_Frame(self._start))
                elif number or name:
                    value = self._constant(number) if number else self._gen(name or "")
                    value = self._raised(value)
                    self._absorb(frame, value)
                else:
                    before = f"before {sign!r}" if sign else "at the end"
                    self._refuse(f"a number or a name is missing {before}")
            elif sign in ("*", "/"):
                frame.divide, value = sign == "/", None
            elif sign in ("+", "-"):
                self._close(frame)
                frame.minus, value = sign == "-", None
            elif sign == ")" and len(frames) > 1:
                frames.pop()
                value = self._raised(self._sum(frame))
                self._absorb(frames[-1], value)
            elif not (number or name or sign):
                if len(frames) > 1:
                    self._start = frame.opened
                    self._refuse("the bracket is not closed")
                return self._sum(frame)
            else:
                word = number or name or sign
                what = "no bracket was opened" if sign == ")" else "there is no operator"
                self._refuse(f"{what} before {quoted(word)}", "a*(b+c) for a product")

    def _next(self) -> tuple[str | None, str | None, str | None]:
        """The next number, name or sign; nothing at the end."""
        found = _TOKEN.match(self._text, self._at)
        if found is not None:
            self._at, self._start = found.end(), found.start(found.lastindex or 0)
            if not self._text.startswith(".", self._at):
                return found[1], found[2], found[3]
        else:
            self._start = _BLANKS.match(self._text, self._at).end()  # type: ignore[union-attr]
        rest = self._text[self._start : self._start + 40]
        if not rest:
            return None, None, None
        if decimal := _DECIMAL.match(rest):
            exact = Fraction(f"0{decimal[0]}")
            self._refuse(f"{quoted(decimal[0])} is a decimal number", f"the fraction {exact}")
        self._refuse(f"{quoted(rest[0])} is no part of an expression", "+ - * / ^ ( ) and names")

    def _raised(self, value: Quotient) -> Quotient:
        """The operand with its exponent, if one follows: ``^2``, ``**-2``, ``^(-2)``."""
        before = self._at
        if self._next()[2] not in ("^", "**"):
            self._at = before
            return value
        opened, minus = 0, False
        number, _, sign = self._next()
        while sign in ("+", "-", "("):
            opened, minus = opened + (sign == "("), minus ^ (sign == "-")
            number, _, sign = self._next()
        if not number:
            self._refuse("the exponent is no whole number", "x^2 or x^(-2)")
        start, n = self._start, int(number) if len(number) < 10 else MAX_EXPONENT + 1
        for _ in range(opened):
            if self._next()[2] != ")":
                self._refuse("the exponent is no whole number", "x^2 or x^(-2)")
        before = self._at
        if self._next()[2] in ("^", "**"):
            self._refuse("an exponent has an exponent", "brackets, as in (x^2)^3")
        self._at, self._start = before, start
        if n > MAX_EXPONENT:
            wrong = f"the exponent {quoted(number)} is above the limit {MAX_EXPONENT}"
            raise LimitError(ASKED, self._place(wrong), "a power of a parameter as a new parameter")
        if minus:
            value = self._inverse(value)
        below = None if value.bottom is None else self._power(value.bottom, n)
        return Quotient(self._power(value.top, n), below)

    def _place(self, wrong: str) -> str:
        here = self._start
        part = self._text[max(0, here - 12) : here + 12]
        return f"column {here + 1}, at {part!r}: {wrong}"

    def _refuse(self, wrong: str, hint: str = "something like 2/3*s^2*(t+1)") -> NoReturn:
        raise InputError(ASKED, self._place(wrong), f"write {hint}")

    # --- operands ----------------------------------------------------------------------------

    def _constant(self, number: str) -> Quotient:
        return Quotient(self.ring.context.constant(self.ring._scalar(fmpq(fmpz(number)))))

    def _gen(self, name: str) -> Quotient:
        if name not in self._gens:
            near = quoted(", ".join(self._gens))
            self._refuse(f"{quoted(name)} is no parameter", f"with the names {near}")
        return Quotient(self._gens[name])

    def _absorb(self, frame: _Frame, value: Quotient) -> None:
        """Multiply the product that is being read by an operand, or divide it."""
        if frame.divide:
            value, frame.divide = self._inverse(value), False
        frame.product = value if frame.product is None else self._times(frame.product, value)

    def _close(self, frame: _Frame) -> None:
        """The product that was being read is a term."""
        term = frame.product
        assert term is not None
        frame.terms.append(Quotient(-term.top, term.bottom) if frame.minus else term)
        frame.product, frame.minus = None, False

    def _sum(self, frame: _Frame) -> Quotient:
        """The sum of the terms, in pairs, so that long sums take little time."""
        self._close(frame)
        terms = frame.terms
        while len(terms) > 1:
            rest = terms[len(terms) // 2 * 2 :]
            terms = [self._plus(a, b) for a, b in zip(terms[::2], terms[1::2], strict=False)] + rest
        return terms[0]

    # --- arithmetic --------------------------------------------------------------------------

    def _plus(self, a: Quotient, b: Quotient) -> Quotient:
        if a.bottom is None and b.bottom is None:
            return Quotient(a.top + b.top)
        p, q = (self._one if x.bottom is None else x.bottom for x in (a, b))
        if p == q:
            return Quotient(a.top + b.top, p)
        if len(p) > len(q):
            a, b, p, q = b, a, q, p
        whole, rest = divmod(q, p) if len(q) < 200 else (None, 1)
        if rest == 0:
            return Quotient(self._product(a.top, whole) + b.top, q)
        top = self._product(a.top, q) + self._product(b.top, p)
        return Quotient(top, self._product(p, q))

    def _times(self, a: Quotient, b: Quotient) -> Quotient:
        bottoms = [x.bottom for x in (a, b) if x.bottom is not None]
        bottom = self._product(*bottoms) if len(bottoms) == 2 else next(iter(bottoms), None)
        return Quotient(self._product(a.top, b.top), bottom)

    def _inverse(self, value: Quotient) -> Quotient:
        top, bottom = value.top, self._one if value.bottom is None else value.bottom
        if top == 0:
            self._refuse("division by zero", "another denominator")
        if top.is_constant():
            number = self.ring.field(self._leading(top))
            return Quotient(bottom * self.ring._scalar(1 / number))
        if self.extension is not None and not any(top.degrees()[:-1]):
            coefficients = [0] * (int(top.degrees()[-1]) + 1)
            for exponents, c in top.terms():
                coefficients[int(exponents[-1])] = c
            inverse = self.extension(coefficients).inverse().poly.coeffs()
            theta = self._gens[self.ring.names[-1]]
            return Quotient(self._product(bottom, sum(theta**k * c for k, c in enumerate(inverse))))
        return Quotient(bottom, top)

    @staticmethod
    def _leading(poly: Any) -> Any:
        (_, c), *_ = poly.terms()
        return c if isinstance(c, fmpq) else int(c)

    def _height(self, poly: Any) -> int:
        """The bits of the largest coefficient; 0 for 1."""
        if self.ring.field.characteristic:
            return 64
        return max((int(c.height_bits()) - 1 for c in poly.coeffs()), default=0)

    def _product(self, p: Any, q: Any) -> Any:
        most = len(p) * len(q)
        if most > 10_000:
            most = min(most, prod(int(a) + int(b) + 1 for a, b in self._degrees(p, q)))
        bits = self._height(p) + self._height(q) + self._monomial
        self._spend(len(p) * len(q), most * bits)
        return self._normal(p * q)

    def _power(self, p: Any, n: int) -> Any:
        count = len(p)
        if count > 1 and n > 1:
            largest = max(map(int, p.degrees())) * n
            if largest > MAX_EXPONENT:
                wrong = f"the exponent {largest} is above the limit {MAX_EXPONENT}"
                raise LimitError(ASKED, self._place(wrong), "smaller exponents")
            box = prod(int(d) * n + 1 for d in p.degrees())
            few = min(count - 1, n)
            most = min(box, comb(n + count - 1, few) if few < 1000 else box)
            bits = n * (self._height(p) + count.bit_length()) + self._monomial
            self._spend(most, most * bits)
        else:
            self._spend(1, n * self._height(p))
        return self._normal(p**n)

    @staticmethod
    def _degrees(p: Any, q: Any) -> list[tuple[Any, Any]]:
        return list(zip(p.degrees(), q.degrees(), strict=True))

    def _spend(self, products: int, bits: int) -> None:
        self._products, self._bits = self._products + products, self._bits + bits
        if self._products > MAX_PRODUCTS or self._bits > MAX_BITS:
            wrong = "its expansion would be too large"
            hint = "an Evaluator, or new parameters for parts of it"
            raise LimitError(ASKED, self._place(wrong), hint)

    def _normal(self, poly: Any) -> Any:
        """Reduced modulo the minimal polynomial of the generator, if there is one."""
        return poly if self._modulus is None else divmod(poly, self._modulus)[1]
