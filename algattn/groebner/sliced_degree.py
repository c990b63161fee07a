"""The degree of an image by slices: its points on a random linear space, counted modulo primes."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce

from flint import nmod_mat, nmod_poly

from algattn.engines import Elimination, solve
from algattn.errors import (
    DisagreementError,
    EngineError,
    FieldError,
    LimitError,
    UndecidedError,
)
from algattn.exact import GF, NumberField, Polynomial, PolynomialRing
from algattn.exact.modular import echelon, primes_below
from algattn.groebner.image_degree import ImageDegree, degree_of_ideal
from algattn.groebner.whole_ideal import DEFAULT_SECONDS, whole_ideal
from algattn.maps import PolynomialMap
from algattn.progress import Monitor
from algattn.results import Claim, Evidence, Status, about, declare

ASKED = "find the degree of an image"
#: Slices that have to agree, modulo different primes where the field is QQ.
SLICES = 2
#: The part of the time for the whole ideal.
SHARE = 0.5
#: The primes are below, which engines like, and above, where few coincidences happen by chance.
LARGEST, LEAST = 2**15, 2**10
SECONDS = 60.0


def slice_count(
    phi: PolynomialMap, seed: int, prime: int, time_limit: float | None = SECONDS
) -> tuple[int, int]:
    """The rank of a map at a random point, and how many points a random linear space meets.

    All but that many parameters get random values, such that the rank does not fall; the others
    are eliminated from random linear equations for the coordinates, and from ``w = `` one more
    linear form, whose different values are counted over the algebraic closure of GF(prime).

    >>> slice_count(PolynomialMap(["s^3", "s^2*t", "s*t^2", "t^3"]), 0, 32003)
    (2, 3)
    """
    field, rng = GF(prime), random.Random(f"algattn slice {seed} {prime}")
    point = phi.random_point(seed, prime)
    _, rows = phi.jet(point, prime)
    _, pivots = echelon(nmod_mat(rows, prime))
    if not pivots:
        return 0, 1
    ring = PolynomialRing(field, (*(f"s_{i + 1}" for i in range(len(pivots))), "w"))
    gens = dict(zip(pivots, ring.gens(), strict=False))
    images = [gens.get(j, ring(int(x))) for j, x in enumerate(point)]
    values = [_moved(p, ring).compose(*images) for p in phi.polynomials]

    def form() -> Polynomial:
        total = ring(rng.randrange(prime))
        return sum((v * rng.randrange(prime) for v in values), total)

    w = ring.gens()[-1]
    equations = (*(form() for _ in pivots), form() - w)
    found = solve(Elimination(equations, ring.names[:-1]), time_limit=time_limit)
    common = reduce(lambda a, b: a.gcd(b), map(_in_one, found), nmod_poly([0], prime))
    if not common or common.degree() < 1:
        raise UndecidedError(ASKED, f"a slice modulo {prime} is empty or infinite", "another seed")
    return len(pivots), sum(int(f.degree()) for f, _ in common.factor()[1])


def _moved(poly: Polynomial, ring: PolynomialRing) -> Polynomial:
    """The polynomial modulo the prime of a ring, in its own variables."""
    own = PolynomialRing(ring.field, poly.ring.names)
    to_python = poly.ring.field.to_python
    return own.from_terms((e, to_python(c)) for e, c in poly.terms())


def _in_one(poly: Polynomial) -> nmod_poly:
    """A polynomial in w alone."""
    field = poly.ring.field
    coefficients = {e[-1]: int(c) for e, c in poly.terms()}
    dense = [coefficients.get(i, 0) for i in range(max(coefficients, default=0) + 1)]
    return nmod_poly(dense, field.characteristic)


@declare("implicit.sliced", about("implicit.degree", "degree"), Status.PROBABLE)
@dataclass(frozen=True)
class Sliced(Evidence):
    """Points on random linear spaces modulo primes, the same number in each slice."""

    slices: tuple[tuple[int, int], ...]

    def summary(self) -> str:
        said = ", ".join(f"seed {seed} modulo {prime}" for seed, prime in self.slices)
        return f"points on a random linear space ({said}); primes and spaces taken as general"

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        own = problem.field.characteristic
        if len(set(self.slices) if own else {p for _, p in self.slices}) < SLICES:
            raise self.fail("there are too few slices, or modulo one prime")
        if any(p < LEAST for _, p in self.slices):
            raise self.fail(f"a prime is below {LEAST}")
        said = claim.value["dimension"], claim.value["degree"]
        for seed, prime in self.slices:
            try:
                found = slice_count(problem, seed, prime)
            except FieldError as error:
                raise self.fail(error.wrong) from error
            self.expect(list(said), list(found), f"seed {seed} modulo {prime} gives {found}")


def _primes(phi: PolynomialMap) -> list[int]:
    usable: list[int] = []
    for p in primes_below(LARGEST):
        with suppress(FieldError, ZeroDivisionError):
            phi.jet(phi.random_point(0, p), p)
            usable.append(p)
        if len(usable) == SLICES:
            break
    return usable


def image_degree(
    phi: PolynomialMap,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> ImageDegree:
    """The degree of an image; see :meth:`algattn.PolynomialMap.image_degree`."""
    limit = DEFAULT_SECONDS if time_limit is None else time_limit
    with Monitor(ASKED, progress=progress, time_limit=limit) as monitor:
        try:
            ideal = whole_ideal(phi, time_limit=limit * SHARE, seed=seed)
            if ideal.complete:
                return degree_of_ideal(ideal, time_limit=monitor.remaining)
        except (EngineError, LimitError):
            pass
        monitor.step()
        if phi.rational or isinstance(phi.field, NumberField):
            wrong = (
                "the whole ideal was not found, and slices are for polynomials over QQ and GF(p)"
            )
            raise UndecidedError(ASKED, wrong, "more time")
        own = phi.field.characteristic
        if 0 < own < LEAST:
            wrong = f"the whole ideal was not found, and GF({own}) has too few points for slices"
            raise UndecidedError(ASKED, wrong, "more time, or a larger field")
        slices = [(seed + i, p) for i, p in enumerate([own] * SLICES if own else _primes(phi))]
        counts = []
        for n, p in slices:
            counts.append(slice_count(phi, n, p, monitor.remaining))
            monitor.step()
    if len(set(counts)) > 1:
        raise DisagreementError(ASKED, f"slices give {sorted(set(counts))}", "another seed", counts)
    dimension, value = counts[0]
    proof = [Sliced(tuple(slices))]
    return ImageDegree.assemble(phi, value, {"degree": proof}, dimension=dimension, numerator=None)
