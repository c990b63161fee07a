"""How many components the fiber of a map through one random point has, modulo one prime.

Finitely many points are counted; of larger fibers a generic curve section is projected to a plane,
by slices, and its factors are counted.  See lemma "counting" of ``algattn/docs/maps.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import nmod_mat

from algattn.errors import HypothesisError, LimitError, UndecidedError
from algattn.exact import Polynomial, PolynomialRing
from algattn.fibers.absolute_factors import absolute_factor_count
from algattn.fibers.finite_algebras import MAX_POINTS, FiniteAlgebra
from algattn.fibers.random_fibers import RandomFiber
from algattn.progress import Monitor, tick

#: Degree of a curve up to which it is projected.
MAX_DEGREE = 60
#: Numbers of the linear forms that are the coordinates of the plane, and of one that separates.
U, V, SEPARATES = 10_001, 10_002, 10_003
FIRST_SLICE = 20_000


@dataclass(frozen=True)
class Count:
    """What was counted in one fiber.

    Attributes
    ----------
    components : int
        Over an algebraic closure.
    multiplicity : int
        Points with multiplicities for each of the components, 1 unless the map is inseparable.
    """

    components: int
    multiplicity: int


def count(
    fiber: RandomFiber, dimension: int, *, engine: str | None = None, watch: Monitor | None = None
) -> Count:
    """The number of components of a fiber of this dimension, after its gauge is fixed.

    Raises
    ------
    HypothesisError
        In small characteristic, when the dimension is not that of the gauge.
    UndecidedError
        When the random numbers were unlucky.
    LimitError
        For curves of large degree.
    """
    left = dimension - len(fiber.gauge.fixed)
    if left == 0:
        points = fiber.points(engine=engine, time_limit=_left(watch))
        if points.dimension < 0:
            raise _unlucky("the fiber has no points")
        distinct = points.size
        if points.size <= MAX_POINTS // points.extension and points.size > 1:
            distinct = points.distinct_values(fiber.linear(SEPARATES))
        if distinct % fiber.gauge.index or points.size % distinct:
            raise _unlucky(f"{points.size} points do not fall into equal classes")
        return Count(distinct // fiber.gauge.index, points.size // distinct)
    if fiber.gauge.index != 1:
        raise UndecidedError("count components", "the gauge has another index", "no gauge")
    curve = plane_curve(fiber, left - 1, engine=engine, watch=watch)
    _, factors = curve.factor()
    multiplicities = {m for _, m in factors}
    if len(multiplicities) != 1:
        raise _unlucky("the components have different multiplicities")
    found = sum(absolute_factor_count(g, seed=fiber.seed) for g, _ in factors)
    return Count(found, multiplicities.pop())


def _left(watch: Monitor | None) -> float | None:
    if watch is None:
        return 60.0
    watch.check()
    return watch.remaining


def _unlucky(why: str) -> UndecidedError:
    return UndecidedError("count the components of a random fiber", why, "another seed")


def plane_curve(
    fiber: RandomFiber, cuts: int, *, engine: str | None = None, watch: Monitor | None = None
) -> Polynomial:
    """A generic projection to the plane of a fiber cut by random hyperplanes to a curve.

    Its points over ``u = c`` are those of a zero-dimensional section, whose characteristic
    polynomial is ``g(c, v)``: as many slices as the degree plus one give g, and one more tests it.
    """
    field, p = fiber.ring.field, fiber.prime
    if fiber.degree > 1:
        wrong = f"the fields of {p} and {p**fiber.degree} elements are too small for curves"
        raise HypothesisError("count the components of a fiber", wrong, "a larger characteristic")
    u, v = fiber.linear(U), fiber.linear(V)

    def slice_at(number: int) -> tuple[int, FiniteAlgebra]:
        tick()
        here = fiber.constant(number)
        more = (u - here,)
        found = fiber.points(cuts, more, engine=engine, time_limit=_left(watch))
        if watch is not None:
            watch.step()
        return int(next((c for _, c in here.terms()), 0)), found

    at, algebra = slice_at(FIRST_SLICE)
    d = algebra.size
    if not 0 < d <= MAX_DEGREE:
        if not d:
            raise _unlucky("the fiber has no points on a random plane")
        wrong = f"a generic curve in the fiber has degree {d}, above {MAX_DEGREE}"
        raise LimitError("count the components of a fiber", wrong, "divide out symmetries")
    if watch is not None:
        watch.total = (watch.total or 0) + d + 2
    rows = {at: algebra.characteristic_polynomial(v)}
    number = FIRST_SLICE
    while len(rows) < d + 2:
        number += 1
        at, algebra = slice_at(number)
        if algebra.size != d:
            raise _unlucky("the slices have different degrees")
        rows[at] = algebra.characteristic_polynomial(v)
    plane = PolynomialRing(field, ("u", "v"))
    places = sorted(rows)
    powers = nmod_mat([[pow(a, i, p) for i in range(d + 1)] for a in places[: d + 1]], p)
    values = [[int(rows[a][j]) for j in range(d + 1)] for a in places]
    solved = powers.solve(nmod_mat(values[: d + 1], p))
    terms = {
        (i, j): int(solved[i, j]) for i in range(d + 1) for j in range(d + 1) if int(solved[i, j])
    }
    last = places[-1]
    tested = [
        sum(c * pow(last, i, p) for (i, k), c in terms.items() if k == j) % p for j in range(d + 1)
    ]
    if tested != values[-1] or any(i + j > d for i, j in terms):
        raise _unlucky("the slices are not those of a plane curve of their degree")
    return plane.from_terms(terms.items())
