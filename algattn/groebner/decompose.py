"""Decompose, and prove what is found, as far as the time allows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import inf
from time import monotonic
from typing import Any, TypeVar

from algattn.engines import Cofactors
from algattn.engines.conclusion import conclude
from algattn.errors import CertificateError, EngineError, EngineOutputError, LimitError
from algattn.exact import Polynomial
from algattn.groebner.certificates import Basis, PrimaryProof
from algattn.groebner.decomposition import PrimaryComponent
from algattn.groebner.decomposition_evidence import (
    Absolute,
    Complete,
    Inside,
    Primes,
    Reported,
    Sizes,
    inside_ideal,
    minimal_of,
)
from algattn.groebner.finder import POWERS, Finder
from algattn.groebner.primary import (
    assembled,
    components_of,
    conjugates,
    decomposer,
    replaced,
    seconds_left,
    seen,
)
from algattn.groebner.systems import System
from algattn.maps.texts import spell
from algattn.results import Evidence, Result

Kind = TypeVar("Kind", bound=Result)
#: A small grid of values of the free variables, for rational points.
GRID = (1, 0, -1, 2, -2, 3)


def decompose(
    kind: type[Kind],
    problem: Any,
    *,
    primes_only: bool = False,
    absolute: bool = False,
    engine: str | None = None,
    time_limit: float | None = 60.0,
) -> Kind:
    """The components of the system of a problem, with all evidence that is found.

    Raises
    ------
    EngineNotFoundError
        When no engine decomposes, and the equations do not show their components.
    LimitError
        When the decomposition takes too long; a proof that does is left out.
    """
    system: System = problem.system()
    end = inf if time_limit is None else monotonic() + time_limit
    finder = Finder(engine, time_limit)
    pairs = seen(system, finder) if engine is None else None
    name: str | None = None
    if pairs is not None:
        parts = assembled(system, pairs, primes_only)
        if primes_only:
            parts = tuple(c for c in parts if not c.embedded)
    else:
        name = decomposer(system, primes_only, engine)
        parts = components_of(system, primes_only, False, name.split()[0], seconds_left(end))
    evidence: dict[str, list[Evidence]] = {"inside": [Inside()]}
    bases = [c.bases(system) for c in parts]
    complete = finder.attempt(lambda: _complete(system, bases, primes_only, finder))
    proofs = finder.attempt(lambda: tuple(finder.primary(p, q) for p, q in bases))
    witnesses = finder.attempt(lambda: _witnesses(parts, bases, finder))
    if name is None and (complete is None or proofs is None or witnesses is None):
        name = decomposer(system, primes_only, engine)
    word: list[Evidence] = [] if name is None else [Reported(name)]
    evidence["complete"] = word if complete is None else [complete]
    evidence["prime"] = word if proofs is None else [Primes(proofs)]
    evidence["sizes"] = word if witnesses is None else [Sizes(witnesses)]
    if absolute:
        shown = None if proofs is None else _counted(system, bases, proofs)
        if shown is not None and proofs is not None:
            parts = tuple(replaced(c, n) for c, n in zip(parts, shown[0], strict=True))
            evidence["absolute"] = [Absolute(tuple(p.prime for p in proofs), shown[1])]
        else:
            name = name or decomposer(system, primes_only, engine)
            parts = conjugates(system, parts, name.split()[0], seconds_left(end))
            evidence["absolute"] = [Reported(name)]
    value = max((c.dimension for c in parts), default=-1)

    def made() -> Kind:
        return kind.assemble(
            problem, value, evidence, components=parts, primes_only=primes_only, engine=name
        )

    found = made()
    for claim in found.claims:
        for item in claim.evidence:
            if not isinstance(item, Reported | Primes):  # these are checked where they are found
                try:
                    item.check(problem, claim)
                except CertificateError as error:
                    asked = "decompose an ideal"
                    raise EngineOutputError(asked, error.wrong, "another engine") from None
                except LimitError:
                    evidence[claim.name] = [Reported(name or decomposer(system, primes_only, None))]
    return made()


def _complete(
    system: System, bases: Sequence[tuple[Basis, Basis]], primes_only: bool, finder: Finder
) -> Complete | None:
    ring = system.ring
    meets, met = finder.meets([q.polys for _, q in bases], ring)
    whole = finder.basis(system.equations, ring)
    cofactors: tuple[tuple[str, ...], ...] = ()
    if not inside_ideal(system.equations, whole, ()):
        cofactors = cofactors_of(system.equations, whole, finder)
    for power in range(1, POWERS + 1):
        found = met if system.away is None else tuple(g * system.away**power for g in met)
        if primes_only:
            found = tuple(g**power for g in found)
        if whole.reduces(found):
            return Complete(spell(whole.polys), cofactors, meets, power)
        if system.away is None and not primes_only:
            break
    return None


def cofactors_of(
    generators: Sequence[Polynomial], basis: Basis, finder: Finder
) -> tuple[tuple[str, ...], ...]:
    """A row of cofactors for each member of a basis; EngineError when an engine finds none."""
    task = Cofactors(tuple(generators), basis.polys, ring=basis.ring)
    rows, _ = conclude(task, finder.run(task))
    if None in rows:
        raise EngineError(task.asked, "a member of the basis is not in the ideal", "report this")
    return tuple(spell(row) for row in rows)


def _witnesses(
    parts: Sequence[PrimaryComponent], bases: Sequence[tuple[Basis, Basis]], finder: Finder
) -> tuple[str | None, ...] | None:
    """A polynomial in all other components and not in it, for each embedded one."""
    found: list[str | None] = []
    if not all(p.closed and q.closed for p, q in bases):
        return None
    for n, c in enumerate(parts):
        if not c.embedded:
            found.append(None)
            continue
        others = [q.polys for i, (_, q) in enumerate(bases) if i != n]
        _, met = finder.meets(others, bases[n][0].ring)
        text = next((spell([g])[0] for g in met if not bases[n][1].reduces([g])), None)
        if text is None:
            return None
        found.append(text)
    return tuple(found)


def _counted(
    system: System, bases: Sequence[tuple[Basis, Basis]], proofs: Sequence[PrimaryProof]
) -> tuple[list[int], tuple[tuple[int, ...] | None, ...]] | None:
    """How many conjugates there are, where it is seen, with smooth rational points."""
    counts: list[int] = []
    points: list[tuple[int, ...] | None] = []
    for (prime, _), proof in zip(bases, proofs, strict=True):
        rank, point = proof.prime.check(prime), None
        if rank == system.extension or not proof.prime.contraction.free:
            counts.append(rank // system.extension)
        elif (
            system.extension > 1
            or proof.prime.minimal is None
            or (point := smooth_point(minimal_of(proof.prime, prime.ring))) is None
        ):
            return None
        else:
            counts.append(1)
        points.append(point)
    return counts, tuple(points)


def smooth_point(poly: Polynomial, most: int = 400) -> tuple[int, ...] | None:
    """A zero with small whole numbers as coordinates at which a derivative is not zero."""
    names, ring = poly.ring.names, poly.ring
    slopes = [poly.derivative(n) for n in names]
    for count, rest in enumerate(product(GRID, repeat=len(names) - 1)):
        if count > most:
            return None
        line = poly.compose(ring.gens()[0], *map(ring, rest))
        if not line:
            continue
        for factor, _ in line.factor()[1]:
            terms = {e[0]: c for e, c in factor.terms()}
            if max(terms) != 1:
                continue
            root = ring.field.to_python(-terms.get(0, ring.field.zero) / terms[1])
            if not isinstance(root, int):
                continue
            point = (root, *rest)
            if any(s(*point) != 0 for s in slopes):
                return point
    return None
