"""The dimension of the image of any polynomial map: a rank from below, a ladder from above."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from algattn.arguments import checked
from algattn.dimension.map_bounds import jacobian_rank
from algattn.dimension.map_evidence import RankBelow, RankDrawn, SymmetriesAbove
from algattn.dimension.map_ladder import METHODS, Ladder
from algattn.maps import PolynomialMap
from algattn.progress import Monitor
from algattn.results import CardRow, NumberLike, Outline, Result, Status, register
from algattn.words import one_of

__all__ = ["MapDimension", "RankBelow", "SymmetriesAbove", "dimension", "jacobian_rank"]

_FROM = {"lower": "below", "upper": "above"}


@register
@dataclass(frozen=True, repr=False, eq=False)
class MapDimension(NumberLike, Result):
    """The dimension of the closure of the image.

    Attributes
    ----------
    value : int or None
        The dimension when PROVED; else the rank found, or None over a prime field, where a rank
        says nothing from above.
    lower, upper : int
        Proved bounds.
    parameters, expected : int
        How many parameters there are; the smaller of that and the number of coordinates.
    defect, fiber_dimension : int or None
        ``expected - value`` and ``parameters - value``.
    jacobian_rank : int or None
        The largest rank of the Jacobian found: `value` in characteristic zero.
    separable : bool or None
        Whether that is the dimension; in characteristic p it may be smaller.
    """

    problem: PolynomialMap
    value: int | None
    lower: int
    upper: int
    #: In characteristic p alone, and written there alone.
    rank: int | None = None

    kind: ClassVar[str] = "map.dimension"
    title: ClassVar[str] = "What is the dimension of the image?"
    claim_names: ClassVar[tuple[str, ...]] = ("lower", "upper", "dimension", "rank")
    shown: ClassVar[tuple[str, ...]] = ("parameters", "expected", "defect")

    def outline(self) -> tuple[Outline, ...]:
        bounds, rank = self._bounds(), self.rank
        if rank is None or not bounds:
            return bounds
        said = f"the Jacobian has at least rank {rank} at a general point"
        return (*bounds, Outline("rank", said, rank, ("lower",)))

    def _bounds(self) -> tuple[Outline, ...]:
        value, lower, upper = self.value, self.lower, self.upper
        exact = Outline("dimension", f"the image has dimension {value}", value)
        if lower == upper == value:
            return (exact,)
        if lower >= upper:  # then the dimension is known, and nothing else can be said
            return ()
        apart = (
            Outline("lower", f"the image has at least dimension {lower}", lower, ("lower",)),
            Outline("upper", f"the image has at most dimension {upper}", upper, ("upper",)),
        )
        if value is None:
            return apart
        return (*apart, exact) if lower <= value <= upper else ()

    @property
    def parameters(self) -> int:
        return len(self.problem.parameters)

    @property
    def expected(self) -> int:
        return min(self.parameters, len(self.problem.coordinates))

    @property
    def defect(self) -> int | None:
        return None if self.value is None else self.expected - self.value

    @property
    def fiber_dimension(self) -> int | None:
        return None if self.value is None else self.parameters - self.value

    @property
    def jacobian_rank(self) -> int | None:
        return self.value if self.rank is None else self.rank

    @property
    def separable(self) -> bool | None:
        return None if self.value is None else self.jacobian_rank == self.value

    @property
    def error(self) -> str:
        """The probability that a value which is not PROVED is wrong, as "2^-20", if known."""
        bits = (e.bits for e in self.evidence if isinstance(e, RankDrawn))
        return next((f"2^-{n}" for n in bits), "")

    def _detail(self) -> dict[str, Any]:
        return {n: x for n, x in super()._detail().items() if n != "rank" or x is not None}

    @classmethod
    def _read_detail(cls, detail: Mapping[str, Any], known: Any) -> dict[str, Any]:
        return super()._read_detail({"rank": None, **detail}, known)

    def sentence(self) -> str:
        k, n = self.parameters, len(self.problem.coordinates)
        counted = f"({k} parameter{'s' * (k != 1)}, {n} coordinate{'s' * (n != 1)})"
        if self.lower == self.upper:
            return f"The image has dimension {self.value} {counted}"
        guess = "" if self.value is None else f", very likely {self.value}"
        if guess and self.status is Status.THEOREM:
            guess = f", and is {self.value} as declared"
        if self.error:
            guess += f" (another one with probability at most {self.error})"
        return f"The dimension lies between {self.lower} and {self.upper}{guess} {counted}"

    def card_rows(self) -> Iterator[CardRow]:
        if self.lower == self.upper and self.defect:
            yield CardRow("defect:", f"{self.defect} ({self.expected} were expected)")
        reasons = {c.name: c.evidence for c in self.claims}
        for name in ("dimension", "lower", "upper"):
            for item in reasons.get(name, ()):
                proved = item.level >= Status.THEOREM
                sides = "" if len(item.sides) > 1 else f" from {_FROM[min(item.sides)]}"
                yield CardRow(f"{'proved' if proved else 'found'}{sides} by:", item.summary())
        if self.separable is False:
            yield CardRow("inseparable:", f"the Jacobian has rank {self.rank}")

    def formula(self) -> str:
        if self.lower == self.upper:
            return rf"\dim \overline{{\varphi(\mathbb{{A}}^{{{self.parameters}}})}} = {self.value}"
        return rf"{self.lower} \le \dim \overline{{\operatorname{{im}} \varphi}} \le {self.upper}"


@checked
def dimension(
    phi: PolynomialMap,
    *,
    equations: Sequence[Any] | None = None,
    declared: tuple[int, str] | str | None = None,
    method: str = "auto",
    seed: int = 0,
    time_limit: float | None = None,
    progress: bool = False,
) -> MapDimension:
    """The dimension of the closure of the image: see :meth:`algattn.PolynomialMap.dimension`.

    Examples
    --------
    >>> dimension(PolynomialMap(["s^2", "s*t", "t^2"]))
    <The image has dimension 2 (2 parameters, 3 coordinates) [PROVED]>
    """
    one_of(method, METHODS, "find the dimension of a map", "method")
    ladder = Ladder(phi, seed)

    def found() -> MapDimension | None:
        if ladder.below is None:
            return None
        value, evidence = ladder.evidence()
        rank = ladder.rank if phi.field.characteristic else None
        bounds: dict[str, Any] = {"lower": ladder.lower, "upper": ladder.upper, "rank": rank}
        return MapDimension.assemble(phi, value, evidence, **bounds, notes=tuple(ladder.needed))

    asked = "find the dimension of a map"
    with Monitor(asked, progress=progress, time_limit=time_limit, partial=found) as watch:
        ladder.climb(method, equations, declared, watch)
        result = found()
    assert result is not None
    return result
