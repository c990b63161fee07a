"""Several heads: the common refinement of their diagrams, by search or by a Minkowski sum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from operator import add
from typing import TYPE_CHECKING, Any, Self

from flint import fmpq

from algattn.arguments import checked
from algattn.errors import DisagreementError, InputError, ShapeError
from algattn.progress import Monitor, tick
from algattn.tropical.cells import Cell, Region, refine
from algattn.tropical.envelope import Envelope
from algattn.tropical.head import Head
from algattn.tropical.numbers import Plain, Row, Vector, as_list, fractions, read_vector
from algattn.tropical.polyhedra import backend_name
from algattn.words import one_of, quoted

if TYPE_CHECKING:
    from algattn.tropical.polynomials import TropicalPolynomial

METHODS = ("search", "minkowski", "both")


@checked
class Heads(Plain):
    """Several heads on one query space, as data; see :class:`.MultiHead`."""

    def __init__(self, heads: Head | Sequence[Head]) -> None:
        asked = "join attention heads"
        if isinstance(heads, Head):
            heads = [heads]
        given = as_list(heads, asked)
        if not given:
            raise ShapeError(asked, "there are no heads", "give at least one")
        for head in given:
            if not isinstance(head, Head):
                wrong = f"{quoted(head)} is not a head"
                raise InputError(asked, wrong, "use TropicalAttention(keys=..)")
        self.heads: tuple[Head, ...] = tuple(given)
        for name, sizes in (
            ("queries", {h.dimension for h in self.heads}),
            ("values", {len(h.values[0]) for h in self.heads if h.values is not None}),
        ):
            if len(sizes) > 1:
                raise ShapeError(
                    asked, f"their {name} have dimensions {sorted(sizes)}", "use one dimension"
                )
        missing = [i for i, h in enumerate(self.heads) if h.values is None]
        if missing and len(missing) < len(self.heads):
            raise ShapeError(asked, f"head {missing[0]} has no values", "give all heads values")

    @property
    def dimension(self) -> int:
        """The dimension of the query space."""
        return self.heads[0].dimension

    def argmax(self, q: Any) -> tuple[frozenset[int], ...]:
        """For each head the set of keys with the largest score."""
        return tuple(head.argmax(q) for head in self.heads)

    def limit(self, q: Any) -> tuple[Fraction, ...]:
        """The sum of the limits of the heads."""
        parts = [head.mean(sorted(head.argmax(q))) for head in self.heads]
        return fractions(sum(column, fmpq(0)) for column in zip(*parts, strict=True))

    def cells(
        self,
        *,
        method: str = "search",
        backend: str = "auto",
        time_limit: float | None = None,
        progress: bool = False,
    ) -> tuple[Cell, ...]:
        """The joint cells: all tuples of keys that win together on an open set.

        Parameters
        ----------
        method : {"search", "minkowski", "both"}
            Depth-first search over the heads with exact linear programs; or vertices of the upper
            hull of the Minkowski sum of the lifted Newton polytopes; or both, compared.
        backend : str
            For the Minkowski sum: "ppl", "embedded" or "auto".
        time_limit, progress
            Seconds, and a bar with one step for each cell.

        Returns
        -------
        tuple of Cell
            In lexicographic order of the indices; every interior point is certified exactly.

        Raises
        ------
        DisagreementError
            With ``method="both"``, if the two answers differ.
        LimitError
            When the time is over; ``.partial`` holds the cells so far.

        Complexity
        ----------
        Search: at most ``N`` linear programs for each cell of each partial refinement.  Sum: one
        convex hull for each head, of (vertices so far) x N points in dimension d + 1.
        """
        one_of(method, METHODS, "find joint cells", "method")
        backend_name(backend)
        found: dict[str, tuple[Cell, ...]] = {}
        cells: list[Cell] = []
        with Monitor(
            "find joint cells",
            progress=progress,
            time_limit=time_limit,
            partial=lambda: tuple(cells),
        ) as monitor:
            searches = {"search": self._search(), "minkowski": self._minkowski(backend)}
            for name, search in searches.items():
                if method not in (name, "both"):
                    continue
                cells.clear()
                for cell in search:
                    cells.append(cell)
                    monitor.step()
                found[name] = tuple(sorted(cells, key=lambda c: c.index))
        if method == "both":
            by_search, by_sum = ({c.index for c in found[name]} for name in ("search", "minkowski"))
            if by_search != by_sum:
                raise DisagreementError(
                    "find joint cells",
                    f"search finds {len(by_search)} and the Minkowski sum {len(by_sum)}",
                    "report this with `.answers`",
                    found,
                )
        return next(iter(found.values()))

    def _search(self) -> Iterator[Cell]:
        functions = [head.functions.essential for head in self.heads]

        def walk(depth: int, region: Region, rows: tuple[int, ...]) -> Iterator[Cell]:
            if depth == len(functions):
                groups = [f.groups[i] for f, i in zip(functions, rows, strict=True)]
                yield _cell(groups, region.simple_point())
                return
            for i, part in refine(region, functions[depth]):
                yield from walk(depth + 1, part, (*rows, i))

        yield from walk(0, Region.space(self.dimension), ())

    def _minkowski(self, backend: str) -> Iterator[Cell]:
        envelope, labels = self._sum(backend)
        for i in envelope.essential:
            cell = _cell(self._groups(labels[i]), envelope.interior_point(i))
            self._certify(cell)
            yield cell

    def _certify(self, cell: Cell) -> None:
        if self.argmax(cell.interior_point) != tuple(map(frozenset, cell.ties)):
            raise DisagreementError(
                "certify a joint cell", f"other keys win at its point: {cell}", "report this", cell
            )

    def _sum(self, backend: str) -> tuple[Envelope, list[tuple[int, ...]]]:
        """The envelope of the sum of the largest scores, and for each row its summands."""
        scale = 1
        labels: list[tuple[int, ...]] = [()]
        envelope = Envelope(self.dimension, ((0,) * (self.dimension + 1),), backend)
        for head in self.heads:
            functions = head.functions
            own = Envelope(self.dimension, functions.rows, backend)
            left = [
                ([functions.scale * x for x in envelope.rows[i]], labels[i])
                for i in envelope.essential
            ]
            right = [(i, [scale * x for x in functions.rows[i]]) for i in own.essential]
            sums: dict[Row, tuple[int, ...]] = {}
            for (a, label), (i, b) in product(left, right):
                tick()
                sums.setdefault(tuple(map(add, a, b)), (*label, i))
            scale, labels = scale * functions.scale, list(sums.values())
            envelope = Envelope(self.dimension, tuple(sums), backend)
        return envelope, labels

    def _groups(self, label: Sequence[int]) -> list[tuple[int, ...]]:
        return [h.functions.groups[i] for h, i in zip(self.heads, label, strict=True)]

    def polynomial(self) -> TropicalPolynomial:
        """The tropical product of the largest scores of the heads."""
        from algattn.tropical.polynomials import TropicalPolynomial

        out = TropicalPolynomial.one(self.dimension)
        for head in self.heads:
            out = (out * head.polynomial()).essential()
        return out

    def restrict(self, point: Any, directions: Any, *, floats: bool = False) -> Self:
        """The heads on an affine subspace, as heads in its coordinates."""
        return type(self)([h.restrict(point, directions, floats=floats) for h in self.heads])

    def query(self, q: Any) -> Vector:
        """A query, read and checked."""
        return read_vector(q, "read a query", dimension=self.dimension)

    def __repr__(self) -> str:
        sizes = ", ".join(str(h.size) for h in self.heads)
        return f"<{len(self.heads)} tropical attention heads in QQ^{self.dimension}, keys: {sizes}>"


def _cell(groups: Sequence[tuple[int, ...]], point: Vector) -> Cell:
    return Cell(tuple(group[0] for group in groups), fractions(point), tuple(groups))
