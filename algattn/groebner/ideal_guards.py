"""Second opinions of what is made of ideals: what is proved by division, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from algattn.engines import Check, HilbertSeries, answer
from algattn.engines.leading import k_polynomial
from algattn.errors import EngineError, LimitError
from algattn.exact import Polynomial
from algattn.groebner.certificates import Basis, Refuted
from algattn.groebner.finder import POWERS, Finder

#: So many terms of a power of a polynomial are still divided.
MAX_TERMS = 5000


@dataclass
class Ledger:
    """What is proved, and what is the engine's word; what is refuted raises Refuted."""

    passed: list[str] = field(default_factory=list)
    word: list[str] = field(default_factory=list)

    def note(self, what: str, test: Callable[[], bool | None]) -> bool:
        """File a statement; None, an engine's failure and a limit mean: not checked."""
        try:
            found = test()
        except (LimitError, EngineError):
            found = None
        if found is False:
            raise Refuted(f"it is not true that {what}")
        (self.word if found is None else self.passed).append(what)
        return bool(found)

    @property
    def check(self) -> Check:
        """The two lists."""
        return Check(tuple(self.passed), tuple(self.word))


def homogeneous(polys: Sequence[Polynomial], weights: Sequence[int]) -> bool:
    """Whether each polynomial has terms of one degree only."""
    return all(
        len({sum(w * x for w, x in zip(weights, e, strict=True)) for e, _ in g.terms()}) < 2
        for g in polys
    )


def is_no_divisor(ideal: Basis, by: Polynomial, finder: Finder) -> bool | None:
    """Whether a polynomial is no zero-divisor modulo an ideal; None when it is not decided.

    By Hilbert series, ``K(J + f) = (1 - T^d) K(J)``, if J and f are homogeneous; else (J : f) = J
    by an intersection.  Without homogeneity the series prove nothing: an affine K-polynomial does
    not see what moves to infinity.
    """
    ring = ideal.ring
    ones = (1,) * len(ring.names)
    if homogeneous([*ideal.polys, by], ones) and ideal.closed:
        both = HilbertSeries((*ideal.polys, by), ring=ring)
        found = answer(both, finder.engine, time_limit=finder.left)
        if found.check.complete:
            d, wanted = by.degree(), k_polynomial(ideal.heads, ones)
            for i, c in list(wanted.items()):
                wanted[i + d] = wanted.get(i + d, 0) - c
            return {i: c for i, c in enumerate(found.value) if c} == {
                i: c for i, c in sorted(wanted.items()) if c
            }
    _, met = finder.meet(ideal.polys, [by], ring)
    for g in met:
        quotient = g.divide(by)
        if quotient is None:
            return None
        if not ideal.reduces([quotient]):
            return False if ideal.closed and ideal.reduces([g]) else None
    return True


def power_inside(polys: Sequence[Polynomial], by: Polynomial | None, ideal: Basis) -> bool | None:
    """Whether ``f^n g`` (or ``g^n`` where f is None) is seen to lie in an ideal, for every g."""
    for g in polys:
        power = g
        for _ in range(POWERS):
            if ideal.reduces([power]):
                break
            if len(power) > MAX_TERMS:
                return None
            power = power * (g if by is None else by)
        else:
            return None
    return True


def saturation_guard(ideal: Basis, by: Polynomial, found: Basis, finder: Finder) -> Check:
    """The second opinion of a saturation: nothing is too small, too large, or left over.

    Raises
    ------
    Refuted
        When it is wrong.
    """
    ledger = Ledger()
    ledger.note("it contains the ideal", lambda: found.reduces(ideal.polys))
    ledger.note(
        "a power of the polynomial takes it into the ideal",
        lambda: power_inside(found.polys, by, ideal),
    )
    ledger.note(
        "the polynomial is no zero-divisor modulo it", lambda: is_no_divisor(found, by, finder)
    )
    return ledger.check


def squarefree(basis: Basis) -> bool:
    """Whether all leading monomials are squarefree: then the ideal is radical."""
    return basis.closed and all(max(h, default=0) <= 1 for h in basis.heads)


def euler(numbers: dict[tuple[int, int], int]) -> dict[int, int]:
    """The alternating sum of ``T^degree`` over all steps of a resolution.

    >>> euler({(0, 0): 1, (1, 2): 3, (2, 3): 2})
    {0: 1, 2: -3, 3: 2}
    """
    out: dict[int, int] = {}
    for (i, d), n in numbers.items():
        out[d] = out.get(d, 0) + (-1) ** i * n
    return {d: n for d, n in sorted(out.items()) if n}
