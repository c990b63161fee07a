"""Infinitesimal symmetries of a map, found by linear algebra and proved by substitution.

An unknown field ``X = sum c_(j,m) m d/dx_j`` with monomials m is split by its weights under the
torus of the gradings; ``J X = 0`` (or ``J X = c phi``) at random points modulo a prime leaves a
kernel, which is lifted and checked as an identity of polynomials.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb
from typing import Any

import numpy as np

from algattn.arguments import check_whole, checked
from algattn.errors import DisagreementError, HypothesisError, LimitError, UndecidedError
from algattn.exact import NumberField, Polynomial
from algattn.exact.fields import PrimeField
from algattn.exact.modular import echelon
from algattn.maps.equivariance import search_equivariances
from algattn.maps.kernels import Array, modular
from algattn.maps.lifting import KernelLift, split_primes
from algattn.maps.polynomial_map import PolynomialMap
from algattn.maps.symmetries import VectorField
from algattn.maps.vector_fields import KINDS, VectorFields
from algattn.progress import Monitor
from algattn.words import one_of

__all__ = ["symmetries"]

#: Unknown coefficients together, and those that are looked at together.
MAX_UNKNOWNS, MAX_TOGETHER = 200_000, 4_000
#: Entries of a matrix of coefficients.
MAX_ENTRIES = 25_000_000
#: Over smaller prime fields points do not tell polynomials apart.
FEW = 2**20
MAX_PRIMES = 60
ASKED = "find the symmetries of a map"

Exponents = tuple[int, ...]
#: A monomial times a derivation, or (the number of parameters) times minus the map itself.
Unknown = tuple[int, Exponents]


@dataclass
class _Bucket:
    """The unknowns of one weight, and what is known about their kernel."""

    unknowns: list[Unknown]
    lift: KernelLift
    found: list[tuple[VectorField, Polynomial | None]] | None = None

    def __post_init__(self) -> None:
        self.place = np.array([j for j, _ in self.unknowns])
        self.exponents = np.array([m for _, m in self.unknowns], dtype=np.int64)


@checked
def symmetries(
    phi: PolynomialMap,
    kind: str = "fiber",
    degree: int = 1,
    *,
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> VectorFields:
    """All vector fields of a degree along which a map does not change; see the question.

    Examples
    --------
    >>> symmetries(PolynomialMap(["a*b", "b*c"])).rank()
    1
    >>> symmetries(PolynomialMap(["t^2", "t^3"]), "projective")
    <no field of at most degree 1 along which the map moves on lines [PROVED]>
    """
    one_of(kind, KINDS, ASKED, "kind")
    check_whole(degree, ASKED, "degree")
    if kind == "equivariant":
        if degree != 1:
            raise HypothesisError(ASKED, f"equivariances of degree {degree}", "degree=1")
        with Monitor(ASKED, progress=progress, time_limit=time_limit):
            moves, complete = search_equivariances(phi)
        named = tuple(x.field(phi, f"X_{n}") for n, x in enumerate(moves, 1))
        return VectorFields(phi, kind, degree, named, complete=complete)
    k = len(phi.parameters)
    try:
        weights = [row[:k] for row in phi.gradings().rows if any(row[:k])]
    except LimitError:
        weights = []  # too large to expand: then nothing is proved, and nothing split
    lists = [_Bucket(u, KernelLift(phi.field)) for u in _unknowns(kind, degree, k, weights)]
    search = _Search(phi, kind == "projective", seed)
    with Monitor(ASKED, total=len(lists), progress=progress, time_limit=time_limit) as watch:
        for bucket in search.solve(lists):
            watch.step(bucket.found is not None)
    pairs = [pair for bucket in lists for pair in bucket.found or ()]
    fields = [VectorField(f"X_{n}", x.components) for n, (x, _) in enumerate(pairs, 1)]
    factors = tuple(c for _, c in pairs if c is not None)
    return VectorFields(phi, kind, degree, tuple(fields), factors, search.exact)


def _unknowns(
    kind: str, degree: int, k: int, weights: Sequence[Sequence[int]]
) -> list[list[Unknown]]:
    """The unknown coefficients, by weight."""
    degrees = (degree,) if kind == "fiber" else range(degree + 1)
    count = k * sum(comb(k + e - 1, e) for e in degrees)
    if count > MAX_UNKNOWNS:
        wrong = f"there are {count} unknown coefficients, above the limit {MAX_UNKNOWNS}"
        raise LimitError(ASKED, wrong, "a smaller degree, or a slice by restrict")
    buckets: dict[tuple[int, ...], list[Unknown]] = {}
    matrix = np.array(weights, dtype=object).reshape(len(weights), k)

    def add(e: int, places: Sequence[int]) -> None:
        for chosen in combinations_with_replacement(range(k), e):
            exponents = [0] * k
            for j in chosen:
                exponents[j] += 1
            weight = matrix @ np.array(exponents, dtype=object)
            for j in places:
                own = weight - matrix[:, j] if j < k else weight
                buckets.setdefault(tuple(own), []).append((j, tuple(exponents)))

    for e in degrees:
        add(e, range(k))
    for e in range(degree if kind == "projective" else 0):
        add(e, [k])
    largest = max(map(len, buckets.values()), default=0)
    if largest > MAX_TOGETHER:
        wrong = f"{largest} unknown coefficients have one weight, above the limit {MAX_TOGETHER}"
        raise LimitError(ASKED, wrong, "a smaller degree, or a slice by restrict")
    return [buckets[w] for w in sorted(buckets)]


class _Search:
    """Kernels of all buckets, prime by prime."""

    def __init__(self, phi: PolynomialMap, projective: bool, seed: int) -> None:
        self.phi, self.projective, self.seed = phi, projective, seed
        self.k = len(phi.parameters)
        try:
            _ = phi.numerators, phi.denominators
            self.exact = True
        except LimitError:
            self.exact = False

    def solve(self, buckets: Sequence[_Bucket]) -> Iterator[_Bucket]:
        """Fill the buckets in; each is given out after each step."""
        field, open_ones = self.phi.field, list(buckets)
        if isinstance(field, PrimeField) and field.p < FEW:
            for bucket in buckets:
                bucket.lift.add(field.p, [0], [self._coefficients(bucket)])
                bucket.found = self._proved(bucket)
                yield bucket
            return
        slim = self._slim()
        for n, (prime, at) in enumerate(split_primes(self.phi, expanded=self.exact)):
            if n == MAX_PRIMES or (n and field.characteristic):
                break
            rank = max(len(slim.coordinates), 1)
            # a coordinate may give fewer conditions than points (x+y: two), so that more are taken
            # when those were not enough; with as many as unknowns they are
            most = 1 if field.characteristic else -(-rank // 2**n)
            sizes = [-(-len(b.unknowns) // most) + 3 for b in open_ones]
            points = [self._points(slim, prime, r, max(sizes)) for r in at]
            for bucket, size in zip(open_ones, sizes, strict=True):
                matrices = [_matrix(bucket, p[:size], prime) for p in points]
                bucket.lift.add(prime, at, matrices)
                bucket.found = self._proved(bucket)
                yield bucket
            open_ones = [b for b in open_ones if b.found is None]
            if not open_ones:
                return
        wrong = f"{len(open_ones)} kernels modulo {n} primes give no field over {field}"
        raise UndecidedError(ASKED, wrong, "another seed")

    # --- points ------------------------------------------------------------------------------

    def _jet(self, phi: PolynomialMap, point: Sequence[Any], root: int) -> Any:
        """The cleared rows, with minus the map where lines are allowed, as one array."""
        field = type(point[0])
        extended = isinstance(self.phi.field, NumberField)
        values = [*point, field(root, point[0].modulus())] if extended else point
        top, bottom, rows = phi.rows(values)
        dense = np.zeros((len(rows), self.k + self.projective), dtype=object)
        for i, row in enumerate(rows):
            for j, x in row.items():
                if j < self.k:  # nothing moves the generator of a number field
                    dense[i, j] = int(x)
            if self.projective:
                dense[i, self.k] = int(-top[i] * bottom[i])
        return dense

    def _slim(self) -> PolynomialMap:
        """The map with so many coordinates only as give the rank of the rows."""
        phi = self.phi._known if self.exact else self.phi
        prime, at = next(split_primes(self.phi, expanded=self.exact))
        dense = self._jet(phi, phi.random_point(self.seed, prime), at[0])
        kept = echelon(modular(dense.T, prime))[1]
        if not self.exact or len(kept) == len(dense):
            return phi
        kept = kept or [0]
        below = [phi.denominators[i] for i in kept] if phi.rational else None
        return PolynomialMap(
            [phi.numerators[i] for i in kept], below, parameters=phi.shapes, field=phi.field
        )

    def _points(self, phi: PolynomialMap, prime: int, root: int, size: int) -> list[Any]:
        found = []
        for n in range(size):
            point = phi.random_point(self.seed + 1 + n, prime)
            found.append((np.array([int(x) for x in point]), self._jet(phi, point, root)))
        return found

    # --- coefficients ------------------------------------------------------------------------

    def _coefficients(self, bucket: _Bucket) -> Array:
        """The exact conditions: what each unknown adds to each term of each coordinate."""
        top, bottom, rows = self.phi._generic
        rows = [r | {self.k: p * q * -1} for r, p, q in zip(rows, top, bottom, strict=True)]
        places: dict[tuple[int, Exponents], int] = {}
        entries: list[tuple[int, int, int]] = []
        for column, (j, m) in enumerate(bucket.unknowns):
            for i, row in enumerate(rows):
                for e, c in row[j].flint.to_dict().items() if j in row else ():
                    moved = tuple(int(a) + b for a, b in zip(e, m, strict=True))
                    entries.append((places.setdefault((i, moved), len(places)), column, int(c)))
        shape = max(len(places), 1), len(bucket.unknowns)
        if shape[0] * shape[1] > MAX_ENTRIES:
            wrong = f"the matrix of coefficients is {shape[0]} x {shape[1]}"
            raise LimitError(ASKED, wrong, "a smaller degree, or a slice by restrict")
        matrix = np.zeros(shape, dtype=np.int64)
        for i, j, c in entries:
            matrix[i, j] += c
        return matrix

    # --- proof -------------------------------------------------------------------------------

    def _proved(self, bucket: _Bucket) -> list[tuple[VectorField, Polynomial | None]] | None:
        """The fields of a bucket when they are identities; None when that needs more primes."""
        vectors = bucket.lift.vectors()
        if vectors is None:
            return None
        found = [self._field(bucket.unknowns, v) for v in vectors]
        pairs = [(x, c) for x, c in found if x.components]  # the zero map has any factor
        try:
            factors = [c for _, c in pairs if c is not None]
            self.phi.check_fields([x for x, _ in pairs], factors)
        except DisagreementError:
            return None
        return pairs

    def _field(
        self, unknowns: Sequence[Unknown], vector: dict[int, Any]
    ) -> tuple[VectorField, Polynomial | None]:
        ring, over = self.phi.ring, self.phi.field
        terms: dict[int, list[tuple[Exponents, Any]]] = {}
        for n, c in vector.items():
            j, m = unknowns[n]
            if isinstance(over, NumberField):
                numbers = enumerate(c.poly.coeffs())
                terms.setdefault(j, []).extend(((*m, t), x) for t, x in numbers if x != 0)
            else:
                terms.setdefault(j, []).append((m, c))
        polys = {j: ring.from_terms(terms[j]) for j in sorted(terms)}
        factor = polys.pop(self.k, ring(0)) if self.projective else None
        names = self.phi.parameters
        return VectorField("X", {names[j]: p for j, p in polys.items()}), factor


def _matrix(bucket: _Bucket, points: Sequence[Any], prime: int) -> Array:
    """The conditions on the unknowns at the points."""
    kind = np.int64 if prime < 2**31 else object
    blocks = []
    for values, rows in points:
        monomials = np.ones(len(bucket.unknowns), dtype=kind)
        for j in np.flatnonzero(bucket.exponents.any(axis=0)):
            column = bucket.exponents[:, j]
            powers = [pow(int(values[j]), e, prime) for e in range(int(column.max()) + 1)]
            monomials = monomials * np.array(powers, dtype=kind)[column] % prime
        blocks.append(rows.astype(kind)[:, bucket.place] * monomials % prime)
    return np.concatenate(blocks)
