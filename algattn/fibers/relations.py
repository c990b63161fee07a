"""Algebraic relations of a function over the coordinates of a map, by interpolation modulo primes.

A relation ``a_t(phi) h^t + .. + a_0(phi) = 0`` with ``a_t(phi) != 0`` shows that h takes at most t
values on a general fiber; for t = 1 it is a formula for h.  It is a vector in the kernel of the
values of monomials at random points, lifted by Chinese remainders and checked by substitution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import comb, gcd, lcm

from algattn.dimension.maps import jacobian_rank
from algattn.errors import UndecidedError
from algattn.exact import (
    QQ,
    Field,
    NumberField,
    Polynomial,
)
from algattn.exact.irreducible import irreducible
from algattn.exact.modular import echelon, matrix_of
from algattn.fibers.map_functions import (
    MAX_TERMS,
    coefficients,
    relation_ring,
    size_after,
    substituted,
)
from algattn.maps import PolynomialMap
from algattn.maps.gradings import finest_grading
from algattn.maps.kernels import Array, Kernel
from algattn.maps.lifting import Remainders, from_conjugates, split_primes
from algattn.maps.monomial_kernels import MonomialKernels

#: Columns of the largest kernel that is looked for.
MAX_COLUMNS = 1000
MAX_POWER = 100
MAX_DEGREE = 16
MAX_PRIMES = 200
#: So many more primes than others contradict the first one, until another one is taken instead.
MAX_MISSES = 3
#: Terms of polynomials that are still factored.
MAX_FACTORED = 5000

Column = tuple[tuple[int, ...], int]  # a monomial in the coordinates, and the power of h


@dataclass(frozen=True)
class Relation:
    """A polynomial in the coordinates and the function h that vanishes, proved by substitution."""

    poly: Polynomial
    place: int  # that of h among the variables

    @property
    def degree(self) -> int:
        """The degree in h."""
        return max(coefficients(self.poly, self.place))

    def irreducible_over(self, field: Field) -> bool:
        """Whether it is seen to be irreducible, in a time that a search may take."""
        return len(self.poly) <= MAX_FACTORED and irreducible(self.poly, field)


class Relations:
    """The search for relations of the last coordinate of a map over some of the others.

    Parameters
    ----------
    joint : PolynomialMap
        Its last coordinate is the function.
    phi : PolynomialMap
        The map without it.
    base : sequence of int
        The coordinates that may occur.
    independent : bool
        Whether those are known to be algebraically independent.
    step : callable
        Called between long steps; it may raise.
    """

    def __init__(
        self,
        joint: PolynomialMap,
        phi: PolynomialMap,
        base: Sequence[int],
        *,
        independent: bool = False,
        seed: int = 0,
        step: Callable[[], None] = lambda: None,
    ) -> None:
        self.joint, self.base, self.seed, self.step = joint, tuple(base), seed, step
        self.ring = relation_ring(phi)
        self.place = len(phi.coordinates)
        self._independent = independent
        self._primes = split_primes(joint)
        self._standard: dict[int, list[tuple[int, ...]]] = {0: [()]}
        self._work: dict[tuple[int, int], MonomialKernels] = {}
        self.first = next(self._primes)

    # --- kernels -------------------------------------------------------------------------------

    @cached_property
    def _families(self) -> tuple[PolynomialMap, bool, bool]:
        """A common denominator, the numerators over it, the denominator of h and its numerator."""
        *tops, top = self.joint.numerators
        *bottoms, bottom = self.joint.denominators
        common = self.joint.ring(1)
        for j in self.base:
            common = common * _quotient(bottoms[j], common.gcd(bottoms[j]))
        above = [tops[j] * _quotient(common, bottoms[j]) for j in self.base]
        whole = PolynomialMap(
            [common, *above, bottom, top], parameters=self.joint.shapes, field=self.joint.field
        )
        return whole, common != 1, bottom != 1

    @cached_property
    def _rows(self) -> tuple[tuple[int, ...], ...]:
        """The gradings for which coordinates and function are homogeneous."""
        kept = [*self.base, self.place]
        below = self.joint.denominators if self.joint.rational else ()
        return finest_grading(
            [self.joint.numerators[j] for j in kept],
            [below[j] for j in kept] if below else (),
            len(self.joint.parameters),
        ).rows

    def kernel(
        self, columns: Sequence[Column], degree: int, power: int, prime: int, root: int
    ) -> Kernel:
        """The relations among columns modulo a prime."""
        polys, below, under = self._families
        n = len(self.base)
        if (prime, root) not in self._work:
            self._work[prime, root] = MonomialKernels(polys, prime, self.seed, root)
        return self._work[prime, root].kernel(
            [
                (
                    *((0,) * (degree - len(m)) if below else ()),
                    *(j + 1 for j in m),
                    *((n + 1,) * (power - i) if under else ()),
                    *((n + 2,) * i),
                )
                for m, i in columns
            ]
        )

    @cached_property
    def _packed(self) -> list[int]:
        """The weights of the coordinates and of h as one integer each, additive up to a degree."""
        largest = max((abs(x) for row in self._rows for x in row), default=1)
        base = 2 * largest * (MAX_DEGREE + MAX_POWER + 1) + 1
        return [
            sum(row[j] * base**n for n, row in enumerate(self._rows))
            for j in range(len(self.base) + 1)
        ]

    def _grouped(self, monomials: Sequence[tuple[int, ...]], power: int) -> Iterator[list[Column]]:
        """The columns of one weight each, where a power of h meets a monomial without it.

        A relation without such a monomial is one of smaller degree times h.
        """
        weight, last = self._packed, self._packed[-1]
        weights = [sum(weight[j] for j in m) for m in monomials]
        found: dict[int, list[Column]] = {w: [] for w in weights}
        for i in range(power + 1):
            for m, w in zip(monomials, weights, strict=True):
                group = found.get(w + i * last)
                if group is not None:
                    group.append((m, i))
        yield from (g for g in found.values() if power == 0 or g[-1][1])

    def standard(self, degree: int) -> list[tuple[int, ...]]:
        """Monomials in the coordinates whose values are a basis up to a degree, modulo a prime."""
        if degree not in self._standard:
            below = self.standard(degree - 1)
            known = set(below)
            new = [
                (*m, j)
                for m in below
                if len(m) == degree - 1
                for j in range(m[-1] if m else 0, len(self.base))
                if all((*m[:n], *m[n + 1 :], j) in known for n in range(len(m)))
            ]
            if not self._independent:
                prime, roots = self.first
                kept: set[tuple[int, ...]] = set()
                for group in self._grouped([*below, *new], 0):
                    self.step()
                    found = self.kernel(group, degree, 0, prime, roots[0])
                    kept |= {group[i][0] for i in found.pivots}
                new = [m for m in new if m in kept]
            self._standard[degree] = [*below, *new]
        return self._standard[degree]

    # --- search --------------------------------------------------------------------------------

    def find(self, degree: int, power: int) -> Relation | None:
        """The relation of least degree in h, with coefficients up to a degree and h up to a power.

        None where there is none, which is not proved.
        """
        prime, roots = self.first
        best: tuple[tuple[int, int, int], list[Column]] | None = None
        for group in self._grouped(self.standard(degree), power):
            if len(group) > MAX_COLUMNS:
                continue
            self.step()
            found = self.kernel(group, degree, power, prime, roots[0])
            if not found.free:
                continue
            columns = [group[j] for j in sorted(found.vector(0))]
            size = columns[-1][1], max(len(m) + i for m, i in columns), len(columns)
            if best is None or size < best[0]:
                best = size, columns
        if best is None:
            return None
        relation = self._lift(best[1], degree, best[0][0])
        return relation or self.find(
            degree, power
        )  # with another prime, the first one being special

    def search(self, below: int = MAX_POWER + 1, columns: int = MAX_COLUMNS) -> Iterator[Relation]:
        """Relations of smaller and smaller degree in h, all below a degree."""
        if not self.joint.numerators[-1]:
            yield Relation(self.ring.gens()[self.place], self.place)
            return
        tried: dict[int, int] = {}
        n, level = len(self.base), 15
        columns *= 1 + 3 * min(
            len(self._rows), 3
        )  # gradings make many small kernels of a large one
        while level < columns:
            level = min(2 * level, columns)
            for degree in range(MAX_DEGREE + 1):
                power = min(level // comb(n + degree, degree) - 1, below - 1, MAX_POWER)
                power = min(power, 1) if degree == 0 else power  # a constant, or nothing
                if power < 1 or below <= 1:
                    break
                if power <= max((t for d, t in tried.items() if d >= degree), default=0):
                    continue
                tried[degree] = power
                found = self.find(degree, power)
                if found is not None and found.degree < below:
                    below = found.degree
                    yield found

    # --- lifting -------------------------------------------------------------------------------

    def _modulo(
        self,
        columns: Sequence[Column],
        degree: int,
        power: int,
        prime: int,
        roots: Sequence[int],
    ) -> Array | None:
        """The relation modulo a prime, as coefficients of the powers of the generator."""
        rows = []
        for root in roots:
            self.step()
            found = self.kernel(columns, degree, power, prime, root)
            if found.free != [len(columns) - 1]:
                return None
            rows.append(found.dense()[0])
        return from_conjugates(rows, roots, prime)

    def _lift(self, columns: Sequence[Column], degree: int, power: int) -> Relation | None:
        """The relation; None when only the first prime has one, which is replaced then."""
        if size_after(self.joint, [self._exponents(c, 0) for c in columns]) > MAX_TERMS:
            wrong = f"one with {len(columns)} terms is too large to be proved by substitution"
            raise UndecidedError("find a relation", wrong, "a slice of the map, by restrict")
        past, field, misses = Remainders(), self.joint.field, 0
        for prime, roots in chain([self.first], self._primes):
            found = self._modulo(columns, degree, power, prime, roots)
            if found is None:
                misses += 1
                if misses > MAX_MISSES + past.primes and not field.characteristic:
                    self.first, self._standard = (prime, roots), {0: [()]}
                    return None
                continue
            past.add(found, prime)
            numbers = dict(enumerate(map(int, found))) if field.characteristic else past.integers()
            if numbers is not None:
                terms = (
                    (self._exponents(columns[n // len(roots)], n % len(roots)), c)
                    for n, c in numbers.items()
                    if c
                )
                poly = _primitive(self.ring.from_terms(terms))
                self.step()
                if not substituted(self.joint, poly):
                    return Relation(poly, self.place)
            if past.primes == MAX_PRIMES:
                break
        raise UndecidedError(
            "find a relation", f"{past.primes} primes do not give one that holds", "another seed"
        )

    def _exponents(self, column: Column, theta: int) -> tuple[int, ...]:
        m, i = column
        out = [0] * len(self.ring.names)
        for j in m:
            out[self.base[j]] += 1
        out[self.place] = i
        if theta:
            out[-1] = theta
        return tuple(out)


def _quotient(p: Polynomial, q: Polynomial) -> Polynomial:
    found = p.divide(q)
    assert found is not None
    return found


def _primitive(poly: Polynomial) -> Polynomial:
    """Over QQ with whole coefficients without common factor, the first one positive."""
    if poly.ring.field.characteristic:
        monic: Polynomial = poly * (1 / next(c for _, c in poly.terms()))
        return monic
    numbers = [c for _, c in poly.terms()]
    factor = QQ(lcm(*(int(c.q) for c in numbers))) / gcd(*(int(c.p) for c in numbers))
    scaled: Polynomial = poly * (factor if numbers[0] > 0 else -factor)
    return scaled


def independent_coordinates(phi: PolynomialMap, seed: int, prime: int) -> tuple[int, ...]:
    """Coordinates, simple ones first, whose Jacobian has full rank at a point modulo a prime.

    They are algebraically independent over the field.

    >>> independent_coordinates(PolynomialMap(["s^2", "s*t", "t^2"]), 0, 10007)
    (0, 1)
    """
    point = phi.random_point(seed, prime)
    _, _, rows = phi.rows(point)
    order = sorted(
        range(len(rows)),
        key=lambda j: (phi.numerators[j].degree(), len(phi.numerators[j]), j),
    )
    moved = matrix_of([rows[j] for j in order], range(len(point)), prime)
    _, pivots = echelon(moved.transpose())
    return tuple(sorted(order[c] for c in pivots))


def are_independent(phi: PolynomialMap, chosen: Sequence[int], seed: int, prime: int) -> bool:
    """Whether some coordinates have a Jacobian of full rank at that point."""
    if not chosen:
        return True
    part = PolynomialMap(
        [phi.numerators[j] for j in chosen],
        [phi.denominators[j] for j in chosen],
        parameters=phi.shapes,
        field=phi.field,
    )
    return jacobian_rank(part, seed, prime) == len(chosen)


def irreducible_factor(relation: Relation, joint: PolynomialMap) -> Relation:
    """The factor of a relation over QQ or GF(p) that still is one."""
    if isinstance(joint.field, NumberField) or len(relation.poly) > MAX_FACTORED:
        return relation
    for factor, _ in relation.poly.factor()[1]:
        if any(e[relation.place] for e, _ in factor.terms()) and not substituted(joint, factor):
            return Relation(_primitive(factor), relation.place)
    return relation
