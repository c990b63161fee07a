"""Parameters found one after the other from the values of a map: an upper bound on components.

After some free parameters the others are found in steps: each is an isolated solution of as many
equations as unknowns, of which there are at most the product of the degrees (Bezout), and for
monomials the determinant of the exponents (lemma "towers" of ``algattn/docs/maps.md``).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from flint import fmpz_mat, nmod_mat

from algattn.arguments import check_seed
from algattn.errors import CertificateError
from algattn.exact import GF, PolynomialRing
from algattn.maps import PolynomialMap
from algattn.progress import tick

#: Orders of the parameters in which free ones are chosen.
ORDERS = 24
#: Terms of a map up to which a tower is looked for.
MAX_TERMS = 20_000
#: Sets of unknowns up to which unions of two are tried.
MAX_PAIRED = 30


@dataclass(frozen=True)
class Step:
    """These parameters (by number) from as many coordinates; the product of their degrees."""

    parameters: tuple[int, ...]
    coordinates: tuple[int, ...]
    degree: int


@dataclass(frozen=True)
class Tower:
    """Free parameters, and steps that find all others."""

    free: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def degree(self) -> int:
        """The product of the degrees of the steps."""
        found = 1
        for step in self.steps:
            found *= step.degree
        return found


class _Equations:
    """The equations ``p_i(x) = phi_i q_i(x)``: exact exponents, coefficients at a random point."""

    def __init__(self, phi: PolynomialMap, prime: int, seed: int) -> None:
        k = len(phi.parameters)
        below = phi.denominators if phi.rational else ()
        self.p, self.size = prime, k
        self.exponents = [
            [e[:k] for poly in pair for e, _ in poly.terms()]
            for pair in zip(phi.numerators, *([below] if below else []), strict=True)
        ]
        field = GF(prime)
        rng = random.Random(f"algattn tower {check_seed(seed, 'draw a point')}")
        self.point = [rng.randrange(1, prime) for _ in range(k)]
        ring = PolynomialRing(field, phi.parameters)
        top, bottom = phi.fractions(list(ring.gens()))
        values = [field(x) for x in self.point]
        at_top, at_bottom = phi.fractions(values)
        self.rows: list[list[tuple[tuple[int, ...], int]]] = []
        for p, q, a, b in zip(top, bottom, at_top, at_bottom, strict=True):
            if b == 0:
                raise CertificateError("find a tower", "the point is a pole", "another seed")
            cleared = ring(p) - ring(q) * (field(int(a)) / field(int(b)))
            self.rows.append([(e, int(c)) for e, c in cleared.terms()])

    def unknown(self, row: int, known: set[int]) -> tuple[set[int], int]:
        """The unknown parameters of an equation, and the largest degree in all of them."""
        places = [j for j in range(self.size) if j not in known]
        met = {j for e in self.exponents[row] for j in places if e[j]}
        degree = max((sum(e[j] for j in places) for e in self.exponents[row]), default=0)
        return met, degree

    def slope(self, row: int, place: int) -> int:
        """The derivative of an equation at the point."""
        total = 0
        for e, c in self.rows[row]:
            if e[place]:
                for j, n in enumerate(e):
                    k = n - (j == place)
                    c = c * pow(self.point[j], k, self.p) % self.p if k > 0 else c
                total += c * e[place]
        return total % self.p

    def rank(self, coordinates: Sequence[int], parameters: Sequence[int]) -> int:
        """The rank of the derivatives of these equations by these parameters."""
        matrix = [[self.slope(i, j) for j in parameters] for i in coordinates]
        return int(nmod_mat(matrix, self.p).rank()) if matrix and parameters else 0

    def solves(self, step: Step, known: set[int]) -> bool:
        """Whether its parameters are an isolated solution of its equations, given what is known."""
        wanted = set(step.parameters)
        if not wanted or len(step.coordinates) != len(wanted) or wanted & known:
            return False
        if any(not self.unknown(i, known)[0] <= wanted for i in step.coordinates):
            return False
        if self.solutions(step.coordinates, step.parameters, known) > step.degree:
            return False
        return self.rank(step.coordinates, step.parameters) == len(wanted)

    def solutions(
        self, coordinates: Sequence[int], parameters: Sequence[int], known: set[int]
    ) -> int:
        """At most so many isolated solutions: by Bezout, or of monomials by their determinant."""
        product = 1
        for i in coordinates:
            product *= self.unknown(i, known)[1]
        tops = [{tuple(e[j] for j in parameters) for e in self.exponents[i]} for i in coordinates]
        if product > 1 and all(len(t) == 1 for t in tops):
            index = abs(int(fmpz_mat([list(t.pop()) for t in tops]).det()))
            return min(product, index) if index else product
        return product


def bounded_by(phi: PolynomialMap, tower: Tower, prime: int, seed: int) -> bool:
    """Whether a tower finds all parameters.

    >>> phi = PolynomialMap(["x^2", "x*y"])
    >>> bounded_by(phi, Tower((), (Step((0,), (0,), 2), Step((1,), (1,), 1))), 10007, 0)
    True
    """
    k, n = len(phi.parameters), len(phi.coordinates)
    if any(not 0 <= j < k for j in chain(tower.free, *(s.parameters for s in tower.steps))):
        return False
    if any(not 0 <= i < n for s in tower.steps for i in s.coordinates):
        return False
    equations, known = _Equations(phi, prime, seed), set(tower.free)
    for step in tower.steps:
        if step.degree < 1 or not equations.solves(step, known):
            return False
        known |= set(step.parameters)
    return len(known) == k


def find_tower(
    phi: PolynomialMap,
    free: int,
    prime: int,
    seed: int = 0,
    *,
    first: Sequence[int] = (),
    enough: int = 1,
) -> Tower | None:
    """A tower with so many free parameters, of small degree; None when none is found.

    Parameters
    ----------
    first : sequence of int
        Parameters to be free before others.
    enough : int
        The degree at which the search ends.

    Examples
    --------
    >>> find_tower(PolynomialMap(["a*c", "a*d", "b*c", "b*d"]), 1, 10007).degree
    1
    """
    if sum(map(len, phi.numerators)) > MAX_TERMS:
        return None
    equations = _Equations(phi, prime, seed)
    k = len(phi.parameters)
    rng = random.Random(f"algattn orders {seed}")
    best: Tower | None = None
    for attempt in range(ORDERS):
        tick()
        order = list(range(k))[:: -1 if attempt == 1 else 1]
        if attempt > 1:
            rng.shuffle(order)
        order = [*first, *(j for j in order if j not in first)]
        found = _climb(equations, order, free)
        if found is not None and (best is None or found.degree < best.degree):
            best = found
        if best is not None and best.degree <= enough:
            break
    return best


def _climb(equations: _Equations, order: Sequence[int], free: int) -> Tower | None:
    known: set[int] = set()
    chosen: list[int] = []
    steps: list[Step] = []
    while len(known) < equations.size:
        step = _step(equations, known, 1)
        if step is None and len(chosen) < free:
            chosen.append(next(j for j in order if j not in known))
            known.add(chosen[-1])
            continue
        step = step or _step(equations, known, None)
        if step is None:
            return None
        steps.append(step)
        known |= set(step.parameters)
    return Tower(tuple(chosen), tuple(steps)) if len(chosen) == free else None


def _step(equations: _Equations, known: set[int], most: int | None) -> Step | None:
    """The step of least degree: a system for parameters that equations (of a degree) join."""
    rows: list[tuple[int, int, frozenset[int]]] = []
    for i in range(len(equations.rows)):
        met, degree = equations.unknown(i, known)
        if met and (most is None or degree <= most):
            rows.append((degree, i, frozenset(met)))
    sets = dict.fromkeys(met for _, _, met in rows)
    if len(sets) <= MAX_PAIRED:
        sets |= dict.fromkeys(a | b for a, b in combinations(list(sets), 2))
    sets |= dict.fromkeys(_joined(met for _, _, met in rows))
    best: Step | None = None
    for wanted in sorted(sets, key=len):
        if best is not None and (best.degree == 1 or len(wanted) > len(best.parameters)):
            break
        inside = sorted((degree, i) for degree, i, met in rows if met <= wanted)
        if len(inside) >= len(wanted):
            step = _square(equations, sorted(wanted), inside, known)
            if step is not None and (best is None or step.degree < best.degree):
                best = step
    return best


def _joined(sets: Iterable[frozenset[int]]) -> list[frozenset[int]]:
    """The unions of sets that meet, directly or by others."""
    groups: list[frozenset[int]] = []
    for met in sets:
        for group in [g for g in groups if g & met]:
            met = met | group
            groups.remove(group)
        groups.append(met)
    return groups


def _square(
    equations: _Equations, parameters: list[int], rows: list[tuple[int, int]], known: set[int]
) -> Step | None:
    """As many independent equations as parameters, of the least degrees."""
    chosen: list[int] = []
    for _, i in rows:
        if equations.rank([*chosen, i], parameters) > len(chosen):
            chosen.append(i)
            if len(chosen) == len(parameters):
                most = equations.solutions(chosen, parameters, known)
                return Step(tuple(parameters), tuple(chosen), most)
    return None
