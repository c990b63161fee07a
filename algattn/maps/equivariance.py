"""Affine motions of the parameters that move the image linearly.

An *equivariance* of a map phi is an affine vector field X on the parameters and a matrix N with
``X(phi) = N phi + b`` for a constant vector b.  Where the parameters fall into blocks that no
monomial joins, ``phi - phi(0) = sum_h phi_h(theta_h)``, it may stretch the blocks differently:
``X(phi_h) = (N + c_h) phi_h + b_h`` with one N.  The rank of the Jacobian does not change along X
(lemma "slice" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
MAX_TERMS = 400_000
#: Entries of the coordinates as vectors of coefficients.
MAX_ENTRIES = 4_000_000
#: The column of the constants in a field.
CONSTANT = -1

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
        One for each block of the map; empty when there is one block.
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
        stretched = given.scalars or (fmpq(0),) * len(self.blocks)
        places = [(i, j) for i, j, _ in given.velocities]
        if (
            len(stretched) != len(self.blocks)
            or not all(0 <= i < self.k and CONSTANT <= j < self.k for i, j in places)
            or any(j != CONSTANT and self.home[i] != self.home[j] for i, j in places)
            or not all(
                0 <= i < len(self.tops) and 0 <= j < len(self.tops) for i, j, _ in given.action
            )
        ):
            return False
        moved = given.at(self.phi.ring.gens()[: self.k])
        rows: dict[int, list[tuple[int, fmpq]]] = defaultdict(list)
        for i, j, a in given.action:
            rows[i].append((j, a))
        low = self._along(moved, self.common) if self.phi.rational else None
        for i, top in enumerate(self.tops):
            left = self._along(moved, top)
            right = sum((self.tops[j] * a for j, a in rows[i]), self.phi.ring(0))
            if low is not None:
                left, right = left * self.common - top * low, right * self.common
                rest = self.phi._normal(left - right)
                square = self.phi._normal(self.common * self.common)
                if rest and not _proportional(rest, square):
                    return False
                continue
            for h, part in self._parts(top).items():
                right += part * stretched[h]
            if self._varying(self.phi._normal(left - right)):
                return False
        return True

    def _along(self, moved: dict[int, Polynomial], poly: Polynomial) -> Polynomial:
        names = self.phi.parameters
        return sum((poly.derivative(names[j]) * x for j, x in moved.items()), self.phi.ring(0))

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

    def _varying(self, poly: Polynomial) -> bool:
        return any(map(self._moves, poly.terms()))

    # --- the search ----------------------------------------------------------------------------

    def find(self, *, fiber: bool = False) -> tuple[Equivariance, ...]:
        """Independent equivariances that span all, each checked; those of the fibers alone.

        Raises
        ------
        LimitError
            When the map is too large.
        """
        prime = next(p for p in primes_below(2**62) if self._reduces(p))
        search = _Search(self, prime, fiber)
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

    The unknowns are the numbers a_ij of ``a_ij theta_j d/dtheta_i`` within the blocks, those of the
    translations, and the scalars.  Each gives every coordinate a polynomial; what has to be found
    are combinations that lie in the span of the coordinates and the constants.
    """

    def __init__(self, rules: Equivariances, prime: int, fiber: bool) -> None:
        self.rules, self.prime = rules, prime
        self.places: dict[tuple[int, ...], int] = {}
        # the span: coordinates times the common denominator, and the square of the denominator
        phi, common = rules.phi, rules.common
        span = [] if fiber else [phi._normal(p * common) for p in rules.tops]
        self.size = len(span)
        if phi.rational or not fiber:
            span.append(phi._normal(common * common))
        self.span = [self._vector(p) for p in span]
        self._reduce_span()
        self.unknowns: list[tuple[int, int]] = []
        self.images: list[dict[int, Vector]] = []
        self._collect(scalars=not fiber and len(rules.blocks) > 1)

    def _vector(self, poly: Polynomial) -> Vector:
        p, found = self.prime, {}
        for e, c in poly.terms():
            place = self.places.setdefault(e, len(self.places))
            found[place] = int(c.p) * pow(int(c.q), -1, p) % p
        return found

    def _reduce_span(self) -> None:
        """The span in reduced form, with independent members of it and their inverse."""
        if len(self.span) * len(self.places) > MAX_ENTRIES:
            wrong = f"{len(self.span)} coordinates with {len(self.places)} monomials"
            raise LimitError("find equivariances", wrong, "a slice, by restrict")
        width = max(len(self.places), 1)
        dense = [[row.get(j, 0) for j in range(width)] for row in self.span]
        self.kept: list[int] = []
        self.reduced: dict[int, Vector] = {}
        if not dense:
            return
        matrix = nmod_mat(dense, self.prime)
        across, rank = matrix.transpose().rref()
        self.kept = [_first(across, i) for i in range(rank)]
        echelon, _ = nmod_mat([dense[i] for i in self.kept], self.prime).rref()
        pivots = [_first(echelon, i) for i in range(rank)]
        for i, place in enumerate(pivots):
            self.reduced[place] = {
                j: x for j in range(width) if (x := int(echelon[i, j])) and j != place
            }
        square = nmod_mat([[dense[i][j] for j in pivots] for i in self.kept], self.prime)
        self.inverse, self.pivots = square.inv(), pivots

    def _collect(self, *, scalars: bool) -> None:
        """For each unknown what it does to each coordinate."""
        rules, phi = self.rules, self.rules.phi
        gens, names, common = phi.ring.gens(), phi.parameters, rules.common
        slopes: list[list[tuple[int, Polynomial]]] = [[] for _ in names]
        for i, name in enumerate(names):
            below = common.derivative(name) if phi.rational else None
            for n, top in enumerate(rules.tops):
                slope = top.derivative(name)
                if below is not None:
                    slope = phi._normal(slope * common - top * below)
                if slope:
                    slopes[i].append((n, slope))
        many = sum(
            len(p) * (len(rules.blocks[rules.home[i]]) + 1)
            for i, found in enumerate(slopes)
            for _, p in found
        )
        if many > MAX_TERMS:
            wrong = f"there are {many} terms to compare, above {MAX_TERMS}"
            raise LimitError("find equivariances", wrong, "a slice, by restrict")
        for i, found in enumerate(slopes):
            tick()
            for j in (CONSTANT, *rules.blocks[rules.home[i]]):
                self.unknowns.append((i, j))
                self.images.append(
                    {n: self._vector(p if j == CONSTANT else p * gens[j]) for n, p in found}
                )
        if scalars:
            parts = [rules._parts(top) for top in rules.tops]
            for h in range(1, len(rules.blocks)):  # the first one is stretched by N
                self.unknowns.append((-1, h))
                self.images.append({n: self._vector(-p[h]) for n, p in enumerate(parts) if h in p})

    def kernel(
        self,
    ) -> Iterator[tuple[tuple[tuple[int, int, fmpq], ...], tuple[fmpq, ...]]]:
        """Velocities and scalars of a basis of the solutions, lifted to rational numbers."""
        rows: dict[tuple[int, int], Vector] = defaultdict(dict)
        for u, image in enumerate(self.images):
            tick()
            for n, vector in image.items():
                for place, x in self._rest(vector).items():
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
                scalars = [fmpq(0)] * (blocks if blocks > 1 else 0)
                for u, a in exact.items():
                    if self.unknowns[u][0] < 0:
                        scalars[self.unknowns[u][1]] = a
                yield fields, tuple(scalars)

    def _rest(self, vector: Vector) -> Vector:
        """A vector modulo the span, without the places of its pivots."""
        p, found = self.prime, dict(vector)
        for place in [j for j in vector if j in self.reduced]:
            x = found.pop(place)
            for j, y in self.reduced[place].items():
                found[j] = (found.get(j, 0) - x * y) % p
        return {j: x for j, x in found.items() if x}

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
        for unknown, image in zip(self.unknowns, self.images, strict=True):
            if (a := weights.get(unknown)) is not None:
                number = int(a.p) * pow(int(a.q), -1, p) % p
                for n, vector in image.items():
                    for place, x in vector.items():
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
        Independent ones; they span all with rational coefficients, unless the numbers in some of
        them have more than nine digits.  Each is checked as an identity of polynomials.

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
    return Equivariances(phi).find()
