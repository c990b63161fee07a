"""Tropical polynomials over QQ: maxima of finitely many affine functions, with exact arithmetic.

The tropical sum is the maximum, the tropical product is the sum of numbers.  A term ``b . q^k`` is
the affine function ``<k, q> + b``; exponents may be any rational vectors.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import fmpq

from algattn.arguments import checked
from algattn.errors import InputError, LimitError, RingMismatchError, ShapeError
from algattn.progress import Monitor, tick
from algattn.tropical.cells import Functions
from algattn.tropical.envelope import Envelope
from algattn.tropical.newton import Hypersurface, NewtonPolytope, Subdivision
from algattn.tropical.numbers import Vector, as_list, dot, fractions, read_number, read_vector
from algattn.words import quoted

#: Products of more terms are refused.
MAX_TERMS = 1_000_000


@checked
class TropicalPolynomial:
    """A tropical polynomial in `n` variables over QQ (max-plus).

    Parameters
    ----------
    terms : iterable of (exponent, coefficient)
        Exponent vectors and coefficients, rational; of equal exponents the largest coefficient
        stays.
    variables : int, optional
        Needed only when it cannot be read off.

    Examples
    --------
    >>> f = TropicalPolynomial([((0,), 0), ((1,), 1)])        # max(0, q + 1)
    >>> g = TropicalPolynomial([((0,), 2), ((1,), 0)])        # max(2, q)
    >>> (f * g)([1]), f([1]) + g([1]), (f + g)([1])
    (Fraction(4, 1), Fraction(4, 1), Fraction(2, 1))
    >>> (f * g).terms
    {(0,): 2, (1,): 3, (2,): 1}
    """

    def __init__(self, terms: Iterable[tuple[Any, Any]], variables: int | None = None) -> None:
        asked = "make a tropical polynomial"
        table: dict[Vector, fmpq] = {}
        for term in as_list(terms, asked):
            try:
                exponent, coefficient = term
            except (TypeError, ValueError):
                wrong = f"{quoted(term)} is not a term"
                raise InputError(asked, wrong, "write ((1, 0), 3) for 3 + q1") from None
            k = read_vector(exponent, asked, dimension=variables)
            variables = len(k)
            b = read_number(coefficient, asked)
            if k not in table or table[k] < b:
                table[k] = b
        if not table or variables is None:
            raise ShapeError(asked, "there are no terms", "give at least one")
        self.variables = variables
        self.terms: dict[Vector, fmpq] = dict(sorted(table.items()))

    @classmethod
    def one(cls, variables: int) -> TropicalPolynomial:
        """The neutral element of the tropical product: the function 0."""
        return cls([((0,) * variables, 0)], variables)

    @cached_property
    def envelope(self) -> Envelope:
        """The graph as a polyhedron; its rows are the terms in order, times a common factor."""
        functions = Functions.of(self.variables, list(self.terms), list(self.terms.values()))
        return Envelope(self.variables, functions.rows)

    def _values(self, q: Any) -> list[fmpq]:
        point = read_vector(q, "evaluate a tropical polynomial", dimension=self.variables)
        return [fmpq(dot(k, point)) + b for k, b in self.terms.items()]

    def __call__(self, q: Any) -> Fraction:
        (value,) = fractions([max(self._values(q))])
        return value

    def argmax(self, q: Any) -> frozenset[Vector]:
        """The exponents of the terms that are largest at `q`."""
        values = self._values(q)
        best = max(values)
        return frozenset(k for k, v in zip(self.terms, values, strict=True) if v == best)

    def _other(self, other: Any, what: str) -> TropicalPolynomial:
        if not isinstance(other, TropicalPolynomial):
            raise InputError(what, f"{quoted(other)} is not a tropical polynomial", "make it one")
        if other.variables != self.variables:
            raise RingMismatchError(
                what, f"{self.variables} and {other.variables} variables", "use equal numbers"
            )
        return other

    def __add__(self, other: Any) -> TropicalPolynomial:
        """The tropical sum: the maximum of two functions."""
        g = self._other(other, "add tropical polynomials")
        return TropicalPolynomial([*self.terms.items(), *g.terms.items()], self.variables)

    def __mul__(self, other: Any) -> TropicalPolynomial:
        """The tropical product: the sum of two functions."""
        asked = "multiply tropical polynomials"
        g = self._other(other, asked)
        _check_terms(asked, len(self.terms) * len(g.terms))
        products = (
            (tuple(x + y for x, y in zip(k, m, strict=True)), a + b)
            for k, a in self.terms.items()
            for m, b in g.terms.items()
        )
        return TropicalPolynomial(products, self.variables)

    def __pow__(self, exponent: int) -> TropicalPolynomial:
        if type(exponent) is not int or exponent < 0:
            raise InputError(
                "raise a tropical polynomial to a power", f"{quoted(exponent)}", "use 0, 1, 2, .."
            )
        if len(self.terms) == 1:
            ((k, b),) = self.terms.items()
            return TropicalPolynomial([(tuple(exponent * x for x in k), exponent * b)])
        # The power number k has at least k + 1 terms, so this is less than the work.
        asked = f"raise a tropical polynomial to the power {exponent}"
        _check_terms(asked, exponent * (exponent + 1) // 2 * len(self.terms))
        out = TropicalPolynomial.one(self.variables)
        for _ in range(exponent):
            tick()
            out = out * self
        return out

    def __eq__(self, other: object) -> bool:
        """Equality of terms; :meth:`same_function` compares the functions."""
        return isinstance(other, TropicalPolynomial) and (self.variables, self.terms) == (
            other.variables,
            other.terms,
        )

    def __hash__(self) -> int:
        return hash(tuple(self.terms.items()))

    def essential(
        self, *, time_limit: float | None = None, progress: bool = False
    ) -> TropicalPolynomial:
        """The same function without the terms that are never the only largest one.

        Raises
        ------
        LimitError
            When `time_limit` seconds are over.

        Examples
        --------

        >>> f = TropicalPolynomial([((0,), 0), ((1,), -1), ((2,), 0)])     # the middle is below
        >>> f.essential().terms
        {(0,): 0, (2,): 0}
        """
        items = list(self.terms.items())
        with Monitor("leave out terms", time_limit=time_limit, progress=progress):
            kept = self.envelope.essential
        return TropicalPolynomial((items[i] for i in kept), self.variables)

    def same_function(self, other: TropicalPolynomial) -> bool:
        """Whether two polynomials have the same values everywhere."""
        g = self._other(other, "compare tropical polynomials")
        return self.essential() == g.essential()

    def newton_polytope(self) -> NewtonPolytope:
        """The convex hull of the exponents."""
        return NewtonPolytope(self.variables, tuple(self.terms))

    def lifted_polytope(self) -> NewtonPolytope:
        """The convex hull of the lifted exponents ``(k, b)``."""
        return NewtonPolytope(self.variables + 1, tuple((*k, b) for k, b in self.terms.items()))

    def subdivision(
        self, *, time_limit: float | None = None, progress: bool = False
    ) -> Subdivision:
        """The regular subdivision of the Newton polytope that the coefficients induce.

        Raises
        ------
        LimitError
            When `time_limit` seconds are over.

        Examples
        --------

        >>> f = TropicalPolynomial([((0, 0), 0), ((1, 0), 0), ((0, 1), 0), ((1, 1), -1)])
        >>> sorted(map(sorted, f.subdivision().cells))
        [[0, 1, 2], [1, 2, 3]]
        """
        envelope = self.envelope
        with Monitor("subdivide a polytope", time_limit=time_limit, progress=progress):
            return Subdivision(
                points=tuple(fractions(k) for k in self.terms),
                cells=envelope.winners,
                edges=envelope.adjacency,
                unused=tuple(sorted(set(range(len(self.terms))) - set(envelope.essential))),
            )

    def hypersurface(
        self, *, time_limit: float | None = None, progress: bool = False
    ) -> Hypersurface:
        """The set where the maximum is attained at least twice.

        Raises
        ------
        LimitError
            When `time_limit` seconds are over.

        Examples
        --------

        >>> line = TropicalPolynomial([((0, 0), 0), ((1, 0), 0), ((0, 1), 0)])
        >>> len(line.hypersurface().vertices), len(line.hypersurface().walls)
        (1, 3)
        """
        with Monitor("find a hypersurface", time_limit=time_limit, progress=progress):
            return self._hypersurface()

    def _hypersurface(self) -> Hypersurface:
        envelope = self.envelope
        vertices = tuple(fractions(v) for v in envelope.vertices)
        walls = []
        for pair in envelope.adjacency:
            corners = tuple(vertices[v] for v in envelope.common_vertices(pair))
            rays = tuple(tuple(map(Fraction, r)) for r in envelope.common_rays(pair))
            walls.append((pair, corners, rays))
        lines = tuple(tuple(map(Fraction, line)) for line in envelope.lines)
        on_walls = [v for v, won in zip(vertices, envelope.winners, strict=True) if len(won) > 1]
        return Hypersurface(tuple(on_walls), tuple(walls), lines)

    def on_hypersurface(self, q: Any) -> bool:
        """Whether the maximum is attained at least twice at `q`."""
        return len(self.argmax(q)) > 1

    def __repr__(self) -> str:
        parts = []
        for k, b in list(self.terms.items())[:6]:
            powers = "".join(
                f" q{i + 1}" + ("" if x == 1 else f"^{x}") for i, x in enumerate(k) if x != 0
            )
            parts.append(f"{b}{powers}")
        more = f" ⊕ ... ({len(self.terms)} terms)" if len(self.terms) > 6 else ""
        return " ⊕ ".join(parts) + more


def _check_terms(asked: str, terms: int) -> None:
    if terms > MAX_TERMS:
        raise LimitError(
            asked, f"there are {terms} terms to form, over {MAX_TERMS}", "use essential() first"
        )


@checked
class TropicalRational:
    """A difference of two tropical polynomials (their tropical quotient).

    Examples
    --------
    >>> f = TropicalPolynomial([((0,), 0), ((1,), 0)])
    >>> TropicalRational(f, TropicalPolynomial.one(1))([5])
    Fraction(5, 1)
    """

    def __init__(self, numerator: TropicalPolynomial, denominator: TropicalPolynomial) -> None:
        for one in (numerator, denominator):
            if not isinstance(one, TropicalPolynomial):
                raise InputError(
                    "make a tropical rational function",
                    f"{quoted(one)} is not a tropical polynomial",
                    "make it one",
                )
        if numerator.variables != denominator.variables:
            raise RingMismatchError(
                "make a tropical rational function",
                f"{numerator.variables} and {denominator.variables} variables",
                "use equal numbers",
            )
        self.numerator = numerator
        self.denominator = denominator

    def __call__(self, q: Any) -> Fraction:
        return self.numerator(q) - self.denominator(q)

    def __mul__(self, other: TropicalRational) -> TropicalRational:
        """The tropical product: the sum of two functions."""
        return TropicalRational(
            self.numerator * other.numerator, self.denominator * other.denominator
        )

    def __add__(self, other: TropicalRational) -> TropicalRational:
        """The tropical sum: the maximum of two functions."""
        return TropicalRational(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )

    def same_function(self, other: TropicalRational) -> bool:
        """Whether two tropical rational functions have the same values everywhere."""
        left = self.numerator * other.denominator
        return left.same_function(other.numerator * self.denominator)

    def __repr__(self) -> str:
        return f"({self.numerator!r}) ⊘ ({self.denominator!r})"
