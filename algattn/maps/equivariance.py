"""Affine motions of the parameters that move the image linearly.

An *equivariance* of a map phi is an affine vector field X on the parameters and a matrix N with
``X(phi) = N phi + b`` for a constant vector b.  Where the parameters fall into blocks that no
monomial joins, ``phi - phi(0) = sum_h phi_h(theta_h)``, it may stretch the blocks differently:
``X(phi_h) = (N + c_h) phi_h + b_h`` with one N.  The rank of the Jacobian does not change along X
(lemma "slice" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from typing import Any

from flint import fmpq, nmod_mat

from algattn.errors import HypothesisError, LimitError
from algattn.exact import Polynomial, rational_reconstruction
from algattn.exact.modular import primes_below
from algattn.maps.polynomial_map import PolynomialMap
from algattn.maps.symmetries import VectorField
from algattn.progress import tick

__all__ = ["Equivariance", "Equivariances", "equivariances"]

#: Terms of all ``theta_j d/dtheta_i`` of all coordinates that are still compared.
MAX_TERMS = 1_000_000
#: Entries of the coordinates as vectors of coefficients.
MAX_ENTRIES = 4_000_000
#: The column of the constants in a field.
CONSTANT = -1
MASK = 2**60 - 1

#: A row of coefficients, by the number of the monomial.
Vector = dict[int, int]


@dataclass(frozen=True)
class Equivariance:
    """A vector field, the stretching of the blocks, and what it does to the coordinates.

    Attributes
    ----------
    velocities : tuple of (int, int, fmpq)
        ``(i, j, a)``: parameter i moves with ``a theta_j``; with ``a`` where j is -1.
    scalars : tuple of fmpq
        One for each block of the map; none where it moves all blocks together, or one with another.
    action : tuple of (int, int, fmpq)
        The matrix N, without zeros.
    """

    velocities: tuple[tuple[int, int, fmpq], ...]
    scalars: tuple[fmpq, ...]
    action: tuple[tuple[int, int, fmpq], ...]

    @property
    def fixes_the_image(self) -> bool:
        """Whether it moves points within their fibers, up to the constants b."""
        return not self.action and not any(self.scalars)

    def at(self, point: Sequence[Any]) -> dict[int, Any]:
        """The velocities at a point, by the number of the parameter."""
        found: dict[int, Any] = {}
        zero = point[0] * 0
        for i, j, a in self.velocities:
            found[i] = found.get(i, zero) + _scaled(zero + 1 if j == CONSTANT else point[j], a)
        return {i: x for i, x in found.items() if x != 0}

    def field(self, phi: PolynomialMap, name: str) -> VectorField:
        """The vector field with components in the ring of the map."""
        moved = self.at(phi.ring.gens())
        return VectorField(name, {phi.parameters[i]: p for i, p in moved.items()})


def _scaled(x: Any, a: fmpq) -> Any:
    """A ring element times a rational number; a residue where the ring is a prime field."""
    return x * a if isinstance(x, Polynomial | fmpq) else x * int(a.p) / (x * 0 + int(a.q))


class Equivariances:
    """The affine equivariances of a map of characteristic zero, and the check of one.

    Over a number field only those with rational coefficients are found: sums over its generator
    count as polynomials in one more variable, which nothing moves.

    Raises
    ------
    HypothesisError
        In characteristic p, where a vector field says nothing about ranks elsewhere.
    """

    def __init__(self, phi: PolynomialMap) -> None:
        if phi.field.characteristic:
            wrong = f"the map is over {phi.field}, where they prove nothing about other points"
            raise HypothesisError("find equivariances", wrong, "a map over QQ or a number field")
        self.phi, self.k = phi, len(phi.parameters)
        names = list(phi.parameters)
        self.blocks = [[names.index(x) for x in b] for b in phi.blocks()]
        if phi.rational:  # the scalars of blocks need a sum of maps
            self.blocks = [list(range(self.k))]
        self.home = {j: h for h, block in enumerate(self.blocks) for j in block}
        one = phi.ring(1)
        self.common = one
        for q in dict.fromkeys(phi.denominators if phi.rational else ()):
            self.common = self.common * q.divide(self.common.gcd(q))
        pairs = zip(phi.numerators, phi.denominators, strict=True)
        self.tops = [phi._normal(p * self.common.divide(q)) for p, q in pairs]

    # --- the identity --------------------------------------------------------------------------

    def holds(self, given: Equivariance) -> bool:
        """Whether the identity of polynomials holds over the field."""
        places, n = [(i, j) for i, j, _ in given.velocities], len(self.tops)
        if not (
            all(0 <= i < self.k and CONSTANT <= j < self.k for i, j in places)
            and all(0 <= i < n and 0 <= j < n for i, j, _ in given.action)
        ):
            return False
        if given.scalars and (  # then no block may move with another one
            len(given.scalars) != len(self.blocks)
            or any(j != CONSTANT and self.home[i] != self.home[j] for i, j in places)
        ):
            return False
        left = self._along(given)
        if self.phi.rational:
            lows, square = left.pop(n, None), self.common.flint * self.common.flint
            left = {i: p * self.common.flint for i, p in left.items()}
            if lows is not None:
                for i, top in enumerate(self.tops):
                    left[i] = left.get(i, 0) - top.flint * lows
        for i, j, a in given.action:
            right = self.tops[j].flint * a
            left[i] = left.get(i, 0) - (right * self.common.flint if self.phi.rational else right)
        for i in range(n) if given.scalars else ():
            for h, part in self._parts(self.tops[i]).items():
                left[i] = left.get(i, 0) - part.flint * given.scalars[h]
        ring = self.phi.ring
        rest = [self.phi._normal(Polynomial(ring, p)) for p in left.values() if p != 0]
        if self.phi.rational:
            whole = self.phi._normal(Polynomial(ring, square))
            return all(_proportional(p, whole) for p in rest if p)
        return not any(self._moves(term) for p in rest for term in p.terms())

    def kills(self, given: Equivariance) -> bool:
        """Whether the map is constant along the field."""
        if given.action or any(given.scalars) or not self.holds(given):
            return False
        if self.phi.rational:
            _, _, rows = self.phi._known.rows(self.phi.ring.gens()[: self.k])
            moved = given.at(self.phi.ring.gens()[: self.k])
            along = (sum((row[j] * x for j, x in moved.items() if j in row), 0) for row in rows)
            return not any(p != 0 and self.phi._normal(p) for p in along)
        left = (self.phi._normal(Polynomial(self.phi.ring, p)) for p in self._along(given).values())
        return not any(left)

    @cached_property
    def slopes(self) -> list[list[tuple[int, Any]]]:
        """For each parameter, the derivatives of the numerators and of the denominator (last)."""
        polys = [*self.tops, *([self.common] if self.phi.rational else [])]
        return [
            [(n, d) for n, p in enumerate(polys) if (d := p.flint.derivative(name)) != 0]
            for name in self.phi.parameters
        ]

    def _along(self, given: Equivariance) -> dict[int, Any]:
        """The derivatives of the numerators and of the denominator along a field."""
        found: dict[int, Any] = {}
        for i, x in given.at(self.phi.ring.gens()[: self.k]).items():
            for n, slope in self.slopes[i]:
                y = slope * x.flint
                found[n] = found[n] + y if n in found else y
        return found

    def _parts(self, poly: Polynomial) -> dict[int, Polynomial]:
        """The parts in the blocks, without the constant."""
        if len(self.blocks) == 1:
            return {0: poly - poly.ring.from_terms(t for t in poly.terms() if not self._moves(t))}
        terms: dict[int, list[Any]] = defaultdict(list)
        for e, c in poly.terms():
            if (j := next((j for j in range(self.k) if e[j]), None)) is not None:
                terms[self.home[j]].append((e, c))
        return {h: poly.ring.from_terms(found) for h, found in terms.items()}

    def _moves(self, term: tuple[tuple[int, ...], Any]) -> bool:
        return any(term[0][: self.k])

    # --- the search ----------------------------------------------------------------------------

    def find(self, *, fiber: bool = False, joined: bool = False) -> tuple[Equivariance, ...]:
        """Independent equivariances that span all of one sort, each checked.

        Parameters
        ----------
        fiber : bool
            Those along which the map is constant.
        joined : bool
            Those that stretch no block apart, and may move one with another.

        Raises
        ------
        LimitError
            When the map is too large.
        """
        prime = next(p for p in primes_below(2**62) if self._reduces(p))
        search = _Search(self, prime, fiber, joined)
        found = []
        for velocities, scalars in search.kernel():
            tick()
            if not velocities:  # N undoes the stretching of blocks
                continue
            action = search.action(velocities, scalars)
            if action is None:
                continue
            candidate = Equivariance(velocities, scalars, action)
            if self.holds(candidate):
                found.append(candidate)
        return tuple(found)

    def _reduces(self, prime: int) -> bool:
        polys = (*self.tops, self.common)
        return all(int(self.phi.ring.field(c).q) % prime for p in polys for _, c in p.terms())


def _proportional(left: Polynomial, right: Polynomial) -> bool:
    """Whether a polynomial is a number times another one."""
    a, b = (next(iter(p.terms())) for p in (left, right))
    return a[0] == b[0] and not left - right * (a[1] / b[1])


class _Search:
    """The linear equations for fields and scalars, N eliminated, modulo a prime.

    The unknowns are the numbers a_ij of ``a_ij theta_j d/dtheta_i``, those of the translations, and
    the scalars.  Each gives every coordinate a polynomial; what has to be found
    are combinations that lie in the span of the coordinates and the constants.
    """

    def __init__(self, rules: Equivariances, prime: int, fiber: bool, joined: bool) -> None:
        self.rules, self.prime = rules, prime
        self.mates = {j: block for block in rules.blocks for j in block}
        if joined:
            self.mates = {j: list(range(rules.k)) for j in range(rules.k)}
        phi, common = rules.phi, rules.common
        rng = random.Random(0)
        #: Monomials are sums of these; two equal ones would spoil the search, but no proof.
        self.weights = [rng.getrandbits(60) for _ in phi.ring.names]
        # the span: coordinates times the common denominator, and the square of the denominator
        span = [] if fiber else [phi._normal(p * common) for p in rules.tops]
        self.size = len(span)
        if not fiber:
            span.append(phi._normal(common * common))
        self.span = [dict(self._terms(p.flint)) for p in span]
        self._reduce_span()
        self._collect(scalars=not fiber and not joined and len(rules.blocks) > 1)

    def _terms(self, flint: Any) -> list[tuple[int, int]]:
        """Monomials as numbers, and coefficients modulo the prime."""
        p, weights = self.prime, self.weights
        found = []
        for e, c in zip(flint.monoms(), flint.coeffs(), strict=True):
            key = sum(map(mul, e, weights)) & MASK
            q = int(c.q)
            found.append((key, int(c.p) * (1 if q == 1 else pow(q, -1, p)) % p))
        return found

    def _reduce_span(self) -> None:
        """The span in reduced form, with independent members of it and their inverse."""
        places = sorted({key for row in self.span for key in row})
        if len(self.span) * len(places) > MAX_ENTRIES:
            wrong = f"{len(self.span)} coordinates with {len(places)} monomials"
            raise LimitError("find equivariances", wrong, "a slice, by restrict")
        dense = [[row.get(j, 0) for j in places] for row in self.span]
        self.kept: list[int] = []
        self.reduced: dict[int, Vector] = {}
        if not dense:
            return
        matrix = nmod_mat(dense, self.prime)
        across, rank = matrix.transpose().rref()
        self.kept = [_first(across, i) for i in range(rank)]
        echelon, _ = nmod_mat([dense[i] for i in self.kept], self.prime).rref()
        for row in echelon.tolist():
            kept = {j: int(x) for j, x in zip(places, row, strict=True) if x}
            self.reduced[next(iter(kept))] = dict(list(kept.items())[1:])
        self.pivots = list(self.reduced)
        square = [[self.span[i].get(j, 0) for j in self.pivots] for i in self.kept]
        self.inverse = nmod_mat(square, self.prime).inv()

    def _collect(self, *, scalars: bool) -> None:
        """The unknowns, and for each the coordinates as it changes them."""
        rules, phi, common = self.rules, self.rules.phi, self.rules.common
        slopes = [dict(found) for found in rules.slopes]
        if phi.rational:
            last = len(rules.tops)
            for found in slopes:
                low = found.pop(last, None)
                tops = range(last) if low is not None else list(found)
                for n in tops:
                    slope = found.get(n, 0) * common.flint
                    if low is not None:
                        slope -= rules.tops[n].flint * low
                    found[n] = phi._normal(Polynomial(phi.ring, slope)).flint
        many = sum(
            len(p) * (len(self.mates[i]) + 1)
            for i, found in enumerate(slopes)
            for p in found.values()
        )
        if many > MAX_TERMS:
            wrong = f"there are {many} terms to compare, above {MAX_TERMS}"
            raise LimitError("find equivariances", wrong, "a slice, by restrict")
        self.slopes = [[(n, self._terms(p)) for n, p in found.items()] for found in slopes]
        self.unknowns = [
            (i, j) for i in range(rules.k) for j in (CONSTANT, *self.mates[i]) if slopes[i]
        ]
        self.unknowns += [(i, CONSTANT) for i in range(rules.k) if not slopes[i]]
        self.parts: list[dict[int, list[tuple[int, int]]]] = []
        if scalars:
            for top in rules.tops:
                self.parts.append({h: self._terms(-p.flint) for h, p in rules._parts(top).items()})
            self.unknowns += [(-1, h) for h in range(1, len(rules.blocks))]  # N stretches the first

    def _image(self, unknown: tuple[int, int]) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """The coordinates, by number, as an unknown changes them."""
        i, j = unknown
        if i < 0:
            yield from ((n, part[j]) for n, part in enumerate(self.parts) if j in part)
            return
        shift = 0 if j == CONSTANT else self.weights[j]
        for n, terms in self.slopes[i]:
            yield n, [((key + shift) & MASK, x) for key, x in terms]

    def kernel(
        self,
    ) -> Iterator[tuple[tuple[tuple[int, int, fmpq], ...], tuple[fmpq, ...]]]:
        """Velocities and scalars of a basis of the solutions, lifted to rational numbers."""
        rows: dict[tuple[int, int], Vector] = defaultdict(dict)
        for u, unknown in enumerate(self.unknowns):
            tick()
            for n, terms in self._image(unknown):
                for place, x in self._rest(terms):
                    rows[n, place][u] = x
        blocks = len(self.rules.blocks)
        for members, equations in _components(rows.values(), len(self.unknowns)):
            tick()
            for vector in _nullspace(members, equations, self.prime):
                lifted = {u: rational_reconstruction(x, self.prime) for u, x in vector.items()}
                if None in lifted.values():
                    continue
                exact = {u: fmpq(x.numerator, x.denominator) for u, x in lifted.items() if x}
                fields = tuple(
                    (*self.unknowns[u], a) for u, a in exact.items() if self.unknowns[u][0] >= 0
                )
                stretched = {
                    self.unknowns[u][1]: a for u, a in exact.items() if self.unknowns[u][0] < 0
                }
                scalars = [stretched.get(h, fmpq(0)) for h in range(blocks if stretched else 0)]
                yield fields, tuple(scalars)

    def _rest(self, terms: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
        """A vector modulo the span, without the places of its pivots."""
        reduced, p = self.reduced, self.prime
        if not any(key in reduced for key, _ in terms):
            return terms
        found = dict(terms)
        for place in [key for key in found if key in reduced]:
            x = found.pop(place)
            for j, y in reduced[place].items():
                found[j] = (found.get(j, 0) - x * y) % p
        return [(j, x) for j, x in found.items() if x]

    def action(
        self, velocities: Sequence[tuple[int, int, fmpq]], scalars: Sequence[fmpq]
    ) -> tuple[tuple[int, int, fmpq], ...] | None:
        """The matrix N, lifted; None when its entries are too large."""
        if not self.size:
            return ()
        p = self.prime
        weights = {(i, j): a for i, j, a in velocities} | {
            (-1, h): a for h, a in enumerate(scalars) if a
        }
        total: dict[int, Vector] = defaultdict(lambda: defaultdict(int))
        for unknown, a in weights.items():
            number = int(a.p) * pow(int(a.q), -1, p) % p
            for n, terms in self._image(unknown):
                for place, x in terms:
                    if place in self.reduced:
                        total[n][place] = (total[n][place] + number * x) % p
        entries = []
        for n, vector in total.items():
            if not any(vector.values()):
                continue
            left = nmod_mat([[vector.get(j, 0) for j in self.pivots]], p) * self.inverse
            for column, member in enumerate(self.kept):
                if (x := int(left[0, column])) and member < self.size:
                    exact = rational_reconstruction(x, p)
                    if exact is None:
                        return None
                    entries.append((n, member, fmpq(exact.numerator, exact.denominator)))
        return tuple(entries)


def _first(matrix: nmod_mat, i: int) -> int:
    return next(j for j in range(matrix.ncols()) if int(matrix[i, j]))


def _components(rows: Any, count: int) -> Iterator[tuple[list[int], list[Vector]]]:
    """The unknowns in groups that no equation joins, each with its equations."""
    parent = list(range(count))

    def root(u: int) -> int:
        while parent[u] != u:
            parent[u] = parent[parent[u]]
            u = parent[u]
        return u

    kept = {tuple(sorted(row.items())) for row in rows}
    for row in kept:
        first = root(row[0][0])
        for u, _ in row[1:]:
            parent[root(u)] = first
    members: dict[int, list[int]] = defaultdict(list)
    equations: dict[int, list[Vector]] = defaultdict(list)
    for u in range(count):
        members[root(u)].append(u)
    for row in kept:
        equations[root(row[0][0])].append(dict(row))
    for r, group in members.items():
        yield group, equations[r]


def _nullspace(members: list[int], equations: list[Vector], prime: int) -> Iterator[Vector]:
    """A basis of the solutions, each with a one where the others have zero."""
    if not equations:
        yield from ({u: 1} for u in members)
        return
    if len(members) == 1:
        return
    dense = [[row.get(u, 0) for u in members] for row in equations]
    echelon, rank = nmod_mat(dense, prime).rref()
    pivots = [_first(echelon, i) for i in range(rank)]
    for free in sorted(set(range(len(members))) - set(pivots)):
        found = {members[free]: 1}
        for i, j in enumerate(pivots):
            if x := int(echelon[i, free]):
                found[members[j]] = -x % prime
        yield found


def equivariances(phi: PolynomialMap) -> tuple[Equivariance, ...]:
    """Affine motions of the parameters that move the image linearly, proved.

    Parameters
    ----------
    phi : PolynomialMap
        Over QQ or a number field.

    Returns
    -------
    tuple of Equivariance
        They span all with rational coefficients, unless the numbers in some of them have more than
        nine digits.  Each is checked as an identity of polynomials.

    Raises
    ------
    HypothesisError
        In characteristic p.
    LimitError
        When the map is too large.

    Complexity
    ----------
    A kernel for each set of unknowns that no equation joins; at most one for each weight of the
    torus that keeps the map homogeneous.

    References
    ----------
    Lemma "slice" of ``algattn/docs/maps.md``.

    Examples
    --------
    The linear group acts on squares of linear forms:

    >>> len(equivariances(PolynomialMap(["s^2", "s*t", "t^2"])))
    4
    >>> len(equivariances(PolynomialMap(["x^2+x", "y^2"])))
    2
    """
    rules = Equivariances(phi)
    found = dict.fromkeys(rules.find())
    if len(rules.blocks) > 1:
        known = {f.velocities for f in found}
        found |= dict.fromkeys(f for f in rules.find(joined=True) if f.velocities not in known)
    return tuple(found)
