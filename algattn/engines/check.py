"""Second opinions: what is checked of an engine's answer before it leaves, with our own code.

Nothing here believes an engine: leading monomials are ours, divisions are ours, and what is too
expensive to check is said to be the engine's word.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

from algattn.engines.conclusion import WrongAnswerError
from algattn.engines.division import Division
from algattn.engines.ideal_tasks import Cofactors, FreeResolution, Radical
from algattn.engines.leading import Exponents, sizes
from algattn.engines.span import generates
from algattn.engines.tasks import Component, Elimination, GroebnerBasis, PrimaryDecomposition, Task
from algattn.engines.transcript import Reading, heads
from algattn.errors import LimitError
from algattn.exact import Polynomial, PolynomialRing
from algattn.exact.irreducible import irreducible

#: Operations with terms for one check: a tenth of a second or two.
MAX_CHECK = 100_000


@dataclass(frozen=True)
class Check:
    """Which checks an answer passed, and what is the engine's word.

    Attributes
    ----------
    passed : tuple of str
    word : tuple of str
        What was not checked, because it is too expensive or there is no way; empty when the
        answer is checked completely.

    Examples
    --------
    >>> Check(("the generators reduce to zero",), ("the rest",))
    checked: the generators reduce to zero; the engine's word: the rest
    >>> Check((), ("all of it",))
    the engine's word: all of it
    """

    passed: tuple[str, ...]
    word: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is the engine's word."""
        return not self.word

    def __repr__(self) -> str:
        heads = ("checked", self.passed), ("the engine's word", self.word)
        return "; ".join(f"{head}: {', '.join(what)}" for head, what in heads if what)


class _Ledger:
    """Collects what was checked."""

    def __init__(self) -> None:
        self.passed: list[str] = []
        self.word: list[str] = []

    def note(self, what: str, test: Callable[[], bool | None]) -> bool:
        """File a statement under what its test says; None and a LimitError mean: not checked."""
        try:
            found = test()
        except LimitError:
            found = None
        if found is False:
            raise WrongAnswerError(f"it is not true that {what}")
        (self.word if found is None else self.passed).append(what)
        return bool(found)

    def check(self) -> Check:
        return Check(tuple(self.passed), tuple(self.word))


def check(task: Task, reading: Reading, parts: Sequence[Component] = ()) -> Check:
    """Check what an engine said about a task of :func:`algattn.engines.reduction.as_basis`.

    Raises
    ------
    WrongAnswerError
        When a check fails.

    Examples
    --------
    >>> from algattn.exact import QQ
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> check(GroebnerBasis((x**2, x * y)), Reading((x * y, x**2)))
    checked: the generators reduce to zero, the S-pairs reduce to zero, \
the generators generate the basis
    """
    if isinstance(task, GroebnerBasis):
        if not reading.whole:
            return Check((), ("the leading monomials",))
        return _basis(task, reading.basis)
    if isinstance(task, Elimination):
        return _elimination(task, reading)
    if isinstance(task, Cofactors):
        return _cofactors(reading)
    if isinstance(task, FreeResolution):
        return Check((), ("it generates the ideal, and is exact",))
    if isinstance(task, Radical):
        return _radical(task, reading.basis)
    return _decomposition(task, reading, parts)


def _cofactors(reading: Reading) -> Check:
    outside = any(not m for m in reading.matrices)
    word = ("the others lie not in the ideal",) if outside else ()
    return Check(("cofactors times generators give the members",), word)


def _radical(task: Radical, basis: Sequence[Polynomial]) -> Check:
    ledger, ones = _Ledger(), (1,) * len(task.ring.names)

    def division() -> Division:
        return Division(basis, "degrevlex", ones, MAX_CHECK)

    ledger.note("the S-pairs reduce to zero", lambda: not division().open_pair())
    ledger.note(
        "it contains the ideal",
        lambda: all(division().to_zero(g) for g in task.generators if g),
    )
    ledger.word += ["powers of its members lie in the ideal", "it is radical"]
    return ledger.check()


