"""Numerators of a map over one denominator, as sums over blocks of parameters."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import Any

from algattn.errors import HypothesisError
from algattn.exact import Polynomial
from algattn.maps.polynomial_map import PolynomialMap


class ClearedMap:
    """A map of characteristic zero with the derivatives of its numerators.

    Attributes
    ----------
    phi : PolynomialMap
    k : int
        Parameters.
    blocks : list of list of int
        The parameters in groups that no monomial joins; one group for a rational map.
    common : Polynomial
        The denominator.
    tops : list of Polynomial

    Raises
    ------
    HypothesisError
        In characteristic p.
    """

    def __init__(self, phi: PolynomialMap) -> None:
        if phi.field.characteristic:
            wrong = f"the map is over {phi.field}, where they prove nothing about other points"
            raise HypothesisError("find equivariances", wrong, "a map over QQ or a number field")
        self.phi, self.k = phi, len(phi.parameters)
        names = list(phi.parameters)
        self.blocks = [[names.index(x) for x in b] for b in phi.blocks()]
        if phi.rational:  # the scalars of blocks need a sum of maps
            self.blocks = [list(range(self.k))]
        self.home = {j: h for h, block in enumerate(self.blocks) for j in block}
        one = phi.ring(1)
        self.common = one
        for q in dict.fromkeys(phi.denominators if phi.rational else ()):
            self.common = self.common * q.divide(self.common.gcd(q))
        pairs = zip(phi.numerators, phi.denominators, strict=True)
        self.tops = [phi._normal(p * self.common.divide(q)) for p, q in pairs]

    @cached_property
    def slopes(self) -> list[list[tuple[int, Any]]]:
        """For each parameter, the derivatives of the numerators and of the denominator (last)."""
        polys = [*self.tops, *([self.common] if self.phi.rational else [])]
        return [
            [(n, d) for n, p in enumerate(polys) if (d := p.flint.derivative(name)) != 0]
            for name in self.phi.parameters
        ]

    def parts(self, poly: Polynomial) -> dict[int, Polynomial]:
        """The parts in the blocks, without the constant."""
        if len(self.blocks) == 1:
            return {0: poly - poly.ring.from_terms(t for t in poly.terms() if not moves(t, self.k))}
        terms: dict[int, list[Any]] = defaultdict(list)
        for e, c in poly.terms():
            if (j := next((j for j in range(self.k) if e[j]), None)) is not None:
                terms[self.home[j]].append((e, c))
        return {h: poly.ring.from_terms(found) for h, found in terms.items()}


def moves(term: tuple[tuple[int, ...], Any], k: int) -> bool:
    """Whether a parameter occurs in a term."""
    return any(term[0][:k])
