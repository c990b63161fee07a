"""Division with remainder and Buchberger's criterion, on monomials packed into whole numbers."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any

from algattn.engines.leading import Exponents
from algattn.errors import LimitError
from algattn.exact import Polynomial, PolynomialRing
from algattn.progress import tick

_BITS = 32  # of an exponent, the highest one a guard for the test of divisibility


class Division:
    """Division by a list of polynomials, on monomials packed into whole numbers.

    Parameters
    ----------
    basis : sequence of Polynomial
        Of one ring, none of them zero.
    order, weights
        As in :func:`algattn.engines.leading.order_key`; "lex" has no weights.
    first : int
        So many variables make a block of their own that is compared first, in the same order.
    work : int
        How many operations with terms are allowed, in all.

    Examples
    --------
    >>> from algattn.exact import QQ, PolynomialRing
    >>> x, y = PolynomialRing(QQ, ("x", "y")).gens()
    >>> division = Division([x**2 - y, x * y - 1], "degrevlex", (1, 1), 1000)
    >>> division.to_zero(x**3 - 1), division.to_zero(x), division.open_pair()
    (True, False, True)
    """

    def __init__(
        self,
        basis: Sequence[Polynomial],
        order: str,
        weights: Sequence[int],
        work: int,
        first: int = 0,
    ) -> None:
        self._first = first
        self._order, self._weights, self._left = order, tuple(weights), work
        self._places = range(len(basis[0].ring.names) if basis else len(self._weights))
        self._guard = sum(1 << (_BITS * i + _BITS - 1) for i in self._places)
        self._codes: dict[int, int] = {}
        self._divisors: dict[int, int | None] = {}
        self.heads: list[int] = []
        self._tails: list[list[tuple[int, Any]]] = []
        for g in basis:
            self.append({self._packed(e): c for e, c in g.terms()})

    def append(self, terms: dict[int, Any]) -> None:
        """One more member of the list, on packed monomials."""
        head = max(terms, key=self.code)
        lead = terms.pop(head)
        self.heads.append(head)
        self._tails.append([(m, c / lead) for m, c in terms.items()])
        self._divisors = {m: n for m, n in self._divisors.items() if n is not None}

    def members(self, ring: PolynomialRing) -> list[Polynomial]:
        """The list, with leading coefficients 1."""
        return [
            ring.from_terms((self.exponents(m), c) for m, c in [(head, ring.field.one), *tail])
            for head, tail in zip(self.heads, self._tails, strict=True)
        ]

    def _packed(self, exponents: Exponents) -> int:
        if max(exponents, default=0) >= 1 << (_BITS - 2):
            raise LimitError("divide a polynomial", f"an exponent is {max(exponents)}", "ask less")
        return sum(e << (_BITS * i) for i, e in enumerate(exponents))

    def exponents(self, monomial: int) -> Exponents:
        """The exponent vector of a packed monomial."""
        return tuple((monomial >> (_BITS * i)) & ((1 << _BITS) - 1) for i in self._places)

    def code(self, monomial: int) -> int:
        """A whole number that is larger at larger monomials."""
        found = self._codes.get(monomial)
        if found is None:
            e, k, w = self.exponents(monomial), self._first, self._weights
            found = self._block_code(e[k:], w[k:])
            if k:
                room = _BITS * (len(e) + 1) + sum(w).bit_length()
                found += self._block_code(e[:k], w[:k]) << room
            self._codes[monomial] = found
        return found

    def _block_code(self, e: Exponents, weights: Sequence[int]) -> int:
        if self._order != "lex":
            degree = sum(w * x for w, x in zip(weights, e, strict=True)) << (_BITS * len(e))
            if self._order == "degrevlex":
                return degree - sum(x << (_BITS * i) for i, x in enumerate(e))
        lex = sum(x << (_BITS * i) for i, x in enumerate(reversed(e)))
        return lex if self._order == "lex" else degree + lex

    def _divisor(self, monomial: int) -> int | None:
        if monomial not in self._divisors:
            guarded = monomial | self._guard
            hits = (
                n for n, h in enumerate(self.heads) if (guarded - h) & self._guard == self._guard
            )
            self._divisors[monomial] = next(hits, None)
        return self._divisors[monomial]

    def to_zero(self, poly: Polynomial) -> bool:
        """Whether the remainder is zero."""
        return self._to_zero({self._packed(e): c for e, c in poly.terms()})

    def remainder(self, given: Polynomial | tuple[int, int]) -> dict[int, Any]:
        """That of a polynomial, or of the S-pair of two of the list, on packed monomials."""
        if isinstance(given, Polynomial):
            rest = {self._packed(e): c for e, c in given.terms()}
        else:
            rest = self._pair(*given)
        kept: dict[int, Any] = {}
        self._to_zero(rest, kept)
        return kept

    def _pair(self, i: int, j: int) -> dict[int, Any]:
        both = self._packed(
            tuple(map(max, self.exponents(self.heads[i]), self.exponents(self.heads[j])))
        )
        pair = {e + both - self.heads[i]: c for e, c in self._tails[i]}
        for e, c in self._tails[j]:
            place = e + both - self.heads[j]
            pair[place] = pair[place] - c if place in pair else -c
        return pair

    def _to_zero(self, rest: dict[int, Any], kept: dict[int, Any] | None = None) -> bool:
        """Whether the remainder is zero; with `kept` all of it is put there."""
        queue = [(-self.code(m), m) for m in rest]
        heapq.heapify(queue)
        while queue:
            m = heapq.heappop(queue)[1]
            c = rest.pop(m)
            if c == 0:
                continue
            if m & self._guard:  # only here, because larger monomials come first
                raise LimitError("divide polynomials", "an exponent is too large", "ask less")
            n = self._divisor(m)
            if n is None:
                if kept is None:
                    return False
                kept[m] = c
                continue
            shift, tail = m - self.heads[n], self._tails[n]
            self._left -= len(tail) + 1
            if self._left < 0:
                raise LimitError("divide polynomials", "it takes too many steps", "ask less")
            for e, value in tail:
                place = e + shift
                old = rest.get(place)
                if old is None:
                    rest[place] = -c * value
                    heapq.heappush(queue, (-self.code(place), place))
                else:
                    rest[place] = old - c * value
        return True

    def open_pair(self) -> bool:
        """Whether an S-pair does not reduce to zero, by Buchberger's criterion.

        Left out are pairs with coprime leading terms, and those that two others make superfluous.
        """
        heads = [self.exponents(h) for h in self.heads]
        queue = []
        for j, b in enumerate(heads):
            for i, a in enumerate(heads[:j]):
                if any(x and y for x, y in zip(a, b, strict=True)):
                    queue.append((sum(map(max, a, b)), i, j))
        heapq.heapify(queue)
        waiting = {(i, j) for _, i, j in queue}
        while queue:
            tick()
            _, i, j = heapq.heappop(queue)
            waiting.discard((i, j))
            both = self._packed(tuple(map(max, heads[i], heads[j])))
            guarded = both | self._guard
            if any(
                k not in (i, j)
                and (guarded - head) & self._guard == self._guard
                and (min(i, k), max(i, k)) not in waiting
                and (min(j, k), max(j, k)) not in waiting
                for k, head in enumerate(self.heads)
            ):
                continue
            if not self._to_zero(self._pair(i, j)):
                return True
        return False
