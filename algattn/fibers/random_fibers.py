"""The fiber of a map through a random point over a finite field, cut down to finitely many points.

Cheap and exact over the finite field; what it says about almost all fibers is PROBABLE.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flint import fq_default_ctx

from algattn.arguments import check_seed
from algattn.engines import GroebnerBasis, solve
from algattn.errors import LimitError
from algattn.exact import GF, Polynomial, PolynomialRing
from algattn.exact.fields import PrimeField
from algattn.exact.polynomials import new_name
from algattn.fibers.finite_algebras import FiniteAlgebra
from algattn.fibers.torus_gauge import NO_GAUGE, Gauge
from algattn.maps import PolynomialMap

#: Random numbers come from a field with at least so many elements.
MIN_FIELD = 30_000
#: Terms of a product of denominators that is still written out.
MAX_TERMS = 200
#: Primes of a map tried until a random point is off its poles.
TRIES = 20


def extension_degree(prime: int) -> int:
    """The degree of the field over GF(p) from which random numbers are drawn.

    >>> extension_degree(2), extension_degree(2147483647)
    (15, 1)
    """
    m = 1
    while prime**m < MIN_FIELD:
        m += 1
    return m


class _Scalars:
    """Random elements of GF(p) or of GF(p^m), as polynomials in the last variable of a ring."""

    def __init__(self, ring: PolynomialRing, degree: int, seed: str) -> None:
        self.ring, self.degree = ring, degree
        self._rng = random.Random(seed)
        self.modulus: Polynomial | None = None
        if degree > 1:
            p = ring.field.characteristic
            theta = ring.gens()[-1]
            found = fq_default_ctx(p, degree, "a").modulus()
            self.modulus = sum((theta**i * int(c) for i, c in enumerate(found)), ring(0))

    def draw(self) -> Polynomial:
        p = self.ring.field.characteristic
        found = self.ring(self._rng.randrange(p))
        for i in range(1, self.degree):
            found = found + self.ring.gens()[-1] ** i * self._rng.randrange(p)
        return found

    def reduce(self, poly: Polynomial) -> Polynomial:
        if self.modulus is None:
            return poly
        return Polynomial(self.ring, divmod(poly.flint, self.modulus.flint)[1])


@dataclass(frozen=True)
class RandomFiber:
    """The fiber of a map through a random point modulo a prime.

    Attributes
    ----------
    map : PolynomialMap
    seed, prime : int
        Over a map with coefficients in a small GF(p), the point has coordinates in an extension.
    gauge : Gauge
        Parameters that are set to one; none unless given.

    Examples
    --------
    >>> fiber = RandomFiber(PolynomialMap(["x^2", "x*y", "y^2"]), 0, 32003)
    >>> fiber.points(engine="sympy").size
    2
    """

    map: PolynomialMap
    seed: int
    prime: int
    gauge: Gauge = NO_GAUGE

    @property
    def degree(self) -> int:
        """The degree over GF(p) of the field of the point."""
        return extension_degree(self.prime)

    @cached_property
    def free(self) -> tuple[str, ...]:
        """The parameters that are not set to one."""
        return tuple(x for x in self.map.parameters if x not in self.gauge.fixed)

    @cached_property
    def _parts(self) -> tuple[PolynomialRing, list[Polynomial], _Scalars]:
        phi = self.map
        field = GF(self.prime)
        assert isinstance(field, PrimeField)
        inverses = [new_name(f"z{i}", phi.parameters) for i in range(len(phi.base_locus()))]
        extra = list(inverses)
        if self.degree > 1:
            extra.append(new_name("theta", phi.parameters))
        ring = PolynomialRing(field, (*self.free, *extra))
        scalars = _Scalars(ring, self.degree, f"algattn fiber {check_seed(self.seed, 'draw')}")
        gens = dict(zip(ring.names, ring.gens(), strict=True))
        variables = [gens.get(x, ring(1)) for x in phi.parameters]
        top, bottom = phi.fractions(variables)
        for _ in range(TRIES):
            drawn = {x: scalars.draw() for x in self.free}
            point = [drawn.get(x, ring(1)) for x in phi.parameters]
            values, poles = (list(map(scalars.reduce, v)) for v in phi.fractions(point))
            if all(poles):
                break
        else:
            raise LimitError("draw a random fiber", "all points drawn are poles", "another prime")
        pairs = zip(top, bottom, values, poles, strict=True)
        made = [scalars.reduce(p * d - q * c) for p, q, c, d in pairs]
        equations = list(dict.fromkeys(e for e in made if e))
        nonzero = list(dict.fromkeys(q for q in bottom if q.degree() > 0))
        product = ring(1)
        for n, q in enumerate(nonzero, 1):
            product = product * q
            if len(product) > MAX_TERMS or n == len(nonzero):
                equations.append(product * gens[inverses.pop()] - 1)
                product = ring(1)
        equations += [gens[x] for x in inverses]
        if scalars.modulus is not None:
            equations.append(scalars.modulus)
        return ring, equations, scalars

    @property
    def ring(self) -> PolynomialRing:
        """In the free parameters, an inverse for each denominator, and the generator of GF(q)."""
        return self._parts[0]

    @property
    def equations(self) -> list[Polynomial]:
        """What says that a point lies in the fiber, off the poles."""
        return self._parts[1]

    def linear(self, number: int) -> Polynomial:
        """A random linear form in the free parameters, the same for the same number."""
        scalars = _Scalars(self.ring, self.degree, f"algattn form {self.seed} {number}")
        gens = self.ring.gens()[: len(self.free)]
        return sum((g * scalars.draw() for g in gens), self.ring(0))

    def constant(self, number: int) -> Polynomial:
        """A random number, the same for the same number."""
        seed = f"algattn constant {self.seed} {number}"
        return _Scalars(self.ring, self.degree, seed).draw()

    def hyperplanes(self, cuts: int) -> list[Polynomial]:
        """Equations of random hyperplanes."""
        return [self.linear(i) - self.constant(i) for i in range(cuts)]

    def points(
        self,
        cuts: int = 0,
        more: Sequence[Polynomial] = (),
        *,
        engine: str | None = None,
        time_limit: float | None = 60.0,
    ) -> FiniteAlgebra:
        """The fiber cut by random hyperplanes (and `more`), when these are finitely many points.

        Raises
        ------
        InputError
            When there are infinitely many.
        EngineNotFoundError, EngineCrashError, EngineOutputError
            From the engine.
        LimitError
            When the time is over.
        """
        task = GroebnerBasis((*self.equations, *self.hyperplanes(cuts), *more), ring=self.ring)
        basis: Any = solve(task, engine, time_limit=time_limit)
        return FiniteAlgebra(self.ring, tuple(basis), self.degree)
