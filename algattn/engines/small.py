"""Small Groebner bases in this process, where starting an engine would take longer."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from algattn.engines.division import Division
from algattn.engines.leading import minimal_monomials
from algattn.errors import LimitError
from algattn.exact import Polynomial

#: Operations with terms, and members: some hundredths of a second.
MAX_WORK, MAX_MEMBERS = 4_000, 40


def small_basis(polys: Sequence[Polynomial], first: int = 0) -> tuple[Polynomial, ...] | None:
    """The reduced Groebner basis in degrevlex order; None where it is not small.

    Parameters
    ----------
    polys : sequence of Polynomial
        Of one ring over a field.
    first : int
        So many variables make a block of their own that is compared first.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> small_basis([x**2 - y, x * y - 1]), small_basis([x**2 - y, x * y - 1], 1)
    ((y^2 - x, x*y - 1, x^2 - y), (y^3 - 1, -y^2 + x))
    """
    given = [g for g in polys if g]
    if not given or len(given) > MAX_MEMBERS:
        return None if given else ()
    ring, ones = given[0].ring, (1,) * len(given[0].ring.names)
    try:
        division = Division(given, "degrevlex", ones, MAX_WORK, first)
        pairs: list[tuple[int, int, int]] = []
        count = 0
        while count < len(division.heads) or pairs:
            if count < len(division.heads):
                b = division.exponents(division.heads[count])
                for i, head in enumerate(division.heads[:count]):
                    a = division.exponents(head)
                    if any(x and y for x, y in zip(a, b, strict=True)):
                        heapq.heappush(pairs, (sum(map(max, a, b)), i, count))
                count += 1
            elif rest := division.remainder(heapq.heappop(pairs)[1:]):
                division.append(rest)
                if len(division.heads) > MAX_MEMBERS:
                    return None
        members = division.members(ring)
        heads = [division.exponents(h) for h in division.heads]
        kept = [heads.index(h) for h in minimal_monomials(heads)]
        least = Division([members[n] for n in kept], "degrevlex", ones, MAX_WORK, first)
        found = []
        for n in kept:
            lead = ring.from_terms([(heads[n], 1)])
            rest = least.remainder(members[n] - lead)
            tail = ring.from_terms((least.exponents(m), c) for m, c in rest.items())
            found.append((least.code(division.heads[n]), lead + tail))
    except LimitError:
        return None
    return tuple(g for _, g in sorted(found, key=lambda pair: pair[0]))
