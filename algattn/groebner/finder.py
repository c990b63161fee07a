"""How certificates of decompositions are found: by other systems, within a time limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Any, TypeVar

from algattn.engines import Elimination, GroebnerBasis, Limits, Task, choose, get
from algattn.engines.small import small_basis
from algattn.engines.transcript import Reading
from algattn.errors import EngineError, LimitError
from algattn.exact import Polynomial, PolynomialRing
from algattn.groebner.certificates import (
    Basis,
    Contraction,
    Listed,
    PrimaryProof,
    PrimeProof,
    Refuted,
    check_meet,
    count_standard,
    generic_parts,
    independent_sets,
    mixture,
    moved,
    projected,
    require,
    shuffled,
)

#: Sets of free variables, linear forms, powers of a member of a prime that are tried.
SETS, FORMS, POWERS = 6, 4, 12
#: Terms of a power that is still reduced.
MAX_TERMS = 3000

Found = TypeVar("Found")


class Finder:
    """Runs engines for certificates, until a time is over.

    Parameters
    ----------
    engine : str, optional
        The first able one unless given.
    time_limit : float or None
        Seconds, for all that it is asked.
    """

    def __init__(self, engine: str | None = None, time_limit: float | None = 60.0) -> None:
        self.engine = engine
        self._end = inf if time_limit is None else time.monotonic() + time_limit

    @property
    def left(self) -> float | None:
        """The seconds that are left; LimitError when there are none."""
        if self._end == inf:
            return None
        if (left := self._end - time.monotonic()) <= 0:
            raise LimitError("prove a decomposition", "the time is over", "raise time_limit")
        return left

    def run(self, task: Task) -> Reading:
        """What the first able engine says about a task that is one about a basis."""
        if self.engine is not None and get(self.engine).can_run(task) is True:
            return get(self.engine).run(task, Limits(self.left))
        return choose(task).run(task, Limits(self.left))

    def attempt(self, find: Callable[[], Found]) -> Found | None:
        """What is found, or None where an engine or the time fails, or a check."""
        try:
            return find()
        except (EngineError, LimitError, Refuted):
            return None

    def basis(self, polys: Sequence[Polynomial], ring: PolynomialRing, first: int = 0) -> Basis:
        """A basis with the first variables first, not yet checked."""
        given = tuple(g for g in polys if g)
        if not given:
            return Basis(ring, (), first)
        if any(g.flint.is_constant() for g in given):
            return Basis(ring, (ring(1),), first)
        if self.engine is None and (small := small_basis(given, first)) is not None:
            return Basis(ring, small, first)
        if first in (0, len(ring.names)):
            return Basis(ring, self.run(GroebnerBasis(given)).basis, first)
        task = Elimination(given, ring.names[:first])
        if (self.engine or choose(task).name) in {"singular", "macaulay2"}:
            found = self.run(task)
            if found.others is None:
                raise LimitError("find a basis", "it is too large to be checked", "ask less")
            kept = (moved(g, ring) for g in found.basis)
            return Basis(ring, (*kept, *(moved(g, ring) for g in found.others)), first)
        lex = self.run(GroebnerBasis(given, "lex")).basis
        plain = (ring.from_terms(g.terms()) for g in lex)
        return Basis(ring, tuple(plain), first, "lex")

    def meet(
        self, left: Sequence[Polynomial], right: Sequence[Polynomial], ring: PolynomialRing
    ) -> tuple[Listed, tuple[Polynomial, ...]]:
        """A certificate for an intersection, and generators of it."""
        larger, mixed = mixture(left, right, ring)
        listed = Listed.of(self.basis(mixed, larger, 1))
        return listed, check_meet(left, right, listed, ring)

    def meets(
        self, ideals: Sequence[Sequence[Polynomial]], ring: PolynomialRing
    ) -> tuple[tuple[Listed, ...], tuple[Polynomial, ...]]:
        """Certificates for the intersections one by one, and generators of the last."""
        if not ideals:
            return (), (ring(1),)
        chain, met = [], tuple(ideals[0])
        for right in ideals[1:]:
            listed, met = self.meet(met, right, ring)
            chain.append(listed)
        return tuple(chain), met

    def contraction(self, ideal: Basis, free: Sequence[str]) -> tuple[Contraction, Basis]:
        """Why an ideal comes from the ring over K(u), and the basis that shows it."""
        ring = shuffled(ideal.ring, free)
        k = len(ring.names) - len(free)
        basis = self.basis([moved(g, ring) for g in ideal.polys], ring, k)
        _, by = generic_parts(basis)
        meet = None
        if by.degree() > 0:
            meet, _ = self.meet(ideal.polys, [moved(by, ideal.ring)], ideal.ring)
        return Contraction(tuple(free), Listed.of(basis), meet), basis

    def prime(self, ideal: Basis, primary: Basis | None = None) -> PrimeProof:
        """Why an ideal is prime, checked; Refuted when none is found.

        Free variables with constant leading coefficients are preferred.
        """
        best: tuple[Contraction, Basis] | None = None
        for n, free in enumerate(_spread(independent_sets(ideal), SETS)):
            found = self.contraction(ideal, free)
            if best is None or found[0].meet is None:
                best = found
            if found[0].meet is None or n + 1 == SETS:
                break
        require(best is not None, "there are no free variables")
        assert best is not None
        contraction, basis = best
        if count_standard(generic_parts(basis)[0]) == 1:
            proof = PrimeProof(contraction)
            proof.check(ideal)
            return proof
        for form in forms(basis):
            minimal = self._projection(basis, form, contraction.free)
            if minimal is not None:
                proof = PrimeProof(contraction, form, minimal)
                if self.attempt(lambda p=proof: p.check(ideal)) is not None:  # type: ignore[misc]
                    return proof
        raise Refuted("no irreducible projection is found")

    def _projection(self, basis: Basis, form: tuple[int, ...], free: Sequence[str]) -> str | None:
        target, k = projected(basis.ring, free), basis.first
        names = (*basis.ring.names[:k], *target.names)
        ring = PolynomialRing(target.field, names)
        ell = sum((x * c for x, c in zip(ring.gens()[:k], form, strict=True)), ring(0))
        given = [*(moved(g, ring) for g in basis.polys), ring.gens()[k] - ell]
        small = small_basis(given, k) if self.engine is None else None
        if small is None:
            found = self.run(Elimination(tuple(given), names[:k])).basis
        else:
            found = Basis(ring, small, k).contraction
        return str(moved(found[0], target)).replace(" ", "") if len(found) == 1 else None

    def primary(self, prime: Basis, primary: Basis) -> PrimaryProof:
        """Why an ideal is primary with a radical, checked; Refuted when nothing is found."""
        proof = self.prime(prime)
        if primary.reduces(prime.polys):
            return PrimaryProof(proof)
        contraction, _ = self.contraction(primary, proof.contraction.free)
        powers = tuple(_power(p, primary) for p in prime.polys)
        found = PrimaryProof(proof, contraction, powers)
        found.check(prime, primary)
        return found


def _spread(sets: Iterator[tuple[str, ...]], most: int) -> list[tuple[str, ...]]:
    """A few sets that differ much."""
    found = list(sets)
    step = max(len(found) // most, 1)
    return found[::step][:most]


def _power(poly: Polynomial, basis: Basis) -> int:
    power = poly
    for e in range(1, POWERS + 1):
        if basis.reduces([power]):
            return e
        power = power * poly
        require(len(power) <= MAX_TERMS, "a power is too large")
    raise Refuted("no power of a member of the prime lies in the primary ideal")


def forms(basis: Basis) -> Iterator[tuple[int, ...]]:
    """Linear forms in the variables that are not expressed by others, simple ones first."""
    k = basis.first
    heads, _ = generic_parts(basis)
    linear = {h.index(1) for h in heads if sum(h) == 1}
    kept = [i for i in range(k) if i not in linear]
    tried: list[Any] = [[1], [1, 1, 2, -1, 3], [1, -2, 3, 5, -7], [2, 3, -5, 7, 11]]
    if len(kept) > 1:
        for i in kept[:2]:
            yield tuple(int(j == i) for j in range(k))
        tried = tried[1:]
    for row in tried[:FORMS]:
        yield tuple(row[kept.index(i) % len(row)] if i in kept else 0 for i in range(k))
