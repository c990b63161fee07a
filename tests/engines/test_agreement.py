"""Random ideals, and special ones, give the same answers in all engines."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from algattn.engines import (
    ENGINES,
    Degree,
    Dimension,
    Elimination,
    GroebnerBasis,
    HilbertSeries,
    Membership,
    MinimalPrimes,
    PrimaryDecomposition,
    Saturation,
    Task,
    solve,
)
from algattn.exact import GF, QQ, Polynomial, PolynomialRing

NAMES = ("x", "y", "z", "w")
#: These take a second to start; they see a part of the ideals.
SLOW_TO_START = ("macaulay2", "sympy")


def random_ideal(seed: int) -> tuple[Polynomial, ...]:
    """Of one of six kinds, over QQ or a prime field."""
    rng = random.Random(f"agreement {seed}")
    prime = (0, 0, 101, 32003)[seed % 4]
    ring = PolynomialRing(GF(prime) if prime else QQ, NAMES[: rng.choice((2, 3, 3, 4))])
    n = len(ring.names)

    def monomial(degree: int) -> tuple[int, ...]:
        e = [0] * n
        for _ in range(degree):
            e[rng.randrange(n)] += 1
        return tuple(e)

    def poly(degrees: tuple[int, ...], terms: int = 3) -> Polynomial:
        return ring.from_terms(
            (monomial(rng.choice(degrees)), rng.randint(-9, 9)) for _ in range(terms)
        )

    kind = seed % 7
    if kind == 0:  # homogeneous
        return tuple(poly((2,)) for _ in range(rng.randint(1, 3)))
    if kind == 1:  # with constants
        return tuple(poly((0, 1, 2)) for _ in range(rng.randint(1, 3)))
    if kind == 2:  # repeated generators, and zero
        g = poly((1, 2))
        return (g, g, g * 2, ring(0), poly((2,), 2))
    if kind == 3:  # high exponents
        x, y = ring.gens()[:2]
        e = rng.choice((40, 127, 300))
        return (x**e - y, y**2 - rng.randint(1, 9))
    if kind == 4:  # often the whole ring
        g = poly((1, 2))
        return (g, g + 1 + poly((0,), 1) * 0, poly((1,)))
    if kind == 5:  # the zero ideal, now and then
        return (ring(0), ring(0)) if rng.random() < 0.5 else (poly((1, 1, 3)),)
    return tuple(poly((3,), 2) for _ in range(2))  # binomials


def tasks(seed: int) -> list[Task]:
    """Two questions about the ideal of a seed, all kinds in turn."""
    gens = random_ideal(seed)
    ring = gens[0].ring
    first, last = ring.gens()[0], ring.gens()[-1]
    degrees = [{sum(e) for e, _ in g.terms()} for g in gens]
    choices: list[Callable[[], Task]] = [
        lambda: GroebnerBasis(gens),
        lambda: Elimination(gens, (ring.names[0],)),
        lambda: Saturation(gens, first),
        lambda: Membership(gens, gens[0] * last),
        lambda: Membership(gens, first * last + 1),
        lambda: Degree(gens),
        lambda: Dimension(gens),
        lambda: GroebnerBasis(gens, "deglex"),
        lambda: MinimalPrimes(gens),
        lambda: HilbertSeries(gens) if all(len(d) < 2 for d in degrees) else Degree(gens),
        lambda: PrimaryDecomposition(gens),
    ]
    return [choices[(2 * seed + seed // 11 + k) % len(choices)]() for k in (0, 5)]


def canonical(task: Task, value: Any) -> Any:
    """What two right answers have in common: primes are unique, embedded components are not."""
    if isinstance(task, MinimalPrimes | PrimaryDecomposition):
        return {(frozenset(c.prime), c.dimension, c.degree) for c in value}
    return value


def compare(seed: int, slow: bool) -> int:
    met = 0
    for task in tasks(seed):
        found = {
            engine.name: canonical(task, solve(task, engine.name, time_limit=30))
            for engine in ENGINES
            if (slow or engine.name not in SLOW_TO_START) and engine.can_run(task) is True
        }
        values = list(found.values())
        assert all(v == values[0] for v in values), (task, found)
        met += len(found)
    return met


@pytest.mark.parametrize("seed", range(7))
def test_fast_engines_agree(seed: int) -> None:
    compare(seed, False)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(7, 67))
def test_all_engines_agree(seed: int) -> None:
    compare(seed, seed % 3 == 0)
