"""Polynomial rings with named variables, weights and an order, on FLINT's sparse polynomials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx, nmod_mpoly_ctx

from algattn.errors import FieldError, InputError, RingMismatchError, ShapeError
from algattn.exact.field_data import field_from_data
from algattn.exact.fields import Field, PrimeField, RationalField
from algattn.words import one_of, quoted

ORDERS = {"lex": Ordering.lex, "deglex": Ordering.deglex, "degrevlex": Ordering.degrevlex}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,40}")


@dataclass(frozen=True)
class PolynomialRing:
    """A polynomial ring over QQ or GF(p).

    Parameters
    ----------
    field : Field
        QQ or a prime field.
    names : tuple of str
        The variables.
    order : {"degrevlex", "deglex", "lex"}
        The monomial order, for printing and for Groebner bases.
    weights : tuple of int, optional
        A grading: the degree of each variable (1 when not given).

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> R = PolynomialRing(QQ, ("x", "y"))
    >>> x, y = R.gens()
    >>> (x + y) ** 2 - x**2
    2*x*y + y^2
    """

    field: Field
    names: tuple[str, ...]
    order: str = "degrevlex"
    weights: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        asked = "make a polynomial ring"
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "weights", tuple(self.weights) or (1,) * len(self.names))
        if not isinstance(self.field, RationalField | PrimeField):
            raise FieldError(asked, f"the field is {self.field}", "use QQ or GF(p)")
        one_of(self.order, ORDERS, asked, "order")
        if len(set(self.names)) != len(self.names):
            raise InputError(asked, "two variables have the same name", "rename one")
        for name in self.names:
            if not isinstance(name, str) or not _NAME.fullmatch(name):
                raise InputError(
                    asked, f"{quoted(name)} is not a name", "use letters, digits and _"
                )
        if len(self.weights) != len(self.names):
            raise ShapeError(
                asked,
                f"{len(self.names)} variables and {len(self.weights)} weights",
                "give one weight for each variable",
            )

    @property
    def context(self) -> Any:
        """The FLINT context (FLINT keeps one for each ring)."""
        if isinstance(self.field, PrimeField):
            return nmod_mpoly_ctx.get(self.names, modulus=self.field.p, ordering=ORDERS[self.order])
        return fmpq_mpoly_ctx.get(self.names, ORDERS[self.order])

    def gens(self) -> tuple[Polynomial, ...]:
        """The variables as polynomials."""
        return tuple(Polynomial(self, g) for g in self.context.gens())

    def gen(self, name: str) -> Polynomial:
        """The variable of that name as a polynomial."""
        return Polynomial(self, self.context.gen(self.names.index(name)))

    def __call__(self, value: Any) -> Polynomial:
        """A polynomial from a constant, a polynomial or ``{exponents: coefficient}``."""
        if isinstance(value, Polynomial):
            if value.ring != self:
                raise RingMismatchError("convert a polynomial", "the rings differ", "rebuild it")
            return value
        if isinstance(value, Mapping):
            return self.from_terms(value.items())
        return Polynomial(self, self.context.constant(self._scalar(value)))

    def _scalar(self, value: Any) -> Any:
        x = self.field(value)
        return int(x) if isinstance(self.field, PrimeField) else x

    def from_terms(self, terms: Iterable[tuple[Sequence[int], Any]]) -> Polynomial:
        """The sum of the terms ``(exponents, coefficient)``."""
        summed: dict[tuple[int, ...], Any] = {}
        for exponents, coefficient in terms:
            key = tuple(exponents)
            if len(key) != len(self.names) or {*map(type, key)} - {int} or min(key, default=0) < 0:
                raise ShapeError(
                    "read a polynomial",
                    f"the exponents {key} do not fit {len(self.names)} variables",
                    "give one non-negative integer for each variable",
                )
            c = self.field(coefficient)
            summed[key] = summed[key] + c if key in summed else c
        data = {k: self._scalar(c) for k, c in summed.items() if c != 0}
        return Polynomial(self, self.context.from_dict(data))

    def to_data(self) -> dict[str, Any]:
        """The ring as JSON data."""
        return {
            "field": self.field.to_data(),
            "names": list(self.names),
            "order": self.order,
            "weights": list(self.weights),
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> PolynomialRing:
        """The ring from JSON data; the inverse of :meth:`to_data`."""
        if set(data) != {"field", "names", "order", "weights"}:
            raise InputError("read a ring", f"it has the fields {sorted(data)}", "check the file")
        return PolynomialRing(
            field_from_data(data["field"]),
            tuple(data["names"]),
            data["order"],
            tuple(data["weights"]),
        )

    def __repr__(self) -> str:
        names = self.names if len(self.names) < 8 else (*self.names[:5], "...", self.names[-1])
        return f"{self.field}[{', '.join(names)}]"


class Polynomial:
    """An element of a :class:`PolynomialRing`: a thin, picklable wrapper of FLINT's polynomial."""

    __slots__ = ("flint", "ring")

    def __init__(self, ring: PolynomialRing, flint: Any) -> None:
        self.ring = ring
        self.flint = flint

    def _other(self, value: Any) -> Any:
        if isinstance(value, Polynomial):
            if value.ring != self.ring:
                raise RingMismatchError(
                    "combine polynomials", f"{self.ring} is not {value.ring}", "rebuild one"
                )
            return value.flint
        try:
            return self.ring._scalar(value)
        except FieldError:
            return None

    def _make(self, flint: Any) -> Polynomial:
        return Polynomial(self.ring, flint)

    def __add__(self, value: Any) -> Polynomial:
        other = self._other(value)
        return NotImplemented if other is None else self._make(self.flint + other)

    __radd__ = __add__

    def __sub__(self, value: Any) -> Polynomial:
        other = self._other(value)
        return NotImplemented if other is None else self._make(self.flint - other)

    def __rsub__(self, value: Any) -> Polynomial:
        other = self._other(value)
        return NotImplemented if other is None else self._make(other - self.flint)

    def __mul__(self, value: Any) -> Polynomial:
        other = self._other(value)
        return NotImplemented if other is None else self._make(self.flint * other)

    __rmul__ = __mul__

    def __neg__(self) -> Polynomial:
        return self._make(-self.flint)

    def __pow__(self, n: int) -> Polynomial:
        return self._make(self.flint**n)

    def divide(self, other: Polynomial) -> Polynomial | None:
        """The exact quotient, or None when `other` does not divide."""
        quotient, remainder = divmod(self.flint, self._other(other))
        return self._make(quotient) if remainder == 0 else None

    def gcd(self, other: Polynomial) -> Polynomial:
        """A greatest common divisor."""
        return self._make(self.flint.gcd(self._other(other)))

    def factor(self) -> tuple[Any, list[tuple[Polynomial, int]]]:
        """The constant and the irreducible factors over the field, with multiplicities."""
        constant, factors = self.flint.factor()
        return constant, [(self._make(f), int(m)) for f, m in factors]

    def derivative(self, name: str) -> Polynomial:
        """The partial derivative by the variable of that name."""
        return self._make(self.flint.derivative(self.ring.names.index(name)))

    def to_sympy(self) -> Any:
        """The polynomial as a sympy expression (a ``Poly`` over GF(p)).

        >>> from algattn.exact import QQ
        >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
        >>> (x * y - 1).to_sympy()
        x*y - 1
        """
        from algattn.exact.to_sympy import polynomial_to_sympy

        return polynomial_to_sympy(self)

    def terms(self) -> Iterator[tuple[tuple[int, ...], Any]]:
        """(exponents, coefficient) from the leading term down."""
        for exponents, coefficient in self.flint.terms():
            yield (
                tuple(map(int, exponents)),
                self.ring.field(coefficient if isinstance(coefficient, fmpq) else int(coefficient)),
            )

    def __len__(self) -> int:
        return len(self.flint)

    def __bool__(self) -> bool:
        return bool(self.flint != 0)

    def __eq__(self, value: object) -> bool:
        if isinstance(value, Polynomial):
            return self.ring == value.ring and bool(self.flint == value.flint)
        other = self._other(value)
        return other is not None and bool(self.flint == other)

    def __hash__(self) -> int:
        if len(self.flint) == 0 or self.flint.is_constant():
            return hash(self.ring.field.to_python(self(*([0] * len(self.ring.names)))))
        return hash(frozenset((e, str(c)) for e, c in self.terms()))

    def __call__(self, *point: Any) -> Any:
        """The value at a point of the field."""
        if len(point) != len(self.ring.names):
            raise ShapeError(
                "evaluate a polynomial",
                f"{len(self.ring.names)} variables and {len(point)} numbers",
                "give one number for each variable",
            )
        value = self.flint(*[self.ring._scalar(x) for x in point])
        return self.ring.field(value if isinstance(value, fmpq) else int(value))

    def compose(self, *images: Polynomial) -> Polynomial:
        """Substitute a polynomial (of one ring) for every variable."""
        target = images[0].ring
        return Polynomial(
            target, self.flint.compose(*[p.flint for p in images], ctx=target.context)
        )

    def degree(self) -> int:
        """The largest weighted degree of a term; -1 for zero."""
        w = self.ring.weights
        return max(
            (sum(a * b for a, b in zip(w, e, strict=True)) for e, _ in self.terms()), default=-1
        )

    def to_data(self) -> list[Any]:
        """The terms as JSON data: exponents and coefficient."""
        return [[list(e), self.ring.field.format(c)] for e, c in self.terms()]

    def __reduce__(self) -> Any:
        return _rebuild, (self.ring.to_data(), self.to_data())

    def __repr__(self) -> str:
        return str(self.flint)

    def latex(self) -> str:
        """The polynomial in LaTeX, with numbered variables as subscripts."""
        return polynomial_latex(self)

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


