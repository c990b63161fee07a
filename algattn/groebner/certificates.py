"""What shows by division alone that ideals are prime, primary, or contain an intersection.

An engine finds the lists of polynomials here; the checks use division and factorisation of one
polynomial, and no engine.  The lemmas behind them are in ``algattn/docs/ideals.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Literal

from algattn.engines.division import Division
from algattn.engines.leading import Exponents, minimal_monomials, sizes
from algattn.engines.reduction import extended
from algattn.exact import Polynomial, PolynomialRing
from algattn.exact.irreducible import irreducible
from algattn.exact.polynomials import new_name
from algattn.maps.texts import read_all, spell

#: Operations with terms for one division of many polynomials: a few seconds.
MAX_WORK = 3_000_000
#: Powers of terms, and of other polynomials, that are still expanded.
MAX_EXPONENT, MAX_POWER = 10_000, 50


class Refuted(Exception):  # noqa: N818
    """A certificate does not show what it should; the text says why."""


def require(holds: bool, why: str) -> None:
    """Raise :class:`Refuted` unless it holds."""
    if not holds:
        raise Refuted(why)


@dataclass(frozen=True)
class Basis:
    """A list of polynomials of one ring that is to be a Groebner basis.

    Attributes
    ----------
    ring : PolynomialRing
    polys : tuple of Polynomial
    first : int
        So many variables are compared before the others, both in degrevlex order.
    order : {"degrevlex", "lex"}
        In lexicographic order, `first` only says which variables are meant.
    """

    ring: PolynomialRing
    polys: tuple[Polynomial, ...]
    first: int = 0
    order: str = "degrevlex"

    @cached_property
    def division(self) -> Division:
        """Division by the list, with as much work as a certificate may take."""
        ones = (1,) * len(self.ring.names)
        first = self.first if self.order == "degrevlex" else 0
        return Division(self.polys, self.order, ones, MAX_WORK, first)

    @cached_property
    def heads(self) -> list[Exponents]:
        """The leading monomials."""
        return [self.division.exponents(h) for h in self.division.heads]

    def reduces(self, polys: Sequence[Polynomial]) -> bool:
        """Whether polynomials have remainder zero, and therefore lie in the ideal of the list."""
        return all(self.division.to_zero(g) if self.polys else not g for g in polys if g)

    @cached_property
    def closed(self) -> bool:
        """Whether it is a Groebner basis, by Buchberger's criterion."""
        return not self.polys or not self.division.open_pair()

    @cached_property
    def size(self) -> tuple[int, int]:
        """Dimension and degree; only for a basis with first = 0."""
        return sizes(self.heads, len(self.ring.names))

    @property
    def contraction(self) -> tuple[Polynomial, ...]:
        """The members without the first variables; of a basis, a basis of the contraction."""
        k = self.first
        return tuple(g for g in self.polys if not any(any(e[:k]) for e in g.flint.monoms()))


@dataclass(frozen=True)
class Listed:
    """A :class:`Basis` as it is written into files: the ring is told where it is read."""

    order: Literal["degrevlex", "lex"]
    polys: tuple[str, ...]

    @classmethod
    def of(cls, basis: Basis) -> Listed:
        """The texts of a basis."""
        return cls("lex" if basis.order == "lex" else "degrevlex", spell(basis.polys))

    def basis(self, ring: PolynomialRing, first: int) -> Basis:
        """The basis, in a ring and with so many variables in front."""
        return Basis(ring, read_all(self.polys, ring), first, self.order)


def dropped(polys: Sequence[Polynomial], ring: PolynomialRing) -> tuple[Polynomial, ...]:
    """Polynomials without the first variables, in the ring of the last ones."""
    if not polys:
        return ()
    k = len(polys[0].ring.names) - len(ring.names)
    return tuple(ring.from_terms((e[k:], c) for e, c in g.terms()) for g in polys)


def mixture(
    left: Sequence[Polynomial], right: Sequence[Polynomial], ring: PolynomialRing
) -> tuple[PolynomialRing, list[Polynomial]]:
    """The ring with z in front, and the generators of ``z left + (1 - z) right``."""
    larger, lifted = extended(ring)
    z = larger.gens()[0]
    return larger, [*(z * lifted(g) for g in left), *((1 - z) * lifted(g) for g in right)]


