"""The kinds of symmetry of attention: groups that act on the inner spaces of a network.

Each function builds the generators of one kind.  Key and value spaces, the streams between layers
and the heads of a group can be given another basis; proofs in ``algattn/docs/symmetries.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.attention.generator import Blocks, Chart, Generator, present, symmetry
from algattn.attention.reach import (
    Point,
    groups,
    left_kernel,
    reach_sizes,
    readers,
    single,
    writers,
)
from algattn.attention.spaces import Head, LayerShape, Parameter
from algattn.attention.theorems import Theorem, lightning, no_residual, softmax, value_ranks
from algattn.exact import Matrix


@symmetry("key")
def key(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """GL of a key space: ``K -> g K`` and ``Q -> g^-T Q``, with their biases."""
    for shape in network.shapes:
        for heads in groups(shape):
            a = shape.rank
            left = present(heads[0].key, heads[0].key_bias)
            right = [p for h in heads for p in present(h.query, h.query_bias)]
            yield Generator(
                "key",
                shape.number,
                heads[0].group,
                f"GL({a})",
                a * a,
                theorem,
                _always(Chart((a, a), _two_sides(left, right), group=True)),
            )


@symmetry("value", value_ranks)
def value(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """GL of a value space: ``W -> g W``, ``bv -> g bv`` and ``O -> O g^-1``."""
    for shape in network.shapes:
        for heads in groups(shape):
            v = shape.value_rank or 0
            inner = present(heads[0].value, heads[0].value_bias)
            outer = [p for h in heads for p in present(h.output)]

            def move(
                w: Blocks, g: Any, inner: list[Parameter] = inner, outer: list[Parameter] = outer
            ) -> dict[Parameter, Any]:
                back = g.inverse()
                return {p: g @ w[p] for p in inner} | {p: w[p] @ back for p in outer}

            yield Generator(
                "value",
                shape.number,
                heads[0].group,
                f"GL({v})",
                v * v,
                theorem,
                _always(Chart((v, v), move, group=True)),
            )


@symmetry("head mixing", lightning)
def head_mixing(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """GL(r) of the r heads of a group: ``Q_h -> sum_k x_hk Q_k``, outputs by ``x^-T``.

    For one head it is the scaling ``Q -> c Q``, ``V -> V / c``.
    """
    for shape in network.shapes:
        for heads in groups(shape):
            r = len(heads)

            def move(w: Blocks, x: Any, heads: list[Head] = heads) -> dict[Parameter, Any]:
                y = x.inverse().T
                found = _mixed(w, x, [h.query for h in heads])
                found |= _mixed(w, x, present(*(h.query_bias for h in heads)))
                outputs = present(*(h.output for h in heads))
                if outputs:
                    return found | _mixed(w, y, outputs)
                found |= _mixed(w, y, [heads[0].value])
                return found | _mixed(w, y, present(heads[0].value_bias))

            yield Generator(
                "head mixing",
                shape.number,
                heads[0].group,
                f"GL({r})",
                r * r,
                theorem,
                _always(Chart((r, r), move, group=True)),
            )


@symmetry("hidden", no_residual)
def hidden(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """GL of the stream between two layers: what writes by g, what reads by ``g^-1``."""
    for before, after in zip(network.shapes, network.shapes[1:], strict=False):
        d, outer, inner = before.e, writers(before), readers(after)

        def move(
            w: Blocks, g: Any, outer: list[Parameter] = outer, inner: list[Parameter] = inner
        ) -> dict[Parameter, Any]:
            back = g.inverse()
            return {p: g @ w[p] for p in outer} | {p: w[p] @ back for p in inner}

        yield Generator(
            "hidden",
            before.number,
            0,
            f"GL({d})",
            d * d,
            theorem,
            _always(Chart((d, d), move, group=True)),
        )


@symmetry("symmetric scores", lightning)
def symmetric_scores(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """Where only the symmetric part of ``K^T Q`` is seen: ``Q -> Q + B K`` with B skew.

    For one head of a group also ``K -> K + C Q``: with GL(a) this is the Lie algebra of O(a, a).
    """
    for shape in network.shapes:
        if not symmetric(network, shape):
            continue
        for heads in groups(shape):
            key, bias = heads[0].key, heads[0].key_bias
            pairs = [(key, bias, h.query, h.query_bias) for h in heads]
            if len(heads) == 1:
                pairs.append((heads[0].query, heads[0].query_bias, key, bias))
            for source in pairs:
                yield _skew(theorem, *source)


def _skew(
    theorem: Theorem,
    source: Parameter,
    source_bias: Parameter | None,
    target: Parameter,
    target_bias: Parameter | None,
) -> Generator:
    """``target -> target + (Z (x - x^T) Z^T) source``, of biases too."""
    missing = source_bias is not None and target_bias is None
    a = source.shape[0] - missing

    def move(w: Blocks, x: Any, Z: Any) -> dict[Parameter, Any]:
        skew = Z @ (x - x.T) @ Z.T
        found = {target: w[target] + skew @ w[source]}
        if source_bias is not None and target_bias is not None:
            found[target_bias] = w[target_bias] + skew @ w[source_bias]
        return found

    def chart(point: Point) -> Chart:
        Z = Matrix.identity(point.field, source.shape[0])
        if missing and source_bias is not None:
            Z = left_kernel(point[source_bias])
        n = Z.shape[1]
        return Chart((n, n), move, constants=(Z,), dimension=n * (n - 1) // 2)

    n = a * (a - 1) // 2
    name = f"skew matrices of size {a}"
    return Generator("symmetric scores", target.layer, target.index, name, n, theorem, chart)


def symmetric(network: Architecture, shape: LayerShape) -> bool:
    """Whether a lightning layer only sees the symmetric parts of its forms.

    Either each query sees at most itself, or without biases and residual the input has rank one as
    a matrix: behind a layer with one head of rank one that sees everything, rank one it stays.
    """
    if all(key == query for key, query in shape.seen.pairs):
        return True
    if network.biases or network.residual:
        return False
    sizes = reach_sizes(network)
    earlier = zip(network.shapes[: shape.number - 1], sizes, strict=False)
    return any(s.heads == 1 and min(s.rank, size) == 1 and s.seen.full for s, (size, _) in earlier)


@symmetry("one key", softmax)
def one_key(network: Architecture, theorem: Theorem) -> Iterator[Generator]:
    """Where each query sees one key, only the sum of all ``V_h`` is seen.

    Heads exchange what they write; groups form one value space, with its GL and its kernels.
    """
    for shape in network.shapes:
        if not single(shape, network.kind):
            continue
        if shape.value_rank is None:
            yield from (_exchange(theorem, h.value, shape.maps[0].value) for h in shape.maps[1:])
            continue
        for heads in groups(shape):
            first, *rest = present(*(h.output for h in heads))
            yield from (_exchange(theorem, p, first) for p in rest)
        if shape.groups > 1:
            yield _joint_values(theorem, shape)


def _exchange(theorem: Theorem, p: Parameter, first: Parameter) -> Generator:
    chart = Chart(p.shape, lambda w, x: {p: w[p] + x, first: w[first] - x})
    return Generator(
        "one key", p.layer, p.index, f"R^{p.size}", p.size, theorem, lambda point: chart
    )


def _joint_values(theorem: Theorem, shape: LayerShape) -> Generator:
    """GL of the sum of all value spaces of a layer."""
    v, many = shape.value_rank or 0, groups(shape)
    n = v * len(many)

    def move(w: Blocks, x: Any, *cuts: Any) -> dict[Parameter, Any]:
        back, found = x.inverse(), dict[Parameter, Any]()
        outer = [_sum([w[p] for p in present(*(h.output for h in heads))]) for heads in many]
        for heads, cut in zip(many, cuts, strict=True):
            rows = cut.T @ x  # of this group
            for kind in ("value", "value_bias"):
                parts = present(*(getattr(other[0], kind) for other in many))
                new = [rows @ c @ w[p] for c, p in zip(cuts, parts, strict=False)]
                found |= {p: _sum(new) for p in present(getattr(heads[0], kind))}
            moved = _sum([o @ c.T @ back @ cut for o, c in zip(outer, cuts, strict=True)])
            (first,) = present(heads[0].output)
            found[first] = w[first] + moved - outer[heads[0].group]
        return found

    def chart(point: Point) -> Chart:
        eye = Matrix.identity(point.field, n).rows
        cuts = [
            Matrix(point.field, [row[g * v : (g + 1) * v] for row in eye]) for g in range(len(many))
        ]
        return Chart((n, n), move, group=True, constants=tuple(cuts))

    return Generator("one key", shape.number, 0, f"GL({n})", n * n, theorem, chart)


def _sum(parts: list[Any]) -> Any:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _always(chart: Chart) -> Any:
    """A chart that is the same at all weights."""
    return lambda weights: chart


def _two_sides(left: list[Parameter], right: list[Parameter]) -> Any:
    def move(w: Blocks, g: Any) -> dict[Parameter, Any]:
        back = g.inverse().T
        return {p: g @ w[p] for p in left} | {p: back @ w[p] for p in right}

    return move


def _mixed(w: Blocks, x: Any, parts: list[Parameter]) -> dict[Parameter, Any]:
    """``part_h -> sum_k x_hk part_k``."""
    found = {}
    for h, p in enumerate(parts):
        total = w[parts[0]] * x[h, 0]
        for k, other in enumerate(parts[1:], 1):
            total = total + w[other] * x[h, k]
        found[p] = total
    return found