def _basis(task: GroebnerBasis, basis: Sequence[Polynomial]) -> Check:
    by_degree = task.order != "lex"

    def generated(exponents: Sequence[Exponents]) -> bool | None:
        return generates(task.generators, basis, exponents, task.weights, by_degree)

    return _groebner(task.generators, basis, task.order, task.weights, 0, generated)


def _groebner(
    generators: Sequence[Polynomial],
    basis: Sequence[Polynomial],
    order: str,
    weights: Sequence[int],
    first: int,
    generated: Callable[[Sequence[Exponents]], bool | None],
) -> Check:
    """Whether a list is a Groebner basis of the ideal of others.

    Reductions and S-pairs alone do not show it: they show a basis of an ideal that contains the
    generators.  `generated` has the leading monomials and looks for the other inclusion.
    """
    ledger = _Ledger()
    made: list[Division] = []

    def division() -> Division:
        if not made:
            made.append(Division(basis, order, weights, MAX_CHECK, first))
        return made[0]

    contains = ledger.note(
        "the generators reduce to zero", lambda: all(division().to_zero(g) for g in generators if g)
    )
    groebner = ledger.note("the S-pairs reduce to zero", lambda: not division().open_pair())

    def spanned() -> bool | None:
        if not (contains and groebner):
            return None
        return generated([division().exponents(h) for h in division().heads])

    ledger.note("the generators generate the basis", spanned)
    return ledger.check()


def _elimination(task: Elimination, reading: Reading) -> Check:
    """The basis in a block order, if it was printed; else the wanted polynomials as they are."""
    if reading.others is None:
        return _relations(task, reading.basis)
    gone, names = set(task.eliminate), task.ring.names
    places = sorted(range(len(names)), key=lambda i: names[i] not in gone)
    ring = PolynomialRing(task.ring.field, tuple(names[i] for i in places))

    others = [_embedded(g, ring) for g in reading.others]
    if any(not any(e[i] for e in g.flint.monoms() for i in range(len(gone))) for g in others):
        raise WrongAnswerError("a polynomial without the variables to eliminate is kept back")
    whole = [*(_embedded(g, ring) for g in reading.basis), *others]
    weights = [task.weights[i] for i in places]
    generators = [_embedded(g, ring) for g in task.generators]

    def generated(exponents: Sequence[Exponents]) -> bool | None:
        back = [_embedded(g, task.ring) for g in whole]
        shown = _vanish(task, back)
        return generates(generators, whole, exponents, weights, False) if shown is None else shown

    return _groebner(generators, whole, "degrevlex", weights, len(gone), generated)


def _embedded(poly: Polynomial, ring: PolynomialRing) -> Polynomial:
    """The same polynomial in a ring that has its variables."""
    own = poly.ring.names
    at = [own.index(n) if n in own else None for n in ring.names]
    return ring.from_terms(
        (tuple(0 if i is None else e[i] for i in at), c) for e, c in poly.terms()
    )


def _relations(task: Elimination, basis: Sequence[Polynomial]) -> Check:
    ledger, target = _Ledger(), task.target

    def groebner() -> bool:
        return not Division(basis, target.order, target.weights, MAX_CHECK).open_pair()

    if task.degree_bound is None:
        ledger.note("the S-pairs reduce to zero", groebner)
    ledger.note(
        "they lie in the ideal", lambda: _vanish(task, [_embedded(g, task.ring) for g in basis])
    )
    ledger.word.append("none is missing")
    return ledger.check()


def _vanish(task: Elimination, polys: Sequence[Polynomial]) -> bool | None:
    """Whether polynomials lie in the ideal of a graph: substitution decides it there.

    None when the generators are not ``variable - image``, or the substitution is too large.
    """
    images = _images(task)
    if images is None:
        return None
    work = 0
    for g in polys:
        for e in g.flint.monoms():
            size = 1
            for image, x in zip(images, e, strict=True):
                t, x = len(image), int(x)
                size = size * comb(t + x - 1, x) if t > 1 else size  # terms of a power, at most
            work += size
        if work > MAX_CHECK:
            return None
    return all(not g.compose(*images) for g in polys)


