"""The kinds of symmetry that add to single weights what nothing sees: kernels and dead directions.

A map may change on what never reaches it, in directions that nothing behind it reads, and where
its partner in a product vanishes.  All are translations ``p -> p + Z x`` or ``p -> p + x Z^T`` with
Z a kernel at the given weights; proofs in ``algattn/docs/symmetries.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.attention.generator import Blocks, Chart, Generator, present, symmetry
from algattn.attention.reach import (
    Point,
    below,
    beside,
    blind,
    groups,
    left_kernel,
    reach_sizes,
    read_sizes,
    readers,
    single,
    writers,
)
from algattn.attention.spaces import Head, LayerShape, Parameter
from algattn.attention.theorems import Theorem, lightning, no_residual, value_ranks
from algattn.exact import Matrix

__all__ = ["invisible", "keys", "outputs", "queries", "relations", "unreached", "unread", "values"]


Kernel = Callable[[Point], Matrix]


@dataclass(frozen=True)
class _Layer:
    """A layer with the numbers that kernels at almost all weights depend on."""

    shape: LayerShape
    kind: str
    seen: int  # dimension of the reach before it
    constant: bool  # whether a functional is 1 on the reach
    read: int  # rank of what is read behind it

    @property
    def hidden_scores(self) -> bool:
        return single(self.shape, self.kind) or blind(self.shape)

    def columns(self, letter: str) -> int:
        """The dimension of the linear span of the reach under a general map, bias included."""
        return self.seen + (letter in self.shape.biases or self.constant)


def layers(network: Architecture) -> Iterator[_Layer]:
    rows = zip(network.shapes, reach_sizes(network), read_sizes(network), strict=True)
    for shape, (seen, constant), read in rows:
        yield _Layer(shape, network.kind, seen, constant, read)


def _left(
    kind: str, theorem: Theorem, p: Parameter, size: int, kernel: Kernel, *, reads: bool = False
) -> Generator:
    """``p -> p + Z x``, with Z of that many columns."""
    columns, i = p.shape[1], p.layer - 1

    def move(w: Blocks, x: Any, Z: Any) -> dict[Parameter, Any]:
        return {p: w[p] + Z @ x}

    def chart(point: Point) -> Chart:
        Z = kernel(point)
        regular = point.regular_reads(i) if reads else point.regular_reach(i)
        return Chart((Z.shape[1], columns), move, constants=(Z,), regular=regular)

    return Generator(kind, p.layer, p.index, *_vectors(size * columns), theorem, chart)


def _right(
    kind: str,
    theorem: Theorem,
    p: Parameter,
    size: int,
    kernel: Kernel,
    bias: Parameter | None = None,
) -> Generator:
    """``p -> p + x Z^T``, with Z of that many columns; a bias takes what is constant."""
    rows, i = p.shape[0], p.layer - 1

    def move(w: Blocks, x: Any, Z: Any, *constant: Any) -> dict[Parameter, Any]:
        found = {p: w[p] + x @ Z.T}
        if bias is not None and constant:
            found[bias] = w[bias] - x @ constant[0]
        return found

    def chart(point: Point) -> Chart:
        Z, base = kernel(point), None if bias is None else point.reach[i].point
        constants = (Z,) if base is None else (Z, Z.T @ base)
        regular = point.regular_reach(i)
        return Chart((rows, Z.shape[1]), move, constants=constants, regular=regular)

    return Generator(kind, p.layer, p.index, *_vectors(size * rows), theorem, chart)


def _vectors(n: int) -> tuple[str, int]:
    return f"R^{n}", n


@symmetry("invisible")
def invisible(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """All scores where each query of softmax sees one key; all but bo where none sees any."""

    def free(p: Parameter) -> Generator:
        chart = Chart(p.shape, lambda w, x: {p: w[p] + x})
        return Generator(
            "invisible", p.layer, p.index, *_vectors(p.size), theorem, lambda point: chart
        )

    for shape in network.shapes:
        scores = ("K", "Q", "bq", "bk")
        names = (*scores, "V", "W", "O", "bv") if blind(shape) else scores
        if blind(shape) or single(shape, network.kind):
            yield from (free(p) for p in shape.parameters if p.name in names)


@symmetry("unreached", no_residual)
def unreached(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """K, Q, W (or V) change where no input comes; a constant change goes into the bias."""

    def kernel(point: Point, i: int, loose: bool) -> Matrix:
        reach = point.reach[i]
        if loose or reach.point is None:
            return left_kernel(reach.differences)
        return left_kernel(beside(reach.differences, reach.point))

    for layer in layers(network):
        for p in readers(layer.shape):
            bias = _bias(layer.shape, p)
            loose = bias is not None or (p.name == "K" and network.kind == "softmax")
            size = layer.shape.d - layer.seen - (layer.constant and not loose)
            vanishing = partial(kernel, i=p.layer - 1, loose=loose)
            yield _right("unreached", theorem, p, size, vanishing, bias)


def _bias(shape: LayerShape, p: Parameter) -> Parameter | None:
    """The bias of a map."""
    letter = {"K": "k", "Q": "q", "W": "v", "V": "v"}[p.name]
    found = (b for b in shape.parameters if (b.name, b.index) == (f"b{letter}", p.index))
    return next(found, None)


@symmetry("query kernel")
def queries(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """``Q -> Q + Z x``, and bq, with Z orthogonal to all (differences of) keys."""

    def kernel(point: Point, head: Head) -> Matrix:
        reach = point.reach[head.key.layer - 1]
        if network.kind == "softmax":
            return left_kernel(point[head.key] @ reach.differences)
        return left_kernel(reach.seen_by(*point.affine(head.key, head.key_bias)))

    for layer in layers(network):
        a = layer.shape.rank
        size = a - min(a, layer.seen if network.kind == "softmax" else layer.columns("k"))
        for head in layer.shape.maps:
            for p in present(head.query, head.query_bias):
                if not layer.hidden_scores:
                    yield _left("query kernel", theorem, p, size, partial(kernel, head=head))


@symmetry("key kernel")
def keys(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """``K -> K + Z x``, and bk, with Z orthogonal to all queries of the group."""
    for layer in layers(network):
        a = layer.shape.rank
        for heads in groups(layer.shape):
            size = a - min(a, len(heads) * layer.columns("q"))

            def kernel(point: Point, heads: list[Head] = heads) -> Matrix:
                return left_kernel(beside(*point.seen_queries(heads)))

            for p in present(heads[0].key, heads[0].key_bias):
                if not layer.hidden_scores:
                    yield _left("key kernel", theorem, p, size, kernel)


@symmetry("value kernel", value_ranks)
def values(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """``W -> W + Z x``, and bv, with every ``O Z`` unread."""

    def kernel(point: Point, outer: list[Parameter]) -> Matrix:
        behind = point.reads[outer[0].layer - 1]
        parts = [point[p] if behind is None else behind @ point[p] for p in outer]
        return below(*parts).kernel()

    for layer in layers(network):
        v = layer.shape.value_rank or 0
        for heads in groups(layer.shape):
            size = v - min(v, len(heads) * layer.read)
            hidden = partial(kernel, outer=present(*(h.output for h in heads)))
            for p in present(heads[0].value, heads[0].value_bias):
                yield _left("value kernel", theorem, p, size, hidden, reads=True)


@symmetry("output kernel", value_ranks)
def outputs(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """``O -> O + x Z^T`` with Z orthogonal to all values of the group."""

    def kernel(point: Point, head: Head) -> Matrix:
        reach = point.reach[head.value.layer - 1]
        return left_kernel(reach.seen_by(*point.affine(head.value, head.value_bias)))

    for layer in layers(network):
        v = layer.shape.value_rank or 0
        size = v - min(v, layer.columns("v"))
        for head in layer.shape.maps:
            for p in present(head.output):
                yield _right("output kernel", theorem, p, size, partial(kernel, head=head))


@symmetry("unread", no_residual)
def unread(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """What writes into the stream changes in directions that no later layer reads."""

    def kernel(point: Point, i: int) -> Matrix:
        behind = point.reads[i]
        assert behind is not None
        return behind.kernel()

    for layer in list(layers(network))[:-1]:
        for p in writers(layer.shape):
            size, hidden = layer.shape.e - layer.read, partial(kernel, i=p.layer - 1)
            yield _left("unread", theorem, p, size, hidden, reads=True)


@symmetry("head relations", lightning, value_ranks)
def relations(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """Where outputs (or queries) of a group are dependent, queries (outputs) may change.

    If ``sum n_h O_h = 0``, then ``Q_h -> Q_h + n_h x`` changes nothing; likewise for queries.
    """
    for layer in layers(network):
        shape = layer.shape
        r, v = shape.heads // shape.groups, shape.value_rank or 0
        few = r - min(r, shape.e * v)
        less = r - min(r, shape.rank * layer.columns("q"))
        for heads in groups(shape):
            outer = present(*(h.output for h in heads))

            def written(point: Point, outer: list[Parameter] = outer) -> list[Matrix]:
                return [point[p] for p in outer]

            for parts in ([h.query for h in heads], present(*(h.query_bias for h in heads))):
                if parts:
                    yield _related(theorem, parts, few, written)
            yield _related(theorem, outer, less, partial(Point.seen_queries, heads=heads))


def _related(
    theorem: Theorem,
    parts: list[Parameter],
    size: int,
    partners: Callable[[Point], list[Matrix]],
) -> Generator:
    """``p_h -> p_h + sum_k n_hk x_k`` with n the relations between the partners."""
    p, (rows, columns) = parts[0], parts[0].shape

    def move(w: Blocks, x: Any, *blocks: Any) -> dict[Parameter, Any]:
        return {p: w[p] + block @ x for p, block in zip(parts, blocks, strict=True)}

    def chart(point: Point) -> Chart:
        flat = [[x for row in m.rows for x in row] for m in partners(point)]
        n = left_kernel(Matrix(point.field, flat))
        eye = Matrix.identity(point.field, rows)
        zero = Matrix.zeros(point.field, rows, 0)
        blocks = tuple(beside(zero, *(eye * x for x in n.row(h))) for h in range(len(parts)))
        regular = point.regular_reach(p.layer - 1)
        return Chart((n.shape[1] * rows, columns), move, constants=blocks, regular=regular)

    return Generator(
        "head relations", p.layer, p.index, *_vectors(size * rows * columns), theorem, chart
    )
