"""What a layer can see of the stream, and what the layers behind read of it.

Before a layer the tokens lie in an affine space, the *reach*: narrow values keep it from being the
whole stream.  Behind a layer only some directions of the stream are *read*.  A residual network has
all of both.  Everything is computed at given weights, and beside it stands the dimension that it
has at almost all weights; where both agree the weights are *regular*, and what is derived from
kernels there moves along with the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from algattn.attention.architecture import Architecture
from algattn.attention.masks import Mask, Window
from algattn.attention.spaces import Head, LayerShape, Parameter
from algattn.exact import Field, Matrix

__all__ = [
    "Point",
    "Reach",
    "below",
    "beside",
    "blind",
    "groups",
    "image",
    "left_kernel",
    "single",
    "social",
]


def beside(*parts: Matrix) -> Matrix:
    """Matrices side by side."""
    rows = [[x for m in parts for x in m.rows[i]] for i in range(parts[0].shape[0])]
    return Matrix(parts[0].field, rows, (parts[0].shape[0], sum(m.shape[1] for m in parts)))


def below(*parts: Matrix) -> Matrix:
    """Matrices on top of each other."""
    rows = [row for m in parts for row in m.rows]
    return Matrix(parts[0].field, rows, (len(rows), parts[0].shape[1]))


def image(matrix: Matrix) -> Matrix:
    """A basis of the column space."""
    pivots = matrix.rref()[1]
    rows = [[row[j] for j in pivots] for row in matrix.rows]
    return Matrix(matrix.field, rows, (matrix.shape[0], len(pivots)))


def left_kernel(matrix: Matrix) -> Matrix:
    """A basis, as columns z, of the solutions of ``z^T matrix = 0``."""
    return matrix.T.kernel()


def groups(shape: LayerShape) -> list[list[Head]]:
    """The heads of a layer, group by group."""
    found: list[list[Head]] = [[] for _ in range(shape.groups)]
    for head in shape.maps:
        found[head.group].append(head)
    return found


def readers(shape: LayerShape) -> list[Parameter]:
    """The maps out of the stream before a layer."""
    return [p for p in shape.parameters if p.name in "KQVW"]


def writers(shape: LayerShape) -> list[Parameter]:
    """The maps into the stream behind a layer."""
    last = ("V", "bv") if shape.value_rank is None else ("O",)
    return [p for p in shape.parameters if p.name in (*last, "bo")]


def social(shape: LayerShape) -> bool:
    """Whether some query sees several keys."""
    if isinstance(shape.mask, Mask):
        return bool(shape.mask.social)
    return shape.tokens > 1 and shape.mask != Window(1)


@lru_cache(maxsize=256)
def single(shape: LayerShape, kind: str) -> bool:
    """Whether the scores are invisible: softmax, and no query sees two keys."""
    return kind == "softmax" and not social(shape)


def blind(shape: LayerShape) -> bool:
    """Whether no query sees a key."""
    return isinstance(shape.mask, Mask) and not shape.mask.pairs


@dataclass(frozen=True)
class Reach:
    """An affine space: differences spanned by columns, and a point unless it contains 0."""

    differences: Matrix
    point: Matrix | None

    @property
    def size(self) -> tuple[int, bool]:
        """The dimension, and whether 0 is outside."""
        return self.differences.shape[1], self.point is not None

    def seen_by(self, linear: Matrix, bias: Matrix | None) -> Matrix:
        """Columns that span the image under an affine map (the linear span)."""
        constant = self.constant(linear, bias)
        columns = linear @ self.differences
        return columns if constant is None else beside(columns, constant)

    def constant(self, linear: Matrix, bias: Matrix | None) -> Matrix | None:
        """A value of an affine map; nothing for 0."""
        if self.point is None:
            return bias
        return linear @ self.point if bias is None else linear @ self.point + bias

    @cached_property
    def functional(self) -> Matrix | None:
        """A column z with ``z^T x = 1`` on all of it, if there is one."""
        return one_on(self.differences, self.point)


def one_on(columns: Matrix, point: Matrix | None) -> Matrix | None:
    """A column z with ``z^T columns = 0`` and ``z^T point = 1``, if there is one."""
    if point is None:
        return None
    kernel = left_kernel(columns)
    for j in range(kernel.shape[1]):
        z = Matrix(kernel.field, [[x] for x in kernel.column(j)])
        value = (z.T @ point)[0, 0]
        if value != 0:
            scaled: Matrix = z * (z.field.one / value)
            return scaled
    return None


class Point(dict[Parameter, Matrix]):
    """Exact weights, with what is reached and read before and behind each layer."""

    def __init__(
        self, network: Architecture, field: Field, blocks: Mapping[Parameter, Matrix]
    ) -> None:
        super().__init__(blocks)
        self.network, self.field = network, field

    def affine(self, p: Parameter, bias: Parameter | None) -> tuple[Matrix, Matrix | None]:
        """A map and its bias."""
        return self[p], None if bias is None else self[bias]

    def seen_queries(self, heads: list[Head]) -> list[Matrix]:
        """The linear span of the queries of each head."""
        reach = self.reach[heads[0].query.layer - 1]
        return [reach.seen_by(*self.affine(h.query, h.query_bias)) for h in heads]

    @cached_property
    def reach(self) -> list[Reach]:
        """Before each layer."""
        d = self.network.d_in
        found = [Reach(Matrix.identity(self.field, d), None)]
        for shape in self.network.shapes[:-1]:
            found.append(found[0] if shape.residual else self._behind(shape, found[-1]))
        return found

    def _behind(self, shape: LayerShape, before: Reach) -> Reach:
        columns = []
        total = None if shape.output_bias is None else self[shape.output_bias]
        lightning, alone = self.network.kind == "lightning", single(shape, self.network.kind)
        for head in shape.maps:
            linear, bias = self.affine(head.value, head.value_bias)
            part = before.seen_by(linear, bias) if lightning else linear @ before.differences
            constant = None if lightning else before.constant(linear, bias)
            if head.output is not None:
                part = self[head.output] @ part
                constant = None if constant is None else self[head.output] @ constant
            columns.append(part)
            if constant is not None:
                total = constant if total is None else total + constant
        if alone:
            first, *rest = columns
            for part in rest:
                first = first + part
            columns = [first]
        differences = image(beside(*columns))
        if total is not None and one_on(differences, total) is None:
            total = None
        return Reach(differences, total)

    @cached_property
    def reads(self) -> list[Matrix | None]:
        """Rows that span what is read behind each layer; nothing stands for everything."""
        found: list[Matrix | None] = [None]
        for shape in self.network.shapes[:0:-1]:
            found.append(None if shape.residual else self._read(shape, found[-1]))
        return found[::-1]

    def _read(self, shape: LayerShape, behind: Matrix | None) -> Matrix:
        if blind(shape):
            return Matrix.zeros(self.field, 0, shape.d)
        if single(shape, self.network.kind):
            total, *rest = self.value_matrices(shape)
            for part in rest:
                total = total + part
            return image((total if behind is None else behind @ total).T).T
        rows = [self[p] for p in shape.parameters if p.name in "KQ"]
        few = shape.value_rank or 0
        if behind is None and few <= shape.e * (shape.heads // shape.groups):
            rows += [self[p] for p in shape.parameters if p.name in "VW"]
        else:
            every = self.value_matrices(shape)
            rows += every if behind is None else [behind @ m for m in every]
        return image(below(*rows).T).T

    def value_matrices(self, shape: LayerShape) -> list[Matrix]:
        """``V_h`` or ``O_h W_g`` of each head."""
        return [
            self[h.value] if h.output is None else self[h.output] @ self[h.value]
            for h in shape.maps
        ]

    def regular_reach(self, layer: int) -> bool:
        """Whether the reach before a layer (from 0) has the dimensions of almost all weights."""
        sizes = reach_sizes(self.network)
        return all(r.size == s for r, s in zip(self.reach[: layer + 1], sizes, strict=False))

    def regular_reads(self, layer: int) -> bool:
        """Whether what is read behind a layer (from 0) has the rank of almost all weights."""
        sizes = read_sizes(self.network)[layer:]
        found = (None if m is None else m.shape[0] for m in self.reads[layer:])
        return all(size == n for n, size in zip(found, sizes, strict=True) if n is not None)


@lru_cache(maxsize=64)
def reach_sizes(network: Architecture) -> tuple[tuple[int, bool], ...]:
    """The sizes of the reach before each layer, at almost all weights."""
    found = [(network.d_in, False)]
    biases = network.biases
    for s in network.shapes[:-1]:
        m, free = found[-1]
        v, outside = s.value_rank or s.e, "v" in biases or free
        if s.residual:
            found.append((s.d, False))
        elif network.kind == "lightning":
            m = min(s.e, s.heads * min(v, m + outside))
            found.append((m, m < s.e and "o" in biases))
        else:
            alone = single(s, network.kind)
            free = outside and (s.groups * v if alone else v) > m
            m = min(s.e, s.groups * v, m) if alone else min(s.e, s.heads * min(v, m))
            found.append((m, m < s.e and ("o" in biases or free)))
    return tuple(found)


@lru_cache(maxsize=64)
def read_sizes(network: Architecture) -> tuple[int, ...]:
    """The ranks of what is read behind each layer, at almost all weights."""
    found = [network.d_out]
    for s in network.shapes[:0:-1]:
        v = min(s.value_rank or s.e, found[-1] * (s.heads // s.groups))
        if single(s, network.kind):
            rank = min(found[-1], s.groups * (s.value_rank or s.e), s.d)
        else:
            scores = sum(p.shape[0] for p in s.parameters if p.name in ("K", "Q"))
            rank = 0 if blind(s) else min(s.d, scores + s.groups * v)
        found.append(s.d if s.residual else rank)
    return tuple(found[::-1])
