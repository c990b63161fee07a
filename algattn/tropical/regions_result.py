"""Numbers of regions, with evidence that is checked from the JSON alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, ClassVar

from flint import fmpq

from algattn.results import (
    CardRow,
    Claim,
    Evidence,
    NumberLike,
    Outline,
    Result,
    Status,
    about,
    canonical_json,
    declare,
    decode,
    parse_json,
    register,
)
from algattn.results.record import Record
from algattn.tropical.merging import merge
from algattn.tropical.numbers import plain, read_vector
from algattn.tropical.problems import RegionsProblem

#: Volumes are compared in small dimensions only.
MAX_DIMENSION = 3
#: With more cells only the search is repeated.
FEW_CELLS = 40
MERGED = ("linear_regions", "connected_components", "distinct_maps")
_MEANING = {
    "linear_regions": "linear regions (cells with one affine map, merged across walls)",
    "connected_components": "connected components (cells with one affine map that touch)",
    "distinct_maps": "distinct affine maps",
}


@dataclass(frozen=True)
class RoutingCell(Record):
    """A cell: for each layer and head the key that wins, and a point where it does."""

    index: tuple[tuple[int, ...], ...]
    point: tuple[fmpq, ...]


@lru_cache(maxsize=8)
def _pieces(problem: str) -> tuple[Any, int]:
    """The cells found again, and the dimension; the claims of one result share the work."""
    given: RegionsProblem = decode(RegionsProblem, parse_json(problem))
    return given.stack.cells(box=given.box), given.stack.dimension


@lru_cache(maxsize=8)
def _merged(problem: str) -> dict[str, int]:
    pieces, dimension = _pieces(problem)
    return merge(pieces, dimension, backend="embedded")


@declare(
    "tropical.inside-cells",
    about("tropical.regions", "cells"),
    Status.PROVED,
    sides=frozenset({"lower"}),
)
@dataclass(frozen=True)
class InsideCells(Evidence):
    """A point strictly inside each cell, its scores compared exactly."""

    def check(self, problem: RegionsProblem, claim: Claim) -> None:
        from algattn.tropical.routing import route

        stack, box = problem.stack, problem.sides()
        cells: tuple[RoutingCell, ...] = decode(tuple[RoutingCell, ...], claim.value)
        seen = set()
        for cell in cells:
            point = read_vector(cell.point, "read a point", dimension=stack.dimension)
            if box is not None and not all(
                low < x < high for x, (low, high) in zip(point, box, strict=True)
            ):
                raise self.fail(f"the point {plain(point)} is not inside the box")
            index = route(stack, point)
            if index is None or index != cell.index:
                raise self.fail(f"the point {plain(point)} is not inside cell {cell.index}")
            seen.add(index)
        if len(seen) != len(cells):
            raise self.fail("a cell is listed twice")


@declare(
    "tropical.cells-again",
    about("tropical.regions", "cells"),
    Status.PROVED,
    sides=frozenset({"upper"}),
    recomputed=True,
)
@dataclass(frozen=True)
class CellsAgain(Evidence):
    """The search: every other tuple of keys is excluded by an exact linear program."""

    def check(self, problem: RegionsProblem, claim: Claim) -> None:
        found = [piece.index for piece in _pieces(canonical_json(problem))[0]]
        listed = [cell.index for cell in decode(tuple[RoutingCell, ...], claim.value)]
        if found != listed:
            raise self.fail(f"the search finds {len(found)} cells, {len(listed)} are listed")


@declare(
    "tropical.minkowski-cells",
    about("tropical.regions", "cells"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class MinkowskiCells(Evidence):
    """The cells of one layer as vertices of the Minkowski sum of the lifted Newton polytopes."""

    def check(self, problem: RegionsProblem, claim: Claim) -> None:
        if not problem.is_one_layer:
            raise self.fail("this is not about one layer on the whole space")
        joint = problem.stack.layers[0].joint
        found = [(cell.index,) for cell in joint.cells(method="minkowski", backend="embedded")]
        listed = [cell.index for cell in decode(tuple[RoutingCell, ...], claim.value)]
        if found != listed:
            raise self.fail(f"the sum has {len(found)} vertices, {len(listed)} cells are listed")


@declare(
    "tropical.filled-box",
    about("tropical.regions", "cells"),
    Status.PROVED,
    sides=frozenset({"upper"}),
)
@dataclass(frozen=True)
class FilledBox(Evidence):
    """The volumes of the cells add up to that of the box, so there are no others."""

    def check(self, problem: RegionsProblem, claim: Claim) -> None:
        from algattn.tropical.cells import box_rows
        from algattn.tropical.polyhedra import Polyhedron
        from algattn.tropical.routing import inequalities

        box, n = problem.sides(), problem.stack.dimension
        if box is None or not 1 <= n <= MAX_DIMENSION:
            raise self.fail(f"there is no box of dimension at most {MAX_DIMENSION}")
        listed = [cell.index for cell in decode(tuple[RoutingCell, ...], claim.value)]
        if listed != sorted(set(listed)):
            raise self.fail("the cells are not in order")
        sides, total = box_rows(n, box), fmpq(0)
        for index in listed:
            rows = inequalities(problem.stack, index)
            total += Polyhedron(n, (*rows, *sides), "embedded").volume()
        left = prod((high - low for low, high in box), start=fmpq(1)) - total
        if left != 0:
            raise self.fail(f"the cells leave {left} of the volume of the box")


@declare(
    "tropical.merged-again",
    about("tropical.regions", "connected_components, distinct_maps, linear_regions"),
    Status.PROVED,
    recomputed=True,
)
@dataclass(frozen=True)
class MergedAgain(Evidence):
    """The cells merged with the embedded polyhedral arithmetic."""

    def check(self, problem: RegionsProblem, claim: Claim) -> None:
        found = _merged(canonical_json(problem)).get(claim.name)
        self.expect(claim.value, found, f"the number is {found}, not {claim.value}")


@register
@dataclass(frozen=True, repr=False, eq=False)
class RegionsResult(NumberLike, Result):
    """How many regions a head, several heads or a stack have.

    Attributes
    ----------
    problem : RegionsProblem
    value : int
        The number of routing cells.
    linear_regions, connected_components, distinct_maps : int or None
        The other counts (None without values); see :mod:`algattn.tropical.regions`.
    cells : tuple of RoutingCell
        Index and interior point of each cell.
    """

    kind: ClassVar[str] = "tropical.regions"
    title: ClassVar[str] = "How many regions are there?"
    claim_names: ClassVar[tuple[str, ...]] = (
        "cells",
        "connected_components",
        "distinct_maps",
        "linear_regions",
    )

    problem: RegionsProblem
    value: int
    cells: tuple[RoutingCell, ...]
    linear_regions: int | None = None
    connected_components: int | None = None
    distinct_maps: int | None = None

    def outline(self) -> tuple[Outline, ...]:
        if len(self.cells) != self.value:
            return ()
        where = "" if self.problem.box is None else " that meet the box"
        says = f"there are exactly {self.value} routing cells{where}"
        out = [Outline("cells", says, self.cells)]
        counts = {name: getattr(self, name) for name in MERGED}
        if self.problem.stack.layers[-1].output_dimension is None:
            return tuple(out) if set(counts.values()) == {None} else ()
        if None in counts.values():
            return ()
        for name, count in counts.items():
            out.append(Outline(name, f"there are exactly {count} {_MEANING[name]}", count))
        return tuple(out)

    @classmethod
    def upgrade(
        cls, parts: dict[str, Any], evidence: dict[str, list[Evidence]]
    ) -> tuple[dict[str, Any], dict[str, list[Evidence]]]:
        return parts | {"detail": dict.fromkeys(MERGED) | dict(parts["detail"])}, evidence

    def sentence(self) -> str:
        text = f"There {'is' if self.value == 1 else 'are'} {_many(self.value, 'routing cell')}"
        if self.linear_regions is None:
            return text
        return (
            f"{text}, {_many(self.linear_regions, 'linear region')}, "
            f"{_many(self.connected_components, 'connected component')} and "
            f"{_many(self.distinct_maps, 'distinct affine map')}"
        )

    def card_rows(self) -> Iterator[CardRow]:
        for c in self.cells[:12]:
            yield CardRow(f"cell {_route(c.index)} at", plain(c.point))
        if (more := len(self.cells) - 12) > 0:
            yield CardRow("", f"... and {more} more")

    def formula(self) -> str:
        return rf"\#\text{{cells}} = {self.value}"


def _many(number: Any, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _route(index: Any) -> str:
    """The keys of a cell: for one head a number, for several a tuple; layers joined by arrows."""
    return " -> ".join(plain(keys[0] if len(keys) == 1 else keys) for keys in index)
