"""A proof that equations are all equations: a chart in which coordinates are rational in others.

Let homogeneous equations B hold on the image, and let some of them, the *steps*, express every
coordinate outside a set S rationally by those before it; one step may be an irreducible equation
for its coordinate over S instead.  If the image has at least the dimension |S| and the
denominators of the steps are no zero divisors modulo B, then B generates all equations
(``algattn/docs/equations.md``, lemma *chart*).  A linear space, a hypersurface and the zero ideal
are cases without denominators.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import chain
from typing import Any

from flint import nmod_mat

from algattn.engines import GroebnerBasis, solve
from algattn.engines.division import Division
from algattn.errors import EngineError, FieldError, InputError, LimitError
from algattn.exact import NumberField, Polynomial, PolynomialRing
from algattn.exact.irreducible import irreducible
from algattn.exact.modular import echelon
from algattn.exact.polynomials import new_name
from algattn.groebner.homogenization import GradedMap
from algattn.groebner.implicit_evidence import check_degrees
from algattn.groebner.substitution import substituted
from algattn.maps import PolynomialMap
from algattn.maps.gradings import degree_in
from algattn.maps.texts import read_all, spell
from algattn.results import Claim, Evidence, Status, about, declare

#: Operations with terms, and polynomials in a basis, up to which a proof is tried.
PROOF_WORK = 4_000_000
VERIFY_WORK = 10 * PROOF_WORK
MAX_BASIS = 600
#: Sets S that are tried at random.
TRIES = 6
#: Fields with fewer elements have too few points for one to be random.
FEW = 2**10
#: The name of the denominators' product where that is no coordinate.
PRODUCT = "u"


def cone_rows(model: GradedMap, seed: int, prime: int) -> list[list[int]]:
    """Derivatives of the coordinates of the cone over the image, at a random point modulo a prime.

    Their rank is at most the dimension of the cone.  In characteristic p the coordinates that are
    p-th powers count by their roots, which changes no dimension.

    >>> cone_rows(GradedMap(PolynomialMap(["t^2", "t^3"]), (1, 1)), 0, 10007)[0]
    [1, 0]
    >>> from algattn.exact import GF
    >>> conic = PolynomialMap(["s^2", "s*t", "t^2"], field=GF(2))
    >>> [len(row) for row in cone_rows(GradedMap(conic, (1, 1, 1)), 0, 2)]
    [2, 2, 2]
    """
    phi, degrees = model.problem, model.given
    if (p := phi.field.characteristic) and not phi.rational:
        phi = PolynomialMap([_root(g, p) for g in phi.polynomials], parameters=phi.parameters)
        degrees = (0,) * len(degrees)  # the cone over these roots is another one, of that dimension
    point = phi.random_point(seed, prime)
    values, rows = phi.jet(point, prime)
    if model.homogeneous:
        return rows
    scaled = zip(values, degrees, rows, strict=True)
    return [[1, *(0 for _ in point)], *([x * d % prime, *row] for x, d, row in scaled)]


def _root(poly: Polynomial, p: int) -> Polynomial:
    """The polynomial of which another one over GF(p) is a power with exponent p, p^2, .."""
    while poly.degree() > 0 and not any(x % p for e, _ in poly.terms() for x in e):
        poly = poly.ring.from_terms((tuple(x // p for x in e), c) for e, c in poly.terms())
    return poly


def cone_rank(model: GradedMap, seed: int, prime: int) -> int:
    """The rank of :func:`cone_rows`."""
    return int(nmod_mat(cone_rows(model, seed, prime), prime).rank())


@dataclass(frozen=True)
class Tower:
    """Steps that express all coordinates outside a set: each with its coordinate."""

    free: tuple[int, ...]
    steps: tuple[Polynomial, ...]
    denominators: tuple[Polynomial, ...]

    @classmethod
    def read(
        cls, model: GradedMap, free: Sequence[int], steps: Sequence[Polynomial]
    ) -> Tower | None:
        """The tower of these steps for all coordinates, or None where they are none."""
        n = len(model.degrees)
        known, above = {*free, *range(n, len(model.ring.names))}, False
        below: list[Polynomial] = []
        for g in steps:
            new = _variables(g) - known
            if len(new) != 1:
                return None
            j = new.pop()
            head = _coefficient(g, j)
            if head is not None and not _variables(head) & set(range(n)):
                if not model.map._normal(head):
                    return None
            elif (
                not above
                and _variables(g) & set(range(n)) <= {*free, j}
                and irreducible(g, model.problem.field)
            ):
                above = True  # which is no less than a step with a denominator
            elif head is not None:
                below.append(head)
            else:
                return None
            known.add(j)
        whole = len(known) == len(model.ring.names)
        return cls(tuple(free), tuple(steps), tuple(below)) if whole else None

    @property
    def product(self) -> Polynomial | None:
        """A polynomial divisible by exactly the irreducible factors of the denominators."""
        factors: list[Polynomial] = []
        for h in dict.fromkeys(self.denominators):
            factors += [f for f, _ in h.factor()[1] if f not in factors]
        return reduce(lambda a, b: a * b, factors) if factors else None


def _variables(poly: Polynomial) -> set[int]:
    return {j for j, d in enumerate(poly.flint.degrees()) if d}


def _coefficient(poly: Polynomial, j: int) -> Polynomial | None:
    """The coefficient of the j-th variable, where the polynomial is linear in it."""
    terms = [((*e[:j], 0, *e[j + 1 :]), c) for e, c in poly.terms() if e[j]]
    linear = int(poly.flint.degrees()[j]) == 1
    return poly.ring.from_terms(terms) if linear else None


# --- the proof -----------------------------------------------------------------------------------


@declare("implicit.chart", about("implicit.ideal", "complete"), Status.PROVED)
@dataclass(frozen=True)
class Chart(Evidence):
    """A chart where the equations express coordinates by others, without zero divisors outside.

    The steps and the basis are in the coordinates (with h in front where the map is not
    homogeneous); the basis also in a last variable that stands for the product of denominators,
    unless that is a coordinate, which is then the last one of the order.
    """

    prime: int
    seed: int
    free: tuple[str, ...]
    steps: tuple[str, ...]
    basis: tuple[str, ...]

    def summary(self) -> str:
        n = len(self.steps)
        rational = f"{n} coordinate{'s' * (n != 1)} expressed by {len(self.free)} others"
        return rational + (f", {len(self.basis)} S-pairs" if self.basis else "")

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        value = claim.value
        self.expect(value["engine"], None, "another system is named in the claim")
        model = GradedMap(problem, check_degrees(self, problem, value["degrees"]))
        listed = [model.lift(g) for g in read_all(value["generators"], problem.target)]
        if not set(self.free) <= set(model.ring.names) or len(set(self.free)) != len(self.free):
            raise self.fail("these are no coordinates")
        free = [model.ring.names.index(x) for x in self.free]
        tower = Tower.read(model, free, read_all(self.steps, model.ring))
        if tower is None:
            raise self.fail("the steps do not express each coordinate once")
        try:
            rank = cone_rank(model, self.seed, self.prime)
        except (FieldError, InputError) as error:
            raise self.fail(error.wrong) from error
        if rank < len(free):
            raise self.fail(f"the rank is {rank}, below the {len(free)} free coordinates")
        if tower.product is None:
            if self.basis or not set(tower.steps) <= set(listed):
                raise self.fail("a step is none of the equations, or there is a basis in vain")
            return
        if isinstance(problem.field, NumberField):
            raise self.fail("there are denominators over a number field")
        if not all(substituted(h, model.map) for h in tower.denominators):
            raise self.fail("a denominator vanishes on the image")
        room, basis = self.room(problem, model.given)
        if (found := room.wrong(basis, listed, tower.steps, VERIFY_WORK)) is not None:
            raise self.fail(found)
        if not generated(basis, room.equations(listed), room.weights, VERIFY_WORK):
            raise self.fail("the equations are not seen to generate the basis")

    def room(
        self, problem: PolynomialMap, degrees: Sequence[int]
    ) -> tuple[Room, tuple[Polynomial, ...]]:
        """The ring of the basis, and the basis."""
        model = GradedMap(problem, degrees)
        free = [model.ring.names.index(x) for x in self.free]
        tower = Tower.read(model, free, read_all(self.steps, model.ring))
        if tower is None or tower.product is None:
            raise self.fail("there are no denominators")
        room = Room(model, tower.product)
        return room, read_all(self.basis, room.ring)


class Room:
    """The ring of the basis: the coordinates, and what stands for the product of denominators."""

    def __init__(self, model: GradedMap, product: Polynomial) -> None:
        names, degrees = model.ring.names, model.degrees
        self.model = model
        support = _variables(product)
        extra = () if len(support) == 1 else (new_name(PRODUCT, names),)
        last = -1 if extra else support.pop()
        places = [j for j in range(len(names)) if j != last] + ([last] if not extra else [])
        self._places = places
        self.product = product
        self.ring = PolynomialRing(model.ring.field, (*(names[j] for j in places), *extra))
        weights = {_weight(e, degrees) for e, _ in product.terms()}
        self.homogeneous, top = len(weights) == 1, max(weights)
        self.weights = (*(degrees[j] for j in places), *(top for _ in extra))
        self._extra = len(extra)

    def enter(self, poly: Polynomial) -> Polynomial:
        """A polynomial in the coordinates as one of this ring."""
        more = (0,) * self._extra
        return self.ring.from_terms(
            ((*(e[j] for j in self._places), *more), c) for e, c in poly.terms()
        )

    def leave(self, poly: Polynomial) -> Polynomial:
        """The polynomial in the coordinates, the product put in for its variable."""
        images = [self.model.ring.gens()[j] for j in self._places]
        return poly.compose(*images, *([self.product] * self._extra))

    def equations(self, listed: Sequence[Polynomial]) -> tuple[Polynomial, ...]:
        """The equations, with what the last variable stands for."""
        new = [self.ring.gens()[-1] - self.enter(self.product)] * self._extra
        return (*map(self.enter, listed), *new)

    def heads(self, basis: Sequence[Polynomial]) -> list[tuple[int, ...]]:
        """The leading monomials."""
        division = Division(basis, "degrevlex", self.weights, 0)
        return [division.exponents(h) for h in division.heads]

    def wrong(
        self,
        basis: Sequence[Polynomial],
        listed: Sequence[Polynomial],
        steps: Sequence[Polynomial],
        work: int,
    ) -> str | None:
        """The reason why a basis does not show what the lemma needs, or None."""
        if not self.homogeneous:
            return "the denominators are not homogeneous"
        if (
            not basis
            or not all(basis)
            or any(substituted(self.leave(g), self.model.map) for g in basis)
        ):
            return "a polynomial of the basis is zero or does not vanish on the image"
        weights = self.weights
        if any(len({_weight(e, weights) for e, _ in g.terms()}) > 1 for g in basis):
            return "a polynomial of the basis is not homogeneous"
        division = Division(basis, "degrevlex", weights, work)
        if any(division.exponents(h)[-1] for h in division.heads):
            return "a denominator may be a zero divisor"
        if not all(map(division.to_zero, self.equations([*listed, *steps]))):
            return "an equation does not reduce to zero"
        return "an S-pair does not reduce to zero" if division.open_pair() else None


def _weight(exponents: Sequence[int], weights: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(exponents, weights, strict=True))


def _monic(poly: Polynomial) -> Polynomial:
    lead: Any = next(c for _, c in poly.terms())
    monic: Polynomial = poly * (1 / lead)
    return monic


def generated(
    basis: Sequence[Polynomial], listed: Sequence[Polynomial], weights: Sequence[int], work: int
) -> bool:
    """Whether homogeneous polynomials are seen to generate a Groebner basis, degree by degree.

    The members of one degree that are not listed have to be combinations of remainders of S-pairs
    of that degree, modulo the members of lower degree and those listed.

    >>> from algattn.exact import QQ
    >>> x, y, z = PolynomialRing(QQ, ("x", "y", "z")).gens()
    >>> listed = [x * x - y * z, x * y - z * z]
    >>> new = y * y * z - x * z * z
    >>> generated([*listed, new], listed, (1, 1, 1), 1000), generated([x], [x * x], (1,) * 3, 10)
    (True, False)
    """
    known = {_monic(g) for g in listed if g}
    order: Any = ("degrevlex", tuple(weights), work)
    old = [(degree_in(g, weights), g) for g in basis if _monic(g) in known]
    new = [(degree_in(g, weights), g) for g in basis if _monic(g) not in known]
    for degree in sorted({d for d, _ in new}):
        wanted = Division([g for d, g in new if d == degree], *order).heads
        rows = [g for d, g in old if d <= degree] + [g for d, g in new if d < degree]
        division = Division(rows, *order)
        given: Iterator[Any] = (g for g in listed if degree_in(g, weights) == degree)
        found = map(division.remainder, chain(given, _pairs(division, degree, weights)))
        if not _full_rank(found, wanted):
            return False
    return True


def _pairs(division: Division, degree: int, weights: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The pairs with an S-pair of this degree, without those that reduce to zero anyhow."""
    heads = [division.exponents(h) for h in division.heads]
    for j, b in enumerate(heads):
        for i, a in enumerate(heads[:j]):
            coprime = not any(x and y for x, y in zip(a, b, strict=True))
            if not coprime and _weight(tuple(map(max, a, b)), weights) == degree:
                yield i, j


