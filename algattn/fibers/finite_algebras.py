"""Finitely many points modulo a prime, from a Groebner basis: how many, and values at them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from flint import nmod_mat, nmod_poly

from algattn.engines.leading import Exponents, leading_term, monomial_dimension, order_key
from algattn.errors import InputError, LimitError
from algattn.exact import Polynomial, PolynomialRing
from algattn.progress import tick

#: Points up to which matrices of multiplication are made.
MAX_POINTS = 400


@dataclass(frozen=True)
class FiniteAlgebra:
    """The algebra of a zero-dimensional ideal over GF(p).

    Parameters
    ----------
    ring : PolynomialRing
        Over a prime field.
    basis : tuple of Polynomial
        A Groebner basis in degrevlex order.
    extension : int
        The last variable generates GF(p^m) with this m; numbers of points are over that field.

    Raises
    ------
    InputError
        When there are infinitely many points.

    Complexity
    ----------
    Counting is that of the monomials; matrices take ``points^3`` for each variable.

    Examples
    --------
    >>> from algattn.exact import GF
    >>> ring = PolynomialRing(GF(101), ("x", "y"))
    >>> x, y = ring.gens()
    >>> algebra = FiniteAlgebra(ring, (x**2 - 1, y**2 - x))
    >>> algebra.size, algebra.distinct_values(y), algebra.distinct_values(x)
    (4, 4, 2)
    """

    ring: PolynomialRing
    basis: tuple[Polynomial, ...]
    extension: int = 1

    def __post_init__(self) -> None:
        if self.dimension > 0:
            raise InputError(
                "count points", f"they form a set of dimension {self.dimension}", "cut it first"
            )

    @cached_property
    def _heads(self) -> dict[Exponents, Polynomial]:
        key = order_key("degrevlex", (1,) * len(self.ring.names))
        return {leading_term(g, key)[0]: g for g in self.basis if g}

    @cached_property
    def dimension(self) -> int:
        """Of the set of points: 0, or -1 when there is none."""
        return monomial_dimension(list(self._heads), len(self.ring.names))

    @cached_property
    def monomials(self) -> tuple[Exponents, ...]:
        """A basis of the algebra, in the order of the ring."""
        if self.dimension < 0:
            return ()
        n, heads = len(self.ring.names), list(self._heads)
        found: list[Exponents] = []
        level: set[Exponents] = {(0,) * n}
        while level:
            tick()
            found += level
            above = {(*e[:i], e[i] + 1, *e[i + 1 :]) for e in level for i in range(n)}
            level = {e for e in above if not any(_divides(h, e) for h in heads)}
        return tuple(sorted(found, key=order_key("degrevlex", (1,) * n)))

    @property
    def size(self) -> int:
        """How many points there are over an algebraic closure, with multiplicities."""
        return len(self.monomials) // self.extension

    @cached_property
    def _matrices(self) -> list[nmod_mat]:
        """Multiplication by the variables: images of the monomials are the rows."""
        count, n = len(self.monomials), len(self.ring.names)
        if count > MAX_POINTS:
            raise LimitError("multiply in an algebra", f"it has dimension {count}", "fewer points")
        p = self.ring.field.characteristic
        place = {e: i for i, e in enumerate(self.monomials)}
        unit: dict[Exponents, dict[int, int]] = {e: {i: 1} for e, i in place.items()}
        images: list[list[dict[int, int]]] = [[{}] * count for _ in range(n)]
        border = {(*e[:j], e[j] + 1, *e[j + 1 :]): None for e in self.monomials for j in range(n)}
        key = order_key("degrevlex", (1,) * n)
        known = dict(unit)
        for m in sorted(border, key=key):
            tick()
            if m not in known:
                known[m] = self._normal(m, known, images, place, p)
            for j in range(n):
                if m[j] and (e := (*m[:j], m[j] - 1, *m[j + 1 :])) in place:
                    images[j][place[e]] = known[m]
        return [
            nmod_mat([[row.get(i, 0) for i in range(count)] for row in rows], p) for rows in images
        ]

    def _normal(
        self,
        m: Exponents,
        known: dict[Exponents, dict[int, int]],
        images: list[list[dict[int, int]]],
        place: dict[Exponents, int],
        p: int,
    ) -> dict[int, int]:
        """The remainder of a monomial just above the staircase, from those of smaller ones."""
        if m in self._heads:
            terms = dict(self._heads[m].terms())
            lead = int(1 / terms.pop(m))
            return {place[e]: -int(c) * lead % p for e, c in terms.items()}
        for i in range(len(m)):
            smaller = (*m[:i], m[i] - 1, *m[i + 1 :])
            if m[i] and smaller in known and smaller not in place:
                total: dict[int, int] = {}
                for b, c in known[smaller].items():
                    for e, x in images[i][b].items():
                        total[e] = (total.get(e, 0) + c * x) % p
                return total
        raise AssertionError("the basis is reduced")

    def multiplication(self, poly: Polynomial) -> nmod_mat:
        """The matrix of multiplication by a polynomial of the ring."""
        p, count = self.ring.field.characteristic, len(self.monomials)
        one = nmod_mat([[int(i == j) for j in range(count)] for i in range(count)], p)
        total = one * 0
        powers: dict[tuple[int, int], nmod_mat] = {}
        for e, c in poly.terms():
            term = one * int(c)
            for i, k in enumerate(e):
                if k:
                    if (i, k) not in powers:
                        powers[i, k] = _power(self._matrices[i], k)
                    term = term * powers[i, k]
            total = total + term
        return total

    def characteristic_polynomial(self, poly: Polynomial) -> nmod_poly:
        """The product of ``T - value`` over all points, with multiplicities."""
        return self.multiplication(poly).charpoly()

    def distinct_values(self, poly: Polynomial) -> int:
        """How many values a polynomial has at the points, over an algebraic closure.

        Over an extension GF(q): the number of values at the points of one embedding of GF(q),
        when those of different ones are different, as those of random polynomials are.
        """
        if not self.monomials:
            return 0
        _, factors = self.characteristic_polynomial(poly).factor()
        return sum(f.degree() for f, _ in factors) // self.extension


def _divides(a: Exponents, b: Exponents) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True))


def _power(matrix: nmod_mat, k: int) -> nmod_mat:
    found = matrix
    for _ in range(k - 1):
        found = found * matrix
    return found
