"""The Hilbert function of an image, degree by degree, between two proved bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.errors import FieldError, InputError, LimitError, UndecidedError
from algattn.exact import Polynomial, is_prime
from algattn.exact.fields import PrimeField
from algattn.groebner.buckets import Bucket, GradedMonomials
from algattn.groebner.homogenization import GradedMap, variable_degrees
from algattn.groebner.implicit_evidence import Vanishes, check_degrees
from algattn.groebner.implicit_result import ImplicitIdeal
from algattn.groebner.implicitize import as_map, implicitize
from algattn.groebner.interpolation import Interpolation, by_bucket, superfluous
from algattn.groebner.limits import check_kernel, check_size
from algattn.maps import PolynomialMap
from algattn.maps.gradings import degree_in
from algattn.maps.residues import usable_primes
from algattn.maps.texts import read_all
from algattn.progress import Monitor
from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    ListLike,
    Outline,
    Result,
    Status,
    about,
    declare,
    register,
)
from algattn.words import quoted

ASKED = "find the Hilbert function of an image"


@register
@dataclass(frozen=True, repr=False)
class HilbertFunction(ListLike, Result):
    """How many independent functions of each degree there are on the image.

    Attributes
    ----------
    value : tuple of int
        In degrees 0, 1, ..: lower bounds, and the values where :attr:`upper` is the same.  Of
        degree exactly d where the map is homogeneous, else of degree at most d.
    upper : tuple of int
    exact : bool
        Whether the bounds are equal.
    equations : tuple of str
        Those whose multiples give the upper bounds.
    """

    problem: PolynomialMap
    value: tuple[int, ...]
    upper: tuple[int, ...]
    equations: tuple[str, ...]

    kind: ClassVar[str] = "implicit.hilbert"
    title: ClassVar[str] = "What is the Hilbert function of the image?"
    lists: ClassVar[str] = "value"
    claim_names: ClassVar[tuple[str, ...]] = ("values", "vanish")
    shown: ClassVar[tuple[str, ...]] = ("exact",)

    def outline(self) -> tuple[Outline, ...]:
        if len(self.value) < 2 or len(self.value) != len(self.upper):
            return ()
        if any(a > b for a, b in zip(self.value, self.upper, strict=True)):
            return ()
        said = {"lower": self.value, "upper": self.upper, "equations": self.equations}
        return (
            Outline("values", f"the Hilbert function is {self._values()}", said),
            Outline("vanish", "the equations used vanish on the image", self.equations),
        )

    @property
    def exact(self) -> bool:
        return self.value == self.upper

    def _values(self) -> str:
        pairs = zip(self.value, self.upper, strict=True)
        return ", ".join(str(a) if a == b else f"{a}..{b}" for a, b in pairs)

    def sentence(self) -> str:
        top = len(self.value) - 1
        meant = (
            ""
            if self.problem.grading.contains((1,) * len(self.problem.coordinates))
            else (" (functions of degree at most that)")
        )
        return f"The Hilbert function of the image in degrees 0 to {top} is {self._values()}{meant}"

    def card_rows(self) -> Iterator[CardRow]:
        yield CardRow("equations used", str(len(self.equations)))

    def formula(self) -> str:
        return rf"h(0), h(1), \ldots = {self._values()}"


@declare("implicit.hilbert-bounds", about("implicit.hilbert", "values"), Status.PROVED)
@dataclass(frozen=True)
class HilbertBounds(Evidence):
    """Ranks of evaluated monomials from below, independent multiples of equations from above."""

    prime: int
    seed: int

    def check(self, problem: PolynomialMap, claim: Claim) -> None:
        if not is_prime(self.prime) or self.seed < 0:
            raise self.fail(f"{self.prime} is not a prime, or {self.seed} no seed")
        field, value = problem.target.field, claim.value
        if isinstance(field, PrimeField) and field.p != self.prime:
            raise self.fail(f"the field is {field}")
        model = GradedMap(problem, check_degrees(self, problem, (1,) * len(problem.coordinates)))
        listed = read_all(value["equations"], problem.target)
        lower, upper = value["lower"], value["upper"]
        try:
            found = hilbert_bounds(model, listed, len(lower) - 1, self.prime, self.seed)
        except (FieldError, InputError, UndecidedError) as error:  # the prime does not fit
            raise self.fail(error.wrong) from error
        for d, ((low, high), a, b) in enumerate(zip(found, lower, upper, strict=True)):
            if type(a) is not int or type(b) is not int or low < a or high > b:
                raise self.fail(f"in degree {d} the bounds are {low} and {high}")


def hilbert_bounds(
    model: GradedMap,
    listed: Sequence[Polynomial],
    top: int,
    prime: int,
    seed: int,
    monitor: Monitor | None = None,
) -> list[tuple[int, int]]:
    """Bounds of the Hilbert function in degrees 0 to `top`, given equations that hold.

    Coordinates that an equation expresses by the others are left out.

    >>> cubic = PolynomialMap(["s^3", "s^2*t", "s*t^2", "t^3"])
    >>> hilbert_bounds(GradedMap(cubic, (1,) * 4), [], 2, 10007, 0)
    [(1, 1), (4, 4), (7, 10)]
    """
    lifted = [
        model.lift(g)
        for g in listed
        if degree_in(g, variable_degrees(model.problem, model.given)) <= top
    ]
    work = Interpolation(model.map, model.degrees, model.rows, prime, seed)
    gone = superfluous(lifted, len(model.degrees))
    work.alive = [j for j in work.alive if j not in gone]
    check_size(work, top, lambda: None)
    rest = [g for g in lifted if g not in gone.values()]
    lower: dict[int, dict[int, Bucket]] = {0: {}}
    out = [(1, 1)]
    for degree in range(1, top + 1):
        buckets = work.buckets(degree, top)
        rows = by_bucket(rest, work, buckets, degree)
        low = high = 0
        for w, bucket in buckets.items():
            if monitor is not None:
                monitor.step()
                check_kernel(len(bucket.monomials), degree, monitor, lambda: None)
            bucket.kernel = work.kernel(bucket.monomials)
            low += len(bucket.monomials) - len(bucket.kernel)
            given = [row for _, row in rows.get(w, [])]
            bucket.kernel = work.spanned(bucket, lower, top, given)
            high += len(bucket.monomials) - len(bucket.kernel)
        lower[degree] = {w: b for w, b in buckets.items() if b.kernel}
        out.append((low, high))
    return out


def hilbert(
    phi: Any,
    max_degree: int,
    *,
    time_limit: float | None = None,
    seed: int = 0,
    progress: bool = False,
) -> HilbertFunction:
    """The Hilbert function of an image; see :meth:`algattn.PolynomialMap.hilbert`."""
    problem = as_map(phi, None)
    if type(max_degree) is not int or max_degree < 1:
        raise InputError(ASKED, f"max_degree is {quoted(max_degree)}", "a positive whole number")
    model = GradedMap(problem, (1,) * len(problem.coordinates))
    known: ImplicitIdeal | None
    with Monitor(ASKED, progress=progress, time_limit=time_limit) as monitor:
        try:
            share = None if monitor.remaining is None else monitor.remaining / 2
            known = implicitize(problem, max_degree=max_degree, seed=seed, time_limit=share)
        except LimitError as error:
            known = error.partial
        monitor.step()
        listed = () if known is None else known._generators
        texts = () if known is None else known.texts
        prime = next(usable_primes(model.map))
        if known is not None and known.max_degree == max_degree:
            found = dict(known.numbers or ())
            work = GradedMonomials(model.degrees, ())
            every = work.counts(max_degree, range(len(model.degrees)))
            lower = upper = tuple(x - found.get(d, 0) for d, x in enumerate(every))
        else:
            bounds = hilbert_bounds(model, listed, max_degree, prime, seed, monitor)
            lower, upper = map(tuple, zip(*bounds, strict=True))
    return HilbertFunction.assemble(
        problem,
        lower,
        {"values": [HilbertBounds(prime, seed)], "vanish": [Vanishes()]},
        upper=upper,
        equations=texts,
    )
