"""The kinds of symmetry of attention: groups that act on the inner spaces of a network.

Each function builds the generators of one kind.  Key and value spaces, the streams between layers
and the heads of a group can be given another basis; proofs in ``algattn/docs/symmetries.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from algattn.attention.architecture import Architecture
from algattn.attention.generator import Blocks, Chart, Generator, groups, present, symmetry
from algattn.attention.spaces import Head, LayerShape, Parameter
from algattn.attention.theorems import Hypothesis, Theorem, lightning, no_residual

low_rank_values = Hypothesis(
    "value ranks", lambda n: "" if n.value_ranks else "its heads have full value matrices"
)


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


@symmetry("value", low_rank_values)
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


def readers(shape: LayerShape) -> list[Parameter]:
    """The maps out of the stream before a layer."""
    return [p for p in shape.parameters if p.name in "KQVW"]


def writers(shape: LayerShape) -> list[Parameter]:
    """The maps into the stream behind a layer."""
    last = ("V", "bv") if shape.value_rank is None else ("O",)
    return [p for p in shape.parameters if p.name in (*last, "bo")]


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
