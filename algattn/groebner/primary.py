"""The components that a computer algebra system finds, or that the equations show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf
from time import monotonic

from algattn.engines import (
    MinimalPrimes,
    PrimaryDecomposition,
    Saturation,
    Task,
    choose,
    solve,
)
from algattn.engines.leading import divides, minimal_monomials
from algattn.exact import Polynomial, PolynomialRing
from algattn.groebner.certificates import Basis
from algattn.groebner.decomposition import PrimaryComponent
from algattn.groebner.finder import Finder
from algattn.groebner.systems import System
from algattn.maps.texts import spell

Pair = tuple[tuple[Polynomial, ...], tuple[Polynomial, ...]]
Exponents = tuple[int, ...]


def seconds_left(end: float) -> float | None:
    """The seconds until a time of the monotonic clock, a hundredth at least."""
    return None if end == inf else max(end - monotonic(), 0.01)


def decomposer(system: System, primes_only: bool, engine: str | None) -> str:
    """The engine that decomposes, with its version; an error when there is none."""
    kind = MinimalPrimes if primes_only else PrimaryDecomposition
    task: Task = kind(system.equations, ring=system.ring)
    chosen = choose(task, engine)
    return f"{chosen.name} {chosen.version()}"


def components_of(
    system: System, primes_only: bool, absolute: bool, engine: str, time_limit: float | None
) -> tuple[PrimaryComponent, ...]:
    """The components that an engine finds, isolated ones first.

    What vanishes only where a polynomial does that is to be nonzero is taken away first.
    """
    end = inf if time_limit is None else monotonic() + time_limit
    equations = saturated(system, engine, time_limit)
    kind = MinimalPrimes if primes_only else PrimaryDecomposition
    parts = solve(kind(equations, ring=system.ring), engine, time_limit=seconds_left(end))
    pairs = [(c.prime, c.primary if c.primary is not None else c.prime) for c in parts]
    found = assembled(system, pairs, primes_only)
    return conjugates(system, found, engine, seconds_left(end)) if absolute else found


def saturated(
    system: System, engine: str | None, time_limit: float | None
) -> tuple[Polynomial, ...]:
    """The equations, where nothing is left of what has to be nonzero."""
    if system.away is None:
        return system.equations
    task = Saturation(system.equations, system.away, ring=system.ring)
    found: tuple[Polynomial, ...] = solve(task, engine, time_limit=time_limit)
    return found


def conjugates(
    system: System,
    parts: Sequence[PrimaryComponent],
    engine: str | None,
    time_limit: float | None,
) -> tuple[PrimaryComponent, ...]:
    """The components with the numbers of their conjugates, as an engine counts them."""
    end = inf if time_limit is None else monotonic() + time_limit
    out = []
    for c in parts:
        task = MinimalPrimes(c.bases(system)[0].polys, absolute=True, ring=system.ring)
        able = choose(task, engine).name
        (one,) = solve(task, able, time_limit=seconds_left(end))
        out.append(replaced(c, one.conjugates // system.extension))
    return tuple(out)


def replaced(c: PrimaryComponent, conjugates: int | None) -> PrimaryComponent:
    """The component with another number of conjugates."""
    return PrimaryComponent(
        c.dimension, c.degree, c.multiplicity, c.embedded, conjugates, c.prime, c.primary
    )


def assembled(
    system: System, pairs: Sequence[Pair], primes_only: bool
) -> tuple[PrimaryComponent, ...]:
    """Components from Groebner bases of primes and primary ideals."""
    ring = system.ring
    bases = [tuple(Basis(ring, tuple(map(_in(ring), polys))) for polys in p) for p in pairs]
    found = []
    for n, (prime, primary) in enumerate(bases):
        dimension, degree = prime.size
        embedded = any(prime.reduces(p.polys) for i, (p, _) in enumerate(bases) if i != n)
        found.append(
            PrimaryComponent(
                dimension,
                degree // system.extension,
                None if primes_only else primary.size[1] // degree,
                embedded,
                None,
                spell(prime.polys),
                None if primes_only else spell(primary.polys),
            )
        )
    return tuple(sorted(found, key=lambda c: (c.embedded, -c.dimension, c.degree, c.prime)))


def _in(ring: PolynomialRing):  # type: ignore[no-untyped-def]
    return lambda g: g if g.ring == ring else ring.from_terms(g.terms())


# --- without any engine that decomposes ----------------------------------------------------------


def seen(system: System, finder: Finder) -> list[Pair] | None:
    """Primes and primary ideals that the equations show, as Groebner bases; None for others.

    Monomials, one equation, and what becomes one after variables are expressed by others.
    """
    ring, equations = system.ring, [g for g in system.equations if g]
    if system.away is not None:
        return None
    if any(g.flint.is_constant() for g in equations):
        return []
    if equations and all(len(g) == 1 for g in equations):
        exponents = [next(iter(g.terms()))[0] for g in equations]
        found = [(_monomials(ring, p), _monomials(ring, q)) for p, q in monomial_parts(exponents)]
    else:
        solved, rest = expressed(equations, ring)
        if len(rest) > 1:
            return None
        factors = rest[0].factor()[1] if rest else [(ring(0), 1)]
        found = [((*solved, f), (*solved, f**m)) for f, m in factors]
    return [(finder.basis(p, ring).polys, finder.basis(q, ring).polys) for p, q in found]


def expressed(
    equations: Sequence[Polynomial], ring: PolynomialRing
) -> tuple[list[Polynomial], list[Polynomial]]:
    """Equations ``x - h`` that express variables by later ones, and the rest without these.

    >>> from algattn.exact import QQ
    >>> R = PolynomialRing(QQ, ("x", "y"))
    >>> x, y = R.gens()
    >>> expressed([x - y**2, x * y - 1], R)
    ([-y^2 + x], [y^3 - 1])
    """
    solved: list[Polynomial] = []
    rest = [g for g in equations if g]
    while True:
        step = next(((g, i) for g in rest for i in _pivots(g)), None)
        if step is None:
            return solved, rest
        g, i = step
        x = ring.gens()[i]
        unit = tuple(int(j == i) for j in range(len(ring.names)))
        c = next(c for e, c in g.terms() if e == unit)
        image = x - g * (1 / c)
        images = [image if j == i else y for j, y in enumerate(ring.gens())]
        solved = [h.compose(*images) for h in solved] + [x - image]
        rest = list(dict.fromkeys(h for f in rest if f is not g and (h := f.compose(*images))))


def _pivots(poly: Polynomial) -> Iterator[int]:
    """The variables that stand in one term only, alone."""
    exponents = [e for e, _ in poly.terms()]
    for e in exponents:
        if sum(e) == 1:
            i = e.index(1)
            if sum(1 for other in exponents if other[i]) == 1:
                yield i


def _monomials(ring: PolynomialRing, exponents: Sequence[Exponents]) -> tuple[Polynomial, ...]:
    return tuple(ring.from_terms([(e, 1)]) for e in sorted(exponents))


def monomial_parts(
    monomials: Sequence[Exponents],
) -> list[tuple[list[Exponents], list[Exponents]]]:
    """Primes and primary ideals of a monomial ideal, by splitting generators.

    >>> monomial_parts([(2, 0), (1, 1)])
    [([(1, 0), (0, 1)], [(0, 1), (2, 0)]), ([(1, 0)], [(1, 0)])]
    """
    n = len(monomials[0])
    open_ideals, done = [minimal_monomials(monomials)], set()
    while open_ideals:
        ideal = open_ideals.pop()
        mixed = next((m for m in ideal if sum(1 for e in m if e) > 1), None)
        if mixed is None:
            done.add(ideal)
            continue
        i = next(j for j, e in enumerate(mixed) if e)
        power = tuple(e if j == i else 0 for j, e in enumerate(mixed))
        others = tuple(0 if j == i else e for j, e in enumerate(mixed))
        open_ideals += [minimal_monomials((*ideal, m)) for m in (power, others)]
    kept = [
        q for q in done if not any(p != q and _monomial_in(q, p) for p in done)
    ]  # those that contain no other one
    groups: dict[tuple[int, ...], list[Exponents]] = {}
    for q in sorted(kept):
        support = tuple(sorted(m.index(max(m)) for m in q))
        before = groups.get(support)
        if before is None:
            groups[support] = list(q)
        else:
            pairs = (tuple(map(max, a, b)) for a, b in product(before, q))
            groups[support] = list(minimal_monomials(pairs))
    return [
        ([tuple(int(j == i) for j in range(n)) for i in support], q)
        for support, q in groups.items()
    ]


def _monomial_in(larger: Sequence[Exponents], smaller: Sequence[Exponents]) -> bool:
    """Whether every generator of one monomial ideal lies in the other."""
    return all(any(divides(m, g) for m in larger) for g in smaller)
