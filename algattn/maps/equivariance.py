"""Affine motions of the parameters that move the image linearly.

An *equivariance* of a map phi is an affine vector field X on the parameters and a matrix N with
``X(phi) = N phi + b`` for a constant vector b.  Where the parameters fall into blocks that no
monomial joins, ``phi - phi(0) = sum_h phi_h(theta_h)``, it may stretch the blocks differently:
``X(phi_h) = (N + c_h) phi_h + b_h`` with one N.  The rank of the Jacobian does not change along X
(lemma "slice" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flint import fmpq

from algattn.exact import QQ, Polynomial
from algattn.exact.modular import primes_below
from algattn.maps.cleared import ClearedMap, moves
from algattn.maps.equivariance_search import CONSTANT, Search
from algattn.maps.polynomial_map import PolynomialMap
from algattn.maps.symmetries import VectorField
from algattn.progress import tick

__all__ = ["Equivariance", "Equivariances", "equivariances", "search_equivariances"]


@dataclass(frozen=True)
class Equivariance:
    """A vector field, the stretching of the blocks, and what it does to the coordinates.

    Attributes
    ----------
    velocities : tuple of (int, int, fmpq)
        ``(i, j, a)``: parameter i moves with ``a theta_j``; with ``a`` where j is -1.
    scalars : tuple of fmpq
        One for each block of the map; none where it moves all blocks together, or one with another.
    action : tuple of (int, int, fmpq)
        The matrix N, without zeros.
    """

    velocities: tuple[tuple[int, int, fmpq], ...]
    scalars: tuple[fmpq, ...]
    action: tuple[tuple[int, int, fmpq], ...]

    def at(self, point: Sequence[Any]) -> dict[int, Any]:
        """The velocities at a point, by the number of the parameter."""
        found: dict[int, Any] = {}
        zero = point[0] * 0
        for i, j, a in self.velocities:
            found[i] = found.get(i, zero) + _scaled(zero + 1 if j == CONSTANT else point[j], a)
        return {i: x for i, x in found.items() if x != 0}

    def field(self, phi: PolynomialMap, name: str) -> VectorField:
        """The vector field with components in the ring of the map."""
        moved = self.at(phi.ring.gens())
        return VectorField(name, {phi.parameters[i]: p for i, p in moved.items()})


def _scaled(x: Any, a: fmpq) -> Any:
    """A ring element times a rational number; a residue where the ring is a prime field."""
    return x * a if isinstance(x, Polynomial | fmpq) else x * int(a.p) / (x * 0 + int(a.q))


class Equivariances(ClearedMap):
    """The affine equivariances of a map of characteristic zero, and the check of one.

    Over a number field only those with rational coefficients are found: sums over its generator
    count as polynomials in one more variable, which nothing moves.  `complete` is whether nothing
    was lost in the searches so far: a kernel modulo a prime has all there is.

    Raises
    ------
    HypothesisError
        In characteristic p, where a vector field says nothing about ranks elsewhere.
    """

    def __init__(self, phi: PolynomialMap) -> None:
        super().__init__(phi)
        self.complete = phi.field == QQ

    # --- the identity --------------------------------------------------------------------------

    def holds(self, given: Equivariance) -> bool:
        """Whether the identity of polynomials holds over the field."""
        places, n = [(i, j) for i, j, _ in given.velocities], len(self.tops)
        if not (
            all(0 <= i < self.k and CONSTANT <= j < self.k for i, j in places)
            and all(0 <= i < n and 0 <= j < n for i, j, _ in given.action)
        ):
            return False
        if given.scalars and (  # a sum of maps, where no block moves with another one
            self.phi.rational
            or len(given.scalars) != len(self.blocks)
            or any(j != CONSTANT and self.home[i] != self.home[j] for i, j in places)
        ):
            return False
        left = self._along(given)
        if self.phi.rational:
            lows, square = left.pop(n, None), self.common.flint * self.common.flint
            left = {i: p * self.common.flint for i, p in left.items()}
            if lows is not None:
                for i, top in enumerate(self.tops):
                    left[i] = left.get(i, 0) - top.flint * lows
        for i, j, a in given.action:
            right = self.tops[j].flint * a
            left[i] = left.get(i, 0) - (right * self.common.flint if self.phi.rational else right)
        for i in range(n) if given.scalars else ():
            for h, part in self.parts(self.tops[i]).items():
                left[i] = left.get(i, 0) - part.flint * given.scalars[h]
        ring = self.phi.ring
        rest = [self.phi._normal(Polynomial(ring, p)) for p in left.values() if p != 0]
        if self.phi.rational:
            whole = self.phi._normal(Polynomial(ring, square))
            return all(_proportional(p, whole) for p in rest if p)
        return not any(moves(term, self.k) for p in rest for term in p.terms())

    def kills(self, given: Equivariance) -> bool:
        """Whether the map is constant along the field."""
        if given.action or any(given.scalars) or not self.holds(given):
            return False
        if self.phi.rational:
            _, _, rows = self.phi._known.rows(self.phi.ring.gens()[: self.k])
            moved = given.at(self.phi.ring.gens()[: self.k])
            along = (sum((row[j] * x for j, x in moved.items() if j in row), 0) for row in rows)
            return not any(p != 0 and self.phi._normal(p) for p in along)
        left = (self.phi._normal(Polynomial(self.phi.ring, p)) for p in self._along(given).values())
        return not any(left)

    def _along(self, given: Equivariance) -> dict[int, Any]:
        """The derivatives of the numerators and of the denominator along a field."""
        found: dict[int, Any] = {}
        for i, x in given.at(self.phi.ring.gens()[: self.k]).items():
            for n, slope in self.slopes[i]:
                y = slope * x.flint
                found[n] = found[n] + y if n in found else y
        return found

    # --- the search ----------------------------------------------------------------------------

    def find(self, *, fiber: bool = False, joined: bool = False) -> tuple[Equivariance, ...]:
        """Independent equivariances that span all of one sort, each checked.

        Parameters
        ----------
        fiber : bool
            Those along which the map is constant.
        joined : bool
            Those that stretch no block apart, and may move one with another.

        Raises
        ------
        LimitError
            When the map is too large.
        """
        prime = next(p for p in primes_below(2**62) if self._reduces(p))
        search = Search(self, prime, fiber, joined)
        found = []
        for velocities, scalars in search.kernel():
            tick()
            if not velocities:  # N undoes the stretching of blocks
                continue
            action = search.action(velocities, scalars)
            candidate = None if action is None else Equivariance(velocities, scalars, action)
            if candidate is not None and self.holds(candidate):
                found.append(candidate)
            else:
                self.complete = False
        self.complete = self.complete and not search.lost
        return tuple(found)

    def of(self, field: VectorField) -> Equivariance | None:
        """The equivariance with this affine vector field; None when there is none."""
        names, velocities = list(self.phi.parameters), []
        if not isinstance(field.components, Mapping):
            return None
        for x, p in field.components.items():
            for e, c in p.terms():
                if sum(e) > 1 or any(e[self.k :]):
                    return None
                velocities.append((names.index(x), e.index(1) if any(e) else CONSTANT, fmpq(c)))
        prime = next(p for p in primes_below(2**62) if self._reduces(p))
        for joined in (True, False):
            search = Search(self, prime, fiber=False, joined=joined)
            scalars = search.scalars(velocities)
            action = None if scalars is None else search.action(velocities, scalars)
            if scalars is not None and action is not None:
                found = Equivariance(tuple(velocities), scalars, action)
                if self.holds(found):
                    return found
        return None

    def _reduces(self, prime: int) -> bool:
        polys = (*self.tops, self.common)
        return all(int(self.phi.ring.field(c).q) % prime for p in polys for _, c in p.terms())


def _proportional(left: Polynomial, right: Polynomial) -> bool:
    """Whether a polynomial is a number times another one."""
    a, b = (next(iter(p.terms())) for p in (left, right))
    return a[0] == b[0] and not left - right * (a[1] / b[1])


def equivariances(phi: PolynomialMap) -> tuple[Equivariance, ...]:
    """Affine motions of the parameters that move the image linearly, proved.

    Parameters
    ----------
    phi : PolynomialMap
        Over QQ or a number field.

    Returns
    -------
    tuple of Equivariance
        They span all with rational coefficients, unless the numbers in some of them have more than
        nine digits; of parameters that do not occur only the translations are given.  Each is
        checked as an identity of polynomials.

    Raises
    ------
    HypothesisError
        In characteristic p.
    LimitError
        When the map is too large.

    Complexity
    ----------
    A kernel for each set of unknowns that no equation joins; at most one for each weight of the
    torus that keeps the map homogeneous.

    References
    ----------
    Lemma "slice" of ``algattn/docs/maps.md``.

    Examples
    --------
    The linear group acts on squares of linear forms:

    >>> len(equivariances(PolynomialMap(["s^2", "s*t", "t^2"])))
    4
    >>> len(equivariances(PolynomialMap(["x^2+x", "y^2"])))
    2
    """
    return search_equivariances(phi)[0]


def search_equivariances(phi: PolynomialMap) -> tuple[tuple[Equivariance, ...], bool]:
    """Those fields, and whether they are shown to span all there are."""
    rules = Equivariances(phi)
    found = dict.fromkeys(rules.find())
    if len(rules.blocks) > 1:
        known = {f.velocities for f in found}
        found |= dict.fromkeys(f for f in rules.find(joined=True) if f.velocities not in known)
    return tuple(found), rules.complete