def _full_rank(rows: Iterable[Mapping[int, Any]], columns: Sequence[int]) -> bool:
    """Whether sparse rows have rank in some columns; no more rows are made than needed."""
    echelon: dict[int, dict[int, Any]] = {}
    for found in rows:
        row = {m: found[m] for m in columns if m in found}
        for pivot, other in echelon.items():
            if c := row.get(pivot):
                for m, x in other.items():
                    row[m] = row.get(m, 0) - c * x
        row = {m: x for m, x in row.items() if x != 0}
        if row:
            pivot, lead = next(iter(row.items()))
            echelon[pivot] = {m: x / lead for m, x in row.items()}
            if len(echelon) == len(columns):
                return True
    return False


# --- the search ----------------------------------------------------------------------------------


def find_chart(
    model: GradedMap,
    listed: Sequence[Polynomial],
    prime: int,
    seed: int,
    time_limit: float,
) -> Chart | None:
    """The evidence that homogeneous equations generate all equations, if it is found."""
    if prime < FEW:  # some points are worse than others
        seed = max(range(seed, seed + TRIES), key=lambda n: cone_rank(model, n, prime))
    for tower in _towers(model, listed, prime, seed):
        names = tuple(model.ring.names[j] for j in tower.free)
        chart = Chart(prime, seed, names, spell(tower.steps), ())
        if tower.product is None:
            return chart
        if isinstance(model.problem.field, NumberField):
            return None  # no engine takes their Groebner bases
        if not all(substituted(h, model.map) for h in tower.denominators):
            continue
        found = _basis(Room(model, tower.product), listed, tower.steps, time_limit)
        if found is not None:
            return Chart(prime, seed, names, chart.steps, spell(found))
    return None