def variable_latex(name: str) -> str:
    """``a_1_2`` as ``a_{12}``, ``a_1_12`` as ``a_{1,12}``; a natural coordinate with its commas.

    >>> variable_latex("a_1_2"), variable_latex("x"), variable_latex("c_1_1_2_2")
    ('a_{12}', 'x', 'c_{1,12,2}')
    """
    head, *rest = name.split("_")
    if not rest:
        return head
    if head == "c" and len(rest) == 4:
        row, i, j, k = rest
        return f"c_{{{row},{joined_indices(i, j)},{k}}}"
    return f"{head}_{{{('' if all(len(r) == 1 for r in rest) else ',').join(rest)}}}"


def joined_indices(*numbers: str) -> str:
    """Indices side by side; in parentheses when one is above 9.

    >>> joined_indices("1", "2"), joined_indices("10", "2")
    ('12', '(10,2)')
    """
    return "".join(numbers) if max(map(len, numbers)) == 1 else f"({','.join(numbers)})"


def polynomial_latex(poly: Polynomial) -> str:
    pieces = []
    for exponents, c in poly.terms():
        x = poly.ring.field.to_python(c)
        sign = "-" if x < 0 else "+"
        size = abs(x)
        factors = [
            variable_latex(name) + (f"^{{{e}}}" if e > 1 else "")
            for name, e in zip(poly.ring.names, exponents, strict=True)
            if e
        ]
        if size != 1 or not factors:
            number = str(size)
            if "/" in number:
                top, bottom = number.split("/")
                number = rf"\tfrac{{{top}}}{{{bottom}}}"
            factors.insert(0, number)
        pieces.append(f"{sign} {' '.join(factors)}")
    text = " ".join(pieces) or "0"
    return text[2:] if text.startswith("+ ") else text.replace("- ", "-", 1)


def new_name(name: str, taken: Iterable[str]) -> str:
    """The name, with as many ``_`` behind it as make it a new one.

    >>> new_name("z", ["x", "z", "z_"])
    'z__'
    """
    taken = set(taken)
    while name in taken:
        name += "_"
    return name


def _rebuild(ring: Any, terms: Any) -> Polynomial:
    return PolynomialRing.from_data(ring).from_terms((tuple(e), c) for e, c in terms)
