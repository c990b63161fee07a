"""Points of one exact fiber over a smooth point of the image: a lower bound on the degree.

See lemma "etale points" of ``algattn/docs/maps.md``: over a point of the image that is proved
smooth, hence normal, no more points than the degree can be isolated.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb
from typing import Any

from flint import fmpq, nmod_mat

from algattn.engines import GroebnerBasis, solve
from algattn.engines.division import Division
from algattn.errors import AlgattnError, FieldError, InputError, LimitError
from algattn.exact import GF, QQ, Matrix, Polynomial, PolynomialRing
from algattn.exact.polynomials import new_name
from algattn.fibers.finite_algebras import FiniteAlgebra
from algattn.fibers.torus_gauge import Gauge
from algattn.maps import PolynomialMap
from algattn.maps.texts import read_all, read_texts, spell

#: Points whose coordinates are computed with, operations of the divisions, the prime of the ranks.
MAX_POINTS, MAX_WORK, PRIME = 40, 2_000_000, 2147483629
#: Degrees up to which equations of the image are looked for, and monomials that they may have.
MAX_DEGREE, MAX_MONOMIALS = 3, 120


@dataclass(frozen=True)
class EtalePoints:
    """A fiber through an integer point, with what shows that its points are etale.

    Attributes
    ----------
    point : tuple of int
        The free parameters; the others are one, by the gauge.
    basis : tuple of str
        A Groebner basis of an ideal that contains the equations of the fiber.
    equations : tuple of str
        Of the image, whose differentials at its point are independent.
    """

    point: tuple[int, ...]
    basis: tuple[str, ...]
    equations: tuple[str, ...]


def _slice(phi: PolynomialMap, gauge: Gauge) -> PolynomialMap:
    return phi.restrict(dict.fromkeys(gauge.fixed, 1)) if gauge.fixed else phi


def _fiber(psi: PolynomialMap, point: Sequence[int]) -> tuple[PolynomialRing, list[Polynomial]]:
    """The equations of the fiber through a point, the last variable inverts the denominators."""
    ring = PolynomialRing(QQ, (*psi.parameters, new_name("z", psi.parameters)))
    top, bottom = psi.fractions(list(ring.gens()[:-1]))
    at = psi(list(point))
    poles = ring(1)
    for q in dict.fromkeys(map(ring, bottom)):
        poles = poles * q
    equations = [ring(p) - ring(q) * c for p, q, c in zip(top, bottom, at, strict=True)]
    return ring, [*(g for g in equations if g), poles * ring.gens()[-1] - 1]


def find_points(
    phi: PolynomialMap, gauge: Gauge, seed: int, time_limit: float | None
) -> EtalePoints | None:
    """Points over a smooth image point, where they are found quickly; QQ only."""
    if phi.field != QQ:
        return None
    psi = _slice(phi, gauge)
    k, n = len(psi.parameters), len(psi.coordinates)
    rng = random.Random(f"algattn etale {seed}")
    try:
        equations: Sequence[Polynomial] = ()
        point = tuple(rng.choice((-3, -2, -1, 2, 3, 4, 5)) for _ in range(k))
        at = psi(list(point))
        for degree in range(1, MAX_DEGREE + 1):
            if _rank(equations, at) >= n - k:
                break
            if psi.rational or comb(n + degree, degree) > MAX_MONOMIALS:
                return None
            equations = _equations(psi, degree, rng)
        if _rank(equations, at) < n - k:
            return None
        ring, fiber = _fiber(psi, point)
        basis: Any = solve(GroebnerBasis(tuple(fiber), ring=ring), time_limit=time_limit)
        found = EtalePoints(point, spell(basis), spell(equations))
        return found if count_points(phi, gauge, found) else None
    except (AlgattnError, ZeroDivisionError):
        return None


def _equations(psi: PolynomialMap, degree: int, rng: random.Random) -> list[Polynomial]:
    """Polynomials of at most this degree that vanish at points of the image."""
    n = len(psi.coordinates)
    ring = _target(n)
    chosen = combinations_with_replacement(range(n + 1), degree)  # n: nothing
    exponents = [tuple(c.count(j) for j in range(n)) for c in chosen]
    monomials = [ring({e: 1}) for e in exponents]
    rows = []
    for _ in range(len(exponents) + 3):
        at = psi([rng.randrange(-4, 5) for _ in psi.parameters])
        rows.append([m.flint(*map(fmpq, at)) for m in monomials])
    kernel = Matrix(QQ, rows).kernel().T
    return [ring(dict(zip(exponents, row, strict=True))) for row in kernel.rows]


def _target(n: int) -> PolynomialRing:
    return PolynomialRing(QQ, tuple(f"y_{i + 1}" for i in range(n)))


def count_points(phi: PolynomialMap, gauge: Gauge, found: EtalePoints) -> int:
    """The number of etale points over a smooth point that was shown; 0 when something fails.

    Raises
    ------
    LimitError
        When there are too many.
    """
    psi = _slice(phi, gauge)
    k, n = len(psi.parameters), len(psi.coordinates)
    if len(found.point) != k or phi.field != QQ:
        return 0
    target = _target(n)
    equations = [_in(target, t) for t in found.equations]
    if not _vanish(psi, equations) or _rank(equations, psi(list(found.point))) < n - k:
        return 0
    ring, fiber = _fiber(psi, found.point)
    basis = read_all(found.basis, ring)
    if not all(basis):
        return 0
    division = Division(basis, "degrevlex", (1,) * len(ring.names), MAX_WORK)
    if division.open_pair() or not all(map(division.to_zero, fiber)):
        return 0
    field = GF(PRIME)
    small = PolynomialRing(field, ring.names)
    try:  # monic and integral at the prime: a basis modulo the prime, of as many points
        reduced = tuple(
            small.from_terms((e, field(c)) for e, c in g.terms()) for g in _monic(basis)
        )
        algebra = FiniteAlgebra(small, reduced)
    except (FieldError, InputError):
        return 0
    size = algebra.size
    if not 0 < size <= MAX_POINTS:
        if size:
            raise LimitError("count etale points", f"there are {size}", "fewer")
        return 0
    rng = random.Random("algattn etale points")
    form = sum((x * rng.randrange(1, PRIME) for x in small.gens()), small(0))
    if algebra.distinct_values(form) != size:
        return 0
    return size if _unramified(psi, algebra, rng) else 0


def _in(ring: PolynomialRing, text: str) -> Polynomial:
    return read_texts([text], QQ, ring.names)[0]


def _monic(basis: Sequence[Polynomial]) -> list[Polynomial]:
    """The same with leading coefficient one, in the order of the divisions."""
    from algattn.engines.leading import leading_term, order_key

    key = order_key("degrevlex", (1,) * len(basis[0].ring.names))
    return [g * (1 / leading_term(g, key)[1]) for g in basis]


def _vanish(psi: PolynomialMap, equations: Sequence[Polynomial]) -> bool:
    """Whether polynomials in the coordinates are zero on the image."""
    if not equations:
        return True
    if psi.rational:
        return False
    return not any(f.compose(*psi.numerators) for f in equations)


def _rank(equations: Sequence[Polynomial], at: Sequence[Any]) -> int:
    """The rank of the differentials at a point."""
    if not equations:
        return 0
    names = equations[0].ring.names
    rows = [[fmpq(f.derivative(x).flint(*map(fmpq, at))) for x in names] for f in equations]
    return int(Matrix(QQ, rows).rank())


def _unramified(psi: PolynomialMap, algebra: FiniteAlgebra, rng: random.Random) -> bool:
    """Whether the Jacobian has full rank at every point: as a matrix over the algebra."""
    k, size = len(psi.parameters), algebra.size
    gens = list(algebra.ring.gens()[:k])
    _, _, rows = psi.rows(gens)
    factors = [[rng.randrange(PRIME) for _ in rows] for _ in range(k)]
    big = [[0] * (k * size) for _ in range(k * size)]
    for a in range(k):
        for b in range(k):
            entry = algebra.ring(0)
            for c, row in zip(factors[a], rows, strict=True):
                if b in row:
                    entry = entry + algebra.ring(row[b]) * c
            block = algebra.multiplication(entry)
            for i in range(size):
                for j in range(size):
                    big[a * size + i][b * size + j] = int(block[i, j])
    return int(nmod_mat(big, PRIME).rank()) == k * size
