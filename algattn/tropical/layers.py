"""Layers of heads one after the other, and all their affine pieces on a box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Self

from flint import fmpq

from algattn.arguments import checked
from algattn.errors import InputError, ShapeError
from algattn.progress import Monitor
from algattn.tropical.affine import Table, identity, pull_back
from algattn.tropical.cells import Cell, Functions, Region, box_rows, refine
from algattn.tropical.head import Head
from algattn.tropical.joint_heads import Heads
from algattn.tropical.numbers import (
    ByParts,
    Plain,
    Vector,
    as_list,
    dot,
    fractions,
    read_number,
    read_vector,
    read_vectors,
    vector_data,
)
from algattn.words import one_of, quoted


@checked
class Layer(ByParts):
    """Heads whose outputs are added to a linear map of the input: ``x -> S x + sum_h head_h(x)``.

    Parameters
    ----------
    heads : TropicalAttention, MultiHead, or sequence of heads
        They need values, except in a layer that is only asked for its partition.
    skip : "identity", matrix or None
        The linear map S: the residual connection (the default), any rational matrix, or zero.

    Examples
    --------
    >>> head = Head(keys=[[0], [1]], values=[0, -1], biases=[0, -1])
    >>> Layer([head])([3])
    (Fraction(2, 1),)
    """

    def __init__(
        self,
        heads: Head | Heads | Sequence[Head],
        skip: Any = "identity",
        *,
        floats: bool = False,
    ) -> None:
        self.joint = heads if isinstance(heads, Heads) else Heads(heads)
        d = self.joint.dimension
        first = self.joint.heads[0].values
        self.skip: Table | None = None
        if isinstance(skip, str):
            one_of(skip, ("identity",), "make a layer (skip: a word or a matrix)", "skip")
            self.skip = identity(d)
        elif skip is not None:
            self.skip = read_vectors(skip, "make a layer (skip)", floats=floats, dimension=d)
        if first is not None and self.skip is not None and len(first[0]) != len(self.skip):
            raise ShapeError(
                "make a layer",
                f"the values have {len(first[0])} entries and the skip has {len(self.skip)} rows",
                "make them fit, or use skip=None",
            )

    @property
    def dimension(self) -> int:
        """The dimension of the input."""
        return self.joint.dimension

    @property
    def output_dimension(self) -> int | None:
        """The dimension of the output, None without values."""
        values = self.joint.heads[0].values
        return None if values is None else len(values[0])

    def __call__(self, x: Any) -> tuple[Fraction, ...]:
        """The limit output at `x`; ties are averaged head by head."""
        point = self.joint.query(x)
        out = self.joint.limit(x)
        if self.skip is None:
            return out
        moved = fractions(fmpq(dot(row, point)) for row in self.skip)
        return tuple(a + b for a, b in zip(moved, out, strict=True))

    def _parts(self) -> tuple[Any, ...]:
        return self.joint.heads, self.skip

    def to_data(self) -> dict[str, Any]:
        """The layer as JSON data."""
        skip = None if self.skip is None else [vector_data(row) for row in self.skip]
        return {"heads": [h.to_data() for h in self.joint.heads], "skip": skip}

    @classmethod
    def from_data(cls, data: Any, *, floats: bool = False) -> Layer:
        """The inverse of :meth:`to_data`."""
        asked = "read a layer"
        if not isinstance(data, Mapping) or set(data) - {"heads", "skip"} or "heads" not in data:
            raise InputError(asked, "it is not an object with heads", 'write {"heads": [..]}')
        given = as_list(data["heads"], f"{asked} (heads)")
        heads = [Head.from_data(h, floats=floats) for h in given]
        return cls(heads, data.get("skip", "identity"), floats=floats)


def push(
    layer: Layer, groups: Sequence[Sequence[int]], matrix: Table, offset: Vector
) -> tuple[Table, Vector]:
    """The affine map behind a layer in which the given keys win.

    Before it, the layer's input is ``matrix @ x + offset``.
    """
    means = [h.mean(g) for h, g in zip(layer.joint.heads, groups, strict=True)]
    added = [sum(column, fmpq(0)) for column in zip(*means, strict=True)]
    width = len(matrix[0]) if matrix else 0
    if layer.skip is None:
        return tuple((fmpq(0),) * width for _ in added), tuple(added)
    columns = list(zip(*matrix, strict=True))
    new = tuple(tuple(fmpq(dot(row, c)) for c in columns) for row in layer.skip)
    moved = (fmpq(dot(row, offset)) + a for row, a in zip(layer.skip, added, strict=True))
    return new, tuple(moved)


@dataclass(frozen=True)
class Piece(Cell):
    """A cell of a stack with its affine map.

    Attributes
    ----------
    matrix, offset : rows of Fraction, and a vector; None without values
        On the cell the output is ``matrix @ x + offset``.
    region : Region
        The open cell by its strict inequalities.
    """

    matrix: tuple[tuple[Fraction, ...], ...] | None = None
    offset: tuple[Fraction, ...] | None = None
    region: Region | None = None

    @property
    def map(self) -> Any:
        """The affine map, ready to be compared."""
        return None if self.offset is None else (self.matrix, self.offset)


@checked
class Layers(ByParts, Plain):
    """Layers of heads, one after the other, as data; see :class:`.Stack`."""

    def __init__(self, layers: Sequence[Layer], entry: tuple[Any, Any] | None = None) -> None:
        asked = "stack layers"
        given = as_list(layers, asked)
        if not given:
            raise ShapeError(asked, "there are no layers", "give at least one")
        for one in given:
            if not isinstance(one, Layer):
                raise InputError(asked, f"{quoted(one)} is not a Layer", "use Layer([head])")
        self.layers: tuple[Layer, ...] = tuple(given)
        for i, (a, b) in enumerate(zip(self.layers, self.layers[1:], strict=False)):
            if a.output_dimension != b.dimension:
                got = "no values" if a.output_dimension is None else f"{a.output_dimension} outputs"
                raise ShapeError(
                    asked, f"layer {i} has {got}, layer {i + 1} needs {b.dimension}", "mend one"
                )
        d = self.layers[0].dimension
        self.entry: tuple[Table, Vector] | None = None
        self.dimension = d
        if entry is not None:
            entry = tuple(as_list(entry, f"{asked} (entry)"))
            if len(entry) != 2:
                raise InputError(asked, "the entry is not a pair", "write (matrix, offset)")
            offset = read_vector(entry[1], f"{asked} (entry)", dimension=d)
            rows = tuple(read_vector(row, f"{asked} (entry)") for row in as_list(entry[0], asked))
            if len(rows) != d or len({len(row) for row in rows}) > 1:
                raise ShapeError(asked, f"the entry has {len(rows)} rows", f"give {d} equal rows")
            self.entry = (rows, offset)
            self.dimension = len(rows[0]) if rows else 0

    def __call__(self, x: Any) -> tuple[Fraction, ...]:
        """The limit output at `x`, layer by layer; ties are averaged."""
        point: Any = read_vector(x, "evaluate a stack", dimension=self.dimension)
        if self.entry is not None:
            rows, offset = self.entry
            point = [fmpq(dot(r, point)) + c for r, c in zip(rows, offset, strict=True)]
        for layer in self.layers:
            point = layer(point)
        return tuple(point)

    def start(self) -> tuple[Table, Vector]:
        """The affine map in front of the first layer."""
        return self.entry or (identity(self.dimension), (fmpq(0),) * self.dimension)

    def restrict(self, point: Any, directions: Any, *, floats: bool = False) -> Self:
        """The stack on ``point + u_1 directions_1 + ...``, as a stack in `u`.

        Examples
        --------
        >>> from algattn.tropical import depth_stack
        >>> line = depth_stack(keys=2, dimension=2, depth=2).restrict([0, 0], [[1, "2/3"]])
        >>> len(line.cells(box=[(0, 1)]))       # cells met by the segment, exactly
        5
        """
        asked = "restrict a stack to an affine subspace"
        p = read_vector(point, asked, floats=floats, dimension=self.dimension)
        frame = read_vectors(directions, asked, floats=floats, dimension=self.dimension)
        matrix, offset = self.start()
        rows = [[dot(row, u) for u in frame] for row in matrix]
        moved = [fmpq(dot(row, p)) + c for row, c in zip(matrix, offset, strict=True)]
        return type(self)(self.layers, (rows, moved))

    def cells(
        self,
        *,
        box: Any = None,
        time_limit: float | None = None,
        progress: bool = False,
    ) -> tuple[Piece, ...]:
        """All full-dimensional cells that meet a box, with their affine maps.

        Parameters
        ----------
        box : sequence of (low, high), optional
            Rational bounds for each input coordinate; the whole space by default.
        time_limit : float, optional
            Seconds.
        progress : bool
            Show a bar.

        Returns
        -------
        tuple of Piece
            In the order of the indices: for each layer, for each head, the key that wins.  Keys
            that tie on a whole cell (their pulled back scores are equal) win together.

        Raises
        ------
        LimitError
            When the time is over; ``.partial`` holds the cells so far.

        Complexity
        ----------
        At most one exact linear program for each key of each head on each partial cell.
        """
        domain = read_box(box, self.dimension)
        rows = [] if domain is None else box_rows(self.dimension, domain)
        region = Region.of(self.dimension, rows)
        if region is None:
            raise InputError("find cells in a box", "the box has no interior", "use low < high")
        found: list[Piece] = []
        with Monitor(
            "find cells", time_limit=time_limit, progress=progress, partial=lambda: tuple(found)
        ) as monitor:
            for piece in self._walk(region, monitor):
                found.append(piece)
        return tuple(sorted(found, key=lambda piece: piece.index))

    def _walk(self, region: Region, monitor: Monitor) -> Iterator[Piece]:
        n = self.dimension

        def pulled(depth: int, matrix: Table, offset: Vector) -> list[Functions]:
            heads = self.layers[depth].joint.heads
            scores = (pull_back(head, matrix, offset, n) for head in heads)
            return [Functions.of(n, *pair).essential for pair in scores]

        def layer(
            depth: int, part: Region, matrix: Table, offset: Vector, ties: tuple[Any, ...]
        ) -> Iterator[Piece]:
            if depth == len(self.layers):
                yield _piece(part, ties, matrix, offset)
                return
            functions = pulled(depth, matrix, offset)
            yield from head(depth, 0, functions, part, matrix, offset, ties, ())

        def head(
            depth: int,
            number: int,
            functions: list[Functions],
            part: Region,
            matrix: Table,
            offset: Vector,
            ties: tuple[Any, ...],
            groups: tuple[tuple[int, ...], ...],
        ) -> Iterator[Piece]:
            if number == len(functions):
                monitor.step()
                here = self.layers[depth]
                if here.output_dimension is None:
                    yield _piece(part, (*ties, groups), None, None)
                    return
                after = push(here, groups, matrix, offset)
                yield from layer(depth + 1, part, *after, (*ties, groups))
                return
            now = functions[number]
            for i, smaller in refine(part, now):
                yield from head(
                    depth,
                    number + 1,
                    functions,
                    smaller,
                    matrix,
                    offset,
                    ties,
                    (*groups, now.groups[i]),
                )

        yield from layer(0, region, *self.start(), ())

    def _parts(self) -> tuple[Any, ...]:
        return self.layers, self.entry

    def to_data(self) -> dict[str, Any]:
        """The stack as JSON data."""
        data: dict[str, Any] = {"layers": [layer.to_data() for layer in self.layers]}
        if self.entry is not None:
            matrix, offset = self.entry
            data["entry"] = [[vector_data(row) for row in matrix], vector_data(offset)]
        return data

    @classmethod
    def from_data(cls, data: Any, *, floats: bool = False) -> Self:
        """The inverse of :meth:`to_data`."""
        asked = "read a stack"
        if not isinstance(data, Mapping) or set(data) - {"layers", "entry"} or "layers" not in data:
            raise InputError(asked, "it is not an object with layers", 'write {"layers": [..]}')
        layers = as_list(data["layers"], f"{asked} (layers)")
        return cls([Layer.from_data(x, floats=floats) for x in layers], data.get("entry"))

    def __repr__(self) -> str:
        return f"<tropical stack: {len(self.layers)} layers on QQ^{self.dimension}>"


def _piece(
    region: Region, ties: tuple[Any, ...], matrix: Table | None, offset: Vector | None
) -> Piece:
    return Piece(
        index=tuple(tuple(group[0] for group in layer) for layer in ties),
        interior_point=fractions(region.simple_point()),
        ties=ties,
        matrix=None if matrix is None else tuple(fractions(row) for row in matrix),
        offset=None if offset is None else fractions(offset),
        region=region,
    )


def read_box(box: Any, n: int) -> list[tuple[fmpq, fmpq]] | None:
    """A box as pairs of rationals, checked."""
    if box is None:
        return None
    asked = "read a box"
    try:
        pairs = [tuple(pair) for pair in box]
    except TypeError:
        hint = "write [(0, 1), (0, '1/2')]"
        raise InputError(asked, f"{quoted(box)} is not a list of pairs", hint) from None
    if len(pairs) != n or any(len(pair) != 2 for pair in pairs):
        raise ShapeError(asked, f"{len(pairs)} sides in dimension {n}", "give a pair for each axis")
    out = [(read_number(low, asked), read_number(high, asked)) for low, high in pairs]
    if any(low >= high for low, high in out):
        raise InputError(asked, "the box has no interior", "use low < high on every side")
    return out