def check_meet(
    left: Sequence[Polynomial], right: Sequence[Polynomial], meet: Listed, ring: PolynomialRing
) -> tuple[Polynomial, ...]:
    """Polynomials whose ideal contains the intersection of two ideals.

    `meet` is a Groebner basis, the new variable first, of an ideal with the mixture of both.
    """
    larger, mixed = mixture(left, right, ring)
    basis = meet.basis(larger, 1)
    require(basis.reduces(mixed), "a basis does not contain the mixture of two ideals")
    require(basis.closed, "S-pairs of a basis for an intersection are open")
    return dropped(basis.contraction, ring)


def check_no_divisor(ideal: Basis, by: Polynomial, meet: Listed) -> None:
    """That a polynomial is no zero-divisor modulo the ideal of a list: (J : f) = J."""
    for g in check_meet(ideal.polys, [by], meet, ideal.ring):
        quotient = g.divide(by)
        if quotient is None:
            raise Refuted("a member of an intersection is no multiple")
        require(ideal.reduces([quotient]), "a quotient lies not in the ideal")


def shuffled(ring: PolynomialRing, free: Sequence[str]) -> PolynomialRing:
    """The ring with these variables last."""
    names = tuple(n for n in ring.names if n not in free)
    return PolynomialRing(ring.field, (*names, *free))


def moved(poly: Polynomial, ring: PolynomialRing) -> Polynomial:
    """The polynomial in a ring that has its variables in another order, and perhaps more."""
    own = poly.ring.names
    at = [own.index(n) if n in own else None for n in ring.names]
    return ring.from_terms(
        (tuple(0 if i is None else e[i] for i in at), c) for e, c in poly.terms()
    )


@dataclass(frozen=True)
class Contraction:
    """An ideal J with J = J K(u)[x] meet K[x, u], of dimension zero over K(u).

    Attributes
    ----------
    free : tuple of str
        The variables u.
    basis : Listed
        Of J, the other variables first.
    meet : Listed or None
        Shows that the leading coefficients over K(u) are no zero-divisors; None if they are
        constants.
    """

    free: tuple[str, ...]
    basis: Listed
    meet: Listed | None = None

    def check(self, ideal: Basis) -> Basis:
        """The basis read; :class:`Refuted` unless it shows this of the ideal of a list."""
        require(set(self.free) <= set(ideal.ring.names), "there is no such variable")
        require(len(set(self.free)) == len(self.free), "a variable is twice there")
        ring = shuffled(ideal.ring, self.free)
        k = len(ring.names) - len(self.free)
        basis = self.basis.basis(ring, k)
        require(basis.reduces([moved(g, ring) for g in ideal.polys]), "a basis is too small")
        require(ideal.reduces([moved(g, ideal.ring) for g in basis.polys]), "a basis is too large")
        require(basis.closed, "S-pairs of a basis are open")
        heads, by = generic_parts(basis)
        require(all(any(h) for h in heads), "the free variables are dependent")
        powers = {h.index(max(h)) for h in heads if sum(1 for x in h if x) == 1}
        require(powers == set(range(k)), "the dimension over the field of functions is not zero")
        if self.meet is None:
            require(by.degree() <= 0, "leading coefficients are not constant")
        else:
            check_no_divisor(ideal, moved(by, ideal.ring), self.meet)
        return basis


def generic_parts(basis: Basis) -> tuple[tuple[Exponents, ...], Polynomial]:
    """The leading monomials over K(u), and a common multiple of their coefficients, squarefree."""
    k, ring = basis.first, basis.ring
    parts = [h[:k] for h in basis.heads]
    minimal = minimal_monomials(parts)
    by = ring(1)
    for m in minimal:
        best = None
        for g, h in zip(basis.polys, parts, strict=True):
            if h == m:
                zeros = (0,) * k
                c = ring.from_terms(((*zeros, *e[k:]), c) for e, c in g.terms() if e[:k] == m)
                if best is None or (c.degree(), len(c)) < (best.degree(), len(best)):
                    best = c
        assert best is not None
        for factor, _ in best.factor()[1]:
            if by.divide(factor) is None:
                by = by * factor
    return minimal, by


def count_standard(heads: Sequence[Exponents]) -> int:
    """How many monomials none of these divides, if there are finitely many.

    >>> count_standard([(2, 0), (1, 1), (0, 3)])
    4
    """
    return sizes(heads, len(heads[0]))[1] if heads else 1


