"""What the tropical room claims, with evidence that is checked from the JSON alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

from algattn.results import (
    Claim,
    Evidence,
    Outline,
    Status,
    about,
    canonical_json,
    register,
    thaw,
)
from algattn.results.legacy import LegacyResult

MERGED = ("linear_regions", "connected_components", "distinct_maps")
_MEANING = {
    "linear_regions": "linear regions (cells with one affine map, merged across walls)",
    "connected_components": "connected components (cells with one affine map that touch)",
    "distinct_maps": "distinct affine maps",
}


def _stack(problem: Mapping[str, Any]) -> Any:
    from algattn.tropical.stack import Stack

    return Stack.from_data(thaw(problem["stack"]))


@lru_cache(maxsize=8)
def _pieces(problem: str) -> tuple[Any, int]:
    """The cells found again, and the dimension; the claims of one result share the work."""
    data = json.loads(problem)
    stack = _stack(data)
    return stack.cells(box=data["box"]), stack.dimension


@lru_cache(maxsize=8)
def _merged(problem: str) -> dict[str, int]:
    from algattn.tropical.regions import merge

    pieces, dimension = _pieces(problem)
    return merge(pieces, dimension, backend="embedded")


@register
@dataclass(frozen=True)
class InsideCells(Evidence):
    """A point strictly inside each cell, its scores compared exactly."""

    kind: ClassVar[str] = "tropical.inside-cells"
    supports = about("tropical.regions", "cells")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"lower"})

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        from algattn.tropical.numbers import read_vector
        from algattn.tropical.routing import route
        from algattn.tropical.stack import read_box

        stack = _stack(problem)
        box = read_box(problem["box"], stack.dimension)
        seen = set()
        for cell in claim.value:
            point = read_vector(cell["point"], "read a point", dimension=stack.dimension)
            if box is not None and not all(
                low < x < high for x, (low, high) in zip(point, box, strict=True)
            ):
                raise self.fail(f"the point {cell['point']} is not inside the box")
            index = route(stack, point)
            if index is None or canonical_json(index) != canonical_json(cell["index"]):
                raise self.fail(f"the point {cell['point']} is not inside cell {cell['index']}")
            seen.add(index)
        if len(seen) != len(claim.value):
            raise self.fail("a cell is listed twice")


@register
@dataclass(frozen=True)
class CellsAgain(Evidence):
    """The search repeated: every other tuple of keys is excluded by an exact linear program."""

    kind: ClassVar[str] = "tropical.cells-again"
    supports = about("tropical.regions", "cells")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"upper"})

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        found = [piece.index for piece in _pieces(canonical_json(problem))[0]]
        listed = [cell["index"] for cell in claim.value]
        if canonical_json(found) != canonical_json(listed):
            raise self.fail(f"the search finds {len(found)} cells, {len(listed)} are listed")


@register
@dataclass(frozen=True)
class MergedAgain(Evidence):
    """The cells merged again with the embedded polyhedral arithmetic."""

    kind: ClassVar[str] = "tropical.merged-again"
    supports = about("tropical.regions", "connected_components, distinct_maps, linear_regions")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        counts = _merged(canonical_json(problem))
        if counts.get(claim.name) != claim.value:
            raise self.fail(f"the number is {counts.get(claim.name)}, not {claim.value}")


@register
@dataclass(frozen=True, repr=False)
class RegionsResult(LegacyResult):
    """How many regions a head, several heads or a stack have.

    Attributes
    ----------
    value : int
        The number of routing cells.
    linear_regions, connected_components, distinct_maps : int or None
        The other counts (None without values); see :mod:`algattn.tropical.regions`.
    cells : tuple
        Index and interior point of each cell, as JSON data.
    """

    kind: ClassVar[str] = "tropical.regions"
    title: ClassVar[str] = "Tropical regions"
    claim_names: ClassVar[tuple[str, ...]] = (
        "cells",
        "connected_components",
        "distinct_maps",
        "linear_regions",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        with_values = "linear_regions" in detail
        wanted = {"cells", *MERGED} if with_values else {"cells"}
        if set(detail) != wanted or type(value) is not int or len(detail["cells"]) != value:
            return ()
        where = "" if problem.get("box") is None else " that meet the box"
        out = [Outline("cells", f"there are exactly {value} routing cells{where}", detail["cells"])]
        if with_values:
            out += [
                Outline(name, f"there are exactly {detail[name]} {_MEANING[name]}", detail[name])
                for name in MERGED
            ]
        return tuple(out)

    @property
    def cells(self) -> tuple[Any, ...]:
        return tuple(self.detail["cells"])

    @property
    def linear_regions(self) -> int | None:
        return self.detail.get("linear_regions")

    @property
    def connected_components(self) -> int | None:
        return self.detail.get("connected_components")

    @property
    def distinct_maps(self) -> int | None:
        return self.detail.get("distinct_maps")

    def sentence(self) -> str:
        text = f"There {'is' if self.value == 1 else 'are'} {_many(self.value, 'routing cell')}"
        if self.linear_regions is None:
            return text
        return (
            f"{text}, {_many(self.linear_regions, 'linear region')}, "
            f"{_many(self.connected_components, 'connected component')} and "
            f"{_many(self.distinct_maps, 'distinct affine map')}"
        )

    def lines(self) -> list[str]:
        shown = [f"cell {_route(c['index'])} at {_plain(c['point'])}" for c in self.cells[:12]]
        more = len(self.cells) - len(shown)
        return shown + ([f"... and {more} more"] if more else [])

    def formula(self) -> str:
        return rf"\#\text{{cells}} = {self.value}"


def _many(number: Any, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _route(index: Any) -> str:
    """The keys of a cell: for one head a number, for several a tuple; layers joined by arrows."""
    return " -> ".join(_plain(keys[0] if len(keys) == 1 else keys) for keys in index)


def _plain(data: Any) -> str:
    if isinstance(data, list | tuple):
        return "(" + ", ".join(_plain(x) for x in data) + ")"
    return str(data)


@register
@dataclass(frozen=True)
class CountLemma(Evidence):
    """Lemma count in docs/tropical.md: at most the sum of C(H, j) (N - 1)^j, j <= min(H, d)."""

    kind: ClassVar[str] = "tropical.count-lemma"
    supports = about("tropical.bounds", "upper")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"upper"})

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        from algattn.tropical.counts import check_sizes, upper_bound

        check_sizes(**problem)
        if upper_bound(**problem) != claim.value:
            raise self.fail(f"the bound is {upper_bound(**problem)}, not {claim.value}")


@register
@dataclass(frozen=True)
class ConstructionLemma(Evidence):
    """Lemma constructions in docs/tropical.md: digits, and slab heads in the last layer."""

    kind: ClassVar[str] = "tropical.construction-lemma"
    supports = about("tropical.bounds", "lower")
    strength: ClassVar[Status] = Status.PROVED
    sides: ClassVar[frozenset[str]] = frozenset({"lower"})

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        from algattn.tropical.counts import check_sizes, lower_bound

        check_sizes(**problem)
        if lower_bound(**problem) != claim.value:
            raise self.fail(f"the constructions give {lower_bound(**problem)}, not {claim.value}")


@register
@dataclass(frozen=True, repr=False)
class BoundsResult(LegacyResult):
    """How many cells are possible, with the number of heads in the statement.

    Attributes
    ----------
    value : int
        An upper bound for the number of routing cells; for one layer it is attained.
    lower : int
        A number of cells that a construction attains.
    sharp : bool
        Whether the two are equal.
    exponent : int
        The number of cells grows like ``keys ** exponent`` (heads, dimension and depth fixed).
    asymptotics : tuple of str
        The statements about growth, with their conditions.
    """

    kind: ClassVar[str] = "tropical.bounds"
    title: ClassVar[str] = "Tropical bounds"
    claim_names: ClassVar[tuple[str, ...]] = (
        "upper",
        "lower",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        if set(problem) != {"heads", "keys", "dimension", "depth"} or set(detail) != {"lower"}:
            return ()
        h, n, d, depth = (problem[x] for x in ("heads", "keys", "dimension", "depth"))
        lower = detail["lower"]
        what = f"{depth} layers of {h} heads with {n} keys in dimension {d}"
        return (
            Outline("upper", f"{what} have at most {value} routing cells", value, ("upper",)),
            Outline("lower", f"some {what} have {lower} routing cells", lower, ("lower",)),
        )

    @property
    def lower(self) -> int:
        return int(self.detail["lower"])

    @property
    def sharp(self) -> bool:
        return bool(self.lower == self.value)

    @property
    def exponent(self) -> int:
        return int(min(self.problem["heads"], self.problem["dimension"]) * self.problem["depth"])

    @property
    def asymptotics(self) -> tuple[str, ...]:
        h, d = self.problem["heads"], self.problem["dimension"]
        depth = self.problem["depth"]
        few, many = f"N^({h * depth})", f"N^({d * depth})"
        if h < d:
            return (
                f"heads < dimension ({h} < {d}): the maximum is Theta({few}) = Theta(N^(heads * "
                "depth)) for N keys",
                f"Theta({many}) = Theta(N^(dimension * depth)) does not hold: it needs heads >= "
                "dimension",
            )
        first = (
            f"heads >= dimension ({h} >= {d}): the maximum is Theta({many}) = "
            "Theta(N^(dimension * depth)) for N keys"
        )
        if h == d:
            return (first, f"this equals Theta(N^(heads * depth)) = Theta({few}), as heads = d")
        return (
            first,
            f"O({few}) = O(N^(heads * depth)) holds but is not attained: the exponent stops at "
            "the dimension",
        )

    def sentence(self) -> str:
        h, n, d, depth = (self.problem[x] for x in ("heads", "keys", "dimension", "depth"))
        layers, verb = ("One layer", "has") if depth == 1 else (f"{depth} layers", "have")
        many = f"{layers} of {h} heads with {n} keys in dimension {d}"
        text = f"{many} {verb} at most {self.value} cells"
        return text + (", and some have" if self.sharp else f"; some have {self.lower}")

    def lines(self) -> list[str]:
        return list(self.asymptotics)

    def formula(self) -> str:
        return rf"\#\text{{cells}} \le {self.value}"


@register
@dataclass(frozen=True)
class ExponentialBound(Evidence):
    """Leads of the winners, exact; their exponentials, in ball arithmetic."""

    kind: ClassVar[str] = "tropical.exponential-bound"
    supports = about("tropical.stability", "stable, winners")
    strength: ClassVar[Status] = Status.PROVED

    def check(self, problem: Mapping[str, Any], claim: Claim) -> None:
        from algattn.tropical.stability import bands, certify, read_problem, winners_data

        system, region, error = read_problem(problem)
        found = bands(system, region)
        if claim.name == "winners":
            winners = winners_data(found)
            if canonical_json(winners) != canonical_json(claim.value):
                raise self.fail(f"the winners are {thaw(winners)}, not {thaw(claim.value)}")
            return
        if not certify(found, error, claim.value):
            raise self.fail(f"the error is not below {error} at temperature {claim.value}")


@register
@dataclass(frozen=True, repr=False)
class StabilityResult(LegacyResult):
    """A temperature up to which attention stays near its limit in a region.

    Attributes
    ----------
    value : int, str or None
        The temperature as a rational number; None when every temperature will do.
    temperature : Fraction or None
        The same as a Fraction.
    winners : tuple
        For each head the winning keys, and their smallest lead over the other scores; for several
        layers also the number of the layer.
    """

    kind: ClassVar[str] = "tropical.stability"
    title: ClassVar[str] = "Tropical stability"
    claim_names: ClassVar[tuple[str, ...]] = (
        "stable",
        "winners",
    )

    @classmethod
    def outline_of(
        cls, problem: Mapping[str, Any], value: Any, detail: Mapping[str, Any]
    ) -> tuple[Outline, ...]:
        systems = ({"heads", "region", "error"}, {"stack", "region", "error"})
        if set(detail) != {"winners"} or set(problem) not in systems:
            return ()
        upto = "at every temperature" if value is None else f"for temperatures in (0, {value}]"
        return (
            Outline(
                "winners",
                "everywhere in the region these keys win, with these leads",
                detail["winners"],
            ),
            Outline(
                "stable",
                f"{upto} the output differs from its limit by less than {problem['error']} "
                "everywhere in the region",
                value,
            ),
        )

    @property
    def temperature(self) -> Any:
        from fractions import Fraction

        return None if self.value is None else Fraction(self.value)

    @property
    def winners(self) -> tuple[Any, ...]:
        return tuple(self.detail["winners"])

    def sentence(self) -> str:
        upto = "At every temperature" if self.value is None else f"Up to temperature {self.value}"
        return (
            f"{upto} the output in this region differs from its limit by less than "
            f"{self.problem['error']}"
        )

    def lines(self) -> list[str]:
        out: list[str] = []
        seen: dict[Any, int] = {}
        for w in self.winners:
            level = w.get("layer")
            number = seen[level] = seen.get(level, -1) + 1
            where = f"head {number}" if level is None else f"layer {level}, head {number}"
            lead = "" if w["lead"] is None else f" by at least {w['lead']}"
            one = len(w["keys"]) == 1
            who = f"key {w['keys'][0]} wins" if one else f"keys {_plain(w['keys'])} win"
            out.append(f"{where}: {who}{lead}")
        return out

    def formula(self) -> str:
        upto = "" if self.value is None else rf"0 < \tau \le {self.value} \implies "
        return rf"{upto}|\mathrm{{Attn}}_\tau - \mathrm{{Attn}}_0| < {self.problem['error']}"
