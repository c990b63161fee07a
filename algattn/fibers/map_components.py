"""The fiber through almost all points of a map: its dimension and its components."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.dimension.maps import dimension as dimension_of
from algattn.engines import get
from algattn.errors import CertificateError, InputError, LimitError, UndecidedError
from algattn.fibers.component_evidence import (
    CountedEtalePoints,
    CountedFibers,
    DimensionAtRandom,
    FiniteSymmetries,
    FoundByTower,
    FromMapDimension,
    InverseFormulas,
    Monomial,
    NotEmpty,
    counted,
    dimension_at,
)
from algattn.fibers.etale_points import MAX_POINTS, count_points, find_points
from algattn.fibers.finite_symmetries import (
    component_group,
    is_monomial,
    symmetry_order,
    torus_rank,
)
from algattn.fibers.inverse import inverse_formulas
from algattn.fibers.point_counts import Count
from algattn.fibers.torus_gauge import torus_gauge
from algattn.fibers.towers import find_tower
from algattn.maps import PolynomialMap
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Evidence,
    NumberLike,
    Outline,
    Result,
    register,
)

__all__ = ["MapFiberComponents", "fiber_components"]

#: Random fibers in which components are counted before two counts must have agreed.
TRIES = 4
#: Seconds for each step of a proof that there are so many.
PROOF_TIME = 5.0
#: Seconds for the proof of the dimension, in characteristic zero and p.
DIMENSION_TIME = 20.0, 3.0
#: Columns of the kernels in which inverse formulas are looked for.
COLUMNS = 200


@register
@dataclass(frozen=True, repr=False, eq=False)
class MapFiberComponents(NumberLike, Result):
    """The fiber through almost all points of a map.

    Attributes
    ----------
    value : int
        How many irreducible components it has over an algebraic closure.
    dimension : int
        Of each of them.
    lower, upper : int or None
        Proved bounds; None where none from above is known.
    """

    problem: PolynomialMap
    value: int
    dimension: int
    lower: int
    upper: int | None

    kind: ClassVar[str] = "map.components"
    title: ClassVar[str] = "How many components has the fiber through almost any point?"
    claim_names: ClassVar[tuple[str, ...]] = ("dimension", "components", "at-least", "at-most")

    def outline(self) -> tuple[Outline, ...]:
        t, f, low, high = self.value, self.dimension, self.lower, self.upper
        if not 1 <= low <= t or (high is not None and t > high) or f < 0:
            return ()

        def said(name: str, words: str, n: int, *needs: str) -> Outline:
            value = {"components": n, "dimension": f}
            statement = f"almost all fibers, of dimension {f}, have {words}{_many(n)}"
            return Outline(name, statement, value, needs or ("lower", "upper"))

        found = [
            Outline("dimension", f"almost all fibers have dimension {f}", f),
            said("components", "", t),
        ]
        if low == high:
            return tuple(found)
        if low > 1:
            found.append(said("at-least", "at least ", low, "lower"))
        if high is not None:
            found.append(said("at-most", "at most ", high, "upper"))
        return tuple(found)

    @property
    def bounds(self) -> tuple[Any, Any]:
        return self.lower, float("inf") if self.upper is None else self.upper

    def sentence(self) -> str:
        return (
            f"The fiber through almost any point has dimension {self.dimension} and "
            f"{_many(self.value)} over an algebraic closure"
        )

    def card_rows(self) -> Iterator[CardRow]:
        if self.lower != self.upper:
            high = "" if self.upper is None else f", at most {self.upper}"
            yield CardRow("proved:", f"at least {_many(self.lower)}{high}")


def _many(n: int) -> str:
    return f"{n} component{'s' * (n != 1)}"


def _agreed(
    phi: PolynomialMap, f: int, seed: int, engine: str | None, watch: Monitor
) -> tuple[Count, CountedFibers]:
    """The same count in two random fibers, modulo different primes if there are."""
    primes = phi.primes(2**15 if engine == "macaulay2" else 2**31)
    found: dict[Count, list[tuple[int, int]]] = {}
    why = "the counts differ"
    for attempt in range(TRIES):
        prime = next(primes, phi.field.characteristic)
        try:
            here = counted(phi, f, seed + attempt, prime, engine=engine, watch=watch)
        except (UndecidedError, InputError) as error:
            why = error.wrong
            continue
        draws = found.setdefault(here, [])
        draws.append((seed + attempt, prime))
        if len(draws) == 2:
            return here, CountedFibers(tuple(draws))
    raise UndecidedError("count the components of almost all fibers", why, "another seed")


@checked
def fiber_components(
    phi: PolynomialMap,
    *,
    engine: str | None = None,
    seed: int = 0,
    time_limit: float | None = 60.0,
    progress: bool = False,
) -> MapFiberComponents:
    """See ``PolynomialMap.fiber_components``."""
    asked = "count the components of almost all fibers"
    chosen = None if engine is None else get(engine).name
    with Monitor(asked, progress=progress, time_limit=time_limit) as watch:
        dimension, f = _dimension(phi, seed, watch)
        at: dict[str, list[Evidence]] = {"dimension": [dimension]}
        if is_monomial(phi) and f == torus_rank(phi):
            t = component_group(phi)
            at["components"] = [Monomial()]
            return MapFiberComponents.assemble(phi, t, at, dimension=f, lower=t, upper=t)
        low, below = _from_below(phi, f)
        high, above = _from_above(phi, f, low, seed)
        if low == high:
            assert above is not None
            at["components"] = [below, above]
            return MapFiberComponents.assemble(phi, low, at, dimension=f, lower=low, upper=high)
        found, evidence = _agreed(phi, f, seed, chosen, watch)
        t = found.components
        if t == 1 != high and f == 0:
            formulas = inverse_formulas(phi, seed=seed, columns=COLUMNS, step=watch.check)
            if formulas is not None:
                high, above = 1, InverseFormulas(formulas)
        if low < t <= MAX_POINTS and (shown := _shown(phi, f, t, seed, watch)) is not None:
            low, below = t, shown
    if t < low or (high is not None and t > high):
        raise UndecidedError(asked, f"{t} components, but {low} to {high} are proved", "a seed")
    at |= {"components": [evidence], "at-least": [below], "at-most": [above] if above else []}
    if t == low:
        at["components"].append(below)
    if t == high and above is not None:
        at["components"].append(above)
    return MapFiberComponents.assemble(phi, t, at, dimension=f, lower=low, upper=high)


def _dimension(phi: PolynomialMap, seed: int, watch: Monitor) -> tuple[Evidence, int]:
    """The dimension of almost all fibers, with evidence."""
    limit, left = DIMENSION_TIME[bool(phi.field.characteristic)], watch.remaining
    if left is not None:
        limit = min(limit, left / 3)
    try:
        found = dimension_of(phi, seed=seed, time_limit=limit)
    except LimitError as error:
        if getattr(error.partial, "value", None) is None:
            raise
        found = error.partial
    k = len(phi.parameters)
    if found.value is not None:
        return FromMapDimension(found), k - found.value
    prime = phi.field.characteristic
    f = min((dimension_at(phi, seed + n, prime), n) for n in range(2))
    return DimensionAtRandom(seed + f[1], prime), f[0]


def _shown(
    phi: PolynomialMap, f: int, t: int, seed: int, watch: Monitor
) -> CountedEtalePoints | None:
    """So many components seen in an exact fiber, where that is quick."""
    gauge = torus_gauge(phi, whole=True)
    if len(gauge.fixed) != f:
        return None
    left = watch.remaining
    limit = PROOF_TIME if left is None else min(PROOF_TIME, left / 2)
    points = find_points(phi, gauge, seed, limit)
    if points is None or count_points(phi, gauge, points) < t * gauge.index - gauge.index + 1:
        return None
    return CountedEtalePoints(points)


def _from_below(phi: PolynomialMap, f: int) -> tuple[int, Evidence]:
    """So many components at least, by a finite group of symmetries beside a large torus."""
    with suppress(LimitError):
        if f == torus_rank(phi) and (order := symmetry_order(phi)) > 1:
            return order, FiniteSymmetries()
    return 1, NotEmpty()


def _from_above(
    phi: PolynomialMap, f: int, enough: int, seed: int
) -> tuple[int | None, Evidence | None]:
    """At most so many, by a tower, where one is found."""
    prime = next(phi.primes())
    with suppress(LimitError, CertificateError):
        tower = find_tower(phi, f, prime, seed, enough=enough)
        if tower is not None:
            return tower.degree, FoundByTower(tower, prime, seed)
    return None, None
