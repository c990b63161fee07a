"""The linear equations for equivariances, modulo a prime, and their lifted solutions."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import mul
from typing import Any

from flint import fmpq, nmod_mat

from algattn.errors import LimitError
from algattn.exact import Polynomial, rational_reconstruction
from algattn.exact.modular import echelon, matrix_of
from algattn.maps.cleared import ClearedMap
from algattn.progress import tick

#: Terms of all ``theta_j d/dtheta_i`` of all coordinates that are still compared.
MAX_TERMS = 1_000_000
#: Entries of the coordinates as vectors of coefficients.
MAX_ENTRIES = 4_000_000
#: The column of the constants in a field.
CONSTANT = -1
MASK = 2**60 - 1

#: A row of coefficients, by the number of the monomial.
Vector = dict[int, int]
Velocities = Sequence[tuple[int, int, fmpq]]


class Search:
    """The linear equations for fields and scalars, N eliminated, modulo a prime.

    The unknowns are the numbers a_ij of ``a_ij theta_j d/dtheta_i``, those of the translations, and
    the scalars.  Each gives every coordinate a polynomial; what has to be found
    are combinations that lie in the span of the coordinates and the constants.
    """

    def __init__(self, rules: ClearedMap, prime: int, fiber: bool, joined: bool) -> None:
        self.rules, self.prime = rules, prime
        self.lost = False  # whether a solution is left out, or not one of small numbers
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
        _, self.kept = echelon(matrix.transpose())
        reduced, _ = nmod_mat([dense[i] for i in self.kept], self.prime).rref()
        for row in reduced.tolist():
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
        # a parameter that does not occur may move in any way; its translations are enough for ranks
        still = [(i, CONSTANT) for i in range(rules.k) if not slopes[i]]
        self.unknowns += still
        self.lost = self.lost or bool(still)
        self.parts: list[dict[int, list[tuple[int, int]]]] = []
        if scalars:
            for top in rules.tops:
                self.parts.append({h: self._terms(-p.flint) for h, p in rules.parts(top).items()})
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
                    self.lost = True
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

    def scalars(self, velocities: Velocities) -> tuple[fmpq, ...] | None:
        """How the blocks have to be stretched along a field, if they can be."""
        rows: dict[tuple[int, int], Vector] = defaultdict(dict)
        for i, j, a in velocities:
            number = self._residue(a)
            for n, terms in self._image((i, j)):
                for place, x in self._rest(terms):
                    row = rows[n, place]
                    row[0] = (row.get(0, 0) + number * x) % self.prime
        count = len(self.rules.blocks) if self.parts else 1
        for h in range(1, count):
            for n, terms in self._image((-1, h)):
                for place, x in self._rest(terms):
                    rows[n, place][h] = x
        equations = [row for row in rows.values() if any(row.values())]
        for vector in _nullspace(list(range(count)), equations, self.prime):
            if vector.get(0):
                factor = pow(vector[0], -1, self.prime)
                lifted = [
                    rational_reconstruction(vector.get(h, 0) * factor % self.prime, self.prime)
                    for h in range(1, count)
                ]
                if any(lifted) and None not in lifted:
                    return (
                        fmpq(0),
                        *(fmpq(x.numerator, x.denominator) for x in lifted if x is not None),
                    )
                return None if None in lifted else ()
        return None

    def _residue(self, a: fmpq) -> int:
        return int(a.p) * pow(int(a.q), -1, self.prime) % self.prime

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
        self, velocities: Velocities, scalars: Sequence[fmpq]
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
            number = self._residue(a)
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
    reduced, pivots = echelon(matrix_of(equations, members, prime))
    for free in sorted(set(range(len(members))) - set(pivots)):
        found = {members[free]: 1}
        for i, j in enumerate(pivots):
            if x := int(reduced[i, free]):
                found[members[j]] = -x % prime
        yield found
