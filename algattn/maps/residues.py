"""The coordinates of a map modulo a prime: values at random points, or polynomials.

Over a number field QQ(theta) the prime has a root of the minimal polynomial, and theta goes to it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from math import lcm, prod
from typing import Any

import numpy as np

from algattn.errors import FieldError, UndecidedError
from algattn.exact import GF, NumberField, Polynomial, PolynomialRing
from algattn.exact.modular import primes_below
from algattn.maps.kernels import Array
from algattn.maps.polynomial_map import PolynomialMap

Exponents = tuple[int, ...]

POINTWISE = range(2**20, 2**31)
#: Fields with so few split primes are refused.
MAX_TRIED = 30_000
#: Batches of points that may all be poles.
MAX_BATCHES = 50
#: Values of terms that are held at once.
MAX_ENTRIES = 2_000_000


def roots(phi: PolynomialMap, prime: int) -> list[int]:
    """The simple roots of the minimal polynomial modulo a prime; ``[0]`` without a number field.

    >>> from algattn.exact import NumberField
    >>> roots(PolynomialMap(["theta*t"], field=NumberField([-2, 0, 1])), 7)
    [3, 4]
    """
    if not isinstance(phi.field, NumberField):
        return [0]
    return [r for r, times in phi.field.roots_modulo(prime) if times == 1]


def reduced(poly: Polynomial, phi: PolynomialMap, prime: int, root: int) -> dict[Exponents, int]:
    """The terms of a polynomial modulo a prime, with the generator of a number field at a root.

    >>> (x,) = PolynomialMap(["3/2*x"]).ring.gens()
    >>> reduced(x * "3/2", PolynomialMap(["x"]), 7, 0)
    {(1,): 5}
    """
    field, size = GF(prime), -1 if isinstance(phi.field, NumberField) else None
    found: dict[Exponents, int] = {}
    numbers: dict[Any, int] = {}  # few coefficients are different
    for exponents, c in poly.flint.to_dict().items():
        if (known := numbers.get(c)) is None:
            known = numbers[c] = int(field(c))
        number, e = known, tuple(map(int, exponents))
        if size is not None:
            number *= pow(root, e[-1], prime)
        found[e[:size]] = (found.get(e[:size], 0) + number) % prime
    return {e: c for e, c in found.items() if c}


def usable_primes(phi: PolynomialMap, others: Sequence[Polynomial] = ()) -> Iterator[int]:
    """Word primes that divide no denominator, modulo which no coordinate has a pole everywhere.

    `others` are polynomials with the same right.  Over a number field the minimal polynomial splits
    into different linear factors; over GF(p) there is p only.

    Raises
    ------
    UndecidedError
        When the next prime is far.
    """
    if phi.field.characteristic:
        yield phi.field.characteristic
        return
    below = phi.denominators if phi.rational else ()
    polys, field = (*phi.numerators, *below, *others), phi.field
    degree = field.degree if isinstance(field, NumberField) else 1
    bad = lcm(
        *(int(c.q) for p in polys for c in p.flint.to_dict().values()),
        *(c.denominator for c in (field.modulus if isinstance(field, NumberField) else ())),
    )
    tried = 0
    for p in primes_below(2**31):
        at = roots(phi, p) if bad % p else []
        if len(at) == degree and all(reduced(q, phi, p, r) for q in below for r in at):
            yield p
            tried = 0
        tried += 1
        if tried > MAX_TRIED:
            raise UndecidedError(
                "find the equations of a parametrization",
                f"the minimal polynomial of {field} splits modulo none of {tried} primes",
                "a field of smaller degree",
            )


class Residues:
    """Coordinates modulo a prime."""

    def __init__(self, phi: PolynomialMap, prime: int, seed: int, root: int) -> None:
        self.prime = prime
        self.variables = len(phi.parameters)
        self._rng = random.Random(f"algattn interpolation {seed} {prime}")
        self._top = [reduced(p, phi, prime, root) for p in phi.numerators]
        below = phi.denominators if phi.rational else ()
        self._bottom = [reduced(q, phi, prime, root) for q in below]
        if not all(self._bottom):
            raise FieldError(f"reduce a map modulo {prime}", "a denominator vanishes", "another")
        self._values: Array = np.zeros((0, len(self._top)), dtype=np.int64)

    # --- values ----------------------------------------------------------------------------------

    def values(self, count: int) -> Array:
        """Values of all coordinates at the first `count` random points off the poles."""
        batches = 0
        while (have := len(self._values)) < count:
            batches += 1
            if batches > MAX_BATCHES:
                wrong = f"{batches} times all random points modulo {self.prime} were poles"
                raise UndecidedError("evaluate a rational map", wrong, "another seed")
            more = max(count - have, 32)
            draws = [
                [self._rng.randrange(self.prime) for _ in range(self.variables)]
                for _ in range(more)
            ]
            points = np.array(draws, dtype=np.int64).reshape(more, self.variables)
            self._values = np.concatenate([self._values, self._at(points)])
        return self._values[:count]

    @cached_property
    def _tables(self) -> tuple[_Table, _Table]:
        return _Table(self._top, self.variables), _Table(self._bottom, self.variables)

    def _at(self, points: Array) -> Array:
        p = self.prime
        top = self._tables[0].at(points, p)
        if not self._bottom:
            return top
        bottom = self._tables[1].at(points, p)
        good = bottom.all(axis=1)
        inverse: Array = power(bottom[good], p - 2, p)
        return top[good] * inverse % p

    # --- polynomials -----------------------------------------------------------------------------

    def images(self, degrees: Sequence[int]) -> tuple[Polynomial, ...]:
        """The coordinates times ``q^d``, q a common denominator: polynomials without poles.

        A monomial of degree D in coordinates of these degrees goes to ``q^D`` times its value.
        """
        names = tuple(f"s_{i + 1}" for i in range(self.variables))
        ring = PolynomialRing(GF(self.prime), names)
        top = [ring(f) for f in self._top]
        if not self._bottom:
            return tuple(top)
        bottom = [ring(f) for f in self._bottom]
        different = list(dict.fromkeys(bottom))
        common = prod(different, start=ring(1))
        return tuple(
            p * prod((r for r in different if r != q), start=ring(1)) * common ** (d - 1)
            for p, q, d in zip(top, bottom, degrees, strict=True)
        )


class _Table:
    """The terms of several polynomials, one after another, evaluated all at once."""

    def __init__(self, polys: Sequence[Mapping[Exponents, int]], variables: int) -> None:
        powers: dict[tuple[int, int], int] = {}
        factors = [
            [powers.setdefault((i, e), len(powers)) for i, e in enumerate(exponents) if e]
            for poly in polys
            for exponents in poly
        ]
        self.powers = tuple(powers)  # different powers of variables; then comes 1
        longest = max(map(len, factors), default=0)
        one = len(powers)
        padded = [row + [one] * (longest - len(row)) for row in factors]
        self.factors = np.array(padded, dtype=np.intp).reshape(len(factors), longest)
        self.coefficients = np.array([c for poly in polys for c in poly.values()], dtype=np.int64)
        self.ends = np.cumsum([0, *map(len, polys)])

    def at(self, points: Array, p: int) -> Array:
        """The values modulo p, a column for each polynomial."""
        known = [power(points[:, i], e, p) for i, e in self.powers]
        values = np.array([*known, np.ones(len(points), dtype=np.int64)])
        out = np.zeros((len(self.ends) - 1, len(points)), dtype=np.int64)
        block = max(MAX_ENTRIES // max(len(self.coefficients), 1), 1)
        for start in range(0, len(points), block):
            here = values[:, start : start + block]
            terms = np.repeat(self.coefficients[:, None], here.shape[1], axis=1)
            for column in self.factors.T:
                terms = terms * here[column] % p
            # residues below 2^31: sums of so many of them as fit into memory do not overflow
            sums = np.concatenate([np.zeros_like(here[:1]), np.cumsum(terms, axis=0)])
            out[:, start : start + block] = (sums[self.ends[1:]] - sums[self.ends[:-1]]) % p
        return out.T


def power(base: Array, e: int, p: int) -> Array:
    """Entries to a power modulo a prime below 2^31.

    >>> power(np.array([2, 3]), 5, 7)
    array([4, 5])
    """
    out = np.ones_like(base)
    while e:
        if e & 1:
            out = out * base % p
        e >>= 1
        if e:
            base = base * base % p
    return out
