"""Tori and finite diagonal groups that rescale the parameters of a map: integer linear algebra."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from flint import fmpz_mat

from algattn.arguments import checked
from algattn.errors import DisagreementError
from algattn.exact import Polynomial
from algattn.results import Grid
from algattn.results.card import below

__all__ = ["TorusSymmetries", "torus_symmetries"]

#: So many exponents are taken at a time.
_CHUNK = 50_000
Vector = tuple[int, ...]


@checked
@dataclass(frozen=True)
class TorusSymmetries:
    """All gradings of a map.

    A grading gives integer weights w to the parameters and d to the coordinates such that every
    numerator and every denominator is homogeneous: for a scalar s, the map takes
    ``(s^w_1 x_1, ..)`` to ``(s^d_1 y_1, ..)``.

    Parameters
    ----------
    rows : tuple of tuple of int
        A basis of the lattice of all gradings (w|d).  It is saturated: an integer vector with a
        multiple in it lies in it.
    fiber_rows : tuple of tuple of int
        A basis of the weights w with d = 0: the torus that leaves the map as it is.
    torsion : tuple of int
        The invariant factors above 1 of the group Z^k modulo the exponents of the fibers; these
        are the differences of exponents of each numerator and each denominator, and of numerators
        and their denominators.

    Attributes
    ----------
    index : int
        Their product: how many components the group of all diagonal matrices has that leave the
        map as it is.  In characteristic p this counts them with the infinitesimal ones (x^p: p).
        For a map by monomials it is the number of components of every fiber within the torus.

    Examples
    --------
    >>> from algattn.maps import PolynomialMap
    >>> PolynomialMap(["s*t", "t*u"]).gradings()
    TorusSymmetries(rows=((1, 0, 0, 1, 0), (0, 1, 0, 1, 1), (0, 0, 1, 0, 1)), \
fiber_rows=((1, -1, 1),), torsion=())
    >>> PolynomialMap(["x^2", "y^2"]).gradings().index
    4
    """

    rows: tuple[Vector, ...]
    fiber_rows: tuple[Vector, ...]
    torsion: tuple[int, ...] = ()

    @property
    def index(self) -> int:
        return prod(self.torsion)

    def _repr_latex_(self) -> str:
        parts = [rf"\text{{gradings, parameters and coordinates: }} {Grid(self.rows).latex()}"]
        if self.fiber_rows:
            parts.append(rf"\text{{the map does not change: }} {Grid(self.fiber_rows).latex()}")
        if self.torsion:
            parts.append(rf"\text{{finite group of order }} {self.index}")
        return f"${below(parts)}$"

    def check(
        self,
        numerators: Sequence[Polynomial],
        denominators: Sequence[Polynomial] = (),
        parameters: int | None = None,
    ) -> None:
        """Check all of it again, term by term, without the search.

        Raises
        ------
        DisagreementError
            Where a weight, the number of weights, their saturation or the torsion is wrong.
        """
        inner, across, k = _differences(numerators, denominators, parameters)
        zero = sum(e is None for e in across)
        rank = fmpz_mat(inner).rank() if inner else 0
        fiber = [*inner, *(list(e) for e in across if e is not None)]
        whole = fmpz_mat(fiber) if fiber else fmpz_mat(1, k)

        def expect(right: Any, wrong: str) -> None:
            if not right:
                raise DisagreementError("check gradings", wrong, "phi.gradings()")

        for row in self.rows:
            w, degrees = row[:k], row[k:]
            expect(len(row) == k + len(across), "a row has another length")
            expect(not any(_dot(w, e) for e in inner), f"{w} makes a polynomial inhomogeneous")
            for d, e in zip(degrees, across, strict=True):
                expect(e is None or d == _dot(w, e), f"{w} gives a coordinate another degree")
        for w in self.fiber_rows:
            expect(len(w) == k and not any(_dot(w, e) for e in fiber), f"{w} moves the map")
        counts = len(self.rows), len(self.fiber_rows)
        expect(counts == (k - rank + zero, k - whole.rank()), f"there are {counts} gradings")
        for rows in filter(None, (self.rows, self.fiber_rows)):
            invariants = invariant_factors(fmpz_mat([list(row) for row in rows]))
            expect(invariants == [1] * len(rows), "a lattice is not saturated")
        torsion = tuple(d for d in invariant_factors(whole) if d > 1)
        expect(torsion == self.torsion, f"the torsion is {torsion}")


@checked
def torus_symmetries(
    numerators: Sequence[Polynomial],
    denominators: Sequence[Polynomial] = (),
    parameters: int | None = None,
) -> TorusSymmetries:
    """All gradings for which numerators and denominators are homogeneous.

    Parameters
    ----------
    numerators, denominators : sequence of Polynomial
        Of one ring; no denominators unless the coordinates are quotients.
    parameters : int, optional
        So many of the first variables have weights; all unless given.

    Complexity
    ----------
    One pass over the terms, and Hermite and LLL forms of matrices with as many columns as there
    are parameters.

    References
    ----------
    Lemma "gradings" of ``algattn/docs/maps.md``.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> s, t = PolynomialRing(QQ, ("s", "t")).gens()
    >>> torus_symmetries([s**2, s**2], [t, s]).rows
    ((1, 0, 2, 1), (0, 1, -1, 0))
    >>> torus_symmetries([s + 1, t]).rows
    ((0, 1, 0, 1),)
    """
    k = len(numerators[0].ring.names[:parameters])
    lattice = Lattice(k)
    first: list[Any] = []
    for vectors, across in exponents_of(numerators, denominators, parameters):
        lattice.add(vectors)
        first += across
    weights = _kernel(lattice.rows, k)
    rows = [(*w, *(0 if e is None else _dot(w, e) for e in first)) for w in weights]
    units = [j for j, e in enumerate(first) if e is None]
    rows += [(*[0] * k, *(int(i == j) for i in range(len(first)))) for j in units]
    given = [e for e in first if e is not None]
    for start in range(0, len(given), _CHUNK):
        lattice.add(given[start : start + _CHUNK])
    torsion = [d for d in invariant_factors(fmpz_mat(lattice.rows or [[0] * k])) if d > 1]
    return TorusSymmetries(tuple(rows), tuple(_kernel(lattice.rows, k)), tuple(torsion))


class Lattice:
    """A lattice in Hermite form, enlarged by what does not lie in it yet."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows: list[list[int]] = []

    def add(self, vectors: Any) -> None:
        import numpy as np

        left = np.array(vectors, dtype=np.int64).reshape(-1, self.size)
        while len(left := self._outside(left)):
            some = left[: 2 * self.size + 8].tolist()
            form = fmpz_mat([*self.rows, *some]).hnf()
            self.rows = [[int(x) for x in row] for row in form.tolist() if any(row)]

    def _outside(self, vectors: Any) -> Any:
        """What is left of the vectors, reduced by the lattice; no zeros, nothing twice."""
        import numpy as np

        for row in self.rows:
            pivot = next(i for i, x in enumerate(row) if x)
            most = int(abs(vectors).max(initial=1)) * (1 + max(map(abs, row)))
            if most >= 2**62:  # then machine integers might overflow
                vectors = vectors.astype(object)
            some = vectors[:, pivot] // row[pivot]
            vectors = vectors - some[:, None] * np.array(row, dtype=vectors.dtype)
        vectors = vectors[(vectors != 0).any(axis=1)]
        return np.array(sorted(set(map(tuple, vectors.tolist()))), dtype=vectors.dtype)