@dataclass(frozen=True)
class PrimeProof:
    """Why an ideal is prime: over K(u) a generic projection is irreducible, of full degree.

    Attributes
    ----------
    contraction : Contraction
    form : tuple of int
        The coefficients of a linear form in the other variables; nothing where the degree is 1.
    minimal : str or None
        In ``T, u``: irreducible, and zero modulo the ideal where T is the linear form.
    """

    contraction: Contraction
    form: tuple[int, ...] = ()
    minimal: str | None = None

    def check(self, ideal: Basis) -> int:
        """The degree over K(u); :class:`Refuted` unless it shows that an ideal is prime."""
        basis = self.contraction.check(ideal)
        rank, ring, k = count_standard(generic_parts(basis)[0]), basis.ring, basis.first
        if self.minimal is None:
            require(rank == 1, "there is no irreducible polynomial")
            require(not self.form, "there is a linear form without use")
            return rank
        (f,) = read_all((self.minimal,), projected(ring, self.contraction.free))
        require(max(e[0] for e in f.flint.monoms()) == rank, "the degree is not the full one")
        require(irreducible(f), "the projection is reducible")
        require(len(self.form) == k, "the linear form has another length")
        ell = sum((x * c for x, c in zip(ring.gens()[:k], self.form, strict=True)), ring(0))
        value = f.compose(ell, *ring.gens()[k:])
        require(basis.reduces([value]), "the projection is another one")
        return rank


def projected(ring: PolynomialRing, free: Sequence[str]) -> PolynomialRing:
    """The ring of T and the free variables."""
    return PolynomialRing(ring.field, (new_name("T", ring.names), *free))


@dataclass(frozen=True)
class PrimaryProof:
    """Why an ideal Q is primary with radical P: P is prime, and Q comes from K(u).

    Attributes
    ----------
    prime : PrimeProof
        Of P.
    contraction : Contraction or None
        Of Q; None where Q = P.
    powers : tuple of int
        The powers of the generators of P that lie in Q.
    """

    prime: PrimeProof
    contraction: Contraction | None = None
    powers: tuple[int, ...] = ()

    def check(self, prime: Basis, primary: Basis) -> int:
        """The degree of the prime over K(u); :class:`Refuted` unless it shows this of two lists."""
        rank = self.prime.check(prime)
        require(prime.reduces(primary.polys), "a primary ideal is not inside its prime")
        if self.contraction is None:
            require(primary.reduces(prime.polys), "a primary ideal is not its prime")
            require(not self.powers, "there are powers without use")
            return rank
        free = self.prime.contraction.free
        require(set(self.contraction.free) == set(free), "other variables are free")
        self.contraction.check(primary)
        require(len(self.powers) == len(prime.polys), "a power is missing")
        require(
            all(
                1 <= e <= (MAX_EXPONENT if len(p) == 1 else MAX_POWER)
                for p, e in zip(prime.polys, self.powers, strict=True)
            ),
            "a power is too large",
        )
        require(
            primary.reduces([p**e for p, e in zip(prime.polys, self.powers, strict=True)]),
            "a power of a member of the prime is not in the primary ideal",
        )
        return rank


def meet_all(
    ideals: Sequence[Sequence[Polynomial]], meets: Sequence[Listed], ring: PolynomialRing
) -> tuple[Polynomial, ...]:
    """Polynomials whose ideal contains the intersection of all; one by one, checked."""
    require(len(meets) == max(len(ideals) - 1, 0), "an intersection is missing")
    if not ideals:
        return (ring(1),)
    chain = iter(meets)
    return reduce(
        lambda left, right: check_meet(left, right, next(chain), ring), ideals[1:], tuple(ideals[0])
    )


def independent_sets(basis: Basis, most: int = 200) -> Iterator[tuple[str, ...]]:
    """Largest sets of variables in which no leading monomial of a basis lies.

    >>> from algattn.exact import QQ
    >>> R = PolynomialRing(QQ, ("x", "y", "z"))
    >>> x, y, z = R.gens()
    >>> list(independent_sets(Basis(R, (x * y, x * z))))
    [('y', 'z')]
    """
    n, wanted = len(basis.ring.names), basis.size[0]
    supports = [frozenset(i for i, e in enumerate(h) if e) for h in basis.heads]
    stack: list[tuple[int, tuple[int, ...]]] = [(0, ())]
    found = 0
    while stack and found < most:
        i, chosen = stack.pop()
        if len(chosen) == wanted:
            found += 1
            yield tuple(basis.ring.names[j] for j in chosen)
            continue
        if n - i < wanted - len(chosen):
            continue
        stack.append((i + 1, chosen))
        larger = {*chosen, i}
        if not any(s <= larger for s in supports):
            stack.append((i + 1, (*chosen, i)))