def _images(task: Elimination) -> list[Polynomial] | None:
    """The image of each variable, if the generators are ``variable - image``."""
    ring, gone = task.ring, set(task.eliminate)
    kept = [i for i, n in enumerate(ring.names) if n not in gone]
    images = list(ring.gens())
    met = set()
    for g in task.generators:
        terms = [(e, c) for e, c in g.terms() if any(e[i] for i in kept)]
        if len(terms) != 1 or sum(terms[0][0]) != 1:
            return None
        ((exponents, slope),) = terms
        place = exponents.index(1)
        if place in met:
            return None
        met.add(place)
        images[place] = ring.gens()[place] - g * (ring.field.one / slope)
    return images if len(met) == len(kept) else None


def _decomposition(task: Task, reading: Reading, parts: Sequence[Component]) -> Check:
    """Containments, dimensions and degrees; that ideals are prime or primary is believed."""
    ledger, n = _Ledger(), len(task.ring.names)
    primary = isinstance(task, PrimaryDecomposition)
    primes = [part.prime for part in reading.parts]
    members = [part.primary or part.prime for part in reading.parts]

    def divisions(bases: Sequence[Sequence[Polynomial]]) -> list[Division]:
        return [Division(b, "degrevlex", (1,) * n, MAX_CHECK) for b in bases]

    def inside(polys: Sequence[Polynomial], division: Division) -> bool:
        return all(division.to_zero(g) for g in polys if g)

    ledger.note(
        "every component contains the ideal",
        lambda: all(inside(task.generators, d) for d in divisions(members)),
    )
    ledger.note(
        "their S-pairs reduce to zero",
        lambda: not any(d.open_pair() for d in divisions([*primes, *members])),
    )
    ledger.note(
        "no prime is twice there" if primary else "no component contains another",
        lambda: (
            not any(
                i != j and inside(p, d) and (not primary or inside(primes[j], divisions([p])[0]))
                for i, p in enumerate(primes)
                for j, d in enumerate(divisions(primes))
            )
        ),
    )
    if primary:
        ledger.note(
            "every primary ideal lies in its prime, and has its dimension",
            lambda: all(
                inside(q, d) and sizes(heads(q), n)[0] == sizes(heads(p), n)[0]
                for q, p, d in zip(members, primes, divisions(primes), strict=True)
            ),
        )
    ledger.note(
        "principal primes are irreducible",
        lambda: all(irreducible(p[0]) for p in primes if len(p) == 1),
    )
    basis = reading.basis
    known = ledger.note(
        "the basis of the ideal has S-pairs that reduce to zero",
        lambda: (
            not divisions([basis])[0].open_pair() and inside(task.generators, divisions([basis])[0])
        ),
    )
    ledger.note(
        "products of random members lie in " + ("the ideal" if primary else "its radical"),
        lambda: (
            _product_inside(members, divisions([basis])[0], 1 if primary else 4) if known else None
        ),
    )
    if primary and known:
        whole = sizes(heads(basis), n)
        top = sum(sizes(heads(q), n)[1] for q in members if sizes(heads(q), n)[0] == whole[0])
        ledger.note("the degrees add up", lambda: top == whole[1])
    ledger.word.append("the ideals are primary" if primary else "the ideals are prime")
    return ledger.check()


def _product_inside(
    members: Sequence[Sequence[Polynomial]], division: Division, powers: int
) -> bool | None:
    """Whether a product of random members lies in an ideal, or a power of it (else unknown)."""
    rng = random.Random("algattn product of members")
    ring = members[0][0].ring if members else None
    if ring is None:
        return None
    product = ring(1)
    for gens in members:
        total = ring(0)
        for g in gens:
            total = total + g * rng.randrange(1, 1000)
        product = product * total
        if len(product) > 2000:
            return None
    power = product
    for _ in range(powers):
        if division.to_zero(power):
            return True
        if len(power) > 200:
            return None
        power = power * power
    return False if powers == 1 else None