def exponents_of(
    numerators: Sequence[Polynomial], denominators: Sequence[Polynomial], parameters: int | None
) -> Iterator[tuple[list[Vector], list[Vector | None]]]:
    """Differences of exponents within polynomials, and exponents of coordinates (zero: None).

    In parts, since there may be many.
    """
    differences: list[Vector] = []
    first: list[Vector | None] = []

    def add(poly: Polynomial) -> Vector | None:
        exponents = [tuple(int(x) for x in e[:parameters]) for e in poly.flint.monoms()]
        differences.extend(_minus(e, exponents[0]) for e in exponents[1:])
        return exponents[0] if exponents else None

    for i, poly in enumerate(numerators):
        low = add(denominators[i]) if denominators else None
        top = add(poly)
        first.append(_minus(top, low) if top and low else top)
        if len(differences) > _CHUNK:
            yield list(dict.fromkeys(differences)), first
            differences, first = [], []
    yield list(dict.fromkeys(differences)), first


def _differences(
    numerators: Sequence[Polynomial], denominators: Sequence[Polynomial], parameters: int | None
) -> tuple[list[Vector], list[Vector | None], int]:
    """All differences, all exponents of coordinates, and the number of parameters."""
    parts = list(exponents_of(numerators, denominators, parameters))
    inner = [e for vectors, _ in parts for e in vectors]
    across = [e for _, first in parts for e in first]
    return list(dict.fromkeys(inner)), across, len(numerators[0].ring.names[:parameters])


def _minus(left: Vector, right: Vector) -> Vector:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _dot(left: Sequence[int], right: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(left, right, strict=True))


def _kernel(rows: Sequence[Sequence[int]], k: int) -> list[Vector]:
    """A short basis of the integer vectors orthogonal to some rows; a kernel is saturated."""
    r = len(rows)
    if r == k:
        return []
    both = [[row[i] for row in rows] + [int(i == j) for j in range(k)] for i in range(k)]
    form = fmpz_mat(both).hnf().tolist()
    short = fmpz_mat([row[r:] for row in form if not any(row[:r])]).lll()
    found = [tuple(int(x) for x in row) for row in short.tolist()]
    signed = [w if next(x for x in w if x) > 0 else tuple(-x for x in w) for w in found]
    return sorted(signed, reverse=True)


def invariant_factors(matrix: fmpz_mat) -> list[int]:
    """The invariant factors of an integer matrix that are not zero."""
    form = matrix.snf()
    size = min(form.nrows(), form.ncols())
    return [abs(int(form[i, i])) for i in range(size) if form[i, i]]
