"""What proves a decomposition: divisions, intersections and irreducible projections; no engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from algattn.engines.span import generates
from algattn.exact import Polynomial, PolynomialRing
from algattn.groebner.certificates import (
    Basis,
    Listed,
    PrimaryProof,
    PrimeProof,
    Refuted,
    meet_all,
    projected,
    require,
)
from algattn.groebner.primary import components_of
from algattn.groebner.systems import System
from algattn.maps.texts import read_all
from algattn.results import Claim, Evidence, Status, about, declare, decode

KINDS = "ideals.decomposition map.primary"


def pairs_of(value: Any, system: System) -> list[tuple[Basis, Basis]]:
    """The prime and the primary ideal of each component in a claim."""
    ring = system.ring
    found = []
    for prime, primary in value["pairs"]:
        texts = decode(tuple[str, ...], prime), decode(tuple[str, ...] | None, primary)
        bases = [Basis(ring, read_all(t if t is not None else texts[0], ring)) for t in texts]
        found.append((bases[0], bases[1]))
    return found


class _Reasons(Evidence):
    """Evidence whose check may find a certificate wrong."""

    def check(self, problem: Any, claim: Claim) -> None:
        system = problem.system()
        try:
            self.prove(system, pairs_of(claim.value, system), claim.value)
        except Refuted as error:
            raise self.fail(str(error)) from None

    def prove(self, system: System, pairs: list[tuple[Basis, Basis]], value: Any) -> None:
        """Raise :class:`Refuted` unless the claim is true."""


@declare("ideals.inside", about(KINDS, "inside"), Status.PROVED)
@dataclass(frozen=True)
class Inside(_Reasons):
    """Every equation is divided by each component without remainder."""

    def prove(self, system: System, pairs: list[tuple[Basis, Basis]], value: Any) -> None:
        for prime, primary in pairs:
            require(primary.reduces(system.equations), "an equation is not in a component")
            if system.away is not None:
                require(prime.closed, "S-pairs of a prime are open")
                require(not prime.reduces([system.away]), "a component is taken away")


@declare("ideals.complete", about(KINDS, "complete"), Status.PROVED)
@dataclass(frozen=True)
class Complete(_Reasons):
    """The intersection of the components reduces into the ideal.

    Attributes
    ----------
    basis : tuple of str
        By which is divided; its members lie in the ideal.
    cofactors : tuple of tuple of str
        A row for each of them, by the equations; nothing where ranks of multiples show it.
    meets : tuple of Listed
        Bases for the intersections, one by one.
    power : int
        That of members of the intersection (primes alone) and of what is taken away.
    """

    basis: tuple[str, ...]
    cofactors: tuple[tuple[str, ...], ...]
    meets: tuple[Listed, ...]
    power: int

    def prove(self, system: System, pairs: list[tuple[Basis, Basis]], value: Any) -> None:
        ring = system.ring
        basis = Basis(ring, read_all(self.basis, ring))
        require(inside_ideal(system.equations, basis, self.cofactors), "the basis is too large")
        met = meet_all([q.polys for _, q in pairs], self.meets, ring)
        require(1 <= self.power <= 50, "the power is too large")
        if system.away is not None:
            met = tuple(g * system.away**self.power for g in met)
        if value["primes_only"]:
            met = tuple(g**self.power for g in met)
        require(basis.reduces(met), "a member of the intersection is not in the ideal")


def inside_ideal(
    generators: Sequence[Polynomial], basis: Basis, cofactors: Sequence[Sequence[str]]
) -> bool:
    """Whether the members of a list are seen to lie in the ideal of others."""
    ring = basis.ring
    if cofactors:
        rows = [read_all(tuple(row), ring) for row in cofactors]
        return len(rows) == len(basis.polys) and all(
            sum((c * g for c, g in zip(row, generators, strict=True)), ring(0)) == b
            for row, b in zip(rows, basis.polys, strict=True)
        )
    if set(basis.polys) <= set(generators) | {ring(0)}:
        return True
    if not (basis.reduces(generators) and basis.closed):
        return False
    return bool(generates(generators, basis.polys, basis.heads, (1,) * len(ring.names), True))


@declare("ideals.prime", about(KINDS, "prime"), Status.PROVED)
@dataclass(frozen=True)
class Primes(_Reasons):
    """Over a field of functions a projection of each prime is irreducible, of full degree."""

    proofs: tuple[PrimaryProof, ...]

    def prove(self, system: System, pairs: list[tuple[Basis, Basis]], value: Any) -> None:
        require(len(self.proofs) == len(pairs), "a proof is missing")
        for proof, (prime, primary) in zip(self.proofs, pairs, strict=True):
            proof.check(prime, primary)


@declare("ideals.sizes", about(KINDS, "sizes"), Status.PROVED)
@dataclass(frozen=True)
class Sizes(_Reasons):
    """Counted on leading monomials of checked bases; no component contains what it should not.

    Attributes
    ----------
    witnesses : tuple of (str or None)
        For each embedded component, a polynomial in all others and not in it.
    """

    witnesses: tuple[str | None, ...]

    def prove(self, system: System, pairs: list[tuple[Basis, Basis]], value: Any) -> None:
        require(len(value["sizes"]) == len(pairs) == len(self.witnesses), "one is missing")
        for n, (prime, primary) in enumerate(pairs):
            require(prime.closed and primary.closed, "S-pairs of a component are open")
            found = sizes_of(system, prime, None if value["primes_only"] else primary)
            inside = [i for i, (p, _) in enumerate(pairs) if i != n and prime.reduces(p.polys)]
            said = [*found, bool(inside)]
            require(repr(said) == repr(list(value["sizes"][n])), f"the sizes are {said}")
            require(
                not any(pairs[i][0].reduces(prime.polys) for i in inside), "a prime is twice there"
            )
            require(not (inside and value["primes_only"]), "a prime contains another")
            text = self.witnesses[n]
            require((text is not None) == bool(inside), "a witness is missing, or without use")
            if text is not None:
                (f,) = read_all((text,), system.ring)
                require(not primary.reduces([f]), "a component is superfluous")
                require(
                    all(q.reduces([f]) for i, (_, q) in enumerate(pairs) if i != n),
                    "a witness is not in all other components",
                )


def sizes_of(system: System, prime: Basis, primary: Basis | None) -> list[int | None]:
    """Dimension and degree of a prime, and how often a primary ideal counts it."""
    dimension, degree = prime.size
    times = None if primary is None else primary.size[1] // degree
    return [dimension, degree // system.extension, times]


@declare("ideals.absolute", about(KINDS, "absolute"), Status.PROVED)
@dataclass(frozen=True)
class Absolute(_Reasons):
    """Each prime is of degree 1 over K(u) or zero-dimensional, or has a smooth rational point."""

    proofs: tuple[PrimeProof, ...]
    points: tuple[tuple[int, ...] | None, ...]

    def prove(self, system: System, pairs: list[tuple[Basis, Basis]], value: Any) -> None:
        require(len(self.proofs) == len(self.points) == len(pairs), "one is missing")
        counts = value["conjugates"]
        require(len(counts) == len(pairs), "a number is missing")
        for n, (proof, point, (prime, _)) in enumerate(
            zip(self.proofs, self.points, pairs, strict=True)
        ):
            rank = proof.check(prime)
            if point is None:
                require(rank == system.extension * counts[n], "the degree is another one")
                require(not proof.contraction.free or counts[n] == 1, "it has parameters")
                continue
            require(counts[n] == 1, "with a rational point it is one component")
            f = minimal_of(proof, prime.ring)
            require(system.extension == 1 and len(point) == len(f.ring.names), "it is no point")
            require(f(*point) == 0, "a point is no zero")
            require(any(f.derivative(n)(*point) != 0 for n in f.ring.names), "it is not smooth")


def minimal_of(proof: PrimeProof, ring: PolynomialRing) -> Polynomial:
    """The irreducible projection in a proof."""
    require(proof.minimal is not None, "there is no projection")
    text, free = str(proof.minimal), proof.contraction.free
    return read_all((text,), projected(ring, free))[0]


@declare(
    "ideals.reported",
    about(KINDS, "inside, complete, prime, sizes, absolute"),
    Status.PROBABLE,
    recomputed=True,
)
@dataclass(frozen=True)
class Reported(Evidence):
    """Another system decomposed the ideal, asked again."""

    engine: str

    def summary(self) -> str:
        return f"decomposed by {self.engine}"

    def check(self, problem: Any, claim: Claim) -> None:
        self.expect(claim.value["engine"], self.engine, "another engine is named in the claim")
        system, name = problem.system(), self.engine.partition(" ")[0]
        counts = claim.value.get("conjugates")
        again = components_of(
            system, claim.value["primes_only"], counts is not None, name, time_limit=60.0
        )
        others = [c.bases(system)[0] for c in again]
        pairs = pairs_of(claim.value, system)
        if len(pairs) != len(others):
            raise self.fail("it has another number of components")
        for n, (prime, primary) in enumerate(pairs):
            c = next((c for c, p in zip(again, others, strict=True) if same(prime, p)), None)
            if c is None:
                raise self.fail("it has other components")
            if counts is not None and counts[n] != c.conjugates:
                raise self.fail("it has other numbers of conjugate components")
            if "sizes" in claim.value:
                sizes = [c.dimension, c.degree, c.multiplicity, c.embedded]
                self.expect(claim.value["sizes"][n], sizes, "a component has another size")
            if not c.embedded and not same(primary, c.bases(system)[1]):
                raise self.fail("it has another primary ideal")


def same(left: Basis, right: Basis) -> bool:
    """Whether two lists generate one ideal."""
    return left.reduces(right.polys) and right.reduces(left.polys)