def _basis(
    room: Room, listed: Sequence[Polynomial], steps: Sequence[Polynomial], time_limit: float
) -> list[Polynomial] | None:
    """A Groebner basis that shows what the lemma needs: that of an engine, or the list itself."""
    given = room.equations(listed)
    try:
        if room.wrong(given, listed, steps, PROOF_WORK // 10) is None:
            return list(given)
    except LimitError:
        pass
    try:
        task = GroebnerBasis(given, "degrevlex", room.weights)
        found = [room.ring.from_terms(g.terms()) for g in solve(task, time_limit=time_limit)]
        if len(found) > MAX_BASIS or room.wrong(found, listed, steps, PROOF_WORK) is not None:
            return None
        if not generated(found, given, room.weights, PROOF_WORK):
            return None
    except (EngineError, LimitError):
        return None
    return found


def _towers(
    model: GradedMap, listed: Sequence[Polynomial], prime: int, seed: int
) -> Iterator[Tower]:
    """Towers over several sets of coordinates: at once those with one denominator, then others."""
    later: list[Tower] = []
    equations = [_Equation(g, model) for g in listed]
    for free in _free_sets(model, listed, prime, seed):
        tower = _climb(model, equations, free)
        if tower is not None and _difficulty(tower)[0] <= 1:
            yield tower
        elif tower is not None:
            later.append(tower)
    yield from sorted(later, key=_difficulty)


def _difficulty(tower: Tower) -> tuple[int, int, int]:
    product = tower.product
    if product is None:
        return (0, 0, 0)
    return (len(_variables(product)), product.degree(), len(product))


def _free_sets(
    model: GradedMap, listed: Sequence[Polynomial], prime: int, seed: int
) -> Iterator[tuple[int, ...]]:
    """Sets of coordinates that are independent on the image, as many as its dimension."""
    rows = cone_rows(model, seed, prime)
    n, rank = len(rows), int(nmod_mat(rows, prime).rank())
    seen: set[tuple[int, ...]] = set()
    # where one coordinate is 1 and the others 0, equations may be solved by power series
    pure: dict[int, set[int]] = {}
    for g in listed:
        for e, _ in g.terms():
            support = [j for j, x in enumerate(e[:n]) if x]
            for i in support:
                rest = [j for j in support if j != i]
                if len(rest) == 1 and e[rest[0]] == 1:
                    pure.setdefault(i, set()).add(rest[0])
    for solved in pure.values():
        free = tuple(j for j in range(n) if j not in solved)
        if len(free) == rank and free not in seen:
            seen.add(free)
            if int(nmod_mat([rows[j] for j in free], prime).rank()) == rank:
                yield free
    rng = random.Random(f"algattn chart {seed}")
    orders = [list(range(n)), list(range(n))[::-1]]
    orders += [rng.sample(range(n), n) for _ in range(TRIES)]
    for order in orders:
        free = _independent(rows, order, prime)
        if free not in seen:
            seen.add(free)
            yield free


def _independent(
    rows: Sequence[Sequence[int]], order: Sequence[int], prime: int
) -> tuple[int, ...]:
    """The first rows, in some order, that are independent of those before."""
    _, pivots = echelon(nmod_mat([rows[j] for j in order], prime).transpose())
    return tuple(sorted(order[j] for j in pivots))


class _Equation:
    """A polynomial with its variables and the coefficients of those in which it is linear."""

    def __init__(self, poly: Polynomial, model: GradedMap) -> None:
        self.poly, self.field = poly, model.problem.field
        self.variables = _variables(poly) & set(range(len(model.degrees)))
        self._heads: dict[int, Polynomial | None] = {}

    def head(self, j: int) -> Polynomial | None:
        if j not in self._heads:
            self._heads[j] = _coefficient(self.poly, j)
        return self._heads[j]

    @cached_property
    def irreducible(self) -> bool:
        return irreducible(self.poly, self.field)


def _climb(model: GradedMap, equations: Sequence[_Equation], free: Sequence[int]) -> Tower | None:
    """The steps among equations that express the coordinates outside a set, one after another."""
    n = len(model.degrees)
    known, met, steps, above = set(free), set[int](), list[Polynomial](), False
    waiting = list(equations)
    while len(known) < n:
        waiting = [g for g in waiting if not g.variables <= known]
        best: tuple[tuple[int, int, int], _Equation, int] | None = None
        for g in waiting:
            new = g.variables - known
            if len(new) != 1:
                continue
            j = next(iter(new))
            if (head := g.head(j)) is not None:
                cost = (len(_variables(head) - met), len(head), head.degree())
            elif not above and g.variables <= {*free, j} and g.irreducible:
                cost = (n, len(g.poly), g.poly.degree())
            else:
                continue
            if best is None or cost < best[0]:
                best = (cost, g, j)
        if best is None:
            return None
        _, g, j = best
        if (head := g.head(j)) is None:
            above = True
        else:
            met |= _variables(head)
        known.add(j)
        steps.append(g.poly)
    return Tower.read(model, free, steps)
